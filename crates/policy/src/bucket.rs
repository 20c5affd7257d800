//! Token buckets: how often somebody may ask, and whether he may now.
//!
//! The clock is the caller's, and so is the choice of who is counted by what. What is answered when a bucket is empty
//! is not known here.

use core::net::IpAddr;
use std::fmt;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::network::prefix;
use crate::rate::Rate;

mod level;
mod table;

pub use table::Buckets;

/// What names a bucket: 128 bits that nobody can aim at without knowing the seed. See [`Keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u64; 2]);

/// Makes keys. The seed must be random and stay secret: whoever knew it could choose addresses or paths that share a
/// place in the table, and so push each other out.
///
/// ```
/// use policy::bucket::Keys;
/// let keys = Keys::new([7; 16]); // random in earnest
/// let address = "2001:db8::1".parse().expect("an address");
/// let key = keys.of(3).address(address).path(b"login").key();
/// assert_eq!(key, keys.of(3).address("2001:db8::2".parse().expect("an address")).path(b"login").key());
/// assert_ne!(key, keys.of(4).address(address).path(b"login").key());
/// ```
#[derive(Clone)]
pub struct Keys {
    seed: [u8; 16],
}

/// The seed is a secret.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// With a random seed.
    pub fn new(seed: [u8; 16]) -> Self {
        Self { seed }
    }

    /// A key for a limit, whose number no other limit has.
    pub fn of(&self, limit: u64) -> KeyBuilder {
        let mut hasher = SipHasher13::new_with_key(&self.seed);
        hasher.write(&limit.to_le_bytes());
        KeyBuilder { hasher }
    }
}

/// A key that is being made, of the parts that a limit counts by.
#[derive(Clone)]
pub struct KeyBuilder {
    hasher: SipHasher13,
}

/// The hasher has the seed in it.
impl fmt::Debug for KeyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBuilder").finish_non_exhaustive()
    }
}

impl KeyBuilder {
    /// By the address, or the prefix of one: [`prefix`].
    #[must_use]
    pub fn address(self, address: IpAddr) -> Self {
        self.part(b'a', &prefix(address))
    }

    /// By the user.
    #[must_use]
    pub fn user(self, name: &[u8]) -> Self {
        self.part(b'u', name)
    }

    /// By the decoded path.
    #[must_use]
    pub fn path(self, path: &[u8]) -> Self {
        self.part(b'p', path)
    }

    /// The key.
    #[must_use]
    pub fn key(self) -> Key {
        let hash = self.hasher.finish128();
        Key([hash.h1, hash.h2])
    }

    /// With its kind and its length, so that no part can pose as two, or as one of another kind.
    fn part(mut self, kind: u8, octets: &[u8]) -> Self {
        self.hasher.write(&[kind]);
        self.hasher.write(&(octets.len() as u64).to_le_bytes());
        self.hasher.write(octets);
        self
    }
}

/// How it stands with a bucket, once a token was taken or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Taken {
    /// There was a token. If not, none was taken: whoever is refused pays nothing for it, and so may ask again in time.
    pub allowed: bool,
    /// How many tokens are left.
    pub remaining: u32,
    /// In how many seconds the bucket will be full, rounded up.
    pub reset_seconds: u64,
    /// In how many seconds there will be a token, rounded up; 0 if it was allowed.
    pub retry_after_seconds: u64,
}

/// Counters of how often somebody asked, wherever they are kept.
pub trait Counters: Send + Sync {
    /// Takes a token, if there is one. `now_millis` is the time in milliseconds since any beginning that all calls
    /// share; it may go back.
    fn take(&self, key: Key, rate: Rate, now_millis: u64) -> Taken;

    /// How it stands, without taking: `allowed` tells whether one could be taken.
    fn peek(&self, key: Key, rate: Rate, now_millis: u64) -> Taken;

    /// Gives back a token that was taken.
    fn give_back(&self, key: Key, rate: Rate, now_millis: u64);

    /// Takes a token of each, or none at all: a request that one limit refuses costs nothing of the others. `out` is
    /// how it then stands with each, in their order; a bucket that had no token says `allowed: false` and when it will
    /// have one.
    fn take_all(&self, wanted: &[(Key, Rate)], now_millis: u64, out: &mut Vec<Taken>) -> bool {
        out.clear();
        for &(key, rate) in wanted {
            let taken = self.take(key, rate, now_millis);
            out.push(taken);
            if !taken.allowed {
                break;
            }
        }
        let all = out.iter().all(|taken| taken.allowed);
        if !all {
            for &(key, rate) in &wanted[..out.len() - 1] {
                self.give_back(key, rate, now_millis);
            }
            out.clear();
            out.extend(wanted.iter().map(|&(key, rate)| self.peek(key, rate, now_millis)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn rate(text: &str) -> Rate {
        Rate::parse(text).expect("a rate")
    }

    fn key(number: u64) -> Key {
        Keys::new([9; 16]).of(0).user(&number.to_le_bytes()).key()
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let (buckets, rate) = (Buckets::new(100), rate("3/30s"));
        let at = |millis| buckets.take(key(1), rate, millis);
        let told = |taken: Taken| (taken.allowed, taken.remaining, taken.reset_seconds, taken.retry_after_seconds);
        assert_eq!(told(at(1_000)), (true, 2, 10, 0));
        assert_eq!(told(at(1_000)), (true, 1, 20, 0));
        assert_eq!(told(at(1_001)), (true, 0, 30, 0));
        assert_eq!(told(at(1_001)), (false, 0, 30, 10));
        assert_eq!(told(at(1_500)), (false, 0, 30, 10), "refused, and nothing paid");
        assert_eq!(told(at(10_999)), (false, 0, 21, 1));
        assert_eq!(told(at(11_000)), (true, 0, 30, 0));
        assert_eq!(told(buckets.peek(key(1), rate, 21_000)), (true, 1, 20, 0));
        assert_eq!(told(buckets.peek(key(1), rate, 21_000)), (true, 1, 20, 0));
        assert_eq!(told(buckets.peek(key(2), rate, 21_000)), (true, 3, 0, 0));
        assert_eq!(told(at(1_000_000)), (true, 2, 10, 0));
    }

    #[test]
    fn a_token_can_be_given_back() {
        let (buckets, rate) = (Buckets::new(100), rate("2/20s"));
        buckets.take(key(1), rate, 0);
        buckets.give_back(key(1), rate, 0);
        buckets.give_back(key(1), rate, 0);
        buckets.give_back(key(2), rate, 0);
        assert_eq!(buckets.peek(key(1), rate, 0).remaining, 2);
    }

    #[test]
    fn of_several_limits_all_are_paid_or_none() {
        let buckets = Buckets::new(100);
        let wanted = [(key(1), rate("5/s")), (key(2), rate("1/min")), (key(3), rate("9/s"))];
        let mut out = Vec::new();
        assert!(buckets.take_all(&wanted, 0, &mut out));
        assert_eq!(out.iter().map(|taken| taken.remaining).collect::<Vec<_>>(), [4, 0, 8]);
        assert!(!buckets.take_all(&wanted, 0, &mut out));
        assert_eq!(out.iter().map(|taken| taken.remaining).collect::<Vec<_>>(), [4, 0, 8]);
        assert_eq!(out.iter().map(|taken| taken.allowed).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(out[1].retry_after_seconds, 60);
        assert!(buckets.take_all(&[], 0, &mut out) && out.is_empty());
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let (buckets, rate) = (Buckets::new(100), rate("2/20s"));
        for _ in 0..3 {
            buckets.take(key(1), rate, 1_000_000_000);
        }
        assert_eq!(buckets.take(key(1), rate, 5_000).retry_after_seconds, 10);
        assert!(buckets.take(key(1), rate, 15_000).allowed);
        assert!(buckets.take(key(1), rate, u64::MAX).allowed);
        assert!(buckets.take(key(1), rate, 0).allowed || buckets.take(key(1), rate, 20_000).allowed);
    }

    #[test]
    fn a_rate_that_was_changed_holds_at_once() {
        let buckets = Buckets::new(100);
        for _ in 0..10 {
            buckets.take(key(1), rate("10/day"), 0);
        }
        let taken = buckets.take(key(1), rate("10/10s"), 0);
        assert_eq!((taken.allowed, taken.retry_after_seconds, taken.reset_seconds), (false, 1, 10));
    }

    #[test]
    fn a_flood_of_newcomers_does_not_fill_an_empty_bucket() {
        let (buckets, rate) = (Buckets::new(4_096), rate("10/hour"));
        for _ in 0..10 {
            assert!(buckets.take(key(0), rate, 0).allowed);
        }
        for newcomer in 1..200_000 {
            assert!(buckets.take(key(newcomer), rate, newcomer / 1_000).allowed);
        }
        assert!(!buckets.take(key(0), rate, 200).allowed);
        assert!(buckets.displaced() > 100_000);
        assert!(buckets.slots() <= 4_096 && buckets.octets() <= 4_096 * 24);
    }

    #[test]
    fn buckets_that_are_full_give_way_first() {
        let (buckets, rate) = (Buckets::new(4_096), rate("10/s"));
        for client in 0..1_000_000u64 {
            // each second two thousand others come
            buckets.take(key(client), rate, client / 2);
        }
        assert_eq!(buckets.displaced(), 0);
        assert!(buckets.slots() <= 4_096, "{}", buckets.slots());
    }

    #[test]
    fn most_of_the_table_is_used_before_anybody_gives_way() {
        for limit in [16, 1_000, 100_000, limits::BUCKETS] {
            let (buckets, rate) = (Buckets::new(limit), rate("10/day"));
            let limit = limit as u64;
            assert!((0..limit * 2 / 3).all(|client| buckets.take(key(client), rate, 0).allowed));
            assert_eq!(buckets.displaced(), 0, "{limit}");
            assert!((limit * 2 / 3..limit).all(|client| buckets.take(key(client), rate, 0).allowed));
            assert!(buckets.displaced() <= limit / 20, "{} of {limit}", buckets.displaced());
            assert!(buckets.slots() as u64 <= limit);
        }
        assert!(Buckets::default().octets() < 100_000, "it begins small");
        assert_eq!(Buckets::new(0).slots(), 16);
        const { assert!(limits::BUCKETS * 24 < 32 << 20) };
    }

    #[test]
    fn threads_share_the_tokens() {
        let (buckets, rate) = (Buckets::new(1_000), rate("1000/day"));
        let allowed: usize = std::thread::scope(|scope| {
            let count = || (0..1_000).filter(|_| buckets.take(key(1), rate, 0).allowed).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(count)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(allowed, 1_000);
    }

    #[test]
    fn keys_are_of_all_their_parts() {
        let keys = Keys::new([1; 16]);
        let address = |text: &str| text.parse().expect("an address");
        let all = [
            keys.of(1).key(),
            keys.of(2).key(),
            keys.of(1).user(b"").key(),
            keys.of(1).path(b"").key(),
            keys.of(1).user(b"ab").key(),
            keys.of(1).user(b"a").user(b"b").key(),
            keys.of(1).path(b"ab").key(),
            keys.of(1).address(address("192.0.2.1")).key(),
            keys.of(1).address(address("192.0.2.2")).key(),
            keys.of(1).address(address("192.0.2.1")).user(b"a").key(),
            Keys::new([2; 16]).of(1).key(),
        ];
        for (nth, one) in all.iter().enumerate() {
            assert!(!all[nth + 1..].contains(one), "{nth}");
        }
        assert!(!format!("{keys:?} {:?}", keys.of(1)).contains('1'), "the seed is told to nobody");
    }

    /// A bucket that counts: tokens, in parts of the time that one takes to come back.
    struct Model {
        nanos: u64,
        at: u64,
    }

    impl Model {
        fn take(&mut self, rate: Rate, millis: u64) -> (bool, u32) {
            let now = millis * 1_000_000;
            self.nanos = (self.nanos + (now - self.at)).min(rate.full());
            self.at = now;
            let allowed = self.nanos >= rate.interval();
            if allowed {
                self.nanos -= rate.interval();
            }
            (allowed, (self.nanos / rate.interval()) as u32)
        }
    }

    proptest! {
        #[test]
        fn the_model_agrees(
            count in 1u32..20,
            per in 1u64..20_000,
            burst in 1u32..20,
            takes in prop::collection::vec((0u64..4, 0u64..3_000), 1..200),
        ) {
            let rate = Rate::new(count, per, burst).expect("a rate");
            let (buckets, mut models, mut now) = (Buckets::new(100), HashMap::new(), 0);
            for (client, wait) in takes {
                now += wait;
                let model = models.entry(client).or_insert(Model { nanos: rate.full(), at: 0 });
                let expected = model.take(rate, now);
                let taken = buckets.take(key(client), rate, now);
                prop_assert_eq!((taken.allowed, taken.remaining), expected);
                prop_assert_eq!(taken.allowed, taken.retry_after_seconds == 0);
                if !taken.allowed {
                    // when it says that there will be a token, there is one
                    let then = buckets.peek(key(client), rate, now + taken.retry_after_seconds * 1_000);
                    prop_assert!(then.allowed && then.remaining > 0);
                }
                let reset = buckets.peek(key(client), rate, now + taken.reset_seconds * 1_000);
                prop_assert_eq!(reset.remaining, burst);
            }
        }

        #[test]
        fn nothing_panics_whatever_the_clock_says(
            count in 1u32..10,
            per: u64,
            burst in 1u32..10,
            takes in prop::collection::vec(any::<(u8, u64)>(), 0..40),
        ) {
            let Ok(rate) = Rate::new(count, per, burst) else { return Ok(()) };
            let buckets = Buckets::new(16);
            for (client, now) in takes {
                let taken = buckets.take(key(client.into()), rate, now);
                prop_assert!(taken.remaining <= burst && taken.reset_seconds <= limits::BUCKET_TIME / 1_000 + 1);
                prop_assert!(taken.retry_after_seconds <= taken.reset_seconds);
                buckets.give_back(key(client.into()), rate, now / 2);
            }
        }
    }
}
