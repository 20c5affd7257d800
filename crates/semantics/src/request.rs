//! The head of a request: a borrowed view, one type for every version of HTTP.
//!
//! A [`Head`] holds positions and is reused from request to request; a [`Request`] is a head together with the octets that it
//! points into. Neither copies a value. How octets become a head is not known here: that is the wire's.

use alloc::vec::Vec;
use core::fmt;

use crate::field::{Field, Fields};
use crate::method::Method;
use crate::version::Version;

/// A stretch of the octets that a head points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// Where it begins.
    pub start: u32,
    /// Where it ends: the octet after its last.
    pub end: u32,
}

impl Span {
    /// Its octets.
    #[inline]
    pub fn of(self, octets: &[u8]) -> &[u8] {
        octets.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    const fn shifted(self, by: u32) -> Span {
        Span { start: self.start.wrapping_add(by), end: self.end.wrapping_add(by) }
    }

    /// How many octets.
    #[inline]
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Is there none?
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One field line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where its name stands.
    pub name: Span,
    /// Where its value stands, without white space around it.
    pub value: Span,
    /// Its row, if the table of fields has it.
    pub field: Option<Field>,
}

impl Line {
    /// Moves it by so many octets, backwards if that wraps around.
    #[inline]
    pub const fn shift(&mut self, by: u32) {
        self.name = self.name.shifted(by);
        self.value = self.value.shifted(by);
    }
}

/// How the content of a request is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Framing {
    /// There is none.
    #[default]
    None,
    /// So many octets follow; never 0.
    Length(u64),
    /// Chunks follow (RFC 9112 §7.1), or frames whose sum was not announced.
    Unannounced,
}

/// The head of a request, as positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Where the method stands.
    pub method_name: Span,
    /// The method's row, if the table of methods has it.
    pub method: Option<Method>,
    /// Its name says that an extension is mandatory (RFC 2774 §5); what is without that prefix is the method.
    pub mandatory: bool,
    /// Where the target stands.
    pub target: Span,
    /// The version in which the request is read.
    pub version: Version,
    /// The field lines, in their order.
    pub lines: Vec<Line>,
    /// Which fields of the table are there.
    pub present: Fields,
    /// How the content is delimited.
    pub framing: Framing,
    /// May the connection go on after this request, as far as the client is concerned (RFC 9112 §9.3)?
    pub persistent: bool,
}

impl Head {
    /// The head of nothing.
    pub const EMPTY: Head = Head {
        method_name: Span { start: 0, end: 0 },
        method: None,
        mandatory: false,
        target: Span { start: 0, end: 0 },
        version: Version::Http11,
        lines: Vec::new(),
        present: Fields::NONE,
        framing: Framing::None,
        persistent: false,
    };

    /// Forgets everything and keeps the room.
    pub fn clear(&mut self) {
        let mut lines = core::mem::take(&mut self.lines);
        lines.clear();
        *self = Head { lines, ..Head::EMPTY };
    }

    /// Adds a line.
    #[inline]
    pub fn push(&mut self, line: Line) {
        if let Some(field) = line.field {
            self.present.insert(field);
        }
        self.lines.push(line);
    }
}

/// A request's head: the view that every question reads.
///
/// ```
/// use semantics::field::Field;
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
///
/// let lines = [(&b"Host"[..], &b"a"[..]), (b"accept", b"text/html"), (b"Accept", b"*/*;q=0.1"), (b"X-Mine", b"1")];
/// let request = OwnedRequest::made(Method::GET, b"/", lines);
/// let request = request.view();
/// assert!(request.is_read() && !request.has_content());
/// assert_eq!(request.field(Field::HOST), Some(&b"a"[..]));
/// assert_eq!(request.values(Field::ACCEPT).count(), 2);
/// // a field without a row in the table is found among the lines
/// assert!(request.lines().any(|(name, _, row)| name == b"X-Mine" && row.is_none()));
/// ```
#[derive(Clone, Copy)]
pub struct Request<'a> {
    octets: &'a [u8],
    head: &'a Head,
}

impl<'a> Request<'a> {
    /// The view of `head` over the octets that it was made from.
    #[inline]
    pub const fn new(octets: &'a [u8], head: &'a Head) -> Request<'a> {
        Request { octets, head }
    }

    /// The positions behind the view.
    #[inline]
    pub const fn head(self) -> &'a Head {
        self.head
    }

    /// The method, if it has a row.
    #[inline]
    pub fn method(self) -> Option<Method> {
        self.head.method
    }

    /// The method as it was sent.
    #[inline]
    pub fn method_name(self) -> &'a [u8] {
        self.head.method_name.of(self.octets)
    }

    /// Is it this method?
    #[inline]
    pub fn is(self, method: Method) -> bool {
        self.head.method == Some(method)
    }

    /// Is it GET or HEAD?
    #[inline]
    pub fn is_read(self) -> bool {
        self.head.method.is_some_and(Method::is_read)
    }

    /// Does its name say that an extension is mandatory (RFC 2774 §5)?
    #[inline]
    pub fn is_mandatory(self) -> bool {
        self.head.mandatory
    }

    /// The target as it was sent, for whoever shows it. What it means is read by [`TargetUri`](crate::target_uri::TargetUri) alone.
    #[inline]
    pub fn raw_target(self) -> &'a [u8] {
        self.head.target.of(self.octets)
    }

    /// The version.
    #[inline]
    pub fn version(self) -> Version {
        self.head.version
    }

    /// Does it carry this field?
    #[inline]
    pub fn has(self, field: Field) -> bool {
        self.head.present.has(field)
    }

    /// Does it carry one of these fields?
    #[inline]
    pub fn has_any(self, fields: Fields) -> bool {
        self.head.present.meets(fields)
    }

    /// The value of the first line of this field.
    #[inline]
    pub fn field(self, field: Field) -> Option<&'a [u8]> {
        if !self.has(field) {
            return None;
        }
        self.values(field).next()
    }

    /// The values of all lines of this field, in their order.
    pub fn values(self, field: Field) -> impl Iterator<Item = &'a [u8]> + Clone {
        let octets = self.octets;
        self.head.lines.iter().filter(move |l| l.field == Some(field)).map(move |l| l.value.of(octets))
    }

    /// Every line: its name as sent, its value, its row if it has one.
    pub fn lines(self) -> impl Iterator<Item = (&'a [u8], &'a [u8], Option<Field>)> + Clone {
        let octets = self.octets;
        self.head.lines.iter().map(move |l| (l.name.of(octets), l.value.of(octets), l.field))
    }

    /// How its content is delimited.
    #[inline]
    pub fn framing(self) -> Framing {
        self.head.framing
    }

    /// Does it bring content?
    #[inline]
    pub fn has_content(self) -> bool {
        self.head.framing != Framing::None
    }
}

/// A head with the octets that it points into, kept while the connection goes on to read content.
#[derive(Clone, Debug)]
pub struct OwnedRequest {
    octets: Vec<u8>,
    head: Head,
}

impl OwnedRequest {
    /// A copy of the head, and of nothing that came behind it.
    pub fn of(request: Request<'_>) -> OwnedRequest {
        let head = request.head.clone();
        let ends = head.lines.iter().map(|line| line.value.end.max(line.name.end));
        let end = ends.chain([head.method_name.end, head.target.end]).max().unwrap_or(0) as usize;
        OwnedRequest { octets: request.octets.get(..end).unwrap_or(request.octets).to_vec(), head }
    }

    /// A head that was never sent: this method, this target, these fields, and no content.
    pub fn made<'f>(
        method: Method,
        target: &[u8],
        fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>,
    ) -> OwnedRequest {
        let (mut octets, mut head) = (Vec::new(), Head { method: Some(method), ..Head::EMPTY });
        let mut put = |text: &[u8]| {
            // a head is far shorter than 4 GiB: each of its pieces was part of one
            let start = octets.len() as u32;
            octets.extend_from_slice(text);
            Span { start, end: octets.len() as u32 }
        };
        head.method_name = put(method.name().as_bytes());
        head.target = put(target);
        for (name, value) in fields {
            head.push(Line { name: put(name), value: put(value), field: Field::of(name) });
        }
        OwnedRequest { octets, head }
    }

    /// The view.
    pub fn view(&self) -> Request<'_> {
        Request::new(&self.octets, &self.head)
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method_name().escape_ascii(), self.raw_target().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    fn span(octets: &str, part: &str) -> Span {
        let start = octets.find(part).expect("the part is in the text") as u32;
        Span { start, end: start + part.len() as u32 }
    }

    #[test]
    fn a_view_reads_what_the_positions_say() {
        let text = "GET /doc HTTP/1.1\r\nHost: a\r\nAccept: x/y\r\naccept: z/*\r\nOdd: 1\r\n\r\n";
        let mut head = Head {
            method_name: span(text, "GET"),
            method: Some(Method::GET),
            target: span(text, "/doc"),
            ..Head::default()
        };
        for (name, value) in [("Host", "a\r"), ("Accept", "x/y"), ("accept", "z/*"), ("Odd", "1")] {
            let value = Span { end: span(text, value).start + value.trim_end().len() as u32, ..span(text, value) };
            head.push(Line { name: span(text, name), value, field: Field::of(name.as_bytes()) });
        }
        let request = Request::new(text.as_bytes(), &head);
        assert!(request.is_read() && request.is(Method::GET) && !request.is(Method::HEAD));
        assert_eq!(request.raw_target(), b"/doc");
        assert_eq!(request.field(Field::ACCEPT), Some(&b"x/y"[..]));
        assert!(request.values(Field::ACCEPT).eq([&b"x/y"[..], b"z/*"]));
        assert_eq!(request.field(Field::RANGE), None);
        assert_eq!(request.lines().count(), 4);
        assert!(request.lines().any(|(n, v, f)| n == b"Odd" && v == b"1" && f.is_none()));
        assert!(!request.has_content());
        let made = OwnedRequest::made(Method::PUT, b"/x", [(&b"host"[..], &b"a"[..]), (b"X-Y", b"z")]);
        assert!(made.view().is(Method::PUT) && made.view().raw_target() == b"/x" && !made.view().has_content());
        assert_eq!((made.view().field(Field::HOST), made.view().lines().count()), (Some(&b"a"[..]), 2));
        let behind = [text.as_bytes(), b"and content"].concat();
        let owned = OwnedRequest::of(Request::new(&behind, &head));
        assert_eq!(owned.view().raw_target(), b"/doc");
        assert!(owned.view().lines().eq(request.lines()) && owned.octets.len() < text.len());
    }
}
