//! The world of requests whose action takes time: it waits for the disk, for content, and for the action.
//!
//! The head is copied (`Action`), since threads that wait for the disk read it while content goes through the connection.

use std::cell::OnceCell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use decision::case::Case;
use decision::drive::World;
use decision::facts::{
    Ask, Client, Connection, FactGroup, Facts, Outcome, Quota, Site, Storage, Stored, Target, Upstream,
};
use decision::fields;
use decision::reply::asks_of_places;
use exchange::exchange::Exchange;
use resources::action_result::ActionResult;
use resources::share::Share;
use resources::share::action::Action;
use resources::share::judge::Judged;
use resources::share::own::{self, Own};
use resources::uploads::Appending;
use semantics::method::Method;
use semantics::request::OwnedRequest;
use semantics::status::Status;

use crate::context::RequestContext;
use crate::drive::{WaitingWorld, decide};
use crate::handle::dispatch::Dispatch;
use crate::respond::{Answer, Source};
use crate::sites::Host;

/// Is it a request whose action takes time, to a folder that can be written to?
#[inline]
pub(crate) fn concerns(host: Host<'_>, context: &RequestContext<'_>) -> bool {
    if context.fault.is_some() {
        return false;
    }
    match context.request.method() {
        Some(Method::GET | Method::HEAD | Method::OPTIONS) => is_own(context),
        Some(Method::TRACE) | None => false,
        // a drop folder has uploads that go on and are given up, though nothing else is changed
        Some(Method::PATCH | Method::DELETE) if is_own(context) => true,
        Some(method) => host.served.site.supports(method),
    }
}

/// Is the target among what is the server's own?
fn is_own(context: &RequestContext<'_>) -> bool {
    context.path().is_some_and(|path| own::is_own(path.path))
}

/// What the request wants, apart from the connection's buffers.
pub(super) fn action(share: &Share, dispatch: &Dispatch<'_>) -> Arc<Action> {
    let context = dispatch.access.context;
    let (path, slash) = context.path().map_or((&b""[..], false), |path| (path.path, path.trailing_slash));
    let action = Action::new(OwnedRequest::of(context.request), path, slash, context.moment());
    let action = action.nowhere(context.path().is_none()).under(Arc::clone(dispatch.access.book));
    Arc::new(action.asked_by(dispatch.access.asker()).resolved(share))
}

/// Decides one request, does what it is for, and writes the head of the response; no answer: the connection is to be closed
/// without a word.
pub(crate) async fn answer<E: Exchange>(
    dispatch: &Dispatch<'_>,
    share: &Arc<Share>,
    exchange: &mut E,
) -> Option<Answer> {
    let context = dispatch.access.context;
    let connection = dispatch.connection(exchange.content_here());
    let room = LentFacts::default();
    if context.path().is_none() {
        // a name in it can be no name, so nothing stands there, and nothing can be made
        room.seen.get_or_init(|| Seen::Own(Own::nowhere()));
    }
    let action = action(share, dispatch);
    let mut world = WriteWorld {
        dispatch,
        room: &room,
        share,
        action: &action,
        own: is_own(context),
        connection: &connection,
        said: Announced::default(),
        exchange,
    };
    let mut case = Case::open(Facts::new(&connection, context.request, &context.reading));
    let verdict = decide(&mut case, &mut world).await?;
    let source = Source { done: room.done.get(), own: room.seen.get().and_then(Seen::own), ..Source::default() };
    let answer = dispatch.respond(exchange, verdict, &case.facts, source);
    // what only a look at its places finds is known by whoever looked
    let of_places = || room.done.get().and_then(ActionResult::rule).or_else(|| room.seen.get()?.judged()?.rule());
    let rule = if asks_of_places(verdict.last) { of_places() } else { answer.rule };
    Some(Answer { rule, ..answer })
}

/// Where the facts of one walk are kept while they are lent to it.
#[derive(Default)]
struct LentFacts<'a> {
    site: OnceCell<Site<'a>>,
    quota: OnceCell<Quota<'a>>,
    client: OnceCell<Client<'a>>,
    seen: OnceCell<Seen>,
    target: OnceCell<Target<'a>>,
    storage: OnceCell<Storage>,
    done: OnceCell<ActionResult>,
    outcome: OnceCell<Outcome<'a>>,
}

struct WriteWorld<'a, 'e, E> {
    dispatch: &'a Dispatch<'a>,
    room: &'a LentFacts<'a>,
    share: &'a Arc<Share>,
    action: &'a Arc<Action>,
    /// The target is among what is the server's own.
    own: bool,
    connection: &'a Connection<'a>,
    said: Announced,
    exchange: &'e mut E,
}

/// What was said before the action, and what it binds us to.
#[derive(Default)]
struct Announced {
    /// The action may take long.
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

impl<'a, E: Exchange> World<'a> for WriteWorld<'a, '_, E> {
    fn tell(&mut self, ask: Ask, _: &Facts<'a>) -> Option<FactGroup<'a>> {
        let (access, room) = (&self.dispatch.access, self.room);
        Some(match ask {
            Ask::Site => {
                let (plain, context) = (&self.dispatch.host.served.site, access.context);
                let (request, path) = (context.request, context.names());
                let plain = if self.own { plain.facts_of_own(request, path) } else { plain.facts_of(request, path) };
                room.site.get_or_init(|| access.site(plain)).into()
            }
            Ask::Quota => room.quota.get_or_init(|| access.quota()).into(),
            Ask::Stored => const { &Stored::DEFAULT }.into(),
            Ask::Upstream => const { &Upstream::DEFAULT }.into(),
            Ask::Client | Ask::Storage | Ask::Target | Ask::Outcome => return None,
        })
    }

    fn say(&mut self, status: Status, _: &Facts<'a>) -> bool {
        match status {
            // it is said when the time for it has come, and again as long as the work lasts
            Status::PROCESSING => self.said.processing = true,
            Status::UPLOAD_RESUMPTION_SUPPORTED => return false,
            _ => {
                if status == Status::CONTINUE {
                    self.exchange.awaits_content();
                }
                self.exchange.interim(status, |_| {});
            }
        }
        true
    }
}

impl<'a, E: Exchange> WaitingWorld<'a> for WriteWorld<'a, '_, E> {
    async fn fetch(&mut self, ask: Ask, facts: &Facts<'a>) -> FactGroup<'a> {
        let (access, room) = (&self.dispatch.access, self.room);
        match ask {
            Ask::Client => {
                let client = access.client().await;
                room.client.get_or_init(|| client).into()
            }
            Ask::Storage => {
                // what is replaced makes room for what replaces it, so the target must be known first
                let left = match access.place() {
                    Some(_) => None,
                    None => self.look().await.room(self.share),
                };
                room.storage.get_or_init(|| Storage { left }).into()
            }
            Ask::Target => {
                let target = match access.place() {
                    Some(elsewhere) => elsewhere,
                    None => Target { resumable: self.share.resumes(self.action), ..self.look().await.facts() },
                };
                room.target.get_or_init(|| target).into()
            }
            Ask::Outcome => {
                let done = self.act().await;
                room.outcome.get_or_init(|| room.done.get_or_init(|| done).outcome()).into()
            }
            other => self.tell(other, facts).expect("it is known"),
        }
    }

    /// Begins an upload, and tells the client where it can go on if its content is cut off (draft-ietf-httpbis-resumable-upload
    /// §5). Where no more can be begun nothing is said, and the content is taken as any.
    async fn say_in_time(&mut self, status: Status) {
        let Some((upload, location)) = self.share.begin_upload(self.action).await else { return };
        let site = self.room.site.get();
        self.exchange.interim(status, |sink| {
            if let Some(site) = site {
                fields::of_upload(&location, site, sink);
            }
        });
        // it is of use only if it arrives before the connection breaks
        let _ = self.exchange.flush().await;
        self.said.upload = Some(upload);
    }
}

impl<'a, E: Exchange> WriteWorld<'a, '_, E> {
    /// Looks at what stands at the target, once.
    async fn look(&self) -> &'a Seen {
        if let Some(seen) = self.room.seen.get() {
            return seen;
        }
        let found = match self.share.own(self.action) {
            Some(own) => Seen::Own(own),
            None => Seen::There(Box::new(self.share.judge(self.action).await)),
        };
        self.room.seen.get_or_init(|| found)
    }

    /// Does the action.
    async fn act(&mut self) -> ActionResult {
        let (access, share, action) = (&self.dispatch.access, self.share, self.action);
        if self.connection.content_here {
            self.exchange.awaits_content();
        }
        let request = access.context.request;
        // a form, and an upload that was begun by one, name what they add
        let names = request.is(Method::PROPFIND) || request.is(Method::POST) || self.own && request.is(Method::PATCH);
        if names && let Some(visibility) = access.plan.access_control.visibility(access.attempt()).await {
            action.set_visibility(visibility);
        }
        let seen = self.look().await;
        // to some nothing can be said before the end, and where nothing comes there is nothing to be resumed; it is kept all the same
        if self.said.upload.is_none() && share.resumes(action) {
            self.said.upload = share.begin_upload(action).await.map(|(upload, _)| upload);
        }
        if let Some(upload) = self.said.upload.take() {
            return share.receive_upload(action, upload, self.exchange).await;
        }
        if !self.said.processing {
            return share.act(action, self.exchange, seen.judged(), seen.room(share)).await;
        }
        self.act_in_time().await
    }

    /// Does a action that takes long. The client is told so now and then (RFC 2518 §10.1).
    async fn act_in_time(&mut self) -> ActionResult {
        let limits = &self.dispatch.service.worker.limits;
        let mut work = pin!(self.share.take_time(self.action));
        let mut wait = limits.processing_after;
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(Duration::from_millis(wait)) => {
                    self.exchange.interim(Status::PROCESSING, |_| {});
                    // who is gone need not be told; the work goes on to its end, since half of it helps nobody
                    let _ = self.exchange.flush().await;
                    wait = limits.processing_interval;
                }
            }
        }
    }
}
