//! Tests of `because explain`: the layout keeps to its width, the look-up finds what is meant.

use super::*;

fn text(what: Option<&str>, color: bool, width: usize) -> String {
    let mut out = Vec::new();
    tell(&mut out, what, Format::Text, Style { color, width }).expect("it can be explained");
    String::from_utf8(out).expect("it is text")
}

fn json(what: Option<&str>) -> String {
    let mut out = Vec::new();
    tell(&mut out, what, Format::Json, Style { color: true, width: 80 }).expect("it can be explained");
    String::from_utf8(out).expect("it is text")
}

fn without_paint(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |sum, part| sum + part.split_once('m').expect("an escape ends with m").1)
}

fn everything() -> impl Iterator<Item = Option<String>> {
    let codes = (100..600).map(|code: u16| Some(code.to_string()));
    codes.chain([None, Some("4xx".to_owned()), Some("required".to_owned())])
}

#[test]
fn no_line_is_wider_than_the_terminal_nor_ends_in_a_space() {
    for width in [40, 41, 47, 60, 72, 79, 80, 99, 100, 120, 200] {
        for what in everything() {
            for line in text(what.as_deref(), false, width).lines() {
                assert!(line.chars().count() <= width, "{what:?} at {width}: {line:?}");
                assert_eq!(line, line.trim_end(), "{what:?} at {width}");
            }
        }
    }
}

#[test]
fn a_terminal_too_narrow_counts_as_the_narrowest() {
    assert_eq!(text(Some("404"), false, 0), text(Some("404"), false, NARROWEST));
    assert_eq!(text(None, false, 1), text(None, false, NARROWEST));
}

#[test]
fn paint_is_there_only_if_asked_for_and_changes_no_letter() {
    for what in everything() {
        let plain = text(what.as_deref(), false, 80);
        let painted = text(what.as_deref(), true, 80);
        assert!(!plain.contains('\x1b'), "{what:?}");
        assert!(painted.contains('\x1b'), "{what:?}");
        let stripped: Vec<String> = without_paint(&painted).lines().map(|line| line.trim_end().to_owned()).collect();
        assert!(stripped.iter().map(String::as_str).eq(plain.lines()), "{what:?}");
    }
}

#[test]
fn the_table_has_all_statuses() {
    let table = text(None, false, 80);
    for status in Status::all() {
        assert_eq!(table.lines().filter(|line| line.starts_with(&format!("  {status}  "))).count(), 1, "{status}");
    }
}

#[test]
fn a_page_tells_all_that_the_row_tells() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for row in Status::all().map(Status::row) {
        let page = words(&text(Some(&row.status.to_string()), false, 500));
        let told = [row.name, row.spec, row.meaning, row.permanence_note, row.client, row.server, row.proxy];
        let notes = row.carries.iter().map(|carry| carry.note);
        for sentence in told.into_iter().chain(row.causes.iter().chain(row.pitfalls).copied()).chain(notes) {
            assert!(page.contains(&words(sentence)), "{}: {sentence}", row.status);
        }
    }
}

#[test]
fn names_are_found_in_every_spelling() {
    for (asked, expected) in [
        ("404", Status::NOT_FOUND),
        ("not found", Status::NOT_FOUND),
        ("NOT_FOUND", Status::NOT_FOUND),
        ("ok", Status::OK),
        ("teapot", Status::IM_A_TEAPOT),
        ("I'm a teapot", Status::IM_A_TEAPOT),
        ("payload too large", Status::CONTENT_TOO_LARGE),
        ("unprocessable entity", Status::UNPROCESSABLE_CONTENT),
        ("conflict", Status::CONFLICT),
    ] {
        assert_eq!(find(asked).expect("it has a row"), Found::One(expected), "{asked}");
    }
}

#[test]
fn a_part_of_several_names_and_a_class_list_their_statuses() {
    let several = |asked| match find(asked).expect("there are hits") {
        Found::Several(statuses) => statuses,
        Found::One(status) => panic!("only {status}"),
    };
    assert_eq!(several("timeout"), [Status::REQUEST_TIMEOUT, Status::GATEWAY_TIMEOUT]);
    assert_eq!(several("unused"), [Status::SWITCH_PROXY, Status::IM_A_TEAPOT]);
    assert_eq!(several("1xx").len(), 5);
    assert_eq!(several("Server Error").len(), 11);
}

#[test]
fn what_is_no_status_is_an_error_with_advice() {
    for asked in ["0", "99", "600", "1000", "0404", "99999999999999999999"] {
        assert!(matches!(find(asked), Err(ExplainError::OutOfRange { .. })), "{asked}");
    }
    let error = find("nott fuond").expect_err("nothing is called so");
    assert_eq!(error.to_string(), "no status is called \"nott fuond\"; did you mean 404 Not Found");
    for asked in ["xyzzy", "?!", "40x"] {
        assert!(matches!(find(asked), Err(ExplainError::Unknown { near, .. }) if near.is_empty()), "{asked}");
    }
}

#[test]
fn an_unregistered_code_is_explained_by_its_class() {
    let page = text(Some("471"), false, 80);
    assert!(page.contains("471 (not registered)") && page.contains("400 Bad Request"), "{page}");
    assert!(page.contains("  417  Expectation Failed"), "{page}");
    let json = json(Some("471"));
    assert!(json.contains("\"registered\":false") && json.contains("\"treated_as\":400"), "{json}");
}

#[test]
fn json_is_one_line_without_paint_and_with_escapes() {
    assert_eq!(string("a\"b\\c\n§"), "\"a\\\"b\\\\c\\u000a§\"");
    for what in everything() {
        let json = json(what.as_deref());
        assert_eq!(json.lines().count(), 1, "{what:?}");
        assert!(!json.contains('\x1b'), "{what:?}");
    }
    assert!(json(Some("405")).contains("{\"field\":\"Allow\",\"level\":\"must\""));
    assert_eq!(json(None).matches("\"code\":").count(), 64);
}

#[test]
fn a_failing_writer_is_reported() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let result = tell(&mut Full, Some("507"), Format::Text, Style { color: false, width: 80 });
    assert!(matches!(result, Err(ExplainError::Write(_))));
}
