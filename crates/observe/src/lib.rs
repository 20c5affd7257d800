//! Seeing what the server decides: counts for machines, recent verdicts and a live page for people, and the reading of access
//! logs afterwards.
//!
//! Nothing here opens a socket, starts a thread or reads a clock: the program tells moments and events, and asks for octets.
//! Nothing here decides anything either; statuses are read as numbers.
#![forbid(unsafe_code)]

pub mod limits;
pub mod codes;
pub mod event;
pub mod logs;
pub mod metrics;
pub mod page;
pub mod recent;

mod hue;
mod json;
mod query;

pub use hue::hue;
