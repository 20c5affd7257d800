//! What stands at the target.

use semantics::date::Date;
use semantics::field::Rendered;
use semantics::tag::EntityTag;

use super::Bar;

/// How long a target stays elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// For good.
    Permanently,
    /// For now.
    Temporarily,
}

/// Why the system beneath denies a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The server's own user may not read it.
    Permission,
    /// It leads out of what is served.
    Outside,
    /// It is neither a file nor a collection: a device, a socket, a pipe.
    Special,
    /// It is a collection without an index, and listing its members is off.
    Unlisted,
    /// The name is the server's own.
    Reserved,
}

/// What stands at the target.
///
/// Construct it with `..Target::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Something is mapped to the target.
    pub exists: bool,
    /// Finding out failed.
    pub lookup_failed: bool,
    /// The system beneath denies access to it.
    pub lookup_denied: Option<Denial>,
    /// It is known to be elsewhere.
    pub moved: Option<Moved>,
    /// Where it is: the value of Location.
    pub location: Option<&'a [u8]>,
    /// The rule of the move keeps the method, POST included; PUT, DELETE and the like always are.
    pub keeps_method: bool,
    /// A thing that cannot be sent; GET is shown its description.
    pub described_elsewhere: bool,
    /// It is reached only through a named proxy, and the request did not come through it.
    pub proxy_required: bool,
    /// The operator declared it removed for good.
    pub gone: bool,
    /// A name in its path is longer than the file system holds.
    pub name_too_long: bool,
    /// The collection that it would be a member of exists.
    pub parent_exists: bool,
    /// This patch format can make the resource.
    pub patch_creates: bool,
    /// It is a collection.
    pub collection: bool,
    /// It is an upload, with so many octets stored.
    pub upload_offset: Option<u64>,
    /// All of the upload is here.
    pub upload_complete: bool,
    /// How many octets the upload will have, if that is known.
    pub upload_length: Option<u64>,
    /// Something is mapped to the destination.
    pub destination_exists: bool,
    /// The destination's parent collection exists.
    pub destination_parent_exists: bool,
    /// A rule of the destination bars what would be done there.
    pub destination_bar: Option<Bar>,
    /// A rule bars what would be done to something beneath the target or the destination.
    pub member_bar: Option<Bar>,
    /// The path of what is barred so, ready to be written.
    pub barred_at: Option<&'a [u8]>,
    /// A list of the If header is true of what it names.
    pub if_lists_hold: bool,
    /// A write lock bears on what the method would change: its token.
    pub lock_token: Option<&'a [u8]>,
    /// The path of the resource on which that lock was made, ready to be written.
    pub lock_root: Option<&'a [u8]>,
    /// This client made that lock.
    pub lock_creator: bool,
    /// The entity tag of the selected representation.
    pub tag: Option<EntityTag<'a>>,
    /// Its modification date.
    pub modified: Option<Date>,
    /// Its length in octets.
    pub length: u64,
    /// It has none: it goes on as long as somebody reads it.
    pub endless: bool,
    /// Its media type, with its charset.
    pub media_type: Option<&'a str>,
    /// Its content coding.
    pub content_coding: Option<&'a str>,
    /// The request fields that had a part in selecting it: the value of Vary.
    pub vary: Option<&'a str>,
    /// Parts of it can be sent.
    pub ranges: bool,
    /// The fields of a whole representation, written before.
    pub rendered: Option<&'a Rendered>,
    /// We made its content: a listing.
    pub generated: bool,
    /// What its content may do in a browser, if it needs more than what we make usually does: Content-Security-Policy.
    pub policy: Option<&'a str>,
    /// How many representations there are to choose from.
    pub variants: u32,
    /// One fits what the request accepts.
    pub variant_acceptable: bool,
    /// The choice is the client's.
    pub list_response: bool,
    /// The chosen one has variants of its own.
    pub variant_negotiates: bool,
    /// An upload to it can be resumed.
    pub resumable: bool,
    /// The method is expected to take long here.
    pub slow: bool,
    /// There are fields worth sending ahead.
    pub hints: bool,
    /// Earlier instances that we can make a difference from.
    pub delta_bases: &'a [EntityTag<'a>],
    /// There is a representation to send.
    pub representation: bool,
    /// It is still being made.
    pub pending: bool,
}

impl Target<'_> {
    /// Nothing special, and what a client claims of it is true: the lists of If hold, and it made the locks whose tokens it
    /// submits. For worlds that are supposed or replayed; whoever serves has looked.
    pub const fn open() -> Target<'static> {
        Target { if_lists_hold: true, lock_creator: true, ..Target::DEFAULT }
    }

    /// Nothing special; what protects it is not known to hold.
    pub const DEFAULT: Target<'static> = Target {
        exists: true,
        lookup_failed: false,
        lookup_denied: None,
        moved: None,
        location: None,
        keeps_method: false,
        described_elsewhere: false,
        proxy_required: false,
        gone: false,
        name_too_long: false,
        parent_exists: true,
        patch_creates: false,
        collection: false,
        upload_offset: None,
        upload_complete: false,
        upload_length: None,
        destination_exists: false,
        destination_parent_exists: true,
        destination_bar: None,
        member_bar: None,
        barred_at: None,
        if_lists_hold: false,
        lock_token: None,
        lock_root: None,
        lock_creator: false,
        tag: None,
        modified: None,
        length: 0,
        endless: false,
        media_type: None,
        content_coding: None,
        vary: None,
        ranges: false,
        rendered: None,
        generated: false,
        policy: None,
        variants: 1,
        variant_acceptable: true,
        list_response: false,
        variant_negotiates: false,
        resumable: false,
        slow: false,
        hints: false,
        delta_bases: &[],
        representation: true,
        pending: false,
    };
}

impl Default for Target<'_> {
    #[inline]
    fn default() -> Self {
        Target::DEFAULT
    }
}
