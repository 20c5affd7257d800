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

use crate::dav::bind::{Bind, read_unbind};
use crate::deed::Deed;
use crate::intents::{Step, Thing};
use crate::look::member;
use crate::root::{Patience, kind};
use crate::rules::bar::{Act, Barred};
use crate::share::bars::{Destination, Grounds, Way};
use crate::share::collection::{locked_members, size_of, unbind as remove_binding};
use crate::share::judge::{Judged, locked};
use crate::share::transfer::{Ends, shift};
use crate::share::wish::{Wish, href};
use crate::share::{Share, deed_apart, intake};
use crate::store::StoreError;
use crate::tree::claims::{Claim, Reach};
use crate::tree::is_reserved;
use crate::tree::offence::Offence;
use crate::tree::quota::Size;
use crate::tree::standing::{Place, Stand};
use crate::tree::temporary::Temporary;
use crate::tree::transfer::Progress;
use crate::validators::Identity;

/// All that there is: bindings stand still for whoever holds any claim, so whoever changes them holds this one.
const ALL: [(&[u8], Reach); 1] = [(b"", Reach::Tree)];

/// Takes the document in, and does what it asks for.
pub(crate) async fn bind(share: &Arc<Share>, wish: &Arc<Wish>, content: &mut impl RequestContent) -> Deed {
    let content = match intake::octets(share, wish, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let (share, wish) = (share.clone(), wish.clone());
    let work = move || match wish.method() {
        Some(Method::UNBIND) => unbind(&share, &wish, &read_unbind(&content)?),
        Some(Method::REBIND) => rebind(&share, &wish, &Bind::read_rebind(&content)?),
        _ => add(&share, &wish, &Bind::read(&content)?),
    };
    deed_apart(work).await
}

/// A binding of the target that is to be made, replaced or removed.
struct Binding {
    /// The collection on the disk, and the name in it.
    path: Vec<u8>,
    /// If it is an alias: where what it is bound to stands.
    aim: Option<Vec<u8>>,
    /// What is bound there.
    stand: Stand,
}

impl Binding {
    /// The one of this name, if the target is a collection.
    fn of(share: &Share, wish: &Wish, judged: &Judged, name: &[u8], among: Condition) -> Result<Binding, Offence> {
        if !judged.stand.is_collection() {
            return Err(Offence::with(Failure::StateConflict, among));
        }
        let path = member(&wish.place.path, name);
        if is_reserved(&path) {
            return Err(Offence::with(Failure::SubjectForbidden, Condition::NameAllowed));
        }
        let aim = share.bindings.aim(&path);
        let place = Place { path: aim.clone().unwrap_or_else(|| path.clone()), slash: false };
        let stand = share.tree.look(&place, wish.now, Patience::Some)?;
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
    fn there(&self) -> Option<&Stand> {
        if self.aim.is_none() && self.stand.exists() { Some(&self.stand) } else { None }
    }

    /// May it be replaced or removed? A lock protects the name by which it was made, and those of all members (RFC 5842 §9).
    fn may_go(&self, share: &Share, wish: &Wish) -> Result<(), Offence> {
        if self.aim.is_some() { Ok(()) } else { may_go(share, wish, &self.path) }
    }

    /// The rule that bars it from going: at its name, at what it leads to, and in the tree that goes with it.
    fn leaves(&self, grounds: &Grounds<'_>, wish: &Wish, named: &[u8]) -> Result<Option<Barred>, Offence> {
        let here = grounds.at(named, Act::Change(Method::DELETE));
        let here = here.or_else(|| grounds.at(&self.path, Act::Change(Method::DELETE)));
        if here.is_some() {
            return Ok(here);
        }
        let (from, alone) = (self.at(), self.aim.is_some());
        let way = Way { method: Method::DELETE, depth: Depth::Infinity, from, alone, stand: &self.stand, to: None };
        let bars = grounds.bars(&way)?;
        let conditional = || {
            let unprotected = !wish.request().has(Field::IF);
            let source = grounds.book.conditional(&self.path, Method::DELETE).filter(|_| unprotected)?;
            Some(Barred { bar: Bar::Conditional, path: self.path.clone(), source: Some(source) })
        };
        Ok(bars.first().cloned().or_else(conditional))
    }

    /// The rule that bars what stands at `at` from being bound here, in the place of what is bound here now.
    fn barred(
        &self,
        grounds: &Grounds<'_>,
        wish: &Wish,
        (named, stand): (&[u8], &Stand),
        at: &[u8],
    ) -> Result<Option<Barred>, Offence> {
        if self.exists()
            && let Some(barred) = self.leaves(grounds, wish, named)?
        {
            return Ok(Some(barred));
        }
        for (named, to) in [(named, None), (&*self.path, Some(&*self.path))] {
            let missing = Stand::Missing { parent: true };
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
    fn done(&self, wish: &Wish, name: &[u8], collection: bool) -> Deed {
        if self.exists() {
            return Deed::done();
        }
        Deed::created(href(&member(&wish.named().path, name), collection))
    }
}

/// Is it barred by no rule?
fn free(barred: Option<Barred>) -> Result<(), Offence> {
    barred.map_or(Ok(()), |barred| Err((&barred).into()))
}

/// What stands at a place, if that can be known.
fn known(stand: Stand) -> Result<Stand, Offence> {
    match stand {
        Stand::Denied(_) => Err(Failure::SubjectForbidden.into()),
        Stand::TooLong => Err(Offence::with(Failure::SubjectForbidden, Condition::NameAllowed)),
        Stand::Failed(errno) => Err(errno.into()),
        Stand::Missing { .. } | Stand::File(..) | Stand::Collection(_) => Ok(stand),
    }
}

fn may_go(share: &Share, wish: &Wish, path: &[u8]) -> Result<(), Offence> {
    if let Some(lock) = share.unsubmitted(wish, path) {
        return Err(locked(&lock));
    }
    // all or nothing (RFC 5842 §4, §5, §6)
    locked_members(share, wish, path).into_iter().next().map_or(Ok(()), |(_, offence)| Err(offence))
}

/// What a document names: its place as it is named, where it stands, and what that is.
fn source(share: &Share, wish: &Wish, uri: &str, exists: Condition) -> Result<(Place, Vec<u8>, Stand), Offence> {
    if wish.is_elsewhere(uri.as_bytes()) {
        return Err(Offence::with(Failure::SubjectForbidden, Condition::CrossServerBinding));
    }
    let missing = || Offence::with(Failure::StateConflict, exists);
    let named = wish.place_of(uri.as_bytes()).ok_or_else(missing)?;
    let at = share.bindings.resolve(&named.path).into_owned();
    let stand = share.tree.look(&Place { path: at.clone(), slash: named.slash }, wish.now, Patience::Some)?;
    match stand {
        // a name too long names nothing
        Stand::TooLong => Err(missing()),
        stand => Some(known(stand)?).filter(Stand::exists).map(|stand| (named, at, stand)).ok_or_else(missing),
    }
}

/// Binds a name in the target to what stands somewhere else.
fn add(share: &Share, wish: &Wish, asked: &Bind) -> Result<Deed, Offence> {
    let _claim = share.tree.claims.claim(&ALL)?;
    let judged = share.again(wish)?;
    let binding = Binding::of(share, wish, &judged, &asked.segment, Condition::BindIntoCollection)?;
    let (named, at, stand) = source(share, wish, &asked.href, Condition::BindSourceExists)?;
    if binding.exists() && !wish.overwrites() {
        return Err(Failure::BindingOverwriteRefused.into());
    }
    if binding.at() == at {
        return Ok(Deed::done());
    }
    binding.may_go(share, wish)?;
    let grounds = share.grounds(wish, Patience::Some);
    let (named, told) = (named.path, member(&wish.named().path, &asked.segment));
    free(grounds.at(&named, Act::Read).or(binding.barred(&grounds, wish, (&told, &stand), &at)?))?;
    if binding.there().is_some() && is_beneath(&at, &binding.path) {
        // it cannot take the place of what it is in
        return Err(Offence::with(Failure::SubjectForbidden, Condition::BindingAllowed));
    }
    if binding.aim.is_none() && !share.bindings.has_room(1) {
        return Err(Failure::StorageInsufficient.into());
    }
    let bound = match binding.there() {
        Some(stand) => replace(share, &binding.path, stand, || share.bindings.bind(&binding.path, &at)),
        None => share.bindings.bind(&binding.path, &at).map_err(Offence::from),
    };
    share.tree.changed();
    bound?;
    Ok(binding.done(wish, &asked.segment, stand.is_collection()))
}

/// Removes a binding from the target.
fn unbind(share: &Share, wish: &Wish, name: &[u8]) -> Result<Deed, Offence> {
    let _claim = share.tree.claims.claim(&ALL)?;
    let judged = share.again(wish)?;
    let binding = Binding::of(share, wish, &judged, name, Condition::UnbindFromCollection)?;
    if !binding.exists() {
        return Err(Offence::with(Failure::StateConflict, Condition::UnbindSourceExists));
    }
    binding.may_go(share, wish)?;
    let grounds = share.grounds(wish, Patience::Some);
    free(binding.leaves(&grounds, wish, &member(&wish.named().path, name))?)?;
    remove_binding(share, wish, &binding.path, &binding.stand, &Progress::default())
}

/// Brings a binding from somewhere else into the target.
fn rebind(share: &Share, wish: &Wish, asked: &Bind) -> Result<Deed, Offence> {
    let _claim = share.tree.claims.claim(&ALL)?;
    let judged = share.again(wish)?;
    let binding = Binding::of(share, wish, &judged, &asked.segment, Condition::RebindIntoCollection)?;
    let (named, _, stand) = source(share, wish, &asked.href, Condition::RebindSourceExists)?;
    let from = share.bindings.binding(&named.path).into_owned();
    if from.is_empty() {
        return Err(Failure::SubjectForbidden.into());
    }
    if binding.exists() && !wish.overwrites() {
        return Err(Failure::BindingOverwriteRefused.into());
    }
    if from == binding.path {
        return Ok(Deed::done());
    }
    if share.bindings.aim(&from).is_none() {
        if is_beneath(&binding.path, &from) {
            // nobody could reach it any more
            return Err(Offence::with(Failure::SubjectForbidden, Condition::CycleAllowed));
        }
        may_go(share, wish, &from)?;
    }
    if binding.there().is_some() && is_beneath(&from, &binding.path) {
        return Err(Offence::with(Failure::SubjectForbidden, Condition::BindingAllowed));
    }
    if let Some(lock) = share.lock_at_binding(wish, &from) {
        return Err(locked(&lock));
    }
    binding.may_go(share, wish)?;
    let grounds = share.grounds(wish, Patience::Some);
    let told = member(&wish.named().path, &asked.segment);
    let goes = Binding { aim: share.bindings.aim(&from), path: from.clone(), stand: stand.clone() };
    free(goes.leaves(&grounds, wish, &named.path)?.or(binding.barred(&grounds, wish, (&told, &stand), goes.at())?))?;
    let ends = Ends { from: &from, to: &binding.path, stand: &stand, there: binding.there() };
    shift(share, wish, &ends, &Progress::default())?;
    Ok(binding.done(wish, &asked.segment, stand.is_collection()))
}

/// Takes what stands at a place on the disk out of the way of a binding. If that is not made, it stands there again.
pub(crate) fn replace(
    share: &Share,
    path: &[u8],
    stand: &Stand,
    bind: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), Offence> {
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
pub(crate) fn release(share: &Share, tree: &[u8], root_too: bool) -> Result<bool, Offence> {
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
fn promote(share: &Share, (at, alias): (&[u8], &[u8]), stays: bool) -> Result<bool, Offence> {
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
        share.intents.write((&share.properties, &share.bindings), Step::Move, (at, alias), Thing::of(&stat))?;
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
    pub(crate) fn claim_trees(&self, trees: &[&[u8]], read: &[&[u8]]) -> Result<Claim<'_>, Offence> {
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
        let stands = |path: &[u8]| self.tree.root.state(path, Patience::Some).is_ok();
        for (alias, at) in self.bindings.beneath(b"") {
            if !stands(&at) && stands(&alias) {
                // it is not known whether its old name was to stay; so nothing is taken away
                self.bindings.exchanged(&at, &alias)?;
            }
        }
        Ok(())
    }
}
