//! Accept, Accept-Charset, Accept-Encoding, Accept-Language: what a client likes, and what it likes best.
//! RFC 9110 §12.5
//!
//! Which variants there are, and what follows where none is liked, is not known here.

use crate::media_type;
use crate::syntax::{List, Pair, Parameters, Word, is_token};

/// How much a client likes something, in thousandths: 1000 the most, 0 not at all. RFC 9110 §12.4.2
pub type Quality = u16;

/// The quality of what was not given one.
pub const FULL: Quality = 1000;

/// The quality of the identity coding where Accept-Encoding does not speak of it: acceptable, and liked less than
/// anything named. RFC 9110 §12.5.3
const UNSAID_IDENTITY: Quality = 1;

/// One member of an Accept field: a range, and how much it is liked.
///
/// ```
/// use semantics::accept::Dimension;
/// let action = Dimension::MediaType.wishes([&b"text/*;format=flowed ; q=0.5"[..]]).next().expect("well formed");
/// assert_eq!((action.range, action.quality), (&b"text/*;format=flowed"[..], 500));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<'a> {
    /// The media range with its parameters, the coding, the language range, the charset; or `*`.
    pub range: &'a [u8],
    /// How much it is liked.
    pub quality: Quality,
}

impl<'a> Preference<'a> {
    /// Reads a member. What follows the weight is not looked at: it was an extension that nobody used.
    fn parse(member: &'a [u8]) -> Option<Self> {
        let (_, mut parameters) = Parameters::split(member);
        while let Some((at, parameter)) = parameters.next_at() {
            let pair = Pair::parse(parameter).ok()?;
            if pair.is(b"q") {
                let Some(Word::Token(weight)) = pair.value else { return None };
                let end = member[..at].iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b';'))?;
                return Some(Self { range: &member[..=end], quality: thousandths(weight)? });
            }
        }
        Some(Self { range: member, quality: FULL })
    }
}

/// `0.5`, `1`, `0.125`: at most three decimals, at most 1. RFC 9110 §12.4.2
///
/// `.5` is taken for `0.5`: Java's own client says `*/*; q=.2` in every request, and to skip that would leave its users
/// with nothing that they accept.
fn thousandths(weight: &[u8]) -> Option<Quality> {
    let (whole, decimals) = match weight {
        [whole @ (b'0' | b'1')] => (whole - b'0', &[][..]),
        [whole @ (b'0' | b'1'), b'.', decimals @ ..] => (whole - b'0', decimals),
        [b'.', decimals @ ..] if !decimals.is_empty() => (0, decimals),
        _ => return None,
    };
    if decimals.len() > 3 || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |place: usize| decimals.get(place).map_or(0, |digit| Quality::from(digit - b'0'));
    let quality = Quality::from(whole) * FULL + digit(0) * 100 + digit(1) * 10 + digit(2);
    (quality <= FULL).then_some(quality)
}

/// What is negotiated, and so which of the four fields is read. RFC 9110 §12.5
///
/// ```
/// use semantics::accept::Dimension::{Coding, MediaType};
/// let accept = [&b"text/*;q=0.3, text/html;q=0.7, */*;q=0.5"[..]];
/// assert_eq!(MediaType.quality(accept, b"text/plain"), 300);
/// assert_eq!(MediaType.choose(accept.into_iter(), &["text/plain", "image/png", "text/html"]), Some(2));
/// assert_eq!(Coding.choose([&b"br, gzip"[..]].into_iter(), &["gzip", "br", "identity"]), Some(0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Accept: an offer is a media type, perhaps with parameters.
    MediaType,
    /// Accept-Charset: an offer is the name of a charset.
    Charset,
    /// Accept-Encoding: an offer is the name of a content coding, `identity` for none.
    Coding,
    /// Accept-Language: an offer is a language tag.
    Language,
}

impl Dimension {
    /// The members of the lines of the field. Members that cannot be understood, or whose weight cannot, are skipped:
    /// they say nothing.
    pub fn wishes<'a>(self, lines: impl IntoIterator<Item = &'a [u8]>) -> impl Iterator<Item = Preference<'a>> {
        lines.into_iter().flat_map(List::new).filter_map(Preference::parse).filter(move |action| {
            let (name, _) = Parameters::split(action.range);
            match self {
                Self::MediaType => media_range(name).is_some(),
                Self::Charset | Self::Coding | Self::Language => is_token(name),
            }
        })
    }

    /// How much an offer is liked, by the range that matches it most specifically; of equally specific ones, the first.
    ///
    /// All is liked where no line of the field is there. A field that says nothing is read as none; but an empty
    /// Accept-Encoding wants no coding, and without a word of its own `identity` is acceptable in any case. RFC 9110
    /// §12.5.1 to §12.5.4
    pub fn quality<'a>(self, lines: impl IntoIterator<Item = &'a [u8]>, offer: &[u8]) -> Quality {
        let mut lines = lines.into_iter().peekable();
        let there = lines.peek().is_some();
        let mut said = false;
        let mut best = None;
        for action in self.wishes(lines) {
            said = true;
            if let Some(specificity) = self.specificity(action.range, offer)
                && best.is_none_or(|(before, _)| specificity > before)
            {
                best = Some((specificity, action.quality));
            }
        }
        match best {
            Some((_, quality)) => quality,
            None if !there => FULL,
            None if self == Self::Coding && offer.eq_ignore_ascii_case(b"identity") => UNSAID_IDENTITY,
            None if !said && self != Self::Coding => FULL,
            None => 0,
        }
    }

    /// Which offer is liked best; of equally liked ones, the first. `None` if none is acceptable.
    ///
    /// Without a line of the field it is the first; but of codings `identity`, wherever it stands: a client that does
    /// not speak of codings most likely knows none, though RFC 9110 §12.5.3 would allow any.
    pub fn choose<'a>(self, lines: impl Iterator<Item = &'a [u8]> + Clone, offers: &[&str]) -> Option<usize> {
        if lines.clone().next().is_none() {
            let plain = offers.iter().position(|offer| offer.eq_ignore_ascii_case("identity"));
            return plain.filter(|_| self == Self::Coding).or((!offers.is_empty()).then_some(0));
        }
        let mut best = None;
        for (place, offer) in offers.iter().enumerate() {
            let quality = self.quality(lines.clone(), offer.as_bytes());
            if quality > best.map_or(0, |(_, quality)| quality) {
                best = Some((place, quality));
            }
        }
        best.map(|(place, _)| place)
    }

    /// How specifically a range matches an offer, if it does: the more, the higher.
    pub fn specificity(self, range: &[u8], offer: &[u8]) -> Option<usize> {
        match self {
            Self::MediaType => media_range_matches(range, offer),
            Self::Charset => name_matches(range, offer, <[u8]>::eq_ignore_ascii_case),
            Self::Coding => {
                name_matches(range, offer, |range, offer| plain_coding(range).eq_ignore_ascii_case(plain_coding(offer)))
            }
            Self::Language => name_matches(range, offer, language_range_matches),
        }
    }
}

/// `*` matches all; any other range as `matches` says, the longer the more specifically.
fn name_matches(range: &[u8], offer: &[u8], matches: impl Fn(&[u8], &[u8]) -> bool) -> Option<usize> {
    let (name, _) = Parameters::split(range);
    match name {
        b"*" => Some(0),
        _ => matches(name, offer).then_some(name.len()),
    }
}

/// `x-gzip` is `gzip`, `x-compress` is `compress`. RFC 9110 §8.4.1
fn plain_coding(coding: &[u8]) -> &[u8] {
    match coding.split_at_checked(2) {
        Some((b"x-" | b"X-", name)) if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"compress") => {
            name
        }
        _ => coding,
    }
}

/// Basic filtering: `de` matches `de` and `de-AT`, but `de-AT` does not match `de`. RFC 4647 §3.3.1
fn language_range_matches(range: &[u8], tag: &[u8]) -> bool {
    match tag.split_at_checked(range.len()) {
        Some((front, rest)) => front.eq_ignore_ascii_case(range) && matches!(rest, [] | [b'-', ..]),
        None => false,
    }
}

/// The type and the subtype of a media range. A bare `*`, which old clients send, is `*/*`; `*/html` is none.
fn media_range(essence: &[u8]) -> Option<(&[u8], &[u8])> {
    match essence {
        b"*" => Some((essence, essence)),
        _ => media_type::divide(essence).ok().filter(|&(kind, subtype)| kind != b"*" || subtype == b"*"),
    }
}

/// `*/*` matches all, `text/*` all texts, `text/html;level=1` such html only. RFC 9110 §12.5.1
///
/// Every parameter of the range must be one of the offer; the offer may have more.
fn media_range_matches(range: &[u8], offer: &[u8]) -> Option<usize> {
    /// More than a range can have parameters in a field line that is read, so that each step outweighs them.
    const STEP: usize = 1 << 24;
    let (essence, parameters) = Parameters::split(range);
    let (offered, _) = Parameters::split(offer);
    let (kind, subtype) = media_range(essence)?;
    let (offered_kind, offered_subtype) = media_type::divide(offered).ok()?;
    let step = match (kind, subtype) {
        (b"*", b"*") => 0,
        (_, b"*") if kind.eq_ignore_ascii_case(offered_kind) => 1,
        _ if kind.eq_ignore_ascii_case(offered_kind) && subtype.eq_ignore_ascii_case(offered_subtype) => 2,
        _ => return None,
    };
    let mut count = 0;
    for wanted in parameters.flatten() {
        let (_, mut offered) = Parameters::split(offer);
        if !offered.any(|pair| pair.is_ok_and(|pair| pair.is(wanted.name) && same_value(pair.value, wanted.value))) {
            return None;
        }
        count += 1;
    }
    Some(step * STEP + count)
}

/// Values of parameters are compared without regard to case: most are such (`charset`), and none is known that is not.
fn same_value(one: Option<Word<'_>>, other: Option<Word<'_>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.same_ignoring_case(other),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::Dimension::*;
    use super::*;
    use proptest::prelude::*;
    use std::{format, vec::Vec};

    fn quality(dimension: Dimension, line: &str, offer: &str) -> Quality {
        dimension.quality([line.as_bytes()], offer.as_bytes())
    }

    fn choose(dimension: Dimension, lines: &[&str], offers: &[&str]) -> Option<usize> {
        dimension.choose(lines.iter().map(|line| line.as_bytes()), offers)
    }

    #[test]
    fn weights_are_read_strictly() {
        for (text, quality) in [
            ("0", 0),
            ("0.", 0),
            ("0.0", 0),
            ("0.5", 500),
            ("0.25", 250),
            ("0.125", 125),
            ("1", 1000),
            ("1.", 1000),
            ("1.000", 1000),
            (".2", 200),
            ("0.001", 1),
        ] {
            assert_eq!(thousandths(text.as_bytes()), Some(quality), "{text}");
        }
        for text in ["", ".", "2", "1.1", "1.001", "0.1234", "0,5", "-0", "00.5", "01", "0.5 ", "0.a", "1e0", "10"] {
            assert_eq!(thousandths(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn members_that_say_nothing_are_skipped() {
        let wishes = |line: &'static str| {
            MediaType.wishes([line.as_bytes()]).map(|action| (action.range, action.quality)).collect::<Vec<_>>()
        };
        assert_eq!(
            wishes("a/b;q=2, c/d;Q=0.5;ext=1, ;q=1, e, /f, g/h;q=\"1\", i/j;q, k/l;q=, */*"),
            [(&b"c/d"[..], 500), (b"*/*", 1000)]
        );
        assert_eq!(wishes("a/b;c=d;q=0 , *;q=.2"), [(&b"a/b;c=d"[..], 0), (b"*", 200)]);
    }

    /// Table 5 of RFC 9110 §12.5.1, whose example line this is; and the weights that follow from it.
    #[test]
    fn the_most_specific_media_range_decides() {
        let line = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
        for (offer, expected) in [
            ("text/plain;format=flowed", 1000),
            ("text/plain", 700),
            ("text/html", 300),
            ("image/jpeg", 500),
            ("text/plain;format=fixed", 400),
            ("text/html;level=3", 300),
            ("TEXT/Plain; Format=\"FIXED\"; x=y", 400),
        ] {
            assert_eq!(quality(MediaType, line, offer), expected, "{offer}");
        }
        assert_eq!(quality(MediaType, "*/*, text/html;q=0", "text/html"), 0);
        assert_eq!(quality(MediaType, "text/html;level=1", "text/html"), 0);
        assert_eq!(quality(MediaType, "*/html", "text/html"), FULL, "says nothing that can match, nor that is known");
    }

    #[test]
    fn absent_is_not_empty_is_not_unsatisfiable() {
        assert_eq!(MediaType.quality([], b"a/b"), FULL);
        assert_eq!(quality(MediaType, "", "a/b"), FULL);
        assert_eq!(quality(MediaType, "garbage", "a/b"), FULL);
        assert_eq!(quality(MediaType, "c/d", "a/b"), 0);
        assert_eq!(choose(MediaType, &[], &["a/b", "c/d"]), Some(0));
        assert_eq!(choose(MediaType, &["x/y"], &["a/b", "c/d"]), None);
        assert_eq!(choose(MediaType, &[], &[]), None);
        assert_eq!(choose(MediaType, &["*/*"], &[]), None);
    }

    #[test]
    fn clients_as_they_are() {
        let java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
        assert_eq!(choose(MediaType, &[java], &["application/json"]), Some(0));
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
        assert_eq!(choose(MediaType, &[browser], &["application/problem+json", "text/html", "text/plain"]), Some(1));
        assert_eq!(
            choose(MediaType, &["application/problem+json"], &["text/html", "application/problem+json"]),
            Some(1)
        );
    }

    #[test]
    fn identity_is_acceptable_unless_excluded() {
        assert_eq!(quality(Coding, "br", "identity"), 1);
        assert_eq!(quality(Coding, "br", "gzip"), 0);
        assert_eq!(quality(Coding, "", "identity"), 1);
        assert_eq!(quality(Coding, "", "gzip"), 0, "an empty field wants no coding");
        assert_eq!(Coding.quality([], b"gzip"), FULL);
        assert_eq!(quality(Coding, "identity;q=0, br", "identity"), 0);
        assert_eq!(quality(Coding, "*;q=0", "identity"), 0);
        assert_eq!(quality(Coding, "*;q=0, identity;q=0.5", "identity"), 500);
        assert_eq!(quality(Coding, "*;q=0.5", "identity"), 500);
        assert_eq!(quality(Coding, "gzip;q=0, *", "gzip"), 0);
        assert_eq!(quality(Coding, "X-GZIP", "gzip"), FULL);
        assert_eq!(quality(Coding, "x-br", "br"), 0);
        assert_eq!(choose(Coding, &[], &["br", "gzip", "Identity"]), Some(2));
        assert_eq!(choose(Coding, &[], &["br"]), Some(0));
        assert_eq!(choose(Coding, &["gzip, br"], &["br", "gzip", "identity"]), Some(0));
        assert_eq!(choose(Coding, &["gzip, br;q=0.9"], &["br", "gzip", "identity"]), Some(1));
        assert_eq!(choose(Coding, &["zstd"], &["br", "gzip", "identity"]), Some(2));
        assert_eq!(choose(Coding, &["zstd, identity;q=0"], &["br", "identity"]), None);
        assert_eq!(choose(Coding, &["br;q=0.5", "gzip"], &["br", "gzip"]), Some(1), "several lines are one list");
    }

    #[test]
    fn languages_match_by_their_front() {
        let line = "da, en-GB;q=0.8, en;q=0.7";
        assert_eq!(quality(Language, line, "da-DK"), 1000);
        assert_eq!(quality(Language, line, "EN-gb"), 800);
        assert_eq!(quality(Language, line, "en-GB-oed"), 800);
        assert_eq!(quality(Language, line, "en"), 700);
        assert_eq!(quality(Language, line, "eng"), 0);
        assert_eq!(quality(Language, line, "d"), 0);
        assert_eq!(quality(Language, "de-AT", "de"), 0);
        assert_eq!(quality(Language, "*;q=0.1, de", "fr"), 100);
    }

    #[test]
    fn charsets_match_whole() {
        assert_eq!(quality(Charset, "UTF-8, *;q=0.1", "utf-8"), 1000);
        assert_eq!(quality(Charset, "UTF-8, *;q=0.1", "utf-16"), 100);
        assert_eq!(quality(Charset, "utf-8", "utf-16"), 0);
    }

    proptest! {
        #[test]
        fn nothing_panics(lines: Vec<Vec<u8>>, offer: Vec<u8>) {
            for dimension in [MediaType, Charset, Coding, Language] {
                prop_assert!(dimension.quality(lines.iter().map(|line| &line[..]), &offer) <= FULL);
            }
        }

        #[test]
        fn near_misses_do_not_panic(line in "([a*/;q=.019\\-\", ]|;q=|[*]/[*]){0,24}", offer in "[a*/;=-]{0,6}") {
            for dimension in [MediaType, Charset, Coding, Language] {
                prop_assert!(quality(dimension, &line, &offer) <= FULL);
            }
        }

        #[test]
        fn weights_read_back(quality in 0..=FULL) {
            let text = format!("{}.{:03}", quality / FULL, quality % FULL);
            prop_assert_eq!(thousandths(text.as_bytes()), Some(quality));
        }

        #[test]
        fn the_best_offer_is_chosen(qualities in proptest::collection::vec(0u16..1000, 1..6)) {
            let names = ["a", "b", "c", "d", "e"];
            let offers = &names[..qualities.len()];
            let line: Vec<_> = offers.iter().zip(&qualities).map(|(name, q)| format!("{name};q=0.{q:03}")).collect();
            let chosen = choose(Language, &[&line.join(", ")], offers);
            let best = qualities.iter().copied().max().filter(|&best| best > 0);
            prop_assert_eq!(chosen.map(|place| qualities[place]), best);
            prop_assert!(chosen.is_none_or(|place| qualities[..place].iter().all(|&q| Some(q) < best)));
        }
    }
}
