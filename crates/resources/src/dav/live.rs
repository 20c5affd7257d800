//! Properties as they are told: those that the server knows of itself (RFC 4918 §15, RFC 4331, RFC 5397, RFC 5842,
//! RFC 6578), and those that it keeps for clients.
//!
//! Nothing is looked up here: whoever knows a resource hands it over.

use std::sync::Arc;

use decision::facts::Failure;
use decision::multistatus::{self, MemberResult, Members};
use semantics::date::Date;
use semantics::syntax::write_u64;
use semantics::tag::EntityTag;
use semantics::text::path::{self, href};
use semantics::text::xml::{text, uri};

use super::DAV;
use super::propfind::Propfind;
use crate::locks::Lock;
use crate::properties::{Name, Property};

/// What is known of a resource when its properties are told.
#[derive(Clone, Debug, Default)]
pub struct Resource<'a> {
    /// It is a collection.
    pub collection: bool,
    /// Its length in octets; not told of a collection.
    pub length: u64,
    /// When it was changed last.
    pub modified: Date,
    /// When it was made, if that is known.
    pub created: Option<Date>,
    /// Its entity tag.
    pub tag: Option<EntityTag<'a>>,
    /// Its media type, with its charset.
    pub media_type: Option<&'a str>,
    /// Its name, if no client has given it another.
    pub display_name: &'a [u8],
    /// The locks that bear on it.
    pub locks: &'a [Arc<Lock>],
    /// What clients keep with it.
    pub dead: &'a [Property],
    /// What may be stored here.
    pub quota: Option<Quota>,
    /// What it is, under whatever name: an absolute URI.
    pub resource_id: Option<&'a str>,
    /// Where it is bound; none: that is not known.
    pub parents: &'a [Parent<'a>],
    /// The system may run it; `None`: that is not to be told.
    pub executable: Option<bool>,
    /// Its members are told under another binding (RFC 5842 §7.1).
    pub reported: bool,
}

/// What may be stored, in octets (RFC 4331 §3, §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What is left, if that is known.
    pub available: Option<u64>,
    /// What is used.
    pub used: u64,
}

/// A binding: the collection, and the name in it (RFC 5842 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent<'a> {
    /// The decoded path of the collection.
    pub path: &'a [u8],
    /// The decoded name.
    pub segment: &'a [u8],
}

/// A property that the server knows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Live {
    CreationDate,
    DisplayName,
    ContentLength,
    ContentType,
    Tag,
    LastModified,
    ResourceType,
    LockDiscovery,
    SupportedLock,
    Executable,
    // those below are told only to who names them
    QuotaAvailable,
    QuotaUsed,
    ResourceId,
    ParentSet,
    SupportedReports,
    // known so that no client can set them, and not told: nobody logs in, and changes are not kept
    Principal,
    SyncToken,
}

use Live as Is;

/// The namespace of what the first widespread server added.
const APACHE: &str = "http://apache.org/dav/props/";

/// Each with its name. The first ones are told to who asks for all.
const NAMES: [(Live, &str); 17] = [
    (Is::CreationDate, "creationdate"),
    (Is::DisplayName, "displayname"),
    (Is::ContentLength, "getcontentlength"),
    (Is::ContentType, "getcontenttype"),
    (Is::Tag, "getetag"),
    (Is::LastModified, "getlastmodified"),
    (Is::ResourceType, "resourcetype"),
    (Is::LockDiscovery, "lockdiscovery"),
    (Is::SupportedLock, "supportedlock"),
    (Is::Executable, "executable"),
    (Is::QuotaAvailable, "quota-available-bytes"),
    (Is::QuotaUsed, "quota-used-bytes"),
    (Is::ResourceId, "resource-id"),
    (Is::ParentSet, "parent-set"),
    (Is::Principal, "current-user-principal"),
    (Is::SupportedReports, "supported-report-set"),
    (Is::SyncToken, "sync-token"),
];

/// How many of them are told to who asks for all (RFC 4918 §9.1, RFC 4331 §2, RFC 5842 §3, RFC 6578 §4).
const OF_ALL: usize = 10;

impl Live {
    /// The one of this name.
    pub(super) fn of(name: &Name) -> Option<Live> {
        let space = &name.space[..];
        let known = |live: Live| if live == Is::Executable { space == APACHE } else { space == DAV };
        NAMES.iter().find(|(live, local)| name.local == *local && known(*live)).map(|(live, _)| *live)
    }

    /// May no client change it? A name to be shown is the client's to choose (RFC 4918 §15.2).
    pub(super) fn is_protected(self) -> bool {
        self != Is::DisplayName
    }
}

/// Tells the properties of one resource after the other, as one request asks for them.
#[derive(Debug)]
pub struct LiveProperties<'a> {
    asked: &'a Propfind,
    /// Which of the properties that are named are live.
    live: Vec<Option<Live>>,
    minimal: bool,
    now: Date,
}

impl<'a> LiveProperties<'a> {
    /// For this request, which may prefer not to be told what there is not (RFC 8144 §2.1).
    pub fn new(asked: &'a Propfind, minimal: bool, now: Date) -> LiveProperties<'a> {
        LiveProperties { asked, live: asked.named().iter().map(Live::of).collect(), minimal, now }
    }

    /// Tells what is asked for of the resource at this path, which is as [`Members`] take it.
    pub fn tell(&self, resource: &Resource<'_>, path: &[u8], members: &mut Members) {
        let found = MemberResult { reported: resource.reported, ..MemberResult::FOUND };
        let mut missing = Vec::new();
        members.begin(path);
        let any = members.properties_if_any(&found, |out| match self.asked {
            Propfind::Prop(_) => self.named(resource, &mut missing, out),
            Propfind::PropName => names(resource, self.now, out),
            Propfind::AllProp { .. } => {
                all(resource, self.now, out);
                self.named(resource, &mut missing, out);
            }
        });
        if !missing.is_empty() && !self.minimal {
            members.properties(&MemberResult::failed(Failure::SubjectMissing), |out| {
                missing.iter().for_each(|name| name_of(name, out));
            });
        } else if !any {
            // a response tells of something, if only that there is nothing (RFC 8144 §2.1)
            members.properties(&found, |_| {});
        }
        members.end();
    }

    /// Those that are named, and which of them there are not.
    fn named(&self, resource: &Resource<'_>, missing: &mut Vec<&'a Name>, out: &mut Vec<u8>) {
        let all = matches!(self.asked, Propfind::AllProp { .. });
        for (name, live) in self.asked.named().iter().zip(&self.live) {
            let dead = resource.dead.iter().find(|property| property.name == *name);
            match (dead, live) {
                // what is told to all was told before
                (Some(_), _) if all => {}
                (_, Some(live)) if all && of_all().any(|of_all| of_all == *live) => {}
                (Some(property), None | Some(Is::DisplayName)) => property_of(property, out),
                (_, Some(live)) if resource.tell(*live, self.now, out) => {}
                _ => missing.push(name),
            }
        }
    }
}

fn of_all() -> impl Iterator<Item = Live> {
    NAMES.iter().take(OF_ALL).map(|(live, _)| *live)
}

/// All that are dead, and all that RFC 4918 defines.
fn all(resource: &Resource<'_>, now: Date, out: &mut Vec<u8>) {
    for live in of_all() {
        if live != Is::DisplayName || !resource.is_named() {
            resource.tell(live, now, out);
        }
    }
    shown(resource).for_each(|property| property_of(property, out));
}

/// The names of all that there are.
fn names(resource: &Resource<'_>, now: Date, out: &mut Vec<u8>) {
    let mut told = Vec::new();
    for (live, local) in NAMES {
        told.clear();
        if resource.tell(live, now, &mut told) {
            let space = if live == Is::Executable { APACHE } else { DAV };
            empty(space, local, out);
        }
    }
    shown(resource)
        .filter(|property| Live::of(&property.name).is_none())
        .for_each(|property| name_of(&property.name, out));
}

/// The dead ones; none hides a live one, but for the name to be shown.
fn shown<'r>(resource: &'r Resource<'_>) -> impl Iterator<Item = &'r Property> {
    resource.dead.iter().filter(|property| !Live::of(&property.name).is_some_and(Live::is_protected))
}

impl Resource<'_> {
    /// Has a client given it a name to be shown?
    fn is_named(&self) -> bool {
        self.dead.iter().any(|property| property.name.space == DAV && property.name.local == "displayname")
    }

    /// Writes a live property; not if the resource has none of that name.
    fn tell(&self, live: Live, now: Date, out: &mut Vec<u8>) -> bool {
        match live {
            Is::CreationDate => {
                let Some(created) = self.created else { return false };
                put(out, &[b"<D:creationdate>", &created.write_rfc3339(), b"</D:creationdate>"]);
            }
            Is::DisplayName => {
                put(out, &[b"<D:displayname>"]);
                text(self.display_name, out);
                put(out, &[b"</D:displayname>"]);
            }
            Is::ContentLength if self.collection => return false,
            Is::ContentLength => number("getcontentlength", self.length, out),
            Is::ContentType => {
                let Some(media_type) = self.media_type else { return false };
                put(out, &[b"<D:getcontenttype>"]);
                text(media_type.as_bytes(), out);
                put(out, &[b"</D:getcontenttype>"]);
            }
            Is::Tag => {
                let Some(tag) = self.tag else { return false };
                let [opening, opaque, closing] = tag.pieces();
                put(out, &[b"<D:getetag>", opening]);
                text(opaque, out);
                put(out, &[closing, b"</D:getetag>"]);
            }
            Is::LastModified => put(out, &[b"<D:getlastmodified>", &self.modified.write(), b"</D:getlastmodified>"]),
            Is::ResourceType if self.collection => {
                put(out, &[b"<D:resourcetype><D:collection/></D:resourcetype>"]);
            }
            Is::ResourceType => put(out, &[b"<D:resourcetype/>"]),
            Is::LockDiscovery => discovery(self.locks, now, out),
            Is::SupportedLock => put(out, &[SUPPORTED_LOCK]),
            Is::Executable => {
                let Some(executable) = self.executable else { return false };
                let value: &[u8] = if executable { b"T" } else { b"F" };
                put(out, &[b"<n:executable xmlns:n=\"", APACHE.as_bytes(), b"\">", value, b"</n:executable>"]);
            }
            _ => return self.tell_named(live, out),
        }
        true
    }

    /// One of those that are told only to who names them.
    fn tell_named(&self, live: Live, out: &mut Vec<u8>) -> bool {
        match live {
            Is::QuotaAvailable => {
                let Some(available) = self.quota.and_then(|quota| quota.available) else { return false };
                number("quota-available-bytes", available, out);
            }
            Is::QuotaUsed => {
                let Some(quota) = self.quota else { return false };
                number("quota-used-bytes", quota.used, out);
            }
            Is::ResourceId => {
                let Some(id) = self.resource_id else { return false };
                put(out, &[b"<D:resource-id><D:href>"]);
                uri(id.as_bytes(), out);
                put(out, &[b"</D:href></D:resource-id>"]);
            }
            Is::ParentSet if self.parents.is_empty() => return false,
            Is::ParentSet => parents(self.parents, out),
            // there are none
            Is::SupportedReports => put(out, &[b"<D:supported-report-set/>"]),
            _ => return false,
        }
        true
    }
}

/// Exclusive and shared write locks (RFC 4918 §15.10).
const SUPPORTED_LOCK: &[u8] = b"<D:supportedlock>\
    <D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>\
    <D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>\
    </D:supportedlock>";

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}

fn number(local: &str, number: u64, out: &mut Vec<u8>) {
    let local = local.as_bytes();
    put(out, &[b"<D:", local, b">", write_u64(number, &mut [0; 20]), b"</D:", local, b">"]);
}

fn parents(parents: &[Parent<'_>], out: &mut Vec<u8>) {
    put(out, &[b"<D:parent-set>"]);
    for Parent { path, segment } in parents {
        put(out, &[b"<D:parent><D:href>"]);
        href(path, out);
        if !path.is_empty() && !path.ends_with(b"/") {
            out.push(b'/');
        }
        put(out, &[b"</D:href><D:segment>"]);
        path::segment(segment, out);
        put(out, &[b"</D:segment></D:parent>"]);
    }
    put(out, &[b"</D:parent-set>"]);
}

/// The locks that bear on a resource (RFC 4918 §15.8), each with the time that it has left.
fn discovery(locks: &[Arc<Lock>], now: Date, out: &mut Vec<u8>) {
    if locks.is_empty() {
        return put(out, &[b"<D:lockdiscovery/>"]);
    }
    put(out, &[b"<D:lockdiscovery>"]);
    for lock in locks {
        let scope: &[u8] = if lock.exclusive { b"exclusive" } else { b"shared" };
        let depth: &[u8] = if lock.infinite { b"infinity" } else { b"0" };
        put(out, &[b"<D:activelock><D:lockscope><D:", scope, b"/></D:lockscope>"]);
        put(out, &[b"<D:locktype><D:write/></D:locktype><D:depth>", depth, b"</D:depth>"]);
        if !lock.owner.is_empty() {
            put(out, &[b"<D:owner>", &lock.owner, b"</D:owner>"]);
        }
        let left = u64::try_from(lock.expires.saturating_sub(now.unix())).unwrap_or(0);
        put(out, &[b"<D:timeout>Second-", write_u64(left, &mut [0; 20]), b"</D:timeout><D:locktoken><D:href>"]);
        uri(lock.token.as_bytes(), out);
        put(out, &[b"</D:href></D:locktoken><D:lockroot><D:href>"]);
        href(&lock.root, out);
        put(out, &[b"</D:href></D:lockroot></D:activelock>"]);
    }
    put(out, &[b"</D:lockdiscovery>"]);
}

/// Writes what LOCK answers: a document with the locks that bear on its target (RFC 4918 §9.10.1).
pub fn lock_discovery(locks: &[Arc<Lock>], now: Date, out: &mut Vec<u8>) {
    put(out, &[multistatus::DECLARATION.as_bytes(), b"<D:prop xmlns:D=\"DAV:\">"]);
    discovery(locks, now, out);
    put(out, &[b"</D:prop>\n"]);
}

/// Writes an empty element of this name.
pub(super) fn name_of(name: &Name, out: &mut Vec<u8>) {
    empty(&name.space, &name.local, out);
}

fn empty(space: &str, local: &str, out: &mut Vec<u8>) {
    opening(space, local, out);
    put(out, &[b"/>"]);
}

/// The prefix of elements in this namespace. No default namespace is in force where properties stand, so names in none have
/// no prefix.
fn prefix(space: &str) -> &'static [u8] {
    match space {
        DAV => b"D:",
        "" => b"",
        _ => b"n:",
    }
}

/// An element up to its attributes.
fn opening(space: &str, local: &str, out: &mut Vec<u8>) {
    put(out, &[b"<", prefix(space), local.as_bytes()]);
    if !matches!(space, DAV | "") {
        put(out, &[b" xmlns:n=\""]);
        text(space.as_bytes(), out);
        put(out, &[b"\""]);
    }
}

/// Writes a dead property with its value, as it was set.
fn property_of(property: &Property, out: &mut Vec<u8>) {
    let Property { name: Name { space, local }, language, content } = property;
    opening(space, local, out);
    if let Some(language) = language {
        put(out, &[b" xml:lang=\""]);
        text(language.as_bytes(), out);
        put(out, &[b"\""]);
    }
    if content.is_empty() {
        put(out, &[b"/>"]);
    } else {
        put(out, &[b">", content, b"</", prefix(space), local.as_bytes(), b">"]);
    }
}

#[cfg(test)]
pub(super) mod tests;
