//! The keys of issuers of tokens: fetched by HTTP, read again from files, and what happens until they are there.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::folder::Folder;
use crate::server::{Server, Start, until};

/// A token of `https://login.example` for `api`: `sub` is carol, in staff, until 2100; by the key `one`, and by the key `two`.
const BY_ONE: &str = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAib25lIn0.eyJpc3MiOiAiaHR0cHM6Ly9sb2dpbi5leGFtcGxlIiwgInN1YiI6ICJjYXJvbCIsICJhdWQiOiAiYXBpIiwgImV4cCI6IDQxMDI0NDQ4MDAsICJncm91cHMiOiBbInN0YWZmIl19.XvycUdzkQb-z4tpxxgd4fdTJv1J4RMA3n4pzbQh8V_k";
const BY_TWO: &str = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAidHdvIn0.eyJpc3MiOiAiaHR0cHM6Ly9sb2dpbi5leGFtcGxlIiwgInN1YiI6ICJjYXJvbCIsICJhdWQiOiAiYXBpIiwgImV4cCI6IDQxMDI0NDQ4MDAsICJncm91cHMiOiBbInN0YWZmIl19.1NqIKPz_dF0neHot_ujMW_unpF35tEW1KeTGVlnm8Wg";
const ONE: &str =
    r#"{"keys":[{"kty":"oct","kid":"one","alg":"HS256","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#;
const TWO: &str =
    r#"{"keys":[{"kty":"oct","kid":"two","alg":"HS256","k":"ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA"}]}"#;

/// A server of keys, which is asked again and again until the test ends; returns how often it was asked for `/late`.
fn keys_served() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
    let (address, asked) = (listener.local_addr().expect("has an address"), Arc::new(AtomicUsize::new(0)));
    let late = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().expect("is shared")).lines();
            let first = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
            let path = first.split(' ').nth(1).unwrap_or_default();
            let (status, content) = match path {
                "/late" if late.fetch_add(1, Ordering::Relaxed) == 0 => ("500 Internal Server Error", String::new()),
                "/late" | "/there" => ("200 OK", ONE.to_owned()),
                "/garbage" => ("200 OK", "<html>".to_owned()),
                "/huge" => ("200 OK", "x".repeat(1_000_000)),
                _ => ("302 Found\r\nLocation: /there", String::new()),
            };
            // who has read enough closes
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
                content.len()
            );
        }
    });
    (address, asked)
}

fn started(folder: &Folder, keys: &str, more: &str) -> Server {
    let text = format!(
        "folder = 'root'\n[rule.'/a.txt']\nguard = '@staff'\n[users]\ndora = {{ token = 'sha256:{}', groups = ['staff'] }}\n\
         [issuer.'https://login.example']\nkeys = '{keys}'\naudience = 'api'\n{more}",
        "0a".repeat(32)
    );
    std::fs::write(folder.beside("because.toml"), text).expect("is written");
    Start::of(folder.beside("because.toml")).start()
}

fn asked_with(server: &Server, token: &str) -> u16 {
    server.get_with("/a.txt", &format!("Authorization: Bearer {token}\r\n")).status
}

#[test]
fn keys_are_fetched_and_fetched_again_when_that_failed() {
    let (folder, (address, asked)) = (Folder::with(&[("a.txt", "a")]), keys_served());
    let server = started(&folder, &format!("http://{address}/late"), "");
    until("who has no keys says so", || {
        (asked.load(Ordering::Relaxed) > 0 && asked_with(&server, BY_ONE) == 503).then_some(())
    });
    let told = server.err.wait_for("cannot be had");
    assert!(
        told.ends_with("/late cannot be had: the answer is 500; until they are there, its tokens are of no use"),
        "{told}"
    );
    until("they are fetched again", || (asked_with(&server, BY_ONE) == 200).then_some(()));
    server.err.wait_for("/late are there again");
    assert_eq!(asked_with(&server, BY_TWO), 401);
    // a configuration that is read again has the keys at once
    server.signal(rustix::process::Signal::HUP);
    server.err.wait_for("is in force");
    assert_eq!(asked_with(&server, BY_ONE), 200);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn what_are_no_keys_is_told_once() {
    let (folder, (address, _)) = (Folder::with(&[("a.txt", "a")]), keys_served());
    let gone = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address");
    let more: String =
        [("b", format!("{address}/garbage")), ("c", format!("{address}/huge")), ("d", format!("{gone}/"))]
            .iter()
            .map(|(name, at)| format!("[issuer.'https://{name}.example']\nkeys = 'http://{at}'\naudience = 'api'\n"))
            .collect();
    let server = started(&folder, &format!("http://{address}/elsewhere"), &more);
    server.err.wait_for("/garbage cannot be had");
    server.err.wait_for("/huge cannot be had: they are longer than 262144 octets");
    server.err.wait_for(&format!("{gone}/ cannot be had"));
    until("a redirection is followed", || (asked_with(&server, BY_ONE) == 200).then_some(()));
}

#[test]
fn a_file_of_keys_is_read_again() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let file = folder.beside("jwks.json");
    std::fs::write(&file, ONE).expect("is written");
    let server = started(&folder, "jwks.json", "");
    assert_eq!((asked_with(&server, BY_ONE), asked_with(&server, BY_TWO)), (200, 401));
    std::fs::write(&file, "{").expect("is written");
    server.err.wait_for("jwks.json cannot be had");
    assert_eq!(asked_with(&server, BY_ONE), 200, "those that are known stay");
    std::fs::write(&file, TWO).expect("is written");
    until("the new keys are believed", || (asked_with(&server, BY_TWO) == 200).then_some(()));
    assert_eq!(asked_with(&server, BY_ONE), 401);
}
