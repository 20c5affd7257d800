//! Is a text what its word wants? Only what a glance can tell; the rest is read by whoever uses it.

use std::ops::Range;

use semantics::method::Method;
use semantics::syntax::is_token;

use crate::words::Kind;

/// The part of the text that is wrong, why, and what to do: an empty text where an example says enough.
pub(super) fn offence(kind: Kind, text: &str) -> Option<(Range<usize>, String, String)> {
    let all = 0..text.len();
    let none = String::new;
    if text.trim_matches(' ').is_empty() {
        return Some((all, "this text is empty".to_owned(), none()));
    }
    if let Some(at) = text.find('\0') {
        return Some((at..at + 1, "a text holds no NUL".to_owned(), none()));
    }
    match kind {
        Kind::Name if text.contains('/') => {
            Some((all, "a name of a file has no slash: it is looked for in each folder".to_owned(), none()))
        }
        Kind::Url if !is_url(text) => {
            let label = format!("write: \"https://{}\"", text.trim_start_matches('/'));
            Some((
                all,
                format!("\"{text}\" is no URL: it has no scheme"),
                if text.contains(' ') { none() } else { label },
            ))
        }
        Kind::Target if !text.starts_with('/') && !is_url(text) => {
            let message = format!("\"{text}\" is no target: it begins with a slash or is a URL");
            Some((all, message, if text.contains([' ', ':']) { none() } else { format!("write: \"/{text}\"") }))
        }
        Kind::Method if Method::of(text.as_bytes()).is_none() => {
            Some((all, format!("\"{text}\" is no method"), method(text)))
        }
        Kind::MediaType if !is_media_type(text) => {
            Some((all, format!("\"{text}\" is no media type: it has two parts, as text/plain or image/*"), none()))
        }
        Kind::Country if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            let upper = text.to_ascii_uppercase();
            let meant = upper.len() == 2 && upper.bytes().all(|byte| byte.is_ascii_uppercase());
            let label = if meant { format!("write: \"{upper}\"") } else { none() };
            Some((all, format!("\"{text}\" is no country: ISO 3166 has two capital letters for each"), label))
        }
        Kind::FieldValue => text.char_indices().find(|(_, c)| !(' '..='~').contains(c)).map(|(at, c)| {
            (at..at + c.len_utf8(), "a value of a field is a line of printable ASCII".to_owned(), none())
        }),
        Kind::FieldName if !is_token(text.as_bytes()) => Some((
            all,
            format!("\"{text}\" is no name of a field"),
            "letters, digits and hyphens, as in X-Frame-Options".to_owned(),
        )),
        Kind::Group if text.starts_with('@') || text.contains(' ') => {
            let names: Vec<String> = text
                .split(' ')
                .filter(|name| !name.is_empty())
                .map(|name| format!("\"{}\"", name.trim_start_matches('@')))
                .collect();
            Some((
                all,
                "a group is named here without @, each for itself".to_owned(),
                format!("write: [{}]", names.join(", ")),
            ))
        }
        _ => None,
    }
}

/// A scheme, a colon, and something behind it. RFC 3986 §3
pub(crate) fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && rest.starts_with(|c: char| c != ' ')
            // `example.org:8080` and `localhost:80` name a host and a port
            && !rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn is_media_type(text: &str) -> bool {
    text.split_once('/').is_some_and(|(kind, subtype)| is_token(kind.as_bytes()) && is_token(subtype.as_bytes()))
}

fn method(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    if Method::of(upper.as_bytes()).is_some() {
        return format!("methods are written in capitals: \"{upper}\"");
    }
    match crate::nearest::nearest(&upper, Method::all().map(Method::name)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_tells() {
        for (kind, right, wrong) in [
            (Kind::Url, "https://example.org/", "example.org"),
            (Kind::Url, "urn:x", "example.org:80"),
            (Kind::Target, "/a/{1}", "a"),
            (Kind::Method, "PROPFIND", "get"),
            (Kind::MediaType, "image/*", "image"),
            (Kind::Country, "FR", "fr"),
            (Kind::FieldValue, "no-cache", "é"),
            (Kind::FieldName, "X-A", "X A"),
            (Kind::Group, "staff", "@staff"),
            (Kind::Name, "index.html", "a/b"),
            (Kind::Path, "public", "a\0"),
            (Kind::Text, "x", " "),
        ] {
            assert_eq!(offence(kind, right), None, "{right}");
            assert!(offence(kind, wrong).is_some(), "{wrong}");
        }
        assert!(offence(Kind::Method, "PROPFND").is_some_and(|(_, _, label)| label.contains("PROPFIND")));
    }
}
