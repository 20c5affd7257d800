//! Whole logs, as they are reported.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const LOG: &str = "\
because 0.1.0 serves /srv/site
22:59:58 203.0.113.7 GET /index.html 200 representation_available 2f2b3 1204B 87µs
22:59:59 203.0.113.7 GET /style.css?v=2 200 representation_available 2f2b3 300B 20µs
23:59:59 203.0.113.8 GET /index.html \x1b[32m200\x1b[0m representation_available 2f2b3 1204B 31µs broken
00:00:10 local GET /wp-login.php 404 target_missing 179401 512B 40µs id=0000000000000abc
00:30:00 203.0.113.7 PUT /a 403 permitted bdf0fc 300B 20µs rule=because.toml:24 user=alice id=0000000000000abd
(3 lines dropped: output is too slow)
";

const OBJECTS: &str = r#"{"time":"2026-07-01T22:59:58Z","client":"203.0.113.7","method":"GET","target":"/index.html","version":"HTTP/1.1","status":200,"cause":"representation_available","because":"2f2b3","bytes":1204,"micros":87,"id":"0abc"}
{"time":"2026-07-02T00:00:10Z","client":"local","method":"GET","target":"/\u001b[2J","version":"HTTP/1.1","status":404,"cause":"target_missing","because":"179401","bytes":512,"micros":40,"rule":"because.toml:3","user":"a","id":"0abc"}
{"dropped":4}
not of a log
"#;

fn report(log: &str, options: &Options) -> String {
    let mut out = Vec::new();
    run(log.as_bytes(), options, &mut out).expect("memory can be read");
    String::from_utf8(out).expect("text")
}

fn told(log: &str, options: Options) -> Value {
    serde_json::from_str(&report(log, &Options { format: Format::Json, ..options })).expect("valid")
}

fn names(report: &Value, member: &str) -> Vec<(Value, u64)> {
    let groups = report["groups"].as_array().expect("a list").iter();
    groups.map(|group| (group[member].clone(), group["count"].as_u64().expect("a number"))).collect()
}

#[test]
fn people_get_a_table() {
    let options = Options { format: Format::Text { width: 140, color: false, unicode: true }, ..Options::default() };
    let expected = "\
5 answers from 22:59:58 to 00:30:00+1d (90 minutes), 3.5 kB: 60.0% 2xx, 40.0% 4xx

count   share  status  cause                     rate              first      last       mostly at
    3   60.0%  200     representation_available  █         ▄       22:59      23:59      /index.html 66.7% · /style.css 33.3%
    1   20.0%  403     permitted                                █  00:30 +1d  00:30 +1d  /a 100%
    1   20.0%  404     target_missing                      █       00:00 +1d  00:00 +1d  /wp-login.php 100%

1 response did not come to an end: the client, or the way to it, was gone.
The log itself lacks 3 lines: the server could not write as fast as it answered.
1 line is not of an access log, line 1: because 0.1.0 serves /srv/site
";
    assert_eq!(report(LOG, &options), expected);
}

#[test]
fn the_question_that_decided_is_told() {
    let options = Options { why: true, codes: "404".parse().ok(), ..Options::default() };
    let text = report(LOG, &options);
    let question = &decision::reply::REPLY.rows[decision::reply::REPLY.find("target_missing").expect("a question")];
    for part in ["1 of 5 answers", question.asks, "● yes", question.spec, "because why 179401"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let ascii = Options { format: Format::Text { width: 80, color: false, unicode: false }, ..options.clone() };
    assert!(report(LOG, &ascii).is_ascii());
    let group = &told(LOG, options)["groups"][0];
    assert_eq!(
        (&group["question"], &group["answer"], &group["because"]),
        (&question.asks.into(), &true.into(), &"179401".into())
    );
    let other = "05:41:48 ::1 GET / 404 of_another_version 1 0B 1µs\n";
    assert!(
        report(other, &Options { why: true, ..Options::default() })
            .contains("no walk of this version has the number 1")
    );
}

#[test]
fn colours_are_those_of_the_log() {
    let options = Options { format: Format::Text { width: 120, color: true, unicode: true }, ..Options::default() };
    let text = report(LOG, &options);
    assert!(
        text.contains("\x1b[32m200   \x1b[0m")
            && text.contains("\x1b[33m404   \x1b[0m")
            && text.contains("\x1b[1m    3\x1b[0m")
    );
}

#[test]
fn programs_get_an_object() {
    let all = told(OBJECTS, Options::default());
    assert_eq!(
        (&all["lines"], &all["answers"], &all["dropped"], &all["others"]),
        (&4.into(), &2.into(), &4.into(), &1.into())
    );
    assert_eq!((&all["first"], &all["last"]), (&"2026-07-01T22:59:58Z".into(), &"2026-07-02T00:00:10Z".into()));
    assert_eq!(all["first_other"], json!({"line": 4, "text": "not of a log"}));
    assert_eq!(all["classes"], json!({"1xx": 0, "2xx": 1, "3xx": 0, "4xx": 1, "5xx": 0}));
    let group = &all["groups"][0];
    assert_eq!((&group["status"], &group["paths"]), (&200.into(), &json!([{"path": "/index.html", "count": 1}])));
    assert_eq!(group["rate"], json!({"seconds": 1, "from": "2026-07-01T22:59:58Z", "counts": [1]}));
    assert_eq!(told(LOG, Options::default())["last"], "00:30:00+1d");
}

#[test]
fn lines_are_gathered_by_anything() {
    let by = |by, member| names(&told(LOG, Options { by, ..Options::default() }), member);
    assert_eq!(by(By::Code, "status"), [(200.into(), 3), (403.into(), 1), (404.into(), 1)]);
    let paths = [("/index.html", 2), ("/a", 1), ("/style.css", 1), ("/wp-login.php", 1)];
    assert_eq!(by(By::Path, "path"), paths.map(|(path, count)| (path.into(), count)));
    assert_eq!(
        by(By::Client, "client"),
        [("203.0.113.7", 3), ("203.0.113.8", 1), ("local", 1)].map(|(c, n)| (c.into(), n))
    );
    assert_eq!(by(By::Rule, "rule"), [("-", 4), ("because.toml:24", 1)].map(|(rule, count)| (rule.into(), count)));
    assert_eq!(by(By::User, "user"), [("-", 4), ("alice", 1)].map(|(user, count)| (user.into(), count)));
    for by in By::ALL {
        let text = report(LOG, &Options { by, ..Options::default() });
        assert!(text.contains(by.name()), "{text}");
    }
    assert!(report(LOG, &Options { by: By::Code, ..Options::default() }).contains("404 Not Found"));
}

#[test]
fn only_what_is_asked_for_counts() {
    let count = |options: Options| told(LOG, options)["count"].as_u64();
    let when = |text: &str| text.parse().ok();
    assert_eq!(count(Options { codes: "4xx".parse().ok(), ..Options::default() }), Some(2));
    assert_eq!(count(Options { cause: Some("permitted".to_owned()), ..Options::default() }), Some(1));
    assert_eq!(count(Options { path: Some("/style.css?v".to_owned()), ..Options::default() }), Some(1));
    assert_eq!(count(Options { since: when("23:00"), ..Options::default() }), Some(3));
    assert_eq!(count(Options { since: when("00:00"), until: when("00:30"), ..Options::default() }), Some(1));
    assert_eq!(count(Options { until: when("00:00"), ..Options::default() }), Some(3));
    assert_eq!(
        report(LOG, &Options { path: Some("/x".to_owned()), ..Options::default() }).lines().next(),
        Some("None of 5 answers fits.")
    );
    let dated = Options { since: when("2026-07-02"), ..Options::default() };
    assert_eq!(told(OBJECTS, dated)["count"], 1);
}

#[test]
fn a_date_cannot_be_compared_with_a_time_of_day() {
    let options = Options { since: "2026-07-02".parse().ok(), ..Options::default() };
    let error = run(LOG.as_bytes(), &options, &mut Vec::new()).expect_err("no date is known");
    assert_eq!(error.get_ref().map(ToString::to_string), Some(Undated.to_string()));
}

#[test]
fn few_rows_are_shown_and_the_rest_is_counted() {
    let options = Options { rows: 1, by: By::Path, ..Options::default() };
    let text = report(LOG, &options);
    assert!(text.contains("60.0%  in 3 more paths"), "{text}");
    assert_eq!(told(LOG, options)["not_shown"], 3);
    assert!(report("", &Options::default()).starts_with("There is no answer in this log."));
}

#[test]
fn a_million_paths_take_no_more_room_than_a_thousand() {
    let many = crate::limits::LOG_GROUPS * 3;
    let lines: String =
        (0..many).map(|n| format!("05:41:48 ::1 GET /{n} 404 target_missing 179401 0B 1µs\n")).collect();
    let options = Options { by: By::Path, ..Options::default() };
    let all = told(&lines, options.clone());
    assert_eq!(all["not_shown"].as_u64().zip(all["left_out"].as_u64()).map(|(a, b)| a + b + 20), Some(many as u64));
    assert!(report(&lines, &options).contains("There are more paths than are kept"));
}

#[test]
fn nothing_of_a_line_reaches_the_terminal_as_a_command() {
    for by in By::ALL {
        assert!(!report(OBJECTS, &Options { by, ..Options::default() }).contains('\x1b'));
    }
    assert!(!report("\x1b[2J\x07\n", &Options::default()).contains(['\x1b', '\x07']));
}

/// Lines of a log, and some that are none.
fn line() -> impl Strategy<Value = String> {
    let time = (0u32..24, 0u32..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}:00"));
    let answer = (
        time,
        "/[a-zé]{0,60}",
        100u16..600,
        prop::sample::select(vec!["target_missing", "permitted", "x_y"]),
        1u32..,
        any::<u32>(),
    );
    let answer = answer.prop_map(|(time, target, status, cause, because, octets)| {
        format!("{time} ::1 GET {target} {status} {cause} {because:x} {octets}B 5µs user={octets}")
    });
    prop_oneof![9 => answer, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_log_is_reported_within_its_width(
        lines in prop::collection::vec(line(), 0..40), width in 56usize..160, why: bool, unicode: bool, by in prop::sample::select(By::ALL.to_vec()),
    ) {
        let options = Options { by, why, format: Format::Text { width, color: false, unicode }, ..Options::default() };
        let text = report(&lines.join("\n"), &options);
        for line in text.lines() {
            // the beginning of a strange line may be one long word
            let strange = line.chars().count() > width && !line.starts_with(' ') && text.contains("of an access log");
            prop_assert!(line.chars().count() <= width || strange, "{width}: {line}");
        }
        prop_assert!(unicode || text.is_ascii());
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        told(&lines.join("\n"), options);
    }

    #[test]
    fn any_octets_are_reported(octets: Vec<u8>) {
        let mut out = Vec::new();
        run(octets.as_slice(), &Options::default(), &mut out).expect("memory can be read");
        prop_assert!(String::from_utf8(out).is_ok());
    }
}
