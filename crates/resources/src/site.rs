//! The rules of a served folder, compiled once to the facts that the decision asks for.

use decision::facts;
use semantics::limits::Limits;
use semantics::method::{Method, Methods};

/// What an operator says of a served folder.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names looked for in a collection, in this order; the first that stands there is what the collection shows.
    pub index: Vec<String>,
    /// A collection without such a name shows the list of its members.
    pub listing: bool,
    /// Names that begin with a dot are served and listed too. `.well-known` (RFC 8615) always is.
    pub hidden: bool,
    /// TRACE is answered. Off by default: it shows a client its own fields, and what intermediaries added to them.
    pub trace: bool,
    /// Content is taken only if its length is known beforehand. Nobody here reads it, so there is no reason to let
    /// content of unknown length come in.
    pub length_required: bool,
    /// `Cache-Control` of successful answers.
    pub cache_control: Option<String>,
    /// The number of the walk may be shown to the client.
    pub shows_because: bool,
    /// The limits in force.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            index: vec!["index.html".to_owned(), "index.htm".to_owned()],
            listing: false,
            hidden: false,
            trace: false,
            length_required: true,
            cache_control: None,
            shows_because: false,
            limits: Limits::default(),
        }
    }
}

/// The rules of one served folder. Any authority is served.
#[derive(Clone, Debug)]
pub struct Site {
    methods: Methods,
    length_required: bool,
    content_limit: u64,
    cache_control: Option<Box<str>>,
    shows_because: bool,
}

impl Site {
    /// The rules that these options make.
    pub fn new(options: &Options) -> Site {
        let methods = Methods::of(&[Method::GET, Method::HEAD, Method::OPTIONS]);
        Site {
            methods: if options.trace { methods.with(Method::TRACE) } else { methods },
            length_required: options.length_required,
            content_limit: options.limits.content,
            cache_control: options.cache_control.as_deref().map(Into::into),
            shows_because: options.shows_because,
        }
    }

    /// The facts.
    pub fn facts(&self) -> facts::Site<'_> {
        facts::Site {
            methods: self.methods,
            length_required: self.length_required,
            content_limit: Some(self.content_limit),
            cache_control: self.cache_control.as_deref(),
            shows_because: self.shows_because,
            ..facts::Site::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_only() {
        let site = Site::new(&Options { cache_control: Some("no-cache".to_owned()), ..Options::default() });
        let facts = site.facts();
        assert!([Method::GET, Method::HEAD, Method::OPTIONS].iter().all(|&method| facts.methods.has(method)));
        assert!([Method::PUT, Method::TRACE, Method::POST].iter().all(|&method| !facts.methods.has(method)));
        assert_eq!((facts.cache_control, facts.length_required, facts.origin_served), (Some("no-cache"), true, true));
        assert_eq!(facts.content_limit, Some(Limits::default().content));
    }

    #[test]
    fn trace_is_answered_only_when_asked_for() {
        assert!(Site::new(&Options { trace: true, ..Options::default() }).facts().methods.has(Method::TRACE));
    }
}
