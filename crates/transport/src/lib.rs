//! Sockets, timers and threads: one loop a core.
//!
//! It moves octets and tells time. It never names a status, and knows of no decision.
#![forbid(unsafe_code)]

pub mod limits;
pub mod listen;
pub mod worker;
pub mod exchange;
pub mod stream;
pub mod body;

pub mod clock;
pub mod deadline;
pub mod pool;
