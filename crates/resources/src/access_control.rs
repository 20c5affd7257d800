//! Who asks, whether it may, how often it has asked, and what it has paid: the groups `quota` and `client` of the facts.
//!
//! A [`AccessControl`] is shared by all threads, and outlives configurations: counters and failures go on when rules are read anew.
//! It states what it found; which status that brings about is the decision's.

use std::net::IpAddr;
use std::sync::Arc;

use crate::limits;
use access::failures::{Failures, Policy};
use access::gate::{self, Checked, Gate};
use access::identity::Identity;
use access::offence::AuthError;
use access::payment::{self, Paid, Presented, Proof};
use decision::facts;
use policy::bucket::{Buckets, Counters, Key, Keys, Taken};
use policy::network::Networks;
use policy::rate::Rate;
use semantics::field::Field;
use semantics::request::{OwnedRequest, Request};
use semantics::target_uri::authority_as_sent;
use tokio::sync::Semaphore;

use crate::reach::Reach;
use crate::rules::{EffectiveRules, Rulebook};
use crate::visibility::Visibility;

mod known;
mod reach;

pub use known::{Counted, Known};
use reach::Passed;

/// Who may pass, and from where.
#[derive(Debug)]
pub struct Guard {
    /// Who; nothing: whoever comes from the right place.
    pub gate: Option<Gate>,
    /// Only from these networks.
    pub from: Option<Networks>,
    /// From none of these.
    pub not_from: Networks,
    /// To whom is refused it shall look as if nothing were here.
    pub hide: bool,
}

impl Guard {
    /// Must the client prove who it is?
    pub fn wants_proof(&self) -> bool {
        self.gate.as_ref().is_some_and(Gate::asks)
    }

    /// May somebody at this address pass? A process of this machine that comes through a socket of the file system has no
    /// address, and is in no network.
    fn admits(&self, address: Option<IpAddr>) -> bool {
        let within = |networks: &Networks| address.is_some_and(|address| networks.hold(address));
        self.from.as_ref().is_none_or(within) && !within(&self.not_from)
    }

    pub(crate) fn permits(&self, address: Option<IpAddr>, identity: Option<&Identity>) -> bool {
        self.admits(address) && self.gate.as_ref().is_none_or(|gate| gate.permits(identity))
    }
}

/// By what requests are counted. Without any of these they are counted all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Per {
    /// Each address; of IPv6 each network of a customer.
    pub address: bool,
    /// Each user. Who has not proved who it is is not counted.
    pub user: bool,
    /// Each target.
    pub path: bool,
}

impl Per {
    const fn name(self) -> &'static str {
        match self {
            Per { user: true, .. } => "user",
            Per { address: true, .. } => "address",
            Per { path: true, .. } => "path",
            Per { .. } => "all",
        }
    }
}

/// How often something may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name: what clients read.
    pub name: &'static str,
    /// What sets its buckets apart from those of other limits, the same after a configuration is read anew.
    pub id: u64,
    /// How often.
    pub rate: Rate,
    /// By what it counts.
    pub per: Per,
}

/// What is to be paid for.
#[derive(Debug)]
pub struct Price {
    /// How much for one request, and of what.
    pub amount: u64,
    /// Of what.
    pub unit: &'static str,
    /// The realm that a challenge names.
    pub realm: String,
    /// The ways to pay.
    pub proofs: Vec<Arc<dyn Proof>>,
}

impl Price {
    fn proofs(&self) -> impl Iterator<Item = &dyn Proof> {
        self.proofs.iter().map(|proof| &**proof)
    }

    fn told(&self) -> payment::Price {
        payment::Price { amount: self.amount, unit: self.unit.to_owned(), realm: self.realm.clone() }
    }
}

/// What of a request may be a payment.
fn presented(request: Request<'_>) -> Presented<'_> {
    Presented { authorization: request.field(Field::AUTHORIZATION), payment_token: request.field(Field::PAYMENT_TOKEN) }
}

/// One request that wants to be let in.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Its head.
    pub request: Request<'a>,
    /// Its decoded path, if it has one.
    pub path: Option<&'a [u8]>,
    /// Where it comes from; nothing: a process of this machine, through a socket of the file system.
    pub address: Option<IpAddr>,
    /// Now, in seconds of Unix time.
    pub now: i64,
    /// Now, in milliseconds of a clock that does not go back, the same for all threads.
    pub millis: u64,
    /// What is in force at its target.
    pub force: &'a Arc<EffectiveRules>,
    /// All rules of its site.
    pub book: &'a Arc<Rulebook>,
    /// The places that it reaches besides.
    pub reach: &'a Reach,
}

/// Who asks, where that is supposed and need not be proved.
#[derive(Clone, Debug)]
pub enum Supposed {
    /// Whoever the credentials of the request prove.
    AsSent,
    /// This user.
    User(Arc<Identity>),
    /// Somebody who is not known: what it brings is wrong.
    Stranger,
}

/// Who asks, whether it may, how often it has asked.
#[derive(Debug)]
pub struct AccessControl {
    buckets: Buckets,
    keys: Keys,
    failures: Failures,
    /// Hashes that are made at a time.
    hashing: Semaphore,
}

impl AccessControl {
    /// With nothing counted. The seed sets the keys of its tables apart from those that a client could foresee.
    pub fn new(seed: [u8; 16], buckets: usize) -> AccessControl {
        AccessControl {
            buckets: Buckets::new(buckets),
            keys: Keys::new(seed),
            failures: Failures::new(Policy::default()),
            hashing: Semaphore::new(limits::HASHES),
        }
    }

    /// Counts a request by all limits here that need not know who asks.
    pub fn count(&self, attempt: &Attempt<'_>) -> Counted {
        let (left, limits, retry_after) = self.take(attempt, None);
        let pause = attempt.address.filter(|_| !attempt.hides());
        let pause = pause.and_then(|address| self.failures.retry_after(address, attempt.now));
        Counted { left, login: pause.is_none(), limits, retry_after: retry_after.or(pause) }
    }

    fn take(&self, attempt: &Attempt<'_>, user: Option<&str>) -> (bool, Vec<facts::Limit<'static>>, Option<u32>) {
        let here = attempt.force.limit.as_ref().map_or(&[][..], |ruled| &ruled.value);
        let mut further = attempt.reach.limits(attempt.book);
        further.retain(|(limit, _)| limit.per.path || here.iter().all(|known| known.id != limit.id));
        let path = attempt.path.unwrap_or_default();
        let counts = |(limit, _): &(&Limit, &[u8])| {
            limit.per.user == user.is_some() && (!limit.per.address || attempt.address.is_some())
        };
        let mut limits = here.iter().map(|limit| (limit, path)).chain(further).filter(counts);
        let Some(first) = limits.next() else { return (true, Vec::new(), None) };
        let Some(second) = limits.next() else {
            // nearly always there is one
            let taken = self.buckets.take(self.key(first, attempt, user), first.0.rate, attempt.millis);
            let pause = u32::try_from(taken.retry_after_seconds).unwrap_or(u32::MAX);
            return (taken.allowed, vec![tell(first.0, &taken)], (!taken.allowed).then_some(pause));
        };
        let limits: Vec<(&Limit, &[u8])> = [first, second].into_iter().chain(limits).collect();
        let wanted: Vec<(Key, Rate)> =
            limits.iter().map(|limit| (self.key(*limit, attempt, user), limit.0.rate)).collect();
        let mut taken = Vec::with_capacity(wanted.len());
        let left = self.buckets.take_all(&wanted, attempt.millis, &mut taken);
        let mut told: Vec<_> = limits.iter().zip(&taken).map(|((limit, _), taken)| tell(limit, taken)).collect();
        // the one that refused comes last: it is the one that is explained
        let worst = taken.iter().enumerate().max_by_key(|(_, taken)| taken.retry_after_seconds);
        let retry_after = worst.filter(|(_, taken)| !taken.allowed).map(|(nth, taken)| {
            let limit = told.remove(nth);
            told.push(limit);
            u32::try_from(taken.retry_after_seconds).unwrap_or(u32::MAX)
        });
        (left, told, retry_after)
    }

    fn key(&self, (limit, path): (&Limit, &[u8]), attempt: &Attempt<'_>, user: Option<&str>) -> Key {
        let mut key = self.keys.of(limit.id);
        if let Some(address) = attempt.address.filter(|_| limit.per.address) {
            key = key.address(address);
        }
        if let Some(user) = user {
            key = key.user(user.as_bytes());
        }
        if limit.per.path {
            key = key.path(path);
        }
        key.key()
    }

    /// Who asks, if that can be found out at once: neither a password is to be hashed nor a payment to be written down.
    pub fn check_now(&self, attempt: &Attempt<'_>) -> Option<Known> {
        let checked = match attempt.gate() {
            Some(gate) => gate.check_now(&attempt.for_gate())?,
            None => Checked::Nothing,
        };
        if attempt.brings_payment() {
            return None;
        }
        Some(self.know(attempt, checked))
    }

    /// Who asks, however long it takes to find out. The work is done away from the thread that serves everybody, and not more of
    /// it at a time than there is memory for.
    pub async fn check(self: &Arc<Self>, attempt: Attempt<'_>) -> Known {
        // the semaphore is never closed
        let _turn = self.hashing.acquire().await;
        let (access_control, owned) = (Arc::clone(self), Owned::of(&attempt));
        let work = move || {
            let attempt = owned.view();
            let checked = attempt.gate().map_or(Checked::Nothing, |gate| gate.check(&attempt.for_gate()));
            access_control.know(&attempt, checked)
        };
        // a check that panicked has found nobody out
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Known::nobody())
    }

    /// Looks at the credentials of a request that is not guarded, so that it takes as long as one to something hidden.
    pub async fn check_for_nothing(&self, book: &Rulebook, request: Request<'_>, now: i64) {
        let rules = book.routes().rules().iter();
        let guards = rules.filter_map(|rule| rule.value.guard.as_ref()?.value.clone());
        let Some(guard) = guards.into_iter().find(|guard| guard.hide && guard.gate.is_some()) else { return };
        if guard.gate.as_ref().is_some_and(|gate| gate.check_now(&for_gate(request, now)).is_none()) {
            let _turn = self.hashing.acquire().await;
            let request = OwnedRequest::of(request);
            let work = move || guard.gate.as_ref().map(|gate| gate.check(&for_gate(request.view(), now)));
            // what came of it is nobody's business
            let _ = tokio::task::spawn_blocking(work).await;
        }
    }

    /// What it would mean here if this client asked, and paid whatever it costs, or nothing. No payment is taken.
    pub fn suppose(&self, attempt: &Attempt<'_>, who: Supposed, pays: bool) -> Known {
        let checked = match who {
            Supposed::User(identity) => Checked::Valid { identity, info: None },
            Supposed::Stranger => Checked::Invalid(AuthError::NoSuchUserOrWrongPassword),
            Supposed::AsSent => attempt.gate().map_or(Checked::Nothing, |gate| gate.check(&attempt.for_gate())),
        };
        let receipt = || payment::Receipt { value: String::new(), left: None, reference: String::new() };
        let brings = pays || attempt.brings_payment();
        self.find(attempt, checked, brings, |_| if pays { Paid::Paid(receipt()) } else { Paid::Nothing })
    }

    /// Gives back what was paid for a request of which nothing came.
    pub async fn refund(self: &Arc<Self>, attempt: Attempt<'_>) {
        let owned = Owned::of(&attempt);
        self.prove(move || {
            let attempt = owned.view();
            let price = attempt.price()?;
            let (request, told) = (owned.request.view(), price.told());
            let took = price.proofs().find(|proof| proof.presents(&presented(request)))?;
            took.give_back(&presented(request), &told, owned.now);
            Some(())
        })
        .await;
    }

    /// What of its site's collections a client may know of; nothing, if that is everything.
    pub async fn visibility(self: &Arc<Self>, attempt: Attempt<'_>) -> Option<Arc<Visibility>> {
        attempt.book.guards().next()?;
        if let Some(visibility) = self.visibility_of(&attempt, |gate| gate.check_now(&attempt.for_gate())) {
            return visibility;
        }
        let (access_control, owned) = (Arc::clone(self), Owned::of(&attempt));
        self.prove(move || {
            let attempt = owned.view();
            access_control.visibility_of(&attempt, |gate| Some(gate.check(&attempt.for_gate()))).flatten()
        })
        .await
    }

    /// The same, by what `check` finds out of who asks; nothing, if it cannot find that out. Whoever guesses does so once, however
    /// many guards there are, and is counted.
    fn visibility_of(
        &self,
        attempt: &Attempt<'_>,
        check: impl Fn(&Gate) -> Option<Checked>,
    ) -> Option<Option<Arc<Visibility>>> {
        let may_try = attempt.address.is_none_or(|address| self.may_try(address, attempt.now));
        let brought = attempt.request.has(Field::AUTHORIZATION) && may_try;
        let (mut guessed, mut known) = (false, Vec::new());
        for guard in attempt.book.guards() {
            let checked = match &guard.gate {
                Some(gate) if brought && !guessed => check(gate)?,
                Some(_) | None => Checked::Nothing,
            };
            guessed |= checked.is_guess();
            known.push(checked.identity().cloned());
        }
        if let Some(address) = attempt.address.filter(|_| guessed) {
            self.failed(address, attempt.now);
        }
        let mut known = known.into_iter();
        Some(Visibility::of(attempt.book, attempt.address, |_| known.next().flatten()).map(Arc::new))
    }

    /// May somebody at this address try a password?
    pub fn may_try(&self, address: IpAddr, now: i64) -> bool {
        self.failures.left(address, now)
    }

    /// An attempt from this address has failed.
    pub fn failed(&self, address: IpAddr, now: i64) {
        self.failures.record(address, now);
    }

    /// Has somebody proved who it is, by what this finds out? It may take long, and is done like any check.
    pub async fn prove<R: Send + 'static>(&self, find_out: impl FnOnce() -> Option<R> + Send + 'static) -> Option<R> {
        // the semaphore is never closed
        let _turn = self.hashing.acquire().await;
        tokio::task::spawn_blocking(find_out).await.ok().flatten()
    }

    /// Does it come from where too many attempts have failed, to something hidden? That is not to be told by a refusal of its own,
    /// which nothing that is not there would give.
    fn guesses(&self, attempt: &Attempt<'_>) -> bool {
        attempt.hides()
            && attempt.request.has(Field::AUTHORIZATION)
            && attempt.address.is_some_and(|address| !self.failures.left(address, attempt.now))
    }

    /// What it means here that this was found.
    fn know(&self, attempt: &Attempt<'_>, checked: Checked) -> Known {
        if checked.is_guess()
            && let Some(address) = attempt.address
        {
            self.failures.record(address, attempt.now);
        }
        let pay = |price: &Price| payment::pay(price.proofs(), &presented(attempt.request), &price.told(), attempt.now);
        self.find(attempt, checked, attempt.brings_payment(), pay)
    }

    fn find(
        &self,
        attempt: &Attempt<'_>,
        checked: Checked,
        brings_payment: bool,
        pay: impl FnOnce(&Price) -> Paid,
    ) -> Known {
        let identity = checked.identity().cloned();
        let passed = attempt.passes(identity.as_deref(), !self.guesses(attempt));
        let permitted = passed.everywhere;
        let proved = !attempt.wants_proof() || identity.is_some();
        let paid = attempt.price().and_then(|price| match permitted && proved {
            true => Some(pay(price)),
            // a refused request is not charged, and who brings a payment is not asked for one
            false if brings_payment => None,
            false => Some(Paid::Nothing),
        });
        let may = permitted && proved && is_paid(paid.as_ref());
        let user = identity.as_ref().map(|identity| identity.name.as_str());
        let (user_rate_left, limits, retry_after) = match user.filter(|_| may) {
            Some(user) => self.take(attempt, Some(user)),
            None => (true, Vec::new(), None),
        };
        let unpaid = proved && !is_paid(paid.as_ref());
        let challenges = match may {
            true => Vec::new(),
            // who is told that nothing is here is not told how to come in
            false if passed.hidden => Vec::new(),
            false if unpaid => attempt.prices(),
            false => attempt.challenges(&checked, proved, permitted),
        };
        let offence = offence(attempt, &checked, paid.as_ref(), permitted);
        let Passed { here, there, refused_at, .. } = passed;
        let refused_by = if may || !unpaid { attempt.refuser(identity.as_deref()) } else { None };
        let permitted_at = (here, there);
        Known {
            checked,
            permitted,
            permitted_at,
            refused_at,
            refused_by,
            paid,
            offence,
            challenges,
            user_rate_left,
            limits,
            retry_after,
        }
    }
}

fn is_paid(paid: Option<&Paid>) -> bool {
    matches!(paid, None | Some(Paid::Paid(_)))
}

/// An attempt apart from the buffers of its connection.
struct Owned {
    request: OwnedRequest,
    path: Option<Vec<u8>>,
    address: Option<IpAddr>,
    now: i64,
    millis: u64,
    force: Arc<EffectiveRules>,
    book: Arc<Rulebook>,
    reach: Reach,
}

impl Owned {
    fn of(attempt: &Attempt<'_>) -> Owned {
        let Attempt { request, path, address, now, millis, force, book, reach } = *attempt;
        Owned {
            request: OwnedRequest::of(request),
            path: path.map(<[u8]>::to_vec),
            address,
            now,
            millis,
            force: Arc::clone(force),
            book: Arc::clone(book),
            reach: reach.clone(),
        }
    }

    fn view(&self) -> Attempt<'_> {
        Attempt {
            request: self.request.view(),
            path: self.path.as_deref(),
            address: self.address,
            now: self.now,
            millis: self.millis,
            force: &self.force,
            book: &self.book,
            reach: &self.reach,
        }
    }
}

/// What was wrong, in words that follow on "because".
fn offence(attempt: &Attempt<'_>, checked: &Checked, paid: Option<&Paid>, permitted: bool) -> Option<String> {
    if let Checked::Invalid(offence) = checked {
        return Some(offence.to_string());
    }
    if let Some(Paid::Refused(why)) = paid {
        return Some(why.to_string());
    }
    if permitted {
        return None;
    }
    let guard = attempt.force.guard.as_ref();
    if guard.is_some_and(|guard| !guard.value.admits(attempt.address)) {
        let nobody = guard.is_some_and(|guard| guard.value.from.as_ref().is_some_and(Networks::is_empty));
        return Some(match nobody {
            true => "this is the server's own, and nobody is let in".to_owned(),
            false => "requests from your address are not let in here".to_owned(),
        });
    }
    let identity = checked.identity().map(|identity| &**identity);
    attempt.gate().and_then(|gate| gate.denial(identity)).map(|denial| denial.to_string())
}

fn tell(limit: &Limit, taken: &Taken) -> facts::Limit<'static> {
    facts::Limit {
        name: limit.name,
        per: limit.per.name(),
        quota: limit.rate.count().into(),
        window: limit.rate.window_seconds(),
        remaining: taken.remaining.into(),
        reset: taken.reset_seconds,
    }
}

/// The request as a gate looks at it.
fn for_gate(request: Request<'_>, now: i64) -> gate::Attempt<'_> {
    gate::Attempt {
        authorization: request.field(Field::AUTHORIZATION),
        method: request.method_name(),
        target: request.raw_target(),
        authority: authority_as_sent(request).unwrap_or_default(),
        now,
    }
}
