//! BIND, UNBIND and REBIND (RFC 5842 §4, §5, §6), and what becomes of a resource that loses one of its names.
//!
//! A resource stands on the disk under one of its names. If it loses that one and has others, it goes to live under the first
//! of them, with all that is known of it; so a file is a plain file as long as it has a name.

use std::os::fd::AsFd;
use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::{Bar, Failure};
use exchange::content::Content as RequestContent;
use rustix::fs::{self, AtFlags, FileType, RenameFlags};
use rustix::io::Errno;
use semantics::depth::Depth;
use semantics::field::Field;
use semantics::method::Method;
use semantics::text::path::is_beneath;

use crate::action_result::ActionResult;
use crate::dav::bind::{Bind, read_unbind};
use crate::intents::{FileId, MoveStep};
use crate::look::member;
use crate::root::{Blocking, kind};
use crate::rules::bar::{Act, Barred};
use crate::share::action::{Action, href};
use crate::share::bars::{Destination, Grounds, Way};
use crate::share::collection::{locked_members, size_of, unbind as remove_binding};
use crate::share::judge::{Judged, locked};
use crate::share::transfer::{Ends, shift};
use crate::share::{Share, action_apart, intake};
use crate::store::StoreError;
use crate::tree::claims::{Claim, Reach};
use crate::tree::is_reserved;
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::standing::{FileState, Place};
use crate::tree::temporary::Temporary;
use crate::tree::transfer::Progress;
use crate::validators::Identity;

/// All that there is: bindings stand still for whoever holds any claim, so whoever changes them holds this one.
const ALL: [(&[u8], Reach); 1] = [(b"", Reach::Tree)];

/// Takes the document in, and does what it asks for.
pub(crate) async fn bind(share: &Arc<Share>, action: &Arc<Action>, content: &mut impl RequestContent) -> ActionResult {
    let content = match intake::octets(share, action, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let (share, action) = (share.clone(), action.clone());
    let work = move || match action.method() {
        Some(Method::UNBIND) => unbind(&share, &action, &read_unbind(&content)?),
        Some(Method::REBIND) => rebind(&share, &action, &Bind::read_rebind(&content)?),
        _ => add(&share, &action, &Bind::read(&content)?),
    };
    action_apart(work).await
}

/// A binding of the target that is to be made, replaced or removed.
struct Binding {
    /// The collection on the disk, and the name in it.
    path: Vec<u8>,
    /// If it is an alias: where what it is bound to stands.
    aim: Option<Vec<u8>>,
    /// What is bound there.
    stand: FileState,
}

impl Binding {
    /// The one of this name, if the target is a collection.
    fn of(
        share: &Share,
        action: &Action,
        judged: &Judged,
        name: &[u8],
        among: Condition,
    ) -> Result<Binding, ActionError> {
        if !judged.stand.is_collection() {
            return Err(ActionError::with(Failure::StateConflict, among));
        }
        let path = member(&action.place.path, name);
        if is_reserved(&path) {
            return Err(ActionError::with(Failure::SubjectForbidden, Condition::NameAllowed));
        }
        let aim = share.bindings.aim(&path);
        let place = Place { path: aim.clone().unwrap_or_else(|| path.clone()), slash: false };
        let stand = share.tree.look(&place, action.now, Blocking::Some)?;
        Ok(Binding { path, aim, stand: known(stand)? })
    }

    fn exists(&self) -> bool {
        self.aim.is_some() || self.stand.exists()
    }

    /// Where what is bound there stands.
    fn at(&self) -> &[u8] {
        self.aim.as_deref().unwrap_or(&self.path)
    }

    /// What stands there on the disk.
    fn there(&self) -> Option<&FileState> {
        if self.aim.is_none() && self.stand.exists() { Some(&self.stand) } else { None }
    }

    /// May it be replaced or removed? A lock protects the name by which it was made, and those of all members (RFC 5842 §9).
    fn may_go(&self, share: &Share, action: &Action) -> Result<(), ActionError> {
        if self.aim.is_some() { Ok(()) } else { may_go(share, action, &self.path) }
    }

    /// The rule that bars it from going: at its name, at what it leads to, and in the tree that goes with it.
    fn leaves(&self, grounds: &Grounds<'_>, action: &Action, named: &[u8]) -> Result<Option<Barred>, ActionError> {
        let here = grounds.at(named, Act::Change(Method::DELETE));
        let here = here.or_else(|| grounds.at(&self.path, Act::Change(Method::DELETE)));
        if here.is_some() {
            return Ok(here);
        }
        let (from, alone) = (self.at(), self.aim.is_some());
        let way = Way { method: Method::DELETE, depth: Depth::Infinity, from, alone, stand: &self.stand, to: None };
        let bars = grounds.bars(&way)?;
        let conditional = || {
            let unprotected = !action.request().has(Field::IF);
            let source = grounds.book.conditional(&self.path, Method::DELETE).filter(|_| unprotected)?;
            Some(Barred { bar: Bar::Conditional, path: self.path.clone(), source: Some(source) })
        };
        Ok(bars.first().cloned().or_else(conditional))
    }

    /// The rule that bars what stands at `at` from being bound here, in the place of what is bound here now.
    fn barred(
        &self,
        grounds: &Grounds<'_>,
        action: &Action,
        (named, stand): (&[u8], &FileState),
        at: &[u8],
    ) -> Result<Option<Barred>, ActionError> {
        if self.exists()
            && let Some(barred) = self.leaves(grounds, action, named)?
        {
            return Ok(Some(barred));
        }
        for (named, to) in [(named, None), (&*self.path, Some(&*self.path))] {
            let missing = FileState::Missing { parent: true };
            let to = Some(Destination { named, path: to, there: &missing });
            // what is bound here is neither read nor taken away
            let way = Way { method: Method::BIND, depth: Depth::Infinity, from: at, alone: true, stand, to };
            if let Some(barred) = grounds.bars(&way)?.first() {
                return Ok(Some(barred.clone()));
            }
        }
        Ok(None)
    }

    /// It was bound.
    fn done(&self, action: &Action, name: &[u8], collection: bool) -> ActionResult {
        if self.exists() {
            return ActionResult::done();
        }
        ActionResult::created(href(&member(&action.named().path, name), collection))
    }
}

/// Is it barred by no rule?
fn free(barred: Option<Barred>) -> Result<(), ActionError> {
    barred.map_or(Ok(()), |barred| Err((&barred).into()))
}

/// What stands at a place, if that can be known.
fn known(stand: FileState) -> Result<FileState, ActionError> {
    match stand {
        FileState::Denied(_) => Err(Failure::SubjectForbidden.into()),
        FileState::TooLong => Err(ActionError::with(Failure::SubjectForbidden, Condition::NameAllowed)),
        FileState::Failed(errno) => Err(errno.into()),
        FileState::Missing { .. } | FileState::File(..) | FileState::Collection(_) => Ok(stand),
    }
}

fn may_go(share: &Share, action: &Action, path: &[u8]) -> Result<(), ActionError> {
    if let Some(lock) = share.unsubmitted(action, path) {
        return Err(locked(&lock));
    }
    // all or nothing (RFC 5842 §4, §5, §6)
    locked_members(share, action, path).into_iter().next().map_or(Ok(()), |(_, offence)| Err(offence))
}

/// What a document names: its place as it is named, where it stands, and what that is.
fn source(
    share: &Share,
    action: &Action,
    uri: &str,
    exists: Condition,
) -> Result<(Place, Vec<u8>, FileState), ActionError> {
    if action.is_elsewhere(uri.as_bytes()) {
        return Err(ActionError::with(Failure::SubjectForbidden, Condition::CrossServerBinding));
    }
    let missing = || ActionError::with(Failure::StateConflict, exists);
    let named = action.place_of(uri.as_bytes()).ok_or_else(missing)?;
    let at = share.bindings.resolve(&named.path).into_owned();
    let stand = share.tree.look(&Place { path: at.clone(), slash: named.slash }, action.now, Blocking::Some)?;
    match stand {
        // a name too long names nothing
        FileState::TooLong => Err(missing()),
        stand => Some(known(stand)?).filter(FileState::exists).map(|stand| (named, at, stand)).ok_or_else(missing),
    }
}

/// Binds a name in the target to what stands somewhere else.
fn add(share: &Share, action: &Action, asked: &Bind) -> Result<ActionResult, ActionError> {
    let _claim = share.tree.claims.claim(&ALL)?;
    let judged = share.again(action)?;
    let binding = Binding::of(share, action, &judged, &asked.segment, Condition::BindIntoCollection)?;
    let (named, at, stand) = source(share, action, &asked.href, Condition::BindSourceExists)?;
    if binding.exists() && !action.overwrites() {
        return Err(Failure::BindingOverwriteRefused.into());
    }
    if binding.at() == at {
        return Ok(ActionResult::done());
    }
    binding.may_go(share, action)?;
    let grounds = share.grounds(action, Blocking::Some);
    let (named, told) = (named.path, member(&action.named().path, &asked.segment));
    free(grounds.at(&named, Act::Read).or(binding.barred(&grounds, action, (&told, &stand), &at)?))?;
    if binding.there().is_some() && is_beneath(&at, &binding.path) {
        // it cannot take the place of what it is in
        return Err(ActionError::with(Failure::SubjectForbidden, Condition::BindingAllowed));
    }
    if binding.aim.is_none() && !share.bindings.has_room(1) {
        return Err(Failure::StorageInsufficient.into());
    }
    let bound = match binding.there() {
        Some(stand) => replace(share, &binding.path, stand, || share.bindings.bind(&binding.path, &at)),
        None => share.bindings.bind(&binding.path, &at).map_err(ActionError::from),
    };
    share.tree.changed();
    bound?;
    Ok(binding.done(action, &asked.segment, stand.is_collection()))
}

/// Removes a binding from the target.
fn unbind(share: &Share, action: &Action, name: &[u8]) -> Result<ActionResult, ActionError> {
    let _claim = share.tree.claims.claim(&ALL)?;
    let judged = share.again(action)?;
    let binding = Binding::of(share, action, &judged, name, Condition::UnbindFromCollection)?;
    if !binding.exists() {
        return Err(ActionError::with(Failure::StateConflict, Condition::UnbindSourceExists));
    }
    binding.may_go(share, action)?;
    let grounds = share.grounds(action, Blocking::Some);
    free(binding.leaves(&grounds, action, &member(&action.named().path, name))?)?;
    remove_binding(share, action, &binding.path, &binding.stand, &Progress::default())
}

/// Brings a binding from somewhere else into the target.
fn rebind(share: &Share, action: &Action, asked: &Bind) -> Result<ActionResult, ActionError> {
    let _claim = share.tree.claims.claim(&ALL)?;
    let judged = share.again(action)?;
    let binding = Binding::of(share, action, &judged, &asked.segment, Condition::RebindIntoCollection)?;
    let (named, _, stand) = source(share, action, &asked.href, Condition::RebindSourceExists)?;
    let from = share.bindings.binding(&named.path).into_owned();
    if from.is_empty() {
        return Err(Failure::SubjectForbidden.into());
    }
    if binding.exists() && !action.overwrites() {
        return Err(Failure::BindingOverwriteRefused.into());
    }
    if from == binding.path {
        return Ok(ActionResult::done());
    }
    if share.bindings.aim(&from).is_none() {
        if is_beneath(&binding.path, &from) {
            // nobody could reach it any more
            return Err(ActionError::with(Failure::SubjectForbidden, Condition::CycleAllowed));
        }
        may_go(share, action, &from)?;
    }
    if binding.there().is_some() && is_beneath(&from, &binding.path) {
        return Err(ActionError::with(Failure::SubjectForbidden, Condition::BindingAllowed));
    }
    if let Some(lock) = share.lock_at_binding(action, &from) {
        return Err(locked(&lock));
    }
    binding.may_go(share, action)?;
    let grounds = share.grounds(action, Blocking::Some);
    let told = member(&action.named().path, &asked.segment);
    let goes = Binding { aim: share.bindings.aim(&from), path: from.clone(), stand: stand.clone() };
    free(goes.leaves(&grounds, action, &named.path)?.or(binding.barred(
        &grounds,
        action,
        (&told, &stand),
        goes.at(),
    )?))?;
    let ends = Ends { from: &from, to: &binding.path, stand: &stand, there: binding.there() };
    shift(share, action, &ends, &Progress::default())?;
    Ok(binding.done(action, &asked.segment, stand.is_collection()))
}

/// Takes what stands at a place on the disk out of the way of a binding. If that is not made, it stands there again.
pub(crate) fn replace(
    share: &Share,
    path: &[u8],
    stand: &FileState,
    bind: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), ActionError> {
    if release(share, path, true)? {
        return Ok(bind()?);
    }
    let size = size_of(share, path, stand)?;
    let mut out = take_out(share, path)?;
    if let Err(error) = bind() {
        put_back(share, path, &mut out)?;
        return Err(error.into());
    }
    drop(out);
    share.tree.quota.changed(size, Size::default());
    share.locks.remove_tree(path)?;
    share.bindings.identities.removed(path)?;
    share.properties.removed(path)?;
    Ok(())
}

fn take_out(share: &Share, path: &[u8]) -> Result<Temporary, Errno> {
    let (parent, name) = share.tree.parent(path)?;
    let out = share.tree.temporaries.place();
    fs::renameat(&parent, name, out.folder(), out.name())?;
    share.tree.sync(parent.as_fd())?;
    Ok(out)
}

fn put_back(share: &Share, path: &[u8], out: &mut Temporary) -> Result<(), Errno> {
    let (parent, name) = share.tree.parent(path)?;
    fs::renameat(out.folder(), out.name(), &parent, name)?;
    out.leave();
    share.tree.sync(parent.as_fd())
}

/// What stands in a tree and has another binding outside of it goes there, to live on (RFC 5842 §2.4); the root of the tree
/// too if it is to lose its name. Says whether the root went. It may only come to light when its members have gone that it
/// goes, and then it has them all: in place of each there is an alias.
pub(crate) fn release(share: &Share, tree: &[u8], root_too: bool) -> Result<bool, ActionError> {
    let mut went = false;
    while let Some((at, alias)) = share.bindings.escape(tree, root_too && !went) {
        went |= promote(share, (&at, &alias), at != tree)? && at == tree;
        if went {
            break;
        }
    }
    Ok(went)
}

/// Makes an alias the place where the resource stands, and where it stood an alias, if its name stays. False: it was an alias
/// of nothing, or in nothing, and is gone.
fn promote(share: &Share, (at, alias): (&[u8], &[u8]), stays: bool) -> Result<bool, ActionError> {
    let stat = share.tree.root.collection(crate::tree::install::split(alias).0).and_then(|_| {
        let (source, name) = share.tree.parent(at)?;
        fs::statat(&source, name, AtFlags::SYMLINK_NOFOLLOW)
    });
    let stat = match stat {
        Err(Errno::NOENT | Errno::NOTDIR) => {
            share.bindings.unbind(alias)?;
            return Ok(false);
        }
        stat => stat?,
    };
    let ((source, name), (target, target_name)) = (share.tree.parent(at)?, share.tree.parent(alias)?);
    let intent =
        share.intents.write((&share.properties, &share.bindings), MoveStep::Move, (at, alias), FileId::of(&stat))?;
    if let Err(errno) = fs::renameat_with(&source, name, &target, target_name, RenameFlags::NOREPLACE) {
        share.intents.strike(intent)?;
        return Err(errno.into());
    }
    share.tree.sync(target.as_fd())?;
    share.tree.sync(source.as_fd())?;
    if kind(&stat) == FileType::RegularFile {
        // a new name is a new time of change, which is ours too
        share.tree.ours.add(Identity::of(&fs::statat(&target, target_name, AtFlags::SYMLINK_NOFOLLOW)?));
    }
    share.properties.moved(at, alias)?;
    share.locks.remove_tree(at)?;
    if stays {
        share.bindings.exchanged(at, alias)?;
    } else {
        share.bindings.moved(at, alias)?;
    }
    share.intents.strike(intent)?;
    Ok(true)
}

impl Share {
    /// Claims trees; if a binding leads into one of them or out of it, or out of what is only read: all, so that bindings may
    /// be changed.
    pub(crate) fn claim_trees(&self, trees: &[&[u8]], read: &[&[u8]]) -> Result<Claim<'_>, ActionError> {
        let wanted: Vec<(&[u8], Reach)> = trees.iter().map(|tree| (*tree, Reach::Tree)).collect();
        let plain = || trees.iter().chain(read).all(|tree| !self.bindings.touches(tree));
        if plain() {
            let claim = self.tree.claims.claim(&wanted)?;
            // what came about while this was waited for
            if plain() {
                return Ok(claim);
            }
            drop(claim);
        }
        Ok(self.tree.claims.claim(&ALL)?)
    }

    /// The binding that a place is named by. Under a claim it must be the same as before.
    pub(crate) fn binding_of(&self, named: &Place) -> Vec<u8> {
        self.bindings.binding(&named.path).into_owned()
    }

    /// Finishes what an earlier server began: what stands under one of its aliases and nowhere else came there, and that was
    /// not written down.
    pub(crate) fn finish_bindings(&self) -> Result<(), StoreError> {
        let stands = |path: &[u8]| self.tree.root.state(path, Blocking::Some).is_ok();
        for (alias, at) in self.bindings.beneath(b"") {
            if !stands(&at) && stands(&alias) {
                // it is not known whether its old name was to stay; so nothing is taken away
                self.bindings.exchanged(&at, &alias)?;
            }
        }
        Ok(())
    }
}
