//! How an answer is written, once it is decided: its head, the text that goes with it, and which content follows.
//!
//! What is written is the decision's to say; here is only who has the octets.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::mem;

use crate::limits::COPIED;
use decision::explanation::{self, Media};
use decision::facts::Facts;
use decision::fields::{self, GeneratedBody};
use decision::multistatus;
use decision::promise::{BodyPlan, Multipart};
use decision::verdict::{Entity, Verdict};
use exchange::body::{Body, BodyStream, Segment};
use exchange::exchange::{Answer as Head, Exchange, Fields};
use resources::Found;
use resources::action_result::ActionResult;
use resources::rules::Source as Rule;
use resources::share::own::Own;
use semantics::field::Sink;
use semantics::method::Method;
use semantics::request::Request;

use crate::telemetry::thread_telemetry::SampledVerdict;

/// With what a thread writes its responses.
pub(crate) struct ResponseWriter {
    /// What makes the boundaries of this thread's multiparts unlike those of others: another one each time.
    seed: Cell<u64>,
    /// Where texts are written, before their length is known.
    text: RefCell<Vec<u8>>,
}

impl ResponseWriter {
    pub(crate) fn new() -> ResponseWriter {
        ResponseWriter { seed: Cell::new(RandomState::new().hash_one(0)), text: RefCell::default() }
    }

    /// A number that nobody can foresee who does not know the seed.
    pub(crate) fn seed(&self) -> u64 {
        let seed = self.seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.seed.set(seed);
        seed
    }
}

/// What was decided, and what there is to send.
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    /// The line of the configuration that decided, if one did.
    pub(crate) rule: Option<Rule>,
    /// Octets of content that are with the head already.
    pub(crate) written: u64,
    pub(crate) body: Body,
    /// What is kept of it for those who look on.
    pub(crate) sampled: Option<SampledVerdict>,
}

/// Who has the content that a verdict promises.
#[derive(Clone, Copy, Default)]
pub(crate) struct Source<'a> {
    /// What stands at the target, to a read.
    pub(crate) found: Option<&'a Found>,
    /// What was done.
    pub(crate) done: Option<&'a ActionResult>,
    /// What stands there among what is the server's own.
    pub(crate) own: Option<&'a Own>,
    /// A page that was made for this request.
    pub(crate) page: Option<&'a [u8]>,
    /// What makes content that has no end yet.
    pub(crate) stream: Option<&'a dyn Fn() -> Box<dyn BodyStream>>,
}

impl<'a> Source<'a> {
    /// Of a page that was made.
    pub(crate) fn page(page: Option<&'a [u8]>) -> Source<'a> {
        Source { page, ..Source::default() }
    }
}

/// The fields of a response, as the decision writes them.
struct Decided<'a> {
    verdict: &'a Verdict,
    facts: &'a Facts<'a>,
    promise: &'a BodyPlan,
    made: Option<GeneratedBody<'a>>,
}

impl Fields for Decided<'_> {
    #[inline]
    fn write(self, sink: &mut impl Sink) {
        fields::write(self.verdict, self.facts, self.promise, self.made, sink);
    }
}

/// Writes the head of the response, and any text that goes with it, and says which content follows.
pub(crate) fn respond<E: Exchange>(
    writer: &ResponseWriter,
    exchange: &mut E,
    verdict: Verdict,
    facts: &Facts<'_>,
    source: Source<'_>,
) -> Answer {
    let promise = BodyPlan::of(&verdict, facts, writer.seed());
    let mut text = writer.text.borrow_mut();
    text.clear();
    let media_type = write_text(&verdict, facts, &promise, source.done, &mut text);
    let made = media_type.map(|media_type| GeneratedBody { media_type, length: text.len() as u64 });
    let streams = facts.target.endless && verdict.entity == Entity::Representation;
    let head = Head { status: verdict.status, length_stated: !streams, ends: verdict.ends };
    let for_head = facts.request.is(Method::HEAD);
    // what is long goes as it is: copied it would cost twice, and kept its room would stay with the thread
    let with_head = if for_head || text.len() > COPIED { &[][..] } else { &text[..] };
    exchange.respond(head, Decided { verdict: &verdict, facts, promise: &promise, made }, with_head);
    let written = with_head.len() as u64;
    let body = match for_head {
        true => Body::Empty,
        false if text.len() > COPIED => Body::One(Segment::Owned(mem::take(&mut *text))),
        false => content(promise, facts, source),
    };
    Answer { verdict, rule: None, written, body, sampled: None }
}

/// Writes the text of the response, if its content is one that is made now; says of which media type it is.
fn write_text<'a>(
    verdict: &Verdict,
    facts: &Facts<'a>,
    promise: &BodyPlan,
    done: Option<&ActionResult>,
    text: &mut Vec<u8>,
) -> Option<&'a str> {
    match promise {
        BodyPlan::Text => {
            let media = Media::of(verdict, facts);
            explanation::write(verdict, facts, media, text);
            Some(media.media_type())
        }
        BodyPlan::Echo => {
            echo(facts.request, text);
            Some("message/http")
        }
        BodyPlan::Result => {
            text.extend_from_slice(done.map_or(&[][..], ActionResult::content));
            facts.outcome.media_type
        }
        BodyPlan::Members => {
            if let Some(members) = done.and_then(ActionResult::members) {
                multistatus::write(facts, members, text);
            }
            Some(multistatus::MEDIA_TYPE)
        }
        BodyPlan::Nothing | BodyPlan::Empty | BodyPlan::Whole | BodyPlan::Part(_) | BodyPlan::Multipart(_) => None,
    }
}

/// The content that is not a text made now.
fn content(promise: BodyPlan, facts: &Facts<'_>, source: Source<'_>) -> Body {
    let Source { found, own, page, stream, .. } = source;
    match (promise, found) {
        (BodyPlan::Whole, _) if let Some(stream) = stream => Body::Stream(stream()),
        (BodyPlan::Whole, Some(found)) => Body::One(found.whole()),
        (BodyPlan::Whole, None) => match page {
            Some(page) => Body::One(Segment::Owned(page.to_vec())),
            None => own.map_or(Body::Empty, |own| Body::One(own.segment(0, u64::MAX))),
        },
        (BodyPlan::Part(range), Some(found)) => Body::One(found.segment(range.first, range.length())),
        (BodyPlan::Multipart(multipart), Some(found)) => Body::Many(parts(&multipart, facts, found)),
        (BodyPlan::Text | BodyPlan::Echo | BodyPlan::Result | BodyPlan::Members, _)
        | (BodyPlan::Nothing | BodyPlan::Empty | BodyPlan::Part(_) | BodyPlan::Multipart(_), _) => Body::Empty,
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
    for piece in [request.method_name(), b" ", request.raw_target(), b" ", version.as_bytes(), b"\r\n"] {
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
