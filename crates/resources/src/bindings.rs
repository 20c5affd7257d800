//! Names bound to resources that stand elsewhere (RFC 5842 §2): a second name in another collection, or in the same one.
//!
//! What a name is bound to stands as a plain file or folder at one place on the disk; the others are aliases, kept here. An
//! alias stands in a collection as that is on the disk, and leads to where the resource is on the disk; so no alias leads to
//! another, and following a path takes one look a name. All are in memory; the store follows first, so that nobody sees what
//! would not outlive the server. Whoever changes them holds a claim on the whole tree, so under any claim they stand still.
//! Files are not touched here.

mod identities;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use crate::limits;
use semantics::text::path::is_beneath;

use crate::look::member;
use crate::store::{Change, Space, Store, StoreError};
use crate::tree::install::split;
use crate::tree::is_reserved;

pub(crate) use identities::Identified;
use identities::Identities;

/// An alias, and where what it is bound to stands.
pub(crate) type Alias = (Vec<u8>, Vec<u8>);

/// All bindings but those that the disk itself has.
#[derive(Debug)]
pub struct Bindings {
    store: Arc<dyn Store>,
    table: RwLock<Table>,
    /// How many aliases are in the table.
    count: AtomicUsize,
    /// One change comes after the other; whoever only looks never waits for the disk.
    changing: Mutex<()>,
    pub(crate) identities: Identities,
}

#[derive(Debug, Default)]
struct Table {
    /// By the collection on the disk and the name in it: where what is bound there stands.
    members: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// By where a resource stands: its aliases.
    aliases: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    count: usize,
}

/// A change: what goes, and what comes.
#[derive(Debug, Default)]
struct Plan {
    gone: Vec<Vec<u8>>,
    new: Vec<Alias>,
}

impl Bindings {
    /// The bindings in the store.
    pub fn open(store: Arc<dyn Store>) -> Result<Bindings, StoreError> {
        let mut table = Table::default();
        // what lies before is no path: see the identities
        for (alias, record) in store.scan(Space::Bindings, &[1], None, usize::MAX)? {
            table.insert(&alias, &record.value);
        }
        let count = AtomicUsize::new(table.count);
        let identities = Identities::open(store.clone())?;
        Ok(Bindings { store, table: RwLock::new(table), count, changing: Mutex::new(()), identities })
    }

    /// Is there surely none at all?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// May so many more be made?
    pub(crate) fn has_room(&self, more: usize) -> bool {
        self.count.load(Ordering::Acquire).saturating_add(more) <= limits::BINDINGS
    }

    /// Where what a path names stands on the disk. It ends with the path, round whatever circles that leads.
    pub fn resolve<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        if self.is_empty() { Cow::Borrowed(path) } else { self.look().resolve(path) }
    }

    /// The binding that a path names: the collection on the disk, and the name in it, whatever is bound there.
    pub(crate) fn binding<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        if self.is_empty() {
            return Cow::Borrowed(path);
        }
        let (collection, name) = split(path);
        match self.look().resolve(collection) {
            Cow::Borrowed(_) => Cow::Borrowed(path),
            Cow::Owned(at) => Cow::Owned(member(&at, name)),
        }
    }

    /// Where what this binding is an alias of stands; none: it is no alias.
    pub(crate) fn aim(&self, binding: &[u8]) -> Option<Vec<u8>> {
        if self.is_empty() { None } else { self.look().aim(binding).map(<[u8]>::to_vec) }
    }

    /// The names that are bound by alias in a collection, each with where what it is bound to stands.
    pub(crate) fn members(&self, collection: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
        if self.is_empty() {
            return BTreeMap::new();
        }
        self.look().members.get(collection).cloned().unwrap_or_default()
    }

    /// The aliases of what stands there.
    pub(crate) fn of(&self, at: &[u8]) -> Vec<Vec<u8>> {
        if self.is_empty() {
            return Vec::new();
        }
        self.look().aliases.get(at).into_iter().flatten().cloned().collect()
    }

    /// Is there an alias in this tree, or of something in it, its root included?
    pub(crate) fn touches(&self, tree: &[u8]) -> bool {
        !self.is_empty() && {
            let table = self.look();
            table.aim(tree).is_some() || table.within(tree).next().is_some() || table.aims(tree).next().is_some()
        }
    }

    /// The aliases beneath a collection, each with where what it is bound to stands.
    pub(crate) fn beneath(&self, tree: &[u8]) -> Vec<Alias> {
        if self.is_empty() { Vec::new() } else { self.look().within(tree).collect() }
    }

    /// Something in this tree that has another binding outside of it, the outermost first: where it stands, and that binding.
    /// The root of the tree itself counts if that is wanted.
    pub(crate) fn escape(&self, tree: &[u8], root_too: bool) -> Option<Alias> {
        if self.is_empty() {
            return None;
        }
        let table = self.look();
        let mut aims = table.aims(tree).filter(|(at, _)| root_too || *at != tree);
        let outside = |alias: &&Vec<u8>| **alias != tree && !is_beneath(alias, tree);
        aims.find_map(|(at, aliases)| aliases.iter().find(outside).map(|alias| (at.to_vec(), alias.clone())))
    }

    /// The bindings by which something in reach of them is reached besides the path on the disk: its own aliases, those of the
    /// collections that it is in, and so on upwards.
    pub(crate) fn above(&self, at: &[u8]) -> Vec<Vec<u8>> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        if self.is_empty() {
            return found;
        }
        let table = self.look();
        let mut next = Some(at.to_vec());
        let mut seen = 0;
        while let Some(path) = next {
            let ends = path.iter().enumerate().filter(|(_, octet)| **octet == b'/').map(|(end, _)| end);
            for end in ends.chain([0, path.len()]) {
                for alias in table.aliases.get(&path[..end]).into_iter().flatten() {
                    if !found.contains(alias) {
                        found.push(alias.clone());
                    }
                }
            }
            next = found.get(seen).cloned();
            seen += 1;
        }
        found
    }

    /// Binds a name to what stands there, in the place of whatever alias it was, and of all beneath it.
    pub(crate) fn bind(&self, alias: &[u8], at: &[u8]) -> Result<(), StoreError> {
        self.change(|table| Plan { gone: table.tree(alias), new: vec![(alias.to_vec(), at.to_vec())] })
    }

    /// Unbinds an alias.
    pub(crate) fn unbind(&self, alias: &[u8]) -> Result<(), StoreError> {
        self.change(|_| Plan { gone: vec![alias.to_vec()], new: Vec::new() })
    }

    /// An alias comes to another name.
    pub(crate) fn rebind(&self, alias: &[u8], to: &[u8]) -> Result<(), StoreError> {
        self.change(|table| {
            let new = table.aim(alias).map(|at| (to.to_vec(), at.to_vec()));
            Plan { gone: [table.tree(to), vec![alias.to_vec()]].concat(), new: new.into_iter().collect() }
        })
    }

    /// A tree was moved to a place where nothing stands any more: the aliases in it, and those of what is in it, follow.
    pub(crate) fn moved(&self, from: &[u8], to: &[u8]) -> Result<(), StoreError> {
        self.identities.moved(from, to)?;
        self.change(|table| table.move_of(from, to))
    }

    /// The same, and its old name has become an alias: a tree and one of its aliases have changed places.
    pub(crate) fn exchanged(&self, from: &[u8], to: &[u8]) -> Result<(), StoreError> {
        self.identities.moved(from, to)?;
        self.change(|table| {
            let mut plan = table.move_of(from, to);
            plan.new.push((from.to_vec(), to.to_vec()));
            plan
        })
    }

    /// A tree was removed, and all aliases in it and of what was in it.
    pub(crate) fn removed(&self, tree: &[u8]) -> Result<(), StoreError> {
        self.identities.removed(tree)?;
        self.change(|table| Plan { gone: table.tree(tree), new: Vec::new() })
    }

    /// What stood beneath a collection was replaced, and these aliases came with what stands there now.
    pub(crate) fn replaced(&self, tree: &[u8], new: Vec<Alias>) -> Result<(), StoreError> {
        self.identities.removed_beneath(tree)?;
        self.change(|table| {
            let mut gone = table.tree(tree);
            // the collection itself is the same under all its other names
            gone.retain(|alias| is_beneath(alias, tree) || table.aim(alias) != Some(tree));
            Plan { gone, new }
        })
    }

    fn look(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change, all or none: in the store, then in memory.
    fn change(&self, plan: impl FnOnce(&Table) -> Plan) -> Result<(), StoreError> {
        let _only = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Plan { mut gone, new } = plan(&self.look());
        gone.retain(|alias| self.look().aim(alias).is_some() && new.iter().all(|(kept, _)| kept != alias));
        if gone.is_empty() && new.is_empty() {
            return Ok(());
        }
        let deletes = gone.iter().map(|alias| Change::delete(Space::Bindings, alias));
        let puts = new.iter().map(|(alias, at)| Change::put(Space::Bindings, alias, at));
        self.store.apply(&deletes.chain(puts).collect::<Vec<_>>())?;
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        gone.iter().for_each(|alias| table.remove(alias));
        new.iter().for_each(|(alias, at)| table.insert(alias, at));
        self.count.store(table.count, Ordering::Release);
        Ok(())
    }
}

impl Table {
    fn aim(&self, binding: &[u8]) -> Option<&[u8]> {
        let (collection, name) = split(binding);
        self.members.get(collection)?.get(name).map(Vec::as_slice)
    }

    fn resolve<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        // as long as no alias was met, it is the path itself
        let mut at: Option<Vec<u8>> = None;
        let mut start = 0;
        for name in path.split(|&octet| octet == b'/') {
            let collection = at.as_deref().unwrap_or(&path[..start.max(1) - 1]);
            let aim = self.members.get(collection).and_then(|members| members.get(name));
            start += name.len() + 1;
            at = match (aim, at) {
                (Some(aim), _) => Some(aim.clone()),
                (None, Some(at)) => Some(member(&at, name)),
                (None, None) => None,
            };
        }
        match at {
            // what is the server's own is reached by its own name alone
            Some(at) if !is_reserved(&at) => Cow::Owned(at),
            _ => Cow::Borrowed(path),
        }
    }

    /// The aliases beneath a collection.
    fn within(&self, tree: &[u8]) -> impl Iterator<Item = Alias> {
        range(&self.members, tree).flat_map(|(collection, members)| {
            members.iter().map(move |(name, at)| (member(collection, name), at.clone()))
        })
    }

    /// What has aliases in a tree, its root included; what is in something comes after it.
    fn aims(&self, tree: &[u8]) -> impl Iterator<Item = (&[u8], &BTreeSet<Vec<u8>>)> {
        range(&self.aliases, tree)
    }

    /// The aliases in a tree, its root included, and those of what stands in it.
    fn tree(&self, tree: &[u8]) -> Vec<Vec<u8>> {
        let root = self.aim(tree).map(|_| tree.to_vec());
        let within = self.within(tree).map(|(alias, _)| alias);
        let aims = self.aims(tree).flat_map(|(_, aliases)| aliases.iter().cloned());
        let all: BTreeSet<Vec<u8>> = root.into_iter().chain(within).chain(aims).collect();
        all.into_iter().collect()
    }

    /// What changes when a tree is moved.
    fn move_of(&self, from: &[u8], to: &[u8]) -> Plan {
        let follow = |path: &[u8]| match path.strip_prefix(from) {
            Some([]) => to.to_vec(),
            Some([b'/', rest @ ..]) => member(to, rest),
            _ => path.to_vec(),
        };
        let gone = self.tree(to);
        let aimed = self.aims(from).flat_map(|(at, aliases)| aliases.iter().map(move |alias| (alias, at)));
        let changed: BTreeMap<Vec<u8>, Vec<u8>> =
            self.within(from).chain(aimed.map(|(alias, at)| (alias.clone(), at.to_vec()))).collect();
        let kept = changed.iter().filter(|(alias, _)| !gone.contains(alias));
        let new = kept.map(|(alias, at)| (follow(alias), follow(at))).collect();
        Plan { gone: [gone, changed.into_keys().collect()].concat(), new }
    }

    fn insert(&mut self, alias: &[u8], at: &[u8]) {
        self.remove(alias);
        let (collection, name) = split(alias);
        self.members.entry(collection.to_vec()).or_default().insert(name.to_vec(), at.to_vec());
        self.aliases.entry(at.to_vec()).or_default().insert(alias.to_vec());
        self.count += 1;
    }

    fn remove(&mut self, alias: &[u8]) {
        let (collection, name) = split(alias);
        let Some(members) = self.members.get_mut(collection) else { return };
        let Some(at) = members.remove(name) else { return };
        if members.is_empty() {
            self.members.remove(collection);
        }
        if let Some(aliases) = self.aliases.get_mut(&at) {
            aliases.remove(alias);
            if aliases.is_empty() {
                self.aliases.remove(&at);
            }
        }
        self.count -= 1;
    }
}

/// The entries of a tree: its root, and what is beneath it.
fn range<'t, V>(map: &'t BTreeMap<Vec<u8>, V>, tree: &[u8]) -> impl Iterator<Item = (&'t [u8], &'t V)> {
    let prefix = if tree.is_empty() { Vec::new() } else { [tree, b"/"].concat() };
    let root = map.get_key_value(tree);
    let beneath = map
        .range::<[u8], _>((Bound::Included(&prefix[..]), Bound::Unbounded))
        .take_while(move |(path, _)| path.starts_with(&prefix))
        // everything begins with nothing, the root too
        .filter(|(path, _)| !path.is_empty());
    root.into_iter().chain(beneath).map(|(path, value)| (path.as_slice(), value))
}

#[cfg(test)]
mod tests;
