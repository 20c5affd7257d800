//! Runs the fuzz targets over mutations of a small corpus, on a stable compiler. `fuzz/README.md` tells how.

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, str};

use fuzz::{TARGETS, Target, corpus};

/// What octets are often wrong with, and what they are made of.
const PIECES: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "\"",
    "\\",
    "%",
    "%2F",
    "%00",
    "/",
    "//",
    "..",
    "*",
    "=",
    "-",
    "q=",
    "GET ",
    "POST ",
    "CONNECT ",
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    " HTTP/2.0\r\n",
    "Host: a\r\n",
    "\r\n\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "ffffffffffffffff",
    "18446744073709551615",
    "chunked",
    "gzip",
    "\u{e9}",
    "\x16\x03",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "[::1]",
    "bytes=",
    "W/\"",
];

/// xorshift64*: the same inputs for the same seed, on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    const LONGEST: usize = 20_000;
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(40)).min(input.len());
        match random.below(8) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.next() as u8,
            2 => drop(input.drain(at..end)),
            3 => {
                let again = input[at..end].repeat(1 + random.below(20));
                input.splice(at..at, again);
            }
            4 => {
                let other = random.of(corpus);
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            5 => input.truncate(at),
            _ => {
                let piece = random.of(PIECES).bytes();
                input.splice(at..at, piece);
            }
        }
        input.truncate(LONGEST);
    }
}

#[derive(Clone, Copy)]
enum Until {
    Time(Duration),
    Count(u64),
}

/// How many inputs were run, or the one that made the target panic.
fn run((_, target): Target, until: Until, seed: u64) -> Result<u64, Vec<u8>> {
    let mut random = Random(seed | 1);
    let corpus = corpus();
    let begun = Instant::now();
    let mut executions = 0;
    loop {
        match until {
            Until::Time(time) if executions % 64 == 0 && begun.elapsed() >= time => return Ok(executions),
            Until::Count(count) if executions >= count => return Ok(executions),
            _ => {}
        }
        let mut input = vec![random.next() as u8];
        // The corpus first, then what comes of it.
        match corpus.get(executions as usize) {
            Some(octets) => input.extend_from_slice(octets),
            None => {
                let beginning: &Vec<u8> = random.of(&corpus);
                input.extend_from_slice(beginning);
                mutate(&mut input, &corpus, &mut random);
            }
        }
        if panic::catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            return Err(input);
        }
        executions += 1;
    }
}

fn hex_dump(octets: &[u8]) {
    for line in octets.chunks(16) {
        let hex: Vec<_> = line.iter().map(|octet| format!("{octet:02x}")).collect();
        let text: String = line.iter().map(|o| if o.is_ascii_graphic() { char::from(*o) } else { '.' }).collect();
        eprintln!("{:<48} {text}", hex.join(" "));
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let until = match arguments.first().map(|until| (until.strip_suffix('n'), until.parse())) {
        None => Some(Until::Time(Duration::from_secs(2))),
        Some((Some(count), _)) => count.parse().ok().map(Until::Count),
        Some((None, seconds)) => seconds.ok().map(|seconds| Until::Time(Duration::from_secs(seconds))),
    };
    let seed = arguments.get(1).map_or(Ok(1), |seed| seed.parse());
    let only = arguments.get(2);
    let (Some(until), Ok(seed)) = (until, seed) else {
        eprintln!("usage: fuzz-smoke [SECONDS | COUNTn] [SEED] [TARGET]");
        return ExitCode::from(2);
    };
    for target in TARGETS.into_iter().filter(|(name, _)| only.is_none_or(|only| only == name)) {
        match run(target, until, seed) {
            Ok(executions) => println!("{:<10} {executions} inputs", target.0),
            Err(input) => {
                eprintln!("{} fails with seed {seed} on:", target.0);
                hex_dump(&input);
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_target_fails_on_a_few_thousand_inputs() {
        for target in TARGETS {
            assert_eq!(run(target, Until::Count(3_000), 1), Ok(3_000), "{}", target.0);
        }
    }
}
