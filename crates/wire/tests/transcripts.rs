//! Every transcript, in every way in which octets can arrive.
//!
//! With `BLESS=1` in the environment the events are written into the files; what changed is then to be read and judged.

mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;
use semantics::fault::{ContentFault, FieldError, FieldsSize, FramingError, HostError, Kind, RequestLineError};
use support::{Case, Cut, cases, read};

fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/transcripts");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder is there").map(|e| e.expect("readable").path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "txt"));
    files.sort();
    assert!(!files.is_empty());
    files
}

fn all() -> Vec<Case> {
    files().iter().flat_map(|file| cases(&fs::read_to_string(file).expect("text"))).collect()
}

fn whole(case: &Case) -> Vec<String> {
    read(case, [&case.input[..]])
}

/// Transcripts that do not care what was understood before a fault leave `known` out.
fn compare(case: &Case, mut events: Vec<String>, expected: &[String], how: &str) {
    if !expected.iter().any(|event| event.starts_with("known ")) {
        events.retain(|event| !event.starts_with("known "));
    }
    assert_eq!(events, expected, "\n{how}: {}\n{}", case.name, case.input.escape_ascii());
}

#[test]
fn every_transcript_reads_as_it_is_written() {
    if env::var_os("BLESS").is_some() {
        files().iter().for_each(bless);
    }
    let cases = all();
    assert!(cases.len() >= 120, "{} transcripts", cases.len());
    for case in &cases {
        compare(case, whole(case), &case.expected, "whole");
    }
}

fn bless(file: &PathBuf) {
    let text = fs::read_to_string(file).expect("text");
    let mut blessed = String::new();
    for part in text
        .split_inclusive('\n')
        .collect::<String>()
        .split("\n== ")
        .enumerate()
        .map(|(k, part)| if k == 0 { part.to_owned() } else { format!("\n== {part}") })
    {
        let Some(case) = cases(&part).pop() else {
            blessed += &part;
            continue;
        };
        let known = case.expected.is_empty() || case.expected.iter().any(|event| event.starts_with("known "));
        let given = |line: &&str| line.starts_with(['=', '%', '>', '!', '#']);
        blessed += if part.starts_with('\n') { "\n" } else { "" };
        for line in part.trim_start_matches('\n').lines().filter(given) {
            blessed += &format!("{line}\n");
        }
        for event in whole(&case).iter().filter(|event| known || !event.starts_with("known ")) {
            blessed += &format!("{event}\n");
        }
    }
    fs::write(file, blessed).expect("writable");
}

#[test]
fn it_does_not_matter_in_which_pieces_octets_arrive() {
    let mut rng = TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    for case in &all() {
        compare(case, read(case, case.input.chunks(1)), &case.expected, "octet by octet");
        for at in 0..case.input.len().min(400) {
            let (first, second) = case.input.split_at(at);
            compare(case, read(case, [first, second]), &case.expected, &format!("in two, at {at}"));
        }
        for _ in 0..20 {
            let mut pieces = Vec::new();
            let mut rest = &case.input[..];
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(1 + rng.next_u32() as usize % rest.len().min(40));
                pieces.push(piece);
                rest = after;
            }
            compare(case, read(case, pieces.iter().copied()), &case.expected, &format!("in pieces {pieces:?}"));
        }
    }
}

/// The next request begins where the last one ended, and nothing behind a fault or a close is read.
#[test]
fn what_follows_is_not_touched() {
    const NEXT: &str = "GET /next HTTP/1.1\r\nHost: n\r\n\r\n";
    for case in &all() {
        let mut expected = case.expected.clone();
        let last = expected.last().expect("an event").clone();
        if last == "open idle" && !case.input.ends_with(b"\r") {
            expected.pop();
            expected.push("head GET /next HTTP/1.1 keep none | Host: n".to_owned());
            expected.push("open idle".to_owned());
        } else if case.cut != Cut::Open || last.starts_with("open") {
            continue;
        }
        let mut longer = case.clone();
        longer.input.extend_from_slice(NEXT.as_bytes());
        compare(&longer, whole(&longer), &expected, "with a request behind it");
    }
}

/// An array of all variants. The match makes a forgotten one a compile error.
macro_rules! all_of {
    ($($kind:ident: $($variant:ident)+;)+) => {
        [$({
            fn _known(what: $kind) { match what { $($kind::$variant)|+ => {} } }
            (stringify!($kind), vec![$(stringify!($variant)),+])
        }),+]
    };
}

#[test]
fn every_fault_is_met_in_a_transcript() {
    let met: BTreeSet<String> = all().iter().flat_map(|case| case.expected.clone()).collect();
    let meets = |beginning: &str| met.iter().any(|e| e.split(' ').collect::<Vec<_>>().join(" ").starts_with(beginning));
    let offences = all_of! {
        RequestLineError: EmptyLines Method Incomplete Target SpaceInTarget Version Tls Http2Preface;
        FieldsSize: Line Section Count;
        FieldError: NoColon SpaceBeforeColon EmptyName Name Value Folded SpaceBeforeFirst BareLf BareCr Repeated;
        HostError: Missing Repeated Invalid;
        FramingError: Length LengthOverflow LengthRepeated LengthAndCoding CodingInHttp10 ChunkedNotLast ChunkedTwice
            Empty;
        ContentFault: Stalled Truncated ChunkSize ChunkLine ChunkEnd Trailer TrailersTooLarge TooLarge;
        Kind: Nothing Stalled MethodTooLong TargetTooLong RequestLine Version FieldsTooLarge Fields Host TransferCoding
            Framing Truncated;
    };
    for (kind, variants) in offences {
        let before = match kind {
            "RequestLineError" => "fault RequestLine ",
            "FieldsSize" => "fault FieldsTooLarge ",
            "FieldError" => "fault Field ",
            "HostError" => "fault Host ",
            "FramingError" => "fault Framing ",
            "ContentFault" => "content fault ",
            _ => "fault ",
        };
        for variant in variants {
            let variant = if kind == "Kind" && variant == "Fields" { "Field" } else { variant };
            assert!(meets(&format!("{before}{variant}")), "no transcript meets {kind}::{variant}");
        }
    }
}

#[test]
fn every_transcript_has_a_name_of_its_own_and_says_what_it_holds() {
    let mut names = BTreeSet::new();
    for case in all() {
        let (_, cited) = case.name.rsplit_once('(').unwrap_or_else(|| panic!("{} cites nothing", case.name));
        assert!(["MSG-", "FRM-", "CON-", "1XX-", "RFC "].iter().any(|r| cited.contains(r)), "{}", case.name);
        assert!(names.insert(case.name.clone()), "{} stands there twice", case.name);
    }
}
