//! One look at what stands at a path. The same steps run on the loop's thread, without waiting, and on a thread that may
//! wait for the disk.

use std::borrow::Cow;
use std::fs::File;
use std::io::IoSliceMut;

use decision::facts::Denial;
use rustix::fs::{self, FileType};
use rustix::io::{self, Errno, ReadWriteFlags};

use crate::media_types;
use crate::root::{Blocking, Root, kind};
use crate::site::Options;
use crate::tree::is_reserved;
use crate::validators::Identity;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LookupTarget<'a> {
    /// Decoded names with `/` between them.
    pub(crate) path: &'a [u8],
    /// As a collection: its index, or the list of its members.
    pub(crate) collection: bool,
    /// What is known already, if it may be kept on.
    pub(crate) known: Option<Identity>,
}

/// What was seen.
#[derive(Debug)]
pub(crate) enum Look {
    /// What is known already.
    Same,
    /// A file.
    File(Box<Opened>),
    /// A collection, looked for without the slash at its end.
    Collection,
    /// A collection without an index, whose members may be listed.
    Listing,
    /// Nothing.
    Missing,
    /// Something that must not be had.
    Denied(Denial),
    /// It could not be seen.
    Failed(Errno),
}

/// A file that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) identity: Identity,
    pub(crate) media_type: Cow<'static, str>,
    pub(crate) content: Content,
    /// It did not change while it was read.
    pub(crate) steady: bool,
}

/// Its content.
#[derive(Debug)]
pub(crate) enum Content {
    /// All of it.
    Octets(Vec<u8>),
    /// To be read later.
    Open(File),
}

/// The look cannot end without waiting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WouldWait;

/// Looks at what stands at a path. Only an impatient look would have to wait.
pub(crate) fn look(
    root: &Root,
    options: &Options,
    aim: LookupTarget<'_>,
    patience: Blocking,
) -> Result<Look, WouldWait> {
    let hidden = !options.hidden && is_hidden(aim.path) || is_reserved(aim.path);
    let looker = Looker { root, options, patience, hidden, known: aim.known };
    let looked = if aim.collection { looker.collection(aim.path) } else { looker.single(aim.path) };
    match looked.unwrap_or_else(unseen) {
        Look::Failed(Errno::AGAIN) if patience == Blocking::None => Err(WouldWait),
        Look::Failed(errno) => Ok(Look::Failed(errno)),
        // What is hidden is looked for like any name, up to where a missing one ends, and the result is thrown away: neither
        // the facts nor the time tell whether there is something (RFC 9110 §15.5.4).
        _ if hidden => Ok(Look::Missing),
        look => Ok(look),
    }
}

/// Does a name of the path begin with a dot? `.well-known` is for everybody (RFC 8615).
fn is_hidden(path: &[u8]) -> bool {
    path.split(|&byte| byte == b'/').any(is_hidden_name)
}

/// Does the name begin with a dot?
pub(crate) fn is_hidden_name(name: &[u8]) -> bool {
    name.starts_with(b".") && name != b".well-known"
}

/// What it means that a name could not be reached.
pub(crate) fn unseen(errno: Errno) -> Look {
    match errno {
        // A name longer than the file system has, or of octets that it does not take, names nothing. A link that leads round
        // in a circle leads to nothing, like one whose end is gone.
        Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::LOOP | Errno::INVAL | Errno::ILSEQ => Look::Missing,
        Errno::ACCESS | Errno::PERM => Look::Denied(Denial::Permission),
        Errno::XDEV => Look::Denied(Denial::Outside),
        Errno::NXIO | Errno::NODEV => Look::Denied(Denial::Special),
        errno => Look::Failed(errno),
    }
}

struct Looker<'a> {
    root: &'a Root,
    options: &'a Options,
    patience: Blocking,
    hidden: bool,
    known: Option<Identity>,
}

impl Looker<'_> {
    /// A path without a slash at its end.
    fn single(&self, path: &[u8]) -> io::Result<Look> {
        let stat = self.root.state(path, self.patience)?;
        match kind(&stat) {
            _ if self.hidden => Ok(Look::Missing),
            FileType::RegularFile if self.known == Some(Identity::of(&stat)) => Ok(Look::Same),
            FileType::RegularFile => self.open(path),
            FileType::Directory => Ok(Look::Collection),
            _ => Ok(Look::Denied(Denial::Special)),
        }
    }

    /// A path with a slash at its end, or the root.
    fn collection(&self, path: &[u8]) -> io::Result<Look> {
        for index in &self.options.index {
            match self.single(&member(path, index.as_bytes())).unwrap_or_else(unseen) {
                Look::Missing | Look::Collection => {}
                look => return Ok(look),
            }
        }
        match kind(&self.root.state(path, self.patience)?) {
            FileType::Directory if self.options.listing => Ok(Look::Listing),
            // That it is there is no secret: without the slash it answers with a move to here.
            FileType::Directory if !self.hidden => Ok(Look::Denied(Denial::Unlisted)),
            _ => Ok(Look::Missing),
        }
    }

    /// A file that was just there. What counts is what is opened now: it may have been replaced meanwhile.
    fn open(&self, path: &[u8]) -> io::Result<Look> {
        let file = File::from(self.root.read(path, self.patience)?);
        let stat = fs::fstat(&file)?;
        match kind(&stat) {
            FileType::RegularFile => {}
            FileType::Directory => return Ok(Look::Missing),
            _ => return Ok(Look::Denied(Denial::Special)),
        }
        let identity = Identity::of(&stat);
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let limits = &self.options.limits;
        let size = usize::try_from(identity.size).unwrap_or(usize::MAX);
        let small = size <= limits.cached_file.min(limits.cache);
        let wanted = match (small, media_types::must_look(name)) {
            (true, _) => size,
            (false, true) => size.min(crate::limits::MEDIA_TYPE),
            (false, false) => 0,
        };
        let octets = beginning(&file, wanted, self.patience)?;
        let media_type = media_types::of(name, &octets);
        if small {
            // Written to while it was read, the octets may be of two states: then they are neither kept nor sent, and what is
            // sent is whatever the file holds by then, under a weak tag.
            let after = Identity::of(&fs::fstat(&file)?);
            let steady = after == identity && octets.len() == size;
            let content = if steady { Content::Octets(octets) } else { Content::Open(file) };
            return Ok(Look::File(Box::new(Opened { identity: after, media_type, content, steady })));
        }
        Ok(Look::File(Box::new(Opened { identity, media_type, content: Content::Open(file), steady: true })))
    }
}

/// The path of a member of a collection.
pub(crate) fn member(collection: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if collection.is_empty() { b"" } else { b"/" };
    [collection, slash, name].concat()
}

/// The first octets of a file: as many as wanted, or all that there are.
fn beginning(file: &File, wanted: usize, patience: Blocking) -> io::Result<Vec<u8>> {
    let flags = match patience {
        // What is not in memory yet is not waited for.
        Blocking::None => ReadWriteFlags::NOWAIT,
        Blocking::Some => ReadWriteFlags::empty(),
    };
    let mut octets = vec![0; wanted];
    let mut read = 0;
    while read < wanted {
        match io::preadv2(file, &mut [IoSliceMut::new(&mut octets[read..])], read as u64, flags) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(Errno::INTR) => {}
            // A file system that cannot promise not to wait.
            Err(Errno::OPNOTSUPP) if patience == Blocking::None => return Err(Errno::AGAIN),
            Err(errno) => return Err(errno),
        }
    }
    octets.truncate(read);
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_reached_has_its_reason() {
        let seen = |errno| format!("{:?}", unseen(errno));
        for errno in [Errno::NOENT, Errno::NOTDIR, Errno::NAMETOOLONG, Errno::LOOP] {
            assert_eq!(seen(errno), "Missing");
        }
        assert_eq!(seen(Errno::ACCESS), "Denied(Permission)");
        assert_eq!(seen(Errno::PERM), "Denied(Permission)");
        assert_eq!(seen(Errno::XDEV), "Denied(Outside)");
        assert_eq!(seen(Errno::NXIO), "Denied(Special)");
        for errno in [Errno::MFILE, Errno::NFILE, Errno::IO, Errno::NOMEM, Errno::STALE] {
            assert!(seen(errno).starts_with("Failed"), "{errno}");
        }
    }

    #[test]
    fn hidden_names_begin_with_a_dot() {
        for path in [".git", ".git/config", "a/.b", "a/.b/c", "...", ".well-known/.x", ".well-knownx"] {
            assert!(is_hidden(path.as_bytes()), "{path}");
        }
        for path in ["", "a", "a.b", "a/b.c", ".well-known", ".well-known/x", "a/.well-known"] {
            assert!(!is_hidden(path.as_bytes()), "{path}");
        }
    }
}
