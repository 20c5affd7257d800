//! Write locks: who holds which, how far they reach, and when they end (RFC 4918 §6, §7).
//!
//! What follows from a lock is the decision's. All locks are in memory, so that asking for them never waits; the store
//! follows, so that they outlive the server. Whoever wrote a lock to the store looks at the memory again, and deletes what is
//! no longer there.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::limits;
use semantics::text::path::is_beneath;

use crate::store::{Change, Expected, Reader, Space, Store, StoreError, Writer, random_octets};

/// A lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Its token, an absolute URI: `urn:uuid:…`.
    pub token: String,
    /// The decoded path that it was made on, without slashes at its ends.
    pub root: Vec<u8>,
    /// Does it reach all members, present and future?
    pub infinite: bool,
    /// Does it exclude every other lock?
    pub exclusive: bool,
    /// What its owner said of itself: the inner XML of `DAV:owner`, with all the namespaces it needs declared in it.
    pub owner: Vec<u8>,
    /// For how many seconds it was granted.
    pub seconds: u32,
    /// When it ends, in seconds of Unix time.
    pub expires: i64,
}

impl Lock {
    /// Does it bear on this path (RFC 4918 §7.4)?
    pub fn covers(&self, path: &[u8]) -> bool {
        self.root == path || self.infinite && is_beneath(path, &self.root)
    }

    /// Has it not ended?
    pub const fn lives(&self, now: i64) -> bool {
        self.expires > now
    }

    fn write(&self) -> Vec<u8> {
        let out = Writer::default().octets(&self.root).bool(self.infinite).bool(self.exclusive).octets(&self.owner);
        out.u32(self.seconds).i64(self.expires).done()
    }

    fn read(token: Vec<u8>, value: &[u8]) -> Result<Lock, StoreError> {
        let mut reader = Reader::new(value, "a lock");
        let (root, infinite, exclusive) = (reader.octets()?, reader.bool()?, reader.bool()?);
        let (owner, seconds, expires) = (reader.octets()?, reader.u32()?, reader.i64()?);
        let token = String::from_utf8(token).ok();
        let lock = token.map(|token| Lock { token, root, infinite, exclusive, owner, seconds, expires });
        reader.done(lock)
    }
}

/// Why a lock was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockRefusal {
    /// These stand in its way (RFC 4918 §6.1).
    Conflict(Vec<Arc<Lock>>),
    /// There are as many as there may be, here or in all.
    TooMany,
    /// The owner says more of itself than we keep.
    OwnerTooLong,
}

/// A token that nobody has had and nobody can guess (RFC 4918 §6.5): a UUID of random octets (RFC 9562 §5.4).
pub fn fresh_token() -> Result<String, StoreError> {
    let mut octets: [u8; 16] = random_octets()?;
    octets[6] = octets[6] & 0x0f | 0x40;
    octets[8] = octets[8] & 0x3f | 0x80;
    let mut token = String::from("urn:uuid:");
    for (at, octet) in octets.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            token.push('-');
        }
        token.push_str(&format!("{octet:02x}"));
    }
    Ok(token)
}

/// For how many seconds a lock is granted, if so many were asked for; none: for ever. The server decides (RFC 4918 §6.6).
pub fn granted(asked: Option<u32>) -> u32 {
    asked.map_or(limits::LOCK_TIME, |asked| asked.clamp(1, limits::LOCK_TIME))
}

/// All locks.
#[derive(Debug)]
pub struct Locks {
    store: Arc<dyn Store>,
    table: RwLock<Table>,
    /// How many are in the table, some of which may have ended.
    count: AtomicUsize,
}

#[derive(Debug, Default)]
struct Table {
    by_root: BTreeMap<Vec<u8>, Vec<Arc<Lock>>>,
    roots: HashMap<String, Vec<u8>>,
}

impl Table {
    fn insert(&mut self, lock: Arc<Lock>) {
        self.roots.insert(lock.token.clone(), lock.root.clone());
        self.by_root.entry(lock.root.clone()).or_default().push(lock);
    }

    fn find(&self, token: &str) -> Option<&Arc<Lock>> {
        self.by_root.get(self.roots.get(token)?)?.iter().find(|lock| lock.token == token)
    }

    fn remove(&mut self, token: &str) -> Option<Arc<Lock>> {
        let root = self.roots.remove(token)?;
        let locks = self.by_root.get_mut(&root)?;
        let lock = locks.iter().position(|lock| lock.token == token).map(|at| locks.swap_remove(at));
        if locks.is_empty() {
            self.by_root.remove(&root);
        }
        lock
    }

    /// The locks made on a path.
    fn at(&self, path: &[u8]) -> impl Iterator<Item = &Arc<Lock>> {
        self.by_root.get(path).into_iter().flatten()
    }

    fn covering(&self, path: &[u8], now: i64) -> Vec<Arc<Lock>> {
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let above = if path.is_empty() { None } else { Some(0) };
        let ancestors = above.into_iter().chain(slashes).map(|end| &path[..end]);
        let inherited = ancestors.flat_map(|ancestor| self.at(ancestor)).filter(|lock| lock.infinite);
        inherited.chain(self.at(path)).filter(|lock| lock.lives(now)).map(Arc::clone).collect()
    }

    fn all_beneath(&self, path: &[u8]) -> impl Iterator<Item = &Arc<Lock>> {
        let first = if path.is_empty() { Vec::new() } else { [path, b"/"].concat() };
        let range = (Bound::Excluded(first.clone()), Bound::Unbounded);
        self.by_root
            .range::<Vec<u8>, _>(range)
            .take_while(move |(root, _)| root.starts_with(&first))
            .flat_map(|(_, locks)| locks)
    }

    fn beneath(&self, path: &[u8], now: i64) -> Vec<Arc<Lock>> {
        self.all_beneath(path).filter(|lock| lock.lives(now)).map(Arc::clone).collect()
    }

    fn ended(&self, now: i64) -> Vec<String> {
        self.by_root.values().flatten().filter(|lock| !lock.lives(now)).map(|lock| lock.token.clone()).collect()
    }

    fn refuses(&self, lock: &Lock, now: i64) -> Option<LockRefusal> {
        if lock.owner.len() > limits::LOCK_OWNER {
            return Some(LockRefusal::OwnerTooLong);
        }
        // An infinite lock reaches the members too: all of them or none (RFC 4918 §7.4).
        let beneath = if lock.infinite { self.beneath(&lock.root, now) } else { Vec::new() };
        let mut others = [self.covering(&lock.root, now), beneath].concat();
        others.retain(|other| other.exclusive || lock.exclusive);
        if !others.is_empty() {
            return Some(LockRefusal::Conflict(others));
        }
        let here = self.at(&lock.root).filter(|other| other.lives(now)).count();
        let full = here >= limits::LOCKS_ON_ONE || self.roots.len() >= limits::LOCKS;
        full.then_some(LockRefusal::TooMany)
    }
}

impl Locks {
    /// The locks in the store that have not ended.
    pub fn open(store: Arc<dyn Store>, now: i64) -> Result<Locks, StoreError> {
        let mut table = Table::default();
        for (token, record) in store.scan(Space::Locks, b"", None, usize::MAX)? {
            let lock = Lock::read(token, &record.value)?;
            if lock.lives(now) {
                table.insert(Arc::new(lock));
            }
        }
        let count = AtomicUsize::new(table.roots.len());
        let locks = Locks { store, table: RwLock::new(table), count };
        locks.sweep(now)?;
        Ok(locks)
    }

    /// Is there surely none at all?
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// The locks that bear on a path: made on it, or infinite on a collection that it is in; the outermost first.
    pub fn covering(&self, path: &[u8], now: i64) -> Vec<Arc<Lock>> {
        if self.is_empty() { Vec::new() } else { self.look().covering(path, now) }
    }

    /// The locks made on members of a collection, at any depth.
    pub fn beneath(&self, path: &[u8], now: i64) -> Vec<Arc<Lock>> {
        if self.is_empty() { Vec::new() } else { self.look().beneath(path, now) }
    }

    /// The lock of this token.
    pub fn find(&self, token: &str, now: i64) -> Option<Arc<Lock>> {
        if self.is_empty() { None } else { self.look().find(token).filter(|lock| lock.lives(now)).map(Arc::clone) }
    }

    /// Makes a lock, if nothing stands in its way: an exclusive one stands in the way of any, any in that of an exclusive one
    /// (RFC 4918 §6.2). Its seconds are what is [`granted`] of what it says; when it ends follows from them.
    pub fn add(&self, lock: Lock, now: i64) -> Result<Result<Arc<Lock>, LockRefusal>, StoreError> {
        let seconds = granted(Some(lock.seconds));
        let lock = Arc::new(Lock { seconds, expires: now.saturating_add(i64::from(seconds)), ..lock });
        if self.count.load(Ordering::Acquire) >= limits::LOCKS {
            self.sweep(now)?;
        }
        if let Some(refusal) = self.change(|table| {
            let refusal = table.refuses(&lock, now);
            if refusal.is_none() {
                table.insert(Arc::clone(&lock));
            }
            refusal
        }) {
            return Ok(Err(refusal));
        }
        match self.store(&lock) {
            Ok(()) => Ok(Ok(lock)),
            Err(error) => {
                self.change(|table| table.remove(&lock.token));
                Err(error)
            }
        }
    }

    /// Lets a lock begin anew (RFC 4918 §9.10.2), asked for at this path. None if there is no such lock or it does not bear on
    /// the path.
    pub fn refresh(&self, token: &str, path: &[u8], seconds: u32, now: i64) -> Result<Option<Arc<Lock>>, StoreError> {
        let Some(before) = self.find(token, now).filter(|lock| lock.covers(path)) else { return Ok(None) };
        let seconds = granted(Some(seconds));
        let expires = now.saturating_add(i64::from(seconds));
        let lock = Arc::new(Lock { seconds, expires, ..Lock::clone(&before) });
        self.store(&lock)?;
        let still = self.change(|table| table.remove(token).map(|_| table.insert(Arc::clone(&lock))));
        Ok(still.map(|()| lock))
    }

    /// Ends a lock. Was there one?
    pub fn remove(&self, token: &str) -> Result<bool, StoreError> {
        let removed = self.change(|table| table.remove(token));
        self.delete(removed.iter().map(|lock| lock.token.as_str()))?;
        Ok(removed.is_some())
    }

    /// Ends all locks made on a path or on what is beneath it: what is deleted or moved away loses them (RFC 4918 §9.6,
    /// §7.5).
    pub fn remove_tree(&self, path: &[u8]) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        let tokens = self.change(|table| {
            let tokens: Vec<String> =
                table.at(path).chain(table.all_beneath(path)).map(|lock| lock.token.clone()).collect();
            for token in &tokens {
                table.remove(token);
            }
            tokens
        });
        self.delete(tokens.iter().map(String::as_str))
    }

    /// Forgets the locks that have ended, and what the store holds of locks that are gone.
    pub fn sweep(&self, now: i64) -> Result<(), StoreError> {
        self.change(|table| {
            for token in table.ended(now) {
                table.remove(&token);
            }
        });
        // A lock is in memory before it is in the store: what is only in the store is left over.
        let stored = self.store.scan(Space::Locks, b"", None, usize::MAX)?;
        let table = self.look();
        let left: Vec<_> = stored
            .iter()
            .filter(|(token, _)| !str::from_utf8(token).is_ok_and(|token| table.roots.contains_key(token)))
            .map(|(token, record)| Change::DeleteIf {
                space: Space::Locks,
                key: token,
                expected: Expected::Version(record.version),
            })
            .collect();
        drop(table);
        if left.is_empty() { Ok(()) } else { self.store.apply(&left).map(drop) }
    }

    fn look(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Table) -> T) -> T {
        let mut table: RwLockWriteGuard<'_, Table> = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut table);
        self.count.store(table.roots.len(), Ordering::Release);
        changed
    }

    /// Writes a lock to the store, where it stays only if it is still in memory then.
    fn store(&self, lock: &Lock) -> Result<(), StoreError> {
        self.store.apply(&[Change::put(Space::Locks, lock.token.as_bytes(), &lock.write())])?;
        if self.look().find(&lock.token).is_none() { self.delete([lock.token.as_str()].into_iter()) } else { Ok(()) }
    }

    fn delete<'a>(&self, tokens: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
        let deletes: Vec<_> = tokens.map(|token| Change::delete(Space::Locks, token.as_bytes())).collect();
        if deletes.is_empty() { Ok(()) } else { self.store.apply(&deletes).map(drop) }
    }
}

#[cfg(test)]
mod tests;
