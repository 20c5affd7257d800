//! A line of an access log, read in either of the forms in which [`super::write`] writes it.
//!
//! What comes from a log is not trusted. A line is read to the letter: each word stands in its place, and what a client or a user
//! has chosen is one word, so nothing that it holds can be taken for what the server wrote. What is no such line is told as such.

use core::net::IpAddr;
use std::borrow::Cow;

use semantics::date::Date;
use semantics::text::shown::read_word;
use serde::Deserialize;

use super::write::CUT;

/// What a line tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// An answer.
    Answer(Box<Answer<'a>>),
    /// That so many lines are missing, since output was too slow.
    Dropped(u64),
    /// An answer, as older versions wrote it: without its date.
    Undated,
    /// Nothing that the server writes.
    Other,
}

/// An answer, as far as its line tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// When it was given, in seconds of Unix time.
    pub moment: i64,
    /// Whom it was given; nothing: a process of the server's machine.
    pub client: Option<IpAddr>,
    /// The octets of the method's name; none, if the request was not understood.
    pub method: Cow<'a, [u8]>,
    /// The octets of the target.
    pub target: Cow<'a, [u8]>,
    /// The value of Host, if the line tells it.
    pub host: Option<Vec<u8>>,
    /// The end of the method, the target or the host was too long for the line.
    pub is_cut: bool,
    /// The status.
    pub status: u16,
    /// The question that was its cause.
    pub cause: Cow<'a, str>,
    /// The number of the walk.
    pub because: Cow<'a, str>,
    /// Octets of content sent.
    pub octets: u64,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// The line of the configuration that decided.
    pub rule: Option<String>,
    /// Who asked, if that was proved.
    pub user: Option<String>,
    /// By what it is known, if the line tells it.
    pub id: Option<Cow<'a, str>>,
    /// The response did not come to its end.
    pub broken: bool,
}

impl Answer<'_> {
    /// The path of its target.
    pub fn path(&self) -> &[u8] {
        self.target.split(|octet| *octet == b'?').next().unwrap_or_default()
    }
}

impl<'a> Line<'a> {
    /// Reads a line without its end.
    pub fn read(octets: &'a [u8]) -> Line<'a> {
        let Ok(text) = str::from_utf8(octets) else { return Line::Other };
        let text = text.strip_suffix('\r').unwrap_or(text);
        let read = match text.as_bytes() {
            [b'{', ..] => json(text),
            [b'(', ..] => dropped(text).map(Line::Dropped),
            _ => written(text),
        };
        read.unwrap_or(Line::Other)
    }
}

/// `(3 lines dropped: output is too slow)`
fn dropped(text: &str) -> Option<u64> {
    text.strip_prefix('(')?.strip_suffix(" lines dropped: output is too slow)")?.parse().ok()
}

/// `2026-12-01T05:41:48.123Z 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs rule=a.toml:3 user=alice id=0a broken`
fn written(text: &str) -> Option<Line<'_>> {
    let (time, rest) = text.split_once(' ')?;
    let mut words = Words(Some(rest));
    let client = client(words.next()?)?;
    let (method, method_is_cut) = chosen(words.next()?)?;
    let (target, target_is_cut) = chosen(words.next()?)?;
    let mut answer = Answer {
        moment: 0,
        client,
        method,
        target,
        host: None,
        is_cut: method_is_cut || target_is_cut,
        status: code(words.next()?)?,
        cause: words.next().filter(|word| is_cause(word))?.into(),
        because: words.next().filter(|word| is_number(word))?.into(),
        octets: number(words.next()?.strip_suffix('B')?)?,
        micros: number(words.next()?.strip_suffix("µs")?)?,
        rule: words.named("rule=", word)?,
        user: words.named("user=", word)?,
        id: words.named("id=", |id| (id == "-" || is_number(id)).then_some(id.into()))?,
        broken: words.named("broken", |rest| rest.is_empty().then_some(()))?.is_some(),
    };
    if words.0.is_some() {
        return None;
    }
    match Date::parse_rfc3339(time.as_bytes()) {
        Ok(date) => {
            answer.moment = date.unix();
            Some(Line::Answer(Box::new(answer)))
        }
        Err(_) => is_time_of_day(time).then_some(Line::Undated),
    }
}

/// The words of a line that are not read yet.
struct Words<'a>(Option<&'a str>);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.take()?;
        let word = match text.split_once(' ') {
            Some((word, rest)) => {
                self.0 = Some(rest);
                word
            }
            None => text,
        };
        Some(word).filter(|word| !word.is_empty())
    }

    /// What the next word tells, if it has this name; nothing at all, if it has, and tells nothing.
    fn named<T>(&mut self, name: &str, read: impl FnOnce(&'a str) -> Option<T>) -> Option<Option<T>> {
        if !self.0.is_some_and(|text| text.starts_with(name)) {
            return Some(None);
        }
        self.next()?.strip_prefix(name).and_then(read).map(Some)
    }
}

/// `05:41:48`
fn is_time_of_day(text: &str) -> bool {
    text.len() == 8 && Date::parse_rfc3339(format!("1970-01-01T{text}Z").as_bytes()).is_ok()
}

fn client(word: &str) -> Option<Option<IpAddr>> {
    if word == "local" { Some(None) } else { word.parse().ok().map(Some) }
}

/// Octets that a client has chosen, and whether their end is missing.
fn chosen(word: &str) -> Option<(Cow<'_, [u8]>, bool)> {
    let (word, is_cut) = word.strip_suffix(CUT).map_or((word, false), |word| (word, true));
    match word {
        "-" => Some((Cow::Borrowed(b""), is_cut)),
        // most are as they were sent
        _ if word.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\') => {
            Some((Cow::Borrowed(word.as_bytes()), is_cut))
        }
        _ => Some((Cow::Owned(read_word(word)?), is_cut)),
    }
}

/// A text that an operator has chosen.
fn word(word: &str) -> Option<String> {
    String::from_utf8(read_word(word)?).ok().filter(|word| !word.is_empty())
}

fn number(digits: &str) -> Option<u64> {
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 32 && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_cause(word: &str) -> bool {
    word == "-" || !word.is_empty() && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// A status, in colour or not.
fn code(word: &str) -> Option<u16> {
    let digits = match word.strip_prefix("\x1b[") {
        Some(coloured) => coloured.split_once('m')?.1.strip_suffix("\x1b[0m")?,
        None => word,
    };
    match digits.as_bytes() {
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => digits.parse().ok(),
        _ => None,
    }
}

/// A line of JSON. What is not there is empty.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default)]
    time: Cow<'a, str>,
    #[serde(borrow, default)]
    client: Cow<'a, str>,
    #[serde(borrow, default)]
    method: Cow<'a, str>,
    #[serde(borrow, default)]
    target: Cow<'a, str>,
    #[serde(borrow)]
    host: Option<Cow<'a, str>>,
    #[serde(default)]
    status: u16,
    #[serde(borrow, default)]
    cause: Cow<'a, str>,
    #[serde(borrow, default)]
    because: Cow<'a, str>,
    #[serde(default)]
    bytes: u64,
    #[serde(default)]
    micros: u64,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    broken: bool,
    #[serde(default)]
    dropped: u64,
}

fn json(text: &str) -> Option<Line<'_>> {
    let object: Object<'_> = serde_json::from_str(text).ok()?;
    if object.dropped > 0 {
        return Some(Line::Dropped(object.dropped));
    }
    if !(100..600).contains(&object.status) || !is_cause(&object.cause) || !is_number(&object.because) {
        return None;
    }
    let (method, method_is_cut) = latin(&object.method)?;
    let (target, target_is_cut) = latin(&object.target)?;
    let (host, host_is_cut) = match object.host {
        None => (None, false),
        Some(host) => latin(&host).map(|(host, is_cut)| (Some(host), is_cut))?,
    };
    Some(Line::Answer(Box::new(Answer {
        moment: Date::parse_rfc3339(object.time.as_bytes()).ok()?.unix(),
        client: client(&object.client)?,
        method: method.into(),
        target: target.into(),
        host,
        is_cut: method_is_cut || target_is_cut || host_is_cut,
        status: object.status,
        cause: object.cause,
        because: object.because,
        octets: object.bytes,
        micros: object.micros,
        rule: object.rule,
        user: object.user,
        id: object.id,
        broken: object.broken,
    })))
}

/// Octets that are written as the characters of their numbers, and whether their end is missing.
fn latin(text: &str) -> Option<(Vec<u8>, bool)> {
    let (text, is_cut) = text.strip_suffix(CUT).map_or((text, false), |text| (text, true));
    Some((text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?, is_cut))
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;
    use crate::event::tests::plain;
    use crate::event::{Event, Rule};
    use proptest::prelude::*;

    fn answer(text: &str) -> Answer<'_> {
        match Line::read(text.as_bytes()) {
            Line::Answer(answer) => *answer,
            other => panic!("{text} is {other:?}"),
        }
    }

    #[test]
    fn a_line_of_text_is_read() {
        let plain =
            answer("2023-11-14T22:13:20.123Z 127.0.0.1 GET /doc?x=1 200 representation_available 2f2b3 1204B 87µs");
        assert_eq!((plain.moment, plain.client), (1_700_000_000, "127.0.0.1".parse().ok()));
        assert_eq!((&*plain.method, &*plain.target, plain.path()), (&b"GET"[..], &b"/doc?x=1"[..], &b"/doc"[..]));
        assert_eq!((plain.status, &*plain.cause), (200, "representation_available"));
        assert_eq!((&*plain.because, plain.octets, plain.micros), ("2f2b3", 1_204, 87));
        assert_eq!((plain.rule, plain.user, plain.id, plain.broken), (None, None, None, false));
    }

    #[test]
    fn every_word_behind_it_is_read() {
        for (words, rule, user, broken) in [
            (
                " rule=because.toml:12 user=alice id=0000000000000abc broken",
                Some("because.toml:12"),
                Some("alice"),
                true,
            ),
            (" rule=my\\x20site.toml:3 id=0a", Some("my site.toml:3"), None, false),
            (" user=al\\x20ice", None, Some("al ice"), false),
            (" user=\\xc3\\xa9", None, Some("é"), false),
            (" broken", None, None, true),
            (" id=-", None, None, false),
        ] {
            let text = format!("2023-11-14T22:13:20Z local - - 404 target_missing 1a 0B 1µs{words}");
            let read = answer(&text);
            assert_eq!((read.rule.as_deref(), read.user.as_deref(), read.broken), (rule, user, broken), "{text}");
        }
    }

    #[test]
    fn colours_do_not_matter() {
        let read = answer("2023-11-14T22:13:20Z ::1 PUT /a \x1b[1;31m500\x1b[0m internal_fault 1a 5B 6µs");
        assert_eq!((read.status, &*read.target), (500, &b"/a"[..]));
    }

    #[test]
    fn a_line_of_json_is_read() {
        let read = answer(
            r#"{"time":"2023-11-14T22:13:20Z","client":"127.0.0.1","method":"GET","target":"/\"a\u00ff","version":"HTTP/1.1","status":404,"cause":"target_missing","because":"1a","bytes":12,"micros":34,"host":"h","rule":"because.toml:12","user":"alice","id":"0abc","broken":true}"#,
        );
        assert_eq!((read.moment, &*read.target, read.status), (1_700_000_000, &b"/\"a\xff"[..], 404));
        assert_eq!((read.host.as_deref(), read.is_cut, read.id.as_deref()), (Some(&b"h"[..]), false, Some("0abc")));
        assert_eq!(
            (read.rule.as_deref(), read.user.as_deref(), read.broken),
            (Some("because.toml:12"), Some("alice"), true)
        );
    }

    /// The first three were read by one command and not by another.
    #[test]
    fn what_is_no_line_of_ours_is_other() {
        let time = "2023-11-14T22:13:20.123Z ::1 GET";
        for text in [
            format!("{time} /a 200 a 9 1B 1µs x y"),
            format!("{time} /a 200 a 9 1B 1µs user=al ice"),
            format!("{time} /b c 200 a 9 1B 1µs"),
            format!("{time} /a 600 a 1 1B 1µs"),
            format!("{time} /a 200 A 1 1B 1µs"),
            format!("{time} /a 200 a g 1B 1µs"),
            format!("{time} /a 200 a 1 1 1µs"),
            format!("{time} /a 200 a 1 1B 1ms"),
            format!("{time} /a 200 a 1 1B 1µs "),
            format!("{time} /a 200 a 1 1B 1µs user="),
            format!("{time} /a 200 a 1 1B 1µs user=a rule=b"),
            format!("{time} /a 200 a 1 1B 1µs brokenly"),
            format!("{time}  200 a 1 1B 1µs"),
            format!("{time} /é 200 a 1 1B 1µs"),
            format!("{time} /\\n 200 a 1 1B 1µs"),
            "2023-11-14T22:13:20Z nowhere GET /a 200 a 1 1B 1µs".to_owned(),
            "2023-02-29T22:13:20Z ::1 GET /a 200 a 1 1B 1µs".to_owned(),
            "25:00:00 ::1 GET /a 200 a 1 1B 1µs".to_owned(),
            r#"{"time":"2023-11-14T22:13:20Z","client":"::1","status":99,"cause":"a","because":"1"}"#.to_owned(),
            r#"{"time":"yesterday","client":"::1","status":200,"cause":"a","because":"1"}"#.to_owned(),
            r#"{"time":"2023-11-14T22:13:20Z","client":"::1","target":"/€","status":200,"cause":"a","because":"1"}"#
                .to_owned(),
        ] {
            assert_eq!(Line::read(text.as_bytes()), Line::Other, "{text}");
        }
        for text in ["", "{", "{}", "()", "because 0.1.0 serves /srv/site", "  http://127.0.0.1:8080/"] {
            assert_eq!(Line::read(text.as_bytes()), Line::Other, "{text}");
        }
        assert_eq!(Line::read(b"\xff"), Line::Other);
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(Line::read(b"(3 lines dropped: output is too slow)"), Line::Dropped(3));
        assert_eq!(Line::read(b"{\"dropped\":7}"), Line::Dropped(7));
        assert_eq!(Line::read("05:41:48 ::1 GET /a 200 a 1 1B 1µs".as_bytes()), Line::Undated);
    }

    /// Names of methods and targets, names of users, files.
    fn event() -> impl Strategy<Value = (Vec<u8>, Vec<u8>, Option<String>, Option<String>, u64)> {
        (
            prop::collection::vec(any::<u8>(), 0..20),
            prop::collection::vec(any::<u8>(), 1..400),
            prop::option::of("\\PC{1,20}"),
            prop::option::of("\\PC{1,20}"),
            0u64..253_402_300_800_000,
        )
    }

    proptest! {
        #[test]
        fn nothing_panics(octets: Vec<u8>, text: String) {
            let _ = (Line::read(&octets), Line::read(text.as_bytes()));
            let _ = Line::read(format!("{{\"time\":{text:?}}}").as_bytes());
        }

        /// Lines that are nearly right: one octet is another.
        #[test]
        fn near_misses_do_not_panic(at in 0usize..150, octet: u8, is_json: bool) {
            let mut line = Vec::new();
            let event = Event { status: 404, user: Some("a b"), broken: true, ..plain() };
            if is_json { write::json(&event, &mut line) } else { write::text(&event, true, &mut line) }
            if let Some(place) = line.get_mut(at) {
                *place = octet;
            }
            let _ = Line::read(&line);
        }

        #[test]
        fn what_is_written_is_read(
            (method, target, user, file, moment) in event(), status in 100u16..600, octets: u64, micros: u64, broken: bool, color: bool,
        ) {
            prop_assume!(method != b"-" && target != b"-");
            let rule = file.as_deref().map(|file| Rule { file, line: 7 });
            let user = user.as_deref();
            let given =
                Event { moment, method: &method, target: &target, status, octets, micros, rule, user, broken, ..plain() };
            let (mut people, mut programs) = (Vec::new(), Vec::new());
            write::text(&given, color, &mut people);
            write::json(&given, &mut programs);
            for line in [&people, &programs] {
                let Line::Answer(read) = Line::read(&line[..line.len() - 1]) else { panic!("{line:?}") };
                let most = crate::limits::SHOWN;
                prop_assert_eq!((&*read.method, &*read.target), (&*method, &target[..target.len().min(most)]));
                prop_assert_eq!(read.is_cut, target.len() > most);
                prop_assert_eq!((read.moment, read.status), ((moment / 1_000) as i64, status));
                prop_assert_eq!((read.octets, read.micros, read.broken), (octets, micros, broken));
                prop_assert_eq!(read.client, "127.0.0.1".parse().ok());
                prop_assert_eq!(read.user.as_deref(), user);
                prop_assert_eq!(read.rule, rule.map(|rule| rule.to_string()));
            }
        }
    }
}
