//! MKCOL and DELETE: collections are made, and what stands at a target is removed (RFC 4918 §9.3, §9.6; RFC 9110 §9.3.5).

use decision::facts::Failure;
use decision::multistatus::{MemberResult, Members};
use semantics::text::path::is_beneath;

use crate::action_result::ActionResult;
use crate::share::Share;
use crate::share::action::{Action, href};
use crate::share::bind::release;
use crate::share::judge::{locked, none_submitted};
use crate::tree::claims::Reach;
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::standing::FileState;
use crate::tree::transfer::{Failures, Progress};

/// Makes a collection.
pub(crate) fn make(share: &Share, action: &Action) -> Result<ActionResult, ActionError> {
    let path = &action.place.path;
    let _claim = share.tree.claims.claim(&[(path, Reach::Name)])?;
    let judged = share.again(action)?;
    if judged.stand.exists() {
        return Err(Failure::MappedMeanwhile.into());
    }
    share.properties.removed(path)?;
    let made = share.tree.make_collection(path);
    share.tree.changed();
    made?;
    Ok(ActionResult::created(href(&action.named().path, true)))
}

/// Removes what stands at the target, with all its members. What has other names keeps them (RFC 5842 §2.4).
pub(crate) fn remove(share: &Share, action: &Action, progress: &Progress) -> Result<ActionResult, ActionError> {
    let path = share.binding_of(action.named());
    if path.is_empty() {
        // the root itself stays
        return Err(Failure::SubjectForbidden.into());
    }
    let _claim = share.claim_trees(&[&path], &[])?;
    let judged = share.again(action)?;
    if !judged.stand.exists() {
        return Err(Failure::SubjectMissing.into());
    }
    if path != share.binding_of(action.named()) {
        return Err(Failure::StateConflict.into());
    }
    unbind(share, action, &path, &judged.stand, progress)
}

/// Removes a binding, and what stood there if that has no other one.
pub(crate) fn unbind(
    share: &Share,
    action: &Action,
    path: &[u8],
    stand: &FileState,
    progress: &Progress,
) -> Result<ActionResult, ActionError> {
    if share.bindings.aim(path).is_some() {
        share.bindings.unbind(path)?;
        share.tree.changed();
        return Ok(ActionResult::done());
    }
    if share.bindings.touches(path) {
        let failures = locked_members(share, action, path);
        if !failures.is_empty() {
            return Ok(ActionResult::of_parts(members(failures)));
        }
        let went = release(share, path, true);
        share.tree.changed();
        if went? {
            return Ok(ActionResult::done());
        }
    }
    let size = size_of(share, path, stand)?;
    let failures = remove_tree(share, action, path, stand, progress);
    share.tree.changed();
    let failures = failures?;
    if failures.is_empty() {
        share.tree.quota.changed(size, Size::default());
        share.locks.remove_tree(path)?;
        share.bindings.removed(path)?;
        share.properties.removed(path)?;
        return Ok(ActionResult::done());
    }
    let left = share.measured(path)?;
    share.tree.quota.changed(size, left);
    Ok(ActionResult::of_parts(members(failures)))
}

/// Removes a tree at once, or, if a lock bars one of its members, all that is not barred (RFC 4918 §9.6.1).
fn remove_tree(
    share: &Share,
    action: &Action,
    path: &[u8],
    stand: &FileState,
    progress: &Progress,
) -> Result<Failures, ActionError> {
    let mut failures = Failures::new();
    let now = action.now.unix();
    let barred = !share.locks.is_empty()
        && stand.is_collection()
        && share.locks.beneath(path, now).iter().any(|lock| !action.submits(&lock.token));
    if barred {
        let bars = |member: &[u8]| none_submitted(action, share.locks.covering(member, now)).map(|lock| locked(&lock));
        share.tree.remove_members(path, &bars, &mut failures)?;
    } else {
        share.tree.remove(path, progress)?;
    }
    Ok(failures)
}

/// What a tree takes up, if that is counted.
pub(crate) fn size_of(share: &Share, path: &[u8], stand: &FileState) -> Result<Size, ActionError> {
    match stand {
        FileState::File(stat, _) => Ok(Size::file(u64::try_from(stat.st_size).unwrap_or(0))),
        FileState::Collection(_) => Ok(share.measured(path)?),
        _ => Ok(Size::default()),
    }
}

/// The members that failed, each with its fate; those above it failed for its sake, which is not told (RFC 4918 §9.6.1).
pub(crate) fn members(failures: Failures) -> Members {
    let mut members = Members::new();
    for (path, ActionError { failure, condition, subject, .. }) in failures {
        members.fate(&path, &MemberResult { failure: Some(failure), condition, subject, ..MemberResult::default() });
    }
    members
}

/// Locks on members of a tree that is to be moved, whose tokens are not submitted: each with the member.
pub(crate) fn locked_members(share: &Share, action: &Action, path: &[u8]) -> Failures {
    let now = action.now.unix();
    let locks = if share.locks.is_empty() { Vec::new() } else { share.locks.beneath(path, now) };
    let mut failures = Failures::new();
    for lock in locks.into_iter().filter(|lock| is_beneath(&lock.root, path)) {
        let here = share.locks.covering(&lock.root, now);
        if let Some(lock) = none_submitted(action, here)
            && failures.iter().all(|(path, _)| *path != lock.root)
        {
            failures.push((lock.root.clone(), locked(&lock)));
        }
    }
    failures
}
