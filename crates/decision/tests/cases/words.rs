//! The words `group.fact=value` of a case.

use decision::record::World;
use decision::record::words::{self, Room};
use semantics::date::Date;

/// Keeps a value until the tests end: facts are views, and a case lends its own to every test.
pub(crate) fn leak<T: ?Sized>(value: impl Into<Box<T>>) -> &'static T {
    Box::leak(value.into())
}

/// The words of a line; white space between single quotes divides nothing.
pub(crate) fn split(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut quoted = false;
    let blank = move |c: char| {
        quoted ^= c == '\'';
        c.is_whitespace() && !quoted
    };
    text.split(blank).filter(|word| !word.is_empty())
}

/// This day of January 2026.
pub(crate) fn day(day: i64) -> Date {
    Date::from_unix(1_767_225_600 + (day - 1) * 86_400)
}

/// The text with each `@1` replaced by an HTTP date.
pub(crate) fn with_dates(text: &str) -> String {
    (1..10).fold(text.to_owned(), |text, n| text.replace(&format!("@{n}"), &day(n).to_string()))
}

/// Puts one word into the world.
pub(crate) fn put(world: &mut World<'static>, word: &'static str) -> Result<(), String> {
    let (name, value) = word.split_once('=').unwrap_or((word, "yes"));
    let value = value.trim_matches('\'');
    // "denied" alone means: by the rights of the file
    let value = if name == "target.lookup_denied" && value == "yes" { "permission" } else { value };
    words::put(world, name, leak::<str>(with_dates(value)), leak(Box::new(Room::default())))
}
