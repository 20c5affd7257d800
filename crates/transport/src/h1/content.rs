//! The content of a request of HTTP/1: read for whoever wants it, or thrown away so that the next request can be found.

use exchange::content::Content;
use exchange::exchange::Broken;
use semantics::fault::{ContentFault, Fault};
use wire::content::ContentStep;

use super::{Http1, due};

impl Content for Http1 {
    fn allow(&mut self, octets: u64) {
        self.content.allow(octets);
    }

    async fn read(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, ContentFault> {
        let read = self.read_some(into, most).await;
        // what is too large, and told how large, can still be passed over
        self.current.content_broken |= match read {
            Ok(_) => false,
            Err(ContentFault::TooLarge) => self.content.remaining().is_none(),
            Err(_) => true,
        };
        read
    }
}

impl Http1 {
    async fn read_some(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, ContentFault> {
        loop {
            let input = &mut self.buffers.get_or_insert_with(|| self.worker.pool.take()).input;
            let here = input.octets();
            let plain = self.content.plain();
            if here.is_empty() && plain > 0 {
                let most = usize::try_from(plain).map_or(most, |plain| plain.min(most));
                self.flush_output().await.map_err(|_| ContentFault::Truncated)?;
                self.await_content();
                let read = self.stream.read_into(into, most).await;
                let read = self.arrived_content(read)?;
                self.content.take(read as u64);
                return Ok(true);
            }
            let step = self.content.read(&here[..here.len().min(most)]);
            if let ContentStep::Data(range) = &step {
                into.extend_from_slice(&here[range.clone()]);
            }
            input.consume(step.consumed());
            match step {
                ContentStep::Data(_) => return Ok(true),
                ContentStep::End { .. } => return Ok(false),
                ContentStep::Fault(fault) => return Err(fault),
                ContentStep::Incomplete { .. } => {
                    self.flush_output().await.map_err(|_| ContentFault::Truncated)?;
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
            Ok(0) | Err(Broken::Io(_) | Broken::Shrunk | Broken::Unfinished) => Err(ContentFault::Truncated),
            Ok(read) => {
                self.content_octets += read as u64;
                Ok(read)
            }
            Err(Broken::Late) => Err(ContentFault::Stalled),
        }
    }

    /// Reads content that nobody needs before its request is decided. Only a stall is a fault of the request.
    pub(super) async fn read_ahead(&mut self) -> Option<Fault> {
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

    /// Reads the rest of the content and throws it away, so that the next request can be found.
    pub(super) async fn discard(&mut self) -> Result<(), ContentFault> {
        self.content.allow(self.worker.limits.discard);
        loop {
            let input = &mut self.buffers.get_or_insert_with(|| self.worker.pool.take()).input;
            let step = self.content.read(input.octets());
            input.consume(step.consumed());
            match step {
                ContentStep::Data(_) => {}
                ContentStep::End { .. } => return Ok(()),
                ContentStep::Fault(fault) => return Err(fault),
                ContentStep::Incomplete { .. } => {
                    self.flush_output().await.map_err(|_| ContentFault::Truncated)?;
                    self.worker.clock.read();
                    due(&self.worker, self.stream.deadline(), self.worker.limits.content_time);
                    match self.receive().await {
                        Ok(0) => return Err(ContentFault::Truncated),
                        Ok(_) => {}
                        Err(Broken::Late) => return Err(ContentFault::Stalled),
                        Err(Broken::Io(_) | Broken::Shrunk | Broken::Unfinished) => {
                            return Err(ContentFault::Truncated);
                        }
                    }
                }
            }
        }
    }
}
