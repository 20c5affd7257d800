//! The schema says what the reader says. A validator of the keywords that are used stands here; what it does not know fails.

use std::fs;
use std::path::Path;

use regex_lite::Regex;
use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use super::schema;
use crate::check::{self, Diagnostics};
use crate::place::Source;
use crate::words::{Home, Shape};

/// Is the value valid?
fn valid(value: &Value, by: &Value, root: &Value) -> bool {
    let Some(by) = by.as_object() else { return by.as_bool().expect("a schema is an object or a boolean") };
    let properties = by.get("properties");
    by.iter().all(|(keyword, want)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" => true,
        "$ref" => {
            let path = want.as_str().and_then(|path| path.strip_prefix('#')).expect("a reference within");
            valid(value, root.pointer(path).unwrap_or_else(|| panic!("{path} is not there")), root)
        }
        "type" => match want.as_str().expect("one type") {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            other => panic!("the type {other}"),
        },
        "const" => value == want,
        "enum" => want.as_array().expect("a list").contains(value),
        "minimum" => value.as_i64().is_none_or(|number| number >= want.as_i64().expect("a number")),
        "maximum" => value.as_i64().is_none_or(|number| number <= want.as_i64().expect("a number")),
        "pattern" => {
            let pattern = Regex::new(want.as_str().expect("a text")).expect("a pattern");
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "format" => {
            assert_eq!(want, "date-time");
            let date =
                Regex::new(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$").expect("a pattern");
            value.as_str().is_none_or(|text| date.is_match(text))
        }
        "anyOf" => want.as_array().expect("a list").iter().any(|by| valid(value, by, root)),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| valid(item, want, root))),
        "required" => value.as_object().is_none_or(|object| {
            want.as_array().expect("a list").iter().all(|key| object.contains_key(key.as_str().expect("a key")))
        }),
        "propertyNames" => {
            value.as_object().is_none_or(|object| object.keys().all(|key| valid(&json!(key), want, root)))
        }
        "properties" => value.as_object().is_none_or(|object| {
            object.iter().all(|(key, value)| want.get(key).is_none_or(|by| valid(value, by, root)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            let known = |key: &str| properties.is_some_and(|properties| properties.get(key).is_some());
            object.iter().filter(|(key, _)| !known(key)).all(|(_, value)| valid(value, want, root))
        }),
        other => panic!("the keyword {other}"),
    })
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => number.as_str().parse::<i64>().map_or(json!(f64::MAX), |number| json!(number)),
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().expect("a number")),
        DeValue::Boolean(truth) => json!(truth),
        DeValue::Datetime(date) => json!(date.to_string()),
        DeValue::Array(array) => array.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}

fn object(table: &DeTable<'_>) -> Value {
    Value::Object(table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect())
}

#[test]
fn samples_are_valid() {
    let schema = schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good");
    for path in fs::read_dir(folder).expect("is there").map(|entry| entry.expect("an entry").path()) {
        let text = fs::read_to_string(&path).expect("is text");
        let table = DeTable::parse(&text).expect("is TOML");
        for (key, value) in object(table.get_ref()).as_object().expect("a table") {
            assert!(valid(&json!({ key: value }), &schema, &schema), "{}: {key} = {value}", path.display());
        }
    }
}

#[test]
fn samples_use_every_word() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/every_word.toml");
    let text = fs::read_to_string(path).expect("is text");
    for row in crate::words::all() {
        let word = Regex::new(&format!(r"(?m)(^|[\[.{{, ]){}( =|\.|\])", row.key)).expect("a pattern");
        assert!(word.is_match(&text), "{}", row.key);
    }
}

/// Values of every kind, right for some words and wrong for others.
const VALUES: &[&str] = &[
    "true",
    "false",
    "0",
    "1",
    "5",
    "2000",
    "-1",
    "1.5",
    "\"\"",
    "\" \"",
    "\"a\"",
    "\"a b\"",
    "\"@a\"",
    "\"FR\"",
    "\"fr\"",
    "\"GET\"",
    "\"get\"",
    "\"/a\"",
    "\"a/b\"",
    "\"image/*\"",
    "\"https://x.example/\"",
    "\"x.example:80\"",
    "\"é\"",
    "\"10s\"",
    "\"10\"",
    "\"0\"",
    "\"1.5h\"",
    "\"5 d \"",
    "\"5 moons\"",
    "\"64k\"",
    "\"2GiB\"",
    "\"1..5\"",
    "\".\"",
    "\"text\"",
    "\"digest\"",
    "\"user\"",
    "\"*\"",
    "\"anyone\"",
    "[]",
    "[\"a\"]",
    "[\"GET\"]",
    "[\"a\", 1]",
    "[\"\"]",
    "[\"digest\"]",
    "[true]",
    "[[\"a\"]]",
    "[{ rate = \"1/s\" }]",
    "[\"1/s\", { rate = \"1/s\" }]",
    "[{}]",
    "{}",
    "{ allow = \"a\" }",
    "{ rate = \"1/s\", burst = 1 }",
    "{ to = \"/a\" }",
    "{ zebra = 1 }",
    "{ origins = [\"*\"], max-age = 0 }",
    "{ X-A = \"b\", hsts = true }",
    "{ \"X A\" = \"b\" }",
    "{ a = { } }",
    "{ a = \"b\" }",
    "{ a = { folder = \"b\" } }",
    "{ a = { keys = \"b\" } }",
    "{ max-target = \"1k\" }",
    "{ listen = \":80\" }",
    "{ host = \"a\" }",
    "{ a = { guard = \"b\", rule = { } } }",
    "{ size = 1 }",
    "{ amount = 1 }",
    "{ through = \"http://a.example\" }",
    "{ length = true }",
    "{ reason = \"a\" }",
    "{ retry-after = 5 }",
    "{ blocked-by = \"a\" }",
    "9223372036854775807",
];

/// For every word at every place and every value: either both the reader and the schema take it, or neither does.
#[test]
fn the_reader_and_the_schema_agree() {
    let schema = schema();
    let (mut taken, mut refused) = (0, 0);
    for home in Home::ALL {
        let by = if home == Home::Top { schema.clone() } else { schema["$defs"][home.id()].clone() };
        for row in home.rows().filter(|row| !matches!(row.shape, Shape::Date)) {
            let needed: Vec<&str> =
                home.rows().filter(|other| other.must && other.key != row.key).map(|other| other.example).collect();
            for value in VALUES {
                let text = format!("{}\n{} = {value}", needed.join("\n"), row.key);
                let table = DeTable::parse(&text).expect("is TOML");
                let mut told = Diagnostics::new(Source::file("a.toml", &text, Vec::new()), Vec::new());
                check::table(&mut told, table.get_ref(), home, 0..0);
                let told = told.finish();
                // that words of the top are no names of users is said by the reader alone
                if told.iter().any(|told| told.message().contains("would be the name of a user")) {
                    continue;
                }
                let is_valid = valid(&object(table.get_ref()), &by, &schema);
                assert_eq!(told.is_empty(), is_valid, "{text}\n{}", crate::render(&told, false));
                if is_valid { taken += 1 } else { refused += 1 }
            }
        }
    }
    assert!(taken > 500 && refused > 500, "{taken} {refused}");
}

#[test]
fn what_is_missing_and_what_is_not_known_is_invalid() {
    let schema = schema();
    for text in
        ["zebra = 1", "moved = { for-now = true }", "[issuer.a]", "[site.a]\nlisten = 'x'", "[rule.'/a']\nfolder = 'x'"]
    {
        let table = DeTable::parse(text).expect("is TOML");
        assert!(!valid(&object(table.get_ref()), &schema, &schema), "{text}");
    }
}
