//! The life of a connection, as a table, and what becomes of it after a response (RFC 9112 §9).
//!
//! A driver holds a [`State`], tells it each [`Event`], and waits in each state no longer than its [patience].
//! What follows a response is decided by [`Ending::next`] before the head of the response is written, because the head
//! must say whether the connection closes.
//!
//! Room is left for a connection that is handed over (101, CONNECT): one more state and one more [`Next`].
//!
//! [patience]: State::patience

use semantics::limits::Limits;

use crate::response::Delimiting;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum State {
    /// Nothing of a request has come.
    #[default]
    Idle,
    /// A head has begun.
    Head,
    /// The head is read, or is known to be faulty: content is read, the response is made and written.
    Responding,
    /// The response is written; what is left of the content is thrown away so that the next request can be read.
    Discarding,
    /// The response is written and our side closed; what still comes is thrown away, so that the response is not lost to
    /// a reset (RFC 9112 §9.6).
    Lingering,
    /// It is over.
    Closed,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The first octet of a request came.
    Begun,
    /// A head came to its end.
    Read,
    /// The reader met a fault in a head, or one was made of the time or the close that cut it short.
    Faulty,
    /// The response is written to its end, and this is to follow.
    Answered(Next),
    /// The content came to its end.
    Discarded,
    /// The content cannot be thrown away: too much, or malformed.
    Undiscardable,
    /// The time for this state ran out.
    TimeUp,
    /// The client closed its side, or all of it.
    Gone,
}

/// What follows a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// The next request is read.
    NextRequest,
    /// The rest of the content is thrown away, then the next request is read.
    DiscardThenNext,
    /// Our side is closed, what still comes is thrown away for a while, then all is closed.
    LingerThenClose,
    /// All is closed; nothing more can come.
    Close,
}

impl Next {
    /// Every one.
    pub const ALL: [Next; 4] = [Next::NextRequest, Next::DiscardThenNext, Next::LingerThenClose, Next::Close];

    /// Does the connection end? Then the response says `Connection: close` (RFC 9112 §9.6).
    #[inline]
    pub const fn closes(self) -> bool {
        matches!(self, Next::LingerThenClose | Next::Close)
    }
}

/// The life of a connection. What has no row cannot happen.
#[rustfmt::skip]
pub static TRANSITIONS: &[(State, Event, State)] = &[
    (State::Idle,       Event::Begun,                             State::Head),
    (State::Idle,       Event::TimeUp,                            State::Closed),     // without a word (RFC 9112 §9.2)
    (State::Idle,       Event::Gone,                              State::Closed),
    (State::Head,       Event::Read,                              State::Responding),
    (State::Head,       Event::Faulty,                            State::Responding), // also time, also a close
    (State::Responding, Event::Answered(Next::NextRequest),       State::Idle),
    (State::Responding, Event::Answered(Next::DiscardThenNext),   State::Discarding),
    (State::Responding, Event::Answered(Next::LingerThenClose),   State::Lingering),
    (State::Responding, Event::Answered(Next::Close),             State::Closed),
    (State::Responding, Event::TimeUp,                            State::Closed),     // the client takes nothing
    (State::Responding, Event::Gone,                              State::Closed),
    (State::Discarding, Event::Discarded,                         State::Idle),
    (State::Discarding, Event::Undiscardable,                     State::Lingering),
    (State::Discarding, Event::TimeUp,                            State::Lingering),
    (State::Discarding, Event::Gone,                              State::Closed),
    (State::Lingering,  Event::TimeUp,                            State::Closed),
    (State::Lingering,  Event::Gone,                              State::Closed),
];

/// The same, to be looked up at once.
static BY_STATE: [[Option<State>; Event::COUNT]; State::ALL.len()] = {
    let mut table = [[None; Event::COUNT]; State::ALL.len()];
    let mut row = 0;
    while row < TRANSITIONS.len() {
        let (from, event, to) = TRANSITIONS[row];
        let place = &mut table[from as usize][event.number()];
        assert!(place.is_none(), "two rows for one event");
        *place = Some(to);
        row += 1;
    }
    table
};

impl Event {
    const COUNT: usize = 7 + Next::ALL.len();

    const fn number(self) -> usize {
        match self {
            Event::Begun => 0,
            Event::Read => 1,
            Event::Faulty => 2,
            Event::Discarded => 3,
            Event::Undiscardable => 4,
            Event::TimeUp => 5,
            Event::Gone => 6,
            Event::Answered(next) => 7 + next as usize,
        }
    }
}

impl State {
    /// Every one.
    pub const ALL: [State; 6] =
        [State::Idle, State::Head, State::Responding, State::Discarding, State::Lingering, State::Closed];

    /// Where this leads, if it can happen here.
    #[inline]
    pub const fn on(self, event: Event) -> Option<State> {
        BY_STATE[self as usize][event.number()]
    }

    /// How long the state may last, or stay without progress, in milliseconds; `None` for the end. While the content of a
    /// request is awaited for its response, that is `content_time` and the response's affair.
    pub const fn patience(self, limits: &Limits) -> Option<u64> {
        match self {
            State::Idle => Some(limits.idle_time),
            State::Head => Some(limits.head_time),
            State::Responding => Some(limits.write_time),
            State::Discarding => Some(limits.content_time),
            State::Lingering => Some(limits.linger_time),
            State::Closed => None,
        }
    }
}

/// What was not read of the content of a request when its response is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// All was read, or there was none.
    Nothing,
    /// So many octets.
    Octets(u64),
    /// That cannot be told: chunks, or a head with a fault.
    Unknown,
}

impl Left {
    /// From [`crate::content::ContentReader::remaining`].
    pub const fn of(remaining: Option<u64>) -> Left {
        match remaining {
            Some(0) => Left::Nothing,
            Some(octets) => Left::Octets(octets),
            None => Left::Unknown,
        }
    }
}

/// All that decides what follows a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The client lets the connection go on: [`semantics::request::Head::persistent`].
    pub persistent: bool,
    /// The verdict lets it go on.
    pub keep: bool,
    /// How the content of the response is delimited.
    pub delimiting: Delimiting,
    /// What was not read of the request.
    pub left: Left,
    /// The client waits for 100 before it sends its content, and did not get it: whether it will send it is not sure.
    pub waits_for_continue: bool,
    /// Octets behind the request have already come.
    pub more: bool,
    /// Requests answered on this connection, this one included.
    pub requests: u64,
    /// The server is about to stop.
    pub draining: bool,
}

impl Default for Ending {
    /// A sound request without content that goes on.
    fn default() -> Self {
        Ending {
            persistent: true,
            keep: true,
            delimiting: Delimiting::Stated,
            left: Left::Nothing,
            waits_for_continue: false,
            more: false,
            requests: 1,
            draining: false,
        }
    }
}

impl Ending {
    /// What is to follow the response.
    ///
    /// Content that was not read is read and thrown away if that is no more than `limits.discard`; when its length was not
    /// announced, the driver holds it against the limit while it is thrown away. It is never taken for the next request
    /// (RFC 9112 §9.3). After `Expect: 100-continue` without a 100 nobody can tell content from the next request, so the
    /// connection ends.
    pub fn next(&self, limits: &Limits) -> Next {
        let readable = match self.left {
            Left::Nothing => true,
            Left::Octets(octets) => !self.waits_for_continue && octets <= limits.discard,
            Left::Unknown => !self.waits_for_continue,
        };
        let goes_on = self.persistent
            && self.keep
            && readable
            && !self.draining
            && self.requests < limits.requests
            && self.delimiting != Delimiting::Closing;
        match (goes_on, self.left) {
            (true, Left::Nothing) => Next::NextRequest,
            (true, _) => Next::DiscardThenNext,
            (false, Left::Nothing) if !self.more => Next::Close,
            (false, _) => Next::LingerThenClose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::limits::DEFAULT;

    #[test]
    fn every_state_is_reached_and_comes_to_an_end() {
        for state in State::ALL {
            assert!(state == State::Idle || TRANSITIONS.iter().any(|(from, _, to)| *to == state && from != to));
            let ends = [Event::TimeUp, Event::Gone, Event::Faulty, Event::Answered(Next::Close)];
            let mut here = state;
            for _ in 0..3 {
                here = ends.iter().find_map(|e| here.on(*e)).unwrap_or(here);
            }
            assert_eq!(here, State::Closed, "{state:?} never ends");
            assert_eq!(state.patience(&DEFAULT).is_none(), state == State::Closed);
        }
        assert!(TRANSITIONS.iter().all(|(from, ..)| *from != State::Closed));
    }

    #[test]
    fn no_pair_has_two_rows() {
        for (k, (from, event, _)) in TRANSITIONS.iter().enumerate() {
            assert!(!TRANSITIONS[..k].iter().any(|(f, e, _)| f == from && e == event), "{from:?} {event:?}");
        }
    }

    #[test]
    fn every_next_has_its_row() {
        for next in Next::ALL {
            let to = State::Responding.on(Event::Answered(next)).expect("a row");
            assert_eq!(matches!(to, State::Lingering | State::Closed), next.closes());
        }
    }

    /// RFC 9112 §9.3, §9.6
    #[test]
    fn a_connection_goes_on_only_if_nothing_speaks_against_it() {
        let sound = Ending::default();
        let next = |ending: Ending| ending.next(&DEFAULT);
        assert_eq!(next(sound), Next::NextRequest);
        assert_eq!(next(Ending { persistent: false, ..sound }), Next::Close);
        assert_eq!(next(Ending { keep: false, ..sound }), Next::Close);
        assert_eq!(next(Ending { draining: true, ..sound }), Next::Close);
        assert_eq!(next(Ending { requests: DEFAULT.requests, ..sound }), Next::Close);
        assert_eq!(next(Ending { delimiting: Delimiting::Closing, ..sound }), Next::Close);
        assert_eq!(next(Ending { delimiting: Delimiting::Chunked, ..sound }), Next::NextRequest);
        assert_eq!(next(Ending { more: true, ..sound }), Next::NextRequest);
        assert_eq!(next(Ending { persistent: false, more: true, ..sound }), Next::LingerThenClose);
        assert_eq!(next(Ending { waits_for_continue: true, ..sound }), Next::NextRequest);
    }

    /// FRM-013
    #[test]
    fn content_left_is_read_or_the_connection_ends() {
        let next = |left, waits_for_continue, persistent| {
            Ending { left, waits_for_continue, persistent, ..Ending::default() }.next(&DEFAULT)
        };
        assert_eq!(next(Left::Octets(DEFAULT.discard), false, true), Next::DiscardThenNext);
        assert_eq!(next(Left::Octets(DEFAULT.discard + 1), false, true), Next::LingerThenClose);
        assert_eq!(next(Left::Unknown, false, true), Next::DiscardThenNext);
        assert_eq!(next(Left::Octets(1), false, false), Next::LingerThenClose);
        assert_eq!(next(Left::Octets(1), true, true), Next::LingerThenClose);
        assert_eq!(next(Left::Unknown, true, true), Next::LingerThenClose);
        assert_eq!(
            (Left::of(Some(0)), Left::of(Some(3)), Left::of(None)),
            (Left::Nothing, Left::Octets(3), Left::Unknown)
        );
    }
}
