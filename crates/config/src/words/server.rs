//! The words of the server: those that stand at the top of the file, or in its sections `[limits]`, `[portal]` and `admin`.

use crate::limits::THREADS;

use super::Kind::{Address, Host, Names, NamesOrAnyone, Network, Path, Text as Free, Url};
use super::Shape::{Any, Bool, Count, False, Listed, Named, OneOf, Size, Table, Text, Time};
use super::{Home, Row, SERVER, SITE};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row::new("listen", SERVER, Listed(&Text(Address)), "listen = [\"127.0.0.1:8080\", \"unix:/run/because.sock\"]",
        "Where to listen: HOST:PORT, :PORT for every address, PORT for this machine only, or unix:PATH")
        .also(&["port", "bind", "address", "addr", "ports"]),
    Row::new("admin", SERVER, Any(&[Text(Address), Table(Home::Admin)]), "admin = \"127.0.0.1:9180\"",
        "Where metrics, health and the reasons of answers are told to operators")
        .also(&["metrics", "status", "health"]),
    Row::new("threads", SERVER, Count(1, THREADS), "threads = 2",
        "Threads, each with its own loop; one a core if it is not said")
        .also(&["workers", "worker-processes", "cores"]),
    Row::new("log", SERVER, OneOf(&["text", "json", "off"]), "log = \"json\"",
        "How the access log looks on standard output").also(&["access-log", "logging", "logs"]),
    Row::new("record", SERVER, Text(Path), "record = \"facts.jsonl\"",
        "A file to which the facts of each decision are written, so that it can be made again").also(&["trace-file"]),
    Row::new("forwarded", SERVER, Any(&[Listed(&Text(Network)), False]), "forwarded = [\"10.0.0.0/8\"]",
        "Networks of the servers before this one, whose Forwarded or X-Forwarded-For names the client")
        .also(&["trusted-proxies", "trust", "real-ip", "x-forwarded-for"]),
    Row::new("hand-over", SERVER, Text(Url), "hand-over = \"http://other.example:3128\"",
        "Requests to this server as a forward proxy are handed over to another (a use that RFC 9110 §15.4.7 retired)")
        .statuses(&[306]),
    Row::new("extensions", SERVER, Bool, "extensions = true",
        "Understand the mandatory extensions of RFC 2774, and refuse those that are not known").statuses(&[510]),
    Row::new("countries", SERVER, Text(Path), "countries = \"countries.csv\"",
        "A file that tells the country of a network, a line each: 203.0.113.0/24,FR").also(&["geoip", "geo"]),
    Row::new("limits", SERVER, Table(Home::Limits), "[limits]\nmax-connections = 1000",
        "The limits of the server"),
    Row::new("users", SERVER, Named("a user", &super::users::USER),
        "[users]\nalice = \"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA\"",
        "Who may be let in, and how each proves who it is").also(&["user", "accounts", "htpasswd", "passwords"]),
    Row::new("issuer", SERVER, Named("an issuer", &Table(Home::Issuer)),
        "[issuer.\"https://login.example\"]\nkeys = \"jwks.json\"",
        "Who issues the bearer tokens that are believed").also(&["issuers", "jwt", "oidc", "oauth", "oauth2"]),
    Row::new("portal", SERVER, Table(Home::Portal), "[portal]\nlisten = \":8081\"\nhost = \"login.example\"",
        "A captive portal: the network is used after signing in").statuses(&[511]),
    Row::new("site", SERVER, Named("a site", &Table(Home::Site)),
        "[site.\"example.org *.example.org\"]\nfolder = \"public\"",
        "A site, named by the authorities it answers for; without any there is one site that answers for all")
        .statuses(&[421]).also(&["sites", "server", "servers", "vhost", "virtual-host", "virtualhost"]),
    Row::new("rule", SITE, Named("a rule", &Table(Home::Rule)), "[rule.\"/private/**\"]\nguard = \"alice\"",
        "What holds for the targets that match a pattern, and for methods if it names some")
        .also(&["rules", "location", "path", "route", "routes", "directory", "locations"]),

    Row::new("listen", &[Home::Admin], Listed(&Text(Address)), "listen = \"127.0.0.1:9180\"",
        "Where the operators' side listens").must().also(&["port", "address", "bind"]),
    Row::new("allow", &[Home::Admin], Listed(&Text(Names)), "allow = [\"@operators\"]",
        "Who may look; everybody who reaches the address, if it is not said").also(&["guard", "users"]),

    Row::new("listen", &[Home::Portal], Listed(&Text(Address)), "listen = \":8081\"",
        "Where the requests of those who have not signed in arrive").also(&["port", "address", "bind"]),
    Row::new("host", &[Home::Portal], Text(Host), "host = \"login.example\"",
        "The host of the page to sign in").must().also(&["hostname", "domain", "name", "url"]),
    Row::new("allow", &[Home::Portal], Listed(&Text(NamesOrAnyone)), "allow = [\"@guests\"]",
        "Who may sign in; \"anyone\": who accepts the terms").also(&["guard", "users"]),
    Row::new("session", &[Home::Portal], Time, "session = \"4h\"",
        "How long signing in lasts").also(&["timeout", "duration", "ttl"]),
    Row::new("venue", &[Home::Portal], Text(Url), "venue = \"https://cafe.example/\"",
        "A page about the place, told to devices (RFC 8908 §5)"),
    Row::new("terms", &[Home::Portal], Text(Free), "terms = \"Be kind.\"",
        "What is to be accepted").also(&["conditions", "tos"]),
];

/// Limits: the flags of `because serve`, without their hyphens. Their defaults are those of `semantics::limits`.
#[rustfmt::skip]
pub(super) const LIMITS: &[Row] = &[
    limit("max-connections", COUNT, "max-connections = 16384", "Connections at a time; one more is answered 503")
        .statuses(&[503]),
    limit("max-requests", COUNT, "max-requests = 1000000", "Requests on one connection"),
    limit("max-target", Size, "max-target = \"8k\"", "The longest request target").statuses(&[414]),
    limit("max-field", Size, "max-field = \"16k\"", "The longest field line").statuses(&[431]),
    limit("max-fields", Size, "max-fields = \"64k\"", "All field lines together").statuses(&[431]),
    limit("max-field-count", COUNT, "max-field-count = 100", "How many field lines").statuses(&[431]),
    limit("max-content", Size, "max-content = \"1M\"",
        "The longest content that comes with a request that has no use for it").statuses(&[413]),
    limit("max-upload", Size, "max-upload = \"1024G\"", "The longest content that is stored").statuses(&[413])
        .also(&["client-max-body-size", "max-body-size", "body-limit", "max-body"]),
    limit("content-rate", Size, "content-rate = 128", "Octets a second that content must come with, all in all")
        .statuses(&[408]),
    limit("head-timeout", Time, "head-timeout = \"20s\"", "For a head to arrive").statuses(&[408]),
    limit("content-timeout", Time, "content-timeout = \"30s\"", "For more content to arrive").statuses(&[408]),
    limit("idle-timeout", Time, "idle-timeout = \"60s\"", "For the next request on a connection")
        .also(&["keepalive-timeout", "keep-alive", "keepalive"]),
    limit("write-timeout", Time, "write-timeout = \"60s\"", "For a client to take more of a response")
        .also(&["send-timeout"]),
    limit("linger-timeout", Time, "linger-timeout = \"2s\"", "For a client to read the last response"),
    limit("drain-timeout", Time, "drain-timeout = \"30s\"", "For what has begun to finish when the server is stopped")
        .also(&["grace", "graceful", "shutdown-timeout"]),
    limit("processing-after", Time, "processing-after = \"2s\"", "Until a client is told that a long action goes on")
        .statuses(&[102]),
    limit("processing-interval", Time, "processing-interval = \"10s\"", "Until it is told so again").statuses(&[102]),
    limit("queue-delay", Time, "queue-delay = \"1s\"",
        "How long a request may wait for its turn; while they wait longer, new ones are answered 503").statuses(&[503]),
    limit("cache-file", Size, "cache-file = \"64k\"", "The largest file kept in memory"),
    limit("cache-size", Size, "cache-size = \"64M\"", "Files kept in memory, a thread"),
    limit("cache-time", Time, "cache-time = \"250ms\"",
        "How long a file in memory is served before the disk is asked again"),
    limit("max-listing", COUNT, "max-listing = 10000", "Members shown in one listing"),
];

const COUNT: super::Shape = Count(0, u64::MAX);

const fn limit(key: &'static str, shape: super::Shape, example: &'static str, about: &'static str) -> Row {
    Row::new(key, &[Home::Limits], shape, example, about)
}
