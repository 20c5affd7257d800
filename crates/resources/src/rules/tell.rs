//! What is in force, told as facts of the decision.

use std::net::IpAddr;

use decision::facts::{self, Law, Moved, Target};
use policy::moves::Asked;
use policy::network::{Countries, Country};
use policy::pattern::Pattern;
use semantics::date::Date;
use semantics::request::Request;
use semantics::version::Version;

use crate::reach::both;

use super::{Closure, EffectiveRules, Elsewhere, LegalDemand, Requirement};

/// Who asks, and when, as far as rules read it.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The client's address; nothing: a process of this machine, through a socket of the file system.
    pub address: Option<IpAddr>,
    /// When.
    pub now: Date,
    /// In which countries addresses are.
    pub countries: Option<&'a Countries>,
    /// In which country it is, if that was found out before.
    pub country: Option<Country>,
}

impl Asker<'_> {
    /// In which country it is.
    fn country(&self) -> Option<Country> {
        self.country.or_else(|| self.countries?.of(self.address?))
    }

    /// The same, to be kept as long as anybody likes.
    pub fn lasting(self) -> Asker<'static> {
        Asker { country: self.country(), countries: None, address: self.address, now: self.now }
    }
}

impl EffectiveRules {
    /// Lays what is in force here over the facts of the site.
    pub fn tell<'a>(&'a self, facts: &mut facts::Site<'a>, request: Request<'_>, asker: Asker<'_>) {
        if let Some(closed) = &self.closed
            && let Some(retry_after) = closed.value.closes(asker)
        {
            (facts.in_service, facts.retry_after) = (false, retry_after);
            facts.closure = closed.value.reason.as_deref();
        }
        if let Some(law) = &self.law {
            facts.legal_demand = law.value.bars(asker);
            facts.law = law.value.told();
        }
        if let Some(guard) = &self.guard {
            facts.authentication = guard.value.wants_proof();
            facts.access_rules = true;
            facts.existence_hidden = guard.value.hide;
        }
        facts.rate_limited = self.limit.is_some() || facts.authentication;
        if let Some(price) = &self.price {
            (facts.price, facts.price_unit) = (price.value.amount, price.value.unit);
        }
        if let Some(cors) = &self.cors {
            facts.cors = cors.value.origins;
        }
        self.tell_form(facts, request);
    }

    /// What a request must be like.
    fn tell_form<'a>(&'a self, facts: &mut facts::Site<'a>, request: Request<'_>) {
        if let Some(require) = &self.require {
            let Requirement { protocols, length } = &*require.value;
            facts.length_required = length.unwrap_or(facts.length_required);
            facts.upgrade_required = self.demands_protocol(request);
            facts.demanded = protocols;
        }
        if let Some(methods) = &self.methods {
            facts.methods = both(facts.methods, *methods.value);
        }
        if let Some(types) = &self.types
            && !request.is_read()
        {
            facts.media_types = &types.value;
        }
        if let Some(most) = &self.max_content {
            facts.content_limit = Some(*most.value);
        }
        facts.precondition_required |= self.conditional.is_some();
        facts.teapot = self.teapot.is_some();
        if let Some(cache) = &self.cache {
            facts.cache_control = Some(&cache.value);
        }
    }

    /// Is it closed to this client? If so, seconds after which it may come again, if that is known.
    pub(crate) fn closed_for(&self, asker: Asker<'_>) -> Option<Option<u32>> {
        self.closed.as_ref().and_then(|closed| closed.value.closes(asker))
    }

    /// Does a legal demand bar it from this client?
    pub(crate) fn barred_by_law(&self, asker: Asker<'_>) -> bool {
        self.law.as_ref().is_some_and(|law| law.value.bars(asker))
    }

    /// Does it demand another protocol than that of the request?
    pub(crate) fn demands_protocol(&self, request: Request<'_>) -> bool {
        self.require.as_ref().is_some_and(|require| {
            let protocols = require.value.protocols;
            !protocols.is_empty() && !protocols.iter().any(|protocol| speaks(request.version(), protocol))
        })
    }

    /// Is what stands at the target not to be looked for here, whatever is there?
    pub fn is_elsewhere(&self, asker: Asker<'_>) -> bool {
        self.elsewhere.is_some() || self.proxy.as_ref().is_some_and(|proxy| !came_through(&proxy.value.from, asker))
    }

    /// The address of what is elsewhere: the value of Location.
    pub fn location(&self, pattern: &Pattern, (path, slash): (&[u8], bool), query: Option<&[u8]>) -> Option<Vec<u8>> {
        let to = match &*self.elsewhere.as_ref()?.value {
            Elsewhere::Moved { to, .. } | Elsewhere::Described(to) => to,
            Elsewhere::Gone => return None,
        };
        let captures = pattern.captures(path)?;
        to.location(&Asked { captures: &captures, path, trailing_slash: slash, query }).ok()
    }

    /// What is known of a target that is elsewhere, whose address is `location`.
    pub fn facts_of_elsewhere<'a>(&'a self, location: Option<&'a [u8]>) -> Target<'a> {
        let nothing = Target { exists: false, representation: false, location, ..Target::DEFAULT };
        match self.elsewhere.as_ref().map(|ruled| &*ruled.value) {
            // an address that grew too long to be sent leads nowhere
            Some(Elsewhere::Moved { .. } | Elsewhere::Described(_)) if location.is_none() => {
                Target { lookup_failed: true, ..nothing }
            }
            Some(Elsewhere::Moved { permanently, keeps_method, .. }) => {
                let moved = if *permanently { Moved::Permanently } else { Moved::Temporarily };
                Target { moved: Some(moved), keeps_method: *keeps_method, ..nothing }
            }
            Some(Elsewhere::Described(_)) => Target { exists: true, described_elsewhere: true, ..nothing },
            Some(Elsewhere::Gone) => Target { gone: true, ..nothing },
            None => {
                let proxy = self.proxy.as_ref().map(|proxy| proxy.value.proxy.as_bytes());
                Target { exists: true, proxy_required: true, location: proxy, ..nothing }
            }
        }
    }
}

fn came_through(networks: &policy::network::Networks, asker: Asker<'_>) -> bool {
    asker.address.is_some_and(|address| networks.hold(address))
}

/// Does a request of this version speak the protocol, or a later version of it?
fn speaks(version: Version, protocol: &[u8]) -> bool {
    let rank = |version: Version| match version {
        Version::Http10 => 10,
        Version::Http11 => 11,
        Version::Http2 => 20,
        Version::Http3 => 30,
    };
    let wanted: u32 = match protocol {
        b"HTTP/1.0" => 10,
        b"HTTP/1.1" => 11,
        b"HTTP/2" | b"HTTP/2.0" => 20,
        b"HTTP/3" | b"HTTP/3.0" => 30,
        // another protocol than HTTP is none that a request of HTTP speaks
        _ => return false,
    };
    rank(version) >= wanted
}

impl Closure {
    /// Is it closed to this client? If so, seconds after which it may come again, if that is known.
    fn closes(&self, asker: Asker<'_>) -> Option<Option<u32>> {
        let now = asker.now.unix();
        let begun = self.from.is_none_or(|from| from <= now);
        let over = self.until.is_some_and(|until| until <= now);
        let except = asker.address.is_some_and(|address| self.except.hold(address));
        let left = self.until.map(|until| u32::try_from(until - now).unwrap_or(u32::MAX));
        (begun && !over && !except).then(|| left.or(self.retry_after))
    }
}

impl LegalDemand {
    /// Whether it exists or not, the target is barred: for all, or for clients in some places (RFC 7725 §3).
    fn bars(&self, asker: Asker<'_>) -> bool {
        if !self.is_regional() {
            return true;
        }
        let Some(address) = asker.address else { return false };
        let country = asker.country();
        let there = |list: &[Country]| country.is_some_and(|country| list.contains(&country));
        self.from.as_ref().is_some_and(|networks| networks.hold(address))
            || there(&self.countries)
            || !self.except_countries.is_empty() && !there(&self.except_countries)
    }

    fn is_regional(&self) -> bool {
        self.from.is_some() || !self.countries.is_empty() || !self.except_countries.is_empty()
    }

    fn told(&self) -> Law<'_> {
        Law {
            blocked_by: self.blocked_by.as_deref(),
            demanded_by: self.demanded_by.as_deref(),
            under: self.under.as_deref(),
            regional: self.is_regional(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::network::Network;

    fn asker(address: &str, now: i64) -> Asker<'static> {
        Asker { address: address.parse().ok(), now: Date::from_unix(now), countries: None, country: None }
    }

    #[test]
    fn a_closure_has_its_time_and_its_exceptions() {
        let except = [Network::parse("10.0.0.0/8").expect("a network")].into_iter().collect();
        let closure = Closure { from: Some(100), until: Some(160), except, ..Closure::default() };
        for (address, now, closed) in [
            ("192.0.2.1", 99, None),
            ("192.0.2.1", 100, Some(Some(60))),
            ("192.0.2.1", 159, Some(Some(1))),
            ("192.0.2.1", 160, None),
            ("10.1.2.3", 100, None),
        ] {
            assert_eq!(closure.closes(asker(address, now)), closed, "{address} at {now}");
        }
        let open = Closure { retry_after: Some(5), ..Closure::default() };
        assert_eq!(open.closes(asker("192.0.2.1", 7)), Some(Some(5)));
    }

    #[test]
    fn a_law_bars_all_or_those_who_are_there() {
        assert!(LegalDemand::default().bars(asker("192.0.2.1", 0)));
        let from = Some([Network::parse("192.0.2.0/24").expect("a network")].into_iter().collect());
        let regional = LegalDemand { from, ..LegalDemand::default() };
        assert!(regional.bars(asker("192.0.2.1", 0)) && !regional.bars(asker("198.51.100.1", 0)));
        assert!(regional.told().regional && !LegalDemand::default().told().regional);
        let all_but =
            LegalDemand { except_countries: vec![Country::parse("FR").expect("a country")], ..LegalDemand::default() };
        assert!(all_but.bars(asker("192.0.2.1", 0)), "who is nowhere is not in an excepted country");
    }

    #[test]
    fn a_later_version_speaks_an_earlier_protocol() {
        assert!(speaks(Version::Http11, b"HTTP/1.1") && speaks(Version::Http2, b"HTTP/1.1"));
        assert!(!speaks(Version::Http10, b"HTTP/1.1") && !speaks(Version::Http11, b"websocket"));
    }
}
