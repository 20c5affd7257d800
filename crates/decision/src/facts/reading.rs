//! What a first reading of a request's head says: derived once, from the head alone.

use semantics::depth::{Depth, lock_token, overwrite};
use semantics::field::{Field, Fields};
use semantics::if_header::IfHeader;
use semantics::method::Method;
use semantics::request::Request;
use semantics::syntax::ParseError;
use semantics::target::{PathError, Target as TargetForm, TargetError};
use semantics::target_uri::TargetUri;
use semantics::upload::{UploadFields, speaks_draft};

/// What a first reading of the request says: derived once, from the head alone.
///
/// Construct it with `..Reading::default()`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The target, taken apart; or what was wrong with it.
    pub target: Result<TargetForm<'a>, ParseError<TargetError>>,
    /// What was wrong with its path, if something was.
    pub path_offence: Option<ParseError<PathError>>,
    /// The form of the target is one that the method allows, without user information.
    pub form_valid: bool,
    /// If it is CONNECT, the port is there and between 1 and 65535.
    pub port_valid: bool,
    /// Upload-Complete, Upload-Length, Upload-Offset and Content-Length agree.
    pub upload_fields_valid: bool,
    /// Depth, Overwrite, Timeout, If and Lock-Token can be read, and fit the method.
    pub webdav_fields_valid: bool,
    /// The fields that the offered protocol needs are there.
    pub handshake_valid: bool,
}

impl Default for Reading<'_> {
    fn default() -> Self {
        Reading {
            target: Ok(TargetForm::Asterisk),
            path_offence: None,
            form_valid: true,
            port_valid: true,
            upload_fields_valid: true,
            webdav_fields_valid: true,
            handshake_valid: true,
        }
    }
}

/// Fields that WebDAV defines and that can be malformed.
const WEBDAV: Fields = Fields::of(&[Field::DEPTH, Field::OVERWRITE, Field::IF, Field::LOCK_TOKEN]);

/// Fields of uploads that can be resumed.
const UPLOAD: Fields = Fields::of(&[Field::UPLOAD_COMPLETE, Field::UPLOAD_OFFSET, Field::UPLOAD_LENGTH]);

impl<'a> Reading<'a> {
    /// Reads a sound head whose target URI is this.
    #[inline]
    pub fn of(request: Request<'a>, uri: &TargetUri<'a>) -> Reading<'a> {
        let mut reading = Reading { target: uri.target, path_offence: uri.path_offence, ..Reading::default() };
        let connect = request.is(Method::CONNECT);
        reading.form_valid = match &uri.target {
            Err(_) => false,
            Ok(TargetForm::Origin { .. }) => !connect,
            Ok(TargetForm::Absolute { authority, .. }) => !connect && authority.userinfo.is_none(),
            Ok(TargetForm::Authority(authority)) => connect && authority.userinfo.is_none(),
            Ok(TargetForm::Asterisk) => request.is(Method::OPTIONS),
        };
        reading.form_valid &= match uri.path_offence.map(|refusal| refusal.what) {
            Some(PathError::NotAbsolute | PathError::BadPercent | PathError::ClimbsAboveRoot) => false,
            // names that nothing can have: nothing stands there
            Some(PathError::Nul | PathError::EncodedSlash | PathError::EmptySegment | PathError::NoRoom) | None => true,
        };
        if let Ok(TargetForm::Authority(authority)) = &uri.target {
            reading.port_valid = authority.port.is_some_and(|port| port > 0);
        }
        if request.has_any(WEBDAV) {
            reading.webdav_fields_valid = webdav_fields_valid(request);
        }
        if request.has_any(UPLOAD) && speaks_draft(request) {
            let fields = UploadFields::read(request);
            let checked = fields.is_ok_and(|fields| fields.check(request.method(), request.framing()).is_ok());
            reading.upload_fields_valid = checked;
        }
        reading
    }
}

/// Can they be read, and do they fit the method (RFC 4918 §10)? With other methods they mean nothing.
fn webdav_fields_valid(request: Request<'_>) -> bool {
    let valid = |field, valid: fn(&[u8]) -> bool| request.field(field).is_none_or(valid);
    let depth = request.field(Field::DEPTH).map(Depth::parse);
    let depths: &[Depth] = match request.method() {
        Some(Method::PROPFIND | Method::REPORT) => &[Depth::Zero, Depth::One, Depth::Infinity],
        // §9.8.3, §9.10.3
        Some(Method::COPY | Method::LOCK) => &[Depth::Zero, Depth::Infinity],
        // §9.6.1, §9.9.2: a collection goes as a whole
        Some(Method::DELETE | Method::MOVE) => &[Depth::Infinity],
        _ => &[Depth::Zero, Depth::One, Depth::Infinity],
    };
    depth.is_none_or(|depth| depth.is_some_and(|depth| depths.contains(&depth)))
        && valid(Field::OVERWRITE, |value| overwrite(value).is_some())
        && valid(Field::IF, |value| IfHeader::parse(value).is_ok())
        && valid(Field::LOCK_TOKEN, |value| lock_token(value).is_some())
}
