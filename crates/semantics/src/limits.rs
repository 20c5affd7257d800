//! Every limit of the product: its name, its default, its reason.
//!
//! A limit that an operator may change is a field of [`Limits`]; a limit that is part of the build is a `const`. Code that
//! bounds a size, a count or a time names one of these; a bare number is a defect.

/// Limits that an operator may change. Sizes are octets, times are milliseconds.
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
    /// How long a connection may stay idle between requests; then it is closed without a word (RFC 9112 §9.3).
    pub idle_time: u64,
    /// How long a client may take nothing of a response that is ready.
    pub write_time: u64,
    /// How long we read what a client still sends after a last answer, so that it arrives instead of a reset.
    pub linger_time: u64,
    /// How long a drain may take once the server has been told to stop.
    pub drain_time: u64,
    /// Connections open at a time, over all threads; one more is answered 503.
    pub connections: usize,
    /// Requests on one connection, so that one client does not hold its place for ever.
    pub requests: u64,
    /// The longest content that is read and thrown away so that the connection can go on; longer content closes it.
    pub discard: u64,
    /// The longest content taken with a request that has no use for it; announced longer, it is 413.
    pub content: u64,
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
    idle_time: 60_000,
    write_time: 60_000,
    linger_time: 2_000,
    drain_time: 30_000,
    connections: 16_384,
    requests: 1_000_000,
    discard: 1_048_576,
    content: 1_048_576,
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

/// The most connections beyond the limit that are told so by a 503 at a time.
pub const REFUSALS: usize = 256;

/// Descriptors that the server itself needs: listeners, event loops, folders. Of the rest connections may have three
/// quarters, so that there are always some to open files with.
pub const DESCRIPTORS: u64 = 32;

/// How often deadlines are looked at, in milliseconds: a time-out comes at most this late.
pub const TICK: u64 = 50;

/// Octets read from a socket at a time; a head of usual size comes in one.
pub const READ: usize = 8_192;

/// Octets handed to `sendfile` at a time, so that one large file does not starve the other connections of its thread.
pub const SENDFILE: usize = 2_097_152;

/// Octets of a response gathered before they are written.
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

/// Octets of a target that a log line or an explanation shows.
pub const SHOWN: usize = 256;

/// Log lines waiting for a slow standard output, in octets a thread; beyond it lines are dropped and counted.
pub const LOG: usize = 1_048_576;

/// Octets of log lines that a thread gathers before it hands them over, unless the next tick comes first.
pub const LOG_BLOCK: usize = 16_384;

/// Blocks of log lines that may wait for the writer, over all threads.
pub const LOG_BLOCKS: usize = 16;

/// Connections accepted in one go before others get their turn.
pub const ACCEPTS: usize = 64;

/// The pause after `accept` failed for want of file descriptors or memory, in milliseconds.
pub const ACCEPT_PAUSE: u64 = 100;

/// The wait of the kernel's queue of connections not yet accepted.
pub const BACKLOG: i32 = 4_096;

/// Files and facts kept in memory, a thread. What a table of this length costs is small beside the octets kept.
pub const CACHE_ENTRIES: usize = 32_768;

/// Names kept at which nothing was found, a thread; beyond it all are forgotten.
pub const CACHE_MISSING: usize = 1_024;

/// The longest of these names, in octets, so that together they stay small.
pub const CACHE_NAME: usize = 256;

/// Files held open, a thread. With a thread for each of 16 cores that is a small part of the descriptors that a server
/// commonly has; when they run out, all are given back.
pub const CACHE_OPEN: usize = 256;

/// Symbolic links that one look-up may follow where we walk ourselves: as many as Linux does.
pub const WALK_LINKS: u32 = 40;

/// Names that one look-up may walk: twice what fits the longest path, so that links can add some.
pub const WALK_NAMES: u32 = 4_096;

/// How often a look-up is tried again that the kernel gave up because something was renamed or mounted meanwhile, or because
/// a lease on the file is being broken.
pub const LOOK_TRIES: u32 = 32;

/// The pause between two of these tries, in milliseconds.
pub const LOOK_PAUSE: u64 = 2;

/// Octets of a file that are looked at for its media type. Long enough for a licence's first paragraph and for the place
/// where HTML declares its charset, short enough for one read.
pub const MEDIA_TYPE: usize = 512;
