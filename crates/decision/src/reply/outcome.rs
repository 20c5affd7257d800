//! Block 14: what came of the action; the walk of a member of a multistatus begins here.
//!
//! The action has been done or has failed, so these questions read nothing but its outcome, and nothing is said between
//! them.

use semantics::field::Field;
use semantics::syntax::{List, Pair, Parameters};

use crate::facts::Ask::{self, Outcome};
use crate::facts::Facts;
use crate::facts::Failure::{self, *};
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::{End, Entity};

use super::reads::modern;
use super::{Row, Test, end, end_with, q};

pub(super) const BLOCK: Block<Test, Ask, End> = Block {
    name: "outcome",
    about: "What came of the action; the walk of a member of a multistatus begins here.",
    rows: ROWS,
};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("outcome", "Was it done, or taken on to be done?", "RFC 9110 §15.3", Some(Outcome), |f| f.outcome.failure.is_none(), Go("accepted_for_later"), Next),
    q("content_stalled", "Did the content stop arriving?", "RFC 9110 §15.5.9", Some(Outcome), |f| failed(f, ContentStalled), end(408), Next),
    q("content_grew_too_large", "Did the content grow larger than we take?", "RFC 9110 §15.5.14", Some(Outcome), |f| failed(f, ContentGrewTooLarge), end(413), Next),
    q("content_broken", "Was the content cut short, badly framed, or not what its digest says?", "RFC 9110 §15.5.1", Some(Outcome), |f| failed(f, ContentBroken), end(400), Next),
    q("content_malformed", "Was the content no well-formed document of its type?", "RFC 5789 §2.2", Some(Outcome), |f| failed(f, ContentMalformed), end(400), Next),
    q("media_type_belied", "Was the content of another type than we take, by the look of it?", "RFC 9110 §15.5.16", Some(Outcome), |f| failed(f, MediaTypeBelied), end(415), Next),
    q("content_unprocessable", "Was it well formed, yet impossible to do?", "RFC 9110 §15.5.21", Some(Outcome), |f| failed(f, ContentUnprocessable), end(422), Next),
    q("mapped_meanwhile", "Had something come to stand there that leaves no room for the method?", "RFC 4918 §9.3.1", Some(Outcome), |f| failed(f, MappedMeanwhile), end(405), Next),
    q("state_conflict", "Did it conflict with the state of what stands here?", "RFC 9110 §15.5.10", Some(Outcome), |f| failed(f, StateConflict), end(409), Next),
    q("precondition_lost", "Had the target changed between the judgement and the action?", "RFC 9110 §13.1.1", Some(Outcome), |f| failed(f, PreconditionLost), end(412), Next),
    q("binding_overwrite_refused", "Was Overwrite F, and the binding already there?", "RFC 5842 §4", Some(Outcome), |f| failed(f, BindingOverwriteRefused), end(412), Next),
    q("subject_missing", "Was what it was about not there?", "RFC 4918 §9.2.1", Some(Outcome), |f| failed(f, SubjectMissing), end(404), Next),
    q("subject_forbidden", "Was what it was about barred or protected from the client?", "RFC 4918 §9.2.1", Some(Outcome), |f| failed(f, SubjectForbidden), end(403), Next),
    q("subject_protected", "Does a rule of a place that it reaches, and only the action could find, bar it there?", "RFC 9110 §15.5.4", Some(Outcome), |f| failed(f, SubjectProtected), end(403), Next),
    q("subject_locked", "Was a lock met that only the action could meet?", "RFC 4918 §11.3", Some(Outcome), |f| failed(f, SubjectLocked), end(423), Next),
    q("dependency_failed", "Did it fail only because another part failed?", "RFC 4918 §11.4", Some(Outcome), |f| failed(f, DependencyFailed), end(424), Next),
    q("storage_insufficient", "Was there no room to store it?", "RFC 4918 §11.5", Some(Outcome), |f| failed(f, StorageInsufficient), end(507), Next),
    q("binding_loop", "Did it run into an endless loop of bindings?", "RFC 5842 §7.2", Some(Outcome), |f| failed(f, BindingLoop), end(508), Next),
    q("store_unreachable", "Was a store that it needs out of reach for now?", "RFC 9110 §15.6.4", Some(Outcome), |f| failed(f, StoreUnreachable), end(503), Next),
    q("internal_fault", "Did it fail by a fault of ours?", "RFC 9110 §15.6.1", Some(Outcome), |f| f.outcome.failure.is_some(), end(500), Next),
    q("accepted_for_later", "Is it still to be done?", "RFC 9110 §15.3.3", Some(Outcome), |f| f.outcome.later, end_with(202, Entity::Result), Next),
    q("several_outcomes", "Did its parts have outcomes of their own?", "RFC 4918 §11.1", Some(Outcome), |f| f.outcome.parts, end_with(207, Entity::Members), Next),
    q("created", "Did it create something?", "RFC 9110 §15.3.2", Some(Outcome), |f| f.outcome.created, end_with(201, Entity::Result), Next),
    q("result_elsewhere", "Is the answer to be read somewhere else?", "RFC 9110 §15.4.4", Some(Outcome), |f| f.outcome.elsewhere, Next, Go("reset_wanted")),
    q("result_see_other_known", "Does the client speak HTTP/1.1 or later, which knows 303?", "RFC 9110 §15.4.4", Some(Outcome), modern, end(303), end(302)),
    q("reset_wanted", "Should the client set its form back for the next entry?", "RFC 9110 §15.3.6", Some(Outcome), |f| f.outcome.reset, end(205), Next),
    q("already_reported", "Were its members reported already, under another binding?", "RFC 5842 §7.1", Some(Outcome), |f| f.outcome.reported, end_with(208, Entity::Nothing), Next),
    q("result_present", "Is there anything to tell?", "RFC 9110 §15.3.1", Some(Outcome), |f| f.outcome.content && !minimal_preferred(f), end_with(200, Entity::Result), end(204)),
];

fn failed(f: &Facts<'_>, failure: Failure) -> bool {
    f.outcome.failure == Some(failure)
}

fn minimal_preferred(f: &Facts<'_>) -> bool {
    f.request.has(Field::PREFER)
        && f.request.values(Field::PREFER).flat_map(List::new).any(|preference| {
            let pair = Pair::parse(Parameters::split(preference).0);
            pair.is_ok_and(|p| p.is(b"return") && p.value.is_some_and(|v| v.equals(b"minimal")))
        })
}
