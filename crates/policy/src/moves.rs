//! Where a move leads: the template of a target, filled in with what the wildcards of its rule took.
//!
//! Whether it is permanent, and what is answered, is not known here; whether moves lead round in a circle is
//! [`crate::loops`]'s.

use std::fmt;

use crate::limits;
use semantics::host::{Authority, AuthorityError};
use semantics::syntax::{ParseError, percent_decoded};
use semantics::text::percent;

use crate::pattern::Pattern;

/// The template of a target: text, and places that are filled in.
///
/// * `{1}`, `{2}` … are what the wildcards of the pattern took, in order; `{path}` is the whole path, from its slash
///   on.
/// * `{query}` is the query, which goes along anyway unless the template has one; `/new?` lets it fall.
/// * A target begins with one `/` and stays on this host; or it is written out, `https://new.example/{1}`, and what is
///   filled in comes behind the host.
///
/// What is filled in is percent-encoded for where it stands, so it ends no path, adds no parameter, and breaks no line;
/// an empty part leaves no empty name behind, so that `/{1}/{2}` is never another host's `//{2}` (RFC 3986 §4.2).
///
/// ```
/// use policy::moves::{Asked, Template};
/// use policy::pattern::Pattern;
/// let pattern = Pattern::parse("/old/*/**").expect("a pattern");
/// let template = Template::parse("/new/{2}?of={1}", &pattern).expect("a template");
/// let path = b"old/a b/c/d";
/// let captures = pattern.captures(path).expect("it matches");
/// let asked = Asked { captures: &captures, path, trailing_slash: true, query: None };
/// assert_eq!(template.location(&asked).as_deref(), Ok(&b"/new/c/d/?of=a%20b"[..]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// Scheme and host; nothing if it stays on this host.
    origin: Box<[u8]>,
    path: Box<[Part]>,
    query: Option<Box<[Part]>>,
    fragment: Option<Box<[Part]>>,
    /// The slash at the end of the path that was asked for goes along.
    keeps_slash: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    /// As it is sent.
    Text(Box<[u8]>),
    /// What a wildcard took, counted from 0.
    Capture(usize),
    Path,
    Query,
}

/// What can be wrong with a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TemplateError {
    /// There is none.
    Empty,
    /// It begins neither with `/` nor with a scheme and `://`.
    NotAbsolute,
    /// `//`: what follows would be another host; or a name between two slashes is missing.
    EmptySegment,
    /// A place before or within the host: whoever asks would choose where he is sent.
    PlaceInHost,
    /// The host is missing.
    NoHost,
    /// The host is malformed, or there is a user before it.
    Host(AuthorityError),
    /// A `{` that begins no place.
    UnknownPlace,
    /// The pattern has no such wildcard.
    NoSuchWildcard,
    /// `{query}` outside the query.
    QueryOutside,
    /// A `%` without two hexadecimal digits.
    BadPercent,
    /// More places than [`limits::TEMPLATE_PLACES`].
    TooManyPlaces,
    /// Longer than [`limits::TEMPLATE`].
    TooLong,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the target is missing",
            Self::NotAbsolute => "a target begins with `/`, or with a scheme and a host: `https://new.example/`",
            Self::EmptySegment => "a name between two slashes is missing",
            Self::PlaceInHost => "the host must be written out; `{1}` and the like come behind it",
            Self::NoHost => "the host is missing",
            Self::Host(offence) => return fmt::Display::fmt(offence, f),
            Self::UnknownPlace => "no such place; there are {1}, {2} and so on, {path} and {query}",
            Self::NoSuchWildcard => "the pattern has no such wildcard",
            Self::QueryOutside => "{query} belongs behind a `?`",
            Self::BadPercent => "a percent sign without two hexadecimal digits",
            Self::TooManyPlaces => "more places than a target may have",
            Self::TooLong => "longer than a target may be",
        })
    }
}

type Read<T> = Result<T, ParseError<TemplateError>>;

/// What was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// What the wildcards took: [`Pattern::captures`].
    pub captures: &'a [&'a [u8]],
    /// The decoded path.
    pub path: &'a [u8],
    /// The path ended in a slash.
    pub trailing_slash: bool,
    /// The query, as it was sent.
    pub query: Option<&'a [u8]>,
}

/// Filled in, the target is longer than [`limits::LOCATION`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocationTooLong;

impl fmt::Display for LocationTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the target that the move leads to is too long")
    }
}

impl std::error::Error for LocationTooLong {}

/// Where a part stands, and so what may stand there as it is. RFC 3986 §3.3, §3.4, §3.5
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    Path,
    Query,
    Fragment,
}

impl Region {
    /// May this octet of something filled in stand here? In a query not what divides parameters.
    fn keeps(self, octet: u8) -> bool {
        let everywhere = octet.is_ascii_alphanumeric() || b"-._~!$'()*,;:@/".contains(&octet);
        everywhere || (self != Self::Query && b"&+=".contains(&octet))
    }

    /// May this octet of the operator's own text?
    fn keeps_text(self, octet: u8) -> bool {
        self.keeps(octet) || b"&+=".contains(&octet) || self != Self::Path && octet == b'?'
    }
}

impl Template {
    /// Reads a template for a rule of this pattern; a refusal tells the offset of the byte that offends.
    pub fn parse(text: &str, pattern: &Pattern) -> Read<Self> {
        if text.len() > limits::TEMPLATE {
            return Err(ParseError::new(limits::TEMPLATE, TemplateError::TooLong));
        }
        let bytes = text.as_bytes();
        let start = origin(bytes)?;
        let end = |mark, within: usize| memchr::memchr(mark, &bytes[..within]).unwrap_or(within);
        let fragment = end(b'#', bytes.len());
        let query = end(b'?', fragment);
        let mut reader = Reader { bytes, wildcards: pattern.wildcards(), places: 0 };
        let path = reader.parts(start, query, Region::Path)?;
        let keeps_slash = match path.last() {
            Some(Part::Path) => true,
            Some(Part::Capture(nth)) => pattern.ends_in_wildcard() && nth + 1 == pattern.wildcards(),
            _ => false,
        };
        Ok(Self {
            origin: bytes[..start].into(),
            path,
            query: if query < fragment { Some(reader.parts(query + 1, fragment, Region::Query)?) } else { None },
            fragment: if fragment < bytes.len() {
                Some(reader.parts(fragment + 1, bytes.len(), Region::Fragment)?)
            } else {
                None
            },
            keeps_slash,
        })
    }

    /// Does it stay on this host, whichever that is?
    pub fn is_local(&self) -> bool {
        self.origin.is_empty()
    }

    /// The value of Location for what was asked.
    pub fn location(&self, asked: &Asked<'_>) -> Result<Vec<u8>, LocationTooLong> {
        let mut out = Filling { out: self.origin.to_vec(), start: self.origin.len() };
        out.parts(&self.path, Region::Path, asked)?;
        if self.keeps_slash && asked.trailing_slash {
            out.octet_of_path(b'/');
        }
        out.start = out.out.len() + 1;
        match &self.query {
            Some(parts) => {
                out.out.push(b'?');
                out.parts(parts, Region::Query, asked)?;
                // where `{query}` is empty nothing is left to be divided from something else
                while out.out.len() > out.start && out.out.last() == Some(&b'&') {
                    out.out.pop();
                }
                let leading = out.out[out.start..].iter().take_while(|&&octet| octet == b'&').count();
                out.out.drain(out.start..out.start + leading);
                if out.out.len() == out.start {
                    out.out.pop();
                }
            }
            None => {
                if let Some(query) = asked.query.filter(|query| !query.is_empty()) {
                    out.out.push(b'?');
                    out.query(query);
                }
            }
        }
        if let Some(parts) = &self.fragment {
            out.out.push(b'#');
            out.parts(parts, Region::Fragment, asked)?;
        }
        out.fits()?;
        Ok(out.out)
    }
}

/// How long scheme and host are; 0 if the target stays on this host.
fn origin(text: &[u8]) -> Read<usize> {
    match text {
        [] => return Err(ParseError::new(0, TemplateError::Empty)),
        [b'/', b'/', ..] => return Err(ParseError::new(0, TemplateError::EmptySegment)),
        [b'/', ..] => return Ok(0),
        _ if text.starts_with(b"{path}") => return Ok(0),
        [b'{', ..] => return Err(ParseError::new(0, TemplateError::PlaceInHost)),
        _ => {}
    }
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let scheme = text.iter().take_while(|&&byte| is_scheme(byte)).count();
    if !text[0].is_ascii_alphabetic() || !text[scheme..].starts_with(b"://") {
        return Err(ParseError::new(0, TemplateError::NotAbsolute));
    }
    let start = scheme + b"://".len();
    let end = text[start..].iter().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'{'));
    let end = end.map_or(text.len(), |end| start + end);
    if text.get(end) == Some(&b'{') && !text[end..].starts_with(b"{path}") {
        return Err(ParseError::new(end, TemplateError::PlaceInHost));
    }
    let authority = Authority::of_host(&text[start..end]);
    let authority = authority.map_err(|refusal| refusal.within(start, TemplateError::Host))?;
    if authority.host.is_empty() {
        return Err(ParseError::new(start, TemplateError::NoHost));
    }
    Ok(end)
}

struct Reader<'t> {
    bytes: &'t [u8],
    wildcards: usize,
    places: usize,
}

impl Reader<'_> {
    fn parts(&mut self, start: usize, end: usize, region: Region) -> Read<Box<[Part]>> {
        let bytes = &self.bytes[..end];
        let (mut parts, mut text) = (Vec::new(), Vec::new());
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'{' => {
                    let (part, length) = self.place(&bytes[at..], region).map_err(|what| ParseError::new(at, what))?;
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text).into()));
                    }
                    parts.push(part);
                    at += length;
                    continue;
                }
                b'/' if region == Region::Path && at > start && bytes[at - 1] == b'/' => {
                    return Err(ParseError::new(at, TemplateError::EmptySegment));
                }
                b'%' if percent_decoded(&bytes[at..]).is_some() => text.push(b'%'),
                b'%' => return Err(ParseError::new(at, TemplateError::BadPercent)),
                byte if region.keeps_text(byte) => text.push(byte),
                byte => percent::octet(byte, &mut text),
            }
            at += 1;
        }
        if !text.is_empty() {
            parts.push(Part::Text(text.into()));
        }
        Ok(parts.into())
    }

    /// The place that begins here, and how long it is.
    fn place(&mut self, bytes: &[u8], region: Region) -> Result<(Part, usize), TemplateError> {
        let length = memchr::memchr(b'}', bytes).ok_or(TemplateError::UnknownPlace)?;
        self.places += 1;
        if self.places > limits::TEMPLATE_PLACES {
            return Err(TemplateError::TooManyPlaces);
        }
        let part = match &bytes[1..length] {
            b"path" => Part::Path,
            b"query" if region == Region::Query => Part::Query,
            b"query" => return Err(TemplateError::QueryOutside),
            digits => {
                let number = semantics::syntax::parse_u64_saturating(digits).ok();
                let number = number.filter(|&number| number > 0).ok_or(TemplateError::UnknownPlace)?;
                let nth = usize::try_from(number - 1).ok().filter(|&nth| nth < self.wildcards);
                Part::Capture(nth.ok_or(TemplateError::NoSuchWildcard)?)
            }
        };
        Ok((part, length + 1))
    }
}

/// A Location that is being written.
struct Filling {
    out: Vec<u8>,
    /// Where the present region begins.
    start: usize,
}

impl Filling {
    fn parts(&mut self, parts: &[Part], region: Region, asked: &Asked<'_>) -> Result<(), LocationTooLong> {
        for part in parts {
            match part {
                Part::Text(text) if region == Region::Path => text.iter().for_each(|&octet| self.octet_of_path(octet)),
                Part::Text(text) => self.out.extend_from_slice(text),
                Part::Capture(nth) => self.fill(asked.captures.get(*nth).copied().unwrap_or_default(), region),
                Part::Path => {
                    self.fill(b"/", region);
                    self.fill(asked.path, region);
                }
                Part::Query => self.query(asked.query.unwrap_or_default()),
            }
            self.fits()?;
        }
        Ok(())
    }

    fn fits(&self) -> Result<(), LocationTooLong> {
        if self.out.len() > limits::LOCATION { Err(LocationTooLong) } else { Ok(()) }
    }

    /// No name of a path is empty: a slash behind a slash is left out, as where `{1}` took nothing.
    fn octet_of_path(&mut self, octet: u8) {
        if octet != b'/' || self.out.len() == self.start || self.out.last() != Some(&b'/') {
            self.out.push(octet);
        }
    }

    fn fill(&mut self, octets: &[u8], region: Region) {
        for &octet in octets {
            match octet {
                _ if !region.keeps(octet) => percent::octet(octet, &mut self.out),
                _ if region == Region::Path => self.octet_of_path(octet),
                _ => self.out.push(octet),
            }
        }
    }

    /// The query as it came; what no query may have (RFC 3986 §3.4), though browsers send it, is encoded.
    fn query(&mut self, query: &[u8]) {
        percent::encode(query, &percent::QUERY, &mut self.out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::tests::{some_path, some_pattern};
    use proptest::prelude::*;
    use semantics::target::{Target, decode_path};

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).expect("a pattern")
    }

    /// Where a request for `asked` is sent.
    fn sent(from: &str, to: &str, asked: &str) -> String {
        let pattern = pattern(from);
        let template = Template::parse(to, &pattern).unwrap_or_else(|refusal| panic!("{to}: {refusal}"));
        let (path, query) = asked.split_once('?').map_or((asked, None), |(path, query)| (path, Some(query.as_bytes())));
        let mut room = vec![0; path.len()];
        let decoded = decode_path(path.as_bytes(), &mut room).expect("a path");
        let captures = pattern.captures(decoded.path).expect("it matches");
        let asked = Asked { captures: &captures, path: decoded.path, trailing_slash: decoded.trailing_slash, query };
        String::from_utf8(template.location(&asked).expect("short")).expect("ASCII")
    }

    #[test]
    fn places_are_filled_in() {
        for (from, to, asked, location) in [
            ("/a", "/b", "/a", "/b"),
            ("/a", "/b", "/a?x=1", "/b?x=1"),
            ("/a", "/b?", "/a?x=1", "/b"),
            ("/a", "/b?y=2", "/a?x=1", "/b?y=2"),
            ("/a", "/b?y=2&{query}", "/a?x=1", "/b?y=2&x=1"),
            ("/a", "/b?y=2&{query}", "/a", "/b?y=2"),
            ("/a", "/b?{query}&y=2", "/a", "/b?y=2"),
            ("/a", "/b?{query}", "/a?", "/b"),
            ("/a", "/b", "/a?", "/b"),
            ("/a", "/b#top", "/a?x", "/b?x#top"),
            ("/*/x", "/b?of={1}#{1}", "/a&b=c/x", "/b?of=a%26b%3Dc#a&b=c"),
            ("/old/**", "/new/{1}", "/old/a/b", "/new/a/b"),
            ("/old/**", "/new/{1}", "/old/a/b/", "/new/a/b/"),
            ("/old/**", "/new/{1}", "/old", "/new/"),
            ("/old/**", "/new/{1}", "/old/", "/new/"),
            ("/old/**", "/new/{1}/x", "/old/", "/new/x"),
            ("/old/*", "/new/{1}", "/old/a/", "/new/a/"),
            ("/*/old", "/new/{1}", "/a/old/", "/new/a"),
            ("/*/*", "/{2}/{1}", "/a/b/", "/b/a"),
            ("/**", "{path}.html", "/a/b", "/a/b.html"),
            ("/**", "/archive{path}", "/a/", "/archive/a/"),
            ("/**", "/archive/{path}", "/a/b", "/archive/a/b"),
            ("/**", "https://new.example{path}", "/a", "https://new.example/a"),
            ("/**", "https://new.example:8443/{1}", "/a/b?c", "https://new.example:8443/a/b?c"),
            ("/a", "https://new.example", "/a", "https://new.example"),
            ("/a", "https://new.example?b", "/a", "https://new.example?b"),
            ("/**", "/login?back={path}", "/a/b?c", "/login?back=/a/b"),
            ("/*", "/ä/{1}", "/%C3%A4", "/%C3%A4/%C3%A4"),
            ("/a", "/b%20c d", "/a", "/b%20c%20d"),
        ] {
            assert_eq!(sent(from, to, asked), location, "{from} -> {to}: {asked}");
        }
    }

    #[test]
    fn nobody_is_sent_to_a_host_of_his_choice() {
        for (from, to, asked, location) in [
            ("/go/**", "/{1}", "/go/%5Cevil.example", "/%5Cevil.example"),
            ("/go/**", "/{1}", "/go/evil.example", "/evil.example"),
            ("/x*/**", "/{1}/{2}", "/x/evil.example", "/evil.example"),
            ("/x*/**", "/{1}{path}", "/x/evil.example", "/x/evil.example"),
            ("/**", "/{path}", "/evil.example", "/evil.example"),
            ("/**", "{path}", "/evil.example", "/evil.example"),
            ("/*", "/{1}", "/%0d%0aSet-Cookie:a=b", "/%0D%0ASet-Cookie:a=b"),
            ("/*", "/{1}", "/%3f%23%25", "/%3F%23%25"),
            ("/a", "/b", "/a?\"\r\n<#", "/b?%22%0D%0A%3C%23"),
        ] {
            assert_eq!(sent(from, to, asked), location, "{from} -> {to}: {asked}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused_where_it_offends() {
        use TemplateError::*;
        for (to, at, what) in [
            ("", 0, Empty),
            ("new", 0, NotAbsolute),
            ("1http://h", 0, NotAbsolute),
            ("mailto:a@b", 0, NotAbsolute),
            ("javascript:alert(1)", 0, NotAbsolute),
            ("//evil.example", 0, EmptySegment),
            ("/a//b", 3, EmptySegment),
            ("https://h//b", 10, EmptySegment),
            ("{1}", 0, PlaceInHost),
            ("https://{1}/", 8, PlaceInHost),
            ("https://h{1}", 9, PlaceInHost),
            ("https:///a", 8, NoHost),
            ("https://u@h/", 9, Host(AuthorityError::Userinfo)),
            ("https://h:x/", 10, Host(AuthorityError::BadPort)),
            ("/{0}", 1, UnknownPlace),
            ("/{x}", 1, UnknownPlace),
            ("/{", 1, UnknownPlace),
            ("/{}", 1, UnknownPlace),
            ("/a?{3}", 3, NoSuchWildcard),
            ("/{99999999999999999999}", 1, NoSuchWildcard),
            ("/{query}", 1, QueryOutside),
            ("/a%2", 2, BadPercent),
        ] {
            assert_eq!(Template::parse(to, &pattern("/*/**")), Err(ParseError::new(at, what)), "{to}");
        }
        let places = |count| format!("/{}", "{1}".repeat(count));
        assert!(Template::parse(&places(limits::TEMPLATE_PLACES), &pattern("/*")).is_ok());
        let many = Template::parse(&places(limits::TEMPLATE_PLACES + 1), &pattern("/*"));
        assert_eq!(many.map_err(|refusal| refusal.what), Err(TooManyPlaces));
        let long = format!("/{}", "a".repeat(limits::TEMPLATE));
        assert_eq!(Template::parse(&long, &pattern("/a")), Err(ParseError::new(limits::TEMPLATE, TooLong)));
    }

    #[test]
    fn a_location_has_an_end() {
        let (pattern, name) = (pattern("/*"), vec![b'a'; limits::LOCATION - 1]);
        let asked = Asked { captures: &[&name], path: &name, ..Asked::default() };
        assert!(Template::parse("/{1}", &pattern).expect("a template").location(&asked).is_ok());
        assert_eq!(Template::parse("/{1}b", &pattern).expect("a template").location(&asked), Err(LocationTooLong));
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in ".{0,30}",
            captures in prop::collection::vec(any::<Vec<u8>>(), 0..3),
            path: Vec<u8>,
            query: Option<Vec<u8>>,
        ) {
            if let Ok(template) = Template::parse(&text, &pattern("/*/**")) {
                let captures: Vec<&[u8]> = captures.iter().map(Vec::as_slice).collect();
                let query = query.as_deref();
                let _ = template.location(&Asked { captures: &captures, path: &path, trailing_slash: true, query });
            }
        }

        #[test]
        fn near_misses_do_not_panic(
            text in "(https?://)?([/ha?#%4]|\\{1\\}|\\{path\\}|\\{query\\}|[{}]){0,8}",
            path: Vec<u8>,
        ) {
            match Template::parse(&text, &pattern("/*")) {
                Ok(template) => {
                    let asked = Asked { captures: &[&path], path: &path, trailing_slash: false, query: Some(&path) };
                    let location = template.location(&asked).expect("short");
                    prop_assert!(location.iter().all(|octet| matches!(octet, 0x21..=0x7e)), "{:?}", location);
                    prop_assert!(!template.is_local() || location[0] == b'/' && location.get(1) != Some(&b'/'));
                    prop_assert!(template.is_local() || location.starts_with(b"http"));
                }
                Err(refusal) => prop_assert!(refusal.at <= text.len()),
            }
        }

        #[test]
        fn a_local_move_is_a_target_of_this_host(
            from in some_pattern(),
            path in some_path(),
            to in "/([b/]|\\{[1-4]\\}|\\{path\\}|-){0,6}",
        ) {
            let pattern = pattern(&from);
            let Some(captures) = pattern.captures(path.as_bytes()) else { return Ok(()) };
            let Ok(template) = Template::parse(&to, &pattern) else { return Ok(()) };
            let asked = Asked { captures: &captures, path: path.as_bytes(), trailing_slash: false, query: Some(b"q") };
            let location = template.location(&asked).expect("short");
            let target = Target::parse(&location, false).expect("a target");
            prop_assert_eq!(target.query(), Some(&b"q"[..]));
            let mut room = vec![0; location.len()];
            prop_assert!(decode_path(target.path().expect("a path"), &mut room).is_ok());
        }
    }
}
