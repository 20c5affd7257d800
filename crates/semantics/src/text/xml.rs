//! Text of XML 1.0, between tags and in attributes in double quotation marks.

use super::percent::{self, REFERENCE};
use super::{REPLACEMENT, Sink};

const NO_TEXT: u8 = 1;
const BEYOND: u8 = 2;

/// What each octet is: never in a text as it is, beyond ASCII.
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        class[octet] = match octet as u8 {
            b'&' | b'<' | b'>' | b'"' | 0..=0x1f => NO_TEXT,
            0x80.. => BEYOND,
            _ => 0,
        };
        octet += 1;
    }
    class
};

/// Appends octets as text. What is no UTF-8, or no character of XML (§2.2), is shown as U+FFFD.
///
/// ```
/// use semantics::text::xml::text;
/// let mut out = String::new();
/// text(b"<a>\n\xff", &mut out);
/// assert_eq!(out, "&lt;a&gt;&#10;\u{fffd}");
/// ```
pub fn text(octets: &[u8], out: &mut impl Sink) {
    // most is plain to its end
    let plain = octets.iter().position(|octet| CLASS[usize::from(*octet)] != 0);
    let (plain, rest) = octets.split_at(plain.unwrap_or(octets.len()));
    out.put(core::str::from_utf8(plain).expect("what is beyond ASCII is in the rest"));
    if !rest.is_empty() {
        super::lossy(rest, out, odd);
    }
}

fn odd(valid: &str, out: &mut impl Sink) {
    let stands = |character: char| match character {
        '\0'..='\x7f' => CLASS[character as usize] & NO_TEXT == 0,
        _ => !matches!(character, '\u{fffe}' | '\u{ffff}'),
    };
    super::escaping(valid, out, stands, |character, out| out.put(escaped(character)));
}

/// Appends a reference that is ready to be written; what no URI has is encoded in percent.
pub fn uri(reference: &[u8], out: &mut impl Sink) {
    for (nth, part) in reference.split(|octet| *octet == b'&').enumerate() {
        out.put(if nth > 0 { "&amp;" } else { "" });
        percent::encode(part, &REFERENCE, out);
    }
}

/// What stands for a character that no text has as it is. White space would be changed by whoever reads it (§2.11, §3.3.3).
const fn escaped(character: char) -> &'static str {
    match character {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\t' => "&#9;",
        '\n' => "&#10;",
        '\r' => "&#13;",
        _ => REPLACEMENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn text_has_no_markup_and_no_character_that_xml_has_not() {
        let mut out = String::new();
        text("é<a b=\"c'\">&\t\r\n\0\u{fffe}\u{ffff}\u{fffd}😀".as_bytes(), &mut out);
        assert_eq!(out, "é&lt;a b=&quot;c'&quot;&gt;&amp;&#9;&#13;&#10;\u{fffd}\u{fffd}\u{fffd}\u{fffd}😀");
    }

    #[test]
    fn references_stay_what_they_are() {
        let mut out = String::new();
        uri(b"/a?b&c=%20 <\xff>'", &mut out);
        assert_eq!(out, "/a?b&amp;c=%20%20%3C%FF%3E'");
    }
}
