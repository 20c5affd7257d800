//! The explanation as a page: one file, no script, nothing fetched, light or dark as the reader's system is.

use alloc::vec::Vec;

use super::pen::{ExplanationWriter, Notation, can_be_followed};
use super::{Cause, Permanence};
use crate::facts::{Facts, RequestId};

/// Up to the title. The empty icon spares a request for one.
const HEAD: &str = "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n\
    <meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
    <meta name=robots content=noindex>\n\
    <meta name=color-scheme content=\"light dark\">\n\
    <link rel=icon href=data:,>\n<title>";

/// From the title to the first word of the page.
const STYLE: &str = "</title>\n<style>\n\
    :root{--ink:#23211d;--soft:#6d675c;--line:#dcd6c9;--mark:#9a4a10;--code:#f0ebe0;background:#fbf9f4}\n\
    @media(prefers-color-scheme:dark){\
    :root{--ink:#e9e5dc;--soft:#9f998c;--line:#3a3731;--mark:#eba25f;--code:#2a2824;background:#191816}}\n\
    body{margin:0 auto;max-width:42rem;padding:clamp(1.5rem,9vh,6rem) clamp(1.25rem,6vw,3rem) 2rem;\
    font:1rem/1.55 system-ui,sans-serif;color:var(--ink);overflow-wrap:anywhere}\n\
    h1{margin:0;font:400 clamp(1.4rem,5vw,1.9rem)/1.2 Georgia,serif}\n\
    h1 b{display:block;font-size:clamp(4rem,17vw,6.5rem);font-weight:400;line-height:1;letter-spacing:-.03em}\n\
    .why{margin:1.4rem 0 2rem;font:1.25rem/1.5 Georgia,serif}\n\
    i{color:var(--mark)}\n\
    code{font:.86em/1.4 ui-monospace,Menlo,Consolas,monospace;background:var(--code);padding:.1em .35em;\
    border-radius:.25em;-webkit-box-decoration-break:clone;box-decoration-break:clone}\n\
    a{color:inherit;text-decoration-color:var(--mark);text-underline-offset:.2em}\n\
    dl{margin:0;display:grid;grid-template-columns:12.5rem 1fr;border-top:1px solid var(--line)}\n\
    dt,dd{margin:0;padding:.8rem 0;border-bottom:1px solid var(--line)}\n\
    dt,footer{color:var(--soft);font-size:.875rem;line-height:1.75}\n\
    footer{margin-top:1.2rem}\n\
    @media(max-width:34rem){dl{display:block}dt{border:0;padding-bottom:0}dd{padding-top:0}}\n\
    </style>\n<main>\n<h1><b>";

const TEMPORARY_OR_PERMANENT: &str = "<dt>Temporary or permanent?</dt>\n<dd>";
const WHAT_TO_DO: &str = "</dd>\n<dt>What you can do</dt>\n<dd>";

pub(super) fn write(cause: &Cause<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
    let digits = cause.status.digits();
    let reason = cause.status.reason();
    let mut pen = ExplanationWriter::new(out, Notation::Html);
    pen.raw(HEAD);
    pen.out.extend_from_slice(&digits);
    pen.raw(" ");
    pen.raw(reason);
    pen.raw(STYLE);
    pen.out.extend_from_slice(&digits);
    pen.raw("</b> ");
    pen.raw(reason);
    pen.raw("</h1>\n<p class=why><i>because</i> ");
    cause.tell(&mut pen, facts);
    pen.raw(".</p>\n");
    pen.raw("<dl>\n");
    if let Some(link) = cause.link {
        pen.raw("<dt>Where</dt>\n<dd>");
        linked(&mut pen, link);
        pen.raw("</dd>\n");
    }
    pen.raw(TEMPORARY_OR_PERMANENT);
    pen.raw(match cause.permanence {
        Permanence::Temporary => "<b>Temporary:</b> ",
        Permanence::Permanent => "<b>Permanent:</b> ",
        Permanence::Unknown => "",
    });
    pen.raw(cause.lasts);
    pen.raw(WHAT_TO_DO);
    cause.remedy(&mut pen);
    pen.raw("</dd>\n</dl>\n<footer>Cause <code>");
    pen.raw(cause.id);
    pen.raw("</code> · ");
    section(&mut pen, cause.section);
    if let Some(because) = cause.because {
        pen.raw(" · <code>because=");
        pen.raw(because.write(&mut [0; 32]));
        pen.raw("</code>");
    }
    if cause.request != RequestId::None {
        pen.raw(" · request <code>");
        pen.words(&cause.request);
        pen.raw("</code>");
    }
    pen.raw("</footer>\n</main>\n");
}

fn linked(pen: &mut ExplanationWriter<'_>, link: &[u8]) {
    if can_be_followed(link) {
        pen.raw("<a href=\"");
        pen.uri(link);
        pen.raw("\">");
        pen.escaped(link);
        pen.raw("</a>");
    } else {
        pen.show(link);
    }
}

/// A section, with a link to it if it is one of an RFC.
fn section(pen: &mut ExplanationWriter<'_>, section: &'static str) {
    let parts = section.strip_prefix("RFC ").and_then(|s| s.split_once(" §"));
    if let Some((rfc, number)) = parts {
        pen.raw("<a href=\"https://www.rfc-editor.org/rfc/rfc");
        pen.raw(rfc);
        pen.raw(".html#section-");
        pen.raw(number);
        pen.raw("\" rel=noreferrer>");
        pen.raw(section);
        pen.raw("</a>");
    } else {
        pen.raw(section);
    }
}
