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
pub enum ContentDecodeError {
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

impl fmt::Display for ContentDecodeError {
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

impl ContentDecodeError {
    /// What the decision is told.
    pub const fn failure(self) -> Failure {
        match self {
            ContentDecodeError::TooLarge | ContentDecodeError::Bomb => Failure::ContentGrewTooLarge,
            ContentDecodeError::NotGzip
            | ContentDecodeError::Truncated
            | ContentDecodeError::ContentDigest
            | ContentDecodeError::ReprDigest => Failure::ContentBroken,
        }
    }
}

/// A content decoder for one content. After an offence it lets nothing through any more.
#[derive(Debug)]
pub struct ContentDecoder {
    gzip: Option<Box<MultiGzDecoder<LineBuffer>>>,
    limit: u64,
    received: u64,
    content_digest: Proof,
    /// Of the octets as received. RFC 9530 §3 has it so: content codings belong to a representation (RFC 9110 §8.1).
    repr_digest: Proof,
    offence: Option<ContentDecodeError>,
}

impl ContentDecoder {
    /// A content decoder that decodes gzip or does not, lets so many octets through, and holds these digests against what it sees.
    pub fn new(gzip: bool, limit: u64, content_digest: Vec<Digest>, repr_digest: Vec<Digest>) -> ContentDecoder {
        // whoever digests a file and has it compressed on its way digests what is decoded, which proves as much
        let decoded_digest = if gzip { Proof::new(repr_digest.clone()) } else { Proof::default() };
        let room = LineBuffer { out: Vec::new(), limit, received: 0, decoded: 0, proof: decoded_digest, offence: None };
        ContentDecoder {
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
    pub fn push(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), ContentDecodeError> {
        if self.offence.is_none() {
            self.offence = self.take(octets, out).err();
        }
        self.offence.map_or(Ok(()), Err)
    }

    fn take(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), ContentDecodeError> {
        self.received = self.received.saturating_add(octets.len() as u64);
        self.content_digest.update(octets);
        self.repr_digest.update(octets);
        let Some(decoder) = &mut self.gzip else {
            if self.received > self.limit {
                return Err(ContentDecodeError::TooLarge);
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
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ContentDecodeError> {
        if self.offence.is_none() {
            self.offence = self.end(out).err();
        }
        self.offence.map_or(Ok(()), Err)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ContentDecodeError> {
        let mut decoded = Proof::default();
        if let Some(decoder) = &mut self.gzip {
            lend(decoder, out, MultiGzDecoder::try_finish)?;
            decoded = mem::take(&mut decoder.get_mut().proof);
        }
        if !mem::take(&mut self.content_digest).holds() {
            return Err(ContentDecodeError::ContentDigest);
        }
        let repr_digest = mem::take(&mut self.repr_digest);
        if repr_digest.is_empty() || repr_digest.holds() || !decoded.is_empty() && decoded.holds() {
            Ok(())
        } else {
            Err(ContentDecodeError::ReprDigest)
        }
    }
}

/// Lets the decoder work while `out` is where it writes to.
fn lend(
    decoder: &mut MultiGzDecoder<LineBuffer>,
    out: &mut Vec<u8>,
    work: impl FnOnce(&mut MultiGzDecoder<LineBuffer>) -> io::Result<()>,
) -> Result<(), ContentDecodeError> {
    mem::swap(&mut decoder.get_mut().out, out);
    let worked = work(decoder);
    let room = decoder.get_mut();
    mem::swap(&mut room.out, out);
    worked.map_err(|error| match (room.offence, error.kind()) {
        (Some(offence), _) => offence,
        (None, ErrorKind::UnexpectedEof) => ContentDecodeError::Truncated,
        (None, _) => ContentDecodeError::NotGzip,
    })
}

/// Where the decoder writes to: it refuses what grows too large before it is kept.
#[derive(Debug)]
struct LineBuffer {
    out: Vec<u8>,
    limit: u64,
    received: u64,
    decoded: u64,
    proof: Proof,
    offence: Option<ContentDecodeError>,
}

impl Write for LineBuffer {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.decoded = self.decoded.saturating_add(octets.len() as u64);
        let is_bomb = self.decoded > limits::DECODED_FREELY && self.decoded / limits::DECODED_RATIO > self.received;
        if self.decoded > self.limit || is_bomb {
            self.offence = Some(if is_bomb { ContentDecodeError::Bomb } else { ContentDecodeError::TooLarge });
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
    fn sift(mut content_decoder: ContentDecoder, content: &[u8], piece: usize) -> Result<Vec<u8>, ContentDecodeError> {
        let mut out = Vec::new();
        for octets in content.chunks(piece) {
            content_decoder.push(octets, &mut out)?;
        }
        content_decoder.finish(&mut out)?;
        assert_eq!(content_decoder.push(b"", &mut Vec::new()).err(), content_decoder.offence);
        Ok(out)
    }

    /// The same for pieces of several lengths.
    fn sifted(content_decoder: impl Fn() -> ContentDecoder, content: &[u8]) -> Result<Vec<u8>, ContentDecodeError> {
        let whole = sift(content_decoder(), content, content.len().max(1));
        for piece in [1, 2, 7, 64, 1_000] {
            assert_eq!(sift(content_decoder(), content, piece), whole, "in pieces of {piece}");
        }
        whole
    }

    fn decoder(limit: u64) -> ContentDecoder {
        ContentDecoder::new(true, limit, Vec::new(), Vec::new())
    }

    #[test]
    fn plain_content_is_copied_and_counted() {
        let plain = |limit| move || ContentDecoder::new(false, limit, Vec::new(), Vec::new());
        assert!(plain(9)().is_plain() && !decoder(9).is_plain());
        assert!(!ContentDecoder::new(false, 9, vec![sha256(b"")], Vec::new()).is_plain());
        assert!(!ContentDecoder::new(false, 9, Vec::new(), vec![sha256(b"")]).is_plain());
        assert_eq!(sifted(plain(40), TEXT).as_deref(), Ok(TEXT));
        assert_eq!(sifted(plain(39), TEXT), Err(ContentDecodeError::TooLarge));
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
            let expected =
                if end < whole.len() - 8 { ContentDecodeError::Truncated } else { ContentDecodeError::NotGzip };
            assert_eq!(offence, expected, "{end} of {}", whole.len());
        }
        for damaged in 0..whole.len() {
            let mut content = whole.clone();
            content[damaged] ^= 0x55;
            // the date, the system and the hint of how well it is compressed say nothing of the content
            let is_said = !(4..10).contains(&damaged);
            assert_eq!(sifted(|| decoder(1_000), &content).is_err(), is_said, "octet {damaged}");
        }
        assert_eq!(sifted(|| decoder(1_000), b"no gzip at all"), Err(ContentDecodeError::NotGzip));
        assert_eq!(sifted(|| decoder(1_000), &[&whole[..], b"behind"].concat()), Err(ContentDecodeError::Truncated));
        assert_eq!(
            sifted(|| decoder(1_000), &[&whole[..], b"something behind"].concat()),
            Err(ContentDecodeError::NotGzip)
        );
    }

    #[test]
    fn what_grows_too_large_is_stopped() {
        assert_eq!(sifted(|| decoder(39), &gzip(TEXT)), Err(ContentDecodeError::TooLarge));
        let freely = usize::try_from(limits::DECODED_FREELY).expect("it fits");
        let zeros = gzip(&vec![0; freely + 100_000]);
        assert!((freely / zeros.len()) as u64 > limits::DECODED_RATIO, "zeros are a bomb");
        let mut out = Vec::new();
        assert_eq!(decoder(u64::MAX).push(&zeros, &mut out), Err(ContentDecodeError::Bomb));
        assert!(out.len() <= freely, "{} octets were kept", out.len());
        assert_eq!(sift(decoder(u64::MAX), &gzip(&vec![0; freely]), 10_000).map(|out| out.len()), Ok(freely));
        assert_eq!(sift(decoder(1_000), &zeros, 10_000), Err(ContentDecodeError::TooLarge));
    }

    #[test]
    fn content_digests_are_of_what_is_received() {
        let content_decoder = |gzip, digests: &[Digest]| {
            let digests = digests.to_vec();
            move || ContentDecoder::new(gzip, 1_000, digests.clone(), Vec::new())
        };
        let packed = gzip(TEXT);
        assert_eq!(sifted(content_decoder(false, &[sha256(TEXT), sha512(TEXT)]), TEXT).as_deref(), Ok(TEXT));
        assert_eq!(sifted(content_decoder(true, &[sha256(&packed)]), &packed).as_deref(), Ok(TEXT));
        assert_eq!(sifted(content_decoder(true, &[sha256(TEXT)]), &packed), Err(ContentDecodeError::ContentDigest));
        assert_eq!(
            sifted(content_decoder(false, &[sha256(TEXT), sha512(b"")]), TEXT),
            Err(ContentDecodeError::ContentDigest)
        );
        assert_eq!(sifted(content_decoder(false, &[sha256(TEXT)]), b""), Err(ContentDecodeError::ContentDigest));
    }

    #[test]
    fn digests_of_the_representation_are_of_either() {
        let content_decoder = |gzip, digests: &[Digest]| {
            let digests = digests.to_vec();
            move || ContentDecoder::new(gzip, 1_000, Vec::new(), digests.clone())
        };
        let packed = gzip(TEXT);
        assert_eq!(sifted(content_decoder(false, &[sha512(TEXT)]), TEXT).as_deref(), Ok(TEXT));
        assert_eq!(sifted(content_decoder(true, &[sha256(&packed)]), &packed).as_deref(), Ok(TEXT));
        assert_eq!(sifted(content_decoder(true, &[sha256(TEXT)]), &packed).as_deref(), Ok(TEXT));
        assert_eq!(sifted(content_decoder(true, &[sha256(b"")]), &packed), Err(ContentDecodeError::ReprDigest));
        assert_eq!(
            sifted(content_decoder(true, &[sha256(TEXT), sha512(&packed)]), &packed),
            Err(ContentDecodeError::ReprDigest)
        );
        assert_eq!(sifted(content_decoder(false, &[sha256(&packed)]), TEXT), Err(ContentDecodeError::ReprDigest));
    }
}
