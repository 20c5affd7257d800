//! What a wish is judged on: what stands at its target and its destination, and which locks bear on it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use decision::condition::Condition;
use decision::facts::{Failure, Target};
use decision::reply::preconditions_hold;
use rustix::io::{self, Errno};
use semantics::depth::Depth;
use semantics::field::Field;
use semantics::if_header::What;
use semantics::method::Method;
use semantics::text::path::is_beneath;

use crate::locks::Lock;
use crate::root::Patience;
use crate::rules::Source;
use crate::rules::bar::Act;
use crate::share::bars::{Bars, Destination, Grounds, Way};
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
    /// How often something had changed when it was looked at.
    generation: u64,
    /// The rules that bar it at one of its places.
    bars: Bars,
}

impl Judged {
    /// The facts.
    pub fn facts(&self) -> Target<'_> {
        self.bars.tell(Target {
            destination_exists: self.destination.as_ref().is_some_and(Stand::exists),
            destination_parent_exists: self.destination.as_ref().is_none_or(Stand::has_parent),
            if_lists_hold: self.lists_hold,
            // whoever knows the token of a lock has it from its creator (RFC 4918 §6.5)
            lock_creator: true,
            lock_token: self.lock.as_ref().map(|lock| lock.token.as_bytes()),
            lock_root: self.lock.as_ref().map(|_| &*self.lock_root),
            slow: self.slow,
            ..self.stand.facts()
        })
    }

    /// The line of the rule that bars it, if one does.
    pub fn rule(&self) -> Option<Source> {
        self.bars.source()
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
        let generation = self.tree.seen();
        let stand = self.tree.look(&wish.place, wish.now, patience)?;
        let destination = match &wish.destination {
            Some(place) if has_destination(wish) => Some(self.tree.look(place, wish.now, patience)?),
            _ => None,
        };
        let slow = is_slow(wish, &stand);
        let (lists_hold, lock, lock_root) = (true, None, Vec::new());
        let bars = Bars::default();
        let mut judged = Judged { stand, destination, lists_hold, lock, lock_root, slow, generation, bars };
        judged.bars = self.bars(wish, &judged, patience)?;
        if wish.request().has(Field::IF) {
            judged.lists_hold = self.lists_hold(wish, &judged.stand, patience)?;
        }
        if !self.locks.is_empty() {
            judged.lock = self.bearing(wish, &judged);
            judged.lock_root = judged.lock.as_ref().map_or_else(Vec::new, |lock| href(&lock.root, false));
        }
        Ok(judged)
    }

    /// What a look for the rules that bar it needs.
    pub(crate) fn grounds<'a>(&'a self, wish: &'a Wish, patience: Patience) -> Grounds<'a> {
        let bindings = Some(&self.bindings).filter(|bindings| !bindings.is_empty());
        Grounds { root: &self.tree.root, bindings, book: wish.book(), by: wish.by(), patience }
    }

    /// The rules that bar the wish where it goes. What is bound by a document is judged when that was read.
    fn bars(&self, wish: &Wish, judged: &Judged, patience: Patience) -> io::Result<Bars> {
        let Some(method) = wish.method().filter(|method| !method.row().safe) else { return Ok(Bars::default()) };
        let grounds = self.grounds(wish, patience);
        if !matches!(method, Method::POST | Method::UNLOCK | Method::COPY)
            && let Some(barred) = grounds.at(&wish.named().path, Act::Change(method))
        {
            // what came in pieces, or is done later, is judged as the site has it when it is done
            return Ok(Bars::of(None, Some(barred)));
        }
        let named = self.binding_of(wish.named());
        let alias = self.bindings.aim(&named).is_some();
        // an alias goes alone, and what it leads to stays where it is
        let alone = alias && method != Method::COPY && method != Method::LOCK;
        let to_binding = wish.destination_named().map(|named| self.binding_of(named));
        let to_alias = to_binding.as_ref().is_some_and(|binding| self.bindings.aim(binding).is_some());
        let to = match (&judged.destination, wish.destination_named(), &wish.destination) {
            (Some(there), Some(named), Some(place)) => {
                let path = if to_alias && method == Method::MOVE { None } else { Some(&*place.path) };
                Some(Destination { named: &named.path, path, there })
            }
            _ => None,
        };
        let from = &*wish.place.path;
        grounds.bars(&Way { method, depth: wish.depth(), from, alone, stand: &judged.stand, to })
    }

    /// Is one of the lists of the If header true (RFC 4918 §10.4.3)?
    fn lists_hold(&self, wish: &Wish, stand: &Stand, patience: Patience) -> io::Result<bool> {
        let Some(header) = wish.if_header() else { return Ok(true) };
        let mut failed = None;
        let holds = header.holds(|resource, what| {
            let place = match resource {
                Some(uri) => wish.place_of(uri).map(|named| Cow::Owned(self.place(named))),
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
        let locks = self.covering(&place.path, wish.now.unix());
        locks.iter().any(|lock| lock.token.as_bytes() == token)
    }

    /// A lock that bears on the wish and whose token is not submitted (RFC 4918 §7); or, with UNLOCK and a refresh, the lock
    /// that is meant.
    fn bearing(&self, wish: &Wish, judged: &Judged) -> Option<Arc<Lock>> {
        let path = &wish.place.path;
        match wish.method()? {
            Method::UNLOCK => self.named(wish),
            Method::LOCK => {
                let here = self.covering(path, wish.now.unix()).into_iter().chain(self.bound_beneath(wish, path));
                // a shared lock may stand beside another; which one is wanted only the content tells
                here.into_iter().find(|lock| lock.exclusive).or_else(|| self.unsubmitted_parent(wish, path, judged))
            }
            Method::COPY => self.at_destination(wish, judged),
            Method::MOVE => {
                self.lock_at_binding(wish, &self.binding_of(wish.named())).or_else(|| self.at_destination(wish, judged))
            }
            Method::DELETE => self.lock_at_binding(wish, &self.binding_of(wish.named())),
            method if method.row().safe => None,
            _ => self.unsubmitted(wish, path).or_else(|| self.unsubmitted_parent(wish, path, judged)),
        }
    }

    /// A lock that bars a binding from being removed: on the collection; and, unless it is an alias, on what stands there. A
    /// lock protects the name by which it was made, and no other (RFC 5842 §9).
    pub(crate) fn lock_at_binding(&self, wish: &Wish, binding: &[u8]) -> Option<Arc<Lock>> {
        let alias = self.bindings.aim(binding).is_some();
        let here = if alias { None } else { self.unsubmitted(wish, binding) };
        here.or_else(|| self.unsubmitted_at(wish, split(binding).0))
    }

    fn at_destination(&self, wish: &Wish, judged: &Judged) -> Option<Arc<Lock>> {
        let binding = self.binding_of(wish.destination_named()?);
        if wish.method() == Some(Method::MOVE) && self.bindings.aim(&binding).is_some() {
            return self.unsubmitted_at(wish, split(&binding).0);
        }
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
        none_submitted(wish, self.covering(path, wish.now.unix()))
    }

    /// The locks that bear on what stands there: by the path on the disk, or by any binding that leads to it or to what it is
    /// in (RFC 4918 §7.4, RFC 5842 §9).
    pub(crate) fn covering(&self, path: &[u8], now: i64) -> Vec<Arc<Lock>> {
        let mut locks = self.locks.covering(path, now);
        if !self.bindings.is_empty() && !self.locks.is_empty() {
            for alias in self.bindings.above(path) {
                locks.extend(self.locks.covering(&alias, now));
            }
            let mut tokens = HashSet::new();
            locks.retain(|lock| tokens.insert(lock.token.clone()));
        }
        locks
    }

    /// The locks that a new one on a tree would meet on what is bound in it by alias (RFC 4918 §9.10.3).
    fn bound_beneath(&self, wish: &Wish, path: &[u8]) -> Vec<Arc<Lock>> {
        if self.bindings.is_empty() || wish.depth() != Depth::Infinity {
            return Vec::new();
        }
        let now = wish.now.unix();
        let (mut trees, mut next) = (vec![path.to_vec()], 0);
        let mut locks = Vec::new();
        while let Some(tree) = trees.get(next).cloned() {
            next += 1;
            for (_, at) in self.bindings.beneath(&tree) {
                if !trees.iter().any(|known| at == *known || is_beneath(&at, known)) {
                    locks.extend(self.locks.covering(&at, now).into_iter().chain(self.locks.beneath(&at, now)));
                    trees.push(at);
                }
            }
        }
        locks
    }

    /// Where what is named so stands on the disk.
    fn place(&self, named: Place) -> Place {
        let path = self.bindings.resolve(&named.path).into_owned();
        Place { path, ..named }
    }

    /// Do the names of the wish still lead to where it was judged?
    fn still_leads(&self, wish: &Wish) -> bool {
        let leads = |named: &Place, place: &Place| *self.bindings.resolve(&named.path) == *place.path;
        let destination = wish.destination_named().zip(wish.destination.as_ref());
        leads(wish.named(), &wish.place) && destination.is_none_or(|(named, place)| leads(named, place))
    }

    /// The same of a collection whose members are about to change.
    fn unsubmitted_at(&self, wish: &Wish, path: &[u8]) -> Option<Arc<Lock>> {
        self.unsubmitted(wish, path)
    }

    /// The lock that Lock-Token names, if it reaches the target; else another one that does.
    fn named(&self, wish: &Wish) -> Option<Arc<Lock>> {
        let token = semantics::depth::lock_token(wish.request().field(Field::LOCK_TOKEN)?)?;
        let here = self.covering(&wish.place.path, wish.now.unix());
        let named = here.iter().find(|lock| lock.token.as_bytes() == token).cloned();
        named.or_else(|| here.into_iter().next())
    }

    /// Looks again, under a claim: is what the wish was judged on still so?
    pub(crate) fn again(&self, wish: &Wish) -> Result<Judged, Offence> {
        if !self.still_leads(wish) {
            return Err(Failure::StateConflict.into());
        }
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
        if let Some(barred) = judged.bars.first() {
            return Err(barred.into());
        }
        match &judged.lock {
            Some(lock) if !matches!(wish.method(), Some(Method::LOCK | Method::UNLOCK)) => Err(locked(lock)),
            _ => Ok(judged),
        }
    }
}

impl Judged {
    /// Is it still so, as far as changes of ours go?
    pub(crate) fn counts(&self, share: &Share) -> bool {
        self.generation == share.tree.seen()
    }

    fn failed(errno: Errno) -> Judged {
        let stand = Stand::Failed(errno);
        let (lists_hold, lock, lock_root) = (true, None, Vec::new());
        Judged {
            stand,
            destination: None,
            lists_hold,
            lock,
            lock_root,
            slow: false,
            generation: 0,
            bars: Bars::default(),
        }
    }
}

/// A lock was met, and its token is not submitted (RFC 4918 §16).
pub(crate) fn locked(lock: &Lock) -> Offence {
    Offence {
        subject: Some(href(&lock.root, false)),
        ..Offence::with(Failure::SubjectLocked, Condition::LockTokenSubmitted)
    }
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
