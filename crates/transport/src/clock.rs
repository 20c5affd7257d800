//! Time: the only place that reads a clock. Everybody else is given a moment.
//!
//! The clock is read when something happens (octets arrive, a deadline is looked at), and what follows from it shares that
//! moment: a request costs one reading.

use semantics::date::{Date, Stamp};
use std::cell::Cell;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// When the first clock began. All clocks count from there, so that what threads share can be counted by any of them.
static START: OnceLock<Instant> = OnceLock::new();

/// A clock of one thread.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    /// Microseconds since `start`, as last read.
    now: Cell<u64>,
    /// The calendar's microseconds at `start`; set anew at each [`Clock::adjust`], since calendars are put right.
    calendar: Cell<u64>,
    /// The microsecond at which the next second of the calendar begins.
    next_second: Cell<u64>,
    stamp: Cell<Stamp>,
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

impl Clock {
    /// A clock that counts from when the first one began.
    pub fn new() -> Clock {
        let clock = Clock {
            start: *START.get_or_init(Instant::now),
            now: Cell::new(0),
            calendar: Cell::new(0),
            next_second: Cell::new(0),
            stamp: Cell::new(Stamp::default()),
        };
        clock.adjust();
        clock
    }

    /// Reads the clock.
    #[inline]
    pub fn read(&self) -> u64 {
        let now = self.since_start();
        self.now.set(now);
        if now >= self.next_second.get() {
            self.strike();
        }
        now
    }

    /// Reads the clock and the calendar.
    pub fn adjust(&self) {
        // a calendar before 1970 counts as 1970
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let calendar = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        let now = self.since_start();
        self.now.set(now);
        self.calendar.set(calendar.saturating_sub(now));
        self.strike();
    }

    #[inline]
    fn since_start(&self) -> u64 {
        let since = self.start.elapsed();
        since.as_secs() * 1_000_000 + u64::from(since.subsec_micros())
    }

    /// Renders the date of this second, once.
    fn strike(&self) {
        let calendar = self.calendar.get().saturating_add(self.now.get());
        let seconds = calendar / 1_000_000;
        let date = Date::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX));
        if self.stamp.get().date != date {
            self.stamp.set(Stamp::new(date));
        }
        self.next_second.set(((seconds + 1) * 1_000_000).saturating_sub(self.calendar.get()));
    }

    /// The calendar's moment when the clock was last read, with its text.
    #[inline]
    pub fn stamp(&self) -> Stamp {
        self.stamp.get()
    }

    /// Microseconds since this clock began, when it was last read; never goes back.
    #[inline]
    pub fn micros(&self) -> u64 {
        self.now.get()
    }

    /// Milliseconds of Unix time, as far as the last look at the clock knows.
    #[inline]
    pub fn unix_millis(&self) -> u64 {
        self.calendar.get().saturating_add(self.now.get()) / 1_000
    }

    /// Milliseconds since this clock began, when it was last read; never goes back.
    #[inline]
    pub fn millis(&self) -> u64 {
        self.now.get() / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lasts_until_the_clock_is_read_again() {
        let clock = Clock::new();
        let (first, stamp) = (clock.micros(), clock.stamp());
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert_eq!(clock.micros(), first);
        assert!(clock.read() >= first + 2_000);
        assert_eq!(clock.micros() / 1_000, clock.millis());
        assert_eq!((clock.unix_millis() / 1_000) as i64, clock.stamp().date.unix());
        assert!(clock.stamp().date.since(stamp.date) <= 1);
        assert_eq!(clock.stamp().text, clock.stamp().date.write());
    }

    #[test]
    fn the_second_strikes_when_its_time_has_come() {
        let clock = Clock::new();
        let calendar = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        assert!(clock.stamp().date.unix().abs_diff(calendar as i64) <= 1);
        // one microsecond before the next second, then in it
        clock.now.set(clock.next_second.get() - 1);
        clock.strike();
        let before = clock.stamp().date;
        clock.now.set(clock.next_second.get());
        clock.strike();
        assert_eq!(clock.stamp().date.since(before), 1);
    }
}
