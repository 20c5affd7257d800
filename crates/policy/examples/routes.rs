//! Measures how long a look-up among 10,000 rules takes: `cargo run --release -p because-policy --example routes`.
#![allow(clippy::disallowed_types)] // a clock is what it is for

use std::hint::black_box;
use std::time::Instant;

use policy::pattern::Pattern;
use policy::routes::Routes;

const RULES: usize = 10_000;
const LOOK_UPS: usize = 1_000_000;

fn main() {
    let kinds: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("moves of single pages", &|nth| format!("/blog/{}/{}/page-{nth}", 2000 + nth % 25, nth % 12)),
        ("one segment, all names", &|nth| format!("/page-{nth}")),
        ("wildcards among names", &|nth| match nth % 4 {
            0 => format!("/section-{}/**", nth / 4),
            1 => format!("/section-{}/*/edit-{nth}", nth / 4),
            2 => format!("GET HEAD /section-{}/*.txt", nth / 4),
            _ => format!("/*/*/leaf-{nth}"),
        }),
        ("ten thousand endings", &|nth| format!("/files/*.ext{nth}")),
        ("ten thousand beginnings", &|nth| format!("/files/name{nth}-*")),
        ("wildcards at every depth", &|nth| {
            let depth = nth % 32;
            format!(
                "{}/{}{}",
                "/*".repeat(depth),
                if nth < 32 { "**" } else { "leaf-" },
                if nth < 32 { "" } else { "x" }
            ) + &if nth < 32 { String::new() } else { nth.to_string() }
        }),
    ];
    let deep = vec!["a"; 4_000].join("/");
    println!("{RULES} rules; nanoseconds a look-up, and rules found");
    for (name, rule) in kinds {
        let rules = (0..RULES).map(|nth| (Pattern::parse(&rule(nth)).expect("a pattern"), 0, nth));
        let began = Instant::now();
        let routes = Routes::new(rules);
        let built = began.elapsed();
        let hits =
            (0..997).map(|nth| rule(nth * 10).replace("GET HEAD ", "").replace("/**", "/x/y").replace('*', "some"));
        let hits: Vec<String> = hits.map(|path| path[1..].to_owned()).collect();
        println!("{name} (built in {} ms)", built.as_millis());
        for (what, paths) in [
            ("a path that a rule names", &hits[..]),
            ("a path that none names", &["section-17/other/path/of-some/length.txt".to_owned()][..]),
            ("a path of 4,000 segments", std::slice::from_ref(&deep)),
        ] {
            let (mut found, mut count) = (Vec::new(), 0);
            let began = Instant::now();
            for nth in 0..LOOK_UPS {
                routes.matches(black_box(paths[nth % paths.len()].as_bytes()), b"GET", &mut found);
                count += found.len();
            }
            let nanos = began.elapsed().as_nanos() as usize / LOOK_UPS;
            println!("  {what:<28} {nanos:>6} ns {:>8.1} found", count as f64 / LOOK_UPS as f64);
        }
    }
}
