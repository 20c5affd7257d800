//! The one loop over a case: it asks a world for what the case lacks, until the case is decided or the world has to wait.
//!
//! Whoever decides requests, in a server, in a replay or in a test, is a [`World`]. Waiting is not known here: a world that cannot
//! tell at once says so, and the walk halts where it is until it is gone on with.

use semantics::status::Status;

use crate::because::Because;
use crate::case::{Case, Step};
use crate::facts::{Ask, FactGroup, Facts};
use crate::verdict::Verdict;

/// What a case is told from. Not to be confused with [`record::World`](crate::record::World), which is all of it by value.
///
/// ```
/// use decision::case::Case;
/// use decision::drive::{Halt, World, drive};
/// use decision::facts::{Ask, Connection, Facts, Reading, Target, FactGroup};
/// use semantics::method::Method;
/// use semantics::request::OwnedRequest;
/// use semantics::status::Status;
///
/// /// Knows the rules at once. To know what stands at the target, it must wait for a disk.
/// struct Slow;
///
/// impl<'a> World<'a> for Slow {
///     fn tell(&mut self, ask: Ask, facts: &Facts<'a>) -> Option<FactGroup<'a>> {
///         match ask {
///             Ask::Site => Some(facts.site.into()), // nothing special
///             Ask::Target => None,
///             _ => Some(facts.outcome.into()), // it went well
///         }
///     }
///
///     fn say(&mut self, _: Status, _: &Facts<'a>) -> bool {
///         true
///     }
/// }
///
/// let request = OwnedRequest::made(Method::GET, b"/", [(&b"Host"[..], &b"a"[..])]);
/// let (connection, reading) = (Connection::default(), Reading::default());
/// let mut case = Case::open(Facts::new(&connection, request.view(), &reading));
/// assert_eq!(drive(&mut case, &mut Slow), Halt::Waits(Ask::Target));
///
/// // ... the disk has answered, so the walk goes on from there
/// let target = Target { exists: false, ..Target::DEFAULT };
/// case.learn(&target);
/// let Halt::Done(verdict) = drive(&mut case, &mut Slow) else { panic!("all is told") };
/// assert_eq!(verdict.status, Status::NOT_FOUND);
/// ```
pub trait World<'a> {
    /// Tells a group of facts, if it is known without waiting.
    fn tell(&mut self, ask: Ask, facts: &Facts<'a>) -> Option<FactGroup<'a>>;

    /// Sends an interim reply, if that can be done without waiting; says whether it was.
    fn say(&mut self, status: Status, facts: &Facts<'a>) -> bool;

    /// Do the methods that a target takes depend on what stands there? Then an answer that lists them asks for the target, though
    /// the walk did not (RFC 9110 §10.2.1, §15.5.6).
    fn methods_depend_on_target(&self) -> bool {
        false
    }
}

/// Where a walk halts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// It is decided.
    Done(Verdict),
    /// The connection is to be closed without a word.
    Closed(Because),
    /// The world must wait for this group of facts; it is to be learned, and the walk gone on with.
    Waits(Ask),
    /// The world must wait to send this interim reply; then the walk is to be gone on with.
    Says(Status),
}

/// Goes on with a case as far as the world can tell at once. This is the only place that calls [`Case::step`].
#[inline]
pub fn drive<'a>(case: &mut Case<'a>, world: &mut impl World<'a>) -> Halt {
    loop {
        match case.step() {
            Step::Ask(ask) => match world.tell(ask, &case.facts) {
                Some(told) => case.learn(told),
                None => return Halt::Waits(ask),
            },
            Step::Say(status) => {
                if !world.say(status, &case.facts) {
                    return Halt::Says(status);
                }
            }
            Step::Done(verdict) => {
                let lists_methods = verdict.tells_of_target() && !case.facts.knows_target();
                if lists_methods && world.methods_depend_on_target() {
                    match world.tell(Ask::Target, &case.facts) {
                        Some(told) => case.learn(told),
                        // the case goes on from where it last halted, to the same verdict
                        None => return Halt::Waits(Ask::Target),
                    }
                }
                return Halt::Done(verdict);
            }
            Step::Close(because) => return Halt::Closed(because),
        }
    }
}

/// A world in which everything is known beforehand: what a member of a multistatus, a replay and a test are decided in.
#[derive(Clone, Debug)]
pub struct Known<'a>(pub Facts<'a>);

impl<'a> World<'a> for Known<'a> {
    fn tell(&mut self, ask: Ask, _: &Facts<'a>) -> Option<FactGroup<'a>> {
        let Known(facts) = self;
        Some(match ask {
            Ask::Site => facts.site.into(),
            Ask::Quota => facts.quota.into(),
            Ask::Client => facts.client.into(),
            Ask::Stored => facts.stored.into(),
            Ask::Upstream => facts.upstream.into(),
            Ask::Storage => facts.storage.into(),
            Ask::Target => facts.target.into(),
            Ask::Outcome => facts.outcome.into(),
        })
    }

    fn say(&mut self, _: Status, _: &Facts<'a>) -> bool {
        true
    }
}
