//! Several writers, a crash, a full disk, a file that is not ours.

use std::fs;
use std::sync::Barrier;
use std::thread;

use super::super::tests::{embedded, open};
use super::*;
use crate::testing::Folder;

const SPACE: Space = Space::Counters;

fn put<'a>(key: &'a [u8], value: &'a [u8], expected: Expected) -> Change<'a> {
    Change::PutIf { space: SPACE, key, expected, value }
}

fn number(record: Option<&Record>) -> u64 {
    record.map_or(0, |record| u64::from_be_bytes(record.value.as_slice().try_into().expect("a number")))
}

/// Adds one, as one does who must look before.
fn count_up(store: &Embedded, key: &[u8]) {
    loop {
        let found = store.get(SPACE, key).unwrap();
        let expected = found.as_ref().map_or(Expected::Nothing, |record| Expected::Version(record.version));
        let value = (number(found.as_ref()) + 1).to_be_bytes();
        if let Applied::Done(_) = store.apply(&[put(key, &value, expected)]).unwrap() {
            return;
        }
    }
}

#[test]
fn several_writers_lose_nothing() {
    const WRITERS: usize = 8;
    const TIMES: u64 = 40;
    let folder = Folder::new();
    let store = embedded(&folder);
    let start = Barrier::new(WRITERS);
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..TIMES {
                    count_up(&store, b"looked");
                    store.apply(&[Change::Add { space: SPACE, key: b"added", delta: 1 }]).unwrap();
                }
            });
        }
    });
    let total = WRITERS as u64 * TIMES;
    for key in [&b"looked"[..], b"added"] {
        assert_eq!(number(store.get(SPACE, key).unwrap().as_ref()), total);
    }
    drop(store);
    let store = embedded(&folder);
    assert_eq!(number(store.get(SPACE, b"looked").unwrap().as_ref()), total);
}

#[test]
fn writers_that_come_together_share_a_commit() {
    const WRITERS: usize = 16;
    let folder = Folder::new();
    let store = embedded(&folder);
    store.apply(&[put(b"first", b"1", Expected::Anything)]).unwrap();
    let commits = store.watch(SPACE).count();
    let turn = store.writing.lock().unwrap();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || {
                // One of them is refused, which is no harm to the others.
                let expected = if writer == 3 { Expected::Nothing } else { Expected::Anything };
                let key = if writer == 3 { *b"first" } else { [b'w', 0, 0, 0, u8::try_from(writer).unwrap()] };
                let applied = store.apply(&[put(&key, b"1", expected)]).unwrap();
                assert_eq!(matches!(applied, Applied::Refused { .. }), writer == 3);
            });
        }
        while store.coming.load(Ordering::SeqCst) < WRITERS {
            thread::yield_now();
        }
        drop(turn);
    });
    assert_eq!(store.watch(SPACE).count(), commits + 1, "all came before the first had its turn");
    assert_eq!(store.scan(SPACE, b"w", None, 99).unwrap().len(), WRITERS - 1);
}

#[test]
fn a_commit_is_not_put_off_for_ever() {
    let folder = Folder::new();
    let store = embedded(&folder);
    // Somebody is always coming.
    store.coming.fetch_add(1, Ordering::SeqCst);
    thread::scope(|scope| {
        for _ in 0..limits::STORE_LISTS {
            scope.spawn(|| store.apply(&[Change::Add { space: SPACE, key: b"n", delta: 1 }]).unwrap());
        }
    });
    assert_eq!(store.watch(SPACE).count(), 1);
}

#[test]
fn a_crash_loses_nothing_that_was_promised() {
    let folder = Folder::new();
    let store = embedded(&folder);
    for at in 0..50_u32 {
        let key = at.to_be_bytes();
        store.apply(&[put(&key, &[7; 300], Expected::Nothing), put(b"last", &key, Expected::Anything)]).unwrap();
        if at % 10 == 9 {
            // The file as a crash leaves it: nobody closed it.
            let crashed = Folder::new();
            fs::copy(folder.path().join(NAME), crashed.path().join(NAME)).unwrap();
            let after = embedded(&crashed);
            assert_eq!(after.get(SPACE, b"last").unwrap().unwrap().value, key);
            assert_eq!(after.scan(SPACE, b"", None, 99).unwrap().len(), at as usize + 2);
            let versions = |store: &Embedded| store.get(SPACE, b"last").unwrap().unwrap().version;
            let before = versions(&after);
            after.apply(&[put(b"last", b"", Expected::Anything)]).unwrap();
            assert!(versions(&after) > before, "versions go on");
        }
    }
}

#[test]
fn a_change_that_was_not_committed_is_not_seen() {
    let folder = Folder::new();
    let store = embedded(&folder);
    store.apply(&[put(b"a", b"1", Expected::Anything)]).unwrap();
    let mut open = store.begin().unwrap();
    open.write(&[put(b"a", b"2", Expected::Anything)]).unwrap();
    assert_eq!(store.get(SPACE, b"a").unwrap().unwrap().value, b"1");
    let crashed = Folder::new();
    fs::copy(folder.path().join(NAME), crashed.path().join(NAME)).unwrap();
    assert_eq!(embedded(&crashed).get(SPACE, b"a").unwrap().unwrap().value, b"1");
    drop(open);
    assert_eq!(store.get(SPACE, b"a").unwrap().unwrap().value, b"1");
}

#[test]
fn a_full_disk_says_so_and_harms_nothing() {
    let folder = Folder::new();
    let store = embedded(&folder);
    store.apply(&[put(b"a", b"1", Expected::Anything)]).unwrap();
    store.full.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        assert_eq!(store.apply(&[put(b"a", &[2; 9_000], Expected::Anything)]), Err(StoreError::NoRoom));
    }
    store.full.store(false, Ordering::Relaxed);
    assert_eq!(store.get(SPACE, b"a").unwrap().unwrap().value, b"1");
    store.apply(&[put(b"a", &[2; 9_000], Expected::Anything)]).unwrap();
    assert_eq!(store.get(SPACE, b"a").unwrap().unwrap().value.len(), 9_000);
}

#[test]
fn a_writer_that_panics_leaves_nobody_waiting() {
    let folder = Folder::new();
    let store = embedded(&folder);
    let ending = {
        let open = store.begin().unwrap();
        let ending = Arc::clone(&open.promise.0);
        let panicked = thread::scope(|scope| {
            let store = &store;
            scope
                .spawn(move || {
                    let _turn = store.writing.lock().unwrap();
                    let _open = open;
                    std::panic::resume_unwind(Box::new(()));
                })
                .join()
        });
        assert!(panicked.is_err());
        ending
    };
    let turn = store.writing.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(ending.wait(turn), Err(StoreError::Broken("a writer gave up".to_owned())));
    assert!(matches!(store.apply(&[put(b"a", b"1", Expected::Nothing)]), Ok(Applied::Done(_))));
}

#[test]
fn only_one_has_it_open() {
    let folder = Folder::new();
    let store = embedded(&folder);
    assert_eq!(open(&folder).map(|_| ()), Err(StoreError::InUse));
    drop(store);
    assert!(open(&folder).is_ok());
}

#[test]
fn only_we_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    drop(embedded(&folder));
    let mode = fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    // Nor is the state of another folder read.
    let other = Folder::new();
    other.link(NAME, folder.path().join(NAME));
    assert!(open(&other).is_err());
}

#[test]
fn what_is_no_database_is_refused_in_words() {
    for content in [&b"hello"[..], &[0; 4_096], &[0xff; 100_000]] {
        let folder = Folder::new();
        folder.file(NAME, content);
        let error = open(&folder).map(|_| ()).unwrap_err();
        assert!(matches!(&error, StoreError::Corrupt(words) if !words.is_empty()), "{error:?}");
        assert!(error.to_string().starts_with("the server's state is damaged: "));
    }
}

#[test]
fn a_damaged_file_is_refused_or_right() {
    let folder = Folder::new();
    let store = embedded(&folder);
    for at in 0..200_u32 {
        store.apply(&[put(&at.to_be_bytes(), &[9; 200], Expected::Nothing)]).unwrap();
    }
    drop(store);
    let whole = fs::read(folder.path().join(NAME)).unwrap();
    let mut refused = 0;
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let damaged = Folder::new();
        let mut octets = whole.clone();
        octets[at..].iter_mut().take(64).for_each(|octet| *octet ^= 0xa5);
        damaged.file(NAME, &octets);
        match open(&damaged) {
            Ok(store) => assert_eq!(store.scan(SPACE, b"", None, 999).unwrap().len(), 200, "at {at}"),
            Err(StoreError::Corrupt(_)) => refused += 1,
            Err(other) => panic!("at {at}: {other}"),
        }
    }
    assert!(refused > 0);
}
