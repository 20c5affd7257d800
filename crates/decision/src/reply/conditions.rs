//! Block 12: the preconditions that the client set.
//!
//! They come after all that would refuse the request anyway (RFC 9110 §13.2.1), in the order of §13.2.2. A date that
//! cannot be read counts as absent.

use semantics::conditional::{self, Since};
use semantics::date::Date;
use semantics::field::{Field, Fields};
use semantics::method::Method;
use semantics::request::Request;

use crate::facts::Ask::{self, Site, Target};
use crate::facts::{self, Bar, Facts};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::reads::{changes, has_destination, since};
use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "conditions", about: "The preconditions that the client set.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("precondition_concerned", "Does it carry a precondition, or must it?", "RFC 9110 §13.2.2", Some(Site), |f| f.request.has_any(PRECONDITIONS) || precondition_missing(f), Next, Go("whole_read")),
    q("precondition_missing", "Must it carry a precondition, and carries none?", "RFC 6585 §3", Some(Site), precondition_missing, end(428), Next),
    q("if_match_present", "Is there an If-Match?", "RFC 9110 §13.1.1", None, |f| f.request.has(Field::IF_MATCH), Next, Go("if_unmodified_since_present")),
    q("if_match_holds", "Does If-Match name what stands here?", "RFC 9110 §13.1.1", Some(Target), if_match_holds, Go("if_none_match_present"), end(412)),
    q("if_unmodified_since_present", "Is there an If-Unmodified-Since that can be judged?", "RFC 9110 §13.1.4", Some(Target), |f| changed_since(f, Field::IF_UNMODIFIED_SINCE).is_some(), Next, Go("if_none_match_present")),
    q("if_unmodified_since_holds", "Is it unmodified since then?", "RFC 9110 §13.1.4", Some(Target), |f| changed_since(f, Field::IF_UNMODIFIED_SINCE) == Some(false), Next, end(412)),
    q("if_none_match_present", "Is there an If-None-Match?", "RFC 9110 §13.1.2", None, |f| f.request.has(Field::IF_NONE_MATCH), Next, Go("if_modified_since_present")),
    q("if_none_match_holds", "Does If-None-Match name nothing that stands here?", "RFC 9110 §13.1.2", Some(Target), if_none_match_holds, Go("whole_read"), Next),
    q("if_none_match_on_read", "Is it GET or HEAD?", "RFC 9110 §13.2.2", None, |f| f.request.is_read(), end(304), end(412)),
    q("if_modified_since_present", "Is there an If-Modified-Since that can be judged, on GET or HEAD?", "RFC 9110 §13.1.3", Some(Target), if_modified_since_present, Next, Go("whole_read")),
    q("if_modified_since_holds", "Is it modified since then?", "RFC 9110 §13.1.3", Some(Target), |f| changed_since(f, Field::IF_MODIFIED_SINCE) == Some(true), Next, end(304)),
];

const PRECONDITIONS: Fields =
    Fields::of(&[Field::IF_MATCH, Field::IF_NONE_MATCH, Field::IF_MODIFIED_SINCE, Field::IF_UNMODIFIED_SINCE]);

/// Those that protect what stands at the target; If-Modified-Since is for reads.
const PROTECTING: Fields = Fields::of(&[Field::IF_MATCH, Field::IF_NONE_MATCH, Field::IF_UNMODIFIED_SINCE, Field::IF]);

fn precondition_missing(f: &Facts<'_>) -> bool {
    if !changes(f) {
        return false;
    }
    let here = f.site.precondition_required && overwrites(f) && !f.request.has_any(PROTECTING);
    // If-Match and its like are about the target (RFC 9110 §13.1), so they protect nothing at the destination; a list of If does
    let replaces = f.site.destination_conditional && f.target.destination_exists && overwrites_destination(f);
    here || replaces && has_destination(f) && !f.request.has(Field::IF) || f.target.member_bar == Some(Bar::Conditional)
}

/// Can an update of somebody else be lost by it (RFC 6585 §3)? Not by what only adds a member, nor by a lock.
fn overwrites(f: &Facts<'_>) -> bool {
    match f.request.method() {
        Some(Method::POST) => !f.target.collection,
        Some(Method::COPY) => f.target.destination_exists && overwrites_destination(f),
        Some(Method::MKCOL | Method::LOCK | Method::UNLOCK | Method::BIND) => false,
        _ => true,
    }
}

/// Do the preconditions of RFC 9110 §13 hold of what stands here at the moment? Asked again at the action, when nobody can
/// change it any more.
pub fn preconditions_hold(request: Request<'_>, now: Date, target: &facts::Target<'_>) -> bool {
    let lines = |field| request.values(field);
    let protected = if request.has(Field::IF_MATCH) {
        conditional::if_match_holds(lines(Field::IF_MATCH), target.exists, target.tag)
    } else {
        let since = Since::read(lines(Field::IF_UNMODIFIED_SINCE), now);
        !since.zip(target.modified).is_some_and(|(since, modified)| since.changed(modified))
    };
    protected
        && (!request.has(Field::IF_NONE_MATCH)
            || conditional::if_none_match_holds(lines(Field::IF_NONE_MATCH), target.exists, target.tag))
}

fn overwrites_destination(f: &Facts<'_>) -> bool {
    !f.request.field(Field::OVERWRITE).is_some_and(|overwrite| overwrite.eq_ignore_ascii_case(b"F"))
}

fn if_match_holds(f: &Facts<'_>) -> bool {
    conditional::if_match_holds(f.request.values(Field::IF_MATCH), f.target.exists, f.target.tag)
}

fn if_none_match_holds(f: &Facts<'_>) -> bool {
    conditional::if_none_match_holds(f.request.values(Field::IF_NONE_MATCH), f.target.exists, f.target.tag)
}

/// Has what stands here changed since the date in this field? `None` if that cannot be judged.
fn changed_since(f: &Facts<'_>, field: Field) -> Option<bool> {
    Some(since(f, field)?.changed(f.target.modified?))
}

fn if_modified_since_present(f: &Facts<'_>) -> bool {
    f.request.is_read() && changed_since(f, Field::IF_MODIFIED_SINCE).is_some()
}
