//! The listener for those who run the server: the live page, metrics and health.
//!
//! Its requests are decided by the same questions as all others. They are neither counted nor logged, since what is looked at
//! would change by the look.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use decision::case::{Case, Step};
use decision::facts::{
    Ask, Client, Connection, Facts, Failure, Outcome, Quota, Reading, Site, Storage, Stored, Target, Upstream,
};
use decision::verdict::Entity;
use observe::page::{self, Kind, Page};
use policy::authority::Authorities;
use resources::reach::Reach;
use resources::rules::book::Memory;
use semantics::fault::Kinds;
use semantics::field::Field;
use semantics::host::Authority;
use semantics::limits;
use semantics::method::{Method, Methods};
use semantics::request::{OwnedRequest, Request};
use semantics::tag::EntityTag;
use semantics::target::{Decoded, Target as TargetForm};
use transport::body::{Body, Segment};
use transport::exchange::{Arrival, Exchange};
use transport::stream::Peer;
use wire::connection::Left;
use wire::response::{Delimiting, chunk, last_chunk};

use crate::observing::Observatory;
use crate::plan;
use crate::serve::{Answer, Asking, Memo, Source, Voice, finish, read};
use crate::sites::Ids;

/// What the thread of this listener serves.
pub(crate) struct Admin {
    pub(crate) observatory: Arc<Observatory>,
    pub(crate) in_force: Arc<plan::InForce>,
    /// By which names it is called; nothing: by any.
    pub(crate) authorities: Option<Arc<Authorities<usize>>>,
    voice: Voice,
    ids: Ids,
}

impl Admin {
    pub(crate) fn new(
        observatory: Arc<Observatory>,
        in_force: Arc<plan::InForce>,
        authorities: Option<Arc<Authorities<usize>>>,
    ) -> Admin {
        let voice = Voice::new();
        let ids = Ids::from(voice.seed);
        Admin { observatory, in_force, authorities, voice, ids }
    }

    /// Is it called by one of its names? A page of another site whose name was made to lead here calls it by that.
    fn is_called(&self, request: Request<'_>, peer: Peer) -> bool {
        let (Some(authorities), Peer::Internet(_)) = (&self.authorities, peer) else { return true };
        let target = TargetForm::parse(request.target(), false).ok().and_then(|target| target.named_authority());
        let named = target.or_else(|| Authority::of_host(request.field(Field::HOST)?).ok());
        let named = named.filter(|authority| !authority.host.is_empty());
        named.is_none_or(|named| authorities.find(named.host, named.port.unwrap_or(plan::HTTP)).is_some())
    }
}

/// Serves one connection to its end.
pub(crate) async fn connection(admin: Rc<Admin>, mut exchange: Exchange) {
    while let Ok(arrival) = exchange.arrival().await {
        if !answer(&admin, &mut exchange, arrival).await {
            return;
        }
    }
}

/// Decides one request and answers it; says whether there may be another.
async fn answer(admin: &Admin, exchange: &mut Exchange, arrival: Arrival) -> bool {
    let Some((Answer { body, next, .. }, stream)) = decide(admin, exchange, arrival).await else { return false };
    let sent = match stream {
        None => exchange.send(&body).await.is_ok(),
        Some(Stream { since, delimiting }) => {
            let opening = body.segments().iter().filter_map(Segment::octets).flatten().copied().collect();
            tell(admin, exchange, (since, opening), delimiting).await
        }
    };
    sent && exchange.answered(next).await
}

/// What follows a head whose content has no end.
struct Stream {
    since: u64,
    delimiting: Delimiting,
}

async fn decide(admin: &Admin, exchange: &mut Exchange, arrival: Arrival) -> Option<(Answer, Option<Stream>)> {
    let worker = exchange.worker.clone();
    let peer = exchange.stream().peer();
    let (owned, octets) = (OwnedRequest::of(exchange.request()), exchange.split().1.to_vec());
    let (request, room, mut reading) = (owned.view(), OnceCell::new(), Reading::default());
    let fault = match arrival {
        Arrival::Head => None,
        Arrival::Fault(fault) => Some(fault),
    };
    let path = if fault.is_none() { read(request, &mut reading, &room) } else { None };
    let plan = admin.in_force.plan();
    let force = plan.admin.in_force(path.map_or(b"", |path| path.path), request.method_name(), &mut Memory::default());
    let connection = Connection {
        faults: fault.map_or(Kinds::NONE, |fault| Kinds::of(fault.kind())),
        fault,
        octets: &octets,
        content_here: exchange.left() != Left::Nothing && exchange.more_here(),
        id: admin.ids.of(request),
        overloaded: exchange.overloaded,
        now: worker.clock.stamp(),
        retry_after: exchange.overloaded.then_some(limits::RETRY_AFTER_OVERLOAD),
        ..Connection::default()
    };
    let (memo, reach) = (Memo::default(), Reach::default());
    let asking = Asking {
        plan: &plan,
        book: &plan.admin,
        served: None,
        reach: &reach,
        origin_served: admin.is_called(request, peer),
        switched: false,
        force: &force,
        memo: &memo,
        request,
        path,
        client: match peer {
            Peer::Internet(address) => Some(address.ip().to_canonical()),
            Peer::Local => None,
        },
        now: worker.clock.stamp().date,
        millis: worker.clock.millis(),
    };
    let query = reading.target.ok().and_then(|target| target.query());
    let moment = worker.clock.unix_millis();
    let page = path.and_then(|path| find(admin, path, query, moment));
    let site = asking.site(site(page.as_ref()));
    let target = target(page.as_ref());
    let (quota, client) = (OnceCell::<Quota<'_>>::new(), OnceCell::<Client<'_>>::new());
    let mut case = Case::open(Facts::new(&connection, request, &reading));
    let verdict = loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(&site),
            Step::Ask(Ask::Quota) => case.learn(quota.get_or_init(|| asking.quota())),
            Step::Ask(Ask::Client) => case.learn(match client.get() {
                Some(known) => known,
                None => {
                    let known = asking.client().await;
                    client.get_or_init(|| known)
                }
            }),
            Step::Ask(Ask::Storage) => case.learn(&Storage::DEFAULT),
            Step::Ask(Ask::Stored) => case.learn(&Stored::DEFAULT),
            Step::Ask(Ask::Upstream) => case.learn(&Upstream::DEFAULT),
            Step::Ask(Ask::Target) => case.learn(&target),
            // the methods here change nothing
            Step::Ask(Ask::Outcome) => {
                case.learn(const { &Outcome { failure: Some(Failure::Internal), ..Outcome::DEFAULT } });
            }
            Step::Say(status) => crate::serve::say(exchange, status, |_| {}),
            Step::Done(verdict) => break verdict,
            Step::Close(_) => return None,
        }
    };
    let source = Source::page(page.as_ref().map(|page| &*page.octets));
    let streams = target.endless && verdict.entity == Entity::Representation && request.is(Method::GET);
    let stream = streams.then(|| Stream {
        since: page::since(query.map_or("", text), request.field(Field::LAST_EVENT_ID)),
        delimiting: Delimiting::of(request.version(), false),
    });
    let continues = !request.has(Field::EXPECT);
    Some((finish(&admin.voice, exchange, &case.facts, (verdict, &force), source, continues), stream))
}

fn text(octets: &[u8]) -> &str {
    str::from_utf8(octets).unwrap_or_default()
}

/// What stands at a path.
fn find(admin: &Admin, path: Decoded<'_>, query: Option<&[u8]>, moment: u64) -> Option<Page> {
    let names = str::from_utf8(path.path).ok().filter(|names| !path.trailing_slash || names.is_empty())?;
    page::find(&format!("/{names}"), query.map_or("", text), &admin.observatory.state(moment))
}

fn site(page: Option<&Page>) -> Site<'static> {
    Site {
        methods: const { Methods::of(&[Method::GET, Method::HEAD, Method::OPTIONS]) },
        in_service: page.is_none_or(|page| page.in_service),
        closure: Some("the server finishes what it has begun, and takes nothing new"),
        retry_after: Some(limits::RETRY_AFTER_OVERLOAD),
        // what lasts as long as this version runs is asked for again each time, since nobody knows how long that is
        cache_control: Some(if page.is_some_and(|page| page.etag.is_some()) { "no-cache" } else { "no-store" }),
        shows_because: true,
        ..Site::DEFAULT
    }
}

fn target(page: Option<&Page>) -> Target<'_> {
    let Some(page) = page else { return Target { exists: false, representation: false, ..Target::DEFAULT } };
    Target {
        length: page.octets.len() as u64,
        endless: page.kind == Kind::Stream,
        media_type: Some(page.media_type),
        tag: page.etag.as_ref().and_then(|etag| EntityTag::parse(etag.as_bytes()).ok()),
        generated: true,
        policy: Some(page.policy),
        ..Target::DEFAULT
    }
}

/// Tells verdicts as they come, until the client has gone or the server ends; says whether all could be sent.
async fn tell(
    admin: &Admin,
    exchange: &mut Exchange,
    (mut since, mut news): (u64, Vec<u8>),
    delimiting: Delimiting,
) -> bool {
    let worker = exchange.worker.clone();
    let mut told = worker.clock.millis();
    loop {
        since = page::events(&admin.observatory.recent, since, &mut news);
        worker.clock.read();
        let now = worker.clock.millis();
        if news.is_empty() && now >= told + limits::STILL_HERE {
            news.extend_from_slice(page::STILL_HERE);
        }
        if !news.is_empty() {
            told = now;
            if !send(exchange, &mut news, delimiting).await {
                return false;
            }
        }
        if worker.deadlines.draining() {
            let mut end = Vec::new();
            if delimiting == Delimiting::Chunked {
                last_chunk(&mut end);
            }
            return exchange.send(&Body::One(Segment::Owned(end))).await.is_ok();
        }
        tokio::time::sleep(Duration::from_millis(limits::FOLLOW)).await;
    }
}

async fn send(exchange: &mut Exchange, news: &mut Vec<u8>, delimiting: Delimiting) -> bool {
    let mut octets = Vec::with_capacity(news.len() + 16);
    match delimiting {
        Delimiting::Chunked => chunk(&mut octets, news),
        Delimiting::Stated | Delimiting::Closing => octets.extend_from_slice(news),
    }
    news.clear();
    exchange.send(&Body::One(Segment::Owned(octets))).await.is_ok() && exchange.flush().await.is_ok()
}
