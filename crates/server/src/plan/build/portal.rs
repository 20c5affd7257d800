//! The portal of a captive network, as a configuration describes it.

use std::sync::Arc;

use crate::limits;
use access::gate::Guard;
use access::lists::{Lists, Who};
use config::model::{Name, SignIn};
use config::{Config, Located};
use policy::authority::AuthorityPattern;
use resources::portal::Portal;

use super::people::People;
use super::{Diagnostics, words};

/// The portal, if there is one.
pub(super) fn portal(config: &Config, people: &People, told: &mut Diagnostics) -> Option<Arc<Portal>> {
    let said = &config.portal.as_ref()?.value;
    told.ok(&said.host, AuthorityPattern::parse(&said.host.value))?;
    let gate = match &said.allow {
        SignIn::Anyone => None,
        SignIn::These(names) => {
            let allow: Vec<Who> = names.iter().map(|said: &Located<Name>| words::who(&said.value)).collect();
            let guard = Guard {
                realm: said.host.value.clone(),
                schemes: Some(vec![access::gate::Scheme::Basic]),
                lists: Lists { allow, deny: Vec::new() },
                scopes: Vec::new(),
            };
            let at = names.first().map_or(&said.host.at, |said| &said.at);
            Some(people.gate(guard).map_err(|offence| told.error(at, offence.to_string())).ok()?)
        }
    };
    let session = said.session.as_ref().map_or(limits::PORTAL_TIME, |said| said.value / 1_000);
    Some(Arc::new(Portal {
        host: said.host.value.clone(),
        gate,
        session: i64::try_from(session).unwrap_or(i64::MAX),
        terms: said.terms.as_ref().map(|said| said.value.clone()),
        venue: said.venue.as_ref().map(|said| said.value.clone()),
        address: format!("http://{}/", said.host.value),
    }))
}
