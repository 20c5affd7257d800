//! `because config diff`: which requests of a log would be decided otherwise by another configuration.
//!
//! Each request that differs from all others in the log is decided once by both; lines are read one by one.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, BufRead};
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;

use crate::limits;
use decision::record;
use observe::logs::{Answer, Line, each};
use resources::access_control::Supposed;
use resources::rules::Source;
use semantics::request::{Framing, Request as Head};
use semantics::status::Status;
use semantics::version::Version;

use super::check;
use super::explain::contest::Files;
use crate::diagnose::counted;
use crate::input::open;
use crate::terminal::{self, print};
use server::supposed::{Asked, CREDENTIALS, Decider, Decision};

/// Runs the command.
pub(crate) fn run(old: &Path, new: &Path, log: &Path) -> Result<ExitCode, String> {
    let before = Decider::of(check::needed(old)?)?;
    let after = Decider::of(check::needed(new)?)?;
    let log = gather(open(log)?, limits::DIFF_REQUESTS).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut changes: Vec<Change<'_>> = Vec::new();
    for (request, times) in &log.requests {
        let (then, now) = (Decided::of(&before, request), Decided::of(&after, request));
        let same = then.as_ref().zip(now.as_ref()).map_or(then == now, |(then, now)| then.is_same(now));
        if !same {
            changes.push(Change { request, times: *times, then, now });
        }
    }
    changes
        .sort_by(|one, other| other.times.cmp(&one.times).then_with(|| one.request.target.cmp(&other.request.target)));
    let mut text = told(&log, &changes, terminal::page());
    if log.hostless > 0 && [&before, &after].iter().any(|decider| decider.config.sites.len() > 1) {
        let first = before.first_authority();
        writeln!(
            text,
            "{} of them do not tell for which site they were, and are taken as for {first}: `log = \"json\"` tells it.",
            log.hostless
        )
        .expect("a String takes all");
    }
    print(text.as_bytes())?;
    Ok(if changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a log has of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Request {
    method: Vec<u8>,
    target: Vec<u8>,
    /// The authority, where the log has it.
    host: Option<Vec<u8>>,
    /// Where it came from; nothing: a process of this machine.
    client: Option<IpAddr>,
    /// Who asked, if that was proved.
    user: Option<String>,
}

/// What a log has.
#[derive(Default)]
struct Log {
    /// Each request that is not the same as another, and how often it came.
    requests: HashMap<Request, u64>,
    lines: u64,
    not_understood: u64,
    cut: u64,
    /// Lines of a version that wrote no date.
    undated: u64,
    /// Lines that are none, and the first of them.
    malformed: (u64, u64),
    /// More requests than are kept.
    more: u64,
    /// Requests of which the log does not tell for which authority they were.
    hostless: u64,
}

/// Gathers the requests of a log, at most so many different ones.
fn gather(input: impl BufRead, most: usize) -> io::Result<Log> {
    let mut log = Log::default();
    let mut number = 0;
    each(input, limits::LOG_LINE, |line| {
        number += 1;
        match line.map_or(Line::Other, Line::read) {
            Line::Answer(answer) => log.add(*answer, most),
            Line::Dropped(_) => {}
            Line::Undated => log.undated += 1,
            // an empty line says nothing
            Line::Other if line.is_some_and(<[u8]>::is_empty) => {}
            Line::Other if log.malformed.0 == 0 => log.malformed = (1, number),
            Line::Other => log.malformed.0 += 1,
        }
    })?;
    Ok(log)
}

impl Log {
    fn add(&mut self, answer: Answer<'_>, most: usize) {
        if answer.is_cut {
            self.cut += 1;
            return;
        }
        if answer.method.is_empty() || answer.target.is_empty() {
            self.not_understood += 1;
            return;
        }
        self.lines += 1;
        self.hostless += u64::from(answer.host.is_none());
        let request = Request {
            method: answer.method.into_owned(),
            target: answer.target.into_owned(),
            host: answer.host,
            client: answer.client,
            user: answer.user,
        };
        let room = self.requests.len() < most;
        match self.requests.get_mut(&request) {
            Some(times) => *times += 1,
            None if room => drop(self.requests.insert(request, 1)),
            None => self.more += 1,
        }
    }
}

/// What is decided of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decided {
    status: Status,
    cause: &'static str,
    location: Option<Vec<u8>>,
    rule: Option<Source>,
}

impl Decided {
    fn of(decider: &Decider, request: &Request) -> Option<Decided> {
        let known = request.user.as_deref().map(|name| decider.user(name));
        let who = match known {
            None => Supposed::AsSent,
            Some(Some(identity)) => Supposed::User(identity),
            Some(None) => Supposed::Stranger,
        };
        let host = request.host.clone().unwrap_or_else(|| decider.first_authority().into_bytes());
        let mut fields = vec![(b"Host".to_vec(), host)];
        if request.user.is_some() {
            fields.push((b"Authorization".to_vec(), CREDENTIALS.to_vec()));
        }
        let parts = (&*request.method, &*request.target, Version::Http11);
        let (octets, head) = record::head(parts, Framing::None, &fields);
        let asked = Asked { request: Head::new(&octets, &head), who, from: request.client, paid: false };
        decider.decide(&asked, |decision: &Decision<'_>| Decided {
            status: decision.verdict.status,
            cause: decision.verdict.cause(),
            location: decision.location().map(<[u8]>::to_vec),
            rule: decision.rule(),
        })
    }

    /// Does the client get the same answer for the same reason? Lines of a file may have moved.
    fn is_same(&self, other: &Decided) -> bool {
        (self.status, self.cause, &self.location) == (other.status, other.cause, &other.location)
    }
}

/// A request that is decided otherwise.
struct Change<'l> {
    request: &'l Request,
    times: u64,
    then: Option<Decided>,
    now: Option<Decided>,
}

fn told(log: &Log, changes: &[Change<'_>], (colour, width): (bool, usize)) -> String {
    let files = Files::default();
    let page = Page { colour, width, files: &files };
    let mut out = String::new();
    for alike in grouped(changes) {
        page.change(&mut out, &alike);
    }
    let times: u64 = changes.iter().map(|change| change.times).sum();
    let (different, lines) = (counted(log.requests.len(), "different request"), log.lines);
    match changes.len() {
        0 => writeln!(out, "None of {different} ({lines} in all) is decided otherwise."),
        some => writeln!(
            out,
            "{some} of {different} ({times} of {lines} in all) {} decided otherwise.",
            if some == 1 { "is" } else { "are" }
        ),
    }
    .expect("a String takes all");
    for (count, first, why) in [
        (log.not_understood, None, "not understood when they came, and no rule is asked then"),
        (log.cut, None, "too long for the log: the ends of their targets are missing"),
        (log.more, None, "more different requests than are kept: take a part of the log at a time"),
        (log.undated, None, "lines without a date, as an older version wrote them"),
        (log.malformed.0, Some(log.malformed.1), "no lines of a log of `serve`"),
    ] {
        if count > 0 {
            let first = first.map(|number| format!(", the first is line {number}")).unwrap_or_default();
            writeln!(out, "Passed over: {count}, {why}{first}.").expect("a String takes all");
        }
    }
    out
}

/// Requests of one kind that are shown by name; of more it is told how many there are.
const SHOWN: usize = 5;

/// Changes for the same reasons, those that concern most requests of the log first.
fn grouped<'c, 'l>(changes: &'c [Change<'l>]) -> Vec<Vec<&'c Change<'l>>> {
    let mut groups: HashMap<_, Vec<&Change<'_>>> = HashMap::new();
    let reason = |fate: &Option<Decided>| fate.as_ref().map(|fate| (fate.status.code(), fate.cause, fate.rule));
    for change in changes {
        groups.entry((reason(&change.then), reason(&change.now))).or_default().push(change);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    let times = |group: &[&Change<'_>]| group.iter().map(|change| change.times).sum::<u64>();
    groups.sort_by(|one, other| {
        times(other).cmp(&times(one)).then_with(|| one[0].request.target.cmp(&other[0].request.target))
    });
    groups
}

/// A request in a line.
fn request(Request { method, target, host, client, user }: &Request) -> String {
    let mut text = format!("{} {}", method.escape_ascii(), target.escape_ascii());
    text.extend(host.iter().map(|host| format!("  to {}", host.escape_ascii())));
    text.extend(user.iter().map(|user| format!("  by {}", user.escape_debug())));
    text.push_str(&client.map_or("  from this machine".to_owned(), |client| format!("  from {client}")));
    text
}

struct Page<'f> {
    colour: bool,
    width: usize,
    files: &'f Files,
}

impl Page<'_> {
    /// Changes for the same reasons.
    fn change(&self, out: &mut String, alike: &[&Change<'_>]) {
        let shown = if alike.len() > SHOWN + 1 { SHOWN } else { alike.len() };
        for change in &alike[..shown] {
            self.times(out, &request(change.request), change.times);
        }
        let more = &alike[shown..];
        if !more.is_empty() {
            let times = more.iter().map(|change| change.times).sum();
            self.times(out, &format!("and {} more such requests", more.len()), times);
        }
        self.fate(out, "  ", alike[0].then.as_ref(), "2");
        self.fate(out, "→ ", alike[0].now.as_ref(), "");
        out.push('\n');
    }

    fn times(&self, out: &mut String, text: &str, times: u64) {
        let times = format!("×{times}");
        let gap = self.width.saturating_sub(text.chars().count() + times.chars().count()).max(2);
        writeln!(out, "{}{:gap$}{times}", self.painted(text, "1"), "").expect("a String takes all");
    }

    fn fate(&self, out: &mut String, mark: &str, fate: Option<&Decided>, code: &str) {
        let Some(fate) = fate else {
            return out.push_str(&format!("{mark}the connection is closed without a word\n"));
        };
        let to = fate.location.as_ref().map(|to| format!(" to {}", to.escape_ascii())).unwrap_or_default();
        let text = format!("{mark}{:?}{to}, {}", fate.status, fate.cause);
        match fate.rule {
            None => writeln!(out, "{}", self.painted(&text, code)),
            Some(rule) => {
                let said = format!("  {rule}  {}", self.files.of(rule));
                let room = self.width.saturating_sub(text.chars().count());
                let (said, lead) = if said.chars().count() > room && room < 40 { (said, "\n  ") } else { (said, "") };
                let room = if lead.is_empty() { room } else { self.width.saturating_sub(2) };
                let short: String = match said.chars().count() > room {
                    true => said.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
                    false => said,
                };
                writeln!(out, "{}{lead}{}", self.painted(&text, code), self.painted(&short, "36"))
            }
        }
        .expect("a String takes all");
    }

    fn painted(&self, text: &str, code: &str) -> String {
        terminal::painted(self.colour, code, text).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2026-07-01T05:41:48.123Z";

    #[test]
    fn what_is_no_request_is_counted_for_its_reason() {
        let long = "a".repeat(semantics::limits::SHOWN);
        let text = format!(
            "{TIME} local GET /{long}… 200 x 2f 1B 8µs\n{TIME} local - - 400 x 2f 1B 8µs\n\n\
             05:41:48 local GET / 200 x 2f 1B 8µs\n(3 lines dropped: output is too slow)\nhello\n\
             {TIME} 192.0.2.1 GET /a\\x20b 200 x 2f 1B 8µs rule=a.toml:3 user=al\\x20ice\n"
        );
        let log = gather(text.as_bytes(), 9).expect("memory is read");
        assert_eq!((log.lines, log.cut, log.not_understood, log.undated, log.malformed), (1, 1, 1, 1, (1, 6)));
        let request = log.requests.keys().next().expect("one");
        assert_eq!((&*request.target, request.user.as_deref()), (&b"/a b"[..], Some("al ice")));
        let told = told(&log, &[], (false, 80));
        assert!(told.contains("Passed over: 1, lines without a date, as an older version wrote them."), "{told}");
    }

    /// Lines that `because log` once read in another way.
    #[test]
    fn lines_that_are_nearly_right_are_none() {
        let text = format!(
            "{TIME} ::1 GET /a 200 a 9 1B 1µs x y\n{TIME} ::1 GET /a 200 a 9 1B 1µs user=al ice\n\
             {TIME} ::1 GET /b c 200 a 9 1B 1µs\n"
        );
        let log = gather(text.as_bytes(), 9).expect("memory is read");
        assert_eq!((log.lines, log.malformed), (0, (3, 1)));
    }

    #[test]
    fn no_more_requests_are_kept_than_there_is_room_for() {
        let line = |target: usize| format!("{TIME} local GET /{target} 200 x 2f 1B 8µs\n");
        let text: String = (0..9).chain(0..9).map(line).collect();
        let log = gather(text.as_bytes(), 4).expect("memory is read");
        assert_eq!((log.requests.len(), log.lines, log.more), (4, 18, 10));
        assert!(log.requests.values().all(|times| *times == 2));
        assert!(told(&log, &[], (false, 80)).contains("Passed over: 10, more different requests than are kept"));
    }

    #[test]
    fn changes_for_the_same_reasons_are_told_together() {
        let request = |nth: usize| Request {
            method: b"GET".to_vec(),
            target: format!("/{nth}").into_bytes(),
            host: None,
            client: None,
            user: None,
        };
        let fate = |status, rule| Some(Decided { status, cause: "x", location: None, rule });
        let requests: Vec<Request> = (0..9).map(request).collect();
        let changes: Vec<Change<'_>> = requests
            .iter()
            .map(|request| Change { request, times: 2, then: fate(Status::OK, None), now: fate(Status::GONE, None) })
            .collect();
        let text = told(&Log { lines: 18, ..Log::default() }, &changes, (false, 80));
        assert!(text.starts_with("GET /0  from this machine"), "{text}");
        assert!(
            text.contains("and 4 more such requests") && text.contains("×8\n  200 OK, x\n→ 410 Gone, x\n"),
            "{text}"
        );
    }
}
