//! WebDAV: what its requests ask for, and what its answers tell, in XML (RFC 4918).
//!
//! Documents are read into owned values and properties are written; nothing is looked up or changed here. What follows from
//! a document that is not as it should be is the decision's.

use decision::condition::Condition;
use decision::facts::Failure;

use crate::properties::Name;
use crate::tree::offence::ActionError;

pub mod bind;
pub mod live;
pub mod lockinfo;
pub mod propfind;
pub mod proppatch;
pub mod xml;

pub use xml::XmlError;

/// The namespace of WebDAV.
pub const DAV: &str = "DAV:";

/// Why a document cannot be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// It cannot be read.
    Xml(XmlError),
    /// It is another document than the method takes.
    AnotherRoot,
    /// Something is missing that the document must have.
    Incomplete,
    /// It asks for two things that exclude each other.
    Contradictory,
    /// A value in it is not one that can stand there.
    Value,
    /// It asks for what no server must offer, and this one does not.
    Unsupported,
    /// It asks for more than is given at once.
    TooMuch,
    /// A name that no member can have (RFC 5842 §4).
    Name,
}

impl DocumentError {
    /// Why the action was not done.
    pub const fn failure(self) -> Failure {
        match self {
            DocumentError::Xml(offence) => offence.failure(),
            DocumentError::AnotherRoot
            | DocumentError::Incomplete
            | DocumentError::Contradictory
            | DocumentError::Value => Failure::ContentMalformed,
            DocumentError::Unsupported | DocumentError::TooMuch => Failure::ContentUnprocessable,
            DocumentError::Name => Failure::SubjectForbidden,
        }
    }

    /// The condition that did not hold, if it has a name.
    pub const fn condition(self) -> Option<Condition> {
        match self {
            DocumentError::Xml(XmlError::ExternalEntities) => Some(Condition::NoExternalEntities),
            DocumentError::Name => Some(Condition::NameAllowed),
            _ => None,
        }
    }
}

impl From<XmlError> for DocumentError {
    fn from(offence: XmlError) -> DocumentError {
        DocumentError::Xml(offence)
    }
}

impl From<DocumentError> for ActionError {
    fn from(offence: DocumentError) -> ActionError {
        ActionError { condition: offence.condition(), ..ActionError::new(offence.failure()) }
    }
}

/// The local name of an element of WebDAV.
fn dav(name: &Name) -> Option<&str> {
    (name.space == DAV).then_some(name.local.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DAV-002, DAV-004: malformed is 400 and a DOCTYPE 403, each with its condition.
    #[test]
    fn each_offence_has_its_failure() {
        use DocumentError as Is;
        for (offence, failure, condition) in [
            (Is::Xml(XmlError::NotWellFormed { at: 3 }), Failure::ContentMalformed, None),
            (Is::Xml(XmlError::Namespace { at: 3 }), Failure::ContentMalformed, None),
            (Is::Xml(XmlError::NotUtf8), Failure::ContentMalformed, None),
            (Is::Xml(XmlError::ExternalEntities), Failure::SubjectForbidden, Some(Condition::NoExternalEntities)),
            (Is::Xml(XmlError::TooDeep), Failure::ContentUnprocessable, None),
            (Is::Xml(XmlError::TooLarge), Failure::ContentGrewTooLarge, None),
            (Is::AnotherRoot, Failure::ContentMalformed, None),
            (Is::Unsupported, Failure::ContentUnprocessable, None),
            (Is::Name, Failure::SubjectForbidden, Some(Condition::NameAllowed)),
        ] {
            let told = ActionError::from(offence);
            assert_eq!((told.failure, told.condition), (failure, condition), "{offence:?}");
        }
    }
}
