//! The world of the portal of a captive network: who is held, and what is said to those who come to log in.
//!
//! It is decided in the same graph as everything else; the pages are `resources::portal`'s.

use std::cell::OnceCell;
use std::net::IpAddr;
use std::sync::Arc;

use crate::limits;
use decision::case::Case;
use decision::drive::World;
use decision::facts::{
    Ask, Client, FactGroup, Facts, Failure, Outcome, Quota, Site, Storage, Stored, Target, Upstream,
};
use exchange::exchange::Exchange;
use resources::portal::{Login, Portal, PortalNotice, PortalPage};
use semantics::fault::ContentFault;
use semantics::host::Authority;
use semantics::method::Method;
use semantics::status::Status;
use semantics::target_uri::Scheme;

use crate::context::RequestContext;
use crate::drive::{WaitingWorld, decide};
use crate::handle::dispatch::Dispatch;
use crate::plan::Plan;
use crate::respond::{Answer, Source};

/// How a captive listener treats a request.
pub(crate) enum Captivity<'a> {
    /// It is for the portal.
    AtPortal(&'a Arc<Portal>),
    /// It is for somewhere else, and its client has not logged in: the address of the portal.
    Held(&'a str),
    /// It is let through.
    Free,
}

impl<'a> Captivity<'a> {
    /// How a request that came on this listener is treated.
    pub(crate) fn of(plan: &'a Plan, context: &RequestContext<'_>) -> Captivity<'a> {
        let captive = |_: &&Arc<Portal>| plan.is_captive(context.carrier.listener);
        let Some(portal) = plan.portal.as_ref().filter(captive) else { return Captivity::Free };
        if context.fault.is_none() && names(context, &portal.host) {
            return Captivity::AtPortal(portal);
        }
        let now = context.now.date.unix();
        match context.client.and_then(|address| plan.sessions.left(address, now)) {
            Some(_) => Captivity::Free,
            None => Captivity::Held(&portal.address),
        }
    }
}

/// Does the request name this authority?
fn names(context: &RequestContext<'_>, host: &str) -> bool {
    let Ok(ours) = Authority::of_host(host.as_bytes()) else { return false };
    let port = |port: Option<u16>| port.unwrap_or(Scheme::Http.default_port());
    context.uri.authority().is_some_and(|named| named.host.same(ours.host) && port(named.port) == port(ours.port))
}

/// Answers a request to the portal.
pub(crate) async fn answer<E: Exchange>(
    dispatch: &Dispatch<'_>,
    portal: &Arc<Portal>,
    exchange: &mut E,
) -> Option<Answer> {
    let context = dispatch.access.context;
    let connection = dispatch.connection(exchange.content_here());
    let room = LentFacts::default();
    let mut world = PortalWorld {
        plan: dispatch.access.plan,
        context,
        portal,
        site: portal.site(),
        room: &room,
        content_here: connection.content_here,
        exchange,
    };
    let mut case = Case::open(Facts::new(&connection, context.request, &context.reading));
    let verdict = decide(&mut case, &mut world).await?;
    let source = Source::page(room.made.get().and_then(Option::as_ref).map(PortalPage::octets));
    Some(dispatch.respond(exchange, verdict, &case.facts, source))
}

#[derive(Default)]
struct LentFacts<'a> {
    site: OnceCell<Site<'a>>,
    made: OnceCell<Option<PortalPage>>,
    target: OnceCell<Target<'a>>,
    outcome: OnceCell<Outcome<'a>>,
}

struct PortalWorld<'a, 'e, E> {
    plan: &'a Plan,
    context: &'a RequestContext<'a>,
    portal: &'a Arc<Portal>,
    site: Site<'a>,
    room: &'a LentFacts<'a>,
    content_here: bool,
    exchange: &'e mut E,
}

impl<'a, E: Exchange> World<'a> for PortalWorld<'a, '_, E> {
    fn tell(&mut self, ask: Ask, _: &Facts<'a>) -> Option<FactGroup<'a>> {
        let room = self.room;
        Some(match ask {
            Ask::Site => room.site.get_or_init(|| self.site).into(),
            Ask::Quota => const { &Quota::open() }.into(),
            Ask::Client => const { &Client::open() }.into(),
            Ask::Storage => const { &Storage::DEFAULT }.into(),
            Ask::Stored => const { &Stored::DEFAULT }.into(),
            Ask::Upstream => const { &Upstream::DEFAULT }.into(),
            Ask::Target => {
                let made = room.made.get_or_init(|| self.page());
                room.target
                    .get_or_init(|| match made {
                        Some(made) => made.facts(),
                        None => Target { exists: false, representation: false, ..Target::DEFAULT },
                    })
                    .into()
            }
            Ask::Outcome => return None,
        })
    }

    fn say(&mut self, status: Status, _: &Facts<'a>) -> bool {
        self.exchange.awaits_content();
        self.exchange.interim(status, |_| {});
        true
    }
}

impl<'a, E: Exchange> WaitingWorld<'a> for PortalWorld<'a, '_, E> {
    async fn fetch(&mut self, _: Ask, _: &Facts<'a>) -> FactGroup<'a> {
        if self.content_here {
            self.exchange.awaits_content();
        }
        let done = match self.context.request.is(Method::POST) {
            true => self.log_in().await,
            false => Err(Failure::Internal),
        };
        let outcome = match done {
            Ok(said) => Outcome { elsewhere: true, location: Some(said.location()), ..Outcome::DEFAULT },
            Err(failure) => Outcome { failure: Some(failure), ..Outcome::DEFAULT },
        };
        self.room.outcome.get_or_init(|| outcome).into()
    }
}

impl<E: Exchange> PortalWorld<'_, '_, E> {
    fn now(&self) -> i64 {
        self.context.now.date.unix()
    }

    /// The page that the path names.
    fn page(&self) -> Option<PortalPage> {
        let place = self.context.path().and_then(|path| Portal::place(path.path))?;
        let left = self.context.client.and_then(|client| self.plan.sessions.left(client, self.now()));
        Some(self.portal.make(place, self.context.uri.query(), left))
    }

    /// Does what the form is for, and says what its page is to say.
    async fn log_in(&mut self) -> Result<PortalNotice, Failure> {
        let content = self.form().await?;
        let (login, now) = (Login::read(&content), self.now());
        // who comes through a socket of the file system is of this machine, and is not held
        let Some(address) = self.context.client else { return Ok(PortalNotice::Nothing) };
        if login.leave {
            self.plan.sessions.end(address);
            return Ok(PortalNotice::Nothing);
        }
        if let Some(refusal) = self.refuses(login, address, now).await {
            return Ok(refusal);
        }
        let room = self.plan.sessions.begin(address, self.portal.session, now);
        Ok(if room { PortalNotice::Nothing } else { PortalNotice::Later })
    }

    async fn form(&mut self) -> Result<Vec<u8>, Failure> {
        let mut content = Vec::new();
        self.exchange.allow(limits::PORTAL_FORM);
        loop {
            match self.exchange.read(&mut content, limits::INTAKE_READ).await {
                Ok(true) => {}
                Ok(false) => return Ok(content),
                Err(ContentFault::Stalled) => return Err(Failure::ContentStalled),
                Err(ContentFault::TooLarge) => return Err(Failure::ContentGrewTooLarge),
                Err(_) => return Err(Failure::ContentBroken),
            }
        }
    }

    /// Where the portal asks who logs in: what its page is to say to whoever may not.
    async fn refuses(&self, login: Login, address: IpAddr, now: i64) -> Option<PortalNotice> {
        self.portal.gate.as_ref()?;
        let access_control = &self.plan.access_control;
        if !access_control.may_try(address, now) {
            return Some(PortalNotice::Later);
        }
        let portal = Arc::clone(self.portal);
        let proved = access_control.prove(move || {
            let gate = portal.gate.as_ref()?;
            gate.check_password(&login.user, &login.password, now)
        });
        if proved.await.is_some() {
            return None;
        }
        access_control.failed(address, now);
        Some(PortalNotice::Wrong)
    }
}
