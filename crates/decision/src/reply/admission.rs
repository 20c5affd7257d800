//! Block 5: whether the request is let in, before it is asked who sends it.
//!
//! `guarded` spares an ordinary request of an open site this block and the next.

use semantics::field::{Field, Fields};
use semantics::method::Method;

use crate::facts::Ask::{self, Quota, Site};
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::reads::preflight;
use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "admission", about: "Whether the request is let in, before it is asked who sends it.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("guarded", "Does a limit, a law, a price, a rule of access or early data bear on it?", "RFC 9110 §15.5", Some(Site), guarded, Next, Go("method_allowed")),
    q("counters_reachable", "Can we count requests now, or may we do without?", "RFC 9110 §15.6.4", Some(Quota), |f| f.quota.reachable, Next, end(503)),
    q("address_rate_left", "Does its address keep within its rate?", "RFC 6585 §4", Some(Quota), |f| f.quota.address_rate_left, Next, end(429)),
    q("login_attempts_left", "If it sends credentials: is its address below the limit of failed logins?", "RFC 6585 §4", Some(Quota), |f| f.quota.login_attempts_left || !f.request.has_any(CREDENTIALS), Next, end(429)),
    q("replay_harmless", "Did it come after the handshake, or would a replay do no harm?", "RFC 8470 §5.2", None, replay_harmless, Next, end(425)),
];

/// What a client proves itself with.
const CREDENTIALS: Fields = Fields::of(&[Field::AUTHORIZATION, Field::PROXY_AUTHORIZATION]);

fn guarded(f: &Facts<'_>) -> bool {
    let site = f.site;
    site.rate_limited
        || early(f)
        || site.proxy_authentication
        || site.legal_demand
        || preflight(f)
        || site.authentication
        || site.price != 0
        || site.access_rules
        || site.existence_hidden
        || site.destination_hidden
}

/// Sent as early data to us, or to a gateway before us; whatever Early-Data says, it means 1 (RFC 8470 §5.1).
fn early(f: &Facts<'_>) -> bool {
    f.connection.early_data || f.request.has(Field::EARLY_DATA)
}

fn replay_harmless(f: &Facts<'_>) -> bool {
    !early(f) || f.request.is_read() || f.request.is(Method::OPTIONS) || f.request.is(Method::TRACE)
}
