//! Networks: blocks of addresses, sets of them, and the country of an address.
//!
//! Who is allowed or denied by them is not known here.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

use crate::limits;
use semantics::syntax::{ParseError, parse_u64};

mod countries;
mod table;

pub use countries::{Countries, CountriesError, Country, LineError};

use table::Table;

/// A block of addresses, `203.0.113.0/24` or `2001:db8::/32`; a single address is one of its own.
///
/// IPv4 addresses written as those of IPv6 (`::ffff:203.0.113.9`, RFC 4291 §2.5.5.2) are what they stand for: a socket
/// for both families tells them so. A network of IPv6 holds no address of IPv4, not even `::/0`.
///
/// ```
/// use policy::network::Network;
/// let network = Network::parse("::ffff:10.0.0.0/104").expect("a network");
/// assert_eq!(network.to_string(), "10.0.0.0/8");
/// assert!(network.holds("10.1.2.3".parse().expect("an address")));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    first: IpAddr,
    length: u8,
}

/// What can be wrong with a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NetworkError {
    /// What stands before the `/`, or alone, is no address.
    BadAddress,
    /// What stands behind the `/` is no number, or more than an address has bits.
    BadLength,
    /// The address has bits behind the prefix, as in `10.0.0.1/8`: one address or the network?
    HostBits,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadAddress => "not an address of IPv4 or IPv6",
            Self::BadLength => "the length of a prefix is a number of bits: up to 32 in IPv4, up to 128 in IPv6",
            Self::HostBits => "the address has bits beyond the length of the prefix",
        })
    }
}

impl Network {
    /// Reads an address or `address/length`; a refusal tells the offset of the byte that offends.
    pub fn parse(text: &str) -> Result<Self, ParseError<NetworkError>> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let parsed: IpAddr = address.parse().map_err(|_| ParseError::new(0, NetworkError::BadAddress))?;
        let bits: u8 = if parsed.is_ipv4() { 32 } else { 128 };
        let number = |digits: &str| parse_u64(digits.as_bytes()).ok().and_then(|length| u8::try_from(length).ok());
        let length = length.map_or(Some(bits), number).filter(|&length| length <= bits);
        let length = length.ok_or(ParseError::new(address.len() + 1, NetworkError::BadLength))?;
        let (first, length) = match parsed.to_canonical() {
            // the 96 bits before it say that it is one of IPv4
            canonical if canonical.is_ipv4() && parsed.is_ipv6() && length >= 96 => (canonical, length - 96),
            canonical if canonical.is_ipv4() == parsed.is_ipv4() => (canonical, length),
            _ => (parsed, length),
        };
        let network = Self { first, length };
        if network.masked() == first { Ok(network) } else { Err(ParseError::new(0, NetworkError::HostBits)) }
    }

    /// The network of one address.
    pub fn of(address: IpAddr) -> Self {
        let first = address.to_canonical();
        Self { first, length: if first.is_ipv4() { 32 } else { 128 } }
    }

    /// Is this address in it?
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(_), IpAddr::V4(address)) => {
                let (first, last) = self.v4().expect("it is of IPv4");
                (first..=last).contains(&address.to_bits())
            }
            (IpAddr::V6(_), IpAddr::V6(address)) => {
                let (first, last) = self.v6().expect("it is of IPv6");
                (first..=last).contains(&address.to_bits())
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// How many bits all its addresses have in common.
    pub fn length(&self) -> u8 {
        self.length
    }

    fn masked(&self) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => {
                Ipv4Addr::from_bits(first.to_bits() & !(u32::MAX.checked_shr(self.length.into())).unwrap_or(0)).into()
            }
            IpAddr::V6(first) => {
                Ipv6Addr::from_bits(first.to_bits() & !(u128::MAX.checked_shr(self.length.into())).unwrap_or(0)).into()
            }
        }
    }

    /// The first and the last address, of IPv4.
    fn v4(&self) -> Option<(u32, u32)> {
        let IpAddr::V4(first) = self.first else { return None };
        Some((first.to_bits(), first.to_bits() | u32::MAX.checked_shr(self.length.into()).unwrap_or(0)))
    }

    /// The first and the last address, of IPv6.
    fn v6(&self) -> Option<(u128, u128)> {
        let IpAddr::V6(first) = self.first else { return None };
        Some((first.to_bits(), first.to_bits() | u128::MAX.checked_shr(self.length.into()).unwrap_or(0)))
    }
}

/// As it is read; a single address without a length.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.first, f)?;
        if *self == Self::of(self.first) { Ok(()) } else { write!(f, "/{}", self.length) }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of networks. A look-up halves what is left 17 times for 100,000 of them.
///
/// ```
/// use policy::network::{Network, Networks};
/// let both = ["10.0.0.0/8", "2001:db8::/32"].map(|text| Network::parse(text).expect("a network"));
/// let ours: Networks = both.into_iter().collect();
/// assert!(ours.hold("10.1.1.1".parse().expect("an address")));
/// assert!(!ours.hold("11.1.1.1".parse().expect("an address")));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Networks {
    table: Both<()>,
}

impl Networks {
    /// Is this address in one of them?
    pub fn hold(&self, address: IpAddr) -> bool {
        self.table.find(address).is_some()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.table.v4.is_empty() && self.table.v6.is_empty()
    }
}

impl FromIterator<Network> for Networks {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        Self { table: networks.into_iter().map(|network| (network, ())).collect() }
    }
}

/// What is said of the networks of both families; of an address the longest prefix tells.
#[derive(Clone, Debug)]
struct Both<V> {
    v4: Table<u32, V>,
    v6: Table<u128, V>,
}

impl<V> Default for Both<V> {
    fn default() -> Self {
        Self { v4: Table::default(), v6: Table::default() }
    }
}

impl<V: Copy + PartialEq> Both<V> {
    fn find(&self, address: IpAddr) -> Option<V> {
        match address.to_canonical() {
            IpAddr::V4(address) => self.v4.find(address.to_bits()),
            IpAddr::V6(address) => self.v6.find(address.to_bits()),
        }
    }
}

impl<V: Copy + PartialEq> FromIterator<(Network, V)> for Both<V> {
    fn from_iter<I: IntoIterator<Item = (Network, V)>>(networks: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (network, value) in networks {
            v4.extend(network.v4().map(|(first, last)| (first, last, value)));
            v6.extend(network.v6().map(|(first, last)| (first, last, value)));
        }
        Self { v4: Table::new(v4), v6: Table::new(v6) }
    }
}

/// What limits count a client by: an address of IPv4 as it is; of an address of IPv6 the prefix that a customer is
/// given ([`limits::IPV6_PREFIX`]), since he changes the rest as he likes. In the form of IPv6, so that both are of one
/// length.
///
/// Clients of IPv4 that come through a translator all share one prefix, `64:ff9b::/96` (RFC 6052 §2.1); they are told
/// apart by the address in it.
///
/// ```
/// use policy::network::prefix;
/// let of = |text: &str| prefix(text.parse().expect("an address"));
/// assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
/// assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
/// assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
/// ```
pub fn prefix(address: IpAddr) -> [u8; 16] {
    const TRANSLATED: u128 = 0x0064_ff9b << 96;
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) if address.to_bits() >> 32 == TRANSLATED >> 32 => {
            Ipv4Addr::from_bits(address.to_bits() as u32).to_ipv6_mapped().octets()
        }
        IpAddr::V6(address) => {
            let chosen = u128::MAX.checked_shr(limits::IPV6_PREFIX).unwrap_or(0);
            (address.to_bits() & !chosen).to_be_bytes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks_are_read_or_refused() {
        use NetworkError::*;
        for (text, written) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1/32", "192.0.2.1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
            ("::1", "::1"),
            ("2001:DB8::/32", "2001:db8::/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ] {
            assert_eq!(network(text).to_string(), written);
        }
        for (text, at, what) in [
            ("", 0, BadAddress),
            ("10.0.0", 0, BadAddress),
            ("10.0.0.01", 0, BadAddress),
            ("example.org", 0, BadAddress),
            ("[::1]", 0, BadAddress),
            ("fe80::1%eth0", 0, BadAddress),
            (" 10.0.0.1", 0, BadAddress),
            ("10.0.0.0/", 9, BadLength),
            ("10.0.0.0/33", 9, BadLength),
            ("10.0.0.0/+8", 9, BadLength),
            ("10.0.0.0/8/8", 9, BadLength),
            ("::/129", 3, BadLength),
            ("::/999999999999999999999", 3, BadLength),
            ("10.0.0.1/8", 0, HostBits),
            ("2001:db8::1/32", 0, HostBits),
            ("::ffff:10.0.0.0/95", 0, HostBits),
        ] {
            assert_eq!(Network::parse(text), Err(ParseError::new(at, what)), "{text}");
        }
    }

    #[test]
    fn networks_hold_addresses_of_their_family() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "ffff::1", "10.0.0.1"),
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"),
        ] {
            let set: Networks = [network(text)].into_iter().collect();
            assert!(network(text).holds(address(inside)) && set.hold(address(inside)), "{text}");
            assert!(!network(text).holds(address(outside)) && !set.hold(address(outside)), "{text}");
        }
        assert!(Networks::default().is_empty() && !Networks::default().hold(address("::1")));
        assert_eq!(network("10.0.0.0/8").length(), 8);
    }

    #[test]
    fn clients_are_counted_by_what_they_cannot_choose() {
        let of = |text| prefix(address(text));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("64:ff9b::192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("64:ff9b:1::192.0.2.1"), of("192.0.2.1"));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,20}", near in "[0-9a-f:./]{0,20}") {
            for text in [text, near] {
                match Network::parse(&text) {
                    Ok(network) => prop_assert_eq!(Network::parse(&network.to_string()), Ok(network)),
                    Err(refusal) => prop_assert!(refusal.at <= text.len()),
                }
            }
        }

        #[test]
        fn one_by_one_says_the_same(
            v4 in prop::collection::vec((any::<u32>(), 0u8..=32), 0..30),
            v6 in prop::collection::vec((any::<u128>(), 0u8..=128), 0..10),
            tries in prop::collection::vec(any::<(u32, u128)>(), 20),
        ) {
            // few different bits, so that they often lie in each other
            let v4 = v4.into_iter().map(|(bits, length)| (bits >> 28 << 28 | bits & 7, length));
            let v4 = v4.map(|(bits, length)| (Ipv4Addr::from_bits(bits).into(), length));
            let v6 = v6.into_iter().map(|(bits, length)| (bits >> 124 << 124 | bits & 7, length));
            let v6 = v6.map(|(bits, length)| (Ipv6Addr::from_bits(bits).into(), length));
            let network = |(first, length)| {
                let network = Network { first, length };
                Network { first: network.masked(), length }
            };
            let all: Vec<Network> =
                v4.chain(v6).map(network).filter(|network| network.first.to_canonical() == network.first).collect();
            let set: Networks = all.iter().copied().collect();
            prop_assert_eq!(set.is_empty(), all.is_empty());
            let edges = all.iter().flat_map(|network| [network.first, step(network.first)]);
            let both = |(v4, v6)| [IpAddr::V4(Ipv4Addr::from_bits(v4)), IpAddr::V6(Ipv6Addr::from_bits(v6))];
            for address in tries.into_iter().flat_map(both).chain(edges) {
                let held = all.iter().any(|network| network.holds(address));
                prop_assert_eq!(set.hold(address), held, "{} {:?}", address, all);
            }
        }
    }

    fn step(address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits().wrapping_sub(1)).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits().wrapping_sub(1)).into(),
        }
    }
}
