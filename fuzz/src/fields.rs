//! The target `fields`: every reader of a value takes any octets, and what is written is read back.

use semantics::accept::Dimension;
use semantics::cache_control::{RequestDirectives, ResponseDirectives};
use semantics::conditional::{IfRange, Since, if_match_holds, if_none_match_holds};
use semantics::connection::{Connection, named_fields};
use semantics::content_disposition::{FormData, safe_name};
use semantics::content_length::content_length;
use semantics::date::Date;
use semantics::depth::{Depth, lock_token, overwrite, timeout};
use semantics::digest_field::Digests;
use semantics::expect::Expect;
use semantics::field::Field;
use semantics::host::Authority;
use semantics::if_header::{IfHeader, List as IfList};
use semantics::limits;
use semantics::media_type::MediaType;
use semantics::method::Method;
use semantics::prefer::Prefer;
use semantics::range::{ByteRange, ContentRange, Ranges};
use semantics::structured::{Value, dictionary, item};
use semantics::syntax::{List, Pair, Parameters, ParseError, Word, delta_seconds, lists_token, parse_u64, trim_ows};
use semantics::tag::{EntityTag, Tags};
use semantics::target::{Target, decode_path};
use semantics::transfer_encoding::is_chunked;

/// Values that mutations begin with.
pub(crate) const VALUES: &[&str] = &[
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "\"a\", W/\"b,c\", *",
    "bytes=0-9, 20-, -5",
    "bytes 0-9/100",
    "bytes */100",
    "text/html;level=1;q=0.5, */*;q=.1, text/*",
    "gzip;q=1.0, identity; q=0.5, *;q=0",
    "en-GB, en;q=0.8\nde",
    "max-age=60, no-cache=\"a, b\", stale-while-revalidate=\"5\"",
    "return=minimal; foo=\"b\\\"ar\", respond-async, wait=10",
    "http://u:p@[2001:db8::1]:80/a/%2e%2e/b?c#d",
    "www.example.org:8080",
    "/a/./b/../%20%C3%A9//c?d=e",
    "18446744073709551616",
    "gzip, chunked\nchunked",
    "100-continue, tea=\"x\"",
    "multipart/form-data; boundary=\"a b\"; charset=UTF-8",
    "<http://h/a> (<urn:uuid:1> [W/\"x\"]) (Not <DAV:no-lock>)</b>(<urn:2>)",
    "<opaquelocktoken:a515cfa4>",
    "Second-4100000000, Infinite",
    "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:, md5=:AA==:;a=1",
    "?1;a=\"b\\\"\", c=(1 2.5 @3);d, e=%\"%c3%bc\"",
    "form-data; name=\"a\"; filename=\"C:\\b%22\\\".txt\"; filename*=UTF-8''%C3%BC",
];

/// The offset of a refusal lies within the value, or at its end.
fn sound<T, W>(read: Result<T, ParseError<W>>, value: &[u8]) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(refusal) => {
            assert!(refusal.at <= value.len(), "at {} of {}", refusal.at, value.len());
            None
        }
    }
}

/// Every reader of a value, over the octets as one line, and over their lines.
pub fn fields(data: &[u8]) {
    // Longer ones take longer and show nothing new.
    let data = &data[..data.len().min(2_000)];
    let lines = || data.split(|octet| *octet == b'\n');
    for value in lines() {
        words(value);
        targets(value);
        validators(value);
        parts(value);
        structured(value);
        shares(value);
    }
    timeout(lines());
    if let Some(digests) = sound(Digests::read(lines()), data) {
        assert!(digests.iter().all(|digest| digest.octets().len() == digest.algorithm.length()));
    }
    sound(content_length(lines()), data);
    sound(is_chunked(lines()), data);
    let connection = Connection::read(lines());
    assert_eq!(connection.close, lists_token(lines(), b"close"));
    assert!(named_fields(lines()).all(|name| !name.is_empty()));
    Expect::read(lines());
    Prefer::read(lines());
    RequestDirectives::read(lines());
    ResponseDirectives::read(lines());
    negotiation(data);
}

fn words(value: &[u8]) {
    let mut list = List::new(value);
    while let Some((at, member)) = list.next_at() {
        assert!(!member.is_empty() && value[at..].starts_with(member) && trim_ows(member) == member);
        let (before, parameters) = Parameters::split(member);
        assert!(before.len() <= member.len());
        for parameter in parameters {
            sound(parameter, member);
        }
        sound(Pair::parse(member), member);
        if let Some(word) = sound(Word::parse(member), member) {
            let meant: Vec<u8> = word.bytes().collect();
            assert!(word.equals(&meant) && word.plain().is_none_or(|plain| plain == meant));
        }
    }
    sound(delta_seconds(value), value);
    if let Some(number) = sound(parse_u64(value), value) {
        assert!(number.to_string().as_bytes().ends_with(value.trim_ascii()) || value.starts_with(b"0"));
    }
    if let Some(media_type) = sound(MediaType::parse(value), value) {
        media_type.charset();
        media_type.parameter("boundary");
    }
    let of_case = |value: &[u8]| Field::of(value).map(Field::name);
    assert_eq!(of_case(value), of_case(&value.to_ascii_uppercase()));
    assert!(of_case(value).is_none_or(|name| name.as_bytes().eq_ignore_ascii_case(value)));
    assert!(Method::of(value).is_none_or(|method| method.name().as_bytes() == value));
}

fn targets(value: &[u8]) {
    sound(Authority::parse(value), value);
    if let Some(authority) = sound(Authority::of_host(value), value) {
        let written = authority.to_string();
        // An apostrophe is shown with a backslash before it.
        if !value.contains(&b'\'') {
            let again = Authority::of_host(written.as_bytes()).expect("what was written is read back");
            assert!(again.host.same(authority.host) && again.port == authority.port);
        }
    }
    for connect in [false, true] {
        sound(Target::parse(value, connect), value);
    }
    let mut out = vec![0; value.len()];
    if let Some(decoded) = sound(decode_path(value, &mut out), value) {
        let mut names = decoded.path.split(|octet| *octet == b'/');
        assert!(decoded.path.is_empty() || names.all(|name| !matches!(name, b"" | b"." | b"..") && !name.contains(&0)));
    }
}

fn validators(value: &[u8]) {
    let now = Date::from_unix(1_800_000_000);
    if let Some(date) = sound(Date::parse(value, now), value) {
        assert_eq!(sound(Date::parse(&date.write(), now), value), Some(date));
    }
    Since::read([value], now);
    let current = EntityTag { weak: false, opaque: b"b,c" };
    if let Some(tag) = sound(EntityTag::parse(value), value) {
        assert!(tag.weak_eq(tag) && tag.strong_eq(tag) != tag.weak);
        assert!(if_match_holds([value], true, Some(tag)) != tag.weak);
        assert!(!if_none_match_holds([value], true, Some(tag)));
    }
    for member in Tags::read(value).members() {
        sound(member, value);
    }
    if if_match_holds([value], true, Some(current)) {
        assert!(!if_none_match_holds([value], true, Some(current)), "a strong match is a weak one");
    }
    if let Some(range) = sound(IfRange::parse(value, now), value) {
        range.holds(Some(current), Some(now), now);
    }
}

fn parts(value: &[u8]) {
    if let Some(ranges) = sound(Ranges::parse(value), value) {
        assert!(ranges.count() <= limits::RANGES && ranges.specs().count() == ranges.count());
        for length in [0, 1, 10, 1_204, u64::MAX] {
            let Ok(parts) = ranges.resolve(length) else { continue };
            let parts = parts.as_slice();
            assert!(!parts.is_empty() && parts.iter().all(|part| part.first <= part.last && part.last < length));
            for (k, part) in parts.iter().enumerate() {
                assert!(!parts[..k].iter().any(|other| overlaps(*part, *other)), "parts overlap");
            }
        }
    }
    if let Some(range) = sound(ContentRange::parse(value), value) {
        let written = range.write();
        assert_eq!(sound(ContentRange::parse(written.as_bytes()), value), Some(range));
    }
}

/// The readers of structured fields.
fn structured(value: &[u8]) {
    if let Some(Value::Octets(base64)) = sound(item(value), value) {
        assert!(base64.len() < value.len());
    }
    let members: Vec<_> = dictionary(value).collect();
    for (k, member) in members.iter().enumerate() {
        assert!(member.is_ok() || k + 1 == members.len(), "a refusal ends the dictionary");
        if let Some((key, at, _)) = sound(*member, value) {
            assert!(!key.is_empty() && at <= value.len());
        }
    }
}

/// The readers of what WebDAV and forms add.
fn shares(value: &[u8]) {
    let (_, _) = (Depth::parse(value), overwrite(value));
    let token = lock_token(value);
    if let Some(read) = sound(IfHeader::parse(value), value) {
        let conditions = || read.lists().flat_map(IfList::conditions);
        assert!(read.lists().all(|list| list.conditions().next().is_some()));
        assert!(read.tokens().count() <= conditions().count() && conditions().count() <= limits::IF_CONDITIONS);
        // where all that is denied is false, and all else is true, every list holds
        let wanted: Vec<_> = conditions().map(|condition| !condition.not).collect();
        let mut asked = wanted.iter();
        assert!(read.holds(|_, _| *asked.next().expect("one a condition")));
    }
    let listed = [b"(", value, b")"].concat();
    assert!(token.is_none() || sound(IfHeader::parse(&listed), &listed).is_some(), "a token makes a list");
    if let Some(part) = sound(FormData::parse(value), value) {
        let file: Option<Vec<u8>> = part.file.map(|file| file.bytes().collect());
        let name = file.as_deref().and_then(safe_name);
        assert!(name.is_none_or(|name| !name.contains(&b'/') && safe_name(name) == Some(name)));
        assert!(part.name.bytes().count() < value.len());
    }
}

fn overlaps(one: ByteRange, other: ByteRange) -> bool {
    one.first <= other.last && other.first <= one.last
}

fn negotiation(data: &[u8]) {
    let lines = || data.split(|octet| *octet == b'\n');
    let offers = [
        (Dimension::MediaType, ["text/html", "text/html;level=1", "image/png"]),
        (Dimension::Charset, ["utf-8", "iso-8859-1", "*"]),
        (Dimension::Coding, ["gzip", "br", "identity"]),
        (Dimension::Language, ["en", "en-GB", "de"]),
    ];
    for (dimension, offers) in offers {
        assert!(dimension.wishes(lines()).all(|action| action.quality <= 1_000));
        let chosen = dimension.choose(lines(), &offers);
        let best = offers.iter().map(|offer| dimension.quality(lines(), offer.as_bytes())).max();
        assert_eq!(chosen.is_some(), best > Some(0));
    }
}
