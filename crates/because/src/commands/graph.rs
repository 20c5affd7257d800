//! `because graph`: the questions by which every status is decided, as a picture.
//!
//! Only the walk that stands out is looked up here; the drawing is that of `decision::draw`. `docs/questions.md` is the
//! whole graph in Markdown.

use std::io::Write;

use decision::draw::{Format, Picture};

use crate::cli::Drawing;
use crate::terminal::print;

use super::why::{WhyError, walk_of};

/// Runs the command.
pub(crate) fn run(format: Drawing, because: Option<&str>, alone: bool) -> Result<(), String> {
    let format = match format {
        Drawing::Text => Format::Text,
        Drawing::Svg => Format::Svg,
        Drawing::Dot => Format::Dot,
        Drawing::Mermaid => Format::Mermaid,
        Drawing::Markdown => Format::Markdown,
    };
    let shown = match because {
        None => Shown::Graph,
        Some(token) if alone => Shown::Walk(token),
        Some(token) => Shown::WalkIn(token),
    };
    let mut out = Vec::new();
    tell(&mut out, format, shown).map_err(|e| e.to_string())?;
    print(&out)
}

/// What is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// The whole graph.
    Graph,
    /// The whole graph, in which the walk of this token stands out.
    WalkIn(&'a str),
    /// The walk of this token alone.
    Walk(&'a str),
}

/// Draws it.
pub(crate) fn tell(out: &mut impl Write, format: Format, shown: Shown<'_>) -> Result<(), WhyError> {
    let drawn = match shown {
        Shown::Graph => drawn(format, Picture::WHOLE),
        Shown::WalkIn(token) => drawn(format, Picture::with(&walk_of(token)?)),
        Shown::Walk(token) => drawn(format, Picture::of(&walk_of(token)?)),
    };
    out.write_all(drawn.as_bytes())?;
    Ok(out.flush()?)
}

fn drawn(format: Format, picture: Picture<'_>) -> String {
    let mut text = String::new();
    picture.write(format, &mut text).expect("a string takes all that is written");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use decision::reply::REPLY;

    fn text(format: Format, shown: Shown<'_>) -> String {
        let mut out = Vec::new();
        tell(&mut out, format, shown).expect("a picture");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn every_question_is_in_every_picture() {
        for format in Format::ALL {
            let text = text(format, Shown::Graph);
            for row in &REPLY.rows {
                let seen = match format {
                    Format::Mermaid => text.contains(row.asks),
                    _ => text.contains(row.id),
                };
                assert!(seen, "{} is not in {}", row.id, format.name());
            }
        }
    }

    #[test]
    fn a_walk_alone_shows_its_questions_and_no_others() {
        for format in Format::ALL {
            let text = text(format, Shown::Walk("2f2b3"));
            assert!(text.contains("Is there a representation to send?"), "{}", format.name());
            assert!(!text.contains("Did the upstream answer?"), "{}", format.name());
        }
    }

    #[test]
    fn a_walk_stands_out() {
        for format in [Format::Svg, Format::Dot, Format::Mermaid, Format::Text] {
            assert_ne!(text(format, Shown::WalkIn("2f2b3")), text(format, Shown::Graph), "{}", format.name());
        }
    }

    #[test]
    fn a_token_that_is_none_is_refused() {
        let mut out = Vec::new();
        assert!(tell(&mut out, Format::Svg, Shown::WalkIn("nonsense")).is_err());
        assert!(out.is_empty());
    }
}
