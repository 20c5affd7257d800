//! What the flags of `serve` say, as a configuration would: each value knows the flag that said it.

use config::Located;
use config::model::{Admin, Log, Quota, Require, Server, Settings, Word, Words};

use super::{LogFormat, Serve};
use server::settings::Flags;

impl Serve {
    /// What the flags and the environment say.
    pub(crate) fn flags(&self) -> Flags {
        Flags { server: self.server(), settings: self.settings(), words: self.words() }
    }

    fn server(&self) -> Server {
        let texts = |all: &[transport::listen::Address]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let admin = list(&texts(&self.admin), "--admin");
        let limits = self.limits.said();
        Server {
            listen: list(&texts(&self.listen), "--listen"),
            hosts: list(&self.host, "--host"),
            admin: admin.map(|said| said.map(|listen| Admin { listen, allow: Vec::new() })),
            threads: number(self.threads.map(u64::from), "--threads"),
            log: self.log.map(|format| match format {
                LogFormat::Text => Located::flag(Log::Text, "--log", "text"),
                LogFormat::Json => Located::flag(Log::Json, "--log", "json"),
                LogFormat::Off => Located::flag(Log::Off, "--log", "off"),
            }),
            record: self
                .record
                .as_ref()
                .map(|file| Located::flag(file.clone(), "--record", &file.display().to_string())),
            limits: (!limits.is_empty()).then(|| Located::flag(limits, "--max-connections", "")),
            ..Server::default()
        }
    }

    fn settings(&self) -> Settings {
        let writing = &self.writing;
        let quota =
            Quota { size: number(writing.quota, "--quota"), files: number(writing.quota_files, "--quota-files") };
        let has_quota = quota.size.is_some() || quota.files.is_some();
        Settings {
            index: list(&self.index, "--index"),
            listing: yes(self.no_listing, false, "--no-listing"),
            hidden: yes(self.hidden, true, "--hidden"),
            trace: yes(self.trace, true, "--trace"),
            show_because: yes(self.show_because, true, "--show-because"),
            write: yes(writing.write, true, "--write"),
            drop: list(&writing.drop, "--drop"),
            fsync: yes(writing.no_fsync, false, "--no-fsync"),
            quota: has_quota.then(|| Located::flag(quota, "--quota", "")),
            gzip: yes(writing.accept_gzip, true, "--accept-gzip"),
            depth_infinity: yes(writing.depth_infinity, true, "--depth-infinity"),
            ..Settings::default()
        }
    }

    fn words(&self) -> Words {
        let writing = &self.writing;
        let required = writing.require_length.then_some((true, "--require-length"));
        let length = required.or(self.allow_unknown_length.then_some((false, "--allow-unknown-length")));
        Words {
            cache: self
                .cache_control
                .as_ref()
                .map(|text| Located::flag(Word::Is(text.clone()), "--cache-control", text)),
            conditional: yes(writing.require_conditions, true, "--require-conditions"),
            types: list(&writing.accept_type, "--accept-type").map(|said| said.map(Word::Is)),
            require: length.map(|(length, name)| {
                let said = Located::flag(length, name, "");
                Located::flag(Word::Is(Require { length: Some(said), ..Require::default() }), name, "")
            }),
            ..Words::default()
        }
    }
}

fn yes(on: bool, value: bool, name: &str) -> Option<Located<bool>> {
    on.then(|| Located::flag(value, name, ""))
}

fn number(said: Option<u64>, name: &str) -> Option<Located<u64>> {
    said.map(|value| Located::flag(value, name, &value.to_string()))
}

fn list(texts: &[String], name: &str) -> Option<Located<Vec<Located<String>>>> {
    let all: Vec<_> = texts.iter().map(|text| Located::flag(text.clone(), name, text)).collect();
    (!all.is_empty()).then(|| Located::flag(all, name, &texts.join(" ")))
}
