//! What the server has to say besides its answers, on standard error: the one place where its messages are written.
//!
//! Whoever has something to say, in the program or in a library of ours, calls the macros of the crate `log`. Here each message
//! becomes one whole line with its moment and its level: text, or an object of JSON where the access log is one (`--log json`).
//! What a command has to say that serves nothing is no such message: it goes to standard error as it is.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use config::{Diagnostic, Severity};
use log::{Level, LevelFilter, Log, Metadata, Record};
use semantics::date::Date;
use semantics::text::json::{self, Plain};

use crate::terminal;

/// Crates whose messages are written: ours. Others talk to those who develop them.
const OURS: &[&str] = &["because", "access", "config", "observe", "policy", "resources", "server", "transport"];

static MESSAGES: Messages = Messages { is_json: AtomicBool::new(false) };

/// Where messages go.
struct Messages {
    is_json: AtomicBool,
}

/// From now on messages are written, as objects of JSON or as text. Called again, it changes the form.
pub(crate) fn start(is_json: bool) {
    MESSAGES.is_json.store(is_json, Ordering::Relaxed);
    // there is one logger, and it stays
    if log::set_logger(&MESSAGES).is_ok() {
        log::set_max_level(LevelFilter::Info);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if is_json_wanted() {
                log::error!("{}", panic.to_string().replace('\n', " "));
            } else {
                before(panic);
            }
        }));
    }
}

fn is_json_wanted() -> bool {
    MESSAGES.is_json.load(Ordering::Relaxed)
}

impl Log for Messages {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let name = metadata.target().split("::").next().unwrap_or_default();
        metadata.level() <= Level::Info && OURS.contains(&name)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let (message, target) = (record.args().to_string(), record.target());
            write(&line(is_json_wanted(), now(), record.level(), &message, &[("target", target)]));
        }
    }

    fn flush(&self) {}
}

/// What a server says of itself when it starts, for people: a line as it is, or an object with these members besides.
pub(crate) fn announce(level: Level, text: &str, members: &[(&str, &str)]) {
    if is_json_wanted() {
        write(&line(true, now(), level, text.trim(), members));
    } else {
        write(&format!("{text}\n"));
    }
}

/// Why the server cannot start.
pub(crate) fn refuse(why: &str) {
    if is_json_wanted() {
        write(&line(true, now(), Level::Error, why.trim_end(), &[]));
    } else {
        write(&format!("because: {why}\n"));
    }
}

/// What is wrong with a configuration: with the lines that it is about for people, an object each for programs.
pub(crate) fn diagnose(diagnostics: &[Diagnostic]) {
    if !is_json_wanted() {
        return write(&config::render(diagnostics, terminal::colour(&io::stderr())));
    }
    for diagnostic in diagnostics {
        let level = match diagnostic.severity() {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warn,
        };
        let place = diagnostic.place().map(|place| format!("{}:{}", place.file(), place.line()));
        let detail = diagnostic.to_string();
        let mut members = vec![("detail", &*detail)];
        members.extend(place.as_deref().map(|place| ("place", place)));
        write(&line(true, now(), level, diagnostic.message(), &members));
    }
}

/// Milliseconds of Unix time.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// `2026-12-01T05:41:48.123Z warn because: cannot accept a connection for now: …`
fn line(is_json: bool, now: u64, level: Level, message: &str, members: &[(&str, &str)]) -> String {
    let time = Date::write_rfc3339_millis(now);
    let time = str::from_utf8(&time).expect("a date is written in ASCII");
    let level = level.as_str().to_ascii_lowercase();
    if !is_json {
        // a message is one line, whatever it tells of
        let message: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        return format!("{time} {level} because: {message}\n");
    }
    let mut out = format!("{{\"time\":\"{time}\",\"level\":\"{level}\",\"message\":");
    json::string(message, Plain::Ascii, &mut out);
    for (name, value) in members {
        out.extend([",\"", name, "\":"]);
        json::string(value, Plain::Ascii, &mut out);
    }
    out.push_str("}\n");
    out
}

/// Writes a line at once, so that those of two threads do not mix. If nobody reads any more, there is nobody to tell.
fn write(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_line_with_its_moment_and_its_level() {
        let text = |message| line(false, 1_700_000_000_042, Level::Warn, message, &[("target", "transport::worker")]);
        assert_eq!(text("it is full"), "2023-11-14T22:13:20.042Z warn because: it is full\n");
        assert_eq!(text("a\nb\x1b[2J"), "2023-11-14T22:13:20.042Z warn because: a b [2J\n");
    }

    #[test]
    fn a_message_for_programs_is_an_object() {
        let out = line(true, 1_700_000_000_042, Level::Error, "\"é\"\n", &[("target", "resources::share::job")]);
        let object: serde_json::Value = serde_json::from_str(out.strip_suffix('\n').expect("a line")).expect("valid");
        assert_eq!(object["time"], "2023-11-14T22:13:20.042Z");
        assert_eq!((&object["level"], &object["message"]), (&"error".into(), &"\"é\"\n".into()));
        assert_eq!(object["target"], "resources::share::job");
        assert!(out.is_ascii() && out.matches('\n').count() == 1);
    }

    #[test]
    fn only_ours_are_written() {
        let wanted = |target, level| MESSAGES.enabled(&Metadata::builder().target(target).level(level).build());
        assert!(wanted("transport::worker", Level::Warn) && wanted("because", Level::Info));
        assert!(!wanted("rustls::client", Level::Warn) && !wanted("because::serve", Level::Debug));
    }
}
