//! A request on its way to a world: what serves it, and what holds for it.

use decision::facts::{Connection, Facts};
use decision::verdict::Verdict;
use exchange::exchange::Exchange;

use super::Service;
use super::access::AccessContext;
use crate::respond::{Answer, Source, respond};
use crate::sites::Host;

/// A request, and what serves it.
#[derive(Clone, Copy)]
pub(crate) struct Dispatch<'a> {
    pub(crate) service: &'a Service,
    pub(crate) host: Host<'a>,
    pub(crate) access: AccessContext<'a>,
    /// The address of the page where the client has to log in to the network first.
    pub(crate) captive: Option<&'a str>,
}

impl<'a> Dispatch<'a> {
    /// What is known of the connection and of the octets on it.
    pub(crate) fn connection(&self, content_here: bool) -> Connection<'a> {
        let worker = &self.service.worker;
        let late = worker.deadlines.lag() > worker.limits.queue_delay;
        let overloaded = self.access.context.carrier.overloaded || late;
        Connection {
            captive: self.captive.is_some(),
            portal: self.captive,
            ..self.access.connection(overloaded, content_here)
        }
    }

    /// Notes what was decided, and writes the head of the response.
    pub(crate) fn respond<E: Exchange>(
        &self,
        exchange: &mut E,
        verdict: Verdict,
        facts: &Facts<'_>,
        source: Source<'_>,
    ) -> Answer {
        let sampled = self.service.note(&verdict, facts);
        let answer = respond(&self.service.writer, exchange, verdict, facts, source);
        Answer { sampled, rule: self.access.rule(verdict.last), ..answer }
    }
}
