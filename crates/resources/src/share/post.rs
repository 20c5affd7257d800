//! POST to a collection: files are added to it, under names that nothing has yet (RFC 9110 §9.3.3).
//!
//! What comes as a form (RFC 7578) brings names; anything else is one file, which is named by the moment and its type. A form
//! may say what its answer shall be by the query of its action: `?then=see` sends the browser back to the collection, and
//! `?then=reset` has it clear the form for the next entry (RFC 9110 §15.3.6). All files of a form are added, or none.

use std::cell::OnceCell;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::limits;
use decision::condition::Condition;
use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use rustix::fs::{self, RenameFlags};
use rustix::io::Errno;
use semantics::field::Field;
use semantics::target_uri::TargetUri;

use crate::action_result::ActionResult;
use crate::form::{FormEvent, FormReader, FormStop};
use crate::look::{is_hidden_name, member};
use crate::media_types;
use crate::reach::places;
use crate::root::Blocking;
use crate::rules::bar::{Act, Barred};
use crate::share::action::{Action, href};
use crate::share::intake::{self, Content, Making};
use crate::share::{Share, action_apart, apart};
use crate::tree::claims::Reach;
use crate::tree::install::split;
use crate::tree::is_reserved;
use crate::tree::offence::ActionError;
use crate::tree::quota::Size;
use crate::tree::temporary::Temporary;
use crate::validators::Identity;

/// Takes the content in, and adds what it brings.
pub(crate) async fn post(share: &Arc<Share>, action: &Arc<Action>, content: &mut impl RequestContent) -> ActionResult {
    let form = action.request().field(Field::CONTENT_TYPE).and_then(|value| FormReader::new(value).ok());
    let files = match form {
        Some(reader) => receive_form(share, action, content, reader).await,
        None => receive_one(share, action, content).await,
    };
    let (share, action) = (share.clone(), action.clone());
    match files {
        Ok(files) => action_apart(move || commit(&share, &action, files)).await,
        Err(offence) => offence.into(),
    }
}

/// A file on its way to a name.
#[derive(Debug)]
struct Arrived {
    name: Vec<u8>,
    making: Making,
}

/// A file that has come to its name, and its state there.
type Placed = (Vec<u8>, Identity);

/// Content that is no form is one file.
async fn receive_one(
    share: &Arc<Share>,
    action: &Action,
    content: &mut impl RequestContent,
) -> Result<Vec<Arrived>, ActionError> {
    if is_form(action) {
        // it is called a form, and cannot be read as one
        return Err(Failure::ContentMalformed.into());
    }
    let content = intake::stored(share, action, content, share.storage_left(None)).await?;
    let name = name_of(action).into_bytes();
    let share = share.clone();
    let making = apart(move || content.into_file(&share)).await.unwrap_or_else(|| Err(Failure::Internal.into()))?;
    Ok(vec![Arrived { name, making }])
}

pub(crate) fn is_form(action: &Action) -> bool {
    const KIND: &[u8] = b"multipart/";
    let declared = action.request().field(Field::CONTENT_TYPE).and_then(|value| value.get(..KIND.len()));
    declared.is_some_and(|declared| declared.eq_ignore_ascii_case(KIND))
}

/// A name from the moment and the media type.
fn name_of(action: &Action) -> String {
    // a colon is no part of a name on some file systems
    let moment: String =
        action.now.write_rfc3339().iter().map(|&octet| if octet == b':' { '-' } else { char::from(octet) }).collect();
    let declared = action.request().field(Field::CONTENT_TYPE).and_then(|value| str::from_utf8(value).ok());
    let essence = declared.and_then(|value| value.split(';').next()).map(str::trim);
    let extension = essence.and_then(media_types::extension);
    format!("{moment}.{}", extension.unwrap_or("bin"))
}

/// Reads a form as it comes; its files are written on a thread that may wait.
async fn receive_form(
    share: &Arc<Share>,
    action: &Arc<Action>,
    content: &mut impl RequestContent,
    reader: FormReader,
) -> Result<Vec<Arrived>, ActionError> {
    let mut content_decoder = intake::content_decoder(share, action)?;
    content.allow(action.longest(share));
    let mut receiver = Receiver { share: share.clone(), action: action.clone(), reader, files: Vec::new(), now: None };
    let (mut raw, mut octets) = (Vec::new(), Vec::new());
    let mut more = true;
    while more {
        more = content.read(&mut raw, limits::INTAKE_READ).await?;
        content_decoder.push(&raw, &mut octets).map_err(|offence| ActionError::from(offence.failure()))?;
        raw.clear();
        if !more {
            content_decoder.finish(&mut octets).map_err(|offence| ActionError::from(offence.failure()))?;
        }
        if !more || octets.len() >= limits::INTAKE {
            let taken = apart(move || {
                receiver.take(&octets)?;
                octets.clear();
                Ok::<_, ActionError>((receiver, octets))
            });
            (receiver, octets) = taken.await.unwrap_or_else(|| Err(Failure::Internal.into()))?;
        }
    }
    receiver.reader.finish().map_err(|_| ActionError::from(Failure::ContentMalformed))?;
    Ok(receiver.files)
}

/// Takes the files out of a form.
struct Receiver {
    share: Arc<Share>,
    action: Arc<Action>,
    reader: FormReader,
    files: Vec<Arrived>,
    /// The first octets of the present file, until its type is known to be one that may be stored.
    now: Option<Vec<u8>>,
}

impl Receiver {
    fn take(&mut self, octets: &[u8]) -> Result<(), ActionError> {
        let Receiver { share, action, reader, files, now } = self;
        let types = action.types(share);
        let read = reader.push(octets, &mut |event| match event {
            FormEvent::File { name, media_type, .. } => {
                if media_type.is_some_and(|declared| !media_types::is_of(declared, types)) {
                    return Err(Failure::MediaTypeBelied.into());
                }
                let Making { file, temporary, .. } = Content::Octets(Vec::new()).into_file(share)?;
                files.push(Arrived { name: name.to_vec(), making: Making { file, temporary, length: 0 } });
                *now = Some(Vec::new());
                Ok(())
            }
            FormEvent::Data(octets) => write(share, types, (files, now), octets),
            FormEvent::FileEnd => looked_at(types, files, now),
            FormEvent::Value { .. } | FormEvent::End => Ok(()),
        });
        match read {
            Ok(()) => Ok(()),
            Err(FormStop::Form(_)) => Err(Failure::ContentMalformed.into()),
            Err(FormStop::Taker(offence)) => Err(offence),
        }
    }
}

fn write(
    share: &Share,
    types: &[&str],
    (files, now): (&mut [Arrived], &mut Option<Vec<u8>>),
    octets: &[u8],
) -> Result<(), ActionError> {
    if let Some(beginning) = now {
        beginning.extend_from_slice(&octets[..octets.len().min(limits::MEDIA_TYPE)]);
        if beginning.len() >= limits::MEDIA_TYPE {
            looked_at(types, files, now)?;
        }
    }
    let before: u64 = files.iter().map(|file| file.making.length).sum();
    let Some(Arrived { making, .. }) = files.last_mut() else { return Ok(()) };
    making.length += octets.len() as u64;
    if share.tree.quota.left().is_some_and(|left| before + octets.len() as u64 > left) {
        return Err(Errno::DQUOT.into());
    }
    Ok(making.file.write_all(octets)?)
}

/// Looks at the beginning of the present file, once.
fn looked_at(types: &[&str], files: &[Arrived], now: &mut Option<Vec<u8>>) -> Result<(), ActionError> {
    let (Some(beginning), Some(file)) = (now.take(), files.last()) else { return Ok(()) };
    if types.is_empty() || media_types::may_be(&file.name, &beginning, types) {
        Ok(())
    } else {
        Err(Failure::MediaTypeBelied.into())
    }
}

/// Adds one file that has come.
pub(crate) fn add(share: &Share, action: &Action, making: Making) -> Result<ActionResult, ActionError> {
    commit(share, action, vec![Arrived { name: name_of(action).into_bytes(), making }])
}

/// Brings the files to names of their own.
fn commit(share: &Share, action: &Action, files: Vec<Arrived>) -> Result<ActionResult, ActionError> {
    let path = &action.place.path;
    let _claim = share.tree.claims.claim(&[(path, Reach::Tree)])?;
    let judged = share.again(action)?;
    if !judged.stand.is_collection() {
        return Err(Failure::StateConflict.into());
    }
    if files.is_empty() {
        // a form in which no file was chosen
        return Err(Failure::ContentUnprocessable.into());
    }
    let size = Size { octets: files.iter().map(|file| file.making.length).sum(), files: files.len() as u64 };
    let taken = share.tree.quota.take(Size::default(), size).ok_or(Errno::DQUOT)?;
    let mut placed: Vec<Placed> = Vec::with_capacity(files.len());
    for file in files {
        match place(share, action, file) {
            Ok(file) => placed.push(file),
            Err(offence) => {
                take_back(share, path, &placed);
                return Err(offence);
            }
        }
    }
    let folder = share.tree.root.collection(path)?;
    let synced = share.tree.sync(folder.as_fd());
    share.tree.changed();
    synced?;
    taken.keep();
    Ok(answer(share, action, &placed))
}

/// Brings a file to its name, or to the next one like it that is free.
fn place(share: &Share, action: &Action, Arrived { name, mut making }: Arrived) -> Result<Placed, ActionError> {
    let (collection, told) = (&*action.place.path, &*action.named().path);
    let stamp = share.tree.ours.stamp();
    fs::futimens(&making.file, &fs::Timestamps { last_access: stamp, last_modification: stamp })?;
    if share.tree.durable {
        fs::fsync(&making.file)?;
    }
    let folder = share.tree.root.collection(collection)?;
    for nth in 1..=limits::NAME_TRIES {
        let name = if nth == 1 { name.clone() } else { numbered(&name, nth) };
        let reserved = collection.is_empty() && is_reserved(&name);
        if reserved || !share.options.hidden && is_hidden_name(&name) {
            // nobody could ever have it
            return Err(ActionError::with(Failure::SubjectForbidden, Condition::NameAllowed));
        }
        let path = member(collection, &name);
        let barred = action.visibility().is_some_and(|visibility| {
            !visibility.adds(told, &member(told, &name)) || !visibility.adds(collection, &path)
        });
        if barred || share.bindings.aim(&path).is_some() {
            // what is another's to make is not made, and looks as if it were there;
            // what is bound there stands elsewhere on the disk, and the name is taken all the same
            continue;
        }
        fits(share, action, &member(told, &name), &making)?;
        match bring(&making.temporary, folder.as_fd(), &name) {
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
            Ok(()) => {
                making.temporary.leave();
                // what another program removed has left its properties behind
                share.properties.removed(&path)?;
                let identity = Identity::of(&fs::fstat(&making.file)?);
                share.tree.ours.add(identity);
                return Ok((name, identity));
            }
        }
    }
    Err(Failure::StateConflict.into())
}

/// May the file that was made come to stand there? Where the rule of the collection holds for its members too, that it takes POST
/// is enough; what another rule says of a member by itself holds besides.
fn fits(share: &Share, action: &Action, path: &[u8], making: &Making) -> Result<(), ActionError> {
    let (grounds, book) = (share.grounds(action, Blocking::Some), action.book());
    for place in places(path, grounds.bindings) {
        let collection = split(&place).0;
        let whole = book.barred(collection, Act::Put(false), action.by());
        let barred = book.barred(&place, Act::Put(false), action.by());
        let same = |barred: &Barred| {
            whole.as_ref().is_some_and(|whole| (whole.bar, whole.source) == (barred.bar, barred.source))
        };
        if let Some(barred) = barred.filter(|barred| !same(barred)) {
            return Err((&barred).into());
        }
        let beginning = || {
            let mut octets = vec![0; limits::MEDIA_TYPE];
            let read = making.file.read_at(&mut octets, 0)?;
            octets.truncate(read);
            Ok::<_, ActionError>(octets)
        };
        if let Some(barred) = book.unfit(&place, making.length, beginning)? {
            return Err((&barred).into());
        }
    }
    Ok(())
}

fn bring(temporary: &Temporary, folder: std::os::fd::BorrowedFd<'_>, name: &[u8]) -> Result<(), Errno> {
    fs::renameat_with(temporary.folder(), temporary.name(), folder, name, RenameFlags::NOREPLACE)
}

/// `a.txt` becomes `a (2).txt`.
fn numbered(name: &[u8], nth: u32) -> Vec<u8> {
    let dot = name.iter().rposition(|&octet| octet == b'.').filter(|&at| at > 0).unwrap_or(name.len());
    [&name[..dot], format!(" ({nth})").as_bytes(), &name[dot..]].concat()
}

fn take_back(share: &Share, collection: &[u8], placed: &[Placed]) {
    for (name, _) in placed {
        // what cannot be taken back stays, whole and under a name of its own
        let _ = share.tree.remove(&member(collection, name), &crate::tree::transfer::Progress::default());
    }
    share.tree.changed();
}

/// What the form wants to be answered with.
fn answer(share: &Share, action: &Action, placed: &[Placed]) -> ActionResult {
    let room = OnceCell::new();
    let query = TargetUri::of(action.request(), &room).query().unwrap_or_default();
    let then = query.split(|&octet| octet == b'&').find_map(|pair| pair.strip_prefix(b"then="));
    let collection = &action.named().path;
    match (then, placed) {
        (Some(b"reset"), _) => ActionResult { reset: true, ..ActionResult::done() },
        (Some(b"see"), _) => {
            ActionResult { elsewhere: true, location: Some(href(collection, true)), ..ActionResult::done() }
        }
        (_, [(name, identity)]) => ActionResult {
            validators: Some(share.tree.validators(identity, action.now)),
            ..ActionResult::created(href(&member(collection, name), false))
        },
        (_, _) => ActionResult::created(href(collection, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_name_keeps_its_extension() {
        for (name, next) in
            [("a.txt", "a (2).txt"), ("a", "a (2)"), (".profile", ".profile (2)"), ("a.tar.gz", "a.tar (2).gz")]
        {
            assert_eq!(numbered(name.as_bytes(), 2), next.as_bytes());
        }
    }
}
