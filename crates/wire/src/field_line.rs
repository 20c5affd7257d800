//! One field line: `name: value` (RFC 9112 §5).

use memchr::memchr;
use semantics::fault::{Fault, FieldError};
use semantics::field::Field;
use semantics::request::{Line, Span};
use semantics::syntax::{is_ows, is_tchar, is_token};

use crate::octets::{name_length, text_length};
use crate::span;

/// Reads the line that begins at `start`, if all of it is there and it is well formed; also tells where the next begins.
#[inline]
pub(crate) fn read(octets: &[u8], start: usize) -> Option<(Line, usize)> {
    let name_end = start + name_length(octets.get(start..)?);
    if octets.get(name_end) != Some(&b':') {
        return None;
    }
    let name = &octets[start..name_end];
    let field = Field::of(name);
    if field.is_none() && !is_token(name) {
        return None;
    }
    let mut value = name_end + 1;
    while octets.get(value).copied().is_some_and(is_ows) {
        value += 1;
    }
    let end = value + text_length(octets.get(value..)?);
    if octets.get(end..end + 2) != Some(b"\r\n") {
        return None;
    }
    let mut value_end = end;
    while value_end > value && is_ows(octets[value_end - 1]) {
        value_end -= 1;
    }
    Some((Line { name: span(start, name_end), value: span(value, value_end), field }, end + 2))
}

/// Where the name of the line that begins at `start` stands, if it can be told.
pub(crate) fn name(octets: &[u8], start: usize) -> Option<Span> {
    let length = token_length(&octets[start..]);
    (length > 0 && octets.get(start + length) == Some(&b':')).then(|| span(start, start + length))
}

/// Says what is wrong with the line from `start` to its LF at `lf`: the leftmost offence of a line that [`read`] refuses.
#[cold]
pub(crate) fn diagnose(octets: &[u8], start: usize, lf: usize, first: bool) -> Fault {
    let (what, name, at) = offence(octets, start, lf, first);
    Fault::Field { what, name, at }
}

fn offence(octets: &[u8], start: usize, lf: usize, first: bool) -> (FieldError, Option<Span>, usize) {
    let sound_end = lf > start && octets[lf - 1] == b'\r';
    let line = &octets[..if sound_end { lf - 1 } else { lf }];
    let text = &line[start..];
    if text.first().copied().is_some_and(is_ows) {
        return (if first { FieldError::SpaceBeforeFirst } else { FieldError::Folded }, None, start);
    }
    let name_end = start + token_length(text);
    let name = (name_end > start).then(|| span(start, name_end));
    match line.get(name_end) {
        Some(b':') if name.is_none() => (FieldError::EmptyName, None, start),
        Some(b':') => {
            let value = name_end + 1;
            let at = value + text_length(&line[value..]);
            match line.get(at) {
                None => (FieldError::BareLf, name, lf),
                Some(b'\r') => (FieldError::BareCr, name, at),
                Some(_) => (FieldError::Value, name, at),
            }
        }
        Some(b'\r') => (FieldError::BareCr, None, name_end),
        None if text.is_empty() => (FieldError::BareLf, None, lf),
        None => (FieldError::NoColon, None, line.len()),
        Some(_) if memchr(b':', text).is_none() => (FieldError::NoColon, None, line.len()),
        Some(_) => {
            let space = line[name_end..].iter().take_while(|&&octet| is_ows(octet)).count();
            match line.get(name_end + space) {
                Some(b':') if name.is_some() => (FieldError::SpaceBeforeColon, name, name_end),
                _ => (FieldError::Name, None, name_end),
            }
        }
    }
}

fn token_length(octets: &[u8]) -> usize {
    octets.iter().position(|&octet| !is_tchar(octet)).unwrap_or(octets.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> (FieldError, usize) {
        let octets = line.as_bytes();
        assert_eq!(read(octets, 0), None, "{line:?}");
        let lf = memchr(b'\n', octets).expect("a whole line");
        let (what, _, at) = offence(octets, 0, lf, false);
        (what, at)
    }

    #[test]
    fn the_leftmost_offence_of_a_line_is_told() {
        assert_eq!(told("no colon here\r\n"), (FieldError::NoColon, 13));
        assert_eq!(told("nocolon\r\n"), (FieldError::NoColon, 7));
        assert_eq!(told("a : b\r\n"), (FieldError::SpaceBeforeColon, 1));
        assert_eq!(told(": b\r\n"), (FieldError::EmptyName, 0));
        assert_eq!(told("a(b: c\r\n"), (FieldError::Name, 1));
        assert_eq!(told("a b: c\r\n"), (FieldError::Name, 1));
        assert_eq!(told("a: b\0c\r\n"), (FieldError::Value, 4));
        assert_eq!(told("a: b\rc\r\n"), (FieldError::BareCr, 4));
        assert_eq!(told("a: b\r\r\n"), (FieldError::BareCr, 4));
        assert_eq!(told(" a: b\r\n"), (FieldError::Folded, 0));
        assert_eq!(told("a: b\n"), (FieldError::BareLf, 4));
        assert_eq!(told("\n"), (FieldError::BareLf, 0));
        assert_eq!(told("a\rb: c\r\n"), (FieldError::BareCr, 1));
    }

    #[test]
    fn white_space_around_a_value_is_no_part_of_it() {
        let (line, next) = read(b"a: \t b c\t \r\nnext", 0).expect("well formed");
        assert_eq!((line.name.len(), line.value.start, line.value.end, next), (1, 5, 8, 12));
        let (empty, _) = read(b"a: \r\n", 0).expect("well formed");
        assert!(empty.value.is_empty());
        assert_eq!(read(b"a: b\r", 0), None);
    }
}
