//! Text of HTML, between tags and in attributes with quotation marks.

use super::percent::{self, REFERENCE};
use super::{REPLACEMENT, Sink, escaping, lossy};

/// Appends a text of ours, or of the operator's: what HTML means something by is escaped.
///
/// ```
/// use semantics::text::html::text;
/// let mut out = String::new();
/// text("a < b & 'c'", &mut out);
/// assert_eq!(out, "a &lt; b &amp; &#39;c&#39;");
/// ```
pub fn text(text: &str, out: &mut impl Sink) {
    escaping(
        text,
        out,
        |character| reference(character).is_none(),
        |character, out| {
            out.put(reference(character).unwrap_or_default());
        },
    );
}

/// Appends a name that somebody else has chosen: shown as U+FFFD is what is no UTF-8, a control, and a character that changes the
/// direction of what follows, so that no name can pose as another.
pub fn name(octets: &[u8], out: &mut impl Sink) {
    lossy(octets, out, |valid, out| {
        escaping(
            valid,
            out,
            |character| reference(character).is_none() && is_seen(character),
            |character, out| {
                out.put(reference(character).unwrap_or(REPLACEMENT));
            },
        );
    });
}

/// Appends a reference that is ready to be written, in an attribute; what no URI has is encoded in percent.
///
/// ```
/// use semantics::text::html::uri;
/// let mut out = String::new();
/// uri(b"/new?a=1&b='2\"", &mut out);
/// assert_eq!(out, "/new?a=1&amp;b=&#39;2%22");
/// ```
pub fn uri(reference: &[u8], out: &mut impl Sink) {
    for part in reference.split_inclusive(|octet| matches!(octet, b'&' | b'\'')) {
        let (end, before) = part.split_last().expect("a part has its end, or what is no end");
        match end {
            b'&' | b'\'' => {
                percent::encode(before, &REFERENCE, out);
                out.put(self::reference(char::from(*end)).unwrap_or_default());
            }
            _ => percent::encode(part, &REFERENCE, out),
        }
    }
}

/// What stands for a character that means something (HTML §13.1.4).
pub(super) const fn reference(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

/// Is it seen, and does it leave the others where they are (Unicode Standard Annex 9 §2)?
const fn is_seen(character: char) -> bool {
    !matches!(
        character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn shown(octets: &[u8]) -> String {
        let mut out = String::new();
        name(octets, &mut out);
        out
    }

    #[test]
    fn names_are_text() {
        assert_eq!(shown(b"<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
        assert_eq!(shown(b"a&\"b"), "a&amp;&quot;b");
        assert_eq!(shown(b"caf\xe9\n"), "caf\u{fffd}\u{fffd}");
        assert_eq!(shown("a\u{202e}gpj.exe שלום".as_bytes()), "a\u{fffd}gpj.exe שלום");
    }

    #[test]
    fn a_text_of_ours_keeps_its_lines() {
        let mut out = String::new();
        text("\"a\"\n<b>", &mut out);
        assert_eq!(out, "&quot;a&quot;\n&lt;b&gt;");
    }

    proptest! {
        #[test]
        fn nothing_becomes_markup(octets: Vec<u8>) {
            let out = shown(&octets);
            prop_assert!(!out.contains(['<', '>', '"', '\'']) && !out.chars().any(char::is_control));
        }
    }
}
