//! Patches as the RFCs show them, and what they cannot do.

use super::PatchError::*;
use super::*;

fn json(document: &str, patch: &str) -> Result<String, PatchError> {
    applied(PatchFormat::Json, document, patch)
}

fn applied(format: PatchFormat, document: &str, patch: &str) -> Result<String, PatchError> {
    let patched = apply(format, document.as_bytes(), patch.as_bytes());
    patched.map(|octets| String::from_utf8(octets).expect("JSON is text"))
}

#[test]
fn formats_have_media_types() {
    for name in ACCEPT_PATCH {
        let (kind, subtype) = name.split_once('/').expect("a media type");
        assert!(PatchFormat::of(kind.to_uppercase().as_bytes(), subtype.as_bytes()).is_some(), "{name}");
    }
    assert_eq!(PatchFormat::of(b"application", b"json"), None);
    assert_eq!(PatchFormat::of(b"text", b"json-patch+json"), None);
}

/// The table of RFC 7396 Appendix A.
#[test]
fn merge_patches_merge() {
    for (document, patch, result) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ] {
        assert_eq!(applied(PatchFormat::Merge, document, patch).as_deref(), Ok(result), "{document} {patch}");
    }
}

/// RFC 6902 Appendix A.
#[test]
fn operations_are_done_in_order() {
    for (document, patch, result) in [
        (r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz","value":"qux"}]"#, r#"{"foo":"bar","baz":"qux"}"#),
        (
            r#"{"foo":["bar","baz"]}"#,
            r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            r#"{"foo":["bar","qux","baz"]}"#,
        ),
        (r#"{"foo":["bar"]}"#, r#"[{"op":"add","path":"/foo/-","value":["abc"]}]"#, r#"{"foo":["bar",["abc"]]}"#),
        (r#"{"baz":"qux","foo":"bar"}"#, r#"[{"op":"remove","path":"/baz"}]"#, r#"{"foo":"bar"}"#),
        (r#"{"foo":["bar","qux","baz"]}"#, r#"[{"op":"remove","path":"/foo/1"}]"#, r#"{"foo":["bar","baz"]}"#),
        (
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            r#"{"baz":"boo","foo":"bar"}"#,
        ),
        (
            r#"{"a":{"b":1,"c":2},"d":{}}"#,
            r#"[{"op":"move","from":"/a/b","path":"/d/e"}]"#,
            r#"{"a":{"c":2},"d":{"e":1}}"#,
        ),
        (r#"{"foo":[1,2,3,4]}"#, r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#, r#"{"foo":[1,3,4,2]}"#),
        (r#"{"a":[1]}"#, r#"[{"op":"copy","from":"/a","path":"/a/0"}]"#, r#"{"a":[[1],1]}"#),
        (r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":1},{"op":"add","path":"","value":[]}]"#, "[]"),
        (r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/a"}]"#, r#"{"a":1}"#),
        (
            r#"{"/":9,"~1":10,"":0}"#,
            r#"[{"op":"test","path":"/~01","value":10},{"op":"remove","path":"/~1"}]"#,
            r#"{"~1":10,"":0}"#,
        ),
        (r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#, r#"{"foo":"bar","baz":"qux"}"#),
        ("{}", "[]", "{}"),
        (r#"{"a":1}"#, r#"[{"op":"replace","path":"","value":null}]"#, "null"),
    ] {
        assert_eq!(json(document, patch).as_deref(), Ok(result), "{document} {patch}");
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let document = r#"{"a":{"b":[1,2]},"c":1}"#;
    for (operation, why) in [
        (r#"{"op":"add","path":"/x/y","value":1}"#, Impossible::NoPath),
        (r#"{"op":"add","path":"/c/y","value":1}"#, Impossible::NoPath),
        (r#"{"op":"add","path":"/a/b/3","value":1}"#, Impossible::BadIndex),
        (r#"{"op":"add","path":"/a/b/01","value":1}"#, Impossible::BadIndex),
        (r#"{"op":"add","path":"/a/b/x","value":1}"#, Impossible::BadIndex),
        (r#"{"op":"remove","path":"/x"}"#, Impossible::NoPath),
        (r#"{"op":"remove","path":"/x/y"}"#, Impossible::NoPath),
        (r#"{"op":"remove","path":"/a/b/2"}"#, Impossible::BadIndex),
        (r#"{"op":"remove","path":"/a/b/-"}"#, Impossible::BadIndex),
        (r#"{"op":"remove","path":""}"#, Impossible::WholeDocument),
        (r#"{"op":"replace","path":"/x","value":1}"#, Impossible::NoPath),
        (r#"{"op":"replace","path":"/a/b/-","value":1}"#, Impossible::NoPath),
        (r#"{"op":"move","from":"/x","path":"/y"}"#, Impossible::NoFrom),
        (r#"{"op":"move","from":"/x","path":"/x"}"#, Impossible::NoFrom),
        (r#"{"op":"move","from":"/a","path":"/a/b/0"}"#, Impossible::IntoItself),
        (r#"{"op":"move","from":"","path":"/y"}"#, Impossible::IntoItself),
        (r#"{"op":"copy","from":"/x","path":"/y"}"#, Impossible::NoFrom),
        (r#"{"op":"copy","from":"/a","path":"/x/y"}"#, Impossible::NoPath),
        (r#"{"op":"test","path":"/x","value":1}"#, Impossible::NoPath),
        (r#"{"op":"test","path":"/c","value":"1"}"#, Impossible::TestFailed),
    ] {
        let patch = format!(r#"[{{"op":"test","path":"/c","value":1}},{operation}]"#);
        let offence = json(document, &patch).expect_err(operation);
        assert_eq!(offence, CannotDo(1, why), "{operation}");
        assert_eq!(offence.failure(), Failure::ContentUnprocessable);
        assert_eq!(offence.to_string(), format!("operation 1 of the patch cannot be done: {why}"));
    }
}

#[test]
fn what_is_no_patch_is_told() {
    for (patch, offence) in [
        ("", NotJson(1, 0)),
        ("[\n}", NotJson(2, 1)),
        ("{}", NotAPatch),
        ("1", NotAPatch),
        (r#"[{"op":"test","path":"","value":{}},1]"#, NotAnOperation(1)),
        (r#"[{"op":"spam","path":"","value":1}]"#, NotAnOperation(0)),
        (r#"[{"op":"add","path":"/a"}]"#, NotAnOperation(0)),
        (r#"[{"op":"remove"}]"#, NotAnOperation(0)),
        (r#"[{"op":"remove","path":"a"}]"#, NotAnOperation(0)),
        (r#"[{"op":"remove","path":"/~2"}]"#, NotAnOperation(0)),
        (r#"[{"op":"copy","path":"/a"}]"#, NotAnOperation(0)),
    ] {
        assert_eq!(json("{}", patch), Err(offence.clone()), "{patch}");
        assert_eq!(offence.failure(), Failure::ContentMalformed);
    }
    assert_eq!(applied(PatchFormat::Merge, "{}", "{"), Err(NotJson(1, 1)));
    assert_eq!(json("no JSON", "[]"), Err(DocumentNotJson));
    assert_eq!(json("", "nor this"), Err(NotJson(1, 2)), "the patch is looked at first");
    assert_eq!(DocumentNotJson.failure(), Failure::ContentUnprocessable);
}

#[test]
fn numbers_are_compared_by_value_and_kept_as_written() {
    let numbers = "[1.0,-0,1e+5,100000000000000000000000000000001,0.1e-7]";
    let patch = |at, value| format!(r#"[{{"op":"test","path":"/{at}","value":{value}}}]"#);
    for (at, value, same) in [
        (0, "1", true),
        (0, "10e-1", true),
        (0, "0.1e+1", true),
        (0, "-1", false),
        (0, "1.00000000000000000000001", false),
        (1, "0", true),
        (1, "0.0e9999999999999999999999", true),
        (2, "100000", true),
        (2, "1000000", false),
        (3, "100000000000000000000000000000001", true),
        (3, "100000000000000000000000000000002", false),
        (4, "0.00000001", true),
        (4, "1e99999999999999999999999", false),
    ] {
        let result = json(numbers, &patch(at, value));
        let expected = if same { Ok(numbers.to_owned()) } else { Err(CannotDo(0, Impossible::TestFailed)) };
        assert_eq!(result, expected, "{at} {value}");
    }
    assert_eq!(json("[1E5,10.50E-3]", "[]").as_deref(), Ok("[1e+5,10.50e-3]"), "but for the sign of the exponent");
    let value = r#"[{"op":"add","path":"/-","value":{"a":1.10,"b":100000000000000000000000000000001}}]"#;
    assert_eq!(json("[]", value).as_deref(), Ok(r#"[{"a":1.10,"b":100000000000000000000000000000001}]"#));
    let deep = json(r#"[{"a":[1,2.0],"b":{}}]"#, r#"[{"op":"test","path":"","value":[{"b":{},"a":[1.0,2]}]}]"#);
    assert!(deep.is_ok(), "{deep:?}");
    assert!(json("[1]", r#"[{"op":"test","path":"","value":[1,1]}]"#).is_err());
    assert!(json(r#"{"a":1}"#, r#"[{"op":"test","path":"","value":{"b":1}}]"#).is_err());
}

#[test]
fn the_document_keeps_its_looks() {
    let patch = r#"{"b":null,"d":{"e":[],"f":["x\n  y"]}}"#;
    for (document, result) in [
        (r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"c":3,"d":{"e":[],"f":["x\n  y"]}}"#),
        ("{\"a\": 1, \"b\": 2}\n", "{\"a\":1,\"d\":{\"e\":[],\"f\":[\"x\\n  y\"]}}\n"),
        (
            "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
            "{\n  \"a\": 1,\n  \"d\": {\n    \"e\": [],\n    \"f\": [\n      \"x\\n  y\"\n    ]\n  }\n}\n",
        ),
        (
            "{ \r\n\t\"a\": 1}\r\n",
            "{\r\n\t\"a\": 1,\r\n\t\"d\": {\r\n\t\t\"e\": [],\r\n\t\t\"f\": [\r\n\t\t\t\"x\\n  y\"\r\n\t\t]\r\n\t}\r\n}\r\n",
        ),
        ("{\n}", "{\n  \"d\": {\n    \"e\": [],\n    \"f\": [\n      \"x\\n  y\"\n    ]\n  }\n}"),
    ] {
        assert_eq!(applied(PatchFormat::Merge, document, patch).as_deref(), Ok(result), "{document}");
    }
    assert_eq!(applied(PatchFormat::Merge, "[\n    1\n]", "[]").as_deref(), Ok("[]"));
}

#[test]
fn what_would_grow_too_large_is_stopped() {
    let many = |count| format!("[{}]", vec![r#"{"op":"test","path":"","value":1}"#; count].join(","));
    assert_eq!(json("1", &many(limits::PATCH_OPERATIONS)).as_deref(), Ok("1"));
    assert_eq!(json("1", &many(limits::PATCH_OPERATIONS + 1)), Err(TooMany));
    let doubling = vec![r#"{"op":"copy","from":"","path":"/-"}"#; 100].join(",");
    assert_eq!(json(r#"["some text"]"#, &format!("[{doubling}]")), Err(TooLarge));
    let longest = format!("\"{}\"", "x".repeat(limits::PATCHED - 2));
    assert_eq!(json(&longest, "[]").map(|document| document.len()), Ok(limits::PATCHED));
    assert_eq!(json(&format!("{longest} "), "[]"), Err(TooLarge));
    assert_eq!(applied(PatchFormat::Merge, "{}", &format!("{{\"a\":{longest}}}")), Err(TooLarge));
}

#[test]
fn what_would_nest_too_deep_is_stopped() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deepest = nested(limits::PATCH_DEPTH);
    assert_eq!(json(&deepest, "[]").as_deref(), Ok(&*deepest), "that deep it is read");
    assert_eq!(json(&nested(limits::PATCH_DEPTH + 1), "[]"), Err(DocumentNotJson));
    let document = format!(r#"{{"a":{},"b":[]}}"#, nested(limits::PATCH_DEPTH - 2));
    for operation in ["move", "copy"] {
        let to = |path| format!(r#"[{{"op":"{operation}","from":"/a","path":"{path}"}}]"#);
        let patched = json(&document, &to("/b/0")).expect("it fits");
        assert!(json(&patched, "[]").is_ok(), "what is written can be read again");
        let deeper = document.replace(r#""b":[]"#, r#""b":[[]]"#);
        assert_eq!(json(&deeper, &to("/b/0/0")), Err(TooDeep(0)));
    }
    let place = |value: usize| format!(r#"[{{"op":"replace","path":"/b","value":{}}}]"#, nested(value));
    assert!(json(r#"{"b":1}"#, &place(limits::PATCH_DEPTH - 2)).is_ok());
}
