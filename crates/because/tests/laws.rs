//! The laws of ARCHITECTURE.md that no compiler holds: who depends on whom, what a file may name, how large a room may grow.

#[path = "laws/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use source::{code, functions, holds};

/// Whom each crate may import, of ours. What is not listed is not allowed.
const ALLOWED: &[(&str, &[&str])] = &[
    ("because-semantics", &[]),
    ("because-decision", &["because-semantics"]),
    ("because-wire", &["because-semantics"]),
    ("because-policy", &["because-semantics"]),
    ("because-exchange", &["because-semantics"]),
    ("because-transport", &["because-semantics", "because-exchange", "because-wire"]),
    ("because-access", &["because-semantics"]),
    ("because-config", &["because-semantics"]),
    ("because-observe", &["because-semantics", "because-decision"]),
    (
        "because-resources",
        &["because-semantics", "because-decision", "because-exchange", "because-policy", "because-access"],
    ),
    (
        "because-server",
        &[
            "because-semantics",
            "because-decision",
            "because-exchange",
            "because-transport",
            "because-resources",
            "because-policy",
            "because-access",
            "because-config",
            "because-observe",
        ],
    ),
    (
        "because",
        &[
            "because-server",
            "because-semantics",
            "because-decision",
            "because-exchange",
            "because-transport",
            "because-resources",
            "because-policy",
            "because-access",
            "because-config",
            "because-observe",
        ],
    ),
    (
        "because-fuzz",
        &[
            "because-semantics",
            "because-wire",
            "because-decision",
            "because-policy",
            "because-observe",
            "because-config",
        ],
    ),
];

/// Whom the pure crates may import, of others: nothing that reads a clock, opens a file or a socket, or starts a thread.
const PURE: &[(&str, &[&str])] = &[
    ("because-semantics", &["memchr"]),
    ("because-decision", &[]),
    ("because-wire", &["memchr"]),
    ("because-policy", &["memchr", "siphasher"]),
    ("because-observe", &["memchr", "serde", "serde_json"]),
];

/// Words that the licences of what we depend on may be made of.
const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
    "CC0-1.0",
];

/// What we are built for: packages of other systems are not looked at, and need not be fetched.
const HOST: &str = if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" };

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there")
}

fn metadata() -> serde_json::Value {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", HOST])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("cargo writes JSON")
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("a text")
}

fn list(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn crates_import_only_whom_they_may() {
    let metadata = metadata();
    let members: Vec<&str> = list(&metadata["workspace_members"]).iter().map(text).collect();
    let mut seen = 0;
    for package in list(&metadata["packages"]).iter().filter(|p| members.contains(&text(&p["id"]))) {
        let name = text(&package["name"]);
        let (_, allowed) = ALLOWED.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("{name} has no law"));
        let pure = PURE.iter().find(|(n, _)| *n == name);
        for dependency in list(&package["dependencies"]).iter().filter(|d| d["kind"].is_null()) {
            let other = text(&dependency["name"]);
            if other.starts_with("because") {
                assert!(allowed.contains(&other), "{name} must not import {other}");
            } else if let Some((_, others)) = pure {
                assert!(others.contains(&other), "{name} is pure and must not import {other}");
            }
        }
        seen += 1;
    }
    assert!(seen >= ALLOWED.len() - 1, "every law has its crate");
}

#[test]
fn licences_are_free() {
    let metadata = metadata();
    for package in list(&metadata["packages"]) {
        let (name, licence) = (text(&package["name"]), package["license"].as_str().unwrap_or(""));
        // one of the alternatives must consist of known words alone
        let fits = licence.replace('/', " OR ").replace(['(', ')'], "").split(" OR ").any(|alternative| {
            !alternative.trim().is_empty() && alternative.split(" AND ").all(|word| LICENCES.contains(&word.trim()))
        });
        assert!(fits, "{name} has the licence '{licence}'");
    }
}

/// Every source file of ours, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if entry.is_dir() && name != "target" && name != "corpus" {
                walk(&entry, found);
            } else if name.ends_with(".rs") {
                found.push(entry);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder} has sources");
    let name = |path: &Path| path.strip_prefix(root()).expect("is inside").display().to_string();
    found.iter().map(|path| (name(path), fs::read_to_string(path).expect("is text"))).collect()
}

fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs") || name.contains("/benches/") || name.contains("/examples/")
}

#[test]
fn every_file_says_what_it_is_and_is_a_small_room() {
    for (name, text) in sources("crates").into_iter().chain(sources("fuzz")) {
        assert!(text.starts_with("//!"), "{name} does not say what lives in it");
        let lines = text.lines().count();
        let code = text.find("#[cfg(test)]\nmod tests {").map_or(lines, |at| text[..at].lines().count());
        let most = if is_test(&name) { 800 } else { FILE };
        assert!(code <= most, "{name} has {code} lines before its tests; the most is {most}");
    }
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[", "ignore"),
    ];
    for (name, text) in sources("crates").into_iter().chain(sources("fuzz")) {
        for mark in marks {
            assert!(!text.contains(mark), "{name} holds {mark}");
        }
    }
}

#[test]
fn neither_mechanisms_nor_resources_name_a_status() {
    let folders = ["crates/resources/src", "crates/policy/src", "crates/access/src", "crates/config/src"];
    for folder in folders {
        for (name, text) in sources(folder) {
            assert!(!code(&text).contains("Status"), "{name} names a status");
            assert!(!code(&text).contains("semantics::status"), "{name} names a status");
        }
    }
}

/// What carries a response passes its status on, and neither makes one nor looks at one.
#[test]
fn carriers_pick_no_status() {
    for folder in ["crates/exchange/src", "crates/transport/src"] {
        for (name, text) in sources(folder) {
            let picks = ["Status::", ".code()", ".class()"].iter().any(|word| code(&text).contains(word));
            assert!(!picks, "{name} picks a status");
        }
    }
}

/// A request is understood once: what its target and its Host mean is read in one file, and all others read what that made of
/// them. Some show the target as it was sent.
#[test]
fn one_file_reads_the_target_and_the_host() {
    let reader = "crates/semantics/src/target_uri.rs";
    let show = [
        "crates/semantics/src/request.rs",
        "crates/decision/src/record.rs",
        "crates/decision/src/explanation/causes.rs",
        "crates/decision/src/explanation/problem.rs",
        "crates/because/src/commands/config/explain/told.rs",
        "crates/resources/src/access_control.rs",
        "crates/server/src/handle.rs",
        "crates/server/src/respond.rs",
    ];
    // the wire looks whether there is one Host, and whether it is one
    let wire = "crates/wire/src/framing.rs";
    for (name, text) in sources("crates").into_iter().filter(|(name, _)| !is_test(name) && name != reader) {
        let code = code(&text);
        assert!(!code.contains("raw_target") || show.contains(&name.as_str()), "{name} reads the target");
        assert!(name == wire || !code.contains("Field::HOST"), "{name} reads Host");
    }
}

/// The graph is driven by one loop.
#[test]
fn one_file_steps_through_a_case() {
    for (name, text) in sources("crates").into_iter().filter(|(name, _)| !is_test(name)) {
        let may = ["crates/decision/src/drive.rs", "crates/decision/src/case.rs"].contains(&name.as_str());
        assert!(may || !code(&text).contains("Step::Ask"), "{name} steps through a case");
    }
}

#[test]
fn only_the_decision_writes_the_fields_of_a_response() {
    let may = [
        "crates/decision/src/fields.rs",
        "crates/decision/src/fields/policy.rs",
        "crates/decision/src/promise.rs",
        "crates/semantics/src/field.rs",
    ];
    for (name, text) in sources("crates") {
        let writes =
            code(&text).contains(".field(Field::") && (code(&text).contains("Sink") || code(&text).contains("sink."));
        let wire = name.starts_with("crates/wire/");
        assert!(!writes || may.contains(&name.as_str()) || wire || is_test(&name), "{name} writes fields");
    }
}

#[test]
fn pure_crates_name_no_clock_file_socket_or_thread() {
    let worldly = ["std::time", "std::fs", "std::net", "std::thread", "std::env", "std::process", "tokio", "async fn"];
    for folder in
        ["crates/semantics/src", "crates/decision/src", "crates/wire/src", "crates/policy/src", "crates/observe/src"]
    {
        for (name, text) in sources(folder) {
            for word in worldly {
                assert!(!code(&text).contains(word), "{name} names {word}");
            }
        }
    }
}

/// What a library has to say it returns, or gives to the crate `log`. Standard output and standard error are the program's.
#[test]
fn libraries_print_nothing() {
    let program = |name: &str| name.starts_with("crates/because/");
    for (name, text) in sources("crates").into_iter().filter(|(name, _)| !program(name) && !is_test(name)) {
        let code = code(&text);
        for word in ["print!", "println!", "eprint!", "eprintln!", "dbg!"] {
            let prints = code.match_indices(word).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            assert!(!prints, "{name} holds {word}");
        }
    }
}

/// The name that a line of a file of limits gives to a constant or to a field.
fn limit(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("pub ").or_else(|| line.trim().strip_prefix("pub(crate) "))?;
    let name = rest.strip_prefix("const ").unwrap_or(rest).split_once(':')?.0;
    (!name.contains(' ') && name != "DEFAULT").then_some(name)
}

/// Does this code hold that limit? A constant is read by its path or imported by its name, a field by its value.
fn reads_limit(code: &str, name: &str) -> bool {
    if name.chars().next().is_some_and(char::is_lowercase) {
        let part = |c: char| c.is_alphanumeric() || c == '_' || c == '(';
        let read = |(at, value): (usize, &str)| !code[at + value.len()..].starts_with(part);
        return holds(code, "limits") && code.match_indices(&format!(".{name}")).any(read);
    }
    let imported = || {
        code.match_indices("limits::{").any(|(at, start)| {
            let list = &code[at + start.len()..];
            holds(&list[..list.find('}').unwrap_or(0)], name)
        })
    };
    holds(code, &format!("limits::{name}")) || imported()
}

#[test]
fn every_limit_has_a_reason_and_is_used() {
    let of_limits = |name: &str| name.ends_with("/src/limits.rs") || name.contains("/src/limits/");
    let (limits, others): (Vec<_>, Vec<_>) =
        sources("crates").into_iter().filter(|(name, _)| !is_test(name)).partition(|(name, _)| of_limits(name));
    let others: Vec<String> = others.iter().map(|(_, text)| code(text)).collect();
    // one limit may be made of another
    let all: Vec<String> = limits.iter().map(|(_, text)| code(text)).collect();
    let mut seen = 0;
    for (file, text) in &limits {
        let mut before = "";
        // an attribute may stand between a reason and its limit
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with("#[")) {
            if let Some(name) = limit(line) {
                assert!(before.trim_start().starts_with("///"), "{file}: the limit {name} has no reason");
                let used = others.iter().any(|code| reads_limit(code, name))
                    || all
                        .iter()
                        .any(|code| code.lines().any(|l| limit(l) != Some(name) && l.contains("= ") && holds(l, name)));
                assert!(used, "{file}: nothing holds the limit {name}");
                seen += 1;
            }
            before = line;
        }
    }
    assert!(seen > 150, "{seen} limits were read");
}

/// Crates in which no function is longer than [`FUNCTION`] lines and no file is longer than [`FILE`] before its tests.
const SMALL: &[&str] =
    &["access", "config", "decision", "observe", "policy", "resources", "semantics", "server", "transport", "wire"];

/// The most lines of a function, from `fn` to the closing brace.
const FUNCTION: usize = 60;

/// The most lines of a file before its tests.
const FILE: usize = 600;

#[test]
fn functions_and_files_are_small() {
    let mut long = Vec::new();
    for name in SMALL {
        for (file, text) in sources(&format!("crates/{name}/src")).into_iter().filter(|(file, _)| !is_test(file)) {
            let code = code(&text);
            // blanked tests at the end count no more
            if code.trim_end().lines().count() > FILE {
                long.push(format!("{file}: more than {FILE} lines"));
            }
            let functions = functions(&code).into_iter().filter(|(.., lines)| *lines > FUNCTION);
            long.extend(functions.map(|(name, line, lines)| format!("{file}:{line}: {name} has {lines} lines")));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn what_programs_make_is_not_tracked() {
    let out = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    // an archive of the sources has no history, and perhaps no git
    let Some(out) = out.ok().filter(|out| out.status.success()) else { return };
    for path in String::from_utf8_lossy(&out.stdout).split_terminator('\0') {
        let made = path.split('/').any(|part| [".because", "target", "__pycache__"].contains(&part))
            || [".redb", ".sock", ".orig", ".rej", ".swp", ".log", ".pyc", ".profraw"]
                .iter()
                .any(|end| path.ends_with(end));
        assert!(!made, "{path} is made by a program, and is tracked");
    }
}
