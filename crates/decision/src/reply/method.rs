//! Block 7: the method on this kind of resource, and changes of protocol.
//!
//! What stands at the target now is not looked at yet; `method_allowed_on_mapped` does that.

use semantics::field::Field;
use semantics::method::Method;
use semantics::syntax::List;
use semantics::version::Version;

use crate::facts::Ask::{self, Outcome, Site};
use crate::facts::{self, Facts};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next, Say};
use crate::verdict::{End, Entity};

use super::reads::awaits_continue;
use super::{Row, Test, end, end_with, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "method", about: "The method on this kind of resource, and changes of protocol.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("method_allowed", "Does this kind of resource support the method?", "RFC 9110 §15.5.6", Some(Site), method_allowed, Next, end(405)),
    q("upgrade_concerned", "Is a change of protocol offered and taken, or demanded, here?", "RFC 9110 §7.8", Some(Site), upgrade_concerned, Next, Go("read_without_content")),
    q("extended_connect", "Is it an extended CONNECT?", "RFC 8441 §4", None, extended_connect, Next, Go("upgrade_agreed")),
    q("connect_protocol_supported", "Does the resource speak the protocol that it names?", "RFC 9220 §3", Some(Site), connect_protocol_supported, end_with(200, Entity::Switch), end(501)),
    q("upgrade_agreed", "Does the client offer, in HTTP/1.1, a protocol that the resource takes?", "RFC 9110 §15.2.2", Some(Site), protocol_agreed, Next, Go("upgrade_expressible")),
    q("upgrade_handshake_valid", "Does it hold all that this protocol needs to begin?", "RFC 6455 §4.2.1", None, |f| f.reading.handshake_valid, Next, end(400)),
    q("upgrade_awaits_continue", "Does the client wait for leave to send its content first?", "RFC 9110 §7.8", None, awaits_continue, Say(100), end_with(101, Entity::Switch)),
    q("upgrade_content_arrived", "Did that content arrive?", "RFC 9110 §7.8", Some(Outcome), |f| f.outcome.content_arrived, end_with(101, Entity::Switch), end(408)),
    q("upgrade_expressible", "Can this version of HTTP ask for the protocol demanded here?", "RFC 9110 §15.5.22", None, |f| matches!(f.request.version(), Version::Http10 | Version::Http11), end(426), end(501)),
];

fn method_allowed(f: &Facts<'_>) -> bool {
    match f.request.method() {
        Some(method) => supports(f.site, method),
        None => f.site.methods.is_empty(),
    }
}

/// Does this kind of resource support the method?
pub(crate) fn supports(site: &facts::Site<'_>, method: Method) -> bool {
    match method {
        // a teapot takes it, to answer it in its own way
        Method::BREW if site.teapot => true,
        Method::CONNECT if !site.forwards && site.protocols.is_empty() => false,
        _ => site.methods.is_empty() || site.methods.has(method),
    }
}

fn upgrade_concerned(f: &Facts<'_>) -> bool {
    f.site.upgrade_required || protocol_agreed(f) || extended_connect(f)
}

fn extended_connect(f: &Facts<'_>) -> bool {
    f.request.is(Method::CONNECT) && f.request.has(Field::PROTOCOL)
}

fn connect_protocol_supported(f: &Facts<'_>) -> bool {
    f.request.field(Field::PROTOCOL).is_some_and(|protocol| taken(f, protocol))
}

/// A protocol of Upgrade that this resource takes. HTTP/1.0 cannot ask for it, and HTTP/2 and 3 have no Upgrade.
fn protocol_agreed(f: &Facts<'_>) -> bool {
    f.request.has(Field::UPGRADE)
        && f.request.version() == Version::Http11
        && f.request.values(Field::UPGRADE).flat_map(List::new).any(|protocol| taken(f, protocol))
}

fn taken(f: &Facts<'_>, protocol: &[u8]) -> bool {
    f.site.protocols.iter().any(|ours| ours.eq_ignore_ascii_case(protocol))
}
