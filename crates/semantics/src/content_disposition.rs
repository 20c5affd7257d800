//! Content-Disposition of a part of a form: the names of the field and of the file. RFC 7578 §4.2, RFC 6266
//!
//! Also what is left of a file's name once nothing in it can lead elsewhere. Whether a file of that name may be made is not
//! known here.

use core::{fmt, iter};

use crate::limits;
use crate::syntax::{Pair, Parameters, ParseError, Word, WordError, percent_decoded};

/// `form-data; name="field"; filename="file"`. RFC 7578 §4.2
///
/// ```
/// use semantics::content_disposition::FormData;
/// let part = FormData::parse(br#"form-data; name="up"; filename="a %22b%22.txt""#).expect("well formed");
/// assert!(part.name.bytes().eq(*b"up"));
/// assert!(part.file.is_some_and(|file| file.bytes().eq(*b"a \"b\".txt")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormData<'a> {
    /// The name of the field.
    pub name: Text<'a>,
    /// The name of the file, as the client tells it, if the part is one.
    pub file: Option<Text<'a>>,
}

/// A name as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// `name` or `"name"`.
    Plain(Word<'a>),
    /// What follows `UTF-8''`, percent-encoded. RFC 8187 §3.2
    Extended(&'a [u8]),
}

/// What can be wrong with the Content-Disposition of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DispositionError {
    /// It is not `form-data`.
    NotFormData,
    /// The field has no name.
    NoName,
    /// A parameter has no `=value`.
    NoValue,
    /// A name is told twice. RFC 6266 §4.1
    Twice,
    /// A parameter is malformed.
    Parameter(WordError),
}

impl fmt::Display for DispositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFormData => "a part of a form is form-data",
            Self::NoName => "the name of the field is missing",
            Self::NoValue => "a parameter has no value",
            Self::Twice => "a name is told twice",
            Self::Parameter(offence) => return fmt::Display::fmt(offence, f),
        })
    }
}

impl core::error::Error for DispositionError {}

impl<'a> FormData<'a> {
    /// Reads the value of Content-Disposition. A `filename*` comes before a `filename`, as RFC 6266 §4.3 has it; RFC 7578 §4.2
    /// wants none in a form, but whoever sends one all the same means it. One that is not UTF-8 is passed over.
    pub fn parse(value: &'a [u8]) -> Result<Self, ParseError<DispositionError>> {
        let (kind, mut parameters) = Parameters::split(value);
        if !kind.eq_ignore_ascii_case(b"form-data") {
            return Err(ParseError::new(0, DispositionError::NotFormData));
        }
        let (mut name, mut plain, mut extended) = (None, None, None);
        while let Some((at, parameter)) = parameters.next_at() {
            let pair = Pair::parse(parameter).map_err(|refusal| refusal.within(at, DispositionError::Parameter))?;
            let word = pair.value.ok_or(ParseError::new(at + parameter.len(), DispositionError::NoValue))?;
            let slot = match pair.name {
                known if known.eq_ignore_ascii_case(b"name") => &mut name,
                known if known.eq_ignore_ascii_case(b"filename") => &mut plain,
                known if known.eq_ignore_ascii_case(b"filename*") => &mut extended,
                _ => continue,
            };
            if slot.replace(word).is_some() {
                return Err(ParseError::new(at, DispositionError::Twice));
            }
        }
        let name = name.map(Text::Plain).ok_or(ParseError::new(value.len(), DispositionError::NoName))?;
        Ok(Self { name, file: extended.and_then(Text::extended).or(plain.map(Text::Plain)) })
    }
}

impl<'a> Text<'a> {
    /// `UTF-8'language'text`. RFC 8187 §3.2
    fn extended(word: Word<'a>) -> Option<Self> {
        let Word::Token(token) = word else { return None };
        let mut pieces = token.splitn(3, |&byte| byte == b'\'');
        let (charset, _language, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
        let sound = |(at, byte): (usize, &u8)| *byte != b'%' || percent_decoded(&text[at..]).is_some();
        let known = charset.eq_ignore_ascii_case(b"UTF-8") && text.iter().enumerate().all(sound);
        known.then_some(Self::Extended(text))
    }

    /// The octets that it means.
    ///
    /// Browsers write a quote and a line end in a quoted name as `%22`, `%0D` and `%0A`, and nothing else so (HTML §4.10.22.8);
    /// others write a backslash before a quote or a backslash. A backslash before anything else is one of a Windows path.
    pub fn bytes(self) -> impl Iterator<Item = u8> + Clone + 'a {
        let (Self::Plain(Word::Token(mut rest) | Word::Quoted(mut rest)) | Self::Extended(mut rest)) = self;
        iter::from_fn(move || {
            let first = *rest.first()?;
            let escaped = match self {
                Self::Plain(Word::Token(_)) => None,
                Self::Plain(Word::Quoted(_)) => quoted(rest),
                Self::Extended(_) => percent_decoded(rest).map(|byte| (byte, 3)),
            };
            let (byte, length) = escaped.unwrap_or((first, 1));
            rest = &rest[length..];
            Some(byte)
        })
    }
}

/// What is escaped at the front of a quoted name, and how much it takes.
fn quoted(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes {
        [b'\\', escaped @ (b'"' | b'\\'), ..] => Some((*escaped, 2)),
        [b'%', ..] => percent_decoded(bytes).filter(|byte| matches!(byte, b'"' | b'\r' | b'\n')).map(|byte| (byte, 3)),
        _ => None,
    }
}

/// The name under which a file may be kept: the last component of what the client told, or `None` if that is no name.
///
/// Some clients tell the whole path on their side (`C:\fakepath\a.txt`), and RFC 7578 §4.2 asks to take nothing of it. A
/// name that is empty, `.` or `..`, that holds a control, or that no file system would keep, is none.
///
/// ```
/// use semantics::content_disposition::safe_name;
/// assert_eq!(safe_name(br"C:\fakepath\a.txt"), Some(&b"a.txt"[..]));
/// assert_eq!(safe_name(b"../.."), None);
/// ```
pub fn safe_name(told: &[u8]) -> Option<&[u8]> {
    let name = told.rsplit(|byte| matches!(byte, b'/' | b'\\')).next()?;
    let is_name = !matches!(name, b"" | b"." | b"..") && name.len() <= limits::FILE_NAME;
    (is_name && !name.iter().any(u8::is_ascii_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec::Vec};

    fn read(value: &str) -> Result<(String, Option<String>), (usize, DispositionError)> {
        let text = |text: Text<'_>| String::from_utf8_lossy(&text.bytes().collect::<Vec<_>>()).into_owned();
        FormData::parse(value.as_bytes())
            .map(|part| (text(part.name), part.file.map(text)))
            .map_err(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn names_are_read() {
        for (value, name, file) in [
            ("form-data; name=a", "a", None),
            ("Form-Data;NAME=\"a b\" ; x=y", "a b", None),
            ("form-data; name=\"\"; filename=\"\"", "", Some("")),
            (r#"form-data; name="a"; filename="b;c.txt""#, "a", Some("b;c.txt")),
            (r#"form-data; name="a"; filename="caffè %C3.txt""#, "a", Some("caffè %C3.txt")),
            (r#"form-data; name="%0d%0A%22%41"; filename=%22"#, "\r\n\"%41", Some("%22")),
            (r#"form-data; name="\"q\\"; filename="C:\dir\f.txt""#, "\"q\\", Some(r"C:\dir\f.txt")),
            ("form-data; name=a; filename*=utf-8''na%C3%AFve%20%25.txt", "a", Some("naïve %.txt")),
            ("form-data; name=a; filename=b; filename*=UTF-8'en'c'd", "a", Some("c'd")),
            ("form-data; name=a; filename*=UTF-8''c; filename=b", "a", Some("c")),
            ("form-data; name=a; filename*=iso-8859-1''c; filename=b", "a", Some("b")),
            ("form-data; name=a; filename*=UTF-8''%C; filename=b", "a", Some("b")),
            ("form-data; name=a; filename*=UTF-8'c; filename=b", "a", Some("b")),
            ("form-data; name=a; filename*=\"UTF-8''c\"", "a", None),
        ] {
            assert_eq!(read(value), Ok((name.into(), file.map(String::from))), "{value}");
        }
    }

    #[test]
    fn what_names_no_field_is_refused() {
        for (value, at, what) in [
            ("", 0, DispositionError::NotFormData),
            ("attachment; filename=a", 0, DispositionError::NotFormData),
            ("form-data", 9, DispositionError::NoName),
            ("form-data; filename=a", 21, DispositionError::NoName),
            ("form-data; name", 15, DispositionError::NoValue),
            ("form-data; name=a; name=a", 19, DispositionError::Twice),
            ("form-data; name=a; filename=a; FileName=b", 31, DispositionError::Twice),
            ("form-data; name=\"a", 18, DispositionError::Parameter(WordError::Unclosed)),
            ("form-data; name=a b", 17, DispositionError::Parameter(WordError::NotAToken)),
            ("form-data; name=a; =", 19, DispositionError::Parameter(WordError::NotAToken)),
            ("form-data; name=\"a\0\"", 18, DispositionError::Parameter(WordError::BadQuotedByte)),
        ] {
            assert_eq!(read(value), Err((at, what)), "{value}");
        }
    }

    #[test]
    fn names_lead_nowhere_else() {
        let longest = "x".repeat(limits::FILE_NAME);
        for (told, name) in [
            ("a.txt", Some("a.txt")),
            ("C:\\fakepath\\a.txt", Some("a.txt")),
            ("/etc/passwd", Some("passwd")),
            ("..\\../a b", Some("a b")),
            (".hidden", Some(".hidden")),
            ("...", Some("...")),
            ("naïve", Some("naïve")),
            (&longest, Some(&longest)),
            (&format!("/{longest}"), Some(&longest)),
            (&format!("{longest}x"), None),
            ("", None),
            (".", None),
            ("..", None),
            ("a/", None),
            ("a\\..", None),
            ("a\0b", None),
            ("a\nb", None),
            ("a\x7f", None),
        ] {
            assert_eq!(safe_name(told.as_bytes()), name.map(str::as_bytes), "{told:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = FormData::parse(&bytes);
        }

        #[test]
        fn near_misses_do_not_panic(value in "form-data(; ?(name|filename\\*?|x)=?[\"a%2\\\\';UTF-]{0,10}){0,4}") {
            if let Ok(part) = FormData::parse(value.as_bytes()) {
                prop_assert!(part.name.bytes().chain(part.file.into_iter().flat_map(Text::bytes)).count() < value.len());
            }
        }

        #[test]
        fn a_safe_name_is_one_name(told: Vec<u8>) {
            if let Some(name) = safe_name(&told) {
                prop_assert!(told.ends_with(name) && !matches!(name, b"" | b"." | b".."));
                prop_assert!(!name.iter().any(|byte| matches!(byte, 0..0x20 | b'/' | b'\\')));
            }
        }

        #[test]
        fn what_browsers_write_reads_back(file in "[a-z \"\r\n;,=']{0,12}") {
            let escaped = file.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            let value = format!("form-data; name=\"f\"; filename=\"{escaped}\"");
            prop_assert_eq!(read(&value), Ok(("f".into(), Some(file))));
        }

        #[test]
        fn what_curl_writes_reads_back(file in "[a-z \"\\\\;]{0,12}") {
            let escaped = file.replace('\\', "\\\\").replace('"', "\\\"");
            let value = format!("form-data; name=\"f\"; filename=\"{escaped}\"");
            prop_assert_eq!(read(&value), Ok(("f".into(), Some(file))));
        }
    }
}
