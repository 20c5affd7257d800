//! Percent-encoding (RFC 3986 §2.1). Which octets stand as they are depends on the part of the URI, and is a named [`Set`].

use super::Sink;

/// The octets that stand in a part of a URI as they are; all others are encoded.
#[derive(Debug)]
pub struct Set([bool; 256]);

impl Set {
    /// Does this octet stand as it is?
    #[inline]
    pub const fn has(&self, octet: u8) -> bool {
        self.0[octet as usize]
    }

    /// These octets besides those of `set`; they are ASCII, as all of a URI is.
    const fn with(set: &Set, octets: &[u8]) -> Set {
        let mut all = set.0;
        let mut at = 0;
        while at < octets.len() {
            assert!(octets[at].is_ascii());
            all[octets[at] as usize] = true;
            at += 1;
        }
        Set(all)
    }
}

/// RFC 3986 §2.3: nothing here means anything in any part of a URI, so a name written by it is one segment and stays so.
pub static UNRESERVED: Set = {
    let mut set = [false; 256];
    let mut octet = 0u8;
    while octet.is_ascii() {
        set[octet as usize] = octet.is_ascii_alphanumeric();
        octet += 1;
    }
    Set::with(&Set(set), b"-._~")
};

/// Names and the slashes between them: a path that we make.
pub static PATH: Set = Set::with(&UNRESERVED, b"/");

/// What a path may have as it is (RFC 3986 §3.3): the form in which people write one.
pub static PATH_AS_WRITTEN: Set = Set::with(&PATH, b"!$&'()*+,;=:@");

/// What a query that somebody else made keeps (RFC 3986 §3.4), the `%` of its own escapes too.
pub static QUERY: Set = Set::with(&PATH_AS_WRITTEN, b"?%");

/// All that a URI may have (RFC 3986 §2): for a reference that is ready but for octets that no URI has.
pub static REFERENCE: Set = Set::with(&QUERY, b"#[]");

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// The two digits of an octet (RFC 3986 §2.1 has them in upper case).
#[inline]
pub const fn digits(octet: u8) -> [u8; 2] {
    [DIGITS[(octet >> 4) as usize], DIGITS[(octet & 15) as usize]]
}

/// Appends octets; those that are not of the set are encoded.
///
/// ```
/// use semantics::text::percent::{UNRESERVED, encode};
/// let mut out = String::new();
/// encode(b"a b/\xff", &UNRESERVED, &mut out);
/// assert_eq!(out, "a%20b%2F%FF");
/// ```
pub fn encode(octets: &[u8], keep: &Set, out: &mut impl Sink) {
    let mut rest = octets;
    while !rest.is_empty() {
        let kept = rest.iter().position(|octet| !keep.has(*octet)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(kept);
        out.put(core::str::from_utf8(run).expect("each set is of ASCII"));
        rest = after;
        if let Some((octet, after)) = after.split_first() {
            self::octet(*octet, out);
            rest = after;
        }
    }
}

/// Appends one octet, encoded.
#[inline]
pub fn octet(octet: u8, out: &mut impl Sink) {
    let [high, low] = digits(octet);
    out.put(core::str::from_utf8(&[b'%', high, low]).expect("digits are ASCII"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::percent_decoded;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn encoded(octets: &[u8], keep: &Set) -> String {
        let mut out = String::new();
        encode(octets, keep, &mut out);
        out
    }

    /// What each set has beyond letters and digits.
    #[test]
    fn sets_are_those_of_the_parts() {
        let marks = |set: &Set| -> String {
            (0..=u8::MAX).filter(|octet| set.has(*octet) && !octet.is_ascii_alphanumeric()).map(char::from).collect()
        };
        assert_eq!(marks(&UNRESERVED), "-._~");
        assert_eq!(marks(&PATH), "-./_~");
        assert_eq!(marks(&PATH_AS_WRITTEN), "!$&'()*+,-./:;=@_~");
        assert_eq!(marks(&QUERY), "!$%&'()*+,-./:;=?@_~");
        assert_eq!(marks(&REFERENCE), "!#$%&'()*+,-./:;=?@[]_~");
    }

    #[test]
    fn what_is_not_of_the_set_is_encoded() {
        assert_eq!(encoded(b"a-b_c.d~e", &UNRESERVED), "a-b_c.d~e");
        assert_eq!(
            encoded(b"a:b/c?d#e%f\"g'h<i&j;k=l\n", &UNRESERVED),
            "a%3Ab%2Fc%3Fd%23e%25f%22g%27h%3Ci%26j%3Bk%3Dl%0A"
        );
        assert_eq!(encoded(b"b=c&d=/e?%20<\xff", &QUERY), "b=c&d=/e?%20%3C%FF");
        assert_eq!(encoded(b"http://[::1]/a#b\\^`{|}\"", &REFERENCE), "http://[::1]/a#b%5C%5E%60%7B%7C%7D%22");
    }

    proptest! {
        #[test]
        fn octets_are_read_back(octets: Vec<u8>) {
            for set in [&UNRESERVED, &PATH, &PATH_AS_WRITTEN] {
                let text = encoded(&octets, set);
                let (mut read, mut rest) = (Vec::new(), text.as_bytes());
                while let Some((first, after)) = rest.split_first() {
                    let octet = if *first == b'%' { percent_decoded(rest).expect("two digits") } else { *first };
                    read.push(octet);
                    rest = if *first == b'%' { &rest[3..] } else { after };
                }
                prop_assert_eq!(&read, &octets);
            }
        }
    }
}
