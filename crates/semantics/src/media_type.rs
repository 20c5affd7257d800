//! Media types: `type/subtype; name=value`, the value of Content-Type. RFC 9110 §8.3.1
//!
//! Which media types there are, and which one a file has, is not known here. Media ranges are [`crate::accept`]'s.

use core::fmt;

use crate::syntax::{Pair, Parameters, ParseError, Word, WordError, is_ows, is_tchar};

/// A media type. RFC 9110 §8.3.1
///
/// ```
/// use semantics::media_type::MediaType;
/// let media_type = MediaType::parse(b"Text/HTML; charset=\"utf-8\"").expect("well formed");
/// assert!(media_type.is("text", "html"));
/// assert!(media_type.charset().is_some_and(|charset| charset.equals_ignoring_case(b"UTF-8")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MediaType<'a> {
    /// The type, in any letter case.
    pub kind: &'a [u8],
    /// The subtype, in any letter case.
    pub subtype: &'a [u8],
    text: &'a [u8],
}

/// What can be wrong with a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaTypeError {
    /// The type is no token.
    Type,
    /// No `/` and subtype follow the type.
    Subtype,
    /// A parameter has no `=value`.
    NoValue,
    /// A parameter is malformed.
    Parameter(WordError),
}

impl fmt::Display for MediaTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Type => "the type of the media type is missing or malformed",
            Self::Subtype => "the subtype of the media type is missing or malformed",
            Self::NoValue => "a parameter has no value",
            Self::Parameter(offence) => return fmt::Display::fmt(offence, f),
        })
    }
}

impl core::error::Error for MediaTypeError {}

/// Divides `type/subtype`, both tokens.
pub(crate) fn divide(essence: &[u8]) -> Result<(&[u8], &[u8]), ParseError<MediaTypeError>> {
    let token = |from: usize| {
        let end = essence[from..].iter().position(|&byte| !is_tchar(byte));
        end.map_or(essence.len(), |end| from + end)
    };
    let slash = token(0);
    if slash == 0 {
        return Err(ParseError::new(0, MediaTypeError::Type));
    }
    if essence.get(slash) != Some(&b'/') {
        return Err(ParseError::new(slash, MediaTypeError::Subtype));
    }
    match token(slash + 1) {
        end if end == essence.len() && end > slash + 1 => Ok((&essence[..slash], &essence[slash + 1..])),
        end => Err(ParseError::new(end, MediaTypeError::Subtype)),
    }
}

impl<'a> MediaType<'a> {
    /// Reads a media type that fills `text`, perhaps between whitespace.
    pub fn parse(text: &'a [u8]) -> Result<Self, ParseError<MediaTypeError>> {
        let start = text.iter().take_while(|&&byte| is_ows(byte)).count();
        let (essence, mut parameters) = Parameters::split(text);
        let (kind, subtype) = divide(essence).map_err(|refusal| refusal.within(start, |what| what))?;
        while let Some((at, parameter)) = parameters.next_at() {
            match Pair::parse(parameter) {
                Ok(pair) if pair.value.is_some() => {}
                Ok(_) => return Err(ParseError::new(at + parameter.len(), MediaTypeError::NoValue)),
                Err(refusal) => return Err(refusal.within(at, MediaTypeError::Parameter)),
            }
        }
        Ok(Self { kind, subtype, text })
    }

    /// Is it this type and subtype, whatever its parameters?
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind.as_bytes()) && self.subtype.eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// The value of a parameter; of several with one name, the first.
    pub fn parameter(&self, name: &str) -> Option<Word<'a>> {
        let (_, parameters) = Parameters::split(self.text);
        parameters.flatten().find(|pair| pair.is(name.as_bytes())).and_then(|pair| pair.value)
    }

    /// The parameter `charset`. RFC 9110 §8.3.2
    pub fn charset(&self) -> Option<Word<'a>> {
        self.parameter("charset")
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec::Vec};

    fn offence(text: &str) -> Option<(usize, MediaTypeError)> {
        MediaType::parse(text.as_bytes()).err().map(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn types_are_read() {
        let media_type = MediaType::parse(b" application/vnd.x+json ;; A=\"b;c\";a=d; ").expect("well formed");
        assert!(media_type.is("application", "VND.x+json") && !media_type.is("application", "json"));
        assert_eq!(media_type.parameter("a"), Some(Word::Quoted(b"b;c")));
        assert_eq!(media_type.charset(), None);
    }

    #[test]
    fn garbage_is_refused() {
        assert_eq!(offence(""), Some((0, MediaTypeError::Type)));
        assert_eq!(offence("/html"), Some((0, MediaTypeError::Type)));
        assert_eq!(offence("text"), Some((4, MediaTypeError::Subtype)));
        assert_eq!(offence(" text/"), Some((6, MediaTypeError::Subtype)));
        assert_eq!(offence("text/a/b"), Some((6, MediaTypeError::Subtype)));
        assert_eq!(offence("text/html charset=x"), Some((9, MediaTypeError::Subtype)));
        assert_eq!(offence("text/html, text/plain"), Some((9, MediaTypeError::Subtype)));
        assert_eq!(offence("text/html; charset"), Some((18, MediaTypeError::NoValue)));
        assert_eq!(offence("text/html; charset="), Some((19, MediaTypeError::Parameter(WordError::Empty))));
        assert_eq!(offence("text/html; a=\"b"), Some((15, MediaTypeError::Parameter(WordError::Unclosed))));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = MediaType::parse(&bytes).map(|media_type| media_type.charset());
        }

        #[test]
        fn near_misses_do_not_panic(text in "[a-z]{0,3}[/ ]?[a-z+*]{0,3}(;? ?(charset|boundary|q)=?[\"a-z\\\\; ]{0,6}){0,3}") {
            match MediaType::parse(text.as_bytes()) {
                Ok(media_type) => prop_assert!(media_type.charset().is_none() || text.contains("charset=")),
                Err(refusal) => prop_assert!(refusal.at <= text.len()),
            }
        }

        #[test]
        fn parts_come_back(
            kind in "[a-z]{1,5}",
            subtype in "[a-z+.]{1,5}",
            value in "[a-z0-9]{1,4}",
            gap in "[ \t]{0,2}",
        ) {
            let text: String = format!("{kind}/{subtype}{gap};{gap}charset={value}");
            let media_type = MediaType::parse(text.as_bytes()).expect("well formed");
            prop_assert!(media_type.is(&kind, &subtype));
            prop_assert_eq!(media_type.charset(), Some(Word::Token(value.as_bytes())));
        }
    }
}
