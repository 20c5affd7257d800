//! The segments with `*` in them that may follow at one place, found by how a name begins or ends.
//!
//! Ten thousand of `*.ext` would each be tried on every name otherwise.

use std::collections::HashMap;

use crate::pattern::segment::Glob;

/// Where they lead.
#[derive(Clone, Debug, Default)]
pub(super) struct Globs {
    /// Those that begin with an octet, by what stands before their first wildcard.
    beginning: Table,
    /// Of the others, those that end with one, by what stands behind their last.
    ending: Table,
    /// Those that begin and end with a wildcard.
    between: Vec<(Glob, u32)>,
}

#[derive(Clone, Debug, Default)]
struct Table {
    globs: HashMap<Box<[u8]>, Vec<(Glob, u32)>>,
    /// The lengths of the keys, sorted: as often a name is looked up.
    lengths: Vec<usize>,
}

impl Globs {
    /// Adds one that leads to a child.
    pub(super) fn insert(&mut self, glob: Glob, child: u32) {
        let (first, last) = glob.ends();
        let (table, key) = match (first, last) {
            ([], []) => return self.between.push((glob, child)),
            ([], last) => (&mut self.ending, last),
            (first, _) => (&mut self.beginning, first),
        };
        if let Err(place) = table.lengths.binary_search(&key.len()) {
            table.lengths.insert(place, key.len());
        }
        table.globs.entry(key.into()).or_default().push((glob, child));
    }

    /// Where those lead that match a name.
    pub(super) fn matches(&self, name: &[u8], found: &mut dyn FnMut(u32)) {
        let mut look = |globs: &[(Glob, u32)]| {
            globs.iter().filter(|(glob, _)| glob.matches(name)).for_each(|(_, child)| found(*child));
        };
        for &length in self.beginning.lengths.iter().take_while(|&&length| length <= name.len()) {
            self.beginning.globs.get(&name[..length]).into_iter().for_each(|globs| look(globs));
        }
        for &length in self.ending.lengths.iter().take_while(|&&length| length <= name.len()) {
            self.ending.globs.get(&name[name.len() - length..]).into_iter().for_each(|globs| look(globs));
        }
        look(&self.between);
    }
}
