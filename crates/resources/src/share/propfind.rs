//! PROPFIND: the properties of a resource, and of its members (RFC 4918 §9.1).

use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{MemberResult, Members};
use exchange::content::Content as RequestContent;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, StatxFlags};
use rustix::io::Errno;
use semantics::date::Date;
use semantics::depth::Depth;
use semantics::prefer::Return;

use crate::action_result::ActionResult;
use crate::bindings::Identified;
use crate::dav::DAV;
use crate::dav::live::{LiveProperties, Parent, Quota, Resource};
use crate::dav::propfind::Propfind;
use crate::look::member;
use crate::media_types;
use crate::properties::Property;
use crate::share::action::Action;
use crate::share::{Share, action_apart, intake, recent};
use crate::tree::install::split;
use crate::tree::is_reserved;
use crate::tree::offence::ActionError;
use crate::tree::temporary::names;
use crate::validators::Identity;
use crate::visibility::Visibility;

/// Takes the document in, and tells what it asks for.
pub(crate) async fn propfind(
    share: &Arc<Share>,
    action: &Arc<Action>,
    content: &mut impl RequestContent,
) -> ActionResult {
    let content = match intake::octets(share, action, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    // of what has several names, or is not for everybody, the answer depends on more than where it stands
    let same_for_all = share.bindings.is_empty() && action.visibility().is_none();
    let key = same_for_all.then(|| recent::AnswerKey::of(action, &content));
    let moment = action.millis;
    if let Some(members) = key.as_ref().and_then(|key| share.recent.find(key, share.tree.seen(), moment)) {
        return ActionResult { returned: minimal(action), ..ActionResult::of_parts(members) };
    }
    let (share, action) = (share.clone(), action.clone());
    let work = move || {
        let before = share.tree.seen();
        let members = Arc::new(tell(&share, &action, &content)?);
        if let Some(key) = key {
            share.recent.keep(key, &members, before, moment);
        }
        Ok(ActionResult { returned: minimal(&action), ..ActionResult::of_parts(members) })
    };
    action_apart(work).await
}

fn minimal(action: &Action) -> Option<Return> {
    action.prefer().returns.filter(|wanted| *wanted == Return::Minimal)
}

fn tell(share: &Share, action: &Action, content: &[u8]) -> Result<Members, ActionError> {
    let asked = Propfind::read(content)?;
    let names = |name: &str| asked.named().iter().any(|asked| asked.space == DAV && asked.local == name);
    let costly = Costly {
        quota: asked.named().iter().any(|name| name.local.starts_with("quota-")),
        identity: names("resource-id"),
        parents: names("parent-set"),
    };
    for _ in 0..limits::IDENTITY_TRIES {
        let mut members = Members::new();
        let mut telling = Telling {
            share,
            now: action.now,
            teller: LiveProperties::new(&asked, minimal(action).is_some(), action.now),
            costly,
            identified: Identified::default(),
            rounds: Rounds::of(share, action),
            visibility: action.visibility(),
            members: &mut members,
        };
        telling.all(action)?;
        if share.bindings.identities.keep(telling.identified)? {
            return Ok(members);
        }
    }
    Err(Failure::StoreUnreachable.into())
}

/// Properties that cost more than the rest: looked up only if they are named.
#[derive(Clone, Copy)]
struct Costly {
    quota: bool,
    identity: bool,
    parents: bool,
}

/// A collection, or a member of one, as it is told and as it stands on the disk.
struct Folder {
    told: Vec<u8>,
    /// If that is not the same.
    at: Option<Vec<u8>>,
}

impl Folder {
    fn at(&self) -> &[u8] {
        self.at.as_deref().unwrap_or(&self.told)
    }

    /// A member that stands in this collection.
    fn member(&self, name: &[u8]) -> Folder {
        Folder { told: member(&self.told, name), at: self.at.as_ref().map(|at| member(at, name)) }
    }
}

/// Which collections were entered: a name that is bound to one of them leads there again.
#[derive(Default)]
struct Rounds {
    /// It matters: members are told to any depth, and there are bindings.
    matter: bool,
    /// The client knows what 208 means (RFC 5842 §7.1).
    known: bool,
    entered: HashSet<Vec<u8>>,
    /// Those that are being told, the outermost first.
    above: Vec<Vec<u8>>,
}

/// What is met where a collection is to be entered.
enum Met {
    /// It is entered for the first time, or told once more.
    Free,
    /// Its members are told under another binding.
    Reported,
    /// It is one of its own members.
    Loop,
}

impl Rounds {
    fn of(share: &Share, action: &Action) -> Rounds {
        let matter = action.depth() == Depth::Infinity && !share.bindings.is_empty();
        Rounds { matter, known: matter && action.says_bind(), ..Rounds::default() }
    }

    fn meet(&self, at: &[u8]) -> Met {
        match () {
            () if self.known && self.entered.contains(at) => Met::Reported,
            () if !self.known && self.above.iter().any(|above| above == at) => Met::Loop,
            () => Met::Free,
        }
    }

    fn enter(&mut self, at: &[u8]) {
        if self.matter {
            self.above.push(at.to_vec());
            self.entered.insert(at.to_vec());
        }
    }
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
    teller: LiveProperties<'a>,
    costly: Costly,
    identified: Identified,
    rounds: Rounds,
    /// What the client may know of.
    visibility: Option<&'a Visibility>,
    members: &'a mut Members,
}

impl Telling<'_> {
    fn all(&mut self, action: &Action) -> Result<(), ActionError> {
        let path = &action.place.path;
        let folder = self.share.tree.root.state_of(path)?;
        let seen = Seen::at(folder.as_fd(), b"", AtFlags::EMPTY_PATH)?;
        let dead = self.share.properties.of(path)?;
        let told = action.named().path.clone();
        let at = (told != *path).then(|| path.clone());
        let spot = Folder { told, at };
        match seen.kind {
            FileType::Directory => {}
            // a file has no members
            FileType::RegularFile if action.place.slash && !path.is_empty() => {
                return Err(Failure::SubjectMissing.into());
            }
            FileType::RegularFile => return self.one(&spot, &seen, &dead, false),
            _ => return Err(Failure::SubjectForbidden.into()),
        }
        self.one(&spot, &seen, &dead, false)?;
        match action.depth() {
            Depth::Zero => Ok(()),
            Depth::One => self.below(&spot, 1),
            Depth::Infinity => self.below(&spot, limits::TREE_DEPTH),
        }
    }

    /// Tells the members of a collection, and of those in it, so many levels deep.
    fn below(&mut self, spot: &Folder, levels: usize) -> Result<(), ActionError> {
        let Some(levels) = levels.checked_sub(1) else { return Ok(()) };
        let path = spot.at();
        let folder = self.share.tree.root.collection(path)?;
        let mut found = names(folder.as_fd())?;
        let mut bound = self.share.bindings.members(path);
        if !bound.is_empty() {
            found.retain(|(name, _)| !bound.contains_key(name));
            found.extend(bound.keys().map(|name| (name.clone(), FileType::Unknown)));
        }
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut dead = self.share.properties.of_members(path)?;
        self.members.reserve(found.len(), limits::RESPONSE);
        self.rounds.enter(path);
        for (name, _) in found.iter().filter(|(name, _)| !(path.is_empty() && is_reserved(name))) {
            if self.members.len() >= limits::MEMBERS || self.members.size() >= limits::MEMBERS_OCTETS {
                self.members.fate(&spot.told, &too_many());
                break;
            }
            let stands = || bound.get(name).cloned().unwrap_or_else(|| member(path, name));
            // what is kept from the client by one name is kept from it by all
            if self
                .visibility
                .is_some_and(|visibility| !(visibility.opens(&member(&spot.told, name)) && visibility.opens(&stands())))
            {
                continue;
            }
            match bound.remove(name) {
                Some(at) => self.bound(Folder { told: member(&spot.told, name), at: Some(at) }, levels)?,
                None => {
                    let dead = dead.remove(name).unwrap_or_default();
                    self.member(folder.as_fd(), spot.member(name), name, &dead, levels)?;
                }
            }
        }
        self.rounds.above.pop();
        Ok(())
    }

    /// A member that stands in the collection.
    fn member(
        &mut self,
        folder: BorrowedFd<'_>,
        spot: Folder,
        name: &[u8],
        dead: &[Property],
        levels: usize,
    ) -> Result<(), ActionError> {
        let seen = match Seen::at(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(seen) if seen.kind == FileType::Symlink => match self.share.tree.root.state_of(spot.at()) {
                Ok(aim) => Seen::at(aim.as_fd(), b"", AtFlags::EMPTY_PATH)?,
                // what leads nowhere, or out, is no member
                Err(_) => return Ok(()),
            },
            Ok(seen) => seen,
            // it has just gone
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        };
        match seen.kind {
            FileType::RegularFile => self.one(&spot, &seen, dead, false),
            // a link to a collection is told and not entered: it may lead round in a circle
            FileType::Directory if levels > 0 && fs::openat(folder, name, LOOK, Mode::empty()).is_ok() => {
                self.collection(&spot, &seen, dead, levels)
            }
            FileType::Directory => self.one(&spot, &seen, dead, false),
            _ => Ok(()),
        }
    }

    /// A member that is bound in the collection, and stands elsewhere.
    fn bound(&mut self, spot: Folder, levels: usize) -> Result<(), ActionError> {
        // what leads nowhere any more is no member
        let Ok(aim) = self.share.tree.root.state_of(spot.at()) else { return Ok(()) };
        let seen = Seen::at(aim.as_fd(), b"", AtFlags::EMPTY_PATH)?;
        let dead = self.share.properties.of(spot.at())?;
        match seen.kind {
            FileType::Directory if levels > 0 => self.collection(&spot, &seen, &dead, levels),
            FileType::Directory | FileType::RegularFile => self.one(&spot, &seen, &dead, false),
            _ => Ok(()),
        }
    }

    /// A collection whose members are told too, unless it goes round in a circle (RFC 5842 §7.1, §7.2).
    fn collection(&mut self, spot: &Folder, seen: &Seen, dead: &[Property], levels: usize) -> Result<(), ActionError> {
        match self.rounds.meet(spot.at()) {
            Met::Free => {
                self.one(spot, seen, dead, false)?;
                self.below(spot, levels)
            }
            Met::Reported => self.one(spot, seen, dead, true),
            // the target itself is in the circle, so all would be told without end
            Met::Loop if self.rounds.above.first().is_some_and(|target| target == spot.at()) => {
                Err(Failure::BindingLoop.into())
            }
            Met::Loop => {
                self.members.fate(&[&spot.told[..], b"/"].concat(), &MemberResult::failed(Failure::BindingLoop));
                Ok(())
            }
        }
    }

    fn one(&mut self, spot: &Folder, seen: &Seen, dead: &[Property], reported: bool) -> Result<(), ActionError> {
        let (share, path) = (self.share, spot.at());
        let collection = seen.kind == FileType::Directory;
        let validators = share.tree.validators(&seen.identity, self.now);
        // of the resource, and so the same under all its names (RFC 4918 §15.2)
        let name = split(path).1;
        let locks = share.covering(path, self.now.unix());
        let identity =
            if self.costly.identity { share.bindings.identities.of(path, &mut self.identified)? } else { None };
        let places = if self.costly.parents { share.places(path) } else { Vec::new() };
        let parents: Vec<Parent<'_>> =
            places.iter().map(|place| split(place)).map(|(path, segment)| Parent { path, segment }).collect();
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
            quota: if self.costly.quota && collection { share.quota_of(path) } else { None },
            resource_id: identity.as_deref(),
            parents: &parents,
            executable: (!collection).then_some(seen.mode & 0o100 != 0),
            reported,
        };
        if collection && !spot.told.is_empty() {
            self.teller.tell(&resource, &[&spot.told[..], b"/"].concat(), self.members);
        } else {
            self.teller.tell(&resource, &spot.told, self.members);
        }
        Ok(())
    }
}

const LOOK: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// There are more members than are told at once.
fn too_many() -> MemberResult {
    MemberResult::refused(Failure::StorageInsufficient, Condition::NumberOfMatchesWithinLimits)
}

impl Share {
    /// The names under which it is bound: its place on the disk, and its aliases. The root itself is bound nowhere.
    fn places(&self, path: &[u8]) -> Vec<Vec<u8>> {
        let mut places = self.bindings.of(path);
        if !path.is_empty() {
            places.insert(0, path.to_vec());
        }
        places
    }

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
