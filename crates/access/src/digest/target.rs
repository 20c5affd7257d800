//! Does the `uri` of Digest designate the target of the request? RFC 7616 §3.4.6
//!
//! A proxy may have rewritten the request line, from one form of a target to another or from one spelling of a path to another,
//! while `uri` stays as the client wrote it. What means another resource is not let pass.

use semantics::host::Authority;
use semantics::syntax::percent_decoded;
use semantics::target::Target;

/// Do both designate the same resource? `authority` is that of the request, its Host; empty if there is none.
pub(crate) fn designates(uri: &[u8], target: &[u8], method: &[u8], authority: &[u8]) -> bool {
    if uri == target {
        return true;
    }
    let connect = method == b"CONNECT";
    let (Ok(uri), Ok(target)) = (Target::parse(uri, connect), Target::parse(target, connect)) else { return false };
    match (parts(&uri), parts(&target)) {
        (Some(a), Some(b)) => {
            let host = Authority::of_host(authority).ok().filter(|authority| !authority.host.is_empty());
            let known = b.place.or(host.map(|authority| (b"".as_slice(), authority)));
            let same_place = match (a.place, known) {
                (Some(a), Some(b)) => same_authority(a, b),
                (None, _) | (_, None) => true,
            };
            let same_query = match (a.query, b.query) {
                (Some(a), Some(b)) => normal(a).eq(normal(b)),
                (a, b) => a.is_none() && b.is_none(),
            };
            same_place && same_query && normal(a.path).eq(normal(b.path))
        }
        _ => match (uri, target) {
            (Target::Authority(a), Target::Authority(b)) => a.host.same(b.host) && a.port == b.port,
            // RFC 9112 §3.2.4: an OPTIONS for the server as a whole is `*` to the server and has an empty path before
            (Target::Absolute { path: b"", query: None, .. }, Target::Asterisk)
            | (Target::Asterisk, Target::Absolute { path: b"", query: None, .. }) => method == b"OPTIONS",
            _ => false,
        },
    }
}

/// A scheme, perhaps empty, and an authority.
type SchemeAndAuthority<'a> = (&'a [u8], Authority<'a>);

/// What a target that has a path consists of.
struct Parts<'a> {
    place: Option<SchemeAndAuthority<'a>>,
    path: &'a [u8],
    query: Option<&'a [u8]>,
}

fn parts<'a>(target: &Target<'a>) -> Option<Parts<'a>> {
    match *target {
        Target::Origin { path, query } => Some(Parts { place: None, path, query }),
        Target::Absolute { scheme, authority, path, query } => {
            // an empty path is `/` (RFC 9110 §4.2.3)
            let path = if path.is_empty() { b"/" } else { path };
            Some(Parts { place: Some((scheme, authority)), path, query })
        }
        Target::Authority(_) | Target::Asterisk => None,
    }
}

/// Host and port alike. Where the scheme of one is not known, that of the other says what the port is that is not written.
fn same_authority((a_scheme, a): SchemeAndAuthority<'_>, (b_scheme, b): SchemeAndAuthority<'_>) -> bool {
    let usual = |scheme: &[u8]| match scheme {
        https if https.eq_ignore_ascii_case(b"https") => Some(443),
        http if http.eq_ignore_ascii_case(b"http") => Some(80),
        _ => None,
    };
    let default = |own, other| usual(own).or(usual(other));
    a.host.same(b.host) && a.port.or(default(a_scheme, b_scheme)) == b.port.or(default(b_scheme, a_scheme))
}

/// A text in which what needs no percent-encoding has none, and hexadecimal digits are upper case. RFC 3986 §6.2.2
fn normal(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut at = 0;
    let mut waiting: [u8; 2] = [0; 2];
    let mut left = 0;
    std::iter::from_fn(move || {
        if left > 0 {
            left -= 1;
            return Some(waiting[1 - left]);
        }
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        match percent_decoded(rest) {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                at += 3;
                Some(byte)
            }
            Some(_) => {
                at += 3;
                waiting = [rest[1].to_ascii_uppercase(), rest[2].to_ascii_uppercase()];
                left = 2;
                Some(b'%')
            }
            None => {
                at += 1;
                Some(rest[0])
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_target_are_the_same() {
        for (uri, target, same) in [
            ("/a?b", "/a?b", true),
            ("/a", "/b", false),
            ("/a", "/a?b", false),
            ("/a?b", "/a?c", false),
            ("/a?", "/a", false),
            ("/%61%2f%7e?%62", "/a%2F~?b", true),
            ("/a/b", "/a%2Fb", false),
            ("/A", "/a", false),
            ("http://h/a", "/a", true),
            ("http://H:80/a", "/a", true),
            ("https://h:443/a", "/a", true),
            ("http://h:8080/a", "/a", false),
            ("http://other/a", "/a", false),
            ("/a", "http://h/a", true),
            ("http://h", "/", true),
            ("http://h", "*", false),
            ("h:80", "/a", false),
            ("a b", "/a", false),
            ("", "/", false),
        ] {
            assert_eq!(designates(uri.as_bytes(), target.as_bytes(), b"GET", b"h"), same, "{uri} {target}");
        }
        assert!(designates(b"http://other/a", b"/a", b"GET", b""), "no Host to compare with");
        assert!(designates(b"http://h", b"*", b"OPTIONS", b"h"));
        assert!(designates(b"*", b"*", b"OPTIONS", b"h"));
        assert!(designates(b"H:443", b"h:443", b"CONNECT", b"h"));
        assert!(!designates(b"h:444", b"h:443", b"CONNECT", b"h"));
    }

    proptest! {
        #[test]
        fn nothing_panics(uri: Vec<u8>, target: Vec<u8>, authority: Vec<u8>) {
            let _ = designates(&uri, &target, b"GET", &authority);
            prop_assert!(designates(&uri, &uri, b"GET", &authority));
        }

        #[test]
        fn no_spelling_hides_another_path(a in "/(%[0-9a-fA-F]{2}|[a-c/%]){0,6}", b in "/(%[0-9a-fA-F]{2}|[a-c/%]){0,6}") {
            let mut octets = ([0; 64], [0; 64]);
            let a_path = semantics::target::decode_path(a.as_bytes(), &mut octets.0);
            let b_path = semantics::target::decode_path(b.as_bytes(), &mut octets.1);
            if let (Ok(a_path), Ok(b_path)) = (a_path, b_path)
                && designates(a.as_bytes(), b.as_bytes(), b"GET", b"h")
            {
                prop_assert_eq!(format!("{a_path:?}"), format!("{b_path:?}"));
            }
        }
    }
}
