//! Load, routing, capability, admission, access and method: what is refused before the target is looked at.

use core::fmt::Display;

use semantics::field::Field;
use semantics::target_uri::authority_as_sent;

use super::Lasts::{Permanent, Temporary, Unknown};
use super::Why::{Computed, Fixed};
use super::{Words, allowed, method, sent, target};
use crate::explanation::pen::ExplanationWriter;
use crate::facts::{Facts, Limit};
use crate::fields;

const WITH_CREDENTIALS: &str = "until valid credentials come with the request.";
const PASSES: &str = "it is expected to pass.";
const SEND_IT_LATER: &str = "Nothing is wrong with the request; it can be sent again later as it is.";
const BY_RULE: &str = "That depends on the rules of this site, not on time.";

/// What was wrong with a target, and where.
fn offence(t: &mut ExplanationWriter<'_>, at: usize, what: &dyn Display) {
    t.words(what);
    t.say(", at offset ");
    t.number("offset", at as u64);
    t.say(" of the target");
}

/// Which limit was passed, and how wide it is.
fn limit(t: &mut ExplanationWriter<'_>, limits: &[Limit<'_>], otherwise: &'static str) {
    let Some(limit) = limits.last() else { return t.say(otherwise) };
    t.say(match limit.per {
        "user" => "you asked more often than one user may here, ",
        "path" => "more was asked for at this address than it bears, ",
        "all" => "more was asked for here by all together than it bears, ",
        _ => "more requests came from your address than this site takes, ",
    });
    t.number("quota", limit.quota);
    t.say(" in ");
    t.number("window", limit.window);
    t.say(" seconds, by the limit ");
    t.value("limit", limit.name.as_bytes());
    t.only("per", limit.per.as_bytes());
}

/// The place whose rule is told of: the target, unless it is another one that the action reaches.
fn place(t: &mut ExplanationWriter<'_>, f: &Facts<'_>, ruled_at: Option<&[u8]>) {
    match ruled_at {
        Some(path) => t.value("place", path),
        None => target(t, f),
    }
}

fn price(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    t.number("price", f.site.price);
    if !f.site.price_unit.is_empty() {
        t.say(" ");
        t.value("unit", f.site.price_unit.as_bytes());
    }
}

pub(super) const WORDS: &[Words] = &[
    Words {
        id: "overloaded",
        code: 503,
        title: "The service is not available now",
        why: Computed(|t, _| {
            t.say("the server has no room for another request at this moment");
            t.only("reason", b"overload");
        }),
        lasts: Temporary(PASSES),
        remedy: SEND_IT_LATER,
    },
    Words {
        id: "in_maintenance",
        code: 503,
        title: "The service is not available now",
        why: Computed(|t, f| {
            match f.site.closure {
                Some(reason) => t.value("closure", reason.as_bytes()),
                None => t.say("the site is closed for maintenance"),
            }
            if let Some(path) = f.site.ruled_at.closed {
                t.say(", and what was asked for reaches ");
                t.value("place", path);
            }
            t.only("reason", b"maintenance");
        }),
        lasts: Temporary(PASSES),
        remedy: SEND_IT_LATER,
    },
    Words {
        id: "target_form_valid",
        code: 400,
        title: "The target is malformed, or its form does not fit the method",
        why: Computed(|t, f| {
            match (f.reading.target, f.reading.path_offence) {
                (Err(refusal), _) => offence(t, refusal.at, &refusal.what),
                (_, Some(refusal)) => offence(t, refusal.at, &refusal.what),
                _ => {
                    t.say("the form of the target does not fit the method ");
                    method(t, f);
                }
            }
            t.say(": ");
            target(t, f);
        }),
        lasts: Permanent("for the same request line."),
        remedy: "Ask for a path that begins with a slash, its special characters in percent. A whole address is for \
                 proxies, host:port for CONNECT, the asterisk for OPTIONS; a user name has no place in any of them.",
    },
    Words {
        id: "connect_port_valid",
        code: 400,
        title: "CONNECT needs a port",
        why: Computed(|t, f| {
            t.say("CONNECT needs a port from 1 to 65535 after the host, and ");
            target(t, f);
            t.say(" has none");
        }),
        lasts: Permanent("for the same target."),
        remedy: "Name the port after the host, as in example.org:443.",
    },
    Words {
        id: "proxy_loop_detected",
        code: 502,
        title: "The request goes round in a loop",
        why: Fixed("this server has forwarded the request already, and it came back"),
        lasts: Permanent("until whoever runs the proxies mends the route."),
        remedy: "Tell whoever runs this server that a route leads back to itself.",
    },
    Words {
        id: "origin_served",
        code: 421,
        title: "This connection does not serve that host",
        why: Computed(|t, f| {
            t.say("this connection does not serve ");
            match authority_as_sent(f.request) {
                Some(host) => t.value("host", host),
                None => t.say("the host that was asked for"),
            }
        }),
        lasts: Unknown("That depends on the connection, not on time."),
        remedy: "Ask again on a new connection to that host. If that does not help, check its name.",
    },
    Words {
        id: "method_known",
        code: 501,
        title: "The method is not known here",
        why: Computed(|t, f| {
            t.say("this server does not know the method ");
            method(t, f);
        }),
        lasts: Permanent("until the software changes."),
        remedy: "Use another method. Names of methods are written in capitals.",
    },
    Words {
        id: "extensions_known",
        code: 510,
        title: "A mandatory extension is not known here",
        why: Computed(|t, f| {
            t.say("the request makes an extension mandatory that is not declared or not known here");
            let named = f.request.field(Field::MAN).or(f.request.field(Field::C_MAN));
            if let Some(extension) = named {
                t.say(": ");
                t.value("extension", extension);
            }
        }),
        lasts: Permanent("until the request or the software changes."),
        remedy: "Ask without that extension, or make it optional.",
    },
    Words {
        id: "expectations_known",
        code: 417,
        title: "An expectation cannot be met",
        why: Computed(|t, f| {
            t.say("the request expects ");
            sent(t, f, "expectation", Field::EXPECT, "something");
            t.say(", and nothing but ");
            t.value("known", b"100-continue");
            t.say(" can be expected here");
        }),
        lasts: Permanent("for the same expectation."),
        remedy: "Ask again without Expect. If you did not send it, a proxy on the way did.",
    },
    Words {
        id: "counters_reachable",
        code: 503,
        title: "Requests cannot be counted now",
        why: Fixed("this site counts requests, and its counters do not answer now"),
        lasts: Temporary("until the counters answer."),
        remedy: "Ask again in a while.",
    },
    Words {
        id: "address_rate_left",
        code: 429,
        title: "Too many requests from this address",
        why: Computed(|t, f| {
            limit(t, f.quota.limits, "more requests came from your address than this site takes in that time");
        }),
        lasts: Temporary("until the rate has gone down."),
        remedy: "Wait, and ask less often. Others behind the same address count too.",
    },
    Words {
        id: "login_attempts_left",
        code: 429,
        title: "Too many failed attempts to log in",
        why: Fixed("too many attempts to log in have failed from your address, and no more are tried for a while"),
        lasts: Temporary("until the failed attempts are forgotten."),
        remedy: "Wait, then log in with the right name and password. Retry-After says how long.",
    },
    Words {
        id: "replay_harmless",
        code: 425,
        title: "The request came too early",
        why: Computed(|t, f| {
            t.say("the request came before the TLS handshake was complete, and a replay of ");
            method(t, f);
            t.say(" could do harm");
        }),
        lasts: Temporary("until the handshake is complete."),
        remedy: "Send it again when the handshake is complete, not as early data.",
    },
    Words {
        id: "proxy_credentials_valid",
        code: 407,
        title: "This proxy wants to know who you are",
        why: Computed(|t, f| {
            t.say(if f.request.has(Field::PROXY_AUTHORIZATION) {
                "the credentials for this proxy are not valid"
            } else {
                "this proxy serves only who proves who it is, and no credentials came"
            });
        }),
        lasts: Temporary(WITH_CREDENTIALS),
        remedy: "Ask again with Proxy-Authorization, by one of the schemes in Proxy-Authenticate.",
    },
    Words {
        id: "legally_barred",
        code: 451,
        title: "Barred by a legal demand",
        why: Computed(|t, f| {
            t.say("a legal demand bars access to ");
            place(t, f, f.site.ruled_at.law);
            t.say(", whether anything is there or not");
            for (name, words, value) in
                [("demanded_by", "; it was made by ", f.site.law.demanded_by), ("under", ", under ", f.site.law.under)]
            {
                if let Some(value) = value {
                    t.say(words);
                    t.value(name, value.as_bytes());
                }
            }
            if let Some(blocker) = f.site.law.blocked_by {
                t.only("blocked_by", blocker.as_bytes());
            }
        }),
        lasts: Unknown("That depends on the law: as long as the demand stands."),
        remedy: "If a Link field with rel=blocked-by came with this answer, it names who blocks it.",
    },
    Words {
        id: "cors_permitted",
        code: 403,
        title: "Pages of that origin may not ask this",
        why: Computed(|t, f| {
            t.say("pages of ");
            sent(t, f, "origin", Field::ORIGIN, "that origin");
            t.say(" may not make such requests here");
        }),
        lasts: Unknown(BY_RULE),
        remedy: "Whoever runs this site can add the origin to those that may.",
    },
    Words {
        id: "credentials_present",
        code: 401,
        title: "This site wants to know who you are",
        why: Computed(|t, f| {
            place(t, f, f.client.refused_at);
            t.say(" is only for those who prove who they are, and no credentials came");
        }),
        lasts: Temporary(WITH_CREDENTIALS),
        remedy: "Log in, or ask again with Authorization, by one of the schemes in WWW-Authenticate.",
    },
    Words {
        id: "credentials_checkable",
        code: 503,
        title: "Credentials cannot be checked now",
        why: Fixed("what checks credentials here does not answer now"),
        lasts: Temporary("until credentials can be checked again."),
        remedy: "Ask again in a while, with the same credentials: they were not refused.",
    },
    Words {
        id: "credentials_for_target",
        code: 400,
        title: "The credentials were made for another target",
        why: Computed(|t, f| {
            t.say("the credentials were made for another address than ");
            target(t, f);
        }),
        lasts: Permanent("for the same credentials."),
        remedy: "Make the Digest for this very target, query included. A proxy that changes addresses breaks it.",
    },
    Words {
        id: "credentials_valid",
        code: 401,
        title: "The credentials are not valid",
        why: Computed(|t, f| match f.client.offence {
            Some(offence) => t.value("offence", offence.as_bytes()),
            None => t.say("the credentials that came are not valid here"),
        }),
        lasts: Temporary(WITH_CREDENTIALS),
        remedy: "Check the name and the password, then log in again. Repeating the same ones does not help.",
    },
    Words {
        id: "nonce_fresh",
        code: 401,
        title: "The nonce of the credentials is too old",
        why: Fixed("the credentials are right, but their nonce is too old or was used before"),
        lasts: Temporary("until they come with the new nonce."),
        remedy: "Ask again with the nonce in WWW-Authenticate; there is no need to ask the user.",
    },
    Words {
        id: "payment_presented",
        code: 402,
        title: "To be paid for first",
        why: Computed(|t, f| {
            place(t, f, f.site.ruled_at.price);
            t.say(" has a price, and no proof of payment came: ");
            price(t, f);
        }),
        lasts: Temporary("until it is paid for."),
        remedy: "Pay as WWW-Authenticate says, then ask again with the proof.",
    },
    Words {
        id: "payment_checkable",
        code: 503,
        title: "Payments cannot be taken now",
        why: Fixed("what takes payments here does not answer now, and nothing was taken"),
        lasts: Temporary("until payments can be taken again."),
        remedy: "Ask again in a while, with the same proof of payment: it was not refused.",
    },
    Words {
        id: "payment_made",
        code: 402,
        title: "The payment was refused",
        why: Computed(|t, f| {
            match f.client.offence {
                Some(offence) => t.value("offence", offence.as_bytes()),
                None => t.say("the proof of payment that came does not pay for it"),
            }
            t.say("; the price is ");
            price(t, f);
        }),
        lasts: Temporary("until a payment that holds comes with the request."),
        remedy: "Nothing was taken for this request. Pay anew as WWW-Authenticate says, then ask again with that proof.",
    },
    Words {
        id: "permitted",
        code: 403,
        title: "You may not do this here",
        why: Computed(|t, f| {
            t.say("the rules of this site do not let ");
            match f.client.user {
                Some(user) => t.value("user", user.as_bytes()),
                None => t.say("you"),
            }
            t.say(" use ");
            method(t, f);
            t.say(if f.client.refused_at.is_some() { " to reach " } else { " on " });
            place(t, f, f.client.refused_at);
            if let Some(offence) = f.client.offence {
                t.say(": ");
                t.value("offence", offence.as_bytes());
            }
        }),
        lasts: Unknown(BY_RULE),
        remedy: "Log in as somebody who may, or ask whoever runs this site.",
    },
    Words {
        id: "user_rate_left",
        code: 429,
        title: "Too many requests from this user",
        why: Computed(|t, f| {
            limit(t, f.client.limits, "you asked more often than this site takes from one user in that time");
        }),
        lasts: Temporary("until the rate has gone down."),
        remedy: "Wait, and ask less often. Other programs with the same account count too.",
    },
    Words {
        id: "method_allowed",
        code: 405,
        title: "The method is not allowed here",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" does not take ");
            method(t, f);
            allowed(t, f);
        }),
        lasts: Unknown("That depends on what stands there; Allow says what it takes now."),
        remedy: "Use a method that Allow names.",
    },
    Words {
        id: "connect_protocol_supported",
        code: 501,
        title: "The protocol cannot be spoken here",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" does not speak ");
            sent(t, f, "protocol", Field::PROTOCOL, "that protocol");
        }),
        lasts: Permanent("until the software changes."),
        remedy: "Ask for a protocol that the target speaks.",
    },
    Words {
        id: "upgrade_handshake_valid",
        code: 400,
        title: "The handshake of the protocol is not complete",
        why: Computed(|t, f| {
            t.say("the request lacks a field that is needed to begin ");
            sent(t, f, "protocol", Field::UPGRADE, "the protocol");
        }),
        lasts: Permanent("for the same fields."),
        remedy: "Send all the fields of the handshake; for websocket, Sec-WebSocket-Key and Sec-WebSocket-Version: 13.",
    },
    Words {
        id: "upgrade_content_arrived",
        code: 408,
        title: "The content did not arrive in time",
        why: Fixed("the content that must come before the change of protocol did not arrive in time"),
        lasts: Temporary("the next attempt may be fast enough."),
        remedy: "Send the request again, and its content without pauses; or change the protocol without content.",
    },
    Words {
        id: "upgrade_expressible",
        code: 426,
        title: "Another protocol is needed here",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" is served only in ");
            t.list("protocols", fields::demanded(f.site).iter().copied());
        }),
        lasts: Permanent("in the protocol of this request."),
        remedy: "Ask again with one of the protocols that Upgrade names.",
    },
    Words {
        id: "upgrade_expressible",
        code: 501,
        title: "The protocol needed cannot be asked for",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" is served only in ");
            t.list("protocols", fields::demanded(f.site).iter().copied());
            t.say(", which ");
            t.value("version", f.request.version().name().as_bytes());
            t.say(" has no way to ask for");
        }),
        lasts: Permanent("in this version of HTTP."),
        remedy: "Ask again in HTTP/1.1.",
    },
];
