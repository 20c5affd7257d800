//! The live page, and what it asks for: which octets stand at which path. Values in, values out.
//!
//! No status is picked here: nothing stands at a path that is not known, and what is not fit to be served says so as a fact. The
//! page asks nobody else for anything, and shows what came from requests as text only.

mod events;
mod totals;

use std::borrow::Cow;
use std::sync::Arc;

use crate::limits;
use decision::draw::{Format, Picture};
use decision::retell::Walk;

use crate::metrics::{self, Gauges, Tally, Totals};
use crate::query;
use crate::recent::{Filter, Kept, Recent};

pub use events::{STILL_HERE, events, since};

/// What the page of people may load: its own files, and nothing of anybody else (Content Security Policy Level 3).
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                          base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What an image may load: nothing; its style stands in it.
const IMAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const HTML: &str = include_str!("page/live.html");
const CSS: &str = include_str!("page/live.css");
const JS: &str = include_str!("page/live.js");

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// What is known at the moment of the request.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// The tallies of all threads.
    pub tallies: &'a [Arc<Tally>],
    /// The verdicts that are kept.
    pub recent: &'a Recent,
    /// What the program knows without counting.
    pub gauges: Gauges,
    /// Now, in milliseconds of Unix time.
    pub moment: u64,
    /// The server takes requests: it has started and does not drain.
    pub ready: bool,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its media type.
    pub media_type: &'static str,
    /// Its octets; of a stream, the first ones.
    pub octets: Cow<'static, [u8]>,
    /// Its entity tag, as a field's value has it, if it may be stored; nothing: it is another one at each moment.
    pub etag: Option<String>,
    /// Whether that is all.
    pub kind: Kind,
    /// Its Content-Security-Policy.
    pub policy: &'static str,
    /// It may be served. Not so `/readyz` of a server that is not ready: its client is to be told that there is no service now.
    pub in_service: bool,
}

/// Whether a page has an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its octets are all.
    Static,
    /// After its octets come those of [`events()`], again and again, as long as the client listens.
    Stream,
}

impl Page {
    fn fresh(media_type: &'static str, octets: impl Into<Vec<u8>>) -> Page {
        let octets = Cow::Owned(octets.into());
        Page { media_type, octets, etag: None, kind: Kind::Static, policy: POLICY, in_service: true }
    }

    /// One whose octets are the same as long as this version runs.
    fn lasting(media_type: &'static str, octets: impl Into<Cow<'static, [u8]>>) -> Page {
        let octets = octets.into();
        let etag = Some(format!("\"{:016x}\"", hash(&octets)));
        Page { media_type, octets, etag, kind: Kind::Static, policy: POLICY, in_service: true }
    }
}

/// FNV-1a: enough to tell a version of a file from another one; nobody gains by a collision in his own files.
fn hash(octets: &[u8]) -> u64 {
    octets.iter().fold(0xcbf2_9ce4_8422_2325, |hash, octet| (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3))
}

/// What stands at this path, with this query: its text behind the question mark, or nothing.
///
/// | path | what |
/// | --- | --- |
/// | `/`, `/live.css`, `/live.js` | the page |
/// | `/events?since=NUMBER` | verdicts as they come: a stream of Server-Sent Events |
/// | `/recent.json?status=4xx&cause=…&path=…&client=…&since=NUMBER&count=N` | verdicts that are kept |
/// | `/verdict/NUMBER.json` | all that is known of one of them |
/// | `/totals.json` | the counts of the page's head |
/// | `/walk/BECAUSE.json`, `/walk/BECAUSE.svg` | a walk, told and drawn |
/// | `/graph.svg` | all questions, with how often each was answered how |
/// | `/metrics` | the counts, for Prometheus |
/// | `/healthz`, `/readyz` | that the program lives; that it takes requests |
pub fn find(path: &str, query: &str, state: &State<'_>) -> Option<Page> {
    Some(match path {
        "/" => Page::lasting("text/html; charset=utf-8", HTML.as_bytes()),
        "/live.css" => Page::lasting("text/css; charset=utf-8", CSS.as_bytes()),
        "/live.js" => Page::lasting("text/javascript; charset=utf-8", JS.as_bytes()),
        "/events" => {
            let first = events::opening(&state.gauges);
            Page { kind: Kind::Stream, ..Page::fresh("text/event-stream", first) }
        }
        "/recent.json" => Page::fresh(JSON, list(query, state.recent)),
        "/totals.json" => Page::fresh(JSON, totals::write(state)),
        "/graph.svg" => image(Picture::walked(&Totals::of(state.tallies).weights), Page::fresh),
        "/metrics" => Page::fresh(metrics::MEDIA_TYPE, metrics::prometheus(state.tallies, &state.gauges)),
        "/healthz" => Page::fresh(TEXT, "alive\n"),
        "/readyz" if state.ready => Page::fresh(TEXT, "ready\n"),
        "/readyz" => Page { in_service: false, ..Page::fresh(TEXT, "not ready\n") },
        _ => return numbered(path, state),
    })
}

/// What stands at a path with a number in it.
fn numbered(path: &str, state: &State<'_>) -> Option<Page> {
    if let Some(number) = path.strip_prefix("/verdict/").and_then(|rest| rest.strip_suffix(".json")) {
        let kept = state.recent.find(number.parse().ok()?)?;
        return Some(Page::fresh(JSON, kept.whole()));
    }
    let (number, form) = path.strip_prefix("/walk/")?.rsplit_once('.')?;
    let walk: Walk = number.parse().ok()?;
    match form {
        "svg" => Some(image(Picture::of(&walk), Page::lasting)),
        "json" => {
            let mut out = String::new();
            walk.json(&mut out).expect("a string takes all that is written");
            Some(Page::lasting(JSON, out.into_bytes()))
        }
        _ => None,
    }
}

fn image(picture: Picture<'_>, page: impl FnOnce(&'static str, Vec<u8>) -> Page) -> Page {
    let mut out = String::new();
    picture.write(Format::Svg, &mut out).expect("a string takes all that is written");
    Page { policy: IMAGE_POLICY, ..page("image/svg+xml", out.into_bytes()) }
}

/// The verdicts that a query asks for: those after a number, the oldest first, or else the newest first.
fn list(text: &str, recent: &Recent) -> String {
    let filter = match Filter::of(text) {
        Ok(filter) => filter,
        Err(why) => return format!("{{\"up_to\":0,\"missed\":0,\"refused\":\"status: {why}\",\"verdicts\":[]}}\n"),
    };
    let number = |name| query::value(text, name).and_then(|value| value.parse::<u64>().ok());
    let count = number("count").and_then(|count| usize::try_from(count).ok()).unwrap_or(limits::VERDICTS_AT_ONCE);
    let count = count.min(limits::VERDICTS_AT_ONCE);
    let (kept, up_to, missed) = match number("since") {
        Some(number) => {
            let since = recent.since(number, &filter, count);
            (since.kept, since.up_to, since.missed)
        }
        None => {
            // what comes between the two looks is told twice rather than never
            let last = recent.last();
            (recent.newest(&filter, count), last, 0)
        }
    };
    let kept: Vec<String> = kept.iter().map(|kept| Kept::short(kept)).collect();
    format!("{{\"up_to\":{up_to},\"missed\":{missed},\"verdicts\":[\n{}\n]}}\n", kept.join(",\n"))
}

#[cfg(test)]
mod tests;
