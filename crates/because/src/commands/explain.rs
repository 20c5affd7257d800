//! `because explain [WHAT]`: what a status means, why it happens here and what to do about it, from the table of
//! statuses.
//!
//! Only the looking up and the layout live here. The facts and sentences are those of `semantics::status`; exit codes
//! are the caller's.

use core::fmt;
use std::fmt::Write as _;
use std::io::{self, Write};

use semantics::status::{Class, Permanence, Standing, Status, StatusRow};
use semantics::text::json::{self, Plain};

use crate::cli::Page;
use crate::terminal::{self, hue, print};

mod markdown;
#[cfg(test)]
mod tests;

/// Runs the command.
pub(crate) fn run(what: &str, format: Page) -> Result<(), String> {
    let (color, width) = terminal::page();
    let format = match format {
        Page::Text => Format::Text,
        Page::Json => Format::Json,
        Page::Markdown => Format::Markdown,
    };
    let mut out = Vec::new();
    let what = if what.is_empty() { None } else { Some(what) };
    tell(&mut out, what, format, Style { color, width }).map_err(|e| e.to_string())?;
    print(&out)
}

/// How the answer is written.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON value on one line.
    Json,
    /// For a document.
    Markdown,
}

/// How a text looks on the terminal.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Style {
    /// Whether to write ANSI escapes for bold, dim and the colours of the classes.
    pub(crate) color: bool,
    /// The width of the terminal in characters; less than [`NARROWEST`] counts as that.
    pub(crate) width: usize,
}

/// The least width in characters that the layout keeps to.
pub(crate) const NARROWEST: usize = 40;

/// Why nothing could be explained.
#[derive(Debug)]
pub(crate) enum ExplainError {
    /// A number that is no status code: outside 100 to 599.
    OutOfRange {
        /// The number, as it was asked for.
        asked: String,
    },
    /// No status has this name, nor this within its name.
    Unknown {
        /// The name, as it was asked for.
        asked: String,
        /// Statuses with a similar name, the most similar first.
        near: Vec<Status>,
    },
    /// The answer could not be written.
    Write(io::Error),
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExplainError::OutOfRange { asked } => write!(f, "{asked} is no status: a status is a code from 100 to 599"),
            ExplainError::Unknown { asked, near } => {
                write!(f, "no status is called \"{asked}\"")?;
                for (at, status) in near.iter().enumerate() {
                    write!(f, "{}{status:?}", if at == 0 { "; did you mean " } else { " or " })?;
                }
                Ok(())
            }
            ExplainError::Write(error) => write!(f, "the explanation could not be written: {error}"),
        }
    }
}

impl std::error::Error for ExplainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ExplainError::Write(error) => Some(error),
            ExplainError::OutOfRange { .. } | ExplainError::Unknown { .. } => None,
        }
    }
}

impl From<io::Error> for ExplainError {
    fn from(error: io::Error) -> Self {
        ExplainError::Write(error)
    }
}

/// What somebody asked for.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// A page on one status, registered or not.
    One(Status),
    /// A table of statuses.
    Several(Vec<Status>),
}

/// Writes what is known of `what`: a code (`404`), a class (`4xx`), a name or a part of one (`teapot`); of all statuses
/// if it is `None`. A part that fits several names gives a table of them.
pub(crate) fn tell(out: &mut impl Write, what: Option<&str>, format: Format, style: Style) -> Result<(), ExplainError> {
    let found = match what.map(str::trim) {
        None | Some("") => Found::Several(Status::all().collect()),
        Some(asked) => find(asked)?,
    };
    match format {
        Format::Text => {
            let mut sheet = Sheet { out, color: style.color, width: style.width.max(NARROWEST) };
            match found {
                Found::One(status) if status.registered() => sheet.page(status.row())?,
                Found::One(status) => sheet.unregistered(status)?,
                Found::Several(statuses) => sheet.table(&statuses)?,
            }
        }
        Format::Json => {
            let json = match found {
                Found::One(status) => json_of(status),
                Found::Several(statuses) => array(statuses.into_iter().map(json_of)),
            };
            writeln!(out, "{json}")?;
        }
        Format::Markdown => {
            let statuses = match found {
                Found::One(status) => vec![status],
                Found::Several(statuses) => statuses,
            };
            out.write_all(markdown::document(&statuses).as_bytes())?;
        }
    }
    Ok(out.flush()?)
}

/// Looks up a code, a class or a name.
fn find(asked: &str) -> Result<Found, ExplainError> {
    if asked.bytes().all(|byte| byte.is_ascii_digit()) {
        let status = asked.parse().ok().filter(|_| asked.len() == 3).and_then(Status::new);
        return status.map(Found::One).ok_or_else(|| ExplainError::OutOfRange { asked: asked.to_owned() });
    }
    let wanted = plain(asked);
    for class in Class::ALL {
        if wanted == format!("{}xx", class.digit()) || wanted == plain(class.name()) {
            return Ok(Found::Several(Status::all().filter(|status| status.class() == class).collect()));
        }
    }
    let exact: Vec<Status> = Status::all().filter(|&status| names(status).any(|name| plain(name) == wanted)).collect();
    let hits = if exact.is_empty() && !wanted.is_empty() {
        Status::all().filter(|&status| names(status).any(|name| plain(name).contains(&wanted))).collect()
    } else {
        exact
    };
    match hits[..] {
        [] => Err(ExplainError::Unknown { asked: asked.to_owned(), near: similar_names(&wanted) }),
        [one] => Ok(Found::One(one)),
        _ => Ok(Found::Several(hits)),
    }
}

/// All names of a status.
fn names(status: Status) -> impl Iterator<Item = &'static str> {
    let row = status.row();
    core::iter::once(row.name).chain(row.former.iter().copied())
}

/// A name without case, spaces and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// At most three statuses whose names differ little from `wanted`, the most similar first.
fn similar_names(wanted: &str) -> Vec<Status> {
    let most = wanted.chars().count() / 3;
    let mut near: Vec<(usize, Status)> = Status::all()
        .filter_map(|status| {
            names(status).map(|name| strsim::levenshtein(wanted, &plain(name))).min().map(|steps| (steps, status))
        })
        .filter(|&(steps, _)| steps <= most)
        .collect();
    near.sort();
    near.into_iter().take(3).map(|(_, status)| status).collect()
}

/// At most three registered statuses that an unregistered code may be a slip for: the same digits in another order
/// first, then the nearest numbers of the class.
fn near_codes(status: Status) -> Vec<Status> {
    let sorted = |status: Status| {
        let mut digits = status.digits();
        digits.sort_unstable();
        digits
    };
    let mut near: Vec<Status> = Status::all().filter(|other| other.class() == status.class()).collect();
    near.sort_by_key(|&other| (sorted(other) != sorted(status), other.code().abs_diff(status.code())));
    near.truncate(3);
    near
}

/// Where a text is written, and how wide and colourful it may be.
struct Sheet<'a, W> {
    out: &'a mut W,
    color: bool,
    width: usize,
}

const BOLD: &str = "1";
const DIM: &str = "2";

impl<W: Write> Sheet<'_, W> {
    /// All that is known of one status.
    fn page(&mut self, row: &StatusRow) -> io::Result<()> {
        let class = row.status.class();
        self.lines("", &format!("{} {}", row.status, row.name), hue(row.status.code()))?;
        self.lines("", &format!("{} · {} · {}", class.name(), row.standing.name(), row.spec), DIM)?;
        if !row.former.is_empty() {
            self.lines("", &format!("also known as {}", row.former.join(", ")), DIM)?;
        }
        self.blank()?;
        self.lines("", row.meaning, "")?;

        self.heading("Why it happens here")?;
        for cause in row.causes {
            self.item("-", 1, cause, "")?;
        }

        self.heading("Temporary or permanent")?;
        self.lines("  ", row.permanence_note, "")?;

        self.heading("Fields")?;
        if row.carries.is_empty() {
            self.lines("  ", "No field is demanded.", "")?;
        }
        for carry in row.carries {
            self.item(carry.level.name(), 8, &format!("{}: {}", carry.field, carry.note), carry.field)?;
        }

        self.heading("Content and caching")?;
        self.item("content", 7, content(row), "")?;
        self.item("caching", 7, row.stored.sentence(), "")?;

        self.heading("What to do")?;
        self.item("client", 10, row.client, "")?;
        self.item("server", 10, row.server, "")?;
        self.item("proxy", 10, row.proxy, "")?;
        self.item("user agent", 10, row.react.sentence(), "")?;

        self.heading("Often done wrong")?;
        for pitfall in row.pitfalls {
            self.item("-", 1, pitfall, "")?;
        }
        Ok(())
    }

    /// What is to be said of a code that nobody has registered.
    fn unregistered(&mut self, status: Status) -> io::Result<()> {
        let treated_as = status.row().status;
        self.lines("", &format!("{status} (not registered)"), hue(status.code()))?;
        self.lines("", &format!("{} · RFC 9110 §15", status.class().name()), DIM)?;
        self.blank()?;
        let meaning = format!(
            "No standard gives {status} a meaning, so everybody treats it as {treated_as:?}, the first of its class. {}",
            status.class().meaning()
        );
        self.lines("", &meaning, "")?;
        self.heading("Did you mean")?;
        for near in near_codes(status) {
            self.item(&near.to_string(), 3, near.reason(), "")?;
        }
        Ok(())
    }

    /// One line for each of `statuses`, under the heading of its class.
    fn table(&mut self, statuses: &[Status]) -> io::Result<()> {
        const CODE: usize = 2 + 3 + 2; // indent, digits, gap
        const PERMANENCE: usize = 9 + 2;
        const STANDING: usize = 12 + 2;
        const GIST: usize = 29;
        let longest = statuses.iter().map(|status| status.reason().chars().count()).max().unwrap_or(0);
        let name_width = longest.min(self.width - CODE - PERMANENCE);
        let room = (self.width - CODE - PERMANENCE - name_width).saturating_sub(2);
        let standing_fits = room >= STANDING + GIST;
        let mut class = None;
        for &status in statuses {
            if class != Some(status.class()) {
                if class.is_some() {
                    self.blank()?;
                }
                class = Some(status.class());
                let heading = format!("{}xx {}", status.class().digit(), status.class().name());
                self.lines("", &heading, hue(status.code()))?;
            }
            let row = status.row();
            let standing = match row.standing {
                Standing::Standard => "",
                other => other.name(),
            };
            let name = cut(status.reason(), name_width);
            let mut tail = format!("  {:9}", row.permanence.name());
            if standing_fits {
                let _ = write!(tail, "  {standing:12}  {}", row.gist);
            } else if room >= GIST / 2 && standing.is_empty() {
                let _ = write!(tail, "  {}", cut(row.gist, room));
            } else if room >= GIST / 2 {
                let _ = write!(tail, "  {}", cut(&format!("{} ({standing})", row.gist), room));
            }
            let code = self.paint(hue(status.code()), &status.to_string());
            let name = self.paint(BOLD, &format!("{name:name_width$}"));
            writeln!(self.out, "  {code}  {name}{}", tail.trim_end())?;
        }
        Ok(())
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.lines("", text, BOLD)
    }

    /// A text wrapped to the width, each line behind `indent`.
    fn lines(&mut self, indent: &str, text: &str, paint: &str) -> io::Result<()> {
        for line in wrap(text, self.width - indent.len()) {
            let line = self.paint(paint, line);
            writeln!(self.out, "{indent}{line}")?;
        }
        Ok(())
    }

    /// A text behind a label of at most `label_width` characters; `strong`, if the text begins with it, is bold.
    fn item(&mut self, label: &str, label_width: usize, text: &str, strong: &str) -> io::Result<()> {
        let margin = label_width + 4; // two before the label, two behind it
        for (at, line) in wrap(text, self.width - margin).into_iter().enumerate() {
            match line.strip_prefix(strong) {
                Some(rest) if at == 0 => {
                    let label = self.paint(DIM, &format!("{label:label_width$}"));
                    let strong = self.paint(BOLD, strong);
                    writeln!(self.out, "  {label}  {strong}{rest}")?;
                }
                _ if at == 0 => {
                    let label = self.paint(DIM, &format!("{label:label_width$}"));
                    writeln!(self.out, "  {label}  {line}")?;
                }
                _ => writeln!(self.out, "{:margin$}{line}", "")?,
            }
        }
        Ok(())
    }

    fn paint(&self, paint: &str, text: &str) -> String {
        terminal::painted(self.color, paint, text).into_owned()
    }
}

fn content(row: &StatusRow) -> &'static str {
    use semantics::status::Content::{Expected, Forbidden, Optional};
    match row.content {
        Forbidden => "It has no content.",
        Expected => "It has content, except in answer to HEAD.",
        Optional => "It may have content, except in answer to HEAD.",
    }
}

/// Breaks a text at spaces into lines of at most `width` characters; a longer word is broken where it must be.
fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while let Some((limit, letter)) = rest.char_indices().nth(width) {
        let (line, next) = match rest[..limit + letter.len_utf8()].rfind(' ') {
            Some(space) => (&rest[..space], &rest[space..]),
            None => rest.split_at(limit),
        };
        lines.push(line.trim_end());
        rest = next.trim_start();
    }
    lines.push(rest);
    lines
}

/// The beginning of a text, with an ellipsis if there was more.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let line =
        wrap(text, width.saturating_sub(1)).first().map_or("", |line| line.trim_end_matches([',', ';', ':', '.']));
    format!("{line}…")
}

/// All that is known of a status, as a JSON object.
fn json_of(status: Status) -> String {
    let row = status.row();
    if !status.registered() {
        return object(&[
            ("code", status.to_string()),
            ("registered", "false".to_owned()),
            ("class", string(status.class().name())),
            ("treated_as", row.status.to_string()),
            ("near", array(near_codes(status).into_iter().map(|near| near.to_string()))),
        ]);
    }
    let permanence = match row.permanence {
        Permanence::NotApplicable => "null".to_owned(),
        Permanence::Temporary | Permanence::Permanent | Permanence::Depends => string(row.permanence.name()),
    };
    let carries = row.carries.iter().map(|carry| {
        object(&[("field", string(carry.field)), ("level", string(carry.level.name())), ("note", string(carry.note))])
    });
    object(&[
        ("code", status.to_string()),
        ("registered", "true".to_owned()),
        ("name", string(row.name)),
        ("also_known_as", array(row.former.iter().map(|name| string(name)))),
        ("class", string(status.class().name())),
        ("standing", string(row.standing.name())),
        ("spec", string(row.spec)),
        ("gist", string(row.gist)),
        ("meaning", string(row.meaning)),
        ("causes", array(row.causes.iter().map(|cause| string(cause)))),
        ("permanence", permanence),
        ("permanence_note", string(row.permanence_note)),
        ("fields", array(carries)),
        ("content", string(row.content.name())),
        ("stored", string(row.stored.name())),
        ("user_agent", string(row.react.name())),
        ("client", string(row.client)),
        ("server", string(row.server)),
        ("proxy", string(row.proxy)),
        ("pitfalls", array(row.pitfalls.iter().map(|pitfall| string(pitfall)))),
    ])
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{}:{value}", string(name))).collect();
    format!("{{{}}}", members.join(","))
}

fn array(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    json::string(text, Plain::Unicode, &mut quoted);
    quoted
}
