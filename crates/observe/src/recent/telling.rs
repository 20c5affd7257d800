//! A verdict as members of an object of JSON. What is secret is masked by whoever writes the record.

use std::fmt::Write as _;

use crate::limits;
use decision::explanation::{self, Cause};
use decision::facts::Facts;
use decision::record;
use decision::verdict::Verdict;
use semantics::date::Date;

use super::Wanted;
use crate::event::{Client, Event};
use crate::json;

/// The target as it is told, and as a filter sees it.
pub(super) fn target(event: &Event<'_>) -> String {
    let mut text: String = event.target.iter().take(limits::SHOWN).map(|octet| char::from(*octet)).collect();
    if event.target.len() > limits::SHOWN {
        text.push('…');
    }
    text
}

/// What a list tells, each member after a comma.
pub(super) fn members(event: &Event<'_>, wanted: Wanted) -> String {
    let mut out = String::with_capacity(512);
    let time = Date::write_rfc3339_millis(event.moment);
    raw(&mut out, format_args!(",\"time\":\"{}\"", str::from_utf8(&time).unwrap_or_default()));
    raw(&mut out, format_args!(",\"moment\":{},\"client\":\"{}\"", event.moment, Client(event.client)));
    out.push_str(",\"method\":");
    json::octets(&mut out, event.method);
    out.push_str(",\"target\":");
    json::octets(&mut out, event.target);
    if let Some(host) = event.host {
        out.push_str(",\"host\":");
        json::octets(&mut out, host);
    }
    raw(&mut out, format_args!(",\"status\":{},\"cause\":\"{}\"", event.status, event.cause()));
    raw(&mut out, format_args!(",\"because\":\"{}\"", event.because));
    if let Some(rule) = event.rule {
        json::member(&mut out, "rule", &rule.to_string());
    }
    if let Some(user) = event.user {
        json::member(&mut out, "user", user);
    }
    raw(&mut out, format_args!(",\"octets\":{},\"micros\":{}", event.octets, event.micros));
    raw(&mut out, format_args!(",\"id\":\"{}\",\"one_of\":{}", event.id, wanted.one_of));
    if event.broken {
        out.push_str(",\"broken\":true");
    }
    out
}

/// What is known of a refusal, to be kept with it: the words of its explanation, and the record of the decision, in which what is
/// secret is masked. It is written down while the facts are there, which is before the answer is given.
pub fn explain(facts: &Facts<'_>, verdict: &Verdict) -> String {
    let cause = Cause::of(verdict, facts);
    let mut out = String::with_capacity(2_048);
    json::member(&mut out, "title", cause.title);
    let mut sentence = Vec::new();
    explanation::write_sentence(verdict, facts, &mut sentence);
    json::member(&mut out, "sentence", &String::from_utf8_lossy(&sentence));
    json::member(&mut out, "permanence", cause.permanence.name());
    json::member(&mut out, "lasts", cause.lasts);
    json::member(&mut out, "remedy", cause.remedy);
    json::member(&mut out, "section", cause.section);
    let mut written = Vec::new();
    record::write(facts, verdict, &mut written);
    match String::from_utf8(written) {
        Ok(text) if text.len() <= limits::VERDICT_FACTS => out.extend([",\"record\":", &text]),
        // a record is ASCII: it is only ever too long
        Ok(_) | Err(_) => out.push_str(",\"record\":null"),
    }
    out
}

fn raw(out: &mut String, text: std::fmt::Arguments<'_>) {
    // a string takes all
    let _ = out.write_fmt(text);
}
