//! A list for programs: an array of `{name, type, size, modified, href}`.

use super::{List, Member, text};
use semantics::text::json::{self, Plain};

/// The media type is application/json. A list that was cut ends with `{"type":"more","count":…}`, so that whoever takes the
/// array for the whole can tell.
pub(super) fn render(list: &List<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + list.members.len() * 128);
    out.push(b'[');
    for (at, member) in list.members.iter().enumerate() {
        out.extend(if at == 0 { &b"\n"[..] } else { b",\n" });
        line(member, &mut out);
    }
    if list.more > 0 {
        out.extend(if list.members.is_empty() { &b"\n"[..] } else { b",\n" });
        out.extend(format!("{{\"type\":\"more\",\"count\":{}}}", list.more).as_bytes());
    }
    out.extend(b"\n]\n");
    out
}

fn line(member: &Member, out: &mut Vec<u8>) {
    out.extend(b"{\"name\":\"");
    json::utf8(&member.name, Plain::Unicode, out);
    if member.folder {
        out.extend(b"\",\"type\":\"directory\"");
    } else {
        out.extend(format!("\",\"type\":\"file\",\"size\":{}", member.size).as_bytes());
    }
    out.extend(format!(",\"modified\":\"{}\",\"href\":\"", text::rfc3339(member.modified)).as_bytes());
    member.href(out);
    out.extend(b"\"}");
}
