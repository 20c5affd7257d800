//! The limits of files, the cache of them, and what is done to a share: its state, documents, forms, patches, jobs; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

pub(crate) use semantics::limits::*;

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

/// Clients that a network lets through at a time. Each is an address and a time.
pub const PORTAL_SESSIONS: usize = 65_536;

/// Octets of the form by which somebody logs in: a name and a password.
pub const PORTAL_FORM: u64 = 8_192;

/// Combinations of rules whose sum a thread remembers. A site has as many as its rules overlap in different ways: a few dozen.
pub const COMBINATIONS: usize = 1_024;

/// Passwords that are hashed at a time, over all threads: each takes a core and up to 64 MiB for some ten milliseconds.
pub const HASHES: usize = 4;
