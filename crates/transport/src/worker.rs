//! One thread and its loop: it accepts connections, lends buffers, keeps the time, and drains.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::limits::{self, Limits};
use exchange::exchange::Handler;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::deadline::Deadlines;
use crate::h1::Http1;
use crate::listen::{Accepted, Listener};
use crate::pause::Pause;
use crate::pool::Pool;
use crate::stream::Stream;

/// Connections beyond the limit that may be told so at a time: a quarter of the limit, and at most [`limits::REFUSALS`]; more
/// are closed without a word.
fn refusals(connections: usize) -> usize {
    (connections / 4).clamp(1, limits::REFUSALS)
}

/// What the whole server is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// To serve.
    #[default]
    Serve,
    /// To accept nothing more, finish what has begun, and end.
    Drain,
}

/// What the threads share.
#[derive(Debug)]
pub struct Shared {
    /// The limits.
    pub limits: Limits,
    /// Connections open, over all threads.
    pub connections: AtomicUsize,
    /// Connections accepted so far, those included that were refused.
    pub accepted: AtomicU64,
    /// Connections closed without a word since there was no room even to refuse them.
    pub dropped: AtomicUsize,
}

impl Shared {
    /// With nothing open.
    pub fn new(limits: Limits) -> Shared {
        Shared { limits, connections: AtomicUsize::new(0), accepted: AtomicU64::new(0), dropped: AtomicUsize::new(0) }
    }
}

/// What belongs to one thread.
#[derive(Debug)]
pub struct Worker {
    /// Its clock.
    pub clock: Clock,
    /// Its buffers.
    pub pool: Pool,
    /// Its deadlines.
    pub deadlines: Deadlines,
    /// The limits.
    pub limits: Limits,
    shared: Arc<Shared>,
}

impl Worker {
    /// A thread's belongings.
    pub fn new(shared: Arc<Shared>) -> Worker {
        Worker {
            clock: Clock::new(),
            pool: Pool::default(),
            deadlines: Deadlines::default(),
            limits: shared.limits.clone(),
            shared,
        }
    }
}

/// A place among the connections; it is given back when dropped.
pub(crate) struct ConnectionSlot {
    shared: Arc<Shared>,
    /// Its number, of all that were taken, from 1.
    pub(crate) number: u64,
    /// There was none left.
    pub(crate) overloaded: bool,
}

impl ConnectionSlot {
    fn take(shared: &Arc<Shared>) -> Option<ConnectionSlot> {
        let number = shared.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        let before = shared.connections.fetch_add(1, Ordering::Relaxed);
        let place = ConnectionSlot { shared: shared.clone(), number, overloaded: before >= shared.limits.connections };
        if before >= shared.limits.connections + refusals(shared.limits.connections) {
            shared.dropped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(place)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs one thread until it is told to drain and has done so, or the time for that is over. What `prepare` makes answers every
/// request; `tick` is called at every look at the deadlines.
///
/// # Errors
///
/// If the system gives no event loop, or a listener cannot be used.
pub fn run<H: Handler>(
    shared: Arc<Shared>,
    listeners: Vec<Listener>,
    mut orders: watch::Receiver<Order>,
    prepare: impl FnOnce(Rc<Worker>) -> io::Result<H>,
    tick: impl Fn(&H) + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build_local(Default::default())?;
    runtime.block_on(async move {
        let worker = Rc::new(Worker::new(shared));
        let state = Rc::new(prepare(worker.clone())?);
        let mut loops = Vec::new();
        for (listener, nth) in listeners.into_iter().zip(0..) {
            let listener = listener.activate()?;
            loops.push(tokio::task::spawn_local(accept((nth, listener), worker.clone(), state.clone())));
        }
        let watch = {
            let (worker, state) = (worker.clone(), state.clone());
            let pause = Pause::new()?;
            tokio::task::spawn_local(async move {
                let Err(error) = worker.deadlines.watch(&worker.clock, &pause, || tick(&state)).await;
                log::error!("time-outs no longer hold on this thread: {error}");
            })
        };
        // a sender that is gone is an order to end, too
        let _ = orders.wait_for(|order| *order == Order::Drain).await;
        loops.iter().for_each(tokio::task::JoinHandle::abort);
        worker.deadlines.drain();
        worker.clock.read();
        let end = worker.clock.millis().saturating_add(worker.limits.drain_time);
        while worker.deadlines.any() && worker.clock.millis() < end {
            worker.clock.read();
            tokio::time::sleep(Duration::from_millis(limits::TICK / 5)).await;
        }
        watch.abort();
        Ok(())
    })
}

async fn accept<H: Handler>((nth, listener): (u16, crate::listen::Active), worker: Rc<Worker>, state: Rc<H>) {
    let mut burst = 0;
    loop {
        let accepted = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(e) if gone_already(&e) => continue,
            Err(e) => {
                // out of descriptors or memory: those who wait stay in the kernel's queue until somebody leaves
                log::warn!("cannot accept a connection for now: {e}");
                tokio::time::sleep(Duration::from_millis(limits::ACCEPT_PAUSE)).await;
                continue;
            }
        };
        worker.clock.read();
        if let Some(place) = ConnectionSlot::take(&worker.shared) {
            let deadline = worker.deadlines.add();
            let stream = match accepted {
                Accepted::Tcp(socket, peer) => Stream::tcp(socket, peer, deadline),
                Accepted::Unix(socket) => Stream::unix(socket, deadline),
            };
            let connection = Http1::new(worker.clone(), stream, place, nth);
            tokio::task::spawn_local(connection.serve(state.clone()));
        }
        burst += 1;
        if burst == limits::ACCEPTS {
            burst = 0;
            tokio::task::yield_now().await;
        }
    }
}

/// Did only this one connection fail, before it was accepted?
fn gone_already(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_run_out_in_two_steps_and_come_back() {
        let shared = Arc::new(Shared::new(Limits { connections: 1, ..Limits::default() }));
        let first = ConnectionSlot::take(&shared).expect("the first fits");
        assert!(!first.overloaded);
        let refused: Vec<_> = (0..refusals(1)).map(|_| ConnectionSlot::take(&shared).expect("is told so")).collect();
        assert!(refused.iter().all(|p| p.overloaded));
        assert!(ConnectionSlot::take(&shared).is_none());
        drop((first, refused));
        assert_eq!(shared.connections.load(Ordering::Relaxed), 0);
        assert_eq!((shared.dropped.load(Ordering::Relaxed), shared.accepted.load(Ordering::Relaxed)), (1, 3));
    }
}
