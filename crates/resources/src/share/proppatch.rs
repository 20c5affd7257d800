//! PROPPATCH: clients keep properties with a resource, all that they ask for or none (RFC 4918 §9.2).

use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{MemberResult, Members};
use exchange::content::Content as RequestContent;
use semantics::prefer::Return;

use crate::action_result::ActionResult;
use crate::dav::proppatch;
use crate::properties::Update;
use crate::share::action::Action;
use crate::share::{Share, action_apart, intake};
use crate::tree::claims::Reach;
use crate::tree::offence::ActionError;

/// Takes the document in, and does what it asks for.
pub(crate) async fn patch(share: &Arc<Share>, action: &Arc<Action>, content: &mut impl RequestContent) -> ActionResult {
    let content = match intake::octets(share, action, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let (share, action) = (share.clone(), action.clone());
    action_apart(move || change(&share, &action, &proppatch::read(&content)?)).await
}

fn change(share: &Share, action: &Action, updates: &[Update]) -> Result<ActionResult, ActionError> {
    let path = &action.place.path;
    let _claim = share.tree.claims.claim(&[(path, Reach::Name)])?;
    let judged = share.again(action)?;
    if !judged.stand.exists() {
        return Err(Failure::SubjectMissing.into());
    }
    let mut failed = None;
    if proppatch::judge(updates) {
        let changed = share.properties.change(path, updates);
        share.tree.changed();
        // properties have a room of their own (RFC 4918 §9.2.1)
        failed =
            changed?.err().map(|_| MemberResult::refused(Failure::StorageInsufficient, Condition::QuotaNotExceeded));
    }
    let all = failed.is_none() && proppatch::judge(updates);
    if all && action.prefer().returns == Some(Return::Minimal) {
        // RFC 8144 §2.2
        return Ok(ActionResult { returned: Some(Return::Minimal), ..ActionResult::done() });
    }
    let mut members = Members::new();
    let named = &action.named().path;
    let slash: &[u8] = if judged.stand.is_collection() && !named.is_empty() { b"/" } else { b"" };
    proppatch::tell(updates, failed.as_ref(), &[named, slash].concat(), &mut members);
    Ok(ActionResult::of_parts(members))
}
