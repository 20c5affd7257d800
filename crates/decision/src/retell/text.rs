//! A walk in words, for a terminal.

use core::fmt::{self, Write};

use super::{Ending, Walk};
use crate::graph::Arrow;
use crate::reply::REPLY;
use crate::verdict::End;

/// Columns before a question: number, mark, answer.
const INDENT: usize = 12;

/// The narrowest column that a question is wrapped to.
const NARROWEST: usize = 24;

pub(super) fn write(walk: &Walk, out: &mut impl Write, width: usize, colour: bool) -> fmt::Result {
    let page = Page { width, colour };
    page.head(walk, out)?;
    let mut block = None;
    for (number, step) in walk.steps().iter().enumerate() {
        let row = usize::from(step.row);
        let this = usize::from(REPLY.block_of[row]);
        if block != Some(this) {
            block = Some(this);
            writeln!(out, "\n{}", page.bold(REPLY.blocks[this].name))?;
        }
        write!(out, "{:>4} {} {:<4} ", number + 1, if step.yes { '●' } else { '○' }, yes_or_no(step.yes))?;
        page.question(out, step.question.asks, step.question.spec)?;
        match REPLY.arrows[row][usize::from(!step.yes)] {
            Arrow::Row(_) => {}
            Arrow::Say(code, _) => page.result(out, End::Status(code, crate::verdict::Entity::Nothing), ", and on")?,
            Arrow::End(end) => page.result(out, end, "")?,
        }
    }
    Ok(())
}

struct Page {
    width: usize,
    colour: bool,
}

impl Page {
    fn head(&self, walk: &Walk, out: &mut impl Write) -> fmt::Result {
        let cause = walk.cause();
        let count = walk.steps().len();
        writeln!(out, "{}", self.coloured(walk.retold.end, &walk.ending()))?;
        write!(out, "because {}: {count} question{}", walk.because, if count == 1 { "" } else { "s" })?;
        writeln!(out, "{}", if walk.member { ", of a member of a multistatus" } else { "" })?;
        writeln!(out, "\nThe last question decided it ({}):", cause.question.id)?;
        write!(out, "     {} {:<4} ", if cause.yes { '●' } else { '○' }, yes_or_no(cause.yes))?;
        self.question(out, cause.question.asks, cause.question.spec)?;
        writeln!(out, "\nAll questions, in the order in which they were asked:")
    }

    /// A question, wrapped, with its section at the right of its last line, or below it.
    fn question(&self, out: &mut impl Write, asks: &str, spec: &str) -> fmt::Result {
        let room = self.width.saturating_sub(INDENT).max(NARROWEST);
        let mut used = 0;
        for word in asks.split(' ') {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > room {
                write!(out, "\n{:INDENT$}", "")?;
                used = 0;
            }
            write!(out, "{}{word}", if used > 0 { " " } else { "" })?;
            used += length + usize::from(used > 0);
        }
        let length = spec.chars().count();
        if used + 2 + length > room {
            write!(out, "\n{:INDENT$}", "")?;
            used = 0;
        }
        writeln!(out, "{:gap$}{}", "", self.dim(spec), gap = room.saturating_sub(used + length))
    }

    fn result(&self, out: &mut impl Write, end: End, after: &str) -> fmt::Result {
        writeln!(out, "{:indent$}→ {}{after}", "", self.coloured(end, &Ending(end)), indent = INDENT)
    }

    fn bold<'a>(&self, text: &'a str) -> Painted<&'a str> {
        Painted(self.colour.then_some("1"), text)
    }

    fn dim<'a>(&self, text: &'a str) -> Painted<&'a str> {
        Painted(self.colour.then_some("2"), text)
    }

    fn coloured<'a>(&self, end: End, text: &'a impl fmt::Display) -> Painted<&'a dyn fmt::Display> {
        let code = match end {
            End::Status(200..=299, _) => "1;32",
            End::Status(300..=399, _) => "1;34",
            End::Status(400..=499, _) => "1;33",
            End::Status(500.., _) => "1;31",
            End::Status(..) | End::Told(_) | End::Close => "1",
        };
        Painted(self.colour.then_some(code), text)
    }
}

const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Something between two control sequences of a terminal, if it has colours.
struct Painted<T>(Option<&'static str>, T);

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, "\x1b[{code}m{}\x1b[0m", self.1),
            None => self.1.fmt(f),
        }
    }
}
