//! Lines that are batched writer on the threads that make them, and written by one thread for all.
//!
//! A slow writer never holds up a connection: lines wait up to [`limits::LOG`] octets a thread, then they are dropped and counted.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use crate::limits;

/// The thread that writes, and the way to it.
pub(crate) struct Writer {
    sender: SyncSender<Vec<u8>>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts a thread of this name, to which blocks of lines come until every [`Gathered`] is gone.
    pub(crate) fn start(name: &str, write: impl FnOnce(&Receiver<Vec<u8>>) + Send + 'static) -> io::Result<Writer> {
        let (sender, receiver) = sync_channel(limits::LOG_BLOCKS);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || write(&receiver))?;
        Ok(Writer { sender, thread })
    }

    /// The lines of one thread.
    pub(crate) fn batched_writer(&self) -> Gathered {
        Gathered { sender: self.sender.clone(), lines: Vec::new(), dropped: 0 }
    }

    /// Waits until all has been written that was handed over. Every [`Gathered`] must be gone.
    pub(crate) fn end(self) {
        drop(self.sender);
        // a writer that panicked has written what it could
        let _ = self.thread.join();
    }
}

/// The lines of one thread that are not handed over yet.
pub(crate) struct Gathered {
    sender: SyncSender<Vec<u8>>,
    lines: Vec<u8>,
    dropped: u64,
}

impl Gathered {
    /// Adds a line, if there is room; says whether there are so many that they should be handed over.
    pub(crate) fn add(&mut self, line: impl FnOnce(&mut Vec<u8>)) -> bool {
        if self.lines.len() >= limits::LOG {
            self.dropped += 1;
            return false;
        }
        line(&mut self.lines);
        self.lines.len() >= limits::LOG_BLOCK
    }

    /// Hands over what has been batched writer, if the writer can take it. How many lines were dropped is told as soon as there is room.
    pub(crate) fn hand_over(&mut self, tell: impl FnOnce(u64, &mut Vec<u8>)) {
        if self.dropped > 0 && self.lines.len() < limits::LOG {
            tell(self.dropped, &mut self.lines);
            self.dropped = 0;
        }
        if self.lines.is_empty() {
            return;
        }
        match self.sender.try_send(std::mem::take(&mut self.lines)) {
            Ok(()) => self.lines.reserve(limits::LOG_BLOCK + limits::LOG_BLOCK / 4),
            Err(TrySendError::Full(lines)) => self.lines = lines,
            // there is nothing to write to any more; the writer has said so
            Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if !lines.is_empty() {
            // the last lines may wait: nothing else is left to do
            let _ = self.sender.send(lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_writer_loses_lines_and_it_is_told() {
        let (sender, receiver) = sync_channel(1);
        let mut batched_writer = Gathered { sender, lines: Vec::new(), dropped: 0 };
        let tell = |dropped: u64, lines: &mut Vec<u8>| lines.extend(format!("{dropped} dropped\n").bytes());
        assert!(!batched_writer.add(|lines| lines.extend(b"first\n")));
        batched_writer.hand_over(tell);
        assert!(batched_writer.add(|lines| lines.resize(limits::LOG, b'x')));
        batched_writer.hand_over(tell); // the channel is full
        (0..3).for_each(|_| assert!(!batched_writer.add(|_| panic!("there is no room"))));
        assert_eq!(receiver.recv().expect("a block"), b"first\n");
        batched_writer.hand_over(tell);
        assert_eq!(receiver.recv().expect("a block").len(), limits::LOG);
        batched_writer.hand_over(tell);
        assert_eq!(receiver.recv().expect("a block"), b"3 dropped\n");
        batched_writer.add(|lines| lines.extend(b"last\n"));
        drop(batched_writer);
        assert_eq!(receiver.recv().expect("a block"), b"last\n");
    }
}
