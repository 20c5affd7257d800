//! Which rule bars a action at one of its places, where that must be looked up: what would come to stand at the destination, and
//! every member of the trees that go, are replaced or are brought along. It is judged before content comes, and again under the
//! claim, so that check and act are one step. What holds at a place by itself is `rules/bar.rs`'s.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;

use crate::limits;
use decision::facts::{Bar, Failure, Target};
use rustix::fs::FileType;
use rustix::io::{self, Errno};
use semantics::depth::Depth;
use semantics::field::{Field, Fields};
use semantics::method::Method;

use crate::bindings::Bindings;
use crate::look::member;
use crate::reach::places;
use crate::root::{Blocking, Root};
use crate::rules::bar::{Act, Barred, By};
use crate::rules::{Rulebook, Source};
use crate::share::action::href;
use crate::tree::is_reserved;
use crate::tree::offence::ActionError;
use crate::tree::standing::FileState;
use crate::tree::temporary::names;

/// The rules that bar a action, the first of each kind that was met.
#[derive(Debug, Default)]
pub struct Bars {
    destination: Option<Barred>,
    member: Option<Barred>,
    /// The path of what is barred, ready to be written.
    at: Vec<u8>,
}

/// What a look for bars needs.
pub(crate) struct Grounds<'a> {
    pub(crate) root: &'a Root,
    pub(crate) bindings: Option<&'a Bindings>,
    pub(crate) book: &'a Rulebook,
    pub(crate) by: By<'a>,
    pub(crate) patience: Blocking,
}

/// From where to where a action goes, and what stands there.
pub(crate) struct Way<'a> {
    pub(crate) method: Method,
    pub(crate) depth: Depth,
    /// Where what is to go, or to be read, stands on the disk.
    pub(crate) from: &'a [u8],
    /// Only a name of it goes, and the tree stays where it is.
    pub(crate) alone: bool,
    pub(crate) stand: &'a FileState,
    pub(crate) to: Option<Destination<'a>>,
}

/// Where a action goes.
pub(crate) struct Destination<'a> {
    /// Its path, as it is named.
    pub(crate) named: &'a [u8],
    /// Where that leads on the disk; none: only a name is made there.
    pub(crate) path: Option<&'a [u8]>,
    /// What stands there.
    pub(crate) there: &'a FileState,
}

/// What protects what stands at the target (RFC 6585 §3).
const PROTECTING: Fields = Fields::of(&[Field::IF_MATCH, Field::IF_NONE_MATCH, Field::IF_UNMODIFIED_SINCE, Field::IF]);

impl Bars {
    /// The facts.
    pub fn tell<'a>(&'a self, target: Target<'a>) -> Target<'a> {
        Target {
            destination_bar: self.destination.as_ref().map(|barred| barred.bar),
            member_bar: self.member.as_ref().map(|barred| barred.bar),
            barred_at: self.first().map(|_| &*self.at),
            ..target
        }
    }

    /// The one that is asked first.
    pub(crate) fn first(&self) -> Option<&Barred> {
        self.member.as_ref().or(self.destination.as_ref())
    }

    /// The line of the rule that bars it.
    pub fn source(&self) -> Option<Source> {
        self.first().and_then(|barred| barred.source)
    }

    pub(crate) fn of(destination: Option<Barred>, member: Option<Barred>) -> Bars {
        let at = member.as_ref().or(destination.as_ref()).map_or_else(Vec::new, |barred| href(&barred.path, false));
        Bars { destination, member, at }
    }
}

impl From<&Barred> for ActionError {
    fn from(barred: &Barred) -> ActionError {
        let failure = match barred.bar {
            Bar::Types => Failure::MediaTypeBelied,
            Bar::MaxContent => Failure::ContentGrewTooLarge,
            _ => Failure::SubjectProtected,
        };
        ActionError { subject: Some(href(&barred.path, false)), rule: barred.source, ..ActionError::new(failure) }
    }
}

impl Grounds<'_> {
    /// All that bars a action which goes this way.
    pub(crate) fn bars(&self, way: &Way<'_>) -> io::Result<Bars> {
        let member = if way.stand.is_collection() && !way.alone { self.gone(way)? } else { None };
        let Some(Destination { named, path: to, there }) = &way.to else { return Ok(Bars::of(None, member)) };
        let destination = self.destination(way, named, there)?;
        if destination.is_some() || member.is_some() {
            return Ok(Bars::of(destination, member));
        }
        let Some(to) = to else { return Ok(Bars::default()) };
        let replaced =
            if there.is_collection() { self.tree(to, None, &[Act::Change(Method::DELETE)], Field::IF)? } else { None };
        let member = match replaced {
            None if way.stand.is_collection() && (way.depth == Depth::Infinity || way.method != Method::COPY) => {
                self.landing(way.from, to)?
            }
            replaced => replaced,
        };
        Ok(Bars::of(None, member))
    }

    /// Members that are read, go or are locked with the tree that they are in.
    fn gone(&self, way: &Way<'_>) -> io::Result<Option<Barred>> {
        let acts: &[Act] = match way.method {
            Method::COPY if way.depth == Depth::Infinity => &[Act::Read],
            Method::MOVE | Method::REBIND => &[Act::Change(Method::MOVE), Act::Change(Method::DELETE)],
            Method::DELETE | Method::UNBIND => &[Act::Change(Method::DELETE)],
            Method::LOCK if way.depth == Depth::Infinity => &[Act::Change(Method::LOCK)],
            _ => return Ok(None),
        };
        self.tree(way.from, None, acts, Field::IF_MATCH)
    }

    /// What bars the destination itself, at each of the places that it is.
    fn destination(&self, way: &Way<'_>, named: &[u8], there: &FileState) -> io::Result<Option<Barred>> {
        let collection = way.stand.is_collection();
        for place in places(named, self.bindings) {
            let replaces = there.exists() && (collection || there.is_collection());
            let put = self.book.barred(&place, Act::Put(collection), self.by);
            let gone = || self.book.barred(&place, Act::Change(Method::DELETE), self.by).filter(|_| replaces);
            if let Some(barred) = put.or_else(gone) {
                return Ok(Some(barred));
            }
            if let FileState::File(stat, _) = way.stand {
                let length = u64::try_from(stat.st_size).unwrap_or(0);
                if let Some(barred) = self.book.unfit(&place, length, || self.beginning(way.from))? {
                    return Ok(Some(barred));
                }
            }
        }
        Ok(None)
    }

    /// What bars an act at one name and at all that it is bound to.
    pub(crate) fn at(&self, named: &[u8], act: Act) -> Option<Barred> {
        places(named, self.bindings).iter().find_map(|place| self.book.barred(place, act, self.by))
    }

    /// Members that would come to stand beneath a destination.
    pub(crate) fn landing(&self, from: &[u8], to: &[u8]) -> io::Result<Option<Barred>> {
        self.tree(from, Some(to), &[], Field::IF)
    }

    /// What of something that was made aside is barred from coming to stand at a place.
    pub(crate) fn landed(&self, aside: &[u8], to: &[u8]) -> io::Result<Option<Barred>> {
        let stat = self.root.state(aside, Blocking::Some)?;
        match crate::root::kind(&stat) {
            FileType::Directory => self.landing(aside, to),
            kind => self.member(aside, to, Some(kind), &[], Field::IF),
        }
    }

    /// What of a tree is barred from these acts; or, where it is to stand at another place, from coming to stand there. `field`
    /// says which condition protects what is replaced or removed.
    fn tree(&self, tree: &[u8], to: Option<&[u8]>, acts: &[Act], field: Field) -> io::Result<Option<Barred>> {
        if !self.book.may_bar(to.unwrap_or(tree)) {
            return Ok(None);
        }
        if self.patience == Blocking::None {
            return Err(Errno::AGAIN);
        }
        let moved = |path: &[u8]| match to {
            None => path.to_vec(),
            Some(to) => [to, path.get(tree.len()..).unwrap_or_default()].concat(),
        };
        for (alias, _) in self.bindings.map_or_else(Vec::new, |bindings| bindings.beneath(tree)) {
            if let Some(barred) = self.member(&alias, &moved(&alias), None, acts, field)? {
                return Ok(Some(barred));
            }
        }
        let mut left = vec![(tree.to_vec(), limits::TREE_DEPTH)];
        while let Some((collection, depth)) = left.pop() {
            let unreadable = || Some(Barred { bar: Bar::Unreadable, path: moved(&collection), source: None });
            let listed = self.root.collection(&collection).and_then(|folder| names(folder.as_fd()));
            let listed = match listed {
                Ok(listed) => listed,
                Err(Errno::NOENT | Errno::NOTDIR) => continue,
                // what nobody can look into cannot be copied either; but it can be taken away, with whatever is in it
                Err(Errno::ACCESS | Errno::PERM) if acts == [Act::Read] || to.is_some() => continue,
                Err(Errno::ACCESS | Errno::PERM) => return Ok(unreadable()),
                Err(errno) => return Err(errno),
            };
            for (name, kind) in listed {
                let path = member(&collection, &name);
                if is_reserved(&path) && !is_reserved(tree) {
                    continue;
                }
                let kind = match kind {
                    FileType::Unknown => self.root.state(&path, Blocking::Some).map(|stat| crate::root::kind(&stat))?,
                    kind => kind,
                };
                let place = moved(&path);
                if let Some(barred) = self.member(&path, &place, Some(kind), acts, field)? {
                    return Ok(Some(barred));
                }
                if kind == FileType::Directory && self.book.may_bar(&place) {
                    let Some(depth) = depth.checked_sub(1) else { return Ok(unreadable()) };
                    left.push((path, depth));
                }
            }
        }
        Ok(None)
    }

    /// What bars one member; `place`: where that is asked, which is another place than its own if it is to stand there.
    fn member(
        &self,
        path: &[u8],
        place: &[u8],
        kind: Option<FileType>,
        acts: &[Act],
        field: Field,
    ) -> io::Result<Option<Barred>> {
        let put = [Act::Put(kind == Some(FileType::Directory))];
        let acts = if acts.is_empty() { &put[..] } else { acts };
        for act in acts {
            if let Some(barred) = self.book.barred(place, *act, self.by).or_else(|| self.book.priced(place, *act)) {
                return Ok(Some(barred));
            }
            let changes = !matches!(act, Act::Read | Act::Put(_) | Act::Change(Method::LOCK));
            let protected = if field == Field::IF { Fields::of(&[Field::IF]) } else { PROTECTING };
            if changes
                && !self.by.request.has_any(protected)
                && let Some(source) = self.book.conditional(place, act.method())
            {
                return Ok(Some(Barred { bar: Bar::Conditional, path: place.to_vec(), source: Some(source) }));
            }
        }
        let lands = matches!(acts, [Act::Put(false)]) && kind.is_some();
        if !lands {
            return Ok(None);
        }
        let length = match self.root.state(path, Blocking::Some) {
            Ok(stat) => u64::try_from(stat.st_size).unwrap_or(0),
            // a link that leads nowhere is nothing that could be copied
            Err(_) => return Ok(None),
        };
        self.book.unfit(place, length, || self.beginning(path))
    }

    /// The first octets of a file, by which its type is known.
    fn beginning(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        if self.patience == Blocking::None {
            return Err(Errno::AGAIN);
        }
        let file = File::from(self.root.read(path, Blocking::Some)?);
        let mut octets = Vec::new();
        let read = file.take(limits::MEDIA_TYPE as u64).read_to_end(&mut octets);
        read.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        Ok(octets)
    }
}
