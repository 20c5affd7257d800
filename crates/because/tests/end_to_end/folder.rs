//! Folders to be served: temporary ones, and the sample site.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What the name of every temporary folder holds; no answer may ever hold it.
pub(crate) const MARK: &str = "because-e2e";

/// A temporary folder with a `root` to be served and room beside it. It goes when dropped.
pub(crate) struct Folder {
    whole: PathBuf,
}

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let whole = std::env::temp_dir().join(format!("{MARK}-{}-{nth}", std::process::id()));
        fs::create_dir_all(whole.join("root")).expect("a temporary folder can be made");
        Folder { whole }
    }

    /// One with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    /// What is served.
    pub(crate) fn root(&self) -> PathBuf {
        self.whole.join("root")
    }

    /// A place beside what is served.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.whole.join(name)
    }

    /// The path of a member.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file, and the folders that lead to it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("is inside")).expect("a folder can be made");
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Makes a folder.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        fs::create_dir_all(self.path(name)).expect("a folder can be made");
        self.path(name)
    }

    /// What a file holds now.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name} can be read: {e}"))
    }

    /// The names in a folder, in order; those of the server's own are left out.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let members = fs::read_dir(self.path(name)).unwrap_or_else(|e| panic!("{name} can be read: {e}"));
        let mut names: Vec<String> =
            members.map(|member| member.expect("is there").file_name().into_string().expect("text")).collect();
        names.retain(|name| name != ".because");
        names.sort();
        names
    }

    /// Has the server left nothing of what it was making?
    pub(crate) fn is_tidy(&self) -> bool {
        self.names(".because/temporary").is_empty()
    }

    /// Makes a symbolic link.
    pub(crate) fn link(&self, name: &str, to: impl AsRef<Path>) {
        std::os::unix::fs::symlink(to, self.path(name)).expect("a link can be made");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // what cannot be removed is left to the system
        let _ = fs::remove_dir_all(&self.whole);
    }
}

/// The sample site. Its files are older than two seconds, so their entity tags are strong.
pub(crate) fn site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../site").canonicalize().expect("the sample site is there")
}

/// A file of the sample site.
pub(crate) fn of_site(name: &str) -> Vec<u8> {
    fs::read(site().join(name)).expect("the sample site has it")
}

/// Octets that repeat nowhere soon, so that a piece in the wrong place shows.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut octets = Vec::with_capacity(length + 8);
    while octets.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        octets.extend(state.to_le_bytes());
    }
    octets.truncate(length);
    octets
}
