//! Uploads that can be resumed: what has come of each, and where it is kept until it is whole
//! (draft-ietf-httpbis-resumable-upload).
//!
//! The octets are in a file of the upload's name, and its length is the offset: no crash can make the two differ. What the
//! upload is for is a record in the store. That it is complete is written down only after the action that it was for has been
//! done or refused; a server that ends in between leaves an upload that lacks nothing but that word.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat, unlinkat};
use rustix::io::Errno;

use crate::store::{Change, Reader, Space, Store, StoreError, Syncing, Writer, random_name};

/// With which method it was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// It becomes what stands at the target.
    Put,
    /// It is given to the target.
    Post,
}

/// What an upload is for: as much of the request that began it as is needed again at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The method.
    pub method: Method,
    /// The decoded path of the target, without slashes at its ends.
    pub target: Vec<u8>,
    /// The fields to be read again at the end, each with its name: the media type, the conditions, the preferences.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
}

/// An upload, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name, which nobody can guess.
    pub id: String,
    /// What it is for.
    pub purpose: Arc<Purpose>,
    /// How many octets have come.
    pub offset: u64,
    /// How many there will be, if that has been told.
    pub length: Option<u64>,
    /// All have come, and what they were for was done or refused.
    pub complete: bool,
    /// When it is forgotten, in seconds of Unix time, unless more of it comes.
    pub expires: i64,
}

/// Why nothing can be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadRefusal {
    /// There is no such upload.
    Missing,
    /// It is complete.
    Complete,
    /// All of it is here, and what it is for is being done.
    Busy,
    /// It is not at this offset (UPL-006).
    Offset {
        /// At which it is.
        found: u64,
    },
    /// Its length was told before, and was another (UPL-007).
    Length {
        /// Which it was.
        told: u64,
    },
    /// More has come than this length allows (UPL-007).
    BeyondLength,
}

/// Why octets were not appended, or not all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Somebody else appends to it now, or it is gone.
    Superseded,
    /// They go beyond its length (UPL-007).
    BeyondLength,
    /// It has ended before its length (UPL-007).
    ShortOfLength,
    /// All unfinished uploads together are as large as they may be.
    Full,
    /// The disk failed.
    Store(StoreError),
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        AppendError::Store(error)
    }
}

impl From<io::Error> for AppendError {
    fn from(error: io::Error) -> Self {
        AppendError::Store(error.into())
    }
}

/// All uploads.
#[derive(Clone, Debug)]
pub struct Uploads {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    folder: OwnedFd,
    syncing: Syncing,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    /// Octets of all that are not complete.
    octets: AtomicU64,
}

#[derive(Debug)]
struct Slot {
    id: String,
    purpose: Arc<Purpose>,
    /// Whose turn it is to append. Held while somebody does, so that whoever comes next knows what has come.
    turn: Mutex<u64>,
    state: Mutex<UploadState>,
}

#[derive(Clone, Copy, Debug)]
struct UploadState {
    offset: u64,
    length: Option<u64>,
    stage: Stage,
    expires: i64,
    /// When it ends according to the store, where it is not written with every append.
    stored: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// More may come.
    Coming,
    /// What it is for is being done.
    Acting,
    /// That has been done or refused.
    Complete,
    /// It is no longer among the uploads.
    Gone,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    fn upload(&self) -> Upload {
        let UploadState { offset, length, stage, expires, .. } = *lock(&self.state);
        let (id, purpose) = (self.id.clone(), Arc::clone(&self.purpose));
        Upload { id, purpose, offset, length, complete: stage == Stage::Complete, expires }
    }

    fn write(&self, state: &UploadState) -> Vec<u8> {
        let Purpose { method, target, fields } = &*self.purpose;
        let out = Writer::default().bool(*method == Method::Put).octets(target).u64(fields.len() as u64);
        let out = fields.iter().fold(out, |out, (name, value)| out.octets(name).octets(value));
        let done = (state.stage == Stage::Complete).then_some(state.offset);
        out.option(state.length, Writer::u64).i64(state.expires).option(done, Writer::u64).done()
    }

    fn read(id: Vec<u8>, value: &[u8]) -> Result<Slot, StoreError> {
        let mut reader = Reader::new(value, "an upload");
        let method = if reader.bool()? { Method::Put } else { Method::Post };
        let target = reader.octets()?;
        let mut fields = Vec::new();
        for _ in 0..reader.u64()? {
            fields.push((reader.octets()?, reader.octets()?));
        }
        let (length, expires, done) = (reader.option(Reader::u64)?, reader.i64()?, reader.option(Reader::u64)?);
        let stage = if done.is_some() { Stage::Complete } else { Stage::Coming };
        let state = UploadState { offset: done.unwrap_or(0), length, stage, expires, stored: expires };
        let purpose = Arc::new(Purpose { method, target, fields });
        let id = String::from_utf8(id).ok();
        reader.done(id.map(|id| Slot { id, purpose, turn: Mutex::new(0), state: Mutex::new(state) }))
    }
}

impl Uploads {
    /// The uploads whose octets are in this folder. What is left over of others is removed: files without a record, records
    /// without a file.
    pub fn open(store: Arc<dyn Store>, folder: OwnedFd, syncing: Syncing, now: i64) -> Result<Uploads, StoreError> {
        let mut slots = HashMap::new();
        let mut octets = 0_u64;
        for (id, record) in store.scan(Space::Uploads, b"", None, usize::MAX)? {
            let slot = Slot::read(id.clone(), &record.value)?;
            let mut state = lock(&slot.state);
            if state.stage == Stage::Coming {
                match length_of(&folder, &slot.id)?.filter(|found| state.length.is_none_or(|length| *found <= length)) {
                    Some(found) => state.offset = found,
                    None => state.stage = Stage::Gone,
                }
            }
            let UploadState { offset, stage, .. } = *state;
            drop(state);
            if stage == Stage::Gone {
                store.apply(&[Change::delete(Space::Uploads, &id)])?;
                continue;
            }
            octets = octets.saturating_add(if stage == Stage::Coming { offset } else { 0 });
            slots.insert(slot.id.clone(), Arc::new(slot));
        }
        for name in names(&folder)? {
            let slot = str::from_utf8(&name).ok().and_then(|name| slots.get(name));
            if slot.is_none_or(|slot| lock(&slot.state).stage == Stage::Complete) {
                unlink(&folder, &name)?;
            }
        }
        let (slots, octets) = (Mutex::new(slots), AtomicU64::new(octets));
        let uploads = Uploads { inner: Arc::new(Inner { store, folder, syncing, slots, octets }) };
        uploads.sweep(now)?;
        Ok(uploads)
    }

    /// Begins an upload. None: there are as many as there may be.
    pub fn create(&self, purpose: Purpose, length: Option<u64>, now: i64) -> Result<Option<Upload>, StoreError> {
        if lock(&self.inner.slots).len() >= limits::UPLOADS {
            self.make_room(now)?;
        }
        let id = random_name()?;
        let expires = now.saturating_add(limits::UPLOAD_TIME);
        let state = UploadState { offset: 0, length, stage: Stage::Coming, expires, stored: expires };
        let slot = Arc::new(Slot { id, purpose: Arc::new(purpose), turn: Mutex::new(0), state: Mutex::new(state) });
        let mut slots = lock(&self.inner.slots);
        if slots.len() >= limits::UPLOADS {
            return Ok(None);
        }
        slots.insert(slot.id.clone(), Arc::clone(&slot));
        drop(slots);
        // The file first: one without a record is cleared at the next start.
        let made = self.inner.file(&slot.id, OFlags::CREATE | OFlags::EXCL);
        let made = made.and_then(|_| self.inner.put(&slot, &state));
        if let Err(error) = made {
            let _ = self.inner.remove(&slot);
            return Err(error);
        }
        Ok(Some(slot.upload()))
    }

    /// What is known of an upload.
    pub fn find(&self, id: &str, now: i64) -> Option<Upload> {
        self.inner.slot(id, now).map(|slot| slot.upload())
    }

    /// The same, and that its offset stays as it is: whoever appends to it is superseded. So a client that asks, since its
    /// connection broke, need not know whether the server has noticed.
    pub fn settled(&self, id: &str, now: i64) -> Option<Upload> {
        let slot = self.inner.slot(id, now)?;
        *lock(&slot.turn) += 1;
        Some(slot.upload())
    }

    /// Begins to append at this offset. Whoever did so before is superseded. The length is what this request tells of it.
    pub fn append(
        &self,
        id: &str,
        offset: u64,
        length: Option<u64>,
        now: i64,
    ) -> Result<Result<Appending, UploadRefusal>, StoreError> {
        let Some(slot) = self.inner.slot(id, now) else { return Ok(Err(UploadRefusal::Missing)) };
        // Waits for a write that is under way.
        let mut turn = lock(&slot.turn);
        let mut state = *lock(&slot.state);
        let refusal = match state.stage {
            Stage::Gone => Some(UploadRefusal::Missing),
            Stage::Complete => Some(UploadRefusal::Complete),
            Stage::Acting => Some(UploadRefusal::Busy),
            Stage::Coming => refuses(&state, offset, length),
        };
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
        let file = self.inner.file(&slot.id, OFlags::empty())?;
        let told = state.length.is_none() && length.is_some();
        state.length = state.length.or(length);
        state.expires = now.saturating_add(limits::UPLOAD_TIME);
        if told || state.expires.saturating_sub(state.stored) >= limits::UPLOAD_RENEWAL {
            self.inner.put(&slot, &state)?;
            state.stored = state.expires;
        }
        *lock(&slot.state) = state;
        *turn += 1;
        let mine = *turn;
        drop(turn);
        Ok(Ok(Appending { inner: Arc::clone(&self.inner), slot, turn: mine, file }))
    }

    /// Gives an upload up. Was there one?
    pub fn cancel(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        match self.inner.slot(id, now) {
            Some(slot) => self.inner.remove(&slot),
            None => Ok(false),
        }
    }

    /// Forgets the uploads that have ended.
    pub fn sweep(&self, now: i64) -> Result<(), StoreError> {
        let ended = |slot: &&Arc<Slot>| lock(&slot.state).expires <= now;
        let ended: Vec<_> = lock(&self.inner.slots).values().filter(ended).map(Arc::clone).collect();
        ended.iter().try_for_each(|slot| self.inner.remove(slot).map(drop))
    }

    /// Forgets what has ended; if nothing has, the one that was complete first.
    fn make_room(&self, now: i64) -> Result<(), StoreError> {
        self.sweep(now)?;
        let slots = lock(&self.inner.slots);
        if slots.len() < limits::UPLOADS {
            return Ok(());
        }
        let complete = slots.values().filter(|slot| lock(&slot.state).stage == Stage::Complete);
        let first = complete.min_by_key(|slot| lock(&slot.state).expires).map(Arc::clone);
        drop(slots);
        first.map_or(Ok(()), |slot| self.inner.remove(&slot).map(drop))
    }
}

fn refuses(state: &UploadState, offset: u64, length: Option<u64>) -> Option<UploadRefusal> {
    match (state.length, length) {
        (Some(told), Some(length)) if told != length => return Some(UploadRefusal::Length { told }),
        (None, Some(length)) if length < state.offset => return Some(UploadRefusal::BeyondLength),
        (_, None | Some(_)) => {}
    }
    if state.offset == offset { None } else { Some(UploadRefusal::Offset { found: state.offset }) }
}

impl Inner {
    fn slot(&self, id: &str, now: i64) -> Option<Arc<Slot>> {
        lock(&self.slots).get(id).filter(|slot| lock(&slot.state).expires > now).map(Arc::clone)
    }

    fn file(&self, id: &str, more: OFlags) -> Result<File, StoreError> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        // It becomes a file of the share, with the rights that such have.
        Ok(File::from(openat(&self.folder, id, flags | more, Mode::from_raw_mode(0o666))?))
    }

    fn put(&self, slot: &Slot, state: &UploadState) -> Result<(), StoreError> {
        let value = slot.write(state);
        self.store.apply(&[Change::put(Space::Uploads, slot.id.as_bytes(), &value)]).map(drop)
    }

    /// Removes an upload with all that it has, once nobody writes to it. Not while it is acted upon.
    fn remove(&self, slot: &Slot) -> Result<bool, StoreError> {
        let mut turn = lock(&slot.turn);
        let mut state = lock(&slot.state);
        if matches!(state.stage, Stage::Acting | Stage::Gone) {
            return Ok(false);
        }
        if state.stage == Stage::Coming {
            self.octets.fetch_sub(state.offset, Ordering::Relaxed);
        }
        state.stage = Stage::Gone;
        drop(state);
        *turn += 1;
        lock(&self.slots).remove(&slot.id);
        // The record first: a file without one is cleared at the next start.
        self.store.apply(&[Change::delete(Space::Uploads, slot.id.as_bytes())])?;
        unlink(&self.folder, slot.id.as_bytes())?;
        Ok(true)
    }
}

/// Somebody appending to an upload. Dropped, it leaves what has come.
#[derive(Debug)]
pub struct Appending {
    inner: Arc<Inner>,
    slot: Arc<Slot>,
    turn: u64,
    file: File,
}

impl Appending {
    /// The upload as it is.
    pub fn upload(&self) -> Upload {
        self.slot.upload()
    }

    /// The turn, if it is still ours.
    fn turn(&self) -> Result<MutexGuard<'_, u64>, AppendError> {
        let turn = lock(&self.slot.turn);
        if *turn == self.turn { Ok(turn) } else { Err(AppendError::Superseded) }
    }

    /// Appends octets. After an error the offset counts what has come of them.
    pub fn write(&self, octets: &[u8], now: i64) -> Result<(), AppendError> {
        let _turn = self.turn()?;
        let UploadState { offset, length, .. } = *lock(&self.slot.state);
        let count = octets.len() as u64;
        if length.is_some_and(|length| count > length.saturating_sub(offset)) {
            return Err(AppendError::BeyondLength);
        }
        let before = self.inner.octets.fetch_add(count, Ordering::Relaxed);
        if before.saturating_add(count) > limits::UPLOADS_OCTETS {
            self.inner.octets.fetch_sub(count, Ordering::Relaxed);
            return Err(AppendError::Full);
        }
        let written = self.file.write_all_at(octets, offset);
        let end = match &written {
            Ok(()) => offset + count,
            // A disk that is full may have taken some of them.
            Err(_) => self.file.metadata().map_or(offset, |file| file.len().clamp(offset, offset + count)),
        };
        self.inner.octets.fetch_sub(offset + count - end, Ordering::Relaxed);
        let mut state = lock(&self.slot.state);
        state.offset = end;
        state.expires = now.saturating_add(limits::UPLOAD_TIME);
        Ok(written?)
    }

    /// Ends without being complete: what has come outlives a loss of power.
    pub fn end(self) -> Result<Upload, AppendError> {
        let turn = self.turn()?;
        self.sync()?;
        drop(turn);
        Ok(self.upload())
    }

    fn sync(&self) -> io::Result<()> {
        match self.inner.syncing {
            Syncing::Always => self.file.sync_data(),
            Syncing::Never => Ok(()),
        }
    }

    /// All has come: what it is for can be done. Until that has ended nobody can append, nor give it up.
    pub fn complete(self) -> Result<Whole, AppendError> {
        let turn = self.turn()?;
        let UploadState { offset, length, .. } = *lock(&self.slot.state);
        if length.is_some_and(|length| offset < length) {
            return Err(AppendError::ShortOfLength);
        }
        self.sync()?;
        let file = self.file.try_clone()?;
        lock(&self.slot.state).stage = Stage::Acting;
        drop(turn);
        Ok(Whole { inner: Arc::clone(&self.inner), slot: Arc::clone(&self.slot), file })
    }
}

/// An upload of which all has come. Dropped before it is finished, it is as it was before: one to whose end nothing is
/// missing but that this be said again.
#[derive(Debug)]
pub struct Whole {
    inner: Arc<Inner>,
    slot: Arc<Slot>,
    file: File,
}

impl Whole {
    /// The upload.
    pub fn upload(&self) -> Upload {
        self.slot.upload()
    }

    /// Its octets, on the disk.
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// The folder in which its file is, from where it may be moved to its target.
    pub fn folder(&self) -> BorrowedFd<'_> {
        self.inner.folder.as_fd()
    }

    /// The name of its file there.
    pub fn name(&self) -> &str {
        &self.slot.id
    }

    /// What it is for was done or refused. For a while it is still told that it is complete (UPL-005), to a client that has
    /// not heard; its file is removed, if it is still there.
    pub fn finish(self, now: i64) -> Result<Upload, StoreError> {
        let mut state = *lock(&self.slot.state);
        state.stage = Stage::Complete;
        state.length = Some(state.offset);
        state.expires = now.saturating_add(limits::UPLOAD_COMPLETE_TIME);
        state.stored = state.expires;
        *lock(&self.slot.state) = state;
        self.inner.octets.fetch_sub(state.offset, Ordering::Relaxed);
        self.inner.put(&self.slot, &state)?;
        unlink(&self.inner.folder, self.slot.id.as_bytes())?;
        Ok(self.slot.upload())
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        let mut state = lock(&self.slot.state);
        if state.stage == Stage::Acting {
            state.stage = Stage::Coming;
        }
    }
}

/// The names of the files in a folder.
fn names(folder: &OwnedFd) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_vec());
        }
    }
    Ok(names)
}

/// The length of a file, if there is such a file.
fn length_of(folder: &OwnedFd, name: &str) -> Result<Option<u64>, StoreError> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => {
            Ok(u64::try_from(stat.st_size).ok())
        }
        Ok(_) | Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn unlink(folder: &OwnedFd, name: &[u8]) -> Result<(), StoreError> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
