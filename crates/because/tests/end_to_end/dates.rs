//! Dates as HTTP writes them, read and written here once more, so that the program is not judged by itself.

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]; // the first of 1970 was a Thursday
const LONG_DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_days(year: i64, month: usize) -> i64 {
    match month {
        1 if leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// Year, month from 0, day from 1.
fn civil(mut days: i64) -> (i64, usize, i64) {
    let (mut year, mut month) = (1970, 0);
    while days >= if leap(year) { 366 } else { 365 } {
        days -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    while days >= month_days(year, month) {
        days -= month_days(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub(crate) fn imf(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let weekday = DAYS[usize::try_from(days.rem_euclid(7)).expect("is below 7")];
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT", MONTHS[month])
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
pub(crate) fn rfc850(seconds: i64) -> String {
    let text = imf(seconds);
    let weekday = LONG_DAYS[usize::try_from(seconds.div_euclid(86_400).rem_euclid(7)).expect("is below 7")];
    format!("{weekday}, {}-{}-{} {} GMT", &text[5..7], &text[8..11], &text[14..16], &text[17..25])
}

/// `Sun Nov  6 08:49:37 1994`
pub(crate) fn asctime(seconds: i64) -> String {
    let text = imf(seconds);
    let day: u8 = text[5..7].parse().expect("a number");
    format!("{} {} {day:2} {} {}", &text[..3], &text[8..11], &text[17..25], &text[12..16])
}

/// Seconds since 1970, if this is an IMF-fixdate to the letter.
pub(crate) fn read(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let month = MONTHS.iter().position(|name| text.get(8..11) == Some(name))?;
    let (year, day) = (number(12, 16)?, number(5, 7)?);
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: i64 = (0..month).map(|month| month_days(year, month)).sum();
    let seconds = number(17, 19)? * 3_600 + number(20, 22)? * 60 + number(23, 25)?;
    let seconds = (years + months + day - 1) * 86_400 + seconds;
    (imf(seconds) == text).then_some(seconds)
}

#[test]
fn dates_are_written_and_read() {
    assert_eq!(imf(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(rfc850(784_111_777), "Sunday, 06-Nov-94 08:49:37 GMT");
    assert_eq!(asctime(784_111_777), "Sun Nov  6 08:49:37 1994");
    for seconds in [0, 784_111_777, 951_782_400, 1_709_164_800, 4_102_444_799] {
        assert_eq!(read(&imf(seconds)), Some(seconds));
    }
    assert_eq!(read("Mon, 06 Nov 1994 08:49:37 GMT"), None, "it was a Sunday");
}
