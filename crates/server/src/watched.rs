//! Has a file changed? By a look at it now and then, which works on every file system, and also when an editor puts a new file
//! in the place of the old one.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file that is looked at.
#[derive(Debug)]
pub struct Watched {
    path: Option<PathBuf>,
    seen: Option<FileStamp>,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl FileStamp {
    fn of(metadata: &Metadata) -> FileStamp {
        FileStamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

impl Watched {
    /// This file as it is now; or none.
    pub fn new(path: Option<&Path>) -> Watched {
        let mut watched = Watched { path: path.map(Path::to_path_buf), seen: None };
        watched.has_changed();
        watched
    }

    /// Is there a file to look at?
    pub fn is_some(&self) -> bool {
        self.path.is_some()
    }

    /// Has it changed since the last look? A file that is not there for the moment has not: an editor is about to put it back.
    pub fn has_changed(&mut self) -> bool {
        let Some(path) = &self.path else { return false };
        let Ok(metadata) = std::fs::metadata(path) else { return false };
        let state = FileStamp::of(&metadata);
        self.seen.replace(state).is_some_and(|seen| seen != state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_once() {
        let path = std::env::temp_dir().join(format!("because-watched-{}", std::process::id()));
        std::fs::write(&path, "a").expect("writes");
        let mut watched = Watched::new(Some(&path));
        assert!(!watched.has_changed());
        std::fs::write(&path, "ab").expect("writes");
        assert!(watched.has_changed() && !watched.has_changed());
        std::fs::remove_file(&path).expect("is there");
        assert!(!watched.has_changed(), "it is about to come back");
        std::fs::write(&path, "abc").expect("writes");
        assert!(watched.has_changed());
        std::fs::remove_file(&path).expect("is there");
        assert!(!Watched::new(None).has_changed());
    }
}
