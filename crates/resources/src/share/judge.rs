//! What a action is judged on: what stands at its target and its destination, and which locks bear on it.

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
use crate::root::Blocking;
use crate::rules::Source;
use crate::rules::bar::Act;
use crate::share::action::{Action, href};
use crate::share::bars::{Bars, Destination, Grounds, Way};
use crate::share::{Share, apart};
use crate::tree::install::split;
use crate::tree::offence::ActionError;
use crate::tree::standing::{FileState, Place};

/// What was seen of what a action is about.
#[derive(Debug)]
pub struct Judged {
    pub(crate) stand: FileState,
    pub(crate) destination: Option<FileState>,
    /// A list of the If header is true of what it names.
    lists_hold: bool,
    /// A lock that bears on the action, and whose token is not submitted; with UNLOCK and a refresh, the one that is meant.
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
            destination_exists: self.destination.as_ref().is_some_and(FileState::exists),
            destination_parent_exists: self.destination.as_ref().is_none_or(FileState::has_parent),
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
    /// Looks at what the action is about.
    pub async fn judge(self: &Arc<Self>, action: &Arc<Action>) -> Judged {
        if let Ok(judged) = self.judge_now(action, Blocking::None) {
            return judged;
        }
        let (share, action) = (self.clone(), action.clone());
        let judged = apart(move || share.judge_now(&action, Blocking::Some)).await;
        judged.and_then(Result::ok).unwrap_or_else(|| Judged::failed(Errno::IO))
    }

    /// The same, here and now. Only an impatient look ends with an error.
    pub(crate) fn judge_now(&self, action: &Action, patience: Blocking) -> io::Result<Judged> {
        let generation = self.tree.seen();
        let stand = self.tree.look(&action.place, action.now, patience)?;
        let destination = match &action.destination {
            Some(place) if has_destination(action) => Some(self.tree.look(place, action.now, patience)?),
            _ => None,
        };
        let slow = is_slow(action, &stand);
        let (lists_hold, lock, lock_root) = (true, None, Vec::new());
        let bars = Bars::default();
        let mut judged = Judged { stand, destination, lists_hold, lock, lock_root, slow, generation, bars };
        judged.bars = self.bars(action, &judged, patience)?;
        if action.request().has(Field::IF) {
            judged.lists_hold = self.lists_hold(action, &judged.stand, patience)?;
        }
        if !self.locks.is_empty() {
            judged.lock = self.bearing(action, &judged);
            judged.lock_root = judged.lock.as_ref().map_or_else(Vec::new, |lock| href(&lock.root, false));
        }
        Ok(judged)
    }

    /// What a look for the rules that bar it needs.
    pub(crate) fn grounds<'a>(&'a self, action: &'a Action, patience: Blocking) -> Grounds<'a> {
        let bindings = Some(&self.bindings).filter(|bindings| !bindings.is_empty());
        Grounds { root: &self.tree.root, bindings, book: action.book(), by: action.by(), patience }
    }

    /// The rules that bar the action where it goes. What is bound by a document is judged when that was read.
    fn bars(&self, action: &Action, judged: &Judged, patience: Blocking) -> io::Result<Bars> {
        let Some(method) = action.method().filter(|method| !method.row().safe) else { return Ok(Bars::default()) };
        let grounds = self.grounds(action, patience);
        if !matches!(method, Method::POST | Method::UNLOCK | Method::COPY)
            && let Some(barred) = grounds.at(&action.named().path, Act::Change(method))
        {
            // what came in pieces, or is done later, is judged as the site has it when it is done
            return Ok(Bars::of(None, Some(barred)));
        }
        let named = self.binding_of(action.named());
        let alias = self.bindings.aim(&named).is_some();
        // an alias goes alone, and what it leads to stays where it is
        let alone = alias && method != Method::COPY && method != Method::LOCK;
        let to_binding = action.destination_named().map(|named| self.binding_of(named));
        let to_alias = to_binding.as_ref().is_some_and(|binding| self.bindings.aim(binding).is_some());
        let to = match (&judged.destination, action.destination_named(), &action.destination) {
            (Some(there), Some(named), Some(place)) => {
                let path = if to_alias && method == Method::MOVE { None } else { Some(&*place.path) };
                Some(Destination { named: &named.path, path, there })
            }
            _ => None,
        };
        let from = &*action.place.path;
        grounds.bars(&Way { method, depth: action.depth(), from, alone, stand: &judged.stand, to })
    }

    /// Is one of the lists of the If header true (RFC 4918 §10.4.3)?
    fn lists_hold(&self, action: &Action, stand: &FileState, patience: Blocking) -> io::Result<bool> {
        let Some(header) = action.if_header() else { return Ok(true) };
        let mut failed = None;
        let holds = header.holds(|resource, what| {
            let place = match resource {
                Some(uri) => action.place_of(uri).map(|named| Cow::Owned(self.place(named))),
                None => Some(Cow::Borrowed(&action.place)),
            };
            // of what is not here nothing is known, so nothing of it is true (RFC 4918 §10.4.4)
            let Some(place) = place else { return false };
            match what {
                What::Token(token) => self.in_scope(&place, token, action),
                What::Tag(tag) if resource.is_none() => stand.facts().tag.is_some_and(|here| here.strong_eq(tag)),
                What::Tag(tag) => match self.tree.look(&place, action.now, patience) {
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
    fn in_scope(&self, place: &Place, token: &[u8], action: &Action) -> bool {
        let locks = self.covering(&place.path, action.now.unix());
        locks.iter().any(|lock| lock.token.as_bytes() == token)
    }

    /// A lock that bears on the action and whose token is not submitted (RFC 4918 §7); or, with UNLOCK and a refresh, the lock
    /// that is meant.
    fn bearing(&self, action: &Action, judged: &Judged) -> Option<Arc<Lock>> {
        let path = &action.place.path;
        match action.method()? {
            Method::UNLOCK => self.named(action),
            Method::LOCK => {
                let here = self.covering(path, action.now.unix()).into_iter().chain(self.bound_beneath(action, path));
                // a shared lock may stand beside another; which one is wanted only the content tells
                here.into_iter().find(|lock| lock.exclusive).or_else(|| self.unsubmitted_parent(action, path, judged))
            }
            Method::COPY => self.at_destination(action, judged),
            Method::MOVE => self
                .lock_at_binding(action, &self.binding_of(action.named()))
                .or_else(|| self.at_destination(action, judged)),
            Method::DELETE => self.lock_at_binding(action, &self.binding_of(action.named())),
            method if method.row().safe => None,
            _ => self.unsubmitted(action, path).or_else(|| self.unsubmitted_parent(action, path, judged)),
        }
    }

    /// A lock that bars a binding from being removed: on the collection; and, unless it is an alias, on what stands there. A
    /// lock protects the name by which it was made, and no other (RFC 5842 §9).
    pub(crate) fn lock_at_binding(&self, action: &Action, binding: &[u8]) -> Option<Arc<Lock>> {
        let alias = self.bindings.aim(binding).is_some();
        let here = if alias { None } else { self.unsubmitted(action, binding) };
        here.or_else(|| self.unsubmitted_at(action, split(binding).0))
    }

    fn at_destination(&self, action: &Action, judged: &Judged) -> Option<Arc<Lock>> {
        let binding = self.binding_of(action.destination_named()?);
        if action.method() == Some(Method::MOVE) && self.bindings.aim(&binding).is_some() {
            return self.unsubmitted_at(action, split(&binding).0);
        }
        let path = &action.destination.as_ref()?.path;
        let new = judged.destination.as_ref().is_some_and(|stand| !stand.exists());
        let parent = if new { self.unsubmitted_at(action, split(path).0) } else { None };
        self.unsubmitted(action, path).or(parent)
    }

    /// The lock on the collection that would get a new member (RFC 4918 §7.4).
    fn unsubmitted_parent(&self, action: &Action, path: &[u8], judged: &Judged) -> Option<Arc<Lock>> {
        if judged.stand.exists() { None } else { self.unsubmitted_at(action, split(path).0) }
    }

    /// A lock that reaches this path, if the token of none that do is submitted.
    pub(crate) fn unsubmitted(&self, action: &Action, path: &[u8]) -> Option<Arc<Lock>> {
        none_submitted(action, self.covering(path, action.now.unix()))
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
    fn bound_beneath(&self, action: &Action, path: &[u8]) -> Vec<Arc<Lock>> {
        if self.bindings.is_empty() || action.depth() != Depth::Infinity {
            return Vec::new();
        }
        let now = action.now.unix();
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

    /// Do the names of the action still lead to where it was judged?
    fn still_leads(&self, action: &Action) -> bool {
        let leads = |named: &Place, place: &Place| *self.bindings.resolve(&named.path) == *place.path;
        let destination = action.destination_named().zip(action.destination.as_ref());
        leads(action.named(), &action.place) && destination.is_none_or(|(named, place)| leads(named, place))
    }

    /// The same of a collection whose members are about to change.
    fn unsubmitted_at(&self, action: &Action, path: &[u8]) -> Option<Arc<Lock>> {
        self.unsubmitted(action, path)
    }

    /// The lock that Lock-Token names, if it reaches the target; else another one that does.
    fn named(&self, action: &Action) -> Option<Arc<Lock>> {
        let token = semantics::depth::lock_token(action.request().field(Field::LOCK_TOKEN)?)?;
        let here = self.covering(&action.place.path, action.now.unix());
        let named = here.iter().find(|lock| lock.token.as_bytes() == token).cloned();
        named.or_else(|| here.into_iter().next())
    }

    /// Looks again, under a claim: is what the action was judged on still so?
    pub(crate) fn again(&self, action: &Action) -> Result<Judged, ActionError> {
        if !self.still_leads(action) {
            return Err(Failure::StateConflict.into());
        }
        let judged = self.judge_now(action, Blocking::Some)?;
        for stand in [Some(&judged.stand), judged.destination.as_ref()].into_iter().flatten() {
            match stand {
                FileState::Denied(_) => return Err(Failure::SubjectForbidden.into()),
                FileState::TooLong => return Err(ActionError::with(Failure::SubjectForbidden, Condition::NameAllowed)),
                FileState::Failed(errno) => return Err((*errno).into()),
                FileState::Missing { parent: false } => return Err(Failure::StateConflict.into()),
                FileState::Missing { parent: true } | FileState::File(..) | FileState::Collection(_) => {}
            }
        }
        if !judged.lists_hold || !preconditions_hold(action.request(), action.now, &judged.stand.facts()) {
            return Err(Failure::PreconditionLost.into());
        }
        if let Some(barred) = judged.bars.first() {
            return Err(barred.into());
        }
        match &judged.lock {
            Some(lock) if !matches!(action.method(), Some(Method::LOCK | Method::UNLOCK)) => Err(locked(lock)),
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
        let stand = FileState::Failed(errno);
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
pub(crate) fn locked(lock: &Lock) -> ActionError {
    ActionError {
        subject: Some(href(&lock.root, false)),
        ..ActionError::with(Failure::SubjectLocked, Condition::LockTokenSubmitted)
    }
}

fn has_destination(action: &Action) -> bool {
    matches!(action.method(), Some(Method::COPY | Method::MOVE))
}

/// Trees take long; single files are copied inside of the kernel.
fn is_slow(action: &Action, stand: &FileState) -> bool {
    let deep = action.depth() == Depth::Infinity;
    stand.is_collection() && deep && matches!(action.method(), Some(Method::COPY | Method::MOVE | Method::DELETE))
}

/// The first of these locks, unless one of them is submitted: of shared locks one is enough (RFC 4918 §7.5).
pub(crate) fn none_submitted(action: &Action, locks: Vec<Arc<Lock>>) -> Option<Arc<Lock>> {
    if locks.iter().any(|lock| action.submits(&lock.token)) { None } else { locks.into_iter().next() }
}
