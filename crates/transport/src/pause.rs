//! A pause, waited for as a socket is.
//!
//! The timers of tokio's runtime are looked through three times at each turn of its loop, and its clock is read twice, whatever is
//! due. A thread has one pause that always stands, between two looks at the deadlines, and
//! the kernel keeps its time.

use std::io;
use std::os::fd::OwnedFd;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// One pause at a time, again and again.
#[derive(Debug)]
pub struct Pause(AsyncFd<OwnedFd>);

impl Pause {
    /// A timer of the kernel, on the event loop of this thread.
    ///
    /// # Errors
    ///
    /// If the kernel has no more of them, or there is no event loop.
    #[allow(deprecated)] // what is in its place wants it sworn that a descriptor stays the same, which one that is owned does
    pub fn new() -> io::Result<Pause> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        Ok(Pause(AsyncFd::new(timer)?))
    }

    /// Waits so many milliseconds, which are not 0.
    ///
    /// # Errors
    ///
    /// If the timer cannot be set, or the event loop is gone.
    pub async fn wait(&self, millis: u64) -> io::Result<()> {
        // the pauses of a thread are fractions of a second
        let length = Timespec { tv_sec: (millis / 1_000) as i64, tv_nsec: (millis % 1_000 * 1_000_000) as i64 };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: length };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        loop {
            let mut ready = self.0.readable().await?;
            if let Ok(read) = ready.try_io(|timer| Ok(rustix::io::read(timer.get_ref(), &mut [0; 8])?)) {
                return read.map(drop);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_pause_lasts_as_long_as_it_is_told_each_time() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("an event loop");
        runtime.block_on(async {
            let pause = Pause::new().expect("a timer");
            for millis in [3, 20, 2] {
                let begun = Instant::now();
                pause.wait(millis).await.expect("it comes to its end");
                assert!(begun.elapsed() >= Duration::from_millis(millis));
            }
        });
    }
}
