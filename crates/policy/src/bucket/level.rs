//! A bucket, as the moment at which it will be full: the theoretical arrival time of the generic cell rate algorithm
//! (ITU-T I.371), in nanoseconds. One that is full by now says nothing: it is as if nobody had asked.
//!
//! Where buckets are kept is the table's.

use crate::limits;

use super::Taken;
use crate::rate::Rate;

const NANOS_PER_MILLI: u64 = 1_000_000;
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The latest moment after which a bucket's time still fits 64 bits.
const LATEST: u64 = u64::MAX / NANOS_PER_MILLI - limits::BUCKET_TIME;

/// A time in nanoseconds.
pub(super) fn nanos(millis: u64) -> u64 {
    millis.min(LATEST) * NANOS_PER_MILLI
}

/// How many nanoseconds are missing until it is full. No more than an empty bucket's, even if the clock went back or
/// the rate was changed meanwhile: else nobody could ask until the old time has come again.
fn missing(full_at: u64, rate: Rate, now: u64) -> u64 {
    full_at.saturating_sub(now).min(rate.full())
}

/// Takes a token, if there is one; how it then stands, and when the bucket will then be full.
pub(super) fn take(full_at: u64, rate: Rate, now: u64) -> (Taken, u64) {
    let before = missing(full_at, rate, now);
    let after = before + rate.interval();
    if after > rate.full() {
        return (tell(false, before, rate), now + before);
    }
    (tell(true, after, rate), now + after)
}

/// How it stands; whether a token could be taken.
pub(super) fn peek(full_at: u64, rate: Rate, now: u64) -> Taken {
    let missing = missing(full_at, rate, now);
    tell(missing + rate.interval() <= rate.full(), missing, rate)
}

/// When it will be full, once a token was given back.
pub(super) fn give_back(full_at: u64, rate: Rate, now: u64) -> u64 {
    now + missing(full_at, rate, now).saturating_sub(rate.interval())
}

fn tell(allowed: bool, missing: u64, rate: Rate) -> Taken {
    let until_token = (missing + rate.interval()).saturating_sub(rate.full());
    Taken {
        allowed,
        remaining: u32::try_from((rate.full() - missing) / rate.interval()).unwrap_or(u32::MAX),
        reset_seconds: missing.div_ceil(NANOS_PER_SECOND),
        retry_after_seconds: if allowed { 0 } else { until_token.div_ceil(NANOS_PER_SECOND) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fit() {
        let slowest = Rate::new(1, limits::BUCKET_TIME, 1).expect("a rate");
        let now = nanos(u64::MAX);
        let (taken, full_at) = take(0, slowest, now);
        assert!(taken.allowed && full_at > now);
        assert_eq!(take(full_at, slowest, now).0.retry_after_seconds, limits::BUCKET_TIME / 1_000);
        assert_eq!(take(u64::MAX, slowest, now).1, full_at);
    }
}
