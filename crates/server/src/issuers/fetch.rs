//! Fetches the keys of issuers by their URL: the feature `issuer-urls`, with its client of HTTP and TLS.

use std::sync::Arc;
use std::time::Duration;

use crate::limits;
use access::bearer::keys::Keys;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error};

/// Why keys cannot be fetched from a URL, whatever is there.
pub(crate) fn offence(url: &str) -> Option<String> {
    let Ok(uri) = url.parse::<ureq::http::Uri>() else { return Some("this is no URL".to_owned()) };
    match uri.scheme_str() {
        Some("https" | "http") if uri.host().is_none_or(str::is_empty) => Some("the URL names no host".to_owned()),
        Some("https" | "http") => None,
        _ => Some("keys are fetched by https or http".to_owned()),
    }
}

/// Can anybody on the way exchange what is fetched from there?
pub(crate) fn is_open(url: &str) -> bool {
    let uri = url.parse::<ureq::http::Uri>().ok();
    let local = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    };
    uri.is_some_and(|uri| uri.scheme_str() == Some("http") && !uri.host().is_some_and(local))
}

/// What fetches: over https only what is https to its end.
pub(super) struct Agents {
    plain: Agent,
    secure: Agent,
}

impl Agents {
    pub(super) fn new() -> Agents {
        let agent = |https_only| {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .unversioned_rustls_crypto_provider(provider)
                .build();
            Agent::from(
                Config::builder()
                    .timeout_global(Some(Duration::from_millis(limits::KEYS_WAIT)))
                    .max_redirects(limits::KEYS_REDIRECTS)
                    .https_only(https_only)
                    .user_agent("because")
                    .accept("application/jwk-set+json, application/json")
                    .tls_config(tls)
                    .build(),
            )
        };
        Agents { plain: agent(false), secure: agent(true) }
    }

    pub(super) fn fetch(&self, url: &str) -> Result<Keys, String> {
        let agent = if url.starts_with("https:") { &self.secure } else { &self.plain };
        let mut response = agent.get(url).call().map_err(|error| told(&error))?;
        let body = response.body_mut().with_config().limit(limits::JWKS as u64);
        let text = body.read_to_string().map_err(|error| told(&error))?;
        Keys::read(&text).map_err(|offence| offence.to_string())
    }
}

/// What went wrong, in words.
fn told(error: &Error) -> String {
    match error {
        Error::StatusCode(code) => format!("the answer is {code}"),
        Error::Timeout(_) => format!("no answer in {} s", limits::KEYS_WAIT / 1_000),
        Error::BodyExceedsLimit(most) => format!("they are longer than {most} octets"),
        Error::HostNotFound => "no such host is known".to_owned(),
        Error::Io(error) => crate::diagnose::plain(error),
        Error::RequireHttpsOnly(_) => "they are elsewhere now, and not at an https URL".to_owned(),
        other => other.to_string(),
    }
}
