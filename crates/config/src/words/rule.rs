//! The words of a rule, and those within them.

use super::Kind::{
    Country, FieldName, FieldValue, MediaType, Method, Names, Network, Origin, Path, Protocol, Rate, Scope, Target,
    Text as Free, Url,
};
use super::Shape::{Any, Bool, Count, Date, False, List, Listed, OneOf, Size, Table, Text, Time};
use super::{Home, RULE, Row};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row::new("guard", RULE, Any(&[Listed(&Text(Names)), Table(Home::Guard), False]), "guard = \"alice @staff\"",
        "Who is let in: users, @groups, any (whoever proves who it is), everyone").statuses(&[401, 403, 404])
        .also(&["auth", "authorization", "authentication", "require-user", "access", "acl", "basic-auth", "basicauth",
            "protect", "login"]),
    Row::new("limit", RULE, Any(&[Listed(&Text(Rate)), Table(Home::Limit), List(&Table(Home::Limit)), False]),
        "limit = \"100/min\"",
        "How many requests are answered in a time").statuses(&[429])
        .also(&["rate-limit", "ratelimit", "throttle", "limit-req"]),
    Row::new("moved", RULE, Any(&[Text(Target), Table(Home::Moved), False]), "moved = \"/new/{1}\"",
        "Where it is now; {1}, {2} are what the wildcards of the pattern matched, {path} the whole path")
        .statuses(&[301, 302, 307, 308]).also(&["redirect", "redir", "rewrite", "return"]),
    Row::new("see", RULE, Any(&[Text(Target), False]), "see = \"/description.html\"",
        "The thing itself cannot be sent; its description is there").statuses(&[303]).also(&["see-other"]),
    Row::new("gone", RULE, Bool, "gone = true",
        "It was there, and will not come back").statuses(&[410]).also(&["removed", "deleted"]),
    Row::new("price", RULE, Any(&[Count(0, u64::MAX), Table(Home::Price), False]), "price = 5",
        "What it costs").statuses(&[402]).also(&["pay", "payment", "cost", "paywall"]),
    Row::new("law", RULE, Any(&[Text(Url), Table(Home::Law), False]), "law = \"https://provider.example/\"",
        "It is withheld for a legal demand; the URL names who withholds it (RFC 7725)").statuses(&[451])
        .also(&["block", "blocked", "legal", "censor", "censored"]),
    Row::new("require", RULE, Any(&[Table(Home::Require), False]), "require = { length = true }",
        "What a request must have").statuses(&[411, 426, 428]).also(&["requires", "required", "must"]),
    Row::new("conditional", RULE, Bool, "conditional = true",
        "What changes something must be conditional, so that no update is lost").statuses(&[428])
        .also(&["require-conditions", "if-match", "conditions"]),
    Row::new("closed", RULE, Any(&[Bool, Table(Home::Closed)]),
        "closed = { until = 2026-12-01T12:00:00Z, reason = \"moving house\" }",
        "Closed for maintenance, for good or for a time").statuses(&[503])
        .also(&["maintenance", "down", "unavailable", "offline", "disabled"]),
    Row::new("headers", RULE, Any(&[Table(Home::Headers), False]),
        "headers = { \"X-Frame-Options\" = \"DENY\", hsts = \"1y\" }",
        "Fields that are added to answers; a name with false is taken away")
        .also(&["header", "add-header", "fields", "response-headers"]),
    Row::new("cors", RULE, Any(&[Listed(&Text(Origin)), Table(Home::Cors), False]), "cors = \"https://app.example\"",
        "Origins whose scripts may read answers").statuses(&[403])
        .also(&["origin", "access-control-allow-origin", "cross-origin"]),
    Row::new("cache", RULE, Any(&[Text(FieldValue), False]), "cache = \"max-age=3600\"",
        "The Cache-Control of successful answers").also(&["cache-control", "expires", "caching", "max-age"]),
    Row::new("methods", RULE, Any(&[List(&Text(Method)), False]), "methods = [\"GET\", \"HEAD\"]",
        "The methods that are allowed").statuses(&[405]).also(&["method", "verbs", "limit-except", "allow-methods"]),
    Row::new("types", RULE, Any(&[Listed(&Text(MediaType)), False]), "types = [\"image/*\"]",
        "The media types that may be stored").statuses(&[415])
        .also(&["accept-type", "accept-types", "mime", "media-types", "type"]),
    Row::new("max-content", RULE, Any(&[Size, False]), "max-content = \"1M\"",
        "The longest content").statuses(&[413])
        .also(&["max-body", "body-limit", "max-body-size", "client-max-body-size"]),
    Row::new("teapot", RULE, Bool, "teapot = true",
        "It is a teapot (RFC 2324 §2.3.2)").statuses(&[418]).also(&["tea", "coffee"]),
    Row::new("proxy", RULE, Any(&[Text(Url), Table(Home::Proxy), False]), "proxy = \"http://proxy.example:3128\"",
        "It is had through that proxy alone (a use that RFC 9110 §15.4.6 deprecates)").statuses(&[305])
        .also(&["use-proxy"]),
];

const GUARD: &[Home] = &[Home::Guard];
const LIMIT: &[Home] = &[Home::Limit];
const MOVED: &[Home] = &[Home::Moved];
const PRICE: &[Home] = &[Home::Price];
const LAW: &[Home] = &[Home::Law];
const REQUIRE: &[Home] = &[Home::Require];
const CLOSED: &[Home] = &[Home::Closed];
const CORS: &[Home] = &[Home::Cors];
const PROXY: &[Home] = &[Home::Proxy];

const PER: &[&str] = &["address", "user", "path", "all"];

#[rustfmt::skip]
pub(super) const INNER: &[Row] = &[
    Row::new("allow", GUARD, Listed(&Text(Names)), "allow = \"alice @staff\"",
        "Who is let in").statuses(&[401, 403]).also(&["users", "user", "groups", "require", "only"]),
    Row::new("deny", GUARD, Listed(&Text(Names)), "deny = [\"bob\"]",
        "Who is not, whatever else is said").statuses(&[403]).also(&["block", "except", "not"]),
    Row::new("from", GUARD, Listed(&Text(Network)), "from = [\"10.0.0.0/8\"]",
        "Networks from which one may come").statuses(&[403]).also(&["networks", "ip", "ips", "allow-from", "network"]),
    Row::new("not-from", GUARD, Listed(&Text(Network)), "not-from = [\"203.0.113.0/24\"]",
        "Networks from which one may not").statuses(&[403]).also(&["deny-from", "except-from"]),
    Row::new("schemes", GUARD, Listed(&OneOf(&["digest", "basic", "bearer"])), "schemes = [\"digest\", \"bearer\"]",
        "How one may prove who one is").statuses(&[401]).also(&["scheme", "auth", "type", "methods"]),
    Row::new("realm", GUARD, Text(Free), "realm = \"Staff\"",
        "The name of the space; else the site's").statuses(&[401]).also(&["name"]),
    Row::new("scopes", GUARD, Listed(&Text(Scope)), "scopes = [\"read\"]",
        "What a bearer token must be good for").statuses(&[403]).also(&["scope"]),
    Row::new("hide", GUARD, Bool, "allow = \"@staff\"\nhide = true",
        "Whoever is not let in does not learn that it is there").statuses(&[404]).also(&["hidden", "secret"]),

    Row::new("rate", LIMIT, Text(Rate), "rate = \"5/10s\"",
        "So many requests in such a time: 5/10s, 100/min, 1000/hour").must().statuses(&[429])
        .also(&["limit", "requests"]),
    Row::new("burst", LIMIT, Count(0, u64::MAX), "burst = 20",
        "How many more at once").also(&["bucket", "capacity"]),
    Row::new("per", LIMIT, Listed(&OneOf(PER)), "per = [\"user\", \"path\"]",
        "What is counted for itself; else each address").also(&["by", "key", "zone"]),
    Row::new("name", LIMIT, Text(Free), "name = \"login\"",
        "Limits of the same name count together").also(&["id", "shared"]),

    Row::new("to", MOVED, Text(Target), "to = \"/new/{1}\"",
        "Where it is").must().statuses(&[301]).also(&["target", "location", "url", "path"]),
    Row::new("for-now", MOVED, Bool, "for-now = true",
        "It will be back; else it has moved for good").statuses(&[302, 307]).also(&["temporary", "temp"]),
    Row::new("keep-method", MOVED, Bool, "keep-method = true",
        "A POST goes there as a POST").statuses(&[307, 308]).also(&["preserve-method"]),

    Row::new("amount", PRICE, Count(0, u64::MAX), "amount = 5",
        "How much").must().statuses(&[402]).also(&["price", "cost"]),
    Row::new("unit", PRICE, Text(Free), "unit = \"credits\"",
        "Of what").also(&["currency", "units"]),
    Row::new("keys", PRICE, Text(Path), "keys = \"tokens.key\"",
        "The key by which a proof of payment is known").also(&["key"]),

    Row::new("blocked-by", LAW, Text(Url), "blocked-by = \"https://provider.example/\"",
        "Who withholds it (RFC 7725 §4)").statuses(&[451]).also(&["by"]),
    Row::new("demanded-by", LAW, Text(Free), "demanded-by = \"the court of Example\"",
        "Who demands it").also(&["authority", "court"]),
    Row::new("under", LAW, Text(Free), "under = \"the act of 2026, section 5\"",
        "By which law").also(&["act", "statute", "law", "because"]),
    Row::new("from", LAW, Listed(&Text(Network)), "from = [\"203.0.113.0/24\"]",
        "Networks for which it holds; else all").also(&["networks"]),
    Row::new("countries", LAW, Listed(&Text(Country)), "countries = [\"FR\"]",
        "Countries for which it holds; else all").also(&["country"]),
    Row::new("except-countries", LAW, Listed(&Text(Country)), "except-countries = [\"DE\"]",
        "Countries for which it does not").also(&["not-countries", "except"]),

    Row::new("protocol", REQUIRE, Listed(&Text(Protocol)), "protocol = \"websocket\"",
        "A protocol, or one of several: HTTP/1.1, websocket").statuses(&[426])
        .also(&["upgrade", "version", "protocols"]),
    Row::new("length", REQUIRE, Bool, "length = true",
        "Content must tell its length").statuses(&[411]).also(&["content-length"]),
    Row::new("conditional", REQUIRE, Bool, "conditional = true",
        "What changes something must be conditional").statuses(&[428]).also(&["if-match", "conditions"]),

    Row::new("from", CLOSED, Date, "from = 2026-12-01T10:00:00Z",
        "Since when").statuses(&[503]).also(&["since", "start", "begin"]),
    Row::new("until", CLOSED, Date, "until = 2026-12-01T12:00:00Z",
        "Until when; clients are told to come back then").statuses(&[503]).also(&["till", "to", "end"]),
    Row::new("retry-after", CLOSED, Time, "retry-after = \"10m\"",
        "When to come back, if the end is not known").also(&["retry"]),
    Row::new("except", CLOSED, Listed(&Text(Network)), "except = [\"127.0.0.1\"]",
        "Networks for which it is open").also(&["allow", "not-from"]),
    Row::new("reason", CLOSED, Text(Free), "reason = \"moving house\"",
        "What is told").also(&["message", "because", "text"]),

    Row::new("origins", CORS, Listed(&Text(Origin)), "origins = [\"https://app.example\"]",
        "Origins whose scripts may read answers; \"*\": all").must()
        .also(&["origin", "allow", "allow-origins", "allow-origin"]),
    Row::new("methods", CORS, Listed(&Text(Method)), "methods = [\"GET\", \"PUT\"]",
        "Methods they may use beyond the simple ones").also(&["method", "allow-methods"]),
    Row::new("headers", CORS, Listed(&Text(FieldName)), "headers = [\"X-Request\"]",
        "Fields they may send beyond the simple ones").also(&["header", "allow-headers"]),
    Row::new("expose", CORS, Listed(&Text(FieldName)), "expose = [\"ETag\"]",
        "Fields of answers they may read").also(&["expose-headers"]),
    Row::new("credentials", CORS, Bool, "credentials = true",
        "May they use who the user is?").also(&["allow-credentials"]),
    Row::new("max-age", CORS, Time, "max-age = \"1h\"",
        "How long a browser may remember that").also(&["age"]),

    Row::new("through", PROXY, Text(Url), "through = \"http://proxy.example:3128\"",
        "The proxy").must().statuses(&[305]).also(&["to", "url", "proxy"]),
    Row::new("from", PROXY, Listed(&Text(Network)), "from = [\"192.0.2.1\"]",
        "Networks of that proxy: who comes from there has come through it").also(&["networks"]),
];
