//! Block 15: how much of the representation is sent to GET and HEAD.

use semantics::field::Field;
use semantics::range::RangeError;

use crate::facts::Ask::{self, Target};
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next, Say};
use crate::verdict::{End, Entity};

use super::reads::{delta_asked, if_range_names, modern, part_satisfiable, part_wanted, ranges_of};
use super::{Row, Test, end, end_with, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "response", about: "How much of the representation is sent to GET and HEAD.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("early_hints", "Are there fields worth sending ahead?", "RFC 8297 §2", Some(Target), |f| f.target.hints && modern(f), Say(103), Next),
    q("delta_available", "Can we make the delta that A-IM asks for, with no Range that stands apart from it?", "RFC 3229 §10.4.1", Some(Target), delta_asked, end_with(226, Entity::Delta), Next),
    q("range_present", "Is it GET with a valid Range, of a target that can be sent in parts?", "RFC 9110 §14.2", Some(Target), part_wanted, Next, Go("representation_available")),
    q("if_range_present", "Is there an If-Range?", "RFC 9110 §13.1.5", None, |f| f.request.has(Field::IF_RANGE), Next, Go("ranges_reasonable")),
    q("if_range_holds", "Does If-Range name exactly what stands here?", "RFC 9110 §13.1.5", Some(Target), |f| if_range_names(f, f.target.tag, f.target.modified), Next, Go("representation_available")),
    q("ranges_reasonable", "Are the ranges few enough to be worth serving?", "RFC 9110 §17.15", None, ranges_reasonable, Next, end(416)),
    q("range_satisfiable", "Does a range overlap the representation?", "RFC 9110 §15.5.17", Some(Target), |f| part_satisfiable(f, f.target.length), end_with(206, Entity::Ranges), end(416)),
    q("representation_available", "Is there a representation to send?", "RFC 9110 §15.3.1", Some(Target), |f| f.target.representation, end_with(200, Entity::Representation), Next),
    q("representation_pending", "Is it still being made?", "RFC 9110 §15.3.3", Some(Target), |f| f.target.pending, end_with(202, Entity::Result), end(204)),
];

fn ranges_reasonable(f: &Facts<'_>) -> bool {
    !ranges_of(f).is_some_and(|read| read.is_err_and(|refusal| refusal.what == RangeError::TooMany))
}
