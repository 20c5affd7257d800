//! The limits of the commands; each with its reason.
//!
//! The limits of HTTP are `semantics`', those of serving are `server`'s. Code that bounds a size, a count or a time names a limit;
//! a bare number is a defect.

pub(crate) use access::limits::*;
pub(crate) use observe::limits::*;

/// How often it is looked whether a configuration has changed, in milliseconds: soon enough for who has just saved it.
pub(crate) const WATCH: u64 = 1_000;

/// Different requests of a log that are decided again. They are kept in memory, some hundred octets each; a site that is larger is
/// looked at in parts.
pub(crate) const DIFF_REQUESTS: usize = 500_000;

/// Octets of a record of a decision: a head of the largest size, with every octet escaped, and the facts.
pub(crate) const RECORD: usize = 1_048_576;
