//! Transcripts: what the reader makes of octets, as lines of text. The tests and the fuzz targets share this file.
//!
//! ```text
//! == a name (the rules it holds)
//! % field_count 3                  a limit that differs from the default; `allow` is how much content is taken
//! > GET / HTTP/1.1\r\n             octets, with the escapes \r \n \t \0 \\ \xHH and {text*times}
//! ! closed                         after the last octet the connection is closed, or `stalled`
//! head GET / HTTP/1.1 keep none    an event, see `Reading`; all lines without a mark are events expected
//! ```
#![allow(dead_code)]

use std::fmt::Write as _;

use semantics::fault::Fault;
use semantics::limits::Limits;
use semantics::request::{Framing, Head, Request, Span};
use semantics::version::Version;
use wire::content::{ContentReader, ContentStep};
use wire::head::{HeadReader, HeadStep};

/// What happens after the last octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Open,
    Closed,
    Stalled,
}

/// One transcript.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) input: Vec<u8>,
    pub(crate) limits: Limits,
    pub(crate) allow: u64,
    pub(crate) cut: Cut,
    pub(crate) expected: Vec<String>,
}

/// Reads a file of transcripts.
pub(crate) fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            let (name, limits, input, expected) = (name.to_owned(), Limits::default(), Vec::new(), Vec::new());
            cases.push(Case { name, input, limits, allow: u64::MAX, cut: Cut::Open, expected });
            continue;
        }
        let case = cases.last_mut().expect("a transcript begins with `==`");
        match line.split_at(line.len().min(2)) {
            ("> ", octets) => unescape(octets, &mut case.input),
            ("% ", limit) => set_limit(case, limit),
            ("! ", "closed") => case.cut = Cut::Closed,
            ("! ", "stalled") => case.cut = Cut::Stalled,
            _ => case.expected.push(line.to_owned()),
        }
    }
    cases
}

fn set_limit(case: &mut Case, text: &str) {
    let (name, value) = text.split_once(' ').expect("a limit and its value");
    let number: usize = value.parse().expect("a number");
    match name {
        "target" => case.limits.target = number,
        "field_line" => case.limits.field_line = number,
        "fields" => case.limits.fields = number,
        "field_count" => case.limits.field_count = number,
        "allow" => case.allow = number as u64,
        _ => panic!("no limit is named {name}"),
    }
}

fn unescape(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return,
            [b'\\', b'x', a, b, rest @ ..] => {
                let digits = [*a, *b];
                let digits = str::from_utf8(&digits).expect("two digits");
                out.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
                rest
            }
            [b'\\', escape, rest @ ..] => {
                out.push(match escape {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'0' => 0,
                    b'\\' => b'\\',
                    other => panic!("no escape is \\{}", char::from(*other)),
                });
                rest
            }
            [b'{', inner @ ..] => {
                let end = inner.iter().position(|&o| o == b'}').expect("a closing brace");
                let (what, times) =
                    str::from_utf8(&inner[..end]).expect("text").rsplit_once('*').expect("{text*times}");
                let mut once = Vec::new();
                unescape(what, &mut once);
                out.extend(once.repeat(times.parse().expect("a number")));
                &inner[end + 1..]
            }
            [octet, rest @ ..] => {
                out.push(*octet);
                rest
            }
        };
    }
}

/// A connection that is read to its end: heads, content, until nothing more may be read.
///
/// Its events are `head`, `data`, `end` (of content), `over` (the client wants no further request), `fault` with `known`
/// (what was understood), `content fault`; and at the end of the octets `open` with what was being read.
pub(crate) struct Reading {
    limits: Limits,
    allow: u64,
    reader: HeadReader,
    head: Head,
    content: Option<ContentReader>,
    data: Vec<u8>,
    buffer: Vec<u8>,
    stopped: bool,
    pub(crate) events: Vec<String>,
}

impl Reading {
    pub(crate) fn new(limits: Limits, allow: u64) -> Reading {
        Reading {
            limits,
            allow,
            reader: HeadReader::new(),
            head: Head::default(),
            content: None,
            data: Vec::new(),
            buffer: Vec::new(),
            stopped: false,
            events: Vec::new(),
        }
    }

    /// More octets come.
    pub(crate) fn feed(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
        while !self.stopped && if self.content.is_some() { self.read_content() } else { self.read_head() } {}
    }

    /// No more octets come: the events of it all.
    pub(crate) fn end(mut self, cut: Cut) -> Vec<String> {
        if self.stopped {
            return self.events;
        }
        self.flush();
        let event = match (&self.content, cut) {
            (Some(_), Cut::Open) => "open content".to_owned(),
            (Some(content), Cut::Closed) => format!("content fault {:?}", content.truncated().expect("not ended")),
            (Some(content), Cut::Stalled) => format!("content fault {:?}", content.stalled().expect("not ended")),
            (None, Cut::Open) if self.reader.begun(&self.buffer) => "open head".to_owned(),
            (None, Cut::Open) => "open idle".to_owned(),
            (None, Cut::Closed) => {
                let fault = self.reader.truncated(&self.buffer);
                return self.fault(fault);
            }
            (None, Cut::Stalled) => {
                let fault = self.reader.stalled(&self.buffer, self.limits.head_time);
                return self.fault(fault);
            }
        };
        self.events.push(event);
        self.events
    }

    fn fault(mut self, fault: Fault) -> Vec<String> {
        self.tell_fault(fault);
        self.events
    }

    fn read_head(&mut self) -> bool {
        match self.reader.read(&self.buffer, &self.limits, &mut self.head) {
            HeadStep::Incomplete => false,
            HeadStep::Fault(fault) => {
                self.tell_fault(fault);
                false
            }
            HeadStep::Complete { length } => {
                check_spans(&self.head, &self.buffer[..length]);
                self.events.push(tell_head(&self.head, &self.buffer));
                self.buffer.drain(..length);
                let mut content = ContentReader::new(self.head.framing);
                content.allow(self.allow);
                self.content = Some(content).filter(|content| !content.ended());
                if self.content.is_none() {
                    self.answer();
                }
                true
            }
        }
    }

    fn read_content(&mut self) -> bool {
        let content = self.content.as_mut().expect("content is being read");
        let step = content.read(&self.buffer);
        assert!(step.consumed() <= self.buffer.len(), "octets that never came are done with");
        match &step {
            ContentStep::Data(range) => {
                assert!(!range.is_empty(), "data without octets");
                self.data.extend_from_slice(&self.buffer[range.clone()]);
            }
            ContentStep::Incomplete { consumed } => {
                assert_eq!(*consumed, self.buffer.len(), "octets are left and more are asked for");
            }
            ContentStep::End { .. } => {
                assert!(content.ended() && content.remaining() == Some(0));
                self.flush();
                self.events.push("end".to_owned());
                self.content = None;
                self.answer();
            }
            ContentStep::Fault(fault) => {
                self.flush();
                self.events.push(format!("content fault {fault:?}"));
                self.stopped = true;
            }
        }
        self.buffer.drain(..step.consumed());
        !matches!(step, ContentStep::Incomplete { .. })
    }

    /// The request is answered.
    fn answer(&mut self) {
        if !self.head.persistent {
            self.events.push("over".to_owned());
            self.stopped = true;
        }
    }

    fn flush(&mut self) {
        if self.data.len() > 60 {
            self.events.push(format!("data of {} octets", self.data.len()));
        } else if !self.data.is_empty() {
            self.events.push(format!("data {}", self.data.escape_ascii()));
        }
        self.data.clear();
    }

    fn tell_fault(&mut self, fault: Fault) {
        check_spans(&self.head, &self.buffer);
        check_fault(fault, &self.buffer);
        self.stopped = true;
        self.events.push(format!("fault {}", tell_fault(fault, &self.buffer)));
        if fault != Fault::Nothing {
            self.events.push(format!("known {}", tell_lines(&self.head, &self.buffer)));
        }
    }
}

/// The events of octets that come in these pieces.
pub(crate) fn read<'a>(case: &Case, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut reading = Reading::new(case.limits.clone(), case.allow);
    pieces.into_iter().for_each(|piece| reading.feed(piece));
    reading.end(case.cut)
}

/// Every position lies within the octets, lines are in their order and do not overlap.
fn check_spans(head: &Head, octets: &[u8]) {
    let mut last = 0;
    let lines = head.lines.iter().flat_map(|line| [line.name, line.value]);
    for span in [head.method_name, head.target].into_iter().chain(lines) {
        if !span.is_empty() {
            assert!(span.start >= last && span.start <= span.end && span.end as usize <= octets.len(), "{head:?}");
            last = span.end;
        }
    }
    assert!(head.lines.iter().all(|line| !line.name.is_empty()));
}

/// What a fault says of sizes and positions is true.
fn check_fault(fault: Fault, octets: &[u8]) {
    match fault {
        Fault::TargetTooLong { limit, size } | Fault::FieldsTooLarge { size, limit, .. } => assert!(size > limit),
        Fault::RequestLine { at, .. } | Fault::Field { at, .. } => assert!(at <= octets.len()),
        Fault::Stalled { received, .. } | Fault::Truncated { received } => {
            assert!(received > 0 && received <= octets.len());
        }
        _ => {}
    }
}

fn tell_head(head: &Head, octets: &[u8]) -> String {
    let keep = if head.persistent { "keep" } else { "close" };
    let framing = match head.framing {
        Framing::None => "none".to_owned(),
        Framing::Length(length) => format!("length={length}"),
        Framing::Unannounced => "chunks".to_owned(),
    };
    let request = Request::new(octets, head);
    let (method, target) = (short(request.method_name()), short(request.raw_target()));
    let version = head.version;
    format!("head {method} {target} {version} {keep} {framing}{}", tell_fields(head, octets))
}

fn tell_lines(head: &Head, octets: &[u8]) -> String {
    assert!(!head.persistent && head.framing == Framing::None, "a head with a fault is not gone on from");
    let version = if head.version == Version::Http10 { " HTTP/1.0" } else { "" };
    let (method, target) = (short(head.method_name.of(octets)), short(head.target.of(octets)));
    format!("{method} {target}{version}{}", tell_fields(head, octets))
}

fn tell_fields(head: &Head, octets: &[u8]) -> String {
    let mut told = String::new();
    for (name, value, _) in Request::new(octets, head).lines() {
        write!(told, " | {}: {}", name.escape_ascii(), short(value)).expect("a string takes all");
    }
    told
}

fn short(octets: &[u8]) -> String {
    match octets.len() {
        0 => "-".to_owned(),
        1..=60 => octets.escape_ascii().to_string(),
        length => format!("({length} octets)"),
    }
}

/// A fault in a few words. Sizes are left out: how much of what is too large was seen depends on how it came.
fn tell_fault(fault: Fault, octets: &[u8]) -> String {
    let named = |name: Option<Span>| match name {
        Some(name) => format!(" name={}", short(name.of(octets))),
        None => String::new(),
    };
    match fault {
        Fault::Nothing => "Nothing".to_owned(),
        Fault::Stalled { received, .. } => format!("Stalled received={received}"),
        Fault::ContentStalled { .. } => unreachable!("the reader of heads reads no content"),
        Fault::Truncated { received } => format!("Truncated received={received}"),
        Fault::MethodTooLong { .. } => "MethodTooLong".to_owned(),
        Fault::TargetTooLong { .. } => "TargetTooLong".to_owned(),
        Fault::RequestLine { what, at } => format!("RequestLine {what:?} at={at}"),
        Fault::Version { major, minor } => format!("Version {major}.{minor}"),
        Fault::FieldsTooLarge { what, name, .. } => format!("FieldsTooLarge {what:?}{}", named(name)),
        Fault::Field { what, name, at } => format!("Field {what:?} at={at}{}", named(name)),
        Fault::Host { what } => format!("Host {what:?}"),
        Fault::TransferCoding { value } => format!("TransferCoding {}", value.of(octets).escape_ascii()),
        Fault::Framing { what, field } => format!("Framing {what:?} {field}"),
    }
}
