//! One connection of HTTP/1: heads come in, responses go out, one after the other.
//!
//! `wire` understands the octets; this file brings them, keeps the time, and walks the table of a connection's life. It never
//! chooses an answer. Content is read in `h1/content.rs`, and written in `h1/response.rs`.

use std::future::poll_fn;
use std::mem;
use std::rc::Rc;

use exchange::exchange::{Broken, Handler};
use exchange::received::Received;
use semantics::fault::{ContentFault, Fault};
use semantics::field::{Field, Fields};
use semantics::request::Framing;
use semantics::version::Version;
use wire::connection::{Event, Left, Next, State};
use wire::content::ContentReader;
use wire::head::{HeadReader, HeadStep};
use wire::response::Delimiting;

use crate::deadline::Deadline;
use crate::limits::Limits;
use crate::pool::Buffers;
use crate::stream::Stream;
use crate::worker::{ConnectionSlot, Worker};

mod content;
mod response;

/// A connection of HTTP/1 and what is under way on it.
pub struct Http1 {
    worker: Rc<Worker>,
    stream: Stream,
    /// On which of the addresses it came in, by their order.
    listener: u16,
    /// By what the thread tells it from others.
    number: u64,
    /// No room was left when it was accepted: its first request is refused.
    overloaded: bool,
    /// Requests so far.
    requests: u64,
    /// Lent while there is something in them; thousands of connections wait without.
    buffers: Option<Box<Buffers>>,
    reader: HeadReader,
    content: ContentReader,
    /// When content was first waited for, in milliseconds of the thread's clock, and how much has come since.
    content_begun: Option<u64>,
    content_octets: u64,
    /// What of the present head bears on its response.
    current: Current,
    state: State,
    /// Held while the connection lives.
    _slot: ConnectionSlot,
}

/// What of a head bears on its response, and what came of that so far.
#[derive(Clone, Copy, Debug, Default)]
struct Current {
    version: Version,
    /// The client lets the connection go on.
    persistent: bool,
    /// The client waits to be told to send its content, and was not told yet.
    awaits_continue: bool,
    /// There was a fault in the head.
    faulty: bool,
    /// The content did not come as it should: where it ends, and what follows it, is not known.
    content_broken: bool,
    /// The head of the response is written: how its content is delimited, and what follows.
    answer: Option<(Delimiting, Next)>,
    /// The response could not be sent to its end.
    send_broken: bool,
}

impl Http1 {
    /// A connection on which nothing has happened yet.
    pub(crate) fn new(worker: Rc<Worker>, stream: Stream, place: ConnectionSlot, listener: u16) -> Http1 {
        Http1 {
            worker,
            overloaded: place.overloaded,
            number: place.number,
            listener,
            requests: 0,
            buffers: None,
            stream,
            reader: HeadReader::new(),
            content: ContentReader::new(Framing::None),
            content_begun: None,
            content_octets: 0,
            current: Current::default(),
            state: State::Idle,
            _slot: place,
        }
    }

    /// Serves the connection to its end.
    #[allow(clippy::manual_async_fn)] // an `async fn` has room for its arguments twice, and this room waits with every connection
    pub(crate) fn serve<H: Handler>(mut self, handler: Rc<H>) -> impl Future<Output = ()> {
        async move {
            let mut memory = H::Memory::default();
            // a connection that breaks leaves nobody to tell
            while let Ok(Some(received)) = self.arrival().await {
                handler.handle(&mut self, &received, &mut memory).await;
                if !self.answered(received).await {
                    return;
                }
            }
        }
    }

    #[inline]
    fn lent(&mut self) -> &mut Buffers {
        self.buffers.get_or_insert_with(|| self.worker.pool.take())
    }

    /// What has been received and not yet used.
    #[inline]
    fn octets(&self) -> &[u8] {
        self.buffers.as_ref().map_or(&[], |buffers| buffers.input.octets())
    }

    /// What was not read of the request.
    #[inline]
    fn left(&self) -> Left {
        Left::of(self.content.remaining())
    }

    /// An event, and where it leads by the table. What has no row there cannot happen; should it, the connection is over.
    #[inline]
    fn on(&mut self, event: Event) {
        let next = self.state.on(event);
        debug_assert!(next.is_some(), "{:?} cannot happen in {:?}", event, self.state);
        self.state = next.unwrap_or(State::Closed);
    }

    /// Waits for the head of the next request; nothing comes of it if the connection ends before one begins.
    async fn arrival(&mut self) -> Result<Option<Box<Received>>, Broken> {
        loop {
            if let Some(buffers) = self.buffers.as_deref_mut() {
                if !buffers.input.is_empty() {
                    match read_head(&mut self.reader, buffers, &self.worker.limits, self.number) {
                        HeadStep::Complete { length } => return Ok(Some(self.arrived(length))),
                        HeadStep::Fault(fault) => return Ok(Some(self.faulty(fault))),
                        HeadStep::Incomplete => {}
                    }
                }
                if !buffers.output.is_empty() {
                    self.flush_output().await?;
                }
            }
            self.begin();
            let (event, fault) = match self.more().await {
                Ok(0) => (Event::Gone, self.reader.truncated(self.octets())),
                Ok(_) => continue,
                Err(Broken::Late) => (Event::TimeUp, self.reader.stalled(self.octets(), self.worker.limits.head_time)),
                Err(broken) => return Err(broken),
            };
            if self.state == State::Idle {
                // no request had begun, so there is nothing to answer (RFC 9112 §9.2)
                self.on(event);
                return Ok(None);
            }
            return Ok(Some(self.faulty(fault)));
        }
    }

    /// Sets the time for what comes next: for the rest of a head that has begun, once; else for the first octet of one.
    fn begin(&mut self) {
        let limits = &self.worker.limits;
        if self.reader.begun(self.octets()) {
            if self.state == State::Idle {
                self.on(Event::Begun);
                self.stream.deadline().idle(false);
                self.due_in_state();
            }
        } else if self.requests == 0 {
            // who has never sent a request has no claim to the patience that a known client gets
            self.stream.deadline().idle(true);
            due(&self.worker, self.stream.deadline(), limits.head_time);
        } else {
            self.stream.deadline().idle(true);
            self.due_in_state();
        }
    }

    /// A sound head has come to its end: it leaves the connection's buffers, in which content and the next request come.
    #[inline]
    fn arrived(&mut self, length: usize) -> Box<Received> {
        if self.state == State::Idle {
            self.on(Event::Begun);
        }
        self.on(Event::Read);
        let received = self.take_received(length);
        let head = &received.head;
        self.content = ContentReader::new(head.framing);
        (self.content_begun, self.content_octets) = (None, 0);
        self.current = Current {
            version: head.version,
            persistent: head.persistent,
            awaits_continue: head.present.has(Field::EXPECT),
            ..Current::default()
        };
        received
    }

    /// A head that is faulty, or does not come to its end. What follows it is not known to be anything.
    fn faulty(&mut self, fault: Fault) -> Box<Received> {
        if self.state == State::Idle {
            self.on(Event::Begun);
        }
        self.on(Event::Faulty);
        let mut received = self.take_received(0);
        received.octets.extend_from_slice(self.octets());
        received.fault = Some(fault);
        self.content = ContentReader::new(Framing::Unannounced);
        self.current = Current { version: received.head.version, faulty: true, ..Current::default() };
        received
    }

    #[inline]
    fn take_received(&mut self, length: usize) -> Box<Received> {
        self.requests += 1;
        self.stream.deadline().idle(false);
        let buffers = self.lent();
        let mut received = buffers.received.take().unwrap_or_default();
        received.octets.clear();
        received.octets.extend_from_slice(&buffers.input.octets()[..length]);
        buffers.input.consume(length);
        received
    }

    /// Does what follows a response; says whether there may be another.
    async fn answered(&mut self, mut received: Box<Received>) -> bool {
        received.clear();
        self.lent().received = Some(received);
        match self.current.answer {
            Some((_, next)) if !self.current.send_broken => self.on(Event::Answered(next)),
            // nothing was said, or it could not be said to its end: what is left in the buffer may have been sent in part, and sent
            // again it would stand in the middle of the content
            _ => {
                self.on(Event::Gone);
                return false;
            }
        }
        if self.state == State::Idle {
            return true;
        }
        if self.state == State::Discarding {
            let event = match self.discard().await {
                Ok(()) => Event::Discarded,
                Err(ContentFault::Stalled) => Event::TimeUp,
                Err(ContentFault::Truncated) => Event::Gone,
                Err(
                    ContentFault::ChunkSize
                    | ContentFault::ChunkLine
                    | ContentFault::ChunkEnd
                    | ContentFault::Trailer
                    | ContentFault::TrailersTooLarge
                    | ContentFault::TooLarge,
                ) => Event::Undiscardable,
            };
            self.on(event);
            if self.state == State::Idle {
                return true;
            }
        }
        // what was said before the client left may still reach it
        if self.flush_output().await.is_ok() && self.state == State::Lingering {
            let event = self.linger().await;
            self.on(event);
        }
        false
    }

    /// Reads more input. While nothing has come the buffers are not ours.
    async fn more(&mut self) -> Result<usize, Broken> {
        let Http1 { buffers, stream, worker, .. } = self;
        let read = poll_fn(|context| {
            let lent = buffers.get_or_insert_with(|| worker.pool.take());
            let read = stream.poll_read(context, &mut lent.input);
            if read.is_pending()
                && lent.input.is_empty()
                && let Some(lent) = buffers.take()
            {
                worker.pool.give(lent);
            }
            read
        });
        let read = read.await;
        self.worker.clock.read();
        read
    }

    /// Says that the present wait may take as long as the state of the connection allows.
    fn due_in_state(&self) {
        if let Some(time) = self.state.patience(&self.worker.limits) {
            due(&self.worker, self.stream.deadline(), time);
        }
    }

    /// Says that nothing more will be sent, and reads what the client still sends until it closes or the time runs out.
    /// Without it the system answers late octets with a reset, which can overtake the response (RFC 9112 §9.6).
    async fn linger(&mut self) -> Event {
        self.stream.shut_write();
        self.worker.clock.read();
        self.due_in_state();
        loop {
            let input = &mut self.lent().input;
            input.consume(input.octets().len());
            match self.receive().await {
                Ok(0) => return Event::Gone,
                Ok(_) => {}
                Err(Broken::Late) => return Event::TimeUp,
                Err(_) => return Event::Gone,
            }
        }
    }

    async fn receive(&mut self) -> Result<usize, Broken> {
        let input = &mut self.buffers.get_or_insert_with(|| self.worker.pool.take()).input;
        self.stream.read(input).await
    }
}

impl Drop for Http1 {
    fn drop(&mut self) {
        if let Some(mut buffers) = self.buffers.take() {
            buffers.input.consume(buffers.input.octets().len());
            buffers.output.clear();
            self.worker.pool.give(buffers);
        }
    }
}

/// Reads on in a head. How long it takes to compare it with the one before tells how much of both is the same; so one that holds
/// secrets is compared on its own connection only.
#[inline]
fn read_head(reader: &mut HeadReader, buffers: &mut Buffers, limits: &Limits, connection: u64) -> HeadStep {
    let Received { octets: last, head, .. } = &mut **buffers.received.get_or_insert_default();
    let input = buffers.input.octets();
    let own = mem::replace(&mut buffers.connection, connection) == connection;
    if (own || !head.present.meets(Fields::SECRET))
        && let Some(length) = reader.read_alike(input, limits, last, head)
    {
        return HeadStep::Complete { length };
    }
    last.clear();
    reader.read(input, limits, head)
}

/// Says that a client may take so long before it takes more of a response. The clock was last read when something arrived,
/// and that may be a while ago.
fn patience(worker: &Worker, deadline: &Deadline) {
    worker.clock.read();
    due(worker, deadline, worker.limits.write_time);
}

fn due(worker: &Worker, deadline: &Deadline, time: u64) {
    deadline.set(worker.clock.millis().saturating_add(time));
}
