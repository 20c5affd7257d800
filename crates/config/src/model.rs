//! The configuration as a value: shorthands are written out, every value knows its place.
//!
//! What was not said is `None`; which value holds then is known to who uses it.

mod rule;
mod server;
mod site;
mod users;

use std::fmt;
use std::path::Path;

pub use rule::{
    Closed, Cors, Field, Guard, Law, Limit, Moved, Name, Origins, Per, Price, Proxy, Require, Rule, Scheme, Words,
};
pub use server::{Admin, Limiting, Log, Portal, Server, SignIn};
pub use site::{Quota, Settings, Site};
pub use users::{Issuer, Keys, User, Users};

use crate::diagnostic::Diagnostic;
use crate::place::{Located, Place};

/// A word of a rule: what it says, or `false`, by which a more specific rule undoes what a less specific one says.
#[derive(Clone, PartialEq, Eq)]
pub enum Word<T> {
    /// `false`
    Undone,
    /// This.
    Is(T),
}

impl<T> Word<T> {
    /// What it says, unless it is undone.
    pub const fn said(&self) -> Option<&T> {
        match self {
            Self::Undone => None,
            Self::Is(value) => Some(value),
        }
    }

    /// Is it `false`?
    pub const fn is_undone(&self) -> bool {
        matches!(self, Self::Undone)
    }
}

impl<T: fmt::Debug> fmt::Debug for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undone => f.write_str("undone"),
            Self::Is(value) => value.fmt(f),
        }
    }
}

/// A struct whose every field may have been said or not.
macro_rules! said {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$doc])* pub $field: Option<Located<$kind>>,)+
        }

        impl $name {
            /// Lays this over what is below: what is not said here is as it is said there.
            pub fn over(&mut self, below: &Self) {
                $(if self.$field.is_none() {
                    self.$field.clone_from(&below.$field);
                })+
            }

            /// Takes out what flags said.
            pub fn take_flags(&mut self) -> Self {
                let mut taken = Self::default();
                $(if self.$field.as_ref().is_some_and(|said| said.at.is_flag()) {
                    taken.$field = self.$field.take();
                })+
                taken
            }

            /// Is nothing said?
            pub fn is_empty(&self) -> bool {
                true $(&& self.$field.is_none())+
            }

            /// The places of what both say, the first of this and the second of the other, each with its word.
            #[allow(dead_code)]
            pub(crate) fn said_twice(&self, other: &Self) -> Vec<(&'static str, crate::Place, crate::Place)> {
                let mut twice = Vec::new();
                $(if let (Some(one), Some(two)) = (&self.$field, &other.$field) {
                    twice.push((stringify!($field), one.at.clone(), two.at.clone()));
                })+
                twice
            }
        }
    };
}
use said;

/// A whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The server.
    pub server: Server,
    /// The sites, each with what the top says for all of them; at least one. The last resort is the one that answers for `*`.
    pub sites: Vec<Site>,
    /// The rules of every site. One of the top with the words that stand in no rule has the pattern `/**`.
    pub rules: Vec<Rule>,
    /// Who may be let in.
    pub users: Users,
    /// Who issues tokens that are believed.
    pub issuers: Vec<Issuer>,
    /// The captive portal.
    pub portal: Option<Located<Portal>>,
}

impl Config {
    /// Reads a configuration: a value and what is odd about it, or all that is wrong with it.
    ///
    /// Nothing but the text is read: files that it names are not looked at. `file` is how it is named in messages, and paths
    /// in it are relative to its folder.
    ///
    /// # Errors
    ///
    /// All mistakes, in the order of the file; at most [`crate::limits::CONFIG_MISTAKES`] of them.
    ///
    /// ```
    /// let (config, _) = config::Config::read("listen = ':8080'\n[site.'example.org']\nfolder = 'a'", "because.toml").unwrap();
    /// assert_eq!(config.server.listen.as_ref().unwrap()[0].value, ":8080");
    /// assert_eq!(config.sites[0].authorities[0].value, "example.org");
    /// ```
    pub fn read(text: &str, file: &str) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        crate::read::config(text, file)
    }

    /// The configuration of a folder without a file: one site, and nothing that anybody has said of it.
    ///
    /// ```
    /// let config = config::Config::of_folder("public".as_ref());
    /// assert_eq!(config.sites[0].settings.folder.as_ref().unwrap().resolved(), std::path::Path::new("public"));
    /// assert!(config.sites[0].at.is_flag() && config.server.is_empty());
    /// ```
    pub fn of_folder(folder: &Path) -> Self {
        let at = Place::flag("DIR", &folder.display().to_string());
        let nowhere = at.offset_within(0..0);
        let any = Located::new("*".to_owned(), nowhere.clone());
        let settings = Settings { folder: Some(Located::new(folder.to_owned(), at)), ..Settings::default() };
        Self {
            server: Server::default(),
            sites: vec![Site { authorities: vec![any], at: nowhere, settings, rules: Vec::new() }],
            rules: Vec::new(),
            users: Users { list: Vec::new() },
            issuers: Vec::new(),
            portal: None,
        }
    }

    /// Lays over it what flags or the environment say: they win over the file, in every site.
    ///
    /// ```
    /// use config::{Config, Located, model::{Server, Settings, Words}};
    /// let (mut config, _) = Config::read("threads = 4\nfolder = 'a'\nlisting = true", "because.toml").unwrap();
    /// let server = Server { threads: Some(Located::flag(2, "--threads", "2")), ..Server::default() };
    /// let settings = Settings { listing: Some(Located::flag(false, "--no-listing", "")), ..Settings::default() };
    /// config.over(server, &settings, &Words::default());
    /// assert_eq!(config.server.threads.as_ref().unwrap().value, 2);
    /// assert!(!config.sites[0].settings.listing.as_ref().unwrap().value);
    /// assert!(config.sites[0].settings.folder.is_some());
    /// ```
    pub fn over(&mut self, mut server: Server, settings: &Settings, words: &Words) {
        if let (Some(above), Some(below)) = (&mut server.limits, &self.server.limits) {
            above.value.over(&below.value);
            above.at = below.at.clone();
        }
        // a flag says where the admin listener is; who may look there remains as the file has it
        if let (Some(above), Some(below)) = (&mut server.admin, &self.server.admin) {
            above.value.allow.clone_from(&below.value.allow);
            above.at = below.at.clone();
        }
        server.over(&self.server);
        self.server = server;
        for site in &mut self.sites {
            let mut settings = settings.clone();
            if let (Some(above), Some(below)) = (&mut settings.quota, &site.settings.quota) {
                above.value.over(&below.value);
            }
            settings.over(&site.settings);
            site.settings = settings;
        }
        let lay = |rules: &mut Vec<Rule>| {
            for rule in rules.iter_mut().filter(|rule| rule.is_everything()) {
                let mut above = words.clone();
                above.over(&rule.words);
                rule.words = above;
            }
        };
        self.sites.iter_mut().for_each(|site| lay(&mut site.rules));
        lay(&mut self.rules);
        if let (Some(at), false) = (words.place(), self.rules.iter().any(Rule::is_everything)) {
            self.rules.insert(0, Rule::everything(words.clone(), at));
        }
    }
}
