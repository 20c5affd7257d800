//! PROPPATCH: clients keep properties with a resource, all that they ask for or none (RFC 4918 §9.2).

use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::Failure;
use decision::multistatus::{Fate, Members};
use exchange::content::Content as RequestContent;
use semantics::prefer::Return;

use crate::dav::proppatch;
use crate::deed::Deed;
use crate::properties::Update;
use crate::share::wish::Wish;
use crate::share::{Share, deed_apart, intake};
use crate::tree::claims::Reach;
use crate::tree::offence::Offence;

/// Takes the document in, and does what it asks for.
pub(crate) async fn patch(share: &Arc<Share>, wish: &Arc<Wish>, content: &mut impl RequestContent) -> Deed {
    let content = match intake::octets(share, wish, content, limits::XML).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    let (share, wish) = (share.clone(), wish.clone());
    deed_apart(move || change(&share, &wish, &proppatch::read(&content)?)).await
}

fn change(share: &Share, wish: &Wish, updates: &[Update]) -> Result<Deed, Offence> {
    let path = &wish.place.path;
    let _claim = share.tree.claims.claim(&[(path, Reach::Name)])?;
    let judged = share.again(wish)?;
    if !judged.stand.exists() {
        return Err(Failure::SubjectMissing.into());
    }
    let mut failed = None;
    if proppatch::judge(updates) {
        let changed = share.properties.change(path, updates);
        share.tree.changed();
        // properties have a room of their own (RFC 4918 §9.2.1)
        failed = changed?.err().map(|_| Fate::refused(Failure::StorageInsufficient, Condition::QuotaNotExceeded));
    }
    let all = failed.is_none() && proppatch::judge(updates);
    if all && wish.prefer().returns == Some(Return::Minimal) {
        // RFC 8144 §2.2
        return Ok(Deed { returned: Some(Return::Minimal), ..Deed::done() });
    }
    let mut members = Members::new();
    let named = &wish.named().path;
    let slash: &[u8] = if judged.stand.is_collection() && !named.is_empty() { b"/" } else { b"" };
    proppatch::tell(updates, failed.as_ref(), &[named, slash].concat(), &mut members);
    Ok(Deed::of_parts(members))
}
