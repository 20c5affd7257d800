//! The limits of patterns, moves, tables of networks, and buckets; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

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
