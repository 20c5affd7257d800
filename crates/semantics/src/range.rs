//! Range and Content-Range: parts of a representation, in bytes. RFC 9110 §14
//!
//! Whether Range counts at all (method, If-Range) and what an offence leads to is the decision's.

use core::fmt;

use crate::limits::RANGES;
use crate::syntax::{List, ParseError, is_token, parse_u64, parse_u64_saturating, write_u64};

/// One range as it was asked for. RFC 9110 §14.1.2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RangeSpec {
    /// `5-`: from here to the end.
    From(u64),
    /// `5-9`: from here to there, both included.
    FromTo(u64, u64),
    /// `-5`: so many bytes at the end.
    Suffix(u64),
}

/// A range of a representation that is there: both positions included, `first` not beyond `last`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteRange {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

/// What can be wrong with Range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RangeError {
    /// Not of the form `unit=set`.
    Malformed,
    /// The unit is not `bytes`.
    UnknownUnit,
    /// The set names no range.
    Empty,
    /// A member of the set is no range.
    BadSpec,
    /// A range ends before it starts.
    Backwards,
    /// More than [`RANGES`] ranges.
    TooMany,
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a unit, an equals sign and a set of ranges",
            Self::UnknownUnit => "the range unit is not bytes",
            Self::Empty => "the set names no range",
            Self::BadSpec => "not a range",
            Self::Backwards => "the range ends before it starts",
            Self::TooMany => return write!(f, "more than {RANGES} ranges"),
        })
    }
}

impl core::error::Error for RangeError {}

impl RangeSpec {
    /// Reads `first-last`, `first-` or `-length`. Positions that do not fit are as far away as can be.
    fn parse(spec: &[u8]) -> Result<Self, ParseError<RangeError>> {
        let dash = spec.iter().position(|&byte| byte == b'-');
        let dash = dash.ok_or(ParseError::new(spec.len(), RangeError::BadSpec))?;
        let number = |digits, start| {
            parse_u64_saturating(digits).map_err(|refusal| refusal.within(start, |_| RangeError::BadSpec))
        };
        match (&spec[..dash], &spec[dash + 1..]) {
            ([], length) => Ok(Self::Suffix(number(length, 1)?)),
            (first, []) => Ok(Self::From(number(first, 0)?)),
            (first, last) => {
                let (first, last) = (number(first, 0)?, number(last, dash + 1)?);
                if last < first {
                    return Err(ParseError::new(dash + 1, RangeError::Backwards));
                }
                Ok(Self::FromTo(first, last))
            }
        }
    }

    /// The bytes it means of a representation of this length, if any are there.
    ///
    /// ```
    /// use semantics::range::{ByteRange, RangeSpec};
    /// assert_eq!(RangeSpec::FromTo(5, 999).resolve(10), Some(ByteRange { first: 5, last: 9 }));
    /// assert_eq!(RangeSpec::Suffix(3).resolve(10), Some(ByteRange { first: 7, last: 9 }));
    /// assert_eq!(RangeSpec::From(10).resolve(10), None);
    /// ```
    pub const fn resolve(self, length: u64) -> Option<ByteRange> {
        let Some(end) = length.checked_sub(1) else { return None };
        let (first, last) = match self {
            Self::From(first) => (first, end),
            Self::FromTo(first, last) if last < end => (first, last),
            Self::FromTo(first, _) => (first, end),
            Self::Suffix(0) => return None,
            Self::Suffix(wanted) => (length.saturating_sub(wanted), end),
        };
        if first > last { None } else { Some(ByteRange { first, last }) }
    }
}

impl ByteRange {
    /// How many bytes.
    pub const fn length(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// Do the two overlap, or stand side by side?
    const fn touches(self, other: Self) -> bool {
        self.first <= other.last.saturating_add(1) && other.first <= self.last.saturating_add(1)
    }
}

/// The value of Range in unit `bytes`, well formed. RFC 9110 §14.2
///
/// ```
/// use semantics::range::{ByteRange, RangeSpec, Ranges};
/// let ranges = Ranges::parse(b"bytes=0-9, -5").expect("well formed");
/// assert_eq!(ranges.count(), 2);
/// assert!(ranges.specs().eq([RangeSpec::FromTo(0, 9), RangeSpec::Suffix(5)]));
/// let parts = ranges.resolve(100).expect("satisfiable");
/// assert_eq!(parts.as_slice(), [ByteRange { first: 0, last: 9 }, ByteRange { first: 95, last: 99 }]);
/// assert_eq!(parts.total_length(), 15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranges<'a> {
    set: &'a [u8],
    count: usize,
}

impl<'a> Ranges<'a> {
    /// Reads the value. The unit is looked at first, so that the sets of other units are not judged.
    pub fn parse(value: &'a [u8]) -> Result<Self, ParseError<RangeError>> {
        let equals = value.iter().position(|&byte| byte == b'=');
        let equals = equals.ok_or(ParseError::new(value.len(), RangeError::Malformed))?;
        let (unit, set) = (&value[..equals], &value[equals + 1..]);
        if !is_token(unit) {
            return Err(ParseError::new(0, RangeError::Malformed));
        }
        if !unit.eq_ignore_ascii_case(b"bytes") {
            return Err(ParseError::new(0, RangeError::UnknownUnit));
        }
        let mut specs = List::new(set);
        let mut count = 0;
        while let Some((at, spec)) = specs.next_at() {
            let at = equals + 1 + at;
            RangeSpec::parse(spec).map_err(|refusal| refusal.within(at, |what| what))?;
            if count == RANGES {
                return Err(ParseError::new(at, RangeError::TooMany));
            }
            count += 1;
        }
        if count == 0 {
            return Err(ParseError::new(value.len(), RangeError::Empty));
        }
        Ok(Self { set, count })
    }

    /// How many ranges were asked for; at least one.
    pub const fn count(self) -> usize {
        self.count
    }

    /// The ranges as they were asked for.
    pub fn specs(self) -> impl Iterator<Item = RangeSpec> + Clone + 'a {
        List::new(self.set).filter_map(|spec| RangeSpec::parse(spec).ok())
    }

    /// What is to be sent of a representation of this length.
    ///
    /// Ranges that overlap or stand side by side become one, at the place of the earliest of them; otherwise the order
    /// of the request is kept, and ranges beyond the end are left out. RFC 9110 §15.3.7.2
    pub fn resolve(self, length: u64) -> Result<Parts, NoPart> {
        let mut parts = Parts::default();
        for range in self.specs().filter_map(|spec| spec.resolve(length)) {
            parts.add(range);
        }
        if parts.count > 0 {
            Ok(parts)
        } else if length == 0 && self.specs().any(|spec| matches!(spec, RangeSpec::Suffix(1..))) {
            Err(NoPart::Whole)
        } else {
            Err(NoPart::Unsatisfiable)
        }
    }
}

/// Why a set of ranges means no part of a representation of a known length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoPart {
    /// No part that was asked for is there.
    Unsatisfiable,
    /// All of it was asked for, and it is empty: to ask for its last bytes is satisfiable (RFC 9110 §14.1.2), but no
    /// Content-Range can tell of no bytes. So the whole is sent.
    Whole,
}

impl fmt::Display for NoPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsatisfiable => "no part that was asked for is there",
            Self::Whole => "the whole was asked for, and it is empty",
        })
    }
}

impl core::error::Error for NoPart {}

/// The parts to send: at least one, none touching another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    ranges: [ByteRange; RANGES],
    count: usize,
}

impl Parts {
    /// The parts, in the order in which they are sent.
    pub fn as_slice(&self) -> &[ByteRange] {
        &self.ranges[..self.count]
    }

    /// How many bytes of the representation all parts have together.
    pub fn total_length(&self) -> u64 {
        self.as_slice().iter().fold(0, |total, range| total.saturating_add(range.length()))
    }

    /// Adds a range, merged with those that it touches: as none of them touches another, one pass finds them all.
    fn add(&mut self, mut range: ByteRange) {
        let mut place = None;
        let mut kept = 0;
        for at in 0..self.count {
            let other = self.ranges[at];
            if range.touches(other) {
                range = ByteRange { first: range.first.min(other.first), last: range.last.max(other.last) };
                if place.is_some() {
                    continue;
                }
                place = Some(kept);
            }
            self.ranges[kept] = other;
            kept += 1;
        }
        let place = place.unwrap_or_else(|| {
            kept += 1;
            kept - 1
        });
        self.ranges[place] = range;
        self.ranges[kept..].fill(ByteRange::default());
        self.count = kept;
    }
}

/// A Content-Range in unit `bytes`. RFC 9110 §14.4
///
/// ```
/// use semantics::range::{ByteRange, ContentRange};
/// let part = ContentRange::Part { range: ByteRange { first: 0, last: 9 }, length: Some(100) };
/// assert_eq!(part.write().as_bytes(), b"bytes 0-9/100");
/// assert_eq!(ContentRange::parse(b"bytes */100"), Ok(ContentRange::Unsatisfied { length: 100 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentRange {
    /// These bytes of a representation of this length, if it is known.
    Part {
        /// The bytes.
        range: ByteRange,
        /// The length of the whole.
        length: Option<u64>,
    },
    /// None: what was asked for is not there.
    Unsatisfied {
        /// The length of the whole.
        length: u64,
    },
}

/// What can be wrong with Content-Range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentRangeError {
    /// Not of the form `unit first-last/length`, or a number does not fit 64 bits.
    Malformed,
    /// The unit is not `bytes`.
    UnknownUnit,
    /// The range ends before it starts.
    Backwards,
    /// The range reaches beyond the length.
    BeyondLength,
}

impl fmt::Display for ContentRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a unit, a range and a length",
            Self::UnknownUnit => "the range unit is not bytes",
            Self::Backwards => "the range ends before it starts",
            Self::BeyondLength => "the range reaches beyond the length",
        })
    }
}

impl core::error::Error for ContentRangeError {}

/// Room for `bytes `, three numbers of 20 digits, `-` and `/`.
const LONGEST: usize = 6 + 20 + 1 + 20 + 1 + 20;

/// The text of a Content-Range, on the stack.
#[derive(Clone, Copy, Debug)]
pub struct ContentRangeText {
    text: [u8; LONGEST],
    length: usize,
}

impl ContentRangeText {
    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text[..self.length]
    }

    fn push(&mut self, piece: &[u8]) {
        self.text[self.length..][..piece.len()].copy_from_slice(piece);
        self.length += piece.len();
    }

    fn push_number(&mut self, number: u64) {
        self.push(write_u64(number, &mut [0; 20]));
    }
}

impl ContentRange {
    /// Writes the value.
    pub fn write(self) -> ContentRangeText {
        let mut text = ContentRangeText { text: [0; LONGEST], length: 0 };
        text.push(b"bytes ");
        let length = match self {
            Self::Part { range, length } => {
                text.push_number(range.first);
                text.push(b"-");
                text.push_number(range.last);
                length
            }
            Self::Unsatisfied { length } => {
                text.push(b"*");
                Some(length)
            }
        };
        text.push(b"/");
        match length {
            Some(length) => text.push_number(length),
            None => text.push(b"*"),
        }
        text
    }

    /// Reads the value. It is taken at its word only where it makes sense. RFC 9110 §14.4
    pub fn parse(value: &[u8]) -> Result<Self, ParseError<ContentRangeError>> {
        let malformed = |at| ParseError::new(at, ContentRangeError::Malformed);
        let find = |byte, from: usize| value[from..].iter().position(|&b| b == byte).map(|at| from + at);
        let space = find(b' ', 0).filter(|&at| is_token(&value[..at])).ok_or(malformed(0))?;
        if !value[..space].eq_ignore_ascii_case(b"bytes") {
            return Err(ParseError::new(0, ContentRangeError::UnknownUnit));
        }
        let start = space + 1;
        let slash = find(b'/', start).ok_or(malformed(value.len()))?;
        let number =
            |from: usize, to: usize| parse_u64(&value[from..to]).map_err(|refusal| malformed(from + refusal.at));
        let length = match &value[slash + 1..] {
            b"*" => None,
            _ => Some(number(slash + 1, value.len())?),
        };
        if &value[start..slash] == b"*" {
            return length.map(|length| Self::Unsatisfied { length }).ok_or(malformed(slash + 1));
        }
        let dash = find(b'-', start).filter(|&dash| dash < slash).ok_or(malformed(slash))?;
        let range = ByteRange { first: number(start, dash)?, last: number(dash + 1, slash)? };
        if range.last < range.first {
            return Err(ParseError::new(dash + 1, ContentRangeError::Backwards));
        }
        if length.is_some_and(|length| length <= range.last) {
            return Err(ParseError::new(slash + 1, ContentRangeError::BeyondLength));
        }
        Ok(Self::Part { range, length })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec, vec::Vec};

    fn specs(value: &str) -> Result<Vec<RangeSpec>, (usize, RangeError)> {
        Ranges::parse(value.as_bytes())
            .map(|ranges| ranges.specs().collect())
            .map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(specs("bytes=0-9"), Ok(vec![RangeSpec::FromTo(0, 9)]));
        assert_eq!(specs("Bytes=5-"), Ok(vec![RangeSpec::From(5)]));
        assert_eq!(specs("bytes= -5 ,, 0-0,"), Ok(vec![RangeSpec::Suffix(5), RangeSpec::FromTo(0, 0)]));
        assert_eq!(specs("bytes=-0"), Ok(vec![RangeSpec::Suffix(0)]));
    }

    #[test]
    fn other_units_are_told_from_bad_sets() {
        assert_eq!(specs("lines=1-2"), Err((0, RangeError::UnknownUnit)));
        assert_eq!(specs("lines=what ever"), Err((0, RangeError::UnknownUnit)));
        assert_eq!(specs(""), Err((0, RangeError::Malformed)));
        assert_eq!(specs("0-9"), Err((3, RangeError::Malformed)));
        assert_eq!(specs("=0-9"), Err((0, RangeError::Malformed)));
        assert_eq!(specs("bytes =0-9"), Err((0, RangeError::Malformed)));
        assert_eq!(specs("bytes="), Err((6, RangeError::Empty)));
        assert_eq!(specs("bytes=,"), Err((7, RangeError::Empty)));
        assert_eq!(specs("bytes=-"), Err((7, RangeError::BadSpec)));
        assert_eq!(specs("bytes=5"), Err((7, RangeError::BadSpec)));
        assert_eq!(specs("bytes=0-9, a-b"), Err((11, RangeError::BadSpec)));
        assert_eq!(specs("bytes=0 - 9"), Err((7, RangeError::BadSpec)));
        assert_eq!(specs("bytes=0-9-"), Err((9, RangeError::BadSpec)));
        assert_eq!(specs("bytes=+1-2"), Err((6, RangeError::BadSpec)));
        assert_eq!(specs("bytes=5-2"), Err((8, RangeError::Backwards)));
    }

    #[test]
    fn positions_saturate() {
        let beyond = "99999999999999999999";
        assert_eq!(specs(&format!("bytes=0-{beyond}")), Ok(vec![RangeSpec::FromTo(0, u64::MAX)]));
        assert_eq!(specs(&format!("bytes={beyond}-{beyond}9")), Ok(vec![RangeSpec::FromTo(u64::MAX, u64::MAX)]));
        assert_eq!(resolve(&format!("bytes=0-{beyond}"), 10), Ok(vec![(0, 9)]));
        assert_eq!(resolve(&format!("bytes=-{beyond}"), 10), Ok(vec![(0, 9)]));
        assert_eq!(resolve("bytes=0-", u64::MAX), Ok(vec![(0, u64::MAX - 1)]));
        assert_eq!(resolve(&format!("bytes={beyond}-"), u64::MAX), Err(NoPart::Unsatisfiable));
    }

    #[test]
    fn too_many_are_refused() {
        let many = |count| format!("bytes={}", vec!["0-0"; count].join(","));
        assert_eq!(specs(&many(RANGES)).map(|specs| specs.len()), Ok(RANGES));
        assert_eq!(specs(&many(RANGES + 1)), Err((6 + 4 * RANGES, RangeError::TooMany)));
    }

    fn resolve(value: &str, length: u64) -> Result<Vec<(u64, u64)>, NoPart> {
        let parts = Ranges::parse(value.as_bytes()).expect("well formed").resolve(length)?;
        Ok(parts.as_slice().iter().map(|range| (range.first, range.last)).collect())
    }

    #[test]
    fn what_is_there_is_sent_in_the_order_asked() {
        assert_eq!(resolve("bytes=0-0,-1", 10), Ok(vec![(0, 0), (9, 9)]));
        assert_eq!(resolve("bytes=5-6,0-1", 10), Ok(vec![(5, 6), (0, 1)]));
        assert_eq!(resolve("bytes=20-,3-4", 10), Ok(vec![(3, 4)]));
        assert_eq!(resolve("bytes=10-", 10), Err(NoPart::Unsatisfiable));
        assert_eq!(resolve("bytes=-0", 10), Err(NoPart::Unsatisfiable));
        assert_eq!(resolve("bytes=0-", 0), Err(NoPart::Unsatisfiable));
        assert_eq!(resolve("bytes=-0", 0), Err(NoPart::Unsatisfiable));
        assert_eq!(resolve("bytes=-5", 0), Err(NoPart::Whole));
    }

    #[test]
    fn neighbours_become_one() {
        assert_eq!(resolve("bytes=0-3,2-5", 10), Ok(vec![(0, 5)]));
        assert_eq!(resolve("bytes=0-3,4-5", 10), Ok(vec![(0, 5)]));
        assert_eq!(resolve("bytes=4-5,0-3", 10), Ok(vec![(0, 5)]));
        assert_eq!(resolve("bytes=0-1,3-4", 10), Ok(vec![(0, 1), (3, 4)]), "a gap of one byte is a gap");
        assert_eq!(resolve("bytes=7-8,0-1,4-5,2-3", 10), Ok(vec![(7, 8), (0, 5)]));
        assert_eq!(resolve("bytes=0-1,8-9,4-5,2-7", 10), Ok(vec![(0, 9)]));
        assert_eq!(resolve("bytes=0-0,0-0,0-0", 10), Ok(vec![(0, 0)]));
        assert_eq!(resolve("bytes=0-,-3", 10), Ok(vec![(0, 9)]));
    }

    #[test]
    fn content_range_is_read_strictly() {
        let read = |value: &str| ContentRange::parse(value.as_bytes()).map_err(|refusal| (refusal.at, refusal.what));
        let part = |first, last, length| Ok(ContentRange::Part { range: ByteRange { first, last }, length });
        assert_eq!(read("bytes 0-9/10"), part(0, 9, Some(10)));
        assert_eq!(read("bytes 5-5/*"), part(5, 5, None));
        assert_eq!(read("bytes */0"), Ok(ContentRange::Unsatisfied { length: 0 }));
        assert_eq!(read("lines 0-9/10"), Err((0, ContentRangeError::UnknownUnit)));
        assert_eq!(read("bytes 9-0/10"), Err((8, ContentRangeError::Backwards)));
        assert_eq!(read("bytes 0-10/10"), Err((11, ContentRangeError::BeyondLength)));
        for (value, at) in [
            ("", 0),
            ("bytes", 0),
            ("bytes=0-9/10", 0),
            (" 0-9/10", 0),
            ("bytes 0-9", 9),
            ("bytes */*", 8),
            ("bytes 0/10", 7),
            ("bytes -9/10", 6),
            ("bytes 0-/10", 8),
            ("bytes 0-9/", 10),
            ("bytes  0-9/10", 6),
            ("bytes 0-9/10 ", 12),
            ("bytes 0/1-0", 9),
            ("bytes 0-99999999999999999999/*", 27),
        ] {
            assert_eq!(read(value), Err((at, ContentRangeError::Malformed)), "{value}");
        }
    }

    #[test]
    fn the_longest_text_fits() {
        let range = ByteRange { first: u64::MAX, last: u64::MAX };
        let text = ContentRange::Part { range, length: Some(u64::MAX) }.write();
        assert_eq!(text.as_bytes().len(), LONGEST);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>, length: u64) {
            let _ = ContentRange::parse(&bytes);
            let _ = Ranges::parse(&bytes).map(|ranges| ranges.resolve(length));
        }

        #[test]
        fn near_misses_do_not_panic(value in "bytes[= ][0-9*/, -]{0,30}", length: u64) {
            let _ = ContentRange::parse(value.as_bytes());
            let _ = Ranges::parse(value.as_bytes()).map(|ranges| ranges.resolve(length));
        }

        /// The parts are the bytes asked for, each once.
        #[test]
        fn parts_cover_exactly_what_was_asked(
            asked in proptest::collection::vec((0u64..40, 0u64..40, 0u8..3), 1..=RANGES),
            length in 0u64..32,
        ) {
            let mut wanted = vec![false; length as usize];
            let set: Vec<String> = asked.iter().map(|&(a, b, kind)| {
                let (first, last) = (a.min(b), a.max(b));
                let (text, from, to) = match kind {
                    0 => (format!("{first}-{last}"), first, last + 1),
                    1 => (format!("{first}-"), first, length),
                    _ => (format!("-{first}"), length.saturating_sub(first), length),
                };
                (from..to.min(length)).for_each(|at| wanted[at as usize] = true);
                text
            }).collect();
            let value = format!("bytes={}", set.join(","));
            let ranges = Ranges::parse(value.as_bytes()).expect("well formed");
            prop_assert_eq!(ranges.count(), asked.len());
            let mut covered = vec![false; length as usize];
            if let Ok(parts) = ranges.resolve(length) {
                for range in parts.as_slice() {
                    prop_assert!(range.first <= range.last && range.last < length);
                    for at in range.first..=range.last {
                        prop_assert!(!covered[at as usize], "twice");
                        covered[at as usize] = true;
                    }
                }
                prop_assert_eq!(parts.total_length(), wanted.iter().filter(|&&byte| byte).count() as u64);
            }
            prop_assert_eq!(covered, wanted);
        }

        #[test]
        fn what_is_written_reads_back(first: u64, more: u64, length: Option<u64>) {
            let last = first.saturating_add(more);
            let range = ByteRange { first, last };
            let written = ContentRange::Part { range, length }.write();
            let read = ContentRange::parse(written.as_bytes());
            if length.is_none_or(|length| length > last) {
                prop_assert_eq!(read, Ok(ContentRange::Part { range, length }));
            } else {
                prop_assert_eq!(read.map_err(|refusal| refusal.what), Err(ContentRangeError::BeyondLength));
            }
            let none = ContentRange::Unsatisfied { length: first };
            prop_assert_eq!(ContentRange::parse(none.write().as_bytes()), Ok(none));
        }
    }
}
