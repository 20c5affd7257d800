//! LOCK and UNLOCK (RFC 4918 §9.10, §9.11).

use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{MemberResult, Members};
use exchange::content::Content as RequestContent;
use semantics::depth::{Depth, Timeout, lock_token, timeout};
use semantics::field::Field;

use crate::action_result::ActionResult;
use crate::dav::live::lock_discovery;
use crate::dav::lockinfo::LockInfo;
use crate::locks::{Lock, LockRefusal, fresh_token, granted};
use crate::share::action::{Action, href};
use crate::share::intake::{self, Content};
use crate::share::{Share, action_apart};
use crate::tree::claims::Reach;
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::standing::FileState;

/// Takes the document in, and makes the lock that it asks for; without one, lets a lock begin anew.
pub(crate) async fn lock(share: &Arc<Share>, action: &Arc<Action>, content: &mut impl RequestContent) -> ActionResult {
    let content = match intake::octets(share, action, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let (share, action) = (share.clone(), action.clone());
    let work = move || match LockInfo::read(&content)? {
        Some(info) => make(&share, &action, info),
        None => refresh(&share, &action),
    };
    action_apart(work).await
}

/// For how many seconds the lock is wanted.
fn seconds(action: &Action) -> u32 {
    match timeout(action.request().values(Field::TIMEOUT)) {
        Some(Timeout::Seconds(seconds)) => granted(Some(seconds)),
        Some(Timeout::Infinite) | None => granted(None),
    }
}

fn make(share: &Share, action: &Action, info: LockInfo) -> Result<ActionResult, ActionError> {
    let path = &action.place.path;
    let infinite = action.depth() == Depth::Infinity;
    let reach = if infinite { Reach::Tree } else { Reach::Name };
    let _claim = share.tree.claims.claim(&[(path, reach)])?;
    let judged = share.again(action)?;
    let (now, seconds) = (action.now.unix(), seconds(action));
    let LockInfo { exclusive, owner } = info;
    let wanted = Lock {
        token: fresh_token()?,
        root: path.clone(),
        infinite,
        exclusive,
        owner,
        seconds,
        expires: now.saturating_add(i64::from(seconds)),
    };
    let lock = match share.locks.add(wanted, now)? {
        Ok(lock) => lock,
        Err(LockRefusal::Conflict(others)) => return Ok(conflict(path, &others)),
        Err(LockRefusal::TooMany | LockRefusal::OwnerTooLong) => return Err(Failure::StorageInsufficient.into()),
    };
    let created = !judged.stand.exists();
    let made = if created { make_empty(share, action, &judged.stand) } else { Ok(()) };
    share.tree.changed();
    if let Err(offence) = made {
        share.locks.remove(&lock.token)?;
        return Err(offence);
    }
    let mut told = told(share, action);
    told.created = created;
    told.location = created.then(|| href(&action.named().path, false));
    told.lock_token = Some(lock.token.clone());
    Ok(told)
}

/// A lock on nothing makes an empty resource (RFC 4918 §7.3).
fn make_empty(share: &Share, action: &Action, stand: &FileState) -> Result<(), ActionError> {
    if action.place.slash {
        return Err(Failure::StateConflict.into());
    }
    let mut making = Content::Octets(Vec::new()).into_file(share)?;
    share.properties.removed(&action.place.path)?;
    share.tree.install(&making.file, &mut making.temporary, &action.place.path, stand.stat())?;
    share.tree.quota.changed(Size::default(), Size::file(0));
    Ok(())
}

/// Other locks stand in the way: here, or, of a lock on a tree, on some of its members (RFC 4918 §9.10.3, §9.10.6).
fn conflict(path: &[u8], others: &[Arc<Lock>]) -> ActionResult {
    let refusal = |lock: &Lock| ActionError {
        subject: Some(href(&lock.root, false)),
        ..ActionError::with(Failure::SubjectLocked, Condition::NoConflictingLock)
    };
    if let Some(lock) = others.iter().find(|lock| lock.covers(path)) {
        return refusal(lock).into();
    }
    let mut members = Members::new();
    for lock in others {
        let ActionError { failure, condition, subject, .. } = refusal(lock);
        members
            .fate(&lock.root, &MemberResult { failure: Some(failure), condition, subject, ..MemberResult::default() });
    }
    members.fate(path, &MemberResult::failed(Failure::DependencyFailed));
    ActionResult::of_parts(members)
}

/// Lets the lock begin anew whose token is submitted (RFC 4918 §9.10.2).
fn refresh(share: &Share, action: &Action) -> Result<ActionResult, ActionError> {
    let header = action.if_header();
    let mut tokens = header.iter().flat_map(|header| header.tokens());
    let token = tokens.next().and_then(|token| str::from_utf8(token).ok()).map(str::to_owned);
    // no document and no token: nothing says which lock is meant
    let token = token.ok_or(Failure::ContentMalformed)?;
    let refreshed = share.locks.refresh(&token, &action.place.path, seconds(action), action.now.unix())?;
    share.tree.changed();
    match refreshed {
        Some(_) => Ok(told(share, action)),
        None => Err(ActionError::with(Failure::PreconditionLost, Condition::LockTokenMatchesRequestUri)),
    }
}

/// The locks that bear on the target now.
fn told(share: &Share, action: &Action) -> ActionResult {
    let mut out = Vec::new();
    lock_discovery(&share.covering(&action.place.path, action.now.unix()), action.now, &mut out);
    ActionResult::telling("application/xml; charset=utf-8", out)
}

/// Ends the lock that Lock-Token names.
pub(crate) fn unlock(share: &Share, action: &Action) -> Result<ActionResult, ActionError> {
    let named = action.request().field(Field::LOCK_TOKEN).and_then(lock_token);
    let token = named.and_then(|token| str::from_utf8(token).ok()).unwrap_or_default();
    let here = share.covering(&action.place.path, action.now.unix());
    let removed = here.iter().any(|lock| lock.token == token) && share.locks.remove(token)?;
    share.tree.changed();
    if removed {
        Ok(ActionResult::done())
    } else {
        Err(ActionError::with(Failure::StateConflict, Condition::LockTokenMatchesRequestUri))
    }
}
