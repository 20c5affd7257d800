//! The rules of a served folder, compiled once to the facts that the decision asks for.

use crate::limits::{self, Limits};
use decision::facts;
use semantics::method::{Method, Methods};
use semantics::request::Request;
use semantics::text::path::is_beneath;
use semantics::upload::UploadLimit;

use crate::intern::intern;
use crate::patch::ACCEPT_PATCH;

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
    /// The facts of every read.
    plain: facts::Site<'static>,
    /// Of what is only read, of all that can be written to, and of a folder where files may be dropped.
    reads: Methods,
    writes: Methods,
    drops: Methods,
    /// What a form may bring, where types are ruled.
    posts: Vec<&'static str>,
    upload_limit: String,
    options: Options,
}

/// What a folder that can be written to supports besides reading.
const WRITES: &[Method] = &[
    Method::POST,
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
    Method::BIND,
    Method::UNBIND,
    Method::REBIND,
];

/// What monitors of jobs support, and what uploads do.
const JOBS: &[Method] = &[Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE];
const UPLOADS: &[Method] = &[Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE, Method::PATCH];

/// The format of PATCH on uploads.
const APPENDS: &[&str] = &["application/partial-upload"];

/// Which part of the site a target is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A folder that is only read.
    Read,
    /// One that can be written to.
    Written,
    /// One where files may be dropped.
    Drop,
    /// The monitors of long actions.
    Jobs,
    /// Uploads that are not complete.
    Uploads,
}

/// Is it this collection, or something in it?
fn holds(collection: &[u8], path: &[u8]) -> bool {
    collection == path || is_beneath(path, collection)
}

impl Site {
    /// The rules that these options make.
    pub fn new(options: &Options) -> Site {
        let mut reads = Methods::of(&[Method::GET, Method::HEAD, Method::OPTIONS]);
        if options.trace {
            reads = reads.with(Method::TRACE);
        }
        let mut posts = options.types.clone();
        if !posts.is_empty() {
            posts.push("multipart/form-data");
        }
        Site {
            plain: facts::Site {
                methods: reads,
                length_required: options.length_required,
                content_limit: Some(options.limits.content),
                cache_control: options.cache_control.as_deref().map(intern),
                shows_because: options.shows_because,
                ..facts::Site::DEFAULT
            },
            reads,
            writes: WRITES.iter().fold(reads, |methods, method| methods.with(*method)),
            drops: reads.with(Method::POST),
            posts,
            upload_limit: UploadLimit {
                max_size: Some(options.limits.upload.min(limits::UPLOADS_OCTETS)),
                max_age: Some(limits::UPLOAD_TIME.unsigned_abs()),
                ..UploadLimit::default()
            }
            .to_string(),
            options: options.clone(),
        }
    }

    /// Can something be changed here at all?
    fn changes(&self) -> bool {
        self.options.writable || !self.options.drops.is_empty()
    }

    /// The facts for a read of what is the server's own: of an upload its limit is told, too.
    pub fn facts_of_own(&self, request: Request<'_>, path: Option<&[u8]>) -> facts::Site<'_> {
        facts::Site { upload_limit: Some(&*self.upload_limit), ..self.facts_of(request, path) }
    }

    /// Is the method one that some target supports?
    pub fn supports(&self, method: Method) -> bool {
        self.methods(if self.options.writable { Part::Written } else { Part::Drop }).has(method)
    }

    fn methods(&self, part: Part) -> Methods {
        match part {
            Part::Read => self.reads,
            Part::Written => self.writes,
            Part::Drop if self.options.drops.is_empty() => self.reads,
            Part::Drop => self.drops,
            Part::Jobs => Methods::of(JOBS),
            Part::Uploads => Methods::of(UPLOADS),
        }
    }

    /// The facts for this request. `path` is what its target was decoded to, once, for everybody; none: it has none, or it
    /// cannot be decoded.
    #[inline]
    pub fn facts_of(&self, request: Request<'_>, path: Option<&[u8]>) -> facts::Site<'_> {
        if !self.changes() || request.is_read() { self.plain } else { self.of_change(request, path, self.plain) }
    }

    /// Those of every read.
    #[inline]
    pub const fn plain(&self) -> &facts::Site<'static> {
        &self.plain
    }

    /// Which part of the site a decoded path is in. Of what cannot be decoded nobody can tell whether it is in a folder
    /// where files are dropped, so where there is one it may not be changed; elsewhere nothing stands there, and it is missing.
    fn part(&self, path: Option<&[u8]>) -> Part {
        let Some(path) = path else {
            let may = self.options.writable && self.options.drops.is_empty();
            return if may { Part::Written } else { Part::Read };
        };
        let own = path.strip_prefix(b".because/");
        match own.map(|own| (own.starts_with(b"jobs/"), own.starts_with(b"uploads/"))) {
            Some((true, _)) => Part::Jobs,
            Some((_, true)) => Part::Uploads,
            _ => match self.options.drops.iter().map(String::as_bytes).find(|drop| holds(drop, path)) {
                Some(drop) if drop == path => Part::Drop,
                // what was dropped there stays as it is
                Some(_) => Part::Read,
                None if self.options.writable => Part::Written,
                None => Part::Read,
            },
        }
    }

    fn of_change<'a>(&'a self, request: Request<'_>, path: Option<&[u8]>, plain: facts::Site<'a>) -> facts::Site<'a> {
        let options = &self.options;
        let method = request.method();
        let part = match path {
            // what OPTIONS asks of the server as a whole is what some of it can (RFC 9110 §9.3.7)
            None if options.writable && method == Some(Method::OPTIONS) => Part::Written,
            path => self.part(path),
        };
        // what is stored, and an upload that is appended to, can be long; a document that is understood is not
        let long = matches!(method, Some(Method::PUT | Method::POST)) || part == Part::Uploads;
        let patches = if part == Part::Uploads { APPENDS } else { ACCEPT_PATCH };
        facts::Site {
            methods: self.methods(part),
            content_limit: Some(if long { options.limits.upload } else { options.limits.content }),
            media_types: match method {
                Some(Method::PATCH) => patches,
                Some(Method::PUT) => &options.types,
                Some(Method::POST) => &self.posts,
                _ => &[],
            },
            patch_types: if options.writable { patches } else { &[] },
            upload_limit: Some(&*self.upload_limit),
            content_codings: if long && options.gzip { &["gzip", "identity"] } else { &["identity"] },
            precondition_required: options.conditional && part == Part::Written,
            webdav: part == Part::Written,
            post_adds: true,
            own_pages_only: true,
            depth_infinity: options.depth_infinity,
            ..plain
        }
    }
}

#[cfg(test)]
mod tests {
    use semantics::request::{Head, Span};

    use super::*;

    /// A request with this method, and nothing else.
    fn head(method: Method) -> Head {
        Head { method: Some(method), target: Span { start: 0, end: 2 }, ..Head::EMPTY }
    }

    #[test]
    fn a_folder_is_read_only() {
        let site = Site::new(&Options { cache_control: Some("no-cache".to_owned()), ..Options::default() });
        let facts = site.facts_of(Request::new(b"", &Head::EMPTY), None);
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
        let of = |head| site.facts_of(Request::new(b"/a", head), Some(b"a"));
        assert_eq!(of(&put).content_limit, Some(options.limits.upload));
        assert_eq!((of(&put).media_types, of(&put).content_codings.len()), (&["image/*"][..], 2));
        assert_eq!(of(&copy).content_limit, Some(options.limits.content));
        assert_eq!((of(&copy).media_types.len(), of(&copy).webdav), (0, true));
        assert!(!of(&get).webdav, "a read is what it is anywhere");
    }

    #[test]
    fn each_part_has_its_methods() {
        let options = Options { drops: vec!["in".to_owned()], ..Options::default() };
        let (drop, both) = (Site::new(&options), Site::new(&Options { writable: true, ..options }));
        let methods = |site: &Site, method, path: &'static str| {
            let head = head(method);
            site.facts_of(Request::new(b"/a", &head), Some(path.as_bytes())).methods
        };
        for (path, post, put) in [("in", true, false), ("", false, false), ("x", false, false)] {
            let methods = methods(&drop, Method::POST, path);
            assert_eq!((methods.has(Method::POST), methods.has(Method::PUT)), (post, put), "{path}");
        }
        for (path, put, patch) in [
            ("x", true, true),
            ("in/x", false, false),
            (".because/uploads/1", false, true),
            (".because/jobs/1", false, false),
        ] {
            let methods = methods(&both, Method::PUT, path);
            assert_eq!((methods.has(Method::PUT), methods.has(Method::PATCH)), (put, patch), "{path}");
        }
    }

    #[test]
    fn what_cannot_be_read_may_not_be_changed() {
        let site = Site::new(&Options { writable: true, drops: vec!["in".to_owned()], ..Options::default() });
        let delete = head(Method::DELETE);
        assert!(!site.facts_of(Request::new(b"/%00", &delete), None).methods.has(Method::DELETE));
        let options = head(Method::OPTIONS);
        assert!(
            site.facts_of(Request::new(b"*/", &options), None).methods.has(Method::DELETE),
            "of the server as a whole"
        );
    }
}
