//! Octets that nobody thought of: they read the same in whatever pieces they arrive, and a head that is taken for sound is
//! one for another parser too, with the same parts.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use semantics::limits::{DEFAULT, Limits};
use semantics::request::{Head, Request};
use semantics::version::Version;
use support::{Case, Cut, read};
use wire::head::{HeadReader, HeadStep};

/// Pieces of messages, sound and unsound, long and short.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "GET ", "POST ", "/", "/a?b", "*", " HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/2.0\r\n", "Host: a\r\n", "\r\n",
            "\r\n\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "X:", "Y: ",
            "3\r\nabc\r\n", "0\r\n\r\n", ";x=y", "\n", "\r", " ", "\t", ":", "Authorization: x\r\n", "abc", "PRI * ",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        2 => Just(b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec()),
        1 => vec(any::<u8>(), 0..4),
        1 => (prop::sample::select(b"aA1:/;\r\n ".to_vec()), 0..40usize).prop_map(|(octet, times)| vec![octet; times]),
    ];
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn limits() -> impl Strategy<Value = Limits> {
    let small = (1..20usize, 1..30usize, 1..80usize, 1..5usize);
    prop_oneof![
        Just(DEFAULT),
        small.prop_map(|(target, field_line, fields, field_count)| Limits {
            target,
            field_line,
            fields,
            field_count,
            ..DEFAULT
        }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let cut = prop::sample::select(vec![Cut::Open, Cut::Closed]);
    (octets(), limits(), cut, 0..9u64).prop_map(|(input, limits, cut, allow)| {
        let allow = if allow > 5 { u64::MAX } else { allow };
        Case { name: String::new(), input, limits, allow, cut, expected: Vec::new() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn it_does_not_matter_in_which_pieces_octets_arrive(case in case(), sizes in vec(1..12usize, 1..40)) {
        let whole = read(&case, [&case.input[..]]);
        prop_assert_eq!(&whole, &read(&case, case.input.chunks(1)), "octet by octet");
        let mut rest = &case.input[..];
        let pieces = sizes.iter().map(|size| {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            rest = after;
            piece
        });
        let mut pieces: Vec<_> = pieces.collect();
        pieces.push(rest);
        prop_assert_eq!(&whole, &read(&case, pieces.iter().copied()), "in pieces {:?}", pieces);
    }

    #[test]
    fn a_sound_head_is_one_for_another_parser(octets in octets()) {
        let octets = [b"GET /x HTTP/1.1\r\nHost: a\r\n", &octets[..], b"\r\n\r\n"].concat();
        let (mut reader, mut head) = (HeadReader::new(), Head::default());
        let HeadStep::Complete { length } = reader.read(&octets, &DEFAULT, &mut head) else { return Ok(()) };
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut other = httparse::Request::new(&mut headers);
        prop_assert_eq!(other.parse(&octets), Ok(httparse::Status::Complete(length)));
        let request = Request::new(&octets, &head);
        prop_assert_eq!(other.method.map(str::as_bytes), Some(request.method_name()));
        prop_assert_eq!(other.path.map(str::as_bytes), Some(request.raw_target()));
        prop_assert_eq!(other.version, Some(u8::from(request.version() == Version::Http11)));
        let lines: Vec<_> = request.lines().map(|(name, value, _)| (name, value)).collect();
        let others: Vec<_> = other.headers.iter().map(|header| (header.name.as_bytes(), header.value)).collect();
        prop_assert_eq!(lines, others);
    }

    #[test]
    fn a_head_like_the_one_before_is_read_as_it_would_be_alone(
        lines in vec(prop::sample::select(vec![
            "Content-Length: 3\r\n", "Connection: close\r\n", "X:\r\n", "Accept: a, b\r\n", "Authorization: x\r\n",
        ]), 0..5),
        targets in ("/[a-z%?]{0,12}", "/[a-z%?]{0,12}"),
        (more, version) in ("(GET)?", "1\\.[01]"),
    ) {
        let whole = |target: &str, more: &str| {
            format!("GET {target} HTTP/{version}\r\nHost: a\r\n{}\r\n{more}", lines.concat()).into_bytes()
        };
        let (last, octets) = (whole(&targets.0, ""), whole(&targets.1, &more));
        let (mut reader, mut head) = (HeadReader::new(), Head::default());
        let step = reader.read(&last, &DEFAULT, &mut head);
        prop_assume!(matches!(step, HeadStep::Complete { length } if length == last.len()));
        let (mut alone, mut expected) = (HeadReader::new(), Head::default());
        let other = alone.read(&octets, &DEFAULT, &mut expected);
        match reader.read_alike(&octets, &DEFAULT, &last, &mut head) {
            Some(length) => prop_assert_eq!((HeadStep::Complete { length }, &head), (other, &expected)),
            None => {
                let sound = other == HeadStep::Complete { length: octets.len() };
                prop_assert!(!more.is_empty() || version == "1.0" || !sound);
            }
        }
        // whether it was alike or not, the reader goes on as one that never looked
        prop_assert_eq!((reader.read(&octets, &DEFAULT, &mut head), head), (other, expected));
    }
}
