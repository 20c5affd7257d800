//! Walks counted by their number: "the reason is a number", so one count of a walk is a count of each of its answers.
//!
//! A table of fixed size, which only one thread writes. A walk that finds no place in it is for the caller to count.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits;
use decision::because::Because;

const _: () = assert!(limits::WALKS_COUNTED.is_power_of_two());

#[derive(Debug)]
pub(super) struct Walks {
    places: Box<[Place]>,
}

/// A walk, if it has been counted: its number's halves, and its count, which is written last and read first.
#[derive(Debug, Default)]
struct Place {
    high: AtomicU64,
    low: AtomicU64,
    count: AtomicU64,
}

impl Default for Walks {
    fn default() -> Walks {
        Walks { places: (0..limits::WALKS_COUNTED).map(|_| Place::default()).collect() }
    }
}

impl Walks {
    /// Counts a walk, unless there is no place for it.
    #[inline]
    pub(super) fn count(&self, because: Because) -> bool {
        let number = because.number();
        let (high, low) = ((number >> 64) as u64, number as u64);
        let first = start(high, low);
        for step in 0..limits::WALK_TRIES {
            let place = &self.places[(first + step) & (limits::WALKS_COUNTED - 1)];
            let count = place.count.load(Ordering::Relaxed);
            if count == 0 {
                place.high.store(high, Ordering::Relaxed);
                place.low.store(low, Ordering::Relaxed);
            } else if (place.high.load(Ordering::Relaxed), place.low.load(Ordering::Relaxed)) != (high, low) {
                continue;
            }
            // whoever sees the count sees the number
            place.count.store(count.wrapping_add(1), Ordering::Release);
            return true;
        }
        false
    }

    /// Every walk that has been counted, and its count.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Because, u64)> {
        self.places.iter().filter_map(|place| {
            let count = place.count.load(Ordering::Acquire);
            if count == 0 {
                return None;
            }
            let high = u128::from(place.high.load(Ordering::Relaxed));
            let because = Because::of(high << 64 | u128::from(place.low.load(Ordering::Relaxed)));
            because.map(|because| (because, count))
        })
    }
}

/// Where the search begins. Numbers of walks that are alike differ in their last bits; Fibonacci's constant spreads them.
#[inline]
fn start(high: u64, low: u64) -> usize {
    let mixed = (low ^ high.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - limits::WALKS_COUNTED.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn each_walk_has_one_count(numbers in prop::collection::vec(prop_oneof![1u128..40, 1u128..], 0..400)) {
            let walks = Walks::default();
            let mut expected = HashMap::new();
            for number in numbers {
                let because = Because::of(number).expect("not zero");
                if walks.count(because) {
                    *expected.entry(because).or_insert(0u64) += 1;
                }
            }
            prop_assert_eq!(walks.iter().collect::<HashMap<_, _>>(), expected);
        }
    }

    #[test]
    fn the_table_has_its_limit() {
        let walks = Walks::default();
        let refused =
            (1..=4 * limits::WALKS_COUNTED as u128).filter_map(Because::of).filter(|b| !walks.count(*b)).count();
        let kept = walks.iter().count();
        assert_eq!(kept + refused, 4 * limits::WALKS_COUNTED);
        assert!(kept <= limits::WALKS_COUNTED && kept > limits::WALKS_COUNTED * 9 / 10, "{kept}");
    }
}
