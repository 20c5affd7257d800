//! `because config explain`: what a request would be answered, which questions rules bear on, and which line decides.
//!
//! The request is put together and decided here; what is told of it is batched writer in `told.rs`, which rule won over which in
//! `contest.rs`, and how it looks is in `text.rs` and `json.rs`.

use std::process::ExitCode;
use std::sync::Arc;

use access::identity::Identity;
use decision::record::{self, FieldLine};
use resources::access_control::Supposed;
use semantics::field::Field;
use semantics::method::Method;
use semantics::request::{Framing, Request};
use semantics::version::Version;

use super::check;
use crate::cli::Words;
use crate::cli::tools::Explain;
use crate::terminal::{self, print};
use server::supposed::{Asked, CREDENTIALS, Decider};

pub(crate) mod contest;
mod json;
mod text;
mod told;

use told::Explained;

/// Runs the command.
pub(crate) fn run(args: &Explain) -> Result<ExitCode, String> {
    let decider = Decider::of(check::needed(&args.file)?)?;
    let who = who(args, &decider)?;
    let parts = Parts::of(args, &decider)?;
    let (octets, head) =
        record::head((parts.method.as_bytes(), parts.target.as_bytes(), Version::Http11), parts.framing, &parts.fields);
    let request = Request::new(&octets, &head);
    let supposed = who.clone().map_or(Supposed::AsSent, Supposed::User);
    let asked = Asked { request, who: supposed, from: Some(args.from), paid: args.paid };
    let told = decider.decide(&asked, |decision| Explained::of(&decider, decision, args, who.as_deref(), &parts.host));
    let told = told.ok_or("the connection would be closed without a word")?;
    match args.format {
        Words::Text => {
            let (colour, width) = terminal::page();
            print(text::write(&told, text::TextPage { colour, width }).as_bytes())?;
        }
        Words::Json => print(format!("{}\n", json::write(&told)).as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Who is supposed to ask.
fn who(args: &Explain, decider: &Decider) -> Result<Option<Arc<Identity>>, String> {
    let Some(name) = &args.user else { return Ok(None) };
    let known = decider.user(name).ok_or_else(|| {
        let names: Vec<&str> = decider.config.users.list.iter().map(|user| user.name.value.as_str()).take(8).collect();
        let names = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        format!("--as: {} has no user called \"{}\"; {names}", args.file.display(), name.escape_debug())
    })?;
    let mut identity = Identity::clone(&known);
    identity.groups.extend(args.group.iter().map(|group| group.trim_start_matches('@').to_owned()));
    Ok(Some(Arc::new(identity)))
}

/// The parts of the request.
struct Parts {
    method: String,
    target: String,
    host: String,
    fields: Vec<FieldLine>,
    framing: Framing,
}

impl Parts {
    fn of(args: &Explain, decider: &Decider) -> Result<Parts, String> {
        if args.method.is_empty() || !args.method.bytes().all(is_token) {
            return Err(format!("\"{}\" is no method", args.method.escape_debug()));
        }
        // names of methods are told apart by case (RFC 9110 §9.1), but nobody means another by small letters
        let large = args.method.to_ascii_uppercase();
        let method = if Method::of(large.as_bytes()).is_some() { large } else { args.method.clone() };
        let (authority, target) = target(&args.target)?;
        let mut lines = fields(&args.fields)?;
        let sent = lines.iter().position(|(name, _)| name.eq_ignore_ascii_case(b"host"));
        let sent = sent.map(|at| String::from_utf8_lossy(&lines.remove(at).1).into_owned());
        let host = args.host.clone().or(authority).or(sent).unwrap_or_else(|| decider.first_authority());
        lines.insert(0, (b"Host".to_vec(), host.clone().into_bytes()));
        if args.user.is_some() {
            if lines.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"authorization")) {
                return Err("--as and a field Authorization: who asks is told twice".to_owned());
            }
            lines.push((b"Authorization".to_vec(), CREDENTIALS.to_vec()));
        }
        let framing = framing(&lines)?;
        Ok(Parts { method, target, host, fields: lines, framing })
    }
}

/// The authority of a URL, if it is one, and the target.
fn target(text: &str) -> Result<(Option<String>, String), String> {
    if text.is_empty() || text.bytes().any(|octet| octet <= b' ' || octet == 0x7f) {
        return Err(format!("\"{}\" is no target: a space is written %20", text.escape_debug()));
    }
    let Some((_, rest)) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")) else {
        let whole = text.starts_with('/') || text == "*" || text.contains(':');
        return if whole { Ok((None, text.to_owned())) } else { Err(format!("a target begins with a slash: /{text}")) };
    };
    // what follows a # stays with the client (RFC 9110 §4.2.5)
    let rest = rest.split('#').next().unwrap_or_default();
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok((Some(authority.to_owned()), format!("{slash}{path}")))
}

fn fields(lines: &[String]) -> Result<Vec<FieldLine>, String> {
    let field = |line: &String| {
        let (name, value) = line.split_once(':')?;
        let sound = !name.is_empty()
            && name.bytes().all(is_token)
            && !value.bytes().any(|octet| matches!(octet, 0 | b'\r' | b'\n'));
        sound.then(|| (name.as_bytes().to_vec(), value.trim().as_bytes().to_vec()))
    };
    lines
        .iter()
        .map(|line| {
            field(line)
                .ok_or_else(|| format!("-H: \"{}\" is no field line, such as 'Accept: text/html'", line.escape_debug()))
        })
        .collect()
}

fn framing(lines: &[FieldLine]) -> Result<Framing, String> {
    let of = |field: Field| lines.iter().find(|(name, _)| Field::of(name) == Some(field)).map(|(_, value)| value);
    if of(Field::TRANSFER_ENCODING).is_some() {
        return Ok(Framing::Unannounced);
    }
    let Some(length) = of(Field::CONTENT_LENGTH) else { return Ok(Framing::None) };
    let length = std::str::from_utf8(length).ok().and_then(|digits| digits.parse().ok());
    match length.ok_or("-H: Content-Length is a number of octets")? {
        0 => Ok(Framing::None),
        length => Ok(Framing::Length(length)),
    }
}

/// RFC 9110 §5.6.2
const fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_an_authority_and_a_target() {
        let read = |text| target(text).map(|(authority, target)| (authority.unwrap_or_default(), target));
        for (text, authority, path) in [
            ("/a?b", "", "/a?b"),
            ("https://example.org/a?b#c", "example.org", "/a?b"),
            ("http://example.org:8080", "example.org:8080", "/"),
            ("http://example.org?q", "example.org", "/?q"),
            ("*", "", "*"),
            ("example.org:443", "", "example.org:443"),
        ] {
            assert_eq!(read(text), Ok((authority.to_owned(), path.to_owned())), "{text}");
        }
        assert_eq!(read("a/b").unwrap_err(), "a target begins with a slash: /a/b");
        assert!(read("/a b").is_err() && read("").is_err());
    }

    #[test]
    fn fields_are_lines() {
        assert_eq!(fields(&["Accept:  x/y ".to_owned()]), Ok(vec![(b"Accept".to_vec(), b"x/y".to_vec())]));
        for line in ["Accept", ": x", "a b: c", "a: b\r\nc: d"] {
            assert!(fields(&[line.to_owned()]).is_err(), "{line:?}");
        }
        let framed = |line: &str| framing(&fields(&[line.to_owned()]).expect("a field"));
        assert_eq!(framed("content-length: 5"), Ok(Framing::Length(5)));
        assert_eq!(framed("Content-Length: 0"), Ok(Framing::None));
        assert_eq!(framed("Transfer-Encoding: chunked"), Ok(Framing::Unannounced));
        assert!(framed("Content-Length: x").is_err());
    }
}
