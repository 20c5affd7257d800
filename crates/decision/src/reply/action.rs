//! Block 13: what is said before the action is done.

use semantics::field::Field;

use crate::facts::Ask::{self, Target};
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next, Say};
use crate::verdict::End;

use super::reads::{awaits_continue, delta_asked, modern, part_wanted};
use super::{Row, Test, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "action", about: "What is said before the action is done.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("whole_read", "Is it GET or HEAD for the whole, with nothing to send ahead?", "RFC 9110 §9.3.1", Some(Target), whole_read, Go("representation_available"), Next),
    q("read_method", "Is it GET or HEAD?", "RFC 9110 §9.2.1", None, |f| f.request.is_read(), Go("early_hints"), Next),
    q("continue_awaited", "Does the client wait for leave to send its content?", "RFC 9110 §15.2.1", None, awaits_continue, Say(100), Next),
    q("upload_resumable", "Could its content, if cut off, be resumed?", "draft-ietf-httpbis-resumable-upload §5", Some(Target), upload_resumable, Say(104), Next),
    q("processing_long", "Is all of it here, and will it take long enough to say so?", "RFC 2518 §10.1", Some(Target), processing_long, Say(102), Next),
];

fn whole_read(f: &Facts<'_>) -> bool {
    let sent_ahead = f.target.hints && modern(f);
    f.request.is_read() && !sent_ahead && !part_wanted(f) && !delta_asked(f)
}

/// The client offers an upload that can be resumed, in the version of the draft that we speak.
fn upload_resumable(f: &Facts<'_>) -> bool {
    f.target.resumable
        && modern(f)
        && f.request.has_content()
        && f.request.has(Field::UPLOAD_COMPLETE)
        && f.request.field(Field::UPLOAD_DRAFT_INTEROP_VERSION) == Some(b"8")
}

fn processing_long(f: &Facts<'_>) -> bool {
    f.target.slow && modern(f) && (f.connection.content_here || !f.request.has_content())
}
