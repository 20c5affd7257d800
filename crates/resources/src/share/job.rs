//! Long deeds that a client does not wait for (RFC 7240 §4.1): they go on by themselves, and a monitor tells how far they are.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::deed::Deed;
use crate::jobs::End;
use crate::share::Share;
use crate::share::own::{Name, kind};
use crate::share::wish::Wish;

impl Share {
    /// Does what may take long, for a client that would rather not wait, or for so many seconds at most (RFC 7240 §4.3). Must be
    /// called on the thread's loop, where the deed goes on when the client has its answer.
    pub async fn later(self: &Arc<Self>, wish: &Arc<Wish>, wait: u32) -> Deed {
        let started = self.jobs.start(kind(wish.method()), &wish.place.path, None, wish.now.unix());
        let (id, progress) = match started {
            Ok(Some(started)) => started,
            // there are as many as there may be: then the client waits, as it would without its preference
            Ok(None) => return self.long(wish, Arc::default()).await,
            Err(error) => return crate::tree::offence::Offence::from(error).into(),
        };
        let (tell, told) = oneshot::channel();
        let (share, work, monitor) = (self.clone(), wish.clone(), id.clone());
        tokio::task::spawn_local(async move {
            let deed = share.long(&work, progress.clone()).await;
            let end = end(&deed, &progress);
            // the progress must live until its end is written down, or the job would count as lost
            let written = share.jobs.finish(&monitor, end, work.now.unix());
            if let Err(error) = written {
                eprintln!("because: what came of the job {monitor} cannot be written down: {error}");
            }
            drop(progress);
            // nobody waits any more if the answer was given
            let _ = tell.send(deed);
        });
        match tokio::time::timeout(Duration::from_secs(wait.into()), told).await {
            Ok(Ok(deed)) => deed,
            Ok(Err(_)) | Err(_) => Deed { later: true, location: Some(Name::Job(&id).href()), ..Deed::default() },
        }
    }
}

/// What came of it, as the monitor tells it.
fn end(deed: &Deed, progress: &crate::tree::transfer::Progress) -> End {
    let cancelled = progress.cancelled.load(std::sync::atomic::Ordering::Relaxed);
    match (&deed.failure, &deed.members) {
        (Some(_), _) if cancelled => End::Cancelled,
        (Some(failure), _) => End::Failed { reason: words(*failure).to_owned(), members: 0 },
        (None, Some(members)) => {
            let reason = "some of its members could not be done".to_owned();
            End::Failed { reason, members: members.len() as u64 }
        }
        (None, None) => End::Done { created: deed.created, location: deed.location.clone() },
    }
}

/// Why it was not done, for people.
const fn words(failure: decision::facts::Failure) -> &'static str {
    use decision::facts::Failure;
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
