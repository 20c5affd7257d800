//! Verdicts as they come: Server-Sent Events, as the HTML standard has them (§9.2).

use std::fmt::Write as _;

use crate::limits;

use crate::json;
use crate::metrics::Gauges;
use crate::query;
use crate::recent::{Filter, Recent};

/// What is sent when there is nothing to tell, so that neither side takes the other for gone.
pub const STILL_HERE: &[u8] = b": still here\n\n";

/// The first event: after how long to come again if the connection breaks, and which server it is. A follower that sees another
/// start than before knows that the numbers begin anew.
pub(super) fn opening(gauges: &Gauges) -> String {
    let mut out = String::from("retry: 2000\nevent: server\ndata: {\"version\":");
    json::text(&mut out, gauges.version);
    let started = gauges.started.map_or_else(|| "null".to_owned(), |started| started.to_string());
    out.extend([",\"started\":", &started, "}\n\n"]);
    out
}

/// After which verdict a stream begins: what the browser says that it saw last (the field Last-Event-ID), or else the query.
///
/// ```
/// use observe::page::since;
/// assert_eq!(since("since=17", None), 17);
/// assert_eq!(since("since=17", Some(b"40")), 40);
/// ```
pub fn since(text: &str, last_event_id: Option<&[u8]>) -> u64 {
    let field = last_event_id.and_then(|value| str::from_utf8(value).ok()?.trim().parse().ok());
    field.or_else(|| query::value(text, "since")?.parse().ok()).unwrap_or(0)
}

/// Writes the events since a number, not too many at a time, and returns the number to go on from. Nothing is written if nothing
/// has happened.
pub fn events(recent: &Recent, since: u64, out: &mut Vec<u8>) -> u64 {
    let since = recent.since(since, &Filter::ALL, limits::VERDICTS_AT_ONCE);
    let mut text = String::new();
    // a string takes all
    if since.missed > 0 {
        let _ = write!(text, "event: missed\ndata: {}\n\n", since.missed);
    }
    for kept in &since.kept {
        let _ = write!(text, "id: {}\ndata: {}\n\n", kept.number, kept.short());
    }
    out.extend_from_slice(text.as_bytes());
    since.up_to
}
