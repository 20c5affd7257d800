//! The rules of one site, and what of them is in force where.

use std::collections::HashMap;
use std::sync::Arc;

use crate::limits;
use policy::pattern::Pattern;
use policy::routes::Routes;

use super::bar::Settings;
use super::{EffectiveRules, Setting, Source, Words};
use crate::access_control::Guard;

/// The rules of one site. It is the same for all threads.
#[derive(Debug, Default)]
pub struct Rulebook {
    routes: Routes<Words>,
    /// What holds where no rule matches, and for requests that have no path.
    nothing: Arc<EffectiveRules>,
    /// A guard of some rule hides what it guards.
    hides: bool,
    /// What the site says of all its places besides.
    pub(crate) settings: Settings,
}

impl Rulebook {
    /// Of rules; the greater scope is the more specific one where patterns are equal.
    pub fn new(rules: impl IntoIterator<Item = (Pattern, u8, Words)>) -> Rulebook {
        let routes = Routes::new(rules);
        let hides = |words: &Words| words.guard.as_ref().and_then(|g| g.value.as_ref()).is_some_and(|g| g.hide);
        let hides = routes.rules().iter().any(|rule| hides(&rule.value));
        Rulebook { hides, nothing: Arc::default(), settings: Settings::default(), routes }
    }

    /// Is there no rule at all?
    pub fn is_empty(&self) -> bool {
        self.routes.rules().is_empty()
    }

    /// Is anything hidden here from anybody?
    pub fn hides(&self) -> bool {
        self.hides
    }

    /// All guards, each once.
    pub(crate) fn guards(&self) -> impl Iterator<Item = &Arc<Guard>> {
        self.routes.rules().iter().filter_map(|rule| rule.value.guard.as_ref()?.value.as_ref())
    }

    /// The same, each with the line that says it.
    pub(crate) fn guard_rules(&self) -> impl Iterator<Item = (&Arc<Guard>, Source)> {
        let said = self.routes.rules().iter().filter_map(|rule| rule.value.guard.as_ref());
        said.filter_map(|said| Some((said.value.as_ref()?, said.source)))
    }

    /// The rules.
    pub fn routes(&self) -> &Routes<Words> {
        &self.routes
    }

    /// The guard in force at this decoded path for a method.
    pub(crate) fn guard_at(&self, path: &[u8], method: &[u8]) -> Option<&Arc<Guard>> {
        self.ruled_at(path, method, |words| words.guard.as_ref()).map(|(guard, _)| guard)
    }

    /// What one word says at this decoded path for a method, and where that stands.
    pub(crate) fn ruled_at<'b, T: 'b>(
        &'b self,
        path: &[u8],
        method: &[u8],
        word: impl Fn(&'b Words) -> Option<&'b Setting<T>>,
    ) -> Option<(&'b Arc<T>, Source)> {
        let mut found = Vec::new();
        self.routes.matches(path, method, &mut found);
        let said = found.iter().rev().find_map(|&rule| word(&self.routes.rule(rule).value))?;
        Some((said.value.as_ref()?, said.source))
    }

    /// All that one word may say for a method somewhere beneath this decoded path, and where that stands: for actions that reach a
    /// whole tree.
    pub(crate) fn ruled_beneath<'b, T: 'b>(
        &'b self,
        path: &[u8],
        method: &[u8],
        word: impl Fn(&'b Words) -> Option<&'b Setting<T>>,
    ) -> impl Iterator<Item = (&'b Arc<T>, Source)> {
        let mut overruled = false;
        // the most specific come first; what one of them says of all that is there no other says
        let rules = self.routes.rules().iter().rev();
        rules.filter(|rule| rule.pattern.matches_method(method)).filter_map(move |rule| {
            let said = word(&rule.value).filter(|_| !overruled)?;
            let there = rule.pattern.may_lie_beneath(path);
            overruled = rule.pattern.matches_whole(path);
            Some((said.value.as_ref().filter(|_| there)?, said.source))
        })
    }
}

/// What one thread remembers of a rulebook: the rules that match come in few combinations.
#[derive(Debug, Default)]
pub struct Memory {
    found: Vec<u32>,
    /// What matched last, and what is in force there: the next request is often for a place like it.
    last: Option<(Box<[u32]>, Arc<EffectiveRules>)>,
    known: HashMap<Box<[u32]>, Arc<EffectiveRules>>,
}

impl Rulebook {
    /// What is in force for a decoded path and a method.
    pub fn in_force(&self, path: &[u8], method: &[u8], memory: &mut Memory) -> Arc<EffectiveRules> {
        if self.is_empty() {
            return Arc::clone(&self.nothing);
        }
        let Memory { found, last, known } = memory;
        self.routes.matches(path, method, found);
        if let Some((_, force)) = last.as_ref().filter(|(last, _)| **last == **found) {
            return Arc::clone(force);
        }
        if let Some(force) = known.get(&**found) {
            *last = Some((found.as_slice().into(), Arc::clone(force)));
            return Arc::clone(force);
        }
        let force = Arc::new(EffectiveRules::of(found.iter().map(|&rule| &self.routes.rule(rule).value)));
        if known.len() >= limits::COMBINATIONS {
            known.clear();
        }
        known.insert(found.as_slice().into(), Arc::clone(&force));
        force
    }

    /// The pattern of the rule that says where something else is, for what its wildcards take.
    pub fn elsewhere(&self, path: &[u8], method: &[u8]) -> Option<&Pattern> {
        let mut found = Vec::new();
        self.routes.matches(path, method, &mut found);
        let says = |&&rule: &&u32| self.routes.rule(rule).value.elsewhere.is_some();
        found.iter().rev().find(says).map(|&rule| &self.routes.rule(rule).pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(rules: &[(&str, &str)]) -> Rulebook {
        Rulebook::new(rules.iter().zip(1..).map(|((pattern, cache), line)| {
            let value = Some(Arc::new((*cache).to_owned()));
            let cache = Some(Setting { source: Source { file: "f", line }, value });
            (Pattern::parse(pattern).expect("a pattern"), 0, Words { cache, ..Words::default() })
        }))
    }

    #[test]
    fn what_is_in_force_is_found_once_and_remembered() {
        let (book, mut memory) = (book(&[("/**", "all"), ("/a/*", "some"), ("PUT /a/*", "put")]), Memory::default());
        let mut cache = |path: &[u8], method: &[u8]| {
            let force = book.in_force(path, method, &mut memory);
            force.cache.as_ref().map(|cache| (cache.value.as_str().to_owned(), cache.source.line))
        };
        assert_eq!(cache(b"a/b", b"GET"), Some(("some".to_owned(), 2)));
        assert_eq!(cache(b"a/c", b"GET"), Some(("some".to_owned(), 2)));
        assert_eq!(cache(b"a/c", b"PUT"), Some(("put".to_owned(), 3)));
        assert_eq!(cache(b"", b"GET"), Some(("all".to_owned(), 1)));
        assert_eq!(memory.known.len(), 3);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let rules: Vec<(String, &str)> = (0..limits::COMBINATIONS + 8).map(|n| (format!("/{n}"), "x")).collect();
        let (book, mut memory) =
            (book(&rules.iter().map(|(p, c)| (p.as_str(), *c)).collect::<Vec<_>>()), Memory::default());
        for n in 0..limits::COMBINATIONS + 8 {
            book.in_force(n.to_string().as_bytes(), b"GET", &mut memory);
        }
        assert!(memory.known.len() <= limits::COMBINATIONS);
    }
}
