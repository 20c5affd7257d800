//! What a PROPFIND asks for (RFC 4918 §9.1, §14.20).

use crate::limits;

use super::xml::{Document, XmlError, decode};
use super::{DocumentError, dav};
use crate::properties::Name;

/// Which properties are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Propfind {
    /// All that are dead, those that RFC 4918 defines, and these.
    AllProp {
        /// Those that are asked for by name beside all.
        include: Vec<Name>,
    },
    /// The names of all.
    PropName,
    /// These.
    Prop(Vec<Name>),
}

impl Propfind {
    /// Reads the content of a PROPFIND. No content asks for all (DAV-006).
    pub fn read(content: &[u8]) -> Result<Propfind, DocumentError> {
        if content.is_empty() {
            return Ok(Propfind::AllProp { include: Vec::new() });
        }
        let text = decode(content)?;
        let (mut document, root) = Document::open(&text)?;
        if dav(&root) != Some("propfind") {
            document.finish()?;
            return Err(DocumentError::AnotherRoot);
        }
        let (mut asked, mut include, mut asks) = (None, None, 0);
        while let Some(name) = document.child()? {
            // what is not known is ignored (RFC 4918 §17)
            match dav(&name) {
                Some("prop") => asked = Some(Propfind::Prop(names(&mut document)?)),
                Some("include") => {
                    include = Some(names(&mut document)?);
                    continue;
                }
                Some("allprop") => {
                    document.skip()?;
                    asked = Some(Propfind::AllProp { include: Vec::new() });
                }
                Some("propname") => {
                    document.skip()?;
                    asked = Some(Propfind::PropName);
                }
                _ => {
                    document.skip()?;
                    continue;
                }
            }
            asks += 1;
        }
        document.finish()?;
        match (asked, include) {
            _ if asks > 1 => Err(DocumentError::Contradictory),
            (None, _) => Err(DocumentError::Incomplete),
            (Some(Propfind::AllProp { .. }), Some(include)) => bounded(Propfind::AllProp { include }),
            (Some(asked), _) => bounded(asked),
        }
    }

    /// The properties asked for by name.
    pub fn named(&self) -> &[Name] {
        match self {
            Propfind::AllProp { include: names } | Propfind::Prop(names) => names,
            Propfind::PropName => &[],
        }
    }
}

fn bounded(asked: Propfind) -> Result<Propfind, DocumentError> {
    if asked.named().len() > limits::PROPERTIES_ASKED { Err(DocumentError::TooMuch) } else { Ok(asked) }
}

/// The names of the elements within the one that was begun, each once.
pub(super) fn names(document: &mut Document<'_>) -> Result<Vec<Name>, XmlError> {
    let mut names = Vec::new();
    while let Some(name) = document.child()? {
        document.skip()?;
        // beyond the limit all is refused, so there is no need to tell which are the same
        if names.len() > limits::PROPERTIES_ASKED || !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(space: &str, local: &str) -> Name {
        Name { space: space.to_owned(), local: local.to_owned() }
    }

    fn read(content: &str) -> Result<Propfind, DocumentError> {
        Propfind::read(content.as_bytes())
    }

    const NOTHING: Propfind = Propfind::AllProp { include: Vec::new() };

    /// DAV-006: an empty body asks for all.
    #[test]
    fn a_propfind_is_read() {
        assert_eq!(read(""), Ok(NOTHING));
        assert_eq!(read("<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>"), Ok(NOTHING));
        assert_eq!(read("<propfind xmlns='DAV:'><propname/></propfind>"), Ok(Propfind::PropName));
        let content = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n<a:propfind xmlns:a=\"DAV:\" xmlns:z=\"http://z/\">\n \
             <a:prop> <a:getetag/> <z:x>text<a:y/></z:x><plain/><a:getetag/></a:prop></a:propfind>\n";
        let names = vec![name("DAV:", "getetag"), name("http://z/", "x"), name("", "plain")];
        assert_eq!(read(content), Ok(Propfind::Prop(names)));
        let content = "<propfind xmlns='DAV:'><include><quota-used-bytes/></include><allprop/></propfind>";
        assert_eq!(read(content), Ok(Propfind::AllProp { include: vec![name("DAV:", "quota-used-bytes")] }));
        assert_eq!(read("<propfind xmlns='DAV:'><prop/></propfind>"), Ok(Propfind::Prop(Vec::new())));
    }

    /// RFC 4918 §17: what is not known is as if it were not there.
    #[test]
    fn unknown_elements_are_ignored() {
        let content = "<D:propfind xmlns:D='DAV:' xmlns:E='E:'><E:prop><D:a/></E:prop><D:new/><D:propname E:x='1'/>\
             <D:new><D:allprop/></D:new></D:propfind>";
        assert_eq!(read(content), Ok(Propfind::PropName));
    }

    #[test]
    fn what_is_no_propfind_is_refused() {
        use DocumentError as Is;
        for (content, offence) in [
            ("<propfind/>", Is::AnotherRoot),
            ("<propertyupdate xmlns='DAV:'/>", Is::AnotherRoot),
            ("<propfind xmlns='DAV:'/>", Is::Incomplete),
            ("<propfind xmlns='DAV:'><x/><include/></propfind>", Is::Incomplete),
            ("<propfind xmlns='DAV:'><allprop/><propname/></propfind>", Is::Contradictory),
            ("<propfind xmlns='DAV:'><prop/><prop/></propfind>", Is::Contradictory),
        ] {
            assert_eq!(read(content), Err(offence), "{content}");
        }
        // DAV-002: before it is judged it is read to its end
        for content in ["<x>", "<x/><y/>", "<propfind xmlns='DAV:'><allprop/>", " ", "<propfind xmlns='DAV:'/>x"] {
            assert!(matches!(read(content), Err(Is::Xml(XmlError::NotWellFormed { .. }))), "{content}");
        }
    }

    #[test]
    fn no_more_properties_are_asked_for_than_are_told() {
        let asking = |count: usize| {
            let names: String = (0..count).map(|nth| format!("<p{nth}/>")).collect();
            read(&format!("<propfind xmlns='DAV:'><prop>{names}</prop></propfind>"))
        };
        assert!(asking(limits::PROPERTIES_ASKED).is_ok());
        assert_eq!(asking(limits::PROPERTIES_ASKED + 1), Err(DocumentError::TooMuch));
        assert_eq!(asking(30_000), Err(DocumentError::TooMuch));
    }
}
