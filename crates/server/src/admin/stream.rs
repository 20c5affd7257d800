//! The events of the live page: verdicts as they come, until the client has gone or the server ends.

use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::limits;
use exchange::body::{BodyStream, Next};
use observe::page;
use tokio::time::Sleep;
use transport::worker::Worker;

use crate::telemetry::thread_telemetry::Telemetry;

/// The events since a number.
pub(super) struct EventStream {
    worker: Rc<Worker>,
    telemetry: Arc<Telemetry>,
    since: u64,
    /// What comes before all events.
    opening: Vec<u8>,
    /// When something was last sent, in milliseconds of the thread's clock.
    told: u64,
    /// Until when nothing is looked for.
    pause: Option<Pin<Box<Sleep>>>,
}

impl EventStream {
    pub(super) fn new(worker: Rc<Worker>, telemetry: Arc<Telemetry>, since: u64, opening: Vec<u8>) -> EventStream {
        let told = worker.clock.millis();
        EventStream { worker, telemetry, since, opening, told, pause: None }
    }

    /// Appends what has happened, or, after a while without anything, that the server is still there.
    fn gather(&mut self, into: &mut Vec<u8>) {
        into.append(&mut mem::take(&mut self.opening));
        self.since = page::events(&self.telemetry.recent, self.since, into);
        self.worker.clock.read();
        let now = self.worker.clock.millis();
        if into.is_empty() && now >= self.told + limits::STILL_HERE {
            into.extend_from_slice(page::STILL_HERE);
        }
        if !into.is_empty() {
            self.told = now;
        }
    }
}

impl BodyStream for EventStream {
    fn poll_next(&mut self, context: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Next> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
            }
            self.gather(into);
            self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(limits::FOLLOW))));
            if self.worker.deadlines.draining() {
                return Poll::Ready(Next::End);
            }
            if !into.is_empty() {
                return Poll::Ready(Next::More);
            }
        }
    }
}
