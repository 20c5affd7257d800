//! The letters and words of XML: which characters it has, what is a name, what a reference stands for, how attributes are
//! written. What a name means is not known here.

use std::borrow::Cow;

/// A character that a document can have (XML §2.2).
pub(super) const fn is_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// White space (XML §2.3).
pub(super) const fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

pub(super) fn white_trimmed(text: &str) -> &str {
    text.trim_matches(is_white)
}

/// A character that a name can begin with (XML §2.3); a colon is no part of a name here (Namespaces in XML §3).
#[rustfmt::skip]
const fn begins_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | 'a'..='z' | '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

const fn continues_name(character: char) -> bool {
    begins_name(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Is it a name without a colon?
pub(super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(begins_name) && characters.all(continues_name)
}

/// The prefix of a name, empty if it has none, and the name itself; `None` if it is no name.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        Some((prefix, local)) => (is_name(prefix) && is_name(local)).then_some((prefix, local)),
        None => is_name(name).then_some(("", name)),
    }
}

/// What a reference stands for: one of the five entities that need no declaration (XML §4.6), or a character by its number.
pub(super) fn reference(name: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let digital = digits.chars().all(|digit| digit.is_digit(radix)); // not so with a sign, which Rust reads
        let number = digital.then(|| u32::from_str_radix(digits, radix).ok()).flatten();
        number.and_then(char::from_u32).filter(|character| is_char(*character))
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

/// The value of an attribute, with its references resolved and each white space a space (XML §3.3.3).
pub(super) fn resolved(raw: &str) -> Option<String> {
    let mut value = String::with_capacity(raw.len());
    let raw = lines(raw);
    let mut parts = raw.split('&');
    let plain = |c: char| if is_white(c) { ' ' } else { c };
    value.extend(parts.next().unwrap_or_default().chars().map(plain));
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        value.push(reference(name)?);
        value.extend(rest.chars().map(plain));
    }
    Some(value)
}

/// The text with each end of a line written as one (XML §2.11).
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// The attributes that follow the name of an element, each as it is written; `None` if that is not how they are written.
pub(super) fn attributes(written: &str) -> Option<Vec<(&str, &str)>> {
    let mut attributes = Vec::new();
    let mut rest = written;
    loop {
        let next = rest.trim_start_matches(is_white);
        if next.is_empty() {
            return Some(attributes);
        }
        if next.len() == rest.len() {
            return None; // nothing stands between it and what is before it
        }
        let (name, after) = next.split_once('=')?;
        let name = name.trim_end_matches(is_white);
        split(name)?;
        let after = after.trim_start_matches(is_white);
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = after[1..].split_once(quote)?;
        if value.contains('<') {
            return None;
        }
        attributes.push((name, value));
        rest = after;
    }
}
