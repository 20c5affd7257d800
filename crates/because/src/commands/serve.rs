//! `because serve`: reads what is to be served, starts the server, says where it is, and waits for the order to stop.

use std::io;
use std::process::ExitCode;

use config::model::Log;
use config::{Diagnostic, Place};

use crate::cli::{LogFormat, Serve};
use crate::{messages, terminal};
use server::Watched;
use server::settings::{self, Source};
use server::{Bound, StartError};

mod announce;
mod signals;

use signals::Signals;

/// Runs the command.
pub(crate) fn run(args: &Serve) -> ExitCode {
    match serve(args) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(StartError::Configuration(mistakes)) => tell(&mistakes),
        Err(error) => messages::refuse(&error.to_string()),
    }
    ExitCode::FAILURE
}

fn serve(args: &Serve) -> Result<(), StartError> {
    messages::start(args.log == Some(LogFormat::Json));
    let source = Source::of(&args.folder, args.flags());
    // looked at before it is read, so that no change in between is missed
    let watched = Watched::new(source.file());
    let (config, mut warnings) = source.read().map_err(StartError::Configuration)?;
    let run = settings::of_config(&config).map_err(StartError::Configuration)?;
    messages::start(run.log == Log::Json);
    let (bound, more) = Bound::new(&config, run)?;
    warnings.extend(more);
    messages::diagnose(&warnings);
    let signals = Signals::catch().map_err(|e| StartError::System("wait for signals", e))?;
    announce::announce(&source, &bound);
    let server = bound.start(terminal::colour(&io::stdout()))?;
    signals.wait(server, watched, &source)
}

/// Tells why nothing is served. A mistake of the command line has no lines of a file to show, and is told in one line.
fn tell(mistakes: &[Diagnostic]) {
    let by_flag = |mistake: &Diagnostic| mistake.place().is_some_and(Place::is_flag);
    if !mistakes.iter().all(by_flag) {
        return messages::diagnose(mistakes);
    }
    for mistake in mistakes {
        match mistake.place().map(Place::file).filter(|name| name.starts_with("--")) {
            Some(flag) => messages::refuse(&format!("{flag}: {}", mistake.message())),
            None => messages::refuse(mistake.message()),
        }
    }
}
