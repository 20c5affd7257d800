//! By which names a server is called, where no configuration says so.
//!
//! A server for this machine alone is called by the names of this machine. To another name it does not answer: a page of another
//! site whose name was made to lead here (DNS rebinding) would otherwise be one of ours to a browser, and could read and change
//! all that is served.

use std::fmt;

use policy::authority::{Authorities, AuthorityPattern, AuthorityPatternError};
use semantics::syntax::ParseError;
use transport::listen::Address;

/// What this machine calls itself.
const OWN: &[&str] = &["localhost", "*.localhost", "127.0.0.1", "[::1]"];

/// Why a text is no authority to serve.
#[derive(Debug)]
pub enum NoAuthority {
    /// It cannot be one.
    Malformed(String, ParseError<AuthorityPatternError>),
    /// It is told twice.
    Repeated(String),
}

impl NoAuthority {
    /// The text.
    pub(crate) fn text(&self) -> &str {
        match self {
            NoAuthority::Malformed(text, _) | NoAuthority::Repeated(text) => text,
        }
    }
}

impl fmt::Display for NoAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAuthority::Malformed(text, refusal) => write!(f, "'{text}' is no authority: {}", refusal.what),
            NoAuthority::Repeated(text) => write!(f, "'{text}' is there twice"),
        }
    }
}

/// The authorities of one site; nothing: any.
pub(crate) fn of_flags(hosts: &[String], addresses: &[Address]) -> Result<Option<Authorities<usize>>, NoAuthority> {
    let mut names: Vec<String> = hosts.to_vec();
    if names.iter().any(|name| name == "*") {
        return Ok(None);
    }
    if names.is_empty() {
        let internet = addresses.iter().filter_map(|address| match address {
            Address::Internet(address) => Some(address.ip()),
            Address::Unix(_) => None,
        });
        if !internet.clone().all(|ip| ip.is_loopback()) {
            return Ok(None);
        }
        names.extend(OWN.iter().map(ToString::to_string));
        let others = internet.map(|ip| if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() });
        names.extend(others.filter(|name| !OWN.contains(&name.as_str())));
        names.sort_unstable();
        names.dedup();
    }
    let parse =
        |name: &String| AuthorityPattern::parse(name).map_err(|refusal| NoAuthority::Malformed(name.clone(), refusal));
    let patterns: Vec<AuthorityPattern> = names.iter().map(parse).collect::<Result<_, _>>()?;
    let all = Authorities::new(patterns.into_iter().map(|pattern| (pattern, 0)));
    all.map(Some).map_err(|repeated| NoAuthority::Repeated(names[repeated.again].clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::host::Authority;

    fn served(hosts: &[&str], listen: &[&str], host: &str) -> bool {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        let addresses: Vec<Address> = listen.iter().map(|text| text.parse().expect("an address")).collect();
        let all = of_flags(&hosts, &addresses).expect("authorities");
        let Authority { host, port, .. } = Authority::of_host(host.as_bytes()).expect("an authority");
        all.is_none_or(|all| all.find(host, port.unwrap_or(80)).is_some())
    }

    #[test]
    fn a_server_for_this_machine_answers_to_its_names() {
        for host in ["localhost:8080", "LOCALHOST", "a.localhost", "127.0.0.1:8080", "[::1]:1"] {
            assert!(served(&[], &["127.0.0.1:8080"], host), "{host}");
        }
        assert!(!served(&[], &["127.0.0.1:8080"], "evil.example"));
        assert!(served(&[], &["127.0.0.2:8080"], "127.0.0.2:8080"));
        assert!(served(&[], &["127.0.0.1:80", "192.0.2.1:80"], "any.example"), "it is for others too");
        assert!(served(&["example.org"], &["127.0.0.1:80"], "example.org:80"));
        assert!(!served(&["example.org"], &["127.0.0.1:80"], "localhost"));
        assert!(served(&["*"], &["127.0.0.1:80"], "any.example"));
    }

    #[test]
    fn what_is_none_is_told() {
        let of = |hosts: &[&str]| of_flags(&hosts.iter().map(ToString::to_string).collect::<Vec<_>>(), &[]);
        assert!(of(&["a b"]).is_err() && of(&["a", "a"]).is_err());
    }
}
