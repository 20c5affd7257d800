//! What the rules of one place bar there, whatever request the action comes from: asked of destinations, of what bindings lead to,
//! and of every member of a tree that is taken along. What they say of the target itself is told as facts of the site.
//!
//! | word | at a destination, at what a binding leads to, in a tree |
//! | --- | --- |
//! | `drop` (a setting) | what was dropped, and the folder itself, are changed by nobody |
//! | `guard` | asked of all these places before the target is looked at (`access_control/reach.rs`); `hide`: the place looks missing |
//! | `limit` | the limits of all places count (`access_control.rs`) |
//! | `price` | the dearest is to be paid; what is in another unit, or beneath, must be paid for by itself |
//! | `law`, `closed`, `require` | hold at destinations and through bindings as at the target; beneath, they bar |
//! | `moved`, `gone`, `proxy` | nothing is kept there: barred. (403, not 409: the client cannot resolve it) |
//! | `methods` | must take PUT (MKCOL for a collection) where something comes to stand, DELETE where something goes |
//! | `types`, `max-content` | hold of what would come to stand there, by its name, its first octets and its length |
//! | `conditional` | what replaces something must be conditional, by an If that names the destination |
//! | `cors` | a page that may change the target may change no other place whose rule does not let it in |
//! | `teapot`, `cache`, `headers` | say something of answers, and no action at another place is answered there |

use decision::facts::{Bar, allows};
use decision::reply::Word;
use semantics::field::Field;
use semantics::method::Method;
use semantics::request::Request;

use super::book::Memory;
use super::tell::Asker;
use super::{EffectiveRules, Rulebook, Source};
use crate::media_types;
use semantics::text::path::is_beneath;

/// What a site says of all its places besides its rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Folders where files are dropped: decoded paths.
    drops: Vec<Vec<u8>>,
    /// What may be stored; empty: anything.
    types: Vec<&'static str>,
}

impl Settings {
    pub(crate) fn of(options: &crate::Options) -> Settings {
        let drops = options.drops.iter().map(|drop| drop.as_bytes().to_vec()).collect();
        Settings { drops, types: options.types.clone() }
    }
}

/// What would be done at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Something comes to stand there: a file, or a collection.
    Put(bool),
    /// What stands there goes, or is changed as part of a tree, by this method.
    Change(Method),
    /// What stands there is read.
    Read,
}

impl Act {
    /// The method that would do it by itself.
    pub(crate) const fn method(self) -> Method {
        match self {
            Act::Put(false) => Method::PUT,
            Act::Put(true) => Method::MKCOL,
            Act::Change(method) => method,
            Act::Read => Method::GET,
        }
    }
}

/// Who would do it, and by which request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) asker: Asker<'a>,
    /// Which pages of other origins may change the target.
    pub(crate) cors: &'a [&'a [u8]],
    /// In which unit the target is paid for, if it is.
    pub(crate) unit: Option<&'a str>,
}

/// A rule that bars a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Barred {
    pub(crate) bar: Bar,
    /// The decoded path.
    pub(crate) path: Vec<u8>,
    /// The line that says so.
    pub(crate) source: Option<Source>,
}

impl Rulebook {
    /// The same for a site with these settings.
    #[must_use]
    pub fn over(mut self, options: &crate::Options) -> Rulebook {
        self.settings = Settings::of(options);
        self
    }

    /// Does anything that could bar a action at another place hold at this place or beneath it?
    pub(crate) fn may_bar(&self, path: &[u8]) -> bool {
        let settings = &self.settings;
        let near = |drop: &Vec<u8>| drop == path || is_beneath(drop, path) || is_beneath(path, drop);
        !settings.types.is_empty()
            || settings.drops.iter().any(near)
            || self.routes().rules().iter().any(|rule| rule.value.bars() && rule.pattern.may_lie_beneath(path))
    }

    /// The folder where files are dropped that this path is, or is in.
    pub(crate) fn dropped(&self, path: &[u8]) -> Option<&[u8]> {
        let holds = |drop: &&Vec<u8>| **drop == path || is_beneath(path, drop);
        self.settings.drops.iter().find(holds).map(Vec::as_slice)
    }

    /// What of the rules at a place bars it from an act by itself, whatever stands there.
    pub(crate) fn barred(&self, path: &[u8], act: Act, by: By<'_>) -> Option<Barred> {
        let barred = |bar, source| Some(Barred { bar, path: path.to_vec(), source });
        if act != Act::Read && self.dropped(path).is_some() {
            return barred(Bar::Drop, None);
        }
        let force = self.in_force(path, act.method().name().as_bytes(), &mut Memory::default());
        let (bar, word) = force.bars(act, by)?;
        barred(bar, word.and_then(|word| force.source(word)))
    }

    /// Has a place a price of its own? Beneath a tree one payment does not cover it.
    pub(crate) fn priced(&self, path: &[u8], act: Act) -> Option<Barred> {
        let force = self.in_force(path, act.method().name().as_bytes(), &mut Memory::default());
        let source = force.price.as_ref()?.source;
        Some(Barred { bar: Bar::Price, path: path.to_vec(), source: Some(source) })
    }

    /// Is what would come to stand at a place of a type, and of a length, that its rules take? Nothing is read if they take any.
    pub(crate) fn unfit<E>(
        &self,
        path: &[u8],
        length: u64,
        beginning: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Option<Barred>, E> {
        let force = self.in_force(path, Method::PUT.name().as_bytes(), &mut Memory::default());
        let barred = |bar, source| Ok(Some(Barred { bar, path: path.to_vec(), source }));
        if let Some(most) = &force.max_content
            && length > *most.value
        {
            return barred(Bar::MaxContent, Some(most.source));
        }
        let types = force.types.as_ref().map_or(&self.settings.types, |ruled| &ruled.value);
        if types.is_empty() || media_types::may_be(crate::tree::install::split(path).1, &beginning()?, types) {
            return Ok(None);
        }
        barred(Bar::Types, force.types.as_ref().map(|ruled| ruled.source))
    }

    /// Must what replaces something at this place be conditional? If so, the line that says so.
    pub(crate) fn conditional(&self, path: &[u8], method: Method) -> Option<Source> {
        let force = self.in_force(path, method.name().as_bytes(), &mut Memory::default());
        force.conditional.as_ref().map(|ruled| ruled.source)
    }
}

impl super::Words {
    /// Is a word among these that bars a action at another place than its target?
    fn bars(&self) -> bool {
        let said = [
            self.price.is_some(),
            self.law.is_some(),
            self.closed.is_some(),
            self.elsewhere.is_some(),
            self.proxy.is_some(),
            self.require.is_some(),
            self.conditional.is_some(),
            self.cors.is_some(),
            self.methods.is_some(),
            self.types.is_some(),
            self.max_content.is_some(),
        ];
        said.contains(&true)
    }
}

impl EffectiveRules {
    /// The first of the words in force that bars the act, in the order of the graph.
    fn bars(&self, act: Act, by: By<'_>) -> Option<(Bar, Option<Word>)> {
        let By { request, asker, .. } = by;
        if self.closed_for(asker).is_some() {
            return Some((Bar::Closed, Some(Word::Closed)));
        }
        if self.barred_by_law(asker) {
            return Some((Bar::Law, Some(Word::Law)));
        }
        let taken = |methods: &semantics::method::Methods| {
            // who may COPY, LOCK, ... a place by name need not be let to do by itself all that this is made of
            methods.has(act.method()) || act == Act::Read && methods.has(Method::COPY)
        };
        if self.methods.as_ref().is_some_and(|methods| !taken(&methods.value)) {
            return Some((Bar::Methods, Some(Word::Methods)));
        }
        if let Some(price) = &self.price
            && by.unit.is_some_and(|unit| unit != price.value.unit)
        {
            // one payment is in one unit
            return Some((Bar::Price, Some(Word::Price)));
        }
        if self.demands_protocol(request) {
            return Some((Bar::Require, Some(Word::Require)));
        }
        if act != Act::Read && self.keeps_page_out(by) {
            return Some((Bar::Cors, Some(Word::Cors)));
        }
        if self.is_elsewhere(asker) {
            let word = if self.elsewhere.is_some() { Word::Moved } else { Word::Proxy };
            return Some((if self.elsewhere.is_some() { Bar::Elsewhere } else { Bar::Proxy }, Some(word)));
        }
        None
    }

    /// Does a page ask that may change the target, and not this place?
    fn keeps_page_out(&self, by: By<'_>) -> bool {
        let Some(origin) = by.request.field(Field::ORIGIN) else { return false };
        let here = self.cors.as_ref().map_or(&[][..], |cors| cors.value.origins);
        allows(by.cors, origin) && !allows(here, origin)
    }
}

#[cfg(test)]
mod tests {
    use policy::pattern::Pattern;
    use semantics::date::Date;
    use semantics::method::Methods;
    use semantics::request::OwnedRequest;
    use std::sync::Arc;

    use super::*;
    use crate::Options;
    use crate::rules::{Closure, Setting, Words};

    fn said<T>(line: u32, value: T) -> Option<Setting<T>> {
        Some(Setting { source: Source { file: "f", line }, value: Some(Arc::new(value)) })
    }

    fn book() -> Rulebook {
        let methods = said(1, Methods::of(&[Method::GET, Method::HEAD, Method::OPTIONS]));
        let rules = [
            ("/ro/**", Words { methods, ..Words::default() }),
            ("/shut/**", Words { closed: said(2, Closure::default()), ..Words::default() }),
            ("/small/**", Words { max_content: said(3, 4), types: said(4, vec!["image/*"]), ..Words::default() }),
            ("/cond/**", Words { conditional: said(5, ()), ..Words::default() }),
            ("/seen/**", Words { cache: said(6, "x".to_owned()), ..Words::default() }),
        ];
        let rules = rules.map(|(pattern, words)| (Pattern::parse(pattern).expect("a pattern"), 0, words));
        let options = Options { writable: true, drops: vec!["a/in".to_owned()], ..Options::default() };
        Rulebook::new(rules).over(&options)
    }

    fn barred(path: &str, act: Act) -> Option<(Bar, Option<u32>)> {
        let request = OwnedRequest::made(Method::COPY, b"/x", std::iter::empty::<(&[u8], &[u8])>());
        let asker = Asker { address: None, now: Date::EPOCH, countries: None, country: None };
        let by = By { request: request.view(), asker, cors: &[], unit: None };
        let barred = book().barred(path.as_bytes(), act, by)?;
        assert_eq!(barred.path, path.as_bytes());
        Some((barred.bar, barred.source.map(|source| source.line)))
    }

    #[test]
    fn each_word_bars_what_it_bars_at_the_target() {
        let delete = Act::Change(Method::DELETE);
        for (path, act, bar) in [
            ("free", Act::Put(false), None),
            ("a", Act::Put(true), None),
            ("a/in", delete, Some((Bar::Drop, None))),
            ("a/in/x", Act::Put(false), Some((Bar::Drop, None))),
            ("a/in/x", Act::Read, None),
            ("a/inner", delete, None),
            ("ro/x", Act::Put(false), Some((Bar::Methods, Some(1)))),
            ("ro/x", delete, Some((Bar::Methods, Some(1)))),
            ("ro/x", Act::Read, None),
            ("shut/x", Act::Read, Some((Bar::Closed, Some(2)))),
        ] {
            assert_eq!(barred(path, act), bar, "{path} {act:?}");
        }
    }

    #[test]
    fn what_would_come_to_stand_there_must_fit() {
        let book = book();
        let unfit = |path: &str, length, beginning: &[u8]| {
            let barred = book.unfit::<()>(path.as_bytes(), length, || Ok(beginning.to_vec())).expect("nothing fails");
            barred.map(|barred| barred.bar)
        };
        assert_eq!(unfit("free.html", 9, b"<script>"), None);
        assert_eq!(unfit("small/a.png", 9, b"\x89PNG\r\n\x1a\n"), Some(Bar::MaxContent));
        assert_eq!(unfit("small/a.png", 4, b"<script>"), Some(Bar::Types));
        assert_eq!(book.unfit(b"free", 1, || Err(())), Ok(None), "nothing is read where every type is taken");
    }

    #[test]
    fn a_tree_is_walked_only_where_something_may_bar_it() {
        let book = book();
        let may = |path: &str| book.may_bar(path.as_bytes());
        assert!(may("") && may("a") && may("a/in/x") && may("ro") && may("cond/x/y"));
        assert!(!may("seen") && !may("free") && !may("b"));
        assert_eq!(book.conditional(b"cond/x", Method::PUT).map(|source| source.line), Some(5));
    }
}
