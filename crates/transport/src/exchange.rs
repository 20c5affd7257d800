//! One connection and what is under way on it: a head comes in, a response goes out, content is read or thrown away.
//!
//! The octets are understood by `wire`; this file brings them and keeps the time. It never chooses an answer.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::rc::Rc;

use crate::limits::{self, WRITE};
use semantics::fault::{ContentFault, Fault};
use semantics::request::{Framing, Head, Request};
use wire::connection::{Event, Left, Next, State};
use wire::content::{ContentReader, ContentStep};
use wire::head::{HeadReader, HeadStep};

use crate::body::{Body, Segment};
use crate::deadline::Deadline;
use crate::pool::Buffers;
use crate::stream::{Broken, Stream};
use crate::worker::{Place, Worker};

/// What has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A whole, sound head: [`Exchange::request`].
    Head,
    /// Something was wrong with it, or it did not come to its end.
    Fault(Fault),
}

/// A connection and what is under way on it.
pub struct Exchange {
    /// The thread that it lives on.
    pub worker: Rc<Worker>,
    /// No room was left when it was accepted: its first request is refused.
    pub overloaded: bool,
    /// On which of the addresses it came in, by their order.
    pub listener: u16,
    /// Requests so far.
    pub requests: u64,
    /// Lent while there is something in them; thousands of connections wait without.
    buffers: Option<Box<Buffers>>,
    stream: Stream,
    reader: HeadReader,
    content: ContentReader,
    /// When content was first waited for, in milliseconds of the thread's clock, and how much has come since.
    content_begun: Option<u64>,
    content_octets: u64,
    /// The content did not come as it should: where it ends, and what follows it, is not known.
    broken: bool,
    state: State,
    /// Octets of the input that the present head takes up.
    length: usize,
    /// Held while the connection lives.
    _place: Place,
}

impl Exchange {
    /// A connection on which nothing has happened yet.
    pub(crate) fn new(worker: Rc<Worker>, stream: Stream, place: Place, listener: u16) -> Exchange {
        Exchange {
            worker,
            overloaded: place.overloaded,
            listener,
            requests: 0,
            buffers: None,
            stream,
            reader: HeadReader::new(),
            content: ContentReader::new(Framing::None),
            content_begun: None,
            content_octets: 0,
            broken: false,
            state: State::Idle,
            length: 0,
            _place: place,
        }
    }

    /// The connection itself.
    pub fn stream(&self) -> &Stream {
        &self.stream
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

    /// The request whose head has arrived; after a fault, as far as it was understood.
    #[inline]
    pub fn request(&self) -> Request<'_> {
        static NOTHING: Head = Head::EMPTY;
        match &self.buffers {
            Some(buffers) => Request::new(buffers.input.octets(), &buffers.head),
            None => Request::new(&[], &NOTHING),
        }
    }

    /// The request, the octets that its positions and those of a fault point into, and what is to be sent.
    #[inline]
    pub fn split(&mut self) -> (Request<'_>, &[u8], &mut Vec<u8>) {
        let Buffers { input, output, head } = self.lent();
        let octets = input.octets();
        (Request::new(octets, head), octets, output)
    }

    /// Has so much been gathered that it should be sent before more is added?
    #[inline]
    pub fn is_full(&self) -> bool {
        self.buffers.as_ref().is_some_and(|buffers| buffers.output.len() >= WRITE)
    }

    /// Have octets come behind the head: content, or the next request?
    #[inline]
    pub fn more_here(&self) -> bool {
        self.octets().len() > self.length
    }

    /// What was not read of the request.
    pub fn left(&self) -> Left {
        Left::of(self.content.remaining())
    }

    /// Waits for the head of the next request.
    ///
    /// # Errors
    ///
    /// If the connection breaks.
    pub async fn arrival(&mut self) -> Result<Arrival, Broken> {
        self.length = 0;
        loop {
            if let Some(buffers) = &mut self.buffers {
                if !buffers.input.is_empty() {
                    match self.reader.read(buffers.input.octets(), &self.worker.limits, &mut buffers.head) {
                        HeadStep::Complete { length } => return Ok(self.arrived(length)),
                        HeadStep::Fault(fault) => return Ok(self.faulty(fault)),
                        HeadStep::Incomplete => {}
                    }
                }
                if !buffers.output.is_empty() {
                    self.flush().await?;
                }
            }
            self.begin();
            match self.more().await {
                Ok(0) => return Ok(self.faulty(self.reader.truncated(self.octets()))),
                Ok(_) => {}
                Err(Broken::Late) => {
                    let limit = self.worker.limits.head_time;
                    return Ok(self.faulty(self.reader.stalled(self.octets(), limit)));
                }
                Err(broken) => return Err(broken),
            }
        }
    }

    /// Sets the time for what comes next: for the rest of a head that has begun, once; else for the first octet of one.
    fn begin(&mut self) {
        let limits = &self.worker.limits;
        if self.reader.begun(self.octets()) {
            if self.state == State::Idle {
                self.state = self.state.on(Event::Begun).unwrap_or(State::Head);
                self.stream.deadline().idle(false);
                self.due(limits.head_time);
            }
        } else {
            self.stream.deadline().idle(true);
            // who has never sent a request has no claim to the patience that a known client gets
            self.due(if self.requests == 0 { limits.head_time } else { limits.idle_time });
        }
    }

    fn arrived(&mut self, length: usize) -> Arrival {
        self.length = length;
        self.requests += 1;
        let framing = self.lent().head.framing;
        self.content = ContentReader::new(framing);
        (self.content_begun, self.content_octets, self.broken) = (None, 0, false);
        self.state = State::Responding;
        self.stream.deadline().idle(false);
        Arrival::Head
    }

    fn faulty(&mut self, fault: Fault) -> Arrival {
        self.requests += 1;
        // what follows a faulty head is not known to be anything
        self.content = ContentReader::new(Framing::Unannounced);
        self.state = State::Responding;
        self.stream.deadline().idle(false);
        Arrival::Fault(fault)
    }

    /// Does what follows a response; says whether there may be another.
    pub async fn answered(&mut self, next: Next) -> bool {
        let length = self.length.min(self.octets().len());
        self.lent().input.consume(length);
        self.length = 0;
        if next == Next::NextRequest {
            self.state = State::Idle;
            return true;
        }
        self.state = self.state.on(Event::Answered(next)).unwrap_or(State::Closed);
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
            self.state = self.state.on(event).unwrap_or(State::Closed);
        }
        if self.state == State::Idle {
            return true;
        }
        if self.flush().await.is_ok() && self.state == State::Lingering {
            self.linger().await;
        }
        self.state = State::Closed;
        false
    }

    /// Reads more input. While nothing has come the buffers are not ours.
    async fn more(&mut self) -> Result<usize, Broken> {
        let Exchange { buffers, stream, worker, .. } = self;
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

    /// Says that the present wait may take so many milliseconds.
    fn due(&self, time: u64) {
        due(&self.worker, self.stream.deadline(), time);
    }

    /// Sends what was gathered.
    ///
    /// # Errors
    ///
    /// If the client takes nothing for too long, or the connection breaks.
    pub async fn flush(&mut self) -> Result<(), Broken> {
        let Some(Buffers { output, .. }) = self.buffers.as_deref_mut() else { return Ok(()) };
        if output.is_empty() {
            return Ok(());
        }
        let written = match self.stream.write_now(output) {
            Ok(n) => n,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => 0,
            Err(e) => return Err(Broken::Io(e)),
        };
        if written < output.len() {
            let wait = |deadline: &Deadline| patience(&self.worker, deadline);
            self.stream.write(&mut [IoSlice::new(&output[written..])], wait).await?;
        }
        output.clear();
        Ok(())
    }

    /// Sends what was gathered, the head of a response at its end, and then its content. Small content waits with the head
    /// for more.
    ///
    /// # Errors
    ///
    /// If the client takes nothing for too long, the connection breaks, or a file has shrunk since its length was told.
    pub async fn send(&mut self, body: &Body) -> Result<(), Broken> {
        let worker = self.worker.clone();
        let wait = |deadline: &Deadline| patience(&worker, deadline);
        self.lent();
        let Exchange { buffers, stream, .. } = self;
        let Some(Buffers { output, .. }) = buffers.as_deref_mut() else { return Ok(()) };
        for segment in body.segments() {
            match segment {
                Segment::File { file, offset, length } => {
                    let corked = *length >= limits::CORKED;
                    if corked {
                        stream.cork(true);
                    }
                    stream.write_more(output, wait).await?;
                    output.clear();
                    stream.write_file(file, *offset, *length, wait).await?;
                    if corked {
                        stream.cork(false);
                    }
                }
                Segment::Shared(..) | Segment::Owned(_) => {
                    let octets = segment.octets().unwrap_or_default();
                    if octets.len() <= limits::COPIED && output.len() < WRITE {
                        output.extend_from_slice(octets);
                    } else {
                        stream.write(&mut [IoSlice::new(output), IoSlice::new(octets)], wait).await?;
                        output.clear();
                    }
                }
            }
        }
        if self.is_full() { self.flush().await } else { Ok(()) }
    }

    /// Reads content that nobody needs, and throws it away, before the request is decided; its head stays. Content that stops
    /// arriving is a fault of the request; content that is cut off is left to the end of the connection.
    pub async fn discard_ahead(&mut self) -> Option<Fault> {
        let announced = self.content.remaining().unwrap_or(0);
        match self.discard().await {
            Err(ContentFault::Stalled) => Some(Fault::ContentStalled {
                received: announced - self.content.remaining().unwrap_or(0).min(announced),
                announced,
                limit: self.worker.limits.content_time,
            }),
            _ => None,
        }
    }

    /// Says how much content is taken; more is too large.
    pub fn allow(&mut self, octets: u64) {
        self.content.allow(octets);
    }

    /// Reads some of the content behind the end of `into`, at most so many octets; `false` at its end. The head stays.
    ///
    /// # Errors
    ///
    /// If it stops arriving, comes too slowly all in all, is too large, badly framed, or cut off.
    pub async fn content(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, ContentFault> {
        let read = self.content_now(into, most).await;
        // what is too large, and told how large, can still be passed over
        self.broken |= match read {
            Ok(_) => false,
            Err(ContentFault::TooLarge) => self.content.remaining().is_none(),
            Err(_) => true,
        };
        read
    }

    /// Did content not come as it should? Then nothing can be read behind it.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    async fn content_now(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, ContentFault> {
        loop {
            let input = &mut self.buffers.get_or_insert_with(|| self.worker.pool.take()).input;
            let behind = &input.octets()[self.length..];
            let plain = self.content.plain();
            if behind.is_empty() && plain > 0 {
                let most = usize::try_from(plain).map_or(most, |plain| plain.min(most));
                self.flush().await.map_err(|_| ContentFault::Truncated)?;
                self.await_content();
                let read = self.stream.read_into(into, most).await;
                let read = self.arrived_content(read)?;
                self.content.take(read as u64);
                return Ok(true);
            }
            let step = self.content.read(&behind[..behind.len().min(most)]);
            if let ContentStep::Data(range) = &step {
                into.extend_from_slice(&behind[range.clone()]);
            }
            input.cut(self.length, step.consumed());
            match step {
                ContentStep::Data(_) => return Ok(true),
                ContentStep::End { .. } => return Ok(false),
                ContentStep::Fault(fault) => return Err(fault),
                ContentStep::Incomplete { .. } => {
                    self.flush().await.map_err(|_| ContentFault::Truncated)?;
                    self.await_content();
                    let read = self.receive().await;
                    self.arrived_content(read)?;
                }
            }
        }
    }

    /// Sets the time for more content. Who sends an octet now and then keeps a connection for himself, so all of it together
    /// must keep to a least rate, once it has had the time that a pause may take.
    fn await_content(&mut self) {
        self.worker.clock.read();
        let (now, limits) = (self.worker.clock.millis(), &self.worker.limits);
        let begun = *self.content_begun.get_or_insert(now);
        let earned = self.content_octets.saturating_mul(1_000) / limits.content_rate.max(1);
        let end = begun.saturating_add(limits.content_time).saturating_add(earned);
        self.stream.deadline().set(end.min(now.saturating_add(limits.content_time)));
    }

    fn arrived_content(&mut self, read: Result<usize, Broken>) -> Result<usize, ContentFault> {
        match read {
            Ok(0) | Err(Broken::Io(_) | Broken::Shrunk) => Err(ContentFault::Truncated),
            Ok(read) => {
                self.content_octets += read as u64;
                Ok(read)
            }
            Err(Broken::Late) => Err(ContentFault::Stalled),
        }
    }

    /// Reads the rest of the content and throws it away, so that the next request can be found.
    async fn discard(&mut self) -> Result<(), ContentFault> {
        self.content.allow(self.worker.limits.discard);
        loop {
            let input = &mut self.buffers.get_or_insert_with(|| self.worker.pool.take()).input;
            let step = self.content.read(&input.octets()[self.length..]);
            input.cut(self.length, step.consumed());
            match step {
                ContentStep::Data(_) => {}
                ContentStep::End { .. } => return Ok(()),
                ContentStep::Fault(fault) => return Err(fault),
                ContentStep::Incomplete { .. } => {
                    self.flush().await.map_err(|_| ContentFault::Truncated)?;
                    self.worker.clock.read();
                    self.due(self.worker.limits.content_time);
                    match self.receive().await {
                        Ok(0) => return Err(ContentFault::Truncated),
                        Ok(_) => {}
                        Err(Broken::Late) => return Err(ContentFault::Stalled),
                        Err(Broken::Io(_) | Broken::Shrunk) => return Err(ContentFault::Truncated),
                    }
                }
            }
        }
    }

    /// Says that nothing more will be sent, and reads what the client still sends until it closes or the time runs out.
    /// Without it the system answers late octets with a reset, which can overtake the response (RFC 9112 §9.6).
    async fn linger(&mut self) {
        self.stream.shut_write();
        self.worker.clock.read();
        self.due(self.worker.limits.linger_time);
        loop {
            let input = &mut self.lent().input;
            input.consume(input.octets().len());
            match self.receive().await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    async fn receive(&mut self) -> Result<usize, Broken> {
        let input = &mut self.buffers.get_or_insert_with(|| self.worker.pool.take()).input;
        self.stream.read(input).await
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(mut buffers) = self.buffers.take() {
            buffers.input.consume(buffers.input.octets().len());
            buffers.output.clear();
            self.worker.pool.give(buffers);
        }
    }
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
