//! The states of files that this server made itself a short while ago.
//!
//! The times of a file tell its states apart only once its last change is over for some seconds; until then its tag is weak,
//! and a client that has just written could not make its next write conditional (RFC 9110 §8.8.1, §13.1.1). Of files that we
//! made we know better: each gets a time of modification that no other has, so another state cannot look the same.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::limits;
use rustix::fs::Timespec;

use crate::validators::Identity;

/// States that we made, the latest ones.
#[derive(Debug, Default)]
pub(crate) struct Ours {
    /// Nanoseconds of Unix time that were given last.
    last: AtomicU64,
    states: Mutex<States>,
}

#[derive(Debug, Default)]
struct States {
    known: HashSet<Identity>,
    order: VecDeque<Identity>,
}

const NANOS: u64 = 1_000_000_000;

impl Ours {
    /// A time that no other file gets: now, or a nanosecond after the last one given. It is never a whole microsecond, by
    /// which a file system is known that keeps times only roughly.
    pub(crate) fn stamp(&self) -> Timespec {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_nanos()).unwrap_or(0);
        let after = |last: u64| {
            let next = now.max(last + 1);
            next + u64::from(next.is_multiple_of(1_000))
        };
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        let given = last.map_or(now, after);
        // both parts fit: seconds until the year 2554, and less than a second of nanoseconds
        Timespec { tv_sec: (given / NANOS).cast_signed(), tv_nsec: (given % NANOS).cast_signed() }
    }

    /// This state is ours. It is known by its times, so a file system that keeps them roughly gains nothing.
    pub(crate) fn add(&self, identity: Identity) {
        if !identity.is_fine() {
            return;
        }
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.known.insert(identity) {
            states.order.push_back(identity);
        }
        if states.order.len() > limits::OWN_STATES
            && let Some(oldest) = states.order.pop_front()
        {
            states.known.remove(&oldest);
        }
    }

    /// Did we make this state?
    pub(crate) fn has(&self, identity: &Identity) -> bool {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).known.contains(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DAV-036: no two states look the same.
    #[test]
    fn no_stamp_is_given_twice() {
        let ours = Ours::default();
        let stamps: Vec<_> = (0..10_000).map(|_| ours.stamp()).map(|t| (t.tv_sec, t.tv_nsec)).collect();
        assert!(stamps.is_sorted_by(|a, b| a < b));
        assert!(stamps.iter().all(|(_, nanos)| (0..1_000_000_000).contains(nanos) && nanos % 1_000 != 0));
    }
}
