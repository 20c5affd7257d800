//! What BIND, UNBIND and REBIND ask for (RFC 5842 §4, §5, §6).

use crate::limits;
use semantics::syntax::percent_decoded;

use super::xml::{Document, decode};
use super::{DocumentError, dav};

/// What the target, a collection, is to have bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// The name under which it is bound, decoded.
    pub segment: Vec<u8>,
    /// The URI of what is bound, as it was sent.
    pub href: String,
}

impl Bind {
    /// Reads the content of a BIND.
    pub fn read(content: &[u8]) -> Result<Bind, DocumentError> {
        Bind::of("bind", content)
    }

    /// Reads the content of a REBIND.
    pub fn read_rebind(content: &[u8]) -> Result<Bind, DocumentError> {
        Bind::of("rebind", content)
    }

    fn of(root: &str, content: &[u8]) -> Result<Bind, DocumentError> {
        let (segment, href) = parts(root, content)?;
        let href = href.filter(|href| !href.is_empty()).ok_or(DocumentError::Incomplete)?;
        Ok(Bind { segment, href })
    }
}

/// Reads the content of an UNBIND: the name that is to be unbound, decoded.
pub fn read_unbind(content: &[u8]) -> Result<Vec<u8>, DocumentError> {
    Ok(parts("unbind", content)?.0)
}

/// The segment and the href of a document with this root.
fn parts(root: &str, content: &[u8]) -> Result<(Vec<u8>, Option<String>), DocumentError> {
    let text = decode(content)?;
    let (mut document, name) = Document::open(&text)?;
    if dav(&name) != Some(root) {
        document.finish()?;
        return Err(DocumentError::AnotherRoot);
    }
    let (mut segment, mut href, mut twice) = (None, None, false);
    while let Some(name) = document.child()? {
        match dav(&name) {
            Some("segment") => twice |= segment.replace(document.text()?).is_some(),
            Some("href") => twice |= href.replace(document.text()?).is_some(),
            _ => document.skip()?,
        }
    }
    document.finish()?;
    if twice {
        return Err(DocumentError::Contradictory);
    }
    let segment = segment.ok_or(DocumentError::Incomplete)?;
    Ok((decoded(&segment).ok_or(DocumentError::Name)?, href))
}

/// The name that a segment of a URI stands for (RFC 3986 §3.3), if a member can have it. What a segment must escape, and a
/// client did not, is taken as it is, but for what would end the segment.
fn decoded(segment: &str) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, others @ ..] = rest {
        let (octet, after) = match first {
            b'%' => (percent_decoded(rest)?, rest.get(3..)?),
            b'?' | b'#' => return None,
            octet => (*octet, others),
        };
        if matches!(octet, b'/' | 0) {
            return None;
        }
        name.push(octet);
        rest = after;
    }
    let fits = !matches!(&name[..], b"" | b"." | b"..") && name.len() <= limits::FILE_NAME;
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(within: &str) -> Result<Bind, DocumentError> {
        Bind::read(format!("<D:bind xmlns:D='DAV:'>{within}</D:bind>").as_bytes())
    }

    /// DAV-039: RFC 5842 §4.3 has this document.
    #[test]
    fn a_binding_is_read() {
        let content = b"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<D:bind xmlns:D=\"DAV:\">\n \
            <D:segment>bar.html</D:segment>\n <D:href>http://www.example.com/CollY/foo.html</D:href>\n</D:bind>";
        let href = "http://www.example.com/CollY/foo.html".to_owned();
        assert_eq!(Bind::read(content), Ok(Bind { segment: b"bar.html".to_vec(), href }));
        let bind = read("<D:href> /a?b&amp;c </D:href><D:segment>\n a%20b%25<![CDATA[&]]>\u{fc} </D:segment>");
        assert_eq!(bind, Ok(Bind { segment: "a b%&\u{fc}".as_bytes().to_vec(), href: "/a?b&c".to_owned() }));
        assert_eq!(read_unbind(b"<unbind xmlns='DAV:'><segment>x</segment></unbind>"), Ok(b"x".to_vec()));
        let rebind = b"<rebind xmlns='DAV:'><segment>x</segment><href>/y</href></rebind>";
        assert_eq!(Bind::read_rebind(rebind), Ok(Bind { segment: b"x".to_vec(), href: "/y".to_owned() }));
    }

    #[test]
    fn what_is_no_binding_is_refused() {
        use DocumentError as Is;
        for (within, offence) in [
            ("<D:segment>x</D:segment>", Is::Incomplete),
            ("<D:segment>x</D:segment><D:href> </D:href>", Is::Incomplete),
            ("<D:href>/y</D:href>", Is::Incomplete),
            ("<D:segment>x</D:segment><D:segment>x</D:segment><D:href>/y</D:href>", Is::Contradictory),
        ] {
            assert_eq!(read(within), Err(offence), "{within}");
        }
        assert_eq!(Bind::read_rebind(b"<bind xmlns='DAV:'/>"), Err(Is::AnotherRoot));
        assert!(matches!(Bind::read(b""), Err(Is::Xml(_))));
    }

    /// RFC 5842 §4: name-allowed.
    #[test]
    fn a_name_that_no_member_can_have_is_refused() {
        let long = "x".repeat(limits::FILE_NAME + 1);
        for segment in ["", " ", ".", "..", "%2e%2E", "a/b", "a%2fb", "a%00", "a%", "a%4", "a%zz", "a?b", "a#b", &long]
        {
            let within = format!("<D:segment>{segment}</D:segment><D:href>/y</D:href>");
            assert_eq!(read(&within), Err(DocumentError::Name), "{segment:?}");
        }
    }
}
