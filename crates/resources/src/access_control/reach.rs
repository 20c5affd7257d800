//! How far one request reaches: which guards it meets, at its target and wherever else its action goes; and what it is told of how to
//! come in. Who asks is found out by the access_control.

use std::sync::Arc;

use access::gate::{self, Checked, Gate, Why};
use access::identity::Identity;
use access::payment;
use semantics::method::Method;

use super::{Attempt, Guard, Price, for_gate, presented};
use crate::reach::Role;
use crate::rules::Source;

/// A guard that a action meets besides that of its target.
struct Met<'a> {
    /// Why that place is reached; nothing: the content may name it.
    role: Option<Role>,
    /// It holds somewhere beneath the place.
    beneath: bool,
    /// The place, ready to be written.
    at: Option<&'a [u8]>,
    guard: &'a Guard,
    source: Source,
}

/// What a client may do.
pub(super) struct Passed {
    /// At the target, and at what it is bound to.
    pub(super) here: bool,
    /// At the destination, with what is beneath it.
    pub(super) there: bool,
    /// At all places that the action reaches.
    pub(super) everywhere: bool,
    /// It is refused, and shall not learn that anything is there.
    pub(super) hidden: bool,
    /// The destination, if that is what it may not use, and that may be told.
    pub(super) refused_at: Option<Vec<u8>>,
}

impl<'a> Attempt<'a> {
    /// The gate at which credentials are looked at: that of the target, or of the first place besides that has one.
    pub(super) fn gate(&self) -> Option<&'a Gate> {
        let here = self.force.guard.as_ref().and_then(|guard| guard.value.gate.as_ref());
        here.or_else(|| self.reached().find_map(|guard| guard.gate.as_ref()))
    }

    pub(super) fn for_gate(&self) -> gate::Attempt<'a> {
        for_gate(self.request, self.now)
    }

    /// Must the client prove who it is, for the target or for a place besides that the action reaches?
    pub fn wants_proof(&self) -> bool {
        let here = self.force.guard.as_ref().is_some_and(|guard| guard.value.wants_proof());
        here || self.reached().any(Guard::wants_proof)
    }

    /// Does the action reach places besides its target that are guarded?
    pub fn reaches_guards(&self) -> bool {
        self.reached().next().is_some()
    }

    /// Is the target, or what it is bound to, hidden from somebody?
    pub(super) fn hides(&self) -> bool {
        self.force.hides() || self.reach.hides()
    }

    /// What this client may do, here and wherever else the action reaches: at its destination, and in a whole tree. `tries`: it may
    /// try at all.
    pub(super) fn passes(&self, identity: Option<&Identity>, tries: bool) -> Passed {
        let lets = |guard: &Guard| guard.permits(self.address, identity);
        let mut passed = Passed { here: tries, there: true, everywhere: tries, hidden: false, refused_at: None };
        if let Some(guard) = &self.force.guard {
            passed.here &= lets(&guard.value);
        }
        passed.everywhere &= passed.here;
        let mut veiled = false;
        for met in self.met() {
            if lets(met.guard) {
                continue;
            }
            passed.everywhere = false;
            match met.role {
                Some(Role::Target) if !met.beneath => passed.here = false,
                Some(Role::Destination) => {
                    passed.there = false;
                    veiled |= met.guard.hide;
                    passed.refused_at = passed.refused_at.or_else(|| met.at.map(<[u8]>::to_vec));
                }
                Some(Role::Target | Role::Member) | None => {}
            }
        }
        if veiled || !passed.here {
            passed.refused_at = None;
        }
        passed.hidden = !passed.here && self.hides() || passed.here && !passed.there && veiled;
        passed
    }

    /// The line of the first guard that this client cannot pass, in the order in which they are met.
    pub(super) fn refuser(&self, identity: Option<&Identity>) -> Option<Source> {
        let bars = |guard: &Guard| guard.wants_proof() && identity.is_none() || !guard.permits(self.address, identity);
        let here = self.force.guard.as_ref().filter(|guard| bars(&guard.value)).map(|guard| guard.source);
        here.or_else(|| self.met().into_iter().find(|met| bars(met.guard)).map(|met| met.source))
    }

    /// What is to be paid, for all that it reaches.
    pub(super) fn price(&self) -> Option<&'a Price> {
        self.reach.price(self.force).map(|(price, ..)| price)
    }

    /// The guards of all that a action does besides what it does to its target alone. What is done to a collection is done to all
    /// that is in it.
    fn met(&self) -> Vec<Met<'a>> {
        let mut met = Vec::new();
        if matches!(self.request.method(), Some(Method::BIND | Method::REBIND)) {
            // what is bound is named by the content, and may be anything of the site
            let all = self.book.guard_rules().map(|(guard, source)| Met {
                role: None,
                beneath: true,
                at: None,
                guard,
                source,
            });
            met.extend(all);
        }
        for place in self.reach.places() {
            for (method, force) in &place.forces {
                if let Some(ruled) = &force.guard {
                    let (guard, source, at) = (&*ruled.value, ruled.source, Some(place.href()));
                    met.push(Met { role: Some(place.role), beneath: false, at, guard, source });
                }
                if place.whole {
                    let name = method.name().as_bytes();
                    let beneath = self.book.ruled_beneath(&place.path, name, |words| words.guard.as_ref());
                    let of = |(guard, source): (&'a Arc<Guard>, Source)| Met {
                        role: Some(place.role),
                        beneath: true,
                        at: Some(place.href()),
                        guard,
                        source,
                    };
                    met.extend(beneath.map(of));
                }
            }
        }
        met
    }

    /// The same without saying where.
    pub(super) fn reached(&self) -> impl Iterator<Item = &'a Guard> {
        self.met().into_iter().map(|met| met.guard)
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
        self.price().is_some_and(presents)
    }

    /// How to pay.
    pub(super) fn prices(&self) -> Vec<String> {
        let told = |price: &Price| payment::challenges(price.proofs(), &price.told(), self.now);
        self.price().map_or_else(Vec::new, told)
    }
}
