//! Who asks: credentials, users, passwords, tokens, payments.
//!
//! No socket, no clock, no file, no thread: time is an argument, in seconds of Unix time, and what is random comes from the
//! caller. What lives here states what it found; which status follows is `decision`'s.
#![forbid(unsafe_code)]

pub mod limits;
mod recent;
pub mod secret;
pub mod identity;
pub mod offence;
pub mod password;
pub mod users;
pub mod lists;

pub(crate) mod basic;
pub(crate) mod verified;
pub mod digest;
pub mod bearer;

pub mod gate;
pub mod failures;
pub mod payment;
pub mod command;
