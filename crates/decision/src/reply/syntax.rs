//! Block 1: whether the octets are a request; if not, which fault came first.
//!
//! The reader stops at the first fault that it meets, so the order of the questions is the order in which a head is
//! read. A fault that none of them finds is refused by the last. Every end of this block ends the stream of the request.

use semantics::fault::Kind;

use crate::facts::Ask;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::{CLOSE, Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "syntax", about: "Whether the octets are a request; if not, which fault came first.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("head_sound", "Did the whole head of a request arrive, sound and within the limits?", "RFC 9112 §2", None, |f| f.connection.faults.is_empty(), Go("in_service"), Next),
    q("request_begun", "Had any byte of a request arrived?", "RFC 9112 §9.2", None, |f| !f.connection.faults.has(Kind::Nothing), Next, CLOSE),
    q("request_stalled", "Did the rest of it fail to come in time?", "RFC 9110 §15.5.9", None, |f| f.connection.faults.has(Kind::Stalled), end(408), Next),
    q("method_too_long", "Is the method longer than any that we implement?", "RFC 9112 §3", None, |f| f.connection.faults.has(Kind::MethodTooLong), end(501), Next),
    q("target_too_long", "Is the target longer than we read?", "RFC 9110 §15.5.15", None, |f| f.connection.faults.has(Kind::TargetTooLong), end(414), Next),
    q("request_line_valid", "Is the request line well formed?", "RFC 9112 §3", None, |f| !f.connection.faults.has(Kind::RequestLine), Next, end(400)),
    q("version_supported", "Do we speak its major version of HTTP here?", "RFC 9110 §15.6.6", None, |f| !f.connection.faults.has(Kind::Version), Next, end(505)),
    q("fields_too_large", "Is a field, or are all together, larger than we read?", "RFC 6585 §5", None, |f| f.connection.faults.has(Kind::FieldsTooLarge), end(431), Next),
    q("fields_valid", "Are the fields well formed?", "RFC 9112 §5", None, |f| !f.connection.faults.has(Kind::Fields), Next, end(400)),
    q("host_valid", "Is there exactly one valid Host, where there must be one?", "RFC 9112 §3.2", None, |f| !f.connection.faults.has(Kind::Host), Next, end(400)),
    q("transfer_coding_known", "Do we know the transfer coding?", "RFC 9112 §6.1", None, |f| !f.connection.faults.has(Kind::TransferCoding), Next, end(501)),
    q("head_truncated", "Was the connection closed before the head was complete?", "RFC 9112 §8", None, |f| f.connection.faults.has(Kind::Truncated), end(400), Next),
    q("framing_contradictory", "Is the length of the content told in two ways, or in a way not to be trusted?", "RFC 9112 §6.3", None, |f| f.connection.faults.has(Kind::Framing), end(400), end(400)),
];
