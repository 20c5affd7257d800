//! The words of the short entity with a link: one a status, whatever the question was.

use super::{Lasts, Why, Words};

const fn words_of(code: u16, title: &'static str, why: &'static str, lasts: Lasts, remedy: &'static str) -> Words {
    Words { id: "", code, title, why: Why::Fixed(why), lasts, remedy }
}

use Lasts::{Permanent, Temporary, Unknown};

static WORDS: [Words; 10] = [
    words_of(
        201,
        "GeneratedBody",
        "this request made it",
        Permanent("it is there now."),
        "Keep the address; it is where to find what was made.",
    ),
    words_of(
        202,
        "Taken on",
        "the work was taken on and is not done yet",
        Temporary("until the work is done."),
        "Look there for how far it is. Do not ask for the work again.",
    ),
    words_of(
        300,
        "Several representations",
        "there are several representations, and the choice is yours",
        Unknown("That depends on the representations on offer."),
        "Choose one of them.",
    ),
    words_of(
        301,
        "Moved for good",
        "it has another address now, for good",
        Permanent("use the new address from now on."),
        "Ask there, and change your links to it.",
    ),
    words_of(
        302,
        "Elsewhere for now",
        "it is at another address for now",
        Temporary("go on using the address that you asked for."),
        "Ask there this time.",
    ),
    words_of(
        303,
        "The answer is elsewhere",
        "the answer is to be read at another address",
        Temporary("the answer to this request is there."),
        "Read it there, with GET.",
    ),
    words_of(
        305,
        "Through a proxy only",
        "it can be reached through a certain proxy only",
        Unknown("That depends on the rule; the answer is for this request alone."),
        "Configure that proxy if you trust it. A client should not do so by itself.",
    ),
    words_of(
        306,
        "Another proxy",
        "this proxy hands its clients over to another",
        Unknown("That depends on whoever runs this proxy."),
        "Configure that proxy if you trust it. A client should not do so by itself.",
    ),
    words_of(
        307,
        "Elsewhere for now",
        "it is at another address for now, and the method must be kept",
        Temporary("go on using the address that you asked for."),
        "Ask there this time, with the same method and content.",
    ),
    words_of(
        308,
        "Moved for good",
        "it has another address now, for good, and the method must be kept",
        Permanent("use the new address from now on."),
        "Ask there with the same method and content, and change your links to it.",
    ),
];

pub(super) fn words(code: u16) -> &'static Words {
    WORDS.iter().find(|words| words.code == code).unwrap_or(&super::OTHER)
}

#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Words> {
    WORDS.iter()
}
