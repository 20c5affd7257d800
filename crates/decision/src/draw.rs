//! Pictures of the reply graph, made from the table that the server runs: for people, for Graphviz, for a page of Markdown.
//!
//! A picture shows the whole graph, or a walk in it, or the walk alone. Questions are numbered from 1, in their order.

mod dot;
mod heat;
mod markdown;
mod mermaid;
mod svg;
mod text;

use core::fmt;

pub use heat::{Weights, answers};

use crate::graph::Arrow;
use crate::reply::{COUNT, REPLY};
use crate::retell::Walk;
use crate::verdict::End;

/// How a picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// An image for a browser; it needs nothing else.
    Svg,
    /// Source for Graphviz.
    Dot,
    /// Source for Mermaid, which pages of Markdown can hold.
    Mermaid,
    /// An indented page.
    Text,
    /// A page of tables.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 5] = [Format::Svg, Format::Dot, Format::Mermaid, Format::Text, Format::Markdown];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Dot => "dot",
            Format::Mermaid => "mermaid",
            Format::Text => "text",
            Format::Markdown => "markdown",
        }
    }
}

/// What is shown.
#[derive(Clone, Copy, Default)]
pub struct Picture<'a> {
    /// The walk that stands out.
    pub walk: Option<&'a Walk>,
    /// Nothing but the walk.
    pub alone: bool,
    /// How often each answer was given: an image shows the ways that were walked often in warmer colours. Other formats leave
    /// them out.
    pub weights: Option<&'a Weights>,
}

impl<'a> Picture<'a> {
    /// The whole graph.
    pub const WHOLE: Picture<'static> = Picture { walk: None, alone: false, weights: None };

    /// The whole graph, in which this walk stands out.
    pub const fn with(walk: &'a Walk) -> Picture<'a> {
        Picture { walk: Some(walk), alone: false, weights: None }
    }

    /// This walk alone.
    pub const fn of(walk: &'a Walk) -> Picture<'a> {
        Picture { walk: Some(walk), alone: true, weights: None }
    }

    /// The whole graph, with the ways that were walked.
    pub const fn walked(weights: &'a Weights) -> Picture<'a> {
        Picture { walk: None, alone: false, weights: Some(weights) }
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(self, format: Format, out: &mut impl fmt::Write) -> fmt::Result {
        match format {
            Format::Svg => svg::write(self, out),
            Format::Dot => dot::write(self, out),
            Format::Mermaid => mermaid::write(self, out),
            Format::Text => text::write(self, out),
            Format::Markdown => markdown::write(self, out),
        }
    }

    /// The place of this row in the walk, counted from 1, and its answer.
    fn asked(self, row: usize) -> Option<(usize, bool)> {
        let steps = self.walk?.steps();
        let at = steps.iter().position(|step| usize::from(step.row) == row)?;
        Some((at + 1, steps[at].yes))
    }

    /// Is this row shown?
    fn shows(self, row: usize) -> bool {
        !self.alone || self.asked(row).is_some()
    }

    /// The rows shown of a block.
    fn rows(self, block: usize) -> impl Iterator<Item = usize> + Clone {
        rows_of(block).filter(move |row| self.shows(*row))
    }
}

/// The rows of a block.
fn rows_of(block: usize) -> impl Iterator<Item = usize> + Clone {
    (0..COUNT).filter(move |row| usize::from(REPLY.block_of[*row]) == block)
}

/// Where an answer leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// To the next question.
    Next,
    /// To the next question, once this has been said.
    Say(u16),
    /// To this row.
    Go(usize),
    /// To the end.
    End(End),
}

impl Lead {
    fn of(row: usize, yes: bool) -> Lead {
        match REPLY.arrows[row][usize::from(!yes)] {
            Arrow::Say(code, _) => Lead::Say(code),
            Arrow::Row(to) if usize::from(to) == row + 1 => Lead::Next,
            Arrow::Row(to) => Lead::Go(usize::from(to)),
            Arrow::End(end) => Lead::End(end),
        }
    }
}

/// An end in a word: its code, `told` or `close`.
struct Word(End);

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            End::Status(code, _) => code.fmt(f),
            End::Told(_) => f.pad("told"),
            End::Close => f.pad("close"),
        }
    }
}

const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
