//! `because config check`: the mistakes of a configuration, found as `serve` would find them.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use config::{Config, Diagnostic};

use crate::cli::{Cli, Command, Serve};
use crate::configured::{self, Purpose, State};
use crate::diagnose::counted;
use crate::plan::Plan;
use crate::random::random;
use crate::settings::{self, Run, Source};
use crate::terminal::{self, colour, print};

/// A configuration that is looked at, and not served.
pub(crate) struct Looked {
    pub(crate) config: Config,
    pub(crate) plan: Plan,
    pub(crate) run: Run,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// What `serve` would make of this configuration, without touching anything; or the mistakes that it would tell.
pub(crate) fn look(file: &Path) -> Result<Looked, Vec<Diagnostic>> {
    let (config, mut warnings) = Source::of_file(file, arguments(file).flags()).read()?;
    let run = settings::of_config(&config)?;
    let secret = random().map_err(|why| vec![Diagnostic::of(why)])?;
    let state = State::new(secret);
    let (plan, more) = configured::plan(&config, &state, &run.listen, Purpose::Look)?;
    warnings.extend(more);
    Ok(Looked { config, plan, run, warnings })
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
