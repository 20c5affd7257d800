//! How much may be stored in a tree, and how much is: octets and files (RFC 4331).
//!
//! What is there is counted when the server starts, and each change is added; what other programs add is found at the next
//! start. Without a quota nothing is counted: what is free is then the file system's to say.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::limits;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::{self, Errno};

use crate::root::kind;
use crate::tree::temporary::names;

/// The quota of a tree, and what is used of it.
#[derive(Debug)]
pub(crate) struct Quota {
    octets: Option<u64>,
    files: Option<u64>,
    used_octets: AtomicI64,
    used_files: AtomicI64,
}

/// What something takes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) octets: u64,
    pub(crate) files: u64,
}

impl Size {
    /// The size of one file.
    pub(crate) const fn file(octets: u64) -> Size {
        Size { octets, files: 1 }
    }
}

impl Quota {
    /// A quota on what lies beneath this folder.
    pub(crate) fn open(octets: Option<u64>, files: Option<u64>, folder: BorrowedFd<'_>) -> io::Result<Quota> {
        let quota = Quota { octets, files, used_octets: AtomicI64::new(0), used_files: AtomicI64::new(0) };
        if quota.is_set() {
            let used = measure(folder, b".", limits::TREE_DEPTH)?;
            quota.changed(Size::default(), used);
        }
        Ok(quota)
    }

    /// Is there one?
    pub(crate) const fn is_set(&self) -> bool {
        self.octets.is_some() || self.files.is_some()
    }

    /// What is used, if it is counted.
    pub(crate) fn used(&self) -> Option<Size> {
        let read = |counter: &AtomicI64| u64::try_from(counter.load(Ordering::Relaxed)).unwrap_or(0);
        self.is_set().then(|| Size { octets: read(&self.used_octets), files: read(&self.used_files) })
    }

    /// Octets that may still be stored; 0 if no file may be added.
    pub(crate) fn left(&self) -> Option<u64> {
        let used = self.used()?;
        match self.files {
            Some(files) if used.files >= files => Some(0),
            _ => self.octets_left(),
        }
    }

    /// Octets that may still be stored, in files that are there already.
    pub(crate) fn octets_left(&self) -> Option<u64> {
        let used = self.used()?;
        self.octets.map(|octets| octets.saturating_sub(used.octets))
    }

    /// Takes room for this in the place of that, if there is enough, so that two who come at once cannot have the same.
    pub(crate) fn take(&self, old: Size, new: Size) -> Option<Taken<'_>> {
        self.changed(old, new);
        let taken = Taken { quota: self, old, new, kept: false };
        let used = self.used().unwrap_or_default();
        let within = |most: Option<u64>, used: u64, old: u64, new: u64| {
            // what does not grow is never refused, or nobody could make room
            new <= old || most.is_none_or(|most| used <= most)
        };
        let fits = within(self.octets, used.octets, old.octets, new.octets)
            && within(self.files, used.files, old.files, new.files);
        fits.then_some(taken)
    }

    /// That was replaced by this.
    pub(crate) fn changed(&self, old: Size, new: Size) {
        if self.is_set() {
            self.used_octets
                .fetch_add(new.octets.cast_signed().wrapping_sub(old.octets.cast_signed()), Ordering::Relaxed);
            self.used_files.fetch_add(new.files.cast_signed().wrapping_sub(old.files.cast_signed()), Ordering::Relaxed);
        }
    }
}

/// Room that was taken; it is given back when this is dropped, unless it is kept.
#[must_use = "room that is not kept is given back"]
#[derive(Debug)]
pub(crate) struct Taken<'q> {
    quota: &'q Quota,
    old: Size,
    new: Size,
    kept: bool,
}

impl Taken<'_> {
    /// What it was taken for is there.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.quota.changed(self.new, self.old);
        }
    }
}

/// What lies beneath a name: files and their octets. The server's own folder at the root is not counted, nor are links.
pub(crate) fn measure(folder: BorrowedFd<'_>, name: &[u8], depth: usize) -> io::Result<Size> {
    let stat = match fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(Size::default()),
        stat => stat?,
    };
    match kind(&stat) {
        FileType::RegularFile => Ok(Size::file(u64::try_from(stat.st_size).unwrap_or(0))),
        FileType::Directory => {
            let depth = depth.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let opened = fs::openat(folder, name, flags, Mode::empty())?;
            let mut sum = Size::default();
            let own = |member: &[u8]| name == b"." && member == crate::tree::RESERVED;
            for (member, _) in names(std::os::fd::AsFd::as_fd(&opened))?.into_iter().filter(|(m, _)| !own(m)) {
                let size = measure(std::os::fd::AsFd::as_fd(&opened), &member, depth)?;
                sum = Size { octets: sum.octets.saturating_add(size.octets), files: sum.files + size.files };
            }
            Ok(sum)
        }
        _ => Ok(Size::default()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::testing::Folder;

    /// RFC 4331 §6
    #[test]
    fn what_is_there_counts_and_what_grows_must_fit() {
        let folder = Folder::new();
        folder.file("a/b", [0; 600]);
        folder.file("c", [0; 300]);
        folder.file(".because/temporary/1", [0; 5_000]);
        folder.link("link", "c");
        let root = fs::open(folder.path(), OFlags::RDONLY, Mode::empty()).expect("it exists");
        let quota = Quota::open(Some(1_000), Some(3), root.as_fd()).expect("can be counted");
        assert_eq!(quota.used(), Some(Size { octets: 900, files: 2 }));
        assert_eq!(quota.left(), Some(100));
        let none = Size::default();
        for (old, new, fits) in [
            (none, Size::file(100), true),
            (none, Size::file(101), false),
            (Size::file(300), Size::file(400), true),
            (Size::file(300), Size::file(401), false),
            (none, Size { octets: 1, files: 2 }, false),
        ] {
            assert_eq!(quota.take(old, new).is_some(), fits, "{old:?} {new:?}");
            assert_eq!(quota.left(), Some(100), "what is not kept is given back");
        }
        quota.take(none, Size::file(60)).expect("there is room").keep();
        assert_eq!(quota.left(), Some(0), "no file may be added");
        quota.changed(none, Size::file(500));
        assert!(quota.take(Size::file(500), Size::file(400)).is_some(), "what shrinks fits, even when all is used up");
        quota.changed(Size::file(560), none);
        quota.changed(Size { octets: 0, files: 1 }, none);
        assert_eq!(quota.left(), Some(100));
        let free = Quota::open(None, None, root.as_fd()).expect("nothing to count");
        assert_eq!((free.used(), free.left(), free.take(none, Size::file(u64::MAX)).is_some()), (None, None, true));
    }
}
