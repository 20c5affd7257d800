//! A line of an access log, in either of the forms that the server writes.
//!
//! A line of text is read from its right: what a client sent stands in the middle of it, and whatever it holds cannot be taken for
//! what the server wrote behind it.

use std::borrow::Cow;

use serde::Deserialize;

use super::clock::Time;

/// What a line tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// An answer.
    Answer(Box<Answer<'a>>),
    /// That so many lines are missing, since output was too slow.
    Dropped(u64),
    /// Nothing that the server writes.
    Other,
}

/// An answer, as far as anything is gathered of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    pub(super) time: Time,
    pub(super) client: Cow<'a, str>,
    pub(super) target: Cow<'a, str>,
    pub(super) status: u16,
    pub(super) cause: Cow<'a, str>,
    pub(super) because: Cow<'a, str>,
    pub(super) octets: u64,
    pub(super) micros: u64,
    pub(super) rule: Option<Cow<'a, str>>,
    pub(super) user: Option<Cow<'a, str>>,
    pub(super) broken: bool,
}

impl Answer<'_> {
    /// The path of its target.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

impl<'a> Line<'a> {
    /// Reads a line without its end.
    pub(super) fn read(octets: &'a [u8]) -> Line<'a> {
        let Ok(text) = str::from_utf8(octets) else { return Line::Other };
        let text = text.strip_suffix('\r').unwrap_or(text);
        let read = match text.as_bytes() {
            [b'{', ..] => json(text),
            [b'(', ..] => dropped(text).map(Line::Dropped),
            _ => written(text).map(|answer| Line::Answer(Box::new(answer))),
        };
        read.unwrap_or(Line::Other)
    }
}

/// `(3 lines dropped: output is too slow)`
fn dropped(text: &str) -> Option<u64> {
    text.strip_prefix('(')?.strip_suffix(" lines dropped: output is too slow)")?.parse().ok()
}

/// `05:41:48 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs rule=a.toml:3 user=alice id=0a broken`
fn written(text: &str) -> Option<Answer<'_>> {
    let (time, rest) = text.split_once(' ')?;
    let time = Time::of_day(time)?;
    let (client, rest) = rest.split_once(' ')?;
    let (_, rest) = rest.split_once(' ')?;
    // what a user is called may look like the end of a line, too; then the next place to the left is the true one
    let ends = rest.rmatch_indices("µs").take(MOST_ENDS);
    ends.filter_map(|(at, mark)| {
        let (target, numbers) = numbers(&rest[..at])?;
        let words = Words::read(&rest[at + mark.len()..])?;
        Some(Answer {
            time,
            client: client.into(),
            target: target.into(),
            status: numbers.status,
            cause: numbers.cause.into(),
            because: numbers.because.into(),
            octets: numbers.octets,
            micros: numbers.micros,
            rule: words.rule.map(Cow::from),
            user: words.user.map(Cow::from),
            broken: words.broken,
        })
    })
    .next()
}

/// Places at which a line of text is tried to be read. One is right, and a user who is called like a line makes it two.
const MOST_ENDS: usize = 4;

/// What the server says of each answer.
struct Numbers<'a> {
    status: u16,
    cause: &'a str,
    because: &'a str,
    octets: u64,
    micros: u64,
}

/// The target, and what stands behind it up to the unit of the last number.
fn numbers(text: &str) -> Option<(&str, Numbers<'_>)> {
    let mut words = text.rsplitn(6, ' ');
    let micros = number(words.next()?)?;
    let octets = number(words.next()?.strip_suffix('B')?)?;
    let because = words.next().filter(|word| is_number(word))?;
    let cause = words.next().filter(|word| is_cause(word))?;
    let status = code(words.next()?)?;
    Some((words.next()?, Numbers { status, cause, because, octets, micros }))
}

fn number(digits: &str) -> Option<u64> {
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 32 && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_cause(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
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

/// What the server says of some answers.
#[derive(Default)]
struct Words<'a> {
    rule: Option<&'a str>,
    user: Option<&'a str>,
    broken: bool,
}

impl<'a> Words<'a> {
    fn read(text: &'a str) -> Option<Words<'a>> {
        let (text, broken) = text.strip_suffix(" broken").map_or((text, false), |rest| (rest, true));
        let text = match text.rsplit_once(" id=") {
            Some((rest, id)) if id == "-" || is_number(id) => rest,
            _ => text,
        };
        let (rule, user) = match text.strip_prefix(" rule=") {
            Some(rest) => match rest.split_once(" user=") {
                Some((rule, user)) => (Some(rule), Some(user)),
                None => (Some(rest), None),
            },
            None if text.is_empty() => (None, None),
            None => (None, Some(text.strip_prefix(" user=")?)),
        };
        Some(Words { rule, user, broken })
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
    target: Cow<'a, str>,
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
    #[serde(borrow, default)]
    rule: Cow<'a, str>,
    #[serde(borrow, default)]
    user: Cow<'a, str>,
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
    let word = |text: Cow<'_, str>| (!text.is_empty()).then_some(text.into_owned().into());
    Some(Line::Answer(Box::new(Answer {
        time: Time::moment(&object.time)?,
        client: object.client,
        target: object.target,
        status: object.status,
        cause: object.cause,
        because: object.because,
        octets: object.bytes,
        micros: object.micros,
        rule: word(object.rule),
        user: word(object.user),
        broken: object.broken,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(text: &str) -> Answer<'_> {
        match Line::read(text.as_bytes()) {
            Line::Answer(answer) => *answer,
            other => panic!("{text} is {other:?}"),
        }
    }

    #[test]
    fn a_line_of_text_is_read() {
        let plain = answer("05:41:48 127.0.0.1 GET /doc?x=1 200 representation_available 2f2b3 1204B 87µs");
        assert_eq!((plain.time, &*plain.client, &*plain.target), (Time::Day(20_508), "127.0.0.1", "/doc?x=1"));
        assert_eq!((plain.path(), plain.status, &*plain.cause), ("/doc", 200, "representation_available"));
        assert_eq!((&*plain.because, plain.octets, plain.micros), ("2f2b3", 1_204, 87));
        assert_eq!((plain.rule, plain.user, plain.broken), (None, None, false));
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
            (" rule=my site.toml:3 id=0a", Some("my site.toml:3"), None, false),
            (" user=al ice", None, Some("al ice"), false),
            (" broken", None, None, true),
            (" id=-", None, None, false),
        ] {
            let text = format!("05:41:48 local - - 404 target_missing 1a 0B 1µs{words}");
            let read = answer(&text);
            assert_eq!((read.rule.as_deref(), read.user.as_deref(), read.broken), (rule, user, broken), "{text}");
        }
    }

    #[test]
    fn colours_do_not_matter() {
        let read = answer("05:41:48 ::1 PUT /a \x1b[1;31m500\x1b[0m internal_fault 1a 5B 6µs");
        assert_eq!((read.status, &*read.target), (500, "/a"));
    }

    #[test]
    fn no_target_and_no_user_can_forge_the_rest() {
        let forged = "/x 200 representation_available 2f2b3 1B 2µs";
        let text = format!("05:41:48 ::1 GET {forged} 404 target_missing 1a 5B 6µs id=0a");
        assert_eq!((answer(&text).status, &*answer(&text).target), (404, forged));
        let text = format!("05:41:48 ::1 GET /y 404 target_missing 1a 5B 6µs user=a{forged} b");
        assert_eq!((answer(&text).status, answer(&text).user.as_deref()), (404, Some(format!("a{forged} b").as_str())));
    }

    #[test]
    fn a_line_of_json_is_read() {
        let read = answer(
            r#"{"time":"2023-11-14T22:13:20Z","client":"127.0.0.1","method":"GET","target":"/\"a\u00ff","version":"HTTP/1.1","status":404,"cause":"target_missing","because":"1a","bytes":12,"micros":34,"host":"h","rule":"because.toml:12","user":"alice","id":"0abc","broken":true}"#,
        );
        assert_eq!((read.time, &*read.target, read.status), (Time::Moment(1_700_000_000), "/\"aÿ", 404));
        assert_eq!(
            (read.rule.as_deref(), read.user.as_deref(), read.broken),
            (Some("because.toml:12"), Some("alice"), true)
        );
    }

    #[test]
    fn what_was_dropped_is_read_and_all_else_is_other() {
        assert_eq!(Line::read(b"(3 lines dropped: output is too slow)"), Line::Dropped(3));
        assert_eq!(Line::read(b"{\"dropped\":7}"), Line::Dropped(7));
        for text in [
            "",
            "{",
            "{}",
            "()",
            "because 0.1.0 serves /srv/site",
            "  http://127.0.0.1:8080/",
            "25:00:00 ::1 GET /a 200 a 1 1B 1µs",
            "05:41:48 ::1 GET /a 600 a 1 1B 1µs",
            "05:41:48 ::1 GET /a 200 A 1 1B 1µs",
            "05:41:48 ::1 GET /a 200 a g 1B 1µs",
            "05:41:48 ::1 GET /a 200 a 1 1 1µs",
            "05:41:48 ::1 GET /a 200 a 1 1B 1ms",
            "05:41:48 ::1 GET /a 200 a 1 1B 1µs more",
            "{\"time\":\"2023-11-14T22:13:20Z\",\"status\":99,\"cause\":\"a\",\"because\":\"1\"}",
            "{\"time\":\"yesterday\",\"status\":200,\"cause\":\"a\",\"because\":\"1\"}",
        ] {
            assert_eq!(Line::read(text.as_bytes()), Line::Other, "{text}");
        }
        assert_eq!(Line::read(b"\xff"), Line::Other);
    }

    proptest! {
        #[test]
        fn nothing_panics(octets: Vec<u8>, text: String) {
            let _ = (Line::read(&octets), Line::read(text.as_bytes()));
            let _ = (Line::read(format!("{{\"time\":{text:?}}}").as_bytes()), Line::read(format!("05:41:48 {text} 1µs").as_bytes()));
        }

        #[test]
        fn what_is_written_is_read(
            second in 0u32..86_400, target in "[!-~]{1,40}", status in 100u16..600, octets: u64, micros: u64,
            rule in prop::option::of("[a-z]{1,8}\\.toml:[1-9]"), user in prop::option::of("[!-~]{1,8}"), broken: bool,
        ) {
            let (hour, minute, rest) = (second / 3_600, second / 60 % 60, second % 60);
            let mut text = format!("{hour:02}:{minute:02}:{rest:02} ::1 GET {target} {status} some_cause 1f {octets}B {micros}µs");
            if let Some(rule) = &rule {
                text += &format!(" rule={rule}");
            }
            if let Some(user) = &user {
                text += &format!(" user={user}");
            }
            text += if broken { " id=0a broken" } else { "" };
            let read = answer(&text);
            prop_assert_eq!((read.time, &*read.target, read.status), (Time::Day(second), target.as_str(), status));
            prop_assert_eq!((read.octets, read.micros, read.broken), (octets, micros, broken));
            prop_assert_eq!((read.rule.as_deref(), read.user.as_deref()), (rule.as_deref(), user.as_deref()));
        }
    }
}
