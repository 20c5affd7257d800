//! What is kept, and what makes room.

use std::borrow::Cow;
use std::fs::File;

use rustix::fs::fstat;
use semantics::date::Date;
use semantics::field::Rendered;

use super::*;
use crate::entry::Content;
use crate::validators::{Identity, Validators};

const BOUNDS: Bounds = Bounds { octets: 1 << 20, entries: 4, open: 2, time: 250 };

fn entry(content: Content) -> Rc<Entry> {
    let identity = Identity::of(&fstat(File::open("/").expect("the root")).expect("its state"));
    let validators = Validators::of(&identity, Date::MAX);
    Rc::new(Entry::new(identity, validators, Cow::Borrowed("text/plain"), content, false, &|_| Rendered::default()))
}

fn octets(length: usize) -> Rc<Entry> {
    entry(Content::Octets(vec![0; length].into()))
}

fn open() -> Rc<Entry> {
    entry(Content::Open(Rc::new(File::open("/").expect("the root"))))
}

fn kept(cache: &Cache) -> Vec<&str> {
    let mut names: Vec<_> =
        cache.slots.iter().map(|slot| str::from_utf8(&slot.name.0).expect("a name of these tests")).collect();
    names.sort_unstable();
    names
}

/// The counts are those of what is there.
fn check(cache: &Cache) {
    assert_eq!(cache.octets, cache.slots.iter().map(CacheSlot::weight).sum::<usize>());
    assert_eq!(cache.open, cache.slots.iter().filter(|slot| slot.entry.is_open()).count());
    assert_eq!(cache.places.iter().map(HashMap::len).sum::<usize>(), cache.slots.len());
    for (place, slot) in cache.slots.iter().enumerate() {
        assert_eq!(cache.places[usize::from(slot.collection)].get(slot.name.0.as_ref()), Some(&place));
    }
    assert!(cache.octets <= cache.bounds.octets && cache.open <= cache.bounds.open);
    assert!(cache.slots.len() <= cache.bounds.entries);
}

#[test]
fn what_was_used_stays() {
    let mut cache = Cache::new(BOUNDS);
    for name in ["a", "b", "c", "d"] {
        cache.keep((name.as_bytes(), false), octets(1), (0, 0));
    }
    assert!(cache.fresh((b"a", false), 1).is_some() && cache.fresh((b"c", false), 1).is_some());
    cache.keep((b"e", false), octets(1), (0, 0));
    check(&cache);
    assert_eq!(kept(&cache), ["a", "c", "d", "e"], "b was not used");
    // All used: the hand goes round once, taking the marks, and then finds one.
    for name in ["a", "c", "d", "e"] {
        assert!(cache.fresh((name.as_bytes(), false), 1).is_some());
    }
    cache.keep((b"f", false), octets(1), (0, 0));
    check(&cache);
    assert!(kept(&cache).len() == 4 && kept(&cache).contains(&"f"));
}

#[test]
fn octets_are_bounded() {
    let mut cache = Cache::new(Bounds { octets: 10_000, entries: 100, ..BOUNDS });
    for name in 0..20 {
        cache.keep((format!("{name}").as_bytes(), false), octets(3_000), (0, 0));
        check(&cache);
    }
    assert!(cache.slots.len() == 2 || cache.slots.len() == 3);
    cache.keep((b"too large", false), octets(10_000), (0, 0));
    assert!(cache.last((b"too large", false)).is_none() && cache.slots.len() >= 2, "nothing went for it");
}

#[test]
fn open_files_are_bounded_and_make_room_for_one_another() {
    let mut cache = Cache::new(BOUNDS);
    cache.keep((b"octets", false), octets(1), (0, 0));
    for name in ["a", "b", "c", "d"] {
        cache.keep((name.as_bytes(), false), open(), (0, 0));
        check(&cache);
    }
    assert_eq!(kept(&cache), ["c", "d", "octets"]);
    assert!(cache.close_files() && !cache.close_files());
    check(&cache);
    assert_eq!(kept(&cache), ["octets"]);
    let mut none = Cache::new(Bounds { open: 0, ..BOUNDS });
    none.keep((b"a", false), open(), (0, 0));
    assert!(none.slots.is_empty());
}

#[test]
fn a_name_is_kept_once_for_each_kind() {
    let mut cache = Cache::new(BOUNDS);
    cache.keep((b"a", false), octets(1), (0, 0));
    cache.keep((b"a", true), octets(2), (0, 0));
    cache.keep((b"a", false), octets(3), (0, 0));
    check(&cache);
    assert_eq!(kept(&cache), ["a", "a"]);
    cache.forget((b"a", true));
    cache.forget((b"none", true));
    check(&cache);
    assert!(cache.last((b"a", true)).is_none() && cache.last((b"a", false)).is_some());
}

#[test]
fn a_look_counts_for_its_time() {
    let mut cache = Cache::new(BOUNDS);
    let kept = octets(1);
    cache.keep((b"a", false), Rc::clone(&kept), (1_000, 0));
    for (now, fresh) in [(1_000, true), (1_249, true), (1_250, false), (999, false)] {
        assert_eq!(cache.fresh((b"a", false), now).is_some(), fresh, "{now}");
    }
    cache.confirm((b"a", false), &kept, (2_000, 0));
    assert!(cache.fresh((b"a", false), 2_100).is_some());
    cache.confirm((b"a", false), &octets(1), (3_000, 0)); // another entry took the place meanwhile
    assert!(cache.fresh((b"a", false), 3_000).is_none());
}

#[test]
fn hashes_differ_with_names_lengths_and_seeds() {
    let hash = |seed, octets: &[u8]| Mixed { seed }.hash_one(octets);
    let names: [&[u8]; 6] = [b"", b"a", b"a\0", b"index.html", b"index.htm", b"a/index.html"];
    for (at, one) in names.iter().enumerate() {
        assert!(names[..at].iter().all(|two| hash(1, one) != hash(1, two)));
        assert_ne!(hash(1, one), hash(3, one));
    }
}

#[test]
fn what_is_in_doubt_is_looked_at_again() {
    let mut cache = Cache::new(BOUNDS);
    let kept = octets(1);
    cache.keep((b"a", false), Rc::clone(&kept), (0, cache.doubts()));
    cache.miss((b"b", false), (0, cache.doubts()));
    assert!(cache.fresh((b"a", false), 0).is_some() && cache.missing((b"b", false), 0));
    let before = cache.doubts();
    cache.doubt();
    assert!(cache.fresh((b"a", false), 0).is_none() && !cache.missing((b"b", false), 0));
    // a look that was begun before the doubt does not end it
    cache.confirm((b"a", false), &kept, (0, before));
    assert!(cache.fresh((b"a", false), 0).is_none());
    cache.confirm((b"a", false), &kept, (0, cache.doubts()));
    assert!(cache.fresh((b"a", false), 0).is_some());
}
