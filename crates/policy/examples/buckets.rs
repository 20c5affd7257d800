//! Fills a million buckets and prints what they take: `cargo run --release -p because-policy --example buckets`.
#![allow(clippy::disallowed_types)] // a clock is what it is for

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use policy::bucket::{Buckets, Counters, Key, Keys};
use policy::limits;
use policy::rate::Rate;

fn per_take(took: Duration, takes: usize) -> f64 {
    took.as_nanos() as f64 / takes as f64
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: not known");
    line.split_once(':').map_or_else(String::new, |(_, octets)| octets.trim().to_owned())
}

fn main() {
    let rate = Rate::parse("100/hour").expect("a rate");
    let keys = Keys::new([7; 16]);
    let client = |nth: usize| keys.of(1).address(std::net::Ipv4Addr::from_bits(nth as u32).into()).key();
    let all: Vec<Key> = (0..limits::BUCKETS).map(client).collect();
    let buckets = Buckets::default();
    let state = |what: &str, took: Duration| {
        println!(
            "{what:<44} {:>6.1} ns a take, {:>4} MiB in {} slots, {} gave way, {} resident",
            per_take(took, all.len()),
            buckets.octets() >> 20,
            buckets.slots(),
            buckets.displaced(),
            resident(),
        );
    };

    let take_all = |millis| {
        let began = Instant::now();
        for &key in &all {
            black_box(buckets.take(key, rate, millis));
        }
        began.elapsed()
    };
    state("a million newcomers", take_all(0));
    state("the same again", take_all(1));
    let began = Instant::now();
    for _ in 0..all.len() {
        black_box(buckets.take(all[5], rate, 2));
    }
    state("one that is refused, again and again", began.elapsed());
    let began = Instant::now();
    for nth in 0..all.len() {
        black_box(buckets.take(client(nth + all.len()), rate, 3));
    }
    state("a million others at the limit, keys made", began.elapsed());
    let began = Instant::now();
    thread::scope(|scope| {
        for part in all.chunks(all.len() / 2) {
            let buckets = &buckets;
            scope.spawn(move || part.iter().filter(|&&key| buckets.take(key, rate, 4).allowed).count());
        }
    });
    state("the first million, by two threads", began.elapsed());
}
