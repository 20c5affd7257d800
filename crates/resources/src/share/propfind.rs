//! PROPFIND: the properties of a resource, and of its members (RFC 4918 §9.1).

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{Fate, Members};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, StatxFlags};
use rustix::io::Errno;
use semantics::date::Date;
use semantics::depth::Depth;
use semantics::limits;
use semantics::prefer::Return;
use transport::exchange::Exchange;

use crate::dav::live::{Quota, Resource, Teller};
use crate::dav::propfind::Propfind;
use crate::deed::Deed;
use crate::look::member;
use crate::media_types;
use crate::properties::Property;
use crate::share::wish::Wish;
use crate::share::{Share, deed_apart, intake, recent};
use crate::tree::RESERVED;
use crate::tree::install::split;
use crate::tree::offence::Offence;
use crate::tree::temporary::names;
use crate::validators::Identity;

/// Takes the document in, and tells what it asks for.
pub(crate) async fn propfind(share: &Arc<Share>, wish: &Arc<Wish>, exchange: &mut Exchange) -> Deed {
    let content = match intake::octets(share, wish, exchange, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let key = recent::Key::of(wish, &content);
    let moment = exchange.worker.clock.millis();
    if let Some(members) = share.recent.find(&key, share.tree.seen(), moment) {
        return Deed { returned: minimal(wish), ..Deed::of_parts(members) };
    }
    let (share, wish) = (share.clone(), wish.clone());
    let work = move || {
        let before = share.tree.seen();
        let members = Arc::new(tell(&share, &wish, &content)?);
        share.recent.keep(key, &members, before, moment);
        Ok(Deed { returned: minimal(&wish), ..Deed::of_parts(members) })
    };
    deed_apart(work).await
}

fn minimal(wish: &Wish) -> Option<Return> {
    wish.prefer().returns.filter(|wanted| *wanted == Return::Minimal)
}

fn tell(share: &Share, wish: &Wish, content: &[u8]) -> Result<Members, Offence> {
    let asked = Propfind::read(content)?;
    let mut members = Members::new();
    let mut telling = Telling {
        share,
        now: wish.now,
        teller: Teller::new(&asked, minimal(wish).is_some(), wish.now),
        quota: asked.named().iter().any(|name| name.local.starts_with("quota-")),
        members: &mut members,
    };
    telling.all(wish)?;
    Ok(members)
}

/// What the file system says of one resource.
struct Seen {
    identity: Identity,
    kind: FileType,
    mode: u32,
    created: Option<Date>,
}

impl Seen {
    /// What stands at a name; a link is followed by whoever knows where it may lead.
    fn at(folder: BorrowedFd<'_>, name: &[u8], flags: AtFlags) -> Result<Seen, Errno> {
        let stat = fs::statx(folder, name, flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME)?;
        let known = stat.stx_mask & StatxFlags::BTIME.bits() != 0;
        Ok(Seen {
            identity: Identity::of_statx(&stat),
            kind: FileType::from_raw_mode(u32::from(stat.stx_mode)),
            mode: u32::from(stat.stx_mode),
            created: known.then(|| Date::from_unix(stat.stx_btime.tv_sec)),
        })
    }
}

struct Telling<'a> {
    share: &'a Share,
    now: Date,
    teller: Teller<'a>,
    /// The quota is asked for, which costs.
    quota: bool,
    members: &'a mut Members,
}

impl Telling<'_> {
    fn all(&mut self, wish: &Wish) -> Result<(), Offence> {
        let path = &wish.place.path;
        let folder = self.share.tree.root.state_of(path)?;
        let seen = Seen::at(folder.as_fd(), b"", AtFlags::EMPTY_PATH)?;
        let dead = self.share.properties.of(path)?;
        match seen.kind {
            FileType::Directory => {}
            // a file has no members
            FileType::RegularFile if wish.place.slash && !path.is_empty() => return Err(Failure::SubjectMissing.into()),
            FileType::RegularFile => {
                self.one(path, &seen, &dead);
                return Ok(());
            }
            _ => return Err(Failure::SubjectForbidden.into()),
        }
        self.one(path, &seen, &dead);
        match wish.depth() {
            Depth::Zero => Ok(()),
            Depth::One => self.below(path, 1),
            Depth::Infinity => self.below(path, limits::TREE_DEPTH),
        }
    }

    /// Tells the members of a collection, and of those in it, so many levels deep.
    fn below(&mut self, path: &[u8], levels: usize) -> Result<(), Offence> {
        let Some(levels) = levels.checked_sub(1) else { return Ok(()) };
        let folder = self.share.tree.root.collection(path)?;
        let mut found = names(folder.as_fd())?;
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut dead = self.share.properties.of_members(path)?;
        self.members.reserve(found.len(), limits::RESPONSE);
        for (name, _) in found.iter().filter(|(name, _)| !(path.is_empty() && name == RESERVED)) {
            if self.members.len() >= limits::MEMBERS {
                self.members.fate(path, &too_many());
                return Ok(());
            }
            self.member(folder.as_fd(), path, name, &mut dead, levels)?;
        }
        Ok(())
    }

    fn member(
        &mut self,
        folder: BorrowedFd<'_>,
        collection: &[u8],
        name: &[u8],
        dead: &mut BTreeMap<Vec<u8>, Vec<Property>>,
        levels: usize,
    ) -> Result<(), Offence> {
        let path = member(collection, name);
        let seen = match Seen::at(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(seen) if seen.kind == FileType::Symlink => match self.share.tree.root.state_of(&path) {
                Ok(aim) => Seen::at(aim.as_fd(), b"", AtFlags::EMPTY_PATH)?,
                // what leads nowhere, or out, is no member
                Err(_) => return Ok(()),
            },
            Ok(seen) => seen,
            // it has just gone
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        };
        let dead = dead.remove(name).unwrap_or_default();
        match seen.kind {
            FileType::RegularFile => self.one(&path, &seen, &dead),
            FileType::Directory => {
                self.one(&path, &seen, &dead);
                // a link to a collection is told and not entered: it may lead round in a circle
                if levels > 0 && fs::openat(folder, name, LOOK, Mode::empty()).is_ok() {
                    self.below(&path, levels)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn one(&mut self, path: &[u8], seen: &Seen, dead: &[Property]) {
        let share = self.share;
        let collection = seen.kind == FileType::Directory;
        let validators = share.tree.validators(&seen.identity, self.now);
        let name = split(path).1;
        let locks = share.locks.covering(path, self.now.unix());
        let resource = Resource {
            collection,
            length: seen.identity.size,
            modified: validators.modified,
            created: seen.created,
            tag: (!collection).then(|| validators.tag()),
            media_type: (!collection).then(|| media_types::by_name(name).unwrap_or(media_types::UNKNOWN)),
            display_name: name,
            locks: &locks,
            dead,
            quota: if self.quota && collection { share.quota_of(path) } else { None },
            resource_id: None,
            parents: &[],
            principal: None,
            sync_token: None,
            executable: (!collection).then_some(seen.mode & 0o100 != 0),
            reported: false,
        };
        if collection && !path.is_empty() {
            self.teller.tell(&resource, &[path, b"/"].concat(), self.members);
        } else {
            self.teller.tell(&resource, path, self.members);
        }
    }
}

const LOOK: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// There are more members than are told at once.
fn too_many() -> Fate {
    Fate::refused(Failure::StorageInsufficient, Condition::NumberOfMatchesWithinLimits)
}

impl Share {
    /// What may be stored in a collection, and what is: by the quota, else by the file system (RFC 4331 §3, §4).
    fn quota_of(&self, path: &[u8]) -> Option<Quota> {
        if let Some(used) = self.tree.quota.used() {
            return Some(Quota { available: self.tree.quota.left(), used: used.octets });
        }
        let folder = self.tree.root.state_of(path).ok()?;
        let disk = fs::fstatvfs(&folder).ok()?;
        let used = disk.f_blocks.saturating_sub(disk.f_bfree).saturating_mul(disk.f_frsize);
        Some(Quota { available: Some(disk.f_bavail.saturating_mul(disk.f_frsize)), used })
    }
}
