//! What stands at the target of a change, and at its destination: the facts before the action, and again at the action.

use decision::facts::{Denial, Target};
use rustix::fs::{FileType, Stat};
use rustix::io::{self, Errno};
use semantics::date::Date;

use crate::root::{Blocking, Root, kind};
use crate::tree::install::split;
use crate::tree::{Tree, is_reserved};
use crate::validators::{Identity, Validators};

/// A place in the tree, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The decoded names with `/` between them; empty for the root.
    pub(crate) path: Vec<u8>,
    /// It is named with a slash at its end: as a collection.
    pub(crate) slash: bool,
}

/// What stands at a place.
#[derive(Clone, Debug)]
pub(crate) enum FileState {
    /// A file.
    File(Stat, Validators),
    /// A collection.
    Collection(Stat),
    /// Nothing. A collection is there that could have it as a member, or none is.
    Missing {
        /// The collection is there.
        parent: bool,
    },
    /// Something that must not be had.
    Denied(Denial),
    /// The file system takes no name so long.
    TooLong,
    /// It could not be found out.
    Failed(Errno),
}

impl FileState {
    /// Does something stand here that a change can be about?
    pub(crate) const fn exists(&self) -> bool {
        matches!(self, FileState::File(..) | FileState::Collection(_))
    }

    pub(crate) const fn is_collection(&self) -> bool {
        matches!(self, FileState::Collection(_))
    }

    /// The file system's own words for it.
    pub(crate) const fn stat(&self) -> Option<&Stat> {
        match self {
            FileState::File(stat, _) | FileState::Collection(stat) => Some(stat),
            _ => None,
        }
    }

    /// Does the collection exist that this is, or would be, a member of?
    pub(crate) const fn has_parent(&self) -> bool {
        match self {
            FileState::Missing { parent } => *parent,
            _ => true,
        }
    }

    /// The facts that the file system alone tells.
    pub(crate) fn facts(&self) -> Target<'_> {
        match self {
            FileState::File(stat, validators) => Target {
                tag: Some(validators.tag()),
                modified: Some(validators.modified),
                length: u64::try_from(stat.st_size).unwrap_or(0),
                ..Target::DEFAULT
            },
            FileState::Collection(_) => Target { collection: true, ..Target::DEFAULT },
            FileState::Missing { parent } => {
                Target { exists: false, parent_exists: *parent, representation: false, ..Target::DEFAULT }
            }
            FileState::Denied(denial) => Target { lookup_denied: Some(*denial), ..Target::DEFAULT },
            FileState::TooLong => {
                Target { exists: false, name_too_long: true, representation: false, ..Target::DEFAULT }
            }
            FileState::Failed(_) => Target { lookup_failed: true, ..Target::DEFAULT },
        }
    }
}

/// What stands at a target, as a change to it would be judged: looked at where nothing is to be changed.
#[derive(Debug)]
pub struct LookedUp(FileState);

impl LookedUp {
    /// What stands at this decoded path of a folder; `slash`: it is named as a collection. Locks and bindings are not looked at.
    pub(crate) fn look(root: &Root, path: &[u8], slash: bool, now: Date) -> LookedUp {
        let place = Place { path: path.to_vec(), slash };
        let stand = look(root, &place, Blocking::Some, |identity| Validators::of(identity, now));
        LookedUp(stand.unwrap_or_else(FileState::Failed))
    }

    pub(crate) fn stand(&self) -> &FileState {
        &self.0
    }

    /// The facts.
    pub fn facts(&self) -> Target<'_> {
        self.0.facts()
    }
}

impl Tree {
    /// Looks at what stands there. Only an impatient look ends with [`Errno::AGAIN`].
    pub(crate) fn look(&self, place: &Place, now: Date, patience: Blocking) -> io::Result<FileState> {
        look(&self.root, place, patience, |identity| self.validators(identity, now))
    }

    /// The validators of a state; strong at once if it is one that we made.
    pub(crate) fn validators(&self, identity: &Identity, now: Date) -> Validators {
        let validators = Validators::of(identity, now);
        if validators.lasting() || !self.ours.has(identity) { validators } else { validators.strengthened() }
    }
}

fn look(
    root: &Root,
    place: &Place,
    patience: Blocking,
    validators: impl FnOnce(&Identity) -> Validators,
) -> io::Result<FileState> {
    if is_reserved(&place.path) {
        return Ok(FileState::Denied(Denial::Reserved));
    }
    match root.state(&place.path, patience) {
        Ok(stat) => Ok(stand(place, stat, validators)),
        Err(Errno::AGAIN) if patience == Blocking::None => Err(Errno::AGAIN),
        Err(Errno::NOENT | Errno::NOTDIR) => missing(root, &place.path, patience),
        Err(Errno::NAMETOOLONG) => Ok(FileState::TooLong),
        Err(Errno::ACCESS | Errno::PERM) => Ok(FileState::Denied(Denial::Permission)),
        Err(Errno::XDEV) => Ok(FileState::Denied(Denial::Outside)),
        // a link that leads round in a circle, a name that the file system takes none like
        Err(Errno::LOOP | Errno::INVAL | Errno::ILSEQ) => Ok(FileState::Denied(Denial::Special)),
        Err(errno) => Ok(FileState::Failed(errno)),
    }
}

fn stand(place: &Place, stat: Stat, validators: impl FnOnce(&Identity) -> Validators) -> FileState {
    match kind(&stat) {
        FileType::Directory => FileState::Collection(stat),
        // a file has no members: what is named as a collection is not there, and cannot be made there
        FileType::RegularFile if place.slash && !place.path.is_empty() => FileState::Missing { parent: false },
        FileType::RegularFile => {
            let validators = validators(&Identity::of(&stat));
            FileState::File(stat, validators)
        }
        _ => FileState::Denied(Denial::Special),
    }
}

fn missing(root: &Root, path: &[u8], patience: Blocking) -> io::Result<FileState> {
    match root.state(split(path).0, patience) {
        Ok(stat) => Ok(FileState::Missing { parent: kind(&stat) == FileType::Directory }),
        Err(Errno::AGAIN) if patience == Blocking::None => Err(Errno::AGAIN),
        Err(_) => Ok(FileState::Missing { parent: false }),
    }
}
