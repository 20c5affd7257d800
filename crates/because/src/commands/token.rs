//! `because token`: prepaid tokens, and the keys that they are sealed with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use access::command::{describe_token, key_line};
use access::payment::{Grant, issue};
use transport::clock::Clock;

use crate::cli::tools::{Show, Token};
use crate::terminal::{password, print};
use server::plan::build::payment_journal::read_keys;
use server::random;

/// Runs the command.
pub(crate) fn run(args: &Token) -> Result<(), String> {
    match (&args.show, &args.new_key, &args.key, args.credits) {
        (Some(Show::Show { token, key }), ..) => show(token, key.as_deref()),
        (None, Some(file), ..) => new_key(file),
        (None, None, Some(key), Some(credits)) => new_token(key, credits, args),
        (None, None, ..) => Err("say --key FILE and --credits N, or --new-key FILE; see --help".to_owned()),
    }
}

fn now() -> i64 {
    Clock::new().stamp().date.unix()
}

fn new_token(key: &Path, credits: u64, args: &Token) -> Result<(), String> {
    let keys = read_keys(key)?;
    let id = *random()?.first_chunk::<16>().expect("32 octets begin with 16");
    let expires = now().saturating_add(i64::try_from(args.expires).unwrap_or(i64::MAX));
    let grant = Grant { id, credits, expires, note: args.note.clone().unwrap_or_default() };
    let token =
        issue(keys.present(), &grant).map_err(|_| format!("--note: more than {} octets", crate::limits::GRANT_NOTE))?;
    print(format!("{token}\n").as_bytes())
}

fn show(token: &str, key: Option<&Path>) -> Result<(), String> {
    let keys = key.map(read_keys).transpose()?;
    let token = if token == "-" { password::line()? } else { token.to_owned() };
    let told =
        describe_token(token.trim(), keys.as_ref(), now()).ok_or("this is no prepaid token: it begins with `v1.`")?;
    print(told.as_bytes())
}

/// A file that was not there, which only its owner may read.
fn new_key(file: &Path) -> Result<(), String> {
    let line = key_line(random()?);
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            format!("{} is there already; to change keys, put a new line before the old ones", file.display())
        }
        _ => format!("{} cannot be made: {error}", file.display()),
    })?;
    let text = format!(
        "# The keys of prepaid tokens: the first seals new ones, all are believed. Whoever reads this can make tokens.\n{line}\n"
    );
    let written = opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all());
    written.map_err(|error| format!("{}: {error}", file.display()))?;
    eprintln!("{} has a new key; only its owner may read it", file.display());
    Ok(())
}
