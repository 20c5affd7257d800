//! Octets of names written where they must not be misread: in a URI, and in a text.

/// Appends a name as one segment of a URI's path. All but the unreserved characters are percent-encoded (RFC 3986 §2.3), so
/// no name can become a scheme, a query, a second segment, or a backslash that a browser takes for a slash.
pub(crate) fn segment(name: &[u8], out: &mut Vec<u8>) {
    for &byte in name {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte);
        } else {
            percent(byte, out);
        }
    }
}

fn percent(byte: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

/// The place of a collection on this host: its path with a slash at the end, and the query.
///
/// Made of the decoded names, not of what the client sent: it starts with one slash and a name, so it can be read neither as
/// another host (`//evil.example`) nor as a relative path.
pub(crate) fn location(path: &[u8], query: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + query.map_or(0, <[u8]>::len) + 16);
    out.push(b'/');
    for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        segment(name, &mut out);
        out.push(b'/');
    }
    if let Some(query) = query {
        out.push(b'?');
        for &byte in query {
            // What a query may have (RFC 3986 §3.4) it keeps; what browsers send raw all the same is escaped.
            if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte) {
                out.push(byte);
            } else {
                percent(byte, &mut out);
            }
        }
    }
    out
}

/// Appends octets as the text of HTML, in an attribute with quotes too. Shown as `�` is what is no UTF-8, a control, and a
/// character that changes the direction of what follows, so that a name cannot pose as another.
pub(crate) fn html(octets: &[u8], out: &mut Vec<u8>) {
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '&' => out.extend(b"&amp;"),
                '<' => out.extend(b"&lt;"),
                '>' => out.extend(b"&gt;"),
                '"' => out.extend(b"&quot;"),
                '\'' => out.extend(b"&#39;"),
                shown => push(visible(shown), out),
            }
        }
        if !chunk.invalid().is_empty() {
            push(char::REPLACEMENT_CHARACTER, out);
        }
    }
}

/// Appends octets as the content of a string of JSON (RFC 8259 §7). What is no UTF-8 is `�`; the octets themselves are in
/// the link.
pub(crate) fn json(octets: &[u8], out: &mut Vec<u8>) {
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.extend(b"\\\""),
                '\\' => out.extend(b"\\\\"),
                '\0'..='\x1f' | '\x7f' => out.extend(format!("\\u{:04x}", u32::from(character)).as_bytes()),
                character => push(character, out),
            }
        }
        if !chunk.invalid().is_empty() {
            push(char::REPLACEMENT_CHARACTER, out);
        }
    }
}

fn push(character: char, out: &mut Vec<u8>) {
    out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The character, or `�` in the stead of one that is not seen.
fn visible(character: char) -> char {
    match character {
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        control if control.is_control() => char::REPLACEMENT_CHARACTER,
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(write: fn(&[u8], &mut Vec<u8>), octets: &[u8]) -> String {
        let mut out = Vec::new();
        write(octets, &mut out);
        String::from_utf8(out).expect("all three write UTF-8")
    }

    #[test]
    fn a_location_stays_on_this_host() {
        for (path, query, location_is) in [
            (&b"docs"[..], None, "/docs/"),
            (b"a b/\xff", None, "/a%20b/%FF/"),
            (b"\\evil.example", None, "/%5Cevil.example/"),
            (b"/evil.example", None, "/evil.example/"),
            (b"//evil.example", None, "/evil.example/"),
            (b"http:/x", None, "/http%3A/x/"),
            (b"?#%", None, "/%3F%23%25/"),
            (b"a\r\nSet-Cookie: x", None, "/a%0D%0ASet-Cookie%3A%20x/"),
            (b"a", Some(&b"b=c&d=/e?%20"[..]), "/a/?b=c&d=/e?%20"),
            (b"a", Some(b""), "/a/?"),
            (b"a", Some(b"\r\n\xff<"), "/a/?%0D%0A%FF%3C"),
        ] {
            assert_eq!(String::from_utf8_lossy(&location(path, query)), location_is);
        }
    }

    #[test]
    fn a_segment_is_one_segment() {
        assert_eq!(shown(segment, b"a-b_c.d~e"), "a-b_c.d~e");
        assert_eq!(shown(segment, b"a:b/c?d#e%f\"g'h<i&j;k=l\n"), "a%3Ab%2Fc%3Fd%23e%25f%22g%27h%3Ci%26j%3Bk%3Dl%0A");
    }

    #[test]
    fn html_is_text() {
        assert_eq!(shown(html, b"<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
        assert_eq!(shown(html, b"a&\"b"), "a&amp;&quot;b");
        assert_eq!(shown(html, b"caf\xe9\n"), "caf\u{fffd}\u{fffd}");
        assert_eq!(shown(html, "a\u{202e}gpj.exe שלום".as_bytes()), "a\u{fffd}gpj.exe שלום");
    }

    #[test]
    fn json_is_a_string() {
        assert_eq!(shown(json, b"a\"b\\c\n\x7f\xff"), "a\\\"b\\\\c\\u000a\\u007f\u{fffd}");
    }
}
