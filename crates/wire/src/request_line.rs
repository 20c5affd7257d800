//! The request line: method, target, version (RFC 9112 §3).
//!
//! [`read_usual`] reads what most lines are, in one pass. Of others [`read`] judges a line that is complete, [`foresee`] one
//! that is not; both come to the same fault at the same octet, so that it does not matter in which pieces a line arrives.

use memchr::{memchr, memchr2, memrchr};
use semantics::fault::{Fault, RequestLineError};
use semantics::limits::{self, Limits};
use semantics::method::Method;
use semantics::request::Head;
use semantics::syntax::is_tchar;
use semantics::version::Version;

use crate::octets::{is_target, target_length};
use crate::span;

/// What stands behind a target: ` HTTP/1.1` and CR.
const AFTER_TARGET: usize = 10;

/// How far the target of a line that is not complete has been looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// Where the target begins; 0 while the method has not ended.
    target: usize,
    /// The octet after the target has been seen.
    ended: bool,
}

fn offence(what: RequestLineError, at: usize) -> Fault {
    Fault::RequestLine { what, at }
}

/// Reads the line that begins at `start`, if all of it is there, well formed and of HTTP/1.1; tells where the next begins.
#[inline]
pub(crate) fn read_usual(octets: &[u8], start: usize, limits: &Limits, head: &mut Head) -> Option<usize> {
    let (method_end, (method, mandatory)) = if octets[start..].starts_with(b"GET ") {
        (start + 3, (Some(Method::GET), false))
    } else {
        let method_end = method(octets, start).ok()?;
        (method_end, Method::extended(&octets[start..method_end]))
    };
    let target = method_end + 1;
    let target_end = target + target_length(octets.get(target..)?);
    let length = target_end - target;
    if !octets[target_end..].starts_with(b" HTTP/1.1\r\n") || length == 0 || length > limits.target {
        return None;
    }
    head.method_name = span(start, method_end);
    (head.method, head.mandatory) = (method, mandatory);
    head.target = span(target, target_end);
    head.version = Version::Http11;
    Some(target_end + b" HTTP/1.1\r\n".len())
}

/// Reads the line that begins at `start` and whose line end begins at `end`.
pub(crate) fn read(octets: &[u8], start: usize, end: usize, limits: &Limits, head: &mut Head) -> Result<(), Fault> {
    let method_end = method(octets, start)?;
    head.method_name = span(start, method_end);
    (head.method, head.mandatory) = Method::extended(&octets[start..method_end]);
    let target = method_end + 1;
    let rest = &octets[target..end];
    let length = memchr2(b' ', b'\r', rest).unwrap_or(rest.len());
    let whole = (rest.len() + 1).saturating_sub(AFTER_TARGET); // with the CR
    if length.max(whole) > limits.target {
        return Err(too_long(limits, length.max(whole)));
    }
    let (Some(first), Some(last)) = (memchr(b' ', rest), memrchr(b' ', rest)) else {
        return Err(offence(RequestLineError::Incomplete, end));
    };
    if first == last && (first == 0 || last + 1 == rest.len()) {
        return Err(offence(RequestLineError::Incomplete, target + first));
    }
    if let Some(tab) = memchr(b'\t', &rest[..first]) {
        return Err(offence(RequestLineError::SpaceInTarget, target + tab));
    }
    if let Some(at) = rest[..first].iter().position(|&octet| !is_target(octet)) {
        return Err(offence(RequestLineError::Target, target + at));
    }
    let Some((major, minor)) = version_number(&rest[last + 1..]) else {
        return Err(offence(RequestLineError::Version, target + first + 1));
    };
    if first != last {
        return Err(offence(RequestLineError::SpaceInTarget, target + first));
    }
    if &octets[start..end] == b"PRI * HTTP/2.0" {
        return Err(offence(RequestLineError::Http2Preface, start));
    }
    head.target = span(target, target + first);
    head.version = if (major, minor) == (1, 0) { Version::Http10 } else { Version::Http11 };
    if major == 1 { Ok(()) } else { Err(Fault::Version { major, minor }) }
}

/// Finds the SP after the method.
#[inline]
fn method(octets: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start;
    while let Some(&octet) = octets.get(at)
        && is_tchar(octet)
    {
        at += 1;
    }
    match octets.get(at) {
        Some(b' ') if at > start && at - start <= limits::METHOD => Ok(at),
        _ => Err(no_method(octets, start, at)),
    }
}

/// What is wrong with a method that ends at `at`.
#[cold]
fn no_method(octets: &[u8], start: usize, at: usize) -> Fault {
    if at - start > limits::METHOD {
        return Fault::MethodTooLong { limit: limits::METHOD };
    }
    match octets[at..] {
        [b'\n', ..] | [b'\r', b'\n', ..] if at > start => offence(RequestLineError::Incomplete, at),
        [0x16, 0x03, ..] if at == start => offence(RequestLineError::Tls, start),
        _ => offence(RequestLineError::Method, at),
    }
}

/// `HTTP/` and two digits with a dot between them (RFC 9112 §2.3).
fn version_number(text: &[u8]) -> Option<(u8, u8)> {
    match text {
        [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
            Some((major - b'0', minor - b'0'))
        }
        _ => None,
    }
}

fn too_long(limits: &Limits, size: usize) -> Fault {
    Fault::TargetTooLong { limit: limits.target, size }
}

/// Looks for what is wrong with a line that has not come to its end, in the octets from `scanned` on.
pub(crate) fn foresee(
    octets: &[u8],
    start: usize,
    scanned: usize,
    progress: &mut Progress,
    limits: &Limits,
    head: &mut Head,
) -> Result<(), Fault> {
    if progress.target == 0 {
        match octets[start..].iter().position(|&octet| !is_tchar(octet)) {
            None if octets.len() - start <= limits::METHOD => return Ok(()),
            None => return Err(Fault::MethodTooLong { limit: limits::METHOD }),
            // What follows decides: the end of the line, a handshake.
            Some(0) if octets[start..] == [0x16] => return Ok(()),
            Some(length) if length > 0 && octets[start + length..] == [b'\r'] && length <= limits::METHOD => {
                return Ok(());
            }
            Some(_) => {}
        }
        let end = method(octets, start)?;
        head.method_name = span(start, end);
        (head.method, head.mandatory) = Method::extended(&octets[start..end]);
        progress.target = end + 1;
    }
    let target = progress.target;
    if !progress.ended {
        let from = scanned.max(target);
        let found = memchr2(b' ', b'\r', &octets[from..]);
        progress.ended = found.is_some();
        let length = found.map_or(octets.len(), |at| from + at) - target;
        if length > limits.target {
            return Err(too_long(limits, length));
        }
    }
    let whole = (octets.len() - target).saturating_sub(AFTER_TARGET);
    if whole > limits.target {
        return Err(too_long(limits, whole));
    }
    Ok(())
}
