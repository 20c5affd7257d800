//! PATCH: what stands at the target is changed as a document of JSON tells (RFC 5789).

use std::io::Read;
use std::sync::Arc;

use crate::limits;
use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use rustix::io::Errno;
use semantics::field::Field;
use semantics::media_type::MediaType;
use semantics::prefer::Return;

use crate::action_result::ActionResult;
use crate::patch::{PatchFormat, apply};
use crate::root::Blocking;
use crate::share::action::Action;
use crate::share::intake::{self, Content};
use crate::share::{Share, action_apart};
use crate::tree::claims::Reach;
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::standing::FileState;

/// Takes the patch in, and applies it.
pub(crate) async fn patch(share: &Arc<Share>, action: &Arc<Action>, content: &mut impl RequestContent) -> ActionResult {
    let octets = match intake::octets(share, action, content, limits::PATCH).await {
        Ok(octets) => octets,
        Err(offence) => return offence.into(),
    };
    let (share, action) = (share.clone(), action.clone());
    action_apart(move || commit(&share, &action, &octets)).await
}

/// The format that Content-Type tells. Others are refused long before.
fn format(action: &Action) -> Option<PatchFormat> {
    let media_type = MediaType::parse(action.request().field(Field::CONTENT_TYPE)?).ok()?;
    PatchFormat::of(media_type.kind, media_type.subtype)
}

fn commit(share: &Share, action: &Action, octets: &[u8]) -> Result<ActionResult, ActionError> {
    let path = &action.place.path;
    let format = format(action).ok_or(Failure::ContentMalformed)?;
    let _claim = share.tree.claims.claim(&[(path, Reach::Name)])?;
    let judged = share.again(action)?;
    let FileState::File(stat, _) = &judged.stand else { return Err(Failure::StateConflict.into()) };
    let old = Size::file(u64::try_from(stat.st_size).unwrap_or(0));
    if old.octets > limits::PATCHED as u64 {
        return Err(Failure::ContentUnprocessable.into());
    }
    let mut document = Vec::new();
    std::fs::File::from(share.tree.root.read(path, Blocking::Some)?).read_to_end(&mut document)?;
    let patched = apply(format, &document, octets).map_err(|offence| ActionError::from(offence.failure()))?;
    let new = Size::file(patched.len() as u64);
    let taken = share.tree.quota.take(old, new).ok_or(Errno::DQUOT)?;
    let returned = action.prefer().returns;
    let result = (returned == Some(Return::Representation)).then(|| patched.clone());
    let mut making = Content::Octets(patched).into_file(share)?;
    let installed = share.tree.install(&making.file, &mut making.temporary, path, Some(stat));
    share.tree.changed();
    let validators = Some(share.tree.validators(&installed?, action.now));
    taken.keep();
    let done = result.map_or_else(ActionResult::done, |octets| ActionResult::telling("application/json", octets));
    Ok(ActionResult { validators, returned, ..done })
}
