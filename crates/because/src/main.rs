//! The program: one command a file.

mod cli;
mod commands;
mod diagnose;
mod input;
mod limits;
mod messages;
mod terminal;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use decision::draw;

use cli::{Cli, Command, Drawing, Page, Words};
use commands::{explain, graph, why};
use terminal::print;

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
        Command::Explain { what, format } => run_explain(&what.join(" "), format),
        Command::Why { token, format } => run_why(&token, format),
        Command::Graph { format, because, alone } => run_graph(format, because.as_deref(), alone),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "because", &mut out);
            print(&out)
        }
        Command::Man => manual(),
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

fn run_explain(what: &str, format: Page) -> Result<(), String> {
    let (color, width) = terminal::page();
    let format = match format {
        Page::Text => explain::Format::Text,
        Page::Json => explain::Format::Json,
        Page::Markdown => explain::Format::Markdown,
    };
    let mut out = Vec::new();
    let what = if what.is_empty() { None } else { Some(what) };
    explain::run(&mut out, what, format, explain::Style { color, width }).map_err(|e| e.to_string())?;
    print(&out)
}

fn run_why(token: &str, format: Words) -> Result<(), String> {
    let (color, width) = terminal::page();
    let format = match format {
        Words::Text => why::Format::Text { width, color },
        Words::Json => why::Format::Json,
    };
    let mut out = Vec::new();
    why::run(&mut out, token, format).map_err(|e| e.to_string())?;
    print(&out)
}

fn run_graph(format: Drawing, because: Option<&str>, alone: bool) -> Result<(), String> {
    let format = match format {
        Drawing::Text => draw::Format::Text,
        Drawing::Svg => draw::Format::Svg,
        Drawing::Dot => draw::Format::Dot,
        Drawing::Mermaid => draw::Format::Mermaid,
        Drawing::Markdown => draw::Format::Markdown,
    };
    let shown = match because {
        None => graph::Shown::Graph,
        Some(token) if alone => graph::Shown::Walk(token),
        Some(token) => graph::Shown::WalkIn(token),
    };
    let mut out = Vec::new();
    graph::run(&mut out, format, shown).map_err(|e| e.to_string())?;
    print(&out)
}

/// The manual page: that of the program, then that of each command, and of each within one.
fn manual() -> Result<(), String> {
    let mut out = Vec::new();
    let mut pages = vec![Cli::command()];
    while let Some(page) = pages.pop() {
        let of = |sub: &clap::Command| {
            sub.clone().display_name(format!("{}-{}", page.get_display_name().unwrap_or("because"), sub.get_name()))
        };
        // the first is to come next
        pages.extend(page.get_subcommands().map(of).collect::<Vec<_>>().into_iter().rev());
        clap_mangen::Man::new(page).render(&mut out).map_err(|e| e.to_string())?;
    }
    print(&out)
}
