//! The list of a collection's members: what is in it, in which order, in which form.
//!
//! What leads nowhere is not listed: hidden names, links that lead out of the folder or to nothing, devices and pipes. How a
//! list looks is [`html`]'s and [`json`]'s.

mod html;
mod json;
mod text;
mod upload;

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use decision::facts::Target;
use rustix::fs::{self, AtFlags, Dir, FileType, Stat};
use rustix::io::Errno;
use semantics::accept::Dimension;
use semantics::tag::EntityTag;
use semantics::text::path::segment;

use crate::look::{is_hidden_name, member};
use crate::root::{Blocking, Root, kind};
use crate::site::Options;
use crate::tree::is_reserved;
use crate::validators::{Opaque, opaque_of_content};
use crate::visibility::Visibility;

/// In which form it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Html,
    /// For programs.
    Json,
}

impl Form {
    /// The form that a client likes best, people's first; and whether it accepts it at all. Where it accepts none there is
    /// still one to send, for sites that rather send what does not fit.
    pub(crate) fn choose<'a>(accept: impl Iterator<Item = &'a [u8]> + Clone) -> (Form, bool) {
        match Dimension::MediaType.choose(accept, &[Form::Html.media_type(), Form::Json.media_type()]) {
            Some(0) => (Form::Html, true),
            Some(_) => (Form::Json, true),
            None => (Form::Html, false),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Form::Html => "text/html; charset=utf-8",
            Form::Json => "application/json",
        }
    }
}

/// What it is sorted by. Folders always come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortKey {
    Name,
    Size,
    Date,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    key: SortKey,
    descending: bool,
}

impl Order {
    /// The order that a query asks for. What it does not say, or says in words that are not known, is by name, ascending.
    pub(crate) fn of(query: &[u8]) -> Order {
        let value = |name: &[u8]| query.split(|&byte| byte == b'&').find_map(|pair| pair.strip_prefix(name));
        let key = match value(b"sort=") {
            Some(b"size") => SortKey::Size,
            Some(b"date") => SortKey::Date,
            _ => SortKey::Name,
        };
        Order { key, descending: value(b"order=") == Some(b"desc") }
    }

    fn compare(self, one: &Member, two: &Member) -> Ordering {
        let by_key = match self.key {
            SortKey::Name => Ordering::Equal,
            // A folder's size is that of its table, which is nobody's business.
            SortKey::Size => one.size.cmp(&two.size),
            SortKey::Date => one.modified.cmp(&two.modified),
        };
        let by_name = || natural(&one.name, &two.name);
        let ordering = by_key.then_with(by_name);
        let ordering = if self.descending { ordering.reverse() } else { ordering };
        Reverse(one.folder).cmp(&Reverse(two.folder)).then(ordering)
    }
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: Vec<u8>,
    folder: bool,
    /// Its length in octets; of a folder 0.
    size: u64,
    /// Seconds since 1970.
    modified: i64,
}

impl Member {
    /// The link to it, relative to the collection.
    fn href(&self, out: &mut Vec<u8>) {
        segment(&self.name, out);
        if self.folder {
            out.push(b'/');
        }
    }
}

/// What a client may do in a collection besides reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    Nothing,
    /// Add members, and nothing else.
    Adding,
    /// Add, change and remove them.
    Everything,
}

impl Grant {
    fn of(options: &Options, path: &[u8]) -> Grant {
        if options.drops.iter().any(|drop| drop.as_bytes() == path) {
            Grant::Adding
        } else if options.writable {
            Grant::Everything
        } else {
            Grant::Nothing
        }
    }
}

/// The Content-Security-Policy of a page by which members can be added.
pub(crate) fn upload_policy() -> &'static str {
    upload::policy()
}

/// What there is to show.
#[derive(Debug)]
struct List<'a> {
    /// The decoded names that lead here.
    path: &'a [u8],
    order: Order,
    grant: Grant,
    members: Vec<Member>,
    /// How many names there are besides.
    more: usize,
}

/// A list in its form.
#[derive(Debug)]
pub(crate) struct Rendered {
    octets: Vec<u8>,
    /// What it may do in a browser, if it needs more than a list usually does.
    policy: Option<&'static str>,
}

/// A collection that is listed.
#[derive(Debug)]
pub(crate) struct ListedFolder {
    /// The decoded names that lead there.
    pub(crate) path: Vec<u8>,
    /// Where it stands on the disk.
    pub(crate) at: Vec<u8>,
    /// Members that stand elsewhere, by name (RFC 5842 §2).
    pub(crate) bound: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What the client may know of.
    pub(crate) visibility: Option<Arc<Visibility>>,
}

/// Makes the list of what the collection holds. It may wait for the disk.
pub(crate) fn make(
    root: &Root,
    options: &Options,
    spot: &ListedFolder,
    form: Form,
    order: Order,
) -> rustix::io::Result<Rendered> {
    let ListedFolder { path, at, bound, visibility } = spot;
    let folder = root.collection(at)?;
    let mut names = names(Dir::read_from(&folder)?, options)?;
    if at.is_empty() {
        names.retain(|(name, _)| !is_reserved(name));
    }
    if !bound.is_empty() {
        names.retain(|(name, _)| !bound.contains_key(name));
        let shown = bound.keys().filter(|name| options.hidden || !is_hidden_name(name));
        names.extend(shown.map(|name| (name.clone(), FileType::Unknown)));
    }
    if let Some(visibility) = visibility {
        // what is hidden by one name is hidden by all
        let stands = |name: &[u8]| bound.get(name).cloned().unwrap_or_else(|| member(at, name));
        names.retain(|(name, _)| visibility.shows(&member(path, name)) && visibility.shows(&stands(name)));
    }
    let more = cut(&mut names, options.limits.listing);
    let state = |name: &[u8]| {
        if let Some(aim) = bound.get(name) {
            return root.state(aim, Blocking::Some);
        }
        let stat = fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match kind(&stat) {
            FileType::Symlink => root.state(&member(at, name), Blocking::Some),
            _ => Ok(stat),
        }
    };
    let mut members: Vec<Member> =
        names.into_iter().filter_map(|(name, _)| state(&name).ok().and_then(|stat| seen(name, &stat))).collect();
    members.sort_unstable_by(|one, two| order.compare(one, two));
    let grant = Grant::of(options, path);
    let list = List { path, order, grant, members, more };
    Ok(match form {
        Form::Html => Rendered { octets: html::render(&list), policy: (grant != Grant::Nothing).then(upload_policy) },
        Form::Json => Rendered { octets: json::render(&list), policy: None },
    })
}

/// The names in a folder that may be shown, and what kind of thing each is as far as the folder tells.
fn names(folder: Dir, options: &Options) -> rustix::io::Result<Vec<(Vec<u8>, FileType)>> {
    let mut names = Vec::new();
    for entry in folder {
        let entry = match entry {
            // Removed while it was read: what was read of it is what there was.
            Err(Errno::NOENT) => break,
            entry => entry?,
        };
        let name = entry.file_name().to_bytes();
        let told = entry.file_type();
        let shown = matches!(name, [first, ..] if *first != b'.')
            || !matches!(name, b"." | b"..") && (options.hidden || !is_hidden_name(name));
        let fits = matches!(told, FileType::RegularFile | FileType::Directory | FileType::Symlink | FileType::Unknown);
        if shown && fits {
            names.push((name.to_vec(), told));
        }
    }
    Ok(names)
}

/// Leaves the first names, folders before others, and says how many it took away. So a large collection costs a look at as
/// many members as it shows, and shows the same ones each time.
fn cut(names: &mut Vec<(Vec<u8>, FileType)>, limit: usize) -> usize {
    let more = names.len().saturating_sub(limit);
    if more > 0 && limit > 0 {
        let rank = |told: FileType| told != FileType::Directory;
        names.select_nth_unstable_by(limit - 1, |(one, first), (two, second)| {
            rank(*first).cmp(&rank(*second)).then_with(|| natural(one, two))
        });
    }
    names.truncate(limit);
    more
}

#[allow(clippy::unnecessary_cast)] // the widths differ from one architecture to the next
fn seen(name: Vec<u8>, stat: &Stat) -> Option<Member> {
    let folder = match kind(stat) {
        FileType::Directory => true,
        FileType::RegularFile => false,
        _ => return None,
    };
    let size = if folder { 0 } else { u64::try_from(stat.st_size).unwrap_or(0) };
    Some(Member { name, folder, size, modified: stat.st_mtime as i64 })
}

/// The order in which people look for names: letters regardless of case, numbers by their value; what is still equal by its
/// octets.
fn natural(one: &[u8], two: &[u8]) -> Ordering {
    let (mut a, mut b) = (one, two);
    while let ([first, ..], [second, ..]) = (a, b) {
        let ordering = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (x, y) = (take_number(&mut a), take_number(&mut b));
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            let ordering = first.to_ascii_lowercase().cmp(&second.to_ascii_lowercase());
            (a, b) = (&a[1..], &b[1..]);
            ordering
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    a.len().cmp(&b.len()).then_with(|| one.cmp(two))
}

/// Takes the digits in front, and returns them without the zeros that lead them.
fn take_number<'a>(octets: &mut &'a [u8]) -> &'a [u8] {
    let end = octets.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(octets.len());
    let (number, rest) = octets.split_at(end);
    *octets = rest;
    &number[number.iter().position(|&byte| byte != b'0').unwrap_or(end)..]
}

/// A rendered list.
#[derive(Debug)]
pub(crate) struct Page {
    octets: Rc<[u8]>,
    opaque: Opaque,
    policy: Option<&'static str>,
    form: Form,
    acceptable: bool,
}

impl Page {
    pub(crate) fn new(rendered: Rendered, form: Form, acceptable: bool) -> Page {
        let Rendered { octets, policy } = rendered;
        let opaque = opaque_of_content(&octets);
        Page { octets: octets.into(), opaque, policy, form, acceptable }
    }

    pub(crate) const fn octets(&self) -> &Rc<[u8]> {
        &self.octets
    }

    /// The facts. It has no modification date: that of the collection does not tell when a member grew.
    pub(crate) fn facts(&self) -> Target<'_> {
        Target {
            tag: Some(EntityTag { weak: false, opaque: &self.opaque }),
            length: self.octets.len() as u64,
            media_type: Some(self.form.media_type()),
            vary: Some("Accept"),
            collection: true,
            ranges: true,
            generated: true,
            policy: self.policy,
            variants: 2,
            variant_acceptable: self.acceptable,
            ..Target::default()
        }
    }
}

#[cfg(test)]
mod tests;
