//! The most frequent of many, in bounded memory: when there are twice as many as are kept, the rarer half is left out.
//!
//! What comes often is kept whenever it begins to come; a count may be short by what was left out before, which is known.

use std::cmp::Reverse;
use std::collections::HashMap;

/// What can be compared by how often it came.
pub(super) trait Weight: Default {
    /// How often.
    fn weight(&self) -> u64;
}

impl Weight for u64 {
    fn weight(&self) -> u64 {
        *self
    }
}

/// The most frequent, by their names.
#[derive(Debug)]
pub(super) struct Tops<T> {
    most: usize,
    kept: HashMap<String, T>,
    /// The weight of all that was left out.
    pub(super) left_out: u64,
}

impl<T: Weight> Tops<T> {
    pub(super) fn new(most: usize) -> Tops<T> {
        Tops { most, kept: HashMap::new(), left_out: 0 }
    }

    /// The one of this name, as it is to be counted.
    pub(super) fn of(&mut self, name: &str) -> &mut T {
        if !self.kept.contains_key(name) {
            if self.kept.len() >= 2 * self.most {
                self.thin();
            }
            self.kept.insert(name.to_owned(), T::default());
        }
        self.kept.get_mut(name).expect("it was put there if it was not")
    }

    fn thin(&mut self) {
        let mut weights: Vec<u64> = self.kept.values().map(Weight::weight).collect();
        weights.sort_unstable_by_key(|weight| Reverse(*weight));
        let least = weights[self.most - 1];
        // of those that came as often as the last one that is kept, as many as there is room for
        let mut room = self.most - weights.iter().filter(|weight| **weight > least).count();
        let left_out = &mut self.left_out;
        self.kept.retain(|_, one| {
            let weight = one.weight();
            let keeps = weight > least || weight == least && room > 0;
            room -= usize::from(keeps && weight == least);
            *left_out += if keeps { 0 } else { weight };
            keeps
        });
    }

    /// They, the most frequent first; of those that came as often, by their names.
    pub(super) fn sorted(&self) -> Vec<(&str, &T)> {
        let mut all: Vec<_> = self.kept.iter().map(|(name, one)| (name.as_str(), one)).collect();
        all.sort_unstable_by_key(|(name, one)| (Reverse(one.weight()), *name));
        all
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_frequent_stay_whenever_they_come() {
        let mut tops = Tops::<u64>::new(10);
        for round in 0..2_000u64 {
            *tops.of(&format!("rare {round}")) += 1;
            *tops.of(if round < 1_000 { "early" } else { "late" }) += 1;
        }
        let sorted = tops.sorted();
        assert!(tops.len() <= 20);
        assert_eq!((sorted[0], sorted[1]), (("early", &1_000), ("late", &1_000)));
        assert_eq!(sorted.iter().map(|(_, count)| **count).sum::<u64>() + tops.left_out, 4_000);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_without_a_word(names in prop::collection::vec("[a-f]{1,2}", 0..300), most in 1usize..8) {
            let mut tops = Tops::<u64>::new(most);
            for name in &names {
                *tops.of(name) += 1;
            }
            prop_assert!(tops.len() <= 2 * most);
            let kept: u64 = tops.sorted().iter().map(|(_, count)| **count).sum();
            prop_assert_eq!(kept + tops.left_out, names.len() as u64);
            prop_assert!(tops.sorted().is_sorted_by(|a, b| a.1 >= b.1));
        }
    }
}
