//! A list for people.
//!
//! One page that asks for nothing more: the style and the icons are in it. It has a script only where the folder can be written
//! to.

use semantics::text::html as escape;

use super::{Grant, List, Member, Order, SortKey, text, upload};
use crate::media_types;

const STYLE: &str = include_str!("style.css");
const ICONS: &str = include_str!("icons.svg");

pub(super) fn render(list: &List<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(STYLE.len() + ICONS.len() + 2_048 + list.members.len() * 320);
    head(list, &mut out);
    trail(list, &mut out);
    summary(list, &mut out);
    upload::form(list.grant, &mut out);
    if !list.members.is_empty() || !list.path.is_empty() {
        table(list, &mut out);
    }
    if list.more > 0 {
        let more = text::grouped(list.more as u64);
        put(&format!("<p class=more>… and {more} more: this list ends here.</p>\n"), &mut out);
    }
    put("</main>\n", &mut out);
    upload::script(list.grant, &mut out);
    put("</body>\n</html>\n", &mut out);
    out
}

fn put(text: &str, out: &mut Vec<u8>) {
    out.extend(text.as_bytes());
}

fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').filter(|name| !name.is_empty())
}

fn head(list: &List<'_>, out: &mut Vec<u8>) {
    put("<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n", out);
    put("<meta name=viewport content=\"width=device-width, initial-scale=1\">\n", out);
    // Without this line a browser asks for /favicon.ico.
    put("<meta name=color-scheme content=\"light dark\">\n<link rel=icon href=\"data:,\">\n<title>", out);
    match names(list.path).last() {
        Some(name) => escape::name(name, out),
        None => put("Files", out),
    }
    put("</title>\n<style>\n", out);
    put(STYLE, out);
    if list.grant != Grant::Nothing {
        put(upload::STYLE, out);
    }
    put("</style>\n</head>\n<body>\n", out);
    put(ICONS, out);
    put("<main>\n", out);
}

/// The folders that lead here, each a link but the last.
fn trail(list: &List<'_>, out: &mut Vec<u8>) {
    let depth = names(list.path).count();
    put("<nav aria-label=Folder><h1>", out);
    let home: &[u8] = b"<svg class=i role=img aria-label=\"Root folder\"><use href=\"#h\"/></svg>";
    let label: &[u8] = if depth == 0 { b" Files" } else { b"" };
    step(list.order, depth, &[home, label].concat(), out);
    for (at, name) in names(list.path).enumerate() {
        let mut shown = b"<bdi>".to_vec();
        escape::name(name, &mut shown);
        shown.extend(b"</bdi>");
        put("<span>/</span>", out);
        step(list.order, depth - at - 1, &shown, out);
    }
    put("</h1></nav>\n", out);
}

/// One of them, so many folders up.
fn step(order: Order, up: usize, shown: &[u8], out: &mut Vec<u8>) {
    if up == 0 {
        put("<b aria-current=page>", out);
        out.extend(shown);
        put("</b>", out);
    } else {
        put("<a href=\"", out);
        put(&"../".repeat(up), out);
        put(order.query(), out);
        put("\">", out);
        out.extend(shown);
        put("</a>", out);
    }
}

fn summary(list: &List<'_>, out: &mut Vec<u8>) {
    let folders = list.members.iter().filter(|member| member.folder).count();
    let files = list.members.len() - folders;
    let octets: u64 = list.members.iter().fold(0, |sum, member| sum.saturating_add(member.size));
    let mut parts = Vec::new();
    if folders > 0 {
        parts.push(text::counted(folders as u64, "folder", "folders"));
    }
    if files > 0 {
        parts.push(text::counted(files as u64, "file", "files"));
        let exact = text::counted(octets, "byte", "bytes");
        parts.push(format!("<span title=\"{exact}\">{}</span>", text::size(octets)));
    }
    if parts.is_empty() {
        parts.push(if list.more == 0 { "This folder is empty." } else { "Nothing is shown." }.to_owned());
    }
    let cut = list.more > 0 && !list.members.is_empty();
    put(&format!("<p class=sum>{}{}</p>\n", if cut { "The first: " } else { "" }, parts.join(" · ")), out);
}

impl Order {
    /// The query that keeps this order on the way to another folder.
    const fn query(self) -> &'static str {
        match (self.key, self.descending) {
            (SortKey::Name, false) => "",
            (SortKey::Name, true) => "?sort=name&amp;order=desc",
            (SortKey::Size, false) => "?sort=size&amp;order=asc",
            (SortKey::Size, true) => "?sort=size&amp;order=desc",
            (SortKey::Date, false) => "?sort=date&amp;order=asc",
            (SortKey::Date, true) => "?sort=date&amp;order=desc",
        }
    }
}

/// The head of a column: a link that sorts by it. Names begin at A, sizes at the largest, dates at the newest; the other
/// way round if that is how it is sorted.
fn column(list: &List<'_>, key: SortKey, class: &str, label: &str, out: &mut Vec<u8>) {
    let current = list.order.key == key;
    let descending = if current { !list.order.descending } else { key != SortKey::Name };
    let (sorted, arrow) = match (current, list.order.descending) {
        (false, _) => ("", ""),
        (true, false) => (" aria-sort=ascending", "<i>▲</i>"),
        (true, true) => (" aria-sort=descending", "<i>▼</i>"),
    };
    // The default order has no query of its own, but a link to the empty query is a link to this very page.
    let query = match (Order { key, descending }).query() {
        "" => "?sort=name",
        query => query,
    };
    put(&format!("<th class={class} scope=col{sorted}><a href=\"{query}\">{label}{arrow}</a></th>"), out);
}

fn table(list: &List<'_>, out: &mut Vec<u8>) {
    put("<table>\n<thead><tr>", out);
    column(list, SortKey::Name, "n", "Name", out);
    column(list, SortKey::Size, "s", "Size", out);
    column(list, SortKey::Date, "d", "Modified<span> UTC</span>", out);
    put("</tr></thead>\n<tbody>\n", out);
    if !list.path.is_empty() {
        let query = list.order.query();
        let icon = "<svg class=\"i u\" aria-hidden=true><use href=\"#u\"/></svg>";
        put(&format!("<tr><td class=n colspan=3><a href=\"../{query}\">{icon}Parent folder</a></td></tr>\n"), out);
    }
    for member in &list.members {
        row(member, list.order, out);
    }
    put("</tbody>\n</table>\n", out);
}

fn row(member: &Member, order: Order, out: &mut Vec<u8>) {
    put("<tr><td class=n><a href=\"", out);
    member.href(out);
    if member.folder {
        put(order.query(), out);
    }
    let icon = if member.folder { "f" } else { icon(&member.name) };
    put(&format!("\"><svg class=\"i {icon}\" aria-hidden=true><use href=\"#{icon}\"/></svg><bdi>"), out);
    escape::name(&member.name, out);
    put(if member.folder { "</bdi></a></td><td class=s>" } else { "</bdi></a></td><td class=s" }, out);
    if !member.folder {
        let exact = text::counted(member.size, "byte", "bytes");
        put(&format!(" title=\"{exact}\">{}", text::size(member.size)), out);
    }
    let date = text::rfc3339(member.modified);
    let (day, time) = (&date[..10], &date[11..16]);
    put(&format!("</td><td class=d><time datetime=\"{date}\" title=\"{date}\">{day} <span>{time}</span>"), out);
    put("</time></td></tr>\n", out);
}

/// The icon of a file: what its name promises.
fn icon(name: &[u8]) -> &'static str {
    let media_type = media_types::by_name(name).unwrap_or("text/plain");
    let (kind, subtype) = media_type.split_once('/').unwrap_or_default();
    match (kind, subtype) {
        ("image", _) => "p",
        ("audio", _) => "a",
        ("video", _) => "v",
        ("text", _) | (_, "pdf" | "json" | "xml" | "yaml" | "toml" | "epub+zip" | "rtf" | "jsonl") => "t",
        (_, "zip" | "gzip" | "x-tar" | "zstd" | "x-xz" | "x-bzip2" | "x-brotli" | "x-7z-compressed") => "z",
        (_, "x-rar-compressed" | "java-archive" | "x-compressed" | "vnd.debian.binary-package" | "x-rpm") => "z",
        _ => "o",
    }
}
