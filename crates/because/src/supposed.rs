//! A request that has not happened, decided by the rules of a configuration, with the code by which `serve` decides.
//!
//! Nothing is sent, counted, paid or changed. What stands at the target is looked up in the folder; counters are full; who asks is
//! supposed, and what changes something is supposed to succeed.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use access::identity::{Identity, Scopes};
use config::Config;
use decision::case::{Case, Step};
use decision::explanation::{self, Media};
use decision::facts::{Ask, Connection, Facts, Outcome, Reading, Storage, Stored, Target, Upstream};
use decision::fields::{self, Made};
use decision::promise::Promise;
use decision::reply::asks_of_places;
use decision::verdict::Verdict;
use resources::keeper::{Keeper, Supposed};
use resources::rules::tell::Asker;
use resources::rules::{InForce, Source};
use resources::share::bars::Bars;
use resources::{Found, Moment, Standing, Wanted};
use semantics::date::Stamp;
use semantics::field::{Field, Rendered};
use semantics::limits;
use semantics::method::Method;
use semantics::origin::path_here;
use semantics::request::Request;
use semantics::status::Status;
use semantics::target::{Decoded, decode_path};
use tokio::runtime::Runtime;
use transport::clock::Clock;
use transport::stream::Peer;

use crate::config_check::Looked;
use crate::plan::Plan;
use crate::serve::asking::{Asking, Memo};
use crate::serve::reading::read;
use crate::sites::{Host, Sites};

/// What stands in the place of credentials that are supposed to be right: the decision asks only whether there are any.
pub(crate) const CREDENTIALS: &[u8] = b"(supposed)";

/// Decides by one configuration.
pub(crate) struct Decider {
    pub(crate) config: Config,
    pub(crate) sites: Sites,
    users: HashMap<String, Arc<Identity>>,
    runtime: Runtime,
    now: Stamp,
}

/// A request, and who is supposed to ask.
pub(crate) struct Asked<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) who: Supposed,
    /// Where it comes from; nothing: a process of this machine, through a socket of the file system.
    pub(crate) from: Option<IpAddr>,
    /// Whatever it costs is paid.
    pub(crate) paid: bool,
}

/// What was decided, and what it was decided by.
pub(crate) struct Decision<'d> {
    pub(crate) verdict: &'d Verdict,
    pub(crate) facts: &'d Facts<'d>,
    pub(crate) force: &'d Arc<InForce>,
    pub(crate) host: &'d Host,
    pub(crate) path: Option<Decoded<'d>>,
    /// Interim answers that come before.
    pub(crate) says: &'d [Status],
    /// The line of the configuration that decided, if one did.
    rule: Option<Source>,
}

/// What was looked up.
enum Seen {
    Read(Found),
    Change(Box<(Standing, Option<Standing>, Bars)>),
}

impl Decider {
    /// By this configuration.
    pub(crate) fn of(looked: Looked) -> Result<Decider, String> {
        let Looked { config, plan, .. } = looked;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let users = config.users.list.iter().map(|user| {
            let name = user.name.value.clone();
            let groups = user.groups.iter().map(|group| group.value.clone()).collect();
            (name.clone(), Arc::new(Identity { name, groups, scopes: Scopes::All, issuer: None }))
        });
        Ok(Decider {
            users: users.collect(),
            sites: Sites::open(Arc::<Plan>::new(plan))
                .map_err(|error| format!("the folders cannot be opened: {error}"))?,
            runtime: runtime.map_err(|error| format!("cannot start: {error}"))?,
            now: Clock::new().stamp(),
            config,
        })
    }

    /// The user of this name. Where issuers of tokens are believed it may be one of theirs, in no group.
    pub(crate) fn user(&self, name: &str) -> Option<Arc<Identity>> {
        let of_an_issuer = || {
            let identity = Identity { name: name.to_owned(), groups: Vec::new(), scopes: Scopes::All, issuer: None };
            (!self.config.issuers.is_empty()).then(|| Arc::new(identity))
        };
        self.users.get(name).cloned().or_else(of_an_issuer)
    }

    /// An authority by which the first site is asked.
    pub(crate) fn first_authority(&self) -> String {
        let named = self.config.sites.first().and_then(|site| site.authorities.first());
        match named.map(|said| said.value.as_str()) {
            None | Some("*") => "localhost".to_owned(),
            Some(name) => name.strip_prefix("*.").map_or_else(|| name.to_owned(), |rest| format!("www.{rest}")),
        }
    }

    /// Decides. None: the connection would be closed without a word.
    pub(crate) fn decide<R>(&self, asked: &Asked<'_>, tell: impl FnOnce(&Decision<'_>) -> R) -> Option<R> {
        let request = asked.request;
        let host = self.sites.host(request, 0);
        let (room, mut reading) = (OnceCell::new(), Reading::default());
        let path = read(request, &mut reading, &room);
        let force = host.served.in_force(path.map(|path| path.path), request);
        let reach = host.served.reach(path.map(|path| path.path), request);
        let memo = Memo::default();
        let client =
            asked.from.and_then(|address| self.sites.client(Peer::Internet(SocketAddr::new(address, 0)), request));
        let asking = Asking {
            plan: &self.sites.plan,
            book: &host.served.book,
            served: Some(&host.served.site),
            reach: &reach,
            origin_served: host.origin_served,
            switched: host.switched,
            force: &force,
            memo: &memo,
            request,
            path,
            client,
            now: self.now.date,
            millis: 0,
        };
        let connection = Connection { policy: force.policy.as_deref(), now: self.now, ..Connection::default() };
        let site = asking.site(host.served.site.facts_of(request, path.map(|path| path.path)));
        // one of its own, so that no request that is only supposed takes anything from another
        let keeper = Keeper::new([0; 16], limits::BUCKETS_SUPPOSED);
        let (counted, location) = (OnceCell::new(), OnceCell::new());
        let (quota, known, seen) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let (target, outcome) = (OnceCell::new(), OnceCell::new());
        let mut case = Case::open(Facts::new(&connection, request, &reading));
        let mut says = Vec::new();
        let look = || match asking.place(&location) {
            Some(elsewhere) => elsewhere,
            // lists of If are not judged here, and locks are not looked at
            None => Target {
                if_lists_hold: true,
                lock_creator: true,
                ..seen.get_or_init(|| self.look(&host, request, path, asking.asker(), &force)).facts()
            },
        };
        let verdict = loop {
            match case.step() {
                Step::Ask(Ask::Site) => case.learn(&site),
                Step::Ask(Ask::Quota) => {
                    case.learn(quota.get_or_init(|| counted.get_or_init(|| keeper.count(&asking.attempt())).facts()));
                }
                Step::Ask(Ask::Client) => {
                    if memo.known().is_none() {
                        memo.learn(keeper.suppose(&asking.attempt(), asked.who.clone(), asked.paid));
                    }
                    case.learn(known.get_or_init(|| memo.known().expect("it was just learned").facts()));
                }
                Step::Ask(Ask::Target) => case.learn(target.get_or_init(look)),
                Step::Ask(Ask::Storage) => case.learn(&Storage::DEFAULT),
                Step::Ask(Ask::Stored) => case.learn(&Stored::DEFAULT),
                Step::Ask(Ask::Upstream) => case.learn(&Upstream::DEFAULT),
                Step::Ask(Ask::Outcome) => case.learn(outcome.get_or_init(|| success(request, case.facts.target))),
                Step::Say(status) => says.push(status),
                Step::Done(verdict) => break verdict,
                Step::Close(_) => return None,
            }
        };
        if verdict.tells_of_target() && !case.facts.knows_target() {
            case.learn(target.get_or_init(look));
        }
        let of_places = || seen.get().and_then(Seen::rule);
        let rule = if asks_of_places(verdict.last) { of_places() } else { asking.rule(verdict.last) };
        let says = &*says;
        Some(tell(&Decision { verdict: &verdict, facts: &case.facts, force: &force, host: &host, path, says, rule }))
    }

    /// Looks at what stands at the target: as a read finds it, or as a change is judged by it.
    fn look(
        &self,
        host: &Host,
        request: Request<'_>,
        path: Option<Decoded<'_>>,
        asker: Asker<'_>,
        force: &InForce,
    ) -> Seen {
        let Some(Decoded { path, trailing_slash }) = path else { return Seen::Read(Found::missing()) };
        let served = &host.served;
        let changes = |method: Method| {
            !method.is_read() && !matches!(method, Method::OPTIONS | Method::TRACE) && served.site.supports(method)
        };
        if request.method().is_some_and(changes) {
            let stands = |path: &[u8], slash| served.files.standing(path, slash, self.now.date);
            let (here, there) = (stands(path, trailing_slash), destination(request, stands));
            let to = there.as_ref().map(|(path, there)| (&**path, there));
            let bars = served.files.bars((request, path), &here, to, (&served.book, force, asker));
            // what cannot be looked into bars nothing here, since nothing is done
            let bars = bars.unwrap_or_default();
            return Seen::Change(Box::new((here, there.map(|(_, there)| there), bars)));
        }
        let query = request.target().split(|&octet| octet == b'?').nth(1);
        let (accept, now) = (request.values(Field::ACCEPT), Moment { millis: 0, date: self.now.date });
        let wanted = Wanted { path, trailing_slash, query, accept, veil: None, now };
        Seen::Read(self.runtime.block_on(served.files.find(wanted)))
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
fn destination(request: Request<'_>, stands: impl FnOnce(&[u8], bool) -> Standing) -> Option<(Vec<u8>, Standing)> {
    if !matches!(request.method(), Some(Method::COPY | Method::MOVE)) {
        return None;
    }
    let path = path_here(request, request.field(Field::DESTINATION)?)?;
    let mut room = vec![0; path.len()];
    let Decoded { path, trailing_slash } = decode_path(path, &mut room).ok()?;
    Some((path.to_vec(), stands(path, trailing_slash)))
}

/// What comes of a deed that succeeds.
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
    pub(crate) fn rule(&self) -> Option<Source> {
        self.rule
    }

    /// The fields of the answer, and its words as a terminal gets them; none, if the answer is what was asked for.
    pub(crate) fn answer(&self) -> (Rendered, String) {
        let (verdict, facts) = (self.verdict, self.facts);
        let promise = Promise::of(verdict, facts, 0);
        let mut text = Vec::new();
        explanation::write(verdict, facts, Media::Text, &mut text);
        let made = (promise == Promise::Text)
            .then(|| Made { media_type: Media::of(verdict, facts).media_type(), length: text.len() as u64 });
        let lines = Rendered::collect(|sink| fields::write(verdict, facts, &promise, made, sink));
        (lines, String::from_utf8_lossy(&text).into_owned())
    }

    /// Where the client is sent, if it is sent anywhere.
    pub(crate) fn location(&self) -> Option<&[u8]> {
        let facts = self.facts;
        (self.verdict.status.code() / 100 == 3).then_some(facts.outcome.location.or(facts.target.location)).flatten()
    }
}
