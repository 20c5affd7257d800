//! What a request would be answered, for a person at a terminal.

use std::fmt::Write as _;

use super::contest::Statement;
use super::told::{Explained, Line};
use crate::terminal::{self, hue};

/// How it looks.
#[derive(Clone, Copy)]
pub(super) struct TextPage {
    pub(super) colour: bool,
    pub(super) width: usize,
}

/// Columns before a question: its number, its mark, its answer.
const INDENT: usize = 12;
/// Columns of a word in the list of rules.
const WORD: usize = 12;

const DIM: &str = "2";
const BOLD: &str = "1";
const PLACE: &str = "36";

pub(super) fn write(told: &Explained, page: TextPage) -> String {
    let mut out = String::new();
    page.head(told, &mut out);
    page.answer(told, &mut out);
    page.fields(told, &mut out);
    page.walk(told, &mut out);
    page.rules(told, &mut out);
    out
}

impl TextPage {
    fn head(self, told: &Explained, out: &mut String) {
        line(out, &self.painted(&format!("{} {}", told.method, told.target), BOLD));
        let who = match (&told.user, &told.groups[..]) {
            (None, _) => "nobody who says who it is".to_owned(),
            (Some(user), []) => format!("{user}, in no group"),
            (Some(user), groups) => format!("{user}, in {}", groups.join(", ")),
        };
        self.wrapped(out, "", 0, &format!("to {}, from {}, by {who}", told.host, told.from), DIM);
        out.push('\n');
    }

    fn answer(self, told: &Explained, out: &mut String) {
        for status in &told.says {
            line(out, &self.painted(&format!("{status:?}, and on"), DIM));
        }
        line(out, &self.painted(&format!("{:?}", told.status), hue(told.status.code())));
        if told.words.is_empty() {
            let yes = if told.yes { "Yes" } else { "No" };
            self.wrapped(out, "", 0, &format!("{} {yes}.", told.asks), "");
            self.wrapped(out, "", 0, &format!("Cause: {}, {}", told.cause, told.section), "");
        }
        // the first line is the status, which stands there already
        for text in told.words.lines().skip(1) {
            self.wrapped(out, "", 0, text, "");
        }
        if told.supposed {
            self.wrapped(
                out,
                "",
                0,
                "That is, if it succeeds: it is not done, and locks and room are not looked at.",
                DIM,
            );
        }
        match &told.rule {
            Some(by) => {
                writeln!(out, "\nDecided by {} in {}", self.painted(&by.word, BOLD), self.place(&by.file, by.line))
                    .expect("room");
                self.cut(out, 4, &by.text);
            }
            None => line(out, "\nNo rule decided it."),
        }
    }

    fn fields(self, told: &Explained, out: &mut String) {
        if told.fields.is_empty() {
            return;
        }
        self.heading(out, "Fields that rules bring");
        for field in &told.fields {
            let text = format!("{}: {}", field.name, field.value);
            let by = place(&field.by);
            let room = self.width.saturating_sub(2);
            let (length, right) = (text.chars().count(), by.chars().count());
            if length + 2 + right <= room {
                let gap = room - length - right;
                writeln!(out, "  {text}{:gap$}{}", "", self.painted(&by, PLACE)).expect("room");
            } else {
                self.wrapped(out, "  ", 4, &text, "");
                writeln!(out, "{:gap$}{}", "", self.painted(&by, PLACE), gap = self.width.saturating_sub(right))
                    .expect("room");
            }
        }
    }

    fn walk(self, told: &Explained, out: &mut String) {
        let all = format!("of {} asked; all of them: because why {}", told.questions, told.because);
        if told.walk.is_empty() {
            return self.wrapped(out, "\n", 0, &format!("Rules bear on no question, {all}"), DIM);
        }
        self.heading(out, "Questions that rules bear on");
        let mut under = None;
        for bore in &told.walk {
            // one line of the file may bear on several questions that follow each other
            let by = (&bore.by.word, &bore.by.file, bore.by.line);
            if under.replace(by) != Some(by) {
                let word = self.painted(&format!("  {:<WORD$}", bore.by.word), BOLD);
                writeln!(out, "{word}{}", self.place(&bore.by.file, bore.by.line)).expect("room");
            }
            let mark = if bore.yes { "● yes" } else { "○ no " };
            let first = format!("{:>4} {mark}  ", bore.number);
            let (asks, code) = match bore.decided {
                true => (format!("{} ← decided", bore.asks), BOLD),
                false => (bore.asks.to_owned(), ""),
            };
            self.wrapped(out, &first, INDENT, &asks, code);
        }
        self.wrapped(out, "  ", 2, &all, DIM);
    }

    fn rules(self, told: &Explained, out: &mut String) {
        if told.contests.is_empty() {
            return;
        }
        self.heading(out, "Rules in force here");
        for contest in &told.contests {
            let (word, field) = contest.word.split_once(' ').unwrap_or((&contest.word, ""));
            self.said(out, (word, BOLD), field, &contest.heard, told);
            for said in &contest.over {
                self.said(out, ("  over", DIM), "", said, told);
            }
        }
    }

    /// A line of a rule: where it stands, whose it is, and what stands there.
    fn said(self, out: &mut String, (word, code): (&str, &str), field: &str, said: &Statement, told: &Explained) {
        let word = self.painted(&format!("  {word:<WORD$}"), code);
        let field = if field.is_empty() { String::new() } else { format!(": {field}") };
        let of = if said.of_site { " of the site" } else { "" };
        let undone = if said.undoes { ", undone" } else { "" };
        writeln!(out, "{word}{}  in {}{of}{field}{undone}", self.place(&said.file, said.line), said.pattern)
            .expect("room");
        self.cut(out, 2 + WORD, &told.files.line(&said.file, said.line));
    }

    fn heading(self, out: &mut String, text: &str) {
        writeln!(out, "\n{}", self.painted(text, BOLD)).expect("room");
    }

    fn painted(self, text: &str, code: &str) -> String {
        terminal::painted(self.colour, code, text).into_owned()
    }

    fn place(self, file: &str, line: u32) -> String {
        self.painted(&format!("{file}:{line}"), PLACE)
    }

    /// One line as it is written, cut where the terminal ends.
    fn cut(self, out: &mut String, indent: usize, text: &str) {
        let room = self.width.saturating_sub(indent).max(8);
        if text.is_empty() {
            return;
        }
        let shown = match text.chars().count() > room {
            true => text.chars().take(room - 1).chain(['…']).collect(),
            false => text.to_owned(),
        };
        writeln!(out, "{:indent$}{}", "", self.painted(&shown, DIM)).expect("room");
    }

    /// A text in lines; what stands before the first is given, the others are indented.
    fn wrapped(self, out: &mut String, first: &str, indent: usize, text: &str, code: &str) {
        let room = self.width.saturating_sub(indent).max(24);
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let last = lines.last_mut().expect("there is one");
            if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > room {
                lines.push(word.to_owned());
            } else {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(word);
            }
        }
        out.push_str(first);
        for (nth, text) in lines.iter().enumerate() {
            let gap = if nth == 0 { 0 } else { indent };
            writeln!(out, "{:gap$}{}", "", self.painted(text, code)).expect("room");
        }
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn place(line: &Line) -> String {
    format!("{} {}:{}", line.word.split(' ').next().unwrap_or_default(), line.file, line.line)
}
