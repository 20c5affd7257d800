//! A folder as clients see it.

use std::fs::{self, OpenOptions};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::limits::{self, Limits};
use semantics::field::{Field, Sink};

use super::*;
use crate::root::Way;
use crate::testing::{Folder, block_on, each_way, find, find_accepted, moment, octets, text};

fn options() -> Options {
    Options::default()
}

/// What a look ends with, in a word.
fn word(found: &Found) -> &'static str {
    let facts = found.facts();
    match (facts.lookup_denied, facts.lookup_failed, facts.moved, facts.exists) {
        (Some(Denial::Outside), ..) => "outside",
        (Some(Denial::Permission), ..) => "permission",
        (Some(Denial::Special), ..) => "special",
        (Some(Denial::Unlisted), ..) => "unlisted",
        (Some(Denial::Reserved), ..) => "reserved",
        (None, true, ..) => "failed",
        (None, false, Some(_), _) => "moved",
        (None, false, None, true) => "found",
        (None, false, None, false) => "missing",
    }
}

#[test]
fn a_file_is_stated_and_opened() {
    let folder = Folder::new();
    folder.file("a b/page.html", "<p>hello");
    each_way(|way| {
        let files = folder.served(&options(), way);
        let found = find(&files, "a b/page.html", moment(9_000));
        let facts = found.facts();
        assert!(facts.exists && facts.representation && facts.ranges && !facts.collection);
        assert_eq!((facts.length, facts.media_type), (8, Some("text/html; charset=utf-8")));
        assert!(facts.tag.is_some_and(|tag| !tag.weak) && facts.modified.is_some_and(|date| date < moment(9_000).date));
        assert_eq!((facts.variants, facts.vary), (1, None));
        assert_eq!(text(&found), "<p>hello");
        assert_eq!(octets(&found.segment(3, 2)), b"he");
        assert_eq!(octets(&found.segment(6, 99)), b"lo");
        assert!(found.segment(8, 1).is_empty() && found.segment(u64::MAX, u64::MAX).is_empty());
    });
}

#[test]
fn what_is_not_there_is_missing() {
    let folder = Folder::new();
    folder.file("file", "x");
    folder.folder("empty");
    folder.link("dangling", "nowhere");
    folder.link("round", "round");
    let long = "n".repeat(256);
    let deep = "d/".repeat(3_000) + "d";
    each_way(|way| {
        let files = folder.served(&options(), way);
        for path in ["other", "file/", "file/x", "other/x", "other/", "dangling", "round", &long, &deep] {
            assert_eq!(word(&find(&files, path, moment(0))), "missing", "{path} {way:?}");
        }
        for path in ["empty/", ""] {
            assert_eq!(word(&find(&files, path, moment(0))), "unlisted", "{path} {way:?}");
        }
        assert_eq!(find(&files, "other", moment(0)).whole().len(), 0);
    });
}

#[test]
fn long_names_are_found() {
    let folder = Folder::new();
    let name = "n".repeat(255);
    folder.file(&format!("{name}/{name}"), "long");
    each_way(|way| {
        assert_eq!(text(&find(&folder.served(&options(), way), &format!("{name}/{name}"), moment(0))), "long");
    });
}

#[test]
fn names_of_any_octets_are_found() {
    let folder = Folder::new();
    let name = b"\xff\n<\"%2e".to_vec();
    fs::write(folder.path().join(std::ffi::OsString::from_vec(name.clone())), "odd").expect("a file");
    each_way(|way| {
        let files = folder.served(&options(), way);
        let wanted = Wanted {
            path: &name,
            trailing_slash: false,
            query: None,
            accept: std::iter::empty(),
            visibility: None,
            now: moment(0),
        };
        assert_eq!(text(&block_on(files.find(wanted))), "odd");
    });
}

#[test]
fn links_are_followed_inside_only() {
    let outside = Folder::new();
    outside.file("secret", "secret");
    let folder = Folder::new();
    folder.file("real/file", "inside");
    folder.folder("deep/er");
    folder.link("link", "real/file");
    folder.link("deep/er/up", "../../real/./file");
    folder.link("folder", "real");
    folder.link("twice", "folder/file");
    folder.link("slashed", "real/file/");
    folder.link("out", outside.path().join("secret"));
    folder.link("out-folder", outside.path());
    let name = outside.path().file_name().expect("it has a name").to_owned();
    folder.link("relative-out", Path::new("..").join(&name).join("secret"));
    folder.link("absolute-in", folder.path().join("real/file"));
    folder.link("out-and-in", Path::new("..").join(folder.path().file_name().expect("a name")).join("real"));
    folder.link("out-nowhere", "/nowhere/at/all");
    each_way(|way| {
        let files = folder.served(&options(), way);
        for path in ["link", "deep/er/up", "folder/file", "twice"] {
            assert_eq!(text(&find(&files, path, moment(0))), "inside", "{path} {way:?}");
        }
        assert_eq!(word(&find(&files, "folder", moment(0))), "moved");
        assert_eq!(word(&find(&files, "slashed", moment(0))), "missing");
        for path in
            ["out", "out-folder", "out-folder/secret", "relative-out", "absolute-in", "out-and-in/file", "out-nowhere"]
        {
            let found = find(&files, path, moment(0));
            assert_eq!(word(&found), "outside", "{path} {way:?}");
            assert!(found.whole().is_empty());
        }
    });
}

/// While a link turns to and fro between inside and outside, what is opened is never outside.
#[test]
fn a_turning_link_never_leads_outside() {
    let outside = Folder::new();
    outside.file("file", "secret");
    let folder = Folder::new();
    folder.file("in/file", "inside");
    let limits = Limits { cache_time: 0, ..Limits::default() };
    let options = Options { limits, ..options() };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (turning, next) = (folder.path().join("turning"), folder.path().join("next"));
            for aim in [Path::new("in"), outside.path()].into_iter().cycle() {
                std::os::unix::fs::symlink(aim, &next).expect("a link");
                fs::rename(&next, &turning).expect("it turns");
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        each_way(|way| {
            let files = folder.served(&options, way);
            let mut seen = [0, 0];
            for _ in 0..if way == Way::Cached { 20_000 } else { 3_000 } {
                let found = find_accepted(&files, "turning/file", &[], moment(0));
                match word(&found) {
                    "found" => assert_eq!(text(&found), "inside"),
                    "outside" | "missing" => seen[0] += 1,
                    other => panic!("{other}"),
                }
                seen[1] += 1;
            }
            assert!(seen[0] > 0 && seen[0] < seen[1], "both were met: {seen:?} {way:?}");
        });
        stop.store(true, Ordering::Relaxed);
    });
}

/// A folder in the way is moved out while `..` leads back through it: by hand, too, nobody gets out.
#[test]
fn a_moving_folder_never_leads_outside() {
    let above = Folder::new();
    above.file("secret", "secret");
    above.file("served/secret", "inside");
    above.folder("served/a/b");
    fs::create_dir_all(above.path().join("away")).expect("a folder");
    std::os::unix::fs::symlink("b/../../secret", above.path().join("served/a/back")).expect("a link");
    let options = Options { limits: Limits { cache_time: 0, ..Limits::default() }, ..options() };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (inside, away) = (above.path().join("served/a/b"), above.path().join("away/b"));
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&inside, &away).expect("moved out");
                fs::rename(&away, &inside).expect("moved in");
            }
        });
        each_way(|way| {
            let root = Root::open(&above.path().join("served")).expect("it exists").by(way);
            let files = Files::over(root, &options, |_| Rendered::default());
            for _ in 0..500 {
                let found = find(&files, "a/back", moment(0));
                match word(&found) {
                    "found" => assert_eq!(text(&found), "inside"),
                    "outside" | "missing" => {}
                    other => panic!("{other} {way:?}"),
                }
            }
        });
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn pipes_and_sockets_are_not_opened() {
    let folder = Folder::new();
    let here = fs::File::open(folder.path()).expect("it is there");
    let mode = rustix::fs::Mode::from_raw_mode(0o666);
    rustix::fs::mknodat(&here, "pipe", rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
    let _socket = UnixListener::bind(folder.path().join("socket")).expect("a socket");
    each_way(|way| {
        let files = folder.served(&options(), way);
        assert_eq!(word(&find(&files, "pipe", moment(0))), "special");
        assert_eq!(word(&find(&files, "socket", moment(0))), "special");
        assert_eq!(word(&find(&files, "pipe/", moment(0))), "missing");
    });
}

#[test]
fn what_the_server_may_not_read_is_denied() {
    let folder = Folder::new();
    let file = folder.file("file", "x");
    folder.file("folder/file", "x");
    let close = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o0)).expect("it is ours");
    close(&file);
    close(&folder.path().join("folder"));
    if fs::File::open(&file).is_ok() {
        return; // a user who may read everything; the reasons are tested where they are told apart
    }
    each_way(|way| {
        let files = folder.served(&Options { listing: true, ..options() }, way);
        for path in ["file", "folder/file", "folder/"] {
            assert_eq!(word(&find(&files, path, moment(0))), "permission", "{path}");
        }
    });
    fs::set_permissions(folder.path().join("folder"), fs::Permissions::from_mode(0o700)).expect("it is ours");
}

/// RFC 9110 §15.5.4, §15.5.5: what is hidden looks like what is missing.
#[test]
fn hidden_names_look_missing() {
    let folder = Folder::new();
    folder.file(".git/config", "secret");
    folder.file("a/.env", "secret");
    folder.link(".out", "/");
    folder.file(".well-known/security.txt", "public");
    each_way(|way| {
        let files = folder.served(&options(), way);
        for path in [".git/config", ".git", ".git/", "a/.env", ".out", ".nothing", ".nothing/"] {
            let found = find(&files, path, moment(0));
            assert_eq!(format!("{:?}", found.facts()), format!("{:?}", Found::missing().facts()), "{path}");
        }
        assert_eq!(text(&find(&files, ".well-known/security.txt", moment(0))), "public");
        let open = folder.served(&Options { hidden: true, ..options() }, way);
        assert_eq!(text(&find(&open, "a/.env", moment(0))), "secret");
    });
}

#[test]
fn a_folder_without_its_slash_has_moved() {
    let folder = Folder::new();
    folder.folder("a b/ü?");
    folder.folder("\\evil.example");
    each_way(|way| {
        let files = folder.served(&options(), way);
        for (path, query, location) in [
            ("a b", None, "/a%20b/"),
            ("a b/ü?", Some(&b"q=1"[..]), "/a%20b/%C3%BC%3F/?q=1"),
            ("\\evil.example", None, "/%5Cevil.example/"),
        ] {
            let wanted = Wanted {
                path: path.as_bytes(),
                trailing_slash: false,
                query,
                accept: std::iter::empty(),
                visibility: None,
                now: moment(0),
            };
            let found = block_on(files.find(wanted));
            let facts = found.facts();
            assert_eq!(facts.moved, Some(Moved::Permanently));
            assert_eq!(facts.location, Some(location.as_bytes()));
            assert!(!facts.keeps_method && facts.tag.is_none());
        }
    });
}

#[test]
fn a_folder_shows_its_index() {
    let folder = Folder::new();
    folder.file("index.html", "root");
    folder.file("old/index.htm", "old");
    folder.file("odd/index.html/x", "a folder of that name");
    each_way(|way| {
        let files = folder.served(&options(), way);
        let found = find(&files, "", moment(0));
        assert_eq!(text(&found), "root");
        assert!(found.facts().collection && found.facts().media_type == Some("text/html; charset=utf-8"));
        assert_eq!(text(&find(&files, "old/", moment(0))), "old");
        assert_eq!(word(&find(&files, "odd/", moment(0))), "unlisted");
        // An index that comes later, and one that goes.
        folder.file("old/index.html", "new");
        assert_eq!(text(&find(&files, "old/", moment(9_000))), "new");
        fs::remove_file(folder.path().join("old/index.html")).expect("it was there");
        assert_eq!(text(&find(&files, "old/", moment(19_000))), "old");
    });
}

#[test]
fn a_hit_is_the_same_entry_until_its_time_is_over() {
    let folder = Folder::new();
    folder.file("file", "x");
    let render =
        |facts: &Target<'_>| Rendered::collect(|sink| sink.field(Field::ETAG, facts.length.to_string().as_bytes()));
    let files = Files::open(folder.path(), &options(), None, render).expect("open");
    assert!(files.find_now(b"file", false, moment(9_000)).is_none());
    let first = find(&files, "file", moment(9_000));
    assert_eq!(first.facts().rendered, Some(&render(&first.facts())));
    let same =
        |found: &Found| matches!((&found.0, &first.0), (What::File(one), What::File(two)) if Rc::ptr_eq(one, two));
    assert!(files.find_now(b"file", false, moment(9_249)).is_some_and(|found| same(&found)));
    assert!(files.find_now(b"file", true, moment(9_000)).is_none());
    assert!(files.find_now(b"file", false, moment(9_250)).is_none());
    assert!(same(&find(&files, "file", moment(9_250))), "it looks the same, so it is kept");
    assert!(files.find_now(b"file", false, moment(9_499)).is_some_and(|found| same(&found)));
}

#[test]
fn without_time_each_request_looks() {
    let folder = Folder::new();
    folder.file("file", "x");
    let options = Options { limits: Limits { cache_time: 0, ..Limits::default() }, ..options() };
    let files = folder.served(&options, Way::Cached);
    find(&files, "file", moment(9_000));
    assert!(files.find_now(b"file", false, moment(9_000)).is_none());
    folder.file("file", "yy");
    assert_eq!(text(&find(&files, "file", moment(9_000))), "yy");
}

/// What was not there is looked for again after `cache_time`, and at once where that is 0; made-up names cannot pile up.
#[test]
fn a_missing_name_is_kept_for_a_moment_only() {
    let folder = Folder::new();
    let files = folder.served(&options(), Way::Cached);
    assert!(files.find_now(b"late", false, moment(0)).is_none());
    assert_eq!(word(&find(&files, "late", moment(0))), "missing");
    folder.file("late", "here");
    assert_eq!(word(&find(&files, "late", moment(249))), "missing");
    assert_eq!(word(&find(&files, "late", moment(250))), "found");
    assert_eq!(word(&find(&files, "late", moment(251))), "found");
    assert_eq!(word(&find(&files, "late/", moment(0))), "missing");
    for k in 0..limits::CACHE_MISSING {
        find(&files, &format!("made-up-{k}"), moment(0));
    }
    assert!(files.find_now(b"late/", true, moment(0)).is_none(), "the names are thrown away when they are too many");
    let long = "n".repeat(limits::CACHE_NAME + 1);
    find(&files, &long, moment(0));
    assert!(files.find_now(long.as_bytes(), false, moment(0)).is_none());
    let files =
        folder.served(&Options { limits: Limits { cache_time: 0, ..Limits::default() }, ..options() }, Way::Cached);
    find(&files, "later", moment(0));
    folder.file("later", "here");
    assert_eq!(word(&find(&files, "later", moment(0))), "found");
}

/// MTH-027: the tag is weak as long as another change could hide, then strong, with the content read again.
#[test]
fn a_tag_grows_strong() {
    let folder = Folder::new();
    let path = folder.file("file", "old");
    let files = folder.served(&options(), Way::Cached);
    let young = find(&files, "file", moment(0));
    assert!(young.facts().tag.is_some_and(|tag| tag.weak));
    let before = fs::metadata(&path).expect("it is there").modified().expect("a date");
    // A change that leaves the same times behind cannot be made at will; one that leaves the same length and date can.
    let file = OpenOptions::new().write(true).open(&path).expect("it is there");
    file.write_all_at(b"new", 0).expect("written");
    file.set_modified(before).expect("set back");
    let old = find(&files, "file", moment(9_000));
    assert_eq!(text(&old), "new");
    assert!(old.facts().tag.is_some_and(|tag| !tag.weak));
    assert_eq!(text(&young), "old", "what was found stays as it was found");
}

/// MTH-026: a date of the future is the present, at each look anew.
#[test]
fn a_file_from_the_future_was_modified_now() {
    let folder = Folder::new();
    let path = folder.file("file", "x");
    let file = OpenOptions::new().write(true).open(&path).expect("it is there");
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(1_000)).expect("set");
    let files = folder.served(&options(), Way::Cached);
    for now in [moment(9_000), moment(99_000)] {
        let found = find(&files, "file", now);
        let facts = found.facts();
        assert_eq!(facts.modified, Some(now.date));
        assert!(facts.tag.is_some_and(|tag| tag.weak));
    }
}

#[test]
fn replaced_cut_and_removed_files_are_noticed() {
    let folder = Folder::new();
    let path = folder.file("file", "first");
    each_way(|way| {
        folder.file("file", "first");
        let files = folder.served(&options(), way);
        let first = find(&files, "file", moment(9_000));
        fs::rename(folder.file("next", "other"), &path).expect("replaced");
        let second = find(&files, "file", moment(10_000));
        assert_eq!((text(&first), text(&second)), ("first".to_owned(), "other".to_owned()));
        assert_ne!(first.facts().tag, second.facts().tag);
        OpenOptions::new().write(true).open(&path).expect("there").set_len(2).expect("cut");
        let third = find(&files, "file", moment(11_000));
        assert_eq!((text(&third), third.facts().length), ("ot".to_owned(), 2));
        fs::remove_file(&path).expect("it was there");
        assert_eq!(word(&find(&files, "file", moment(12_000))), "missing");
        folder.folder("file");
        assert_eq!(word(&find(&files, "file", moment(13_000))), "moved");
        fs::remove_dir(&path).expect("it was there");
    });
}

/// Content that is written to while it is read is never kept torn.
#[test]
fn what_settles_is_whole() {
    const LENGTH: usize = 60_000;
    let folder = Folder::new();
    let path = folder.file("file", vec![b'a'; LENGTH]);
    let stop = AtomicBool::new(false);
    let files = folder.served(&options(), Way::Cached);
    thread::scope(|scope| {
        scope.spawn(|| {
            let file = OpenOptions::new().write(true).open(&path).expect("it is there");
            for letter in [b'b', b'a'].into_iter().cycle() {
                file.write_all_at(&[letter; LENGTH], 0).expect("written");
                if letter == b'a' && stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        for step in 0..300 {
            let found = find(&files, "file", moment(0).later(step * 250));
            assert_eq!(found.facts().length, LENGTH as u64);
            assert!(found.facts().tag.is_some_and(|tag| tag.weak), "it was just written to");
            assert_eq!(found.whole().len(), LENGTH as u64);
        }
        stop.store(true, Ordering::Relaxed);
    });
    let found = find(&files, "file", moment(200_000));
    assert!(text(&found).bytes().all(|byte| byte == b'a') && found.facts().tag.is_some_and(|tag| !tag.weak));
}

impl Moment {
    fn later(self, millis: u64) -> Moment {
        Moment { millis: self.millis + millis, ..self }
    }
}

#[test]
fn a_large_file_is_held_open() {
    let folder = Folder::new();
    let limits = Limits { cached_file: 10, ..Limits::default() };
    let options = Options { limits, ..options() };
    folder.file("LARGE", "caf\u{e9} and more");
    folder.file("small", "0123456789");
    each_way(|way| {
        let files = folder.served(&options, way);
        let found = find(&files, "LARGE", moment(9_000));
        assert!(matches!(found.whole(), Segment::File { offset: 0, length: 14, .. }));
        assert_eq!(found.facts().media_type, Some("text/plain; charset=utf-8"));
        assert_eq!(octets(&found.segment(6, 3)), b"and");
        assert!(files.find_now(b"LARGE", false, moment(9_000)).is_some());
        assert!(matches!(find(&files, "small", moment(9_000)).whole(), Segment::Shared(..)));
    });
}

#[test]
fn a_root_that_is_no_folder_is_refused() {
    let folder = Folder::new();
    let file = folder.file("file", "x");
    assert!(Files::open(&file, &options(), None, |_| Rendered::default()).is_err());
    assert!(Files::open(&folder.path().join("none"), &options(), None, |_| Rendered::default()).is_err());
}
