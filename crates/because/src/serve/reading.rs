//! What a first reading of a request's head says: derived once, from the head alone.

use std::cell::OnceCell;

use decision::facts::Reading;
use semantics::depth::{Depth, lock_token, overwrite};
use semantics::field::{Field, Fields};
use semantics::if_header::IfHeader;
use semantics::method::Method;
use semantics::request::Request;
use semantics::syntax::Refusal;
use semantics::target::{Decoded, PathOffence, Target, decode_path};
use semantics::upload::{UploadFields, speaks_draft};

/// Fields that WebDAV defines and that can be malformed.
const WEBDAV: Fields = Fields::of(&[Field::DEPTH, Field::OVERWRITE, Field::IF, Field::LOCK_TOKEN]);

/// Fields of uploads that can be resumed.
const UPLOAD: Fields = Fields::of(&[Field::UPLOAD_COMPLETE, Field::UPLOAD_OFFSET, Field::UPLOAD_LENGTH]);

/// Reads what a sound head alone says of the target: its form, and its path as names. Escapes are decoded only where there are
/// any.
#[inline]
pub(crate) fn read<'a>(
    request: Request<'a>,
    reading: &mut Reading<'a>,
    room: &'a OnceCell<Vec<u8>>,
) -> Option<Decoded<'a>> {
    let connect = request.is(Method::CONNECT);
    reading.target = Target::parse(request.target(), connect);
    let Ok(target) = &reading.target else {
        reading.form_valid = false;
        return None;
    };
    reading.form_valid = match target {
        Target::Origin { .. } => !connect,
        Target::Absolute { authority, .. } => !connect && authority.userinfo.is_none(),
        Target::Authority(authority) => connect && authority.userinfo.is_none(),
        Target::Asterisk => request.is(Method::OPTIONS),
    };
    if let Target::Authority(authority) = target {
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
    match names(target.path()?, room) {
        Ok(decoded) => Some(decoded),
        Err(refusal) => {
            reading.form_valid &= match refusal.what {
                // names that nothing can have: nothing stands there
                PathOffence::Nul | PathOffence::EncodedSlash | PathOffence::EmptySegment | PathOffence::NoRoom => true,
                PathOffence::NotAbsolute | PathOffence::BadPercent | PathOffence::ClimbsAboveRoot => false,
            };
            reading.path_offence = Some(refusal);
            None
        }
    }
}

/// The names of a path. One without escapes, dot segments and empty segments is its own list of names.
fn names<'a>(path: &'a [u8], room: &'a OnceCell<Vec<u8>>) -> Result<Decoded<'a>, Refusal<PathOffence>> {
    let odd = |(at, octet): (usize, &u8)| match octet {
        b'%' => true,
        b'/' => matches!(path.get(at + 1), Some(b'/' | b'.')),
        _ => false,
    };
    let plain = path.first() == Some(&b'/') && !path.iter().enumerate().any(odd);
    if plain {
        let trailing_slash = path.ends_with(b"/");
        let end = if path.len() > 1 && trailing_slash { path.len() - 1 } else { path.len() };
        return Ok(Decoded { path: &path[1..end], trailing_slash });
    }
    let mut decoded = vec![0; path.len()];
    let Decoded { path: names, trailing_slash } = decode_path(path, &mut decoded)?;
    let length = names.len();
    decoded.truncate(length);
    Ok(Decoded { path: room.get_or_init(|| decoded), trailing_slash })
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
