//! What stands at a target of a served folder: its facts, and its content.
//!
//! One kind of thing exists, a folder of files, so nothing here is generic. Paths come decoded: taking a target apart is
//! `semantics::target`'s.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::{fmt, io};

use decision::facts::{Denial, Moved, Target};
use exchange::body::Segment;
use rustix::io::Errno;
use semantics::date::Date;
use semantics::depth::Depth;
use semantics::field::Field;
use semantics::field::Rendered;
use semantics::request::Request;
use semantics::text::path;

use crate::cache::{Bounds, Cache, Key};
use crate::entry::{Content, Entry, Render, stretch};
use crate::listing::{self, ListedFolder, Page};
use crate::look::{self, Look, LookupTarget, Opened, look};
use crate::root::{Blocking, Root};
use crate::rules::bar::By;
use crate::rules::tell::Asker;
use crate::rules::{EffectiveRules, Rulebook};
use crate::share::Share;
use crate::share::bars::{Bars, Destination, Grounds, Way};
use crate::site::Options;
use crate::tree::standing::LookedUp;
use crate::validators::{Identity, Validators};
use crate::visibility::Visibility;

/// A moment, on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds on a clock that never goes back.
    pub millis: u64,
    /// The calendar's.
    pub date: Date,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'a, A> {
    /// The decoded names with `/` between them, none at the start or end; empty for the root.
    pub path: &'a [u8],
    /// Did the path end in a slash? True for the root.
    pub trailing_slash: bool,
    /// What followed the `?`.
    pub query: Option<&'a [u8]>,
    /// The lines of Accept.
    pub accept: A,
    /// What the client may know of; nothing: of everything.
    pub visibility: Option<Arc<Visibility>>,
    /// Now.
    pub now: Moment,
}

/// A served folder, as one thread sees it: the folder is shared with threads that wait for the disk, what is kept of it is
/// the thread's own.
pub struct Files {
    ground: Arc<FolderRoot>,
    cache: RefCell<Cache>,
    render: Box<Render>,
    /// Where the folder is written to, if it is, and the number of changes at the last look.
    share: Option<Arc<Share>>,
    seen: Cell<u64>,
}

/// What a look needs.
#[derive(Debug)]
struct FolderRoot {
    root: Root,
    options: Options,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("ground", &self.ground).field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl Files {
    /// The folder at `root`. What `render` makes of the facts of a file is kept with them, and comes back as
    /// [`Target::rendered`]; nothing is kept if it is empty.
    pub fn open(
        root: &Path,
        options: &Options,
        share: Option<Arc<Share>>,
        render: impl Fn(&Target<'_>) -> Rendered + 'static,
    ) -> io::Result<Files> {
        Ok(Files { share, ..Files::over(Root::open(root)?, options, render) })
    }

    pub(crate) fn over(root: Root, options: &Options, render: impl Fn(&Target<'_>) -> Rendered + 'static) -> Files {
        Files {
            ground: Arc::new(FolderRoot { root, options: options.clone() }),
            cache: RefCell::new(Cache::new(Bounds::of(&options.limits))),
            render: Box::new(render),
            share: None,
            seen: Cell::new(0),
        }
    }

    /// What was kept before the last change of ours must be looked at again: who has written reads what he wrote. What other
    /// programs change is found when the time of a look is over.
    #[inline]
    fn notice_changes(&self) {
        if let Some(share) = &self.share {
            let generation = share.tree.seen();
            if self.seen.replace(generation) != generation {
                self.cache.borrow_mut().doubt();
            }
        }
    }

    /// Where what a path names stands on the disk: it may be bound to what stands elsewhere (RFC 5842 §2).
    #[inline]
    fn resolved<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        match &self.share {
            Some(share) if !share.bindings.is_empty() => share.bindings.resolve(path),
            _ => Cow::Borrowed(path),
        }
    }

    /// What stands at this decoded path, as a change to it would be judged: to tell what a request would be answered, where
    /// nothing is to be changed. It waits for the disk.
    pub fn standing(&self, path: &[u8], slash: bool, now: Date) -> LookedUp {
        LookedUp::look(&self.ground.root, path, slash, now)
    }

    /// The rules that bar a action at one of its places, as they would bar it if it were done: to tell what a request would be
    /// answered, where nothing is to be changed. It waits for the disk; bindings are not looked at.
    pub fn bars(
        &self,
        (request, path): (Request<'_>, &[u8]),
        here: &LookedUp,
        there: Option<(&[u8], &LookedUp)>,
        (book, force, asker): (&Rulebook, &EffectiveRules, Asker<'_>),
    ) -> io::Result<Bars> {
        let Some(method) = request.method() else { return Ok(Bars::default()) };
        let cors = force.cors.as_ref().map_or(&[][..], |cors| cors.value.origins);
        let unit = force.price.as_ref().map(|price| price.value.unit);
        let by = By { request, asker, cors, unit };
        let grounds = Grounds { root: &self.ground.root, bindings: None, book, by, patience: Blocking::Some };
        let depth = request.field(Field::DEPTH).and_then(Depth::parse).unwrap_or(Depth::Infinity);
        let to = there.map(|(named, there)| Destination { named, path: Some(named), there: there.stand() });
        Ok(grounds.bars(&Way { method, depth, from: path, alone: false, stand: here.stand(), to })?)
    }

    /// What is asked for, if it was looked at a short while ago and is a file, or nothing: no system call, no allocation.
    #[inline]
    pub fn find_now(&self, path: &[u8], trailing_slash: bool, now: Moment) -> Option<Found> {
        self.notice_changes();
        self.known(&self.resolved(path), trailing_slash, now)
    }

    /// The same of what stands there on the disk.
    #[inline]
    fn known(&self, path: &[u8], trailing_slash: bool, now: Moment) -> Option<Found> {
        let mut cache = self.cache.borrow_mut();
        match cache.fresh((path, trailing_slash), now.millis) {
            Some(entry) => Some(Found(What::File(entry))),
            None => cache.missing((path, trailing_slash), now.millis).then(Found::missing),
        }
    }

    /// What is asked for. Where the kernel says that a look needs no disk it is made here and now; else on a thread that
    /// may wait.
    pub async fn find<'a>(&self, wanted: Wanted<'a, impl Iterator<Item = &'a [u8]> + Clone>) -> Found {
        let Wanted { path: named, trailing_slash, query, accept, visibility, now } = wanted;
        self.notice_changes();
        let path = &*self.resolved(named);
        if let Some(found) = self.known(path, trailing_slash, now) {
            return found;
        }
        let key = (path, trailing_slash);
        let doubts = self.cache.borrow().doubts();
        let last = self.cache.borrow().last(key).filter(|entry| entry.lasting()).map(Rc::clone);
        let known = last.as_ref().map(|entry| entry.identity);
        let mut look = self.look(path, trailing_slash, known).await;
        let spent = matches!(look, Look::Failed(Errno::MFILE | Errno::NFILE));
        if spent && self.cache.borrow_mut().close_files() {
            // The descriptors ran out, and some were ours.
            look = self.look(path, trailing_slash, known).await;
        }
        match (look, last) {
            (Look::Same, Some(entry)) => {
                self.cache.borrow_mut().confirm(key, &entry, (now.millis, doubts));
                return Found(What::File(entry));
            }
            (Look::File(opened), _) => return Found(What::File(self.keep(key, *opened, (now, doubts)))),
            (other, _) => look = other,
        }
        self.cache.borrow_mut().forget(key);
        if matches!(look, Look::Missing) {
            self.cache.borrow_mut().miss(key, (now.millis, doubts));
        }
        Found(match look {
            Look::Collection => What::Moved(folder(named, query).into()),
            Look::Listing => self.list((named, visibility), query, accept).await,
            Look::Denied(denial) => What::Denied(denial),
            Look::Failed(_) => What::Failed,
            Look::Missing | Look::Same | Look::File(_) => What::Missing,
        })
    }

    async fn look(&self, path: &[u8], collection: bool, known: Option<Identity>) -> Look {
        let FolderRoot { root, options } = &*self.ground;
        if let Ok(look) = look(root, options, LookupTarget { path, collection, known }, Blocking::None) {
            return look;
        }
        let (ground, path) = (Arc::clone(&self.ground), path.to_vec());
        let looked = tokio::task::spawn_blocking(move || {
            look(&ground.root, &ground.options, LookupTarget { path: &path, collection, known }, Blocking::Some)
        });
        match looked.await {
            Ok(Ok(look)) => look,
            // The thread panicked, or the runtime ends.
            Ok(Err(look::WouldWait)) | Err(_) => Look::Failed(Errno::IO),
        }
    }

    /// Makes an entry of what was opened, and keeps it if it may be kept.
    fn keep(&self, key: Key<'_>, opened: Opened, (now, doubts): (Moment, u64)) -> Rc<Entry> {
        let validators = match &self.share {
            Some(share) => share.tree.validators(&opened.identity, now.date),
            None => Validators::of(&opened.identity, now.date),
        };
        let validators = if opened.steady { validators } else { validators.weakened() };
        let content = match opened.content {
            look::Content::Octets(octets) => Content::Octets(octets.into()),
            look::Content::Open(file) => Content::Open(Rc::new(file)),
        };
        let entry = Entry::new(opened.identity, validators, opened.media_type, content, key.1, &self.render);
        let entry = Rc::new(entry);
        if opened.steady {
            self.cache.borrow_mut().keep(key, Rc::clone(&entry), (now.millis, doubts));
        } else {
            self.cache.borrow_mut().forget(key);
        }
        entry
    }

    async fn list<'a>(
        &self,
        (path, visibility): (&[u8], Option<Arc<Visibility>>),
        query: Option<&[u8]>,
        accept: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> What {
        let (form, acceptable) = listing::Form::choose(accept);
        let order = listing::Order::of(query.unwrap_or_default());
        let (ground, path, at) = (Arc::clone(&self.ground), path.to_vec(), self.resolved(path).into_owned());
        let bound = self.share.as_ref().map(|share| share.bindings.members(&at)).unwrap_or_default();
        let spot = ListedFolder { path, at, bound, visibility };
        let made =
            tokio::task::spawn_blocking(move || listing::make(&ground.root, &ground.options, &spot, form, order));
        match made.await {
            Ok(Ok(octets)) => What::Page(Rc::new(Page::new(octets, form, acceptable))),
            Ok(Err(errno)) => match look::unseen(errno) {
                Look::Denied(denial) => What::Denied(denial),
                Look::Missing => What::Missing,
                _ => What::Failed,
            },
            Err(_) => What::Failed,
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found(What);

#[derive(Clone, Debug)]
enum What {
    File(Rc<Entry>),
    Page(Rc<Page>),
    /// A collection, asked for without the slash at its end; the relative links in it would lead astray.
    Moved(Rc<[u8]>),
    Missing,
    Denied(Denial),
    Failed,
}

impl Found {
    /// Nothing. Also for paths that cannot be decoded: they name nothing that a folder can hold.
    pub const fn missing() -> Found {
        Found(What::Missing)
    }

    /// The facts.
    #[inline]
    pub fn facts(&self) -> Target<'_> {
        match &self.0 {
            What::File(entry) => entry.facts(),
            What::Page(page) => page.facts(),
            What::Moved(location) => Target {
                moved: Some(Moved::Permanently),
                location: Some(location),
                collection: true,
                representation: false,
                ..Target::default()
            },
            What::Missing => Target { exists: false, representation: false, ..Target::default() },
            What::Denied(denial) => Target { lookup_denied: Some(*denial), representation: false, ..Target::default() },
            What::Failed => Target { lookup_failed: true, representation: false, ..Target::default() },
        }
    }

    /// A part of the content, clamped to its length.
    pub fn segment(&self, first: u64, length: u64) -> Segment {
        match &self.0 {
            What::File(entry) => entry.segment(first, length),
            What::Page(page) => stretch(page.octets(), first, length),
            What::Moved(_) | What::Missing | What::Denied(_) | What::Failed => Segment::Owned(Vec::new()),
        }
    }

    /// The content, whole.
    #[inline]
    pub fn whole(&self) -> Segment {
        self.segment(0, u64::MAX)
    }
}

/// Where a collection is on this host: its names with a slash at the end, and the query.
fn folder(path: &[u8], query: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + query.map_or(0, <[u8]>::len) + 16);
    path::resource(path, true, &mut out);
    if let Some(query) = query {
        path::query(query, &mut out);
    }
    out
}

#[cfg(test)]
mod tests;
