//! The conditions of WebDAV that have a name: what an error tells a client in an element of its own (RFC 4918 §16).
//!
//! Which of them did not hold follows from the cause, unless whoever did the action told one. How the rest of an error is
//! written is not known here.

use alloc::vec::Vec;

use semantics::method::Method;
use semantics::text::xml::uri;

use crate::facts::Facts;
use crate::reply::REPLY;
use crate::verdict::Verdict;

/// A precondition or postcondition that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// The URI of an UNLOCK is in the scope of the lock named (RFC 4918 §16).
    LockTokenMatchesRequestUri,
    /// The token of a lock that bears on the request is submitted (RFC 4918 §16).
    LockTokenSubmitted,
    /// No lock stands in the way of a new one (RFC 4918 §16).
    NoConflictingLock,
    /// The content refers to no external entity (RFC 4918 §16).
    NoExternalEntities,
    /// A copy or a move keeps the live properties (RFC 4918 §16).
    PreservedLiveProperties,
    /// The depth of a PROPFIND is finite (RFC 4918 §16).
    PropfindFiniteDepth,
    /// The property may be written by a client (RFC 4918 §16).
    CannotModifyProtectedProperty,
    /// The quota is kept (RFC 4331 §6).
    QuotaNotExceeded,
    /// The disk has room (RFC 4331 §6).
    SufficientDiskSpace,
    /// The target of a BIND is a collection (RFC 5842 §4).
    BindIntoCollection,
    /// What is to be bound exists (RFC 5842 §4).
    BindSourceExists,
    /// What is to be bound can have several bindings (RFC 5842 §4).
    BindingAllowed,
    /// What is to be bound is on this server (RFC 5842 §4).
    CrossServerBinding,
    /// The name is one that a member can have (RFC 5842 §4).
    NameAllowed,
    /// What stands there already may be replaced (RFC 5842 §4).
    CanOverwrite,
    /// A collection may be a member of itself (RFC 5842 §4).
    CycleAllowed,
    /// The target of an UNBIND is a collection (RFC 5842 §5).
    UnbindFromCollection,
    /// What is to be unbound exists (RFC 5842 §5).
    UnbindSourceExists,
    /// The target of a REBIND is a collection (RFC 5842 §6).
    RebindIntoCollection,
    /// What is to be rebound exists (RFC 5842 §6).
    RebindSourceExists,
    /// The members are few enough to be reported (RFC 6578 §3.6).
    NumberOfMatchesWithinLimits,
}

impl Condition {
    /// The name of its element, in the namespace `DAV:`.
    pub const fn element(self) -> &'static str {
        match self {
            Condition::LockTokenMatchesRequestUri => "lock-token-matches-request-uri",
            Condition::LockTokenSubmitted => "lock-token-submitted",
            Condition::NoConflictingLock => "no-conflicting-lock",
            Condition::NoExternalEntities => "no-external-entities",
            Condition::PreservedLiveProperties => "preserved-live-properties",
            Condition::PropfindFiniteDepth => "propfind-finite-depth",
            Condition::CannotModifyProtectedProperty => "cannot-modify-protected-property",
            Condition::QuotaNotExceeded => "quota-not-exceeded",
            Condition::SufficientDiskSpace => "sufficient-disk-space",
            Condition::BindIntoCollection => "bind-into-collection",
            Condition::BindSourceExists => "bind-source-exists",
            Condition::BindingAllowed => "binding-allowed",
            Condition::CrossServerBinding => "cross-server-binding",
            Condition::NameAllowed => "name-allowed",
            Condition::CanOverwrite => "can-overwrite",
            Condition::CycleAllowed => "cycle-allowed",
            Condition::UnbindFromCollection => "unbind-from-collection",
            Condition::UnbindSourceExists => "unbind-source-exists",
            Condition::RebindIntoCollection => "rebind-into-collection",
            Condition::RebindSourceExists => "rebind-source-exists",
            Condition::NumberOfMatchesWithinLimits => "number-of-matches-within-limits",
        }
    }

    /// The condition that did not hold, if this verdict is about one: the action's own word, or else what the cause says.
    pub fn of(verdict: &Verdict, facts: &Facts<'_>) -> Option<Condition> {
        if !verdict.status.is_error() {
            return None;
        }
        let id = REPLY.rows.get(usize::from(verdict.last))?.id;
        let by_cause = || OF_CAUSE.iter().find(|(cause, _)| *cause == id).map(|(_, condition)| *condition);
        facts.outcome.condition.or_else(by_cause).or_else(|| refresh(id, facts))
    }

    /// Does its element name the resources concerned (RFC 4918 §16)?
    const fn names_resources(self) -> bool {
        matches!(self, Condition::LockTokenSubmitted | Condition::NoConflictingLock)
    }

    /// The path that its element names, ready to be written: what the action met, or the root of the lock that was found, or,
    /// where the element must name one, the target itself.
    pub(crate) fn subject<'a>(self, facts: &Facts<'a>) -> Option<&'a [u8]> {
        let met = facts.outcome.subject.or(facts.target.lock_root);
        let sent = || (self == Condition::LockTokenSubmitted).then(|| path_sent(facts)).flatten();
        if self.names_resources() { met.or_else(sent) } else { None }
    }

    /// Writes its element, with the resource concerned if that is known.
    pub(crate) fn write(self, subject: Option<&[u8]>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<D:");
        out.extend_from_slice(self.element().as_bytes());
        match subject.filter(|_| self.names_resources()) {
            Some(subject) => {
                out.extend_from_slice(b"><D:href>");
                uri(subject, out);
                out.extend_from_slice(b"</D:href></D:");
                out.extend_from_slice(self.element().as_bytes());
                out.extend_from_slice(b">");
            }
            None => out.extend_from_slice(b"/>"),
        }
    }
}

/// The condition behind a cause: of each question that has one.
const OF_CAUSE: [(&str, Condition); 8] = [
    ("depth_infinity_refused", Condition::PropfindFiniteDepth),
    ("storage_quota_left", Condition::QuotaNotExceeded),
    ("locked", Condition::LockTokenSubmitted),
    ("lock_conflicts", Condition::NoConflictingLock),
    ("lock_token_matches", Condition::LockTokenMatchesRequestUri),
    ("binding_overwrite_refused", Condition::CanOverwrite),
    ("subject_locked", Condition::LockTokenSubmitted),
    ("storage_insufficient", Condition::SufficientDiskSpace),
];

/// LOCK without content is a refresh, and its If names the lock; a lock that does not reach the target fails it
/// (RFC 4918 §9.10.6).
fn refresh(id: &str, facts: &Facts<'_>) -> Option<Condition> {
    let refreshes = facts.request.is(Method::LOCK) && !facts.request.has_content();
    (id == "if_header_holds" && refreshes).then_some(Condition::LockTokenMatchesRequestUri)
}

/// The path of the target as it was sent.
fn path_sent<'a>(facts: &Facts<'a>) -> Option<&'a [u8]> {
    facts.reading.target.ok()?.path().filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_of_a_cause_has_a_question() {
        let rows = OF_CAUSE.iter().map(|(id, _)| REPLY.find(id).expect("a question"));
        assert!(rows.collect::<Vec<_>>().is_sorted(), "they stand in the order of the graph");
    }
}
