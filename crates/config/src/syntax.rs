//! TOML itself: what cannot be read, said in plain words; and the same text without it, so that the rest can be judged too.
//!
//! Whatever is taken out is replaced by as many spaces, so that every place stays where it is.

use std::ops::Range;

use crate::limits;
use toml::de::{DeTable, Error};

use crate::diagnostic::Diagnostic;
use crate::place::Place;

/// A text that can be read, as far as it can.
pub(crate) struct Readable {
    /// It, with spaces for what hides what follows.
    pub(crate) text: String,
    /// What is wrong.
    pub(crate) slips: Vec<Slip>,
    /// What is not to be judged.
    pub(crate) unread: Vec<Range<usize>>,
}

/// Something that is no TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slip {
    span: Range<usize>,
    message: String,
    label: String,
    first: Option<Range<usize>>,
}

impl Slip {
    fn new(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { span, message: message.into(), label: label.into(), first: None }
    }

    /// Is this a heading that was said before, and does this octet stand in its section?
    fn repeats_section_of(&self, text: &str, at: usize) -> bool {
        let heading = self.first.is_some() && text[line(text, self.span.start)].trim_start().starts_with('[');
        heading && text.get(self.span.end..at).is_some_and(|between| !between.contains("\n["))
    }

    pub(crate) fn diagnostic(&self, place: impl Fn(Range<usize>) -> Place) -> Diagnostic {
        let diagnostic = Diagnostic::at(&place(self.span.clone()), &*self.message).label(&*self.label);
        match &self.first {
            Some(first) => diagnostic.and(&place(first.clone()), "it was said here before"),
            None => diagnostic,
        }
    }
}

/// Reads the text again and again, each time without what hid the rest.
pub(crate) fn readable(text: &str) -> Readable {
    let mut read = Readable { text: text.to_owned(), slips: Vec::new(), unread: Vec::new() };
    for _ in 0..limits::CONFIG_READINGS {
        let (_, mut errors) = DeTable::parse_recoverable(&read.text);
        errors.sort_by_key(start);
        let mut hidden = None;
        for error in &errors {
            let at = start(error).min(read.text.len());
            if read.unread.iter().any(|unread| unread.contains(&at)) {
                continue;
            }
            // of a list that is not closed all that follows seems wrong
            if let Some(lines) = unclosed(&read.text, error, &errors) {
                let end = lines.start + read.text[lines.clone()].trim_end().len();
                let last = read.text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
                let seen = &read.text[lines.clone()];
                let table = seen.matches('{').count() > seen.matches('}').count();
                let (what, sign) = if table { ("table", '}') } else { ("list", ']') };
                let label = format!("`{sign}` is missing behind it");
                read.slips.push(Slip::new(last..end, format!("this {what} is not closed"), label));
                hidden = Some(lines);
                break;
            }
            if error.message().starts_with("duplicate key")
                && read.slips.iter().any(|slip| slip.repeats_section_of(text, at))
            {
                continue; // the words of a section that is said twice are, too
            }
            if read.slips.len() >= limits::CONFIG_MISTAKES {
                read.unread.push(at..text.len() + 1);
                return read;
            }
            let mut slip = slip(text, error, at);
            let line = line(text, at);
            // what stands on a line of users may be a secret, and is not said again
            if lines_of_users(text).any(|secret| secret.start <= line.end && line.start <= secret.end)
                && slip.label.starts_with("write: ")
            {
                slip.label = "write: name = \"HASH\"".to_owned();
            }
            read.slips.push(slip);
            read.unread.push(line.start..line.end + 1);
            if error.message().starts_with("key with no value")
                || error.message().starts_with("invalid unquoted key")
                    && !text[line.clone()].trim_start().starts_with('[')
            {
                hidden = Some(line);
                break;
            }
        }
        let Some(lines) = hidden else { return read };
        read.unread.push(lines.start..lines.end + 1);
        blank(&mut read.text, lines);
    }
    // what stands behind so many slips is not looked at
    let last = read.unread.last().map_or(0, |unread| unread.start);
    read.unread.push(last..text.len() + 1);
    read
}

/// What stands behind the names on the lines of users, as far as lines alone can tell.
pub(crate) fn lines_of_users(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let (mut at, mut within) = (0, false);
    text.split_inclusive('\n').filter_map(move |whole| {
        let start = at;
        at += whole.len();
        let written = whole.trim_start();
        let first = written.trim_start_matches(['[', '"', '\'', ' ']);
        let users = ["user", "password", "htpasswd", "account"].iter().any(|word| first.starts_with(word));
        if written.starts_with('[') && !written.starts_with("[\"") && !written.starts_with("['") {
            within = users;
        }
        if written.starts_with('[') && within && whole.trim_end().ends_with(']') || !(within || users) {
            return None;
        }
        // behind the name, if there is one: in the lines of a list there is none
        let name = written.find('=').filter(|&equals| {
            let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            written[..equals].trim_end().chars().all(bare)
                && !written[equals + 1..].trim().trim_matches(['=', ',']).is_empty()
        });
        let name = name.map_or(0, |equals| equals + 1);
        let end = start + whole.trim_end().len();
        Some((start + whole.len() - written.len() + name).min(end)..end)
    })
}

fn start(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

/// The octets of the line that holds this one, without its end.
fn line(text: &str, at: usize) -> Range<usize> {
    let at = (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    start..text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}

fn blank(text: &mut String, lines: Range<usize>) {
    let spaces: String = text[lines.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(lines, &spaces);
}

/// The lines of a list that is not closed, if that is what is behind this error.
fn unclosed(text: &str, error: &Error, all: &[Error]) -> Option<Range<usize>> {
    let message = error.message();
    let comma = message.starts_with("missing comma") || message.starts_with("extra comma");
    let swallowed = |other: &Error| {
        other.message().starts_with("unclosed array")
            || other.message().starts_with("unclosed inline table")
            || other.message().starts_with("unexpected `=` in array")
    };
    let close = message.starts_with("unclosed array") || message.starts_with("unclosed inline table");
    if !(close || comma && all.iter().any(swallowed)) {
        return None;
    }
    let before = text[..start(error).min(text.len())].trim_end();
    let end = line(text, before.len()).end;
    // up to the line with the word whose value it is
    let mut first = line(text, before.len()).start;
    while first > 0
        && !text[first..]
            .lines()
            .next()
            .is_some_and(|line| line.split('"').next().is_some_and(|line| line.contains('=')))
    {
        first = line(text, first - 1).start;
    }
    Some(first..end)
}

/// One error, in plain words.
fn slip(text: &str, error: &Error, at: usize) -> Slip {
    let span = error.span().map_or(at..at, |span| at..span.end.clamp(at, text.len()));
    let here = text.get(span.clone()).unwrap_or("");
    let message = error.message();
    let begins = |start: &str| message.starts_with(start);
    if begins("duplicate key") || begins("cannot extend") {
        if text[line(text, at)].trim_start().starts_with("[[") {
            let label = "write: [rule.\"/private/**\"], or [site.\"example.org\"]";
            return Slip::new(span, "a heading stands in single brackets, and holds a name", label);
        }
        let slip = Slip::new(span.clone(), format!("`{}` is said twice", here.trim_matches(['"', '\''])), "");
        return Slip { first: before(text, &span), ..slip };
    }
    if begins("key with no value")
        || begins("invalid unquoted key")
        || begins("invalid key-value pair")
        || begins("unquoted keys")
    {
        return no_key(text, span);
    }
    if begins("unclosed table") || begins("unclosed array table") {
        return Slip::new(span, "this heading is not closed", "`]` is missing");
    }
    if begins("unexpected key or value") {
        let label = match text[at..].trim_start().chars().next() {
            Some(';') => "no semicolon is needed at the end of a line",
            Some(',') => "no comma stands between lines",
            Some('/') => "a comment begins with #",
            _ => "a list is written [\"…\", \"…\"]; another word begins on a line of its own",
        };
        return Slip::new(line_rest(text, at), "the value has ended, and the line goes on", label);
    }
    if begins("missing escaped value") || begins("invalid escape") || begins("missing escape") {
        let backslash = text[..at].rfind('\\').unwrap_or(at);
        let label = "in single quotes a backslash is a backslash; in double quotes write \\\\";
        return Slip::new(backslash..span.end, "this is no escape", label);
    }
    if begins("invalid basic string")
        || begins("invalid multi-line")
        || begins("invalid literal string") && !here.is_empty()
    {
        return Slip::new(span, "this text is not closed", "its quote is missing");
    }
    if begins("missing comma") {
        return Slip::new(span, "a comma is missing before this", "");
    }
    if begins("recursion limit") {
        return Slip::new(span, "so many lists and tables in each other are not read", "");
    }
    value(text, span, message)
}

/// A value that cannot be read: mostly a text without quotes.
fn value(text: &str, span: Range<usize>, message: &str) -> Slip {
    let token = token(text, &span);
    let word = text[token.clone()].trim_matches(['“', '”', '‘', '’', '„', '\'', '"', ';', '`']);
    if word.is_empty() {
        return Slip::new(span, "a value is missing", "");
    }
    let written = &text[token.clone()];
    if let Some(colon) = written.find("\":").map(|at| at + 1).filter(|_| written.starts_with('"')) {
        let at = token.start + colon;
        return Slip::new(
            at..at + 1,
            "behind a word stands =, and no colon",
            format!("write: {} = …", &written[..colon]),
        );
    }
    let plain = word == "true" || word == "false" || word.bytes().all(|byte| byte.is_ascii_digit());
    if plain && written.strip_suffix(';') == Some(word) {
        return Slip::new(token, "a line ends without a semicolon", format!("write: {word}"));
    }
    if written.contains([' ', '\t']) && word == written {
        let label = "a text stands in quotes; several are a list: [\"…\", \"…\"]";
        return Slip::new(token, "behind the = stands one value", label);
    }
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => return Slip::new(token, format!("`{word}` is neither true nor false"), "write: true"),
        "false" | "no" | "off" | "none" | "null" => {
            return Slip::new(token, format!("`{word}` is neither true nor false"), "write: false");
        }
        _ => {}
    }
    if message.starts_with("invalid date") || message.starts_with("invalid time") {
        let wanted = message.split_once(", ").map_or("for example: 2026-12-01T10:00:00Z", |(_, wanted)| wanted);
        return Slip::new(token, "this is no date", wanted);
    }
    if word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'_' | b'.'))
        && word.matches('.').count() < 2
    {
        return Slip::new(token, "this number cannot be read", message.split(", expected").next().unwrap_or(message));
    }
    if word.contains(['"', '\\']) {
        return Slip::new(token, "texts stand in quotes", "");
    }
    let write = format!("write: \"{word}\"");
    Slip::new(token, "texts stand in quotes", write)
}

/// What stands around, up to what divides values.
fn token(text: &str, span: &Range<usize>) -> Range<usize> {
    let divides = |c: char| c.is_whitespace() || matches!(c, ',' | '=' | '[' | ']' | '{' | '}' | '#');
    let start =
        text[..span.start].rfind(divides).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[span.start..].find(divides).map_or(text.len(), |at| span.start + at);
    start..end.max(span.end)
}

fn line_rest(text: &str, at: usize) -> Range<usize> {
    let line = line(text, at);
    let start = at + text[at..line.end].len() - text[at..line.end].trim_start().len();
    start..line.start + text[line.clone()].trim_end().len().max(start - line.start)
}

/// A line that is no `word = value`, or a heading whose names want quotes.
fn no_key(text: &str, span: Range<usize>) -> Slip {
    let whole = line(text, span.start);
    let written = text[whole.clone()].trim();
    let begin = whole.start + text[whole.clone()].len() - text[whole.clone()].trim_start().len();
    let all = begin..begin + written.len();
    if let Some(heading) = written.strip_prefix('[') {
        let inner = heading.trim_end_matches(|c| c != ']').trim_end_matches(']');
        let quoted = inner.split_once('.').filter(|(_, name)| !name.contains('"'));
        let label = quoted.map_or_else(
            || "names of other characters than letters, digits and hyphens stand in quotes".to_owned(),
            |(section, name)| format!("write: [{section}.\"{}\"]", name.trim_matches('\'')),
        );
        return Slip::new(all, "a name in a heading stands in quotes", label);
    }
    if written.starts_with("//") || written.starts_with(';') || written.starts_with("--") && !written.contains('=') {
        return Slip::new(all, "this is no line of TOML", "a comment begins with #");
    }
    if written.starts_with(['{', '}', '<']) || written.ends_with('{') {
        return Slip::new(
            all,
            "this is no line of TOML",
            "a section begins with a heading: [site.\"example.org\"] or [rule.\"/private/**\"]",
        );
    }
    if written.contains('=') {
        let key = written.split('=').next().unwrap_or("").trim();
        let label = if key.is_empty() {
            "a word is missing before the =".to_owned()
        } else if key.contains(['"', '\'']) {
            "a word stands before the =, and one value behind it".to_owned()
        } else {
            format!("write: \"{key}\" = …")
        };
        return Slip::new(all, "a name of other characters than letters, digits and hyphens stands in quotes", label);
    }
    let key = written.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')).unwrap_or(written.len());
    let (key, rest) = written.split_at(key);
    let rest = rest.trim_start_matches([' ', '\t', ':']).trim_end_matches(';').trim();
    let label = match rest {
        "" => format!("write: {key} = …"),
        rest if rest.starts_with(['"', '\'', '[', '{']) => format!("write: {key} = {rest}"),
        rest if rest.parse::<u64>().is_ok() || rest == "true" || rest == "false" => format!("write: {key} = {rest}"),
        rest if rest.contains(['"', '\\']) => format!("write: {key} = …"),
        rest => format!("write: {key} = \"{rest}\""),
    };
    Slip::new(all, "between a word and its value stands a =", label)
}

/// Where the same was said before: in the same section, or as the same heading.
fn before(text: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let key = text.get(span.clone())?;
    let here = line(text, span.start);
    let heading = text[here.clone()].trim_start().starts_with('[');
    let mut end = here.start;
    while end > 0 {
        let above = line(text, end - 1);
        let written = text[above.clone()].trim_start();
        let found = above.start + text[above.clone()].len() - written.len();
        if heading {
            if written.trim_end() == text[here.clone()].trim() {
                return Some(found..found + written.trim_end().len());
            }
        } else if written.starts_with('[') {
            return None;
        } else if written.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.'])) {
            return Some(found..found + key.len());
        }
        end = above.start;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Vec<(String, String)> {
        readable(text).slips.into_iter().map(|slip| (slip.message, slip.label)).collect()
    }

    #[test]
    fn what_is_right_has_no_slips() {
        for text in ["", "a = 1", "# x\n[a.\"b c\"]\nd = { e = [1, 2] }\r\n", "\u{feff}a = 1\n"] {
            let read = readable(text);
            assert!(read.slips.is_empty() && read.unread.is_empty() && read.text == text, "{text}");
        }
    }

    #[test]
    fn slips_have_advice() {
        for (text, label) in [
            ("guard = alice", "write: \"alice\""),
            ("listing = True", "write: true"),
            ("listing = no", "write: false"),
            ("session = 10s", "write: \"10s\""),
            ("listen = 127.0.0.1:80", "write: \"127.0.0.1:80\""),
            ("from = [10.0.0.0/8]", "write: \"10.0.0.0/8\""),
            ("guard: 'alice'", "write: guard = 'alice'"),
            ("listen 80;", "write: listen = 80"),
            ("// x", "a comment begins with #"),
            ("[rule./private/**]", "write: [rule.\"/private/**\"]"),
            ("[issuer.https://x/y]", "write: [issuer.\"https://x/y\"]"),
            ("a = 1;", "write: 1"),
            ("a = \"x\";", "no semicolon is needed at the end of a line"),
            ("a = \"x", "its quote is missing"),
            ("a = \"\\d\"", "in single quotes a backslash is a backslash; in double quotes write \\\\"),
            ("a = “x”", "write: \"x\""),
            ("[a", "`]` is missing"),
            ("listen = [\"a\"\nb = 1", "`]` is missing behind it"),
        ] {
            assert_eq!(told(text).first().map(|(_, label)| label.as_str()), Some(label), "{text}: {:?}", told(text));
        }
    }

    #[test]
    fn what_follows_a_slip_is_read() {
        let read = readable("guard \"x\"\nlisten = [\"a\"\nb = 1\nc = yes\nd = 2\nd = 3\n");
        let (table, _) = DeTable::parse_recoverable(&read.text);
        let words: Vec<&str> = table.get_ref().iter().map(|(key, _)| &**key.get_ref()).collect();
        assert_eq!(words, ["b", "c", "d"]);
        assert_eq!(read.slips.len(), 4, "{:?}", read.slips);
    }

    #[test]
    fn readings_end() {
        let read = readable(&"x y\n".repeat(100));
        assert_eq!(read.slips.len(), limits::CONFIG_READINGS);
    }

    #[test]
    fn the_most_slips_are_told() {
        let read = readable(&"a = b\n".repeat(limits::CONFIG_MISTAKES * 2));
        assert_eq!(read.slips.len(), limits::CONFIG_MISTAKES);
    }

    #[test]
    fn what_was_said_before_is_found() {
        let text = "a = 1\n[x]\na = 2\na = 3\n[x]\n";
        let firsts: Vec<_> = readable(text).slips.into_iter().map(|slip| slip.first).collect();
        assert_eq!(firsts, [Some(10..11), Some(6..9)]);
    }

    proptest! {
        #[test]
        fn any_text_ends(text: String) {
            let read = readable(&text);
            prop_assert_eq!(read.text.len(), text.len());
        }

        #[test]
        fn any_text_that_looks_like_toml_ends(text in "([a-c]|[\\[\\]{}=\"',.#\n \\\\]|é|10|true|\\[\\[){0,40}") {
            let read = readable(&text);
            prop_assert_eq!(read.text.len(), text.len());
        }
    }
}
