//! The main loop of the server: a request arrives, is decided, is answered.
//!
//! This is the only place where the wire, the decision and the resources meet. It carries questions and facts to and fro, and
//! chooses nothing.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::mem;
use std::rc::Rc;
use std::sync::Arc;

use decision::case::{Case, Step};
use decision::explanation::{self, Media};
use decision::facts::{Ask, Client, Connection, Facts, Failure, Outcome, Quota, Reading, Stored, Upstream};
use decision::fields::{self, Made};
use decision::multistatus;
use decision::promise::{Multipart, Promise};
use decision::verdict::Verdict;
use resources::deed::Deed;
use resources::share::Share;
use resources::share::own::Own;
use resources::{Files, Found, Moment, Site, Wanted};
use semantics::fault::Kinds;
use semantics::field::Field;
use semantics::limits::{COPIED, RETRY_AFTER_OVERLOAD};
use semantics::method::Method;
use semantics::request::{Framing, Request};
use semantics::target::Decoded;
use transport::body::{Body, Segment};
use transport::exchange::{Arrival, Exchange};
use transport::worker::Worker;
use wire::connection::{Ending, Left, Next};
use wire::response::{Delimiting, ResponseHead, interim};

use crate::log::{Log, Record};

mod deliberate;
mod reading;

use reading::read;

/// What one thread serves.
pub(crate) struct Service {
    files: Files,
    /// The folder, if it can be written to.
    share: Option<Arc<Share>>,
    site: Site,
    logs: bool,
    /// What makes the boundaries of this thread's multiparts unlike those of others.
    seed: u64,
    log: RefCell<Log>,
    /// Where explanations are written, before their length is known.
    text: RefCell<Vec<u8>>,
}

impl Service {
    pub(crate) fn new(files: Files, share: Option<Arc<Share>>, site: Site, log: Log) -> Service {
        Service {
            files,
            share,
            site,
            logs: log.is_on(),
            seed: RandomState::new().hash_one(0),
            log: RefCell::new(log),
            text: RefCell::default(),
        }
    }

    /// Called at every look at the deadlines.
    pub(crate) fn tick(&self) {
        self.log.borrow_mut().hand_over();
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
struct Answer {
    verdict: Verdict,
    /// Octets of content that are with the head already.
    written: u64,
    body: Body,
    next: Next,
}

/// Decides one request and answers it; says whether there may be another.
async fn answer(service: &Service, exchange: &mut Exchange, arrival: Arrival) -> bool {
    let started = exchange.worker.clock.micros();
    let arrival = if reads_ahead(exchange, arrival) {
        exchange.discard_ahead().await.map_or(arrival, Arrival::Fault)
    } else {
        arrival
    };
    let decided = match &service.share {
        // rare, and so room for it is found only then: what waits here is small
        Some(share) if deliberate::concerns(service, exchange, arrival) => {
            Box::pin(deliberate::answer(service, share, exchange)).await
        }
        Some(share) if exchange.request().has(Field::IF) && arrival == Arrival::Head => {
            Box::pin(read_on_condition(service, share, exchange)).await
        }
        _ => match decide(service, exchange, arrival, None, true) {
            Err(Unknown) => {
                let found = Box::pin(find(service, exchange)).await;
                decide(service, exchange, arrival, Some(found), true).ok().flatten()
            }
            Ok(decided) => decided,
        },
    };
    let Some(Answer { verdict, written, body, next }) = decided else { return false };
    let waits = matches!(body, Body::Empty) && !exchange.is_full();
    let sent = if waits { Ok(()) } else { exchange.send(&body).await };
    if service.logs {
        service.log.borrow_mut().add(&Record {
            date: exchange.worker.clock.stamp().date,
            peer: exchange.stream().peer(),
            request: exchange.request(),
            verdict: &verdict,
            octets: written + body.len(),
            micros: exchange.worker.clock.read() - started,
            broken: sent.is_err(),
        });
    }
    sent.is_ok() && exchange.answered(next).await
}

/// Decides a read that comes with an If header, whose lists may name any resource here (RFC 4918 §10.4).
async fn read_on_condition(service: &Service, share: &Arc<Share>, exchange: &mut Exchange) -> Option<Answer> {
    let wish = deliberate::wish(share, exchange);
    let lists_hold = share.judge(&wish).await.facts().if_lists_hold;
    let found = find(service, exchange).await;
    decide(service, exchange, Arrival::Head, Some(found), lists_hold).ok().flatten()
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

/// What stands at the target is not known without waiting.
struct Unknown;

/// Walks the graph, fetching the facts that it asks for, and writes the head of the response; `None` if the connection is to be
/// closed without a word. It never waits: a walk that lacks what must be waited for is begun anew when that was `found`.
fn decide(
    service: &Service,
    exchange: &mut Exchange,
    arrival: Arrival,
    found: Option<Found>,
    if_lists_hold: bool,
) -> Result<Option<Answer>, Unknown> {
    let worker = exchange.worker.clone();
    let (left, more) = (exchange.left(), exchange.more_here());
    let (overloaded, requests) = (exchange.overloaded, exchange.requests);
    let (request, octets, output) = exchange.split();
    let written = output.len();
    let fault = match arrival {
        Arrival::Head => None,
        Arrival::Fault(fault) => Some(fault),
    };
    let connection = Connection {
        faults: fault.map_or(Kinds::NONE, |fault| Kinds::of(fault.kind())),
        fault,
        octets,
        overloaded,
        content_here: left != Left::Nothing && more,
        now: worker.clock.stamp(),
        retry_after: overloaded.then_some(RETRY_AFTER_OVERLOAD),
        ..Connection::default()
    };
    let (room, mut reading) = (OnceCell::new(), Reading::default());
    let path = if fault.is_none() { read(request, &mut reading, &room) } else { None };
    let site = service.site.facts_of(request);
    let there;
    let mut target;
    let mut case = Case::open(Facts::new(&connection, request, &reading));
    let (verdict, there) = match go_on(&mut case, &site, output) {
        Halt::Done(verdict) if verdict.tells_of_target() && service.share.is_some() => {
            there = found.or_else(|| find_now(service, &worker, path)).ok_or_else(|| {
                output.truncate(written);
                Unknown
            })?;
            target = there.facts();
            case.learn(&target);
            (verdict, None)
        }
        Halt::Done(verdict) => (verdict, None),
        Halt::Closed => return Ok(None),
        Halt::Target => {
            let Some(known) = found.or_else(|| find_now(service, &worker, path)) else {
                output.truncate(written);
                return Err(Unknown);
            };
            there = known;
            target = there.facts();
            target.if_lists_hold = if_lists_hold;
            case.learn(&target);
            match go_on(&mut case, &site, output) {
                Halt::Done(verdict) => (verdict, Some(&there)),
                Halt::Closed => return Ok(None),
                Halt::Target => unreachable!("no group is asked for twice"),
            }
        }
    };
    let ending = Ending {
        persistent: request.head().persistent,
        keep: !verdict.closes && !overloaded,
        delimiting: Delimiting::Stated,
        left,
        waits_for_continue: request.has(Field::EXPECT),
        more: more || fault.is_some(),
        requests,
        draining: worker.deadlines.draining(),
    };
    let next = ending.next(&worker.limits);
    let seed = service.seed ^ worker.clock.micros();
    let mut text = service.text.borrow_mut();
    let source = Source { found: there, ..Source::default() };
    let body = respond(&verdict, &case.facts, source, (seed, next), &mut text, output);
    Ok(Some(Answer { verdict, written: text.len() as u64, body, next }))
}

/// Where a walk halts.
enum Halt {
    /// It asks what stands at the target.
    Target,
    Done(Verdict),
    Closed,
}

/// Goes on with a case, telling what needs no look at the disk.
fn go_on<'a>(case: &mut Case<'a>, site: &'a decision::facts::Site<'a>, output: &mut Vec<u8>) -> Halt {
    loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(site),
            Step::Ask(Ask::Target) => return Halt::Target,
            Step::Ask(Ask::Quota) => case.learn(&Quota::DEFAULT),
            Step::Ask(Ask::Client) => case.learn(&Client::DEFAULT),
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
fn find_now(service: &Service, worker: &Worker, path: Option<Decoded<'_>>) -> Option<Found> {
    let Some(names) = path else { return Some(Found::missing()) };
    service.files.find_now(names.path, names.trailing_slash, moment(worker))
}

/// What stands at the target, looked up anew.
async fn find(service: &Service, exchange: &Exchange) -> Found {
    let (request, room, mut reading) = (exchange.request(), OnceCell::new(), Reading::default());
    let Some(Decoded { path, trailing_slash }) = read(request, &mut reading, &room) else { return Found::missing() };
    let query = reading.target.ok().and_then(|target| target.query());
    let (accept, now) = (request.values(Field::ACCEPT), moment(&exchange.worker));
    service.files.find(Wanted { path, trailing_slash, query, accept, now }).await
}

fn moment(worker: &Worker) -> Moment {
    Moment { date: worker.clock.stamp().date, millis: worker.clock.millis() }
}

/// Who has the content that a verdict promises.
#[derive(Clone, Copy, Default)]
struct Source<'a> {
    /// What stands at the target, to a read.
    found: Option<&'a Found>,
    /// What was done.
    deed: Option<&'a Deed>,
    /// What stands there among what is the server's own.
    own: Option<&'a Own>,
}

/// Writes the head of the response, and any text that goes with it, and says which content follows.
fn respond(
    verdict: &Verdict,
    facts: &Facts<'_>,
    Source { found, deed, own }: Source<'_>,
    (seed, next): (u64, Next),
    text: &mut Vec<u8>,
    output: &mut Vec<u8>,
) -> Body {
    let promise = Promise::of(verdict, facts, seed);
    text.clear();
    let media_type = match promise {
        Promise::Text => {
            let media = Media::of(verdict, facts);
            explanation::write(verdict, facts, media, text);
            Some(media.media_type())
        }
        Promise::Echo => {
            echo(facts.request, text);
            Some("message/http")
        }
        Promise::Result => {
            text.extend_from_slice(deed.map_or(&[][..], Deed::content));
            facts.outcome.media_type
        }
        Promise::Members => {
            if let Some(members) = deed.and_then(Deed::members) {
                multistatus::write(facts, members, text);
            }
            Some(multistatus::MEDIA_TYPE)
        }
        Promise::Nothing | Promise::Empty | Promise::Whole | Promise::Part(_) | Promise::Multipart(_) => None,
    };
    let made = media_type.map(|media_type| Made { media_type, length: text.len() as u64 });
    let mut head = ResponseHead::begin(output, facts.request.version(), verdict.status);
    fields::write(verdict, facts, &promise, made, &mut head);
    head.finish(Delimiting::Stated, next);
    if facts.request.is(Method::HEAD) {
        text.clear();
        return Body::Empty;
    }
    match (promise, found) {
        // it goes as it is: copied it would cost twice, and kept its room would stay with the thread
        (Promise::Text | Promise::Echo | Promise::Result | Promise::Members, _) if text.len() > COPIED => {
            Body::One(Segment::Owned(mem::take(text)))
        }
        (Promise::Text | Promise::Echo | Promise::Result | Promise::Members, _) => {
            // short, and so it waits with its head
            output.extend_from_slice(text);
            Body::Empty
        }
        (Promise::Whole, Some(found)) => Body::One(found.whole()),
        (Promise::Whole, None) => own.map_or(Body::Empty, |own| Body::One(own.segment(0, u64::MAX))),
        (Promise::Part(range), Some(found)) => Body::One(found.segment(range.first, range.length())),
        (Promise::Multipart(multipart), Some(found)) => Body::Many(parts(&multipart, facts, found)),
        (Promise::Nothing | Promise::Empty | Promise::Part(_) | Promise::Multipart(_), _) => Body::Empty,
    }
}

/// The parts of a multipart, each behind its head.
fn parts(multipart: &Multipart, facts: &Facts<'_>, found: &Found) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(multipart.parts().len() * 2 + 1);
    for range in multipart.parts() {
        let mut head = Vec::new();
        multipart.part_head(facts, *range, &mut head);
        segments.push(Segment::Owned(head));
        segments.push(found.segment(range.first, range.length()));
    }
    let mut end = Vec::new();
    multipart.end(&mut end);
    segments.push(Segment::Owned(end));
    segments
}

/// The request as it was received, without what is secret (RFC 9110 §9.3.8).
fn echo(request: Request<'_>, out: &mut Vec<u8>) {
    let version = Cow::Borrowed(request.version().name());
    for piece in [request.method_name(), b" ", request.target(), b" ", version.as_bytes(), b"\r\n"] {
        out.extend_from_slice(piece);
    }
    for (name, value, field) in request.lines() {
        if !field.is_some_and(|f| f.row().secret) {
            for piece in [name, b": ", value, b"\r\n"] {
                out.extend_from_slice(piece);
            }
        }
    }
    out.extend_from_slice(b"\r\n");
}
