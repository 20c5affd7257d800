//! Block 4: what the server as a whole can do, whatever the target.
//!
//! These questions come before those of access: they say something of the software and nothing of the resource.

use semantics::field::{Field, Fields};
use semantics::method::{MANDATORY, Method};
use semantics::syntax::{List, Parameters, Word};

use crate::facts::Ask::{self, Site};
use crate::facts::Facts;
use crate::graph::Block;
use crate::graph::Edge::{Go, Next};
use crate::verdict::End;

use super::reads::{expectations, expects};
use super::{Row, Test, end, q};

pub(super) const BLOCK: Block<Test, Ask, End> =
    Block { name: "capability", about: "What the server as a whole can do, whatever the target.", rows: ROWS };

#[rustfmt::skip]
const ROWS: &[Row] = &[
    q("method_known", "Do we know the method?", "RFC 9110 §15.6.2", Some(Site), method_known, Next, end(501)),
    q("extensions_or_expectations", "Does it carry a mandatory extension or an expectation?", "RFC 9110 §10.1.1", None, |f| mandatory(f) || expects(f), Next, Go("guarded")),
    q("extensions_known", "Are its mandatory extensions declared, and all known to us?", "RFC 2774 §5", Some(Site), extensions_known, Next, end(510)),
    q("expectations_known", "Does it expect nothing but 100-continue?", "RFC 9110 §15.5.18", None, expectations_known, Next, end(417)),
];

fn method_known(f: &Facts<'_>) -> bool {
    match f.request.method() {
        Some(method) if method != Method::BREW && !f.request.is_mandatory() => true,
        _ => odd_method_known(f),
    }
}

/// A method that has no row, the teapot's, or one with a mandatory extension. A proxy passes on methods that it does not know.
fn odd_method_known(f: &Facts<'_>) -> bool {
    if f.site.forwards && f.site.methods.is_empty() {
        return true;
    }
    if f.request.is_mandatory() && f.site.extensions.is_empty() {
        return false;
    }
    let name = f.request.method_name();
    let name = if f.request.is_mandatory() { &name[MANDATORY.len()..] } else { name };
    match f.request.method() {
        Some(Method::BREW) if f.site.teapot => true,
        Some(Method::BREW) | None => f.site.known_methods.contains(&name),
        Some(_) => true,
    }
}

/// The fields that declare mandatory extensions.
const DECLARATIONS: [Field; 2] = [Field::MAN, Field::C_MAN];

fn mandatory(f: &Facts<'_>) -> bool {
    f.request.has_any(const { Fields::of(&DECLARATIONS) }) || f.request.is_mandatory()
}

fn extensions_known(f: &Facts<'_>) -> bool {
    if !mandatory(f) {
        return true;
    }
    let mut declared = DECLARATIONS.iter().flat_map(|d| f.request.values(*d)).flat_map(List::new).peekable();
    declared.peek().is_some() && declared.all(|extension| extension_known(f, extension))
}

/// An extension is declared as `"URI"; ns=15` (RFC 2774 §3).
fn extension_known(f: &Facts<'_>, declaration: &[u8]) -> bool {
    let name = Word::parse(Parameters::split(declaration).0);
    name.is_ok_and(|name| f.site.extensions.iter().any(|known| name.equals(known)))
}

fn expectations_known(f: &Facts<'_>) -> bool {
    expectations(f).unknown.is_none()
}
