//! The main loop for requests whose deed takes time: one walk, which waits wherever it must.
//!
//! It carries questions and facts to and fro like the loop for reads, and chooses nothing either. The head is kept apart from
//! the connection's buffers, since content flows through them meanwhile.

use std::cell::OnceCell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use decision::case::{Case, Step};
use decision::facts::{Ask, Connection, Facts, Reading, Site, Storage, Stored, Target, Upstream};
use decision::fields;
use decision::reply::asks_of_places;
use decision::verdict::{Entity, Verdict};
use resources::deed::Deed;
use resources::rules::InForce;
use resources::rules::tell::Asker;
use resources::share::Share;
use resources::share::judge::Judged;
use resources::share::own::{self, Own};
use resources::share::wish::Wish;
use resources::uploads::Appending;
use semantics::field::{Field, Sink};
use semantics::method::Method;
use semantics::request::OwnedRequest;
use semantics::status::Status;
use transport::exchange::{Arrival, Exchange};
use wire::connection::{Ending, Left};
use wire::response::{Delimiting, interim};

use super::reading::read;
use super::{Answer, Groups, Source, Under, Voice, asking, of_connection, respond};
use crate::sites::Host;

/// What the server keeps for itself at the root: monitors and uploads.
const OWN: &[u8] = b"/.because";

/// Is it a request whose deed takes time, to a folder that can be written to?
#[inline]
pub(super) fn concerns(under: &Under<'_>, exchange: &Exchange, arrival: Arrival) -> bool {
    arrival == Arrival::Head && acts(under.host, exchange)
}

fn acts(host: &Host, exchange: &Exchange) -> bool {
    let request = exchange.request();
    let own = is_own(exchange);
    match request.method() {
        Some(Method::GET | Method::HEAD) => own,
        // a drop folder has uploads that go on and are given up, though nothing else is changed
        Some(Method::PATCH | Method::DELETE) if own => true,
        Some(Method::OPTIONS) => own,
        Some(Method::TRACE) | None => false,
        Some(method) => host.served.site.supports(method),
    }
}

/// Is the target among what is the server's own? By its names, whatever form the target has and wherever its path goes round.
fn is_own(exchange: &Exchange) -> bool {
    let request = exchange.request();
    // every way to write the name holds one of these, and few other targets do
    if !request.target().contains(&b'%') && !holds_own(request.target()) {
        return false;
    }
    let (room, mut reading) = (OnceCell::new(), Reading::default());
    read(request, &mut reading, &room).is_some_and(|path| own::is_own(path.path))
}

fn holds_own(target: &[u8]) -> bool {
    target.windows(OWN.len()).any(|part| part == OWN)
}

/// Decides one request, does what it is for, and writes the head of the response; `None` if the connection is to be closed
/// without a word.
pub(super) async fn answer(under: &Under<'_>, share: &Arc<Share>, exchange: &mut Exchange) -> Option<Answer> {
    let worker = exchange.worker.clone();
    let wish = wish(share, under, exchange);
    let (request, room, mut reading) = (wish.request(), OnceCell::new(), Reading::default());
    let path = read(request, &mut reading, &room);
    let force = under.host.served.in_force(path.map(|path| path.path), request);
    let reach = under.host.served.reach(path.map(|path| path.path), request);
    let asking = asking(under, &worker, exchange.stream().peer(), (request, path), (&force, &reach));
    let connection = Connection {
        content_here: exchange.left() != Left::Nothing && exchange.more_here(),
        ..of_connection(under, &force, &worker, exchange.overloaded)
    };
    let own = path.is_some_and(|path| own::is_own(path.path));
    let (plain, names) = (&under.host.served.site, path.map(|path| path.path));
    let site = asking.site(if own { plain.facts_of_own(request, names) } else { plain.facts_of(request, names) });
    let (seen, target, storage) = (OnceCell::<Seen>::new(), OnceCell::new(), OnceCell::new());
    let (groups, location) = (Groups::default(), OnceCell::new());
    if path.is_none() {
        // a name in it can be no name, so nothing stands there, and nothing can be made
        seen.get_or_init(|| Seen::Own(Own::nowhere()));
    }
    let (deed, outcome) = (OnceCell::<Deed>::new(), OnceCell::new());
    let mut case = Case::open(Facts::new(&connection, request, &reading));
    let mut said = Said { continues: !request.has(Field::EXPECT), ..Said::default() };
    let verdict = loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(&site),
            Step::Ask(Ask::Client) => {
                let known = asking.client().await;
                case.learn(groups.client.get_or_init(|| known));
            }
            Step::Ask(Ask::Stored) => case.learn(&Stored::DEFAULT),
            Step::Ask(Ask::Upstream) => case.learn(&Upstream::DEFAULT),
            Step::Ask(Ask::Quota) => case.learn(groups.quota.get_or_init(|| asking.quota())),
            Step::Ask(Ask::Storage) => {
                // what is replaced makes room for what replaces it, so the target must be known first
                let room = match asking.place(&location) {
                    Some(_) => None,
                    None => look(share, &wish, &seen).await.room(share),
                };
                case.learn(storage.get_or_init(|| Storage { left: room }));
            }
            Step::Ask(Ask::Target) => {
                let told = match asking.place(&location) {
                    Some(elsewhere) => elsewhere,
                    None => Target { resumable: share.resumes(&wish), ..look(share, &wish, &seen).await.facts() },
                };
                case.learn(target.get_or_init(|| told));
            }
            Step::Ask(Ask::Outcome) => {
                said.continues |= connection.content_here;
                // a form, and an upload that was begun by one, name what they add
                let names =
                    request.is(Method::PROPFIND) || request.is(Method::POST) || own && request.is(Method::PATCH);
                if names && let Some(veil) = under.sites.plan.keeper.veil(asking.attempt()).await {
                    wish.set_veil(veil);
                }
                let seen = look(share, &wish, &seen).await;
                let done = act(share, &wish, exchange, &mut said, seen).await;
                case.learn(outcome.get_or_init(|| deed.get_or_init(|| done).outcome()));
            }
            // it is said when the time for it has come, and again as long as the work lasts
            Step::Say(Status::PROCESSING) => said.processing = true,
            Step::Say(Status::UPLOAD_RESUMPTION_SUPPORTED) => {
                said.upload = begin_upload(share, &wish, exchange, &site).await;
            }
            Step::Say(status) => {
                said.continues |= status == Status::CONTINUE;
                say(exchange, status, |_| {});
            }
            Step::Done(verdict) => break verdict,
            Step::Close(_) => return None,
        }
    };
    let source = Source { deed: deed.get(), own: seen.get().and_then(Seen::own), ..Source::default() };
    let noted = under.service.note(&verdict, &case.facts, &worker);
    let answer = finish(&under.service.voice, exchange, &case.facts, (verdict, &force), source, said.continues);
    // what only a look at its places finds is known by whoever looked
    let of_places = || deed.get().and_then(Deed::rule).or_else(|| seen.get()?.judged()?.rule());
    let rule = if asks_of_places(verdict.last) { of_places() } else { asking.rule(verdict.last) };
    Some(Answer { noted, rule, ..answer })
}

/// What was said before the deed, and what it binds us to.
#[derive(Default)]
struct Said {
    /// The client sends its content.
    continues: bool,
    /// The deed may take long.
    processing: bool,
    /// The content goes to an upload that can be resumed.
    upload: Option<Appending>,
}

/// What stands at the target.
enum Seen {
    /// In the folder.
    There(Box<Judged>),
    /// Among what is the server's own.
    Own(Own),
}

impl Seen {
    fn facts(&self) -> Target<'_> {
        match self {
            Seen::There(judged) => judged.facts(),
            Seen::Own(own) => own.facts(),
        }
    }

    fn judged(&self) -> Option<&Judged> {
        match self {
            Seen::There(judged) => Some(judged),
            Seen::Own(_) => None,
        }
    }

    fn own(&self) -> Option<&Own> {
        match self {
            Seen::There(_) => None,
            Seen::Own(own) => Some(own),
        }
    }

    /// Octets that may be stored here, what is replaced by them included; `None`: that is not ruled.
    fn room(&self, share: &Share) -> Option<u64> {
        let facts = self.facts();
        share.storage_left((facts.exists && !facts.collection).then_some(facts.length))
    }
}

/// Looks at what stands at the target, once.
async fn look<'s>(share: &Arc<Share>, wish: &Arc<Wish>, seen: &'s OnceCell<Seen>) -> &'s Seen {
    if let Some(seen) = seen.get() {
        return seen;
    }
    let found = match share.own(wish) {
        Some(own) => Seen::Own(own),
        None => Seen::There(Box::new(share.judge(wish).await)),
    };
    seen.get_or_init(|| found)
}

/// What the request that has arrived wants, apart from the connection's buffers.
pub(super) fn wish(share: &Share, under: &Under<'_>, exchange: &Exchange) -> Arc<Wish> {
    let (request, room, mut reading) = (exchange.request(), OnceCell::new(), Reading::default());
    let path = read(request, &mut reading, &room);
    let nowhere = path.is_none();
    let (path, slash) = path.map_or((&b""[..], false), |path| (path.path, path.trailing_slash));
    let wish = Wish::new(OwnedRequest::of(request), path, slash, exchange.worker.clock.stamp().date).nowhere(nowhere);
    let asker = Asker {
        address: under.sites.client(exchange.stream().peer(), request),
        now: exchange.worker.clock.stamp().date,
        countries: under.sites.plan.countries.as_ref(),
        country: None,
    };
    Arc::new(wish.under(Arc::clone(&under.host.served.book)).asked_by(asker).resolved(share))
}

/// Writes an interim response; it leaves with what is sent next, which content that is waited for makes be at once.
pub(crate) fn say(exchange: &mut Exchange, status: Status, fields: impl FnOnce(&mut dyn Sink)) {
    let (request, _, output) = exchange.split();
    let version = request.version();
    interim(output, version, status, fields);
}

/// Begins an upload, and tells the client where it can go on if its content is cut off (draft-ietf-httpbis-resumable-upload
/// §5). Where no more can be begun nothing is said, and the content is taken as any.
async fn begin_upload(
    share: &Arc<Share>,
    wish: &Arc<Wish>,
    exchange: &mut Exchange,
    site: &Site<'_>,
) -> Option<Appending> {
    let (upload, location) = share.begin_upload(wish).await?;
    say(exchange, Status::UPLOAD_RESUMPTION_SUPPORTED, |sink| fields::of_upload(&location, site, sink));
    // it is of use only if it arrives before the connection breaks
    let _ = exchange.flush().await;
    Some(upload)
}

/// Does the deed. While one that takes long goes on, the client is told so now and then (RFC 2518 §10.1).
async fn act(share: &Arc<Share>, wish: &Arc<Wish>, exchange: &mut Exchange, said: &mut Said, seen: &Seen) -> Deed {
    // to some nothing can be said before the end, and where nothing comes there is nothing to be resumed; it is kept all the same
    if said.upload.is_none() && share.resumes(wish) {
        said.upload = share.begin_upload(wish).await.map(|(upload, _)| upload);
    }
    if let Some(upload) = said.upload.take() {
        return share.receive_upload(wish, upload, exchange).await;
    }
    if !said.processing {
        return share.act(wish, exchange, seen.judged(), seen.room(share)).await;
    }
    let limits = exchange.worker.limits.clone();
    let mut work = pin!(share.take_time(wish));
    let mut wait = limits.processing_after;
    loop {
        tokio::select! {
            deed = &mut work => return deed,
            () = tokio::time::sleep(Duration::from_millis(wait)) => {
                say(exchange, Status::PROCESSING, |_| {});
                // who is gone need not be told; the work goes on to its end, since half of it helps nobody
                let _ = exchange.flush().await;
                wait = limits.processing_interval;
            }
        }
    }
}

/// Writes the head of the response, and says what follows it.
pub(crate) fn finish(
    voice: &Voice,
    exchange: &mut Exchange,
    facts: &Facts<'_>,
    (verdict, force): (Verdict, &Arc<InForce>),
    source: Source<'_>,
    continues: bool,
) -> Answer {
    let worker = exchange.worker.clone();
    worker.clock.read();
    let endless = facts.target.endless && verdict.entity == Entity::Representation;
    let delimiting = Delimiting::of(facts.request.version(), !endless);
    let ending = Ending {
        persistent: facts.request.head().persistent,
        keep: !verdict.closes && !exchange.overloaded && !exchange.is_broken(),
        delimiting,
        left: exchange.left(),
        waits_for_continue: !continues,
        more: exchange.more_here(),
        requests: exchange.requests,
        draining: worker.deadlines.draining(),
    };
    let next = ending.next(&worker.limits);
    let (_, _, output) = exchange.split();
    let mut speech = voice.at(worker.clock.micros());
    let body = respond(&verdict, facts, source, (&mut speech, delimiting, next), output);
    Answer { verdict, force: Arc::clone(force), rule: None, written: speech.written(), body, next, noted: None }
}
