//! What each method does to a served folder.

use std::sync::Arc;

use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use semantics::method::Method;

use crate::action_result::ActionResult;
use crate::share::action::Action;
use crate::share::judge::Judged;
use crate::share::{Share, action_apart, bind, collection, lock, patch, post, propfind, proppatch, put, transfer};
use crate::tree::is_reserved;
use crate::tree::offence::ActionError;
use crate::tree::transfer::Progress;

impl Share {
    /// Does what the action is for. Content comes from the exchange; a action that needs none never touches it.
    /// No more octets are stored than there is room for, if that is ruled.
    pub async fn act(
        self: &Arc<Self>,
        action: &Arc<Action>,
        content: &mut impl RequestContent,
        judged: Option<&Judged>,
        room: Option<u64>,
    ) -> ActionResult {
        if action.is_nowhere() {
            // it is missing, as it was told before; should another walk lead here, that is a fault of ours and harms nothing
            return Failure::SubjectMissing.into();
        }
        if is_reserved(&action.place.path) {
            return match action.method() {
                Some(Method::PATCH) => self.append(action, content).await,
                _ => self.blocking(action, Share::give_up).await,
            };
        }
        if let Some(refusal) = self.refuses_piece(action) {
            return refusal.into();
        }
        match action.method() {
            Some(Method::PUT) => put::put(self, action, content, judged, room).await,
            Some(Method::POST) => post::post(self, action, content).await,
            Some(Method::PATCH) => patch::patch(self, action, content).await,
            Some(Method::BIND | Method::UNBIND | Method::REBIND) => bind::bind(self, action, content).await,
            Some(Method::PROPFIND) => propfind::propfind(self, action, content).await,
            Some(Method::PROPPATCH) => proppatch::patch(self, action, content).await,
            Some(Method::LOCK) => lock::lock(self, action, content).await,
            Some(Method::UNLOCK) => self.blocking(action, lock::unlock).await,
            Some(Method::MKCOL) => self.blocking(action, collection::make).await,
            Some(Method::DELETE | Method::COPY | Method::MOVE) => self.long(action, Arc::default()).await,
            // no other method is said to be supported
            _ => Failure::Internal.into(),
        }
    }

    /// Does what may take long, and waits for it as long as the client would.
    pub async fn take_time(self: &Arc<Self>, action: &Arc<Action>) -> ActionResult {
        let prefer = action.prefer();
        match prefer.respond_async {
            true => self.later(action, prefer.wait.unwrap_or(0)).await,
            false => self.long(action, Arc::default()).await,
        }
    }

    /// Does what may take long, and needs no content: a removal, a copy, a move.
    pub async fn long(self: &Arc<Self>, action: &Arc<Action>, progress: Arc<Progress>) -> ActionResult {
        let (share, action) = (self.clone(), action.clone());
        action_apart(move || Ok(share.long_now(&action, &progress))).await
    }

    /// The same on this thread.
    pub(crate) fn long_now(&self, action: &Action, progress: &Progress) -> ActionResult {
        if action.is_nowhere() {
            return Failure::SubjectMissing.into();
        }
        let work = match action.method() {
            Some(Method::COPY) => transfer::copy,
            Some(Method::MOVE) => transfer::transfer,
            _ => collection::remove,
        };
        work(self, action, progress).unwrap_or_else(ActionResult::from)
    }

    /// Has a action done on a thread that may wait.
    async fn blocking(
        self: &Arc<Self>,
        action: &Arc<Action>,
        work: impl FnOnce(&Share, &Action) -> Result<ActionResult, ActionError> + Send + 'static,
    ) -> ActionResult {
        let (share, action) = (self.clone(), action.clone());
        action_apart(move || work(&share, &action)).await
    }
}
