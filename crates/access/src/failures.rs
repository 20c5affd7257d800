//! Failed attempts, counted by the network that they came from, so that nobody can try passwords for long.
//!
//! Of IPv4 an address is counted, of IPv6 a /64, which is what one customer has (RFC 6177): whoever has one has all addresses
//! of it. Nothing is kept but counts, and there is an end to them.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;

/// How many tables there are, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// How many failures are too many. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// So many failures within the window are too many.
    pub failures: u32,
    /// How long a failure counts, from the first of a row on.
    pub window: i64,
    /// For how long a network may not try again, from the last failure on.
    pub pause: i64,
}

impl Default for Policy {
    /// Ten in five minutes: nobody mistypes a password so often, and who guesses gets 2,880 a day.
    fn default() -> Self {
        Self { failures: 10, window: 300, pause: 300 }
    }
}

/// The failures, for all threads.
///
/// ```
/// use access::failures::{Failures, Policy};
/// let failures = Failures::new(Policy { failures: 2, window: 60, pause: 30 });
/// let address = "2001:db8::1".parse().expect("an address");
/// failures.record(address, 1_000);
/// assert!(failures.left(address, 1_000));
/// failures.record("2001:db8::2".parse().expect("an address"), 1_010);
/// assert!(!failures.left(address, 1_010));
/// assert_eq!(failures.retry_after(address, 1_010), Some(30));
/// ```
pub struct Failures {
    policy: Policy,
    shards: [Mutex<HashMap<Network, FailureCount>>; SHARDS],
    room: usize,
}

/// The first 64 bits of an IPv6 address; an IPv4 address is one that is mapped, whole (RFC 4291 §2.5.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Network(u128);

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_ipv6_mapped().to_bits()),
            IpAddr::V6(address) => Self(address.to_bits() >> 64 << 64),
        }
    }
}

/// Failures in a row.
#[derive(Clone, Copy, Debug)]
struct FailureCount {
    count: u32,
    first: i64,
    last: i64,
}

impl Policy {
    /// When it is over. `now` may be earlier than the failures if the clock was set back; then it does not last longer.
    fn pause_left(&self, row: &FailureCount, now: i64) -> i64 {
        let left = row.last.saturating_add(self.pause).saturating_sub(now).min(self.pause);
        if row.count >= self.failures { left.max(0) } else { 0 }
    }

    /// Does it say nothing any more?
    fn is_over(&self, row: &FailureCount, now: i64) -> bool {
        self.pause_left(row, now) == 0 && !(0..self.window).contains(&now.saturating_sub(row.first))
    }
}

impl Failures {
    /// No failures yet.
    pub fn new(policy: Policy) -> Self {
        Self::with_room(policy, limits::FAILURES)
    }

    fn with_room(policy: Policy, room: usize) -> Self {
        Self { policy, shards: std::array::from_fn(|_| Mutex::default()), room: room.div_ceil(SHARDS) }
    }

    /// An attempt from this address failed.
    pub fn record(&self, address: IpAddr, now: i64) {
        let network = Network::of(address);
        let mut shard = self.shard(network);
        if !shard.contains_key(&network) && shard.len() >= self.room {
            self.make_room(&mut shard, now);
        }
        let row = shard.entry(network).or_insert(FailureCount { count: 0, first: now, last: now });
        if self.policy.is_over(row, now) {
            *row = FailureCount { count: 0, first: now, last: now };
        }
        row.count = row.count.saturating_add(1);
        row.last = now;
    }

    /// May this address try?
    pub fn left(&self, address: IpAddr, now: i64) -> bool {
        self.retry_after(address, now).is_none()
    }

    /// After how many seconds it may try again. None: now.
    pub fn retry_after(&self, address: IpAddr, now: i64) -> Option<u32> {
        let network = Network::of(address);
        let row = self.shard(network).get(&network).copied()?;
        let left = self.policy.pause_left(&row, now);
        u32::try_from(left).ok().filter(|left| *left > 0)
    }

    /// Forgets what is over; and if that is nothing, the row with the fewest failures, of several the oldest: so whoever guesses
    /// a lot is not forgotten for others who failed once.
    fn make_room(&self, shard: &mut HashMap<Network, FailureCount>, now: i64) {
        shard.retain(|_, row| !self.policy.is_over(row, now));
        if shard.len() >= self.room
            && let Some(network) =
                shard.iter().min_by_key(|(_, row)| (row.count, row.last)).map(|(network, _)| *network)
        {
            shard.remove(&network);
        }
    }

    /// A thread that panicked with a table in its hands left it whole: a count may be missing from it.
    fn shard(&self, network: Network) -> MutexGuard<'_, HashMap<Network, FailureCount>> {
        // neighbours differ in the bits above the host of IPv6, or in the last ones of IPv4
        let number = (network.0 >> 64) as u64 ^ network.0 as u64;
        self.shards[(number % SHARDS as u64) as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failures({:?})", self.policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: Policy = Policy { failures: 3, window: 60, pause: 30 };

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn after_some_failures_there_is_a_pause() {
        let (failures, alice) = (Failures::new(POLICY), address("192.0.2.1"));
        for now in [100, 110] {
            failures.record(alice, now);
            assert!(failures.left(alice, now));
        }
        failures.record(alice, 120);
        assert_eq!(failures.retry_after(alice, 120), Some(30));
        assert_eq!(failures.retry_after(alice, 149), Some(1));
        assert_eq!(failures.retry_after(alice, 150), None);
        assert_eq!(failures.retry_after(alice, 10), Some(30), "the clock was set back");
        failures.record(alice, 155);
        assert_eq!(failures.retry_after(alice, 155), Some(30), "one more in the window is one too many");
        assert!(failures.left(alice, 185));
        failures.record(alice, 185);
        assert!(failures.left(alice, 185), "the window is over, and a new one has begun");
    }

    #[test]
    fn a_network_is_counted_as_one() {
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8::1", "2001:db8::ffff:0:0:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let failures = Failures::new(Policy { failures: 1, ..POLICY });
            failures.record(address(one), 100);
            assert_eq!(!failures.left(address(other), 100), same, "{one} {other}");
        }
    }

    #[test]
    fn there_is_an_end_to_it_and_who_guesses_a_lot_is_remembered() {
        let (failures, mallory) = (Failures::with_room(POLICY, SHARDS * 4), address("192.0.2.1"));
        for _ in 0..3 {
            failures.record(mallory, 100);
        }
        for k in 0..2_000u32 {
            failures.record(IpAddr::from(k.to_be_bytes()), 101);
        }
        let kept: usize = failures.shards.iter().map(|shard| shard.lock().expect("sound").len()).sum();
        assert!(kept <= SHARDS * 4, "{kept}");
        assert!(!failures.left(mallory, 102));
    }

    proptest! {
        #[test]
        fn a_pause_is_never_longer_than_it_is_meant_to_be(times: Vec<i64>, now: i64) {
            let (failures, alice) = (Failures::new(POLICY), address("::1"));
            for time in times {
                failures.record(alice, time);
            }
            prop_assert!(failures.retry_after(alice, now).is_none_or(|left| left <= 30));
        }
    }
}
