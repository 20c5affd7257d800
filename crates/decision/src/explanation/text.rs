//! The explanation as a few lines of text, for a person at a terminal.

use alloc::vec::Vec;

use super::pen::{ExplanationWriter, Notation};
use super::{Cause, Permanence};
use crate::facts::{Facts, RequestId};

pub(super) fn write(cause: &Cause<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
    let mut pen = ExplanationWriter::new(out, Notation::Text);
    pen.out.extend_from_slice(&cause.status.digits());
    pen.raw(" ");
    pen.raw(cause.status.reason());
    pen.raw("\nbecause ");
    cause.tell(&mut pen, facts);
    pen.raw(".\n\n");
    if let Some(link) = cause.link {
        pen.raw("Address: ");
        pen.uri(link);
        pen.raw("\n");
    }
    pen.raw(match cause.permanence {
        Permanence::Temporary => "Temporary: ",
        Permanence::Permanent => "Permanent: ",
        Permanence::Unknown => "Temporary or permanent? ",
    });
    pen.raw(cause.lasts);
    pen.raw("\nWhat you can do: ");
    cause.remedy(&mut pen);
    pen.raw("\nCause: ");
    pen.raw(cause.id);
    pen.raw(", ");
    pen.raw(cause.section);
    if let Some(because) = cause.because {
        pen.raw(", because=");
        pen.raw(because.write(&mut [0; 32]));
    }
    if cause.request != RequestId::None {
        pen.raw(", request ");
        pen.words(&cause.request);
    }
    pen.raw("\n");
}
