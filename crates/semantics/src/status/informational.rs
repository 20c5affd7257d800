//! The rows of the class 1xx, informational.
//!
//! Facts and sentences only; what a column means stands in `status.rs`, and no code belongs here.

use super::{Content, Permanence, React, Standing, Status, StatusRow, Stored, may, must, must_not};

pub(super) static ROWS: [StatusRow; 5] = [
    StatusRow {
        status: Status::CONTINUE,
        name: "Continue",
        former: &[],
        spec: "RFC 9110 §15.2.1, §10.1.1",
        standing: Standing::Standard,
        content: Content::Forbidden,
        stored: Stored::Never,
        carries: &[
            must_not("Content-Length", "an interim reply has no content"),
            must_not("Transfer-Encoding", "an interim reply has no content"),
        ],
        permanence: Permanence::NotApplicable,
        permanence_note: "Provisional: it says nothing about the final answer.",
        react: React::Continue,
        gist: "send the content now",
        meaning: "Nothing in the head of the request speaks against it, and the server wants the content that the \
                  client holds back. A final answer follows.",
        causes: &[
            "The request says Expect: 100-continue and announces content, none of it has arrived, and nothing in its \
             head settles the answer.",
            "The client waits for leave to send content before a change of protocol; then 100 comes before 101.",
            "An upstream gave the leave, and the gateway passes it on.",
        ],
        client: "Send the content now and go on reading until a final status. If no 100 comes within about a second, \
                 send the content anyway.",
        server: "Judge all that can be judged from the head first, so that a hopeless upload is refused before a byte \
                 of it is sent.",
        proxy: "Pass the expectation on and the 100 back, but never to an HTTP/1.0 client. Before an HTTP/1.0 \
                upstream you may give the 100 yourself.",
        pitfalls: &[
            "Waiting for the content before sending 100: both sides then wait for each other.",
            "Answering 417 to 100-continue; it is the one expectation that every server should meet.",
            "Refusing early and then reading the promised content as the next request.",
        ],
    },
    StatusRow {
        status: Status::SWITCHING_PROTOCOLS,
        name: "Switching Protocols",
        former: &[],
        spec: "RFC 9110 §15.2.2, §7.8; RFC 9931",
        standing: Standing::Standard,
        content: Content::Forbidden,
        stored: Stored::Never,
        carries: &[
            must("Upgrade", "the protocol that is spoken from now on"),
            must("Connection", "the option upgrade"),
            must("Sec-WebSocket-Accept", "if the protocol is websocket (RFC 6455 §4.2.2)"),
            must_not("Content-Length", "an interim reply has no content"),
            must_not("Transfer-Encoding", "an interim reply has no content"),
        ],
        permanence: Permanence::NotApplicable,
        permanence_note: "Provisional for HTTP, but this connection never speaks HTTP/1.1 again.",
        react: React::Switch,
        gist: "the protocol changes",
        meaning: "The client offered to change the protocol on this connection, and the server does so right after \
                  this reply.",
        causes: &[
            "An HTTP/1.1 request offers a protocol in Upgrade that the resource speaks, and its handshake is complete.",
            "An upstream switched at the action of the client, and the gateway becomes a tunnel between the two.",
        ],
        client: "Speak the protocol named in Upgrade. If you never asked for it, treat the reply as a fault of the \
                 server and close.",
        server: "Switch only to what the client offered, and only where the resource means it; ignore Upgrade from \
                 HTTP/1.0.",
        proxy: "Remove Upgrade unless you forward it on purpose. After a 101, pass bytes both ways, without the time \
                limits of HTTP.",
        pitfalls: &[
            "Sending it over HTTP/2 or HTTP/3, where it does not exist; extended CONNECT takes its place.",
            "Sending bytes of the new protocol before the 101 has arrived, which opens the door to request smuggling.",
            "Switching to h2c, which RFC 9113 has abandoned.",
        ],
    },
    StatusRow {
        status: Status::PROCESSING,
        name: "Processing",
        former: &[],
        spec: "RFC 2518 §10.1; removed by RFC 4918 §21.4",
        standing: Standing::Historic,
        content: Content::Forbidden,
        stored: Stored::Never,
        carries: &[
            may("Status-URI", "what is done already, as RFC 2518 §9.7 has it"),
            must_not("Content-Length", "an interim reply has no content"),
            must_not("Transfer-Encoding", "an interim reply has no content"),
        ],
        permanence: Permanence::NotApplicable,
        permanence_note: "Provisional: the work has not ended.",
        react: React::Wait,
        gist: "still at work",
        meaning: "The whole request has arrived and work on it goes on; it takes so long that the client might give \
                  up. A final answer follows.",
        causes: &[
            "The whole request is here and the action (a COPY of a large tree, say) is expected to outlast the interval \
             set for the site.",
            "An upstream sends it, and the gateway passes it on and gives the upstream more time.",
        ],
        client: "Start the inactivity timer again and go on waiting; show the user that work goes on.",
        server: "Send it only while time really passes, and never forget the final answer. For work of minutes, \
                 prefer 202.",
        proxy: "Pass it on, except to HTTP/1.0, and count it as a sign of life of the upstream.",
        pitfalls: &[
            "Taking it for the final answer, as several old clients do.",
            "Sending it before the request is complete; that is 100 or 104.",
            "Citing RFC 4918 for it: that RFC dropped it.",
        ],
    },
    StatusRow {
        status: Status::EARLY_HINTS,
        name: "Early Hints",
        former: &[],
        spec: "RFC 8297 §2",
        standing: Standing::Experimental,
        content: Content::Forbidden,
        stored: Stored::Never,
        carries: &[
            may("Link", "what the final answer will most likely name: preload, preconnect"),
            must_not("Content-Length", "an interim reply has no content"),
            must_not("Transfer-Encoding", "an interim reply has no content"),
        ],
        permanence: Permanence::NotApplicable,
        permanence_note: "Provisional: the final answer may differ from the hints.",
        react: React::Prefetch,
        gist: "hints ahead",
        meaning: "The answer is not ready yet, but some of its fields are, so the client can begin to fetch what they \
                  name.",
        causes: &[
            "The site names links to send ahead for this target, and the request is a GET or HEAD from a client that \
             speaks HTTP/1.1 or later.",
            "An upstream sends hints, and the gateway passes them on.",
        ],
        client: "Fetch ahead if you like, but judge the final answer by its own fields alone.",
        server: "Send it only if the final answer really takes time, and repeat the fields in the final answer.",
        proxy: "Pass it on, except to HTTP/1.0. From a stale stored answer you may make hints yourself while you ask \
                the upstream.",
        pitfalls: &[
            "Reading its fields as fields of the final answer: no cookies, no caching from a 103.",
            "Sending it over HTTP/1.1 to clients known to stumble over an unexpected 1xx.",
            "Holding back the final answer for the sake of the hints.",
        ],
    },
    StatusRow {
        status: Status::UPLOAD_RESUMPTION_SUPPORTED,
        name: "Upload Resumption Supported",
        former: &[],
        spec: "draft-ietf-httpbis-resumable-upload; a temporary entry in the IANA registry",
        standing: Standing::Draft,
        content: Content::Forbidden,
        stored: Stored::Never,
        carries: &[
            must("Location", "the upload resource, in the first 104 of an upload; not in answer to an append"),
            must("Upload-Draft-Interop-Version", "as long as it is a draft"),
            must("Upload-Limit", "in the first 104, if there are limits"),
            must("Upload-Offset", "how much is stored, in a 104 that tells of progress"),
            must_not("Content-Length", "an interim reply has no content"),
            must_not("Transfer-Encoding", "an interim reply has no content"),
        ],
        permanence: Permanence::NotApplicable,
        permanence_note: "Provisional: the upload goes on.",
        react: React::Remember,
        gist: "resumable",
        meaning: "If this upload is cut off, it can be resumed at the URI in Location; or: so many bytes of it are \
                  stored already.",
        causes: &[
            "A request announces a resumable upload, in the version of the draft spoken here, to a target that keeps \
             partial uploads.",
            "More of such an upload has been stored since the last reply.",
        ],
        client: "Keep the URI. If the connection breaks, ask it with HEAD for the offset and send the rest with \
                 PATCH. After a 4xx, do not resume.",
        server: "Send it only to clients of the same version of the draft, and keep the partial upload as long as you \
                 promised.",
        proxy: "Pass it on like any 1xx. Resume on behalf of the client only if you made the upload resource.",
        pitfalls: &[
            "Leaving out the 100 because a 104 was sent.",
            "Redirecting the upload resource with 301 or 302, which loses PATCH and DELETE.",
            "Relying on the number: it is registered for a time only.",
        ],
    },
];
