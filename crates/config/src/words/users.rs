//! The words of a user, and of an issuer of tokens.

use super::Kind::{Group, Secret, Text as Free, UrlOrPath};
use super::Shape::{Any, Listed, Table, Text, Time};
use super::{Home, Row, Shape};

/// A user: the hash of a password, or more.
pub(super) const USER: Shape = Any(&[Text(Secret), Table(Home::User)]);

const AT_USER: &[Home] = &[Home::User];
const AT_ISSUER: &[Home] = &[Home::Issuer];

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row::new("password", AT_USER, Text(Secret), "password = \"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA\"",
        "The hash of the password").also(&["hash", "pass", "passwd", "pwd"]),
    Row::new("digest", AT_USER, Text(Secret), "digest = \"SHA-256:Example:961b4880dc160cd40711128ee2ceadcf7a219f746d30d745124c9733f1b8d207\"",
        "What the Digest scheme proves: the hash of name, realm and password (RFC 7616 §3.4.2)")
        .also(&["ha1", "htdigest"]),
    Row::new("token", AT_USER, Listed(&Text(Secret)),
        "token = \"sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\"",
        "The hash of a bearer token, or of several").also(&["tokens", "api-key", "key", "bearer"]),
    Row::new("groups", AT_USER, Listed(&Text(Group)), "groups = [\"staff\"]",
        "The groups it belongs to; a guard names them with @").also(&["group", "roles", "role"]),

    Row::new("keys", AT_ISSUER, Text(UrlOrPath), "keys = \"jwks.json\"",
        "The keys that tokens are signed with (RFC 7517): a file, or where they are fetched from").must()
        .also(&["jwks", "jwks-uri", "key"]),
    Row::new("audience", AT_ISSUER, Listed(&Text(Free)), "audience = \"api\"",
        "For whom a token must be issued").also(&["aud", "audiences", "client-id"]),
    Row::new("groups-claim", AT_ISSUER, Text(Free), "groups-claim = \"groups\"",
        "The claim that names the groups").also(&["roles-claim", "groups"]),
    Row::new("user-claim", AT_ISSUER, Text(Free), "user-claim = \"sub\"",
        "The claim that names the user").also(&["username-claim", "user"]),
    Row::new("leeway", AT_ISSUER, Time, "leeway = \"60s\"",
        "How far its clock may be from ours").also(&["skew", "clock-skew"]),
];
