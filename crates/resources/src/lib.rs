//! What stands at a target: the files of a served folder, and the listings of its collections.
//!
//! It states facts and opens content. It never names a status: what follows from a fact is the decision's.
#![forbid(unsafe_code)]

pub mod limits;
pub mod bindings;
mod cache;
pub mod action_result;
pub mod dav;
mod entry;
pub mod form;
mod intents;
mod intern;
pub mod jobs;
pub mod access_control;
mod listing;
pub mod locks;
mod look;
mod media_types;
pub mod patch;
pub mod properties;
pub mod portal;
pub mod reach;
mod resource;
mod root;
pub mod rules;
pub mod content_decoder;
pub mod share;
mod site;
pub mod store;
pub mod tree;
pub mod uploads;
mod validators;
pub mod visibility;
mod walk;

#[cfg(test)]
mod testing;

pub use intern::intern;
pub use resource::{Files, Found, Moment, Wanted};
pub use site::{Options, Site};
pub use tree::standing::LookedUp;
