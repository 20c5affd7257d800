//! Fuzz targets: what must hold for any octets. Each is a function that panics if it does not.

use semantics::fault::Fault;
use semantics::limits::{DEFAULT, Limits};
use semantics::request::{Framing, Head};
use wire::content::{ContentReader, ContentStep};
use wire::head::{HeadReader, HeadStep};

pub use fields::fields;
pub use files::{config, log, redirects};

mod fields;
mod files;
#[path = "../../crates/wire/tests/support/mod.rs"]
mod support;

use support::{Case, Cut};

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 7] = [
    ("head", head),
    ("content", content),
    ("pipeline", pipeline),
    ("fields", fields),
    ("config", config),
    ("redirects", redirects),
    ("log", log),
];

/// The octets of the transcripts, values of fields, and files: what mutations begin with.
pub fn corpus() -> Vec<Vec<u8>> {
    let texts = [
        include_str!("../../crates/wire/transcripts/chunks.txt"),
        include_str!("../../crates/wire/transcripts/fields.txt"),
        include_str!("../../crates/wire/transcripts/framing.txt"),
        include_str!("../../crates/wire/transcripts/request-line.txt"),
    ];
    let inputs = texts.iter().flat_map(|text| support::cases(text)).map(|case| case.input);
    inputs.chain(fields::VALUES.iter().chain(files::FILES).map(|value| value.as_bytes().to_vec())).collect()
}

fn narrow() -> Limits {
    Limits { target: 12, field_line: 24, fields: 120, field_count: 5, ..DEFAULT }
}

/// The first octet decides about limits and split, the others are read.
fn choice(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}

/// One head, read whole, in two pieces, and octet by octet.
pub fn head(data: &[u8]) {
    let (choice, octets) = choice(data);
    for limits in [DEFAULT, narrow()] {
        let whole = read_head(octets, &[octets.len()], &limits);
        let middle = usize::from(choice) * octets.len() / 255;
        assert_eq!(whole, read_head(octets, &[middle, octets.len()], &limits), "in two pieces");
        if octets.len() <= 2_000 {
            let every: Vec<_> = (0..=octets.len()).collect();
            assert_eq!(whole, read_head(octets, &every, &limits), "octet by octet");
        }
    }
}

/// What comes of the octets if they arrive up to each of these places in turn.
fn read_head(octets: &[u8], places: &[usize], limits: &Limits) -> (HeadStep, Head, Fault) {
    let (mut reader, mut head) = (HeadReader::new(), Head::default());
    let mut step = HeadStep::Incomplete;
    let mut late = Fault::Nothing;
    for place in places {
        step = reader.read(&octets[..*place], limits, &mut head);
        match step {
            HeadStep::Incomplete => {
                late = reader.truncated(&octets[..*place]);
                assert_eq!(reader.begun(&octets[..*place]), late != Fault::Nothing);
                continue;
            }
            HeadStep::Complete { length } => {
                assert!(
                    length <= *place
                        && octets[..length].ends_with(b"\r\n\r\n")
                        && head.lines.len() <= limits.field_count
                );
            }
            HeadStep::Fault(_) => assert!(!head.persistent && head.framing == Framing::None),
        }
        late = Fault::Nothing;
        break;
    }
    let spans = head.lines.iter().flat_map(|line| [line.name, line.value]);
    for span in spans.chain([head.method_name, head.target]) {
        assert!(span.start <= span.end && span.end as usize <= octets.len());
    }
    // How much was seen of what is too large depends on how it came.
    if let HeadStep::Fault(Fault::TargetTooLong { size, .. } | Fault::FieldsTooLarge { size, .. }) = &mut step {
        *size = 0;
    }
    (step, head, late)
}

/// Content in every framing.
pub fn content(data: &[u8]) {
    let (choice, octets) = choice(data);
    let allowed = if choice >= 128 { u64::from(choice - 128) * 16 } else { u64::MAX };
    for framing in [Framing::Unannounced, Framing::Length(u64::from(choice) * 3), Framing::None] {
        let whole = read_content(framing, allowed, octets, octets.len().max(1));
        for size in [1, 2, usize::from(choice) + 1] {
            assert_eq!(whole, read_content(framing, allowed, octets, size), "in pieces of {size}");
        }
    }
}

/// The data, the last step, and how many octets were done with, if the octets arrive in pieces of this size.
fn read_content(framing: Framing, allowed: u64, octets: &[u8], size: usize) -> (Vec<u8>, ContentStep, usize) {
    let mut reader = ContentReader::new(framing);
    reader.allow(allowed);
    let (mut taken, mut done, mut arrived) = (Vec::new(), 0, 0);
    loop {
        let before = reader.remaining();
        let step = reader.read(&octets[done..arrived]);
        done += step.consumed();
        assert!(done <= arrived && taken.len() as u64 <= allowed);
        match &step {
            ContentStep::Data(range) => {
                assert!(!range.is_empty());
                let start = done - range.len();
                taken.extend_from_slice(&octets[start..done]);
                let left = before.map(|before| before - range.len() as u64);
                assert!(left.is_none() || left == reader.remaining());
            }
            ContentStep::Incomplete { .. } if arrived < octets.len() => {
                assert_eq!(done, arrived, "octets are left");
                arrived = octets.len().min(arrived + size);
            }
            ContentStep::End { .. } => {
                assert!(reader.ended() && reader.remaining() == Some(0));
                assert_eq!(reader.read(&octets[done..]), ContentStep::End { consumed: 0 });
                return (taken, ContentStep::End { consumed: 0 }, done);
            }
            ContentStep::Fault(_) => return (taken, step, 0),
            ContentStep::Incomplete { .. } => return (taken, ContentStep::Incomplete { consumed: 0 }, done),
        }
    }
}

/// A whole connection.
pub fn pipeline(data: &[u8]) {
    let (choice, input) = choice(data);
    let limits = if choice % 2 == 0 { DEFAULT } else { narrow() };
    let cut = if choice % 4 < 2 { Cut::Open } else { Cut::Closed };
    let case = Case { name: String::new(), input: input.to_vec(), limits, allow: u64::MAX, cut, expected: Vec::new() };
    let whole = support::read(&case, [input]);
    for size in [1, usize::from(choice) + 1] {
        // Octet by octet a long input is slow to copy and shows nothing new.
        if size > 1 || input.len() <= 4_000 {
            assert_eq!(whole, support::read(&case, input.chunks(size)), "in pieces of {size}");
        }
    }
}
