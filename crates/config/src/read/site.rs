//! The words of a site, at the top for all of them, and its rules.

use toml::de::{DeTable, DeValue};

use super::take::{Take, parts, table};
use crate::check::Node;
use crate::model::{Quota, Rule, Settings, Site};
use crate::place::Located;

impl Take {
    /// What a site is told, or all are.
    pub(super) fn settings(&self, words: &DeTable<'_>) -> Settings {
        Settings {
            folder: self.path(words.get("folder")),
            index: self.said_texts(words.get("index")),
            listing: self.truth(words.get("listing")),
            hidden: self.truth(words.get("hidden")),
            trace: self.truth(words.get("trace")),
            show_because: self.truth(words.get("show-because")),
            write: self.truth(words.get("write")),
            drop: self.said_texts(words.get("drop")),
            fsync: self.truth(words.get("fsync")),
            quota: self.quota(words.get("quota")),
            gzip: self.truth(words.get("gzip")),
            depth_infinity: self.truth(words.get("depth-infinity")),
            redirects: self.path(words.get("redirects")),
            realm: self.text(words.get("realm")),
        }
    }

    fn quota(&self, node: Option<&Node<'_>>) -> Option<Located<Quota>> {
        let node = node?;
        let quota = match node.get_ref() {
            DeValue::Table(words) => {
                Quota { size: self.size(words.get("size")), files: self.count(words.get("files")) }
            }
            _ => Quota { size: self.size(Some(node)), files: None },
        };
        Some(Located::new(quota, self.at(node)))
    }

    /// Every site, with what the top says for all.
    pub(super) fn sites(&self, top: &DeTable<'_>, all: &Settings) -> Vec<Site> {
        let mut sites: Vec<Site> = Vec::new();
        for (key, value) in table(top.get("site")).into_iter().flatten() {
            let Some(words) = table(Some(value)) else { continue };
            let mut settings = self.settings(words);
            settings.over(all);
            let name = self.key(key);
            sites.push(Site { authorities: parts(&name), at: name.at, settings, rules: self.rules(words) });
        }
        if sites.is_empty() {
            let at = self.beginning();
            let any = Located::new("*".to_owned(), at.clone());
            sites.push(Site { authorities: vec![any], at, settings: all.clone(), rules: Vec::new() });
        }
        sites
    }

    /// The rules of a site, or of the top; that of the words that stand in none comes first.
    pub(super) fn rules(&self, words: &DeTable<'_>) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        let everywhere = self.words(words);
        if let Some(at) = everywhere.place() {
            rules.push(Rule::everything(everywhere, at));
        }
        for (key, value) in table(words.get("rule")).into_iter().flatten() {
            let Some(inner) = table(Some(value)) else { continue };
            let pattern = self.key(key);
            rules.push(Rule { at: pattern.at.clone(), pattern, words: self.words(inner) });
        }
        rules
    }
}
