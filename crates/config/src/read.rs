//! From text to the configuration: TOML is read, each word is looked at, shorthands are written out, and what does not fit
//! together is told.

mod rule;
mod server;
mod site;
mod take;

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use crate::limits;
use toml::de::{DeTable, DeValue};

use crate::check::{self, Diagnostics};
use crate::consistency;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Config;
use crate::place::Source;
use crate::syntax;
use crate::words::Home;
use take::Take;

/// Reads the configuration in this file.
///
/// # Errors
///
/// The file cannot be read, is too long or no text; or all that is wrong in it, as [`Config::read`] tells it.
///
/// ```
/// let mistakes = config::read_file(std::path::Path::new("no/because.toml")).unwrap_err();
/// assert!(mistakes[0].message().starts_with("no/because.toml cannot be read: "));
/// ```
pub fn read_file(path: &Path) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
    let name = path.display().to_string();
    let mut octets = Vec::new();
    // one octet more tells that it is too long
    let read = File::open(path).and_then(|file| file.take(limits::CONFIG_FILE as u64 + 1).read_to_end(&mut octets));
    if let Err(error) = read {
        let why = error.to_string().to_lowercase();
        let why = why.split(" (os error").next().unwrap_or(&why);
        return Err(vec![Diagnostic::of(format!("{name} cannot be read: {why}"))]);
    }
    match String::from_utf8(octets) {
        Ok(text) => config(&text, &name),
        Err(error) => {
            let line =
                error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
            Err(vec![Diagnostic::of(format!("{name}:{line}: this is no text in UTF-8"))])
        }
    }
}

/// Reads a configuration.
pub(crate) fn config(text: &str, file: &str) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
    if text.len() > limits::CONFIG_FILE {
        let message = format!("{file} is longer than {} octets, the most that is read", limits::CONFIG_FILE);
        return Err(vec![Diagnostic::of(message)]);
    }
    let readable = syntax::readable(text);
    let (root, _) = DeTable::parse_recoverable(&readable.text);
    let broken = !readable.slips.is_empty();
    let source = Source::file(file, text, secrets(text, root.get_ref(), broken));
    let mut told = Diagnostics::new(source, readable.unread);
    let slips = readable.slips.iter().map(|slip| slip.diagnostic(|span| told.place(span))).collect();
    told.extend(slips);
    check::table(&mut told, root.get_ref(), Home::Top, 0..0);
    let config = Take::new(&told).config(root.get_ref());
    told.judge();
    if !broken {
        consistency::check(&mut told, &config);
    }
    let all = told.finish();
    if all.iter().any(|diagnostic| diagnostic.severity() == Severity::Error) { Err(all) } else { Ok((config, all)) }
}

/// The octets that nobody may be shown: what is said of users, but for their names and groups. Of a text that could not be
/// read it is not certain what stands where; there all that may be one is.
fn secrets(text: &str, root: &DeTable<'_>, broken: bool) -> Vec<Range<usize>> {
    fn within(value: &toml::Spanned<DeValue<'_>>, found: &mut Vec<Range<usize>>) {
        match value.get_ref() {
            DeValue::String(_) => found.push(value.span()),
            DeValue::Array(array) => array.iter().for_each(|value| within(value, found)),
            DeValue::Table(table) => {
                table
                    .iter()
                    .filter(|(key, _)| !matches!(&**key.get_ref(), "groups" | "group"))
                    .for_each(|(_, value)| within(value, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(users) = root.get("users") {
        within(users, &mut found);
    }
    if broken {
        found.extend(syntax::lines_of_users(text));
    }
    found.retain(|span| !span.is_empty());
    found.sort_by_key(|span| (span.start, span.end));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn too_long_a_file_is_not_read() {
        let text = "#".repeat(limits::CONFIG_FILE + 1);
        let mistakes = config(&text, "a.toml").unwrap_err();
        assert!(mistakes[0].message().contains("longer than"));
        assert!(config(&text[1..], "a.toml").is_ok());
    }

    #[test]
    fn the_most_mistakes_are_told() {
        let text: String = (0..limits::CONFIG_MISTAKES + 3).map(|k| format!("zzz{k} = 1\n")).collect();
        let mistakes = config(&text, "a.toml").unwrap_err();
        assert_eq!(mistakes.len(), limits::CONFIG_MISTAKES + 1);
        assert_eq!(mistakes[limits::CONFIG_MISTAKES].message(), "a.toml: and 3 more");
    }

    #[test]
    fn secrets_are_never_shown() {
        for text in [
            "[users]\nalice = { pasword = 'SECRET1' }",
            "[users]\nalice = 'SECRET1'\nalice = 'SECRET2'",
            "[users]\nalice = SECRET1",
            "[users]\nalice 'SECRET1'",
            "[users]\nalice: SECRET1",
            "[users]\nalice = 'SECRET1",
            "[users.alice]\npassword = SECRET1",
            "[users]\nalice = { groups = ['a'], password = ['SECRET1', 3] }",
            "users = { alice = 'SECRET1', bob = 5 }",
            "users.alice = SECRET1",
            "[users]\nalice = { password = \"SECRET\\1\" }",
            "[users]\nany = 'SECRET1'",
            "[users]\nfolder = 'SECRET1'",
            "[users.alice]\ntoken = [\n  SECRET1,\n  'SECRET1'\n",
            "[users]\nalice = ['SECRET1'\nbob = 'SECRET2'",
        ] {
            let mistakes = config(text, "a.toml").expect_err(text);
            let shown = crate::render(&mistakes, true);
            assert!(!shown.contains("SECRET") && !format!("{mistakes:?}").contains("SECRET"), "{text}:\n{shown}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(text: String) {
            let _ = config(&text, "a.toml");
        }

        #[test]
        fn any_words_end(lines in proptest::collection::vec(line(), 0..12)) {
            let text = lines.join("\n");
            if let Err(mistakes) = config(&text, "a.toml") {
                let _ = crate::render(&mistakes, true);
            }
        }
    }

    /// A line that could stand in a configuration.
    fn line() -> impl Strategy<Value = String> {
        let keys: Vec<&str> =
            crate::words::all().map(|row| row.key).chain(["gard", "x.y", "\"/a\"", "--write"]).collect();
        let examples: Vec<&str> = crate::words::all().map(|row| row.example).collect();
        let values = prop_oneof![
            Just("true".to_owned()),
            Just("false".to_owned()),
            "\"[ -~é]{0,12}\"",
            "-?[0-9]{1,20}",
            Just("2026-12-01T10:00:00Z".to_owned()),
            Just("[]".to_owned()),
            Just("{}".to_owned()),
            "[\\[{\"]\\PC{0,10}",
            proptest::sample::select(vec![
                "[\"a\", 1]",
                "[[1]]",
                "{ allow = \"@a\" }",
                "{ from = 1 }",
                "[{ rate = \"1/s\" }]"
            ])
            .prop_map(str::to_owned),
        ];
        let heading = proptest::sample::select(vec![
            "[users]",
            "[site.\"a\"]",
            "[rule.\"/a\"]",
            "[site.a.rule.\"/b\"]",
            "[[rule]]",
            "[limits]",
        ]);
        prop_oneof![
            (proptest::sample::select(keys), values).prop_map(|(key, value)| format!("{key} = {value}")),
            proptest::sample::select(examples).prop_map(str::to_owned),
            heading.prop_map(str::to_owned),
            "\\PC{0,20}",
        ]
    }
}
