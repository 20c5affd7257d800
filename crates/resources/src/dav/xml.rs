//! A document of XML, read element by element: strictly, with names in their namespaces, and within limits.
//!
//! The scanner of `quick-xml` finds the marks; whatever else makes a document well formed (XML 1.0, Namespaces in XML) is
//! held here, since a client must be told of each mistake (RFC 4918 §8.2). What the elements mean is not known here.

use std::borrow::Cow;

use crate::limits;
use decision::facts::Failure;
use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesStart, Event};

use crate::properties::Name;

mod lexis;
mod scopes;

use lexis::{is_name, is_white, white_trimmed};
use scopes::Scopes;

/// Why a document cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XmlError {
    /// It is not well formed.
    NotWellFormed {
        /// The octet, of the text in UTF-8, up to which it was.
        at: usize,
    },
    /// It declares a document type, which can name entities: any such declaration (RFC 4918 §20.6).
    ExternalEntities,
    /// Its elements stand too deep within each other.
    TooDeep,
    /// It is longer, or has more of something, than is read.
    TooLarge,
    /// It is neither UTF-8 nor, with its mark, UTF-16.
    NotUtf8,
    /// A prefix is not bound, or bound to what it must not be.
    Namespace {
        /// The octet up to which nothing was wrong.
        at: usize,
    },
}

impl XmlError {
    /// Why the action was not done.
    pub const fn failure(self) -> Failure {
        match self {
            XmlError::NotWellFormed { .. } | XmlError::NotUtf8 | XmlError::Namespace { .. } => {
                Failure::ContentMalformed
            }
            XmlError::ExternalEntities => Failure::SubjectForbidden,
            XmlError::TooDeep => Failure::ContentUnprocessable,
            XmlError::TooLarge => Failure::ContentGrewTooLarge,
        }
    }
}

/// The text of a document: UTF-8, or UTF-16 with its mark (RFC 4918 §8.2, XML §4.3.3).
pub(crate) fn decode(content: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    if content.len() > limits::XML {
        return Err(XmlError::TooLarge);
    }
    let wide = |octets: &[u8], read: fn([u8; 2]) -> u16| {
        let (pairs, rest) = octets.as_chunks::<2>();
        let units = char::decode_utf16(pairs.iter().map(|pair| read(*pair)));
        let text: Result<String, _> = units.collect();
        text.ok().filter(|_| rest.is_empty()).map(Cow::Owned).ok_or(XmlError::NotUtf8)
    };
    let text = match content {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(str::from_utf8(rest).map_err(|_| XmlError::NotUtf8)?),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        octets => Cow::Borrowed(str::from_utf8(octets).map_err(|_| XmlError::NotUtf8)?),
    };
    match text.char_indices().find(|(_, character)| !lexis::is_char(*character)) {
        Some((at, _)) => Err(XmlError::NotWellFormed { at }),
        None => Ok(text),
    }
}

/// One step through a document.
enum Piece<'x> {
    /// An element begins; it ends with the next piece if it is written as empty.
    Open(BytesStart<'x>, bool),
    /// The element ends that was begun last.
    Close,
    /// Characters as they are written, without references.
    Text(&'x str),
    /// Characters in which nothing is markup.
    Data(&'x str),
    /// A reference as it is written, and what it stands for.
    Reference(&'x str, char),
    /// The document has ended.
    Done,
}

/// A document that is being read. It stands within an element, at first within its root.
pub(crate) struct Document<'x> {
    reader: Reader<&'x [u8]>,
    scopes: Scopes,
    /// Elements that are open.
    depth: usize,
    /// The element that is open last was written as empty.
    empty: bool,
    /// Something stood there already, so that no declaration may follow.
    begun: bool,
    rooted: bool,
    /// The text was UTF-16, whatever else it says of itself.
    wide: bool,
}

impl<'x> Document<'x> {
    /// Opens a document and goes into its root, whose name it returns.
    pub(crate) fn open(text: &'x Cow<'x, str>) -> Result<(Document<'x>, Name), XmlError> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.enable_all_checks(true);
        let wide = matches!(text, Cow::Owned(_));
        let mut document =
            Document { reader, scopes: Scopes::default(), depth: 0, empty: false, begun: false, rooted: false, wide };
        match document.child()? {
            Some(root) => Ok((document, root)),
            None => Err(document.malformed()),
        }
    }

    /// Goes into the next element within this one, and returns its name; or out of this one, if there is none. What text
    /// stands between them has no meaning (RFC 4918 §17).
    pub(crate) fn child(&mut self) -> Result<Option<Name>, XmlError> {
        loop {
            match self.advance()? {
                Piece::Open(start, _) => {
                    return Ok(Some(self.scopes.name(start.name().0, true).ok_or(self.unbound())?));
                }
                Piece::Close | Piece::Done => return Ok(None),
                Piece::Text(_) | Piece::Data(_) | Piece::Reference(..) => {}
            }
        }
    }

    /// Goes out of this element, past all that it holds.
    pub(crate) fn skip(&mut self) -> Result<(), XmlError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.advance()?;
        }
        Ok(())
    }

    /// Goes out of this element, and returns its text without that of the elements in it, and without white space around.
    pub(crate) fn text(&mut self) -> Result<String, XmlError> {
        let within = self.depth;
        let mut text = String::new();
        while self.depth >= within {
            match self.advance()? {
                Piece::Text(piece) | Piece::Data(piece) if self.depth == within => text.push_str(&lexis::lines(piece)),
                Piece::Reference(_, character) if self.depth == within => text.push(character),
                Piece::Done => break,
                _ => {}
            }
        }
        Ok(white_trimmed(&text).to_owned())
    }

    /// Goes out of this element, and returns what it holds: as it is written, but for comments and instructions, with the
    /// namespaces declared that were declared outside of it (RFC 4918 §4.3).
    pub(crate) fn inner(&mut self) -> Result<Vec<u8>, XmlError> {
        let within = self.depth;
        let mut out = Vec::new();
        let mut open: Vec<BytesStart<'x>> = Vec::new();
        // where the declarations of the element go that stands right within this one, and those that it needs
        let (mut place, mut needed) = (0, Vec::new());
        loop {
            match self.advance()? {
                Piece::Open(start, empty) => {
                    out.push(b'<');
                    if self.depth == within + 1 {
                        place = out.len() + start.name().0.len();
                        needed.clear();
                    }
                    self.scopes.needed(&start, within, &mut needed);
                    out.extend_from_slice(start.as_bytes());
                    out.extend_from_slice(if empty { b"/>" } else { b">" });
                    open.push(start);
                    if empty {
                        self.advance()?;
                        open.pop();
                        self.declare(within, place, &mut needed, &mut out);
                    }
                }
                Piece::Close => {
                    let Some(start) = open.pop() else { return Ok(out) };
                    out.extend_from_slice(b"</");
                    out.extend_from_slice(start.name().0.as_bytes());
                    out.push(b'>');
                    self.declare(within, place, &mut needed, &mut out);
                }
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Data(data) => out.extend([b"<![CDATA[", data.as_bytes(), b"]]>"].concat()),
                Piece::Reference(name, _) => out.extend([b"&", name.as_bytes(), b";"].concat()),
                Piece::Done => return Err(self.malformed()),
            }
        }
    }

    /// Puts the declarations into the element that has just ended right within the one that is read.
    fn declare(&self, within: usize, place: usize, needed: &mut Vec<String>, out: &mut Vec<u8>) {
        if self.depth == within && !needed.is_empty() {
            let mut declarations = Vec::new();
            for prefix in needed.drain(..) {
                self.scopes.write(&prefix, &mut declarations);
            }
            out.splice(place..place, declarations);
        }
    }

    /// Goes to the end of the document. Whatever the root is followed by, it must be nothing.
    pub(crate) fn finish(mut self) -> Result<(), XmlError> {
        while !matches!(self.advance()?, Piece::Done) {}
        Ok(())
    }

    /// The language in force (XML §2.12).
    pub(crate) fn language(&self) -> Option<&str> {
        self.scopes.language()
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn malformed(&self) -> XmlError {
        XmlError::NotWellFormed { at: self.position() }
    }

    fn unbound(&self) -> XmlError {
        XmlError::Namespace { at: self.position() }
    }

    fn advance(&mut self) -> Result<Piece<'x>, XmlError> {
        if self.empty {
            self.empty = false;
            self.leave();
            return Ok(Piece::Close);
        }
        loop {
            let event = self.reader.read_event().map_err(|_| {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
                XmlError::NotWellFormed { at }
            })?;
            let begun = std::mem::replace(&mut self.begun, true);
            match event {
                Event::Start(start) => return self.enter(start, false),
                Event::Empty(start) => return self.enter(start, true),
                Event::End(_) => {
                    self.leave();
                    return Ok(Piece::Close);
                }
                Event::Text(text) => {
                    let text = borrowed(text.into_inner()).ok_or(self.malformed())?;
                    if text.contains("]]>") || self.depth == 0 && !text.chars().all(is_white) {
                        return Err(self.malformed());
                    }
                    return Ok(Piece::Text(text));
                }
                Event::CData(data) => {
                    let data = borrowed(data.into_inner()).filter(|_| self.depth > 0);
                    return data.map(Piece::Data).ok_or(self.malformed());
                }
                Event::GeneralRef(reference) => {
                    let name = borrowed(reference.into_inner()).filter(|_| self.depth > 0).ok_or(self.malformed())?;
                    let character = lexis::reference(name).ok_or(self.malformed())?;
                    return Ok(Piece::Reference(name, character));
                }
                Event::Comment(_) => {}
                Event::PI(instruction) => {
                    let target = instruction.target();
                    if !is_name(target) || target.eq_ignore_ascii_case("xml") {
                        return Err(self.malformed());
                    }
                }
                Event::Decl(declaration) => {
                    if begun {
                        return Err(self.malformed());
                    }
                    self.declared(&declaration)?;
                }
                Event::DocType(_) => return Err(XmlError::ExternalEntities),
                Event::Eof => {
                    let whole = self.rooted && self.depth == 0;
                    return if whole { Ok(Piece::Done) } else { Err(self.malformed()) };
                }
            }
        }
    }

    /// An element begins: its namespaces and its attributes are looked at before its own name.
    fn enter(&mut self, start: BytesStart<'x>, empty: bool) -> Result<Piece<'x>, XmlError> {
        if self.depth >= limits::XML_DEPTH {
            return Err(XmlError::TooDeep);
        }
        if self.depth == 0 && std::mem::replace(&mut self.rooted, true) {
            return Err(self.malformed());
        }
        self.depth += 1;
        let at = self.position();
        self.scopes.enter(&start, self.depth, at)?;
        self.empty = empty;
        Ok(Piece::Open(start, empty))
    }

    fn leave(&mut self) {
        self.scopes.leave(self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    /// The declaration of the document: its version, its encoding, and whether it stands alone (XML §2.8).
    fn declared(&self, declaration: &BytesDecl<'_>) -> Result<(), XmlError> {
        let attributes = declaration.strip_prefix("xml").and_then(lexis::attributes).ok_or(self.malformed())?;
        let [("version", version), rest @ ..] = &attributes[..] else { return Err(self.malformed()) };
        if version.strip_prefix("1.").is_none_or(|minor| minor.is_empty() || !minor.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(self.malformed());
        }
        let (encoding, rest) = match rest {
            [("encoding", encoding), rest @ ..] => (Some(*encoding), rest),
            rest => (None, rest),
        };
        if !matches!(rest, [] | [("standalone", "yes" | "no")]) {
            return Err(self.malformed());
        }
        let fits = |encoding: &str| {
            let named = |name: &str| encoding.eq_ignore_ascii_case(name);
            if self.wide { named("utf-16") } else { named("utf-8") || named("us-ascii") }
        };
        if encoding.is_none_or(fits) { Ok(()) } else { Err(XmlError::NotUtf8) }
    }
}

/// What a document in memory lends is never made anew.
fn borrowed<'x>(text: Cow<'x, str>) -> Option<&'x str> {
    match text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

#[cfg(test)]
mod tests;
