//! What was wrong with the octets of a request.
//!
//! The wire states a fault, with what it met and where; it never judges it. Which status a fault gets is a question of the
//! decision, and how it is told is the explanation's.

use crate::field::Field;
use crate::request::Span;

mod display;

/// The kinds of fault that the decision tells apart, in the order in which a head is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// No octet of a request had come.
    Nothing,
    /// The head, or the content, stopped arriving before the time ran out.
    Stalled,
    /// The method is longer than any that we implement.
    MethodTooLong,
    /// The target is longer than we read.
    TargetTooLong,
    /// The request line is not well formed.
    RequestLine,
    /// The major version is not spoken here.
    Version,
    /// A field, or all together, are larger than we read.
    FieldsTooLarge,
    /// A field line is not well formed.
    Fields,
    /// Host is missing, doubled or malformed.
    Host,
    /// The transfer coding is not known.
    TransferCoding,
    /// The length of the content is told in two ways, or in a way not to be trusted.
    Framing,
    /// The connection was closed before the head was complete.
    Truncated,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 12] = [
        Kind::Nothing,
        Kind::Stalled,
        Kind::MethodTooLong,
        Kind::TargetTooLong,
        Kind::RequestLine,
        Kind::Version,
        Kind::FieldsTooLarge,
        Kind::Fields,
        Kind::Host,
        Kind::TransferCoding,
        Kind::Framing,
        Kind::Truncated,
    ];
}

/// A set of kinds of fault.
///
/// ```
/// use semantics::fault::{Kind, Kinds};
///
/// let kinds = Kinds::of(Kind::Host).with(Kind::Version);
/// assert!(kinds.has(Kind::Host) && !kinds.has(Kind::Framing));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Kinds(u16);

impl Kinds {
    /// No fault.
    pub const NONE: Kinds = Kinds(0);

    /// The set of this one.
    pub const fn of(kind: Kind) -> Kinds {
        Kinds(1 << kind as u8)
    }

    /// The same set with one more.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Kinds {
        Kinds(self.0 | 1 << kind as u8)
    }

    /// Is this kind in it?
    #[inline]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Is it empty?
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What was wrong with a request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestLineError {
    /// Too many empty lines came before it.
    EmptyLines,
    /// The method is empty or holds an octet that no token may hold.
    Method,
    /// There is no target, or no version after it: HTTP/0.9, or another protocol.
    Incomplete,
    /// The target holds an octet that no URI may hold.
    Target,
    /// The target holds white space, so that where it ends is not sure.
    SpaceInTarget,
    /// What follows the target is not `HTTP/` and two digits.
    Version,
    /// It is the beginning of a TLS handshake, sent to a port that speaks clear text.
    Tls,
    /// It is the preface of HTTP/2, which this connection does not speak.
    Http2Preface,
}

/// What was wrong with a field line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// There is no colon.
    NoColon,
    /// There is white space between the name and the colon (RFC 9112 §5.1).
    SpaceBeforeColon,
    /// The name is empty.
    EmptyName,
    /// The name holds an octet that no token may hold.
    Name,
    /// The value holds NUL, CR or another control character (RFC 9110 §5.5).
    Value,
    /// The line begins with white space: an old line folding (RFC 9112 §5.2).
    Folded,
    /// White space stands between the request line and the first field (RFC 9112 §2.2).
    SpaceBeforeFirst,
    /// A line ends with LF alone (RFC 9112 §2.2).
    BareLf,
    /// CR stands without LF (RFC 9112 §2.2).
    BareCr,
    /// A field that must not be repeated is.
    Repeated,
}

/// What was wrong with Host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// HTTP/1.1 demands it.
    Missing,
    /// There are several.
    Repeated,
    /// It is no host and port.
    Invalid,
}

/// What was wrong with the framing of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// Content-Length is not a number.
    Length,
    /// Content-Length is a larger number than can be counted.
    LengthOverflow,
    /// Content-Length is there more than once.
    LengthRepeated,
    /// Content-Length and Transfer-Encoding are both there (RFC 9112 §6.1).
    LengthAndCoding,
    /// Transfer-Encoding in a message of HTTP/1.0 (RFC 9112 §6.1).
    CodingInHttp10,
    /// chunked is not the last coding (RFC 9112 §6.3).
    ChunkedNotLast,
    /// chunked stands there twice.
    ChunkedTwice,
    /// Transfer-Encoding is empty.
    Empty,
}

/// Which size of the fields was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldsSize {
    /// That of one line, in octets.
    Line,
    /// That of all lines together, in octets.
    Section,
    /// Their number.
    Count,
}

/// A fault, with what the wire met. Positions point into the octets received so far.
///
/// ```
/// use semantics::fault::{Fault, HostError, Kind};
///
/// let fault = Fault::Host { what: HostError::Missing };
/// assert_eq!(fault.kind(), Kind::Host);
/// let error: &dyn core::error::Error = &fault;
/// assert_eq!(error.to_string(), "Host is missing");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No octet of a request had come when the time ran out or the connection was closed.
    Nothing,
    /// So many octets had come when the time (in milliseconds) ran out.
    Stalled {
        /// Octets received of the head.
        received: usize,
        /// The time allowed, in milliseconds.
        limit: u64,
    },
    /// Only so much of the content had come when nothing more came for so long (in milliseconds).
    ContentStalled {
        /// Octets received of the content.
        received: u64,
        /// Octets announced.
        announced: u64,
        /// The time allowed for more to come, in milliseconds.
        limit: u64,
    },
    /// The connection was closed when so many octets of the head had come.
    Truncated {
        /// Octets received of the head.
        received: usize,
    },
    /// The method is longer than this many octets.
    MethodTooLong {
        /// The limit, in octets.
        limit: usize,
    },
    /// The target is longer than this many octets.
    TargetTooLong {
        /// The limit, in octets.
        limit: usize,
        /// Octets of the target seen so far: at least its length.
        size: usize,
    },
    /// The request line is malformed.
    RequestLine {
        /// How.
        what: RequestLineError,
        /// At which octet of the request.
        at: usize,
    },
    /// The version is not spoken here.
    Version {
        /// Its major number.
        major: u8,
        /// Its minor number.
        minor: u8,
    },
    /// Fields are too large.
    FieldsTooLarge {
        /// Which size.
        what: FieldsSize,
        /// Where the name of the field at fault stands, if one is.
        name: Option<Span>,
        /// The size met so far, in octets or lines.
        size: usize,
        /// The limit, in octets or lines.
        limit: usize,
    },
    /// A field line is malformed.
    Field {
        /// How.
        what: FieldError,
        /// Where its name stands, if it could be read.
        name: Option<Span>,
        /// At which octet of the request.
        at: usize,
    },
    /// Host is wrong.
    Host {
        /// How.
        what: HostError,
    },
    /// The transfer coding is not known.
    TransferCoding {
        /// Where the value stands.
        value: Span,
    },
    /// The framing is wrong.
    Framing {
        /// How.
        what: FramingError,
        /// The field that says so.
        field: Field,
    },
}

impl Fault {
    /// Its kind.
    pub const fn kind(self) -> Kind {
        match self {
            Fault::Nothing => Kind::Nothing,
            Fault::Stalled { .. } | Fault::ContentStalled { .. } => Kind::Stalled,
            Fault::Truncated { .. } => Kind::Truncated,
            Fault::MethodTooLong { .. } => Kind::MethodTooLong,
            Fault::TargetTooLong { .. } => Kind::TargetTooLong,
            Fault::RequestLine { .. } => Kind::RequestLine,
            Fault::Version { .. } => Kind::Version,
            Fault::FieldsTooLarge { .. } => Kind::FieldsTooLarge,
            Fault::Field { .. } => Kind::Fields,
            Fault::Host { .. } => Kind::Host,
            Fault::TransferCoding { .. } => Kind::TransferCoding,
            Fault::Framing { .. } => Kind::Framing,
        }
    }
}

/// What was wrong with content while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentFault {
    /// It stopped arriving before the time ran out.
    Stalled,
    /// The connection was closed before its end.
    Truncated,
    /// The size of a chunk is not a hexadecimal number, or too large to be counted.
    ChunkSize,
    /// The line of a chunk's size, or all chunk extensions together, are too long.
    ChunkLine,
    /// A chunk does not end where its size says.
    ChunkEnd,
    /// A trailer line is malformed.
    Trailer,
    /// The trailer section is too large.
    TrailersTooLarge,
    /// It grew larger than we take.
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Kinds::of(Kind::Host).with(Kind::Version);
        for kind in Kind::ALL {
            assert_eq!(set.has(kind), matches!(kind, Kind::Host | Kind::Version));
        }
        assert!(Kinds::NONE.is_empty() && !set.is_empty());
    }
}
