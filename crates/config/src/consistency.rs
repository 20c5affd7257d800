//! Does what was said fit together? Users that guards name, words that exclude each other, a site without a folder.
//!
//! Every word has its right shape already; what patterns, rates and networks mean is read elsewhere.

mod names;
mod words;

use std::collections::HashMap;

use crate::check::Diagnostics;
use crate::diagnostic::Diagnostic;
use crate::model::{Config, Rule, SignIn, Site};
use crate::place::Place;
use names::Known;

/// Tells what does not fit together.
pub(crate) fn check(told: &mut Diagnostics, config: &Config) {
    names::users(told, config);
    sites(told, config);
    let known = Known::of(config);
    rules(told, &config.rules, config, &known);
    for site in &config.sites {
        rules(told, &site.rules, config, &known);
    }
    if let Some(admin) = &config.server.admin {
        names::known(told, &known, &admin.allow);
    }
    if let Some(SignIn::These(names)) = config.portal.as_ref().map(|portal| &portal.allow) {
        names::known(told, &known, names);
    }
    if let Some(other) = &config.server.hand_over {
        tell(told, &other.at, |at| {
            let message = "`hand-over` sends 306, which RFC 9110 §15.4.7 has retired: no client of today knows it";
            Diagnostic::at(at, message).warning()
        });
    }
}

/// Tells that something lacks what it should have.
fn lack(told: &mut Diagnostics, at: &Place, diagnostic: impl FnOnce(&Place) -> Diagnostic) {
    told.tell_lack(at.span(), diagnostic);
}

/// Tells something of a place that is known already.
fn tell(told: &mut Diagnostics, at: &Place, diagnostic: impl FnOnce(&Place) -> Diagnostic) {
    told.tell(at.span(), diagnostic);
}

fn sites(told: &mut Diagnostics, config: &Config) {
    let mut answered: HashMap<String, Place> = HashMap::new();
    for site in &config.sites {
        if site.authorities.is_empty() {
            tell(told, &site.at, |at| {
                Diagnostic::at(at, "a site answers for some authority").label("\"*\" is any: [site.\"*\"]")
            });
        }
        for authority in &site.authorities {
            let name = authority.value.to_ascii_lowercase();
            if let Some(first) = answered.get(&name) {
                tell(told, &authority.at, |at| {
                    Diagnostic::at(at, format!("`{name}` is answered for twice"))
                        .and(first, "it is answered for here already")
                });
            }
            answered.entry(name).or_insert_with(|| authority.at.clone());
        }
        let named = !site.at.span().is_empty();
        if named && site.settings.folder.is_none() && !has_answer(site) {
            lack(told, &site.at, |at| {
                let label = "say folder = \"public\" here, or at the top of the file for all sites";
                Diagnostic::at(at, "this site has no folder, and the top of the file names none").label(label)
            });
        }
    }
}

/// Does a rule answer for all of the site, so that no folder is needed?
fn has_answer(site: &Site) -> bool {
    let answers = |rule: &Rule| {
        let words = &rule.words;
        let is = |said: &Option<crate::Located<bool>>| said.as_ref().is_some_and(|said| said.value);
        words.moved.as_ref().is_some_and(|word| !word.is_undone())
            || words.see.as_ref().is_some_and(|word| !word.is_undone())
            || words.law.as_ref().is_some_and(|word| !word.is_undone())
            || words.closed.as_ref().is_some_and(|word| !word.is_undone())
            || words.proxy.as_ref().is_some_and(|word| !word.is_undone())
            || is(&words.gone)
            || is(&words.teapot)
    };
    site.settings.redirects.is_some() || site.rules.iter().any(|rule| rule.is_everything() && answers(rule))
}

/// The rules of one site, or of the top.
fn rules(told: &mut Diagnostics, rules: &[Rule], config: &Config, known: &Known<'_>) {
    if let [everywhere, others @ ..] = rules {
        // the words that stand in no rule come first
        for other in others.iter().filter(|other| everywhere.is_everything() && other.is_everything()) {
            for (word, first, second) in everywhere.words.said_twice(&other.words) {
                tell(told, &second, |at| {
                    let word = word.replace('_', "-");
                    let message = format!("`{word}` is said twice: what stands in no rule is the rule \"/**\"");
                    Diagnostic::at(at, message).label("take one of them away").and(&first, "it is said here too")
                });
            }
        }
    }
    for rule in rules {
        if rule.words.is_empty() {
            lack(told, &rule.at, |at| {
                Diagnostic::at(at, "this rule says nothing").label("for example: guard = \"any\"").warning()
            });
        }
        words::check(told, &rule.words, config, known);
    }
}
