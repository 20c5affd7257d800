//! All that the world knows of a request, by value, to be set fact by fact.

use crate::facts::{
    Ask, Client, Connection, FactGroup, Facts, Outcome, Quota, Reading, Site, Storage, Stored, Target, Upstream,
};
use semantics::request::Request;

/// Every group of facts.
#[derive(Clone, Debug)]
pub struct World<'a> {
    /// The connection.
    pub connection: Connection<'a>,
    /// The request's head.
    pub request: Request<'a>,
    /// What a first reading of the request says.
    pub reading: Reading<'a>,
    /// The rules in force.
    pub site: Site<'a>,
    /// The counters of requests.
    pub quota: Quota<'a>,
    /// Who asks.
    pub client: Client<'a>,
    /// What our cache holds.
    pub stored: Stored<'a>,
    /// The upstream's pool.
    pub upstream: Upstream,
    /// The room to store something.
    pub storage: Storage,
    /// What stands at the target.
    pub target: Target<'a>,
    /// What came of the action.
    pub outcome: Outcome<'a>,
}

impl<'a> World<'a> {
    /// A world in which nothing is special.
    pub fn new(connection: Connection<'a>, request: Request<'a>, reading: Reading<'a>) -> World<'a> {
        World {
            connection,
            request,
            reading,
            site: Site::default(),
            quota: Quota::open(),
            client: Client::open(),
            stored: Stored::default(),
            upstream: Upstream::default(),
            storage: Storage::default(),
            target: Target::open(),
            outcome: Outcome::default(),
        }
    }

    /// The world as far as these facts tell of it.
    pub fn of(facts: &Facts<'a>) -> World<'a> {
        World {
            connection: *facts.connection,
            request: facts.request,
            reading: *facts.reading,
            site: *facts.site,
            quota: *facts.quota,
            client: *facts.client,
            stored: *facts.stored,
            upstream: *facts.upstream,
            storage: *facts.storage,
            target: *facts.target,
            outcome: *facts.outcome,
        }
    }

    /// The group that is asked for.
    pub fn told(&self, ask: Ask) -> FactGroup<'_> {
        match ask {
            Ask::Site => (&self.site).into(),
            Ask::Quota => (&self.quota).into(),
            Ask::Client => (&self.client).into(),
            Ask::Stored => (&self.stored).into(),
            Ask::Upstream => (&self.upstream).into(),
            Ask::Storage => (&self.storage).into(),
            Ask::Target => (&self.target).into(),
            Ask::Outcome => (&self.outcome).into(),
        }
    }

    /// The facts, every group told.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            connection: &self.connection,
            request: self.request,
            reading: &self.reading,
            site: &self.site,
            quota: &self.quota,
            client: &self.client,
            stored: &self.stored,
            upstream: &self.upstream,
            storage: &self.storage,
            target: &self.target,
            outcome: &self.outcome,
        }
    }
}
