//! Entity-tags: one, or the list of them in If-Match and If-None-Match. RFC 9110 §8.8.3
//!
//! How a tag is made, and what a failed comparison leads to, is not known here.

use core::{fmt, iter};

use crate::syntax::{ParseError, is_ows, trim_ows};

/// An entity-tag, `"opaque"` or `W/"opaque"`. RFC 9110 §8.8.3
///
/// ```
/// use semantics::tag::EntityTag;
/// let tag = EntityTag::parse(br#"W/"v1""#).expect("well formed");
/// assert!(tag.weak && tag.opaque == b"v1");
/// assert_eq!(tag.to_string(), r#"W/"v1""#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntityTag<'a> {
    /// Was it marked `W/`?
    pub weak: bool,
    /// What stands between the quotes. A backslash is an ordinary character there, and so is a comma.
    pub opaque: &'a [u8],
}

/// What can be wrong with an entity-tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TagError {
    /// No opening quote, alone or after `W/`.
    NoQuote,
    /// A space, a control or DEL between the quotes.
    BadByte,
    /// The closing quote is missing.
    Unclosed,
    /// Something follows the tag that is no comma.
    AfterTag,
}

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoQuote => "an entity-tag starts with a quote, or with W/ and a quote",
            Self::BadByte => "a byte that an entity-tag cannot have",
            Self::Unclosed => "the closing quote of the entity-tag is missing",
            Self::AfterTag => "something follows the entity-tag",
        })
    }
}

impl core::error::Error for TagError {}

/// `etagc`: no space, no control, no quote. RFC 9110 §8.8.3
const fn is_etagc(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x7e | 0x80..)
}

impl<'a> EntityTag<'a> {
    /// A tag of these characters, if an entity-tag can have them.
    pub fn new(weak: bool, opaque: &'a [u8]) -> Option<Self> {
        opaque.iter().all(|&byte| is_etagc(byte)).then_some(Self { weak, opaque })
    }

    /// Reads an entity-tag that fills `bytes`. The `W` must be a capital.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError<TagError>> {
        match Self::read(bytes)? {
            (tag, []) => Ok(tag),
            (_, rest) => Err(ParseError::new(bytes.len() - rest.len(), TagError::AfterTag)),
        }
    }

    /// Reads the entity-tag at the front, and returns what follows it.
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), ParseError<TagError>> {
        let (weak, start) = match bytes {
            [b'"', ..] => (false, 1),
            [b'W', b'/', b'"', ..] => (true, 3),
            _ => return Err(ParseError::new(0, TagError::NoQuote)),
        };
        let end = bytes[start..].iter().position(|&byte| !is_etagc(byte)).map(|end| start + end);
        match end {
            Some(end) if bytes[end] == b'"' => Ok((Self { weak, opaque: &bytes[start..end] }, &bytes[end + 1..])),
            Some(end) => Err(ParseError::new(end, TagError::BadByte)),
            None => Err(ParseError::new(bytes.len(), TagError::Unclosed)),
        }
    }

    /// Are both strong, and the same? RFC 9110 §8.8.3.2
    pub fn strong_eq(self, other: EntityTag<'_>) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Are they the same, weak or not? RFC 9110 §8.8.3.2
    pub fn weak_eq(self, other: EntityTag<'_>) -> bool {
        self.opaque == other.opaque
    }

    /// The tag as it is sent, in three pieces: what opens it, the opaque part, the closing quote.
    ///
    /// ```
    /// # use semantics::tag::EntityTag;
    /// assert_eq!(EntityTag { weak: true, opaque: b"v1" }.pieces().concat(), br#"W/"v1""#);
    /// ```
    pub const fn pieces(self) -> [&'a [u8]; 3] {
        [if self.weak { b"W/\"" } else { b"\"" }, self.opaque, b"\""]
    }
}

/// For people: bytes beyond ASCII are shown escaped. What is sent is [`EntityTag::pieces`].
impl fmt::Display for EntityTag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.weak { "W/\"" } else { "\"" })?;
        for &byte in self.opaque {
            match byte {
                0x21..=0x7e => fmt::Write::write_char(f, byte as char)?,
                _ => write!(f, "{}", byte.escape_ascii())?,
            }
        }
        f.write_str("\"")
    }
}

/// One field line of If-Match or If-None-Match: `*`, or a list of entity-tags. RFC 9110 §13.1.1, §13.1.2
///
/// Every line has a meaning. A member that is no entity-tag matches nothing, and the others count all the same: so
/// an If-Match that cannot be understood is false, and nothing is overwritten on its account. (A `*` that is not
/// alone is such a member.) Whoever would rather refuse finds the offence in [`Tags::members`].
///
/// ```
/// use semantics::tag::{EntityTag, Tags};
/// let tags = Tags::read(br#"W/"a", oops, "b,c""#);
/// let current = EntityTag { weak: false, opaque: b"b,c" };
/// assert!(tags.matches_strongly(true, Some(current)));
/// assert!(Tags::read(b"*").matches_weakly(true, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags<'a> {
    /// `*`: whatever exists.
    Any,
    /// The line, to be read as a list.
    Listed(&'a [u8]),
}

impl<'a> Tags<'a> {
    /// Reads one field line.
    pub fn read(line: &'a [u8]) -> Self {
        match trim_ows(line) {
            b"*" => Self::Any,
            _ => Self::Listed(line),
        }
    }

    /// The members of the list, or why a member is none; none at all for `*`.
    ///
    /// After a member that is none, reading goes on behind the next comma that stands outside its quotes.
    pub fn members(self) -> impl Iterator<Item = Result<EntityTag<'a>, ParseError<TagError>>> + Clone + 'a {
        let line = match self {
            Self::Any => &[],
            Self::Listed(line) => line,
        };
        let mut at = 0;
        iter::from_fn(move || {
            at += line[at..].iter().take_while(|&&byte| is_ows(byte) || byte == b',').count();
            let member = &line[at..];
            if member.is_empty() {
                return None;
            }
            let start = at;
            let read = EntityTag::read(member);
            at = match read {
                Ok((_, rest)) => line.len() - rest.len(),
                Err(_) => start + skip(member),
            };
            let gap = line[at..].iter().take_while(|&&byte| is_ows(byte)).count();
            match (read, line.get(at + gap)) {
                (Ok((tag, _)), None | Some(b',')) => Some(Ok(tag)),
                (Ok(_), Some(_)) => {
                    let offence = at + gap;
                    at = offence + skip(&line[offence..]);
                    Some(Err(ParseError::new(offence, TagError::AfterTag)))
                }
                (Err(refusal), _) => Some(Err(refusal.within(start, |what| what))),
            }
        })
    }

    /// Does it name what stands here, by strong comparison? `*` names it if it exists. RFC 9110 §13.1.1
    pub fn matches_strongly(self, exists: bool, current: Option<EntityTag<'_>>) -> bool {
        self.matches(exists, current, EntityTag::strong_eq)
    }

    /// Does it name what stands here, by weak comparison? `*` names it if it exists. RFC 9110 §13.1.2
    pub fn matches_weakly(self, exists: bool, current: Option<EntityTag<'_>>) -> bool {
        self.matches(exists, current, EntityTag::weak_eq)
    }

    fn matches<'b>(
        self,
        exists: bool,
        current: Option<EntityTag<'b>>,
        same: impl Fn(EntityTag<'a>, EntityTag<'b>) -> bool,
    ) -> bool {
        match (self, current) {
            (Self::Any, _) => exists,
            (Self::Listed(line), Some(current)) if exists => match alone(line, current.opaque) {
                Some(tag) => same(tag, current),
                None => self.members().flatten().any(|tag| same(tag, current)),
            },
            (Self::Listed(_), _) => false,
        }
    }
}

/// The line's one tag, if it is one with this opaque part: it nearly always is, since clients send back what they were sent.
fn alone<'a>(line: &'a [u8], opaque: &[u8]) -> Option<EntityTag<'a>> {
    let (weak, quoted) = match line.strip_prefix(b"W/") {
        Some(quoted) => (true, quoted),
        None => (false, line),
    };
    let inside = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    (inside == opaque).then_some(EntityTag { weak, opaque: inside })
}

/// How far to go to be past a bad member: to the next comma outside quotes, or to the end.
fn skip(member: &[u8]) -> usize {
    let mut quoted = false;
    let end = member.iter().position(|&byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    end.unwrap_or(member.len())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{string::ToString, vec::Vec};

    const fn strong(opaque: &[u8]) -> EntityTag<'_> {
        EntityTag { weak: false, opaque }
    }

    const fn weak(opaque: &[u8]) -> EntityTag<'_> {
        EntityTag { weak: true, opaque }
    }

    #[test]
    fn tags_are_read_strictly() {
        let read = |bytes| EntityTag::parse(bytes).map_err(|refusal| (refusal.at, refusal.what));
        assert_eq!(read(br#""""#), Ok(strong(b"")));
        assert_eq!(read(br#""a,b\""#), Ok(strong(br"a,b\")));
        assert_eq!(read(b"\"\xff!~\""), Ok(strong(b"\xff!~")));
        assert_eq!(read(br#"W/"x""#), Ok(weak(b"x")));
        assert_eq!(read(br#"w/"x""#), Err((0, TagError::NoQuote)));
        assert_eq!(read(br#"W "x""#), Err((0, TagError::NoQuote)));
        assert_eq!(read(b"x"), Err((0, TagError::NoQuote)));
        assert_eq!(read(b""), Err((0, TagError::NoQuote)));
        assert_eq!(read(b"\"a b\""), Err((2, TagError::BadByte)));
        assert_eq!(read(b"W/\"\x7f\""), Err((3, TagError::BadByte)));
        assert_eq!(read(b"\"ab"), Err((3, TagError::Unclosed)));
        assert_eq!(read(b"\"a\"b"), Err((3, TagError::AfterTag)));
    }

    /// The table of RFC 9110 §8.8.3.2.
    #[test]
    fn comparison_is_that_of_the_table() {
        for (one, other, strongly, weakly) in [
            (weak(b"1"), weak(b"1"), false, true),
            (weak(b"1"), weak(b"2"), false, false),
            (weak(b"1"), strong(b"1"), false, true),
            (strong(b"1"), strong(b"1"), true, true),
        ] {
            assert_eq!((one.strong_eq(other), one.weak_eq(other)), (strongly, weakly));
            assert_eq!((other.strong_eq(one), other.weak_eq(one)), (strongly, weakly));
        }
    }

    fn members(line: &[u8]) -> Vec<Result<EntityTag<'_>, usize>> {
        Tags::read(line).members().map(|member| member.map_err(|refusal| refusal.at)).collect()
    }

    #[test]
    fn lists_are_read_whatever_stands_in_them() {
        assert_eq!(members(br#""a", W/"b""#), [Ok(strong(b"a")), Ok(weak(b"b"))]);
        assert_eq!(members(br#" ,"a,b" ,, "c","#), [Ok(strong(b"a,b")), Ok(strong(b"c"))]);
        assert_eq!(members(br#"oops, "x""#), [Err(0), Ok(strong(b"x"))]);
        assert_eq!(members(br#""a b,c", "x""#), [Err(2), Ok(strong(b"x"))]);
        assert_eq!(members(br#""a" junk "b,c", "x""#), [Err(4), Ok(strong(b"x"))]);
        assert_eq!(members(br#""a" "b""#), [Err(4)]);
        assert_eq!(members(br#""open, "x""#), [Err(6)], "where the quote was meant to end is anyone's guess");
        assert_eq!(members(br#"*, "x""#), [Err(0), Ok(strong(b"x"))]);
        assert_eq!(members(br#""\", "x""#), [Ok(strong(br"\")), Ok(strong(b"x"))], "a backslash escapes nothing");
        assert_eq!(members(b" "), []);
        assert_eq!(members(b"*"), []);
    }

    #[test]
    fn star_matches_what_exists() {
        assert_eq!(Tags::read(b" * "), Tags::Any);
        assert!(Tags::Any.matches_strongly(true, None) && Tags::Any.matches_weakly(true, Some(weak(b"x"))));
        assert!(!Tags::Any.matches_strongly(false, None) && !Tags::Any.matches_weakly(false, None));
    }

    #[test]
    fn lists_match_as_their_members_do() {
        let tags = Tags::read(br#"W/"w", bad, "s""#);
        assert!(tags.matches_strongly(true, Some(strong(b"s"))) && tags.matches_weakly(true, Some(weak(b"s"))));
        assert!(!tags.matches_strongly(true, Some(weak(b"s"))), "the current tag is weak");
        assert!(!tags.matches_strongly(true, Some(strong(b"w"))) && tags.matches_weakly(true, Some(strong(b"w"))));
        assert!(!tags.matches_weakly(true, None), "what has no tag is not named by one");
        assert!(!tags.matches_weakly(false, Some(strong(b"s"))), "what does not exist is not named at all");
        assert!(!Tags::read(b"bad").matches_weakly(true, Some(strong(b"bad"))));
        assert!(!Tags::read(b"").matches_weakly(true, Some(strong(b""))));
    }

    #[test]
    fn people_see_ascii() {
        assert_eq!(strong(b"\xe9\\").to_string(), r#""\xe9\""#);
        assert_eq!(EntityTag::new(false, b"a b"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = EntityTag::parse(&bytes);
            prop_assert!(Tags::read(&bytes).members().count() <= bytes.len());
        }

        #[test]
        fn quotes_and_commas_do_not_confuse(line in "[\"W/, ax]{0,24}") {
            for refusal in Tags::read(line.as_bytes()).members().filter_map(Result::err) {
                prop_assert!(refusal.at <= line.len());
            }
        }

        #[test]
        fn a_sent_list_reads_back(tags in proptest::collection::vec((any::<bool>(), "[!#-~]{0,6}"), 0..6)) {
            let mut line = Vec::new();
            for (weak, opaque) in &tags {
                let tag = EntityTag::new(*weak, opaque.as_bytes()).expect("only etagc");
                let sent = tag.pieces().concat();
                prop_assert_eq!(EntityTag::parse(&sent), Ok(tag));
                line.extend_from_slice(&sent);
                line.extend_from_slice(b" ,");
            }
            let read: Vec<_> = Tags::read(&line).members().map(|tag| tag.expect("well formed")).collect();
            prop_assert_eq!(read.len(), tags.len());
            for (tag, (weak, opaque)) in read.iter().zip(&tags) {
                prop_assert_eq!((tag.weak, tag.opaque), (*weak, opaque.as_bytes()));
            }
        }
    }
}
