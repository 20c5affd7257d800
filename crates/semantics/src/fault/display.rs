//! Faults and offences in words, so that they can be passed on as errors. What a client is told of one is the explanation's.

use core::{error, fmt};

use super::{ContentFault, Fault, FieldError, FieldsSize, FramingError, HostError, RequestLineError};

/// Gives each variant of an enum its words, and makes the enum an error.
macro_rules! errors {
    ($($name:ident { $($variant:ident => $words:literal,)+ })+) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $($name::$variant => $words,)+
                })
            }
        }

        impl error::Error for $name {})+
    };
}

errors! {
    RequestLineError {
        EmptyLines => "too many empty lines come before the request line",
        Method => "the method is empty or holds an octet that no token may hold",
        Incomplete => "the request line has no target or no version",
        Target => "the target holds an octet that no URI may hold",
        SpaceInTarget => "the target holds white space",
        Version => "the version is not `HTTP/` and two digits",
        Tls => "the client began a TLS handshake on a connection in clear text",
        Http2Preface => "the client sent the preface of HTTP/2",
    }
    FieldError {
        NoColon => "the field line has no colon",
        SpaceBeforeColon => "white space stands before the colon",
        EmptyName => "the field name is empty",
        Name => "the field name holds an octet that no token may hold",
        Value => "the field value holds a control character",
        Folded => "the field line is folded",
        SpaceBeforeFirst => "white space stands before the first field",
        BareLf => "a line ends with LF alone",
        BareCr => "a CR stands without LF",
        Repeated => "a field that must not be repeated is",
    }
    HostError {
        Missing => "Host is missing",
        Repeated => "there are several Host fields",
        Invalid => "Host is no host and port",
    }
    FramingError {
        Length => "Content-Length is not a number",
        LengthOverflow => "Content-Length does not fit 64 bits",
        LengthRepeated => "there are several Content-Lengths",
        LengthAndCoding => "Content-Length and Transfer-Encoding are both there",
        CodingInHttp10 => "HTTP/1.0 has no Transfer-Encoding",
        ChunkedNotLast => "chunked is not the last transfer coding",
        ChunkedTwice => "chunked is applied twice",
        Empty => "Transfer-Encoding is empty",
    }
    ContentFault {
        Stalled => "the content stopped arriving before the time ran out",
        Truncated => "the connection was closed before the end of the content",
        ChunkSize => "the size of a chunk is no hexadecimal number that can be counted",
        ChunkLine => "the line of a chunk's size, or all chunk extensions together, are too long",
        ChunkEnd => "a chunk does not end where its size says",
        Trailer => "a trailer line is malformed",
        TrailersTooLarge => "the trailer section is too large",
        TooLarge => "the content grew larger than is taken",
    }
}

/// What was measured, as the subject of a sentence.
impl fmt::Display for FieldsSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FieldsSize::Line => "the octets of a field line",
            FieldsSize::Section => "the octets of all field lines",
            FieldsSize::Count => "the field lines",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Nothing => f.write_str("no request came"),
            Fault::Stalled { received, limit } => {
                write!(f, "the head was not complete after {limit} ms; {received} octets had come")
            }
            Fault::ContentStalled { received, announced, limit } => {
                write!(f, "no content came for {limit} ms; {received} of {announced} octets had come")
            }
            Fault::Truncated { received } => {
                write!(f, "the connection was closed within the head; {received} octets had come")
            }
            Fault::MethodTooLong { limit } => write!(f, "the method is longer than {limit} octets"),
            Fault::TargetTooLong { limit, .. } => write!(f, "the target is longer than {limit} octets"),
            Fault::RequestLine { what, at } => write!(f, "{what} (at octet {at})"),
            Fault::Version { major, minor } => write!(f, "HTTP/{major}.{minor} is not spoken here"),
            Fault::FieldsTooLarge { what, limit, .. } => write!(f, "{what} are more than {limit}"),
            Fault::Field { what, at, .. } => write!(f, "{what} (at octet {at})"),
            Fault::Host { what } => what.fmt(f),
            Fault::TransferCoding { .. } => f.write_str("the transfer coding is not known"),
            Fault::Framing { what, field } => write!(f, "{what} (told by {field})"),
        }
    }
}

impl error::Error for Fault {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Fault::RequestLine { what, .. } => Some(what),
            Fault::Field { what, .. } => Some(what),
            Fault::Host { what } => Some(what),
            Fault::Framing { what, .. } => Some(what),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::field::Field;
    use std::string::ToString;

    fn is_error(error: &dyn error::Error) -> std::string::String {
        error.to_string()
    }

    #[test]
    fn a_fault_is_an_error_with_its_offence_as_its_source() {
        let fault = Fault::RequestLine { what: RequestLineError::SpaceInTarget, at: 7 };
        assert_eq!(is_error(&fault), "the target holds white space (at octet 7)");
        let source = error::Error::source(&fault).map(is_error);
        assert_eq!(source.as_deref(), Some("the target holds white space"));
        let size = Fault::FieldsTooLarge { what: FieldsSize::Section, name: None, size: 70_000, limit: 65_536 };
        assert_eq!(is_error(&size), "the octets of all field lines are more than 65536");
        let framing = Fault::Framing { what: FramingError::LengthOverflow, field: Field::CONTENT_LENGTH };
        assert_eq!(is_error(&framing), "Content-Length does not fit 64 bits (told by Content-Length)");
        assert!(error::Error::source(&Fault::Nothing).is_none());
        assert_eq!(is_error(&ContentFault::ChunkEnd), "a chunk does not end where its size says");
    }
}
