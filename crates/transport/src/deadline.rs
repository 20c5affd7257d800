//! Deadlines: how long a connection may keep its thread's attention.
//!
//! Setting one is two stores. One task a thread looks at all of them every [`limits::TICK`] and wakes whoever is late, so that
//! no request pays for a timer of its own.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::io;
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};

use crate::limits;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::pause::Pause;

/// Never.
const NEVER: u64 = u64::MAX;

/// The deadline of one connection.
#[derive(Debug)]
pub struct Deadline {
    at: Cell<u64>,
    late: Cell<bool>,
    idle: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Deadline {
    /// Sets it, in milliseconds of the thread's clock.
    #[inline]
    pub fn set(&self, at: u64) {
        self.at.set(at);
        self.late.set(false);
    }

    /// Says whether nothing is under way, so that a drain may end the connection at once.
    #[inline]
    pub fn idle(&self, idle: bool) {
        self.idle.set(idle);
    }

    /// Has it passed? Remembers whom to wake when it does.
    #[inline]
    pub fn passed(&self, context: &Context<'_>) -> bool {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|w| w.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
        self.late.get()
    }

    fn expire(&self) {
        self.at.set(NEVER);
        self.late.set(true);
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}

/// The deadlines of one thread.
#[derive(Debug, Default)]
pub struct Deadlines {
    all: RefCell<Vec<Weak<Deadline>>>,
    some: Notify,
    draining: Cell<bool>,
    lag: Lag,
}

/// How late the thread comes to what is due, in milliseconds: as long as that, whatever arrives waits for its turn.
///
/// A short burst makes some looks late; a queue that stands makes all of them late. So what counts is the least of the last
/// few (RFC 8289 §4.4 has the thought).
#[derive(Debug, Default)]
struct Lag {
    last: Cell<[u64; limits::LAGS]>,
    at: Cell<usize>,
}

impl Lag {
    fn note(&self, late: u64) {
        let (mut last, at) = (self.last.get(), self.at.get());
        last[at % limits::LAGS] = late;
        self.last.set(last);
        self.at.set(at + 1);
    }

    fn least(&self) -> u64 {
        self.last.get().into_iter().min().unwrap_or(0)
    }
}

impl Deadlines {
    /// A new deadline, which never passes until it is set.
    pub fn add(&self) -> Rc<Deadline> {
        let deadline = Rc::new(Deadline {
            at: Cell::new(NEVER),
            late: Cell::new(false),
            idle: Cell::new(true),
            waker: RefCell::new(None),
        });
        self.all.borrow_mut().push(Rc::downgrade(&deadline));
        self.some.notify_one();
        deadline
    }

    /// Wakes those whose time has passed, and forgets those who are gone.
    fn sweep(&self, now: u64) {
        let draining = self.draining.get();
        self.all.borrow_mut().retain(|weak| {
            let Some(deadline) = weak.upgrade() else { return false };
            if deadline.at.get() <= now || draining && deadline.idle.get() {
                deadline.expire();
            }
            true
        });
    }

    /// From now on every connection that is idle is late.
    pub fn drain(&self) {
        self.draining.set(true);
        self.sweep(0);
    }

    /// How long what arrives waits for its turn, in milliseconds, if it has done so for a while.
    #[inline]
    pub fn lag(&self) -> u64 {
        self.lag.least()
    }

    /// Is any connection left?
    pub fn any(&self) -> bool {
        self.all.borrow().iter().any(|weak| weak.strong_count() > 0)
    }

    /// Is the thread draining?
    #[inline]
    pub fn draining(&self) -> bool {
        self.draining.get()
    }

    /// Looks at the deadlines for ever; `each` is called at every look.
    ///
    /// # Errors
    ///
    /// If the kernel no longer keeps the time of the pauses.
    pub async fn watch(&self, clock: &Clock, pause: &Pause, mut each: impl FnMut()) -> io::Result<Infallible> {
        loop {
            if self.all.borrow().is_empty() {
                each();
                self.some.notified().await;
                clock.adjust();
            }
            clock.adjust();
            let begun = clock.millis();
            pause.wait(limits::TICK).await?;
            clock.adjust();
            self.lag.note((clock.millis() - begun).saturating_sub(limits::TICK));
            self.sweep(clock.millis());
            each();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_queue_that_stands_is_a_lag() {
        let lag = Lag::default();
        [900, 900, 900].into_iter().for_each(|late| lag.note(late));
        assert_eq!(lag.least(), 0, "a burst");
        [800, 700].into_iter().for_each(|late| lag.note(late));
        assert_eq!(lag.least(), 700);
        lag.note(0);
        assert_eq!(lag.least(), 0, "it is over at once");
    }

    fn late(deadline: &Deadline) -> bool {
        deadline.passed(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_deadline_passes_at_its_time_and_can_be_set_again() {
        let all = Deadlines::default();
        let deadline = all.add();
        deadline.set(10);
        all.sweep(9);
        assert!(!late(&deadline));
        all.sweep(10);
        assert!(late(&deadline));
        deadline.set(20);
        assert!(!late(&deadline));
        drop(deadline);
        all.sweep(30);
        assert!(all.all.borrow().is_empty());
    }

    #[test]
    fn a_drain_ends_the_idle_only() {
        let all = Deadlines::default();
        let (idle, busy) = (all.add(), all.add());
        busy.idle(false);
        all.drain();
        assert!(late(&idle) && !late(&busy) && all.draining());
    }
}
