//! Strings of JSON. All else of an object is written where it is told.

use crate::limits;
use semantics::text::json::{self, Plain};

/// Writes a text as a string of JSON.
pub(crate) fn text(out: &mut String, text: &str) {
    json::string(text, Plain::Unicode, out);
}

/// Writes octets of a request as a string of JSON: each is the Latin-1 character of its number, so that none is lost, and what is
/// beyond a length that people read is cut.
pub(crate) fn octets(out: &mut String, octets: &[u8]) {
    out.push('"');
    json::octets(&octets[..octets.len().min(limits::SHOWN)], Plain::Unicode, out);
    out.push_str(if octets.len() > limits::SHOWN { "…\"" } else { "\"" });
}

/// A member with a text, after a comma.
pub(crate) fn member(out: &mut String, name: &str, value: &str) {
    out.extend([",\"", name, "\":"]);
    text(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_read_back(given: String) {
            let mut out = String::new();
            text(&mut out, &given);
            prop_assert_eq!(serde_json::from_str::<String>(&out).expect("valid"), given);
            prop_assert!(!out.chars().any(char::is_control));
        }

        #[test]
        fn any_octets_are_read_back(given in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut out = String::new();
            octets(&mut out, &given);
            let read: String = serde_json::from_str(&out).expect("valid");
            prop_assert!(read.chars().zip(&given).take(limits::SHOWN).all(|(c, octet)| u32::from(c) == u32::from(*octet)));
            prop_assert_eq!(read.chars().count(), given.len().min(limits::SHOWN + 1));
        }
    }
}
