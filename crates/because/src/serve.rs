//! The main loop of the server: a request arrives, is decided, is answered.
//!
//! This is the only place where the wire, the decision and the resources meet. It carries questions and facts to and fro, and
//! chooses nothing.

use std::cell::{OnceCell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use decision::case::{Case, Step};
use decision::facts::{
    Ask, Client, Connection, Facts, Failure, Outcome, Quota, Reading, RequestId, Storage, Stored, Target, Upstream,
};
use decision::verdict::Verdict;
use observe::event::{self, Event};
use resources::keeper::Known;
use resources::reach::Reach;
use resources::rules::{self, InForce};
use resources::veil::Veil;
use resources::{Found, Moment, Wanted};
use semantics::fault::Kinds;
use semantics::field::Field;
use semantics::limits::RETRY_AFTER_OVERLOAD;
use semantics::request::{Framing, Request};
use semantics::target::Decoded;
use transport::body::Body;
use transport::exchange::{Arrival, Exchange};
use transport::stream::Peer;
use transport::worker::Worker;
use wire::connection::{Ending, Left, Next};
use wire::response::{Delimiting, interim};

use crate::log::{Log, Record};
use crate::observing::{Lookout, Noted};
use crate::plan;
use crate::recorder::Recorder;
use crate::sites::{Host, Ids, Sites};

pub(crate) mod asking;
mod deliberate;
mod level;
mod portal;
pub(crate) mod reading;
mod respond;

pub(crate) use asking::{Asking, Memo};
pub(crate) use deliberate::{finish, say};
pub(crate) use reading::read;
pub(crate) use respond::{Source, Voice};

use portal::Held;
use respond::respond;

/// What one thread serves.
pub(crate) struct Service {
    in_force: Arc<plan::InForce>,
    /// The sites, and the number of the plan that they are of.
    sites: RefCell<(u64, Rc<Sites>)>,
    logs: bool,
    ids: Ids,
    log: RefCell<Log>,
    recorder: Option<RefCell<Recorder>>,
    /// Where somebody looks on.
    lookout: Option<Lookout>,
    voice: Voice,
}

impl Service {
    pub(crate) fn new(
        in_force: Arc<plan::InForce>,
        log: Log,
        (recorder, lookout): (Option<Recorder>, Option<Lookout>),
    ) -> io::Result<Service> {
        let voice = Voice::new();
        let number = in_force.number();
        Ok(Service {
            sites: RefCell::new((number, Rc::new(Sites::open(in_force.plan())?))),
            in_force,
            logs: log.is_on(),
            ids: Ids::from(voice.seed),
            log: RefCell::new(log),
            recorder: recorder.map(RefCell::new),
            lookout,
            voice,
        })
    }

    /// Called at every look at the deadlines.
    pub(crate) fn tick(&self) {
        self.log.borrow_mut().hand_over();
        if let Some(recorder) = &self.recorder {
            recorder.borrow_mut().hand_over();
        }
    }

    /// Writes down what was decided, and by which facts, as far as that is wanted: into a record, and for those who look on.
    #[inline]
    fn note(&self, verdict: &Verdict, facts: &Facts<'_>, worker: &Worker) -> Option<Noted> {
        if let Some(recorder) = &self.recorder {
            recorder.borrow_mut().add(facts, verdict);
        }
        self.lookout.as_ref().and_then(|lookout| lookout.note(verdict, facts, worker.clock.unix_millis()))
    }

    /// Counts a look at the target: it was known already, or not.
    #[inline]
    fn looked(&self, known: bool) {
        match &self.lookout {
            Some(lookout) if known => lookout.counter.cache_hit(),
            Some(lookout) => lookout.counter.cache_miss(),
            None => {}
        }
    }

    /// The sites, as the plan in force has them. A plan whose folders this thread cannot open leaves the old sites in place.
    #[inline]
    fn sites(&self) -> Rc<Sites> {
        if self.in_force.number() != self.sites.borrow().0 {
            self.take_over();
        }
        Rc::clone(&self.sites.borrow().1)
    }

    #[cold]
    fn take_over(&self) {
        let number = self.in_force.number();
        match Sites::open(self.in_force.plan()) {
            Ok(sites) => *self.sites.borrow_mut() = (number, Rc::new(sites)),
            Err(error) => {
                self.sites.borrow_mut().0 = number;
                eprintln!("because: the new configuration is not in force on this thread: {error}");
            }
        }
    }
}

/// Serves one connection to its end.
#[allow(clippy::manual_async_fn)] // an `async fn` has room for its arguments twice, and this room waits with every connection
pub(crate) fn connection(service: Rc<Service>, mut exchange: Exchange) -> impl Future<Output = ()> {
    async move {
        // a connection that breaks leaves nobody to tell
        while let Ok(arrival) = exchange.arrival().await {
            if !answer(&service, &mut exchange, arrival).await {
                return;
            }
        }
    }
}

/// What was decided, and what there is to send.
pub(crate) struct Answer {
    verdict: Verdict,
    /// What was in force.
    force: Arc<InForce>,
    /// The line of the configuration that decided, if one did.
    rule: Option<rules::Source>,
    /// Octets of content that are with the head already.
    written: u64,
    pub(crate) body: Body,
    pub(crate) next: Next,
    /// What is kept of it for those who look on.
    noted: Option<Noted>,
}

/// What is the same for all walks of a request.
struct Under<'a> {
    service: &'a Service,
    sites: &'a Sites,
    host: &'a Host,
    memo: &'a Memo,
    id: RequestId,
    /// The address of the page where the client has to log in to the network first.
    captive: Option<&'a str>,
}

/// Decides one request and answers it; says whether there may be another.
async fn answer(service: &Service, exchange: &mut Exchange, arrival: Arrival) -> bool {
    let started = exchange.worker.clock.micros();
    let arrival = if reads_ahead(exchange, arrival) {
        exchange.discard_ahead().await.map_or(arrival, Arrival::Fault)
    } else {
        arrival
    };
    let sites = service.sites();
    let host = sites.host(exchange.request(), exchange.listener);
    let (memo, id) = (Memo::default(), service.ids.of(exchange.request()));
    let mut under = Under { service, sites: &sites, host: &host, memo: &memo, id, captive: None };
    let held = portal::held(&under, exchange, arrival);
    if let Held::Captive(address) = held {
        under.captive = Some(address);
    }
    let decided = match &host.served.share {
        _ if let Held::AtPortal(portal) = &held => Box::pin(portal::answer(&under, portal, exchange)).await,
        // rare, and so room for it is found only then: what waits here is small
        Some(share) if matches!(held, Held::Free) && deliberate::concerns(&under, exchange, arrival) => {
            Box::pin(deliberate::answer(&under, share, exchange)).await
        }
        _ => match decide(&under, exchange, arrival, None, true) {
            Err(lacking) => Box::pin(decide_in_time(&under, exchange, arrival, lacking)).await,
            Ok(decided) => decided,
        },
    };
    let Some(Answer { verdict, force, rule, written, body, next, noted }) = decided else { return false };
    if host.served.book.hides() && level::concerns(&verdict) {
        Box::pin(level::level(&under, exchange, &verdict)).await;
    }
    if verdict.status.is_error() && memo.known().is_some_and(Known::has_paid) {
        Box::pin(refund(&under, exchange, &force)).await;
    }
    let waits = matches!(body, Body::Empty) && !exchange.is_full();
    let sent = if waits { Ok(()) } else { exchange.send(&body).await };
    if service.logs || service.lookout.is_some() {
        let record = Record {
            client: sites.client(exchange.stream().peer(), exchange.request()),
            request: exchange.request(),
            verdict: &verdict,
            octets: written + body.len(),
            micros: exchange.worker.clock.read() - started,
            broken: sent.is_err(),
            rule,
            user: memo.known().and_then(Known::user).map(|user| user.name.as_str()),
            id,
            date: exchange.worker.clock.stamp().date,
        };
        service.log.borrow_mut().add(&record);
        if let Some(lookout) = &service.lookout {
            let event = event(&record, exchange.worker.clock.unix_millis());
            #[cfg(feature = "otlp")]
            lookout.trace(&event, record.request);
            lookout.see(&event, noted);
        }
    }
    sent.is_ok() && exchange.answered(next).await
}

/// What is told of an answer to those who look on.
fn event<'a>(record: &Record<'a>, moment: u64) -> Event<'a> {
    Event {
        moment,
        client: record.client,
        method: record.request.method_name(),
        target: record.request.target(),
        host: record.request.field(Field::HOST),
        status: record.verdict.status.code(),
        last: record.verdict.last,
        because: record.verdict.because,
        rule: record.rule.map(|rule| event::Rule { file: rule.file, line: rule.line }),
        user: record.user,
        octets: record.octets,
        micros: record.micros,
        id: record.id,
        broken: record.broken,
    }
}

/// Decides a request whose walk lacks what must be waited for: it is fetched, and the walk begins anew.
async fn decide_in_time(
    under: &Under<'_>,
    exchange: &mut Exchange,
    arrival: Arrival,
    mut lacking: Lacking,
) -> Option<Answer> {
    let (mut found, mut lists_hold) = (None, true);
    loop {
        match lacking {
            Lacking::Client => check(under, exchange).await,
            Lacking::Target => {
                if let Some(share) = under.host.served.share.as_ref().filter(|_| exchange.request().has(Field::IF)) {
                    let wish = deliberate::wish(share, under, exchange);
                    lists_hold = share.judge(&wish).await.facts().if_lists_hold;
                }
                let veil = if under.host.served.book.hides() { veil(under, exchange).await } else { None };
                found = Some(find(under.host, exchange, veil).await);
            }
        }
        match decide(under, exchange, arrival, found.clone(), lists_hold) {
            Ok(decided) => return decided,
            Err(again) => lacking = again,
        }
    }
}

/// Finds out who asks, however long it takes: away from the thread that serves everybody.
async fn check(under: &Under<'_>, exchange: &Exchange) {
    let (room, mut reading) = (OnceCell::new(), Reading::default());
    let request = exchange.request();
    let path = read(request, &mut reading, &room);
    let force = under.host.served.in_force(path.map(|path| path.path), request);
    let reach = under.host.served.reach(path.map(|path| path.path), request);
    let asking = asking(under, &exchange.worker, exchange.stream().peer(), (request, path), (&force, &reach));
    under.memo.learn(under.sites.plan.keeper.check(asking.attempt()).await);
}

/// Gives back what was paid for a request that is refused.
async fn refund(under: &Under<'_>, exchange: &Exchange, force: &Arc<InForce>) {
    let (room, mut reading) = (OnceCell::new(), Reading::default());
    let request = exchange.request();
    let path = read(request, &mut reading, &room);
    let reach = under.host.served.reach(path.map(|path| path.path), request);
    let asking = asking(under, &exchange.worker, exchange.stream().peer(), (request, path), (force, &reach));
    under.sites.plan.keeper.refund(asking.attempt()).await;
}

/// What of the site's collections the client may know of.
async fn veil(under: &Under<'_>, exchange: &Exchange) -> Option<Arc<Veil>> {
    let (room, mut reading) = (OnceCell::new(), Reading::default());
    let request = exchange.request();
    let path = read(request, &mut reading, &room);
    let (force, reach) = (Arc::default(), Reach::default());
    let asking = asking(under, &exchange.worker, exchange.stream().peer(), (request, path), (&force, &reach));
    under.sites.plan.keeper.veil(asking.attempt()).await
}

/// The request as one that asks.
fn asking<'a>(
    under: &Under<'a>,
    worker: &Worker,
    peer: Peer,
    (request, path): (Request<'a>, Option<Decoded<'a>>),
    (force, reach): (&'a Arc<InForce>, &'a Reach),
) -> Asking<'a> {
    Asking {
        plan: &under.sites.plan,
        book: &under.host.served.book,
        served: Some(&under.host.served.site),
        reach,
        origin_served: under.host.origin_served,
        switched: under.host.switched,
        force,
        memo: under.memo,
        request,
        path,
        client: under.sites.client(peer, request),
        now: worker.clock.stamp().date,
        millis: worker.clock.millis(),
    }
}

/// Does a read bring content that will be thrown away, and surely comes? It is waited for, so that a request which does not come
/// to its end is answered as what it is. Other methods are refused without waiting, since nothing here takes their content; and
/// so is everybody while there is no room.
#[inline]
fn reads_ahead(exchange: &Exchange, arrival: Arrival) -> bool {
    let request = exchange.request();
    let Framing::Length(length) = request.framing() else { return false };
    let limits = &exchange.worker.limits;
    arrival == Arrival::Head
        && !exchange.overloaded
        && request.is_read()
        && !request.has(Field::EXPECT)
        && length <= limits.discard.min(limits.content)
}

/// What a walk lacks that is not known without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lacking {
    /// What stands at the target.
    Target,
    /// Who asks.
    Client,
}

/// Walks the graph, fetching the facts that it asks for, and writes the head of the response; `None` if the connection is to be
/// closed without a word. It never waits: a walk that lacks what must be waited for is begun anew when that was `found`.
fn decide(
    under: &Under<'_>,
    exchange: &mut Exchange,
    arrival: Arrival,
    found: Option<Found>,
    if_lists_hold: bool,
) -> Result<Option<Answer>, Lacking> {
    let Under { service, host, .. } = *under;
    let worker = exchange.worker.clone();
    let peer = exchange.stream().peer();
    let (left, more) = (exchange.left(), exchange.more_here());
    let (crowded, requests) = (exchange.overloaded, exchange.requests);
    let (request, octets, output) = exchange.split();
    let written = output.len();
    let fault = match arrival {
        Arrival::Head => None,
        Arrival::Fault(fault) => Some(fault),
    };
    let (room, mut reading) = (OnceCell::new(), Reading::default());
    let path = if fault.is_none() { read(request, &mut reading, &room) } else { None };
    let force = host.served.in_force(path.map(|path| path.path), request);
    let connection = Connection {
        faults: fault.map_or(Kinds::NONE, |fault| Kinds::of(fault.kind())),
        fault,
        octets,
        content_here: left != Left::Nothing && more,
        captive: under.captive.is_some(),
        portal: under.captive,
        ..of_connection(under, &force, &worker, crowded)
    };
    let reach = host.served.reach(path.map(|path| path.path), request);
    let asking = asking(under, &worker, peer, (request, path), (&force, &reach));
    let site = asking.site(host.served.site.facts_of(request, path.map(|path| path.path)));
    let mut world = World { asking: &asking, site: &site, groups: &Groups::default(), output };
    let (there, location) = (OnceCell::new(), OnceCell::new());
    let target = OnceCell::new();
    let mut case = Case::open(Facts::new(&connection, request, &reading));
    let mut seen = None;
    let lacking = |lacking, output: &mut Vec<u8>| {
        output.truncate(written);
        Err(lacking)
    };
    let verdict = loop {
        let tells_of_target = match go_on(&mut case, &mut world) {
            Halt::Done(verdict) if verdict.tells_of_target() && host.served.share.is_some() && seen.is_none() => {
                Some(verdict)
            }
            Halt::Done(verdict) => break verdict,
            Halt::Closed => return Ok(None),
            Halt::Client => return lacking(Lacking::Client, world.output),
            Halt::Target => None,
        };
        if let Some(elsewhere) = asking.place(&location) {
            case.learn(target.get_or_init(|| elsewhere));
            match tells_of_target {
                Some(verdict) => break verdict,
                None => continue,
            }
        }
        // the lists of If may name any resource here, and so they are judged first (RFC 4918 §10.4)
        let judged = found.is_some() || host.served.share.is_none() || !request.has(Field::IF);
        let known = found.clone().or_else(|| find_now(host, &worker, path).filter(|_| judged));
        if found.is_none() && path.is_some() {
            service.looked(known.is_some());
        }
        let Some(known) = known else { return lacking(Lacking::Target, world.output) };
        let known: &Found = there.get_or_init(|| known);
        case.learn(target.get_or_init(|| Target { if_lists_hold, ..known.facts() }));
        if let Some(verdict) = tells_of_target {
            break verdict;
        }
        seen = Some(known);
    };
    let ending = Ending {
        persistent: request.head().persistent,
        keep: !verdict.closes && !crowded,
        delimiting: Delimiting::Stated,
        left,
        waits_for_continue: request.has(Field::EXPECT),
        more: more || fault.is_some(),
        requests,
        draining: worker.deadlines.draining(),
    };
    let next = ending.next(&worker.limits);
    let noted = service.note(&verdict, &case.facts, &worker);
    let source = Source { found: seen, ..Source::default() };
    let mut speech = service.voice.at(worker.clock.micros());
    let body = respond(&verdict, &case.facts, source, (&mut speech, Delimiting::Stated, next), world.output);
    let rule = asking.rule(verdict.last);
    Ok(Some(Answer { verdict, force: force.clone(), rule, written: speech.written(), body, next, noted }))
}

/// What is always known of a request besides its octets.
fn of_connection<'a>(under: &Under<'a>, force: &'a InForce, worker: &Worker, crowded: bool) -> Connection<'a> {
    let overloaded = crowded || worker.deadlines.lag() > worker.limits.queue_delay;
    Connection {
        policy: force.policy.as_deref(),
        id: under.id,
        overloaded,
        now: worker.clock.stamp(),
        retry_after: overloaded.then_some(RETRY_AFTER_OVERLOAD),
        ..Connection::default()
    }
}

/// Where a walk halts.
enum Halt {
    /// It asks what stands at the target.
    Target,
    /// It asks who asks, and that takes time.
    Client,
    Done(Verdict),
    Closed,
}

/// Groups of facts, kept while a walk goes on.
#[derive(Default)]
struct Groups<'a> {
    quota: OnceCell<Quota<'a>>,
    client: OnceCell<Client<'a>>,
}

/// What a walk is told from, as far as that needs no look at the disk.
struct World<'w, 'a> {
    asking: &'w Asking<'a>,
    site: &'a decision::facts::Site<'a>,
    groups: &'a Groups<'a>,
    output: &'w mut Vec<u8>,
}

/// Goes on with a case, telling what needs no look at the disk.
fn go_on<'a>(case: &mut Case<'a>, world: &mut World<'_, 'a>) -> Halt {
    let World { asking, site, groups, output } = world;
    loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(*site),
            Step::Ask(Ask::Target) => return Halt::Target,
            Step::Ask(Ask::Quota) => case.learn(groups.quota.get_or_init(|| asking.quota())),
            Step::Ask(Ask::Storage) => case.learn(&Storage::DEFAULT),
            Step::Ask(Ask::Client) => match asking.client_now() {
                Some(client) => case.learn(groups.client.get_or_init(|| client)),
                None => return Halt::Client,
            },
            Step::Ask(Ask::Stored) => case.learn(&Stored::DEFAULT),
            Step::Ask(Ask::Upstream) => case.learn(&Upstream::DEFAULT),
            // the methods decided here change nothing; should another get here, that is a fault of ours
            Step::Ask(Ask::Outcome) => {
                case.learn(const { &Outcome { failure: Some(Failure::Internal), ..Outcome::DEFAULT } });
            }
            Step::Say(status) => interim(output, case.facts.request.version(), status, |_| {}),
            Step::Done(verdict) => return Halt::Done(verdict),
            Step::Close(_) => return Halt::Closed,
        }
    }
}

/// What stands at the target, if that is known already: no name can lead to it, or it was looked at a short while ago.
#[inline]
fn find_now(host: &Host, worker: &Worker, path: Option<Decoded<'_>>) -> Option<Found> {
    let Some(names) = path else { return Some(Found::missing()) };
    host.served.files.find_now(names.path, names.trailing_slash, moment(worker))
}

/// What stands at the target, looked up anew.
async fn find(host: &Host, exchange: &Exchange, veil: Option<Arc<Veil>>) -> Found {
    let (request, room, mut reading) = (exchange.request(), OnceCell::new(), Reading::default());
    let Some(Decoded { path, trailing_slash }) = read(request, &mut reading, &room) else { return Found::missing() };
    let query = reading.target.ok().and_then(|target| target.query());
    let (accept, now) = (request.values(Field::ACCEPT), moment(&exchange.worker));
    host.served.files.find(Wanted { path, trailing_slash, query, accept, veil, now }).await
}

fn moment(worker: &Worker) -> Moment {
    Moment { date: worker.clock.stamp().date, millis: worker.clock.millis() }
}
