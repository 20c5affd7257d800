//! All that is known of one request: what the questions read, and what the explanation shows.
//!
//! Facts come in groups; a group is told as one, the first time a question needs it, and lent: whoever knows it keeps it. Every
//! fact has a default that means *nothing special*, so whoever tells a group fills in only what it knows, and a new fact
//! disturbs nobody. A fact is never a status, but for the two that somebody else fixed: a rule's reply and an upstream's.

use semantics::date::{Date, Stamp};
use semantics::fault::{Fault, Kinds};
use semantics::request::Request;
use semantics::status::Status;
use semantics::syntax::Refusal;
use semantics::tag::EntityTag;
use semantics::target::{PathOffence, Target as TargetForm, TargetOffence};

mod outcome;
mod site;
mod target;

pub use outcome::{Failure, Outcome};
pub use site::Site;
pub use target::{Denial, Moved, Target};

/// A group of facts that the decision may ask for. The connection and the request are always known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Ask {
    /// The rules in force: costs a look at memory.
    Site,
    /// The counters of addresses and of stored octets.
    Quota,
    /// Who asks: credentials, rights, payment. Costs a hash.
    Client,
    /// What our cache holds.
    Stored,
    /// The pool of connections to the upstream.
    Upstream,
    /// What stands at the target: costs a disk or a database.
    Target,
    /// What came of the deed: costs everything.
    Outcome,
}

impl Ask {
    /// Every group, in the order of its price.
    pub const ALL: [Ask; 7] =
        [Ask::Site, Ask::Quota, Ask::Client, Ask::Stored, Ask::Upstream, Ask::Target, Ask::Outcome];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Ask::Site => "site",
            Ask::Quota => "quota",
            Ask::Client => "client",
            Ask::Stored => "stored",
            Ask::Upstream => "upstream",
            Ask::Target => "target",
            Ask::Outcome => "outcome",
        }
    }
}

/// Everything known of one request. A group that was not told yet is its default.
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
    pub quota: &'a Quota,
    /// Who asks.
    pub client: &'a Client,
    /// What our cache holds.
    pub stored: &'a Stored<'a>,
    /// The upstream's pool.
    pub upstream: &'a Upstream,
    /// What stands at the target.
    pub target: &'a Target<'a>,
    /// What came of the deed.
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
            client: &Client::DEFAULT,
            stored: &Stored::DEFAULT,
            upstream: &Upstream::DEFAULT,
            target: &NOT_TOLD,
            outcome: &Outcome::DEFAULT,
        }
    }
}

/// What stands at a target of which nothing was told yet.
static NOT_TOLD: Target<'static> = Target::DEFAULT;

impl Facts<'_> {
    /// Was it told what stands at the target?
    pub fn knows_target(&self) -> bool {
        !core::ptr::eq(self.target, &raw const NOT_TOLD)
    }
}

/// The connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connection<'a> {
    /// The network holds this client until it logs in, the connection is in clear text, and the request is not for the
    /// page where it logs in.
    pub captive: bool,
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

/// What a first reading of the request says: derived once, from the head alone.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The target, taken apart; or what was wrong with it.
    pub target: Result<TargetForm<'a>, Refusal<TargetOffence>>,
    /// What was wrong with its path, if something was.
    pub path_offence: Option<Refusal<PathOffence>>,
    /// The form of the target is one that the method allows, without user information.
    pub form_valid: bool,
    /// If it is CONNECT, the port is there and between 1 and 65535.
    pub port_valid: bool,
    /// Upload-Complete, Upload-Length, Upload-Offset and Content-Length agree.
    pub upload_fields_valid: bool,
    /// Depth, Overwrite, Timeout, If and Lock-Token can be read, and fit the method.
    pub webdav_fields_valid: bool,
    /// The fields that the offered protocol needs are there.
    pub handshake_valid: bool,
}

impl Default for Reading<'_> {
    fn default() -> Self {
        Reading {
            target: Ok(TargetForm::Asterisk),
            path_offence: None,
            form_valid: true,
            port_valid: true,
            upload_fields_valid: true,
            webdav_fields_valid: true,
            handshake_valid: true,
        }
    }
}

/// The counters.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// The counters answer, or the site goes on without them.
    pub reachable: bool,
    /// The address is within its rate.
    pub address_rate_left: bool,
    /// Octets left to store here.
    pub storage_left: Option<u64>,
}

impl Quota {
    /// Nothing special.
    pub const DEFAULT: Quota = Quota { reachable: true, address_rate_left: true, storage_left: None };
}

impl Default for Quota {
    #[inline]
    fn default() -> Self {
        Quota::DEFAULT
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Client {
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
    /// The price is paid.
    pub paid: bool,
    /// May do this here, and at the destination, by every rule of access.
    pub permitted: bool,
    /// The user is within its rate.
    pub user_rate_left: bool,
}

impl Client {
    /// Nothing special.
    pub const DEFAULT: Client = Client {
        proxy_credentials_valid: true,
        checkable: true,
        for_target: true,
        credentials_valid: true,
        nonce_fresh: true,
        paid: true,
        permitted: true,
        user_rate_left: true,
    };
}

impl Default for Client {
    #[inline]
    fn default() -> Self {
        Client::DEFAULT
    }
}

/// What our cache holds for the target.
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
pub enum Told<'a> {
    /// The rules in force.
    Site(&'a Site<'a>),
    /// The counters.
    Quota(&'a Quota),
    /// Who asks.
    Client(&'a Client),
    /// What our cache holds.
    Stored(&'a Stored<'a>),
    /// The upstream's pool.
    Upstream(&'a Upstream),
    /// What stands at the target.
    Target(&'a Target<'a>),
    /// What came of the deed.
    Outcome(&'a Outcome<'a>),
}

impl Told<'_> {
    /// The question that this answers.
    pub const fn answers(&self) -> Ask {
        match self {
            Told::Site(_) => Ask::Site,
            Told::Quota(_) => Ask::Quota,
            Told::Client(_) => Ask::Client,
            Told::Stored(_) => Ask::Stored,
            Told::Upstream(_) => Ask::Upstream,
            Told::Target(_) => Ask::Target,
            Told::Outcome(_) => Ask::Outcome,
        }
    }
}

macro_rules! told {
    ($($group:ident $(<$life:lifetime>)?),+) => {
        $(impl<'a> From<&'a $group $(<$life>)?> for Told<'a> {
            #[inline]
            fn from(group: &'a $group $(<$life>)?) -> Told<'a> {
                Told::$group(group)
            }
        })+
    };
}

told!(Site<'a>, Quota, Client, Stored<'a>, Upstream, Target<'a>, Outcome<'a>);
