//! Answers as spans and counts as metrics, told to a collector by the OpenTelemetry Protocol: over HTTP, as JSON.
//!
//! A thread that serves makes a span and leaves it in a queue; one thread of its own sends what is there, and waits for the network.
//! So a collector that is slow or gone costs spans, which are counted, and never an answer.

mod channel;
mod metrics;
mod queue;
mod sender;
mod settings;
mod spans;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::limits;
use observe::event::Event;
use semantics::request::Request;
use serde_json::{Value, json};

use crate::sites::trace::{Ids, Trace};
use crate::telemetry::thread_telemetry::Telemetry;

pub(crate) use queue::Queue;
pub(crate) use settings::SettingError;

use sender::Sender;
use settings::Settings;
use spans::{Place, SAMPLED, Span};

/// Why nothing can be told to the collector that is named.
#[derive(Debug)]
pub(crate) enum NoExport {
    /// A variable of the environment cannot be read.
    Setting(SettingError),
    /// The thread that sends could not be started.
    Thread(io::Error),
}

impl fmt::Display for NoExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoExport::Setting(offence) => offence.fmt(f),
            NoExport::Thread(error) => write!(f, "cannot start a thread: {}", crate::diagnose::plain(error)),
        }
    }
}

/// What tells a collector, until the server ends.
#[derive(Debug)]
pub(crate) struct Exporter {
    queue: Arc<Queue>,
}

/// Begins to tell what is seen, if the environment names a collector; `shown` says that an admin listener shows it too. The
/// lookouts of threads are made after this.
pub(crate) fn start(telemetry: &Arc<Telemetry>, shown: bool) -> Result<Option<Exporter>, NoExport> {
    let Some(settings) = Settings::read(|name| std::env::var_os(name)).map_err(NoExport::Setting)? else {
        return Ok(None);
    };
    let queue = Arc::new(Queue::new(settings.sampler));
    telemetry.export(Arc::clone(&queue), shown);
    let (own, telemetry) = (Arc::clone(&queue), Arc::clone(telemetry));
    let work = move || Sender::new(settings, own, telemetry).run();
    std::thread::Builder::new().name("because-otlp".to_owned()).spawn(work).map_err(NoExport::Thread)?;
    Ok(Some(Exporter { queue }))
}

impl Exporter {
    /// Sends what is left, for at most as long as [`limits::OTLP_END`] says.
    pub(crate) fn end(self) {
        self.queue.end(Duration::from_millis(limits::OTLP_END));
    }
}

/// What makes the spans of one thread.
#[derive(Debug)]
pub(crate) struct Tracer {
    queue: Arc<Queue>,
    /// What makes the numbers: the halves of a trace's come of seeds of their own.
    high: Ids,
    low: Ids,
}

impl Tracer {
    pub(crate) fn new(queue: Arc<Queue>) -> Tracer {
        let [high, low] = seeds();
        Tracer { queue, high, low }
    }

    /// Leaves an answer in the queue, if its trace is told.
    #[inline]
    pub(crate) fn see(&self, event: &Event<'_>, request: Request<'_>) {
        let parent = Trace::of(request);
        let own = || u128::from(self.high.number()) << 64 | u128::from(self.low.number());
        let trace = parent.map_or_else(own, |parent| parent.id);
        if !self.queue.sampler.takes(trace, parent.map(|parent| parent.flags & SAMPLED != 0)) {
            return;
        }
        let parent = parent.map(|parent| (parent.parent, parent.flags));
        // 0 is no number (W3C Trace Context §3.2.2.3, §3.2.2.4)
        let place = Place { trace: trace.max(1), span: self.low.number().max(1), parent };
        self.queue.push(Span::new(event, place));
    }
}

/// Two that makes numbers, which nobody can tell before.
fn seeds() -> [Ids; 2] {
    [RandomState::new(), RandomState::new()].map(|state| Ids::from(state.hash_one(0)))
}

/// By what this run of the server is told from others of its name: a random UUID (RFC 9562 §5.4).
fn instance() -> String {
    let [high, low] = seeds().map(|ids| ids.number());
    let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
    let (first, second, third) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    format!("{first:08x}-{second:04x}-{third:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff)
}

/// A name and a text.
fn attribute(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

/// A name and a number; one of 64 bits is text in this JSON.
fn integer(name: &str, value: u64) -> Value {
    json!({ "key": name, "value": { "intValue": value.to_string() } })
}

/// What tells.
fn resource(service: &str, instance: &str) -> Value {
    json!({ "attributes": [
        attribute("service.name", service),
        attribute("service.version", env!("CARGO_PKG_VERSION")),
        attribute("service.instance.id", instance),
    ] })
}

/// What measured.
fn scope() -> Value {
    json!({ "name": "because", "version": env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests;
