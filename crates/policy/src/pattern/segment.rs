//! One segment of a pattern: which names it matches, and what its wildcards take of them.
//!
//! How segments make up a path, and how they are written, is the pattern's.

use std::iter;

use memchr::memmem;

/// A segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    /// This name.
    Literal(Box<[u8]>),
    /// Names of this shape.
    Glob(Glob),
    /// `*`: any name. Names are never empty.
    Any,
}

impl Segment {
    /// Matches a name, and hands out what each wildcard took of it; of a name that does not match, perhaps too much.
    pub(crate) fn split<'n>(&self, name: &'n [u8], mut taken: impl FnMut(&'n [u8])) -> bool {
        match self {
            Self::Literal(literal) => **literal == *name,
            Self::Glob(glob) => glob.split(name, taken),
            Self::Any => {
                taken(name);
                true
            }
        }
    }

    /// The name that it is, if it is one.
    pub(crate) fn literal(&self) -> Option<&[u8]> {
        match self {
            Self::Literal(name) => Some(name),
            Self::Glob(_) | Self::Any => None,
        }
    }

    /// How many wildcards it has.
    pub(crate) fn wildcards(&self) -> usize {
        match self {
            Self::Literal(_) => 0,
            Self::Glob(glob) => glob.pieces.len() - 1,
            Self::Any => 1,
        }
    }

    /// Is there a name that both match?
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Literal(one), Self::Literal(other)) => one == other,
            (Self::Literal(name), Self::Glob(glob)) | (Self::Glob(glob), Self::Literal(name)) => glob.matches(name),
            (Self::Glob(one), Self::Glob(other)) => align(&one.tokens(), &other.tokens(), true),
        }
    }

    /// Does it match whatever the other matches? If it says so, it is so.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Literal(_) | Self::Glob(_), Self::Any) | (Self::Literal(_), Self::Glob(_)) => false,
            (Self::Literal(one), Self::Literal(other)) => one == other,
            (Self::Glob(glob), Self::Literal(name)) => glob.matches(name),
            (Self::Glob(one), Self::Glob(other)) => align(&one.tokens(), &other.tokens(), false),
        }
    }
}

/// The literal pieces of a segment with `*` in it, in order: one more than there are wildcards. Only the first and the
/// last may be empty, and not both if they are all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Glob {
    pieces: Box<[Box<[u8]>]>,
}

impl Glob {
    /// Of these pieces.
    pub(crate) fn new(pieces: Vec<Box<[u8]>>) -> Self {
        debug_assert!(
            pieces.len() > 1 && pieces.iter().any(|piece| !piece.is_empty()),
            "it has a wildcard and an octet"
        );
        Self { pieces: pieces.into() }
    }

    /// What stands before the first wildcard, and behind the last.
    pub(crate) fn ends(&self) -> (&[u8], &[u8]) {
        match &*self.pieces {
            [first, .., last] => (first, last),
            _ => (&[], &[]),
        }
    }

    /// The pieces.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(|piece| &**piece)
    }

    /// How many octets are literal.
    pub(crate) fn literal_octets(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    pub(crate) fn matches(&self, name: &[u8]) -> bool {
        self.split(name, |_| {})
    }

    /// Each wildcard but the last takes as little as it can. Where a piece first stands is the best place for it: what
    /// is possible behind a later place is possible behind the first, so nothing is tried twice, and the time is linear
    /// in the name.
    fn split<'n>(&self, name: &'n [u8], mut taken: impl FnMut(&'n [u8])) -> bool {
        let (first, last) = self.ends();
        let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
        for piece in &self.pieces[1..self.pieces.len() - 1] {
            let Some(at) = memmem::find(rest, piece) else { return false };
            taken(&rest[..at]);
            rest = &rest[at + piece.len()..];
        }
        taken(rest);
        true
    }

    /// Octet by octet; a wildcard is none.
    fn tokens(&self) -> Vec<Option<u8>> {
        let (first, others) = self.pieces.split_first().expect("there are two pieces or more");
        let others = others.iter().flat_map(|piece| iter::once(None).chain(piece.iter().copied().map(Some)));
        first.iter().copied().map(Some).chain(others).collect()
    }
}

/// Can both be laid over each other, token by token, so that a wildcard of `one` lies over anything, and, if `both`, a
/// wildcard of `other` too? If not both, a wildcard of `other` needs one of `one` over it.
fn align(one: &[Option<u8>], other: &[Option<u8>], both: bool) -> bool {
    // row[j]: the rest of `one` from i lies over the rest of `other` from j
    let mut row: Vec<bool> = (0..=other.len()).map(|j| both && other[j..].iter().all(Option::is_none)).collect();
    row[other.len()] = true;
    for token in one.iter().rev() {
        let below = row.clone();
        for j in (0..=other.len()).rev() {
            let beneath = other.get(j).copied();
            row[j] = match (token, beneath) {
                (None, None) => below[j],
                (None, Some(_)) => below[j] || row[j + 1],
                (Some(_), Some(None)) => both && (below[j] || row[j + 1]),
                (Some(octet), Some(Some(under))) => *octet == under && below[j + 1],
                (Some(_), None) => false,
            };
        }
    }
    row[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A segment as it is written, without escapes.
    fn segment(text: &str) -> Segment {
        match text {
            "*" => Segment::Any,
            text if text.contains('*') => {
                Segment::Glob(Glob::new(text.split('*').map(|piece| piece.as_bytes().into()).collect()))
            }
            text => Segment::Literal(text.as_bytes().into()),
        }
    }

    fn taken(text: &str, name: &'static str) -> Option<Vec<&'static str>> {
        let mut all = Vec::new();
        let matches = segment(text).split(name.as_bytes(), |part| all.push(std::str::from_utf8(part).unwrap()));
        matches.then_some(all)
    }

    #[test]
    fn wildcards_take_as_little_as_they_can() {
        for (pattern, name, expected) in [
            ("a", "a", Some(&[][..])),
            ("a", "b", None),
            ("*", "a.b", Some(&["a.b"])),
            ("*.txt", "a.txt", Some(&["a"])),
            ("*.txt", ".txt", Some(&[""])),
            ("*.txt", "txt", None),
            ("a*", "a", Some(&[""])),
            ("a*a", "a", None),
            ("a*a", "aa", Some(&[""])),
            ("*-*", "a-b-c", Some(&["a", "b-c"])),
            ("*ab*b", "aabbb", Some(&["a", "b"])),
            ("a*b*c", "abbc", Some(&["", "b"])),
            ("*a*", "bab", Some(&["b", "b"])),
            ("*a*", "b", None),
        ] {
            assert_eq!(taken(pattern, name).as_deref(), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn overlaps_and_covers() {
        for (one, other, overlaps, covers) in [
            ("a*", "*a", true, false),
            ("a*", "ab*", true, true),
            ("ab*", "a*", true, false),
            ("a*", "b*", false, false),
            ("*a*", "a*a", true, true),
            ("a*a", "*a*", true, false),
            ("*a*b*", "x*ab*", true, true),
            ("a*b", "b*a", false, false),
            ("*ab", "*b", true, false),
            ("*", "a*b", true, true),
            ("a*b", "*", true, false),
            ("a*b", "axb", true, true),
            ("axb", "a*b", true, false),
            ("a", "b", false, false),
        ] {
            assert_eq!(segment(one).overlaps(&segment(other)), overlaps, "{one} {other}");
            assert_eq!(segment(other).overlaps(&segment(one)), overlaps, "{other} {one}");
            assert_eq!(segment(one).covers(&segment(other)), covers, "{one} {other}");
        }
    }

    /// The naive matcher: every way is tried.
    fn naive(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|skip| naive(rest, &name[skip..])),
            Some((octet, rest)) => name.first() == Some(octet) && naive(rest, &name[1..]),
        }
    }

    fn written() -> impl Strategy<Value = String> {
        "\\*?([ab]{1,2}\\*){0,3}[ab]{0,2}".prop_filter("a segment", |text| !text.is_empty() && !text.contains("**"))
    }

    proptest! {
        #[test]
        fn the_naive_matcher_agrees(pattern in written(), name in "[abc]{1,8}") {
            let matches = segment(&pattern).split(name.as_bytes(), |_| {});
            prop_assert_eq!(matches, naive(pattern.as_bytes(), name.as_bytes()));
            let mut rebuilt = Vec::new();
            let mut parts = Vec::new();
            if segment(&pattern).split(name.as_bytes(), |part| parts.push(part)) {
                let mut parts = parts.into_iter();
                for octet in pattern.bytes() {
                    match octet {
                        b'*' => rebuilt.extend(parts.next().expect("one a wildcard")),
                        octet => rebuilt.push(octet),
                    }
                }
                prop_assert_eq!(rebuilt, name.as_bytes());
            }
        }

        #[test]
        fn names_prove_what_is_said_of_pairs(
            one in written(),
            other in written(),
            names in prop::collection::vec("[abc]{1,6}", 40),
        ) {
            let (a, b) = (segment(&one), segment(&other));
            for name in &names {
                let (by_a, by_b) = (a.split(name.as_bytes(), |_| {}), b.split(name.as_bytes(), |_| {}));
                prop_assert!(!(by_a && by_b) || a.overlaps(&b), "{} {} {}", one, other, name);
                prop_assert!(!by_b || by_a || !a.covers(&b), "{} {} {}", one, other, name);
            }
            prop_assert!(a.covers(&a) && a.overlaps(&a));
            prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
            prop_assert!(!a.covers(&b) || a.overlaps(&b));
        }
    }
}
