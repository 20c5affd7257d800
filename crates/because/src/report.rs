//! `because log`: reads an access log, and tells what its lines say together.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::Path;

use observe::logs::{self, By, Format, Options};

use crate::cli::Words;
use crate::cli::tools::{Gathering, Log};

/// Octets read at a time.
const BLOCK: usize = 65_536;

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
                let (color, width) = crate::terminal();
                Format::Text { width, color, unicode: crate::is_unicode() }
            }
        },
    };
    let mut inputs: Box<dyn Read> = Box::new(io::empty());
    for file in &args.files {
        inputs = Box::new(inputs.chain(open(file)?));
    }
    if args.files.is_empty() {
        inputs = open(Path::new("-"))?;
    }
    let mut out = Vec::new();
    logs::run(BufReader::with_capacity(BLOCK, inputs), &options, &mut out)
        .map_err(|error| format!("the log cannot be read: {error}"))?;
    crate::print(&out)
}

fn open(file: &Path) -> Result<Box<dyn Read>, String> {
    if file != Path::new("-") {
        let opened = File::open(file).map_err(|error| format!("cannot open '{}': {error}", file.display()))?;
        return Ok(Box::new(opened));
    }
    let input = io::stdin();
    if input.is_terminal() {
        return Err("which log? Name its file, or let one flow in: because serve site | because log".to_owned());
    }
    Ok(Box::new(input))
}
