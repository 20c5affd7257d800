//! The report for people: a sentence, a table that fits the terminal, and what they should know of it.

use std::fmt::{self, Write};

use super::super::gather::{Gathered, Group};
use super::super::moment::long;
use super::super::{By, Options};
use crate::hue;

use super::{Paper, halves, reason, way};

/// How many paths of a cause, or causes of anything else, are shown.
pub(in super::super) const PARTS: usize = 3;

/// The widest column of names; what is longer is cut. Every cause fits.
const WIDEST: usize = 34;

/// Between two columns.
const GAP: &str = "  ";

/// The least room for paths beside the rest; with less they get a line of their own.
const BESIDE: usize = 34;

pub(in super::super) fn write(
    batched_writer: &Gathered<'_>,
    options: &Options,
    paper: Paper,
    out: &mut String,
) -> fmt::Result {
    let page = Page::new(batched_writer, options, paper);
    page.summary(out)?;
    if !page.shown.is_empty() {
        out.push('\n');
        page.head(out)?;
        for (place, (name, group)) in page.shown.iter().enumerate() {
            if options.why && place > 0 {
                out.push('\n');
            }
            page.row(name, group, out)?;
        }
        page.rest(out)?;
    }
    page.notes(out)
}

struct Page<'g> {
    batched_writer: &'g Gathered<'g>,
    options: &'g Options,
    paper: Paper,
    shown: Vec<(&'g str, &'g Group)>,
    /// The rows that are not shown, and the answers in them.
    hidden: (usize, u64),
    /// The widths of the columns; 0 where there is no room for one.
    count: usize,
    name: usize,
    rate: usize,
    moment: usize,
    /// Both moments, or only the last one.
    first: bool,
    /// Paths stand beside the rest.
    beside: bool,
}

impl<'g> Page<'g> {
    fn new(batched_writer: &'g Gathered<'g>, options: &'g Options, paper: Paper) -> Page<'g> {
        let all = batched_writer.groups.sorted();
        let shown: Vec<_> = all.iter().take(options.rows).copied().collect();
        let rest = &all[shown.len()..];
        let hidden = (rest.len(), rest.iter().map(|(_, group)| group.sum.count).sum());
        let most = shown.iter().map(|(_, group)| group.sum.count).chain([hidden.1]).max().unwrap_or(0);
        let mut page = Page {
            batched_writer,
            options,
            paper,
            hidden,
            count: grouped(most).len().max("count".len()),
            name: 0,
            rate: 16,
            moment: batched_writer.chosen.between.map_or(0, |(_, last)| batched_writer.short(last).len()),
            first: true,
            beside: true,
            shown,
        };
        let longest = page.shown.iter().map(|(name, group)| length(&page.label(name, group))).max().unwrap_or(0);
        page.name = longest.clamp(page.options.by.name().len(), WIDEST);
        page.fit();
        page
    }

    /// Leaves out what there is no room for: paths go below, the rate gets shorter, moments and the rate go, names are cut.
    fn fit(&mut self) {
        let width = self.paper.width;
        if self.columns() + GAP.len() + BESIDE > width {
            self.beside = false;
        }
        if self.columns() > width {
            self.rate = 10;
        }
        if self.columns() > width {
            self.first = false;
        }
        if self.columns() > width {
            self.rate = 0;
        }
        if self.columns() > width {
            self.moment = 0;
        }
        let over = self.columns().saturating_sub(width);
        self.name = self.name.saturating_sub(over).max(self.name.min(8));
        // what is left over makes the line of the rate longer
        let spare = width.saturating_sub(self.columns() + if self.beside { GAP.len() + 2 * BESIDE } else { 0 });
        if self.rate > 0 {
            self.rate = (self.rate + spare).min(32);
        }
    }

    /// The width of all columns but the last one.
    fn columns(&self) -> usize {
        let column = |width: usize| if width > 0 { GAP.len() + width } else { 0 };
        let status = if self.options.by == By::Cause { column("status".len()) } else { 0 };
        let first = if self.first { column(self.moment) } else { 0 };
        self.count
            + column("share".len() + 1)
            + status
            + column(self.name)
            + column(self.rate)
            + first
            + column(self.moment)
    }

    /// Where the names begin.
    fn indent(&self) -> usize {
        let status = if self.options.by == By::Cause { GAP.len() + "status".len() } else { 0 };
        self.count + GAP.len() + "share".len() + 1 + status + GAP.len()
    }

    /// `12,345 answers from 05:41:48 to 06:12:09 (30 minutes), 45.2 MB: 90.8% 2xx, 6.6% 4xx`
    fn summary(&self, out: &mut String) -> fmt::Result {
        let (batched_writer, chosen) = (self.batched_writer, &self.batched_writer.chosen);
        if batched_writer.answers == 0 {
            return writeln!(out, "There is no answer in this log.");
        }
        let all = answers(batched_writer.answers);
        let Some((first, last)) = chosen.between else {
            return writeln!(out, "None of {all} fits.");
        };
        let of = if chosen.count == batched_writer.answers {
            String::new()
        } else {
            format!("{} of ", grouped(chosen.count))
        };
        let mut text = format!("{of}{all} from {} to {}", readable(&long(first)), readable(&long(last)));
        write!(text, " ({}), {}", lasting(last - first), octets(chosen.octets))?;
        let classes = batched_writer.classes.iter().enumerate().filter(|(_, count)| **count > 0);
        let classes: Vec<(u16, String)> = classes
            .map(|(digit, count)| (digit as u16, format!("{} {digit}xx", share(*count, chosen.count))))
            .collect();
        let wide: usize = classes.iter().map(|(_, part)| length(part) + 2).sum();
        let painted: Vec<String> = classes.iter().map(|(digit, part)| self.hue(digit * 100, part)).collect();
        let painted = painted.join(", ");
        if length(&text) + wide <= self.paper.width {
            return writeln!(out, "{}: {painted}", self.bold(&text));
        }
        for line in wrap(&text, self.paper.width) {
            writeln!(out, "{}", self.bold(line))?;
        }
        writeln!(out, "{painted}")
    }

    fn head(&self, out: &mut String) -> fmt::Result {
        let mut line = format!("{:>width$}{GAP}{:>6}", "count", "share", width = self.count);
        if self.options.by == By::Cause {
            write!(line, "{GAP}status")?;
        }
        write!(line, "{GAP}{:<width$}", self.options.by.name(), width = self.name)?;
        for (width, title) in
            [(self.rate, "rate"), (if self.first { self.moment } else { 0 }, "first"), (self.moment, "last")]
        {
            if width > 0 {
                write!(line, "{GAP}{title:<width$}")?;
            }
        }
        if self.beside {
            write!(line, "{GAP}{}", if self.options.by == By::Cause { "mostly at" } else { "mostly" })?;
        }
        writeln!(out, "{}", self.dim(line.trim_end()))
    }

    fn row(&self, name: &str, group: &Group, out: &mut String) -> fmt::Result {
        let sum = &group.sum;
        let mut line = self.bold(&format!("{:>width$}", grouped(sum.count), width = self.count));
        write!(line, "{GAP}{:>6}", share(sum.count, self.batched_writer.chosen.count))?;
        let code: u16 = halves(name).0.parse().unwrap_or(0);
        let label = cut(&self.label(name, group), self.name, self.paper.unicode);
        let label = format!("{label}{}", " ".repeat(self.name - length(&label)));
        match self.options.by {
            By::Cause => write!(line, "{GAP}{}{GAP}{label}", self.hue(code, &format!("{code:<6}")))?,
            By::Code => write!(line, "{GAP}{}", self.hue(code, &label))?,
            By::Path | By::Client | By::Rule | By::User => write!(line, "{GAP}{label}")?,
        }
        if self.rate > 0 {
            write!(line, "{GAP}{}", self.hue(code, &self.spark(group)))?;
        }
        if let Some((first, last)) = sum.between.filter(|_| self.moment > 0) {
            if self.first {
                write!(line, "{GAP}{:<width$}", self.batched_writer.short(first), width = self.moment)?;
            }
            write!(line, "{GAP}{:<width$}", self.batched_writer.short(last), width = self.moment)?;
        }
        if self.beside {
            let room = self.paper.width.saturating_sub(self.columns() + GAP.len());
            write!(line, "{GAP}{}", self.parts(group, room))?;
        }
        writeln!(out, "{}", line.trim_end())?;
        if !self.beside {
            let room = self.paper.width.saturating_sub(self.indent());
            writeln!(out, "{:indent$}{}", "", self.dim(&self.parts(group, room)), indent = self.indent())?;
        }
        if self.options.why { self.why(group, out) } else { Ok(()) }
    }

    /// What a row is called.
    fn label(&self, name: &str, group: &Group) -> String {
        match self.options.by {
            By::Cause => halves(name).1.to_owned(),
            By::Code => [name, reason(group).as_deref().unwrap_or_default()].join(" ").trim_end().to_owned(),
            By::Path | By::Client | By::Rule | By::User if name == "-" => "(none)".to_owned(),
            By::Path | By::Client | By::Rule | By::User => self.printable(name),
        }
    }

    /// A text in which nothing reaches the terminal as a command, in characters that it has.
    fn printable(&self, text: &str) -> String {
        let text = printable(text);
        if self.paper.unicode { text } else { ascii(&text) }
    }

    /// Its most frequent parts, as many as there is room for; the first one is cut if it must be.
    fn parts(&self, group: &Group, room: usize) -> String {
        let between = if self.paper.unicode { " · " } else { ", " };
        let mut text = String::new();
        for (part, count) in group.parts.sorted().iter().take(PARTS) {
            let share = share(**count, group.sum.count);
            // the status of a cause stands in the row already if that is what it is of
            let name = if self.options.by == By::Code { halves(part).1.to_owned() } else { self.printable(part) };
            if text.is_empty() {
                let room = room.saturating_sub(length(&share) + 1).max(8);
                text = format!("{} {share}", cut(&name, room, self.paper.unicode));
            } else if length(&text) + length(between) + length(&name) + 1 + length(&share) <= room {
                text += &format!("{between}{name} {share}");
            } else {
                break;
            }
        }
        text
    }

    /// How often it came, from the first to the last answer of all, by the height of blocks.
    fn spark(&self, group: &Group) -> String {
        const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: [char; 8] = ['.', '.', ':', '-', '=', '+', '*', '#'];
        let heights = if self.paper.unicode { BLOCKS } else { ASCII };
        let Some((from, to)) = self.batched_writer.chosen.between else { return String::new() };
        let columns = group.spans.columns(from, to, self.rate);
        let most = columns.iter().copied().fold(0.0, f64::max);
        let height = |count: f64| match count {
            0.0 => ' ',
            count => heights[((count / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
        };
        columns.into_iter().map(height).collect()
    }

    /// Which question decided, and how to be told the rest.
    fn why(&self, group: &Group, out: &mut String) -> fmt::Result {
        let Some(way) = way(group) else { return Ok(()) };
        let indent = self.indent();
        let room = self.paper.width.saturating_sub(indent).max(24);
        let Some((question, yes)) = way.asked else {
            let text = format!("no walk of this version has the number {}", way.number);
            return wrap(&text, room).into_iter().try_for_each(|line| writeln!(out, "{:indent$}{line}", ""));
        };
        let mark = match (self.paper.unicode, yes) {
            (true, true) => "● yes",
            (true, false) => "○ no",
            (false, true) => "yes",
            (false, false) => "no",
        };
        for line in wrap(&format!("{} {mark}", question.asks), room) {
            writeln!(out, "{:indent$}{line}", "")?;
        }
        let spec = if self.paper.unicode { question.spec.to_owned() } else { question.spec.replace('§', "section ") };
        writeln!(out, "{:indent$}{}", "", self.dim(&spec))?;
        // a command is not divided: a long one begins further left
        let command = format!("because why {}", way.number);
        let indent = indent.min(self.paper.width.saturating_sub(command.len()));
        writeln!(out, "{:indent$}{command}", "")
    }

    /// The rows that are not shown, as a last one.
    fn rest(&self, out: &mut String) -> fmt::Result {
        let (rows, answers) = self.hidden;
        if rows == 0 {
            return Ok(());
        }
        let (all, names) = (self.batched_writer.chosen.count, self.options.by.names());
        let name = if rows == 1 { self.options.by.name() } else { names };
        let count = format!("{:>width$}", grouped(answers), width = self.count);
        let more = format!("{count}{GAP}{:>6}{GAP}in {} more {name}", share(answers, all), grouped(rows as u64));
        writeln!(out, "{}", self.dim(&more))
    }

    fn notes(&self, out: &mut String) -> fmt::Result {
        let batched_writer = self.batched_writer;
        let mut notes = Vec::new();
        if batched_writer.chosen.broken > 0 {
            let broken = batched_writer.chosen.broken;
            let did = if broken == 1 { "1 response" } else { &format!("{} responses", grouped(broken)) };
            notes.push(format!("{did} did not come to an end: the client, or the way to it, was gone."));
        }
        if batched_writer.groups.left_out > 0 {
            let (left_out, kept) =
                (answers(batched_writer.groups.left_out), grouped(batched_writer.groups.len() as u64));
            let names = self.options.by.names();
            notes.push(format!(
                "There are more {names} than are kept: {left_out} of the rarest are left out beside these {kept}, and a count may be too low by as many."
            ));
        }
        if batched_writer.dropped > 0 {
            let lines = lines(batched_writer.dropped);
            notes.push(format!("The log itself lacks {lines}: the server could not write as fast as it answered."));
        }
        if batched_writer.undated > 0 {
            let (lines, tell) =
                (lines(batched_writer.undated), if batched_writer.undated == 1 { "tells" } else { "tell" });
            notes.push(format!("{lines} {tell} no date: an older version wrote them, and they are passed over."));
        }
        if let Some((number, text)) = &batched_writer.first_other {
            let place = format!(
                "line {}{}",
                grouped(*number),
                if text.is_empty() { String::new() } else { format!(": {text}") }
            );
            let others = batched_writer.others;
            let are = if others == 1 { "1 line is".to_owned() } else { format!("{} are", lines(others)) };
            let first = if others == 1 { "" } else { "the first is " };
            notes.push(format!("{are} not of an access log, {first}{place}"));
        }
        if !notes.is_empty() {
            out.push('\n');
        }
        for note in notes {
            let note = if self.paper.unicode { note } else { ascii(&note) };
            for line in wrap(&note, self.paper.width.max(24)) {
                writeln!(out, "{}", self.dim(line))?;
            }
        }
        Ok(())
    }

    fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.painted("2", text)
    }

    /// In the colour of this status, as in the log; without one, as it is.
    fn hue(&self, code: u16, text: &str) -> String {
        self.painted(hue(code), text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.paper.color && !text.is_empty() && !code.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// How many columns a text takes.
fn length(text: &str) -> usize {
    text.chars().count()
}

/// A text no longer than that.
fn cut(text: &str, most: usize, unicode: bool) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let mark = if unicode { "…" } else { "~" };
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push_str(mark);
    cut
}

/// A text in which nothing reaches the terminal as a command: a line of JSON may hold any character.
fn printable(text: &str) -> String {
    let hostile = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if hostile(c) { '\u{fffd}' } else { c }).collect()
}

/// A text of ASCII alone.
fn ascii(text: &str) -> String {
    text.replace('…', "...").chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn answers(count: u64) -> String {
    if count == 1 { "1 answer".to_owned() } else { format!("{} answers", grouped(count)) }
}

fn lines(count: u64) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(count)) }
}

/// A part of a whole, in at most six characters; never 100% of what is not all, nor 0% of what is something.
fn share(part: u64, all: u64) -> String {
    let percent = part as f64 * 100.0 / all.max(1) as f64;
    match percent {
        _ if part == all => "100%".to_owned(),
        _ if part == 0 => "0%".to_owned(),
        99.95.. => ">99.9%".to_owned(),
        ..0.05 => "<0.1%".to_owned(),
        _ => format!("{percent:.1}%"),
    }
}

/// `45.2 MB`
fn octets(count: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| count >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", count as f64 / unit as f64),
        None => format!("{count} B"),
    }
}

/// `30 minutes`
fn lasting(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        172_800.. => (seconds / 86_400, "day"),
    };
    if number == 1 { format!("1 {unit}") } else { format!("{} {unit}s", grouped(number.unsigned_abs())) }
}

/// A moment of RFC 3339 as people write it.
fn readable(moment: &str) -> String {
    moment.replace('T', " ").trim_end_matches('Z').to_owned()
}

/// Divides a text into lines no longer than that, where its words allow it.
fn wrap(text: &str, room: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let (mut start, mut end) = (0, 0);
    for (at, _) in text.match_indices(' ').chain([(text.len(), "")]) {
        if end > start && length(&text[start..at]) > room {
            lines.push(&text[start..end]);
            start = end + 1;
        }
        end = at;
    }
    lines.push(&text[start..]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_easily() {
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_000), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,000".into(), "1,234,567".into())
        );
        assert_eq!(
            (octets(999), octets(45_200_000), octets(1_000)),
            ("999 B".into(), "45.2 MB".into(), "1.0 kB".into())
        );
        assert_eq!(
            (lasting(1), lasting(119), lasting(1_800), lasting(7_200)),
            ("1 second".into(), "119 seconds".into(), "30 minutes".into(), "2 hours".into())
        );
        assert_eq!(lasting(172_800), "2 days");
    }

    #[test]
    fn shares_do_not_claim_more_than_is_true() {
        let shares = [(0, 0), (1, 1), (0, 3), (1, 3), (1, 100_000), (99_999, 100_000), (1, 1_000)]
            .map(|(part, all)| share(part, all));
        assert_eq!(shares, ["100%", "100%", "0%", "33.3%", "<0.1%", ">99.9%", "0.1%"]);
    }

    #[test]
    fn texts_are_cut_and_wrapped() {
        assert_eq!(
            (cut("abcdef", 6, true), cut("abcdefg", 6, true), cut("abcdefg", 6, false)),
            ("abcdef".into(), "abcde…".into(), "abcde~".into())
        );
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcdefghij", "k"]);
        assert_eq!(printable("a\u{1b}[2J\u{202e}b"), "a\u{fffd}[2J\u{fffd}b");
    }
}
