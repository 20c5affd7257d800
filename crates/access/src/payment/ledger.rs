//! What was spent of each prepaid token.
//!
//! An amount is taken in memory first, where nobody else can take it too, then written down, and only then answered for. If it
//! cannot be written down, it is given back: so what was answered for outlives a crash, and what was not costs nothing.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;

use super::grant::Grant;
use super::journal::{Entry, Kind, encode_entry};

/// Where entries are written down.
pub trait Journal: Send + Sync {
    /// Appends an entry; when this returns, it must outlive a crash. Several threads may call at the same time: they may share
    /// a wait for the disk.
    fn append(&self, entry: &[u8]) -> Result<(), Unwritten>;
}

/// The entry could not be written down, or nobody knows whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwritten;

/// Why nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendError {
    /// There is not so much left.
    Exhausted {
        /// What is left.
        left: u64,
    },
    /// It could not be written down.
    Unwritten,
    /// There is no room for one more token.
    Full,
}

impl fmt::Display for SpendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted { left } => return write!(f, "the token has only {left} left"),
            Self::Unwritten => "the payment could not be written down",
            Self::Full => "there is no room for one more token",
        })
    }
}

impl std::error::Error for SpendError {}

/// What was spent, for all threads.
///
/// ```
/// use access::payment::{Grant, Journal, Ledger, SpendError, Unwritten};
/// struct Nowhere;
/// impl Journal for Nowhere {
///     fn append(&self, _entry: &[u8]) -> Result<(), Unwritten> {
///         Ok(())
///     }
/// }
/// let ledger = Ledger::new(Box::new(Nowhere), &[], 1_000);
/// let grant = Grant { id: [1; 16], credits: 8, expires: 2_000, note: String::new() };
/// assert_eq!(ledger.spend(&grant, 5, 1_000), Ok(3));
/// assert_eq!(ledger.spend(&grant, 5, 1_000), Err(SpendError::Exhausted { left: 3 }));
/// ```
pub struct Ledger {
    spent: Mutex<HashMap<[u8; 16], Spent>>,
    journal: Box<dyn Journal>,
    room: usize,
}

#[derive(Clone, Copy, Debug)]
struct Spent {
    amount: u64,
    expires: i64,
}

impl Ledger {
    /// A ledger that goes on where these entries end. Those of tokens that have expired are left out.
    pub fn new(journal: Box<dyn Journal>, entries: &[Entry], now: i64) -> Self {
        let mut spent: HashMap<_, Spent> = HashMap::new();
        for entry in entries.iter().filter(|entry| entry.expires > now) {
            let row = spent.entry(entry.id).or_insert(Spent { amount: 0, expires: entry.expires });
            row.amount = match entry.kind {
                Kind::Spent => row.amount.saturating_add(entry.amount),
                Kind::GivenBack => row.amount.saturating_sub(entry.amount),
            };
            row.expires = row.expires.max(entry.expires);
        }
        Self { spent: Mutex::new(spent), journal, room: limits::LEDGER }
    }

    /// Takes an amount of a token, and says how much is left of it. Waits for the journal.
    pub fn spend(&self, grant: &Grant, amount: u64, now: i64) -> Result<u64, SpendError> {
        let left = self.take(grant, amount, now)?;
        if amount > 0 && self.write(Kind::Spent, grant, amount).is_err() {
            self.put_back(grant, amount);
            return Err(SpendError::Unwritten);
        }
        Ok(left)
    }

    /// Gives back what was spent, since nothing came of the request. Waits for the journal.
    pub fn give_back(&self, grant: &Grant, amount: u64) -> Result<(), Unwritten> {
        // written down first: a token that has more after a crash than before would be worth a crash
        self.write(Kind::GivenBack, grant, amount)?;
        self.put_back(grant, amount);
        Ok(())
    }

    /// How much is left of a token.
    pub fn left(&self, grant: &Grant) -> u64 {
        grant.credits.saturating_sub(self.lock().get(&grant.id).map_or(0, |row| row.amount))
    }

    /// All that is known, as a new journal that is shorter than the old: one entry a token. It is for the start, before anybody
    /// spends: what is spent meanwhile might be in neither.
    pub fn snapshot(&self, now: i64) -> Vec<u8> {
        let spent = self.lock();
        let lasting = spent.iter().filter(|(_, row)| row.expires > now && row.amount > 0);
        lasting
            .flat_map(|(id, row)| {
                encode_entry(&Entry { kind: Kind::Spent, id: *id, amount: row.amount, expires: row.expires })
            })
            .collect()
    }

    fn take(&self, grant: &Grant, amount: u64, now: i64) -> Result<u64, SpendError> {
        let mut spent = self.lock();
        let before = spent.get(&grant.id).map_or(0, |row| row.amount);
        let left = grant.credits.saturating_sub(before);
        let rest = left.checked_sub(amount).ok_or(SpendError::Exhausted { left })?;
        if amount == 0 {
            return Ok(rest);
        }
        if !spent.contains_key(&grant.id) && spent.len() >= self.room {
            spent.retain(|_, row| row.expires > now);
            if spent.len() >= self.room {
                return Err(SpendError::Full);
            }
        }
        let row = spent.entry(grant.id).or_insert(Spent { amount: 0, expires: grant.expires });
        row.amount = before.saturating_add(amount);
        row.expires = row.expires.max(grant.expires);
        Ok(rest)
    }

    fn put_back(&self, grant: &Grant, amount: u64) {
        if let Some(row) = self.lock().get_mut(&grant.id) {
            row.amount = row.amount.saturating_sub(amount);
        }
    }

    fn write(&self, kind: Kind, grant: &Grant, amount: u64) -> Result<(), Unwritten> {
        self.journal.append(&encode_entry(&Entry { kind, id: grant.id, amount, expires: grant.expires }))
    }

    /// A thread that panicked with the table in its hands left it whole: every change of it is one call.
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 16], Spent>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ledger")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::journal::decode_entries;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[derive(Default)]
    struct File {
        octets: Mutex<Vec<u8>>,
        broken: AtomicBool,
    }

    impl Journal for Arc<File> {
        fn append(&self, entry: &[u8]) -> Result<(), Unwritten> {
            if self.broken.load(Ordering::Relaxed) {
                return Err(Unwritten);
            }
            self.octets.lock().expect("sound").extend(entry);
            Ok(())
        }
    }

    impl File {
        fn entries(&self) -> Vec<Entry> {
            decode_entries(&self.octets.lock().expect("sound")).expect("not damaged").entries
        }
    }

    fn grant(id: u8, credits: u64, expires: i64) -> Grant {
        Grant { id: [id; 16], credits, expires, note: String::new() }
    }

    #[test]
    fn what_was_spent_outlives_the_ledger() {
        let file = Arc::new(File::default());
        let ledger = Ledger::new(Box::new(Arc::clone(&file)), &[], 0);
        let (alice, bob, old) = (grant(1, 100, 2_000), grant(2, 10, 2_000), grant(3, 10, 500));
        assert_eq!(ledger.spend(&alice, 30, 0), Ok(70));
        assert_eq!(ledger.spend(&alice, 30, 0), Ok(40));
        assert_eq!(ledger.spend(&bob, 10, 0), Ok(0));
        assert_eq!(ledger.spend(&bob, 0, 0), Ok(0), "what is free can be had");
        assert_eq!(ledger.spend(&old, 1, 0), Ok(9));
        assert_eq!(ledger.give_back(&alice, 10), Ok(()));
        assert_eq!(file.entries().len(), 5);
        let again = Ledger::new(Box::new(Arc::clone(&file)), &file.entries(), 1_000);
        assert_eq!((again.left(&alice), again.left(&bob), again.left(&old)), (50, 0, 10));
        let shorter = decode_entries(&again.snapshot(1_000)).expect("not damaged").entries;
        assert_eq!(shorter.len(), 2);
        let third = Ledger::new(Box::new(Arc::clone(&file)), &shorter, 1_000);
        assert_eq!((third.left(&alice), third.left(&bob)), (50, 0));
    }

    #[test]
    fn what_cannot_be_written_down_costs_nothing() {
        let file = Arc::new(File::default());
        let ledger = Ledger::new(Box::new(Arc::clone(&file)), &[], 0);
        let alice = grant(1, 10, 2_000);
        assert_eq!(ledger.spend(&alice, 4, 0), Ok(6));
        file.broken.store(true, Ordering::Relaxed);
        assert_eq!(ledger.spend(&alice, 4, 0), Err(SpendError::Unwritten));
        assert_eq!(ledger.give_back(&alice, 4), Err(Unwritten));
        assert_eq!(ledger.left(&alice), 6);
    }

    #[test]
    fn many_at_once_spend_no_more_than_there_is() {
        let ledger = Ledger::new(Box::new(Arc::new(File::default())), &[], 0);
        let alice = grant(1, 1_000, 2_000);
        let spent = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while ledger.spend(&alice, 3, 0).is_ok() {
                        spent.fetch_add(3, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!((spent.into_inner(), ledger.left(&alice)), (999, 1));
    }

    #[test]
    fn tokens_that_have_expired_make_room() {
        let mut ledger = Ledger::new(Box::new(Arc::new(File::default())), &[], 0);
        ledger.room = 2;
        assert_eq!(ledger.spend(&grant(1, 5, 100), 1, 0), Ok(4));
        assert_eq!(ledger.spend(&grant(2, 5, 200), 1, 0), Ok(4));
        assert_eq!(ledger.spend(&grant(3, 5, 200), 1, 50), Err(SpendError::Full));
        assert_eq!(ledger.spend(&grant(2, 5, 200), 1, 50), Ok(3));
        assert_eq!(ledger.spend(&grant(3, 5, 200), 1, 100), Ok(4));
    }
}
