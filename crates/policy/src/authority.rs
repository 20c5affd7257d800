//! Patterns of authorities, and which of them a request's host and port meet.
//!
//! What a site is, and what is answered where none is named so, is not known here.

use core::net::IpAddr;
use std::collections::HashMap;
use std::fmt;

use crate::limits;
use semantics::host::{Authority, AuthorityError, Host};
use semantics::syntax::{ParseError, parse_u64};

/// `example.org`, `example.org:8443`, `*.example.org`, `192.0.2.1`, `[2001:db8::1]:8443`, `*`; without a port: on any
/// port.
///
/// `*.example.org` is every name below `example.org`, however deep, and not `example.org` itself. Names are compared
/// without regard to case, and without the dot that may stand at their end (RFC 9110 §4.2.3, RFC 3986 §3.2.2).
///
/// ```
/// use policy::authority::AuthorityPattern;
/// let pattern = AuthorityPattern::parse("*.Example.ORG.:8443").expect("a pattern");
/// assert_eq!(pattern.to_string(), "*.example.org:8443");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorityPattern {
    name: AuthorityName,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum AuthorityName {
    /// This name, in small letters.
    Exact(Box<str>),
    /// Names that end in a dot and this.
    Below(Box<str>),
    Address(IpAddr),
    Any,
}

/// What can be wrong with a pattern of authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthorityPatternError {
    /// There is none.
    Empty,
    /// A `*` that does not stand for whole labels at the front.
    Wildcard,
    /// A name with a letter beyond ASCII; in requests it is written `xn--…` (RFC 5891 §4.4).
    NotAscii,
    /// A byte that no name of the DNS has.
    NotAName,
    /// Two dots in a row, or one at the front.
    EmptyLabel,
    /// Longer than [`limits::HOST_NAME`].
    TooLong,
    /// The authority is malformed.
    Authority(AuthorityError),
}

impl fmt::Display for AuthorityPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no host; `*` is any",
            Self::Wildcard => "`*` stands alone or at the front, as in `*.example.org`",
            Self::NotAscii => "a letter beyond ASCII; write the name as it is sent, with `xn--`",
            Self::NotAName => "a byte that the name of a host cannot have",
            Self::EmptyLabel => "a part of the name between two dots is missing",
            Self::TooLong => "longer than the name of a host can be",
            Self::Authority(offence) => return fmt::Display::fmt(offence, f),
        })
    }
}

type Read<T> = Result<T, ParseError<AuthorityPatternError>>;

impl AuthorityPattern {
    /// Reads a pattern; a refusal tells the offset of the byte that offends.
    pub fn parse(text: &str) -> Read<Self> {
        let refuse = |at, what| Err(ParseError::new(at, what));
        if let Some(at) = text.bytes().position(|byte| !byte.is_ascii()) {
            return refuse(at, AuthorityPatternError::NotAscii);
        }
        if let Some(rest) = text.strip_prefix('*') {
            let port = match rest.as_bytes() {
                [] => return Ok(Self { name: AuthorityName::Any, port: None }),
                [b':', digits @ ..] => parse_u64(digits).ok().map(u16::try_from),
                [b'.', ..] => return below(&rest[1..]).map_err(|refusal| refusal.within(2, |what| what)),
                _ => return refuse(0, AuthorityPatternError::Wildcard),
            };
            return match port {
                Some(Ok(port)) => Ok(Self { name: AuthorityName::Any, port: Some(port) }),
                Some(Err(_)) => refuse(2, AuthorityPatternError::Authority(AuthorityError::PortTooLarge)),
                None => refuse(2, AuthorityPatternError::Authority(AuthorityError::BadPort)),
            };
        }
        let authority = read(text)?;
        let name = match authority.host {
            Host::Name(host) => AuthorityName::Exact(name(host)?),
            Host::V4(address) => AuthorityName::Address(address.into()),
            Host::V6(address) => AuthorityName::Address(IpAddr::V6(address).to_canonical()),
            Host::Future(_) => return refuse(0, AuthorityPatternError::NotAName),
        };
        Ok(Self { name, port: authority.port })
    }

    /// Reads one or more patterns with spaces between them.
    ///
    /// ```
    /// use policy::authority::AuthorityPattern;
    /// assert_eq!(AuthorityPattern::parse_list("example.org  *.example.org").map(|all| all.len()), Ok(2));
    /// assert_eq!(AuthorityPattern::parse_list("a b_ö").map_err(|refusal| refusal.at), Err(4));
    /// ```
    pub fn parse_list(text: &str) -> Read<Vec<Self>> {
        let (mut patterns, mut at) = (Vec::new(), 0);
        for word in text.split(' ') {
            if !word.is_empty() {
                patterns.push(Self::parse(word).map_err(|refusal| refusal.within(at, |what| what))?);
            }
            at += word.len() + 1;
        }
        if patterns.is_empty() { Err(ParseError::new(0, AuthorityPatternError::Empty)) } else { Ok(patterns) }
    }
}

/// What stands behind `*.`
fn below(text: &str) -> Read<AuthorityPattern> {
    let authority = read(text)?;
    match authority.host {
        Host::Name(host) => Ok(AuthorityPattern { name: AuthorityName::Below(name(host)?), port: authority.port }),
        // nothing is below an address
        Host::V4(_) | Host::V6(_) | Host::Future(_) => Err(ParseError::new(0, AuthorityPatternError::NotAName)),
    }
}

fn read(text: &str) -> Read<Authority<'_>> {
    let authority = Authority::of_host(text.as_bytes());
    authority.map_err(|refusal| refusal.within(0, AuthorityPatternError::Authority))
}

/// A name in small letters, without the dot at its end.
fn name(host: &[u8]) -> Read<Box<str>> {
    let refuse = |at, what| Err(ParseError::new(at, what));
    if host.len() > limits::HOST_NAME {
        return refuse(limits::HOST_NAME, AuthorityPatternError::TooLong);
    }
    let mut at = 0;
    let bare = without_dot(host);
    for label in bare.split(|&byte| byte == b'.') {
        let bad = label.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_'));
        match bad {
            _ if host.is_empty() => return refuse(0, AuthorityPatternError::Empty),
            _ if label.is_empty() => return refuse(at, AuthorityPatternError::EmptyLabel),
            Some(bad) if label[bad] == b'*' => return refuse(at + bad, AuthorityPatternError::Wildcard),
            Some(bad) => return refuse(at + bad, AuthorityPatternError::NotAName),
            None => at += label.len() + 1,
        }
    }
    Ok(String::from_utf8_lossy(bare).to_ascii_lowercase().into())
}

/// The dot at the end of a name says only that it is complete.
fn without_dot(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}

/// As it is read.
impl fmt::Display for AuthorityPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            AuthorityName::Exact(name) => f.write_str(name)?,
            AuthorityName::Below(name) => write!(f, "*.{name}")?,
            AuthorityName::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
            AuthorityName::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            AuthorityName::Any => f.write_str("*")?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// What is said of authorities, found by host and port. The most specific pattern counts: the name with the port, the
/// name, the longest `*.…`, and `*`; of the last two, too, the one with the port before the one without.
///
/// ```
/// use policy::authority::{Authorities, AuthorityPattern};
/// use semantics::host::Host;
/// let site = |text| (AuthorityPattern::parse(text).expect("a pattern"), text);
/// let sites = ["example.org", "*.example.org", "*"].map(site);
/// let sites = Authorities::new(sites).expect("all differ");
/// assert_eq!(sites.find(Host::Name(b"EXAMPLE.org."), 80), Some(&"example.org"));
/// assert_eq!(sites.find(Host::Name(b"a.b.example.org"), 80), Some(&"*.example.org"));
/// assert_eq!(sites.find(Host::Name(b"example.net"), 80), Some(&"*"));
/// ```
#[derive(Clone, Debug)]
pub struct Authorities<T> {
    exact: HashMap<Box<str>, Ports<T>>,
    below: HashMap<Box<str>, Ports<T>>,
    /// The lengths of the names in `below`, the longest first.
    lengths: Vec<usize>,
    addresses: HashMap<IpAddr, Ports<T>>,
    any: Ports<T>,
}

impl<T> Default for Authorities<T> {
    fn default() -> Self {
        Self {
            exact: HashMap::new(),
            below: HashMap::new(),
            lengths: Vec::new(),
            addresses: HashMap::new(),
            any: Ports::default(),
        }
    }
}

/// Two patterns are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Repeated {
    /// The place of the first among those that were given, from 0.
    pub first: usize,
    /// The place of the other.
    pub again: usize,
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same authority is named twice")
    }
}

impl std::error::Error for Repeated {}

/// What is said of the ports of a host.
#[derive(Clone, Debug)]
struct Ports<T> {
    /// Of these.
    some: Vec<(u16, T)>,
    /// Of all others.
    others: Option<T>,
}

impl<T> Default for Ports<T> {
    fn default() -> Self {
        Self { some: Vec::new(), others: None }
    }
}

impl<T> Ports<T> {
    fn find(&self, port: u16) -> Option<&T> {
        let some = self.some.iter().find(|(other, _)| *other == port).map(|(_, value)| value);
        some.or(self.others.as_ref())
    }
}

impl<T> Authorities<T> {
    /// Of patterns that all differ.
    pub fn new(patterns: impl IntoIterator<Item = (AuthorityPattern, T)>) -> Result<Self, Repeated> {
        let mut all = Self::default();
        let mut places = HashMap::new();
        for (place, (pattern, value)) in patterns.into_iter().enumerate() {
            if let Some(first) = places.insert(pattern.clone(), place) {
                return Err(Repeated { first, again: place });
            }
            let ports = match pattern.name {
                AuthorityName::Exact(name) => all.exact.entry(name).or_default(),
                AuthorityName::Below(name) => {
                    if let Err(at) = all.lengths.binary_search_by(|length| name.len().cmp(length)) {
                        all.lengths.insert(at, name.len());
                    }
                    all.below.entry(name).or_default()
                }
                AuthorityName::Address(address) => all.addresses.entry(address).or_default(),
                AuthorityName::Any => &mut all.any,
            };
            match pattern.port {
                Some(port) => ports.some.push((port, value)),
                None => ports.others = Some(value),
            }
        }
        Ok(all)
    }

    /// What is said of this host, in any letter case, and this port: the one that was named, or the scheme's.
    pub fn find(&self, host: Host<'_>, port: u16) -> Option<&T> {
        let found = match host {
            Host::Name(name) => self.find_name(name, port),
            Host::V4(address) => self.find_address(address.into(), port),
            Host::V6(address) => self.find_address(IpAddr::V6(address).to_canonical(), port),
            Host::Future(_) => None,
        };
        found.or_else(|| self.any.find(port))
    }

    fn find_address(&self, address: IpAddr, port: u16) -> Option<&T> {
        self.addresses.get(&address)?.find(port)
    }

    /// A name that no pattern can be of is found by none, so there is room for all others.
    fn find_name(&self, name: &[u8], port: u16) -> Option<&T> {
        let mut room = [0; limits::HOST_NAME];
        let room = room.get_mut(..name.len())?;
        room.copy_from_slice(name);
        room.make_ascii_lowercase();
        let name = str::from_utf8(without_dot(room)).ok()?;
        let exact = self.exact.get(name).and_then(|ports| ports.find(port));
        let below = || {
            self.lengths.iter().find_map(|&length| {
                let (before, suffix) = name.split_at_checked(name.len().checked_sub(length)?)?;
                before.strip_suffix('.').filter(|label| !label.is_empty())?;
                self.below.get(suffix)?.find(port)
            })
        };
        exact.or_else(below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sites(patterns: &[&'static str]) -> Authorities<&'static str> {
        Authorities::new(patterns.iter().map(|text| (AuthorityPattern::parse(text).expect("a pattern"), *text)))
            .expect("all differ")
    }

    fn found(sites: &Authorities<&'static str>, host: &str) -> Option<&'static str> {
        let authority = Authority::of_host(host.as_bytes()).expect("a host");
        sites.find(authority.host, authority.port.unwrap_or(80)).copied()
    }

    #[test]
    fn the_most_specific_counts() {
        let sites = sites(&[
            "*",
            "*:8080",
            "*.example.org",
            "*.b.example.org:8080",
            "*.b.example.org",
            "example.org",
            "example.org:8080",
            "a.b.example.org:1",
            "192.0.2.1",
            "[2001:db8::1]:8080",
        ]);
        for (host, site) in [
            ("example.org", "example.org"),
            ("EXAMPLE.ORG.", "example.org"),
            ("example.org:8080", "example.org:8080"),
            ("example.org:81", "example.org"),
            ("a.example.org", "*.example.org"),
            ("b.example.org:8080", "*.example.org"),
            ("a.b.example.org", "*.b.example.org"),
            ("a.b.example.org:1", "a.b.example.org:1"),
            ("x.a.B.example.org:8080", "*.b.example.org:8080"),
            ("badexample.org", "*"),
            (".example.org", "*"),
            ("example.net:8080", "*:8080"),
            ("192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]", "192.0.2.1"),
            ("192.0.2.2", "*"),
            ("[2001:db8:0::1]:8080", "[2001:db8::1]:8080"),
            ("[2001:db8::1]", "*"),
            ("[v1.x]", "*"),
            ("", "*"),
        ] {
            assert_eq!(found(&sites, host), Some(site), "{host}");
        }
        assert_eq!(found(&self::sites(&["example.org"]), "example.net"), None);
        assert_eq!(found(&Authorities::default(), "example.net"), None);
        let long = "a".repeat(limits::HOST_NAME + 1);
        assert_eq!(found(&sites, &long), Some("*"));
        assert_eq!(
            found(&sites, &format!("{}.example.org", "a".repeat(limits::HOST_NAME - 12))),
            Some("*.example.org")
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused_where_it_offends() {
        use AuthorityPatternError::*;
        for (text, at, what) in [
            ("", 0, Empty),
            (":80", 0, Empty),
            ("*.", 2, Empty),
            ("**", 0, Wildcard),
            ("*a.example.org", 0, Wildcard),
            ("a.*.org", 2, Wildcard),
            ("*.*.org", 2, Wildcard),
            ("bücher.example", 1, NotAscii),
            ("a%41", 1, NotAName),
            ("a!b", 1, NotAName),
            ("[v1.x]", 0, NotAName),
            ("*.192.0.2.1", 2, NotAName),
            ("*.[::1]", 2, NotAName),
            (".example.org", 0, EmptyLabel),
            ("a..b", 2, EmptyLabel),
            ("a..", 2, EmptyLabel),
            (".", 0, EmptyLabel),
            ("*:x", 2, Authority(AuthorityError::BadPort)),
            ("*:", 2, Authority(AuthorityError::BadPort)),
            ("*:65536", 2, Authority(AuthorityError::PortTooLarge)),
            ("example.org:x", 12, Authority(AuthorityError::BadPort)),
            ("*.example.org:x", 14, Authority(AuthorityError::BadPort)),
            ("user@example.org", 4, Authority(AuthorityError::Userinfo)),
            ("https://example.org", 6, Authority(AuthorityError::BadPort)),
        ] {
            assert_eq!(AuthorityPattern::parse(text), Err(ParseError::new(at, what)), "{text}");
        }
        let long = AuthorityPattern::parse(&"a".repeat(limits::HOST_NAME + 1));
        assert_eq!(long, Err(ParseError::new(limits::HOST_NAME, TooLong)));
        assert_eq!(AuthorityPattern::parse_list("  "), Err(ParseError::new(0, Empty)));
    }

    #[test]
    fn the_same_twice_is_refused() {
        let patterns = ["a.org", "b.org", "A.org."].map(|text| (AuthorityPattern::parse(text).unwrap(), ()));
        assert_eq!(Authorities::new(patterns).err(), Some(Repeated { first: 0, again: 2 }));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,20}", near in "[*.a:1 \\[\\]]{0,12}", name: Vec<u8>) {
            for text in [text, near] {
                let _ = AuthorityPattern::parse_list(&text);
                match AuthorityPattern::parse(&text) {
                    Ok(pattern) => prop_assert_eq!(AuthorityPattern::parse(&pattern.to_string()), Ok(pattern)),
                    Err(refusal) => prop_assert!(refusal.at <= text.len()),
                }
            }
            let _ = sites(&["*.a", "*.b.a", "a"]).find(Host::Name(&name), 80);
        }

        #[test]
        fn the_naive_search_agrees(
            patterns in prop::collection::btree_set("(\\*\\.)?[ab](\\.[ab]){0,2}(:[12])?", 0..8),
            host in "[ab](\\.[ab]){0,3}",
            port in 1u16..3,
        ) {
            let parse = |text: &String| AuthorityPattern::parse(text).expect("a pattern");
            let parsed: Vec<_> = patterns.iter().map(parse).collect();
            let rank = |pattern: &AuthorityPattern| {
                let right_port = pattern.port.is_none_or(|other| other == port);
                match &pattern.name {
                    AuthorityName::Exact(name) if right_port && **name == *host => Some((usize::MAX, pattern.port.is_some())),
                    AuthorityName::Below(name) if right_port && host.ends_with(&format!(".{name}")) => {
                        Some((name.len(), pattern.port.is_some()))
                    }
                    _ => None,
                }
            };
            let expected = parsed.iter().filter(|pattern| rank(pattern).is_some()).max_by_key(|pattern| rank(pattern));
            let sites = Authorities::new(parsed.iter().map(|pattern| (pattern.clone(), pattern))).expect("all differ");
            prop_assert_eq!(sites.find(Host::Name(host.as_bytes()), port).copied(), expected);
        }
    }
}
