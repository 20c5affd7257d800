//! Sockets, timers and threads: one loop a core.
//!
//! It moves octets and tells time. It passes statuses on and never picks one, and knows of no decision.
#![forbid(unsafe_code)]

pub mod limits;
pub mod listen;
pub mod worker;
pub mod h1;
pub mod stream;

pub mod clock;
pub mod deadline;
pub mod pause;
pub mod pool;
