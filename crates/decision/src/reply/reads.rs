//! What several questions read of a request. Each looks at the set of fields first, so that a field which is not there
//! costs a bit test.

use semantics::conditional::{IfRange, Since};
use semantics::date::Date;
use semantics::expect::Expect;
use semantics::field::{Field, Fields};
use semantics::method::Method;
use semantics::range::{NoPart, RangeError, Ranges};
use semantics::request::Framing;
use semantics::syntax::{List, Parameters, ParseError};
use semantics::tag::{EntityTag, Tags};
use semantics::target::Target as TargetForm;

use crate::facts::Facts;

/// Does the client understand interim replies, and the codes that HTTP/1.1 brought?
pub(super) fn modern(f: &Facts<'_>) -> bool {
    f.request.version().is_modern()
}

/// May it change what stands at the target? A method that we do not know may.
pub(super) fn changes(f: &Facts<'_>) -> bool {
    !f.request.method().is_some_and(|method| method.row().safe)
}

/// The octets of content that the head announces; 0 if it announces no number.
pub(super) fn announced(f: &Facts<'_>) -> u64 {
    match f.request.framing() {
        Framing::Length(octets) => octets,
        Framing::None | Framing::Unannounced => 0,
    }
}

/// Expect counts as absent in HTTP/1.0 (RFC 9110 §10.1.1).
pub(super) fn expects(f: &Facts<'_>) -> bool {
    f.request.has(Field::EXPECT) && modern(f)
}

/// What the client expects.
pub(super) fn expectations<'a>(f: &Facts<'a>) -> Expect<'a> {
    if expects(f) { Expect::read(f.request.values(Field::EXPECT)) } else { Expect::default() }
}

/// Does the client wait for leave to send its content? Not if some of it is here already.
pub(super) fn awaits_continue(f: &Facts<'_>) -> bool {
    f.request.has_content() && !f.connection.content_here && expectations(f).continue_100
}

/// Does a page ask leave for a request to come, and do we answer such questions?
pub(super) fn preflight(f: &Facts<'_>) -> bool {
    !f.site.cors.is_empty()
        && f.request.is(Method::OPTIONS)
        && f.request.has(Field::ORIGIN)
        && f.request.has(Field::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Is access denied, and must the denial look like a missing resource? Then the target is told as missing.
pub(super) fn hidden(f: &Facts<'_>) -> bool {
    f.site.existence_hidden && !f.client.permitted_here
}

/// Is it refused at its destination, and shall it look as if that were nowhere? Whoever may not even use the target is told so
/// first.
pub(super) fn destination_hidden(f: &Facts<'_>) -> bool {
    f.site.destination_hidden && !f.client.permitted_there && f.client.permitted_here
}

/// Is it a method of WebDAV, or one with its fields?
pub(super) fn webdav_concerned(f: &Facts<'_>) -> bool {
    const FIELDS: Fields = Fields::of(&[Field::IF, Field::DEPTH, Field::DESTINATION, Field::OVERWRITE]);
    f.request.has_any(FIELDS) || f.request.method().is_some_and(|method| method.row().webdav)
}

/// Does the method have a destination?
pub(super) fn has_destination(f: &Facts<'_>) -> bool {
    matches!(f.request.method(), Some(Method::COPY | Method::MOVE))
}

/// The destination, if it is a URI or a path.
pub(super) fn destination<'a>(f: &Facts<'a>) -> Option<TargetForm<'a>> {
    let destination = TargetForm::parse(f.request.field(Field::DESTINATION)?, false).ok()?;
    destination.path().is_some().then_some(destination)
}

/// Is the lock token submitted? It is if it stands anywhere in If (RFC 4918 §10.4.1), or in Lock-Token.
pub(super) fn submits(f: &Facts<'_>, token: &[u8]) -> bool {
    let bracketed = |part: &[u8]| part.strip_prefix(b"<").and_then(|p| p.strip_suffix(b">")) == Some(token);
    let stands_in = |value: &[u8]| value.windows(token.len() + 2).any(bracketed);
    f.request.values(Field::IF).chain(f.request.values(Field::LOCK_TOKEN)).any(stands_in)
}

/// The date in this field; `None` if it cannot be judged by.
pub(super) fn since(f: &Facts<'_>, field: Field) -> Option<Since> {
    if f.request.has(field) { Since::read(f.request.values(field), f.connection.now.date) } else { None }
}

/// What Range says, if it is there.
pub(super) fn ranges_of<'a>(f: &Facts<'a>) -> Option<Result<Ranges<'a>, ParseError<RangeError>>> {
    f.request.field(Field::RANGE).map(Ranges::parse)
}

/// Is it GET with a valid Range, of a whole of this length? Too many ranges are valid, and refused by a question of
/// their own. The last octets of nothing are the whole (RFC 9110 §14.1.2).
#[inline]
pub(super) fn part_asked(f: &Facts<'_>, length: u64) -> bool {
    fn valid(f: &Facts<'_>, length: u64) -> bool {
        ranges_of(f).is_some_and(|read| match read {
            Ok(ranges) => ranges.resolve(length) != Err(NoPart::Whole),
            Err(refusal) => refusal.what == RangeError::TooMany,
        })
    }
    f.request.has(Field::RANGE) && f.request.is(Method::GET) && valid(f, length)
}

/// Does a range overlap a whole of this length?
pub(super) fn part_satisfiable(f: &Facts<'_>, length: u64) -> bool {
    ranges_of(f).is_some_and(|read| read.is_ok_and(|ranges| ranges.resolve(length).is_ok()))
}

/// Is it GET with a valid Range, of a target that can be sent in parts?
#[inline]
pub(super) fn part_wanted(f: &Facts<'_>) -> bool {
    part_asked(f, f.target.length) && f.target.ranges
}

/// Does If-Range, if it is there, name exactly what has this tag and this date?
pub(super) fn if_range_names(f: &Facts<'_>, tag: Option<EntityTag<'_>>, modified: Option<Date>) -> bool {
    let now = f.connection.now.date;
    let condition = f.request.field(Field::IF_RANGE).map(|value| IfRange::parse(value, now));
    condition.is_none_or(|read| read.is_ok_and(|condition| condition.holds(tag, modified, now)))
}

/// Can we make the delta that A-IM asks for? Not if a Range stands apart from it: that asks for a part of the whole, not
/// of the delta (RFC 3229 §10.5.3).
#[inline]
pub(super) fn delta_asked(f: &Facts<'_>) -> bool {
    f.request.has(Field::A_IM) && f.request.is(Method::GET) && delta_served(f)
}

fn delta_served(f: &Facts<'_>) -> bool {
    if f.target.delta_bases.is_empty() {
        return false;
    }
    let asked = |name: &[u8]| {
        let mut members = f.request.values(Field::A_IM).flat_map(List::new).map(Parameters::split);
        members.any(|(manipulation, parameters)| manipulation.eq_ignore_ascii_case(name) && !unwanted(parameters))
    };
    let mut held = f.request.values(Field::IF_NONE_MATCH).flat_map(|line| Tags::read(line).members()).flatten();
    let apart = part_wanted(f) && !asked(b"range") && if_range_names(f, f.target.tag, f.target.modified);
    !apart
        && [&b"vcdiff"[..], b"diffe", b"gdiff"].into_iter().any(asked)
        && held.any(|tag| f.target.delta_bases.iter().any(|base| base.strong_eq(tag)))
}

/// Is the weight among these parameters 0?
fn unwanted(mut parameters: Parameters<'_>) -> bool {
    parameters
        .any(|p| p.is_ok_and(|p| p.is(b"q") && p.value.is_some_and(|q| q.bytes().all(|b| matches!(b, b'0' | b'.')))))
}
