//! What is wrong with a configuration: in plain words, with the line it stands on, and with what to do about it.
//!
//! A diagnostic never shows a secret: where one stands on the line, dots are shown in its place.

use std::fmt::{self, Write as _};
use std::ops::Range;

use crate::limits;

use crate::place::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can be used, and does what it says; perhaps not what was meant.
    Warning,
}

/// One thing that is wrong.
///
/// ```
/// let mistakes = config::Config::read("threads = 'two'\n", "because.toml").unwrap_err();
/// assert_eq!(mistakes[0].to_string(), "\
/// because.toml:1:11: `threads` is a whole number from 1 to 1024, not a text
///   |
/// 1 | threads = 'two'
///   |           ^^^^^ for example: threads = 2
/// ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    severity: Severity,
    message: String,
    at: Option<Place>,
    label: String,
    also: Option<(Place, String)>,
    notes: Vec<String>,
}

impl Diagnostic {
    /// An error at this place.
    ///
    /// ```
    /// use config::{Config, Diagnostic};
    /// let (config, _) = Config::read("limit = '100/moon'", "because.toml").unwrap();
    /// let limit = config.rules[0].words.limit.as_ref().unwrap().said().unwrap();
    /// let mistake = Diagnostic::at(&limit[0].rate.at.offset_within(4..8), "`moon` is no unit of time")
    ///     .label("units are s, min, h and day");
    /// assert_eq!(mistake.to_string(), "\
    /// because.toml:1:14: `moon` is no unit of time
    ///   |
    /// 1 | limit = '100/moon'
    ///   |              ^^^^ units are s, min, h and day
    /// ");
    /// ```
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self { at: Some(place.clone()), ..Self::of(message) }
    }

    /// An error of the whole file.
    pub fn of(message: impl Into<String>) -> Self {
        let (message, label) = (message.into(), String::new());
        Self { severity: Severity::Error, message, at: None, label, also: None, notes: Vec::new() }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// With words beside the marks under the line: what to do.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    /// With a second place, and what stands there.
    #[must_use]
    pub fn and(self, place: &Place, label: impl Into<String>) -> Self {
        Self { also: Some((place.clone(), label.into())), ..self }
    }

    /// With a line below.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, in words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where, unless it is the whole file.
    pub fn place(&self) -> Option<&Place> {
        self.at.as_ref()
    }

    /// Where it stands among others: by place.
    pub(crate) fn order(&self) -> usize {
        self.at.as_ref().map_or(usize::MAX, |at| at.span().start)
    }

    fn write(&self, out: &mut String, ink: Ink) -> fmt::Result {
        let (name, bold, end) = match self.severity {
            Severity::Error => ("", ink.error, ink.end),
            Severity::Warning => ("warning: ", ink.warning, ink.end),
        };
        if let Some(at) = &self.at {
            write!(out, "{}{at}:{end} ", ink.bold)?;
        }
        writeln!(out, "{bold}{name}{}{end}", shown(&self.message))?;
        let width = [self.at.as_ref(), self.also.as_ref().map(|(at, _)| at)]
            .into_iter()
            .flatten()
            .map(|at| at.line().to_string().len())
            .max()
            .unwrap_or(1);
        if let Some(at) = &self.at {
            excerpt(out, at, '^', &self.label, width, ink, bold)?;
        }
        if let Some((at, label)) = &self.also {
            excerpt(out, at, '-', label, width, ink, ink.gutter)?;
        }
        for note in &self.notes {
            let mut sign = format!("{}{:width$} ={} ", ink.gutter, "", ink.end);
            for line in wrapped(note, limits::CONFIG_SHOWN - width) {
                writeln!(out, "{sign}{line}")?;
                sign = " ".repeat(width + 3);
            }
        }
        Ok(())
    }
}

/// As text, without colour.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out, PLAIN)?;
        f.write_str(&out)
    }
}

impl std::error::Error for Diagnostic {}

/// All of them as text, an empty line between two; with colours for a terminal, if it has them.
///
/// ```
/// let mistakes = config::Config::read("a = 1\nb = 2", "because.toml").unwrap_err();
/// assert!(config::render(&mistakes, false).contains("because.toml:2:1: `b` is no word"));
/// assert!(config::render(&mistakes, true).contains("\u{1b}[1m"));
/// ```
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let mut out = String::new();
    for (k, diagnostic) in diagnostics.iter().enumerate() {
        if k > 0 {
            out.push('\n');
        }
        diagnostic.write(&mut out, if colour { COLOUR } else { PLAIN }).expect("a String takes all");
    }
    out
}

/// The codes that a terminal understands (ECMA-48 §8.3.117), or none.
#[derive(Clone, Copy)]
struct Ink {
    bold: &'static str,
    error: &'static str,
    warning: &'static str,
    gutter: &'static str,
    end: &'static str,
}

const PLAIN: Ink = Ink { bold: "", error: "", warning: "", gutter: "", end: "" };
const COLOUR: Ink =
    Ink { bold: "\x1b[1m", error: "\x1b[1;31m", warning: "\x1b[1;33m", gutter: "\x1b[1;34m", end: "\x1b[0m" };

/// The line, and marks under the place.
fn excerpt(out: &mut String, at: &Place, mark: char, label: &str, width: usize, ink: Ink, marks: &str) -> fmt::Result {
    let (gutter, end) = (ink.gutter, ink.end);
    let line = at.source.line_around(at.span().start);
    let span = at.span().start.min(line.end)..at.span().end.clamp(at.span().start.min(line.end), line.end);
    let text = masked(at, line.clone());
    // columns, in characters
    let before = at.source.text[line.start..span.start].chars().count();
    let length = at.source.text[span].chars().count().max(1);
    let window = window(before, length, text.len());
    let cut = (if window.start > 0 { "…" } else { "" }, if window.end < text.len() { "…" } else { "" });
    let seen: String = text[window.clone()].iter().collect();
    let indent = before - window.start + cut.0.chars().count();
    let run: String = std::iter::repeat_n(mark, length.min(window.end.saturating_sub(before).max(1))).collect();
    writeln!(out, "{gutter}{:width$} |{end}", "")?;
    writeln!(out, "{gutter}{:>width$} |{end} {}{seen}{}", at.line(), cut.0, cut.1)?;
    let gap = if label.is_empty() { "" } else { " " };
    writeln!(out, "{gutter}{:width$} |{end} {:indent$}{marks}{run}{gap}{}{end}", "", "", shown(label))
}

/// The characters of the line as they may be shown: no secrets, and nothing that a terminal would obey.
fn masked(at: &Place, line: Range<usize>) -> Vec<char> {
    let source = &at.source;
    let near = source.secrets.partition_point(|secret| secret.end <= line.start);
    let secrets = &source.secrets[near..];
    source.text[line.clone()]
        .char_indices()
        .map(|(k, c)| {
            let at = line.start + k;
            let secret = secrets.iter().take_while(|secret| secret.start <= at).any(|secret| secret.contains(&at));
            if secret { '·' } else { visible(c) }
        })
        .collect()
}

fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        // controls, and what turns the direction of writing
        c if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
        {
            '\u{fffd}'
        }
        c => c,
    }
}

fn shown(text: &str) -> String {
    text.chars().map(visible).collect()
}

/// The part of a long line that is shown: as much as fits, the marked place within.
fn window(before: usize, length: usize, whole: usize) -> Range<usize> {
    const WIDTH: usize = limits::CONFIG_SHOWN;
    if whole <= WIDTH {
        return 0..whole;
    }
    let middle = before + length.min(WIDTH / 2) / 2;
    let start = middle.saturating_sub(WIDTH / 2).min(whole - WIDTH);
    start..start + WIDTH
}

/// The text in lines of at most so many characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in shown(text).split(' ') {
        let line = lines.last_mut().expect("there is one");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Source;
    use proptest::prelude::*;

    fn place(text: &str, span: Range<usize>, secrets: &[Range<usize>]) -> Place {
        Place::new(&Source::file("a.toml", text, secrets.to_vec()), span)
    }

    #[test]
    fn it_looks_so() {
        let text = "x = 1\n\ngard = \"alice\"\n";
        let diagnostic = Diagnostic::at(&place(text, 7..11, &[]), "no word")
            .label("did you mean `guard`?")
            .and(&place(text, 0..1, &[]), "first here")
            .note("more");
        assert_eq!(
            diagnostic.to_string(),
            "a.toml:3:1: no word\n  |\n3 | gard = \"alice\"\n  | ^^^^ did you mean `guard`?\n  |\n1 | x = 1\n  | - first here\n  = more\n"
        );
        assert_eq!(Diagnostic::of("all").warning().to_string(), "warning: all\n");
    }

    #[test]
    fn secrets_and_controls_are_not_shown() {
        let shown =
            Diagnostic::at(&place("p = 'secret' \x1b[2J", 0..1, std::slice::from_ref(&(5..11))), "x").to_string();
        assert!(shown.contains("p = '······' \u{fffd}[2J"), "{shown}");
    }

    #[test]
    fn a_flag_has_no_line_number_to_speak_of() {
        let shown = Diagnostic::at(&Place::flag("--listen", "x:y"), "no address").to_string();
        assert!(shown.starts_with("--listen: no address\n"), "{shown}");
    }

    #[test]
    fn long_lines_are_cut() {
        let text = format!("{} here {}", "a".repeat(500), "b".repeat(500));
        let shown = Diagnostic::at(&place(&text, 501..505, &[]), "x").to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= limits::CONFIG_SHOWN + 8), "{shown}");
        let column = lines[3].chars().position(|c| c == '^').expect("is marked");
        assert_eq!(lines[2].chars().skip(column).take(4).collect::<String>(), "here");
    }

    proptest! {
        #[test]
        fn anything_can_be_shown(text: String, start in 0usize..60, end in 0usize..60, a in 0usize..60, b in 0usize..60) {
            let hidden = a.min(b)..b;
            let diagnostic = Diagnostic::at(&place(&text, start..end, &[hidden]), text.clone()).label(text.clone()).note(text);
            let shown = diagnostic.to_string();
            prop_assert!(shown.lines().all(|line| !line.contains('\x1b')));
        }
    }
}
