//! The portal of a captive network: the page where its users log in, who is let through and for how long, and what programs ask
//! (RFC 8908).
//!
//! A network that holds its clients until they log in has their requests, wherever they were meant to go, led to this server
//! (RFC 6585 §6). What answers them is the decision's; here are the pages, and the list of who is let through.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits;
use access::gate::Gate;
use decision::facts::{Site, Target};
use semantics::method::{Method, Methods};
use semantics::text::html;

/// Who is let through, by address, and until when.
#[derive(Debug, Default)]
pub struct Sessions {
    until: Mutex<HashMap<IpAddr, i64>>,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, i64>> {
        // who panicked while he held it had changed it as a whole
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an address through for so many seconds; `false` if there is no room for one more.
    pub fn begin(&self, address: IpAddr, seconds: i64, now: i64) -> bool {
        let mut until = self.lock();
        if until.len() >= limits::PORTAL_SESSIONS && !until.contains_key(&address) {
            until.retain(|_, end| *end > now);
            if until.len() >= limits::PORTAL_SESSIONS {
                return false;
            }
        }
        until.insert(address, now.saturating_add(seconds));
        true
    }

    /// Holds an address again.
    pub fn end(&self, address: IpAddr) {
        self.lock().remove(&address);
    }

    /// Seconds for which an address is still let through.
    pub fn left(&self, address: IpAddr, now: i64) -> Option<i64> {
        self.lock().get(&address).map(|end| end - now).filter(|left| *left > 0)
    }
}

/// A portal, as its operator describes it.
#[derive(Debug)]
pub struct Portal {
    /// Its authority, as clients name it.
    pub host: String,
    /// Who may log in; nothing: whoever accepts the terms.
    pub gate: Option<Gate>,
    /// For how many seconds somebody is let through.
    pub session: i64,
    /// The terms that are accepted by logging in.
    pub terms: Option<String>,
    /// Where to read about the place (RFC 8908 §5).
    pub venue: Option<String>,
    /// The address of its page.
    pub address: String,
}

/// What a client finds at the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalTarget {
    /// The page.
    Page,
    /// What programs ask (RFC 8908).
    Api,
}

/// What is said on the page about what happened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalNotice {
    /// Nothing.
    Nothing,
    /// Name or password were wrong.
    Wrong,
    /// Too many attempts have failed, or too many clients are here.
    Later,
}

impl PortalNotice {
    /// Where a form is answered with this.
    pub const fn location(self) -> &'static [u8] {
        match self {
            PortalNotice::Nothing => b"/",
            PortalNotice::Wrong => b"/?wrong",
            PortalNotice::Later => b"/?later",
        }
    }

    fn of(query: Option<&[u8]>) -> PortalNotice {
        match query {
            Some(b"wrong") => PortalNotice::Wrong,
            Some(b"later") => PortalNotice::Later,
            _ => PortalNotice::Nothing,
        }
    }
}

/// A page of the portal.
#[derive(Clone, Debug)]
pub struct PortalPage {
    octets: Vec<u8>,
    media_type: &'static str,
}

impl PortalPage {
    /// Its octets.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Its facts.
    pub fn facts(&self) -> Target<'_> {
        Target {
            length: self.octets.len() as u64,
            media_type: Some(self.media_type),
            generated: self.media_type.starts_with("text/html"),
            ..Target::DEFAULT
        }
    }
}

/// What the form brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
    /// To be held again, rather than let through.
    pub leave: bool,
}

impl Login {
    /// Reads a form of the type `application/x-www-form-urlencoded`.
    pub fn read(content: &[u8]) -> Login {
        let mut login = Login::default();
        for pair in content.split(|octet| *octet == b'&') {
            let (name, value) = pair
                .iter()
                .position(|octet| *octet == b'=')
                .map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            match name {
                b"user" => login.user = text(value),
                b"password" => login.password = text(value),
                b"leave" => login.leave = true,
                _ => {}
            }
        }
        login
    }
}

/// A value of a form: `+` is a space, the rest is in percent. What is no UTF-8 is no name that anybody has.
fn text(value: &[u8]) -> String {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, behind)) = rest.split_first() {
        match (first, semantics::syntax::percent_decoded(rest)) {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = &rest[3..];
                continue;
            }
            (b'+', _) => octets.push(b' '),
            _ => octets.push(*first),
        }
        rest = behind;
    }
    String::from_utf8(octets).unwrap_or_default()
}

impl Portal {
    /// The rules of the portal itself.
    pub fn site(&self) -> Site<'_> {
        Site {
            methods: const { Methods::of(&[Method::GET, Method::HEAD, Method::OPTIONS, Method::POST]) },
            content_limit: Some(limits::PORTAL_FORM),
            media_types: &["application/x-www-form-urlencoded"],
            own_pages_only: true,
            cache_control: Some("no-store"),
            ..Site::DEFAULT
        }
    }

    /// What stands at this decoded path.
    pub fn place(path: &[u8]) -> Option<PortalTarget> {
        match path {
            b"" => Some(PortalTarget::Page),
            b"api" => Some(PortalTarget::Api),
            _ => None,
        }
    }

    /// What a client who is let through for so long finds there.
    pub fn make(&self, place: PortalTarget, query: Option<&[u8]>, left: Option<i64>) -> PortalPage {
        match place {
            PortalTarget::Page => {
                PortalPage { octets: self.page(PortalNotice::of(query), left), media_type: "text/html; charset=utf-8" }
            }
            PortalTarget::Api => PortalPage { octets: self.api(left), media_type: "application/captive+json" },
        }
    }

    /// RFC 8908 §5
    fn api(&self, left: Option<i64>) -> Vec<u8> {
        let mut answer = serde_json::json!({ "captive": left.is_none(), "user-portal-url": self.address });
        if let Some(left) = left {
            answer["seconds-remaining"] = left.into();
            answer["can-extend-session"] = true.into();
        }
        if let Some(venue) = &self.venue {
            answer["venue-info-url"] = venue.as_str().into();
        }
        answer.to_string().into_bytes()
    }

    fn page(&self, said: PortalNotice, left: Option<i64>) -> Vec<u8> {
        let mut page = String::from(HEAD);
        match left {
            Some(left) => {
                page.push_str(&format!("<h1>You are online</h1>\n<p class=why>For another {}.</p>\n", duration(left)));
                page.push_str("<form method=post action=/><button name=leave value=1>Log out</button></form>\n");
            }
            None => self.form(said, &mut page),
        }
        if let Some(venue) = &self.venue {
            page.push_str("<p><a href=\"");
            html::text(venue, &mut page);
            page.push_str("\">About this place</a></p>\n");
        }
        page.push_str("</main>\n");
        page.into_bytes()
    }

    fn form(&self, said: PortalNotice, page: &mut String) {
        page.push_str("<h1>Log in to this network</h1>\n");
        match said {
            PortalNotice::Nothing => page.push_str("<p class=why>It lets you through when you have logged in.</p>\n"),
            PortalNotice::Wrong => {
                page.push_str("<p class=why role=alert>There is no such user, or the password is wrong.</p>\n");
            }
            PortalNotice::Later => page.push_str(
                "<p class=why role=alert>That is not possible at the moment. Try again in a few minutes.</p>\n",
            ),
        }
        if let Some(terms) = &self.terms {
            page.push_str("<p class=terms>");
            html::text(terms, page);
            page.push_str("</p>\n");
        }
        page.push_str("<form method=post action=/>\n");
        if self.gate.is_some() {
            page.push_str("<label>Name <input name=user autocomplete=username required autofocus></label>\n");
            page.push_str(
                "<label>Password <input name=password type=password autocomplete=current-password required></label>\n",
            );
        }
        let does = if self.gate.is_some() { "Log in" } else { "Accept and go on" };
        page.push_str(&format!("<button>{does}</button>\n</form>\n"));
    }
}

/// Up to the first word of the page: the look of our other pages.
const HEAD: &str = "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n\
    <meta name=viewport content=\"width=device-width,initial-scale=1\">\n<meta name=color-scheme content=\"light dark\">\n\
    <link rel=icon href=data:,>\n<title>Log in to this network</title>\n<style>\n\
    :root{--ink:#23211d;--soft:#6d675c;--line:#dcd6c9;--mark:#9a4a10;background:#fbf9f4}\n\
    @media(prefers-color-scheme:dark){:root{--ink:#e9e5dc;--soft:#9f998c;--line:#3a3731;--mark:#eba25f;background:#191816}}\n\
    body{margin:0 auto;max-width:26rem;padding:clamp(1.5rem,12vh,8rem) 1.5rem 2rem;font:1rem/1.55 system-ui,sans-serif;color:var(--ink)}\n\
    h1{margin:0;font:400 1.9rem/1.2 Georgia,serif}.why{margin:.8rem 0 1.6rem;color:var(--soft)}.why[role]{color:var(--mark)}\n\
    .terms{white-space:pre-line;border-left:3px solid var(--line);padding-left:1rem}\n\
    label{display:block;margin:0 0 1rem;font-size:.875rem;color:var(--soft)}\n\
    input{display:block;box-sizing:border-box;width:100%;margin-top:.25rem;padding:.6rem .7rem;font:inherit;font-size:1rem;color:var(--ink);\
    background:transparent;border:1px solid var(--line);border-radius:.4rem}\n\
    button{padding:.65rem 1.4rem;font:inherit;color:#fff;background:#9a4a10;border:0;border-radius:.4rem;cursor:pointer}\n\
    a{color:inherit;text-decoration-color:var(--mark)}\n</style>\n<main>\n";

fn duration(seconds: i64) -> String {
    match (seconds / 3_600, (seconds + 59) / 60) {
        (0, 1) => "minute".to_owned(),
        (0, minutes) => format!("{minutes} minutes"),
        (1, _) => "hour".to_owned(),
        (hours, _) => format!("{hours} hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn portal() -> Portal {
        Portal {
            host: "login.example".to_owned(),
            gate: None,
            session: 60,
            terms: Some("Be <kind>.".to_owned()),
            venue: Some("https://hotel.example/".to_owned()),
            address: "http://login.example/".to_owned(),
        }
    }

    #[test]
    fn who_has_logged_in_is_let_through_for_a_while() {
        let (sessions, address) = (Sessions::default(), "192.0.2.1".parse().expect("an address"));
        assert_eq!(sessions.left(address, 100), None);
        assert!(sessions.begin(address, 60, 100));
        assert_eq!((sessions.left(address, 100), sessions.left(address, 159)), (Some(60), Some(1)));
        assert_eq!(sessions.left(address, 160), None);
        sessions.begin(address, 60, 200);
        sessions.end(address);
        assert_eq!(sessions.left(address, 200), None);
    }

    #[test]
    fn sessions_are_bounded_and_those_that_have_ended_make_room() {
        let sessions = Sessions::default();
        let address = |n: usize| IpAddr::from((n as u128).to_be_bytes());
        for n in 0..limits::PORTAL_SESSIONS {
            assert!(sessions.begin(address(n), 10, 0));
        }
        assert!(!sessions.begin(address(limits::PORTAL_SESSIONS), 10, 5));
        assert!(sessions.begin(address(0), 10, 5), "who is here may stay");
        assert!(sessions.begin(address(limits::PORTAL_SESSIONS), 10, 10));
    }

    /// RFC 8908 §5
    #[test]
    fn programs_are_told_whether_they_are_held() {
        let ask = |left| {
            serde_json::from_slice::<serde_json::Value>(portal().make(PortalTarget::Api, None, left).octets())
                .expect("JSON")
        };
        assert_eq!(ask(None)["captive"], true);
        assert_eq!(ask(None)["user-portal-url"], "http://login.example/");
        assert_eq!((&ask(Some(9))["captive"], &ask(Some(9))["seconds-remaining"]), (&false.into(), &9.into()));
        assert_eq!(portal().make(PortalTarget::Api, None, None).facts().media_type, Some("application/captive+json"));
    }

    #[test]
    fn the_page_says_what_happened_and_escapes_what_it_shows() {
        let page = |query: Option<&str>, left| {
            String::from_utf8(portal().make(PortalTarget::Page, query.map(str::as_bytes), left).octets).expect("text")
        };
        assert!(page(None, None).contains("Be &lt;kind&gt;.") && page(None, None).contains("Accept and go on"));
        assert!(page(Some("wrong"), None).contains("password is wrong"));
        assert!(page(None, Some(120)).contains("2 minutes") && page(None, Some(7_300)).contains("2 hours"));
    }

    #[test]
    fn a_form_is_read() {
        let login = Login::read(b"user=al+ice&password=a%26b%c3%a9&x=1");
        assert_eq!((login.user.as_str(), login.password.as_str(), login.leave), ("al ice", "a&bé", false));
        assert!(Login::read(b"leave=1").leave);
        assert_eq!(Login::read(b"user=%ff").user, "");
    }

    proptest! {
        #[test]
        fn any_form_is_read(content: Vec<u8>) {
            let login = Login::read(&content);
            prop_assert!(login.user.len() <= content.len() && login.password.len() <= content.len());
        }
    }
}
