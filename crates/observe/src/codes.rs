//! Which statuses are meant: one of them, or a whole class. Statuses are numbers here.

use core::fmt;
use core::str::FromStr;

/// One status, or all of a class.
///
/// ```
/// use observe::codes::Codes;
/// let refusals: Codes = "4xx".parse().expect("a class");
/// assert!(refusals.has(404) && !refusals.has(503));
/// assert_eq!("404".parse(), Ok(Codes::One(404)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// This one.
    One(u16),
    /// Those that begin with this digit, 1 to 5.
    Class(u16),
}

impl Codes {
    /// Is this status meant?
    pub const fn has(self, code: u16) -> bool {
        match self {
            Codes::One(one) => code == one,
            Codes::Class(digit) => code / 100 == digit,
        }
    }
}

/// Why a text names no statuses: it is neither three digits from 100 to 599 nor a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCodes;

impl fmt::Display for NoCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is neither a status, like 404, nor a class of them, like 4xx")
    }
}

impl core::error::Error for NoCodes {}

impl FromStr for Codes {
    type Err = NoCodes;

    fn from_str(text: &str) -> Result<Codes, NoCodes> {
        match *text.as_bytes() {
            [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Ok(Codes::Class(u16::from(digit - b'0'))),
            [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => text.parse().map(Codes::One).map_err(|_| NoCodes),
            _ => Err(NoCodes),
        }
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Codes::One(code) => code.fmt(f),
            Codes::Class(digit) => write!(f, "{digit}xx"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_or_a_class() {
        for text in ["100", "404", "599", "1xx", "5xx"] {
            assert_eq!(text.parse::<Codes>().map(|codes| codes.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("4XX".parse(), Ok(Codes::Class(4)));
        for text in ["", "4", "4x", "600", "099", "6xx", "4xxx", "+44", "é00", "x44"] {
            assert_eq!(text.parse::<Codes>(), Err(NoCodes), "{text}");
        }
    }
}
