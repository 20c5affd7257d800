//! A line of the access log, in either form, as `line.rs` reads it.
//!
//! A line of text is words with a space between them. What a client, an operator or a user has chosen is escaped, so that it is one
//! word: it can neither end a line nor speak to a terminal. Writing to memory does not fail, so nothing here returns an error.

use std::io::Write as _;

use crate::limits;
use semantics::date::Date;
use semantics::text::json::{self, Plain};
use semantics::text::shown;

use crate::event::{Client, Event};
use crate::hue::hue;

/// Marks a text whose end is missing.
pub(super) const CUT: char = '…';

/// Appends a line for people:
/// `2026-12-01T05:41:48.123Z 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs`
pub fn text(event: &Event<'_>, color: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(&Date::write_rfc3339_millis(event.moment));
    let _ = write!(out, " {} ", Client(event.client));
    word(event.method, out);
    out.push(b' ');
    word(event.target, out);
    let (start, code, end) = if color { ("\x1b[", hue(event.status), "\x1b[0m") } else { ("", "", "") };
    let (m, status) = (if color { "m" } else { "" }, event.status);
    let _ = write!(out, " {start}{code}{m}{status}{end} {} {}", event.cause(), event.because);
    let _ = write!(out, " {}B {}µs", event.octets, event.micros);
    if let Some(rule) = event.rule {
        out.extend_from_slice(b" rule=");
        shown::word(rule.file.as_bytes(), out);
        if rule.line > 0 {
            let _ = write!(out, ":{}", rule.line);
        }
    }
    if let Some(user) = event.user {
        out.extend_from_slice(b" user=");
        shown::word(user.as_bytes(), out);
    }
    // a person who sees an explanation can tell its number, and a trace has one that others know
    if event.is_refusal() || event.is_traced() {
        let _ = write!(out, " id={}", event.id);
    }
    out.extend_from_slice(if event.broken { b" broken\n" } else { b"\n" });
}

/// Appends an object for programs.
pub fn json(event: &Event<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"time\":\"");
    out.extend_from_slice(&Date::write_rfc3339_millis(event.moment));
    let _ = write!(out, "\",\"client\":\"{}\"", Client(event.client));
    octets("method", event.method, out);
    octets("target", event.target, out);
    let _ = write!(out, ",\"version\":\"{}\",\"status\":{}", event.version, event.status);
    let _ = write!(out, ",\"cause\":\"{}\",\"because\":\"{}\"", event.cause(), event.because);
    let _ = write!(out, ",\"bytes\":{},\"micros\":{}", event.octets, event.micros);
    if let Some(host) = event.host {
        octets("host", host, out);
    }
    if let Some(rule) = event.rule {
        let _ = write!(out, ",\"rule\":");
        json::string(&rule.to_string(), Plain::Ascii, out);
    }
    if let Some(user) = event.user {
        let _ = write!(out, ",\"user\":");
        json::string(user, Plain::Ascii, out);
    }
    let _ = write!(out, ",\"id\":\"{}\"", event.id);
    out.extend_from_slice(if event.broken { b",\"broken\":true}\n" } else { b"}\n" });
}

/// Appends a line that says how many are missing at this place.
pub fn dropped(lines: u64, is_json: bool, out: &mut Vec<u8>) {
    let _ = match is_json {
        true => writeln!(out, "{{\"dropped\":{lines}}}"),
        false => writeln!(out, "({lines} lines dropped: output is too slow)"),
    };
}

/// Octets of a request as one word, of a length that people read.
fn word(octets: &[u8], out: &mut Vec<u8>) {
    if octets.is_empty() {
        return out.push(b'-');
    }
    shown::word(&octets[..octets.len().min(limits::SHOWN)], out);
    if octets.len() > limits::SHOWN {
        out.extend_from_slice(CUT.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// A member of octets, each as the character of its number, so that none is lost, and of a length that people read.
fn octets(name: &str, octets: &[u8], out: &mut Vec<u8>) {
    let _ = write!(out, ",\"{name}\":\"");
    json::octets(&octets[..octets.len().min(limits::SHOWN)], Plain::Ascii, out);
    if octets.len() > limits::SHOWN {
        json::text(CUT.encode_utf8(&mut [0; 4]), Plain::Ascii, out);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Rule;
    use crate::event::tests::plain;

    fn lines(event: &Event<'_>) -> [String; 2] {
        let (mut people, mut programs) = (Vec::new(), Vec::new());
        text(event, false, &mut people);
        json(event, &mut programs);
        [people, programs].map(|octets| String::from_utf8(octets).expect("text"))
    }

    #[test]
    fn a_line_has_its_date_and_all_that_is_known() {
        let rule = Some(Rule { file: "my site.toml", line: 12 });
        let [people, programs] =
            lines(&Event { status: 404, rule, user: Some("al ice"), broken: true, method: b"", ..plain() });
        assert_eq!(
            people,
            "2023-11-14T22:13:20.123Z 127.0.0.1 - /index.html 404 representation_available 2f2b3 363B 27µs \
             rule=my\\x20site.toml:12 user=al\\x20ice id=0000000000000abc broken\n"
        );
        let object: serde_json::Value = serde_json::from_str(&programs).expect("valid");
        assert_eq!(object["time"], "2023-11-14T22:13:20.123Z");
        assert_eq!((&object["rule"], &object["user"]), (&"my site.toml:12".into(), &"al ice".into()));
        assert_eq!((&object["id"], &object["version"]), (&"0000000000000abc".into(), &"HTTP/1.1".into()));
        let [people, _] = lines(&plain());
        assert!(people.ends_with(" 363B 27µs\n"), "what went well needs no number: {people}");
    }

    #[test]
    fn the_status_has_the_colour_of_its_class() {
        let mut out = Vec::new();
        text(&Event { status: 503, ..plain() }, true, &mut out);
        assert!(String::from_utf8_lossy(&out).contains(" \x1b[1;31m503\x1b[0m "));
    }

    #[test]
    fn no_octet_of_a_request_can_forge_a_line() {
        for line in lines(&Event { target: b"/\r\n\x1b[2J\"\\\xff\0", ..plain() }) {
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            assert!(!line.contains('\x1b') && !line.contains('\r'));
        }
    }

    #[test]
    fn long_texts_are_cut() {
        for line in lines(&Event { target: &[b'a'; 10_000], ..plain() }) {
            assert!(line.len() < limits::SHOWN + 400, "{line}");
        }
    }
}
