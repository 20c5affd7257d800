//! The targets `config`, `redirects` and `log`: files that operators write, and lines that may come from anywhere.

use config::Config;
use observe::logs::Line;
use policy::redirects::Redirects;

/// Files and lines that mutations begin with.
pub(crate) const FILES: &[&str] = &[
    include_str!("../../crates/config/tests/good/every_word.toml"),
    include_str!("../../crates/config/tests/good/shorthands.toml"),
    "# moved\n/news/:year/* /archive/:year/:splat 302!\n/old /new\n/app/* /index.html 200\n/gone 410\n",
    "2026-12-01T05:41:48.123Z 127.0.0.1 GET /doc 200 representation_available 2f2b3 1204B 87µs rule=a.toml:3 user=alice id=0a broken",
    "{\"time\":\"2026-12-01T05:41:48.123Z\",\"client\":\"::1\",\"method\":\"GET\",\"target\":\"/\",\"status\":200,\"cause\":\"a\",\"because\":\"2f\",\"octets\":0,\"micros\":1}",
    "(3 lines dropped: output is too slow)",
];

/// A configuration is read, or what is wrong with it is told, each mistake at a place of the file.
pub fn config(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (Ok((_, told)) | Err(told)) = Config::read(text, "because.toml").inspect_err(|told| assert!(!told.is_empty()));
    assert!(told.is_empty() || !config::render(&told, false).is_empty());
}

/// Each line of a file of redirections is kept to, refused, or says nothing.
pub fn redirects(data: &[u8]) {
    // Longer ones take longer and show nothing new.
    let data = &data[..data.len().min(4_000)];
    let read = Redirects::read(data);
    let lines = data.split(|octet| *octet == b'\n').count();
    assert!(read.redirects.len() + read.refused.len() <= lines);
    assert!(read.redirects.is_sorted_by_key(|redirect| redirect.line));
    assert!(read.redirects.iter().map(|redirect| redirect.line).all(|line| (1..=lines).contains(&line)));
    assert!(read.refused.iter().all(|refused| (1..=lines).contains(&refused.line)));
}

/// Each line of a log is of an answer, or of none.
pub fn log(data: &[u8]) {
    for line in data.split(|octet| *octet == b'\n') {
        if let Line::Answer(answer) = Line::read(line) {
            assert!((100..=999).contains(&answer.status) && answer.path().len() <= answer.target.len());
        }
    }
}
