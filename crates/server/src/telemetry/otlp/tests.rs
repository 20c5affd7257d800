//! Which answers become spans, and what a collector gets that is there, gone, or takes nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use semantics::request::OwnedRequest;
use tokio::sync::watch;
use transport::worker::{Order, Shared};

use super::channel::{Channel, Sent};
use super::settings::Settings;
use super::spans::tests::plain;
use super::*;

/// The settings that name this collector.
fn settings(endpoint: &str, sampler: &str) -> Settings {
    let said = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(endpoint.into()),
        "OTEL_TRACES_SAMPLER" => Some(sampler.into()),
        _ => None,
    };
    Settings::read(said).expect("they can be read").expect("a collector is named")
}

fn request(traceparent: Option<&str>) -> OwnedRequest {
    let fields = traceparent.iter().map(|value| (&b"traceparent"[..], value.as_bytes()));
    OwnedRequest::made(semantics::method::Method::GET, b"/", fields)
}

fn queue(sampler: &str) -> Arc<Queue> {
    Arc::new(Queue::new(settings("http://127.0.0.1:1", sampler).sampler))
}

/// A collector that answers with these, one request each, and hands over what it got.
fn collector(answers: Vec<&'static str>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (give, got) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut octets = Vec::new();
            while !is_whole(&octets) {
                let mut room = [0; 4_096];
                let read = stream.read(&mut room).expect("octets");
                assert!(read > 0, "the request ends early");
                octets.extend_from_slice(&room[..read]);
            }
            let _ = stream.write_all(answer.as_bytes());
            let _ = give.send(String::from_utf8(octets).expect("text"));
        }
    });
    (address, got)
}

fn is_whole(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let Some((head, content)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.is_some_and(|length: usize| content.len() >= length)
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
const PARTLY: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 42\r\n\r\n\
     {\"partialSuccess\":{\"rejectedSpans\":\"2\"}}  ";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nConnection: close\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
const REFUSED: &str = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

#[test]
fn who_sent_the_request_decides_whether_it_is_told() {
    let queue = queue("parentbased_always_off");
    let tracer = Tracer::new(Arc::clone(&queue));
    let trace = |flags: &str| format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
    for traceparent in [None, Some(&*trace("00")), Some(&*trace("01"))] {
        tracer.see(&plain(), request(traceparent).view());
    }
    let spans = spans::request(&queue.take(limits::OTLP_BATCH), "shop", "one");
    let spans = &spans["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!(spans.as_array().map(Vec::len), Some(1));
    assert_eq!(spans[0]["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
}

#[test]
fn spans_have_numbers_of_their_own() {
    let queue = queue("always_on");
    let tracers = [Tracer::new(Arc::clone(&queue)), Tracer::new(Arc::clone(&queue))];
    tracers.iter().cycle().take(20).for_each(|tracer| tracer.see(&plain(), request(None).view()));
    let spans = spans::request(&queue.take(limits::OTLP_BATCH), "shop", "one");
    let spans = spans["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("a list").clone();
    let mut numbers: Vec<String> =
        spans.iter().flat_map(|span| [&span["traceId"], &span["spanId"]]).map(Value::to_string).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 40);
}

#[test]
fn a_full_queue_drops_what_comes_and_counts_it() {
    let queue = queue("always_on");
    let tracer = Tracer::new(Arc::clone(&queue));
    (0..limits::OTLP_QUEUE + 3).for_each(|_| tracer.see(&plain(), request(None).view()));
    assert_eq!(queue.lost(), 3);
    assert_eq!(queue.take(limits::OTLP_BATCH).len(), limits::OTLP_BATCH);
    tracer.see(&plain(), request(None).view());
    assert_eq!(queue.lost(), 3);
}

#[test]
fn an_instance_is_a_uuid() {
    let (one, other) = (instance(), instance());
    let lengths: Vec<usize> = one.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert!(one.as_bytes()[14] == b'4' && b"89ab".contains(&one.as_bytes()[19]), "{one}");
    assert_ne!(one, other);
}

#[test]
fn a_collector_is_asked_less_and_less_often_and_told_of_once() {
    let (address, got) = collector(vec![BUSY, REFUSED, TAKEN, PARTLY]);
    let told = Mutex::new(Vec::new());
    let tell = |line: String| told.lock().expect("nobody panicked").push(line);
    let mut channel = Channel::new(format!("http://{address}/v1/traces"));
    let wait = Duration::from_millis(limits::OTLP_SEND);
    assert_eq!(channel.send(&json!({ "a": 1 }), (0, wait), tell), Sent::Later);
    assert_eq!(channel.ready_at(), 7_000, "as it wishes");
    assert_eq!(channel.send(&json!({}), (7_000, wait), tell), Sent::Refused);
    assert_eq!(channel.ready_at(), 7_000 + 2 * limits::OTLP_RETRY, "twice as long");
    assert_eq!(channel.send(&json!({}), (9_000, wait), tell), Sent::Taken { rejected: 0 });
    assert_eq!(channel.ready_at(), 0);
    assert_eq!(channel.send(&json!({}), (9_000, wait), tell), Sent::Taken { rejected: 2 });
    let first = got.recv().expect("a request").to_ascii_lowercase();
    assert!(first.starts_with("post /v1/traces http/1.1\r\n"), "{first}");
    assert!(first.contains("\r\ncontent-type: application/json\r\n") && first.ends_with("{\"a\":1}"), "{first}");
    assert_eq!(channel.send(&json!({}), (9_000, wait), tell), Sent::Later, "it is gone");
    let told = told.into_inner().expect("nobody panicked");
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].contains("503") && told[1].ends_with("is there again"), "{told:#?}");
}

#[test]
fn pauses_end_at_a_minute() {
    let mut channel = Channel::new("http://127.0.0.1:1/v1/traces".to_owned());
    for _ in 0..20 {
        let sent = channel.send(&json!({}), (0, Duration::from_millis(limits::OTLP_SEND)), |_| {});
        assert_eq!(sent, Sent::Later);
    }
    assert_eq!(channel.ready_at(), limits::OTLP_RETRY_MOST);
}

/// An telemetry of a server without threads.
fn telemetry() -> Arc<Telemetry> {
    let shared = Arc::new(Shared::new(limits::DEFAULT));
    let (_, orders) = watch::channel(Order::Serve);
    Arc::new(Telemetry::new(0, &shared, orders, 0).0)
}

#[test]
fn what_is_left_is_sent_at_the_end() {
    let (address, got) = collector(vec![TAKEN, TAKEN]);
    let settings = settings(&format!("http://{address}"), "always_on");
    let queue = Arc::new(Queue::new(settings.sampler));
    Tracer::new(Arc::clone(&queue)).see(&plain(), request(None).view());
    let sender = Sender::new(settings, Arc::clone(&queue), telemetry());
    let thread = std::thread::spawn(move || sender.run());
    queue.end(Duration::from_millis(limits::OTLP_END));
    thread.join().expect("it ends");
    let (spans, counts) = (got.recv().expect("spans"), got.recv().expect("counts"));
    assert!(spans.starts_with("POST /v1/traces ") && spans.contains("because.cause"), "{spans}");
    assert!(counts.starts_with("POST /v1/metrics ") && counts.contains("because.spans.lost"), "{counts}");
}

#[test]
fn nobody_waits_at_the_end_for_a_collector_that_is_silent() {
    // it accepts nothing, and so nothing is ever answered
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let settings = settings(&format!("http://{}", listener.local_addr().expect("an address")), "always_on");
    let queue = Arc::new(Queue::new(settings.sampler));
    Tracer::new(Arc::clone(&queue)).see(&plain(), request(None).view());
    let sender = Sender::new(settings, Arc::clone(&queue), telemetry());
    let thread = std::thread::spawn(move || sender.run());
    assert!(!queue.end(Duration::from_millis(50)), "it was not sent");
    drop(listener);
    thread.join().expect("it ends");
}
