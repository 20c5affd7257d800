//! Which places one request reaches besides the name of its target: what a binding leads to (RFC 5842), its destination (RFC 4918
//! §9.8.5), the members of trees. What holds at each of them is found here once, by the place that is reached and never by the
//! text of the request; guards, limits, prices and all other words ask the same list. What must be looked up on the disk is
//! judged in `share/bars.rs`.

use std::borrow::Cow;
use std::sync::Arc;

use decision::facts::{self, Quota};
use decision::reply::Word;
use semantics::depth::Depth;
use semantics::field::Field;
use semantics::method::{Method, Methods};
use semantics::request::Request;
use semantics::target::decode_path;
use semantics::target_uri::path_here;

use crate::access_control::{Limit, Price};
use crate::bindings::Bindings;
use crate::rules::book::Memory;
use crate::rules::tell::Asker;
use crate::rules::{EffectiveRules, Rulebook, Source};
use crate::share::Share;
use crate::share::action::href;
use crate::site::Site;
use semantics::text::path::is_beneath;

/// Why a place is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is what the target names, or what that is bound to.
    Target,
    /// It is what Destination names, or what that is bound to.
    Destination,
    /// Something in the tree of the target is bound to it.
    Member,
}

/// A place that is reached.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) role: Role,
    /// Its decoded path.
    pub(crate) path: Vec<u8>,
    /// The same, ready to be written.
    href: Vec<u8>,
    /// With all that is beneath it.
    pub(crate) whole: bool,
    /// What is in force there, for each of the methods that would do by themselves what is done there.
    pub(crate) forces: Vec<(Method, Arc<EffectiveRules>)>,
}

/// All places that one request reaches besides the name of its target. Most reach none.
#[derive(Clone, Debug, Default)]
pub struct Reach(Option<Arc<[Reached]>>);

impl Reach {
    /// Of a request for this decoded path, in a folder that may be written to.
    #[inline]
    pub fn of(request: Request<'_>, path: Option<&[u8]>, book: &Rulebook, share: Option<&Share>) -> Reach {
        let bindings = share.map(|share| &share.bindings).filter(|bindings| !bindings.is_empty());
        if bindings.is_none() && !request.method().is_some_and(reaches_further) {
            return Reach(None);
        }
        Reach::find(request, path, book, bindings)
    }

    fn find(request: Request<'_>, path: Option<&[u8]>, book: &Rulebook, bindings: Option<&Bindings>) -> Reach {
        let (Some(path), Some(done)) = (path, request.method()) else { return Reach(None) };
        let (target, destination) = as_done(done);
        let deep = request.field(Field::DEPTH).and_then(Depth::parse).unwrap_or(Depth::Infinity) == Depth::Infinity;
        let whole = deep && reaches_further(done);
        let mut finder = Finder { book, places: Vec::new() };
        for place in places(path, bindings) {
            // at the place that the request names its own method is asked by the facts of the site
            let named = *place == *path;
            let methods = target.iter().copied().chain((!named).then_some(done));
            finder.add(Role::Target, place.into_owned(), whole, methods);
        }
        if whole && matches!(done, Method::COPY | Method::LOCK) {
            for at in bound_beneath(path, bindings) {
                finder.add(Role::Member, at, true, target.iter().copied());
            }
        }
        // one of another server, or that is no URI, is refused further on
        let uri = request.field(Field::DESTINATION).filter(|_| !destination.is_empty());
        if let Some(path) = uri.and_then(|uri| path_here(request, uri)) {
            let mut room = vec![0; path.len()];
            if let Ok(decoded) = decode_path(path, &mut room) {
                for place in places(decoded.path, bindings) {
                    finder.add(Role::Destination, place.into_owned(), true, destination.iter().copied());
                }
            }
        }
        Reach((!finder.places.is_empty()).then(|| finder.places.into()))
    }

    /// Does it reach no other place?
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn places(&self) -> &[Reached] {
        self.0.as_deref().unwrap_or(&[])
    }

    /// What is in force at its places themselves, leaving out what is beneath them.
    fn forces(&self) -> impl Iterator<Item = (&Reached, Method, &EffectiveRules)> {
        let at = self.places().iter().filter(|place| place.role != Role::Member);
        at.flat_map(|place| place.forces.iter().map(move |(method, force)| (place, *method, &**force)))
    }

    /// Is something that a binding leads to hidden from somebody?
    pub fn hides(&self) -> bool {
        self.forces().any(|(place, _, force)| place.role == Role::Target && force.hides())
    }

    /// What is in force where something is elsewhere, or gone, that the target is bound to.
    pub fn elsewhere(&self, asker: Asker<'_>, method: Method) -> Option<(&[u8], &EffectiveRules)> {
        let mut bound = self.forces().filter(|(place, asked, _)| place.role == Role::Target && *asked == method);
        bound.find_map(|(place, _, force)| force.is_elsewhere(asker).then_some((&*place.path, force)))
    }

    /// The limits of its places, each with the path that is counted.
    pub(crate) fn limits<'a>(&'a self, book: &'a Rulebook) -> Vec<(&'a Limit, &'a [u8])> {
        let mut limits: Vec<(&Limit, &[u8])> = Vec::new();
        let mut add = |list: &'a [Limit], path: &'a [u8]| {
            for limit in list {
                if limits.iter().all(|(known, at)| known.id != limit.id || limit.per.path && *at != path) {
                    limits.push((limit, path));
                }
            }
        };
        for place in self.places() {
            for (method, force) in &place.forces {
                if let Some(ruled) = &force.limit {
                    add(&ruled.value, &place.path);
                }
                if place.whole {
                    let beneath =
                        book.ruled_beneath(&place.path, method.name().as_bytes(), |words| words.limit.as_ref());
                    beneath.for_each(|(list, _)| add(list, &place.path));
                }
            }
        }
        limits
    }

    /// The dearest of the prices at its places and at the target, where one unit pays for all: what is in another unit is not to
    /// be had by the same action.
    pub(crate) fn price<'a>(&'a self, force: &'a EffectiveRules) -> Option<(&'a Price, Option<&'a [u8]>, Source)> {
        let mut dearest = force.price.as_ref().map(|ruled| (&*ruled.value, None, ruled.source));
        for (place, _, force) in self.forces() {
            let Some(ruled) = &force.price else { continue };
            if dearest.is_none_or(|(known, ..)| known.unit == ruled.value.unit && known.amount < ruled.value.amount) {
                dearest = Some((&*ruled.value, Some(&*place.href), ruled.source));
            }
        }
        dearest
    }

    /// Lays what holds at its places over the facts of the site, as far as that is known without a look at them: of each word the
    /// strictest.
    pub fn tell<'a>(
        &'a self,
        facts: &mut facts::Site<'a>,
        (request, asker): (Request<'_>, Asker<'_>),
        (force, site, book): (&'a EffectiveRules, &'a Site, &Rulebook),
    ) {
        if self.0.is_none() {
            return;
        }
        for (place, method, there) in self.forces() {
            if facts.in_service
                && let Some(retry_after) = there.closed_for(asker)
            {
                (facts.in_service, facts.retry_after) = (false, retry_after);
                facts.closure = there.closed.as_ref().and_then(|closed| closed.value.reason.as_deref());
                facts.ruled_at.closed = Some(&place.href);
            }
            if !facts.legal_demand && there.barred_by_law(asker) {
                let mut alone = facts::Site::DEFAULT;
                there.tell(&mut alone, request, asker);
                (facts.legal_demand, facts.law) = (true, alone.law);
                facts.ruled_at.law = Some(&place.href);
            }
            if !facts.upgrade_required && there.demands_protocol(request) {
                facts.upgrade_required = true;
                facts.demanded = there.require.as_ref().map_or(&[], |require| require.value.protocols);
                facts.ruled_at.require = Some(&place.href);
            }
            facts.rate_limited |= there.limit.is_some();
            match place.role {
                Role::Target if request.is(method) => narrow(facts, &place.path, there, (request, asker, site)),
                Role::Target => {}
                Role::Destination => {
                    facts.destination_hidden |= there.hides();
                    facts.destination_conditional |= book.conditional(&place.path, method).is_some();
                }
                Role::Member => {}
            }
            facts.existence_hidden |= place.role == Role::Target && there.hides();
        }
        facts.rate_limited |= self.places().iter().any(|place| place.whole) && !self.limits(book).is_empty();
        if let Some((price, at, _)) = self.price(force) {
            (facts.price, facts.price_unit, facts.ruled_at.price) = (price.amount, price.unit, at);
        }
    }

    /// The line that says this word, where it is the one of another place than the target that was asked.
    pub fn source(
        &self,
        word: Word,
        force: &EffectiveRules,
        (request, asker): (Request<'_>, Asker<'_>),
        quota: Option<&Quota<'_>>,
    ) -> Option<Source> {
        let decides = |force: &EffectiveRules, method: Method| match word {
            Word::Closed => force.closed_for(asker).is_some(),
            Word::Law => force.barred_by_law(asker),
            Word::Require => force.demands_protocol(request),
            Word::Methods => force.methods.as_ref().is_some_and(|methods| !methods.value.has(method)),
            Word::Limit => {
                let refused = quota.and_then(|quota| quota.limits.last()).map(|limit| limit.name);
                force.limit.as_ref().is_some_and(|limits| limits.value.iter().any(|limit| Some(limit.name) == refused))
            }
            _ => force.source(word).is_some(),
        };
        if word == Word::Price {
            return self.price(force).map(|(_, _, source)| source);
        }
        if decides(force, request.method()?) {
            return force.source(word);
        }
        let further = self.forces().find(|(_, method, force)| decides(force, *method));
        further.and_then(|(_, _, force)| force.source(word)).or_else(|| force.source(word))
    }
}

/// Narrows what the target may be used for to what may be done where a binding leads from it.
fn narrow<'a>(
    facts: &mut facts::Site<'a>,
    path: &[u8],
    there: &'a EffectiveRules,
    (request, asker, site): (Request<'_>, Asker<'_>, &'a Site),
) {
    let mut bound = site.facts_of(request, Some(path));
    there.tell(&mut bound, request, asker);
    facts.methods = both(facts.methods, bound.methods);
    facts.content_limit = match (facts.content_limit, bound.content_limit) {
        (Some(here), Some(there)) => Some(here.min(there)),
        (here, there) => here.or(there),
    };
    facts.bound_media_types = bound.media_types;
    facts.precondition_required |= bound.precondition_required;
    facts.length_required |= bound.length_required;
    facts.post_adds |= bound.post_adds;
    facts.own_pages_only |= bound.own_pages_only;
    if request.has(Field::ORIGIN) && facts.cors != bound.cors {
        // a page is let in only where both let it in
        let lets = |origins| request.field(Field::ORIGIN).is_some_and(|origin| facts::allows(origins, origin));
        if !lets(bound.cors) {
            facts.cors = bound.cors;
        }
    }
}

/// The methods that both take. OPTIONS stays, since no method at all would mean every one.
pub(crate) fn both(one: Methods, other: Methods) -> Methods {
    let both = one.iter().filter(|method| other.has(*method)).fold(Methods::NONE, Methods::with);
    if both.is_empty() { both.with(Method::OPTIONS) } else { both }
}

/// Does the method reach more than its target alone?
const fn reaches_further(method: Method) -> bool {
    matches!(method, Method::COPY | Method::MOVE | Method::DELETE | Method::UNBIND | Method::LOCK)
}

/// The methods that would do by themselves what a method does, at its target and at its destination: a copy is read and put, what
/// is moved is deleted besides.
const fn as_done(done: Method) -> (&'static [Method], &'static [Method]) {
    match done {
        Method::COPY => (&[Method::GET, Method::COPY], &[Method::PUT, Method::DELETE]),
        Method::MOVE => (&[Method::GET, Method::DELETE, Method::MOVE], &[Method::PUT, Method::DELETE]),
        Method::DELETE => (&[Method::DELETE], &[]),
        Method::UNBIND => (&[Method::DELETE, Method::UNBIND], &[]),
        Method::LOCK => (&[Method::PUT, Method::LOCK], &[]),
        _ => (&[], &[]),
    }
}

/// The places that one name is: itself, the binding that it is, and where that leads. Each once.
pub(crate) fn places<'p>(named: &'p [u8], bindings: Option<&Bindings>) -> Vec<Cow<'p, [u8]>> {
    let mut places = vec![Cow::Borrowed(named)];
    let Some(bindings) = bindings else { return places };
    for place in [bindings.binding(named), bindings.resolve(named)] {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Where what is bound in a tree stands, and in the trees that this leads to, each once: bindings may go round in a circle.
fn bound_beneath(path: &[u8], bindings: Option<&Bindings>) -> Vec<Vec<u8>> {
    let Some(bindings) = bindings else { return Vec::new() };
    let (mut trees, mut next) = (vec![bindings.resolve(path).into_owned()], 0);
    while let Some(tree) = trees.get(next).cloned() {
        next += 1;
        for (_, at) in bindings.beneath(&tree) {
            if !trees.iter().any(|known| at == *known || is_beneath(&at, known)) {
                trees.push(at);
            }
        }
    }
    trees.split_off(1)
}

struct Finder<'a> {
    book: &'a Rulebook,
    places: Vec<Reached>,
}

impl Finder<'_> {
    fn add(&mut self, role: Role, path: Vec<u8>, whole: bool, methods: impl Iterator<Item = Method>) {
        let mut forces: Vec<(Method, Arc<EffectiveRules>)> = Vec::new();
        for method in methods {
            if forces.iter().all(|(known, _)| *known != method) {
                let force = self.book.in_force(&path, method.name().as_bytes(), &mut Memory::default());
                forces.push((method, force));
            }
        }
        if !forces.is_empty() {
            self.places.push(Reached { role, href: href(&path, false), path, whole, forces });
        }
    }
}

impl Reached {
    /// The path, ready to be written.
    pub(crate) fn href(&self) -> &[u8] {
        &self.href
    }
}

#[cfg(test)]
mod tests {
    use semantics::request::OwnedRequest;

    use super::*;

    fn reached(method: Method, fields: &[(&str, &str)]) -> Vec<(Role, String, bool)> {
        let request = OwnedRequest::made(method, b"/a/b", fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())));
        let reach = Reach::of(request.view(), Some(b"a/b"), &Rulebook::default(), None);
        let path = |place: &Reached| String::from_utf8_lossy(&place.path).into_owned();
        reach.places().iter().map(|place| (place.role, path(place), place.whole)).collect()
    }

    #[test]
    fn the_places_of_a_deed_are_decoded_and_known_by_its_method() {
        let there = |path: &str| (Role::Destination, path.to_owned(), true);
        let here = |whole| (Role::Target, "a/b".to_owned(), whole);
        let to = ("Destination", "/x/../%63/./d");
        assert!(reached(Method::GET, &[to]).is_empty() && reached(Method::PUT, &[to]).is_empty());
        assert_eq!(reached(Method::COPY, &[to]), [here(true), there("c/d")]);
        assert_eq!(reached(Method::COPY, &[to, ("Depth", "0")]), [here(false), there("c/d")]);
        assert_eq!(reached(Method::DELETE, &[to]), [here(true)], "it has no destination");
        assert_eq!(reached(Method::MOVE, &[("Host", "h"), ("Destination", "http://other/c")]), [here(true)]);
    }

    #[test]
    fn of_two_lists_of_methods_only_what_both_take_stays_and_never_everything() {
        let (reads, puts) = (Methods::of(&[Method::GET, Method::OPTIONS]), Methods::of(&[Method::PUT]));
        assert!(!both(reads, puts).is_empty() && !both(reads, puts).has(Method::PUT));
        assert!(both(reads, Methods::of(&[Method::GET])).has(Method::GET));
    }
}
