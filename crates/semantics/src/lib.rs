//! What the words of HTTP mean: statuses, methods, fields, requests, and the values of fields.
//!
//! Pure: no clock, no socket, no file, no thread. Nothing here decides an answer; that is `decision`'s.
//!
//! A request is a view of octets ([`request`]), its target is read once ([`target_uri`]), and each field whose value means
//! something has a reader in a module of its own. A reader is total: any octets yield a value or a
//! [`ParseError`](syntax::ParseError), which names the offence and the offset at which it shows.
//!
//! ```
//! use core::cell::OnceCell;
//!
//! use semantics::accept::Dimension;
//! use semantics::field::Field;
//! use semantics::method::Method;
//! use semantics::range::{RangeError, Ranges};
//! use semantics::request::OwnedRequest;
//! use semantics::status::Status;
//! use semantics::target_uri::TargetUri;
//!
//! let fields = [("Host", "example.org:8080"), ("Accept", "text/html;q=0.8, image/png"), ("Range", "bytes=0-9")];
//! let fields = fields.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
//! let request = OwnedRequest::made(Method::GET, b"/a%20page?v=1", fields);
//! let request = request.view();
//!
//! // The target, with the authority that Host names.
//! let room = OnceCell::new();
//! let uri = TargetUri::of(request, &room);
//! assert_eq!(uri.path.map(|path| path.path), Some(&b"a page"[..]));
//! assert_eq!(uri.authority().and_then(|authority| authority.port), Some(8080));
//!
//! // What the client would rather have, and how much of it.
//! let best = Dimension::MediaType.choose(request.values(Field::ACCEPT), &["text/html", "image/png"]);
//! assert_eq!(best, Some(1));
//! let ranges = request.field(Field::RANGE).map(Ranges::parse).expect("there is one").expect("it is well formed");
//! let parts = ranges.resolve(1_000).expect("it overlaps 1,000 octets");
//! assert_eq!(parts.total_length(), 10);
//!
//! // What is malformed is refused with its place.
//! let refusal = Ranges::parse(b"bytes=9-0").expect_err("the last byte precedes the first");
//! assert_eq!((refusal.at, refusal.what), (8, RangeError::Backwards));
//!
//! // What a status means to whoever reads it.
//! assert_eq!(Status::PARTIAL_CONTENT.row().spec, "RFC 9110 §15.3.7, §14");
//! ```
//!
//! # What may change in a minor version
//!
//! Enums and structs marked `#[non_exhaustive]` grow. Tables get new rows: of statuses, methods and fields. Enums without the
//! mark are closed, so that a caller can handle each variant, and a new variant is a breaking change; [`fault::Fault`] and its
//! offences are such, because whoever answers a fault has something to say of each. [`limits::Limits`] is built with
//! `..limits::DEFAULT`, and gets new fields.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod status;
pub mod method;
pub mod field;
pub mod version;
pub mod limits;

pub mod request;
pub mod fault;
pub mod target;
pub mod target_uri;
pub mod host;

pub mod syntax;
pub mod splitmix;
pub mod text;
pub mod date;
pub mod tag;
pub mod connection;
pub mod content_length;
pub mod expect;
pub mod transfer_encoding;
pub mod media_type;
pub mod accept;
pub mod conditional;
pub mod range;
pub mod cache_control;
pub mod prefer;
pub mod ratelimit;
pub mod structured;
pub mod digest_field;
pub mod content_disposition;
pub mod credentials;
pub mod depth;
pub mod if_header;
pub mod upload;

/// The examples of the README are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
