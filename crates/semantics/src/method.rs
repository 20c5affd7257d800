//! The table of methods: one row a method, and sets of them.
//!
//! What a method means lives here (safe, idempotent, what its content is for). Whether a target allows it does not:
//! that is a fact of the site, and a question of the decision.

use core::fmt;

use crate::syntax::same_text;

/// What the content of a request means with this method (RFC 9110 §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestContent {
    /// The method says what the content is: PUT, POST, PATCH, PROPFIND ...
    Defined,
    /// Content has no meaning; it is read and thrown away: GET, HEAD, DELETE, OPTIONS, CONNECT.
    Undefined,
    /// A client must not send any: TRACE.
    Forbidden,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MethodRow {
    /// The method's token; tokens of methods are case-sensitive (RFC 9110 §9.1).
    pub name: &'static str,
    /// Where it is defined.
    pub spec: &'static str,
    /// The client asks for no change of state (RFC 9110 §9.2.1).
    pub safe: bool,
    /// Many equal requests have the effect of one (RFC 9110 §9.2.2).
    pub idempotent: bool,
    /// A response to it may be stored for later requests (RFC 9110 §9.2.3).
    pub cacheable: bool,
    /// What its content means.
    pub content: RequestContent,
    /// It belongs to WebDAV and its extensions.
    pub webdav: bool,
}

/// A method that has a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Method(u8);

use RequestContent::{Defined, Forbidden, Undefined};

/// How many methods there are.
pub const COUNT: usize = 23;

#[rustfmt::skip]
const ROWS: [MethodRow; COUNT] = [
    row("GET",       "RFC 9110 §9.3.1", SAFE | IDEMPOTENT | CACHEABLE, Undefined),
    row("HEAD",      "RFC 9110 §9.3.2", SAFE | IDEMPOTENT | CACHEABLE, Undefined),
    row("POST",      "RFC 9110 §9.3.3", CACHEABLE,                     Defined),
    row("PUT",       "RFC 9110 §9.3.4", IDEMPOTENT,                    Defined),
    row("DELETE",    "RFC 9110 §9.3.5", IDEMPOTENT,                    Undefined),
    row("CONNECT",   "RFC 9110 §9.3.6", 0,                             Undefined),
    row("OPTIONS",   "RFC 9110 §9.3.7", SAFE | IDEMPOTENT,             Undefined),
    row("TRACE",     "RFC 9110 §9.3.8", SAFE | IDEMPOTENT,             Forbidden),
    row("PATCH",     "RFC 5789 §2",     0,                             Defined),
    row("QUERY",     "draft-ietf-httpbis-safe-method-w-body", SAFE | IDEMPOTENT | CACHEABLE, Defined),
    row("PROPFIND",  "RFC 4918 §9.1",   SAFE | IDEMPOTENT | WEBDAV,    Defined),
    row("PROPPATCH", "RFC 4918 §9.2",   IDEMPOTENT | WEBDAV,           Defined),
    row("MKCOL",     "RFC 4918 §9.3",   IDEMPOTENT | WEBDAV,           Defined),
    row("COPY",      "RFC 4918 §9.8",   IDEMPOTENT | WEBDAV,           Undefined),
    row("MOVE",      "RFC 4918 §9.9",   IDEMPOTENT | WEBDAV,           Undefined),
    row("LOCK",      "RFC 4918 §9.10",  WEBDAV,                        Defined),
    row("UNLOCK",    "RFC 4918 §9.11",  IDEMPOTENT | WEBDAV,           Undefined),
    row("BIND",      "RFC 5842 §4",     IDEMPOTENT | WEBDAV,           Defined),
    row("UNBIND",    "RFC 5842 §5",     IDEMPOTENT | WEBDAV,           Defined),
    row("REBIND",    "RFC 5842 §6",     IDEMPOTENT | WEBDAV,           Defined),
    row("REPORT",    "RFC 3253 §3.6",   SAFE | IDEMPOTENT | WEBDAV,    Defined),
    row("SEARCH",    "RFC 5323 §2",     SAFE | IDEMPOTENT | WEBDAV,    Defined),
    row("BREW",      "RFC 2324 §2.1.1", 0,                             Defined),
];

const SAFE: u8 = 1;
const IDEMPOTENT: u8 = 2;
const CACHEABLE: u8 = 4;
const WEBDAV: u8 = 8;

const fn row(name: &'static str, spec: &'static str, traits: u8, content: RequestContent) -> MethodRow {
    MethodRow {
        name,
        spec,
        safe: traits & SAFE != 0,
        idempotent: traits & IDEMPOTENT != 0,
        cacheable: traits & CACHEABLE != 0,
        content,
        webdav: traits & WEBDAV != 0,
    }
}

/// What the name of a method begins with where an extension is mandatory (RFC 2774 §5).
pub const MANDATORY: &[u8] = b"M-";

/// The longest name of a method in the table, in octets. A longer token cannot be one that we implement.
pub const LONGEST: usize = {
    let mut longest = 0;
    let mut k = 0;
    while k < COUNT {
        if ROWS[k].name.len() > longest {
            longest = ROWS[k].name.len();
        }
        k += 1;
    }
    longest
};

macro_rules! consts {
    ($($name:ident = $index:literal),+ $(,)?) => {
        #[allow(missing_docs)]
        impl Method { $(pub const $name: Method = {
            assert!(same_text(ROWS[$index].name, stringify!($name)));
            Method($index)
        };)+ }
    };
}

consts! {
    GET = 0, HEAD = 1, POST = 2, PUT = 3, DELETE = 4, CONNECT = 5, OPTIONS = 6, TRACE = 7, PATCH = 8, QUERY = 9,
    PROPFIND = 10, PROPPATCH = 11, MKCOL = 12, COPY = 13, MOVE = 14, LOCK = 15, UNLOCK = 16, BIND = 17, UNBIND = 18,
    REBIND = 19, REPORT = 20, SEARCH = 21, BREW = 22,
}

impl Method {
    /// The method of this name, if the table has it. Case matters.
    ///
    /// ```
    /// use semantics::method::Method;
    /// assert_eq!(Method::of(b"GET"), Some(Method::GET));
    /// assert_eq!(Method::of(b"get"), None);
    /// ```
    #[inline]
    pub fn of(name: &[u8]) -> Option<Method> {
        match name {
            b"GET" => Some(Method::GET),
            b"HEAD" => Some(Method::HEAD),
            _ => Method::all().find(|m| m.name().as_bytes() == name),
        }
    }

    /// The method of this name, also where the name says that an extension is mandatory; and whether it does (RFC 2774 §5).
    ///
    /// ```
    /// use semantics::method::Method;
    /// assert_eq!(Method::extended(b"M-GET"), (Some(Method::GET), true));
    /// assert_eq!(Method::extended(b"GET"), (Some(Method::GET), false));
    /// ```
    #[inline]
    pub fn extended(name: &[u8]) -> (Option<Method>, bool) {
        match name.strip_prefix(MANDATORY) {
            Some(plain) => (Method::of(plain), true),
            None => (Method::of(name), false),
        }
    }

    /// Every method of the table.
    pub fn all() -> impl Iterator<Item = Method> {
        (0..COUNT as u8).map(Method)
    }

    /// Its row.
    #[inline]
    pub fn row(self) -> &'static MethodRow {
        &ROWS[usize::from(self.0)]
    }

    /// Its name.
    #[inline]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Is it GET or HEAD?
    #[inline]
    pub const fn is_read(self) -> bool {
        self.0 <= 1
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of methods of the table.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Methods(u32);

impl Methods {
    /// No method.
    pub const NONE: Methods = Methods(0);

    /// The set of these methods.
    pub const fn of(list: &[Method]) -> Methods {
        let mut bits = 0;
        let mut k = 0;
        while k < list.len() {
            bits |= 1 << list[k].0;
            k += 1;
        }
        Methods(bits)
    }

    /// Is this method in it?
    #[inline]
    pub const fn has(self, method: Method) -> bool {
        self.0 & (1 << method.0) != 0
    }

    /// Is it empty?
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same set with one more.
    #[must_use]
    pub const fn with(self, method: Method) -> Methods {
        Methods(self.0 | 1 << method.0)
    }

    /// Its methods, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Method> {
        Method::all().filter(move |m| self.has(*m))
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_name_and_only_by_it() {
        for method in Method::all() {
            assert_eq!(Method::of(method.name().as_bytes()), Some(method));
            assert_eq!(Method::of(method.name().to_ascii_lowercase().as_bytes()), None);
        }
        assert_eq!(Method::of(b""), None);
        assert_eq!(Method::of(b"FOO"), None);
        assert_eq!(LONGEST, "PROPPATCH".len());
    }

    #[test]
    fn safe_methods_are_idempotent() {
        assert!(Method::all().all(|m| !m.row().safe || m.row().idempotent));
    }

    #[test]
    fn a_set_lists_what_was_put_in() {
        let set = Methods::of(&[Method::GET, Method::OPTIONS]).with(Method::HEAD);
        assert!(set.iter().eq([Method::GET, Method::HEAD, Method::OPTIONS]));
        assert!(!set.has(Method::PUT));
        assert!(Methods::NONE.is_empty());
    }
}
