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
pub(crate) struct ActionError {
    pub(crate) failure: Failure,
    pub(crate) condition: Option<Condition>,
    /// The path that the condition is about, ready to be written.
    pub(crate) subject: Option<Vec<u8>>,
    /// What was wrong with the content, if that was why.
    pub(crate) content_fault: Option<ContentFault>,
    /// The line of the rule that bars it, if one does.
    pub(crate) rule: Option<Source>,
}

impl ActionError {
    pub(crate) const fn new(failure: Failure) -> ActionError {
        ActionError { failure, condition: None, subject: None, content_fault: None, rule: None }
    }

    pub(crate) const fn with(failure: Failure, condition: Condition) -> ActionError {
        ActionError { failure, condition: Some(condition), subject: None, content_fault: None, rule: None }
    }
}

impl From<Failure> for ActionError {
    fn from(failure: Failure) -> ActionError {
        ActionError::new(failure)
    }
}

impl From<Errno> for ActionError {
    fn from(errno: Errno) -> ActionError {
        match errno {
            Errno::NOSPC => ActionError::with(Failure::StorageInsufficient, Condition::SufficientDiskSpace),
            Errno::DQUOT | Errno::FBIG => ActionError::with(Failure::StorageInsufficient, Condition::QuotaNotExceeded),
            Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::XDEV | Errno::LOOP => {
                ActionError::new(Failure::SubjectForbidden)
            }
            // a name that the file system cannot hold
            Errno::NAMETOOLONG | Errno::INVAL | Errno::ILSEQ => {
                ActionError::with(Failure::SubjectForbidden, Condition::NameAllowed)
            }
            // another program was faster: a parent is gone, a file became a folder, a folder has got members
            Errno::NOENT
            | Errno::NOTDIR
            | Errno::ISDIR
            | Errno::EXIST
            | Errno::NOTEMPTY
            | Errno::BUSY
            | Errno::TXTBSY => ActionError::new(Failure::StateConflict),
            Errno::MFILE | Errno::NFILE | Errno::NOMEM => ActionError::new(Failure::StoreUnreachable),
            _ => ActionError::new(Failure::Internal),
        }
    }
}

impl From<io::Error> for ActionError {
    fn from(error: io::Error) -> ActionError {
        Errno::from_io_error(&error).map_or(ActionError::new(Failure::Internal), ActionError::from)
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> ActionError {
        match error {
            StoreError::NoRoom => ActionError::with(Failure::StorageInsufficient, Condition::SufficientDiskSpace),
            StoreError::InUse | StoreError::Denied | StoreError::Broken(_) => {
                ActionError::new(Failure::StoreUnreachable)
            }
            StoreError::Newer { .. } | StoreError::Corrupt(_) => ActionError::new(Failure::Internal),
        }
    }
}

impl From<ContentFault> for ActionError {
    fn from(fault: ContentFault) -> ActionError {
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
        ActionError { content_fault: Some(fault), ..ActionError::new(failure) }
    }
}

impl From<Busy> for ActionError {
    fn from(_: Busy) -> ActionError {
        ActionError::new(Failure::StoreUnreachable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_the_file_system_has_its_meaning() {
        let of = |errno| ActionError::from(errno).failure;
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
        assert_eq!(ActionError::from(Errno::NOSPC).condition, Some(Condition::SufficientDiskSpace));
        assert_eq!(ActionError::from(Errno::DQUOT).condition, Some(Condition::QuotaNotExceeded));
    }
}
