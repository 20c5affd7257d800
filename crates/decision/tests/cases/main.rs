//! The text tests of the reply graph: `cases/*.cases`, random cases, and the edges that they walk.

mod line;
mod poison;
mod random;
mod walk;
mod words;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use decision::case::Case;
use decision::facts::{Ask, Connection, Reading};
use decision::record::{self, World};
use decision::reply::REPLY;
use decision::verdict::End;
use line::Line;
use semantics::connection::Ends;
use walk::Walk;

/// Edges that no walk takes: the answers that a question cannot get.
const IMPOSSIBLE: [(&str, bool); 7] = [
    ("framing_contradictory", false),    // the last of the faults that a head can have
    ("in_maintenance", false),           // the last of two reasons why a request is not served
    ("origin_served", true),             // the last of four reasons why a target is not served
    ("connection_limit_reached", false), // the last of three reasons why no upstream is available
    ("response_transformed", false),     // the last of three reasons why a reply is not relayed as it came
    ("destination_barred", false),       // the last of three reasons why a rule of the destination bars something
    ("internal_fault", false),           // the last of the reasons why something was not done
];

/// Every case of every file.
fn lines() -> Vec<Line> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder of cases").map(|f| f.expect("a file").path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a file of cases");
        let name = file.file_name().expect("it has a name").to_string_lossy().into_owned();
        lines.extend(line::read_file(&name, words::leak(text)));
    }
    lines
}

fn names(edges: &BTreeSet<(&str, bool)>) -> String {
    let name = |(id, yes): &(&str, bool)| format!("{id} {}", if *yes { "yes" } else { "no" });
    edges.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_case_gets_its_answer_for_its_reason() {
    let lines = lines();
    let mut wrong = String::new();
    for line in &lines {
        let walk = Walk::of(&line.facts, line.member, &line.facts);
        if let Some(want) = line.differs_from(&walk) {
            writeln!(wrong, "{}: got {walk}, want {want}\n    {}", line.place, line.text).expect("a string takes all");
        }
    }
    assert!(lines.len() >= 314, "only {} cases were found", lines.len());
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_edge_is_walked_but_the_impossible_ones() {
    let walks = lines().into_iter().map(|line| Walk::of(&line.facts, line.member, &line.facts));
    let walked: BTreeSet<(&str, bool)> =
        walks.flat_map(|walk| walk.steps).map(|(row, yes)| (REPLY.rows[usize::from(row)].id, yes)).collect();
    let all = REPLY.rows.iter().flat_map(|row| [(row.id, true), (row.id, false)]);
    let never: BTreeSet<_> = all.filter(|edge| !walked.contains(edge)).collect();
    let impossible = BTreeSet::from(IMPOSSIBLE);
    let missing: BTreeSet<_> = never.difference(&impossible).copied().collect();
    let belied: BTreeSet<_> = impossible.difference(&never).copied().collect();
    assert!(missing.is_empty(), "no case walks {}", names(&missing));
    assert!(belied.is_empty(), "declared impossible, and yet walked: {}", names(&belied));
}

/// What is written down of a case leads the same way when it is read again.
#[test]
fn a_record_walks_the_same_walk() {
    for line in lines() {
        let (mut words, room) = (Vec::new(), words::leak(Box::new(record::words::Room::default())));
        record::words::tell(&World::of(&line.facts), |name, value| words.push((name, words::leak::<str>(value))));
        let mut world = World {
            request: line.facts.request,
            ..World::new(Connection::default(), line.facts.request, Reading::default())
        };
        world.connection.now = line.facts.connection.now;
        world.reading.target = line.facts.reading.target;
        for (name, value) in words {
            record::words::put(&mut world, name, value, room).unwrap_or_else(|why| panic!("{}: {why}", line.place));
        }
        let again: &World<'static> = Box::leak(Box::new(world));
        let (first, second) =
            (Walk::of(&line.facts, line.member, &line.facts), Walk::of(&again.facts(), line.member, &again.facts()));
        assert_eq!(first, second, "{}: {}", line.place, line.text);
    }
}

#[test]
fn no_question_reads_what_was_not_asked_for() {
    for line in lines() {
        let plain = Walk::of(&line.facts, line.member, &line.bare());
        let poisoned = Walk::of(&line.facts, line.member, &poison::all_groups(line.bare()));
        assert_eq!(
            plain, poisoned,
            "{}: an answer hangs on facts that were not asked for\n    {}",
            line.place, line.text
        );
    }
}

#[test]
fn every_end_of_the_first_blocks_ends_the_stream() {
    for line in lines() {
        let walk = Walk::of(&line.facts, line.member, &line.facts);
        let (last, _) = *walk.steps.last().expect("a walk asks something");
        let early =
            ["connection", "syntax"].contains(&REPLY.blocks[usize::from(REPLY.block_of[usize::from(last)])].name);
        if let End::Status(..) = walk.end {
            assert!(!early || walk.ends != Ends::Nothing, "{}", line.text);
        }
    }
}

/// RFC 9111 §4.3.3: a 304 to a validator of our own freshens what is stored, and is not passed on.
#[test]
fn a_status_is_told_by_who_has_the_response() {
    for (facts, status) in [
        ("site.fixed_reply=410 site.forwards outcome.status=200", 410),
        ("site.forwards outcome.status=404 stored.status=203", 404),
        ("site.forwards outcome.status=304 outcome.validated", 304),
        ("site.forwards site.cache outcome.status=304 outcome.validated stored.status=203", 203),
        ("site.forwards site.cache outcome.status=304 outcome.validated", 200),
        ("site.forwards site.cache stored.usable stored.status=404 outcome.status=500", 404),
        (
            "site.forwards site.cache outcome.failure=dns_error outcome.stale_allowed outcome.status=502 stored.status=203",
            203,
        ),
    ] {
        let line = line::read(words::leak(format!("given {facts} ; GET /x => any")));
        let walk = Walk::of(&line.facts, false, &line.bare());
        assert_eq!((walk.status, matches!(walk.end, End::Told(_))), (Some(status), true), "{facts}");
    }
}

#[test]
fn a_plain_get_asks_17_questions_and_two_groups() {
    let line = line::read("given target.tag='\"v2\"' ; GET /doc => 200 representation_available because 2f2b3");
    let walk = Walk::of(&line.facts, false, &line.facts);
    assert_eq!(line.differs_from(&walk), None);
    assert_eq!(walk.steps.len(), 17);
    assert_eq!(walk.asked.iter().map(|ask| ask.name()).collect::<Vec<_>>(), ["site", "target"]);
}

#[test]
fn the_room_is_asked_for_only_where_something_is_stored() {
    let asked = |text| Walk::of(&line::read(text).facts, false, &line::read(text).bare()).asked;
    assert!(!asked("given ; DELETE /doc => any").contains(&Ask::Storage));
    assert!(!asked("given ; GET /doc | Content-Length: 5 => any").contains(&Ask::Storage));
    assert!(!asked("given ; PUT /doc => any").contains(&Ask::Storage));
    assert!(asked("given ; PUT /doc | Content-Length: 5 => any").contains(&Ask::Storage));
}

#[test]
fn a_case_is_small() {
    assert!(size_of::<Case<'_>>() <= 144, "{}", size_of::<Case<'_>>());
}
