//! Responses, written into a buffer (RFC 9112 §4 to §7).
//!
//! The wire writes the status it is given; it never picks one. What it adds are the fields that are its own: how the
//! content is delimited and whether the connection goes on.

use semantics::field::{Field, Rendered, Sink};
use semantics::status::Status;
use semantics::syntax::is_token;
use semantics::version::Version;

use crate::connection::Next;

/// How the content of a response is delimited (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiting {
    /// A Content-Length is among the fields, or a response of this status or to this method has no content.
    Stated,
    /// By chunks.
    Chunked,
    /// By the close of the connection: what is left for HTTP/1.0 (RFC 9112 §6.1).
    Closing,
}

impl Delimiting {
    /// How content whose length is `stated`, or is not known, is delimited for a client of this version.
    #[inline]
    pub const fn of(version: Version, stated: bool) -> Delimiting {
        match (stated, version) {
            (true, _) => Delimiting::Stated,
            (false, Version::Http10) => Delimiting::Closing,
            (false, _) => Delimiting::Chunked,
        }
    }
}

/// The head of a response that is being written.
#[must_use = "a head ends with `finish`"]
#[derive(Debug)]
pub struct ResponseHead<'a> {
    out: &'a mut Vec<u8>,
    version: Version,
    length: bool,
    /// Fields for the next hop alone that were written, and are to be named in Connection (RFC 9110 §7.6.1).
    hops: [Option<Field>; 2],
}

impl<'a> ResponseHead<'a> {
    /// Writes the status line of a final response to a request of this version. The version written is always 1.1, the
    /// highest that we speak here (RFC 9110 §6.2).
    #[inline]
    pub fn begin(out: &'a mut Vec<u8>, version: Version, status: Status) -> ResponseHead<'a> {
        debug_assert!(!status.is_interim() || status.code() == 101, "an interim response goes through `interim`");
        status_line(out, status);
        ResponseHead { out, version, length: false, hops: [None; 2] }
    }

    /// Writes the fields that are the wire's own, and the empty line.
    #[inline]
    pub fn finish(self, delimiting: Delimiting, next: Next) {
        debug_assert!(delimiting != Delimiting::Chunked || !self.length, "a length and chunks (RFC 9112 §6.2)");
        debug_assert!(delimiting != Delimiting::Closing || next.closes(), "only a close ends this content");
        let modern = self.version.is_modern();
        if delimiting == Delimiting::Chunked && modern && !self.length {
            self.out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
        let life: &[u8] = match (next.closes(), modern) {
            (true, _) => b"close",
            (false, false) => b"keep-alive",
            (false, true) => b"",
        };
        let hops = self.hops.iter().flatten().map(|field| field.name().as_bytes());
        let mut options = hops.chain([life]).filter(|option| !option.is_empty());
        if let Some(first) = options.next() {
            self.out.extend_from_slice(b"Connection: ");
            self.out.extend_from_slice(first);
            for option in options {
                self.out.extend_from_slice(b", ");
                self.out.extend_from_slice(option);
            }
            self.out.extend_from_slice(b"\r\n");
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

impl Sink for ResponseHead<'_> {
    #[inline]
    fn field(&mut self, field: Field, value: &[u8]) {
        debug_assert!(field != Field::TRANSFER_ENCODING, "how content is delimited is told with `finish`");
        self.length |= field == Field::CONTENT_LENGTH;
        if matches!(field, Field::UPGRADE | Field::C_EXT) {
            self.hops[usize::from(field == Field::C_EXT)] = Some(field);
        }
        field_line(self.out, field, value);
    }

    fn other(&mut self, name: &[u8], value: &[u8]) {
        any_line(self.out, name, value);
    }

    fn others(&mut self, lines: &Rendered) {
        self.out.extend_from_slice(lines.octets());
    }

    #[inline]
    fn rendered(&mut self, lines: &Rendered) {
        self.length = true;
        self.out.extend_from_slice(lines.octets());
    }
}

/// Writes an interim response, if a client of this version understands it. This is the only gate for interim responses:
/// to HTTP/1.0 nothing is written (RFC 9110 §15.2), and `fields` is not called.
pub fn interim(out: &mut Vec<u8>, version: Version, status: Status, fields: impl FnOnce(&mut dyn Sink)) {
    struct Interim<'a>(&'a mut Vec<u8>);
    impl Sink for Interim<'_> {
        fn field(&mut self, field: Field, value: &[u8]) {
            let framing = matches!(field, Field::CONTENT_LENGTH | Field::TRANSFER_ENCODING);
            debug_assert!(!framing, "an interim response has no content");
            if !framing {
                field_line(self.0, field, value);
            }
        }

        fn other(&mut self, name: &[u8], value: &[u8]) {
            any_line(self.0, name, value);
        }

        fn others(&mut self, lines: &Rendered) {
            self.0.extend_from_slice(lines.octets());
        }
    }
    debug_assert!(status.is_interim(), "a final response goes through `ResponseHead`");
    if !version.is_modern() {
        return;
    }
    status_line(out, status);
    fields(&mut Interim(out));
    out.extend_from_slice(b"\r\n");
}

#[inline]
fn status_line(out: &mut Vec<u8>, status: Status) {
    let [a, b, c] = status.digits();
    out.extend_from_slice(&[b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1', b' ', a, b, c, b' ']);
    out.extend_from_slice(status.reason().as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[inline]
fn field_line(out: &mut Vec<u8>, field: Field, value: &[u8]) {
    out.extend_from_slice(field.row().line.as_bytes());
    let start = out.len();
    out.extend_from_slice(value);
    sanitize(&mut out[start..]);
    out.extend_from_slice(b"\r\n");
}

/// A value that holds CR, LF or NUL is a defect of ours; whatever it is, it must not become another field or another
/// response (RFC 9110 §5.5).
#[inline]
fn sanitize(value: &mut [u8]) {
    if is_armed(value) {
        debug_assert!(false, "a field value holds CR, LF or NUL");
        value.iter_mut().filter(|octet| matches!(octet, b'\r' | b'\n' | 0)).for_each(|octet| *octet = b' ');
    }
}

/// Does it hold one of them? Values are short: sixteen octets in a step are done before a search has chosen how to search.
#[inline]
fn is_armed(value: &[u8]) -> bool {
    let bad = |octets: &[u8]| octets.iter().fold(false, |bad, octet| bad | matches!(octet, b'\r' | b'\n' | 0));
    match value.last_chunk::<16>() {
        // the last sixteen again, wherever the steps end
        Some(last) => value.as_chunks::<16>().0.iter().any(|sixteen| bad(sixteen)) || bad(last),
        None => bad(value),
    }
}

/// Writes the line before a chunk of this size, which is not 0. The octets of the chunk and [`CHUNK_END`] must follow.
pub fn chunk_size(out: &mut Vec<u8>, size: usize) {
    debug_assert!(size > 0, "a chunk of no octets is the last");
    let digits = (usize::BITS - size.leading_zeros()).div_ceil(4);
    for digit in (0..digits).rev() {
        out.push(b"0123456789abcdef"[size >> (digit * 4) & 0xf]);
    }
    out.extend_from_slice(CHUNK_END);
}

/// What follows the octets of a chunk.
pub const CHUNK_END: &[u8] = b"\r\n";

/// Writes content as one chunk (RFC 9112 §7.1). No octets are no chunk: that would end the content.
pub fn chunk(out: &mut Vec<u8>, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    chunk_size(out, data.len());
    out.extend_from_slice(data);
    out.extend_from_slice(CHUNK_END);
}

/// Writes the end of content in chunks. It is written only when all of the content was: content that failed half-way must
/// not look whole (RFC 9112 §8). `trailers` are fields that follow the content (RFC 9112 §7.1.2), names and values.
pub fn last_chunk(out: &mut Vec<u8>, trailers: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) {
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers {
        any_line(out, &name, &value);
    }
    out.extend_from_slice(CHUNK_END);
}

/// A field line of any name. A name that is no token would be another line, or none, and is left out.
fn any_line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    debug_assert!(is_token(name), "the name of a field is a token");
    if !is_token(name) {
        return;
    }
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    let start = out.len();
    out.extend_from_slice(value);
    sanitize(&mut out[start..]);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(version: Version, delimiting: Delimiting, next: Next) -> String {
        let mut out = Vec::new();
        let mut head = ResponseHead::begin(&mut out, version, Status::OK);
        head.field(Field::SERVER, b"because");
        head.finish(delimiting, next);
        String::from_utf8(out).expect("text")
    }

    /// RFC 9112 §9.3, §9.6; FRM-014, CON-002, CON-008
    #[test]
    fn the_wire_adds_only_what_is_its_own() {
        use Delimiting::{Chunked, Closing, Stated};
        use Version::{Http10, Http11};
        let rest = |version, delimiting, next| {
            let text = head(version, delimiting, next);
            let rest = text.strip_prefix("HTTP/1.1 200 OK\r\nServer: because\r\n").expect("the beginning");
            rest.to_owned()
        };
        assert_eq!(rest(Http11, Stated, Next::NextRequest), "\r\n");
        assert_eq!(rest(Http11, Stated, Next::DiscardThenNext), "\r\n");
        assert_eq!(rest(Http11, Stated, Next::LingerThenClose), "Connection: close\r\n\r\n");
        assert_eq!(rest(Http11, Chunked, Next::NextRequest), "Transfer-Encoding: chunked\r\n\r\n");
        assert_eq!(rest(Http10, Stated, Next::NextRequest), "Connection: keep-alive\r\n\r\n");
        assert_eq!(rest(Http10, Stated, Next::Close), "Connection: close\r\n\r\n");
        assert_eq!(rest(Http10, Closing, Next::Close), "Connection: close\r\n\r\n");
        assert_eq!(rest(Http10, Chunked, Next::Close), "Connection: close\r\n\r\n");
    }

    /// RFC 9110 §7.6.1, §7.8
    #[test]
    fn fields_for_the_next_hop_are_named_in_connection() {
        let told = |version, next| {
            let mut out = Vec::new();
            let mut head = ResponseHead::begin(&mut out, version, Status::OK);
            head.field(Field::UPGRADE, b"HTTP/2.0");
            head.field(Field::C_EXT, b"");
            head.finish(Delimiting::Stated, next);
            let text = String::from_utf8(out).expect("text");
            text.lines().find_map(|line| line.strip_prefix("Connection: ")).expect("is there").to_owned()
        };
        assert_eq!(told(Version::Http11, Next::NextRequest), "Upgrade, C-Ext");
        assert_eq!(told(Version::Http11, Next::Close), "Upgrade, C-Ext, close");
        assert_eq!(told(Version::Http10, Next::NextRequest), "Upgrade, C-Ext, keep-alive");
    }

    #[test]
    fn only_http_1_0_has_its_content_ended_by_the_close() {
        assert_eq!(Delimiting::of(Version::Http10, false), Delimiting::Closing);
        assert_eq!(Delimiting::of(Version::Http11, false), Delimiting::Chunked);
        assert_eq!(Delimiting::of(Version::Http10, true), Delimiting::Stated);
    }

    /// 1XX-001, 1XX-002
    #[test]
    fn interim_responses_are_for_those_who_understand_them() {
        let mut out = Vec::new();
        interim(&mut out, Version::Http10, Status::EARLY_HINTS, |_| panic!("HTTP/1.0 gets no fields"));
        assert_eq!(out, b"");
        interim(&mut out, Version::Http11, Status::EARLY_HINTS, |sink| sink.field(Field::LINK, b"</a>; rel=preload"));
        interim(&mut out, Version::Http11, Status::CONTINUE, |_| {});
        assert_eq!(out, b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    }

    /// A debug build stops at the defect.
    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "holds CR, LF or NUL"))]
    fn a_value_cannot_become_another_line() {
        let mut out = Vec::new();
        field_line(&mut out, Field::LOCATION, b"/a\r\nSet-Cookie: x\0");
        assert_eq!(out, b"Location: /a  Set-Cookie: x \r\n");
    }

    /// RFC 9112 §7.1
    #[test]
    fn chunks_are_read_as_they_were_written() {
        use crate::content::{ContentReader, ContentStep};
        for size in [1, 9, 10, 15, 16, 255, 256, 4096, 70_000] {
            let mut out = Vec::new();
            chunk(&mut out, b"");
            assert!(out.is_empty(), "no octets are no chunk");
            chunk(&mut out, &vec![b'x'; size]);
            last_chunk(&mut out, []);
            let mut reader = ContentReader::new(semantics::request::Framing::Unannounced);
            let ContentStep::Data(range) = reader.read(&out) else { panic!("data") };
            assert_eq!(range.len(), size);
            let rest = &out[range.end..];
            assert_eq!(reader.read(rest), ContentStep::End { consumed: rest.len() });
        }
    }
}
