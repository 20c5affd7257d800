//! Cache-Control: the directives of requests and of responses. RFC 9111 §5.2, RFC 5861, RFC 8246
//!
//! What may be stored, and for how long it is fresh, is not computed here.
//!
//! Of a directive told twice the first counts. A freshness that cannot be read counts as none at all, so that what was
//! stored is asked for again (RFC 9111 §4.2.1); permission that cannot be read is not given.

use crate::syntax::{LONGEST_DELTA, List, Pair, Word, delta_seconds};

/// The directives of a request. RFC 9111 §5.2.1
///
/// ```
/// use semantics::cache_control::RequestDirectives;
/// let asked = RequestDirectives::read([&b"max-age=0, no-store"[..]]);
/// assert!(asked.max_age == Some(0) && asked.no_store && !asked.no_cache);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RequestDirectives {
    /// Do not answer from the cache without asking the origin.
    pub no_cache: bool,
    /// Store nothing of this exchange.
    pub no_store: bool,
    /// Do not transform the content.
    pub no_transform: bool,
    /// Answer from the cache or with 504.
    pub only_if_cached: bool,
    /// Nothing older than so many seconds.
    pub max_age: Option<u32>,
    /// Nothing that is not fresh for so many seconds more.
    pub min_fresh: Option<u32>,
    /// Something stale will do, of at most so many seconds past its time; [`LONGEST_DELTA`] if of any.
    pub max_stale: Option<u32>,
    /// Something stale by at most so many seconds will do if the origin fails. RFC 5861 §4
    pub stale_if_error: Option<u32>,
}

/// To what `private` or `no-cache` applies. RFC 9111 §5.2.2.4, §5.2.2.7
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope<'a> {
    /// The directive is not there.
    #[default]
    Nothing,
    /// These fields: a comma list of their names.
    Fields(&'a [u8]),
    /// All of the response; also where the names of the fields cannot be read.
    All,
}

/// The directives of a response. RFC 9111 §5.2.2
///
/// ```
/// use semantics::cache_control::{ResponseDirectives, Scope};
/// let told = ResponseDirectives::read([&br#"public, max-age=60, no-cache="set-cookie""#[..]]);
/// assert!(told.public && told.max_age == Some(60) && told.no_cache == Scope::Fields(b"set-cookie"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ResponseDirectives<'a> {
    /// Any cache may store it.
    pub public: bool,
    /// No shared cache may store it, or these fields of it.
    pub private: Scope<'a>,
    /// No cache may answer with it, or with these fields of it, without asking the origin.
    pub no_cache: Scope<'a>,
    /// No cache may store it.
    pub no_store: bool,
    /// No intermediary may transform its content.
    pub no_transform: bool,
    /// Once stale, it must not be used without asking the origin.
    pub must_revalidate: bool,
    /// The same, for shared caches.
    pub proxy_revalidate: bool,
    /// Only who understands the status may store it.
    pub must_understand: bool,
    /// It does not change while it is fresh. RFC 8246
    pub immutable: bool,
    /// Fresh for so many seconds.
    pub max_age: Option<u32>,
    /// The same, for shared caches.
    pub s_maxage: Option<u32>,
    /// Usable for so many seconds more, while it is asked for again. RFC 5861 §3
    pub stale_while_revalidate: Option<u32>,
    /// Usable for so many seconds more, if the origin fails. RFC 5861 §4
    pub stale_if_error: Option<u32>,
}

/// The directives of all lines, in their order; what is no directive is skipped.
fn directives<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> impl Iterator<Item = Pair<'a>> {
    lines.into_iter().flat_map(List::new).filter_map(|member| Pair::parse(member).ok())
}

/// The seconds that a directive tells, as a token or quoted. RFC 9111 §1.2.2, §5.2
fn seconds(directive: &Pair<'_>) -> Option<u32> {
    delta_seconds(directive.value?.plain()?).ok()
}

impl RequestDirectives {
    /// Reads the lines of Cache-Control.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut read = Self::default();
        for directive in directives(lines) {
            let is = |name: &str| directive.is(name.as_bytes());
            read.no_cache |= is("no-cache");
            read.no_store |= is("no-store");
            read.no_transform |= is("no-transform");
            read.only_if_cached |= is("only-if-cached");
            if is("max-age") {
                read.max_age = read.max_age.or(seconds(&directive).or(Some(0)));
            } else if is("min-fresh") {
                read.min_fresh = read.min_fresh.or(seconds(&directive).or(Some(LONGEST_DELTA)));
            } else if is("max-stale") {
                let any = if directive.value.is_none() { LONGEST_DELTA } else { 0 };
                read.max_stale = read.max_stale.or(seconds(&directive).or(Some(any)));
            } else if is("stale-if-error") {
                read.stale_if_error = read.stale_if_error.or(seconds(&directive).or(Some(0)));
            }
        }
        read
    }
}

impl<'a> ResponseDirectives<'a> {
    /// Reads the lines of Cache-Control.
    pub fn read(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut read = Self::default();
        for directive in directives(lines) {
            let is = |name: &str| directive.is(name.as_bytes());
            read.public |= is("public");
            read.no_store |= is("no-store");
            read.no_transform |= is("no-transform");
            read.must_revalidate |= is("must-revalidate");
            read.proxy_revalidate |= is("proxy-revalidate");
            read.must_understand |= is("must-understand");
            read.immutable |= is("immutable");
            if is("private") {
                read.private.widen(&directive);
            } else if is("no-cache") {
                read.no_cache.widen(&directive);
            } else if is("max-age") {
                read.max_age = read.max_age.or(seconds(&directive).or(Some(0)));
            } else if is("s-maxage") {
                read.s_maxage = read.s_maxage.or(seconds(&directive).or(Some(0)));
            } else if is("stale-while-revalidate") {
                read.stale_while_revalidate = read.stale_while_revalidate.or(seconds(&directive).or(Some(0)));
            } else if is("stale-if-error") {
                read.stale_if_error = read.stale_if_error.or(seconds(&directive).or(Some(0)));
            }
        }
        read
    }
}

impl<'a> Scope<'a> {
    /// Told once more it applies to all: two lists of fields have no room, and the wider reading is the careful one.
    fn widen(&mut self, directive: &Pair<'a>) {
        let fields = directive.value.and_then(Word::plain);
        *self = match (&self, fields) {
            (Self::Nothing, Some(fields)) => Self::Fields(fields),
            _ => Self::All,
        };
    }

    /// Does it apply to the response as a whole?
    pub const fn is_all(self) -> bool {
        matches!(self, Self::All)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, vec::Vec};

    fn request(line: &str) -> RequestDirectives {
        RequestDirectives::read([line.as_bytes()])
    }

    fn response(line: &str) -> ResponseDirectives<'_> {
        ResponseDirectives::read([line.as_bytes()])
    }

    #[test]
    fn requests() {
        assert_eq!(request(""), RequestDirectives::default());
        assert_eq!(
            request("No-Cache, NO-STORE,no-transform , only-if-cached, max-age=1, min-fresh=\"2\", max-stale=3"),
            RequestDirectives {
                no_cache: true,
                no_store: true,
                no_transform: true,
                only_if_cached: true,
                max_age: Some(1),
                min_fresh: Some(2),
                max_stale: Some(3),
                stale_if_error: None,
            }
        );
        assert_eq!(request("max-stale").max_stale, Some(LONGEST_DELTA));
        assert_eq!(request("no-caches, xno-cache, foo=bar"), RequestDirectives::default());
    }

    #[test]
    fn responses() {
        let read = response(
            "public, private, no-store, no-transform, must-revalidate, proxy-revalidate, must-understand, immutable, \
             max-age=1, s-maxage=2, stale-while-revalidate=3, stale-if-error=4, no-cache",
        );
        assert_eq!(
            read,
            ResponseDirectives {
                public: true,
                private: Scope::All,
                no_cache: Scope::All,
                no_store: true,
                no_transform: true,
                must_revalidate: true,
                proxy_revalidate: true,
                must_understand: true,
                immutable: true,
                max_age: Some(1),
                s_maxage: Some(2),
                stale_while_revalidate: Some(3),
                stale_if_error: Some(4),
            }
        );
    }

    #[test]
    fn scopes_widen() {
        assert_eq!(response("private=\"a, b\"").private, Scope::Fields(b"a, b"));
        assert_eq!(response("private=a").private, Scope::Fields(b"a"));
        assert!(response("private=\"a\", private=\"b\"").private.is_all());
        assert!(response("private=\"a\", private").private.is_all());
        assert!(response("no-cache=\"\\a\"").no_cache.is_all(), "cannot be told without unescaping");
        assert_eq!(response("public").private, Scope::Nothing);
    }

    #[test]
    fn what_cannot_be_read_is_read_with_care() {
        assert_eq!(response("max-age=x").max_age, Some(0));
        assert_eq!(response("max-age").max_age, Some(0));
        assert_eq!(response("max-age=-1").max_age, Some(0));
        assert_eq!(response("max-age=1.5, max-age=9").max_age, Some(0), "the first counts");
        assert_eq!(response("max-age=7, max-age=9").max_age, Some(7));
        assert_eq!(response("max-age=\"7").max_age, None, "no directive at all");
        assert_eq!(request("max-stale=x").max_stale, Some(0));
        assert_eq!(request("min-fresh=x").min_fresh, Some(LONGEST_DELTA));
        assert_eq!(response("max-age=99999999999999999999").max_age, Some(LONGEST_DELTA));
        assert_eq!(response("max-age=4294967295").max_age, Some(LONGEST_DELTA));
    }

    #[test]
    fn lines_add_up() {
        let read = ResponseDirectives::read([&b"no-store"[..], b"max-age=5"]);
        assert!(read.no_store && read.max_age == Some(5));
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>) {
            let _ = RequestDirectives::read(lines.iter().map(|line| &line[..]));
            let _ = ResponseDirectives::read(lines.iter().map(|line| &line[..]));
        }

        /// A time that is no number is none (RFC 9111 §4.2.1); a directive without a value that could be one is passed over.
        #[test]
        fn near_misses_tell_no_time(value in "[0-9]{0,12}[a-z.-]?", before in "((public|no-cache(=\"a, b\")?|x), ?)?") {
            let told = response(&format!("{before}max-age={value}")).max_age;
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = if digits { value.parse().unwrap_or(0).min(u64::from(LONGEST_DELTA)) } else { 0 };
            prop_assert_eq!(told.map(u64::from), (!value.is_empty()).then_some(seconds));
        }

        #[test]
        fn times_read_back(time in 0..=LONGEST_DELTA, before in "[a-z]{0,5}", after in "[a-z]{0,5}") {
            prop_assert_eq!(response(&format!("{before},s-maxage={time},{after}")).s_maxage, Some(time));
        }
    }
}
