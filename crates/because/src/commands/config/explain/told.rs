//! What is told of a request that has not happened, before it has a form.

use access::identity::Identity;
use decision::reply::word_of;
use decision::retell::Walk;
use semantics::field::Field;
use semantics::status::Status;

use super::contest::{Contest, Files, Statement, contests};
use crate::cli::tools::Explain;
use server::supposed::{Decider, Decision};

/// All that is told.
pub(super) struct Explained {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) host: String,
    pub(super) from: String,
    pub(super) user: Option<String>,
    pub(super) groups: Vec<String>,
    /// Interim answers that come before.
    pub(super) says: Vec<Status>,
    pub(super) status: Status,
    /// The name of the question that decided, the question, its answer, and where it comes from.
    pub(super) cause: &'static str,
    pub(super) asks: &'static str,
    pub(super) yes: bool,
    pub(super) section: &'static str,
    pub(super) because: String,
    /// The words that the client gets; empty, if it gets what it asked for.
    pub(super) words: String,
    /// What changes something is supposed to succeed.
    pub(super) supposed: bool,
    /// The line that decided.
    pub(super) rule: Option<Line>,
    pub(super) fields: Vec<Brought>,
    pub(super) questions: usize,
    pub(super) walk: Vec<Bore>,
    pub(super) contests: Vec<Contest>,
    pub(super) files: Files,
}

/// A line of the configuration.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) word: String,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) text: String,
}

/// A field that a rule brings.
pub(super) struct Brought {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) by: Line,
}

/// A question that a rule bears on.
pub(super) struct Bore {
    pub(super) number: usize,
    pub(super) id: &'static str,
    pub(super) asks: &'static str,
    pub(super) yes: bool,
    pub(super) by: Line,
    /// It was the last.
    pub(super) decided: bool,
}

impl Explained {
    pub(super) fn of(
        decider: &Decider,
        decision: &Decision<'_>,
        args: &Explain,
        who: Option<&Identity>,
        host: &str,
    ) -> Explained {
        let (verdict, facts) = (decision.verdict, decision.facts);
        let walk = Walk::from_first(verdict.because).unwrap_or_else(|why| unreachable!("it was just walked: {why}"));
        let (contests, files) = (contests(decider, decision), Files::default());
        let (lines, words) = decision.answer();
        let bearing = Bearing { contests: &contests, files: &files, decision };
        let bores = walk.steps().iter().enumerate().filter_map(|(nth, step)| {
            let by = bearing.of_row(step.row)?;
            let decided = nth + 1 == walk.steps().len();
            Some(Bore { number: nth + 1, id: step.question.id, asks: step.question.asks, yes: step.yes, by, decided })
        });
        let (bores, cause) = (bores.collect(), walk.cause());
        let brought = lines.all().filter_map(|(name, value)| bearing.brought(name, value)).collect();
        Explained {
            method: String::from_utf8_lossy(facts.request.method_name()).into_owned(),
            target: String::from_utf8_lossy(facts.request.raw_target()).into_owned(),
            host: host.to_owned(),
            from: args.from.to_string(),
            user: who.map(|who| who.name.clone()),
            groups: who.map(|who| who.groups.clone()).unwrap_or_default(),
            says: decision.says.to_vec(),
            status: verdict.status,
            cause: cause.question.id,
            asks: cause.question.asks,
            yes: cause.yes,
            section: cause.question.spec,
            because: verdict.because.to_string(),
            words,
            supposed: !facts.request.is_read() && walk.steps().iter().any(|step| step.question.id == "outcome"),
            rule: bearing.decider(),
            fields: brought,
            questions: walk.steps().len(),
            walk: bores,
            contests,
            files,
        }
    }
}

/// Which rule bears on what.
struct Bearing<'t> {
    contests: &'t [Contest],
    files: &'t Files,
    decision: &'t Decision<'t>,
}

impl Bearing<'_> {
    /// The line of the rule that is heard by this word.
    fn heard(&self, word: &str) -> Option<Line> {
        let contest = self.contests.iter().find(|contest| contest.word.eq_ignore_ascii_case(word))?;
        let Statement { file, line, undoes, .. } = &contest.heard;
        let text = self.files.line(file, *line);
        (!undoes).then(|| Line { word: contest.word.clone(), file: file.clone(), line: *line, text })
    }

    /// The line of the rule that decided: one that is heard at the target, or one of another place that the request reaches.
    fn decider(&self) -> Option<Line> {
        let (last, here) = (self.decision.verdict.last, self.decision.force);
        let Some(rule) = self.decision.rule() else { return self.of_row(last) };
        let word = word_of(last);
        if word.is_some_and(|word| here.source(word) == Some(rule)) {
            return self.of_row(last);
        }
        let text = self.files.line(rule.file, rule.line);
        // `word = …`, or `word` is in the table whose head this line is
        let told = text.split('=').next().unwrap_or_default().trim().to_owned();
        let word = word.map_or(told, |word| word.name().to_owned());
        Some(Line { word, file: rule.file.to_owned(), line: rule.line, text })
    }

    /// The line of the rule that this question reads, if there is one here.
    fn of_row(&self, row: u16) -> Option<Line> {
        let word = word_of(row)?;
        self.decision.force.source(word)?;
        match word.name() {
            "moved" => ["moved", "see", "gone"].into_iter().find_map(|word| self.heard(word)),
            word => self.heard(word),
        }
    }

    /// A field of the answer as something that a rule brings, if one does.
    fn brought(&self, name: &[u8], value: &[u8]) -> Option<Brought> {
        let text = String::from_utf8_lossy(name).into_owned();
        let by = self.heard(&format!("headers {text}")).or_else(|| {
            let word = self.bringer(Field::of(name)?, value)?;
            if word == "moved" {
                ["moved", "see", "gone", "proxy"].into_iter().find_map(|word| self.heard(word))
            } else {
                self.heard(word)
            }
        })?;
        Some(Brought { name: text, value: String::from_utf8_lossy(value).into_owned(), by })
    }

    /// The word that brings such a field into such an answer.
    fn bringer(&self, field: Field, value: &[u8]) -> Option<&'static str> {
        let status = self.decision.verdict.status.code();
        let cache = self.decision.force.cache.as_ref().is_some_and(|cache| cache.value.as_bytes() == value);
        Some(match field {
            Field::WWW_AUTHENTICATE if status == 402 => "price",
            Field::WWW_AUTHENTICATE => "guard",
            Field::RATELIMIT | Field::RATELIMIT_POLICY => "limit",
            Field::RETRY_AFTER if status == 503 => "closed",
            Field::RETRY_AFTER if status == 429 => "limit",
            Field::LOCATION => "moved",
            Field::LINK if status == 451 => "law",
            Field::UPGRADE if status == 426 => "require",
            Field::ALLOW => "methods",
            Field::CACHE_CONTROL if cache => "cache",
            Field::VARY if value == b"Origin" => "cors",
            Field::ACCESS_CONTROL_ALLOW_ORIGIN
            | Field::ACCESS_CONTROL_ALLOW_CREDENTIALS
            | Field::ACCESS_CONTROL_ALLOW_METHODS
            | Field::ACCESS_CONTROL_ALLOW_HEADERS
            | Field::ACCESS_CONTROL_EXPOSE_HEADERS
            | Field::ACCESS_CONTROL_MAX_AGE => "cors",
            _ => return None,
        })
    }
}
