//! Transfer-Encoding: chunked, last and once, and nothing else. RFC 9112 §6.1, §7
//!
//! How chunks are read is the wire's; what an offence leads to is the decision's.

use core::fmt;

use crate::syntax::{List, Parameters, ParseError, is_token};

/// What can be wrong with Transfer-Encoding, the worst first: of several, the first is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferEncodingError<'a> {
    /// The field is there, but names no coding.
    Empty,
    /// A member that is no coding, or `chunked` with parameters, which it does not have (RFC 9112 §7).
    Malformed,
    /// `chunked` twice (RFC 9112 §6.1).
    ChunkedTwice,
    /// The last coding is not `chunked`, so the end of the content cannot be known (RFC 9112 §6.3).
    ChunkedNotLast,
    /// A coding that is not done here, `gzip`, `deflate` and `compress` among them: whoever wants content coded end to
    /// end has Content-Encoding.
    Unknown(&'a [u8]),
}

impl fmt::Display for TransferEncodingError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no transfer coding is named",
            Self::Malformed => "not the name of a transfer coding",
            Self::ChunkedTwice => "chunked is applied twice",
            Self::ChunkedNotLast => "the last transfer coding is not chunked",
            Self::Unknown(coding) => return write!(f, "the transfer coding {} is not known", coding.escape_ascii()),
        })
    }
}

impl core::error::Error for TransferEncodingError<'_> {}

impl TransferEncodingError<'_> {
    /// The place in the order of gravity.
    const fn rank(self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::Malformed => 1,
            Self::ChunkedTwice => 2,
            Self::ChunkedNotLast => 3,
            Self::Unknown(_) => 4,
        }
    }
}

/// Reads the lines of Transfer-Encoding: is the content chunked? `false` only where there is no line at all. An offset
/// counts from the start of the line that offends.
///
/// An end that cannot be known outranks a coding that is not known: `gzip` alone is [`ChunkedNotLast`], and
/// `gzip, chunked` is [`Unknown`].
///
/// [`ChunkedNotLast`]: TransferEncodingError::ChunkedNotLast
/// [`Unknown`]: TransferEncodingError::Unknown
///
/// ```
/// use semantics::transfer_encoding::{TransferEncodingError, is_chunked};
/// assert_eq!(is_chunked([&b"Chunked"[..]]), Ok(true));
/// let refusal = is_chunked([&b"gzip, chunked"[..]]).expect_err("gzip is not done");
/// assert_eq!(refusal.what, TransferEncodingError::Unknown(b"gzip"));
/// ```
pub fn is_chunked<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
) -> Result<bool, ParseError<TransferEncodingError<'a>>> {
    let mut there = false;
    let mut worst: Option<ParseError<TransferEncodingError<'a>>> = None;
    let mut note = |at, what: TransferEncodingError<'a>| {
        if worst.is_none_or(|worst| what.rank() < worst.what.rank()) {
            worst = Some(ParseError::new(at, what));
        }
    };
    let mut chunked = false;
    let mut last = None;
    for line in lines {
        there = true;
        let mut codings = List::new(line);
        while let Some((at, coding)) = codings.next_at() {
            let (name, mut parameters) = Parameters::split(coding);
            let is_chunked = name.eq_ignore_ascii_case(b"chunked");
            let parameters_sound = match is_chunked {
                true => name.len() == coding.len(),
                false => parameters.all(|parameter| parameter.is_ok()),
            };
            if !is_token(name) || !parameters_sound {
                note(at, TransferEncodingError::Malformed);
            } else if !is_chunked {
                note(at, TransferEncodingError::Unknown(name));
            } else if chunked {
                note(at, TransferEncodingError::ChunkedTwice);
            }
            chunked |= is_chunked;
            last = Some((at, is_chunked));
        }
    }
    match last {
        None if there => note(0, TransferEncodingError::Empty),
        Some((at, false)) => note(at, TransferEncodingError::ChunkedNotLast),
        None | Some((_, true)) => {}
    }
    worst.map_or(Ok(chunked), Err)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::TransferEncodingError::*;
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn read<'a>(lines: &[&'a str]) -> Result<bool, (usize, TransferEncodingError<'a>)> {
        is_chunked(lines.iter().map(|line| line.as_bytes())).map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn chunked_alone_is_read() {
        assert_eq!(read(&[]), Ok(false));
        assert_eq!(read(&["chunked"]), Ok(true));
        assert_eq!(read(&["CHUNKED"]), Ok(true));
        assert_eq!(read(&[" , chunked ,"]), Ok(true), "empty members are skipped, as RFC 9110 §5.6.1 demands");
        assert_eq!(read(&["", "chunked"]), Ok(true));
    }

    #[test]
    fn an_unknown_end_is_worst() {
        assert_eq!(read(&["gzip"]), Err((0, ChunkedNotLast)));
        assert_eq!(read(&["identity"]), Err((0, ChunkedNotLast)));
        assert_eq!(read(&["chunked, gzip"]), Err((9, ChunkedNotLast)));
        assert_eq!(read(&["chunked", "gzip"]), Err((0, ChunkedNotLast)));
        assert_eq!(read(&["foo, bar"]), Err((5, ChunkedNotLast)));
    }

    #[test]
    fn chunked_stands_once() {
        assert_eq!(read(&["chunked, chunked"]), Err((9, ChunkedTwice)));
        assert_eq!(read(&["chunked", "Chunked"]), Err((0, ChunkedTwice)));
        assert_eq!(read(&["chunked, foo, chunked"]), Err((14, ChunkedTwice)));
    }

    #[test]
    fn other_codings_are_unknown() {
        assert_eq!(read(&["gzip, chunked"]), Err((0, Unknown(b"gzip"))));
        assert_eq!(read(&["foo;q=\"a,b\";r, x-gzip, chunked"]), Err((0, Unknown(b"foo"))));
        assert_eq!(read(&["trailers", "chunked"]), Err((0, Unknown(b"trailers"))));
    }

    #[test]
    fn what_is_no_coding_is_malformed() {
        assert_eq!(read(&[""]), Err((0, Empty)));
        assert_eq!(read(&[",", " "]), Err((0, Empty)));
        assert_eq!(read(&["\x0bchunked"]), Err((0, Malformed)));
        assert_eq!(read(&["chunked;a=b"]), Err((0, Malformed)));
        assert_eq!(read(&["chunked;"]), Err((0, Malformed)));
        assert_eq!(read(&["chunked chunked"]), Err((0, Malformed)));
        assert_eq!(read(&["\"chunked\""]), Err((0, Malformed)));
        assert_eq!(read(&["foo;=b, chunked"]), Err((0, Malformed)));
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>) {
            let _ = is_chunked(lines.iter().map(|line| &line[..]));
        }

        #[test]
        fn only_chunked_last_and_once_is_read(
            codings in proptest::collection::vec("chunked|gzip|x", 0..5),
            split in 0usize..5,
        ) {
            let sound = codings == ["chunked"];
            let (first, second) = codings.split_at(split.min(codings.len()));
            let (first, second) = (first.join(","), second.join(" , "));
            prop_assert_eq!(read(&[&first, &second]) == Ok(true), sound);
        }
    }
}
