//! The report as an object of JSON, for programs. Moments are told as in RFC 3339.

use std::fmt::{self, Write};

use super::super::gather::{Gathered, Group, Sum};
use super::super::moment::long;
use super::super::{By, Options};
use super::{halves, way};
use crate::json;

pub(in super::super) fn write(batched_writer: &Gathered<'_>, options: &Options, out: &mut String) -> fmt::Result {
    write!(out, "{{\"lines\":{},\"answers\":{}", batched_writer.lines, batched_writer.answers)?;
    sum(&batched_writer.chosen, out)?;
    write!(out, ",\"classes\":{{")?;
    for (digit, count) in batched_writer.classes.iter().enumerate().skip(1) {
        write!(out, "{}\"{digit}xx\":{count}", if digit > 1 { "," } else { "" })?;
    }
    write!(
        out,
        "}},\"dropped\":{},\"undated\":{},\"others\":{}",
        batched_writer.dropped, batched_writer.undated, batched_writer.others
    )?;
    if let Some((line, text)) = &batched_writer.first_other {
        write!(out, ",\"first_other\":{{\"line\":{line}")?;
        json::member(out, "text", text);
        out.push('}');
    }
    let all = batched_writer.groups.sorted();
    let shown = &all[..all.len().min(options.rows)];
    let rest: u64 = all[shown.len()..].iter().map(|(_, group)| group.sum.count).sum();
    write!(
        out,
        ",\"by\":\"{}\",\"not_shown\":{rest},\"left_out\":{}",
        options.by.name(),
        batched_writer.groups.left_out
    )?;
    out.push_str(",\"groups\":[");
    for (place, (name, group)) in shown.iter().enumerate() {
        out.push_str(if place > 0 { ",\n{" } else { "\n{" });
        one(batched_writer, options, name, group, out)?;
        out.push('}');
    }
    writeln!(out, "\n]}}")
}

/// The members that any sum has, each after a comma.
fn sum(sum: &Sum, out: &mut String) -> fmt::Result {
    write!(out, ",\"count\":{},\"octets\":{},\"broken\":{}", sum.count, sum.octets, sum.broken)?;
    if let Some((first, last)) = sum.between {
        json::member(out, "first", &long(first));
        json::member(out, "last", &long(last));
    }
    Ok(())
}

fn one(batched_writer: &Gathered<'_>, options: &Options, name: &str, group: &Group, out: &mut String) -> fmt::Result {
    match options.by {
        By::Cause => {
            let (status, cause) = halves(name);
            write!(out, "\"cause\":\"{cause}\",\"status\":{status}")?;
        }
        By::Code => write!(out, "\"status\":{name}")?,
        By::Path | By::Client | By::Rule | By::User => {
            write!(out, "\"{}\":", options.by.name())?;
            json::text(out, name);
        }
    }
    sum(&group.sum, out)?;
    write!(out, ",\"share\":{:.6}", group.sum.count as f64 / batched_writer.chosen.count.max(1) as f64)?;
    out.push_str(if options.by == By::Cause { ",\"paths\":[" } else { ",\"causes\":[" });
    for (place, (part, count)) in group.parts.sorted().iter().take(super::text::PARTS).enumerate() {
        out.push_str(if place > 0 { ",{" } else { "{" });
        if options.by == By::Cause {
            out.push_str("\"path\":");
            json::text(out, part);
        } else {
            let (status, cause) = halves(part);
            write!(out, "\"cause\":\"{cause}\",\"status\":{status}")?;
        }
        write!(out, ",\"count\":{count}}}")?;
    }
    out.push(']');
    let (seconds, from, counts) = group.spans.told();
    out.push_str(",\"rate\":{");
    write!(out, "\"seconds\":{seconds}")?;
    json::member(out, "from", &long(from));
    let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
    write!(out, ",\"counts\":[{}]}}", counts.join(","))?;
    if let Some(way) = way(group) {
        json::member(out, "because", way.number);
        if let Some((question, yes)) = way.asked.filter(|_| options.why) {
            json::member(out, "question", question.asks);
            write!(out, ",\"answer\":{yes}")?;
            json::member(out, "section", question.spec);
        }
    }
    Ok(())
}
