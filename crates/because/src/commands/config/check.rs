//! `because config check`: the mistakes of a configuration, found as `serve` would find them.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use config::Diagnostic;
use server::settings::Source;
use server::supposed::Looked;

use crate::cli::{Cli, Command, Serve};
use crate::diagnose::counted;
use crate::terminal::{self, colour, print};

/// What `serve` would make of this configuration, without touching anything; or the mistakes that it would tell.
fn look(file: &Path) -> Result<Looked, Vec<Diagnostic>> {
    server::supposed::look(&Source::of_file(file, arguments(file).flags()))
}

/// The command line `because serve FILE`, with what the environment says.
fn arguments(file: &Path) -> Box<Serve> {
    let words = ["because".as_ref(), "serve".as_ref(), "--".as_ref(), file.as_os_str()];
    match Cli::try_parse_from(words).map(|cli| cli.command) {
        Ok(Command::Serve(serve)) => serve,
        Ok(_) => unreachable!("it says serve"),
        // the environment says something that is none of ours, as `serve` would tell, too
        Err(error) => error.exit(),
    }
}

/// Runs the command.
pub(crate) fn run(file: &Path) -> Result<ExitCode, String> {
    match look(file) {
        Ok(looked) => {
            if !looked.warnings.is_empty() {
                eprintln!("{}", config::render(&looked.warnings, colour(&io::stderr())));
            }
            print(summary(file, &looked).as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            eprint!("{}", config::render(&mistakes, colour(&io::stderr())));
            let wrong = mistakes.iter().filter(|told| told.severity() == config::Severity::Error).count();
            if wrong > 1 {
                eprintln!("\nbecause: {} has {}", file.display(), counted(wrong, "mistake"));
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Tells mistakes on standard error, in colour where that is wanted: for commands that need a configuration without any.
pub(crate) fn needed(file: &Path) -> Result<Looked, String> {
    look(file).map_err(|mistakes| {
        eprintln!("{}", config::render(&mistakes, colour(&io::stderr())));
        format!("{} has mistakes, so nothing can be told of it", file.display())
    })
}

fn summary(file: &Path, looked: &Looked) -> String {
    let Looked { config, plan, run, warnings } = looked;
    let name = file.display().to_string();
    let right = terminal::painted(colour(&io::stdout()), "1;32", &format!("{name} is right")).into_owned();
    let own: usize =
        plan.sites.iter().map(|site| site.book.routes().rules().iter().filter(|rule| rule.scope > 0).count()).sum();
    let rules = own + config.rules.len();
    let listen: Vec<String> = run.listen.iter().map(ToString::to_string).collect();
    let warned =
        if warnings.is_empty() { String::new() } else { format!(", with {}", counted(warnings.len(), "warning")) };
    format!(
        "{right}{warned}: {}, {}, {}{}; it listens on {}\n",
        counted(plan.sites.len(), "site"),
        counted(rules, "rule"),
        counted(config.users.list.len(), "user"),
        if config.issuers.is_empty() {
            String::new()
        } else {
            format!(", {}", counted(config.issuers.len(), "issuer"))
        },
        listen.join(" "),
    )
}
