//! Digest: a proof of a password that does not tell it. RFC 7616
//!
//! `ha1.rs` has what is kept of a password, `nonce.rs` the nonces and their counts, `response.rs` what a client sends and how it
//! is computed, `target.rs` whether a `uri` means the target of the request. Who is who, and what follows from it, is the gate's.

pub mod ha1;
pub mod nonce;
pub(crate) mod response;
pub(crate) mod target;

pub use ha1::{Algorithm, Ha1, Ha1Error, digest_ha1};
pub use nonce::Nonces;
