//! The head of a request, read as its octets arrive (RFC 9112 §2 to §6).
//!
//! Each line is read once, when its end has come, and what it says stays in the [`Head`]; of a line without an end only
//! the new octets are looked at. So the work is linear in the octets however they arrive, and at any moment the head
//! holds what has been understood.
//!
//! Faults come in the order in which a head is read, whatever the pieces it arrives in:
//!
//! 1. The request line, from left to right; then its version. They end the reading at once: what follows may be no HTTP.
//! 2. Sizes of fields, as soon as one is exceeded. They end the reading too.
//! 3. The form of field lines. The first offence is remembered and the reading goes on to the end of the head, so that
//!    the answer can honour the other fields (Accept ...). It is told at the end, or when the rest does not come.
//! 4. What the fields say together, at the end: Host, then the transfer coding, then the framing.

use memchr::memchr;
use semantics::fault::{Fault, FieldError, FieldsSize, RequestLineError};
use semantics::field::{Field, Fields};
use semantics::limits::{self, Limits};
use semantics::request::{Framing, Head, Line};
use semantics::version::Version;

use crate::{field_line, framing, request_line};

/// What came of the octets so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadStep {
    /// The head has not come to its end.
    Incomplete,
    /// The head is complete and sound.
    Complete {
        /// Octets up to its end; content, or the next request, begins there.
        length: usize,
    },
    /// Something is wrong with it. Nothing more can be read from this connection.
    Fault(Fault),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Empty lines before the request line.
    #[default]
    Before,
    RequestLine,
    Fields,
}

/// What was found behind the lines read so far.
enum Ending {
    /// A line without its end.
    Open,
    /// The end of a line.
    Line,
    /// The end of the section.
    Section,
}

/// Fields of which a second line is refused, because to take one of two is a decision about who asks, what is written, or
/// where: proxies, filters and servers take different ones. Host and the fields of the framing have faults of their own;
/// of any other field that should stand once, the reader of that field says what two of them mean.
pub const ONCE: Fields = Fields::of(&[
    Field::AUTHORIZATION,
    Field::CONTENT_RANGE,
    Field::CONTENT_TYPE,
    Field::DEPTH,
    Field::DESTINATION,
    Field::ORIGIN,
    Field::OVERWRITE,
    Field::PROXY_AUTHORIZATION,
    Field::UPLOAD_OFFSET,
]);

/// Reads one head after another.
#[derive(Clone, Debug, Default)]
pub struct HeadReader {
    phase: Phase,
    /// Where the line that is being read begins.
    line: usize,
    /// No line ends before this octet, from `line` on.
    scanned: usize,
    /// Where the request line begins.
    start: usize,
    /// Where the field section begins.
    section: usize,
    /// Field lines read, good and bad.
    count: usize,
    target: request_line::Progress,
    /// Fields that stand there more than once.
    repeated: Fields,
    /// The first malformed field line.
    offence: Option<Fault>,
}

impl HeadReader {
    /// A reader at the beginning of a request.
    pub fn new() -> HeadReader {
        HeadReader::default()
    }

    /// Reads on. `octets` are all that came since the end of the last request, those of earlier calls included; `head` is
    /// the one of the earlier calls. After `Complete` the reader stands at the beginning of the next request; after a
    /// fault it is done with.
    pub fn read(&mut self, octets: &[u8], limits: &Limits, head: &mut Head) -> HeadStep {
        if self.phase == Phase::Before {
            head.clear();
        }
        match self.advance(octets, limits, head) {
            Ok(None) => HeadStep::Incomplete,
            Ok(Some(length)) => {
                *self = HeadReader::new();
                HeadStep::Complete { length }
            }
            Err(fault) => {
                head.framing = Framing::None;
                head.persistent = false;
                HeadStep::Fault(fault)
            }
        }
    }

    /// Reads a head whose field section is, octet for octet, that of the head before, as it mostly is with one client: what a section
    /// says depends on nothing but its octets, the version and the limits. `last` is the head before, from its first octet to
    /// its last; it was sound, and `head` still describes it. Tells the length of the head; nothing, where it is another one,
    /// is not whole, or more came with it: then `head` describes neither, and [`HeadReader::read`] has to read it.
    #[inline]
    pub fn read_alike(&self, octets: &[u8], limits: &Limits, last: &[u8], head: &mut Head) -> Option<usize> {
        let before = head.lines.first()?.name.start;
        let section = last.get(before as usize..)?;
        let begins = self.phase == Phase::Before && self.line == 0 && head.version == Version::Http11;
        if !begins || !octets.ends_with(section) {
            return None;
        }
        let start = request_line::read_usual(octets, 0, limits, head)?;
        if octets.len() - start != section.len() {
            return None;
        }
        // a head is far shorter than 4 GiB
        let by = (start as u32).wrapping_sub(before);
        if by != 0 {
            head.lines.iter_mut().for_each(|line| line.shift(by));
        }
        Some(octets.len())
    }

    /// Has a request begun? Empty lines before a request line are no part of it (RFC 9112 §2.2).
    pub fn begun(&self, octets: &[u8]) -> bool {
        self.phase != Phase::Before || !matches!(octets.get(self.line..), None | Some([] | [b'\r']))
    }

    /// The fault of a head that did not come to its end within `limit` milliseconds.
    pub fn stalled(&self, octets: &[u8], limit: u64) -> Fault {
        self.cut_short(octets, |received| Fault::Stalled { received, limit })
    }

    /// The fault of a head whose connection was closed before its end.
    pub fn truncated(&self, octets: &[u8]) -> Fault {
        self.cut_short(octets, |received| Fault::Truncated { received })
    }

    fn cut_short(&self, octets: &[u8], fault: impl FnOnce(usize) -> Fault) -> Fault {
        if !self.begun(octets) {
            return Fault::Nothing;
        }
        let start = if self.phase == Phase::Before { self.line } else { self.start };
        self.offence.unwrap_or_else(|| fault(octets.len() - start))
    }

    /// The length of the head, if its end has come.
    #[inline]
    fn advance(&mut self, octets: &[u8], limits: &Limits, head: &mut Head) -> Result<Option<usize>, Fault> {
        if self.phase == Phase::Before && !self.skip_empty_lines(octets)? {
            return Ok(None);
        }
        if self.phase == Phase::RequestLine && !self.request_line(octets, limits, head)? {
            return Ok(None);
        }
        self.fields(octets, limits, head)
    }

    /// Has something else than an empty line begun?
    #[inline]
    fn skip_empty_lines(&mut self, octets: &[u8]) -> Result<bool, Fault> {
        while let Some(&octet) = octets.get(self.line) {
            match (octet, octets.get(self.line + 1)) {
                (b'\r', None) => return Ok(false),
                (b'\r', Some(b'\n')) if self.count < limits::EMPTY_LINES => {
                    self.count += 1;
                    self.line += 2;
                }
                (b'\r', Some(b'\n')) => {
                    return Err(Fault::RequestLine { what: RequestLineError::EmptyLines, at: self.line });
                }
                (b'\n', _) => return Err(Fault::Field { what: FieldError::BareLf, name: None, at: self.line }),
                _ => {
                    self.phase = Phase::RequestLine;
                    self.count = 0;
                    self.start = self.line;
                    self.scanned = self.line;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Has the request line been read?
    #[inline]
    fn request_line(&mut self, octets: &[u8], limits: &Limits, head: &mut Head) -> Result<bool, Fault> {
        if self.scanned == self.start
            && let Some(next) = request_line::read_usual(octets, self.start, limits, head)
        {
            self.begin_section(next);
            return Ok(true);
        }
        self.other_request_line(octets, limits, head)
    }

    fn other_request_line(&mut self, octets: &[u8], limits: &Limits, head: &mut Head) -> Result<bool, Fault> {
        let Some(distance) = memchr(b'\n', &octets[self.scanned..]) else {
            request_line::foresee(octets, self.start, self.scanned, &mut self.target, limits, head)?;
            self.scanned = octets.len();
            return Ok(false);
        };
        let lf = self.scanned + distance;
        let sound_end = octets[lf - 1] == b'\r';
        request_line::read(octets, self.start, if sound_end { lf - 1 } else { lf }, limits, head)?;
        if !sound_end {
            self.offence = Some(Fault::Field { what: FieldError::BareLf, name: None, at: lf });
        }
        self.begin_section(lf + 1);
        Ok(true)
    }

    fn begin_section(&mut self, at: usize) {
        self.phase = Phase::Fields;
        self.section = at;
        self.begin_line(at);
    }

    fn begin_line(&mut self, at: usize) {
        self.line = at;
        self.scanned = at;
    }

    /// Reads the field section: the length of the head, if its end has come.
    #[inline]
    fn fields(&mut self, octets: &[u8], limits: &Limits, head: &mut Head) -> Result<Option<usize>, Fault> {
        loop {
            // A line seen for the first time is usually whole and sound. Of one that was not whole the end comes first.
            if self.scanned == self.line {
                if octets[self.line..].starts_with(b"\r\n") {
                    self.size(octets, self.line + 1, self.line + 2, limits)?;
                    self.begin_line(self.line + 2);
                    break;
                }
                if let Some((line, next)) = field_line::read(octets, self.line) {
                    self.sizes(octets, next - 1, limits)?;
                    self.push(line, next, head);
                    continue;
                }
            }
            match self.other_line(octets, limits, head)? {
                Ending::Open => return Ok(None),
                Ending::Line => {}
                Ending::Section => break,
            }
        }
        self.offence.map_or(Ok(()), Err)?;
        framing::conclude(octets, head, self.repeated)?;
        Ok(Some(self.line))
    }

    /// Reads what is not a whole and sound line that is seen for the first time.
    fn other_line(&mut self, octets: &[u8], limits: &Limits, head: &mut Head) -> Result<Ending, Fault> {
        let Some(distance) = memchr(b'\n', &octets[self.scanned..]) else {
            self.scanned = octets.len();
            self.size(octets, octets.len(), octets.len(), limits)?;
            return Ok(Ending::Open);
        };
        let lf = self.scanned + distance;
        if let [] | [b'\r'] = octets[self.line..lf] {
            self.size(octets, lf, lf + 1, limits)?;
            if lf == self.line {
                self.remember(field_line::diagnose(octets, self.line, lf, false));
            }
            self.begin_line(lf + 1);
            return Ok(Ending::Section);
        }
        self.sizes(octets, lf, limits)?;
        match field_line::read(octets, self.line) {
            Some((line, next)) => self.push(line, next, head),
            None => {
                self.remember(field_line::diagnose(octets, self.line, lf, self.count == 1));
                self.begin_line(lf + 1);
            }
        }
        Ok(Ending::Line)
    }

    #[inline]
    fn push(&mut self, line: Line, next: usize, head: &mut Head) {
        if let Some(field) = line.field
            && head.present.has(field)
        {
            self.repeat(field, line);
        }
        head.push(line);
        self.begin_line(next);
    }

    #[cold]
    fn repeat(&mut self, field: Field, line: Line) {
        self.repeated.insert(field);
        if ONCE.has(field) {
            let at = line.name.start as usize;
            self.remember(Fault::Field { what: FieldError::Repeated, name: Some(line.name), at });
        }
    }

    fn remember(&mut self, offence: Fault) {
        self.offence.get_or_insert(offence);
    }

    /// Counts the line that ends with the LF at `lf`, and holds it against every limit.
    #[inline]
    fn sizes(&mut self, octets: &[u8], lf: usize, limits: &Limits) -> Result<(), Fault> {
        self.size(octets, lf, lf + 1, limits)?;
        self.count += 1;
        if self.count > limits.field_count {
            let name = field_line::name(octets, self.line);
            return Err(too_large(FieldsSize::Count, name, self.count, limits.field_count));
        }
        Ok(())
    }

    /// Holds against their limits the line that fills the octets up to `end`, and the section up to `section_end`.
    #[inline]
    fn size(&self, octets: &[u8], end: usize, section_end: usize, limits: &Limits) -> Result<(), Fault> {
        let line = end - self.line;
        let section = section_end - self.section;
        if line.saturating_sub(1) <= limits.field_line && section <= limits.fields {
            return Ok(());
        }
        self.refuse_size(octets, line, section, limits)
    }

    /// Tells the limit that is exceeded first.
    #[cold]
    fn refuse_size(&self, octets: &[u8], line: usize, section: usize, limits: &Limits) -> Result<(), Fault> {
        let section_left = limits.fields - (self.line - self.section);
        let by_line = line.saturating_sub(1) > limits.field_line && limits.field_line < section_left;
        // The octets after the one that was too much change nothing.
        let seen = self.line + if by_line { limits.field_line + 2 } else { section_left + 1 };
        let name = field_line::name(&octets[..seen.min(octets.len())], self.line);
        Err(if by_line {
            too_large(FieldsSize::Line, name, line - 1, limits.field_line)
        } else {
            too_large(FieldsSize::Section, name, section, limits.fields)
        })
    }
}

fn too_large(what: FieldsSize, name: Option<semantics::request::Span>, size: usize, limit: usize) -> Fault {
    Fault::FieldsTooLarge { what, name, size, limit }
}
