//! A walk alone: its questions from top to bottom, and how many were not asked between them.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::{Escaped, centred, class_of, mono_width, open, rect, text, width, wrap, yes_or_no};
use crate::graph::Arrow;
use crate::reply::REPLY;
use crate::retell::{Step, Walk};
use crate::verdict::End;

const WIDTH: i32 = 760;
const MARGIN: i32 = 28;
/// The middle of the line that joins the questions.
const SPINE: i32 = MARGIN + 16;
const TEXT: i32 = SPINE + 30;
const ROOM: i32 = WIDTH - TEXT - 96;
const ANSWER: i32 = WIDTH - MARGIN - 26;
const LINE: i32 = 19;

pub(super) fn write(walk: &Walk, out: &mut impl Write) -> fmt::Result {
    let steps = walk.steps();
    let (places, y) = places(walk);
    let title = alloc::format!("{}: why", walk.ending());
    open(out, WIDTH, y + 82, &title, format_args!("The {} questions of the walk {}", steps.len(), walk.because))?;
    text(out, MARGIN, MARGIN + 26, 26, "bold", walk.ending())?;
    let plural = if steps.len() == 1 { "" } else { "s" };
    text(out, MARGIN, MARGIN + 52, 14, "mono dim", format_args!("because {}", walk.because))?;
    let whence = if walk.member { ", for a member of a multistatus" } else { "" };
    let x = MARGIN + mono_width(&alloc::format!("because {}", walk.because), 14) + 14;
    text(out, x, MARGIN + 52, 14, "dim", format_args!("{} question{plural}{whence}", steps.len()))?;
    let first = places.first().map_or(y, DrawnQuestion::middle);
    writeln!(out, "<path class=\"walk\" d=\"M{SPINE} {first}V{}\"/>", y + 30)?;
    for (number, (step, place)) in steps.iter().zip(&places).enumerate() {
        what_stands_before(out, place)?;
        question(out, number + 1, step, place)?;
        if let Some(code) = said(usize::from(step.row), step.yes) {
            let end = End::Status(code, crate::verdict::Entity::Nothing);
            result(out, place.y + place.height + 10, end, 22, ", and on")?;
        }
    }
    result(out, y + 40, walk.retold.end, 34, "")?;
    writeln!(out, "</svg>")
}

/// Where each question of the walk stands, and where the last of them ends.
fn places(walk: &Walk) -> (Vec<DrawnQuestion>, i32) {
    let mut y = MARGIN + 68;
    let mut places = Vec::new();
    let mut block = None;
    let mut after = None;
    for step in walk.steps() {
        let row = usize::from(step.row);
        let skipped = after.map_or(0, |after: usize| row - after - 1);
        y += if skipped > 0 { 22 } else { 0 };
        let this = usize::from(REPLY.block_of[row]);
        y += if block == Some(this) { 0 } else { 34 };
        let lines = wrap(step.question.asks, 15, ROOM);
        let height = LINE * lines.len() as i32 + 26;
        places.push(DrawnQuestion { y, height, lines, skipped, band: (block != Some(this)).then_some(this) });
        y += height;
        y += if said(row, step.yes).is_some() { 26 } else { 0 };
        (block, after) = (Some(this), Some(row));
    }
    (places, y)
}

/// The heading of a block that begins here, and how many questions were skipped.
fn what_stands_before(out: &mut impl Write, place: &DrawnQuestion) -> fmt::Result {
    if let Some(block) = place.band {
        text(out, TEXT, place.y - 10, 12, "dim bold", REPLY.blocks[block].name)?;
        let from = TEXT + width(REPLY.blocks[block].name, 12) + 14;
        writeln!(out, "<path class=\"rule\" d=\"M{from} {}H{}\"/>", place.y - 14, WIDTH - MARGIN)?;
    }
    if place.skipped > 0 {
        let up = place.y - if place.band.is_some() { 42 } else { 8 };
        let plural = if place.skipped == 1 { "" } else { "s" };
        rect(out, "paper", SPINE - 3, up - 12, 6, 16, 0)?;
        for dot in [-9, -4, 1] {
            writeln!(out, "<circle class=\"mark\" cx=\"{SPINE}\" cy=\"{}\" r=\"1.5\"/>", up + dot)?;
        }
        text(out, TEXT, up, 11, "dim", format_args!("{} question{plural} not asked", place.skipped))?;
    }
    Ok(())
}

/// A question with its number, its id and its answer.
fn question(out: &mut impl Write, number: usize, step: &Step, place: &DrawnQuestion) -> fmt::Result {
    writeln!(out, "<g id=\"q-{}\">", step.question.id)?;
    rect(out, "mark", SPINE - 14, place.middle() - 11, 28, 22, 11)?;
    centred(out, SPINE, place.middle() + 4, 12, "white bold", number)?;
    let mut y = place.y + 16;
    for line in &place.lines {
        text(out, TEXT, y, 15, "", line)?;
        y += LINE;
    }
    text(out, TEXT, y - 2, 11, "mono dim", step.question.id)?;
    text(out, TEXT + mono_width(step.question.id, 11) + 12, y - 2, 11, "dim", step.question.spec)?;
    let class = if step.yes { "mark" } else { "taken" };
    rect(out, class, ANSWER - 24, place.middle() - 13, 48, 26, 13)?;
    let class = if step.yes { "white bold" } else { "bold" };
    centred(out, ANSWER, place.middle() + 5, 14, class, yes_or_no(step.yes))?;
    writeln!(out, "</g>")
}

struct DrawnQuestion {
    y: i32,
    height: i32,
    lines: Vec<&'static str>,
    skipped: usize,
    band: Option<usize>,
}

impl DrawnQuestion {
    const fn middle(&self) -> i32 {
        self.y + self.height / 2 - 2
    }
}

fn said(row: usize, yes: bool) -> Option<u16> {
    match REPLY.arrows[row][usize::from(!yes)] {
        Arrow::Say(code, _) => Some(code),
        Arrow::Row(_) | Arrow::End(_) => None,
    }
}

/// A status on the line, so high.
fn result(out: &mut impl Write, middle: i32, end: End, high: i32, after: &str) -> fmt::Result {
    let words = alloc::format!("{}{after}", crate::retell::Ending(end));
    let size = high / 2;
    let class = match end {
        End::Status(code, _) => class_of(code),
        End::Told(_) | End::Close => "s1",
    };
    rect(out, class, SPINE - 16, middle - high / 2, width(&words, size) * 9 / 8 + 36, high, high / 2)?;
    writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" class=\"white bold\">{}</text>",
        SPINE + 2,
        middle + size / 3 + 1,
        Escaped(&words)
    )
}
