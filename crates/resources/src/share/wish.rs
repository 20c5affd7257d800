//! What a request wants done, as far as its head tells: where, to where, and how deep.

use semantics::date::Date;
use semantics::depth::{Depth, overwrite};
use semantics::field::Field;
use semantics::if_header::IfHeader;
use semantics::method::Method;
use semantics::origin::path_here;
use semantics::prefer::Prefer;
use semantics::request::{OwnedRequest, Request};
use semantics::target::{PathOffence, decode_path};

use crate::encode;
use crate::tree::standing::Place;

/// What a request wants done.
#[derive(Debug)]
pub struct Wish {
    request: OwnedRequest,
    /// Where.
    pub(crate) place: Place,
    /// To where, with COPY and MOVE; `None` too if that is not on this server.
    pub(crate) destination: Option<Place>,
    /// When it was received.
    pub(crate) now: Date,
}

impl Wish {
    /// The wish of this request for this target, whose names are decoded. `None` if its destination can be no name.
    pub fn new(request: OwnedRequest, path: &[u8], slash: bool, now: Date) -> Wish {
        let place = Place { path: path.to_vec(), slash };
        let destination = request.view().field(Field::DESTINATION).and_then(|uri| place_here(request.view(), uri));
        Wish { request, place, destination, now }
    }

    /// The request.
    pub fn request(&self) -> Request<'_> {
        self.request.view()
    }

    /// The method. One without a row is refused long before anything is done.
    pub(crate) fn method(&self) -> Option<Method> {
        self.request().method()
    }

    /// Depth, or what the method takes it for where it is not told.
    pub(crate) fn depth(&self) -> Depth {
        let told = self.request().field(Field::DEPTH).and_then(Depth::parse);
        // RFC 4918 §9.1, §9.6.1, §9.8.3, §9.9.2, §9.10.3: infinity; RFC 6578 §3.2 and the others: this resource alone
        let usual = if self.request().is(Method::REPORT) { Depth::Zero } else { Depth::Infinity };
        told.unwrap_or(usual)
    }

    /// May what stands at the destination be replaced (RFC 4918 §10.6)?
    pub(crate) fn overwrites(&self) -> bool {
        self.request().field(Field::OVERWRITE).and_then(overwrite).unwrap_or(true)
    }

    /// What the client would rather have.
    pub(crate) fn prefer(&self) -> Prefer {
        Prefer::read(self.request().values(Field::PREFER))
    }

    /// The If header, if it can be read.
    pub(crate) fn if_header(&self) -> Option<IfHeader<'_>> {
        IfHeader::parse(self.request().field(Field::IF)?).ok()
    }

    /// Is this lock token submitted (RFC 4918 §10.4.1)?
    pub(crate) fn submits(&self, token: &str) -> bool {
        self.if_header().is_some_and(|header| header.tokens().any(|submitted| submitted == token.as_bytes()))
    }

    /// The place in the tree that a URI or path in this request names.
    pub(crate) fn place_of(&self, uri: &[u8]) -> Option<Place> {
        place_here(self.request(), uri)
    }
}

fn place_here(request: Request<'_>, uri: &[u8]) -> Option<Place> {
    let path = path_here(request, uri)?;
    let mut room = vec![0; path.len()];
    match decode_path(path, &mut room) {
        Ok(decoded) => Some(Place { path: decoded.path.to_vec(), slash: decoded.trailing_slash }),
        Err(refusal) => match refusal.what {
            // names that nothing can have; what comes of it is nothing to be found
            PathOffence::Nul | PathOffence::EncodedSlash | PathOffence::EmptySegment | PathOffence::NoRoom => None,
            PathOffence::NotAbsolute | PathOffence::BadPercent | PathOffence::ClimbsAboveRoot => None,
        },
    }
}

/// The path of a place as an answer writes it: escaped, beginning with a slash, and with one at its end if it is a
/// collection (RFC 4918 §5.2, §8.3).
pub(crate) fn href(path: &[u8], collection: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 8);
    write_href(path, collection, &mut out);
    out
}

/// Appends it.
pub(crate) fn write_href(path: &[u8], collection: bool, out: &mut Vec<u8>) {
    for name in path.split(|&octet| octet == b'/').filter(|name| !name.is_empty()) {
        out.push(b'/');
        encode::segment(name, out);
    }
    if collection || path.is_empty() {
        out.push(b'/');
    }
}
