//! How often each answer of the graph was given, and how warm that looks: by the logarithm, since a question near the first is
//! asked a million times for each time that one near the last is.
//!
//! The counts come from numbers of walks; nothing is drawn here.

use alloc::boxed::Box;
use alloc::vec;
use core::fmt;

use super::Picture;
use crate::because::Because;
use crate::graph::{Arrow, NoSuchWalk};
use crate::reply::{COUNT, REPLY};

/// How often each question was answered with yes and with no.
///
/// ```
/// use decision::draw::Weights;
/// use decision::reply::REPLY;
/// let mut weights = Weights::default();
/// weights.add("2f2b3".parse().expect("a number"), 7).expect("a plain GET");
/// let last = REPLY.find("representation_available").expect("a question");
/// assert_eq!((weights.of(last, true), weights.of(last, false), weights.walks()), (7, 0, 7));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Weights {
    /// By row: on yes, on no.
    counts: Box<[[u64; 2]]>,
}

impl Default for Weights {
    fn default() -> Weights {
        Weights { counts: vec![[0; 2]; COUNT].into_boxed_slice() }
    }
}

impl Weights {
    /// Adds a walk from the first row that was walked so many times.
    ///
    /// # Errors
    ///
    /// If no walk from there has this number; then nothing is added.
    pub fn add(&mut self, because: Because, times: u64) -> Result<(), NoSuchWalk> {
        answers(because, |_, _| {})?;
        answers(because, |row, yes| self.add_answer(row, yes, times))
    }

    /// Adds an answer that was given so many times.
    pub fn add_answer(&mut self, row: usize, yes: bool, times: u64) {
        if let Some(counts) = self.counts.get_mut(row) {
            let count = &mut counts[usize::from(!yes)];
            *count = count.saturating_add(times);
        }
    }

    /// How often this question was answered so.
    pub fn of(&self, row: usize, yes: bool) -> u64 {
        self.counts.get(row).map_or(0, |counts| counts[usize::from(!yes)])
    }

    /// How often this question was asked.
    pub fn asked(&self, row: usize) -> u64 {
        self.of(row, true).saturating_add(self.of(row, false))
    }

    /// How many walks there were: each asks the first question.
    pub fn walks(&self) -> u64 {
        self.asked(0)
    }

    /// How warm this answer is: from 0, never given, to 1, given by every walk.
    pub(super) fn strength(&self, row: usize, yes: bool) -> f64 {
        let (count, all) = (logarithm(self.of(row, yes)), logarithm(self.walks()));
        if all > 0.0 { (count / all).min(1.0) } else { 0.0 }
    }
}

/// Calls for each row that the walk of this number asks from the first one, with its answer: a retelling that keeps nothing.
///
/// # Errors
///
/// If no walk from there has this number; it is called up to where that shows.
pub fn answers(because: Because, mut each: impl FnMut(usize, bool)) -> Result<(), NoSuchWalk> {
    let (mut at, mut after) = (Some(0), 0);
    for yes in because.answers() {
        let Some(row) = at else { return Err(NoSuchWalk::GoesOnAfterItsEnd { after }) };
        each(row, yes);
        after += 1;
        at = match REPLY.arrows[row][usize::from(!yes)] {
            Arrow::Row(to) | Arrow::Say(_, to) => Some(usize::from(to)),
            Arrow::End(_) => None,
        };
    }
    match (at, after) {
        (None, _) => Ok(()),
        (Some(_), 0) => Err(NoSuchWalk::Empty),
        (Some(_), after) => Err(NoSuchWalk::StopsShort { after }),
    }
}

/// The binary logarithm of one more, to a few hundredths: there is none in `core`, and for a colour it need not be better.
fn logarithm(count: u64) -> f64 {
    let more = count.saturating_add(1);
    let whole = more.ilog2();
    let part = more as f64 / (1u64 << whole) as f64 - 1.0;
    f64::from(whole) + part
}

impl Picture<'_> {
    /// How warm this answer is, if that is shown.
    pub(super) fn strength(self, row: usize, yes: bool) -> Option<f64> {
        self.weights.map(|weights| weights.strength(row, yes))
    }
}

/// A count in at most five characters: `950`, `12.3k`, `4.56M`.
pub(super) struct Short(pub(super) u64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut unit, mut name) = (1, "");
        for (larger, letter) in [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G"), (1_000_000_000_000, "T")] {
            if self.0 >= larger {
                (unit, name) = (larger, letter);
            }
        }
        let (whole, rest) = (self.0 / unit, self.0 % unit);
        match (unit, whole) {
            (1, _) => write!(f, "{whole}"),
            (_, ..10) => write!(f, "{whole}.{:02}{name}", rest * 100 / unit),
            (_, 10..100) => write!(f, "{whole}.{}{name}", rest * 10 / unit),
            (_, 100..) => write!(f, "{whole}{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::draw::Format;
    use proptest::prelude::*;
    use std::string::{String, ToString};

    fn number(text: &str) -> Because {
        text.parse().expect("a number")
    }

    #[test]
    fn a_walk_adds_to_each_answer_that_it_gave_and_to_no_other() {
        let mut weights = Weights::default();
        weights.add(number("2f2b3"), 3).expect("a walk");
        weights.add(number("2f2b3"), 2).expect("a walk");
        let told = REPLY.retell(number("2f2b3"), 0).expect("a walk");
        for step in &told.steps {
            assert_eq!(weights.of(step.row.into(), step.yes), 5);
            assert_eq!(weights.asked(step.row.into()), 5);
            assert!((weights.strength(step.row.into(), step.yes) - 1.0).abs() < 1e-9);
        }
        assert_eq!((0..COUNT).map(|row| weights.asked(row)).sum::<u64>(), 5 * told.steps.len() as u64);
    }

    #[test]
    fn what_is_no_walk_adds_nothing() {
        let mut weights = Weights::default();
        assert_eq!(weights.add(Because::START, 1), Err(NoSuchWalk::Empty));
        assert_eq!(weights.add(number("2f2b"), 1), Err(NoSuchWalk::StopsShort { after: 13 }));
        assert_eq!(weights.add(number("5e567"), 1), Err(NoSuchWalk::GoesOnAfterItsEnd { after: 17 }));
        assert!(weights == Weights::default());
    }

    #[test]
    fn counts_are_short() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.00k"),
            (12_345, "12.3k"),
            (999_999, "999k"),
            (4_567_890, "4.56M"),
            (u64::MAX, "18446744T"),
        ] {
            assert_eq!(Short(count).to_string(), text);
        }
    }

    #[test]
    fn the_image_says_how_often() {
        let mut weights = Weights::default();
        weights.add(number("2f2b3"), 12_345).expect("a walk");
        let mut image = String::new();
        Picture::walked(&weights).write(Format::Svg, &mut image).expect("a string takes all");
        assert!(image.contains("12.3k walks") && image.contains("representation_available, yes: 12345 times"));
        assert!(image.contains("class=\"heat") && image.contains("class=\"faint\""));
    }

    proptest! {
        #[test]
        fn more_is_warmer_and_none_is_cold(a in 0u64..=u64::MAX, b: u64) {
            prop_assert!((a <= b) == (logarithm(a) <= logarithm(b)) || a.abs_diff(b) < a / 1_000_000);
            prop_assert!(logarithm(0) == 0.0);
        }
    }
}
