//! What came of the action, and the ranges of what is read.

use semantics::field::Field;
use semantics::limits;

use super::Lasts::{Permanent, Temporary, Unknown};
use super::Why::{Computed, Fixed};
use super::{Words, method, target};
use crate::condition::Condition;
use crate::facts::{Facts, Failure};

const UNTIL_RESOLVED: &str = "That depends: it lasts until the conflict is resolved.";
const SAME_CONTENT: &str = "for the same content.";

fn is(f: &Facts<'_>, failure: Failure) -> bool {
    f.outcome.failure == Some(failure)
}

pub(super) const WORDS: &[Words] = &[
    Words {
        id: "content_stalled",
        code: 408,
        title: "The content did not arrive in time",
        why: Fixed("the content of the request stopped arriving before its end, and its time is over"),
        lasts: Temporary("the next attempt may be fast enough."),
        remedy: "Send the request again, and its content without pauses.",
    },
    Words {
        id: "content_grew_too_large",
        code: 413,
        title: "The content is too large",
        why: Computed(super::grew),
        lasts: Permanent("for content of this size."),
        remedy: "Send less, or send it in parts.",
    },
    Words {
        id: "content_broken",
        code: 400,
        title: "The content is cut short or damaged",
        why: Computed(super::broken),
        lasts: Permanent("the same octets get the same answer."),
        remedy: "Send it again whole. If it fails again, mend the program that sent it.",
    },
    Words {
        id: "content_malformed",
        code: 400,
        title: "The content is not well formed",
        why: Computed(|t, f| {
            t.say("the content is no well-formed document of its type");
            super::sent_type(t, f);
        }),
        lasts: Permanent(SAME_CONTENT),
        remedy: "Check the document with a parser of its type, then send it again.",
    },
    Words {
        id: "media_type_belied",
        code: 415,
        title: "The content is of another type than it says",
        why: Computed(|t, f| {
            t.say("the content does not look like its media type");
            super::sent_type(t, f);
        }),
        lasts: Permanent(SAME_CONTENT),
        remedy: "Send Content-Type as the content is, or send content of that type.",
    },
    Words {
        id: "content_unprocessable",
        code: 422,
        title: "What the content asks for cannot be done",
        why: Computed(|t, f| {
            t.say("the content is well formed, but what it asks for cannot be done to ");
            target(t, f);
        }),
        lasts: Permanent(SAME_CONTENT),
        remedy: "Change what the document asks for, then send it again.",
    },
    Words {
        id: "mapped_meanwhile",
        code: 405,
        title: "Something stands there now",
        why: Computed(|t, f| {
            t.say("while this request was under way something came to stand at ");
            target(t, f);
            t.say(" that does not take ");
            method(t, f);
        }),
        lasts: Unknown("That depends on what stands there; Allow says what it takes."),
        remedy: "Look at what stands there now, then choose another method or another address.",
    },
    Words {
        id: "state_conflict",
        code: 409,
        title: "It conflicts with what stands there",
        why: Computed(|t, f| {
            method(t, f);
            t.say(" conflicts with the present state of ");
            target(t, f);
        }),
        lasts: Unknown(UNTIL_RESOLVED),
        remedy: "Fetch the present state, resolve the conflict, then send the request again.",
    },
    Words {
        id: "precondition_lost",
        code: 412,
        title: "It was changed in the meantime",
        why: Computed(|t, f| {
            t.say("somebody changed ");
            target(t, f);
            t.say(" after the conditions of the request were found to hold, and before it was carried out");
        }),
        lasts: Unknown("That depends: it lasts until the request names the present state."),
        remedy: "Fetch the present state, look at what has changed, and send the request again with the new one.",
    },
    Words {
        id: "binding_overwrite_refused",
        code: 412,
        title: "The binding is there already",
        why: Computed(|t, f| {
            t.say("a binding of that name is there already, and ");
            t.word("Overwrite: F");
            t.say(" forbids to replace it in ");
            target(t, f);
        }),
        lasts: Unknown("That depends: it lasts until there is no such binding."),
        remedy: "Choose another name, or send Overwrite: T to replace what is there.",
    },
    Words {
        id: "subject_missing",
        code: 404,
        title: "What it is about is not there",
        why: Computed(|t, f| {
            t.say("what ");
            method(t, f);
            t.say(" is about is not there");
        }),
        lasts: Unknown("That is not known: it may be put there at any time."),
        remedy: "Look at the collection again; what you knew of it may be old.",
    },
    Words {
        id: "subject_forbidden",
        code: 403,
        title: "What it is about is protected",
        why: Computed(|t, f| match f.outcome.condition {
            Some(Condition::NoExternalEntities) => {
                t.say("the content declares a document type, which could name entities, and those are never read here");
            }
            Some(Condition::NameAllowed) => t.say("a name in it is none that can be stored here"),
            _ => {
                t.say("what ");
                method(t, f);
                t.say(" is about is protected from such a change");
            }
        }),
        lasts: Unknown("That depends on the rules of this site, not on time."),
        remedy: "Leave it out of the request, or ask whoever runs this site.",
    },
    Words {
        id: "subject_protected",
        code: 403,
        title: "A place that it reaches is protected by a rule",
        why: Computed(|t, f| {
            t.say("a rule of this site bars what ");
            method(t, f);
            t.say(" would do to ");
            match f.outcome.subject {
                Some(path) => t.value("place", path),
                None => t.say("a place that it reaches"),
            }
        }),
        lasts: Unknown("That depends on the rules of this site, not on time."),
        remedy: "Name another place in the request, or ask whoever runs this site.",
    },
    Words {
        id: "subject_locked",
        code: 423,
        title: "Something in it is locked",
        why: Computed(|t, f| {
            t.say("a lock was met while ");
            method(t, f);
            t.say(" was carried out, and its token did not come with the request");
        }),
        lasts: Temporary("until the lock is removed or runs out."),
        remedy: "If the lock is yours, submit its token in If; else wait, or ask who made it to remove it.",
    },
    Words {
        id: "dependency_failed",
        code: 424,
        title: "Another part of it failed",
        why: Fixed("another part of the same request failed, and all of it is done or nothing"),
        lasts: Unknown("That depends on the part that failed."),
        remedy: "Mend the part that failed, by its own status, then send all of it again.",
    },
    Words {
        id: "storage_insufficient",
        code: 507,
        title: "There is no room to store it",
        why: Computed(|t, f| {
            t.say("the server has no room left to store what ");
            method(t, f);
            t.say(" brought");
        }),
        lasts: Temporary("until there is room again."),
        remedy: "Delete something that is not needed, or tell whoever runs this server.",
    },
    Words {
        id: "binding_loop",
        code: 508,
        title: "The collections lead round in a loop",
        why: Computed(|t, f| {
            t.say("below ");
            target(t, f);
            t.say(" a collection leads back into itself, so that infinite depth has no end");
        }),
        lasts: Permanent("until the tree is changed."),
        remedy: "Ask with Depth: 1, or say by DAV: bind that you know what 208 means.",
    },
    Words {
        id: "store_unreachable",
        code: 503,
        title: "A store is out of reach",
        why: Fixed("a store that this needs cannot be reached now"),
        lasts: Temporary("until the store can be reached again."),
        remedy: "Ask again in a while; nothing was changed.",
    },
    Words {
        id: "internal_fault",
        code: 500,
        title: "A fault of this server",
        why: Computed(|t, f| {
            t.say("this server failed to carry out ");
            method(t, f);
            t.say(if is(f, Failure::Internal) { " by a fault of its own" } else { "" });
            t.say("; what failed is in its log");
        }),
        lasts: Unknown("That is not known: it may pass, or stay until whoever runs this server acts."),
        remedy: "Ask again later. If it stays, tell whoever runs this server what you did, and when.",
    },
    Words {
        id: "ranges_reasonable",
        code: 416,
        title: "Too many ranges",
        why: Computed(|t, f| {
            t.say("the request asks for more ranges than the ");
            t.number("limit", limits::RANGES as u64);
            t.say(" that are sent at once, or for ranges that overlap without need: ");
            super::sent(t, f, "range", Field::RANGE, "too many");
        }),
        lasts: Permanent("for the same ranges."),
        remedy: "Ask for fewer ranges, or without Range for the whole.",
    },
    Words {
        id: "range_satisfiable",
        code: 416,
        title: "The range lies outside",
        why: Computed(|t, f| super::ranges(t, f, f.target.length)),
        lasts: Unknown("That depends on the length: for this one it is permanent, and it may grow."),
        remedy: "Ask for a range within the length, or without Range for the whole.",
    },
];
