//! Buffers, lent to connections that have something to do and given back by those that wait.

use std::cell::RefCell;

use crate::limits;
use exchange::received::Received;

/// Octets received and not yet used. Its memory is cleared once, when it is made, and not at each read.
#[derive(Debug, Default)]
pub struct Input {
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    /// What has been received and not yet used.
    #[inline]
    pub fn octets(&self) -> &[u8] {
        &self.octets[self.start..self.end]
    }

    /// Is there nothing?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Marks the first `n` octets as used.
    #[inline]
    pub fn consume(&mut self, n: usize) {
        debug_assert!(n <= self.end - self.start, "only what was received can be used");
        self.start += n;
        if self.start >= self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Room for what comes next; there is always some.
    #[inline]
    pub fn room(&mut self) -> &mut [u8] {
        if self.end == self.octets.len() {
            if self.start > 0 {
                self.octets.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            } else {
                self.octets.resize((self.octets.len() * 2).max(limits::READ), 0);
            }
        }
        &mut self.octets[self.end..]
    }

    /// Marks the first `n` octets of the room as received.
    #[inline]
    pub fn received(&mut self, n: usize) {
        self.end += n;
    }
}

/// What a connection needs while it has something to do.
#[derive(Debug, Default)]
pub struct Buffers {
    /// What was received.
    pub input: Input,
    /// What is to be sent.
    pub output: Vec<u8>,
    /// The head that is being read, as positions in the input, or still the one before, as it was received; away while its
    /// request is answered.
    pub received: Option<Box<Received>>,
    /// The connection, by its number, whose head is in `received`.
    pub connection: u64,
}

/// The buffers of one thread that nobody needs at present.
#[derive(Debug, Default)]
pub struct Pool {
    // boxed: they are handed to and fro at every request
    #[allow(clippy::vec_box)]
    free: RefCell<Vec<Box<Buffers>>>,
}

impl Pool {
    /// Lends buffers.
    #[inline]
    pub fn take(&self) -> Box<Buffers> {
        self.free.borrow_mut().pop().unwrap_or_default()
    }

    /// Takes them back; those that have grown large, and more than are useful, go back to the system.
    #[inline]
    pub fn give(&self, buffers: Box<Buffers>) {
        debug_assert!(buffers.input.is_empty() && buffers.output.is_empty(), "nothing in them is thrown away");
        let modest = buffers.input.octets.len() <= limits::BUFFER
            && buffers.output.capacity() <= limits::BUFFER
            && buffers.received.as_ref().is_none_or(|received| {
                received.octets.capacity() <= limits::BUFFER && received.head.lines.capacity() <= limits::BUFFER_LINES
            });
        let mut free = self.free.borrow_mut();
        if modest && free.len() < limits::BUFFERS {
            free.push(buffers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(input: &mut Input, octets: &[u8]) {
        for octet in octets {
            input.room()[0] = *octet;
            input.received(1);
        }
    }

    #[test]
    fn what_is_received_is_read_in_order_while_the_buffer_grows_and_moves() {
        let mut input = Input::default();
        let sent: Vec<u8> = (0..limits::READ * 3).map(|k| (k % 251) as u8).collect();
        receive(&mut input, &sent[..limits::READ]);
        input.consume(100);
        receive(&mut input, &sent[limits::READ..]);
        assert_eq!(input.octets(), &sent[100..]);
        input.consume(input.octets().len());
        assert!(input.is_empty());
    }

    #[test]
    fn buffers_come_back_and_large_ones_do_not() {
        let pool = Pool::default();
        let mut buffers = pool.take();
        receive(&mut buffers.input, b"x");
        buffers.input.consume(1);
        pool.give(buffers);
        let mut buffers = pool.take();
        assert!(!buffers.input.octets.is_empty(), "its room came back");
        buffers.output.reserve(limits::BUFFER + 1);
        pool.give(buffers);
        assert!(pool.free.borrow().is_empty());
        for _ in 0..limits::BUFFERS + 5 {
            pool.give(Box::default());
        }
        assert_eq!(pool.free.borrow().len(), limits::BUFFERS);
    }
}
