//! Prepaid tokens: the keys that seal them, and the journal of what was spent, on the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use access::command::read_keys as keyring;
use access::payment::journal::decode_entries;
use access::payment::{Journal, Keyring, Ledger, Prepaid, Proof, Unwritten};
use transport::clock::Clock;

use super::{Purpose, State};

/// Reads a file of keys.
pub fn read_keys(path: &Path) -> Result<Keyring, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: {}", path.display(), crate::diagnose::plain(&error)))?;
    keyring(&text).map_err(|offence| format!("{}: {offence}", path.display()))
}

/// Where it is written what was spent of the tokens that are sealed with these keys.
pub(super) fn journal(keys: &Path) -> PathBuf {
    let mut path = keys.as_os_str().to_owned();
    path.push(".spent");
    PathBuf::from(path)
}

/// Prepaid tokens as a way to pay. What was spent of them is written beside the keys, and forced to the disk before it counts.
pub(super) fn prepaid(keys: &Path, state: &State, purpose: Purpose) -> Result<Arc<dyn Proof>, String> {
    let ring = read_keys(keys)?;
    let path = journal(keys);
    let mut ledgers = state.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
    let ledger = match (ledgers.get(&path), purpose) {
        (Some(ledger), _) => Arc::clone(ledger),
        (None, Purpose::Look) => Arc::new(Ledger::new(Box::new(Nowhere), &[], 0)),
        (None, Purpose::Serve) => {
            let ledger = open(&path).map_err(|why| format!("{}: {why}", path.display()))?;
            ledgers.insert(path, Arc::clone(&ledger));
            ledger
        }
    };
    Ok(Arc::new(Prepaid::new(ring, ledger)))
}

/// Nothing is spent while a configuration is only looked at.
struct Nowhere;

impl Journal for Nowhere {
    fn append(&self, _entry: &[u8]) -> Result<(), Unwritten> {
        Err(Unwritten)
    }
}

/// The journal, and where its last whole entry ends: what a crash left half written is overwritten.
struct OnDisk {
    file: Mutex<File>,
}

impl Journal for OnDisk {
    fn append(&self, entry: &[u8]) -> Result<(), Unwritten> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(entry).and_then(|()| file.sync_data());
        written.map_err(|error| {
            log::error!("a payment cannot be written down: {error}");
            Unwritten
        })
    }
}

/// Opens the journal. It is written anew first, as short as it can be, in one step.
fn open(path: &Path) -> Result<Arc<Ledger>, String> {
    let old = match std::fs::read(path) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error.to_string()),
    };
    let decoded = decode_entries(&old).map_err(|offence| offence.to_string())?;
    let now = Clock::new().stamp().date.unix();
    let lasting = Ledger::new(Box::new(Nowhere), &decoded.entries, now).snapshot(now);
    let file = replace(path, &lasting).map_err(|error| error.to_string())?;
    Ok(Arc::new(Ledger::new(Box::new(OnDisk { file: Mutex::new(file) }), &decoded.entries, now)))
}

fn replace(path: &Path, octets: &[u8]) -> io::Result<File> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&aside)?;
    file.write_all(octets)?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(file)
}
