//! What is told of a job: a page for people, which asks for itself again while the job runs, and an object for programs.
//!
//! The page has neither scripts nor requests; the style of the listings is in it.

use std::sync::atomic::Ordering;

use crate::limits;
use semantics::date::Date;
use semantics::text::json::{self, Plain};
use semantics::text::{html, path};

use super::{End, Job, Kind, State};

const LISTING_STYLE: &str = include_str!("../listing/style.css");

const STYLE: &str = "progress{width:100%;height:1rem;accent-color:var(--link)}\nmain p{margin:.6rem 0}\n";

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Copy => "copy",
        Kind::Move => "move",
        Kind::Delete => "delete",
    }
}

fn date(seconds: i64) -> String {
    String::from_utf8_lossy(&Date::from_unix(seconds).write_rfc3339()).into_owned()
}

fn put(text: &str, out: &mut Vec<u8>) {
    out.extend(text.as_bytes());
}

/// The page.
pub fn html(job: &Job, now: i64) -> Vec<u8> {
    let mut out = Vec::with_capacity(LISTING_STYLE.len() + 2_048);
    let running = matches!(job.state, State::Running { .. });
    put("<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n", &mut out);
    put("<meta name=viewport content=\"width=device-width, initial-scale=1\">\n", &mut out);
    if running {
        put(&format!("<meta http-equiv=refresh content={}>\n", limits::JOB_REFRESH), &mut out);
    }
    // Without this line a browser asks for /favicon.ico.
    put("<meta name=color-scheme content=\"light dark\">\n<link rel=icon href=\"data:,\">\n<title>", &mut out);
    put(heading(job), &mut out);
    shown(job, &mut out);
    put("</title>\n<style>\n", &mut out);
    put(LISTING_STYLE, &mut out);
    put(STYLE, &mut out);
    put("</style>\n</head>\n<body>\n<main>\n<h1><b>", &mut out);
    put(heading(job), &mut out);
    put("<bdi>", &mut out);
    shown(job, &mut out);
    put("</bdi></b></h1>\n", &mut out);
    match &job.state {
        State::Running { progress, total } => {
            let stopping = progress.cancelled.load(Ordering::Relaxed);
            put(&bar(progress.done.load(Ordering::Relaxed), *total), &mut out);
            put(&format!("<p>It has run for {}.</p>\n", lasting(now.saturating_sub(job.started))), &mut out);
            put(if stopping { "<p>It is being stopped.</p>\n" } else { CANCEL }, &mut out);
        }
        State::Ended { end, at, done } => {
            ending(end, *done, &mut out);
            let (lasted, at) = (lasting(at.saturating_sub(job.started)), date(*at));
            if *end != End::Lost {
                put(&format!("<p>It ended at <time datetime=\"{at}\">{at}</time>, after {lasted}.</p>\n"), &mut out);
            }
        }
    }
    put("</main>\n</body>\n</html>\n", &mut out);
    out
}

const CANCEL: &str = "<p>To cancel it, send DELETE to the address of this page: \
                      <code>curl -X DELETE</code> and the address.</p>\n";

/// What is or was done, up to the name of what it is done with.
const fn heading(job: &Job) -> &'static str {
    let State::Ended { end, .. } = &job.state else {
        return match job.kind {
            Kind::Copy => "Copying ",
            Kind::Move => "Moving ",
            Kind::Delete => "Deleting ",
        };
    };
    match (end, job.kind) {
        (End::Done { .. }, Kind::Copy) => "Copied ",
        (End::Done { .. }, Kind::Move) => "Moved ",
        (End::Done { .. }, Kind::Delete) => "Deleted ",
        (End::Failed { .. }, Kind::Copy) => "Could not copy ",
        (End::Failed { .. }, Kind::Move) => "Could not move ",
        (End::Failed { .. }, Kind::Delete) => "Could not delete ",
        (End::Cancelled, Kind::Copy) => "Stopped copying ",
        (End::Cancelled, Kind::Move) => "Stopped moving ",
        (End::Cancelled, Kind::Delete) => "Stopped deleting ",
        (End::Lost, Kind::Copy) => "Lost while copying ",
        (End::Lost, Kind::Move) => "Lost while moving ",
        (End::Lost, Kind::Delete) => "Lost while deleting ",
    }
}

/// The path of what it is done with.
fn shown(job: &Job, out: &mut Vec<u8>) {
    put("/", out);
    html::name(&job.target, out);
}

fn bar(done: u64, total: Option<u64>) -> String {
    let Some(total) = total else {
        return format!("<progress aria-label=Progress></progress>\n<p>{done} done.</p>\n");
    };
    // What came into the tree meanwhile was not counted.
    let total = total.max(done).max(1);
    let percent = u128::from(done) * 100 / u128::from(total);
    format!(
        "<progress aria-label=Progress value={done} max={total}></progress>\n<p>{done} of {total} done ({percent} %).</p>\n"
    )
}

fn ending(end: &End, done: u64, out: &mut Vec<u8>) {
    match end {
        End::Done { created, location } => {
            put(if *created { "<p>It is done: something new stands there" } else { "<p>It is done" }, out);
            if let Some(location) = location {
                put(": <a href=\"", out);
                html::name(location, out);
                put("\">", out);
                html::name(location, out);
                put("</a>", out);
            }
            put(".</p>\n", out);
        }
        End::Failed { reason, members } => {
            put("<p>It failed: ", out);
            html::name(reason.as_bytes(), out);
            put("</p>\n", out);
            match members {
                0 => {}
                1 => put("<p>1 member is as it was.</p>\n", out),
                more => put(&format!("<p>{more} members are as they were.</p>\n"), out),
            }
        }
        End::Cancelled => put(&format!("<p>It was stopped when {done} were done.</p>\n"), out),
        End::Lost => put(&format!("<p>{LOST}</p>\n"), out),
    }
}

const LOST: &str = "The server was restarted or failed while it ran; part of it may have been done.";

fn lasting(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// The object, with the same facts; what is not known is not in it.
pub fn json(job: &Job) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let (state, done) = match &job.state {
        State::Running { progress, .. } => ("running", progress.done.load(Ordering::Relaxed)),
        State::Ended { end, done, .. } => (name(end), *done),
    };
    put(&format!("{{\"id\":\"{}\",\"kind\":\"{}\",\"target\":\"", job.id, word(job.kind)), &mut out);
    path::href(&job.target, &mut out);
    put(&format!("\",\"state\":\"{state}\",\"started\":\"{}\"", date(job.started)), &mut out);
    match &job.state {
        State::Running { progress, total } => {
            put(&format!(",\"done\":{done}"), &mut out);
            if let Some(total) = total {
                put(&format!(",\"total\":{}", done.max(*total)), &mut out);
            }
            put(&format!(",\"stopping\":{}", progress.cancelled.load(Ordering::Relaxed)), &mut out);
        }
        // When it broke off, and how far it had come, nobody knows.
        State::Ended { end: End::Lost, .. } => put(&format!(",\"reason\":\"{LOST}\""), &mut out),
        State::Ended { end, at, .. } => {
            put(&format!(",\"ended\":\"{}\",\"done\":{done}", date(*at)), &mut out);
            facts(end, &mut out);
        }
    }
    out.extend(b"}\n");
    out
}

const fn name(end: &End) -> &'static str {
    match end {
        End::Done { .. } => "done",
        End::Failed { .. } => "failed",
        End::Cancelled => "cancelled",
        End::Lost => "lost",
    }
}

fn facts(end: &End, out: &mut Vec<u8>) {
    match end {
        End::Done { created, location } => {
            put(&format!(",\"created\":{created}"), out);
            if let Some(location) = location {
                put(",\"location\":\"", out);
                json::utf8(location, Plain::Unicode, out);
                put("\"", out);
            }
        }
        End::Failed { reason, members } => {
            put(",\"reason\":\"", out);
            json::text(reason, Plain::Unicode, out);
            put(&format!("\",\"members\":{members}"), out);
        }
        End::Cancelled | End::Lost => {}
    }
}
