//! The commands, one a file. What a command makes of its flags and how it tells what it found live here; what it does lives in
//! the libraries.

pub(crate) mod serve;
