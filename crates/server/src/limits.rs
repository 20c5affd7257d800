//! The limits of serving: its logs, what it watches, what it fetches, what it sends to a collector; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

pub(crate) use access::limits::*;
pub(crate) use policy::limits::*;
pub(crate) use resources::limits::*;
pub(crate) use semantics::limits::*;
pub(crate) use transport::limits::*;

/// Seconds after which a client may come again to what is closed, where no end is known: long enough to be no burden, and
/// short enough that nobody waits long when it is open again.
pub(crate) const RETRY_AFTER_CLOSED: u32 = 300;

/// Descriptors that the server itself needs: listeners, event loops, folders. Of the rest connections may have three
/// quarters, so that there are always some to open files with.
pub(crate) const DESCRIPTORS: u64 = 32;

/// Log lines waiting for a slow standard output, in octets a thread; beyond it lines are dropped and counted.
pub(crate) const LOG: usize = 1_048_576;

/// Octets of log lines that a thread gathers before it hands them over, unless the next tick comes first.
pub(crate) const LOG_BLOCK: usize = 16_384;

/// Blocks of log lines that may wait for the writer, over all threads.
pub(crate) const LOG_BLOCKS: usize = 16;

/// How often it is looked whether a configuration has changed, in milliseconds: soon enough for who has just saved it.
pub(crate) const WATCH: u64 = 1_000;

/// How often what has ended is swept up, in milliseconds. It only frees room: what has ended counts no more at once.
pub(crate) const SWEEP: u64 = 60_000;

/// Buckets of a request that is only supposed, to tell what it would be answered: it meets the limits of one place.
pub(crate) const BUCKETS_SUPPOSED: usize = 256;

/// For how many seconds somebody who has logged in to a network is let through, if nothing else is said: a stay of an evening.
pub(crate) const PORTAL_TIME: u64 = 14_400;

/// How long keys of an issuer are believed until they are fetched again, in milliseconds. Issuers tell of new keys some hours
/// before they sign with them.
pub(crate) const KEYS_TIME: u64 = 300_000;

/// How long after that keys are not fetched again, however much a token wants it, in milliseconds.
pub(crate) const KEYS_PAUSE: u64 = 10_000;

/// How long after a failure keys are fetched again, in milliseconds; after each further one, twice as long.
pub(crate) const KEYS_RETRY: u64 = 2_000;

#[cfg(feature = "issuer-urls")]
/// How long keys may take to come, in milliseconds.
pub(crate) const KEYS_WAIT: u64 = 10_000;

#[cfg(feature = "issuer-urls")]
/// How often who has keys may lead elsewhere for them.
pub(crate) const KEYS_REDIRECTS: u32 = 3;

/// How often the live page's stream is looked after, in milliseconds: a person takes less for "at once".
pub(crate) const FOLLOW: u64 = 250;

/// After how long without news a stream says that it is still there, in milliseconds. Proxies between give up after 30 s and more.
pub(crate) const STILL_HERE: u64 = 15_000;

/// Connections to the admin listener at a time. A page has two, a collector one.
pub(crate) const ADMIN_CONNECTIONS: usize = 64;

#[cfg(feature = "otlp")]
/// Spans that wait for a collector. It is what OpenTelemetry's own exporters keep; a span is some hundred octets.
pub(crate) const OTLP_QUEUE: usize = 2_048;

#[cfg(feature = "otlp")]
/// Spans sent at a time, likewise. They take some hundred thousand octets as JSON, which every collector takes.
pub(crate) const OTLP_BATCH: usize = 512;

#[cfg(feature = "otlp")]
/// How long a span waits for others to be sent with, in milliseconds, likewise.
pub(crate) const OTLP_INTERVAL: u64 = 5_000;

#[cfg(feature = "otlp")]
/// How often counts are sent, in milliseconds, where nothing else is said, likewise.
pub(crate) const OTLP_METRICS_INTERVAL: u64 = 60_000;

#[cfg(feature = "otlp")]
/// How long a collector may take to answer, in milliseconds, likewise. Spans wait meanwhile, and nobody else does.
pub(crate) const OTLP_SEND: u64 = 10_000;

#[cfg(feature = "otlp")]
/// How long after a failure a collector is tried again, in milliseconds; after each further one, twice as long.
pub(crate) const OTLP_RETRY: u64 = 1_000;

#[cfg(feature = "otlp")]
/// The longest of these pauses, whatever the collector asks for, in milliseconds: it is seen soon that it is there again.
pub(crate) const OTLP_RETRY_MOST: u64 = 60_000;

#[cfg(feature = "otlp")]
/// How long the server waits at its end for what is left to be sent, in milliseconds. Who stops servers kills them after 10 s or more.
pub(crate) const OTLP_END: u64 = 5_000;

#[cfg(feature = "otlp")]
/// Octets of a collector's answer that are read: it says how many spans it did not take, and why.
pub(crate) const OTLP_ANSWER: usize = 65_536;

#[cfg(feature = "otlp")]
/// Octets of a text that a span tells, such as a path; what is longer is cut. A full queue of the longest stays within 16 MB.
pub(crate) const OTLP_TEXT: usize = 1_024;
