//! Texts and lists that last as long as the program, each kept once: what configurations say again and again, at each reload.
//!
//! Facts are views, and so what they show must outlast every request. What is kept here is bounded by what configurations that
//! were ever read have said, not by what clients send: nothing of a request may come here.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

static TEXTS: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
static LISTS: LazyLock<Mutex<HashSet<&'static [&'static [u8]]>>> = LazyLock::new(Mutex::default);

/// This text, kept.
pub fn intern(text: &str) -> &'static str {
    // a table that somebody left in the middle of an insertion is still a table
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text) {
        return known;
    }
    let kept: &'static str = String::leak(text.to_owned());
    texts.insert(kept);
    kept
}

/// This list, kept.
pub(crate) fn intern_list(list: Vec<&'static [u8]>) -> &'static [&'static [u8]] {
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lists.get(&*list) {
        return known;
    }
    let kept: &'static [&'static [u8]] = Vec::leak(list);
    lists.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_kept_once() {
        assert!(std::ptr::eq(intern("a text of this test"), intern(&String::from("a text of this test"))));
        let list = || intern_list(vec![b"one of this test", b"two"]);
        assert!(std::ptr::eq(list(), list()));
    }
}
