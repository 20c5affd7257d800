//! What the rules of a site say, compiled; and what of it is in force at one place.
//!
//! A rule is a pattern and words. Where several match, each word is taken from the most specific rule that says it. How rules are
//! written down is not known here, and no status is named: words become facts, and the graph has their order.

use std::sync::Arc;

use decision::facts::{Cors, ResponsePolicy};
use decision::reply::Word;
use policy::moves::Template;
use policy::network::{Country, Networks};
use semantics::field::Rendered;
use semantics::method::Methods;

use crate::access_control::{Guard, Limit, Price};
use crate::intern::intern;

pub(crate) mod bar;
pub mod book;
pub mod tell;

pub use book::Rulebook;

/// Where a rule's word stands: which file of the configuration, and which line of it.
pub type Source = decision::verdict::Source<'static>;

/// What a rule says by one word; nothing, if it undoes what a less specific rule says.
#[derive(Debug)]
pub struct Setting<T> {
    /// Where.
    pub source: Source,
    /// What.
    pub value: Option<Arc<T>>,
}

/// What is in force by one word.
#[derive(Debug)]
pub struct Effective<T> {
    /// Where that stands.
    pub source: Source,
    /// What.
    pub value: Arc<T>,
}

impl<T> Clone for Setting<T> {
    fn clone(&self) -> Setting<T> {
        Setting { source: self.source, value: self.value.clone() }
    }
}

impl<T> Clone for Effective<T> {
    fn clone(&self) -> Effective<T> {
        Effective { source: self.source, value: Arc::clone(&self.value) }
    }
}

/// Stands for all fields that less specific rules have every answer carry. No field has this name.
pub const ALL_FIELDS: &str = "*";

/// Where something is that is not here.
#[derive(Clone, Debug)]
pub enum Elsewhere {
    /// It has another address.
    Moved {
        /// That address.
        to: Template,
        /// For good.
        permanently: bool,
        /// The method is kept, POST included.
        keeps_method: bool,
    },
    /// It cannot be sent; what describes it is there.
    Described(Template),
    /// It was removed for good.
    Gone,
}

/// It is to be reached through this proxy only.
#[derive(Clone, Debug)]
pub struct ThroughProxy {
    /// The proxy's URI.
    pub proxy: String,
    /// Where its requests come from; without it none do.
    pub from: Networks,
}

/// A legal demand.
#[derive(Clone, Debug, Default)]
pub struct LegalDemand {
    /// The URI of who implements the block.
    pub blocked_by: Option<String>,
    /// Who demands it.
    pub demanded_by: Option<String>,
    /// By which law.
    pub under: Option<String>,
    /// It bars clients in these networks; without networks and countries it bars all.
    pub from: Option<Networks>,
    /// It bars clients in these countries.
    pub countries: Vec<Country>,
    /// It bars clients in all countries but these.
    pub except_countries: Vec<Country>,
}

/// When something is closed.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// From this second of the calendar on.
    pub from: Option<i64>,
    /// Until this one.
    pub until: Option<i64>,
    /// Seconds after which a client may come again, where no end is known.
    pub retry_after: Option<u32>,
    /// It stays open to clients in these networks.
    pub except: Networks,
    /// Why, in words that follow on "because".
    pub reason: Option<String>,
}

/// What a request must be like.
#[derive(Clone, Debug, Default)]
pub struct Requirement {
    /// In one of these protocols, the best first.
    pub protocols: &'static [&'static [u8]],
    /// With the length of its content.
    pub length: Option<bool>,
}

macro_rules! words {
    ($($(#[$about:meta])+ $name:ident: $kind:ty, $word:expr;)+) => {
        /// What one rule says.
        #[derive(Clone, Debug, Default)]
        pub struct Words {
            $($(#[$about])+ pub $name: Option<Setting<$kind>>,)+
            /// Fields of every answer, by their names; nothing: not that one, or, of [`ALL_FIELDS`], none of those so far.
            pub headers: Vec<(String, Option<String>)>,
        }

        impl Words {
            /// Every word that is said: its name, where, and whether it says something; else it undoes what is said more widely.
            pub fn sources(&self) -> impl Iterator<Item = (&'static str, Source, bool)> {
                [$((stringify!($name), self.$name.as_ref().map(|said| (said.source, said.value.is_some())))),+]
                    .into_iter()
                    .filter_map(|(name, said)| said.map(|(source, says)| (name, source, says)))
            }
        }

        /// What is in force at one place.
        #[derive(Clone, Debug, Default)]
        pub struct EffectiveRules {
            $($(#[$about])+ pub $name: Option<Effective<$kind>>,)+
            /// What every answer carries.
            pub policy: Option<Arc<ResponsePolicy>>,
        }

        impl EffectiveRules {
            /// What these rules say together, the least specific first.
            pub fn of<'w>(rules: impl Iterator<Item = &'w Words>) -> EffectiveRules {
                let mut force = EffectiveRules::default();
                let mut headers: Vec<(String, String)> = Vec::new();
                for words in rules {
                    $(if let Some(said) = &words.$name {
                        force.$name = said.value.clone().map(|value| Effective { source: said.source, value });
                    })+
                    for (name, value) in &words.headers {
                        if name == ALL_FIELDS {
                            headers.clear();
                        }
                        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                        headers.extend(value.clone().map(|value| (name.clone(), value)));
                    }
                }
                force.policy = policy(&headers, force.cors.as_ref().map(|cors| &*cors.value));
                force
            }

            /// The line that says this word here.
            pub fn source(&self, word: Word) -> Option<Source> {
                $(if $word == Some(word) && let Some(ruled) = &self.$name {
                    return Some(ruled.source);
                })+
                None
            }

            /// Every line that is in force here, with its word.
            pub fn sources(&self) -> impl Iterator<Item = (&'static str, Source)> {
                [$((stringify!($name), self.$name.as_ref().map(|ruled| ruled.source))),+]
                    .into_iter()
                    .filter_map(|(name, source)| Some((name, source?)))
            }
        }
    };
}

words! {
    /// Who may do what.
    guard: Guard, Some(Word::Guard);
    /// How often.
    limit: Vec<Limit>, Some(Word::Limit);
    /// What is to be paid.
    price: Price, Some(Word::Price);
    /// What the law bars.
    law: LegalDemand, Some(Word::Law);
    /// When it is closed.
    closed: Closure, Some(Word::Closed);
    /// Where it is, if it is not here.
    elsewhere: Elsewhere, Some(Word::Moved);
    /// Through which proxy it is reached.
    proxy: ThroughProxy, Some(Word::Proxy);
    /// What a request must be like.
    require: Requirement, Some(Word::Require);
    /// What changes something must be conditional.
    conditional: (), Some(Word::Conditional);
    /// Which pages of other origins may ask.
    cors: Cors, Some(Word::Cors);
    /// Which methods are taken.
    methods: Methods, Some(Word::Methods);
    /// Which media types may be stored.
    types: Vec<&'static str>, Some(Word::Types);
    /// How many octets content may have.
    max_content: u64, Some(Word::MaxContent);
    /// It is a teapot.
    teapot: (), Some(Word::Teapot);
    /// Cache-Control of successful answers.
    cache: String, None;
}

impl EffectiveRules {
    /// Does nothing at all hold here?
    pub fn is_nothing(&self) -> bool {
        self.policy.is_none() && self.sources().next().is_none()
    }

    /// Is the client here to be told of nothing that it may not have?
    pub fn hides(&self) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.value.hide)
    }
}

fn policy(headers: &[(String, String)], cors: Option<&Cors>) -> Option<Arc<ResponsePolicy>> {
    if headers.is_empty() && cors.is_none() {
        return None;
    }
    let rendered = |wanted: &dyn Fn(&str) -> bool| {
        let headers = headers.iter().filter(|(name, _)| wanted(name));
        Rendered::collect(|lines| headers.for_each(|(name, value)| lines.push(name.as_bytes(), value.as_bytes())))
    };
    let fields = rendered(&|_| true);
    let of_pages = rendered(&|name| !name.eq_ignore_ascii_case("Content-Security-Policy"));
    Some(Arc::new(ResponsePolicy { fields, of_pages, cors: cors.cloned() }))
}

/// These names as octets that last as long as the program.
pub fn lasting(names: impl IntoIterator<Item = impl AsRef<str>>) -> &'static [&'static [u8]] {
    let names: Vec<&'static [u8]> = names.into_iter().map(|name| intern(name.as_ref()).as_bytes()).collect();
    crate::intern::intern_list(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Source = Source { file: "x", line: 1 };

    fn said<T>(line: u32, value: Option<T>) -> Option<Setting<T>> {
        Some(Setting { source: Source { line, ..AT }, value: value.map(Arc::new) })
    }

    #[test]
    fn each_word_is_the_most_specific_ones() {
        let top = Words { cache: said(1, Some("a".to_owned())), max_content: said(2, Some(5)), ..Words::default() };
        let mut below = Words { cache: said(3, Some("b".to_owned())), max_content: said(4, None), ..Words::default() };
        below.headers = vec![("X-A".to_owned(), Some("1".to_owned())), ("X-B".to_owned(), None)];
        let top = Words { headers: vec![("x-b".to_owned(), Some("2".to_owned()))], ..top };
        let force = EffectiveRules::of([&top, &below].into_iter());
        assert_eq!(force.cache.as_ref().map(|ruled| (ruled.source.line, ruled.value.as_str())), Some((3, "b")));
        assert!(force.max_content.is_none(), "it is undone");
        assert_eq!(force.policy.expect("there are fields").fields.octets(), b"X-A: 1\r\n");
        assert!(EffectiveRules::of(std::iter::empty()).is_nothing());
        assert_eq!(AT.to_string(), "x:1");
    }
}
