//! Shared state behind one trait: locks, dead properties, bindings, jobs, uploads.
//!
//! Whoever keeps something here knows only this trait: a get, a scan, changes that are made all or none, a counter, and a
//! watch. What the values mean is not known here.

mod embedded;
mod file;
mod format;
mod random;
mod values;

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;

pub use embedded::{Embedded, Syncing};
pub(crate) use random::{name as random_name, octets as random_octets};
pub(crate) use values::{Reader, Writer};

/// A part of the state. Keys of two spaces never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// Write locks.
    Locks,
    /// Dead properties.
    Properties,
    /// Names bound to resources that stand elsewhere.
    Bindings,
    /// Long work and what came of it.
    Jobs,
    /// Uploads that can be resumed.
    Uploads,
    /// What is about to be done in two steps.
    Intents,
    /// Numbers that are only added to.
    Counters,
}

impl Space {
    /// All of them, in the order of their places.
    pub(crate) const ALL: [Space; 7] = [
        Space::Locks,
        Space::Properties,
        Space::Bindings,
        Space::Jobs,
        Space::Uploads,
        Space::Intents,
        Space::Counters,
    ];

    /// Its place among all.
    pub(crate) const fn place(self) -> usize {
        self as usize
    }
}

/// The version of a record. It rises with each change of the whole store, so none comes twice: a record that was deleted and
/// made anew cannot be taken for the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

/// What is kept under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its version.
    pub version: Version,
    /// What it holds.
    pub value: Vec<u8>,
}

/// What must stand under a key for a change to be made. It is asked of the state before the list of changes, not of what
/// earlier changes of the same list leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Something or nothing.
    Anything,
    /// Nothing.
    Nothing,
    /// A record of this version.
    Version(Version),
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Writes a record.
    PutIf {
        /// Where.
        space: Space,
        /// Under which key.
        key: &'a [u8],
        /// If this stands there.
        expected: Expected,
        /// What it shall hold.
        value: &'a [u8],
    },
    /// Deletes a record; that there is none is no error.
    DeleteIf {
        /// Where.
        space: Space,
        /// Under which key.
        key: &'a [u8],
        /// If this stands there.
        expected: Expected,
    },
    /// Adds to a counter, which begins at 0. It stays at the ends of its range. Refused where something else stands.
    Add {
        /// Where.
        space: Space,
        /// Under which key.
        key: &'a [u8],
        /// How much.
        delta: i64,
    },
}

impl<'a> Change<'a> {
    /// Writes a record, whatever stands there.
    pub const fn put(space: Space, key: &'a [u8], value: &'a [u8]) -> Change<'a> {
        Change::PutIf { space, key, expected: Expected::Anything, value }
    }

    /// Deletes a record, if there is one.
    pub const fn delete(space: Space, key: &'a [u8]) -> Change<'a> {
        Change::DeleteIf { space, key, expected: Expected::Anything }
    }
}

/// What one change left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A record of this version.
    Written(Version),
    /// Nothing.
    Deleted,
    /// A counter with this sum.
    Sum(i64),
}

/// What came of a list of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// All were made: what each left behind.
    Done(Vec<Effect>),
    /// None was made, because of this one.
    Refused {
        /// Which of the list it is.
        change: usize,
        /// What stands there instead.
        found: Option<Version>,
    },
}

/// Why the store could not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The disk or the quota is full.
    NoRoom,
    /// Another process has it open.
    InUse,
    /// We may not read or write it.
    Denied,
    /// A newer version of this program wrote it.
    Newer {
        /// Its format.
        found: u64,
        /// The newest format that we know.
        known: u64,
    },
    /// What it holds is not what was written; in words.
    Corrupt(String),
    /// The system failed; in words.
    Broken(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::NoRoom => write!(f, "there is no room left for the server's state"),
            StoreError::InUse => write!(f, "another process has the server's state open"),
            StoreError::Denied => write!(f, "the server's state may not be read or written"),
            StoreError::Newer { found, known } => {
                write!(f, "the server's state has the format {found} of a newer version; this one knows up to {known}")
            }
            StoreError::Corrupt(words) => write!(f, "the server's state is damaged: {words}"),
            StoreError::Broken(words) => write!(f, "the server's state cannot be reached: {words}"),
        }
    }
}

impl Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOSPC | Errno::DQUOT) => StoreError::NoRoom,
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => StoreError::Denied,
            _ if error.kind() == io::ErrorKind::InvalidData => StoreError::Corrupt(error.to_string()),
            _ => StoreError::Broken(error.to_string()),
        }
    }
}

impl From<Errno> for StoreError {
    fn from(error: Errno) -> Self {
        io::Error::from(error).into()
    }
}

/// The state that all share. Every call may wait for the disk.
pub trait Store: Send + Sync + fmt::Debug {
    /// What stands under a key.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Record>, StoreError>;

    /// The first records of a range, in the order of their keys: from this key on, before that one, at most so many.
    fn scan(
        &self,
        space: Space,
        from: &[u8],
        until: Option<&[u8]>,
        most: usize,
    ) -> Result<Vec<(Vec<u8>, Record)>, StoreError>;

    /// Makes all of these changes, or none. When it returns they outlive a loss of power, unless the store was opened not to
    /// care.
    fn apply(&self, changes: &[Change<'_>]) -> Result<Applied, StoreError>;

    /// Tells whether something in a space has changed.
    fn watch(&self, space: Space) -> Watch;
}

/// Counts the changes of a space, for whoever keeps in memory what he read of it.
#[derive(Clone, Debug)]
pub struct Watch {
    count: Arc<AtomicU64>,
}

impl Watch {
    /// How often the space has changed. Read before the space is, it is never newer than what was read.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }
}

/// The first key behind all that begin with these octets; none if there is none.
pub(crate) fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != u8::MAX)?;
    let mut key = prefix[..=last].to_vec();
    key[last] += 1;
    Some(key)
}

#[cfg(test)]
pub(crate) mod tests;
