//! A case that waits where it must: the loop of `decision::drive`, with futures for what a world cannot tell at once.

use decision::case::{Case, Walked};
use decision::drive::{Halt, World, drive};
use decision::facts::{Ask, FactGroup, Facts};
use decision::verdict::Verdict;
use semantics::status::Status;

/// A world that can wait.
pub(crate) trait WaitingWorld<'a>: World<'a> {
    /// Tells a group of facts that it could not tell at once.
    async fn fetch(&mut self, ask: Ask, facts: &Facts<'a>) -> FactGroup<'a>;

    /// Sends an interim reply that it could not send at once.
    async fn say_in_time(&mut self, status: Status) {
        debug_assert!(false, "{status:?} is said at once");
    }
}

/// Walks to the end, wherever the walk stands; no verdict: the connection is to be closed without a word.
pub(crate) async fn decide<'a>(case: &mut Case<'a>, world: &mut impl WaitingWorld<'a>) -> Option<Verdict> {
    loop {
        match drive(case, world) {
            Halt::Done(verdict) => return Some(verdict),
            Halt::Closed(_) => return None,
            Halt::Waits(ask) => {
                let told = world.fetch(ask, &case.facts).await;
                case.learn(told);
            }
            Halt::Says(status) => world.say_in_time(status).await,
        }
    }
}

/// A case that goes on where another one of the same request halted, with its facts lent anew.
pub(crate) async fn resume<'a>(facts: Facts<'a>, walked: Walked, world: &mut impl WaitingWorld<'a>) -> Case<'a> {
    let mut case = Case::resume(facts, walked);
    for ask in walked.told() {
        let told = match world.tell(ask, &case.facts) {
            Some(told) => told,
            None => world.fetch(ask, &case.facts).await,
        };
        case.learn(told);
    }
    case
}
