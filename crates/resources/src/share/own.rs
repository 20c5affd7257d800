//! The server's own space of names, `/.because/`: the monitors of long actions, and uploads that are not complete.

use std::rc::Rc;

use decision::facts::Target;
use exchange::body::Segment;
use semantics::method::Method;
use semantics::request::Request;
use semantics::syntax::List;

use crate::action_result::ActionResult;
use crate::entry::stretch;
use crate::jobs::{End, Job, Kind, State, page};
use crate::share::Share;
use crate::share::action::{Action, href};
use crate::tree::{RESERVED, is_reserved};
use crate::uploads::Upload;
use crate::validators::{Opaque, opaque_of_content};

/// What stands there.
#[derive(Clone, Debug)]
pub struct Own(What);

#[derive(Clone, Debug)]
enum What {
    /// The monitor of a action that goes on, or that has ended without a result to be looked at.
    Page {
        octets: Rc<[u8]>,
        media_type: &'static str,
        tag: Opaque,
        running: bool,
    },
    /// The monitor of a action whose result stands at this path (RFC 9110 §15.4.4).
    Result {
        location: Vec<u8>,
    },
    /// An upload.
    Upload(Upload),
    Nothing,
}

/// Is this decoded path one of the server's own?
pub fn is_own(path: &[u8]) -> bool {
    is_reserved(path)
}

/// Which of the two a path of the server's own names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name<'a> {
    Job(&'a str),
    Upload(&'a str),
}

impl<'a> Name<'a> {
    pub(crate) fn of(path: &'a [u8]) -> Option<Name<'a>> {
        let own = path.strip_prefix(RESERVED)?.strip_prefix(b"/")?;
        let own = str::from_utf8(own).ok()?;
        let (kind, id) = own.split_once('/')?;
        match kind {
            "jobs" => Some(Name::Job(id)),
            "uploads" => Some(Name::Upload(id)),
            _ => None,
        }
    }

    /// The path as an answer writes it.
    pub(crate) fn href(self) -> Vec<u8> {
        let (kind, id) = match self {
            Name::Job(id) => ("jobs", id),
            Name::Upload(id) => ("uploads", id),
        };
        href(format!(".because/{kind}/{id}").as_bytes(), false)
    }
}

impl Own {
    /// A place that no path leads to: a name in it can be no name.
    pub const fn nowhere() -> Own {
        Own(What::Nothing)
    }

    /// The facts.
    pub fn facts(&self) -> Target<'_> {
        match &self.0 {
            What::Page { octets, media_type, tag, running } => Target {
                length: octets.len() as u64,
                media_type: Some(media_type),
                tag: Some(semantics::tag::EntityTag { weak: false, opaque: tag }),
                vary: Some("Accept"),
                generated: true,
                pending: *running,
                ..Target::DEFAULT
            },
            What::Result { location } => {
                Target { described_elsewhere: true, location: Some(location), representation: false, ..Target::DEFAULT }
            }
            What::Upload(upload) => Target {
                upload_offset: Some(upload.offset),
                upload_complete: upload.complete,
                upload_length: upload.length,
                representation: false,
                ..Target::DEFAULT
            },
            What::Nothing => Target { exists: false, parent_exists: false, representation: false, ..Target::DEFAULT },
        }
    }

    /// A part of the content, clamped to its length.
    pub fn segment(&self, first: u64, length: u64) -> Segment {
        match &self.0 {
            What::Page { octets, .. } => stretch(octets, first, length),
            What::Result { .. } | What::Upload(_) | What::Nothing => Segment::Owned(Vec::new()),
        }
    }
}

impl Share {
    /// What stands at a path of the server's own, if the action is for one.
    pub fn own(&self, action: &Action) -> Option<Own> {
        let now = action.now.unix();
        let name = Name::of(&action.place.path);
        if name.is_none() && action.request().is_read() && is_reserved(&action.place.path) {
            // what else the server keeps is nobody's to read
            return Some(Own(What::Nothing));
        }
        let what = match name? {
            Name::Job(id) => self.jobs.find(id, now).map(|job| monitor(&job, action)),
            // who asks for the offset must find it as it stays
            Name::Upload(id) if action.request().is_read() => self.uploads.settled(id, now).map(What::Upload),
            Name::Upload(id) => self.uploads.find(id, now).map(What::Upload),
        };
        Some(Own(what.unwrap_or(What::Nothing)))
    }

    /// Gives up what stands there: a action that goes on, or an upload.
    pub(crate) fn give_up(&self, action: &Action) -> Result<ActionResult, crate::tree::offence::ActionError> {
        match Name::of(&action.place.path) {
            Some(Name::Job(id)) => {
                // one that has ended cannot be given up, and need not be
                self.jobs.cancel(id);
                Ok(ActionResult::done())
            }
            Some(Name::Upload(id)) => {
                self.uploads.cancel(id, action.now.unix())?;
                Ok(ActionResult::done())
            }
            None => Err(decision::facts::Failure::SubjectForbidden.into()),
        }
    }
}

fn monitor(job: &Job, action: &Action) -> What {
    if let State::Ended { end: End::Done { location: Some(location), .. }, .. } = &job.state {
        return What::Result { location: location.clone() };
    }
    let (octets, media_type) = if wants_html(action.request()) {
        (page::html(job, action.now.unix()), "text/html; charset=utf-8")
    } else {
        (page::json(job), "application/json")
    };
    let tag = opaque_of_content(&octets);
    What::Page { octets: octets.into(), media_type, tag, running: matches!(job.state, State::Running { .. }) }
}

/// Does a person ask?
fn wants_html(request: Request<'_>) -> bool {
    let accepted = request.values(semantics::field::Field::ACCEPT).flat_map(List::new);
    accepted
        .map(|range| range.split(|&octet| octet == b';').next().unwrap_or_default())
        .any(|range| range.eq_ignore_ascii_case(b"text/html"))
}

/// Which long action a method is.
pub(crate) fn kind(method: Option<Method>) -> Kind {
    match method {
        Some(Method::COPY) => Kind::Copy,
        Some(Method::MOVE) => Kind::Move,
        _ => Kind::Delete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_names_are_read_and_written() {
        for (path, name) in [
            (&b".because/jobs/abc"[..], Some(Name::Job("abc"))),
            (b".because/uploads/x-1", Some(Name::Upload("x-1"))),
            (b".because/jobs", None),
            (b".because/other/x", None),
            (b"x/.because/jobs/abc", None),
            (b".becauses/jobs/abc", None),
        ] {
            assert_eq!(Name::of(path), name);
            if let Some(name) = name {
                assert_eq!(name.href(), [b"/", path].concat());
            }
        }
    }
}
