//! What a client sends by Digest, read; and how its answer is computed. RFC 7616 §3.4
//!
//! Whose answer it is, and whether its nonce may still be used, is not known here.

use semantics::credentials::AuthParameters;
use semantics::syntax::{Word, percent_decoded};

use super::Algorithm;
use crate::offence::{AuthError, Malformed};
use crate::secret::{from_hex, hex};

/// Credentials of Digest.
pub(crate) struct Response {
    pub(crate) user: Username,
    pub(crate) algorithm: Algorithm,
    pub(crate) nonce: Vec<u8>,
    pub(crate) uri: Vec<u8>,
    pub(crate) count: u32,
    /// `nc` as it was sent: it is hashed so.
    count_text: Vec<u8>,
    cnonce: Vec<u8>,
    pub(crate) answer: [u8; 32],
}

/// The name of the user, as it was sent.
pub(crate) enum Username {
    Plain(String),
    /// RFC 7616 §3.4.4
    Hashed([u8; 32]),
    /// It is not UTF-8, and so nobody's.
    Nobody,
}

impl Response {
    /// Reads the parameters, which must be for this realm, by one of these algorithms, and with this opaque if with one.
    pub(crate) fn read(
        parameters: &AuthParameters<'_>,
        realm: &str,
        offered: &[Algorithm],
        opaque: &str,
    ) -> Result<Self, AuthError> {
        let word = |name: &'static str| parameters.get(name.as_bytes());
        let needed = |name| word(name).ok_or(Malformed::Missing(name));
        if !needed("realm")?.equals(realm.as_bytes()) {
            return Err(AuthError::OtherRealm);
        }
        // RFC 7616 §3.4: without one it is MD5
        let algorithm = word("algorithm").map(octets).and_then(|name| Algorithm::of(&name));
        let algorithm = algorithm.filter(|algorithm| offered.contains(algorithm));
        let algorithm = algorithm.ok_or(AuthError::AlgorithmNotOffered)?;
        if !needed("qop")?.equals_ignoring_case(b"auth") {
            return Err(Malformed::Value("qop").into());
        }
        if word("opaque").is_some_and(|own| !own.equals(opaque.as_bytes())) {
            return Err(Malformed::Value("opaque").into());
        }
        let count_text = octets(needed("nc")?);
        let [a, b, c, d] = from_hex(&count_text).ok_or(Malformed::Value("nc"))?;
        Ok(Self {
            user: username(parameters)?,
            algorithm,
            nonce: octets(needed("nonce")?),
            uri: octets(needed("uri")?),
            count: u32::from_be_bytes([a, b, c, d]),
            count_text,
            cnonce: octets(needed("cnonce")?),
            answer: from_hex(&octets(needed("response")?)).ok_or(Malformed::Value("response"))?,
        })
    }

    /// What the answer to the nonce is for who has this H(A1): RFC 7616 §3.4.1. Without a method, it is what proves the server
    /// to the client: `rspauth`, RFC 7616 §3.5.
    pub(crate) fn expected(&self, ha1: &[u8; 32], method: &[u8]) -> [u8; 32] {
        let ha2 = hex(&self.algorithm.hash(&[method, &self.uri]));
        let ha1 = hex(ha1);
        let parts: [&[u8]; 6] = [ha1.as_bytes(), &self.nonce, &self.count_text, &self.cnonce, b"auth", ha2.as_bytes()];
        self.algorithm.hash(&parts)
    }

    /// The value of Authentication-Info: the server's own proof, and the nonce to go on with if there is one. RFC 7616 §3.5
    pub(crate) fn authentication_info(&self, ha1: &[u8; 32], next: Option<&str>) -> String {
        use semantics::credentials::push_quoted;
        let mut info = format!("qop=auth, rspauth=\"{}\", cnonce=", hex(&self.expected(ha1, b"")));
        push_quoted(&mut info, &String::from_utf8_lossy(&self.cnonce));
        info.push_str(", nc=");
        info.push_str(&String::from_utf8_lossy(&self.count_text));
        if let Some(next) = next {
            info.push_str(", nextnonce=");
            push_quoted(&mut info, next);
        }
        info
    }
}

fn octets(word: Word<'_>) -> Vec<u8> {
    word.bytes().collect()
}

/// `username`, `username*` (RFC 8187) or the hash of it: one of the first two, the hash by the first. RFC 7616 §3.4
fn username(parameters: &AuthParameters<'_>) -> Result<Username, AuthError> {
    let hashed = match parameters.get(b"userhash") {
        None => false,
        Some(word) if word.equals_ignoring_case(b"true") => true,
        Some(word) if word.equals_ignoring_case(b"false") => false,
        Some(_) => return Err(Malformed::Value("userhash").into()),
    };
    let octets = match (parameters.get(b"username"), parameters.get(b"username*")) {
        (Some(word), None) if hashed => {
            let name = from_hex(&octets(word)).ok_or(Malformed::Value("username"))?;
            return Ok(Username::Hashed(name));
        }
        (Some(word), None) => octets(word),
        (None, Some(word)) if !hashed => extended(&octets(word)).ok_or(Malformed::Value("username*"))?,
        (None, None) => return Err(Malformed::Missing("username").into()),
        (_, Some(_)) => return Err(Malformed::Value("username*").into()),
    };
    Ok(String::from_utf8(octets).map_or(Username::Nobody, Username::Plain))
}

/// `UTF-8'language'text`. RFC 8187 §3.2
fn extended(value: &[u8]) -> Option<Vec<u8>> {
    let mut pieces = value.splitn(3, |&byte| byte == b'\'');
    let (charset, _language, mut text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    if !charset.eq_ignore_ascii_case(b"UTF-8") {
        return None;
    }
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(&byte) = text.first() {
        let escaped = byte == b'%';
        decoded.push(if escaped { percent_decoded(text)? } else { byte });
        text = &text[if escaped { 3 } else { 1 }..];
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::digest_ha1;
    use crate::digest::ha1::userhash;
    use proptest::prelude::*;
    use semantics::credentials::Credentials;

    fn read(text: &str, realm: &str) -> Result<Response, AuthError> {
        let read = Credentials::parse(text.as_bytes()).expect("well formed");
        let opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
        Response::read(&read.parameters().expect("parameters"), realm, &Algorithm::ALL, opaque)
    }

    /// RFC 7616 §3.9.1
    const MUFASA: &str = r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html",
        algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,
        response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;

    fn mufasa() -> String {
        MUFASA.replace('\n', " ")
    }

    #[test]
    fn the_example_of_the_standard_is_right() {
        let response = read(&mufasa(), "http-auth@example.org").expect("well formed");
        let ha1 = digest_ha1(Algorithm::Sha256, "Mufasa", "http-auth@example.org", "Circle of Life");
        assert_eq!(response.expected(&ha1.hash, b"GET"), response.answer);
        assert_ne!(response.expected(&ha1.hash, b"PUT"), response.answer);
        assert!(matches!(response.user, Username::Plain(name) if name == "Mufasa"));
    }

    /// RFC 7616 §3.9.2, with the values of erratum 4897: those in its text were cut from SHA-512.
    #[test]
    fn the_example_with_a_hashed_name_is_right() {
        let text = r#"Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
            realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256,
            nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001,
            cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth, userhash=true,
            response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5""#;
        let response = read(&text.replace('\n', " "), "api@example.org").expect("well formed");
        let user = "J\u{e4}s\u{f8}n Doe";
        let ha1 = digest_ha1(Algorithm::Sha512T256, user, "api@example.org", "Secret, or not?");
        assert_eq!(hex(&response.expected(&ha1.hash, b"GET")), hex(&response.answer));
        let name = userhash(Algorithm::Sha512T256, user, "api@example.org");
        assert!(matches!(response.user, Username::Hashed(hashed) if hashed == name));
    }

    #[test]
    fn names_are_read_in_three_forms() {
        let with = |name: &str| read(&mufasa().replace("username=\"Mufasa\"", name), "http-auth@example.org");
        let plain = |name: &str| match with(name) {
            Ok(Response { user: Username::Plain(name), .. }) => Some(name),
            _ => None,
        };
        assert_eq!(plain("username=\"a\\\"b\""), Some("a\"b".to_owned()));
        assert_eq!(plain("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe"), Some("J\u{e4}s\u{f8}n Doe".to_owned()));
        assert_eq!(plain("username=x, userhash=false"), Some("x".to_owned()));
        let latin = with("username*=UTF-8''%ff").expect("well formed");
        assert!(matches!(latin.user, Username::Nobody));
        for (name, offence) in [
            ("userhash=false", Malformed::Missing("username")),
            ("username=x, userhash=true", Malformed::Value("username")),
            ("username=x, userhash=perhaps", Malformed::Value("userhash")),
            ("username=x, username*=UTF-8''x", Malformed::Value("username*")),
            ("username*=UTF-8''x, userhash=true", Malformed::Value("username*")),
            ("username*=latin1''x", Malformed::Value("username*")),
            ("username*=UTF-8''%zz", Malformed::Value("username*")),
            ("username*=x", Malformed::Value("username*")),
        ] {
            assert_eq!(with(name).err(), Some(AuthError::Malformed(offence)), "{name}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (from, to, offence) in [
            ("realm=\"http-auth@example.org\"", "realm=\"x\"", AuthError::OtherRealm),
            ("realm=", "r=", Malformed::Missing("realm").into()),
            ("algorithm=SHA-256,", "", AuthError::AlgorithmNotOffered),
            ("SHA-256", "MD5", AuthError::AlgorithmNotOffered),
            ("SHA-256", "SHA-256-sess", AuthError::AlgorithmNotOffered),
            ("qop=auth", "qop=auth-int", Malformed::Value("qop").into()),
            ("qop=auth,", "", Malformed::Missing("qop").into()),
            ("nc=00000001", "nc=1", Malformed::Value("nc").into()),
            (" nonce=", " n=", Malformed::Missing("nonce").into()),
            ("uri=", "u=", Malformed::Missing("uri").into()),
            ("cnonce=", "c=", Malformed::Missing("cnonce").into()),
            ("response=\"75", "response=\"7", Malformed::Value("response").into()),
            ("response=", "r=", Malformed::Missing("response").into()),
            ("opaque=\"F", "opaque=\"", Malformed::Value("opaque").into()),
        ] {
            assert_eq!(read(&mufasa().replace(from, to), "http-auth@example.org").err(), Some(offence), "{to}");
        }
    }

    #[test]
    fn the_server_proves_itself_too() {
        let response = read(&mufasa(), "http-auth@example.org").expect("well formed");
        let ha1 = digest_ha1(Algorithm::Sha256, "Mufasa", "http-auth@example.org", "Circle of Life");
        let info = response.authentication_info(&ha1.hash, Some("next"));
        let expected = hex(&response.expected(&ha1.hash, b""));
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let whole = format!("qop=auth, rspauth=\"{expected}\", cnonce=\"{cnonce}\", nc=00000001, nextnonce=\"next\"");
        assert_eq!(info, whole);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(username\\*?|realm|nc|qop|nonce|cnonce|userhash|=|\"|x|%[a-f0-9]{2}|'|,){0,30}") {
            if let Ok(parameters) = AuthParameters::parse(text.as_bytes()) {
                let _ = Response::read(&parameters, "x", &Algorithm::ALL, "x");
                let _ = username(&parameters);
            }
        }
    }
}
