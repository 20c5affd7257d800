//! Structured fields: items with their parameters, and dictionaries of them. RFC 9651
//!
//! Only as much as the fields of this crate need: integers, booleans and octets are told by their value; all else is read so
//! that it can be passed over. What a key means belongs to the file of its field.

use core::{fmt, iter};

use crate::syntax::{ParseError, is_ows, is_tchar};

/// The largest integer of a structured field: 15 digits. RFC 9651 §3.3.1
pub const LARGEST_INTEGER: i64 = 999_999_999_999_999;

/// The value of an item, or of a member of a dictionary. RFC 9651 §3.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value<'a> {
    /// An integer, of 15 digits at most.
    Integer(i64),
    /// `?1` or `?0`. A key without a value is true.
    Boolean(bool),
    /// Octets, in the base64 that stands between the colons; nothing but its alphabet is known of it.
    Octets(&'a [u8]),
    /// What no field here reads: a decimal, a string, a token, a date, a display string, an inner list.
    Other,
}

/// What can be wrong with a structured field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StructuredError {
    /// No value begins here.
    NoValue,
    /// A key must begin here: a small letter or `*`.
    NoKey,
    /// A number has no digits, too many, or none behind its dot.
    Number,
    /// A byte that cannot stand in a value of this kind.
    BadByte,
    /// A boolean is `?0` or `?1`.
    Boolean,
    /// The end of a string, of octets, or of an inner list is missing.
    Unclosed,
    /// Something follows the value.
    AfterValue,
    /// A comma, and no member behind it.
    TrailingComma,
}

impl fmt::Display for StructuredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoValue => "a value is missing",
            Self::NoKey => "a key is missing",
            Self::Number => "not a number that a structured field can have",
            Self::BadByte => "a byte that the value cannot have",
            Self::Boolean => "a boolean is ?0 or ?1",
            Self::Unclosed => "the end of the value is missing",
            Self::AfterValue => "something follows the value",
            Self::TrailingComma => "a comma with nothing behind it",
        })
    }
}

impl core::error::Error for StructuredError {}

type Read<T> = Result<T, ParseError<StructuredError>>;

/// Reads a field line that is one item; its parameters are passed over. RFC 9651 §3.3, §4.2.3
///
/// ```
/// use semantics::structured::{Value, item};
/// assert_eq!(item(b"?1;why=\"done\""), Ok(Value::Boolean(true)));
/// assert!(item(b"1, 2").is_err());
/// ```
pub fn item(line: &[u8]) -> Read<Value<'_>> {
    let mut reader = Reader { line, at: 0 };
    reader.skip(|byte| byte == b' ');
    let value = reader.item()?;
    reader.skip(|byte| byte == b' ');
    if reader.at < line.len() { Err(reader.refusal(StructuredError::AfterValue)) } else { Ok(value) }
}

/// The members of a field line that is a dictionary, each with the offset of its value; after a refusal nothing follows.
/// RFC 9651 §3.2, §4.2.2
///
/// Of two members with one key the later one counts; that is for the caller to do.
///
/// ```
/// use semantics::structured::{Value, dictionary};
/// let members: Vec<_> = dictionary(b"a=1, b").map(|member| member.expect("well formed")).collect();
/// assert_eq!(members, [(&b"a"[..], 2, Value::Integer(1)), (b"b", 6, Value::Boolean(true))]);
/// ```
pub fn dictionary(line: &[u8]) -> impl Iterator<Item = Read<(&[u8], usize, Value<'_>)>> {
    let mut reader = Reader { line, at: 0 };
    reader.skip(|byte| byte == b' ');
    iter::from_fn(move || {
        let member = (reader.at < line.len()).then(|| reader.member())?;
        if member.is_err() {
            reader.at = line.len();
        }
        Some(member)
    })
}

/// A place in a line, from which reading goes on.
struct Reader<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn skip(&mut self, which: impl Fn(u8) -> bool) {
        self.at += self.line[self.at..].iter().take_while(|&&byte| which(byte)).count();
    }

    /// Goes past a byte, if it is the next.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    const fn refusal(&self, what: StructuredError) -> ParseError<StructuredError> {
        ParseError::new(self.at, what)
    }

    /// A member of a dictionary, and the comma behind it. RFC 9651 §4.2.2
    fn member(&mut self) -> Read<(&'a [u8], usize, Value<'a>)> {
        let key = self.key()?;
        let (start, value) = if self.take(b'=') {
            (self.at, if self.peek() == Some(b'(') { self.inner_list()? } else { self.item()? })
        } else {
            let start = self.at;
            self.parameters()?;
            (start, Value::Boolean(true))
        };
        self.skip(is_ows);
        if self.at < self.line.len() {
            if !self.take(b',') {
                return Err(self.refusal(StructuredError::AfterValue));
            }
            self.skip(is_ows);
            if self.at == self.line.len() {
                return Err(self.refusal(StructuredError::TrailingComma));
            }
        }
        Ok((key, start, value))
    }

    /// RFC 9651 §4.2.3.3
    fn key(&mut self) -> Read<&'a [u8]> {
        let start = self.at;
        if !self.peek().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'*') {
            return Err(self.refusal(StructuredError::NoKey));
        }
        self.skip(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*')
        });
        Ok(&self.line[start..self.at])
    }

    /// RFC 9651 §4.2.1.2
    fn inner_list(&mut self) -> Read<Value<'a>> {
        self.at += 1;
        loop {
            self.skip(|byte| byte == b' ');
            if self.take(b')') {
                self.parameters()?;
                return Ok(Value::Other);
            }
            self.item()?;
            match self.peek() {
                Some(b' ' | b')') => {}
                Some(_) => return Err(self.refusal(StructuredError::AfterValue)),
                None => return Err(self.refusal(StructuredError::Unclosed)),
            }
        }
    }

    fn item(&mut self) -> Read<Value<'a>> {
        let value = self.bare_item()?;
        self.parameters()?;
        Ok(value)
    }

    /// RFC 9651 §4.2.3.2
    fn parameters(&mut self) -> Read<()> {
        while self.take(b';') {
            self.skip(|byte| byte == b' ');
            self.key()?;
            if self.take(b'=') {
                self.bare_item()?;
            }
        }
        Ok(())
    }

    /// RFC 9651 §4.2.3.1
    fn bare_item(&mut self) -> Read<Value<'a>> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'"') => self.string(),
            Some(b'*' | b'a'..=b'z' | b'A'..=b'Z') => {
                self.skip(|byte| is_tchar(byte) || matches!(byte, b':' | b'/'));
                Ok(Value::Other)
            }
            Some(b':') => self.octets(),
            Some(b'?') => self.boolean(),
            Some(b'@') => self.date(),
            Some(b'%') => self.display_string(),
            _ => Err(self.refusal(StructuredError::NoValue)),
        }
    }

    /// RFC 9651 §4.2.4
    fn number(&mut self) -> Read<Value<'a>> {
        let start = self.at;
        let negative = self.take(b'-');
        let whole = self.digits();
        if whole.is_empty() || whole.len() > 15 {
            return Err(ParseError::new(start, StructuredError::Number));
        }
        if self.take(b'.') {
            let fraction = self.digits().len();
            if whole.len() > 12 || !(1..=3).contains(&fraction) {
                return Err(ParseError::new(start, StructuredError::Number));
            }
            return Ok(Value::Other);
        }
        let number = whole.iter().fold(0, |number, &digit| number * 10 + i64::from(digit - b'0'));
        Ok(Value::Integer(if negative { -number } else { number }))
    }

    fn digits(&mut self) -> &'a [u8] {
        let start = self.at;
        self.skip(|byte| byte.is_ascii_digit());
        &self.line[start..self.at]
    }

    /// RFC 9651 §4.2.5
    fn string(&mut self) -> Read<Value<'a>> {
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(Value::Other);
                }
                b'\\' if matches!(self.line.get(self.at + 1), Some(b'"' | b'\\')) => self.at += 2,
                b'\\' => return Err(self.refusal(StructuredError::BadByte)),
                0x20..=0x7e => self.at += 1,
                _ => return Err(self.refusal(StructuredError::BadByte)),
            }
        }
        Err(self.refusal(StructuredError::Unclosed))
    }

    /// RFC 9651 §4.2.7
    fn octets(&mut self) -> Read<Value<'a>> {
        self.at += 1;
        let start = self.at;
        self.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        let base64 = &self.line[start..self.at];
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                Ok(Value::Octets(base64))
            }
            Some(_) => Err(self.refusal(StructuredError::BadByte)),
            None => Err(self.refusal(StructuredError::Unclosed)),
        }
    }

    /// RFC 9651 §4.2.8
    fn boolean(&mut self) -> Read<Value<'a>> {
        self.at += 1;
        match self.peek() {
            Some(digit @ (b'0' | b'1')) => {
                self.at += 1;
                Ok(Value::Boolean(digit == b'1'))
            }
            _ => Err(self.refusal(StructuredError::Boolean)),
        }
    }

    /// RFC 9651 §4.2.9
    fn date(&mut self) -> Read<Value<'a>> {
        let start = self.at;
        self.at += 1;
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.refusal(StructuredError::Number));
        }
        match self.number()? {
            Value::Integer(_) => Ok(Value::Other),
            _ => Err(ParseError::new(start, StructuredError::Number)),
        }
    }

    /// RFC 9651 §4.2.10; whether it is UTF-8 nobody asks.
    fn display_string(&mut self) -> Read<Value<'a>> {
        self.at += 1;
        if !self.take(b'"') {
            return Err(self.refusal(StructuredError::BadByte));
        }
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(Value::Other);
                }
                b'%' => match self.line.get(self.at + 1..self.at + 3) {
                    Some(digits) if digits.iter().all(is_hex) => self.at += 3,
                    _ => return Err(self.refusal(StructuredError::BadByte)),
                },
                0x20..=0x7e => self.at += 1,
                _ => return Err(self.refusal(StructuredError::BadByte)),
            }
        }
        Err(self.refusal(StructuredError::Unclosed))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::StructuredError::*;
    use super::*;
    use proptest::prelude::*;
    use std::{format, vec::Vec};

    fn read(line: &str) -> Result<Value<'_>, (usize, StructuredError)> {
        item(line.as_bytes()).map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn items_are_read() {
        for (line, value) in [
            ("0", Value::Integer(0)),
            (" -0042 ", Value::Integer(-42)),
            ("999999999999999", Value::Integer(LARGEST_INTEGER)),
            ("?1", Value::Boolean(true)),
            ("?0;a;b=?1; *c=\"x\"", Value::Boolean(false)),
            (":YQ==:", Value::Octets(b"YQ==")),
            ("::", Value::Octets(b"")),
            ("1.5", Value::Other),
            ("-123456789012.123", Value::Other),
            (r#""a \"b\" \\""#, Value::Other),
            ("*to:k/en", Value::Other),
            ("@1659578233", Value::Other),
            (r#"%"f%c3%bc""#, Value::Other),
        ] {
            assert_eq!(read(line), Ok(value), "{line}");
        }
    }

    #[test]
    fn what_is_no_item_is_refused() {
        for (line, at, what) in [
            ("", 0, NoValue),
            ("  ", 2, NoValue),
            ("(1)", 0, NoValue),
            ("-", 0, Number),
            ("1000000000000000", 0, Number),
            ("1.", 0, Number),
            ("1.2345", 0, Number),
            ("1234567890123.1", 0, Number),
            ("+1", 0, NoValue),
            ("1 2", 2, AfterValue),
            ("1,", 1, AfterValue),
            ("1\t", 1, AfterValue),
            ("?", 1, Boolean),
            ("?2", 1, Boolean),
            ("?10", 2, AfterValue),
            ("\"a", 2, Unclosed),
            ("\"a\\b\"", 2, BadByte),
            ("\"\u{e9}\"", 1, BadByte),
            (":YQ==", 5, Unclosed),
            (":Y Q:", 2, BadByte),
            (":Y_Q:", 2, BadByte),
            ("@1.5", 0, Number),
            ("@", 1, Number),
            ("%x", 1, BadByte),
            ("%\"%C3\"", 2, BadByte),
            ("%\"%c", 2, BadByte),
            ("1;A=1", 2, NoKey),
            ("1;a=", 4, NoValue),
            ("1 ;a", 2, AfterValue),
        ] {
            assert_eq!(read(line), Err((at, what)), "{line}");
        }
    }

    type Member<'a> = (&'a [u8], usize, Value<'a>);

    fn members(line: &str) -> Vec<Result<Member<'_>, (usize, StructuredError)>> {
        dictionary(line.as_bytes()).map(|member| member.map_err(|refusal| (refusal.at, refusal.what))).collect()
    }

    #[test]
    fn dictionaries_are_read() {
        assert_eq!(members(""), []);
        assert_eq!(members("  "), []);
        let all = members("a=1,b;x=2 \t,\t c=(1 \"b\" ?0;y);z, *d=?0");
        let is = [
            (&b"a"[..], 2, Value::Integer(1)),
            (b"b", 5, Value::Boolean(true)),
            (b"c", 16, Value::Other),
            (b"*d", 35, Value::Boolean(false)),
        ];
        assert_eq!(all, is.map(Ok));
        assert_eq!(members("a=()"), [Ok((&b"a"[..], 2, Value::Other))]);
    }

    #[test]
    fn a_refusal_ends_a_dictionary() {
        let first = Ok((&b"a"[..], 2, Value::Integer(1)));
        for (line, at, what) in [
            ("a=1, B=2, c=3", 5, NoKey),
            ("a=1, b=, c=3", 7, NoValue),
            ("a=1, b=(1", 9, Unclosed),
            ("a=1, b=(1\"x\")", 9, AfterValue),
            ("a=1, b=2 c", 9, AfterValue),
            ("a=1, b =2", 7, AfterValue),
        ] {
            assert_eq!(members(line), [first, Err((at, what))], "{line}");
        }
        assert_eq!(members("a=1, "), [Err((5, TrailingComma))]);
        assert_eq!(members(","), [Err((0, NoKey))]);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = item(&bytes);
            prop_assert!(dictionary(&bytes).count() <= bytes.len());
        }

        #[test]
        fn near_misses_do_not_panic(line in "[ab*=;, ()\"\\\\:?@%.01-]{0,24}") {
            for refusal in dictionary(line.as_bytes()).filter_map(Result::err) {
                prop_assert!(refusal.at <= line.len());
            }
        }

        #[test]
        fn a_written_number_reads_back(number in -LARGEST_INTEGER..=LARGEST_INTEGER) {
            let line = format!("{number}");
            prop_assert_eq!(read(&line), Ok(Value::Integer(number)));
        }
    }
}
