//! The way to a name by hand, for kernels that cannot confine a look-up: component by component, never out of the folder.
//!
//! No component is opened through a link: a link is read, and its names are walked in its stead. `..` goes back to the
//! folder that we came from, which we hold open; it is not asked of the file system, so nobody can move a folder under our
//! feet and have its new parent served.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::limits;
use rustix::fs::{self, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::root::kind;

const STATE: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Opens what stands at the path below `root`, as `openat2` would with `RESOLVE_BENEATH`.
pub(crate) fn open(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let mut walk = Walk { root, folders: Vec::new(), ahead: Vec::new(), links: 0, names: 0 };
    walk.put_ahead(path);
    while let Some(name) = walk.ahead.pop() {
        walk.names += 1;
        if walk.names > limits::WALK_NAMES {
            return Err(Errno::LOOP);
        }
        match name.as_slice() {
            b"" | b"." => {}
            // From the root itself, `..` leads out.
            b".." => walk.folders.pop().map(drop).ok_or(Errno::XDEV)?,
            name => {
                if let Some(opened) = walk.step(name, flags)? {
                    return Ok(opened);
                }
            }
        }
    }
    fs::openat(walk.here(), ".", flags, Mode::empty())
}

struct Walk<'r> {
    root: BorrowedFd<'r>,
    /// The folders that we went through, the last one being where we are; none: we are at the root.
    folders: Vec<OwnedFd>,
    /// The names ahead, the next one last.
    ahead: Vec<Vec<u8>>,
    links: u32,
    names: u32,
}

impl Walk<'_> {
    fn here(&self) -> BorrowedFd<'_> {
        self.folders.last().map_or(self.root, AsFd::as_fd)
    }

    fn put_ahead(&mut self, path: &[u8]) {
        self.ahead.extend(path.split(|&byte| byte == b'/').rev().map(<[u8]>::to_vec));
    }

    /// Goes to this name. If it is where the path ends, and no folder, it is opened.
    fn step(&mut self, name: &[u8], flags: OFlags) -> rustix::io::Result<Option<OwnedFd>> {
        let next = fs::openat(self.here(), name, STATE, Mode::empty())?;
        match kind(&fs::fstat(&next)?) {
            FileType::Directory => self.folders.push(next),
            FileType::Symlink => self.follow(&next)?,
            // A name or a slash after what is no folder.
            _ if !self.ahead.is_empty() => return Err(Errno::NOTDIR),
            // Opened by its name and not through `next`: that would need /proc. Should a link have taken its place, it is
            // not followed.
            _ => return fs::openat(self.here(), name, flags | OFlags::NOFOLLOW, Mode::empty()).map(Some),
        }
        Ok(None)
    }

    fn follow(&mut self, link: &OwnedFd) -> rustix::io::Result<()> {
        self.links += 1;
        if self.links > limits::WALK_LINKS {
            return Err(Errno::LOOP);
        }
        let aim = fs::readlinkat(link, "", Vec::new())?.into_bytes();
        match aim.first() {
            None => Err(Errno::NOENT),
            Some(b'/') => Err(Errno::XDEV),
            Some(_) => {
                self.put_ahead(&aim);
                Ok(())
            }
        }
    }
}
