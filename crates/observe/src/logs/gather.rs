//! What the lines say together. Nothing is written here.

use std::fmt::Write as _;

use crate::limits;
use semantics::text::shown::{self, Form};

use super::line::{Answer, Line};
use super::moment::{self, Part};
use super::spans::Spans;
use super::tops::{Tops, Weight};
use super::{By, Options};
use crate::event::Client;

/// All that is batched_writer.
#[derive(Debug)]
pub(super) struct Gathered<'o> {
    options: &'o Options,
    part: Option<Part>,
    /// Lines in all.
    pub(super) lines: u64,
    /// Lines that tell an answer.
    pub(super) answers: u64,
    /// Those of them that were asked for.
    pub(super) chosen: Sum,
    /// By the first digit of their status.
    pub(super) classes: [u64; 6],
    /// Lines that the server could not write.
    pub(super) dropped: u64,
    /// Lines of a version that wrote no date.
    pub(super) undated: u64,
    /// Lines that it never writes.
    pub(super) others: u64,
    /// The first of those: its number, from 1, and its beginning.
    pub(super) first_other: Option<(u64, String)>,
    /// By what was asked for.
    pub(super) groups: Tops<Group>,
}

/// What can be said of any number of answers.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) octets: u64,
    pub(super) broken: u64,
    /// When the first and the last of them were given.
    pub(super) between: Option<(i64, i64)>,
}

impl Sum {
    fn add(&mut self, answer: &Answer<'_>, moment: i64) {
        self.count += 1;
        self.octets = self.octets.saturating_add(answer.octets);
        self.broken += u64::from(answer.broken);
        let (first, last) = self.between.unwrap_or((moment, moment));
        self.between = Some((first.min(moment), last.max(moment)));
    }
}

/// Answers that have something in common.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) sum: Sum,
    pub(super) spans: Spans,
    /// The paths of a cause; the causes, with their statuses, of anything else.
    pub(super) parts: Tops<u64>,
    /// Their walks.
    pub(super) walks: Tops<u64>,
}

impl Default for Group {
    fn default() -> Group {
        Group {
            sum: Sum::default(),
            spans: Spans::default(),
            parts: Tops::new(limits::LOG_PATHS),
            walks: Tops::new(limits::LOG_WALKS),
        }
    }
}

impl Weight for Group {
    fn weight(&self) -> u64 {
        self.sum.count
    }
}

/// Octets of a strange line that are shown.
const SHOWN: usize = 60;

impl<'o> Gathered<'o> {
    pub(super) fn new(options: &'o Options) -> Gathered<'o> {
        Gathered {
            options,
            part: None,
            lines: 0,
            answers: 0,
            chosen: Sum::default(),
            classes: [0; 6],
            dropped: 0,
            undated: 0,
            others: 0,
            first_other: None,
            groups: Tops::new(limits::LOG_GROUPS),
        }
    }

    /// Adds a line; nothing: one that was too long.
    pub(super) fn add(&mut self, octets: Option<&[u8]>) {
        self.lines += 1;
        match octets.map_or(Line::Other, Line::read) {
            Line::Answer(answer) => self.answer(&answer),
            Line::Undated => self.undated += 1,
            Line::Dropped(lines) => self.dropped = self.dropped.saturating_add(lines),
            // an empty line says nothing, and nobody need hear of it
            Line::Other if octets.is_some_and(<[u8]>::is_empty) => {}
            Line::Other => {
                self.others += 1;
                let number = self.lines;
                self.first_other.get_or_insert_with(|| (number, octets.map_or_else(String::new, beginning)));
            }
        }
    }

    fn answer(&mut self, answer: &Answer<'_>) {
        self.answers += 1;
        let moment = answer.moment;
        let Options { since, until, .. } = *self.options;
        let part = *self.part.get_or_insert_with(|| Part::of(since, until, moment));
        if !part.has(moment) || !self.wants(answer) {
            return;
        }
        self.chosen.add(answer, moment);
        self.classes[usize::from(answer.status / 100)] += 1;
        let by = self.options.by;
        let group = self.groups.of(&name(by, answer));
        group.sum.add(answer, moment);
        group.spans.add(moment);
        *group.walks.of(&answer.because) += 1;
        match by {
            By::Cause => *group.parts.of(&shown(answer.path())) += 1,
            By::Code | By::Path | By::Client | By::Rule | By::User => *group.parts.of(&cause(answer)) += 1,
        }
    }

    fn wants(&self, answer: &Answer<'_>) -> bool {
        let options = self.options;
        options.codes.is_none_or(|codes| codes.has(answer.status))
            && options.cause.as_deref().is_none_or(|cause| cause == answer.cause)
            && options.path.as_deref().is_none_or(|path| answer.target.starts_with(path.as_bytes()))
    }

    /// A moment, as a table of these answers tells it.
    pub(super) fn short(&self, moment: i64) -> String {
        moment::short(moment, self.chosen.between.is_some_and(|(first, last)| moment::several_days(first, last)))
    }
}

/// By what an answer is batched writer; a cause with its status before it.
fn name(by: By, answer: &Answer<'_>) -> String {
    match by {
        By::Cause => cause(answer),
        By::Code => answer.status.to_string(),
        By::Path => shown(answer.path()),
        By::Client => Client(answer.client).to_string(),
        By::Rule => answer.rule.as_deref().unwrap_or("-").to_owned(),
        By::User => answer.user.as_deref().unwrap_or("-").to_owned(),
    }
}

/// Octets that a client has sent, as they are shown.
fn shown(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    shown::octets(octets, Form::Text, &mut text);
    text
}

/// `404 target_missing`
fn cause(answer: &Answer<'_>) -> String {
    let mut text = String::with_capacity(4 + answer.cause.len());
    // a string takes all
    let _ = write!(text, "{} {}", answer.status, answer.cause);
    text
}

/// The beginning of a strange line, in which nothing can reach the terminal as a command.
fn beginning(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut beginning: String = text.chars().take(SHOWN).map(shown).collect();
    if text.chars().nth(SHOWN).is_some() {
        beginning.push('…');
    }
    beginning
}
