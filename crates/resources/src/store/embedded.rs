//! The store in one file of our own, for one server.
//!
//! Writers that come together share a wait for the disk: each writes its changes into the transaction that is open, and the
//! last one that finds nobody behind it commits for all.

use std::fmt;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use crate::limits;
use redb::{
    AccessGuard, Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError,
    WriteTransaction,
};
use rustix::fs::{Access, AtFlags, Mode, OFlags, accessat, fsync, openat, renameat};
use rustix::io::Errno;

use super::file::StateFile;
use super::format;
use super::{Applied, Change, Effect, Expected, Record, Space, Store, StoreError, Version, Watch};

/// Does a change wait until it is on the disk?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syncing {
    /// Always: it outlives a loss of power.
    Always,
    /// Never: it outlives a crash of the server, but after a loss of power the state may be damaged.
    Never,
}

type Table = TableDefinition<'static, &'static [u8], (u64, &'static [u8])>;

/// Numbers about the store itself: the format, the last version given.
pub(super) const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");

const LAST_VERSION: &str = "version";

/// The name of the file in its folder.
const NAME: &str = "state.redb";
/// And while it is being made.
const FRESH: &str = "state.new";

const fn table(space: Space) -> Table {
    TableDefinition::new(match space {
        Space::Locks => "locks",
        Space::Properties => "properties",
        Space::Bindings => "bindings",
        Space::Jobs => "jobs",
        Space::Uploads => "uploads",
        Space::Intents => "intents",
        Space::Counters => "counters",
    })
}

/// The store in a file.
#[derive(Debug)]
pub struct Embedded {
    folder: OwnedFd,
    syncing: Syncing,
    /// None after a failure, until it has been opened again: a database that failed once says no to everything.
    database: RwLock<Option<Database>>,
    /// The transaction that is open, between two writers.
    writing: Mutex<Option<Open>>,
    /// How many writers wait for their turn.
    coming: AtomicUsize,
    counts: [Arc<AtomicU64>; Space::ALL.len()],
    #[cfg(test)]
    full: Arc<std::sync::atomic::AtomicBool>,
}

/// A transaction that several may write into.
struct Open {
    transaction: WriteTransaction,
    /// The last version given.
    version: u64,
    /// How many have written into it.
    lists: usize,
    /// Which spaces have changed.
    touched: [bool; Space::ALL.len()],
    /// To those who left the commit to another.
    promise: Pending,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("version", &self.version).field("lists", &self.lists).finish_non_exhaustive()
    }
}

/// What comes of a transaction.
#[derive(Debug, Default)]
struct Ending {
    result: OnceLock<Result<(), StoreError>>,
    told: Condvar,
}

impl Ending {
    /// Waits until it is told.
    fn wait(&self, mut writing: MutexGuard<'_, Option<Open>>) -> Result<(), StoreError> {
        loop {
            if let Some(result) = self.result.get() {
                return result.clone();
            }
            writing = self.told.wait(writing).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// That the ending will be told, even if the thread that was to do it panics.
#[derive(Debug, Default)]
struct Pending(Arc<Ending>);

impl Pending {
    fn keep(self, result: Result<(), StoreError>) {
        let _ = self.0.result.set(result);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let _ = self.0.result.set(Err(StoreError::Broken("a writer gave up".to_owned())));
        self.0.told.notify_all();
    }
}

impl Embedded {
    /// Opens the store in this folder, or makes it. State of an older format is brought to ours.
    pub fn open(folder: OwnedFd, syncing: Syncing) -> Result<Embedded, StoreError> {
        let store = Embedded {
            folder,
            syncing,
            database: RwLock::new(None),
            writing: Mutex::new(None),
            coming: AtomicUsize::new(0),
            counts: Default::default(),
            #[cfg(test)]
            full: Arc::default(),
        };
        store.reopen()?;
        Ok(store)
    }

    /// Opens the database if it is not.
    fn reopen(&self) -> Result<(), StoreError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if database.is_none() {
            let fresh = matches!(accessat(&self.folder, NAME, Access::EXISTS, AtFlags::empty()), Err(Errno::NOENT));
            let file = self.backend(fresh)?;
            let opened = Builder::new()
                .set_cache_size(limits::STORE_CACHE)
                // A file that something else wrote into is refused, instead of trusted until we stumble.
                .set_check_integrity_on_open(true)
                .create_with_backend(file)?;
            format::prepare(&opened, &format::STEPS)?;
            if fresh {
                // only a file that is whole gets its name: one that was cut off would never be opened again
                renameat(&self.folder, FRESH, &self.folder, NAME)?;
                self.sync_folder()?;
            }
            *database = Some(opened);
        }
        Ok(())
    }

    /// That the file is there must outlive a loss of power too.
    fn sync_folder(&self) -> Result<(), StoreError> {
        if self.syncing == Syncing::Always {
            fsync(openat(&self.folder, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)?;
        }
        Ok(())
    }

    fn backend(&self, fresh: bool) -> Result<StateFile, StoreError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let name = if fresh { FRESH } else { NAME };
        let file = File::from(openat(&self.folder, name, flags, Mode::RUSR | Mode::WUSR)?);
        let again = file.try_clone()?;
        let file = StateFile::new(file, self.syncing)?;
        if fresh {
            // nobody else has it, so what is in it was cut off
            again.set_len(0)?;
        }
        #[cfg(test)]
        let file = file.full_if(&self.full);
        Ok(file)
    }

    /// Closes the database after a failure. Nobody may have a transaction open that writes.
    fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Does something with the database, opened again if it failed before.
    fn with<T>(&self, work: impl Fn(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        loop {
            if let Some(database) = &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
                return work(database);
            }
            self.reopen()?;
        }
    }

    fn read<T>(&self, look: impl Fn(&ReadTransaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let read = self.with(|database| look(&database.begin_read()?));
        if let Err(StoreError::Broken(_)) = read {
            let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let error = StoreError::Broken("it could not be read".to_owned());
            self.give_up(writing.take(), &error);
        }
        read
    }

    /// The transaction to write into.
    fn begin(&self) -> Result<Open, StoreError> {
        self.with(|database| {
            let transaction = database.begin_write()?;
            let version = transaction.open_table(META)?.get(LAST_VERSION)?.map_or(0, |number| number.value());
            Ok(Open { transaction, version, lists: 0, touched: Default::default(), promise: Pending::default() })
        })
    }

    /// Ends a transaction that failed, for all who wrote into it, and whatever made it fail.
    fn give_up(&self, open: Option<Open>, error: &StoreError) {
        if let Some(Open { transaction, promise, .. }) = open {
            drop(transaction);
            promise.keep(Err(error.clone()));
        }
        self.close();
    }

    fn commit(&self, open: Open) -> Result<(), StoreError> {
        let Open { transaction, version, lists, touched, promise } = open;
        let ended = if lists == 0 { transaction.abort().map_err(Into::into) } else { finish(transaction, version) };
        if ended.is_ok() {
            for (count, _) in self.counts.iter().zip(touched).filter(|(_, touched)| *touched) {
                count.fetch_add(1, Ordering::Release);
            }
        } else {
            self.close();
        }
        promise.keep(ended.clone());
        ended
    }
}

fn finish(transaction: WriteTransaction, version: u64) -> Result<(), StoreError> {
    transaction.open_table(META)?.insert(LAST_VERSION, version)?;
    Ok(transaction.commit()?)
}

impl Store for Embedded {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.read(|transaction| match transaction.open_table(table(space)) {
            Ok(table) => Ok(table.get(key)?.map(|found| record(found.value()))),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        })
    }

    fn scan(
        &self,
        space: Space,
        from: &[u8],
        until: Option<&[u8]>,
        most: usize,
    ) -> Result<Vec<(Vec<u8>, Record)>, StoreError> {
        if until.is_some_and(|until| until <= from) {
            return Ok(Vec::new());
        }
        self.read(|transaction| {
            let table = match transaction.open_table(table(space)) {
                Ok(table) => table,
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            };
            let rows = match until {
                Some(until) => table.range::<&[u8]>(from..until)?,
                None => table.range::<&[u8]>(from..)?,
            };
            let rows = rows.take(most).map(|row| row.map(|(key, found)| (key.value().to_vec(), record(found.value()))));
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn apply(&self, changes: &[Change<'_>]) -> Result<Applied, StoreError> {
        self.coming.fetch_add(1, Ordering::SeqCst);
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.coming.fetch_sub(1, Ordering::SeqCst);
        let mut open = match writing.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        let applied = match open.write(changes) {
            Ok(applied) => applied,
            Err(error) => {
                self.give_up(Some(open), &error);
                return Err(error);
            }
        };
        // A refusal is told after the commit too: what it found may be somebody's change that is not on the disk yet.
        let ended = if self.coming.load(Ordering::SeqCst) > 0 && open.lists < limits::STORE_LISTS {
            let ending = Arc::clone(&open.promise.0);
            *writing = Some(open);
            ending.wait(writing)
        } else {
            self.commit(open)
        };
        ended.map(|()| applied)
    }

    fn watch(&self, space: Space) -> Watch {
        Watch { count: Arc::clone(&self.counts[space.place()]) }
    }
}

impl Open {
    /// Writes all of these changes, or none. After an error the whole transaction is of no use.
    fn write(&mut self, changes: &[Change<'_>]) -> Result<Applied, StoreError> {
        for (at, change) in changes.iter().enumerate() {
            if let Some(found) = self.refuses(change)? {
                return Ok(Applied::Refused { change: at, found });
            }
        }
        let effects = changes.iter().map(|change| self.make(change)).collect::<Result<_, _>>()?;
        self.lists += 1;
        Ok(Applied::Done(effects))
    }

    /// What stands there instead of what was expected.
    fn refuses(&self, change: &Change<'_>) -> Result<Option<Option<Version>>, StoreError> {
        let (space, key) = place(change);
        let table = self.transaction.open_table(table(space))?;
        let guard = table.get(key)?;
        let found = guard.as_ref().map(AccessGuard::value);
        let version = found.map(|(version, _)| Version(version));
        let fits = match change {
            Change::PutIf { expected, .. } | Change::DeleteIf { expected, .. } => match expected {
                Expected::Anything => true,
                Expected::Nothing => version.is_none(),
                Expected::Version(expected) => version == Some(*expected),
            },
            Change::Add { .. } => found.is_none_or(|(_, octets)| sum(octets).is_some()),
        };
        Ok(if fits { None } else { Some(version) })
    }

    fn make(&mut self, change: &Change<'_>) -> Result<Effect, StoreError> {
        let (space, key) = place(change);
        let mut table = self.transaction.open_table(table(space))?;
        self.touched[space.place()] = true;
        self.version += 1;
        Ok(match change {
            Change::PutIf { value, .. } => {
                table.insert(key, (self.version, *value))?;
                Effect::Written(Version(self.version))
            }
            Change::DeleteIf { .. } => {
                table.remove(key)?;
                Effect::Deleted
            }
            Change::Add { delta, .. } => {
                let before = table.get(key)?.and_then(|found| sum(found.value().1)).unwrap_or(0);
                let sum = before.saturating_add(*delta);
                table.insert(key, (self.version, &sum.to_be_bytes()[..]))?;
                Effect::Sum(sum)
            }
        })
    }
}

const fn place<'a>(change: &Change<'a>) -> (Space, &'a [u8]) {
    match change {
        Change::PutIf { space, key, .. } | Change::DeleteIf { space, key, .. } | Change::Add { space, key, .. } => {
            (*space, key)
        }
    }
}

fn sum(octets: &[u8]) -> Option<i64> {
    octets.try_into().ok().map(i64::from_be_bytes)
}

fn record((version, value): (u64, &[u8])) -> Record {
    Record { version: Version(version), value: value.to_vec() }
}

#[cfg(test)]
mod tests;
