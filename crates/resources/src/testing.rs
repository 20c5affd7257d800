//! What the tests share: a folder that goes away, and a way to wait for an answer.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use exchange::body::Segment;
use semantics::date::Date;
use semantics::field::Rendered;

use crate::resource::{Files, Found, Moment, Wanted};
use crate::root::{Root, Way};
use crate::site::Options;

/// A folder of its own, removed at the end.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("because-test-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a temporary folder");
        Folder { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it; its folders are made too.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("its folders");
        fs::write(&path, content).expect("a file");
        path
    }

    pub(crate) fn folder(&self, name: &str) {
        fs::create_dir_all(self.path.join(name)).expect("a folder");
    }

    pub(crate) fn link(&self, name: &str, aim: impl AsRef<Path>) {
        std::os::unix::fs::symlink(aim, self.path.join(name)).expect("a link");
    }

    /// It, served.
    pub(crate) fn served(&self, options: &Options, way: Way) -> Files {
        Files::over(Root::open(&self.path).expect("it exists").by(way), options, |_| Rendered::default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The same test, for each way in which look-ups can be confined.
pub(crate) fn each_way(test: impl Fn(Way)) {
    for way in [Way::Cached, Way::Beneath, Way::Walk] {
        test(way);
    }
}

/// The moment of the files that are made now, and so many milliseconds later.
pub(crate) fn moment(later: u64) -> Moment {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    Moment { millis: 1_000_000 + later, date: Date::from_unix((now + later / 1_000).cast_signed()) }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// Finds a path, written with the slash at its end if it has one.
pub(crate) fn find(files: &Files, path: &str, now: Moment) -> Found {
    find_accepted(files, path, &[], now)
}

/// The same, with lines of Accept.
pub(crate) fn find_accepted(files: &Files, path: &str, accept: &[&str], now: Moment) -> Found {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.as_bytes())));
    let bare = path.strip_suffix('/').unwrap_or(path);
    block_on(files.find(Wanted {
        path: bare.as_bytes(),
        trailing_slash: bare.len() < path.len() || path.is_empty(),
        query,
        accept: accept.iter().map(|line| line.as_bytes()),
        visibility: None,
        now,
    }))
}

/// The octets of a segment.
pub(crate) fn octets(segment: &Segment) -> Vec<u8> {
    match segment {
        Segment::File { file, offset, length } => {
            use std::os::unix::fs::FileExt;
            let mut octets = vec![0; usize::try_from(*length).expect("it fits")];
            file.read_exact_at(&mut octets, *offset).expect("it is that long");
            octets
        }
        other => other.octets().expect("they are in memory").to_vec(),
    }
}

/// The content as text.
pub(crate) fn text(found: &Found) -> String {
    String::from_utf8(octets(&found.whole())).expect("it is text")
}
