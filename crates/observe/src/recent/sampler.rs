//! Which answers are kept: every refusal, and every Nth success, where N grows with the rate.

use crate::limits;

/// Chooses for one thread.
#[derive(Debug)]
pub struct Sampler {
    second: u64,
    successes: u64,
    refusals: u64,
    /// One of so many successes is kept.
    every: u64,
}

/// That an answer is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// It stands for so many like it.
    pub one_of: u64,
    /// What was decided on is to be written down with it.
    pub explained: bool,
}

impl Default for Sampler {
    fn default() -> Sampler {
        Sampler { second: 0, successes: 0, refusals: 0, every: 1 }
    }
}

impl Sampler {
    /// Is an answer with this status, given at this moment in milliseconds, to be kept?
    ///
    /// Of successes one of N is, where N is such that [`limits::VERDICT_SAMPLES`] of as many as came in the second before would
    /// be kept; while a second brings more than that, N grows within it. Refusals all are.
    #[inline]
    pub fn wants(&mut self, moment: u64, status: u16) -> Option<Wanted> {
        let second = moment / 1_000;
        if second != self.second {
            let before = if second == self.second + 1 { self.successes } else { 0 };
            *self =
                Sampler { second, successes: 0, refusals: 0, every: before.div_ceil(limits::VERDICT_SAMPLES).max(1) };
        }
        if status >= 400 {
            self.refusals += 1;
            return Some(Wanted { one_of: 1, explained: self.refusals <= limits::VERDICT_EXPLAINED });
        }
        self.successes += 1;
        if self.successes > 2 * self.every * limits::VERDICT_SAMPLES {
            self.every *= 2;
        }
        self.successes.is_multiple_of(self.every).then_some(Wanted { one_of: self.every, explained: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(sampler: &mut Sampler, second: u64, count: u64, status: u16) -> Vec<Wanted> {
        (0..count).filter_map(|n| sampler.wants(second * 1_000 + n * 999 / count, status)).collect()
    }

    #[test]
    fn all_of_few_and_some_of_many() {
        let mut sampler = Sampler::default();
        assert_eq!(kept(&mut sampler, 10, 15, 200).len(), 15);
        let first = kept(&mut sampler, 11, 100_000, 200).len() as u64;
        let next = kept(&mut sampler, 12, 100_000, 200);
        assert!(first < 20 * limits::VERDICT_SAMPLES, "{first}");
        assert_eq!(next.len() as u64, limits::VERDICT_SAMPLES);
        assert_eq!(next[0], Wanted { one_of: 5_000, explained: false });
        // after a pause nothing is known of the rate
        assert_eq!(kept(&mut sampler, 20, 3, 304).len(), 3);
    }

    #[test]
    fn every_refusal_and_the_first_of_a_second_with_their_facts() {
        let mut sampler = Sampler::default();
        let refusals = kept(&mut sampler, 5, 1_000, 404);
        assert_eq!(refusals.len(), 1_000);
        assert_eq!(refusals.iter().filter(|w| w.explained).count() as u64, limits::VERDICT_EXPLAINED);
        assert!(kept(&mut sampler, 6, 1, 500)[0].explained);
    }
}
