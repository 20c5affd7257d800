//! All that the world knows of a request, by value, to be set fact by fact.

use decision::facts::{Client, Connection, Facts, Outcome, Quota, Reading, Site, Stored, Target, Upstream};
use semantics::request::Request;

/// Every group of facts.
#[derive(Clone, Debug)]
pub(crate) struct World<'a> {
    pub(crate) connection: Connection<'a>,
    pub(crate) request: Request<'a>,
    pub(crate) reading: Reading<'a>,
    pub(crate) site: Site<'a>,
    pub(crate) quota: Quota,
    pub(crate) client: Client,
    pub(crate) stored: Stored<'a>,
    pub(crate) upstream: Upstream,
    pub(crate) target: Target<'a>,
    pub(crate) outcome: Outcome<'a>,
}

impl<'a> World<'a> {
    /// A world in which nothing is special.
    pub(crate) fn new(connection: Connection<'a>, request: Request<'a>, reading: Reading<'a>) -> World<'a> {
        World {
            connection,
            request,
            reading,
            site: Site::default(),
            quota: Quota::default(),
            client: Client::default(),
            stored: Stored::default(),
            upstream: Upstream::default(),
            target: Target::default(),
            outcome: Outcome::default(),
        }
    }

    /// The facts, every group told.
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            connection: &self.connection,
            request: self.request,
            reading: &self.reading,
            site: &self.site,
            quota: &self.quota,
            client: &self.client,
            stored: &self.stored,
            upstream: &self.upstream,
            target: &self.target,
            outcome: &self.outcome,
        }
    }
}
