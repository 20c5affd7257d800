//! What a server says when it starts: where to click, what is served, what is allowed. To standard error: standard output is the
//! log's.

use config::model::Log;
use log::Level;
use resources::rules::book::Memory;
use semantics::method::Method;
use transport::listen::Address;

use crate::messages;
use server::Bound;
use server::plan::build::{CONFIGURATION, withheld};
use server::plan::{Plan, SitePlan};
use server::settings::{Run, Source};

/// Fewer connections than this are worth a word, if more were wanted.
const FEW: usize = 1_024;

/// Says it.
pub(super) fn announce(source: &Source, bound: &Bound) {
    let (plan, run, addresses) = (bound.plan(), bound.run(), &*bound.addresses());
    match &*plan.sites {
        [only] => say(&format!("because {} serves {}", env!("CARGO_PKG_VERSION"), only.folder.display())),
        sites => say(&format!("because {} serves {} sites", env!("CARGO_PKG_VERSION"), sites.len())),
    }
    for (nth, address) in addresses.iter().enumerate() {
        let held = if nth + run.captive >= addresses.len() { "  clients log in to the network first" } else { "" };
        let everywhere = if is_everywhere(address) { "  and every other address of this machine" } else { "" };
        tell_address(address, &[everywhere, held].concat());
    }
    plan.sites.iter().for_each(|site| tell_site(site, run, plan.sites.len() > 1));
    if run.limits.connections < bound.wanted_connections().min(FEW) {
        let connections = run.limits.connections;
        warn(&format!("  {connections} connections at a time; for more, raise the limit of open files (ulimit -n)"));
    }
    if let (None, [site]) = (source.file(), &*plan.sites)
        && site.folder.join(CONFIGURATION).is_file()
    {
        let file = source.path().join(CONFIGURATION);
        say(&format!("  {CONFIGURATION} is not served, nor followed: that does `because serve {}`", file.display()));
    }
    warn_of_writers(source, plan, addresses);
    if run.log != Log::Off {
        say("  the number in each line below has its reason: `because why NUMBER` tells it in words");
    }
    tell_admin(&bound.admin_addresses());
}

fn either(on: bool, yes: &'static str, no: &'static str) -> &'static str {
    if on { yes } else { no }
}

fn tell_site(site: &SitePlan, run: &Run, several: bool) {
    let options = &site.options;
    let begin = if several { format!("{} · {} · ", site.name, site.folder.display()) } else { String::new() };
    let theirs = |scope: u8| scope < withheld::SCOPE;
    let rules = match site.book.routes().rules().iter().filter(|rule| theirs(rule.scope)).count() {
        0 => String::new(),
        1 => " · 1 rule".to_owned(),
        many => format!(" · {many} rules"),
    };
    say(&format!(
        "  {begin}{} · {} · {}{rules} · {} {}",
        match (options.writable, options.drops.is_empty()) {
            (true, _) => "clients may write",
            (false, true) => "read only",
            (false, false) => "clients may add files to some folders",
        },
        either(options.listing, "folders are listed", "folders are not listed"),
        either(options.hidden, "dot files are served", "dot files are hidden"),
        run.threads,
        either(run.threads == 1, "thread", "threads"),
    ));
}

/// A folder that anybody can change is worth a word.
fn warn_of_writers(source: &Source, plan: &Plan, addresses: &[Address]) {
    let open = |site: &&SitePlan| {
        let free = |path: &str, method: Method| {
            let force = site.book.in_force(path.as_bytes(), method.name().as_bytes(), &mut Memory::default());
            force.guard.as_ref().is_none_or(|guard| !guard.value.wants_proof() && guard.value.from.is_none())
        };
        let options = &site.options;
        options.writable && free("", Method::PUT) || options.drops.iter().any(|drop| free(drop, Method::POST))
    };
    let Some(site) = plan.sites.iter().find(open).filter(|_| addresses.iter().any(is_public)) else { return };
    let may = either(site.options.writable, "change and remove everything in the folder", "add files to the folder");
    warn(&format!("  WARNING: whoever reaches this address may {may};"));
    warn(match source.file() {
        None => "  a configuration with `guard` asks for a password; else listen on 127.0.0.1 only",
        Some(_) => "  `guard` asks for a password",
    });
}

/// Can somebody reach it who is not on this machine?
fn is_public(address: &Address) -> bool {
    matches!(address, Address::Internet(address) if !address.ip().is_loopback())
}

/// Says where those who run the server look on.
fn tell_admin(addresses: &[Address]) {
    for address in addresses {
        tell_address(address, "  for you: verdicts live, /metrics, /healthz, /readyz");
    }
}

/// Says that this address is listened on: as a person can click it.
fn tell_address(address: &Address, words: &str) {
    let shown = match address {
        Address::Internet(a) if a.ip().is_unspecified() => format!("http://localhost:{}/", a.port()),
        Address::Internet(a) => format!("http://{a}/"),
        Address::Unix(path) => format!("unix:{}", path.display()),
    };
    messages::announce(Level::Info, &format!("  {shown}{words}"), &[("address", &shown)]);
}

fn is_everywhere(address: &Address) -> bool {
    matches!(address, Address::Internet(a) if a.ip().is_unspecified())
}

fn say(text: &str) {
    messages::announce(Level::Info, text, &[]);
}

fn warn(text: &str) {
    messages::announce(Level::Warn, text, &[]);
}
