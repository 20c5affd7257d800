//! PUT: what stands at the target is replaced by the content, or made of it (RFC 9110 §9.3.4).

use std::sync::Arc;

use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use rustix::io::Errno;
use semantics::prefer::Return;

use crate::deed::Deed;
use crate::share::intake::{self, Content, Making};
use crate::share::judge::Judged;
use crate::share::wish::{Wish, href};
use crate::share::{Share, deed_apart};
use crate::tree::claims::{Claim, Reach};
use crate::tree::offence::Offence;
use crate::tree::quota::Size;
use crate::tree::standing::Stand;

/// Takes the content in, and puts it there.
pub(crate) async fn put(
    share: &Arc<Share>,
    wish: &Arc<Wish>,
    content: &mut impl RequestContent,
    judged: Option<&Judged>,
    room: Option<u64>,
) -> Deed {
    let content = match intake::stored(share, wish, content, room).await {
        Ok(content) => content,
        Err(offence) => return offence.into(),
    };
    if let Content::Octets(octets) = &content
        && !share.tree.durable
        && let Some(deed) = commit_now(share, wish, octets, judged)
    {
        return deed;
    }
    let (share, wish) = (share.clone(), wish.clone());
    deed_apart(move || commit(&share, &wish, content)).await
}

/// The same here and now, where nothing has to be waited for: neither the disk nor another change.
fn commit_now(share: &Share, wish: &Wish, octets: &[u8], judged: Option<&Judged>) -> Option<Deed> {
    let claim = share.tree.claims.claim_now(&[(&wish.place.path, Reach::Name)]).ok()?;
    let put = || {
        let making = intake::write_small(share, octets)?;
        // what was judged a moment ago still counts if nothing of ours has changed since, and nothing can under the claim
        match judged {
            Some(judged) if judged.counts(share) => under(claim, share, wish, making, judged),
            _ => under(claim, share, wish, making, &share.again(wish)?),
        }
    };
    Some(put().unwrap_or_else(Deed::from))
}

/// Puts content in its place that was taken in whole.
pub(crate) fn commit(share: &Share, wish: &Wish, content: Content) -> Result<Deed, Offence> {
    let making = content.into_file(share)?;
    let claim = share.tree.claims.claim(&[(&wish.place.path, Reach::Name)])?;
    let judged = share.again(wish)?;
    under(claim, share, wish, making, &judged)
}

/// Under a claim, and judged under it: brings the file to its name.
fn under(_claim: Claim<'_>, share: &Share, wish: &Wish, mut making: Making, judged: &Judged) -> Result<Deed, Offence> {
    let path = &wish.place.path;
    let old = match &judged.stand {
        // a collection is not replaced by a file, and what is named as a collection is not made by PUT
        Stand::Collection(_) => return Err(Failure::MappedMeanwhile.into()),
        Stand::Missing { .. } if wish.place.slash => return Err(Failure::StateConflict.into()),
        Stand::File(stat, _) => Size::file(u64::try_from(stat.st_size).unwrap_or(0)),
        _ => Size::default(),
    };
    let new = Size::file(making.length);
    let taken = share.tree.quota.take(old, new).ok_or(Errno::DQUOT)?;
    let created = !judged.stand.exists();
    if created {
        // what another program removed has left its properties behind
        share.properties.removed(path)?;
    }
    let installed = share.tree.install(&making.file, &mut making.temporary, path, judged.stand.stat());
    share.tree.changed();
    let identity = installed?;
    taken.keep();
    let validators = Some(share.tree.validators(&identity, wish.now));
    let deed = if created { Deed::created(href(&wish.named().path, false)) } else { Deed::done() };
    let returned = wish.prefer().returns.filter(|wanted| *wanted == Return::Minimal);
    Ok(Deed { validators, returned, ..deed })
}
