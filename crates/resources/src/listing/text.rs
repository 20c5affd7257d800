//! Numbers and dates as people and programs read them.

use semantics::date::Date;

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 folder`, `1,234 folders`
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1.2 MB`: three digits at most, in powers of ten.
pub(super) fn size(octets: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if octets < 1_000 {
        return format!("{octets} B");
    }
    let mut unit = 0;
    let mut scale = 1_000_u64;
    // 999,500 is rounded to 1.0 MB, not to 1000 kB.
    while unit + 1 < UNITS.len() && octets >= scale.saturating_mul(1_000) - scale / 2 {
        scale = scale.saturating_mul(1_000);
        unit += 1;
    }
    let tenths = (u128::from(octets) * 10 + u128::from(scale) / 2) / u128::from(scale);
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", (u128::from(octets) + u128::from(scale) / 2) / u128::from(scale), UNITS[unit])
    }
}

/// `2024-05-01T12:34:56Z` (RFC 3339), read off the text that dates have in HTTP.
pub(super) fn rfc3339(seconds: i64) -> String {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let text = Date::from_unix(seconds).to_string(); // Wed, 01 May 2024 12:34:56 GMT
    let month = MONTHS.find(&text[8..11]).map_or(0, |at| at / 3 + 1);
    format!("{}-{month:02}-{}T{}Z", &text[12..16], &text[5..7], &text[17..25])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "file", "files"), "1 file");
        assert_eq!(counted(0, "file", "files"), "0 files");
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (octets, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_049, "1.0 kB"),
            (1_050, "1.1 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (12_345_678, "12 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(size(octets), text, "{octets}");
        }
    }

    #[test]
    fn dates_are_those_of_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (784_111_777, "1994-11-06T08:49:37Z"),
            (1_709_210_096, "2024-02-29T12:34:56Z"),
            (i64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}
