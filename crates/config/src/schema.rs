//! The JSON Schema (draft 2020-12) of the language, made from the table of words. Editors complete and check with it.

use serde_json::{Map, Value, json};

use crate::check::choices;
use crate::units;
use crate::words::{Home, Kind, Row, Shape};
use semantics::method::Method;

/// The schema.
///
/// ```
/// let schema = config::schema::schema();
/// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
/// assert!(schema["$defs"]["rule"]["properties"]["guard"]["description"].is_string());
/// ```
pub fn schema() -> Value {
    let mut defs = Map::new();
    for home in Home::ALL.into_iter().filter(|home| *home != Home::Top) {
        defs.insert(home.id().to_owned(), table(home));
    }
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("because.toml"));
    let Value::Object(top) = table(Home::Top) else { unreachable!("a table is an object") };
    schema.extend(top);
    schema.insert("$defs".to_owned(), Value::Object(defs));
    Value::Object(schema)
}

/// A table of the words of a home.
fn table(home: Home) -> Value {
    let properties: Map<String, Value> = home.rows().map(|row| (row.key.to_owned(), word(row))).collect();
    let required: Vec<&str> = home.rows().filter(|row| row.must).map(|row| row.key).collect();
    let mut table = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if let Some(others) = home.others() {
        table["additionalProperties"] = shape(others);
        table["propertyNames"] = shape(&Shape::Text(Kind::FieldName));
    }
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

fn word(row: &'static Row) -> Value {
    let Value::Object(shape) = shape(&row.shape) else { unreachable!("a shape is an object") };
    let mut word = Map::new();
    word.insert("description".to_owned(), json!(format!("{}\n\n{}", row.about, row.example)));
    word.extend(shape);
    Value::Object(word)
}

/// What may follow: one of several values, or a list of them.
fn shape(of: &'static Shape) -> Value {
    let mut any: Vec<Value> = choices(of, false).into_iter().map(leaf).collect();
    let items: Vec<Value> = choices(of, true).into_iter().map(leaf).collect();
    if !items.is_empty() {
        any.push(json!({ "type": "array", "items": one_of(items) }));
    }
    one_of(any)
}

fn one_of(mut any: Vec<Value>) -> Value {
    if any.len() == 1 { any.remove(0) } else { json!({ "anyOf": any }) }
}

fn leaf(of: &'static Shape) -> Value {
    match of {
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::False => json!({ "const": false }),
        Shape::Count(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
        Shape::Count(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Size => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": units::SIZE_PATTERN },
        ] }),
        Shape::Time => json!({ "anyOf": [{ "const": 0 }, { "type": "string", "pattern": units::TIME_PATTERN }] }),
        // TOML has dates of its own, which editors hand over as texts
        Shape::Date => json!({ "type": "string", "format": "date-time" }),
        Shape::Text(kind) => text(*kind),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Table(home) => json!({ "$ref": format!("#/$defs/{}", home.id()) }),
        Shape::Named(_, inner) => json!({ "type": "object", "additionalProperties": shape(inner) }),
        Shape::Listed(_) | Shape::List(_) | Shape::Any(_) => shape(of),
    }
}

/// What the reader checks of a text, as far as a pattern can say it.
fn text(kind: Kind) -> Value {
    let pattern = match kind {
        Kind::Method => return json!({ "enum": Method::all().map(Method::name).collect::<Vec<_>>() }),
        Kind::Name => "^[^/\\x00]*[^/\\x00 ][^/\\x00]*$",
        Kind::Url => "^[A-Za-z][A-Za-z0-9+.-]*:[^0-9 ]",
        Kind::Target => "^(/|[A-Za-z][A-Za-z0-9+.-]*:[^0-9 ])",
        Kind::MediaType => "^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        Kind::Country => "^[A-Z]{2}$",
        Kind::FieldValue => "^[ -~]*[!-~][ -~]*$",
        Kind::FieldName => "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        Kind::Group => "^[^@ ][^ ]*$",
        Kind::Text
        | Kind::Path
        | Kind::Below
        | Kind::Address
        | Kind::UrlOrPath
        | Kind::Network
        | Kind::Rate
        | Kind::Names
        | Kind::NamesOrAnyone
        | Kind::Scope
        | Kind::Origin
        | Kind::Host
        | Kind::Protocol
        | Kind::Secret => "[^ ]",
    };
    json!({ "type": "string", "pattern": pattern })
}

#[cfg(test)]
mod tests;
