//! Many clients at once: check and write are one step (CND-015).

use std::sync::Barrier;
use std::thread;

use crate::folder::{Folder, noise};
use crate::server::{Server, Start};

fn threaded(folder: &Folder) -> Server {
    Start::of(folder.root()).args(&["--write", "--no-fsync"]).threads(4).start()
}

/// Has several clients do the same at once, and gives what each got.
fn together<R: Send>(clients: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(clients);
    let run = |nth| {
        start.wait();
        work(nth)
    };
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|nth| scope.spawn(move || run(nth))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no client panics")).collect()
    })
}

/// CND-015: each reads, adds one, and writes only if nobody else did meanwhile.
#[test]
fn no_update_is_lost() {
    const CLIENTS: usize = 8;
    const EACH: usize = 15;
    let folder = Folder::with(&[]);
    let server = threaded(&folder);
    server.put("/count", "0").is(201);
    let lost = together(CLIENTS, |_| {
        let (mut client, mut done, mut lost) = (server.connect(), 0, 0);
        while done < EACH {
            let read = client.get("/count");
            let count: usize = read.is(200).text().parse().expect("a number");
            let condition = format!("If-Match: {}\r\n", read.field("ETag"));
            match client.bring("PUT", "/count", &condition, (count + 1).to_string()).status {
                204 => done += 1,
                412 => lost += 1,
                status => panic!("{status}"),
            }
        }
        lost
    });
    assert_eq!(server.get("/count").text(), (CLIENTS * EACH).to_string(), "{lost:?} tries in vain");
}

/// MTH-029: the same, where the patch itself says on which state it may be done.
#[test]
fn no_patch_is_lost() {
    const CLIENTS: usize = 6;
    const EACH: usize = 10;
    let folder = Folder::with(&[("count.json", r#"{"n":0,"twice":0}"#)]);
    let server = threaded(&folder);
    together(CLIENTS, |_| {
        let (mut client, mut done) = (server.connect(), 0);
        while done < EACH {
            let document = client.get("/count.json").is(200).json();
            let n = document["n"].as_u64().expect("a number");
            assert_eq!(document["twice"].as_u64(), Some(2 * n), "all of a patch is seen, or none of it");
            let patch = serde_json::json!([
                { "op": "test", "path": "/n", "value": n },
                { "op": "replace", "path": "/n", "value": n + 1 },
                { "op": "replace", "path": "/twice", "value": 2 * (n + 1) },
            ]);
            let fields = "Content-Type: application/json-patch+json\r\n";
            match client.bring("PATCH", "/count.json", fields, patch.to_string()).status {
                204 => done += 1,
                status => assert_eq!(status, 422),
            }
        }
    });
    assert_eq!(server.get("/count.json").json()["n"], CLIENTS * EACH);
}

#[test]
fn of_many_creators_one_creates() {
    let folder = Folder::new();
    let server = threaded(&folder);
    for round in 0..10 {
        let path = format!("/new{round}");
        let answers = together(6, |nth| {
            let response = server.bring("PUT", &path, "If-None-Match: *\r\n", nth.to_string());
            (nth, response.status)
        });
        let made: Vec<_> = answers.iter().filter(|(_, status)| *status == 201).collect();
        assert_eq!(made.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|(_, status)| matches!(status, 201 | 412)), "{answers:?}");
        assert_eq!(server.get(&path).text(), made[0].0.to_string());
    }
}

/// RFC 4918 §9.3.1: whoever comes second is told that it is there.
#[test]
fn of_many_makers_of_a_collection_one_makes_it() {
    let folder = Folder::new();
    let server = threaded(&folder);
    for round in 0..10 {
        let path = format!("/dir{round}");
        let mut answers = together(6, |_| server.ask("MKCOL", &path, "").status);
        answers.sort_unstable();
        assert_eq!(answers, [201, 405, 405, 405, 405, 405]);
    }
}

/// Whoever reads sees one state or the other, and its own tag with each.
#[test]
fn nobody_sees_half_of_a_file() {
    let folder = Folder::new();
    let server = threaded(&folder);
    let states: Vec<Vec<u8>> = (1..4_usize).map(|nth| noise(nth * 100_000)).collect();
    server.put("/file", &states[0]).is(201);
    together(6, |nth| {
        let mut client = server.connect();
        for round in 0..12 {
            if nth < 2 {
                client.put("/file", &states[(nth + round) % states.len()]).is(204);
            } else {
                let read = client.get("/file");
                assert!(states.contains(&read.is(200).content), "{} octets", read.content.len());
            }
        }
    });
    assert!(folder.is_tidy());
}

/// A lock is one, however many want it.
#[test]
fn of_many_who_lock_one_has_the_lock() {
    let folder = Folder::with(&[("file", "f")]);
    let server = threaded(&folder);
    let mut answers = together(6, |_| server.bring("LOCK", "/file", "", crate::webdav_locks::EXCLUSIVE).status);
    answers.sort_unstable();
    assert_eq!(answers, [200, 423, 423, 423, 423, 423]);
}

/// A move is done once, and what was moved is there whole.
#[test]
fn of_many_who_move_one_moves() {
    let folder = Folder::new();
    let server = threaded(&folder);
    for round in 0..5 {
        for nth in 0..20 {
            folder.write(&format!("from{round}/{nth}"), "x");
        }
        let answers = together(4, |nth| {
            server.ask("MOVE", &format!("/from{round}/"), &format!("Destination: /to{round}-{nth}\r\n")).status
        });
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 201 | 404 | 409)), "{answers:?}");
        let winner = answers.iter().position(|status| *status == 201).expect("one");
        assert_eq!(folder.names(&format!("to{round}-{winner}")).len(), 20);
        assert_eq!(folder.names("").len(), round + 1);
    }
}
