//! Forms as browsers send them, cut in every way, and what is no form.

use std::convert::Infallible;

use super::FormError::*;
use super::*;

const TYPE: &[u8] = b"multipart/form-data; boundary=XX";

/// What is found, a line each. Data that comes in pieces is joined.
fn read(content: &str, pieces: impl IntoIterator<Item = usize>) -> Result<Vec<String>, FormError> {
    let mut reader = FormReader::new(TYPE).expect("it is a form");
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    let mut note = |event: FormEvent<'_>| -> Result<(), Infallible> {
        let text = |octets: &[u8]| octets.escape_ascii().to_string();
        match event {
            FormEvent::File { field, name, media_type } => {
                let media_type = media_type.map_or("none".to_owned(), text);
                found.push(format!("{}: file {} ({media_type}) ", text(field), text(name)));
                open = true;
            }
            FormEvent::Data(octets) => {
                assert!(open && !octets.is_empty(), "data in a file");
                *found.last_mut().expect("a file began") += &text(octets);
            }
            FormEvent::FileEnd => {
                assert!(open, "a file began");
                open = false;
            }
            FormEvent::Value { field, value } => found.push(format!("{} = {}", text(field), text(value))),
            FormEvent::End => found.push("end".to_owned()),
        }
        Ok(())
    };
    let mut rest = content.as_bytes();
    let mut push = |octets: &[u8]| match reader.push(octets, &mut note) {
        Ok(()) => Ok(()),
        Err(FormStop::Form(offence)) => Err(offence),
    };
    for length in pieces {
        let (octets, behind) = rest.split_at(length.min(rest.len()));
        rest = behind;
        push(octets)?;
    }
    push(rest)?;
    reader.finish()?;
    assert_eq!(found.last().map(String::as_str), Some("end"));
    Ok(found)
}

/// The same however the content is cut: whole, octet by octet, in two, and in pieces of many lengths.
fn cut(content: &str) -> Result<Vec<String>, FormError> {
    let whole = read(content, []);
    assert_eq!(read(content, vec![1; content.len()]), whole, "octet by octet");
    for place in 0..=content.len().min(400) {
        assert_eq!(read(content, [place]), whole, "cut at {place}");
    }
    let mut seed = 1u64;
    for _ in 0..50 {
        let pieces: Vec<usize> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % 40
        })
        .take(content.len() / 10)
        .collect();
        assert_eq!(read(content, pieces.iter().copied()), whole, "in {pieces:?}");
    }
    whole
}

/// A form of these parts, each a head and a content.
fn form(parts: &[(&str, &str)]) -> String {
    let part = |(head, content): &(&str, &str)| format!("--XX\r\n{head}\r\n\r\n{content}\r\n");
    parts.iter().map(part).collect::<String>() + "--XX--\r\n"
}

const A: &str = "Content-Disposition: form-data; name=\"a\"";
const FILE: &str = "Content-Disposition: form-data; name=f; filename=\"x.txt\"";

#[test]
fn a_form_of_a_browser_is_read() {
    let typed = "content-disposition:form-data; name=\"f\"; filename=\"C:\\dir\\b%22.png\"\r\nContent-Type: image/png";
    let unchosen = "Content-Disposition: form-data; name=g; filename=\"\"\r\nContent-Type: application/octet-stream";
    let content =
        form(&[(A, "some\r\ntext"), (typed, "\u{1}\r\n--X\r\n\r\n--\r\r\n-"), (FILE, ""), (unchosen, ""), (A, "")]);
    let found = cut(&content).expect("it is a form");
    assert_eq!(
        found,
        [
            "a = some\\r\\ntext",
            "f: file b\\\".png (image/png) \\x01\\r\\n--X\\r\\n\\r\\n--\\r\\r\\n-",
            "f: file x.txt (none) ",
            "a = ",
            "end",
        ]
    );
}

#[test]
fn what_stands_around_a_form_is_passed_over() {
    let content = form(&[(A, "1")]);
    let is = Ok(vec!["a = 1".to_owned(), "end".to_owned()]);
    assert_eq!(cut(&content), is);
    assert_eq!(cut(&format!("preamble --XX\n--XX\r\nmore\r\n{content}epilogue\r\n--XX\r\n")), is);
    assert_eq!(cut(&format!("\r\n{content}")), is);
    assert_eq!(cut(content.trim_end()), is, "the last line end may be missing");
    assert_eq!(cut(&content.replace("--XX\r\n", "--XX \t \r\n")), is, "gateways may pad");
    assert_eq!(cut("--XX--"), Ok(vec!["end".to_owned()]));
}

#[test]
fn a_part_may_have_no_content_at_all() {
    // RFC 2046 §5.1.1: the empty line belongs to the content, and so to what may be missing
    let content = format!("--XX\r\n{FILE}\r\n\r\n--XX\r\n{A}\r\n\r\n--XX--");
    assert_eq!(cut(&content), Ok(["f: file x.txt (none) ", "a = ", "end"].map(String::from).to_vec()));
}

#[test]
fn heads_are_read_leniently_where_that_is_safe() {
    for (head, found) in [
        ("X-Other: \"é\"\r\nContent-Disposition:form-data;name=a", "a = 1"),
        ("Content-Disposition: form-data; name=a; filename=y\r\nContent-Type: nonsense", "a: file y (none) 1"),
        ("Content-Disposition: form-data; name=a; filename*=UTF-8''%C3%A9", "a: file \\xc3\\xa9 (none) 1"),
        ("Content-Transfer-Encoding: 8BIT\r\nContent-Disposition: form-data; name=a", "a = 1"),
    ] {
        assert_eq!(cut(&form(&[(head, "1")])), Ok(vec![found.to_owned(), "end".to_owned()]), "{head}");
    }
}

#[test]
fn what_is_no_form_is_told() {
    for (content, offence) in [
        (String::new(), Unfinished),
        ("no form".to_owned(), Unfinished),
        (form(&[(A, "1")]).replace("--XX--", "--XX"), Unfinished),
        (form(&[(A, "1")]).replace("--XX--\r\n", "--XX-"), Unfinished),
        (form(&[(A, "1")]).replace("--XX--", "--XX-x"), BadDelimiter),
        (form(&[(A, "1")]).replace("--XX--", "--XXX"), BadDelimiter),
        (form(&[(A, "1")]).replace("--XX--", "--XX --"), BadDelimiter),
        (form(&[(A, "\r\n--XXX\r\n")]), BadDelimiter),
        ("--XX\n".to_owned(), BadDelimiter),
        (form(&[("", "1")]), NoDisposition),
        (form(&[("Content-Type: text/plain", "1")]), NoDisposition),
        (form(&[("Content-Disposition: attachment", "1")]), Disposition(DispositionError::NotFormData)),
        (form(&[("Content-Disposition: form-data", "1")]), Disposition(DispositionError::NoName)),
        (form(&[("Content-Disposition: form-data; name=a; filename=..", "1")]), FileName),
        (form(&[("Content-Disposition: form-data; name=a; filename=\"a/\"", "1")]), FileName),
        (form(&[("Content-Disposition: form-data; name=a; filename=\"a%0Ab\"", "1")]), FileName),
        (form(&[("Content-Disposition: form-data; name=a; filename=\"\"", "1")]), FileName),
        (form(&[("no field", "1")]), BadHead),
        (form(&[("a b: c", "1")]), BadHead),
        (form(&[(&format!("{A}\r\n folded: 1"), "1")]), BadHead),
        (form(&[(&format!("{A}\n{A}"), "1")]), BadHead),
        (form(&[(&format!("{A}\r\n{A}"), "1")]), BadHead),
        (form(&[(&format!("{A}\r\nContent-Transfer-Encoding: base64"), "1")]), Encoded),
    ] {
        assert_eq!(cut(&content), Err(offence), "{content}");
    }
}

#[test]
fn types_of_forms_have_a_boundary() {
    let new = |content_type: &str| FormReader::new(content_type.as_bytes()).map(drop);
    let longest = "x".repeat(limits::FORM_BOUNDARY);
    for (content_type, is) in [
        ("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", Ok(())),
        ("Multipart/Form-Data;charset=utf-8;Boundary=\"a b:c?'()+_,-./=\"", Ok(())),
        (&format!("multipart/form-data; boundary={longest}"), Ok(())),
        (&format!("multipart/form-data; boundary={longest}x"), Err(NoBoundary)),
        ("multipart/form-data", Err(NoBoundary)),
        ("multipart/form-data; boundary=\"\"", Err(NoBoundary)),
        ("multipart/form-data; boundary=\"a \"", Err(NoBoundary)),
        ("multipart/form-data; boundary=a%b", Err(NoBoundary)),
        ("multipart/form-data; boundary", Err(NotAForm)),
        ("multipart/mixed; boundary=a", Err(NotAForm)),
        ("application/x-www-form-urlencoded", Err(NotAForm)),
        ("", Err(NotAForm)),
    ] {
        assert_eq!(new(content_type), is, "{content_type}");
    }
}

#[test]
fn limits_are_kept() {
    let longest = "x".repeat(limits::FORM_VALUE);
    assert_eq!(read(&form(&[(A, &longest)]), []).map(|found| found.len()), Ok(2));
    assert_eq!(read(&form(&[(A, &format!("{longest}x"))]), []), Err(ValueTooLong));
    assert_eq!(read(&form(&[(A, &format!("{longest}x"))]), vec![100; 1_000]), Err(ValueTooLong));
    assert_eq!(read(&form(&[(FILE, &format!("{longest}x"))]), []).map(|found| found.len()), Ok(2));

    let head = |length: usize| format!("{A}\r\nX: {}", "x".repeat(length - A.len() - 5));
    // the line end before it counts too
    let most = limits::FORM_HEAD - 2;
    assert_eq!(read(&form(&[(&head(most), "")]), []).map(|found| found.len()), Ok(2));
    for pieces in [vec![], vec![1; 2 * most], vec![100; most]] {
        assert_eq!(read(&form(&[(&head(most + 1), "")]), pieces), Err(HeadTooLong));
    }
    let endless = format!("--XX\r\n{A}\r\nX: {}", "x".repeat(2 * most));
    assert_eq!(read(&endless, []), Err(HeadTooLong));

    let parts = vec![(A, ""); limits::FORM_PARTS];
    assert_eq!(read(&form(&parts), []).map(|found| found.len()), Ok(limits::FORM_PARTS + 1));
    assert_eq!(read(&form(&[&parts[..], &[(A, "")]].concat()), []), Err(TooManyParts));

    let padded = |length: usize| form(&[(A, "")]).replace("--XX\r\n", &format!("--XX{}\r\n", " ".repeat(length)));
    assert!(read(&padded(limits::FORM_PADDING), []).is_ok());
    for pieces in [vec![], vec![1; 1_000]] {
        let endless = format!("--XX{}", " ".repeat(limits::FORM_PADDING + 1));
        assert_eq!(read(&endless, pieces), Err(BadDelimiter));
    }
}

/// Content full of what delimiters are made of comes out as it went in.
#[test]
fn content_is_told_from_delimiters() {
    let pieces = ["\r", "\n", "-", "X", "\r\n", "--", "--X", "\r\n--X", "XX--", "a"];
    let mut seed = 7u32;
    for _ in 0..200 {
        let content: String = (0..12)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                pieces[(seed >> 16) as usize % pieces.len()]
            })
            .collect();
        if content.contains("\r\n--XX") || content.starts_with("--XX") {
            continue;
        }
        let is = format!("f: file x.txt (none) {}", content.escape_default());
        assert_eq!(cut(&form(&[(FILE, &content)])), Ok(vec![is, "end".to_owned()]));
    }
}

#[test]
fn a_taker_can_stop() {
    let content = form(&[(A, "1"), (FILE, "2")]);
    for stop in 0..5 {
        let mut reader = FormReader::new(TYPE).expect("it is a form");
        let mut left = stop;
        let mut each = |_: FormEvent<'_>| {
            left -= 1;
            if left < 0 { Err("enough") } else { Ok(()) }
        };
        assert_eq!(reader.push(content.as_bytes(), &mut each), Err(FormStop::Taker("enough")));
        // it is of no use any more, but does no harm
        let _ = reader.push(content.as_bytes(), &mut |_| Ok::<(), Infallible>(()));
    }
}
