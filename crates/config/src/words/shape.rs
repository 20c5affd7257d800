//! What may follow a word, and how that is called.

use super::Home;

/// What may follow a word.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`
    Bool,
    /// `false`: it undoes what a less specific rule says, or says that there is none.
    False,
    /// A whole number within these bounds.
    Count(u64, u64),
    /// A size in octets: a number, or a text with a unit.
    Size,
    /// A time: a text with a unit.
    Time,
    /// A date and time with its zone.
    Date,
    /// A text.
    Text(Kind),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of it, or a list of them.
    Listed(&'static Shape),
    /// A list of them.
    List(&'static Shape),
    /// One of several, each of another type.
    Any(&'static [Shape]),
    /// A table of the words of that home.
    Table(Home),
    /// A table of names that are chosen freely, each with the same shape. The text tells what the names are.
    Named(&'static str, &'static Shape),
}

/// What a text tells. Those that are not checked here are read by whoever uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// The path of a file or folder; relative ones begin at the folder of the configuration.
    Path,
    /// A name of a file, without a slash.
    Name,
    /// A place in the share, such as `inbox`.
    Below,
    /// Where to listen.
    Address,
    /// A URL.
    Url,
    /// A URL or the path of a file.
    UrlOrPath,
    /// A target: a URL, or a path that begins with a slash. Holds `{1}`, `{2}`.
    Target,
    /// A network or an address.
    Network,
    /// A rate such as `100/min`.
    Rate,
    /// A method of the table.
    Method,
    /// A media type or a range of them.
    MediaType,
    /// A country of ISO 3166: two letters.
    Country,
    /// A value that a field can carry (RFC 9110 §5.5).
    FieldValue,
    /// A name of a field (RFC 9110 §5.1).
    FieldName,
    /// Users, groups, `any`, `everyone`, divided by spaces.
    Names,
    /// The same, or `anyone`.
    NamesOrAnyone,
    /// A group of users, without its `@`.
    Group,
    /// A scope of tokens (RFC 6749 §3.3).
    Scope,
    /// An origin (RFC 6454), or `*`.
    Origin,
    /// A host.
    Host,
    /// A protocol to upgrade to.
    Protocol,
    /// What nobody may be shown.
    Secret,
}

impl Kind {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Path => "a path in quotes",
            Self::Name => "a name of a file in quotes",
            Self::Below => "a path within the folder in quotes",
            Self::Address => "an address to listen at in quotes",
            Self::Url => "a URL in quotes",
            Self::UrlOrPath => "a path or a URL in quotes",
            Self::Target => "a path or a URL in quotes",
            Self::Network => "a network in quotes",
            Self::Rate => "a rate in quotes",
            Self::Method => "a method in quotes",
            Self::MediaType => "a media type in quotes",
            Self::Country => "two letters for a country in quotes",
            Self::FieldValue => "a value of a field in quotes",
            Self::FieldName => "a name of a field in quotes",
            Self::Names => "names of users and @groups in quotes",
            Self::NamesOrAnyone => "\"anyone\", or names of users and @groups in quotes",
            Self::Group => "a group in quotes",
            Self::Scope => "a scope in quotes",
            Self::Origin => "an origin in quotes",
            Self::Host => "a host in quotes",
            Self::Protocol => "a protocol in quotes",
            Self::Secret => "a hash in quotes",
        }
    }
}

impl Shape {
    /// What it is called: "`index` is ...".
    pub fn name(self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::False => "false".to_owned(),
            Self::Count(least, u64::MAX) => format!("a whole number from {least}"),
            Self::Count(least, most) => format!("a whole number from {least} to {most}"),
            Self::Size => "a size such as 4096 or \"64k\"".to_owned(),
            Self::Time => "a time such as \"10s\"".to_owned(),
            Self::Date => "a date and time such as 2026-12-01T10:00:00Z".to_owned(),
            Self::Text(kind) => kind.name().to_owned(),
            Self::OneOf(words) => either(&words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>()),
            Self::Listed(shape) => format!("{} or a list of such", shape.name()),
            Self::List(shape) => format!("a list, each {}", shape.name()),
            Self::Any(shapes) => {
                let mut names: Vec<String> = Vec::new();
                for shape in shapes {
                    match shape {
                        Self::Listed(inner) => names.extend([inner.name(), "a list of such".to_owned()]),
                        Self::List(_) if names.iter().any(|name| name.starts_with("a list")) => {}
                        Self::List(_) => names.push("a list".to_owned()),
                        shape => names.push(shape.name()),
                    }
                }
                either(&names)
            }
            Self::Table(_) | Self::Named(..) => "a table".to_owned(),
        }
    }

    /// The home whose words may follow, in a table or in a list of tables.
    pub fn home(self) -> Option<Home> {
        match self {
            Self::Table(home) => Some(home),
            Self::Any(shapes) => shapes.iter().find_map(|shape| shape.home()),
            Self::Listed(shape) | Self::List(shape) => shape.home(),
            _ => None,
        }
    }
}

/// `a, b or c`
pub(crate) fn either(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
