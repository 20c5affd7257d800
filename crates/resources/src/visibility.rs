//! What of a collection a client may know of: the members that rules hide from it are not listed, and of those that it may not
//! use no properties are told.

use std::net::IpAddr;
use std::ptr;
use std::sync::Arc;

use access::identity::Identity;
use semantics::method::Method;

use crate::access_control::Guard;
use crate::rules::Rulebook;

/// What one client may know of, by all guards of a site.
#[derive(Debug)]
pub struct Visibility {
    book: Arc<Rulebook>,
    /// Guards by which it may not pass.
    barred: Vec<Arc<Guard>>,
}

impl Visibility {
    /// Of a client; `who` tells whom a guard takes it for. Nothing, if it may know of everything.
    pub(crate) fn of(
        book: &Arc<Rulebook>,
        address: Option<IpAddr>,
        mut who: impl FnMut(&Guard) -> Option<Arc<Identity>>,
    ) -> Option<Visibility> {
        let barred: Vec<Arc<Guard>> =
            book.guards().filter(|guard| !guard.permits(address, who(guard).as_deref())).cloned().collect();
        (!barred.is_empty()).then(|| Visibility { book: Arc::clone(book), barred })
    }

    /// May the client know that there is something at this decoded path?
    pub(crate) fn shows(&self, path: &[u8]) -> bool {
        self.guard(path, Method::GET).is_none_or(|guard| !guard.hide)
    }

    /// May it read what is there?
    pub(crate) fn opens(&self, path: &[u8]) -> bool {
        self.guard(path, Method::GET).is_none()
    }

    /// May it add a member of this path to a collection to which it may add? Not where other rules hold than for the collection
    /// itself, and keep it out.
    pub(crate) fn adds(&self, collection: &[u8], path: &[u8]) -> bool {
        let of_collection = self.guard(collection, Method::PUT);
        self.guard(path, Method::PUT).is_none_or(|guard| of_collection.is_some_and(|other| ptr::eq(guard, other)))
    }

    /// The guard that keeps it out.
    fn guard(&self, path: &[u8], method: Method) -> Option<&Guard> {
        let guard = self.book.guard_at(path, method.name().as_bytes())?;
        self.barred.iter().find(|barred| Arc::ptr_eq(barred, guard)).map(|guard| &**guard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Setting, Source, Words};
    use policy::network::{Network, Networks};
    use policy::pattern::Pattern;

    #[test]
    fn what_is_barred_is_not_opened_and_what_is_hidden_not_shown() {
        let ours: Networks = [Network::parse("10.0.0.0/8").expect("a network")].into_iter().collect();
        let rule = |pattern: &str, hide| {
            let guard = Guard { gate: None, from: Some(ours.clone()), not_from: Networks::default(), hide };
            let guard = Some(Setting { source: Source { file: "f", line: 1 }, value: Some(Arc::new(guard)) });
            (Pattern::parse(pattern).expect("a pattern"), 0, Words { guard, ..Words::default() })
        };
        let book = Arc::new(Rulebook::new([rule("/closed/**", false), rule("/hidden/**", true)]));
        let visibility = |address: &str| Visibility::of(&book, address.parse().ok(), |_| None);
        assert!(visibility("10.0.0.1").is_none());
        let visibility = visibility("192.0.2.1").expect("something is barred");
        assert!(visibility.shows(b"open") && visibility.opens(b"open"));
        assert!(visibility.shows(b"closed") && !visibility.opens(b"closed/x"));
        assert!(!visibility.shows(b"hidden") && !visibility.opens(b"hidden/x"));
        assert!(
            visibility.adds(b"", b"open")
                && !visibility.adds(b"", b"closed")
                && visibility.adds(b"closed", b"closed/x")
        );
    }
}
