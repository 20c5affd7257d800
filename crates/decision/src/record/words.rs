//! The words `group.fact=value`: one table, by which facts are written down and read back.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::OnceCell;
use core::fmt::Debug;

use semantics::date::Date;
use semantics::fault::{Kind, Kinds};
use semantics::method::{Method, Methods};
use semantics::status::Status;
use semantics::tag::EntityTag;

use super::World;
use crate::facts::{
    Bar, Client, Connection, Denial, Failure, Moved, Outcome, Quota, Reading, Site, Storage, Stored, Target, Upstream,
};

/// Where what is read from words is kept, for as long as the world that it is read into: facts are views.
#[derive(Default)]
pub struct Room<'a> {
    octets: Shelf<Vec<u8>>,
    octet_lists: Shelf<Vec<&'a [u8]>>,
    texts: Shelf<Vec<&'a str>>,
    tags: Shelf<Vec<EntityTag<'a>>>,
}

/// Values that stay where they are. There are few: one a fact at most, and one a member of its list.
struct Shelf<T>(OnceCell<Box<(T, Shelf<T>)>>);

impl<T> Default for Shelf<T> {
    fn default() -> Shelf<T> {
        Shelf(OnceCell::new())
    }
}

impl<T> Shelf<T> {
    fn keep(&self, value: T) -> &T {
        let mut last = self;
        while let Some(taken) = last.0.get() {
            last = &taken.1;
        }
        &last.0.get_or_init(|| Box::new((value, Shelf::default()))).0
    }
}

/// Puts one word into the world.
///
/// # Errors
///
/// If no fact has this name, or its value cannot be read.
pub fn put<'a>(world: &mut World<'a>, name: &str, value: &'a str, room: &'a Room<'a>) -> Result<(), String> {
    let put = put_named(world, name, value, room);
    put.unwrap_or_else(|| Err(format!("no fact has the name {name}"))).map_err(|why| format!("{name}={value}: {why}"))
}

/// Tells every fact that is something special, as its name and its value.
pub fn tell(world: &World<'_>, mut each: impl FnMut(&'static str, &str)) {
    tell_named(world, &mut each);
}

/// What a group is where a record does not tell otherwise: nothing special, and nothing that protects bars anybody.
macro_rules! usual {
    (Quota) => {
        Quota::open()
    };
    (Client) => {
        Client::open()
    };
    (Target) => {
        Target::open()
    };
    ($kind:ident) => {
        $kind::default()
    };
}

macro_rules! facts {
    ($($group:ident: $kind:ident { $($fact:ident $words:ident),+ $(,)? })+) => {
        fn put_named<'a>(
            world: &mut World<'a>,
            name: &str,
            value: &'a str,
            room: &'a Room<'a>,
        ) -> Option<Result<(), String>> {
            $($(if name == concat!(stringify!($group), ".", stringify!($fact)) {
                return Some($words::read(value, room).map(|value| world.$group.$fact = value));
            })+)+
            None
        }

        fn tell_named(world: &World<'_>, each: &mut dyn FnMut(&'static str, &str)) {
            $(let usual = usual!($kind);
            $(if world.$group.$fact != usual.$fact {
                each(concat!(stringify!($group), ".", stringify!($fact)), &$words::tell(&world.$group.$fact));
            })+)+
        }
    };
}

#[rustfmt::skip]
facts! {
    connection: Connection {
        captive yes, faults faults, overloaded yes, early_data yes, certificate yes, content_here yes,
    }
    reading: Reading {
        form_valid yes, port_valid yes, upload_fields_valid yes, webdav_fields_valid yes, handshake_valid yes,
    }
    site: Site {
        in_service yes, origin_served yes, looped yes, known_methods octet_lists, extensions octet_lists, rate_limited yes,
        proxy_authentication yes, legal_demand yes, cors octet_lists, authentication yes, price number, access_rules yes,
        existence_hidden yes, destination_hidden yes, methods methods, teapot yes, protocols octet_lists, upgrade_required yes, demanded octet_lists, length_required yes,
        content_limit some_number, media_types texts, bound_media_types texts, content_codings texts, partial_put yes, post_adds yes, own_pages_only yes, webdav yes,
        depth_infinity yes, precondition_required yes, destination_conditional yes, lenient yes, other_destinations yes, fixed_reply status,
        forwards yes, proxy_switched yes, cache yes,
    }
    quota: Quota { reachable yes, address_rate_left yes, login_attempts_left yes }
    storage: Storage { left some_number }
    client: Client {
        proxy_credentials_valid yes, checkable yes, for_target yes, credentials_valid yes, nonce_fresh yes, payment_presented yes, payment_checkable yes, paid yes,
        permitted yes, permitted_here yes, permitted_there yes, user_rate_left yes,
    }
    stored: Stored { usable yes, status status, tag tag, modified date, length number }
    upstream: Upstream { known yes, healthy yes, connections_left yes }
    target: Target {
        exists yes, lookup_failed yes, lookup_denied denial, moved moved, keeps_method yes, described_elsewhere yes,
        proxy_required yes, gone yes, name_too_long yes, parent_exists yes, patch_creates yes, collection yes, upload_offset some_number,
        destination_exists yes, destination_parent_exists yes, destination_bar bar, member_bar bar, if_lists_hold yes, lock_token octets, lock_creator yes,
        tag tag, modified date, length number, endless yes, ranges yes, variants number, variant_acceptable yes, list_response yes,
        variant_negotiates yes, resumable yes, slow yes, hints yes, delta_bases tags, representation yes, pending yes,
    }
    outcome: Outcome {
        failure failure, later yes, parts yes, created yes, elsewhere yes, reset yes, reported yes, content yes,
        content_arrived yes, tunnel yes, validated yes, transformed yes, stale_allowed yes, validation_required yes,
        status status,
    }
}

type Read<T> = Result<T, String>;

/// Octets as text: each is the character of its number, so that none is lost.
fn text_of(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

/// The other way.
fn octets_of(text: &str) -> Read<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).map_err(|_| "no octet has this number".to_owned())).collect()
}

mod yes {
    use super::*;

    pub(super) fn read(value: &str, _: &Room<'_>) -> Read<bool> {
        match value {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err("neither yes nor no".to_owned()),
        }
    }

    pub(super) fn tell(value: &bool) -> String {
        if *value { "yes" } else { "no" }.to_owned()
    }
}

mod number {
    use super::*;

    pub(super) fn read<T: core::str::FromStr>(value: &str, _: &Room<'_>) -> Read<T> {
        value.parse().map_err(|_| "no number".to_owned())
    }

    pub(super) fn tell(value: &impl ToString) -> String {
        value.to_string()
    }
}

mod some_number {
    use super::*;

    pub(super) fn read(value: &str, room: &Room<'_>) -> Read<Option<u64>> {
        if value == "none" { Ok(None) } else { number::read(value, room).map(Some) }
    }

    pub(super) fn tell(value: &Option<u64>) -> String {
        value.map_or_else(|| "none".to_owned(), |number| number.to_string())
    }
}

mod octets {
    use super::*;

    pub(super) fn read<'a>(value: &str, room: &'a Room<'a>) -> Read<Option<&'a [u8]>> {
        octets_of(value).map(|octets| Some(&**room.octets.keep(octets)))
    }

    pub(super) fn tell(value: &Option<&[u8]>) -> String {
        value.map(text_of).unwrap_or_default()
    }
}

mod octet_lists {
    use super::*;

    pub(super) fn read<'a>(value: &str, room: &'a Room<'a>) -> Read<&'a [&'a [u8]]> {
        let parts = value.split(',').map(|part| octets_of(part).map(|octets| &**room.octets.keep(octets)));
        parts.collect::<Read<Vec<_>>>().map(|all| &**room.octet_lists.keep(all))
    }

    pub(super) fn tell(value: &&[&[u8]]) -> String {
        value.iter().map(|octets| text_of(octets)).collect::<Vec<_>>().join(",")
    }
}

mod texts {
    use super::*;

    pub(super) fn read<'a>(value: &'a str, room: &'a Room<'a>) -> Read<&'a [&'a str]> {
        Ok(&**room.texts.keep(value.split(',').collect()))
    }

    pub(super) fn tell(value: &&[&str]) -> String {
        value.join(",")
    }
}

mod methods {
    use super::*;

    pub(super) fn read(value: &str, _: &Room<'_>) -> Read<Methods> {
        let methods = value.split(',').map(|name| Method::of(name.as_bytes()).ok_or(format!("{name} is no method")));
        methods.collect::<Result<Vec<_>, _>>().map(|list| Methods::of(&list))
    }

    pub(super) fn tell(value: &Methods) -> String {
        value.iter().map(Method::name).collect::<Vec<_>>().join(",")
    }
}

mod status {
    use super::*;

    pub(super) fn read(value: &str, _: &Room<'_>) -> Read<Option<Status>> {
        let status = value.parse().ok().and_then(Status::new);
        status.map(Some).ok_or_else(|| "no status".to_owned())
    }

    pub(super) fn tell(value: &Option<Status>) -> String {
        value.map(|status| status.to_string()).unwrap_or_default()
    }
}

mod tag {
    use super::*;

    pub(super) fn read<'a>(value: &str, room: &'a Room<'a>) -> Read<Option<EntityTag<'a>>> {
        let octets: &'a [u8] = room.octets.keep(octets_of(value)?);
        EntityTag::parse(octets).map(Some).map_err(|refusal| refusal.what.to_string())
    }

    pub(super) fn tell(value: &Option<EntityTag<'_>>) -> String {
        value.map(|tag| text_of(&tag.pieces().concat())).unwrap_or_default()
    }
}

mod tags {
    use super::*;

    pub(super) fn read<'a>(value: &str, room: &'a Room<'a>) -> Read<&'a [EntityTag<'a>]> {
        let tags = value.split(',').filter_map(|text| tag::read(text, room).transpose());
        tags.collect::<Result<Vec<_>, _>>().map(|tags| &**room.tags.keep(tags))
    }

    pub(super) fn tell(value: &&[EntityTag<'_>]) -> String {
        value.iter().map(|one| tag::tell(&Some(*one))).collect::<Vec<_>>().join(",")
    }
}

mod date {
    use super::*;

    pub(super) fn read(value: &str, _: &Room<'_>) -> Read<Option<Date>> {
        Date::parse(value.as_bytes(), Date::EPOCH).map(Some).map_err(|refusal| refusal.what.to_string())
    }

    pub(super) fn tell(value: &Option<Date>) -> String {
        value.map(|date| date.to_string()).unwrap_or_default()
    }
}

macro_rules! one_of {
    ($($module:ident: $kind:ty = $all:expr;)+) => {
        $(mod $module {
            use super::*;

            pub(super) fn read(value: &str, _: &Room<'_>) -> Read<Option<$kind>> {
                among(value, $all).map(Some)
            }

            pub(super) fn tell(value: &Option<$kind>) -> String {
                value.as_ref().map(named).unwrap_or_default()
            }
        })+
    };
}

one_of! {
    moved: Moved = &[Moved::Permanently, Moved::Temporarily];
    bar: Bar = &Bar::ALL;
    denial: Denial = &[Denial::Permission, Denial::Outside, Denial::Special, Denial::Unlisted, Denial::Reserved];
    failure: Failure = FAILURES;
}

mod faults {
    use super::*;

    pub(super) fn read(value: &str, _: &Room<'_>) -> Read<Kinds> {
        value.split(',').try_fold(Kinds::NONE, |kinds, name| Ok(kinds.with(among(name, &Kind::ALL)?)))
    }

    pub(super) fn tell(value: &Kinds) -> String {
        Kind::ALL.iter().filter(|kind| value.has(**kind)).map(named).collect::<Vec<_>>().join(",")
    }
}

/// Its name in Rust, in small letters with `_` between the words.
fn named(value: &impl Debug) -> String {
    let mut out = String::new();
    for c in format!("{value:?}").chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The value of this name.
fn among<T: Copy + Debug>(name: &str, all: &[T]) -> Read<T> {
    let found = all.iter().find(|value| named(*value) == name);
    found.copied().ok_or_else(|| format!("{name} is none of {all:?}"))
}

#[rustfmt::skip]
const FAILURES: &[Failure] = {
    use Failure::*;
    &[
        ContentStalled, ContentGrewTooLarge, ContentBroken, ContentMalformed, MediaTypeBelied, ContentUnprocessable,
        MappedMeanwhile, StateConflict, PreconditionLost, BindingOverwriteRefused, SubjectMissing, SubjectForbidden, SubjectProtected, SubjectLocked,
        DependencyFailed, StorageInsufficient, BindingLoop, StoreUnreachable, DnsTimeout, DnsError,
        DestinationIpProhibited, DestinationIpUnroutable, ConnectionTimeout, ConnectionRefused, ConnectionFailed,
        TlsCertificateError, TlsAlertReceived, TlsProtocolError, ClientContentStalled, ClientContentTooLarge,
        ClientContentBroken, ConnectionWriteTimeout, ConnectionTerminatedOnWrite, ConnectionReadTimeout,
        HttpResponseTimeout, ConnectionTerminated, HttpResponseIncomplete, HttpResponseHeaderSectionSize,
        HttpResponseTransferCoding, HttpUpgradeFailed, HttpProtocolError, Internal,
    ]
};
