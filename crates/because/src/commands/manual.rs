//! `because man` and `because completions`: the command line, told to those who read manuals and to shells.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::terminal::print;

/// Prints the completions for this shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), String> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "because", &mut out);
    print(&out)
}

/// The manual page: that of the program, then that of each command, and of each within one.
pub(crate) fn page() -> Result<(), String> {
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
