//! What holds within an element and all that is in it: which namespace a prefix means (Namespaces in XML), and which
//! language is spoken (XML §2.12).

use crate::limits;
use quick_xml::events::BytesStart;
use semantics::text::xml::text;

use super::{XmlError, lexis};
use crate::properties::Name;

/// What the prefix `xml` means, everywhere (Namespaces in XML §3).
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// What the prefix `xmlns` means. No element has it.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

#[derive(Default)]
pub(super) struct Scopes {
    bindings: Vec<Binding>,
    languages: Vec<(usize, String)>,
}

/// A prefix, empty for names without one, and its namespace, empty for none.
struct Binding {
    prefix: String,
    space: String,
    /// How deep the element stands that declares it; the root has 1.
    depth: usize,
}

impl Scopes {
    /// Takes in what an element declares, and holds it to its rules.
    pub(super) fn enter(&mut self, start: &BytesStart<'_>, depth: usize, at: usize) -> Result<(), XmlError> {
        let malformed = XmlError::NotWellFormed { at };
        let unbound = XmlError::Namespace { at };
        let attributes = lexis::attributes(start.attributes_raw()).ok_or(malformed)?;
        if attributes.len() > limits::XML_ATTRIBUTES {
            return Err(XmlError::TooLarge);
        }
        lexis::split(start.name().0).ok_or(malformed)?;
        for (name, raw) in &attributes {
            let value = lexis::resolved(raw).ok_or(malformed)?;
            match lexis::split(name).ok_or(malformed)? {
                ("", "xmlns") => self.bind("", value, depth, unbound)?,
                ("xmlns", prefix) => self.bind(prefix, value, depth, unbound)?,
                ("xml", "lang") => self.languages.push((depth, value)),
                _ => {}
            }
        }
        let mut names: Vec<Name> = Vec::with_capacity(attributes.len());
        for (name, _) in &attributes {
            let name = self.name(name, false).ok_or(unbound)?;
            // no attribute stands there twice, under whatever prefix (Namespaces in XML §6.3)
            if names.contains(&name) {
                return Err(malformed);
            }
            names.push(name);
        }
        match self.name(start.name().0, true) {
            Some(name) if name.space != XMLNS => Ok(()),
            _ => Err(unbound),
        }
    }

    fn bind(&mut self, prefix: &str, space: String, depth: usize, refused: XmlError) -> Result<(), XmlError> {
        // a prefix cannot be unbound, and the two that are bound for ever have namespaces that no other can have
        let allowed = match prefix {
            "" => space != XML && space != XMLNS,
            "xml" => space == XML,
            "xmlns" => false,
            _ => !space.is_empty() && space != XML && space != XMLNS,
        };
        if !allowed {
            return Err(refused);
        }
        if self.bindings.len() >= limits::XML_NAMESPACES {
            return Err(XmlError::TooLarge);
        }
        self.bindings.push(Binding { prefix: prefix.to_owned(), space, depth });
        Ok(())
    }

    /// Forgets what the element at this depth declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
        while self.languages.last().is_some_and(|(declared, _)| *declared >= depth) {
            self.languages.pop();
        }
    }

    /// The language in force. An empty one takes back what was said outside.
    pub(super) fn language(&self) -> Option<&str> {
        self.languages.last().map(|(_, language)| language.as_str()).filter(|language| !language.is_empty())
    }

    fn bound(&self, prefix: &str) -> Option<&Binding> {
        self.bindings.iter().rev().find(|binding| binding.prefix == prefix)
    }

    /// The name as it is meant; `None` if it is no name, or its prefix means nothing. An attribute without a prefix is in no
    /// namespace, whatever its element is in.
    pub(super) fn name(&self, written: &str, element: bool) -> Option<Name> {
        let (prefix, local) = lexis::split(written)?;
        let space = match prefix {
            "xml" => XML,
            "xmlns" => XMLNS,
            "" if !element => "",
            "" => self.bound("").map_or("", |binding| &binding.space),
            prefix => &self.bound(prefix)?.space,
        };
        Some(Name { space: space.to_owned(), local: local.to_owned() })
    }

    /// Adds the prefixes that an element and its attributes use, and that were bound no deeper than this.
    pub(super) fn needed(&self, start: &BytesStart<'_>, within: usize, needed: &mut Vec<String>) {
        let element = lexis::split(start.name().0).map(|(prefix, _)| prefix);
        let attributes = lexis::attributes(start.attributes_raw()).unwrap_or_default();
        let prefixed = attributes.iter().filter_map(|(name, _)| lexis::split(name)).map(|(prefix, _)| prefix);
        for prefix in element.into_iter().chain(prefixed.filter(|prefix| !prefix.is_empty())) {
            let outside = self.bound(prefix).is_some_and(|bound| bound.depth <= within && !bound.space.is_empty());
            if outside && !needed.iter().any(|known| known == prefix) {
                needed.push(prefix.to_owned());
            }
        }
    }

    /// Writes the declaration of this prefix.
    pub(super) fn write(&self, prefix: &str, out: &mut Vec<u8>) {
        let Some(binding) = self.bound(prefix) else { return };
        out.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(b"=\"");
        text(binding.space.as_bytes(), out);
        out.push(b'"');
    }
}
