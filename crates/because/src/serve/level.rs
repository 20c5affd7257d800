//! What is hidden takes as long as what is missing.
//!
//! The 404 of something hidden and that of nothing have the same octets; here they are given the same steps. Of nothing it was
//! looked up that it is not there, and nobody looked at credentials, though a site that hides something does so elsewhere.

use std::cell::OnceCell;

use decision::facts::Reading;
use decision::reply::REPLY;
use decision::verdict::Verdict;
use resources::Wanted;
use semantics::field::Field;
use semantics::target::Decoded;
use transport::exchange::Exchange;

use super::reading::read;
use super::{Under, moment};

/// What is hidden, and what is not there.
const HIDDEN: &str = "existence_hidden";
const MISSING: &str = "target_missing";

/// No file can have this at the end of its name and be found by it: names that a request can ask for hold no NUL.
const NOWHERE: &[u8] = b"\0";

/// Is it one of the two that must not be told apart?
pub(super) fn concerns(verdict: &Verdict) -> bool {
    matches!(REPLY.rows[usize::from(verdict.last)].id, HIDDEN | MISSING)
}

/// Takes the steps that the other one would have taken.
pub(super) async fn level(under: &Under<'_>, exchange: &Exchange, verdict: &Verdict) {
    let (request, room, mut reading) = (exchange.request(), OnceCell::new(), Reading::default());
    let Some(Decoded { path, trailing_slash }) = read(request, &mut reading, &room) else { return };
    if REPLY.rows[usize::from(verdict.last)].id == HIDDEN {
        let nowhere = [path, NOWHERE].concat();
        let (accept, now) = (request.values(Field::ACCEPT), moment(&exchange.worker));
        let wanted = Wanted { path: &nowhere, trailing_slash, query: None, accept, veil: None, now };
        under.host.served.files.find(wanted).await;
    } else if request.has(Field::AUTHORIZATION) && under.memo.known().is_none() {
        under
            .sites
            .plan
            .keeper
            .check_for_nothing(&under.host.served.book, request, moment(&exchange.worker).date.unix())
            .await;
    }
}
