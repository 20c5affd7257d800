//! The requests of an access log, in either form in which `serve` writes it.
//!
//! What comes from a log is not trusted: a line that is none is told by its number and passed over.

use std::net::IpAddr;

use crate::limits;

/// What a log has of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    pub(super) method: Vec<u8>,
    pub(super) target: Vec<u8>,
    /// The authority, where the log has it.
    pub(super) host: Option<Vec<u8>>,
    /// Where it came from; nothing: a process of this machine.
    pub(super) client: Option<IpAddr>,
    /// Who asked, if that was proved.
    pub(super) user: Option<String>,
}

/// Why a line is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRequest {
    /// It tells of something else: that lines were dropped.
    Note,
    /// It is no line of a log.
    Malformed,
    /// The request was not understood, so it has no method and no target.
    NotUnderstood,
    /// The target was too long for the log, and its end is missing.
    Cut,
}

/// Reads one line.
pub(super) fn read(line: &str) -> Result<Request, NoRequest> {
    let request = if line.starts_with('{') { json(line) } else { text(line) }?;
    if request.method.is_empty() || request.target.is_empty() {
        return Err(NoRequest::NotUnderstood);
    }
    // the end of a longer one is not in the log
    if request.target.len() >= limits::SHOWN || request.host.as_ref().is_some_and(|host| host.len() >= limits::SHOWN) {
        return Err(NoRequest::Cut);
    }
    Ok(request)
}

/// `{"time":"…","client":"127.0.0.1","method":"GET","target":"/doc",…}`
fn json(line: &str) -> Result<Request, NoRequest> {
    let object: serde_json::Value = serde_json::from_str(line).map_err(|_| NoRequest::Malformed)?;
    if object.get("dropped").is_some() {
        return Err(NoRequest::Note);
    }
    let text = |name: &str| object.get(name).and_then(serde_json::Value::as_str);
    let octets = |name: &str| match text(name) {
        None => Ok(None),
        // an octet is the character of its number
        Some(text) => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).map_err(|_| NoRequest::Malformed))
            .collect::<Result<Vec<u8>, _>>()
            .map(Some),
    };
    Ok(Request {
        method: octets("method")?.ok_or(NoRequest::Malformed)?,
        target: octets("target")?.ok_or(NoRequest::Malformed)?,
        host: octets("host")?,
        client: client(text("client").ok_or(NoRequest::Malformed)?)?,
        user: octets("user")?.and_then(|octets| String::from_utf8(octets).ok()),
    })
}

/// `05:41:48 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs user=alice`
fn text(line: &str) -> Result<Request, NoRequest> {
    if line.starts_with('(') {
        return Err(NoRequest::Note);
    }
    let words: Vec<&str> = line.split(' ').collect();
    let [time, address, method, target, status, _, _, _, _, more @ ..] = &words[..] else {
        return Err(NoRequest::Malformed);
    };
    let has_time = time.len() == 8 && time.bytes().all(|octet| octet == b':' || octet.is_ascii_digit());
    if !has_time || !is_status(status) {
        return Err(NoRequest::Malformed);
    }
    if target.ends_with('…') {
        return Err(NoRequest::Cut);
    }
    let user = more.iter().find_map(|word| word.strip_prefix("user="));
    Ok(Request {
        method: shown(method),
        target: shown(target),
        host: None,
        client: client(address)?,
        user: user.and_then(|user| String::from_utf8(shown(user)).ok()),
    })
}

/// A status, in the colour of a terminal perhaps.
fn is_status(word: &str) -> bool {
    let digits = match word.strip_prefix("\x1b[").and_then(|coloured| coloured.split_once('m')) {
        Some((_, coloured)) => coloured.strip_suffix("\x1b[0m").unwrap_or_default(),
        None => word,
    };
    digits.len() == 3 && digits.bytes().all(|octet| octet.is_ascii_digit())
}

fn client(text: &str) -> Result<Option<IpAddr>, NoRequest> {
    if text == "local" { Ok(None) } else { text.parse().map(Some).map_err(|_| NoRequest::Malformed) }
}

/// The octets of a word of the log, which has some of them escaped.
fn shown(word: &str) -> Vec<u8> {
    if word == "-" {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        let escaped = match (octet, after) {
            (b'\\', [b'x', one, two, ..]) => {
                let digit = |digit: u8| char::from(digit).to_digit(16);
                let value = digit(*one).zip(digit(*two)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                value.map(|value| (value, 3))
            }
            (b'\\', [b'n', ..]) => Some((b'\n', 1)),
            (b'\\', [b'r', ..]) => Some((b'\r', 1)),
            (b'\\', [b't', ..]) => Some((b'\t', 1)),
            _ => None,
        };
        match escaped {
            Some((value, length)) => {
                out.push(value);
                rest = &rest[length..];
            }
            None => out.push(octet),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms_are_read() {
        let wanted = Request {
            method: b"GET".to_vec(),
            target: b"/a b\xff".to_vec(),
            host: None,
            client: "192.0.2.1".parse().ok(),
            user: Some("alice".to_owned()),
        };
        let text = "05:41:48 192.0.2.1 GET /a\\x20b\\xff 200 representation_available 2f2b3 1204B 87µs rule=a.toml:3 user=alice id=0";
        assert_eq!(read(text), Ok(wanted.clone()));
        let json = r#"{"time":"2026-01-01T00:00:00Z","client":"192.0.2.1","method":"GET","target":"/a b\u00ff","status":200,"host":"a:8","user":"alice"}"#;
        assert_eq!(read(json), Ok(Request { host: Some(b"a:8".to_vec()), ..wanted }));
        let local = read("05:41:48 local GET / 200 x 2f 1B 8µs broken").expect("a request");
        assert_eq!((local.client, local.user), (None, None));
        let colour = read("05:41:48 local GET / \x1b[32m200\x1b[0m x 2f 1B 8µs").expect("a request");
        assert_eq!(colour.target, b"/");
    }

    #[test]
    fn what_is_no_request_says_why() {
        for (line, why) in [
            ("(3 lines dropped: output is too slow)", NoRequest::Note),
            ("{\"dropped\":3}", NoRequest::Note),
            ("05:41:48 local - - 400 x 2f 1B 8µs", NoRequest::NotUnderstood),
            ("hello", NoRequest::Malformed),
            ("", NoRequest::Malformed),
            ("{", NoRequest::Malformed),
            ("05:41:48 nowhere GET / 200 x 2f 1B 8µs", NoRequest::Malformed),
            ("05:41:48 local GET / ok x 2f 1B 8µs", NoRequest::Malformed),
            ("05:41:48 local GET /aaa… 200 x 2f 1B 8µs", NoRequest::Cut),
        ] {
            assert_eq!(read(line), Err(why), "{line}");
        }
        let long = format!(r#"{{"client":"local","method":"GET","target":"/{}"}}"#, "a".repeat(limits::SHOWN - 1));
        assert_eq!(read(&long), Err(NoRequest::Cut));
    }

    proptest! {
        #[test]
        fn nothing_panics(line in "\\PC{0,60}") {
            let _ = read(&line);
            let _ = read(&format!("05:41:48 local GET {line} 200 x 2f 1B 8µs"));
        }
    }
}
