//! Which octets may stand in a target and in a field value, and how far a run of them reaches.
//!
//! Runs are looked at eight octets in a step, as one number. A test marks the highest bit of an octet that passes it. The
//! lowest mark is right; a subtraction that borrows may mark octets above it that do not pass.

/// May a field value hold this octet (RFC 9110 §5.5)?
#[inline]
pub(crate) const fn is_text(octet: u8) -> bool {
    matches!(octet, b'\t' | 0x20..=0x7e | 0x80..)
}

/// Is this octet let through in a request target? Those of RFC 3986 without `#`, as a fragment is never sent (RFC 9112
/// §3.2); and `|`, `^`, `{`, `}`, `\`, the backtick, which no URI may hold but browsers send as they were typed.
#[inline]
pub(crate) const fn is_target(octet: u8) -> bool {
    matches!(octet, 0x21..=0x7e) && !matches!(octet, b'"' | b'#' | b'<' | b'>')
}

/// How many octets at the front may stand in a field value.
#[inline]
pub(crate) fn text_length(octets: &[u8]) -> usize {
    // Most values are without a tab, and long: sixteen octets in a step, as the compiler has instructions for that.
    let mut rest = octets;
    while let Some((sixteen, behind)) = rest.split_first_chunk::<16>()
        && !sixteen.iter().fold(false, |stop, octet| stop | matches!(octet, ..0x20 | 0x7f))
    {
        rest = behind;
    }
    let looked_at = octets.len() - rest.len();
    looked_at + run(rest, |x| below(x, 0x20) | equal(x, 0x7f), |octet| !is_text(octet))
}

/// How many octets at the front may stand in a target.
#[inline]
pub(crate) fn target_length(octets: &[u8]) -> usize {
    let marks = |x| {
        let quote_or_hash = equal(x & !ONES, b'"');
        let angle = equal(x & !(ONES << 1), b'<');
        below(x, 0x21) | equal(x, 0x7f) | x & HIGHS | quote_or_hash | angle
    };
    run(octets, marks, |octet| !is_target(octet))
}

/// Where the first octet is that is a colon, or none of visible ASCII: the end of a name, if that is sound.
#[inline]
pub(crate) fn name_length(octets: &[u8]) -> usize {
    let marks = |x| below(x, 0x21) | x & HIGHS | equal(x, b':');
    run(octets, marks, |octet| matches!(octet, ..0x21 | 0x80.. | b':'))
}

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);

/// Marks the octets smaller than `least`.
#[inline]
const fn below(x: u64, least: u8) -> u64 {
    x.wrapping_sub(ONES * least as u64) & !x & HIGHS
}

/// Marks the octets that are this one.
#[inline]
const fn equal(x: u64, octet: u8) -> u64 {
    below(x ^ (ONES * octet as u64), 1)
}

/// How many octets come before the first that stops the run. That one must be marked; others may be, and are looked at.
#[inline]
fn run(octets: &[u8], marks: impl Fn(u64) -> u64, stop: impl Fn(u8) -> bool) -> usize {
    let mut at = 0;
    loop {
        if let Some(eight) = octets.get(at..).and_then(<[u8]>::first_chunk) {
            let marked = marks(u64::from_le_bytes(*eight));
            if marked == 0 {
                at += 8;
                continue;
            }
            at += marked.trailing_zeros() as usize / 8;
        }
        match octets.get(at) {
            Some(&octet) if !stop(octet) => at += 1,
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of eight octets ends where one that is looked at octet by octet does.
    #[test]
    fn a_run_ends_where_an_octet_stops_it() {
        type Case = (fn(&[u8]) -> usize, fn(u8) -> bool, u8);
        let cases: [Case; 3] = [
            (text_length, is_text, b' '),
            (target_length, is_target, b'/'),
            (name_length, |octet| matches!(octet, 0x21..=0x7f) && octet != b':', b'a'),
        ];
        for (length, goes_on, filler) in cases {
            for (octet, next) in (0..=u8::MAX).flat_map(|octet| (0..=u8::MAX).map(move |next| (octet, next))) {
                for at in 0..9 {
                    let mut octets = [filler; 12];
                    (octets[at], octets[at + 1]) = (octet, next);
                    let expected = octets.iter().position(|octet| !goes_on(*octet)).unwrap_or(12);
                    for end in [at + 1, at + 2, 12] {
                        let told = length(&octets[..end]);
                        assert_eq!(told, expected.min(end), "{octet:#x} {next:#x} at {at} of {end}");
                    }
                }
            }
            assert_eq!(length(b""), 0);
        }
        assert_eq!(text_length(b"a\tb\tc\td\te\r\n"), 9);
    }

    #[test]
    fn a_target_holds_no_white_space_no_fragment_and_no_control() {
        for octet in (0..=b' ').chain(0x7f..=u8::MAX).chain(*b"#<>\"") {
            assert!(!is_target(octet), "{octet:#x}");
        }
        assert!(b"/a-Z_0.9~?q=%20&[x]|{y}".iter().all(|&o| is_target(o)));
    }
}
