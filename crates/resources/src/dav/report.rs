//! What a REPORT asks for: the changes of a collection (RFC 6578), or another report, of which only the name is read
//! (RFC 3253 §3.6).

use semantics::limits;
use semantics::syntax::parse_u64;

use super::propfind::names;
use super::xml::{Document, decode};
use super::{DocumentOffence, dav};
use crate::properties::Name;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The members of a collection that changed.
    SyncCollection(Sync),
    /// Any other, by the name of its root.
    Other(Name),
}

/// Which changes are asked for, and what of them (RFC 6578 §6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// The state since which; `None`: all members, from the beginning.
    pub token: Option<String>,
    /// Shall members of members be told too? `None`: it does not say, and leaves it to Depth, as before RFC 6578.
    pub infinite: Option<bool>,
    /// How many members are told at most.
    pub limit: Option<u64>,
    /// The properties to be told of each.
    pub properties: Vec<Name>,
}

impl Report {
    /// Reads the content of a REPORT.
    pub fn read(content: &[u8]) -> Result<Report, DocumentOffence> {
        let text = decode(content)?;
        let (mut document, root) = Document::open(&text)?;
        if dav(&root) != Some("sync-collection") {
            document.finish()?;
            return Ok(Report::Other(root));
        }
        let (mut token, mut infinite, mut limit, mut properties) = (None, None, None, None);
        while let Some(name) = document.child()? {
            match dav(&name) {
                Some("sync-token") => token = Some(document.text()?),
                Some("sync-level") => infinite = Some(document.text()?),
                Some("limit") => limit = results(&mut document)?.or(limit),
                Some("prop") => properties = Some(names(&mut document)?),
                _ => document.skip()?,
            }
        }
        document.finish()?;
        let infinite = match infinite.as_deref() {
            None => None,
            Some("1") => Some(false),
            Some("infinite") => Some(true),
            Some(_) => return Err(DocumentOffence::Value),
        };
        let limit = limit.map(|limit| parse_u64(limit.as_bytes()).map_err(|_| DocumentOffence::Value)).transpose()?;
        match (token, properties) {
            (Some(_), Some(properties)) if properties.len() > limits::PROPERTIES_ASKED => Err(DocumentOffence::TooMuch),
            (Some(token), Some(properties)) => {
                let token = Some(token).filter(|token| !token.is_empty());
                Ok(Report::SyncCollection(Sync { token, infinite, limit, properties }))
            }
            _ => Err(DocumentOffence::Incomplete),
        }
    }
}

/// The number in `DAV:limit` (RFC 5323 §5.17).
fn results(document: &mut Document<'_>) -> Result<Option<String>, DocumentOffence> {
    let mut results = None;
    while let Some(name) = document.child()? {
        match dav(&name) {
            Some("nresults") => results = Some(document.text()?),
            _ => document.skip()?,
        }
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(within: &str) -> Result<Report, DocumentOffence> {
        Report::read(format!("<sync-collection xmlns='DAV:'>{within}</sync-collection>").as_bytes())
    }

    #[test]
    fn a_synchronisation_is_read() {
        let etag = Name { space: "DAV:".to_owned(), local: "getetag".to_owned() };
        let sync = |token: Option<&str>, infinite, limit| {
            let (token, properties) = (token.map(str::to_owned), vec![etag.clone()]);
            Ok(Report::SyncCollection(Sync { token, infinite, limit, properties }))
        };
        let prop = "<prop><getetag/></prop>";
        assert_eq!(read(&format!("<sync-token/><sync-level>1</sync-level>{prop}")), sync(None, Some(false), None));
        let within = format!(
            "<sync-token>\n urn:x:7&amp;8\n</sync-token><sync-level>infinite</sync-level>\
             <limit><nresults> 100 </nresults><other/></limit>{prop}"
        );
        assert_eq!(read(&within), sync(Some("urn:x:7&8"), Some(true), Some(100)));
        assert_eq!(read(&format!("<sync-token>t</sync-token>{prop}<new/>")), sync(Some("t"), None, None));
    }

    #[test]
    fn what_is_no_synchronisation_is_refused() {
        use DocumentOffence as Is;
        for (within, offence) in [
            ("<prop/>", Is::Incomplete),
            ("<sync-token/>", Is::Incomplete),
            ("<sync-token/><sync-level>2</sync-level><prop/>", Is::Value),
            ("<sync-token/><limit><nresults>-1</nresults></limit><prop/>", Is::Value),
        ] {
            assert_eq!(read(within), Err(offence), "{within}");
        }
        assert!(matches!(Report::read(b""), Err(Is::Xml(_))));
    }

    #[test]
    fn another_report_has_its_name() {
        let content = b"<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:filter/></C:calendar-query>";
        let name = Name { space: "urn:ietf:params:xml:ns:caldav".to_owned(), local: "calendar-query".to_owned() };
        assert_eq!(Report::read(content), Ok(Report::Other(name)));
        assert!(Report::read(b"<x>").is_err());
    }
}
