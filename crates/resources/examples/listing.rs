//! Writes the list of a folder to standard output: `cargo run --example listing -- <folder> [<path>/[?<query>]] [<Accept>]`.
//!
//! For looking at it in a browser while its style is worked on.

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use resources::{Files, Moment, Options, Wanted};
use semantics::date::Date;
use semantics::field::Rendered;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let root = arguments.next().map(PathBuf::from).ok_or("which folder?")?;
    let path = arguments.next().map(OsString::into_encoded_bytes).unwrap_or_default();
    let accept = arguments.next().map(OsString::into_encoded_bytes);
    let options = Options { listing: true, index: Vec::new(), ..Options::default() };
    let files = Files::open(&root, &options, None, |_| Rendered::default())?;
    let question = path.iter().position(|&byte| byte == b'?');
    let (path, query) = path.split_at(question.unwrap_or(path.len()));
    let wanted = Wanted {
        path: path.strip_suffix(b"/").unwrap_or(path),
        trailing_slash: true,
        query: query.get(1..),
        accept: accept.iter().map(Vec::as_slice),
        visibility: None,
        now: Moment {
            millis: 0,
            date: Date::from_unix(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().cast_signed()),
        },
    };
    let found = tokio::runtime::Builder::new_current_thread().build()?.block_on(files.find(wanted));
    match found.whole().octets() {
        Some(octets) if found.facts().representation => Ok(std::io::stdout().write_all(octets)?),
        _ => Err(format!("there is no list: {:?}", found.facts()).into()),
    }
}
