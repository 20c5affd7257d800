//! The thread that sends: spans when there is a batch of them or when the oldest has waited, counts now and then, and at the end of
//! the server what is left.

use std::sync::Arc;
use std::time::Duration;

use crate::limits;
use observe::metrics::Totals;
use transport::clock::Clock;

use super::channel::{Channel, Sent};
use super::metrics::{self, Exported};
use super::queue::Queue;
use super::settings::Settings;
use super::spans::{self, Span};
use crate::telemetry::thread_telemetry::Telemetry;

/// What the thread has.
pub(super) struct Sender {
    service: String,
    instance: String,
    /// Milliseconds between two tellings of counts.
    interval: u64,
    queue: Arc<Queue>,
    telemetry: Arc<Telemetry>,
    clock: Clock,
    traces: Channel,
    metrics: Channel,
    /// A batch that may be taken later.
    pending: Vec<Span>,
    /// When spans are sent even if there are few, and when counts are, in milliseconds.
    spans_at: u64,
    counts_at: u64,
}

impl Sender {
    pub(super) fn new(settings: Settings, queue: Arc<Queue>, telemetry: Arc<Telemetry>) -> Sender {
        let channel = |path| Channel::new(format!("{}{path}", settings.endpoint));
        let (traces, metrics, clock) = (channel("/v1/traces"), channel("/v1/metrics"), Clock::new());
        let now = clock.millis();
        Sender {
            instance: super::instance(),
            interval: settings.interval,
            queue,
            telemetry,
            clock,
            traces,
            metrics,
            pending: Vec::new(),
            spans_at: now.saturating_add(limits::OTLP_INTERVAL),
            counts_at: now.saturating_add(settings.interval),
            service: settings.service,
        }
    }

    /// Sends what comes, until the server ends.
    pub(super) fn run(mut self) {
        while !self.queue.wait(self.pause(), self.traces.ready_at() <= self.now()) {
            let now = self.now();
            if now >= self.traces.ready_at() && (now >= self.spans_at || self.queue.has_batch()) {
                self.send_spans();
            }
            if now >= self.counts_at.max(self.metrics.ready_at()) {
                self.send_counts(Duration::from_millis(limits::OTLP_SEND));
                self.counts_at = self.now().saturating_add(self.interval);
            }
        }
        self.finish();
        self.queue.finished();
    }

    /// How long there is nothing to do unless a batch comes.
    fn pause(&self) -> Duration {
        let spans = self.spans_at.max(self.traces.ready_at());
        let counts = self.counts_at.max(self.metrics.ready_at());
        Duration::from_millis(spans.min(counts).saturating_sub(self.now()))
    }

    /// The millisecond that it is.
    fn now(&self) -> u64 {
        self.clock.adjust();
        self.clock.millis()
    }

    /// Sends spans, as many as the queue has at most, so that counts have their turn.
    fn send_spans(&mut self) {
        for _ in 0..=limits::OTLP_QUEUE / limits::OTLP_BATCH {
            if !self.send_batch(Duration::from_millis(limits::OTLP_SEND)) {
                break;
            }
        }
        self.spans_at = self.now().saturating_add(limits::OTLP_INTERVAL);
    }

    /// Sends one batch; says whether there was one and the next can follow.
    fn send_batch(&mut self, most: Duration) -> bool {
        if self.pending.is_empty() {
            self.pending = self.queue.take(limits::OTLP_BATCH);
        }
        if self.pending.is_empty() {
            return false;
        }
        let request = spans::request(&self.pending, &self.service, &self.instance);
        let now = self.now();
        match self.traces.send(&request, (now, most), tell) {
            Sent::Later => false,
            Sent::Refused => {
                self.queue.lose(self.pending.len() as u64);
                self.pending.clear();
                false
            }
            Sent::Taken { rejected } => {
                self.queue.lose(rejected.min(self.pending.len() as u64));
                self.pending.clear();
                true
            }
        }
    }

    /// Sends all counts; says whether they were taken.
    fn send_counts(&mut self, most: Duration) -> bool {
        let now = self.now();
        let state = self.telemetry.state(self.clock.unix_millis());
        let told = Exported {
            totals: &Totals::of(state.tallies),
            gauges: state.gauges,
            lost: self.queue.lost(),
            moment: state.moment,
        };
        let request = metrics::request(&told, &self.service, &self.instance);
        matches!(self.metrics.send(&request, (now, most), tell), Sent::Taken { .. })
    }

    /// Sends what is left, as long as it is taken and there is time.
    fn finish(&mut self) {
        let end = self.now().saturating_add(limits::OTLP_END);
        let left = |sender: &Sender| Duration::from_millis(end.saturating_sub(sender.now()));
        while !left(self).is_zero() && self.send_batch(left(self)) {}
        let unsent = self.pending.len() + self.queue.take(limits::OTLP_QUEUE).len();
        if unsent > 0 {
            self.queue.lose(unsent as u64);
            tell(format!("{unsent} spans were not sent: the server ends"));
        }
        let most = left(self);
        if !most.is_zero() {
            self.send_counts(most);
        }
    }
}

/// Tells whoever runs the server.
fn tell(line: String) {
    log::warn!("{line}");
}
