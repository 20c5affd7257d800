//! Who may do what: names and passwords, groups, addresses, methods; what it is told to whom may not, and what is done about
//! guessing.

use crate::folder::Folder;
use crate::policy::{KEPT, basic, by, serve, start, users};
use crate::server::{Server, Start};

/// The hash by bcrypt of "abc", as its authors published it.
const BCRYPT: &str = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i";

fn folder() -> Folder {
    Folder::with(&[("open.txt", "o"), ("private/a.txt", "a"), ("staff/a.txt", "a"), ("mixed/a.txt", "a")])
}

/// AUT-001, AUT-002, AUT-003, AUT-005
#[test]
fn a_name_and_a_password_open_what_is_guarded() {
    let folder = folder();
    let text = format!(
        "\nrealm = \"The \\\"inner\\\" circle\"\n[users]\nalice = \"{}\"\ncarol = \"{BCRYPT}\"\n\"jürgen\" = \"{}\"\n\
         bob = \"{}\"\n[rule.\"/private/**\"]\nguard = [\"alice\", \"carol\", \"jürgen\"]\n",
        *KEPT, *KEPT, *KEPT
    );
    let server = serve(&folder, &text);
    server.get("/open.txt").is(200);
    let challenge = "Basic realm=\"The \\\"inner\\\" circle\", charset=\"UTF-8\"";
    for method in ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PROPFIND"] {
        for target in [
            "/private/a.txt",
            "/private/none",
            "/private/",
            "/private",
            "/private/../private/a.txt",
            "/%70rivate/a.txt",
        ] {
            let response = server.ask(method, target, "");
            assert_eq!(response.is(401).field("WWW-Authenticate"), challenge, "{method} {target}");
        }
    }
    for (user, password) in [("alice", "secret"), ("carol", "abc"), ("jürgen", "secret")] {
        let fields = basic(user, password);
        server.get_with("/private/a.txt", &fields).is(200);
        server.get_with("/private/none", &fields).is(404);
        server.get_with("/private", &fields).is(301);
        server.ask("DELETE", "/private/a.txt", &fields).is(405);
        // the name of the scheme in any case (RFC 9110 §11.1)
        server.get_with("/private/a.txt", &fields.replace("Basic", "bAsIc")).is(200);
        server.out.wait_for(&format!("user={}", user.as_bytes().escape_ascii()));
    }
    server.get_with("/private/a.txt", &basic("bob", "secret")).refuses(403, "permitted").says("bob");
    assert!(!server.get_with("/private/a.txt", &basic("bob", "secret")).has("WWW-Authenticate"));
    for fields in [
        basic("alice", "wrong"),
        basic("alice", ""),
        basic("", "secret"),
        basic("nobody", "secret"),
        basic("alice", "secret "),
        basic("Alice", "secret"),
    ] {
        server.get_with("/private/a.txt", &fields).refuses(401, "credentials_valid").says("there is no such user");
    }
    for fields in [
        "Authorization: Basic\r\n",
        "Authorization: Basic YWxpY2U=\r\n",
        "Authorization: Basic ====\r\n",
        "Authorization: Basic a b\r\n",
        "Authorization:\r\n",
        "Authorization: Negotiate abc\r\n",
        "Authorization: Basic realm=\"x\"\r\n",
        "Authorization: Bearer abc\r\n",
        "Authorization: Digest abc\r\n",
    ] {
        let response = server.get_with("/private/a.txt", fields);
        assert_eq!(response.refuses(401, "credentials_valid").field("WWW-Authenticate"), challenge, "{fields}");
    }
    // two are none: which of them counts would be anybody's guess
    let two = server.get_with("/private/a.txt", &format!("{}{}", by("alice"), by("bob")));
    assert!(matches!(two.status, 400 | 401), "{}", two.status);
    // where nobody is asked, nothing is checked
    server.get_with("/open.txt", &basic("alice", "wrong")).is(200);
}

/// The narrowest word that speaks of somebody counts.
#[test]
fn lists_speak_of_users_groups_and_everybody() {
    let folder = folder();
    let text = users().replace("\nbob", "\ncarol = { password = \"KEPT\", groups = [\"staff\", \"interns\"] }\nbob");
    let text = text.replace("KEPT", &KEPT)
        + "[rule.\"/private/**\"]\nguard = \"any\"\n[rule.\"/staff/**\"]\nguard = \"@staff\"\n\
           [rule.\"/mixed/**\"]\nguard = { allow = \"everyone\", deny = [\"@interns\"] }\n\
           [rule.\"/open.txt\"]\nguard = { allow = [\"@staff\"], deny = [\"@interns\"] }\n";
    let server = serve(&folder, &text);
    for (target, statuses) in [
        ("/private/a.txt", [401, 200, 200, 200]),
        ("/staff/a.txt", [401, 403, 200, 200]),
        ("/mixed/a.txt", [200, 200, 200, 403]),
        ("/open.txt", [401, 403, 200, 403]),
    ] {
        let who = [String::new(), by("alice"), by("bob"), by("carol")];
        for (fields, status) in who.iter().zip(statuses) {
            assert_eq!(server.get_with(target, fields).status, status, "{target} {fields}");
        }
    }
}

/// A more specific rule says more; by a method, by a path, by `false`.
#[test]
fn rights_can_differ_by_method_and_by_path() {
    let folder = folder();
    let text = users()
        + "[rule.\"/**\"]\nguard = \"@staff\"\n[rule.\"GET HEAD OPTIONS /**\"]\nguard = \"any\"\n\
           [rule.\"/open.txt\"]\nguard = false\n[rule.\"PUT DELETE /private/*.txt\"]\nguard = \"alice\"\n";
    let server = serve(&folder, &format!("\nwrite = true{text}"));
    server.get("/open.txt").is(200);
    server.put("/open.txt", "x").is(204);
    server.get("/private/a.txt").is(401);
    for user in ["alice", "bob"] {
        server.get_with("/private/a.txt", &by(user)).is(200);
    }
    for (user, target, status) in [
        ("alice", "/private/a.txt", 204),
        ("bob", "/private/a.txt", 403),
        ("alice", "/staff/a.txt", 403),
        ("bob", "/staff/a.txt", 204),
        ("alice", "/private/new.txt", 201),
        ("alice", "/private/new.md", 403),
        ("bob", "/private/new.md", 201),
    ] {
        let response = server.bring("PUT", target, &by(user), "x");
        assert_eq!(response.status, status, "PUT {target} by {user}: {}", response.text());
    }
    server.bring("PUT", "/private/a.txt", "", "x").refuses(401, "credentials_present");
}

#[test]
fn addresses_are_let_in_or_kept_out() {
    let folder = folder();
    let text = "\nforwarded = [\"127.0.0.0/8\"]".to_owned()
        + &users()
        + "[rule.\"/private/**\"]\nguard = { from = [\"192.0.2.0/24\", \"2001:db8::/32\"] }\n\
           [rule.\"/staff/**\"]\nguard = { not-from = [\"192.0.2.7\"] }\n\
           [rule.\"/mixed/**\"]\nguard = { allow = \"alice\", from = [\"192.0.2.0/24\"] }\n";
    let server = serve(&folder, &text);
    let from = |target: &str, address: &str, more: &str| {
        server.get_with(target, &format!("X-Forwarded-For: {address}\r\n{more}")).status
    };
    assert_eq!(server.get("/private/a.txt").status, 403);
    server.get("/private/a.txt").refuses(403, "permitted").says("your address");
    assert_eq!(from("/private/a.txt", "192.0.2.1", ""), 200);
    assert_eq!(from("/private/a.txt", "::ffff:192.0.2.1", ""), 200);
    assert_eq!(from("/private/a.txt", "2001:db8::5", ""), 200);
    assert_eq!(from("/private/a.txt", "198.51.100.1", ""), 403);
    assert_eq!(from("/private/a.txt", "192.0.2.1, 198.51.100.1", ""), 403, "the last proxy counts, which is not ours");
    assert_eq!(from("/private/a.txt", "198.51.100.1, 192.0.2.1, 127.0.0.9", ""), 200);
    assert_eq!(from("/staff/a.txt", "192.0.2.7", ""), 403);
    assert_eq!(from("/staff/a.txt", "192.0.2.8", ""), 200);
    server.get("/staff/a.txt").is(200);
    assert_eq!(from("/mixed/a.txt", "192.0.2.8", ""), 401);
    assert_eq!(from("/mixed/a.txt", "192.0.2.8", &by("alice")), 200);
    assert_eq!(from("/mixed/a.txt", "198.51.100.1", &by("alice")), 403);
    // what is hidden by a proxy of ours is not what the client says itself
    for hidden in ["192.0.2.1, unknown", "192.0.2.1, _hidden", "192.0.2.1, "] {
        let status = from("/private/a.txt", hidden, "");
        assert_eq!(status, if hidden.ends_with(", ") { 200 } else { 403 }, "{hidden}");
    }
    let forwarded = server.get_with("/private/a.txt", "Forwarded: for=192.0.2.1, for=unknown\r\n");
    assert_eq!(forwarded.status, 403);
    // a proxy writes one field, and the other may be the client's own
    let both = "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=192.0.2.1\r\n";
    assert_eq!(server.get_with("/private/a.txt", both).status, 403);
    let agreed = "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n";
    assert_eq!(server.get_with("/private/a.txt", agreed).status, 200);
    server.get_with("/private/a.txt", "Forwarded: for=\"[2001:db8::5]:99\";proto=https\r\n").is(200);
}

/// Who is not a proxy of ours is not believed.
#[test]
fn nobody_else_says_for_whom_he_asks() {
    let folder = folder();
    for forwarded in ["", "\nforwarded = [\"10.0.0.0/8\"]", "\nforwarded = false"] {
        let text = format!("{forwarded}\n[rule.\"/private/**\"]\nguard = {{ from = [\"192.0.2.0/24\"] }}\n");
        let server = serve(&folder, &text);
        for fields in ["X-Forwarded-For: 192.0.2.1\r\n", "Forwarded: for=192.0.2.1\r\n", "X-Real-IP: 192.0.2.1\r\n"] {
            server.get_with("/private/a.txt", fields).is(403);
        }
        assert_eq!(server.log("/private/a.txt").client, "127.0.0.1");
    }
}

fn guess(server: &Server, times: usize) {
    for _ in 0..times {
        server.get_with("/private/a.txt", &basic("alice", "wrong")).is(401);
    }
}

/// Ten failures are borne.
#[test]
fn who_guesses_must_wait() {
    let folder = folder();
    let server = start(&folder, &(users() + "[rule.\"/private/**\"]\nguard = \"alice\"\n")).threads(2).start();
    for _ in 0..30 {
        server.get_with("/private/a.txt", &by("alice")).is(200);
        server.get_with("/private/a.txt", &by("bob")).is(403);
        server.get_with("/private/a.txt", "Authorization: Basic !\r\n").is(401);
    }
    guess(&server, 10);
    for fields in [by("alice"), basic("alice", "wrong"), by("bob")] {
        let response = server.get_with("/private/a.txt", &format!("Accept: application/json\r\n{fields}"));
        response.refuses(429, "login_attempts_left");
        let wait: u32 = response.field("Retry-After").parse().expect("seconds");
        assert!((1..=300).contains(&wait), "{wait}");
        assert!(!response.has("WWW-Authenticate"));
    }
    // who does not try is not refused for it
    server.get("/private/a.txt").refuses(401, "credentials_present");
    server.get("/open.txt").is(200);
    server.get_with("/open.txt", &by("alice")).is(200);
    assert!(server.log(" 429 ").rule.is_some_and(|rule| rule.contains("because.toml:")));
}

/// One address' failures are not another's; those of one that a proxy tells are its own.
#[test]
fn failures_are_counted_by_who_really_asks() {
    let folder = folder();
    let text = "\nforwarded = [\"127.0.0.1\"]".to_owned() + &users() + "[rule.\"/private/**\"]\nguard = \"alice\"\n";
    let server = serve(&folder, &text);
    for _ in 0..10 {
        let fields = format!("X-Forwarded-For: 192.0.2.1\r\n{}", basic("alice", "wrong"));
        server.get_with("/private/a.txt", &fields).is(401);
    }
    server.get_with("/private/a.txt", &format!("X-Forwarded-For: 192.0.2.1\r\n{}", by("alice"))).is(429);
    server.get_with("/private/a.txt", &format!("X-Forwarded-For: 192.0.2.2\r\n{}", by("alice"))).is(200);
    server.get_with("/private/a.txt", &by("alice")).is(200);
}

/// The strongest first (AUT-015): a client takes the first that it knows.
#[test]
fn challenges_come_in_the_order_of_strength() {
    let folder = folder();
    let kept = &**KEPT;
    let ha1 = crate::policy::ha1("alice", "here");
    let token = crate::policy::token_hash("a token");
    let text = format!(
        "\nrealm = \"here\"\n[users.alice]\npassword = \"{kept}\"\ndigest = \"{ha1}\"\ntoken = \"{token}\"\n\
         [rule.\"/private/**\"]\nguard = \"alice\"\n[rule.\"/staff/**\"]\n\
         guard = {{ allow = \"alice\", schemes = [\"basic\", \"digest\"], realm = \"here\" }}\n"
    );
    let server = serve(&folder, &text);
    let schemes = |target: &str| -> Vec<String> {
        let response = server.get(target);
        let all = response.is(401).values("WWW-Authenticate");
        all.map(|challenge| challenge.split(' ').next().expect("a scheme").to_owned()).collect()
    };
    assert_eq!(schemes("/private/a.txt"), ["Digest", "Bearer", "Basic"]);
    let both = schemes("/staff/a.txt");
    assert!(both == ["Basic", "Digest"] || both == ["Digest", "Basic"], "{both:?}");
}

/// A guard on one path does not make a folder safe in which everybody may write elsewhere.
#[test]
fn a_folder_that_is_open_for_writing_is_warned_of_unless_all_of_it_is_guarded() {
    for (rule, warned) in [("/private/**", true), ("/**", false)] {
        let folder = Folder::with(&[("a.txt", "a")]);
        let text = format!("folder = '.'\nwrite = true\nfsync = false\n{}[rule.'{rule}']\nguard = 'alice'\n", users());
        let file = folder.beside("because.toml");
        std::fs::write(&file, text.replace("folder = '.'", &format!("folder = '{}'", folder.root().display())))
            .expect("writes");
        let mut server = Start::of(file).listen(&["127.0.0.1:0", "0.0.0.0:0"]).start();
        server.signal(rustix::process::Signal::TERM);
        server.end();
        assert_eq!(server.err.to_the_end().join("\n").contains("WARNING"), warned, "{rule}");
    }
}
