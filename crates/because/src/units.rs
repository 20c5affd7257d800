//! Sizes and times as people write them on a command line: `64k`, `1.5M`, `500ms`, `2m`.

/// A size in octets: a number, and k, M, G or T for powers of 1024.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let shift = match unit.trim_end_matches(['b', 'B']).trim_end_matches('i') {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        "t" | "T" => 40,
        _ => return Err(format!("'{unit}' is no unit of size; use k, M, G or T")),
    };
    scaled(number, (1u64 << shift) as f64).ok_or_else(|| "expected a size such as 4096, 64k or 1M".to_owned())
}

/// A time in milliseconds: a number, and ms, s, m or h; seconds where no unit is given.
pub(crate) fn time(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let scale = match unit {
        "ms" => 1.0,
        "" | "s" => 1_000.0,
        "m" | "min" => 60_000.0,
        "h" => 3_600_000.0,
        _ => return Err(format!("'{unit}' is no unit of time; use ms, s, m or h")),
    };
    scaled(number, scale).ok_or_else(|| "expected a time such as 500ms, 20s or 2m".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

fn scaled(number: &str, scale: f64) -> Option<u64> {
    let value = number.parse::<f64>().ok()? * scale;
    // 2^53: beyond it a floating-point number no longer counts every octet
    (value.is_finite() && value < 9_007_199_254_740_992.0).then_some(value as u64)
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
    fn times() {
        for (text, millis) in [("20", 20_000), ("500ms", 500), ("1.5s", 1_500), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(time(text), Ok(millis), "{text}");
        }
        for text in ["", "s", "5 days", "-1s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
