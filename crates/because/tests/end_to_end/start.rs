//! Starting: what the first lines say, and one clear line for each mistake, with the right exit code.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::folder::Folder;
use crate::server::{Server, Start, run};

/// Runs the program, which must fail, and gives its code and what it said.
fn fails(args: &[&str]) -> (Option<i32>, String) {
    let output = run(args);
    assert!(!output.status.success(), "{args:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "errors go to standard error");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

fn one_line(said: &str) -> &str {
    let line = said.strip_suffix('\n').unwrap_or(said);
    assert!(!line.contains('\n') && line.starts_with("because: "), "one clear line: {said}");
    assert!(!line.contains("os error") && !line.contains("Error {"), "in words: {said}");
    line
}

#[test]
fn the_first_lines_say_where_to_click_and_what_is_served() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let server = Server::of(&folder);
    let said = server.err.all().join("\n");
    assert!(said.contains("serves") && said.contains(folder.root().to_str().expect("text")), "{said}");
    assert!(said.contains(&format!("  http://{}/", server.addresses()[0])), "{said}");
    assert!(said.contains("read only") && said.contains("folders are listed") && said.contains("1 thread"), "{said}");
    assert!(!said.contains('\x1b'), "no colour in a pipe");
    let server = Server::with(&folder, &["--hidden", "--no-listing"]);
    let said = server.err.all().join("\n");
    assert!(said.contains("dot files are served") && said.contains("folders are not listed"), "{said}");
}

#[test]
fn a_port_in_use_is_told_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("is bound").to_string();
    let folder = Folder::new();
    let root = folder.root();
    let root = root.to_str().expect("text");
    let (code, said) = fails(&["serve", root, "--listen", &address]);
    assert_eq!(code, Some(1));
    assert!(one_line(&said).contains(&address), "{said}");
    // also where the other one is of the same kind, and would share
    let server = Server::of(&folder);
    let (code, said) = fails(&["serve", root, "--listen", &server.addresses()[0].to_string()]);
    assert_eq!(code, Some(1));
    one_line(&said);
    // and where only the second of two is taken
    let (code, said) = fails(&["serve", root, "--listen", "127.0.0.1:0", "--listen", &address]);
    assert_eq!((code, one_line(&said).contains(&address)), (Some(1), true));
}

#[test]
fn a_folder_that_is_none_is_told_in_one_line() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let missing = folder.path("none");
    let (code, said) = fails(&["serve", missing.to_str().expect("text")]);
    assert_eq!(code, Some(1));
    assert!(one_line(&said).contains("there is no folder") && said.contains("none"), "{said}");
    let file = folder.path("a.txt");
    let (code, said) = fails(&["serve", file.to_str().expect("text")]);
    assert_eq!(code, Some(1));
    assert!(one_line(&said).contains("is not a folder"), "{said}");
}

#[test]
fn a_folder_that_may_not_be_entered_is_told_in_one_line() {
    if rustix::process::getuid().is_root() {
        return; // root may enter every folder
    }
    let folder = Folder::new();
    let closed = folder.folder("closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).expect("changes");
    let (code, said) = fails(&["serve", closed.join("inner").to_str().expect("text")]);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).expect("changes");
    assert_eq!(code, Some(1));
    assert!(one_line(&said).contains("permission denied"), "{said}");
}

#[test]
fn a_port_without_the_right_or_an_address_of_others_is_told_in_one_line() {
    let folder = Folder::new();
    let root = folder.root();
    let root = root.to_str().expect("text");
    let (code, said) = fails(&["serve", root, "--listen", "192.0.2.1:8080"]);
    assert_eq!(code, Some(1));
    assert!(one_line(&said).contains("no address of this machine"), "{said}");
    let (code, said) = fails(&["serve", root, "--listen", "unix:/no/such/folder/sock"]);
    assert_eq!(code, Some(1));
    one_line(&said);
}

#[test]
fn a_wrong_flag_is_told_and_the_exit_code_is_2() {
    for (args, names) in [
        (&["serve", "--bogus"][..], "--bogus"),
        (&["serve", ".", "more"], "more"),
        (&["serve", "--listen", "nowhere"], "nowhere"),
        (&["serve", "--listen", "127.0.0.1:99999"], "127.0.0.1:99999"),
        (&["serve", "--listen", ""], "--listen"),
        (&["serve", "--threads", "0"], "--threads"),
        (&["serve", "--threads", "many"], "many"),
        (&["serve", "--max-content", "12q"], "12q"),
        (&["serve", "--head-timeout", "soon"], "soon"),
        (&["serve", "--log", "xml"], "xml"),
        (&["serve", "--cache-control", "a\u{7f}b"], "--cache-control"),
        (&["nonsense"], "nonsense"),
        (&["explain", "999"], "999"),
        (&["why", "xyz"], "xyz"),
        (&["why", ""], ""),
        (&["why", "0"], "0"),
        (&["why", "1"], "1"),
        (&["why", "ffffffffffffffffffffffffffffffffffffffff"], "ffff"),
        (&["graph", "--because", "xyz"], "xyz"),
        (&["graph", "--format", "gif"], "gif"),
        (&["completions", "cobol"], "cobol"),
    ] {
        let (code, said) = fails(args);
        assert_eq!(code, Some(2), "{args:?}: {said}");
        let first = said.lines().next().expect("something is said");
        assert!(first.contains(names), "{args:?}: the first line names what is wrong: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn every_limit_can_be_set() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let server = Start::of(folder.root())
        .args(&[
            "--max-connections",
            "100",
            "--max-requests",
            "1k",
            "--max-target",
            "2k",
            "--max-field",
            "4k",
            "--max-fields",
            "8k",
        ])
        .args(&[
            "--max-field-count",
            "50",
            "--max-content",
            "2M",
            "--head-timeout",
            "5s",
            "--content-timeout",
            "1m",
            "--idle-timeout",
            "1h",
        ])
        .args(&[
            "--write-timeout",
            "500ms",
            "--linger-timeout",
            "1s",
            "--drain-timeout",
            "1s",
            "--cache-file",
            "1k",
            "--cache-size",
            "1M",
        ])
        .args(&["--cache-time", "10ms", "--max-listing", "5"])
        .start();
    server.get("/a.txt").is(200);
}
