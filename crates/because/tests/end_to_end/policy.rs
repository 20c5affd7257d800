//! A server with a configuration, which is written beside the folder that it serves; and what proves who asks.

use std::path::PathBuf;
use std::sync::LazyLock;

use access::digest::{Algorithm, digest_ha1};
use access::users::TokenHash;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::folder::Folder;
use crate::server::{Server, Start};

/// The password of everybody in these tests, as it is kept. It is hashed once: that takes its time.
pub(crate) static KEPT: LazyLock<String> =
    LazyLock::new(|| access::password::hash("secret", &[7; 16]).expect("a salt of 16 octets fits"));

/// Writes the configuration, in whose first line the folder is named.
pub(crate) fn write(folder: &Folder, text: &str) -> PathBuf {
    let path = folder.beside("because.toml");
    // in one step, as an editor does
    let new = folder.beside("because.toml.new");
    std::fs::write(&new, format!("folder = \"root\"{text}")).expect("writes");
    std::fs::rename(&new, &path).expect("renames");
    path
}

/// How a server starts with this configuration. What clients write is not forced to the disk: nobody pulls the plug here.
pub(crate) fn start(folder: &Folder, text: &str) -> Start {
    Start::of(write(folder, text)).args(&["--no-fsync"])
}

/// Serves a folder by this configuration.
pub(crate) fn serve(folder: &Folder, text: &str) -> Server {
    start(folder, text).start()
}

/// Where the configuration holds this, as the log tells it.
pub(crate) fn line_of(text: &str, part: &str) -> String {
    let number = text.lines().position(|line| line.contains(part));
    format!("/because.toml:{}", number.unwrap_or_else(|| panic!("{part:?} stands nowhere")) + 1)
}

/// Users `alice` and `bob`, who log in with the password `secret`; bob is one of `@staff`.
pub(crate) fn users() -> String {
    let kept = &**KEPT;
    format!("\n[users]\nalice = \"{kept}\"\nbob = {{ password = \"{kept}\", groups = [\"staff\"] }}\n")
}

/// The field of Basic.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")))
}

/// The field of Basic of somebody with the usual password.
pub(crate) fn by(user: &str) -> String {
    basic(user, "secret")
}

/// What is kept of the usual password for Digest.
pub(crate) fn ha1(user: &str, realm: &str) -> String {
    digest_ha1(Algorithm::Sha256, user, realm, "secret").line()
}

/// What is kept of a bearer token.
pub(crate) fn token_hash(token: &str) -> String {
    TokenHash::of(token).line()
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is taken");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn base64url(octets: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// Writes the keys of prepaid tokens, one of them, and issues a token of so many credits.
pub(crate) fn keys_and_token(folder: &Folder, credits: u64) -> String {
    let key = [0x5a; 32];
    std::fs::write(folder.beside("tokens.key"), format!("{}\n", hex(&key))).expect("writes");
    token(&key, credits, 4_000_000_000)
}

/// A prepaid token, sealed with this key.
pub(crate) fn token(key: &[u8], credits: u64, expires: i64) -> String {
    let payload = base64url(format!("{{\"i\":\"{}\",\"c\":{credits},\"e\":{expires}}}", "ab".repeat(16)));
    let mut sealed = Vec::new();
    for part in ["prepaid token", "v1", &payload] {
        sealed.extend((part.len() as u64).to_be_bytes());
        sealed.extend(part.as_bytes());
    }
    format!("v1.{payload}.{}", base64url(hmac_sha256(key, &[&sealed])))
}
