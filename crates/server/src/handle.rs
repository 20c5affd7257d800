//! The server's hands: a request arrives, is understood, is decided in a world of its own, and is answered.
//!
//! Nothing is chosen here: which world a request is decided in follows from what it is for, and what is answered is the decision's.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use decision::facts::Facts;
use decision::verdict::Verdict;
use exchange::exchange::{Exchange, Handler};
use exchange::received::Received;
use observe::event::Event;
use resources::access_control::Known;
use resources::reach::Reach;
use resources::rules::Source as Rule;
use semantics::field::Field;
use semantics::request::{Framing, Request};
use transport::worker::Worker;

use crate::context::{Arrived, RequestContext};
use crate::plan;
use crate::respond::{Answer, ResponseWriter};
use crate::sites::{LastHost, Sites};
use crate::telemetry::access_log::Log;
use crate::telemetry::recorder::Recorder;
use crate::telemetry::thread_telemetry::{SampledVerdict, ThreadTelemetry};

use crate::sites::trace::Ids;
use crate::worlds::portal::Captivity;
use crate::worlds::{portal, read, write};

pub(crate) mod access;
pub(crate) mod dispatch;
mod equalize;

use access::{AccessContext, RequestState};
use dispatch::Dispatch;

/// What one thread serves.
pub(crate) struct Service {
    pub(crate) worker: Rc<Worker>,
    in_force: Arc<plan::CurrentPlan>,
    /// The sites, as the plan in force has them, and the number of the last plan that was looked at.
    sites: RefCell<Rc<Sites>>,
    seen: Cell<u64>,
    logs: bool,
    ids: Ids,
    log: RefCell<Log>,
    recorder: Option<RefCell<Recorder>>,
    /// Where somebody looks on.
    telemetry: Option<ThreadTelemetry>,
    writer: ResponseWriter,
}

impl Service {
    pub(crate) fn new(
        worker: Rc<Worker>,
        in_force: Arc<plan::CurrentPlan>,
        log: Log,
        (recorder, telemetry): (Option<Recorder>, Option<ThreadTelemetry>),
    ) -> io::Result<Service> {
        let writer = ResponseWriter::new();
        let number = in_force.number();
        Ok(Service {
            worker,
            sites: RefCell::new(Rc::new(Sites::open(in_force.plan(), number)?)),
            in_force,
            seen: Cell::new(number),
            logs: log.is_on(),
            ids: Ids::from(writer.seed()),
            log: RefCell::new(log),
            recorder: recorder.map(RefCell::new),
            telemetry,
            writer,
        })
    }

    /// Called at every look at the deadlines.
    pub(crate) fn tick(&self) {
        self.log.borrow_mut().hand_over();
        if let Some(recorder) = &self.recorder {
            recorder.borrow_mut().hand_over();
        }
    }

    /// Writes down what was decided, and by which facts, as far as that is wanted: into a record, and for those who look on.
    #[inline]
    fn note(&self, verdict: &Verdict, facts: &Facts<'_>) -> Option<SampledVerdict> {
        if let Some(recorder) = &self.recorder {
            recorder.borrow_mut().add(facts, verdict);
        }
        self.telemetry.as_ref().and_then(|telemetry| telemetry.note(verdict, facts, self.worker.clock.unix_millis()))
    }

    /// Counts a look at the target: it was known already, or not.
    #[inline]
    pub(crate) fn looked(&self, known: bool) {
        match &self.telemetry {
            Some(telemetry) if known => telemetry.counter.cache_hit(),
            Some(telemetry) => telemetry.counter.cache_miss(),
            None => {}
        }
    }

    /// The sites, as the plan in force has them. A plan whose folders this thread cannot open leaves the old sites in place.
    #[inline]
    fn sites(&self) -> Rc<Sites> {
        if self.in_force.number() != self.seen.get() {
            self.take_over();
        }
        Rc::clone(&self.sites.borrow())
    }

    #[cold]
    fn take_over(&self) {
        let number = self.in_force.number();
        self.seen.set(number);
        match Sites::open(self.in_force.plan(), number) {
            Ok(opened) => *self.sites.borrow_mut() = Rc::new(opened),
            Err(error) => {
                log::error!("the new configuration is not in force on this thread: {error}");
            }
        }
    }
}

impl Handler for Service {
    type Memory = LastHost;

    async fn handle<E: Exchange>(&self, exchange: &mut E, received: &Received, last: &mut LastHost) {
        let begun = self.worker.clock.micros();
        let mut fault = received.fault;
        if fault.is_none() && self.reads_ahead(exchange, received.request()) {
            fault = exchange.discard_ahead().await;
        }
        let sites = self.sites();
        let context = self.understand(received, fault, exchange, &sites);
        let host = sites.host(&context.uri, context.carrier, last);
        let captivity = Captivity::of(&sites.plan, &context);
        let (names, request) = (context.names(), context.request);
        let (force, reach) = match captivity {
            Captivity::AtPortal(_) => (Arc::default(), Reach::default()),
            _ => (host.served.in_force(names, request), host.served.reach(names, request)),
        };
        let state = RequestState::default();
        let dispatch = Dispatch {
            service: self,
            host,
            access: AccessContext {
                plan: &sites.plan,
                book: &host.served.book,
                force: &force,
                served: Some(&host.served.site),
                reach: &reach,
                named: host.named,
                context: &context,
                state: &state,
            },
            captive: match captivity {
                Captivity::Held(address) => Some(address),
                _ => None,
            },
        };
        let answer = match &host.served.share {
            _ if let Captivity::AtPortal(portal) = captivity => {
                Box::pin(portal::answer(&dispatch, portal, exchange)).await
            }
            // rare, and so room for it is found only then: what waits here is small
            Some(share) if dispatch.captive.is_none() && write::concerns(host, &context) => {
                Box::pin(write::answer(&dispatch, share, exchange)).await
            }
            _ => match read::answer_now(&dispatch, exchange) {
                Ok(answer) => answer,
                Err(walked) => Box::pin(read::answer_in_time(&dispatch, exchange, walked)).await,
            },
        };
        let Some(answer) = answer else { return };
        self.finish(&dispatch, answer, begun, exchange).await;
    }
}

impl Service {
    fn understand<'a, E: Exchange>(
        &self,
        received: &'a Received,
        fault: Option<semantics::fault::Fault>,
        exchange: &E,
        sites: &Sites,
    ) -> RequestContext<'a> {
        let clock = &self.worker.clock;
        let arrived = Arrived { id: self.ids.of(received.request()), now: clock.stamp(), millis: clock.millis() };
        let room = (&received.octets[..], &received.names);
        RequestContext::of(received.request(), room, fault, exchange.carrier(), &sites.plan.forwarded, arrived)
    }

    /// Does a read bring content that will be thrown away, and surely comes? It is waited for, so that a request which does not
    /// come to its end is answered as what it is. Other methods are refused without waiting, since nothing here takes their
    /// content; and so is everybody while there is no room.
    #[inline]
    fn reads_ahead<E: Exchange>(&self, exchange: &E, request: Request<'_>) -> bool {
        let Framing::Length(length) = request.framing() else { return false };
        let limits = &self.worker.limits;
        !exchange.carrier().overloaded
            && request.is_read()
            && !request.has(Field::EXPECT)
            && length <= limits.discard.min(limits.content)
    }

    /// Sends what was decided, and tells of it.
    async fn finish<E: Exchange>(&self, dispatch: &Dispatch<'_>, answer: Answer, begun: u64, exchange: &mut E) {
        let Answer { verdict, rule, written, body, sampled } = answer;
        let access = &dispatch.access;
        if access.book.hides() && equalize::concerns(&verdict) {
            Box::pin(equalize::equalize_timing(dispatch, &verdict)).await;
        }
        if verdict.status.is_error() && access.state.known().is_some_and(Known::has_paid) {
            Box::pin(access.plan.access_control.refund(access.attempt())).await;
        }
        let octets = written + body.length().unwrap_or(0);
        let sent = exchange.send(body).await;
        if self.logs || self.telemetry.is_some() {
            self.tell(dispatch, (&verdict, rule), (octets, begun, sent.is_err()), sampled);
        }
    }

    /// Tells of an answer: to the log, and to those who look on.
    fn tell(
        &self,
        dispatch: &Dispatch<'_>,
        (verdict, rule): (&Verdict, Option<Rule>),
        (octets, begun, broken): (u64, u64, bool),
        sampled: Option<SampledVerdict>,
    ) {
        let AccessContext { context, state, .. } = dispatch.access;
        let clock = &self.worker.clock;
        let request = context.request;
        let micros = clock.read() - begun;
        let event = Event {
            moment: clock.unix_millis(),
            client: context.client,
            method: request.method_name(),
            target: request.raw_target(),
            host: context.uri.host(),
            version: request.version(),
            status: verdict.status.code(),
            last: verdict.last,
            because: verdict.because,
            rule,
            user: state.known().and_then(Known::user).map(|user| user.name.as_str()),
            octets,
            micros,
            id: context.id,
            broken,
        };
        self.log.borrow_mut().add(&event);
        if let Some(telemetry) = &self.telemetry {
            #[cfg(feature = "otlp")]
            telemetry.trace(&event, request);
            telemetry.see(&event, sampled);
        }
    }
}
