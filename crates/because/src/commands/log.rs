//! `because log`: reads an access log, and tells what its lines say together.

use std::io::{self, BufRead, IsTerminal, Read as _};
use std::path::PathBuf;

use observe::logs::{self, By, Format, Options};

use crate::cli::Words;
use crate::cli::tools::{Gathering, Log};
use crate::{input, terminal};

/// Runs the command.
pub(crate) fn run(args: &Log) -> Result<(), String> {
    let options = Options {
        by: match args.by {
            Gathering::Cause => By::Cause,
            Gathering::Status => By::Code,
            Gathering::Path => By::Path,
            Gathering::Client => By::Client,
            Gathering::Rule => By::Rule,
            Gathering::User => By::User,
        },
        since: args.since,
        until: args.until,
        codes: args.status,
        cause: args.cause.clone(),
        path: args.path.clone(),
        why: args.why,
        rows: args.rows.into(),
        format: match args.format {
            Words::Json => Format::Json,
            Words::Text => {
                let (color, width) = terminal::page();
                Format::Text { width, color, unicode: terminal::is_unicode() }
            }
        },
    };
    let files: &[PathBuf] = if args.files.is_empty() { &["-".into()] } else { &args.files };
    let mut inputs: Box<dyn BufRead> = Box::new(io::empty());
    for file in files {
        if input::is_standard(file) && io::stdin().is_terminal() {
            return Err("which log? Name its file, or let one flow in: because serve site | because log".to_owned());
        }
        inputs = Box::new(inputs.chain(input::open(file)?));
    }
    let mut out = Vec::new();
    logs::run(inputs, &options, &mut out).map_err(|error| format!("the log cannot be read: {error}"))?;
    terminal::print(&out)
}
