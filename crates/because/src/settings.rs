//! What a server is started with: by flags and the environment, and by a configuration below them.

use std::path::{Path, PathBuf};

use crate::limits::{self, Limits};
use config::model::{Server, Settings, Words};
use config::{Config, Diagnostic, Place, Said};
use transport::listen::Address;

use crate::access_log::Format;
use crate::cli::Serve;

/// Where a server listens if nobody says so.
const LISTEN: &str = "127.0.0.1:8080";

/// What is served, as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder, by flags alone.
    Folder(PathBuf),
    /// What this configuration says.
    File(PathBuf),
}

impl Source {
    /// A configuration is a file whose name says so.
    pub(crate) fn of(path: &Path) -> Source {
        let is_file = path.extension().is_some_and(|end| end == "toml") && !path.is_dir();
        if is_file { Source::File(path.to_owned()) } else { Source::Folder(path.to_owned()) }
    }

    /// The configuration, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Source::File(path) => Some(path),
            Source::Folder(_) => None,
        }
    }
}

/// How the server itself is to run.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) listen: Vec<Address>,
    /// Where those who run it look on.
    pub(crate) admin: Vec<Address>,
    /// Of those addresses, how many at the end hold clients until they log in to the network.
    pub(crate) captive: usize,
    pub(crate) threads: usize,
    pub(crate) log: Format,
    /// Where the facts of each decision are written down.
    pub(crate) record: Option<PathBuf>,
    pub(crate) limits: Limits,
}

/// Reads a configuration, and lays the flags over it.
pub(crate) fn read(path: &Path, args: &Serve) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (mut config, warnings) = config::read_file(path)?;
    let (server, settings, words) = overlay(args);
    config.over(server, &settings, &words);
    Ok((config, warnings))
}

/// How to run, by flags alone.
pub(crate) fn of_flags(args: &Serve) -> Run {
    let usual = || vec![LISTEN.parse().expect("it is an address")];
    Run {
        listen: if args.listen.is_empty() { usual() } else { args.listen.clone() },
        admin: args.admin.clone(),
        captive: 0,
        threads: args.threads.map_or_else(cores, usize::from),
        log: args.log.unwrap_or(Format::Text),
        record: args.record.clone(),
        limits: args.limits.over(&limits::DEFAULT),
    }
}

/// How to run, by a configuration and the flags over it.
pub(crate) fn of_config(config: &Config, args: &Serve) -> Result<Run, Vec<Diagnostic>> {
    let flags = of_flags(args);
    let mut told = Vec::new();
    let mut addresses = |all: &[Said<String>]| -> Vec<Address> {
        let mut read = Vec::new();
        for said in all {
            match said.value.parse() {
                Ok(address) => read.push(address),
                Err(error) => told.push(Diagnostic::at(&said.at, format!("this is no address to listen on: {error}"))),
            }
        }
        read
    };
    let mut listen = match &config.server.listen {
        Some(said) if args.listen.is_empty() => addresses(&said.value),
        _ => flags.listen,
    };
    let captive = config.portal.as_ref().map(|said| addresses(&said.value.listen)).unwrap_or_default();
    let admin = config.server.admin.as_ref().map(|said| addresses(&said.value.listen)).unwrap_or_default();
    if let Some(said) = config.server.record.as_ref().filter(|_| args.record.is_none()) {
        let path = said.resolved();
        if path.is_dir() || !path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir()) {
            let why = if path.is_dir() { "this is a folder" } else { "there is no folder for it" };
            told.push(Diagnostic::at(&said.at, why).label(format!("to be written at {}", path.display())));
        }
    }
    if !told.is_empty() {
        return Err(told);
    }
    let held = captive.len();
    listen.extend(captive);
    let below = config.server.limits.as_ref().map_or(limits::DEFAULT, |said| said.value.limits(&limits::DEFAULT));
    let threads = config.server.threads.as_ref().and_then(|said| usize::try_from(said.value).ok());
    let log = config.server.log.as_ref().map(|said| match said.value {
        config::model::Log::Text => Format::Text,
        config::model::Log::Json => Format::Json,
        config::model::Log::Off => Format::Off,
    });
    Ok(Run {
        listen,
        admin: if args.admin.is_empty() { admin } else { args.admin.clone() },
        captive: held,
        threads: args.threads.map(usize::from).or(threads).unwrap_or_else(cores),
        log: args.log.or(log).unwrap_or(Format::Text),
        record: args.record.clone().or_else(|| config.server.record.as_ref().map(Said::resolved)),
        limits: args.limits.over(&below),
    })
}

/// What has changed in a configuration and takes effect at a new start only.
pub(crate) fn needs_a_start(config: &Config, args: &Serve, started: &Run, addresses: &[Address]) -> Vec<Diagnostic> {
    let Ok(run) = of_config(config, args) else { return Vec::new() };
    let server = &config.server;
    let known = |address: &Address| match address {
        // a port that the system chose
        Address::Internet(wanted) if wanted.port() == 0 => true,
        _ => addresses.contains(address),
    };
    // as many connections as there were descriptors for
    let limits = Limits { connections: started.limits.connections, ..run.limits };
    fn place<T>(said: &Option<Said<T>>) -> Option<&Place> {
        said.as_ref().map(|said| &said.at)
    }
    let all = [
        (!run.listen.iter().all(known), "where to listen", place(&server.listen)),
        (run.admin != started.admin, "where the admin listener is", place(&server.admin)),
        (run.threads != started.threads, "how many threads there are", place(&server.threads)),
        (run.log != started.log, "how the log looks", place(&server.log)),
        (run.record != started.record, "where decisions are recorded", place(&server.record)),
        (limits != started.limits, "what is said in `limits`", place(&server.limits)),
    ];
    let changed = all.into_iter().filter(|(changed, ..)| *changed);
    let told = changed.map(|(_, what, at)| {
        let message = format!("{what} is changed by a new start only");
        at.map_or_else(|| Diagnostic::of(message.clone()), |at| Diagnostic::at(at, message.clone())).warning()
    });
    told.collect()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What flags say, as a configuration would.
fn overlay(args: &Serve) -> (Server, Settings, Words) {
    use config::model::{Quota, Require, Word};
    fn yes(on: bool, value: bool, name: &str) -> Option<Said<bool>> {
        on.then(|| Said::flag(value, name, ""))
    }
    fn list(texts: &[String], name: &str) -> Option<Said<Vec<Said<String>>>> {
        let all: Vec<_> = texts.iter().map(|text| Said::flag(text.clone(), name, text)).collect();
        (!all.is_empty()).then(|| Said::flag(all, name, &texts.join(" ")))
    }
    let writing = &args.writing;
    let number = |said: Option<u64>, name: &str| said.map(|value| Said::flag(value, name, &value.to_string()));
    let quota = Quota { size: number(writing.quota, "--quota"), files: number(writing.quota_files, "--quota-files") };
    let has_quota = quota.size.is_some() || quota.files.is_some();
    let settings = Settings {
        index: list(&args.index, "--index"),
        listing: yes(args.no_listing, false, "--no-listing"),
        hidden: yes(args.hidden, true, "--hidden"),
        trace: yes(args.trace, true, "--trace"),
        show_because: yes(args.show_because, true, "--show-because"),
        write: yes(writing.write, true, "--write"),
        drop: list(&writing.drop, "--drop"),
        fsync: yes(writing.no_fsync, false, "--no-fsync"),
        quota: has_quota.then(|| Said::flag(quota, "--quota", "")),
        gzip: yes(writing.accept_gzip, true, "--accept-gzip"),
        depth_infinity: yes(writing.depth_infinity, true, "--depth-infinity"),
        ..Settings::default()
    };
    let types: Vec<String> = writing.accept_type.iter().map(ToString::to_string).collect();
    let length = writing.require_length.then_some(true).or(args.allow_unknown_length.then_some(false));
    let words = Words {
        cache: args.cache_control.as_ref().map(|text| Said::flag(Word::Is(text.clone()), "--cache-control", text)),
        conditional: yes(writing.require_conditions, true, "--require-conditions"),
        types: list(&types, "--accept-type").map(|said| said.map(Word::Is)),
        require: length.map(|length| {
            let said = Said::flag(length, "--require-length", "");
            Said::flag(Word::Is(Require { length: Some(said), ..Require::default() }), "--require-length", "")
        }),
        ..Words::default()
    };
    (Server::default(), settings, words)
}
