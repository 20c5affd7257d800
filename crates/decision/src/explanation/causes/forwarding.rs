//! Forwarding: what is refused, or went wrong, on the way to another server.

use super::Lasts::{AsItsStatus, Permanent, Temporary, Unknown};
use super::Why::{Computed, Fixed};
use super::{Words, target};
use crate::facts::{Facts, Failure};

const UNTIL_IT_WORKS: &str = "until the server behind works again.";
const UNTIL_IT_IS_REACHED: &str = "until the server behind can be reached again.";
const UNTIL_IT_IS_MENDED: &str = "until the server behind is mended.";
const AGAIN: &str = "Ask again in a while. The fault is not yours.";
const TELL: &str = "Tell whoever runs this site: the fault lies between this server and the one behind it.";

fn failed(f: &Facts<'_>, failure: Failure) -> bool {
    f.outcome.failure == Some(failure)
}

pub(super) const WORDS: &[Words] = &[
    Words {
        id: "reply_fixed",
        code: 0,
        title: "Fixed by a rule",
        why: Computed(|t, f| {
            t.say("a rule of this site fixes this answer for ");
            target(t, f);
        }),
        lasts: AsItsStatus,
        remedy: "Ask whoever runs this site if you did not expect it.",
    },
    Words {
        id: "stored_range_satisfiable",
        code: 416,
        title: "The range lies outside",
        why: Computed(|t, f| super::ranges(t, f, f.stored.length)),
        lasts: Unknown("That depends on the length: for this one it is permanent, and it may grow."),
        remedy: "Ask for a range within the length, or without Range for the whole.",
    },
    Words {
        id: "only_if_cached",
        code: 504,
        title: "Nothing usable is stored",
        why: Computed(|t, f| {
            t.say("the request wants a stored response and no other (");
            t.value("directive", b"only-if-cached");
            t.say("), and none that may be used is stored for ");
            target(t, f);
        }),
        lasts: Temporary("until somebody asks without that action."),
        remedy: "Ask without only-if-cached.",
    },
    Words {
        id: "destination_found",
        code: 500,
        title: "No server is known for this",
        why: Computed(|t, f| {
            t.say("no server is configured that could answer for ");
            target(t, f);
        }),
        lasts: Unknown("That is not known: it stays until whoever runs this server acts."),
        remedy: TELL,
    },
    Words {
        id: "destination_available",
        code: 503,
        title: "The server behind is not well",
        why: Fixed("the server that could answer is known not to be working now"),
        lasts: Temporary(UNTIL_IT_WORKS),
        remedy: AGAIN,
    },
    Words {
        id: "connection_limit_reached",
        code: 503,
        title: "The server behind is busy",
        why: Fixed("all connections to the server that could answer are in use"),
        lasts: Temporary("until one of them is free."),
        remedy: AGAIN,
    },
    Words {
        id: "validation_required",
        code: 504,
        title: "What is stored may not be used without asking",
        why: Fixed(
            "a response is stored, but may not be used without asking the server behind, and that did not answer",
        ),
        lasts: Temporary(UNTIL_IT_IS_REACHED),
        remedy: AGAIN,
    },
    Words {
        id: "dns_timeout",
        code: 504,
        title: "The name of the server behind was not resolved in time",
        why: Fixed("DNS did not tell the address of the server behind in time"),
        lasts: Temporary("until DNS answers."),
        remedy: AGAIN,
    },
    Words {
        id: "dns_timeout",
        code: 502,
        title: "The name of the server behind cannot be resolved",
        why: Fixed("DNS knows no address for the server behind"),
        lasts: Temporary("until the name can be resolved."),
        remedy: TELL,
    },
    Words {
        id: "destination_address_allowed",
        code: 502,
        title: "The server behind must not be reached",
        why: Fixed("the server behind has an address that this server must not connect to"),
        lasts: Permanent("until the rules or the address change."),
        remedy: TELL,
    },
    Words {
        id: "destination_address_routable",
        code: 502,
        title: "There is no way to the server behind",
        why: Fixed("the network knows no way to the address of the server behind"),
        lasts: Temporary(UNTIL_IT_IS_REACHED),
        remedy: AGAIN,
    },
    Words {
        id: "connection_timeout",
        code: 504,
        title: "The server behind did not take the connection in time",
        why: Fixed("the server behind did not take the connection in time"),
        lasts: Temporary(UNTIL_IT_IS_REACHED),
        remedy: AGAIN,
    },
    Words {
        id: "connection_refused",
        code: 502,
        title: "No connection to the server behind",
        why: Computed(|t, f| {
            t.say(if failed(f, Failure::ConnectionRefused) {
                "the server behind refused the connection: nothing listens there now"
            } else {
                "no connection could be made to the server behind"
            });
        }),
        lasts: Temporary(UNTIL_IT_IS_REACHED),
        remedy: AGAIN,
    },
    Words {
        id: "tls_certificate_valid",
        code: 502,
        title: "The certificate of the server behind is not trusted",
        why: Fixed("the server behind showed a certificate that this server does not trust"),
        lasts: Temporary("until it shows one that can be trusted."),
        remedy: TELL,
    },
    Words {
        id: "tls_alert_received",
        code: 502,
        title: "TLS with the server behind failed",
        why: Computed(|t, f| {
            t.say(if failed(f, Failure::TlsAlertReceived) {
                "the server behind broke off the TLS handshake with an alert"
            } else {
                "the TLS handshake with the server behind failed"
            });
        }),
        lasts: Temporary(UNTIL_IT_IS_MENDED),
        remedy: TELL,
    },
    Words {
        id: "client_content_stalled",
        code: 408,
        title: "The content did not arrive in time",
        why: Fixed("the content of the request stopped arriving on its way to the server behind"),
        lasts: Temporary("the next attempt may be fast enough."),
        remedy: "Send the request again, and its content without pauses.",
    },
    Words {
        id: "client_content_too_large",
        code: 413,
        title: "The content is too large",
        why: Computed(super::grew),
        lasts: Permanent("for content of this size."),
        remedy: "Send less, or send it in parts.",
    },
    Words {
        id: "client_content_broken",
        code: 400,
        title: "The content is badly framed",
        why: Computed(super::broken),
        lasts: Permanent("the same octets get the same answer."),
        remedy: "Mend the program that sent this, or look for a proxy on the way that changes requests.",
    },
    Words {
        id: "connection_write_timeout",
        code: 504,
        title: "The server behind did not take the request in time",
        why: Fixed("the server behind stopped taking the request before all of it was sent"),
        lasts: Temporary(UNTIL_IT_WORKS),
        remedy: AGAIN,
    },
    Words {
        id: "connection_write_timeout",
        code: 502,
        title: "The connection to the server behind was lost",
        why: Fixed("the server behind closed the connection before the whole request was sent"),
        lasts: Temporary(UNTIL_IT_WORKS),
        remedy: AGAIN,
    },
    Words {
        id: "http_response_timeout",
        code: 504,
        title: "The server behind did not answer in time",
        why: Computed(|t, f| {
            t.say(if failed(f, Failure::HttpResponseTimeout) {
                "the server behind took the request and did not begin to answer in time"
            } else {
                "the server behind began to answer and stopped before the head of its answer was complete"
            });
        }),
        lasts: Temporary("until it answers in time."),
        remedy: "Ask again in a while, if to do it twice does no harm: the request may have been carried out.",
    },
    Words {
        id: "connection_kept",
        code: 502,
        title: "The server behind closed the connection",
        why: Fixed("the server behind closed the connection before it answered"),
        lasts: Temporary(UNTIL_IT_WORKS),
        remedy: "Ask again in a while, if to do it twice does no harm: the request may have been carried out.",
    },
    Words {
        id: "response_complete",
        code: 502,
        title: "The answer of the server behind was cut short",
        why: Fixed("the head of the answer from the server behind ended too early"),
        lasts: Temporary(UNTIL_IT_WORKS),
        remedy: AGAIN,
    },
    Words {
        id: "response_header_too_large",
        code: 502,
        title: "The answer of the server behind is too large to read",
        why: Fixed("the header fields of the answer from the server behind are larger than this server reads"),
        lasts: Temporary(UNTIL_IT_IS_MENDED),
        remedy: TELL,
    },
    Words {
        id: "response_transfer_coding_known",
        code: 502,
        title: "The answer of the server behind cannot be decoded",
        why: Fixed("the server behind answered in a transfer coding that is not known here"),
        lasts: Temporary(UNTIL_IT_IS_MENDED),
        remedy: TELL,
    },
    Words {
        id: "http_upgrade_failed",
        code: 502,
        title: "The server behind changed the protocol unasked",
        why: Fixed("the server behind changed to a protocol that nobody asked for"),
        lasts: Temporary(UNTIL_IT_IS_MENDED),
        remedy: TELL,
    },
    Words {
        id: "http_protocol_error",
        code: 502,
        title: "The server behind does not speak HTTP well",
        why: Fixed("what the server behind answered is no valid HTTP"),
        lasts: Temporary(UNTIL_IT_IS_MENDED),
        remedy: TELL,
    },
    Words {
        id: "http_protocol_error",
        code: 500,
        title: "A fault of this server",
        why: Fixed("this server failed while it forwarded the request; what failed is in its log"),
        lasts: Unknown("That is not known: it may pass, or stay until whoever runs this server acts."),
        remedy: "Tell whoever runs this server what you did, and when.",
    },
];
