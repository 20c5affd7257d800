//! Files kept in memory, or open, so that a busy one costs no system call.
//!
//! It is bounded by octets, by number and by open files. What makes room is the entry that was not asked for since the hand
//! last came by (second chance). Only files that exist come in, one name each, so nobody fills it by asking for names that
//! he makes up. Names at which nothing was found are kept apart, and all thrown away when they are too many.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::rc::Rc;

use crate::limits;

use crate::entry::Entry;

/// Where a file is asked for: its decoded path, and whether as a collection.
pub(crate) type Key<'a> = (&'a [u8], bool);

/// The files kept by one thread.
#[derive(Debug)]
pub(crate) struct Cache {
    /// By whether it is asked for as a collection, then by path.
    places: [HashMap<Name, usize, Mixed>; 2],
    slots: Vec<CacheSlot>,
    /// The slot at which the search for room goes on.
    hand: usize,
    octets: usize,
    open: usize,
    /// When nothing was found there, in milliseconds; by whether it was asked for as a collection.
    missing: [HashMap<Name, Look, Mixed>; 2],
    /// How often all entries were invalidated.
    doubts: u64,
    bounds: Bounds,
}

/// When a look was made: in milliseconds, and after how many doubts.
pub(crate) type Look = (u64, u64);

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) octets: usize,
    pub(crate) entries: usize,
    pub(crate) open: usize,
    /// For how many milliseconds a look at the disk counts.
    pub(crate) time: u64,
}

impl Bounds {
    pub(crate) fn of(limits: &limits::Limits) -> Bounds {
        Bounds {
            octets: limits.cache,
            entries: limits::CACHE_ENTRIES,
            open: limits::CACHE_OPEN,
            time: limits.cache_time,
        }
    }
}

#[derive(Debug)]
struct CacheSlot {
    name: Name,
    collection: bool,
    entry: Rc<Entry>,
    /// When it was last compared with the disk.
    looked: Look,
    /// It was asked for since the hand came by.
    used: bool,
}

impl CacheSlot {
    /// What it counts for: the octets of the entry, and its name in the table and here.
    fn weight(&self) -> usize {
        self.entry.weight() + 2 * self.name.0.len() + size_of::<CacheSlot>()
    }
}

impl Cache {
    pub(crate) fn new(bounds: Bounds) -> Cache {
        let mixed = Mixed { seed: RandomState::new().hash_one(0) | 1 };
        let places = [HashMap::with_hasher(mixed), HashMap::with_hasher(mixed)];
        let missing = [HashMap::with_hasher(mixed), HashMap::with_hasher(mixed)];
        Cache { places, slots: Vec::new(), hand: 0, octets: 0, open: 0, missing, doubts: 0, bounds }
    }

    /// What stands there, if it was looked at a short while ago.
    #[inline]
    pub(crate) fn fresh(&mut self, (path, collection): Key<'_>, now: u64) -> Option<Rc<Entry>> {
        let &place = self.places[usize::from(collection)].get(path)?;
        let slot = self.slots.get_mut(place)?;
        let counts = slot.looked.1 == self.doubts && now.wrapping_sub(slot.looked.0) < self.bounds.time;
        // A look from the future is as old as can be; it comes from another clock.
        counts.then(|| {
            slot.used = true;
            Rc::clone(&slot.entry)
        })
    }

    /// Was nothing found there a short while ago?
    #[inline]
    pub(crate) fn missing(&self, (path, collection): Key<'_>, now: u64) -> bool {
        let looked = self.missing[usize::from(collection)].get(path);
        looked.is_some_and(|looked| looked.1 == self.doubts && now.wrapping_sub(looked.0) < self.bounds.time)
    }

    /// Invalidates all entries, and the look-ups that have begun: each file must be looked at again.
    pub(crate) fn doubt(&mut self) {
        self.doubts += 1;
    }

    /// How often that was done: to be asked before a look is begun.
    pub(crate) const fn doubts(&self) -> u64 {
        self.doubts
    }

    /// Keeps that nothing was found there.
    pub(crate) fn miss(&mut self, (path, collection): Key<'_>, now: Look) {
        let missing = &mut self.missing[usize::from(collection)];
        if self.bounds.time == 0 || path.len() > limits::CACHE_NAME {
            return;
        }
        if missing.len() >= limits::CACHE_MISSING {
            // made-up names, or a great many broken links: to look for the old ones among them would cost more than to look anew
            missing.clear();
        }
        missing.insert(Name(path.into()), now);
    }

    /// What stood there at the last look.
    pub(crate) fn last(&self, (path, collection): Key<'_>) -> Option<&Rc<Entry>> {
        let &place = self.places[usize::from(collection)].get(path)?;
        self.slots.get(place).map(|slot| &slot.entry)
    }

    /// This entry was looked at, and had not changed.
    pub(crate) fn confirm(&mut self, (path, collection): Key<'_>, entry: &Rc<Entry>, now: Look) {
        let place = self.places[usize::from(collection)].get(path);
        if let Some(slot) = place.and_then(|&place| self.slots.get_mut(place))
            && Rc::ptr_eq(&slot.entry, entry)
        {
            slot.looked = now;
            slot.used = true;
        }
    }

    /// Keeps an entry, in the place of what was kept under its name.
    pub(crate) fn keep(&mut self, key: Key<'_>, entry: Rc<Entry>, now: Look) {
        self.forget(key);
        self.missing[usize::from(key.1)].remove(key.0);
        let name = Name(key.0.into());
        let slot = CacheSlot { name: name.clone(), collection: key.1, entry, looked: now, used: false };
        let (weight, open) = (slot.weight(), usize::from(slot.entry.is_open()));
        if weight > self.bounds.octets || open > self.bounds.open || self.bounds.entries == 0 {
            return;
        }
        while self.octets + weight > self.bounds.octets
            || self.open + open > self.bounds.open
            || self.slots.len() >= self.bounds.entries
        {
            // Open files are what is short: others need not go for them.
            let open_only = self.open + open > self.bounds.open;
            self.make_room(open_only);
        }
        self.octets += weight;
        self.open += open;
        self.places[usize::from(key.1)].insert(name, self.slots.len());
        self.slots.push(slot);
    }

    /// Forgets what is kept under this name.
    pub(crate) fn forget(&mut self, (path, collection): Key<'_>) {
        if let Some(&place) = self.places[usize::from(collection)].get(path) {
            self.remove(place);
        }
    }

    /// Closes all files. True if there was one.
    pub(crate) fn close_files(&mut self) -> bool {
        let any = self.open > 0;
        for place in (0..self.slots.len()).rev() {
            if self.slots[place].entry.is_open() {
                self.remove(place);
            }
        }
        any
    }

    /// Removes one entry: the first from the hand on that was not used since the hand came by.
    fn make_room(&mut self, open_only: bool) {
        // The first time round takes every mark away, so the second finds one.
        for _ in 0..2 * self.slots.len() {
            let place = if self.hand < self.slots.len() { self.hand } else { 0 };
            let slot = &mut self.slots[place];
            if open_only && !slot.entry.is_open() {
                self.hand = place + 1;
            } else if slot.used {
                slot.used = false;
                self.hand = place + 1;
            } else {
                self.hand = place;
                self.remove(place);
                return;
            }
        }
    }

    /// Removes a slot; the last one moves into its place.
    fn remove(&mut self, place: usize) {
        let slot = self.slots.swap_remove(place);
        self.octets -= slot.weight();
        self.open -= usize::from(slot.entry.is_open());
        self.places[usize::from(slot.collection)].remove(slot.name.0.as_ref());
        if let Some(moved) = self.slots.get(place)
            && let Some(known) = self.places[usize::from(moved.collection)].get_mut(moved.name.0.as_ref())
        {
            *known = place;
        }
    }
}

/// A decoded path, shared by the table and its slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Name(Rc<[u8]>);

impl Borrow<[u8]> for Name {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// Multiplies words into one another and folds the product: a few cycles for a usual path. Paths come from clients, but only
/// those of existing files come in; and the seed differs from thread to thread, so that whoever can name files cannot choose
/// names that meet.
#[derive(Clone, Copy, Debug)]
struct Mixed {
    seed: u64,
}

impl BuildHasher for Mixed {
    type Hasher = Mixing;

    #[inline]
    fn build_hasher(&self) -> Mixing {
        Mixing(self.seed)
    }
}

#[derive(Debug)]
struct Mixing(u64);

impl Mixing {
    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }
}

impl Hasher for Mixing {
    #[inline]
    fn write(&mut self, octets: &[u8]) {
        let (words, rest) = octets.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (octets.len() as u64) << 56);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
