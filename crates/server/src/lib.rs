//! The server: what a configuration says becomes a plan, threads serve it, each request is decided in a world of its own and
//! answered, and those who run it are told.
//!
//! Nothing here knows the command line, a terminal or a signal: a program reads its flags, starts a [`Server`] and tells it when
//! to finish. Nothing chooses a status: that is the decision's.
#![forbid(unsafe_code)]

mod admin;
mod context;
pub mod diagnose;
mod drive;
mod handle;
mod issuers;
mod limits;
pub mod plan;
mod random;
mod respond;
mod server;
pub mod settings;
pub mod sites;
pub mod supposed;
mod telemetry;
mod watched;
mod worlds;

pub use random::random;
pub use server::{Bound, Server, StartError};
pub use watched::Watched;
