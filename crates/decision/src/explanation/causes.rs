//! The words of each cause: one row for a question and the status that its answer led to, in the order of the graph.
//!
//! What `why` tells follows on "because", begins with a small letter and ends without a full stop. What `lasts` tells
//! follows on "temporary:", "permanent:" or "temporary or permanent?". Prose holds nothing that HTML or JSON escapes.

use semantics::fault::ContentFault;
use semantics::field::Field;
use semantics::status::Status;
use semantics::syntax::same_text;

use super::pen::ExplanationWriter;
use crate::facts::Facts;
use crate::fields;
use crate::reply::{COUNT, REPLY};

mod admission;
mod content;
mod forwarding;
mod link;
mod outcome;
mod place;
mod syntax;

/// What happened in this request.
#[derive(Clone, Copy)]
pub(super) enum Why {
    /// The same each time.
    Fixed(&'static str),
    /// With what was met in this request.
    Computed(fn(&mut ExplanationWriter<'_>, &Facts<'_>)),
}

/// Whether the same request would get the same answer later, and until what.
#[derive(Clone, Copy)]
pub(super) enum Lasts {
    Temporary(&'static str),
    Permanent(&'static str),
    Unknown(&'static str),
    /// What the table of statuses says.
    AsItsStatus,
}

/// The words of one cause.
pub(super) struct Words {
    /// The question.
    pub(super) id: &'static str,
    /// The status; 0: any.
    pub(super) code: u16,
    /// The cause in a few words that hold for each request.
    pub(super) title: &'static str,
    pub(super) why: Why,
    pub(super) lasts: Lasts,
    pub(super) remedy: &'static str,
}

/// Of every 404 that says no more: also of the one that hides something, so that nothing tells them apart.
pub(super) static NOTHING_HERE: Words = Words {
    id: "target_missing",
    code: 404,
    title: "Nothing stands at the target",
    why: Why::Computed(|t, f| {
        t.say("nothing stands at ");
        target(t, f);
    }),
    lasts: Lasts::Unknown("That is not known: something may be put there at any time."),
    remedy: "Check the address for mistakes, or go up to its parent and look for it from there.",
};

/// Of a cause that has no words of its own.
static OTHER: Words = Words {
    id: "",
    code: 0,
    title: "",
    why: Why::Fixed("the rules of this server lead to this answer"),
    lasts: Lasts::AsItsStatus,
    remedy: "Ask whoever runs this server.",
};

const BLOCKS: [&[Words]; 6] =
    [syntax::WORDS, admission::WORDS, content::WORDS, forwarding::WORDS, place::WORDS, outcome::WORDS];

/// For each question of the graph its words: two, if its two answers lead to two statuses.
static OF_ROW: [[Option<&'static Words>; 2]; COUNT] = {
    let mut of_row = [[None; 2]; COUNT];
    let (mut block, mut row) = (0, 0);
    while block < BLOCKS.len() {
        let mut nth = 0;
        while nth < BLOCKS[block].len() {
            let words = &BLOCKS[block][nth];
            // Both tables have one order, so the search goes on where it stopped.
            let mut at = row;
            while at < COUNT && !same_text(REPLY.rows[at].id, words.id) {
                at += 1;
            }
            if at < COUNT {
                row = at;
                of_row[at][of_row[at][0].is_some() as usize] = Some(words);
            }
            nth += 1;
        }
        block += 1;
    }
    of_row
};

impl Words {
    /// The words for what this question led to.
    pub(super) fn of(row: u16, status: Status) -> &'static Words {
        let code = status.code();
        if !status.is_error() {
            return link::words(code);
        }
        let mut own = OF_ROW[usize::from(row)].into_iter().flatten();
        let own = own.find(|words| words.code == code || words.code == 0);
        own.unwrap_or(if code == 404 { &NOTHING_HERE } else { &OTHER })
    }

    /// The section of the answer, where that of the question is about its other answer.
    pub(super) fn section(&self, status: Status) -> Option<&'static str> {
        Some(match (status.code(), self.id) {
            (301, _) => "RFC 9110 §15.4.2",
            (302, _) => "RFC 9110 §15.4.3",
            (404, "target_missing") => "RFC 9110 §15.5.5",
            (500, "http_protocol_error") => "RFC 9110 §15.6.1",
            (501, "upgrade_expressible") => "RFC 9110 §15.6.2",
            (502, "dns_timeout") => "RFC 9209 §2.3.2",
            (502, "connection_write_timeout") => "RFC 9209 §2.3.8",
            _ => return None,
        })
    }

    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = &'static Words> {
        BLOCKS.into_iter().flatten().chain([&NOTHING_HERE])
    }
}

/// The target as it was sent.
fn target(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    match f.request.raw_target() {
        [] => t.say("the target"),
        sent => t.show(sent),
    }
}

/// The method as it was sent; but GET of HEAD, whose answer has the length that the answer to GET has (RFC 9110 §8.6).
fn method(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    match f.request.method_name() {
        [] => t.say("the method"),
        b"HEAD" => t.value("method", b"GET"),
        sent => t.value("method", sent),
    }
}

/// The first value of this field as it was sent, or else these words.
fn sent(t: &mut ExplanationWriter<'_>, f: &Facts<'_>, name: &'static str, field: Field, otherwise: &'static str) {
    match f.request.field(field) {
        Some(value) if !value.is_empty() => t.value(name, value),
        _ => t.say(otherwise),
    }
}

/// The media type that the request says its content has.
fn sent_type(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    if let Some(media_type) = f.request.field(Field::CONTENT_TYPE) {
        t.say(", ");
        t.value("media_type", media_type);
    }
}

/// The methods that the target supports; not the one that was refused.
fn allowed(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    let others = fields::allowed(f).iter().filter(|m| !f.request.is(*m));
    t.say("; it takes ");
    t.list("allow", others.map(|m| m.name().as_bytes()));
}

/// The ranges that were asked for, and the length that they do not meet.
fn ranges(t: &mut ExplanationWriter<'_>, f: &Facts<'_>, length: u64) {
    t.say("the request asks for ");
    sent(t, f, "range", Field::RANGE, "a range");
    t.say(", and ");
    target(t, f);
    t.say(" has ");
    t.number("length", length);
    t.say(" octets");
}

/// Content that grew beyond what is taken, without having announced it.
fn grew(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    t.say("the content grew larger than ");
    match f.site.content_limit {
        Some(limit) => {
            t.say("the ");
            t.number("limit", limit);
            t.say(" octets that are taken here");
        }
        None => t.say("is taken here"),
    }
}

/// What was wrong with the framing of the content.
fn broken(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    use ContentFault as Is;
    let (offence, why) = match f.outcome.content_fault {
        Some(Is::Stalled) => ("stalled", "the content stopped arriving before its end"),
        Some(Is::Truncated) => ("truncated", "the connection was closed before the end of the content"),
        Some(Is::ChunkSize) => {
            ("chunk_size", "the size of a chunk is no hexadecimal number, or too large to be counted")
        }
        Some(Is::ChunkLine) => ("chunk_line", "the line of a chunk, or all chunk extensions together, are too long"),
        Some(Is::ChunkEnd) => ("chunk_end", "a chunk does not end where its size says"),
        Some(Is::Trailer) => ("trailer", "a trailer field is malformed"),
        Some(Is::TrailersTooLarge) => ("trailers_too_large", "the trailer fields are larger than this server reads"),
        Some(Is::TooLarge) => ("too_large", "the content grew larger than is taken here"),
        None => ("content", "the content was cut short, badly framed, or is not what its digest says"),
    };
    t.say(why);
    t.only("offence", offence.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Arrow;
    use crate::verdict::End;
    use alloc::vec::Vec;

    /// Every question that an error can follow on, with the status.
    fn errors() -> impl Iterator<Item = (u16, Status)> {
        let ends = REPLY.arrows.iter().zip(0..).flat_map(|(arrows, row)| arrows.iter().map(move |a| (row, *a)));
        ends.filter_map(|(row, arrow)| match arrow {
            Arrow::End(End::Status(code, _)) if code >= 400 => Some((row, Status::new(code)?)),
            _ => None,
        })
    }

    #[test]
    fn every_error_of_the_graph_has_its_own_words() {
        for (row, status) in errors() {
            let (id, words) = (REPLY.rows[usize::from(row)].id, Words::of(row, status));
            assert_ne!(words.id, "", "{id}, when it leads to {status}, has no words");
            let hides = words.id == NOTHING_HERE.id;
            assert!(words.id == id || hides && status == Status::NOT_FOUND, "{id} has the words of {}", words.id);
        }
    }

    #[test]
    fn all_words_are_of_a_question_that_leads_to_their_status() {
        for words in Words::all().filter(|w| w.code != 0) {
            let asked = |(row, status): &(u16, Status)| {
                REPLY.rows[usize::from(*row)].id == words.id && status.code() == words.code
            };
            assert!(errors().any(|e| asked(&e)), "{} never leads to {}", words.id, words.code);
        }
    }

    #[test]
    fn words_are_in_the_order_of_the_graph() {
        let rows = BLOCKS.into_iter().flatten().map(|w| REPLY.find(w.id).expect("a question"));
        assert!(rows.collect::<Vec<_>>().is_sorted());
    }

    #[test]
    fn prose_holds_nothing_that_a_form_escapes() {
        let lasts = |words: &Words| match words.lasts {
            Lasts::Temporary(note) | Lasts::Permanent(note) | Lasts::Unknown(note) => note,
            Lasts::AsItsStatus => "that.",
        };
        let why = |words: &Words| match words.why {
            Why::Fixed(why) => why,
            Why::Computed(_) => "it is told",
        };
        for words in Words::all().chain([&OTHER]).chain(link::all()) {
            for prose in [words.title, why(words), lasts(words), words.remedy] {
                assert!(!prose.contains(['<', '>', '&', '"', '\\']) && !prose.contains(char::is_control), "{prose}");
            }
            assert!(!why(words).ends_with('.'), "{}: a full stop follows by itself", words.id);
            assert!(lasts(words).ends_with('.') && words.remedy.ends_with('.'), "{}: no full stop", words.id);
            assert!(!words.title.ends_with('.'), "{}", words.title);
        }
    }

    #[test]
    fn what_is_temporary_agrees_with_the_table_of_statuses() {
        use semantics::status::Permanence::{Permanent, Temporary};
        for (row, status) in errors() {
            // of a gateway's failures the table says only what is usual
            if matches!(status.code(), 502 | 504) {
                continue;
            }
            let words = Words::of(row, status);
            match status.row().permanence {
                Temporary => assert!(matches!(words.lasts, Lasts::Temporary(_)), "{} {status}", words.id),
                Permanent => assert!(matches!(words.lasts, Lasts::Permanent(_)), "{} {status}", words.id),
                _ => {}
            }
        }
    }
}
