//! What is about to be done to files and to what the store knows of them: written down before, struck out after.
//!
//! A rename and a change of the store are two steps, and a crash may come between them. Then the next start finds the intent
//! and does the second step, if the first was done; which is told by what stands at the new name. Where nothing is known in
//! the store of what is moved or replaced, nothing is written down: then there is no second step.

use std::sync::Arc;

use crate::limits;
use rustix::fs::Stat;

use crate::bindings::Bindings;
use crate::locks::Locks;
use crate::properties::Properties;
use crate::store::{Change, Reader, Space, Store, StoreError, Writer, random_name};

/// Which thing stands at a name: the same after a rename, and another after a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// What the file system says of it.
    #[allow(clippy::unnecessary_cast)] // the widths differ from one architecture to the next
    pub(crate) fn of(stat: &Stat) -> FileId {
        FileId { device: stat.st_dev as u64, inode: stat.st_ino as u64 }
    }
}

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MoveStep {
    /// A tree goes from one name to another.
    Move,
    /// A copy of a tree comes to a name.
    Copy,
    /// A copy of a resource comes to a name, without its members.
    CopyAlone,
}

/// An intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) step: MoveStep,
    pub(crate) from: Vec<u8>,
    pub(crate) to: Vec<u8>,
    /// What will stand at the new name when the first step is done.
    pub(crate) thing: FileId,
    /// Something was known of what is moved: once it no longer is, the second step was done.
    known: bool,
}

/// The intents of the server.
#[derive(Debug)]
pub(crate) struct Intents {
    store: Arc<dyn Store>,
}

/// An intent that is written down.
#[must_use = "an intent that is not struck out is finished at the next start"]
#[derive(Debug)]
pub(crate) struct Written {
    key: Option<String>,
}

impl Intents {
    pub(crate) fn new(store: Arc<dyn Store>) -> Intents {
        Intents { store }
    }

    /// Writes down what is about to be done, if the store has a part in it.
    pub(crate) fn write(
        &self,
        (properties, bindings): (&Properties, &Bindings),
        step: MoveStep,
        (from, to): (&[u8], &[u8]),
        thing: FileId,
    ) -> Result<Written, StoreError> {
        if properties.is_empty() && bindings.is_empty() {
            return Ok(Written { key: None });
        }
        let intent = Intent { step, from: from.to_vec(), to: to.to_vec(), thing, known: properties.any(from)? };
        let key = random_name()?;
        self.store.apply(&[Change::put(Space::Intents, key.as_bytes(), &intent.write())])?;
        Ok(Written { key: Some(key) })
    }

    /// Strikes an intent out: both of its steps were done, or none.
    pub(crate) fn strike(&self, written: Written) -> Result<(), StoreError> {
        if let Some(key) = written.key {
            self.store.apply(&[Change::delete(Space::Intents, key.as_bytes())])?;
        }
        Ok(())
    }

    /// Finishes what an earlier server began: `stands` tells what stands at a name now.
    pub(crate) fn finish(
        &self,
        properties: &Properties,
        (locks, bindings): (&Locks, &Bindings),
        stands: impl Fn(&[u8]) -> Option<FileId>,
    ) -> Result<(), StoreError> {
        for (key, record) in self.store.scan(Space::Intents, b"", None, limits::INTENTS)? {
            let intent = Intent::read(&record.value)?;
            if stands(&intent.to) == Some(intent.thing) {
                intent.finish(properties, locks)?;
                if intent.step == MoveStep::Move {
                    bindings.moved(&intent.from, &intent.to)?;
                }
            }
            self.store.apply(&[Change::delete(Space::Intents, &key)])?;
        }
        Ok(())
    }
}

impl Intent {
    /// Does the second step, which may have been done already.
    fn finish(&self, properties: &Properties, locks: &Locks) -> Result<(), StoreError> {
        let Intent { step, from, to, known, .. } = self;
        match step {
            MoveStep::Move => {
                locks.remove_tree(from)?;
                if properties.any(from)? {
                    properties.moved(from, to)
                } else if *known {
                    Ok(())
                } else {
                    // nothing came along, and what was known of the one replaced is not of this one
                    properties.removed(to)
                }
            }
            MoveStep::Copy => properties.copied(from, to),
            MoveStep::CopyAlone => properties.copied_alone(from, to),
        }
    }

    fn write(&self) -> Vec<u8> {
        let step = match self.step {
            MoveStep::Move => 0,
            MoveStep::Copy => 1,
            MoveStep::CopyAlone => 2,
        };
        let written = Writer::default().byte(step).octets(&self.from).octets(&self.to);
        written.u64(self.thing.device).u64(self.thing.inode).bool(self.known).done()
    }

    fn read(value: &[u8]) -> Result<Intent, StoreError> {
        let mut reader = Reader::new(value, "an intent");
        let step = match reader.byte()? {
            0 => MoveStep::Move,
            1 => MoveStep::Copy,
            2 => MoveStep::CopyAlone,
            _ => return Err(StoreError::Corrupt("an intent of an unknown kind".to_owned())),
        };
        let (from, to) = (reader.octets()?, reader.octets()?);
        let thing = FileId { device: reader.u64()?, inode: reader.u64()? };
        let known = reader.bool()?;
        reader.done(Some(Intent { step, from, to, thing, known }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::{Name, Property, Update};
    use crate::testing::Folder;

    struct World {
        store: Arc<dyn Store>,
        properties: Properties,
        locks: Locks,
        bindings: Bindings,
        intents: Intents,
    }

    fn world(folder: &Folder) -> World {
        let store = crate::store::tests::store(folder);
        World {
            properties: Properties::open(store.clone()).expect("opens"),
            locks: Locks::open(store.clone(), 0).expect("opens"),
            bindings: Bindings::open(store.clone()).expect("opens"),
            intents: Intents::new(store.clone()),
            store,
        }
    }

    impl World {
        fn mark(&self, path: &str) {
            let name = Name { space: String::new(), local: "at".to_owned() };
            let property = Property { name, language: None, content: path.as_bytes().to_vec() };
            self.properties.change(path.as_bytes(), &[Update::Set(property)]).expect("is stored").expect("fits");
        }

        fn at(&self, path: &str) -> Option<String> {
            let found = self.properties.of(path.as_bytes()).expect("is read");
            found.first().map(|property| String::from_utf8(property.content.clone()).expect("text"))
        }

        fn intend(&self, step: MoveStep) -> Written {
            self.intents.write((&self.properties, &self.bindings), step, (b"a", b"b"), THING).expect("is stored")
        }

        /// What a start does when this stands at the new name.
        fn start(&self, stands: Option<FileId>) {
            self.intents
                .finish(&self.properties, (&self.locks, &self.bindings), |path| stands.filter(|_| path == b"b"))
                .expect("is finished");
            assert_eq!(self.store.scan(Space::Intents, b"", None, 9).expect("is read"), []);
        }
    }

    const THING: FileId = FileId { device: 1, inode: 7 };
    const OTHER: FileId = FileId { device: 1, inode: 8 };

    #[test]
    fn a_move_that_was_cut_off_is_finished_or_was_never_begun() {
        for (stands, a, b) in
            [(Some(THING), None, Some("a")), (Some(OTHER), Some("a"), Some("b")), (None, Some("a"), Some("b"))]
        {
            let folder = Folder::new();
            let world = world(&folder);
            world.mark("a");
            world.mark("b");
            let _ = world.intend(MoveStep::Move);
            world.start(stands);
            assert_eq!((world.at("a").as_deref(), world.at("b").as_deref()), (a, b), "{stands:?}");
        }
    }

    #[test]
    fn the_second_step_is_not_done_twice() {
        let folder = Folder::new();
        let world = world(&folder);
        world.mark("a");
        let _ = world.intend(MoveStep::Move);
        world.properties.moved(b"a", b"b").expect("is moved");
        world.start(Some(THING));
        assert_eq!(world.at("b").as_deref(), Some("a"));
    }

    #[test]
    fn what_was_known_of_the_replaced_goes_with_it() {
        let folder = Folder::new();
        let world = world(&folder);
        world.mark("b");
        let _ = world.intend(MoveStep::Move);
        world.start(Some(THING));
        assert_eq!(world.at("b"), None);
    }

    #[test]
    fn what_is_struck_out_is_forgotten_and_without_properties_nothing_is_written() {
        let folder = Folder::new();
        let world = world(&folder);
        let none = world.intend(MoveStep::Copy);
        assert!(none.key.is_none());
        world.mark("a");
        let written = world.intend(MoveStep::Copy);
        assert_eq!(world.store.scan(Space::Intents, b"", None, 9).expect("is read").len(), 1);
        world.intents.strike(written).expect("is struck out");
        world.start(Some(THING));
        assert_eq!((world.at("a").as_deref(), world.at("b")), (Some("a"), None));
    }
}
