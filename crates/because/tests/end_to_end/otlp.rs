//! What a collector gets of a server that is built to tell one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustix::process::Signal;
use serde_json::Value;

use crate::folder::Folder;
use crate::server::{Start, program, until};

/// What came to a collector: the path of each request, and its content.
#[derive(Clone, Default)]
struct Got(Arc<Mutex<Vec<(String, Value)>>>);

impl Got {
    /// All spans so far.
    fn spans(&self) -> Vec<Value> {
        let got = self.0.lock().expect("nobody panicked");
        let requests = got.iter().filter(|(path, _)| path == "/v1/traces");
        let spans = |content: &Value| content["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned();
        requests.filter_map(|(_, content)| spans(content)).flatten().collect()
    }

    /// The metric of this name, as it was told last.
    fn metric(&self, name: &str) -> Option<Value> {
        let got = self.0.lock().expect("nobody panicked");
        let (_, content) = got.iter().rfind(|(path, _)| path == "/v1/metrics")?;
        let metrics = content["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array()?;
        metrics.iter().find(|metric| metric["name"] == name).cloned()
    }
}

/// A collector, which takes all.
fn collector() -> (SocketAddr, Got) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (address, collect(listener))
}

fn collect(listener: TcpListener) -> Got {
    let got = Got::default();
    let all = got.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let got = got.clone();
            std::thread::spawn(move || take(stream, &got));
        }
    });
    all
}

/// Takes the requests of one connection.
fn take(mut stream: TcpStream, got: &Got) {
    let (mut octets, mut room) = (Vec::new(), [0; 65_536]);
    loop {
        while let Some((request, length)) = whole(&octets) {
            octets.drain(..length);
            got.0.lock().expect("nobody panicked").push(request);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").expect("it takes the answer");
        }
        match stream.read(&mut room) {
            Ok(0) | Err(_) => return,
            Ok(read) => octets.extend_from_slice(&room[..read]),
        }
    }
}

/// The first request in these octets, if it is whole, and how long it is.
fn whole(octets: &[u8]) -> Option<((String, Value), usize)> {
    let head = octets.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&octets[..head]).expect("a head").to_ascii_lowercase();
    let length: usize = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
    let content = octets.get(head..head + length)?;
    assert!(text.contains("\r\ncontent-type: application/json\r\n"), "{text}");
    let path = text.strip_prefix("post ")?.split(' ').next()?.to_owned();
    Some(((path, serde_json::from_slice(content).expect("JSON")), head + length))
}

/// What an attribute says.
fn said<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    let attribute = of["attributes"].as_array()?.iter().find(|attribute| attribute["key"] == name)?;
    ["stringValue", "intValue"].iter().find_map(|kind| attribute["value"][kind].as_str())
}

/// A server that tells this collector, whatever proxies the environment names.
fn start(folder: &Folder, collector: SocketAddr, more: &[(&str, &str)]) -> Start {
    let endpoint = format!("http://{collector}");
    let all = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint), ("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")];
    Start::of(folder.root()).variables(&all).variables(more)
}

#[test]
fn otlp_tells_answers_and_counts() {
    let (address, got) = collector();
    let folder = Folder::with(&[("a.txt", "a")]);
    let more = [("OTEL_SERVICE_NAME", "shop"), ("OTEL_METRIC_EXPORT_INTERVAL", "50")];
    let mut server = start(&folder, address, &more).start();
    server.get_with("/a.txt?b", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n").is(200);
    server.get_with("/a.txt", "traceparent: 00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-00\r\n").is(200);
    server.get("/none").is(404);
    // counts come while it runs
    let told = until("counts", || {
        let metric = got.metric("because.responses")?;
        let points = metric["sum"]["dataPoints"].as_array()?.clone();
        let of = |cause: &str| points.iter().find(|point| said(point, "because.cause") == Some(cause)).cloned();
        of("representation_available").filter(|point| point["asInt"] == "2").and(of("target_missing"))
    });
    assert_eq!((said(&told, "http.response.status_code"), &told["asInt"]), (Some("404"), &"1".into()));
    assert!(got.metric("http.server.request.duration").is_some() && got.metric("because.connections").is_some());
    // and what is left, at its end
    server.signal(Signal::TERM);
    assert!(server.end().success());
    let spans = got.spans();
    assert_eq!(spans.len(), 2, "who sent the second has decided that it is not told: {spans:#?}");
    let (first, second) = (&spans[0], &spans[1]);
    assert_eq!((&first["name"], &first["kind"]), (&"GET".into(), &2.into()));
    assert_eq!(first["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(first["parentSpanId"], "b7ad6b7169203331");
    assert_eq!((said(first, "url.path"), said(first, "url.query")), (Some("/a.txt"), Some("b")));
    assert_eq!(said(first, "client.address"), Some("127.0.0.1"));
    assert_eq!(said(second, "because.cause"), Some("target_missing"));
    assert!(second["parentSpanId"].is_null() && second["traceId"].as_str().is_some_and(|id| id.len() == 32));
    let nanos = |name: &str| second[name].as_str().and_then(|text| text.parse::<u64>().ok()).expect("a number");
    assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"));
    let lines = server.out.to_the_end();
    let because = said(second, "because.because").expect("a number");
    assert!(lines.iter().any(|line| line.contains(&format!(" target_missing {because} "))), "{lines:#?}");
}

#[test]
fn otlp_says_once_that_nobody_is_there_and_once_that_somebody_is() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = gone.local_addr().expect("an address");
    drop(gone);
    let folder = Folder::with(&[("a.txt", "a")]);
    let mut server = start(&folder, address, &[("OTEL_METRIC_EXPORT_INTERVAL", "50")]).start();
    server.err.wait_for("/v1/metrics takes nothing: ");
    server.get("/a.txt").is(200);
    let got = collect(TcpListener::bind(address).expect("the port again"));
    server.err.wait_for("/v1/metrics is there again");
    server.signal(Signal::TERM);
    assert!(server.end().success());
    assert_eq!(got.spans().len(), 1, "it waited");
    let told = |part: &str| server.err.to_the_end().iter().filter(|line| line.contains(part)).count();
    assert_eq!((told("takes nothing"), told("is there again")), (1, 1));
}

#[test]
fn otlp_is_not_begun_by_what_cannot_be_read() {
    let folder = Folder::new();
    let to = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    for (variables, told) in [
        ([to, ("OTEL_TRACES_SAMPLER", "sometimes")], "because: OTEL_TRACES_SAMPLER is none of "),
        ([to, ("OTEL_METRIC_EXPORT_INTERVAL", "soon")], "because: OTEL_METRIC_EXPORT_INTERVAL is no number"),
        ([("OTEL_EXPORTER_OTLP_ENDPOINT", "here"), ("OTEL_SERVICE_NAME", "shop")], "because: OTEL_EXPORTER_OTLP_END"),
    ] {
        let mut command = std::process::Command::new(program());
        command.arg("serve").arg(folder.root()).args(["--listen", "127.0.0.1:0"]).envs(variables);
        let output = command.output().expect("the program runs");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && err.lines().filter(|line| line.starts_with(told)).count() == 1, "{err}");
    }
}
