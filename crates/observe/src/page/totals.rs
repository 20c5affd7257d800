//! The counts of the page's head: all since the start; what came in a second the page finds by subtraction.

use std::fmt::{self, Write};

use super::State;
use crate::json;
use crate::metrics::{Latency, SPANS, Totals};

pub(super) fn write(state: &State<'_>) -> String {
    let mut out = String::with_capacity(8_192);
    tell(state, &Totals::of(state.tallies), &mut out).expect("a string takes all that is written");
    out
}

fn tell(state: &State<'_>, totals: &Totals, out: &mut String) -> fmt::Result {
    let gauges = &state.gauges;
    write!(out, "{{\"moment\":{},\"version\":", state.moment)?;
    json::text(out, gauges.version);
    match gauges.started {
        Some(started) => write!(out, ",\"started\":{started}")?,
        None => out.push_str(",\"started\":null"),
    }
    write!(out, ",\"ready\":{},\"connections\":{}", state.ready, gauges.connections)?;
    write!(out, ",\"accepted\":{},\"broken\":{}", gauges.accepted, totals.broken)?;
    write!(out, ",\"hits\":{},\"misses\":{}", totals.hits, totals.misses)?;
    write!(out, ",\"up_to\":{},\"walks\":{}", state.recent.last(), totals.weights.walks())?;
    write!(out, ",\"answers\":{}", List(totals.latency.iter().map(Latency::count)))?;
    write!(out, ",\"octets\":{},\"spans\":{}", List(totals.octets.iter()), List(SPANS.iter()))?;
    let spans = (0..=SPANS.len()).map(|span| totals.latency.iter().map(|latency| latency.spans[span]).sum::<u64>());
    write!(out, ",\"latency\":{},\"causes\":[", List(spans))?;
    for (place, answered) in totals.answered.iter().filter(|answered| answered.count > 0).enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(out, "{comma}\n{{\"cause\":\"{}\",\"status\":{}", answered.cause, answered.status)?;
        write!(out, ",\"count\":{}}}", answered.count)?;
    }
    writeln!(out, "\n]}}")
}

/// Numbers as an array of JSON.
struct List<I>(I);

impl<T: fmt::Display, I: Iterator<Item = T> + Clone> fmt::Display for List<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        for (place, number) in self.0.clone().enumerate() {
            write!(f, "{}{number}", if place == 0 { "" } else { "," })?;
        }
        f.write_char(']')
    }
}
