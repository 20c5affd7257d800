//! The table of buckets that all threads share: bounded, and never tidied up all at once.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;

use super::{Counters, Key, Taken, level};
use crate::rate::Rate;

/// Buckets in a group. A key has two groups in which its bucket may be, so a take looks at twice as many at most.
const WAYS: usize = 8;

/// The most shards, each with its lock: more than there are cores, so that two threads rarely want the same, and so
/// many that one has few thousand buckets, which are soon carried over when it doubles.
const SHARDS: usize = 256;

/// Buckets that a shard should have, before there are more shards.
const SHARD: usize = 1_024;

/// Groups that a shard begins with.
const FIRST: usize = 2;

#[derive(Clone, Copy)]
struct BucketSlot {
    key: Key,
    /// See [`level`]. 0 if the slot was never used; such a bucket has always been full.
    full_at: u64,
}

type Group = [BucketSlot; WAYS];

const UNUSED: Group = [BucketSlot { key: Key([0; 2]), full_at: 0 }; WAYS];

/// Buckets in memory, at most as many as were allowed, 24 octets each.
///
/// Each key has two groups of eight slots, and nothing is ever kept elsewhere. So a take looks at sixteen slots
/// whatever happens, and no sweep is needed: buckets that have become full are replaced by whoever comes into their
/// group. The table doubles, a small part at a time, where two groups are in use from end to end; it ends at the limit.
///
/// **What happens at the limit.** A newcomer whose groups are in use from end to end takes the place of the bucket in
/// them that is nearest to being full: the one whose memory is worth the least. Can somebody be rid of his own empty
/// bucket that way, cheaper than by waiting?
///
/// * Under one limit his is the last to go: all fifteen others must be further from full than his own. A newcomer's
///   bucket has lost one token, so newcomers push each other out and not him, however many they are. To push him out
///   there must be fifteen as empty as his, in two groups that he cannot find, since keys are hashes under a secret
///   seed: he has to empty buckets all over the table, a million of them, each under another address or name of his.
///   And who has a million of these has a million buckets anyhow.
/// * Where limits of different length share the table, a bucket that fills within seconds is nearer to full than one
///   that fills within a day, and goes before it. But only a newcomer who comes into one of its two groups pushes it
///   out, of which there are a hundred thousand; by then it would have become full by itself.
///
/// That this happens at all is told by [`Buckets::displaced`].
pub struct Buckets {
    shards: Box<[Shard]>,
    /// Buckets in use that gave way.
    displaced: AtomicU64,
}

/// On a line of the cache of its own, so that locks do not disturb each other.
#[repr(align(64))]
struct Shard {
    groups: Mutex<Vec<Group>>,
    /// How many groups it may have.
    most: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Self::new(limits::BUCKETS)
    }
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets").field("slots", &self.slots()).field("displaced", &self.displaced()).finish()
    }
}

impl Buckets {
    /// With room for so many buckets; there is always room for sixteen.
    ///
    /// ```
    /// use policy::bucket::{Buckets, Counters, Keys};
    /// use policy::rate::Rate;
    /// let (buckets, rate) = (Buckets::new(1_000), Rate::parse("2/10s").expect("a rate"));
    /// let key = Keys::new([7; 16]).of(0).user(b"alice").key();
    /// assert!(buckets.take(key, rate, 0).allowed && buckets.take(key, rate, 0).allowed);
    /// let refused = buckets.take(key, rate, 0);
    /// assert_eq!((refused.allowed, refused.remaining, refused.retry_after_seconds), (false, 0, 5));
    /// assert!(buckets.take(key, rate, 5_000).allowed);
    /// ```
    pub fn new(buckets: usize) -> Self {
        let shards = 1 << (buckets / SHARD).clamp(1, SHARDS).ilog2();
        let most = (buckets / shards / WAYS).max(2);
        let shard = |_| Shard { groups: Mutex::new(vec![UNUSED; FIRST.min(most)]), most };
        Self { shards: (0..shards).map(shard).collect(), displaced: AtomicU64::new(0) }
    }

    /// For how many buckets there is memory at present.
    pub fn slots(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len() * WAYS).sum()
    }

    /// How many octets that is.
    pub fn octets(&self) -> usize {
        self.slots() * size_of::<BucketSlot>()
    }

    /// How many buckets in use have given way to others so far. If that goes up, the limit is too low for the clients
    /// that come.
    pub fn displaced(&self) -> u64 {
        self.displaced.load(Ordering::Relaxed)
    }

    fn shard(&self, key: Key) -> &Shard {
        // the low bits; the groups are chosen by the high ones
        &self.shards[key.0[1] as usize & (self.shards.len() - 1)]
    }
}

impl Shard {
    /// A thread that panicked with it in its hands left it whole: every change of it is one assignment.
    fn lock(&self) -> MutexGuard<'_, Vec<Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a bucket that is not in the table; says whether one in use gave way.
    fn insert(&self, groups: &mut Vec<Group>, slot: BucketSlot, now: u64) -> bool {
        while groups.len() < self.most
            && home(groups, slot.key).iter().all(|&group| in_use(&groups[group], now) == WAYS)
        {
            let larger = (groups.len() * 2).min(self.most);
            let smaller = std::mem::replace(groups, vec![UNUSED; larger]);
            for slot in smaller.into_iter().flatten().filter(|slot| slot.full_at > now) {
                put(groups, slot, now);
            }
        }
        put(groups, slot, now)
    }
}

/// The two groups of a key.
fn home(groups: &[Group], key: Key) -> [usize; 2] {
    // the upper half of the product spreads all values evenly over any number of groups
    let [one, other] = key.0.map(|half| ((u128::from(half) * groups.len() as u128) >> 64) as usize);
    // with one group alone it would find no place far sooner than others
    [one, if one == other { (one + 1) % groups.len() } else { other }]
}

fn find(groups: &mut [Group], key: Key) -> Option<&mut BucketSlot> {
    let (group, slot) = home(groups, key)
        .into_iter()
        .find_map(|group| Some((group, groups[group].iter().position(|slot| slot.key == key)?)))?;
    Some(&mut groups[group][slot])
}

fn in_use(group: &Group, now: u64) -> usize {
    group.iter().filter(|slot| slot.full_at > now).count()
}

/// Puts a bucket into the emptier of its groups, in place of the one there that is nearest to full; if both are in use
/// from end to end, of the one in both. Says whether that one was in use.
fn put(groups: &mut [Group], slot: BucketSlot, now: u64) -> bool {
    let [one, other] = home(groups, slot.key);
    let nearest = |group: usize| {
        let at = (0..WAYS).min_by_key(|&at| groups[group][at].full_at).expect("a group has slots");
        (group, at, groups[group][at].full_at)
    };
    let (used_one, used_other) = (in_use(&groups[one], now), in_use(&groups[other], now));
    let (group, at, full_at) = match used_one.cmp(&used_other) {
        std::cmp::Ordering::Less => nearest(one),
        std::cmp::Ordering::Greater => nearest(other),
        std::cmp::Ordering::Equal => std::cmp::min_by_key(nearest(one), nearest(other), |&(_, _, full_at)| full_at),
    };
    groups[group][at] = slot;
    full_at > now
}

impl Counters for Buckets {
    fn take(&self, key: Key, rate: Rate, now_millis: u64) -> Taken {
        let now = level::nanos(now_millis);
        let shard = self.shard(key);
        let mut groups = shard.lock();
        if let Some(slot) = find(&mut groups, key) {
            let (taken, full_at) = level::take(slot.full_at, rate, now);
            slot.full_at = full_at;
            return taken;
        }
        let (taken, full_at) = level::take(0, rate, now);
        if shard.insert(&mut groups, BucketSlot { key, full_at }, now) {
            self.displaced.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    fn peek(&self, key: Key, rate: Rate, now_millis: u64) -> Taken {
        let full_at = find(&mut self.shard(key).lock(), key).map_or(0, |slot| slot.full_at);
        level::peek(full_at, rate, level::nanos(now_millis))
    }

    fn give_back(&self, key: Key, rate: Rate, now_millis: u64) {
        // a bucket that gave way meanwhile is as good as full
        if let Some(slot) = find(&mut self.shard(key).lock(), key) {
            slot.full_at = level::give_back(slot.full_at, rate, level::nanos(now_millis));
        }
    }
}
