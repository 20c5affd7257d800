//! The served folder: nothing is opened but through it, and nothing outside of it is ever opened.
//!
//! Where the kernel can confine a look-up (`openat2`), it does; elsewhere [`crate::walk`] does the same by hand. Both follow
//! symbolic links that stay inside and deny those that lead out. An absolute link leads out wherever it ends: whether it
//! comes back in cannot be told without looking outside.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;
use std::{io, thread};

use crate::limits;
use rustix::fs::{self, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::walk;

/// May a look-up wait for the disk? What may not ends with [`Errno::AGAIN`] where it would have to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// It must not: it runs on the thread that serves everybody.
    None,
    /// It may: it runs on a thread of its own.
    Some,
}

/// How look-ups are confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the kernel, which also knows which look-ups need no disk (Linux 5.12).
    Cached,
    /// By the kernel (Linux 5.6).
    Beneath,
    /// By hand, one name after the other: an older kernel, or a filter that forbids `openat2`.
    Walk,
}

/// The served folder.
#[derive(Debug)]
pub(crate) struct Root {
    folder: OwnedFd,
    way: Way,
}

/// A path is stated but never opened: no device notices, and no writer at the other end of a pipe.
const STATE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// What is opened is opened to be read. It neither waits for the other end of a pipe nor becomes our terminal, should one
/// have been put in the place of the file that was just stated.
const READ: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

impl Root {
    /// The folder at this path. Links that lead to the folder itself are followed wherever they lead, once: it is this
    /// folder that is served, even if its name comes to mean another.
    pub(crate) fn open(path: &Path) -> io::Result<Root> {
        let folder = fs::open(path, STATE | OFlags::DIRECTORY, Mode::empty())?;
        let way = best_way(&folder);
        Ok(Root { folder, way })
    }

    /// The same folder, with look-ups confined in another way.
    #[cfg(test)]
    pub(crate) fn by(self, way: Way) -> Root {
        Root { way, ..self }
    }

    /// The folder itself, open so that names in it can be given and taken.
    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// What the file system says of what stands at this path.
    pub(crate) fn state(&self, path: &[u8], patience: Blocking) -> rustix::io::Result<Stat> {
        fs::fstat(self.reach(path, STATE, patience)?)
    }

    /// What stands at this path, opened so that it can be asked about and nothing else.
    pub(crate) fn state_of(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        self.reach(path, STATE, Blocking::Some)
    }

    /// What stands at this path, opened to be read.
    pub(crate) fn read(&self, path: &[u8], patience: Blocking) -> rustix::io::Result<OwnedFd> {
        self.reach(path, READ, patience)
    }

    /// The collection at this path, opened so that its members can be read.
    pub(crate) fn collection(&self, path: &[u8]) -> rustix::io::Result<OwnedFd> {
        self.reach(path, READ | OFlags::DIRECTORY, Blocking::Some)
    }

    fn reach(&self, path: &[u8], flags: OFlags, patience: Blocking) -> rustix::io::Result<OwnedFd> {
        if patience == Blocking::None {
            // Only the kernel knows whether it would have to wait.
            return match self.way {
                Way::Cached => self.beneath(path, flags, ResolveFlags::CACHED),
                Way::Beneath | Way::Walk => Err(Errno::AGAIN),
            };
        }
        for _ in 1..limits::LOOK_TRIES {
            match self.reach_once(path, flags) {
                Err(Errno::AGAIN) => thread::sleep(Duration::from_millis(limits::LOOK_PAUSE)),
                reached => return reached,
            }
        }
        // Whoever renames folders all the time does not keep a name from being walked to.
        walk::open(self.folder.as_fd(), path, flags)
    }

    fn reach_once(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        match self.way {
            Way::Cached | Way::Beneath => self.beneath(path, flags, ResolveFlags::empty()),
            Way::Walk => walk::open(self.folder.as_fd(), path, flags),
        }
    }

    fn beneath(&self, path: &[u8], flags: OFlags, more: ResolveFlags) -> rustix::io::Result<OwnedFd> {
        let path = if path.is_empty() { b"." } else { path };
        fs::openat2(&self.folder, path, flags, Mode::empty(), CONFINED | more)
    }
}

/// No step leads out of the folder, and none through the links of /proc, which lead anywhere without a path.
const CONFINED: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

/// The best way that this kernel, and whatever filters its calls, lets us go.
fn best_way(folder: &OwnedFd) -> Way {
    let goes = |more| fs::openat2(folder, ".", STATE, Mode::empty(), CONFINED | more);
    match goes(ResolveFlags::CACHED) {
        // The folder itself may be on a file system that must always ask: the way is known all the same.
        Ok(_) | Err(Errno::AGAIN) => Way::Cached,
        Err(_) if goes(ResolveFlags::empty()).is_ok() => Way::Beneath,
        Err(_) => Way::Walk,
    }
}

/// What kind of thing it is.
pub(crate) fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}
