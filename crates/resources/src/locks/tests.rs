//! Who may lock what, how far a lock reaches, and when it ends.

use super::*;
use crate::store::{Applied, Record, Watch};
use crate::testing::Folder;

fn lock(root: &str, depth: &str, scope: &str) -> Lock {
    Lock {
        token: fresh_token().unwrap(),
        root: root.as_bytes().to_vec(),
        infinite: depth == "infinity",
        exclusive: scope == "exclusive",
        owner: b"<D:href>me</D:href>".to_vec(),
        seconds: 100,
        expires: 0,
    }
}

fn over(folder: &Folder) -> Locks {
    Locks::open(crate::store::tests::store(folder), 0).unwrap()
}

/// Makes one that must be granted.
fn make(locks: &Locks, root: &str, depth: &str, scope: &str) -> Arc<Lock> {
    locks.add(lock(root, depth, scope), 0).unwrap().expect("nothing stands in its way")
}

fn roots(locks: &[Arc<Lock>]) -> Vec<&str> {
    locks.iter().map(|lock| str::from_utf8(&lock.root).unwrap()).collect()
}

/// How many the store holds.
fn stored(locks: &Locks) -> usize {
    locks.store.scan(Space::Locks, b"", None, usize::MAX).unwrap().len()
}

#[test]
fn a_token_is_a_random_uuid() {
    let (one, two) = (fresh_token().unwrap(), fresh_token().unwrap());
    assert_ne!(one, two);
    let uuid = one.strip_prefix("urn:uuid:").expect("an absolute URI");
    let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert!(uuid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')), "{uuid}");
    assert!(uuid.as_bytes()[14] == b'4' && b"89ab".contains(&uuid.as_bytes()[19]), "version and variant of {uuid}");
}

#[test]
fn a_lock_bears_on_its_root_and_if_infinite_on_all_beneath() {
    let folder = Folder::new();
    let locks = over(&folder);
    assert!(locks.is_empty() && locks.covering(b"a", 0).is_empty() && locks.beneath(b"", 0).is_empty());
    make(&locks, "a", "infinity", "shared");
    make(&locks, "a/b", "0", "shared");
    make(&locks, "a/b/c", "infinity", "shared");
    assert!(!locks.is_empty());
    for (path, covering, beneath) in [
        ("", &[][..], &["a", "a/b", "a/b/c"][..]),
        ("a", &["a"], &["a/b", "a/b/c"]),
        ("a/b", &["a", "a/b"], &["a/b/c"]),
        ("a/b/c", &["a", "a/b/c"], &[]),
        ("a/b/c/d/e", &["a", "a/b/c"], &[]),
        ("a/x", &["a"], &[]),
        ("ab", &[], &[]),
        ("a-", &[], &[]),
        ("b", &[], &[]),
    ] {
        assert_eq!(roots(&locks.covering(path.as_bytes(), 0)), covering, "covering {path}");
        assert_eq!(roots(&locks.beneath(path.as_bytes(), 0)), beneath, "beneath {path}");
        for lock in locks.beneath(b"", 0) {
            assert_eq!(lock.covers(path.as_bytes()), covering.contains(&str::from_utf8(&lock.root).unwrap()));
        }
    }
    make(&locks, "", "infinity", "shared");
    assert_eq!(roots(&locks.covering(b"x/y", 0)), [""]);
    assert_eq!(roots(&locks.covering(b"", 0)), [""]);
    assert_eq!(locks.beneath(b"", 0).len(), 3, "the root is not beneath itself");
}

/// DAV-023: a conflicting lock is refused, and which locks stand in the way is said (RFC 4918 §6.1, §9.10.6).
#[test]
fn exclusive_locks_exclude() {
    for (first, second, conflict) in [
        (("a", "0", "exclusive"), ("a", "0", "exclusive"), true),
        (("a", "0", "exclusive"), ("a", "0", "shared"), true),
        (("a", "0", "shared"), ("a", "0", "exclusive"), true),
        (("a", "0", "shared"), ("a", "infinity", "shared"), false),
        (("a", "infinity", "exclusive"), ("a/b", "0", "shared"), true),
        (("a", "0", "exclusive"), ("a/b", "0", "exclusive"), false),
        (("a", "infinity", "shared"), ("a/b/c", "infinity", "exclusive"), true),
        (("a/b/c", "0", "exclusive"), ("a", "0", "exclusive"), false),
        (("a/b/c", "0", "exclusive"), ("a", "infinity", "shared"), true),
        (("a/b/c", "0", "shared"), ("", "infinity", "exclusive"), true),
        (("a/b/c", "0", "shared"), ("", "infinity", "shared"), false),
        (("a", "infinity", "exclusive"), ("ab", "infinity", "exclusive"), false),
    ] {
        let folder = Folder::new();
        let locks = over(&folder);
        let there = make(&locks, first.0, first.1, first.2);
        let answer = locks.add(lock(second.0, second.1, second.2), 0).unwrap();
        match answer {
            Err(LockRefusal::Conflict(others)) => assert!(conflict && others == [there], "{first:?} {second:?}"),
            Ok(_) => assert!(!conflict, "{first:?} {second:?}"),
            Err(other) => panic!("{other:?}"),
        }
        // DAV-021: all or nothing.
        assert_eq!((locks.beneath(b"", 0).len() + locks.covering(b"", 0).len()), if conflict { 1 } else { 2 });
        assert_eq!(stored(&locks), if conflict { 1 } else { 2 });
    }
}

#[test]
fn a_lock_ends_by_itself() {
    let folder = Folder::new();
    let locks = over(&folder);
    let made = make(&locks, "a", "infinity", "exclusive");
    assert_eq!((made.seconds, made.expires), (100, 100));
    assert_eq!(locks.covering(b"a/b", 99).len(), 1);
    assert!(locks.find(&made.token, 99).is_some() && locks.find(&made.token, 100).is_none());
    assert!(locks.covering(b"a/b", 100).is_empty() && locks.beneath(b"", 100).is_empty());
    assert_eq!(locks.refresh(&made.token, b"a", 50, 100), Ok(None), "what has ended does not begin anew");
    let next = locks.add(lock("a", "0", "exclusive"), 100).unwrap().expect("the first has ended");
    assert_eq!((next.expires, stored(&locks)), (200, 2));
    locks.sweep(150).unwrap();
    assert_eq!((locks.covering(b"a", 150), stored(&locks)), (vec![next], 1));
    locks.sweep(200).unwrap();
    assert!(locks.is_empty() && stored(&locks) == 0);
}

/// RFC 4918 §10.7: what is granted is the server's to say.
#[test]
fn no_lock_is_for_ever() {
    let folder = Folder::new();
    let locks = over(&folder);
    assert_eq!(granted(None), limits::LOCK_TIME);
    assert_eq!((granted(Some(u32::MAX)), granted(Some(600)), granted(Some(0))), (limits::LOCK_TIME, 600, 1));
    let long = locks.add(Lock { seconds: u32::MAX, ..lock("a", "0", "exclusive") }, i64::MAX - 1).unwrap().unwrap();
    assert_eq!((long.seconds, long.expires), (limits::LOCK_TIME, i64::MAX));
}

/// DAV-024: an unknown token, or one that does not bear on the path, is not refreshed.
#[test]
fn a_refresh_needs_a_token_of_the_path() {
    let folder = Folder::new();
    let locks = over(&folder);
    let made = make(&locks, "a", "infinity", "exclusive");
    let flat = make(&locks, "b", "0", "exclusive");
    assert_eq!(locks.refresh("urn:uuid:none", b"a", 100, 50), Ok(None));
    assert_eq!(locks.refresh(&made.token, b"ab", 100, 50), Ok(None));
    assert_eq!(locks.refresh(&flat.token, b"b/c", 100, 50), Ok(None));
    let again = locks.refresh(&made.token, b"a/b/c", 300, 50).unwrap().expect("it bears on the member");
    assert_eq!((again.seconds, again.expires, &again.token), (300, 350, &made.token));
    assert_eq!(locks.covering(b"a", 349), [again]);
    assert_eq!(stored(&locks), 2);
}

#[test]
fn a_lock_is_removed_once() {
    let folder = Folder::new();
    let locks = over(&folder);
    let made = make(&locks, "a", "0", "exclusive");
    assert_eq!(locks.remove("urn:uuid:none"), Ok(false));
    assert_eq!(locks.remove(&made.token), Ok(true));
    assert_eq!(locks.remove(&made.token), Ok(false));
    assert!(locks.is_empty() && stored(&locks) == 0);
}

/// RFC 4918 §9.6: a DELETE destroys the locks rooted on what is deleted.
#[test]
fn what_goes_takes_its_locks_along() {
    let folder = Folder::new();
    let locks = over(&folder);
    for root in ["", "a", "a/b", "a/b/c", "ab", "a-b", "b"] {
        make(&locks, root, "0", "exclusive");
    }
    locks.remove_tree(b"a/b").unwrap();
    assert_eq!(roots(&locks.beneath(b"", 0)), ["a", "a-b", "ab", "b"]);
    locks.remove_tree(b"a").unwrap();
    assert_eq!(roots(&locks.beneath(b"", 0)), ["a-b", "ab", "b"]);
    assert_eq!(stored(&locks), 4);
    locks.remove_tree(b"").unwrap();
    assert!(locks.is_empty() && stored(&locks) == 0);
}

#[test]
fn locks_outlive_the_server() {
    let folder = Folder::new();
    let locks = over(&folder);
    let long = make(&locks, "a\u{e9}/b", "infinity", "shared");
    let short = locks.add(Lock { seconds: 10, ..lock("c", "0", "exclusive") }, 0).unwrap().unwrap();
    let long = locks.refresh(&long.token, &long.root, 1_000, 5).unwrap().unwrap();
    drop(locks);
    let locks = Locks::open(crate::store::tests::store(&folder), 10).unwrap();
    assert_eq!(locks.covering(&[&long.root[..], b"/x"].concat(), 10), [Arc::clone(&long)]);
    assert_eq!(*locks.find(&long.token, 10).unwrap(), *long);
    assert!(locks.find(&short.token, 10).is_none());
    assert_eq!(stored(&locks), 1, "what ended meanwhile is gone");
}

#[test]
fn there_is_an_end_to_locks() {
    let folder = Folder::new();
    let locks = over(&folder);
    for _ in 0..limits::LOCKS_ON_ONE {
        make(&locks, "a", "0", "shared");
    }
    assert_eq!(locks.add(lock("a", "0", "shared"), 0).unwrap(), Err(LockRefusal::TooMany));
    assert!(locks.add(lock("a", "0", "shared"), 100).unwrap().is_ok(), "all others have ended");
    let chatty = Lock { owner: vec![b'x'; limits::LOCK_OWNER + 1], ..lock("b", "0", "shared") };
    assert_eq!(locks.add(chatty, 0).unwrap(), Err(LockRefusal::OwnerTooLong));
    // As many as there may be in all, without waiting for the disk so often.
    locks.change(|table| {
        while table.roots.len() < limits::LOCKS {
            let lock = lock(&format!("x/{}", table.roots.len()), "0", "exclusive");
            table.insert(Arc::new(Lock { expires: 500, ..lock }));
        }
    });
    let ended = locks.look().ended(100).len();
    assert_eq!(ended, limits::LOCKS_ON_ONE);
    let granted = (0..=ended).filter(|at| locks.add(lock(&format!("y/{at}"), "0", "shared"), 100).unwrap().is_ok());
    assert_eq!(granted.count(), ended, "those that had ended made room");
}

/// A store whose disk is full.
#[derive(Debug)]
struct Full(Arc<dyn Store>);

impl Store for Full {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.0.get(space, key)
    }

    fn scan(
        &self,
        space: Space,
        from: &[u8],
        until: Option<&[u8]>,
        most: usize,
    ) -> Result<Vec<(Vec<u8>, Record)>, StoreError> {
        self.0.scan(space, from, until, most)
    }

    fn apply(&self, _: &[Change<'_>]) -> Result<Applied, StoreError> {
        Err(StoreError::NoRoom)
    }

    fn watch(&self, space: Space) -> Watch {
        self.0.watch(space)
    }
}

#[test]
fn a_lock_that_cannot_be_kept_is_not_made() {
    let folder = Folder::new();
    let store = crate::store::tests::store(&folder);
    let kept = Locks::open(Arc::clone(&store), 0).unwrap();
    let there = make(&kept, "a", "0", "exclusive");
    let locks = Locks::open(Arc::new(Full(store)), 0).unwrap();
    assert_eq!(locks.add(lock("b", "0", "exclusive"), 0), Err(StoreError::NoRoom));
    assert!(locks.covering(b"b", 0).is_empty());
    assert_eq!(locks.refresh(&there.token, b"a", 500, 0), Err(StoreError::NoRoom));
    assert_eq!(locks.covering(b"a", 0)[0].expires, 100);
    // Removed in effect; the store learns of it with the next sweep that finds room.
    assert_eq!(locks.remove(&there.token), Err(StoreError::NoRoom));
    assert!(locks.is_empty() && stored(&locks) == 1);
    let Locks { store, table, count } = locks;
    drop(store);
    let locks = Locks { store: kept.store, table, count };
    locks.sweep(0).unwrap();
    assert_eq!(stored(&locks), 0);
}

#[test]
fn of_many_that_ask_at_once_one_has_it() {
    let folder = Folder::new();
    let locks = over(&folder);
    let granted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for at in 0..8 {
            let (locks, granted) = (&locks, &granted);
            scope.spawn(move || {
                let wanted =
                    if at % 2 == 0 { lock("a", "infinity", "exclusive") } else { lock("a/b", "0", "exclusive") };
                if locks.add(wanted, 0).unwrap().is_ok() {
                    granted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!((granted.into_inner(), stored(&locks)), (1, 1));
}

#[test]
fn a_damaged_record_is_told() {
    let folder = Folder::new();
    let store = crate::store::tests::store(&folder);
    store.apply(&[Change::put(Space::Locks, b"x", b"\0")]).unwrap();
    assert!(matches!(Locks::open(store, 0), Err(StoreError::Corrupt(_))));
}
