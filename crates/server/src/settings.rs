//! What a server is started with: a folder or a configuration, and what flags and the environment say over it.

use std::path::{Path, PathBuf};

use crate::limits::{self, Limits};
use config::model::{Log, Server, Settings, Words};
use config::{Config, Diagnostic, Located, Place};
use transport::listen::Address;

/// Where a server listens if nobody says so.
const LISTEN: &str = "127.0.0.1:8080";

/// What flags and the environment say. They win over the file.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// Of the server.
    pub server: Server,
    /// Of every site.
    pub settings: Settings,
    /// Of every target.
    pub words: Words,
}

/// What is served, as it was said.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    is_file: bool,
    flags: Flags,
}

impl Source {
    /// A folder; or a configuration, which is a file whose name says so.
    pub fn of(path: &Path, flags: Flags) -> Source {
        let is_file = path.extension().is_some_and(|end| end == "toml") && !path.is_dir();
        Source { path: path.to_owned(), is_file, flags }
    }

    /// A configuration, whatever its name.
    pub fn of_file(path: &Path, flags: Flags) -> Source {
        Source { path: path.to_owned(), is_file: true, flags }
    }

    /// The folder or the configuration, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.is_file.then_some(&*self.path)
    }

    /// Reads the configuration, or makes that of the folder, and lays the flags over it.
    pub fn read(&self) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (mut config, warnings) = match self.is_file {
            true => config::read_file(&self.path)?,
            false => (Config::of_folder(&self.path), Vec::new()),
        };
        config.over(self.flags.server.clone(), &self.flags.settings, &self.flags.words);
        Ok((config, warnings))
    }
}

/// How the server itself is to run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it listens.
    pub listen: Vec<Address>,
    /// Where those who run it look on.
    pub admin: Vec<Address>,
    /// Of the addresses where it listens, how many at the end hold clients until they log in to the network.
    pub captive: usize,
    /// How many threads serve.
    pub threads: usize,
    /// How the access log looks.
    pub log: Log,
    /// Where the facts of each decision are written down.
    pub record: Option<PathBuf>,
    /// The limits.
    pub limits: Limits,
}

/// How a server of this configuration is to run.
pub fn of_config(config: &Config) -> Result<Run, Vec<Diagnostic>> {
    let server = &config.server;
    let mut told = Vec::new();
    let mut addresses = |all: &[Located<String>]| -> Vec<Address> {
        let mut read = Vec::new();
        for said in all {
            match said.value.parse() {
                Ok(address) => read.push(address),
                Err(error) => told.push(Diagnostic::at(&said.at, format!("this is no address to listen on: {error}"))),
            }
        }
        read
    };
    let mut listen = match &server.listen {
        Some(said) => addresses(&said.value),
        None => vec![LISTEN.parse().expect("it is an address")],
    };
    let captive = config.portal.as_ref().map(|said| addresses(&said.value.listen)).unwrap_or_default();
    let admin = server.admin.as_ref().map(|said| addresses(&said.value.listen)).unwrap_or_default();
    // who says it by a flag is told when the file is opened
    if let Some(said) = server.record.as_ref().filter(|said| !said.at.is_flag()) {
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
    let threads = server.threads.as_ref().and_then(|said| usize::try_from(said.value).ok());
    Ok(Run {
        listen,
        admin,
        captive: held,
        threads: threads.unwrap_or_else(cores),
        log: server.log.as_ref().map_or(Log::Text, |said| said.value),
        record: server.record.as_ref().map(Located::resolved),
        limits: limits_of(config),
    })
}

/// The limits of a configuration.
pub fn limits_of(config: &Config) -> Limits {
    config.server.limits.as_ref().map_or(limits::DEFAULT, |said| said.value.limits(&limits::DEFAULT))
}

/// What has changed in a configuration and takes effect at a new start only.
pub fn needs_a_start(config: &Config, started: &Run, addresses: &[Address]) -> Vec<Diagnostic> {
    let Ok(run) = of_config(config) else { return Vec::new() };
    let server = &config.server;
    let known = |address: &Address| match address {
        // a port that the system chose
        Address::Internet(wanted) if wanted.port() == 0 => true,
        _ => addresses.contains(address),
    };
    // as many connections as there were descriptors for
    let limits = Limits { connections: started.limits.connections, ..run.limits };
    fn place<T>(said: &Option<Located<T>>) -> Option<&Place> {
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
