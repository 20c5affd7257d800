//! Long work that a client does not wait for: what it is, how far it has come, and what came of it (RFC 7240 §4.1).
//!
//! Whoever works keeps hold of its progress; if he lets go of it without a word, the job is lost, as it is if the server
//! was restarted meanwhile. How it is told is [`page`]'s, and with which status the decision's.

pub mod page;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::limits;

use crate::store::{Change, Reader, Space, Store, StoreError, Writer, random_name};
use crate::tree::transfer::Progress;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A tree is copied.
    Copy,
    /// A tree is moved.
    Move,
    /// A tree is removed.
    Delete,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It was done.
    Done {
        /// Something stands where nothing stood before.
        created: bool,
        /// Where, as a URI is written.
        location: Option<Vec<u8>>,
    },
    /// It was not done, or not all of it.
    Failed {
        /// Why, in words.
        reason: String,
        /// With how many members something went wrong.
        members: u64,
    },
    /// It was stopped, since nobody wanted it any more.
    Cancelled,
    /// It broke off, and nobody knows how far it had come.
    Lost,
}

/// How it stands with a job.
#[derive(Clone, Debug)]
pub enum State {
    /// It is being done.
    Running {
        /// How far it has come.
        progress: Arc<Progress>,
        /// How many members there are, if somebody has counted.
        total: Option<u64>,
    },
    /// It is not.
    Ended {
        /// What came of it.
        end: End,
        /// When, in seconds of Unix time.
        at: i64,
        /// How many members had been done.
        done: u64,
    },
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name, which nobody can guess.
    pub id: String,
    /// What is done.
    pub kind: Kind,
    /// With what: its decoded path, without slashes at its ends.
    pub target: Vec<u8>,
    /// When it was begun, in seconds of Unix time.
    pub started: i64,
    /// How it stands.
    pub state: State,
}

/// All jobs.
#[derive(Debug)]
pub struct Jobs {
    store: Arc<dyn Store>,
    jobs: Mutex<HashMap<String, KeptJob>>,
}

/// A job, as it is kept.
#[derive(Clone, Debug)]
struct KeptJob {
    kind: Kind,
    target: Vec<u8>,
    started: i64,
    total: Option<u64>,
    progress: Weak<Progress>,
    ended: Option<Ended>,
}

#[derive(Clone, Debug)]
struct Ended {
    end: End,
    at: i64,
    done: u64,
}

impl KeptJob {
    fn job(&self, id: &str) -> Job {
        let state = match (&self.ended, self.progress.upgrade()) {
            (Some(Ended { end, at, done }), _) => State::Ended { end: end.clone(), at: *at, done: *done },
            (None, Some(progress)) => State::Running { progress, total: self.total },
            (None, None) => State::Ended { end: End::Lost, at: self.started, done: 0 },
        };
        Job { id: id.to_owned(), kind: self.kind, target: self.target.clone(), started: self.started, state }
    }

    fn is_running(&self) -> bool {
        self.ended.is_none() && self.progress.strong_count() > 0
    }

    /// When it is forgotten. One that was lost without a word ended some time after it was begun.
    fn expires(&self) -> i64 {
        if self.is_running() {
            return i64::MAX;
        }
        self.ended.as_ref().map_or(self.started, |ended| ended.at).saturating_add(limits::JOB_TIME)
    }

    fn write(&self) -> Vec<u8> {
        let kind = match self.kind {
            Kind::Copy => 0,
            Kind::Move => 1,
            Kind::Delete => 2,
        };
        let out = Writer::default().byte(kind).octets(&self.target).i64(self.started);
        out.option(self.ended.as_ref(), |out, Ended { end, at, done }| {
            let out = out.i64(*at).u64(*done);
            match end {
                End::Done { created, location } => {
                    out.byte(0).bool(*created).option(location.as_deref(), Writer::octets)
                }
                End::Failed { reason, members } => out.byte(1).octets(reason.as_bytes()).u64(*members),
                End::Cancelled => out.byte(2),
                End::Lost => out.byte(3),
            }
        })
        .done()
    }

    fn read(value: &[u8]) -> Result<KeptJob, StoreError> {
        let mut reader = Reader::new(value, "a job");
        let kind = match reader.byte()? {
            0 => Some(Kind::Copy),
            1 => Some(Kind::Move),
            2 => Some(Kind::Delete),
            _ => None,
        };
        let (target, started) = (reader.octets()?, reader.i64()?);
        let ended = reader.option(|reader| {
            let (at, done) = (reader.i64()?, reader.u64()?);
            let end = match reader.byte()? {
                0 => Some(End::Done { created: reader.bool()?, location: reader.option(Reader::octets)? }),
                1 => Some(End::Failed { reason: reader.text()?, members: reader.u64()? }),
                2 => Some(End::Cancelled),
                3 => Some(End::Lost),
                _ => None,
            };
            Ok(end.map(|end| Ended { end, at, done }))
        })?;
        let known = kind.filter(|_| !matches!(ended, Some(None)));
        let (progress, ended) = (Weak::new(), ended.flatten());
        reader.done(known.map(|kind| KeptJob { kind, target, started, total: None, progress, ended }))
    }
}

impl Jobs {
    /// The jobs in the store. Those that ran when the server ended are lost.
    pub fn open(store: Arc<dyn Store>, now: i64) -> Result<Jobs, StoreError> {
        let mut jobs = HashMap::new();
        for (id, record) in store.scan(Space::Jobs, b"", None, usize::MAX)? {
            let mut kept = KeptJob::read(&record.value)?;
            if kept.ended.is_none() {
                kept.ended = Some(Ended { end: End::Lost, at: now, done: 0 });
                store.apply(&[Change::put(Space::Jobs, &id, &kept.write())])?;
            }
            let id = String::from_utf8(id).map_err(|_| StoreError::Corrupt("a job has no name".to_owned()))?;
            jobs.insert(id, kept);
        }
        let jobs = Jobs { store, jobs: Mutex::new(jobs) };
        jobs.sweep(now)?;
        Ok(jobs)
    }

    /// Begins a job, with so many members if somebody has counted. Whoever does the work keeps hold of its progress until he
    /// says what came of it. None: as many run as may.
    pub fn start(
        &self,
        kind: Kind,
        target: &[u8],
        total: Option<u64>,
        now: i64,
    ) -> Result<Option<(String, Arc<Progress>)>, StoreError> {
        let (id, progress) = (random_name()?, Arc::new(Progress::default()));
        let (target, watched) = (target.to_vec(), Arc::downgrade(&progress));
        let kept = KeptJob { kind, target, started: now, total, progress: watched, ended: None };
        let value = kept.write();
        {
            let mut jobs = self.jobs();
            if jobs.values().filter(|job| job.is_running()).count() >= limits::JOBS_RUNNING {
                return Ok(None);
            }
            jobs.insert(id.clone(), kept);
        }
        let written =
            self.store.apply(&[Change::put(Space::Jobs, id.as_bytes(), &value)]).and_then(|_| self.make_room(now));
        if let Err(error) = written {
            self.jobs().remove(&id);
            return Err(error);
        }
        Ok(Some((id, progress)))
    }

    /// Says what came of a job.
    pub fn finish(&self, id: &str, end: End, now: i64) -> Result<(), StoreError> {
        let value = {
            let mut jobs = self.jobs();
            let Some(kept) = jobs.get_mut(id).filter(|kept| kept.ended.is_none()) else { return Ok(()) };
            let done = kept.progress.upgrade().map_or(0, |progress| progress.done.load(Ordering::Relaxed));
            kept.ended = Some(Ended { end, at: now, done });
            // nobody is told before it is written down: what was told must outlive a crash
            (kept.write(), kept.ended.take())
        };
        let (value, ended) = value;
        self.store.apply(&[Change::put(Space::Jobs, id.as_bytes(), &value)])?;
        if let Some(kept) = self.jobs().get_mut(id) {
            kept.ended = ended;
        }
        Ok(())
    }

    /// What is known of a job.
    pub fn find(&self, id: &str, now: i64) -> Option<Job> {
        self.jobs().get(id).filter(|kept| kept.expires() > now).map(|kept| kept.job(id))
    }

    /// Asks that a job be stopped. Does it run?
    pub fn cancel(&self, id: &str) -> bool {
        let running = self.jobs().get(id).filter(|kept| kept.is_running()).and_then(|kept| kept.progress.upgrade());
        if let Some(progress) = &running {
            progress.cancelled.store(true, Ordering::Relaxed);
        }
        running.is_some()
    }

    /// Forgets the jobs that ended long ago.
    pub fn sweep(&self, now: i64) -> Result<(), StoreError> {
        let mut jobs = self.jobs();
        let old = jobs.iter().filter(|(_, kept)| kept.expires() <= now).map(|(id, _)| id.clone());
        let old: Vec<String> = old.collect();
        jobs.retain(|_, kept| kept.expires() > now);
        drop(jobs);
        self.delete(&old)
    }

    /// Forgets the jobs that ended first, if there are more than are kept.
    fn make_room(&self, now: i64) -> Result<(), StoreError> {
        if self.jobs().len() <= limits::JOBS {
            return Ok(());
        }
        self.sweep(now)?;
        let mut jobs = self.jobs();
        let mut ended: Vec<_> = jobs.iter().map(|(id, kept)| (kept.expires(), id.clone())).collect();
        ended.retain(|(expires, _)| *expires < i64::MAX);
        ended.sort_unstable();
        ended.truncate(jobs.len().saturating_sub(limits::JOBS));
        let old: Vec<String> = ended.into_iter().map(|(_, id)| id).collect();
        for id in &old {
            jobs.remove(id);
        }
        drop(jobs);
        self.delete(&old)
    }

    fn delete(&self, ids: &[String]) -> Result<(), StoreError> {
        let deletes: Vec<_> = ids.iter().map(|id| Change::delete(Space::Jobs, id.as_bytes())).collect();
        if deletes.is_empty() { Ok(()) } else { self.store.apply(&deletes).map(drop) }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, KeptJob>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
