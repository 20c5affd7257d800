//! The limits of verdicts that are kept, and logs that are read; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

pub(crate) use semantics::limits::*;

/// Walks counted by their number, a thread. A site has some dozens of ways in use; beyond it a walk is counted answer by
/// answer, which takes longer and loses nothing. A power of two.
pub const WALKS_COUNTED: usize = 1_024;

/// Places that are tried for a walk's count.
pub const WALK_TRIES: usize = 8;

/// Recent verdicts that are kept to be looked at. People look at minutes, not at days: those are in the log.
pub const VERDICTS: usize = 4_096;

/// Octets of all verdicts kept. The facts of a refusal take a thousand or two.
pub const VERDICTS_OCTETS: usize = 8_388_608;

/// Octets of the facts of one verdict, as they are written down; with longer ones it is kept without. A usual head fits ten
/// times, and one as long as a head may be would drive out a hundred others.
pub const VERDICT_FACTS: usize = 32_768;

/// Successes that a thread keeps in a second. More pass faster than anybody reads.
pub const VERDICT_SAMPLES: u64 = 20;

/// Refusals that a thread keeps with their facts in a second; the others are kept without. To write facts down takes some ten
/// microseconds, and a flood of refusals must not cost more than a flood of files.
pub const VERDICT_EXPLAINED: u64 = 200;

/// Verdicts told to a follower at a time, and in one list.
pub const VERDICTS_AT_ONCE: usize = 512;

/// Octets of a line of an access log that is read: the longest target that is shown, a long file name, a user. Longer lines are none
/// of ours.
pub const LOG_LINE: usize = 65_536;

/// Causes, paths, clients or whatever else the lines of a log are batched writer by that are kept: the most frequent ones. When there are
/// twice as many, the rarer half is left out, so a stranger's million paths take some megabytes.
pub const LOG_GROUPS: usize = 1_024;

/// Paths kept of each of those, of which the first few are shown; likewise.
pub const LOG_PATHS: usize = 32;

/// Walks kept of each of those, of which the most frequent is told; likewise. One cause has few.
pub const LOG_WALKS: usize = 8;

/// Spans of time in which the lines of a log are counted, for the line that shows their rate. No terminal has room for more.
pub const LOG_SPANS: usize = 64;
