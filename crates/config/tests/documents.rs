//! The generated document is that of the table of words. `BECAUSE_BLESS=1` writes it anew.

use std::fs;
use std::path::Path;

#[test]
fn the_manual_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let manual = config::manual::markdown();
    if std::env::var_os("BECAUSE_BLESS").is_some() {
        fs::write(&path, &manual).expect("docs/ can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == manual, "docs/configuration.md is stale; run: BECAUSE_BLESS=1 cargo test -p because-config");
}
