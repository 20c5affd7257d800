//! Sizes and times as people write them: `64k`, `1.5M`; `500ms`, `10s`, `4h`, `1y`.

/// Why a text is no size, or no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitError {
    /// It does not begin with a number.
    Number,
    /// There is a number and no unit.
    Missing,
    /// What follows the number is no unit.
    Unit,
    /// It is more than can be counted.
    Large,
}

/// The units of size, for messages.
pub const SIZES: &str = "k, M, G, T (powers of 1024)";
/// The units of time, for messages.
pub const TIMES: &str = "ms, s, min, h, d, w, y";

/// A size in octets: a number, and k, M, G or T for powers of 1024; octets where no unit is given.
///
/// ```
/// assert_eq!(config::units::size("1.5M"), Ok(1_572_864));
/// ```
///
/// # Errors
///
/// If it is no number, its unit is none, or it is too large.
pub fn size(text: &str) -> Result<u64, UnitError> {
    let (number, unit) = split(text);
    let shift = match unit.trim_end_matches(['b', 'B']).trim_end_matches('i') {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        "t" | "T" => 40,
        _ => return Err(if number.is_empty() { UnitError::Number } else { UnitError::Unit }),
    };
    scaled(number, (1u64 << shift) as f64)
}

/// A time in milliseconds: a number and its unit. Nought needs none.
///
/// ```
/// assert_eq!(config::units::time("2m"), Ok(120_000));
/// ```
///
/// # Errors
///
/// If it is no number, its unit is none or missing, or it is too large.
pub fn time(text: &str) -> Result<u64, UnitError> {
    const SECOND: f64 = 1_000.0;
    let (number, unit) = split(text);
    let scale = match unit {
        "ms" => 1.0,
        "s" | "sec" => SECOND,
        "m" | "min" => 60.0 * SECOND,
        "h" | "hour" => 3_600.0 * SECOND,
        "d" | "day" => 86_400.0 * SECOND,
        "w" | "week" => 7.0 * 86_400.0 * SECOND,
        "y" | "year" => 365.0 * 86_400.0 * SECOND,
        "" if number == "0" => 1.0,
        "" if number.parse::<f64>().is_ok() => return Err(UnitError::Missing),
        _ => return Err(if number.is_empty() { UnitError::Number } else { UnitError::Unit }),
    };
    scaled(number, scale)
}

/// The regular expressions of the schema that say the same.
pub(crate) const SIZE_PATTERN: &str = "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) *([kKmMgGtT]?i*[bB]*) *$";
pub(crate) const TIME_PATTERN: &str =
    "^(0 *|([0-9]+(\\.[0-9]*)?|\\.[0-9]+) *(ms|s|sec|m|min|h|hour|d|day|w|week|y|year) *)$";

/// The number and what follows it.
pub(crate) fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim_matches(' '))
}

fn scaled(number: &str, scale: f64) -> Result<u64, UnitError> {
    let value = number.parse::<f64>().map_err(|_| UnitError::Number)? * scale;
    // 2^53: beyond it a floating-point number no longer counts every octet
    if value < 9_007_199_254_740_992.0 { Ok(value as u64) } else { Err(UnitError::Large) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, octets) in [("0", 0), ("4096", 4096), ("64k", 65_536), ("1.5M", 1_572_864), ("2GiB", 2 << 30)] {
            assert_eq!(size(text), Ok(octets), "{text}");
        }
        for (text, offence) in [
            ("", UnitError::Number),
            ("k", UnitError::Number),
            ("1x", UnitError::Unit),
            ("-1", UnitError::Number),
            ("1..5", UnitError::Number),
            ("99999999999999999999", UnitError::Large),
        ] {
            assert_eq!(size(text), Err(offence), "{text}");
        }
    }

    #[test]
    fn times() {
        for (text, millis) in [
            ("0", 0),
            ("500ms", 500),
            ("1.5s", 1_500),
            ("2m", 120_000),
            ("2 min", 120_000),
            ("4h", 14_400_000),
            ("1y", 31_536_000_000),
        ] {
            assert_eq!(time(text), Ok(millis), "{text}");
        }
        for (text, offence) in [
            ("", UnitError::Number),
            ("s", UnitError::Number),
            ("20", UnitError::Missing),
            ("5 moons", UnitError::Unit),
            ("-1s", UnitError::Number),
            ("9e9y", UnitError::Unit),
            ("999999999999999y", UnitError::Large),
        ] {
            assert_eq!(time(text), Err(offence), "{text}");
        }
    }
}
