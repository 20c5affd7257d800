//! The rules in force.

use semantics::method::Methods;
use semantics::status::Status;

use super::{Law, RuledAt};

/// The rules in force for this request.
///
/// Construct it with `..Site::DEFAULT`: fields may be added in a minor version.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Not in maintenance, or this is the status page.
    pub in_service: bool,
    /// Why not, in words that follow on "because", if the operator says so.
    pub closure: Option<&'a str>,
    /// Seconds after which the service is expected back, if that is known.
    pub retry_after: Option<u32>,
    /// Scheme, host and port are ours and served on this connection; always so for a forward proxy.
    pub origin_served: bool,
    /// Via or CDN-Loop shows that we have forwarded this request already.
    pub looped: bool,
    /// Methods known besides those of the table.
    pub known_methods: &'a [&'a [u8]],
    /// Mandatory extensions (RFC 2774) understood; empty: the framework is off.
    pub extensions: &'a [&'a [u8]],
    /// Requests are counted here.
    pub rate_limited: bool,
    /// We are a forward proxy and want proof.
    pub proxy_authentication: bool,
    /// A legal demand bars this target, whether it exists or not.
    pub legal_demand: bool,
    /// Whose demand, and by which law.
    pub law: Law<'a>,
    /// Origins whose pages may make requests; not empty: we answer preflights.
    pub cors: &'a [&'a [u8]],
    /// Credentials are wanted here.
    pub authentication: bool,
    /// To be paid for first.
    pub price: u64,
    /// In which unit.
    pub price_unit: &'a str,
    /// Who may do what is ruled here.
    pub access_rules: bool,
    /// A refusal is to look like 404.
    pub existence_hidden: bool,
    /// A refusal at the destination is to look as if its parent were missing.
    pub destination_hidden: bool,
    /// Where the rules are that were found elsewhere than at the target.
    pub ruled_at: RuledAt<'a>,
    /// Methods that this kind of resource supports; empty: all that are known.
    pub methods: Methods,
    /// Declared to be a teapot (RFC 2324); only then is BREW a known method.
    pub teapot: bool,
    /// Protocols that this resource can change to.
    pub protocols: &'a [&'a [u8]],
    /// This resource demands another protocol than that of the request.
    pub upgrade_required: bool,
    /// Which ones would do, the best first: the value of Upgrade in a 426. Empty: those that it can change to.
    pub demanded: &'a [&'a [u8]],
    /// Content without Content-Length is not taken.
    pub length_required: bool,
    /// The longest content taken here, in octets.
    pub content_limit: Option<u64>,
    /// Media types of content taken by this method here; empty: any.
    pub media_types: &'a [&'a str],
    /// Those taken where a binding leads from the target; empty: any. Content must be of both.
    pub bound_media_types: &'a [&'a str],
    /// Formats of PATCH taken here: the value of Accept-Patch.
    pub patch_types: &'a [&'a str],
    /// The limits of uploads that can be resumed: the value of Upload-Limit.
    pub upload_limit: Option<&'a str>,
    /// Content codings taken here; empty: any.
    pub content_codings: &'a [&'a str],
    /// PUT with Content-Range is understood.
    pub partial_put: bool,
    /// POST adds members to collections, and means nothing elsewhere.
    pub post_adds: bool,
    /// Pages of other sites may not have a browser change anything here.
    pub own_pages_only: bool,
    /// The resource is served by WebDAV.
    pub webdav: bool,
    /// PROPFIND of infinite depth is served.
    pub depth_infinity: bool,
    /// What changes something here must be conditional.
    pub precondition_required: bool,
    /// What replaces something at the destination must be conditional.
    pub destination_conditional: bool,
    /// Rather send a variant that does not fit than refuse.
    pub lenient: bool,
    /// COPY and MOVE to other servers are served.
    pub other_destinations: bool,
    /// A rule fixes the reply.
    pub fixed_reply: Option<Status>,
    /// The answer is another server's: a gateway's route, or a forward proxy; not if Max-Forwards stops here.
    pub forwards: bool,
    /// This forward proxy hands its clients over to another; by explicit configuration alone.
    pub proxy_switched: bool,
    /// That other proxy: the value of Set-Proxy.
    pub next_proxy: Option<&'a str>,
    /// A cache of ours may answer.
    pub cache: bool,
    /// `Cache-Control` of successful answers, if the site sets one.
    pub cache_control: Option<&'a str>,
    /// The number of the walk may be shown to the client.
    pub shows_because: bool,
    /// Something here is hidden from somebody: then no refusal shows the number of its walk, wherever it comes from. That of
    /// what is hidden is another than that of what is not there.
    pub hides: bool,
}

impl Site<'_> {
    /// Nothing special.
    pub const DEFAULT: Site<'static> = Site {
        in_service: true,
        closure: None,
        retry_after: None,
        origin_served: true,
        looped: false,
        known_methods: &[],
        extensions: &[],
        rate_limited: false,
        proxy_authentication: false,
        legal_demand: false,
        law: Law { blocked_by: None, demanded_by: None, under: None, regional: false },
        cors: &[],
        authentication: false,
        price: 0,
        price_unit: "",
        access_rules: false,
        existence_hidden: false,
        destination_hidden: false,
        ruled_at: RuledAt { closed: None, law: None, price: None, require: None },
        methods: Methods::NONE,
        teapot: false,
        protocols: &[],
        upgrade_required: false,
        demanded: &[],
        length_required: false,
        content_limit: None,
        media_types: &[],
        bound_media_types: &[],
        patch_types: &[],
        upload_limit: None,
        content_codings: &[],
        partial_put: false,
        post_adds: false,
        own_pages_only: false,
        webdav: false,
        depth_infinity: true,
        precondition_required: false,
        destination_conditional: false,
        lenient: false,
        other_destinations: false,
        fixed_reply: None,
        forwards: false,
        proxy_switched: false,
        next_proxy: None,
        cache: false,
        cache_control: None,
        shows_because: false,
        hides: false,
    };
}

impl Default for Site<'_> {
    #[inline]
    fn default() -> Self {
        Site::DEFAULT
    }
}
