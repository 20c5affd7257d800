//! One request and its response, whatever version of HTTP carries them.
//!
//! Here is the face between those who serve and those who carry: a server takes an [`Exchange`](exchange::Exchange), a driver of
//! HTTP/1 (or of another version) implements it. Neither sockets nor the octets of a version are known here, and no answer is
//! chosen here.
#![forbid(unsafe_code)]

pub mod body;
pub mod content;
#[allow(clippy::module_inception)] // the trait that the crate is about
pub mod exchange;
pub mod received;
