//! Which rules speak at one place, and which of them wins, word by word.

use std::cell::RefCell;
use std::collections::HashMap;

use config::model::{self, Word};
use resources::rules::{Elsewhere, Source, Words};
use semantics::request::Request;

use server::supposed::{Decider, Decision};

/// What rules say by one word at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contest {
    /// The word; of `headers` with the name of the field.
    pub(crate) word: String,
    /// The one that is heard.
    pub(crate) heard: Statement,
    /// Those that it wins over, the most specific first.
    pub(crate) over: Vec<Statement>,
}

/// What one rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The pattern of the rule.
    pub(crate) pattern: String,
    /// It is a rule of the site, and not of the top.
    pub(crate) of_site: bool,
    /// It undoes what is said more widely.
    pub(crate) undoes: bool,
}

/// The rules at one place, the least specific first, each with its words as the file has them.
struct Matching<'d> {
    words: &'d Words,
    written: Option<&'d model::Rule>,
    pattern: String,
    of_site: bool,
}

/// Every word that some rule says of this request.
pub(crate) fn contests(decider: &Decider, decision: &Decision<'_>) -> Vec<Contest> {
    let mut all: Vec<Contest> = Vec::new();
    for rule in matching(decider, decision) {
        for (name, source, says) in rule.words.sources() {
            let word = if name == "elsewhere" { rule.elsewhere() } else { name.replace('_', "-") };
            let said = Statement { file: source.file.to_owned(), line: source.line, ..rule.said(!says) };
            hear(&mut all, &word, said);
        }
        let Some(headers) = rule.written.and_then(|written| written.words.headers.as_ref()) else { continue };
        let at =
            |at: &config::Place, undoes| Statement { file: at.file().to_owned(), line: at.line(), ..rule.said(undoes) };
        match &headers.value {
            Word::Undone => {
                let known: Vec<String> = all.iter().filter(|one| one.is_header()).map(|one| one.word.clone()).collect();
                known.iter().for_each(|word| hear(&mut all, word, at(&headers.at, true)));
            }
            Word::Is(fields) => {
                for field in fields {
                    let word = format!("headers {}", field.name.value);
                    hear(&mut all, &word, at(&field.name.at, field.value.value.is_undone()));
                }
            }
        }
    }
    // fields come last: they decide nothing
    all.sort_by_key(Contest::is_header);
    all
}

/// A more specific rule says the word, too.
fn hear(all: &mut Vec<Contest>, word: &str, said: Statement) {
    // a place has one fate: moved, described elsewhere, gone
    let fate = |word: &str| matches!(word, "moved" | "see" | "gone");
    let same = |one: &&mut Contest| one.word.eq_ignore_ascii_case(word) || fate(&one.word) && fate(word);
    match all.iter_mut().find(same) {
        None => all.push(Contest { word: word.to_owned(), heard: said, over: Vec::new() }),
        Some(contest) => {
            contest.word = word.to_owned();
            let before = std::mem::replace(&mut contest.heard, said);
            contest.over.insert(0, before);
        }
    }
}

fn matching<'d>(decider: &'d Decider, decision: &'d Decision<'_>) -> Vec<Matching<'d>> {
    let (book, written) = decider.rules(decision);
    let request: Request<'_> = decision.facts.request;
    let method = request.method().map_or(request.method_name(), |method| method.name().as_bytes());
    let mut found = Vec::new();
    book.routes().matches(decision.path.map(|path| path.path).unwrap_or_default(), method, &mut found);
    found
        .iter()
        .map(|&number| {
            let rule = book.routes().rule(number);
            let written = written.get(rule.place).copied();
            Matching {
                words: &rule.value,
                pattern: rule.pattern.to_string(),
                of_site: rule.scope > 0 && written.is_some(),
                written,
            }
        })
        .collect()
}

impl Matching<'_> {
    fn said(&self, undoes: bool) -> Statement {
        Statement { file: String::new(), line: 0, pattern: self.pattern.clone(), of_site: self.of_site, undoes }
    }

    /// Which of the three words it is.
    fn elsewhere(&self) -> String {
        let value = self.words.elsewhere.as_ref().and_then(|said| said.value.as_deref());
        let undone = || match self.written.map(|written| &written.words) {
            Some(words) if words.see.is_some() && words.moved.is_none() => "see",
            Some(words) if words.gone.is_some() && words.moved.is_none() => "gone",
            _ => "moved",
        };
        match value {
            Some(Elsewhere::Moved { .. }) => "moved",
            Some(Elsewhere::Described(_)) => "see",
            Some(Elsewhere::Gone) => "gone",
            None => undone(),
        }
        .to_owned()
    }
}

impl Contest {
    fn is_header(&self) -> bool {
        self.word.starts_with("headers ")
    }
}

/// The lines of files, to be shown.
#[derive(Default)]
pub(crate) struct Files(RefCell<HashMap<String, Vec<String>>>);

impl Files {
    /// What stands in this line, without the space around it; nothing, if the file is gone.
    pub(crate) fn line(&self, file: &str, line: u32) -> String {
        let mut known = self.0.borrow_mut();
        let lines = known.entry(file.to_owned()).or_insert_with(|| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            text.lines().map(|line| line.trim().replace(char::is_control, " ")).collect()
        });
        lines.get((line as usize).saturating_sub(1)).cloned().unwrap_or_default()
    }

    /// The same of a rule's word.
    pub(crate) fn of(&self, source: Source) -> String {
        self.line(source.file, source.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_that_speaks_is_heard() {
        let said =
            |line, undoes| Statement { file: "f".to_owned(), line, pattern: "/**".to_owned(), of_site: false, undoes };
        let mut all = Vec::new();
        hear(&mut all, "guard", said(1, false));
        hear(&mut all, "moved", said(2, false));
        hear(&mut all, "guard", said(3, false));
        hear(&mut all, "gone", said(4, false));
        hear(&mut all, "headers X-A", said(5, false));
        hear(&mut all, "headers x-a", said(6, true));
        hear(&mut all, "guard", said(7, true));
        let lines = |contest: &Contest| {
            (contest.word.clone(), contest.heard.line, contest.over.iter().map(|said| said.line).collect::<Vec<_>>())
        };
        assert_eq!(
            all.iter().map(lines).collect::<Vec<_>>(),
            [
                ("guard".to_owned(), 7, vec![3, 1]),
                ("gone".to_owned(), 4, vec![2]),
                ("headers x-a".to_owned(), 6, vec![5])
            ]
        );
        assert!(all[0].heard.undoes);
    }
}
