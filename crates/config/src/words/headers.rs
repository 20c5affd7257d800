//! The words of `headers`: names of fields, and short names for those that have a grammar of their own.

use super::Kind::FieldValue;
use super::Shape::{Any, Bool, False, Text, Time};
use super::{Home, Row, Shape};

/// What follows the name of a field.
pub(super) const FIELD: Shape = Any(&[Text(FieldValue), False]);

const HERE: &[Home] = &[Home::Headers];

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row::new("hsts", HERE, Any(&[Time, Bool]), "hsts = \"1y\"",
        "Strict-Transport-Security: for how long browsers shall come by TLS alone (RFC 6797); true: a year")
        .also(&["strict-transport-security"]),
    Row::new("csp", HERE, FIELD, "csp = \"default-src 'self'\"",
        "Content-Security-Policy: what a page may load"),
    Row::new("referrer-policy", HERE, FIELD, "referrer-policy = \"no-referrer\"",
        "Referrer-Policy: what a browser tells of the page it comes from"),
    Row::new("permissions-policy", HERE, FIELD, "permissions-policy = \"camera=()\"",
        "Permissions-Policy: which abilities of a browser a page may use"),
];
