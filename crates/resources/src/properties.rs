//! Dead properties: what clients keep with a resource and the server only stores (RFC 4918 §4).
//!
//! A property's key is the path of the collection, the name in it, the property's namespace and its name there, each but the
//! last ended by an octet 0, which no path and no XML has. So the properties of all direct members of a collection stand
//! together, and those of a tree are three ranges.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::limits;

use crate::store::{Change, Expected, Reader, Record, Space, Store, StoreError, Watch, Writer, behind};

/// The name of a property.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Its namespace; empty: none.
    pub space: String,
    /// Its name in there.
    pub local: String,
}

/// A dead property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: Name,
    /// The `xml:lang` in force where it was set.
    pub language: Option<String>,
    /// Its inner XML, with all the namespaces it needs declared in it.
    pub content: Vec<u8>,
}

impl Property {
    fn octets(&self) -> usize {
        self.name.space.len()
            + self.name.local.len()
            + self.language.as_ref().map_or(0, String::len)
            + self.content.len()
    }

    fn write(&self) -> Vec<u8> {
        let language = self.language.as_deref();
        let out = Writer::default().option(language, |out, language| out.octets(language.as_bytes()));
        out.octets(&self.content).done()
    }
}

/// One step of a PROPPATCH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// Sets it.
    Set(Property),
    /// Removes it; that there is none is no error.
    Remove(Name),
}

impl Update {
    const fn name(&self) -> &Name {
        match self {
            Update::Set(property) => &property.name,
            Update::Remove(name) => name,
        }
    }
}

/// Why properties were not changed, and at which update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyRefusal {
    /// The property is larger than one may be, or has no name that one can have.
    TooLarge {
        /// Which of the updates it is.
        update: usize,
    },
    /// With it the resource has more properties than it may, in number or in octets.
    TooMany {
        /// Which of the updates it is.
        update: usize,
    },
}

/// A path in two parts: the collection, and the name in it. Those of the root are empty.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

fn member(collection: &[u8], name: &[u8]) -> Vec<u8> {
    if collection.is_empty() { name.to_vec() } else { [collection, b"/", name].concat() }
}

/// What the keys of a resource's own properties begin with.
fn own(path: &[u8]) -> Vec<u8> {
    let (collection, name) = split(path);
    [collection, b"\0", name, b"\0"].concat()
}

/// What the keys of a tree's properties begin with: the resource's own, its members', and those of the members of these.
fn tree(path: &[u8]) -> Vec<Vec<u8>> {
    if path.is_empty() { vec![Vec::new()] } else { vec![own(path), [path, b"\0"].concat(), [path, b"/"].concat()] }
}

fn is_within(path: &[u8], tree: &[u8]) -> bool {
    tree.is_empty() || path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// A key, read.
struct Key<'a> {
    collection: &'a [u8],
    member: &'a [u8],
    /// Namespace and name of the property, as they stand in the key.
    rest: &'a [u8],
}

impl<'a> Key<'a> {
    fn read(key: &'a [u8]) -> Result<Key<'a>, StoreError> {
        let mut parts = key.splitn(3, |&byte| byte == 0);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(collection), Some(member), Some(rest)) => Ok(Key { collection, member, rest }),
            _ => Err(damaged()),
        }
    }

    fn path(&self) -> Vec<u8> {
        member(self.collection, self.member)
    }

    fn name(&self) -> Result<Name, StoreError> {
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).map_err(|_| damaged());
        let at = self.rest.iter().position(|&byte| byte == 0).ok_or_else(damaged)?;
        Ok(Name { space: text(&self.rest[..at])?, local: text(&self.rest[at + 1..])? })
    }
}

fn damaged() -> StoreError {
    StoreError::Corrupt("the name of a property cannot be read".to_owned())
}

fn property(key: &Key<'_>, record: &Record) -> Result<Property, StoreError> {
    let mut reader = Reader::new(&record.value, "a property");
    let (language, content) = (reader.option(Reader::text)?, reader.octets()?);
    let name = key.name()?;
    reader.done(Some(Property { name, language, content }))
}

/// All dead properties.
#[derive(Debug)]
pub struct Properties {
    store: Arc<dyn Store>,
    watch: Watch,
    /// When it was last looked whether there is any, as the watch counts, and what was seen: twice the count, and one if
    /// there was none.
    seen: AtomicU64,
}

type Rows = Vec<(Vec<u8>, Record)>;

impl Properties {
    /// The properties in the store.
    pub fn open(store: Arc<dyn Store>) -> Result<Properties, StoreError> {
        let watch = store.watch(Space::Properties);
        let properties = Properties { store, watch, seen: AtomicU64::new(0) };
        properties.look()?;
        Ok(properties)
    }

    /// Is there surely none at all?
    pub fn is_empty(&self) -> bool {
        self.seen.load(Ordering::Acquire) == self.watch.count() * 2 + 1
    }

    /// Looks whether there is any.
    fn look(&self) -> Result<(), StoreError> {
        let count = self.watch.count();
        let none = self.store.scan(Space::Properties, b"", None, 1)?.is_empty();
        self.seen.store(count * 2 + u64::from(none), Ordering::Release);
        Ok(())
    }

    fn scan(&self, prefix: &[u8], from: &[u8], most: usize) -> Result<Rows, StoreError> {
        self.store.scan(Space::Properties, from, behind(prefix).as_deref(), most)
    }

    /// The properties of a resource, in the order of their names.
    pub fn of(&self, path: &[u8]) -> Result<Vec<Property>, StoreError> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = own(path);
        self.scan(&prefix, &prefix, usize::MAX)?
            .iter()
            .map(|(key, record)| property(&Key::read(key)?, record))
            .collect()
    }

    /// Is there one of the resource at this path, or of something beneath it?
    pub(crate) fn any(&self, path: &[u8]) -> Result<bool, StoreError> {
        if self.is_empty() {
            return Ok(false);
        }
        for prefix in tree(path) {
            if !self.scan(&prefix, &prefix, 1)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The properties of the direct members of a collection, by their names in it. Members that have none are not there.
    pub fn of_members(&self, collection: &[u8]) -> Result<BTreeMap<Vec<u8>, Vec<Property>>, StoreError> {
        let mut members: BTreeMap<Vec<u8>, Vec<Property>> = BTreeMap::new();
        if self.is_empty() {
            return Ok(members);
        }
        let prefix = [collection, b"\0"].concat();
        for (key, record) in self.scan(&prefix, &prefix, usize::MAX)? {
            let key = Key::read(&key)?;
            // The root has no name, and is not a member of itself.
            if !key.member.is_empty() {
                members.entry(key.member.to_vec()).or_default().push(property(&key, &record)?);
            }
        }
        Ok(members)
    }

    /// Changes the properties of a resource: in this order, all or none (RFC 4918 §9.2).
    pub fn change(&self, path: &[u8], updates: &[Update]) -> Result<Result<(), PropertyRefusal>, StoreError> {
        let before = self.of(path)?;
        if let Some(refusal) = refuses(&before, updates) {
            return Ok(Err(refusal));
        }
        // A later update undoes an earlier one of the same name.
        let mut last: BTreeMap<&Name, Option<Vec<u8>>> = BTreeMap::new();
        for update in updates {
            let value = match update {
                Update::Set(property) => Some(property.write()),
                Update::Remove(_) => None,
            };
            last.insert(update.name(), value);
        }
        let prefix = own(path);
        let keys = last.keys().map(|name| [&prefix, name.space.as_bytes(), b"\0", name.local.as_bytes()].concat());
        let keys: Vec<Vec<u8>> = keys.collect();
        let changes: Vec<_> = keys
            .iter()
            .zip(last.values())
            .map(|(key, value)| match value {
                Some(value) => put(key, value),
                None => delete(key),
            })
            .collect();
        self.apply(&changes)?;
        Ok(Ok(()))
    }

    /// A tree was copied: what stood at the other end is gone, and its members have the properties of these (RFC 4918
    /// §9.8.2). Into itself it can be copied as it was before.
    pub fn copied(&self, from: &[u8], to: &[u8]) -> Result<(), StoreError> {
        self.carry(from, &tree(from), to, false)
    }

    /// A resource was copied without its members (RFC 4918 §9.8.3).
    pub fn copied_alone(&self, from: &[u8], to: &[u8]) -> Result<(), StoreError> {
        self.carry(from, &[own(from)], to, false)
    }

    /// A tree was moved (RFC 4918 §9.9.1). It cannot have been moved into itself; then nothing is done.
    pub fn moved(&self, from: &[u8], to: &[u8]) -> Result<(), StoreError> {
        if is_within(to, from) { Ok(()) } else { self.carry(from, &tree(from), to, true) }
    }

    /// A tree was removed.
    pub fn removed(&self, path: &[u8]) -> Result<(), StoreError> {
        self.each_page(&tree(path), |rows| {
            let deletes: Vec<_> = rows.iter().map(|(key, _)| delete(key)).collect();
            self.apply(&deletes)
        })
    }

    /// Deletes the properties of what is no longer there, as a change may leave them that something else made.
    pub fn sweep(&self, exists: impl Fn(&[u8]) -> bool) -> Result<(), StoreError> {
        self.each_page(&[Vec::new()], |rows| {
            let mut deletes = Vec::new();
            let mut last: Option<(Vec<u8>, bool)> = None;
            for (key, record) in rows {
                let path = Key::read(key)?.path();
                let there = match &last {
                    Some((seen, there)) if *seen == path => *there,
                    _ => exists(&path),
                };
                if !there {
                    // What was set since it was read belongs to something new.
                    let expected = Expected::Version(record.version);
                    deletes.push(Change::DeleteIf { space: Space::Properties, key, expected });
                }
                last = Some((path, there));
            }
            self.apply(&deletes)
        })
    }

    /// Writes the rows of these ranges, which are those of a tree or of its root, as those of another.
    fn carry(&self, from: &[u8], ranges: &[Vec<u8>], to: &[u8], away: bool) -> Result<(), StoreError> {
        // Onto itself, or onto what it is in, nothing can be copied: that would have to be removed before.
        if self.is_empty() || is_within(from, to) {
            return Ok(());
        }
        let (mut replaced, mut puts) = (Vec::new(), Vec::new());
        let gather = |ranges: &[Vec<u8>], rows: &mut Rows| {
            ranges.iter().try_for_each(|prefix| {
                rows.extend(self.scan(prefix, prefix, usize::MAX)?);
                Ok::<_, StoreError>(())
            })
        };
        gather(&tree(to), &mut replaced)?;
        let mut rows = Rows::new();
        gather(ranges, &mut rows)?;
        for (key, record) in &rows {
            let key_read = Key::read(key)?;
            let path = key_read.path();
            // What stands there now was not part of the tree when it was copied.
            if is_within(&path, to) {
                continue;
            }
            let rest = path.strip_prefix(from).ok_or_else(damaged)?;
            let rest = rest.strip_prefix(b"/").unwrap_or(rest);
            let path = if rest.is_empty() { to.to_vec() } else { member(to, rest) };
            puts.push(([&own(&path), key_read.rest].concat(), key, record));
        }
        // All at once: a part of it, found after a crash, could not be told from what was there before. What is replaced and
        // not put anew is deleted first.
        let deletes = replaced.iter().map(|(key, _)| delete(key));
        let old = puts.iter().filter(|_| away).map(|(_, key, _)| delete(key));
        let new = puts.iter().map(|(key, _, record)| put(key, &record.value));
        self.apply(&deletes.chain(old).chain(new).collect::<Vec<_>>())
    }

    /// Does something with all rows of these ranges, so many at a time.
    fn each_page(
        &self,
        ranges: &[Vec<u8>],
        work: impl Fn(&[(Vec<u8>, Record)]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        for prefix in ranges {
            let mut from = prefix.clone();
            loop {
                let rows = self.scan(prefix, &from, limits::PROPERTIES_AT_ONCE)?;
                let Some((last, _)) = rows.last() else { break };
                // The next key behind it.
                from.clone_from(last);
                from.push(0);
                work(&rows)?;
            }
        }
        Ok(())
    }

    fn apply(&self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        if !changes.is_empty() {
            self.store.apply(changes)?;
            self.look()?;
        }
        Ok(())
    }
}

const fn put<'a>(key: &'a [u8], value: &'a [u8]) -> Change<'a> {
    Change::put(Space::Properties, key, value)
}

const fn delete(key: &[u8]) -> Change<'_> {
    Change::delete(Space::Properties, key)
}

/// Why these updates cannot be made to a resource that has these properties. An update that removes makes room for those
/// after it.
fn refuses(before: &[Property], updates: &[Update]) -> Option<PropertyRefusal> {
    let mut sizes: BTreeMap<&Name, usize> = before.iter().map(|property| (&property.name, property.octets())).collect();
    for (update, change) in updates.iter().enumerate() {
        match change {
            Update::Remove(name) => {
                sizes.remove(name);
            }
            Update::Set(property) => {
                let Name { space, local } = &property.name;
                let octets = property.octets();
                if octets > limits::PROPERTY || local.is_empty() || space.contains('\0') || local.contains('\0') {
                    return Some(PropertyRefusal::TooLarge { update });
                }
                sizes.insert(&property.name, octets);
                if sizes.len() > limits::PROPERTIES_ON_ONE || sizes.values().sum::<usize>() > limits::PROPERTIES_OCTETS
                {
                    return Some(PropertyRefusal::TooMany { update });
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
