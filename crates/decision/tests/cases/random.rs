//! Random facts and requests: every walk ends, and no guard changes where.

use decision::facts::Facts;
use decision::graph::Arrow;
use decision::reply::{REPLY, Row};
use decision::verdict::End;
use proptest::prelude::*;
use semantics::status::Status;

use crate::line;
use crate::walk::Walk;
use crate::words::leak;

/// The questions that only spare questions, with the answer that does.
const GUARDS: [(&str, bool); 7] = [
    ("extensions_or_expectations", false),
    ("read_without_content", true),
    ("webdav_fields_concerned", false),
    ("storage_concerned", false),
    ("plain_read", true),
    ("precondition_concerned", false),
    ("whole_read", true),
];

#[rustfmt::skip]
const METHODS: &[&str] = &[
    "GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "PUT", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
    "PATCH", "QUERY", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "BIND", "UNBIND", "REBIND", "REPORT",
    "SEARCH", "BREW", "FOO", "M-GET",
];

const TARGETS: &[&str] = &["/x", "/x", "/x", "/x/", "http://h/x", "*", "h:443"];
const VERSIONS: &[&str] = &["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/3"];

#[rustfmt::skip]
const FACTS: &[&str] = &[
    "connection.captive", "connection.faults=host", "connection.faults=framing", "connection.faults=nothing",
    "connection.faults=truncated", "connection.overloaded", "connection.early_data", "connection.certificate",
    "connection.content_here", "reading.form_valid=no", "reading.port_valid=no", "reading.upload_fields_valid=no",
    "reading.webdav_fields_valid=no", "reading.handshake_valid=no",
    "site.in_service=no", "site.origin_served=no", "site.looped", "site.known_methods=FOO", "site.extensions=x",
    "site.rate_limited", "site.proxy_authentication", "site.legal_demand", "site.cors=https://a.test", "site.authentication",
    "site.price=5", "site.access_rules", "site.existence_hidden", "site.methods=GET,HEAD,PUT", "site.teapot",
    "site.protocols=websocket", "site.upgrade_required", "site.length_required", "site.content_limit=3",
    "site.media_types=image/png", "site.content_codings=gzip", "site.partial_put", "site.post_adds", "site.own_pages_only", "site.webdav", "site.depth_infinity=no",
    "site.precondition_required", "site.lenient", "site.other_destinations", "site.fixed_reply=503", "site.forwards",
    "site.forwards", "site.proxy_switched", "site.cache",
    "quota.reachable=no", "quota.address_rate_left=no", "quota.login_attempts_left=no", "storage.left=3",
    "client.proxy_credentials_valid=no", "client.checkable=no", "client.for_target=no", "client.credentials_valid=no",
    "client.nonce_fresh=no", "client.paid=no", "client.permitted=no", "client.user_rate_left=no",
    "stored.usable", "stored.tag='\"v1\"'", "stored.tag='\"v2\"'", "stored.modified=@2", "stored.status=404",
    "upstream.known=no", "upstream.healthy=no", "upstream.connections_left=no",
    "target.exists=no", "target.lookup_failed", "target.lookup_denied", "target.moved=permanently", "target.moved=temporarily",
    "target.keeps_method", "target.described_elsewhere", "target.proxy_required", "target.gone", "target.name_too_long", "target.parent_exists=no",
    "target.patch_creates", "target.collection", "target.upload_offset=5", "target.destination_exists",
    "target.destination_parent_exists=no", "target.if_lists_hold=no", "target.lock_token=urn:x", "target.lock_creator=no",
    "target.tag='\"v1\"'", "target.tag='\"v2\"'", "target.tag='W/\"v2\"'", "target.modified=@2", "target.length=0",
    "target.ranges=no", "target.variants=3", "target.variant_acceptable=no", "target.list_response",
    "target.variant_negotiates", "target.resumable", "target.slow", "target.hints", "target.delta_bases='\"v1\"'",
    "target.representation=no", "target.pending",
    "outcome.failure=state_conflict", "outcome.failure=mapped_meanwhile", "outcome.failure=dns_error", "outcome.failure=internal", "outcome.later", "outcome.parts",
    "outcome.created", "outcome.elsewhere", "outcome.reset", "outcome.reported", "outcome.content",
    "outcome.content_arrived=no", "outcome.tunnel", "outcome.validated", "outcome.transformed", "outcome.stale_allowed",
    "outcome.validation_required", "outcome.status=404",
];

#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "Host: h", "Expect: 100-continue", "Expect: foo", "Content-Length: 0", "Content-Length: 5", "Transfer-Encoding: chunked",
    "If-Match: *", "If-Match: \"v1\"", "If-Match: \"v2\"", "If-None-Match: *", "If-None-Match: \"v1\"", "If-None-Match: \"v2\"",
    "If-Modified-Since: @1", "If-Modified-Since: @3", "If-Modified-Since: rubbish", "If-Unmodified-Since: @1",
    "If-Unmodified-Since: @3", "Range: bytes=0-9", "Range: bytes=5000-", "Range: bytes=-5", "Range: x",
    "If-Range: \"v1\"", "If-Range: \"v2\"", "If-Range: @2", "A-IM: diffe", "A-IM: diffe, range", "A-IM: gdiff;q=0",
    "If: (<urn:x>)", "If: (<urn:y>)", "Destination: /b", "Destination: /x", "Destination: http://o/b", "Overwrite: F",
    "Overwrite: T", "Depth: 0", "Depth: infinity", "Lock-Token: <urn:x>", "Lock-Token: <urn:y>", "Authorization: Basic x",
    "Proxy-Authorization: Basic x", "Upgrade: websocket", ":protocol: websocket", "Man: \"x\"", "Man: \"y\"", "C-Man: \"x\"",
    "Early-Data: 1", "Max-Forwards: 0", "Max-Forwards: 1", "Content-Type: image/png", "Content-Type: text/plain",
    "Content-Range: bytes 0-4/9", "Origin: https://a.test", "Access-Control-Request-Method: PUT", "Upload-Complete: ?1",
    "Upload-Draft-Interop-Version: 8", "Upload-Offset: 5", "Cache-Control: only-if-cached", "Prefer: return=minimal",
    "Content-Encoding: br",
];

/// A case of the text format, so that one which fails can be put into a file as it is.
fn cases() -> impl Strategy<Value = String> {
    let some = |all: &'static [&'static str], most| proptest::sample::subsequence(all, 0..=most);
    let one = proptest::sample::select::<&'static str>;
    (some(FACTS, 12), one(METHODS), one(TARGETS), one(VERSIONS), some(FIELDS, 8)).prop_map(
        |(facts, method, target, version, fields)| {
            let fields: String = fields.iter().map(|field| format!(" | {field}")).collect();
            format!("given {} ; {method} {target} {version}{fields} => any", facts.join(" "))
        },
    )
}

/// Walks the table itself, all facts being known; the question `forced`, if it is met, is answered the other way.
fn walk_the_table(facts: &Facts<'_>, forced: Option<&str>) -> (Vec<u16>, End, Vec<(u16, bool)>) {
    let (mut row, mut says, mut steps) = (0, Vec::new(), Vec::new());
    loop {
        let question: &Row = &REPLY.rows[row];
        let yes = (question.test)(facts) != (forced == Some(question.id));
        steps.push((row as u16, yes));
        match REPLY.arrows[row][usize::from(!yes)] {
            Arrow::Row(to) => row = usize::from(to),
            Arrow::Say(code, to) => {
                says.push(code);
                row = usize::from(to);
            }
            Arrow::End(end) => return (says, end, steps),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn every_walk_ends_with_a_registered_status(text in cases()) {
        let line = line::read(leak(text));
        let walk = Walk::of(&line.facts, false, &line.bare());
        prop_assert!(walk.steps.len() <= REPLY.longest as usize);
        prop_assert!(walk.says.iter().all(|code| line.facts.request.version().is_modern() && *code < 200));
        if let End::Status(code, _) = walk.end {
            prop_assert!(Status::new(code).is_some_and(Status::registered));
        }
        prop_assert_eq!(walk_the_table(&line.facts, None), (walk.says, walk.end, walk.steps));
    }

    #[test]
    fn no_guard_changes_the_end(text in cases()) {
        let line = line::read(leak(text));
        let (says, end, steps) = walk_the_table(&line.facts, None);
        for (guard, spares) in GUARDS {
            let row = REPLY.find(guard).expect("a question") as u16;
            if steps.contains(&(row, spares)) {
                let (other_says, other_end, other_steps) = walk_the_table(&line.facts, Some(guard));
                prop_assert_eq!((&other_says, other_end), (&says, end), "{} changes the end", guard);
                prop_assert!(other_steps.len() > steps.len(), "{} spares nothing", guard);
            }
        }
    }
}
