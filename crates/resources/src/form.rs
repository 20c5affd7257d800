//! Forms with files: multipart/form-data, read as it comes. RFC 7578, RFC 2046 §5.1
//!
//! What a file is called and what is in it are told in pieces; where it goes is its taker's to say. Octets that could be the
//! beginning of a delimiter are held back until more have come, so it does not matter how the content is cut.

use std::{fmt, mem};

use crate::limits;
use semantics::content_disposition::{DispositionError, FormData, safe_name};
use semantics::media_type::MediaType;
use semantics::syntax::{Word, is_ows, is_token, trim_ows};

/// What is found in a form, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormEvent<'a> {
    /// A file begins.
    File {
        /// The name of its field.
        field: &'a [u8],
        /// Its own name: one name, which leads nowhere else.
        name: &'a [u8],
        /// Its media type, as the client tells it.
        media_type: Option<&'a [u8]>,
    },
    /// Octets of the file.
    Data(&'a [u8]),
    /// The file ends.
    FileEnd,
    /// A field that is no file.
    Value {
        /// Its name.
        field: &'a [u8],
        /// Its value.
        value: &'a [u8],
    },
    /// The form ends; what may follow is passed over.
    End,
}

/// What can be wrong with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormError {
    /// The media type is not multipart/form-data.
    NotAForm,
    /// The parameter `boundary` is missing, or none that RFC 2046 §5.1.1 allows.
    NoBoundary,
    /// The content ends before the form does.
    Unfinished,
    /// Something follows a delimiter on its line.
    BadDelimiter,
    /// A line of the head of a part is no field.
    BadHead,
    /// The head of a part is longer than [`limits::FORM_HEAD`].
    HeadTooLong,
    /// There are more parts than [`limits::FORM_PARTS`].
    TooManyParts,
    /// A value is longer than [`limits::FORM_VALUE`].
    ValueTooLong,
    /// A part does not say which field it is of.
    NoDisposition,
    /// What it says of that is malformed.
    Disposition(DispositionError),
    /// The name of a file is none that a file can have.
    FileName,
    /// A part has a transfer encoding. RFC 7578 §4.7 deprecates that, and nobody uses it.
    Encoded,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAForm => "the content is not multipart/form-data",
            Self::NoBoundary => "the boundary between the parts is not told",
            Self::Unfinished => "the content ends before the form does",
            Self::BadDelimiter => "something follows a delimiter on its line",
            Self::BadHead => "the head of a part is malformed",
            Self::HeadTooLong => "the head of a part is too long",
            Self::TooManyParts => "the form has too many parts",
            Self::ValueTooLong => "the value of a field is too long",
            Self::NoDisposition => "a part does not say which field it is of",
            Self::Disposition(offence) => return fmt::Display::fmt(offence, f),
            Self::FileName => "the name of a file is none that a file can have",
            Self::Encoded => "a part has a transfer encoding",
        })
    }
}

/// Why reading a form came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormStop<E> {
    /// The form is at fault.
    Form(FormError),
    /// The taker of what was found did not want more.
    Taker(E),
}

impl<E> From<FormError> for FormStop<E> {
    fn from(offence: FormError) -> FormStop<E> {
        FormStop::Form(offence)
    }
}

/// A form that is being read.
#[derive(Debug)]
pub struct FormReader {
    /// CRLF, two hyphens and the boundary.
    delimiter: Vec<u8>,
    /// What has come and is not read.
    held: Vec<u8>,
    place: ReaderPosition,
    /// The line end of the empty line before the content is still to be passed.
    fresh: bool,
    parts: usize,
    /// The name and the value of a field that is no file.
    field: Vec<u8>,
    value: Vec<u8>,
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReaderPosition {
    /// Before the first delimiter.
    Preamble,
    /// What follows a delimiter on its line.
    Line,
    /// The head of a part.
    Head,
    /// The content of a file.
    File,
    /// The value of a field.
    Value,
    /// The content of a field for files in which the user chose none: there is none.
    Unchosen,
    /// Behind the last delimiter.
    Epilogue,
}

/// What is left to do.
enum Step {
    /// So many octets were read; go on.
    Read(usize),
    /// Go on when more has come.
    Wait,
}

impl FormReader {
    /// A reader for content of this type.
    ///
    /// # Errors
    ///
    /// If the content is no form, or what divides its parts is not told.
    pub fn new(content_type: &[u8]) -> Result<FormReader, FormError> {
        let media_type = MediaType::parse(content_type).map_err(|_| FormError::NotAForm)?;
        if !media_type.is("multipart", "form-data") {
            return Err(FormError::NotAForm);
        }
        let boundary: Vec<u8> = media_type.parameter("boundary").into_iter().flat_map(Word::bytes).collect();
        if !is_boundary(&boundary) {
            return Err(FormError::NoBoundary);
        }
        Ok(FormReader {
            delimiter: [b"\r\n--", &boundary[..]].concat(),
            // the first delimiter may stand at the very beginning, as if a line had ended there
            held: b"\r\n".to_vec(),
            place: ReaderPosition::Preamble,
            fresh: false,
            parts: 0,
            field: Vec::new(),
            value: Vec::new(),
        })
    }

    /// Takes octets, and gives what is found in them to `each`.
    ///
    /// # Errors
    ///
    /// If they are no form, or `each` fails; the reader is of no use then.
    pub fn push<E>(
        &mut self,
        octets: &[u8],
        each: &mut impl FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<(), FormStop<E>> {
        if self.place == ReaderPosition::Epilogue {
            return Ok(());
        }
        let mut held = mem::take(&mut self.held);
        held.extend_from_slice(octets);
        let mut at = 0;
        while let Step::Read(length) = self.step(&held[at..], each)? {
            at += length;
        }
        held.drain(..at);
        self.held = held;
        Ok(())
    }

    /// Says that this was all.
    ///
    /// # Errors
    ///
    /// If the form is not at its end.
    pub fn finish(&self) -> Result<(), FormError> {
        if self.place == ReaderPosition::Epilogue { Ok(()) } else { Err(FormError::Unfinished) }
    }

    fn step<E>(
        &mut self,
        octets: &[u8],
        each: &mut impl FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<Step, FormStop<E>> {
        match self.place {
            ReaderPosition::Line => self.line(octets, each),
            ReaderPosition::Head => self.head(octets, each),
            ReaderPosition::Preamble | ReaderPosition::File | ReaderPosition::Value | ReaderPosition::Unchosen => {
                self.content(octets, each)
            }
            ReaderPosition::Epilogue => Ok(Step::Wait),
        }
    }

    /// Two hyphens behind the boundary end the form; else a part begins on the next line. RFC 2046 §5.1.1
    fn line<E>(
        &mut self,
        octets: &[u8],
        each: &mut impl FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<Step, FormStop<E>> {
        if octets.starts_with(b"--") {
            self.place = ReaderPosition::Epilogue;
            each(FormEvent::End).map_err(FormStop::Taker)?;
            return Ok(Step::Read(octets.len()));
        }
        // transport padding, which gateways may add
        let padding = octets.iter().take_while(|&&byte| is_ows(byte)).count();
        match octets[padding..] {
            [b'\r', b'\n', ..] => {
                self.parts += 1;
                if self.parts > limits::FORM_PARTS {
                    return Err(FormError::TooManyParts.into());
                }
                self.place = ReaderPosition::Head;
                // the line end stays, so that the head of a part without fields ends as any other
                Ok(Step::Read(padding))
            }
            _ if padding > limits::FORM_PADDING => Err(FormError::BadDelimiter.into()),
            [] | [b'\r'] => Ok(Step::Wait),
            [b'-'] if padding == 0 => Ok(Step::Wait),
            _ => Err(FormError::BadDelimiter.into()),
        }
    }

    /// The head of a part: from the line end before it to the empty line behind it.
    fn head<E>(
        &mut self,
        octets: &[u8],
        each: &mut impl FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<Step, FormStop<E>> {
        const END: &[u8] = b"\r\n\r\n";
        let Some(end) = octets.windows(END.len()).position(|four| four == END) else {
            let is_long = octets.len() >= limits::FORM_HEAD + END.len();
            return if is_long { Err(FormError::HeadTooLong.into()) } else { Ok(Step::Wait) };
        };
        if end > limits::FORM_HEAD {
            return Err(FormError::HeadTooLong.into());
        }
        let head = Head::read(&octets[..end])?;
        let part = FormData::parse(head.disposition.ok_or(FormError::NoDisposition)?);
        let part = part.map_err(|refusal| FormError::Disposition(refusal.what))?;
        self.field = part.name.bytes().collect();
        let told: Option<Vec<u8>> = part.file.map(|file| file.bytes().collect());
        self.place = match told.as_deref() {
            None => ReaderPosition::Value,
            Some(b"") => ReaderPosition::Unchosen,
            Some(told) => {
                let name = safe_name(told).ok_or(FormError::FileName)?;
                let file = FormEvent::File { field: &self.field, name, media_type: head.media_type };
                each(file).map_err(FormStop::Taker)?;
                ReaderPosition::File
            }
        };
        // the last line end stays: where there is no content, it may be the one that a delimiter begins with
        self.fresh = true;
        Ok(Step::Read(end + END.len() - 2))
    }

    /// Content up to the next delimiter, or to what may become one.
    fn content<E>(
        &mut self,
        octets: &[u8],
        each: &mut impl FnMut(FormEvent<'_>) -> Result<(), E>,
    ) -> Result<Step, FormStop<E>> {
        if self.fresh && !octets.starts_with(&self.delimiter) && !self.delimiter.starts_with(octets) {
            self.fresh = false;
            return Ok(Step::Read(octets.len().min(2)));
        }
        let (length, found) = search(octets, &self.delimiter);
        let content = &octets[..length];
        if !content.is_empty() {
            match self.place {
                ReaderPosition::File => each(FormEvent::Data(content)).map_err(FormStop::Taker)?,
                ReaderPosition::Value if self.value.len() + length > limits::FORM_VALUE => {
                    return Err(FormError::ValueTooLong.into());
                }
                ReaderPosition::Value => self.value.extend_from_slice(content),
                ReaderPosition::Unchosen => return Err(FormError::FileName.into()),
                ReaderPosition::Preamble | ReaderPosition::Line | ReaderPosition::Head | ReaderPosition::Epilogue => {}
            }
        }
        if !found {
            return Ok(if length > 0 { Step::Read(length) } else { Step::Wait });
        }
        match self.place {
            ReaderPosition::File => each(FormEvent::FileEnd).map_err(FormStop::Taker)?,
            ReaderPosition::Value => {
                let value = mem::take(&mut self.value);
                each(FormEvent::Value { field: &self.field, value: &value }).map_err(FormStop::Taker)?;
            }
            ReaderPosition::Preamble
            | ReaderPosition::Unchosen
            | ReaderPosition::Line
            | ReaderPosition::Head
            | ReaderPosition::Epilogue => {}
        }
        (self.place, self.fresh) = (ReaderPosition::Line, false);
        Ok(Step::Read(length + self.delimiter.len()))
    }
}

/// Where the delimiter stands, or may yet come to stand, and whether it is there as a whole.
fn search(octets: &[u8], delimiter: &[u8]) -> (usize, bool) {
    let mut at = 0;
    while let Some(next) = octets[at..].iter().position(|&byte| byte == b'\r') {
        at += next;
        let rest = &octets[at..];
        if rest.starts_with(delimiter) {
            return (at, true);
        }
        if delimiter.starts_with(rest) {
            return (at, false);
        }
        at += 1;
    }
    (octets.len(), false)
}

/// `boundary`: up to 70 of these characters, the last of them no space. RFC 2046 §5.1.1
fn is_boundary(boundary: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(byte);
    (1..=limits::FORM_BOUNDARY).contains(&boundary.len())
        && boundary.iter().all(is_allowed)
        && !boundary.ends_with(b" ")
}

/// What the head of a part says, as far as it counts here.
struct Head<'a> {
    disposition: Option<&'a [u8]>,
    media_type: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    /// Reads field lines, each with a line end before it.
    fn read(mut octets: &'a [u8]) -> Result<Head<'a>, FormError> {
        let mut head = Head { disposition: None, media_type: None };
        while let Some(rest) = octets.strip_prefix(b"\r\n") {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap_or(rest.len());
            let (line, behind) = rest.split_at(end);
            octets = behind;
            let colon = line.iter().position(|&byte| byte == b':').ok_or(FormError::BadHead)?;
            let (name, value) = (&line[..colon], trim_ows(&line[colon + 1..]));
            if !is_token(name) || value.iter().any(|&byte| byte != b'\t' && byte.is_ascii_control()) {
                return Err(FormError::BadHead);
            }
            if name.eq_ignore_ascii_case(b"Content-Disposition") {
                if head.disposition.replace(value).is_some() {
                    return Err(FormError::BadHead);
                }
            } else if name.eq_ignore_ascii_case(b"Content-Type") {
                // one that cannot be understood is as good as none
                head.media_type = Some(value).filter(|value| MediaType::parse(value).is_ok());
            } else if name.eq_ignore_ascii_case(b"Content-Transfer-Encoding") {
                let same = |known: &&[u8]| value.eq_ignore_ascii_case(known);
                if ![&b"7bit"[..], b"8bit", b"binary"].iter().any(same) {
                    return Err(FormError::Encoded);
                }
            }
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests;
