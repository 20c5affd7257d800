//! The commands that serve nothing: explain, why, graph, completions, man, and help. In a pipe none of them has colour.

use crate::folder::Folder;
use crate::server::{Server, run};

/// Runs the program, which must succeed and say something, in plain text and without a word of warning.
fn says(args: &[&str]) -> String {
    let output = run(args);
    let (out, err) =
        (String::from_utf8(output.stdout).expect("text"), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success() && err.is_empty(), "{args:?}: {err}");
    assert!(!out.trim().is_empty() && !out.contains('\x1b'), "{args:?}: {out}");
    out
}

fn json(args: &[&str]) -> serde_json::Value {
    let said = says(args);
    serde_json::from_str(&said).unwrap_or_else(|e| panic!("{args:?} is valid JSON: {e}: {said}"))
}

fn hold(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} was to be said:\n{text}");
    }
}

/// A number of a walk that ended at 412.
fn number() -> String {
    let folder = Folder::with(&[("a.txt", "a")]);
    let server = Server::of(&folder);
    server.get_with("/a.txt", "If-Match: \"old\"\r\n").is(412);
    server.log(" 412 ").because
}

#[test]
fn a_status_is_explained() {
    hold(&says(&["explain", "412"]), &["412", "Precondition Failed", "If-Match", "RFC 9110", "§15.5.13"]);
    hold(&says(&["explain", "teapot"]), &["418"]);
    hold(&says(&["explain", "precondition", "failed"]), &["412"]);
    let all = says(&["explain"]);
    hold(&all, &["100", "207", "308", "451", "511", "Not Found"]);
    let class = says(&["explain", "5xx"]);
    hold(&class, &["500", "508", "511"]);
    assert!(!class.contains("404"), "{class}");
    assert!(json(&["explain", "404", "--format", "json"]).to_string().contains("404"));
    assert!(json(&["explain", "--format", "json"]).to_string().contains("Teapot") || all.contains("418"));
    assert!(all.lines().all(|line| line.chars().count() <= 100), "lines have a width");
}

#[test]
fn a_number_is_told_in_words() {
    let number = number();
    let told = says(&["why", &number]);
    hold(&told, &["412", "If-Match", "RFC 9110 §13.1.1", "?"]);
    let told = json(&["why", &number, "--format", "json"]).to_string();
    hold(&told, &["412", "if_match_holds"]);
}

#[test]
fn the_graph_is_drawn() {
    let number = number();
    for more in [&[][..], &["--because", &number]] {
        let draw = |format: &str| says(&[&["graph", "--format", format][..], more].concat());
        let svg = draw("svg");
        assert!(svg.trim_start().starts_with("<svg") || svg.trim_start().starts_with("<?xml"), "{}", &svg[..200]);
        hold(&svg, &["xmlns=\"http://www.w3.org/2000/svg\"", "412", "</svg>"]);
        assert!(!svg.contains("<script") && !svg.contains("href=\"http"), "nothing runs, nothing is loaded");
        well_formed(&svg);
        hold(&draw("dot"), &["digraph", "if_match_holds", "412", "->"]);
        hold(&draw("mermaid"), &["flowchart", "Does If-Match name what stands here?", "412", "-->"]);
        hold(&draw("text"), &["If-Match", "412"]);
    }
    let (plain, walked) =
        (says(&["graph", "--format", "svg"]), says(&["graph", "--format", "svg", "--because", &number]));
    assert_ne!(plain, walked, "a walk is shown");
    assert_eq!(plain, says(&["graph", "--format", "svg"]), "the same picture each time");
}

/// Every tag of an XML text is closed, in order.
fn well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with(['?', '!']) || tag.ends_with('/') {
            continue;
        }
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "tags are closed in order"),
            None => open.push(tag.split_whitespace().next().expect("a name")),
        }
    }
    assert!(open.is_empty(), "these tags are not closed: {open:?}");
}

#[test]
fn completions_and_the_manual_page_are_generated() {
    for (shell, part) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef because"),
        ("fish", "complete -c because"),
        ("elvish", "because"),
        ("powershell", "because"),
    ] {
        hold(&says(&["completions", shell]), &[part, "serve"]);
    }
    hold(&says(&["man"]), &[".TH", "because", "serve", ".SH"]);
}

#[test]
fn help_is_for_people() {
    assert_eq!(says(&["--version"]), format!("because {}\n", env!("CARGO_PKG_VERSION")));
    hold(&says(&["--help"]), &["serve", "explain", "why", "graph", "Examples"]);
    hold(&says(&["serve", "--help"]), &["--listen", "--head-timeout", "127.0.0.1:8080", "--cache-time", "Examples"]);
    hold(&says(&["serve", "-h"]), &["--listen", "Examples"]);
    let bare = run(&[]);
    assert_eq!(bare.status.code(), Some(2));
    hold(&String::from_utf8_lossy(&bare.stderr), &["Usage"]);
}

/// `because explain | head -1`
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    use std::process::{Command, Stdio};
    for args in [&["explain"][..], &["graph", "--format", "svg"], &["man"]] {
        let mut child = Command::new(crate::server::program())
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}
