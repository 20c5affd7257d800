//! What every store must do, asked of the embedded one.

use std::fs::File;
use std::sync::Arc;

use super::*;
use crate::testing::Folder;

/// The store in this folder.
pub(crate) fn embedded(folder: &Folder) -> Embedded {
    open(folder).expect("it can be opened")
}

pub(crate) fn open(folder: &Folder) -> Result<Embedded, StoreError> {
    Embedded::open(File::open(folder.path()).expect("it is there").into(), Syncing::Never)
}

/// The same, as whoever keeps something in it sees it.
pub(crate) fn store(folder: &Folder) -> Arc<dyn Store> {
    Arc::new(embedded(folder))
}

fn put<'a>(key: &'a [u8], value: &'a [u8], expected: Expected) -> Change<'a> {
    Change::PutIf { space: Space::Counters, key, expected, value }
}

fn delete(key: &[u8], expected: Expected) -> Change<'_> {
    Change::DeleteIf { space: Space::Counters, key, expected }
}

fn add(key: &[u8], delta: i64) -> Change<'_> {
    Change::Add { space: Space::Counters, key, delta }
}

fn done(applied: Applied) -> Vec<Effect> {
    match applied {
        Applied::Done(effects) => effects,
        Applied::Refused { change, found } => panic!("{change} was refused: {found:?} stands there"),
    }
}

fn value(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    store.get(Space::Counters, key).unwrap().map(|record| record.value)
}

fn version(store: &dyn Store, key: &[u8]) -> Version {
    store.get(Space::Counters, key).unwrap().expect("it is there").version
}

#[test]
fn what_is_put_is_got() {
    let folder = Folder::new();
    let store = store(&folder);
    assert_eq!(store.get(Space::Counters, b"a"), Ok(None));
    let written = done(store.apply(&[put(b"a", b"1", Expected::Anything)]).unwrap());
    assert_eq!(written, [Effect::Written(version(&*store, b"a"))]);
    assert_eq!(value(&*store, b"a").as_deref(), Some(&b"1"[..]));
    assert_eq!(store.get(Space::Jobs, b"a"), Ok(None), "spaces never meet");
    assert_eq!(done(store.apply(&[delete(b"a", Expected::Anything)]).unwrap()), [Effect::Deleted]);
    assert_eq!(done(store.apply(&[delete(b"a", Expected::Anything)]).unwrap()), [Effect::Deleted]);
    assert_eq!(value(&*store, b"a"), None);
    assert_eq!(store.apply(&[]), Ok(Applied::Done(Vec::new())));
}

#[test]
fn each_expectation_is_held() {
    let folder = Folder::new();
    let store = store(&folder);
    let refused = |change, found| Ok(Applied::Refused { change, found });
    done(store.apply(&[put(b"a", b"1", Expected::Nothing)]).unwrap());
    let first = version(&*store, b"a");
    assert_eq!(store.apply(&[put(b"a", b"2", Expected::Nothing)]), refused(0, Some(first)));
    assert_eq!(store.apply(&[delete(b"a", Expected::Nothing)]), refused(0, Some(first)));
    done(store.apply(&[put(b"a", b"2", Expected::Version(first))]).unwrap());
    let second = version(&*store, b"a");
    assert!(second > first);
    assert_eq!(store.apply(&[put(b"a", b"3", Expected::Version(first))]), refused(0, Some(second)));
    assert_eq!(store.apply(&[delete(b"a", Expected::Version(first))]), refused(0, Some(second)));
    assert_eq!(store.apply(&[put(b"b", b"3", Expected::Version(second))]), refused(0, None));
    assert_eq!(value(&*store, b"a").as_deref(), Some(&b"2"[..]));
    done(store.apply(&[delete(b"a", Expected::Version(second))]).unwrap());
    // One made anew is not the one that was deleted.
    done(store.apply(&[put(b"a", b"1", Expected::Nothing)]).unwrap());
    assert!(version(&*store, b"a") > second);
}

#[test]
fn all_or_nothing() {
    let folder = Folder::new();
    let store = store(&folder);
    let list = [put(b"a", b"1", Expected::Anything), add(b"n", 1), put(b"b", b"1", Expected::Version(Version(99)))];
    assert_eq!(store.apply(&list), Ok(Applied::Refused { change: 2, found: None }));
    assert_eq!((value(&*store, b"a"), value(&*store, b"n")), (None, None));
    done(store.apply(&list[..2]).unwrap());
    assert!(value(&*store, b"a").is_some() && value(&*store, b"n").is_some());
    // What is expected is asked of the state before the list.
    done(store.apply(&[delete(b"a", Expected::Anything), put(b"c", b"1", Expected::Nothing)]).unwrap());
    let twice = [put(b"d", b"1", Expected::Nothing), put(b"d", b"2", Expected::Nothing)];
    done(store.apply(&twice).unwrap());
    assert_eq!(value(&*store, b"d").as_deref(), Some(&b"2"[..]));
}

#[test]
fn counters_count() {
    let folder = Folder::new();
    let store = store(&folder);
    let sums = |deltas: &[i64]| {
        let list: Vec<_> = deltas.iter().map(|delta| add(b"n", *delta)).collect();
        done(store.apply(&list).unwrap())
    };
    assert_eq!(sums(&[5]), [Effect::Sum(5)]);
    assert_eq!(sums(&[1, -7]), [Effect::Sum(6), Effect::Sum(-1)]);
    assert_eq!(sums(&[i64::MAX, i64::MAX]), [Effect::Sum(i64::MAX - 1), Effect::Sum(i64::MAX)]);
    done(store.apply(&[put(b"n", b"no number", Expected::Anything)]).unwrap());
    let found = Some(version(&*store, b"n"));
    assert_eq!(store.apply(&[add(b"n", 1)]), Ok(Applied::Refused { change: 0, found }));
}

#[test]
fn a_scan_is_in_the_order_of_keys() {
    let folder = Folder::new();
    let store = store(&folder);
    let keys: [&[u8]; 6] = [b"a\xff", b"b", b"a\0", b"a", b"c", b""];
    let puts: Vec<_> = keys.iter().map(|key| put(key, key, Expected::Nothing)).collect();
    done(store.apply(&puts).unwrap());
    let scan = |from: &[u8], until: Option<&[u8]>, most| {
        let found = store.scan(Space::Counters, from, until, most).unwrap();
        assert!(found.iter().all(|(key, record)| *key == record.value));
        found.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(scan(b"", None, 99), [&b""[..], b"a", b"a\0", b"a\xff", b"b", b"c"]);
    assert_eq!(scan(b"a", Some(b"b"), 99), [&b"a"[..], b"a\0", b"a\xff"]);
    assert_eq!(scan(b"a\0", None, 2), [&b"a\0"[..], b"a\xff"]);
    assert!(scan(b"b", Some(b"b"), 99).is_empty() && scan(b"c", Some(b"b"), 99).is_empty());
    assert!(scan(b"d", None, 99).is_empty() && scan(b"", None, 0).is_empty());
    assert_eq!(store.scan(Space::Jobs, b"", None, 99), Ok(Vec::new()));
}

#[test]
fn a_watch_counts_the_changes_of_its_space() {
    let folder = Folder::new();
    let store = store(&folder);
    let (watch, other) = (store.watch(Space::Counters), store.watch(Space::Jobs));
    let before = watch.count();
    assert!(matches!(store.apply(&[put(b"a", b"1", Expected::Version(Version(9)))]), Ok(Applied::Refused { .. })));
    assert_eq!(watch.count(), before, "nothing has changed");
    done(store.apply(&[put(b"a", b"1", Expected::Nothing)]).unwrap());
    assert!(watch.count() > before && store.watch(Space::Counters).count() == watch.count());
    assert_eq!(other.count(), 0);
}

#[test]
fn behind_a_prefix_comes_the_next_key() {
    assert_eq!(behind(b"a"), Some(b"b".to_vec()));
    assert_eq!(behind(b"a\xff\xff"), Some(b"b".to_vec()));
    assert_eq!(behind(b"a\x00"), Some(b"a\x01".to_vec()));
    assert_eq!((behind(b"\xff\xff"), behind(b"")), (None, None));
}

#[test]
fn errors_say_what_happened() {
    let of = |error: Errno| StoreError::from(error);
    assert_eq!((of(Errno::NOSPC), of(Errno::DQUOT)), (StoreError::NoRoom, StoreError::NoRoom));
    assert_eq!((of(Errno::ACCESS), of(Errno::ROFS)), (StoreError::Denied, StoreError::Denied));
    assert!(matches!(of(Errno::IO), StoreError::Broken(words) if words.contains("error")));
    assert_eq!(StoreError::InUse.to_string(), "another process has the server's state open");
}
