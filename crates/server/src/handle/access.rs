//! What holds for one request: the rules in force for it, how its counters stand, and who asks. Each is found out once.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::limits::RETRY_AFTER_OVERLOAD;
use decision::facts::{Client, Connection, Quota, Site, Target};
use decision::reply::{Word, word_of};
use resources::access_control::{Attempt, Counted, Known};
use resources::reach::Reach;
use resources::rules::tell::Asker;
use resources::rules::{EffectiveRules, Rulebook, Source};

use crate::context::RequestContext;
use crate::plan::Plan;
use crate::sites::Named;

/// What is found out about one request while it is decided. It lives as long as the request, wherever its walk goes on.
#[derive(Default)]
pub(crate) struct RequestState {
    /// How its counters stand. It is counted once.
    counted: OnceCell<Counted>,
    /// Who asks. It is checked once.
    known: OnceCell<Known>,
    /// Where it is, if rules say that it is elsewhere.
    location: OnceCell<Option<Vec<u8>>>,
}

impl RequestState {
    /// Who asks, if that was asked.
    pub(crate) fn known(&self) -> Option<&Known> {
        self.known.get()
    }

    /// Remembers who asks.
    pub(crate) fn learn(&self, known: Known) {
        // what was found out first stays
        let _ = self.known.set(known);
    }

    /// Remembers how the counters stand.
    pub(crate) fn counted(&self, count: impl FnOnce() -> Counted) -> &Counted {
        self.counted.get_or_init(count)
    }
}

/// One request and what holds for it.
#[derive(Clone, Copy)]
pub(crate) struct AccessContext<'a> {
    pub(crate) plan: &'a Plan,
    /// All rules of its site.
    pub(crate) book: &'a Arc<Rulebook>,
    /// What is in force of them for it.
    pub(crate) force: &'a Arc<EffectiveRules>,
    /// What the site is without its rules, if it is one of folders.
    pub(crate) served: Option<&'a resources::Site>,
    /// The places that it reaches besides the name of its target.
    pub(crate) reach: &'a Reach,
    /// What the authority that it names is to us.
    pub(crate) named: Named,
    pub(crate) context: &'a RequestContext<'a>,
    pub(crate) state: &'a RequestState,
}

impl<'a> AccessContext<'a> {
    pub(crate) fn asker(&self) -> Asker<'a> {
        let RequestContext { client, now, .. } = *self.context;
        Asker { address: client, now: now.date, countries: self.plan.countries.as_ref(), country: None }
    }

    /// The attempt to be let in.
    pub(crate) fn attempt(&self) -> Attempt<'a> {
        let context = self.context;
        Attempt {
            request: context.request,
            path: context.names(),
            address: context.client,
            now: context.now.date.unix(),
            millis: context.millis,
            force: self.force,
            book: self.book,
            reach: self.reach,
        }
    }

    /// The line of the configuration that decided by the question asked last, if one did.
    pub(crate) fn rule(&self, last: u16) -> Option<Source> {
        let word = word_of(last)?;
        if word == Word::Guard
            && let Some(source) = self.state.known().and_then(Known::refused_by)
        {
            return Some(source);
        }
        let quota = self.state.counted.get().map(Counted::facts);
        self.reach.source(word, self.force, (self.context.request, self.asker()), quota.as_ref())
    }

    /// What is always known of the connection. `overloaded`: there is no room for one more.
    pub(crate) fn connection(&self, overloaded: bool, content_here: bool) -> Connection<'a> {
        let context = self.context;
        Connection {
            policy: self.force.policy.as_deref(),
            id: context.id,
            faults: context
                .fault
                .map_or(semantics::fault::Kinds::NONE, |fault| semantics::fault::Kinds::of(fault.kind())),
            fault: context.fault,
            octets: context.octets,
            overloaded,
            content_here,
            now: context.now,
            retry_after: overloaded.then_some(RETRY_AFTER_OVERLOAD),
            ..Connection::default()
        }
    }

    /// Are the facts of the site those of every read there? No rule, no binding and no other authority says otherwise.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        let Named { origin_served, switched, .. } = self.named;
        self.book.is_empty() && self.reach.is_empty() && self.context.request.is_read() && origin_served && !switched
    }

    /// The rules in force, laid over what the site is without them.
    pub(crate) fn site(&self, mut facts: Site<'a>) -> Site<'a> {
        let (plan, request) = (self.plan, self.context.request);
        let Named { origin_served, switched, .. } = self.named;
        (facts.origin_served, facts.extensions) = (origin_served, plan.extensions);
        if switched {
            (facts.proxy_switched, facts.next_proxy) = (true, plan.next_proxy.as_deref());
        }
        self.force.tell(&mut facts, request, self.asker());
        if let Some(served) = self.served {
            self.reach.tell(&mut facts, (request, self.asker()), (self.force, served, self.book));
        }
        facts.hides = self.book.hides();
        let attempt = self.attempt();
        let taken = |method| facts.methods.is_empty() || facts.methods.has(method);
        if request.method().is_some_and(taken) && attempt.reaches_guards() {
            facts.access_rules = true;
            facts.authentication = attempt.wants_proof();
            facts.rate_limited |= facts.authentication;
        }
        facts
    }

    /// How the counters of the limits here stand with this request.
    pub(crate) fn quota(&self) -> Quota<'a> {
        let access_control = &self.plan.access_control;
        self.state.counted(|| access_control.count(&self.attempt())).facts()
    }

    /// Who asks, if that can be said at once.
    pub(crate) fn client_now(&self) -> Option<Client<'a>> {
        if self.state.known().is_none() {
            self.state.learn(self.plan.access_control.check_now(&self.attempt())?);
        }
        self.state.known().map(Known::facts)
    }

    /// Who asks, however long it takes to find out.
    pub(crate) async fn client(&self) -> Client<'a> {
        if let Some(client) = self.client_now() {
            return client;
        }
        self.state.learn(self.plan.access_control.check(self.attempt()).await);
        self.client_now().expect("it was found out who asks")
    }

    /// Is it told that nothing stands at the target, since this client may not know of it?
    fn is_hidden(&self) -> bool {
        let hides = self.force.hides() || self.reach.hides();
        hides && self.state.known().is_some_and(|known| !known.permitted_here())
    }

    /// What is known of the target without a look at it: that it is elsewhere, or is to look as if it were nowhere.
    pub(crate) fn place(&self) -> Option<Target<'a>> {
        if self.is_hidden() {
            return Some(Target { exists: false, representation: false, ..Target::DEFAULT });
        }
        let (names, force): (_, &'a EffectiveRules) = if self.force.is_elsewhere(self.asker()) {
            (self.context.names(), self.force)
        } else {
            // what the target is bound to may be elsewhere, though its name is not
            let (names, force) = self.reach.elsewhere(self.asker(), self.context.request.method()?)?;
            (Some(names), force)
        };
        let location = self.state.location.get_or_init(|| {
            let (names, slash) = (names?, self.context.path()?.trailing_slash);
            let pattern = self.book.elsewhere(names, self.context.request.method_name())?;
            force.location(pattern, (names, slash), self.context.uri.query())
        });
        Some(force.facts_of_elsewhere(location.as_deref()))
    }
}
