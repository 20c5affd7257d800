//! The address of who asks, wherever trusted proxies stand between (RFC 7239).

use std::net::IpAddr;

use exchange::exchange::Peer;
use policy::network::Networks;
use semantics::field::Field;
use semantics::request::Request;
use semantics::syntax::List;

/// The address of who asks; none for a process of this machine. Proxies that we know tell for whom they do (RFC 7239 §5.2), and
/// only they are believed.
#[inline]
pub(crate) fn client(trusted: &Networks, peer: Peer, request: Request<'_>) -> Option<IpAddr> {
    let Peer::Internet(address) = peer else { return None };
    let address = address.ip().to_canonical();
    if trusted.is_empty() || !trusted.hold(address) {
        return Some(address);
    }
    let fields = [Field::FORWARDED, Field::X_FORWARDED_FOR].into_iter().filter(|field| request.has(*field));
    let mut told = fields.map(|field| nearest(trusted, address, request, field));
    let Some(nearest) = told.next() else { return Some(address) };
    // a proxy writes one of them, and the other may be the client's own: where they differ neither is believed
    let agreed = told.all(|other| other == nearest);
    Some(if agreed { nearest } else { address })
}

/// By this field, the nearest that is none of our proxies. What one of them does not know it does not vouch for.
fn nearest(trusted: &Networks, address: IpAddr, request: Request<'_>, field: Field) -> IpAddr {
    let told: Vec<Option<IpAddr>> = forwarded_for(request, field).collect();
    let mut nearest = address;
    for before in told.into_iter().rev().map_while(|before| before) {
        nearest = before;
        if !trusted.hold(before) {
            break;
        }
    }
    nearest
}

/// The addresses that a request has come from by Forwarded or X-Forwarded-For, the first client first. Nothing stands for one that
/// is kept secret, or is none.
fn forwarded_for<'a>(request: Request<'a>, field: Field) -> impl Iterator<Item = Option<IpAddr>> + 'a {
    let standard = field == Field::FORWARDED;
    let lines = request.values(field).flat_map(List::new);
    lines.map(move |member| {
        let member = std::str::from_utf8(member).ok()?;
        let node = if standard {
            let pairs = member.split(';').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, node)| node).next()?
        } else {
            member
        };
        address(node.trim().trim_matches('"'))
    })
}

/// An address with or without a port, of IPv6 perhaps in brackets.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(address, _)| address);
    let plain = bare.unwrap_or(node);
    let parsed = plain.parse().ok();
    parsed.or_else(|| plain.rsplit_once(':')?.0.parse().ok()).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::method::Method;
    use semantics::request::OwnedRequest;

    fn request(fields: &[(&str, &str)]) -> OwnedRequest {
        OwnedRequest::made(Method::GET, b"/", fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())))
    }

    #[test]
    fn who_was_forwarded_is_read_in_both_fields() {
        let all = |fields: &[(&str, &str)]| -> Vec<String> {
            let told = |address: Option<IpAddr>| address.map_or("unknown".to_owned(), |address| address.to_string());
            let field = if fields[0].0 == "Forwarded" { Field::FORWARDED } else { Field::X_FORWARDED_FOR };
            forwarded_for(request(fields).view(), field).map(told).collect()
        };
        assert_eq!(
            all(&[("X-Forwarded-For", "192.0.2.1, 10.0.0.1:80"), ("X-Forwarded-For", "::1")]),
            ["192.0.2.1", "10.0.0.1", "::1"]
        );
        assert_eq!(
            all(&[("Forwarded", "for=192.0.2.1;proto=http, For=\"[2001:db8::1]:4711\"")]),
            ["192.0.2.1", "2001:db8::1"]
        );
        assert_eq!(all(&[("Forwarded", "for=unknown, proto=http, for=::1")]), ["unknown", "unknown", "::1"]);
    }
}
