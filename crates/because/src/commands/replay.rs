//! `because replay`: recorded decisions are walked again, and those that would be decided otherwise now are told.
//!
//! A record has the head of a request and all that was known of it, so no folder, no rule and no clock is needed. What comes from a
//! file is not trusted: a line that is no record is told by its number, and the rest goes on.

use std::cell::OnceCell;
use std::fmt::Write as _;
use std::process::ExitCode;

use crate::limits;
use decision::case::Case;
use decision::drive::{Halt, Known, drive};
use decision::facts::{Connection, Reading};
use decision::record::{self, FieldLine, World, words::Room};
use decision::verdict::Verdict;
use observe::logs::each;
use semantics::date::{Date, Stamp};
use semantics::request::{Framing, Request};
use semantics::target_uri::TargetUri;
use semantics::version::Version;
use serde_json::Value;

use crate::cli::tools::Replay;
use crate::diagnose::counted;
use crate::input::open;
use crate::terminal::print;

/// Runs the command.
pub(crate) fn run(args: &Replay) -> Result<ExitCode, String> {
    let mut seen = Found::default();
    each(open(&args.file)?, limits::RECORD, |line| seen.add(line))
        .map_err(|error| format!("{}: {error}", args.file.display()))?;
    let Found { same, other, malformed, dropped, failed, .. } = seen;
    failed?;
    let all = counted(usize::try_from(same + other).unwrap_or(usize::MAX), "decision");
    let mut summary = match other {
        0 => format!("{all}, each decided as it was"),
        other => format!("{all}, of which {other} would be decided otherwise now"),
    };
    if malformed > 0 {
        write!(
            summary,
            "; {} no record",
            if malformed == 1 { "1 line is".to_owned() } else { format!("{malformed} lines are") }
        )
        .expect("room");
    }
    if dropped > 0 {
        write!(summary, "; {dropped} were not recorded, since the disk was too slow").expect("room");
    }
    print(format!("{summary}\n").as_bytes())?;
    Ok(if other == 0 && malformed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was seen of a file.
struct Found {
    lines: u64,
    same: u64,
    other: u64,
    malformed: u64,
    dropped: u64,
    /// What was found could not be written any more.
    failed: Result<(), String>,
}

impl Default for Found {
    fn default() -> Found {
        Found { lines: 0, same: 0, other: 0, malformed: 0, dropped: 0, failed: Ok(()) }
    }
}

impl Found {
    /// Looks at a line; nothing: one that was too long.
    fn add(&mut self, line: Option<&[u8]>) {
        self.lines += 1;
        if self.failed.is_err() || line.is_some_and(|line| line.iter().all(u8::is_ascii_whitespace)) {
            return;
        }
        if let Some(count) = line.and_then(lost) {
            self.dropped += count;
            return;
        }
        match line.ok_or_else(|| "it is too long".to_owned()).and_then(again) {
            Ok(Again { then, now, .. }) if then == now => self.same += 1,
            Ok(again) => {
                self.other += 1;
                self.failed = print(told(self.lines, &again).as_bytes());
            }
            Err(why) => {
                self.malformed += 1;
                eprintln!("because: line {} is no record: {why}", self.lines);
            }
        }
    }
}

/// What was decided, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decided {
    status: Option<u64>,
    cause: String,
    because: String,
}

impl Decided {
    fn of(verdict: &Verdict) -> Decided {
        Decided {
            status: Some(verdict.status.code().into()),
            cause: verdict.cause().to_owned(),
            because: verdict.because.to_string(),
        }
    }
}

/// A decision, then and now.
#[derive(Debug)]
struct Again {
    request: String,
    then: Decided,
    now: Decided,
}

/// How many decisions are missing at this place, if it is a line that says so.
fn lost(line: &[u8]) -> Option<u64> {
    let count = line.strip_prefix(b"{\"dropped\":")?.strip_suffix(b"}")?;
    std::str::from_utf8(count).ok()?.parse().ok()
}

/// Reads a record, and walks it again.
fn again(line: &[u8]) -> Result<Again, String> {
    let record: Value = serde_json::from_slice(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "it is cut off".to_owned(),
        _ => "it is no JSON".to_owned(),
    })?;
    let text = |name: &str| record.get(name).and_then(Value::as_str).ok_or_else(|| format!("it has no {name}"));
    let (method, target) = (octets(text("method")?)?, octets(text("target")?)?);
    let (version, fields) = (version(text("version")?)?, fields(&record)?);
    let (octets, head) = record::head((&method, &target, version), framing(&record)?, &fields);
    let request = Request::new(&octets, &head);
    let now = record.get("now").and_then(Value::as_i64).ok_or("it has no now")?;
    let facts = record.get("facts").and_then(Value::as_object).ok_or("it has no facts")?;
    let connection = Connection { now: Stamp::new(Date::from_unix(now)), ..Connection::default() };
    // declared before what is read into them, which has views of them
    let (names, room) = (OnceCell::new(), Room::default());
    let reading = Reading { target: TargetUri::of(request, &names).target, ..Reading::default() };
    let mut world = World::new(connection, request, reading);
    for (name, value) in facts {
        record::words::put(&mut world, name, value.as_str().ok_or("a fact is a text")?, &room)?;
    }
    let now = walk(&world);
    let status = record.get("status").and_then(Value::as_u64);
    let then = Decided { status, cause: text("cause")?.to_owned(), because: text("because")?.to_owned() };
    let request = format!("{} {}", method.escape_ascii(), target.escape_ascii());
    Ok(Again { request, then, now })
}

/// Walks; whatever is asked for is told, since all of it is in the record.
fn walk(world: &World<'_>) -> Decided {
    let facts = decision::facts::Facts::new(&world.connection, world.request, &world.reading);
    match drive(&mut Case::open(facts), &mut Known(world.facts())) {
        Halt::Done(verdict) => Decided::of(&verdict),
        Halt::Closed(because) => {
            Decided { status: None, cause: "the connection is closed".to_owned(), because: because.to_string() }
        }
        Halt::Waits(_) | Halt::Says(_) => unreachable!("what was recorded is all known"),
    }
}

/// Octets that are written as the characters of their numbers.
fn octets(text: &str) -> Result<Vec<u8>, String> {
    let octet = |c: char| u8::try_from(u32::from(c)).map_err(|_| "a character in it stands for no octet".to_owned());
    text.chars().map(octet).collect()
}

fn version(name: &str) -> Result<Version, String> {
    let all = [Version::Http10, Version::Http11, Version::Http2, Version::Http3];
    all.into_iter().find(|version| version.name() == name).ok_or_else(|| "its version is none of HTTP".to_owned())
}

fn framing(record: &Value) -> Result<Framing, String> {
    match record.get("content") {
        None => Ok(Framing::None),
        Some(Value::String(word)) if word == "unannounced" => Ok(Framing::Unannounced),
        Some(length) => length.as_u64().map(Framing::Length).ok_or_else(|| "its content has no length".to_owned()),
    }
}

fn fields(record: &Value) -> Result<Vec<FieldLine>, String> {
    let all = record.get("fields").and_then(Value::as_array).ok_or("it has no fields")?;
    let field = |field: &Value| match field.as_array().map(Vec::as_slice) {
        Some([Value::String(name), Value::String(value)]) => Ok((octets(name)?, octets(value)?)),
        _ => Err("a field is a name and a value".to_owned()),
    };
    all.iter().map(field).collect()
}

fn told(number: u64, again: &Again) -> String {
    let fate = |Decided { status, cause, because }: &Decided| match status {
        Some(status) => format!("{status} {cause} {because}"),
        None => format!("{cause} {because}"),
    };
    format!("line {number}: {}\n  then {}\n  now  {}\n", again.request, fate(&again.then), fate(&again.now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECORD: &str = r#"{"method":"GET","target":"/doc","version":"HTTP/1.1","fields":[["Host","a"],["If-Match","\"v1\""]],"now":1767225600,"facts":{"target.tag":"\"v2\"","target.length":"5"},"status":412,"cause":"if_match_holds","because":"0"}"#;

    #[test]
    fn a_record_is_walked_again() {
        let again = again(RECORD.as_bytes()).expect("a record");
        assert_eq!((again.now.status, again.now.cause.as_str()), (Some(412), "if_match_holds"));
        assert_ne!(again.then, again.now, "the number is another");
        let right = RECORD.replace("\"because\":\"0\"", &format!("\"because\":\"{}\"", again.now.because));
        let again = super::again(right.as_bytes()).expect("a record");
        assert_eq!(again.then, again.now);
    }

    #[test]
    fn what_is_no_record_says_why() {
        for (line, why) in [
            ("{", "it is cut off"),
            ("hello", "it is no JSON"),
            ("{}", "it has no method"),
            (&RECORD.replace("target.tag", "target.tug"), "target.tug=\"v2\": no fact has the name target.tug"),
            (&RECORD.replace("\"5\"", "\"five\""), "target.length=five: no number"),
            (&RECORD.replace("HTTP/1.1", "HTTP/9"), "its version is none of HTTP"),
            (&RECORD.replace("[\"Host\",\"a\"]", "[\"Host\"]"), "a field is a name and a value"),
        ] {
            assert_eq!(again(line.as_bytes()).err().as_deref(), Some(why), "{line}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(at in 0usize..RECORD.len(), with in "\\PC{0,4}") {
            let cut = (0..=at).rev().find(|&at| RECORD.is_char_boundary(at)).unwrap_or(0);
            let _ = again(format!("{}{with}{}", &RECORD[..cut], RECORD.get(cut + 1..).unwrap_or_default()).as_bytes());
        }
    }
}
