//! A reader of XML that takes what the server writes and nothing else: well formed, with namespaces, without a DTD.

use std::collections::HashMap;

/// The namespace of WebDAV.
pub(crate) const DAV: &str = "DAV:";

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) space: String,
    pub(crate) name: String,
    /// Those that are no namespaces, by the name as it is written.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    /// The text right within it.
    pub(crate) text: String,
}

/// Reads a document.
pub(crate) fn read(text: &str) -> Element {
    let rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n").expect("a declaration");
    let mut reader = Reader { rest, whole: text };
    let root = reader.element(&HashMap::new());
    assert_eq!(reader.rest.trim(), "", "nothing follows the root: {text}");
    root
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, piece: &str) {
        self.rest = self.rest.strip_prefix(piece).unwrap_or_else(|| panic!("{piece:?} at {:?}", self.rest));
    }

    /// What stands before this octet, which is passed over.
    fn up_to(&mut self, end: char) -> String {
        let (before, after) = self.rest.split_once(end).unwrap_or_else(|| panic!("no {end:?} in {}", self.whole));
        self.rest = after;
        before.to_owned()
    }

    fn element(&mut self, outer: &HashMap<String, String>) -> Element {
        self.take("<");
        let end = self.rest.find(['>', ' ', '/']).expect("a tag ends");
        let written = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        let (mut spaces, mut attributes) = (outer.clone(), Vec::new());
        while let Some(rest) = self.rest.strip_prefix(' ') {
            self.rest = rest;
            let name = self.up_to('=');
            let quote = self.rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')).expect("a quote");
            self.rest = &self.rest[1..];
            let value = unescaped(&self.up_to(quote));
            match name.strip_prefix("xmlns") {
                Some(prefix) => drop(spaces.insert(prefix.trim_start_matches(':').to_owned(), value)),
                None => attributes.push((name, value)),
            }
        }
        let (prefix, name) = written.split_once(':').unwrap_or(("", &written));
        let space = spaces.get(prefix).cloned().unwrap_or_default();
        assert!(prefix.is_empty() || !space.is_empty(), "the prefix of {written} means nothing: {}", self.whole);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b) || b >= 0x80;
        assert!(!name.is_empty() && name.bytes().all(plain), "a name: {name:?}");
        let mut element = Element { space, name: name.to_owned(), attributes, ..Element::default() };
        if let Some(rest) = self.rest.strip_prefix("/>") {
            self.rest = rest;
            return element;
        }
        self.take(">");
        while !self.rest.starts_with("</") {
            if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
                let (raw, after) = rest.split_once("]]>").unwrap_or_else(|| panic!("no end: {}", self.whole));
                element.text.push_str(raw);
                self.rest = after;
            } else if self.rest.starts_with('<') {
                element.children.push(self.element(&spaces));
            } else {
                let end = self.rest.find('<').unwrap_or_else(|| panic!("{written} has no end: {}", self.whole));
                element.text.push_str(&unescaped(&self.rest[..end]));
                self.rest = &self.rest[end..];
            }
        }
        self.take(&format!("</{written}>"));
        element
    }
}

/// Text without its escapes. What must be escaped is.
fn unescaped(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').unwrap_or_else(|| panic!("a bare & in {text:?}"));
        out.push_str(before);
        out.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let digits = name.strip_prefix('#').unwrap_or_else(|| panic!("no such entity: {name}"));
                let number =
                    digits.strip_prefix('x').map_or_else(|| digits.parse(), |hex| u32::from_str_radix(hex, 16));
                number.ok().and_then(char::from_u32).unwrap_or_else(|| panic!("no character: {name}"))
            }
        });
        rest = after;
    }
    out + rest
}

impl Element {
    /// Is it this element of WebDAV?
    pub(crate) fn is(&self, name: &str) -> bool {
        self.space == DAV && self.name == name
    }

    /// Its children of this name, in the namespace of WebDAV.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.is(name))
    }

    /// Its only child of this name, if it has one.
    pub(crate) fn maybe(&self, name: &str) -> Option<&Element> {
        assert!(self.all(name).count() < 2, "{name} stands there twice: {self:#?}");
        self.children.iter().find(|child| child.is(name))
    }

    /// Its only child of this name, which it must have.
    #[track_caller]
    pub(crate) fn child(&self, name: &str) -> &Element {
        self.maybe(name).unwrap_or_else(|| panic!("{name} is missing: {self:#?}"))
    }

    /// Its names, sorted, each without its namespace.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.children.iter().map(|child| child.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// The code in a `DAV:status`, which is a status line (RFC 4918 §14.28).
    pub(crate) fn code(&self) -> u16 {
        let code = self.child("status").text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
        code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("a status line: {self:#?}"))
    }

    /// The text in its `DAV:href`.
    pub(crate) fn href(&self) -> &str {
        &self.child("href").text
    }

    /// The response about this path, of a multistatus.
    #[track_caller]
    pub(crate) fn about(&self, path: &str) -> &Element {
        let found = self.all("response").find(|response| response.href() == path);
        found.unwrap_or_else(|| panic!("nothing is told of {path}: {self:#?}"))
    }

    /// The paths of a multistatus, in the order in which they are told.
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.all("response").map(Element::href).collect()
    }

    /// The properties of a response that share this status, if there are any.
    pub(crate) fn properties(&self, code: u16) -> Option<&Element> {
        let mut found = self.all("propstat").filter(|propstat| propstat.code() == code);
        let first = found.next();
        assert!(found.next().is_none(), "{code} stands there twice: {self:#?}");
        first.map(|propstat| propstat.child("prop"))
    }

    /// The properties that were found.
    #[track_caller]
    pub(crate) fn found(&self) -> &Element {
        self.properties(200).unwrap_or_else(|| panic!("nothing was found: {self:#?}"))
    }
}

#[test]
fn what_is_not_well_formed_is_not_read() {
    let whole = |within: &str| format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a xmlns=\"A:\">{within}</a>\n");
    let root = read(&whole("1 &lt; 2<b x='&#39;'/>"));
    assert_eq!((root.space.as_str(), root.text.as_str(), root.children[0].space.as_str()), ("A:", "1 < 2", "A:"));
    assert_eq!(root.children[0].attributes, [("x".to_owned(), "'".to_owned())]);
    for within in ["<b>", "<D:b/>", "a & b", "&b;", "</a>", "<b></c>", "<b x/>"] {
        assert!(std::panic::catch_unwind(|| read(&whole(within))).is_err(), "{within}");
    }
}
