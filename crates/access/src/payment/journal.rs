//! How spending is written down: entries of one length, one behind the other, each with a checksum.
//!
//! Octets in, octets out: the file is the caller's. What a crash has torn off at the end was never answered for, and is left
//! out; damage anywhere else is told, since money would be missing.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The octets of an entry.
pub const ENTRY: usize = 33 + CHECKSUM;
const CHECKSUM: usize = 8;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What.
    pub kind: Kind,
    /// Of which token.
    pub id: [u8; 16],
    /// How many credits.
    pub amount: u64,
    /// When the token expires, in seconds of Unix time: then the entry says nothing any more.
    pub expires: i64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Credits were spent.
    Spent,
    /// Credits that had been spent were given back.
    GivenBack,
}

/// What was read of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The entries, in their order.
    pub entries: Vec<Entry>,
    /// How many octets they have. What follows them was torn off, and should be cut off before more is appended.
    pub sound: usize,
}

/// The journal is damaged, at this octet: sound entries follow, so it is not a torn end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Where the first damaged entry begins.
    pub at: usize,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the journal of payments is damaged at octet {}: sound entries follow", self.at)
    }
}

impl std::error::Error for Damaged {}

/// An entry as it is written.
pub fn encode_entry(entry: &Entry) -> [u8; ENTRY] {
    let mut octets = [0; ENTRY];
    octets[0] = match entry.kind {
        Kind::Spent => 1,
        Kind::GivenBack => 2,
    };
    octets[1..17].copy_from_slice(&entry.id);
    octets[17..25].copy_from_slice(&entry.amount.to_be_bytes());
    octets[25..33].copy_from_slice(&entry.expires.to_be_bytes());
    let checksum = checksum(&octets[..33]);
    octets[33..].copy_from_slice(&checksum);
    octets
}

/// The entries of a journal.
///
/// ```
/// use access::payment::journal::{Entry, Kind, decode_entries, encode_entry};
/// let entry = Entry { kind: Kind::Spent, id: [1; 16], amount: 5, expires: 2_000 };
/// let mut file = encode_entry(&entry).to_vec();
/// file.extend([0; 7]); // torn off by a crash
/// let read = decode_entries(&file).expect("not damaged");
/// assert_eq!((read.entries, read.sound), (vec![entry], 41));
/// ```
pub fn decode_entries(octets: &[u8]) -> Result<Decoded, Damaged> {
    let mut chunks = octets.chunks_exact(ENTRY);
    let entries: Vec<_> = chunks.by_ref().map_while(decode_entry).collect();
    let sound = entries.len() * ENTRY;
    // the chunk that ended it is gone; what is sound behind it was answered for
    if chunks.any(|chunk| decode_entry(chunk).is_some()) {
        return Err(Damaged { at: sound });
    }
    Ok(Decoded { entries, sound })
}

fn decode_entry(octets: &[u8]) -> Option<Entry> {
    let (content, sum) = octets.split_at_checked(33)?;
    let kind = match content[0] {
        1 => Kind::Spent,
        2 => Kind::GivenBack,
        _ => return None,
    };
    if checksum(content) != *sum {
        return None;
    }
    let amount = u64::from_be_bytes(content[17..25].try_into().ok()?);
    let expires = i64::from_be_bytes(content[25..33].try_into().ok()?);
    Some(Entry { kind, id: content[1..17].try_into().ok()?, amount, expires })
}

/// Against accidents, not against people: who can write to the file can write what he likes.
fn checksum(content: &[u8]) -> [u8; CHECKSUM] {
    let digest: [u8; 32] = Sha256::new().chain_update("because: payments, 1").chain_update(content).finalize().into();
    *digest.first_chunk().expect("a digest is longer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(amount: u64) -> Entry {
        let kind = if amount.is_multiple_of(3) { Kind::GivenBack } else { Kind::Spent };
        Entry { kind, id: [7; 16], amount, expires: -5 }
    }

    fn file(amounts: std::ops::Range<u64>) -> Vec<u8> {
        amounts.flat_map(|amount| encode_entry(&entry(amount))).collect()
    }

    #[test]
    fn a_torn_end_is_left_out() {
        let whole = file(0..3);
        assert_eq!(decode_entries(&whole).map(|read| read.sound), Ok(whole.len()));
        for cut in 0..whole.len() {
            let read = decode_entries(&whole[..cut]).expect("not damaged");
            assert_eq!((read.entries.len(), read.sound), (cut / ENTRY, cut / ENTRY * ENTRY));
        }
        let mut zeros = whole.clone();
        zeros.extend([0; 4_096]);
        assert_eq!(decode_entries(&zeros).map(|read| read.sound), Ok(whole.len()));
    }

    #[test]
    fn damage_is_told() {
        let mut damaged = file(0..3);
        damaged[ENTRY + 20] ^= 1;
        assert_eq!(decode_entries(&damaged), Err(Damaged { at: ENTRY }));
        let mut last = file(0..3);
        last[2 * ENTRY + 20] ^= 1;
        assert_eq!(decode_entries(&last).map(|read| read.entries.len()), Ok(2));
    }

    proptest! {
        #[test]
        fn nothing_panics(octets: Vec<u8>) {
            let _ = decode_entries(&octets);
        }

        /// One octet that is not as it was written spoils its entry alone: at the end it is a torn one, before the end it is damage.
        #[test]
        fn one_wrong_octet_is_found(count in 1u64..5, at in 0usize..5 * ENTRY, other in 1u8..=255, cut in 0..ENTRY) {
            let mut octets = file(0..count);
            let at = at % octets.len();
            octets[at] ^= other;
            octets.truncate(octets.len() - cut);
            let (whole, spoiled) = (octets.len() / ENTRY, at / ENTRY);
            match decode_entries(&octets) {
                Ok(read) => {
                    prop_assert!(spoiled + 1 >= whole);
                    prop_assert_eq!(read.entries.len(), whole.min(spoiled));
                    prop_assert_eq!(read.sound, read.entries.len() * ENTRY);
                }
                Err(Damaged { at }) => {
                    prop_assert!(spoiled + 1 < whole);
                    prop_assert_eq!(at, spoiled * ENTRY);
                }
            }
        }

        #[test]
        fn what_is_written_is_read(id: [u8; 16], amount: u64, expires: i64) {
            let entry = Entry { kind: Kind::Spent, id, amount, expires };
            prop_assert_eq!(decode_entries(&encode_entry(&entry)).map(|read| read.entries), Ok(vec![entry]));
        }
    }
}
