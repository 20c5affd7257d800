//! Patterns are read or refused, match, and are compared.

use super::*;
use proptest::prelude::*;
use semantics::target::decode_path;

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

#[test]
fn what_is_no_pattern_is_refused_where_it_offends() {
    use PatternError::*;
    for (text, at, what) in [
        ("", 0, NoPath),
        ("GET ", 4, NoPath),
        ("private", 7, NoPath),
        ("private/**", 0, NotAbsolute),
        ("GET a/b", 4, NotAbsolute),
        ("GET, PUT /a", 3, BadMethod),
        ("get /a", 0, MethodCase),
        ("PUT Delete /a", 4, MethodCase),
        ("/a b", 2, BadByte),
        ("/a\tb", 2, BadByte),
        ("/a ", 2, BadByte),
        ("/a%2", 2, BadPercent),
        ("/%zz", 1, BadPercent),
        ("/a/%00", 3, Nul),
        ("/a%2fb", 2, EncodedSlash),
        ("/a?b=c", 2, NotOfPath),
        ("/a/b#c", 4, NotOfPath),
        ("/a//b", 3, EmptySegment),
        ("//a", 1, EmptySegment),
        ("/./a", 1, DotSegment),
        ("/a/%2e%2e", 3, DotSegment),
        ("/a/", 2, TrailingSlash),
        ("GET /a/**/", 7, RestNotLast),
        ("/**/a", 1, RestNotLast),
        ("/a**", 2, DoubleWildcard),
        ("/a/***", 3, DoubleWildcard),
    ] {
        assert_eq!(Pattern::parse(text), Err(ParseError::new(at, what)), "{text}");
    }
    let deepest = "/a".repeat(limits::PATTERN_SEGMENTS);
    assert!(Pattern::parse(&deepest).is_ok() && Pattern::parse(&format!("{deepest}/**")).is_ok());
    let deeper = Pattern::parse(&format!("{deepest}/a"));
    assert_eq!(deeper, Err(ParseError::new(limits::PATTERN_SEGMENTS * 2 + 1, TooDeep)));
    let longest = format!("/{}", "a".repeat(limits::PATTERN - 1));
    assert!(Pattern::parse(&longest).is_ok());
    assert_eq!(Pattern::parse(&format!("{longest}a")), Err(ParseError::new(limits::PATTERN, TooLong)));
}

#[test]
fn paths_match_or_not() {
    for (text, path, matches) in [
        ("/", "", true),
        ("/", "a", false),
        ("/**", "", true),
        ("/**", "a/b", true),
        ("/*", "", false),
        ("/*", "a", true),
        ("/*", "a/b", false),
        ("/a/**", "a", true),
        ("/a/**", "a/b/c", true),
        ("/a/**", "", false),
        ("/a/*/**", "a", false),
        ("/a/*/**", "a/b", true),
        ("/a/*.txt", "a/b.txt", true),
        ("/a/*.txt", "a/b/c.txt", false),
        ("/a%20b", "a b", true),
        ("/%2A", "*", true),
        ("/%2A", "x", false),
        ("/ä", "ä", true),
        ("/A", "a", false),
    ] {
        assert_eq!(pattern(text).matches_path(path.as_bytes()), matches, "{text} {path}");
    }
}

#[test]
fn methods_match_or_not() {
    let some = pattern("PUT   DELETE PUT /a");
    assert!(some.has_methods() && some.methods().eq(["DELETE", "PUT"]));
    assert!(some.matches(b"a", b"PUT") && !some.matches(b"a", b"put") && !some.matches(b"b", b"PUT"));
    assert!(pattern("/a").matches(b"a", b"WHATEVER") && !pattern("/a").has_methods());
    assert!(pattern("PURGE /a").matches(b"a", b"PURGE"), "methods beyond the table too");
    assert!(pattern("GET /a").matches(b"a", b"HEAD"), "a HEAD is answered as a GET would be");
    assert!(!pattern("HEAD /a").matches(b"a", b"GET"));
}

#[test]
fn captures_are_what_wildcards_took() {
    for (text, path, expected) in [
        ("/a", "a", Some(&[][..])),
        ("/*/b", "a/b", Some(&["a"])),
        ("/**", "", Some(&[""])),
        ("/**", "a/b", Some(&["a/b"])),
        ("/a/**", "a", Some(&[""])),
        ("/*-*/x/**", "1-2/x/y/z", Some(&["1", "2", "y/z"])),
        ("/*/b", "a/c", None),
    ] {
        let taken = pattern(text).captures(path.as_bytes());
        let taken = taken.map(|all| all.into_iter().map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>());
        assert_eq!(taken.as_deref(), expected, "{text} {path}");
    }
    let all = pattern("/*/a*b*/**");
    assert_eq!(all.wildcards(), 4);
    for (text, open) in [("/a/**", true), ("/*", true), ("/a*", true), ("/*a", false), ("/*/a", false), ("/", false)] {
        assert_eq!(pattern(text).ends_in_wildcard(), open, "{text}");
    }
}

#[test]
fn more_specific_is_greater() {
    let ascending = [
        "/**",
        "PUT /**",
        "/",
        "PUT /",
        "/*/**",
        "/*",
        "/*/*",
        "/*/a",
        "/*a/**",
        "/*a",
        "/a*b/**",
        "/a*b",
        "/a*b/c",
        "/a/**",
        "GET /a/**",
        "/a",
        "GET /a",
        "/a/*/**",
        "/a/*",
        "/a/*/b",
        "/a/*.b",
        "/a/b/**",
        "/a/b",
    ];
    for (nth, less) in ascending.iter().enumerate() {
        for more in &ascending[nth + 1..] {
            assert!(pattern(less).specificity() < pattern(more).specificity(), "{less} {more}");
        }
    }
}

#[test]
fn ties_are_told() {
    for (one, other, tie) in [
        ("/a", "/a", true),
        ("/a", "/%61", true),
        ("/a*", "/*b", true),
        ("/a*/**", "/*b/**", true),
        ("/a*", "/b*", false),
        ("/a*", "/*bc", false),
        ("/a/*", "/b/*", false),
        ("/a", "GET /a", false),
        ("GET /a", "PUT /a", false),
        ("GET PUT /a", "PUT DELETE /a", true),
        ("PUT /a", "PUT DELETE /a", false),
        ("HEAD /a", "GET /a", false),
        ("GET HEAD /a", "GET /a", true),
    ] {
        assert_eq!(pattern(one).same_reach(&pattern(other)), tie, "{one}, {other}");
        assert_eq!(pattern(other).same_reach(&pattern(one)), tie, "{other}, {one}");
    }
}

#[test]
fn covering_is_wholly() {
    for (one, other, covers) in [
        ("/**", "/", true),
        ("/**", "GET /a/*.b/**", true),
        ("/a/**", "/a", true),
        ("/a/**", "/a/**", true),
        ("/a/*/**", "/a/**", false),
        ("/a/**", "/b", false),
        ("/*", "/a", true),
        ("/*", "/a/b", false),
        ("/*", "/*/**", false),
        ("/a", "/a/**", false),
        ("GET /a", "/a", false),
        ("GET /a", "HEAD /a", true),
        ("GET PUT /a", "PUT /a", true),
    ] {
        assert_eq!(pattern(one).covers(&pattern(other)), covers, "{one}, {other}");
    }
}

/// Patterns of few letters, so that they often meet.
pub(crate) fn some_pattern() -> impl Strategy<Value = String> {
    let segment =
        prop_oneof![Just("a"), Just("b"), Just("ab"), Just("a*"), Just("*b"), Just("*a*"), Just("a*b"), Just("*")];
    let methods = prop_oneof![4 => Just(""), 1 => Just("GET "), 1 => Just("PUT "), 1 => Just("PUT DELETE ")];
    (methods, prop::collection::vec(segment, 0..5), any::<bool>()).prop_map(|(methods, segments, rest)| {
        let path: String = segments.iter().map(|segment| format!("/{segment}")).collect();
        let path = if rest { path + "/**" } else { path };
        format!("{methods}{}", if path.is_empty() { "/" } else { &path })
    })
}

/// Paths that such patterns match, or nearly.
pub(crate) fn some_path() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab]{1,3}", 0..6).prop_map(|names| names.join("/"))
}

fn naive(pattern: &[&str], path: &[&str]) -> bool {
    fn name(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|skip| name(rest, &text[skip..])),
            Some((octet, rest)) => text.first() == Some(octet) && name(rest, &text[1..]),
        }
    }
    match (pattern.split_first(), path.split_first()) {
        (None, path) => path.is_none(),
        (Some((&"**", _)), _) => true,
        (Some(_), None) => false,
        (Some((segment, pattern)), Some((text, path))) => {
            name(segment.as_bytes(), text.as_bytes()) && naive(pattern, path)
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in ".{0,40}", path: Vec<u8>) {
        if let Ok(pattern) = Pattern::parse(&text) {
            let _ = (pattern.captures(&path), pattern.specificity());
        }
    }

    #[test]
    fn near_misses_do_not_panic(text in "(GET )?[/a*%2Ff.? ]{0,12}", path in "[a/]{0,8}") {
        match Pattern::parse(&text) {
            Ok(pattern) => {
                let _ = pattern.captures(path.as_bytes());
                prop_assert_eq!(Pattern::parse(&pattern.to_string()), Ok(pattern));
            }
            Err(refusal) => prop_assert!(refusal.at <= text.len()),
        }
    }

    #[test]
    fn the_naive_matcher_agrees(text in some_pattern(), path in some_path()) {
        let parsed = pattern(&text);
        let (_, segments) = text.split_once('/').expect("there is a path");
        let segments: Vec<&str> = segments.split('/').filter(|name| !name.is_empty()).collect();
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        prop_assert_eq!(parsed.matches_path(path.as_bytes()), naive(&segments, &names));
        prop_assert_eq!(Pattern::parse(&parsed.to_string()), Ok(parsed.clone()));
        let taken = parsed.captures(path.as_bytes());
        prop_assert!(taken.is_none_or(|taken| taken.len() == parsed.wildcards()));
    }

    #[test]
    fn paths_prove_what_is_said_of_pairs(
        one in some_pattern(),
        other in some_pattern(),
        paths in prop::collection::vec(some_path(), 40),
    ) {
        let (a, b) = (pattern(&one), pattern(&other));
        for path in &paths {
            for method in [&b"GET"[..], b"HEAD", b"PUT", b"DELETE", b"X"] {
                let (by_a, by_b) = (a.matches(path.as_bytes(), method), b.matches(path.as_bytes(), method));
                prop_assert!(!by_b || by_a || !a.covers(&b), "{} {} {}", one, other, path);
            }
            let (by_a, by_b) = (a.matches_path(path.as_bytes()), b.matches_path(path.as_bytes()));
            prop_assert!(!(by_a && by_b) || a.overlaps(&b), "{} {} {}", one, other, path);
        }
        prop_assert_eq!(a.same_reach(&b), b.same_reach(&a));
        prop_assert!(a.covers(&a) && a.same_reach(&a) && Pattern::everything().covers(&a));
    }

    #[test]
    fn examples_match(text in some_pattern(), name in "[ab]{0,2}", rest in "([ab](/[ab])?)?") {
        prop_assert!(pattern(&text).matches_path(&pattern(&text).example(name.as_bytes(), rest.as_bytes())));
    }

    #[test]
    fn a_pattern_of_a_target_matches_it(raw in "(/[a-z%~äß ]{1,4}){1,3}") {
        let text = raw.replace('%', "%25").replace(' ', "%20");
        let mut room = vec![0; text.len()];
        let decoded = decode_path(text.as_bytes(), &mut room).expect("a path");
        prop_assert!(pattern(&text).matches_path(decoded.path));
    }
}
