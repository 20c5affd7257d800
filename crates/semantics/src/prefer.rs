//! Prefer: what a client would rather have, if it can be had. RFC 7240
//!
//! A preference is never an error: what is not known, or cannot be understood, is passed over (RFC 7240 §2).

use core::mem;

use crate::syntax::{List, Pair, Parameters, Word, delta_seconds};

/// What a successful write shall answer with. RFC 7240 §4.2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Return {
    /// As little as possible.
    Minimal,
    /// The representation as it is now.
    Representation,
}

/// How faults that can be mended shall be taken. RFC 7240 §4.4
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handling {
    /// As faults.
    Strict,
    /// Mended as far as possible.
    Lenient,
}

/// The preferences that are known. Of one told twice the first counts, even if it cannot be understood.
///
/// ```
/// use semantics::prefer::{Prefer, Return};
/// let prefer = Prefer::read([&b"return=minimal; foo=bar, respond-async, wait=10"[..]]);
/// assert_eq!((prefer.returns, prefer.respond_async, prefer.wait), (Some(Return::Minimal), true, Some(10)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Prefer {
    /// `return`
    pub returns: Option<Return>,
    /// `respond-async`: rather a quick 202 than a long wait. RFC 7240 §4.1
    pub respond_async: bool,
    /// `wait`: how many seconds the client will wait. RFC 7240 §4.3
    pub wait: Option<u32>,
    /// `handling`
    pub handling: Option<Handling>,
}

impl Prefer {
    /// Reads the lines of Prefer.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut read = Self::default();
        let (mut first_return, mut first_wait, mut first_handling) = (true, true, true);
        for member in lines.into_iter().flat_map(List::new) {
            let (preference, _) = Parameters::split(member);
            let Ok(preference) = Pair::parse(preference) else { continue };
            let value = preference.value;
            if preference.is(b"respond-async") {
                read.respond_async = true;
            } else if preference.is(b"return") && mem::take(&mut first_return) {
                let known = [("minimal", Return::Minimal), ("representation", Return::Representation)];
                read.returns = value.and_then(|value| one_of(value, known));
            } else if preference.is(b"handling") && mem::take(&mut first_handling) {
                let known = [("strict", Handling::Strict), ("lenient", Handling::Lenient)];
                read.handling = value.and_then(|value| one_of(value, known));
            } else if preference.is(b"wait") && mem::take(&mut first_wait) {
                read.wait = value.and_then(Word::plain).and_then(|digits| delta_seconds(digits).ok());
            }
        }
        read
    }
}

/// The meaning of the first name that the value is.
fn one_of<T: Copy>(value: Word<'_>, known: [(&str, T); 2]) -> Option<T> {
    known.iter().find(|(name, _)| value.equals_ignoring_case(name.as_bytes())).map(|&(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, vec::Vec};

    fn read(line: &str) -> Prefer {
        Prefer::read([line.as_bytes()])
    }

    #[test]
    fn preferences_are_read() {
        assert_eq!(Prefer::read([]), Prefer::default());
        assert_eq!(read("return=representation").returns, Some(Return::Representation));
        assert_eq!(read("Return = \"minimal\"; a=b").returns, Some(Return::Minimal));
        assert_eq!(read("handling=strict").handling, Some(Handling::Strict));
        assert_eq!(read("handling=LENIENT").handling, Some(Handling::Lenient));
        assert!(read("respond-async, wait=100").respond_async);
        assert_eq!(read("wait=0").wait, Some(0));
        assert_eq!(read("wait=99999999999").wait, Some(crate::syntax::LONGEST_DELTA));
        let lines = Prefer::read([&b"respond-async"[..], b"wait=5"]);
        assert!(lines.respond_async && lines.wait == Some(5));
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        assert_eq!(read("xyz, return=all, wait=soon, handling, b@d=1, \"open"), Prefer::default());
        assert!(read("respond-async=x").respond_async, "a value says nothing more");
        assert_eq!(read("wait, return=\"\""), Prefer::default());
    }

    #[test]
    fn the_first_counts() {
        assert_eq!(read("return=minimal, return=representation").returns, Some(Return::Minimal));
        assert_eq!(read("wait=x, wait=5").wait, None);
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>) {
            let _ = Prefer::read(lines.iter().map(|line| &line[..]));
        }

        #[test]
        fn near_misses_are_passed_over(
            before in proptest::collection::vec("(return|wait|handling|respond-async|x)?(=| = )?[a-z0-9\";]{0,5}", 0..4),
            wait in 0u32..1_000,
        ) {
            let line = before.join(",");
            let read = read(&line);
            prop_assert!(read.wait.is_none_or(|_| line.contains("wait")));
            prop_assert!(!read.respond_async || line.contains("respond-async"));
            prop_assert!(read.returns.is_none() && read.handling.is_none(), "no value is that long");
            // what cannot be understood hides nothing on a line of its own
            let asked = format!("wait={wait}");
            let both = Prefer::read([asked.as_bytes(), line.as_bytes()]);
            prop_assert_eq!(both.wait, Some(wait));
        }

        #[test]
        fn preferences_read_back(
            minimal: bool,
            lenient: bool,
            respond_async: bool,
            gap in "[ \t]{0,2}",
            parameter in "(; ?[a-z]{1,3}(=\"[,;]\")?)?",
        ) {
            let returns = if minimal { "minimal" } else { "\"representation\"" };
            let handling = if lenient { "lenient" } else { "strict" };
            let then = if respond_async { "respond-async" } else { "" };
            let line = format!("return={returns}{parameter}{gap},{gap}{then},handling={handling}{parameter}");
            prop_assert_eq!(read(&line), Prefer {
                returns: Some(if minimal { Return::Minimal } else { Return::Representation }),
                respond_async,
                wait: None,
                handling: Some(if lenient { Handling::Lenient } else { Handling::Strict }),
            });
        }

        #[test]
        fn waits_read_back(wait in 0u32..1 << 31, before in "[a-v]{0,3}") {
            prop_assert_eq!(read(&format!("{before}, wait={wait}")).wait, Some(wait));
        }
    }
}
