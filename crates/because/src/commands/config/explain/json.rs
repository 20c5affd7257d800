//! What a request would be answered, as an object of JSON for programs.

use serde_json::{Value, json};

use super::contest::{Contest, Statement};
use super::told::{Explained, Line};

pub(super) fn write(told: &Explained) -> String {
    let object = json!({
        "request": {
            "method": told.method,
            "target": told.target,
            "host": told.host,
            "from": told.from,
            "as": told.user,
            "groups": told.groups,
        },
        "interim": told.says.iter().map(|status| status.code()).collect::<Vec<_>>(),
        "status": told.status.code(),
        "reason": told.status.reason(),
        "cause": told.cause,
        "because": told.because,
        "section": told.section,
        "rule": told.rule.as_ref().map(line),
        "supposes_success": told.supposed,
        "text": told.words,
        "fields": told.fields.iter().map(|field| json!({
            "name": field.name, "value": field.value, "rule": line(&field.by),
        })).collect::<Vec<_>>(),
        "questions": told.questions,
        "walk": told.walk.iter().map(|bore| json!({
            "number": bore.number, "id": bore.id, "asks": bore.asks, "answer": bore.yes, "decided": bore.decided,
            "rule": line(&bore.by),
        })).collect::<Vec<_>>(),
        "rules": told.contests.iter().map(contest).collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&object).expect("names and texts are JSON")
}

fn line(line: &Line) -> Value {
    json!({ "word": line.word, "file": line.file, "line": line.line, "text": line.text })
}

fn contest(contest: &Contest) -> Value {
    let said = |said: &Statement| {
        json!({
            "file": said.file, "line": said.line, "pattern": said.pattern,
            "scope": if said.of_site { "site" } else { "top" }, "undoes": said.undoes,
        })
    };
    json!({ "word": contest.word, "heard": said(&contest.heard), "over": contest.over.iter().map(said).collect::<Vec<_>>() })
}
