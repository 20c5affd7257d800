//! LOCK and UNLOCK (RFC 4918 §9.10, §9.11).

use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{Fate, Members};
use exchange::content::Content as RequestContent;
use semantics::depth::{Depth, Timeout, lock_token, timeout};
use semantics::field::Field;

use crate::dav::live::lock_discovery;
use crate::dav::lockinfo::LockInfo;
use crate::deed::Deed;
use crate::locks::{Lock, Refusal, fresh_token, granted};
use crate::share::intake::{self, Content};
use crate::share::wish::{Wish, href};
use crate::share::{Share, deed_apart};
use crate::tree::claims::Reach;
use crate::tree::offence::Offence;
use crate::tree::quota::Size;
use crate::tree::standing::Stand;

/// Takes the document in, and makes the lock that it asks for; without one, lets a lock begin anew.
pub(crate) async fn lock(share: &Arc<Share>, wish: &Arc<Wish>, content: &mut impl RequestContent) -> Deed {
    let content = match intake::octets(share, wish, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let (share, wish) = (share.clone(), wish.clone());
    let work = move || match LockInfo::read(&content)? {
        Some(info) => make(&share, &wish, info),
        None => refresh(&share, &wish),
    };
    deed_apart(work).await
}

/// For how many seconds the lock is wanted.
fn seconds(wish: &Wish) -> u32 {
    match timeout(wish.request().values(Field::TIMEOUT)) {
        Some(Timeout::Seconds(seconds)) => granted(Some(seconds)),
        Some(Timeout::Infinite) | None => granted(None),
    }
}

fn make(share: &Share, wish: &Wish, info: LockInfo) -> Result<Deed, Offence> {
    let path = &wish.place.path;
    let infinite = wish.depth() == Depth::Infinity;
    let reach = if infinite { Reach::Tree } else { Reach::Name };
    let _claim = share.tree.claims.claim(&[(path, reach)])?;
    let judged = share.again(wish)?;
    let (now, seconds) = (wish.now.unix(), seconds(wish));
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
        Err(Refusal::Conflict(others)) => return Ok(conflict(path, &others)),
        Err(Refusal::TooMany | Refusal::OwnerTooLong) => return Err(Failure::StorageInsufficient.into()),
    };
    let created = !judged.stand.exists();
    let made = if created { make_empty(share, wish, &judged.stand) } else { Ok(()) };
    share.tree.changed();
    if let Err(offence) = made {
        share.locks.remove(&lock.token)?;
        return Err(offence);
    }
    let mut told = told(share, wish);
    told.created = created;
    told.location = created.then(|| href(&wish.named().path, false));
    told.lock_token = Some(lock.token.clone());
    Ok(told)
}

/// A lock on nothing makes an empty resource (RFC 4918 §7.3).
fn make_empty(share: &Share, wish: &Wish, stand: &Stand) -> Result<(), Offence> {
    if wish.place.slash {
        return Err(Failure::StateConflict.into());
    }
    let mut making = Content::Octets(Vec::new()).into_file(share)?;
    share.properties.removed(&wish.place.path)?;
    share.tree.install(&making.file, &mut making.temporary, &wish.place.path, stand.stat())?;
    share.tree.quota.changed(Size::default(), Size::file(0));
    Ok(())
}

/// Other locks stand in the way: here, or, of a lock on a tree, on some of its members (RFC 4918 §9.10.3, §9.10.6).
fn conflict(path: &[u8], others: &[Arc<Lock>]) -> Deed {
    let refusal = |lock: &Lock| Offence {
        subject: Some(href(&lock.root, false)),
        ..Offence::with(Failure::SubjectLocked, Condition::NoConflictingLock)
    };
    if let Some(lock) = others.iter().find(|lock| lock.covers(path)) {
        return refusal(lock).into();
    }
    let mut members = Members::new();
    for lock in others {
        let Offence { failure, condition, subject, .. } = refusal(lock);
        members.fate(&lock.root, &Fate { failure: Some(failure), condition, subject, ..Fate::default() });
    }
    members.fate(path, &Fate::failed(Failure::DependencyFailed));
    Deed::of_parts(members)
}

/// Lets the lock begin anew whose token is submitted (RFC 4918 §9.10.2).
fn refresh(share: &Share, wish: &Wish) -> Result<Deed, Offence> {
    let header = wish.if_header();
    let mut tokens = header.iter().flat_map(|header| header.tokens());
    let token = tokens.next().and_then(|token| str::from_utf8(token).ok()).map(str::to_owned);
    // no document and no token: nothing says which lock is meant
    let token = token.ok_or(Failure::ContentMalformed)?;
    let refreshed = share.locks.refresh(&token, &wish.place.path, seconds(wish), wish.now.unix())?;
    share.tree.changed();
    match refreshed {
        Some(_) => Ok(told(share, wish)),
        None => Err(Offence::with(Failure::PreconditionLost, Condition::LockTokenMatchesRequestUri)),
    }
}

/// The locks that bear on the target now.
fn told(share: &Share, wish: &Wish) -> Deed {
    let mut out = Vec::new();
    lock_discovery(&share.covering(&wish.place.path, wish.now.unix()), wish.now, &mut out);
    Deed::telling("application/xml; charset=utf-8", out)
}

/// Ends the lock that Lock-Token names.
pub(crate) fn unlock(share: &Share, wish: &Wish) -> Result<Deed, Offence> {
    let named = wish.request().field(Field::LOCK_TOKEN).and_then(lock_token);
    let token = named.and_then(|token| str::from_utf8(token).ok()).unwrap_or_default();
    let here = share.covering(&wish.place.path, wish.now.unix());
    let removed = here.iter().any(|lock| lock.token == token) && share.locks.remove(token)?;
    share.tree.changed();
    if removed {
        Ok(Deed::done())
    } else {
        Err(Offence::with(Failure::StateConflict, Condition::LockTokenMatchesRequestUri))
    }
}
