//! The sites that one thread serves, and which of them a request is for.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use decision::{facts, fields};
use exchange::exchange::Carrier;
use resources::reach::Reach;
use resources::rules::book::Memory;
use resources::rules::{EffectiveRules, Rulebook};
use resources::share::Share;
use resources::{Files, Site};
use semantics::request::Request;
use semantics::target::Target;
use semantics::target_uri::{Scheme, TargetUri};

use crate::plan::{Plan, SitePlan};

pub(crate) mod forwarded;
pub(crate) mod trace;

/// The sites of one thread, as one plan has them.
pub(crate) struct Sites {
    pub(crate) plan: Arc<Plan>,
    /// Which plan it is.
    pub(crate) number: u64,
    served: Vec<Served>,
}

/// One site.
pub(crate) struct Served {
    pub(crate) files: Files,
    /// The folder, if it can be written to.
    pub(crate) share: Option<Arc<Share>>,
    pub(crate) site: Site,
    /// The facts of every read here, as long as no rule says otherwise.
    pub(crate) plain: facts::Site<'static>,
    pub(crate) book: Arc<Rulebook>,
    memory: RefCell<Memory>,
}

/// Which site a request is for.
#[derive(Clone, Copy)]
pub(crate) struct Host<'s> {
    pub(crate) served: &'s Served,
    pub(crate) named: Named,
}

/// What the authority that a request names is to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// The site, by its number.
    pub(crate) nth: usize,
    /// The authority is one of ours.
    pub(crate) origin_served: bool,
    /// It is for somebody else, and forward proxying is handed over.
    pub(crate) switched: bool,
}

/// What the last request of a connection named, and where that led: the next one mostly names the same.
#[derive(Debug, Default)]
pub(crate) struct LastHost {
    /// Of which plan this was true; nothing yet: of none.
    plan: Option<u64>,
    host: Box<[u8]>,
    named: Named,
}

impl Sites {
    /// Opens the sites of a plan for this thread.
    pub(crate) fn open(plan: Arc<Plan>, number: u64) -> io::Result<Sites> {
        let served = plan.sites.iter().map(|site| Served::open(site, plan.extensions)).collect::<io::Result<_>>()?;
        Ok(Sites { plan, number, served })
    }

    /// The site that a request is for, by the authority that it names; of a request that was not understood, the first.
    #[inline]
    pub(crate) fn host(&self, uri: &TargetUri<'_>, carrier: Carrier, last: &mut LastHost) -> Host<'_> {
        // a target that names an authority itself is rare, and looked at each time
        let named = match (&uri.target, uri.host()) {
            (Ok(Target::Origin { .. }), Some(host)) => {
                if last.plan != Some(self.number) || *last.host != *host {
                    let named = self.named(uri, carrier);
                    *last = LastHost { plan: Some(self.number), host: host.into(), named };
                }
                last.named
            }
            _ => self.named(uri, carrier),
        };
        Host { served: &self.served[named.nth], named }
    }

    fn named(&self, uri: &TargetUri<'_>, carrier: Carrier) -> Named {
        let Carrier { listener, scheme, .. } = carrier;
        // what is asked for by `https` is not had in clear text, but from a gateway that speaks it (RFC 9110 §7.4)
        let secure = uri.named_scheme() == Some(Ok(Scheme::Https)) && scheme != Scheme::Https;
        let clear = !secure || self.plan.is_open(listener);
        let named = |nth, origin_served| Named { nth, origin_served, switched: false };
        if self.plan.any_authority(listener) {
            return named(0, clear);
        }
        // HTTP/1.0 need not say whom it asks
        let Some(authority) = uri.authority() else { return named(self.plan.site_of_nobody(), true) };
        match self.plan.site_of(authority, listener) {
            Some(nth) => named(nth, clear),
            None if uri.names_authority() && self.plan.next_proxy.is_some() => {
                Named { switched: true, ..named(0, true) }
            }
            None => named(0, false),
        }
    }
}

impl Served {
    fn open(plan: &SitePlan, extensions: &'static [&'static [u8]]) -> io::Result<Served> {
        let files = Files::open(&plan.folder, &plan.options, plan.share.clone(), fields::render)?;
        let site = Site::new(&plan.options);
        Ok(Served {
            files,
            share: plan.share.clone(),
            plain: facts::Site { extensions, hides: plan.book.hides(), ..*site.plain() },
            site,
            book: Arc::clone(&plan.book),
            memory: RefCell::default(),
        })
    }

    /// The places that a request for a decoded path reaches besides that.
    #[inline]
    pub(crate) fn reach(&self, path: Option<&[u8]>, request: Request<'_>) -> Reach {
        Reach::of(request, path, &self.book, self.share.as_deref())
    }

    /// What is in force for a decoded path, or where there is none.
    #[inline]
    pub(crate) fn in_force(&self, path: Option<&[u8]>, request: Request<'_>) -> Arc<EffectiveRules> {
        let method = request.method().map_or(request.method_name(), |method| method.name().as_bytes());
        self.book.in_force(path.unwrap_or_default(), method, &mut self.memory.borrow_mut())
    }
}
