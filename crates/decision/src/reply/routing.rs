//! Block 3: whether the request has come to the right place.

use crate::facts::Ask::{self, Site};
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "routing", about: "Whether the request has come to the right place.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("target_served", "Is the target of a form that fits the method, of an origin served on this connection, and new to us?", "RFC 9110 §7.4", Some(Site), target_served, Go("method_known"), Next),
    q("target_form_valid", "Does the form of the target fit the method?", "RFC 9110 §7.1", None, |f| f.reading.form_valid, Next, end(400)),
    q("connect_port_valid", "Is the port a valid one, if the method is CONNECT?", "RFC 9110 §9.3.6", None, |f| f.reading.port_valid, Next, end(400)),
    q("proxy_loop_detected", "Has this request passed through us before?", "RFC 9110 §7.6.3", Some(Site), |f| f.site.looped, end(502), Next),
    q("origin_served", "Is its origin one that is served on this connection?", "RFC 9110 §15.5.20", Some(Site), |f| f.site.origin_served, Next, end(421)),
];

fn target_served(f: &Facts<'_>) -> bool {
    f.reading.form_valid && f.reading.port_valid && f.site.origin_served && !f.site.looped
}
