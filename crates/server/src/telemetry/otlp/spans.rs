//! Answers as spans: what is kept of one until it is sent, and how it is told in JSON.
//!
//! Names are those of OpenTelemetry's semantic conventions for HTTP servers, and ours begin with `because.`. Whether a trace is told,
//! and when a span is sent, is not decided here.

use std::net::IpAddr;

use crate::limits;
use decision::because::Because;
use decision::facts::RequestId;
use observe::event::Event;
use semantics::host::{Authority, Host};
use semantics::method::Method;
use semantics::target::Target;
use serde_json::{Value, json};

use super::{attribute, integer, resource, scope};

/// The kind of a span that answers a request.
const SERVER: u8 = 2;

/// The status of a span that tells a failure.
const ERROR: u8 = 2;

/// That it is known whether the parent is another process, and that it is one; above the 8 bits of trace-flags.
const REMOTE: u32 = 0x300;

/// That it is known, and that there is none.
const LOCAL: u32 = 0x100;

/// The flag of a trace that is told.
pub(super) const SAMPLED: u8 = 1;

/// Names in a query whose values give access: those that the conventions list, and that of RFC 6750 §2.3.
const SECRETS: [&str; 5] = ["AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature", "access_token"];

/// By what spans are found and put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) trace: u128,
    pub(super) span: u64,
    /// What made the request, and its flags.
    pub(super) parent: Option<(u64, u8)>,
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Span {
    place: Place,
    /// Nanoseconds of Unix time.
    start: u64,
    end: u64,
    method: Result<Method, String>,
    path: Option<String>,
    query: Option<String>,
    status: u16,
    server: Option<(String, Option<u16>)>,
    client: Option<IpAddr>,
    user: Option<String>,
    cause: &'static str,
    because: Because,
    rule: Option<String>,
    id: RequestId,
    octets: u64,
    broken: bool,
}

impl Span {
    /// What is told of an answer.
    pub(super) fn new(event: &Event<'_>, place: Place) -> Span {
        let end = event.moment.saturating_mul(1_000_000);
        let target = Target::parse(event.target, event.method == b"CONNECT").ok();
        let (path, query) = match target {
            Some(Target::Asterisk) => (Some(event.target), None),
            Some(target) => (target.path(), target.query()),
            // what is none is told up to where a query would begin
            None => (event.target.split(|octet| *octet == b'?').next().filter(|path| !path.is_empty()), None),
        };
        let named = target.and_then(|target| target.named_authority());
        let named = named.or_else(|| Authority::of_host(event.host?).ok());
        Span {
            place,
            start: end.saturating_sub(event.micros.saturating_mul(1_000)),
            end,
            method: Method::of(event.method).ok_or_else(|| text(event.method)),
            path: path.map(text),
            query: query.map(|query| bare(&text(query))),
            status: event.status,
            server: named.and_then(|named| Some((host(named.host)?, named.port))),
            client: event.client,
            user: event.user.map(|user| text(user.as_bytes())),
            cause: event.cause(),
            because: event.because,
            rule: event.rule.map(|rule| text(rule.to_string().as_bytes())),
            id: event.id,
            octets: event.octets,
            broken: event.broken,
        }
    }

    fn is_failure(&self) -> bool {
        self.status >= 500
    }

    fn json(&self) -> Value {
        let Place { trace, span, parent } = self.place;
        let flags = u32::from(SAMPLED) | if parent.is_some() { REMOTE } else { LOCAL };
        let flags = flags | parent.map_or(0, |(_, flags)| u32::from(flags));
        let mut json = json!({
            "traceId": format!("{trace:032x}"),
            "spanId": format!("{span:016x}"),
            "flags": flags,
            // names are few, and so a method that anybody may have made up is none
            "name": self.method.as_ref().map_or("HTTP", |method| method.name()),
            "kind": SERVER,
            "startTimeUnixNano": self.start.to_string(),
            "endTimeUnixNano": self.end.to_string(),
            "attributes": self.attributes(),
            "status": if self.is_failure() { json!({ "code": ERROR }) } else { json!({}) },
        });
        if let Some((parent, _)) = parent {
            json["parentSpanId"] = format!("{parent:016x}").into();
        }
        json
    }

    fn attributes(&self) -> Vec<Value> {
        let mut all = Vec::with_capacity(20);
        let mut tell = |name, value: Option<&str>| all.extend(value.map(|value| attribute(name, value)));
        tell("http.request.method", Some(self.method.as_ref().map_or("_OTHER", |method| method.name())));
        tell("http.request.method_original", self.method.as_ref().err().map(String::as_str));
        tell("url.scheme", Some("http"));
        tell("url.path", self.path.as_deref());
        tell("url.query", self.query.as_deref());
        tell("server.address", self.server.as_ref().map(|(host, _)| host.as_str()));
        tell("client.address", self.client.map(|client| client.to_canonical().to_string()).as_deref());
        tell("user.name", self.user.as_deref());
        tell("error.type", self.is_failure().then(|| self.status.to_string()).as_deref());
        tell("because.cause", Some(self.cause));
        tell("because.because", Some(&self.because.to_string()));
        tell("because.rule", self.rule.as_deref());
        tell("because.id", (self.id != RequestId::None).then(|| self.id.to_string()).as_deref());
        all.push(integer("http.response.status_code", self.status.into()));
        all.push(integer("http.response.body.size", self.octets));
        all.extend(self.server.as_ref().and_then(|(_, port)| Some(integer("server.port", (*port)?.into()))));
        if self.broken {
            all.push(json!({ "key": "because.broken", "value": { "boolValue": true } }));
        }
        all
    }
}

/// Spans as a collector takes them: an ExportTraceServiceRequest.
pub(super) fn request(spans: &[Span], service: &str, instance: &str) -> Value {
    let spans: Vec<Value> = spans.iter().map(Span::json).collect();
    let scoped = json!([{ "scope": scope(), "spans": spans }]);
    json!({ "resourceSpans": [{ "resource": resource(service, instance), "scopeSpans": scoped }] })
}

/// Octets of others as text, as much as is kept.
fn text(octets: &[u8]) -> String {
    let cut = &octets[..octets.len().min(limits::OTLP_TEXT)];
    let mut text = String::from_utf8_lossy(cut).into_owned();
    // a replacement is longer than what it replaces
    text.truncate(text.floor_char_boundary(limits::OTLP_TEXT));
    text
}

/// A query without what gives access.
fn bare(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name)) => format!("{name}=REDACTED"),
        Some(_) | None => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn host(host: Host<'_>) -> Option<String> {
    match host {
        Host::Name([]) => None,
        Host::Name(name) | Host::Future(name) => Some(text(name)),
        Host::V4(address) => Some(address.to_string()),
        Host::V6(address) => Some(address.to_string()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use decision::reply::REPLY;
    use observe::event::Rule;
    use proptest::prelude::*;

    /// A plain GET, answered 200.
    pub(crate) fn plain() -> Event<'static> {
        Event {
            moment: 1_700_000_000_123,
            client: "::ffff:192.0.2.7".parse().ok(),
            method: b"GET",
            target: b"/a%20b?c=d&SIG=secret&access_token=secret",
            host: Some(b"example.org:8080"),
            version: semantics::version::Version::Http11,
            status: 200,
            last: REPLY.find("representation_available").expect("a question") as u16,
            because: "2f2b3".parse().expect("a number"),
            rule: Some(Rule { file: "because.toml", line: 12 }),
            user: Some("ada"),
            octets: 363,
            micros: 27,
            id: RequestId::Own(0xabc),
            broken: false,
        }
    }

    const PLACE: Place = Place { trace: 0xaf, span: 0xb7, parent: None };

    /// A span as a collector reads it.
    fn read(event: &Event<'_>, place: Place) -> Value {
        let text = request(&[Span::new(event, place)], "shop", "one").to_string();
        let mut whole: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(whole["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "shop");
        assert_eq!(whole["resourceSpans"][0]["scopeSpans"][0]["scope"]["name"], "because");
        whole["resourceSpans"][0]["scopeSpans"][0]["spans"][0].take()
    }

    /// What an attribute says.
    pub(crate) fn said<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
        let attribute = of["attributes"].as_array()?.iter().find(|attribute| attribute["key"] == name)?;
        ["stringValue", "intValue"].iter().find_map(|kind| attribute["value"][kind].as_str())
    }

    #[test]
    fn an_answer_is_told_by_the_conventions() {
        let event = plain();
        let span = read(&event, PLACE);
        assert_eq!((&span["name"], &span["kind"]), (&"GET".into(), &2.into()));
        assert_eq!(span["traceId"], "000000000000000000000000000000af");
        assert_eq!(span["spanId"], "00000000000000b7");
        assert_eq!((&span["parentSpanId"], &span["status"], &span["flags"]), (&Value::Null, &json!({}), &0x101.into()));
        assert_eq!(span["endTimeUnixNano"], "1700000000123000000");
        assert_eq!(span["startTimeUnixNano"], "1700000000122973000");
        for (name, value) in [
            ("http.request.method", "GET"),
            ("http.response.status_code", "200"),
            ("http.response.body.size", "363"),
            ("url.scheme", "http"),
            ("url.path", "/a%20b"),
            ("url.query", "c=d&SIG=REDACTED&access_token=REDACTED"),
            ("server.address", "example.org"),
            ("server.port", "8080"),
            ("client.address", "192.0.2.7"),
            ("user.name", "ada"),
            ("because.cause", "representation_available"),
            ("because.because", &event.because.to_string()),
            ("because.rule", "because.toml:12"),
            ("because.id", &event.id.to_string()),
        ] {
            assert_eq!(said(&span, name), Some(value), "{name}");
        }
        assert_eq!(said(&span, "error.type"), None);
    }

    #[test]
    fn only_failures_of_the_server_are_errors() {
        for (status, failure) in [(404, false), (503, true)] {
            let span = read(&Event { status, ..plain() }, PLACE);
            assert_eq!(span["status"] == json!({ "code": 2 }), failure);
            assert_eq!(said(&span, "error.type"), failure.then_some("503"));
        }
    }

    #[test]
    fn a_span_stands_below_what_made_the_request() {
        let span = read(&plain(), Place { parent: Some((0xcd, 1)), ..PLACE });
        assert_eq!((&span["parentSpanId"], &span["flags"]), (&"00000000000000cd".into(), &0x301.into()));
    }

    #[test]
    fn a_method_that_nobody_knows_gives_no_name() {
        let span = read(&Event { method: b"FROB", ..plain() }, PLACE);
        assert_eq!(span["name"], "HTTP");
        assert_eq!(said(&span, "http.request.method"), Some("_OTHER"));
        assert_eq!(said(&span, "http.request.method_original"), Some("FROB"));
    }

    #[test]
    fn every_form_of_a_target_is_told() {
        let told = |method: &'static [u8], target: &'static [u8]| {
            let span = read(&Event { method, target, ..plain() }, PLACE);
            let said = |name| said(&span, name).unwrap_or("-").to_owned();
            (said("url.path"), said("url.query"), said("server.address"))
        };
        let three = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(told(b"GET", b"http://[::1]:1/x?y"), three("/x", "y", "::1"));
        assert_eq!(told(b"OPTIONS", b"*"), three("*", "-", "example.org"));
        assert_eq!(told(b"CONNECT", b"a.example:443"), three("-", "-", "a.example"));
        assert_eq!(told(b"GET", b"no target?secret"), three("no target", "-", "example.org"));
        assert_eq!(told(b"", b""), three("-", "-", "example.org"));
    }

    proptest! {
        #[test]
        fn whatever_was_sent_is_told_in_bounds(
            method in prop::collection::vec(any::<u8>(), 0..40),
            target in prop::collection::vec(any::<u8>(), 0..5_000),
            host in prop::collection::vec(any::<u8>(), 0..40),
            (moment, micros) in (any::<u64>(), any::<u64>()),
        ) {
            let (method, target, host) = (&*method, &*target, Some(&*host));
            let span = read(&Event { method, target, host, moment, micros, ..plain() }, PLACE);
            for name in ["url.path", "url.query", "http.request.method_original"] {
                prop_assert!(said(&span, name).is_none_or(|said| said.len() <= limits::OTLP_TEXT + 40));
            }
        }
    }
}
