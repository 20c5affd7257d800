//! Words of other servers that have no row of ours to lead to: what is to be done instead.

/// What to say to who writes this.
pub(crate) fn foreign(word: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(words, _)| words.contains(&word)).map(|(_, advice)| *advice)
}

#[rustfmt::skip]
const FOREIGN: &[(&[&str], &str)] = &[
    (&["tls", "ssl", "https", "cert", "certificate", "certificates", "ssl-certificate", "acme", "letsencrypt"],
        "TLS is not yet served here: put a server that speaks it in front, and name its network in `forwarded`"),
    (&["http2", "http3", "h2", "h3", "quic"],
        "HTTP/1.1 is what is served here as yet"),
    (&["host", "hosts", "hostname", "server-name", "servername", "domain", "domains", "server-alias", "authority"],
        "a site is named by its heading: [site.\"example.org\"]"),
    (&["path", "location", "locations", "route", "pattern", "match", "directory"],
        "a path is named by the heading of a rule: [rule.\"/private/**\"]"),
    (&["proxy-pass", "reverse-proxy", "upstream", "upstreams", "backend", "backends", "forward", "gateway"],
        "requests are not yet passed on to other servers here"),
    (&["error-page", "error-pages", "error-document", "errordocument", "errors"],
        "every answer explains itself here, to people and to programs; there are no pages to give"),
    (&["include", "import", "includes"],
        "one file says all"),
    (&["try-files", "fallback", "spa"],
        "what stands in the folder is served, and nothing else in its place"),
    (&["status", "code"],
        "a status is not chosen, it has a cause: moved, gone, closed, law, guard ..."),
    (&["user", "group", "daemon", "pid", "chroot"],
        "who the program runs as is said where it is started"),
    (&["php", "cgi", "fastcgi", "fastcgi-pass", "script", "scripts"],
        "programs are not run here; files are served"),
];
