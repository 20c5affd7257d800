//! Patches of JSON: merge patches (RFC 7396) and JSON Patch (RFC 6902).
//!
//! Both are read and applied here and not by a library, since members must keep their order and numbers their digits: the
//! library at hand removes a member by putting the last in its place, and reads large numbers not at all. Pointers (RFC 6901)
//! are the library's. Nothing here nests deeper than the reader of JSON does by its own limit of 128, so nothing that recurses
//! runs out of stack, and what is written can be read again.

use std::{fmt, io};

use crate::limits;
use decision::facts::Failure;
use jsonptr::{Pointer, PointerBuf};
use serde_json::{Map, Value};

/// In which format a patch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatchFormat {
    /// `application/merge-patch+json`
    Merge,
    /// `application/json-patch+json`
    Json,
}

/// The media types of the formats: the value of Accept-Patch.
pub const ACCEPT_PATCH: &[&str] = &["application/merge-patch+json", "application/json-patch+json"];

impl PatchFormat {
    /// The format of this media type.
    pub fn of(kind: &[u8], subtype: &[u8]) -> Option<PatchFormat> {
        let formats = [(&b"merge-patch+json"[..], PatchFormat::Merge), (b"json-patch+json", PatchFormat::Json)];
        let named = formats.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(subtype));
        named.filter(|_| kind.eq_ignore_ascii_case(b"application")).map(|(_, format)| format)
    }
}

/// Why a patch was not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchError {
    /// The patch is no JSON: at this line and column, both from 1.
    NotJson(usize, usize),
    /// It is JSON, but no list of operations.
    NotAPatch,
    /// This operation of it, from 0, is none.
    NotAnOperation(usize),
    /// It has more operations than [`limits::PATCH_OPERATIONS`].
    TooMany,
    /// What is to be patched is no JSON.
    DocumentNotJson,
    /// What is to be patched, or what comes of it, is longer than [`limits::PATCHED`].
    TooLarge,
    /// What comes of this operation nests too deep.
    TooDeep(usize),
    /// This operation cannot be done.
    CannotDo(usize, Impossible),
}

/// Why an operation cannot be done. RFC 6902 §4
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Impossible {
    /// Nothing stands at its `path`, or at what would hold it.
    NoPath,
    /// Nothing stands at its `from`.
    NoFrom,
    /// The end of its `path` is no index of the list there, or lies beyond its end.
    BadIndex,
    /// It removes the document itself.
    WholeDocument,
    /// It moves a value into itself.
    IntoItself,
    /// It tests for another value.
    TestFailed,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPath => "nothing stands at its path",
            Self::NoFrom => "nothing stands at its from",
            Self::BadIndex => "the list at its path has no such place",
            Self::WholeDocument => "it would remove the document itself",
            Self::IntoItself => "it would move a value into itself",
            Self::TestFailed => "it tests for another value",
        })
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(line, column) => write!(f, "the patch is no JSON (line {line}, column {column})"),
            Self::NotAPatch => f.write_str("the patch is no list of operations"),
            Self::NotAnOperation(at) => write!(f, "operation {at} of the patch is none that RFC 6902 knows"),
            Self::TooMany => write!(f, "the patch has more than {} operations", limits::PATCH_OPERATIONS),
            Self::DocumentNotJson => f.write_str("what is to be patched is no JSON"),
            Self::TooLarge => write!(f, "JSON of more than {} octets is not patched", limits::PATCHED),
            Self::TooDeep(at) => write!(f, "after operation {at} the document would nest too deep"),
            Self::CannotDo(at, why) => write!(f, "operation {at} of the patch cannot be done: {why}"),
        }
    }
}

impl PatchError {
    /// What the decision is told. RFC 5789 §2.2
    pub const fn failure(&self) -> Failure {
        match self {
            Self::NotJson(..) | Self::NotAPatch | Self::NotAnOperation(_) => Failure::ContentMalformed,
            Self::TooMany | Self::DocumentNotJson | Self::TooLarge | Self::TooDeep(_) | Self::CannotDo(..) => {
                Failure::ContentUnprocessable
            }
        }
    }
}

/// Applies a patch to a document. Members keep their order, numbers all their digits, the document keeps the
/// newline at its end, and its indentation if it has one.
///
/// # Errors
///
/// If the patch is none, or cannot be applied as a whole.
pub fn apply(format: PatchFormat, document: &[u8], patch: &[u8]) -> Result<Vec<u8>, PatchError> {
    if document.len() > limits::PATCHED {
        return Err(PatchError::TooLarge);
    }
    let patch: Value =
        serde_json::from_slice(patch).map_err(|error| PatchError::NotJson(error.line(), error.column()))?;
    let read = || serde_json::from_slice::<Value>(document).map_err(|_| PatchError::DocumentNotJson);
    let patched = match format {
        PatchFormat::Merge => merge(read()?, patch),
        PatchFormat::Json => {
            let operations = operations(patch)?;
            let mut work = Work { document: read()?, length: document.len() };
            for (at, operation) in operations.into_iter().enumerate() {
                work.apply(operation).map_err(|stop| match stop {
                    Stop::Impossible(why) => PatchError::CannotDo(at, why),
                    Stop::TooDeep => PatchError::TooDeep(at),
                    Stop::TooLarge => PatchError::TooLarge,
                })?;
            }
            work.document
        }
    };
    let written = write(&patched, document);
    if written.len() > limits::PATCHED { Err(PatchError::TooLarge) } else { Ok(written) }
}

/// RFC 7396 §2. What it makes is no deeper than the deeper of the two.
fn merge(target: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut members = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(&name);
        } else {
            let member = members.entry(name).or_insert(Value::Null);
            *member = merge(member.take(), value);
        }
    }
    Value::Object(members)
}

/// An operation of a JSON Patch. RFC 6902 §4
enum Operation {
    Add(PointerBuf, Value),
    Remove(PointerBuf),
    Replace(PointerBuf, Value),
    /// From where, and where to.
    Move(PointerBuf, PointerBuf),
    /// From where, and where to.
    Copy(PointerBuf, PointerBuf),
    Test(PointerBuf, Value),
}

fn operations(patch: Value) -> Result<Vec<Operation>, PatchError> {
    let Value::Array(list) = patch else { return Err(PatchError::NotAPatch) };
    if list.len() > limits::PATCH_OPERATIONS {
        return Err(PatchError::TooMany);
    }
    let read = |(at, value)| operation(value).ok_or(PatchError::NotAnOperation(at));
    list.into_iter().enumerate().map(read).collect()
}

/// Reads an operation. Members that it does not need are passed over, as RFC 6902 §4 asks.
///
/// A library that reads one of its kinds by its `op` would lose digits of the numbers in it.
fn operation(value: Value) -> Option<Operation> {
    let Value::Object(mut members) = value else { return None };
    let pointer = |name: &str| PointerBuf::parse(members.get(name)?.as_str()?).ok();
    let (path, from) = (pointer("path")?, pointer("from"));
    let value = members.remove("value");
    match members.get("op")?.as_str()? {
        "add" => Some(Operation::Add(path, value?)),
        "remove" => Some(Operation::Remove(path)),
        "replace" => Some(Operation::Replace(path, value?)),
        "move" => Some(Operation::Move(from?, path)),
        "copy" => Some(Operation::Copy(from?, path)),
        "test" => Some(Operation::Test(path, value?)),
        _ => None,
    }
}

/// A document that is being patched.
struct Work {
    document: Value,
    /// How long it may have grown, in octets: copies can double it at each step, so they are counted before they are made.
    length: usize,
}

impl Work {
    fn apply(&mut self, operation: Operation) -> Result<(), Stop> {
        match operation {
            Operation::Add(path, value) => self.add(&path, value),
            Operation::Remove(path) => Ok(remove(&mut self.document, &path).map(drop)?),
            Operation::Replace(path, value) => {
                admit(&path, &value)?;
                let place = self.document.pointer_mut(path.as_str()).ok_or(Impossible::NoPath)?;
                *place = value;
                Ok(())
            }
            Operation::Move(from, path) => self.shift(&from, &path),
            Operation::Copy(from, path) => {
                let value = self.document.pointer(from.as_str()).ok_or(Impossible::NoFrom)?;
                self.length = self.length.saturating_add(length(value));
                if self.length > limits::PATCHED {
                    return Err(Stop::TooLarge);
                }
                let value = value.clone();
                self.add(&path, value)
            }
            Operation::Test(path, expected) => {
                let value = self.document.pointer(path.as_str()).ok_or(Impossible::NoPath)?;
                if equal(value, &expected) { Ok(()) } else { Err(Impossible::TestFailed.into()) }
            }
        }
    }

    /// RFC 6902 §4.1
    fn add(&mut self, path: &Pointer, value: Value) -> Result<(), Stop> {
        admit(path, &value)?;
        let Some((holder, last)) = path.split_back() else {
            self.document = value;
            return Ok(());
        };
        match self.document.pointer_mut(holder.as_str()) {
            Some(Value::Object(members)) => {
                members.insert(last.decoded().into_owned(), value);
            }
            Some(Value::Array(list)) => {
                let at = last.to_index().ok().and_then(|index| index.for_len_incl(list.len()).ok());
                list.insert(at.ok_or(Impossible::BadIndex)?, value);
            }
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {
                return Err(Impossible::NoPath.into());
            }
        }
        Ok(())
    }

    /// RFC 6902 §4.4
    fn shift(&mut self, from: &Pointer, path: &Pointer) -> Result<(), Stop> {
        if self.document.pointer(from.as_str()).is_none() {
            return Err(Impossible::NoFrom.into());
        }
        if path == from {
            return Ok(());
        }
        if path.starts_with(from) {
            return Err(Impossible::IntoItself.into());
        }
        let value = remove(&mut self.document, from)?;
        self.add(path, value)
    }
}

/// Why an operation was not done.
enum Stop {
    Impossible(Impossible),
    TooDeep,
    TooLarge,
}

impl From<Impossible> for Stop {
    fn from(why: Impossible) -> Stop {
        Stop::Impossible(why)
    }
}

/// RFC 6902 §4.2. The members that stay keep their order.
fn remove(document: &mut Value, path: &Pointer) -> Result<Value, Impossible> {
    let (holder, last) = path.split_back().ok_or(Impossible::WholeDocument)?;
    match document.pointer_mut(holder.as_str()) {
        Some(Value::Object(members)) => members.shift_remove(last.decoded().as_ref()).ok_or(Impossible::NoPath),
        Some(Value::Array(list)) => {
            let at = last.to_index().ok().and_then(|index| index.for_len(list.len()).ok());
            Ok(list.remove(at.ok_or(Impossible::BadIndex)?))
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Err(Impossible::NoPath),
    }
}

/// May this value stand there? Only where the whole can be read again.
fn admit(path: &Pointer, value: &Value) -> Result<(), Stop> {
    if path.count() + depth(value) > limits::PATCH_DEPTH { Err(Stop::TooDeep) } else { Ok(()) }
}

/// How many lists and objects stand in each other. What is asked for is never deeper than [`limits::PATCH_DEPTH`].
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// How many octets it takes when it is written.
fn length(value: &Value) -> usize {
    struct Count(usize);

    impl io::Write for Count {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0 += octets.len();
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut count = Count(0);
    // counting does not fail, and a value of JSON can be written
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// Are they the same? Numbers are if their values are, however they are written; members have no order. RFC 6902 §4.6
fn equal(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => {
            let (one, two) = (one.to_string(), two.to_string());
            one == two || matches!((decimal(&one), decimal(&two)), (Some(one), Some(two)) if one == two)
        }
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| equal(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            let has_same = |(name, value): (&String, &Value)| two.get(name).is_some_and(|other| equal(value, other));
            one.len() == two.len() && one.iter().all(has_same)
        }
        (one, two) => one == two,
    }
}

/// A number as its sign, its digits without zeros around them, and the power of ten of the last; `None` if that power is
/// beyond reason.
fn decimal(number: &str) -> Option<(bool, String, i64)> {
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |number| (true, number));
    let (mantissa, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let power: i64 = power.parse().ok()?;
    let shift = i64::try_from(zeros).ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some((negative, significant.to_owned(), power.checked_add(shift)?))
}

/// Writes a value in the manner of the document that it was.
fn write(value: &Value, document: &[u8]) -> Vec<u8> {
    let mut out = match layout(document) {
        None => value.to_string().into_bytes(),
        Some((newline, indentation)) => {
            let mut out = Vec::with_capacity(document.len());
            // no string has a line end in it, and what leads a line is two spaces a level
            for (at, line) in format!("{value:#}").lines().enumerate() {
                if at > 0 {
                    out.extend_from_slice(newline);
                }
                let text = line.trim_start_matches(' ');
                out.extend(indentation.repeat((line.len() - text.len()) / 2));
                out.extend_from_slice(text.as_bytes());
            }
            out
        }
    };
    if document.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    } else if document.ends_with(b"\n") {
        out.push(b'\n');
    }
    out
}

/// The line end and the indentation of a document that has a line for each member.
fn layout(document: &[u8]) -> Option<(&[u8], &[u8])> {
    let [b'{' | b'[', rest @ ..] = document.trim_ascii_start() else { return None };
    let end = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r'))?;
    let lines = rest[end..].strip_prefix(b"\n")?;
    let newline: &[u8] = if rest[..end].ends_with(b"\r") { b"\r\n" } else { b"\n" };
    let length = lines.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    // an empty object tells nothing of what its members would look like
    let indentation = if matches!(lines[length], b'}' | b']') { b"  " } else { &lines[..length] };
    Some((newline, indentation))
}

#[cfg(test)]
mod tests;
