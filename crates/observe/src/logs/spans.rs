//! How often something came, over time that nobody knows the length of beforehand: counts of spans, all as long, which are joined
//! two by two when the time does not fit any more.
//!
//! Spans are powers of two of seconds and begin at multiples of their length, so those of two lists lie on each other.

use crate::limits;

const SPANS: usize = limits::LOG_SPANS;

/// Counts over time.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    /// The logarithm of their length in seconds.
    power: u32,
    /// The number of the first span, from the second 0.
    first: i64,
    /// How many are in use.
    used: usize,
    counts: [u32; SPANS],
}

impl Default for Spans {
    fn default() -> Spans {
        Spans { power: 0, first: 0, used: 0, counts: [0; SPANS] }
    }
}

impl Spans {
    /// Counts one at this moment, in seconds. Long before spans are as long as a number can tell, two of them hold all moments.
    pub(super) fn add(&mut self, moment: i64) {
        while !self.reach(moment >> self.power) {
            self.join();
        }
        let place = ((moment >> self.power) - self.first) as usize;
        self.counts[place] = self.counts[place].saturating_add(1);
    }

    /// Makes room for the span of this number, if there is any.
    fn reach(&mut self, span: i64) -> bool {
        if self.used == 0 {
            (self.first, self.used) = (span, 1);
            return true;
        }
        let (first, last) = (self.first.min(span), (self.first + self.used as i64 - 1).max(span));
        let used = match last.checked_sub(first).and_then(|used| usize::try_from(used).ok()) {
            Some(used) if used < SPANS => used + 1,
            _ => return false,
        };
        // the counts move up by what is before them now
        self.counts[..used].rotate_right((self.first - first) as usize);
        (self.first, self.used) = (first, used);
        true
    }

    /// Joins the spans two by two.
    fn join(&mut self) {
        let first = self.first >> 1;
        let mut counts = [0u32; SPANS];
        let mut used = 0;
        for (place, count) in self.counts[..self.used].iter().enumerate() {
            let to = (((self.first + place as i64) >> 1) - first) as usize;
            counts[to] = counts[to].saturating_add(*count);
            used = to + 1;
        }
        *self = Spans { power: self.power + 1, first, used, counts };
    }

    /// The counts in so many columns between two moments, the last one included. A span that lies in several columns is shared
    /// among them.
    pub(super) fn columns(&self, from: i64, to: i64, columns: usize) -> Vec<f64> {
        let mut out = vec![0.0; columns];
        let (start, end) = (from as f64, to as f64 + 1.0);
        let wide = (end - start) / columns as f64;
        let length = (1i64 << self.power) as f64;
        for (place, count) in self.counts[..self.used].iter().enumerate().filter(|(_, count)| **count > 0) {
            let left = ((self.first + place as i64) as f64 * length).max(start);
            let right = ((self.first + place as i64 + 1) as f64 * length).min(end);
            let at = |moment: f64| (((moment - start) / wide) as usize).min(columns.saturating_sub(1));
            for (column, sum) in out.iter_mut().enumerate().take(at(right) + 1).skip(at(left)) {
                let (begin, finish) = (start + column as f64 * wide, start + (column + 1) as f64 * wide);
                let part = (right.min(finish) - left.max(begin)).max(0.0) / (right - left);
                *sum += part * f64::from(*count);
            }
        }
        out
    }

    /// Their length in seconds, the second at which the first of them begins, and they.
    pub(super) fn told(&self) -> (i64, i64, &[u32]) {
        (1 << self.power, self.first << self.power, &self.counts[..self.used])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(moments: &[i64]) -> Spans {
        let mut spans = Spans::default();
        moments.iter().for_each(|moment| spans.add(*moment));
        spans
    }

    #[test]
    fn spans_grow_with_the_time() {
        assert_eq!(of(&[100, 101, 101, 103]).told(), (1, 100, &[1, 2, 0, 1][..]));
        assert_eq!(of(&[101, 100]).told(), (1, 100, &[1, 1][..]));
        let day = of(&[0, 86_400]);
        let (length, first, counts) = day.told();
        assert!(length * SPANS as i64 > 86_400 && first == 0 && counts.len() <= SPANS);
        assert_eq!(of(&[1, 6]).columns(0, 7, 4), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(of(&[5]).columns(5, 5, 2), [0.5, 0.5]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(moments in prop::collection::vec(prop_oneof![0i64..500, -70_000_000_000i64..300_000_000_000], 1..60), columns in 1usize..40) {
            let spans = of(&moments);
            let (length, first, counts) = spans.told();
            prop_assert_eq!(counts.iter().sum::<u32>() as usize, moments.len());
            prop_assert!(moments.iter().all(|m| *m >= first && *m < first + length * counts.len() as i64));
            let (from, to) = (*moments.iter().min().expect("one"), *moments.iter().max().expect("one"));
            let shown: f64 = spans.columns(from, to, columns).iter().sum();
            prop_assert!((shown - moments.len() as f64).abs() < 1e-3, "{} of {}", shown, moments.len());
        }
    }
}
