//! What the tallies of all threads say together: values, which no thread changes any more.

use std::sync::Arc;

use decision::draw::Weights;

use super::places::{STATUSES, TELLER_ROWS, ends};
use super::{CLASSES, SPANS, Tally};
use crate::event::cause;

/// The sum of tallies.
#[derive(Clone)]
pub struct Totals {
    /// How often each cause led to each status: all that the graph can end in, in its order, 0 for what has not happened; then
    /// statuses that somebody told, and what no question leads to (`other`), of those only what has happened.
    pub answered: Vec<Answered>,
    /// How long answers took, by class.
    pub latency: [Latency; CLASSES],
    /// Octets of content sent, by class.
    pub octets: [u64; CLASSES],
    /// Responses that did not come to their end.
    pub broken: u64,
    /// Files served from memory.
    pub hits: u64,
    /// Files that were not.
    pub misses: u64,
    /// How often each question was answered with yes and with no.
    pub weights: Weights,
}

/// How often a cause led to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The name of the cause.
    pub cause: &'static str,
    /// The status.
    pub status: u16,
    /// How often.
    pub count: u64,
}

/// How long answers took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// How many took so long: by the spans of [`SPANS`], the last for all that took longer.
    pub spans: [u64; SPANS.len() + 1],
    /// Of all together, in microseconds.
    pub micros: u64,
}

impl Latency {
    /// How many answers there were.
    pub fn count(&self) -> u64 {
        self.spans.iter().sum()
    }
}

impl Totals {
    /// The sum of these.
    pub fn of(tallies: &[Arc<Tally>]) -> Totals {
        let mut totals = Totals {
            answered: answered(tallies),
            latency: Default::default(),
            octets: Default::default(),
            broken: 0,
            hits: 0,
            misses: 0,
            weights: Weights::default(),
        };
        for tally in tallies {
            totals.add(tally);
        }
        totals
    }

    fn add(&mut self, tally: &Tally) {
        for (class, counted) in tally.classes.iter().enumerate() {
            let latency = &mut self.latency[class];
            for (span, count) in latency.spans.iter_mut().zip(&counted.spans) {
                *span += count.get();
            }
            latency.micros = latency.micros.wrapping_add(counted.micros.get());
            self.octets[class] = self.octets[class].wrapping_add(counted.octets.get());
        }
        self.broken += tally.broken.get();
        self.hits += tally.hits.get();
        self.misses += tally.misses.get();
        for (because, count) in tally.walks.iter() {
            // the number of another graph says nothing about this one
            let _ = self.weights.add(because, count);
        }
        for (row, [yes, no]) in tally.answers.iter().enumerate() {
            self.weights.add_answer(row, true, yes.get());
            self.weights.add_answer(row, false, no.get());
        }
    }

    /// How many answers there were.
    pub fn answers(&self) -> u64 {
        self.latency.iter().map(Latency::count).sum()
    }
}

fn answered(tallies: &[Arc<Tally>]) -> Vec<Answered> {
    let sum = |of: &dyn Fn(&Tally) -> u64| tallies.iter().map(|tally| of(tally)).sum();
    let row = |row: usize| cause(row as u16);
    let mut answered: Vec<Answered> = ends()
        .map(|(at, yes, status)| {
            let count = sum(&|tally| tally.ends[at][usize::from(!yes)].get());
            Answered { cause: row(at), status, count }
        })
        .collect();
    let told =
        TELLER_ROWS.iter().enumerate().flat_map(|(teller, at)| (0..STATUSES).map(move |code| (teller, *at, code)));
    let told = told.map(|(teller, at, code)| {
        let count = sum(&|tally| tally.told[teller * STATUSES + code].get());
        Answered { cause: cause(at), status: 100 + code as u16, count }
    });
    let stray = (0..STATUSES).map(|code| {
        let count = sum(&|tally| tally.stray[code].get());
        Answered { cause: "other", status: 100 + code as u16, count }
    });
    answered.extend(told.chain(stray).filter(|answered| answered.count > 0));
    answered
}
