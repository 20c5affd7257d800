//! HTTP/1.0 and HTTP/1.1 without input or output: octets to heads, content and faults; responses to octets.
//!
//! Nothing here reads a clock, a socket or a file, and nothing here picks a status. What is wrong with the octets of a
//! request is a [`Fault`](semantics::fault::Fault), stated with what was met and where; another crate judges it. The
//! driver brings octets, time and the knowledge that a client has gone, and does what it is told to do next.
//!
//! A whole exchange, in the order of the modules:
//!
//! ```
//! use semantics::field::{Field, Sink};
//! use semantics::limits::Limits;
//! use semantics::request::{Head, Request};
//! use semantics::status::Status;
//! use wire::connection::{Ending, Left, Next};
//! use wire::content::{ContentReader, ContentStep};
//! use wire::head::{HeadReader, HeadStep};
//! use wire::response::{Delimiting, ResponseHead};
//!
//! let limits = Limits::default();
//! let octets = b"PUT /note HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /note HTTP/1.1\r\n";
//!
//! // The head. Had not all of it come, it would be `Incomplete`, to be read again with more octets.
//! let (mut reader, mut head) = (HeadReader::new(), Head::default());
//! let HeadStep::Complete { length } = reader.read(octets, &limits, &mut head) else { panic!("a sound head") };
//! let request = Request::new(octets, &head);
//! assert_eq!((request.raw_target(), request.field(Field::HOST)), (&b"/note"[..], Some(&b"a"[..])));
//!
//! // The content.
//! let mut content = ContentReader::new(head.framing);
//! let rest = &octets[length..];
//! assert_eq!(content.read(rest), ContentStep::Data(0..5));
//! let rest = &rest[5..];
//! assert_eq!(content.read(rest), ContentStep::End { consumed: 0 });
//!
//! // What is to follow the response, and then the response.
//! let next = Ending { persistent: head.persistent, left: Left::of(content.remaining()), ..Ending::default() }.next(&limits);
//! assert_eq!(next, Next::NextRequest);
//! let mut out = Vec::new();
//! let mut response = ResponseHead::begin(&mut out, head.version, Status::CREATED);
//! response.field(Field::CONTENT_LENGTH, b"0");
//! response.finish(Delimiting::Stated, next);
//! assert_eq!(out, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
//!
//! // The next request has begun and is not yet complete.
//! assert_eq!(reader.read(rest, &limits, &mut head), HeadStep::Incomplete);
//! assert!(reader.begun(rest));
//! ```
#![forbid(unsafe_code)]

// A head, from its octets to what they say together.
mod octets;

mod request_line;

mod field_line;

mod framing;

pub mod head;

// What follows the head, and the answer.
pub mod content;

pub mod response;

pub mod connection;

use semantics::request::Span;

/// The stretch from one octet to another. Limits keep a head far below 4 GiB.
#[inline]
fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// The examples of the README are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
