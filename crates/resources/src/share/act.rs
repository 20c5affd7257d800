//! What each method does to a served folder.

use std::sync::Arc;

use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use semantics::method::Method;

use crate::deed::Deed;
use crate::share::judge::Judged;
use crate::share::wish::Wish;
use crate::share::{Share, bind, collection, deed_apart, lock, patch, post, propfind, proppatch, put, transfer};
use crate::tree::is_reserved;
use crate::tree::offence::Offence;
use crate::tree::transfer::Progress;

impl Share {
    /// Does what the wish is for. Content comes from the exchange; a deed that needs none never touches it.
    /// No more octets are stored than there is room for, if that is ruled.
    pub async fn act(
        self: &Arc<Self>,
        wish: &Arc<Wish>,
        content: &mut impl RequestContent,
        judged: Option<&Judged>,
        room: Option<u64>,
    ) -> Deed {
        if wish.is_nowhere() {
            // it is missing, as it was told before; should another walk lead here, that is a fault of ours and harms nothing
            return Failure::SubjectMissing.into();
        }
        if is_reserved(&wish.place.path) {
            return match wish.method() {
                Some(Method::PATCH) => self.append(wish, content).await,
                _ => self.blocking(wish, Share::give_up).await,
            };
        }
        if let Some(refusal) = self.refuses_piece(wish) {
            return refusal.into();
        }
        match wish.method() {
            Some(Method::PUT) => put::put(self, wish, content, judged, room).await,
            Some(Method::POST) => post::post(self, wish, content).await,
            Some(Method::PATCH) => patch::patch(self, wish, content).await,
            Some(Method::BIND | Method::UNBIND | Method::REBIND) => bind::bind(self, wish, content).await,
            Some(Method::PROPFIND) => propfind::propfind(self, wish, content).await,
            Some(Method::PROPPATCH) => proppatch::patch(self, wish, content).await,
            Some(Method::LOCK) => lock::lock(self, wish, content).await,
            Some(Method::UNLOCK) => self.blocking(wish, lock::unlock).await,
            Some(Method::MKCOL) => self.blocking(wish, collection::make).await,
            Some(Method::DELETE | Method::COPY | Method::MOVE) => self.long(wish, Arc::default()).await,
            // no other method is said to be supported
            _ => Failure::Internal.into(),
        }
    }

    /// Does what may take long, and waits for it as long as the client would.
    pub async fn take_time(self: &Arc<Self>, wish: &Arc<Wish>) -> Deed {
        let prefer = wish.prefer();
        match prefer.respond_async {
            true => self.later(wish, prefer.wait.unwrap_or(0)).await,
            false => self.long(wish, Arc::default()).await,
        }
    }

    /// Does what may take long, and needs no content: a removal, a copy, a move.
    pub async fn long(self: &Arc<Self>, wish: &Arc<Wish>, progress: Arc<Progress>) -> Deed {
        let (share, wish) = (self.clone(), wish.clone());
        deed_apart(move || Ok(share.long_now(&wish, &progress))).await
    }

    /// The same on this thread.
    pub(crate) fn long_now(&self, wish: &Wish, progress: &Progress) -> Deed {
        if wish.is_nowhere() {
            return Failure::SubjectMissing.into();
        }
        let work = match wish.method() {
            Some(Method::COPY) => transfer::copy,
            Some(Method::MOVE) => transfer::transfer,
            _ => collection::remove,
        };
        work(self, wish, progress).unwrap_or_else(Deed::from)
    }

    /// Has a deed done on a thread that may wait.
    async fn blocking(
        self: &Arc<Self>,
        wish: &Arc<Wish>,
        work: impl FnOnce(&Share, &Wish) -> Result<Deed, Offence> + Send + 'static,
    ) -> Deed {
        let (share, wish) = (self.clone(), wish.clone());
        deed_apart(move || work(&share, &wish)).await
    }
}
