//! The content of a response as a list of stretches: octets in memory, and parts of files that the kernel sends.
//!
//! What it means is not known here; the transport only moves it.

use std::fs::File;
use std::ops::Range;
use std::rc::Rc;

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

/// The content of a response.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// There is none.
    #[default]
    Empty,
    /// It is in one piece.
    One(Segment),
    /// It is in several: the parts of a multipart.
    Many(Vec<Segment>),
}

impl Body {
    /// Its pieces.
    pub fn segments(&self) -> &[Segment] {
        match self {
            Body::Empty => &[],
            Body::One(segment) => std::slice::from_ref(segment),
            Body::Many(segments) => segments,
        }
    }

    /// How many octets it has.
    pub fn len(&self) -> u64 {
        self.segments().iter().map(Segment::len).sum()
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
