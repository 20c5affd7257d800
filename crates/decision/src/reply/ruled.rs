//! Which word of a rule a question reads: so that an answer can be traced to the line of the configuration that decided it.

use semantics::syntax::same_text;

use super::{COUNT, GRAPH, Reply};

/// A word of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Word {
    /// When the site, or a part of it, is closed.
    Closed,
    /// How often something may be asked for.
    Limit,
    /// What a legal demand bars.
    Law,
    /// Which pages of other origins may ask.
    Cors,
    /// Who may do what.
    Guard,
    /// What is to be paid.
    Price,
    /// Which methods are taken.
    Methods,
    /// Which protocol is demanded, or that the length of content be told.
    Require,
    /// Which media types are taken.
    Types,
    /// How long content may be.
    MaxContent,
    /// Where something is now, or that it is gone.
    Moved,
    /// Through which proxy it is to be reached.
    Proxy,
    /// That changes must be conditional.
    Conditional,
    /// That it is a teapot.
    Teapot,
}

impl Word {
    /// The word as it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Word::Closed => "closed",
            Word::Limit => "limit",
            Word::Law => "law",
            Word::Cors => "cors",
            Word::Guard => "guard",
            Word::Price => "price",
            Word::Methods => "methods",
            Word::Require => "require",
            Word::Types => "types",
            Word::MaxContent => "max-content",
            Word::Moved => "moved",
            Word::Proxy => "proxy",
            Word::Conditional => "conditional",
            Word::Teapot => "teapot",
        }
    }
}

/// The questions that a word decides, or bears on.
const READERS: &[(&str, Word)] = &[
    ("in_service", Word::Closed),
    ("in_maintenance", Word::Closed),
    ("counters_reachable", Word::Limit),
    ("address_rate_left", Word::Limit),
    ("user_rate_left", Word::Limit),
    ("login_attempts_left", Word::Guard),
    ("legally_barred", Word::Law),
    ("cors_preflight", Word::Cors),
    ("cors_permitted", Word::Cors),
    ("refusal_hidden", Word::Guard),
    ("authentication_required", Word::Guard),
    ("credentials_present", Word::Guard),
    ("credentials_checkable", Word::Guard),
    ("credentials_for_target", Word::Guard),
    ("credentials_valid", Word::Guard),
    ("nonce_fresh", Word::Guard),
    ("permitted", Word::Guard),
    ("existence_hidden", Word::Guard),
    ("payment_required", Word::Price),
    ("payment_presented", Word::Price),
    ("payment_checkable", Word::Price),
    ("payment_made", Word::Price),
    ("method_allowed", Word::Methods),
    ("upgrade_expressible", Word::Require),
    ("length_required", Word::Require),
    ("content_too_large", Word::MaxContent),
    ("media_type_supported", Word::Types),
    ("media_type_belied", Word::Types),
    ("destination_type_supported", Word::Types),
    ("destination_content_too_large", Word::MaxContent),
    ("moved", Word::Moved),
    ("permanent_keeps_method", Word::Moved),
    ("temporary_keeps_method", Word::Moved),
    ("see_other_known", Word::Moved),
    ("gone", Word::Moved),
    ("proxy_required", Word::Proxy),
    ("precondition_missing", Word::Conditional),
    ("teapot_asked_to_brew", Word::Teapot),
];

static OF_ROW: [Option<Word>; COUNT] = words(&GRAPH);

const fn words(graph: &Reply) -> [Option<Word>; COUNT] {
    let mut of_row = [None; COUNT];
    let mut reader = 0;
    while reader < READERS.len() {
        let (id, word) = READERS[reader];
        let mut row = 0;
        while row < COUNT && !same_text(graph.rows[row].id, id) {
            row += 1;
        }
        assert!(row < COUNT, "no question has this name");
        of_row[row] = Some(word);
        reader += 1;
    }
    of_row
}

/// The word of a rule that this question reads, if it reads one.
pub fn word_of(row: u16) -> Option<Word> {
    OF_ROW.get(usize::from(row)).copied().flatten()
}

/// The questions that are answered by what a rule says of another place than the target.
static OF_PLACES: [bool; COUNT] = {
    const IDS: [&str; 5] = [
        "member_barred",
        "destination_type_supported",
        "destination_content_too_large",
        "destination_barred",
        "subject_protected",
    ];
    let mut of_row = [false; COUNT];
    let mut nth = 0;
    while nth < IDS.len() {
        of_row[super::row_of(IDS[nth]) as usize] = true;
        nth += 1;
    }
    of_row
};

/// Does this question ask what a rule says of another place than the target? Then whoever looked at that place knows its line.
pub fn asks_of_places(row: u16) -> bool {
    OF_PLACES.get(usize::from(row)).copied().unwrap_or(false)
}
