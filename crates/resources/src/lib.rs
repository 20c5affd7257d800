//! What stands at a target: the files of a served folder, and the listings of its collections.
//!
//! It states facts and opens content. It never names a status: what follows from a fact is the decision's.
#![forbid(unsafe_code)]

mod cache;
mod encode;
mod entry;
mod listing;
mod look;
mod media_types;
mod resource;
mod root;
mod site;
mod validators;
mod walk;

#[cfg(test)]
mod testing;

pub use resource::{Files, Found, Moment, Wanted};
pub use site::{Options, Site};
