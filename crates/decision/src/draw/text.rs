//! The graph as an indented page for a terminal.

use alloc::format;
use core::fmt::{self, Write};

use super::{Lead, Picture, Word, yes_or_no};
use crate::reply::{COUNT, REPLY};

/// Where the answers begin, so that they stand in two columns.
const ANSWERS: usize = 88;

pub(super) fn write(picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "{COUNT} questions, in the order of asking: ↓ leads to the next one, → to the one of that number.")?;
    for (number, block) in REPLY.blocks.iter().enumerate() {
        if picture.rows(number).next().is_none() {
            continue;
        }
        writeln!(out, "\n{number} {}. {}", block.name, block.about)?;
        for row in picture.rows(number) {
            question(picture, row, out)?;
        }
    }
    match picture.walk {
        Some(walk) => writeln!(out, "\nThe walk {} ends with {}.", walk.because, walk.ending()),
        None => Ok(()),
    }
}

fn question(picture: Picture<'_>, row: usize, out: &mut impl Write) -> fmt::Result {
    let question = &REPLY.rows[row];
    let asked = picture.asked(row);
    match asked {
        Some((place, _)) => write!(out, "{place:>3}▸")?,
        None => write!(out, "    ")?,
    }
    writeln!(out, "{:>4}  {}", row + 1, question.asks)?;
    let needs = question.needs.map_or("", |ask| ask.name());
    let comma = if needs.is_empty() { "" } else { ", needs " };
    let about = format!("{}, {}{comma}{needs}", question.id, question.spec);
    write!(out, "          {about:<width$} ", width = ANSWERS - 10)?;
    let answer = |yes: bool| {
        let taken = asked.is_some_and(|(_, answer)| answer == yes);
        let (open, close) = if taken { ("[", "]") } else { (" ", "") };
        format!("{open}{} {}{close}", yes_or_no(yes), Leads(Lead::of(row, yes)))
    };
    writeln!(out, "{:<12}{}", answer(true), answer(false))
}

/// Where an answer leads, in a few signs.
struct Leads(Lead);

impl fmt::Display for Leads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Lead::Next => write!(f, "↓"),
            Lead::Say(code) => write!(f, "{code} ↓"),
            Lead::Go(to) => write!(f, "→ {}", to + 1),
            Lead::End(end) => Word(end).fmt(f),
        }
    }
}
