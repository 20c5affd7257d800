//! Counts as metrics, in JSON: sums and histograms since the start of the server, and what is so now.
//!
//! What has not happened yet is left out: a collector sees its first increase, since it is told when counting began.

use observe::metrics::{Gauges, SPANS, Totals};
use serde_json::{Value, json};

use super::{attribute, integer, resource, scope};

/// Each value counts from the start.
const CUMULATIVE: u8 = 2;

/// What there is to tell.
pub(super) struct Exported<'a> {
    pub(super) totals: &'a Totals,
    pub(super) gauges: Gauges,
    /// Spans that no collector has got.
    pub(super) lost: u64,
    /// Milliseconds of Unix time.
    pub(super) moment: u64,
}

/// Counts as a collector takes them: an ExportMetricsServiceRequest.
pub(super) fn request(told: &Exported<'_>, service: &str, instance: &str) -> Value {
    let scoped = json!([{ "scope": scope(), "metrics": metrics(told) }]);
    json!({ "resourceMetrics": [{ "resource": resource(service, instance), "scopeMetrics": scoped }] })
}

fn metrics(told: &Exported<'_>) -> Value {
    let responses = told.totals.answered.iter().filter(|answered| answered.count > 0).map(|answered| {
        let status = integer("http.response.status_code", answered.status.into());
        told.number(answered.count, vec![status, attribute("because.cause", answered.cause)])
    });
    let responses = responses.collect();
    let about_lost = "Spans that were not sent, for want of room or of a collector that takes them.";
    json!([
        {
            "name": "http.server.request.duration",
            "description": "From the head of a request to the last octet of its response.",
            "unit": "s",
            "histogram": { "aggregationTemporality": CUMULATIVE, "dataPoints": told.durations() },
        },
        sum("because.responses", "Responses, by status and cause.", "{response}", responses),
        sum("because.spans.lost", about_lost, "{span}", vec![told.number(told.lost, Vec::new())]),
        {
            "name": "because.connections",
            "description": "Connections open now.",
            "unit": "{connection}",
            "gauge": { "dataPoints": [told.number(told.gauges.connections, Vec::new())] },
        },
    ])
}

fn sum(name: &str, description: &str, unit: &str, points: Vec<Value>) -> Value {
    let sum = json!({ "aggregationTemporality": CUMULATIVE, "isMonotonic": true, "dataPoints": points });
    json!({ "name": name, "description": description, "unit": unit, "sum": sum })
}

impl Exported<'_> {
    /// A value, and what it is of.
    fn number(&self, value: u64, attributes: Vec<Value>) -> Value {
        let (start, time) = self.times();
        json!({ "attributes": attributes, "startTimeUnixNano": start, "timeUnixNano": time, "asInt": value.to_string() })
    }

    /// How long answers took, by class.
    fn durations(&self) -> Vec<Value> {
        let (start, time) = self.times();
        let bounds: Vec<f64> = SPANS.iter().map(|micros| seconds(*micros)).collect();
        let classes = self.totals.latency.iter().enumerate().filter(|(_, latency)| latency.count() > 0);
        let points = classes.map(|(class, latency)| {
            json!({
                "attributes": [attribute("because.class", &format!("{}xx", class + 1))],
                "startTimeUnixNano": start,
                "timeUnixNano": time,
                "count": latency.count().to_string(),
                "sum": seconds(latency.micros),
                "bucketCounts": latency.spans.iter().map(u64::to_string).collect::<Vec<_>>(),
                "explicitBounds": bounds,
            })
        });
        points.collect()
    }

    /// When counting began, and now, in nanoseconds.
    fn times(&self) -> (String, String) {
        let now = self.moment.saturating_mul(1_000_000);
        let start = self.gauges.started.and_then(|started| u64::try_from(started).ok());
        let start = start.map_or(now, |started| started.saturating_mul(1_000_000_000));
        (start.min(now).to_string(), now.to_string())
    }
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::super::spans::tests::{plain, said};
    use super::*;
    use observe::event::Event;
    use observe::metrics::Tally;

    /// The metrics that tell of these answers, as a collector reads them.
    fn read(events: &[Event<'_>], lost: u64) -> Value {
        let (counter, tally) = Tally::begin();
        events.iter().for_each(|event| counter.count(event));
        let gauges = Gauges { connections: 7, started: Some(1_700_000_000), ..Gauges::default() };
        let told = Exported { totals: &Totals::of(&[tally]), gauges, lost, moment: 1_700_000_060_000 };
        let text = request(&told, "shop", "one").to_string();
        let mut whole: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(whole["resourceMetrics"][0]["resource"]["attributes"][0]["value"]["stringValue"], "shop");
        whole["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].take()
    }

    fn named<'a>(metrics: &'a Value, name: &str) -> &'a Value {
        metrics.as_array().expect("a list").iter().find(|metric| metric["name"] == name).expect("is told")
    }

    #[test]
    fn answers_are_told_by_status_and_cause() {
        let metrics = read(&[plain(), plain()], 0);
        let sum = &named(&metrics, "because.responses")["sum"];
        assert_eq!((&sum["isMonotonic"], &sum["aggregationTemporality"]), (&true.into(), &2.into()));
        let points = sum["dataPoints"].as_array().expect("a list");
        assert_eq!((points.len(), &points[0]["asInt"]), (1, &"2".into()));
        assert_eq!(said(&points[0], "http.response.status_code"), Some("200"));
        assert_eq!(said(&points[0], "because.cause"), Some("representation_available"));
        assert_eq!(points[0]["startTimeUnixNano"], "1700000000000000000");
        assert_eq!(points[0]["timeUnixNano"], "1700000060000000000");
    }

    #[test]
    fn durations_are_told_in_seconds() {
        let metrics = read(&[plain(), Event { micros: 20_000_000, ..plain() }], 0);
        let metric = named(&metrics, "http.server.request.duration");
        assert_eq!(metric["unit"], "s");
        let point = &metric["histogram"]["dataPoints"][0];
        assert_eq!((said(point, "because.class"), &point["count"]), (Some("2xx"), &"2".into()));
        assert_eq!(point["sum"].as_f64(), Some(20.000_027));
        let (counts, bounds) = (point["bucketCounts"].as_array().unwrap(), point["explicitBounds"].as_array().unwrap());
        assert_eq!((counts.len(), bounds.len()), (SPANS.len() + 1, SPANS.len()));
        assert_eq!((&counts[0], &counts[SPANS.len()]), (&"1".into(), &"1".into()));
        assert_eq!((bounds[0].as_f64(), bounds[SPANS.len() - 1].as_f64()), (Some(0.000_05), Some(10.0)));
    }

    #[test]
    fn what_is_so_now_and_what_was_lost_are_told() {
        let metrics = read(&[], 3);
        assert_eq!(named(&metrics, "because.connections")["gauge"]["dataPoints"][0]["asInt"], "7");
        assert_eq!(named(&metrics, "because.spans.lost")["sum"]["dataPoints"][0]["asInt"], "3");
        assert_eq!(named(&metrics, "because.responses")["sum"]["dataPoints"], json!([]));
    }
}
