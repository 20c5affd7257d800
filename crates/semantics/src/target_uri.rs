//! The resource that a request is for (RFC 9110 §7.1): its target, authority, scheme, path and query, understood once.
//!
//! This is the only file that reads a request's target and its Host. Whether an authority is served here, what stands at the
//! path and which methods take which form are not known here.

use alloc::vec;
use alloc::vec::Vec;
use core::cell::OnceCell;

use crate::field::Field;
use crate::host::Authority;
use crate::method::Method;
use crate::request::Request;
use crate::syntax::{ParseError, alphanumeric_and};
use crate::target::{Decoded, PathError, Target, TargetError, decode_path};

/// The scheme of a URI, as far as HTTP defines it (RFC 9110 §4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `http`
    #[default]
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// The scheme of this name, in any letter case.
    pub fn of(name: &[u8]) -> Option<Self> {
        [Self::Http, Self::Https].into_iter().find(|scheme| name.eq_ignore_ascii_case(scheme.name().as_bytes()))
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of an authority that names none (RFC 9110 §4.2.1, §4.2.2).
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// What the head of a request says of the resource that it is for.
///
/// ```
/// use core::cell::OnceCell;
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
/// use semantics::target_uri::TargetUri;
///
/// let host = [(&b"Host"[..], &b"example.org"[..])];
/// let request = OwnedRequest::made(Method::GET, b"/a%20b?c=d", host);
/// let room = OnceCell::new();
/// let uri = TargetUri::of(request.view(), &room);
/// assert_eq!(uri.path.map(|path| path.path), Some(&b"a b"[..]));
/// assert_eq!(uri.query(), Some(&b"c=d"[..]));
/// assert_eq!(uri.authority().and_then(|authority| authority.port), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TargetUri<'a> {
    /// The target in one of its four forms, or what is wrong with it (RFC 9112 §3.2).
    pub target: Result<Target<'a>, ParseError<TargetError>>,
    /// The path as names. None for CONNECT, for `*`, and where the path is no list of names.
    pub path: Option<Decoded<'a>>,
    /// Why the path is no list of names, if it is none.
    pub path_offence: Option<ParseError<PathError>>,
    /// Host, which counts where the target names no authority.
    host: Option<&'a [u8]>,
}

impl<'a> TargetUri<'a> {
    /// The target URI of a request whose head was not understood.
    pub const UNKNOWN: TargetUri<'static> =
        TargetUri { target: Ok(Target::Asterisk), path: None, path_offence: None, host: None };

    /// Reads the target and the Host of a request. The names of a path with escapes or dot segments are decoded into `room`;
    /// the names of most paths are the path itself.
    #[inline]
    pub fn of(request: Request<'a>, room: &'a OnceCell<Vec<u8>>) -> TargetUri<'a> {
        let raw = request.raw_target();
        if is_plain(raw) && !request.is(Method::CONNECT) {
            let target = Ok(Target::Origin { path: raw, query: None });
            let path = Some(undecoded(raw));
            return TargetUri { target, path, path_offence: None, host: request.field(Field::HOST) };
        }
        TargetUri::of_any(request, room)
    }

    fn of_any(request: Request<'a>, room: &'a OnceCell<Vec<u8>>) -> TargetUri<'a> {
        let target = Target::parse(request.raw_target(), request.is(Method::CONNECT));
        let named = target.as_ref().ok().and_then(Target::path).map(|path| names(path, room));
        let (path, path_offence) = match named {
            None => (None, None),
            Some(Ok(path)) => (Some(path), None),
            Some(Err(refusal)) => (None, Some(refusal)),
        };
        TargetUri { target, path, path_offence, host: request.field(Field::HOST) }
    }

    /// What follows the first `?`; further ones are part of the query (RFC 3986 §3.4).
    #[inline]
    pub fn query(&self) -> Option<&'a [u8]> {
        self.target.as_ref().ok().and_then(Target::query)
    }

    /// The authority: that of the target if it names one (RFC 9112 §3.2.2), else that of Host. None where neither names a host.
    pub fn authority(&self) -> Option<Authority<'a>> {
        let named = self.target.as_ref().ok().and_then(Target::named_authority);
        let named = named.or_else(|| Authority::of_host(self.host?).ok());
        named.filter(|authority| !authority.host.is_empty())
    }

    /// Host as it was sent.
    #[inline]
    pub fn host(&self) -> Option<&'a [u8]> {
        self.host
    }

    /// The scheme that the target itself names; a scheme that HTTP does not define is an error of its own. A target that names
    /// none has the scheme of its connection.
    pub fn named_scheme(&self) -> Option<Result<Scheme, &'a [u8]>> {
        match self.target {
            Ok(Target::Absolute { scheme, .. }) => Some(Scheme::of(scheme).ok_or(scheme)),
            _ => None,
        }
    }

    /// Does the target name its authority itself, as a request to a proxy does?
    pub fn names_authority(&self) -> bool {
        self.target.as_ref().is_ok_and(|target| target.named_authority().is_some())
    }
}

/// The authority that a request names, as it was sent: for whoever shows it, or compares texts.
///
/// ```
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
/// use semantics::target_uri::authority_as_sent;
///
/// let host = [(&b"Host"[..], &b"other.example"[..])];
/// let request = OwnedRequest::made(Method::GET, b"http://example.org:81/a", host);
/// assert_eq!(authority_as_sent(request.view()), Some(&b"example.org:81"[..]));
/// ```
pub fn authority_as_sent(request: Request<'_>) -> Option<&[u8]> {
    let raw = request.raw_target();
    match Target::parse(raw, request.is(Method::CONNECT)) {
        Ok(Target::Absolute { scheme, .. }) => {
            let rest = &raw[scheme.len() + "://".len()..];
            let end = rest.iter().position(|octet| matches!(octet, b'/' | b'?')).unwrap_or(rest.len());
            Some(&rest[..end])
        }
        Ok(Target::Authority(_)) => Some(raw),
        _ => request.field(Field::HOST),
    }
}

/// The path of the URI or path, if it is one of the server that the request itself names: Destination (RFC 4918 §10.3) and the
/// tags of If (§10.4) name resources by URI, and only those of this server can be looked at.
///
/// A port that is not told is that of the scheme. A gateway before us may have told ours, so it is read in theirs.
pub fn path_here<'u>(request: Request<'_>, uri: &'u [u8]) -> Option<&'u [u8]> {
    let target = Target::parse(uri, false).ok()?;
    if let Target::Absolute { scheme, authority: theirs, .. } = target {
        let room = OnceCell::new();
        let ours = TargetUri::of(request, &room).authority()?;
        let usual = Scheme::of(scheme)?.default_port();
        let same = theirs.host.same(ours.host) && theirs.port.unwrap_or(usual) == ours.port.unwrap_or(usual);
        if !same {
            return None;
        }
    }
    target.path()
}

/// Is this target a path of plain names and nothing else? Most are, and one look at each octet tells.
#[inline]
fn is_plain(raw: &[u8]) -> bool {
    let mut before = 0;
    let plain = |&octet: &u8| {
        let odd = before == b'/' && matches!(octet, b'/' | b'.');
        before = octet;
        PLAIN[usize::from(octet)] && !odd
    };
    raw.first() == Some(&b'/') && raw.iter().all(plain)
}

static PLAIN: [bool; 256] = alphanumeric_and(b"-._~/");

/// The names of a path that stand in it as they are.
#[inline]
fn undecoded(path: &[u8]) -> Decoded<'_> {
    let trailing_slash = path.ends_with(b"/");
    let end = if path.len() > 1 && trailing_slash { path.len() - 1 } else { path.len() };
    Decoded { path: &path[1..end], trailing_slash }
}

/// The names of a path. One without escapes, dot segments and empty segments is its own list of names.
fn names<'a>(path: &'a [u8], room: &'a OnceCell<Vec<u8>>) -> Result<Decoded<'a>, ParseError<PathError>> {
    let odd = |(at, octet): (usize, &u8)| match octet {
        b'%' => true,
        b'/' => matches!(path.get(at + 1), Some(b'/' | b'.')),
        _ => false,
    };
    let plain = path.first() == Some(&b'/') && !path.iter().enumerate().any(odd);
    if plain {
        return Ok(undecoded(path));
    }
    let mut decoded = vec![0; path.len()];
    let Decoded { path: names, trailing_slash } = decode_path(path, &mut decoded)?;
    let length = names.len();
    decoded.truncate(length);
    Ok(Decoded { path: room.get_or_init(|| decoded), trailing_slash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;
    use crate::request::OwnedRequest;

    fn request(method: Method, target: &str, host: &str) -> OwnedRequest {
        OwnedRequest::made(method, target.as_bytes(), [(&b"Host"[..], host.as_bytes())])
    }

    /// RFC 9112 §3.2.2: an authority in the target counts, and Host does not.
    #[test]
    fn the_authority_of_the_target_counts_before_host() {
        let authority = |target: &str, host: &str| {
            let (request, room) = (request(Method::GET, target, host), OnceCell::new());
            let authority = TargetUri::of(request.view(), &room).authority();
            authority.map(|authority| match authority.host {
                Host::Name(name) => (core::str::from_utf8(name).map(alloc::string::String::from), authority.port),
                _ => panic!("a name"),
            })
        };
        let named = |name: &str, port| Some((Ok(alloc::string::String::from(name)), port));
        assert_eq!(authority("/a", "b.example:81"), named("b.example", Some(81)));
        assert_eq!(authority("http://a.example/a", "b.example:81"), named("a.example", None));
        assert_eq!(authority("/a", ""), None);
        assert_eq!(authority("/a", "a b"), None);
        assert_eq!(authority("http:///a", "b.example"), named("b.example", None));
    }

    #[test]
    fn each_form_gives_the_same_names() {
        for (target, path) in [
            ("/in/x", Some(("in/x", false))),
            ("http://h/in/x", Some(("in/x", false))),
            ("http://h", Some(("", true))),
            ("/%69n/./x/", Some(("in/x", true))),
            ("/a/../in/x?a?b", Some(("in/x", false))),
            ("*", None),
            ("/a//b", None),
        ] {
            let (request, room) = (request(Method::GET, target, "h"), OnceCell::new());
            let uri = TargetUri::of(request.view(), &room);
            let names = uri.path.map(|path| (path.path, path.trailing_slash));
            assert_eq!(names, path.map(|(path, slash)| (path.as_bytes(), slash)), "{target}");
            assert_eq!(uri.path_offence.is_some(), target == "/a//b", "{target}");
        }
    }

    #[test]
    fn a_query_goes_on_to_the_end() {
        let (request, room) = (request(Method::GET, "/x?a=1?b=2", "h"), OnceCell::new());
        assert_eq!(TargetUri::of(request.view(), &room).query(), Some(&b"a=1?b=2"[..]));
    }

    #[test]
    fn schemes_are_read_in_any_case() {
        let (request, room) = (request(Method::GET, "HTTPS://h/", "h"), OnceCell::new());
        assert_eq!(TargetUri::of(request.view(), &room).named_scheme(), Some(Ok(Scheme::Https)));
        assert_eq!((Scheme::of(b"ftp"), Scheme::Http.default_port(), Scheme::Https.default_port()), (None, 80, 443));
    }

    /// RFC 4918 §10.3
    #[test]
    fn only_what_the_request_itself_names_is_here() {
        let request = request(Method::COPY, "/x", "example.com:8080");
        for (uri, path) in [
            ("/a/b", Some("/a/b")),
            ("http://example.com:8080/a", Some("/a")),
            ("https://EXAMPLE.com:8080/a?b", Some("/a")),
            ("http://example.com/a", None),
            ("http://other.example:8080/a", None),
            ("ftp://example.com:8080/a", None),
            ("a/b", None),
            ("", None),
        ] {
            assert_eq!(path_here(request.view(), uri.as_bytes()), path.map(str::as_bytes), "{uri}");
        }
    }
}
