//! What a walk asks for besides the target and the deed: the rules in force, the counters, and who asks. Told once a request.

use std::cell::OnceCell;
use std::net::IpAddr;
use std::sync::Arc;

use decision::facts::{Client, Quota, Site, Target};
use decision::reply::{Word, word_of};
use resources::keeper::{Attempt, Counted, Known};
use resources::reach::Reach;
use resources::rules::tell::Asker;
use resources::rules::{InForce, Rulebook, Source};
use semantics::date::Date;
use semantics::request::Request;
use semantics::target::Decoded;

use crate::plan::Plan;

/// What is known of one request, and stays so when its walk begins anew.
#[derive(Default)]
pub(crate) struct Memo {
    /// How its counters stand. It is counted once.
    counted: OnceCell<Counted>,
    /// Who asks. It is checked once.
    known: OnceCell<Known>,
}

impl Memo {
    /// Who asks, if that was asked.
    pub(crate) fn known(&self) -> Option<&Known> {
        self.known.get()
    }

    /// Remembers who asks.
    pub(crate) fn learn(&self, known: Known) {
        // what was told first stays
        let _ = self.known.set(known);
    }
}

/// One request and what holds for it.
pub(crate) struct Asking<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) book: &'a Arc<Rulebook>,
    /// What the site is without its rules, if it is one of folders.
    pub(crate) served: Option<&'a resources::Site>,
    /// The places that it reaches besides the name of its target.
    pub(crate) reach: &'a Reach,
    /// The authority that it names is one of ours.
    pub(crate) origin_served: bool,
    /// It is for somebody else, and forward proxying is handed over.
    pub(crate) switched: bool,
    pub(crate) force: &'a Arc<InForce>,
    pub(crate) memo: &'a Memo,
    pub(crate) request: Request<'a>,
    pub(crate) path: Option<Decoded<'a>>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) now: Date,
    /// Milliseconds of the thread's clock.
    pub(crate) millis: u64,
}

impl<'a> Asking<'a> {
    pub(crate) fn asker(&self) -> Asker<'a> {
        Asker { address: self.client, now: self.now, countries: self.plan.countries.as_ref(), country: None }
    }

    /// The attempt to be let in.
    pub(crate) fn attempt(&self) -> Attempt<'a> {
        Attempt {
            request: self.request,
            path: self.path.map(|path| path.path),
            address: self.client,
            now: self.now.unix(),
            millis: self.millis,
            force: self.force,
            book: self.book,
            reach: self.reach,
        }
    }

    /// The line of the configuration that decided by the question asked last, if one did.
    pub(crate) fn rule(&self, last: u16) -> Option<Source> {
        let word = word_of(last)?;
        if word == Word::Guard
            && let Some(source) = self.memo.known.get().and_then(Known::refused_by)
        {
            return Some(source);
        }
        let quota = self.memo.counted.get().map(Counted::facts);
        self.reach.source(word, self.force, (self.request, self.asker()), quota.as_ref())
    }

    /// The rules in force, laid over what the site is without them.
    pub(crate) fn site(&self, plain: Site<'a>) -> Site<'a> {
        let plan = self.plan;
        let mut facts = Site { origin_served: self.origin_served, extensions: plan.extensions, ..plain };
        if self.switched {
            (facts.proxy_switched, facts.next_proxy) = (true, plan.next_proxy.as_deref());
        }
        self.force.tell(&mut facts, self.request, self.asker());
        if let Some(served) = self.served {
            self.reach.tell(&mut facts, (self.request, self.asker()), (self.force, served, self.book));
        }
        facts.hides = self.book.hides();
        let attempt = self.attempt();
        let taken = |method| facts.methods.is_empty() || facts.methods.has(method);
        if self.request.method().is_some_and(taken) && attempt.reaches_guards() {
            facts.access_rules = true;
            facts.authentication = attempt.wants_proof();
            facts.rate_limited |= facts.authentication;
        }
        facts
    }

    /// How the counters of the limits here stand with this request.
    pub(crate) fn quota(&self) -> Quota<'a> {
        let keeper = &self.plan.keeper;
        self.memo.counted.get_or_init(|| keeper.count(&self.attempt())).facts()
    }

    /// Who asks, if that can be said at once.
    pub(crate) fn client_now(&self) -> Option<Client<'a>> {
        if self.memo.known.get().is_none() {
            self.memo.learn(self.plan.keeper.check_now(&self.attempt())?);
        }
        self.memo.known.get().map(Known::facts)
    }

    /// Who asks, however long it takes to find out.
    pub(crate) async fn client(&self) -> Client<'a> {
        if let Some(client) = self.client_now() {
            return client;
        }
        self.memo.learn(self.plan.keeper.check(self.attempt()).await);
        self.client_now().expect("it was found out who asks")
    }

    /// Is it told that nothing stands at the target, since this client may not know of it?
    fn is_hidden(&self) -> bool {
        let hides = self.force.hides() || self.reach.hides();
        hides && self.memo.known.get().is_some_and(|known| !known.permitted_here())
    }

    /// What is known of the target without a look at it: that it is elsewhere, or is to look as if it were nowhere.
    pub(crate) fn place(&self, location: &'a OnceCell<Option<Vec<u8>>>) -> Option<Target<'a>> {
        if self.is_hidden() {
            return Some(Target { exists: false, representation: false, ..Target::DEFAULT });
        }
        let (names, force): (_, &'a InForce) = if self.force.is_elsewhere(self.asker()) {
            (self.path.map(|path| path.path), self.force)
        } else {
            // what the target is bound to may be elsewhere, though its name is not
            let (names, force) = self.reach.elsewhere(self.asker(), self.request.method()?)?;
            (Some(names), force)
        };
        let location = location.get_or_init(|| {
            let (names, slash) = (names?, self.path?.trailing_slash);
            let pattern = self.book.elsewhere(names, self.request.method_name())?;
            let query = self.request.target().split(|&octet| octet == b'?').nth(1);
            force.location(pattern, (names, slash), query)
        });
        Some(force.facts_of_elsewhere(location.as_deref()))
    }
}
