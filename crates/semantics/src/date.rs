//! HTTP-date: a moment to the second, read in all three forms, written in one. RFC 9110 §5.6.7
//!
//! No clock lives here: whoever needs the present passes it in. No calendar arithmetic either, beyond what the text
//! of a date needs.

use core::{fmt, str};

use crate::syntax::ParseError;

/// A moment, in seconds since 1970-01-01 00:00:00 UTC, in a year that four digits can write (0000 to 9999).
///
/// Whatever lies outside is moved to the nearest end, so every `Date` has a text.
///
/// ```
/// use semantics::date::Date;
/// let date = Date::parse(b"Sun, 06 Nov 1994 08:49:37 GMT", Date::EPOCH).expect("the form of RFC 9110");
/// assert_eq!(date.unix(), 784_111_777);
/// assert_eq!(date.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

/// What can be wrong with the text of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateError {
    /// Not one of the three forms: length, separators, digits.
    Shape,
    /// No name of a weekday, in the case and length that the form asks for.
    Weekday,
    /// No name of a month.
    Month,
    /// The month has no such day.
    Day,
    /// No such time of day.
    Time,
    /// The zone is not `GMT`.
    Zone,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "not a date in one of the three forms of HTTP",
            Self::Weekday => "no such weekday",
            Self::Month => "no such month",
            Self::Day => "the month has no such day",
            Self::Time => "no such time of day",
            Self::Zone => "the zone is not GMT",
        })
    }
}

impl core::error::Error for DateError {}

const DAY: i64 = 86_400;
const WEEKDAYS: [&[u8]; 7] = [b"Sunday", b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday"];
const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// A day of the Gregorian calendar; month and day count from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Civil {
    year: i64,
    month: i64,
    day: i64,
}

impl Civil {
    /// Days since 1970-01-01, counting years from March so that the odd day comes last.
    const fn days(self) -> i64 {
        let year = if self.month > 2 { self.year } else { self.year - 1 };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The day that lies so many days after 1970-01-01.
    const fn of_days(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year_of_era + (month <= 2) as i64;
        Self { year, month, day: day_of_year - (153 * shifted + 2) / 5 + 1 }
    }

    const fn days_in_month(self) -> i64 {
        match self.month {
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl Date {
    /// 1970-01-01 00:00:00.
    pub const EPOCH: Self = Self(0);
    /// The first moment that can be written, 0000-01-01 00:00:00.
    pub const MIN: Self = Self(-62_167_219_200);
    /// The last moment that can be written, 9999-12-31 23:59:59.
    pub const MAX: Self = Self(253_402_300_799);

    /// The moment so many seconds after 1970, or the nearest that can be written.
    pub const fn from_unix(seconds: i64) -> Self {
        if seconds < Self::MIN.0 {
            Self::MIN
        } else if seconds > Self::MAX.0 {
            Self::MAX
        } else {
            Self(seconds)
        }
    }

    /// Seconds since 1970.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The moment so many seconds later (earlier, if negative), or the nearest that can be written.
    pub const fn plus(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// How many seconds this moment lies after `earlier`; negative if before it.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Reads an HTTP-date: IMF-fixdate, RFC 850 or asctime. RFC 9110 §5.6.7
    ///
    /// Strict in letter case, spacing and zone; there is no 31 February. Second 60 is read only as 23:59:60 and
    /// means the second after. The weekday must be a weekday, but need not be the right one: it adds nothing to the
    /// moment, hand-made dates often have it wrong, and to ignore such an If-Unmodified-Since would be to write
    /// where the client asked us not to. `now` serves the years of two digits only: they mean the latest year that
    /// does not lie more than 50 years ahead.
    ///
    /// ```
    /// use semantics::date::Date;
    /// let now = Date::from_unix(1_700_000_000);
    /// assert_eq!(Date::parse(b"Sunday, 06-Nov-94 08:49:37 GMT", now), Ok(Date::from_unix(784_111_777)));
    /// assert_eq!(Date::parse(b"Sun Nov  6 08:49:37 1994", now), Ok(Date::from_unix(784_111_777)));
    /// assert!(Date::parse(b"Wed, 31 Feb 2024 00:00:00 GMT", now).is_err());
    /// ```
    pub fn parse(text: &[u8], now: Self) -> Result<Self, ParseError<DateError>> {
        match text.get(3) {
            Some(b',') => Self::parse_imf(text),
            Some(b' ') => Self::parse_asctime(text),
            _ => Self::parse_rfc850(text, now),
        }
    }

    fn parse_imf(text: &[u8]) -> Result<Self, ParseError<DateError>> {
        shape(text, b"###, 00 ### 0000 00:00:00 ###")?;
        weekday(&text[..3], true)?;
        let month = month(text, 8)?;
        let civil = Civil { year: number(&text[12..16]), month, day: number(&text[5..7]) };
        let time = time(text, 17)?;
        zone(text, 26)?;
        moment(civil, time, 5)
    }

    fn parse_asctime(text: &[u8]) -> Result<Self, ParseError<DateError>> {
        // The day is written with two digits, or with a space and one.
        let day = match text.get(8..10) {
            Some([b' ', digit]) => {
                shape(text, b"### ###  0 00:00:00 0000")?;
                i64::from(digit - b'0')
            }
            _ => {
                shape(text, b"### ### 00 00:00:00 0000")?;
                number(&text[8..10])
            }
        };
        weekday(&text[..3], true)?;
        let civil = Civil { year: number(&text[20..24]), month: month(text, 4)?, day };
        moment(civil, time(text, 11)?, 8)
    }

    fn parse_rfc850(text: &[u8], now: Self) -> Result<Self, ParseError<DateError>> {
        let comma = text.iter().take(10).position(|&byte| byte == b',');
        let comma = comma.ok_or(ParseError::new(0, DateError::Shape))?;
        let rest = &text[comma..];
        shape(rest, b", 00-###-00 00:00:00 ###").map_err(|refusal| refusal.within(comma, |what| what))?;
        weekday(&text[..comma], false)?;
        let month = month(text, comma + 5)?;
        let time = time(text, comma + 12)?;
        zone(text, comma + 21)?;
        let day = number(&rest[2..4]);
        // The latest year with these digits that is not later than this very moment in 50 years.
        let today = Civil::of_days(now.0.div_euclid(DAY));
        let horizon = today.year + 50;
        let mut year = horizon - (horizon - number(&rest[9..11])).rem_euclid(100);
        let beyond = year == horizon && (month, day, time) > (today.month, today.day, now.0.rem_euclid(DAY));
        if beyond || year > 9999 {
            year -= 100;
        }
        moment(Civil { year, month, day }, time, comma + 2)
    }

    /// Writes the date as IMF-fixdate, the only form that is sent. RFC 9110 §5.6.7
    pub fn write(self) -> [u8; 29] {
        let days = self.0.div_euclid(DAY);
        let second = self.0.rem_euclid(DAY);
        let civil = Civil::of_days(days);
        // 1970-01-01 was a Thursday.
        let weekday = WEEKDAYS[(days + 4).rem_euclid(7) as usize];
        let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
        text[..3].copy_from_slice(&weekday[..3]);
        text[5..7].copy_from_slice(&two_digits(civil.day));
        text[8..11].copy_from_slice(MONTHS[(civil.month - 1) as usize]);
        text[12..14].copy_from_slice(&two_digits(civil.year / 100));
        text[14..16].copy_from_slice(&two_digits(civil.year % 100));
        text[17..19].copy_from_slice(&two_digits(second / 3600));
        text[20..22].copy_from_slice(&two_digits(second / 60 % 60));
        text[23..25].copy_from_slice(&two_digits(second % 60));
        text
    }

    /// Writes the date in the form of RFC 3339, for logs and for JSON.
    ///
    /// ```
    /// use semantics::date::Date;
    /// assert_eq!(&Date::from_unix(784_111_777).write_rfc3339(), b"1994-11-06T08:49:37Z");
    /// ```
    pub fn write_rfc3339(self) -> [u8; 20] {
        let civil = Civil::of_days(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let mut text = *b"1970-01-01T00:00:00Z";
        text[..2].copy_from_slice(&two_digits(civil.year / 100));
        text[2..4].copy_from_slice(&two_digits(civil.year % 100));
        text[5..7].copy_from_slice(&two_digits(civil.month));
        text[8..10].copy_from_slice(&two_digits(civil.day));
        text[11..13].copy_from_slice(&two_digits(second / 3600));
        text[14..16].copy_from_slice(&two_digits(second / 60 % 60));
        text[17..19].copy_from_slice(&two_digits(second % 60));
        text
    }

    /// Writes a moment in milliseconds of Unix time in the form of RFC 3339.
    ///
    /// ```
    /// use semantics::date::Date;
    /// assert_eq!(&Date::write_rfc3339_millis(784_111_777_042), b"1994-11-06T08:49:37.042Z");
    /// ```
    pub fn write_rfc3339_millis(millis: u64) -> [u8; 24] {
        let seconds = Self::from_unix(i64::try_from(millis / 1_000).unwrap_or(i64::MAX)).write_rfc3339();
        let millis = (millis % 1_000) as i64;
        let mut text = *b"1970-01-01T00:00:00.000Z";
        text[..19].copy_from_slice(&seconds[..19]);
        text[20] += (millis / 100) as u8;
        text[21..23].copy_from_slice(&two_digits(millis % 100));
        text
    }

    /// Reads a date in the form of RFC 3339 (§5.6) in UTC, as it is written here: with `T` or a space before the time and `Z` behind
    /// it. A fraction of a second may be there and is left out.
    ///
    /// ```
    /// use semantics::date::Date;
    /// assert_eq!(Date::parse_rfc3339(b"1994-11-06T08:49:37.042Z"), Ok(Date::from_unix(784_111_777)));
    /// assert!(Date::parse_rfc3339(b"1994-11-31T08:49:37Z").is_err());
    /// ```
    pub fn parse_rfc3339(text: &[u8]) -> Result<Self, ParseError<DateError>> {
        let (whole, end) = text.split_at_checked(19).ok_or(ParseError::new(text.len(), DateError::Shape))?;
        shape(whole, if whole[10] == b' ' { b"0000-00-00 00:00:00" } else { b"0000-00-00T00:00:00" })?;
        let fraction = end.strip_suffix(b"Z").ok_or(ParseError::new(text.len(), DateError::Zone))?;
        let digits = fraction.strip_prefix(b".").filter(|digits| !digits.is_empty());
        if !fraction.is_empty() && !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit)) {
            return Err(ParseError::new(19, DateError::Shape));
        }
        let civil = Civil { year: number(&text[..4]), month: number(&text[5..7]), day: number(&text[8..10]) };
        if !(1..=12).contains(&civil.month) {
            return Err(ParseError::new(5, DateError::Month));
        }
        moment(civil, time(text, 11)?, 8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(&self.write()).expect("a date is written in ASCII"))
    }
}

/// A moment together with its text, so that a date which is sent a thousand times a second is rendered once.
///
/// ```
/// use semantics::date::{Date, Stamp};
/// assert_eq!(&Stamp::new(Date::EPOCH).text, b"Thu, 01 Jan 1970 00:00:00 GMT");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The moment.
    pub date: Date,
    /// The moment as IMF-fixdate.
    pub text: [u8; 29],
}

impl Stamp {
    /// The epoch, where no moment was told. It is a constant because it is made for each request and mostly replaced at once.
    pub const EPOCH: Stamp = Stamp { date: Date::EPOCH, text: *b"Thu, 01 Jan 1970 00:00:00 GMT" };

    /// The moment and its text.
    pub fn new(date: Date) -> Self {
        Self { date, text: date.write() }
    }
}

impl Default for Stamp {
    #[inline]
    fn default() -> Self {
        Self::EPOCH
    }
}

impl From<Date> for Stamp {
    fn from(date: Date) -> Self {
        Self::new(date)
    }
}

/// Is the text of this shape? In a shape `0` is a digit, `#` a letter, and all else itself.
fn shape(text: &[u8], shape: &[u8]) -> Result<(), ParseError<DateError>> {
    let differs = text.iter().zip(shape).position(|(byte, wanted)| match wanted {
        b'0' => !byte.is_ascii_digit(),
        b'#' => !byte.is_ascii_alphabetic(),
        _ => byte != wanted,
    });
    match differs {
        Some(at) => Err(ParseError::new(at, DateError::Shape)),
        None if text.len() != shape.len() => Err(ParseError::new(text.len().min(shape.len()), DateError::Shape)),
        None => Ok(()),
    }
}

fn weekday(name: &[u8], short: bool) -> Result<(), ParseError<DateError>> {
    let known = WEEKDAYS.iter().any(|day| if short { &day[..3] == name } else { *day == name });
    if known { Ok(()) } else { Err(ParseError::new(0, DateError::Weekday)) }
}

fn month(text: &[u8], at: usize) -> Result<i64, ParseError<DateError>> {
    let found = MONTHS.iter().position(|month| month[..] == text[at..at + 3]);
    found.map(|month| month as i64 + 1).ok_or(ParseError::new(at, DateError::Month))
}

fn zone(text: &[u8], at: usize) -> Result<(), ParseError<DateError>> {
    if &text[at..] == b"GMT" { Ok(()) } else { Err(ParseError::new(at, DateError::Zone)) }
}

/// The second of the day that `00:00:00` at this place tells; 86 400 for a leap second.
fn time(text: &[u8], at: usize) -> Result<i64, ParseError<DateError>> {
    let part = |at: usize| number(&text[at..at + 2]);
    match (part(at), part(at + 3), part(at + 6)) {
        (hour @ ..=23, minute @ ..=59, second @ ..=59) => Ok(hour * 3600 + minute * 60 + second),
        (23, 59, 60) => Ok(DAY),
        _ => Err(ParseError::new(at, DateError::Time)),
    }
}

/// The day must exist: `at` is where it is written.
fn moment(civil: Civil, time: i64, at: usize) -> Result<Date, ParseError<DateError>> {
    if civil.day < 1 || civil.day > civil.days_in_month() {
        return Err(ParseError::new(at, DateError::Day));
    }
    Ok(Date::from_unix(civil.days() * DAY + time))
}

/// The number that these digits write; the shape has been checked before.
fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

const fn two_digits(number: i64) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString, vec::Vec};

    const NOW: Date = Date(1_700_000_000); // 2023-11-14 22:13:20

    fn read(text: &str) -> Result<i64, DateError> {
        Date::parse(text.as_bytes(), NOW).map(Date::unix).map_err(|refusal| refusal.what)
    }

    #[test]
    fn all_three_forms_are_read() {
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Ok(784_111_777));
        assert_eq!(read("Sunday, 06-Nov-94 08:49:37 GMT"), Ok(784_111_777));
        assert_eq!(read("Sun Nov  6 08:49:37 1994"), Ok(784_111_777));
        assert_eq!(read("Wed Nov 16 08:49:37 1994"), Ok(784_975_777));
        assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT"), Ok(0));
        assert_eq!(read("Wed, 31 Dec 1969 23:59:59 GMT"), Ok(-1));
        assert_eq!(read("Sat, 01 Jan 0000 00:00:00 GMT"), Ok(Date::MIN.unix()));
        assert_eq!(read("Fri, 31 Dec 9999 23:59:59 GMT"), Ok(Date::MAX.unix()));
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "0",
            "Sun",
            "Sun,",
            "now",
            "784111777",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            " Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun,06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov   08:49:37 1994",
            "Sun Nov  6 08:49:37 1994 GMT",
            "1994-11-06T08:49:37Z",
            "Sunday,",
            "Wednesdays, 06-Nov-94 08:49:37 GMT",
        ] {
            assert_eq!(read(text), Err(DateError::Shape), "{text}");
        }
        assert_eq!(read("Son, 06 Nov 1994 08:49:37 GMT"), Err(DateError::Weekday));
        assert_eq!(read("sun, 06 Nov 1994 08:49:37 GMT"), Err(DateError::Weekday));
        assert_eq!(read("Sund, 06-Nov-94 08:49:37 GMT"), Err(DateError::Weekday));
        assert_eq!(read("Sun, 06 nov 1994 08:49:37 GMT"), Err(DateError::Month));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 UTC"), Err(DateError::Zone));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 gmt"), Err(DateError::Zone));
        assert_eq!(Date::parse(b"Sun, 06 Nov 1994 08:49:37 CET", NOW), Err(ParseError::new(26, DateError::Zone)));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(read("Thu, 29 Feb 2024 00:00:00 GMT"), Ok(1_709_164_800));
        for text in [
            "Wed, 29 Feb 2023 00:00:00 GMT",
            "Wed, 29 Feb 1900 00:00:00 GMT",
            "Fri, 31 Feb 2024 00:00:00 GMT",
            "Fri, 00 Jan 2024 00:00:00 GMT",
            "Fri, 31 Apr 2024 00:00:00 GMT",
            "Fri, 32 Jan 2024 00:00:00 GMT",
            "Sun Feb  0 08:49:37 1994",
            "Sunday, 29-Feb-23 08:49:37 GMT",
        ] {
            assert_eq!(read(text), Err(DateError::Day), "{text}");
        }
    }

    #[test]
    fn times_that_do_not_exist_are_refused() {
        for time in ["24:00:00", "23:60:00", "12:00:60", "00:00:99"] {
            assert_eq!(read(&format!("Thu, 29 Feb 2024 {time} GMT")), Err(DateError::Time), "{time}");
        }
        assert_eq!(read("Sat, 31 Dec 2016 23:59:60 GMT"), read("Sun, 01 Jan 2017 00:00:00 GMT"));
        assert_eq!(read("Fri, 31 Dec 9999 23:59:60 GMT"), Ok(Date::MAX.unix()));
    }

    #[test]
    fn a_wrong_weekday_is_tolerated() {
        assert_eq!(read("Mon, 06 Nov 1994 08:49:37 GMT"), Ok(784_111_777));
        assert_eq!(read("Monday, 06-Nov-94 08:49:37 GMT"), Ok(784_111_777));
        assert_eq!(read("Mon Nov  6 08:49:37 1994"), Ok(784_111_777));
    }

    #[test]
    fn two_digits_mean_the_latest_year_within_fifty() {
        let year = |text: &str, now| {
            Date::parse(text.as_bytes(), now).map(|date| date.to_string()[12..16].to_string()).expect("a date")
        };
        assert_eq!(year("Tuesday, 14-Nov-73 22:13:20 GMT", NOW), "2073", "50 years ahead to the second");
        assert_eq!(year("Tuesday, 14-Nov-73 22:13:21 GMT", NOW), "1973", "a second more");
        assert_eq!(year("Monday, 31-Dec-72 23:59:59 GMT", NOW), "2072");
        assert_eq!(year("Monday, 01-Jan-74 00:00:00 GMT", NOW), "1974");
        assert_eq!(year("Monday, 01-Jan-23 00:00:00 GMT", NOW), "2023");
        assert_eq!(year("Monday, 01-Jan-00 00:00:00 GMT", NOW), "2000");
        let late = Date::parse(b"Thu, 01 Jan 2099 00:00:00 GMT", NOW).expect("a date");
        assert_eq!(year("Monday, 01-Jan-05 00:00:00 GMT", late), "2105", "six years ahead, not 94 back");
        assert_eq!(year("Monday, 01-Jan-05 00:00:00 GMT", Date::MAX), "9905");
    }

    #[test]
    fn moments_stay_within_what_can_be_written() {
        assert_eq!(Date::from_unix(i64::MAX), Date::MAX);
        assert_eq!(Date::from_unix(i64::MIN), Date::MIN);
        assert_eq!(Date::MAX.plus(1), Date::MAX);
        assert_eq!(NOW.plus(-5).since(NOW), -5);
        assert_eq!(Date::MAX.to_string(), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(Date::MIN.to_string(), "Sat, 01 Jan 0000 00:00:00 GMT");
        assert_eq!(format!("{NOW:>30}"), " Tue, 14 Nov 2023 22:13:20 GMT");
    }

    #[test]
    fn moments_of_rfc_3339_are_read() {
        let read = |text: &str| Date::parse_rfc3339(text.as_bytes()).map_err(|refusal| refusal.what);
        for text in ["2023-11-14T22:13:20Z", "2023-11-14 22:13:20.123Z", "2023-11-14T22:13:20.1234567Z"] {
            assert_eq!(read(text), Ok(NOW), "{text}");
        }
        for (text, offence) in [
            ("", DateError::Shape),
            ("2023-11-14", DateError::Shape),
            ("2023-11-14T22:13:20", DateError::Zone),
            ("2023-11-14T22:13:20+01:00", DateError::Zone),
            ("2023-11-14T22:13:20.Z", DateError::Shape),
            ("2023-11-14T22:13:20.xZ", DateError::Shape),
            ("2023-11-14t22:13:20Z", DateError::Shape),
            ("2023-13-14T22:13:20Z", DateError::Month),
            ("2023-00-01T00:00:00Z", DateError::Month),
            ("2023-02-29T22:13:20Z", DateError::Day),
            ("2023-11-14T24:13:20Z", DateError::Time),
        ] {
            assert_eq!(read(text), Err(offence), "{text}");
        }
        assert_eq!(&Date::write_rfc3339_millis(u64::MAX)[..19], b"9999-12-31T23:59:59");
    }

    proptest! {
        #[test]
        fn moments_are_read_back(millis in 0u64..253_402_300_800_000, octets: Vec<u8>) {
            let text = Date::write_rfc3339_millis(millis);
            prop_assert_eq!(Date::parse_rfc3339(&text), Ok(Date::from_unix((millis / 1_000) as i64)));
            let _ = Date::parse_rfc3339(&octets);
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>, now: i64) {
            let _ = Date::parse(&bytes, Date::from_unix(now));
        }

        #[test]
        fn near_misses_do_not_panic(
            text in "(Sun|Sunday|Wednesday)?,? ?[0-9 ]{0,2}[ -](Nov|Feb)[ -][0-9]{1,4} [0-9:]{6,9} ?(GMT)?",
            now: i64,
        ) {
            let _ = Date::parse(text.as_bytes(), Date::from_unix(now));
        }

        #[test]
        fn what_is_written_reads_back(unix in Date::MIN.0..=Date::MAX.0, now: i64) {
            let date = Date::from_unix(unix);
            prop_assert_eq!(Date::parse(&date.write(), Date::from_unix(now)), Ok(date));
        }

        #[test]
        fn the_old_forms_tell_the_same_moment(unix in 1_000_000_000i64..2_000_000_000) {
            let date = Date::from_unix(unix);
            let text = date.to_string();
            let (week, day, month, year, time) = (&text[..3], &text[5..7], &text[8..11], &text[12..16], &text[17..25]);
            let asctime = format!("{week} {month} {:>2} {time} {year}", day.trim_start_matches('0'));
            prop_assert_eq!(Date::parse(asctime.as_bytes(), NOW), Ok(date));
            let long = WEEKDAYS.iter().find(|name| name.starts_with(week.as_bytes())).expect("a weekday");
            let rfc850 = format!("{}, {day}-{month}-{} {time} GMT", str::from_utf8(long).expect("ASCII"), &year[2..]);
            prop_assert_eq!(Date::parse(rfc850.as_bytes(), NOW), Ok(date));
        }

        #[test]
        fn texts_of_later_moments_count_on(days in 0i64..2_900_000) {
            let (today, tomorrow) = (Civil::of_days(days), Civil::of_days(days + 1));
            prop_assert!(today < tomorrow);
            prop_assert_eq!(today.days(), days);
            prop_assert!(tomorrow.day == 1 || tomorrow.day == today.day + 1);
        }
    }
}
