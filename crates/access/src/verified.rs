//! What was found to be right a moment ago, so that it need not be computed again for each request: passwords, signatures.
//!
//! Nothing secret is kept: of user and password a seal under a key that ends with the program, of a token its hash. A table
//! belongs to one set of users or of keys: when they are loaded anew, it goes with them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;

/// How many tables there are, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// What was right, and until when that counts.
pub(crate) struct Verified {
    shards: [Mutex<HashMap<Seal, i64>>; SHARDS],
    room: usize,
}

/// What stands for what was right.
pub(crate) type Seal = [u8; 32];

impl Verified {
    pub(crate) fn new(room: usize) -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), room: room.div_ceil(SHARDS) }
    }

    /// Was it right a moment ago?
    pub(crate) fn has(&self, seal: &Seal, now: i64) -> bool {
        // a clock that was set back must not make it last longer than it was meant to
        let lasting = |until: &i64| (now..=now.saturating_add(limits::VERIFIED_TIME)).contains(until);
        self.shard(seal).get(seal).is_some_and(lasting)
    }

    /// It was right just now.
    pub(crate) fn insert(&self, seal: &Seal, now: i64) {
        let mut shard = self.shard(seal);
        if shard.len() >= self.room {
            shard.retain(|_, until| *until >= now);
        }
        if shard.len() >= self.room {
            // only what is right gets in: that there is so much of it is rare, and costs computing it once more
            shard.clear();
        }
        shard.insert(*seal, now.saturating_add(limits::VERIFIED_TIME));
    }

    /// A thread that panicked with a table in its hands left it whole: every change of it is one call.
    fn shard(&self, seal: &Seal) -> MutexGuard<'_, HashMap<Seal, i64>> {
        self.shards[usize::from(seal[0]) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verified")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn what_was_right_counts_for_a_while() {
        let (verified, seal) = (Verified::new(limits::VERIFIED), [1; 32]);
        assert!(!verified.has(&seal, 100));
        verified.insert(&seal, 100);
        assert!(verified.has(&seal, 100) && verified.has(&seal, 100 + limits::VERIFIED_TIME));
        assert!(!verified.has(&seal, 101 + limits::VERIFIED_TIME));
        assert!(!verified.has(&seal, 99), "the clock was set back");
        assert!(!verified.has(&[2; 32], 100));
    }

    #[test]
    fn there_is_an_end_to_it() {
        let verified = Verified::new(SHARDS * 4);
        let seal = |k: u32| Sha256::digest(k.to_be_bytes()).into();
        for k in 0..1_000 {
            verified.insert(&seal(k), 100);
        }
        let kept: usize = verified.shards.iter().map(|shard| shard.lock().expect("sound").len()).sum();
        assert!(kept <= SHARDS * 4, "{kept}");
        assert!(verified.has(&seal(999), 100));
    }
}
