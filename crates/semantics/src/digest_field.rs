//! Content-Digest and Repr-Digest: digests that content must have. RFC 9530
//!
//! How a digest is computed, and of which octets, is not known here.

use core::fmt;

use crate::structured::{StructuredError, Value, dictionary};
use crate::syntax::ParseError;

/// An algorithm that is known. RFC 9530 §5: those that are insecure are never counted as a proof, and so not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `sha-256`
    Sha256,
    /// `sha-512`
    Sha512,
}

impl Algorithm {
    /// How many octets a digest has.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Its key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    fn of(key: &[u8]) -> Option<Self> {
        [Self::Sha256, Self::Sha512].into_iter().find(|algorithm| algorithm.name().as_bytes() == key)
    }
}

/// A digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    /// How it was made.
    pub algorithm: Algorithm,
    /// A shorter one is followed by zeros.
    octets: [u8; LONGEST],
}

/// The octets of the longest digest that is known.
const LONGEST: usize = 64;

impl Digest {
    /// A digest of these octets, if the algorithm makes so many.
    pub fn new(algorithm: Algorithm, octets: &[u8]) -> Option<Self> {
        let mut digest = Self { algorithm, octets: [0; LONGEST] };
        (octets.len() == algorithm.length()).then(|| {
            digest.octets[..octets.len()].copy_from_slice(octets);
            digest
        })
    }

    /// Its octets.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..self.algorithm.length()]
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.algorithm.name())?;
        self.octets().iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// The digests of a field, by their algorithm.
///
/// ```
/// use semantics::digest_field::{Algorithm, Digests};
/// let line = b"md5=:1B2M2Y8AsgTpgAmY7PhCfg==:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
/// let digests = Digests::read([&line[..]]).expect("well formed");
/// assert!(digests.iter().map(|digest| digest.algorithm).eq([Algorithm::Sha256]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Digests {
    sha256: Option<Digest>,
    sha512: Option<Digest>,
}

/// What can be wrong with a field of digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DigestError {
    /// It is no dictionary.
    Structure(StructuredError),
    /// The digest of a known algorithm is no octets.
    NotOctets,
    /// Its base64 is malformed.
    BadBase64,
    /// It has more or fewer octets than its algorithm makes.
    Length,
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Structure(offence) => return fmt::Display::fmt(offence, f),
            Self::NotOctets => "a digest is octets between colons",
            Self::BadBase64 => "the base64 of the digest is malformed",
            Self::Length => "the digest has not the length that its algorithm makes",
        })
    }
}

impl core::error::Error for DigestError {}

impl Digests {
    /// Reads the lines of Content-Digest or Repr-Digest. What has an unknown algorithm is passed over; of two digests with one
    /// algorithm the later counts (RFC 9651 §4.2.2). An offset counts from the start of the line that offends.
    pub fn read<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, ParseError<DigestError>> {
        let mut digests = Self::default();
        for member in lines.into_iter().flat_map(dictionary) {
            let (key, at, value) = member.map_err(|refusal| refusal.within(0, DigestError::Structure))?;
            let Some(algorithm) = Algorithm::of(key) else { continue };
            let Value::Octets(base64) = value else { return Err(ParseError::new(at, DigestError::NotOctets)) };
            let mut octets = [0; LONGEST];
            let length = decode(base64, &mut octets).map_err(|refusal| refusal.within(at + 1, |what| what))?;
            let digest = Digest::new(algorithm, &octets[..length]);
            let digest = digest.ok_or(ParseError::new(at, DigestError::Length))?;
            match algorithm {
                Algorithm::Sha256 => digests.sha256 = Some(digest),
                Algorithm::Sha512 => digests.sha512 = Some(digest),
            }
        }
        Ok(digests)
    }

    /// The digests, one an algorithm at most.
    pub fn iter(&self) -> impl Iterator<Item = Digest> {
        [self.sha256, self.sha512].into_iter().flatten()
    }

    /// Is none of them known?
    pub const fn is_empty(&self) -> bool {
        self.sha256.is_none() && self.sha512.is_none()
    }
}

/// What a character of base64 stands for. RFC 4648 §4
const fn sextet(character: u8) -> Option<u32> {
    let value = match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value as u32)
}

/// Decodes base64, and says how many octets it made. The padding must be there, and the bits that it leaves over must be zero:
/// so that a digest can be written in one way only (RFC 4648 §3.5).
fn decode(base64: &[u8], out: &mut [u8; LONGEST]) -> Result<usize, ParseError<DigestError>> {
    let bad = |at| ParseError::new(at, DigestError::BadBase64);
    let padding = base64.iter().rev().take_while(|&&character| character == b'=').count();
    if !base64.len().is_multiple_of(4) || padding > 2 {
        return Err(bad(base64.len()));
    }
    let length = base64.len() / 4 * 3 - padding;
    if length > out.len() {
        return Err(ParseError::new(0, DigestError::Length));
    }
    let text = &base64[..base64.len() - padding];
    for (group, characters) in text.chunks(4).enumerate() {
        let mut bits = 0;
        for (at, &character) in characters.iter().enumerate() {
            bits |= sextet(character).ok_or(bad(group * 4 + at))? << (18 - 6 * at);
        }
        let octets = bits.to_be_bytes();
        let made = characters.len() - 1;
        if octets[1 + made..].iter().any(|&octet| octet != 0) {
            return Err(bad(text.len()));
        }
        out[group * 3..][..made].copy_from_slice(&octets[1..=made]);
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::DigestError::*;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec::Vec};

    /// The digests of `{"hello": "world"}` and a line feed. RFC 9530 §B.1, §B.6
    const SHA256: &str = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
    const SHA512: &str = "YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==";

    fn read(line: &str) -> Result<Vec<String>, (usize, DigestError)> {
        let digests = Digests::read([line.as_bytes()]).map_err(|refusal| (refusal.at, refusal.what))?;
        assert_eq!(digests.is_empty(), digests.iter().next().is_none());
        Ok(digests.iter().map(|digest| format!("{digest:?}")).collect())
    }

    #[test]
    fn digests_are_read() {
        let sha256 = "sha-256=44aff4ab2d7c3250525675a08f0cfa9591168cffe51791c5f5bbc417c15a6c38";
        let found = read(&format!("sha-256=:{SHA256}:")).expect("well formed");
        assert_eq!(found, [sha256]);
        let both = read(&format!("unixsum=30637, sha-512=:{SHA512}:;a=b , sha-256=:{SHA256}:,id-sha-512=:x:"));
        let both = both.expect("what is unknown is passed over");
        assert_eq!((both.len(), both[0].as_str()), (2, sha256));
        assert!(both[1].starts_with("sha-512=60c01a9b9d49cff8ce0134fa"), "{both:?}");
        let lines = [format!("sha-512=:{SHA512}:"), format!("sha-256=:{SHA256}:")];
        assert_eq!(Digests::read(lines.iter().map(String::as_bytes)).map(|digests| digests.iter().count()), Ok(2));
        assert_eq!(read(""), Ok(Vec::new()));
        assert_eq!(read("crc32c=:yeeg6A==:"), Ok(Vec::new()));
        assert_eq!(read("md5=:not base64 at all"), Err((8, Structure(StructuredError::BadByte))));
    }

    #[test]
    fn of_two_the_later_counts() {
        let zeros = format!("sha-256=:{}=:", "A".repeat(43));
        let line = format!("{zeros}, sha-256=:{SHA256}:");
        assert_eq!(read(&line), read(&format!("sha-256=:{SHA256}:")));
        assert_ne!(read(&line), read(&zeros));
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for (line, at, what) in [
            ("sha-256", 7, NotOctets),
            ("sha-256=1", 8, NotOctets),
            ("sha-256=\"x\"", 8, NotOctets),
            ("sha-256=::", 8, Length),
            ("sha-256=:YQ==:", 8, Length),
            ("sha-256=:YQ=:", 12, BadBase64),
            ("sha-256=:Y===:", 13, BadBase64),
            ("sha-256=:YQ==YQ==:", 11, BadBase64),
            ("sha-256=:YR==:", 11, BadBase64),
            ("sha-256=:YQ==", 13, Structure(StructuredError::Unclosed)),
            ("SHA-256=:YQ==:", 0, Structure(StructuredError::NoKey)),
            ("sha-256=RK/0qy18", 8, NotOctets),
            ("a=1,", 4, Structure(StructuredError::TrailingComma)),
        ] {
            assert_eq!(read(line), Err((at, what)), "{line}");
        }
        assert_eq!(read(&format!("sha-512=:{SHA256}:")), Err((8, Length)));
        assert_eq!(read(&format!("sha-256=:{SHA512}:")), Err((8, Length)));
        assert_eq!(read(&format!("sha-512=:{}:", "A".repeat(4_000))), Err((9, Length)));
        assert_eq!(Digest::new(Algorithm::Sha256, &[0; 31]), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = Digests::read([&bytes[..]]);
        }

        #[test]
        fn near_misses_do_not_panic(base64 in "[A-Za-z0-9+/]{0,90}={0,3}") {
            let _ = read(&format!("sha-512=:{base64}:"));
        }

        #[test]
        fn octets_come_back_from_base64(octets in proptest::collection::vec(any::<u8>(), 0..=LONGEST)) {
            const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let mut base64 = Vec::new();
            for group in octets.chunks(3) {
                let mut bits = [0; 4];
                bits[1..=group.len()].copy_from_slice(group);
                let bits = u32::from_be_bytes(bits);
                for at in 0..4 {
                    let character = CHARACTERS[(bits >> (18 - 6 * at) & 63) as usize];
                    base64.push(if at > group.len() { b'=' } else { character });
                }
            }
            let mut out = [0; LONGEST];
            prop_assert_eq!(decode(&base64, &mut out), Ok(octets.len()));
            prop_assert_eq!(&out[..octets.len()], &octets[..]);
        }
    }
}
