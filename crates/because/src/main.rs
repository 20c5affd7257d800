//! The program: reads its command line and runs the command, each of which is a file of `commands`.

mod cli;
mod commands;
mod diagnose;
mod input;
mod limits;
mod messages;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, Command};

// Connections come and go by the thousand, and their tasks are small and of one size.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let done = match cli.command {
        Command::Serve(serve) => return commands::serve::run(&serve),
        Command::Explain { what, format } => commands::explain::run(&what.join(" "), format),
        Command::Why { token, format } => commands::why::run(&token, format),
        Command::Graph { format, because, alone } => commands::graph::run(format, because.as_deref(), alone),
        Command::Completions { shell } => commands::manual::completions(shell),
        Command::Man => commands::manual::page(),
        Command::Hash(args) => commands::hash::run(&args),
        Command::Token(args) => commands::token::run(&args),
        Command::Config { command } => return ended(commands::config::run(&command)),
        Command::Log(args) => commands::log::run(&args),
        Command::Replay(args) => return ended(commands::replay::run(&args)),
    };
    ended(done.map(|()| ExitCode::SUCCESS))
}

/// Tells what went wrong, if something did.
fn ended(done: Result<ExitCode, String>) -> ExitCode {
    match done {
        Ok(code) => code,
        Err(message) => {
            eprintln!("because: {message}");
            ExitCode::from(2)
        }
    }
}

/// Tells what was wrong with the command line, in one line; help and version, which come this way too, as they are.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) {
        // a reader that is gone needs no help
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
    }
    let text = error.to_string();
    let (mut offence, mut tip) = (String::new(), "");
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix("tip: ") {
            Some(similar) if similar.contains("similar") => tip = similar,
            Some(_) => {}
            None if line.starts_with("Usage: ") || line.starts_with("For more information") => break,
            None if offence.is_empty() => offence.push_str(line.strip_prefix("error: ").unwrap_or(line)),
            None => offence.extend([" ", line]),
        }
    }
    let tip = if tip.is_empty() { String::new() } else { format!("; {tip}") };
    eprintln!("because: {offence}{tip}; see --help");
    ExitCode::from(2)
}
