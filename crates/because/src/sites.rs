//! The sites that one thread serves; which of them a request is for, and what is in force there.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use decision::facts::RequestId;
use decision::fields;
use resources::reach::Reach;
use resources::rules::book::Memory;
use resources::rules::{InForce, Rulebook};
use resources::share::Share;
use resources::{Files, Site};
use semantics::field::Field;
use semantics::host::Authority;
use semantics::request::Request;
use semantics::syntax::List;
use semantics::target::Target;
use transport::stream::Peer;

use crate::plan::{Plan, SitePlan};

/// The sites of one thread, as one plan has them.
pub(crate) struct Sites {
    pub(crate) plan: Arc<Plan>,
    served: Vec<Rc<Served>>,
}

/// One site.
pub(crate) struct Served {
    pub(crate) files: Files,
    /// The folder, if it can be written to.
    pub(crate) share: Option<Arc<Share>>,
    pub(crate) site: Site,
    pub(crate) book: Arc<Rulebook>,
    memory: RefCell<Memory>,
}

/// Which site a request is for.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) served: Rc<Served>,
    /// Its authority is one of ours.
    pub(crate) origin_served: bool,
    /// It is for somebody else, and forward proxying is handed over.
    pub(crate) switched: bool,
}

impl Sites {
    /// Opens the sites of a plan for this thread.
    pub(crate) fn open(plan: Arc<Plan>) -> io::Result<Sites> {
        let served = plan.sites.iter().map(|site| Served::open(site).map(Rc::new)).collect::<io::Result<_>>()?;
        Ok(Sites { plan, served })
    }

    /// The site that a request is for, by the authority that it names; of a request that was not understood, the first.
    pub(crate) fn host(&self, request: Request<'_>, listener: u16) -> Host {
        let served =
            |nth: usize, origin_served| Host { served: Rc::clone(&self.served[nth]), origin_served, switched: false };
        let target = request.target();
        // what is asked for by `https` is not had in clear text, but from a gateway that speaks it (RFC 9110 §7.4)
        let secure = target.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"https:"));
        let clear = !secure || self.plan.is_open(listener);
        if self.plan.any_authority(listener) {
            return served(0, clear);
        }
        let absolute = if target.starts_with(b"/") { None } else { Target::parse(target, false).ok() };
        let named = absolute.and_then(|target| target.named_authority());
        let proxied = named.is_some();
        let named = named.or_else(|| Authority::of_host(request.field(Field::HOST)?).ok());
        // HTTP/1.0 need not say whom it asks
        let Some(authority) = named.filter(|authority| !authority.host.is_empty()) else {
            return served(self.plan.site_of_nobody(), true);
        };
        match self.plan.site_of(authority, listener) {
            Some(nth) => served(nth, clear),
            None if proxied && self.plan.next_proxy.is_some() => Host { switched: true, ..served(0, true) },
            None => served(0, false),
        }
    }

    /// The address of who asks. Proxies that we know tell for whom they do (RFC 7239 §5.2), and only they are believed.
    pub(crate) fn client(&self, peer: Peer, request: Request<'_>) -> Option<IpAddr> {
        let Peer::Internet(address) = peer else { return None };
        let address = address.ip().to_canonical();
        if self.plan.forwarded.is_empty() || !self.plan.forwarded.hold(address) {
            return Some(address);
        }
        let fields = [Field::FORWARDED, Field::X_FORWARDED_FOR].into_iter().filter(|field| request.has(*field));
        let mut told = fields.map(|field| self.nearest(address, request, field));
        let Some(nearest) = told.next() else { return Some(address) };
        // a proxy writes one of them, and the other may be the client's own: where they differ neither is believed
        let agreed = told.all(|other| other == nearest);
        Some(if agreed { nearest } else { address })
    }

    /// By this field, the nearest that is none of our proxies. What one of them does not know it does not vouch for.
    fn nearest(&self, address: IpAddr, request: Request<'_>, field: Field) -> IpAddr {
        let told: Vec<Option<IpAddr>> = forwarded_for(request, field).collect();
        let mut nearest = address;
        for before in told.into_iter().rev().map_while(|before| before) {
            nearest = before;
            if !self.plan.forwarded.hold(before) {
                break;
            }
        }
        nearest
    }
}

/// The addresses that a request has come from by Forwarded or X-Forwarded-For, the first client first. Nothing stands for one that
/// is kept secret, or is none.
fn forwarded_for<'a>(request: Request<'a>, field: Field) -> impl Iterator<Item = Option<IpAddr>> + 'a {
    let standard = field == Field::FORWARDED;
    let lines = request.values(field).flat_map(List::new);
    lines.map(move |member| {
        let member = std::str::from_utf8(member).ok()?;
        let node = if standard {
            let pairs = member.split(';').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, node)| node).next()?
        } else {
            member
        };
        address(node.trim().trim_matches('"'))
    })
}

/// An address with or without a port, of IPv6 perhaps in brackets.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(address, _)| address);
    let plain = bare.unwrap_or(node);
    let parsed = plain.parse().ok();
    parsed.or_else(|| plain.rsplit_once(':')?.0.parse().ok()).map(|address: IpAddr| address.to_canonical())
}

impl Served {
    fn open(plan: &SitePlan) -> io::Result<Served> {
        let files = Files::open(&plan.folder, &plan.options, plan.share.clone(), fields::render)?;
        Ok(Served {
            files,
            share: plan.share.clone(),
            site: Site::new(&plan.options),
            book: Arc::clone(&plan.book),
            memory: RefCell::default(),
        })
    }

    /// The places that a request for a decoded path reaches besides that.
    #[inline]
    pub(crate) fn reach(&self, path: Option<&[u8]>, request: Request<'_>) -> Reach {
        Reach::of(request, path, &self.book, self.share.as_deref())
    }

    /// What is in force for a decoded path, or where there is none.
    pub(crate) fn in_force(&self, path: Option<&[u8]>, request: Request<'_>) -> Arc<InForce> {
        let method = request.method().map_or(request.method_name(), |method| method.name().as_bytes());
        self.book.in_force(path.unwrap_or_default(), method, &mut self.memory.borrow_mut())
    }
}

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
        // splitmix64: numbers that follow each other do not look so
        let state = self.next.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.next.set(state);
        let mut z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
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
    fn who_was_forwarded_is_read_in_both_fields() {
        let all = |fields: &[(&str, &str)]| -> Vec<String> {
            let told = |address: Option<IpAddr>| address.map_or("unknown".to_owned(), |address| address.to_string());
            let field = if fields[0].0 == "Forwarded" { Field::FORWARDED } else { Field::X_FORWARDED_FOR };
            forwarded_for(request(fields).view(), field).map(told).collect()
        };
        assert_eq!(
            all(&[("X-Forwarded-For", "192.0.2.1, 10.0.0.1:80"), ("X-Forwarded-For", "::1")]),
            ["192.0.2.1", "10.0.0.1", "::1"]
        );
        assert_eq!(
            all(&[("Forwarded", "for=192.0.2.1;proto=http, For=\"[2001:db8::1]:4711\"")]),
            ["192.0.2.1", "2001:db8::1"]
        );
        assert_eq!(all(&[("Forwarded", "for=unknown, proto=http, for=::1")]), ["unknown", "unknown", "::1"]);
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
