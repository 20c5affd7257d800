//! The counts as a collector reads them: the text format of Prometheus, version 0.0.4.
//!
//! Every cause that the graph can end in is told from the start, with 0: so an alert on one of them sees its first increase. A
//! question is told once it was asked.

use std::fmt::{self, Write};
use std::sync::Arc;

use decision::reply::REPLY;

use super::{Gauges, SPANS, Tally, Totals};

/// The media type of the text.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Octets that the text usually takes.
const ROOM: usize = 65_536;

/// Tells all counts.
pub fn prometheus(tallies: &[Arc<Tally>], gauges: &Gauges) -> String {
    let mut out = String::with_capacity(ROOM);
    write(&Totals::of(tallies), gauges, &mut out).expect("a string takes all that is written");
    out
}

fn write(totals: &Totals, gauges: &Gauges, out: &mut String) -> fmt::Result {
    head(out, "because_info", "gauge", "Which version runs.")?;
    writeln!(out, "because_info{{version=\"{}\"}} 1", Label(gauges.version))?;
    if let Some(started) = gauges.started {
        head(out, "because_start_time_seconds", "gauge", "When the server was started, in seconds of Unix time.")?;
        writeln!(out, "because_start_time_seconds {started}")?;
    }
    head(out, "because_connections", "gauge", "Connections open now.")?;
    writeln!(out, "because_connections {}", gauges.connections)?;
    counter(out, "because_connections_accepted_total", "Connections accepted.", gauges.accepted)?;
    head(out, "because_responses_total", "counter", "Responses, by status and by the question that was their cause.")?;
    for answered in &totals.answered {
        write!(out, "because_responses_total{{status=\"{}\",", answered.status)?;
        writeln!(out, "cause=\"{}\"}} {}", answered.cause, answered.count)?;
    }
    latency(totals, out)?;
    head(out, "because_response_octets_total", "counter", "Octets of content sent, by class of status.")?;
    for (class, octets) in totals.octets.iter().enumerate() {
        writeln!(out, "because_response_octets_total{{class=\"{}xx\"}} {octets}", class + 1)?;
    }
    counter(out, "because_responses_broken_total", "Responses that did not come to their end.", totals.broken)?;
    if totals.hits + totals.misses > 0 {
        counter(out, "because_cache_hits_total", "Files served from memory.", totals.hits)?;
        counter(out, "because_cache_misses_total", "Files that were not in memory.", totals.misses)?;
    }
    questions(totals, out)
}

/// The two lines before the values of a metric. The help holds nothing that would have to be escaped.
fn head(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn counter(out: &mut String, name: &str, help: &str, value: u64) -> fmt::Result {
    head(out, name, "counter", help)?;
    writeln!(out, "{name} {value}")
}

fn latency(totals: &Totals, out: &mut String) -> fmt::Result {
    const NAME: &str = "because_response_seconds";
    let help = "Seconds from the head of a request to the last octet of its response, by class of status.";
    head(out, NAME, "histogram", help)?;
    for (class, latency) in totals.latency.iter().enumerate() {
        let class = class + 1;
        let mut count = 0;
        for (span, end) in latency.spans.iter().zip(SPANS) {
            count += span;
            writeln!(out, "{NAME}_bucket{{class=\"{class}xx\",le=\"{}\"}} {count}", Seconds(end))?;
        }
        let all = latency.count();
        writeln!(out, "{NAME}_bucket{{class=\"{class}xx\",le=\"+Inf\"}} {all}")?;
        writeln!(out, "{NAME}_sum{{class=\"{class}xx\"}} {}", Seconds(latency.micros))?;
        writeln!(out, "{NAME}_count{{class=\"{class}xx\"}} {all}")?;
    }
    Ok(())
}

fn questions(totals: &Totals, out: &mut String) -> fmt::Result {
    let help = "How often each question of the reply graph was answered with yes and with no.";
    head(out, "because_question_answers_total", "counter", help)?;
    for (row, question) in REPLY.rows.iter().enumerate().filter(|(row, _)| totals.weights.asked(*row) > 0) {
        for (yes, answer) in [(true, "yes"), (false, "no")] {
            let count = totals.weights.of(row, yes);
            write!(out, "because_question_answers_total{{question=\"{}\",", question.id)?;
            writeln!(out, "answer=\"{answer}\"}} {count}")?;
        }
    }
    Ok(())
}

/// Microseconds, told in seconds, without zeros at the end.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The value of a label: backslash, quotation mark and line feed are escaped.
struct Label<'a>(&'a str);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\n' => f.write_str("\\n")?,
                '"' | '\\' => write!(f, "\\{c}")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::ends;
    use super::*;
    use crate::event::Event;
    use crate::event::tests::plain;
    use std::collections::{BTreeMap, HashSet};

    type Labels = BTreeMap<String, String>;

    /// A strict reading of the format: every line; each metric with HELP and TYPE before its values, all of them together.
    fn read(text: &str) -> Vec<(String, Labels, f64)> {
        assert!(text.ends_with('\n'));
        let (mut values, mut seen): (Vec<(String, Labels, f64)>, HashSet<String>) = Default::default();
        let (mut current, mut kind) = (String::new(), String::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help");
                assert!(seen.insert(name.to_owned()) && !help.is_empty() && !help.contains('\\'), "{line}");
                let rest = lines.next().and_then(|l| l.strip_prefix("# TYPE ")).expect("a type follows");
                let (again, is) = rest.split_once(' ').expect("a type");
                assert!(again == name && ["counter", "gauge", "histogram"].contains(&is));
                (current, kind) = (name.to_owned(), is.to_owned());
                continue;
            }
            let (name, labels, value) = sample(line);
            let base = match kind.as_str() {
                "histogram" => ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)),
                _ => Some(name.as_str()),
            };
            assert_eq!(base, Some(current.as_str()), "{line}");
            assert!(kind != "counter" || name.ends_with("_total"), "{line}");
            assert!(!values.iter().any(|(n, l, _)| *n == name && *l == labels), "twice: {line}");
            values.push((name, labels, value));
        }
        values
    }

    fn sample(line: &str) -> (String, Labels, f64) {
        let (before, value) = line.rsplit_once(' ').expect("a value");
        let (name, mut rest) = before.split_once('{').map_or((before, ""), |(n, rest)| (n, rest));
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_name = |name: &str| name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit());
        assert!(is_name(name), "{line}");
        let mut labels = Labels::new();
        while !rest.is_empty() {
            let (label, quoted) = rest.split_once("=\"").expect("a label");
            let (text, after) = quoted.split_once('"').expect("an end");
            assert!(is_name(label) && !text.contains('\\'), "{line}");
            assert!(labels.insert(label.to_owned(), text.to_owned()).is_none(), "{line}");
            rest = after.strip_prefix(',').unwrap_or_else(|| after.strip_prefix('}').expect("an end"));
        }
        assert!(value.bytes().all(|b| b.is_ascii_digit() || b == b'.'), "{line}");
        (name.to_owned(), labels, value.parse().expect("a number"))
    }

    fn told(events: &[Event<'_>], gauges: &Gauges) -> Vec<(String, Labels, f64)> {
        let (counter, tally) = Tally::begin();
        events.iter().for_each(|event| counter.count(event));
        counter.cache_hit();
        read(&prometheus(&[tally], gauges))
    }

    fn value(values: &[(String, Labels, f64)], name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: Labels = labels.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        values.iter().find(|(n, l, _)| n == name && *l == labels).map(|(_, _, value)| *value)
    }

    #[test]
    fn the_text_is_read_strictly() {
        let gauges = Gauges { connections: 3, accepted: 9, started: Some(1_700_000_000), version: "0.1.0" };
        let slow = Event { micros: 1_500_000, status: 299, broken: true, ..plain() };
        let events: Vec<_> = ends().into_iter().chain([plain(), slow]).collect();
        let values = told(&events, &gauges);
        let one = |name, labels: &[_]| value(&values, name, labels);
        assert_eq!(one("because_connections", &[]), Some(3.0));
        assert_eq!(one("because_info", &[("version", "0.1.0")]), Some(1.0));
        assert_eq!(one("because_responses_total", &[("status", "412"), ("cause", "if_match_holds")]), Some(1.0));
        assert_eq!(one("because_responses_total", &[("status", "299"), ("cause", "other")]), Some(1.0));
        assert_eq!(one("because_responses_broken_total", &[]), Some(1.0));
        assert_eq!(one("because_cache_misses_total", &[]), Some(0.0));
        let asked = [("question", "representation_available"), ("answer", "yes")];
        assert_eq!(one("because_question_answers_total", &asked), Some(events.len() as f64));
    }

    #[test]
    fn buckets_add_up() {
        let events: Vec<_> = [10, 60, 70, 900, 99_000_000].map(|micros| Event { micros, ..plain() }).into();
        let values = told(&events, &Gauges::default());
        let bucket = |le| value(&values, "because_response_seconds_bucket", &[("class", "2xx"), ("le", le)]);
        assert_eq!((bucket("0.00005"), bucket("0.0001"), bucket("0.001")), (Some(1.0), Some(3.0), Some(4.0)));
        assert_eq!((bucket("1"), bucket("10"), bucket("+Inf")), (Some(4.0), Some(4.0), Some(5.0)));
        assert_eq!(value(&values, "because_response_seconds_sum", &[("class", "2xx")]), Some(99.00104));
        assert_eq!(value(&values, "because_response_seconds_count", &[("class", "2xx")]), Some(5.0));
    }

    #[test]
    fn labels_are_escaped() {
        assert_eq!(Label("a\"b\\c\nd").to_string(), "a\\\"b\\\\c\\nd");
    }
}
