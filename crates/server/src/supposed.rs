//! A request that has not happened, decided by the rules of a configuration, with the code by which `serve` decides.
//!
//! Nothing is sent, counted, paid or changed. What stands at the target is looked up in the folder; counters are full; who asks is
//! supposed, and what changes something is supposed to succeed.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::limits;
use access::identity::{Identity, Scopes};
use config::model::Rule;
use config::{Config, Diagnostic};
use decision::case::Case;
use decision::drive::{Halt, World, drive};
use decision::explanation::{self, Media};
use decision::facts::{
    Ask, Client, Connection, FactGroup, Facts, Outcome, Quota, RequestId, Site, Storage, Stored, Target, Upstream,
};
use decision::fields::{self, GeneratedBody};
use decision::promise::BodyPlan;
use decision::reply::asks_of_places;
use decision::verdict::Verdict;
use exchange::exchange::{Carrier, Peer};
use resources::access_control::{AccessControl, Supposed};
use resources::rules::{EffectiveRules, Rulebook, Source};
use resources::share::bars::Bars;
use resources::{Found, LookedUp, Moment, Wanted};
use semantics::date::Stamp;
use semantics::field::{Field, Rendered};
use semantics::method::Method;
use semantics::request::Request;
use semantics::status::Status;
use semantics::target::{Decoded, decode_path};
use semantics::target_uri::{Scheme, path_here};
use tokio::runtime::Runtime;
use transport::clock::Clock;

use crate::context::{Arrived, RequestContext};
use crate::handle::access::{AccessContext, RequestState};
use crate::plan::Plan;
use crate::plan::build::{self, Purpose, State};
use crate::random::random;
use crate::settings::{self, Run, Source as Settings};
use crate::sites::{Host, LastHost, Sites};

/// What stands in the place of credentials that are supposed to be right: the decision asks only whether there are any.
pub const CREDENTIALS: &[u8] = b"(supposed)";

/// A configuration that is looked at, and not served.
pub struct Looked {
    /// What it says.
    pub config: Config,
    /// What would be served.
    pub plan: Plan,
    /// How the server would run.
    pub run: Run,
    /// What is odd about it.
    pub warnings: Vec<Diagnostic>,
}

/// What a server would make of this configuration, without touching anything.
///
/// # Errors
///
/// The mistakes that it would tell.
pub fn look(source: &Settings) -> Result<Looked, Vec<Diagnostic>> {
    let (config, mut warnings) = source.read()?;
    let run = settings::of_config(&config)?;
    let secret = random().map_err(|why| vec![Diagnostic::of(why)])?;
    let (plan, more) = build::plan(&config, &State::new(secret), &run.listen, Purpose::Look)?;
    warnings.extend(more);
    Ok(Looked { config, plan, run, warnings })
}

/// Decides by one configuration.
pub struct Decider {
    /// The configuration.
    pub config: Config,
    sites: Sites,
    users: HashMap<String, Arc<Identity>>,
    runtime: Runtime,
    now: Stamp,
}

/// A request, and who is supposed to ask.
pub struct Asked<'a> {
    /// The request.
    pub request: Request<'a>,
    /// Who asks.
    pub who: Supposed,
    /// Where it comes from; nothing: a process of this machine, through a socket of the file system.
    pub from: Option<IpAddr>,
    /// Whatever it costs is paid.
    pub paid: bool,
}

/// What was decided, and what it was decided by.
pub struct Decision<'d> {
    /// The decision.
    pub verdict: &'d Verdict,
    /// The facts.
    pub facts: &'d Facts<'d>,
    /// What is in force at the target.
    pub force: &'d Arc<EffectiveRules>,
    host: Host<'d>,
    /// The path of the target, if it has one.
    pub path: Option<Decoded<'d>>,
    /// Interim answers that come before.
    pub says: &'d [Status],
    /// The line of the configuration that decided, if one did.
    rule: Option<Source>,
}

/// What was looked up.
enum Seen {
    Read(Found),
    Change(Box<(LookedUp, Option<LookedUp>, Bars)>),
}

impl Decider {
    /// By this configuration.
    pub fn of(looked: Looked) -> Result<Decider, String> {
        let Looked { config, plan, .. } = looked;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let users = config.users.list.iter().map(|user| {
            let name = user.name.value.clone();
            let groups = user.groups.iter().map(|group| group.value.clone()).collect();
            (name.clone(), Arc::new(Identity { name, groups, scopes: Scopes::All, issuer: None }))
        });
        Ok(Decider {
            users: users.collect(),
            sites: Sites::open(Arc::<Plan>::new(plan), 0)
                .map_err(|error| format!("the folders cannot be opened: {error}"))?,
            runtime: runtime.map_err(|error| format!("cannot start: {error}"))?,
            now: Clock::new().stamp(),
            config,
        })
    }

    /// The rules of the site that was asked, and each as it is written, by its place in them.
    pub fn rules<'d>(&'d self, decision: &Decision<'d>) -> (&'d Rulebook, Vec<&'d Rule>) {
        let book = &decision.host.served.book;
        let nth = self.sites.plan.sites.iter().position(|site| Arc::ptr_eq(&site.book, book));
        let own = nth.and_then(|nth| self.config.sites.get(nth)).map(|site| &*site.rules).unwrap_or_default();
        // what flags say is no rule
        (book, self.config.rules.iter().chain(own).filter(|rule| !rule.at.is_flag()).collect())
    }

    /// The user of this name. Where issuers of tokens are believed it may be one of theirs, in no group.
    pub fn user(&self, name: &str) -> Option<Arc<Identity>> {
        let of_an_issuer = || {
            let identity = Identity { name: name.to_owned(), groups: Vec::new(), scopes: Scopes::All, issuer: None };
            (!self.config.issuers.is_empty()).then(|| Arc::new(identity))
        };
        self.users.get(name).cloned().or_else(of_an_issuer)
    }

    /// An authority by which the first site is asked.
    pub fn first_authority(&self) -> String {
        let named = self.config.sites.first().and_then(|site| site.authorities.first());
        match named.map(|said| said.value.as_str()) {
            None | Some("*") => "localhost".to_owned(),
            Some(name) => name.strip_prefix("*.").map_or_else(|| name.to_owned(), |rest| format!("www.{rest}")),
        }
    }

    /// Decides. None: the connection would be closed without a word.
    pub fn decide<R>(&self, asked: &Asked<'_>, tell: impl FnOnce(&Decision<'_>) -> R) -> Option<R> {
        let names = OnceCell::new();
        let peer = asked.from.map_or(Peer::Local, |address| Peer::Internet(SocketAddr::new(address, 0)));
        let carrier = Carrier { peer, listener: 0, scheme: Scheme::Http, overloaded: false };
        let arrived = Arrived { id: RequestId::None, now: self.now, millis: 0 };
        let trusted = &self.sites.plan.forwarded;
        let context = RequestContext::of(asked.request, (&[], &names), None, carrier, trusted, arrived);
        let host = self.sites.host(&context.uri, carrier, &mut LastHost::default());
        let force = host.served.in_force(context.names(), asked.request);
        let reach = host.served.reach(context.names(), asked.request);
        let state = RequestState::default();
        let access = AccessContext {
            plan: &self.sites.plan,
            book: &host.served.book,
            force: &force,
            served: Some(&host.served.site),
            reach: &reach,
            named: host.named,
            context: &context,
            state: &state,
        };
        let room = LentFacts::default();
        // one of its own, so that no request that is only supposed takes anything from another
        let access_control = AccessControl::new([0; 16], limits::BUCKETS_SUPPOSED);
        let mut world = SupposedWorld {
            decider: self,
            asked,
            host,
            access,
            access_control: &access_control,
            room: &room,
            says: vec![],
        };
        let connection = Connection { id: RequestId::None, ..access.connection(false, false) };
        let mut case = Case::open(Facts::new(&connection, asked.request, &context.reading));
        match drive(&mut case, &mut world) {
            Halt::Done(verdict) => {
                let (facts, path, says) = (&case.facts, context.path(), &world.says[..]);
                let of_places = || room.seen.get().and_then(Seen::rule);
                let rule = if asks_of_places(verdict.last) { of_places() } else { access.rule(verdict.last) };
                Some(tell(&Decision { verdict: &verdict, facts, force: &force, host, path, says, rule }))
            }
            Halt::Closed(_) => None,
            Halt::Waits(_) | Halt::Says(_) => unreachable!("what is supposed is known at once"),
        }
    }

    /// Looks at what stands at the target: as a read finds it, or as a change is judged by it.
    fn look(&self, host: Host<'_>, access: &AccessContext<'_>) -> Seen {
        let context = access.context;
        let Some(Decoded { path, trailing_slash }) = context.path() else { return Seen::Read(Found::missing()) };
        let request = context.request;
        let served = &host.served;
        let changes = |method: Method| {
            !method.is_read() && !matches!(method, Method::OPTIONS | Method::TRACE) && served.site.supports(method)
        };
        if request.method().is_some_and(changes) {
            let stands = |path: &[u8], slash| served.files.standing(path, slash, self.now.date);
            let (here, there) = (stands(path, trailing_slash), destination(request, stands));
            let to = there.as_ref().map(|(path, there)| (&**path, there));
            let rules = (&*served.book, &**access.force, access.asker());
            // what cannot be looked into bars nothing here, since nothing is done
            let bars = served.files.bars((request, path), &here, to, rules).unwrap_or_default();
            return Seen::Change(Box::new((here, there.map(|(_, there)| there), bars)));
        }
        let query = context.uri.query();
        let (accept, now) = (request.values(Field::ACCEPT), Moment { millis: 0, date: self.now.date });
        let wanted = Wanted { path, trailing_slash, query, accept, visibility: None, now };
        Seen::Read(self.runtime.block_on(served.files.find(wanted)))
    }
}

/// Where the facts of one walk are kept while they are lent to it.
#[derive(Default)]
struct LentFacts<'a> {
    site: OnceCell<Site<'a>>,
    quota: OnceCell<Quota<'a>>,
    client: OnceCell<Client<'a>>,
    seen: OnceCell<Seen>,
    target: OnceCell<Target<'a>>,
    outcome: OnceCell<Outcome<'a>>,
}

/// The world as it is supposed to be: counters are full, who asks is given, and every action succeeds.
struct SupposedWorld<'a> {
    decider: &'a Decider,
    asked: &'a Asked<'a>,
    host: Host<'a>,
    access: AccessContext<'a>,
    access_control: &'a AccessControl,
    room: &'a LentFacts<'a>,
    /// Interim replies so far.
    says: Vec<Status>,
}

impl<'a> World<'a> for SupposedWorld<'a> {
    fn tell(&mut self, ask: Ask, facts: &Facts<'a>) -> Option<FactGroup<'a>> {
        let (access, room) = (self.access, self.room);
        Some(match ask {
            Ask::Site => {
                let plain = self.host.served.site.facts_of(access.context.request, access.context.names());
                room.site.get_or_init(|| access.site(plain)).into()
            }
            Ask::Quota => {
                let counted = access.state.counted(|| self.access_control.count(&access.attempt()));
                room.quota.get_or_init(|| counted.facts()).into()
            }
            Ask::Client => {
                let suppose =
                    || self.access_control.suppose(&access.attempt(), self.asked.who.clone(), self.asked.paid);
                if access.state.known().is_none() {
                    access.state.learn(suppose());
                }
                let known = access.state.known().expect("it was just learned");
                room.client.get_or_init(|| known.facts()).into()
            }
            Ask::Target => {
                let look = || match access.place() {
                    Some(elsewhere) => elsewhere,
                    // lists of If are not judged here, and locks are not looked at
                    None => Target {
                        if_lists_hold: true,
                        lock_creator: true,
                        ..room.seen.get_or_init(|| self.decider.look(self.host, &access)).facts()
                    },
                };
                room.target.get_or_init(look).into()
            }
            Ask::Storage => const { &Storage::DEFAULT }.into(),
            Ask::Stored => const { &Stored::DEFAULT }.into(),
            Ask::Upstream => const { &Upstream::DEFAULT }.into(),
            Ask::Outcome => room.outcome.get_or_init(|| success(access.context.request, facts.target)).into(),
        })
    }

    fn say(&mut self, status: Status, _: &Facts<'a>) -> bool {
        self.says.push(status);
        true
    }

    fn methods_depend_on_target(&self) -> bool {
        true
    }
}

impl Seen {
    fn facts(&self) -> Target<'_> {
        match self {
            Seen::Read(found) => found.facts(),
            Seen::Change(change) => match &**change {
                (here, None, bars) => bars.tell(here.facts()),
                (here, Some(there), bars) => bars.tell(Target {
                    destination_exists: there.facts().exists,
                    destination_parent_exists: there.facts().parent_exists,
                    ..here.facts()
                }),
            },
        }
    }

    /// The line of the rule that bars it at one of its places.
    fn rule(&self) -> Option<Source> {
        match self {
            Seen::Read(_) => None,
            Seen::Change(change) => change.2.source(),
        }
    }
}

/// What stands at the destination of COPY and MOVE, if that is here.
fn destination(request: Request<'_>, stands: impl FnOnce(&[u8], bool) -> LookedUp) -> Option<(Vec<u8>, LookedUp)> {
    if !matches!(request.method(), Some(Method::COPY | Method::MOVE)) {
        return None;
    }
    let path = path_here(request, request.field(Field::DESTINATION)?)?;
    let mut room = vec![0; path.len()];
    let Decoded { path, trailing_slash } = decode_path(path, &mut room).ok()?;
    Some((path.to_vec(), stands(path, trailing_slash)))
}

/// What comes of a action that succeeds.
fn success(request: Request<'_>, target: &Target<'_>) -> Outcome<'static> {
    let method = request.method();
    let created = match method {
        Some(Method::PUT | Method::MKCOL | Method::LOCK | Method::PATCH) => !target.exists,
        Some(Method::COPY | Method::MOVE) => !target.destination_exists,
        Some(Method::POST | Method::BIND | Method::REBIND) => true,
        _ => false,
    };
    let parts = matches!(method, Some(Method::PROPFIND | Method::PROPPATCH | Method::REPORT));
    Outcome { created, parts, content: method == Some(Method::LOCK), ..Outcome::DEFAULT }
}

impl Decision<'_> {
    /// The line of the configuration that decided, if one did.
    pub fn rule(&self) -> Option<Source> {
        self.rule
    }

    /// The fields of the answer, and its words as a terminal gets them; none, if the answer is what was asked for.
    pub fn answer(&self) -> (Rendered, String) {
        let (verdict, facts) = (self.verdict, self.facts);
        let promise = BodyPlan::of(verdict, facts, 0);
        let mut text = Vec::new();
        explanation::write(verdict, facts, Media::Text, &mut text);
        let made = (promise == BodyPlan::Text)
            .then(|| GeneratedBody { media_type: Media::of(verdict, facts).media_type(), length: text.len() as u64 });
        let lines = Rendered::collect(|sink| fields::write(verdict, facts, &promise, made, sink));
        (lines, String::from_utf8_lossy(&text).into_owned())
    }

    /// Where the client is sent, if it is sent anywhere.
    pub fn location(&self) -> Option<&[u8]> {
        let facts = self.facts;
        (self.verdict.status.code() / 100 == 3).then_some(facts.outcome.location.or(facts.target.location)).flatten()
    }
}
