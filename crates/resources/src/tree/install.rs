//! How what was made comes to its name: in one step, so that whoever looks finds the old or the new, and never a mix.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{self, AtFlags, Mode, OFlags, RenameFlags, Stat, Timestamps};
use rustix::io::Errno;

use crate::root::kind;
use crate::tree::Tree;
use crate::tree::temporary::Temporary;
use crate::validators::Identity;

/// The collection that a path is a member of, and its name there.
pub(crate) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&octet| octet == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

impl Tree {
    /// Opens the collection that the path is a member of.
    pub(crate) fn parent<'p>(&self, path: &'p [u8]) -> rustix::io::Result<(OwnedFd, &'p [u8])> {
        let (parent, name) = split(path);
        Ok((self.root.collection(parent)?, name))
    }

    /// Does a link stand at this name?
    pub(crate) fn is_link(&self, path: &[u8]) -> rustix::io::Result<bool> {
        let (parent, name) = self.parent(path)?;
        let stat = fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(kind(&stat) == fs::FileType::Symlink)
    }

    /// Brings a file that was made to its name. It keeps the mode of what it replaces, and gets a time of modification that
    /// no other file of ours has.
    pub(crate) fn install(
        &self,
        file: &File,
        temporary: &mut Temporary,
        path: &[u8],
        replaced: Option<&Stat>,
    ) -> io::Result<Identity> {
        if let Some(old) = replaced.filter(|old| kind(old) == fs::FileType::RegularFile)
            && old.st_mode & 0o777 != self.mode
        {
            fs::fchmod(file, Mode::from_raw_mode(old.st_mode & 0o777))?;
        }
        let stamp = self.ours.stamp();
        fs::futimens(file, &Timestamps { last_access: stamp, last_modification: stamp })?;
        if self.durable {
            fs::fsync(file)?;
        }
        let (collection, name) = split(path);
        let opened;
        let parent = if collection.is_empty() && !self.durable {
            // the root is open, though not so that it could be synced
            self.root.folder()
        } else {
            opened = self.root.collection(collection)?;
            opened.as_fd()
        };
        let identity = match fs::renameat(temporary.folder(), temporary.name(), parent, name) {
            Ok(()) => {
                temporary.leave();
                Identity::of(&fs::fstat(file)?)
            }
            Err(Errno::XDEV) => self.carry(file, temporary.name(), (parent, name))?,
            Err(errno) => return Err(errno.into()),
        };
        self.sync(parent)?;
        self.ours.add(identity);
        Ok(identity)
    }

    /// The same where the name lies on another file system than ours, mounted beneath the root: the file is copied first to
    /// a reserved name beside its own.
    fn carry(&self, file: &File, own: &str, (parent, name): (BorrowedFd<'_>, &[u8])) -> io::Result<Identity> {
        let reserved = str::from_utf8(crate::tree::RESERVED).unwrap_or_default();
        let beside = format!("{reserved}-{}-{own}", std::process::id());
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let copy = File::from(fs::openat(parent, &beside, flags, Mode::from_raw_mode(0o666))?);
        let carried = (|| {
            let mut from = file.try_clone()?;
            io::Seek::rewind(&mut from)?;
            io::copy(&mut from, &mut &copy)?;
            if self.durable {
                fs::fsync(&copy)?;
            }
            fs::renameat(parent, &beside, parent, name)?;
            Ok(Identity::of(&fs::fstat(&copy)?))
        })();
        if carried.is_err() {
            let _ = fs::unlinkat(parent, &beside, AtFlags::empty());
        }
        carried
    }

    /// Brings what stands at one name to another, and gives back what stood there, on its way out.
    pub(crate) fn exchange(
        &self,
        (from, from_name): (BorrowedFd<'_>, &[u8]),
        (to, to_name): (BorrowedFd<'_>, &[u8]),
    ) -> rustix::io::Result<Option<Temporary>> {
        match fs::renameat_with(from, from_name, to, to_name, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => {}
            done => return done.map(|()| None),
        }
        fs::renameat_with(from, from_name, to, to_name, RenameFlags::EXCHANGE)?;
        let out = self.temporaries.place();
        fs::renameat(from, from_name, out.folder(), out.name())?;
        Ok(Some(out))
    }

    /// Has the names of a folder on the disk, if that is promised.
    pub(crate) fn sync(&self, folder: BorrowedFd<'_>) -> rustix::io::Result<()> {
        if self.durable { fs::fsync(folder) } else { Ok(()) }
    }

    /// Makes a collection.
    pub(crate) fn make_collection(&self, path: &[u8]) -> rustix::io::Result<()> {
        let (parent, name) = self.parent(path)?;
        fs::mkdirat(&parent, name, Mode::from_raw_mode(0o777))?;
        self.sync(parent.as_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_collection_and_a_name() {
        for (path, parent, name) in [("a", "", "a"), ("a/b", "a", "b"), ("a/b/c", "a/b", "c"), ("", "", "")] {
            assert_eq!(split(path.as_bytes()), (parent.as_bytes(), name.as_bytes()));
        }
    }
}
