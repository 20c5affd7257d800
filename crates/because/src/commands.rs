//! The commands, one a file. How a command reads its flags and tells what it found lives here; what it finds out is the
//! libraries' work.

pub(crate) mod config;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod hash;
pub(crate) mod log;
pub(crate) mod manual;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod why;
