//! Authorization and Proxy-Authorization as they are written, and challenges to be written. RFC 9110 §11
//!
//! What a scheme makes of its parameters, and whether credentials are right, is not known here.

use alloc::string::String;
use core::fmt;

use crate::limits;
use crate::syntax::{List, Pair, ParseError, Word, WordError, is_tchar, trim_ows};

/// Credentials: the scheme, and what it was given. RFC 9110 §11.4
///
/// ```
/// use semantics::credentials::{Credentials, Given};
/// let basic = Credentials::parse(b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").expect("well formed");
/// assert!(basic.is(b"basic"));
/// assert_eq!(basic.token68(), Some(&b"QWxhZGRpbjpvcGVuIHNlc2FtZQ=="[..]));
/// let digest = Credentials::parse(br#"Digest username="Mufasa", qop=auth"#).expect("well formed");
/// let Given::Parameters(parameters) = digest.given else { panic!("parameters were given") };
/// assert!(parameters.get(b"USERNAME").is_some_and(|word| word.equals(b"Mufasa")));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// The scheme, a token. Schemes are compared without regard to case.
    pub scheme: &'a [u8],
    /// What follows it.
    pub given: Given<'a>,
}

/// What follows the scheme.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// Nothing.
    Nothing,
    /// One word of base64 or the like. RFC 9110 §11.2
    Token68(&'a [u8]),
    /// `name=value` pairs, each name once.
    Parameters(AuthParameters<'a>),
}

/// Parameters that were found to be well formed, each name once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AuthParameters<'a> {
    text: &'a [u8],
}

/// What can be wrong with credentials as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialsError {
    /// There is no scheme.
    NoScheme,
    /// A byte that the name of a scheme cannot have.
    BadScheme,
    /// A parameter is malformed.
    Parameter(WordError),
    /// A parameter has no `=value`.
    NoValue,
    /// A parameter is given twice. RFC 9110 §11.2
    Twice,
    /// There are more parameters than any scheme has.
    TooMany,
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "the name of the scheme is missing",
            Self::BadScheme => "a byte that the name of a scheme cannot have",
            Self::Parameter(offence) => return fmt::Display::fmt(offence, f),
            Self::NoValue => "a parameter has no value",
            Self::Twice => "a parameter is given twice",
            Self::TooMany => "there are more parameters than any scheme has",
        })
    }
}

impl core::error::Error for CredentialsError {}

impl<'a> Credentials<'a> {
    /// Reads the value of Authorization or Proxy-Authorization.
    pub fn parse(value: &'a [u8]) -> Result<Self, ParseError<CredentialsError>> {
        let end = value.iter().position(|&byte| !is_tchar(byte)).unwrap_or(value.len());
        let (scheme, rest) = value.split_at(end);
        match rest.first() {
            _ if scheme.is_empty() => return Err(ParseError::new(0, CredentialsError::NoScheme)),
            None | Some(b' ') => {}
            Some(_) => return Err(ParseError::new(end, CredentialsError::BadScheme)),
        }
        let given = match trim_ows(rest) {
            [] => Given::Nothing,
            word if is_token68(word) => Given::Token68(word),
            _ => Given::Parameters(AuthParameters::parse(rest).map_err(|refusal| refusal.within(end, |what| what))?),
        };
        Ok(Self { scheme, given })
    }

    /// Is this the scheme, whatever its case? RFC 9110 §11.1
    pub fn is(&self, scheme: &[u8]) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The one word that follows the scheme, if that is what follows.
    pub const fn token68(&self) -> Option<&'a [u8]> {
        match self.given {
            Given::Token68(word) => Some(word),
            Given::Nothing | Given::Parameters(_) => None,
        }
    }

    /// The parameters, if that is what follows the scheme.
    pub const fn parameters(&self) -> Option<AuthParameters<'a>> {
        match self.given {
            Given::Parameters(parameters) => Some(parameters),
            Given::Nothing | Given::Token68(_) => None,
        }
    }
}

/// Credentials are secrets: only the scheme is shown.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.scheme.escape_ascii(), self.given)
    }
}

impl fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "(nothing)",
            Self::Token68(_) => "(a word)",
            Self::Parameters(_) => "(parameters)",
        })
    }
}

impl fmt::Debug for AuthParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|pair| pair.name.escape_ascii())).finish()
    }
}

impl<'a> AuthParameters<'a> {
    /// Reads a list of parameters: `#auth-param`. RFC 9110 §11.2
    pub fn parse(text: &'a [u8]) -> Result<Self, ParseError<CredentialsError>> {
        let mut names: [&[u8]; limits::AUTH_PARAMETERS] = [&[]; limits::AUTH_PARAMETERS];
        let (mut list, mut count) = (List::new(text), 0);
        while let Some((at, member)) = list.next_at() {
            let pair = Pair::parse(member).map_err(|refusal| refusal.within(at, CredentialsError::Parameter))?;
            if pair.value.is_none() {
                return Err(ParseError::new(at + member.len(), CredentialsError::NoValue));
            }
            if names[..count].iter().any(|name| pair.is(name)) {
                return Err(ParseError::new(at, CredentialsError::Twice));
            }
            *names.get_mut(count).ok_or(ParseError::new(at, CredentialsError::TooMany))? = pair.name;
            count += 1;
        }
        Ok(Self { text })
    }

    /// The parameters, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Pair<'a>> + use<'a> {
        List::new(self.text).filter_map(|member| Pair::parse(member).ok())
    }

    /// The value of a parameter, whatever the case of its name.
    pub fn get(&self, name: &[u8]) -> Option<Word<'a>> {
        self.iter().find(|pair| pair.is(name)).and_then(|pair| pair.value)
    }
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`. RFC 9110 §11.2
fn is_token68(word: &[u8]) -> bool {
    let end = word.iter().position(|&byte| byte == b'=').unwrap_or(word.len());
    let (text, padding) = word.split_at(end);
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    !text.is_empty() && text.iter().all(allowed) && padding.iter().all(|&byte| byte == b'=')
}

/// A challenge as it is written: the value of one line of WWW-Authenticate or Proxy-Authenticate. RFC 9110 §11.3
///
/// The realm is always a quoted-string, as RFC 9110 §11.5 has it. Which other parameter is quoted is for its scheme to say
/// (RFC 7616 §3.3): [`quoted`](Self::quoted) or [`token`](Self::token).
///
/// ```
/// use semantics::credentials::Challenge;
/// let challenge = Challenge::new("Digest", "a \"b\"").token("algorithm", "SHA-256").quoted("qop", "auth");
/// assert_eq!(challenge.value(), r#"Digest realm="a \"b\"", algorithm=SHA-256, qop="auth""#);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    value: String,
}

impl Challenge {
    /// A challenge of this scheme, a token, for this realm.
    pub fn new(scheme: &str, realm: &str) -> Self {
        let mut value = String::from(scheme);
        value.push_str(" realm=");
        push_quoted(&mut value, realm);
        Self { value }
    }

    /// With one more parameter, written as a quoted-string.
    #[must_use]
    pub fn quoted(mut self, name: &str, text: &str) -> Self {
        self.begin(name);
        push_quoted(&mut self.value, text);
        self
    }

    /// With one more parameter, written as a token; a text that is none is written as a quoted-string.
    #[must_use]
    pub fn token(mut self, name: &str, text: &str) -> Self {
        self.begin(name);
        if crate::syntax::is_token(text.as_bytes()) {
            self.value.push_str(text);
        } else {
            push_quoted(&mut self.value, text);
        }
        self
    }

    /// The value of the field.
    pub fn value(self) -> String {
        self.value
    }

    fn begin(&mut self, name: &str) {
        self.value.push_str(", ");
        self.value.push_str(name);
        self.value.push('=');
    }
}

/// For a challenge goes out to everybody, it may be shown.
impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// Writes a text as a quoted-string. RFC 9110 §5.6.4
///
/// Controls, which no quoted-string can hold, become spaces: so nothing that is written here can end a field line.
///
/// ```
/// let mut out = String::new();
/// semantics::credentials::push_quoted(&mut out, "a\\b\r\n");
/// assert_eq!(out, r#""a\\b  ""#);
/// ```
pub fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\t' => out.push('\t'),
            control if control.is_ascii_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString, vec::Vec};

    fn offence(value: &str) -> Option<(usize, CredentialsError)> {
        Credentials::parse(value.as_bytes()).err().map(|refusal| (refusal.at, refusal.what))
    }

    #[test]
    fn one_word_or_parameters_follow_the_scheme() {
        for (value, word) in [
            ("Basic QQ==", Some("QQ==")),
            ("Bearer  a.b-c_d~e+f/g", Some("a.b-c_d~e+f/g")),
            ("Bearer a= ", Some("a=")),
            ("Negotiate", None),
            ("Negotiate ", None),
            ("Digest a=b", None),
            ("Digest a=\"b\"", None),
        ] {
            let read = Credentials::parse(value.as_bytes()).expect(value);
            assert_eq!(read.token68(), word.map(str::as_bytes), "{value}");
        }
        let read = Credentials::parse(b"Digest a=b, , C = \"d, \\\"e\" ,f=g").expect("well formed");
        let parameters = read.parameters().expect("parameters");
        assert_eq!(parameters.iter().count(), 3);
        assert!(parameters.get(b"c").is_some_and(|word| word.equals(b"d, \"e")));
        assert!(parameters.get(b"x").is_none());
    }

    #[test]
    fn what_is_malformed_is_named() {
        use CredentialsError::{BadScheme, NoScheme, NoValue, Parameter, TooMany, Twice};
        for (value, what) in [
            ("", (0, NoScheme)),
            (" Basic x", (0, NoScheme)),
            ("\"x\"", (0, NoScheme)),
            ("Basic\tQQ==", (5, BadScheme)),
            ("Basic:QQ==", (5, BadScheme)),
            ("Digest a, b=c", (8, NoValue)),
            ("Digest a=b, A=c", (12, Twice)),
            ("Digest a=\"b", (11, Parameter(WordError::Unclosed))),
            ("Bearer a b", (9, Parameter(WordError::NotAToken))),
            ("Bearer =", (7, Parameter(WordError::NotAToken))),
            ("Digest a=b=c", (10, Parameter(WordError::NotAToken))),
        ] {
            assert_eq!(offence(value), Some(what), "{value}");
        }
        let many: Vec<_> = (0..=limits::AUTH_PARAMETERS).map(|k| format!("p{k}=1")).collect();
        assert_eq!(offence(&format!("Digest {}", many.join(","))).map(|(_, what)| what), Some(TooMany));
        assert_eq!(offence(&format!("Digest {}", many[1..].join(","))), None);
    }

    #[test]
    fn nothing_secret_is_shown() {
        let read = Credentials::parse(b"Basic c2VjcmV0").expect("well formed");
        assert_eq!(format!("{read:?}"), "Basic (a word)");
        let read = Credentials::parse(b"Digest response=secret").expect("well formed");
        assert!(!format!("{read:?} {:?}", read.parameters()).contains("secret"));
    }

    #[test]
    fn challenges_are_written() {
        let basic = Challenge::new("Basic", "WallyWorld").quoted("charset", "UTF-8");
        assert_eq!(basic.value(), "Basic realm=\"WallyWorld\", charset=\"UTF-8\"");
        let digest = Challenge::new("Digest", "x").token("stale", "true").token("odd", "a b");
        assert_eq!(digest.value(), "Digest realm=\"x\", stale=true, odd=\"a b\"");
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>) {
            if let Ok(read) = Credentials::parse(&bytes) {
                prop_assert!(!read.scheme.is_empty());
            }
        }

        #[test]
        fn near_misses_are_refused_within_the_value(
            value in "(Basic|Digest|Bearer|a)[ \t:]{0,2}([A-Za-z0-9+/._-]{0,6}={0,3}|([a-c]=(\"[a,\\\\]{0,3}\"?|[a=]{0,2}),? ?){0,3})",
        ) {
            match Credentials::parse(value.as_bytes()) {
                Ok(read) => prop_assert!(read.token68().is_none() || read.parameters().is_none()),
                Err(refusal) => prop_assert!(refusal.at <= value.len()),
            }
        }

        #[test]
        fn parameters_that_look_like_some_end_well(text in "[a-c]{0,2} ?[ab=\",\\\\ ]{0,12}") {
            if let Ok(Some(parameters)) = Credentials::parse(text.as_bytes()).map(|read| read.parameters()) {
                prop_assert!(parameters.iter().all(|pair| pair.value.is_some()));
            }
        }

        #[test]
        fn what_is_written_is_read(realm in "\\PC{0,20}", other in any::<String>()) {
            let value = Challenge::new("Digest", &realm).quoted("opaque", &other).token("stale", "true").value();
            prop_assert!(!value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
            let read = Credentials::parse(value.as_bytes()).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            let parameters = read.parameters().ok_or(TestCaseError::fail("no parameters"))?;
            let sound = |text: &str| text.replace(|c: char| c.is_ascii_control() && c != '\t', " ");
            for (name, text) in [("realm", &realm), ("opaque", &other)] {
                let word = parameters.get(name.as_bytes()).ok_or(TestCaseError::fail(name))?;
                prop_assert!(matches!(word, Word::Quoted(_)));
                prop_assert!(word.equals(sound(text).as_bytes()));
            }
            prop_assert_eq!(parameters.get(b"stale"), Some(Word::Token(b"true")));
        }
    }
}
