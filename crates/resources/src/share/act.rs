//! What each method does to a served folder.

use std::sync::Arc;

use decision::facts::Failure;
use semantics::method::Method;
use transport::exchange::Exchange;

use crate::deed::Deed;
use crate::share::wish::Wish;
use crate::share::{Share, collection, deed_apart, lock, patch, propfind, proppatch, put, transfer};
use crate::tree::offence::Offence;
use crate::tree::transfer::Progress;

impl Share {
    /// Does what the wish is for. Content comes from the exchange; a deed that needs none never touches it.
    pub async fn act(self: &Arc<Self>, wish: &Arc<Wish>, exchange: &mut Exchange) -> Deed {
        match wish.method() {
            Some(Method::PUT) => put::put(self, wish, exchange).await,
            Some(Method::PATCH) => patch::patch(self, wish, exchange).await,
            Some(Method::PROPFIND) => propfind::propfind(self, wish, exchange).await,
            Some(Method::PROPPATCH) => proppatch::patch(self, wish, exchange).await,
            Some(Method::LOCK) => lock::lock(self, wish, exchange).await,
            Some(Method::UNLOCK) => self.blocking(wish, lock::unlock).await,
            Some(Method::MKCOL) => self.blocking(wish, collection::make).await,
            Some(Method::DELETE | Method::COPY | Method::MOVE) => self.long(wish, Arc::default()).await,
            // no other method is said to be supported
            _ => Failure::Internal.into(),
        }
    }

    /// Does what may take long, and needs no content: a removal, a copy, a move.
    pub async fn long(self: &Arc<Self>, wish: &Arc<Wish>, progress: Arc<Progress>) -> Deed {
        let work = match wish.method() {
            Some(Method::COPY) => transfer::copy,
            Some(Method::MOVE) => transfer::transfer,
            _ => collection::remove,
        };
        self.blocking(wish, move |share, wish| work(share, wish, &progress)).await
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
