//! The explanation as problem details, `application/problem+json`. RFC 9457
//!
//! `type` names the status and the cause by a tag URI (RFC 4151): it is the same on every server and for ever, and
//! `section` says where to read more. The other members, but for `detail`, are for programs: nothing is to be read out of
//! a sentence.

use alloc::vec::Vec;

use semantics::limits::SHOWN;
use semantics::target::Target;

use super::Cause;
use super::pen::{ExplanationWriter, Notation};
use crate::facts::{Facts, RequestId};

pub(super) fn write(cause: &Cause<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
    let digits = cause.status.digits();
    let mut pen = ExplanationWriter::new(out, Notation::Json);
    pen.raw("{\"type\":\"tag:because,2026:");
    pen.out.extend_from_slice(&digits);
    pen.raw("/");
    pen.raw(cause.id);
    pen.raw("\",\"title\":\"");
    pen.raw(cause.title);
    pen.raw("\",\"status\":");
    pen.out.extend_from_slice(&digits);
    pen.raw(",\"detail\":\"");
    let sentence = pen.out.len();
    cause.tell(&mut pen, facts);
    if let Some(first) = pen.out.get_mut(sentence) {
        first.make_ascii_uppercase();
    }
    pen.raw(".\"");
    if let Some(target) = instance(facts) {
        pen.raw(",\"instance\":\"");
        pen.uri(target);
        pen.raw("\"");
    }
    pen.raw(",\"cause\":\"");
    pen.raw(cause.id);
    pen.raw("\",\"permanence\":\"");
    pen.raw(cause.permanence.name());
    pen.raw("\"");
    if let Some(seconds) = cause.retry_after {
        pen.member("retry_after");
        pen.digits(u64::from(seconds));
    }
    pen.raw(",\"remedy\":\"");
    cause.remedy(&mut pen);
    pen.raw("\",\"section\":\"");
    pen.raw(cause.section);
    pen.raw("\"");
    if let Some(link) = cause.link {
        pen.raw(",\"location\":\"");
        pen.uri(link);
        pen.raw("\"");
    }
    if let Some(because) = cause.because {
        pen.raw(",\"because\":\"");
        pen.raw(because.write(&mut [0; 32]));
        pen.raw("\"");
    }
    if cause.request != RequestId::None {
        pen.raw(",\"request\":\"");
        pen.words(&cause.request);
        pen.raw("\"");
    }
    cause.tell(&mut ExplanationWriter::new(out, Notation::Members), facts);
    out.extend_from_slice(b"}\n");
}

/// The target, if it is a reference to what was asked for, and short enough to be written whole.
fn instance<'a>(facts: &Facts<'a>) -> Option<&'a [u8]> {
    let sent = facts.request.raw_target();
    let refers = match facts.reading.target {
        Ok(Target::Origin { .. }) => sent.starts_with(b"/") && !sent.starts_with(b"//"),
        Ok(Target::Absolute { .. }) => !sent.is_empty(),
        _ => false,
    };
    (refers && sent.len() <= SHOWN).then_some(sent)
}
