//! The listener for those who run the server: the live page, metrics and health.
//!
//! Its requests are decided by the same questions as all others. They are neither counted nor logged, since what is looked at
//! would change by the look.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::limits;
use decision::case::Case;
use decision::drive::World;
use decision::facts::{
    Ask, Client, FactGroup, Facts, Failure, Outcome, Quota, Site, Storage, Stored, Target, Upstream,
};
use exchange::body::BodyStream;
use exchange::exchange::{Exchange, Handler, Peer};
use exchange::received::Received;
use observe::page::{self, Kind, Page};
use policy::authority::Authorities;
use policy::network::Networks;
use resources::reach::Reach;
use resources::rules::book::Memory;
use semantics::field::Field;
use semantics::method::{Method, Methods};
use semantics::status::Status;
use semantics::tag::EntityTag;
use semantics::target_uri::Scheme;
use transport::worker::Worker;

use crate::context::{Arrived, RequestContext};
use crate::drive::{WaitingWorld, decide};
use crate::handle::access::{AccessContext, RequestState};
use crate::plan;
use crate::respond::{ResponseWriter, Source, respond};
use crate::sites::Named;
use crate::sites::trace::Ids;
use crate::telemetry::thread_telemetry::Telemetry;

mod stream;

use stream::EventStream;

/// What the thread of this listener serves.
pub(crate) struct Admin {
    worker: Rc<Worker>,
    telemetry: Arc<Telemetry>,
    in_force: Arc<plan::CurrentPlan>,
    /// By which names it is called; nothing: by any.
    authorities: Option<Arc<Authorities<usize>>>,
    writer: ResponseWriter,
    ids: Ids,
}

impl Admin {
    pub(crate) fn new(
        worker: Rc<Worker>,
        telemetry: Arc<Telemetry>,
        in_force: Arc<plan::CurrentPlan>,
        authorities: Option<Arc<Authorities<usize>>>,
    ) -> Admin {
        let writer = ResponseWriter::new();
        let ids = Ids::from(writer.seed());
        Admin { worker, telemetry, in_force, authorities, writer, ids }
    }

    /// Is it called by one of its names? A page of another site whose name was made to lead here calls it by that.
    fn is_called(&self, context: &RequestContext<'_>) -> bool {
        let (Some(authorities), Peer::Internet(_)) = (&self.authorities, context.carrier.peer) else { return true };
        let port = |port: Option<u16>| port.unwrap_or(Scheme::Http.default_port());
        context.uri.authority().is_none_or(|named| authorities.find(named.host, port(named.port)).is_some())
    }

    /// What stands at the path.
    fn find(&self, context: &RequestContext<'_>) -> Option<Page> {
        let path = context.path()?;
        let names = str::from_utf8(path.path).ok().filter(|names| !path.trailing_slash || names.is_empty())?;
        let moment = self.worker.clock.unix_millis();
        page::find(&format!("/{names}"), query(context), &self.telemetry.state(moment))
    }
}

impl Handler for Admin {
    type Memory = ();

    async fn handle<E: Exchange>(&self, exchange: &mut E, received: &Received, (): &mut ()) {
        let clock = &self.worker.clock;
        let arrived = Arrived { id: self.ids.of(received.request()), now: clock.stamp(), millis: clock.millis() };
        let (room, carrier) = ((&received.octets[..], &received.names), exchange.carrier());
        // no proxy is believed here
        let trusted = Networks::default();
        let context = RequestContext::of(received.request(), room, received.fault, carrier, &trusted, arrived);
        let plan = self.in_force.plan();
        let path = context.names().unwrap_or_default();
        let force = plan.admin.in_force(path, context.request.method_name(), &mut Memory::default());
        let (state, reach) = (RequestState::default(), Reach::default());
        let access = AccessContext {
            plan: &plan,
            book: &plan.admin,
            force: &force,
            served: None,
            reach: &reach,
            named: Named { origin_served: self.is_called(&context), ..Named::default() },
            context: &context,
            state: &state,
        };
        let page = self.find(&context);
        let connection = access.connection(carrier.overloaded, exchange.content_here());
        let room = LentFacts::default();
        let mut world = AdminWorld { access, page: page.as_ref(), room: &room, exchange };
        let mut case = Case::open(Facts::new(&connection, context.request, &context.reading));
        let Some(verdict) = decide(&mut case, &mut world).await else { return };
        let opening = page.as_ref().map(|page| &*page.octets);
        let stream = || -> Box<dyn BodyStream> {
            let since = page::since(query(&context), context.request.field(Field::LAST_EVENT_ID));
            let opening = opening.map(<[u8]>::to_vec).unwrap_or_default();
            Box::new(EventStream::new(Rc::clone(&self.worker), Arc::clone(&self.telemetry), since, opening))
        };
        let endless = case.facts.target.endless;
        let source = Source { stream: endless.then_some(&stream), ..Source::page(opening) };
        let answer = respond(&self.writer, exchange, verdict, &case.facts, source);
        // who is gone need not be told
        let _ = exchange.send(answer.body).await;
    }
}

fn query<'a>(context: &RequestContext<'a>) -> &'a str {
    context.uri.query().and_then(|query| str::from_utf8(query).ok()).unwrap_or_default()
}

#[derive(Default)]
struct LentFacts<'a> {
    site: OnceCell<Site<'a>>,
    quota: OnceCell<Quota<'a>>,
    client: OnceCell<Client<'a>>,
    target: OnceCell<Target<'a>>,
}

/// The world of the admin listener: a page, or none, and whom the rules let look on.
struct AdminWorld<'a, 'e, E> {
    access: AccessContext<'a>,
    page: Option<&'a Page>,
    room: &'a LentFacts<'a>,
    exchange: &'e mut E,
}

impl<'a, E: Exchange> World<'a> for AdminWorld<'a, '_, E> {
    fn tell(&mut self, ask: Ask, _: &Facts<'a>) -> Option<FactGroup<'a>> {
        let (access, room) = (self.access, self.room);
        Some(match ask {
            Ask::Site => room.site.get_or_init(|| access.site(site(self.page))).into(),
            Ask::Quota => room.quota.get_or_init(|| access.quota()).into(),
            Ask::Client => return None,
            Ask::Storage => const { &Storage::DEFAULT }.into(),
            Ask::Stored => const { &Stored::DEFAULT }.into(),
            Ask::Upstream => const { &Upstream::DEFAULT }.into(),
            Ask::Target => room.target.get_or_init(|| target(self.page)).into(),
            // the methods here change nothing
            Ask::Outcome => const { &Outcome { failure: Some(Failure::Internal), ..Outcome::DEFAULT } }.into(),
        })
    }

    fn say(&mut self, status: Status, _: &Facts<'a>) -> bool {
        self.exchange.interim(status, |_| {});
        true
    }
}

impl<'a, E: Exchange> WaitingWorld<'a> for AdminWorld<'a, '_, E> {
    async fn fetch(&mut self, _: Ask, _: &Facts<'a>) -> FactGroup<'a> {
        let client = self.access.client().await;
        self.room.client.get_or_init(|| client).into()
    }
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
