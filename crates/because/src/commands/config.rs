//! `because config`: what there is to find out about a configuration without serving it, one command a file.

mod check;
mod diff;
mod explain;
mod words;

use std::process::ExitCode;

use crate::cli::tools::Config;

/// Runs the command.
pub(crate) fn run(command: &Config) -> Result<ExitCode, String> {
    match command {
        Config::Check { file } => check::run(file),
        Config::Explain(args) => explain::run(args),
        Config::Diff { old, new, requests } => diff::run(old, new, requests),
        Config::Words { word } => words::words(word.as_deref()).map(|()| ExitCode::SUCCESS),
        Config::Schema => words::schema().map(|()| ExitCode::SUCCESS),
    }
}
