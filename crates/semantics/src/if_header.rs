//! If: the lists of state tokens and entity-tags that a WebDAV client submits. RFC 4918 §10.4
//!
//! Which state a token stands for, what a URI leads to, and what a false If leads to are not known here.

use core::{fmt, iter};

use crate::depth::{is_absolute_uri, is_uri_text};
use crate::limits;
use crate::syntax::{ParseError, is_ows};
use crate::tag::{EntityTag, TagError};

/// The value of If. It is read to its end when it is made, and again when its lists are walked: nothing is copied.
///
/// ```
/// use semantics::if_header::{IfHeader, What};
/// let value = IfHeader::parse(br#"(<urn:uuid:1> ["v1"]) (Not <DAV:no-lock>)"#).expect("well formed");
/// assert_eq!(value.lists().count(), 2);
/// assert!(value.tokens().eq([&b"urn:uuid:1"[..], b"DAV:no-lock"]));
/// assert!(value.holds(|_, what| matches!(what, What::Tag(_))), "the second list is true");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IfHeader<'a> {
    value: &'a [u8],
}

/// A list: true if all its conditions are. RFC 4918 §10.4.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct List<'a> {
    /// The URI, or the path, of the resource that it speaks of, as it was sent; `None`: that of the request.
    pub resource: Option<&'a [u8]>,
    /// The conditions, without the parentheses.
    conditions: &'a [u8],
}

/// A condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Condition<'a> {
    /// `Not` stands before it.
    pub not: bool,
    /// What must be so.
    pub what: What<'a>,
}

/// What a condition is about. RFC 4918 §10.4.4
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What<'a> {
    /// The resource is in this state: in the scope of the lock with this token.
    Token(&'a [u8]),
    /// This is the entity-tag of the resource.
    Tag(EntityTag<'a>),
}

/// What can be wrong with If.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IfError {
    /// There is no list.
    Empty,
    /// A byte that begins nothing which may stand there.
    Unexpected,
    /// A `<`, a `(` or a `[` is not closed.
    Unclosed,
    /// What stands in the angle brackets is no URI; of a resource it may be a path too.
    BadUri,
    /// What stands in the square brackets is no entity-tag.
    BadTag(TagError),
    /// A list without conditions.
    EmptyList,
    /// A resource is named, and no list follows.
    NoList,
    /// Lists of named resources, and lists without a name. RFC 4918 §10.4.2 has the one or the other.
    Mixed,
    /// More than [`limits::IF_CONDITIONS`] conditions.
    TooMany,
}

impl fmt::Display for IfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no list",
            Self::Unexpected => "a byte that cannot stand there",
            Self::Unclosed => "a closing bracket is missing",
            Self::BadUri => "no URI stands in the angle brackets",
            Self::BadTag(offence) => return fmt::Display::fmt(offence, f),
            Self::EmptyList => "a list has no conditions",
            Self::NoList => "a resource is named, and no list follows",
            Self::Mixed => "some lists name a resource and others do not",
            Self::TooMany => "there are too many conditions",
        })
    }
}

impl core::error::Error for IfError {}

/// A piece of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// What stands in angle brackets: a resource outside a list, a token in it.
    Angle(&'a [u8]),
    Open,
    Close,
    Not,
    Tag(EntityTag<'a>),
}

/// The pieces from a place on, each with where it begins.
#[derive(Clone, Debug)]
struct Pieces<'a> {
    value: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<(usize, Piece<'a>), ParseError<IfError>>;

    /// The next piece; after a refusal nothing follows.
    fn next(&mut self) -> Option<Self::Item> {
        self.at += self.value[self.at..].iter().take_while(|&&byte| is_ows(byte)).count();
        let start = self.at;
        let rest = &self.value[start..];
        let read = match rest {
            [] => return None,
            [b'(', ..] => Ok((Piece::Open, 1)),
            [b')', ..] => Ok((Piece::Close, 1)),
            [b'<', inside @ ..] => angle(inside),
            [b'[', inside @ ..] => square(inside),
            _ if rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"not")) => Ok((Piece::Not, 3)),
            _ => Err(ParseError::new(0, IfError::Unexpected)),
        };
        self.at = read.as_ref().map_or(self.value.len(), |(_, length)| start + length);
        Some(read.map(|(piece, _)| (start, piece)).map_err(|refusal| refusal.within(start, |what| what)))
    }
}

/// A piece and its length, brackets and all; refusals count from the bracket.
type Measured<'a> = Result<(Piece<'a>, usize), ParseError<IfError>>;

fn angle(inside: &[u8]) -> Measured<'_> {
    let end = inside.iter().position(|&byte| byte == b'>');
    let end = end.ok_or(ParseError::new(inside.len() + 1, IfError::Unclosed))?;
    Ok((Piece::Angle(&inside[..end]), end + 2))
}

/// `[` entity-tag `]`. A `]` may stand in the tag, but no quote. Spaces may too: RFC 4918 has the grammar of RFC 2616 §3.11,
/// and its examples use it; such a tag matches nothing here, but it is one.
fn square(inside: &[u8]) -> Measured<'_> {
    let spaces = |from: usize| inside[from..].iter().take_while(|&&byte| is_ows(byte)).count();
    let refusal = |at: usize, what| Err(ParseError::new(at + 1, what));
    let before = spaces(0);
    let (weak, start) = match &inside[before..] {
        [b'W', b'/', b'"', ..] => (true, before + 3),
        [b'"', ..] => (false, before + 1),
        _ => return refusal(before, IfError::BadTag(TagError::NoQuote)),
    };
    let stops = |byte: &u8| *byte == b'"' || byte.is_ascii_control();
    let end = match inside[start..].iter().position(stops) {
        Some(length) if inside[start + length] == b'"' => start + length,
        Some(length) => return refusal(start + length, IfError::BadTag(TagError::BadByte)),
        None => return refusal(inside.len(), IfError::BadTag(TagError::Unclosed)),
    };
    let after = end + 1 + spaces(end + 1);
    match inside.get(after) {
        Some(b']') => Ok((Piece::Tag(EntityTag { weak, opaque: &inside[start..end] }), after + 2)),
        Some(_) => refusal(after, IfError::BadTag(TagError::AfterTag)),
        None => refusal(after, IfError::Unclosed),
    }
}

/// Where the reader of the whole stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListPosition {
    /// Between lists; a list may follow, or the end.
    Between,
    /// Behind the name of a resource; a list must follow.
    Named,
    /// In a list, behind so many conditions.
    Inside(usize),
    /// Behind `Not`, and so many conditions.
    Denied(usize),
}

impl<'a> IfHeader<'a> {
    /// Reads the value of If.
    pub fn parse(value: &'a [u8]) -> Result<Self, ParseError<IfError>> {
        let mut place = ListPosition::Between;
        // does the first list name a resource? None: there is none yet
        let mut tagged = None;
        let mut count = 0;
        for piece in (Pieces { value, at: 0 }) {
            let (at, piece) = piece?;
            let offence = |what| ParseError::new(at, what);
            place = match (place, piece) {
                (ListPosition::Between, Piece::Angle(uri)) => {
                    if tagged == Some(false) {
                        return Err(offence(IfError::Mixed));
                    }
                    if !is_reference(uri) {
                        return Err(ParseError::new(at + 1, IfError::BadUri));
                    }
                    tagged = Some(true);
                    ListPosition::Named
                }
                (ListPosition::Between | ListPosition::Named, Piece::Open) => {
                    tagged = tagged.or(Some(false));
                    ListPosition::Inside(0)
                }
                (ListPosition::Inside(conditions), Piece::Not) => ListPosition::Denied(conditions),
                (
                    ListPosition::Inside(conditions) | ListPosition::Denied(conditions),
                    Piece::Angle(_) | Piece::Tag(_),
                ) => {
                    if matches!(piece, Piece::Angle(uri) if !is_absolute_uri(uri)) {
                        return Err(ParseError::new(at + 1, IfError::BadUri));
                    }
                    count += 1;
                    if count > limits::IF_CONDITIONS {
                        return Err(offence(IfError::TooMany));
                    }
                    ListPosition::Inside(conditions + 1)
                }
                (ListPosition::Inside(0), Piece::Close) => return Err(offence(IfError::EmptyList)),
                (ListPosition::Inside(_), Piece::Close) => ListPosition::Between,
                (ListPosition::Named, _) => return Err(offence(IfError::NoList)),
                (ListPosition::Between | ListPosition::Inside(_) | ListPosition::Denied(_), _) => {
                    return Err(offence(IfError::Unexpected));
                }
            };
        }
        let end = |what| Err(ParseError::new(value.len(), what));
        match (place, tagged) {
            (ListPosition::Between, Some(_)) => Ok(Self { value }),
            (ListPosition::Between, None) => end(IfError::Empty),
            (ListPosition::Named, _) => end(IfError::NoList),
            (ListPosition::Inside(_) | ListPosition::Denied(_), _) => end(IfError::Unclosed),
        }
    }

    /// The lists, in their order. A resource is named once for all lists behind its name.
    pub fn lists(self) -> impl Iterator<Item = List<'a>> + Clone {
        let mut pieces = Pieces { value: self.value, at: 0 };
        let (mut resource, mut start) = (None, None);
        iter::from_fn(move || {
            // what was read once is well formed
            while let Some(Ok((at, piece))) = pieces.next() {
                match (piece, start) {
                    (Piece::Angle(uri), None) => resource = Some(uri),
                    (Piece::Open, None) => start = Some(at + 1),
                    (Piece::Close, Some(opened)) => {
                        start = None;
                        return Some(List { resource, conditions: &pieces.value[opened..at] });
                    }
                    (Piece::Angle(_) | Piece::Open | Piece::Close | Piece::Not | Piece::Tag(_), _) => {}
                }
            }
            None
        })
    }

    /// Every state token. It is submitted even by a list that is false, and even behind `Not`. RFC 4918 §10.4.1
    pub fn tokens(self) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lists().flat_map(List::conditions).filter_map(|condition| match condition.what {
            What::Token(token) => Some(token),
            What::Tag(_) => None,
        })
    }

    /// Is one of the lists true? `state` says whether a resource, `None` for the request's, is as a condition says; what `Not`
    /// makes of that is done here. It is asked no more than is needed. RFC 4918 §10.4.3
    pub fn holds(self, mut state: impl FnMut(Option<&'a [u8]>, What<'a>) -> bool) -> bool {
        self.lists()
            .any(|list| list.conditions().all(|condition| state(list.resource, condition.what) != condition.not))
    }
}

impl<'a> List<'a> {
    /// Its conditions, in their order; there is one at least.
    pub fn conditions(self) -> impl Iterator<Item = Condition<'a>> + Clone {
        let mut pieces = Pieces { value: self.conditions, at: 0 };
        iter::from_fn(move || {
            let mut not = false;
            while let Some(Ok((_, piece))) = pieces.next() {
                let what = match piece {
                    Piece::Angle(token) => What::Token(token),
                    Piece::Tag(tag) => What::Tag(tag),
                    Piece::Not => {
                        not = true;
                        continue;
                    }
                    // a list holds no parentheses
                    Piece::Open | Piece::Close => return None,
                };
                return Some(Condition { not, what });
            }
            None
        })
    }
}

/// `Simple-ref`: a URI, or the path of one with its query. RFC 4918 §8.3
fn is_reference(uri: &[u8]) -> bool {
    let is_path = uri.starts_with(b"/") && !uri.starts_with(b"//") && is_uri_text(uri);
    is_path || is_absolute_uri(uri)
}

#[cfg(test)]
mod tests;
