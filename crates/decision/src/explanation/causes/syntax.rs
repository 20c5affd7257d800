//! The connection and the syntax of the head: what the wire stated as a fault.

use semantics::fault::{Fault, FieldError, FieldsSize, FramingError, HostError, RequestLineError};
use semantics::limits;
use semantics::request::Span;

use super::Lasts::{Permanent, Temporary};
use super::Why::Computed;
use super::Words;
use crate::explanation::pen::ExplanationWriter;
use crate::facts::Facts;

const SAME_OCTETS: &str = "the same octets get the same answer.";
const MEND_THE_CLIENT: &str = "Mend the program that sent this, or look for a proxy on the way that changes requests.";

pub(super) const WORDS: &[Words] = &[
    Words {
        id: "captive",
        code: 511,
        title: "This network wants you to log in first",
        why: Computed(|t, f| {
            t.say("the network that you are in lets you through only when you have logged in to it");
            if let Some(portal) = f.connection.portal {
                t.say(", at ");
                t.value("portal", portal.as_bytes());
            }
        }),
        lasts: Temporary("until you have logged in to the network."),
        remedy: "Log in to the network with a browser, then ask again. \
                 This answer comes from the network, not from the site that you asked for.",
    },
    Words {
        id: "request_stalled",
        code: 408,
        title: "The request did not arrive in time",
        why: Computed(|t, f| match f.connection.fault {
            Some(Fault::Stalled { received, limit }) => {
                t.say("only ");
                t.number("received", received as u64);
                t.say(" octets of the request had arrived when its ");
                time(t, limit);
                t.say(" were over, and its head was not complete");
            }
            Some(Fault::ContentStalled { received, announced, limit }) => {
                t.say("only ");
                t.number("received", received);
                t.say(" of the ");
                t.number("announced", announced);
                t.say(" octets of the content had arrived, and for ");
                time(t, limit);
                t.say(" no more came");
            }
            _ => t.say("the request stopped arriving before its time was over"),
        }),
        lasts: Temporary("the next attempt may be fast enough."),
        remedy: "Send the whole request again, on a new connection and without pauses.",
    },
    Words {
        id: "method_too_long",
        code: 501,
        title: "The method is longer than any that is known here",
        why: Computed(|t, f| {
            t.say("the method is longer than ");
            t.number(
                "limit",
                match f.connection.fault {
                    Some(Fault::MethodTooLong { limit }) => limit,
                    _ => limits::METHOD,
                } as u64,
            );
            t.say(" octets, and so none that this server knows");
        }),
        lasts: Permanent("for the same method."),
        remedy: "Use another method; OPTIONS tells which ones the target supports.",
    },
    Words {
        id: "target_too_long",
        code: 414,
        title: "The target is too long",
        why: Computed(|t, f| match f.connection.fault {
            Some(Fault::TargetTooLong { limit, size }) => {
                t.say("the target has ");
                t.number("size", size as u64);
                t.say(" octets or more, and this server reads ");
                t.number("limit", limit as u64);
            }
            _ => t.say("the target is longer than this server reads"),
        }),
        lasts: Permanent("the same address is always too long."),
        remedy: "Shorten the address: send long data as the content of a POST. \
                 If a chain of redirections led here, it makes the address longer each time.",
    },
    Words {
        id: "request_line_valid",
        code: 400,
        title: "The request line is malformed",
        why: Computed(request_line),
        lasts: Permanent(SAME_OCTETS),
        remedy: MEND_THE_CLIENT,
    },
    Words {
        id: "version_supported",
        code: 505,
        title: "This version of HTTP is not spoken here",
        why: Computed(|t, f| {
            match f.connection.fault {
                Some(Fault::Version { major, minor }) => {
                    t.say("the request is in version ");
                    t.number("major", u64::from(major));
                    t.say(".");
                    t.number("minor", u64::from(minor));
                    t.say(" of HTTP");
                }
                _ => t.say("the request is in another version of HTTP"),
            }
            t.say(", and this connection speaks ");
            t.list("versions", [&b"HTTP/1.1"[..], b"HTTP/1.0"].into_iter());
        }),
        lasts: Permanent("until the software changes."),
        remedy: "Ask again in HTTP/1.1.",
    },
    Words {
        id: "fields_too_large",
        code: 431,
        title: "The header fields are too large",
        why: Computed(fields_too_large),
        lasts: Permanent("for the same fields."),
        remedy: "Send fewer fields, or shorter ones. In a browser, delete the cookies of this site: \
                 they are what grows most often.",
    },
    Words {
        id: "fields_valid",
        code: 400,
        title: "A header field is malformed",
        why: Computed(field),
        lasts: Permanent(SAME_OCTETS),
        remedy: MEND_THE_CLIENT,
    },
    Words {
        id: "host_valid",
        code: 400,
        title: "Host is missing, repeated or malformed",
        why: Computed(host),
        lasts: Permanent(SAME_OCTETS),
        remedy: "Send one Host field, with the host and the port of the target and nothing else.",
    },
    Words {
        id: "transfer_coding_known",
        code: 501,
        title: "The transfer coding is not known here",
        why: Computed(|t, f| match f.connection.fault {
            Some(Fault::TransferCoding { value }) => {
                t.say("the content is sent in the transfer coding ");
                t.value("coding", value.of(f.connection.octets));
                t.say(", and this server knows ");
                t.value("known", b"chunked");
                t.say(" alone");
            }
            _ => t.say("this server knows no other transfer coding than chunked"),
        }),
        lasts: Permanent("for the same coding."),
        remedy: "Send the content with chunked alone, or with Content-Length.",
    },
    Words {
        id: "head_truncated",
        code: 400,
        title: "The request was cut short",
        why: Computed(|t, f| {
            t.say("the connection was closed ");
            if let Some(Fault::Truncated { received }) = f.connection.fault {
                t.say("after ");
                t.number("received", received as u64);
                t.say(" octets, ");
            }
            t.say("before the head of the request was complete");
            t.only("offence", b"truncated");
        }),
        lasts: Permanent(SAME_OCTETS),
        remedy: "Send the whole request again, with the empty line at its end, and keep the connection open for the \
                 answer.",
    },
    Words {
        id: "framing_contradictory",
        code: 400,
        title: "Where the request ends is not certain",
        why: Computed(framing),
        lasts: Permanent(SAME_OCTETS),
        remedy: "Send one Content-Length, or Transfer-Encoding: chunked, never both.",
    },
];

fn at(t: &mut ExplanationWriter<'_>, offset: usize) {
    t.say(", at offset ");
    t.number("offset", offset as u64);
}

/// The name of the field at fault.
fn name(t: &mut ExplanationWriter<'_>, f: &Facts<'_>, span: Option<Span>) {
    match span {
        Some(span) => {
            t.say("the field ");
            t.value("field", span.of(f.connection.octets));
        }
        None => t.say("a field"),
    }
}

fn request_line(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    use RequestLineError as Is;
    let Some(Fault::RequestLine { what, at: offset }) = f.connection.fault else {
        return t.say("the request line is not well formed");
    };
    let (offence, why) = match what {
        Is::EmptyLines => ("empty_lines", "more empty lines come before the request line than this server skips"),
        Is::Method => ("method", "the method is empty or holds an octet that no method may hold"),
        Is::Incomplete => ("incomplete", "the request line lacks its target or its version"),
        Is::Target => ("target", "the target holds an octet that no address may hold"),
        Is::SpaceInTarget => ("space_in_target", "white space stands in the target, so that its end is not certain"),
        Is::Version => ("version", "what follows the target is no version of HTTP"),
        Is::Tls => ("tls", "this is the beginning of a TLS handshake, and this port speaks clear text"),
        Is::Http2Preface => ("http2_preface", "this is the beginning of HTTP/2, which this connection does not speak"),
    };
    t.say(why);
    at(t, offset);
    t.only("offence", offence.as_bytes());
}

fn fields_too_large(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    let Some(Fault::FieldsTooLarge { what, name: span, size, limit }) = f.connection.fault else {
        return t.say("a field, or all together, are larger than this server reads");
    };
    let (offence, unit) = match what {
        FieldsSize::Line => {
            name(t, f, span);
            t.say(" has ");
            ("line", " octets")
        }
        FieldsSize::Section => {
            t.say("the fields together have ");
            ("section", " octets")
        }
        FieldsSize::Count => {
            t.say("there are ");
            ("count", " fields")
        }
    };
    t.number("size", size as u64);
    t.say(unit);
    t.say(" or more, and this server reads ");
    t.number("limit", limit as u64);
    if what != FieldsSize::Line
        && let Some(span) = span
    {
        t.say("; ");
        name(t, f, Some(span));
        t.say(" was one too many");
    }
    t.only("offence", offence.as_bytes());
}

fn field(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    use FieldError as Is;
    let Some(Fault::Field { what, name: span, at: offset }) = f.connection.fault else {
        return t.say("a field line is not well formed");
    };
    let (offence, before, after) = match what {
        Is::NoColon => ("no_colon", "a field line has no colon", ""),
        Is::SpaceBeforeColon => ("space_before_colon", "white space stands between the name and the colon of ", ""),
        Is::EmptyName => ("empty_name", "a field line has nothing before its colon", ""),
        Is::Name => ("name", "the name of a field holds an octet that no name may hold", ""),
        Is::Value => ("value", "the value of ", " holds a control character"),
        Is::Folded => ("folded", "a field line begins with white space, a folding that HTTP has given up", ""),
        Is::SpaceBeforeFirst => {
            ("space_before_first", "white space stands between the request line and the first field", "")
        }
        Is::BareLf => ("bare_lf", "a line ends with LF alone, without its CR", ""),
        Is::BareCr => ("bare_cr", "a CR stands without its LF", ""),
        Is::Repeated => ("repeated", "", " stands there more than once, and may stand there only once"),
    };
    t.say(before);
    if matches!(what, Is::SpaceBeforeColon | Is::Value | Is::Repeated) {
        name(t, f, span);
    }
    t.say(after);
    at(t, offset);
    t.only("offence", offence.as_bytes());
}

fn host(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    let (offence, why) = match f.connection.fault {
        Some(Fault::Host { what: HostError::Missing }) => {
            ("missing", "the request has no Host field, which HTTP/1.1 demands")
        }
        Some(Fault::Host { what: HostError::Repeated }) => {
            ("repeated", "the request has several Host fields, so that which site is meant is not certain")
        }
        Some(Fault::Host { what: HostError::Invalid }) => ("invalid", "the value of Host is no host and port"),
        _ => ("host", "there must be exactly one valid Host field"),
    };
    t.say(why);
    t.only("field", b"Host");
    t.only("offence", offence.as_bytes());
}

fn framing(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    use FramingError as Is;
    let Some(Fault::Framing { what, field }) = f.connection.fault else {
        return t.say("the length of the content is told in two ways, or in a way not to be trusted");
    };
    let (offence, why) = match what {
        Is::Length => ("length", "Content-Length is not a number"),
        Is::LengthOverflow => ("length_overflow", "Content-Length is a larger number than can be counted"),
        Is::LengthRepeated => ("length_repeated", "Content-Length stands there more than once"),
        Is::LengthAndCoding => {
            ("length_and_coding", "Content-Length and Transfer-Encoding both tell the length of the content")
        }
        Is::CodingInHttp10 => ("coding_in_http10", "Transfer-Encoding stands in a message of HTTP/1.0"),
        Is::ChunkedNotLast => ("chunked_not_last", "chunked is not the last transfer coding, so that no end is marked"),
        Is::ChunkedTwice => ("chunked_twice", "chunked stands in Transfer-Encoding more than once"),
        Is::Empty => ("empty", "Transfer-Encoding is there and names no coding"),
    };
    t.say(why);
    t.only("field", field.name().as_bytes());
    t.only("offence", offence.as_bytes());
}

/// A time limit in the unit in which it is a whole number.
fn time(t: &mut ExplanationWriter<'_>, millis: u64) {
    if millis.is_multiple_of(1_000) {
        t.number("seconds", millis / 1_000);
        t.say(" seconds");
    } else {
        t.number("milliseconds", millis);
        t.say(" milliseconds");
    }
}
