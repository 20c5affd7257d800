//! The pen: one telling, read in four ways.
//!
//! Who tells a cause says prose and hands over values, each with the name of its member. On a page, in text and in the
//! sentence of a problem, prose and values are written one after the other; when the members of a problem are written,
//! prose is left out and each value becomes a member. So no fact is told twice, and no value is ever written unescaped.

use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use semantics::limits::SHOWN;
use semantics::syntax::write_u64;
use semantics::text::html;
use semantics::text::percent::{self, REFERENCE};
use semantics::text::shown::{self, Form};

/// What the pen writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// Text of a page.
    Html,
    /// Lines of text.
    Text,
    /// The inside of a string of JSON.
    Json,
    /// Members of an object of JSON, each after a comma.
    Members,
}

pub(super) struct ExplanationWriter<'o> {
    pub(super) out: &'o mut Vec<u8>,
    hand: Notation,
}

impl<'o> ExplanationWriter<'o> {
    pub(super) const fn new(out: &'o mut Vec<u8>, hand: Notation) -> ExplanationWriter<'o> {
        ExplanationWriter { out, hand }
    }

    /// Writes this as it is: a piece of a template.
    #[inline]
    pub(super) fn raw(&mut self, piece: &str) {
        self.out.extend_from_slice(piece.as_bytes());
    }

    /// Prose. It is ours, and holds nothing that any form escapes.
    #[inline]
    pub(super) fn say(&mut self, prose: &'static str) {
        if self.hand != Notation::Members {
            self.raw(prose);
        }
    }

    /// Prose of somebody else's.
    pub(super) fn words(&mut self, words: &dyn fmt::Display) {
        if self.hand != Notation::Members {
            // it fails only if the words do, and then there are none
            let _ = write!(self, "{words}");
        }
    }

    /// A word of the protocol, in prose.
    pub(super) fn word(&mut self, word: &'static str) {
        self.show(word.as_bytes());
    }

    /// Octets of the request, in prose alone.
    pub(super) fn show(&mut self, octets: &[u8]) {
        match self.hand {
            Notation::Members => {}
            Notation::Html => {
                self.raw("<code>");
                self.escaped(octets);
                self.raw("</code>");
            }
            Notation::Text | Notation::Json => self.escaped(octets),
        }
    }

    /// Octets of the request, or another value with a name.
    pub(super) fn value(&mut self, name: &'static str, octets: &[u8]) {
        if self.hand == Notation::Members {
            self.member(name);
            self.quoted(octets);
        } else {
            self.show(octets);
        }
    }

    /// A value for the members alone.
    pub(super) fn only(&mut self, name: &'static str, octets: &[u8]) {
        if self.hand == Notation::Members {
            self.value(name, octets);
        }
    }

    /// A number; in prose with its thousands set apart.
    pub(super) fn number(&mut self, name: &'static str, number: u64) {
        if self.hand == Notation::Members {
            self.member(name);
            self.digits(number);
        } else {
            self.grouped(number);
        }
    }

    /// Several values.
    pub(super) fn list<'v>(&mut self, name: &'static str, values: impl Iterator<Item = &'v [u8]>) {
        let members = self.hand == Notation::Members;
        if members {
            self.member(name);
            self.raw("[");
        }
        for (nth, value) in values.enumerate() {
            if nth > 0 {
                self.raw(if members { "," } else { ", " });
            }
            if members { self.quoted(value) } else { self.show(value) }
        }
        if members {
            self.raw("]");
        }
    }

    /// The name of a member, with what stands before and after it.
    pub(super) fn member(&mut self, name: &'static str) {
        self.raw(",\"");
        self.raw(name);
        self.raw("\":");
    }

    /// A string of JSON.
    pub(super) fn quoted(&mut self, octets: &[u8]) {
        self.raw("\"");
        self.escaped(octets);
        self.raw("\"");
    }

    pub(super) fn digits(&mut self, number: u64) {
        self.out.extend_from_slice(write_u64(number, &mut [0; 20]));
    }

    fn grouped(&mut self, number: u64) {
        let mut buffer = [0; 20];
        let digits = write_u64(number, &mut buffer);
        for (nth, digit) in digits.iter().enumerate() {
            if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
                self.out.push(b',');
            }
            self.out.push(*digit);
        }
    }

    /// Octets, escaped for the form, and cut where a reader has seen enough.
    pub(super) fn escaped(&mut self, octets: &[u8]) {
        let form = match self.hand {
            Notation::Html => Form::Html,
            Notation::Text => Form::Text,
            Notation::Json | Notation::Members => Form::Json,
        };
        shown::octets(&octets[..octets.len().min(SHOWN)], form, self.out);
        if octets.len() > SHOWN {
            self.raw("…");
        }
    }

    /// A reference that can be followed: whole, with what no URI holds written in percent.
    pub(super) fn uri(&mut self, octets: &[u8]) {
        if self.hand == Notation::Html {
            html::uri(octets, self.out);
        } else {
            percent::encode(octets, &REFERENCE, self.out);
        }
    }
}

impl fmt::Write for ExplanationWriter<'_> {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.escaped(words.as_bytes());
        Ok(())
    }
}

/// Is it safe to offer this as a link? Anything but an address of HTTP, or one relative to the request, is only shown.
pub(super) fn can_be_followed(reference: &[u8]) -> bool {
    let begins = |with: &[u8]| reference.get(..with.len()).is_some_and(|b| b.eq_ignore_ascii_case(with));
    let scheme = reference.iter().find(|b| matches!(b, b':' | b'/' | b'?' | b'#'));
    begins(b"http://") || begins(b"https://") || scheme != Some(&b':')
}
