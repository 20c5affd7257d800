//! What a LOCK asks for (RFC 4918 §9.10, §14.11).

use super::xml::{Document, decode};
use super::{DocumentError, dav};

/// The lock that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockInfo {
    /// Shall it exclude every other?
    pub exclusive: bool,
    /// What its owner says of itself: the inner XML of `DAV:owner`, with all the namespaces it needs declared in it.
    pub owner: Vec<u8>,
}

impl LockInfo {
    /// Reads the content of a LOCK. No content: a lock is to be refreshed (RFC 4918 §9.10.2).
    pub fn read(content: &[u8]) -> Result<Option<LockInfo>, DocumentError> {
        if content.is_empty() {
            return Ok(None);
        }
        let text = decode(content)?;
        let (mut document, root) = Document::open(&text)?;
        if dav(&root) != Some("lockinfo") {
            document.finish()?;
            return Err(DocumentError::AnotherRoot);
        }
        let (mut scope, mut kind, mut owner) = (Asked::Nothing, Asked::Nothing, Vec::new());
        while let Some(name) = document.child()? {
            match dav(&name) {
                Some("lockscope") => scope = scope.and(Asked::read(&mut document, &["exclusive", "shared"])?),
                Some("locktype") => kind = kind.and(Asked::read(&mut document, &["write"])?),
                Some("owner") => owner = document.inner()?,
                _ => document.skip()?,
            }
        }
        document.finish()?;
        match (scope, kind) {
            (Asked::Twice, _) | (_, Asked::Twice) => Err(DocumentError::Contradictory),
            (Asked::Nothing, _) | (_, Asked::Nothing) => Err(DocumentError::Incomplete),
            (Asked::Unknown, _) | (_, Asked::Unknown) => Err(DocumentError::Unsupported),
            (Asked::Known(scope), Asked::Known(_)) => Ok(Some(LockInfo { exclusive: scope == 0, owner })),
        }
    }
}

/// Which of the values that are known an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Known(usize),
    Unknown,
    Twice,
}

impl Asked {
    fn read(document: &mut Document<'_>, known: &[&str]) -> Result<Asked, DocumentError> {
        let mut asked = Asked::Nothing;
        while let Some(name) = document.child()? {
            document.skip()?;
            let place = dav(&name).and_then(|name| known.iter().position(|known| *known == name));
            asked = asked.and(place.map_or(Asked::Unknown, Asked::Known));
        }
        Ok(asked)
    }

    /// Both together. What is unknown is as if it were not there, as long as there is something known (RFC 4918 §17).
    fn and(self, other: Asked) -> Asked {
        match (self, other) {
            (Asked::Twice, _) | (_, Asked::Twice) | (Asked::Known(_), Asked::Known(_)) => Asked::Twice,
            (Asked::Known(place), _) | (_, Asked::Known(place)) => Asked::Known(place),
            (Asked::Unknown, _) | (_, Asked::Unknown) => Asked::Unknown,
            (Asked::Nothing, Asked::Nothing) => Asked::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(within: &str) -> Result<Option<LockInfo>, DocumentError> {
        LockInfo::read(format!("<D:lockinfo xmlns:D='DAV:' xmlns:E='E:'>{within}</D:lockinfo>").as_bytes())
    }

    const EXCLUSIVE: &str = "<D:lockscope><D:exclusive/></D:lockscope>";
    const WRITE: &str = "<D:locktype><D:write/></D:locktype>";

    /// DAV-020, DAV-024: what a new lock is, and that no content asks for none.
    #[test]
    fn a_lockinfo_is_read() {
        assert_eq!(LockInfo::read(b""), Ok(None));
        let lock = |exclusive, owner: &[u8]| Ok(Some(LockInfo { exclusive, owner: owner.to_vec() }));
        assert_eq!(read(&format!("{EXCLUSIVE}{WRITE}")), lock(true, b""));
        let shared = "<D:lockscope><D:shared/></D:lockscope>";
        assert_eq!(
            read(&format!("{shared}\n{WRITE}<D:owner>litmus test suite</D:owner>")),
            lock(false, b"litmus test suite")
        );
        let owner = "<D:owner> <D:href>mailto:a&amp;b</D:href><E:x D:y='1'/></D:owner>";
        let expected =
            b" <D:href xmlns:D=\"DAV:\">mailto:a&amp;b</D:href><E:x xmlns:E=\"E:\" xmlns:D=\"DAV:\" D:y='1'/>";
        assert_eq!(read(&format!("{WRITE}{EXCLUSIVE}{owner}")), lock(true, expected));
    }

    #[test]
    fn what_is_no_lockinfo_is_refused() {
        use DocumentError as Is;
        for (within, offence) in [
            (String::new(), Is::Incomplete),
            (EXCLUSIVE.to_owned(), Is::Incomplete),
            (WRITE.to_owned(), Is::Incomplete),
            (format!("<D:lockscope/>{WRITE}"), Is::Incomplete),
            (format!("{EXCLUSIVE}{EXCLUSIVE}{WRITE}"), Is::Contradictory),
            (format!("<D:lockscope><D:shared/><D:exclusive/></D:lockscope>{WRITE}"), Is::Contradictory),
            (format!("<D:lockscope><E:exclusive/></D:lockscope>{WRITE}"), Is::Unsupported),
            (format!("{EXCLUSIVE}<D:locktype><D:read/></D:locktype>"), Is::Unsupported),
        ] {
            assert_eq!(read(&within), Err(offence), "{within}");
        }
        assert_eq!(LockInfo::read(b"<lockinfo/>"), Err(Is::AnotherRoot));
        assert!(matches!(LockInfo::read(b"<lockinfo"), Err(Is::Xml(_))));
    }
}
