//! The graph as source for Graphviz. Each end is a node of its own, so that lines stay short.

use core::fmt::{self, Write};

use semantics::status::{Class, Status};

use super::{Lead, Picture, Word, yes_or_no};
use crate::reply::REPLY;
use crate::verdict::End;

pub(super) fn write(picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "digraph reply {{")?;
    writeln!(out, "  graph [rankdir=TB, fontname=\"sans-serif\", ranksep=0.3, nodesep=0.2]")?;
    writeln!(
        out,
        "  node [fontname=\"sans-serif\", fontsize=11, shape=box, style=\"rounded,filled\", fillcolor=white]"
    )?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=9, arrowsize=0.6]")?;
    for (number, block) in REPLY.blocks.iter().enumerate() {
        if picture.rows(number).next().is_none() {
            continue;
        }
        writeln!(out, "  subgraph cluster_{} {{", block.name)?;
        writeln!(
            out,
            "    label=\"{}\"; style=\"rounded,filled\"; color=\"#d0d7de\"; fillcolor=\"#f6f8fa\"",
            block.name
        )?;
        for row in picture.rows(number) {
            let width = if picture.asked(row).is_some() { ", penwidth=2.5" } else { "" };
            let question = &REPLY.rows[row];
            writeln!(out, "    {} [label=\"{}\", tooltip=\"{}\"{width}]", question.id, question.asks, question.spec)?;
        }
        writeln!(out, "  }}")?;
    }
    for row in (0..REPLY.rows.len()).filter(|row| picture.shows(*row)) {
        for yes in [true, false] {
            edge(picture, row, yes, out)?;
        }
    }
    writeln!(out, "}}")
}

fn edge(picture: Picture<'_>, row: usize, yes: bool, out: &mut impl Write) -> fmt::Result {
    let taken = picture.asked(row).is_some_and(|(_, answer)| answer == yes);
    let id = REPLY.rows[row].id;
    let answer = yes_or_no(yes);
    let width = if taken { ", penwidth=2.5" } else { "" };
    let line = |to: usize, out: &mut dyn Write, say: Option<u16>| {
        if picture.alone && !taken {
            return Ok(());
        }
        write!(out, "  {id} -> {} [label=\"{answer}", REPLY.rows[to].id)?;
        if let Some(code) = say {
            write!(out, ", {code}")?;
        }
        writeln!(out, "\"{width}]")
    };
    match Lead::of(row, yes) {
        Lead::Next => line(row + 1, out, None),
        Lead::Say(code) => line(row + 1, out, Some(code)),
        Lead::Go(to) => line(to, out, None),
        Lead::End(_) if picture.alone && !taken => Ok(()),
        Lead::End(end) => {
            write!(out, "  {id}_{answer} [label=\"{}\", shape=oval, fillcolor=\"{}\"", Word(end), colour(end))?;
            writeln!(out, ", fontcolor=\"{}\"]", if let End::Status(..) = end { "white" } else { "black" })?;
            writeln!(out, "  {id} -> {id}_{answer} [label=\"{answer}\"{width}]")
        }
    }
}

fn colour(end: End) -> &'static str {
    let class = match end {
        End::Status(code, _) => Status::new(code).map(Status::class),
        End::Told(_) | End::Close => None,
    };
    match class {
        Some(Class::Informational) => "#57606a",
        Some(Class::Success) => "#1a7f37",
        Some(Class::Redirection) => "#0969da",
        Some(Class::ClientError) => "#9a6700",
        Some(Class::ServerError) => "#cf222e",
        None => "white",
    }
}
