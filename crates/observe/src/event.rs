//! What is told of one answer, once it was given: the same for the counts, the recent verdicts and the log.

use core::fmt;
use core::net::IpAddr;

use decision::because::Because;
use decision::facts::RequestId;
use decision::reply::REPLY;
use semantics::version::Version;

pub use decision::verdict::Source as Rule;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// When it was given, in milliseconds of Unix time.
    pub moment: u64,
    /// Whom it was given; nothing: a process of this machine.
    pub client: Option<IpAddr>,
    /// The method's name, as it was sent; empty if none was understood.
    pub method: &'a [u8],
    /// The target, as it was sent.
    pub target: &'a [u8],
    /// The value of Host.
    pub host: Option<&'a [u8]>,
    /// The version of HTTP that it was read in.
    pub version: Version,
    /// The status, as a number.
    pub status: u16,
    /// The row that was asked last: the cause.
    pub last: u16,
    /// The walk.
    pub because: Because,
    /// The line of the configuration that decided.
    pub rule: Option<Rule<'a>>,
    /// Who asked, if that is proved.
    pub user: Option<&'a str>,
    /// Octets of content sent.
    pub octets: u64,
    /// How long it took from the head of the request to the last octet of the answer, in microseconds.
    pub micros: u64,
    /// By what it is known.
    pub id: RequestId,
    /// The response did not come to its end.
    pub broken: bool,
}

impl Event<'_> {
    /// The name of the cause.
    pub fn cause(&self) -> &'static str {
        cause(self.last)
    }

    /// Is it part of a trace, which others know by its number?
    pub const fn is_traced(&self) -> bool {
        matches!(self.id, RequestId::Trace(_))
    }

    /// Was the request refused?
    pub const fn is_refusal(&self) -> bool {
        self.status >= 400
    }
}

/// The name of the question in this row; `-` where there is none.
pub(crate) fn cause(row: u16) -> &'static str {
    REPLY.rows.get(usize::from(row)).map_or("-", |row| row.id)
}

/// A client as it is told: an IPv4 address that came over IPv6 as what it is, a process of this machine as `local`.
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.to_canonical().fmt(f),
            None => f.write_str("local"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A plain GET, answered 200.
    pub(crate) fn plain() -> Event<'static> {
        Event {
            moment: 1_700_000_000_123,
            client: "::ffff:127.0.0.1".parse().ok(),
            method: b"GET",
            target: b"/index.html",
            host: Some(b"example.org"),
            version: Version::Http11,
            status: 200,
            last: REPLY.find("representation_available").expect("a question") as u16,
            because: "2f2b3".parse().expect("a number"),
            rule: None,
            user: None,
            octets: 363,
            micros: 27,
            id: RequestId::Own(0xabc),
            broken: false,
        }
    }

    #[test]
    fn words_are_those_of_the_log() {
        let event = plain();
        assert_eq!((event.cause(), event.is_refusal()), ("representation_available", false));
        assert_eq!(Client(event.client).to_string(), "127.0.0.1");
        assert_eq!(Client(None).to_string(), "local");
        assert_eq!(Rule { file: "because.toml", line: 12 }.to_string(), "because.toml:12");
        assert_eq!(cause(u16::MAX), "-");
    }
}
