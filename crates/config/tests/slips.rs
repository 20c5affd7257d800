//! Slips that people make, and what they are told: each file of `slips/` has the expected text beside it. `BECAUSE_BLESS=1`
//! writes them anew; whoever does reads them as a stranger would.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

#[test]
fn slips_are_told_so() {
    let files = files("slips");
    assert!(files.len() >= 20);
    for path in files {
        let text = fs::read_to_string(&path).expect("is text");
        let told = match config::Config::read(&text, "because.toml") {
            Ok((_, warnings)) => warnings,
            Err(mistakes) => mistakes,
        };
        assert!(!told.is_empty(), "{} has no slip", path.display());
        let shown = config::render(&told, false);
        let expected = path.with_extension("txt");
        if std::env::var_os("BECAUSE_BLESS").is_some() {
            fs::write(&expected, &shown).expect("can be written");
        }
        let there = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(shown, there, "{}: run BECAUSE_BLESS=1 cargo test -p because-config", path.display());
    }
}

#[test]
fn good_files_are_good() {
    for path in files("good") {
        let read = config::read_file(&path);
        let (_, warnings) = read.unwrap_or_else(|mistakes| panic!("{}", config::render(&mistakes, false)));
        let historic = |warning: &config::Diagnostic| warning.message().contains("RFC 9110 §15.4");
        assert!(warnings.iter().all(historic), "{}", config::render(&warnings, false));
    }
}
