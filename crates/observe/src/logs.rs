//! The access log: how its lines are written, how they are read, and what they say when they are batched writer (`because log`).
//!
//! Lines come as a stream, in both forms that the server writes; what is none of them is counted and shown as such. However long
//! the log is, only the most frequent of anything is kept, and what was left out is said. Files and flags are the program's.

mod gather;
mod line;
mod lines;
mod moment;
mod report;
mod spans;
mod tops;
pub mod write;

use std::io::{self, BufRead};

use crate::limits;

use crate::codes::Codes;
use gather::Gathered;

pub use line::{Answer, Line};
pub use lines::each;
pub use moment::{NoTime, When};

/// What the lines are batched writer by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The question that was their cause, and the status that its answer led to.
    #[default]
    Cause,
    /// Their status.
    Code,
    /// The path of their target, without its query.
    Path,
    /// The client's address.
    Client,
    /// The line of the configuration that decided.
    Rule,
    /// Who asked, if that was proved.
    User,
}

impl By {
    /// Every one.
    pub const ALL: [By; 6] = [By::Cause, By::Code, By::Path, By::Client, By::Rule, By::User];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            By::Cause => "cause",
            By::Code => "status",
            By::Path => "path",
            By::Client => "client",
            By::Rule => "rule",
            By::User => "user",
        }
    }

    /// The name of several.
    const fn names(self) -> &'static str {
        match self {
            By::Cause => "causes",
            By::Code => "statuses",
            By::Path => "paths",
            By::Client => "clients",
            By::Rule => "rules",
            By::User => "users",
        }
    }
}

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text {
        /// The width of the terminal in columns.
        width: usize,
        /// Whether to write ANSI escapes.
        color: bool,
        /// Whether the terminal shows more than ASCII.
        unicode: bool,
    },
    /// For programs: one JSON object.
    Json,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What the lines are batched writer by.
    pub by: By,
    /// Only lines from this moment on.
    pub since: Option<When>,
    /// Only lines before this moment.
    pub until: Option<When>,
    /// Only lines with this status, or one of this class.
    pub codes: Option<Codes>,
    /// Only lines with this cause.
    pub cause: Option<String>,
    /// Only lines whose target begins so.
    pub path: Option<String>,
    /// Say under each row which question decided, and how to be told the whole walk.
    pub why: bool,
    /// How many rows are shown.
    pub rows: usize,
    /// How the report is written.
    pub format: Format,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            by: By::default(),
            since: None,
            until: None,
            codes: None,
            cause: None,
            path: None,
            why: false,
            rows: 20,
            format: Format::Text { width: 80, color: false, unicode: true },
        }
    }
}

/// Reads a log to its end and reports.
///
/// ```
/// use observe::logs::{Options, run};
/// let log = "2026-12-01T05:41:48.123Z 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs\n";
/// let mut out = Vec::new();
/// run(log.as_bytes(), &Options::default(), &mut out).expect("it can be read");
/// assert!(String::from_utf8_lossy(&out).contains("representation_available"));
/// ```
///
/// # Errors
///
/// Those of `input`.
pub fn run(input: impl BufRead, options: &Options, out: &mut Vec<u8>) -> io::Result<()> {
    let mut batched_writer = Gathered::new(options);
    each(input, limits::LOG_LINE, |octets| batched_writer.add(octets))?;
    let mut text = String::new();
    match options.format {
        Format::Json => report::json::write(&batched_writer, options, &mut text),
        Format::Text { width, color, unicode } => {
            report::text::write(&batched_writer, options, report::Paper { width, color, unicode }, &mut text)
        }
    }
    .map_err(io::Error::other)?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests;
