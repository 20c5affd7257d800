//! What is not served, though it may lie in a folder that is: the configuration, the keys of prepaid tokens and the journal of
//! what was spent, the record of decisions. They tell what nobody who asks over the network is to know.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy::network::Networks;
use policy::pattern::Pattern;
use resources::access_control::Guard;
use resources::rules::{Setting, Source, Words};

/// More specific than what a site says of the same path.
pub const SCOPE: u8 = 2;

/// A rule that lets nobody at this file, if it lies in this folder, whose path is a whole one.
pub(crate) fn rule(folder: &Path, file: &Path, source: Source) -> Option<(Pattern, u8, Words)> {
    let file = whole(file)?;
    let mut text = String::new();
    for name in file.strip_prefix(folder).ok()?.components() {
        text.push('/');
        for octet in name.as_os_str().as_encoded_bytes() {
            match octet {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(*octet)),
                _ => text.push_str(&format!("%{octet:02X}")),
            }
        }
    }
    let nobody = Guard { gate: None, from: Some(Networks::default()), not_from: Networks::default(), hide: false };
    let words = Words { guard: Some(Setting { source, value: Some(Arc::new(nobody)) }), ..Words::default() };
    Some((Pattern::parse(&text).ok()?, SCOPE, words))
}

/// The whole path of a file, which need not be there yet.
fn whole(file: &Path) -> Option<PathBuf> {
    if let Ok(whole) = file.canonicalize() {
        return Some(whole);
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(file.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_folder_has_a_rule_and_others_have_none() {
        let root = std::env::temp_dir().join(format!("because-withheld-{}", std::process::id()));
        let (folder, inner) = (root.join("site"), root.join("site/a b"));
        std::fs::create_dir_all(&inner).expect("a folder");
        std::fs::write(inner.join("k*y.toml"), "").expect("a file");
        let folder = folder.canonicalize().expect("a folder");
        let source = Source { file: "f", line: 1 };
        let matches = |file: &Path, path: &[u8]| {
            rule(&folder, file, source).is_some_and(|(pattern, ..)| pattern.matches(path, b"GET"))
        };
        assert!(
            matches(&inner.join("k*y.toml"), b"a b/k*y.toml") && !matches(&inner.join("k*y.toml"), b"a b/key.toml")
        );
        assert!(matches(&inner.join("../not-yet.spent"), b"not-yet.spent"));
        assert!(rule(&folder, &root.join("because.toml"), source).is_none(), "it is beside the folder");
        std::fs::remove_dir_all(root).expect("is removed");
    }
}
