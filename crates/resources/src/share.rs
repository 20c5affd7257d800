//! A served folder that can be written to: what stands where a change is wanted, and the change itself.
//!
//! One [`Share`] is used by all threads. It judges a [`action::Action`] by stating facts, takes in the content that comes with it,
//! and acts under a claim, where it looks again: what it was judged on must still be so (RFC 9110 §13.2.1). It never names a
//! status.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;

use crate::limits;
use decision::facts::Failure;
use rustix::fs::{self, Mode, OFlags};
use rustix::io::Errno;

use crate::action_result::ActionResult;
use crate::bindings::Bindings;
use crate::intents::{FileId, Intents};
use crate::jobs::Jobs;
use crate::locks::Locks;
use crate::properties::Properties;
use crate::root::Blocking;
use crate::share::recent::Recent;
use crate::store::{Embedded, Store, StoreError, Syncing};
use crate::tree::offence::ActionError;
use crate::tree::quota::{Size, measure};
use crate::tree::temporary::own_folder;
use crate::tree::{RESERVED, Tree, TreeOptions};
use crate::uploads::Uploads;

pub mod action;
pub mod bars;
pub mod judge;
pub(crate) mod intake;
pub(crate) mod put;
pub(crate) mod patch;
pub(crate) mod post;
pub(crate) mod collection;
pub(crate) mod transfer;
pub(crate) mod bind;
pub(crate) mod lock;
pub(crate) mod recent;
pub(crate) mod propfind;
pub(crate) mod proppatch;
pub mod own;
mod job;
pub(crate) mod upload;
pub(crate) mod act;

/// A folder that can be written to.
#[derive(Debug)]
pub struct Share {
    pub(crate) tree: Tree,
    pub(crate) locks: Locks,
    pub(crate) properties: Properties,
    pub(crate) bindings: Bindings,
    pub(crate) recent: Recent,
    pub(crate) intents: Intents,
    pub(crate) jobs: Jobs,
    pub(crate) uploads: Uploads,
    pub(crate) options: ShareOptions,
}

/// What an operator says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareOptions {
    /// How files are kept.
    pub tree: TreeOptions,
    /// For how many milliseconds a look at the disk counts.
    pub fresh: u64,
    /// The most octets of one file.
    pub longest: u64,
    /// Media types that may be stored; empty: any.
    pub types: Vec<&'static str>,
    /// Names that begin with a dot are served, so they may be made.
    pub hidden: bool,
}

/// Why a folder cannot be written to.
#[derive(Debug)]
pub enum OpenError {
    /// The folder itself.
    Folder(io::Error),
    /// The server's state.
    Store(StoreError),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        OpenError::Folder(error)
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> OpenError {
        OpenError::Store(error)
    }
}

/// The server's own folder beneath the root, made if it is not there.
fn own(path: &Path) -> io::Result<std::os::fd::OwnedFd> {
    let folder = fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(own_folder(folder.as_fd(), str::from_utf8(RESERVED).unwrap_or_default())?)
}

/// Has what may wait for the disk done apart from the thread that serves everybody.
pub(crate) async fn apart<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    // it fails only if the work panicked or the server ends; either way there is no result
    tokio::task::spawn_blocking(work).await.ok()
}

/// Has a action done there.
pub(crate) async fn action_apart(
    work: impl FnOnce() -> Result<ActionResult, ActionError> + Send + 'static,
) -> ActionResult {
    apart(work).await.map_or_else(|| Failure::Internal.into(), |done| done.unwrap_or_else(ActionResult::from))
}

impl Share {
    /// The folder at `path`, ready to be written to.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written to, or another server has it.
    pub fn open(path: &Path, options: ShareOptions, now: i64) -> Result<Share, OpenError> {
        let syncing = if options.tree.durable { Syncing::Always } else { Syncing::Never };
        // first of all: it finds out whether another server is at work here, before anything of his is cleared
        let store: Arc<dyn Store> = Arc::new(Embedded::open(own(path)?, syncing)?);
        let tree = Tree::open(path, &options.tree)?;
        let locks = Locks::open(store.clone(), now)?;
        let properties = Properties::open(store.clone())?;
        let bindings = Bindings::open(store.clone())?;
        let jobs = Jobs::open(store.clone(), now)?;
        let intents = Intents::new(store.clone());
        let state = |path: &[u8]| tree.root.state(path, Blocking::Some).ok();
        intents.finish(&properties, (&locks, &bindings), |path| state(path).as_ref().map(FileId::of))?;
        // another program may have removed what it knows nothing of
        properties.sweep(|path| state(path).is_some())?;
        let folder = own_folder(own(path)?.as_fd(), "uploads").map_err(io::Error::from)?;
        let uploads = Uploads::open(store, folder, syncing, now)?;
        let recent = Recent::new(options.fresh);
        let share = Share { tree, locks, properties, bindings, recent, intents, jobs, uploads, options };
        share.finish_bindings()?;
        Ok(share)
    }

    /// Forgets what has ended: locks, jobs and uploads whose time is over. To be called now and then.
    ///
    /// # Errors
    ///
    /// If the state cannot be reached; the next call tries again.
    pub fn sweep(&self, now: i64) -> Result<(), StoreError> {
        self.locks.sweep(now)?;
        self.jobs.sweep(now)?;
        self.uploads.sweep(now)
    }

    /// Octets that may still be stored, where that is ruled: in the place of a file of this length, or as a new one.
    pub fn storage_left(&self, replaced: Option<u64>) -> Option<u64> {
        match replaced {
            Some(length) => self.tree.quota.octets_left().map(|left| left.saturating_add(length)),
            None => self.tree.quota.left(),
        }
    }

    /// What a tree takes up, if that is counted.
    pub(crate) fn measured(&self, path: &[u8]) -> Result<Size, Errno> {
        if !self.tree.quota.is_set() {
            return Ok(Size::default());
        }
        let (parent, name) = self.tree.parent(path)?;
        measure(parent.as_fd(), name, limits::TREE_DEPTH)
    }
}
