//! The reader of a `_redirects` file, in the form that Netlify and Cloudflare Pages take: `from to [code][!]`, a line
//! each.
//!
//! Lines come out as patterns and templates; what is answered is not decided here. What cannot be kept to is refused
//! line by line, not passed over in silence.

use std::fmt;

use crate::limits;
use semantics::syntax::ParseError;

use crate::moves::{Template, TemplateError};
use crate::pattern::{Pattern, PatternError};
use crate::routes::Routes;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What it matches.
    pub pattern: Pattern,
    /// What has become of that.
    pub kind: Kind,
    /// Where it is now, or where something about it is; nothing for what is gone.
    pub to: Option<Template>,
    /// `!`: also if a file of that name exists.
    pub forced: bool,
}

/// What has become of what once stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It stands elsewhere: 301, 302, 307, 308.
    Moved {
        /// For good: 301, 308.
        permanent: bool,
        /// A POST stays one: 307, 308.
        keep_method: bool,
    },
    /// Something about it stands elsewhere: 303.
    See,
    /// It was removed: 410.
    Gone,
}

/// Why a line is not kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectError {
    /// It is no UTF-8.
    NotText,
    /// There is no target.
    NoTarget,
    /// The path is no pattern.
    From(PatternError),
    /// The target is none.
    To(TemplateError),
    /// It is for one host only.
    HostCondition,
    /// It is for some queries only.
    QueryCondition,
    /// It is for some countries, languages, cookies or roles only.
    Condition,
    /// 200: another file is served in place of this one.
    Rewrite,
    /// 404: a page of errors.
    ErrorPage,
    /// Some other number.
    OtherCode,
    /// No number where the code should be.
    NotACode,
    /// Something behind the code.
    AfterCode,
    /// A `*` before the end of the path, or within a name.
    Splat,
    /// `:name` with something behind it in its segment.
    Placeholder,
    /// Two placeholders of one name.
    RepeatedPlaceholder,
    /// An earlier line matches all that this one matches, so it never comes to it.
    Covered {
        /// The number of that line.
        by: usize,
    },
    /// More lines than [`limits::REDIRECTS`]; this one and those behind it are not read.
    TooManyLines,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotText => "the line is no UTF-8",
            Self::NoTarget => "the target is missing: a line is `from to [code]`",
            Self::From(offence) => return write!(f, "the path: {offence}"),
            Self::To(offence) => return write!(f, "the target: {offence}"),
            Self::HostCondition => "paths of one host are told in that host's site, not here",
            Self::QueryCondition => "lines that look at the query are not supported",
            Self::Condition => "lines for some countries, languages, cookies or roles only are not supported",
            Self::Rewrite => "serving another file under this name (200) is not supported",
            Self::ErrorPage => "pages of errors (404) are not supported",
            Self::OtherCode => "the code is none of 301, 302, 303, 307, 308 and 410",
            Self::NotACode => "a code is a number, as 301",
            Self::AfterCode => "something follows the code",
            Self::Splat => "`*` can only be the last segment, alone",
            Self::Placeholder => "a placeholder must be a whole segment, as `/:name/`",
            Self::RepeatedPlaceholder => "two placeholders have the same name",
            Self::Covered { by } => {
                return write!(f, "line {by} matches all that this line matches, so it has no effect");
            }
            Self::TooManyLines => "there are more lines than are read",
        })
    }
}

/// A line that is not kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// Its number in the file, from 1.
    pub line: usize,
    /// Why.
    pub what: RedirectError,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// What a `_redirects` file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects {
    /// The lines that are kept to, in their order.
    pub redirects: Vec<Redirect>,
    /// The lines that are not, in their order.
    pub refused: Vec<Refused>,
}

impl Redirects {
    /// Reads a file. Of lines that both match a path the first counts in these files; here the more specific one does,
    /// which is the same wherever the more specific line comes first. A line that never counts, since an earlier one
    /// covers it, is refused.
    ///
    /// ```
    /// use policy::redirects::{Kind, Redirects};
    /// let read = Redirects::read(b"# moved\n/news/:year/* /archive/:year/:splat 302\n/app/* /index.html 200\n");
    /// let line = &read.redirects[0];
    /// assert_eq!((line.line, line.pattern.to_string()), (2, "/news/*/**".into()));
    /// assert_eq!(line.kind, Kind::Moved { permanent: false, keep_method: false });
    /// assert_eq!(read.refused[0].line, 3);
    /// ```
    pub fn read(file: &[u8]) -> Self {
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        let mut read = Self::default();
        for (line, text) in (1..).zip(file.split(|&byte| byte == b'\n')) {
            if line > limits::REDIRECTS {
                if !text.is_empty() {
                    read.refused.push(Refused { line, what: RedirectError::TooManyLines });
                }
                break;
            }
            match str::from_utf8(text).map_err(|_| RedirectError::NotText).and_then(|text| entry(line, text)) {
                Ok(redirect) => read.redirects.extend(redirect),
                Err(what) => read.refused.push(Refused { line, what }),
            }
        }
        read.refuse_covered();
        read
    }

    /// Whoever covers a pattern matches each path that it matches, so it is among those that match one.
    fn refuse_covered(&mut self) {
        let routes = Routes::new(self.redirects.iter().map(|redirect| (redirect.pattern.clone(), 0, redirect.line)));
        let mut found = Vec::new();
        let refused = &mut self.refused;
        self.redirects.retain(|redirect| {
            routes.matches(&redirect.pattern.example(b"x", b"x"), b"GET", &mut found);
            let earlier = found.iter().map(|&number| routes.rule(number)).filter(|rule| rule.value < redirect.line);
            let by = earlier.filter(|rule| rule.pattern.covers(&redirect.pattern)).map(|rule| rule.value).min();
            refused.extend(by.map(|by| Refused { line: redirect.line, what: RedirectError::Covered { by } }));
            by.is_none()
        });
        self.refused.sort_by_key(|refused| refused.line);
    }
}

/// What a line says, if it says anything.
fn entry(line: usize, text: &str) -> Result<Option<Redirect>, RedirectError> {
    let mut words = text.split_ascii_whitespace().take_while(|word| !word.starts_with('#'));
    let Some(from) = words.next() else { return Ok(None) };
    if from.contains("://") {
        return Err(RedirectError::HostCondition);
    }
    if from.contains('?') {
        return Err(RedirectError::QueryCondition);
    }
    if !from.starts_with('/') {
        return Err(RedirectError::From(PatternError::NotAbsolute));
    }
    let (pattern, names) = pattern(from)?;
    let mut target = words.next().ok_or(RedirectError::NoTarget)?;
    let is_target = target.starts_with('/') || target.contains("://");
    let code = if is_target {
        words.next().unwrap_or("301")
    } else if target.contains('=') {
        return Err(RedirectError::QueryCondition);
    } else {
        // what is gone needs no target
        std::mem::take(&mut target)
    };
    let (number, forced) = code.strip_suffix('!').map_or((code, false), |number| (number, true));
    let kind = match number {
        "410" => Kind::Gone,
        _ if !is_target => return Err(RedirectError::To(TemplateError::NotAbsolute)),
        "301" => Kind::Moved { permanent: true, keep_method: false },
        "302" => Kind::Moved { permanent: false, keep_method: false },
        "303" => Kind::See,
        "307" => Kind::Moved { permanent: false, keep_method: true },
        "308" => Kind::Moved { permanent: true, keep_method: true },
        "200" => return Err(RedirectError::Rewrite),
        "404" => return Err(RedirectError::ErrorPage),
        number if number.contains('=') => return Err(RedirectError::Condition),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => return Err(RedirectError::OtherCode),
        _ => return Err(RedirectError::NotACode),
    };
    match words.next() {
        Some(word) if word.contains('=') => return Err(RedirectError::Condition),
        Some(_) => return Err(RedirectError::AfterCode),
        None => {}
    }
    let to = match kind {
        Kind::Gone => None,
        Kind::Moved { .. } | Kind::See => Some(template(target, &names, &pattern)?),
    };
    Ok(Some(Redirect { line, pattern, kind, to, forced }))
}

/// The pattern of a path, and the names of its wildcards.
fn pattern(from: &str) -> Result<(Pattern, Vec<&str>), RedirectError> {
    let from = from.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(from);
    let mut names = Vec::new();
    let mut text = String::with_capacity(from.len() + 1);
    let segments = from.split('/').count();
    for (nth, segment) in from.split('/').enumerate() {
        let name = segment.strip_prefix(':').filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()));
        let (written, name) = match (segment, name) {
            ("*", _) if nth + 1 == segments => ("**", Some("splat")),
            (_, Some(name)) if name.bytes().all(is_name) => ("*", Some(name)),
            (_, Some(_)) => return Err(RedirectError::Placeholder),
            (segment, None) if segment.contains('*') => return Err(RedirectError::Splat),
            (segment, None) => (segment, None),
        };
        if name.is_some_and(|name| names.contains(&name)) {
            return Err(RedirectError::RepeatedPlaceholder);
        }
        names.extend(name);
        text.push_str(if nth > 0 { "/" } else { "" });
        text.push_str(written);
    }
    let pattern = Pattern::parse(&text).map_err(|ParseError { what, .. }| RedirectError::From(what))?;
    Ok((pattern, names))
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The template of a target: `:name` becomes the number of its wildcard. A `:word` that nothing is called is text, as
/// in `/wiki/Help:Contents`; braces are text too.
fn template(target: &str, names: &[&str], pattern: &Pattern) -> Result<Template, RedirectError> {
    let mut text = String::with_capacity(target.len());
    let mut rest = target;
    while let Some(at) = rest.find([':', '{', '}']) {
        let (before, mark) = rest.split_at(at);
        text.push_str(before);
        rest = &mark[1..];
        match mark.as_bytes()[0] {
            b'{' => text.push_str("%7B"),
            b'}' => text.push_str("%7D"),
            _ => {
                let end = rest.bytes().position(|byte| !is_name(byte)).unwrap_or(rest.len());
                match names.iter().position(|name| *name == &rest[..end]) {
                    Some(nth) => {
                        text.push_str(&format!("{{{}}}", nth + 1));
                        rest = &rest[end..];
                    }
                    None => text.push(':'),
                }
            }
        }
    }
    text.push_str(rest);
    Template::parse(&text, pattern).map_err(|ParseError { what, .. }| RedirectError::To(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moves::Asked;
    use proptest::prelude::*;

    fn refused(file: &str) -> Vec<(usize, RedirectError)> {
        Redirects::read(file.as_bytes()).refused.into_iter().map(|refused| (refused.line, refused.what)).collect()
    }

    /// Where the lines of a file send a path.
    fn sent(file: &str, path: &str) -> Option<(usize, String)> {
        let read = Redirects::read(file.as_bytes());
        assert_eq!(read.refused, []);
        let routes = Routes::new(read.redirects.into_iter().map(|redirect| (redirect.pattern.clone(), 0, redirect)));
        let mut found = Vec::new();
        let rule = routes.find(path.as_bytes(), b"GET", &mut found)?;
        let captures = rule.pattern.captures(path.as_bytes()).expect("it matches");
        let asked = Asked { captures: &captures, path: path.as_bytes(), trailing_slash: false, query: None };
        let location = rule.value.to.as_ref().expect("a target").location(&asked).expect("short");
        Some((rule.value.line, String::from_utf8(location).expect("ASCII")))
    }

    #[test]
    fn lines_are_read() {
        let file = "\u{feff}# comment\r\n\n  /a\t/b \r\n/c /d 302 # why\n/e/ /f 303\n/g /h 307!\n/i /j 308\n\
                    /k /l 410\n/m 410\n/ /n";
        let read = Redirects::read(file.as_bytes());
        assert_eq!(read.refused, []);
        let moved = |permanent, keep_method| Kind::Moved { permanent, keep_method };
        let lines = read.redirects.iter().map(|line| (line.line, line.pattern.to_string(), line.kind, line.forced));
        let expected = [
            (3, "/a", moved(true, false), false),
            (4, "/c", moved(false, false), false),
            (5, "/e", Kind::See, false),
            (6, "/g", moved(false, true), true),
            (7, "/i", moved(true, true), false),
            (8, "/k", Kind::Gone, false),
            (9, "/m", Kind::Gone, false),
            (10, "/", moved(true, false), false),
        ];
        assert!(lines.eq(expected.map(|(line, pattern, kind, forced)| (line, pattern.to_owned(), kind, forced))));
        assert!(read.redirects.iter().all(|line| line.to.is_none() == (line.kind == Kind::Gone)));
    }

    #[test]
    fn placeholders_are_filled_in() {
        for (line, path, location) in [
            ("/news/* /blog/:splat", "news/a/b", "/blog/a/b"),
            ("/news/* /blog/:splat", "news", "/blog/"),
            ("/* https://new.example/:splat", "a", "https://new.example/a"),
            ("/* https://new.example:8443/:splat", "", "https://new.example:8443/"),
            ("/:year/:month/* /?y=:year&m=:month&r=:splat", "2026/12/a/b", "/?y=2026&m=12&r=a/b"),
            ("/a/:b /wiki/Help:Contents/:b.html", "a/x", "/wiki/Help:Contents/x.html"),
            ("/:a/:ab /:ab/:a", "x/y", "/y/x"),
            ("/a /{1}/*", "a", "/%7B1%7D/*"),
            ("/a/b:c /d", "a/b:c", "/d"),
            ("/a/:1 /d", "a/:1", "/d"),
        ] {
            assert_eq!(sent(line, path), Some((1, location.into())), "{line}");
        }
        assert_eq!(sent("/a/b /x\n/a/* /y/:splat", "a/b"), Some((1, "/x".into())));
        assert_eq!(sent("/a/b /x\n/a/* /y/:splat", "a/c"), Some((2, "/y/c".into())));
    }

    #[test]
    fn what_is_not_kept_to_is_refused() {
        use RedirectError::*;
        for (line, what) in [
            ("/a", NoTarget),
            ("/a # /b", NoTarget),
            ("a /b", From(PatternError::NotAbsolute)),
            ("/a//b /c", From(PatternError::EmptySegment)),
            ("/a b", To(TemplateError::NotAbsolute)),
            ("/a 301", To(TemplateError::NotAbsolute)),
            ("/a //evil.example", To(TemplateError::EmptySegment)),
            ("/* https://:splat/", To(TemplateError::PlaceInHost)),
            ("/:h/* https://x.:h/", To(TemplateError::PlaceInHost)),
            ("https://h/a /b", HostCondition),
            ("/a?x=1 /b", QueryCondition),
            ("/a id=:id /b/:id 301", QueryCondition),
            ("/a /b 302 Country=fr,de", Condition),
            ("/a /b Language=fr", Condition),
            ("/* /index.html 200", Rewrite),
            ("/* /index.html 200!", Rewrite),
            ("/* /404.html 404", ErrorPage),
            ("/a /b 304", OtherCode),
            ("/a /b soon", NotACode),
            ("/a /b 301 302", AfterCode),
            ("/a/*/b /c", Splat),
            ("/a* /c", Splat),
            ("/:a.html /b", Placeholder),
            ("/:a/:a /b", RepeatedPlaceholder),
            ("/:splat/* /b", RepeatedPlaceholder),
        ] {
            assert_eq!(refused(line), [(1, what)], "{line}");
        }
        assert_eq!(Redirects::read(b"/\xff /b").refused, [Refused { line: 1, what: NotText }]);
    }

    #[test]
    fn lines_that_never_count_are_refused() {
        use RedirectError::Covered;
        let file = "/a/* /x\n/a/b /y\n/b/:c /z\n/b/c /z\n/b/:d/e /z\n/c /z\n/c/ /z 302";
        assert_eq!(refused(file), [(2, Covered { by: 1 }), (4, Covered { by: 3 }), (7, Covered { by: 6 })]);
        assert_eq!(Redirects::read(file.as_bytes()).redirects.len(), 4);
    }

    #[test]
    fn there_are_not_more_lines_than_are_read() {
        let file = "#\n".repeat(limits::REDIRECTS);
        assert_eq!(refused(&file), []);
        assert_eq!(refused(&(file + "/a /b\n/c")), [(limits::REDIRECTS + 1, RedirectError::TooManyLines)]);
    }

    proptest! {
        #[test]
        fn nothing_panics(file: Vec<u8>) {
            let _ = Redirects::read(&file);
        }

        #[test]
        fn near_misses_do_not_panic(
            file in "((/|:|\\*|a|\\{|é){0,5}( |\t)(/|:|\\*|a|://|\\}|é){0,6} (30[0-9]!?|410|x=1|#)?\n){0,5}",
        ) {
            let read = Redirects::read(file.as_bytes());
            prop_assert!(read.redirects.len() + read.refused.len() <= 5);
            prop_assert!(read.redirects.is_sorted_by_key(|redirect| redirect.line));
        }
    }
}
