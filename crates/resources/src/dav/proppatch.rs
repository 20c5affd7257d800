//! What a PROPPATCH asks for, whether it may be done, and what came of it (RFC 4918 §9.2, §14.19).

use std::collections::BTreeSet;

use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{MemberResult, Members};

use super::live::{Live, name_of};
use super::xml::{Document, decode};
use super::{DocumentError, dav};
use crate::properties::{Name, Property, Update};

/// Reads the content of a PROPPATCH: its steps, in their order.
pub fn read(content: &[u8]) -> Result<Vec<Update>, DocumentError> {
    let text = decode(content)?;
    let (mut document, root) = Document::open(&text)?;
    if dav(&root) != Some("propertyupdate") {
        document.finish()?;
        return Err(DocumentError::AnotherRoot);
    }
    let mut updates = Vec::new();
    let mut whole = true;
    while let Some(name) = document.child()? {
        match dav(&name) {
            Some("set") => whole &= steps(&mut document, true, &mut updates)?,
            Some("remove") => whole &= steps(&mut document, false, &mut updates)?,
            _ => document.skip()?,
        }
    }
    document.finish()?;
    if whole && !updates.is_empty() { Ok(updates) } else { Err(DocumentError::Incomplete) }
}

/// The steps of one `DAV:set` or `DAV:remove`. Does it hold a `DAV:prop`?
fn steps(document: &mut Document<'_>, set: bool, updates: &mut Vec<Update>) -> Result<bool, DocumentError> {
    let mut held = false;
    while let Some(name) = document.child()? {
        if dav(&name) != Some("prop") {
            document.skip()?;
            continue;
        }
        held = true;
        while let Some(name) = document.child()? {
            updates.push(if set {
                // it may stand on the property, or on what the property stands in (RFC 4918 §4.3)
                let language = document.language().map(str::to_owned);
                Update::Set(Property { name, language, content: document.inner()? })
            } else {
                document.skip()?;
                Update::Remove(name)
            });
        }
    }
    Ok(held)
}

fn name(update: &Update) -> &Name {
    match update {
        Update::Set(property) => &property.name,
        Update::Remove(name) => name,
    }
}

/// Is it told by the server, so that no client can change it?
fn is_protected(name: &Name) -> bool {
    Live::of(name).is_some_and(Live::is_protected)
}

/// May all of them be done? If one is protected, none is done (RFC 4918 §9.2).
pub fn judge(updates: &[Update]) -> bool {
    !updates.iter().any(|update| is_protected(name(update)))
}

/// Tells what came of them: all done; or, if they did not stand before [`judge`], the protected ones refused and the others
/// failed with them; or all failed in this way.
pub fn tell(updates: &[Update], failed: Option<&MemberResult>, path: &[u8], members: &mut Members) {
    let protected = MemberResult::refused(Failure::SubjectForbidden, Condition::CannotModifyProtectedProperty);
    members.begin(path);
    let mut told = |fate: &MemberResult, which: &dyn Fn(&Name) -> bool| {
        // each is told once, however often it was changed
        let mut seen = BTreeSet::new();
        members.properties_if_any(fate, |out| {
            for name in updates.iter().map(name).filter(|name| which(name) && seen.insert(*name)) {
                name_of(name, out);
            }
        });
    };
    match failed {
        Some(fate) => told(fate, &|_| true),
        None if judge(updates) => told(&MemberResult::FOUND, &|_| true),
        None => {
            told(&protected, &is_protected);
            told(&MemberResult::failed(Failure::DependencyFailed), &|name| !is_protected(name));
        }
    }
    members.end();
}

#[cfg(test)]
mod tests;
