//! The content of a request, taken out of its framing (RFC 9112 §6, §7).
//!
//! Every octet is looked at once and nothing is kept, so the buffer it came in can be given away after each step. The
//! grammar of chunks is taken at its word: a size is hexadecimal digits and nothing else, lines end with CRLF, a chunk
//! ends where its size says. Chunk extensions are ignored and limited. Trailers are checked, limited and thrown away:
//! none of them is defined to change what a head has said (RFC 9112 §7.1.2).

use core::ops::Range;

use semantics::fault::ContentFault;
use semantics::limits;
use semantics::request::Framing;
use semantics::syntax::{is_ows, is_tchar};

use crate::octets::is_text;

/// What came of the octets so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentStep {
    /// More must come; so many octets are done with.
    Incomplete {
        /// Octets done with.
        consumed: usize,
    },
    /// These octets are content; they and all before them are done with. There may be more behind them.
    Data(Range<usize>),
    /// The content has come to its end after so many octets; the next request begins there.
    End {
        /// Octets done with.
        consumed: usize,
    },
    /// The framing is broken. Nothing more can be read from this connection.
    Fault(ContentFault),
}

impl ContentStep {
    /// Octets done with after this step.
    pub fn consumed(&self) -> usize {
        match self {
            ContentStep::Incomplete { consumed } | ContentStep::End { consumed } => *consumed,
            ContentStep::Data(range) => range.end,
            ContentStep::Fault(_) => 0,
        }
    }
}

/// What the next octet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ContentState {
    /// Content of announced length.
    Length,
    /// The first digit of a chunk's size.
    SizeStart,
    /// Its other digits.
    Size,
    /// White space behind it, which only an extension may follow.
    SizeSpace,
    Extension,
    /// The LF after the size, the CR being there.
    SizeLf,
    Chunk,
    ChunkCr,
    ChunkLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    /// The LF of the empty line at the end.
    EndLf,
    Ended,
}

/// Reads the content of one request.
#[derive(Clone, Debug)]
pub struct ContentReader {
    state: ContentState,
    /// Octets left of the content, or of the chunk.
    left: u64,
    /// Octets of content that are still taken.
    allowed: u64,
    /// Octets of this chunk's line, of all extensions, of the trailers.
    line: usize,
    extensions: usize,
    trailers: usize,
}

impl ContentReader {
    /// A reader of content that is delimited in this way.
    pub fn new(framing: Framing) -> ContentReader {
        let (state, left) = match framing {
            Framing::None | Framing::Length(0) => (ContentState::Ended, 0),
            Framing::Length(left) => (ContentState::Length, left),
            Framing::Unannounced => (ContentState::SizeStart, 0),
        };
        ContentReader { state, left, allowed: u64::MAX, line: 0, extensions: 0, trailers: 0 }
    }

    /// Takes at most so many octets of content from now on; as soon as more are announced, the content is `TooLarge`.
    pub fn allow(&mut self, octets: u64) {
        self.allowed = octets;
    }

    /// Octets that can be taken straight from the connection, since they are content whatever they are: as far as content of
    /// announced length is still to come, and taken.
    pub fn plain(&self) -> u64 {
        if self.state == ContentState::Length && self.left <= self.allowed { self.left } else { 0 }
    }

    /// So many of these were taken.
    pub fn take(&mut self, octets: u64) {
        debug_assert!(octets <= self.plain(), "only what is plain can be taken unread");
        self.left -= octets.min(self.left);
        self.allowed -= octets.min(self.allowed);
        if self.left == 0 && self.state == ContentState::Length {
            self.state = ContentState::Ended;
        }
    }

    /// Octets of content still to come, if that was announced.
    pub fn remaining(&self) -> Option<u64> {
        match self.state {
            ContentState::Ended => Some(0),
            ContentState::Length => Some(self.left),
            _ => None,
        }
    }

    /// Has all of it been read?
    pub fn ended(&self) -> bool {
        self.state == ContentState::Ended
    }

    /// The fault of content that stops before its end because its connection was closed.
    pub fn truncated(&self) -> Option<ContentFault> {
        (!self.ended()).then_some(ContentFault::Truncated)
    }

    /// The fault of content that stops arriving before its end for longer than we wait.
    pub fn stalled(&self) -> Option<ContentFault> {
        (!self.ended()).then_some(ContentFault::Stalled)
    }

    /// Reads on. `octets` are those that earlier steps have not done with.
    pub fn read(&mut self, octets: &[u8]) -> ContentStep {
        let mut at = 0;
        loop {
            match self.state {
                ContentState::Ended => return ContentStep::End { consumed: at },
                ContentState::Length | ContentState::Chunk => return self.data(octets, at),
                _ => {}
            }
            let Some(&octet) = octets.get(at) else {
                return ContentStep::Incomplete { consumed: at };
            };
            at += 1;
            match self.step(octet) {
                Ok(state) => self.state = state,
                Err(fault) => return ContentStep::Fault(fault),
            }
        }
    }

    fn data(&mut self, octets: &[u8], at: usize) -> ContentStep {
        if self.left > self.allowed {
            return ContentStep::Fault(ContentFault::TooLarge);
        }
        let here = octets.len() - at;
        let length = usize::try_from(self.left).map_or(here, |left| left.min(here));
        if length == 0 {
            return ContentStep::Incomplete { consumed: at };
        }
        self.left -= length as u64;
        self.allowed -= length as u64;
        if self.left == 0 {
            self.state = if self.state == ContentState::Length { ContentState::Ended } else { ContentState::ChunkCr };
        }
        ContentStep::Data(at..at + length)
    }

    /// Where an octet of the framing leads.
    fn step(&mut self, octet: u8) -> Result<ContentState, ContentFault> {
        use ContentState::{
            ChunkCr, ChunkLf, EndLf, Ended, Extension, Size, SizeLf, SizeSpace, SizeStart, TrailerLf, TrailerName,
            TrailerStart, TrailerValue,
        };
        match self.state {
            SizeStart | Size | SizeSpace | Extension => self.size_line(octet),
            SizeLf if octet != b'\n' => Err(ContentFault::ChunkSize),
            SizeLf if self.left > 0 => Ok(ContentState::Chunk),
            SizeLf => Ok(TrailerStart),
            ChunkCr if octet == b'\r' => Ok(ChunkLf),
            ChunkLf if octet == b'\n' => {
                self.line = 0;
                Ok(SizeStart)
            }
            ChunkCr | ChunkLf => Err(ContentFault::ChunkEnd),
            TrailerStart | TrailerName | TrailerValue | TrailerLf | EndLf => self.trailer(octet),
            ContentState::Length | ContentState::Chunk | Ended => Ok(self.state),
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF` (RFC 9112 §7.1, §7.1.1).
    fn size_line(&mut self, octet: u8) -> Result<ContentState, ContentFault> {
        let digit = char::from(octet).to_digit(16);
        let state = match (self.state, octet) {
            (ContentState::SizeStart | ContentState::Size, _) if let Some(digit) = digit => {
                if self.left >> 60 != 0 {
                    return Err(ContentFault::ChunkSize);
                }
                self.left = self.left << 4 | u64::from(digit);
                ContentState::Size
            }
            (ContentState::Size | ContentState::Extension, b'\r') => return Ok(ContentState::SizeLf),
            (ContentState::Size | ContentState::SizeSpace, b';') => ContentState::Extension,
            (ContentState::Size | ContentState::SizeSpace, _) if is_ows(octet) => ContentState::SizeSpace,
            (ContentState::Extension, _) if is_text(octet) => ContentState::Extension,
            _ => return Err(ContentFault::ChunkSize),
        };
        self.line += 1;
        self.extensions += usize::from(state != ContentState::Size);
        if self.line > limits::CHUNK_LINE || self.extensions > limits::CHUNK_EXTENSIONS {
            return Err(ContentFault::ChunkLine);
        }
        Ok(state)
    }

    /// `*( field-line CRLF ) CRLF` (RFC 9112 §7.1.2).
    fn trailer(&mut self, octet: u8) -> Result<ContentState, ContentFault> {
        self.trailers += 1;
        if self.trailers > limits::TRAILERS {
            return Err(ContentFault::TrailersTooLarge);
        }
        match (self.state, octet) {
            (ContentState::TrailerStart, b'\r') => Ok(ContentState::EndLf),
            (ContentState::TrailerStart | ContentState::TrailerName, _) if is_tchar(octet) => {
                Ok(ContentState::TrailerName)
            }
            (ContentState::TrailerName, b':') => Ok(ContentState::TrailerValue),
            (ContentState::TrailerValue, b'\r') => Ok(ContentState::TrailerLf),
            (ContentState::TrailerValue, _) if is_text(octet) => Ok(ContentState::TrailerValue),
            (ContentState::TrailerLf, b'\n') => Ok(ContentState::TrailerStart),
            (ContentState::EndLf, b'\n') => Ok(ContentState::Ended),
            _ => Err(ContentFault::Trailer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_remains_is_known_when_it_was_announced() {
        let mut reader = ContentReader::new(Framing::Length(5));
        assert_eq!(reader.remaining(), Some(5));
        assert_eq!(reader.read(b"abc"), ContentStep::Data(0..3));
        assert_eq!((reader.remaining(), reader.ended()), (Some(2), false));
        assert_eq!(reader.read(b""), ContentStep::Incomplete { consumed: 0 });
        assert_eq!(reader.truncated(), Some(ContentFault::Truncated));
        assert_eq!(reader.stalled(), Some(ContentFault::Stalled));
        assert_eq!(reader.read(b"deGET"), ContentStep::Data(0..2));
        assert_eq!(reader.read(b"GET"), ContentStep::End { consumed: 0 });
        assert_eq!((reader.remaining(), reader.truncated()), (Some(0), None));
        assert_eq!(ContentReader::new(Framing::Unannounced).remaining(), None);
        assert!(ContentReader::new(Framing::None).ended());
    }

    #[test]
    fn more_than_is_allowed_is_refused_when_it_is_announced() {
        let mut known = ContentReader::new(Framing::Length(6));
        known.allow(5);
        assert_eq!(known.read(b""), ContentStep::Fault(ContentFault::TooLarge));
        let mut chunked = ContentReader::new(Framing::Unannounced);
        chunked.allow(5);
        assert_eq!(chunked.read(b"3\r\nabc\r\n"), ContentStep::Data(3..6));
        assert_eq!(chunked.read(b"\r\n3\r\n"), ContentStep::Fault(ContentFault::TooLarge));
    }

    #[test]
    fn content_of_announced_length_can_be_taken_unread() {
        let mut known = ContentReader::new(Framing::Length(5));
        assert_eq!(known.plain(), 5);
        assert_eq!(known.read(b"ab"), ContentStep::Data(0..2));
        assert_eq!(known.plain(), 3);
        known.take(2);
        assert_eq!((known.plain(), known.remaining()), (1, Some(1)));
        known.take(1);
        assert_eq!((known.plain(), known.ended()), (0, true));
        let mut short = ContentReader::new(Framing::Length(5));
        short.allow(4);
        assert_eq!(short.plain(), 0, "what is too large is not taken");
        assert_eq!(ContentReader::new(Framing::Unannounced).plain(), 0);
    }

    #[test]
    fn the_largest_chunk_can_be_counted() {
        let mut reader = ContentReader::new(Framing::Unannounced);
        assert_eq!(reader.read(b"ffffffffffffffff\r\n"), ContentStep::Incomplete { consumed: 18 });
        assert_eq!(reader.read(b"abc"), ContentStep::Data(0..3));
        let mut reader = ContentReader::new(Framing::Unannounced);
        assert_eq!(reader.read(b"10000000000000000\r\n"), ContentStep::Fault(ContentFault::ChunkSize));
    }
}
