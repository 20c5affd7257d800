//! When a line was written. Lines of text tell only a time of day: they stand in their order, so a time that lies before the last
//! one is that of the next day; but threads write in turn, and a line may be a little late.

use std::fmt;
use std::str::FromStr;

use semantics::date::Date;

const DAY: i64 = 86_400;

/// How late a line may be, in seconds. Lines are handed over every second; if output is slow, they wait.
const LATE: i64 = 600;

/// What a line tells of its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// The second of some day.
    Day(u32),
    /// The second of Unix time.
    Moment(i64),
}

impl Time {
    /// `05:41:48`
    pub(super) fn of_day(text: &str) -> Option<Time> {
        let [a, b, b':', c, d, b':', e, f] = text.as_bytes() else { return None };
        let two = |high: &u8, low: &u8| {
            (high.is_ascii_digit() && low.is_ascii_digit()).then(|| u32::from(high - b'0') * 10 + u32::from(low - b'0'))
        };
        let (hour, minute, second) = (two(a, b)?, two(c, d)?, two(e, f)?);
        (hour < 24 && minute < 60 && second < 60).then_some(Time::Day(hour * 3_600 + minute * 60 + second))
    }

    /// `2023-11-14T22:13:20Z`, with or without a fraction of a second.
    pub(super) fn moment(text: &str) -> Option<Time> {
        let (date, rest) = text.split_at_checked(10)?;
        let (time, end) = rest.split_at_checked(9)?;
        let fraction = end.strip_suffix('Z')?;
        let digits = fraction.strip_prefix('.').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        if !fraction.is_empty() && !digits {
            return None;
        }
        let Time::Day(second) = Time::of_day(time.strip_prefix(['T', ' '])?)? else { return None };
        Some(Time::Moment(midnight(date)? + i64::from(second)))
    }
}

/// The first second of a day that is written `2023-11-14`. The reader of dates knows the calendar.
fn midnight(date: &str) -> Option<i64> {
    let [y, e, a, r, b'-', m, n, b'-', d, g] = date.as_bytes() else { return None };
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = usize::from(m.checked_sub(b'0')?) * 10 + usize::from(n.checked_sub(b'0')?);
    let name = MONTHS.get(month.checked_sub(1)? * 3..month * 3)?;
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    text[5..7].copy_from_slice(&[*d, *g]);
    text[8..11].copy_from_slice(name);
    text[12..16].copy_from_slice(&[*y, *e, *a, *r]);
    Date::parse(&text, Date::EPOCH).ok().map(Date::unix)
}

/// Which day it is, from line to line.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Option<i64>,
    /// A line told its date; those that do not are taken to follow on it.
    pub(super) dated: bool,
}

impl Clock {
    /// The moment of the next line: the second of Unix time, or from the first midnight before the log if no date is known.
    pub(super) fn moment(&mut self, time: Time) -> i64 {
        match (time, self.last) {
            (Time::Moment(moment), _) => {
                (self.dated, self.last) = (true, Some(moment));
                moment
            }
            (Time::Day(second), None) => *self.last.insert(second.into()),
            (Time::Day(second), Some(last)) => {
                let earliest = last - LATE;
                let moment = earliest + (i64::from(second) - earliest).rem_euclid(DAY);
                self.last = Some(last.max(moment));
                moment
            }
        }
    }
}

/// The moment with this time of day that is nearest to another one.
fn nearest(moment: i64, second: i64) -> i64 {
    moment + (second - moment + DAY / 2).rem_euclid(DAY) - DAY / 2
}

/// A moment that is asked for: a time of day, or one with a date.
///
/// ```
/// use observe::logs::When;
/// assert!("05:30".parse::<When>().is_ok() && "2026-07-01".parse::<When>().is_ok());
/// assert!("2026-07-01T05:30:10Z".parse::<When>().is_ok() && "noon".parse::<When>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The second of a day: as the log begins, the nearest such moment.
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
        let text = text.strip_suffix('Z').unwrap_or(text);
        let second = |time: &str| match Time::of_day(
            if time.len() == 5 { [time, ":00"].concat() } else { time.to_owned() }.as_str(),
        ) {
            Some(Time::Day(second)) => Ok(second),
            Some(Time::Moment(_)) | None => Err(NoTime),
        };
        let Some((date, time)) = text.split_at_checked(10) else { return second(text).map(When::Day) };
        let midnight = midnight(date).ok_or(NoTime)?;
        match time.strip_prefix(['T', ' ']) {
            None if time.is_empty() => Ok(When::Moment(midnight)),
            None => Err(NoTime),
            Some(time) => second(time).map(|second| When::Moment(midnight + i64::from(second))),
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

/// How moments are told: as short as the time between the first and the last allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Is the date known?
    pub(super) dated: bool,
    /// Do they lie on several days?
    pub(super) days: bool,
}

impl Style {
    /// That of a table: `05:41:48`, `07-01 05:41`, or `05:41 +2d` if only days can be counted.
    pub(super) fn short(self, moment: i64) -> String {
        let text = Date::from_unix(moment).write_rfc3339();
        let text = str::from_utf8(&text).unwrap_or_default();
        match (self.days, self.dated) {
            (false, _) => text[11..19].to_owned(),
            (true, true) => format!("{} {}", &text[5..10], &text[11..16]),
            (true, false) => format!("{} {}", &text[11..16], days(moment)),
        }
    }

    /// That of a sentence, or for programs: with all that is known.
    pub(super) fn long(self, moment: i64) -> String {
        let text = Date::from_unix(moment).write_rfc3339();
        let text = str::from_utf8(&text).unwrap_or_default();
        if self.dated { text.to_owned() } else { format!("{}{}", &text[11..19], days(moment)) }
    }
}

/// How many midnights lie behind, if any do.
fn days(moment: i64) -> String {
    match moment.div_euclid(DAY) {
        0 => String::new(),
        days => format!("{days:+}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_begin_at_midnight_and_late_lines_do_not_end_them() {
        let mut clock = Clock::default();
        let moments: Vec<i64> = ["23:59:58", "23:59:59", "00:00:01", "23:59:59", "00:00:02", "23:00:00", "06:00:00"]
            .iter()
            .filter_map(|text| Time::of_day(text))
            .map(|time| clock.moment(time))
            .collect();
        let day = 86_400;
        assert_eq!(moments, [day - 2, day - 1, day + 1, day - 1, day + 2, day + 82_800, 2 * day + 21_600]);
        assert!(!clock.dated);
        assert_eq!(clock.moment(Time::Moment(1_700_000_000)), 1_700_000_000);
        // 22:13:20, and then the next day
        assert_eq!(clock.moment(Time::Day(60)), 1_700_006_460);
        assert!(clock.dated);
    }

    #[test]
    fn moments_with_dates_are_read() {
        let moment = |text| Time::moment(text);
        assert_eq!(moment("2023-11-14T22:13:20Z"), Some(Time::Moment(1_700_000_000)));
        assert_eq!(moment("2023-11-14 22:13:20.123Z"), Some(Time::Moment(1_700_000_000)));
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-13-14T22:13:20Z",
            "2023-02-29T22:13:20Z",
            "2023-00-01T00:00:00Z",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
        assert_eq!(moment("2023-11-14T22:13:20.xZ"), None);
        assert_eq!(moment("2023-1é-14T22:13:20Z"), None);
    }

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
        let part = |since: &str, until: &str, beginning: &str| {
            let Some(Time::Day(second)) = Time::of_day(beginning) else { panic!("a time") };
            let Part { since, until } = Part::of(since.parse().ok(), until.parse().ok(), second.into());
            (since, until)
        };
        let hours = |hours: i64| hours * 3_600;
        assert_eq!(part("05:00", "07:00", "08:00:00"), (hours(5), hours(31)));
        assert_eq!(part("05:00", "09:00", "04:00:00"), (hours(5), hours(9)));
        assert_eq!(part("02:00", "04:00", "22:00:00"), (hours(26), hours(28)));
        assert_eq!(part("", "02:00", "22:00:00"), (i64::MIN, hours(26)));
        assert!(Part::of(None, None, 0).has(i64::MIN) && !Part::of(None, Some(When::Moment(5)), 0).has(5));
    }

    #[test]
    fn moments_are_told_as_shortly_as_can_be() {
        let style = |dated, days| Style { dated, days };
        assert_eq!(style(true, false).short(1_700_000_000), "22:13:20");
        assert_eq!(style(true, true).short(1_700_000_000), "11-14 22:13");
        assert_eq!(
            (style(false, true).short(60), style(false, true).short(86_460)),
            ("00:01 ".to_owned(), "00:01 +1d".to_owned())
        );
        assert_eq!(
            (style(true, true).long(0), style(false, true).long(86_460)),
            ("1970-01-01T00:00:00Z".to_owned(), "00:01:00+1d".to_owned())
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(text: String, since in 0u32..86_400, beginning in -1_000_000_000_000i64..1_000_000_000_000) {
            let _ = (Time::of_day(&text), Time::moment(&text), text.parse::<When>());
            let part = Part::of(Some(When::Day(since)), Some(When::Day(since)), beginning);
            prop_assert!((part.since - beginning).abs() <= DAY / 2 && part.until >= beginning);
        }
    }
}
