//! Block 6: who asks, and whether they may.

use semantics::field::Field;

use crate::facts::Ask::{self, Client, Site};
use crate::facts::{Facts, allows};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::reads::{destination_hidden, hidden, preflight};
use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "access", about: "Who asks, and whether they may.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("proxy_authentication_required", "Are we a proxy that serves only who proves who it is?", "RFC 9110 §11.7", Some(Site), |f| f.site.proxy_authentication, Next, Go("legally_barred")),
    q("proxy_credentials_valid", "Has the client proved itself to us as a proxy?", "RFC 9110 §15.5.8", Some(Client), |f| f.request.has(Field::PROXY_AUTHORIZATION) && f.client.proxy_credentials_valid, Next, end(407)),
    q("legally_barred", "Does a legal demand bar the target?", "RFC 7725 §3", Some(Site), |f| f.site.legal_demand, end(451), Next),
    q("cors_preflight", "Does a page ask leave for a request to come?", "Fetch §3.2.2", Some(Site), preflight, Next, Go("refusal_hidden")),
    q("cors_permitted", "May pages of that origin make such a request?", "Fetch §3.2.3", Some(Site), cors_permitted, end(204), end(403)),
    q("refusal_hidden", "Is access denied, and must the denial look like a missing resource?", "RFC 9110 §15.5.4", Some(Client), |f| hidden(f) || destination_hidden(f), Go("method_allowed"), Next),
    q("authentication_required", "Must the client prove who it is?", "RFC 9110 §11.4", Some(Site), |f| f.site.authentication, Next, Go("payment_required")),
    q("credentials_present", "Did it bring credentials?", "RFC 9110 §15.5.2", None, |f| f.request.has(Field::AUTHORIZATION) || f.connection.certificate, Next, end(401)),
    q("credentials_checkable", "Can credentials be checked now?", "RFC 9110 §15.6.4", Some(Client), |f| f.client.checkable, Next, end(503)),
    q("credentials_for_target", "Were they made for this very target?", "RFC 7616 §3.4.6", Some(Client), |f| f.client.for_target, Next, end(400)),
    q("credentials_valid", "Are they right, whatever the age of their nonce?", "RFC 9110 §15.5.2", Some(Client), |f| f.client.credentials_valid, Next, end(401)),
    q("nonce_fresh", "Is their nonce neither old nor used before?", "RFC 7616 §3.3", Some(Client), |f| f.client.nonce_fresh, Next, end(401)),
    q("payment_required", "Does it have a price?", "RFC 9110 §15.5.3", Some(Site), |f| f.site.price != 0, Next, Go("permitted")),
    q("payment_presented", "Did a proof of payment come with it?", "RFC 9110 §15.5.3", Some(Client), |f| f.client.payment_presented, Next, end(402)),
    q("payment_checkable", "Can payments be taken now?", "RFC 9110 §15.6.4", Some(Client), |f| f.client.payment_checkable, Next, end(503)),
    q("payment_made", "Is it paid for by that?", "RFC 9110 §15.5.3", Some(Client), |f| f.client.paid, Next, end(402)),
    q("permitted", "May this client do this here?", "RFC 9110 §15.5.4", Some(Client), |f| f.client.permitted, Next, end(403)),
    q("user_rate_left", "Does its user keep within the rate?", "RFC 6585 §4", Some(Client), |f| f.client.user_rate_left, Next, end(429)),
];

fn cors_permitted(f: &Facts<'_>) -> bool {
    f.request.field(Field::ORIGIN).is_some_and(|origin| allows(f.site.cors, origin))
}
