//! Nonces: when each was made, and which of its counts were used. RFC 7616 §3.3, §5.4
//!
//! A nonce says itself when it was made, and is sealed; so none needs to be kept until somebody has proved a password with it.
//! From then on its counts are, so that no request can be sent again by who recorded it (RFC 7616 §5.5).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::{Secret, same};

/// How many tables there are, so that threads seldom wait for each other.
const SHARDS: usize = 16;
/// The octets of a seal that stand in a nonce: 128 bits, beyond guessing.
const SEAL: usize = 16;
/// The octets of a nonce: time, number, seal.
const LENGTH: usize = 16 + SEAL;

/// The nonces of a server, for all threads.
pub struct Nonces {
    secret: Secret,
    life: i64,
    last: AtomicU64,
    shards: [Mutex<Shard>; SHARDS],
    room: usize,
}

/// A nonce of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nonce {
    made: i64,
    number: u64,
}

/// The counts that were used, by their nonces, the oldest first.
#[derive(Debug, Default)]
struct Shard {
    used: BTreeMap<Nonce, Counts>,
    /// The youngest that was forgotten. What is not younger and not known may have been used: it is stale.
    forgotten: Option<Nonce>,
}

/// The counts of a nonce.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    highest: u32,
    /// Bit k: the count `highest - k` was used.
    used: u64,
}

const _: () = assert!(limits::NONCE_WINDOW == u64::BITS, "one bit for each count that may still come");

impl Counts {
    /// Uses a count. False: it was used, or is so far behind that nobody knows.
    fn take(&mut self, count: u32) -> bool {
        if count > self.highest {
            self.used = self.used.checked_shl(count - self.highest).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let behind = self.highest - count;
        let bit = 1u64.checked_shl(behind).unwrap_or(0);
        let free = count > 0 && bit != 0 && self.used & bit == 0;
        self.used |= bit;
        free
    }
}

impl Nonces {
    /// Nonces that live for so many seconds; [`limits::NONCE_TIME`] is usual. Those sealed with another secret are stale.
    pub fn new(secret: Secret, life: i64) -> Self {
        Self::with_room(secret, life, limits::NONCES)
    }

    fn with_room(secret: Secret, life: i64, room: usize) -> Self {
        let shards = std::array::from_fn(|_| Mutex::default());
        Self { secret, life, last: AtomicU64::new(0), shards, room: room.div_ceil(SHARDS) }
    }

    /// A new nonce for a realm.
    pub(crate) fn make(&self, realm: &str, now: i64) -> String {
        let nonce = Nonce { made: now, number: self.last.fetch_add(1, Ordering::Relaxed) };
        let mut octets = [0; LENGTH];
        octets[..8].copy_from_slice(&nonce.made.to_be_bytes());
        octets[8..16].copy_from_slice(&nonce.number.to_be_bytes());
        let seal = self.seal(realm, &octets[..16]);
        octets[16..].copy_from_slice(&seal);
        URL_SAFE_NO_PAD.encode(octets)
    }

    /// What should stand in `opaque` in this realm: it shows that a client returns what it is given.
    pub(crate) fn opaque(&self, realm: &str) -> String {
        URL_SAFE_NO_PAD.encode(&self.secret.seal("opaque", &[realm.as_bytes()])[..SEAL])
    }

    /// The nonce, if it is one of ours for this realm and not too old.
    pub(crate) fn read(&self, text: &[u8], realm: &str, now: i64) -> Option<Nonce> {
        let octets = URL_SAFE_NO_PAD.decode(text).ok().filter(|octets| octets.len() == LENGTH)?;
        let (made, number) = (octets[..8].try_into().ok()?, octets[8..16].try_into().ok()?);
        let nonce = Nonce { made: i64::from_be_bytes(made), number: u64::from_be_bytes(number) };
        let age = now.saturating_sub(nonce.made);
        let sealed = same(&self.seal(realm, &octets[..16]), &octets[16..]);
        (sealed && (-limits::NONCE_SKEW..=self.life).contains(&age)).then_some(nonce)
    }

    /// Uses a count of a nonce. False: it was used before, or nobody knows any more.
    pub(crate) fn take(&self, nonce: Nonce, count: u32) -> bool {
        let shard = &self.shards[(nonce.number % SHARDS as u64) as usize];
        // every change of a table is one call, so a thread that panicked left it whole
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = shard.used.get_mut(&nonce) {
            return counts.take(count);
        }
        if shard.forgotten.is_some_and(|forgotten| nonce <= forgotten) {
            return false;
        }
        if shard.used.len() >= self.room {
            match shard.used.first_key_value() {
                Some((&oldest, _)) if oldest < nonce => {
                    shard.used.remove(&oldest);
                    shard.forgotten = Some(oldest);
                }
                _ => return false,
            }
        }
        shard.used.entry(nonce).or_default().take(count)
    }

    /// Has it lived so long that the client had better take another?
    pub(crate) fn is_aging(&self, nonce: Nonce, now: i64) -> bool {
        now.saturating_sub(nonce.made) > self.life / 2
    }

    fn seal(&self, realm: &str, octets: &[u8]) -> [u8; SEAL] {
        let seal = self.secret.seal("nonce", &[realm.as_bytes(), octets]);
        *seal.first_chunk().expect("a seal is longer")
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonces(of {} seconds)", self.life)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nonces(room: usize) -> Nonces {
        Nonces::with_room(Secret::new(&[3; 32]).expect("long enough"), 300, room)
    }

    #[test]
    fn a_nonce_lives_for_its_time_in_its_realm() {
        let nonces = nonces(16);
        let text = nonces.make("a", 1_000);
        assert_ne!(text, nonces.make("a", 1_000), "each is made once");
        let read = |realm, now| nonces.read(text.as_bytes(), realm, now).is_some();
        assert!(read("a", 1_000) && read("a", 1_300) && !read("a", 1_301));
        assert!(read("a", 1_000 - limits::NONCE_SKEW) && !read("a", 1_000 - limits::NONCE_SKEW - 1));
        assert!(!read("b", 1_000));
        let other = Nonces::new(Secret::new(&[4; 32]).expect("long enough"), 300);
        assert!(other.read(text.as_bytes(), "a", 1_000).is_none(), "sealed with another secret");
        let nonce = nonces.read(text.as_bytes(), "a", 1_000).expect("fresh");
        assert!(!nonces.is_aging(nonce, 1_150) && nonces.is_aging(nonce, 1_151));
    }

    #[test]
    fn no_octet_of_a_nonce_can_be_changed() {
        let nonces = nonces(16);
        let octets = URL_SAFE_NO_PAD.decode(nonces.make("a", 1_000)).expect("base64");
        for at in 0..octets.len() {
            let mut forged = octets.clone();
            forged[at] ^= 1;
            assert!(nonces.read(URL_SAFE_NO_PAD.encode(forged).as_bytes(), "a", 1_000).is_none());
        }
        assert!(nonces.read(URL_SAFE_NO_PAD.encode(&octets[1..]).as_bytes(), "a", 1_000).is_none());
    }

    #[test]
    fn each_count_is_used_once_in_any_order() {
        let nonces = nonces(16);
        let nonce = Nonce { made: 1_000, number: 0 };
        for (count, free) in [
            (1, true),
            (1, false),
            (3, true),
            (2, true),
            (2, false),
            (3, false),
            (0, false),
            (100, true),
            (100 - limits::NONCE_WINDOW + 1, true),
            (100 - limits::NONCE_WINDOW, false),
            (u32::MAX, true),
            (101, false),
            (u32::MAX, false),
            (u32::MAX - 1, true),
        ] {
            assert_eq!(nonces.take(nonce, count), free, "{count}");
        }
    }

    #[test]
    fn what_was_forgotten_is_stale_and_never_fresh_again() {
        let nonces = nonces(SHARDS);
        let of = |made| Nonce { made, number: 0 };
        assert!(nonces.take(of(10), 1));
        assert!(nonces.take(of(20), 1), "there is room for one, so the older is forgotten");
        assert!(!nonces.take(of(10), 1) && !nonces.take(of(10), 2) && !nonces.take(of(5), 1));
        assert!(!nonces.take(of(15), 1), "older than the only one for which there is room");
        assert!(nonces.take(of(20), 2), "what is remembered goes on");
    }

    proptest! {
        #[test]
        fn nothing_panics(text: Vec<u8>, now: i64) {
            prop_assert!(nonces(16).read(&text, "a", now).is_none());
        }

        #[test]
        fn no_count_is_taken_twice(counts in proptest::collection::vec(0u32..200, 0..300)) {
            let nonces = nonces(16);
            let mut taken = std::collections::HashSet::new();
            for count in counts {
                if nonces.take(Nonce { made: 0, number: 1 }, count) {
                    prop_assert!(count > 0 && taken.insert(count));
                }
            }
        }
    }
}
