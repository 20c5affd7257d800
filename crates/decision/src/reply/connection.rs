//! Block 0: the connection, before a request is looked at.

use semantics::fault::Kind;

use crate::facts::Ask;
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::Next;
use crate::verdict::End;

use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "connection", about: "The connection, before a request is looked at.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("captive", "Must this client, asking in clear text, first log in to the network?", "RFC 6585 §6", None, captive, end(511), Next),
];

fn captive(f: &Facts<'_>) -> bool {
    f.connection.captive && !f.connection.faults.has(Kind::Nothing)
}
