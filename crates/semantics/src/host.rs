//! Host and port: the value of Host, and the authority of a target. RFC 3986 §3.2, RFC 9110 §7.2
//!
//! Whether a host is served here, which port a scheme means, and what userinfo deserves are not known here.

use core::net::{Ipv4Addr, Ipv6Addr};
use core::{fmt, str};

use crate::syntax::{NumberError, ParseError, alphanumeric_and, parse_u64, percent_decoded};

/// `[ userinfo "@" ] host [ ":" port ]`. RFC 3986 §3.2
///
/// ```
/// use semantics::host::{Authority, Host};
/// let authority = Authority::of_host(b"example.com:8080").expect("a host and a port");
/// assert_eq!((authority.host, authority.port), (Host::Name(b"example.com"), Some(8080)));
/// assert!(Authority::of_host(b"user@example.com").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Authority<'a> {
    /// What stands before the `@`. In an http or https URI it is an error (RFC 9110 §4.2.4); others say so.
    pub userinfo: Option<&'a [u8]>,
    /// The host.
    pub host: Host<'a>,
    /// The port. `host:` has none, as RFC 3986 §3.2.3 allows it to be empty.
    pub port: Option<u16>,
}

/// A host. RFC 3986 §3.2.2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Host<'a> {
    /// A registered name, as it stands: perhaps percent-encoded, in any letter case, perhaps empty.
    Name(&'a [u8]),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, written in brackets.
    V6(Ipv6Addr),
    /// An address of a version to come, `v1.x`, without its brackets.
    Future(&'a [u8]),
}

/// What can be wrong with an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A byte that cannot stand there.
    BadByte,
    /// A `%` without two hexadecimal digits.
    BadPercent,
    /// The `]` is missing.
    Unclosed,
    /// What stands in brackets is no address.
    BadAddress,
    /// The port is not a number.
    BadPort,
    /// The port is beyond 65535.
    PortTooLarge,
    /// There is userinfo where there must be none.
    Userinfo,
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadByte => "a byte that a host cannot have",
            Self::BadPercent => "a percent sign without two hexadecimal digits",
            Self::Unclosed => "the closing bracket of the address is missing",
            Self::BadAddress => "no IPv6 address stands in the brackets",
            Self::BadPort => "the port is not a number",
            Self::PortTooLarge => "the port is beyond 65535",
            Self::Userinfo => "a user stands before the host",
        })
    }
}

impl core::error::Error for AuthorityError {}

/// unreserved and sub-delims. RFC 3986 §2.2, §2.3
static REG_NAME: [bool; 256] = alphanumeric_and(b"-._~!$&'()*+,;=");

impl<'a> Authority<'a> {
    /// Reads the value of Host: an authority without userinfo. RFC 9110 §7.2
    ///
    /// An empty value is read, since a target without an authority has just that Host (RFC 9112 §3.2); whether this
    /// is such a target is for the caller to know, who asks [`Host::is_empty`].
    pub fn of_host(value: &'a [u8]) -> Result<Self, ParseError<AuthorityError>> {
        let authority = Self::parse(value)?;
        match authority.userinfo {
            Some(userinfo) => Err(ParseError::new(userinfo.len(), AuthorityError::Userinfo)),
            None => Ok(authority),
        }
    }

    /// Reads an authority, with or without userinfo. RFC 3986 §3.2
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError<AuthorityError>> {
        // Neither userinfo nor host can have a bare `@`, so the first one divides them.
        match bytes.iter().position(|&byte| byte == b'@') {
            None => Self::host_and_port(bytes, 0),
            Some(at) => {
                let userinfo = &bytes[..at];
                check(userinfo, |byte| REG_NAME[byte as usize] || byte == b':')?;
                Ok(Self { userinfo: Some(userinfo), ..Self::host_and_port(bytes, at + 1)? })
            }
        }
    }

    /// `host [ ":" port ]`, from `start` to the end.
    fn host_and_port(bytes: &'a [u8], start: usize) -> Result<Self, ParseError<AuthorityError>> {
        let rest = &bytes[start..];
        let (host, end) = if let [b'[', literal @ ..] = rest {
            let length = literal.iter().position(|&byte| byte == b']');
            let length = length.ok_or(ParseError::new(bytes.len(), AuthorityError::Unclosed))?;
            let host = address(&literal[..length]).ok_or(ParseError::new(start + 1, AuthorityError::BadAddress))?;
            (host, length + 2)
        } else {
            let length = rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len());
            let name = &rest[..length];
            check(name, |byte| REG_NAME[byte as usize]).map_err(|refusal| refusal.within(start, |what| what))?;
            (Host::named(name), length)
        };
        let port = match rest[end..] {
            [] | [b':'] => None,
            [b':', ref digits @ ..] => Some(port(digits, start + end + 1)?),
            _ => return Err(ParseError::new(start + end, AuthorityError::BadByte)),
        };
        Ok(Self { userinfo: None, host, port })
    }
}

/// Every byte must be allowed, or the start of a percent-encoding.
fn check(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> Result<(), ParseError<AuthorityError>> {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'%' if percent_decoded(&bytes[at..]).is_some() => 3,
            b'%' => return Err(ParseError::new(at, AuthorityError::BadPercent)),
            _ if allowed(byte) => 1,
            _ => return Err(ParseError::new(at, AuthorityError::BadByte)),
        };
    }
    Ok(())
}

fn port(digits: &[u8], start: usize) -> Result<u16, ParseError<AuthorityError>> {
    let tell = |what| match what {
        NumberError::Overflow => AuthorityError::PortTooLarge,
        NumberError::Empty | NumberError::NotADigit => AuthorityError::BadPort,
    };
    let number = parse_u64(digits).map_err(|refusal| refusal.within(start, tell))?;
    u16::try_from(number).map_err(|_| ParseError::new(start, AuthorityError::PortTooLarge))
}

/// What stands in brackets. A zone (`%eth0`) means something to one machine only and is none of RFC 3986's addresses.
fn address(literal: &[u8]) -> Option<Host<'_>> {
    if let [b'v' | b'V', rest @ ..] = literal {
        let dot = rest.iter().position(|&byte| byte == b'.')?;
        let (version, address) = (&rest[..dot], &rest[dot + 1..]);
        let sound = !version.is_empty()
            && version.iter().all(u8::is_ascii_hexdigit)
            && !address.is_empty()
            && address.iter().all(|&byte| REG_NAME[byte as usize] || byte == b':');
        return sound.then_some(Host::Future(literal));
    }
    str::from_utf8(literal).ok()?.parse().ok().map(Host::V6)
}

impl<'a> Host<'a> {
    /// A name is an IPv4 address if it can be read as one: four decimal numbers, no leading zeros. RFC 3986 §3.2.2
    fn named(name: &'a [u8]) -> Self {
        let address = match name {
            [b'0'..=b'9', .., b'0'..=b'9'] => str::from_utf8(name).ok().and_then(|text| text.parse().ok()),
            _ => None,
        };
        address.map_or(Self::Name(name), Self::V4)
    }

    /// Is there no host at all?
    pub const fn is_empty(self) -> bool {
        matches!(self, Self::Name([]))
    }

    /// Do both name the same host, whatever the letter case?
    pub fn same(self, other: Host<'_>) -> bool {
        match (self, other) {
            (Self::Name(one), Host::Name(other)) | (Self::Future(one), Host::Future(other)) => {
                one.eq_ignore_ascii_case(other)
            }
            _ => self == other,
        }
    }
}

/// As it stands in a URI: addresses of IPv6 in brackets.
impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => fmt::Display::fmt(&name.escape_ascii(), f),
            Self::V4(address) => fmt::Display::fmt(address, f),
            Self::V6(address) => write!(f, "[{address}]"),
            Self::Future(address) => write!(f, "[{}]", address.escape_ascii()),
        }
    }
}

/// Host and port, as Host and Location have them. Userinfo is left out: it may be a password.
impl fmt::Display for Authority<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.host, f)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString, vec::Vec};

    fn read(value: &str) -> Result<(Host<'_>, Option<u16>), (usize, AuthorityError)> {
        Authority::of_host(value.as_bytes())
            .map(|authority| (authority.host, authority.port))
            .map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn hosts_are_told_apart() {
        assert_eq!(read("example.com"), Ok((Host::Name(b"example.com"), None)));
        assert_eq!(read("a_b-c~%41!$&'()*+,;=:80"), Ok((Host::Name(b"a_b-c~%41!$&'()*+,;="), Some(80))));
        assert_eq!(read("127.0.0.1:8080"), Ok((Host::V4(Ipv4Addr::LOCALHOST), Some(8080))));
        assert_eq!(read("[::1]"), Ok((Host::V6(Ipv6Addr::LOCALHOST), None)));
        assert_eq!(read("[::ffff:1.2.3.4]:1").map(|(_, port)| port), Ok(Some(1)));
        assert_eq!(read("[v1.a:b]"), Ok((Host::Future(b"v1.a:b"), None)));
        assert_eq!(read("127.0.0.01"), Ok((Host::Name(b"127.0.0.01"), None)), "a leading zero makes it a name");
        assert_eq!(read("256.0.0.1"), Ok((Host::Name(b"256.0.0.1"), None)));
    }

    #[test]
    fn empty_is_syntax_and_flagged() {
        assert!(read("").is_ok_and(|(host, _)| host.is_empty()));
        assert!(read(":80").is_ok_and(|(host, port)| host.is_empty() && port == Some(80)));
        assert!(read("a").is_ok_and(|(host, _)| !host.is_empty()));
    }

    #[test]
    fn ports_are_numbers_or_nothing() {
        assert_eq!(read("h:"), Ok((Host::Name(b"h"), None)));
        assert_eq!(read("h:0080"), Ok((Host::Name(b"h"), Some(80))));
        assert_eq!(read("h:65535"), Ok((Host::Name(b"h"), Some(65535))));
        assert_eq!(read("h:65536"), Err((2, AuthorityError::PortTooLarge)));
        assert_eq!(read("h:99999"), Err((2, AuthorityError::PortTooLarge)));
        assert_eq!(read("h:99999999999999999999"), Err((21, AuthorityError::PortTooLarge)));
        assert_eq!(read("h:+80"), Err((2, AuthorityError::BadPort)));
        assert_eq!(read("h:8 "), Err((3, AuthorityError::BadPort)));
        assert_eq!(read("h:80:80"), Err((4, AuthorityError::BadPort)));
        assert_eq!(read("::1"), Err((1, AuthorityError::BadPort)));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        assert_eq!(read("a b"), Err((1, AuthorityError::BadByte)));
        assert_eq!(read("a/b"), Err((1, AuthorityError::BadByte)));
        assert_eq!(read("a,b/"), Err((3, AuthorityError::BadByte)));
        assert_eq!(read("a\\b"), Err((1, AuthorityError::BadByte)));
        assert_eq!(read("b\u{fc}cher"), Err((1, AuthorityError::BadByte)));
        assert_eq!(read("a%2"), Err((1, AuthorityError::BadPercent)));
        assert_eq!(read("a%zz"), Err((1, AuthorityError::BadPercent)));
        assert_eq!(read("[::1"), Err((4, AuthorityError::Unclosed)));
        assert_eq!(read("[::1]x"), Err((5, AuthorityError::BadByte)));
        assert_eq!(read("[]"), Err((1, AuthorityError::BadAddress)));
        assert_eq!(read("[::g]"), Err((1, AuthorityError::BadAddress)));
        assert_eq!(read("[fe80::1%25eth0]"), Err((1, AuthorityError::BadAddress)));
        assert_eq!(read("[v.a]"), Err((1, AuthorityError::BadAddress)));
        assert_eq!(read("[v1.]"), Err((1, AuthorityError::BadAddress)));
        assert_eq!(read("a[::1]"), Err((1, AuthorityError::BadByte)));
    }

    #[test]
    fn users_are_read_in_a_uri_only() {
        assert_eq!(read("u@h"), Err((1, AuthorityError::Userinfo)));
        assert_eq!(read("u:p@h"), Err((3, AuthorityError::Userinfo)));
        let authority = Authority::parse(b"u:p@h:1").expect("an authority");
        assert_eq!(authority.userinfo, Some(&b"u:p"[..]));
        assert_eq!(authority.to_string(), "h:1");
        let offence = |bytes| Authority::parse(bytes).map_err(|refusal| (refusal.at, refusal.what));
        assert_eq!(offence(b"u@h@i"), Err((3, AuthorityError::BadByte)));
        assert_eq!(offence(b"u[@h"), Err((1, AuthorityError::BadByte)));
        assert_eq!(offence(b"u@[::1"), Err((6, AuthorityError::Unclosed)));
        assert_eq!(offence(b"u@h:x"), Err((4, AuthorityError::BadPort)));
    }

    #[test]
    fn hosts_compare_without_case() {
        assert!(Host::Name(b"Example.COM").same(Host::Name(b"example.com")));
        assert!(!Host::Name(b"a").same(Host::Future(b"a")));
        assert!(Host::V6(Ipv6Addr::LOCALHOST).same(Host::V6(Ipv6Addr::LOCALHOST)));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = (Authority::parse(&bytes), Authority::of_host(&bytes));
        }

        #[test]
        fn near_misses_do_not_panic(
            text in "([a-z%1]{0,3}@)?(\\[[v0-9a-f:.]{0,8}\\]?|[a-z0-9.%]{0,6})(:[0-9x]{0,6})?",
        ) {
            if let Ok(authority) = Authority::of_host(text.as_bytes()) {
                prop_assert_eq!(Authority::parse(text.as_bytes()), Ok(authority));
            }
        }

        #[test]
        fn what_is_written_reads_back(
            name in "[a-z0-9._~-]{0,5}[a-z](%[0-9A-F]{2})?",
            port: Option<u16>,
            v4: u32,
            v6: u128,
        ) {
            let (v4, v6) = (Ipv4Addr::from_bits(v4), Ipv6Addr::from_bits(v6));
            for host in [Host::Name(name.as_bytes()), Host::V4(v4), Host::V6(v6)] {
                let authority = Authority { userinfo: None, host, port };
                let written = authority.to_string();
                prop_assert_eq!(Authority::of_host(written.as_bytes()), Ok(authority));
                let named = format!("u@{authority}");
                let expected = Authority { userinfo: Some(b"u"), ..authority };
                prop_assert_eq!(Authority::parse(named.as_bytes()), Ok(expected));
            }
        }
    }
}
