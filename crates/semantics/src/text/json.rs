//! Strings of JSON (RFC 8259 §7). The names of members and all else of an object are the caller's.

use super::{Sink, escaping, lossy};

/// Which characters stand in a string as they are. Both sets escape quotation marks, backslashes and controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Printable ASCII: for lines that pass through terminals and tools of every kind, as those of a log and of a record do.
    Ascii,
    /// Unicode, but for its controls and the two characters that end a line in a script (U+2028, U+2029).
    Unicode,
}

impl Plain {
    /// Does this character stand as it is?
    const fn has(self, character: char) -> bool {
        match character {
            '"' | '\\' => false,
            ' '..='~' => true,
            '\u{0}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => false,
            _ => matches!(self, Plain::Unicode),
        }
    }
}

/// Appends the inside of a string.
///
/// ```
/// use semantics::text::json::{Plain, text};
/// let mut out = String::new();
/// text("\"é\"\n", Plain::Unicode, &mut out);
/// text("é", Plain::Ascii, &mut out);
/// assert_eq!(out, r#"\"é\"\u000a\u00e9"#);
/// ```
pub fn text(text: &str, plain: Plain, out: &mut impl Sink) {
    escaping(text, out, |character| plain.has(character), escape);
}

/// Appends the inside of a string of octets that need not be UTF-8: each is the character of its number (Latin-1), so that none is
/// lost.
///
/// ```
/// use semantics::text::json::{Plain, octets};
/// let mut out = String::new();
/// octets(b"/\xff", Plain::Ascii, &mut out);
/// assert_eq!(out, r"/\u00ff");
/// ```
pub fn octets(octets: &[u8], plain: Plain, out: &mut impl Sink) {
    for run in octets.chunk_by(|one, other| stands(*one) == stands(*other)) {
        match core::str::from_utf8(run) {
            Ok(run) if run.as_bytes().first().copied().is_some_and(stands) => out.put(run),
            Ok(_) | Err(_) => run.iter().for_each(|octet| one(char::from(*octet), plain, out)),
        }
    }
}

/// Appends the inside of a string of octets that should be UTF-8; U+FFFD stands for what is none.
pub fn utf8(octets: &[u8], plain: Plain, out: &mut impl Sink) {
    lossy(octets, out, |valid, out| text(valid, plain, out));
}

/// Appends a string with its quotation marks.
pub fn string(value: &str, plain: Plain, out: &mut impl Sink) {
    out.put("\"");
    text(value, plain, out);
    out.put("\"");
}

/// Is it an octet that stands as it is in both sets?
const fn stands(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && octet != b'"' && octet != b'\\'
}

fn one(character: char, plain: Plain, out: &mut impl Sink) {
    if plain.has(character) { out.put(character.encode_utf8(&mut [0; 4])) } else { escape(character, out) }
}

/// Beyond U+FFFF a character is written as two halves.
fn escape(character: char, out: &mut impl Sink) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    if matches!(character, '"' | '\\') {
        out.put("\\");
        return out.put(character.encode_utf8(&mut [0; 4]));
    }
    for unit in character.encode_utf16(&mut [0; 2]) {
        let digit = |shift: u32| DIGITS[usize::from(*unit >> shift & 15)];
        let escape = [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)];
        out.put(core::str::from_utf8(&escape).expect("digits are ASCII"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    fn written(write: impl Fn(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn sets_differ_beyond_ascii_alone() {
        let both = "\"a\\b\"\n\u{7f}\u{85}\u{2028}é😀";
        assert_eq!(written(|out| text(both, Plain::Unicode, out)), r#"\"a\\b\"\u000a\u007f\u0085\u2028é😀"#);
        assert_eq!(
            written(|out| text(both, Plain::Ascii, out)),
            r#"\"a\\b\"\u000a\u007f\u0085\u2028\u00e9\ud83d\ude00"#
        );
    }

    #[test]
    fn octets_are_latin_1_or_utf_8() {
        let given = b"a\"\\\n\x7f\xa0\xff\xc3\xa9";
        assert_eq!(written(|out| octets(given, Plain::Ascii, out)), r#"a\"\\\u000a\u007f\u00a0\u00ff\u00c3\u00a9"#);
        assert_eq!(written(|out| octets(given, Plain::Unicode, out)), "a\\\"\\\\\\u000a\\u007f\u{a0}ÿÃ©");
        assert_eq!(written(|out| utf8(given, Plain::Unicode, out)), "a\\\"\\\\\\u000a\\u007f\u{fffd}\u{fffd}é");
        assert_eq!(written(|out| string("é", Plain::Unicode, out)), "\"é\"");
    }

    /// Reads the inside of a string back.
    fn read(text: &str) -> String {
        let (mut units, mut rest) = (alloc::vec::Vec::new(), text.chars());
        while let Some(character) = rest.next() {
            match (character, character == '\\').1.then(|| rest.next().expect("an escape")) {
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).expect("digits"));
                }
                Some(escaped) => units.push(escaped as u16),
                None => units.extend_from_slice(character.encode_utf16(&mut [0; 2])),
            }
        }
        String::from_utf16(&units).expect("whole characters")
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(given: String, octet: alloc::vec::Vec<u8>) {
            for plain in [Plain::Ascii, Plain::Unicode] {
                let out = written(|out| text(&given, plain, out));
                prop_assert!(!out.chars().any(char::is_control) && (plain == Plain::Unicode || out.is_ascii()));
                prop_assert_eq!(read(&out), given.clone());
                let latin: String = octet.iter().map(|octet| char::from(*octet)).collect();
                prop_assert_eq!(read(&written(|out| octets(&octet, plain, out))), latin);
            }
        }
    }
}
