//! Block 10: what stands at the target, and whether the action has a place there.
//!
//! A plain GET or HEAD of something that is there asks two of these questions.

use alloc::vec;

use semantics::field::Field;
use semantics::method::Method;
use semantics::syntax::parse_u64;
use semantics::target::decode_path;
use semantics::target_uri::path_here;

use crate::facts::Ask::{self, Site, Target};
use crate::facts::{Bar, Facts, Moved};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::{End, Entity};

use super::reads::{changes, destination_hidden, has_destination, hidden, modern, submits};
use super::{Row, Test, end, end_with, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "place", about: "What stands at the target, and whether the action has a place there.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("target_exists", "Does something stand at the target, to be had right here?", "RFC 9110 §15.5.5", Some(Target), target_exists, Go("plain_read"), Next),
    q("existence_hidden", "Is this client refused here, and shall nobody learn whether anything is here?", "RFC 9110 §15.5.4", Some(Site), hidden, end(404), Next),
    q("lookup_failed", "Did it fail to find out what stands there?", "RFC 9110 §15.6.1", Some(Target), |f| f.target.lookup_failed, end(500), Next),
    q("lookup_denied", "Does the system beneath us deny us the target?", "RFC 9110 §15.5.4", Some(Target), |f| f.target.lookup_denied.is_some(), end(403), Next),
    q("moved", "Is it known to be somewhere else?", "RFC 9110 §15.4", Some(Target), |f| f.target.moved.is_some(), Next, Go("described_elsewhere")),
    q("moved_permanently", "Is it there for good?", "RFC 9110 §15.4.2", Some(Target), |f| f.target.moved == Some(Moved::Permanently), Next, Go("temporary_keeps_method")),
    q("permanent_keeps_method", "Must the method be kept, and does the client know how?", "RFC 9110 §15.4.9", Some(Target), method_kept, end(308), end(301)),
    q("temporary_keeps_method", "Must the method be kept, and does the client know how?", "RFC 9110 §15.4.8", Some(Target), method_kept, end(307), end(302)),
    q("described_elsewhere", "Is it a thing that cannot be sent, with a description somewhere else?", "RFC 9110 §15.4.4", Some(Target), described_elsewhere, Next, Go("proxy_required")),
    q("see_other_known", "Does the client speak HTTP/1.1 or later, which knows 303?", "RFC 9110 §15.4.4", None, modern, end(303), end(302)),
    q("proxy_required", "Is it to be reached through a named proxy, and was not?", "RFC 2616 §10.3.6", Some(Target), |f| f.target.proxy_required, end(305), Next),
    q("gone", "Was it removed for good, and is that to be told?", "RFC 9110 §15.5.11", Some(Target), |f| f.target.gone, end(410), Next),
    q("target_missing", "Is nothing there that the method could work on?", "RFC 9110 §15.5.5", Some(Target), |f| !method_creates(f), end(404), Next),
    q("name_storable", "Can the file system hold a name that long?", "RFC 9110 §15.5.15", Some(Target), |f| !f.target.name_too_long, Next, end(414)),
    q("parent_exists", "Does its parent collection exist?", "RFC 4918 §9.7.1", Some(Target), |f| f.target.parent_exists, Go("if_header_present"), end(409)),
    q("plain_read", "Is it GET or HEAD, without an If header?", "RFC 9110 §9.2.1", None, |f| f.request.is_read() && !f.request.has(Field::IF), Go("selection_concerned"), Next),
    q("options_asked", "Is it OPTIONS?", "RFC 9110 §9.3.7", None, |f| f.request.is(Method::OPTIONS), end_with(200, Entity::Capabilities), Next),
    q("method_allowed_on_mapped", "Does what stands here leave room for the method?", "RFC 4918 §9.3.1", Some(Target), method_allowed_on_mapped, Next, end(405)),
    q("upload_offset_matches", "Does it go on where the upload stopped, if it goes on with one?", "draft-ietf-httpbis-resumable-upload §4.4.2", Some(Target), upload_offset_matches, Next, end(409)),
    q("member_barred", "Does a rule bar what would be done to something that it takes along, or puts in its place?", "RFC 4918 §9.6.1", Some(Target), member_barred, end(403), Next),
    q("destination_concerned", "Does the method have a destination?", "RFC 4918 §9.8", None, has_destination, Next, Go("if_header_present")),
    q("destination_on_server", "Is the destination on this server?", "RFC 4918 §9.8.5", Some(Site), destination_on_server, Next, end(502)),
    q("destination_is_source", "Is the destination the source itself?", "RFC 4918 §9.8.5", None, destination_is_source, end(403), Next),
    q("destination_parent_exists", "Does the parent of the destination exist?", "RFC 4918 §9.8.5", Some(Target), |f| f.target.destination_parent_exists && !destination_hidden(f), Next, end(409)),
    q("if_header_present", "Is there an If header?", "RFC 4918 §10.4", None, |f| f.request.has(Field::IF), Next, Go("locked")),
    q("if_header_holds", "Does one of its lists hold?", "RFC 4918 §10.4.3", Some(Target), |f| f.target.if_lists_hold, Next, end(412)),
    q("locked", "Is what it would change locked, and the token of its creator not submitted?", "RFC 4918 §7.5", Some(Target), locked, end(423), Next),
    q("lock_conflicts", "Is it LOCK, against a lock that someone holds?", "RFC 4918 §9.10.6", Some(Target), lock_conflicts, end(423), Next),
    q("lock_token_matches", "Does Lock-Token name a lock here, if it is UNLOCK?", "RFC 4918 §9.11.1", Some(Target), lock_token_matches, Next, end(409)),
    q("destination_free", "Does no rule of its destination bar it?", "RFC 4918 §9.8.5", Some(Target), |f| f.target.destination_bar.is_none(), Go("overwrite_refused"), Next),
    q("destination_type_supported", "Is it of a media type that is stored at the destination?", "RFC 9110 §15.5.16", Some(Target), |f| f.target.destination_bar != Some(Bar::Types), Next, end(415)),
    q("destination_content_too_large", "Is it larger than what is stored at the destination?", "RFC 9110 §15.5.14", Some(Target), |f| f.target.destination_bar == Some(Bar::MaxContent), end(413), Next),
    q("destination_barred", "Is it any other rule that bars it there?", "RFC 4918 §9.8.5", Some(Target), |f| f.target.destination_bar.is_some(), end(403), end(403)),
    q("overwrite_refused", "Is Overwrite F, and something at the destination?", "RFC 4918 §10.6", Some(Target), overwrite_refused, end(412), Next),
];

fn target_exists(f: &Facts<'_>) -> bool {
    let target = f.target;
    target.exists
        && !hidden(f)
        && target.moved.is_none()
        && target.lookup_denied.is_none()
        && !(target.lookup_failed || target.proxy_required || target.gone || described_elsewhere(f))
}

fn described_elsewhere(f: &Facts<'_>) -> bool {
    f.target.described_elsewhere && f.request.is_read()
}

/// User agents turn POST into GET on 301 and 302, and leave other methods as they are only on 307 and 308
/// (RFC 9110 §15.4).
fn method_kept(f: &Facts<'_>) -> bool {
    modern(f) && (f.target.keeps_method || !(f.request.is_read() || f.request.is(Method::POST)))
}

/// Can the method make something where nothing is (RFC 9110 §9.3.4)?
fn method_creates(f: &Facts<'_>) -> bool {
    match f.request.method() {
        Some(Method::PUT | Method::MKCOL | Method::LOCK) => true,
        Some(Method::PATCH) => f.target.patch_creates,
        _ => false,
    }
}

fn method_allowed_on_mapped(f: &Facts<'_>) -> bool {
    f.request.method().is_none_or(|method| leaves_room(f, method))
}

/// Does what stands at the target leave room for the method?
pub(crate) fn leaves_room(f: &Facts<'_>, method: Method) -> bool {
    match method {
        _ if !f.target.exists => true,
        Method::MKCOL => false,
        Method::PUT => !f.target.collection,
        Method::POST => f.target.collection || !f.site.post_adds,
        Method::PATCH if f.site.post_adds => !f.target.collection,
        _ => true,
    }
}

/// What lacks nothing but a condition is told so by a question of its own, where conditions are judged.
fn member_barred(f: &Facts<'_>) -> bool {
    f.target.member_bar.is_some_and(|bar| bar != Bar::Conditional)
}

fn upload_offset_matches(f: &Facts<'_>) -> bool {
    match f.target.upload_offset {
        Some(stored) if f.request.is(Method::PATCH) => {
            f.request.field(Field::UPLOAD_OFFSET).map_or(Ok(0), parse_u64) == Ok(stored)
        }
        _ => true,
    }
}

fn destination_on_server(f: &Facts<'_>) -> bool {
    f.site.other_destinations || path_of_destination(f).is_some()
}

fn destination_is_source(f: &Facts<'_>) -> bool {
    let source = f.reading.target.ok().and_then(|target| target.path());
    source.zip(path_of_destination(f)).is_some_and(|(source, destination)| same_path(source, destination))
}

/// The path of the destination, if it is on this server.
fn path_of_destination<'a>(f: &Facts<'a>) -> Option<&'a [u8]> {
    path_here(f.request, f.request.field(Field::DESTINATION)?)
}

/// Do both lead through the same names? A slash at the end makes no difference.
fn same_path(one: &[u8], other: &[u8]) -> bool {
    let (mut room, mut other_room) = (vec![0; one.len()], vec![0; other.len()]);
    match (decode_path(one, &mut room), decode_path(other, &mut other_room)) {
        (Ok(one), Ok(other)) => one.path == other.path,
        _ => one == other,
    }
}

fn locked(f: &Facts<'_>) -> bool {
    // where nothing is, LOCK makes something first, which changes the collection that it is to be in (RFC 4918 §7.4)
    let lock_method = f.request.is(Method::LOCK) && f.target.exists || f.request.is(Method::UNLOCK);
    match f.target.lock_token {
        Some(token) if changes(f) && !lock_method => !(submits(f, token) && f.target.lock_creator),
        _ => false,
    }
}

fn lock_conflicts(f: &Facts<'_>) -> bool {
    f.request.is(Method::LOCK) && f.target.lock_token.is_some_and(|token| !submits(f, token))
}

fn lock_token_matches(f: &Facts<'_>) -> bool {
    let named = f.request.field(Field::LOCK_TOKEN).and_then(|t| t.strip_prefix(b"<")?.strip_suffix(b">"));
    !f.request.is(Method::UNLOCK) || named.is_some() && named == f.target.lock_token
}

fn overwrite_refused(f: &Facts<'_>) -> bool {
    has_destination(f)
        && f.target.destination_exists
        && f.request.field(Field::OVERWRITE).is_some_and(|o| o.eq_ignore_ascii_case(b"F"))
}
