//! Media types by name, and charsets by a look at the first octets. RFC 9110 §8.3
//!
//! A name's extension decides. Content is looked at only to say a charset truthfully, and to tell whether a name without an
//! extension (README, LICENSE) is text: it never turns into a type that a browser would run.

use std::borrow::Cow;

use crate::limits::MEDIA_TYPE;
use semantics::accept::Dimension;

/// What cannot be told.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// Extensions for which the common table has nothing, an old name, or another thing of the same extension. A browser shows
/// text and saves what it does not know, so sources are text.
#[rustfmt::skip]
const OURS: &[(&str, &str)] = &[
    ("adoc",  "text/plain"),
    ("apng",  "image/apng"),
    ("br",    "application/x-brotli"),
    ("bz2",   "application/x-bzip2"),
    ("cjs",   "text/javascript"),
    ("deb",   "application/vnd.debian.binary-package"),
    ("diff",  "text/plain"),
    ("env",   "text/plain"),
    ("go",    "text/plain"),
    ("ipynb", "application/json"),
    ("java",  "text/plain"),
    ("js",    "text/javascript"),         // RFC 9239
    ("jsonl", "application/jsonl"),
    ("jsx",   "text/javascript"),
    ("kt",    "text/plain"),
    ("less",  "text/plain"),
    ("lock",  "text/plain"),
    ("m3u8",  "application/vnd.apple.mpegurl"),
    ("m4a",   "audio/mp4"),
    ("m4v",   "video/mp4"),
    ("map",   "application/json"),
    ("md",    "text/markdown"),           // RFC 7763
    ("mjs",   "text/javascript"),         // RFC 9239
    ("nix",   "text/plain"),
    ("org",   "text/plain"),
    ("otf",   "font/otf"),                // RFC 8081
    ("patch", "text/plain"),
    ("php",   "text/plain"),
    ("pl",    "text/plain"),
    ("rb",    "text/plain"),
    ("rpm",   "application/x-rpm"),
    ("rs",    "text/plain"),
    ("rst",   "text/plain"),
    ("sh",    "text/plain"),
    ("sql",   "text/plain"),
    ("swift", "text/plain"),
    ("tex",   "text/plain"),
    ("tgz",   "application/gzip"),
    ("toml",  "application/toml"),
    ("ts",    "video/mp2t"),              // the segments of HLS (RFC 8216); TypeScript is served compiled
    ("tsx",   "text/plain"),
    ("ttf",   "font/ttf"),
    ("wgsl",  "text/plain"),
    ("xhtml", "application/xhtml+xml"),
    ("xml",   "application/xml"),         // says its charset itself; as text/xml ours would overrule it (RFC 7303 §3)
    ("xsl",   "application/xslt+xml"),
    ("yaml",  "application/yaml"),        // RFC 9512
    ("yml",   "application/yaml"),
    ("zst",   "application/zstd"),        // RFC 8878
];

/// The media type that a name tells, without a charset. `None`: the name has no extension.
pub(crate) fn by_name(name: &[u8]) -> Option<&'static str> {
    let dot = name.iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > 0)?;
    let extension = str::from_utf8(&name[dot + 1..]).unwrap_or_default();
    let ours = OURS.iter().find(|(ours, _)| ours.eq_ignore_ascii_case(extension)).map(|(_, media_type)| *media_type);
    Some(ours.or_else(|| mime_guess::from_ext(extension).first_raw()).unwrap_or(UNKNOWN))
}

/// The extensions by which files of many types are known; the common table has them in the order of the alphabet.
const USUAL: [&str; 16] =
    ["txt", "html", "md", "csv", "jpg", "png", "gif", "svg", "pdf", "json", "xml", "mp3", "mp4", "zip", "gz", "bin"];

/// An extension for files of this type, if it has one.
pub(crate) fn extension(media_type: &str) -> Option<&'static str> {
    let usual = USUAL.into_iter().find(|usual| by_name(format!("x.{usual}").as_bytes()) == Some(media_type));
    usual.or_else(|| mime_guess::get_mime_extensions_str(media_type)?.first().copied())
}

/// Must the content be looked at to tell the type of what has this name?
pub(crate) fn must_look(name: &[u8]) -> bool {
    by_name(name).is_none_or(|media_type| media_type.starts_with("text/"))
}

/// The media type of a file of this name that begins with these octets: its first [`MEDIA_TYPE`], or all it has.
pub(crate) fn of(name: &[u8], beginning: &[u8]) -> Cow<'static, str> {
    let beginning = &beginning[..beginning.len().min(MEDIA_TYPE)];
    match by_name(name) {
        None if is_plain_text(beginning) => Cow::Borrowed("text/plain; charset=utf-8"),
        None => Cow::Borrowed(UNKNOWN),
        Some(media_type) if media_type.starts_with("text/") && is_utf8(beginning) && !says_other(beginning) => {
            Cow::Owned(format!("{media_type}; charset=utf-8"))
        }
        Some(media_type) => Cow::Borrowed(media_type),
    }
}

/// Is this declared type one of these types, or in one of these ranges? Where none are told, any is.
pub(crate) fn is_of(declared: &[u8], types: &[&str]) -> bool {
    types.is_empty() || types.iter().any(|range| Dimension::MediaType.specificity(range.as_bytes(), declared).is_some())
}

/// May a file of this name that begins with these octets be of one of these types, or ranges of types? By its name it will be
/// served, so that counts; and so does what the octets are known by.
pub(crate) fn may_be(name: &[u8], beginning: &[u8], types: &[&str]) -> bool {
    let within = |found: &str| {
        types.iter().any(|range| Dimension::MediaType.specificity(range.as_bytes(), found.as_bytes()).is_some())
    };
    let looks = match infer::get(beginning) {
        Some(found) => within(found.mime_type()),
        // pictures, sound, films and fonts are known by their first octets; other types need not be
        None => types
            .iter()
            .any(|range| !["image/", "audio/", "video/", "font/"].iter().any(|kind| range.starts_with(kind))),
    };
    looks && by_name(name).is_none_or(within)
}

/// Is it UTF-8, but perhaps for a character that the end cuts in two?
fn is_utf8(beginning: &[u8]) -> bool {
    match str::from_utf8(beginning) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && beginning.len() == MEDIA_TYPE,
    }
}

/// Is it UTF-8 without controls that text has not?
fn is_plain_text(beginning: &[u8]) -> bool {
    let control = |byte: &u8| matches!(byte, 0..=0x1f | 0x7f) && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    is_utf8(beginning) && !beginning.iter().any(control)
}

/// Does it say itself that its charset is another, as HTML and CSS can? Ours would overrule it.
fn says_other(beginning: &[u8]) -> bool {
    const WORD: &[u8] = b"charset";
    let Some(at) = beginning.windows(WORD.len()).position(|window| window.eq_ignore_ascii_case(WORD)) else {
        return false;
    };
    let rest = &beginning[at + WORD.len()..];
    let Some(start) = rest.iter().position(|byte| !matches!(byte, b' ' | b'=' | b'"' | b'\'')).filter(|&at| at > 0)
    else {
        return false; // the word stands there for something else
    };
    let said = &rest[start..];
    ![&b"utf-8"[..], b"utf8"]
        .iter()
        .any(|name| said.get(..name.len()).is_some_and(|said| said.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_decide() {
        for (name, media_type) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a.HTM", "text/html; charset=utf-8"),
            ("style.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("app.mjs", "text/javascript; charset=utf-8"),
            ("notes.md", "text/markdown; charset=utf-8"),
            ("main.rs", "text/plain; charset=utf-8"),
            ("data.json", "application/json"),
            ("app.js.map", "application/json"),
            ("app.webmanifest", "application/manifest+json"),
            ("picture.svg", "image/svg+xml"),
            ("photo.JPEG", "image/jpeg"),
            ("photo.avif", "image/avif"),
            ("module.wasm", "application/wasm"),
            ("font.woff2", "font/woff2"),
            ("feed.xml", "application/xml"),
            ("archive.tar.gz", "application/gzip"),
            ("a.unheardof", "application/octet-stream"),
            ("a.", "application/octet-stream"),
            ("a.\u{e9}", "application/octet-stream"),
        ] {
            assert_eq!(of(name.as_bytes(), b"text"), media_type, "{name}");
        }
        assert_eq!(of(b"a.\xff", b"text"), "application/octet-stream");
    }

    #[test]
    fn names_without_extension_are_text_if_they_look_it() {
        assert_eq!(of(b"LICENSE", "Copyright © somebody\r\n\t".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(of(b"EMPTY", b""), "text/plain; charset=utf-8");
        assert_eq!(of(b".bashrc", b"alias"), "text/plain; charset=utf-8");
        assert_eq!(of(b"program", b"\x7fELF\x02\x01"), "application/octet-stream");
        assert_eq!(of(b"latin", b"caf\xe9"), "application/octet-stream");
        assert_eq!(of(b"page", b"<html><script>"), "text/plain; charset=utf-8", "it never turns into HTML");
    }

    #[test]
    fn a_charset_is_said_only_where_it_is_true() {
        for (name, content, media_type) in [
            ("a.txt", &b"caf\xc3\xa9"[..], "text/plain; charset=utf-8"),
            ("a.txt", b"caf\xe9", "text/plain"),
            ("a.txt", b"\xff\xfea\0", "text/plain"),
            ("a.html", b"<meta charset=utf-8>", "text/html; charset=utf-8"),
            ("a.html", b"<META CHARSET='UTF-8'>", "text/html; charset=utf-8"),
            ("a.html", b"<meta charset=\"iso-8859-1\">", "text/html"),
            ("a.html", b"<meta content='text/html; charset=windows-1252'>", "text/html"),
            ("a.css", b"@charset \"koi8-r\";", "text/css"),
            ("a.txt", b"the charsets of the world", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(of(name.as_bytes(), content), media_type, "{name} {:?}", content.escape_ascii().to_string());
        }
    }

    #[test]
    fn a_character_may_be_cut_by_the_end_of_the_look() {
        let mut long = vec![b'a'; MEDIA_TYPE - 1];
        long.extend("é".as_bytes());
        assert_eq!(of(b"long", &long), "text/plain; charset=utf-8");
        assert_eq!(
            of(b"short", &long[MEDIA_TYPE - 9..MEDIA_TYPE]),
            "application/octet-stream",
            "here the content itself ends"
        );
    }

    #[test]
    fn only_text_is_looked_at() {
        assert!(must_look(b"README") && must_look(b"a.html") && !must_look(b"a.png") && !must_look(b"a.json"));
    }

    #[test]
    fn what_may_be_stored_is_told_by_name_and_by_look() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (name, beginning, types, may) in [
            ("a.png", PNG, &["image/*"][..], true),
            ("a.png", PNG, &["image/jpeg"], false),
            ("a.png", b"<script>", &["image/*"], false),
            ("a.html", PNG, &["image/*"], false), // it would be served as a page
            ("a", PNG, &["image/png"], true),
            ("a.txt", b"words", &["text/plain"], true),
            ("a.txt", PNG, &["text/plain"], false),
            ("a.json", b"{}", &["text/*", "application/json"], true),
        ] {
            assert_eq!(may_be(name.as_bytes(), beginning, types), may, "{name} {types:?}");
        }
    }

    #[test]
    fn a_type_has_its_usual_extension() {
        for (media_type, usual) in [
            ("text/plain", Some("txt")),
            ("image/jpeg", Some("jpg")),
            ("application/json", Some("json")),
            ("audio/ogg", Some("oga")),
            ("no/such", None),
        ] {
            assert_eq!(extension(media_type), usual, "{media_type}");
        }
    }
}
