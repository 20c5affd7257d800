//! The graph as a page of tables, one a block.

use core::fmt::{self, Write};

use semantics::status::Status;

use super::{Lead, Picture, Word};
use crate::reply::{COUNT, REPLY};
use crate::verdict::End;

pub(super) fn write(picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "# The questions\n")?;
    writeln!(out, "Which status a request gets, and why: {COUNT} questions in {} blocks.", REPLY.blocks.len())?;
    writeln!(
        out,
        "They are asked from the top; every arrow points down, and no walk asks more than {}.",
        REPLY.longest
    )?;
    writeln!(out, "`↓` leads to the next question, a name to the question of that name, a code is the answer.")?;
    writeln!(out, "*told* is a status that a rule, a store or an upstream told, *close* the end without a word.")?;
    writeln!(out, "*Needs* is the group of facts that is asked for first, if it is not known yet.\n")?;
    for (number, block) in REPLY.blocks.iter().enumerate() {
        let count = picture.rows(number).count();
        if count > 0 {
            writeln!(out, "{number}. [{}](#{}): {count}", block.name, anchor(number))?;
        }
    }
    for (number, block) in REPLY.blocks.iter().enumerate() {
        if picture.rows(number).next().is_none() {
            continue;
        }
        writeln!(out, "\n<a id=\"{}\"></a>\n## {number} {}\n\n{}\n", anchor(number), block.name, block.about)?;
        writeln!(out, "| | Question | Section | Needs | Yes | No |\n| --: | --- | --- | --- | --- | --- |")?;
        for row in picture.rows(number) {
            question(row, out)?;
        }
    }
    Ok(())
}

/// The anchor of a block; those of questions have no hyphen.
fn anchor(block: usize) -> impl fmt::Display {
    fmt::from_fn(move |f| write!(f, "block-{}", REPLY.blocks[block].name))
}

fn question(row: usize, out: &mut impl Write) -> fmt::Result {
    let question = &REPLY.rows[row];
    let id = question.id;
    write!(out, "| {} | <a id=\"{id}\"></a>{}<br>`{id}` | {} | ", row + 1, question.asks, question.spec)?;
    write!(out, "{} | ", question.needs.map_or("", |ask| ask.name()))?;
    lead(Lead::of(row, true), out)?;
    write!(out, " | ")?;
    lead(Lead::of(row, false), out)?;
    writeln!(out, " |")
}

fn lead(lead: Lead, out: &mut impl Write) -> fmt::Result {
    match lead {
        Lead::Next => write!(out, "↓"),
        Lead::Say(code) => write!(out, "say **{code}**, ↓"),
        Lead::Go(to) => write!(out, "[{id}](#{id})", id = REPLY.rows[to].id),
        Lead::End(end @ End::Status(code, _)) => {
            write!(out, "**{}** {}", Word(end), Status::new(code).map_or("", Status::reason))
        }
        Lead::End(end) => write!(out, "*{}*", Word(end)),
    }
}
