//! Block 2: whether there is room for the request, and the site is in service.

use crate::facts::Ask::{self, Site};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "load", about: "Whether there is room for the request, and the site is in service.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("in_service", "Has the server room for it, and is the site in service?", "RFC 9110 §15.6.4", Some(Site), |f| f.site.in_service && !f.connection.overloaded, Go("target_served"), Next),
    q("overloaded", "Is the server full?", "RFC 9110 §15.6.4", None, |f| f.connection.overloaded, end(503), Next),
    q("in_maintenance", "Is the site in maintenance?", "RFC 9110 §15.6.4", Some(Site), |f| !f.site.in_service, end(503), Next),
];
