//! The content of a response: octets in memory, parts of files that the kernel sends, or a stream that is made as it is sent.
//!
//! What it means is not known here, nor how it is delimited; a driver only moves it.

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::rc::Rc;
use std::task::{Context, Poll};

/// One stretch of content.
#[derive(Clone, Debug)]
pub enum Segment {
    /// Octets that others hold too: a file kept in memory.
    Shared(Rc<[u8]>, Range<usize>),
    /// Octets made for this response.
    Owned(Vec<u8>),
    /// A part of a file, sent by the kernel.
    File {
        /// The file.
        file: Rc<File>,
        /// The first octet.
        offset: u64,
        /// How many octets.
        length: u64,
    },
}

impl Segment {
    /// How many octets it has.
    pub fn len(&self) -> u64 {
        match self {
            Segment::Shared(_, range) => range.len() as u64,
            Segment::Owned(octets) => octets.len() as u64,
            Segment::File { length, .. } => *length,
        }
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its octets, if they are in memory.
    pub fn octets(&self) -> Option<&[u8]> {
        match self {
            Segment::Shared(octets, range) => octets.get(range.clone()),
            Segment::Owned(octets) => Some(octets),
            Segment::File { .. } => None,
        }
    }
}

/// Content that is made while it is sent. It is asked for more only when the client has taken what there was.
pub trait BodyStream {
    /// Appends the next octets to `into`; about [`STREAMED`] at a time are enough.
    fn poll_next(&mut self, context: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Next>;

    /// How many octets it has in all, if that is known beforehand.
    fn length(&self) -> Option<u64> {
        None
    }

    /// Fields that follow the content (RFC 9110 §6.5), once it has ended.
    fn trailers(&mut self) -> Vec<Trailer> {
        Vec::new()
    }
}

/// A field that follows the content: its name and its value.
pub type Trailer = (Vec<u8>, Vec<u8>);

/// What a stream gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Some octets; more may follow.
    More,
    /// The last octets, or none: the content is whole.
    End,
    /// The content cannot be brought to its end. The client must see that it is not whole (RFC 9112 §8).
    Failed,
}

/// Octets of a stream that are batched writer before they are sent: enough for a full segment of the network, small enough that
/// thousands of streams fit into memory.
pub const STREAMED: usize = 16_384;

/// The content of a response.
#[derive(Default)]
pub enum Body {
    /// There is none.
    #[default]
    Empty,
    /// It is in one piece.
    One(Segment),
    /// It is in several: the parts of a multipart.
    Many(Vec<Segment>),
    /// It is made while it is sent.
    Stream(Box<dyn BodyStream>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Stream(stream) => f.debug_tuple("Stream").field(&stream.length()).finish(),
            known => f.debug_list().entries(known.segments()).finish(),
        }
    }
}

impl Body {
    /// Its pieces, as far as they exist already.
    pub fn segments(&self) -> &[Segment] {
        match self {
            Body::Empty | Body::Stream(_) => &[],
            Body::One(segment) => std::slice::from_ref(segment),
            Body::Many(segments) => segments,
        }
    }

    /// How many octets it has; None if that is not known.
    pub fn length(&self) -> Option<u64> {
        match self {
            Body::Stream(stream) => stream.length(),
            known => Some(known.segments().iter().map(Segment::len).sum()),
        }
    }

    /// Is there nothing to send?
    pub fn is_empty(&self) -> bool {
        self.length() == Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Endless;

    impl BodyStream for Endless {
        fn poll_next(&mut self, _: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Next> {
            into.push(b'x');
            Poll::Ready(Next::More)
        }
    }

    #[test]
    fn a_length_is_told_where_it_is_known() {
        let owned = |text: &str| Segment::Owned(text.as_bytes().to_vec());
        let shared = Segment::Shared(Rc::from(&b"abcdef"[..]), 1..4);
        assert_eq!(shared.octets(), Some(&b"bcd"[..]));
        assert_eq!(Body::Many(vec![owned("ab"), shared]).length(), Some(5));
        assert_eq!((Body::Empty.length(), Body::Stream(Box::new(Endless)).length()), (Some(0), None));
        assert!(!Body::Stream(Box::new(Endless)).is_empty() && Body::One(owned("")).is_empty());
    }
}
