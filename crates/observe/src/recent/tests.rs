//! What is kept, and what followers see of it.

use std::sync::Arc;

use decision::case::{Case, Step};
use decision::facts::{Ask, Connection, Facts, Reading};
use decision::record::{self, World};
use decision::reply::REPLY;
use decision::verdict::Verdict;
use proptest::prelude::*;
use semantics::method::{Method, Methods};
use semantics::request::{Framing, Request};
use semantics::tag::EntityTag;
use semantics::version::Version;
use serde_json::Value;

use super::*;
use crate::codes::Codes;
use crate::event::Rule;
use crate::event::tests::plain;

const KEPT: Wanted = Wanted { one_of: 1, explained: true };

fn refused() -> Event<'static> {
    Event { status: 412, last: REPLY.find("if_match_holds").expect("a question") as u16, ..plain() }
}

/// Calls with the facts and the verdict of a PUT whose If-Match names another state, and which brings a secret.
fn decided(each: impl FnOnce(&Facts<'_>, &Verdict)) {
    let fields = [
        (b"Host".to_vec(), b"example.org".to_vec()),
        (b"Authorization".to_vec(), b"Basic c2VjcmV0OnNlY3JldA==".to_vec()),
        (b"If-Match".to_vec(), b"\"<v1>\"".to_vec()),
    ];
    let (octets, head) = record::head((b"PUT", b"/a", Version::Http11), Framing::Length(3), &fields);
    let mut world = World::new(Connection::default(), Request::new(&octets, &head), Reading::default());
    (world.site.in_service, world.site.origin_served) = (true, true);
    world.site.methods = Methods::of(&[Method::GET, Method::PUT]);
    (world.target.exists, world.target.representation) = (true, true);
    world.target.tag = EntityTag::parse(b"\"v2\"").ok();
    let mut case = Case::open(Facts::new(&world.connection, world.request, &world.reading));
    loop {
        match case.step() {
            Step::Ask(Ask::Site) => case.learn(&world.site),
            Step::Ask(Ask::Quota) => case.learn(&world.quota),
            Step::Ask(Ask::Client) => case.learn(&world.client),
            Step::Ask(Ask::Stored) => case.learn(&world.stored),
            Step::Ask(Ask::Upstream) => case.learn(&world.upstream),
            Step::Ask(Ask::Storage) => case.learn(&world.storage),
            Step::Ask(Ask::Target) => case.learn(&world.target),
            Step::Ask(Ask::Outcome) => case.learn(&world.outcome),
            Step::Say(_) => {}
            Step::Done(verdict) => return each(&case.facts, &verdict),
            Step::Close(because) => panic!("closed without a word: {because}"),
        }
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("valid")
}

fn numbers(kept: &[Arc<Kept>]) -> Vec<u64> {
    kept.iter().map(|kept| kept.number).collect()
}

#[test]
fn a_refusal_is_kept_with_what_was_known() {
    let recent = Recent::default();
    let rule = Some(Rule { file: "because.toml", line: 12 });
    decided(|facts, verdict| {
        let event = Event { last: verdict.last, because: verdict.because, rule, user: Some("a\"b"), ..refused() };
        recent.keep(&event, KEPT, Some(explain(facts, verdict)));
    });
    let kept = recent.find(1).expect("it is kept");
    let (short, whole) = (read(&kept.short()), read(&kept.whole()));
    for told in [&short, &whole] {
        assert_eq!((&told["number"], &told["status"]), (&1.into(), &412.into()));
        assert_eq!((&told["time"], &told["client"]), (&"2023-11-14T22:13:20.123Z".into(), &"127.0.0.1".into()));
        assert_eq!((&told["cause"], &told["rule"]), (&"if_match_holds".into(), &"because.toml:12".into()));
        assert_eq!((&told["user"], &told["id"]), (&"a\"b".into(), &"0000000000000abc".into()));
    }
    assert!(short.get("record").is_none());
    assert_eq!(whole["sentence"], "If-Match names \"<v1>\", and what stands there now has the entity tag \"v2\"");
    assert_eq!(whole["record"]["facts"]["target.tag"], "\"v2\"");
    assert_eq!(whole["record"]["cause"], "if_match_holds");
    assert!(!kept.whole().contains("c2VjcmV0") && kept.whole().contains("(secret)"));
}

#[test]
fn too_long_facts_are_left_out() {
    let recent = Recent::default();
    decided(|facts, verdict| {
        let long = vec![b'a'; limits::VERDICT_FACTS];
        let octets = [b"GET /", long.as_slice()].concat();
        let head = semantics::request::Head {
            target: semantics::request::Span { start: 4, end: octets.len() as u32 },
            ..Default::default()
        };
        let facts = Facts { request: Request::new(&octets, &head), ..facts.clone() };
        recent.keep(&Event { target: &long, ..refused() }, KEPT, Some(explain(&facts, verdict)));
    });
    let whole = read(&recent.find(1).expect("kept").whole());
    assert!(whole["record"].is_null());
    assert_eq!(whole["target"].as_str().map(|t| t.chars().count()), Some(limits::SHOWN + 1));
}

#[test]
fn the_oldest_make_room_and_followers_learn_of_it() {
    let recent = Recent::new(3, usize::MAX);
    let up_to = |number| recent.since(number, &Filter::ALL, 100);
    assert_eq!((up_to(0).kept.len(), up_to(0).missed, up_to(0).up_to, recent.last()), (0, 0, 0, 0));
    for _ in 0..5 {
        recent.keep(&plain(), KEPT, None);
    }
    assert_eq!((numbers(&up_to(0).kept), up_to(0).missed), (vec![3, 4, 5], 2));
    assert_eq!((numbers(&up_to(3).kept), up_to(3).missed, up_to(3).up_to), (vec![4, 5], 0, 5));
    assert_eq!((numbers(&up_to(5).kept), up_to(5).missed, up_to(5).up_to), (vec![], 0, 5));
    // a follower of the server that ran before
    assert_eq!(numbers(&up_to(6).kept), [3, 4, 5]);
    assert_eq!(numbers(&recent.since(0, &Filter::ALL, 2).kept), [3, 4]);
    assert_eq!(recent.since(0, &Filter::ALL, 2).up_to, 4);
    assert_eq!(numbers(&recent.newest(&Filter::ALL, 2)), [5, 4]);
    assert!(recent.find(2).is_none() && recent.find(6).is_none() && recent.find(0).is_none());
}

#[test]
fn octets_are_bounded_too() {
    let recent = Recent::new(usize::MAX, 10_000);
    for _ in 0..1_000 {
        recent.keep(&plain(), KEPT, None);
    }
    let ring = recent.ring();
    assert!(ring.octets <= 10_000 && ring.kept.len() > 5);
    assert_eq!(ring.octets, ring.kept.iter().map(|kept| kept.octets()).sum::<usize>());
}

#[test]
fn filters_let_through_what_is_asked_for() {
    let recent = Recent::default();
    recent.keep(&plain(), KEPT, None);
    recent.keep(&refused(), KEPT, None);
    recent.keep(&Event { target: b"/icons/a.png?x", client: None, ..plain() }, KEPT, None);
    let found = |query: &str| numbers(&recent.newest(&Filter::of(query).expect("a filter"), 10));
    assert_eq!(found(""), [3, 2, 1]);
    assert_eq!((found("status=2xx"), found("status=412")), (vec![3, 1], vec![2]));
    assert_eq!((found("cause=if_match_holds"), found("path=con")), (vec![2], vec![3]));
    assert_eq!((found("client=127."), found("client=local&status=4xx")), (vec![2, 1], vec![]));
    assert!(Filter::of("status=many").is_err());
    assert_eq!(Filter::of("status=5xx").map(|filter| filter.codes), Ok(Some(Codes::Class(5))));
}

proptest! {
    #[test]
    fn whatever_is_kept_is_told_as_json(
        method: Vec<u8>, target: Vec<u8>, host in prop::option::of(any::<Vec<u8>>()), user in prop::option::of(any::<String>()),
        moment: u64, status: u16, last: u16,
    ) {
        let recent = Recent::default();
        let event = Event {
            method: &method, target: &target, host: host.as_deref(), user: user.as_deref(), moment, status, last, ..plain()
        };
        recent.keep(&event, KEPT, None);
        let kept = recent.find(1).expect("kept");
        prop_assert_eq!(&read(&kept.short())["user"], &user.map_or(Value::Null, Value::from));
        prop_assert!(!kept.short().contains('\n'));
        prop_assert_eq!(kept.short(), kept.whole());
    }

    #[test]
    fn a_follower_sees_each_once(rounds in prop::collection::vec((0usize..8, 1usize..5), 0..30)) {
        let recent = Recent::new(6, usize::MAX);
        let (mut seen, mut missed, mut up_to) = (Vec::new(), 0, 0);
        for (more, most) in rounds {
            (0..more).for_each(|_| recent.keep(&plain(), KEPT, None));
            let since = recent.since(up_to, &Filter::ALL, most);
            seen.extend(numbers(&since.kept));
            (missed, up_to) = (missed + since.missed, since.up_to);
            prop_assert_eq!(seen.len() as u64 + missed, up_to);
        }
        prop_assert!(seen.is_sorted_by(|a, b| a < b));
    }
}
