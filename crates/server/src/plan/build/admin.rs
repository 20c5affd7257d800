//! Who may look on: the rules of the admin listener.

use std::sync::Arc;

use access::gate;
use access::lists::{Lists, Who};
use config::{Config, Located};
use policy::pattern::Pattern;
use resources::access_control::Guard;
use resources::rules::{Rulebook, Setting, Words};
use transport::listen::Address;

use super::people::People;
use super::{Diagnostics, words};

/// What whoever watches over a machine asks without a name: it tells whether the server lives, and nothing else.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// The rules of the admin listener, if a configuration speaks of it.
pub(super) fn book(config: &Config, people: &People, told: &mut Diagnostics) -> Rulebook {
    let Some(said) = &config.server.admin else { return Rulebook::default() };
    if said.value.allow.is_empty() {
        for listen in &said.value.listen {
            let Some(address) = listen.value.parse().ok().filter(|address: &Address| !is_private(address)) else {
                continue;
            };
            if listen.at.is_flag() {
                let why = format!(
                    "others reach {address}: who may look on there is said by `admin` in a configuration; without one it is an \
                     address of this machine, such as 127.0.0.1:9090"
                );
                told.error(&listen.at, why);
            } else {
                told.error(&listen.at, "others reach this address: say with `allow` who may look on");
            }
        }
        return Rulebook::default();
    }
    let allow: Vec<Who> = said.value.allow.iter().map(|said: &Located<_>| words::who(&said.value)).collect();
    let guard = gate::Guard {
        realm: "because admin".to_owned(),
        schemes: None,
        lists: Lists { allow, deny: Vec::new() },
        scopes: Vec::new(),
    };
    let gate = match people.gate(guard) {
        Ok(gate) => gate,
        Err(offence) => {
            told.error(&said.value.allow[0].at, offence.to_string());
            return Rulebook::default();
        }
    };
    let source = words::source(&said.at);
    let guard = |value: Option<Arc<Guard>>| Words { guard: Some(Setting { source, value }), ..Words::default() };
    let rule = |pattern: &str, words| Pattern::parse(pattern).map(|pattern| (pattern, 0, words));
    let all = guard(Some(Arc::new(Guard { gate: Some(gate), from: None, not_from: Default::default(), hide: false })));
    let rules = [rule("/**", all)].into_iter().chain(OPEN.map(|path| rule(path, guard(None))));
    Rulebook::new(rules.map(|rule| rule.expect("the pattern is one")))
}

/// Do only processes of this machine reach it?
fn is_private(address: &Address) -> bool {
    match address {
        Address::Internet(address) => address.ip().is_loopback(),
        Address::Unix(_) => true,
    }
}
