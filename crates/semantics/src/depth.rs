//! The short fields of WebDAV: Depth, Overwrite, Lock-Token, Timeout. RFC 4918 §10
//!
//! What a method does with them, and what it takes for granted where they are missing, is the decision's.

use crate::syntax::{List, parse_u64_saturating, trim_ows};

/// How far below a collection a method reaches. RFC 4918 §10.2
///
/// ```
/// use semantics::depth::Depth;
/// assert_eq!(Depth::parse(b"Infinity"), Some(Depth::Infinity));
/// assert_eq!(Depth::parse(b"2"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// The resource alone.
    Zero,
    /// The resource and its members.
    One,
    /// The resource and all that is below it.
    Infinity,
}

impl Depth {
    /// Reads the value of Depth.
    pub fn parse(value: &[u8]) -> Option<Self> {
        match trim_ows(value) {
            b"0" => Some(Self::Zero),
            b"1" => Some(Self::One),
            word if word.eq_ignore_ascii_case(b"infinity") => Some(Self::Infinity),
            _ => None,
        }
    }

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "0",
            Self::One => "1",
            Self::Infinity => "infinity",
        }
    }
}

/// Reads the value of Overwrite: may what stands at the destination be replaced? RFC 4918 §10.6
///
/// ```
/// use semantics::depth::overwrite;
/// assert_eq!((overwrite(b"T"), overwrite(b"f"), overwrite(b"true")), (Some(true), Some(false), None));
/// ```
pub fn overwrite(value: &[u8]) -> Option<bool> {
    match trim_ows(value) {
        b"T" | b"t" => Some(true),
        b"F" | b"f" => Some(false),
        _ => None,
    }
}

/// Reads the value of Lock-Token: the URI in its angle brackets. RFC 4918 §10.5
///
/// ```
/// use semantics::depth::lock_token;
/// assert_eq!(lock_token(b"<urn:uuid:150852e2>"), Some(&b"urn:uuid:150852e2"[..]));
/// assert_eq!(lock_token(b"urn:uuid:150852e2"), None);
/// ```
pub fn lock_token(value: &[u8]) -> Option<&[u8]> {
    trim_ows(value).strip_prefix(b"<")?.strip_suffix(b">").filter(|uri| is_absolute_uri(uri))
}

/// Is this a scheme, a colon, and then only what a URI may be made of, without a fragment? RFC 3986 §4.3
pub(crate) fn is_absolute_uri(uri: &[u8]) -> bool {
    let Some(colon) = uri.iter().position(|&byte| byte == b':') else { return false };
    let (scheme, rest) = uri.split_at(colon);
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && is_uri_text(rest)
}

/// No space, no control, nothing beyond ASCII, and none of the delimiters of a URI (RFC 3986 §2), nor a fragment.
pub(crate) fn is_uri_text(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, 0x21..=0x7e) && !matches!(byte, b'<' | b'>' | b'"' | b'#'))
}

/// How long a lock shall live. RFC 4918 §10.7
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// So many seconds.
    Seconds(u32),
    /// For ever.
    Infinite,
}

/// Reads the lines of Timeout: the first action of the list that is understood. A number beyond 32 bits, which RFC 4918 §10.7
/// forbids, is as long as can be told.
///
/// ```
/// use semantics::depth::{Timeout, timeout};
/// assert_eq!(timeout([&b"Extend, Second-4100000000, Infinite"[..]]), Some(Timeout::Seconds(4_100_000_000)));
/// ```
pub fn timeout<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Option<Timeout> {
    lines.into_iter().flat_map(List::new).find_map(action)
}

fn action(word: &[u8]) -> Option<Timeout> {
    const SECONDS: usize = b"Second-".len();
    if word.eq_ignore_ascii_case(b"Infinite") {
        return Some(Timeout::Infinite);
    }
    let (unit, digits) = word.split_at_checked(SECONDS)?;
    if !unit.eq_ignore_ascii_case(b"Second-") {
        return None;
    }
    let seconds = parse_u64_saturating(digits).ok()?;
    Some(Timeout::Seconds(u32::try_from(seconds).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, vec::Vec};

    #[test]
    fn depths_are_three() {
        for (value, depth) in [
            ("0", Some(Depth::Zero)),
            (" 1 ", Some(Depth::One)),
            ("infinity", Some(Depth::Infinity)),
            ("INFINITY", Some(Depth::Infinity)),
            ("infinite", None),
            ("1,noroot", None),
            ("00", None),
            ("-1", None),
            ("2", None),
            ("", None),
        ] {
            assert_eq!(Depth::parse(value.as_bytes()), depth, "{value}");
            assert!(depth.is_none_or(|depth| Depth::parse(depth.name().as_bytes()) == Some(depth)));
        }
        assert!(Depth::Zero < Depth::One && Depth::One < Depth::Infinity);
    }

    #[test]
    fn overwrite_is_true_or_false() {
        for (value, may) in [("T", Some(true)), (" F ", Some(false)), ("t", Some(true)), ("TF", None), ("", None)] {
            assert_eq!(overwrite(value.as_bytes()), may, "{value}");
        }
    }

    #[test]
    fn a_lock_token_is_a_uri_in_brackets() {
        for (value, token) in [
            (
                "<opaquelocktoken:a515cfa4-5da4-22e1-f5b5-00a0451e6bf7>",
                Some("opaquelocktoken:a515cfa4-5da4-22e1-f5b5-00a0451e6bf7"),
            ),
            (" <DAV:no-lock> ", Some("DAV:no-lock")),
            ("<a+b-1.2:>", Some("a+b-1.2:")),
            ("<urn:x", None),
            ("urn:x>", None),
            ("<>", None),
            ("<:x>", None),
            ("<1a:x>", None),
            ("<no-scheme>", None),
            ("</path:x>", None),
            ("<urn:x y>", None),
            ("<urn:x#y>", None),
            ("<urn:\u{e9}>", None),
            ("<urn:x>>", None),
            ("<urn:x>, <urn:y>", None),
            ("(<urn:x>)", None),
            ("", None),
        ] {
            assert_eq!(lock_token(value.as_bytes()), token.map(str::as_bytes), "{value}");
        }
    }

    #[test]
    fn the_first_wish_that_is_understood_counts() {
        for (value, action) in [
            ("Second-0", Some(Timeout::Seconds(0))),
            ("second-604800", Some(Timeout::Seconds(604_800))),
            ("Infinite, Second-4100000000", Some(Timeout::Infinite)),
            ("Second-4100000000, Infinite", Some(Timeout::Seconds(4_100_000_000))),
            ("Second-4294967296", Some(Timeout::Seconds(u32::MAX))),
            ("Second-99999999999999999999", Some(Timeout::Seconds(u32::MAX))),
            ("Second-, Second-x, Second--1, Minute-5,, INFINITE", Some(Timeout::Infinite)),
            ("Extend", None),
            ("", None),
        ] {
            assert_eq!(timeout([value.as_bytes()]), action, "{value}");
        }
        assert_eq!(timeout([&b"soon"[..], b"Second-5"]), Some(Timeout::Seconds(5)));
        assert_eq!(timeout([]), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = (Depth::parse(&bytes), overwrite(&bytes), timeout([&bytes[..]]));
            prop_assert!(lock_token(&bytes).is_none_or(|token| token.len() < bytes.len()));
        }

        #[test]
        fn near_misses_do_not_panic(
            depth in "(0|1|infinity|Infinity|00| )[ 01a,]{0,2}",
            token in "<?[a-z:<> \"]{0,8}>?",
            line in "(Second-|second|Infinite)[0-9-]{0,12}(, ?(Second-[0-9]{0,3}|Infinite))?",
        ) {
            let depth = depth.trim();
            let known = ["0", "1"].contains(&depth) || depth.eq_ignore_ascii_case("infinity");
            prop_assert!(Depth::parse(depth.as_bytes()).is_none() || known);
            if let Some(read) = lock_token(token.as_bytes()) {
                prop_assert_eq!(read, &token.as_bytes()[1..token.len() - 1]);
            }
            let _ = timeout([line.as_bytes()]);
        }

        #[test]
        fn times_read_back(seconds: u32, before in "[a-r]{0,3}") {
            let line = format!("{before}, Second-{seconds}");
            prop_assert_eq!(timeout([line.as_bytes()]), Some(Timeout::Seconds(seconds)));
        }
    }
}
