//! The grammar that fields share: tokens, whitespace, comma lists, quoted words, parameters, numbers.
//!
//! Only what several fields have in common lives here (RFC 9110 §5.6). What one field means by its words belongs to
//! the file of that field. Nothing here allocates; every piece that is handed out is a view of the input.

use core::{error, fmt, iter};

/// Why a reader refused a value: the offence, and the offset of the byte at which it shows.
///
/// Every reader of this crate refuses with this one type. Which status the offence deserves is not its business.
///
/// ```
/// use semantics::syntax::{NumberError, ParseError, parse_u64};
/// assert_eq!(parse_u64(b"12a"), Err(ParseError { at: 2, what: NumberError::NotADigit }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParseError<W> {
    /// Offset into the value (of several field lines: into the line that offends).
    pub at: usize,
    /// The offence.
    pub what: W,
}

impl<W> ParseError<W> {
    /// A refusal at an offset.
    pub const fn new(at: usize, what: W) -> Self {
        Self { at, what }
    }

    /// The same refusal, seen from a value in which the refused part starts at `start`, told as another offence.
    pub fn within<V>(self, start: usize, tell: impl FnOnce(W) -> V) -> ParseError<V> {
        ParseError { at: self.at.saturating_add(start), what: tell(self.what) }
    }
}

impl<W: fmt::Display> fmt::Display for ParseError<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.what, self.at)
    }
}

impl<W: fmt::Debug + fmt::Display> error::Error for ParseError<W> {}

/// The set of these bytes, and of the ASCII letters and digits, as a table.
pub(crate) const fn alphanumeric_and(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut i = 0;
    while i < others.len() {
        table[others[i] as usize] = true;
        i += 1;
    }
    table
}

/// RFC 9110 §5.6.2.
static TCHAR: [bool; 256] = alphanumeric_and(b"!#$%&'*+-.^_`|~");

/// Is this a character of a token? RFC 9110 §5.6.2
#[inline]
pub fn is_tchar(byte: u8) -> bool {
    TCHAR[byte as usize]
}

/// Is this a token, so at least one tchar and nothing else? RFC 9110 §5.6.2
///
/// ```
/// # use semantics::syntax::is_token;
/// assert!(is_token(b"max-age") && !is_token(b"") && !is_token(b"a b"));
/// ```
#[inline]
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_tchar(byte))
}

/// Is this optional whitespace, so SP or HTAB? RFC 9110 §5.6.3
#[inline]
pub const fn is_ows(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// How much whitespace stands at the front.
fn leading_ows(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| is_ows(byte)).count()
}

/// Without the whitespace (SP, HTAB) at either end. RFC 9110 §5.6.3
///
/// ```
/// # use semantics::syntax::trim_ows;
/// assert_eq!(trim_ows(b" \ta b "), b"a b");
/// ```
#[inline]
pub const fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_ows(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_ows(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Where the first `separator` outside a quoted-string stands, or the end. RFC 9110 §5.6.4
fn find_outside_quotes(bytes: &[u8], separator: u8) -> usize {
    let mut quoted = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            _ if byte == separator && !quoted => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The members of a comma list, `#element`, of one field line. RFC 9110 §5.6.1
///
/// Members come without the whitespace around them; empty ones are skipped, as a recipient must. A comma in a
/// quoted-string divides nothing; a quoted-string that never ends reaches to the end of the line.
/// Entity-tags have quotes of another kind: their list is [`crate::tag::Tags`].
///
/// ```
/// # use semantics::syntax::List;
/// let members: Vec<_> = List::new(b"a, ,b=\"x, y\",").collect();
/// assert_eq!(members, [&b"a"[..], b"b=\"x, y\""]);
/// ```
#[derive(Clone, Debug)]
pub struct List<'a> {
    value: &'a [u8],
    at: usize,
}

impl<'a> List<'a> {
    /// The members of this field line.
    pub const fn new(value: &'a [u8]) -> Self {
        Self { value, at: 0 }
    }

    /// The next member, with its offset in the line.
    pub fn next_at(&mut self) -> Option<(usize, &'a [u8])> {
        while self.at < self.value.len() {
            let rest = &self.value[self.at..];
            let end = find_outside_quotes(rest, b',');
            let start = self.at + leading_ows(&rest[..end]);
            let member = trim_ows(&rest[..end]);
            self.at += end + 1;
            if !member.is_empty() {
                return Some((start, member));
            }
        }
        None
    }
}

impl<'a> Iterator for List<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.next_at().map(|(_, member)| member)
    }
}

impl iter::FusedIterator for List<'_> {}

/// Does one of these field lines list this token, whatever its case?
///
/// ```
/// # use semantics::syntax::lists_token;
/// assert!(lists_token([&b"gzip"[..], b"Trailers, deflate"], b"trailers"));
/// ```
pub fn lists_token<'a>(lines: impl IntoIterator<Item = &'a [u8]>, token: &[u8]) -> bool {
    lines.into_iter().any(|line| List::new(line).any(|member| member.eq_ignore_ascii_case(token)))
}

/// A token or a quoted-string: the two ways to write one value. RFC 9110 §5.6.6
///
/// ```
/// # use semantics::syntax::Word;
/// let word = Word::parse(br#""a \"b\"""#).expect("closed");
/// assert_eq!(word, Word::Quoted(br#"a \"b\""#));
/// assert!(word.equals(br#"a "b""#));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'a> {
    /// A token, as it stands.
    Token(&'a [u8]),
    /// What stands between the quotes, its backslashes still in it.
    Quoted(&'a [u8]),
}

/// What can be wrong with a token, a quoted-string, or a `name=value` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WordError {
    /// Nothing stands where a word must stand.
    Empty,
    /// A byte that no token has, and no quote opened.
    NotAToken,
    /// A byte that a quoted-string must not have, not even after a backslash.
    BadQuotedByte,
    /// The closing quote is missing.
    Unclosed,
    /// Something follows the closing quote.
    AfterQuote,
}

impl fmt::Display for WordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a word is missing",
            Self::NotAToken => "a byte that a token cannot have",
            Self::BadQuotedByte => "a byte that a quoted-string cannot have",
            Self::Unclosed => "the closing quote is missing",
            Self::AfterQuote => "something follows the closing quote",
        })
    }
}

impl error::Error for WordError {}

/// HTAB, SP, VCHAR and obs-text: all that may stand in a quoted-string in one way or the other. RFC 9110 §5.6.4
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x7e | 0x80..)
}

impl<'a> Word<'a> {
    /// Reads a token or a quoted-string that fills `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError<WordError>> {
        let [first, rest @ ..] = bytes else { return Err(ParseError::new(0, WordError::Empty)) };
        if *first != b'"' {
            return match bytes.iter().position(|&byte| !is_tchar(byte)) {
                Some(at) => Err(ParseError::new(at, WordError::NotAToken)),
                None => Ok(Self::Token(bytes)),
            };
        }
        let mut at = 0;
        while let Some(&byte) = rest.get(at) {
            match byte {
                b'"' if at + 1 == rest.len() => return Ok(Self::Quoted(&rest[..at])),
                b'"' => return Err(ParseError::new(at + 2, WordError::AfterQuote)),
                b'\\' => match rest.get(at + 1) {
                    Some(&escaped) if is_text(escaped) => at += 1,
                    Some(_) => return Err(ParseError::new(at + 2, WordError::BadQuotedByte)),
                    None => break,
                },
                _ if is_text(byte) => {}
                _ => return Err(ParseError::new(at + 1, WordError::BadQuotedByte)),
            }
            at += 1;
        }
        Err(ParseError::new(bytes.len(), WordError::Unclosed))
    }

    /// The bytes that the word means, without backslashes.
    pub fn bytes(self) -> impl Iterator<Item = u8> + Clone + 'a {
        let (text, quoted) = match self {
            Self::Token(text) => (text, false),
            Self::Quoted(text) => (text, true),
        };
        let mut rest = text.iter().copied();
        iter::from_fn(move || match rest.next() {
            Some(b'\\') if quoted => rest.next(),
            other => other,
        })
    }

    /// What the word means as one slice, if no backslash stands in the way.
    pub fn plain(self) -> Option<&'a [u8]> {
        match self {
            Self::Token(text) => Some(text),
            Self::Quoted(text) => (!text.contains(&b'\\')).then_some(text),
        }
    }

    /// Does the word mean exactly these bytes?
    pub fn equals(self, other: &[u8]) -> bool {
        self.bytes().eq(other.iter().copied())
    }

    /// Do both words mean the same, whatever the case of ASCII letters?
    pub fn same_ignoring_case(self, other: Word<'_>) -> bool {
        self.bytes().map(|byte| byte.to_ascii_lowercase()).eq(other.bytes().map(|byte| byte.to_ascii_lowercase()))
    }

    /// Does the word mean these bytes, whatever the case of ASCII letters?
    pub fn equals_ignoring_case(self, other: &[u8]) -> bool {
        self.bytes().map(|byte| byte.to_ascii_lowercase()).eq(other.iter().map(u8::to_ascii_lowercase))
    }
}

/// `name` or `name=value`: a parameter, a cache directive, a preference. RFC 9110 §5.6.6, RFC 9111 §5.2, RFC 7240 §2
///
/// Whitespace around the `=` is let pass: RFC 7240 asks for it, elsewhere nothing hangs on it.
///
/// ```
/// # use semantics::syntax::{Pair, Word};
/// let pair = Pair::parse(b"max-age=\"5\"").expect("well formed");
/// assert_eq!((pair.name, pair.value), (&b"max-age"[..], Some(Word::Quoted(b"5"))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The name, a token. Names are compared without regard to case.
    pub name: &'a [u8],
    /// What follows the `=`, if there is one.
    pub value: Option<Word<'a>>,
}

impl<'a> Pair<'a> {
    /// Reads a pair that fills `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError<WordError>> {
        let end = bytes.iter().position(|&byte| !is_tchar(byte)).unwrap_or(bytes.len());
        let (name, rest) = bytes.split_at(end);
        if name.is_empty() {
            return Err(ParseError::new(0, if rest.is_empty() { WordError::Empty } else { WordError::NotAToken }));
        }
        let gap = leading_ows(rest);
        match rest[gap..] {
            [] => Ok(Self { name, value: None }),
            [b'=', ref value @ ..] => {
                let start = end + gap + 1 + leading_ows(value);
                let value = Word::parse(trim_ows(value)).map_err(|refusal| refusal.within(start, |what| what))?;
                Ok(Self { name, value: Some(value) })
            }
            _ => Err(ParseError::new(end + gap, WordError::NotAToken)),
        }
    }

    /// Is this the name, whatever its case?
    pub fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The parameters after a value: `*( OWS ";" OWS [ name=value ] )`. RFC 9110 §5.6.6
///
/// Empty ones are skipped. A malformed one is handed out as its refusal, and the next is read all the same.
///
/// ```
/// # use semantics::syntax::Parameters;
/// let (head, mut parameters) = Parameters::split(b"text/html; Charset=utf-8;");
/// assert_eq!(head, b"text/html");
/// assert!(parameters.next().is_some_and(|pair| pair.is_ok_and(|pair| pair.is(b"charset"))));
/// assert!(parameters.next().is_none());
/// ```
#[derive(Clone, Debug)]
pub struct Parameters<'a> {
    value: &'a [u8],
    at: usize,
}

impl<'a> Parameters<'a> {
    /// Divides a list member into what stands before the first `;`, and its parameters.
    pub fn split(member: &'a [u8]) -> (&'a [u8], Self) {
        let head = find_outside_quotes(member, b';');
        (trim_ows(&member[..head]), Self { value: member, at: head + 1 })
    }

    /// The next parameter as it stands, with its offset in the member that was split.
    pub fn next_at(&mut self) -> Option<(usize, &'a [u8])> {
        while self.at < self.value.len() {
            let rest = &self.value[self.at..];
            let end = find_outside_quotes(rest, b';');
            let start = self.at + leading_ows(&rest[..end]);
            let parameter = trim_ows(&rest[..end]);
            self.at += end + 1;
            if !parameter.is_empty() {
                return Some((start, parameter));
            }
        }
        None
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Result<Pair<'a>, ParseError<WordError>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (start, parameter) = self.next_at()?;
        Some(Pair::parse(parameter).map_err(|refusal| refusal.within(start, |what| what)))
    }
}

impl iter::FusedIterator for Parameters<'_> {}

/// What can be wrong with a number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberError {
    /// There is no digit.
    Empty,
    /// A byte is no decimal digit: a sign, a space, an `x`, a dot.
    NotADigit,
    /// Digits only, but more than 64 bits can hold.
    Overflow,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a number is missing",
            Self::NotADigit => "a byte that is not a decimal digit",
            Self::Overflow => "the number does not fit 64 bits",
        })
    }
}

impl error::Error for NumberError {}

/// `1*DIGIT` and nothing else. A byte that is no digit is told even where the digits before it overflow.
///
/// ```
/// # use semantics::syntax::{NumberError, parse_u64};
/// assert_eq!(parse_u64(b"0042"), Ok(42));
/// assert_eq!(parse_u64(b"18446744073709551616").map_err(|r| r.what), Err(NumberError::Overflow));
/// ```
pub fn parse_u64(digits: &[u8]) -> Result<u64, ParseError<NumberError>> {
    if digits.is_empty() {
        return Err(ParseError::new(0, NumberError::Empty));
    }
    let mut number = 0u64;
    let mut overflow = None;
    for (at, byte) in digits.iter().enumerate() {
        if !byte.is_ascii_digit() {
            return Err(ParseError::new(at, NumberError::NotADigit));
        }
        match number.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(byte - b'0'))) {
            Some(sum) => number = sum,
            None => overflow = overflow.or(Some(at)),
        }
    }
    match overflow {
        None => Ok(number),
        Some(at) => Err(ParseError::new(at, NumberError::Overflow)),
    }
}

/// As [`parse_u64`], but a number too large is the largest there is: for positions and ages, where "further than
/// anything" is all that counts. RFC 9110 §14.1.2, RFC 9111 §1.2.2
pub fn parse_u64_saturating(digits: &[u8]) -> Result<u64, ParseError<NumberError>> {
    match parse_u64(digits) {
        Err(ParseError { what: NumberError::Overflow, .. }) => Ok(u64::MAX),
        other => other,
    }
}

/// The longest time that is told apart, about 68 years; longer ones count as this. RFC 9111 §1.2.2
pub const LONGEST_DELTA: u32 = 1 << 31;

/// `delta-seconds`, at most [`LONGEST_DELTA`]: an age, a lifetime, a wait. RFC 9111 §1.2.2
///
/// ```
/// # use semantics::syntax::{LONGEST_DELTA, delta_seconds};
/// assert_eq!(delta_seconds(b"60"), Ok(60));
/// assert_eq!(delta_seconds(b"99999999999999999999"), Ok(LONGEST_DELTA));
/// ```
pub fn delta_seconds(digits: &[u8]) -> Result<u32, ParseError<NumberError>> {
    let seconds = parse_u64_saturating(digits)?;
    Ok(u32::try_from(seconds).map_or(LONGEST_DELTA, |seconds| seconds.min(LONGEST_DELTA)))
}

/// Writes a number in decimal digits at the end of `out`, and returns them.
///
/// ```
/// # use semantics::syntax::write_u64;
/// assert_eq!(write_u64(1204, &mut [0; 20]), b"1204");
/// ```
pub fn write_u64(mut number: u64, out: &mut [u8; 20]) -> &[u8] {
    let mut at = out.len();
    loop {
        at -= 1;
        out[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &out[at..];
        }
    }
}

/// What a hexadecimal digit counts.
#[inline]
pub const fn hex_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The byte that `%XX` at the front of `bytes` stands for. RFC 3986 §2.1
#[inline]
pub const fn percent_decoded(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => match (hex_value(*high), hex_value(*low)) {
            (Some(high), Some(low)) => Some(high << 4 | low),
            _ => None,
        },
        _ => None,
    }
}

/// Are the two texts the same? For tables that are checked while compiling, where `==` cannot be used yet.
///
/// Our other crates check their tables by it; it is no part of what this crate promises to keep.
#[doc(hidden)]
pub const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    #[test]
    fn texts_are_the_same_or_not() {
        assert!(same_text("", "") && same_text("ab", "ab"));
        assert!(!same_text("a", "ab") && !same_text("ab", "a") && !same_text("ab", "ac"));
    }

    #[test]
    fn tokens_are_exactly_the_tchars() {
        let tchars = (0..=255).filter(|&byte| is_tchar(byte)).count();
        assert_eq!(tchars, 26 + 26 + 10 + 15);
        assert!(b"\"(),/:;<=>?@[\\]{} \t\x7f\x80".iter().all(|&byte| !is_tchar(byte)));
        assert!(is_token(b"!#$%&'*+-.^_`|~09azAZ"));
    }

    #[test]
    fn lists_skip_empty_members_and_respect_quotes() {
        let members = |value| List::new(value).collect::<Vec<_>>();
        assert!(members(b"").is_empty());
        assert!(members(b" , ,\t,").is_empty());
        assert_eq!(members(b"a,b"), [b"a", b"b"]);
        assert_eq!(members(b"\ta b ,, c "), [&b"a b"[..], b"c"]);
        assert_eq!(members(br#"a="x,y\",z", b"#), [&br#"a="x,y\",z""#[..], b"b"]);
        assert_eq!(members(br#"a="x, b"#), [&br#"a="x, b"#[..]], "an open quote reaches to the end");
        assert_eq!(members(br#"a="x\"#), [&br#"a="x\"#[..]]);
        assert_eq!(members(br"a\,b"), [&br"a\"[..], b"b"], "a backslash outside quotes escapes nothing");
    }

    #[test]
    fn list_members_know_their_place() {
        let mut list = List::new(b" a ,, b");
        assert_eq!(list.next_at(), Some((1, &b"a"[..])));
        assert_eq!(list.next_at(), Some((6, &b"b"[..])));
        assert_eq!(list.next_at(), None);
        assert_eq!(list.next_at(), None);
    }

    #[test]
    fn words_are_tokens_or_quoted() {
        let offence = |bytes| Word::parse(bytes).map_err(|refusal| (refusal.at, refusal.what));
        assert_eq!(offence(b"a"), Ok(Word::Token(b"a")));
        assert_eq!(offence(b"\"\""), Ok(Word::Quoted(b"")));
        assert_eq!(offence(b""), Err((0, WordError::Empty)));
        assert_eq!(offence(b"a b"), Err((1, WordError::NotAToken)));
        assert_eq!(offence(b"a\""), Err((1, WordError::NotAToken)));
        assert_eq!(offence(b"\"a"), Err((2, WordError::Unclosed)));
        assert_eq!(offence(b"\"a\\\""), Err((4, WordError::Unclosed)));
        assert_eq!(offence(b"\"a\\"), Err((3, WordError::Unclosed)));
        assert_eq!(offence(b"\"a\"b"), Err((3, WordError::AfterQuote)));
        assert_eq!(offence(b"\"a\x00\""), Err((2, WordError::BadQuotedByte)));
        assert_eq!(offence(b"\"a\\\x00\""), Err((3, WordError::BadQuotedByte)));
        assert_eq!(offence(b"\"\xff\t\""), Ok(Word::Quoted(b"\xff\t")));
    }

    #[test]
    fn words_compare_by_meaning() {
        let quoted = Word::Quoted(br"\A\b");
        assert!(quoted.equals(b"Ab") && !quoted.equals(b"ab") && quoted.equals_ignoring_case(b"aB"));
        assert_eq!(quoted.plain(), None);
        assert_eq!(Word::Quoted(b"x y").plain(), Some(&b"x y"[..]));
        assert!(!Word::Token(b"a").equals(b"ab") && !Word::Token(b"ab").equals(b"a"));
    }

    #[test]
    fn pairs_have_a_name_and_perhaps_a_value() {
        let pair = |bytes| Pair::parse(bytes).map(|pair| (pair.name, pair.value)).map_err(|r| (r.at, r.what));
        assert_eq!(pair(b"a"), Ok((&b"a"[..], None)));
        assert_eq!(pair(b"a=b"), Ok((&b"a"[..], Some(Word::Token(b"b")))));
        assert_eq!(pair(b"a = b"), Ok((&b"a"[..], Some(Word::Token(b"b")))));
        assert_eq!(pair(b"a="), Err((2, WordError::Empty)));
        assert_eq!(pair(b"=b"), Err((0, WordError::NotAToken)));
        assert_eq!(pair(b""), Err((0, WordError::Empty)));
        assert_eq!(pair(b"a b"), Err((2, WordError::NotAToken)));
        assert_eq!(pair(b"a= b c"), Err((4, WordError::NotAToken)));
    }

    #[test]
    fn parameters_survive_a_bad_neighbour() {
        let (head, parameters) = Parameters::split(b"x ;; a=\";\" ; b c;d ");
        assert_eq!(head, b"x");
        let read: Vec<_> = parameters.map(|pair| pair.map(|pair| pair.name).map_err(|r| r.at)).collect();
        assert_eq!(read, [Ok(&b"a"[..]), Err(15), Ok(&b"d"[..])]);
    }

    #[test]
    fn numbers_are_digits_only() {
        let offence = |bytes| parse_u64(bytes).map_err(|refusal| (refusal.at, refusal.what));
        assert_eq!(offence(b""), Err((0, NumberError::Empty)));
        assert_eq!(offence(b"+5"), Err((0, NumberError::NotADigit)));
        assert_eq!(offence(b"0x5"), Err((1, NumberError::NotADigit)));
        assert_eq!(offence(b"18446744073709551615"), Ok(u64::MAX));
        assert_eq!(offence(b"18446744073709551616"), Err((19, NumberError::Overflow)));
        assert_eq!(offence(b"99999999999999999999999 "), Err((23, NumberError::NotADigit)));
        assert_eq!(parse_u64_saturating(b"99999999999999999999999"), Ok(u64::MAX));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            let _ = (Word::parse(&bytes), Pair::parse(&bytes), parse_u64(&bytes), trim_ows(&bytes));
            for member in List::new(&bytes) {
                prop_assert_eq!(trim_ows(member), member);
                prop_assert!(!member.is_empty());
                prop_assert!(Parameters::split(member).1.count() <= member.len());
            }
        }

        #[test]
        fn a_joined_list_comes_apart_again(
            members in proptest::collection::vec("[a-z]+|[a-z]=\"([ -!#-\\[\\]-~]|\\\\[ -~])*\"", 0..8),
        ) {
            let line = members.join(" ,\t");
            let read: Vec<_> = List::new(line.as_bytes()).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(read, members.iter().map(|member| member.as_bytes().to_vec()).collect::<Vec<_>>());
        }

        #[test]
        fn a_quoted_word_means_what_was_quoted(text in proptest::collection::vec(0x20u8..=0xff, 0..20)) {
            let text: Vec<u8> = text.into_iter().filter(|&byte| byte != 0x7f).collect();
            let mut quoted = vec![b'"'];
            for &byte in &text {
                if matches!(byte, b'"' | b'\\') {
                    quoted.push(b'\\');
                }
                quoted.push(byte);
            }
            quoted.push(b'"');
            let word = Word::parse(&quoted).expect("well quoted");
            prop_assert!(word.equals(&text));
            prop_assert!(word.plain().is_none_or(|plain| plain == text));
        }

        #[test]
        fn a_written_number_reads_back(number: u64) {
            let mut out = [0; 20];
            prop_assert_eq!(parse_u64(write_u64(number, &mut out)), Ok(number));
        }
    }
}
