//! The limits of sockets, buffers and the pace of a thread; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

pub(crate) use semantics::limits::*;

/// The most connections beyond the limit that are told so by a 503 at a time.
pub const REFUSALS: usize = 256;

/// Looks at the deadlines whose lateness is remembered: a queue that stands is one that stood at each of them.
pub const LAGS: usize = 4;

/// How often deadlines are looked at, in milliseconds: a time-out comes at most this late.
pub const TICK: u64 = 50;

/// Octets read from a socket at a time; a head of usual size comes in one.
pub const READ: usize = 8_192;

/// Octets handed to `sendfile` at a time, so that one large file does not starve the other connections of its thread.
pub const SENDFILE: usize = 2_097_152;

/// Octets of a response batched writer before they are written.
pub const WRITE: usize = 32_768;

/// Octets of content in memory that are copied behind the head; larger content is written from where it stands.
pub const COPIED: usize = 4_096;

/// A part of a file at least so long, in octets, is worth the two system calls that keep its segments full.
pub const CORKED: u64 = 262_144;

/// Sets of buffers kept for the next connections, a thread; more are given back to the system.
pub const BUFFERS: usize = 256;

/// A buffer that has grown beyond so many octets is not kept.
pub const BUFFER: usize = WRITE * 2;

/// Nor is room for more field lines.
pub const BUFFER_LINES: usize = 256;

/// Connections accepted in one go before others get their turn.
pub const ACCEPTS: usize = 64;

/// The pause after `accept` failed for want of file descriptors or memory, in milliseconds.
pub const ACCEPT_PAUSE: u64 = 100;

/// The wait of the kernel's queue of connections not yet accepted.
pub const BACKLOG: i32 = 4_096;
