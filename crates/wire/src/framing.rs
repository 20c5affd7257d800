//! What the fields of a complete head say together: Host, how the content is delimited, whether the connection may go on
//! (RFC 9112 §3.2, §6, §9.3).
//!
//! A message whose length could be understood in two ways is refused, never repaired: that is what request smuggling
//! lives on.

use semantics::connection::Connection;
use semantics::content_length::{ContentLengthError, content_length};
use semantics::fault::{Fault, FramingError, HostError};
use semantics::field::{Field, Fields};
use semantics::host::Authority;
use semantics::request::{Framing, Head, Request, Span};
use semantics::syntax::List;
use semantics::transfer_encoding::{TransferEncodingError, is_chunked};
use semantics::version::Version;

/// Fields that say where the request and the connection end.
const DELIMITERS: Fields = Fields::of(&[Field::CONTENT_LENGTH, Field::TRANSFER_ENCODING, Field::CONNECTION]);

/// Judges a head whose lines are sound, and completes it.
#[inline]
pub(crate) fn conclude(octets: &[u8], head: &mut Head, repeated: Fields) -> Result<(), Fault> {
    let request = Request::new(octets, head);
    host(request, repeated.has(Field::HOST))?;
    let (mut framing, mut persistent) = (Framing::None, head.version.is_modern());
    if head.present.meets(DELIMITERS) {
        framing = delimit(request)?;
        persistent = persists(request, repeated.has(Field::CONNECTION));
    }
    head.framing = framing;
    head.persistent = persistent;
    Ok(())
}

/// RFC 9112 §3.2
#[inline]
fn host(request: Request<'_>, repeated: bool) -> Result<(), Fault> {
    let what = match request.field(Field::HOST) {
        None if request.version() == Version::Http10 => return Ok(()),
        None => HostError::Missing,
        Some(_) if repeated => HostError::Repeated,
        Some(host) if is_plain(host) || Authority::of_host(host).is_ok() => return Ok(()),
        Some(_) => HostError::Invalid,
    };
    Err(Fault::Host { what })
}

/// Is this a name of letters, digits, hyphens and dots, perhaps with a port of at most four digits? Most are, and need no
/// closer look.
#[inline]
fn is_plain(host: &[u8]) -> bool {
    let name = host.iter().position(|octet| !PLAIN[usize::from(*octet)]).unwrap_or(host.len());
    match &host[name..] {
        [] => true,
        [b':', port @ ..] => port.len() <= 4 && port.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < table.len() {
        table[octet] = (octet as u8).is_ascii_alphanumeric() || matches!(octet as u8, b'-' | b'.');
        octet += 1;
    }
    table
};

/// RFC 9112 §6.3
fn delimit(request: Request<'_>) -> Result<Framing, Fault> {
    if request.has(Field::TRANSFER_ENCODING) {
        return chunks(request);
    }
    if !request.has(Field::CONTENT_LENGTH) {
        return Ok(Framing::None);
    }
    match content_length(request.values(Field::CONTENT_LENGTH)) {
        Ok(None | Some(0)) => Ok(Framing::None),
        Ok(Some(length)) => Ok(Framing::Length(length)),
        Err(refusal) => {
            let what = match refusal.what {
                ContentLengthError::Empty | ContentLengthError::Sign | ContentLengthError::NotADigit => {
                    FramingError::Length
                }
                ContentLengthError::Overflow => FramingError::LengthOverflow,
                ContentLengthError::Repeated | ContentLengthError::Conflicting => FramingError::LengthRepeated,
            };
            Err(Fault::Framing { what, field: Field::CONTENT_LENGTH })
        }
    }
}

/// The framing of a request that has a Transfer-Encoding (RFC 9112 §6.1).
fn chunks(request: Request<'_>) -> Result<Framing, Fault> {
    let coding = is_chunked(request.values(Field::TRANSFER_ENCODING)).map_err(|refusal| refusal.what);
    let what = match coding {
        Err(TransferEncodingError::Unknown(name)) => {
            return Err(Fault::TransferCoding { value: line_with(request, name) });
        }
        _ if request.version() == Version::Http10 => FramingError::CodingInHttp10,
        _ if request.has(Field::CONTENT_LENGTH) => FramingError::LengthAndCoding,
        Err(TransferEncodingError::Empty) => FramingError::Empty,
        Err(TransferEncodingError::ChunkedTwice) => FramingError::ChunkedTwice,
        Err(TransferEncodingError::ChunkedNotLast | TransferEncodingError::Malformed) | Ok(false) => {
            FramingError::ChunkedNotLast
        }
        Ok(true) => return Ok(Framing::Unannounced),
    };
    Err(Fault::Framing { what, field: Field::TRANSFER_ENCODING })
}

/// Where the value of the first Transfer-Encoding that names this coding stands.
fn line_with(request: Request<'_>, coding: &[u8]) -> Span {
    let values = request.values(Field::TRANSFER_ENCODING);
    let spans = request.head().lines.iter().filter(|line| line.field == Some(Field::TRANSFER_ENCODING));
    let mut found = values.zip(spans).filter(|(value, _)| List::new(value).any(|member| member.starts_with(coding)));
    found.next().map(|(_, line)| line.value).unwrap_or_default()
}

/// RFC 9112 §9.3. Proxy-Connection is no field of HTTP and says nothing here (RFC 9112 §C.2.2).
fn persists(request: Request<'_>, repeated: bool) -> bool {
    let modern = request.version().is_modern();
    match request.field(Field::CONNECTION) {
        None => return modern,
        // What browsers send, in the only line that there is.
        Some(b"keep-alive") if !repeated => return true,
        Some(_) => {}
    }
    let connection = Connection::read(request.values(Field::CONNECTION));
    !connection.close && (connection.keep_alive || modern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The short way says yes only where the long one does.
        #[test]
        fn a_plain_host_is_a_host(host in "[a-zA-Z0-9.:_%@-]{0,12}") {
            prop_assert!(!is_plain(host.as_bytes()) || Authority::of_host(host.as_bytes()).is_ok());
        }
    }

    #[test]
    fn most_hosts_are_plain() {
        for host in ["", "localhost:8080", "www.example.org", "127.0.0.1:80", "a:"] {
            assert!(is_plain(host.as_bytes()), "{host}");
        }
        for host in ["[::1]", "a:65535", "a:x", "a b", "u@h", "a_b"] {
            assert!(!is_plain(host.as_bytes()), "{host}");
        }
    }
}
