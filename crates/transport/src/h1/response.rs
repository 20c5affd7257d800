//! The response of HTTP/1: its head with what frames it, and its content in pieces, in chunks, or up to a close.

use std::future::poll_fn;
use std::io::{self, IoSlice};

use crate::limits::{self, WRITE};
use exchange::body::{Body, BodyStream, Next as Piece, STREAMED, Segment};
use exchange::exchange::{Answer, Broken, Carrier, Exchange, Fields};
use semantics::connection::Ends;
use semantics::fault::Fault;
use semantics::field::Sink;
use semantics::target_uri::Scheme;
use wire::connection::{Ending, Left, Next};
use wire::response::{Delimiting, ResponseHead, chunk, interim, last_chunk};

use super::{Http1, patience};
use crate::deadline::Deadline;
use crate::pool::Buffers;

impl Exchange for Http1 {
    fn carrier(&self) -> Carrier {
        let (listener, overloaded) = (self.listener, self.overloaded);
        Carrier { peer: self.stream.peer(), listener, scheme: Scheme::Http, overloaded }
    }

    #[inline]
    fn content_here(&self) -> bool {
        self.left() != Left::Nothing && !self.octets().is_empty()
    }

    fn awaits_content(&mut self) {
        self.current.awaits_continue = false;
    }

    async fn discard_ahead(&mut self) -> Option<Fault> {
        let fault = self.read_ahead().await;
        self.current.faulty |= fault.is_some();
        fault
    }

    fn interim(&mut self, status: semantics::status::Status, fields: impl FnOnce(&mut dyn Sink)) {
        let version = self.current.version;
        interim(&mut self.lent().output, version, status, fields);
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        let flushed = self.flush_output().await;
        self.current.send_broken |= flushed.is_err();
        flushed
    }

    #[inline]
    fn respond(&mut self, answer: Answer, fields: impl Fields, text: &[u8]) {
        let version = self.current.version;
        let delimiting = Delimiting::of(version, answer.length_stated);
        let next = self.next(answer.ends, delimiting);
        self.current.answer = Some((delimiting, next));
        let output = &mut self.lent().output;
        let mut head = ResponseHead::begin(output, version, answer.status);
        fields.write(&mut head);
        head.finish(delimiting, next);
        match delimiting {
            Delimiting::Chunked => chunk(output, text),
            Delimiting::Stated | Delimiting::Closing => output.extend_from_slice(text),
        }
    }

    #[inline]
    async fn send(&mut self, body: Body) -> Result<(), Broken> {
        let sent = match body {
            Body::Stream(stream) => self.send_stream(stream).await,
            Body::Empty if !self.is_full() => Ok(()),
            Body::Empty | Body::One(_) | Body::Many(_) => self.send_segments(body.segments()).await,
        };
        self.current.send_broken |= sent.is_err();
        sent
    }
}

impl Http1 {
    /// What follows the response: it is said in its head (RFC 9112 §9.3, §9.6).
    fn next(&self, ends: Ends, delimiting: Delimiting) -> Next {
        let current = &self.current;
        let more = !self.octets().is_empty();
        let ending = Ending {
            persistent: current.persistent,
            keep: ends == Ends::Nothing && !self.overloaded && !current.content_broken,
            delimiting,
            left: self.left(),
            waits_for_continue: current.awaits_continue,
            more: more || current.faulty,
            requests: self.requests,
            draining: self.worker.deadlines.draining(),
        };
        ending.next(&self.worker.limits)
    }

    /// Has so much been batched writer that it should be sent before more is added?
    #[inline]
    fn is_full(&self) -> bool {
        self.buffers.as_ref().is_some_and(|buffers| buffers.output.len() >= WRITE)
    }

    /// Sends what was batched_writer.
    pub(super) async fn flush_output(&mut self) -> Result<(), Broken> {
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

    /// Sends what was batched writer, the head of a response at its end, and then its content. Small content waits with the head
    /// for more.
    async fn send_segments(&mut self, segments: &[Segment]) -> Result<(), Broken> {
        let worker = self.worker.clone();
        let wait = |deadline: &Deadline| patience(&worker, deadline);
        self.lent();
        let Http1 { buffers, stream, .. } = self;
        let Some(Buffers { output, .. }) = buffers.as_deref_mut() else { return Ok(()) };
        for segment in segments {
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
        if self.is_full() { self.flush_output().await } else { Ok(()) }
    }

    /// Sends a stream as it comes. It is asked for more once the client has taken what there was.
    async fn send_stream(&mut self, mut stream: Box<dyn BodyStream>) -> Result<(), Broken> {
        let delimiting = self.current.answer.map_or(Delimiting::Stated, |(delimiting, _)| delimiting);
        let mut left = stream.length();
        let mut octets = Vec::with_capacity(STREAMED);
        // who waits for the first octets has the head meanwhile
        self.flush_output().await?;
        loop {
            octets.clear();
            let piece = poll_fn(|context| stream.poll_next(context, &mut octets)).await;
            if let Some(left) = &mut left {
                // more than was promised would be taken for the next response
                *left = left.checked_sub(octets.len() as u64).ok_or(Broken::Unfinished)?;
            }
            let output = &mut self.lent().output;
            match delimiting {
                Delimiting::Chunked => chunk(output, &octets),
                Delimiting::Stated | Delimiting::Closing => output.extend_from_slice(&octets),
            }
            let ended = match piece {
                Piece::More => false,
                Piece::End if left.unwrap_or(0) == 0 => {
                    if delimiting == Delimiting::Chunked {
                        last_chunk(output, stream.trailers());
                    }
                    true
                }
                // content that is not whole must not look whole (RFC 9112 §8)
                Piece::End | Piece::Failed => return Err(Broken::Unfinished),
            };
            self.flush_output().await?;
            if ended {
                return Ok(());
            }
        }
    }
}
