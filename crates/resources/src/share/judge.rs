//! What a wish is judged on: what stands at its target and its destination, and which locks bear on it.

use std::borrow::Cow;
use std::sync::Arc;

use decision::condition::Condition;
use decision::facts::{Failure, Target};
use decision::reply::preconditions_hold;
use rustix::io::{self, Errno};
use semantics::depth::Depth;
use semantics::field::Field;
use semantics::if_header::What;
use semantics::method::Method;

use crate::locks::Lock;
use crate::root::Patience;
use crate::share::wish::{Wish, href};
use crate::share::{Share, apart};
use crate::tree::install::split;
use crate::tree::offence::Offence;
use crate::tree::standing::{Place, Stand};

/// What was seen of what a wish is about.
#[derive(Debug)]
pub struct Judged {
    pub(crate) stand: Stand,
    pub(crate) destination: Option<Stand>,
    /// A list of the If header is true of what it names.
    lists_hold: bool,
    /// A lock that bears on the wish, and whose token is not submitted; with UNLOCK and a refresh, the one that is meant.
    lock: Option<Arc<Lock>>,
    lock_root: Vec<u8>,
    /// It is expected to take long.
    slow: bool,
}

impl Judged {
    /// The facts.
    pub fn facts(&self) -> Target<'_> {
        Target {
            destination_exists: self.destination.as_ref().is_some_and(Stand::exists),
            destination_parent_exists: self.destination.as_ref().is_none_or(Stand::has_parent),
            if_lists_hold: self.lists_hold,
            lock_token: self.lock.as_ref().map(|lock| lock.token.as_bytes()),
            lock_root: self.lock.as_ref().map(|_| &*self.lock_root),
            slow: self.slow,
            ..self.stand.facts()
        }
    }
}

impl Share {
    /// Looks at what the wish is about.
    pub async fn judge(self: &Arc<Self>, wish: &Arc<Wish>) -> Judged {
        if let Ok(judged) = self.judge_now(wish, Patience::None) {
            return judged;
        }
        let (share, wish) = (self.clone(), wish.clone());
        let judged = apart(move || share.judge_now(&wish, Patience::Some)).await;
        judged.and_then(Result::ok).unwrap_or_else(|| Judged::failed(Errno::IO))
    }

    /// The same, here and now. Only an impatient look ends with an error.
    pub(crate) fn judge_now(&self, wish: &Wish, patience: Patience) -> io::Result<Judged> {
        let stand = self.tree.look(&wish.place, wish.now, patience)?;
        let destination = match &wish.destination {
            Some(place) if has_destination(wish) => Some(self.tree.look(place, wish.now, patience)?),
            _ => None,
        };
        let slow = is_slow(wish, &stand);
        let mut judged = Judged { stand, destination, lists_hold: true, lock: None, lock_root: Vec::new(), slow };
        if wish.request().has(Field::IF) {
            judged.lists_hold = self.lists_hold(wish, &judged.stand, patience)?;
        }
        if !self.locks.is_empty() {
            judged.lock = self.bearing(wish, &judged);
            judged.lock_root = judged.lock.as_ref().map_or_else(Vec::new, |lock| href(&lock.root, false));
        }
        Ok(judged)
    }

    /// Is one of the lists of the If header true (RFC 4918 §10.4.3)?
    fn lists_hold(&self, wish: &Wish, stand: &Stand, patience: Patience) -> io::Result<bool> {
        let Some(header) = wish.if_header() else { return Ok(true) };
        let mut failed = None;
        let holds = header.holds(|resource, what| {
            let place = match resource {
                Some(uri) => wish.place_of(uri).map(Cow::Owned),
                None => Some(Cow::Borrowed(&wish.place)),
            };
            // of what is not here nothing is known, so nothing of it is true (RFC 4918 §10.4.4)
            let Some(place) = place else { return false };
            match what {
                What::Token(token) => self.in_scope(&place, token, wish),
                What::Tag(tag) if resource.is_none() => stand.facts().tag.is_some_and(|here| here.strong_eq(tag)),
                What::Tag(tag) => match self.tree.look(&place, wish.now, patience) {
                    Ok(stand) => stand.facts().tag.is_some_and(|here| here.strong_eq(tag)),
                    Err(errno) => {
                        failed = Some(errno);
                        false
                    }
                },
            }
        });
        failed.map_or(Ok(holds), Err)
    }

    /// Is the place in the scope of the lock with this token?
    fn in_scope(&self, place: &Place, token: &[u8], wish: &Wish) -> bool {
        let locks = self.locks.covering(&place.path, wish.now.unix());
        locks.iter().any(|lock| lock.token.as_bytes() == token)
    }

    /// A lock that bears on the wish and whose token is not submitted (RFC 4918 §7); or, with UNLOCK and a refresh, the lock
    /// that is meant.
    fn bearing(&self, wish: &Wish, judged: &Judged) -> Option<Arc<Lock>> {
        let path = &wish.place.path;
        match wish.method()? {
            Method::UNLOCK => self.named(wish),
            Method::LOCK => {
                let here = self.locks.covering(path, wish.now.unix());
                // a shared lock may stand beside another; which one is wanted only the content tells
                here.into_iter().find(|lock| lock.exclusive).or_else(|| self.unsubmitted_parent(wish, path, judged))
            }
            Method::COPY => self.at_destination(wish, judged),
            Method::MOVE => self
                .unsubmitted(wish, path)
                .or_else(|| self.unsubmitted_at(wish, split(path).0))
                .or_else(|| self.at_destination(wish, judged)),
            Method::DELETE => self.unsubmitted(wish, path).or_else(|| self.unsubmitted_at(wish, split(path).0)),
            method if method.row().safe => None,
            _ => self.unsubmitted(wish, path).or_else(|| self.unsubmitted_parent(wish, path, judged)),
        }
    }

    fn at_destination(&self, wish: &Wish, judged: &Judged) -> Option<Arc<Lock>> {
        let path = &wish.destination.as_ref()?.path;
        let new = judged.destination.as_ref().is_some_and(|stand| !stand.exists());
        let parent = if new { self.unsubmitted_at(wish, split(path).0) } else { None };
        self.unsubmitted(wish, path).or(parent)
    }

    /// The lock on the collection that would get a new member (RFC 4918 §7.4).
    fn unsubmitted_parent(&self, wish: &Wish, path: &[u8], judged: &Judged) -> Option<Arc<Lock>> {
        if judged.stand.exists() { None } else { self.unsubmitted_at(wish, split(path).0) }
    }

    /// A lock that reaches this path, if the token of none that do is submitted.
    pub(crate) fn unsubmitted(&self, wish: &Wish, path: &[u8]) -> Option<Arc<Lock>> {
        none_submitted(wish, self.locks.covering(path, wish.now.unix()))
    }

    /// The same of a collection whose members are about to change.
    fn unsubmitted_at(&self, wish: &Wish, path: &[u8]) -> Option<Arc<Lock>> {
        self.unsubmitted(wish, path)
    }

    /// The lock that Lock-Token names, if it reaches the target; else another one that does.
    fn named(&self, wish: &Wish) -> Option<Arc<Lock>> {
        let token = semantics::depth::lock_token(wish.request().field(Field::LOCK_TOKEN)?)?;
        let here = self.locks.covering(&wish.place.path, wish.now.unix());
        let named = here.iter().find(|lock| lock.token.as_bytes() == token).cloned();
        named.or_else(|| here.into_iter().next())
    }

    /// Looks again, under a claim: is what the wish was judged on still so?
    pub(crate) fn again(&self, wish: &Wish) -> Result<Judged, Offence> {
        let judged = self.judge_now(wish, Patience::Some)?;
        for stand in [Some(&judged.stand), judged.destination.as_ref()].into_iter().flatten() {
            match stand {
                Stand::Denied(_) => return Err(Failure::SubjectForbidden.into()),
                Stand::TooLong => return Err(Offence::with(Failure::SubjectForbidden, Condition::NameAllowed)),
                Stand::Failed(errno) => return Err((*errno).into()),
                Stand::Missing { parent: false } => return Err(Failure::StateConflict.into()),
                Stand::Missing { parent: true } | Stand::File(..) | Stand::Collection(_) => {}
            }
        }
        if !judged.lists_hold || !preconditions_hold(wish.request(), wish.now, &judged.stand.facts()) {
            return Err(Failure::PreconditionLost.into());
        }
        match &judged.lock {
            Some(lock) if !matches!(wish.method(), Some(Method::LOCK | Method::UNLOCK)) => Err(locked(lock)),
            _ => Ok(judged),
        }
    }
}

impl Judged {
    fn failed(errno: Errno) -> Judged {
        let stand = Stand::Failed(errno);
        Judged { stand, destination: None, lists_hold: true, lock: None, lock_root: Vec::new(), slow: false }
    }
}

/// A lock was met, and its token is not submitted (RFC 4918 §16).
pub(crate) fn locked(lock: &Lock) -> Offence {
    Offence { subject: Some(href(&lock.root, false)), ..Offence::with(Failure::SubjectLocked, Condition::LockTokenSubmitted) }
}

fn has_destination(wish: &Wish) -> bool {
    matches!(wish.method(), Some(Method::COPY | Method::MOVE))
}

/// Trees take long; single files are copied inside of the kernel.
fn is_slow(wish: &Wish, stand: &Stand) -> bool {
    let deep = wish.depth() == Depth::Infinity;
    stand.is_collection() && deep && matches!(wish.method(), Some(Method::COPY | Method::MOVE | Method::DELETE))
}

/// The first of these locks, unless one of them is submitted: of shared locks one is enough (RFC 4918 §7.5).
pub(crate) fn none_submitted(wish: &Wish, locks: Vec<Arc<Lock>>) -> Option<Arc<Lock>> {
    if locks.iter().any(|lock| wish.submits(&lock.token)) { None } else { locks.into_iter().next() }
}
