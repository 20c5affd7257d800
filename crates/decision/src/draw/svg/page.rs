//! The whole graph: a panel a block, in columns from top to bottom, a row a question.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::super::heat::{Short, Weights};
use super::super::{Lead, rows_of};
use super::{
    Picture, arrow_down, arrow_right, centred, chip, class_of, ending, mono_width, open, rect, text, width, wrap,
};
use crate::reply::{BLOCKS, COUNT, REPLY};
use crate::verdict::{End, Entity};

/// The columns of the page.
const COLUMNS: usize = 4;
/// Around the page, and between its panels.
const MARGIN: i32 = 32;
const GAP: i32 = 22;
/// The head of the page.
const HEAD: i32 = 104;
/// A panel: its width, the band with its title, and the gutter in which lines go from a question to another.
const PANEL: i32 = 700;
const BAND: i32 = 54;
const GUTTER: i32 = 44;
/// A row: where its number ends, where its text begins, how high its lines are.
const NUMBER: i32 = GUTTER + 34;
const TEXT: i32 = NUMBER + 10;
const LINE: i32 = 17;
const ABOUT: i32 = 14;
const PAD: i32 = 6;
/// The two columns of answers.
const SLOT: i32 = 70;
const YES: i32 = PANEL - SLOT - SLOT / 2 - 10;
const NO: i32 = PANEL - SLOT / 2 - 10;
/// What a question's text has.
const ROOM: i32 = PANEL - TEXT - 2 * SLOT - 20;
/// The distance of lines in the gutter.
const LANE: i32 = 6;

pub(super) fn write(picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
    let panels: Vec<Panel> = (0..BLOCKS.len()).map(Panel::new).collect();
    let columns = columns(&panels);
    let tallest = columns.iter().map(|column| height(column)).max().unwrap_or_default();
    let full = 2 * MARGIN + COLUMNS as i32 * PANEL + (COLUMNS as i32 - 1) * GAP;
    let about = format_args!("{COUNT} yes-no questions in {} blocks, and where each answer leads.", BLOCKS.len());
    open(out, full, HEAD + tallest + 2 * MARGIN, title(picture), about)?;
    head(picture, out, full)?;
    for (number, column) in columns.iter().enumerate() {
        let x = MARGIN + number as i32 * (PANEL + GAP);
        let mut y = MARGIN + HEAD;
        for panel in *column {
            panel.write(picture, out, x, y)?;
            y += panel.height + GAP;
        }
    }
    writeln!(out, "</svg>")
}

const fn title(picture: Picture<'_>) -> &'static str {
    if picture.weights.is_some() { "Which ways requests went" } else { "Why a request gets its status" }
}

/// The title, and how to read the page.
fn head(picture: Picture<'_>, out: &mut impl Write, full: i32) -> fmt::Result {
    text(out, MARGIN, MARGIN + 24, 28, "bold", title(picture))?;
    let about =
        "questions, asked from the top; every arrow points down. The first answer that is a status ends the walk.";
    text(out, MARGIN, MARGIN + 52, 15, "dim", format_args!("{COUNT} {about}"))?;
    if let Some(walk) = picture.walk {
        text(out, MARGIN, MARGIN + 78, 15, "bold", format_args!("The walk {}: {}", walk.because, walk.ending()))?;
    }
    if let Some(weights) = picture.weights {
        scale(weights, out)?;
    }
    let mut x = full - MARGIN;
    let y = MARGIN + 20;
    for (class, name) in
        [(500, "the server's fault"), (400, "the client's"), (300, "elsewhere"), (200, "done"), (100, "interim")]
    {
        x -= width(name, 13) + 8;
        text(out, x, y + 4, 13, "dim", name)?;
        x -= 30;
        rect(out, class_of(class), x, y - 9, 22, 18, 9)?;
        x -= 22;
    }
    let mut x = full - MARGIN;
    let y = MARGIN + 50;
    for (number, name) in [(true, "to the question of this number"), (false, "to the next question")] {
        x -= width(name, 13) + 8;
        text(out, x, y + 4, 13, "dim", name)?;
        x -= 34;
        if number {
            go(out, x, y, "57")?;
        } else {
            arrow_down(out, x + 14, y)?;
        }
        x -= 30;
    }
    Ok(())
}

/// How many walks are shown, and what the colours mean.
fn scale(weights: &Weights, out: &mut impl Write) -> fmt::Result {
    let walks = format!("{} walks", Short(weights.walks()));
    let (mut x, y) = (MARGIN, MARGIN + 78);
    text(out, x, y, 15, "bold", &walks)?;
    x += width(&walks, 15) + 24;
    text(out, x, y, 13, "dim", "seldom")?;
    x += width("seldom", 13) + 8;
    for step in 1..=5 {
        let strength = f64::from(step) / 5.0;
        glow(out, (x, y - 13), (30, 16), 4, strength)?;
        x += 34;
    }
    text(out, x + 4, y, 13, "dim", "often; each step is about as many times more as the one before")
}

/// A place that glows as strongly.
fn glow(out: &mut impl Write, (x, y): (i32, i32), (wide, high): (i32, i32), round: i32, strength: f64) -> fmt::Result {
    write!(out, "<rect class=\"glow\" opacity=\"{:.2}\" x=\"{x}\" y=\"{y}\"", 0.06 + 0.44 * strength)?;
    writeln!(out, " width=\"{wide}\" height=\"{high}\" rx=\"{round}\"/>")
}

/// A block of questions.
struct Panel {
    block: usize,
    rows: Vec<PageRow>,
    height: i32,
}

/// A question: its lines, and its place in the panel.
struct PageRow {
    row: usize,
    lines: Vec<&'static str>,
    y: i32,
    height: i32,
}

impl PageRow {
    /// The middle of its height.
    const fn middle(&self) -> i32 {
        self.y + self.height / 2
    }
}

impl Panel {
    fn new(block: usize) -> Panel {
        let mut y = BAND + 4;
        let mut rows = Vec::new();
        for row in rows_of(block) {
            let lines = wrap(REPLY.rows[row].asks, 13, ROOM);
            let height = 2 * PAD + LINE * lines.len() as i32 + ABOUT;
            rows.push(PageRow { row, lines, y, height });
            y += height;
        }
        Panel { block, rows, height: y + 6 }
    }

    fn write(&self, picture: Picture<'_>, out: &mut impl Write, x: i32, y: i32) -> fmt::Result {
        let block = &BLOCKS[self.block];
        writeln!(out, "<g id=\"b-{}\" transform=\"translate({x} {y})\">", block.name)?;
        rect(out, "card", 0, 0, PANEL, self.height, 10)?;
        writeln!(
            out,
            "<path class=\"band\" d=\"M.5 {BAND}V10.5a10 10 0 0 1 10 -10h{}a10 10 0 0 1 10 10V{BAND}z\"/>",
            PANEL - 21
        )?;
        text(out, 16, 23, 16, "bold", format_args!("{} {}", self.block, block.name))?;
        text(out, 16, 43, 13, "dim", block.about)?;
        centred(out, YES, 32, 13, "dim bold", "yes")?;
        centred(out, NO, 32, 13, "dim bold", "no")?;
        self.lines(picture, out)?;
        for (place, row) in self.rows.iter().enumerate() {
            if place > 0 {
                writeln!(out, "<path class=\"rule\" d=\"M{GUTTER} {}H{}\"/>", row.y, PANEL - 12)?;
            }
            question(picture, row, out)?;
        }
        writeln!(out, "</g>")
    }

    /// The lines from question to question, the shortest next to the text.
    fn lines(&self, picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
        let place_of = |row: usize| self.rows.iter().position(|r| r.row == row);
        let mut jumps: Vec<(usize, usize, bool)> = Vec::new();
        for (from, row) in self.rows.iter().enumerate() {
            for yes in [true, false] {
                if let Lead::Go(to) = Lead::of(row.row, yes)
                    && let Some(to) = place_of(to)
                {
                    jumps.push((from, to, yes));
                }
            }
        }
        jumps.sort_by_key(|(from, to, _)| to - from);
        let mut lanes: Vec<Vec<(usize, usize)>> = Vec::new();
        for (from, to, yes) in jumps {
            let free = |lane: &Vec<(usize, usize)>| lane.iter().all(|(a, b)| to <= *a || *b <= from);
            let lane = lanes.iter().position(free).unwrap_or_else(|| {
                lanes.push(Vec::new());
                lanes.len() - 1
            });
            lanes[lane].push((from, to));
            let taken = picture.asked(self.rows[from].row).is_some_and(|(_, answer)| answer == yes);
            let x = GUTTER - 8 - LANE * lane as i32;
            let (top, bottom) = (self.rows[from].middle() + 4, self.rows[to].middle() - 4);
            let strength = picture.strength(self.rows[from].row, yes);
            let walked = strength.is_some_and(|strength| strength > 0.0);
            let class = match (taken, walked, yes) {
                (true, _, _) => "walk",
                (false, true, true) => "heat",
                (false, true, false) => "heat no",
                (false, false, true) => "line",
                (false, false, false) => "line no",
            };
            let others = picture.walk.is_some() || picture.weights.is_some();
            let faint = if others && !taken && !walked { " faint" } else { "" };
            write!(out, "<path class=\"{class}{faint}\"")?;
            if walked {
                let strength = strength.unwrap_or_default();
                write!(out, " stroke-width=\"{:.1}\"", 1.2 + 3.0 * strength)?;
                write!(out, " opacity=\"{:.2}\"", 0.35 + 0.65 * strength)?;
            }
            write!(out, " d=\"M{} {top}H{}q-4 0 -4 4V{}q0 4 4 4H{}\"/>", GUTTER + 2, x + 4, bottom - 4, GUTTER - 2)?;
            let tip = match (taken, walked) {
                (true, _) => "mark",
                (false, true) => "ember",
                (false, false) => "tip",
            };
            writeln!(out, "<path class=\"{tip}{faint}\" d=\"M{} {bottom}l-5 -3v6z\"/>", GUTTER + 3)?;
        }
        Ok(())
    }
}

fn question(picture: Picture<'_>, row: &PageRow, out: &mut impl Write) -> fmt::Result {
    let question = &REPLY.rows[row.row];
    let asked = picture.asked(row.row);
    let never = picture.weights.is_some_and(|weights| weights.asked(row.row) == 0);
    let faint = if picture.walk.is_some() && asked.is_none() || never { " class=\"faint\"" } else { "" };
    writeln!(out, "<g id=\"q-{}\"{faint}>", question.id)?;
    if let Some((place, _)) = asked {
        rect(out, "asked", GUTTER, row.y + 1, PANEL - GUTTER - 8, row.height - 2, 6)?;
        let badge = if place < 10 { 20 } else { 26 };
        rect(out, "mark", NUMBER - badge, row.middle() - 10, badge, 20, 10)?;
        centred(out, NUMBER - badge / 2, row.middle() + 4, 12, "white bold", place)?;
    } else {
        ending(out, NUMBER, row.y + PAD + 13, 12, "dim", row.row + 1)?;
    }
    let mut y = row.y + PAD + 13;
    for line in &row.lines {
        text(out, TEXT, y, 13, "", line)?;
        y += LINE;
    }
    text(out, TEXT, y - 1, 10, "mono dim", question.id)?;
    let (x, about) = below(row.row);
    text(out, x, y - 1, 10, "dim", about)?;
    for (x, yes) in [(YES, true), (NO, false)] {
        if let Some((_, answer)) = asked
            && answer == yes
        {
            rect(out, "taken", x - 34, row.middle() - 14, 68, 28, 14)?;
        }
        let middle = row.middle() - warm(picture, row, x, yes, out)?;
        lead(out, x, middle, Lead::of(row.row, yes))?;
    }
    writeln!(out, "</g>")
}

/// How often an answer was given, behind and below where it leads; how much higher than the middle that is drawn then.
fn warm(picture: Picture<'_>, row: &PageRow, x: i32, yes: bool, out: &mut impl Write) -> Result<i32, fmt::Error> {
    let Some(weights) = picture.weights.filter(|weights| weights.of(row.row, yes) > 0) else { return Ok(0) };
    let (question, times) = (REPLY.rows[row.row].id, weights.of(row.row, yes));
    writeln!(out, "<g><title>{question}, {}: {times} times</title>", if yes { "yes" } else { "no" })?;
    glow(out, (x - 33, row.middle() - 19), (66, 39), 8, weights.strength(row.row, yes))?;
    centred(out, x, row.middle() + 16, 11, "bold", Short(times))?;
    writeln!(out, "</g>")?;
    Ok(6)
}

/// What stands below a question, right of its name: where, and what.
fn below(row: usize) -> (i32, String) {
    let question = &REPLY.rows[row];
    let needs = question.needs.map_or(String::new(), |ask| format!(" · needs {}", ask.name()));
    (TEXT + mono_width(question.id, 10) + 10, format!("{}{needs}", question.spec))
}

/// Where an answer leads, around this point.
fn lead(out: &mut impl Write, x: i32, y: i32, lead: Lead) -> fmt::Result {
    match lead {
        Lead::Next => arrow_down(out, x, y),
        Lead::Say(code) => {
            chip(out, x - 8, y, End::Status(code, Entity::Nothing))?;
            arrow_down(out, x + 24, y)
        }
        Lead::End(end) => chip(out, x, y, end),
        Lead::Go(to) => {
            writeln!(out, "<a href=\"#q-{}\"><title>{}</title>", REPLY.rows[to].id, REPLY.rows[to].id)?;
            go(out, x, y, to + 1)?;
            writeln!(out, "</a>")
        }
    }
}

/// An arrow to a number, around this point.
fn go(out: &mut impl Write, x: i32, y: i32, number: impl fmt::Display) -> fmt::Result {
    rect(out, "go", x - 25, y - 10, 50, 20, 10)?;
    arrow_right(out, x - 12, y)?;
    centred(out, x + 9, y + 4, 12, "", number)
}

/// The height of panels above each other.
fn height(panels: &[Panel]) -> i32 {
    panels.iter().map(|panel| panel.height + GAP).sum::<i32>() - GAP
}

/// The panels in columns, none split, so that the tallest column is as low as can be.
fn columns(panels: &[Panel]) -> Vec<&[Panel]> {
    let mut limit = panels.iter().map(|panel| panel.height).max().unwrap_or_default();
    loop {
        let mut columns = Vec::new();
        let mut start = 0;
        for end in 1..=panels.len() {
            if end == panels.len() || height(&panels[start..=end]) > limit {
                columns.push(&panels[start..end]);
                start = end;
            }
        }
        if columns.len() <= COLUMNS {
            return columns;
        }
        limit += 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_wider_than_its_room() {
        for (block, panel) in (0..BLOCKS.len()).map(Panel::new).enumerate() {
            assert!(16 + width(BLOCKS[block].about, 13) <= YES - SLOT / 2, "{}", BLOCKS[block].name);
            for row in &panel.rows {
                let id = REPLY.rows[row.row].id;
                assert!(row.lines.iter().all(|line| width(line, 13) <= ROOM), "{id}: {:?}", row.lines);
                let (x, about) = below(row.row);
                assert!(x + width(&about, 10) <= YES - SLOT / 2, "{id}: {about}");
            }
        }
    }

    #[test]
    fn every_block_is_in_one_column() {
        let panels: Vec<Panel> = (0..BLOCKS.len()).map(Panel::new).collect();
        let columns = columns(&panels);
        assert!(columns.len() <= COLUMNS);
        assert!(columns.iter().flat_map(|column| column.iter()).map(|panel| panel.block).eq(0..BLOCKS.len()));
    }
}
