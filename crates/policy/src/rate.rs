//! Rates: so many requests in such a time, and how many of them at once.
//!
//! Who is counted, and in which bucket, is [`crate::bucket`]'s.

use std::fmt;

use crate::limits;
use semantics::syntax::{ParseError, parse_u64_saturating};

/// So many requests in such a time. A bucket of `burst` tokens, each request takes one, and they come back one by one,
/// evenly.
///
/// ```
/// use policy::rate::Rate;
/// let rate = Rate::parse("5/10s").expect("a rate");
/// assert_eq!((rate.count(), rate.per_millis(), rate.burst()), (5, 10_000, 5));
/// assert_eq!(Rate::parse("100/min").map(|rate| rate.per_millis()), Ok(60_000));
/// assert_eq!(Rate::parse("5/week").map_err(|refusal| refusal.at), Err(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    count: u32,
    per_millis: u64,
    burst: u32,
    /// How many nanoseconds a token takes to come back, one at least; it is needed at every request.
    interval: u64,
}

/// What can be wrong with a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateError {
    /// It does not begin with a number.
    NoCount,
    /// No requests at all, or more than [`limits::RATE_COUNT`].
    Count,
    /// There is no `/` behind the number.
    NoTime,
    /// The unit of time is missing or none.
    BadUnit,
    /// In no time.
    NoDuration,
    /// An empty bucket would take longer than [`limits::BUCKET_TIME`] to become full.
    TooSlow,
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCount => "a rate begins with a number of requests: 5/10s, 100/min",
            Self::Count => "a rate counts at least one request, and a million at most",
            Self::NoTime => "a rate tells in which time: 5/10s, 100/min",
            Self::BadUnit => "a time has a unit: s or sec, min, h or hour, d or day",
            Self::NoDuration => "a time is longer than nothing",
            Self::TooSlow => "what was used up would take more than ten years to come back",
        })
    }
}

impl Rate {
    /// `count` requests in `per_millis` milliseconds, `burst` of them at once.
    pub fn new(count: u32, per_millis: u64, burst: u32) -> Result<Self, RateError> {
        let counts = 1..=limits::RATE_COUNT;
        if !counts.contains(&count) || !counts.contains(&burst) {
            return Err(RateError::Count);
        }
        // a million requests at most in a millisecond at least leave each a nanosecond
        let interval = per_millis.checked_mul(NANOS_PER_MILLI).map(|nanos| nanos / u64::from(count));
        let full = interval.and_then(|interval| interval.checked_mul(burst.into()));
        match interval.zip(full) {
            _ if per_millis == 0 => Err(RateError::NoDuration),
            Some((interval, full)) if full <= limits::BUCKET_TIME * NANOS_PER_MILLI => {
                Ok(Self { count, per_millis, burst, interval })
            }
            _ => Err(RateError::TooSlow),
        }
    }

    /// Reads `N/[K]unit`, as `5/10s` or `100/min`; a refusal tells the offset of the byte that offends. All of them may
    /// come at once.
    pub fn parse(text: &str) -> Result<Self, ParseError<RateError>> {
        let bytes = text.as_bytes();
        let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let slash = digits(0);
        let Ok(count) = parse_u64_saturating(&bytes[..slash]) else {
            return Err(ParseError::new(0, RateError::NoCount));
        };
        if bytes.get(slash) != Some(&b'/') {
            return Err(ParseError::new(slash, RateError::NoTime));
        }
        let unit = digits(slash + 1);
        // without a number it is one of the unit
        let number = parse_u64_saturating(&bytes[slash + 1..unit]).unwrap_or(1);
        let millis: u64 = match &bytes[unit..] {
            b"s" | b"sec" => 1_000,
            b"min" => 60_000,
            b"h" | b"hour" => 3_600_000,
            b"d" | b"day" => 86_400_000,
            _ => return Err(ParseError::new(unit, RateError::BadUnit)),
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Self::new(count, number.saturating_mul(millis), count).map_err(|what| {
            let at = match what {
                RateError::NoDuration | RateError::TooSlow => slash + 1,
                RateError::NoCount | RateError::Count | RateError::NoTime | RateError::BadUnit => 0,
            };
            ParseError::new(at, what)
        })
    }

    /// The same rate, with so many requests at once.
    pub fn with_burst(self, burst: u32) -> Result<Self, RateError> {
        Self::new(self.count, self.per_millis, burst)
    }

    /// How many requests.
    pub fn count(self) -> u32 {
        self.count
    }

    /// In how many milliseconds.
    pub fn per_millis(self) -> u64 {
        self.per_millis
    }

    /// How many of them at once.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// In how many seconds, rounded up: the `w` of RateLimit-Policy.
    pub fn window_seconds(self) -> u64 {
        self.per_millis.div_ceil(1_000)
    }

    /// How many nanoseconds a token takes to come back.
    pub(crate) fn interval(self) -> u64 {
        self.interval
    }

    /// How many nanoseconds an empty bucket takes to become full.
    pub(crate) fn full(self) -> u64 {
        self.interval * u64::from(self.burst)
    }
}

const NANOS_PER_MILLI: u64 = 1_000_000;

/// As it is read; the burst is not told.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400_000, "day"), (3_600_000, "hour"), (60_000, "min"), (1_000, "s")];
        match units.into_iter().find(|(millis, _)| self.per_millis.is_multiple_of(*millis)) {
            Some((millis, unit)) if millis == self.per_millis => write!(f, "{}/{unit}", self.count),
            Some((millis, unit)) => write!(f, "{}/{}{unit}", self.count, self.per_millis / millis),
            None => write!(f, "{}/{}ms", self.count, self.per_millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_read_or_refused() {
        use RateError::*;
        for (text, count, per_millis) in [
            ("5/10s", 5, 10_000),
            ("1/s", 1, 1_000),
            ("1/sec", 1, 1_000),
            ("100/min", 100, 60_000),
            ("100/5min", 100, 300_000),
            ("1000/hour", 1000, 3_600_000),
            ("7/2h", 7, 7_200_000),
            ("1/d", 1, 86_400_000),
            ("0003/day", 3, 86_400_000),
            ("1000000/s", 1_000_000, 1_000),
        ] {
            let rate = Rate::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
            assert_eq!((rate.count(), rate.per_millis(), rate.burst()), (count, per_millis, count), "{text}");
        }
        for (text, at, what) in [
            ("", 0, NoCount),
            ("many/s", 0, NoCount),
            ("-1/s", 0, NoCount),
            ("0/s", 0, Count),
            ("1000001/s", 0, Count),
            ("99999999999999999999/s", 0, Count),
            ("5", 1, NoTime),
            ("5 /s", 1, NoTime),
            ("5/", 2, BadUnit),
            ("5/10", 4, BadUnit),
            ("5/10 s", 4, BadUnit),
            ("5/10S", 4, BadUnit),
            ("5/m", 2, BadUnit),
            ("5/secs", 2, BadUnit),
            ("5/0s", 2, NoDuration),
            ("1/4000d", 2, TooSlow),
            ("1/99999999999999999999d", 2, TooSlow),
        ] {
            assert_eq!(Rate::parse(text), Err(ParseError::new(at, what)), "{text}");
        }
    }

    #[test]
    fn bursts_are_bounded_by_how_long_they_take() {
        let daily = Rate::parse("1/day").expect("a rate");
        assert_eq!(daily.with_burst(10).map(Rate::burst), Ok(10));
        assert_eq!(daily.with_burst(0), Err(RateError::Count));
        assert_eq!(daily.with_burst(3_650).map(Rate::full), Ok(limits::BUCKET_TIME * 1_000_000));
        assert_eq!(daily.with_burst(3_651), Err(RateError::TooSlow));
        assert_eq!(Rate::new(1_000_000, 1, 1_000_000).map(Rate::interval), Ok(1));
        assert_eq!(Rate::parse("5/1s").map(Rate::window_seconds), Ok(1));
        assert_eq!(
            Rate::new(5, 1_500, 5).map(|rate| (rate.window_seconds(), rate.to_string())),
            Ok((2, "5/1500ms".into()))
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in ".{0,12}",
            near in "[0-9]{0,22}/?[0-9]{0,22}(s|min|d)?",
            count: u32,
            per: u64,
            burst: u32,
        ) {
            for text in [text, near] {
                match Rate::parse(&text) {
                    Ok(rate) => prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate)),
                    Err(refusal) => prop_assert!(refusal.at <= text.len()),
                }
            }
            if let Ok(rate) = Rate::new(count, per, burst) {
                prop_assert!(rate.interval() > 0 && rate.full() <= limits::BUCKET_TIME * 1_000_000);
            }
        }
    }
}
