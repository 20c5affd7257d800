//! A walk as an object of JSON, for programs.

use core::fmt::{self, Write};

use super::Walk;
use crate::graph::Arrow;
use crate::reply::REPLY;
use crate::verdict::End;

pub(super) fn write(walk: &Walk, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "{{")?;
    writeln!(out, "  \"because\": \"{}\",", walk.because)?;
    writeln!(out, "  \"member\": {},", walk.member)?;
    match (walk.retold.end, walk.status()) {
        (End::Status(..), Some(status)) => {
            writeln!(out, "  \"end\": \"status\",\n  \"status\": {status},\n  \"reason\": {},", Text(status.reason()))?;
        }
        (End::Close, _) => writeln!(out, "  \"end\": \"close\",\n  \"status\": null,")?,
        _ => writeln!(out, "  \"end\": \"told\",\n  \"status\": null,")?,
    }
    writeln!(out, "  \"cause\": {},", Text(walk.cause().question.id))?;
    writeln!(out, "  \"questions\": [")?;
    for (number, step) in walk.steps().iter().enumerate() {
        let (row, question) = (usize::from(step.row), step.question);
        let comma = if number + 1 < walk.steps().len() { "," } else { "" };
        write!(out, "    {{\"id\": {}, \"block\": ", Text(question.id))?;
        write!(out, "{}, ", Text(REPLY.blocks[usize::from(REPLY.block_of[row])].name))?;
        write!(out, "\"asks\": {}, \"section\": {}, ", Text(question.asks), Text(question.spec))?;
        if let Arrow::Say(code, _) = REPLY.arrows[row][usize::from(!step.yes)] {
            write!(out, "\"says\": {code}, ")?;
        }
        writeln!(out, "\"answer\": {}}}{comma}", step.yes)?;
    }
    writeln!(out, "  ]\n}}")
}

/// A string of JSON.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}
