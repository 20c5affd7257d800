//! A file as it is kept: what is known of it, and its content or the way to it.

use std::borrow::Cow;
use std::fs::File;
use std::rc::Rc;

use decision::facts::Target;
use exchange::body::Segment;
use semantics::field::Rendered;

use crate::validators::{Identity, Validators};

/// Where the octets are.
#[derive(Debug)]
pub(crate) enum Content {
    /// In memory.
    Octets(Rc<[u8]>),
    /// In the open file.
    Open(Rc<File>),
}

/// One state of one file.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The state that was seen.
    pub(crate) identity: Identity,
    validators: Validators,
    media_type: Cow<'static, str>,
    content: Content,
    /// It stands for a collection: it is its index.
    collection: bool,
    rendered: Rendered,
}

/// What the caller makes of the facts once, to be sent many times.
pub(crate) type Render = dyn Fn(&Target<'_>) -> Rendered;

impl Entry {
    pub(crate) fn new(
        identity: Identity,
        validators: Validators,
        media_type: Cow<'static, str>,
        content: Content,
        collection: bool,
        render: &Render,
    ) -> Entry {
        let mut entry = Entry { identity, validators, media_type, content, collection, rendered: Rendered::default() };
        entry.rendered = render(&entry.facts());
        entry
    }

    /// The facts.
    #[inline]
    pub(crate) fn facts(&self) -> Target<'_> {
        Target {
            tag: Some(self.validators.tag()),
            modified: Some(self.validators.modified),
            length: self.identity.size,
            media_type: Some(&self.media_type),
            collection: self.collection,
            ranges: true,
            rendered: (!self.rendered.octets().is_empty()).then_some(&self.rendered),
            ..Target::default()
        }
    }

    /// A part of the content, clamped to its length.
    pub(crate) fn segment(&self, first: u64, length: u64) -> Segment {
        match &self.content {
            Content::Octets(octets) => stretch(octets, first, length),
            Content::Open(file) => {
                let length = length.min(self.identity.size.saturating_sub(first));
                Segment::File { file: Rc::clone(file), offset: first, length }
            }
        }
    }

    /// How many octets of memory it holds.
    pub(crate) fn weight(&self) -> usize {
        let content = match &self.content {
            Content::Octets(octets) => octets.len(),
            Content::Open(_) => 0,
        };
        content + self.rendered.octets().len() + size_of::<Entry>()
    }

    /// Does it hold a file open?
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.content, Content::Open(_))
    }

    /// May it be kept on when the file still looks the same? Not while its tag is weak: the look that makes it strong must
    /// be one at the content too, for it may have changed without a trace since it was read.
    pub(crate) const fn lasting(&self) -> bool {
        self.validators.lasting()
    }
}

/// A stretch of octets in memory, cut where they end.
pub(crate) fn stretch(octets: &Rc<[u8]>, first: u64, length: u64) -> Segment {
    let place = |at: u64| usize::try_from(at).map_or(octets.len(), |at| at.min(octets.len()));
    Segment::Shared(Rc::clone(octets), place(first)..place(first.saturating_add(length)))
}
