//! The fields of a response, from the verdict and the facts. Nothing else writes a response's fields, but for those that
//! frame it in HTTP/1, which the wire adds.

use semantics::field::{Field, Rendered, Sink};
use semantics::method::{Method, Methods};
use semantics::prefer::Return;
use semantics::range::ContentRange;
use semantics::status::Stored;
use semantics::syntax::write_u64;
use semantics::tag::EntityTag;
use semantics::upload::INTEROP_VERSION;

use crate::explanation;
use crate::facts::{Facts, Site, Target};
use crate::promise::BodyPlan;
use crate::reply;
use crate::verdict::{Entity, Verdict};

mod policy;

pub use policy::EXTENSION;
pub(crate) use policy::asks_because;

/// Our name, without needless detail (RFC 9110 §10.2.4).
const SERVER: &[u8] = b"because";

/// Pages that we make load nothing and run nothing.
const POLICY: &[u8] =
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'";

/// The media type and length of a text that we made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratedBody<'a> {
    /// Its media type.
    pub media_type: &'a str,
    /// Its length in octets.
    pub length: u64,
}

/// Writes the fields of the response to which the verdict leads.
pub fn write(
    verdict: &Verdict,
    facts: &Facts<'_>,
    promise: &BodyPlan,
    made: Option<GeneratedBody<'_>>,
    sink: &mut impl Sink,
) {
    sink.field(Field::DATE, &facts.connection.now.text);
    match (promise, facts.target.rendered) {
        (BodyPlan::Whole, Some(rendered)) => {
            sink.rendered(rendered);
            // what is kept with a file holds wherever rules show it, so this is none of it
            if let Some(cache_control) = facts.site.cache_control {
                sink.field(Field::CACHE_CONTROL, cache_control.as_bytes());
            }
        }
        _ => {
            sink.field(Field::SERVER, SERVER);
            of_entity(verdict, facts, promise, sink);
        }
    }
    if let Some(made) = made {
        text(made, sink);
        if *promise == BodyPlan::Text {
            // which of the texts it is was chosen by Accept (RFC 9110 §12.5.5)
            sink.field(Field::VARY, b"Accept");
        }
    } else if *promise == BodyPlan::Empty {
        sink.field(Field::CONTENT_LENGTH, b"0");
    }
    let listed = facts.target.generated && matches!(verdict.entity, Entity::Representation | Entity::Ranges);
    let page = listed || made.is_some_and(|made| made.media_type.starts_with("text/html"));
    policy::of_every_answer(verdict, facts, page, sink);
    if let Some(because) = explanation::shown_because(verdict, facts) {
        sink.field(Field::BECAUSE, because.write(&mut [0; 32]).as_bytes());
    }
}

/// The fields that this entity brings with it.
fn of_entity(verdict: &Verdict, facts: &Facts<'_>, promise: &BodyPlan, sink: &mut impl Sink) {
    match verdict.entity {
        Entity::Representation | Entity::Ranges => representation(facts, promise, sink),
        Entity::Nothing if verdict.status.code() == 304 => validators_of_304(facts, sink),
        Entity::Explanation => error(verdict, facts, sink),
        Entity::Pointer | Entity::Choices => location(facts, sink),
        Entity::Result => {
            location(facts, sink);
            outcome(verdict, facts, sink);
        }
        Entity::Nothing if facts.target.upload_offset.is_some() && facts.request.is_read() => {
            let target = facts.target;
            upload(target.upload_offset, Some(target.upload_complete), facts, sink);
            sink.field(Field::CACHE_CONTROL, b"no-store");
        }
        Entity::Members => outcome(verdict, facts, sink),
        Entity::Nothing if !facts.request.is_read() => outcome(verdict, facts, sink),
        Entity::Server | Entity::Capabilities => capabilities(facts, sink),
        // an error that a rule fixed is explained as any other
        Entity::Relayed if *promise == BodyPlan::Text => error(verdict, facts, sink),
        Entity::Nothing | Entity::Delta | Entity::Relayed | Entity::Switch => {}
    }
}

/// The fields of a response that carries the whole representation, all but those that change from one to the next, or that
/// rules say: rendered once, when it is put into memory.
pub fn render(target: &Target<'_>) -> Rendered {
    Rendered::collect(|sink| {
        sink.field(Field::SERVER, SERVER);
        sink_type(target, sink);
        length(target.length, sink);
        validators(target, sink);
        selection(target, None, sink);
    })
}

fn representation(facts: &Facts<'_>, promise: &BodyPlan, sink: &mut impl Sink) {
    let target = facts.target;
    let cache_control = facts.site.cache_control;
    match promise {
        BodyPlan::Part(range) => {
            sink_type(target, sink);
            let text = ContentRange::Part { range: *range, length: Some(target.length) }.write();
            sink.field(Field::CONTENT_RANGE, text.as_bytes());
            length(range.length(), sink);
        }
        BodyPlan::Multipart(multipart) => {
            sink.field(Field::CONTENT_TYPE, &multipart.media_type());
            length(multipart.length(facts), sink);
        }
        BodyPlan::Nothing
        | BodyPlan::Empty
        | BodyPlan::Whole
        | BodyPlan::Text
        | BodyPlan::Echo
        | BodyPlan::Result
        | BodyPlan::Members => {
            sink_type(target, sink);
            if !target.endless {
                length(target.length, sink);
            }
        }
    }
    validators(target, sink);
    selection(target, cache_control, sink);
}

/// Content-Type and Content-Encoding.
fn sink_type(target: &Target<'_>, sink: &mut impl Sink) {
    if let Some(media_type) = target.media_type {
        sink.field(Field::CONTENT_TYPE, media_type.as_bytes());
    }
    if let Some(coding) = target.content_coding {
        sink.field(Field::CONTENT_ENCODING, coding.as_bytes());
    }
    if target.generated {
        sink.field(Field::CONTENT_SECURITY_POLICY, target.policy.map_or(POLICY, str::as_bytes));
    }
}

fn length(length: u64, sink: &mut impl Sink) {
    sink.field(Field::CONTENT_LENGTH, write_u64(length, &mut [0; 20]));
}

/// ETag, Last-Modified, Accept-Ranges (RFC 9110 §8.8, §14.3).
fn validators(target: &Target<'_>, sink: &mut impl Sink) {
    if let Some(tag) = target.tag {
        entity_tag(tag, sink);
    }
    if let Some(modified) = target.modified {
        sink.field(Field::LAST_MODIFIED, &modified.write());
    }
    if target.ranges {
        sink.field(Field::ACCEPT_RANGES, b"bytes");
    }
}

/// What caches need in order to keep it: Vary and Cache-Control.
fn selection(target: &Target<'_>, cache_control: Option<&str>, sink: &mut impl Sink) {
    if let Some(vary) = target.vary {
        sink.field(Field::VARY, vary.as_bytes());
    }
    if target.pending && target.representation {
        // a monitor of what goes on: it will be another in a moment
        sink.field(Field::CACHE_CONTROL, b"no-store");
        sink.field(Field::RETRY_AFTER, b"1");
    } else if let Some(cache_control) = cache_control {
        sink.field(Field::CACHE_CONTROL, cache_control.as_bytes());
    }
}

/// What a action has left behind: the validators of what stands at the target now (RFC 9110 §9.3.4, §15.3.2), a lock, the
/// state of an upload, the preference that was followed.
fn outcome(verdict: &Verdict, facts: &Facts<'_>, sink: &mut impl Sink) {
    let outcome = facts.outcome;
    if let Some(tag) = outcome.tag {
        entity_tag(tag, sink);
    }
    if let Some(modified) = outcome.modified {
        sink.field(Field::LAST_MODIFIED, &modified.write());
    }
    if let Some(token) = outcome.lock_token {
        sink.field(Field::LOCK_TOKEN, &[b"<", token.as_bytes(), b">"].concat());
    }
    match outcome.returned {
        Some(Return::Minimal) => sink.field(Field::PREFERENCE_APPLIED, b"return=minimal"),
        Some(Return::Representation) => sink.field(Field::PREFERENCE_APPLIED, b"return=representation"),
        None => {}
    }
    upload(outcome.upload_offset, outcome.upload_complete, facts, sink);
    if verdict.status.code() == 202 {
        sink.field(Field::PREFERENCE_APPLIED, b"respond-async");
        sink.field(Field::RETRY_AFTER, b"1");
    }
}

/// Where an upload is, and what it may be: the fields of the first 104 (draft-ietf-httpbis-resumable-upload §5).
pub fn of_upload(location: &[u8], site: &Site<'_>, sink: &mut dyn Sink) {
    sink.field(Field::LOCATION, location);
    sink.field(Field::UPLOAD_DRAFT_INTEROP_VERSION, write_u64(INTEROP_VERSION.into(), &mut [0; 20]));
    if let Some(limit) = site.upload_limit {
        sink.field(Field::UPLOAD_LIMIT, limit.as_bytes());
    }
}

/// How far an upload has come (draft-ietf-httpbis-resumable-upload §4).
fn upload(offset: Option<u64>, complete: Option<bool>, facts: &Facts<'_>, sink: &mut impl Sink) {
    if let Some(offset) = offset {
        sink.field(Field::UPLOAD_OFFSET, write_u64(offset, &mut [0; 20]));
    }
    if let Some(complete) = complete {
        sink.field(Field::UPLOAD_COMPLETE, if complete { b"?1" } else { b"?0" });
    }
    if offset.is_none() && complete.is_none() {
        return;
    }
    if let Some(length) = facts.target.upload_length {
        sink.field(Field::UPLOAD_LENGTH, write_u64(length, &mut [0; 20]));
    }
    if let Some(limit) = facts.site.upload_limit {
        sink.field(Field::UPLOAD_LIMIT, limit.as_bytes());
    }
}

/// A 304 tells what the 200 would have told a cache, and nothing else of the representation; Last-Modified only where there
/// is no tag (RFC 9110 §15.4.5).
fn validators_of_304(facts: &Facts<'_>, sink: &mut impl Sink) {
    let target = facts.target;
    match (target.tag, target.modified) {
        (Some(tag), _) => entity_tag(tag, sink),
        (None, Some(modified)) => sink.field(Field::LAST_MODIFIED, &modified.write()),
        (None, None) => {}
    }
    selection(target, facts.site.cache_control, sink);
}

/// The longest entity tag that is sent, in octets; ours are far shorter.
const TAG: usize = 256;

fn entity_tag(tag: EntityTag<'_>, sink: &mut impl Sink) {
    let mut value = [0; TAG];
    let mut at = 0;
    for piece in tag.pieces() {
        let Some(room) = value.get_mut(at..at + piece.len()) else { return };
        room.copy_from_slice(piece);
        at += piece.len();
    }
    sink.field(Field::ETAG, &value[..at]);
}

/// What an error demands besides its explanation.
fn error(verdict: &Verdict, facts: &Facts<'_>, sink: &mut impl Sink) {
    // what came of the whole of an upload is told as final, errors too; what came of a piece, with where it is to go on
    upload(facts.outcome.upload_offset, facts.outcome.upload_complete, facts, sink);
    match verdict.status.code() {
        405 => allow(facts, sink),
        412 => {
            // what stands here now, so that the client can mend its request (RFC 9110 §13.1.1)
            if let Some(tag) = facts.target.tag {
                entity_tag(tag, sink);
            }
        }
        409 if facts.outcome.upload_complete.is_none() => match facts.target.upload_offset {
            Some(_) if facts.target.upload_complete => upload(None, Some(true), facts, sink),
            // where it is to go on
            Some(offset) => upload(Some(offset), Some(false), facts, sink),
            None => {}
        },
        415 => unsupported(verdict, facts, sink),
        416 => {
            let text = ContentRange::Unsatisfied { length: facts.target.length }.write();
            sink.field(Field::CONTENT_RANGE, text.as_bytes());
        }
        _ => {}
    }
    policy::of_error(verdict, facts, sink);
    if let Some(seconds) = explanation::retry_after(verdict, facts) {
        sink.field(Field::RETRY_AFTER, write_u64(seconds.into(), &mut [0; 20]));
    }
    if verdict.status.row().stored == Stored::Never {
        sink.field(Field::CACHE_CONTROL, b"no-store");
    }
}

/// What would be supported: media types of PATCH (RFC 5789 §2.2), content codings (RFC 9110 §15.5.16).
fn unsupported(verdict: &Verdict, facts: &Facts<'_>, sink: &mut impl Sink) {
    let site = facts.site;
    if verdict.last == reply::CONTENT_CODING_SUPPORTED {
        list(Field::ACCEPT_ENCODING, site.content_codings, sink);
    } else if facts.request.is(Method::PATCH) {
        list(Field::ACCEPT_PATCH, site.patch_types, sink);
    } else if facts.request.is(Method::POST) {
        list(Field::ACCEPT_POST, site.media_types, sink);
    }
}

fn list(field: Field, members: &[&str], sink: &mut impl Sink) {
    if !members.is_empty() {
        sink.field(field, members.join(", ").as_bytes());
    }
}

/// The protocols that would do where another than that of the request is demanded.
pub(crate) fn demanded<'a>(site: &Site<'a>) -> &'a [&'a [u8]] {
    if site.demanded.is_empty() { site.protocols } else { site.demanded }
}

fn location(facts: &Facts<'_>, sink: &mut impl Sink) {
    if let Some(proxy) = facts.site.next_proxy.filter(|_| facts.site.proxy_switched) {
        return sink.field(Field::SET_PROXY, proxy.as_bytes());
    }
    if let Some(location) = facts.outcome.location.or(facts.target.location) {
        sink.field(Field::LOCATION, location);
    }
}

/// What the target, or the server, can do (RFC 9110 §9.3.7).
fn capabilities(facts: &Facts<'_>, sink: &mut impl Sink) {
    if facts.request.is(Method::TRACE) {
        return;
    }
    allow(facts, sink);
    if facts.target.ranges {
        sink.field(Field::ACCEPT_RANGES, b"bytes");
    }
    if facts.site.webdav {
        sink.field(Field::DAV, DAV);
        // without it some clients take a server for one that speaks another protocol of their maker
        sink.field(Field::MS_AUTHOR_VIA, b"DAV");
    }
    if allowed(facts).has(Method::PATCH) {
        list(Field::ACCEPT_PATCH, facts.site.patch_types, sink);
    }
    if let Some(limit) = facts.site.upload_limit {
        sink.field(Field::UPLOAD_LIMIT, limit.as_bytes());
    }
}

/// The classes of WebDAV that are served (RFC 4918 §10.1, §18, RFC 5842 §8.1).
const DAV: &[u8] = b"1, 2, 3, bind";

/// The most octets of an Allow: every method of the table.
const ALLOW: usize = 256;

/// Allow lists exactly what is not answered 405 (RFC 9110 §10.2.1).
fn allow(facts: &Facts<'_>, sink: &mut impl Sink) {
    let mut value = [0; ALLOW];
    let mut at = 0;
    for method in allowed(facts).iter() {
        let comma: &[u8] = if at == 0 { b"" } else { b", " };
        for piece in [comma, method.name().as_bytes()] {
            let Some(room) = value.get_mut(at..at + piece.len()) else { return };
            room.copy_from_slice(piece);
            at += piece.len();
        }
    }
    sink.field(Field::ALLOW, &value[..at]);
}

/// The methods that the target supports.
pub fn allowed(facts: &Facts<'_>) -> Methods {
    let site = facts.site;
    let known = |m: &Method| *m != Method::BREW || site.teapot || site.known_methods.contains(&m.name().as_bytes());
    // what stands there may leave no room for a method that its kind supports
    let room = |m: &Method| !facts.knows_target() || reply::leaves_room(facts, *m);
    let supported = Method::all().filter(|m| known(m) && reply::supports(site, *m) && room(m));
    supported.fold(Methods::NONE, Methods::with)
}

fn text(made: GeneratedBody<'_>, sink: &mut impl Sink) {
    sink.field(Field::CONTENT_TYPE, made.media_type.as_bytes());
    length(made.length, sink);
    if made.media_type.starts_with("text/html") {
        sink.field(Field::CONTENT_SECURITY_POLICY, POLICY);
    }
    // a text that quotes the request must not be taken for anything else
    sink.field(Field::X_CONTENT_TYPE_OPTIONS, b"nosniff");
}
