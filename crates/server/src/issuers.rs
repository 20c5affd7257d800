//! The keys of issuers of tokens: files are read again when they have changed; URLs are fetched at the start, now and then, and soon
//! after a token named a key that is not known.
//!
//! One thread does it, which may wait for the network. Keys that cannot be had leave those that are known in force.

#[cfg(feature = "issuer-urls")]
mod fetch;
#[cfg(not(feature = "issuer-urls"))]
#[path = "issuers/files_only.rs"]
mod fetch;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::limits;
use access::bearer::issuer::Issuer;
use access::bearer::keys::Keys;
use transport::clock::Clock;

use crate::plan::CurrentPlan;
use crate::plan::build::State;
use crate::plan::build::people::Where;
use crate::watched::Watched;

use fetch::Agents;
pub(crate) use fetch::{is_open, offence};

/// Starts the thread that keeps the keys of every issuer of the plan in force. It ends with the program.
pub(crate) fn start(in_force: &Arc<CurrentPlan>, state: &Arc<State>) -> io::Result<()> {
    let (in_force, state) = (Arc::clone(in_force), Arc::clone(state));
    let work = move || {
        let (clock, mut kept) = (Clock::new(), Kept::default());
        loop {
            clock.read();
            kept.look(&in_force, &state, clock.millis());
            std::thread::sleep(Duration::from_millis(limits::WATCH));
        }
    };
    std::thread::Builder::new().name("because-keys".to_owned()).spawn(work).map(drop)
}

/// What the thread remembers.
#[derive(Default)]
struct Kept {
    files: HashMap<PathBuf, Watched>,
    urls: HashMap<String, Schedule>,
    agents: Option<Agents>,
    /// What is wrong, by where it was met; it is told once.
    told: HashMap<Where, String>,
}

impl Kept {
    /// Looks after the keys of all issuers.
    fn look(&mut self, in_force: &CurrentPlan, state: &State, now: u64) {
        let plan = in_force.plan();
        let mut at: HashMap<&Where, Vec<&Arc<Issuer>>> = HashMap::new();
        plan.issuers.iter().for_each(|(issuer, place)| at.entry(place).or_default().push(issuer));
        self.files.retain(|path, _| at.contains_key(&Where::File(path.clone())));
        self.urls.retain(|url, _| at.contains_key(&Where::Url(url.clone())));
        self.told.retain(|place, _| at.contains_key(place));
        for (place, issuers) in at {
            let wanted = issuers.iter().fold(false, |wanted, issuer| issuer.wants_keys() | wanted);
            let got = match place {
                Where::File(path) => self.changed(path),
                Where::Url(url) => self.due(url, wanted, now),
            };
            let Some(got) = got else { continue };
            self.tell(place, got.as_ref().err(), issuers.iter().all(|issuer| issuer.has_keys()));
            if let Ok(keys) = got {
                issuers.iter().for_each(|issuer| issuer.set_keys(keys.clone()));
                if let Where::Url(url) = place {
                    state.remember_keys(url, keys);
                }
            }
        }
    }

    /// The keys of a file, if it has changed, perhaps since the configuration was read.
    fn changed(&mut self, path: &Path) -> Option<Result<Keys, String>> {
        let known = self.files.contains_key(path);
        let watched = self.files.entry(path.to_owned()).or_insert_with(|| Watched::new(Some(path)));
        (watched.has_changed() || !known).then(|| {
            let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
            Keys::read(&text).map_err(|offence| offence.to_string())
        })
    }

    /// The keys of a URL, if it is time to fetch them.
    fn due(&mut self, url: &str, wanted: bool, now: u64) -> Option<Result<Keys, String>> {
        let schedule = self.urls.entry(url.to_owned()).or_default();
        if !schedule.is_due(wanted, now) {
            return None;
        }
        let got = self.agents.get_or_insert_with(Agents::new).fetch(url);
        let schedule = self.urls.entry(url.to_owned()).or_default();
        schedule.fetched(got.is_ok(), now);
        Some(got)
    }

    /// Tells what is wrong, once, and that it is right again.
    fn tell(&mut self, place: &Where, wrong: Option<&String>, known: bool) {
        let shown = match place {
            Where::File(path) => path.display().to_string(),
            Where::Url(url) => url.clone(),
        };
        match wrong {
            Some(why) if self.told.get(place) != Some(why) => {
                let then =
                    if known { "those that are known stay" } else { "until they are there, its tokens are of no use" };
                log::warn!("the keys at {shown} cannot be had: {why}; {then}");
                self.told.insert(place.clone(), why.clone());
            }
            Some(_) => {}
            None => {
                if self.told.remove(place).is_some() {
                    log::info!("the keys at {shown} are there again");
                }
            }
        }
    }
}

/// When a URL is asked next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Schedule {
    /// From this millisecond on, in any case.
    next: u64,
    /// Not before this one, however much they are wanted: anybody can send a token that names a key of nobody's.
    earliest: u64,
    /// A key was wanted since.
    wanted: bool,
    /// How often in a row it failed.
    failures: u32,
}

impl Schedule {
    fn is_due(&mut self, wanted: bool, now: u64) -> bool {
        self.wanted |= wanted;
        now >= self.next || self.wanted && now >= self.earliest
    }

    fn fetched(&mut self, well: bool, now: u64) {
        self.wanted = false;
        if well {
            *self =
                Schedule { next: now + limits::KEYS_TIME, earliest: now + limits::KEYS_PAUSE, ..Schedule::default() };
        } else {
            let pause = limits::KEYS_RETRY.saturating_mul(1 << self.failures.min(16)).min(limits::KEYS_TIME);
            (self.next, self.earliest, self.failures) = (now + pause, now + pause, self.failures + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fetched_now_and_then_and_when_they_are_wanted() {
        let mut schedule = Schedule::default();
        assert!(schedule.is_due(false, 0), "at the start");
        schedule.fetched(true, 0);
        assert!(!schedule.is_due(true, limits::KEYS_PAUSE - 1), "not at once each time");
        assert!(schedule.is_due(false, limits::KEYS_PAUSE), "that they were wanted is not forgotten");
        schedule.fetched(true, limits::KEYS_PAUSE);
        assert!(!schedule.is_due(false, limits::KEYS_TIME));
        assert!(schedule.is_due(false, limits::KEYS_PAUSE + limits::KEYS_TIME));
    }

    #[test]
    fn who_fails_is_asked_less_and_less_often() {
        let (mut schedule, mut now, mut pauses) = (Schedule::default(), 0, Vec::new());
        for _ in 0..40 {
            schedule.fetched(false, now);
            assert!(!schedule.is_due(true, schedule.next - 1));
            pauses.push(schedule.next - now);
            now = schedule.next;
        }
        assert_eq!(pauses[..3], [limits::KEYS_RETRY, limits::KEYS_RETRY * 2, limits::KEYS_RETRY * 4]);
        assert_eq!(pauses.last(), Some(&limits::KEYS_TIME));
        schedule.fetched(true, now);
        assert_eq!(schedule.failures, 0);
    }

    #[test]
    fn what_is_no_place_for_keys_is_told() {
        assert_eq!(offence("https://login.example/jwks"), None);
        assert_eq!(offence("http://[::1]:80/jwks"), None);
        for bad in ["ftp://a/b", "https:///x", "http://a b/", ""] {
            assert!(offence(bad).is_some(), "{bad}");
        }
        assert!(is_open("http://login.example/jwks") && !is_open("https://login.example/jwks"));
        assert!(!is_open("http://127.0.0.1:1/x") && !is_open("http://[::1]/x") && !is_open("http://localhost/x"));
    }
}
