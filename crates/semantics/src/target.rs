//! The request target: its four forms, and the path as a list of plain names. RFC 9112 §3.2, RFC 3986
//!
//! What stands at a target, and which method may use which form beyond CONNECT, is not known here.

use core::fmt;

use crate::host::{Authority, AuthorityError};
use crate::syntax::{ParseError, percent_decoded};

/// A request target in one of its four forms. RFC 9112 §3.2
///
/// ```
/// use semantics::target::Target;
/// let target = Target::parse(b"/a/b?c=d", false);
/// assert_eq!(target, Ok(Target::Origin { path: b"/a/b", query: Some(b"c=d") }));
/// assert!(Target::parse(b"/a b", false).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target<'a> {
    /// `/path?query`: the target of most requests.
    Origin {
        /// The path, still encoded; it starts with `/`.
        path: &'a [u8],
        /// What follows the first `?`.
        query: Option<&'a [u8]>,
    },
    /// `scheme://authority/path?query`: the target of a request to a proxy; every server takes it.
    Absolute {
        /// The scheme, in any letter case.
        scheme: &'a [u8],
        /// The authority, with userinfo if it has one; its host is not empty.
        authority: Authority<'a>,
        /// The path, still encoded; it starts with `/` or is empty.
        path: &'a [u8],
        /// What follows the first `?`.
        query: Option<&'a [u8]>,
    },
    /// `host:port`: the target of CONNECT; it has a port, and no userinfo.
    Authority(Authority<'a>),
    /// `*`: the server as a whole, the target of an OPTIONS.
    Asterisk,
}

/// What can be wrong with a request target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TargetError {
    /// There is none.
    Empty,
    /// None of the four forms.
    Form,
    /// A byte that no target has: a space, a control, DEL, a byte beyond ASCII, or one of `"` `<` `>` `#`.
    BadByte,
    /// A `%` without two hexadecimal digits.
    BadPercent,
    /// The host is empty.
    EmptyHost,
    /// CONNECT needs a port, and not 0. RFC 9110 §9.3.6
    NoPort,
    /// The authority is malformed.
    Authority(AuthorityError),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the target is missing",
            Self::Form => "not one of the forms that a target has",
            Self::BadByte => "a byte that a target cannot have",
            Self::BadPercent => "a percent sign without two hexadecimal digits",
            Self::EmptyHost => "the host is empty",
            Self::NoPort => "the port to connect to is missing",
            Self::Authority(offence) => return fmt::Display::fmt(offence, f),
        })
    }
}

impl core::error::Error for TargetError {}

/// May this byte stand in a target?
///
/// Of what RFC 3986 keeps out of a URI, `[` `]` `|` `^` `{` `}` `\` and the backtick are let pass: browsers send them
/// as they are, in the path or in the query, and they cannot be mistaken for anything else.
const fn is_allowed(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && !matches!(byte, b'"' | b'<' | b'>' | b'#')
}

static ALLOWED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        // A percent sign is looked at on its own.
        table[byte] = is_allowed(byte as u8) && byte != b'%' as usize;
        byte += 1;
    }
    table
};

impl<'a> Target<'a> {
    /// Reads a target. CONNECT has a form of its own, so the reader must know whether this is one.
    ///
    /// That `*` is for OPTIONS alone is left to the decision, as is userinfo in an absolute target.
    pub fn parse(raw: &'a [u8], method_is_connect: bool) -> Result<Self, ParseError<TargetError>> {
        match raw {
            [] => Err(ParseError::new(0, TargetError::Empty)),
            _ if method_is_connect => Self::authority(raw),
            [b'/', ..] => {
                let (path, query) = path_and_query(raw, 0)?;
                Ok(Self::Origin { path, query })
            }
            b"*" => Ok(Self::Asterisk),
            _ => Self::absolute(raw),
        }
    }

    fn authority(raw: &'a [u8]) -> Result<Self, ParseError<TargetError>> {
        let authority = Authority::of_host(raw).map_err(|refusal| refusal.within(0, TargetError::Authority))?;
        match authority.port {
            _ if authority.host.is_empty() => Err(ParseError::new(0, TargetError::EmptyHost)),
            None | Some(0) => Err(ParseError::new(raw.len(), TargetError::NoPort)),
            Some(_) => Ok(Self::Authority(authority)),
        }
    }

    fn absolute(raw: &'a [u8]) -> Result<Self, ParseError<TargetError>> {
        let colon = raw.iter().position(|byte| !matches!(byte, b'+' | b'-' | b'.') && !byte.is_ascii_alphanumeric());
        let Some((scheme, rest)) = colon
            .map(|colon| raw.split_at(colon))
            .and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix(b"://")?)))
            .filter(|(scheme, _)| scheme.first().is_some_and(u8::is_ascii_alphabetic))
        else {
            return Err(match raw.iter().position(|&byte| !is_allowed(byte)) {
                Some(at) => ParseError::new(at, TargetError::BadByte),
                None => ParseError::new(0, TargetError::Form),
            });
        };
        let start = raw.len() - rest.len();
        let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).map_or(raw.len(), |end| start + end);
        let authority =
            Authority::parse(&raw[start..end]).map_err(|refusal| refusal.within(start, TargetError::Authority))?;
        if authority.host.is_empty() {
            return Err(ParseError::new(start, TargetError::EmptyHost));
        }
        let (path, query) = path_and_query(raw, end)?;
        Ok(Self::Absolute { scheme, authority, path, query })
    }

    /// The path, if this form has one; an empty one means `/` (RFC 9110 §4.2.3), except that the decision may read
    /// an OPTIONS of it as `*` (RFC 9112 §3.2.4).
    pub const fn path(&self) -> Option<&'a [u8]> {
        match self {
            Self::Absolute { path: [], .. } => Some(b"/"),
            Self::Origin { path, .. } | Self::Absolute { path, .. } => Some(path),
            Self::Authority(_) | Self::Asterisk => None,
        }
    }

    /// The query, if there is one.
    pub const fn query(&self) -> Option<&'a [u8]> {
        match self {
            Self::Origin { query, .. } | Self::Absolute { query, .. } => *query,
            Self::Authority(_) | Self::Asterisk => None,
        }
    }

    /// The authority, if the target names one: it overrides Host. RFC 9112 §3.2.2
    pub const fn named_authority(&self) -> Option<Authority<'a>> {
        match self {
            Self::Absolute { authority, .. } | Self::Authority(authority) => Some(*authority),
            Self::Origin { .. } | Self::Asterisk => None,
        }
    }
}

/// The path, and what follows the first `?`.
type PathAndQuery<'a> = (&'a [u8], Option<&'a [u8]>);

/// `*( "/" segment ) [ "?" query ]`, from `start` to the end, in one pass.
fn path_and_query(raw: &[u8], start: usize) -> Result<PathAndQuery<'_>, ParseError<TargetError>> {
    let mut question = None;
    let mut at = start;
    while let Some(&byte) = raw.get(at) {
        if ALLOWED[byte as usize] {
            if byte == b'?' && question.is_none() {
                question = Some(at);
            }
            at += 1;
        } else if byte != b'%' {
            return Err(ParseError::new(at, TargetError::BadByte));
        } else if percent_decoded(&raw[at..]).is_some() {
            at += 3;
        } else if question.is_some() {
            // browsers send such a percent sign as it was typed (`?q=100%`), and here nothing is decoded
            at += 1;
        } else {
            return Err(ParseError::new(at, TargetError::BadPercent));
        }
    }
    Ok(match question {
        None => (&raw[start..], None),
        Some(question) => (&raw[start..question], Some(&raw[question + 1..])),
    })
}

/// A path as plain names. See [`decode_path`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded<'o> {
    /// The names, with `/` between them; none at its start or end. Empty for the root.
    pub path: &'o [u8],
    /// Did the path end as that of a collection does, in `/`, `/.` or `/..`? True for the root.
    pub trailing_slash: bool,
}

/// Why a path is no list of names. Well-formed targets have such paths too; they name nothing that a tree can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathError {
    /// It does not start with `/`.
    NotAbsolute,
    /// A `%` without two hexadecimal digits.
    BadPercent,
    /// `%00`: no name has it, and what reads names up to a NUL would see another name.
    Nul,
    /// `%2F`: a slash that belongs to a name; no name of a tree has one.
    EncodedSlash,
    /// Two slashes in a row.
    EmptySegment,
    /// `..` leads above the root.
    ClimbsAboveRoot,
    /// The room given is shorter than the path.
    NoRoom,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "the path does not start with a slash",
            Self::BadPercent => "a percent sign without two hexadecimal digits",
            Self::Nul => "a name cannot contain NUL",
            Self::EncodedSlash => "a name cannot contain a slash",
            Self::EmptySegment => "a name between two slashes is missing",
            Self::ClimbsAboveRoot => "the path leads above the root",
            Self::NoRoom => "the path is longer than the room for it",
        })
    }
}

impl core::error::Error for PathError {}

/// Decodes the path of a target into the names that it walks through, in the room of `out`, which must be as long as
/// the path.
///
/// Segments are divided first and decoded then, so that an encoded slash divides nothing; dot segments are removed
/// last, so that `%2e%2e` climbs as `..` does, and neither climbs above the root: RFC 3986 §5.2.4 would stop there in
/// silence, but no honest client sends such a path. Empty segments are not merged: `/a//b` is another URI than `/a/b`,
/// and a rule that was written for one must not be passed by with the other. What the names are made of is not judged:
/// all bytes but NUL and `/` may be in them.
///
/// ```
/// use semantics::target::{Decoded, decode_path};
/// let mut out = [0; 64];
/// assert_eq!(decode_path(b"/a/./x/%2e%2e/b%20c/", &mut out), Ok(Decoded { path: b"a/b c", trailing_slash: true }));
/// assert!(decode_path(b"/a/../../etc/passwd", &mut out).is_err());
/// ```
pub fn decode_path<'o>(path: &[u8], out: &'o mut [u8]) -> Result<Decoded<'o>, ParseError<PathError>> {
    match path {
        [] => return Ok(Decoded { path: &[], trailing_slash: true }),
        [b'/', ..] => {}
        _ => return Err(ParseError::new(0, PathError::NotAbsolute)),
    }
    if out.len() < path.len() {
        return Err(ParseError::new(out.len(), PathError::NoRoom));
    }
    let mut written = 0;
    let mut at = 1;
    let trailing_slash = loop {
        // A name is written behind the names before it, and the slash between them only once the name is to stay.
        let segment = at;
        let name = if written == 0 { 0 } else { written + 1 };
        let mut end = name;
        while let Some(&byte) = path.get(at).filter(|&&byte| byte != b'/') {
            let (byte, length) = match byte {
                b'%' => match percent_decoded(&path[at..]) {
                    None => return Err(ParseError::new(at, PathError::BadPercent)),
                    Some(0) => return Err(ParseError::new(at, PathError::Nul)),
                    Some(b'/') => return Err(ParseError::new(at, PathError::EncodedSlash)),
                    Some(decoded) => (decoded, 3),
                },
                0 => return Err(ParseError::new(at, PathError::Nul)),
                plain => (plain, 1),
            };
            out[end] = byte;
            end += 1;
            at += length;
        }
        let last = at == path.len();
        let stays = match &out[name..end] {
            [] if !last => return Err(ParseError::new(segment, PathError::EmptySegment)),
            b".." if written == 0 => return Err(ParseError::new(segment, PathError::ClimbsAboveRoot)),
            b".." => {
                written = out[..written].iter().rposition(|&byte| byte == b'/').unwrap_or(0);
                false
            }
            [] | b"." => false,
            _ => true,
        };
        if stays {
            if name > 0 {
                out[written] = b'/';
            }
            written = end;
        }
        if last {
            break !stays;
        }
        at += 1;
    };
    Ok(Decoded { path: &out[..written], trailing_slash })
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::host::Host;
    use proptest::prelude::*;
    use std::{string::String, vec, vec::Vec};

    fn offence(raw: &[u8]) -> Option<(usize, TargetError)> {
        Target::parse(raw, false).err().map(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn origin_form() {
        assert_eq!(Target::parse(b"/", false), Ok(Target::Origin { path: b"/", query: None }));
        assert_eq!(Target::parse(b"/a?", false), Ok(Target::Origin { path: b"/a", query: Some(b"") }));
        assert_eq!(Target::parse(b"/a?b?c/d", false), Ok(Target::Origin { path: b"/a", query: Some(b"b?c/d") }));
        assert_eq!(Target::parse(b"//h/x", false), Ok(Target::Origin { path: b"//h/x", query: None }));
        assert_eq!(Target::parse(b"/%41%ff?%20", false).map(|t| t.query()), Ok(Some(&b"%20"[..])));
    }

    #[test]
    fn asterisk_form() {
        assert_eq!(Target::parse(b"*", false), Ok(Target::Asterisk));
        assert_eq!(offence(b"**"), Some((0, TargetError::Form)));
    }

    #[test]
    fn absolute_form() {
        let target = Target::parse(b"HTTP://u@h:8080/p?q", false).expect("absolute");
        let Target::Absolute { scheme, authority, path, query } = target else { panic!("{target:?}") };
        assert_eq!((scheme, authority.userinfo, authority.port), (&b"HTTP"[..], Some(&b"u"[..]), Some(8080)));
        assert_eq!((path, query), (&b"/p"[..], Some(&b"q"[..])));
        assert_eq!(target.named_authority().map(|authority| authority.host), Some(Host::Name(b"h")));

        let bare = Target::parse(b"http://h", false).expect("absolute");
        assert!(matches!(bare, Target::Absolute { path: b"", .. }));
        assert_eq!(bare.path(), Some(&b"/"[..]));
        let query = Target::parse(b"http://h?q", false).expect("absolute");
        assert_eq!((query.path(), query.query()), (Some(&b"/"[..]), Some(&b"q"[..])));

        assert_eq!(offence(b"http:///p"), Some((7, TargetError::EmptyHost)));
        assert_eq!(offence(b"http://:80/"), Some((7, TargetError::EmptyHost)));
        assert_eq!(offence(b"http://h:x/"), Some((9, TargetError::Authority(AuthorityError::BadPort))));
        assert_eq!(offence(b"http://h i/"), Some((8, TargetError::Authority(AuthorityError::BadByte))));
        assert_eq!(offence(b"http://h#f"), Some((8, TargetError::BadByte)));
        assert_eq!(offence(b"http://h/a b"), Some((10, TargetError::BadByte)));
        assert_eq!(offence(b"1http://h/"), Some((0, TargetError::Form)));
        assert_eq!(offence(b"://h/"), Some((0, TargetError::Form)));
        assert_eq!(offence(b"urn:x"), Some((0, TargetError::Form)));
    }

    #[test]
    fn authority_form_is_for_connect() {
        let connect = |raw| Target::parse(raw, true).map_err(|refusal| (refusal.at, refusal.what));
        assert!(matches!(connect(b"h:443"), Ok(Target::Authority(Authority { port: Some(443), .. }))));
        assert!(connect(b"[::1]:443").is_ok_and(|target| target.path().is_none() && target.query().is_none()));
        assert_eq!(connect(b"h"), Err((1, TargetError::NoPort)));
        assert_eq!(connect(b"h:"), Err((2, TargetError::NoPort)));
        assert_eq!(connect(b"h:0"), Err((3, TargetError::NoPort)));
        assert_eq!(connect(b":443"), Err((0, TargetError::EmptyHost)));
        assert_eq!(connect(b"u@h:443"), Err((1, TargetError::Authority(AuthorityError::Userinfo))));
        assert_eq!(connect(b"/a"), Err((0, TargetError::Authority(AuthorityError::BadByte))));
        assert_eq!(connect(b"*").map(|_| ()), Err((1, TargetError::NoPort)), "a star is a sub-delim");
        assert_eq!(connect(b""), Err((0, TargetError::Empty)));
        assert_eq!(offence(b"h:443"), Some((0, TargetError::Form)));
    }

    #[test]
    fn bytes_are_checked_one_by_one() {
        for byte in 0..=255u8 {
            let allowed = byte.is_ascii_graphic() && !b"\"<>#%".contains(&byte);
            for raw in [[b'/', byte, b'x'], [b'/', b'?', byte]] {
                let at = raw.iter().position(|&b| b == byte).expect("it is there");
                let expected = match byte {
                    b'%' if at == 2 => None,
                    b'%' => Some((at, TargetError::BadPercent)),
                    _ if allowed => None,
                    _ => Some((at, TargetError::BadByte)),
                };
                assert_eq!(offence(&raw), expected, "{raw:?}");
            }
        }
        assert_eq!(offence(b"/%zz"), Some((1, TargetError::BadPercent)));
        assert_eq!(offence(b"/a%2"), Some((2, TargetError::BadPercent)));
        assert_eq!(offence(b"/?q=100%"), None);
        assert_eq!(offence(b""), Some((0, TargetError::Empty)));
        assert_eq!(offence(b"\x16\x03\x01"), Some((0, TargetError::BadByte)));
        assert_eq!(offence(b"a b"), Some((1, TargetError::BadByte)));
        assert_eq!(offence(b"ab"), Some((0, TargetError::Form)));
    }

    fn decoded(path: &str) -> Result<(String, bool), (usize, PathError)> {
        let mut out = vec![0; path.len()];
        decode_path(path.as_bytes(), &mut out)
            .map(|decoded| (String::from_utf8_lossy(decoded.path).into_owned(), decoded.trailing_slash))
            .map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn paths_become_names() {
        for (path, names, trailing) in [
            ("", "", true),
            ("/", "", true),
            ("/a", "a", false),
            ("/a/", "a", true),
            ("/a/b.c", "a/b.c", false),
            ("/%61%2b+", "a++", false),
            ("/./a", "a", false),
            ("/a/.", "a", true),
            ("/a/..", "", true),
            ("/a/b/..", "a", true),
            ("/a/b/../c", "a/c", false),
            ("/a/../b/../c/d/../e", "c/e", false),
            ("/a/%2e%2E/b", "b", false),
            ("/a/.%2e", "", true),
            ("/...", "...", false),
            ("/.a/..b", ".a/..b", false),
            ("/%252e%252e/", "%2e%2e", true),
        ] {
            assert_eq!(decoded(path), Ok((String::from(names), trailing)), "{path}");
        }
    }

    #[test]
    fn paths_that_name_nothing_are_refused() {
        for (path, at, what) in [
            ("a", 0, PathError::NotAbsolute),
            ("/..", 1, PathError::ClimbsAboveRoot),
            ("/../a", 1, PathError::ClimbsAboveRoot),
            ("/a/../..", 6, PathError::ClimbsAboveRoot),
            ("/./%2e%2e/a", 3, PathError::ClimbsAboveRoot),
            ("/a/..%2f..", 5, PathError::EncodedSlash),
            ("/a%2Fb", 2, PathError::EncodedSlash),
            ("/a%00", 2, PathError::Nul),
            ("/\0", 1, PathError::Nul),
            ("//", 1, PathError::EmptySegment),
            ("//a", 1, PathError::EmptySegment),
            ("/a//b", 3, PathError::EmptySegment),
            ("/a//", 3, PathError::EmptySegment),
            ("/%", 1, PathError::BadPercent),
            ("/%4g", 1, PathError::BadPercent),
        ] {
            assert_eq!(decoded(path), Err((at, what)), "{path}");
        }
        assert_eq!(decode_path(b"/abc", &mut [0; 3]), Err(ParseError::new(3, PathError::NoRoom)));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>, connect: bool) {
            let _ = Target::parse(&bytes, connect);
            let _ = decode_path(&bytes, &mut vec![0; bytes.len()]);
        }

        #[test]
        fn what_is_decoded_stays_below_the_root(path in "(/(a|b|\\.|\\.\\.|%2e|%2E\\.|%2f|%00|)){0,8}") {
            let mut out = vec![0; path.len()];
            if let Ok(decoded) = decode_path(path.as_bytes(), &mut out) {
                if !decoded.path.is_empty() {
                    for name in decoded.path.split(|&byte| byte == b'/') {
                        prop_assert!(!matches!(name, b"" | b"." | b".."), "{:?}", name);
                    }
                }
                prop_assert!(!decoded.path.contains(&0));
            }
        }

        #[test]
        fn names_come_back_from_their_encoding(
            names in proptest::collection::vec(proptest::collection::vec(1u8..=255, 1..6), 1..5),
        ) {
            let mut path = Vec::new();
            let mut expected = Vec::new();
            for name in &names {
                prop_assume!(!matches!(&name[..], b"." | b".."));
                path.push(b'/');
                expected.push(b'/');
                for &byte in name {
                    prop_assume!(byte != b'/');
                    path.extend_from_slice(std::format!("%{byte:02X}").as_bytes());
                    expected.push(byte);
                }
            }
            let mut out = vec![0; path.len()];
            prop_assert_eq!(decode_path(&path, &mut out), Ok(Decoded { path: &expected[1..], trailing_slash: false }));
        }

        #[test]
        fn a_target_comes_apart_where_it_was_joined(
            path in "(/[a-z\\[\\]|^{}\\\\`']{0,4}){1,4}",
            query in proptest::option::of("[a-z?/=]{0,6}"),
        ) {
            let mut raw = path.clone();
            if let Some(query) = &query {
                raw.push('?');
                raw.push_str(query);
            }
            let expected = Target::Origin { path: path.as_bytes(), query: query.as_deref().map(str::as_bytes) };
            prop_assert_eq!(Target::parse(raw.as_bytes(), false), Ok(expected));
            let absolute = std::format!("https://h:1{raw}");
            let target = Target::parse(absolute.as_bytes(), false).expect("well formed");
            prop_assert_eq!((target.path(), target.query()), (expected.path(), expected.query()));
        }
    }
}
