//! The access log: one line an answer, gathered on the thread that made it and written by one thread for all.
//!
//! A slow reader of standard output never holds up a connection: lines that have no room are dropped, and the next line that gets
//! through says how many.

use std::io::{self, IsTerminal, Write};
use std::net::IpAddr;
use std::sync::mpsc::Receiver;

use crate::limits;
use decision::facts::RequestId;
use decision::reply::REPLY;
use decision::verdict::Verdict;
use resources::rules::Source;
use semantics::date::Date;
use semantics::field::Field;
use semantics::request::Request;
use semantics::status::Class;

use crate::gathered::{self, Gathered};

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For machines: an object a line
    Json,
    /// No lines
    Off,
}

/// What one line tells.
pub(crate) struct Record<'a> {
    pub(crate) date: Date,
    /// Where it comes from; nothing: a process of this machine.
    pub(crate) client: Option<IpAddr>,
    /// The request, as far as it was understood.
    pub(crate) request: Request<'a>,
    pub(crate) verdict: &'a Verdict,
    /// Octets of content sent.
    pub(crate) octets: u64,
    pub(crate) micros: u64,
    /// The response did not come to its end.
    pub(crate) broken: bool,
    /// The line of the configuration that decided.
    pub(crate) rule: Option<Source>,
    /// Who asked, if that is proved.
    pub(crate) user: Option<&'a str>,
    /// By what it is known.
    pub(crate) id: RequestId,
}

/// The writer, and the way to it.
pub(crate) struct Writer {
    writer: gathered::Writer,
    format: Format,
    color: bool,
}

impl Writer {
    /// Starts the thread that writes to standard output.
    pub(crate) fn start(format: Format) -> io::Result<Writer> {
        let color = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Ok(Writer { writer: gathered::Writer::start("log", write_all)?, format, color })
    }

    /// The log of one thread.
    pub(crate) fn log(&self) -> Log {
        Log { lines: self.writer.gathered(), format: self.format, color: self.color }
    }

    /// Waits until all has been written that was handed over. Every [`Log`] must be gone.
    pub(crate) fn end(self) {
        self.writer.end();
    }
}

fn write_all(receiver: &Receiver<Vec<u8>>) {
    let mut out = io::stdout();
    while let Ok(block) = receiver.recv() {
        if let Err(e) = out.write_all(&block).and_then(|()| out.flush()) {
            eprintln!("because: the access log ends here, standard output is gone: {e}");
            return;
        }
    }
}

/// The log of one thread.
pub(crate) struct Log {
    lines: Gathered,
    format: Format,
    color: bool,
}

impl Log {
    /// Are lines wanted?
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.format != Format::Off
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, record: &Record<'_>) {
        let (format, color) = (self.format, self.color);
        // writing to memory does not fail
        let is_much = match format {
            Format::Off => false,
            Format::Text => self.lines.add(|out| text(record, color, out).unwrap_or_default()),
            Format::Json => self.lines.add(|out| json(record, out).unwrap_or_default()),
        };
        if is_much {
            self.hand_over();
        }
    }

    /// Hands over what has been gathered, if the writer can take it.
    pub(crate) fn hand_over(&mut self) {
        let format = self.format;
        self.lines.hand_over(|dropped, out| {
            let _ = match format {
                Format::Json => writeln!(out, "{{\"dropped\":{dropped}}}"),
                Format::Text | Format::Off => writeln!(out, "({dropped} lines dropped: output is too slow)"),
            };
        });
    }
}

/// `05:41:48 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs`
fn text(record: &Record<'_>, color: bool, out: &mut Vec<u8>) -> io::Result<()> {
    let seconds = record.date.unix().rem_euclid(86_400);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    write!(out, "{hour:02}:{minute:02}:{second:02} ")?;
    client(record.client, out)?;
    out.push(b' ');
    let status = record.verdict.status;
    let (start, end) = if color { (hue(status.class()), "\x1b[0m") } else { ("", "") };
    shown(record.request.method_name(), out);
    out.push(b' ');
    shown(record.request.target(), out);
    let cause = REPLY.rows[usize::from(record.verdict.last)].id;
    let because = record.verdict.because;
    write!(out, " {start}{status}{end} {cause} {because} {}B {}µs", record.octets, record.micros)?;
    if let Some(rule) = record.rule {
        write!(out, " rule={rule}")?;
    }
    if let Some(user) = record.user {
        out.extend_from_slice(b" user=");
        shown(user.as_bytes(), out);
    }
    // a person who sees an explanation can tell its number, and a trace has one that others know
    if status.is_error() || matches!(record.id, RequestId::Trace(_)) {
        write!(out, " id={}", record.id)?;
    }
    out.extend_from_slice(if record.broken { b" broken\n" } else { b"\n" });
    Ok(())
}

/// The escape sequence for statuses of this class.
fn hue(class: Class) -> &'static str {
    match class {
        Class::Informational => "\x1b[90m",
        Class::Success => "\x1b[32m",
        Class::Redirection => "\x1b[36m",
        Class::ClientError => "\x1b[33m",
        Class::ServerError => "\x1b[1;31m",
    }
}

fn client(address: Option<IpAddr>, out: &mut Vec<u8>) -> io::Result<()> {
    match address {
        Some(address) => write!(out, "{}", address.to_canonical()),
        None => write!(out, "local"),
    }
}

/// Octets of a request as one word: what could be taken for the end of a line, or reach the terminal as a command, is
/// escaped, and the length is bounded.
fn shown(octets: &[u8], out: &mut Vec<u8>) {
    if octets.is_empty() {
        out.push(b'-');
    }
    for octet in octets.iter().take(limits::SHOWN) {
        match octet {
            0x21..=0x7e => out.push(*octet),
            _ => out.extend(octet.escape_ascii()),
        }
    }
    if octets.len() > limits::SHOWN {
        out.extend_from_slice("…".as_bytes());
    }
}

fn json(record: &Record<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(b"{\"time\":\"");
    out.extend_from_slice(&record.date.write_rfc3339());
    out.extend_from_slice(b"\",\"client\":\"");
    client(record.client, out)?;
    out.extend_from_slice(b"\",\"method\":\"");
    json_text(record.request.method_name(), out)?;
    out.extend_from_slice(b"\",\"target\":\"");
    json_text(record.request.target(), out)?;
    let cause = REPLY.rows[usize::from(record.verdict.last)].id;
    let (status, because) = (record.verdict.status, record.verdict.because);
    write!(out, "\",\"version\":\"{}\",\"status\":{status}", record.request.version())?;
    write!(out, ",\"cause\":\"{cause}\",\"because\":\"{because}\"")?;
    write!(out, ",\"bytes\":{},\"micros\":{}", record.octets, record.micros)?;
    if let Some(host) = record.request.field(Field::HOST) {
        out.extend_from_slice(b",\"host\":\"");
        json_text(host, out)?;
        out.push(b'"');
    }
    if let Some(rule) = record.rule {
        out.extend_from_slice(b",\"rule\":\"");
        json_text(rule.to_string().as_bytes(), out)?;
        out.push(b'"');
    }
    if let Some(user) = record.user {
        out.extend_from_slice(b",\"user\":\"");
        json_text(user.as_bytes(), out)?;
        out.push(b'"');
    }
    write!(out, ",\"id\":\"{}\"", record.id)?;
    out.extend_from_slice(if record.broken { b",\"broken\":true}\n" } else { b"}\n" });
    Ok(())
}

fn json_text(octets: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    for octet in octets.iter().take(limits::SHOWN) {
        match octet {
            b'"' | b'\\' => out.extend([b'\\', *octet]),
            0x20..=0x7e => out.push(*octet),
            // an octet beyond ASCII is shown as the Latin-1 character of its number, so that none is lost
            _ => write!(out, "\\u{octet:04x}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use decision::because::Because;
    use decision::verdict::Entity;
    use semantics::request::{Head, Span};
    use semantics::status::Status;

    fn lines(octets: &[u8], method: usize, format: Format) -> String {
        let head = Head {
            method_name: Span { start: 0, end: method as u32 },
            target: Span { start: method as u32 + 1, end: octets.len() as u32 },
            ..Head::default()
        };
        let verdict = Verdict {
            status: Status::NOT_FOUND,
            because: Because::START,
            last: 0,
            entity: Entity::Explanation,
            closes: false,
        };
        let record = Record {
            date: Date::from_unix(1_700_000_000),
            client: "::ffff:127.0.0.1".parse().ok(),
            request: Request::new(octets, &head),
            verdict: &verdict,
            octets: 12,
            micros: 34,
            broken: true,
            rule: Some(Source { file: "because.toml", line: 12 }),
            user: Some("alice"),
            id: RequestId::Own(0xabc),
        };
        let mut out = Vec::new();
        match format {
            Format::Text => text(&record, false, &mut out),
            Format::Json => json(&record, &mut out),
            Format::Off => Ok(()),
        }
        .expect("memory takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_line_for_people() {
        let cause = REPLY.rows[0].id;
        assert_eq!(
            lines(b"GET /a", 3, Format::Text),
            format!(
                "22:13:20 127.0.0.1 GET /a 404 {cause} 1 12B 34µs rule=because.toml:12 user=alice id=0000000000000abc broken\n"
            )
        );
        assert_eq!(lines(b" ", 0, Format::Text).split(' ').nth(2), Some("-"));
    }

    #[test]
    fn no_octet_of_a_request_can_forge_a_line() {
        let hostile = b"GET /\r\n\x1b[2J\"\\\xff\0";
        for format in [Format::Text, Format::Json] {
            let line = lines(hostile, 3, format);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(!line.contains('\x1b') && !line.contains('\r'));
        }
        let json: serde_json::Value = serde_json::from_str(&lines(hostile, 3, Format::Json)).expect("valid");
        assert_eq!(json["target"], "/\r\n\u{1b}[2J\"\\ÿ\0");
        assert_eq!(json["time"], "2023-11-14T22:13:20Z");
        assert_eq!((&json["rule"], &json["user"]), (&"because.toml:12".into(), &"alice".into()));
        assert_eq!(json["id"], "0000000000000abc");
    }

    #[test]
    fn long_targets_are_cut() {
        let mut long = b"GET /".to_vec();
        long.resize(10_000, b'a');
        assert!(lines(&long, 3, Format::Text).len() < limits::SHOWN + 150);
    }
}
