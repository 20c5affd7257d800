//! The configuration as a value: every word of `because.toml`, each knowing where it was said, and what is wrong with a file
//! in words that help.
//!
//! No sockets, threads or clock. What rates, networks, patterns and authorities mean is read elsewhere; here they are texts
//! with a place, into which a [`Diagnostic`] can point.
//!
//! ```
//! let text = "folder = 'public'\n[rule.'/private/**']\nguard = 'alice'\n[users]\nalice = '$argon2id$...'\n";
//! let (config, warnings) = config::Config::read(text, "because.toml").expect("it is right");
//! assert!(warnings.is_empty());
//! assert_eq!(config.rules[0].pattern.value, "/private/**");
//! assert_eq!(config.rules[0].at.line(), 2);
//!
//! let mistakes = config::Config::read("gard = 'any'\n", "because.toml").unwrap_err();
//! assert_eq!(mistakes[0].message(), "`gard` is no word of a rule");
//! ```
#![forbid(unsafe_code)]

pub mod limits;
pub mod words;
pub mod model;
pub mod schema;
pub mod manual;

mod check;
mod consistency;
mod diagnostic;
mod nearest;
mod place;
mod read;
mod secret;
mod syntax;
pub mod units;

pub use diagnostic::{Diagnostic, Severity, render};
pub use model::Config;
pub use nearest::nearest;
pub use place::{Located, Place};
pub use read::read_file;
pub use secret::Secret;
