//! What the rules of a site have to say beside yes and no: the words of a refusal, and the fields that every answer carries.

use alloc::string::String;

use semantics::field::Rendered;

/// What every answer to a request carries, refusals too, whatever its walk: it is known before anything is asked.
///
/// Construct it with `..ResponsePolicy::default()`: fields may be added in a minor version.
#[derive(Clone, Debug, Default)]
pub struct ResponsePolicy {
    /// Lines that are written as they are.
    pub fields: Rendered,
    /// The same for pages that the server makes: those have a Content-Security-Policy of their own, which is narrower, and
    /// lets their style in.
    pub of_pages: Rendered,
    /// Which pages of other origins may read it, if any may.
    pub cors: Option<Cors>,
}

/// Which pages of other origins may make requests and read the answers (Fetch §3.2).
///
/// Construct it with `..Cors::default()`: fields may be added in a minor version.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Their origins; `*`: every one.
    pub origins: &'static [&'static [u8]],
    /// The methods that they may use: the value of Access-Control-Allow-Methods.
    pub methods: String,
    /// The fields that they may send: the value of Access-Control-Allow-Headers; empty: those that a page asks for.
    pub headers: String,
    /// The fields of an answer that they may read.
    pub expose: String,
    /// They may send credentials.
    pub credentials: bool,
    /// For how many seconds a browser may remember that.
    pub max_age: Option<u32>,
}

/// Is the origin one of these?
pub fn allows(origins: &[&[u8]], origin: &[u8]) -> bool {
    origins.iter().any(|allowed| *allowed == b"*" || *allowed == origin)
}

/// A legal demand (RFC 7725 §3).
///
/// Construct it with `..Law::default()`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug, Default)]
pub struct Law<'a> {
    /// The URI of who implements the block: the value of Link with `rel="blocked-by"` (§4).
    pub blocked_by: Option<&'a str>,
    /// Who demands it.
    pub demanded_by: Option<&'a str>,
    /// By which law.
    pub under: Option<&'a str>,
    /// It bars some clients only, by where they are: what they get is not for others.
    pub regional: bool,
}

/// How a limit on requests stands for this request (draft-ietf-httpapi-ratelimit-headers-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<'a> {
    /// Its name.
    pub name: &'a str,
    /// By what requests are counted: an address, a user, a path, or all together.
    pub per: &'a str,
    /// Requests in a window.
    pub quota: u64,
    /// The window in seconds.
    pub window: u64,
    /// Requests left now.
    pub remaining: u64,
    /// Seconds until all are there again.
    pub reset: u64,
}

/// Which rule bars a place, besides the target, that a action reaches: the destination, or something beneath either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bar {
    /// What was dropped into a folder stays as it is, and the folder with it.
    Drop,
    /// The rule of that place does not take what would be done there.
    Methods,
    /// What would stand there is of a media type that is not stored there.
    Types,
    /// It is larger than what is stored there.
    MaxContent,
    /// Changes there must be conditional, and this one is not.
    Conditional,
    /// It is closed.
    Closed,
    /// A legal demand bars it.
    Law,
    /// It has a price of its own, which one payment does not cover.
    Price,
    /// It was declared to be elsewhere, or to be gone for good.
    Elsewhere,
    /// It is reached through a named proxy only.
    Proxy,
    /// It demands another protocol.
    Require,
    /// Pages of this origin may not change it.
    Cors,
    /// It cannot be read, so nobody can tell what holds there.
    Unreadable,
}

impl Bar {
    /// Every one of them.
    pub const ALL: [Bar; 13] = [
        Bar::Drop,
        Bar::Methods,
        Bar::Types,
        Bar::MaxContent,
        Bar::Conditional,
        Bar::Closed,
        Bar::Law,
        Bar::Price,
        Bar::Elsewhere,
        Bar::Proxy,
        Bar::Require,
        Bar::Cors,
        Bar::Unreadable,
    ];
}

/// Where each rule holds that was found at another place than the target, and is the one that is asked: the path, ready to be
/// written. Nothing: at the target itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuledAt<'a> {
    /// What is closed.
    pub closed: Option<&'a [u8]>,
    /// What the law bars.
    pub law: Option<&'a [u8]>,
    /// What has a price.
    pub price: Option<&'a [u8]>,
    /// What demands another protocol.
    pub require: Option<&'a [u8]>,
}
