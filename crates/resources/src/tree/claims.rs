//! Who changes what at present: two changes of the same name, or of a tree and something in it, come one after the other.
//!
//! Between judgement and action another request may write; under a claim nothing of ours can (RFC 9110 §13.2.1). Other
//! programs do not know our claims; what they do in between is found by looking again, as far as it can be found at all.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limits;
use semantics::text::path::is_beneath;

/// How far a claim reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This name.
    Name,
    /// This name and all beneath it.
    Tree,
}

/// The claims that are held.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    held: Mutex<Held>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Held {
    claims: Vec<(u64, Box<[u8]>, Reach)>,
    last: u64,
}

/// It could not be had in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Claims {
    /// Claims all of these at once, so that nobody waits for somebody who waits for him; waits until nobody else holds any.
    pub(crate) fn claim(&self, wanted: &[(&[u8], Reach)]) -> Result<Claim<'_>, Busy> {
        let end = Instant::now() + Duration::from_millis(limits::CLAIM_TIME);
        let mut held = self.lock();
        while held.conflict(wanted) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Busy);
            }
            held = self.freed.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(self.take(held, wanted))
    }

    /// The same, if nobody else holds any at the moment.
    pub(crate) fn claim_now(&self, wanted: &[(&[u8], Reach)]) -> Result<Claim<'_>, Busy> {
        let held = self.lock();
        if held.conflict(wanted) { Err(Busy) } else { Ok(self.take(held, wanted)) }
    }

    fn take(&self, mut held: MutexGuard<'_, Held>, wanted: &[(&[u8], Reach)]) -> Claim<'_> {
        held.last += 1;
        let number = held.last;
        held.claims.extend(wanted.iter().map(|(path, reach)| (number, (*path).into(), *reach)));
        Claim { claims: self, number }
    }

    /// A thread that panicked with the list in its hands left it whole: every change of it is one call.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn conflict(&self, wanted: &[(&[u8], Reach)]) -> bool {
        let meets = |(path, reach): &(&[u8], Reach)| {
            self.claims.iter().any(|(_, other, other_reach)| {
                *path == &**other
                    || *reach == Reach::Tree && is_beneath(other, path)
                    || *other_reach == Reach::Tree && is_beneath(path, other)
            })
        };
        wanted.iter().any(meets)
    }
}

/// A claim; it ends when it is dropped.
#[must_use = "a claim that is dropped has ended"]
#[derive(Debug)]
pub(crate) struct Claim<'c> {
    claims: &'c Claims,
    number: u64,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.claims.lock().claims.retain(|(number, ..)| *number != self.number);
        self.claims.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reach::{Name, Tree};

    #[test]
    fn claims_meet_on_a_name_and_in_a_tree() {
        for (held, wanted, free) in [
            ((&b"a/b"[..], Name), (&b"a/b"[..], Name), false),
            ((b"a/b", Name), (b"a/c", Name), true),
            ((b"a", Name), (b"a/c", Name), true),
            ((b"a", Tree), (b"a/c", Name), false),
            ((b"a/c", Name), (b"a", Tree), false),
            ((b"ab", Name), (b"a", Tree), true),
            ((b"a/b", Tree), (b"a/b/c/d", Tree), false),
        ] {
            let claims = Claims::default();
            let claim = claims.claim_now(&[held]).expect("nobody holds anything");
            assert_eq!(claims.claim_now(&[(b"z", Name), wanted]).is_ok(), free, "{held:?} {wanted:?}");
            drop(claim);
            assert!(claims.claim_now(&[wanted]).is_ok());
            assert!(claims.lock().claims.is_empty());
        }
    }

    #[test]
    fn who_waits_gets_his_turn() {
        let claims = Claims::default();
        let sum = Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let _claim = claims.claim(&[(b"a", Name)]).expect("in time");
                        let seen = *sum.lock().expect("sound");
                        std::thread::yield_now();
                        *sum.lock().expect("sound") = seen + 1;
                    }
                });
            }
        });
        assert_eq!(*sum.lock().expect("sound"), 800);
    }
}
