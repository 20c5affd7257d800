//! End to end: the real program, started as a stranger would start it, and spoken to in octets over a socket.
//!
//! No HTTP library is used here: what is sent is what stands in the test, and [`client`] reads the answers more strictly
//! than any client would. [`rules`] holds what every answer must keep to, whatever the test is about.

mod client;
mod dates;
mod folder;
mod rules;
mod server;
mod xml;

mod admin;
mod bindings;
mod commands;
mod conditions;
mod connections;
mod expectations;
mod explanations;
mod faults;
mod files;
mod forms;
mod framing;
mod jobs;
mod limits;
mod listings;
mod listening;
mod logs;
mod methods;
mod other_sites;
#[cfg(feature = "otlp")]
mod otlp;
mod patches;
mod paths;
mod policy;
mod policy_access;
mod policy_answers;
mod policy_content;
mod policy_digest;
mod policy_hiding;
mod policy_limits;
mod policy_order;
mod policy_reload;
mod policy_sites;
mod policy_statuses;
mod policy_tokens;
mod policy_trees;
mod ranges;
mod resumable_faults;
mod resumable_uploads;
mod rules_at_places;
mod sample;
mod staleness;
mod start;
mod statuses;
mod stopping;
mod webdav;
mod webdav_locks;
mod webdav_trees;
mod write_conditions;
mod write_content;
mod write_faults;
mod write_race;
mod write_statuses;
mod writes;

mod configuration_commands;
#[cfg(feature = "issuer-urls")]
mod issuers;
mod records;
