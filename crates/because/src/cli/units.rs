//! Sizes and times as people write them on a command line, which are those of a configuration: `64k`, `1.5M`, `500ms`, `2m`.

use config::units::{self, UnitError};

/// A size in octets: a number, and k, M, G or T for powers of 1024.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    units::size(text).map_err(|offence| told(offence, text, "size", units::SIZES))
}

/// A time in milliseconds: a number and its unit; seconds where no unit is given.
pub(crate) fn time(text: &str) -> Result<u64, String> {
    let read = match units::time(text) {
        Err(UnitError::Missing) => units::time(&format!("{text}s")),
        read => read,
    };
    read.map_err(|offence| told(offence, text, "time", units::TIMES))
}

/// A span in seconds, for what is issued: a number and its unit.
pub(crate) fn span(text: &str) -> Result<u64, String> {
    let millis = units::time(text).map_err(|offence| told(offence, text, "time", units::TIMES))?;
    if millis < 1_000 { Err("it would be over at once".to_owned()) } else { Ok(millis / 1_000) }
}

fn told(offence: UnitError, text: &str, what: &str, all: &str) -> String {
    match offence {
        UnitError::Number => format!("a {what} begins with a number"),
        UnitError::Missing => format!("'{text}' has no unit; use {all}"),
        UnitError::Unit => format!("'{text}' has no unit of {what}; use {all}"),
        UnitError::Large => format!("'{text}' is too large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, octets) in [("0", 0), ("4096", 4096), ("64k", 65_536), ("1.5M", 1_572_864), ("2GiB", 2 << 30)] {
            assert_eq!(size(text), Ok(octets), "{text}");
        }
        for text in ["", "k", "1x", "-1", "1e99", "1..5", "99999999999999999999"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spans() {
        for (text, seconds) in [("30d", 2_592_000), ("12h", 43_200), ("1y", 31_536_000), ("1.5m", 90)] {
            assert_eq!(span(text), Ok(seconds), "{text}");
        }
        for text in ["", "30", "0d", "1month", "-1d"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times() {
        for (text, millis) in [("20", 20_000), ("500ms", 500), ("1.5s", 1_500), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(time(text), Ok(millis), "{text}");
        }
        for text in ["", "s", "5 days", "-1s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
