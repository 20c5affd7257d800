//! The limits of what somebody who logs in may send, and what is remembered of it; each with its reason.
//!
//! The limits of HTTP are `semantics`'. Code that bounds a size, a count or a time names a limit; a bare number is a defect.

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
