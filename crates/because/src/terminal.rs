//! The terminal, or what stands in its place: whether it wants colour, how wide it is, and how it is written to.

pub(crate) mod password;

use std::borrow::Cow;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Write};

pub(crate) use observe::hue;

/// The width of text that is not written to a terminal.
const WIDTH: usize = 100;

/// Does this stream want colour?
pub(crate) fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && wants_colour(env::var_os("NO_COLOR"), env::var_os("TERM").as_deref())
}

/// Nobody has asked for no colour (no-color.org: an empty NO_COLOR does not count), and the terminal can show it.
fn wants_colour(no_color: Option<OsString>, term: Option<&OsStr>) -> bool {
    no_color.is_none_or(|said| said.is_empty()) && term.is_none_or(|term| term != "dumb")
}

/// Is standard output a terminal that wants colour, and how wide is it?
pub(crate) fn page() -> (bool, usize) {
    let out = io::stdout();
    if !out.is_terminal() {
        return (false, WIDTH);
    }
    let width = rustix::termios::tcgetwinsize(&out).map_or(WIDTH, |size| usize::from(size.ws_col));
    (colour(&out), width.clamp(40, 120))
}

/// Does the terminal show more than ASCII?
pub(crate) fn is_unicode() -> bool {
    let said =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()));
    // who says nothing runs in a container, whose log is read elsewhere
    said.is_none_or(|said| said.to_ascii_uppercase().replace('-', "").contains("UTF8"))
}

/// A text in the colour of this code (ECMA-48 §8.3.117), if colour is wanted and there is something to be seen.
pub(crate) fn painted<'t>(colour: bool, code: &str, text: &'t str) -> Cow<'t, str> {
    if colour && !code.is_empty() && !text.is_empty() {
        Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Writes to standard output. A reader that has seen enough is no error.
pub(crate) fn print(octets: &[u8]) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(octets).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write: {e}")),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_as_the_environment_wants_it() {
        for (no_color, term, wanted) in [
            (None, None, true),
            (None, Some("xterm-256color"), true),
            (Some(""), Some("xterm"), true),
            (Some("1"), Some("xterm"), false),
            (Some("0"), None, false),
            (None, Some("dumb"), false),
            (Some(""), Some("dumb"), false),
        ] {
            assert_eq!(
                wants_colour(no_color.map(OsString::from), term.map(OsStr::new)),
                wanted,
                "NO_COLOR={no_color:?} TERM={term:?}"
            );
        }
    }

    #[test]
    fn nothing_is_painted_that_cannot_be_seen() {
        assert_eq!(painted(true, "32", "200"), "\x1b[32m200\x1b[0m");
        for plain in [painted(false, "32", "200"), painted(true, "", "200")] {
            assert_eq!(plain, "200");
        }
        assert_eq!(painted(true, "32", ""), "");
    }
}
