//! The number by which a request is known: of the trace that it is part of (W3C Trace Context), or one of ours.

use std::cell::Cell;

use decision::facts::RequestId;
use semantics::field::Field;
use semantics::request::Request;

/// What makes the numbers of requests.
#[derive(Debug)]
pub(crate) struct Ids {
    next: Cell<u64>,
}

impl Ids {
    /// Beginning anywhere.
    pub(crate) fn from(seed: u64) -> Ids {
        Ids { next: Cell::new(seed) }
    }

    /// By what this request is known: by the trace that it is part of, else by a number of ours.
    #[inline]
    pub(crate) fn of(&self, request: Request<'_>) -> RequestId {
        match Trace::of(request) {
            Some(trace) => RequestId::Trace(trace.id),
            None => RequestId::Own(self.number()),
        }
    }

    /// The next number.
    #[inline]
    pub(crate) fn number(&self) -> u64 {
        // numbers that follow each other do not look so
        let mut state = self.next.get();
        let number = semantics::splitmix::next(&mut state);
        self.next.set(state);
        number
    }
}

/// The trace that a request is part of, as its traceparent says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Its number.
    pub(crate) id: u128,
    /// What made the request.
    pub(crate) parent: u64,
    /// The trace-flags.
    pub(crate) flags: u8,
}

impl Trace {
    /// That of a request, if it names one.
    #[inline]
    pub(crate) fn of(request: Request<'_>) -> Option<Trace> {
        request.field(Field::TRACEPARENT).and_then(trace)
    }
}

/// A traceparent: `00-`, 32 hexadecimal digits, 16, and 2 of flags; neither number is 0 (W3C Trace Context §3.2.2).
fn trace(value: &[u8]) -> Option<Trace> {
    let text = std::str::from_utf8(value).ok()?;
    let mut parts = text.split('-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let sound = hex(version, 2) && version != "ff" && hex(id, 32) && hex(parent, 16) && hex(flags, 2);
    // a later version may add parts, this one has none
    let ended = version != "00" || parts.next().is_none();
    if !sound || !ended {
        return None;
    }
    let trace = Trace {
        id: u128::from_str_radix(id, 16).ok()?,
        parent: u64::from_str_radix(parent, 16).ok()?,
        flags: u8::from_str_radix(flags, 16).ok()?,
    };
    Some(trace).filter(|trace| trace.id != 0 && trace.parent != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::method::Method;
    use semantics::request::OwnedRequest;

    fn request(fields: &[(&str, &str)]) -> OwnedRequest {
        OwnedRequest::made(Method::GET, b"/", fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())))
    }

    #[test]
    fn a_trace_gives_its_number_and_others_get_one() {
        let ids = Ids::from(7);
        let with = |value| ids.of(request(&[("traceparent", value)]).view());
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(with(trace).to_string(), "0af7651916cd43dd8448eb211c80319c");
        for bad in [
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "x",
            "",
        ] {
            assert!(matches!(with(bad), RequestId::Own(_)), "{bad}");
        }
        let (id, parent) = (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331);
        let traced = request(&[("traceparent", trace)]);
        assert_eq!(Trace::of(traced.view()), Some(Trace { id, parent, flags: 1 }));
        let plain = request(&[]);
        assert_ne!(ids.of(plain.view()), ids.of(plain.view()));
    }
}
