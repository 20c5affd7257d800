//! Versions of HTTP.

use core::fmt;

/// The version of HTTP that a request is read in. A higher minor version is read as the highest that we know
/// (RFC 9110 §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    #[default]
    Http11,
    /// HTTP/2
    Http2,
    /// HTTP/3
    Http3,
}

impl Version {
    /// `HTTP/1.1`, as it is written in a log.
    pub const fn name(self) -> &'static str {
        match self {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
            Version::Http2 => "HTTP/2",
            Version::Http3 => "HTTP/3",
        }
    }

    /// Does a client of this version understand interim replies, and the codes that HTTP/1.1 brought?
    #[inline]
    pub const fn is_modern(self) -> bool {
        !matches!(self, Version::Http10)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
