//! The access log: one line an answer, batched writer on the thread that made it and written by one thread for all. How a line looks is
//! `observe::logs::write`'s.
//!
//! A slow reader of standard output never holds up a connection: lines that have no room are dropped, and the next line that gets
//! through says how many.

use std::io::{self, Write};
use std::sync::mpsc::Receiver;

use config::model::Log as Format;
use observe::event::Event;
use observe::logs::write;

use crate::telemetry::batched_writer::{self, Gathered};

/// The writer, and the way to it.
pub(crate) struct Writer {
    writer: batched_writer::Writer,
    format: Format,
    color: bool,
}

impl Writer {
    /// Starts the thread that writes to standard output.
    pub(crate) fn start(format: Format, color: bool) -> io::Result<Writer> {
        Ok(Writer { writer: batched_writer::Writer::start("log", write_all)?, format, color })
    }

    /// The log of one thread.
    pub(crate) fn log(&self) -> Log {
        Log { lines: self.writer.batched_writer(), format: self.format, color: self.color }
    }

    /// Waits until all has been written that was handed over. Every [`Log`] must be gone.
    pub(crate) fn end(self) {
        self.writer.end();
    }
}

fn write_all(receiver: &Receiver<Vec<u8>>) {
    let mut out = io::stdout();
    while let Ok(block) = receiver.recv() {
        if let Err(e) = out.write_all(&block).and_then(|()| out.flush()) {
            log::error!("the access log ends here, standard output is gone: {e}");
            return;
        }
    }
}

/// The log of one thread.
pub(crate) struct Log {
    lines: Gathered,
    format: Format,
    color: bool,
}

impl Log {
    /// Are lines wanted?
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.format != Format::Off
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, event: &Event<'_>) {
        let color = self.color;
        let is_much = match self.format {
            Format::Off => false,
            Format::Text => self.lines.add(|out| write::text(event, color, out)),
            Format::Json => self.lines.add(|out| write::json(event, out)),
        };
        if is_much {
            self.hand_over();
        }
    }

    /// Hands over what has been batched writer, if the writer can take it.
    pub(crate) fn hand_over(&mut self) {
        let is_json = self.format == Format::Json;
        self.lines.hand_over(|dropped, out| write::dropped(dropped, is_json, out));
    }
}
