//! `because why TOKEN`: the walk behind a number of the log, told question by question.
//!
//! Only the reading of the token lives here; the telling is that of `decision::retell`.

use core::fmt;
use std::io::{self, Write};

use decision::retell::{NoWalk, Walk};

use crate::cli::Words;
use crate::terminal::{self, print};

/// Runs the command.
pub(crate) fn run(token: &str, format: Words) -> Result<(), String> {
    let (color, width) = terminal::page();
    let format = match format {
        Words::Text => Format::Text { width, color },
        Words::Json => Format::Json,
    };
    let mut out = Vec::new();
    tell(&mut out, token, format).map_err(|e| e.to_string())?;
    print(&out)
}

/// How the answer is written.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people, in lines of this width, with or without ANSI escapes.
    Text {
        /// The width of the terminal in characters.
        width: usize,
        /// Whether to write ANSI escapes.
        color: bool,
    },
    /// For programs: one JSON object.
    Json,
}

/// Why nothing could be told.
#[derive(Debug)]
pub(crate) enum WhyError {
    /// The token is no walk.
    NoWalk {
        /// The token, as it was given.
        token: String,
        /// Why it is none.
        why: NoWalk,
    },
    /// The answer could not be written.
    Write(io::Error),
}

impl fmt::Display for WhyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WhyError::NoWalk { token, why } => write!(f, "\"{}\" is no reason: {why}", token.escape_debug()),
            WhyError::Write(error) => write!(f, "the reason could not be written: {error}"),
        }
    }
}

impl std::error::Error for WhyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WhyError::NoWalk { why, .. } => Some(why),
            WhyError::Write(error) => Some(error),
        }
    }
}

impl From<io::Error> for WhyError {
    fn from(error: io::Error) -> Self {
        WhyError::Write(error)
    }
}

/// Tells the walk of this token: a number, with or without `because=` before it, as the log writes it.
///
/// The walk of a member of a multistatus begins further down; what the number alone leaves open, `m:` before it tells.
pub(crate) fn tell(out: &mut impl Write, token: &str, format: Format) -> Result<(), WhyError> {
    let walk = walk_of(token)?;
    let mut text = String::new();
    let told = match format {
        Format::Text { width, color } => walk.text(&mut text, width, color),
        Format::Json => walk.json(&mut text),
    };
    told.expect("a string takes all that is written");
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// The walk of a token.
pub(crate) fn walk_of(token: &str) -> Result<Walk, WhyError> {
    let number = token.trim();
    let number = number.strip_prefix("because=").unwrap_or(number);
    number.parse().map_err(|why| WhyError::NoWalk { token: token.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(token: &str, format: Format) -> String {
        let mut out = Vec::new();
        tell(&mut out, token, format).expect("a walk");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_plain_get_is_told_in_words() {
        let text = told(" because=2f2b3 ", Format::Text { width: 80, color: false });
        assert!(text.starts_with("200 OK\nbecause 2f2b3: 17 questions\n"), "{text}");
        assert!(text.contains("  17 ● yes  Is there a representation to send?"), "{text}");
        assert!(text.ends_with("→ 200 OK\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn a_program_gets_json() {
        let json: serde_json::Value = serde_json::from_str(&told("bc8473260ca", Format::Json)).expect("JSON");
        assert_eq!(json["status"], 412);
        assert_eq!(json["reason"], "Precondition Failed");
        assert_eq!(json["cause"], "if_match_holds");
        assert_eq!(json["questions"].as_array().map(Vec::len), Some(43));
        assert_eq!(json["questions"][42]["answer"], false);
    }

    #[test]
    fn a_member_is_told_from_where_it_began() {
        let json: serde_json::Value = serde_json::from_str(&told("180", Format::Json)).expect("JSON");
        assert_eq!((&json["member"], &json["status"]), (&true.into(), &204.into()));
        assert_eq!(json["questions"][0]["id"], "outcome");
        assert_eq!(told("180", Format::Json), told("m:180", Format::Json));
    }

    #[test]
    fn what_is_no_walk_says_why() {
        let error = |token| walk_of(token).err().expect("no walk").to_string();
        assert_eq!(
            error("xyz"),
            "\"xyz\" is no reason: it is not the number of a walk: character 1 is not a hexadecimal digit"
        );
        assert!(error("1").ends_with("it holds no answer"), "{}", error("1"));
        assert!(error("2f2b").contains("it stops after 13 questions"), "{}", error("2f2b"));
        assert!(error("2f2b30").contains("it goes on after its end at question 17"), "{}", error("2f2b30"));
    }
}
