//! The fields of resumable uploads. draft-ietf-httpbis-resumable-upload
//!
//! What they say, and whether they agree with each other and with the request. What an upload has stored, and which of its
//! faults leads to what, is not known here.

use core::fmt;

use crate::field::Field;
use crate::method::Method;
use crate::request::{Framing, Request};
use crate::structured::{LARGEST_INTEGER, Value, item};
use crate::syntax::ParseError;

/// The version of the draft that is spoken here.
pub const INTEROP_VERSION: u8 = 8;

/// Does the client speak this version of the draft? Only then may it be sent a 104. (UPL-001)
pub fn speaks_draft(request: Request<'_>) -> bool {
    let version = request.field(Field::UPLOAD_DRAFT_INTEROP_VERSION).map(item);
    version == Some(Ok(Value::Integer(i64::from(INTEROP_VERSION))))
}

/// What the fields of a request say.
///
/// ```
/// use semantics::{method::Method, request::Framing, upload::{Upload, UploadFields}};
/// let fields = UploadFields { complete: Some(true), offset: Some(100), length: None };
/// let upload = fields.check(Some(Method::PATCH), Framing::Length(20));
/// assert_eq!(upload, Ok(Some(Upload::Append { offset: 100, complete: true, length: Some(120) })));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UploadFields {
    /// Upload-Complete: is the end of this content the end of the representation?
    pub complete: Option<bool>,
    /// Upload-Offset: where this content begins.
    pub offset: Option<u64>,
    /// Upload-Length: how long the representation will be.
    pub length: Option<u64>,
}

/// What a request does about an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upload {
    /// It begins one, as the method and the target say.
    Creation {
        /// All of it comes with this request.
        complete: bool,
        /// How long it will be, if that can be told.
        length: Option<u64>,
    },
    /// It brings more of one.
    Append {
        /// Where its content begins.
        offset: u64,
        /// The rest comes with this request.
        complete: bool,
        /// How long it will be, if that can be told.
        length: Option<u64>,
    },
}

/// What can be wrong with these fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadError {
    /// Upload-Complete is no boolean.
    Complete,
    /// Upload-Offset is no integer, or less than 0.
    Offset,
    /// Upload-Length is no integer, or less than 0.
    Length,
    /// What is appended has no Upload-Complete.
    NoComplete,
    /// What is appended has no Upload-Offset.
    NoOffset,
    /// An upload that only begins has an Upload-Offset other than 0.
    OffsetAtCreation,
    /// The offset, or the end of the content, lies beyond Upload-Length.
    BeyondLength,
    /// The content is said to be the last of the upload, and ends before Upload-Length.
    ShortOfLength,
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "Upload-Complete is ?0 or ?1",
            Self::Offset => "Upload-Offset is a number of octets",
            Self::Length => "Upload-Length is a number of octets",
            Self::NoComplete => "Upload-Complete is missing",
            Self::NoOffset => "Upload-Offset is missing",
            Self::OffsetAtCreation => "an upload begins at offset 0",
            Self::BeyondLength => "the content goes beyond Upload-Length",
            Self::ShortOfLength => "the last content ends before Upload-Length",
        })
    }
}

impl core::error::Error for UploadError {}

impl UploadFields {
    /// Reads the fields of a request. An offset counts from the start of the value that offends. A structured field that is
    /// malformed may be passed over or refused (RFC 9651 §4.2): what is guessed about an upload would spoil a file.
    pub fn read(request: Request<'_>) -> Result<Self, ParseError<UploadError>> {
        let complete = one(request, Field::UPLOAD_COMPLETE, UploadError::Complete, boolean)?;
        let offset = one(request, Field::UPLOAD_OFFSET, UploadError::Offset, octets)?;
        let length = one(request, Field::UPLOAD_LENGTH, UploadError::Length, octets)?;
        Ok(Self { complete, offset, length })
    }

    /// What the request does about an upload, `None` if nothing, or where its fields disagree.
    ///
    /// A PATCH that has one of the fields appends, and must tell Upload-Offset and Upload-Complete; any other method begins an
    /// upload if it has Upload-Complete. (UPL-007: the lengths must agree.)
    pub fn check(self, method: Option<Method>, framing: Framing) -> Result<Option<Upload>, UploadError> {
        if method != Some(Method::PATCH) {
            let Some(complete) = self.complete else { return Ok(None) };
            if self.offset.is_some_and(|offset| offset != 0) {
                return Err(UploadError::OffsetAtCreation);
            }
            return Ok(Some(Upload::Creation { complete, length: self.agreed_length(0, complete, framing)? }));
        }
        if self == Self::default() {
            return Ok(None);
        }
        let offset = self.offset.ok_or(UploadError::NoOffset)?;
        let complete = self.complete.ok_or(UploadError::NoComplete)?;
        Ok(Some(Upload::Append { offset, complete, length: self.agreed_length(offset, complete, framing)? }))
    }

    /// How long the upload will be, as far as it is told: by its own field, or by the end of its last content.
    fn agreed_length(self, offset: u64, complete: bool, framing: Framing) -> Result<Option<u64>, UploadError> {
        let content = match framing {
            Framing::None => Some(0),
            Framing::Length(length) => Some(length),
            Framing::Unannounced => None,
        };
        let end = match content {
            Some(content) => Some(offset.checked_add(content).ok_or(UploadError::BeyondLength)?),
            None => None,
        };
        match self.length {
            Some(length) if end.unwrap_or(offset) > length => Err(UploadError::BeyondLength),
            Some(length) if complete && end.is_some_and(|end| end < length) => Err(UploadError::ShortOfLength),
            Some(length) => Ok(Some(length)),
            None => Ok(end.filter(|_| complete)),
        }
    }
}

/// The value of a field that is one item.
fn one<T>(
    request: Request<'_>,
    field: Field,
    offence: UploadError,
    read: impl Fn(Value<'_>) -> Option<T>,
) -> Result<Option<T>, ParseError<UploadError>> {
    let Some(value) = request.field(field) else { return Ok(None) };
    let value = item(value).map_err(|refusal| refusal.within(0, |_| offence))?;
    read(value).map(Some).ok_or(ParseError::new(0, offence))
}

fn boolean(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Boolean(boolean) => Some(boolean),
        Value::Integer(_) | Value::Octets(_) | Value::Other => None,
    }
}

fn octets(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Integer(number) => u64::try_from(number).ok(),
        Value::Boolean(_) | Value::Octets(_) | Value::Other => None,
    }
}

/// What a server takes: shown, it is the value of Upload-Limit. What is not said is not limited.
///
/// ```
/// use semantics::upload::UploadLimit;
/// let limit = UploadLimit { max_size: Some(1_000), max_age: Some(60), ..UploadLimit::default() };
/// assert_eq!(limit.to_string(), "max-size=1000, max-age=60");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UploadLimit {
    /// The longest representation, in octets.
    pub max_size: Option<u64>,
    /// The shortest representation, in octets.
    pub min_size: Option<u64>,
    /// The longest content of one append, in octets.
    pub max_append_size: Option<u64>,
    /// The shortest content of an append that is not the last, in octets.
    pub min_append_size: Option<u64>,
    /// For how many seconds an upload is kept.
    pub max_age: Option<u64>,
}

impl fmt::Display for UploadLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = [
            ("max-size", self.max_size),
            ("min-size", self.min_size),
            ("max-append-size", self.max_append_size),
            ("min-append-size", self.min_append_size),
            ("max-age", self.max_age),
        ];
        let mut comma = "";
        for (key, limit) in members {
            if let Some(limit) = limit {
                // what a structured field cannot tell is as good as no limit, and told as the largest that it can
                write!(f, "{comma}{key}={}", limit.min(LARGEST_INTEGER.unsigned_abs()))?;
                comma = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::request::{Head, Line, Span};
    use crate::structured::dictionary;
    use proptest::prelude::*;
    use std::{string::String, string::ToString, vec::Vec};

    /// A request with these fields.
    fn with<T>(fields: &[(&str, &str)], read: impl Fn(Request<'_>) -> T) -> T {
        let (mut octets, mut head) = (String::new(), Head::default());
        let mut put = |text: &str| {
            let start = octets.len() as u32;
            octets.push_str(text);
            Span { start, end: octets.len() as u32 }
        };
        for (name, value) in fields {
            head.push(Line { name: put(name), value: put(value), field: Field::of(name.as_bytes()) });
        }
        read(Request::new(octets.as_bytes(), &head))
    }

    fn read(fields: &[(&str, &str)]) -> Result<UploadFields, (usize, UploadError)> {
        with(fields, |request| UploadFields::read(request).map_err(|refusal| (refusal.at, refusal.what)))
    }

    #[test]
    fn fields_are_read() {
        assert_eq!(read(&[]), Ok(UploadFields::default()));
        let all = [("Upload-Complete", "?0"), ("upload-offset", "0;a"), ("Upload-Length", "999999999999999")];
        let is = UploadFields { complete: Some(false), offset: Some(0), length: Some(999_999_999_999_999) };
        assert_eq!(read(&all), Ok(is));
        for (name, value, at, what) in [
            ("Upload-Complete", "1", 0, UploadError::Complete),
            ("Upload-Complete", "?2", 1, UploadError::Complete),
            ("Upload-Complete", "true", 0, UploadError::Complete),
            ("Upload-Complete", "", 0, UploadError::Complete),
            ("Upload-Offset", "-1", 0, UploadError::Offset),
            ("Upload-Offset", "1.0", 0, UploadError::Offset),
            ("Upload-Offset", "1, 2", 1, UploadError::Offset),
            ("Upload-Offset", "?1", 0, UploadError::Offset),
            ("Upload-Length", "1000000000000000", 0, UploadError::Length),
            ("Upload-Length", "\"1\"", 0, UploadError::Length),
        ] {
            assert_eq!(read(&[(name, value)]), Err((at, what)), "{name}: {value}");
        }
    }

    /// UPL-001
    #[test]
    fn one_version_is_spoken() {
        const NAME: &str = "Upload-Draft-Interop-Version";
        for (fields, speaks) in [
            (&[][..], false),
            (&[(NAME, "8")], true),
            (&[(NAME, "7")], false),
            (&[(NAME, "80")], false),
            (&[(NAME, "8, 7")], false),
            (&[(NAME, "?1")], false),
        ] {
            assert_eq!(with(fields, speaks_draft), speaks, "{fields:?}");
        }
    }

    const fn fields(complete: Option<bool>, offset: Option<u64>, length: Option<u64>) -> UploadFields {
        UploadFields { complete, offset, length }
    }

    #[test]
    fn other_methods_than_patch_begin() {
        let check = |fields: UploadFields, framing| fields.check(Some(Method::POST), framing);
        let creation = |complete, length| Ok(Some(Upload::Creation { complete, length }));
        let (five, unknown) = (Framing::Length(5), Framing::Unannounced);
        for (fields, framing, is) in [
            (fields(None, None, None), five, Ok(None)),
            (fields(None, Some(3), Some(9)), five, Ok(None)),
            (fields(Some(true), None, None), five, creation(true, Some(5))),
            (fields(Some(true), Some(0), Some(5)), five, creation(true, Some(5))),
            (fields(Some(true), None, None), unknown, creation(true, None)),
            (fields(Some(true), None, Some(9)), unknown, creation(true, Some(9))),
            (fields(Some(true), None, None), Framing::None, creation(true, Some(0))),
            (fields(Some(false), None, None), five, creation(false, None)),
            (fields(Some(false), None, Some(5)), five, creation(false, Some(5))),
            (fields(Some(false), None, Some(9)), Framing::None, creation(false, Some(9))),
            (fields(Some(true), Some(1), None), five, Err(UploadError::OffsetAtCreation)),
            (fields(Some(true), None, Some(6)), five, Err(UploadError::ShortOfLength)),
            (fields(Some(true), None, Some(4)), five, Err(UploadError::BeyondLength)),
            (fields(Some(false), None, Some(4)), five, Err(UploadError::BeyondLength)),
        ] {
            assert_eq!(check(fields, framing), is, "{fields:?} {framing:?}");
        }
        let put = fields(Some(true), None, None).check(Some(Method::PUT), five);
        assert_eq!(put, creation(true, Some(5)));
        assert_eq!(fields(Some(true), None, None).check(None, five), put);
    }

    /// UPL-007
    #[test]
    fn patch_appends() {
        let check = |fields: UploadFields, framing| fields.check(Some(Method::PATCH), framing);
        let append = |offset, complete, length| Ok(Some(Upload::Append { offset, complete, length }));
        let (five, unknown) = (Framing::Length(5), Framing::Unannounced);
        for (fields, framing, is) in [
            (fields(None, None, None), five, Ok(None)),
            (fields(Some(true), Some(3), None), five, append(3, true, Some(8))),
            (fields(Some(true), Some(3), Some(8)), five, append(3, true, Some(8))),
            (fields(Some(true), Some(3), None), unknown, append(3, true, None)),
            (fields(Some(true), Some(3), None), Framing::None, append(3, true, Some(3))),
            (fields(Some(false), Some(0), None), five, append(0, false, None)),
            (fields(Some(false), Some(3), Some(8)), five, append(3, false, Some(8))),
            (fields(Some(false), Some(3), Some(3)), unknown, append(3, false, Some(3))),
            (fields(None, None, Some(8)), five, Err(UploadError::NoOffset)),
            (fields(Some(true), None, None), five, Err(UploadError::NoOffset)),
            (fields(None, Some(3), None), five, Err(UploadError::NoComplete)),
            (fields(Some(true), Some(3), Some(9)), five, Err(UploadError::ShortOfLength)),
            (fields(Some(true), Some(3), Some(7)), five, Err(UploadError::BeyondLength)),
            (fields(Some(false), Some(3), Some(7)), five, Err(UploadError::BeyondLength)),
            (fields(Some(false), Some(9), Some(8)), unknown, Err(UploadError::BeyondLength)),
            (fields(Some(true), Some(1), None), Framing::Length(u64::MAX), Err(UploadError::BeyondLength)),
        ] {
            assert_eq!(check(fields, framing), is, "{fields:?} {framing:?}");
        }
    }

    #[test]
    fn limits_are_a_dictionary() {
        assert_eq!(UploadLimit::default().to_string(), "");
        let all = UploadLimit {
            max_size: Some(u64::MAX),
            min_size: Some(1),
            max_append_size: Some(3),
            min_append_size: Some(2),
            max_age: Some(0),
        };
        let written = all.to_string();
        assert_eq!(written, "max-size=999999999999999, min-size=1, max-append-size=3, min-append-size=2, max-age=0");
        assert!(dictionary(written.as_bytes()).all(|member| member.is_ok()));
    }

    proptest! {
        #[test]
        fn nothing_panics(values: Vec<String>) {
            let names = ["Upload-Complete", "Upload-Offset", "Upload-Length", "Upload-Draft-Interop-Version"];
            let fields: Vec<_> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
            let _ = (read(&fields), with(&fields, speaks_draft));
        }

        #[test]
        fn what_agrees_stays_within_its_length(
            complete: Option<bool>,
            offset in proptest::option::of(0u64..20),
            length in proptest::option::of(0u64..20),
            content in proptest::option::of(1u64..20),
            patch: bool,
        ) {
            let method = if patch { Method::PATCH } else { Method::PUT };
            let framing = content.map_or(Framing::Unannounced, Framing::Length);
            let checked = fields(complete, offset, length).check(Some(method), framing);
            let (begin, complete, total) = match checked {
                Ok(Some(Upload::Creation { complete, length })) => (0, complete, length),
                Ok(Some(Upload::Append { offset, complete, length })) => (offset, complete, length),
                Ok(None) | Err(_) => return Ok(()),
            };
            if let Some(total) = total {
                let end = begin + content.unwrap_or(0);
                prop_assert!(end <= total && (!complete || content.is_none() || end == total));
            }
            prop_assert!(length.is_none() || total == length);
        }
    }
}
