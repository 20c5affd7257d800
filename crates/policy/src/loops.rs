//! Moves that lead round in a circle, found before anybody walks them.
//!
//! What is told is certain: each circle was walked from a path that is named. Circles that only other paths lead into,
//! or that go by way of another host, are not found.

use std::collections::{HashMap, HashSet};

use crate::limits;
use semantics::method::Method;
use semantics::target::decode_path;
use semantics::text::percent;

use crate::moves::{Asked, Template};
use crate::pattern::Pattern;
use crate::routes::Routes;

/// A rule that may move what it matches.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// What it matches.
    pub pattern: &'a Pattern,
    /// Whose it is, as in [`crate::routes::Rule::scope`].
    pub scope: u8,
    /// Where it leads; `None` for a rule that undoes a move.
    pub to: Option<&'a Template>,
    /// A POST stays one.
    pub keep_method: bool,
}

/// A circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// The places of its moves among those that were given, in the order in which they are walked, the smallest first.
    pub moves: Vec<usize>,
    /// A path, percent-encoded, from which it is walked.
    pub example: String,
    /// It does not come to the same path again, as far as any client follows: `/a/** -> /a/b/{1}`.
    pub grows: bool,
}

/// Finds the circles among the moves of a site. Each is told once.
///
/// ```
/// use policy::loops::{Hop, loops};
/// use policy::moves::Template;
/// use policy::pattern::Pattern;
/// let moves = [("/a", "/b"), ("/b", "/a"), ("/c", "/a")].map(|(from, to)| {
///     let pattern = Pattern::parse(from).expect("a pattern");
///     let to = Template::parse(to, &pattern).expect("a template");
///     (pattern, to)
/// });
/// let hops: Vec<_> =
///     moves.iter().map(|(pattern, to)| Hop { pattern, scope: 0, to: Some(to), keep_method: false }).collect();
/// assert_eq!(loops(&hops)[0].moves, [0, 1]);
/// ```
pub fn loops(hops: &[Hop<'_>]) -> Vec<Loop> {
    let routes = Routes::new(hops.iter().map(|hop| (hop.pattern.clone(), hop.scope, *hop)));
    let mut walker = Walker { routes, ends: HashSet::new(), found: Vec::new(), told: HashSet::new() };
    for hop in hops.iter().filter(|hop| hop.to.is_some()) {
        let method = hop.pattern.methods().find(|name| *name != Method::HEAD.name());
        for (name, rest) in [(&b"x"[..], &b"x/y"[..]), (b"x", b"x"), (b"", b"")] {
            let path = hop.pattern.example(name, rest);
            walker.walk(Place { path, trailing_slash: false, method: method.unwrap_or(Method::GET.name()).into() });
        }
    }
    walker.found
}

/// Where a walk has come to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    path: Vec<u8>,
    trailing_slash: bool,
    method: Box<str>,
}

struct Walker<'a> {
    routes: Routes<Hop<'a>>,
    /// Places from which everything is known, so that a long chain is not walked anew from each of its places.
    ends: HashSet<Place>,
    found: Vec<Loop>,
    /// The moves of each circle that was found.
    told: HashSet<Vec<usize>>,
}

impl Walker<'_> {
    /// Follows the moves to their end, or until they are found to have none. No move is followed more than
    /// [`limits::MOVES_REPEATED`] times, so there is an end.
    fn walk(&mut self, start: Place) {
        let example = encoded(&start.path);
        let (mut seen, mut walked, mut visits) = (HashMap::new(), Vec::new(), HashMap::new());
        let mut place = start;
        let mut found = Vec::new();
        while !self.ends.contains(&place) {
            if let Some(&step) = seen.get(&place) {
                self.tell(&walked[step..], &example, false);
                break;
            }
            let Some((hop, next)) = self.step(&place, &mut found) else { break };
            seen.insert(place, walked.len());
            walked.push(hop);
            let visits = visits.entry(hop).or_insert(0);
            *visits += 1;
            let end = next.is_none() && *visits > 1;
            if end || *visits > limits::MOVES_REPEATED {
                let before = walked[..walked.len() - 1].iter().rposition(|&other| other == hop);
                let before = before.expect("it was walked before");
                self.tell(&walked[before..walked.len() - 1], &example, true);
                break;
            }
            let Some(next) = next else { break };
            place = next;
        }
        self.ends.extend(seen.into_keys());
    }

    /// The move at a place, and where it leads: `None` if the target is too long for a Location. Nothing if there is no
    /// move, or if it leads where nothing is known.
    fn step(&self, place: &Place, found: &mut Vec<u32>) -> Option<(usize, Option<Place>)> {
        let rule = self.routes.find(&place.path, place.method.as_bytes(), found)?;
        let template = rule.value.to.filter(|to| to.is_local())?;
        let captures = rule.pattern.captures(&place.path)?;
        let asked = Asked { captures: &captures, path: &place.path, trailing_slash: place.trailing_slash, query: None };
        let Ok(location) = template.location(&asked) else { return Some((rule.place, None)) };
        let path = location.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
        let mut room = vec![0; path.len()];
        let decoded = decode_path(path, &mut room).ok()?;
        // what 301 and 302 make of a POST: RFC 9110 §15.4.2, §15.4.3
        let becomes_get = !rule.value.keep_method && &*place.method == Method::POST.name();
        let method = if becomes_get { Method::GET.name().into() } else { place.method.clone() };
        let next = Place { path: decoded.path.into(), trailing_slash: decoded.trailing_slash, method };
        Some((rule.place, Some(next)))
    }

    fn tell(&mut self, circle: &[usize], example: &str, grows: bool) {
        let first = circle.iter().enumerate().min_by_key(|(_, hop)| **hop).map_or(0, |(at, _)| at);
        let mut moves = circle.to_vec();
        moves.rotate_left(first);
        if self.told.insert(moves.clone()) {
            self.found.push(Loop { moves, example: example.to_owned(), grows });
        }
    }
}

/// A decoded path as it is written in a request.
fn encoded(path: &[u8]) -> String {
    let mut text = String::from("/");
    percent::encode(path, &percent::PATH_AS_WRITTEN, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(moves: &[(&str, &str)]) -> Vec<(Pattern, Option<Template>)> {
        let read = |&(from, to): &(&str, &str)| {
            let pattern = Pattern::parse(from).expect("a pattern");
            let to = (to != "-").then(|| Template::parse(to, &pattern).expect("a template"));
            (pattern, to)
        };
        moves.iter().map(read).collect()
    }

    fn found(moves: &[(&str, &str)], keep_method: bool) -> Vec<Loop> {
        let moves = read(moves);
        let hops = moves.iter().map(|(pattern, to)| Hop { pattern, scope: 0, to: to.as_ref(), keep_method });
        loops(&hops.collect::<Vec<_>>())
    }

    #[test]
    fn circles_are_found() {
        for (moves, circles) in [
            (&[("/a", "/b"), ("/b", "/c")][..], &[][..]),
            (&[("/a", "/a")], &[&[0][..]]),
            (&[("/a", "/a/")], &[&[0]]),
            (&[("/a", "{path}?x=1")], &[&[0]]),
            (&[("/a", "/b"), ("/b", "/a")], &[&[0, 1]]),
            (&[("/c", "/b"), ("/b", "/a"), ("/a", "/b#x")], &[&[1, 2]]),
            (&[("/c", "/a"), ("/a", "/b"), ("/b", "/c")], &[&[0, 1, 2]]),
            (&[("/a/**", "/b/{1}"), ("/b/**", "/a/{1}")], &[&[0, 1]]),
            (&[("/*", "/{1}")], &[&[0]]),
            (&[("/a/*", "/{1}"), ("/b", "/a/b")], &[&[0, 1]]),
            (&[("/a/**", "/{1}")], &[]),
            (&[("/**", "/closed.html")], &[&[0]]),
            (&[("/**", "/closed.html"), ("/closed.html", "-")], &[]),
            (&[("/**", "https://other.example{path}")], &[]),
            (&[("/a", "/b"), ("/a", "/c"), ("/b", "/a")], &[]),
            (&[("/a%20b", "/a b")], &[&[0]]),
        ] {
            let found = found(moves, false);
            let moves_of: Vec<&[usize]> = found.iter().map(|circle| &*circle.moves).collect();
            assert_eq!(moves_of, circles, "{moves:?}");
            assert!(found.iter().all(|circle| !circle.grows), "{found:?}");
        }
    }

    #[test]
    fn growing_ones_are_found() {
        for moves in [
            &[("/a/**", "/a/b/{1}")][..],
            &[("/**", "/new/{1}")],
            &[("/**", "/new{path}")],
            &[("/a/*", "/a/{1}x")],
            &[("/**", "/{1}-{1}-{1}-{1}-{1}-{1}")],
        ] {
            let found = found(moves, false);
            assert_eq!(found.len(), 1, "{moves:?}");
            assert!(found[0].grows && found[0].moves == [0], "{found:?}");
        }
        let both = found(&[("/a/**", "/b/x/{1}"), ("/b/**", "/a/{1}")], false);
        assert_eq!((&*both[0].moves, both[0].grows, &*both[0].example), (&[0, 1][..], true, "/a/x/y"));
    }

    #[test]
    fn a_post_becomes_a_get() {
        let moves = [("POST /a", "/b"), ("POST /b", "/a")];
        assert_eq!(found(&moves, false), []);
        assert_eq!(found(&moves, true).len(), 1);
        assert_eq!(found(&[("PUT /a", "/b"), ("PUT /b", "/a")], false).len(), 1);
    }

    #[test]
    fn long_chains_are_walked_once() {
        let texts: Vec<(String, String)> = (0..2_000).map(|nth| (format!("/{nth}"), format!("/{}", nth + 1))).collect();
        let mut moves: Vec<(&str, &str)> = texts.iter().map(|(from, to)| (&**from, &**to)).collect();
        assert_eq!(found(&moves, false), []);
        moves.push(("/2000", "/1998"));
        assert_eq!(
            found(&moves, false).into_iter().map(|circle| circle.moves).collect::<Vec<_>>(),
            [[1998, 1999, 2000]]
        );
    }

    /// The circle that a path leads into, as the sorted places of its moves; all targets are plain paths.
    fn circle(routes: &Routes<&str>, start: &str, moves: usize) -> Option<Vec<usize>> {
        let (mut at, mut walked, mut out) = (start, Vec::new(), Vec::new());
        // as many steps lead into the circle at most, and as many around it
        for _ in 0..=2 * moves {
            let rule = routes.find(&at.as_bytes()[1..], b"GET", &mut out)?;
            walked.push(rule.place);
            at = rule.value;
        }
        let (last, before) = walked.split_last()?;
        let begins = before.iter().rposition(|place| place == last)?;
        let mut circle = before[begins..].to_vec();
        circle.sort_unstable();
        Some(circle)
    }

    proptest! {
        #[test]
        fn a_walk_from_everywhere_finds_the_same(moves in prop::collection::vec((0usize..6, 0usize..6), 1..6)) {
            const PATHS: [(&str, &str); 6] =
                [("/a", "/a"), ("/b", "/b"), ("/a/*", "/a/b"), ("/b/**", "/b/x"), ("/*", "/c"), ("/a/b", "/d/e")];
            let moves: Vec<(&str, &str)> = moves.into_iter().map(|(from, to)| (PATHS[from].0, PATHS[to].1)).collect();
            let rule = |&(from, to): &(&str, &'static str)| (Pattern::parse(from).expect("a pattern"), 0, to);
            let routes = Routes::new(moves.iter().map(rule));
            let starts = ["/", "/a", "/b", "/c", "/a/b", "/a/x", "/b/x", "/b/x/y", "/d/e"];
            let expected: HashSet<_> = starts.iter().filter_map(|start| circle(&routes, start, moves.len())).collect();
            let sorted = |mut circle: Loop| {
                circle.moves.sort_unstable();
                circle.moves
            };
            let told: HashSet<_> = found(&moves, false).into_iter().map(sorted).collect();
            prop_assert_eq!(told, expected, "{:?}", moves);
        }
    }
}
