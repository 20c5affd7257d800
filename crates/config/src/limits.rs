//! The limits of the reading of a configuration, and how its mistakes are shown; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

pub(crate) use semantics::limits::*;

/// The largest configuration that is read, in octets. A thousand sites with ten rules each fit.
pub const CONFIG_FILE: usize = 1_048_576;

/// Mistakes of a configuration that are told in one go. Whoever has mended so many reads on gladly.
pub const CONFIG_MISTAKES: usize = 50;

/// How often a configuration is read again without a line that hid what stands below it, so that this is read, too.
pub const CONFIG_READINGS: usize = 8;

/// The longest word of a configuration that is taken for a slip of another, in octets. None of ours is half as long.
pub const CONFIG_WORD: usize = 40;

/// Columns of a line that the message about a mistake shows: a terminal of usual width takes it.
pub const CONFIG_SHOWN: usize = 100;

/// Threads that may be asked for. A machine with more cores is not known to us.
pub const THREADS: u64 = 1_024;
