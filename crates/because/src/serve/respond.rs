//! How an answer is written, once it is decided: its head, the text that goes with it, and which content follows.
//!
//! What is written is the decision's to say; here is only who has the octets.

use std::borrow::Cow;
use std::cell::{RefCell, RefMut};
use std::hash::{BuildHasher, RandomState};
use std::mem;

use crate::limits::COPIED;
use decision::explanation::{self, Media};
use decision::facts::Facts;
use decision::fields::{self, Made};
use decision::multistatus;
use decision::promise::{Multipart, Promise};
use decision::verdict::Verdict;
use resources::Found;
use resources::deed::Deed;
use resources::share::own::Own;
use semantics::method::Method;
use semantics::request::Request;
use transport::body::{Body, Segment};
use wire::connection::Next;
use wire::response::{Delimiting, ResponseHead};

/// What a thread writes its answers with.
pub(crate) struct Voice {
    /// What makes the boundaries of this thread's multiparts unlike those of others.
    pub(crate) seed: u64,
    /// Where explanations are written, before their length is known.
    text: RefCell<Vec<u8>>,
}

impl Voice {
    pub(crate) fn new() -> Voice {
        Voice { seed: RandomState::new().hash_one(0), text: RefCell::default() }
    }

    /// For one answer, at this moment in microseconds.
    pub(super) fn at(&self, micros: u64) -> Speech<'_> {
        let mut text = self.text.borrow_mut();
        text.clear();
        Speech { seed: self.seed ^ micros, text }
    }
}

/// What one answer is written with.
pub(super) struct Speech<'a> {
    seed: u64,
    text: RefMut<'a, Vec<u8>>,
}

impl Speech<'_> {
    /// Octets of text that go with the head.
    pub(super) fn written(&self) -> u64 {
        self.text.len() as u64
    }
}

/// Who has the content that a verdict promises.
#[derive(Clone, Copy, Default)]
pub(crate) struct Source<'a> {
    /// What stands at the target, to a read.
    pub(super) found: Option<&'a Found>,
    /// What was done.
    pub(super) deed: Option<&'a Deed>,
    /// What stands there among what is the server's own.
    pub(super) own: Option<&'a Own>,
    /// A page that was made for this request.
    pub(super) page: Option<&'a [u8]>,
}

impl<'a> Source<'a> {
    /// Of a page that was made.
    pub(crate) fn page(page: Option<&'a [u8]>) -> Source<'a> {
        Source { page, ..Source::default() }
    }
}

/// Writes the head of the response, and any text that goes with it, and says which content follows.
pub(super) fn respond(
    verdict: &Verdict,
    facts: &Facts<'_>,
    Source { found, deed, own, page }: Source<'_>,
    (speech, delimiting, next): (&mut Speech<'_>, Delimiting, Next),
    output: &mut Vec<u8>,
) -> Body {
    let promise = Promise::of(verdict, facts, speech.seed);
    let text = &mut *speech.text;
    let media_type = match promise {
        Promise::Text => {
            let media = Media::of(verdict, facts);
            explanation::write(verdict, facts, media, text);
            Some(media.media_type())
        }
        Promise::Echo => {
            echo(facts.request, text);
            Some("message/http")
        }
        Promise::Result => {
            text.extend_from_slice(deed.map_or(&[][..], Deed::content));
            facts.outcome.media_type
        }
        Promise::Members => {
            if let Some(members) = deed.and_then(Deed::members) {
                multistatus::write(facts, members, text);
            }
            Some(multistatus::MEDIA_TYPE)
        }
        Promise::Nothing | Promise::Empty | Promise::Whole | Promise::Part(_) | Promise::Multipart(_) => None,
    };
    let made = media_type.map(|media_type| Made { media_type, length: text.len() as u64 });
    let mut head = ResponseHead::begin(output, facts.request.version(), verdict.status);
    fields::write(verdict, facts, &promise, made, &mut head);
    head.finish(delimiting, next);
    if facts.request.is(Method::HEAD) {
        text.clear();
        return Body::Empty;
    }
    match (promise, found) {
        // it goes as it is: copied it would cost twice, and kept its room would stay with the thread
        (Promise::Text | Promise::Echo | Promise::Result | Promise::Members, _) if text.len() > COPIED => {
            Body::One(Segment::Owned(mem::take(text)))
        }
        (Promise::Text | Promise::Echo | Promise::Result | Promise::Members, _) => {
            // short, and so it waits with its head
            output.extend_from_slice(text);
            Body::Empty
        }
        (Promise::Whole, Some(found)) => Body::One(found.whole()),
        (Promise::Whole, None) if page.is_some() => {
            Body::One(Segment::Owned(page.map(<[u8]>::to_vec).unwrap_or_default()))
        }
        (Promise::Whole, None) => own.map_or(Body::Empty, |own| Body::One(own.segment(0, u64::MAX))),
        (Promise::Part(range), Some(found)) => Body::One(found.segment(range.first, range.length())),
        (Promise::Multipart(multipart), Some(found)) => Body::Many(parts(&multipart, facts, found)),
        (Promise::Nothing | Promise::Empty | Promise::Part(_) | Promise::Multipart(_), _) => Body::Empty,
    }
}

/// The parts of a multipart, each behind its head.
fn parts(multipart: &Multipart, facts: &Facts<'_>, found: &Found) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(multipart.parts().len() * 2 + 1);
    for range in multipart.parts() {
        let mut head = Vec::new();
        multipart.part_head(facts, *range, &mut head);
        segments.push(Segment::Owned(head));
        segments.push(found.segment(range.first, range.length()));
    }
    let mut end = Vec::new();
    multipart.end(&mut end);
    segments.push(Segment::Owned(end));
    segments
}

/// The request as it was received, without what is secret (RFC 9110 §9.3.8).
fn echo(request: Request<'_>, out: &mut Vec<u8>) {
    let version = Cow::Borrowed(request.version().name());
    for piece in [request.method_name(), b" ", request.target(), b" ", version.as_bytes(), b"\r\n"] {
        out.extend_from_slice(piece);
    }
    for (name, value, field) in request.lines() {
        if !field.is_some_and(|f| f.row().secret) {
            for piece in [name, b": ", value, b"\r\n"] {
                out.extend_from_slice(piece);
            }
        }
    }
    out.extend_from_slice(b"\r\n");
}
