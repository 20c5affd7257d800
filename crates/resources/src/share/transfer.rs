//! COPY and MOVE (RFC 4918 §9.8, §9.9).

use std::os::fd::AsFd;

use decision::facts::Failure;
use rustix::fs::{self, syncfs};
use rustix::io::Errno;
use semantics::depth::Depth;
use semantics::limits;

use crate::deed::Deed;
use crate::share::Share;
use crate::share::collection::{locked_members, members};
use crate::share::judge::Judged;
use crate::share::wish::{Wish, href};
use crate::tree::claims::{Reach, is_beneath};
use crate::tree::offence::Offence;
use crate::tree::quota::Size;
use crate::tree::standing::{Place, Stand};
use crate::tree::transfer::{Copying, Failures, Progress};
use crate::validators::Identity;

/// Copies what stands at the target, with its members unless Depth is 0, to the destination.
pub(crate) fn copy(share: &Share, wish: &Wish, progress: &Progress) -> Result<Deed, Offence> {
    let to = destination(wish)?;
    let _claim = share.tree.claims.claim(&[(&to.path, Reach::Tree)])?;
    let judged = share.again(wish)?;
    let replaced = ready(share, wish, &judged)?;
    let from = &wish.place.path;
    let (source, source_name) = open_source(share, from)?;
    let mut temporary = share.tree.temporaries.place();
    let infinite = wish.depth() == Depth::Infinity;
    let mut copying = Copying { progress, infinite, failures: Failures::new(), size: Size::default() };
    let aside = (temporary.folder(), temporary.name().as_bytes());
    copying.copy((source.as_fd(), source_name), aside, from, limits::TREE_DEPTH)?;
    let Copying { failures, size, .. } = copying;
    if !share.tree.quota.fits(replaced, size) {
        return Err(Errno::DQUOT.into());
    }
    if share.tree.durable {
        // one call for all the files of the copy
        syncfs(temporary.folder())?;
    }
    let (parent, name) = share.tree.parent(&to.path)?;
    let out = share.tree.exchange(aside, (parent.as_fd(), name));
    share.tree.changed();
    let out = out?;
    temporary.leave();
    share.tree.sync(parent.as_fd())?;
    drop(out);
    share.tree.quota.changed(replaced, size);
    if infinite {
        share.properties.copied(from, &to.path)?;
    } else {
        share.properties.copied_alone(from, &to.path)?;
    }
    if failures.is_empty() { Ok(done(to, &judged)) } else { Ok(Deed::of_parts(members(failures))) }
}

/// Moves what stands at the target, with all its members, to the destination.
pub(crate) fn transfer(share: &Share, wish: &Wish, progress: &Progress) -> Result<Deed, Offence> {
    let to = destination(wish)?;
    let from = &wish.place.path;
    if from.is_empty() || is_beneath(&to.path, from) || is_beneath(from, &to.path) {
        // the root stays where it is, and nothing can become a member of itself, or take the place of what it is in
        return Err(Failure::StateConflict.into());
    }
    let _claim = share.tree.claims.claim(&[(from, Reach::Tree), (&to.path, Reach::Tree)])?;
    let judged = share.again(wish)?;
    let replaced = ready(share, wish, &judged)?;
    let failures = locked_members(share, wish, from);
    if !failures.is_empty() {
        return Ok(Deed::of_parts(members(failures)));
    }
    let moved = rename(share, from, &to.path, &judged);
    share.tree.changed();
    match moved {
        Err(Errno::XDEV) => return carry(share, wish, progress),
        moved => moved?,
    }
    share.tree.quota.changed(replaced, Size::default());
    share.properties.moved(from, &to.path)?;
    share.locks.remove_tree(from)?;
    Ok(done(to, &judged))
}

/// The destination. One that is not on this server is refused long before; one that can be no name is none.
fn destination(wish: &Wish) -> Result<&Place, Offence> {
    let to = wish.destination.as_ref().ok_or_else(|| Offence::from(Failure::StateConflict))?;
    // the root is not replaced
    if to.path.is_empty() { Err(Failure::SubjectForbidden.into()) } else { Ok(to) }
}

/// Is the source still there, and may the destination be taken? Says what it takes up now.
fn ready(share: &Share, wish: &Wish, judged: &Judged) -> Result<Size, Offence> {
    if !judged.stand.exists() {
        return Err(Failure::SubjectMissing.into());
    }
    let Some(to) = &wish.destination else { return Err(Failure::StateConflict.into()) };
    let Some(stand) = judged.destination.as_ref().filter(|stand| stand.exists()) else {
        return Ok(Size::default());
    };
    if !wish.overwrites() {
        return Err(Failure::PreconditionLost.into());
    }
    match stand {
        Stand::File(stat, _) => Ok(Size::file(u64::try_from(stat.st_size).unwrap_or(0))),
        _ => Ok(share.measured(&to.path)?),
    }
}

fn open_source<'p>(share: &Share, from: &'p [u8]) -> Result<(std::os::fd::OwnedFd, &'p [u8]), Offence> {
    // the root has no name in a collection that is served
    if from.is_empty() { Ok((share.tree.root.collection(b"")?, b".")) } else { Ok(share.tree.parent(from)?) }
}

fn rename(share: &Share, from: &[u8], to: &[u8], judged: &Judged) -> Result<(), Errno> {
    let ((source, source_name), (target, target_name)) = (share.tree.parent(from)?, share.tree.parent(to)?);
    let collections = judged.stand.is_collection() || judged.destination.as_ref().is_some_and(Stand::is_collection);
    let out = if collections {
        share.tree.exchange((source.as_fd(), source_name), (target.as_fd(), target_name))?
    } else {
        fs::renameat(&source, source_name, &target, target_name)?;
        None
    };
    share.tree.sync(target.as_fd())?;
    share.tree.sync(source.as_fd())?;
    drop(out);
    if let Stand::File(..) = judged.stand {
        // a new name is a new time of change, which is ours too
        share.tree.ours.add(Identity::of(&share.tree.root.state(to, crate::root::Patience::Some)?));
    }
    Ok(())
}

/// A move from one file system to another, both mounted beneath the root: a copy, and then a removal.
fn carry(share: &Share, wish: &Wish, progress: &Progress) -> Result<Deed, Offence> {
    let Some(to) = &wish.destination else { return Err(Failure::StateConflict.into()) };
    let judged = share.again(wish)?;
    let from = &wish.place.path;
    let (source, source_name) = share.tree.parent(from)?;
    let (target, target_name) = share.tree.parent(&to.path)?;
    if judged.destination.as_ref().is_some_and(Stand::exists) {
        share.tree.remove(&to.path, progress)?;
    }
    let mut copying = Copying { progress, infinite: true, failures: Failures::new(), size: Size::default() };
    copying.copy((source.as_fd(), source_name), (target.as_fd(), target_name), from, limits::TREE_DEPTH)?;
    if share.tree.durable {
        syncfs(&target)?;
    }
    share.tree.changed();
    if !copying.failures.is_empty() {
        return Ok(Deed::of_parts(members(copying.failures)));
    }
    share.tree.remove(from, progress)?;
    share.properties.moved(from, &to.path)?;
    share.locks.remove_tree(from)?;
    Ok(done(to, &judged))
}

fn done(to: &Place, judged: &Judged) -> Deed {
    let created = judged.destination.as_ref().is_none_or(|stand| !stand.exists());
    if created { Deed::created(href(&to.path, judged.stand.is_collection())) } else { Deed::done() }
}
