//! Block 11: which representation, where there is a choice.

use crate::facts::Ask::{self, Site, Target};
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::{End, Entity};

use super::{Row, Test, end, end_with, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "selection", about: "Which representation, where there is a choice.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("selection_concerned", "Is it GET or HEAD, with a choice to make or nothing that fits?", "RFC 9110 §12.1", Some(Target), selection_concerned, Next, Go("precondition_concerned")),
    q("variant_acceptable", "Does a variant fit what the client accepts?", "RFC 9110 §15.5.7", Some(Target), |f| f.target.variant_acceptable, Go("choice_left_to_client"), Next),
    q("unacceptable_refused", "Is it rather refused than answered with one that does not fit?", "RFC 9110 §12.4.1", Some(Site), |f| !f.site.lenient, end(406), Go("precondition_concerned")),
    q("choice_left_to_client", "Is the choice left to the client?", "RFC 9110 §15.4.1", Some(Target), |f| f.target.list_response, end_with(300, Entity::Choices), Next),
    q("variant_also_negotiates", "Does the chosen variant negotiate in its turn?", "RFC 2295 §8.1", Some(Target), |f| f.target.variant_negotiates, end(506), Next),
];

fn selection_concerned(f: &Facts<'_>) -> bool {
    (f.target.variants > 1 || !f.target.variant_acceptable) && f.request.is_read()
}
