//! `because hash`: what a configuration keeps of a password, and new bearer tokens.
//!
//! What is to be kept goes to standard output, for programs; lines to paste go to standard error, for people.

use access::command::{digest_lines, hash, user_token};
use access::users::TokenHash;

use crate::cli::tools::Hash;
use crate::terminal::{password, print};
use server::random;

/// Runs the command.
pub(crate) fn run(args: &Hash) -> Result<(), String> {
    let user = args.user.as_deref().unwrap_or("alice");
    fit(user)?;
    if args.token {
        let (token, line) = user_token(random()?);
        debug_assert!(TokenHash::parse(&line).is_some());
        print(format!("{token}\n{line}\n").as_bytes())?;
        help(&format!("{} = {{ token = {} }}", key(user), quoted(&line)));
        eprintln!("The first line is the token. It is told this once; its user sends `Authorization: Bearer TOKEN`.");
        return Ok(());
    }
    let password = password::new_password()?;
    if args.digest.is_empty() {
        let (salt, _) = random()?.split_first_chunk::<16>().map(|(salt, rest)| (*salt, rest.len())).expect("32 octets");
        let line = hash(&password, &salt).map_err(|offence| offence.to_string())?;
        print(format!("{line}\n").as_bytes())?;
        help(&format!("{} = {}", key(user), quoted(&line)));
        return Ok(());
    }
    if password.is_empty() || password.len() > crate::limits::PASSWORD {
        return Err(access::command::PasswordError::Length.to_string());
    }
    let lines: Vec<String> = args.digest.iter().flat_map(|realm| digest_lines(user, realm, &password)).collect();
    print(format!("{}\n", lines.join("\n")).as_bytes())?;
    help(&format!("{} = {{ digest = {} }}", key(user), quoted(&lines.join(" "))));
    eprintln!("A site asks by this realm where it says `realm = {}`.", quoted(&args.digest[0]));
    Ok(())
}

/// Can a configuration have a user of this name?
fn fit(user: &str) -> Result<(), String> {
    let text = format!("[users]\n{} = \"$\"\n", key(user));
    match config::Config::read(&text, "--user") {
        Ok(_) => Ok(()),
        Err(mistakes) => {
            Err(format!("--user: {}", mistakes.first().map(config::Diagnostic::message).unwrap_or_default()))
        }
    }
}

/// Lines to paste.
fn help(line: &str) {
    eprintln!("\n[users]\n{line}\n");
}

/// A key of TOML: bare if it can be.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_pasted_is_read_again() {
        for name in ["alice", "a.b", "O\"Hara", "back\\slash", "Zoë"] {
            let text = format!("[users]\n{} = \"$x\"\n", key(name));
            let (config, _) =
                config::Config::read(&text, "because.toml").unwrap_or_else(|told| panic!("{text}: {told:?}"));
            assert_eq!(config.users.list[0].name.value, name);
            assert_eq!(fit(name), Ok(()));
        }
        assert!(fit("bob smith").is_err_and(|why| why.contains("spaces divide names")));
    }
}
