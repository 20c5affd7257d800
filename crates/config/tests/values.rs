//! What is read is what was said: shorthands are written out, words of the top are every site's, flags win.

use std::path::{Path, PathBuf};

use config::limits::{CONFIG_SHOWN, THREADS};
use config::model::{
    Field, Keys, Limiting, Name, Origins, Per, Quota, Rule, Scheme, Server, Settings, SignIn, Word, Words,
};
use config::{Config, Located, Place};
use semantics::limits::DEFAULT;
use semantics::method::Method;

fn read(text: &str) -> Config {
    Config::read(text, "etc/because.toml").unwrap_or_else(|mistakes| panic!("{}", config::render(&mistakes, false))).0
}

fn words(text: &str) -> Words {
    read(&format!("countries = 'c.csv'\n{text}\n[users]\nalice = {{ password = '$x', groups = ['staff'] }}")).rules[0]
        .words
        .clone()
}

fn values<T: Clone>(list: &[Located<T>]) -> Vec<T> {
    list.iter().map(|said| said.value.clone()).collect()
}

fn is<T: Clone>(word: Option<&Located<Word<T>>>) -> T {
    word.expect("is said").said().expect("is not undone").clone()
}

#[test]
fn guards() {
    for text in [
        "guard = 'alice  @staff any everyone'",
        "guard = ['alice', '@staff', 'any everyone']",
        "guard.allow = 'alice @staff any everyone'",
    ] {
        let guard = is(words(text).guard.as_ref());
        let all = [Name::User("alice".to_owned()), Name::Group("staff".to_owned()), Name::Any, Name::Everyone];
        assert_eq!(values(&guard.allow), all, "{text}");
    }
    assert!(words("guard = false").guard.expect("is said").is_undone());
    let guard = is(words("guard = { schemes = 'basic', from = '10.0.0.0/8', hide = true }").guard.as_ref());
    assert_eq!(values(&guard.allow), [Name::Any], "who asks for a proof wants anybody's");
    assert_eq!((values(&guard.schemes), values(&guard.from)), (vec![Scheme::Basic], vec!["10.0.0.0/8".to_owned()]));
    let guard = is(words("guard.from = '10.0.0.0/8'").guard.as_ref());
    assert!(guard.allow.is_empty());
}

#[test]
fn names_have_places_within_their_text() {
    let config = read("guard = \"alice\\u0020@staff\"\n[users]\nalice = { password = '$x', groups = 'staff' }");
    let guard = is(config.rules[0].words.guard.as_ref());
    assert_eq!(guard.allow[1].at.to_string(), "etc/because.toml:1:21");
    assert_eq!(guard.allow[1].at.span(), 20..26);
}

#[test]
fn limits_of_rates() {
    let limit = is(words("limit = '100/min'").limit.as_ref());
    assert_eq!((limit[0].rate.value.as_str(), values(&limit[0].per)), ("100/min", vec![Per::Address]));
    let limit =
        is(words("limit = [{ rate = '5/s', burst = 20, per = ['user', 'path'], name = 'a' }, '1/h']").limit.as_ref());
    assert_eq!((limit.len(), values(&limit[0].per)), (2, vec![Per::User, Per::Path]));
    assert_eq!(limit[0].burst.as_ref().map(|said| said.value), Some(20));
}

#[test]
fn where_things_are() {
    let moved = is(words("moved = '/new/{1}'").moved.as_ref());
    assert_eq!((moved.to.value.as_str(), moved.for_now, moved.keep_method), ("/new/{1}", false, false));
    let moved = is(words("moved = { to = '/x', for-now = true, keep-method = true }").moved.as_ref());
    assert!(moved.for_now && moved.keep_method);
    assert_eq!(is(words("see = '/about'").see.as_ref()), "/about");
    assert_eq!(is(words("proxy = 'http://p.example'").proxy.as_ref()).through.value, "http://p.example");
}

#[test]
fn laws_prices_and_closures() {
    let law = is(words("law = 'https://p.example/'").law.as_ref());
    assert_eq!(law.blocked_by.map(|said| said.value).as_deref(), Some("https://p.example/"));
    let law = is(words("law = { blocked-by = 'https://p.example/', countries = 'FR', except-countries = ['DE'] }")
        .law
        .as_ref());
    assert_eq!((values(&law.countries), values(&law.except_countries)), (vec!["FR".to_owned()], vec!["DE".to_owned()]));
    assert_eq!(is(words("price = 5").price.as_ref()).amount.value, 5);
    let price = is(words("price = { amount = 7, unit = 'credits', keys = 'k' }").price.as_ref());
    assert_eq!(price.keys.expect("is said").resolved(), Path::new("etc/k"));
    assert_eq!(is(words("closed = true").closed.as_ref()), Default::default());
    let closed = is(words("closed = { until = 2026-12-01T11:00:00+01:00, retry-after = '10m' }").closed.as_ref());
    assert_eq!(closed.until.map(|said| said.value), Some(1_796_119_200));
    assert_eq!(closed.retry_after.map(|said| said.value), Some(600_000));
}

#[test]
fn what_a_request_must_have() {
    for text in ["conditional = true", "require.conditional = true"] {
        assert!(words(text).conditional.expect("is said").value, "{text}");
    }
    let undone = words("require = false");
    assert!(undone.require.expect("is said").is_undone() && !undone.conditional.expect("is said").value);
    let require = is(words("require = { protocol = 'websocket', length = true }").require.as_ref());
    assert_eq!(
        (values(&require.protocol), require.length.map(|said| said.value)),
        (vec!["websocket".to_owned()], Some(true))
    );
}

#[test]
fn fields_and_origins() {
    let fields = is(words("headers = { hsts = '1d', csp = \"default-src 'self'\", Server = false, X-A = 'b' }")
        .headers
        .as_ref());
    let shown: Vec<(&str, Option<&str>)> = fields
        .iter()
        .map(|Field { name, value }| (name.value.as_str(), value.value.said().map(String::as_str)))
        .collect();
    assert_eq!(
        shown,
        [
            ("Strict-Transport-Security", Some("max-age=86400")),
            ("Content-Security-Policy", Some("default-src 'self'")),
            ("Server", None),
            ("X-A", Some("b")),
        ]
    );
    let fields = is(words("headers = { hsts = true }").headers.as_ref());
    assert_eq!(fields[0].value.value.said().map(String::as_str), Some("max-age=31536000"));
    let fields = is(words("headers = { hsts = false }").headers.as_ref());
    assert!(fields[0].value.value.is_undone());
    assert_eq!(is(words("cors = '*'").cors.as_ref()).origins, Origins::All);
    let cors = is(words("cors = { origins = 'https://a.example', methods = 'PUT', max-age = '1h' }").cors.as_ref());
    assert_eq!((values(&cors.methods), cors.max_age.map(|said| said.value)), (vec![Method::PUT], Some(3_600_000)));
    assert_eq!(values(&is(words("methods = ['GET', 'HEAD']").methods.as_ref())), [Method::GET, Method::HEAD]);
    assert_eq!(is(words("max-content = '1.5k'").max_content.as_ref()), 1_536);
}

#[test]
fn the_top_is_every_sites() {
    let config = read(
        "folder = 'all'\nlisting = true\nguard = 'everyone'\n[site.'a.example b.example:8443']\nfolder = 'a'\ngone = true\n\
         [site.'a.example b.example:8443'.rule.'/x']\nteapot = true\n[site.'*']\nlisting = false\n[rule.'/y']\ngone = true",
    );
    let [one, two] = config.sites.as_slice() else { panic!("two sites") };
    assert_eq!(values(&one.authorities), ["a.example", "b.example:8443"]);
    assert_eq!(one.authorities[1].at.column(), 18);
    let folder = |site: &config::model::Site| site.settings.folder.as_ref().expect("is said").resolved();
    assert_eq!((folder(one), folder(two)), (PathBuf::from("etc/a"), PathBuf::from("etc/all")));
    let listing = |site: &config::model::Site| site.settings.listing.as_ref().expect("is said").value;
    assert_eq!((listing(one), listing(two)), (true, false));
    let patterns = |rules: &[Rule]| rules.iter().map(|rule| rule.pattern.value.clone()).collect::<Vec<_>>();
    assert_eq!(
        (patterns(&one.rules), patterns(&config.rules)),
        (vec!["/**".into(), "/x".into()], vec!["/**".into(), "/y".into()])
    );
    assert!(one.rules[0].is_everything() && one.rules[0].at.line() == 6);
}

#[test]
fn without_a_site_there_is_one_for_all() {
    let config = read("");
    assert_eq!((config.sites.len(), values(&config.sites[0].authorities)), (1, vec!["*".to_owned()]));
    assert!(config.sites[0].settings.is_empty() && config.rules.is_empty());
}

#[test]
fn servers_portals_and_issuers() {
    let config = read(
        "admin = ':1'\nforwarded = false\nlog = 'off'\n[portal]\nhost = 'p.example'\n[issuer.'https://i.example']\nkeys = 'jwks.json'\n\
         leeway = '1 min'\n[issuer.other]\nkeys = 'https://o.example/jwks'",
    );
    let admin = config.server.admin.as_ref().expect("is said");
    assert_eq!((values(&admin.listen), admin.allow.len()), (vec![":1".to_owned()], 0));
    assert_eq!(config.server.forwarded.as_ref().map(|list| list.len()), Some(0));
    assert_eq!(config.portal.as_ref().expect("is said").allow, SignIn::Anyone);
    let Keys::File(file) = &config.issuers[0].keys else { panic!("a file") };
    assert_eq!(file.resolved(), Path::new("etc/jwks.json"));
    assert!(matches!(&config.issuers[1].keys, Keys::Url(url) if url.value == "https://o.example/jwks"));
    assert_eq!(config.issuers[0].leeway.as_ref().map(|said| said.value), Some(60_000));
}

#[test]
fn flags_win() {
    let mut config = read(
        "threads = 1024\nquota = { size = '1k', files = 5 }\ncache = 'no-store'\n[limits]\nmax-target = 100\nmax-fields = 200",
    );
    assert_eq!(config.server.threads.as_ref().map(|said| said.value), Some(THREADS));
    let said = |value| Some(Located::flag(value, "--x", "1"));
    let limits = Limiting { max_target: said(1), ..Limiting::default() };
    let server = Server { limits: Some(Located::flag(limits, "limits", "")), ..Server::default() };
    let settings = Settings {
        quota: Some(Located::flag(Quota { size: said(7), files: None }, "--quota", "7")),
        ..Settings::default()
    };
    let words = Words {
        cache: Some(Located::flag(Word::Is("no-cache".to_owned()), "--cache-control", "no-cache")),
        ..Words::default()
    };
    config.over(server, &settings, &words);
    let limits = config.server.limits.as_ref().expect("is said").limits(&DEFAULT);
    assert_eq!((limits.target, limits.fields, limits.content), (1, 200, DEFAULT.content));
    let quota = &config.sites[0].settings.quota.as_ref().expect("is said").value;
    assert_eq!(
        (quota.size.as_ref().map(|said| said.value), quota.files.as_ref().map(|said| said.value)),
        (Some(7), Some(5))
    );
    assert_eq!(is(config.rules[0].words.cache.as_ref()), "no-cache");

    let mut bare = read("");
    bare.over(Server::default(), &Settings::default(), &words);
    assert_eq!(is(bare.rules[0].words.cache.as_ref()), "no-cache");
    assert!(bare.rules[0].is_everything());
    bare.over(Server::default(), &Settings::default(), &Words::default());
    assert_eq!(bare.rules.len(), 1);
}

#[test]
fn secrets_are_not_debugged() {
    let config =
        read("[users]\nalice = { password = 'SECRET', digest = 'SECRET', token = ['SECRET'] }\nbob = 'SECRET'");
    assert!(!format!("{config:?}").contains("SECRET"));
    let user = config.users.get("alice").expect("is there");
    assert_eq!(user.tokens[0].value.expose(), "SECRET");
    assert!(config.users.get("bob").is_some_and(|bob| bob.password.is_some()) && !config.users.has_group("x"));
}

#[test]
fn notes_fit_a_terminal() {
    let mistakes = Config::read("xyzzyx = 1", "a.toml").unwrap_err();
    assert!(config::render(&mistakes, false).lines().all(|line| line.chars().count() <= CONFIG_SHOWN + 4));
    assert!(Place::flag("--listen", ":80").is_flag());
}
