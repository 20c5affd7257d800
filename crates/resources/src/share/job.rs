//! Long actions that a client does not wait for (RFC 7240 §4.1): they go on by themselves, and a monitor tells how far they are.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use decision::facts::Failure;
use tokio::sync::oneshot;

use crate::action_result::ActionResult;
use crate::jobs::End;
use crate::share::action::Action;
use crate::share::own::{Name, kind};
use crate::share::{Share, apart};
use crate::tree::offence::ActionError;

impl Share {
    /// Does what may take long, for a client that would rather not wait, or for so many seconds at most (RFC 7240 §4.3).
    pub async fn later(self: &Arc<Self>, action: &Arc<Action>, wait: u32) -> ActionResult {
        let (share, work) = (self.clone(), action.clone());
        let start = move || share.jobs.start(kind(work.method()), &work.place.path, None, work.now.unix());
        let (id, progress) = match apart(start).await {
            Some(Ok(Some(started))) => started,
            // there are as many as there may be: then the client waits, as it would without its preference
            Some(Ok(None)) => return self.long(action, Arc::default()).await,
            Some(Err(error)) => return ActionError::from(error).into(),
            None => return Failure::Internal.into(),
        };
        let (tell, told) = oneshot::channel();
        let (share, work, monitor) = (self.clone(), action.clone(), id.clone());
        // it ends on its own thread, which a server that stops waits for, so its end is written down even then
        tokio::task::spawn_blocking(move || {
            let done = share.long_now(&work, &progress);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().cast_signed();
            let written = share.jobs.finish(&monitor, end(&done, &progress), now);
            if let Err(error) = written {
                log::error!("what came of the job {monitor} cannot be written down: {error}");
            }
            // nobody waits any more if the answer was given
            let _ = tell.send(done);
        });
        match tokio::time::timeout(Duration::from_secs(wait.into()), told).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) | Err(_) => {
                ActionResult { later: true, location: Some(Name::Job(&id).href()), ..ActionResult::default() }
            }
        }
    }
}

/// What came of it, as the monitor tells it.
fn end(done: &ActionResult, progress: &crate::tree::transfer::Progress) -> End {
    let cancelled = progress.cancelled.load(std::sync::atomic::Ordering::Relaxed);
    match (&done.failure, &done.members) {
        (Some(_), _) if cancelled => End::Cancelled,
        (Some(failure), _) => End::Failed { reason: words(*failure).to_owned(), members: 0 },
        (None, Some(members)) => {
            let reason = "some of its members could not be done".to_owned();
            End::Failed { reason, members: members.len() as u64 }
        }
        (None, None) => End::Done { created: done.created, location: done.location.clone() },
    }
}

/// Why it was not done, for people.
const fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::StorageInsufficient => "there was no room to store it",
        Failure::SubjectForbidden => "the server may not do it",
        Failure::SubjectLocked => "a lock stood in its way",
        Failure::SubjectMissing => "what it was about is not there any more",
        Failure::PreconditionLost => "what it was about had changed before it began",
        Failure::StateConflict => "it conflicted with what stands there",
        Failure::StoreUnreachable => "the server was busy with something that it had to wait for",
        _ => "the server failed; what failed is in its log",
    }
}
