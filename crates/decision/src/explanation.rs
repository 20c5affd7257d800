//! The explanation: the entity of every 4xx and 5xx, the short entity with the link of a 3xx, the note of a 201 or 202.
//!
//! A row of `causes` has the words of one cause: a question of the graph, and the status that its answer led to. They are
//! told once and read in four ways (see `pen`): as a page for people, as plain text, as the sentence of an
//! `application/problem+json` (RFC 9457), and as its typed members. WebDAV gets the plain text in the elements of a
//! `DAV:error`. Everything goes straight into the output; all that comes from a request is escaped on its way there.
//!
//! An explanation never reveals what a rule hides: the 404 that stands for a 403 has the words, and the octets, of a true
//! one. Nothing of the world beneath is known here, so no path of a file system can be told.

use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ptr;

use semantics::field::Field;
use semantics::limits;
use semantics::request::Request;
use semantics::status::{self, Class, Status};
use semantics::syntax::{List, trim_ows};

use crate::because::Because;
use crate::condition::Condition;
use crate::facts::{Facts, RequestId};
use crate::fields;
use crate::multistatus;
use crate::reply::REPLY;
use crate::verdict::{Entity, Verdict};

mod causes;
mod html;
mod pen;
mod problem;
mod text;
mod xml;

use causes::{Lasts, Why, Words};
use pen::ExplanationWriter;

/// In which form an explanation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Media {
    /// A page, for a person with a browser.
    Html,
    /// Problem details (RFC 9457), for a program.
    Problem,
    /// A few lines, for a person at a terminal.
    Text,
    /// The elements of a `DAV:error` (RFC 4918 §16), for a client of WebDAV.
    Xml,
}

/// How many forms there are.
const FORMS: usize = 4;

impl Media {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Media::Html => "text/html; charset=utf-8",
            Media::Problem => "application/problem+json",
            Media::Text => "text/plain; charset=utf-8",
            Media::Xml => multistatus::MEDIA_TYPE,
        }
    }

    /// The form that this request prefers, by all its Accept lines (RFC 9110 §12.5.1).
    ///
    /// A browser names text/html and a program names JSON. Who accepts anything, or says nothing, is taken for a person
    /// at a terminal and gets text, or for a client of WebDAV if its method is one of those, and gets XML; so does who
    /// accepts none of the four, since an explanation is better than none.
    pub fn choose(request: Request<'_>) -> Media {
        Media::preferred(request, speaks_webdav(request))
    }

    /// The form in which this verdict is to be explained.
    ///
    /// Clients of WebDAV send PUT and DELETE too, and what refuses them by name is told in an element of XML
    /// (RFC 4918 §16), unless the client asks for another form.
    pub fn of(verdict: &Verdict, facts: &Facts<'_>) -> Media {
        let named = facts.site.webdav && Condition::of(verdict, facts).is_some();
        let error = verdict.status.is_error();
        Media::preferred(facts.request, named || error && speaks_webdav(facts.request))
    }

    /// The form that Accept prefers; where it leaves the choice, XML or else text.
    fn preferred(request: Request<'_>, xml: bool) -> Media {
        let usual = if xml { Media::Xml } else { Media::Text };
        if !request.has(Field::ACCEPT) {
            return usual;
        }
        let mut seen = [Seen::default(); FORMS];
        for (nth, member) in request.values(Field::ACCEPT).flat_map(List::new).enumerate() {
            let (range, quality) = quality(member);
            let Some(range) = Range::read(range) else { continue };
            let (exact, forms) = range.meaning();
            if let ([form], EXACTLY, WHOLE) = (forms, exact, quality) {
                return *form; // nobody named later can be named better
            }
            for form in forms {
                let seen = &mut seen[*form as usize];
                if (exact, quality) > (seen.exact, seen.quality) {
                    *seen = Seen { quality, exact, earlier: Reverse(nth) };
                }
            }
        }
        let likelier_last = [Media::Xml, Media::Problem, Media::Html, Media::Text, usual];
        likelier_last.into_iter().max_by_key(|form| seen[*form as usize].rank()).unwrap_or(usual)
    }
}

/// Is its method one of WebDAV? Its client reads XML whatever Accept says, or says nothing of it (RFC 4918 §8.2).
fn speaks_webdav(request: Request<'_>) -> bool {
    request.method().is_some_and(|method| method.row().webdav)
}

/// How a form was named in Accept.
#[derive(Clone, Copy, Default)]
struct Seen {
    quality: u16,
    exact: u8,
    earlier: Reverse<usize>,
}

impl Seen {
    /// The greatest is chosen: the best weight, then who was named more exactly, then who was named first.
    fn rank(self) -> Option<(u16, u8, Reverse<usize>)> {
        (self.quality > 0).then_some((self.quality, self.exact, self.earlier))
    }
}

/// How exactly a range names a form: by its own name.
const EXACTLY: u8 = 3;

/// The weight of what is accepted without reserve, in thousandths.
const WHOLE: u16 = 1_000;

/// What a range of Accept means for the four forms.
enum Range {
    Html,
    Json,
    Plain,
    Xml,
    AnyText,
    AnyApplication,
    Any,
}

impl Range {
    fn read(range: &[u8]) -> Option<Range> {
        let is = |name: &[u8]| range.eq_ignore_ascii_case(name);
        let suffix = range.len().checked_sub(5).map(|at| &range[at..]);
        Some(match range.len() {
            3 if is(b"*/*") => Range::Any,
            8 if is(b"text/xml") => Range::Xml,
            9 if is(b"text/html") => Range::Html,
            10 if is(b"text/plain") => Range::Plain,
            6 if is(b"text/*") => Range::AnyText,
            13 if is(b"application/*") => Range::AnyApplication,
            15 if is(b"application/xml") => Range::Xml,
            16 if is(b"application/json") => Range::Json,
            _ if suffix.is_some_and(|s| s.eq_ignore_ascii_case(b"+json")) => Range::Json,
            _ => return None,
        })
    }

    /// How exactly it names a form, and which forms those are.
    const fn meaning(&self) -> (u8, &'static [Media]) {
        match self {
            Range::Html => (EXACTLY, &[Media::Html]),
            Range::Json => (EXACTLY, &[Media::Problem]),
            Range::Plain => (EXACTLY, &[Media::Text]),
            Range::Xml => (EXACTLY, &[Media::Xml]),
            Range::AnyText => (2, &[Media::Text, Media::Html]),
            Range::AnyApplication => (2, &[Media::Problem, Media::Xml]),
            Range::Any => (1, &[Media::Text, Media::Html, Media::Problem, Media::Xml]),
        }
    }
}

/// A member of Accept without its parameters, and its weight in thousandths; 0 if the weight cannot be read.
fn quality(member: &[u8]) -> (&[u8], u16) {
    let mut parts = member.split(|b| *b == b';');
    let range = trim_ows(parts.next().unwrap_or_default());
    let weight = parts.map(trim_ows).find_map(|p| match p {
        [b'q' | b'Q', b'=', weight @ ..] => Some(weight),
        _ => None,
    });
    let quality = match weight {
        None | Some([b'1', ..]) => WHOLE,
        Some([b'0', b'.', digits @ ..]) if digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit) => {
            digits.iter().zip([100, 10, 1]).map(|(d, unit)| u16::from(d - b'0') * unit).sum()
        }
        Some(_) => 0,
    };
    (range, quality)
}

/// Whether the same request would get the same answer later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permanence {
    /// It passes, if one waits or supplies what is missing.
    Temporary,
    /// It stays, for this very request.
    Permanent,
    /// Time alone does not tell.
    Unknown,
}

impl Permanence {
    /// One word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Permanence::Temporary => "temporary",
            Permanence::Permanent => "permanent",
            Permanence::Unknown => "unknown",
        }
    }
}

/// Why a verdict is what it is: all that an explanation tells, before it has a form.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Cause<'a> {
    /// The status.
    pub status: Status,
    /// The name of the question that was the cause: stable.
    pub id: &'static str,
    /// What happened, in a few words that are the same at each time.
    pub title: &'static str,
    /// Would the same request get the same answer later?
    pub permanence: Permanence,
    /// Until what, or in which case.
    pub lasts: &'static str,
    /// Seconds after which it may be tried again, if that is known; never known of what is permanent.
    pub retry_after: Option<u32>,
    /// What the client can do.
    pub remedy: &'static str,
    /// The section that it comes from.
    pub section: &'static str,
    /// The number of the walk, if the client may see it.
    pub because: Option<Because>,
    /// Where to go, if that is known.
    pub link: Option<&'a [u8]>,
    /// By what the line of the log is found.
    pub request: RequestId,
    why: Why,
}

impl<'a> Cause<'a> {
    /// The cause of this verdict.
    pub fn of(verdict: &Verdict, facts: &Facts<'a>) -> Cause<'a> {
        let status = verdict.status;
        let row = &REPLY.rows[usize::from(verdict.last)];
        let words = Words::of(verdict.last, status);
        let (permanence, lasts) = match words.lasts {
            Lasts::Temporary(note) => (Permanence::Temporary, note),
            Lasts::Permanent(note) => (Permanence::Permanent, note),
            Lasts::Unknown(note) => (Permanence::Unknown, note),
            Lasts::AsItsStatus => of_status(status),
        };
        Cause {
            status,
            id: if words.id.is_empty() { row.id } else { words.id },
            title: if words.title.is_empty() { status.reason() } else { words.title },
            permanence,
            lasts,
            retry_after: retry_after(verdict, facts),
            remedy: words.remedy,
            section: words.section(status).unwrap_or(row.spec),
            because: shown_because(verdict, facts),
            link: match status.code() {
                511 => facts.connection.portal.map(str::as_bytes),
                306 => facts.site.next_proxy.map(str::as_bytes),
                100..400 => facts.outcome.location.or(facts.target.location),
                _ => None,
            },
            request: facts.connection.id,
            why: words.why,
        }
    }

    fn tell(&self, pen: &mut ExplanationWriter<'_>, facts: &Facts<'_>) {
        match self.why {
            Why::Fixed(words) => pen.say(words),
            Why::Computed(tell) => tell(pen, facts),
        }
    }

    fn remedy(&self, pen: &mut ExplanationWriter<'_>) {
        match self.retry_after {
            Some(1) => pen.say("Try again in a second. "),
            Some(seconds) => {
                pen.say("Try again in ");
                pen.number("", seconds.into());
                pen.say(" seconds. ");
            }
            None => {}
        }
        pen.say(self.remedy);
    }
}

/// What the table of statuses says, for a cause that leaves it to its status.
const fn of_status(status: Status) -> (Permanence, &'static str) {
    match status.row().permanence {
        status::Permanence::Temporary => (Permanence::Temporary, "that is the meaning of this status."),
        status::Permanence::Permanent => (Permanence::Permanent, "that is the meaning of this status."),
        _ => (Permanence::Unknown, "The status alone does not tell."),
    }
}

/// Seconds after which it may be tried again, where that is known: what Retry-After says, and the explanation too.
///
/// Never of an answer that is permanent.
pub fn retry_after(verdict: &Verdict, facts: &Facts<'_>) -> Option<u32> {
    let known = facts.connection.retry_after.or(facts.site.retry_after);
    match verdict.status {
        Status::TOO_MANY_REQUESTS => facts.quota.retry_after.or(facts.client.retry_after).or(known),
        // for how long a site is closed only its operator knows, and for how long an upstream is down nobody
        Status::SERVICE_UNAVAILABLE
            if !(facts.connection.overloaded || facts.site.in_service) || facts.site.forwards =>
        {
            known
        }
        // what is full, out of reach, or in use by another change is usually there again in a moment
        Status::SERVICE_UNAVAILABLE => known.or(Some(limits::RETRY_AFTER_OVERLOAD)),
        _ => None,
    }
}

/// The number of the walk, if this client may see it.
///
/// A 404 that might hide something never shows it, wherever it comes from: the number would tell who hides from who has
/// nothing.
pub fn shown_because(verdict: &Verdict, facts: &Facts<'_>) -> Option<Because> {
    let nothing_here = || ptr::eq(Words::of(verdict.last, verdict.status), &causes::NOTHING_HERE);
    let hides = || facts.site.hides && verdict.status.is_error() || nothing_here();
    let shows = facts.site.shows_because || fields::asks_because(facts);
    (shows && !hides()).then_some(verdict.because)
}

/// Room that most explanations fit in.
const ROOM: usize = 4_096;

/// Writes the entity that explains this verdict; nothing, if it has none of that kind.
///
/// ```
/// use decision::case::Case;
/// use decision::drive::{Halt, Known, drive};
/// use decision::explanation::{self, Media};
/// use decision::facts::{Connection, Facts, Reading, Target};
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
///
/// let fields = [(&b"Host"[..], &b"a"[..]), (b"Accept", b"application/json")];
/// let request = OwnedRequest::made(Method::GET, b"/old", fields);
/// let (connection, reading) = (Connection::default(), Reading::default());
/// let target = Target { exists: false, gone: true, ..Target::DEFAULT };
/// let facts = Facts { target: &target, ..Facts::new(&connection, request.view(), &reading) };
/// let Halt::Done(verdict) = drive(&mut Case::open(facts.clone()), &mut Known(facts.clone())) else { panic!("all is known") };
///
/// let (media, mut out) = (Media::of(&verdict, &facts), Vec::new());
/// assert_eq!(media.media_type(), "application/problem+json");
/// explanation::write(&verdict, &facts, media, &mut out);
/// assert!(out.starts_with(b"{\"type\":"));
/// ```
pub fn write(verdict: &Verdict, facts: &Facts<'_>, media: Media, out: &mut Vec<u8>) {
    let explains = match verdict.status.class() {
        // what an upstream answered is its own to explain
        Class::ClientError | Class::ServerError => {
            verdict.entity != Entity::Relayed || facts.site.fixed_reply == Some(verdict.status)
        }
        Class::Redirection => verdict.status != Status::NOT_MODIFIED,
        Class::Success => verdict.entity == Entity::Result && matches!(verdict.status.code(), 201 | 202),
        Class::Informational => false,
    };
    if !explains {
        return;
    }
    out.reserve(ROOM);
    let cause = Cause::of(verdict, facts);
    match media {
        Media::Html => html::write(&cause, facts, out),
        Media::Problem => problem::write(&cause, facts, out),
        Media::Text => text::write(&cause, facts, out),
        Media::Xml => xml::write(&cause, Condition::of(verdict, facts), facts, out),
    }
}

/// Writes what happened in this request, in one line of text that follows on "because".
pub fn write_sentence(verdict: &Verdict, facts: &Facts<'_>, out: &mut Vec<u8>) {
    Cause::of(verdict, facts).tell(&mut ExplanationWriter::new(out, pen::Notation::Text), facts);
}

/// Writes the words of this verdict as text of XML, in one line: what a multistatus tells of a member.
pub(crate) fn write_note(verdict: &Verdict, facts: &Facts<'_>, out: &mut Vec<u8>) {
    xml::note(&Cause::of(verdict, facts), facts, out);
}
