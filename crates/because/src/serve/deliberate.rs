//! The main loop for requests whose deed takes time: one walk, which waits wherever it must.
//!
//! It carries questions and facts to and fro like the loop for reads, and chooses nothing either. The head is kept apart from
//! the connection's buffers, since content flows through them meanwhile.

use std::cell::OnceCell;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use decision::case::{Case, Step};
use decision::facts::{Ask, Client, Connection, Facts, Quota, Reading, Stored, Upstream};
use decision::verdict::Verdict;
use resources::deed::Deed;
use resources::share::Share;
use resources::share::judge::Judged;
use resources::share::wish::Wish;
use semantics::field::Field;
use semantics::method::Method;
use semantics::request::OwnedRequest;
use semantics::status::Status;
use transport::exchange::{Arrival, Exchange};
use wire::connection::{Ending, Left};
use wire::response::{Delimiting, interim};

use super::reading::read;
use super::{Answer, Service, Source, respond};

/// What the server keeps for itself at the root: monitors and uploads.
const OWN: &[u8] = b"/.because/";

/// Is it a request whose deed takes time, to a folder that can be written to?
#[inline]
pub(super) fn concerns(service: &Service, exchange: &Exchange, arrival: Arrival) -> bool {
    service.share.is_some() && arrival == Arrival::Head && acts(service, exchange)
}

fn acts(service: &Service, exchange: &Exchange) -> bool {
    let request = exchange.request();
    match request.method() {
        Some(Method::GET | Method::HEAD) => request.target().starts_with(OWN),
        Some(Method::OPTIONS | Method::TRACE) | None => false,
        Some(method) => service.site.supports(method),
    }
}

/// Decides one request, does what it is for, and writes the head of the response; `None` if the connection is to be closed
/// without a word.
pub(super) async fn answer(service: &Service, share: &Arc<Share>, exchange: &mut Exchange) -> Option<Answer> {
    let worker = exchange.worker.clone();
    let room = OnceCell::new();
    let wish = {
        let request = exchange.request();
        let mut reading = Reading::default();
        let path = read(request, &mut reading, &room);
        let (path, slash) = path.map_or((&b""[..], false), |path| (path.path, path.trailing_slash));
        Arc::new(Wish::new(OwnedRequest::of(request), path, slash, worker.clock.stamp().date))
    };
    let (request, room, mut reading) = (wish.request(), OnceCell::new(), Reading::default());
    read(request, &mut reading, &room);
    let connection = Connection {
        overloaded: exchange.overloaded,
        content_here: exchange.left() != Left::Nothing && exchange.more_here(),
        now: worker.clock.stamp(),
        ..Connection::default()
    };
    let site = service.site.facts_of(request);
    let quota = Quota { storage_left: share.storage_left(), ..Quota::DEFAULT };
    let (judged, target) = (OnceCell::<Judged>::new(), OnceCell::new());
    let (deed, outcome) = (OnceCell::<Deed>::new(), OnceCell::new());
    let mut case = Case::open(Facts::new(&connection, request, &reading));
    let (mut continues, mut says_processing) = (!request.has(Field::EXPECT), false);
    let verdict = loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(&site),
            Step::Ask(Ask::Quota) => case.learn(&quota),
            Step::Ask(Ask::Client) => case.learn(&Client::DEFAULT),
            Step::Ask(Ask::Stored) => case.learn(&Stored::DEFAULT),
            Step::Ask(Ask::Upstream) => case.learn(&Upstream::DEFAULT),
            Step::Ask(Ask::Target) => {
                let seen = share.judge(&wish).await;
                case.learn(target.get_or_init(|| judged.get_or_init(|| seen).facts()));
            }
            Step::Ask(Ask::Outcome) => {
                continues |= connection.content_here;
                let done = act(share, &wish, exchange, says_processing).await;
                case.learn(outcome.get_or_init(|| deed.get_or_init(|| done).outcome()));
            }
            // it is said when the time for it has come, and again as long as the work lasts
            Step::Say(Status::PROCESSING) => says_processing = true,
            Step::Say(status) => {
                continues |= status == Status::CONTINUE;
                say(exchange, status);
            }
            Step::Done(verdict) => break verdict,
            Step::Close(_) => return None,
        }
    };
    let source = Source { found: None, deed: deed.get() };
    Some(finish(service, exchange, &case.facts, verdict, source, continues))
}

/// Writes an interim response; it leaves with what is sent next, which content that is waited for makes be at once.
fn say(exchange: &mut Exchange, status: Status) {
    let (request, _, output) = exchange.split();
    let version = request.version();
    interim(output, version, status, |_| {});
}

/// Does the deed. While one that takes long goes on, the client is told so now and then (RFC 2518 §10.1).
async fn act(share: &Arc<Share>, wish: &Arc<Wish>, exchange: &mut Exchange, says_processing: bool) -> Deed {
    if !says_processing {
        return share.act(wish, exchange).await;
    }
    let limits = exchange.worker.limits.clone();
    let mut work: Pin<&mut dyn Future<Output = Deed>> = pin!(share.long(wish, Arc::default()));
    let mut wait = limits.processing_after;
    loop {
        tokio::select! {
            deed = &mut work => return deed,
            () = tokio::time::sleep(Duration::from_millis(wait)) => {
                say(exchange, Status::PROCESSING);
                // who is gone need not be told; the work goes on to its end, since half of it helps nobody
                let _ = exchange.flush().await;
                wait = limits.processing_interval;
            }
        }
    }
}

fn finish(
    service: &Service,
    exchange: &mut Exchange,
    facts: &Facts<'_>,
    verdict: Verdict,
    source: Source<'_>,
    continues: bool,
) -> Answer {
    let worker = exchange.worker.clone();
    worker.clock.read();
    let ending = Ending {
        persistent: facts.request.head().persistent,
        keep: !verdict.closes && !exchange.overloaded && !exchange.is_broken(),
        delimiting: Delimiting::Stated,
        left: exchange.left(),
        waits_for_continue: !continues,
        more: exchange.more_here(),
        requests: exchange.requests,
        draining: worker.deadlines.draining(),
    };
    let next = ending.next(&worker.limits);
    let seed = service.seed ^ worker.clock.micros();
    let (_, _, output) = exchange.split();
    let mut text = service.text.borrow_mut();
    let body = respond(&verdict, facts, source, (seed, next), &mut text, output);
    Answer { verdict, written: text.len() as u64, body, next }
}
