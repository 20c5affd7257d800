//! Facts that are the opposite of ordinary in everything: whoever reads them unasked comes to another end.

use decision::facts::{
    Bar, Client, Denial, Facts, Failure, Moved, Outcome, Quota, Site, Storage, Stored, Target, Upstream,
};
use semantics::date::Date;
use semantics::method::{Method, Methods};
use semantics::status::Status;
use semantics::tag::EntityTag;

/// The same facts with every group poisoned.
pub(crate) fn all_groups(facts: Facts<'static>) -> Facts<'static> {
    Facts {
        site: &SITE,
        quota: &QUOTA,
        client: &CLIENT,
        stored: &STORED,
        upstream: &UPSTREAM,
        storage: &STORAGE,
        target: &TARGET,
        outcome: &OUTCOME,
        ..facts
    }
}

const TAG: EntityTag<'static> = EntityTag { weak: true, opaque: b"poison" };

static SITE: Site<'static> = Site {
    in_service: false,
    origin_served: false,
    looped: true,
    known_methods: &[b"FOO"],
    extensions: &[b"poison"],
    rate_limited: true,
    proxy_authentication: true,
    legal_demand: true,
    cors: &[b"https://a.test"],
    authentication: true,
    price: 1,
    access_rules: true,
    existence_hidden: true,
    destination_hidden: true,
    methods: Methods::of(&[Method::UNBIND]),
    teapot: true,
    protocols: &[b"websocket"],
    upgrade_required: true,
    demanded: &[b"poison"],
    length_required: true,
    content_limit: Some(0),
    media_types: &["poison/poison"],
    bound_media_types: &["poison/poison"],
    content_codings: &["poison"],
    partial_put: true,
    post_adds: true,
    own_pages_only: true,
    webdav: true,
    depth_infinity: false,
    precondition_required: true,
    destination_conditional: true,
    lenient: true,
    other_destinations: true,
    fixed_reply: Some(Status::IM_A_TEAPOT),
    forwards: true,
    proxy_switched: true,
    cache: true,
    ..Site::DEFAULT
};

static QUOTA: Quota<'static> =
    Quota { reachable: false, address_rate_left: false, login_attempts_left: false, limits: &[], retry_after: Some(1) };

static STORAGE: Storage = Storage { left: Some(0) };

static CLIENT: Client<'static> = Client {
    proxy_credentials_valid: false,
    checkable: false,
    for_target: false,
    credentials_valid: false,
    nonce_fresh: false,
    payment_presented: false,
    payment_checkable: false,
    paid: false,
    permitted: false,
    permitted_here: false,
    permitted_there: false,
    user_rate_left: false,
    ..Client::DEFAULT
};

static STORED: Stored<'static> =
    Stored { usable: true, status: Some(Status::OK), tag: Some(TAG), modified: Some(Date::EPOCH), length: 1 };

static UPSTREAM: Upstream = Upstream { known: false, healthy: false, connections_left: false };

static TARGET: Target<'static> = Target {
    exists: false,
    lookup_failed: true,
    lookup_denied: Some(Denial::Special),
    moved: Some(Moved::Permanently),
    keeps_method: true,
    described_elsewhere: true,
    proxy_required: true,
    gone: true,
    name_too_long: true,
    parent_exists: false,
    patch_creates: true,
    collection: true,
    upload_offset: Some(7),
    destination_exists: true,
    destination_parent_exists: false,
    destination_bar: Some(Bar::Drop),
    member_bar: Some(Bar::Drop),
    if_lists_hold: false,
    lock_token: Some(b"poison"),
    lock_creator: false,
    tag: Some(TAG),
    modified: Some(Date::EPOCH),
    length: 0,
    ranges: true,
    variants: 9,
    variant_acceptable: false,
    list_response: true,
    variant_negotiates: true,
    resumable: true,
    slow: true,
    hints: true,
    delta_bases: &[TAG],
    representation: false,
    pending: true,
    ..Target::DEFAULT
};

static OUTCOME: Outcome<'static> = Outcome {
    failure: Some(Failure::BindingLoop),
    later: true,
    parts: true,
    created: true,
    elsewhere: true,
    reset: true,
    reported: true,
    content: true,
    content_arrived: false,
    tunnel: true,
    validated: true,
    transformed: true,
    stale_allowed: true,
    validation_required: true,
    status: Some(Status::IM_A_TEAPOT),
    ..Outcome::DEFAULT
};
