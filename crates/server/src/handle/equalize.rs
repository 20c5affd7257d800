//! What is hidden takes as long as what is missing.
//!
//! The 404 of something hidden and that of nothing have the same octets; here they are given the same steps. Of nothing it was
//! looked up that it is not there, and nobody looked at credentials, though a site that hides something does so elsewhere.

use decision::reply::{EXISTENCE_HIDDEN, TARGET_MISSING};
use decision::verdict::Verdict;
use resources::Wanted;
use semantics::field::Field;
use semantics::target::Decoded;

use super::dispatch::Dispatch;

/// No file can have this at the end of its name and be found by it: names that a request can ask for hold no NUL.
const NOWHERE: &[u8] = b"\0";

/// Is it one of the two that must not be told apart?
pub(super) fn concerns(verdict: &Verdict) -> bool {
    matches!(verdict.last, EXISTENCE_HIDDEN | TARGET_MISSING)
}

/// Takes the steps that the other one would have taken.
pub(super) async fn equalize_timing(dispatch: &Dispatch<'_>, verdict: &Verdict) {
    let (access, host) = (&dispatch.access, dispatch.host);
    let context = access.context;
    let Some(Decoded { path, trailing_slash }) = context.path() else { return };
    if verdict.last == EXISTENCE_HIDDEN {
        let nowhere = [path, NOWHERE].concat();
        let (accept, now) = (context.request.values(Field::ACCEPT), context.moment());
        let wanted = Wanted { path: &nowhere, trailing_slash, query: None, accept, visibility: None, now };
        host.served.files.find(wanted).await;
    } else if context.request.has(Field::AUTHORIZATION) && access.state.known().is_none() {
        let access_control = &access.plan.access_control;
        access_control.check_for_nothing(access.book, context.request, context.now.date.unix()).await;
    }
}
