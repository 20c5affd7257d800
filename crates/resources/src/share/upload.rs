//! Uploads that can be resumed (draft-ietf-httpbis-resumable-upload, interop version 8): the content of a PUT or a POST is
//! kept as it comes, and when all of it is here the action is done that it was sent for.

use std::io::{Read, Seek};
use std::os::fd::AsFd;
use std::sync::Arc;

use crate::limits;
use decision::facts::Failure;
use exchange::content::Content as RequestContent;
use rustix::fs;
use rustix::io::Errno;
use semantics::field::Field;
use semantics::method::Method;
use semantics::request::OwnedRequest;
use semantics::upload::{self, UploadFields, speaks_draft};

use crate::action_result::ActionResult;
use crate::resource::Moment;
use crate::share::action::{Action, href};
use crate::share::intake::{self, Content, Making};
use crate::share::own::Name;
use crate::share::{Share, action_apart, apart, post, put};
use crate::store::StoreError;
use crate::tree::offence::ActionError;
use crate::uploads::{self, AppendError, Appending, Purpose, Upload, UploadRefusal, Whole};

impl Share {
    /// Could the content of this request be resumed if it were cut off? That of a form could, but its parts go to several
    /// files; and what is coded is not told apart from what it stands for.
    pub fn resumes(&self, action: &Action) -> bool {
        let request = action.request();
        let single = match action.method() {
            Some(Method::PUT) => true,
            Some(Method::POST) => !post::is_form(action),
            _ => false,
        };
        single && speaks_draft(request) && request.has(Field::UPLOAD_COMPLETE) && !request.has(Field::CONTENT_ENCODING)
    }

    /// A piece of content is never taken for the whole: where no upload can be begun it is refused.
    pub(crate) fn refuses_piece(&self, action: &Action) -> Option<Failure> {
        let request = action.request();
        let fields = UploadFields::read(request).ok();
        let piece = speaks_draft(request) && fields.is_some_and(|fields| fields.complete == Some(false));
        match (piece, self.resumes(action)) {
            (false, _) => None,
            // there are as many uploads as there may be, for now
            (true, true) => Some(Failure::StoreUnreachable),
            (true, false) => Some(Failure::ContentUnprocessable),
        }
    }

    /// Begins an upload that this request is the first to append to, and says where it is; `None` if there are as many as there
    /// may be. It has its turn at once: who asks for the offset from now on takes it away.
    pub async fn begin_upload(self: &Arc<Self>, action: &Arc<Action>) -> Option<(Appending, Vec<u8>)> {
        if action.is_nowhere() {
            return None;
        }
        let (share, action) = (self.clone(), action.clone());
        let created = apart(move || {
            let request = action.request();
            // what proves who asks is nothing to be kept on the disk
            let own = |field: Field| !CONNECTION.contains(&field) && !field.row().secret;
            let own = |field: Option<Field>| field.is_none_or(own);
            let fields = request.lines().filter(|(_, _, field)| own(*field));
            let purpose = Purpose {
                method: if request.is(Method::POST) { uploads::Method::Post } else { uploads::Method::Put },
                // as it is named, so that what holds there by name holds at its end, too
                target: action.named().path.clone(),
                fields: fields.map(|(name, value, _)| (name.to_vec(), value.to_vec())).collect(),
            };
            let length = UploadFields::read(request).ok().and_then(|fields| fields.length);
            let upload = share.uploads.create(purpose, length, action.now.unix()).ok()??;
            let appending = share.uploads.append(&upload.id, 0, length, action.now.unix()).ok()?.ok()?;
            Some((appending, Name::Upload(&upload.id).href()))
        });
        created.await?
    }

    /// Takes the content of the request that began an upload.
    pub async fn receive_upload(
        self: &Arc<Self>,
        action: &Arc<Action>,
        begun: Appending,
        content: &mut impl RequestContent,
    ) -> ActionResult {
        let complete = UploadFields::read(action.request()).is_ok_and(|fields| fields.complete == Some(true));
        let location = Name::Upload(&begun.upload().id).href();
        let mut done = self.take_in(action, begun, complete, content).await;
        if done.failure.is_none() && !complete {
            // what was made is the upload
            done.created = true;
            done.location = Some(location);
        }
        done
    }

    /// Appends to the upload that is the target.
    pub(crate) async fn append(
        self: &Arc<Self>,
        action: &Arc<Action>,
        content: &mut impl RequestContent,
    ) -> ActionResult {
        let Some(Name::Upload(id)) = Name::of(&action.place.path) else { return Failure::SubjectMissing.into() };
        let read = UploadFields::read(action.request()).ok();
        let checked = read.and_then(|fields| fields.check(action.method(), action.request().framing()).ok()).flatten();
        match checked {
            Some(upload::Upload::Append { offset, complete, length }) => {
                self.append_all(action, (id, offset, length), complete, content).await
            }
            _ => Failure::ContentMalformed.into(),
        }
    }

    async fn append_all(
        self: &Arc<Self>,
        action: &Arc<Action>,
        (id, offset, length): (&str, u64, Option<u64>),
        complete: bool,
        content: &mut impl RequestContent,
    ) -> ActionResult {
        let (share, id) = (self.clone(), id.to_owned());
        let now = action.now.unix();
        let begun = apart(move || share.uploads.append(&id, offset, length, now)).await;
        let appending = match begun {
            Some(Ok(Ok(appending))) => appending,
            Some(Ok(Err(refusal))) => return refused(refusal),
            Some(Err(error)) => return ActionError::from(error).into(),
            None => return Failure::Internal.into(),
        };
        self.take_in(action, appending, complete, content).await
    }

    /// Takes content in, and does what the upload is for if it is complete with that.
    async fn take_in(
        self: &Arc<Self>,
        action: &Arc<Action>,
        appending: Appending,
        complete: bool,
        content: &mut impl RequestContent,
    ) -> ActionResult {
        match self.receive(action, appending, content).await {
            Err(offence) => offence.into(),
            Ok(appending) if complete => {
                let (share, action) = (self.clone(), action.clone());
                let done = action_apart(move || finish(&share, &action, appending)).await;
                ActionResult { upload_complete: Some(true), ..done }
            }
            Ok(appending) => {
                let ended = apart(move || appending.end()).await;
                match ended {
                    Some(Ok(upload)) => ActionResult {
                        upload_offset: Some(upload.offset),
                        upload_complete: Some(false),
                        ..ActionResult::done()
                    },
                    Some(Err(error)) => ActionError::from(error).into(),
                    None => Failure::Internal.into(),
                }
            }
        }
    }

    /// Writes what comes, as it comes: what was received when the connection breaks is kept.
    async fn receive(
        self: &Arc<Self>,
        action: &Action,
        mut appending: Appending,
        content: &mut impl RequestContent,
    ) -> Result<Appending, ActionError> {
        let (now, upload) = (action.now.unix(), appending.upload());
        content.allow(purpose(self, &upload.purpose, action).longest(self).saturating_sub(upload.offset));
        let mut octets = Vec::new();
        loop {
            let read = content.read(&mut octets, limits::INTAKE_READ).await;
            let over = !matches!(read, Ok(true));
            if octets.len() >= limits::INTAKE || over && !octets.is_empty() {
                let share = self.clone();
                let written = apart(move || {
                    if share.tree.quota.left().is_some_and(|left| octets.len() as u64 > left) {
                        return Err(Errno::DQUOT.into());
                    }
                    appending.write(&octets, now)?;
                    octets.clear();
                    Ok::<_, ActionError>((appending, octets))
                });
                (appending, octets) = written.await.unwrap_or_else(|| Err(Failure::Internal.into()))?;
            }
            match read {
                Ok(true) => {}
                Ok(false) => return Ok(appending),
                Err(fault) => {
                    // the client comes back for the offset, which must be true even after a loss of power
                    let _ = apart(move || appending.end()).await;
                    return Err(fault.into());
                }
            }
        }
    }
}

/// Fields that are about the connection and the message, and not about what is to be done.
const CONNECTION: &[Field] = &[
    Field::CONNECTION,
    Field::CONTENT_LENGTH,
    Field::TRANSFER_ENCODING,
    Field::EXPECT,
    Field::UPLOAD_COMPLETE,
    Field::UPLOAD_LENGTH,
    Field::UPLOAD_OFFSET,
];

/// What an upload is for, as a action of whoever sends its pieces.
fn purpose(share: &Share, purpose: &Purpose, sender: &Action) -> Action {
    let method = match purpose.method {
        uploads::Method::Put => Method::PUT,
        uploads::Method::Post => Method::POST,
    };
    let target = href(&purpose.target, method == Method::POST);
    let request = OwnedRequest::made(method, &target, purpose.fields.iter().map(|(name, value)| (&**name, &**value)));
    let received = Moment { millis: sender.millis, date: sender.now };
    Action::new(request, &purpose.target, method == Method::POST, received).like(sender).resolved(share)
}

/// All has come: does what it was sent for, as if it had come in one piece.
fn finish(share: &Share, sender: &Action, appending: Appending) -> Result<ActionResult, ActionError> {
    let whole = appending.complete()?;
    let Upload { purpose: meant, offset, .. } = whole.upload();
    let action = purpose(share, &meant, sender);
    let done = proven(share, &action, &whole).and_then(|()| {
        let making = taken(share, &whole, offset)?;
        match meant.method {
            uploads::Method::Post => post::add(share, &action, making),
            uploads::Method::Put => put::commit(share, &action, Content::File(making)),
        }
    });
    whole.finish(sender.now.unix())?;
    done
}

/// Is it what its digests say, and of a type that may be stored?
fn proven(share: &Share, action: &Action, whole: &Whole) -> Result<(), ActionError> {
    let mut content_decoder = intake::content_decoder_of_whole(share, action)?;
    let mut file = whole.file();
    file.rewind()?;
    let (mut octets, mut out) = (vec![0; limits::INTAKE], Vec::new());
    let mut first = true;
    loop {
        let read = file.read(&mut octets)?;
        if first {
            intake::fits_types(share, action, &octets[..read])?;
            first = false;
        }
        if content_decoder.is_plain() || read == 0 {
            break;
        }
        out.clear();
        content_decoder.push(&octets[..read], &mut out).map_err(|offence| ActionError::from(offence.failure()))?;
    }
    content_decoder.finish(&mut out).map_err(|offence| offence.failure().into())
}

/// Takes the file of an upload to where files are made.
fn taken(share: &Share, whole: &Whole, length: u64) -> Result<Making, ActionError> {
    let temporary = share.tree.temporaries.place();
    fs::renameat(whole.folder(), whole.name(), temporary.folder(), temporary.name())?;
    let file = whole.file().as_fd().try_clone_to_owned()?;
    Ok(Making { file: file.into(), temporary, length })
}

fn refused(refusal: UploadRefusal) -> ActionResult {
    match refusal {
        UploadRefusal::Missing => Failure::SubjectMissing.into(),
        // its end was told, and what it was for is done or being done
        UploadRefusal::Complete | UploadRefusal::Busy => Failure::StateConflict.into(),
        UploadRefusal::Offset { found } => ActionResult {
            failure: Some(Failure::StateConflict),
            upload_offset: Some(found),
            upload_complete: Some(false),
            ..ActionResult::default()
        },
        UploadRefusal::Length { .. } | UploadRefusal::BeyondLength => Failure::ContentMalformed.into(),
    }
}

impl From<AppendError> for ActionError {
    fn from(error: AppendError) -> ActionError {
        match error {
            AppendError::Superseded => Failure::StateConflict.into(),
            AppendError::BeyondLength | AppendError::ShortOfLength => Failure::ContentMalformed.into(),
            AppendError::Full => Failure::StorageInsufficient.into(),
            AppendError::Store(error) => StoreError::into(error),
        }
    }
}
