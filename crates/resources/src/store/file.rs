//! The one file that the embedded store lives in, as its database sees it.
//!
//! Two things differ from a plain file. Where it grows, the room is taken at once, so that a full disk is met before anything
//! is written and never in the middle of it. And it need not wait for the disk, if the operator said so.

use std::fs::File;
use std::io;
use std::ops::Bound;

use redb::backends::FileBackend;
use redb::{BackendError, DatabaseError, StorageBackend};
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::embedded::Syncing;

#[derive(Debug)]
pub(super) struct StateFile {
    file: FileBackend,
    /// The same file, to take room for it.
    room: File,
    syncing: Syncing,
    /// Stands for a full disk.
    #[cfg(test)]
    full: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl StateFile {
    pub(super) fn new(file: File, syncing: Syncing) -> Result<StateFile, DatabaseError> {
        let room = file.try_clone()?;
        Ok(StateFile {
            file: FileBackend::new(file)?,
            room,
            syncing,
            #[cfg(test)]
            full: std::sync::Arc::default(),
        })
    }

    #[cfg(test)]
    pub(super) fn full_if(self, full: &std::sync::Arc<std::sync::atomic::AtomicBool>) -> StateFile {
        StateFile { full: std::sync::Arc::clone(full), ..self }
    }

    #[cfg(test)]
    fn must_have_room(&self) -> io::Result<()> {
        let full = self.full.load(std::sync::atomic::Ordering::Relaxed);
        if full { Err(Errno::NOSPC.into()) } else { Ok(()) }
    }

    #[cfg(not(test))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    const fn must_have_room(&self) -> io::Result<()> {
        Ok(())
    }
}

impl StorageBackend for StateFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.must_have_room()?;
        let before = self.file.len()?;
        if length > before {
            match fallocate(&self.room, FallocateFlags::empty(), before, length - before) {
                // Not every file system can take room beforehand.
                Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.file.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.syncing {
            Syncing::Always => self.file.sync_data(),
            Syncing::Never => Ok(()),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.must_have_room()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
