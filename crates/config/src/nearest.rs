//! Which known word is meant by one that is not known: the nearest by letters.

use crate::limits;

/// The nearest of the known words, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // a slip or two of the fingers; in a short word one letter is much already
    let most = match word.len() {
        0..=1 => return None,
        2..=4 => 1,
        5..=8 => 2,
        9..=limits::CONFIG_WORD => 3,
        _ => return None,
    };
    known
        .into_iter()
        .map(|other| (strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase()), other))
        .filter(|&(distance, other)| distance <= most && distance < other.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood() {
        let known = ["guard", "gone", "limit", "headers", "cache", "see"];
        for (word, meant) in [
            ("gard", Some("guard")),
            ("gaurd", Some("guard")),
            ("Guard", Some("guard")),
            ("headrs", Some("headers")),
            ("cahce", Some("cache")),
            ("sea", Some("see")),
            ("x", None),
            ("zzzzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest(&"g".repeat(limits::CONFIG_WORD + 1), known), None);
    }
}
