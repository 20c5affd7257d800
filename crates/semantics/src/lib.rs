//! What the words of HTTP mean: statuses, methods, fields, requests, and the values of fields.
//!
//! Pure: no clock, no socket, no file, no thread. Nothing here decides an answer; that is `decision`'s.
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
