//! Why a request gets the status that it gets: one graph of yes/no questions, walked over what is known of the request.
//!
//! Pure: it asks for facts and never goes to get them; time is one of them. It never names a socket, a file or a clock, and it
//! never imports `wire`.
//!
//! [`reply::REPLY`] is the graph. A [`case::Case`] is one request on its way through it, [`drive::drive`] is the loop that moves it,
//! and a [`drive::World`] is whoever knows the facts: a server, a replay, a test. The walk ends in a [`verdict::Verdict`], which
//! holds the status and the number of the walk, and [`explanation`] tells in words why it ended there.
//!
//! A site that has nothing at the target of a request:
//!
//! ```
//! use core::cell::OnceCell;
//!
//! use decision::case::Case;
//! use decision::drive::{Halt, Known, World, drive};
//! use decision::explanation::{self, Media};
//! use decision::facts::{Ask, Connection, Facts, Reading, Target, FactGroup};
//! use semantics::method::Method;
//! use semantics::request::OwnedRequest;
//! use semantics::status::Status;
//! use semantics::target_uri::TargetUri;
//!
//! /// A world that notes what it is asked for. `Known` has the answers; a server would go and look.
//! struct Noting<'a> {
//!     known: Known<'a>,
//!     asked: Vec<Ask>,
//! }
//!
//! impl<'a> World<'a> for Noting<'a> {
//!     fn tell(&mut self, ask: Ask, facts: &Facts<'a>) -> Option<FactGroup<'a>> {
//!         self.asked.push(ask);
//!         self.known.tell(ask, facts) // `None` would mean: this takes a while
//!     }
//!
//!     fn say(&mut self, interim: Status, facts: &Facts<'a>) -> bool {
//!         self.known.say(interim, facts)
//!     }
//! }
//!
//! // The request, and what its head says.
//! let request = OwnedRequest::made(Method::GET, b"/missing", [(&b"Host"[..], &b"example.org"[..])]);
//! let room = OnceCell::new();
//! let uri = TargetUri::of(request.view(), &room);
//! let (connection, reading) = (Connection::default(), Reading::of(request.view(), &uri));
//! let facts = Facts::new(&connection, request.view(), &reading);
//!
//! // What the world would find: nothing at the target. All else is nothing special.
//! let target = Target { exists: false, ..Target::DEFAULT };
//! let mut world = Noting { known: Known(Facts { target: &target, ..facts.clone() }), asked: Vec::new() };
//!
//! let mut case = Case::open(facts);
//! let Halt::Done(verdict) = drive(&mut case, &mut world) else { panic!("this world never waits") };
//! assert_eq!((verdict.status, verdict.cause()), (Status::NOT_FOUND, "target_missing"));
//! assert_eq!(world.asked, [Ask::Site, Ask::Target]); // no more than the walk needed
//!
//! let mut text = Vec::new();
//! explanation::write(&verdict, &case.facts, Media::Text, &mut text);
//! let text = String::from_utf8(text).expect("an explanation is text");
//! assert!(text.starts_with("404 Not Found\nbecause nothing stands at /missing.\n"), "{text}");
//! ```
//!
//! # What may change in a minor version
//!
//! Groups of facts get new fields, and each new fact has a default that changes no walk: construct a group with `..DEFAULT` (or
//! `..Default::default()`), never field by field. Enums and structs marked `#[non_exhaustive]` grow. Questions are added to the
//! graph, so the number of a walk, a [`because::Because`], is to be read by the version that wrote it; ids of questions stay.
//! [`facts::Ask`], [`facts::FactGroup`], [`case::Step`] and [`drive::Halt`] are closed, since whoever drives a case must answer each of them:
//! a new variant is a breaking change.
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

/// The examples of the README are tested with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
