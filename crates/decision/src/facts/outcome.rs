//! What came of the action.

use semantics::date::Date;
use semantics::fault::ContentFault;
use semantics::prefer::Return;
use semantics::status::Status;
use semantics::tag::EntityTag;

use crate::condition::Condition;

/// Why a action was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is named after the question that asks for it, or the error type of RFC 9209 §2.3
#[non_exhaustive]
pub enum Failure {
    // our own actions
    ContentStalled,
    ContentGrewTooLarge,
    ContentBroken,
    ContentMalformed,
    MediaTypeBelied,
    ContentUnprocessable,
    MappedMeanwhile,
    StateConflict,
    PreconditionLost,
    BindingOverwriteRefused,
    SubjectMissing,
    SubjectForbidden,
    SubjectProtected,
    SubjectLocked,
    DependencyFailed,
    StorageInsufficient,
    BindingLoop,
    StoreUnreachable,
    // forwarding: RFC 9209 §2.3
    DnsTimeout,
    DnsError,
    DestinationIpProhibited,
    DestinationIpUnroutable,
    ConnectionTimeout,
    ConnectionRefused,
    ConnectionFailed,
    TlsCertificateError,
    TlsAlertReceived,
    TlsProtocolError,
    ClientContentStalled,
    ClientContentTooLarge,
    ClientContentBroken,
    ConnectionWriteTimeout,
    ConnectionTerminatedOnWrite,
    ConnectionReadTimeout,
    HttpResponseTimeout,
    ConnectionTerminated,
    HttpResponseIncomplete,
    HttpResponseHeaderSectionSize,
    HttpResponseTransferCoding,
    HttpUpgradeFailed,
    HttpProtocolError,
    /// A fault of ours.
    Internal,
}

/// What came of the action.
///
/// Construct it with `..Outcome::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// Why it was not done; `None`: it was.
    pub failure: Option<Failure>,
    /// The condition of WebDAV that did not hold, if it has a name (RFC 4918 §16).
    pub condition: Option<Condition>,
    /// The path of the resource that it is about, ready to be written.
    pub subject: Option<&'a [u8]>,
    /// What was wrong with the content, if that was why.
    pub content_fault: Option<ContentFault>,
    /// Taken on, not done yet.
    pub later: bool,
    /// Several outcomes, each to be walked from `outcome`.
    pub parts: bool,
    /// Something exists that did not.
    pub created: bool,
    /// The answer is to be fetched from another URI.
    pub elsewhere: bool,
    /// That URI, or the one of what was created: the value of Location.
    pub location: Option<&'a [u8]>,
    /// The client's form is to be set back.
    pub reset: bool,
    /// (member) Its members were reported under another binding.
    pub reported: bool,
    /// There is a result to tell.
    pub content: bool,
    /// Its media type, if the action made it.
    pub media_type: Option<&'a str>,
    /// Its length in octets.
    pub length: u64,
    /// The entity tag of what stands at the target now.
    pub tag: Option<EntityTag<'a>>,
    /// Its modification date.
    pub modified: Option<Date>,
    /// The token of the lock that was made.
    pub lock_token: Option<&'a str>,
    /// What the client preferred to be answered with, and is.
    pub returned: Option<Return>,
    /// It is, or was, an upload: octets stored of it.
    pub upload_offset: Option<u64>,
    /// All of the upload is here.
    pub upload_complete: Option<bool>,
    /// (upgrade) The awaited content arrived.
    pub content_arrived: bool,
    /// (forwarding) CONNECT succeeded.
    pub tunnel: bool,
    /// (forwarding) 304 to our own validator: the stored response is fresh again.
    pub validated: bool,
    /// (forwarding) We transformed the content of a 200.
    pub transformed: bool,
    /// (forwarding) It failed, and a stale stored response may be used.
    pub stale_allowed: bool,
    /// (forwarding) It failed, and the stored response may not be used unvalidated.
    pub validation_required: bool,
    /// (forwarding) The upstream's status.
    pub status: Option<Status>,
}

impl Outcome<'_> {
    /// Nothing special.
    pub const DEFAULT: Outcome<'static> = Outcome {
        failure: None,
        condition: None,
        subject: None,
        content_fault: None,
        later: false,
        parts: false,
        created: false,
        elsewhere: false,
        location: None,
        reset: false,
        reported: false,
        content: false,
        media_type: None,
        length: 0,
        tag: None,
        modified: None,
        lock_token: None,
        returned: None,
        upload_offset: None,
        upload_complete: None,
        content_arrived: true,
        tunnel: false,
        validated: false,
        transformed: false,
        stale_allowed: false,
        validation_required: false,
        status: None,
    };
}

impl Default for Outcome<'_> {
    #[inline]
    fn default() -> Self {
        Outcome::DEFAULT
    }
}
