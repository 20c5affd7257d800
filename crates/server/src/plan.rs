//! What is to be served, as one value that all threads share: made of the command line or of a configuration, replaced as a
//! whole when that is read anew.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use access::bearer::issuer::Issuer;
use policy::authority::Authorities;
use policy::network::{Countries, Networks};
use resources::Options;
use resources::access_control::AccessControl;
use resources::portal::{Portal, Sessions};
use resources::rules::Rulebook;
use resources::share::Share;
use semantics::host::{Authority, Host};

use crate::plan::build::people::Where;

pub mod authorities;
pub mod build;

/// The port of a request in clear text that names none (RFC 9110 §4.2.1).
pub(crate) const HTTP: u16 = 80;

/// What is to be served.
#[derive(Debug)]
pub struct Plan {
    /// The sites; there is one at least.
    pub sites: Vec<SitePlan>,
    /// Which of them has which authority. Nothing: the first has all.
    pub(crate) authorities: Option<Authorities<usize>>,
    /// The listeners, by their order, on which every authority is served whatever that says: sockets of the file system, which
    /// no page of a browser reaches.
    pub(crate) open_listeners: Vec<bool>,
    /// The portal of a captive network, and how many listeners, the last ones, hold clients until they log in there.
    pub(crate) portal: Option<Arc<Portal>>,
    pub(crate) captive: usize,
    /// Who is let through.
    pub(crate) sessions: Arc<Sessions>,
    /// Proxies that are believed when they tell for whom they ask.
    pub(crate) forwarded: Networks,
    /// In which countries addresses are.
    pub(crate) countries: Option<Countries>,
    /// Mandatory extensions that are understood (RFC 2774).
    pub(crate) extensions: &'static [&'static [u8]],
    /// The proxy to which requests for a forward proxy are handed over.
    pub(crate) next_proxy: Option<String>,
    /// Who issues tokens, and where the keys are that they are signed with.
    pub(crate) issuers: Vec<(Arc<Issuer>, Where)>,
    /// Who asks, and how often.
    pub(crate) access_control: Arc<AccessControl>,
    /// Who may look on.
    pub(crate) admin: Arc<Rulebook>,
}

/// One site.
#[derive(Debug)]
pub struct SitePlan {
    /// Its authorities, as they are written.
    pub name: String,
    /// Its folder, by its whole path.
    pub folder: PathBuf,
    /// What it is told.
    pub options: Options,
    /// The folder, if it can be written to.
    pub share: Option<Arc<Share>>,
    /// Its rules.
    pub book: Arc<Rulebook>,
}

impl Plan {
    /// Is every authority served on this listener?
    #[inline]
    pub(crate) fn any_authority(&self, listener: u16) -> bool {
        self.authorities.is_none() || self.sites.len() == 1 && self.is_open(listener)
    }

    /// Does this listener hold clients until they log in to the network?
    #[inline]
    pub(crate) fn is_captive(&self, listener: u16) -> bool {
        self.captive > 0 && usize::from(listener) + self.captive >= self.open_listeners.len()
    }

    /// Is it a socket of the file system?
    pub(crate) fn is_open(&self, listener: u16) -> bool {
        self.open_listeners.get(usize::from(listener)).copied().unwrap_or(false)
    }

    /// The site of an authority.
    pub(crate) fn site_of(&self, authority: Authority<'_>, listener: u16) -> Option<usize> {
        let found = self
            .authorities
            .as_ref()
            .and_then(|authorities| authorities.find(authority.host, authority.port.unwrap_or(HTTP)))
            .copied();
        found.or_else(|| self.is_open(listener).then_some(0))
    }

    /// The site of a request that names no authority: the one for all others, or the first.
    pub(crate) fn site_of_nobody(&self) -> usize {
        let any = self.authorities.as_ref().and_then(|authorities| authorities.find(Host::Name(b""), HTTP));
        any.copied().unwrap_or(0)
    }

    /// The plan without anything that a request could meet but its first site: what a test and an explanation start from.
    pub(crate) fn of_sites(sites: Vec<SitePlan>, access_control: Arc<AccessControl>) -> Plan {
        Plan {
            sites,
            authorities: None,
            open_listeners: Vec::new(),
            portal: None,
            captive: 0,
            sessions: Arc::default(),
            forwarded: Networks::default(),
            countries: None,
            extensions: &[],
            next_proxy: None,
            issuers: Vec::new(),
            access_control,
            admin: Arc::default(),
        }
    }
}

/// The plan in force. Threads look at its number, which costs next to nothing, and take it anew when that has changed.
#[derive(Debug)]
pub(crate) struct CurrentPlan {
    number: AtomicU64,
    plan: RwLock<Arc<Plan>>,
}

impl CurrentPlan {
    /// This plan, from the start.
    pub(crate) fn new(plan: Plan) -> CurrentPlan {
        CurrentPlan { number: AtomicU64::new(0), plan: RwLock::new(Arc::new(plan)) }
    }

    /// How often it was replaced.
    #[inline]
    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// The plan.
    pub(crate) fn plan(&self) -> Arc<Plan> {
        // who panicked while he held it had read it, or had replaced it as a whole
        Arc::clone(&self.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in its place.
    pub(crate) fn replace(&self, plan: Plan) {
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
        self.number.fetch_add(1, Ordering::Release);
    }
}
