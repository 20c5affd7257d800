//! The table of fields: one row a field that somebody here reads or writes, and sets of them.
//!
//! Only names and their standing properties live here; what a value means is read in the module of its family.

use alloc::vec::Vec;
use core::fmt;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FieldRow {
    /// The name as it is written; names are compared without regard to case (RFC 9110 §5.1).
    pub name: &'static str,
    /// The name with a colon and a space: the beginning of its line.
    pub line: &'static str,
    /// Where it is defined.
    pub spec: &'static str,
    /// It must not stand in more than one line.
    pub single: bool,
    /// It is meant for the next hop alone and is never passed on (RFC 9110 §7.6.1).
    pub hop: bool,
    /// Its value is a secret: never reflected by TRACE, never shown, never logged (RFC 9110 §9.3.8).
    pub secret: bool,
}

const SINGLE: u8 = 1;
const HOP: u8 = 2;
const SECRET: u8 = 4;

const fn row(name: &'static str, line: &'static str, spec: &'static str, traits: u8) -> FieldRow {
    FieldRow { name, line, spec, single: traits & SINGLE != 0, hop: traits & HOP != 0, secret: traits & SECRET != 0 }
}

/// A field that has a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Field(u8);

macro_rules! fields {
    ($($id:ident $name:literal $spec:literal $traits:expr;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Index { $($id),+ }
        const ROWS: &[FieldRow] = &[$(row($name, concat!($name, ": "), $spec, $traits)),+];
        #[allow(missing_docs)]
        impl Field { $(pub const $id: Field = Field(Index::$id as u8);)+ }
    };
}

#[rustfmt::skip]
fields! {
    ACCEPT "Accept" "RFC 9110 §12.5.1" 0;
    ACCEPT_CHARSET "Accept-Charset" "RFC 9110 §12.5.2" 0;
    ACCEPT_ENCODING "Accept-Encoding" "RFC 9110 §12.5.3" 0;
    ACCEPT_LANGUAGE "Accept-Language" "RFC 9110 §12.5.4" 0;
    ACCEPT_PATCH "Accept-Patch" "RFC 5789 §3.1" 0;
    ACCEPT_POST "Accept-Post" "LDP §7.1" 0;
    ACCEPT_RANGES "Accept-Ranges" "RFC 9110 §14.3" 0;
    ACCESS_CONTROL_ALLOW_CREDENTIALS "Access-Control-Allow-Credentials" "Fetch §3.3.3" SINGLE;
    ACCESS_CONTROL_ALLOW_HEADERS "Access-Control-Allow-Headers" "Fetch §3.3.3" 0;
    ACCESS_CONTROL_ALLOW_METHODS "Access-Control-Allow-Methods" "Fetch §3.3.3" 0;
    ACCESS_CONTROL_ALLOW_ORIGIN "Access-Control-Allow-Origin" "Fetch §3.3.3" SINGLE;
    ACCESS_CONTROL_EXPOSE_HEADERS "Access-Control-Expose-Headers" "Fetch §3.3.3" 0;
    ACCESS_CONTROL_MAX_AGE "Access-Control-Max-Age" "Fetch §3.3.3" SINGLE;
    ACCESS_CONTROL_REQUEST_HEADERS "Access-Control-Request-Headers" "Fetch §3.3.2" 0;
    ACCESS_CONTROL_REQUEST_METHOD "Access-Control-Request-Method" "Fetch §3.3.2" SINGLE;
    AGE "Age" "RFC 9111 §5.1" SINGLE;
    A_IM "A-IM" "RFC 3229 §10.5.3" 0;
    ALLOW "Allow" "RFC 9110 §10.2.1" 0;
    AUTHENTICATION_INFO "Authentication-Info" "RFC 9110 §11.6.3" 0;
    AUTHORIZATION "Authorization" "RFC 9110 §11.6.2" SINGLE | SECRET;
    BECAUSE "Because" "because: the number of the walk" SINGLE;
    CACHE_CONTROL "Cache-Control" "RFC 9111 §5.2" 0;
    CDN_LOOP "CDN-Loop" "RFC 8586 §2" 0;
    C_EXT "C-Ext" "RFC 2774 §4.2" HOP;
    C_MAN "C-Man" "RFC 2774 §4.2" HOP;
    CONNECTION "Connection" "RFC 9110 §7.6.1" HOP;
    CONTENT_DIGEST "Content-Digest" "RFC 9530 §2" 0;
    CONTENT_DISPOSITION "Content-Disposition" "RFC 6266 §4" SINGLE;
    CONTENT_ENCODING "Content-Encoding" "RFC 9110 §8.4" 0;
    CONTENT_LANGUAGE "Content-Language" "RFC 9110 §8.5" 0;
    CONTENT_LENGTH "Content-Length" "RFC 9110 §8.6" SINGLE;
    CONTENT_LOCATION "Content-Location" "RFC 9110 §8.7" SINGLE;
    CONTENT_RANGE "Content-Range" "RFC 9110 §14.4" SINGLE;
    CONTENT_SECURITY_POLICY "Content-Security-Policy" "CSP3 §3.1" 0;
    CONTENT_TYPE "Content-Type" "RFC 9110 §8.3" SINGLE;
    COOKIE "Cookie" "RFC 6265 §5.4" SECRET;
    DATE "Date" "RFC 9110 §6.6.1" SINGLE;
    DAV "DAV" "RFC 4918 §10.1" 0;
    DELTA_BASE "Delta-Base" "RFC 3229 §10.5.1" SINGLE;
    DEPTH "Depth" "RFC 4918 §10.2" SINGLE;
    DESTINATION "Destination" "RFC 4918 §10.3" SINGLE;
    EARLY_DATA "Early-Data" "RFC 8470 §5.1" 0;
    ETAG "ETag" "RFC 9110 §8.8.3" SINGLE;
    EXPECT "Expect" "RFC 9110 §10.1.1" 0;
    EXPIRES "Expires" "RFC 9111 §5.3" SINGLE;
    EXT "Ext" "RFC 2774 §4.1" 0;
    FORWARDED "Forwarded" "RFC 7239 §4" 0;
    HOST "Host" "RFC 9110 §7.2" SINGLE;
    IF "If" "RFC 4918 §10.4" SINGLE;
    IF_MATCH "If-Match" "RFC 9110 §13.1.1" 0;
    IF_MODIFIED_SINCE "If-Modified-Since" "RFC 9110 §13.1.3" SINGLE;
    IF_NONE_MATCH "If-None-Match" "RFC 9110 §13.1.2" 0;
    IF_RANGE "If-Range" "RFC 9110 §13.1.5" SINGLE;
    IF_UNMODIFIED_SINCE "If-Unmodified-Since" "RFC 9110 §13.1.4" SINGLE;
    IM "IM" "RFC 3229 §10.5.2" 0;
    KEEP_ALIVE "Keep-Alive" "RFC 2068 §19.7.1" HOP;
    LAST_EVENT_ID "Last-Event-ID" "HTML §9.2.4" SINGLE;
    LAST_MODIFIED "Last-Modified" "RFC 9110 §8.8.2" SINGLE;
    LINK "Link" "RFC 8288 §3" 0;
    LOCATION "Location" "RFC 9110 §10.2.2" SINGLE;
    LOCK_TOKEN "Lock-Token" "RFC 4918 §10.5" SINGLE;
    MAN "Man" "RFC 2774 §4.1" 0;
    MAX_FORWARDS "Max-Forwards" "RFC 9110 §7.6.2" SINGLE;
    MS_AUTHOR_VIA "MS-Author-Via" "MS-WDV §2.2" SINGLE;
    NEGOTIATE "Negotiate" "RFC 2295 §8.4" 0;
    ORIGIN "Origin" "RFC 6454 §7" SINGLE;
    OVERWRITE "Overwrite" "RFC 4918 §10.6" SINGLE;
    PAYMENT_RECEIPT "Payment-Receipt" "draft-httpauth-payment" SINGLE;
    PAYMENT_TOKEN "Payment-Token" "because: a proof of payment beside a login" SINGLE | SECRET;
    PREFER "Prefer" "RFC 7240 §2" 0;
    PREFERENCE_APPLIED "Preference-Applied" "RFC 7240 §3" 0;
    PROTOCOL ":protocol" "RFC 8441 §4" SINGLE;
    PROXY_AUTHENTICATE "Proxy-Authenticate" "RFC 9110 §11.7.1" 0;
    PROXY_AUTHORIZATION "Proxy-Authorization" "RFC 9110 §11.7.2" SINGLE | SECRET;
    PROXY_CONNECTION "Proxy-Connection" "RFC 9112 §C.2.2" HOP;
    PROXY_STATUS "Proxy-Status" "RFC 9209 §2" 0;
    RANGE "Range" "RFC 9110 §14.2" SINGLE;
    RATELIMIT "RateLimit" "draft-ietf-httpapi-ratelimit-headers-10 §4" 0;
    RATELIMIT_POLICY "RateLimit-Policy" "draft-ietf-httpapi-ratelimit-headers-10 §3" 0;
    REFERER "Referer" "RFC 9110 §10.1.3" SINGLE;
    REPR_DIGEST "Repr-Digest" "RFC 9530 §3" 0;
    RETRY_AFTER "Retry-After" "RFC 9110 §10.2.3" SINGLE;
    SEC_FETCH_SITE "Sec-Fetch-Site" "Fetch Metadata §2.4" SINGLE;
    SERVER "Server" "RFC 9110 §10.2.4" SINGLE;
    SET_COOKIE "Set-Cookie" "RFC 6265 §4.1" SECRET;
    SET_PROXY "Set-Proxy" "draft-cohen-http-305-306-responses §2" SINGLE;
    TE "TE" "RFC 9110 §10.1.4" HOP;
    TIMEOUT "Timeout" "RFC 4918 §10.7" SINGLE;
    TRACEPARENT "traceparent" "W3C Trace Context §3.2" SINGLE;
    TRAILER "Trailer" "RFC 9110 §6.6.2" HOP;
    TRANSFER_ENCODING "Transfer-Encoding" "RFC 9112 §6.1" HOP;
    UPGRADE "Upgrade" "RFC 9110 §7.8" HOP;
    UPLOAD_COMPLETE "Upload-Complete" "draft-ietf-httpbis-resumable-upload §4" SINGLE;
    UPLOAD_DRAFT_INTEROP_VERSION "Upload-Draft-Interop-Version" "draft-ietf-httpbis-resumable-upload" SINGLE;
    UPLOAD_LENGTH "Upload-Length" "draft-ietf-httpbis-resumable-upload §4" SINGLE;
    UPLOAD_LIMIT "Upload-Limit" "draft-ietf-httpbis-resumable-upload §4" SINGLE;
    UPLOAD_OFFSET "Upload-Offset" "draft-ietf-httpbis-resumable-upload §4" SINGLE;
    USER_AGENT "User-Agent" "RFC 9110 §10.1.5" SINGLE;
    VARY "Vary" "RFC 9110 §12.5.5" 0;
    VIA "Via" "RFC 9110 §7.6.3" 0;
    WWW_AUTHENTICATE "WWW-Authenticate" "RFC 9110 §11.6.1" 0;
    X_CONTENT_TYPE_OPTIONS "X-Content-Type-Options" "Fetch §3.6" SINGLE;
    X_FORWARDED_FOR "X-Forwarded-For" "RFC 7239 §7.4" 0;
}

/// How many fields there are.
pub const COUNT: usize = ROWS.len();
const _: () = assert!(COUNT <= 128, "a set of fields is 128 bits");

/// Slots of the look-up table.
const SLOTS: usize = 512;
const EMPTY: u8 = u8::MAX;

/// First and last octet and length tell the names of the table almost apart; who collides sits in the next slot.
const fn slot(name: &[u8]) -> usize {
    let last = name.len() - 1;
    let (a, b, c) = (name[0] | 0x20, name[last] | 0x20, name[last / 2] | 0x20);
    (name.len() * 3 + a as usize * 5 + b as usize * 15 + c as usize * 7) % SLOTS
}

const INDEX: [u8; SLOTS] = {
    let mut index = [EMPTY; SLOTS];
    let mut k = 0;
    while k < COUNT {
        let mut at = slot(ROWS[k].name.as_bytes());
        while index[at] != EMPTY {
            at = (at + 1) % SLOTS;
        }
        index[at] = k as u8;
        k += 1;
    }
    index
};

/// Is this the name of a row, whatever its case? Eight octets are compared in a step. A name of the table is letters, digits
/// and hyphens, and of these only letters have the bit 0x40: only there may the bit of the case, 0x20, differ.
#[inline]
fn same(row: &[u8], name: &[u8]) -> bool {
    const CASE: u64 = u64::from_le_bytes([0x20; 8]);
    if row.len() != name.len() {
        return false;
    }
    let differ = |row: u64, name: u64| (row ^ name) & !(row >> 1 & CASE);
    let four = |octets: &[u8], at: usize| octets[at..].first_chunk().map_or(0, |four| u32::from_le_bytes(*four));
    let pair = |octets: &[u8], a: usize, b: usize| u64::from(four(octets, a)) << 32 | u64::from(four(octets, b));
    match row.len() {
        0..4 => row.eq_ignore_ascii_case(name),
        length @ 4..8 => differ(pair(row, 0, length - 4), pair(name, 0, length - 4)) == 0,
        length => {
            let eight =
                |octets: &[u8], at: usize| octets[at..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
            let last = differ(eight(row, length - 8), eight(name, length - 8));
            (0..length - 8).step_by(8).fold(last, |all, at| all | differ(eight(row, at), eight(name, at))) == 0
        }
    }
}

impl Field {
    /// The field of this name, if the table has it. Case does not matter.
    ///
    /// ```
    /// use semantics::field::Field;
    /// assert_eq!(Field::of(b"if-none-match"), Some(Field::IF_NONE_MATCH));
    /// assert_eq!(Field::of(b"X-Unheard-Of"), None);
    /// ```
    #[inline]
    pub fn of(name: &[u8]) -> Option<Field> {
        if name.is_empty() {
            return None;
        }
        let mut at = slot(name);
        while INDEX[at] != EMPTY {
            let field = Field(INDEX[at]);
            if same(field.name().as_bytes(), name) {
                return Some(field);
            }
            at = (at + 1) % SLOTS;
        }
        None
    }

    /// Every field of the table.
    pub fn all() -> impl Iterator<Item = Field> {
        (0..COUNT as u8).map(Field)
    }

    /// Its row.
    #[inline]
    pub const fn row(self) -> &'static FieldRow {
        &ROWS[self.0 as usize]
    }

    /// Its name.
    #[inline]
    pub const fn name(self) -> &'static str {
        self.row().name
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of fields of the table.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(u128);

impl Fields {
    /// No field.
    pub const NONE: Fields = Fields(0);

    /// Those whose values are secrets.
    pub const SECRET: Fields = {
        let mut bits = 0;
        let mut k = 0;
        while k < COUNT {
            bits |= (ROWS[k].secret as u128) << k;
            k += 1;
        }
        Fields(bits)
    };

    /// The set of these fields.
    pub const fn of(list: &[Field]) -> Fields {
        let mut bits = 0;
        let mut k = 0;
        while k < list.len() {
            bits |= 1 << list[k].0;
            k += 1;
        }
        Fields(bits)
    }

    /// Puts one in.
    #[inline]
    pub fn insert(&mut self, field: Field) {
        self.0 |= 1 << field.0;
    }

    /// Is this field in it?
    #[inline]
    pub const fn has(self, field: Field) -> bool {
        self.0 & (1 << field.0) != 0
    }

    /// Do they share a field?
    #[inline]
    pub const fn meets(self, other: Fields) -> bool {
        self.0 & other.0 != 0
    }

    /// Is it empty?
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Field::all().filter(|x| self.has(*x))).finish()
    }
}

/// Where fields of a message are written to: the head of an HTTP/1 response, a block of HPACK, a list in a test.
pub trait Sink {
    /// Writes one field line. The value is complete and holds no CR, LF or NUL.
    fn field(&mut self, field: Field, value: &[u8]);

    /// Writes one field line of any name: what an upstream or an operator says. The name is a token, the value is complete and
    /// holds no CR, LF or NUL.
    fn other(&mut self, name: &[u8], value: &[u8]);

    /// Writes lines of any name, rendered before: what an operator adds.
    fn others(&mut self, lines: &Rendered);

    /// Writes lines that were rendered before.
    fn rendered(&mut self, lines: &Rendered) {
        lines.lines().for_each(|(field, value)| self.field(field, value));
    }
}

/// Field lines that are written many times, rendered once in the form of HTTP/1.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rendered {
    octets: Vec<u8>,
}

impl Sink for Rendered {
    fn field(&mut self, field: Field, value: &[u8]) {
        for piece in [field.row().line.as_bytes(), value, b"\r\n"] {
            self.octets.extend_from_slice(piece);
        }
    }

    fn other(&mut self, name: &[u8], value: &[u8]) {
        self.push(name, value);
    }

    fn others(&mut self, lines: &Rendered) {
        self.octets.extend_from_slice(&lines.octets);
    }
}

impl Rendered {
    /// Adds a line of any name. Neither name nor value holds CR, LF or NUL.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        for piece in [name, b": ", value, b"\r\n"] {
            self.octets.extend_from_slice(piece);
        }
    }

    /// Renders what `write` writes.
    pub fn collect(write: impl FnOnce(&mut Rendered)) -> Rendered {
        let mut rendered = Rendered::default();
        write(&mut rendered);
        rendered
    }

    /// The lines with their CRLF, as they stand in a head of HTTP/1.
    #[inline]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The lines of fields that have a row, taken apart again.
    pub fn lines(&self) -> impl Iterator<Item = (Field, &[u8])> {
        self.all().filter_map(|(name, value)| Some((Field::of(name)?, value)))
    }

    /// All lines taken apart again.
    pub fn all(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.octets.split_inclusive(|octet| *octet == b'\n').filter_map(|line| {
            let colon = memchr::memchr(b':', line)?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        })
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn every_field_is_found_in_any_case() {
        for field in Field::all() {
            assert_eq!(Field::of(field.name().as_bytes()), Some(field));
            assert_eq!(Field::of(field.name().to_ascii_uppercase().as_bytes()), Some(field));
        }
        assert_eq!(Field::of(b""), None);
        assert_eq!(Field::of(b"x"), None);
        assert_eq!(Field::of(&[0xff; 300]), None);
    }

    #[test]
    fn the_look_up_seldom_looks_twice() {
        let twice = Field::all().filter(|f| INDEX[slot(f.name().as_bytes())] != f.0).count();
        assert!(twice <= 12, "{twice} of {COUNT} names are not in their own slot");
    }

    #[test]
    fn rows_are_in_the_order_of_their_names() {
        let key = |f: &Field| f.name().trim_start_matches(':').replace('-', "").to_ascii_lowercase();
        let names: Vec<_> = Field::all().map(|f| key(&f)).collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn rendered_lines_can_be_taken_apart() {
        let rendered = Rendered::collect(|sink| {
            sink.field(Field::ETAG, b"\"a:b\"");
            sink.field(Field::VARY, b"");
        });
        assert_eq!(rendered.octets(), b"ETag: \"a:b\"\r\nVary: \r\n");
        assert!(rendered.lines().eq([(Field::ETAG, &b"\"a:b\""[..]), (Field::VARY, b"")]));
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut set = Fields::of(&[Field::HOST]);
        set.insert(Field::RANGE);
        assert!(set.has(Field::HOST) && set.has(Field::RANGE) && !set.has(Field::IF));
        assert!(set.meets(Fields::of(&[Field::RANGE, Field::IF])));
        assert!(!set.meets(Fields::NONE));
    }
}
