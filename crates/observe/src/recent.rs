//! Recent verdicts, kept to be looked at: every refusal, with what was known of it, and some of the successes.
//!
//! Bounded in count and in octets; the oldest make room. Each has a number that grows by one, so that a follower can say what it
//! has seen, and can tell what it has missed. Which are kept is the [`Sampler`]'s, one a thread.

mod filter;
mod sampler;
mod telling;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits;

use crate::event::{Client, Event, cause};

pub use filter::Filter;
pub use sampler::{Sampler, Wanted};
pub use telling::explain;

/// The verdicts that are kept.
#[derive(Debug)]
pub struct Recent {
    ring: Mutex<Ring>,
    most: usize,
    most_octets: usize,
}

#[derive(Debug)]
struct Ring {
    kept: VecDeque<Arc<Kept>>,
    octets: usize,
    /// The number of the next one.
    next: u64,
}

/// One verdict, told already.
#[derive(Debug)]
pub struct Kept {
    /// Its number, from 1.
    pub number: u64,
    status: u16,
    last: u16,
    client: String,
    target: String,
    /// An object of JSON without its last brace.
    told: String,
    /// More members of it: what was known, and what the client was told of it.
    more: String,
}

impl Kept {
    /// What it says in a list: an object of JSON in one line.
    pub fn short(&self) -> String {
        [self.told.as_str(), "}"].concat()
    }

    /// All that is known of it: the same object, with the words of its explanation and the record of the decision.
    pub fn whole(&self) -> String {
        [self.told.as_str(), self.more.as_str(), "}"].concat()
    }

    /// The name of its cause.
    pub fn cause(&self) -> &'static str {
        cause(self.last)
    }

    fn octets(&self) -> usize {
        size_of::<Kept>() + self.client.len() + self.target.len() + self.told.len() + self.more.len()
    }
}

/// Those that follow on a number.
#[derive(Debug)]
pub struct Since {
    /// They, the oldest first.
    pub kept: Vec<Arc<Kept>>,
    /// How many are gone that should stand before them.
    pub missed: u64,
    /// The number up to which all has been looked at.
    pub up_to: u64,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent::new(limits::VERDICTS, limits::VERDICTS_OCTETS)
    }
}

impl Recent {
    /// Room for so many verdicts, which take so many octets together.
    pub const fn new(most: usize, most_octets: usize) -> Recent {
        let ring = Ring { kept: VecDeque::new(), octets: 0, next: 1 };
        Recent { ring: Mutex::new(ring), most, most_octets }
    }

    /// Keeps an answer that is wanted, with what it was decided on, as [`explain`] writes it down.
    pub fn keep(&self, event: &Event<'_>, wanted: Wanted, explained: Option<String>) {
        // all that takes long is done before the lock is taken
        let mut kept = Kept {
            number: 0,
            status: event.status,
            last: event.last,
            client: Client(event.client).to_string(),
            target: telling::target(event),
            told: telling::members(event, wanted),
            more: explained.unwrap_or_default(),
        };
        let mut ring = self.ring();
        kept.number = ring.next;
        kept.told.insert_str(0, &format!("{{\"number\":{}", kept.number));
        ring.next += 1;
        ring.octets += kept.octets();
        ring.kept.push_back(Arc::new(kept));
        while ring.kept.len() > self.most || ring.octets > self.most_octets {
            let Some(oldest) = ring.kept.pop_front() else { break };
            ring.octets -= oldest.octets();
        }
    }

    /// The verdict of this number, if it is still kept.
    pub fn find(&self, number: u64) -> Option<Arc<Kept>> {
        let ring = self.ring();
        let first = ring.kept.front()?.number;
        let at = usize::try_from(number.checked_sub(first)?).ok()?;
        ring.kept.get(at).map(Arc::clone)
    }

    /// Those after this number, the oldest first, so many at most. A number that was not given yet is that of a follower of a
    /// server that has been started anew since: it gets all.
    pub fn since(&self, number: u64, filter: &Filter, most: usize) -> Since {
        let ring = self.ring();
        let number = if number >= ring.next { 0 } else { number };
        let first = ring.kept.front().map_or(ring.next, |kept| kept.number);
        let missed = first.saturating_sub(number + 1);
        let skip = usize::try_from(number.saturating_sub(first - 1)).unwrap_or(usize::MAX);
        let mut since = Since { kept: Vec::new(), missed, up_to: number.max(first - 1) };
        for kept in ring.kept.iter().skip(skip) {
            if since.kept.len() >= most {
                break;
            }
            since.up_to = kept.number;
            if filter.has(kept) {
                since.kept.push(Arc::clone(kept));
            }
        }
        since
    }

    /// The newest of those that the filter lets through, the newest first, so many at most.
    pub fn newest(&self, filter: &Filter, most: usize) -> Vec<Arc<Kept>> {
        let ring = self.ring();
        ring.kept.iter().rev().filter(|kept| filter.has(kept)).take(most).map(Arc::clone).collect()
    }

    /// The number of the newest one; 0, if there was none.
    pub fn last(&self) -> u64 {
        self.ring().next - 1
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // whatever panicked under the lock left the ring whole: it is changed in steps that do not panic
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
