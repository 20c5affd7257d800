//! The generated documents are those of the tables. `BECAUSE_BLESS=1` writes them anew.

use std::fs;
use std::path::Path;
use std::process::Command;

fn check(file: &str, args: &[&str]) {
    let out = Command::new(env!("CARGO_BIN_EXE_because")).args(args).output().expect("the program runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    if std::env::var_os("BECAUSE_BLESS").is_some() {
        fs::write(&path, &out.stdout).expect("docs/ can be written");
    }
    let there = fs::read(&path).unwrap_or_default();
    assert!(there == out.stdout, "docs/{file} is stale; run: BECAUSE_BLESS=1 cargo test -p because --test docs");
}

#[test]
fn statuses() {
    check("statuses.md", &["explain", "--format", "markdown"]);
}

#[test]
fn questions() {
    check("questions.md", &["graph", "--format", "markdown"]);
}

#[test]
fn picture() {
    check("graph.svg", &["graph", "--format", "svg"]);
}
