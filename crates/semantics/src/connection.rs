//! Connection: what holds for this connection alone. RFC 9110 §7.6.1, RFC 9112 §9
//!
//! Whether a connection persists depends on the version too, and is not known here.

use crate::syntax::{List, is_token};

/// The options that are known.
///
/// ```
/// use semantics::connection::Connection;
/// let connection = Connection::read([&b"Upgrade, close"[..]]);
/// assert!(connection.close && connection.upgrade && !connection.keep_alive);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Connection {
    /// `close`: it ends after this response. RFC 9112 §9.6
    pub close: bool,
    /// `keep-alive`: an HTTP/1.0 peer asks that it persist. RFC 9112 §9.3
    pub keep_alive: bool,
    /// `upgrade`: the field Upgrade is meant for this hop. RFC 9110 §7.8
    pub upgrade: bool,
}

impl Connection {
    /// Reads the lines of Connection.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut connection = Self::default();
        for option in options(lines) {
            connection.close |= option.eq_ignore_ascii_case(b"close");
            connection.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            connection.upgrade |= option.eq_ignore_ascii_case(b"upgrade");
        }
        connection
    }
}

/// What ends with a response, besides the exchange that it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ends {
    /// Nothing, as far as the server is concerned.
    #[default]
    Nothing,
    /// The stream of the exchange. HTTP/1 has one stream, so the connection ends.
    Stream,
    /// The connection.
    Connection,
}

/// Every option, known or not: the names of fields that a proxy must take off, and of states of the connection.
/// Members that are no token name nothing and are skipped. RFC 9110 §7.6.1
///
/// ```
/// use semantics::connection::options;
/// let options: Vec<_> = options([&b"close, X-Hop, b@d"[..]]).collect();
/// assert_eq!(options, [&b"close"[..], b"X-Hop"]);
/// ```
pub fn options<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    lines.into_iter().flat_map(List::new).filter(|option| is_token(option))
}

/// The options that are neither `close` nor `keep-alive`: what is left of them names fields. RFC 9110 §7.6.1
pub fn named_fields<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    options(lines)
        .filter(|option| !option.eq_ignore_ascii_case(b"close") && !option.eq_ignore_ascii_case(b"keep-alive"))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn options_have_no_case_and_may_stand_on_several_lines() {
        let read = |lines: &[&'static str]| Connection::read(lines.iter().map(|line| line.as_bytes()));
        assert_eq!(read(&[]), Connection::default());
        assert_eq!(read(&["", " ,"]), Connection::default());
        assert!(read(&["CLOSE"]).close);
        assert!(read(&["x", "Keep-Alive"]).keep_alive);
        assert!(read(&["HTTP2-Settings,UPGRADE"]).upgrade);
        assert_eq!(read(&["closed", "not close", "\"close\"", "close;a=b"]), Connection::default());
    }

    #[test]
    fn others_name_fields() {
        let named: Vec<_> = named_fields([&b"close, TE,,x y"[..], b"Keep-Alive,upgrade"]).collect();
        assert_eq!(named, [&b"TE"[..], b"upgrade"]);
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>) {
            let _ = Connection::read(lines.iter().map(|line| &line[..]));
            prop_assert!(options(lines.iter().map(|line| &line[..])).all(is_token));
        }

        #[test]
        fn near_misses_close_nothing(members in proptest::collection::vec("(close|Close|keep-alive|TE)[ ;=x\"]{0,2}", 0..4)) {
            let line = members.join(",");
            let closes = members.iter().any(|member| member.trim().eq_ignore_ascii_case("close"));
            prop_assert!(!Connection::read([line.as_bytes()]).close || closes);
            // an open quotation mark takes the rest of the line with it
            prop_assert!(Connection::read([line.as_bytes()]).close || !closes || line.contains('"'));
        }
    }
}
