//! Every limit of the product: its name, its default, its reason.
//!
//! A limit that an operator may change is a field of [`Limits`]; a limit that is part of the build is a `const`. Code that
//! bounds a size, a count or a time names one of these; a bare number is a defect.

/// Limits that an operator may change. Sizes are octets, times are milliseconds.
///
/// `wire` reads the limits of heads, connections and discarded content. `cached_file`, `cache`, `cache_time`, `listing`,
/// `upload`, the `processing_` times, `queue_delay`, `drain_time` and `connections` mean nothing here: they belong to the server
/// that this crate was made for, which keeps in one value all that its operator may change. Set what you need and take the rest
/// from [`DEFAULT`]: in a minor version fields may be added.
///
/// ```
/// use semantics::limits::{DEFAULT, Limits};
/// let limits = Limits { target: 4_096, ..DEFAULT };
/// assert_eq!(limits.field_count, 100);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest request target. RFC 9112 §3 recommends that request lines of 8,000 octets work; longer ones are 414.
    pub target: usize,
    /// The longest field line, its name and value together. Large cookies fit; a 70 kB one is 431.
    pub field_line: usize,
    /// All field lines together. With the target it bounds what a connection may hold before it is understood.
    pub fields: usize,
    /// How many field lines. Browsers send about 20; 100 is what other servers allow.
    pub field_count: usize,
    /// From the first octet of a request to the end of its head; then 408 (RFC 9110 §15.5.9). Slow heads hold a
    /// connection, not a thread, so the time is generous.
    pub head_time: u64,
    /// How long content may stop arriving; then 408, or a close if the answer has begun.
    pub content_time: u64,
    /// The least rate at which content must come, in octets a second, once it has had `content_time`: below it a client that
    /// sends an octet now and then would hold a connection for ever. A modem of 1985 is faster.
    pub content_rate: u64,
    /// How long a connection may stay idle between requests; then it is closed without a word (RFC 9112 §9.3).
    pub idle_time: u64,
    /// How long a client may take nothing of a response that is ready.
    pub write_time: u64,
    /// How long we read what a client still sends after a last answer, so that it arrives instead of a reset.
    pub linger_time: u64,
    /// How long a drain may take once the server has been told to stop.
    pub drain_time: u64,
    /// How long a action may take before the client is told that it goes on, by 102; shorter ones need no word.
    pub processing_after: u64,
    /// How long until it is told so again: well below the 60 seconds after which proxies and clients give up.
    pub processing_interval: u64,
    /// How long what arrives may wait for its turn, if it does so for a while; beyond it requests are answered 503. Clients that
    /// wait longer have mostly given up, and what is done for them is lost.
    pub queue_delay: u64,
    /// Connections open at a time, over all threads; one more is answered 503.
    pub connections: usize,
    /// Requests on one connection, so that one client does not hold its place for ever.
    pub requests: u64,
    /// The longest content that is read and thrown away so that the connection can go on; longer content closes it.
    pub discard: u64,
    /// The longest content taken with a request that has no use for it; announced longer, it is 413.
    pub content: u64,
    /// The longest content that is stored. What bounds it in truth is the disk, or a quota; this is a fence before lengths that
    /// nobody means.
    pub upload: u64,
    /// The largest file that is kept in memory.
    pub cached_file: usize,
    /// Octets of files kept in memory, a thread.
    pub cache: usize,
    /// How long a file kept in memory may be served before its state on disk is looked at again. 0: at each request.
    /// A quarter of a second is below what a person notices after saving a file, and takes the system calls off the
    /// path of a busy file.
    pub cache_time: u64,
    /// Members shown in one listing; a larger collection is listed up to here and says so.
    pub listing: usize,
}

/// The defaults.
pub const DEFAULT: Limits = Limits {
    target: 8_192,
    field_line: 16_384,
    fields: 65_536,
    field_count: 100,
    head_time: 20_000,
    content_time: 30_000,
    content_rate: 128,
    idle_time: 60_000,
    write_time: 60_000,
    linger_time: 2_000,
    drain_time: 30_000,
    processing_after: 2_000,
    processing_interval: 10_000,
    queue_delay: 1_000,
    connections: 16_384,
    requests: 1_000_000,
    discard: 1_048_576,
    content: 1_048_576,
    upload: 1_099_511_627_776,
    cached_file: 65_536,
    cache: 67_108_864,
    cache_time: 250,
    listing: 10_000,
};

impl Default for Limits {
    fn default() -> Self {
        DEFAULT
    }
}

/// The longest method that is read, in octets; RFC 9112 §3 asks for 501 beyond what is implemented. Extension methods of
/// a gateway may be longer than our own.
pub const METHOD: usize = 32;

/// The longest line of a chunk's size with its extensions, in octets. Extensions are ignored, so long ones only cost
/// (RFC 9112 §7.1.1).
pub const CHUNK_LINE: usize = 256;

/// The most chunk extension octets in one content, so that small chunks with extensions are no way to burn time.
pub const CHUNK_EXTENSIONS: usize = 16_384;

/// The longest trailer section, in octets (RFC 9112 §7.1.2).
pub const TRAILERS: usize = 8_192;

/// Empty lines skipped before a request line (RFC 9112 §2.2 asks for at least one).
pub const EMPTY_LINES: usize = 4;

/// Ranges served in one response; more are refused (RFC 9110 §17.15).
pub const RANGES: usize = 16;

/// Seconds after which a refused connection may try again, said in `Retry-After` when the server is full.
pub const RETRY_AFTER_OVERLOAD: u32 = 5;

/// Octets of a target that a log line or an explanation shows.
pub const SHOWN: usize = 256;

/// Conditions in one If field (RFC 4918 §10.4): each may cost a look at another resource. A client that holds the locks of a
/// whole tree sends some dozens.
pub const IF_CONDITIONS: usize = 128;

/// The longest name of a file, in octets: what Linux keeps (NAME_MAX).
pub const FILE_NAME: usize = 255;

/// Parameters in one line of credentials. Digest, which has most, has twelve (RFC 7616 §3.4); each is compared with all others.
pub const AUTH_PARAMETERS: usize = 32;
