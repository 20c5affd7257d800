//! What was batched writer, written down: for people, and for programs.

pub(super) mod json;
pub(super) mod text;

use decision::because::Because;
use decision::reply::{REPLY, Row};
use decision::retell::Walk;

use super::gather::Group;

/// What a report is written on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paper {
    pub(super) width: usize,
    pub(super) color: bool,
    pub(super) unicode: bool,
}

/// The walk that most of a group went, and the question that decided it.
struct Way<'a> {
    /// Its number.
    number: &'a str,
    /// The question, and its answer; nothing if no walk of this version has the number.
    asked: Option<(&'static Row, bool)>,
}

fn way(group: &Group) -> Option<Way<'_>> {
    let (number, _) = *group.walks.sorted().first()?;
    let asked = number.parse::<Walk>().ok().map(|walk| (&REPLY.rows[usize::from(walk.cause().row)], walk.cause().yes));
    Some(Way { number, asked })
}

/// The status and the cause of a name that has both.
fn halves(name: &str) -> (&str, &str) {
    name.split_once(' ').unwrap_or((name, ""))
}

/// The reason phrase of a status, as the end of a walk tells it.
fn reason(group: &Group) -> Option<String> {
    let walk = Walk::from_first(group.walks.sorted().first()?.0.parse::<Because>().ok()?).ok()?;
    walk.status().map(|status| status.reason().to_owned())
}
