//! What content a response will have: derived from the verdict and the facts, before its fields are written.
//!
//! Which octets these are is the resource's to say; how they travel is the wire's.

use alloc::boxed::Box;
use alloc::vec::Vec;

use semantics::field::{Field, Rendered, Sink};
use semantics::method::Method;
use semantics::prefer::Return;
use semantics::range::{ByteRange, ContentRange, NoPart, Parts, Ranges};
use semantics::splitmix;

use crate::facts::Facts;
use crate::verdict::{Entity, Verdict};

/// What content a response will have. To HEAD the same is promised, and nothing sent (RFC 9110 §9.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyPlan {
    /// None, by the definition of the status: no length is told either.
    Nothing,
    /// None, though there might be some: its length is told as 0.
    Empty,
    /// The selected representation, whole.
    Whole,
    /// One part of it.
    Part(ByteRange),
    /// Several parts of it.
    Multipart(Box<Multipart>),
    /// A text that tells of the verdict: an explanation, a pointer, a note.
    Text,
    /// The request itself, to TRACE.
    Echo,
    /// What a action made.
    Result,
    /// The fates of the parts of a action.
    Members,
}

impl BodyPlan {
    /// What the verdict promises. `seed` makes the boundary of a multipart hard to foresee.
    pub fn of(verdict: &Verdict, facts: &Facts<'_>, seed: u64) -> BodyPlan {
        match verdict.entity {
            Entity::Nothing | Entity::Switch if verdict.status.code() == 205 => BodyPlan::Empty,
            Entity::Nothing | Entity::Switch => BodyPlan::Nothing,
            Entity::Representation => BodyPlan::Whole,
            Entity::Ranges => BodyPlan::ranges(facts, seed),
            Entity::Server if facts.request.is(Method::TRACE) => BodyPlan::Echo,
            Entity::Server | Entity::Capabilities => BodyPlan::Empty,
            Entity::Explanation | Entity::Pointer | Entity::Choices => BodyPlan::Text,
            Entity::Result if facts.outcome.content && !minimal(facts) => BodyPlan::Result,
            Entity::Result if matches!(verdict.status.code(), 201 | 202) && !minimal(facts) => BodyPlan::Text,
            Entity::Members => BodyPlan::Members,
            // an error that a rule fixed is explained as any other (RFC 9110 §15.5)
            Entity::Relayed if facts.site.fixed_reply == Some(verdict.status) && verdict.status.is_error() => {
                BodyPlan::Text
            }
            // made by whoever acted, or answered; the driver that has such a resource brings the content
            Entity::Result | Entity::Delta | Entity::Relayed => BodyPlan::Empty,
        }
    }

    fn ranges(facts: &Facts<'_>, seed: u64) -> BodyPlan {
        let ranges = facts.request.field(Field::RANGE).and_then(|value| Ranges::parse(value).ok());
        match ranges.map(|ranges| ranges.resolve(facts.target.length)) {
            Some(Ok(parts)) => match parts.as_slice() {
                [one] => BodyPlan::Part(*one),
                _ => BodyPlan::Multipart(Box::new(Multipart::new(parts, seed))),
            },
            Some(Err(NoPart::Whole | NoPart::Unsatisfiable)) | None => BodyPlan::Whole,
        }
    }
}

/// Did the client prefer as little as possible, and is it given that (RFC 7240 §4.2)?
fn minimal(facts: &Facts<'_>) -> bool {
    facts.outcome.returned == Some(Return::Minimal)
}

/// Octets of a boundary.
const BOUNDARY: usize = 24;

/// Several parts of a representation, and the boundary between them (RFC 9110 §14.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multipart {
    parts: Parts,
    boundary: [u8; BOUNDARY],
}

impl Multipart {
    fn new(parts: Parts, seed: u64) -> Multipart {
        // the boundary need not be secret, only unlikely to stand in the content
        let mut state = seed;
        let letter = |number: u64| b"abcdefghijklmnopqrstuvwxyz012345"[(number & 31) as usize];
        let boundary = core::array::from_fn(|_| letter(splitmix::next(&mut state)));
        Multipart { parts, boundary }
    }

    /// The parts, in the order in which they are sent.
    pub fn parts(&self) -> &[ByteRange] {
        self.parts.as_slice()
    }

    /// The value of Content-Type.
    pub(crate) fn media_type(&self) -> [u8; 31 + BOUNDARY] {
        let mut value = *b"multipart/byteranges; boundary=........................";
        value[31..].copy_from_slice(&self.boundary);
        value
    }

    /// What stands before a part: the boundary and the fields of the part.
    pub fn part_head(&self, facts: &Facts<'_>, range: ByteRange, out: &mut Vec<u8>) {
        for piece in [b"\r\n--", &self.boundary[..], b"\r\n"] {
            out.extend_from_slice(piece);
        }
        let mut lines = Rendered::default();
        if let Some(media_type) = facts.target.media_type {
            lines.field(Field::CONTENT_TYPE, media_type.as_bytes());
        }
        let text = ContentRange::Part { range, length: Some(facts.target.length) }.write();
        lines.field(Field::CONTENT_RANGE, text.as_bytes());
        out.extend_from_slice(lines.octets());
        out.extend_from_slice(b"\r\n");
    }

    /// What stands after the last part.
    pub fn end(&self, out: &mut Vec<u8>) {
        for piece in [b"\r\n--", &self.boundary[..], b"--\r\n"] {
            out.extend_from_slice(piece);
        }
    }

    /// How many octets it has, all told.
    pub fn length(&self, facts: &Facts<'_>) -> u64 {
        let mut out = Vec::new();
        self.parts().iter().for_each(|range| self.part_head(facts, *range, &mut out));
        self.end(&mut out);
        out.len() as u64 + self.parts.total_length()
    }
}
