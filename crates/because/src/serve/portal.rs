//! The portal of a captive network: who is held, and what is said to those who come to log in.
//!
//! It is decided in the same graph as everything else; the pages are `resources::portal`'s.

use std::cell::OnceCell;
use std::sync::Arc;

use decision::case::{Case, Step};
use decision::facts::{
    Ask, Client, Connection, Facts, Failure, Outcome, Quota, Reading, Storage, Stored, Target, Upstream,
};
use resources::portal::{Login, Made, Portal, Said};
use semantics::field::Field;
use semantics::host::Authority;
use semantics::limits;
use semantics::method::Method;
use semantics::request::{OwnedRequest, Request};
use semantics::target::Target as TargetForm;
use transport::exchange::{Arrival, Exchange};
use wire::connection::Left;

use super::reading::read;
use super::{Answer, Source, Under, of_connection, say};
use crate::serve::deliberate::finish;

/// How a captive listener treats a request.
pub(super) enum Held<'a> {
    /// It is for the portal.
    AtPortal(&'a Arc<Portal>),
    /// It is for somewhere else, and its client has not logged in: the address of the portal.
    Captive(&'a str),
    /// It is let through.
    Free,
}

/// How a request that came on this listener is treated.
pub(super) fn held<'a>(under: &Under<'a>, exchange: &Exchange, arrival: Arrival) -> Held<'a> {
    let plan = &under.sites.plan;
    let Some(portal) = plan.portal.as_ref().filter(|_| plan.is_captive(exchange.listener)) else { return Held::Free };
    let request = exchange.request();
    if arrival == Arrival::Head && names(request, &portal.host) {
        return Held::AtPortal(portal);
    }
    let client = under.sites.client(exchange.stream().peer(), request);
    let now = exchange.worker.clock.stamp().date.unix();
    match client.and_then(|address| plan.sessions.left(address, now)) {
        Some(_) => Held::Free,
        None => Held::Captive(&portal.address),
    }
}

/// Does the request name this authority?
fn names(request: Request<'_>, host: &str) -> bool {
    let target = TargetForm::parse(request.target(), false).ok().and_then(|target| target.named_authority());
    let named = target.or_else(|| Authority::of_host(request.field(Field::HOST)?).ok());
    let Ok(ours) = Authority::of_host(host.as_bytes()) else { return false };
    named.is_some_and(|named| named.host.same(ours.host) && named.port.unwrap_or(80) == ours.port.unwrap_or(80))
}

/// Answers a request to the portal.
pub(super) async fn answer(under: &Under<'_>, portal: &Arc<Portal>, exchange: &mut Exchange) -> Option<Answer> {
    let worker = exchange.worker.clone();
    let owned = OwnedRequest::of(exchange.request());
    let (request, room, mut reading) = (owned.view(), OnceCell::new(), Reading::default());
    let path = read(request, &mut reading, &room);
    let force = Arc::default();
    let connection = Connection {
        content_here: exchange.left() != Left::Nothing && exchange.more_here(),
        ..of_connection(under, &force, &worker, exchange.overloaded)
    };
    let site = portal.site();
    let made: OnceCell<Option<Made>> = OnceCell::new();
    let (target, outcome) = (OnceCell::new(), OnceCell::new());
    let mut case = Case::open(Facts::new(&connection, request, &reading));
    let mut continues = !request.has(Field::EXPECT);
    let verdict = loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(&site),
            Step::Ask(Ask::Quota) => case.learn(const { &Quota::open() }),
            Step::Ask(Ask::Client) => case.learn(const { &Client::open() }),
            Step::Ask(Ask::Storage) => case.learn(&Storage::DEFAULT),
            Step::Ask(Ask::Stored) => case.learn(&Stored::DEFAULT),
            Step::Ask(Ask::Upstream) => case.learn(&Upstream::DEFAULT),
            Step::Ask(Ask::Target) => {
                let place = path.and_then(|path| Portal::place(path.path));
                let query = reading.target.ok().and_then(|target| target.query());
                let made = made.get_or_init(|| place.map(|place| portal.make(place, query, left(under, exchange))));
                case.learn(target.get_or_init(|| match made {
                    Some(made) => made.facts(),
                    None => Target { exists: false, representation: false, ..Target::DEFAULT },
                }));
            }
            Step::Ask(Ask::Outcome) => {
                continues |= connection.content_here;
                let done = if request.is(Method::POST) {
                    log_in(under, portal, exchange).await
                } else {
                    Err(Failure::Internal)
                };
                case.learn(outcome.get_or_init(|| match done {
                    Ok(said) => Outcome { elsewhere: true, location: Some(said.location()), ..Outcome::DEFAULT },
                    Err(failure) => Outcome { failure: Some(failure), ..Outcome::DEFAULT },
                }));
            }
            Step::Say(status) => {
                continues = true;
                say(exchange, status, |_| {});
            }
            Step::Done(verdict) => break verdict,
            Step::Close(_) => return None,
        }
    };
    let source = Source::page(made.get().and_then(Option::as_ref).map(Made::octets));
    let noted = under.service.note(&verdict, &case.facts, &worker);
    let answer = finish(&under.service.voice, exchange, &case.facts, (verdict, &force), source, continues);
    Some(Answer { noted, ..answer })
}

/// Seconds for which the client is let through.
fn left(under: &Under<'_>, exchange: &Exchange) -> Option<i64> {
    let client = under.sites.client(exchange.stream().peer(), exchange.request())?;
    under.sites.plan.sessions.left(client, exchange.worker.clock.stamp().date.unix())
}

/// Does what the form is for, and says what its page is to say.
async fn log_in(under: &Under<'_>, portal: &Arc<Portal>, exchange: &mut Exchange) -> Result<Said, Failure> {
    let client = under.sites.client(exchange.stream().peer(), exchange.request());
    let mut content = Vec::new();
    exchange.allow(limits::PORTAL_FORM);
    loop {
        match exchange.content(&mut content, limits::INTAKE_READ).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(semantics::fault::ContentFault::Stalled) => return Err(Failure::ContentStalled),
            Err(semantics::fault::ContentFault::TooLarge) => return Err(Failure::ContentGrewTooLarge),
            Err(_) => return Err(Failure::ContentBroken),
        }
    }
    let (login, now) = (Login::read(&content), exchange.worker.clock.stamp().date.unix());
    // who comes through a socket of the file system is of this machine, and is not held
    let Some(address) = client else { return Ok(Said::Nothing) };
    let plan = &under.sites.plan;
    if login.leave {
        plan.sessions.end(address);
        return Ok(Said::Nothing);
    }
    if portal.gate.is_some() {
        if !plan.keeper.may_try(address, now) {
            return Ok(Said::Later);
        }
        let portal = Arc::clone(portal);
        let proved = plan.keeper.prove(move || {
            let gate = portal.gate.as_ref()?;
            gate.check_password(&login.user, &login.password, now)
        });
        if proved.await.is_none() {
            plan.keeper.failed(address, now);
            return Ok(Said::Wrong);
        }
    }
    let room = plan.sessions.begin(address, portal.session, now);
    Ok(if room { Said::Nothing } else { Said::Later })
}
