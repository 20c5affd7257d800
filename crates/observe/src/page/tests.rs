//! What stands where, and what the files of the page hold.

use std::collections::HashSet;

use decision::reply::REPLY;
use serde_json::Value;

use super::*;
use crate::event::Event;
use crate::event::tests::plain;
use crate::recent::Wanted;

const KEPT: Wanted = Wanted { one_of: 1, explained: true };

/// Calls with the state of a server that answered three requests.
fn with_state<T>(each: impl FnOnce(&State<'_>) -> T) -> T {
    let (counter, tally) = Tally::begin();
    let recent = Recent::default();
    let missing = REPLY.find("target_missing").expect("a question") as u16;
    let hostile = Event { status: 404, last: missing, target: b"/</script>\"\n\xff", ..plain() };
    for event in [plain(), plain(), hostile] {
        counter.count(&event);
        recent.keep(&event, KEPT, None);
    }
    let gauges = Gauges { connections: 2, accepted: 5, started: Some(1_700_000_000), version: "0.1.0" };
    each(&State { tallies: &[tally], recent: &recent, gauges, moment: 1_700_000_060_000, ready: true })
}

fn page(path: &str, query: &str) -> Option<Page> {
    with_state(|state| find(path, query, state))
}

fn text(path: &str, query: &str) -> String {
    let page = page(path, query).unwrap_or_else(|| panic!("nothing stands at {path}"));
    String::from_utf8(page.octets.into_owned()).expect("text")
}

fn json(path: &str, query: &str) -> Value {
    serde_json::from_str(&text(path, query)).expect("valid")
}

#[test]
fn the_page_asks_nobody_else_and_shows_nothing_as_markup() {
    for file in [HTML, CSS, JS] {
        for word in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "@import", "//cdn"]
        {
            assert!(!file.contains(word), "{word}");
        }
        // the only address is the name of a name space, which nobody asks for
        let addresses = file.replace("http://www.w3.org/2000/svg", "");
        assert!(!addresses.contains("http:") && !addresses.contains("https:") && !addresses.contains("url("));
    }
    // nothing inline, which the policy forbids
    assert!(!HTML.contains("<style") && !HTML.contains("style="));
    assert!(["onclick=", "onload=", "onerror=", "javascript:"].iter().all(|word| !HTML.contains(word)));
    assert_eq!(HTML.matches("<script").count(), 1);
    assert!(HTML.contains("<script src=\"live.js\" defer></script>"));
    for directive in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"]
    {
        assert!(POLICY.split("; ").any(|part| part == directive), "{directive}");
    }
}

#[test]
fn every_id_that_the_script_uses_is_on_the_page() {
    let ids: HashSet<&str> =
        HTML.split(" id=").skip(1).map(|rest| rest.split([' ', '>']).next().unwrap_or_default()).collect();
    let used = JS.split("$('").skip(1).map(|rest| rest.split('\'').next().unwrap_or_default());
    for id in used {
        assert!(ids.contains(id), "{id}");
    }
    // and every control has a name for those who do not see it
    assert!(HTML.matches("role=tab ").count() == 2 && HTML.matches("role=tabpanel").count() == 2);
    for part in ["aria-label=View", "aria-label=\"Recent verdicts, the newest first\"", "role=status", "lang=en"] {
        assert!(HTML.contains(part), "{part}");
    }
}

#[test]
fn files_of_the_page_have_tags_and_the_rest_has_none() {
    for path in ["/", "/live.css", "/live.js", "/walk/2f2b3.svg", "/walk/2f2b3.json"] {
        let (first, second) = (page(path, ""), page(path, "x=1"));
        let etag = first.and_then(|page| page.etag).expect("a tag");
        assert!(etag.len() == 18 && etag.starts_with('"') && etag.ends_with('"'));
        assert_eq!(Some(etag), second.and_then(|page| page.etag));
    }
    for path in
        ["/recent.json", "/totals.json", "/graph.svg", "/metrics", "/healthz", "/readyz", "/events", "/verdict/1.json"]
    {
        assert_eq!(page(path, "").map(|page| page.etag), Some(None), "{path}");
    }
}

#[test]
fn nothing_stands_elsewhere() {
    for path in
        ["", "/index.html", "/live", "//", "/walk/", "/walk/2f2b3", "/walk/2f2b3.png", "/walk/0.svg", "/walk/é.json"]
    {
        assert_eq!(page(path, ""), None, "{path}");
    }
    for path in ["/verdict/0.json", "/verdict/4.json", "/verdict/x.json", "/verdict/.json", "/verdict/-1.json"] {
        assert_eq!(page(path, ""), None, "{path}");
    }
}

#[test]
fn walks_are_told_and_drawn() {
    assert_eq!(json("/walk/2f2b3.json", "")["cause"], "representation_available");
    assert_eq!(json("/walk/m:180.json", "")["member"], true);
    let drawn = page("/walk/2f2b3.svg", "").expect("a drawing");
    assert_eq!((drawn.media_type, drawn.policy), ("image/svg+xml", IMAGE_POLICY));
    assert!(text("/graph.svg", "").contains("representation_available, yes: 3 times"));
}

#[test]
fn verdicts_are_listed() {
    let all = json("/recent.json", "");
    let numbers = |list: &Value| -> Vec<u64> {
        list["verdicts"].as_array().expect("a list").iter().filter_map(|v| v["number"].as_u64()).collect()
    };
    assert_eq!((numbers(&all), &all["up_to"]), (vec![3, 2, 1], &3.into()));
    assert_eq!(all["verdicts"][0]["target"], "/</script>\"\nÿ");
    assert_eq!(numbers(&json("/recent.json", "status=4xx")), [3]);
    assert_eq!(numbers(&json("/recent.json", "since=1&count=1")), [2]);
    assert_eq!(numbers(&json("/recent.json", "count=0")), [0u64; 0]);
    let refused = json("/recent.json", "status=many");
    assert!(numbers(&refused).is_empty() && refused["refused"].is_string());
    assert_eq!(json("/verdict/3.json", "")["cause"], "target_missing");
}

#[test]
fn totals_are_told() {
    let totals = json("/totals.json", "");
    assert_eq!((&totals["answers"], &totals["walks"]), (&serde_json::json!([0, 2, 0, 1, 0]), &3.into()));
    assert_eq!(totals["latency"].as_array().map(Vec::len), totals["spans"].as_array().map(|spans| spans.len() + 1));
    let causes = serde_json::json!([
        {"cause": "target_missing", "status": 404, "count": 1},
        {"cause": "representation_available", "status": 200, "count": 2},
    ]);
    assert_eq!(totals["causes"], causes);
    assert_eq!((&totals["started"], &totals["ready"]), (&1_700_000_000.into(), &true.into()));
}

#[test]
fn what_is_not_ready_says_so_as_a_fact() {
    let ready = |ready| with_state(|state| find("/readyz", "", &State { ready, ..*state })).expect("it stands there");
    assert!(ready(true).in_service && !ready(false).in_service);
    assert!(with_state(|state| find("/healthz", "", &State { ready: false, ..*state })).expect("it lives").in_service);
}

#[test]
fn a_stream_tells_what_happens() {
    let stream = page("/events", "since=2").expect("it stands there");
    assert_eq!((stream.kind, stream.media_type), (Kind::Stream, "text/event-stream"));
    assert_eq!(
        String::from_utf8_lossy(&stream.octets),
        "retry: 2000\nevent: server\ndata: {\"version\":\"0.1.0\",\"started\":1700000000}\n\n"
    );
    with_state(|state| {
        let mut out = Vec::new();
        assert_eq!(events(state.recent, 1, &mut out), 3);
        let text = String::from_utf8(out).expect("text");
        let frames: Vec<&str> = text.split_terminator("\n\n").collect();
        assert_eq!(frames.len(), 2);
        for (frame, number) in frames.iter().zip([2, 3]) {
            let (id, data) = frame.split_once("\ndata: ").expect("both");
            assert_eq!(id, format!("id: {number}"));
            let told: Value = serde_json::from_str(data).expect("one line of JSON");
            assert_eq!(told["number"], number);
        }
        let mut none = Vec::new();
        assert_eq!((events(state.recent, 3, &mut none), none.len()), (3, 0));
    });
}

#[test]
fn a_follower_that_was_too_slow_is_told_what_it_missed() {
    let recent = Recent::new(2, usize::MAX);
    (0..5).for_each(|_| recent.keep(&plain(), KEPT, None));
    let mut out = Vec::new();
    assert_eq!(events(&recent, 1, &mut out), 5);
    assert!(out.starts_with(b"event: missed\ndata: 2\n\nid: 4\n"));
    let many = Recent::default();
    (0..limits::VERDICTS_AT_ONCE + 10).for_each(|_| many.keep(&plain(), KEPT, None));
    out.clear();
    assert_eq!(events(&many, 0, &mut out), limits::VERDICTS_AT_ONCE as u64);
}

#[test]
fn a_stream_goes_on_where_the_browser_says() {
    assert_eq!((since("", None), since("since=x", None), since("since=7", Some(b"x"))), (0, 0, 7));
    assert_eq!(since("since=7", Some(b" 9 ")), 9);
}
