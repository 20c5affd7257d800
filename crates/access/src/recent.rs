//! Values of Authorization that were found to be valid just now, whole: the next request of the same client brings the same one.
//!
//! They spare what looking at a known password or token takes, and nothing else: what lasts longer is [`crate::verified`]'s. No
//! secret is kept, but a hash under a key that ends with the program. A table belongs to one set of users: when they are loaded
//! anew, it goes with them.

use std::fmt;
use std::hash::Hasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits;
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::identity::Identity;

/// How many tables there are, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// Values that a table holds; one more takes the place of another.
const SLOTS: usize = limits::RECENT_CREDENTIALS / SHARDS;

/// A value that was valid, for whom, and until when that counts.
#[derive(Clone)]
struct RecentSlot {
    tag: u128,
    until: i64,
    identity: Arc<Identity>,
}

/// What was valid just now.
pub(crate) struct Recent {
    key: [u8; 16],
    shards: [Mutex<Box<[Option<RecentSlot>]>>; SHARDS],
}

impl Recent {
    /// Nothing yet. The key must be random and stay secret.
    pub(crate) fn new(key: [u8; 16]) -> Recent {
        Recent { key, shards: std::array::from_fn(|_| Mutex::new(vec![None; SLOTS].into())) }
    }

    /// For whom was it valid at this gate just now?
    pub(crate) fn find(&self, gate: u64, value: &[u8], now: i64) -> Option<Arc<Identity>> {
        let tag = self.tag(gate, value);
        let shard = self.shard(tag);
        let slot = shard[Recent::slot(tag)].as_ref().filter(|slot| slot.tag == tag)?;
        // a clock that was set back must not make it last longer than it was meant to
        let lasts = (now..=now.saturating_add(limits::RECENT_TIME)).contains(&slot.until);
        lasts.then(|| Arc::clone(&slot.identity))
    }

    /// It was valid at this gate just now.
    pub(crate) fn insert(&self, gate: u64, value: &[u8], now: i64, identity: &Arc<Identity>) {
        let tag = self.tag(gate, value);
        let until = now.saturating_add(limits::RECENT_TIME);
        self.shard(tag)[Recent::slot(tag)] = Some(RecentSlot { tag, until, identity: Arc::clone(identity) });
    }

    fn tag(&self, gate: u64, value: &[u8]) -> u128 {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        hasher.write(&gate.to_le_bytes());
        hasher.write(value);
        hasher.finish128().as_u128()
    }

    fn slot(tag: u128) -> usize {
        (tag >> 64) as usize % SLOTS
    }

    /// A thread that panicked with a table in its hands left it whole: every change of it is one step.
    fn shard(&self, tag: u128) -> MutexGuard<'_, Box<[Option<RecentSlot>]>> {
        self.shards[tag as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recent")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Scopes;

    fn identity(name: &str) -> Arc<Identity> {
        Arc::new(Identity { name: name.to_owned(), groups: Vec::new(), scopes: Scopes::All, issuer: None })
    }

    #[test]
    fn a_value_counts_for_a_moment_and_only_as_it_came() {
        let recent = Recent::new([7; 16]);
        recent.insert(1, b"Basic YTpi", 100, &identity("a"));
        assert_eq!(recent.find(1, b"Basic YTpi", 100).expect("just now").name, "a");
        assert!(recent.find(1, b"Basic YTpi", 100 + limits::RECENT_TIME).is_some());
        assert!(recent.find(1, b"Basic YTpi", 101 + limits::RECENT_TIME).is_none());
        assert!(recent.find(1, b"Basic YTpi", 99).is_none(), "the clock was set back");
        assert!(recent.find(1, b"basic YTpi", 100).is_none() && recent.find(2, b"Basic YTpi", 100).is_none());
    }

    #[test]
    fn more_than_there_is_room_for_take_each_others_places() {
        let recent = Recent::new([7; 16]);
        let values: Vec<String> = (0..4 * limits::RECENT_CREDENTIALS).map(|k| format!("Bearer {k}")).collect();
        values.iter().for_each(|value| recent.insert(1, value.as_bytes(), 0, &identity(value)));
        let found: Vec<_> =
            values.iter().filter_map(|value| Some((value, recent.find(1, value.as_bytes(), 0)?))).collect();
        assert!((1..=limits::RECENT_CREDENTIALS).contains(&found.len()), "{}", found.len());
        assert!(found.iter().all(|(value, identity)| identity.name == **value));
    }
}
