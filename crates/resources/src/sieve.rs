//! What content goes through on its way to a file: gzip is decoded, and digests are held against it.
//!
//! It takes octets and gives octets, and touches no file. Which failure follows from an offence is its caller's to say.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::mem;

use crate::limits;
use decision::facts::Failure;
use flate2::write::MultiGzDecoder;
use semantics::digest_field::{Algorithm, Digest};
use sha2::digest::Digest as _;
use sha2::{Sha256, Sha512};

/// What can be wrong with content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SieveOffence {
    /// It is longer than may be, once decoded.
    TooLarge,
    /// It grows out of all proportion when it is decoded.
    Bomb,
    /// It is no gzip, or was damaged: its checksum is wrong or not there.
    NotGzip,
    /// It ends before its gzip does.
    Truncated,
    /// What was received has not the digest that Content-Digest tells.
    ContentDigest,
    /// The representation has not the digest that Repr-Digest tells.
    ReprDigest,
}

impl fmt::Display for SieveOffence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the content is too long",
            Self::Bomb => "the content grows out of all proportion when it is decoded",
            Self::NotGzip => "the content is no gzip, or was damaged",
            Self::Truncated => "the content ends before its gzip does",
            Self::ContentDigest => "the content has not the digest that Content-Digest tells",
            Self::ReprDigest => "the representation has not the digest that Repr-Digest tells",
        })
    }
}

impl SieveOffence {
    /// What the decision is told.
    pub const fn failure(self) -> Failure {
        match self {
            SieveOffence::TooLarge | SieveOffence::Bomb => Failure::ContentGrewTooLarge,
            SieveOffence::NotGzip
            | SieveOffence::Truncated
            | SieveOffence::ContentDigest
            | SieveOffence::ReprDigest => Failure::ContentBroken,
        }
    }
}

/// A sieve for one content. After an offence it lets nothing through any more.
#[derive(Debug)]
pub struct Sieve {
    gzip: Option<Box<MultiGzDecoder<Room>>>,
    limit: u64,
    received: u64,
    content_digest: Proof,
    /// Of the octets as received. RFC 9530 §3 has it so: content codings belong to a representation (RFC 9110 §8.1).
    repr_digest: Proof,
    offence: Option<SieveOffence>,
}

impl Sieve {
    /// A sieve that decodes gzip or does not, lets so many octets through, and holds these digests against what it sees.
    pub fn new(gzip: bool, limit: u64, content_digest: Vec<Digest>, repr_digest: Vec<Digest>) -> Sieve {
        // whoever digests a file and has it compressed on its way digests what is decoded, which proves as much
        let decoded_digest = if gzip { Proof::new(repr_digest.clone()) } else { Proof::default() };
        let room = Room { out: Vec::new(), limit, received: 0, decoded: 0, proof: decoded_digest, offence: None };
        Sieve {
            gzip: gzip.then(|| Box::new(MultiGzDecoder::new(room))),
            limit,
            received: 0,
            content_digest: Proof::new(content_digest),
            repr_digest: Proof::new(repr_digest),
            offence: None,
        }
    }

    /// Is there nothing to do but to copy and to count?
    pub fn is_plain(&self) -> bool {
        self.gzip.is_none() && self.content_digest.is_empty() && self.repr_digest.is_empty()
    }

    /// Takes octets, and appends to `out` what comes of them.
    ///
    /// # Errors
    ///
    /// If they break a limit, or are no gzip; what was appended then is worth nothing.
    pub fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), SieveOffence> {
        if self.offence.is_none() {
            self.offence = self.take(octets, out).err();
        }
        self.offence.map_or(Ok(()), Err)
    }

    fn take(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), SieveOffence> {
        self.received = self.received.saturating_add(octets.len() as u64);
        self.content_digest.update(octets);
        self.repr_digest.update(octets);
        let Some(decoder) = &mut self.gzip else {
            if self.received > self.limit {
                return Err(SieveOffence::TooLarge);
            }
            out.extend_from_slice(octets);
            return Ok(());
        };
        decoder.get_mut().received = self.received;
        lend(decoder, out, |decoder| decoder.write_all(octets))
    }

    /// Says that this was all, and appends to `out` what was still held back.
    ///
    /// # Errors
    ///
    /// If it was not all, or not what the digests were made of.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), SieveOffence> {
        if self.offence.is_none() {
            self.offence = self.end(out).err();
        }
        self.offence.map_or(Ok(()), Err)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), SieveOffence> {
        let mut decoded = Proof::default();
        if let Some(decoder) = &mut self.gzip {
            lend(decoder, out, MultiGzDecoder::try_finish)?;
            decoded = mem::take(&mut decoder.get_mut().proof);
        }
        if !mem::take(&mut self.content_digest).holds() {
            return Err(SieveOffence::ContentDigest);
        }
        let repr_digest = mem::take(&mut self.repr_digest);
        if repr_digest.is_empty() || repr_digest.holds() || !decoded.is_empty() && decoded.holds() {
            Ok(())
        } else {
            Err(SieveOffence::ReprDigest)
        }
    }
}

/// Lets the decoder work while `out` is where it writes to.
fn lend(
    decoder: &mut MultiGzDecoder<Room>,
    out: &mut Vec<u8>,
    work: impl FnOnce(&mut MultiGzDecoder<Room>) -> io::Result<()>,
) -> Result<(), SieveOffence> {
    mem::swap(&mut decoder.get_mut().out, out);
    let worked = work(decoder);
    let room = decoder.get_mut();
    mem::swap(&mut room.out, out);
    worked.map_err(|error| match (room.offence, error.kind()) {
        (Some(offence), _) => offence,
        (None, ErrorKind::UnexpectedEof) => SieveOffence::Truncated,
        (None, _) => SieveOffence::NotGzip,
    })
}

/// Where the decoder writes to: it refuses what grows too large before it is kept.
#[derive(Debug)]
struct Room {
    out: Vec<u8>,
    limit: u64,
    received: u64,
    decoded: u64,
    proof: Proof,
    offence: Option<SieveOffence>,
}

impl Write for Room {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.decoded = self.decoded.saturating_add(octets.len() as u64);
        let is_bomb = self.decoded > limits::DECODED_FREELY && self.decoded / limits::DECODED_RATIO > self.received;
        if self.decoded > self.limit || is_bomb {
            self.offence = Some(if is_bomb { SieveOffence::Bomb } else { SieveOffence::TooLarge });
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.proof.update(octets);
        self.out.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Digests that are expected, and those that come about.
#[derive(Debug, Default)]
struct Proof {
    expected: Vec<Digest>,
    sha256: Option<Sha256>,
    sha512: Option<Sha512>,
}

impl Proof {
    fn new(expected: Vec<Digest>) -> Proof {
        let wants = |algorithm| expected.iter().any(|digest| digest.algorithm == algorithm);
        Proof {
            sha256: wants(Algorithm::Sha256).then(Sha256::new),
            sha512: wants(Algorithm::Sha512).then(Sha512::new),
            expected,
        }
    }

    const fn is_empty(&self) -> bool {
        self.expected.is_empty()
    }

    fn update(&mut self, octets: &[u8]) {
        if let Some(hash) = &mut self.sha256 {
            hash.update(octets);
        }
        if let Some(hash) = &mut self.sha512 {
            hash.update(octets);
        }
    }

    /// Did all come about that were expected? One that is wrong is not made good by another (RFC 9530 §2).
    fn holds(self) -> bool {
        let sha256 = self.sha256.map(|hash| hash.finalize().to_vec());
        let sha512 = self.sha512.map(|hash| hash.finalize().to_vec());
        self.expected.iter().all(|digest| {
            let found = match digest.algorithm {
                Algorithm::Sha256 => &sha256,
                Algorithm::Sha512 => &sha512,
            };
            found.as_deref() == Some(digest.octets())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    const TEXT: &[u8] = b"every status happens for its real cause\n";

    fn gzip(octets: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(octets).expect("written to memory");
        encoder.finish().expect("written to memory")
    }

    fn sha256(octets: &[u8]) -> Digest {
        Digest::new(Algorithm::Sha256, &Sha256::digest(octets)).expect("32 octets")
    }

    fn sha512(octets: &[u8]) -> Digest {
        Digest::new(Algorithm::Sha512, &Sha512::digest(octets)).expect("64 octets")
    }

    /// What comes through if the content arrives in pieces of this length.
    fn sift(mut sieve: Sieve, content: &[u8], piece: usize) -> Result<Vec<u8>, SieveOffence> {
        let mut out = Vec::new();
        for octets in content.chunks(piece) {
            sieve.push(octets, &mut out)?;
        }
        sieve.finish(&mut out)?;
        assert_eq!(sieve.push(b"", &mut Vec::new()).err(), sieve.offence);
        Ok(out)
    }

    /// The same for pieces of several lengths.
    fn sifted(sieve: impl Fn() -> Sieve, content: &[u8]) -> Result<Vec<u8>, SieveOffence> {
        let whole = sift(sieve(), content, content.len().max(1));
        for piece in [1, 2, 7, 64, 1_000] {
            assert_eq!(sift(sieve(), content, piece), whole, "in pieces of {piece}");
        }
        whole
    }

    fn decoder(limit: u64) -> Sieve {
        Sieve::new(true, limit, Vec::new(), Vec::new())
    }

    #[test]
    fn plain_content_is_copied_and_counted() {
        let plain = |limit| move || Sieve::new(false, limit, Vec::new(), Vec::new());
        assert!(plain(9)().is_plain() && !decoder(9).is_plain());
        assert!(!Sieve::new(false, 9, vec![sha256(b"")], Vec::new()).is_plain());
        assert!(!Sieve::new(false, 9, Vec::new(), vec![sha256(b"")]).is_plain());
        assert_eq!(sifted(plain(40), TEXT).as_deref(), Ok(TEXT));
        assert_eq!(sifted(plain(39), TEXT), Err(SieveOffence::TooLarge));
        assert_eq!(sifted(plain(0), b""), Ok(Vec::new()));
    }

    #[test]
    fn gzip_is_decoded() {
        assert_eq!(sifted(|| decoder(40), &gzip(TEXT)).as_deref(), Ok(TEXT));
        assert_eq!(sifted(|| decoder(0), &gzip(b"")).as_deref(), Ok(&b""[..]));
        // RFC 1952 §2.2: several members are one content
        let members = [gzip(b"a"), gzip(b""), gzip(b"b")].concat();
        assert_eq!(sifted(|| decoder(40), &members).as_deref(), Ok(&b"ab"[..]));
        let noise: Vec<u8> = (0..50_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(sift(decoder(50_000), &gzip(&noise), 1_000), Ok(noise));
    }

    #[test]
    fn what_is_no_gzip_is_told() {
        let whole = gzip(TEXT);
        for end in 0..whole.len() {
            let offence = sifted(|| decoder(1_000), &whole[..end]).expect_err("it is cut");
            let expected = if end < whole.len() - 8 { SieveOffence::Truncated } else { SieveOffence::NotGzip };
            assert_eq!(offence, expected, "{end} of {}", whole.len());
        }
        for damaged in 0..whole.len() {
            let mut content = whole.clone();
            content[damaged] ^= 0x55;
            // the date, the system and the hint of how well it is compressed say nothing of the content
            let is_said = !(4..10).contains(&damaged);
            assert_eq!(sifted(|| decoder(1_000), &content).is_err(), is_said, "octet {damaged}");
        }
        assert_eq!(sifted(|| decoder(1_000), b"no gzip at all"), Err(SieveOffence::NotGzip));
        assert_eq!(sifted(|| decoder(1_000), &[&whole[..], b"behind"].concat()), Err(SieveOffence::Truncated));
        assert_eq!(sifted(|| decoder(1_000), &[&whole[..], b"something behind"].concat()), Err(SieveOffence::NotGzip));
    }

    #[test]
    fn what_grows_too_large_is_stopped() {
        assert_eq!(sifted(|| decoder(39), &gzip(TEXT)), Err(SieveOffence::TooLarge));
        let freely = usize::try_from(limits::DECODED_FREELY).expect("it fits");
        let zeros = gzip(&vec![0; freely + 100_000]);
        assert!((freely / zeros.len()) as u64 > limits::DECODED_RATIO, "zeros are a bomb");
        let mut out = Vec::new();
        assert_eq!(decoder(u64::MAX).push(&zeros, &mut out), Err(SieveOffence::Bomb));
        assert!(out.len() <= freely, "{} octets were kept", out.len());
        assert_eq!(sift(decoder(u64::MAX), &gzip(&vec![0; freely]), 10_000).map(|out| out.len()), Ok(freely));
        assert_eq!(sift(decoder(1_000), &zeros, 10_000), Err(SieveOffence::TooLarge));
    }

    #[test]
    fn content_digests_are_of_what_is_received() {
        let sieve = |gzip, digests: &[Digest]| {
            let digests = digests.to_vec();
            move || Sieve::new(gzip, 1_000, digests.clone(), Vec::new())
        };
        let packed = gzip(TEXT);
        assert_eq!(sifted(sieve(false, &[sha256(TEXT), sha512(TEXT)]), TEXT).as_deref(), Ok(TEXT));
        assert_eq!(sifted(sieve(true, &[sha256(&packed)]), &packed).as_deref(), Ok(TEXT));
        assert_eq!(sifted(sieve(true, &[sha256(TEXT)]), &packed), Err(SieveOffence::ContentDigest));
        assert_eq!(sifted(sieve(false, &[sha256(TEXT), sha512(b"")]), TEXT), Err(SieveOffence::ContentDigest));
        assert_eq!(sifted(sieve(false, &[sha256(TEXT)]), b""), Err(SieveOffence::ContentDigest));
    }

    #[test]
    fn digests_of_the_representation_are_of_either() {
        let sieve = |gzip, digests: &[Digest]| {
            let digests = digests.to_vec();
            move || Sieve::new(gzip, 1_000, Vec::new(), digests.clone())
        };
        let packed = gzip(TEXT);
        assert_eq!(sifted(sieve(false, &[sha512(TEXT)]), TEXT).as_deref(), Ok(TEXT));
        assert_eq!(sifted(sieve(true, &[sha256(&packed)]), &packed).as_deref(), Ok(TEXT));
        assert_eq!(sifted(sieve(true, &[sha256(TEXT)]), &packed).as_deref(), Ok(TEXT));
        assert_eq!(sifted(sieve(true, &[sha256(b"")]), &packed), Err(SieveOffence::ReprDigest));
        assert_eq!(sifted(sieve(true, &[sha256(TEXT), sha512(&packed)]), &packed), Err(SieveOffence::ReprDigest));
        assert_eq!(sifted(sieve(false, &[sha256(&packed)]), TEXT), Err(SieveOffence::ReprDigest));
    }
}
