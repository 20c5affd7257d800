//! Reads Rust source as far as the laws need it: code without comments and texts, items that only tests have, lengths of functions.

/// Blanks comments, documentation and the content of string and character literals. Lines keep their numbers.
pub(crate) fn bare(text: &str) -> String {
    let octets = text.as_bytes();
    let mut out = Vec::with_capacity(octets.len());
    let mut at = 0;
    while at < octets.len() {
        let (end, keeps) = token(octets, at);
        for &octet in &octets[at..end] {
            out.push(if keeps || octet == b'\n' { octet } else { b' ' });
        }
        at = end;
    }
    String::from_utf8(out).expect("what is blanked is blanked whole")
}

/// Where what begins at `at` ends, and whether it is code.
fn token(octets: &[u8], at: usize) -> (usize, bool) {
    let rest = &octets[at..];
    let word = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'_';
    let inside_word = at > 0 && word(octets[at - 1]);
    match rest {
        [b'/', b'/', ..] => (at + rest.iter().position(|&o| o == b'\n').unwrap_or(rest.len()), false),
        [b'/', b'*', ..] => (at + block_comment(rest), false),
        [b'"', ..] => (at + quoted(rest, b'"'), false),
        [b'r', b'"' | b'#', ..] if !inside_word => raw(rest).map_or((at + 1, true), |length| (at + length, false)),
        [b'b', b'r', b'"' | b'#', ..] if !inside_word => {
            raw(&rest[1..]).map_or((at + 1, true), |length| (at + 1 + length, false))
        }
        // a lifetime has no second quote
        [b'\'', b'\\', ..] => (at + quoted(rest, b'\''), false),
        [b'\'', first, ..] => {
            let width = match *first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { (at + 2 + width, false) } else { (at + 1, true) }
        }
        _ => (at + 1, true),
    }
}

/// Block comments nest.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The length of a raw string that begins with its `r`; a raw identifier is none.
fn raw(rest: &[u8]) -> Option<usize> {
    let marks = rest[1..].iter().take_while(|&&o| o == b'#').count();
    if rest.get(1 + marks) != Some(&b'"') {
        return None;
    }
    let end = [&b"\""[..], &vec![b'#'; marks]].concat();
    let body = 2 + marks;
    let length = rest[body..].windows(end.len()).position(|window| window == end)?;
    Some(body + length + end.len())
}

/// The code of a file without comments, texts, and the items that `#[cfg(test)]` applies to: a module, a function, a `use`.
pub(crate) fn code(text: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut code = bare(text);
    while let Some(start) = code.find(MARK) {
        let end = item_end(&code, start + MARK.len());
        let blank: String = code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        code.replace_range(start..end, &blank);
    }
    code
}

/// Where the item that begins behind `start` ends: at its `;` or at the brace that closes its first one. What stands in brackets
/// (further attributes, parameters, lists) holds neither. A field, an arm or an argument ends at its `,`.
fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    let mut braced = false;
    for (at, octet) in code.bytes().enumerate().skip(start) {
        match octet {
            b'(' | b'[' => depth += 1,
            b'{' => (depth, braced) = (depth + 1, braced || depth == 0),
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' => depth -= 1,
            b'}' => {
                depth -= 1;
                // `use a::{b, c};` ends at its semicolon
                if depth == 0 && braced && !code[at + 1..].trim_start().starts_with(';') {
                    return at + 1;
                }
            }
            b';' | b',' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The functions in code without comments and texts: name, line, and the lines from `fn` to the closing brace.
pub(crate) fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code[..at].chars().next_back();
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() || before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let end = item_end(code, at);
        let line = code[..at].matches('\n').count() + 1;
        found.push((name, line, code[at..end].lines().count()));
    }
    found
}

/// Is this word, and no longer one, in the code?
pub(crate) fn holds(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(part) && !code[at + word.len()..].chars().next().is_some_and(part)
    })
}

#[test]
fn comments_and_texts_are_no_code() {
    let text = "a // b\n/* c /* d */ e */ f(\"g\\\" h\", 'i', '\\'', r#\"j\" k\"#, b\"l\") // m\nfn n<'o>() {}\n";
    let bare = bare(text);
    assert_eq!(bare.lines().count(), text.lines().count());
    let words: Vec<&str> = bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    assert_eq!(words, ["a", "f", "b", "fn", "n", "o"]);
}

#[test]
fn only_the_item_that_tests_have_is_skipped() {
    let text = "#[cfg(test)]\nuse a::{b, c};\nfn kept() {}\n#[cfg(test)]\n#[allow(x)]\nfn gone(d: [u8; 3]) { e; { f } }\nlet kept_too = 1;\n\
                #[cfg(test)]\nmod tests { fn g() {} }\nstruct Last { #[cfg(test)] h: u8, i: u8 }\n";
    let code = code(text);
    for word in ["kept", "kept_too", "Last", "i"] {
        assert!(holds(&code, word), "{word}: {code}");
    }
    for word in ["a", "b", "gone", "e", "f", "g", "h", "cfg"] {
        assert!(!holds(&code, word), "{word}: {code}");
    }
}

#[test]
fn functions_are_measured() {
    let code = "trait T { fn a(x: [u8; 2]) -> u8; }\nfn b() {\n    if x { y } else { z }\n}\nconst C: fn(u8) = d;\n";
    assert_eq!(functions(code), [("a".to_owned(), 1, 1), ("b".to_owned(), 2, 3)]);
}
