//! Copies, moves and removals of whole trees.
//!
//! A copy is made aside and comes to its name in one step; what it replaces, and what is removed, leaves its name in one
//! step and is taken apart afterwards. So no crash leaves half a tree.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::limits;
use decision::facts::Failure;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::look::member;
use crate::root::{Blocking, Root, kind};
use crate::tree::Tree;
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::temporary::{self, names};

/// How far a long change has come.
#[derive(Debug, Default)]
pub struct Progress {
    /// Members that are done.
    pub done: AtomicU64,
    /// Nobody wants it any more.
    pub cancelled: AtomicBool,
}

impl Progress {
    fn step(&self) -> Result<(), Errno> {
        self.done.fetch_add(1, Ordering::Relaxed);
        if self.cancelled.load(Ordering::Relaxed) { Err(Errno::CANCELED) } else { Ok(()) }
    }
}

/// Members of a tree with which something went wrong.
pub(crate) type Failures = Vec<(Vec<u8>, ActionError)>;

/// What stops a copy as a whole; anything else is the affair of the member that met it.
const STOPPING: [Errno; 5] = [Errno::NOSPC, Errno::DQUOT, Errno::IO, Errno::ROFS, Errno::CANCELED];

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A copy that is being made.
pub(crate) struct Copying<'a> {
    pub(crate) root: &'a Root,
    pub(crate) progress: &'a Progress,
    /// Its members too, and theirs.
    pub(crate) infinite: bool,
    pub(crate) failures: Failures,
    pub(crate) size: Size,
    /// Where the content of small files passes through.
    pub(crate) room: Vec<u8>,
}

impl Copying<'_> {
    /// Copies what stands at one name to another that is free. `path` is what the member is called in failures.
    pub(crate) fn copy(
        &mut self,
        (from, from_name): (BorrowedFd<'_>, &[u8]),
        (to, to_name): (BorrowedFd<'_>, &[u8]),
        path: &[u8],
        depth: usize,
    ) -> Result<(), Errno> {
        self.progress.step()?;
        let stat = fs::statat(from, from_name, AtFlags::SYMLINK_NOFOLLOW)?;
        let mode = Mode::from_raw_mode(stat.st_mode & 0o777);
        match kind(&stat) {
            FileType::RegularFile => {
                let length = u64::try_from(stat.st_size).unwrap_or(0);
                self.copy_file((from, from_name), (to, to_name), (mode, length))
            }
            FileType::Symlink => self.copy_aim(path, (to, to_name)),
            FileType::Directory => {
                let depth = depth.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
                fs::mkdirat(to, to_name, mode | Mode::RWXU)?;
                if !self.infinite {
                    return Ok(());
                }
                let source = fs::openat(from, from_name, FOLDER, Mode::empty())?;
                let target = fs::openat(to, to_name, FOLDER, Mode::empty())?;
                let own = |name: &[u8]| path.is_empty() && name == crate::tree::RESERVED;
                for (name, _) in names(source.as_fd())?.into_iter().filter(|(name, _)| !own(name)) {
                    let path = member(path, &name);
                    let copied = self.copy((source.as_fd(), &name), (target.as_fd(), &name), &path, depth);
                    self.note(path, copied)?;
                }
                Ok(())
            }
            _ => Err(Errno::NXIO),
        }
    }

    /// A copy reads as what was copied does (RFC 4918 §9.8), so it is made of the file that a link leads to. A link to a
    /// collection may lead round in a circle, and one that leads nowhere has nothing to be copied.
    fn copy_aim(&mut self, path: &[u8], (to, to_name): (BorrowedFd<'_>, &[u8])) -> Result<(), Errno> {
        let source = File::from(self.root.read(path, Blocking::Some)?);
        let stat = fs::fstat(&source)?;
        if kind(&stat) != FileType::RegularFile {
            return Err(Errno::NXIO);
        }
        let mode = Mode::from_raw_mode(stat.st_mode & 0o777);
        self.copy_opened(&source, (to, to_name), (mode, u64::try_from(stat.st_size).unwrap_or(0)))
    }

    /// A failure of one member does not end the copy of its siblings (RFC 4918 §9.8.3).
    fn note(&mut self, path: Vec<u8>, copied: Result<(), Errno>) -> Result<(), Errno> {
        match copied {
            Ok(()) => Ok(()),
            Err(errno) if STOPPING.contains(&errno) => Err(errno),
            Err(Errno::NXIO) => {
                self.failures.push((path, Failure::SubjectForbidden.into()));
                Ok(())
            }
            Err(errno) => {
                self.failures.push((path, errno.into()));
                Ok(())
            }
        }
    }

    fn copy_file(
        &mut self,
        (from, from_name): (BorrowedFd<'_>, &[u8]),
        (to, to_name): (BorrowedFd<'_>, &[u8]),
        (mode, length): (Mode, u64),
    ) -> Result<(), Errno> {
        let source = fs::openat(from, from_name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        self.copy_opened(&File::from(source), (to, to_name), (mode, length))
    }

    fn copy_opened(
        &mut self,
        source: &File,
        (to, to_name): (BorrowedFd<'_>, &[u8]),
        (mode, length): (Mode, u64),
    ) -> Result<(), Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let target = fs::openat(to, to_name, flags, mode)?;
        let octets = self.copy_content(source, &File::from(target), length)?;
        self.size = Size { octets: self.size.octets + octets, files: self.size.files + 1 };
        Ok(())
    }

    /// Copies the content of a file: a small one through memory, a large one inside of the kernel where that can be done.
    fn copy_content(&mut self, source: &File, target: &File, length: u64) -> Result<u64, Errno> {
        let mut copied = 0;
        if length < limits::COPIED_IN_MEMORY as u64 {
            self.room.resize(limits::COPIED_IN_MEMORY, 0);
            let read = rustix::io::read(source, &mut self.room[..])?;
            let mut octets = &self.room[..read];
            while !octets.is_empty() {
                octets = &octets[rustix::io::write(target, octets)?..];
            }
            copied = read as u64;
            if copied == length {
                return Ok(copied);
            }
        }
        loop {
            match fs::copy_file_range(source, None, target, None, limits::COPIED_AT_ONCE) {
                Ok(0) => return Ok(copied),
                Ok(more) => copied += more as u64,
                Err(Errno::INTR) => {}
                Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
                    let errno = |e: io::Error| Errno::from_io_error(&e).unwrap_or(Errno::IO);
                    return Ok(copied + io::copy(&mut &*source, &mut &*target).map_err(errno)?);
                }
                Err(errno) => return Err(errno),
            }
        }
    }
}

impl Tree {
    /// Removes a file, a link, or a collection with all beneath it, which leaves its name at once.
    pub(crate) fn remove(&self, path: &[u8], progress: &Progress) -> Result<(), Errno> {
        let (parent, name) = self.parent(path)?;
        match fs::unlinkat(&parent, name, AtFlags::empty()) {
            // Linux says that it is a folder; POSIX, that it is not permitted
            Err(Errno::ISDIR | Errno::PERM) => {}
            done => return done.and_then(|()| self.sync(parent.as_fd())),
        }
        let out = self.temporaries.place();
        match fs::renameat(&parent, name, out.folder(), out.name()) {
            Ok(()) => {
                self.sync(parent.as_fd())?;
                progress.done.fetch_add(1, Ordering::Relaxed);
                drop(out);
                Ok(())
            }
            // another file system is mounted there, or above it
            Err(Errno::XDEV | Errno::BUSY) => {
                temporary::remove(parent.as_fd(), name)?;
                self.sync(parent.as_fd())
            }
            Err(errno) => Err(errno),
        }
    }

    /// Removes a collection member by member, but for what `barred` bars, and the collections above that (RFC 4918 §9.6.1).
    pub(crate) fn remove_members(
        &self,
        path: &[u8],
        barred: &dyn Fn(&[u8]) -> Option<ActionError>,
        failures: &mut Failures,
    ) -> Result<(), Errno> {
        let (parent, name) = self.parent(path)?;
        let mut removal = Removal { barred, failures };
        removal.remove(parent.as_fd(), name, path, limits::TREE_DEPTH)?;
        self.sync(parent.as_fd())
    }
}

struct Removal<'a> {
    barred: &'a dyn Fn(&[u8]) -> Option<ActionError>,
    failures: &'a mut Failures,
}

impl Removal<'_> {
    /// Says whether it is gone.
    fn remove(&mut self, folder: BorrowedFd<'_>, name: &[u8], path: &[u8], depth: usize) -> Result<bool, Errno> {
        if let Some(offence) = (self.barred)(path) {
            self.failures.push((path.to_vec(), offence));
            return Ok(false);
        }
        match fs::unlinkat(folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => return Ok(true),
            Err(Errno::ISDIR | Errno::PERM) => {}
            Err(errno) => {
                self.failures.push((path.to_vec(), errno.into()));
                return Ok(false);
            }
        }
        let depth = depth.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
        let opened = fs::openat(folder, name, FOLDER, Mode::empty())?;
        let mut all = true;
        for (name, _) in names(opened.as_fd())? {
            all &= self.remove(opened.as_fd(), &name, &member(path, &name), depth)?;
        }
        if all {
            fs::unlinkat(folder, name, AtFlags::REMOVEDIR)?;
        }
        Ok(all)
    }
}
