//! Uploads that can be resumed (draft-ietf-httpbis-resumable-upload, interop version 8): the content of a PUT or a POST is
//! kept as it comes, and when all of it is here the deed is done that it was sent for.

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

use crate::deed::Deed;
use crate::resource::Moment;
use crate::share::intake::{self, Content, Making};
use crate::share::own::Name;
use crate::share::wish::{Wish, href};
use crate::share::{Share, apart, deed_apart, post, put};
use crate::store::StoreError;
use crate::tree::offence::Offence;
use crate::uploads::{self, AppendError, Appending, Purpose, Refusal, Upload, Whole};

impl Share {
    /// Could the content of this request be resumed if it were cut off? That of a form could, but its parts go to several
    /// files; and what is coded is not told apart from what it stands for.
    pub fn resumes(&self, wish: &Wish) -> bool {
        let request = wish.request();
        let single = match wish.method() {
            Some(Method::PUT) => true,
            Some(Method::POST) => !post::is_form(wish),
            _ => false,
        };
        single && speaks_draft(request) && request.has(Field::UPLOAD_COMPLETE) && !request.has(Field::CONTENT_ENCODING)
    }

    /// A piece of content is never taken for the whole: where no upload can be begun it is refused.
    pub(crate) fn refuses_piece(&self, wish: &Wish) -> Option<Failure> {
        let request = wish.request();
        let fields = UploadFields::read(request).ok();
        let piece = speaks_draft(request) && fields.is_some_and(|fields| fields.complete == Some(false));
        match (piece, self.resumes(wish)) {
            (false, _) => None,
            // there are as many uploads as there may be, for now
            (true, true) => Some(Failure::StoreUnreachable),
            (true, false) => Some(Failure::ContentUnprocessable),
        }
    }

    /// Begins an upload that this request is the first to append to, and says where it is; `None` if there are as many as there
    /// may be. It has its turn at once: who asks for the offset from now on takes it away.
    pub async fn begin_upload(self: &Arc<Self>, wish: &Arc<Wish>) -> Option<(Appending, Vec<u8>)> {
        if wish.is_nowhere() {
            return None;
        }
        let (share, wish) = (self.clone(), wish.clone());
        let created = apart(move || {
            let request = wish.request();
            // what proves who asks is nothing to be kept on the disk
            let own = |field: Field| !CONNECTION.contains(&field) && !field.row().secret;
            let own = |field: Option<Field>| field.is_none_or(own);
            let fields = request.lines().filter(|(_, _, field)| own(*field));
            let purpose = Purpose {
                method: if request.is(Method::POST) { uploads::Method::Post } else { uploads::Method::Put },
                // as it is named, so that what holds there by name holds at its end, too
                target: wish.named().path.clone(),
                fields: fields.map(|(name, value, _)| (name.to_vec(), value.to_vec())).collect(),
            };
            let length = UploadFields::read(request).ok().and_then(|fields| fields.length);
            let upload = share.uploads.create(purpose, length, wish.now.unix()).ok()??;
            let appending = share.uploads.append(&upload.id, 0, length, wish.now.unix()).ok()?.ok()?;
            Some((appending, Name::Upload(&upload.id).href()))
        });
        created.await?
    }

    /// Takes the content of the request that began an upload.
    pub async fn receive_upload(
        self: &Arc<Self>,
        wish: &Arc<Wish>,
        begun: Appending,
        content: &mut impl RequestContent,
    ) -> Deed {
        let complete = UploadFields::read(wish.request()).is_ok_and(|fields| fields.complete == Some(true));
        let location = Name::Upload(&begun.upload().id).href();
        let mut deed = self.take_in(wish, begun, complete, content).await;
        if deed.failure.is_none() && !complete {
            // what was made is the upload
            deed.created = true;
            deed.location = Some(location);
        }
        deed
    }

    /// Appends to the upload that is the target.
    pub(crate) async fn append(self: &Arc<Self>, wish: &Arc<Wish>, content: &mut impl RequestContent) -> Deed {
        let Some(Name::Upload(id)) = Name::of(&wish.place.path) else { return Failure::SubjectMissing.into() };
        let read = UploadFields::read(wish.request()).ok();
        let checked = read.and_then(|fields| fields.check(wish.method(), wish.request().framing()).ok()).flatten();
        match checked {
            Some(upload::Upload::Append { offset, complete, length }) => {
                self.append_all(wish, (id, offset, length), complete, content).await
            }
            _ => Failure::ContentMalformed.into(),
        }
    }

    async fn append_all(
        self: &Arc<Self>,
        wish: &Arc<Wish>,
        (id, offset, length): (&str, u64, Option<u64>),
        complete: bool,
        content: &mut impl RequestContent,
    ) -> Deed {
        let (share, id) = (self.clone(), id.to_owned());
        let now = wish.now.unix();
        let begun = apart(move || share.uploads.append(&id, offset, length, now)).await;
        let appending = match begun {
            Some(Ok(Ok(appending))) => appending,
            Some(Ok(Err(refusal))) => return refused(refusal),
            Some(Err(error)) => return Offence::from(error).into(),
            None => return Failure::Internal.into(),
        };
        self.take_in(wish, appending, complete, content).await
    }

    /// Takes content in, and does what the upload is for if it is complete with that.
    async fn take_in(
        self: &Arc<Self>,
        wish: &Arc<Wish>,
        appending: Appending,
        complete: bool,
        content: &mut impl RequestContent,
    ) -> Deed {
        match self.receive(wish, appending, content).await {
            Err(offence) => offence.into(),
            Ok(appending) if complete => {
                let (share, wish) = (self.clone(), wish.clone());
                let deed = deed_apart(move || finish(&share, &wish, appending)).await;
                Deed { upload_complete: Some(true), ..deed }
            }
            Ok(appending) => {
                let ended = apart(move || appending.end()).await;
                match ended {
                    Some(Ok(upload)) => {
                        Deed { upload_offset: Some(upload.offset), upload_complete: Some(false), ..Deed::done() }
                    }
                    Some(Err(error)) => Offence::from(error).into(),
                    None => Failure::Internal.into(),
                }
            }
        }
    }

    /// Writes what comes, as it comes: what was received when the connection breaks is kept.
    async fn receive(
        self: &Arc<Self>,
        wish: &Wish,
        mut appending: Appending,
        content: &mut impl RequestContent,
    ) -> Result<Appending, Offence> {
        let (now, upload) = (wish.now.unix(), appending.upload());
        content.allow(purpose(self, &upload.purpose, wish).longest(self).saturating_sub(upload.offset));
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
                    Ok::<_, Offence>((appending, octets))
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

/// What an upload is for, as a wish of whoever sends its pieces.
fn purpose(share: &Share, purpose: &Purpose, sender: &Wish) -> Wish {
    let method = match purpose.method {
        uploads::Method::Put => Method::PUT,
        uploads::Method::Post => Method::POST,
    };
    let target = href(&purpose.target, method == Method::POST);
    let request = OwnedRequest::made(method, &target, purpose.fields.iter().map(|(name, value)| (&**name, &**value)));
    let received = Moment { millis: sender.millis, date: sender.now };
    Wish::new(request, &purpose.target, method == Method::POST, received).like(sender).resolved(share)
}

/// All has come: does what it was sent for, as if it had come in one piece.
fn finish(share: &Share, sender: &Wish, appending: Appending) -> Result<Deed, Offence> {
    let whole = appending.complete()?;
    let Upload { purpose: meant, offset, .. } = whole.upload();
    let wish = purpose(share, &meant, sender);
    let done = proven(share, &wish, &whole).and_then(|()| {
        let making = taken(share, &whole, offset)?;
        match meant.method {
            uploads::Method::Post => post::add(share, &wish, making),
            uploads::Method::Put => put::commit(share, &wish, Content::File(making)),
        }
    });
    whole.finish(sender.now.unix())?;
    done
}

/// Is it what its digests say, and of a type that may be stored?
fn proven(share: &Share, wish: &Wish, whole: &Whole) -> Result<(), Offence> {
    let mut sieve = intake::sieve_of_whole(share, wish)?;
    let mut file = whole.file();
    file.rewind()?;
    let (mut octets, mut out) = (vec![0; limits::INTAKE], Vec::new());
    let mut first = true;
    loop {
        let read = file.read(&mut octets)?;
        if first {
            intake::fits_types(share, wish, &octets[..read])?;
            first = false;
        }
        if sieve.is_plain() || read == 0 {
            break;
        }
        out.clear();
        sieve.push(&octets[..read], &mut out).map_err(|offence| Offence::from(offence.failure()))?;
    }
    sieve.finish(&mut out).map_err(|offence| offence.failure().into())
}

/// Takes the file of an upload to where files are made.
fn taken(share: &Share, whole: &Whole, length: u64) -> Result<Making, Offence> {
    let temporary = share.tree.temporaries.place();
    fs::renameat(whole.folder(), whole.name(), temporary.folder(), temporary.name())?;
    let file = whole.file().as_fd().try_clone_to_owned()?;
    Ok(Making { file: file.into(), temporary, length })
}

fn refused(refusal: Refusal) -> Deed {
    match refusal {
        Refusal::Missing => Failure::SubjectMissing.into(),
        // its end was told, and what it was for is done or being done
        Refusal::Complete | Refusal::Busy => Failure::StateConflict.into(),
        Refusal::Offset { found } => Deed {
            failure: Some(Failure::StateConflict),
            upload_offset: Some(found),
            upload_complete: Some(false),
            ..Deed::default()
        },
        Refusal::Length { .. } | Refusal::BeyondLength => Failure::ContentMalformed.into(),
    }
}

impl From<AppendError> for Offence {
    fn from(error: AppendError) -> Offence {
        match error {
            AppendError::Superseded => Failure::StateConflict.into(),
            AppendError::BeyondLength | AppendError::ShortOfLength => Failure::ContentMalformed.into(),
            AppendError::Full => Failure::StorageInsufficient.into(),
            AppendError::Store(error) => StoreError::into(error),
        }
    }
}
