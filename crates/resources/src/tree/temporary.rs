//! Files and folders that are being made: they stand in a folder of the server's own beneath the root until they are whole,
//! and come to their name in one step. What a crash leaves there is cleared at the next start.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits;
use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::{self, Errno};

/// The folder of what is being made.
#[derive(Clone, Debug)]
pub(crate) struct Temporaries {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: OwnedFd,
    next: AtomicU64,
}

/// Opens a folder of the server's own, which nobody else may read, and makes it first if it is not there.
pub(crate) fn own_folder(parent: BorrowedFd<'_>, name: &str) -> io::Result<OwnedFd> {
    match fs::mkdirat(parent, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    fs::openat(parent, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

impl Temporaries {
    /// The folder, cleared of what an earlier server left there.
    pub(crate) fn open(parent: BorrowedFd<'_>) -> io::Result<Temporaries> {
        let folder = own_folder(parent, "temporary")?;
        clear(folder.as_fd())?;
        Ok(Temporaries { inner: Arc::new(Inner { folder, next: AtomicU64::new(0) }) })
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.inner.folder.as_fd()
    }

    fn name(&self) -> String {
        self.inner.next.fetch_add(1, Ordering::Relaxed).to_string()
    }

    /// A new file, empty, to be written.
    pub(crate) fn file(&self) -> io::Result<(File, Temporary)> {
        let name = self.name();
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = fs::openat(self.folder(), &name, flags, Mode::from_raw_mode(0o666))?;
        Ok((File::from(file), Temporary { at: self.clone(), name, left: false }))
    }

    /// A name for what is to be put here.
    pub(crate) fn place(&self) -> Temporary {
        Temporary { at: self.clone(), name: self.name(), left: false }
    }
}

/// Something that is being made, or that is on its way out; it is removed when this is dropped, unless it has left.
#[derive(Debug)]
pub(crate) struct Temporary {
    at: Temporaries,
    name: String,
    left: bool,
}

impl Temporary {
    /// Where it stands.
    pub(crate) fn folder(&self) -> BorrowedFd<'_> {
        self.at.folder()
    }

    /// Its name there.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// It has come to its own name.
    pub(crate) fn leave(&mut self) {
        self.left = true;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.left {
            // what cannot be removed now is removed at the next start
            let _ = remove(self.at.folder(), self.name.as_bytes());
        }
    }
}

/// Removes what stands at this name, with all beneath it.
pub(crate) fn remove(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    remove_at(folder, name, limits::TREE_DEPTH)
}

fn remove_at(folder: BorrowedFd<'_>, name: &[u8], depth: usize) -> io::Result<()> {
    match fs::unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // Linux says that it is a folder; POSIX, that it is not permitted
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(errno) => return Err(errno),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let depth = depth.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
    clear_at(fs::openat(folder, name, flags, Mode::empty())?.as_fd(), depth)?;
    fs::unlinkat(folder, name, AtFlags::REMOVEDIR)
}

/// Removes all that is in a folder, as far as it can be removed.
fn clear(folder: BorrowedFd<'_>) -> io::Result<()> {
    clear_at(folder, limits::TREE_DEPTH)
}

fn clear_at(folder: BorrowedFd<'_>, depth: usize) -> io::Result<()> {
    let mut kept = Ok(());
    for (name, _) in names(folder)? {
        if let Err(errno) = remove_at(folder, &name, depth) {
            kept = Err(errno);
        }
    }
    kept
}

/// The names in a folder, and what kind of thing each is as far as the folder itself tells.
pub(crate) fn names(folder: BorrowedFd<'_>) -> io::Result<Vec<(Vec<u8>, FileType)>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push((name.to_vec(), entry.file_type()));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn opened(folder: &Folder) -> OwnedFd {
        fs::open(folder.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("it exists")
    }

    #[test]
    fn what_did_not_leave_is_removed_and_debris_is_cleared_at_the_start() {
        let folder = Folder::new();
        folder.file("temporary/7/a/b", "left by a crash");
        folder.file("temporary/8", "and this");
        let root = opened(&folder);
        let temporaries = Temporaries::open(root.as_fd()).expect("opens");
        let all = || names(temporaries.folder()).expect("can be read").len();
        assert_eq!(all(), 0);
        let (_, temporary) = temporaries.file().expect("is made");
        let collection = temporaries.place();
        folder.file(&format!("temporary/{}/a/b", collection.name()), "x");
        assert_eq!(all(), 2);
        drop((temporary, collection));
        assert_eq!(all(), 0);
        let (_, mut temporary) = temporaries.file().expect("is made");
        temporary.leave();
        drop(temporary);
        assert_eq!(all(), 1, "what has left is not touched");
    }

    #[test]
    fn a_link_is_removed_and_not_followed() {
        let folder = Folder::new();
        folder.file("kept/a", "x");
        folder.folder("gone");
        folder.link("gone/link", "../kept");
        let root = opened(&folder);
        remove(root.as_fd(), b"gone").expect("is removed");
        assert!(folder.path().join("kept/a").exists() && !folder.path().join("gone").exists());
        remove(root.as_fd(), b"gone").expect("what is not there is removed already");
    }
}
