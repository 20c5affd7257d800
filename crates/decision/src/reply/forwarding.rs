//! Block 9: answers that come from elsewhere: a rule, a cache, an upstream.
//!
//! Whatever is not a resource of our own ends here. What went wrong with an upstream is asked in the order in which an
//! exchange goes on: name, address, connection, TLS, request, answer.

use semantics::conditional::if_none_match_holds;
use semantics::field::Field;
use semantics::status::Status;
use semantics::syntax::lists_token;

use crate::facts::Ask::{self, Outcome, Site, Stored, Upstream};
use crate::facts::Facts;
use crate::facts::Failure::{self, *};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::{End, Entity, StatusOrigin};

use super::reads::{hidden, if_range_names, part_asked, part_satisfiable, since};
use super::{Row, Test, end, end_with, q, told_by};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "forwarding", about: "Answers that come from elsewhere: a rule, a cache, an upstream.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("answered_elsewhere", "Is the answer to come from a rule, a proxy or an upstream server?", "RFC 9110 §3.7", Some(Site), answered_elsewhere, Next, Go("target_exists")),
    q("reply_fixed", "Does a rule fix the reply?", "RFC 9110 §15", Some(Site), |f| f.site.fixed_reply.is_some(), told_by(StatusOrigin::Rule), Next),
    q("proxy_switched", "Are we a forward proxy, told to hand its clients over to another?", "draft-cohen-http-305-306-responses §2", Some(Site), |f| f.site.proxy_switched, end(306), Next),
    q("cache_concerned", "May a cache of ours answer it?", "RFC 9111 §4", Some(Site), cache_concerned, Next, Go("upstream_available")),
    q("stored_response_usable", "Is there a stored response that may be used without asking?", "RFC 9111 §4", Some(Stored), |f| f.stored.usable, Next, Go("only_if_cached")),
    q("stored_response_held", "Does its own condition say that the client holds that very response?", "RFC 9111 §4.3.2", Some(Stored), stored_response_held, end(304), Next),
    q("stored_range_asked", "Does it ask for a range of that response, and honour its If-Range?", "RFC 9111 §4.3.2", Some(Stored), stored_range_asked, Next, told_by(StatusOrigin::Store)),
    q("stored_range_satisfiable", "Does that range overlap the stored response?", "RFC 9110 §14.2", Some(Stored), |f| part_satisfiable(f, f.stored.length), end_with(206, Entity::Relayed), end(416)),
    q("only_if_cached", "Does the client want a stored response or none?", "RFC 9111 §5.2.1.7", None, only_if_cached, end(504), Next),
    q("upstream_available", "Is an upstream known, in health, and free to take a connection?", "RFC 9209 §2.3", Some(Upstream), |f| f.upstream.known && f.upstream.healthy && f.upstream.connections_left, Go("upstream_replied"), Next),
    q("destination_found", "Is there an upstream for it at all?", "RFC 9209 §2.3.3", Some(Upstream), |f| f.upstream.known, Next, end(500)),
    q("destination_available", "Is the upstream in health?", "RFC 9209 §2.3.4", Some(Upstream), |f| f.upstream.healthy, Next, end(503)),
    q("connection_limit_reached", "Are all its connections in use?", "RFC 9209 §2.3.12", Some(Upstream), |f| !f.upstream.connections_left, end(503), end(503)),
    q("upstream_replied", "Did the upstream answer?", "RFC 9110 §15.6.3", Some(Outcome), |f| f.outcome.failure.is_none(), Go("reply_relayed"), Next),
    q("stale_response_allowed", "May a stale stored response stand in?", "RFC 9111 §4.2.4", Some(Outcome), |f| f.outcome.stale_allowed, told_by(StatusOrigin::Store), Next),
    q("validation_required", "Was there a stored response, of no use unless validated?", "RFC 9111 §5.2.2.2", Some(Outcome), |f| f.outcome.validation_required, end(504), Next),
    q("name_resolved", "Was the name of the upstream resolved?", "RFC 9209 §2.3.2", Some(Outcome), |f| !failed(f, &[DnsTimeout, DnsError]), Go("destination_address_allowed"), Next),
    q("dns_timeout", "Was there no answer from DNS in time?", "RFC 9209 §2.3.1", Some(Outcome), |f| failed(f, &[DnsTimeout]), end(504), end(502)),
    q("destination_address_allowed", "Is its address one that we may reach?", "RFC 9209 §2.3.5", Some(Outcome), |f| !failed(f, &[DestinationIpProhibited]), Next, end(502)),
    q("destination_address_routable", "Is there a way to its address?", "RFC 9209 §2.3.6", Some(Outcome), |f| !failed(f, &[DestinationIpUnroutable]), Next, end(502)),
    q("connection_established", "Was a connection made?", "RFC 9209 §2.3.7", Some(Outcome), |f| !failed(f, &[ConnectionTimeout, ConnectionRefused, ConnectionFailed]), Go("tls_established"), Next),
    q("connection_timeout", "Did the attempt to connect run out of time?", "RFC 9209 §2.3.9", Some(Outcome), |f| failed(f, &[ConnectionTimeout]), end(504), Next),
    q("connection_refused", "Did the upstream refuse the connection?", "RFC 9209 §2.3.7", Some(Outcome), |f| failed(f, &[ConnectionRefused]), end(502), end(502)),
    q("tls_established", "Was TLS agreed, where it was wanted?", "RFC 9209 §2.3.13", Some(Outcome), |f| !failed(f, &[TlsCertificateError, TlsAlertReceived, TlsProtocolError]), Go("request_delivered"), Next),
    q("tls_certificate_valid", "Was its certificate one that we trust?", "RFC 9209 §2.3.14", Some(Outcome), |f| !failed(f, &[TlsCertificateError]), Next, end(502)),
    q("tls_alert_received", "Did the upstream send an alert, rather than break the protocol?", "RFC 9209 §2.3.15", Some(Outcome), |f| failed(f, &[TlsAlertReceived]), end(502), end(502)),
    q("request_delivered", "Was the whole request handed over?", "RFC 9110 §7.6", Some(Outcome), request_delivered, Go("response_in_time"), Next),
    q("client_content_stalled", "Did the client stop sending its content?", "RFC 9110 §15.5.9", Some(Outcome), |f| failed(f, &[ClientContentStalled]), end(408), Next),
    q("client_content_too_large", "Did its content grow larger than we take?", "RFC 9110 §15.5.14", Some(Outcome), |f| failed(f, &[ClientContentTooLarge]), end(413), Next),
    q("client_content_broken", "Was the framing of its content broken?", "RFC 9112 §7.1", Some(Outcome), |f| failed(f, &[ClientContentBroken]), end(400), Next),
    q("connection_write_timeout", "Did the upstream stop taking it?", "RFC 9209 §2.3.11", Some(Outcome), |f| failed(f, &[ConnectionWriteTimeout]), end(504), end(502)),
    q("response_in_time", "Did an answer begin and go on in time?", "RFC 9209 §2.3.10", Some(Outcome), |f| !failed(f, &[HttpResponseTimeout, ConnectionReadTimeout]), Go("connection_kept"), Next),
    q("http_response_timeout", "Was there no answer at all in time, rather than a halt in the middle of its head?", "RFC 9209 §2.3.26", Some(Outcome), |f| failed(f, &[HttpResponseTimeout]), end(504), end(504)),
    q("connection_kept", "Did the connection last until the answer began?", "RFC 9209 §2.3.8", Some(Outcome), |f| !failed(f, &[ConnectionTerminated]), Next, end(502)),
    q("response_complete", "Did the head of the answer arrive whole?", "RFC 9209 §2.3.18", Some(Outcome), |f| !failed(f, &[HttpResponseIncomplete]), Next, end(502)),
    q("response_header_too_large", "Was its head larger than we read?", "RFC 9209 §2.3.19", Some(Outcome), |f| failed(f, &[HttpResponseHeaderSectionSize]), end(502), Next),
    q("response_transfer_coding_known", "Was its transfer coding one that we know?", "RFC 9209 §2.3.24", Some(Outcome), |f| !failed(f, &[HttpResponseTransferCoding]), Next, end(502)),
    q("http_upgrade_failed", "Did it switch to a protocol not asked for?", "RFC 9209 §2.3.27", Some(Outcome), |f| failed(f, &[HttpUpgradeFailed]), end(502), Next),
    q("http_protocol_error", "Was it no valid HTTP at all?", "RFC 9209 §2.3.28", Some(Outcome), |f| failed(f, &[HttpProtocolError]), end(502), end(500)),
    q("reply_relayed", "Is the answer to be passed on as it came?", "RFC 9110 §7.7", Some(Outcome), |f| !(f.outcome.tunnel || validated(f) || f.outcome.transformed), told_by(StatusOrigin::Upstream), Next),
    q("tunnel_established", "Was it CONNECT, and is the tunnel open?", "RFC 9110 §9.3.6", Some(Outcome), |f| f.outcome.tunnel, end_with(200, Entity::Switch), Next),
    q("stored_response_validated", "Was it a 304 to a validator of our own?", "RFC 9111 §4.3.3", Some(Outcome), validated, Next, Go("response_transformed")),
    q("validated_response_held", "Does the client hold that very response already?", "RFC 9111 §4.3.2", Some(Outcome), stored_response_held, end(304), told_by(StatusOrigin::Store)),
    q("response_transformed", "Did we transform the content of a 200?", "RFC 9110 §7.7", Some(Outcome), |f| f.outcome.transformed, end_with(203, Entity::Relayed), told_by(StatusOrigin::Upstream)),
];

fn answered_elsewhere(f: &Facts<'_>) -> bool {
    (f.site.forwards || f.site.fixed_reply.is_some() || f.site.proxy_switched) && !hidden(f)
}

fn cache_concerned(f: &Facts<'_>) -> bool {
    f.site.cache && f.request.is_read()
}

/// Only a cache has validators of its own.
fn validated(f: &Facts<'_>) -> bool {
    f.outcome.validated && cache_concerned(f)
}

/// A condition is looked at only if the answer without it would be 200 (RFC 9110 §13.2.1).
fn stored_whole(f: &Facts<'_>) -> bool {
    f.stored.status.is_none_or(|status| status == Status::OK)
}

fn stored_response_held(f: &Facts<'_>) -> bool {
    if !stored_whole(f) {
        return false;
    }
    if f.request.has(Field::IF_NONE_MATCH) {
        return !if_none_match_holds(f.request.values(Field::IF_NONE_MATCH), true, f.stored.tag);
    }
    since(f, Field::IF_MODIFIED_SINCE).zip(f.stored.modified).is_some_and(|(since, modified)| !since.changed(modified))
}

fn stored_range_asked(f: &Facts<'_>) -> bool {
    stored_whole(f) && part_asked(f, f.stored.length) && if_range_names(f, f.stored.tag, f.stored.modified)
}

fn only_if_cached(f: &Facts<'_>) -> bool {
    f.request.has(Field::CACHE_CONTROL) && lists_token(f.request.values(Field::CACHE_CONTROL), b"only-if-cached")
}

/// Did it fail in one of these ways?
fn failed(f: &Facts<'_>, ways: &[Failure]) -> bool {
    f.outcome.failure.is_some_and(|failure| ways.contains(&failure))
}

fn request_delivered(f: &Facts<'_>) -> bool {
    let by_client = failed(f, &[ClientContentStalled, ClientContentTooLarge, ClientContentBroken]);
    !by_client && !failed(f, &[ConnectionWriteTimeout, ConnectionTerminatedOnWrite])
}
