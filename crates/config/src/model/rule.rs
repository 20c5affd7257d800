//! A rule: a pattern of targets, and what holds for them.

use std::path::PathBuf;

use semantics::method::Method;

use super::{Word, said};
use crate::place::{Located, Place};

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The pattern, as it is written: `[METHODS ]PATH`. It is read elsewhere.
    pub pattern: Located<String>,
    /// Its heading, or the first of the words that stand in no rule.
    pub at: Place,
    /// What it says.
    pub words: Words,
}

/// The pattern that every target matches.
const EVERYTHING: &str = "/**";

impl Rule {
    /// The rule of words that stand in none.
    pub(crate) fn everything(words: Words, at: Place) -> Self {
        Self { pattern: Located::new(EVERYTHING.to_owned(), at.clone()), at, words }
    }

    /// Is its pattern the one that every target matches, whatever the method?
    pub fn is_everything(&self) -> bool {
        self.pattern.value == EVERYTHING
    }
}

said! {
    /// What a rule says. A word that is not said is inherited from a less specific rule; one that is undone is not.
    Words {
        /// `guard`
        guard: Word<Guard>,
        /// `limit`: all of them hold.
        limit: Word<Vec<Limit>>,
        /// `moved`
        moved: Word<Moved>,
        /// `see`: a target.
        see: Word<String>,
        /// `gone`
        gone: bool,
        /// `price`
        price: Word<Price>,
        /// `law`
        law: Word<Law>,
        /// `require`, but for what it says of conditional requests.
        require: Word<Require>,
        /// `conditional`, or `require.conditional`.
        conditional: bool,
        /// `closed`
        closed: Word<Closed>,
        /// `headers`, by the names of their fields.
        headers: Word<Vec<Field>>,
        /// `cors`
        cors: Word<Cors>,
        /// `cache`: a value of Cache-Control.
        cache: Word<String>,
        /// `methods`
        methods: Word<Vec<Located<Method>>>,
        /// `types`: media types and ranges of them.
        types: Word<Vec<Located<String>>>,
        /// `max-content`: octets.
        max_content: Word<u64>,
        /// `teapot`
        teapot: bool,
        /// `proxy`
        proxy: Word<Proxy>,
    }
}

/// Who is let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Who is; empty: whoever is not denied. Where a proof is asked for, and nobody is named, it is [`Name::Any`].
    pub allow: Vec<Located<Name>>,
    /// Who is not, whatever else is said.
    pub deny: Vec<Located<Name>>,
    /// Networks from which one may come; empty: from any.
    pub from: Vec<Located<String>>,
    /// Networks from which one may not.
    pub not_from: Vec<Located<String>>,
    /// How one may prove who one is; empty: in any way that is possible for the users there are.
    pub schemes: Vec<Located<Scheme>>,
    /// The name of the space; else the site's.
    pub realm: Option<Located<String>>,
    /// What a bearer token must be good for.
    pub scopes: Vec<Located<String>>,
    /// Whoever is not let in does not learn that it is there.
    pub hide: Option<Located<bool>>,
}

/// Who is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// A user.
    User(String),
    /// `@group`
    Group(String),
    /// `any`: any user who proves who it is.
    Any,
    /// `everyone`: no proof is needed.
    Everyone,
}

/// How one proves who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RFC 7616
    Digest,
    /// RFC 7617
    Basic,
    /// RFC 6750
    Bearer,
}

/// How many requests in which time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// As it is written: `5/10s`.
    pub rate: Located<String>,
    /// How many more at once.
    pub burst: Option<Located<u64>>,
    /// What is counted for itself; each address, if nothing was said.
    pub per: Vec<Located<Per>>,
    /// Limits of the same name count together.
    pub name: Option<Located<String>>,
}

/// What is counted for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// Each address of a client.
    Address,
    /// Each user.
    User,
    /// Each path.
    Path,
    /// Nothing: all requests together.
    All,
}

/// Where it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The target, with `{1}`, `{2}` ... and `{path}` for what is put in.
    pub to: Located<String>,
    /// It will be back.
    pub for_now: bool,
    /// A POST goes there as a POST.
    pub keep_method: bool,
}

/// What it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// How much.
    pub amount: Located<u64>,
    /// Of what.
    pub unit: Option<Located<String>>,
    /// The key by which a proof of payment is known.
    pub keys: Option<Located<PathBuf>>,
}

/// A legal demand. RFC 7725
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Law {
    /// A URL of who withholds it.
    pub blocked_by: Option<Located<String>>,
    /// Who demands it.
    pub demanded_by: Option<Located<String>>,
    /// By which law.
    pub under: Option<Located<String>>,
    /// Networks for which it holds.
    pub from: Vec<Located<String>>,
    /// Countries for which it holds, of ISO 3166. With neither these nor networks it holds for all.
    pub countries: Vec<Located<String>>,
    /// Countries for which it does not.
    pub except_countries: Vec<Located<String>>,
}

/// What a request must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Require {
    /// One of these protocols; empty: any.
    pub protocol: Vec<Located<String>>,
    /// The length of its content must be told.
    pub length: Option<Located<bool>>,
}

/// It is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Since when, in unix seconds.
    pub from: Option<Located<i64>>,
    /// Until when, in unix seconds.
    pub until: Option<Located<i64>>,
    /// When to come back, in milliseconds from the answer on.
    pub retry_after: Option<Located<u64>>,
    /// Networks for which it is open.
    pub except: Vec<Located<String>>,
    /// What is told.
    pub reason: Option<Located<String>>,
}

/// A field that is added to answers, or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Located<String>,
    /// Its value; undone: it is taken away.
    pub value: Located<Word<String>>,
}

/// Origins whose scripts may read answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Which.
    pub origins: Origins,
    /// Methods beyond the simple ones.
    pub methods: Vec<Located<Method>>,
    /// Fields that may be sent beyond the simple ones.
    pub headers: Vec<Located<String>>,
    /// Fields of answers that may be read.
    pub expose: Vec<Located<String>>,
    /// May scripts use who the user is?
    pub credentials: bool,
    /// How long that may be remembered, in milliseconds.
    pub max_age: Option<Located<u64>>,
}

/// Which origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// `*`
    All,
    /// These.
    These(Vec<Located<String>>),
}

/// A proxy through which alone it is had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its URL.
    pub through: Located<String>,
    /// Its networks.
    pub from: Vec<Located<String>>,
}

impl Words {
    /// Where the first of them was said.
    pub(crate) fn place(&self) -> Option<Place> {
        let all = self.said_twice(self);
        all.into_iter().map(|(_, at, _)| at).min_by_key(|at| at.span().start)
    }
}
