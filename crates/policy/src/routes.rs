//! Routes: all rules whose patterns match a request, found in one walk down a tree of segments.
//!
//! What a rule says, and how the words of several come together, is for whoever reads the list.

use std::collections::HashMap;

use crate::pattern::segment::Segment;
use crate::pattern::{Pattern, first_name};

mod globs;

use globs::Globs;

/// A rule among [`Routes`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule<T> {
    /// What it matches.
    pub pattern: Pattern,
    /// Whose it is: of two rules with equally specific patterns the one with the greater scope comes later, as the
    /// site's before the top's.
    pub scope: u8,
    /// What it says.
    pub value: T,
    /// Its place among the rules that were given, from 0.
    pub place: usize,
}

/// Rules, in the order of how specific they are, and the tree that finds them.
///
/// A walk costs at most as much as there are nodes in the tree, whatever the path: a node stands for the one row of
/// segments that leads to it, so it is entered once a walk at most, and the walk is no deeper than the deepest pattern.
/// What is behind that in the path, thousands of segments perhaps, is not looked at. Usual rules lead to a few nodes.
///
/// ```
/// use policy::pattern::Pattern;
/// use policy::routes::Routes;
/// let rules = ["/a/b", "/**", "/a/*", "PUT /a/*"].map(|text| (Pattern::parse(text).expect("a pattern"), 0, text));
/// let (routes, mut found) = (Routes::new(rules), Vec::new());
/// routes.matches(b"a/b", b"GET", &mut found);
/// let values: Vec<_> = found.iter().map(|&rule| routes.rule(rule).value).collect();
/// assert_eq!(values, ["/**", "/a/*", "/a/b"]);
/// ```
#[derive(Clone, Debug)]
pub struct Routes<T> {
    /// The least specific first. A rule's number is its rank.
    rules: Vec<Rule<T>>,
    /// The first is the root.
    nodes: Vec<Node>,
}

/// A row of segments.
#[derive(Clone, Debug, Default)]
struct Node {
    /// The rules whose patterns end here.
    here: Vec<u32>,
    /// The rules whose patterns go on with `**`.
    beneath: Vec<u32>,
    literals: HashMap<Box<[u8]>, u32>,
    globs: Option<Box<Globs>>,
    any: Option<u32>,
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self::new([])
    }
}

impl<T> Routes<T> {
    /// Of patterns, with whose they are (see [`Rule::scope`]) and what they say. Of two rules that nothing tells apart,
    /// the one that was given later is taken for the more specific one; see [`Routes::ties`].
    pub fn new(rules: impl IntoIterator<Item = (Pattern, u8, T)>) -> Self {
        let rule = |(place, (pattern, scope, value))| Rule { pattern, scope, value, place };
        let mut rules: Vec<Rule<T>> = rules.into_iter().enumerate().map(rule).collect();
        rules.sort_by_cached_key(|rule| rule.pattern.order(rule.scope));
        let mut nodes = vec![Node::default()];
        let mut children: HashMap<(u32, &Segment), u32> = HashMap::new();
        for (rank, rule) in (0..).zip(&rules) {
            let mut at = 0;
            for segment in rule.pattern.segments() {
                at = *children.entry((at, segment)).or_insert_with(|| {
                    let child = u32::try_from(nodes.len()).expect("memory holds no 4 billion segments");
                    nodes[at as usize].grow(segment, child);
                    nodes.push(Node::default());
                    child
                });
            }
            let node = &mut nodes[at as usize];
            if rule.pattern.has_rest() { node.beneath.push(rank) } else { node.here.push(rank) }
        }
        Self { rules, nodes }
    }

    /// Puts the numbers of all rules that match a decoded path and a method into `out`, the least specific first. What
    /// was in `out` is gone; its room is used again.
    pub fn matches(&self, path: &[u8], method: &[u8], out: &mut Vec<u32>) {
        out.clear();
        self.walk(&self.nodes[0], (!path.is_empty()).then_some(path), method, out);
        out.sort_unstable();
    }

    /// The rule of a number.
    ///
    /// # Panics
    /// If no look-up of these routes told the number.
    pub fn rule(&self, number: u32) -> &Rule<T> {
        &self.rules[number as usize]
    }

    /// The most specific rule that matches.
    pub fn find(&self, path: &[u8], method: &[u8], out: &mut Vec<u32>) -> Option<&Rule<T>> {
        self.matches(path, method, out);
        out.last().map(|&number| self.rule(number))
    }

    /// All rules, the least specific first.
    pub fn rules(&self) -> &[Rule<T>] {
        &self.rules
    }

    /// The rules that a walk finds from here. It goes as deep as there are segments in the deepest pattern.
    fn walk(&self, node: &Node, rest: Option<&[u8]>, method: &[u8], out: &mut Vec<u32>) {
        let mut take = |ranks: &[u32]| {
            out.extend(ranks.iter().filter(|&&rank| self.rules[rank as usize].pattern.matches_method(method)));
        };
        take(&node.beneath);
        let Some(path) = rest else { return take(&node.here) };
        let (name, rest) = first_name(path);
        if !node.literals.is_empty()
            && let Some(&child) = node.literals.get(name)
        {
            self.walk(&self.nodes[child as usize], rest, method, out);
        }
        if let Some(child) = node.any {
            self.walk(&self.nodes[child as usize], rest, method, out);
        }
        if let Some(globs) = &node.globs {
            globs.matches(name, &mut |child| self.walk(&self.nodes[child as usize], rest, method, out));
        }
    }

    /// Pairs of rules that both match some request, of one scope, whose patterns do not say which is more specific; as
    /// the places at which they were given, the smaller first.
    ///
    /// ```
    /// use policy::pattern::Pattern;
    /// use policy::routes::Routes;
    /// let rules = ["/a*", "/b", "/*a"].map(|text| (Pattern::parse(text).expect("a pattern"), 0, ()));
    /// assert_eq!(Routes::new(rules).ties(), [(0, 2)]);
    /// ```
    pub fn ties(&self) -> Vec<(usize, usize)> {
        // Patterns that are equally specific have their names at the same places, and meet only if the names are the
        // same. So only those that differ in segments with a `*` in them are compared one by one.
        let mut alike: HashMap<_, Vec<&Rule<T>>> = HashMap::new();
        for rule in &self.rules {
            let names: Vec<_> = rule.pattern.segments().iter().map(Segment::literal).collect();
            alike.entry((rule.scope, rule.pattern.specificity(), names)).or_default().push(rule);
        }
        let mut ties = Vec::new();
        for rules in alike.into_values() {
            for (nth, one) in rules.iter().enumerate() {
                let tied = rules[nth + 1..].iter().filter(|other| one.pattern.same_reach(&other.pattern));
                ties.extend(tied.map(|other| (one.place.min(other.place), one.place.max(other.place))));
            }
        }
        ties.sort_unstable();
        ties
    }
}

impl Node {
    /// Lets a segment lead to a child.
    fn grow(&mut self, segment: &Segment, child: u32) {
        match segment {
            Segment::Literal(name) => drop(self.literals.insert(name.clone(), child)),
            Segment::Glob(glob) => self.globs.get_or_insert_default().insert(glob.clone(), child),
            Segment::Any => self.any = Some(child),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use crate::pattern::tests::{some_path, some_pattern};
    use proptest::prelude::*;

    fn routes(patterns: &[String]) -> Routes<()> {
        Routes::new(patterns.iter().map(|text| (Pattern::parse(text).expect("a pattern"), 0, ())))
    }

    fn places(routes: &Routes<()>, path: &str, method: &str) -> Vec<usize> {
        let mut found = Vec::new();
        routes.matches(path.as_bytes(), method.as_bytes(), &mut found);
        found.iter().map(|&number| routes.rule(number).place).collect()
    }

    #[test]
    fn rules_refine_each_other() {
        let rules = [("/a/*", 1, 'x'), ("/a/*", 0, 'y'), ("PUT /a/*", 0, 'z'), ("/a/b", 0, 'b'), ("/**", 2, '*')];
        let routes = Routes::new(rules.map(|(text, scope, value)| (Pattern::parse(text).unwrap(), scope, value)));
        let mut found = Vec::new();
        for (path, method, expected) in
            [("a/b", "PUT", "*yxzb"), ("a/c", "GET", "*yx"), ("a", "GET", "*"), ("", "GET", "*"), ("a/b/c", "PUT", "*")]
        {
            routes.matches(path.as_bytes(), method.as_bytes(), &mut found);
            let values: String = found.iter().map(|&number| routes.rule(number).value).collect();
            assert_eq!(values, expected, "{method} {path}");
        }
        assert_eq!(routes.find(b"a/c", b"PUT", &mut found).map(|rule| rule.place), Some(2));
        assert_eq!(routes.rules().len(), 5);
        assert!(Routes::<()>::default().find(b"", b"GET", &mut found).is_none());
    }

    #[test]
    fn fewer_methods_are_more() {
        let routes = routes(&["HEAD /a".into(), "GET /a".into()]);
        assert_eq!(places(&routes, "a", "HEAD"), [1, 0]);
        assert_eq!(routes.ties(), []);
    }

    #[test]
    fn deep_paths_and_many_wildcards_end_soon() {
        // each node of the tree is entered once at most, so this walk enters as many as there are
        let depth = limits::PATTERN_SEGMENTS;
        let every: Vec<String> = (0..=depth).map(|length| "/*".repeat(length) + "/**").collect();
        let mixed = (0..depth).map(|nth| format!("{}/a{}", "/*".repeat(nth), "/*".repeat(depth - nth - 1)));
        let routes = routes(&every.into_iter().chain(mixed).collect::<Vec<_>>());
        let path = vec!["a"; 4_000].join("/");
        assert_eq!(places(&routes, &path, "GET").len(), depth + 1);
        assert_eq!(places(&routes, &path[..depth * 2 - 1], "GET").len(), depth * 2 + 1);
        assert_eq!(places(&routes, &"a".repeat(8_000), "GET").len(), 2);
    }

    proptest! {
        #[test]
        fn the_naive_matcher_agrees(patterns in prop::collection::vec(some_pattern(), 0..20), path in some_path()) {
            let routes = routes(&patterns);
            for method in ["GET", "HEAD", "PUT", "DELETE"] {
                let mut expected: Vec<(_, usize)> = Vec::new();
                for (place, text) in patterns.iter().enumerate() {
                    let pattern = Pattern::parse(text).expect("a pattern");
                    if pattern.matches(path.as_bytes(), method.as_bytes()) {
                        expected.push((pattern.order(0), place));
                    }
                }
                expected.sort();
                let expected: Vec<usize> = expected.into_iter().map(|(_, place)| place).collect();
                prop_assert_eq!(places(&routes, &path, method), expected, "{}", method);
            }
        }

        #[test]
        fn ties_are_all_that_there_are(patterns in prop::collection::vec(some_pattern(), 0..20)) {
            let parsed: Vec<Pattern> = patterns.iter().map(|text| Pattern::parse(text).expect("a pattern")).collect();
            let mut expected = Vec::new();
            for (nth, one) in parsed.iter().enumerate() {
                let tied = (nth + 1..parsed.len()).filter(|&other| one.same_reach(&parsed[other]));
                expected.extend(tied.map(|other| (nth, other)));
            }
            prop_assert_eq!(routes(&patterns).ties(), expected);
        }

        #[test]
        fn nothing_panics(patterns in prop::collection::vec(some_pattern(), 0..5), path: Vec<u8>, method: Vec<u8>) {
            let mut found = Vec::new();
            routes(&patterns).matches(&path, &method, &mut found);
        }
    }
}
