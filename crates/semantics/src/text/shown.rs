//! Octets of a request before a person's eyes: whatever could not be seen, or could speak to a terminal, is told by its number.
//!
//! Octets beyond ASCII are told so, too: whatever they were meant to be, they are no letters that could mislead a reader.

use alloc::vec::Vec;

use super::percent::digits;
use super::{Sink, html};
use crate::syntax::hex_value;

/// Where they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In lines of text.
    Text,
    /// In a page.
    Html,
    /// In a string of JSON.
    Json,
}

const HTML: u8 = 1;
const JSON: u8 = 2;
const UNSEEN: u8 = 4;
const APART: u8 = 8;

/// Which octets each form escapes.
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        class[octet] = match octet as u8 {
            b'&' | b'\'' | b'<' | b'>' => HTML,
            b'"' => HTML | JSON,
            b'\\' => JSON | APART,
            b' ' => APART,
            0..=0x1f | 0x7f.. => UNSEEN,
            _ => 0,
        };
        octet += 1;
    }
    class
};

/// Appends octets as they are shown in this form.
///
/// ```
/// use semantics::text::shown::{Form, octets};
/// let mut out = String::new();
/// octets(b"<\x1b\"", Form::Html, &mut out);
/// octets(b"<\x1b\"", Form::Json, &mut out);
/// assert_eq!(out, r#"&lt;\x1B&#34;<\\x1B\""#);
/// ```
pub fn octets(octets: &[u8], form: Form, out: &mut impl Sink) {
    let escapes = UNSEEN
        | match form {
            Form::Text => 0,
            Form::Html => HTML,
            Form::Json => JSON,
        };
    runs(octets, escapes, out, |octet, out| escape(octet, form, out));
}

/// Appends octets as one word of a line, from which [`read_word`] reads them back: a space and a backslash are escaped, too.
pub fn word(octets: &[u8], out: &mut impl Sink) {
    runs(octets, UNSEEN | APART, out, |octet, out| {
        number("\\x", &lower(octet), out);
    });
}

/// The octets of a word that was written by [`word`]; nothing, if it was not.
///
/// ```
/// use semantics::text::shown::{read_word, word};
/// let mut out = String::new();
/// word(b"/a b\\\xff", &mut out);
/// assert_eq!(out, r"/a\x20b\x5c\xff");
/// assert_eq!(read_word(&out).as_deref(), Some(&b"/a b\\\xff"[..]));
/// ```
pub fn read_word(word: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = |octet: u8| CLASS[usize::from(octet)] & (UNSEEN | APART) != 0;
        rest = after;
        match first {
            b'\\' => {
                let ([b'x', high, low], after) = after.split_first_chunk()? else { return None };
                let octet = hex_value(*high)? << 4 | hex_value(*low)?;
                // each octet is written in one way only
                if !escaped(octet) || lower(octet) != [*high, *low] {
                    return None;
                }
                out.push(octet);
                rest = after;
            }
            octet if escaped(octet) => return None,
            octet => out.push(octet),
        }
    }
    Some(out)
}

fn runs<S: Sink>(octets: &[u8], escapes: u8, out: &mut S, escape: impl Fn(u8, &mut S)) {
    let mut rest = octets;
    while !rest.is_empty() {
        let stands = rest.iter().position(|octet| CLASS[usize::from(*octet)] & escapes != 0).unwrap_or(rest.len());
        let (run, after) = rest.split_at(stands);
        out.put(core::str::from_utf8(run).expect("what is beyond ASCII is escaped in every form"));
        rest = after;
        if let Some((octet, after)) = after.split_first() {
            escape(*octet, out);
            rest = after;
        }
    }
}

#[cold]
fn escape(octet: u8, form: Form, out: &mut impl Sink) {
    match (form, octet) {
        (Form::Json, b'"') => out.put("\\\""),
        (Form::Json, b'\\') => out.put("\\\\"),
        (Form::Json, _) => number("\\\\x", &digits(octet), out),
        // shorter than `&quot;`
        (Form::Html, b'"') => out.put("&#34;"),
        (Form::Html, b' '..=b'~') => out.put(html::reference(char::from(octet)).unwrap_or_default()),
        (Form::Html | Form::Text, _) => number("\\x", &digits(octet), out),
    }
}

/// The digits of an octet in a word: small ones, which stand out among the capitals of a URI's.
const fn lower(octet: u8) -> [u8; 2] {
    let [high, low] = digits(octet);
    [high.to_ascii_lowercase(), low.to_ascii_lowercase()]
}

fn number(mark: &str, digits: &[u8; 2], out: &mut impl Sink) {
    out.put(mark);
    out.put(core::str::from_utf8(digits).expect("digits are ASCII"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use proptest::prelude::*;

    #[test]
    fn each_form_has_its_escapes() {
        for (form, text) in [
            (Form::Text, r#"a<&>'"\ \x0A\x7F\xC3\xA9"#),
            (Form::Html, r"a&lt;&amp;&gt;&#39;&#34;\ \x0A\x7F\xC3\xA9"),
            (Form::Json, r#"a<&>'\"\\ \\x0A\\x7F\\xC3\\xA9"#),
        ] {
            let mut out = String::new();
            octets("a<&>'\"\\ \n\u{7f}é".as_bytes(), form, &mut out);
            assert_eq!(out, text, "{form:?}");
        }
    }

    #[test]
    fn what_is_no_word_of_ours_is_not_read() {
        for text in ["a b", "é", "\\", "\\x", "\\x0", "\\x0g", "\\n", "\\x0A", "\\x41"] {
            assert_eq!(read_word(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_are_read_back(octets: Vec<u8>) {
            let mut out = String::new();
            word(&octets, &mut out);
            prop_assert!(out.bytes().all(|octet| octet.is_ascii_graphic()));
            prop_assert_eq!(read_word(&out), Some(octets));
        }

        #[test]
        fn nothing_panics(text: String) {
            let _ = read_word(&text);
        }
    }
}
