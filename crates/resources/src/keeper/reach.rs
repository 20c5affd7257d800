//! How far one request reaches: which guards it meets, at its target and wherever else its deed goes; and what it is told of how to
//! come in. Who asks is found out by the keeper.

use access::gate::{self, Checked, Gate, Why};
use access::identity::Identity;
use access::payment;
use semantics::field::Field;
use semantics::method::Method;
use semantics::target::decode_path;
use semantics::target_uri::path_here;

use super::{Attempt, Guard, Price, for_gate, presented};

impl<'a> Attempt<'a> {
    /// The gate at which credentials are looked at: that of the target, or of the first place besides that has one.
    pub(super) fn gate(&self) -> Option<&'a Gate> {
        let here = self.force.guard.as_ref().and_then(|guard| guard.value.gate.as_ref());
        here.or_else(|| self.reached().into_iter().find_map(|guard| guard.gate.as_ref()))
    }

    pub(super) fn for_gate(&self) -> gate::Attempt<'a> {
        for_gate(self.request, self.now)
    }

    /// Must the client prove who it is, for the target or for a place besides that the deed reaches?
    pub fn wants_proof(&self) -> bool {
        let here = self.force.guard.as_ref().is_some_and(|guard| guard.value.wants_proof());
        here || self.reached().into_iter().any(Guard::wants_proof)
    }

    /// Does the deed reach places besides its target that are guarded?
    pub fn reaches_guards(&self) -> bool {
        !self.reached().is_empty()
    }

    /// May this client do this here, and wherever else the deed reaches: at its destination, and in a whole tree?
    pub(super) fn permits(&self, identity: Option<&Identity>) -> bool {
        let here = self.force.guard.as_ref().is_none_or(|guard| guard.value.permits(self.address, identity));
        here && self.reached().into_iter().all(|guard| guard.permits(self.address, identity))
    }

    /// The guards of all that a deed does besides what it does to its target alone. A copy is read and put, what is moved is
    /// deleted besides; and what is done to a collection is done to all that is in it.
    pub(super) fn reached(&self) -> Vec<&'a Guard> {
        let mut guards = Vec::new();
        let Some(deed) = self.request.method() else { return guards };
        let (target, destination): (&[Method], &[Method]) = match deed {
            Method::COPY => (&[Method::GET, Method::COPY], &[Method::PUT, Method::DELETE]),
            Method::MOVE => (&[Method::GET, Method::DELETE, Method::MOVE], &[Method::PUT, Method::DELETE]),
            Method::DELETE => (&[Method::DELETE], &[]),
            Method::UNBIND => (&[Method::DELETE, Method::UNBIND], &[]),
            Method::LOCK => (&[Method::PUT, Method::LOCK], &[]),
            // what is bound is named by the content, and may be anything of the site
            Method::BIND | Method::REBIND => {
                guards.extend(self.book.guards().map(|guard| &**guard));
                return guards;
            }
            _ => return guards,
        };
        if let Some(path) = self.path {
            self.add_reached(path, target, &mut guards);
        }
        let uri = self.request.field(Field::DESTINATION).filter(|_| !destination.is_empty());
        // one of another server, or that is no URI, is refused further on
        if let Some(path) = uri.and_then(|uri| path_here(self.request, uri)) {
            let mut room = vec![0; path.len()];
            if let Ok(decoded) = decode_path(path, &mut room) {
                self.add_reached(decoded.path, destination, &mut guards);
            }
        }
        guards
    }

    pub(super) fn add_reached(&self, path: &[u8], methods: &[Method], guards: &mut Vec<&'a Guard>) {
        for method in methods.iter().map(|method| method.name().as_bytes()) {
            guards.extend(self.book.guard_at(path, method).map(|guard| &**guard));
            guards.extend(self.book.guards_beneath(path, method).map(|guard| &**guard));
        }
    }

    /// How the client may do better, the strongest way first.
    pub(super) fn challenges(&self, checked: &Checked, proved: bool, permitted: bool) -> Vec<String> {
        let scope =
            || matches!(self.gate()?.denial(checked.identity().map(|i| &**i))?, gate::Denial::Scope(_)).then_some(());
        let why = match checked {
            _ if proved && !permitted && self.wants_proof() => match scope() {
                Some(()) => Why::Scope,
                None => return Vec::new(),
            },
            Checked::Invalid(offence) => Why::Invalid(offence),
            Checked::Stale => Why::Stale,
            _ => Why::Nothing,
        };
        if !proved || matches!(why, Why::Scope) {
            return self.gate().map_or_else(Vec::new, |gate| gate.challenges(self.now, why));
        }
        Vec::new()
    }

    /// Does it bring what pays the price in some way?
    pub(super) fn brings_payment(&self) -> bool {
        let presents = |price: &Price| price.proofs().any(|proof| proof.presents(&presented(self.request)));
        self.force.price.as_ref().is_some_and(|price| presents(&price.value))
    }

    /// How to pay.
    pub(super) fn prices(&self) -> Vec<String> {
        let told = |price: &Price| payment::challenges(price.proofs(), &price.told(), self.now);
        self.force.price.as_ref().map_or_else(Vec::new, |price| told(&price.value))
    }
}
