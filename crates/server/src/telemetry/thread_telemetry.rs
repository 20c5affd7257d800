//! What can be seen of a running server: the counts of its threads, the verdicts that it keeps, whether it takes requests.
//!
//! Shared by the threads that serve and the one that shows it; where nothing is shown nothing is batched_writer.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use decision::facts::Facts;
use decision::verdict::Verdict;
use observe::event::Event;
use observe::metrics::{Counter, Gauges, Tally};
use observe::page::State;
use observe::recent::{self, Recent, Sampler, Wanted};
use tokio::sync::watch;
use transport::worker::{Order, Shared};

#[cfg(feature = "otlp")]
use crate::telemetry::otlp::{Queue, Tracer};

/// All that there is to see.
#[derive(Debug)]
pub(crate) struct Telemetry {
    tallies: Vec<Arc<Tally>>,
    pub(crate) recent: Recent,
    shared: Arc<Shared>,
    orders: watch::Receiver<Order>,
    /// When the server was started, in seconds of Unix time.
    started: i64,
    /// Where answers are told as spans.
    #[cfg(feature = "otlp")]
    exported: std::sync::OnceLock<Exported>,
}

/// That answers are told to a collector.
#[cfg(feature = "otlp")]
#[derive(Debug)]
struct Exported {
    queue: Arc<Queue>,
    /// There is an admin listener too.
    shown: bool,
}

impl Telemetry {
    /// For so many threads, with the hand that counts of each.
    pub(crate) fn new(
        threads: usize,
        shared: &Arc<Shared>,
        orders: watch::Receiver<Order>,
        started: i64,
    ) -> (Telemetry, Vec<Counter>) {
        let (counters, tallies) = (0..threads).map(|_| Tally::begin()).unzip();
        let telemetry = Telemetry {
            tallies,
            recent: Recent::default(),
            shared: Arc::clone(shared),
            orders,
            started,
            #[cfg(feature = "otlp")]
            exported: std::sync::OnceLock::new(),
        };
        (telemetry, counters)
    }

    /// Tells what follows to a collector, by this queue; and is there somebody besides to whom it is shown?
    #[cfg(feature = "otlp")]
    pub(crate) fn export(&self, queue: Arc<Queue>, shown: bool) {
        self.exported.get_or_init(|| Exported { queue, shown });
    }

    /// Is there anybody who looks on? It is shown to somebody, or told to a collector.
    pub(crate) fn is_seen(&self, shown: bool) -> bool {
        #[cfg(feature = "otlp")]
        let shown = shown || self.exported.get().is_some();
        shown
    }

    /// All of it as it is now, at this moment in milliseconds of Unix time.
    pub(crate) fn state(&self, moment: u64) -> State<'_> {
        let connections = self.shared.connections.load(Ordering::Relaxed) as u64;
        State {
            tallies: &self.tallies,
            recent: &self.recent,
            gauges: Gauges {
                connections,
                accepted: self.shared.accepted.load(Ordering::Relaxed),
                started: Some(self.started),
                version: env!("CARGO_PKG_VERSION"),
            },
            moment,
            ready: self.is_ready(),
        }
    }

    /// Does the server take requests?
    pub(crate) fn is_ready(&self) -> bool {
        *self.orders.borrow() == Order::Serve
    }
}

/// With what one thread makes its answers seen.
#[derive(Debug)]
pub(crate) struct ThreadTelemetry {
    pub(crate) counter: Counter,
    sampler: RefCell<Sampler>,
    telemetry: Arc<Telemetry>,
    #[cfg(feature = "otlp")]
    tracer: Option<Tracer>,
}

/// That an answer is kept, and what it was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SampledVerdict {
    wanted: Wanted,
    explained: Option<String>,
}

impl ThreadTelemetry {
    pub(crate) fn new(counter: Counter, telemetry: Arc<Telemetry>) -> ThreadTelemetry {
        ThreadTelemetry {
            counter,
            sampler: RefCell::default(),
            #[cfg(feature = "otlp")]
            tracer: telemetry.exported.get().map(|exported| Tracer::new(Arc::clone(&exported.queue))),
            telemetry,
        }
    }

    /// Notes what was decided on, while that is known, if the answer is to be kept.
    #[inline]
    pub(crate) fn note(&self, verdict: &Verdict, facts: &Facts<'_>, moment: u64) -> Option<SampledVerdict> {
        #[cfg(feature = "otlp")]
        if self.telemetry.exported.get().is_some_and(|exported| !exported.shown) {
            return None;
        }
        let wanted = self.sampler.borrow_mut().wants(moment, verdict.status.code())?;
        Some(SampledVerdict { wanted, explained: wanted.explained.then(|| recent::explain(facts, verdict)) })
    }

    /// Counts an answer that was given, and keeps it if it was sampled.
    #[inline]
    pub(crate) fn see(&self, event: &Event<'_>, sampled: Option<SampledVerdict>) {
        self.counter.count(event);
        if let Some(SampledVerdict { wanted, explained }) = sampled {
            self.telemetry.recent.keep(event, wanted, explained);
        }
    }

    /// Tells an answer as a span, if its trace is told.
    #[cfg(feature = "otlp")]
    #[inline]
    pub(crate) fn trace(&self, event: &Event<'_>, request: semantics::request::Request<'_>) {
        if let Some(tracer) = &self.tracer {
            tracer.see(event, request);
        }
    }
}
