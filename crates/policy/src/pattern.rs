//! Patterns of rules, `[METHODS ]PATH`: what they match, what their wildcards took, and which of two is more specific.
//!
//! Paths come decoded, as [`semantics::target::decode_path`] gives them: names with `/` between them, and nothing for
//! the root. How many patterns are looked through at once is the routes'; what a rule says is not known here.

use std::cmp::Reverse;
use std::fmt;

use crate::limits;
use semantics::method::Method;
use semantics::syntax::{ParseError, is_tchar, percent_decoded};

pub(crate) mod segment;

use segment::{Glob, Segment};

/// The pattern of a rule.
///
/// * A segment is a name, percent-decoded; or holds `*`, which stands for any octets of a name, or none; or is `*`: any
///   name.
/// * `**` as the last segment: anything below, and the folder itself. `/**` is everything.
/// * A slash at the end of a path makes no difference: what guards `/a` guards `/a/`. So a pattern does not end in one.
/// * Methods stand before the path, with spaces between. GET is HEAD too: a HEAD is answered with the fields that a GET
///   would have had (RFC 9110 §9.3.2), so one that no rule for GET concerned would be answered wrongly.
///
/// ```
/// use policy::pattern::Pattern;
/// let pattern = Pattern::parse("PUT DELETE /docs/*.txt").expect("a pattern");
/// assert!(pattern.matches(b"docs/a.txt", b"PUT") && !pattern.matches(b"docs/a.txt", b"GET"));
/// let tree = Pattern::parse("/a/**").expect("a pattern");
/// assert!(tree.matches_path(b"a") && tree.matches_path(b"a/b/c") && !tree.matches_path(b"ab"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Sorted, with HEAD where GET is. None: every method.
    methods: Box<[Box<str>]>,
    segments: Box<[Segment]>,
    /// It ends in `**`.
    rest: bool,
}

/// What can be wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternError {
    /// There is no path.
    NoPath,
    /// The path does not begin with `/`.
    NotAbsolute,
    /// A byte that no name of a method has.
    BadMethod,
    /// The name of a known method in small letters; methods are told apart by case (RFC 9110 §9.1).
    MethodCase,
    /// A space or a control, as it stands.
    BadByte,
    /// A `%` without two hexadecimal digits.
    BadPercent,
    /// `%00`: no name has it.
    Nul,
    /// `%2F`: no name has a slash.
    EncodedSlash,
    /// `?` or `#`: neither is part of a path.
    NotOfPath,
    /// Two slashes in a row.
    EmptySegment,
    /// `.` or `..`: paths are matched without them.
    DotSegment,
    /// It ends in a slash.
    TrailingSlash,
    /// `**` stands before the last segment.
    RestNotLast,
    /// `**` with something beside it in its segment.
    DoubleWildcard,
    /// More segments than [`limits::PATTERN_SEGMENTS`].
    TooDeep,
    /// Longer than [`limits::PATTERN`].
    TooLong,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPath => "there is no path; a path begins with `/`",
            Self::NotAbsolute => "the path does not begin with `/`",
            Self::BadMethod => "a byte that no method's name has",
            Self::MethodCase => "methods are written in capitals",
            Self::BadByte => "a byte that must be written with a percent sign; a space is %20",
            Self::BadPercent => "a percent sign without two hexadecimal digits",
            Self::Nul => "a name cannot contain NUL",
            Self::EncodedSlash => "a name cannot contain a slash",
            Self::NotOfPath => "a pattern is of the path alone; the octets ? and # of a name are %3F and %23",
            Self::EmptySegment => "a name between two slashes is missing",
            Self::DotSegment => "paths are matched without `.` and `..`",
            Self::TrailingSlash => "a pattern does not end in a slash: `/a` is the folder, `/a/**` is it and all below",
            Self::RestNotLast => "`**` can only be the last segment",
            Self::DoubleWildcard => "`**` must be a segment of its own; within a name one `*` suffices",
            Self::TooDeep => "more segments than a pattern may have",
            Self::TooLong => "longer than a pattern may be",
        })
    }
}

type Read<T> = Result<T, ParseError<PatternError>>;

impl Pattern {
    /// Reads a pattern; a refusal tells the offset of the byte that offends.
    pub fn parse(text: &str) -> Read<Self> {
        if text.len() > limits::PATTERN {
            return Err(ParseError::new(limits::PATTERN, PatternError::TooLong));
        }
        let (methods, path) = methods(text)?;
        let (segments, rest) = segments(text.as_bytes(), path)?;
        Ok(Self { methods, segments: segments.into(), rest })
    }

    /// `/**`: everything.
    pub fn everything() -> Self {
        Self { methods: Box::default(), segments: Box::default(), rest: true }
    }

    /// Does it match this decoded path and this method?
    pub fn matches(&self, path: &[u8], method: &[u8]) -> bool {
        self.matches_method(method) && self.matches_path(path)
    }

    /// Does it match this method? Names of methods are told apart by case (RFC 9110 §9.1).
    pub fn matches_method(&self, method: &[u8]) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|name| name.as_bytes() == method)
    }

    /// Does it match this decoded path?
    pub fn matches_path(&self, path: &[u8]) -> bool {
        self.split(path, |_| {})
    }

    /// What each wildcard took of a path that matches, in order; what `**` took comes last, and may be empty or many
    /// names.
    ///
    /// ```
    /// use policy::pattern::Pattern;
    /// let pattern = Pattern::parse("/*/v*.*/**").expect("a pattern");
    /// assert_eq!(pattern.captures(b"x/v1.2/a/b"), Some(vec![&b"x"[..], b"1", b"2", b"a/b"]));
    /// assert_eq!(pattern.captures(b"x/y"), None);
    /// ```
    pub fn captures<'p>(&self, path: &'p [u8]) -> Option<Vec<&'p [u8]>> {
        let mut taken = Vec::with_capacity(self.wildcards());
        self.split(path, |part| taken.push(part)).then_some(taken)
    }

    fn split<'p>(&self, path: &'p [u8], mut taken: impl FnMut(&'p [u8])) -> bool {
        let mut rest = (!path.is_empty()).then_some(path);
        for segment in &self.segments {
            let Some(left) = rest else { return false };
            let (name, behind) = first_name(left);
            if !segment.split(name, &mut taken) {
                return false;
            }
            rest = behind;
        }
        if self.rest {
            // An empty rest lies at the end of the path, not elsewhere: the captures are all of the same text.
            taken(rest.unwrap_or(&path[path.len()..]));
        }
        self.rest || rest.is_none()
    }

    /// May it match something beneath this decoded path, in whatever methods? For actions that reach a whole tree.
    ///
    /// ```
    /// use policy::pattern::Pattern;
    /// let pattern = Pattern::parse("/a/*/c").expect("a pattern");
    /// assert!(pattern.may_lie_beneath(b"a") && pattern.may_lie_beneath(b"a/b") && pattern.may_lie_beneath(b""));
    /// assert!(!pattern.may_lie_beneath(b"a/b/c") && !pattern.may_lie_beneath(b"b"));
    /// assert!(Pattern::parse("/a/**").expect("a pattern").may_lie_beneath(b"a/b/c"));
    /// ```
    pub fn may_lie_beneath(&self, path: &[u8]) -> bool {
        let mut rest = (!path.is_empty()).then_some(path);
        for segment in self.segments() {
            let Some(path) = rest else { return true };
            let (name, behind) = first_name(path);
            if !segment.split(name, |_| {}) {
                return false;
            }
            rest = behind;
        }
        self.has_rest()
    }

    /// Does it match this decoded path and everything beneath it, in its methods?
    ///
    /// ```
    /// use policy::pattern::Pattern;
    /// let pattern = Pattern::parse("/a/**").expect("a pattern");
    /// assert!(pattern.matches_whole(b"a") && pattern.matches_whole(b"a/b") && !pattern.matches_whole(b""));
    /// assert!(!Pattern::parse("/a/*").expect("a pattern").matches_whole(b"a/b"));
    /// ```
    pub fn matches_whole(&self, path: &[u8]) -> bool {
        self.rest && self.matches_path(path)
    }

    /// How many wildcards it has, `**` with them.
    pub fn wildcards(&self) -> usize {
        self.segments.iter().map(Segment::wildcards).sum::<usize>() + usize::from(self.rest)
    }

    /// Is the last octet of a path that it matches a wildcard's?
    pub(crate) fn ends_in_wildcard(&self) -> bool {
        let open = |segment: &Segment| match segment {
            Segment::Literal(_) => false,
            Segment::Glob(glob) => glob.ends().1.is_empty(),
            Segment::Any => true,
        };
        self.rest || self.segments.last().is_some_and(open)
    }

    /// Does it name methods?
    pub fn has_methods(&self) -> bool {
        !self.methods.is_empty()
    }

    /// The methods that it names, sorted; with HEAD where it names GET.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        self.methods.iter().map(|name| &**name)
    }

    /// How specific it is.
    pub fn specificity(&self) -> Specificity {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => Rank::Literal,
            Segment::Glob(glob) => Rank::Glob(glob.literal_octets()),
            Segment::Any => Rank::Any,
        };
        let end = if self.rest { Rank::Rest } else { Rank::End };
        let segments = self.segments.iter().map(rank).chain([end]).collect();
        Specificity { segments, methods: self.has_methods() }
    }

    /// Is there a path that both match?
    pub fn overlaps(&self, other: &Self) -> bool {
        let (one, two) = (self.segments.len(), other.segments.len());
        let long_enough = one == two || one < two && self.rest || two < one && other.rest;
        long_enough && self.segments.iter().zip(&other.segments).all(|(one, other)| one.overlaps(other))
    }

    /// Is there a request that both match, and nothing in the patterns that says which is more specific? Whether one of
    /// them is the site's and the other the top's is for the caller to look at first.
    ///
    /// ```
    /// use policy::pattern::Pattern;
    /// let [a, b, c] = ["/a*", "/*a", "PUT /a*"].map(|text| Pattern::parse(text).expect("a pattern"));
    /// assert!(a.same_reach(&b) && !a.same_reach(&c));
    /// ```
    pub fn same_reach(&self, other: &Self) -> bool {
        let meet = self.methods.is_empty() || self.methods.iter().any(|name| other.methods.contains(name));
        let within = |one: &Self, other: &Self| one.methods.iter().all(|name| other.methods.contains(name));
        let nested = self.methods.len() != other.methods.len() && (within(self, other) || within(other, self));
        self.specificity() == other.specificity() && meet && !nested && self.overlaps(other)
    }

    /// Does it match every request that the other matches? If it says so, it is so; of some patterns it does not find
    /// it out.
    ///
    /// ```
    /// use policy::pattern::Pattern;
    /// let [tree, file] = ["/a/**", "GET /a/*.txt"].map(|text| Pattern::parse(text).expect("a pattern"));
    /// assert!(tree.covers(&file) && !file.covers(&tree));
    /// ```
    pub fn covers(&self, other: &Self) -> bool {
        let methods = self.methods.is_empty()
            || !other.methods.is_empty() && other.methods.iter().all(|name| self.methods.contains(name));
        let (one, two) = (self.segments.len(), other.segments.len());
        let reach = if self.rest { one <= two } else { one == two && !other.rest };
        methods && reach && self.segments.iter().zip(&other.segments).all(|(one, other)| one.covers(other))
    }

    /// How rules stand in order, the least specific first: by the patterns, then by whose they are, then fewer methods
    /// before more.
    pub(crate) fn order(&self, scope: u8) -> (Specificity, u8, Reverse<usize>) {
        (self.specificity(), scope, Reverse(self.methods.len()))
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(crate) fn has_rest(&self) -> bool {
        self.rest
    }

    /// A decoded path that it matches: with `name` for each wildcard of a name, and `rest` for `**`.
    pub(crate) fn example(&self, name: &[u8], rest: &[u8]) -> Vec<u8> {
        let mut path = Vec::new();
        for segment in &self.segments {
            if !path.is_empty() {
                path.push(b'/');
            }
            match segment {
                Segment::Literal(literal) => path.extend_from_slice(literal),
                Segment::Glob(glob) => {
                    for (nth, piece) in glob.pieces().enumerate() {
                        path.extend_from_slice(if nth > 0 { name } else { &[] });
                        path.extend_from_slice(piece);
                    }
                }
                Segment::Any => path.extend_from_slice(if name.is_empty() { b"x" } else { name }),
            }
        }
        if self.rest && !rest.is_empty() {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(rest);
        }
        path
    }
}

/// The first name of a path, and what follows its slash.
pub(crate) fn first_name(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'/', path) {
        Some(slash) => (&path[..slash], Some(&path[slash + 1..])),
        None => (path, None),
    }
}

/// As it is read.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let implied = self.methods.iter().any(|name| &**name == Method::GET.name());
        for name in self.methods.iter().filter(|name| !implied || &***name != Method::HEAD.name()) {
            write!(f, "{name} ")?;
        }
        for segment in &self.segments {
            f.write_str("/")?;
            match segment {
                Segment::Literal(literal) => write_name(literal, f)?,
                Segment::Glob(glob) => {
                    for (nth, piece) in glob.pieces().enumerate() {
                        f.write_str(if nth > 0 { "*" } else { "" })?;
                        write_name(piece, f)?;
                    }
                }
                Segment::Any => f.write_str("*")?,
            }
        }
        f.write_str(if self.rest { "/**" } else { "" })?;
        f.write_str(if self.segments.is_empty() && !self.rest { "/" } else { "" })
    }
}

fn write_name(name: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for &octet in name {
        match octet {
            b'%' | b'*' | b'?' | b'#' | ..=b' ' | 0x7f.. => write!(f, "%{octet:02X}")?,
            _ => write!(f, "{}", char::from(octet))?,
        }
    }
    Ok(())
}

/// The methods before the path, and where the path begins.
fn methods(text: &str) -> Read<(Box<[Box<str>]>, usize)> {
    let bytes = text.as_bytes();
    let mut names: Vec<Box<str>> = Vec::new();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|&&byte| byte == b' ').count();
        match bytes.get(at) {
            None => return Err(ParseError::new(at, PatternError::NoPath)),
            Some(b'/') => break,
            Some(_) => {}
        }
        let end = bytes[at..].iter().position(|&byte| byte == b' ').map_or(bytes.len(), |end| at + end);
        let word = &bytes[at..end];
        if word.contains(&b'/') {
            return Err(ParseError::new(at, PatternError::NotAbsolute));
        }
        if let Some(bad) = word.iter().position(|&byte| !is_tchar(byte)) {
            return Err(ParseError::new(at + bad, PatternError::BadMethod));
        }
        if Method::of(word).is_none() && Method::of(&word.to_ascii_uppercase()).is_some() {
            return Err(ParseError::new(at, PatternError::MethodCase));
        }
        names.push(text[at..end].into());
        at = end;
    }
    if names.iter().any(|name| &**name == Method::GET.name()) {
        names.push(Method::HEAD.name().into());
    }
    names.sort_unstable();
    names.dedup();
    Ok((names.into(), at))
}

/// The segments of a path that begins with a slash at `start`, and whether it ends in `**`.
fn segments(text: &[u8], start: usize) -> Read<(Vec<Segment>, bool)> {
    let mut segments = Vec::new();
    let mut at = start + 1;
    if at == text.len() {
        return Ok((segments, false));
    }
    loop {
        let (raw, behind) = first_name(&text[at..]);
        let is_last = behind.is_none();
        match raw {
            b"" if is_last => return Err(ParseError::new(at - 1, PatternError::TrailingSlash)),
            b"" => return Err(ParseError::new(at, PatternError::EmptySegment)),
            b"**" if is_last => return Ok((segments, true)),
            b"**" => return Err(ParseError::new(at, PatternError::RestNotLast)),
            _ if segments.len() == limits::PATTERN_SEGMENTS => {
                return Err(ParseError::new(at, PatternError::TooDeep));
            }
            _ => segments.push(segment(raw).map_err(|refusal| refusal.within(at, |what| what))?),
        }
        if is_last {
            return Ok((segments, false));
        }
        at += raw.len() + 1;
    }
}

fn segment(raw: &[u8]) -> Read<Segment> {
    let mut pieces: Vec<Box<[u8]>> = Vec::new();
    let mut piece = Vec::new();
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        match byte {
            b'*' if raw.get(at + 1) == Some(&b'*') => return Err(ParseError::new(at, PatternError::DoubleWildcard)),
            b'*' => pieces.push(std::mem::take(&mut piece).into()),
            b'%' => {
                match percent_decoded(&raw[at..]) {
                    None => return Err(ParseError::new(at, PatternError::BadPercent)),
                    Some(0) => return Err(ParseError::new(at, PatternError::Nul)),
                    Some(b'/') => return Err(ParseError::new(at, PatternError::EncodedSlash)),
                    Some(octet) => piece.push(octet),
                }
                at += 2;
            }
            b'?' | b'#' => return Err(ParseError::new(at, PatternError::NotOfPath)),
            ..=b' ' | 0x7f => return Err(ParseError::new(at, PatternError::BadByte)),
            plain => piece.push(plain),
        }
        at += 1;
    }
    if pieces.is_empty() && matches!(&*piece, b"." | b"..") {
        return Err(ParseError::new(0, PatternError::DotSegment));
    }
    Ok(if pieces.is_empty() {
        Segment::Literal(piece.into())
    } else if raw == b"*" {
        Segment::Any
    } else {
        pieces.push(piece.into());
        Segment::Glob(Glob::new(pieces))
    })
}

/// How specific a pattern is: the greater, the more specific. It is compared segment by segment: a name is more than a
/// name with `*` in it (of these, the one with more literal octets), that more than `*`, that more than the end of the
/// path, and that more than `**`. So of two patterns that are alike as far as the shorter goes the longer is more
/// specific; `**` makes none longer. Where all are alike, a pattern that names methods is more specific than one that
/// does not.
///
/// ```
/// use policy::pattern::Pattern;
/// let order = ["/**", "/a/**", "/a", "GET /a", "/a/*", "/a/b*", "/a/bc*", "/a/b"];
/// let ranks = order.map(|text| Pattern::parse(text).expect("a pattern").specificity());
/// assert!(ranks.is_sorted_by(|one, next| one < next));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Specificity {
    segments: Box<[Rank]>,
    methods: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Rank {
    Rest,
    End,
    Any,
    Glob(usize),
    Literal,
}

#[cfg(test)]
pub(crate) mod tests;
