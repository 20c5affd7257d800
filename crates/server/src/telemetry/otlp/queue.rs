//! Spans that wait to be sent. Whoever serves leaves them here and waits for nobody; one thread takes them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::limits;

use super::settings::Sampler;
use super::spans::Span;

/// The spans of all threads, [`limits::OTLP_QUEUE`] at most.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Which traces come here at all.
    pub(super) sampler: Sampler,
    state: Mutex<QueueState>,
    /// That there is a batch, or that the server ends.
    work: Condvar,
    /// That nothing more is sent.
    done: Condvar,
    lost: AtomicU64,
}

#[derive(Debug, Default)]
struct QueueState {
    spans: VecDeque<Span>,
    ending: bool,
    done: bool,
}

impl Queue {
    pub(super) fn new(sampler: Sampler) -> Queue {
        let (work, done) = (Condvar::new(), Condvar::new());
        Queue { sampler, state: Mutex::default(), work, done, lost: AtomicU64::new(0) }
    }

    /// Leaves a span; where there is no room it is lost.
    pub(super) fn push(&self, span: Span) {
        let mut state = self.state();
        if state.spans.len() >= limits::OTLP_QUEUE || state.done {
            drop(state);
            return self.lose(1);
        }
        state.spans.push_back(span);
        if state.spans.len() == limits::OTLP_BATCH {
            self.work.notify_one();
        }
    }

    /// Takes the oldest spans, so many at most.
    pub(super) fn take(&self, most: usize) -> Vec<Span> {
        let mut state = self.state();
        let count = state.spans.len().min(most);
        state.spans.drain(..count).collect()
    }

    /// Counts spans that nobody gets.
    pub(super) fn lose(&self, spans: u64) {
        self.lost.fetch_add(spans, Ordering::Relaxed);
    }

    /// How many were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Is there a batch to send?
    pub(super) fn has_batch(&self) -> bool {
        self.state().spans.len() >= limits::OTLP_BATCH
    }

    /// Waits until the server ends, so long at most, and where batches can be sent only until there is one. Says whether the
    /// server ends.
    pub(super) fn wait(&self, most: Duration, for_batch: bool) -> bool {
        let idle = |state: &mut QueueState| !(state.ending || for_batch && state.spans.len() >= limits::OTLP_BATCH);
        let waited = self.work.wait_timeout_while(self.state(), most, idle);
        waited.unwrap_or_else(PoisonError::into_inner).0.ending
    }

    /// Says that the server ends, and waits until what is left was sent, so long at most. Says whether that is so.
    pub(super) fn end(&self, most: Duration) -> bool {
        let mut state = self.state();
        state.ending = true;
        self.work.notify_one();
        let waited = self.done.wait_timeout_while(state, most, |state| !state.done);
        waited.unwrap_or_else(PoisonError::into_inner).0.done
    }

    /// Says that nothing more is sent.
    pub(super) fn finished(&self) {
        self.state().done = true;
        self.done.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        // whatever panicked under the lock left the spans whole: each is put there and taken in one step
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
