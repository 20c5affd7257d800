//! The words of the server, its users and issuers.

use toml::de::DeTable;

use super::take::{Take, table};
use crate::check::Node;
use crate::check::is_url;
use crate::model::{Admin, Config, Issuer, Keys, Limiting, Log, Portal, Server, SignIn, User, Users};
use crate::place::Located;

impl Take {
    /// All of it.
    pub(super) fn config(&self, top: &DeTable<'_>) -> Config {
        let (settings, rules) = (self.settings(top), self.rules(top));
        Config {
            server: self.server(top),
            sites: self.sites(top, &settings),
            rules,
            users: Users { list: self.users(top) },
            issuers: self.issuers(top),
            portal: self.portal(top.get("portal")),
        }
    }

    fn server(&self, top: &DeTable<'_>) -> Server {
        let logs = [("text", Log::Text), ("json", Log::Json), ("off", Log::Off)];
        Server {
            listen: self.said_texts(top.get("listen")),
            hosts: None,
            admin: self.admin(top.get("admin")),
            threads: self.count(top.get("threads")),
            log: self.one_of(top.get("log"), &logs),
            record: self.path(top.get("record")),
            forwarded: self.said_texts(top.get("forwarded")),
            hand_over: self.text(top.get("hand-over")),
            extensions: self.truth(top.get("extensions")),
            countries: self.path(top.get("countries")),
            limits: self.limits(top.get("limits")),
        }
    }

    fn admin(&self, node: Option<&Node<'_>>) -> Option<Located<Admin>> {
        let node = node?;
        let admin = match table(Some(node)) {
            Some(words) => Admin { listen: self.texts(words.get("listen")), allow: self.names(words.get("allow")) },
            None => Admin { listen: self.texts(Some(node)), allow: Vec::new() },
        };
        Some(Located::new(admin, self.at(node)))
    }

    fn limits(&self, node: Option<&Node<'_>>) -> Option<Located<Limiting>> {
        let mut limits = Limiting::default();
        for (key, value) in table(node)? {
            if let Some(slot) = limits.slot(key.get_ref()) {
                let row = crate::words::Home::Limits.row(key.get_ref());
                let is_time = row.is_some_and(|row| matches!(row.shape, crate::words::Shape::Time));
                *slot = if is_time { self.time(Some(value)) } else { self.size(Some(value)) };
            }
        }
        Some(Located::new(limits, self.at(node?)))
    }

    fn users(&self, top: &DeTable<'_>) -> Vec<User> {
        let users = table(top.get("users")).into_iter().flatten();
        users
            .map(|(key, value)| {
                let name = self.key(key);
                match table(Some(value)) {
                    Some(words) => User {
                        name,
                        password: self.secret(words.get("password")),
                        digest: self.secret(words.get("digest")),
                        tokens: self.list(words.get("token"), Self::secret),
                        groups: self.texts(words.get("groups")),
                    },
                    None => {
                        let password = self.secret(Some(value));
                        User { name, password, digest: None, tokens: Vec::new(), groups: Vec::new() }
                    }
                }
            })
            .collect()
    }

    fn issuers(&self, top: &DeTable<'_>) -> Vec<Issuer> {
        let issuers = table(top.get("issuer")).into_iter().flatten();
        issuers
            .filter_map(|(key, value)| {
                let words = table(Some(value))?;
                let keys = self.text(words.get("keys"))?;
                Some(Issuer {
                    name: self.key(key),
                    keys: if is_url(&keys.value) { Keys::Url(keys) } else { Keys::File(keys.map(Into::into)) },
                    audience: self.texts(words.get("audience")),
                    groups_claim: self.text(words.get("groups-claim")),
                    user_claim: self.text(words.get("user-claim")),
                    leeway: self.time(words.get("leeway")),
                })
            })
            .collect()
    }

    fn portal(&self, node: Option<&Node<'_>>) -> Option<Located<Portal>> {
        let words = table(node)?;
        let allow = words.get("allow");
        let anyone = self.texts(allow).iter().any(|text| text.value == "anyone");
        let portal = Portal {
            listen: self.texts(words.get("listen")),
            host: self.text(words.get("host"))?,
            allow: if anyone || allow.is_none() { SignIn::Anyone } else { SignIn::These(self.names(allow)) },
            session: self.time(words.get("session")),
            venue: self.text(words.get("venue")),
            terms: self.text(words.get("terms")),
        };
        Some(Located::new(portal, self.at(node?)))
    }
}
