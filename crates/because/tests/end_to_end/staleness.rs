//! A changed file is never served stale for longer than is said.

use std::fs;
use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::server::Server;

/// What a client may see after a change, by default: a quarter of a second, and some patience for a busy machine.
const BOUND: Duration = Duration::from_secs(1);

/// Changes a file in each way in which files are changed.
fn changes(folder: &Folder, mut check: impl FnMut(&str, Option<&str>)) {
    let path = folder.path("a.txt");
    let beside = folder.beside("new");
    folder.write("a.txt", "first");
    check("written", Some("first"));
    folder.write("a.txt", "other");
    check("written again, as long as before", Some("other"));
    fs::write(&beside, "moved").expect("writes");
    fs::rename(&beside, &path).expect("renames");
    check("replaced by a rename", Some("moved"));
    folder.write("a.txt", "longer than before");
    check("grown", Some("longer than before"));
    folder.write("a.txt", "");
    check("emptied", Some(""));
    fs::remove_file(&path).expect("removes");
    check("removed", None);
    folder.write("a.txt", "again");
    check("made again", Some("again"));
    fs::remove_file(&path).expect("removes");
    folder.write("b.txt", "linked");
    folder.link("a.txt", "b.txt");
    check("replaced by a link", Some("linked"));
    folder.write("b.txt", "behind the link");
    check("changed behind a link", Some("behind the link"));
    fs::remove_file(&path).expect("removes");
    folder.folder("a.txt");
    check("replaced by a folder", None);
}

#[test]
fn with_no_time_for_the_memory_nothing_is_ever_stale() {
    let folder = Folder::new();
    let server = Server::with(&folder, &["--cache-time", "0"]);
    let mut client = server.connect();
    for _ in 0..5 {
        changes(&folder, |what, content| {
            for _ in 0..3 {
                let response = client.get("/a.txt");
                match content {
                    Some(content) => assert_eq!(response.is(200).text(), content, "{what}"),
                    None => assert_ne!(response.status, 200, "{what}"),
                }
            }
        });
        fs::remove_dir(folder.path("a.txt")).expect("removes");
    }
}

#[test]
fn by_default_a_change_is_seen_within_a_second() {
    let folder = Folder::new();
    let server = Server::of(&folder);
    let mut client = server.connect();
    changes(&folder, |what, content| {
        let start = Instant::now();
        loop {
            // what counts is when it was asked: the machine may pause between the question and here
            let asked = start.elapsed();
            let response = client.get("/a.txt");
            let seen = match content {
                Some(content) => response.status == 200 && response.content == content.as_bytes(),
                None => response.status != 200,
            };
            if seen {
                break;
            }
            assert!(asked < BOUND, "{what} is still not seen");
            std::thread::sleep(Duration::from_millis(5));
        }
    });
}

/// The fields and the content are always of one state.
#[test]
fn fields_and_content_never_tell_of_two_states() {
    let folder = Folder::with(&[("a.txt", "1")]);
    let server = Server::with(&folder, &["--cache-time", "1ms"]);
    let path = folder.path("a.txt");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let beside = folder.beside("new");
            let mut size = 1;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                size = size % 5_000 + 97;
                fs::write(&beside, format!("{size:05}{}", "x".repeat(size))).expect("writes");
                fs::rename(&beside, &path).expect("renames");
            }
        });
        let mut client = server.connect();
        for _ in 0..500 {
            let response = client.get("/a.txt");
            let text = response.is(200).text();
            if text != "1" {
                assert_eq!(text[..5].parse::<usize>().expect("a number") + 5, text.len());
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
