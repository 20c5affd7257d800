//! The examples of RFC 4918, and what is no If.

extern crate std;
use super::IfError::*;
use super::*;
use proptest::prelude::*;
use std::{format, string::String, vec::Vec};

/// The value as text: each list as its resource and its conditions.
fn shown(value: &str) -> Vec<String> {
    let read = IfHeader::parse(value.as_bytes()).expect("well formed");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let condition = |condition: Condition<'_>| {
        let not = if condition.not { "!" } else { "" };
        match condition.what {
            What::Token(token) => format!("{not}{}", text(token)),
            What::Tag(tag) => format!("{not}{}", text(&tag.pieces().concat())),
        }
    };
    let list = |list: List<'_>| {
        let conditions: Vec<_> = list.conditions().map(condition).collect();
        format!("{}: {}", list.resource.map(text).unwrap_or_default(), conditions.join(" & "))
    };
    read.lists().map(list).collect()
}

/// Does it hold where a resource is in these states? Each is a resource (empty: the request's), and a token or a tag.
fn holds(value: &str, states: &[(&str, &str)]) -> bool {
    let read = IfHeader::parse(value.as_bytes()).expect("well formed");
    read.holds(|resource, what| {
        let what = match what {
            What::Token(token) => String::from_utf8_lossy(token).into_owned(),
            What::Tag(tag) => String::from_utf8_lossy(&tag.pieces().concat()).into_owned(),
        };
        states.iter().any(|&(at, state)| at.as_bytes() == resource.unwrap_or_default() && state == what)
    })
}

const LOCK: &str = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2";
const OTHER: &str = "urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092";

#[test]
fn a_list_without_a_name_is_of_the_request() {
    // RFC 4918 §10.4.6
    let value = format!("(<{LOCK}> [\"I am an ETag\"]) ([\"I am another ETag\"])");
    assert_eq!(shown(&value), [format!(": {LOCK} & \"I am an ETag\""), String::from(": \"I am another ETag\"")]);
    assert!(holds(&value, &[("", LOCK), ("", "\"I am an ETag\"")]));
    assert!(holds(&value, &[("", "\"I am another ETag\"")]));
    assert!(!holds(&value, &[("", LOCK)]) && !holds(&value, &[("", "\"I am an ETag\"")]));
    assert!(!holds(&value, &[("/x", "\"I am another ETag\"")]));
}

#[test]
fn not_turns_a_condition_round() {
    // RFC 4918 §10.4.7
    let value = format!("(Not <{LOCK}> <{OTHER}>)");
    assert_eq!(shown(&value), [format!(": !{LOCK} & {OTHER}")]);
    assert!(holds(&value, &[("", OTHER)]));
    assert!(!holds(&value, &[("", OTHER), ("", LOCK)]) && !holds(&value, &[]));
}

#[test]
fn a_list_can_be_made_true() {
    // RFC 4918 §10.4.8: a token that no state has, denied, is true whatever the state.
    let value = format!("(<{LOCK}>) (Not <DAV:no-lock>)");
    assert_eq!(shown(&value), [format!(": {LOCK}"), String::from(": !DAV:no-lock")]);
    assert!(holds(&value, &[]) && holds(&value, &[("", LOCK)]));
}

#[test]
fn a_list_with_a_name_is_of_that_resource() {
    // RFC 4918 §10.4.9
    let value = format!("</resource1> (<{LOCK}> [W/\"A weak ETag\"]) ([\"strong ETag\"])");
    assert_eq!(
        shown(&value),
        [format!("/resource1: {LOCK} & W/\"A weak ETag\""), String::from("/resource1: \"strong ETag\"")]
    );
    assert!(holds(&value, &[("/resource1", "\"strong ETag\"")]));
    assert!(!holds(&value, &[("", "\"strong ETag\"")]));
}

#[test]
fn names_are_uris_too() {
    // RFC 4918 §10.4.10
    let value = "<http://www.example.com/specs/> (<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>)";
    assert_eq!(shown(value), [format!("http://www.example.com/specs/: {LOCK}")]);
    // RFC 4918 §10.4.11, §10.4.12: what such a name leads to, and what a tag matches there, is for the caller
    assert!(holds("</specs/rfc2518.doc> ([\"4217\"])", &[("/specs/rfc2518.doc", "\"4217\"")]));
    assert!(!holds("</specs/rfc2518.doc> ([\"4217\"])", &[]), "DAV-030: nothing stands there");
    assert!(holds("</specs/rfc2518.doc> (Not [\"4217\"])", &[]));
}

#[test]
fn several_resources_are_named() {
    let value = "<http://h/a>(<urn:1>)(<urn:2>)</b?c=d>(Not[\"x]y\"]<urn:3>)";
    assert_eq!(shown(value), ["http://h/a: urn:1", "http://h/a: urn:2", "/b?c=d: !\"x]y\" & urn:3"]);
    assert!(holds(value, &[("/b?c=d", "urn:3")]) && !holds(value, &[("http://h/a", "urn:3")]));
}

/// DAV-029
#[test]
fn every_token_is_submitted() {
    let value = IfHeader::parse(b"</a> (<urn:1> [\"x\"]) (Not <urn:2>) </b> (<urn:1>)").expect("well formed");
    assert!(value.tokens().eq([&b"urn:1"[..], b"urn:2", b"urn:1"]));
    assert!(!value.holds(|_, what| what == What::Token(b"urn:2")));
}

#[test]
fn no_more_is_asked_than_is_needed() {
    let value = IfHeader::parse(b"(<urn:1> <urn:2>) (Not <urn:3>) (<urn:4>)").expect("well formed");
    let mut asked = Vec::new();
    assert!(value.holds(|_, what| {
        asked.push(what);
        false
    }));
    assert_eq!(asked, [What::Token(b"urn:1"), What::Token(b"urn:3")]);
}

#[test]
fn what_is_no_if_is_refused() {
    for (value, at, what) in [
        ("", 0, Empty),
        (" \t", 2, Empty),
        ("()", 1, EmptyList),
        ("(<urn:1>)()", 10, EmptyList),
        ("(Not)", 4, Unexpected),
        ("(Not Not <urn:1>)", 5, Unexpected),
        ("(<urn:1>", 8, Unclosed),
        ("(<urn:1>) (Not", 14, Unclosed),
        ("(<urn:1", 7, Unclosed),
        ("([\"x\"", 5, Unclosed),
        ("(urn:1)", 1, Unexpected),
        ("(<urn:1>, <urn:2>)", 8, Unexpected),
        ("((<urn:1>))", 1, Unexpected),
        ("<urn:1>", 7, NoList),
        ("</a> </b> (<urn:1>)", 5, NoList),
        ("</a> Not (<urn:1>)", 5, NoList),
        ("(<urn:1>) </a> (<urn:2>)", 10, Mixed),
        ("[\"x\"]", 0, Unexpected),
        (")", 0, Unexpected),
        ("(<urn:1>))", 9, Unexpected),
        ("(<>)", 2, BadUri),
        ("(</a>)", 2, BadUri),
        ("(<token>)", 2, BadUri),
        ("(<urn:a b>)", 2, BadUri),
        ("(<urn:a#b>)", 2, BadUri),
        ("<a/b> (<urn:1>)", 1, BadUri),
        ("<//host/a> (<urn:1>)", 1, BadUri),
        ("</a b> (<urn:1>)", 1, BadUri),
        ("([x])", 2, BadTag(TagError::NoQuote)),
        ("([])", 2, BadTag(TagError::NoQuote)),
        ("([w/\"x\"])", 2, BadTag(TagError::NoQuote)),
        ("([ \"x\x7fy\" ])", 5, BadTag(TagError::BadByte)),
        ("([\"x])", 6, BadTag(TagError::Unclosed)),
        ("([\"x\", \"y\"])", 5, BadTag(TagError::AfterTag)),
        ("([\"x\"y])", 5, BadTag(TagError::AfterTag)),
    ] {
        assert_eq!(IfHeader::parse(value.as_bytes()), Err(ParseError::new(at, what)), "{value}");
    }
}

#[test]
fn whitespace_and_case_do_not_matter() {
    assert_eq!(shown("\t( NOT<urn:1>not [ \"x\" ] )"), [": !urn:1 & !\"x\""]);
    assert_eq!(shown("(<urn:1><urn:2>)"), [": urn:1 & urn:2"]);
}

#[test]
fn there_is_a_most() {
    let most = format!("({})", "<a:>".repeat(limits::IF_CONDITIONS));
    assert!(IfHeader::parse(most.as_bytes()).is_ok());
    let more = format!("{most}(<a:>)");
    assert_eq!(IfHeader::parse(more.as_bytes()), Err(ParseError::new(most.len() + 1, TooMany)));
}

proptest! {
    #[test]
    fn nothing_panics(bytes: Vec<u8>) {
        let _ = IfHeader::parse(&bytes);
    }

    #[test]
    fn near_misses_do_not_panic(
        pieces in proptest::collection::vec("[(]|[)]|<a:b>|</c>|Not|\\[\"x\"\\]|[<\\[\"> ]", 0..12),
    ) {
        let value = pieces.concat();
        match IfHeader::parse(value.as_bytes()) {
            Err(refusal) => prop_assert!(refusal.at <= value.len()),
            Ok(read) => {
                let conditions = || read.lists().flat_map(List::conditions);
                prop_assert!(read.lists().all(|list| list.conditions().next().is_some()));
                prop_assert!(read.tokens().count() <= conditions().count());
                // a tag of a list has a colon too, and an entity-tag may hold any mark
                prop_assert!(conditions().count() <= value.matches(":b").count() + value.matches('[').count());
                prop_assert!((1..=value.matches('(').count()).contains(&read.lists().count()));
                // if nothing is so, a list of denials alone is true
                let denied = read.lists().any(|list| list.conditions().all(|condition| condition.not));
                prop_assert_eq!(read.holds(|_, _| false), denied);
            }
        }
    }
}
