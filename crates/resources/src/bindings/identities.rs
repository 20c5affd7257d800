//! What a resource is, under whatever name: its `DAV:resource-id` (RFC 5842 §3.1).
//!
//! An identity is made when it is first asked for, kept by where the resource stands on the disk, and goes with it. Its key
//! is that path behind an octet 0, which no path has; so none is ever taken for an alias.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::limits;

use crate::locks::fresh_token;
use crate::look::member;
use crate::store::{Applied, Change, Expected, Record, Space, Store, StoreError, behind};

/// What all keys begin with.
const MARK: &[u8] = b"\0";

/// The identities that were asked for.
#[derive(Debug)]
pub(crate) struct Identities {
    store: Arc<dyn Store>,
    /// How many there are.
    pub(super) count: AtomicUsize,
}

/// Identities that one request asks for; those that are new are kept all at once.
#[derive(Debug, Default)]
pub(crate) struct Identified {
    new: BTreeMap<Vec<u8>, String>,
}

fn key(path: &[u8]) -> Vec<u8> {
    [MARK, path].concat()
}

/// What the keys beneath a collection begin with.
fn below(tree: &[u8]) -> Vec<u8> {
    if tree.is_empty() { MARK.to_vec() } else { [MARK, tree, b"/"].concat() }
}

impl Identities {
    pub(super) fn open(store: Arc<dyn Store>) -> Result<Identities, StoreError> {
        let identities = Identities { store, count: AtomicUsize::new(0) };
        let mut count = 0;
        identities.each_page(MARK, |rows| {
            count += rows.len();
            Ok(())
        })?;
        identities.count.store(count, Ordering::Relaxed);
        Ok(identities)
    }

    /// What stands there is, as far as that may be told: there is a limit to how many are kept.
    pub(crate) fn of(&self, path: &[u8], asked: &mut Identified) -> Result<Option<String>, StoreError> {
        if let Some(identity) = asked.new.get(path) {
            return Ok(Some(identity.clone()));
        }
        if let Some(record) = self.store.get(Space::Bindings, &key(path))? {
            return Ok(String::from_utf8(record.value).ok());
        }
        if self.count.load(Ordering::Relaxed) + asked.new.len() >= limits::IDENTITIES {
            return Ok(None);
        }
        let identity = fresh_token()?;
        asked.new.insert(path.to_vec(), identity.clone());
        Ok(Some(identity))
    }

    /// Keeps what is new. False: somebody else has just asked for one of them, and was told another identity.
    pub(crate) fn keep(&self, asked: Identified) -> Result<bool, StoreError> {
        if asked.new.is_empty() {
            return Ok(true);
        }
        let keys: Vec<Vec<u8>> = asked.new.keys().map(|path| key(path)).collect();
        let values = asked.new.values().map(String::as_bytes);
        let put = |(key, value)| Change::PutIf { space: Space::Bindings, key, expected: Expected::Nothing, value };
        match self.store.apply(&keys.iter().map(Vec::as_slice).zip(values).map(put).collect::<Vec<_>>())? {
            Applied::Done(_) => {
                self.count.fetch_add(keys.len(), Ordering::Relaxed);
                Ok(true)
            }
            Applied::Refused { .. } => Ok(false),
        }
    }

    /// A tree was moved; what stood at the other end is gone.
    pub(super) fn moved(&self, from: &[u8], to: &[u8]) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        self.removed(to)?;
        if let Some(record) = self.store.get(Space::Bindings, &key(from))? {
            self.apply(&[
                Change::put(Space::Bindings, &key(to), &record.value),
                Change::delete(Space::Bindings, &key(from)),
            ])?;
        }
        let prefix = below(from);
        self.each_page(&prefix, |rows| {
            let rests = rows.iter().filter_map(|(row, _)| row.strip_prefix(&prefix[..]));
            let new: Vec<Vec<u8>> = rests.map(|rest| key(&member(to, rest))).collect();
            let puts = new.iter().zip(rows).map(|(new, (_, record))| Change::put(Space::Bindings, new, &record.value));
            let deletes = rows.iter().map(|(row, _)| Change::delete(Space::Bindings, row));
            self.apply(&puts.chain(deletes).collect::<Vec<_>>())
        })
    }

    /// A tree was removed.
    pub(crate) fn removed(&self, tree: &[u8]) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        if self.store.get(Space::Bindings, &key(tree))?.is_some() {
            self.delete(&[key(tree)])?;
        }
        self.removed_beneath(tree)
    }

    /// What was beneath a collection was removed.
    pub(super) fn removed_beneath(&self, tree: &[u8]) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        self.each_page(&below(tree), |rows| self.delete(&rows.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>()))
    }

    fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    fn delete(&self, keys: &[Vec<u8>]) -> Result<(), StoreError> {
        self.apply(&keys.iter().map(|key| Change::delete(Space::Bindings, key)).collect::<Vec<_>>())?;
        self.count.fetch_sub(keys.len(), Ordering::Relaxed);
        Ok(())
    }

    fn apply(&self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        self.store.apply(changes).map(drop)
    }

    /// Does something with all rows whose keys begin so, so many at a time.
    fn each_page(
        &self,
        prefix: &[u8],
        mut work: impl FnMut(&[(Vec<u8>, Record)]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (mut from, until) = (prefix.to_vec(), behind(prefix));
        loop {
            let rows = self.store.scan(Space::Bindings, &from, until.as_deref(), limits::IDENTITIES_AT_ONCE)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            // the next key behind it
            from.clone_from(last);
            from.push(0);
            work(&rows)?;
        }
    }
}
