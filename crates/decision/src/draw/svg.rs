//! The graph as an image for a browser: light or dark as the reader's system is, every question with an `id` to link to.
//!
//! All lengths are whole pixels. How wide a text will be is guessed from the widths of a wide font, so that nothing is cut
//! where the reader's font is another.

mod page;
mod walk;

use alloc::string::String;
use core::fmt::{self, Write};

use semantics::status::Status;
use semantics::text::xml;

use super::{Picture, Word, yes_or_no};
use crate::verdict::End;

pub(super) fn write(picture: Picture<'_>, out: &mut impl Write) -> fmt::Result {
    match picture.walk {
        Some(walk) if picture.alone => walk::write(walk, out),
        _ => page::write(picture, out),
    }
}

/// Height of a chip.
const CHIP: i32 = 20;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#1f2328}\
.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace}\
.paper{fill:#fff}.card{fill:#f6f8fa;stroke:#d0d7de}.band{fill:#eaeef2}.rule{stroke:#e4e8ec}\
.dim{fill:#59636e}.bold{font-weight:600}.white{fill:#fff}\
.s1{fill:#57606a}.s2{fill:#1a7f37}.s3{fill:#0969da}.s4{fill:#9a6700}.s5{fill:#cf222e}\
.bare{fill:none;stroke:#59636e}.line{fill:none;stroke:#8c959f;stroke-width:1.4}.no{stroke-dasharray:3 2.5}.tip{fill:#8c959f}\
.go{fill:none;stroke:#afb8c1}.walk{fill:none;stroke:#8250df;stroke-width:2.4}.mark{fill:#8250df}.asked{fill:#8250df;opacity:.1}\
.taken{fill:none;stroke:#8250df;stroke-width:2}.faint{opacity:.42}\
.heat{fill:none;stroke:#bc4c00}.glow{fill:#bc4c00}.ember{fill:#bc4c00}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.card{fill:#151b23;stroke:#30363d}\
.band{fill:#1f2630}.rule{stroke:#232a33}.dim{fill:#9198a1}.white{fill:#fff}.s1{fill:#57606a}.s2{fill:#238636}.s3{fill:#1f6feb}\
.s4{fill:#9e6a03}.s5{fill:#da3633}.bare{stroke:#9198a1}.line{stroke:#6e7681}.tip{fill:#6e7681}.go{stroke:#484f58}\
.heat{stroke:#f0883e}.glow,.ember{fill:#f0883e}.walk{stroke:#a371f7}.mark{fill:#8957e5}.asked{fill:#a371f7;opacity:.16}.taken{stroke:#a371f7}}";

/// Opens the image.
fn open(out: &mut impl Write, width: i32, height: i32, title: &str, about: impl fmt::Display) -> fmt::Result {
    write!(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" ")?;
    writeln!(out, "viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title about\">")?;
    writeln!(out, "<title id=\"title\">{}</title>\n<desc id=\"about\">{about}</desc>", Escaped(title))?;
    writeln!(out, "<style>{STYLE}</style>")?;
    writeln!(out, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>")
}

/// A text. `class` says how it looks; its size is in pixels.
fn text(out: &mut impl Write, x: i32, y: i32, size: i32, class: &str, text: impl fmt::Display) -> fmt::Result {
    let text = alloc::format!("{text}");
    writeln!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" class=\"{class}\">{}</text>", Escaped(&text))
}

/// A text around the middle `x`.
fn centred(out: &mut impl Write, x: i32, y: i32, size: i32, class: &str, text: impl fmt::Display) -> fmt::Result {
    write!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" class=\"{class}\" text-anchor=\"middle\">")?;
    writeln!(out, "{}</text>", Escaped(&alloc::format!("{text}")))
}

/// A text that ends at `x`.
fn ending(out: &mut impl Write, x: i32, y: i32, size: i32, class: &str, text: impl fmt::Display) -> fmt::Result {
    write!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" class=\"{class}\" text-anchor=\"end\">")?;
    writeln!(out, "{}</text>", Escaped(&alloc::format!("{text}")))
}

fn rect(out: &mut impl Write, class: &str, x: i32, y: i32, width: i32, height: i32, round: i32) -> fmt::Result {
    write!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"")?;
    writeln!(out, " rx=\"{round}\"/>")
}

/// A chip around the middle `x`, with the colour of its class: `404`, `told`, `close`.
fn chip(out: &mut impl Write, x: i32, y: i32, end: End) -> fmt::Result {
    let left = x - 23;
    match end {
        End::Status(code, _) => {
            let reason = Status::new(code).map_or("", Status::reason);
            write!(out, "<g><title>{code} {}</title>", Escaped(reason))?;
            rect(out, class_of(code), left, y - CHIP / 2, 46, CHIP, 10)?;
            centred(out, x, y + 4, 12, "white bold", code)?;
        }
        End::Told(_) => {
            write!(out, "<g><title>a status told by a rule, a store or an upstream</title>")?;
            rect(out, "bare", left, y - CHIP / 2, 46, CHIP, 10)?;
            centred(out, x, y + 4, 12, "", Word(end))?;
        }
        End::Close => {
            write!(out, "<g><title>the connection is closed without a word</title>")?;
            rect(out, "bare", left, y - CHIP / 2, 46, CHIP, 10)?;
            centred(out, x, y + 4, 12, "", Word(end))?;
        }
    }
    writeln!(out, "</g>")
}

/// A small arrow down, around this point.
fn arrow_down(out: &mut impl Write, x: i32, y: i32) -> fmt::Result {
    writeln!(out, "<path class=\"line\" d=\"M{x} {}v9m-3.5 -3.5l3.5 3.5l3.5 -3.5\"/>", y - 5)
}

/// A small arrow to the right, around this point.
fn arrow_right(out: &mut impl Write, x: i32, y: i32) -> fmt::Result {
    writeln!(out, "<path class=\"line\" d=\"M{} {y}h9m-3.5 -3.5l3.5 3.5l-3.5 3.5\"/>", x - 5)
}

const fn class_of(code: u16) -> &'static str {
    match code {
        0..=199 => "s1",
        200..=299 => "s2",
        300..=399 => "s3",
        400..=499 => "s4",
        500.. => "s5",
    }
}

/// Divides a text into lines no wider than `room`.
fn wrap(text: &str, size: i32, room: i32) -> alloc::vec::Vec<&str> {
    let mut lines = alloc::vec::Vec::new();
    let (mut start, mut end) = (0, 0);
    for (at, _) in text.match_indices(' ').chain([(text.len(), "")]) {
        if end > start && width(&text[start..at], size) > room {
            lines.push(&text[start..end]);
            start = end + 1;
        }
        end = at;
    }
    lines.push(&text[start..]);
    lines
}

/// How wide a text is at most, in the fonts that browsers show it in.
fn width(text: &str, size: i32) -> i32 {
    let thousandths: i32 = text.chars().map(thousandths).sum();
    (thousandths * size + 999) / 1000
}

/// The width of a character in thousandths of the size: those of DejaVu Sans, the widest of the usual fonts.
const fn thousandths(c: char) -> i32 {
    match c {
        'i' | 'j' | 'l' | '\'' => 280,
        ' ' | ',' | '.' | ';' | ':' | '|' | '·' => 320,
        'f' | '-' | '/' => 362,
        't' | 'r' | '(' | ')' => 412,
        'a'..='z' if !matches!(c, 'm' | 'w') => 636,
        '0'..='9' | '_' => 640,
        'I' | 'J' => 300,
        'm' | 'w' | 'M' | 'W' | '§' => 990,
        _ => 790,
    }
}

/// The width of a text in a font whose characters are all as wide.
fn mono_width(text: &str, size: i32) -> i32 {
    (text.chars().count() as i32 * 620 * size + 999) / 1000
}

/// Text in which no character means something to XML.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaped = String::new();
        xml::text(self.0.as_bytes(), &mut escaped);
        f.write_str(&escaped)
    }
}
