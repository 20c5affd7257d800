//! Text written where it must not be misread: in JSON, in HTML and XML, in a URI, and before a person's eyes.
//!
//! Values in, values out. What is written, and where, is the caller's; here is only how it is escaped. Each writer appends to a
//! [`Sink`]: a string, or the octets of one.

pub mod html;
pub mod json;
pub mod path;
pub mod percent;
pub mod shown;
pub mod xml;

use alloc::string::String;
use alloc::vec::Vec;

/// What text is appended to.
pub trait Sink {
    /// Appends this text as it is.
    fn put(&mut self, text: &str);
}

impl Sink for String {
    #[inline]
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn put(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

/// What stands for octets that are no UTF-8.
pub(crate) const REPLACEMENT: &str = "\u{fffd}";

/// Appends octets of UTF-8 by way of `valid`; a replacement character stands for each stretch that is none.
fn lossy<S: Sink>(octets: &[u8], out: &mut S, valid: impl Fn(&str, &mut S)) {
    for chunk in octets.utf8_chunks() {
        valid(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.put(REPLACEMENT);
        }
    }
}

/// Appends a text, in which `escape` writes each character that does not stand as it is.
fn escaping<S: Sink>(text: &str, out: &mut S, stands: impl Fn(char) -> bool, escape: impl Fn(char, &mut S)) {
    let mut from = 0;
    for (at, character) in text.char_indices() {
        if !stands(character) {
            out.put(&text[from..at]);
            escape(character, out);
            from = at + character.len_utf8();
        }
    }
    out.put(&text[from..]);
}
