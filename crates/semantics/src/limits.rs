//! Every limit of the product: its name, its default, its reason.
//!
//! A limit that an operator may change is a field of [`Limits`]; a limit that is part of the build is a `const`. Code that
//! bounds a size, a count or a time names one of these; a bare number is a defect.

mod observing;

pub use observing::*;

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
    /// How long a deed may take before the client is told that it goes on, by 102; shorter ones need no word.
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

/// Seconds after which a client may come again to what is closed, where no end is known: long enough to be no burden, and
/// short enough that nobody waits long when it is open again.
pub const RETRY_AFTER_CLOSED: u32 = 300;

/// The most connections beyond the limit that are told so by a 503 at a time.
pub const REFUSALS: usize = 256;

/// Descriptors that the server itself needs: listeners, event loops, folders. Of the rest connections may have three
/// quarters, so that there are always some to open files with.
pub const DESCRIPTORS: u64 = 32;

/// Looks at the deadlines whose lateness is remembered: a queue that stands is one that stood at each of them.
pub const LAGS: usize = 4;

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

/// How often it is looked whether a configuration has changed, in milliseconds: soon enough for who has just saved it.
pub const WATCH: u64 = 1_000;

/// How often what has ended is swept up, in milliseconds. It only frees room: what has ended counts no more at once.
pub const SWEEP: u64 = 60_000;

/// How long a change waits for another of the same name, in milliseconds. A copy of a large tree may take longer; then the
/// client had better come again.
pub const CLAIM_TIME: u64 = 10_000;

/// Levels of a tree that is copied, counted or removed. A path that one request can name has fewer; deeper trees, made by
/// moving one into another, would cost a stack frame and a descriptor a level.
pub const TREE_DEPTH: usize = 1_024;

/// States of files remembered as made by this server. The memory need last only as long as times alone do not tell states
/// apart, which is seconds.
pub const OWN_STATES: usize = 8_192;

/// A file shorter than this, in octets, is copied through memory: one read and one write cost less than setting up a copy inside
/// of the kernel.
pub const COPIED_IN_MEMORY: usize = 65_536;

/// Octets of a file that the kernel is asked to copy in one call.
pub const COPIED_AT_ONCE: usize = 16_777_216;

/// Conditions in one If field (RFC 4918 §10.4): each may cost a look at another resource. A client that holds the locks of a
/// whole tree sends some dozens.
pub const IF_CONDITIONS: usize = 128;

/// The longest name of a file, in octets: what Linux keeps (NAME_MAX).
pub const FILE_NAME: usize = 255;

/// Octets of the server's state that are kept in memory. Locks and properties of a share of usual size fit.
pub const STORE_CACHE: usize = 16_777_216;

/// Lists of changes that share one wait for the disk. More would let the first of them wait for ever while new ones come.
pub const STORE_LISTS: usize = 64;

/// Write locks in all. They are kept in memory; with the longest owners they take 32 MB.
pub const LOCKS: usize = 8_192;

/// Shared locks on one resource. Each is told to whoever asks for the locks of it.
pub const LOCKS_ON_ONE: usize = 64;

/// Octets of what the owner of a lock says of itself. A name, an address or a link is shorter by far.
pub const LOCK_OWNER: usize = 4_096;

/// The longest time for which a lock is granted, in seconds, also to who asks for an infinite one (RFC 4918 §10.7). Clients
/// refresh theirs every few minutes; what a client that has died leaves locked is free again the same day.
pub const LOCK_TIME: u32 = 43_200;

/// Octets of content read from a connection at a time.
pub const INTAKE_READ: usize = 65_536;

/// Content up to about so many octets is kept in memory until it is whole; larger content is written in stretches of this
/// length. A visit to the disk's thread costs as much as copying some ten thousand octets.
pub const INTAKE: usize = 262_144;

/// Octets of one dead property with its name. Clients keep dates, colours and tags, some a small picture.
pub const PROPERTY: usize = 65_536;

/// Dead properties of one resource. Each is told to whoever asks for all of them.
pub const PROPERTIES_ON_ONE: usize = 256;

/// Octets of all dead properties of one resource: a change reads them all.
pub const PROPERTIES_OCTETS: usize = 262_144;

/// Dead properties read and written in one go where a whole tree has them. With the largest properties that is 16 MB.
pub const PROPERTIES_AT_ONCE: usize = 256;

/// Octets of a document of WebDAV that is read as a whole. The largest are PROPPATCHes with values of some kilobytes.
pub const XML: usize = 1_048_576;

/// Elements within each other in such a document. Its own go to 6; values that clients store nest a few more.
pub const XML_DEPTH: usize = 64;

/// Attributes of one element, each of which is compared with all others.
pub const XML_ATTRIBUTES: usize = 64;

/// Prefixes bound at a time, all of which are looked through for each name.
pub const XML_NAMESPACES: usize = 128;

/// Properties asked for by name in one request. Each is told of each member, so a short request could demand an answer
/// thousands of times as long; clients ask for up to 30.
pub const PROPERTIES_ASKED: usize = 256;

/// How many times as long content may become when it is decoded. Text of machines comes to a hundred; only what was made to do
/// harm comes to a thousand.
pub const DECODED_RATIO: u64 = 200;

/// Octets up to which that does not matter: harmless in any proportion.
pub const DECODED_FREELY: u64 = 8_388_608;

/// The longest document that is patched, before and after, in octets. It is held in memory, where numbers in a list take forty
/// times their length.
pub const PATCHED: usize = 4_194_304;

/// Operations in one JSON Patch; each may move a whole list.
pub const PATCH_OPERATIONS: usize = 1_024;

/// How many lists and objects may stand in each other in a document that is patched: as many as the reader of JSON reads.
pub const PATCH_DEPTH: usize = 127;

/// Uploads that can be resumed, unfinished and lately finished, in all. What is known of them is kept in memory.
pub const UPLOADS: usize = 1_024;

/// Octets of all unfinished uploads together: room that nobody sees in the share.
pub const UPLOADS_OCTETS: u64 = 68_719_476_736;

/// How long an upload waits for more, in seconds. Whoever goes on the next morning still finds it.
pub const UPLOAD_TIME: i64 = 86_400;

/// How much later an upload must end for that to be written down, in seconds; so not every part of it waits for the disk.
pub const UPLOAD_RENEWAL: i64 = 3_600;

/// How long a finished upload is still told to be complete, in seconds, to a client that has not heard the answer.
pub const UPLOAD_COMPLETE_TIME: i64 = 3_600;

/// Intents finished at a start. One thread that may wait has one at most, so there are never so many.
pub const INTENTS: usize = 4_096;

/// Names like one that is taken which are tried for a file that is added: `a.txt`, `a (2).txt` and so on. Each costs a system
/// call, and a person would long have made another folder.
pub const NAME_TRIES: u32 = 1_000;

/// Octets of a patch. It is held in memory with what it changes, so it is far below what may be stored.
pub const PATCH: usize = 1_048_576;

/// Jobs that run at a time. Each has a thread of its own and keeps the disk busy.
pub const JOBS_RUNNING: usize = 16;

/// Jobs remembered, those that have ended too; beyond it those that ended first are forgotten.
pub const JOBS: usize = 1_024;

/// How long it is told what came of a job, in seconds: whoever began it in the evening learns it the next morning.
pub const JOB_TIME: i64 = 86_400;

/// After how many seconds the page of a running job is asked for again.
pub const JOB_REFRESH: u32 = 2;

/// Members told in one multistatus; beyond it the answer says that there are more (RFC 6578 §3.6).
pub const MEMBERS: usize = 100_000;

/// Octets that one member of a multistatus usually takes, for which room is made beforehand.
pub const RESPONSE: usize = 640;

/// Answers to PROPFIND kept for the next who asks the same, and the octets that all of them may have.
pub const RECENT: usize = 32;

/// See [`RECENT`].
pub const RECENT_OCTETS: usize = 33_554_432;

/// Parts of one form. A page with a thousand inputs is none that people fill in.
pub const FORM_PARTS: usize = 1_000;

/// Octets of the head of one part of a form: a long name, told twice, and a media type.
pub const FORM_HEAD: usize = 8_192;

/// Octets of the value of a field that is no file; it is held in memory.
pub const FORM_VALUE: usize = 65_536;

/// The longest boundary between the parts of a form, in octets (RFC 2046 §5.1.1).
pub const FORM_BOUNDARY: usize = 70;

/// Octets of white space that may follow a boundary on its line; gateways once added some (RFC 2046 §5.1.1).
pub const FORM_PADDING: usize = 256;

/// Names bound by alias to resources that stand elsewhere, in all. They are kept in memory; with the longest paths they take
/// 140 MB, with usual ones one or two.
pub const BINDINGS: usize = 8_192;

/// Resources whose identity was asked for. Each is a record of some hundred octets, made by a request that changes nothing
/// else; beyond it there is no such property.
pub const IDENTITIES: usize = 262_144;

/// Identities read and written in one go where a whole tree has them.
pub const IDENTITIES_AT_ONCE: usize = 1_024;

/// How often properties are told anew because somebody else has just given a resource another identity than was told.
pub const IDENTITY_TRIES: u32 = 4;

/// Octets of members told in one multistatus, all in memory; beyond it the answer says that there are more. A path through
/// bindings can be as long as there are levels, and a hundred thousand usual members take a quarter of it.
pub const MEMBERS_OCTETS: usize = 268_435_456;

/// Octets of the pattern of a rule. Lines of `_redirects` elsewhere may have 2,000, and two patterns are compared octet by octet.
pub const PATTERN: usize = 2_048;

/// Segments of a pattern. A look-up goes so deep at most, however long the path is; nobody writes rules of such depth.
pub const PATTERN_SEGMENTS: usize = 64;

/// Octets of the template of a target. It holds what an address bar holds.
pub const TEMPLATE: usize = 2_048;

/// Places in a template that are filled in. Each may be as long as the path of the request.
pub const TEMPLATE_PLACES: usize = 32;

/// Octets of the Location of a move. Longer ones would be refused by the servers that they lead to (RFC 9110 §4.1 asks for 8,000).
pub const LOCATION: usize = 8_192;

/// How often a walk along moves may come to the same move before it is called a loop. Browsers give up after 20 redirections.
pub const MOVES_REPEATED: usize = 20;

/// Lines of a `_redirects` file. Other hosts take 2,000 to 10,000.
pub const REDIRECTS: usize = 100_000;

/// Lines of a table of countries. The whole Internet is told in about half a million networks.
pub const COUNTRY_NETWORKS: usize = 4_000_000;

/// Buckets of a request that is only supposed, to tell what it would be answered: it meets the limits of one place.
pub const BUCKETS_SUPPOSED: usize = 256;

/// Bits of an IPv6 address that name a customer; what follows they choose as they like (RFC 6177 §2), so limits count by these.
pub const IPV6_PREFIX: u32 = 64;

/// Buckets of rates, in all. They take 24 octets each, and one that is full again says nothing and gives its place up.
pub const BUCKETS: usize = 1_000_000;

/// Milliseconds that an empty bucket may take to become full: ten years. What fills more slowly counts nothing that anybody awaits.
pub const BUCKET_TIME: u64 = 315_360_000_000;

/// Requests that a rate may count, so that what one of them costs can be told in nanoseconds.
pub const RATE_COUNT: u32 = 1_000_000;

/// Octets of a name of a host: 253 as names are written (RFC 1035 §2.3.4), and a dot behind them. No pattern names a longer one.
pub const HOST_NAME: usize = 254;

/// Parameters in one line of credentials. Digest, which has most, has twelve (RFC 7616 §3.4); each is compared with all others.
pub const AUTH_PARAMETERS: usize = 32;

/// Users in all. They are kept in memory, a thousand octets each with their groups; whoever has more has an issuer of tokens.
pub const USERS: usize = 100_000;

/// Octets of the name of a user, a group or a realm.
pub const USER_NAME: usize = 255;

/// Groups of one user, each of which is compared with the lists of a guard.
pub const USER_GROUPS: usize = 256;

/// Octets of a password. Longer ones are no better, and each octet is hashed for whoever sends it.
pub const PASSWORD: usize = 1_024;

/// Memory of one argon2 hash, in KiB. It is held while a password is checked; 256 MiB is beyond what any advice asks for.
pub const ARGON2_MEMORY: u32 = 262_144;

/// Memory times passes of one argon2 hash, in KiB: about a second of work, and a request waits for it.
pub const ARGON2_WORK: u64 = 1_048_576;

/// The highest cost of a bcrypt hash. Each step doubles the work; at 15 it is some seconds, for which a request would wait.
pub const BCRYPT_COST: u32 = 15;

/// Octets that a secret key has at least: 128 bits, beyond guessing.
pub const SECRET: usize = 16;

/// Passwords remembered as right for a while, over all users, and signatures, over all tokens of an issuer; beyond it some must
/// be computed again.
pub const VERIFIED: usize = 16_384;

/// Values of Authorization remembered as valid for a moment, over all users of a configuration. They take 64 octets each.
pub const RECENT_CREDENTIALS: usize = 4_096;

/// How long such a value counts, in seconds: as long as a client that is busy takes for its next requests.
pub const RECENT_TIME: i64 = 5;

/// How long a password or a signature that was right need not be computed again, in seconds. A browser's visit costs a few
/// hashes then, and what the memory of a server knows is worth little a minute later.
pub const VERIFIED_TIME: i64 = 60;

/// How long a nonce of Digest may be used, in seconds. A client with an older one is told so and goes on without asking its
/// user (RFC 7616 §3.3); a recorded request is worth nothing afterwards.
pub const NONCE_TIME: i64 = 300;

/// How far a clock may have been set back before the nonces that were made before are refused, in seconds.
pub const NONCE_SKEW: i64 = 60;

/// Nonces whose counts are remembered. Only who knows a password gets one in; beyond it the oldest are stale.
pub const NONCES: usize = 65_536;

/// How many counts of a nonce below the highest may still come: requests on several connections overtake each other.
pub const NONCE_WINDOW: u32 = 64;

/// Octets of a bearer token. With many groups in them they have some thousand.
pub const BEARER: usize = 12_288;

/// Octets of the keys of an issuer. With certificates in them a key has some thousand.
pub const JWKS: usize = 262_144;

/// Keys of an issuer. Two or three at a time are usual, an old one, one in use and a new one.
pub const JWKS_KEYS: usize = 64;

/// Keys tried for a token that does not say which one signed it. Each costs some hundred microseconds.
pub const KEY_TRIES: usize = 4;

/// Bits of an RSA key: below, it can be factored (RFC 7518 §3.3); above, a check takes longer than it is worth.
pub const RSA_BITS: core::ops::RangeInclusive<usize> = 2_048..=8_192;

/// The largest leeway for the clocks of issuers, in seconds. Beyond ten minutes a clock is wrong, not late.
pub const LEEWAY: i64 = 600;

/// Networks whose failed attempts are counted. Beyond it those with the fewest failures are forgotten first.
pub const FAILURES: usize = 65_536;

/// Octets of the note in a prepaid token: a name, or the number of an order.
pub const GRANT_NOTE: usize = 256;

/// Octets of a prepaid token: with the longest note in its longest form.
pub const GRANT: usize = 4_096;

/// Keys that prepaid tokens may be sealed with: the present one and some older ones, each of which is tried.
pub const GRANT_KEYS: usize = 16;

/// Prepaid tokens whose spending is kept in memory, sixty octets each. Those that have expired make room first.
pub const LEDGER: usize = 1_048_576;

/// How long the price that a challenge names holds, in seconds: time to pay it.
pub const OFFER_TIME: i64 = 3_600;

/// Clients that a network lets through at a time. Each is an address and a time.
pub const PORTAL_SESSIONS: usize = 65_536;

/// For how many seconds somebody who has logged in to a network is let through, if nothing else is said: a stay of an evening.
pub const PORTAL_TIME: u64 = 14_400;

/// Octets of the form by which somebody logs in: a name and a password.
pub const PORTAL_FORM: u64 = 8_192;

/// Combinations of rules whose sum a thread remembers. A site has as many as its rules overlap in different ways: a few dozen.
pub const COMBINATIONS: usize = 1_024;

/// Passwords that are hashed at a time, over all threads: each takes a core and up to 64 MiB for some ten milliseconds.
pub const HASHES: usize = 4;

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

/// Different requests of a log that are decided again. They are kept in memory, some hundred octets each; a site that is larger is
/// looked at in parts.
pub const DIFF_REQUESTS: usize = 500_000;

/// Octets of a record of a decision: a head of the largest size, with every octet escaped, and the facts.
pub const RECORD: usize = 1_048_576;

/// How long keys of an issuer are believed until they are fetched again, in milliseconds. Issuers tell of new keys some hours
/// before they sign with them.
pub const KEYS_TIME: u64 = 300_000;

/// How long after that keys are not fetched again, however much a token wants it, in milliseconds.
pub const KEYS_PAUSE: u64 = 10_000;

/// How long after a failure keys are fetched again, in milliseconds; after each further one, twice as long.
pub const KEYS_RETRY: u64 = 2_000;

/// How long keys may take to come, in milliseconds.
pub const KEYS_WAIT: u64 = 10_000;

/// How often who has keys may lead elsewhere for them.
pub const KEYS_REDIRECTS: u32 = 3;
