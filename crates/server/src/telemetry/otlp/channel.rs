//! The way to one path of a collector: a request at a time, pauses after failures, and one line about a collector that is gone.

use std::sync::Arc;
use std::time::Duration;

use crate::limits;
use serde_json::Value;
use ureq::config::Config;
use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Error};

/// The way to one URL.
pub(super) struct Channel {
    url: String,
    agent: Agent,
    /// Nothing is sent before this millisecond.
    ready: u64,
    /// How often in a row it failed.
    failures: u32,
}

/// What became of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It was taken, without so many spans of it.
    Taken { rejected: u64 },
    /// It may be taken later.
    Later,
    /// It will not be.
    Refused,
}

/// What went wrong.
struct Failure {
    why: String,
    /// It may go well later.
    passes: bool,
    /// The pause that the collector asks for, in milliseconds.
    pause: u64,
}

impl Channel {
    pub(super) fn new(url: String) -> Channel {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = RootCerts::PlatformVerifier;
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        let config = Config::builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("because/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .tls_config(tls)
            .build();
        Channel { url, agent: Agent::from(config), ready: 0, failures: 0 }
    }

    /// From which millisecond on something may be sent.
    pub(super) fn ready_at(&self) -> u64 {
        self.ready
    }

    /// Sends this, at this millisecond, in so long at most. That a collector is gone, and that it is there again, is told once.
    pub(super) fn send(&mut self, content: &Value, (now, most): (u64, Duration), tell: impl Fn(String)) -> Sent {
        match self.post(content, most) {
            Ok(rejected) => {
                if self.failures > 0 {
                    tell(format!("the collector at {} is there again", self.url));
                }
                (self.ready, self.failures) = (0, 0);
                Sent::Taken { rejected }
            }
            Err(Failure { why, passes, pause }) => {
                if self.failures == 0 {
                    tell(format!("the collector at {} takes nothing: {why}", self.url));
                }
                let own = limits::OTLP_RETRY.saturating_mul(1 << self.failures.min(16));
                self.ready = now.saturating_add(own.max(pause).min(limits::OTLP_RETRY_MOST));
                self.failures = self.failures.saturating_add(1);
                if passes { Sent::Later } else { Sent::Refused }
            }
        }
    }

    /// Sends one request, and says how many spans of it were not taken.
    fn post(&self, content: &Value, most: Duration) -> Result<u64, Failure> {
        let request = self.agent.post(&self.url).config().timeout_global(Some(most)).build();
        let request = request.header("Content-Type", "application/json");
        let failed = |error: Error| Failure { why: told(&error, most), passes: true, pause: 0 };
        let mut response = request.send(content.to_string()).map_err(failed)?;
        let code = response.status().as_u16();
        if !(200..300).contains(&code) {
            // those that the protocol names pass
            let passes = matches!(code, 429 | 502 | 503 | 504);
            let pause = if passes { retry_after(&response) } else { 0 };
            return Err(Failure { why: format!("the answer is {code}"), passes, pause });
        }
        // it was taken, whatever is said about it
        let text = response.body_mut().with_config().limit(limits::OTLP_ANSWER as u64).read_to_string();
        Ok(text.map_or(0, |text| rejected(&text)))
    }
}

/// How many spans of a request were not taken, as its answer says.
fn rejected(answer: &str) -> u64 {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let rejected = &answer["partialSuccess"]["rejectedSpans"];
    // a number of 64 bits is text, and not all collectors know that
    rejected.as_str().and_then(|text| text.parse().ok()).or_else(|| rejected.as_u64()).unwrap_or(0)
}

/// The pause that is asked for, in milliseconds; a date is as good as nothing, as its clock is not ours.
fn retry_after(response: &Response<Body>) -> u64 {
    let field = response.headers().get("Retry-After").and_then(|value| value.to_str().ok());
    let seconds = field.and_then(|value| value.trim().parse().ok()).unwrap_or(0_u64);
    seconds.saturating_mul(1_000)
}

/// What went wrong, in words.
fn told(error: &Error, most: Duration) -> String {
    match error {
        Error::Timeout(_) => format!("no answer in {} s", most.as_secs_f32()),
        Error::HostNotFound => "no such host is known".to_owned(),
        Error::Io(error) => crate::diagnose::plain(error),
        other => other.to_string(),
    }
}
