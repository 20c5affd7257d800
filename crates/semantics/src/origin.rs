//! Is a URI in a field of a request one of the server that the request was sent to?
//!
//! Destination (RFC 4918 §10.3) and the tags of If (§10.4) name resources by URI; only those of this server can be looked at.

use crate::field::Field;
use crate::host::Authority;
use crate::request::Request;
use crate::target::Target;

/// The path of the URI or path, if it is of this server: of the authority that the request itself names.
///
/// A port that is not told is that of the scheme. Ours may be told by a gateway before us, so it is read in theirs.
pub fn path_here<'a>(request: Request<'_>, uri: &'a [u8]) -> Option<&'a [u8]> {
    let target = Target::parse(uri, false).ok()?;
    match target {
        Target::Absolute { scheme, authority, .. } if !same_server(scheme, authority, named_authority(request)?) => {
            None
        }
        _ => target.path(),
    }
}

/// The authority that the request names: in its target, else in Host.
fn named_authority(request: Request<'_>) -> Option<Authority<'_>> {
    let target = Target::parse(request.target(), false).ok();
    let named = target.and_then(|target| target.named_authority());
    named.or_else(|| Authority::of_host(request.field(Field::HOST)?).ok())
}

fn same_server(scheme: &[u8], theirs: Authority<'_>, ours: Authority<'_>) -> bool {
    let usual = match scheme {
        _ if scheme.eq_ignore_ascii_case(b"http") => 80,
        _ if scheme.eq_ignore_ascii_case(b"https") => 443,
        _ => return false,
    };
    theirs.host.same(ours.host) && theirs.port.unwrap_or(usual) == ours.port.unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Head, Line, Span};

    /// RFC 4918 §10.3
    #[test]
    fn only_what_the_request_itself_names_is_here() {
        let text = b"/x example.com:8080";
        let mut head = Head { target: Span { start: 0, end: 2 }, ..Head::EMPTY };
        let value = Span { start: 3, end: text.len() as u32 };
        head.push(Line { name: Span::default(), value, field: Some(Field::HOST) });
        let request = Request::new(text, &head);
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
            assert_eq!(path_here(request, uri.as_bytes()), path.map(str::as_bytes), "{uri}");
        }
    }
}
