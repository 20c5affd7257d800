//! The mechanisms beneath the rules of a site: which rule matches, where a move leads, who is in which network, how
//! often is too often.
//!
//! Pure but for a table of buckets that threads share: no socket, no clock, no file. What a rule brings about is not
//! decided here, nor is it known here how a rule is written in a configuration.
#![forbid(unsafe_code)]

pub mod limits;
pub mod pattern;
pub mod routes;
pub mod authority;

pub mod moves;
pub mod loops;
pub mod redirects;

pub mod network;

pub mod rate;
pub mod bucket;
