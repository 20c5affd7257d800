//! Paths: decoded ones written as references, and which lies beneath which.
//!
//! A reference is made of decoded names, never of what a client sent: it begins with one slash and a name, so it can be read
//! neither as another host (`//evil.example`) nor as a relative path.

use super::Sink;
use super::percent::{PATH, QUERY, UNRESERVED, encode};

/// Appends a decoded path as the reference to it; a slash at its end stays there.
///
/// ```
/// use semantics::text::path::href;
/// let mut out = String::new();
/// href(b"a b/", &mut out);
/// assert_eq!(out, "/a%20b/");
/// ```
pub fn href(path: &[u8], out: &mut impl Sink) {
    if path.first() != Some(&b'/') {
        out.put("/");
    }
    encode(path, &PATH, out);
}

/// Appends a decoded name as one segment of a path: it can become neither a scheme nor a query, nor a second segment, nor a backslash
/// that a browser takes for a slash.
pub fn segment(name: &[u8], out: &mut impl Sink) {
    encode(name, &UNRESERVED, out);
}

/// Appends the reference to a resource of these names, with a slash at its end if it is a collection (RFC 4918 §5.2, §8.3).
/// Slashes that are too many, and those at either end, are not looked at.
pub fn resource(path: &[u8], collection: bool, out: &mut impl Sink) {
    for name in path.split(|&octet| octet == b'/').filter(|name| !name.is_empty()) {
        out.put("/");
        segment(name, out);
    }
    if collection || path.is_empty() {
        out.put("/");
    }
}

/// Appends a query with the mark before it, in which only what no query has is encoded.
pub fn query(query: &[u8], out: &mut impl Sink) {
    out.put("?");
    encode(query, &QUERY, out);
}

/// Does this path lie beneath that collection? Neither begins or ends with a slash. All lie beneath the root but the root itself.
///
/// ```
/// use semantics::text::path::is_beneath;
/// assert!(is_beneath(b"a/b", b"a") && is_beneath(b"a", b""));
/// assert!(!is_beneath(b"a", b"a") && !is_beneath(b"ab", b"a"));
/// ```
pub fn is_beneath(path: &[u8], collection: &[u8]) -> bool {
    if collection.is_empty() {
        return !path.is_empty();
    }
    path.strip_prefix(collection).is_some_and(|rest| rest.first() == Some(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn a_reference_stays_on_this_host() {
        for (path, reference) in [
            (&b"docs"[..], "/docs/"),
            (b"", "/"),
            (b"a b/\xff", "/a%20b/%FF/"),
            (b"\\evil.example", "/%5Cevil.example/"),
            (b"/evil.example", "/evil.example/"),
            (b"//evil.example", "/evil.example/"),
            (b"http:/x", "/http%3A/x/"),
            (b"?#%", "/%3F%23%25/"),
            (b"a\r\nSet-Cookie: x", "/a%0D%0ASet-Cookie%3A%20x/"),
        ] {
            let mut out = String::new();
            resource(path, true, &mut out);
            assert_eq!(out, reference);
            let mut file = String::new();
            resource(path, false, &mut file);
            assert_eq!(file, if path.is_empty() { "/" } else { reference.trim_end_matches('/') });
        }
    }

    #[test]
    fn a_query_keeps_what_a_query_has() {
        for (given, written) in [(&b"b=c&d=/e?%20"[..], "?b=c&d=/e?%20"), (b"", "?"), (b"\r\n\xff<", "?%0D%0A%FF%3C")] {
            let mut out = String::new();
            query(given, &mut out);
            assert_eq!(out, written);
        }
    }

    #[test]
    fn a_path_is_beneath_its_collections_and_nothing_else() {
        for (path, collection, beneath) in [
            ("a/b", "a", true),
            ("a/b/c", "a", true),
            ("a", "a", false),
            ("ab", "a", false),
            ("a", "a/b", false),
            ("a", "", true),
            ("", "", false),
        ] {
            assert_eq!(is_beneath(path.as_bytes(), collection.as_bytes()), beneath, "{path} {collection}");
        }
    }
}
