//! From a configuration to a plan: what its words mean is found out here, with the mistakes that only meaning shows, each at its
//! place in the file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::{self, Limits};
use access::bearer::keys::Keys;
use access::digest::Nonces;
use access::payment::Ledger;
use access::secret::Secret;
use config::model::Site as SiteConfig;
use config::{Config, Diagnostic, Located, Place, Severity};
use decision::fields;
use policy::authority::{Authorities, AuthorityPattern};
use policy::network::{Countries, Network, Networks};
use policy::pattern::{Pattern, PatternError};
use resources::access_control::AccessControl;
use resources::portal::Sessions;
use resources::rules::{self, Rulebook};
use resources::share::{Share, ShareOptions};
use resources::tree::TreeOptions;
use resources::{Files, Options, intern};
use transport::clock::Clock;
use transport::listen::Address;

use crate::diagnose::plain;
use crate::plan::authorities;
use crate::plan::{Plan, SitePlan};
use crate::settings::limits_of;

mod admin;
pub(crate) mod findings;
pub(crate) mod people;
mod portal;
pub mod payment_journal;
pub mod withheld;
mod words;

use people::People;

/// The name of a configuration that lies in the folder which it is for.
pub const CONFIGURATION: &str = "because.toml";

/// What outlives a configuration: counters, nonces, what was spent, folders that are written to.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) access_control: Arc<AccessControl>,
    nonces: Arc<Nonces>,
    secret: [u8; 32],
    /// Who is let through the portal.
    sessions: Arc<Sessions>,
    ledgers: Mutex<HashMap<PathBuf, Arc<Ledger>>>,
    shares: Mutex<HashMap<PathBuf, (ShareOptions, Arc<Share>)>>,
    /// Keys that were fetched, by their URLs.
    keys: Mutex<HashMap<String, Keys>>,
}

impl State {
    /// Nothing yet. The secret seals nonces and is known to this process alone.
    pub(crate) fn new(secret: [u8; 32]) -> State {
        let (seed, _) = secret.split_first_chunk::<16>().expect("32 octets begin with 16");
        let key = Secret::new(&secret).expect("32 octets are enough");
        State {
            access_control: Arc::new(AccessControl::new(*seed, limits::BUCKETS)),
            nonces: Arc::new(Nonces::new(key, limits::NONCE_TIME)),
            secret,
            sessions: Arc::default(),
            ledgers: Mutex::default(),
            shares: Mutex::default(),
            keys: Mutex::default(),
        }
    }

    /// The keys that were fetched from there the last time.
    fn known_keys(&self, url: &str) -> Option<Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    /// Keys were fetched from there.
    pub(crate) fn remember_keys(&self, url: &str, keys: Keys) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), keys);
    }

    fn secret(&self) -> Secret {
        Secret::new(&self.secret).expect("32 octets are enough")
    }

    /// The folder as one that is written to. One server has it once, whatever sites serve it.
    fn share(&self, folder: &Path, options: ShareOptions) -> Result<Arc<Share>, String> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, share)) = shares.get(folder) {
            return match *known == options {
                true => Ok(Arc::clone(share)),
                false => Err("how this folder is written to can only be changed by a new start".to_owned()),
            };
        }
        let now = Clock::new().stamp().date.unix();
        let share = Share::open(folder, options.clone(), now);
        let share = share.map(Arc::new).map_err(|error| crate::diagnose::unwritable(folder, &error))?;
        shares.insert(folder.to_owned(), (options, Arc::clone(&share)));
        Ok(share)
    }

    /// All folders that are written to.
    pub(crate) fn shares(&self) -> Vec<Arc<Share>> {
        let shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.values().map(|(_, share)| Arc::clone(share)).collect()
    }
}

/// Mistakes and warnings, batched writer while all is looked at.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    pub(crate) all: Vec<Diagnostic>,
}

impl Diagnostics {
    fn error(&mut self, at: &Place, message: impl Into<String>) {
        self.all.push(Diagnostic::at(at, message));
    }

    /// The value; or the mistake is told, at the part of the text where it shows.
    fn ok<T, W: std::fmt::Display>(
        &mut self,
        said: &Located<String>,
        read: Result<T, semantics::syntax::ParseError<W>>,
    ) -> Option<T> {
        self.ok_or(said, read, |_| String::new())
    }

    /// The same, with what to write instead.
    fn ok_or<T, W: std::fmt::Display>(
        &mut self,
        said: &Located<String>,
        read: Result<T, semantics::syntax::ParseError<W>>,
        advice: impl FnOnce(&W) -> String,
    ) -> Option<T> {
        read.map_err(|refusal| {
            let end = said.value.len().max(refusal.at + 1);
            let at = said.at.offset_within(refusal.at..end);
            self.all.push(Diagnostic::at(&at, refusal.what.to_string()).label(advice(&refusal.what)));
        })
        .ok()
    }

    /// What was told, in the order in which it stands in the file.
    fn sorted(mut self) -> Vec<Diagnostic> {
        self.all.sort_by_key(|told| told.place().map(|at| (at.file().to_owned(), at.span().start)));
        self.all
    }

    fn is_wrong(&self) -> bool {
        self.all.iter().any(|told| told.severity() == Severity::Error)
    }
}

/// What is to be done with a configuration besides serving: where that makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve it: folders are opened to be written to.
    Serve,
    /// To look at it: nothing is changed on the disk.
    Look,
}

/// Makes a plan of a configuration.
pub(crate) fn plan(
    config: &Config,
    state: &State,
    addresses: &[Address],
    purpose: Purpose,
) -> Result<(Plan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut told = Diagnostics::default();
    let people = People::of(config, state, &mut told);
    let countries = countries(config, &mut told);
    let limits = limits_of(config);
    let forwarded = config.server.forwarded.as_ref().map(|said| networks(&said.value, &mut told)).unwrap_or_default();
    let mut sites = Vec::new();
    for site in &config.sites {
        let planner = SitePlanner { config, state, people: &people, site, limits: &limits, purpose };
        sites.extend(planner.site(&mut told));
    }
    let authorities = authorities(config, addresses, &mut told);
    let portal = portal::portal(config, &people, &mut told);
    let admin = admin::book(config, &people, &mut told);
    if told.is_wrong() || sites.is_empty() {
        return Err(told.sorted());
    }
    let extensions = config.server.extensions.as_ref().is_some_and(|said| said.value);
    let plan = Plan {
        authorities,
        open_listeners: addresses.iter().map(|address| matches!(address, Address::Unix(_))).collect(),
        portal,
        captive: config.portal.as_ref().map_or(0, |said| said.value.listen.len()),
        sessions: Arc::clone(&state.sessions),
        forwarded,
        countries,
        extensions: if extensions { const { &[fields::EXTENSION] } } else { &[] },
        next_proxy: config.server.hand_over.as_ref().map(|said| said.value.clone()),
        issuers: people.remote(),
        admin: Arc::new(admin),
        ..Plan::of_sites(sites, Arc::clone(&state.access_control))
    };
    Ok((plan, told.sorted()))
}

/// Which site has which authority.
fn authorities(config: &Config, addresses: &[Address], told: &mut Diagnostics) -> Option<Authorities<usize>> {
    // where no site is named, this machine's own names count, or those of the flags
    if let [only] = &*config.sites
        && let [any] = &*only.authorities
        && any.at.span().is_empty()
    {
        let hosts = config.server.hosts.as_ref().map_or(&[][..], |said| &said.value);
        let names: Vec<String> = hosts.iter().map(|said| said.value.clone()).collect();
        return authorities::of_flags(&names, addresses).unwrap_or_else(|no| {
            let at = hosts.iter().find(|said| no.text() == said.value).map_or(&any.at, |said| &said.at);
            told.error(at, no.to_string());
            None
        });
    }
    let mut patterns = Vec::new();
    for (nth, site) in config.sites.iter().enumerate() {
        for said in &site.authorities {
            let bare = said.value.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
            if let Some(bare) = bare {
                let wrong = Diagnostic::at(&said.at, "a site is named by its host alone");
                told.all.push(wrong.label(format!("write: \"{bare}\"")));
                continue;
            }
            let pattern = told.ok(said, AuthorityPattern::parse(&said.value));
            patterns.extend(pattern.map(|pattern| (said, pattern, nth)));
        }
    }
    match Authorities::new(patterns.iter().map(|(_, pattern, nth)| (pattern.clone(), *nth))) {
        Ok(all) => Some(all),
        Err(repeated) => {
            let (first, again) = (patterns[repeated.first].0, patterns[repeated.again].0);
            let twice = Diagnostic::at(&again.at, format!("`{}` is a site already", again.value));
            told.all.push(twice.and(&first.at, "here"));
            None
        }
    }
}

fn countries(config: &Config, told: &mut Diagnostics) -> Option<Countries> {
    let said = config.server.countries.as_ref()?;
    let path = said.resolved();
    let read = std::fs::read(&path).map_err(|error| plain(&error));
    let table = read.and_then(|table| Countries::read(&table).map_err(|offence| offence.to_string()));
    let wrong = |why| {
        let wrong = Diagnostic::at(&said.at, format!("the table of countries cannot be read: {why}"));
        wrong.label(format!("looked for at {}", path.display()))
    };
    table.map_err(|why| told.all.push(wrong(why))).ok()
}

/// These networks.
pub(crate) fn networks(said: &[Located<String>], told: &mut Diagnostics) -> Networks {
    said.iter().filter_map(|said| told.ok(said, Network::parse(&said.value))).collect()
}

/// What to write instead of a pattern.
fn advice(offence: &PatternError, text: &str) -> String {
    match offence {
        PatternError::NoPath => format!("such as \"{text} /private/**\""),
        PatternError::NotAbsolute => match text.rsplit_once(' ') {
            Some((methods, path)) => format!("write: \"{methods} /{path}\""),
            None => format!("write: \"/{text}\""),
        },
        PatternError::MethodCase => match text.rsplit_once(' ') {
            Some((methods, path)) => format!("write: \"{} {path}\"", methods.to_ascii_uppercase()),
            None => String::new(),
        },
        _ => String::new(),
    }
}

/// Why a folder cannot be served.
fn no_folder((folder, named): (&Path, &Path), error: &std::io::Error, at: &Place) -> Diagnostic {
    let named = named.display();
    let why = if error.kind() == std::io::ErrorKind::NotFound {
        format!("there is no folder `{named}`")
    } else {
        format!("the folder `{named}` cannot be opened: {}", plain(error))
    };
    let looked = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    Diagnostic::at(at, why).label(format!("looked for at {}", looked.display()))
}

/// One site on its way to a plan.
pub(crate) struct SitePlanner<'a> {
    pub(crate) config: &'a Config,
    pub(crate) state: &'a State,
    pub(crate) people: &'a People,
    pub(crate) site: &'a SiteConfig,
    pub(crate) limits: &'a Limits,
    purpose: Purpose,
}

impl SitePlanner<'_> {
    fn site(&self, told: &mut Diagnostics) -> Option<SitePlan> {
        let settings = &self.site.settings;
        let folder = settings.folder.as_ref().map_or_else(|| self.beside("."), Located::resolved);
        let at = settings.folder.as_ref().map_or(&self.site.at, |said| &said.at);
        let place = (&*folder, settings.folder.as_ref().map_or(&*folder, |said| &said.value));
        let named = place.1.display();
        let full = match folder.canonicalize() {
            Ok(full) if full.is_dir() => full,
            Ok(_) if at.is_flag() => {
                let also = "and no configuration: the name of one ends in .toml";
                told.error(at, format!("`{named}` is not a folder, {also}"));
                return None;
            }
            Ok(_) => {
                told.error(at, format!("`{named}` is not a folder"));
                return None;
            }
            Err(error) => {
                told.all.push(no_folder(place, &error, at));
                return None;
            }
        };
        let book = self.book(&full, told);
        let options = self.options();
        for drop in settings.drop.iter().flat_map(|said| &said.value) {
            if !full.join(drop.value.trim_matches('/')).is_dir() {
                told.error(&drop.at, format!("`{}` is not a folder of this site", drop.value));
            }
        }
        // a folder is opened once before anything is promised, so that a mistake is told at once
        if let Err(error) = Files::open(&full, &options, None, fields::render) {
            told.all.push(no_folder(place, &error, at));
        }
        let share = self.share(&full, &options, at, told)?;
        let name = self.site.authorities.iter().map(|said| said.value.as_str()).collect::<Vec<_>>().join(" ");
        Some(SitePlan { name, folder: full, book: Arc::new(book.over(&options)), options, share })
    }

    /// The folder as one that can be written to, if it is to be.
    fn share(
        &self,
        folder: &Path,
        options: &Options,
        at: &Place,
        told: &mut Diagnostics,
    ) -> Option<Option<Arc<Share>>> {
        if self.purpose == Purpose::Look || !options.writable && options.drops.is_empty() {
            return Some(None);
        }
        let settings = &self.site.settings;
        let quota = settings.quota.as_ref().map(|said| &said.value);
        let tree = TreeOptions {
            durable: settings.fsync.as_ref().is_none_or(|said| said.value),
            octets: quota.and_then(|quota| quota.size.as_ref()).map(|said| said.value),
            files: quota.and_then(|quota| quota.files.as_ref()).map(|said| said.value),
        };
        let options = ShareOptions {
            tree,
            fresh: self.limits.cache_time,
            longest: self.limits.upload,
            types: options.types.clone(),
            hidden: options.hidden,
        };
        self.state.share(folder, options).map(Some).map_err(|why| told.error(at, why)).ok()
    }

    fn options(&self) -> Options {
        let settings = &self.site.settings;
        let yes = |said: &Option<Located<bool>>, otherwise| said.as_ref().map_or(otherwise, |said| said.value);
        let usual = Options::default();
        let flags = self.flags();
        let length = flags.require.as_ref().and_then(|said| said.value.said()?.length.as_ref());
        let writable = yes(&settings.write, false);
        let drops: Vec<String> = settings
            .drop
            .iter()
            .flat_map(|said| &said.value)
            .map(|drop| drop.value.trim_matches('/').to_owned())
            .collect();
        Options {
            index: settings
                .index
                .as_ref()
                .map_or(usual.index, |said| said.value.iter().map(|i| i.value.clone()).collect()),
            listing: yes(&settings.listing, true),
            // who may write such names may read them
            hidden: yes(&settings.hidden, false) || writable,
            trace: yes(&settings.trace, false),
            length_required: length.map_or(!writable && drops.is_empty(), |said| said.value),
            cache_control: flags.cache.as_ref().and_then(|said| said.value.said().cloned()),
            shows_because: yes(&settings.show_because, false),
            writable,
            drops,
            conditional: yes(&flags.conditional, false),
            types: self.types_everywhere(),
            gzip: yes(&settings.gzip, false),
            depth_infinity: yes(&settings.depth_infinity, false),
            limits: self.limits.clone(),
        }
    }

    /// What flags say of every target. It holds where no rule says otherwise, and is no rule: nobody wrote one.
    fn flags(&self) -> config::model::Words {
        let everywhere = self.rules().filter(|(rule, _)| rule.is_everything());
        everywhere.map(|(rule, _)| rule.words.clone().take_flags()).next().unwrap_or_default()
    }

    /// The media types that may be stored, where that is the same in all of the site: forms are looked at by them, too.
    fn types_everywhere(&self) -> Vec<&'static str> {
        let everywhere = self.rules().filter(|(rule, _)| rule.is_everything());
        let said = everywhere.filter_map(|(rule, _)| rule.words.types.as_ref()).last();
        let types = said.and_then(|said| said.value.said());
        types.map(|types| types.iter().map(|t| intern(&t.value)).collect()).unwrap_or_default()
    }

    /// The rules of the site: those of the top, then its own, each with its scope.
    fn rules(&self) -> impl Iterator<Item = (&config::model::Rule, u8)> {
        self.config.rules.iter().map(|rule| (rule, 0)).chain(self.site.rules.iter().map(|rule| (rule, 1)))
    }

    /// The file of the configuration; of a folder that is served by flags alone, that which lies in it.
    fn configuration(&self) -> Option<PathBuf> {
        match (&self.site.settings.folder, self.site.at.is_flag()) {
            (Some(folder), true) => Some(folder.resolved().join(CONFIGURATION)).filter(|file| file.is_file()),
            _ => Some(PathBuf::from(self.site.at.file())),
        }
    }

    /// The files that nobody is to be served, each with where it is spoken of.
    fn secrets(&self) -> Vec<(PathBuf, &Place)> {
        let server = &self.config.server;
        let mut all: Vec<_> = self.configuration().map(|file| (file, &self.site.at)).into_iter().collect();
        all.extend(server.record.as_ref().map(|said| (said.resolved(), &said.at)));
        for (rule, _) in self.rules() {
            let Some(said) = &rule.words.price else { continue };
            let Some(price) = said.value.said() else { continue };
            let keys = price.keys.as_ref().map_or_else(|| self.beside("tokens.key"), Located::resolved);
            all.push((payment_journal::journal(&keys), &said.at));
            all.push((keys, &said.at));
        }
        all
    }

    fn book(&self, folder: &Path, told: &mut Diagnostics) -> Rulebook {
        let mut rules: Vec<(Pattern, u8, rules::Words)> = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for (rule, scope) in self.rules() {
            let read = Pattern::parse(&rule.pattern.value);
            let advice = |what: &PatternError| advice(what, &rule.pattern.value);
            let Some(pattern) = told.ok_or(&rule.pattern, read, advice) else { continue };
            if rule.at.is_flag() {
                continue;
            }
            let mut written = rule.clone();
            written.words.take_flags();
            let words = self.words(&written, &pattern, told);
            rules.push((pattern, scope, words));
            places.push(rule.pattern.at.clone());
        }
        if let Some(said) = &self.site.settings.redirects {
            words::redirects(said, told, |pattern, words| {
                rules.push((pattern, 1, words));
                places.push(said.at.clone());
            });
        }
        for (file, at) in self.secrets() {
            if let Some(rule) = withheld::rule(folder, &file, words::source(at)) {
                rules.push(rule);
                places.push(at.clone());
            }
        }
        let book = Rulebook::new(rules);
        findings::look(&book, &places, self, told);
        book
    }
}
