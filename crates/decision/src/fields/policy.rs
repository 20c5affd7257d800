//! The fields that policy brings into an answer: who may ask again and how, what is left of a limit, which pages may read it.

use alloc::format;
use alloc::vec::Vec;

use semantics::field::{Field, Sink};
use semantics::method::Method;
use semantics::ratelimit::{self, PolicyName};
use semantics::status::Status;
use semantics::syntax::{List, Parameters, Word, write_u64};
use semantics::version::Version;

use crate::explanation;
use crate::facts::{Cors, Facts, Limit, allows};
use crate::verdict::Verdict;

/// An extension that we fulfil (RFC 2774 §5): the answer carries the number of its walk.
pub const EXTENSION: &[u8] = b"tag:because,2026:extension/because";

/// Octets of a usual value of RateLimit, so that it is written without growing.
const LIMITS: usize = 96;

/// What every answer carries, refusals included.
pub(super) fn of_every_answer(verdict: &Verdict, facts: &Facts<'_>, page: bool, sink: &mut impl Sink) {
    if let Some(policy) = facts.connection.policy {
        sink.others(if page { &policy.of_pages } else { &policy.fields });
        if let Some(cors) = &policy.cors {
            shared_with_pages(cors, facts, sink);
        }
    }
    if !facts.quota.limits.is_empty() || !facts.client.limits.is_empty() {
        // no wait that is told is longer than Retry-After (draft-ietf-httpapi-ratelimit-headers-10)
        let wait = explanation::retry_after(verdict, facts).filter(|_| verdict.status == Status::TOO_MANY_REQUESTS);
        limits(facts.quota.limits.iter().chain(facts.client.limits), wait.unwrap_or(u32::MAX).into(), sink);
    }
    if !verdict.status.is_error() {
        if let Some(info) = facts.client.authentication_info {
            sink.field(Field::AUTHENTICATION_INFO, info.as_bytes());
        }
        if let Some(receipt) = facts.client.receipt {
            sink.field(Field::PAYMENT_RECEIPT, receipt.as_bytes());
        }
        if extended(facts) {
            extension_fulfilled(facts, sink);
        }
    }
}

/// What a refusal says of how to do better.
pub(super) fn of_error(verdict: &Verdict, facts: &Facts<'_>, sink: &mut impl Sink) {
    match verdict.status.code() {
        // a 403 has a challenge if more credentials would help (RFC 6750 §3.1)
        401..=403 => challenges(Field::WWW_AUTHENTICATE, facts, sink),
        407 => challenges(Field::PROXY_AUTHENTICATE, facts, sink),
        426 => super::demanded(facts.site).iter().for_each(|protocol| sink.field(Field::UPGRADE, protocol)),
        451 => law(facts, sink),
        _ => {}
    }
    if verdict.status.code() == 402 {
        // draft-httpauth-payment §Caching
        sink.field(Field::CACHE_CONTROL, b"no-store");
    }
}

fn challenges(field: Field, facts: &Facts<'_>, sink: &mut impl Sink) {
    facts.client.challenges.iter().for_each(|challenge| sink.field(field, challenge.as_bytes()));
}

/// Who implements the block (RFC 7725 §4). What only some clients get is not for a cache that others use.
fn law(facts: &Facts<'_>, sink: &mut impl Sink) {
    if let Some(blocker) = facts.site.law.blocked_by {
        sink.field(Field::LINK, format!("<{blocker}>; rel=\"blocked-by\"").as_bytes());
    }
    if facts.site.law.regional {
        sink.field(Field::CACHE_CONTROL, b"private");
    }
}

/// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10 §3, §4).
fn limits<'a>(limits: impl Iterator<Item = &'a Limit<'a>>, longest: u64, sink: &mut impl Sink) {
    let (mut policy, mut state) = (Vec::with_capacity(LIMITS), Vec::with_capacity(LIMITS));
    for limit in limits {
        // a configuration refuses a name that cannot be told
        let name = PolicyName::new(limit.name).unwrap_or(PolicyName::DEFAULT);
        ratelimit::policy(&mut policy, name, limit.quota, Some(limit.window));
        ratelimit::limit(&mut state, name, limit.remaining, Some(limit.reset.min(longest)));
    }
    sink.field(Field::RATELIMIT_POLICY, &policy);
    sink.field(Field::RATELIMIT, &state);
}

/// Which pages may read the answer, and, to a preflight, what they may send (Fetch §3.2.3).
fn shared_with_pages(cors: &Cors, facts: &Facts<'_>, sink: &mut impl Sink) {
    let any = cors.origins.contains(&&b"*"[..]) && !cors.credentials;
    if !any {
        // another origin gets another answer
        sink.field(Field::VARY, b"Origin");
    }
    let Some(origin) = facts.request.field(Field::ORIGIN).filter(|origin| allows(cors.origins, origin)) else { return };
    sink.field(Field::ACCESS_CONTROL_ALLOW_ORIGIN, if any { b"*" } else { origin });
    if cors.credentials {
        sink.field(Field::ACCESS_CONTROL_ALLOW_CREDENTIALS, b"true");
    }
    if facts.request.is(Method::OPTIONS) && facts.request.has(Field::ACCESS_CONTROL_REQUEST_METHOD) {
        may_send(cors, facts, sink);
    } else if !cors.expose.is_empty() {
        sink.field(Field::ACCESS_CONTROL_EXPOSE_HEADERS, cors.expose.as_bytes());
    }
}

fn may_send(cors: &Cors, facts: &Facts<'_>, sink: &mut impl Sink) {
    if !cors.methods.is_empty() {
        sink.field(Field::ACCESS_CONTROL_ALLOW_METHODS, cors.methods.as_bytes());
    }
    if !cors.headers.is_empty() {
        sink.field(Field::ACCESS_CONTROL_ALLOW_HEADERS, cors.headers.as_bytes());
    } else if let Some(asked) = facts.request.field(Field::ACCESS_CONTROL_REQUEST_HEADERS) {
        sink.field(Field::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
    if let Some(seconds) = cors.max_age {
        sink.field(Field::ACCESS_CONTROL_MAX_AGE, write_u64(seconds.into(), &mut [0; 20]));
    }
}

/// Did the request make an extension mandatory? Then all that it named are known and fulfilled, or the walk has ended in 510.
fn extended(facts: &Facts<'_>) -> bool {
    let declares = facts.request.has(Field::MAN) || facts.request.has(Field::C_MAN);
    declares && !facts.site.extensions.is_empty()
}

/// Does the request ask for the number of its walk, by the extension that we fulfil?
pub(crate) fn asks_because(facts: &Facts<'_>) -> bool {
    let names = |declaration| Word::parse(Parameters::split(declaration).0).is_ok_and(|name| name.equals(EXTENSION));
    extended(facts)
        && [Field::MAN, Field::C_MAN].iter().any(|f| facts.request.values(*f).flat_map(List::new).any(names))
}

/// Says that the extension was fulfilled, and keeps caches that know nothing of it from believing so (RFC 2774 §5.1).
fn extension_fulfilled(facts: &Facts<'_>, sink: &mut impl Sink) {
    let mut without: Vec<&[u8]> = Vec::new();
    if facts.request.has(Field::MAN) {
        sink.field(Field::EXT, b"");
        without.push(b"no-cache=\"Ext\"");
    }
    if facts.request.has(Field::C_MAN) {
        sink.field(Field::C_EXT, b"");
        without.push(b"no-cache=\"C-Ext\"");
    }
    sink.field(Field::CACHE_CONTROL, &without.join(&b", "[..]));
    if through_old_hop(facts) {
        // a cache of HTTP/1.0 knows no Cache-Control
        sink.field(Field::EXPIRES, &facts.connection.now.text);
    }
}

/// Has it come through a hop that speaks HTTP/1.0?
fn through_old_hop(facts: &Facts<'_>) -> bool {
    let old = |hop: &[u8]| hop.starts_with(b"1.0 ") || hop.to_ascii_uppercase().starts_with(b"HTTP/1.0 ");
    facts.request.version() == Version::Http10 || facts.request.values(Field::VIA).flat_map(List::new).any(old)
}
