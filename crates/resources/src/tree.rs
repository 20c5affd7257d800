//! A served folder that is written to, as all threads see it: what is being changed, what was just made, and the state that
//! goes with the files.
//!
//! Nothing here knows HTTP: what a request asks for comes in as a place, and what stands there goes out.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{self, Mode, OFlags};

use crate::root::Root;
use crate::tree::claims::Claims;
use crate::tree::ours::Ours;
use crate::tree::quota::Quota;
use crate::tree::temporary::{Temporaries, own_folder};

pub(crate) mod claims;
pub(crate) mod install;
pub(crate) mod offence;
pub(crate) mod ours;
pub(crate) mod quota;
pub(crate) mod standing;
pub(crate) mod temporary;
pub(crate) mod transfer;

/// The name at the root that is the server's own: what is being made stands there, and the state.
pub(crate) const RESERVED: &[u8] = b".because";

/// Is this path the server's own?
pub(crate) fn is_reserved(path: &[u8]) -> bool {
    path.strip_prefix(RESERVED).is_some_and(|rest| rest.is_empty() || rest[0] == b'/' || rest[0] == b'-')
}

/// A folder that is written to.
#[derive(Debug)]
pub struct Tree {
    pub(crate) root: Root,
    pub(crate) claims: Claims,
    pub(crate) temporaries: Temporaries,
    pub(crate) ours: Ours,
    pub(crate) quota: Quota,
    /// What was answered is on the disk.
    pub(crate) durable: bool,
    /// The mode of a new file, as the system makes it.
    pub(crate) mode: u32,
    /// Changes so far: what was looked at before the last one may be stale.
    pub(crate) generation: AtomicU64,
}

/// What an operator says of a folder that is written to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeOptions {
    /// Nothing is answered before it is on the disk.
    pub durable: bool,
    /// The most octets of all files together.
    pub octets: Option<u64>,
    /// The most files.
    pub files: Option<u64>,
}

impl Tree {
    /// The folder at `path`, made ready to be written to. What an earlier server left half-made is removed.
    pub fn open(path: &Path, options: &TreeOptions) -> io::Result<Tree> {
        let folder = fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let own = own_folder(folder.as_fd(), str::from_utf8(RESERVED).unwrap_or_default())?;
        let temporaries = Temporaries::open(own.as_fd())?;
        let (first, _temporary) = temporaries.file()?;
        Ok(Tree {
            root: Root::open(path)?,
            claims: Claims::default(),
            mode: fs::fstat(&first)?.st_mode & 0o777,
            temporaries,
            ours: Ours::default(),
            quota: Quota::open(options.octets, options.files, folder.as_fd())?,
            durable: options.durable,
            generation: AtomicU64::new(0),
        })
    }

    /// How often something has changed. What was seen before the last change may be stale.
    pub(crate) fn seen(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Something has changed.
    pub(crate) fn changed(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }
}
