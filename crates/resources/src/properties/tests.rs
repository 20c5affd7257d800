//! What is kept with what, and what becomes of it when the resource goes elsewhere.

use super::*;
use crate::testing::Folder;

fn name(local: &str) -> Name {
    Name { space: "urn:x".to_owned(), local: local.to_owned() }
}

fn of_text(local: &str, content: &str) -> Property {
    Property { name: name(local), language: None, content: content.as_bytes().to_vec() }
}

fn set(local: &str, content: &str) -> Update {
    Update::Set(of_text(local, content))
}

fn over(folder: &Folder) -> Properties {
    Properties::open(crate::store::tests::store(folder)).unwrap()
}

fn change(properties: &Properties, path: &str, updates: &[Update]) {
    properties.change(path.as_bytes(), updates).unwrap().expect("they may be set");
}

/// Sets one on each, that says where it was set.
fn mark(properties: &Properties, paths: &[&str]) {
    for path in paths {
        change(properties, path, &[set("at", path)]);
    }
}

/// Which path has which mark.
fn marks(properties: &Properties) -> Vec<(String, String)> {
    let rows = properties.store.scan(Space::Properties, b"", None, usize::MAX).unwrap();
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    let marks = rows.iter().map(|(key, record)| {
        let key = Key::read(key).unwrap();
        (text(key.path()), text(property(&key, record).unwrap().content))
    });
    let mut marks: Vec<_> = marks.collect();
    marks.sort();
    marks
}

fn check(properties: &Properties, expected: &[(&str, &str)]) {
    let mut expected: Vec<_> = expected.iter().map(|(path, mark)| ((*path).to_owned(), (*mark).to_owned())).collect();
    expected.sort();
    assert_eq!(marks(properties), expected);
}

const TREE: [&str; 9] = ["", "a", "a/b", "a/b/c", "a/d", "a!", "ab", "a0", "e"];

#[test]
fn what_is_set_is_told() {
    let folder = Folder::new();
    let properties = over(&folder);
    assert!(properties.is_empty() && properties.of(b"a").unwrap().is_empty());
    let plain = Property { name: Name { space: String::new(), local: "x".to_owned() }, ..of_text("x", "plain") };
    let german = Property { language: Some("de".to_owned()), ..of_text("y", "<b xmlns=\"urn:y\">ja</b>") };
    change(&properties, "a/b", &[Update::Set(german.clone()), Update::Set(plain.clone())]);
    assert!(!properties.is_empty());
    assert_eq!(properties.of(b"a/b").unwrap(), [plain, german]);
    for other in ["", "a", "a/b/c", "a/", "b", "a/bb"] {
        assert!(properties.of(other.as_bytes()).unwrap().is_empty(), "{other} has none");
    }
}

/// DAV-008: in document order.
#[test]
fn updates_are_made_in_their_order() {
    let folder = Folder::new();
    let properties = over(&folder);
    change(&properties, "a", &[set("x", "1"), set("x", "2"), set("y", "1"), Update::Remove(name("y"))]);
    assert_eq!(properties.of(b"a").unwrap(), [of_text("x", "2")]);
    change(&properties, "a", &[Update::Remove(name("x")), Update::Remove(name("none")), set("x", "3")]);
    assert_eq!(properties.of(b"a").unwrap(), [of_text("x", "3")]);
    change(&properties, "a", &[Update::Remove(name("x"))]);
    assert!(properties.of(b"a").unwrap().is_empty() && properties.is_empty());
}

/// DAV-008: all or none.
#[test]
fn a_refusal_stores_nothing() {
    let folder = Folder::new();
    let properties = over(&folder);
    let large = "x".repeat(limits::PROPERTY);
    for (update, refusal) in [
        (set("large", &large), PropertyRefusal::TooLarge { update: 1 }),
        (set("", "no name"), PropertyRefusal::TooLarge { update: 1 }),
        (set("a\0b", "no name of XML"), PropertyRefusal::TooLarge { update: 1 }),
    ] {
        assert_eq!(properties.change(b"a", &[set("small", "x"), update]), Ok(Err(refusal)));
        assert!(properties.is_empty());
    }
}

#[test]
fn a_resource_has_only_so_many() {
    let folder = Folder::new();
    let properties = over(&folder);
    let many: Vec<_> = (0..limits::PROPERTIES_ON_ONE).map(|at| set(&format!("p{at}"), "x")).collect();
    change(&properties, "a", &many);
    assert_eq!(properties.change(b"a", &[set("one more", "x")]), Ok(Err(PropertyRefusal::TooMany { update: 0 })));
    change(&properties, "a", &[set("p0", "another")]);
    change(&properties, "a", &[Update::Remove(name("p0")), set("one more", "x")]);
    assert_eq!(properties.of(b"a").unwrap().len(), limits::PROPERTIES_ON_ONE);
    let half = "x".repeat(limits::PROPERTY - 100);
    let large: Vec<_> =
        (0..=limits::PROPERTIES_OCTETS / limits::PROPERTY).map(|at| set(&format!("p{at}"), &half)).collect();
    let last = large.len() - 1;
    assert_eq!(properties.change(b"b", &large), Ok(Err(PropertyRefusal::TooMany { update: last })));
    change(&properties, "b", &large[..last]);
}

#[test]
fn members_are_told_together() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &TREE);
    change(&properties, "a/b", &[set("more", "x")]);
    let names = |path: &str| {
        let members = properties.of_members(path.as_bytes()).unwrap();
        let shown = |(name, of): (Vec<u8>, Vec<Property>)| (String::from_utf8(name).unwrap(), of.len());
        members.into_iter().map(shown).collect::<Vec<_>>()
    };
    let expected = |names: &[(&str, usize)]| names.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(names(""), expected(&[("a", 1), ("a!", 1), ("a0", 1), ("ab", 1), ("e", 1)]));
    assert_eq!(names("a"), expected(&[("b", 2), ("d", 1)]));
    assert_eq!(names("a/b"), expected(&[("c", 1)]));
    assert!(names("e").is_empty());
    assert_eq!(properties.of_members(b"a").unwrap()[&b"b"[..]], properties.of(b"a/b").unwrap());
}

#[test]
fn a_tree_goes_with_all_it_has() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &TREE);
    properties.removed(b"a/b").unwrap();
    check(&properties, &[("", ""), ("a", "a"), ("a/d", "a/d"), ("a!", "a!"), ("ab", "ab"), ("a0", "a0"), ("e", "e")]);
    properties.removed(b"a").unwrap();
    check(&properties, &[("", ""), ("a!", "a!"), ("ab", "ab"), ("a0", "a0"), ("e", "e")]);
    properties.removed(b"").unwrap();
    check(&properties, &[]);
    assert!(properties.is_empty());
    properties.removed(b"a").unwrap();
}

/// RFC 4918 §9.9.1: the dead properties go along.
#[test]
fn a_move_takes_them_along_and_replaces_what_was_there() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &TREE);
    mark(&properties, &["e/b", "e/x"]);
    properties.moved(b"a", b"e").unwrap();
    let rest = [("", ""), ("a!", "a!"), ("ab", "ab"), ("a0", "a0")];
    let moved = [("e", "a"), ("e/b", "a/b"), ("e/b/c", "a/b/c"), ("e/d", "a/d")];
    check(&properties, &[&rest[..], &moved].concat());
    properties.moved(b"e/b", b"x/y").unwrap();
    let moved = [("e", "a"), ("x/y", "a/b"), ("x/y/c", "a/b/c"), ("e/d", "a/d")];
    check(&properties, &[&rest[..], &moved].concat());
    for (from, to) in [("e", "e"), ("e", "e/x"), ("x/y", "x"), ("e", "")] {
        properties.moved(from.as_bytes(), to.as_bytes()).unwrap();
        check(&properties, &[&rest[..], &moved].concat());
    }
}

/// RFC 4918 §9.8.2.
#[test]
fn a_copy_has_them_too() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &TREE[1..4]);
    mark(&properties, &["e", "e/b", "e/x"]);
    properties.copied(b"a", b"e").unwrap();
    let tree = [("a", "a"), ("a/b", "a/b"), ("a/b/c", "a/b/c"), ("e", "a"), ("e/b", "a/b"), ("e/b/c", "a/b/c")];
    check(&properties, &tree);
    properties.copied_alone(b"a/b", b"e/b").unwrap();
    check(&properties, &tree[..5]);
}

/// DAV-019: a copy into itself comes to an end.
#[test]
fn a_copy_into_itself_is_of_what_was_there() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &TREE[1..4]);
    properties.copied(b"a", b"a/b/z").unwrap();
    let tree = [("a", "a"), ("a/b", "a/b"), ("a/b/c", "a/b/c")];
    let copy = [("a/b/z", "a"), ("a/b/z/b", "a/b"), ("a/b/z/b/c", "a/b/c")];
    check(&properties, &[tree, copy].concat());
    mark(&properties, &[""]);
    properties.removed(b"a/b").unwrap();
    properties.copied(b"", b"z").unwrap();
    check(&properties, &[("", ""), ("a", "a"), ("z", ""), ("z/a", "a")]);
}

#[test]
fn more_than_fit_one_page_are_all_carried() {
    let folder = Folder::new();
    let properties = over(&folder);
    let each: Vec<_> = (0..100).map(|at| set(&format!("p{at}"), "x")).collect();
    let files = limits::PROPERTIES_AT_ONCE / 100 + 3;
    for file in 0..files {
        change(&properties, &format!("a/{file}"), &each);
    }
    let count = |of: &str| properties.of_members(of.as_bytes()).unwrap().values().map(Vec::len).sum::<usize>();
    properties.copied(b"a", b"b").unwrap();
    assert_eq!((count("a"), count("b")), (files * 100, files * 100));
    properties.moved(b"b", b"c").unwrap();
    assert_eq!((count("b"), count("c")), (0, files * 100));
    properties.removed(b"c").unwrap();
    assert_eq!((count("a"), count("c")), (files * 100, 0));
}

#[test]
fn what_nobody_has_is_swept() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &["a", "a/b", "a/b/c", "e"]);
    change(&properties, "a/b", &[set("more", "a/b")]);
    let asked = std::cell::RefCell::new(Vec::new());
    properties
        .sweep(|path| {
            asked.borrow_mut().push(path.to_vec());
            if path == b"e" {
                // It is made anew meanwhile.
                change(&properties, "e", &[set("at", "new")]);
            }
            path == b"a"
        })
        .unwrap();
    assert_eq!(asked.into_inner(), [&b"a"[..], b"e", b"a/b", b"a/b/c"], "each is looked for once");
    check(&properties, &[("a", "a"), ("a/b", "a/b"), ("a/b", "a/b"), ("a/b/c", "a/b/c"), ("e", "new")]);
    properties.sweep(|path| path == b"a" || path == b"e").unwrap();
    check(&properties, &[("a", "a"), ("e", "new")]);
}

#[test]
fn they_outlive_the_server() {
    let folder = Folder::new();
    let properties = over(&folder);
    mark(&properties, &["a"]);
    drop(properties);
    let properties = over(&folder);
    assert!(!properties.is_empty());
    check(&properties, &[("a", "a")]);
}

#[test]
fn a_damaged_record_is_told() {
    let folder = Folder::new();
    let properties = over(&folder);
    for (key, value) in [(&b"\0a\0x\0y"[..], &b"\x02"[..]), (b"\0a\0x", b"\0\0\0\0\0\0\0\0\0"), (b"\0a\0\xff\0y", b"")]
    {
        properties.apply(&[put(key, value)]).unwrap();
        assert!(matches!(properties.of(b"a"), Err(StoreError::Corrupt(_))));
        assert!(matches!(properties.of_members(b""), Err(StoreError::Corrupt(_))));
        properties.apply(&[delete(key)]).unwrap();
    }
}
