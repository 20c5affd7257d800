//! All that is known of one request: what the questions read, and what the explanation shows.
//!
//! Facts come in groups; a group is told as one, the first time a question needs it, and lent: whoever knows it keeps it. Every
//! fact has a default that means *nothing special*, so whoever tells a group fills in only what it knows, and a new fact
//! disturbs nobody. The facts of who asks are the exception: by default it may nothing, and whoever means otherwise says
//! [`Client::open`]. A fact is never a status, but for the two that somebody else fixed: a rule's reply and an upstream's.

use alloc::string::String;

use semantics::date::{Date, Stamp};
use semantics::fault::{Fault, Kinds};
use semantics::request::Request;
use semantics::status::Status;
use semantics::tag::EntityTag;

mod outcome;
mod policy;
mod reading;
mod site;
mod target;

pub use outcome::{Failure, Outcome};
pub use policy::{Bar, Cors, Law, Limit, ResponsePolicy, RuledAt, allows};
pub use reading::Reading;
pub use site::Site;
pub use target::{Denial, Moved, Target};

/// A group of facts that the decision may ask for. The connection and the request are always known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Ask {
    /// The rules in force: costs a look at memory.
    Site,
    /// The counters of requests.
    Quota,
    /// Who asks: credentials, rights, payment. Costs a hash.
    Client,
    /// What our cache holds.
    Stored,
    /// The pool of connections to the upstream.
    Upstream,
    /// The room that is left to store something: costs a look at what it would replace.
    Storage,
    /// What stands at the target: costs a disk or a database.
    Target,
    /// What came of the action: costs everything.
    Outcome,
}

impl Ask {
    /// Every group, in the order of its price.
    pub const ALL: [Ask; 8] =
        [Ask::Site, Ask::Quota, Ask::Client, Ask::Stored, Ask::Upstream, Ask::Storage, Ask::Target, Ask::Outcome];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Ask::Site => "site",
            Ask::Quota => "quota",
            Ask::Client => "client",
            Ask::Stored => "stored",
            Ask::Upstream => "upstream",
            Ask::Storage => "storage",
            Ask::Target => "target",
            Ask::Outcome => "outcome",
        }
    }
}

/// Everything known of one request. A group that was not told yet is its default.
///
/// Construct it with [`Facts::new`], or with `..` of such facts: groups may be added in a minor version.
///
/// ```
/// use decision::facts::{Connection, Facts, Reading, Target};
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
///
/// let request = OwnedRequest::made(Method::GET, b"/", []);
/// let (connection, reading) = (Connection::default(), Reading::default());
/// let bare = Facts::new(&connection, request.view(), &reading);
/// assert!(!bare.knows_target());
///
/// let target = Target { length: 1_204, ..Target::DEFAULT };
/// let facts = Facts { target: &target, ..bare };
/// assert!(facts.knows_target() && facts.site.in_service);
/// ```
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The connection and the octets on it.
    pub connection: &'a Connection<'a>,
    /// The request's head.
    pub request: Request<'a>,
    /// What a first reading of the request says.
    pub reading: &'a Reading<'a>,
    /// The rules in force.
    pub site: &'a Site<'a>,
    /// The counters.
    pub quota: &'a Quota<'a>,
    /// Who asks.
    pub client: &'a Client<'a>,
    /// What our cache holds.
    pub stored: &'a Stored<'a>,
    /// The upstream's pool.
    pub upstream: &'a Upstream,
    /// The room to store something.
    pub storage: &'a Storage,
    /// What stands at the target.
    pub target: &'a Target<'a>,
    /// What came of the action.
    pub outcome: &'a Outcome<'a>,
}

impl<'a> Facts<'a> {
    /// The facts of a request of which nothing is known but its head and its connection.
    #[inline]
    pub const fn new(connection: &'a Connection<'a>, request: Request<'a>, reading: &'a Reading<'a>) -> Facts<'a> {
        Facts {
            connection,
            request,
            reading,
            site: &Site::DEFAULT,
            quota: &Quota::DEFAULT,
            client: &NOT_ASKED,
            stored: &Stored::DEFAULT,
            upstream: &Upstream::DEFAULT,
            storage: &Storage::DEFAULT,
            target: &NOT_TOLD,
            outcome: &Outcome::DEFAULT,
        }
    }
}

/// What stands at a target of which nothing was told yet.
static NOT_TOLD: Target<'static> = Target::DEFAULT;

/// A client that was not asked yet who it is.
static NOT_ASKED: Client<'static> = Client::DEFAULT;

impl Facts<'_> {
    /// Was it told what stands at the target?
    pub fn knows_target(&self) -> bool {
        !core::ptr::eq(self.target, &raw const NOT_TOLD)
    }

    /// Was it told who asks?
    pub fn knows_client(&self) -> bool {
        !core::ptr::eq(self.client, &raw const NOT_ASKED)
    }
}

/// The connection.
///
/// Construct it with `..Connection::default()`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connection<'a> {
    /// The network holds this client until it logs in, the connection is in clear text, and the request is not for the
    /// page where it logs in.
    pub captive: bool,
    /// The address of that page.
    pub portal: Option<&'a str>,
    /// What every answer carries.
    pub policy: Option<&'a ResponsePolicy>,
    /// By what the line of the log is found that tells of this request: the same in the explanation.
    pub id: RequestId,
    /// The kinds of fault in the octets. The reader stops at the first that it meets.
    pub faults: Kinds,
    /// That fault, with what the wire met.
    pub fault: Option<Fault>,
    /// The octets that the fault's positions point into.
    pub octets: &'a [u8],
    /// There is no room for one more request.
    pub overloaded: bool,
    /// The request came in TLS early data, before the end of the handshake.
    pub early_data: bool,
    /// The client proved itself by a TLS certificate.
    pub certificate: bool,
    /// The content has begun to arrive, or all of it is here.
    pub content_here: bool,
    /// The moment at which the decision is made.
    pub now: Stamp,
    /// Seconds after which it may be tried again, if that is known: when there is no room.
    pub retry_after: Option<u32>,
}

/// By what a request is known: to the log, to the explanation that its client sees, and to the traces of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestId {
    /// Nobody asked for one.
    #[default]
    None,
    /// A number of ours.
    Own(u64),
    /// The number of the trace that the request is part of (W3C Trace Context §3.2.2.3).
    Trace(u128),
}

impl core::fmt::Display for RequestId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            RequestId::None => f.write_str("-"),
            RequestId::Own(number) => write!(f, "{number:016x}"),
            RequestId::Trace(number) => write!(f, "{number:032x}"),
        }
    }
}

/// The counters of requests.
///
/// Construct it with `..Quota::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Quota<'a> {
    /// The counters answer, or the site goes on without them.
    pub reachable: bool,
    /// The address is within its rate.
    pub address_rate_left: bool,
    /// The address has not failed to log in too often.
    pub login_attempts_left: bool,
    /// The limits in force here, as they stand with this request; the one that refused it is the last.
    pub limits: &'a [Limit<'a>],
    /// Seconds after which a refused request may be tried again.
    pub retry_after: Option<u32>,
}

impl Quota<'_> {
    /// Nothing was counted yet, and so nothing is left.
    pub const DEFAULT: Quota<'static> = Quota {
        reachable: false,
        address_rate_left: false,
        login_attempts_left: false,
        limits: &[],
        retry_after: None,
    };

    /// As much is left as anybody likes: where nothing is counted, and where a world is supposed or replayed.
    pub const fn open() -> Quota<'static> {
        Quota { reachable: true, address_rate_left: true, login_attempts_left: true, ..Quota::DEFAULT }
    }
}

impl Default for Quota<'_> {
    #[inline]
    fn default() -> Self {
        Quota::DEFAULT
    }
}

/// The room that is left to store something.
///
/// Construct it with `..Storage::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    /// Octets; `None`: that is not ruled.
    pub left: Option<u64>,
}

impl Storage {
    /// Nothing special.
    pub const DEFAULT: Storage = Storage { left: None };
}

impl Default for Storage {
    #[inline]
    fn default() -> Self {
        Storage::DEFAULT
    }
}

/// Who asks.
///
/// Construct it with `..Client::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// The Proxy-Authorization sent is right.
    pub proxy_credentials_valid: bool,
    /// The store of credentials answers.
    pub checkable: bool,
    /// Digest: `uri` designates this target.
    pub for_target: bool,
    /// The credentials are right, leaving aside the age of the nonce.
    pub credentials_valid: bool,
    /// The nonce is neither too old nor used with this count before.
    pub nonce_fresh: bool,
    /// A proof of payment came with the request.
    pub payment_presented: bool,
    /// Payments can be checked, and taken.
    pub payment_checkable: bool,
    /// The price is paid.
    pub paid: bool,
    /// May do this here, and at the destination, by every rule of access.
    pub permitted: bool,
    /// May do this at the target, and where a binding leads from it.
    pub permitted_here: bool,
    /// May do this at the destination.
    pub permitted_there: bool,
    /// The path that it may not use, if that is the destination: ready to be written.
    pub refused_at: Option<&'a [u8]>,
    /// The user is within its rate.
    pub user_rate_left: bool,
    /// The user's name, if it is proved.
    pub user: Option<&'a str>,
    /// What was wrong with what came, in words that follow on "because": credentials, a payment, a right that is missing.
    pub offence: Option<&'a str>,
    /// How it may prove itself here, the strongest way first: values of WWW-Authenticate or Proxy-Authenticate.
    pub challenges: &'a [String],
    /// Proves to a client that the server knows its secret, too: the value of Authentication-Info.
    pub authentication_info: Option<&'a str>,
    /// What was paid: the value of Payment-Receipt.
    pub receipt: Option<&'a str>,
    /// The limits on users in force here, as they stand with this request; the one that refused it is the last.
    pub limits: &'a [Limit<'a>],
    /// Seconds after which a refused request may be tried again.
    pub retry_after: Option<u32>,
}

impl Client<'_> {
    /// Of whom nothing is known, and who may nothing: what nobody has found out protects.
    pub const DEFAULT: Client<'static> = Client {
        proxy_credentials_valid: false,
        checkable: false,
        for_target: false,
        credentials_valid: false,
        nonce_fresh: false,
        payment_presented: false,
        payment_checkable: false,
        paid: false,
        permitted: false,
        permitted_here: false,
        permitted_there: false,
        refused_at: None,
        user_rate_left: false,
        user: None,
        offence: None,
        challenges: &[],
        authentication_info: None,
        receipt: None,
        limits: &[],
        retry_after: None,
    };

    /// One who may everything: where nobody guards anything, and where a world is supposed or replayed.
    pub const fn open() -> Client<'static> {
        Client {
            proxy_credentials_valid: true,
            checkable: true,
            for_target: true,
            credentials_valid: true,
            nonce_fresh: true,
            payment_presented: true,
            payment_checkable: true,
            paid: true,
            permitted: true,
            permitted_here: true,
            permitted_there: true,
            user_rate_left: true,
            ..Client::DEFAULT
        }
    }
}

impl Default for Client<'_> {
    #[inline]
    fn default() -> Self {
        Client::DEFAULT
    }
}

/// What our cache holds for the target.
///
/// Construct it with `..Stored::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// A stored response, selected by Vary, is fresh or may be used stale.
    pub usable: bool,
    /// Its status.
    pub status: Option<Status>,
    /// Its entity tag.
    pub tag: Option<EntityTag<'a>>,
    /// Its Last-Modified.
    pub modified: Option<Date>,
    /// Its length in octets.
    pub length: u64,
}

impl Stored<'_> {
    /// Nothing special.
    pub const DEFAULT: Stored<'static> = Stored { usable: false, status: None, tag: None, modified: None, length: 0 };
}

impl Default for Stored<'_> {
    #[inline]
    fn default() -> Self {
        Stored::DEFAULT
    }
}

/// The upstream's pool.
///
/// Construct it with `..Upstream::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Upstream {
    /// A route to some upstream exists.
    pub known: bool,
    /// One of them is not known to be down.
    pub healthy: bool,
    /// One of them may take another connection.
    pub connections_left: bool,
}

impl Upstream {
    /// Nothing special.
    pub const DEFAULT: Upstream = Upstream { known: true, healthy: true, connections_left: true };
}

impl Default for Upstream {
    #[inline]
    fn default() -> Self {
        Upstream::DEFAULT
    }
}

/// What the world tells when it is asked: one group of facts.
#[derive(Clone, Copy, Debug)]
pub enum FactGroup<'a> {
    /// The rules in force.
    Site(&'a Site<'a>),
    /// The counters.
    Quota(&'a Quota<'a>),
    /// Who asks.
    Client(&'a Client<'a>),
    /// What our cache holds.
    Stored(&'a Stored<'a>),
    /// The upstream's pool.
    Upstream(&'a Upstream),
    /// The room to store something.
    Storage(&'a Storage),
    /// What stands at the target.
    Target(&'a Target<'a>),
    /// What came of the action.
    Outcome(&'a Outcome<'a>),
}

impl FactGroup<'_> {
    /// The question that this answers.
    pub const fn answers(&self) -> Ask {
        match self {
            FactGroup::Site(_) => Ask::Site,
            FactGroup::Quota(_) => Ask::Quota,
            FactGroup::Client(_) => Ask::Client,
            FactGroup::Stored(_) => Ask::Stored,
            FactGroup::Upstream(_) => Ask::Upstream,
            FactGroup::Storage(_) => Ask::Storage,
            FactGroup::Target(_) => Ask::Target,
            FactGroup::Outcome(_) => Ask::Outcome,
        }
    }
}

macro_rules! told {
    ($($group:ident $(<$life:lifetime>)?),+) => {
        $(impl<'a> From<&'a $group $(<$life>)?> for FactGroup<'a> {
            #[inline]
            fn from(group: &'a $group $(<$life>)?) -> FactGroup<'a> {
                FactGroup::$group(group)
            }
        })+
    };
}

told!(Site<'a>, Quota<'a>, Client<'a>, Stored<'a>, Upstream, Storage, Target<'a>, Outcome<'a>);
