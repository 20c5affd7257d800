//! Block 8: the content, as far as the head declares it.
//!
//! A plain GET or HEAD skips it: `read_without_content`.

use semantics::accept::Dimension;
use semantics::field::Field;
use semantics::method::Method;
use semantics::syntax::{List, parse_u64};
use semantics::target::Target;
use semantics::target_uri::path_here;

use crate::facts::Ask::{self, Site, Storage};
use crate::facts::{Facts, allows};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::{End, Entity};

use super::reads::{announced, changes, destination, has_destination, webdav_concerned};
use super::{Row, Test, end, end_with, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "content", about: "The content, as far as the head declares it.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("read_without_content", "Is it GET or HEAD, with neither content nor a field of WebDAV?", "RFC 9110 §9.3.1", None, read_without_content, Go("answered_elsewhere"), Next),
    q("teapot_asked_to_brew", "Is it a teapot, asked to brew coffee?", "RFC 2324 §2.3.2", Some(Site), |f| f.site.teapot && f.request.is(Method::BREW), end(418), Next),
    q("asked_by_other_site", "Is it a change that a page of another site has a browser ask for?", "Fetch Metadata §2.4", Some(Site), |f| f.site.own_pages_only && changes(f) && other_site(f), end(403), Next),
    q("content_present", "Does it bring content?", "RFC 9110 §6.4", None, |f| f.request.has_content(), Next, Go("upload_fields_valid")),
    q("length_required", "Is the length of the content to be told, and is it not?", "RFC 9110 §15.5.12", Some(Site), |f| f.site.length_required && !f.request.has(Field::CONTENT_LENGTH), end(411), Next),
    q("content_too_large", "Is the content longer than the limit here, as far as its length is known?", "RFC 9110 §15.5.14", Some(Site), |f| f.site.content_limit.is_some_and(|limit| whole(f) > limit), end(413), Next),
    q("content_ignored", "Does WebDAV give content no meaning with this method?", "RFC 4918 §8.4", Some(Site), content_ignored, end(415), Next),
    q("media_type_supported", "Is this media type taken here, with this method?", "RFC 9110 §15.5.16", Some(Site), media_type_supported, Next, end(415)),
    q("content_coding_supported", "Is this content coding taken here?", "RFC 9110 §12.5.3", Some(Site), content_coding_supported, Next, end(415)),
    q("upload_fields_valid", "Do the fields of a resumable upload agree with each other?", "draft-ietf-httpbis-resumable-upload §4.1.3", None, |f| f.request.is_read() || f.reading.upload_fields_valid, Next, end(400)),
    q("partial_put", "Is it PUT of a part, where only the whole is taken?", "RFC 9110 §14.5", Some(Site), partial_put, end(400), Next),
    q("webdav_fields_concerned", "Is it a method of WebDAV, or one with its fields?", "RFC 4918 §10", None, webdav_concerned, Next, Go("storage_concerned")),
    q("destination_valid", "Is Destination there and a URI, where the method needs it?", "RFC 4918 §10.3", None, destination_valid, Next, end(400)),
    q("lock_token_present", "Is Lock-Token there, where the method needs it?", "RFC 4918 §9.11.1", None, |f| !f.request.is(Method::UNLOCK) || f.request.has(Field::LOCK_TOKEN), Next, end(400)),
    q("webdav_fields_valid", "Are Depth, Overwrite, Timeout and If well formed and fit for the method?", "RFC 4918 §10", None, |f| !webdav_concerned(f) || f.reading.webdav_fields_valid, Next, end(400)),
    q("depth_infinity_refused", "Does it ask for infinite depth, which is not served here?", "RFC 4918 §9.1.1", Some(Site), depth_infinity_refused, end(403), Next),
    q("storage_concerned", "Does it announce content that is to be stored?", "RFC 4918 §11.5", None, |f| stores(f) && announced(f) > 0, Next, Go("asked_of_server")),
    q("storage_quota_left", "Is there room for the content announced?", "RFC 4918 §11.5", Some(Storage), storage_quota_left, Next, end(507)),
    q("asked_of_server", "Is it OPTIONS or TRACE, to be answered by the server itself?", "RFC 9110 §7.6.2", Some(Site), asked_of_server, end_with(200, Entity::Server), Next),
];

fn read_without_content(f: &Facts<'_>) -> bool {
    f.request.is_read() && !f.request.has_content() && !webdav_concerned(f)
}

/// Did a page of another site make a browser send it? Browsers say so; what says nothing is no page. A page whose origin the
/// site lets in is none of another site.
fn other_site(f: &Facts<'_>) -> bool {
    let origin = f.request.field(Field::ORIGIN);
    if origin.is_some_and(|origin| allows(f.site.cors, origin)) {
        return false;
    }
    match (f.request.field(Field::SEC_FETCH_SITE), origin) {
        (Some(site), _) => !(site == b"same-origin" || site == b"none"),
        // what is no origin is no origin of ours
        (None, Some(origin)) => {
            !origin.windows(3).any(|part| part == b"://") || path_here(f.request, &[origin, b"/"].concat()).is_none()
        }
        (None, None) => false,
    }
}

/// The octets that it announces: of the whole, where it brings the first piece of an upload.
fn whole(f: &Facts<'_>) -> u64 {
    if !f.request.has(Field::UPLOAD_COMPLETE) {
        return announced(f);
    }
    // a number of more digits is none that such a field can tell (RFC 9651 §3.3.1), and malformed
    let length = f.request.field(Field::UPLOAD_LENGTH).filter(|value| value.len() <= 15);
    announced(f).max(length.and_then(|value| parse_u64(value).ok()).unwrap_or(0))
}

fn content_ignored(f: &Facts<'_>) -> bool {
    has_destination(f)
        || f.request.is(Method::UNLOCK)
        // the content of MKCOL has a meaning in extensions alone (RFC 4918 §9.3)
        || f.site.webdav && (f.request.is(Method::DELETE) || f.request.is(Method::MKCOL))
}

fn media_type_supported(f: &Facts<'_>) -> bool {
    let declared = f.request.field(Field::CONTENT_TYPE).unwrap_or_default();
    let within = |range: &&str| Dimension::MediaType.specificity(range.as_bytes(), declared).is_some();
    [f.site.media_types, f.site.bound_media_types].iter().all(|taken| taken.is_empty() || taken.iter().any(within))
}

fn content_coding_supported(f: &Facts<'_>) -> bool {
    let taken = f.site.content_codings;
    let codings = || f.request.values(Field::CONTENT_ENCODING).flat_map(List::new);
    let is = |coding: &[u8], name: &str| plain_name(coding).eq_ignore_ascii_case(name.as_bytes());
    // what was coded twice is another thing than what was coded once
    let layers = codings().filter(|coding| !is(coding, "identity")).count();
    taken.is_empty() || layers <= 1 && codings().all(|coding| taken.iter().any(|name| is(coding, name)))
}

/// A coding without the `x-` of old times (RFC 9110 §8.4.1.1, §8.4.1.3).
fn plain_name(coding: &[u8]) -> &[u8] {
    match coding.split_at_checked(2) {
        Some((old, rest)) if old.eq_ignore_ascii_case(b"x-") => rest,
        _ => coding,
    }
}

fn partial_put(f: &Facts<'_>) -> bool {
    f.request.is(Method::PUT) && f.request.has(Field::CONTENT_RANGE) && !f.site.partial_put
}

fn destination_valid(f: &Facts<'_>) -> bool {
    !has_destination(f) || destination(f).is_some()
}

/// PROPFIND without Depth asks for infinity (RFC 4918 §9.1).
fn depth_infinity_refused(f: &Facts<'_>) -> bool {
    f.request.is(Method::PROPFIND)
        && !f.site.depth_infinity
        && f.request.field(Field::DEPTH).is_none_or(|depth| depth.eq_ignore_ascii_case(b"infinity"))
}

fn stores(f: &Facts<'_>) -> bool {
    matches!(f.request.method(), Some(Method::PUT | Method::POST | Method::PATCH))
}

fn storage_quota_left(f: &Facts<'_>) -> bool {
    !stores(f) || f.storage.left.is_none_or(|left| announced(f) <= left)
}

/// OPTIONS and TRACE are answered where Max-Forwards ends, or here if nobody stands behind us.
fn asked_of_server(f: &Facts<'_>) -> bool {
    match f.request.method() {
        Some(Method::OPTIONS) => {
            forwards_end(f) || !f.site.forwards && matches!(f.reading.target, Ok(Target::Asterisk))
        }
        Some(Method::TRACE) => forwards_end(f) || !f.site.forwards,
        _ => false,
    }
}

fn forwards_end(f: &Facts<'_>) -> bool {
    f.request.field(Field::MAX_FORWARDS).is_some_and(|left| parse_u64(left) == Ok(0))
}
