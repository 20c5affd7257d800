//! What a walk ends with: a status, its reason, which entity goes with it, and what becomes of the connection.

use core::fmt;

use semantics::connection::Ends;
use semantics::status::Status;

use crate::because::Because;
use crate::reply::REPLY;

/// Which entity a response carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entity {
    /// None.
    Nothing,
    /// The selected representation, whole.
    Representation,
    /// The parts of it that Range asks for.
    Ranges,
    /// A difference from an earlier instance.
    Delta,
    /// What the server itself has to say: to OPTIONS its methods, to TRACE the request.
    Server,
    /// The methods of the target, to OPTIONS.
    Capabilities,
    /// The list of representations to choose from.
    Choices,
    /// A short text with the link to follow.
    Pointer,
    /// What came of a action.
    Result,
    /// The outcomes of its parts.
    Members,
    /// Why the request was refused.
    Explanation,
    /// A response that somebody else made: a rule, a store, an upstream.
    Relayed,
    /// Another protocol, or a tunnel.
    Switch,
}

/// The end of a walk as the table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This status, with this entity.
    Status(u16, Entity),
    /// A status that is itself a fact, told by somebody else.
    Told(StatusOrigin),
    /// The connection is closed without a word: no request had begun.
    Close,
}

/// Who tells a status that is a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusOrigin {
    /// A rule of the site, which fixes the reply.
    Rule,
    /// The response that our cache holds.
    Store,
    /// The upstream.
    Upstream,
}

/// The line of a configuration that bore on a verdict, told as `file:line`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source<'a> {
    /// The name of the file, as it was given.
    pub file: &'a str,
    /// The line, from 1; 0 where a flag said it, and no file.
    pub line: u32,
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// What was decided of a request. A walk makes it ([`drive`](crate::drive::drive)), and nothing else does.
///
/// ```
/// use decision::case::Case;
/// use decision::drive::{Halt, Known, drive};
/// use decision::facts::{Connection, Facts, Quota, Reading, Site};
/// use decision::retell::Walk;
/// use decision::verdict::Entity;
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
/// use semantics::status::Status;
///
/// let request = OwnedRequest::made(Method::GET, b"/", [(&b"Host"[..], &b"a"[..])]);
/// let (connection, reading) = (Connection::default(), Reading::default());
/// let site = Site { legal_demand: true, ..Site::DEFAULT };
/// let quota = Quota::open();
/// let facts = Facts { site: &site, quota: &quota, ..Facts::new(&connection, request.view(), &reading) };
/// let Halt::Done(verdict) = drive(&mut Case::open(facts.clone()), &mut Known(facts)) else { panic!("all is known") };
/// assert_eq!((verdict.status, verdict.entity), (Status::UNAVAILABLE_FOR_LEGAL_REASONS, Entity::Explanation));
///
/// // its number is the whole walk
/// let walk = Walk::from_first(verdict.because).expect("the number of a walk");
/// assert_eq!(walk.cause().question.id, verdict.cause());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// The walk.
    pub because: Because,
    /// The number of the row that was asked last: the cause.
    pub last: u16,
    /// The entity to send.
    pub entity: Entity,
    /// What must end after this response, whatever the client would like.
    pub ends: Ends,
}

impl Verdict {
    /// The id of the question that was asked last: the cause.
    pub fn cause(&self) -> &'static str {
        REPLY.rows[usize::from(self.last)].id
    }

    /// Do its fields tell of what stands at the target, though nobody asked for that on the way? Allow lists the methods that
    /// the target takes, and that depends on what stands there (RFC 9110 §10.2.1, §15.5.6).
    pub const fn tells_of_target(&self) -> bool {
        self.status.code() == 405
    }
}
