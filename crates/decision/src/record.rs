//! A decision written down: the head of a request and all that was known of it, so that the same walk can be walked again.
//!
//! Nothing is read from a world here, and nothing is written to one: a record is a value, and its octets are JSON.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use semantics::field::Field;
use semantics::method::Method;
use semantics::request::{Framing, Head, Line, Span};
use semantics::text::Sink as _;
use semantics::text::json::{self, Plain};
use semantics::version::Version;

use crate::facts::Facts;
use crate::verdict::Verdict;

pub mod words;
mod world;

pub use world::World;

/// What stands in the place of a secret. The decision asks only whether a secret is there.
const SECRET: &[u8] = b"(secret)";

/// Writes a decision as an object of JSON, in one line without its end.
pub fn write(facts: &Facts<'_>, verdict: &Verdict, out: &mut Vec<u8>) {
    let request = facts.request;
    member(out, "{\"method\":", request.method_name());
    member(out, ",\"target\":", request.raw_target());
    member(out, ",\"version\":", request.version().name().as_bytes());
    match request.framing() {
        Framing::None => {}
        Framing::Length(octets) => raw(out, format_args!(",\"content\":{octets}")),
        Framing::Unannounced => raw(out, format_args!(",\"content\":\"unannounced\"")),
    }
    raw(out, format_args!(",\"fields\":["));
    for (nth, (name, value, field)) in request.lines().enumerate() {
        member(out, if nth == 0 { "[" } else { ",[" }, name);
        member(out, ",", if field.is_some_and(|field| field.row().secret) { SECRET } else { value });
        out.push(b']');
    }
    raw(out, format_args!("],\"now\":{},\"facts\":{{", facts.connection.now.date.unix()));
    let mut comma = "";
    words::tell(&World::of(facts), |name, value| {
        raw(out, format_args!("{comma}\"{name}\":"));
        json::string(value, Plain::Ascii, out);
        comma = ",";
    });
    let (status, cause, because) = (verdict.status, verdict.cause(), verdict.because);
    raw(out, format_args!("}},\"status\":{status},\"cause\":\"{cause}\",\"because\":\"{because}\"}}"));
}

fn member(out: &mut Vec<u8>, before: &str, octets: &[u8]) {
    out.extend_from_slice(before.as_bytes());
    out.put("\"");
    json::octets(octets, Plain::Ascii, out);
    out.put("\"");
}

fn raw(out: &mut Vec<u8>, text: core::fmt::Arguments<'_>) {
    let mut room = String::new();
    // a string takes all
    let _ = room.write_fmt(text);
    out.extend_from_slice(room.as_bytes());
}

/// The name and the value of a field line.
pub type FieldLine = (Vec<u8>, Vec<u8>);

/// A head made of these parts, and the octets that it points into.
pub fn head(
    (method, target, version): (&[u8], &[u8], Version),
    framing: Framing,
    fields: &[FieldLine],
) -> (Vec<u8>, Head) {
    let mut octets = Vec::new();
    let mut span = |part: &[u8]| {
        // a head is far shorter than 4 GiB: each of its pieces was part of one
        let start = octets.len() as u32;
        octets.extend_from_slice(part);
        Span { start, end: octets.len() as u32 }
    };
    let (known, mandatory) = Method::extended(method);
    let mut head = Head {
        method_name: span(method),
        method: known,
        mandatory,
        target: span(target),
        version,
        framing,
        persistent: true,
        ..Head::default()
    };
    for (name, value) in fields {
        head.push(Line { name: span(name), value: span(value), field: Field::of(name) });
    }
    (octets, head)
}
