//! The query of an address of the live page: names and values, decoded.

/// The value of this name, if the query has one that is not empty: `+` is a space, and what a percent sign tells is decoded.
///
/// Octets that are no UTF-8 are shown as such: no filter finds them.
pub(crate) fn value(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.filter(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| decoded(value)).next();
    found.filter(|value| !value.is_empty())
}

fn decoded(value: &str) -> String {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let (octet, after) = match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (digit(*high) << 4 | digit(*low), after)
            }
            (b'+', _) => (b' ', after),
            _ => (*first, after),
        };
        out.push(octet);
        rest = after;
    }
    String::from_utf8_lossy(&out).into_owned()
}

const fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_found_and_decoded() {
        let query = "status=4xx&path=%2Fa+b%C3%A9&cause=&x=%4&client=a=b";
        let value = |name| value(query, name);
        assert_eq!(value("status").as_deref(), Some("4xx"));
        assert_eq!(value("path").as_deref(), Some("/a bé"));
        assert_eq!(value("x").as_deref(), Some("%4"));
        assert_eq!(value("client").as_deref(), Some("a=b"));
        assert_eq!((value("cause"), value("none"), value("")), (None, None, None));
    }

    proptest! {
        #[test]
        fn any_query_is_read(query: String) {
            let _ = value(&query, "path");
        }
    }
}
