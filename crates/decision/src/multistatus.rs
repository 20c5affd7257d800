//! The content of a 207: what became of each member, and each with the status that its own walk leads to (RFC 4918 §13).
//!
//! Whoever acted tells fates; only here do they become statuses. The members are written as they are told, all but what
//! follows from a fate: that is left open, rendered once for each fate, and put in when the whole is written. What a
//! property says is not known here.

use alloc::vec::Vec;
use core::ops::Range;

use semantics::request::{Head, Request};
use semantics::text::path::{href, is_beneath};
use semantics::text::xml::uri;

use crate::case::Case;
use crate::condition::Condition;
use crate::drive::{Halt, Known, drive};
use crate::explanation;
use crate::facts::{Facts, Failure, Outcome};
use crate::verdict::Verdict;

/// What became of one member, or of some of its properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberResult {
    /// Why it was not done; `None`: it was.
    pub failure: Option<Failure>,
    /// The condition that did not hold, if it has a name.
    pub condition: Option<Condition>,
    /// The path of the resource that the condition is about, ready to be written.
    pub subject: Option<Vec<u8>>,
    /// Its members were reported under another binding.
    pub reported: bool,
    /// There is something to tell: the properties that were found.
    pub content: bool,
}

impl MemberResult {
    /// It was done, and there is nothing to tell.
    pub const DONE: MemberResult =
        MemberResult { failure: None, condition: None, subject: None, reported: false, content: false };

    /// It was done, and this is what came of it: the properties that were found.
    pub const FOUND: MemberResult = MemberResult { content: true, ..MemberResult::DONE };

    /// It was not done, for this reason.
    pub const fn failed(failure: Failure) -> MemberResult {
        MemberResult { failure: Some(failure), ..MemberResult::DONE }
    }

    /// It was not done, since this condition did not hold.
    pub const fn refused(failure: Failure, condition: Condition) -> MemberResult {
        MemberResult { failure: Some(failure), condition: Some(condition), ..MemberResult::DONE }
    }
}

/// The members of a multistatus, in the order in which they are told.
///
/// Paths are decoded names with `/` between them, and a `/` at the end if it is a collection (RFC 4918 §5.2); empty is the
/// root. All of them are written in one form, an absolute path with all but the unreserved characters in percent
/// (RFC 4918 §8.3).
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// What is written already.
    octets: Vec<u8>,
    /// Where what follows from a fate is to be put in, in their order.
    gaps: Vec<Gap>,
    /// The fates that were told, each once but for those told long ago.
    fates: Vec<(MemberResult, MemberPart)>,
    /// A response waits for its end.
    open: bool,
    /// How many responses there are.
    count: usize,
    /// The path of the member that was begun.
    path: Vec<u8>,
    /// The paths below which nothing is told.
    reported: Vec<Vec<u8>>,
}

/// Where in the octets a fate belongs.
#[derive(Clone, Copy, Debug)]
struct Gap {
    at: usize,
    fate: usize,
}

/// What a fate is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemberPart {
    Response,
    Properties,
}

/// Fates that are looked through for one that was told before: a request has few, and a search through many would cost more
/// than it saves.
const RECENT: usize = 8;

impl Members {
    /// None yet.
    pub fn new() -> Members {
        Members::default()
    }

    /// Makes room for so many members more, of so many octets each.
    pub fn reserve(&mut self, members: usize, octets: usize) {
        self.octets.reserve(members.saturating_mul(octets));
        self.gaps.reserve(members);
    }

    /// How many members were told.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Was none told?
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Octets that were told so far, without what follows from the fates: what a limit of memory looks at.
    pub const fn size(&self) -> usize {
        self.octets.len()
    }

    /// Tells what became of this member as a whole.
    pub fn fate(&mut self, path: &[u8], fate: &MemberResult) {
        self.begin(path);
        self.gap(fate, MemberPart::Response);
    }

    /// Begins a member of which properties are told.
    ///
    /// What lies below a member that was reported under another binding is left out (RFC 5842 §7.1).
    pub fn begin(&mut self, path: &[u8]) {
        self.end();
        if self.reported.iter().any(|reported| is_below(path, reported)) {
            return;
        }
        self.path.clear();
        self.path.extend_from_slice(path);
        self.octets.extend_from_slice(b"<D:response><D:href>");
        href(path, &mut self.octets);
        self.octets.extend_from_slice(b"</D:href>");
        self.open = true;
        self.count += 1;
    }

    /// Tells properties of the member begun that share a fate: the elements inside of `DAV:prop`.
    pub fn properties(&mut self, fate: &MemberResult, tell: impl FnOnce(&mut Vec<u8>)) {
        self.propstat(fate, true, tell);
    }

    /// Tells them unless there are none, which is known only when they are written. Were there some?
    pub fn properties_if_any(&mut self, fate: &MemberResult, tell: impl FnOnce(&mut Vec<u8>)) -> bool {
        self.propstat(fate, false, tell)
    }

    fn propstat(&mut self, fate: &MemberResult, even_none: bool, tell: impl FnOnce(&mut Vec<u8>)) -> bool {
        if !self.open {
            return false;
        }
        let before = self.octets.len();
        self.octets.extend_from_slice(b"<D:propstat><D:prop>");
        let start = self.octets.len();
        tell(&mut self.octets);
        let any = self.octets.len() > start;
        if !any && !even_none {
            self.octets.truncate(before);
            return false;
        }
        self.octets.extend_from_slice(b"</D:prop>");
        self.gap(fate, MemberPart::Properties);
        self.octets.extend_from_slice(b"</D:propstat>");
        any
    }

    /// Tells where the member is that was told last: the value of Location (RFC 4918 §13.2).
    pub fn location(&mut self, location: &[u8]) {
        if self.open {
            self.octets.extend_from_slice(b"<D:location><D:href>");
            uri(location, &mut self.octets);
            self.octets.extend_from_slice(b"</D:href></D:location>");
        }
    }

    /// Ends the member begun. The next one ends it too.
    pub fn end(&mut self) {
        if self.open {
            self.octets.extend_from_slice(RESPONSE_END);
            self.open = false;
        }
    }

    /// Leaves room for what follows from this fate.
    fn gap(&mut self, fate: &MemberResult, place: MemberPart) {
        if !self.open {
            return;
        }
        if fate.reported {
            self.reported.push(self.path.clone());
        }
        let told = self.fates.iter().rev().take(RECENT).position(|(told, at)| told == fate && *at == place);
        let fate = match told {
            Some(back) => self.fates.len() - 1 - back,
            None => {
                self.fates.push((fate.clone(), place));
                self.fates.len() - 1
            }
        };
        self.gaps.push(Gap { at: self.octets.len(), fate });
    }
}

/// Is it strictly below this collection? Both may end in a slash.
fn is_below(path: &[u8], collection: &[u8]) -> bool {
    let [path, collection] = [path, collection].map(|path| path.strip_suffix(b"/").unwrap_or(path));
    is_beneath(path, collection)
}

/// The media type of a multistatus.
pub const MEDIA_TYPE: &str = "application/xml; charset=utf-8";

/// What every document of ours begins with.
pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

const RESPONSE_END: &[u8] = b"</D:response>\n";

/// Room for all that follows from one fate.
const ROOM: usize = 256;

/// Writes the content of a 207.
pub fn write(facts: &Facts<'_>, members: &Members, out: &mut Vec<u8>) {
    // What the client prefers is about the answer as a whole, never about one member (RFC 8144 §2), so a member's walk
    // reads nothing of the request but its method and its version.
    let head = Head { method: facts.request.method(), version: facts.request.version(), ..Head::EMPTY };
    let bare = Facts { request: Request::new(&[], &head), ..facts.clone() };
    let mut tails = Vec::with_capacity(members.fates.len() * ROOM);
    let mut of_fate: Vec<Range<usize>> = Vec::with_capacity(members.fates.len());
    for (fate, place) in &members.fates {
        let start = tails.len();
        follow(fate, *place, &bare, facts, &mut tails);
        of_fate.push(start..tails.len());
    }
    let followed: usize = members.gaps.iter().map(|gap| of_fate[gap.fate].len()).sum();
    out.reserve(members.octets.len() + followed + ROOM);
    out.extend_from_slice(DECLARATION.as_bytes());
    out.extend_from_slice(b"<D:multistatus xmlns:D=\"DAV:\">\n");
    let mut from = 0;
    for gap in &members.gaps {
        out.extend_from_slice(&members.octets[from..gap.at]);
        out.extend_from_slice(&tails[of_fate[gap.fate].clone()]);
        from = gap.at;
    }
    out.extend_from_slice(&members.octets[from..]);
    if members.open {
        out.extend_from_slice(RESPONSE_END);
    }
    out.extend_from_slice(b"</D:multistatus>\n");
}

/// Writes what follows from a fate: the status of its walk, the condition, and why.
fn follow(fate: &MemberResult, place: MemberPart, bare: &Facts<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
    let outcome = Outcome {
        failure: fate.failure,
        condition: fate.condition,
        reported: fate.reported,
        content: fate.content,
        ..Outcome::DEFAULT
    };
    let verdict = verdict(bare, &outcome);
    out.extend_from_slice(b"<D:status>HTTP/1.1 ");
    out.extend_from_slice(&verdict.status.digits());
    out.push(b' ');
    out.extend_from_slice(verdict.status.reason().as_bytes());
    out.extend_from_slice(b"</D:status>");
    let facts = Facts { outcome: &outcome, ..facts.clone() };
    if let Some(condition) = Condition::of(&verdict, &facts) {
        out.extend_from_slice(b"<D:error>");
        condition.write(fate.subject.as_deref(), out);
        out.extend_from_slice(b"</D:error>");
    }
    // that a property is not there needs no words, and there may be thousands
    let plain = place == MemberPart::Properties && fate.failure == Some(Failure::SubjectMissing);
    if verdict.status.is_error() && !plain {
        out.extend_from_slice(b"<D:responsedescription>");
        explanation::write_note(&verdict, &facts, out);
        out.extend_from_slice(b"</D:responsedescription>");
    }
}

/// The end of a member's walk.
fn verdict(facts: &Facts<'_>, outcome: &Outcome<'_>) -> Verdict {
    match drive(&mut Case::open_member(facts.clone(), outcome), &mut Known(facts.clone())) {
        Halt::Done(verdict) => verdict,
        // RFC 4918 §13: no 1xx; the graph has none behind a action, and no other question than those about it
        Halt::Waits(_) | Halt::Says(_) | Halt::Closed(_) => unreachable!("what follows a action asks and says nothing"),
    }
}
