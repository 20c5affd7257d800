//! Existence and place, selection and conditions: what stands at the target, and whether the request fits it.

use semantics::field::Field;
use semantics::method::Method;
use semantics::tag::EntityTag;

use super::Lasts::{Permanent, Temporary, Unknown};
use super::Why::Computed;
use super::{Words, method, sent, target};
use crate::explanation::pen::ExplanationWriter;
use crate::facts::{Bar, Denial, Facts};

const UNTIL_RESOLVED: &str = "That depends: it lasts until the conflict is resolved.";
const UNTIL_REFRESHED: &str = "That depends: it lasts until the request names the present state.";
const REFRESH: &str = "Fetch the present state, look at what has changed, and send the request again with the new one.";
const UNLOCKED: &str = "until the lock is removed or runs out.";

const BY_RULE: &str = "That depends on the rules of this site, not on time.";

/// The place that a rule bars, besides the target.
fn place_barred(t: &mut ExplanationWriter<'_>, f: &Facts<'_>, otherwise: &'static str) {
    match f.target.barred_at {
        Some(path) => t.value("place", path),
        None => t.say(otherwise),
    }
}

/// What the rule there says, after the name of the place.
const fn barred(bar: Bar) -> &'static str {
    match bar {
        Bar::Drop => " belongs to a folder where files are dropped, and what was dropped is changed by nobody",
        Bar::Methods => " is under a rule that does not take what would be done there",
        Bar::Types => " is under a rule that stores no content of this media type",
        Bar::MaxContent => " is under a rule that stores no content that large",
        Bar::Conditional => " is under a rule by which changes must be conditional",
        Bar::Closed => " is closed",
        Bar::Law => " is barred by a legal demand",
        Bar::Price => " has a price of its own, and can only be changed by itself",
        Bar::Elsewhere => " was declared to be elsewhere or gone, so nothing is kept there",
        Bar::Proxy => " is reached through a named proxy only",
        Bar::Require => " demands another protocol",
        Bar::Cors => " may not be changed by pages of this origin",
        Bar::Unreadable => " cannot be read, so nobody can tell which rules hold in it",
    }
}

pub(super) const WORDS: &[Words] = &[
    Words {
        id: "lookup_failed",
        code: 500,
        title: "What stands at the target could not be found out",
        why: Computed(|t, f| {
            t.say("this server failed to find out what stands at ");
            target(t, f);
            t.say("; what failed is in its log");
        }),
        lasts: Unknown("That is not known: it may pass, or stay until whoever runs this server acts."),
        remedy: "Ask again later. If it stays, tell whoever runs this server what you asked for, and when.",
    },
    Words {
        id: "lookup_denied",
        code: 403,
        title: "The server itself may not serve it",
        why: Computed(|t, f| {
            let (denial, why) = match f.target.lookup_denied {
                Some(Denial::Permission) => ("permission", "the server itself has no permission to read "),
                Some(Denial::Outside) => ("outside", "nothing outside of what this site serves can be had, as by "),
                Some(Denial::Special) => ("special", "neither a file nor a collection stands at "),
                Some(Denial::Unlisted) => ("unlisted", "this site does not list the members of "),
                Some(Denial::Reserved) => ("reserved", "the server keeps its own things at "),
                None => ("denied", "the system beneath this server denies access to "),
            };
            t.say(why);
            target(t, f);
            t.only("denial", denial.as_bytes());
        }),
        lasts: Unknown("That depends on whoever runs this server, not on time."),
        remedy: "Logging in does not help. Ask whoever runs this server, who can change what it may read.",
    },
    Words {
        id: "gone",
        code: 410,
        title: "Removed for good",
        why: Computed(|t, f| {
            t.say("what stood at ");
            target(t, f);
            t.say(" was removed for good");
        }),
        lasts: Permanent("that is what whoever runs this site declares."),
        remedy: "Delete your links to it.",
    },
    Words {
        id: "name_storable",
        code: 414,
        title: "The name is too long to be stored",
        why: Computed(|t, f| {
            t.say("the file system of this server cannot hold a name as long as one in ");
            target(t, f);
        }),
        lasts: Permanent("for a name of this length."),
        remedy: "Choose a shorter name, or fewer collections around it, then send the request again.",
    },
    Words {
        id: "parent_exists",
        code: 409,
        title: "The parent collection is missing",
        why: Computed(|t, f| {
            t.say("the collection that ");
            target(t, f);
            t.say(" would be in does not exist");
        }),
        lasts: Unknown(UNTIL_RESOLVED),
        remedy: "Make the collection above it first, with MKCOL, then send the request again.",
    },
    Words {
        id: "method_allowed_on_mapped",
        code: 405,
        title: "The method is not allowed on what stands there",
        why: Computed(|t, f| {
            if f.request.is(Method::MKCOL) {
                t.say("something stands at ");
                target(t, f);
                t.say(" already, and ");
                method(t, f);
                t.say(" makes only what is not there yet");
            } else {
                target(t, f);
                t.say(if f.target.collection {
                    " is a collection, and no collection takes "
                } else {
                    " does not take "
                });
                method(t, f);
            }
        }),
        lasts: Unknown("That depends on what stands there; Allow says what it takes now."),
        remedy: "Use a method that Allow names, or another address.",
    },
    Words {
        id: "upload_offset_matches",
        code: 409,
        title: "The upload does not go on where it stopped",
        why: Computed(|t, f| {
            t.say("the content goes on at octet ");
            sent(t, f, "sent_offset", Field::UPLOAD_OFFSET, "another");
            if let Some(offset) = f.target.upload_offset {
                t.say(", and the upload stopped at octet ");
                t.number("offset", offset);
            }
        }),
        lasts: Unknown("That depends: it lasts until the offset is the right one."),
        remedy: "Go on from the offset given here; HEAD tells it, too.",
    },
    Words {
        id: "member_barred",
        code: 403,
        title: "Something that it would take along is protected",
        why: Computed(|t, f| {
            place_barred(t, f, "something beneath it");
            if let Some(bar) = f.target.member_bar {
                t.say(barred(bar));
            }
            t.say(", and ");
            method(t, f);
            t.say(" would do that to all of it at once");
        }),
        lasts: Unknown(BY_RULE),
        remedy: "Do it to the other members one by one, and leave out what is protected; or ask whoever runs this site.",
    },
    Words {
        id: "destination_on_server",
        code: 502,
        title: "The destination is on another server",
        why: Computed(|t, f| {
            t.say("the destination ");
            sent(t, f, "destination", Field::DESTINATION, "of it");
            t.say(" is on another server, and nothing is sent there from here");
        }),
        lasts: Permanent("for the same destination."),
        remedy: "Choose a destination on this server, or fetch it here and put it there.",
    },
    Words {
        id: "destination_is_source",
        code: 403,
        title: "The destination is the source",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" is both the source and the destination");
        }),
        lasts: Permanent("for the same destination."),
        remedy: "Name another destination.",
    },
    Words {
        id: "destination_parent_exists",
        code: 409,
        title: "The parent of the destination is missing",
        why: Computed(|t, f| {
            t.say("the collection that the destination ");
            sent(t, f, "destination", Field::DESTINATION, "of it");
            t.say(" would be in does not exist");
        }),
        lasts: Unknown(UNTIL_RESOLVED),
        remedy: "Make that collection first, with MKCOL, then send the request again.",
    },
    Words {
        id: "if_header_holds",
        code: 412,
        title: "No list of the If field holds",
        why: Computed(|t, f| {
            t.say("no list of ");
            t.word("If");
            t.say(" holds of what stands there now: ");
            sent(t, f, "if", Field::IF, "what it names is not there");
        }),
        lasts: Unknown(UNTIL_REFRESHED),
        remedy: "Ask for the present entity tags and locks with PROPFIND, and send the request again with those.",
    },
    Words {
        id: "locked",
        code: 423,
        title: "Locked",
        why: Computed(locked),
        lasts: Temporary(UNLOCKED),
        remedy: "If the lock is yours, submit its token in If; else wait, or ask who made it to remove it.",
    },
    Words {
        id: "lock_conflicts",
        code: 423,
        title: "Another lock is in the way",
        why: Computed(|t, f| {
            t.say("somebody holds a lock on ");
            target(t, f);
            t.say(" that leaves no room for the one asked for");
        }),
        lasts: Temporary(UNLOCKED),
        remedy: "Wait until the lock is removed or runs out, or ask for a shared one.",
    },
    Words {
        id: "lock_token_matches",
        code: 409,
        title: "There is no such lock here",
        why: Computed(|t, f| {
            sent(t, f, "lock_token", Field::LOCK_TOKEN, "the token");
            t.say(" names no lock on ");
            target(t, f);
        }),
        lasts: Unknown("That depends: a lock that has run out does not come back."),
        remedy: "Ask for the present locks with PROPFIND; the lock may have run out already.",
    },
    Words {
        id: "destination_type_supported",
        code: 415,
        title: "The destination does not take content of this type",
        why: Computed(|t, f| {
            place_barred(t, f, "the destination");
            t.say(barred(Bar::Types));
        }),
        lasts: Permanent("for the same destination."),
        remedy: "Name a destination that takes this type, or convert the content first.",
    },
    Words {
        id: "destination_content_too_large",
        code: 413,
        title: "It is too large for the destination",
        why: Computed(|t, f| {
            place_barred(t, f, "the destination");
            t.say(barred(Bar::MaxContent));
        }),
        lasts: Permanent("for the same destination."),
        remedy: "Name a destination that takes more, or make it smaller first.",
    },
    Words {
        id: "destination_barred",
        code: 403,
        title: "The destination does not allow this",
        why: Computed(|t, f| {
            place_barred(t, f, "the destination");
            if let Some(bar) = f.target.destination_bar {
                t.say(barred(bar));
            }
        }),
        lasts: Unknown(BY_RULE),
        remedy: "Name another destination: the target itself is not in question. Or ask whoever runs this site.",
    },
    Words {
        id: "overwrite_refused",
        code: 412,
        title: "Something stands at the destination",
        why: Computed(|t, f| {
            t.say("something stands at the destination ");
            sent(t, f, "destination", Field::DESTINATION, "already");
            t.say(", and ");
            t.word("Overwrite: F");
            t.say(" forbids to replace it");
        }),
        lasts: Unknown("That depends: it lasts until nothing stands there."),
        remedy: "Choose another destination, or send Overwrite: T to replace what is there.",
    },
    Words {
        id: "unacceptable_refused",
        code: 406,
        title: "No representation fits what you accept",
        why: Computed(|t, f| {
            t.say("none of the ");
            t.number("variants", u64::from(f.target.variants));
            t.say(" representations of ");
            target(t, f);
            t.say(" fits what the request accepts");
        }),
        lasts: Permanent("for the same Accept fields."),
        remedy: "Accept more: other media types, languages or codings.",
    },
    Words {
        id: "variant_also_negotiates",
        code: 506,
        title: "The chosen variant negotiates in its turn",
        why: Computed(|t, f| {
            t.say("the representation chosen for ");
            target(t, f);
            t.say(" has variants of its own, so that the choice would never end");
        }),
        lasts: Permanent("until the configuration is mended."),
        remedy: "Tell whoever runs this server: a variant must be a plain representation.",
    },
    Words {
        id: "precondition_missing",
        code: 428,
        title: "A precondition must come with it",
        why: Computed(|t, f| {
            t.say("changes to ");
            match f.request.field(Field::DESTINATION) {
                Some(destination) if f.request.is(Method::COPY) || f.site.destination_conditional => {
                    t.show(destination);
                }
                _ => target(t, f),
            }
            t.say(" are taken only on condition, so that nobody overwrites what somebody else wrote");
        }),
        lasts: Permanent("without a condition."),
        remedy: "Fetch it, then send the change with If-Match and the entity tag; to make something new, with \
                 If-None-Match and an asterisk. A destination is protected by a list of If that begins with its address.",
    },
    Words {
        id: "if_match_holds",
        code: 412,
        title: "If-Match does not name what stands there",
        why: Computed(|t, f| {
            t.word("If-Match");
            t.say(" names ");
            sent(t, f, "if_match", Field::IF_MATCH, "something else");
            t.say(", and ");
            present(t, f);
        }),
        lasts: Unknown(UNTIL_REFRESHED),
        remedy: REFRESH,
    },
    Words {
        id: "if_unmodified_since_holds",
        code: 412,
        title: "It was modified since then",
        why: Computed(|t, f| {
            target(t, f);
            t.say(" was to be unmodified since ");
            sent(t, f, "if_unmodified_since", Field::IF_UNMODIFIED_SINCE, "then");
            match f.target.modified {
                Some(date) => {
                    t.say(", and was modified on ");
                    t.value("last_modified", &date.write());
                }
                None => t.say(", and was modified later"),
            }
        }),
        lasts: Unknown(UNTIL_REFRESHED),
        remedy: REFRESH,
    },
    Words {
        id: "if_none_match_on_read",
        code: 412,
        title: "If-None-Match names what stands there",
        why: Computed(|t, f| {
            t.word("If-None-Match");
            t.say(" rules out ");
            sent(t, f, "if_none_match", Field::IF_NONE_MATCH, "what stands there");
            t.say(", and ");
            present(t, f);
        }),
        lasts: Unknown("That depends: it lasts as long as that stands there."),
        remedy: "If you wanted to make something new, choose another address; to replace what is there, send If-Match \
                 with its entity tag.",
    },
];

/// What stands at the target now, by its entity tag if it has one.
pub(super) fn present(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    match f.target.tag {
        _ if !f.target.exists => {
            t.say("nothing stands at ");
            target(t, f);
        }
        Some(tag) => {
            t.say("what stands there now has the entity tag ");
            entity_tag(t, tag);
        }
        None => t.say("what stands there now has no entity tag"),
    }
}

/// An entity tag, put together on the stack; a long one is cut as all that is shown is.
fn entity_tag(t: &mut ExplanationWriter<'_>, tag: EntityTag<'_>) {
    let mut whole = [0; 64];
    let mut length = 0;
    for octet in tag.pieces().into_iter().flatten() {
        if length < whole.len() {
            whole[length] = *octet;
            length += 1;
        }
    }
    t.value("tag", &whole[..length]);
}

fn locked(t: &mut ExplanationWriter<'_>, f: &Facts<'_>) {
    // a lock further up, or at the destination, can bear on it too
    match f.target.lock_root {
        Some(root) => t.show(root),
        None => target(t, f),
    }
    t.say(if f.request.has(Field::IF) {
        " is locked, and the token of that lock, by who made it, did not come with the request"
    } else {
        " is locked, and no token came with the request"
    });
}
