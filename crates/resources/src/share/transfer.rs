//! COPY and MOVE (RFC 4918 §9.8, §9.9).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::limits;
use decision::facts::Failure;
use rustix::fs::{self, AtFlags, Mode, OFlags, syncfs};
use rustix::io::Errno;
use semantics::depth::Depth;
use semantics::text::path::is_beneath;

use crate::action_result::ActionResult;
use crate::bindings::Alias;
use crate::intents::{FileId, MoveStep};
use crate::look::member;
use crate::root::Blocking;
use crate::share::Share;
use crate::share::action::{Action, href};
use crate::share::bind::{release, replace};
use crate::share::collection::{locked_members, members, size_of};
use crate::share::judge::Judged;
use crate::tree::RESERVED;
use crate::tree::install::split;
use crate::tree::offence::ActionError;
use crate::tree::quota::{Size, measure};
use crate::tree::standing::{FileState, Place};
use crate::tree::temporary::{self, Temporary};
use crate::tree::transfer::{Copying, Failures, Progress};
use crate::validators::Identity;

/// Copies what stands at the target, with its members unless Depth is 0, to the destination.
pub(crate) fn copy(share: &Share, action: &Action, progress: &Progress) -> Result<ActionResult, ActionError> {
    let to = destination(action)?;
    let from = &action.place.path;
    if *from == to.path {
        // the same under two names (RFC 4918 §9.8.5)
        return Err(Failure::SubjectForbidden.into());
    }
    let _claim = share.claim_trees(&[&to.path], &[from])?;
    let judged = share.again(action)?;
    ready(action, &judged)?;
    if is_beneath(from, &to.path) && judged.destination.as_ref().is_some_and(FileState::exists) {
        // what is to be copied would be removed first, with what it is in (RFC 4918 §9.8.4)
        return Err(Failure::StateConflict.into());
    }
    let locked = locked_beneath(share, action, &to.path);
    if !locked.is_empty() {
        return Ok(ActionResult::of_parts(members(locked)));
    }
    let mut making = share.tree.temporaries.place();
    let infinite = action.depth() == Depth::Infinity;
    let mut copying = Copying {
        root: &share.tree.root,
        progress,
        infinite,
        failures: Failures::new(),
        size: Size::default(),
        room: Vec::new(),
    };
    let aside = (making.folder(), making.name().as_bytes());
    let (source, source_name) = open_source(share, from)?;
    copying.copy((source.as_fd(), source_name), aside, from, limits::TREE_DEPTH)?;
    let followed = if infinite { follow(share, &mut copying, aside, from)? } else { Followed::default() };
    let bound = infinite && (share.bindings.touches(from) || share.bindings.touches(&to.path));
    let known = if bound { Some(followed.properties(share, from, making.name())?) } else { None };
    let Copying { failures, size, .. } = copying;
    lands(share, action, making.name(), &to.path)?;
    if !share.bindings.has_room(followed.aliases.len()) {
        return Err(Failure::StorageInsufficient.into());
    }
    let copied = Copied { from, to: &to.path, there: judged.destination.as_ref(), infinite, size, known };
    let brought = copied.bring(share, &mut making);
    if let (Err(_), Some(aside)) = (&brought, &copied.known) {
        share.properties.removed(aside)?;
    }
    brought?;
    followed.keep(share, &to.path)?;
    if failures.is_empty() { Ok(done(action, &judged)) } else { Ok(ActionResult::of_parts(members(failures))) }
}

/// May all that was copied come to stand at the destination? It is asked of the copy, since what was copied may have changed since
/// it was judged.
fn lands(share: &Share, action: &Action, name: &str, to: &[u8]) -> Result<(), ActionError> {
    let aside = [RESERVED, b"/temporary/", name.as_bytes()].concat();
    match share.grounds(action, Blocking::Some).landed(&aside, to)? {
        Some(barred) => Err((&barred).into()),
        None => Ok(()),
    }
}

/// A copy that was made, and is to come to its name.
struct Copied<'a> {
    from: &'a [u8],
    to: &'a [u8],
    /// What stands there.
    there: Option<&'a FileState>,
    infinite: bool,
    size: Size,
    /// Where what is known of it is kept, if it is kept already.
    known: Option<Vec<u8>>,
}

impl Copied<'_> {
    fn bring(&self, share: &Share, making: &mut Temporary) -> Result<(), ActionError> {
        let Copied { from, to, size, .. } = *self;
        // what is replaced goes, but for what has other names
        release(share, to, false)?;
        let replaced = self.there.map_or(Ok(Size::default()), |there| size_of(share, to, there))?;
        let taken = share.tree.quota.take(replaced, size).ok_or(Errno::DQUOT)?;
        let aside = (making.folder(), making.name().as_bytes());
        if share.tree.durable {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let made = fs::openat(aside.0, aside.1, flags, Mode::empty())?;
            // one call for all the files of a tree; it waits for whatever else is written, so a file alone goes by itself
            if self.size.files == 1 { fs::fsync(made)? } else { syncfs(made)? }
        }
        let (parent, name) = share.tree.parent(to)?;
        let thing = FileId::of(&fs::statat(aside.0, aside.1, AtFlags::SYMLINK_NOFOLLOW)?);
        let step = if self.infinite { MoveStep::Copy } else { MoveStep::CopyAlone };
        let intent = share.intents.write((&share.properties, &share.bindings), step, (from, to), thing)?;
        let out = share.tree.exchange(aside, (parent.as_fd(), name));
        share.tree.changed();
        let out = match out {
            Ok(out) => out,
            Err(errno) => {
                share.intents.strike(intent)?;
                return Err(errno.into());
            }
        };
        making.leave();
        share.tree.sync(parent.as_fd())?;
        drop(out);
        taken.keep();
        match &self.known {
            Some(aside) => share.properties.moved(aside, to)?,
            None if self.infinite => share.properties.copied(from, to)?,
            None => share.properties.copied_alone(from, to)?,
        }
        Ok(share.intents.strike(intent)?)
    }
}

/// What a copy holds besides what stands in the tree that was copied.
#[derive(Default)]
struct Followed {
    /// Where trees stand that were copied too, and where their copies stand beneath the whole copy.
    trees: Vec<(Vec<u8>, Vec<u8>)>,
    /// Aliases beneath the copy, of what stands beneath the copy.
    aliases: Vec<Alias>,
    /// Which of them took the place of a second copy.
    second: Vec<Vec<u8>>,
}

impl Followed {
    /// Puts what is known of all that was copied beside the copy while that is made: what is replaced may be part of it. A
    /// crash leaves it where nothing stands, and so it goes at the next start.
    fn properties(&self, share: &Share, from: &[u8], name: &str) -> Result<Vec<u8>, ActionError> {
        let aside = [RESERVED, b"/temporary/", name.as_bytes()].concat();
        share.properties.copied(from, &aside)?;
        for (tree, place) in &self.trees {
            share.properties.copied(tree, &member(&aside, place))?;
        }
        for place in &self.second {
            share.properties.removed(&member(&aside, place))?;
        }
        Ok(aside)
    }

    fn keep(self, share: &Share, to: &[u8]) -> Result<(), ActionError> {
        let within = |place: Vec<u8>| if place.is_empty() { to.to_vec() } else { member(to, &place) };
        let aliases = self.aliases.into_iter().map(|(alias, at)| (within(alias), within(at)));
        share.bindings.replaced(to, aliases.collect())?;
        share.tree.changed();
        Ok(())
    }
}

/// Copies what the aliases in a tree lead to as well. What was copied before is bound a second time, so the copy has as many
/// resources as there were, and goes round in the same circles (RFC 5842 §2.3).
fn follow(
    share: &Share,
    copying: &mut Copying<'_>,
    aside: (BorrowedFd<'_>, &[u8]),
    from: &[u8],
) -> Result<Followed, ActionError> {
    let mut trees = vec![(from.to_vec(), Vec::new())];
    let (mut aliases, mut second, mut next) = (Vec::new(), Vec::new(), 0);
    while let Some((tree, place)) = trees.get(next).cloned() {
        next += 1;
        for (alias, at) in share.bindings.beneath(&tree) {
            if trees[..next].iter().any(|(known, _)| is_beneath(known, &tree) && is_beneath(&alias, known)) {
                // it was copied with that
                continue;
            }
            let alias = elsewhere(&alias, &tree, &place);
            let known = trees.iter().find(|(tree, _)| at == *tree || is_beneath(&at, tree));
            if let Some((tree, place)) = known {
                aliases.push((alias, elsewhere(&at, tree, place)));
                continue;
            }
            let copied = open_source(share, &at).and_then(|(source, name)| {
                let (target, target_name) = open_copy(aside, &alias)?;
                Ok(copying.copy((source.as_fd(), name), (target.as_fd(), target_name), &at, limits::TREE_DEPTH)?)
            });
            match copied {
                Ok(()) => {
                    for (known, place) in trees.iter().filter(|(known, _)| is_beneath(known, &at)) {
                        let twice = elsewhere(known, &at, &alias);
                        if take_back(copying, aside, &twice)? {
                            aliases.push((twice.clone(), place.clone()));
                            second.push(twice);
                        }
                    }
                    trees.push((at, alias));
                }
                // an alias of nothing
                Err(ActionError { failure: Failure::StateConflict, .. }) => {}
                Err(offence) => return Err(offence),
            }
        }
    }
    trees.remove(0);
    Ok(Followed { trees, aliases, second })
}

/// Removes part of a copy that is being made: a copy of what was copied before. False: it went with another part.
fn take_back(copying: &mut Copying<'_>, aside: (BorrowedFd<'_>, &[u8]), path: &[u8]) -> Result<bool, Errno> {
    let (folder, name) = match open_copy(aside, path) {
        Err(Errno::NOENT) => return Ok(false),
        opened => opened?,
    };
    // what it is opened by must be one that can be read
    let folder = fs::openat(&folder, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let size = measure(folder.as_fd(), name, limits::TREE_DEPTH)?;
    copying.size.octets = copying.size.octets.saturating_sub(size.octets);
    copying.size.files = copying.size.files.saturating_sub(size.files);
    temporary::remove(folder.as_fd(), name)?;
    Ok(true)
}

/// The place in one tree that has the place of this one in another.
fn elsewhere(path: &[u8], tree: &[u8], place: &[u8]) -> Vec<u8> {
    let rest = path.strip_prefix(tree).unwrap_or(path);
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    if rest.is_empty() { place.to_vec() } else { member(place, rest) }
}

/// Opens the collection of a copy that is being made in which a member is to stand. No link is followed.
fn open_copy<'p>((folder, name): (BorrowedFd<'_>, &[u8]), path: &'p [u8]) -> Result<(OwnedFd, &'p [u8]), Errno> {
    const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    let mut opened = fs::openat(folder, name, FOLDER, Mode::empty())?;
    let (collection, last) = split(path);
    for name in collection.split(|&octet| octet == b'/').filter(|name| !name.is_empty()) {
        opened = fs::openat(&opened, name, FOLDER, Mode::empty())?;
    }
    Ok((opened, last))
}

/// Moves what stands at the target, with all its members, to the destination.
pub(crate) fn transfer(share: &Share, action: &Action, progress: &Progress) -> Result<ActionResult, ActionError> {
    let Some(named) = action.destination_named() else { return Err(Failure::StateConflict.into()) };
    let (from, to) = (share.binding_of(action.named()), share.binding_of(named));
    if to.is_empty() || from == to {
        // the root is not replaced; and RFC 4918 §9.9.4
        return Err(Failure::SubjectForbidden.into());
    }
    if from.is_empty() || is_beneath(&to, &from) || is_beneath(&from, &to) {
        // the root stays where it is, and nothing can become a member of itself, or take the place of what it is in
        return Err(Failure::StateConflict.into());
    }
    let _claim = share.claim_trees(&[&from, &to], &[])?;
    let judged = share.again(action)?;
    if from != share.binding_of(action.named()) || to != share.binding_of(named) {
        return Err(Failure::StateConflict.into());
    }
    ready(action, &judged)?;
    let mut failures =
        if share.bindings.aim(&from).is_none() { locked_members(share, action, &from) } else { Failures::new() };
    failures.extend(locked_beneath(share, action, &to));
    if !failures.is_empty() {
        return Ok(ActionResult::of_parts(members(failures)));
    }
    let there = judged.destination.as_ref().filter(|there| there.exists() && share.bindings.aim(&to).is_none());
    let ends = Ends { from: &from, to: &to, stand: &judged.stand, there };
    let failures = shift(share, action, &ends, progress)?;
    if failures.is_empty() { Ok(done(action, &judged)) } else { Ok(ActionResult::of_parts(members(failures))) }
}

/// From where to where a binding goes.
pub(crate) struct Ends<'a> {
    /// The binding that goes.
    pub(crate) from: &'a [u8],
    /// Where it goes.
    pub(crate) to: &'a [u8],
    /// What is bound there.
    pub(crate) stand: &'a FileState,
    /// What stands on the disk where it goes.
    pub(crate) there: Option<&'a FileState>,
}

/// Brings a binding to another place. What is bound there is bound there no longer (RFC 4918 §9.9.3, RFC 5842 §2.5, §6).
pub(crate) fn shift(
    share: &Share,
    action: &Action,
    ends: &Ends<'_>,
    progress: &Progress,
) -> Result<Failures, ActionError> {
    let Ends { from, to, stand, there } = *ends;
    // it may go to live under the very name that is to be moved
    let went = there.is_some() && release(share, to, true)?;
    let there = if went { None } else { there };
    if share.bindings.aim(from).is_some() {
        let bind = || share.bindings.rebind(from, to);
        let bound = match there {
            Some(there) => replace(share, to, there, bind),
            None => bind().map_err(ActionError::from),
        };
        share.tree.changed();
        bound?;
        return Ok(Failures::new());
    }
    let replaced = there.map_or(Ok(Size::default()), |there| size_of(share, to, there))?;
    let Some(stat) = stand.stat() else { return Err(Failure::SubjectMissing.into()) };
    let intent =
        share.intents.write((&share.properties, &share.bindings), MoveStep::Move, (from, to), FileId::of(stat))?;
    let moved = rename(share, &Ends { there, ..*ends });
    share.tree.changed();
    if let Err(errno) = moved {
        share.intents.strike(intent)?;
        let ends = Ends { there, ..*ends };
        return match errno {
            Errno::XDEV => carry(share, action, &ends, progress),
            // by a link it leads into itself
            Errno::INVAL => Err(Failure::StateConflict.into()),
            errno => Err(errno.into()),
        };
    }
    share.tree.quota.changed(replaced, Size::default());
    share.bindings.moved(from, to)?;
    share.properties.moved(from, to)?;
    share.locks.remove_tree(from)?;
    share.intents.strike(intent)?;
    share.tree.changed();
    Ok(Failures::new())
}

/// The destination. One that is not on this server is refused long before; one that can be no name is none.
fn destination(action: &Action) -> Result<&Place, ActionError> {
    let to = action.destination.as_ref().ok_or_else(|| ActionError::from(Failure::StateConflict))?;
    // the root is not replaced
    if to.path.is_empty() { Err(Failure::SubjectForbidden.into()) } else { Ok(to) }
}

/// Locks on members of what would be replaced, which is removed by that (RFC 4918 §7.4, §9.8.4). A name that is only bound
/// here is taken away, and what it leads to stays.
fn locked_beneath(share: &Share, action: &Action, to: &[u8]) -> Failures {
    if share.bindings.aim(to).is_none() { locked_members(share, action, to) } else { Failures::new() }
}

/// Is the source still there, and may the destination be taken?
fn ready(action: &Action, judged: &Judged) -> Result<(), ActionError> {
    let Some(source) = judged.stand.stat() else { return Err(Failure::SubjectMissing.into()) };
    let Some(there) = judged.destination.as_ref().and_then(FileState::stat) else { return Ok(()) };
    if FileId::of(source) == FileId::of(there) {
        // one resource under two names, be it by a link (RFC 4918 §9.8.5, §9.9.4)
        return Err(Failure::SubjectForbidden.into());
    }
    if action.overwrites() { Ok(()) } else { Err(Failure::PreconditionLost.into()) }
}

/// Where the source is to be found. A collection is its own way in, also where a link leads to it; a file is found by its name.
fn open_source<'p>(share: &Share, from: &'p [u8]) -> Result<(OwnedFd, &'p [u8]), ActionError> {
    match share.tree.root.collection(from) {
        Ok(collection) => Ok((collection, b".")),
        Err(Errno::NOTDIR) => Ok(share.tree.parent(from)?),
        Err(errno) => Err(errno.into()),
    }
}

fn rename(share: &Share, ends: &Ends<'_>) -> Result<(), Errno> {
    let Ends { from, to, stand, there } = *ends;
    if split(from).0 != split(to).0 && share.tree.is_link(from)? {
        // from another place it would lead to something else, or nowhere
        return Err(Errno::PERM);
    }
    let ((source, source_name), (target, target_name)) = (share.tree.parent(from)?, share.tree.parent(to)?);
    let collections = stand.is_collection() || there.is_some_and(FileState::is_collection);
    let out = if collections {
        share.tree.exchange((source.as_fd(), source_name), (target.as_fd(), target_name))?
    } else {
        fs::renameat(&source, source_name, &target, target_name)?;
        None
    };
    share.tree.sync(target.as_fd())?;
    share.tree.sync(source.as_fd())?;
    drop(out);
    if let FileState::File(..) = stand {
        // a new name is a new time of change, which is ours too
        share.tree.ours.add(Identity::of(&share.tree.root.state(to, Blocking::Some)?));
    }
    Ok(())
}

/// A move from one file system to another, both mounted beneath the root: a copy, and then a removal.
fn carry(share: &Share, action: &Action, ends: &Ends<'_>, progress: &Progress) -> Result<Failures, ActionError> {
    let Ends { from, to, there, .. } = *ends;
    share.again(action)?;
    let (source, source_name) = share.tree.parent(from)?;
    let (target, target_name) = share.tree.parent(to)?;
    if there.is_some() {
        share.tree.remove(to, progress)?;
    }
    let mut copying = Copying {
        root: &share.tree.root,
        progress,
        infinite: true,
        failures: Failures::new(),
        size: Size::default(),
        room: Vec::new(),
    };
    copying.copy((source.as_fd(), source_name), (target.as_fd(), target_name), from, limits::TREE_DEPTH)?;
    if share.tree.durable {
        syncfs(&target)?;
    }
    share.tree.changed();
    if !copying.failures.is_empty() {
        return Ok(copying.failures);
    }
    share.tree.remove(from, progress)?;
    share.bindings.moved(from, to)?;
    share.properties.moved(from, to)?;
    share.locks.remove_tree(from)?;
    share.tree.changed();
    Ok(Failures::new())
}

fn done(action: &Action, judged: &Judged) -> ActionResult {
    let created = judged.destination.as_ref().is_none_or(|stand| !stand.exists());
    match action.destination_named() {
        Some(to) if created => ActionResult::created(href(&to.path, judged.stand.is_collection())),
        _ => ActionResult::done(),
    }
}
