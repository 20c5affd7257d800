//! Expect: does the client wait for 100 (Continue), and does it expect anything else? RFC 9110 §10.1.1
//!
//! What becomes of an expectation is the decision's.

use crate::syntax::List;

/// What a client expects.
///
/// ```
/// use semantics::expect::Expect;
/// let expect = Expect::read([&b"100-Continue, tea"[..]]);
/// assert_eq!(expect, Expect { continue_100: true, unknown: Some(b"tea") });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Expect<'a> {
    /// `100-continue`, in any letter case.
    pub continue_100: bool,
    /// The first expectation that is not known, or that cannot be understood.
    pub unknown: Option<&'a [u8]>,
}

impl<'a> Expect<'a> {
    /// Reads the lines of Expect. An expectation counts as unknown if it is anything but the bare `100-continue`: with
    /// a value or parameters it would be another.
    pub fn read(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut expect = Self::default();
        for expectation in lines.into_iter().flat_map(List::new) {
            if expectation.eq_ignore_ascii_case(b"100-continue") {
                expect.continue_100 = true;
            } else if expect.unknown.is_none() {
                expect.unknown = Some(expectation);
            }
        }
        expect
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{string::String, vec::Vec};

    fn read(line: &str) -> (bool, Option<&str>) {
        let expect = Expect::read([line.as_bytes()]);
        (expect.continue_100, expect.unknown.map(|unknown| str::from_utf8(unknown).expect("a part of the line")))
    }

    #[test]
    fn expectations_are_known_or_not() {
        assert_eq!(Expect::read([]), Expect::default());
        assert_eq!(read(""), (false, None));
        assert_eq!(read("100-continue"), (true, None));
        assert_eq!(read(" 100-CONTINUE ,"), (true, None));
        assert_eq!(read("100-continue, 100-continue"), (true, None));
        assert_eq!(read("tea, coffee"), (false, Some("tea")));
        assert_eq!(read("a=\"b, 100-continue\""), (false, Some("a=\"b, 100-continue\"")));
        assert_eq!(read("100-continue=1"), (false, Some("100-continue=1")));
        assert_eq!(read("100-continue;a"), (false, Some("100-continue;a")));
        assert_eq!(read("100"), (false, Some("100")));
        let lines = [&b"tea"[..], b"100-continue"];
        assert_eq!(Expect::read(lines), Expect { continue_100: true, unknown: Some(b"tea") });
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>) {
            let _ = Expect::read(lines.iter().map(|line| &line[..]));
        }

        /// 100-continue is expected if a member is that and nothing else, wherever it stands.
        #[test]
        fn near_misses_are_other_expectations(
            members in proptest::collection::vec("(100-(continue|CONTINUE)|tea|100)(;a|=1|=\"[,x]\")?", 0..5),
            split in 0usize..5,
        ) {
            let is_continue = |member: &&String| member.eq_ignore_ascii_case("100-continue");
            let (first, second) = members.split_at(split.min(members.len()));
            let lines = [first.join(" , "), second.join(",,")];
            let expect = Expect::read(lines.iter().map(String::as_bytes));
            prop_assert_eq!(expect.continue_100, members.iter().any(|member| is_continue(&member)));
            let unknown = members.iter().find(|member| !is_continue(member));
            prop_assert_eq!(expect.unknown, unknown.map(String::as_bytes));
        }
    }
}
