//! The words of a rule, as what they mean.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use access::gate::{self, Gate, GateError, Scheme};
use access::lists::{Lists, Who};
use config::model::{self, Name, Rule, Word};
use config::{Diagnostic, Located, Place};
use decision::facts::Cors;
use policy::moves::{Template, TemplateError};
use policy::network::Country;
use policy::pattern::Pattern;
use policy::rate::Rate;
use policy::redirects::{Kind, Redirects};
use resources::access_control::{Guard, Limit, Per, Price};
use resources::intern;
use resources::rules::{
    self, Closure, Elsewhere, LegalDemand, Requirement, Setting, Source, ThroughProxy, Words, lasting,
};
use semantics::field::Field;
use semantics::method::{Method, Methods};
use semantics::ratelimit::PolicyName;

use super::{Diagnostics, SitePlanner, networks, payment_journal};

/// Where a word stands.
pub(super) fn source(at: &Place) -> Source {
    Source { file: intern(at.file()), line: if at.is_flag() { 0 } else { at.line() } }
}

fn ruled<T>(at: &Place, value: Option<T>) -> Option<Setting<T>> {
    Some(Setting { source: source(at), value: value.map(Arc::new) })
}

/// A word that says something, or undoes something; nothing, if what it says is a mistake, which was told.
fn word<T, U>(said: Option<&Located<Word<T>>>, mut mean: impl FnMut(&T, &Place) -> Option<U>) -> Option<Setting<U>> {
    let said = said?;
    match &said.value {
        Word::Undone => ruled(&said.at, None),
        Word::Is(value) => ruled(&said.at, Some(mean(value, &said.at)?)),
    }
}

fn flag(said: Option<&Located<bool>>) -> Option<Setting<()>> {
    let said = said?;
    ruled(&said.at, said.value.then_some(()))
}

impl SitePlanner<'_> {
    /// What a rule says.
    pub(super) fn words(&self, rule: &Rule, pattern: &Pattern, told: &mut Diagnostics) -> Words {
        let words = &rule.words;
        Words {
            guard: word(words.guard.as_ref(), |guard, at| self.guard(guard, at, told)),
            limit: word(words.limit.as_ref(), |limits, _| Some(self.limits(limits, rule, told))),
            price: word(words.price.as_ref(), |price, at| self.price(price, at, told)),
            law: word(words.law.as_ref(), |law, _| Some(law_of(law, told))),
            closed: word(words.closed.as_ref(), |closed, _| Some(closure(closed, told))),
            elsewhere: elsewhere(words, pattern, told),
            proxy: word(words.proxy.as_ref(), |proxy, _| {
                Some(ThroughProxy { proxy: proxy.through.value.clone(), from: networks(&proxy.from, told) })
            }),
            require: word(words.require.as_ref(), |require, _| {
                Some(Requirement {
                    protocols: lasting(require.protocol.iter().map(|said| said.value.as_str())),
                    length: require.length.as_ref().map(|said| said.value),
                })
            }),
            conditional: flag(words.conditional.as_ref()),
            cors: word(words.cors.as_ref(), |cors, _| Some(cors_of(cors))),
            methods: word(words.methods.as_ref(), |methods, _| {
                Some(
                    methods
                        .iter()
                        .fold(Methods::NONE, |all, said| match said.value {
                            // HEAD is GET without its content (RFC 9110 §9.3.2)
                            Method::GET => all.with(Method::GET).with(Method::HEAD),
                            method => all.with(method),
                        })
                        .with(Method::OPTIONS),
                )
            }),
            types: word(words.types.as_ref(), |types, _| Some(types.iter().map(|said| intern(&said.value)).collect())),
            max_content: word(words.max_content.as_ref(), |most, _| Some(*most)),
            teapot: flag(words.teapot.as_ref()),
            cache: word(words.cache.as_ref(), |cache, at| field_value(cache, at, told)),
            headers: match words.headers.as_ref().map(|said| &said.value) {
                Some(Word::Undone) => vec![(rules::ALL_FIELDS.to_owned(), None)],
                Some(Word::Is(fields)) => headers(fields, told),
                None => Vec::new(),
            },
        }
    }

    fn guard(&self, guard: &model::Guard, at: &Place, told: &mut Diagnostics) -> Option<Guard> {
        let from = (!guard.from.is_empty()).then(|| networks(&guard.from, told));
        let not_from = networks(&guard.not_from, told);
        let who = |names: &[Located<Name>]| names.iter().map(|said| who(&said.value)).collect::<Vec<_>>();
        let lists = Lists { allow: who(&guard.allow), deny: who(&guard.deny) };
        let gate = if lists.allow.is_empty() && lists.deny.is_empty() && guard.scopes.is_empty() {
            None
        } else {
            let schemes = guard.schemes.iter().map(|said| match said.value {
                model::Scheme::Digest => Scheme::Digest,
                model::Scheme::Basic => Scheme::Basic,
                model::Scheme::Bearer => Scheme::Bearer,
            });
            let schemes: Vec<Scheme> = schemes.collect();
            let realm = guard.realm.as_ref().or(self.site.settings.realm.as_ref());
            let said = gate::Guard {
                realm: realm.map_or_else(|| self.realm(), |said| said.value.clone()),
                schemes: (!schemes.is_empty()).then_some(schemes),
                // who is only kept out is kept out of those who prove who they are
                lists: if lists.allow.is_empty() { Lists { allow: vec![Who::Any], ..lists } } else { lists },
                scopes: guard.scopes.iter().map(|said| said.value.clone()).collect(),
            };
            let realm = said.realm.clone();
            Some(self.people.gate(said).map_err(|offence| self.no_gate(&offence, &realm, at, told)).ok()?)
        };
        let hide = guard.hide.as_ref().is_some_and(|said| said.value);
        if gate.as_ref().is_none_or(|gate: &Gate| !gate.asks()) && from.is_none() && guard.not_from.is_empty() && hide {
            told.all.push(Diagnostic::at(at, "this hides nothing: everyone may pass here").warning());
        }
        Some(Guard { gate, from, not_from, hide })
    }

    /// Tells why nobody could pass, and what to do. Where a user cannot be read that is told already, and this follows from it.
    fn no_gate(&self, offence: &GateError, realm: &str, at: &Place, told: &mut Diagnostics) {
        if !self.people.are_whole() {
            return;
        }
        let wrong = Diagnostic::at(at, offence.to_string());
        told.all.push(match offence {
            GateError::Nobody | GateError::NobodyCan(Scheme::Basic) => {
                wrong.note("`because hash --user NAME` asks for a password and makes the line of [users]")
            }
            GateError::NobodyCan(Scheme::Digest) => {
                wrong.note(format!("`because hash --user NAME --digest {realm:?}` makes what a user needs"))
            }
            GateError::NobodyCan(Scheme::Bearer) => wrong.note(
                "`because hash --user NAME --token` makes a token; [issuer.\"https://…\"] names who else makes some",
            ),
            GateError::Realm | GateError::Scope(_) | GateError::NoSuchUser(_) => wrong,
        });
    }

    /// The name of what is guarded, where none is said: the site's.
    fn realm(&self) -> String {
        let first = self.site.authorities.first().map(|said| said.value.as_str());
        first.filter(|name| !name.contains('*')).unwrap_or("because").to_owned()
    }

    fn limits(&self, limits: &[model::Limit], rule: &Rule, told: &mut Diagnostics) -> Vec<Limit> {
        let mut all = Vec::new();
        for (nth, limit) in limits.iter().enumerate() {
            let Some(mut rate) = told.ok(&limit.rate, Rate::parse(&limit.rate.value)) else { continue };
            if let Some(burst) = &limit.burst {
                match rate.with_burst(u32::try_from(burst.value).unwrap_or(u32::MAX)) {
                    Ok(with) => rate = with,
                    Err(offence) => told.error(&burst.at, offence.to_string()),
                }
            }
            let has = |per: model::Per| limit.per.iter().any(|said| said.value == per);
            let per = Per {
                address: limit.per.is_empty() || has(model::Per::Address),
                user: has(model::Per::User),
                path: has(model::Per::Path),
            };
            let mut id = DefaultHasher::new();
            let authorities: Vec<&str> = self.site.authorities.iter().map(|said| said.value.as_str()).collect();
            (authorities, &rule.pattern.value, nth, &limit.rate.value, per.address, per.user, per.path).hash(&mut id);
            // fields tell it (draft-ietf-httpapi-ratelimit-headers-10 §3)
            let name = limit.name.as_ref().filter(|said| told.ok(said, PolicyName::new(&said.value)).is_some());
            let name = name.map_or("default", |said| intern(&said.value));
            all.push(Limit { name, id: id.finish(), rate, per });
        }
        all
    }

    fn price(&self, price: &model::Price, at: &Place, told: &mut Diagnostics) -> Option<Price> {
        let keys = price.keys.as_ref().map(Located::resolved).or_else(|| Some(self.beside("tokens.key")));
        let proof = payment_journal::prepaid(keys.as_deref()?, self.state, self.purpose).map_err(|why| {
            let at = price.keys.as_ref().map_or(at, |said| &said.at);
            let wrong = Diagnostic::at(at, format!("prepaid tokens need their keys: {why}"));
            told.all
                .push(wrong.note("`because token --new-key FILE` makes a file of keys; `keys` of `price` names it"));
        });
        Some(Price {
            amount: price.amount.value,
            unit: price.unit.as_ref().map_or("credits", |said| intern(&said.value)),
            realm: self.site.settings.realm.as_ref().map_or_else(|| self.realm(), |said| said.value.clone()),
            proofs: vec![proof.ok()?],
        })
    }

    /// A file in the folder of the configuration.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        Located { value: PathBuf::from(name), at: self.site.at.clone() }.resolved()
    }
}

pub(super) fn who(name: &Name) -> Who {
    match name {
        Name::User(user) => Who::User(user.clone()),
        Name::Group(group) => Who::Group(group.clone()),
        Name::Any => Who::Any,
        Name::Everyone => Who::Everyone,
    }
}

/// What a template may say of what the wildcards of its pattern match.
fn wildcards(offence: TemplateError, pattern: &Pattern) -> String {
    if offence != TemplateError::NoSuchWildcard {
        return String::new();
    }
    match pattern.wildcards() {
        0 => format!("`{pattern}` has none; {{path}} is the whole path"),
        1 => format!("`{pattern}` has one: {{1}}"),
        many => format!("`{pattern}` has {many}: {{1}} to {{{many}}}"),
    }
}

/// Moved, to be seen elsewhere, gone: a place is one of these.
fn elsewhere(words: &model::Words, pattern: &Pattern, told: &mut Diagnostics) -> Option<Setting<Elsewhere>> {
    let moved = word(words.moved.as_ref(), |moved, _| {
        let read = Template::parse(&moved.to.value, pattern);
        let to = told.ok_or(&moved.to, read, |what| wildcards(*what, pattern))?;
        Some(Elsewhere::Moved { to, permanently: !moved.for_now, keeps_method: moved.keep_method })
    });
    let see = words.see.as_ref().and_then(|said| match &said.value {
        Word::Undone => ruled(&said.at, None),
        Word::Is(to) => {
            let text = Located { value: to.clone(), at: said.at.clone() };
            let to = told.ok_or(&text, Template::parse(to, pattern), |what| wildcards(*what, pattern))?;
            ruled(&said.at, Some(Elsewhere::Described(to)))
        }
    });
    let gone = words.gone.as_ref().and_then(|said| ruled(&said.at, said.value.then_some(Elsewhere::Gone)));
    let all = [moved, see, gone];
    if all.iter().flatten().filter(|said| said.value.is_some()).count() > 1 {
        let (moved, see) = (words.moved.as_ref().map(|said| &said.at), words.see.as_ref().map(|said| &said.at));
        let mut at: Vec<&Place> =
            moved.into_iter().chain(see).chain(words.gone.as_ref().map(|said| &said.at)).collect();
        at.sort_by_key(|at| at.span().start);
        if let [first, .., last] = &*at {
            let wrong = Diagnostic::at(last, "a target has one fate: `moved`, `see` or `gone`");
            told.all.push(wrong.and(first, "this is another"));
        }
    }
    all.into_iter().flatten().max_by_key(|said| said.value.is_some())
}

fn law_of(law: &model::Law, told: &mut Diagnostics) -> LegalDemand {
    let text = |said: &Option<Located<String>>| said.as_ref().map(|said| said.value.clone());
    let mut countries = |list: &[Located<String>]| -> Vec<Country> {
        let mut all = Vec::new();
        for said in list {
            match Country::parse(&said.value) {
                Some(country) => all.push(country),
                None => {
                    told.error(&said.at, format!("`{}` is no country: two capital letters, such as FR", said.value));
                }
            }
        }
        all
    };
    let (there, except) = (countries(&law.countries), countries(&law.except_countries));
    LegalDemand {
        blocked_by: text(&law.blocked_by),
        demanded_by: text(&law.demanded_by),
        under: text(&law.under),
        from: (!law.from.is_empty()).then(|| networks(&law.from, told)),
        countries: there,
        except_countries: except,
    }
}

fn closure(closed: &model::Closed, told: &mut Diagnostics) -> Closure {
    let seconds = |said: &Located<u64>| u32::try_from(said.value / 1_000).unwrap_or(u32::MAX).max(1);
    Closure {
        from: closed.from.as_ref().map(|said| said.value),
        until: closed.until.as_ref().map(|said| said.value),
        retry_after: Some(closed.retry_after.as_ref().map_or(crate::limits::RETRY_AFTER_CLOSED, seconds)),
        except: networks(&closed.except, told),
        reason: closed.reason.as_ref().map(|said| said.value.clone()),
    }
}

fn cors_of(cors: &model::Cors) -> Cors {
    let join = |texts: &[Located<String>]| texts.iter().map(|said| said.value.as_str()).collect::<Vec<_>>().join(", ");
    let origins = match &cors.origins {
        model::Origins::All => lasting(["*"]),
        model::Origins::These(origins) => lasting(origins.iter().map(|said| said.value.as_str())),
    };
    let methods: Vec<&str> = cors.methods.iter().map(|said| said.value.name()).collect();
    Cors {
        origins,
        methods: methods.join(", "),
        headers: join(&cors.headers),
        expose: join(&cors.expose),
        credentials: cors.credentials,
        max_age: cors.max_age.as_ref().map(|said| u32::try_from(said.value / 1_000).unwrap_or(u32::MAX)),
    }
}

/// Fields that the server writes itself, of which a second line would say something else; and the word that says it instead.
const OURS: &[(Field, &str)] = &[
    (Field::CACHE_CONTROL, "`cache` says it"),
    (Field::LOCATION, "`moved` says it"),
    (Field::ALLOW, "`methods` says it"),
    (Field::RETRY_AFTER, "`closed` and `limit` say it"),
    (Field::WWW_AUTHENTICATE, "`guard` says it"),
    (Field::ACCESS_CONTROL_ALLOW_ORIGIN, "`cors` says it"),
    (Field::CONTENT_LENGTH, "it frames the message"),
    (Field::TRANSFER_ENCODING, "it frames the message"),
    (Field::CONNECTION, "it frames the message"),
    (Field::DATE, "the server writes it"),
    (Field::ETAG, "the server writes it"),
    (Field::LAST_MODIFIED, "the server writes it"),
    (Field::CONTENT_TYPE, "the server writes it"),
    (Field::CONTENT_RANGE, "the server writes it"),
    (Field::X_CONTENT_TYPE_OPTIONS, "the server writes it where it is of use"),
];

fn headers(fields: &[model::Field], told: &mut Diagnostics) -> Vec<(String, Option<String>)> {
    let mut all = Vec::new();
    for field in fields {
        let name = &field.name.value;
        let known = Field::of(name.as_bytes());
        if let Some((_, why)) = OURS.iter().find(|(ours, _)| known == Some(*ours)) {
            told.error(&field.name.at, format!("`{name}` cannot be set here: {why}"));
            continue;
        }
        let value = match &field.value.value {
            Word::Undone => None,
            Word::Is(text) => match field_value(text, &field.value.at, told) {
                Some(text) => Some(text),
                None => continue,
            },
        };
        all.push((name.clone(), value));
    }
    all
}

/// A value that a field can carry (RFC 9110 §5.5).
fn field_value(text: &str, at: &Place, told: &mut Diagnostics) -> Option<String> {
    let fits = !text.is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if !fits {
        told.error(at, "a field value is a line of printable ASCII");
    }
    fits.then(|| text.to_owned())
}

/// The rules of a `_redirects` file.
pub(super) fn redirects(said: &Located<PathBuf>, told: &mut Diagnostics, mut each: impl FnMut(Pattern, Words)) {
    let path = said.resolved();
    let octets = match std::fs::read(&path) {
        Ok(octets) => octets,
        Err(error) => {
            let wrong = Diagnostic::at(
                &said.at,
                format!("the redirections cannot be read: {}", crate::diagnose::plain(&error)),
            );
            return told.all.push(wrong.label(format!("looked for at {}", path.display())));
        }
    };
    let read = Redirects::read(&octets);
    for refused in &read.refused {
        told.error(&said.at, format!("{}:{}: {}", path.display(), refused.line, refused.what));
    }
    let file = intern(&path.display().to_string());
    for redirect in read.redirects {
        let elsewhere = match (redirect.kind, redirect.to) {
            (Kind::Moved { permanent, keep_method }, Some(to)) => {
                Elsewhere::Moved { to, permanently: permanent, keeps_method: keep_method }
            }
            (Kind::See, Some(to)) => Elsewhere::Described(to),
            (Kind::Gone, _) | (_, None) => Elsewhere::Gone,
        };
        let source = Source { file, line: u32::try_from(redirect.line).unwrap_or(u32::MAX) };
        let elsewhere = Some(Setting { source, value: Some(Arc::new(elsewhere)) });
        each(redirect.pattern, Words { elsewhere, ..Words::default() });
    }
}
