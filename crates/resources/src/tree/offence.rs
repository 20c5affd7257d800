//! What the file system's refusals mean: an errno becomes a failure that the decision knows, with the condition that a WebDAV
//! client understands.

use std::io;

use decision::condition::Condition;
use decision::facts::Failure;
use rustix::io::Errno;
use semantics::fault::ContentFault;

use crate::rules::Source;
use crate::store::StoreError;
use crate::tree::claims::Busy;

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offence {
    pub(crate) failure: Failure,
    pub(crate) condition: Option<Condition>,
    /// The path that the condition is about, ready to be written.
    pub(crate) subject: Option<Vec<u8>>,
    /// What was wrong with the content, if that was why.
    pub(crate) content_fault: Option<ContentFault>,
    /// The line of the rule that bars it, if one does.
    pub(crate) rule: Option<Source>,
}

impl Offence {
    pub(crate) const fn new(failure: Failure) -> Offence {
        Offence { failure, condition: None, subject: None, content_fault: None, rule: None }
    }

    pub(crate) const fn with(failure: Failure, condition: Condition) -> Offence {
        Offence { failure, condition: Some(condition), subject: None, content_fault: None, rule: None }
    }
}

impl From<Failure> for Offence {
    fn from(failure: Failure) -> Offence {
        Offence::new(failure)
    }
}

impl From<Errno> for Offence {
    fn from(errno: Errno) -> Offence {
        match errno {
            Errno::NOSPC => Offence::with(Failure::StorageInsufficient, Condition::SufficientDiskSpace),
            Errno::DQUOT | Errno::FBIG => Offence::with(Failure::StorageInsufficient, Condition::QuotaNotExceeded),
            Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::XDEV | Errno::LOOP => {
                Offence::new(Failure::SubjectForbidden)
            }
            // a name that the file system cannot hold
            Errno::NAMETOOLONG | Errno::INVAL | Errno::ILSEQ => {
                Offence::with(Failure::SubjectForbidden, Condition::NameAllowed)
            }
            // another program was faster: a parent is gone, a file became a folder, a folder has got members
            Errno::NOENT
            | Errno::NOTDIR
            | Errno::ISDIR
            | Errno::EXIST
            | Errno::NOTEMPTY
            | Errno::BUSY
            | Errno::TXTBSY => Offence::new(Failure::StateConflict),
            Errno::MFILE | Errno::NFILE | Errno::NOMEM => Offence::new(Failure::StoreUnreachable),
            _ => Offence::new(Failure::Internal),
        }
    }
}

impl From<io::Error> for Offence {
    fn from(error: io::Error) -> Offence {
        Errno::from_io_error(&error).map_or(Offence::new(Failure::Internal), Offence::from)
    }
}

impl From<StoreError> for Offence {
    fn from(error: StoreError) -> Offence {
        match error {
            StoreError::NoRoom => Offence::with(Failure::StorageInsufficient, Condition::SufficientDiskSpace),
            StoreError::InUse | StoreError::Denied | StoreError::Broken(_) => Offence::new(Failure::StoreUnreachable),
            StoreError::Newer { .. } | StoreError::Corrupt(_) => Offence::new(Failure::Internal),
        }
    }
}

impl From<ContentFault> for Offence {
    fn from(fault: ContentFault) -> Offence {
        let failure = match fault {
            ContentFault::Stalled => Failure::ContentStalled,
            ContentFault::TooLarge => Failure::ContentGrewTooLarge,
            ContentFault::Truncated
            | ContentFault::ChunkSize
            | ContentFault::ChunkLine
            | ContentFault::ChunkEnd
            | ContentFault::Trailer
            | ContentFault::TrailersTooLarge => Failure::ContentBroken,
        };
        Offence { content_fault: Some(fault), ..Offence::new(failure) }
    }
}

impl From<Busy> for Offence {
    fn from(_: Busy) -> Offence {
        Offence::new(Failure::StoreUnreachable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_the_file_system_has_its_meaning() {
        let of = |errno| Offence::from(errno).failure;
        for errno in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            assert_eq!(of(errno), Failure::StorageInsufficient, "{errno}");
        }
        for errno in [Errno::ACCESS, Errno::PERM, Errno::ROFS, Errno::XDEV, Errno::NAMETOOLONG] {
            assert_eq!(of(errno), Failure::SubjectForbidden, "{errno}");
        }
        for errno in [Errno::NOENT, Errno::NOTDIR, Errno::NOTEMPTY, Errno::EXIST] {
            assert_eq!(of(errno), Failure::StateConflict, "{errno}");
        }
        for errno in [Errno::IO, Errno::NODEV, Errno::STALE] {
            assert_eq!(of(errno), Failure::Internal, "{errno}");
        }
        // DAV-032: the client learns which of the two it was
        assert_eq!(Offence::from(Errno::NOSPC).condition, Some(Condition::SufficientDiskSpace));
        assert_eq!(Offence::from(Errno::DQUOT).condition, Some(Condition::QuotaNotExceeded));
    }
}
