//! Content, by its declaration: what is refused before a single octet of it is read.

use semantics::field::Field;
use semantics::request::Framing;

use super::Lasts::{Permanent, Temporary, Unknown};
use super::Why::{Computed, Fixed};
use super::{Words, method, sent, target};

pub(super) const WORDS: &[Words] = &[
    Words {
        id: "teapot_asked_to_brew",
        code: 418,
        title: "This is a teapot",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" is a teapot, and coffee cannot be brewed in a teapot");
        }),
        lasts: Permanent("it stays a teapot."),
        remedy: "Drink tea, or ask a coffee pot.",
    },
    Words {
        id: "asked_by_other_site",
        code: 403,
        title: "Another site asked for it",
        why: Fixed(
            "a page of another site had your browser ask for a change here, and only pages of this site may do that",
        ),
        lasts: Permanent("for pages of other sites."),
        remedy: "If you want this change, make it on a page of this site, or with another program.",
    },
    Words {
        id: "length_required",
        code: 411,
        title: "The length of the content must be told",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" takes no content whose length is not told first");
        }),
        lasts: Permanent("without Content-Length."),
        remedy: "Send the content with Content-Length instead of Transfer-Encoding.",
    },
    Words {
        id: "content_too_large",
        code: 413,
        title: "The content is too large",
        why: Computed(|t, f| {
            t.say("the content ");
            if let Framing::Length(size) = f.request.framing() {
                t.say("has ");
                t.number("size", size);
                t.say(" octets");
            } else {
                t.say("is announced as larger than is taken");
            }
            if let Some(limit) = f.site.content_limit {
                t.say(", and at most ");
                t.number("limit", limit);
                t.say(" are taken here");
            }
        }),
        lasts: Permanent("for content of this size."),
        remedy: "Send less, or send it in parts.",
    },
    Words {
        id: "content_ignored",
        code: 415,
        title: "This method takes no content",
        why: Computed(|t, f| {
            method(t, f);
            t.say(" takes no content, and to ignore it could mean to do something else than was asked");
        }),
        lasts: Permanent("for the same request."),
        remedy: "Send it without content.",
    },
    Words {
        id: "media_type_supported",
        code: 415,
        title: "The media type is not taken here",
        why: Computed(|t, f| {
            t.say("the content is ");
            sent(t, f, "media_type", Field::CONTENT_TYPE, "of no type that is told");
            if !f.site.media_types.is_empty() {
                t.say(", and what is taken here is ");
                t.list("supported", f.site.media_types.iter().map(|m| m.as_bytes()));
            }
        }),
        lasts: Permanent("for the same media type."),
        remedy: "Send it in a media type that is taken, and say so in Content-Type.",
    },
    Words {
        id: "content_coding_supported",
        code: 415,
        title: "The content coding is not taken here",
        why: Computed(|t, f| {
            t.say("the content is coded with ");
            sent(t, f, "coding", Field::CONTENT_ENCODING, "something");
            if f.site.content_codings.is_empty() {
                t.say(", which is not taken here");
            } else {
                t.say(", and what is taken here is ");
                t.list("supported", f.site.content_codings.iter().map(|m| m.as_bytes()));
            }
        }),
        lasts: Permanent("for the same coding."),
        remedy: "Send the content without a coding, or with one that Accept-Encoding names.",
    },
    Words {
        id: "upload_fields_valid",
        code: 400,
        title: "The fields of the upload contradict each other",
        why: Fixed("Upload-Complete, Upload-Length, Upload-Offset and Content-Length do not agree, or cannot be read"),
        lasts: Permanent("for the same fields."),
        remedy: "Ask with HEAD where the upload stands, and go on from there with fields that agree.",
    },
    Words {
        id: "partial_put",
        code: 400,
        title: "Only the whole can be put here",
        why: Computed(|t, f| {
            t.say("the content is a part by its ");
            t.word("Content-Range");
            t.say(", and ");
            target(t, f);
            t.say(" can only be replaced as a whole");
        }),
        lasts: Permanent("for the same request."),
        remedy: "Send the whole with PUT and no Content-Range, or the change with PATCH.",
    },
    Words {
        id: "destination_valid",
        code: 400,
        title: "Destination is missing or no address",
        why: Computed(|t, f| {
            method(t, f);
            t.say(" needs a ");
            t.value("field", b"Destination");
            t.say(if f.request.has(Field::DESTINATION) {
                " that is an address, and the one that came is none"
            } else {
                ", and none came"
            });
        }),
        lasts: Permanent("for the same fields."),
        remedy: "Send Destination with a whole address, or with a path that begins with a slash.",
    },
    Words {
        id: "lock_token_present",
        code: 400,
        title: "Lock-Token is missing",
        why: Computed(|t, f| {
            method(t, f);
            t.say(" needs a ");
            t.value("field", b"Lock-Token");
            t.say(" to say which lock is meant, and none came");
        }),
        lasts: Permanent("for the same fields."),
        remedy: "Send the token that came with the answer to LOCK, in angle brackets.",
    },
    Words {
        id: "webdav_fields_valid",
        code: 400,
        title: "A field of WebDAV is malformed",
        why: Computed(|t, f| {
            t.say("Depth, Overwrite, Timeout, If or Lock-Token cannot be read, or does not fit the method ");
            method(t, f);
        }),
        lasts: Permanent("for the same fields."),
        remedy: "Check these fields: a Depth of 0, 1 or infinity, an Overwrite of T or F, and an If with its lists closed.",
    },
    Words {
        id: "depth_infinity_refused",
        code: 403,
        title: "Infinite depth is not served here",
        why: Computed(|t, f| {
            t.say("a PROPFIND of infinite depth on ");
            target(t, f);
            t.say(" would cost too much, and is not served here");
        }),
        lasts: Unknown("That depends on the rules of this site, not on time."),
        remedy: "Ask with Depth: 1, collection by collection. Without Depth, infinity is meant.",
    },
    Words {
        id: "storage_quota_left",
        code: 507,
        title: "There is no room for the content",
        why: Computed(|t, f| {
            t.say("there is not enough room left to store ");
            match f.request.framing() {
                Framing::Length(size) => {
                    t.number("size", size);
                    t.say(" octets here");
                }
                _ => t.say("the content"),
            }
            if f.storage.left == Some(0) {
                t.say("; all octets, or all files, that may be here are");
            } else if let Some(left) = f.storage.left {
                t.say("; what is left is ");
                t.number("left", left);
            }
        }),
        lasts: Temporary("until there is room again."),
        remedy: "Delete something that is not needed, or ask for more room.",
    },
];
