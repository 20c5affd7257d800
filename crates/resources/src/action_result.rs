//! What came of a action, owned by whoever did it: the facts that the decision asks for, and the content that goes with them.

use std::sync::Arc;

use decision::condition::Condition;
use decision::facts::{Failure, Outcome};
use decision::multistatus::Members;
use semantics::date::Date;
use semantics::fault::ContentFault;
use semantics::prefer::Return;

use crate::rules::Source;
use crate::tree::offence::ActionError;
use crate::validators::Validators;

/// What came of a action.
#[derive(Debug, Default)]
pub struct ActionResult {
    pub(crate) failure: Option<Failure>,
    pub(crate) condition: Option<Condition>,
    pub(crate) subject: Option<Vec<u8>>,
    pub(crate) content_fault: Option<ContentFault>,
    pub(crate) later: bool,
    pub(crate) created: bool,
    pub(crate) elsewhere: bool,
    pub(crate) reset: bool,
    pub(crate) location: Option<Vec<u8>>,
    pub(crate) result: Option<CreatedAt>,
    pub(crate) validators: Option<Validators>,
    pub(crate) lock_token: Option<String>,
    pub(crate) returned: Option<Return>,
    pub(crate) upload_offset: Option<u64>,
    pub(crate) upload_complete: Option<bool>,
    pub(crate) members: Option<Arc<Members>>,
    pub(crate) rule: Option<Source>,
}

/// Content that a action made.
#[derive(Debug)]
pub struct CreatedAt {
    /// Its media type.
    pub media_type: &'static str,
    /// Its octets.
    pub octets: Vec<u8>,
}

impl ActionResult {
    /// Done, and nothing to tell.
    pub(crate) fn done() -> ActionResult {
        ActionResult::default()
    }

    /// Done, and there is something that was not.
    pub(crate) fn created(location: Vec<u8>) -> ActionResult {
        ActionResult { created: true, location: Some(location), ..ActionResult::default() }
    }

    /// Done, and this is to be told.
    pub(crate) fn telling(media_type: &'static str, octets: Vec<u8>) -> ActionResult {
        ActionResult { result: Some(CreatedAt { media_type, octets }), ..ActionResult::default() }
    }

    /// Its parts have fates of their own.
    pub(crate) fn of_parts(members: impl Into<Arc<Members>>) -> ActionResult {
        ActionResult { members: Some(members.into()), ..ActionResult::default() }
    }

    /// The facts.
    pub fn outcome(&self) -> Outcome<'_> {
        Outcome {
            failure: self.failure,
            condition: self.condition,
            subject: self.subject.as_deref(),
            content_fault: self.content_fault,
            later: self.later,
            parts: self.members.is_some(),
            created: self.created,
            elsewhere: self.elsewhere,
            location: self.location.as_deref(),
            reset: self.reset,
            content: self.result.is_some(),
            media_type: self.result.as_ref().map(|made| made.media_type),
            length: self.result.as_ref().map_or(0, |made| made.octets.len() as u64),
            tag: self.validators.as_ref().map(Validators::tag),
            modified: self.modified(),
            lock_token: self.lock_token.as_deref(),
            returned: self.returned,
            upload_offset: self.upload_offset,
            upload_complete: self.upload_complete,
            ..Outcome::DEFAULT
        }
    }

    fn modified(&self) -> Option<Date> {
        self.validators.as_ref().map(|validators| validators.modified)
    }

    /// The line of the rule that barred it, if one did.
    pub fn rule(&self) -> Option<Source> {
        self.rule
    }

    /// The content that was made.
    pub fn content(&self) -> &[u8] {
        self.result.as_ref().map_or(&[], |made| &made.octets)
    }

    /// The members with fates of their own.
    pub fn members(&self) -> Option<&Members> {
        self.members.as_deref()
    }
}

impl From<ActionError> for ActionResult {
    fn from(offence: ActionError) -> ActionResult {
        let ActionError { failure, condition, subject, content_fault, rule } = offence;
        ActionResult { failure: Some(failure), condition, subject, content_fault, rule, ..ActionResult::default() }
    }
}

impl From<Failure> for ActionResult {
    fn from(failure: Failure) -> ActionResult {
        ActionError::new(failure).into()
    }
}
