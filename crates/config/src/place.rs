//! Where something was said: file, line and column; and a value that knows it.
//!
//! Lines and columns are found when they are asked for, so that keeping a place costs three words. Where each line of a
//! text begins is kept once, with the text.

use std::fmt;
use std::iter;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text that was read, with the parts of it that nobody may be shown.
pub(crate) struct Source {
    /// The name of the file, or of the flag.
    pub(crate) name: String,
    /// All of it.
    pub(crate) text: String,
    /// Where each line begins, in octets, in order.
    lines: Vec<usize>,
    /// A flag of the command line, or a variable of the environment, and no file.
    flag: bool,
    /// Passwords and the like, in octets, in order.
    pub(crate) secrets: Vec<Range<usize>>,
}

/// The name alone: the text may hold secrets.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Source {
    pub(crate) fn file(name: &str, text: &str, secrets: Vec<Range<usize>>) -> Arc<Self> {
        Self::new(name, text, false, secrets)
    }

    fn new(name: &str, text: &str, flag: bool, secrets: Vec<Range<usize>>) -> Arc<Self> {
        let behind = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines = iter::once(0).chain(behind).collect();
        Arc::new(Self { name: name.to_owned(), text: text.to_owned(), lines, flag, secrets })
    }

    /// The line that holds this offset, from 1.
    fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|&start| start <= at)
    }

    /// The octets of the line that holds this offset, without its end.
    pub(crate) fn line_around(&self, at: usize) -> Range<usize> {
        let at = floor(&self.text, at);
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        start..if self.text[start..end].ends_with('\r') { end - 1 } else { end }
    }
}

/// The last boundary between characters that is not behind this offset.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Where something was said.
#[derive(Clone)]
pub struct Place {
    pub(crate) source: Arc<Source>,
    start: u32,
    end: u32,
}

impl Place {
    pub(crate) fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let fit = |at: usize| u32::try_from(floor(&source.text, at)).unwrap_or(u32::MAX);
        let start = fit(span.start);
        Self { source: Arc::clone(source), start, end: fit(span.end).max(start) }
    }

    /// A value that a flag said, or a variable of the environment: `--listen`, `:8080`.
    pub fn flag(name: &str, value: &str) -> Self {
        Self::new(&Source::new(name, value, true, Vec::new()), 0..value.len())
    }

    /// The file, as it was named; or the flag.
    pub fn file(&self) -> &str {
        &self.source.name
    }

    /// Was it said by a flag, and not in a file?
    pub fn is_flag(&self) -> bool {
        self.source.flag
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.source.line(self.start as usize) as u32
    }

    /// The column, from 1, in characters.
    pub fn column(&self) -> u32 {
        let line = self.source.line_around(self.start as usize);
        self.source.text.get(line.start..self.start as usize).map_or(0, |before| before.chars().count()) as u32 + 1
    }

    /// The octets of the file.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text that stands there, as it is written.
    pub(crate) fn text(&self) -> &str {
        &self.source.text[self.span()]
    }

    /// Several parts of the text that stands here, in their order, each as [`Place::offset_within`] finds it.
    pub(crate) fn parts(&self, parts: impl IntoIterator<Item = Range<usize>>) -> Vec<Self> {
        let base = self.start as usize;
        let mut written = Written::begin(self.text());
        let place = |part: Range<usize>| {
            let start = written.at(part.start);
            Self::new(&self.source, base + start..base + written.at(part.end))
        };
        parts.into_iter().map(place).collect()
    }

    /// A part of the text that stands here: octets of the *value*, found again behind quotes and escapes.
    ///
    /// ```
    /// use config::Config;
    /// let (config, _) = Config::read("[rule.\"/caf\\u00e9/*x\"]\nteapot = true", "because.toml").unwrap();
    /// let pattern = &config.rules[0].pattern;
    /// assert_eq!(pattern.value, "/café/*x");
    /// let star = pattern.value.find('*').unwrap();
    /// assert_eq!(pattern.at.offset_within(star..star + 1).column(), 19);
    /// ```
    pub fn offset_within(&self, part: Range<usize>) -> Self {
        self.parts([part]).remove(0)
    }
}

/// A string as it is written in TOML, and how far it has been gone through.
struct Written<'a> {
    raw: &'a str,
    /// In double quotes, where a backslash begins an escape.
    basic: bool,
    /// Octets of the value that are behind, and of how it is written.
    value: usize,
    rest: usize,
}

impl<'a> Written<'a> {
    fn begin(raw: &'a str) -> Self {
        let quote = raw.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let mut open = usize::from(quote.is_some());
        if let Some(quote) = quote
            && raw.len() >= 6
            && raw.starts_with(&quote.to_string().repeat(3))
        {
            open = 3;
            // a newline right behind the quotes is no part of the value
            let newline = ["\r\n", "\n"].iter().find(|newline| raw[open..].starts_with(**newline));
            open += newline.map_or(0, |newline| newline.len());
        }
        Self { raw, basic: quote == Some('"'), value: 0, rest: open }
    }

    /// Where the octet `at` of the value stands, which is not before the one that was asked for last.
    fn at(&mut self, at: usize) -> usize {
        if !self.basic {
            self.rest = (self.rest + at.saturating_sub(self.value)).min(self.raw.len());
            self.value = self.value.max(at);
            return self.rest;
        }
        while self.value < at {
            let Some((octets, length)) = self.raw.get(self.rest..).and_then(character) else { break };
            self.value += octets;
            self.rest += length;
        }
        self.rest
    }
}

/// How many octets of value the next character of a basic string is, and how many octets it takes to write.
fn character(raw: &str) -> Option<(usize, usize)> {
    let first = raw.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let kind = raw.chars().nth(1)?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        // a line that goes on: the white space is no part of the value
        ' ' | '\t' | '\r' | '\n' => {
            return Some((0, 1 + raw[1..].len() - raw[1..].trim_start_matches([' ', '\t', '\r', '\n']).len()));
        }
        _ => return Some((1, 1 + kind.len_utf8())),
    };
    let code = raw.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    Some((code.and_then(char::from_u32).map_or(1, char::len_utf8), (2 + digits).min(raw.len())))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_flag() {
            return f.write_str(self.file());
        }
        write!(f, "{}:{}:{}", self.file(), self.line(), self.column())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The same part of the same text.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source) && self.span() == other.span()
    }
}

impl Eq for Place {}

/// A value, and where it was said.
#[derive(Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Place,
}

impl<T> Located<T> {
    /// A value that a flag said, which is written so.
    ///
    /// ```
    /// use config::Located;
    /// let threads = Located::flag(2, "--threads", "2");
    /// assert_eq!(threads.at.to_string(), "--threads");
    /// ```
    pub fn flag(value: T, name: &str, text: &str) -> Self {
        Self { value, at: Place::flag(name, text) }
    }

    pub(crate) fn new(value: T, at: Place) -> Self {
        Self { value, at }
    }

    /// The same place, another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: change(self.value), at: self.at }
    }
}

impl Located<PathBuf> {
    /// The path, from where the program runs: what a file says is relative to the folder of that file, what a flag says is not.
    ///
    /// ```
    /// use config::Config;
    /// let (config, _) = Config::read("folder = 'public'", "/etc/because/because.toml").unwrap();
    /// assert_eq!(config.sites[0].settings.folder.as_ref().unwrap().resolved(), std::path::Path::new("/etc/because/public"));
    /// ```
    pub fn resolved(&self) -> PathBuf {
        match Path::new(self.at.file()).parent() {
            Some(folder) if !self.at.is_flag() => folder.join(&self.value),
            _ => self.value.clone(),
        }
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        write!(f, " @ {}", self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(text: &str, span: Range<usize>) -> Place {
        Place::new(&Source::file("a.toml", text, Vec::new()), span)
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = "é = 1\r\nb = 2\n";
        for (at, line, column) in [(0, 1, 1), (2, 1, 2), (8, 2, 1), (12, 2, 5), (14, 3, 1), (99, 3, 1)] {
            let place = place(text, at..at + 1);
            assert_eq!((place.line(), place.column()), (line, column), "{at}");
        }
        assert_eq!(place(text, 8..9).to_string(), "a.toml:2:1");
    }

    #[test]
    fn parts_of_strings_are_found_as_they_are_written() {
        for (raw, part, text) in [
            (r#""alice @staff""#, 6..12, "@staff"),
            ("'alice @staff'", 0..5, "alice"),
            (r#""a\tb""#, 2..3, "b"),
            (r#""\u00e9x""#, 2..3, "x"),
            (r#""\U0001F600x""#, 4..5, "x"),
            (r#""\x41x""#, 1..2, "x"),
            ("\"\"\"\nab\"\"\"", 1..2, "b"),
            ("\"\"\"\\\n   ab\"\"\"", 1..2, "b"),
            ("'''\r\nab'''", 0..1, "a"),
            ("bare", 1..2, "a"),
        ] {
            assert_eq!(place(raw, 0..raw.len()).offset_within(part).text(), text, "{raw}");
        }
    }

    #[test]
    fn paths_of_files_and_of_flags() {
        let said = Located::flag(PathBuf::from("public"), "--folder", "public");
        assert_eq!(said.resolved(), Path::new("public"));
        let at = |name| Place::new(&Source::file(name, "", Vec::new()), 0..0);
        assert_eq!(Located::new(PathBuf::from("a"), at("x/because.toml")).resolved(), Path::new("x/a"));
        assert_eq!(Located::new(PathBuf::from("/a"), at("x/because.toml")).resolved(), Path::new("/a"));
        assert_eq!(Located::new(PathBuf::from("a"), at("because.toml")).resolved(), Path::new("a"));
    }

    proptest! {
        #[test]
        fn any_part_of_any_text(text: String, start in 0usize..40, end in 0usize..40, a in 0usize..40, b in 0usize..40) {
            let place = place(&text, start..end);
            let within = place.offset_within(a..b);
            let _ = (within.line(), within.column(), within.text());
        }

        #[test]
        fn lines_are_counted(text in "[aé\n\r]{0,40}", at in 0usize..90) {
            let place = place(&text, at..at);
            let before = &text.as_bytes()[..place.span().start];
            prop_assert_eq!(place.line() as usize, before.iter().filter(|&&octet| octet == b'\n').count() + 1);
        }
    }
}
