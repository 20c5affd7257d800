//! The record of decisions: the facts of each, appended to a file, so that `because replay` can walk them again.
//!
//! It works like the access log: lines are batched writer on the thread that decides and written by one thread for all. A slow disk never
//! holds up a connection: what waits for it is bounded, and what is dropped then is counted and told.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::mpsc::Receiver;

use decision::facts::Facts;
use decision::record;
use decision::verdict::Verdict;

use crate::telemetry::batched_writer::{self, Gathered};

/// The writer, and the way to it.
pub(crate) struct Writer(batched_writer::Writer);

impl Writer {
    /// Starts the thread that appends to this file. Only its owner may read it: it tells who asked for what.
    pub(crate) fn start(path: &Path) -> io::Result<Writer> {
        let file = open(path)?;
        let path = path.to_owned();
        batched_writer::Writer::start("record", move |receiver| write_all(file, &path, receiver)).map(Writer)
    }

    /// The recorder of one thread.
    pub(crate) fn recorder(&self) -> Recorder {
        Recorder(self.0.batched_writer())
    }

    /// Waits until all has been written that was handed over. Every [`Recorder`] must be gone.
    pub(crate) fn end(self) {
        self.0.end();
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn write_all(mut file: File, path: &Path, receiver: &Receiver<Vec<u8>>) {
    while let Ok(block) = receiver.recv() {
        let written = follow(&mut file, path).and_then(|()| file.write_all(&block));
        if let Err(error) = written {
            log::error!("the record of decisions ends here: {}: {error}", path.display());
            return;
        }
    }
}

/// Goes on in a new file where the old one was put aside.
fn follow(file: &mut File, path: &Path) -> io::Result<()> {
    let ours = file.metadata()?;
    let there = std::fs::metadata(path).ok();
    if there.is_none_or(|there| (there.dev(), there.ino()) != (ours.dev(), ours.ino())) {
        *file = open(path)?;
    }
    Ok(())
}

/// The recorder of one thread.
pub(crate) struct Recorder(Gathered);

impl Recorder {
    /// Adds a decision.
    pub(crate) fn add(&mut self, facts: &Facts<'_>, verdict: &Verdict) {
        let is_much = self.0.add(|out| {
            record::write(facts, verdict, out);
            out.push(b'\n');
        });
        if is_much {
            self.hand_over();
        }
    }

    /// Hands over what has been batched writer, if the writer can take it.
    pub(crate) fn hand_over(&mut self) {
        self.0.hand_over(|dropped, out| {
            // writing to memory does not fail
            let _ = writeln!(out, "{{\"dropped\":{dropped}}}");
            log::warn!("{dropped} decisions are not recorded: the disk is too slow");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decision::case::Case;
    use decision::drive::{Halt, Known, drive};
    use decision::facts::{Connection, Reading};
    use semantics::method::Method;
    use semantics::request::OwnedRequest;

    /// A decision that needs no facts: a target of a wrong form.
    fn decided(each: impl FnOnce(&Facts<'_>, &Verdict)) {
        let request = OwnedRequest::made(Method::GET, b"/a", [(&b"Host"[..], &b"h"[..])]);
        let (connection, reading) = (Connection::default(), Reading { form_valid: false, ..Reading::default() });
        let facts = Facts::new(&connection, request.view(), &reading);
        let mut case = Case::open(facts.clone());
        let Halt::Done(verdict) = drive(&mut case, &mut Known(facts)) else { panic!("it is refused") };
        each(&case.facts, &verdict);
    }

    #[test]
    fn decisions_are_written_a_line_each() {
        let path = std::env::temp_dir().join(format!("because-recorder-lines-{}", std::process::id()));
        let writer = Writer::start(&path).expect("starts");
        let mut recorder = writer.recorder();
        (0..2).for_each(|_| decided(|facts, verdict| recorder.add(facts, verdict)));
        drop(recorder);
        writer.end();
        let text = std::fs::read_to_string(&path).expect("is there");
        assert_eq!(
            text.lines().filter(|line| line.starts_with("{\"method\":\"GET\",\"target\":\"/a\"")).count(),
            2,
            "{text}"
        );
        std::fs::remove_file(path).expect("is removed");
    }

    #[test]
    fn a_file_that_was_put_aside_is_begun_anew() {
        let path = std::env::temp_dir().join(format!("because-recorder-{}", std::process::id()));
        let aside = path.with_extension("old");
        let mut file = open(&path).expect("opens");
        follow(&mut file, &path).and_then(|()| file.write_all(b"one\n")).expect("writes");
        std::fs::rename(&path, &aside).expect("is put aside");
        follow(&mut file, &path).and_then(|()| file.write_all(b"two\n")).expect("writes");
        assert_eq!(std::fs::read_to_string(&aside).expect("is there"), "one\n");
        assert_eq!(std::fs::read_to_string(&path).expect("is there"), "two\n");
        assert_eq!(std::fs::metadata(&path).expect("is there").mode() & 0o777, 0o600);
        std::fs::remove_file(path).and_then(|()| std::fs::remove_file(aside)).expect("are removed");
    }
}
