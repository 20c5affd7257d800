//! The world of requests that change nothing: nearly all is known at once, and the rest is waited for once.

use std::cell::OnceCell;
use std::sync::Arc;

use decision::case::{Case, Walked};
use decision::drive::{Halt, World, drive};
use decision::facts::{
    Ask, Client, FactGroup, Facts, Failure, Outcome, Quota, Site, Storage, Stored, Target, Upstream,
};
use decision::verdict::Verdict;
use exchange::exchange::Exchange;
use resources::visibility::Visibility;
use resources::{Found, Wanted};
use semantics::field::Field;
use semantics::status::Status;
use semantics::target::Decoded;

use super::write;
use crate::drive::{WaitingWorld, decide, resume};
use crate::handle::dispatch::Dispatch;
use crate::respond::{Answer, Source};

/// Where the facts of one walk are kept while they are lent to it.
#[derive(Default)]
struct LentFacts<'a> {
    site: OnceCell<Site<'a>>,
    quota: OnceCell<Quota<'a>>,
    client: OnceCell<Client<'a>>,
    found: OnceCell<Found>,
    target: OnceCell<Target<'a>>,
}

struct ReadWorld<'a, 'e, E> {
    dispatch: &'a Dispatch<'a>,
    room: &'a LentFacts<'a>,
    exchange: &'e mut E,
    /// What was found, if it was looked for.
    seen: Option<&'a Found>,
}

/// Decides what can be decided without waiting, and writes the head of the response: a plain call, on the stack alone. Else it
/// says how far it came. No answer: the connection is to be closed without a word.
pub(crate) fn answer_now<E: Exchange>(dispatch: &Dispatch<'_>, exchange: &mut E) -> Result<Option<Answer>, Walked> {
    let context = dispatch.access.context;
    let connection = dispatch.connection(exchange.content_here());
    let room = LentFacts::default();
    let mut world = ReadWorld { dispatch, room: &room, exchange, seen: None };
    let mut case = Case::open(Facts::new(&connection, context.request, &context.reading));
    match drive(&mut case, &mut world) {
        Halt::Done(verdict) => Ok(Some(world.respond(verdict, &case.facts))),
        Halt::Closed(_) => Ok(None),
        Halt::Waits(_) | Halt::Says(_) => Err(case.walked()),
    }
}

/// Goes on with a walk that has to wait.
pub(crate) async fn answer_in_time<E: Exchange>(
    dispatch: &Dispatch<'_>,
    exchange: &mut E,
    walked: Walked,
) -> Option<Answer> {
    let context = dispatch.access.context;
    let connection = dispatch.connection(exchange.content_here());
    let room = LentFacts::default();
    let mut world = ReadWorld { dispatch, room: &room, exchange, seen: None };
    let facts = Facts::new(&connection, context.request, &context.reading);
    let mut case = resume(facts, walked, &mut world).await;
    let verdict = decide(&mut case, &mut world).await?;
    Some(world.respond(verdict, &case.facts))
}

impl<'a, E: Exchange> World<'a> for ReadWorld<'a, '_, E> {
    #[inline]
    fn tell(&mut self, ask: Ask, _: &Facts<'a>) -> Option<FactGroup<'a>> {
        let (access, room) = (&self.dispatch.access, self.room);
        Some(match ask {
            Ask::Site if access.is_plain() => (&self.dispatch.host.served.plain).into(),
            Ask::Site => {
                let plain = || self.dispatch.host.served.site.facts_of(access.context.request, access.context.names());
                room.site.get_or_init(|| access.site(plain())).into()
            }
            Ask::Quota => room.quota.get_or_init(|| access.quota()).into(),
            Ask::Client => {
                if room.client.get().is_none() {
                    let client = access.client_now()?;
                    return Some(room.client.get_or_init(|| client).into());
                }
                room.client.get()?.into()
            }
            Ask::Target => return self.look_now().map(FactGroup::Target),
            Ask::Storage => const { &Storage::DEFAULT }.into(),
            Ask::Stored => const { &Stored::DEFAULT }.into(),
            Ask::Upstream => const { &Upstream::DEFAULT }.into(),
            // the methods decided here change nothing; should another get here, that is a fault of ours
            Ask::Outcome => const { &Outcome { failure: Some(Failure::Internal), ..Outcome::DEFAULT } }.into(),
        })
    }

    fn say(&mut self, status: Status, _: &Facts<'a>) -> bool {
        self.exchange.interim(status, |_| {});
        true
    }

    fn methods_depend_on_target(&self) -> bool {
        self.dispatch.host.served.share.is_some()
    }
}

impl<'a, E: Exchange> WaitingWorld<'a> for ReadWorld<'a, '_, E> {
    async fn fetch(&mut self, ask: Ask, facts: &Facts<'a>) -> FactGroup<'a> {
        match ask {
            Ask::Client => {
                let client = self.dispatch.access.client().await;
                self.room.client.get_or_init(|| client).into()
            }
            Ask::Target => self.look().await.into(),
            // all else is told at once
            other => self.tell(other, facts).expect("it is known"),
        }
    }
}

impl<'a, E: Exchange> ReadWorld<'a, '_, E> {
    /// What stands at the target, if that is known already: rules say that it is elsewhere, no name can lead to it, or it was
    /// looked at a short while ago.
    #[inline]
    fn look_now(&mut self) -> Option<&'a Target<'a>> {
        let Dispatch { access, host, service, .. } = self.dispatch;
        let room = self.room;
        if let Some(target) = room.target.get() {
            return Some(target);
        }
        if let Some(elsewhere) = access.place() {
            return Some(room.target.get_or_init(|| elsewhere));
        }
        // the lists of If may name any resource here, and so they are judged first (RFC 4918 §10.4)
        let found = match access.context.path() {
            _ if host.served.share.is_some() && access.context.request.has(Field::IF) => None,
            None => Some(Found::missing()),
            Some(Decoded { path, trailing_slash }) => {
                let found = host.served.files.find_now(path, trailing_slash, access.context.moment());
                service.looked(found.is_some());
                found
            }
        };
        let found = found?;
        let found = room.found.get_or_init(|| found);
        self.seen = Some(found);
        Some(room.target.get_or_init(|| found.facts()))
    }

    /// The same, however long it takes.
    async fn look(&mut self) -> &'a Target<'a> {
        let Dispatch { access, host, .. } = self.dispatch;
        let (context, room) = (access.context, self.room);
        let mut if_lists_hold = true;
        if let Some(share) = host.served.share.as_ref().filter(|_| context.request.has(Field::IF)) {
            let action = write::action(share, self.dispatch);
            if_lists_hold = share.judge(&action).await.facts().if_lists_hold;
        }
        let found = match context.path() {
            None => Found::missing(),
            Some(Decoded { path, trailing_slash }) => {
                let visibility = self.visibility().await;
                let (query, accept) = (context.uri.query(), context.request.values(Field::ACCEPT));
                let now = context.moment();
                host.served.files.find(Wanted { path, trailing_slash, query, accept, visibility, now }).await
            }
        };
        let found = room.found.get_or_init(|| found);
        self.seen = Some(found);
        room.target.get_or_init(|| Target { if_lists_hold, ..found.facts() })
    }

    /// What of the site's collections the client may know of; nothing: of everything.
    async fn visibility(&self) -> Option<Arc<Visibility>> {
        let access = &self.dispatch.access;
        match access.book.hides() {
            true => access.plan.access_control.visibility(access.attempt()).await,
            false => None,
        }
    }

    fn respond(self, verdict: Verdict, facts: &Facts<'a>) -> Answer {
        let source = Source { found: self.seen, ..Source::default() };
        self.dispatch.respond(self.exchange, verdict, facts, source)
    }
}
