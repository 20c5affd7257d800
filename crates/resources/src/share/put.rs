//! PUT: what stands at the target is replaced by the content, or made of it (RFC 9110 §9.3.4).

use std::sync::Arc;

use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use rustix::io::Errno;
use semantics::prefer::Return;

use crate::action_result::ActionResult;
use crate::share::action::{Action, href};
use crate::share::intake::{self, Content, Making};
use crate::share::judge::Judged;
use crate::share::{Share, action_apart};
use crate::tree::claims::{Claim, Reach};
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::standing::FileState;

/// Takes the content in, and puts it there.
pub(crate) async fn put(
    share: &Arc<Share>,
    action: &Arc<Action>,
    content: &mut impl RequestContent,
    judged: Option<&Judged>,
    room: Option<u64>,
) -> ActionResult {
    let content = match intake::stored(share, action, content, room).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    if let Content::Octets(octets) = &content
        && !share.tree.durable
        && let Some(done) = commit_now(share, action, octets, judged)
    {
        return done;
    }
    let (share, action) = (share.clone(), action.clone());
    action_apart(move || commit(&share, &action, content)).await
}

/// The same here and now, where nothing has to be waited for: neither the disk nor another change.
fn commit_now(share: &Share, action: &Action, octets: &[u8], judged: Option<&Judged>) -> Option<ActionResult> {
    let claim = share.tree.claims.claim_now(&[(&action.place.path, Reach::Name)]).ok()?;
    let put = || {
        let making = intake::write_small(share, octets)?;
        // what was judged a moment ago still counts if nothing of ours has changed since, and nothing can under the claim
        match judged {
            Some(judged) if judged.counts(share) => under(claim, share, action, making, judged),
            _ => under(claim, share, action, making, &share.again(action)?),
        }
    };
    Some(put().unwrap_or_else(ActionResult::from))
}

/// Puts content in its place that was taken in whole.
pub(crate) fn commit(share: &Share, action: &Action, content: Content) -> Result<ActionResult, ActionError> {
    let making = content.into_file(share)?;
    let claim = share.tree.claims.claim(&[(&action.place.path, Reach::Name)])?;
    let judged = share.again(action)?;
    under(claim, share, action, making, &judged)
}

/// Under a claim, and judged under it: brings the file to its name.
fn under(
    _claim: Claim<'_>,
    share: &Share,
    action: &Action,
    mut making: Making,
    judged: &Judged,
) -> Result<ActionResult, ActionError> {
    let path = &action.place.path;
    let old = match &judged.stand {
        // a collection is not replaced by a file, and what is named as a collection is not made by PUT
        FileState::Collection(_) => return Err(Failure::MappedMeanwhile.into()),
        FileState::Missing { .. } if action.place.slash => return Err(Failure::StateConflict.into()),
        FileState::File(stat, _) => Size::file(u64::try_from(stat.st_size).unwrap_or(0)),
        _ => Size::default(),
    };
    let new = Size::file(making.length);
    let taken = share.tree.quota.take(old, new).ok_or(Errno::DQUOT)?;
    let created = !judged.stand.exists();
    if created {
        // what another program removed has left its properties behind
        share.properties.removed(path)?;
    }
    let installed = share.tree.install(&making.file, &mut making.temporary, path, judged.stand.stat());
    share.tree.changed();
    let identity = installed?;
    taken.keep();
    let validators = Some(share.tree.validators(&identity, action.now));
    let done = if created { ActionResult::created(href(&action.named().path, false)) } else { ActionResult::done() };
    let returned = action.prefer().returns.filter(|wanted| *wanted == Return::Minimal);
    Ok(ActionResult { validators, returned, ..done })
}
