//! Why a request gets the status that it gets: one graph of yes/no questions, walked over what is known of the request.
//!
//! Pure: it asks for facts and never goes to get them; time is one of them. It never names a socket, a file or a clock, and it
//! never imports `wire`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod graph;
pub mod because;
pub mod condition;
pub mod facts;
pub mod reply;
pub mod case;
pub mod drive;
pub mod verdict;

pub mod promise;
pub mod fields;
pub mod explanation;
pub mod multistatus;

pub mod record;
pub mod retell;
pub mod draw;
