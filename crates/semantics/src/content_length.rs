//! Content-Length: one number, told once. RFC 9110 §8.6, RFC 9112 §6.3
//!
//! How large is too large, and what else delimits content, is not known here.

use core::fmt;

use crate::syntax::{List, NumberError, ParseError, parse_u64};

/// What can be wrong with Content-Length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentLengthError {
    /// There is no digit.
    Empty,
    /// A sign stands before the digits.
    Sign,
    /// A byte is no decimal digit.
    NotADigit,
    /// Digits only, but more than 64 bits can hold.
    Overflow,
    /// The same length is told again, on the line or on another.
    Repeated,
    /// Another length is told on the line or on another.
    Conflicting,
}

impl fmt::Display for ContentLengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the length is missing",
            Self::Sign => "a length has no sign",
            Self::NotADigit => "a byte that is not a decimal digit",
            Self::Overflow => "the length does not fit 64 bits",
            Self::Repeated => "the length is told more than once",
            Self::Conflicting => "two different lengths are told",
        })
    }
}

impl core::error::Error for ContentLengthError {}

/// Reads the lines of Content-Length: `None` if there is none. An offset counts from the start of the line that
/// offends.
///
/// RFC 9112 §6.3 lets a recipient take `5, 5` or two lines of `5` for one 5. because refuses them: no client needs
/// it, and where two readers of one message might disagree about its end, a request can be smuggled past one of them.
///
/// ```
/// use semantics::content_length::content_length;
/// assert_eq!(content_length([&b"1204"[..]]), Ok(Some(1204)));
/// assert!(content_length([&b"5, 5"[..]]).is_err());
/// ```
pub fn content_length<'a>(
    lines: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<u64>, ParseError<ContentLengthError>> {
    let mut length = None;
    for line in lines {
        let told = one(line)?;
        match length {
            None => length = Some(told),
            Some(before) => return Err(ParseError::new(0, again(before == told))),
        }
    }
    Ok(length)
}

fn one(line: &[u8]) -> Result<u64, ParseError<ContentLengthError>> {
    parse_u64(line).map_err(|refusal| match (refusal.what, line.get(refusal.at)) {
        (NumberError::Empty, _) => ParseError::new(refusal.at, ContentLengthError::Empty),
        (NumberError::Overflow, _) => ParseError::new(refusal.at, ContentLengthError::Overflow),
        (NumberError::NotADigit, Some(b'+' | b'-')) if refusal.at == 0 => ParseError::new(0, ContentLengthError::Sign),
        (NumberError::NotADigit, Some(b' ' | b'\t' | b',')) => ParseError::new(refusal.at, repeated(line)),
        (NumberError::NotADigit, _) => ParseError::new(refusal.at, ContentLengthError::NotADigit),
    })
}

/// A list of lengths is told apart from other garbage, for the sake of the explanation alone.
fn repeated(line: &[u8]) -> ContentLengthError {
    let mut lengths = List::new(line).map(parse_u64);
    match (lengths.next(), lengths.next()) {
        (Some(Ok(first)), Some(Ok(second))) => {
            let same = second == first && lengths.all(|length| length == Ok(first));
            again(same)
        }
        _ => ContentLengthError::NotADigit,
    }
}

const fn again(same: bool) -> ContentLengthError {
    if same { ContentLengthError::Repeated } else { ContentLengthError::Conflicting }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{
        format,
        string::{String, ToString},
        vec::Vec,
    };

    fn read(lines: &[&str]) -> Result<Option<u64>, (usize, ContentLengthError)> {
        content_length(lines.iter().map(|line| line.as_bytes())).map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn one_number_is_read() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["0"]), Ok(Some(0)));
        assert_eq!(read(&["007"]), Ok(Some(7)));
        assert_eq!(read(&["18446744073709551615"]), Ok(Some(u64::MAX)));
    }

    #[test]
    fn all_else_is_refused() {
        use ContentLengthError::*;
        assert_eq!(read(&[""]), Err((0, Empty)));
        assert_eq!(read(&["+5"]), Err((0, Sign)));
        assert_eq!(read(&["-5"]), Err((0, Sign)));
        assert_eq!(read(&["0x5"]), Err((1, NotADigit)));
        assert_eq!(read(&["5 5"]), Err((1, NotADigit)));
        assert_eq!(read(&["5,"]), Err((1, NotADigit)));
        assert_eq!(read(&[","]), Err((0, NotADigit)));
        assert_eq!(read(&["5, x"]), Err((1, NotADigit)));
        assert_eq!(read(&["5.0"]), Err((1, NotADigit)));
        assert_eq!(read(&["5-"]), Err((1, NotADigit)));
        assert_eq!(read(&["\u{664}"]), Err((0, NotADigit)));
        assert_eq!(read(&["99999999999999999999"]), Err((19, Overflow)));
    }

    #[test]
    fn told_twice_is_refused() {
        use ContentLengthError::*;
        assert_eq!(read(&["5, 5"]), Err((1, Repeated)));
        assert_eq!(read(&["5 ,05"]), Err((1, Repeated)));
        assert_eq!(read(&["5, 6"]), Err((1, Conflicting)));
        assert_eq!(read(&["5, 5, 6"]), Err((1, Conflicting)));
        assert_eq!(read(&["5", "5"]), Err((0, Repeated)));
        assert_eq!(read(&["5", "6"]), Err((0, Conflicting)));
        assert_eq!(read(&["5", "x"]), Err((0, NotADigit)));
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>) {
            let _ = content_length(lines.iter().map(|line| &line[..]));
        }

        /// One line of digits that fit is a length, and nothing else is.
        #[test]
        fn near_misses_are_refused(lines in proptest::collection::vec("[+-]?[0-9]{0,21}([ ,x.][0-9,]{0,3})?", 0..3)) {
            let told: Vec<_> = lines.iter().map(String::as_str).collect();
            let digits = |line: &str| line.bytes().all(|byte| byte.is_ascii_digit());
            let wanted = match told[..] {
                [] => Ok(None),
                [line] if digits(line) => line.parse().map(Some).map_err(drop),
                _ => Err(()),
            };
            prop_assert_eq!(read(&told).map_err(drop), wanted);
            let at = content_length(told.iter().map(|line| line.as_bytes())).map_err(|refusal| refusal.at);
            prop_assert!(at.is_ok() || told.iter().any(|line| at.is_err_and(|at| at <= line.len())));
        }

        #[test]
        fn a_number_reads_back(length: u64, other: u64) {
            let text = length.to_string();
            prop_assert_eq!(read(&[&text]), Ok(Some(length)));
            let told_twice = [read(&[&text, &other.to_string()]), read(&[&format!("{length},{other}")])];
            prop_assert!(told_twice.iter().all(Result::is_err));
        }
    }
}
