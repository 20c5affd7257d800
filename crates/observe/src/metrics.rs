//! Counts of what was answered: one [`Tally`] a thread, which that thread alone writes and anybody may read.
//!
//! To count an answer takes no lock and no atomic addition: since only one thread writes, a load and a store are enough, and a
//! [`Counter`] cannot be shared. The causes that an answer can have are known while compiling, so each has a place in a table.
//! What the counts say together is [`Totals`]; how that is told to a collector is [`prometheus`].

mod places;
mod prometheus;
mod totals;
mod walks;

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use decision::draw::answers;
use decision::reply::COUNT;

use crate::event::Event;
use places::{Place, STATUSES, TELLERS};
use walks::Walks;

pub use prometheus::{MEDIA_TYPE, prometheus};
pub use totals::{Answered, Latency, Totals};

/// The classes of statuses.
pub(crate) const CLASSES: usize = 5;

/// The upper ends of the spans in which durations are counted, in microseconds; the last span has none.
pub const SPANS: [u64; 17] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000,
];

/// A number that one thread adds to.
#[derive(Debug, Default)]
struct Count(AtomicU64);

impl Count {
    /// Adds to it. Only the thread that has the [`Counter`] may, so nothing is lost between the load and the store.
    #[inline]
    fn add(&self, more: u64) {
        self.0.store(self.get().wrapping_add(more), Ordering::Relaxed);
    }

    #[inline]
    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A list of numbers that are 0.
fn counts(length: usize) -> Box<[Count]> {
    (0..length).map(|_| Count::default()).collect()
}

/// What one thread has counted.
#[derive(Debug)]
pub struct Tally {
    /// By the row of the cause: its end on yes, its end on no.
    ends: Box<[[Count; 2]]>,
    /// By who told it, then by status: statuses that are facts.
    told: Box<[Count]>,
    /// By status: answers that no row leads to.
    stray: Box<[Count]>,
    classes: [OfClass; CLASSES],
    broken: Count,
    hits: Count,
    misses: Count,
    walks: Walks,
    /// By row: answers of the walks for which there was no place.
    answers: Box<[[Count; 2]]>,
}

/// What is counted of a class.
#[derive(Debug, Default)]
struct OfClass {
    spans: [Count; SPANS.len() + 1],
    micros: Count,
    octets: Count,
}

/// The hand that counts. Its thread keeps it; it can be handed to another, but never be shared.
#[derive(Debug)]
pub struct Counter {
    tally: Arc<Tally>,
    alone: PhantomData<Cell<()>>,
}

impl Tally {
    /// A tally in which nothing has been counted, and the only hand that counts in it.
    ///
    /// ```
    /// let (counter, tally) = observe::metrics::Tally::begin();
    /// counter.cache_hit();
    /// assert!(observe::metrics::prometheus(&[tally], &Default::default()).contains("because_cache_hits_total 1"));
    /// ```
    pub fn begin() -> (Counter, Arc<Tally>) {
        let pairs = || (0..COUNT).map(|_| <[Count; 2]>::default()).collect();
        let tally = Arc::new(Tally {
            ends: pairs(),
            told: counts(TELLERS * STATUSES),
            stray: counts(STATUSES),
            classes: Default::default(),
            broken: Count::default(),
            hits: Count::default(),
            misses: Count::default(),
            walks: Walks::default(),
            answers: pairs(),
        });
        (Counter { tally: Arc::clone(&tally), alone: PhantomData }, tally)
    }
}

impl Counter {
    /// Counts an answer. A status outside 100..=599 is none.
    #[inline]
    pub fn count(&self, event: &Event<'_>) {
        let tally = &*self.tally;
        let Some(class) = usize::from(event.status / 100).checked_sub(1).and_then(|class| tally.classes.get(class))
        else {
            return;
        };
        match Place::of(event.last, event.status) {
            Place::End { row, yes } => tally.ends[row][usize::from(!yes)].add(1),
            Place::Told { teller, status } => tally.told[teller * STATUSES + status].add(1),
            Place::Stray { status } => tally.stray[status].add(1),
        }
        class.spans[SPANS.partition_point(|end| *end < event.micros)].add(1);
        class.micros.add(event.micros);
        class.octets.add(event.octets);
        if event.broken {
            tally.broken.add(1);
        }
        if !tally.walks.count(event.because) {
            // what is no walk of this graph ends where that shows
            let _ = answers(event.because, |row, yes| tally.answers[row][usize::from(!yes)].add(1));
        }
    }

    /// Counts a file that was served from memory.
    #[inline]
    pub fn cache_hit(&self) {
        self.tally.hits.add(1);
    }

    /// Counts a file that was not.
    #[inline]
    pub fn cache_miss(&self) {
        self.tally.misses.add(1);
    }
}

/// What the program knows without counting answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Connections open now.
    pub connections: u64,
    /// Connections accepted since the start.
    pub accepted: u64,
    /// When the program was started, in seconds of Unix time, if that is known.
    pub started: Option<i64>,
    /// Which version runs.
    pub version: &'static str,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::tests::plain;
    use decision::because::Because;
    use decision::graph::Arrow;
    use decision::reply::REPLY;
    use decision::verdict::End;
    use proptest::prelude::*;

    /// Every end with a status, as an event.
    pub(crate) fn ends() -> Vec<Event<'static>> {
        let rows = REPLY.arrows.iter().enumerate();
        let ends = rows.flat_map(|(row, arrows)| arrows.iter().map(move |arrow| (row as u16, *arrow)));
        ends.filter_map(|(last, arrow)| match arrow {
            Arrow::End(End::Status(status, _)) => Some(Event { status, last, ..plain() }),
            Arrow::End(End::Told(_)) => Some(Event { status: 299, last, ..plain() }),
            Arrow::End(End::Close) | Arrow::Row(_) | Arrow::Say(..) => None,
        })
        .fold(Vec::new(), |mut all: Vec<Event<'_>>, event| {
            // a row may have one end on yes and on no
            if all.last().is_none_or(|last| (last.last, last.status) != (event.last, event.status)) {
                all.push(event);
            }
            all
        })
    }

    #[test]
    fn every_answer_is_told_with_its_cause_and_status() {
        let (counter, tally) = Tally::begin();
        let ends = ends();
        for event in &ends {
            counter.count(event);
        }
        let totals = Totals::of(&[tally]);
        for event in &ends {
            let told = totals.answered.iter().find(|a| a.cause == event.cause() && a.status == event.status);
            assert_eq!(told.map(|answered| answered.count), Some(1), "{} {}", event.cause(), event.status);
        }
        assert_eq!(totals.answers(), ends.len() as u64);
    }

    #[test]
    fn what_no_row_leads_to_is_not_lost() {
        let (counter, tally) = Tally::begin();
        counter.count(&Event { status: 451, ..plain() });
        counter.count(&Event { last: u16::MAX, ..plain() });
        counter.count(&Event { status: 99, ..plain() });
        counter.count(&Event { status: 600, ..plain() });
        let totals = Totals::of(&[tally]);
        let stray: Vec<_> = totals.answered.iter().filter(|a| a.cause == "other").map(|a| a.status).collect();
        assert_eq!((stray, totals.answers()), (vec![200, 451], 2));
    }

    #[test]
    fn durations_fall_into_their_spans() {
        let (counter, tally) = Tally::begin();
        for micros in [0, 50, 51, 10_000_000, 10_000_001, u64::MAX >> 8] {
            counter.count(&Event { micros, ..plain() });
        }
        let latency = &Totals::of(&[tally]).latency[1];
        assert_eq!((latency.spans[0], latency.spans[1]), (2, 1));
        assert_eq!((latency.spans[SPANS.len() - 1], latency.spans[SPANS.len()]), (1, 2));
    }

    #[test]
    fn tallies_of_threads_are_added() {
        let tallies: Vec<_> = (0..3)
            .map(|_| {
                let (counter, tally) = Tally::begin();
                std::thread::spawn(move || (0..100).for_each(|_| counter.count(&plain()))).join().expect("it ends");
                tally
            })
            .collect();
        let totals = Totals::of(&tallies);
        assert_eq!((totals.answers(), totals.octets[1], totals.weights.walks()), (300, 300 * 363, 300));
    }

    proptest! {
        #[test]
        fn walks_beyond_the_table_are_counted_answer_by_answer(numbers in prop::collection::vec(1u128.., 0..50)) {
            let (counter, tally) = Tally::begin();
            for number in &numbers {
                counter.count(&Event { because: Because::of(*number).expect("not zero"), ..plain() });
            }
            for _ in 0..3 {
                counter.count(&plain());
            }
            let totals = Totals::of(&[tally]);
            let last = REPLY.find("representation_available").expect("a question");
            prop_assert!(totals.weights.of(last, true) >= 3);
            prop_assert_eq!(totals.answers(), numbers.len() as u64 + 3);
        }
    }
}
