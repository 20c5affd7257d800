//! The graph as source for Mermaid. Names are short, since the pages that show it limit the length of a source.

use core::fmt::{self, Write};

use super::{Lead, Picture, Word, yes_or_no};
use crate::reply::REPLY;
use crate::verdict::End;

pub(super) fn write(picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "flowchart TD")?;
    for (number, block) in REPLY.blocks.iter().enumerate() {
        if picture.rows(number).next().is_none() {
            continue;
        }
        writeln!(out, "subgraph {}", block.name)?;
        for row in picture.rows(number) {
            writeln!(out, "{}[\"{}\"]", row + 1, REPLY.rows[row].asks)?;
        }
        writeln!(out, "end")?;
    }
    let mut line = Lines { picture, drawn: 0, taken: alloc::vec::Vec::new() };
    for row in (0..REPLY.rows.len()).filter(|row| picture.shows(*row)) {
        for yes in [true, false] {
            line.edge(row, yes, out)?;
        }
    }
    for (class, fill) in [(1, "57606a"), (2, "1a7f37"), (3, "0969da"), (4, "9a6700"), (5, "cf222e")] {
        writeln!(out, "classDef s{class} fill:#{fill},color:#fff,stroke-width:0")?;
    }
    if let Some(walk) = picture.walk {
        writeln!(out, "classDef asked stroke-width:3px,stroke:#8250df")?;
        for step in walk.steps() {
            writeln!(out, "class {} asked", step.row + 1)?;
        }
    }
    for number in line.taken {
        writeln!(out, "linkStyle {number} stroke-width:3px,stroke:#8250df")?;
    }
    Ok(())
}

struct Lines<'a> {
    picture: Picture<'a>,
    drawn: usize,
    taken: alloc::vec::Vec<usize>,
}

impl Lines<'_> {
    fn edge(&mut self, row: usize, yes: bool, out: &mut impl Write) -> fmt::Result {
        let taken = self.picture.asked(row).is_some_and(|(_, answer)| answer == yes);
        if self.picture.alone && !taken {
            return Ok(());
        }
        if taken {
            self.taken.push(self.drawn);
        }
        self.drawn += 1;
        let (from, answer) = (row + 1, yes_or_no(yes));
        match Lead::of(row, yes) {
            Lead::Next => writeln!(out, "{from}-->|{answer}|{}", from + 1),
            Lead::Say(code) => writeln!(out, "{from}-->|{answer}, {code}|{}", from + 1),
            Lead::Go(to) => writeln!(out, "{from}-->|{answer}|{}", to + 1),
            Lead::End(end) => {
                write!(out, "{from}-->|{answer}|{from}{}([{}])", &answer[..1], Word(end))?;
                match end {
                    End::Status(code, _) => writeln!(out, ":::s{}", code / 100),
                    End::Told(_) | End::Close => writeln!(out),
                }
            }
        }
    }
}
