//! Values taken out of TOML, each with its place. What has the wrong shape has been told of already, and is passed over.

use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::{Datetime, Offset};

use crate::check::{self, Diagnostics, Node};
use crate::model::{Name, Word};
use crate::place::{Located, Place, Source};
use crate::secret::Secret;
use crate::units;

/// Takes values.
pub(super) struct Take {
    source: Arc<Source>,
}

impl Take {
    pub(super) fn new(told: &Diagnostics) -> Self {
        Self { source: Arc::clone(&told.source) }
    }

    /// Where this stands.
    pub(super) fn at<T>(&self, spanned: &Spanned<T>) -> Place {
        Place::new(&self.source, spanned.span())
    }

    /// The beginning of the file.
    pub(super) fn beginning(&self) -> Place {
        Place::new(&self.source, 0..0)
    }

    fn said<T>(&self, node: &Node<'_>, value: Option<T>) -> Option<Located<T>> {
        value.map(|value| Located::new(value, self.at(node)))
    }

    /// The text of a key.
    pub(super) fn key(&self, key: &Spanned<toml::de::DeString<'_>>) -> Located<String> {
        Located::new(key.get_ref().to_string(), self.at(key))
    }

    pub(super) fn text(&self, node: Option<&Node<'_>>) -> Option<Located<String>> {
        let node = node?;
        self.said(node, node.get_ref().as_str().map(str::to_owned))
    }

    pub(super) fn path(&self, node: Option<&Node<'_>>) -> Option<Located<PathBuf>> {
        self.text(node).map(|said| said.map(PathBuf::from))
    }

    pub(super) fn secret(&self, node: Option<&Node<'_>>) -> Option<Located<Secret>> {
        self.text(node).map(|said| said.map(|text| Secret::new(&text)))
    }

    pub(super) fn truth(&self, node: Option<&Node<'_>>) -> Option<Located<bool>> {
        let node = node?;
        self.said(node, node.get_ref().as_bool())
    }

    pub(super) fn count(&self, node: Option<&Node<'_>>) -> Option<Located<u64>> {
        let node = node?;
        self.said(node, check::whole(node.get_ref()))
    }

    /// Octets.
    pub(super) fn size(&self, node: Option<&Node<'_>>) -> Option<Located<u64>> {
        let node = node?;
        let size = node.get_ref().as_str().and_then(|text| units::size(text).ok());
        self.said(node, size.or_else(|| check::whole(node.get_ref())))
    }

    /// Milliseconds.
    pub(super) fn time(&self, node: Option<&Node<'_>>) -> Option<Located<u64>> {
        let node = node?;
        let time = node.get_ref().as_str().and_then(|text| units::time(text).ok());
        self.said(node, time.or_else(|| check::whole(node.get_ref())))
    }

    /// Unix seconds.
    pub(super) fn date(&self, node: Option<&Node<'_>>) -> Option<Located<i64>> {
        let node = node?;
        self.said(node, node.get_ref().as_datetime().and_then(unix))
    }

    /// One value, or each of a list.
    pub(super) fn list<'n, 'a, T>(
        &self,
        node: Option<&'n Node<'a>>,
        one: impl Fn(&Self, Option<&'n Node<'a>>) -> Option<T>,
    ) -> Vec<T> {
        match node.map(|node| (node, node.get_ref())) {
            Some((_, DeValue::Array(array))) => array.iter().filter_map(|node| one(self, Some(node))).collect(),
            Some((node, _)) => one(self, Some(node)).into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub(super) fn texts(&self, node: Option<&Node<'_>>) -> Vec<Located<String>> {
        self.list(node, Self::text)
    }

    /// A list as a whole, if it is said.
    pub(super) fn said_texts(&self, node: Option<&Node<'_>>) -> Option<Located<Vec<Located<String>>>> {
        self.said(node?, Some(self.texts(node)))
    }

    /// One of several words.
    pub(super) fn one_of<T: Copy>(&self, node: Option<&Node<'_>>, all: &[(&str, T)]) -> Option<Located<T>> {
        let node = node?;
        let text = node.get_ref().as_str()?;
        self.said(node, all.iter().find(|(word, _)| *word == text).map(|&(_, value)| value))
    }

    /// Users and groups: in a text they are divided by spaces, and each has its own place.
    pub(super) fn names(&self, node: Option<&Node<'_>>) -> Vec<Located<Name>> {
        let texts = self.texts(node);
        texts.iter().flat_map(parts).map(|part| part.map(|name| self::name(&name))).collect()
    }

    /// What a word of a rule says, unless it is `false`.
    pub(super) fn word<'n, 'a, T>(
        &self,
        node: Option<&'n Node<'a>>,
        read: impl FnOnce(&'n Node<'a>) -> Option<T>,
    ) -> Option<Located<Word<T>>> {
        let node = node?;
        let word = match node.get_ref() {
            DeValue::Boolean(false) => Some(Word::Undone),
            _ => read(node).map(Word::Is),
        };
        self.said(node, word)
    }
}

/// The parts of a text, divided by spaces.
pub(super) fn parts(text: &Located<String>) -> Vec<Located<String>> {
    let mut spans = Vec::new();
    let mut from = 0;
    for part in text.value.split(' ') {
        if !part.is_empty() {
            spans.push(from..from + part.len());
        }
        from += part.len() + 1;
    }
    let places = text.at.parts(spans.iter().cloned());
    spans.into_iter().zip(places).map(|(span, at)| Located::new(text.value[span].to_owned(), at)).collect()
}

fn name(text: &str) -> Name {
    match text {
        "any" => Name::Any,
        "everyone" => Name::Everyone,
        text => {
            text.strip_prefix('@').map_or_else(|| Name::User(text.to_owned()), |group| Name::Group(group.to_owned()))
        }
    }
}

/// The table that a value is.
pub(super) fn table<'n, 'a>(node: Option<&'n Node<'a>>) -> Option<&'n DeTable<'a>> {
    node?.get_ref().as_table()
}

/// Unix seconds of a date with time and zone.
fn unix(date: &Datetime) -> Option<i64> {
    let (day, time, offset) = (date.date?, date.time?, date.offset?);
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let of_day = i64::from(time.hour) * 3_600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0));
    Some(days(i64::from(day.year), i64::from(day.month), i64::from(day.day)) * 86_400 + of_day - minutes * 60)
}

/// Days since 1970-01-01 of the Gregorian calendar. The year is taken to begin in March, so that the day that leap years add
/// is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // from March on months have 31, 30, 31, 30, 31 days, and so again
    before + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-12-01T10:00:00Z", 1_796_119_200),
            ("2026-12-01T11:00:00+01:00", 1_796_119_200),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("1969-12-31T23:59:59Z", -1),
        ] {
            assert_eq!(unix(&text.parse().expect("a date")), Some(seconds), "{text}");
        }
        assert_eq!(unix(&"2026-12-01".parse().expect("a date")), None);
    }

    #[test]
    fn parts_have_places() {
        let text = "a = '  x  @y '";
        let at = Place::new(&Source::file("a.toml", text, Vec::new()), 4..14);
        let parts = parts(&Located::new("  x  @y ".to_owned(), at));
        let columns: Vec<(&str, u32)> = parts.iter().map(|part| (part.value.as_str(), part.at.column())).collect();
        assert_eq!(columns, [("x", 8), ("@y", 11)]);
    }
}
