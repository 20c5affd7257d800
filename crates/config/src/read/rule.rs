//! The words of a rule, their shorthands written out.

use semantics::method::Method;
use toml::de::{DeTable, DeValue};

use super::take::{Take, table};
use crate::check::Node;
use crate::model::{
    Closed, Cors, Field, Guard, Law, Limit, Moved, Name, Origins, Per, Price, Proxy, Require, Scheme, Words,
};
use crate::place::Located;

/// Seconds of the year that `hsts = true` promises.
const YEAR: u64 = 31_536_000;

impl Take {
    /// What a rule says.
    pub(super) fn words(&self, words: &DeTable<'_>) -> Words {
        let require = words.get("require");
        let conditional = self.truth(words.get("conditional"));
        // what `require = false` undoes is all of it
        let required = || self.truth(table(require).map_or(require, |words| words.get("conditional")));
        Words {
            guard: self.word(words.get("guard"), |node| Some(self.guard(node))),
            limit: self.word(words.get("limit"), |node| Some(self.list(Some(node), Self::limit))),
            moved: self.word(words.get("moved"), |node| self.moved(node)),
            see: self.word(words.get("see"), |node| self.plain(node)),
            gone: self.truth(words.get("gone")),
            price: self.word(words.get("price"), |node| self.price(node)),
            law: self.word(words.get("law"), |node| Some(self.law(node))),
            require: self.word(require, |node| table(Some(node)).map(|words| self.require(words))),
            conditional: conditional.or_else(required),
            closed: self.word(words.get("closed"), |node| Some(self.closed(node))),
            headers: self.word(words.get("headers"), |node| table(Some(node)).map(|fields| self.fields(fields))),
            cors: self.word(words.get("cors"), |node| Some(self.cors(node))),
            cache: self.word(words.get("cache"), |node| self.plain(node)),
            methods: self.word(words.get("methods"), |node| Some(self.methods(Some(node)))),
            types: self.word(words.get("types"), |node| Some(self.texts(Some(node)))),
            max_content: self.word(words.get("max-content"), |node| self.size(Some(node)).map(|said| said.value)),
            teapot: self.truth(words.get("teapot")),
            proxy: self.word(words.get("proxy"), |node| self.proxy(node)),
        }
    }

    fn plain(&self, node: &Node<'_>) -> Option<String> {
        self.text(Some(node)).map(|said| said.value)
    }

    fn methods(&self, node: Option<&Node<'_>>) -> Vec<Located<Method>> {
        let texts = self.texts(node).into_iter();
        texts.filter_map(|said| Method::of(said.value.as_bytes()).map(|method| said.map(|_| method))).collect()
    }

    fn guard(&self, node: &Node<'_>) -> Guard {
        let schemes = [("digest", Scheme::Digest), ("basic", Scheme::Basic), ("bearer", Scheme::Bearer)];
        let Some(words) = table(Some(node)) else {
            return Guard { allow: self.names(Some(node)), ..Guard::default() };
        };
        let mut guard = Guard {
            allow: self.names(words.get("allow")),
            deny: self.names(words.get("deny")),
            from: self.texts(words.get("from")),
            not_from: self.texts(words.get("not-from")),
            schemes: self.list(words.get("schemes"), |take, node| take.one_of(node, &schemes)),
            realm: self.text(words.get("realm")),
            scopes: self.texts(words.get("scopes")),
            hide: self.truth(words.get("hide")),
        };
        // who asks for a proof, and tells not whose, wants anybody's
        let proof = !guard.schemes.is_empty() || !guard.scopes.is_empty() || guard.realm.is_some();
        if proof && guard.allow.is_empty() && guard.deny.is_empty() {
            guard.allow.push(Located::new(Name::Any, self.at(node)));
        }
        guard
    }

    fn limit(&self, node: Option<&Node<'_>>) -> Option<Limit> {
        let pers = [("address", Per::Address), ("user", Per::User), ("path", Per::Path), ("all", Per::All)];
        let each = |at| vec![Located::new(Per::Address, at)];
        let Some(words) = table(node) else {
            let rate = self.text(node)?;
            return Some(Limit { per: each(rate.at.clone()), rate, burst: None, name: None });
        };
        let mut per = self.list(words.get("per"), |take, node| take.one_of(node, &pers));
        if per.is_empty() {
            per = each(self.at(node?));
        }
        let rate = self.text(words.get("rate"))?;
        Some(Limit { rate, burst: self.count(words.get("burst")), per, name: self.text(words.get("name")) })
    }

    fn moved(&self, node: &Node<'_>) -> Option<Moved> {
        let Some(words) = table(Some(node)) else {
            return Some(Moved { to: self.text(Some(node))?, for_now: false, keep_method: false });
        };
        let is = |word| self.truth(words.get(word)).is_some_and(|said| said.value);
        Some(Moved { to: self.text(words.get("to"))?, for_now: is("for-now"), keep_method: is("keep-method") })
    }

    fn price(&self, node: &Node<'_>) -> Option<Price> {
        let Some(words) = table(Some(node)) else {
            return Some(Price { amount: self.count(Some(node))?, unit: None, keys: None });
        };
        let amount = self.count(words.get("amount"))?;
        Some(Price { amount, unit: self.text(words.get("unit")), keys: self.path(words.get("keys")) })
    }

    fn law(&self, node: &Node<'_>) -> Law {
        match table(Some(node)) {
            None => Law { blocked_by: self.text(Some(node)), ..Law::default() },
            Some(words) => Law {
                blocked_by: self.text(words.get("blocked-by")),
                demanded_by: self.text(words.get("demanded-by")),
                under: self.text(words.get("under")),
                from: self.texts(words.get("from")),
                countries: self.texts(words.get("countries")),
                except_countries: self.texts(words.get("except-countries")),
            },
        }
    }

    fn require(&self, words: &DeTable<'_>) -> Require {
        Require { protocol: self.texts(words.get("protocol")), length: self.truth(words.get("length")) }
    }

    fn closed(&self, node: &Node<'_>) -> Closed {
        table(Some(node)).map_or_else(Closed::default, |words| Closed {
            from: self.date(words.get("from")),
            until: self.date(words.get("until")),
            retry_after: self.time(words.get("retry-after")),
            except: self.texts(words.get("except")),
            reason: self.text(words.get("reason")),
        })
    }

    /// Fields by their names; the short words are written out.
    fn fields(&self, fields: &DeTable<'_>) -> Vec<Field> {
        let field = |(key, value): (_, &Node<'_>)| {
            let key: Located<String> = self.key(key);
            let name = match key.value.as_str() {
                "hsts" => "Strict-Transport-Security",
                "csp" => "Content-Security-Policy",
                "referrer-policy" => "Referrer-Policy",
                "permissions-policy" => "Permissions-Policy",
                name => name,
            };
            let hsts = key.value == "hsts";
            let value = self.word(Some(value), |node| match node.get_ref() {
                DeValue::Boolean(true) => hsts.then(|| format!("max-age={YEAR}")),
                _ if hsts => self.time(Some(node)).map(|time| format!("max-age={}", time.value / 1_000)),
                _ => self.plain(node),
            })?;
            Some(Field { name: Located::new(name.to_owned(), key.at), value })
        };
        fields.iter().filter_map(field).collect()
    }

    fn cors(&self, node: &Node<'_>) -> Cors {
        let words = table(Some(node));
        let get = |word| words.and_then(|words| words.get(word));
        let origins = self.texts(if words.is_some() { get("origins") } else { Some(node) });
        Cors {
            origins: if origins.iter().any(|origin| origin.value == "*") {
                Origins::All
            } else {
                Origins::These(origins)
            },
            methods: self.methods(get("methods")),
            headers: self.texts(get("headers")),
            expose: self.texts(get("expose")),
            credentials: self.truth(get("credentials")).is_some_and(|said| said.value),
            max_age: self.time(get("max-age")),
        }
    }

    fn proxy(&self, node: &Node<'_>) -> Option<Proxy> {
        let Some(words) = table(Some(node)) else {
            return Some(Proxy { through: self.text(Some(node))?, from: Vec::new() });
        };
        Some(Proxy { through: self.text(words.get("through"))?, from: self.texts(words.get("from")) })
    }
}
