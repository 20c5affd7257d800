//! The reason as a number: the answers of one walk, as one integer.
//!
//! It says nothing by itself; together with the graph it is the whole walk. How it is told in words is `draw` and `retell`.

use core::fmt;
use core::str::FromStr;

/// The answers of a walk: a leading 1, then a bit an answer, yes being 1. It is written in hexadecimal digits.
///
/// ```
/// use decision::because::Because;
/// let mut because = Because::START;
/// for yes in [true, false, true] {
///     because.push(yes);
/// }
/// assert_eq!(because.to_string(), "d");
/// assert_eq!("d".parse(), Ok(because));
/// assert!(because.answers().eq([true, false, true]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Because(u128);

impl Because {
    /// No question asked yet.
    pub const START: Because = Because(1);

    /// The most answers that it can hold.
    pub const LONGEST: usize = 127;

    /// Adds an answer.
    #[inline]
    pub fn push(&mut self, yes: bool) {
        debug_assert!(self.len() < Because::LONGEST, "the graph's longest walk was checked when it was compiled");
        self.0 = self.0 << 1 | u128::from(yes);
    }

    /// How many answers it holds.
    pub const fn len(self) -> usize {
        127 - self.0.leading_zeros() as usize
    }

    /// Does it hold none?
    pub const fn is_empty(self) -> bool {
        self.0 == 1
    }

    /// The answers, the first one first.
    pub fn answers(self) -> impl Iterator<Item = bool> {
        (0..self.len()).rev().map(move |k| self.0 >> k & 1 == 1)
    }

    /// The number.
    #[inline]
    pub const fn number(self) -> u128 {
        self.0
    }

    /// The answers that this number holds; none if it is zero, since the leading 1 is missing.
    pub const fn of(number: u128) -> Option<Because> {
        if number == 0 { None } else { Some(Because(number)) }
    }

    /// Its digits, written to the end of `buffer`; returns them.
    #[inline]
    pub fn write(self, buffer: &mut [u8; 32]) -> &str {
        let mut rest = self.0;
        let mut at = buffer.len();
        while rest != 0 {
            at -= 1;
            buffer[at] = b"0123456789abcdef"[(rest & 15) as usize];
            rest >>= 4;
        }
        core::str::from_utf8(&buffer[at..]).unwrap_or_default()
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.write(&mut [0; 32]))
    }
}

impl fmt::Debug for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Because({self})")
    }
}

/// Why a text is no number of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotANumber {
    /// It is empty.
    Empty,
    /// It holds something else than hexadecimal digits.
    Digit {
        /// Where.
        at: usize,
    },
    /// It is longer than 32 digits.
    TooLong,
    /// It is zero: the leading 1 is missing.
    Zero,
}

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotANumber::Empty => write!(f, "it is empty"),
            NotANumber::Digit { at } => write!(f, "character {} is not a hexadecimal digit", at + 1),
            NotANumber::TooLong => write!(f, "it is longer than 32 digits"),
            NotANumber::Zero => write!(f, "it is zero"),
        }
    }
}

impl core::error::Error for NotANumber {}

impl FromStr for Because {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Because, NotANumber> {
        if text.is_empty() {
            return Err(NotANumber::Empty);
        }
        if let Some(at) = text.bytes().position(|b| !b.is_ascii_hexdigit()) {
            return Err(NotANumber::Digit { at });
        }
        match u128::from_str_radix(text, 16) {
            Ok(0) => Err(NotANumber::Zero),
            Ok(number) => Ok(Because(number)),
            Err(_) => Err(NotANumber::TooLong),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(answers in proptest::collection::vec(any::<bool>(), 0..=Because::LONGEST)) {
            let mut because = Because::START;
            answers.iter().for_each(|yes| because.push(*yes));
            prop_assert_eq!(because.len(), answers.len());
            prop_assert!(because.answers().eq(answers.iter().copied()));
            prop_assert_eq!(because.to_string().parse(), Ok(because));
            prop_assert_eq!(Because::of(because.number()), Some(because));
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        let read = |text: &str| text.parse::<Because>();
        assert_eq!(read(""), Err(NotANumber::Empty));
        assert_eq!(read("0"), Err(NotANumber::Zero));
        assert_eq!(read("1x"), Err(NotANumber::Digit { at: 1 }));
        assert_eq!(read("+1"), Err(NotANumber::Digit { at: 0 }));
        assert_eq!(read(&"f".repeat(33)), Err(NotANumber::TooLong));
        assert_eq!(read("1").map(Because::len), Ok(0));
    }
}
