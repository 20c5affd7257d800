//! One request on its way through the graph: its facts, and where it stands.
//!
//! A case asks for what it lacks and never goes to get it.

use semantics::connection::Ends;
use semantics::method::Method;
use semantics::status::{Class, Status};

use crate::because::Because;
use crate::facts::{Ask, FactGroup, Facts, Outcome};
use crate::graph::Arrow;
use crate::reply::{self, REPLY};
use crate::verdict::{End, Entity, StatusOrigin, Verdict};

/// What a case wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To be told this group of facts; then go on.
    Ask(Ask),
    /// This interim reply to be sent; then go on.
    Say(Status),
    /// Nothing more: this is the verdict.
    Done(Verdict),
    /// Nothing more: the connection is to be closed without a word.
    Close(Because),
}

/// One request and where it stands.
///
/// [`drive`](crate::drive::drive) moves it. A case can also be left where it halted, and gone on with later:
///
/// ```
/// use decision::case::Case;
/// use decision::drive::{Halt, Known, drive};
/// use decision::facts::{Ask, Connection, Facts, Reading};
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
/// use semantics::status::Status;
///
/// let request = OwnedRequest::made(Method::GET, b"/", [(&b"Host"[..], &b"a"[..])]);
/// let (connection, reading) = (Connection::default(), Reading::default());
/// let facts = Facts::new(&connection, request.view(), &reading);
/// let mut case = Case::open(facts.clone());
/// case.learn(facts.site);
/// let walked = case.walked();
/// assert!(walked.told().eq([Ask::Site]));
///
/// // elsewhere: the facts that were told are told anew, and the walk goes on
/// let mut case = Case::resume(facts.clone(), walked);
/// case.learn(facts.site);
/// let Halt::Done(verdict) = drive(&mut case, &mut Known(facts)) else { panic!("all is known") };
/// assert_eq!(verdict.status, Status::OK);
/// ```
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// All that is known of it.
    pub facts: Facts<'a>,
    at: u16,
    told: u8,
    because: Because,
}

/// How far a walk has come: enough to go on with it elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    at: u16,
    told: u8,
    because: Because,
}

impl Walked {
    /// The groups of facts that were told.
    pub fn told(self) -> impl Iterator<Item = Ask> {
        Ask::ALL.into_iter().filter(move |ask| self.told & 1 << *ask as u8 != 0)
    }
}

impl<'a> Case<'a> {
    /// Opens a case at the first question.
    #[inline]
    pub const fn open(facts: Facts<'a>) -> Case<'a> {
        Case { facts, at: 0, told: 0, because: Because::START }
    }

    /// Opens a case for a member of a multistatus: it starts at what came of the action (RFC 4918 §13).
    pub fn open_member(facts: Facts<'a>, outcome: &'a Outcome<'a>) -> Case<'a> {
        let mut case = Case { facts, at: reply::OUTCOME, told: 0, because: Because::START };
        case.learn(outcome);
        case
    }

    /// Takes in a group of facts.
    #[inline]
    pub fn learn(&mut self, told: impl Into<FactGroup<'a>>) {
        let told = told.into();
        self.told |= 1 << told.answers() as u8;
        match told {
            FactGroup::Site(site) => self.facts.site = site,
            FactGroup::Quota(quota) => self.facts.quota = quota,
            FactGroup::Client(client) => self.facts.client = client,
            FactGroup::Stored(stored) => self.facts.stored = stored,
            FactGroup::Upstream(upstream) => self.facts.upstream = upstream,
            FactGroup::Storage(storage) => self.facts.storage = storage,
            FactGroup::Target(target) => self.facts.target = target,
            FactGroup::Outcome(outcome) => self.facts.outcome = outcome,
        }
    }

    /// How far the walk has come.
    pub const fn walked(&self) -> Walked {
        Walked { at: self.at, told: self.told, because: self.because }
    }

    /// A case that goes on where another one of the same request stood. Its facts are to be told anew, since whoever lent them
    /// may have moved: all of [`Walked::told`], before the next step.
    #[inline]
    pub const fn resume(facts: Facts<'a>, walked: Walked) -> Case<'a> {
        Case { facts, at: walked.at, told: 0, because: walked.because }
    }

    /// Goes on with the questions until something is lacking, something is to be said, or the end is reached.
    pub fn step(&mut self) -> Step {
        let (mut at, mut because) = (self.at, self.because);
        let mut compact_row = &REPLY.compact_rows[usize::from(at)];
        let yes = loop {
            if let Some(ask) = compact_row.needs
                && self.told & 1 << ask as u8 == 0
            {
                (self.at, self.because) = (at, because);
                return Step::Ask(ask);
            }
            let yes = (compact_row.test)(&self.facts);
            because.push(yes);
            let to = compact_row.to[usize::from(yes)];
            match REPLY.compact_rows.get(usize::from(to)) {
                Some(next) => (at, compact_row) = (to, next),
                None => break yes,
            }
        };
        match REPLY.arrows[usize::from(at)][usize::from(!yes)] {
            Arrow::Say(code, to) => {
                (self.at, self.because) = (to, because);
                Step::Say(known(code))
            }
            Arrow::End(end) => self.end(end, at, because),
            Arrow::Row(_) => unreachable!("a walk goes on while there is a row to go to"),
        }
    }

    fn end(&self, end: End, last: u16, because: Because) -> Step {
        let (status, entity) = match end {
            End::Close => return Step::Close(because),
            End::Status(code, entity) => (known(code), entity),
            End::Told(teller) => (self.told_status(teller), Entity::Relayed),
        };
        Step::Done(Verdict { status, because, last, entity, ends: self.ends(status, last) })
    }

    /// What ends with the response. Behind a head that is not understood, and behind a CONNECT that was refused, nobody knows what
    /// follows on its stream (RFC 9112 §9.3, RFC 9110 §9.3.6); who has no room for a connection gives it up.
    fn ends(&self, status: Status, last: u16) -> Ends {
        if last == reply::OVERLOADED {
            Ends::Connection
        } else if last < reply::IN_SERVICE || self.facts.request.is(Method::CONNECT) && status.class() != Class::Success
        {
            Ends::Stream
        } else {
            Ends::Nothing
        }
    }

    fn told_status(&self, teller: StatusOrigin) -> Status {
        let told = match teller {
            StatusOrigin::Rule => self.facts.site.fixed_reply,
            StatusOrigin::Store => self.facts.stored.status,
            StatusOrigin::Upstream => self.facts.outcome.status,
        };
        told.unwrap_or(Status::OK)
    }
}

/// Every code of the graph was found in the table of statuses when the graph was compiled.
fn known(code: u16) -> Status {
    Status::new(code).expect("the codes of the graph were checked against the table of statuses")
}
