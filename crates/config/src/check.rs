//! Is what was said what the table of words allows? Everything that is wrong is told, each with what to do instead.
//!
//! Only words and their shapes are looked at; whether they fit each other is `consistency`'s.

mod kind;
mod unknown;

pub(crate) use kind::is_url;

use std::ops::Range;
use std::sync::Arc;

use crate::limits;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;
use crate::place::{Place, Source};
use crate::units;
use crate::words::{Home, Row, Shape};

/// A value of the file.
pub(crate) type Node<'a> = Spanned<DeValue<'a>>;

/// What is told while a file is read.
pub(crate) struct Diagnostics {
    /// The file.
    pub(crate) source: Arc<Source>,
    diagnostics: Vec<Diagnostic>,
    /// Lines that could not be read: what seems to stand there is not judged.
    unread: Vec<Range<usize>>,
    omitted: usize,
    sound: bool,
}

impl Diagnostics {
    /// Nothing yet.
    pub(crate) fn new(source: Arc<Source>, unread: Vec<Range<usize>>) -> Self {
        Self { source, diagnostics: Vec::new(), unread, omitted: 0, sound: false }
    }

    /// Tells what is wrong at these octets, unless so much is wrong already that nobody would read it.
    pub(crate) fn tell(&mut self, span: Range<usize>, diagnostic: impl FnOnce(&Place) -> Diagnostic) {
        if self.unread.iter().any(|unread| unread.start <= span.start && span.start <= unread.end) {
            return;
        }
        if self.diagnostics.len() >= limits::CONFIG_MISTAKES {
            self.omitted += 1;
            return;
        }
        let diagnostic = diagnostic(&self.place(span));
        self.diagnostics.push(diagnostic);
    }

    /// A place in the file.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        Place::new(&self.source, span)
    }

    /// Tells that something lacks what it should have; not if anything else is wrong, as that may be what lacks.
    pub(crate) fn tell_lack(&mut self, span: Range<usize>, diagnostic: impl FnOnce(&Place) -> Diagnostic) {
        if self.sound {
            self.tell(span, diagnostic);
        }
    }

    /// Every word has its right shape, if nothing was told so far.
    pub(crate) fn judge(&mut self) {
        self.sound = self.diagnostics.is_empty();
    }

    /// All that was told, in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(Diagnostic::order);
        if self.omitted > 0 {
            let more = if self.omitted == 1 { "one more".to_owned() } else { format!("{} more", self.omitted) };
            self.diagnostics.push(Diagnostic::of(format!("{}: and {more}", self.source.name)));
        }
        self.diagnostics
    }

    /// Adds what was found elsewhere.
    pub(crate) fn extend(&mut self, others: Vec<Diagnostic>) {
        self.diagnostics.extend(others);
    }
}

/// What is being looked at: the word, as it is called in messages, and its row.
#[derive(Clone, Copy)]
struct Word<'a> {
    key: &'a str,
    row: Option<&'static Row>,
    /// An element of a list.
    element: bool,
}

impl Word<'_> {
    /// An example, as advice; nothing, if there is none.
    fn example(&self) -> String {
        self.row.map_or(String::new(), Row::for_example)
    }
}

/// Looks at a table whose words are those of this home.
pub(crate) fn table(told: &mut Diagnostics, table: &DeTable<'_>, home: Home, at: Range<usize>) {
    let mut whole = told.unread.is_empty();
    for (key, value) in table {
        let word: &str = key.get_ref();
        if let Some(row) = home.row(word) {
            node(told, value, &row.shape, Word { key: word, row: Some(row), element: false }, key.span());
        } else if let Some(shape) = home.others() {
            if let Some((part, message, label)) = kind::offence(crate::words::Kind::FieldName, word) {
                told.tell(key.span(), |at| Diagnostic::at(&at.offset_within(part), message).label(label));
            }
            node(told, value, shape, Word { key: word, row: None, element: false }, key.span());
        } else {
            told.tell(key.span(), |at| unknown::diagnostic(at, word, value, home));
            whole = false;
        }
    }
    twice(told, table, home);
    // what is missing may be what could not be read, or a word that is not known
    for row in home.rows().filter(|row| row.must && whole && !table.contains_key(row.key)) {
        told.tell(at.clone(), |at| {
            Diagnostic::at(at, format!("{} needs `{}`", home.name(), row.key)).label(row.for_example())
        });
    }
}

/// `conditional` and `require.conditional` are one word.
fn twice(told: &mut Diagnostics, table: &DeTable<'_>, home: Home) {
    let (one, require) = (table.get_key_value("conditional"), table.get("require"));
    let inner = require.and_then(|require| require.get_ref().as_table()?.get_key_value("conditional"));
    let (Some((one, _)), Some((two, _)), true) = (one, inner, home.row("require").is_some()) else { return };
    let first = told.place(two.span());
    told.tell(one.span(), |at| Diagnostic::at(at, "`conditional` is said twice").and(&first, "it is said here too"));
}

fn node(told: &mut Diagnostics, value: &Node<'_>, shape: &'static Shape, word: Word<'_>, key: Range<usize>) {
    if value.span().is_empty() {
        return; // what could not be read is told already
    }
    if let DeValue::Array(array) = value.get_ref() {
        let inner = choices(shape, true);
        if inner.is_empty() {
            return wrong_type(told, value, shape, word);
        }
        for element in array.iter().filter(|element| !element.span().is_empty()) {
            match inner.iter().find(|leaf| fits(element.get_ref(), leaf)) {
                Some(leaf) => self::leaf(told, element, leaf, Word { element: true, ..word }, element.span()),
                None => wrong_type(told, element, inner[0], Word { element: true, ..word }),
            }
        }
        return;
    }
    match choices(shape, false).into_iter().find(|leaf| fits(value.get_ref(), leaf)) {
        Some(leaf) => self::leaf(told, value, leaf, word, key),
        None => wrong_type(told, value, shape, word),
    }
}

/// The shapes that one value may have, or each element of a list.
pub(crate) fn choices(shape: &'static Shape, list: bool) -> Vec<&'static Shape> {
    match shape {
        Shape::Any(shapes) => shapes.iter().flat_map(|shape| choices(shape, list)).collect(),
        Shape::Listed(inner) => choices(inner, false),
        Shape::List(inner) if list => choices(inner, false),
        Shape::List(_) => Vec::new(),
        _ if list => Vec::new(),
        leaf => vec![leaf],
    }
}

/// Is the value of the type that this leaf of a shape has?
pub(crate) fn fits(value: &DeValue<'_>, leaf: &Shape) -> bool {
    match leaf {
        Shape::Bool | Shape::False => value.is_bool(),
        Shape::Count(..) => value.is_integer(),
        // a number without a unit is told apart below
        Shape::Size | Shape::Time => value.is_integer() || value.is_str(),
        Shape::Date => value.is_datetime(),
        Shape::Text(_) | Shape::OneOf(_) => value.is_str(),
        Shape::Table(_) | Shape::Named(..) => value.is_table(),
        Shape::Listed(_) | Shape::List(_) | Shape::Any(_) => false,
    }
}

/// Looks at a value of the right type.
fn leaf(told: &mut Diagnostics, value: &Node<'_>, leaf: &'static Shape, word: Word<'_>, key: Range<usize>) {
    let name = word.key;
    match (leaf, value.get_ref()) {
        (Shape::False, DeValue::Boolean(true)) => told.tell(value.span(), |at| {
            let message = format!("`{name} = true` does not say enough; false undoes it");
            Diagnostic::at(at, message).label(word.example())
        }),
        (_, DeValue::Integer(_)) => number(told, value, leaf, word),
        (_, DeValue::String(said)) => text(told, value, leaf, said, word),
        (Shape::Date, DeValue::Datetime(date)) => {
            let whole = date.date.is_some() && date.time.is_some() && date.offset.is_some();
            if !whole {
                told.tell(value.span(), |at| zone(at, name, date));
            }
        }
        // what is missing is told where the table begins: at its name
        (Shape::Table(home), DeValue::Table(inner)) => table(told, inner, *home, key),
        (Shape::Named(_, shape), DeValue::Table(inner)) => named(told, inner, shape, word),
        _ => {}
    }
}

/// Looks at a whole number: is it within its bounds, and need it no unit?
fn number(told: &mut Diagnostics, value: &Node<'_>, leaf: &'static Shape, word: Word<'_>) {
    let (name, number) = (word.key, whole(value.get_ref()));
    let right = match leaf {
        Shape::Count(least, most) => number.is_some_and(|number| (*least..=*most).contains(&number)),
        Shape::Size => number.is_some(),
        Shape::Time => number == Some(0),
        _ => true,
    };
    if right {
        return;
    }
    told.tell(value.span(), |at| match (leaf, number) {
        (Shape::Time, Some(_)) => {
            let label = format!("write: {name} = \"{}s\"", at.text());
            Diagnostic::at(at, "a time has a unit: 10s, 5m, 2h").label(label)
        }
        _ => Diagnostic::at(at, format!("`{name}` is {}", leaf.name())).label(word.example()),
    });
}

/// Looks at a text: does it say what its word wants?
fn text(told: &mut Diagnostics, value: &Node<'_>, leaf: &'static Shape, text: &str, word: Word<'_>) {
    let name = word.key;
    match leaf {
        Shape::Size => {
            if let Err(offence) = units::size(text) {
                told.tell(value.span(), |at| unit(at, word, text, offence, "size", units::SIZES));
            }
        }
        Shape::Time => {
            if let Err(offence) = units::time(text) {
                told.tell(value.span(), |at| unit(at, word, text, offence, "time", units::TIMES));
            }
        }
        Shape::Text(kind) => {
            if let Some((part, message, label)) = kind::offence(*kind, text) {
                let label = if label.is_empty() { word.example() } else { label };
                told.tell(value.span(), |at| Diagnostic::at(&at.offset_within(part), message).label(label));
            }
        }
        Shape::OneOf(words) if !words.contains(&text) => told.tell(value.span(), |at| {
            let message = format!("`{name}` is {}, not \"{text}\"", leaf.name());
            let label = match crate::nearest::nearest(text, words.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => word.example(),
            };
            Diagnostic::at(at, message).label(label)
        }),
        _ => {}
    }
}

/// Looks at a table of names that are chosen freely: sites, rules, users, issuers.
fn named(told: &mut Diagnostics, inner: &DeTable<'_>, shape: &'static Shape, word: Word<'_>) {
    for (key, value) in inner {
        let name: &str = key.get_ref();
        if unknown::misplaced(told, key, value, word.key) {
            continue;
        }
        node(told, value, shape, Word { key: name, row: word.row, element: false }, key.span());
    }
}

/// The whole number that a value is.
pub(crate) fn whole(value: &DeValue<'_>) -> Option<u64> {
    // what is beyond 2^63 cannot be written in TOML by others
    const MOST: u64 = i64::MAX as u64;
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str().trim_start_matches('+'), number.radix()).ok().filter(|&number| number <= MOST)
}

/// A date that lacks its time, or its zone.
fn zone(at: &Place, name: &str, date: &toml::value::Datetime) -> Diagnostic {
    let text = match (date.date, date.time) {
        (Some(day), Some(time)) => format!("{day}T{time}Z"),
        (Some(day), None) => format!("{day}T00:00:00Z"),
        (None, _) => "2026-12-01T10:00:00Z".to_owned(),
    };
    let lack = match (date.date, date.time) {
        (None, _) => "a day",
        (_, None) => "a time of day",
        _ => "a zone, such as Z for UTC or +01:00",
    };
    Diagnostic::at(at, format!("`{name}` lacks {lack}")).label(format!("write: {name} = {text}"))
}

/// A size or a time whose unit is wrong.
fn unit(at: &Place, word: Word<'_>, text: &str, offence: units::UnitError, what: &str, all: &str) -> Diagnostic {
    let name = word.key;
    let (number, unit) = units::split(text);
    match offence {
        units::UnitError::Number => Diagnostic::at(at, format!("a {what} begins with a number")).label(word.example()),
        units::UnitError::Missing => {
            Diagnostic::at(at, "a time has a unit: 10s, 5m, 2h").label(format!("write: {name} = \"{number}s\""))
        }
        units::UnitError::Unit => {
            let start = text.len() - text.trim_start_matches(number).trim_start_matches(' ').len();
            let part = at.offset_within(start..start + unit.len());
            Diagnostic::at(&part, format!("`{unit}` is no unit of {what}")).label(format!("units are {all}"))
        }
        units::UnitError::Large => {
            Diagnostic::at(at, format!("this {what} is more than can be counted")).label(word.example())
        }
    }
}

/// The value has a type that the word does not take.
fn wrong_type(told: &mut Diagnostics, value: &Node<'_>, shape: &'static Shape, word: Word<'_>) {
    told.tell(value.span(), |at| {
        let found = found(value.get_ref());
        let message = if word.element {
            format!("each of `{}` is {}, not {found}", word.key, shape.name())
        } else {
            format!("`{}` is {}, not {found}", word.key, shape.name())
        };
        let label = fix(value.get_ref(), shape, at).map_or_else(
            || word.example(),
            |fixed| if word.element { format!("write: {fixed}") } else { format!("write: {} = {fixed}", word.key) },
        );
        Diagnostic::at(at, message).label(label)
    });
}

/// What a value is, in words.
fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What was most likely meant.
fn fix(value: &DeValue<'_>, shape: &'static Shape, at: &Place) -> Option<String> {
    let leaves = choices(shape, false);
    let has = |test: fn(&Shape) -> bool| leaves.iter().any(|leaf| test(leaf));
    match value {
        DeValue::String(text) => {
            let text = text.trim();
            let truth = match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some("true"),
                "false" | "no" | "off" | "0" => Some("false"),
                _ => None,
            };
            if let (Some(truth), true) = (truth, has(|leaf| matches!(leaf, Shape::Bool))) {
                return Some(truth.to_owned());
            }
            let number = text.parse::<u64>().is_ok() && has(|leaf| matches!(leaf, Shape::Count(..)));
            let date = text.parse::<toml::value::Datetime>().is_ok() && has(|leaf| matches!(leaf, Shape::Date));
            let texts = |leaf: &&Shape| matches!(leaf, Shape::Text(_) | Shape::OneOf(_));
            let listed = !leaves.iter().any(texts) && choices(shape, true).iter().any(texts);
            match (number || date, listed) {
                (true, _) => Some(text.to_owned()),
                (_, true) => Some(format!("[{}]", at.text())),
                _ => None,
            }
        }
        DeValue::Boolean(false) if has(|leaf| matches!(leaf, Shape::OneOf(words) if words.contains(&"off"))) => {
            Some("\"off\"".to_owned())
        }
        DeValue::Integer(number) if has(|leaf| matches!(leaf, Shape::Bool)) && number.as_str().len() == 1 => {
            Some(if number.as_str() == "0" { "false" } else { "true" }.to_owned())
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_)
            if has(|leaf| matches!(leaf, Shape::Text(kind) if *kind != crate::words::Kind::Secret)) =>
        {
            Some(format!("\"{}\"", at.text()))
        }
        _ => None,
    }
}
