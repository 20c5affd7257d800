//! Validators: an entity tag and a modification date from what the file system says of a file. RFC 9110 §8.8
//!
//! What is compared with them, and what follows, is the decision's.

use rustix::fs::{Stat, Statx, makedev};
use semantics::date::Date;
use semantics::tag::EntityTag;
use siphasher::sip::SipHasher24;

/// How old the last change of a file must be, in seconds, before its tag is strong. Two writes within one tick of the file
/// system's clock leave the same times behind; the coarsest clock that is still met (FAT) ticks every two seconds.
const SETTLED: i64 = 2;

/// What tells one state of one file from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    /// Its length in octets.
    pub(crate) size: u64,
    modified: (i64, u64),
    changed: (i64, u64),
}

impl Identity {
    /// The identity that the file system tells.
    #[allow(clippy::unnecessary_cast, clippy::cast_lossless)] // the widths differ from one architecture to the next
    pub(crate) fn of(stat: &Stat) -> Identity {
        Identity {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u64),
        }
    }

    /// The same, from the call that tells more.
    pub(crate) fn of_statx(stat: &Statx) -> Identity {
        Identity {
            device: makedev(stat.stx_dev_major, stat.stx_dev_minor),
            inode: stat.stx_ino,
            size: stat.stx_size,
            modified: (stat.stx_mtime.tv_sec, u64::from(stat.stx_mtime.tv_nsec)),
            changed: (stat.stx_ctime.tv_sec, u64::from(stat.stx_ctime.tv_nsec)),
        }
    }

    /// Does the file system keep its time of modification finer than to the microsecond? Then it tells states apart that were
    /// given different times, however short after each other.
    pub(crate) const fn is_fine(&self) -> bool {
        !self.modified.1.is_multiple_of(1_000)
    }

    /// Has it been left alone for so long that another change cannot hide behind these times? The moment is known to the
    /// second only, so the fraction is counted against the file.
    fn settled(&self, now: Date) -> bool {
        now.unix().saturating_sub(self.modified.0.max(self.changed.0)) > SETTLED
    }
}

/// The opaque part of an entity tag: 64 bits in hexadecimal.
pub(crate) type Opaque = [u8; 16];

/// The validators of one state of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Validators {
    opaque: Opaque,
    weak: bool,
    /// When it was modified; never later than the moment of the look.
    pub(crate) modified: Date,
}

impl Validators {
    /// The validators of a file that looked like this at this moment.
    ///
    /// The tag is strong only if the file has settled; until then two states could share it, and it is marked weak
    /// (RFC 9110 §8.8.1, §8.8.3). The opaque part is the same before and after, so a weak comparison holds across. The inode
    /// and the device are hashed, not shown: they tell an attacker about the machine. A write through a memory map may leave
    /// the times alone for some seconds; no server can see that.
    ///
    /// A date of modification in the future is replaced by the present (RFC 9110 §8.8.2.1).
    pub(crate) fn of(identity: &Identity, now: Date) -> Validators {
        let Identity { device, inode, size, modified, changed } = *identity;
        let mut octets = [0; 56];
        let words = [device, inode, size, modified.0.cast_unsigned(), modified.1, changed.0.cast_unsigned(), changed.1];
        for (place, word) in octets.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        Validators {
            opaque: hexadecimal(siphash(&octets)),
            weak: !identity.settled(now),
            modified: Date::from_unix(modified.0).min(now),
        }
    }

    /// The same, of content that changed while it was looked at.
    pub(crate) fn weakened(self) -> Validators {
        Validators { weak: true, ..self }
    }

    /// The same, of a state that is known to be unlike all others.
    pub(crate) fn strengthened(self) -> Validators {
        Validators { weak: false, ..self }
    }

    /// May these validators be kept as long as the file looks the same?
    pub(crate) const fn lasting(&self) -> bool {
        !self.weak
    }

    /// The entity tag.
    pub(crate) const fn tag(&self) -> EntityTag<'_> {
        EntityTag { weak: self.weak, opaque: &self.opaque }
    }
}

/// The opaque part of a tag for content that is in memory: strong, for it is made of the octets themselves.
pub(crate) fn opaque_of_content(octets: &[u8]) -> Opaque {
    hexadecimal(siphash(octets))
}

fn hexadecimal(hash: u64) -> Opaque {
    let mut text = [0; 16];
    for (place, nibble) in text.iter_mut().zip((0..16).rev()) {
        *place = b"0123456789abcdef"[(hash >> (4 * nibble) & 15) as usize];
    }
    text
}

/// SipHash-2-4 with a fixed key, so that a tag outlives a restart and a new release.
fn siphash(octets: &[u8]) -> u64 {
    SipHasher24::new_with_keys(0x6265_6361_7573_6521, 0x6574_6167_2076_3100).hash(octets) // "because!", "etag v1"
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: i64 = 1_700_000_000;

    fn identity(modified: i64, changed: i64) -> Identity {
        Identity { device: 1, inode: 2, size: 3, modified: (modified, 999_999_999), changed: (changed, 5) }
    }

    fn at(seconds: i64) -> Date {
        Date::from_unix(seconds)
    }

    /// MTH-027, RFC 9110 §8.8.1.
    #[test]
    fn a_tag_is_strong_once_the_file_has_settled() {
        for (modified, changed, now, weak) in [
            (THEN, THEN, THEN, true),
            (THEN, THEN, THEN + 2, true), // a modification at .999 may be only a second ago
            (THEN, THEN, THEN + 3, false),
            (THEN - 99, THEN, THEN + 2, true), // the date was set back: only the change tells
            (THEN, THEN - 99, THEN + 2, true),
            (THEN + 50, THEN, THEN + 20, true), // from the future
        ] {
            let tag = Validators::of(&identity(modified, changed), at(now));
            assert_eq!(tag.tag().weak, weak, "{modified} {changed} {now}");
            assert_eq!(tag.lasting(), !weak);
        }
    }

    #[test]
    fn growing_strong_keeps_the_opaque_part() {
        let identity = identity(THEN, THEN);
        let (young, old) = (Validators::of(&identity, at(THEN)), Validators::of(&identity, at(THEN + 9)));
        assert!(young.tag().weak_eq(old.tag()) && !young.tag().strong_eq(old.tag()));
        assert!(old.tag().strong_eq(old.tag()) && old.weakened().tag().weak);
    }

    /// MTH-026, RFC 9110 §8.8.2.1.
    #[test]
    fn nothing_was_modified_in_the_future() {
        assert_eq!(Validators::of(&identity(THEN + 9, THEN), at(THEN)).modified, at(THEN));
        assert_eq!(Validators::of(&identity(THEN - 9, THEN), at(THEN)).modified, at(THEN - 9));
    }

    #[test]
    fn each_part_of_the_identity_counts() {
        let plain = identity(THEN, THEN);
        let others = [
            Identity { device: 7, ..plain },
            Identity { inode: 7, ..plain },
            Identity { size: 7, ..plain },
            Identity { modified: (THEN, 7), ..plain },
            Identity { modified: (THEN - 7, 999_999_999), ..plain },
            Identity { changed: (THEN, 7), ..plain },
            Identity { changed: (THEN - 7, 5), ..plain },
        ];
        for other in others {
            let (one, two) = (Validators::of(&plain, at(THEN + 9)), Validators::of(&other, at(THEN + 9)));
            assert_ne!(one.tag().opaque, two.tag().opaque, "{other:?}");
        }
        assert!(Validators::of(&plain, at(THEN)).opaque.iter().all(u8::is_ascii_hexdigit));
    }

    #[test]
    fn lengths_and_octets_tell_contents_apart() {
        let contents: [&[u8]; 6] = [b"", b"\0", b"\0\0\0\0\0\0\0\0", b"a", b"b", b"aaaaaaaab"];
        for (k, one) in contents.iter().enumerate() {
            for two in &contents[..k] {
                assert_ne!(opaque_of_content(one), opaque_of_content(two));
            }
        }
    }

    /// A changed hash would change every tag of every client's cache at once.
    #[test]
    fn the_hash_is_the_same_in_every_release() {
        assert_eq!(opaque_of_content(b"because").as_slice(), b"915e51fbaeb1cdcc");
    }
}
