//! The reply graph: which status a request gets, and why. One block of questions a file, in the order of asking.
//!
//! A walk starts at the first row; for a member of a multistatus it starts at [`OUTCOME`]. A question reads facts and
//! never acts. A few are pure guards (`extensions_or_expectations`, `read_without_content`, `webdav_fields_concerned`,
//! `storage_concerned`, `plain_read`, `precondition_concerned`, `whole_read`): they spare questions, and to ask the questions that they spare
//! would lead to the same end.

use semantics::status::{self, Status};

use crate::facts::{Ask, Facts};
use crate::graph::{Arrow, Block, Edge, Graph, Question, count};
use crate::verdict::{End, Entity, StatusOrigin};

mod access;
mod action;
mod admission;
mod capability;
mod conditions;
mod connection;
mod content;
mod forwarding;
mod load;
mod method;
mod outcome;
mod place;
mod reads;
mod response;
mod routing;
mod ruled;
mod selection;
mod syntax;

pub use conditions::preconditions_hold;
pub(crate) use method::supports;
pub(crate) use place::leaves_room;
pub use ruled::{Word, asks_of_places, word_of};

/// What answers a question.
pub type Test = fn(&Facts<'_>) -> bool;
/// A question of this graph.
pub type Row = Question<Test, Ask, End>;
/// This graph.
pub type Reply = Graph<Test, Ask, End, COUNT>;

/// The blocks, in the order in which they are asked.
pub const BLOCKS: &[Block<Test, Ask, End>] = &[
    connection::BLOCK,
    syntax::BLOCK,
    load::BLOCK,
    routing::BLOCK,
    capability::BLOCK,
    admission::BLOCK,
    access::BLOCK,
    method::BLOCK,
    content::BLOCK,
    forwarding::BLOCK,
    place::BLOCK,
    selection::BLOCK,
    conditions::BLOCK,
    action::BLOCK,
    outcome::BLOCK,
    response::BLOCK,
];

/// How many questions there are.
pub const COUNT: usize = count(BLOCKS);

/// The graph.
pub static REPLY: Reply = GRAPH;

#[allow(long_running_const_eval)] // every name is compared with every other
const GRAPH: Reply = Graph::build(BLOCKS);

/// The row at which the walk of a multistatus' member begins.
pub const OUTCOME: u16 = row_of("outcome");

/// The first row after the blocks whose every end ends the stream of the request.
pub const IN_SERVICE: u16 = row_of("in_service");

/// The row of a server that is full.
pub const OVERLOADED: u16 = row_of("overloaded");

/// The row of a content coding that is not supported.
pub(crate) const CONTENT_CODING_SUPPORTED: u16 = row_of("content_coding_supported");

/// The rows of what is hidden from a client and of what is missing: their answers must not be told apart.
pub const EXISTENCE_HIDDEN: u16 = row_of("existence_hidden");
/// See [`EXISTENCE_HIDDEN`].
pub const TARGET_MISSING: u16 = row_of("target_missing");

const _: () = {
    nothing_follows_a_deed_but_its_outcome(&GRAPH);
    nothing_is_said_twice(&GRAPH);
    every_status_has_a_cause(&GRAPH);
};

/// One line of a table.
const fn q(
    id: &'static str,
    asks: &'static str,
    spec: &'static str,
    needs: Option<Ask>,
    test: Test,
    yes: Edge<End>,
    no: Edge<End>,
) -> Row {
    Question { id, asks, spec, needs, test, yes, no }
}

/// The end with this status and the entity that its class demands: an explanation for an error, a pointer for a
/// redirection.
const fn end(code: u16) -> Edge<End> {
    let entity = match code {
        304 | 204 | 205 => Entity::Nothing,
        300..=399 => Entity::Pointer,
        400..=599 => Entity::Explanation,
        _ => panic!("a success says which entity it carries"),
    };
    end_with(code, entity)
}

/// The end with this status and this entity.
const fn end_with(code: u16, entity: Entity) -> Edge<End> {
    Edge::End(End::Status(code, entity))
}

/// The end with a status that is itself a fact.
const fn told_by(teller: StatusOrigin) -> Edge<End> {
    Edge::End(End::Told(teller))
}

/// The end without a word.
const CLOSE: Edge<End> = Edge::End(End::Close);

/// The number of the row of this name.
const fn row_of(id: &str) -> u16 {
    match GRAPH.find(id) {
        Some(row) => row as u16,
        None => panic!("no question has this name"),
    }
}

/// Once a action has been done, only questions about its outcome may follow, and nothing may be said.
const fn nothing_follows_a_deed_but_its_outcome(graph: &Reply) {
    let mut done = [false; COUNT];
    let mut row = 0;
    while row < COUNT {
        let asks_outcome = matches!(graph.rows[row].needs, Some(Ask::Outcome));
        assert!(asks_outcome || !done[row], "a question that is not about the outcome follows a action");
        let mut side = 0;
        while side < 2 {
            let to = match graph.arrows[row][side] {
                Arrow::Row(to) => Some(to),
                Arrow::Say(_, to) => {
                    assert!(!asks_outcome, "something is said after a action");
                    Some(to)
                }
                Arrow::End(_) => None,
            };
            if let Some(to) = to {
                done[to as usize] |= asks_outcome;
            }
            side += 1;
        }
        row += 1;
    }
}

/// What is said is interim, and no walk says the same twice.
const fn nothing_is_said_twice(graph: &Reply) {
    let mut said = [0u128; COUNT]; // by code - 100, on some walk to the row
    let mut row = 0;
    while row < COUNT {
        let mut side = 0;
        while side < 2 {
            match graph.arrows[row][side] {
                Arrow::Row(to) => said[to as usize] |= said[row],
                Arrow::Say(code, to) => {
                    assert!(code >= 100 && code < 200 && code != 101, "what is said is not interim");
                    let bit = 1 << (code - 100);
                    assert!(said[row] & bit == 0, "a walk says the same twice");
                    said[to as usize] |= said[row] | bit;
                }
                Arrow::End(_) => {}
            }
            side += 1;
        }
        row += 1;
    }
}

/// Every code of the graph is in the table of statuses, interim ones are said and never an end, and every status of the
/// table has a cause.
const fn every_status_has_a_cause(graph: &Reply) {
    let mut met = [false; 600];
    let mut count = 0;
    let mut at = 0;
    while at < 2 * COUNT {
        let code = match graph.arrows[at / 2][at % 2] {
            Arrow::Say(code, _) => code,
            Arrow::End(End::Status(code, _)) => {
                assert!(code >= 200 || code == 101, "an interim reply is no end");
                code
            }
            Arrow::Row(_) | Arrow::End(End::Told(_) | End::Close) => 0,
        };
        if code != 0 && !met[code as usize] {
            assert!(matches!(Status::new(code), Some(status) if status.registered()), "a code is not in the table");
            met[code as usize] = true;
            count += 1;
        }
        at += 1;
    }
    assert!(count == status::COUNT, "a status of the table has no cause");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(id: &str, side: usize, arrow: Arrow<End>) -> Reply {
        let mut graph = GRAPH;
        graph.arrows[usize::from(row_of(id))][side] = arrow;
        graph
    }

    #[test]
    #[should_panic(expected = "not about the outcome follows a action")]
    fn a_deed_is_not_followed_by_a_question_about_the_target() {
        nothing_follows_a_deed_but_its_outcome(&with("accepted_for_later", 1, Arrow::Row(row_of("early_hints"))));
    }

    #[test]
    #[should_panic(expected = "said after a action")]
    fn a_deed_is_not_followed_by_an_interim_reply() {
        nothing_follows_a_deed_but_its_outcome(&with("created", 1, Arrow::Say(102, row_of("result_elsewhere"))));
    }

    #[test]
    #[should_panic(expected = "says the same twice")]
    fn an_interim_reply_is_not_said_twice() {
        nothing_is_said_twice(&with("processing_long", 0, Arrow::Say(100, OUTCOME)));
    }

    #[test]
    #[should_panic(expected = "not in the table")]
    fn an_unregistered_code_is_no_end() {
        every_status_has_a_cause(&with("gone", 0, Arrow::End(End::Status(419, Entity::Explanation))));
    }

    #[test]
    #[should_panic(expected = "no cause")]
    fn a_status_without_a_cause_is_missed() {
        every_status_has_a_cause(&with("gone", 0, Arrow::End(End::Status(404, Entity::Explanation))));
    }
}
