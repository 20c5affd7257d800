//! The explanation as XML, for a client of WebDAV: a `DAV:error` with the element of the condition that did not hold
//! (RFC 4918 §16), and beside it the words that the other forms tell, in elements of our own.
//!
//! Who does not know our elements ignores them (RFC 4918 §17).

use alloc::vec::Vec;

use semantics::syntax::write_u64;
use semantics::text::xml::{text, uri};

use super::Cause;
use super::pen::{ExplanationWriter, Notation};
use crate::condition::Condition;
use crate::facts::Facts;
use crate::multistatus;

/// The namespace of our own elements.
const NAMESPACES: &[u8] = b" xmlns:D=\"DAV:\" xmlns:B=\"https://because.invalid/ns\">\n";

pub(super) fn write(cause: &Cause<'_>, condition: Option<Condition>, facts: &Facts<'_>, out: &mut Vec<u8>) {
    // what is no error is told in a document of its own
    let root: &[u8] = if cause.status.is_error() { b"D:error" } else { b"B:answer" };
    put(multistatus::DECLARATION, out);
    put("<", out);
    out.extend_from_slice(root);
    out.extend_from_slice(NAMESPACES);
    if let Some(condition) = condition {
        condition.write(condition.subject(facts), out);
        put("\n", out);
    }
    element("status", out, |out| out.extend_from_slice(&cause.status.digits()));
    element("title", out, |out| text(cause.title.as_bytes(), out));
    element("why", out, |out| told(out, |pen| cause.tell(pen, facts)));
    element("permanence", out, |out| put(cause.permanence.name(), out));
    element("lasts", out, |out| text(cause.lasts.as_bytes(), out));
    if let Some(seconds) = cause.retry_after {
        element("retry-after", out, |out| out.extend_from_slice(write_u64(seconds.into(), &mut [0; 20])));
    }
    element("remedy", out, |out| told(out, |pen| cause.remedy(pen)));
    element("cause", out, |out| put(cause.id, out));
    element("section", out, |out| text(cause.section.as_bytes(), out));
    if let Some(link) = cause.link {
        element("location", out, |out| uri(link, out));
    }
    if let Some(because) = cause.because {
        element("because", out, |out| put(because.write(&mut [0; 32]), out));
    }
    put("</", out);
    out.extend_from_slice(root);
    put(">\n", out);
}

/// The words of a cause in one line, and the number of a member's walk, which begins at what came of the action.
pub(super) fn note(cause: &Cause<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
    told(out, |pen| cause.tell(pen, facts));
    if let Some(because) = cause.because {
        put(" (because=m:", out);
        put(because.write(&mut [0; 32]), out);
        put(")", out);
    }
}

fn put(piece: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(piece.as_bytes());
}

fn element(name: &str, out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    for piece in ["<B:", name, ">"] {
        put(piece, out);
    }
    content(out);
    for piece in ["</B:", name, ">\n"] {
        put(piece, out);
    }
}

/// What is told to a person at a terminal, with what XML escapes.
fn told(out: &mut Vec<u8>, tell: impl FnOnce(&mut ExplanationWriter<'_>)) {
    let mut plain = Vec::new();
    tell(&mut ExplanationWriter::new(&mut plain, Notation::Text));
    text(&plain, out);
}
