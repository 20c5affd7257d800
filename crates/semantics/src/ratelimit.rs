//! RateLimit-Policy and RateLimit: how often a client may ask, and how it stands.
//! draft-ietf-httpapi-ratelimit-headers-10
//!
//! Values are written here, not read: they are a server's to tell. Who is counted and how is not known here.

use alloc::vec::Vec;
use core::fmt;

use crate::structured::LARGEST_INTEGER;
use crate::syntax::{ParseError, write_u64};

/// The name of a policy, which both fields tell: a String of structured fields, so printable ASCII (RFC 9651 §3.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PolicyName<'a>(&'a str);

/// What can be wrong with the name of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyNameError {
    /// There is none.
    Empty,
    /// A control, or a letter beyond ASCII.
    NotPrintable,
}

impl fmt::Display for PolicyNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the name is missing",
            Self::NotPrintable => "a character that is not printable ASCII",
        })
    }
}

impl core::error::Error for PolicyNameError {}

impl<'a> PolicyName<'a> {
    /// The name where none is told.
    pub const DEFAULT: PolicyName<'static> = PolicyName("default");

    /// A name, if a field can tell it; a refusal tells the offset of the byte that offends.
    ///
    /// ```
    /// use semantics::ratelimit::PolicyName;
    /// assert!(PolicyName::new("log in").is_ok());
    /// assert_eq!(PolicyName::new("öffnen").map_err(|refusal| refusal.at), Err(0));
    /// ```
    pub fn new(name: &'a str) -> Result<Self, ParseError<PolicyNameError>> {
        match name.bytes().position(|byte| !matches!(byte, b' '..=b'~')) {
            _ if name.is_empty() => Err(ParseError::new(0, PolicyNameError::Empty)),
            Some(at) => Err(ParseError::new(at, PolicyNameError::NotPrintable)),
            None => Ok(Self(name)),
        }
    }
}

/// Adds a policy to the value of RateLimit-Policy: how many requests, and within how many seconds, if that can be told.
///
/// ```
/// use semantics::ratelimit::{PolicyName, policy};
/// let mut value = Vec::new();
/// policy(&mut value, PolicyName::new("burst").expect("a name"), 100, Some(60));
/// policy(&mut value, PolicyName::new("daily").expect("a name"), 1_000, Some(86_400));
/// assert_eq!(value, br#""burst";q=100;w=60, "daily";q=1000;w=86400"#);
/// ```
pub fn policy(value: &mut Vec<u8>, name: PolicyName<'_>, quota: u64, window_seconds: Option<u64>) {
    member(value, name);
    parameter(value, b";q=", quota);
    if let Some(seconds) = window_seconds {
        parameter(value, b";w=", seconds);
    }
}

/// Adds to the value of RateLimit how it stands with a policy: how many requests are left, and in how many seconds all
/// of them will be, if that can be told.
///
/// ```
/// use semantics::ratelimit::{PolicyName, limit};
/// let mut value = Vec::new();
/// limit(&mut value, PolicyName::new("burst").expect("a name"), 50, Some(30));
/// assert_eq!(value, br#""burst";r=50;t=30"#);
/// ```
pub fn limit(value: &mut Vec<u8>, name: PolicyName<'_>, remaining: u64, reset_seconds: Option<u64>) {
    member(value, name);
    parameter(value, b";r=", remaining);
    if let Some(seconds) = reset_seconds {
        parameter(value, b";t=", seconds);
    }
}

/// A String as the next member of a List. RFC 9651 §4.1.1, §4.1.6
fn member(value: &mut Vec<u8>, name: PolicyName<'_>) {
    if !value.is_empty() {
        value.extend(b", ");
    }
    value.push(b'"');
    for byte in name.0.bytes() {
        if matches!(byte, b'"' | b'\\') {
            value.push(b'\\');
        }
        value.push(byte);
    }
    value.push(b'"');
}

/// An Integer has 15 digits at most (RFC 9651 §3.3.1); more than that is as much as can be told.
fn parameter(value: &mut Vec<u8>, key: &[u8], number: u64) {
    value.extend(key);
    value.extend(write_u64(number.min(LARGEST_INTEGER.cast_unsigned()), &mut [0; 20]));
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::structured::{Value, item};
    use proptest::prelude::*;
    use std::{format, string::String};

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut value = Vec::new();
        write(&mut value);
        String::from_utf8(value).expect("ASCII")
    }

    fn name(text: &str) -> PolicyName<'_> {
        PolicyName::new(text).expect("a name")
    }

    #[test]
    fn values_are_written() {
        assert_eq!(written(|value| policy(value, name("default"), 100, None)), r#""default";q=100"#);
        assert_eq!(written(|value| limit(value, name("default"), 0, None)), r#""default";r=0"#);
        let both = written(|value| {
            limit(value, name("a"), 1, Some(2));
            limit(value, name(r#"b "\"#), u64::MAX, Some(0));
        });
        assert_eq!(both, r#""a";r=1;t=2, "b \"\\";r=999999999999999;t=0"#);
    }

    #[test]
    fn names_are_printable() {
        for (text, offence) in [
            ("", Some((0, PolicyNameError::Empty))),
            ("a\tb", Some((1, PolicyNameError::NotPrintable))),
            ("a\r\nb", Some((1, PolicyNameError::NotPrintable))),
            ("aé", Some((1, PolicyNameError::NotPrintable))),
            ("a b~", None),
        ] {
            let refused = PolicyName::new(text).err().map(|refusal| (refusal.at, refusal.what));
            assert_eq!(refused, offence, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_a_structured_field(text in "[ -~]{1,12}", count: u64, seconds: Option<u64>) {
            for value in [
                written(|value| policy(value, name(&text), count, seconds)),
                written(|value| limit(value, name(&text), count, seconds)),
            ] {
                prop_assert_eq!(item(value.as_bytes()), Ok(Value::Other), "{}", value);
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
                let start = format!("\"{escaped}\";");
                prop_assert!(value.starts_with(&start), "{}", value);
            }
        }

        #[test]
        fn nothing_panics(text in ".{0,12}") {
            prop_assert!(PolicyName::new(&text).map_or_else(|refusal| refusal.at <= text.len(), |_| true));
        }
    }
}
