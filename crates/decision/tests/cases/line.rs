//! Reads a file of cases. Its format stands at the head of `pairs.cases`.

use decision::because::Because;
use decision::facts::{Connection, Facts, Reading};
use decision::record::World;
use decision::verdict::End;
use semantics::date::Stamp;
use semantics::field::Field;
use semantics::method::Method;
use semantics::request::{Framing, Head, Line as HeadLine, Request, Span};
use semantics::target::Target;
use semantics::version::Version;

use crate::walk::Walk;
use crate::words::{self, leak};

/// One case.
pub(crate) struct Line {
    /// File and line.
    pub(crate) place: String,
    /// The line.
    pub(crate) text: &'static str,
    /// All that the world knows.
    pub(crate) facts: Facts<'static>,
    /// Is it a member of a multistatus?
    pub(crate) member: bool,
    says: Vec<u16>,
    end: &'static str,
    last: &'static str,
    because: Option<Because>,
}

impl Line {
    /// The facts that are known before anything is asked.
    pub(crate) fn bare(&self) -> Facts<'static> {
        Facts::new(self.facts.connection, self.facts.request, self.facts.reading)
    }

    /// What was wanted instead, if the walk is another.
    pub(crate) fn differs_from(&self, walk: &Walk) -> Option<String> {
        let end = match walk.end {
            End::Close => "close".to_owned(),
            End::Told(_) => "told".to_owned(),
            End::Status(code, _) => code.to_string(),
        };
        let same = (end.as_str(), walk.last, &walk.says) == (self.end, self.last, &self.says)
            && self.because.is_none_or(|because| because == walk.because);
        (!same).then(|| format!("{:?} {} {} {:?}", self.says, self.end, self.last, self.because))
    }
}

/// Reads every case of a file.
pub(crate) fn read_file(name: &str, text: &'static str) -> Vec<Line> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|(n, line)| Line { place: format!("{name}:{}", n + 1), ..read(line) }).collect()
}

/// Reads one case.
///
/// # Panics
///
/// If it is none.
pub(crate) fn read(text: &'static str) -> Line {
    let (left, right) = text.rsplit_once("=>").unwrap_or_else(|| panic!("no => in {text}"));
    let (given, request) = left.split_once(';').unwrap_or_else(|| panic!("no ; in {text}"));
    let mut parts = request.split(" | ").map(str::trim);
    let head = parts.next().unwrap_or_default();
    let plain = head.strip_prefix("member ");
    let mut world = world_of(plain.unwrap_or(head), parts);
    for word in words::split(given.trim().strip_prefix("given").unwrap_or_else(|| panic!("no given in {text}"))) {
        words::put(&mut world, word).unwrap_or_else(|why| panic!("{why} in {text}"));
    }
    let mut wanted = right.split_whitespace();
    let mut says = Vec::new();
    let end = loop {
        match wanted.next() {
            Some("say") => says.push(wanted.next().and_then(|code| code.parse().ok()).expect("a code to say")),
            end => break end.unwrap_or_default(),
        }
    };
    let last = wanted.next().unwrap_or_default();
    let because = wanted.next().map(|word| {
        assert_eq!(word, "because", "{text}");
        wanted.next().and_then(|number| number.parse().ok()).expect("the number of a walk")
    });
    let world: &World<'_> = leak(world);
    Line { place: String::new(), text, facts: world.facts(), member: plain.is_some(), says, end, last, because }
}

/// The world of a request, its head written as the wire would have.
fn world_of(line: &'static str, fields: impl Iterator<Item = &'static str>) -> World<'static> {
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let mut octets = Vec::new();
    let mut span = |part: &[u8]| {
        let start = octets.len() as u32;
        octets.extend_from_slice(part);
        Span { start, end: octets.len() as u32 }
    };
    let (known, mandatory) = Method::extended(method.as_bytes());
    let mut head = Head {
        method_name: span(method.as_bytes()),
        method: known,
        mandatory,
        target: span(target.as_bytes()),
        version: version(words.next().unwrap_or("HTTP/1.1")),
        persistent: true,
        ..Head::default()
    };
    for field in fields {
        let (name, value) = field.split_once(": ").unwrap_or_else(|| panic!("no field: {field}"));
        let value = words::with_dates(value);
        let row = Field::of(name.as_bytes());
        match row {
            Some(Field::TRANSFER_ENCODING) => head.framing = Framing::Unannounced,
            Some(Field::CONTENT_LENGTH) if value != "0" => {
                head.framing = Framing::Length(value.parse().expect("a length"));
            }
            _ => {}
        }
        head.push(HeadLine { name: span(name.as_bytes()), value: span(value.as_bytes()), field: row });
    }
    let request = Request::new(leak(octets), leak(head));
    let form = Target::parse(target.as_bytes(), method == "CONNECT");
    let connection = Connection { now: Stamp::new(words::day(9)), ..Connection::default() };
    let mut world = World::new(connection, request, Reading { target: form, ..Reading::default() });
    world.target.length = 1000;
    world.target.ranges = true;
    world.stored.length = 1000;
    world
}

fn version(name: &str) -> Version {
    let all = [Version::Http10, Version::Http11, Version::Http2, Version::Http3];
    all.into_iter().find(|version| version.name() == name).unwrap_or_else(|| panic!("no version: {name}"))
}
