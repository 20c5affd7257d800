//! A line that nobody looks on at: typed at a terminal without being shown, or read from a pipe.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use crate::limits;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// What the keys send that mean something here (ECMA-48 §8.3): end of the line, to take back, to give up.
const INTERRUPT: u8 = 0x03;
const END_OF_INPUT: u8 = 0x04;
const BACKSPACE: [u8; 2] = [0x08, 0x7f];
const ERASE_LINE: u8 = 0x15;

/// Asks for a new password: twice at a terminal, and both must be the same; from a pipe one line is read.
pub(crate) fn new_password() -> Result<String, String> {
    if !io::stdin().is_terminal() {
        return line();
    }
    let first = ask("Password: ")?;
    if first.is_empty() {
        return Err("an empty password is none".to_owned());
    }
    if first != ask("Once more: ")? {
        return Err("the two are not the same".to_owned());
    }
    Ok(first)
}

/// One line of standard input, without its end.
pub(crate) fn line() -> Result<String, String> {
    let mut text = String::new();
    // longer ones are no password and no token, whatever follows
    let most = limits::GRANT.max(limits::PASSWORD) as u64 + 2;
    io::stdin().lock().take(most).read_line(&mut text).map_err(|error| format!("standard input: {error}"))?;
    let end = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(end);
    if text.is_empty() { Err("standard input has no line to read".to_owned()) } else { Ok(text) }
}

/// The terminal as it was, to which it comes back.
struct Shown(Termios);

impl Shown {
    /// From now on keys come one by one, and are not shown.
    fn hide() -> io::Result<Shown> {
        let shown = Shown(tcgetattr(io::stdin())?);
        let mut hidden = shown.0.clone();
        // signals too are read as keys, so that the terminal is put right before the program ends
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(shown)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        // a terminal that is gone need not be put right
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
        let _ = writeln!(io::stderr());
    }
}

fn ask(prompt: &str) -> Result<String, String> {
    eprint!("{prompt}");
    let typed = Shown::hide().and_then(|_shown| typed(io::stdin().lock().bytes()));
    let typed = typed.map_err(|error| format!("the terminal: {error}"))?.ok_or("given up")?;
    String::from_utf8(typed).map_err(|_| "this is no text in UTF-8".to_owned())
}

/// What was typed up to the end of the line; nothing, if whoever typed gave up.
fn typed(keys: impl Iterator<Item = io::Result<u8>>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    for key in keys {
        match key? {
            b'\n' | b'\r' => return Ok(Some(line)),
            INTERRUPT => return Ok(None),
            END_OF_INPUT if line.is_empty() => return Ok(None),
            END_OF_INPUT => return Ok(Some(line)),
            ERASE_LINE => line.clear(),
            key if BACKSPACE.contains(&key) => {
                // a character may be several octets, of which only the first does not go on with one
                while line.pop().is_some_and(|octet| octet & 0xc0 == 0x80) {}
            }
            key if line.len() <= limits::PASSWORD => line.push(key),
            _ => {}
        }
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_a_line() {
        let read = |keys: &str| {
            typed(keys.bytes().map(Ok)).expect("no error").map(|line| String::from_utf8_lossy(&line).into_owned())
        };
        assert_eq!(read("secret\rmore").as_deref(), Some("secret"));
        assert_eq!(read("sü\u{7f}ecrets\u{8}\n").as_deref(), Some("secret"));
        assert_eq!(read("wrong\u{15}right\n").as_deref(), Some("right"));
        assert_eq!(read("\u{7f}a\u{4}").as_deref(), Some("a"));
        assert_eq!(read("a\u{3}\n"), None);
        assert_eq!(read("\u{4}"), None);
        assert_eq!(read(&"x".repeat(limits::PASSWORD * 2)).map(|line| line.len()), Some(limits::PASSWORD + 1));
    }
}
