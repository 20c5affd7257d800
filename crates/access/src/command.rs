//! What the commands `because hash` and `because token` write and read. Values in, values out: what is random comes from the
//! caller, and files are his.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use semantics::date::Date;

use crate::digest::{Algorithm, digest_ha1};
use crate::payment::grant::{GrantError, KeyringError, show};
use crate::payment::{Grant, Keyring};
use crate::secret::{Secret, from_hex, hex};
use crate::users::TokenHash;

pub use crate::password::{PasswordError, hash};

/// The lines of `because hash --digest`: H(A1) of a user in a realm, by each algorithm.
///
/// ```
/// let lines = access::command::digest_lines("alice", "Example", "secret");
/// assert!(lines[0].starts_with("SHA-256:Example:") && lines[1].starts_with("SHA-512-256:Example:"));
/// ```
pub fn digest_lines(user: &str, realm: &str, password: &str) -> Vec<String> {
    Algorithm::ALL.into_iter().map(|algorithm| digest_ha1(algorithm, user, realm, password).line()).collect()
}

/// A new bearer token for a user, which is told once, and the line of the configuration that knows it again.
pub fn user_token(random: [u8; 32]) -> (String, String) {
    let token = URL_SAFE_NO_PAD.encode(random);
    let line = TokenHash::of(&token).line();
    (token, line)
}

/// A new line of a file of keys.
pub fn key_line(random: [u8; 32]) -> String {
    hex(&random)
}

/// Why a text is no file of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileError {
    /// This line, counted from 1, is no key of 64 hexadecimal digits.
    Line(usize),
    /// There is no key in it, or there are too many.
    Count(KeyringError),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number} is no key of 64 hexadecimal digits"),
            Self::Count(offence) => fmt::Display::fmt(offence, f),
        }
    }
}

impl std::error::Error for KeyFileError {}

/// Reads a file of keys: one a line, the present one first. Empty lines and those that begin with `#` are passed over.
///
/// ```
/// use access::command::{key_line, read_keys};
/// let text = format!("# since spring\n{}\n", key_line([1; 32]));
/// assert!(read_keys(&text).is_ok());
/// ```
pub fn read_keys(text: &str) -> Result<Keyring, KeyFileError> {
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let key = |(at, line): (usize, &str)| {
        let octets = from_hex::<32>(line.as_bytes()).ok_or(KeyFileError::Line(at + 1))?;
        Secret::new(&octets).map_err(|_| KeyFileError::Line(at + 1))
    };
    let keys = lines.map(key).collect::<Result<_, _>>()?;
    Keyring::new(keys).map_err(KeyFileError::Count)
}

/// What `because token show` says of a token: what it grants, and whether it counts. Without keys nobody knows the latter.
/// None: it is no token.
pub fn describe_token(token: &str, keys: Option<&Keyring>, now: i64) -> Option<String> {
    let Grant { id, credits, expires, note } = show(token)?;
    let counts = match keys.map(|keys| keys.read(token, now)) {
        None => "not checked: no key was given",
        Some(Ok(_)) => "valid",
        Some(Err(GrantError::Expired)) => "expired",
        Some(Err(GrantError::ForgedOrOtherKey | GrantError::Malformed)) => "changed, or sealed with another key",
    };
    let expires = String::from_utf8_lossy(&Date::from_unix(expires).write_rfc3339()).into_owned();
    let mut text = format!("token:   {}\ncredits: {credits}\nexpires: {expires}\n", hex(&id));
    if !note.is_empty() {
        text.push_str(&format!("note:    {}\n", note.escape_debug()));
    }
    text.push_str(&format!("seal:    {counts}\n"));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::issue;
    use proptest::prelude::*;

    #[test]
    fn a_file_of_keys_is_read() {
        let (one, two) = (key_line([1; 32]), key_line([2; 32]));
        let keys = read_keys(&format!("# new\n{two}\n\n  {one}  \n")).expect("two keys");
        let grant = Grant { id: [0; 16], credits: 1, expires: 10, note: String::new() };
        let old = issue(&Secret::new(&[1; 32]).expect("long enough"), &grant).expect("short");
        assert_eq!(keys.read(&old, 0), Ok(grant));
        assert_eq!(read_keys(&format!("{one}\nsecret\n")).err(), Some(KeyFileError::Line(2)));
        assert_eq!(read_keys("# none\n").err(), Some(KeyFileError::Count(KeyringError)));
    }

    #[test]
    fn a_token_is_described() {
        let keys = read_keys(&key_line([1; 32])).expect("one key");
        let grant = Grant { id: [0xab; 16], credits: 100, expires: 86_400, note: "alice".to_owned() };
        let token = issue(keys.present(), &grant).expect("short");
        let text = describe_token(&token, Some(&keys), 0).expect("a token");
        let id = "ab".repeat(16);
        let lines =
            format!("token:   {id}\ncredits: 100\nexpires: 1970-01-02T00:00:00Z\nnote:    alice\nseal:    valid\n");
        assert_eq!(text, lines);
        let other = read_keys(&key_line([2; 32])).expect("one key");
        let said = |keys, now| describe_token(&token, keys, now).unwrap_or_default();
        assert!(said(None, 0).ends_with("not checked: no key was given\n"));
        assert!(said(Some(&keys), 86_400).ends_with("expired\n"));
        assert!(said(Some(&other), 0).ends_with("changed, or sealed with another key\n"));
        assert_eq!(describe_token("secret", None, 0), None);
    }

    #[test]
    fn a_users_token_is_known_again() {
        let (token, line) = user_token([7; 32]);
        assert_eq!(TokenHash::parse(&line), Some(TokenHash::of(&token)));
        assert_eq!(token.len(), 43);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,80}") {
            let _ = (read_keys(&text), describe_token(&text, None, 0));
        }
    }
}
