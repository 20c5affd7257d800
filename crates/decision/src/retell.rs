//! Tells a walk again from its number: `because why 1acc6`.

mod json;
mod text;

use core::fmt;
use core::str::FromStr;

use semantics::status::Status;

use crate::because::{Because, NotANumber};
use crate::facts::Ask;
use crate::graph::{Asked, NoSuchWalk, Retold};
use crate::reply::{OUTCOME, REPLY, Test};
use crate::verdict::{End, StatusOrigin};

/// A walk through the reply graph, told again.
///
/// Its text is its number. It is told from the first row; if no walk from there has this number, from `outcome`, where the
/// walk of a member of a multistatus begins. A few numbers are walks from both: with `m:` before it, a number is a member's.
///
/// ```
/// use decision::retell::Walk;
/// let walk: Walk = "2f2b3".parse().expect("a plain GET");
/// assert_eq!((walk.cause().question.id, walk.cause().yes), ("representation_available", true));
/// assert!(!walk.member && "m:180".parse::<Walk>().is_ok_and(|walk| walk.member));
/// ```
#[non_exhaustive]
pub struct Walk {
    /// The number.
    pub because: Because,
    /// Is it the walk of a member of a multistatus?
    pub member: bool,
    /// Its questions, at least one, and its end.
    pub retold: Retold<'static, Test, Ask, End>,
}

/// A question of a walk, and its answer.
pub type Step = Asked<'static, Test, Ask, End>;

/// Why a text is no walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoWalk {
    /// It is no number of a walk.
    Number(NotANumber),
    /// No walk has this number.
    Walk(NoSuchWalk),
}

impl Walk {
    /// What a number begins with if it is that of a member of a multistatus.
    pub const MEMBER: &str = "m:";

    /// The walk of this number, from the first row.
    ///
    /// # Errors
    ///
    /// If no walk from there has it.
    pub fn from_first(because: Because) -> Result<Walk, NoSuchWalk> {
        Ok(Walk { because, member: false, retold: REPLY.retell(because, 0)? })
    }

    /// The walk of this number, from `outcome`: that of a member of a multistatus.
    ///
    /// # Errors
    ///
    /// If no walk from there has it.
    pub fn of_member(because: Because) -> Result<Walk, NoSuchWalk> {
        Ok(Walk { because, member: true, retold: REPLY.retell(because, usize::from(OUTCOME))? })
    }

    /// The question that was asked last: the cause.
    pub fn cause(&self) -> Step {
        *self.retold.steps.last().expect("a walk asks at least one question")
    }

    /// Its questions.
    pub fn steps(&self) -> &[Step] {
        &self.retold.steps
    }

    /// The status that it ends with, if the number alone says which.
    pub fn status(&self) -> Option<Status> {
        match self.retold.end {
            End::Status(code, _) => Status::new(code),
            End::Told(_) | End::Close => None,
        }
    }

    /// How it ends, in words: `412 Precondition Failed`.
    pub fn ending(&self) -> impl fmt::Display {
        Ending(self.retold.end)
    }

    /// Tells it in words, in lines of at most `width` columns where the words allow it.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn text(&self, out: &mut impl fmt::Write, width: usize, colour: bool) -> fmt::Result {
        text::write(self, out, width, colour)
    }

    /// Tells it as an object of JSON.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn json(&self, out: &mut impl fmt::Write) -> fmt::Result {
        json::write(self, out)
    }
}

impl FromStr for Walk {
    type Err = NoWalk;

    fn from_str(token: &str) -> Result<Walk, NoWalk> {
        let number = |digits: &str| digits.parse().map_err(NoWalk::Number);
        let walk = match token.strip_prefix(Walk::MEMBER) {
            Some(digits) => Walk::of_member(number(digits)?),
            None => {
                let because = number(token)?;
                Walk::from_first(because).or_else(|why| Walk::of_member(because).map_err(|_| why))
            }
        };
        walk.map_err(NoWalk::Walk)
    }
}

impl fmt::Display for NoWalk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoWalk::Number(why) => write!(f, "it is not the number of a walk: {why}"),
            NoWalk::Walk(why) => write!(f, "no walk through this version's questions has this number: {why}"),
        }
    }
}

impl core::error::Error for NoWalk {}

/// An end, in words.
pub(crate) struct Ending(pub(crate) End);

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            End::Status(code, _) => match Status::new(code) {
                Some(status) => write!(f, "{status:?}"),
                None => write!(f, "{code}"),
            },
            End::Told(StatusOrigin::Rule) => f.write_str("a status told by a rule"),
            End::Told(StatusOrigin::Store) => f.write_str("the status of a stored response"),
            End::Told(StatusOrigin::Upstream) => f.write_str("a status told by an upstream"),
            End::Close => f.write_str("the connection closed without a word"),
        }
    }
}
