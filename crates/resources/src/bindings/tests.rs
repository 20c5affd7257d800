//! Where aliases lead, and what becomes of them when trees move and go.

use super::*;
use crate::testing::Folder;

fn over(folder: &Folder) -> Bindings {
    Bindings::open(crate::store::tests::store(folder)).expect("opens")
}

/// Aliases, each with where what it is bound to stands.
fn with(folder: &Folder, aliases: &[(&str, &str)]) -> Bindings {
    let bindings = over(folder);
    for (alias, at) in aliases {
        bindings.bind(alias.as_bytes(), at.as_bytes()).expect("is stored");
    }
    bindings
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("text")
}

fn all(bindings: &Bindings) -> Vec<String> {
    let aliases = bindings.beneath(b"");
    assert_eq!((bindings.is_empty(), bindings.look().count), (aliases.is_empty(), aliases.len()));
    let reversed: BTreeSet<Alias> = bindings
        .look()
        .aims(b"")
        .flat_map(|(at, aliases)| aliases.iter().map(|alias| (alias.clone(), at.to_vec())).collect::<Vec<_>>())
        .collect();
    assert_eq!(reversed, aliases.iter().cloned().collect(), "both tables say the same");
    aliases.iter().map(|(alias, at)| format!("{} = {}", text(alias), text(at))).collect()
}

#[test]
fn a_path_leads_to_where_its_names_are_bound() {
    let folder = Folder::new();
    let bindings = with(&folder, &[("b/x", "a/y"), ("c", "a"), ("a/up", ""), ("a/y/self", "a/y"), ("f", "a/file")]);
    for (path, at, binding) in [
        ("", "", ""),
        ("a", "a", "a"),
        ("b/x", "a/y", "b/x"),
        ("b/x/z", "a/y/z", "a/y/z"),
        ("b/xy", "b/xy", "b/xy"),
        ("c/y", "a/y", "a/y"),
        ("c/up/c/up", "", "a/up"),
        ("c/up/b/x/self/self/self/t", "a/y/t", "a/y/t"),
        ("f/below", "a/file/below", "a/file/below"),
        // what is the server's own has one name
        ("a/up/.because/state", "a/up/.because/state", "a/up/.because/state"),
    ] {
        assert_eq!(text(&bindings.resolve(path.as_bytes())), at, "{path}");
        assert_eq!(text(&bindings.binding(path.as_bytes())), binding, "{path}");
    }
    let round = "a/up/".repeat(1_000) + "c/z";
    assert_eq!(text(&bindings.resolve(round.as_bytes())), "a/z");
    assert!(matches!(bindings.resolve(b"b/y/x"), Cow::Borrowed(_)), "where nothing is bound nothing is made");
}

#[test]
fn members_and_aliases_are_known() {
    let folder = Folder::new();
    let bindings = with(&folder, &[("b/x", "a/y"), ("b/x2", "a/y"), ("b/c/d", "e"), ("ba", "e"), ("z", "")]);
    let members = bindings.members(b"b");
    assert_eq!(members.keys().map(|name| text(name)).collect::<Vec<_>>(), ["x", "x2"]);
    assert_eq!(bindings.members(b"").len(), 2);
    assert_eq!(bindings.of(b"e"), [b"b/c/d".to_vec(), b"ba".to_vec()]);
    assert_eq!(bindings.of(b""), [b"z".to_vec()]);
    assert_eq!(
        (bindings.aim(b"b/x"), bindings.aim(b"b"), bindings.aim(b"z")),
        (Some(b"a/y".to_vec()), None, Some(Vec::new()))
    );
    let beneath: Vec<String> = bindings.beneath(b"b").iter().map(|(alias, _)| text(alias)).collect();
    assert_eq!(beneath, ["b/x", "b/x2", "b/c/d"]);
    for (tree, touched) in
        [("b", true), ("b/c", true), ("b/x", true), ("a", true), ("a/y", true), ("a/y/z", false), ("bb", false)]
    {
        assert_eq!(bindings.touches(tree.as_bytes()), touched, "{tree}");
    }
}

#[test]
fn they_outlive_the_server() {
    let folder = Folder::new();
    let before = all(&with(&folder, &[("b/x", "a/y"), ("\u{1}", "")]));
    let bindings = over(&folder);
    assert_eq!(all(&bindings), before);
    bindings.unbind(b"b/x").expect("is stored");
    bindings.unbind(b"\x01").expect("is stored");
    bindings.unbind(b"b/none").expect("is stored");
    drop(bindings);
    assert!(over(&folder).is_empty());
}

#[test]
fn a_new_binding_takes_the_place_of_another_and_of_all_beneath_it() {
    let folder = Folder::new();
    let bindings = with(&folder, &[("b", "a"), ("b", "c"), ("d/e/f", "a"), ("d", "c")]);
    assert_eq!(all(&bindings), ["b = c", "d = c"]);
    bindings.rebind(b"b", b"d").expect("is stored");
    assert_eq!(all(&bindings), ["d = c"]);
}

#[test]
fn what_is_moved_takes_its_aliases_along() {
    let folder = Folder::new();
    let bindings =
        with(&folder, &[("x", "a/b"), ("a/in", "c"), ("a/self", "a"), ("ab", "ac"), ("y", "a"), ("t/old", "c")]);
    bindings.moved(b"a", b"t").expect("is stored");
    assert_eq!(all(&bindings), ["ab = ac", "x = t/b", "y = t", "t/in = c", "t/self = t"]);
    assert_eq!(all(&over_store(&bindings)), all(&bindings));
    // to one of its own aliases
    bindings.moved(b"t", b"y").expect("is stored");
    assert_eq!(all(&bindings), ["ab = ac", "x = y/b", "y/in = c", "y/self = y"]);
    // and the old name stays
    bindings.exchanged(b"y/b", b"x").expect("is stored");
    assert_eq!(all(&bindings), ["ab = ac", "y/b = x", "y/in = c", "y/self = y"]);
}

#[test]
fn what_is_removed_takes_its_aliases_along() {
    let aliases = [("x", "a/b"), ("a/in", "c"), ("a/self", "a"), ("ab", "c"), ("more", "a")];
    let (one, other) = (Folder::new(), Folder::new());
    let bindings = with(&one, &aliases);
    bindings.removed(b"a").expect("is stored");
    assert_eq!(all(&bindings), ["ab = c"]);
    let bindings = with(&other, &aliases);
    bindings.replaced(b"a", vec![(b"a/new".to_vec(), b"a/n".to_vec())]).expect("is stored");
    assert_eq!(all(&bindings), ["ab = c", "more = a", "a/new = a/n"], "it is the same under all its names");
}

/// RFC 5842 §2.4
#[test]
fn what_has_other_names_escapes_the_outermost_first() {
    let folder = Folder::new();
    let bindings = with(&folder, &[("z", "a/b/c"), ("y", "a/b"), ("a/in", "a/b"), ("a/d/e", "a")]);
    let escape =
        |tree: &str, root_too| bindings.escape(tree.as_bytes(), root_too).map(|(at, alias)| (text(&at), text(&alias)));
    assert_eq!(escape("a", true), Some(("a/b".to_owned(), "y".to_owned())), "`a/d/e` goes with it");
    assert_eq!(escape("a/b", false), Some(("a/b/c".to_owned(), "z".to_owned())));
    assert_eq!(escape("a/b", true), Some(("a/b".to_owned(), "a/in".to_owned())));
    assert_eq!(escape("a/d", true), None);
}

/// RFC 4918 §7.4: a lock on a collection reaches what is bound in it.
#[test]
fn the_bindings_above_are_found_round_all_circles() {
    let folder = Folder::new();
    let bindings = with(&folder, &[("b/x", "a"), ("c/y", "b"), ("a/z/up", "c"), ("d", "e")]);
    let above: Vec<String> = bindings.above(b"a/z").iter().map(|path| text(path)).collect();
    assert_eq!(above, ["b/x", "c/y", "a/z/up"]);
    assert_eq!(bindings.above(b"f"), Vec::<Vec<u8>>::new());
}

#[test]
fn there_are_so_many_and_no_more() {
    let folder = Folder::new();
    let bindings = with(&folder, &[("a", "b")]);
    assert!(bindings.has_room(limits::BINDINGS - 1) && !bindings.has_room(limits::BINDINGS));
}

/// RFC 5842 §3.1
#[test]
fn an_identity_is_lasting_and_goes_with_its_resource() {
    let folder = Folder::new();
    let bindings = over(&folder);
    let identities = &bindings.identities;
    let of = |identities: &Identities, path: &str| {
        let mut asked = Identified::default();
        let told = identities.of(path.as_bytes(), &mut asked).expect("is read");
        assert_eq!(identities.of(path.as_bytes(), &mut asked).expect("is read"), told, "the same in one request");
        assert_eq!(identities.keep(asked), Ok(true));
        told.expect("there are few")
    };
    let (a, member, other) = (of(identities, "a"), of(identities, "a/m"), of(identities, "ab"));
    assert!(a.starts_with("urn:uuid:") && a != member && a != other && member != other);
    bindings.moved(b"a", b"ab").expect("is stored");
    let reopened = Identities::open(bindings.store.clone()).expect("opens");
    for identities in [identities, &reopened] {
        assert_eq!((of(identities, "ab"), of(identities, "ab/m")), (a.clone(), member.clone()));
        assert_eq!(identities.count.load(Ordering::Relaxed), 2);
    }
    bindings.replaced(b"ab", Vec::new()).expect("is stored");
    assert_eq!(of(identities, "ab"), a, "it is replaced, and still the same");
    assert_ne!(of(identities, "ab/m"), member);
    bindings.removed(b"ab").expect("is stored");
    assert_eq!(identities.count.load(Ordering::Relaxed), 0);
    assert_ne!(of(identities, "ab"), a);
    assert!(bindings.is_empty() && over_store(&bindings).is_empty(), "none is taken for an alias");
}

fn over_store(bindings: &Bindings) -> Bindings {
    Bindings::open(bindings.store.clone()).expect("opens")
}

#[test]
fn no_resource_has_two_identities() {
    let folder = Folder::new();
    let identities = over(&folder).identities;
    let (mut one, mut two) = (Identified::default(), Identified::default());
    let first = identities.of(b"a", &mut one).expect("is read");
    assert_ne!(identities.of(b"a", &mut two).expect("is read"), first);
    assert_eq!((identities.keep(one), identities.keep(two)), (Ok(true), Ok(false)));
    assert_eq!(identities.of(b"a", &mut Identified::default()).expect("is read"), first);
    identities.count.store(limits::IDENTITIES, Ordering::Relaxed);
    assert_eq!(identities.of(b"b", &mut Identified::default()), Ok(None), "there are enough");
}
