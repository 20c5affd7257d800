//! The table of statuses: one row a code, with all that is known of it, and the newtype over the rows.
//!
//! What a status means lives here, for everybody who reads it: the server that sends it, the user agent that receives
//! it, the auditor, the manual, `because explain`. When a request gets which status does not: that is the decision's.

use core::fmt;

mod client_error;
mod client_error_later;
mod informational;
mod react;
mod redirection;
mod server_error;
mod success;

#[cfg(test)]
mod tests;

pub use react::React;

/// A status code between 100 and 599, whether it is registered or not.
///
/// ```
/// use semantics::status::{Class, Status};
///
/// assert_eq!(Status::new(404), Some(Status::NOT_FOUND));
/// assert_eq!((Status::NOT_FOUND.class(), Status::NOT_FOUND.reason()), (Class::ClientError, "Not Found"));
/// assert_eq!(format!("{}, {0:?}", Status::GONE), "410, 410 Gone");
/// // unregistered codes have a class, and no reason
/// let odd = Status::new(499).expect("a code of three digits");
/// assert_eq!((odd.class(), odd.reason()), (Class::ClientError, ""));
/// assert_eq!(Status::new(600), None);
/// ```
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u16);

/// The five classes of statuses (RFC 9110 §15).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// 1xx: the request was received and work goes on; a final answer follows.
    Informational,
    /// 2xx: the request was received, understood and accepted.
    Success,
    /// 3xx: the user agent has something more to do.
    Redirection,
    /// 4xx: the client seems to have erred.
    ClientError,
    /// 5xx: the server failed, or knows that it cannot.
    ServerError,
}

/// How firmly a status stands in the registry.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// Defined by a standard, or by an RFC on the standards track.
    Standard,
    /// Defined by an experimental RFC.
    Experimental,
    /// Defined by a draft and registered for a time.
    Draft,
    /// Its definition was withdrawn or made historic; the number is still registered.
    Historic,
    /// Still defined, and not to be used any more.
    Deprecated,
    /// Registered as unused, so that nobody gives the number a new meaning.
    Reserved,
}

/// Whether an answer with this status has content (an answer to HEAD never has).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// There must be none.
    Forbidden,
    /// There ought to be some.
    Expected,
    /// There may be some.
    Optional,
}

/// When a cache may store an answer with this status (RFC 9111 §3).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stored {
    /// Even without explicit freshness: the cache may guess how long it holds (RFC 9110 §15.1).
    Heuristically,
    /// Only if the answer says explicitly how long it holds.
    Explicitly,
    /// It is no answer to keep: it brings one already stored up to date (RFC 9111 §4.3.4).
    Refreshes,
    /// Never: it is provisional, or its definition forbids it.
    Never,
}

/// How strongly a field belongs to a status.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Without it the answer is wrong.
    Must,
    /// It ought to be there. Where the RFC only permits it and `because` asks more of itself, the note says so.
    Should,
    /// It is useful there.
    May,
    /// With it the answer is wrong.
    MustNot,
}

/// One field that an answer with this status carries, or must not carry.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carry {
    /// The name of the field, as it is written.
    pub field: &'static str,
    /// How strongly it is asked for.
    pub level: Level,
    /// What it holds, or under which condition it is asked for.
    pub note: &'static str,
}

/// Whether the same request would get the same answer later.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Permanence {
    /// It passes, if one waits or supplies what is missing.
    Temporary,
    /// It stays, for this very request.
    Permanent,
    /// The status alone does not tell; the explanation must.
    Depends,
    /// The question makes no sense for it.
    NotApplicable,
}

/// One row of the table: all that is known of one status.
#[derive(Copy, Clone, Debug)]
#[non_exhaustive]
pub struct StatusRow {
    /// The status it is about.
    pub status: Status,
    /// Its name in the IANA registry.
    pub name: &'static str,
    /// Other names that it had or is known by.
    pub former: &'static [&'static str],
    /// Where it is defined: documents and sections.
    pub spec: &'static str,
    /// How firmly it stands in the registry.
    pub standing: Standing,
    /// Whether an answer has content.
    pub content: Content,
    /// When a cache may store an answer.
    pub stored: Stored,
    /// The fields that belong to it, or must not stand there.
    pub carries: &'static [Carry],
    /// Whether the same request would get the same answer later.
    pub permanence: Permanence,
    /// The same in one sentence: temporary or permanent, and until what.
    pub permanence_note: &'static str,
    /// What a user agent does.
    pub react: React,
    /// What it means, in a few words for tables and lists, without a capital or full stop.
    pub gist: &'static str,
    /// What it means, in one or two sentences.
    pub meaning: &'static str,
    /// The causes for which `because` gives it, a sentence each.
    pub causes: &'static [&'static str],
    /// What to do on seeing it as a client.
    pub client: &'static str,
    /// What to do about it as the operator of a server.
    pub server: &'static str,
    /// What to do on meeting it as a proxy or gateway.
    pub proxy: &'static str,
    /// What is often done wrong, a sentence each.
    pub pitfalls: &'static [&'static str],
}

macro_rules! statuses {
    ($($id:ident $code:literal;)+) => {
        impl Status {
            $(#[doc = concat!("The status ", stringify!($code), ".")] pub const $id: Status = Status($code);)+
        }
    };
}

#[rustfmt::skip]
statuses! {
    CONTINUE 100; SWITCHING_PROTOCOLS 101; PROCESSING 102; EARLY_HINTS 103; UPLOAD_RESUMPTION_SUPPORTED 104;

    OK 200; CREATED 201; ACCEPTED 202; NON_AUTHORITATIVE_INFORMATION 203; NO_CONTENT 204; RESET_CONTENT 205;
    PARTIAL_CONTENT 206; MULTI_STATUS 207; ALREADY_REPORTED 208; IM_USED 226;

    MULTIPLE_CHOICES 300; MOVED_PERMANENTLY 301; FOUND 302; SEE_OTHER 303; NOT_MODIFIED 304; USE_PROXY 305;
    SWITCH_PROXY 306; TEMPORARY_REDIRECT 307; PERMANENT_REDIRECT 308;

    BAD_REQUEST 400; UNAUTHORIZED 401; PAYMENT_REQUIRED 402; FORBIDDEN 403; NOT_FOUND 404; METHOD_NOT_ALLOWED 405;
    NOT_ACCEPTABLE 406; PROXY_AUTHENTICATION_REQUIRED 407; REQUEST_TIMEOUT 408; CONFLICT 409; GONE 410;
    LENGTH_REQUIRED 411; PRECONDITION_FAILED 412; CONTENT_TOO_LARGE 413; URI_TOO_LONG 414; UNSUPPORTED_MEDIA_TYPE 415;
    RANGE_NOT_SATISFIABLE 416; EXPECTATION_FAILED 417; IM_A_TEAPOT 418; MISDIRECTED_REQUEST 421;
    UNPROCESSABLE_CONTENT 422; LOCKED 423; FAILED_DEPENDENCY 424; TOO_EARLY 425; UPGRADE_REQUIRED 426;
    PRECONDITION_REQUIRED 428; TOO_MANY_REQUESTS 429; REQUEST_HEADER_FIELDS_TOO_LARGE 431;
    UNAVAILABLE_FOR_LEGAL_REASONS 451;

    INTERNAL_SERVER_ERROR 500; NOT_IMPLEMENTED 501; BAD_GATEWAY 502; SERVICE_UNAVAILABLE 503; GATEWAY_TIMEOUT 504;
    HTTP_VERSION_NOT_SUPPORTED 505; VARIANT_ALSO_NEGOTIATES 506; INSUFFICIENT_STORAGE 507; LOOP_DETECTED 508;
    NOT_EXTENDED 510; NETWORK_AUTHENTICATION_REQUIRED 511;
}

impl Status {
    /// The least code that can be a status.
    pub const LEAST: u16 = 100;
    /// The greatest code that can be a status.
    pub const GREATEST: u16 = 599;

    /// The status of this code, registered or not; `None` outside 100..=599 (RFC 9110 §15).
    pub const fn new(code: u16) -> Option<Status> {
        if code >= Self::LEAST && code <= Self::GREATEST { Some(Status(code)) } else { None }
    }

    /// The status of three digits, as they stand in a status line.
    pub const fn from_digits(digits: [u8; 3]) -> Option<Status> {
        let [a, b, c] = digits;
        if a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit() {
            Status::new((a - b'0') as u16 * 100 + (b - b'0') as u16 * 10 + (c - b'0') as u16)
        } else {
            None
        }
    }

    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The number as three digits.
    pub const fn digits(self) -> [u8; 3] {
        [b'0' + (self.0 / 100) as u8, b'0' + (self.0 / 10 % 10) as u8, b'0' + (self.0 % 10) as u8]
    }

    /// Its class.
    pub const fn class(self) -> Class {
        match self.0 / 100 {
            1 => Class::Informational,
            2 => Class::Success,
            3 => Class::Redirection,
            4 => Class::ClientError,
            _ => Class::ServerError, // `new` lets nothing beyond 599 in
        }
    }

    /// Has it a row of its own?
    pub const fn registered(self) -> bool {
        TABLE.index[self.slot()] != UNKNOWN
    }

    /// Its row; an unregistered code has that of x00 of its class (RFC 9110 §15).
    pub const fn row(self) -> &'static StatusRow {
        let own = TABLE.index[self.slot()];
        let index = if own == UNKNOWN { TABLE.index[(self.slot() / 100) * 100] } else { own };
        TABLE.rows[index as usize]
    }

    /// The reason phrase for the status line; empty for an unregistered code. Where the registry says only that the
    /// number is unused, the phrase by which it is known.
    pub const fn reason(self) -> &'static str {
        if !self.registered() {
            return "";
        }
        let row = self.row();
        match (row.standing, row.former) {
            (Standing::Reserved, [known, ..]) => known,
            _ => row.name,
        }
    }

    /// Is it a 4xx or a 5xx?
    pub const fn is_error(self) -> bool {
        self.0 >= 400
    }

    /// Is it a 1xx, so that a final answer is still to come?
    pub const fn is_interim(self) -> bool {
        self.0 < 200
    }

    /// All registered statuses, in the order of their codes.
    pub fn all() -> impl ExactSizeIterator<Item = Status> + DoubleEndedIterator {
        TABLE.rows.iter().map(|row| row.status)
    }

    const fn slot(self) -> usize {
        (self.0 - Self::LEAST) as usize
    }
}

/// The number alone: `404`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The number and the phrase: `404 Not Found`.
impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            "" => write!(f, "{}", self.0),
            reason => write!(f, "{} {reason}", self.0),
        }
    }
}

impl Class {
    /// All classes, in the order of their first digit.
    pub const ALL: [Class; 5] =
        [Class::Informational, Class::Success, Class::Redirection, Class::ClientError, Class::ServerError];

    /// The first digit of its codes, 1 to 5.
    pub const fn digit(self) -> u8 {
        match self {
            Class::Informational => 1,
            Class::Success => 2,
            Class::Redirection => 3,
            Class::ClientError => 4,
            Class::ServerError => 5,
        }
    }

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Informational => "informational",
            Class::Success => "success",
            Class::Redirection => "redirection",
            Class::ClientError => "client error",
            Class::ServerError => "server error",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Class::Informational => "Received, and still going on; a final answer follows.",
            Class::Success => "Received, understood and accepted.",
            Class::Redirection => "The user agent has something more to do.",
            Class::ClientError => "The client seems to have erred.",
            Class::ServerError => "The server failed, or knows that it cannot.",
        }
    }
}

impl Standing {
    /// One word for it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Standard => "standard",
            Standing::Experimental => "experimental",
            Standing::Draft => "draft",
            Standing::Historic => "historic",
            Standing::Deprecated => "deprecated",
            Standing::Reserved => "reserved",
        }
    }
}

impl Content {
    /// One word for it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Content::Forbidden => "forbidden",
            Content::Expected => "expected",
            Content::Optional => "optional",
        }
    }
}

impl Stored {
    /// One word for it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Stored::Heuristically => "heuristically",
            Stored::Explicitly => "explicitly",
            Stored::Refreshes => "refreshes",
            Stored::Never => "never",
        }
    }

    /// The same in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Stored::Heuristically => "A cache may store it, even if nothing says how long it holds.",
            Stored::Explicitly => "A cache may store it only if Cache-Control or Expires says how long it holds.",
            Stored::Refreshes => "A cache does not keep it; it brings the stored response up to date.",
            Stored::Never => "A cache must not store it.",
        }
    }
}

impl Level {
    /// The words of the standards for it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
            Level::MustNot => "must not",
        }
    }
}

impl Permanence {
    /// One word for it, in lower case; `-` where the question makes no sense.
    pub const fn name(self) -> &'static str {
        match self {
            Permanence::Temporary => "temporary",
            Permanence::Permanent => "permanent",
            Permanence::Depends => "depends",
            Permanence::NotApplicable => "-",
        }
    }
}

/// How many statuses are registered here.
pub const COUNT: usize = 64;

const UNKNOWN: u8 = u8::MAX;

struct Table {
    rows: [&'static StatusRow; COUNT],
    index: [u8; 500], // by code - 100
}

static TABLE: Table = table();

/// Joins the rows of the classes, and refuses to compile if they are not in order, once each.
const fn table() -> Table {
    let files: [&'static [StatusRow]; 6] = [
        &informational::ROWS,
        &success::ROWS,
        &redirection::ROWS,
        &client_error::ROWS,
        &client_error_later::ROWS,
        &server_error::ROWS,
    ];
    let mut table = Table { rows: [&informational::ROWS[0]; COUNT], index: [UNKNOWN; 500] };
    let (mut file, mut row, mut count) = (0, 0, 0);
    while file < files.len() {
        if row == files[file].len() {
            (file, row) = (file + 1, 0);
            continue;
        }
        let next = &files[file][row];
        assert!(count == 0 || table.rows[count - 1].status.0 < next.status.0, "the rows are not in order");
        table.rows[count] = next;
        table.index[next.status.slot()] = count as u8;
        (row, count) = (row + 1, count + 1);
    }
    assert!(count == COUNT, "COUNT is not the number of rows");
    table
}

const fn must(field: &'static str, note: &'static str) -> Carry {
    Carry { field, level: Level::Must, note }
}

const fn should(field: &'static str, note: &'static str) -> Carry {
    Carry { field, level: Level::Should, note }
}

const fn may(field: &'static str, note: &'static str) -> Carry {
    Carry { field, level: Level::May, note }
}

const fn must_not(field: &'static str, note: &'static str) -> Carry {
    Carry { field, level: Level::MustNot, note }
}
