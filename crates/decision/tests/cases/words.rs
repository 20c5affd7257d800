//! The words `group.fact=value` of a case.

use decision::facts::{Denial, Failure, Moved};
use semantics::date::Date;
use semantics::fault::{Kind, Kinds};
use semantics::method::{Method, Methods};
use semantics::status::Status;
use semantics::tag::EntityTag;

use crate::world::World;

/// Keeps a value until the tests are over: facts are views, and the lines of a file outlive every walk.
pub(crate) fn leak<T: ?Sized>(value: impl Into<Box<T>>) -> &'static T {
    Box::leak(value.into())
}

/// The words of a line; white space between single quotes divides nothing.
pub(crate) fn split(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut quoted = false;
    let blank = move |c: char| {
        quoted ^= c == '\'';
        c.is_whitespace() && !quoted
    };
    text.split(blank).filter(|word| !word.is_empty())
}

/// This day of January 2026.
pub(crate) fn day(day: i64) -> Date {
    Date::from_unix(1_767_225_600 + (day - 1) * 86_400)
}

/// The text with each `@1` replaced by an HTTP date.
pub(crate) fn with_dates(text: &str) -> String {
    (1..10).fold(text.to_owned(), |text, n| text.replace(&format!("@{n}"), &day(n).to_string()))
}

/// Puts one word into the world.
pub(crate) fn put(world: &mut World<'static>, word: &'static str) -> Result<(), String> {
    let (name, value) = word.split_once('=').unwrap_or((word, "yes"));
    let value = value.trim_matches('\'');
    let put = put_named(world, name, value);
    put.unwrap_or_else(|| Err(format!("no fact has the name {name}"))).map_err(|why| format!("{word}: {why}"))
}

macro_rules! facts {
    ($world:ident, $name:ident, $value:ident: $($group:ident { $($fact:ident $read:ident),+ $(,)? })+) => {
        $($(if $name == concat!(stringify!($group), ".", stringify!($fact)) {
            return Some($read($value).map(|value| $world.$group.$fact = value));
        })+)+
    };
}

#[rustfmt::skip]
fn put_named(world: &mut World<'static>, name: &str, value: &'static str) -> Option<Result<(), String>> {
    facts! { world, name, value:
        connection {
            captive yes, faults faults, overloaded yes, early_data yes, certificate yes, content_here yes,
        }
        reading {
            form_valid yes, port_valid yes, upload_fields_valid yes, webdav_fields_valid yes, handshake_valid yes,
        }
        site {
            in_service yes, origin_served yes, looped yes, known_methods octet_lists, extensions octet_lists, rate_limited yes,
            proxy_authentication yes, legal_demand yes, cors octet_lists, authentication yes, price number, access_rules yes,
            existence_hidden yes, methods methods, teapot yes, protocols octet_lists, upgrade_required yes, length_required yes,
            content_limit some_number, media_types texts, content_codings texts, partial_put yes, post_adds yes, own_pages_only yes, webdav yes,
            depth_infinity yes, precondition_required yes, lenient yes, other_destinations yes, fixed_reply status,
            forwards yes, proxy_switched yes, cache yes,
        }
        quota { reachable yes, address_rate_left yes, storage_left some_number }
        client {
            proxy_credentials_valid yes, checkable yes, for_target yes, credentials_valid yes, nonce_fresh yes, paid yes,
            permitted yes, user_rate_left yes,
        }
        stored { usable yes, status status, tag tag, modified date, length number }
        upstream { known yes, healthy yes, connections_left yes }
        target {
            exists yes, lookup_failed yes, lookup_denied denial, moved moved, keeps_method yes, described_elsewhere yes,
            proxy_required yes, gone yes, name_too_long yes, parent_exists yes, patch_creates yes, collection yes, upload_offset some_number,
            destination_exists yes, destination_parent_exists yes, if_lists_hold yes, lock_token octets, lock_creator yes,
            tag tag, modified date, length number, ranges yes, variants count, variant_acceptable yes, list_response yes,
            variant_negotiates yes, resumable yes, slow yes, hints yes, delta_bases tags, representation yes, pending yes,
        }
        outcome {
            failure failure, later yes, parts yes, created yes, elsewhere yes, reset yes, reported yes, content yes,
            content_arrived yes, tunnel yes, validated yes, transformed yes, stale_allowed yes, validation_required yes,
            status status,
        }
    }
    None
}

type Read<T> = Result<T, String>;

fn yes(value: &str) -> Read<bool> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("neither yes nor no".to_owned()),
    }
}

fn number(value: &str) -> Read<u64> {
    value.parse().map_err(|_| "no number".to_owned())
}

fn some_number(value: &str) -> Read<Option<u64>> {
    number(value).map(Some)
}

fn count(value: &str) -> Read<u32> {
    value.parse().map_err(|_| "no number".to_owned())
}

fn octets(value: &'static str) -> Read<Option<&'static [u8]>> {
    Ok(Some(value.as_bytes()))
}

fn octet_lists(value: &'static str) -> Read<&'static [&'static [u8]]> {
    Ok(leak(value.split(',').map(str::as_bytes).collect::<Vec<_>>()))
}

fn texts(value: &'static str) -> Read<&'static [&'static str]> {
    Ok(leak(value.split(',').collect::<Vec<_>>()))
}

fn methods(value: &str) -> Read<Methods> {
    let methods = value.split(',').map(|name| Method::of(name.as_bytes()).ok_or(format!("{name} is no method")));
    methods.collect::<Result<Vec<_>, _>>().map(|list| Methods::of(&list))
}

fn status(value: &str) -> Read<Option<Status>> {
    let status = value.parse().ok().and_then(Status::new);
    status.map(Some).ok_or_else(|| "no status".to_owned())
}

fn tag(value: &'static str) -> Read<Option<EntityTag<'static>>> {
    EntityTag::parse(value.as_bytes()).map(Some).map_err(|refusal| refusal.what.to_string())
}

fn tags(value: &'static str) -> Read<&'static [EntityTag<'static>]> {
    let tags = value.split(',').map(|text| tag(text).map(|tag| tag.expect("it was read")));
    tags.collect::<Result<Vec<_>, _>>().map(|tags| leak(tags) as &[_])
}

fn date(value: &str) -> Read<Option<Date>> {
    Date::parse(with_dates(value).as_bytes(), Date::EPOCH).map(Some).map_err(|refusal| refusal.what.to_string())
}

fn moved(value: &str) -> Read<Option<Moved>> {
    among(value, &[Moved::Permanently, Moved::Temporarily]).map(Some)
}

fn denial(value: &str) -> Read<Option<Denial>> {
    let value = if value == "yes" { "permission" } else { value };
    among(value, &[Denial::Permission, Denial::Outside, Denial::Special]).map(Some)
}

fn faults(value: &str) -> Read<Kinds> {
    value.split(',').try_fold(Kinds::NONE, |kinds, name| Ok(kinds.with(among(name, &Kind::ALL)?)))
}

fn failure(value: &str) -> Read<Option<Failure>> {
    among(value, FAILURES).map(Some)
}

/// The value of this name, if its name in Rust is the same in capitals.
fn among<T: Copy + std::fmt::Debug>(name: &str, all: &[T]) -> Read<T> {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let found = all.iter().find(|value| plain(&format!("{value:?}")) == plain(name));
    found.copied().ok_or_else(|| format!("{name} is none of {all:?}"))
}

#[rustfmt::skip]
const FAILURES: &[Failure] = {
    use Failure::*;
    &[
        ContentStalled, ContentGrewTooLarge, ContentBroken, ContentMalformed, MediaTypeBelied, ContentUnprocessable,
        MappedMeanwhile, StateConflict, PreconditionLost, BindingOverwriteRefused, SubjectMissing, SubjectForbidden, SubjectLocked,
        DependencyFailed, StorageInsufficient, BindingLoop, StoreUnreachable, DnsTimeout, DnsError,
        DestinationIpProhibited, DestinationIpUnroutable, ConnectionTimeout, ConnectionRefused, ConnectionFailed,
        TlsCertificateError, TlsAlertReceived, TlsProtocolError, ClientContentStalled, ClientContentTooLarge,
        ClientContentBroken, ConnectionWriteTimeout, ConnectionTerminatedOnWrite, ConnectionReadTimeout,
        HttpResponseTimeout, ConnectionTerminated, HttpResponseIncomplete, HttpResponseHeaderSectionSize,
        HttpResponseTransferCoding, HttpUpgradeFailed, HttpProtocolError, Internal,
    ]
};
