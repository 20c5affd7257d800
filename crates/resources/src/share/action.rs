//! What a request wants done, as far as its head tells: where, to where, and how deep.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use semantics::date::Date;
use semantics::depth::{Depth, overwrite};
use semantics::field::Field;
use semantics::if_header::IfHeader;
use semantics::method::Method;
use semantics::prefer::Prefer;
use semantics::request::{OwnedRequest, Request};
use semantics::syntax::List;
use semantics::target::{PathError, Target, decode_path};
use semantics::target_uri::path_here;
use semantics::text::path;

use crate::bindings::Bindings;
use crate::resource::Moment;
use crate::rules::bar::By;
use crate::rules::book::Memory;
use crate::rules::tell::Asker;
use crate::rules::{EffectiveRules, Rulebook};
use crate::share::Share;
use crate::tree::standing::Place;
use crate::visibility::Visibility;

/// What a request wants done.
#[derive(Debug)]
pub struct Action {
    request: OwnedRequest,
    /// Where, on the disk.
    pub(crate) place: Place,
    /// The same as the request names it, if a binding leads from that to this (RFC 5842 §2).
    named: Option<Place>,
    /// To where, with COPY and MOVE; `None` too if that is not on this server.
    pub(crate) destination: Option<Place>,
    /// The same as the request names it, if a binding leads from that to this.
    destination_named: Option<Place>,
    /// What its client may know of; nothing: of everything.
    visibility: OnceLock<Arc<Visibility>>,
    /// The rules of the site.
    book: Arc<Rulebook>,
    /// What of them is in force at its target.
    force: OnceLock<Arc<EffectiveRules>>,
    /// What is in force where a binding leads from there.
    bound_force: OnceLock<Arc<EffectiveRules>>,
    /// Who asks, as far as rules read it.
    asker: Asker<'static>,
    /// Its target can be no name, so nothing stands there; least of all the root.
    nowhere: bool,
    /// When it was received.
    pub(crate) now: Date,
    /// The same in milliseconds of a clock that does not go back.
    pub(crate) millis: u64,
}

impl Action {
    /// The action of this request for this target, whose names are decoded. `None` if its destination can be no name.
    pub fn new(request: OwnedRequest, path: &[u8], slash: bool, received: Moment) -> Action {
        let place = Place { path: path.to_vec(), slash };
        let destination = request.view().field(Field::DESTINATION).and_then(|uri| place_here(request.view(), uri));
        Action {
            request,
            place,
            named: None,
            destination,
            destination_named: None,
            visibility: OnceLock::new(),
            book: Arc::default(),
            force: OnceLock::new(),
            now: received.date,
            millis: received.millis,
            bound_force: OnceLock::new(),
            nowhere: false,
            asker: Asker { address: None, now: received.date, countries: None, country: None },
        }
    }

    /// The same for a target that can be no name, if it is one.
    #[must_use]
    pub fn nowhere(self, nowhere: bool) -> Action {
        Action { nowhere, ..self }
    }

    /// Can its target be no name?
    pub(crate) fn is_nowhere(&self) -> bool {
        self.nowhere
    }

    /// The same where these rules hold.
    pub fn under(self, book: Arc<Rulebook>) -> Action {
        Action { book, ..self }
    }

    /// The same where this one asks.
    #[must_use]
    pub fn asked_by(self, asker: Asker<'_>) -> Action {
        Action { asker: asker.lasting(), ..self }
    }

    /// Who would do it, and by which request.
    pub(crate) fn by(&self) -> By<'_> {
        let cors = self.force().cors.as_ref().map_or(&[][..], |cors| cors.value.origins);
        let unit = self.force().price.as_ref().map(|price| price.value.unit);
        By { request: self.request(), asker: self.asker, cors, unit }
    }

    /// The rules of the site.
    pub(crate) fn book(&self) -> &Rulebook {
        &self.book
    }

    /// The same where the rules hold that hold for another, for the same client.
    pub(crate) fn like(self, other: &Action) -> Action {
        Action { book: Arc::clone(&other.book), visibility: other.visibility.clone(), asker: other.asker, ..self }
    }

    fn force(&self) -> &EffectiveRules {
        self.force.get_or_init(|| self.force_at(&self.named().path))
    }

    /// What is in force where a binding leads from its target, if one does.
    fn bound_force(&self) -> Option<&EffectiveRules> {
        self.named.as_ref()?;
        Some(self.bound_force.get_or_init(|| self.force_at(&self.place.path)))
    }

    fn force_at(&self, path: &[u8]) -> Arc<EffectiveRules> {
        self.book.in_force(path, self.request.view().method_name(), &mut Memory::default())
    }

    /// The most octets that content may have which is stored by it.
    pub(crate) fn longest(&self, share: &Share) -> u64 {
        let forces = [Some(self.force()), self.bound_force()].into_iter().flatten();
        let ruled = forces.filter_map(|force| force.max_content.as_ref().map(|ruled| *ruled.value)).min();
        ruled.map_or(share.options.longest, |most| most.min(share.options.longest))
    }

    /// The media types that may be stored by it; none: all.
    pub(crate) fn types<'a>(&'a self, share: &'a Share) -> &'a [&'static str] {
        self.force().types.as_ref().map_or(&*share.options.types, |ruled| &ruled.value)
    }

    /// The media types that may be stored where a binding leads from its target; none: all.
    pub(crate) fn bound_types(&self) -> &[&'static str] {
        self.bound_force().and_then(|force| force.types.as_ref()).map_or(&[], |ruled| &ruled.value)
    }

    /// The same with its places as they are on the disk, wherever bindings lead.
    #[must_use]
    pub fn resolved(mut self, share: &Share) -> Action {
        if !share.bindings.is_empty() {
            (self.place, self.named) = led(&share.bindings, self.place);
            if let Some(destination) = self.destination {
                let (place, named) = led(&share.bindings, destination);
                (self.destination, self.destination_named) = (Some(place), named);
            }
        }
        self
    }

    /// Where, as the request names it.
    pub(crate) fn named(&self) -> &Place {
        self.named.as_ref().unwrap_or(&self.place)
    }

    /// To where, as the request names it.
    pub(crate) fn destination_named(&self) -> Option<&Place> {
        self.destination_named.as_ref().or(self.destination.as_ref())
    }

    /// Says what its client may know of.
    pub fn set_visibility(&self, visibility: Arc<Visibility>) {
        // what was said first stays
        let _ = self.visibility.set(visibility);
    }

    /// What its client may know of.
    pub(crate) fn visibility(&self) -> Option<&Visibility> {
        self.visibility.get().map(|visibility| &**visibility)
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

    /// Is it one that knows what bindings are (RFC 5842 §8.2)?
    pub(crate) fn says_bind(&self) -> bool {
        self.request().values(Field::DAV).flat_map(List::new).any(|class| class == b"bind")
    }

    /// Is the URI one of another server?
    pub(crate) fn is_elsewhere(&self, uri: &[u8]) -> bool {
        matches!(Target::parse(uri, false), Ok(Target::Absolute { .. })) && path_here(self.request(), uri).is_none()
    }

    /// The place in the tree that a URI or path in this request names.
    pub(crate) fn place_of(&self, uri: &[u8]) -> Option<Place> {
        place_here(self.request(), uri)
    }
}

/// Where bindings lead from a place, and the place itself if that is another one.
fn led(bindings: &Bindings, place: Place) -> (Place, Option<Place>) {
    match bindings.resolve(&place.path) {
        Cow::Borrowed(_) => (place, None),
        Cow::Owned(path) => (Place { path, slash: place.slash }, Some(place)),
    }
}

fn place_here(request: Request<'_>, uri: &[u8]) -> Option<Place> {
    let path = path_here(request, uri)?;
    let mut room = vec![0; path.len()];
    match decode_path(path, &mut room) {
        Ok(decoded) => Some(Place { path: decoded.path.to_vec(), slash: decoded.trailing_slash }),
        Err(refusal) => match refusal.what {
            // names that nothing can have; what comes of it is nothing to be found
            PathError::Nul | PathError::EncodedSlash | PathError::EmptySegment | PathError::NoRoom => None,
            PathError::NotAbsolute | PathError::BadPercent | PathError::ClimbsAboveRoot => None,
        },
    }
}

/// The path of a place as an answer writes it: escaped, beginning with a slash, and with one at its end if it is a
/// collection (RFC 4918 §5.2, §8.3).
pub(crate) fn href(path: &[u8], collection: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 8);
    path::resource(path, collection, &mut out);
    out
}
