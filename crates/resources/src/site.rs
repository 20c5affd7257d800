//! The rules of a served folder, compiled once to the facts that the decision asks for.

use decision::facts;
use semantics::limits::Limits;
use semantics::method::{Method, Methods};
use semantics::request::Request;

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
    /// Members may be added, changed and removed.
    pub writable: bool,
    /// Collections to which anybody may add members, and where nothing else may be changed: decoded paths.
    pub drops: Vec<String>,
    /// What overwrites something must be conditional (RFC 6585 §3).
    pub conditional: bool,
    /// Media types that may be stored; empty: any.
    pub types: Vec<&'static str>,
    /// Content that comes compressed by gzip is taken, and stored as what it is.
    pub gzip: bool,
    /// PROPFIND of infinite depth is served.
    pub depth_infinity: bool,
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
            writable: false,
            drops: Vec::new(),
            conditional: false,
            types: Vec::new(),
            gzip: false,
            depth_infinity: false,
            limits: Limits::default(),
        }
    }
}

/// The rules of one served folder. Any authority is served.
#[derive(Clone, Debug)]
pub struct Site {
    methods: Methods,
    options: Options,
}

/// What a folder that can be written to supports besides reading.
const WRITES: &[Method] = &[
    Method::PUT,
    Method::DELETE,
    Method::PATCH,
    Method::MKCOL,
    Method::COPY,
    Method::MOVE,
    Method::PROPFIND,
    Method::PROPPATCH,
    Method::LOCK,
    Method::UNLOCK,
];

/// Formats of PATCH on files.
const PATCHES: &[&str] = &["application/merge-patch+json", "application/json-patch+json"];

impl Site {
    /// The rules that these options make.
    pub fn new(options: &Options) -> Site {
        let mut methods = Methods::of(&[Method::GET, Method::HEAD, Method::OPTIONS]);
        if options.trace {
            methods = methods.with(Method::TRACE);
        }
        if options.writable {
            methods = WRITES.iter().fold(methods, |methods, method| methods.with(*method));
        }
        Site { methods, options: options.clone() }
    }

    /// Is the method one that some target supports?
    pub fn supports(&self, method: Method) -> bool {
        self.methods.has(method)
    }

    /// The facts for this request.
    #[inline]
    pub fn facts_of(&self, request: Request<'_>) -> facts::Site<'_> {
        let options = &self.options;
        let plain = facts::Site {
            methods: self.methods,
            length_required: options.length_required,
            content_limit: Some(options.limits.content),
            cache_control: options.cache_control.as_deref(),
            shows_because: options.shows_because,
            ..facts::Site::default()
        };
        if !options.writable || request.is_read() { plain } else { self.of_write(request, plain) }
    }

    fn of_write<'a>(&'a self, request: Request<'_>, plain: facts::Site<'a>) -> facts::Site<'a> {
        let options = &self.options;
        let stores = matches!(request.method(), Some(Method::PUT | Method::POST));
        facts::Site {
            content_limit: Some(if stores { options.limits.upload } else { options.limits.content }),
            media_types: match request.method() {
                Some(Method::PATCH) => PATCHES,
                _ if stores => &options.types,
                _ => &[],
            },
            patch_types: PATCHES,
            content_codings: if stores && options.gzip { &["gzip", "identity"] } else { &["identity"] },
            precondition_required: options.conditional,
            webdav: true,
            depth_infinity: options.depth_infinity,
            ..plain
        }
    }
}

#[cfg(test)]
mod tests {
    use semantics::request::Head;

    use super::*;

    /// A request with this method, and nothing else.
    fn head(method: Method) -> Head {
        Head { method: Some(method), ..Head::EMPTY }
    }

    #[test]
    fn a_folder_is_read_only() {
        let site = Site::new(&Options { cache_control: Some("no-cache".to_owned()), ..Options::default() });
        let facts = site.facts_of(Request::new(b"", &Head::EMPTY));
        assert!([Method::GET, Method::HEAD, Method::OPTIONS].iter().all(|&method| facts.methods.has(method)));
        assert!([Method::PUT, Method::TRACE, Method::POST].iter().all(|&method| !facts.methods.has(method)));
        assert_eq!((facts.cache_control, facts.length_required, facts.origin_served), (Some("no-cache"), true, true));
        assert_eq!(facts.content_limit, Some(Limits::default().content));
    }

    #[test]
    fn trace_is_answered_only_when_asked_for() {
        assert!(Site::new(&Options { trace: true, ..Options::default() }).supports(Method::TRACE));
    }

    #[test]
    fn what_is_stored_has_limits_of_its_own() {
        let options = Options { writable: true, gzip: true, types: vec!["image/*"], ..Options::default() };
        let site = Site::new(&options);
        let (put, copy, get) = (head(Method::PUT), head(Method::COPY), head(Method::GET));
        let of = |head| site.facts_of(Request::new(b"", head));
        assert_eq!(of(&put).content_limit, Some(options.limits.upload));
        assert_eq!((of(&put).media_types, of(&put).content_codings.len()), (&["image/*"][..], 2));
        assert_eq!(of(&copy).content_limit, Some(options.limits.content));
        assert_eq!((of(&copy).media_types.len(), of(&copy).webdav), (0, true));
        assert!(!of(&get).webdav, "a read is what it is anywhere");
    }
}
