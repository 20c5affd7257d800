//! Moments: those that are asked for, and those that a report tells. All are in UTC.

use std::fmt;
use std::str::FromStr;

use semantics::date::Date;

const DAY: i64 = 86_400;

/// A moment that is asked for: a time of day, or one with a date.
///
/// ```
/// use observe::logs::When;
/// assert!("05:30".parse::<When>().is_ok() && "2026-07-01".parse::<When>().is_ok());
/// assert!("2026-07-01T05:30:10Z".parse::<When>().is_ok() && "noon".parse::<When>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The second of a day: where the log begins, the nearest such moment.
    Day(u32),
    /// The second of Unix time.
    Moment(i64),
}

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTime;

impl fmt::Display for NoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it is neither a time like 05:30 or 05:30:10, nor one with a date before it, like 2026-07-01T05:30, in UTC",
        )
    }
}

impl std::error::Error for NoTime {}

impl FromStr for When {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<When, NoTime> {
        let bare = text.strip_suffix('Z').unwrap_or(text);
        let (date, time) = match bare.split_at_checked(10) {
            Some((date, "")) => (Some(date), "00:00"),
            Some((date, time)) => (Some(date), time.strip_prefix(['T', ' ']).ok_or(NoTime)?),
            None => (None, bare),
        };
        let seconds = if time.len() == 5 { ":00" } else { "" };
        let read = |date: &str| {
            Date::parse_rfc3339(format!("{date}T{time}{seconds}Z").as_bytes()).map(Date::unix).map_err(|_| NoTime)
        };
        match date {
            Some(date) => read(date).map(When::Moment),
            // the first day of Unix time has the same seconds
            None => read("1970-01-01").and_then(|second| u32::try_from(second).map(When::Day).map_err(|_| NoTime)),
        }
    }
}

/// The part of a log that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    since: i64,
    until: i64,
}

impl Part {
    /// The part between these, of a log that begins at this moment: a time of day is the nearest one to the beginning, and the
    /// end is the first one after it.
    pub(super) fn of(since: Option<When>, until: Option<When>, beginning: i64) -> Part {
        let since = match since {
            None => i64::MIN,
            Some(When::Moment(moment)) => moment,
            Some(When::Day(second)) => nearest(beginning, i64::from(second)),
        };
        let until = match until {
            None => i64::MAX,
            Some(When::Moment(moment)) => moment,
            Some(When::Day(second)) => {
                let after = since.max(beginning);
                after + (i64::from(second) - after).rem_euclid(DAY)
            }
        };
        Part { since, until }
    }

    /// Does it hold this moment?
    pub(super) const fn has(self, moment: i64) -> bool {
        self.since <= moment && moment < self.until
    }
}

/// The moment with this time of day that is nearest to another one.
fn nearest(moment: i64, second: i64) -> i64 {
    moment + (second - moment + DAY / 2).rem_euclid(DAY) - DAY / 2
}

/// A moment in a table: `05:41:48`, or `07-01 05:41` if it is one of several days.
pub(super) fn short(moment: i64, several_days: bool) -> String {
    let text = long(moment);
    if several_days { format!("{} {}", &text[5..10], &text[11..16]) } else { text[11..19].to_owned() }
}

/// A moment in a sentence, or for programs: with all that is known.
pub(super) fn long(moment: i64) -> String {
    String::from_utf8_lossy(&Date::from_unix(moment).write_rfc3339()).into_owned()
}

/// Do they lie on different days?
pub(super) const fn several_days(first: i64, last: i64) -> bool {
    first.div_euclid(DAY) != last.div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_asked_for_is_read() {
        let when = |text: &str| text.parse::<When>();
        assert_eq!((when("05:30"), when("05:30:10")), (Ok(When::Day(19_800)), Ok(When::Day(19_810))));
        assert_eq!(when("2023-11-14"), Ok(When::Moment(1_699_920_000)));
        assert_eq!(
            (when("2023-11-14T22:13:20Z"), when("2023-11-14 22:13")),
            (Ok(When::Moment(1_700_000_000)), Ok(When::Moment(1_699_999_980)))
        );
        for text in ["", "5:30", "24:00", "2023-11-14T", "2023-11-14x22:13", "2023-11-31", "yesterday", "éééééééééé"]
        {
            assert_eq!(when(text), Err(NoTime), "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_the_nearest_to_the_beginning() {
        let part = |since: &str, until: &str, hour: i64| {
            let Part { since, until } = Part::of(since.parse().ok(), until.parse().ok(), hour * 3_600);
            (since, until)
        };
        let hours = |hours: i64| hours * 3_600;
        assert_eq!(part("05:00", "07:00", 8), (hours(5), hours(31)));
        assert_eq!(part("05:00", "09:00", 4), (hours(5), hours(9)));
        assert_eq!(part("02:00", "04:00", 22), (hours(26), hours(28)));
        assert_eq!(part("", "02:00", 22), (i64::MIN, hours(26)));
        assert!(Part::of(None, None, 0).has(i64::MIN) && !Part::of(None, Some(When::Moment(5)), 0).has(5));
    }

    #[test]
    fn moments_are_told_as_shortly_as_can_be() {
        assert_eq!(short(1_700_000_000, false), "22:13:20");
        assert_eq!(short(1_700_000_000, true), "11-14 22:13");
        assert_eq!(long(1_700_000_000), "2023-11-14T22:13:20Z");
        assert!(several_days(-1, 0) && !several_days(0, 86_399));
    }

    proptest! {
        #[test]
        fn nothing_panics(text: String, since in 0u32..86_400, beginning in -1_000_000_000_000i64..1_000_000_000_000) {
            let _ = text.parse::<When>();
            let part = Part::of(Some(When::Day(since)), Some(When::Day(since)), beginning);
            prop_assert!((part.since - beginning).abs() <= DAY / 2 && part.until >= beginning);
        }
    }
}
