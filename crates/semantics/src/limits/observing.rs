//! The limits of what looks on a running server: counts, verdicts that are kept, logs that are read, what is sent to a collector.

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

/// How often the live page's stream is looked after, in milliseconds: a person takes less for "at once".
pub const FOLLOW: u64 = 250;

/// After how long without news a stream says that it is still there, in milliseconds. Proxies between give up after 30 s and more.
pub const STILL_HERE: u64 = 15_000;

/// Connections to the admin listener at a time. A page has two, a collector one.
pub const ADMIN_CONNECTIONS: usize = 64;

/// Verdicts told to a follower at a time, and in one list.
pub const VERDICTS_AT_ONCE: usize = 512;

/// Octets of a line of an access log that is read: the longest target that is shown, a long file name, a user. Longer lines are none
/// of ours.
pub const LOG_LINE: usize = 65_536;

/// Causes, paths, clients or whatever else the lines of a log are gathered by that are kept: the most frequent ones. When there are
/// twice as many, the rarer half is left out, so a stranger's million paths take some megabytes.
pub const LOG_GROUPS: usize = 1_024;

/// Paths kept of each of those, of which the first few are shown; likewise.
pub const LOG_PATHS: usize = 32;

/// Walks kept of each of those, of which the most frequent is told; likewise. One cause has few.
pub const LOG_WALKS: usize = 8;

/// Spans of time in which the lines of a log are counted, for the line that shows their rate. No terminal has room for more.
pub const LOG_SPANS: usize = 64;

/// Spans that wait for a collector. It is what OpenTelemetry's own exporters keep; a span is some hundred octets.
pub const OTLP_QUEUE: usize = 2_048;

/// Spans sent at a time, likewise. They take some hundred thousand octets as JSON, which every collector takes.
pub const OTLP_BATCH: usize = 512;

/// How long a span waits for others to be sent with, in milliseconds, likewise.
pub const OTLP_INTERVAL: u64 = 5_000;

/// How often counts are sent, in milliseconds, where nothing else is said, likewise.
pub const OTLP_METRICS_INTERVAL: u64 = 60_000;

/// How long a collector may take to answer, in milliseconds, likewise. Spans wait meanwhile, and nobody else does.
pub const OTLP_SEND: u64 = 10_000;

/// How long after a failure a collector is tried again, in milliseconds; after each further one, twice as long.
pub const OTLP_RETRY: u64 = 1_000;

/// The longest of these pauses, whatever the collector asks for, in milliseconds: it is seen soon that it is there again.
pub const OTLP_RETRY_MOST: u64 = 60_000;

/// How long the server waits at its end for what is left to be sent, in milliseconds. Who stops servers kills them after 10 s or more.
pub const OTLP_END: u64 = 5_000;

/// Octets of a collector's answer that are read: it says how many spans it did not take, and why.
pub const OTLP_ANSWER: usize = 65_536;

/// Octets of a text that a span tells, such as a path; what is longer is cut. A full queue of the longest stays within 16 MB.
pub const OTLP_TEXT: usize = 1_024;
