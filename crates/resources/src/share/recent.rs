//! Answers to PROPFIND that were given a short while ago: clients ask for the same collection again and again.
//!
//! An answer counts as long as a look at a file does, and not beyond the next change of ours; so who has written sees what he
//! wrote, and what other programs change is seen a quarter of a second later at most.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits;
use decision::multistatus::Members;
use semantics::depth::Depth;
use semantics::prefer::Return;

use crate::share::action::Action;
use crate::tree::standing::Place;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AnswerKey {
    place: Place,
    depth: Depth,
    minimal: bool,
    content: Vec<u8>,
}

impl AnswerKey {
    pub(crate) fn of(action: &Action, content: &[u8]) -> AnswerKey {
        let minimal = action.prefer().returns == Some(Return::Minimal);
        AnswerKey { place: action.place.clone(), depth: action.depth(), minimal, content: content.to_vec() }
    }
}

/// The answers that are kept.
#[derive(Debug)]
pub(crate) struct Recent {
    kept: Mutex<VecDeque<KeptAnswer>>,
    /// For how many milliseconds an answer counts.
    time: u64,
}

#[derive(Debug)]
struct KeptAnswer {
    key: AnswerKey,
    members: Arc<Members>,
    /// How often something had changed when it was begun.
    generation: u64,
    moment: u64,
}

impl Recent {
    pub(crate) fn new(time: u64) -> Recent {
        Recent { kept: Mutex::default(), time }
    }

    /// The answer to this, if one was given and counts.
    pub(crate) fn find(&self, key: &AnswerKey, generation: u64, moment: u64) -> Option<Arc<Members>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // clocks of two threads may be some milliseconds apart
        kept.retain(|kept| kept.generation == generation && moment.saturating_sub(kept.moment) < self.time);
        kept.iter().find(|kept| kept.key == *key).map(|kept| kept.members.clone())
    }

    /// Keeps an answer, and drops the oldest for it.
    pub(crate) fn keep(&self, key: AnswerKey, members: &Arc<Members>, generation: u64, moment: u64) {
        if self.time == 0 || members.size() > limits::RECENT_OCTETS {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(KeptAnswer { key, members: members.clone(), generation, moment });
        let octets = |kept: &VecDeque<KeptAnswer>| kept.iter().map(|kept| kept.members.size()).sum::<usize>();
        while kept.len() > limits::RECENT || octets(&kept) > limits::RECENT_OCTETS {
            kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> AnswerKey {
        let place = Place { path: path.as_bytes().to_vec(), slash: true };
        AnswerKey { place, depth: Depth::One, minimal: false, content: Vec::new() }
    }

    #[test]
    fn an_answer_counts_for_a_while_and_until_the_next_change() {
        let recent = Recent::new(250);
        recent.keep(key("a"), &Arc::default(), 7, 1_000);
        assert!(recent.find(&key("a"), 7, 1_249).is_some());
        assert!(recent.find(&key("b"), 7, 1_000).is_none());
        assert!(recent.find(&key("a"), 7, 1_250).is_none(), "its time is over");
        recent.keep(key("a"), &Arc::default(), 7, 2_000);
        assert!(recent.find(&key("a"), 8, 2_000).is_none(), "something has changed");
        for nth in 0..limits::RECENT + 5 {
            recent.keep(key(&nth.to_string()), &Arc::default(), 7, 3_000);
        }
        assert!(recent.find(&key("4"), 7, 3_000).is_none() && recent.find(&key("5"), 7, 3_000).is_some());
    }
}
