//! Measures a look-up among 100,000 networks: `cargo run --release -p because-policy --example networks`.
#![allow(clippy::disallowed_types)] // a clock is what it is for

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use policy::network::{Network, Networks};

const NETWORKS: u32 = 100_000;

fn main() {
    // spread by an odd factor, so that no two look-ups go the same way
    let v4 = |nth: u32| Ipv4Addr::from_bits(nth.wrapping_mul(0x9e37_79b1));
    let v6 = |nth: u32| Ipv6Addr::from_bits(u128::from(nth.wrapping_mul(0x9e37_79b1)) << 96);
    let networks = (0..NETWORKS).flat_map(|nth| [Network::of(IpAddr::V4(v4(nth))), Network::of(IpAddr::V6(v6(nth)))]);
    let networks: Networks = networks.collect();
    for (what, address) in
        [("IPv4", &(|nth| IpAddr::V4(v4(nth))) as &dyn Fn(u32) -> IpAddr), ("IPv6", &|nth| IpAddr::V6(v6(nth)))]
    {
        let (mut held, began) = (0, Instant::now());
        for nth in 0..10 * NETWORKS {
            held += u32::from(networks.hold(black_box(address(nth))));
        }
        let nanos = began.elapsed().as_nanos() / u128::from(10 * NETWORKS);
        println!("{what}: {NETWORKS} networks, {nanos} ns a look-up, {held} of {} held", 10 * NETWORKS);
    }
}
