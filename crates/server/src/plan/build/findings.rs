//! What is odd about rules that are each right: two that say different things of the same, moves that go round in circles, rules
//! that nothing can reach.

use std::collections::HashMap;

use config::{Diagnostic, Place};
use policy::loops::{Hop, loops};
use policy::routes::Rule;
use resources::rules::{Elsewhere, Rulebook, Words};
use semantics::method::Method;

use super::{Diagnostics, SitePlanner};

/// Looks at the rules of one site; `places` is where each was given.
pub(super) fn look(book: &Rulebook, places: &[Place], planner: &SitePlanner<'_>, told: &mut Diagnostics) {
    let says: Vec<u16> = book.routes().rules().iter().map(|rule| said(&rule.value)).collect();
    ties(book, &says, places, told);
    circles(book, places, told);
    unreachable(book, &says, places, planner, told);
}

/// Two rules that match the same, of which neither is more specific.
fn ties(book: &Rulebook, says: &[u16], places: &[Place], told: &mut Diagnostics) {
    let mut says_at = vec![0; places.len()];
    for (rule, says) in book.routes().rules().iter().zip(says) {
        says_at[rule.place] = *says;
    }
    for (one, other) in book.routes().ties() {
        let (first, second) = (&places[one], &places[other]);
        let both = says_at[one] & says_at[other];
        if both == 0 {
            continue;
        }
        let both = WORDS.iter().enumerate().filter(|(nth, _)| both & 1 << nth != 0);
        let both: Vec<String> = both.map(|(_, (word, _))| format!("`{word}`")).collect();
        let both = both.join(", ");
        let message = format!("two rules say {both} of some of the same targets, and neither is more specific");
        told.all.push(
            Diagnostic::at(second, message)
                .and(first, "the other one")
                .note("make one of the two patterns longer, or name its methods"),
        );
    }
}

/// Whether a rule says one word.
type Says = fn(&Words) -> bool;

/// The words that a rule can say.
const WORDS: [(&str, Says); 15] = [
    ("guard", |words| words.guard.is_some()),
    ("limit", |words| words.limit.is_some()),
    ("price", |words| words.price.is_some()),
    ("law", |words| words.law.is_some()),
    ("closed", |words| words.closed.is_some()),
    ("moved", |words| words.elsewhere.is_some()),
    ("proxy", |words| words.proxy.is_some()),
    ("require", |words| words.require.is_some()),
    ("conditional", |words| words.conditional.is_some()),
    ("cors", |words| words.cors.is_some()),
    ("methods", |words| words.methods.is_some()),
    ("types", |words| words.types.is_some()),
    ("max-content", |words| words.max_content.is_some()),
    ("teapot", |words| words.teapot.is_some()),
    ("cache", |words| words.cache.is_some()),
];

/// The words that a rule says: a bit for each of [`WORDS`], the first the least.
fn said(words: &Words) -> u16 {
    WORDS.iter().rev().fold(0, |mask, (_, says)| mask << 1 | u16::from(says(words)))
}

/// Moves that lead back to where they began.
fn circles(book: &Rulebook, places: &[Place], told: &mut Diagnostics) {
    let moves: Vec<(Hop<'_>, usize)> = book
        .routes()
        .rules()
        .iter()
        .filter_map(|rule| {
            let (to, keep_method) = match &**rule.value.elsewhere.as_ref()?.value.as_ref()? {
                Elsewhere::Moved { to, keeps_method, .. } => (to, *keeps_method),
                Elsewhere::Described(to) => (to, false),
                Elsewhere::Gone => return None,
            };
            Some((Hop { pattern: &rule.pattern, scope: rule.scope, to: Some(to), keep_method }, rule.place))
        })
        .collect();
    let hops: Vec<Hop<'_>> = moves.iter().map(|(hop, _)| *hop).collect();
    for circle in loops(&hops) {
        let at: Vec<&Place> = circle.moves.iter().map(|&hop| &places[moves[hop].1]).collect();
        let Some(first) = at.first() else { continue };
        let way = if circle.grows { "goes on for ever, and grows" } else { "leads back to where it began" };
        let mut mistake = Diagnostic::at(first, format!("this move {way}, for example from {}", circle.example));
        if let Some(second) = at.get(1) {
            mistake = mistake.and(second, "by way of this one");
        }
        told.all.push(mistake);
    }
}

/// Rules for methods that the site does not take, and rules that a more specific one covers whole.
fn unreachable(book: &Rulebook, says: &[u16], places: &[Place], planner: &SitePlanner<'_>, told: &mut Diagnostics) {
    let site = resources::Site::new(&planner.options());
    let rules = book.routes().rules();
    for (rule, over) in rules.iter().zip(covers(rules, says)) {
        let mut methods = rule.pattern.methods().filter_map(|name| Method::of(name.as_bytes())).peekable();
        if methods.peek().is_some() && !methods.any(|method| site.supports(method)) {
            let message = "nothing reaches this rule: the site takes none of these methods";
            told.all.push(
                Diagnostic::at(&places[rule.place], message)
                    .warning()
                    .note("`write = true` lets clients change what is in the folder"),
            );
        }
        if let Some(over) = over {
            let message = "nothing is left for this rule: a more specific one says all of its words";
            told.all.push(Diagnostic::at(&places[rule.place], message).warning().and(&places[over.place], "this one"));
        }
    }
}

/// Of each rule the next one, in their order, that matches whatever it matches and says all of its words. A rule that
/// says none of the words has none.
fn covers<'r, T>(rules: &'r [Rule<T>], says: &[u16]) -> Vec<Option<&'r Rule<T>>> {
    // What covers a pattern is no more specific in any segment, and rules stand in the order of how specific they are.
    // So a later rule covers an earlier one only if both are equally specific: then their names stand at the same
    // places and are the same, and so are the literal octets of names with `*` in them, whose `*` alone may stand
    // elsewhere. Only rules that are alike in this are compared one by one.
    let mut alike: HashMap<_, Vec<usize>> = HashMap::with_capacity(rules.len());
    for (nth, rule) in rules.iter().enumerate() {
        alike.entry((rule.pattern.specificity(), literal_octets(rule))).or_default().push(nth);
    }
    let mut over = vec![None; rules.len()];
    for ranks in alike.into_values() {
        for (nth, &one) in ranks.iter().enumerate() {
            let covers =
                |&&other: &&usize| says[one] & !says[other] == 0 && rules[other].pattern.covers(&rules[one].pattern);
            if says[one] != 0 {
                over[one] = ranks[nth + 1..].iter().find(covers).map(|&other| &rules[other]);
            }
        }
    }
    over
}

/// The path of a rule's pattern without its wildcards. A `*` that is part of a name is written `%2A` there.
fn literal_octets<T>(rule: &Rule<T>) -> String {
    let mut text = rule.pattern.to_string();
    // no name of a method has a slash
    text.drain(..text.find('/').unwrap_or(0));
    text.retain(|octet| octet != '*');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::pattern::Pattern;
    use policy::routes::Routes;
    use proptest::prelude::*;

    fn routes(rules: &[(String, u8, u16)]) -> Routes<u16> {
        let rule = |(text, scope, says): &(String, u8, u16)| {
            let text = if text.contains('/') { text.clone() } else { format!("{text}/") };
            (Pattern::parse(&text).expect("a pattern"), *scope, *says)
        };
        Routes::new(rules.iter().map(rule))
    }

    fn found(routes: &Routes<u16>) -> Vec<Option<usize>> {
        let says: Vec<u16> = routes.rules().iter().map(|rule| rule.value).collect();
        covers(routes.rules(), &says).into_iter().map(|over| over.map(|over| over.place)).collect()
    }

    /// Every later rule is asked.
    fn plain(routes: &Routes<u16>) -> Vec<Option<usize>> {
        let rules = routes.rules();
        let over = |(nth, rule): (usize, &Rule<u16>)| {
            let mut later = rules[nth + 1..].iter();
            let all = |over: &&Rule<u16>| {
                over.pattern.covers(&rule.pattern) && rule.value != 0 && rule.value & over.value == rule.value
            };
            later.find(all).map(|over| over.place)
        };
        rules.iter().enumerate().map(over).collect()
    }

    #[test]
    fn a_word_is_a_bit() {
        assert_eq!(said(&Words::default()), 0);
        let guard =
            resources::rules::Setting { source: resources::rules::Source { file: "a.toml", line: 1 }, value: None };
        assert_eq!(said(&Words { teapot: Some(guard), ..Words::default() }), 1 << 13);
        assert_eq!(WORDS[13].0, "teapot");
    }

    #[test]
    fn what_covers_a_rule() {
        for (one, other, covered) in [
            (("/a", 0, 1), ("/a", 1, 3), true),
            (("/a", 0, 3), ("/a", 1, 1), false),
            (("/a", 0, 0), ("/a", 1, 1), false),
            (("/*ab*", 0, 1), ("/*a*b*", 0, 1), true),
            (("/a*/b%2A", 0, 1), ("/*a/b%2A", 0, 1), false),
            (("GET /a", 0, 1), ("GET PUT /a", 1, 1), true),
            (("GET /a", 0, 1), ("/a", 1, 1), false),
            (("/**", 0, 1), ("/**", 1, 1), true),
            (("/a", 0, 1), ("/b", 1, 1), false),
        ] {
            let rules = [one, other].map(|(text, scope, says)| (text.to_owned(), scope, says));
            let found = found(&routes(&rules));
            assert_eq!(found.contains(&Some(1)), covered, "{one:?} {other:?}");
            assert!(!found.contains(&Some(0)), "{one:?} {other:?}");
        }
    }

    /// A rule of few octets, so that many cover each other.
    fn some_rule() -> impl Strategy<Value = (String, u8, u16)> {
        const NAMES: &str = "a|b|ab|%2A|\\*|a\\*|\\*a|a\\*b|\\*ab|\\*ab\\*|\\*a\\*b|\\*a\\*b\\*";
        let pattern = format!("(|GET |PUT |GET PUT )(/({NAMES})){{0,2}}(/\\*\\*)?");
        (prop::string::string_regex(&pattern).expect("an expression"), 0u8..3, 0u16..4)
    }

    proptest! {
        #[test]
        fn the_plain_way_finds_the_same(rules in prop::collection::vec(some_rule(), 0..40)) {
            let routes = routes(&rules);
            prop_assert_eq!(found(&routes), plain(&routes), "{:?}", rules);
        }
    }
}
