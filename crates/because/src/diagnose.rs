//! What was found, in words for people.

/// `1 rule`, `2 rules`
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!((counted(1, "rule"), counted(2, "rule")), ("1 rule".to_owned(), "2 rules".to_owned()));
    }
}
