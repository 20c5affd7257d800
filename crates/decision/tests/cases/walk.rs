//! One walk through the graph, as the main loop of the server goes.

use std::fmt;

use decision::because::Because;
use decision::case::{Case, Step};
use decision::facts::{Ask, FactGroup, Facts};
use decision::reply::{OUTCOME, REPLY};
use decision::retell;
use decision::verdict::{End, Entity};
use semantics::connection::Ends;

/// What a walk came to.
#[derive(Debug, PartialEq)]
pub(crate) struct Walk {
    /// What was said on the way.
    pub(crate) says: Vec<u16>,
    /// The groups that were asked for, in this order.
    pub(crate) asked: Vec<Ask>,
    /// The rows that were asked, and their answers.
    pub(crate) steps: Vec<(u16, bool)>,
    /// The end.
    pub(crate) end: End,
    /// The status, unless it ended without a word.
    pub(crate) status: Option<u16>,
    /// The name of the last question.
    pub(crate) last: &'static str,
    /// The number.
    pub(crate) because: Because,
    /// What must end with it; a close without a word ends the connection.
    pub(crate) ends: Ends,
}

impl Walk {
    /// Walks: the world knows `world`, and the case begins with `known`, whose groups do not count until they are told.
    pub(crate) fn of(world: &Facts<'static>, member: bool, known: &Facts<'static>) -> Walk {
        let mut case = match member {
            true => Case::open_member(known.clone(), world.outcome),
            false => Case::open(known.clone()),
        };
        let (mut says, mut asked) = (Vec::new(), Vec::new());
        let (because, status) = loop {
            match case.step() {
                Step::Ask(ask) => {
                    assert!(!asked.contains(&ask), "{} was asked for twice", ask.name());
                    asked.push(ask);
                    case.learn(tell(world, ask));
                }
                Step::Say(status) => says.push(status.code()),
                Step::Done(verdict) => break (verdict.because, Some(verdict)),
                Step::Close(because) => break (because, None),
            }
        };
        let start = if member { usize::from(OUTCOME) } else { 0 };
        let retold = REPLY.retell(because, start).expect("every walk is told again");
        let token = if member { format!("{}{because}", retell::Walk::MEMBER) } else { because.to_string() };
        assert!(token.parse::<retell::Walk>().is_ok_and(|walk| walk.member == member && walk.because == because));
        let last = retold.steps.last().expect("a walk asks something");
        if let (End::Status(code, entity), Some(verdict)) = (retold.end, status) {
            assert_eq!((code, entity, last.row), (verdict.status.code(), verdict.entity, verdict.last));
        }
        if let End::Told(_) = retold.end {
            assert_eq!(status.map(|verdict| verdict.entity), Some(Entity::Relayed));
        }
        Walk {
            says,
            asked,
            steps: retold.steps.iter().map(|step| (step.row, step.yes)).collect(),
            end: retold.end,
            status: status.map(|verdict| verdict.status.code()),
            last: last.question.id,
            because,
            ends: status.map_or(Ends::Connection, |verdict| verdict.ends),
        }
    }
}

fn tell(world: &Facts<'static>, ask: Ask) -> FactGroup<'static> {
    match ask {
        Ask::Site => world.site.into(),
        Ask::Quota => world.quota.into(),
        Ask::Client => world.client.into(),
        Ask::Stored => world.stored.into(),
        Ask::Upstream => world.upstream.into(),
        Ask::Storage => world.storage.into(),
        Ask::Target => world.target.into(),
        Ask::Outcome => world.outcome.into(),
    }
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} {:?} {} because {} in {} questions",
            self.says,
            self.end,
            self.last,
            self.because,
            self.steps.len()
        )
    }
}
