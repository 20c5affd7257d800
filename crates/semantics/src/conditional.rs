//! The conditions of a conditional request, each by itself. RFC 9110 §13.1
//!
//! In which order conditions are tried, for which methods, and what a false one leads to is the decision's.

use core::fmt;

use crate::date::{Date, DateError};
use crate::syntax::{ParseError, trim_ows};
use crate::tag::{EntityTag, TagError, Tags};

/// Does If-Match hold: does one of its lines name what stands here, by strong comparison? RFC 9110 §13.1.1
///
/// ```
/// use semantics::{conditional::if_match_holds, tag::EntityTag};
/// let current = Some(EntityTag { weak: false, opaque: b"v2" });
/// assert!(if_match_holds([&br#""v1", "v2""#[..]], true, current));
/// assert!(!if_match_holds([&b"*"[..]], false, None));
/// ```
pub fn if_match_holds<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
    exists: bool,
    current: Option<EntityTag<'_>>,
) -> bool {
    lines.into_iter().any(|line| Tags::read(line).matches_strongly(exists, current))
}

/// Does If-None-Match hold: does none of its lines name what stands here, by weak comparison? RFC 9110 §13.1.2
pub fn if_none_match_holds<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
    exists: bool,
    current: Option<EntityTag<'_>>,
) -> bool {
    !lines.into_iter().any(|line| Tags::read(line).matches_weakly(exists, current))
}

/// The date of If-Modified-Since or If-Unmodified-Since. RFC 9110 §13.1.3, §13.1.4
///
/// ```
/// use semantics::{conditional::Since, date::Date};
/// let since = Since::read([&b"Sun, 06 Nov 1994 08:49:37 GMT"[..]], Date::EPOCH).expect("a date");
/// assert!(!since.changed(Date::from_unix(784_111_777)));
/// assert!(since.changed(Date::from_unix(784_111_778)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Since(pub Date);

impl Since {
    /// Reads the lines of the field. `None` if it must be ignored: there is none, it is no date, or there are several.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a [u8]>, now: Date) -> Option<Self> {
        let mut lines = lines.into_iter();
        match (lines.next(), lines.next()) {
            (Some(line), None) => Date::parse(trim_ows(line), now).ok().map(Self),
            _ => None,
        }
    }

    /// Did the representation change after that date? If-Modified-Since holds if it did, If-Unmodified-Since if not.
    pub fn changed(self, last_modified: Date) -> bool {
        last_modified > self.0
    }
}

/// Is Last-Modified a strong validator, seen from a response of this Date? RFC 9110 §8.8.2.2
///
/// It is if the Date lies at least one second later: a change that came in the same second as the one before has the
/// same Last-Modified, but then one of the two responses has a Date that equals it. (RFC 7232 asked for 60 seconds, in
/// case the two come from different clocks.)
///
/// ```
/// # use semantics::{conditional::is_strong_date, date::Date};
/// let modified = Date::from_unix(1_700_000_000);
/// assert!(is_strong_date(modified, modified.plus(1)) && !is_strong_date(modified, modified));
/// ```
pub fn is_strong_date(last_modified: Date, date: Date) -> bool {
    date.since(last_modified) >= 1
}

/// The value of If-Range: an entity-tag or a date. RFC 9110 §13.1.5
///
/// ```
/// use semantics::{conditional::IfRange, date::Date, tag::EntityTag};
/// let condition = IfRange::parse(br#""v1""#, Date::EPOCH).expect("a tag");
/// let current = EntityTag { weak: false, opaque: b"v1" };
/// assert!(condition.holds(Some(current), None, Date::EPOCH));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IfRange<'a> {
    /// An entity-tag; a weak one never matches.
    Tag(EntityTag<'a>),
    /// A date.
    Date(Date),
}

/// What can be wrong with If-Range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IfRangeError {
    /// It is meant as an entity-tag, and is none.
    Tag(TagError),
    /// It is meant as a date, and is none.
    Date(DateError),
}

impl fmt::Display for IfRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(offence) => fmt::Display::fmt(offence, f),
            Self::Date(offence) => fmt::Display::fmt(offence, f),
        }
    }
}

impl core::error::Error for IfRangeError {}

impl<'a> IfRange<'a> {
    /// Reads the value: a quote among the first three bytes makes it a tag. RFC 9110 §13.1.5
    ///
    /// To a value that is neither nothing can be equal: the condition is false, and the whole is sent.
    pub fn parse(value: &'a [u8], now: Date) -> Result<Self, ParseError<IfRangeError>> {
        if value.iter().take(3).any(|&byte| byte == b'"') {
            let tag = EntityTag::parse(value).map_err(|refusal| refusal.within(0, IfRangeError::Tag))?;
            Ok(Self::Tag(tag))
        } else {
            let date = Date::parse(value, now).map_err(|refusal| refusal.within(0, IfRangeError::Date))?;
            Ok(Self::Date(date))
        }
    }

    /// Is what stands here still what the client has a part of? Then Range counts; otherwise the whole is sent.
    ///
    /// A tag must match strongly. A date must equal Last-Modified to the second and be strong as seen from `date`
    /// ([`is_strong_date`]). An origin server that passes its own present there refuses the second that is still
    /// running; for one that is over it must know that nothing changed twice in it, or send no Last-Modified in the
    /// second of the change.
    pub fn holds(self, tag: Option<EntityTag<'_>>, last_modified: Option<Date>, date: Date) -> bool {
        match self {
            Self::Tag(wanted) => tag.is_some_and(|tag| wanted.strong_eq(tag)),
            Self::Date(wanted) => {
                last_modified.is_some_and(|modified| modified == wanted && is_strong_date(modified, date))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    const NOW: Date = Date::from_unix(1_700_000_000);
    const DATE: &[u8] = b"Tue, 14 Nov 2023 22:13:20 GMT";

    const fn tag(weak: bool, opaque: &[u8]) -> Option<EntityTag<'_>> {
        Some(EntityTag { weak, opaque })
    }

    #[test]
    fn if_match_is_strong() {
        let lines = [&br#"W/"w""#[..], br#""s", "t""#];
        assert!(if_match_holds(lines, true, tag(false, b"t")));
        assert!(!if_match_holds(lines, true, tag(false, b"w")));
        assert!(!if_match_holds(lines, true, tag(true, b"s")));
        assert!(!if_match_holds(lines, true, None));
        assert!(!if_match_holds(lines, false, None));
        assert!(if_match_holds([&b"*"[..]], true, None));
        assert!(!if_match_holds([&b"*"[..]], false, None));
        assert!(!if_match_holds([&b"garbage"[..]], true, tag(false, b"garbage")), "nothing is written on its account");
    }

    #[test]
    fn if_none_match_is_weak() {
        let lines = [&br#"W/"w""#[..], br#""s""#];
        assert!(!if_none_match_holds(lines, true, tag(false, b"w")));
        assert!(!if_none_match_holds(lines, true, tag(true, b"s")));
        assert!(if_none_match_holds(lines, true, tag(false, b"x")));
        assert!(if_none_match_holds(lines, false, None));
        assert!(!if_none_match_holds([&b"*"[..]], true, None));
        assert!(if_none_match_holds([&b"*"[..]], false, None));
    }

    #[test]
    fn dates_that_cannot_be_read_are_ignored() {
        assert_eq!(Since::read([DATE], NOW), Some(Since(NOW)));
        assert_eq!(Since::read([], NOW), None);
        assert_eq!(Since::read([&b"yesterday"[..]], NOW), None);
        assert_eq!(Since::read([DATE, DATE], NOW), None);
        assert!(!Since(NOW).changed(NOW) && !Since(NOW).changed(NOW.plus(-1)) && Since(NOW).changed(NOW.plus(1)));
    }

    #[test]
    fn if_range_takes_a_tag_or_a_date() {
        assert_eq!(IfRange::parse(br#"W/"x""#, NOW), Ok(IfRange::Tag(EntityTag { weak: true, opaque: b"x" })));
        assert_eq!(IfRange::parse(DATE, NOW), Ok(IfRange::Date(NOW)));
        let offence = |value| IfRange::parse(value, NOW).map_err(|refusal| (refusal.at, refusal.what));
        assert_eq!(offence(b"\"x"), Err((2, IfRangeError::Tag(TagError::Unclosed))));
        assert_eq!(offence(b"x\"y\""), Err((0, IfRangeError::Tag(TagError::NoQuote))));
        assert_eq!(offence(b"x"), Err((0, IfRangeError::Date(DateError::Shape))));
        assert_eq!(offence(b""), Err((0, IfRangeError::Date(DateError::Shape))));
    }

    #[test]
    fn if_range_is_strong() {
        let holds = |value, current, modified, date| {
            IfRange::parse(value, NOW).is_ok_and(|condition| condition.holds(current, modified, date))
        };
        assert!(holds(br#""x""#, tag(false, b"x"), None, NOW));
        assert!(!holds(br#""x""#, tag(true, b"x"), None, NOW));
        assert!(!holds(br#"W/"x""#, tag(true, b"x"), None, NOW));
        assert!(!holds(br#""x""#, None, Some(NOW), NOW));
        assert!(holds(DATE, None, Some(NOW), NOW.plus(1)));
        assert!(!holds(DATE, None, Some(NOW), NOW), "within the second it may change again");
        assert!(!holds(DATE, None, Some(NOW.plus(-1)), NOW.plus(9)), "older is not equal");
        assert!(!holds(DATE, None, Some(NOW.plus(1)), NOW.plus(9)));
        assert!(!holds(DATE, tag(false, b"x"), None, NOW.plus(9)));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>, exists: bool, now: i64) {
            let now = Date::from_unix(now);
            let current = tag(false, &bytes);
            prop_assert_eq!(
                if_match_holds([&bytes[..]], exists, current) && if_none_match_holds([&bytes[..]], exists, current),
                false
            );
            let _ = (Since::read([&bytes[..]], now), IfRange::parse(&bytes, now));
        }
    }
}
