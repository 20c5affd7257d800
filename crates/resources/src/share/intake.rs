//! The content of a request on its way to where it is wanted: into memory, or into a file that is being made.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use crate::limits;
use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use semantics::digest_field::Digests;
use semantics::field::Field;
use semantics::syntax::List;

use crate::content_decoder::ContentDecoder;
use crate::media_types;
use crate::share::action::Action;
use crate::share::{Share, apart};
use crate::tree::install::split;
use crate::tree::offence::ActionError;
use crate::tree::standing::Place;
use crate::tree::temporary::Temporary;

/// Content that was taken in whole.
#[derive(Debug)]
pub(crate) enum Content {
    /// It is small, and in memory.
    Octets(Vec<u8>),
    /// It is in a file that is being made.
    File(Making),
}

/// A file that is being made.
#[derive(Debug)]
pub(crate) struct Making {
    pub(crate) file: File,
    pub(crate) temporary: Temporary,
    pub(crate) length: u64,
}

impl Content {
    /// The content as a file that is being made.
    pub(crate) fn into_file(self, share: &Share) -> Result<Making, ActionError> {
        match self {
            Content::File(making) => Ok(making),
            Content::Octets(octets) => write_small(share, &octets),
        }
    }
}

/// Writes content that is in memory.
pub(crate) fn write_small(share: &Share, octets: &[u8]) -> Result<Making, ActionError> {
    let (mut file, temporary) = share.tree.temporaries.file()?;
    file.write_all(octets)?;
    Ok(Making { file, temporary, length: octets.len() as u64 })
}

/// Takes in content that is to be understood: all of it in memory, at most so much.
pub(crate) async fn octets(
    share: &Share,
    action: &Action,
    content: &mut impl RequestContent,
    most: usize,
) -> Result<Vec<u8>, ActionError> {
    let mut content_decoder = content_decoder(share, action)?;
    content.allow(most as u64);
    let (mut octets, mut raw) = (Vec::new(), Vec::new());
    while content.read(&mut raw, limits::INTAKE_READ).await.map_err(ActionError::from)? {
        content_decoder.push(&raw, &mut octets).map_err(|offence| ActionError::from(offence.failure()))?;
        raw.clear();
    }
    content_decoder.finish(&mut octets).map_err(|offence| ActionError::from(offence.failure()))?;
    Ok(octets)
}

/// Takes in content that is to be stored. What is small stays in memory, so that it is written and comes to its name in one
/// visit to the disk; of what is large, no more than one stretch is in memory at a time.
pub(crate) async fn stored(
    share: &Arc<Share>,
    action: &Action,
    content: &mut impl RequestContent,
    room: Option<u64>,
) -> Result<Content, ActionError> {
    let mut content_decoder = content_decoder(share, action)?;
    content.allow(action.longest(share));
    let (mut octets, mut raw) = (Vec::new(), Vec::new());
    let mut making: Option<Making> = None;
    let mut looked = action.types(share).is_empty() && action.bound_types().is_empty();
    loop {
        let more = if content_decoder.is_plain() {
            content.read(&mut octets, limits::INTAKE_READ).await.map_err(ActionError::from)?
        } else {
            raw.clear();
            let more = content.read(&mut raw, limits::INTAKE_READ).await.map_err(ActionError::from)?;
            content_decoder.push(&raw, &mut octets).map_err(|offence| ActionError::from(offence.failure()))?;
            more
        };
        if !more {
            break;
        }
        if octets.len() >= limits::INTAKE {
            if !looked {
                looked = fits_types(share, action, &octets)?;
            }
            (making, octets) = write(share, making, octets, room).await?;
        }
    }
    content_decoder.finish(&mut octets).map_err(|offence| ActionError::from(offence.failure()))?;
    if !looked {
        fits_types(share, action, &octets)?;
    }
    if making.is_none() {
        return Ok(Content::Octets(octets));
    }
    match write(share, making, octets, room).await? {
        (Some(making), _) => Ok(Content::File(making)),
        (None, octets) => Ok(Content::Octets(octets)),
    }
}

/// What the content goes through: it is decoded if it comes compressed, and held against the digests that come with it
/// (RFC 9530).
pub(crate) fn content_decoder(share: &Share, action: &Action) -> Result<ContentDecoder, ActionError> {
    let request = action.request();
    let digests = |field| match Digests::read(request.values(field)) {
        Ok(digests) => Ok(digests.iter().collect()),
        // a digest that cannot be read proves nothing, and whoever sent it wanted proof
        Err(_) => Err(ActionError::from(Failure::ContentBroken)),
    };
    // other codings, and more than one, are refused long before
    let mut codings = request.values(Field::CONTENT_ENCODING).flat_map(List::new);
    let gzip = codings.any(|coding| !coding.eq_ignore_ascii_case(b"identity"));
    let (content, representation) = (digests(Field::CONTENT_DIGEST)?, digests(Field::REPR_DIGEST)?);
    Ok(ContentDecoder::new(gzip, action.longest(share), content, representation))
}

/// The same of content that came in several pieces: what a piece is proven by says nothing of the whole.
pub(crate) fn content_decoder_of_whole(share: &Share, action: &Action) -> Result<ContentDecoder, ActionError> {
    match Digests::read(action.request().values(Field::REPR_DIGEST)) {
        Ok(digests) => Ok(ContentDecoder::new(false, action.longest(share), Vec::new(), digests.iter().collect())),
        Err(_) => Err(Failure::ContentBroken.into()),
    }
}

/// Is it of a type that may be stored, by its name and by the look of it? What is declared was looked at long before.
pub(crate) fn fits_types(share: &Share, action: &Action, beginning: &[u8]) -> Result<bool, ActionError> {
    let may = |place: &Place, types: &[&'static str]| {
        types.is_empty() || media_types::may_be(split(&place.path).1, beginning, types)
    };
    if may(action.named(), action.types(share))
        && may(&action.place, action.types(share))
        && may(&action.place, action.bound_types())
    {
        Ok(true)
    } else {
        Err(Failure::MediaTypeBelied.into())
    }
}

/// Writes a stretch behind what is written already, and gives back its memory.
async fn write(
    share: &Arc<Share>,
    making: Option<Making>,
    mut octets: Vec<u8>,
    room: Option<u64>,
) -> Result<(Option<Making>, Vec<u8>), ActionError> {
    let share = share.clone();
    let written = apart(move || {
        let mut making = match making {
            Some(making) => making,
            None => {
                let (file, temporary) = share.tree.temporaries.file()?;
                Making { file, temporary, length: 0 }
            }
        };
        making.length += octets.len() as u64;
        if room.is_some_and(|room| making.length > room) {
            return Err(ActionError::from(rustix::io::Errno::DQUOT));
        }
        making.file.write_all(&octets)?;
        octets.clear();
        Ok((Some(making), octets))
    });
    written.await.unwrap_or_else(|| Err(Failure::Internal.into()))
}
