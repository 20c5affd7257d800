//! A client that sends octets as they are told, and reads answers to the letter.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::rules;
use crate::server::SOON;

/// A head larger than this is none that we know.
const HEAD: usize = 65_536;

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// One connection.
pub(crate) struct Client {
    socket: Socket,
    /// What came and was not yet understood.
    buffer: Vec<u8>,
    /// The methods and versions of requests that were not yet answered.
    asked: VecDeque<(String, bool)>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Octets,
    Nothing,
    End,
    Reset,
}

/// A request with content, whose length it tells, and these field lines, each with its CRLF.
pub(crate) fn message(method: &str, target: &str, fields: &str, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let length = content.len();
    let head = format!("{method} {target} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n{fields}\r\n");
    [head.as_bytes(), content].concat()
}

/// Content in chunks of at most so many octets (RFC 9112 §7.1).
pub(crate) fn chunked(content: impl AsRef<[u8]>, most: usize) -> Vec<u8> {
    let mut octets = Vec::new();
    for chunk in content.as_ref().chunks(most) {
        octets.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        octets.extend_from_slice(chunk);
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(b"0\r\n\r\n");
    octets
}

impl Client {
    /// Connects over TCP.
    pub(crate) fn to(address: SocketAddr) -> Client {
        let socket = TcpStream::connect(address).expect("the server accepts");
        socket.set_nodelay(true).expect("the system allows it");
        Client { socket: Socket::Tcp(socket), buffer: Vec::new(), asked: VecDeque::new() }
    }

    /// Connects to a socket of the file system.
    pub(crate) fn to_path(path: &Path) -> Client {
        let socket = UnixStream::connect(path).expect("the server accepts");
        Client { socket: Socket::Unix(socket), buffer: Vec::new(), asked: VecDeque::new() }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.socket {
            Socket::Tcp(socket) => socket,
            Socket::Unix(socket) => socket,
        }
    }

    fn read(&mut self, patience: Duration) -> Came {
        let mut room = vec![0; 65_536];
        let read = match &mut self.socket {
            Socket::Tcp(socket) => socket.set_read_timeout(Some(patience)).and_then(|()| socket.read(&mut room)),
            Socket::Unix(socket) => socket.set_read_timeout(Some(patience)).and_then(|()| socket.read(&mut room)),
        };
        match read {
            Ok(0) => Came::End,
            Ok(length) => {
                self.buffer.extend_from_slice(&room[..length]);
                Came::Octets
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Came::Nothing,
            Err(e) if e.kind() == ErrorKind::Interrupted => self.read(patience), // the machine itself was paused
            Err(e) if e.kind() == ErrorKind::ConnectionReset => Came::Reset,
            Err(e) => panic!("reading fails: {e}"),
        }
    }

    /// Notes the requests in these octets: what is there to be answered, and how.
    fn note(&mut self, octets: &[u8]) {
        let line = octets.split(|b| *b == b'\r' || *b == b'\n').find(|line| !line.is_empty()).unwrap_or_default();
        let words: Vec<_> = line.split(|b| *b == b' ').collect();
        let method = String::from_utf8_lossy(words[0]).into_owned();
        self.asked.push_back((method, words.last() == Some(&b"HTTP/1.0".as_slice())));
    }

    /// Sends the octets of one request, or its beginning.
    pub(crate) fn send(&mut self, octets: impl AsRef<[u8]>) -> &mut Client {
        self.note(octets.as_ref());
        self.writer().write_all(octets.as_ref()).expect("the server takes it");
        self
    }

    /// Sends octets that go on where the last ones stopped.
    pub(crate) fn send_more(&mut self, octets: impl AsRef<[u8]>) -> &mut Client {
        self.writer().write_all(octets.as_ref()).expect("the server takes it");
        self
    }

    /// Sends octets that the server may refuse to take.
    pub(crate) fn try_send(&mut self, octets: impl AsRef<[u8]>) -> bool {
        self.note(octets.as_ref());
        self.writer().write_all(octets.as_ref()).is_ok()
    }

    /// Sends octets that go on where the last ones stopped, and that the server may refuse to take.
    pub(crate) fn try_send_more(&mut self, octets: impl AsRef<[u8]>) -> bool {
        self.writer().write_all(octets.as_ref()).is_ok()
    }

    /// Sends several requests in one write.
    pub(crate) fn pipeline(&mut self, requests: &[&str]) -> &mut Client {
        for request in requests {
            self.note(request.as_bytes());
        }
        self.send_more(requests.concat())
    }

    /// What was sent last is no request.
    pub(crate) fn note_nothing(&mut self) {
        self.asked.pop_front();
    }

    /// Sends a request octet by octet, each in its own segment.
    pub(crate) fn send_slowly(&mut self, octets: impl AsRef<[u8]>) -> &mut Client {
        self.note(octets.as_ref());
        for octet in octets.as_ref() {
            self.send_more([*octet]);
        }
        self
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish(&mut self) {
        // the server may be gone already
        let _ = match &self.socket {
            Socket::Tcp(socket) => socket.shutdown(Shutdown::Write),
            Socket::Unix(socket) => socket.shutdown(Shutdown::Write),
        };
    }

    /// Reads until this many octets are there.
    fn fill(&mut self, length: usize) {
        while self.buffer.len() < length {
            let came = self.read(SOON);
            assert_eq!(came, Came::Octets, "{length} octets were promised; {}", self.shown());
        }
    }

    fn shown(&self) -> String {
        format!(
            "these {} came: {:?}",
            self.buffer.len(),
            self.buffer[..self.buffer.len().min(2_000)].escape_ascii().to_string()
        )
    }

    /// Reads the head of an answer.
    fn head(&mut self) -> Response {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return Response::read(&head);
            }
            assert!(self.buffer.len() < HEAD, "the head of an answer has no end: {}", self.shown());
            let came = self.read(SOON);
            assert_eq!(came, Came::Octets, "an answer was to come; {}", self.shown());
        }
    }

    /// Reads the head of the next final answer, and leaves its content where it is.
    pub(crate) fn final_head(&mut self) -> Response {
        let (_, old) = self.asked.front().cloned().unwrap_or_default();
        let mut interim = Vec::new();
        loop {
            let response = self.head();
            if response.status >= 200 {
                return Response { interim, ..response };
            }
            assert!(!old, "HTTP/1.0 gets no interim answer: {}", response.status);
            rules::of_interim(&response);
            interim.push(response.status);
        }
    }

    /// Reads the head of an interim answer, which is the next that comes.
    pub(crate) fn interim(&mut self) -> Response {
        let response = self.head();
        assert!(response.status < 200, "an interim answer was to come: {response:#?}");
        rules::of_interim(&response);
        response
    }

    /// Waits until the head of an answer is there, and leaves it where it is.
    pub(crate) fn pending_head(&mut self) {
        while !self.buffer.windows(4).any(|four| four == b"\r\n\r\n") {
            assert_eq!(self.read(SOON), Came::Octets, "an answer was to come; {}", self.shown());
        }
    }

    /// Has the head of an answer come already?
    pub(crate) fn has_answer(&mut self) -> bool {
        self.read(Duration::from_millis(1));
        self.buffer.windows(4).any(|four| four == b"\r\n\r\n")
    }

    /// Reads the next final answer, with the interim ones before it.
    pub(crate) fn response(&mut self) -> Response {
        let mut response = self.final_head();
        let (method, old) = self.asked.pop_front().unwrap_or_default();
        match rules::content(&response, &method, old) {
            rules::Content::None => {}
            rules::Content::Length(length) => {
                self.fill(length);
                response.content = self.buffer.drain(..length).collect();
            }
            rules::Content::ToTheEnd => {
                while self.read(SOON) == Came::Octets {}
                response.content = std::mem::take(&mut self.buffer);
            }
        }
        rules::of_final(&response, &method, old);
        response
    }

    /// Reads the next final answer, if the server does not rather end the connection without one.
    pub(crate) fn may_be_answered(&mut self) -> Option<Response> {
        let came = self.buffer.is_empty().then(|| self.read(SOON));
        matches!(came, None | Some(Came::Octets)).then(|| self.response())
    }

    /// Sends a request and reads its answer.
    pub(crate) fn exchange(&mut self, octets: impl AsRef<[u8]>) -> Response {
        self.send(octets);
        self.response()
    }

    /// GET on this connection.
    pub(crate) fn get(&mut self, target: &str) -> Response {
        self.exchange(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"))
    }

    /// A request without content on this connection.
    pub(crate) fn ask(&mut self, method: &str, target: &str, fields: &str) -> Response {
        self.exchange(format!("{method} {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
    }

    /// A request with content on this connection.
    pub(crate) fn bring(&mut self, method: &str, target: &str, fields: &str, content: impl AsRef<[u8]>) -> Response {
        self.exchange(message(method, target, fields, content))
    }

    /// PUT of this content on this connection.
    pub(crate) fn put(&mut self, target: &str, content: impl AsRef<[u8]>) -> Response {
        self.bring("PUT", target, "", content)
    }

    /// Takes up to so many octets of content, as they come; 0 at the end.
    pub(crate) fn take(&mut self, most: usize) -> Vec<u8> {
        if self.buffer.is_empty() {
            self.read(SOON);
        }
        let length = most.min(self.buffer.len());
        self.buffer.drain(..length).collect()
    }

    /// The connection must end, with nothing more on it.
    pub(crate) fn ends(&mut self) {
        let came = self.read(SOON);
        assert!(matches!(came, Came::End | Came::Reset), "the connection was to end: {came:?}; {}", self.shown());
        assert!(self.buffer.is_empty(), "nothing was to come: {}", self.shown());
    }

    /// The connection must be closed in good order, with nothing more on it.
    pub(crate) fn is_closed(&mut self) {
        assert_eq!(self.read(SOON), Came::End, "the connection was to be closed: {}", self.shown());
        assert!(self.buffer.is_empty(), "nothing was to come: {}", self.shown());
    }

    /// Nothing may come for a moment.
    pub(crate) fn is_silent(&mut self) {
        let came = if self.buffer.is_empty() { self.read(Duration::from_millis(60)) } else { Came::Octets };
        assert_eq!(came, Came::Nothing, "nothing was to come: {}", self.shown());
    }

    /// Every answer until the connection ends. To what was sent after a first HEAD no answer can be read like this.
    pub(crate) fn responses_to_the_end(&mut self) -> Vec<Response> {
        let mut responses = Vec::new();
        loop {
            if self.buffer.is_empty() && self.read(SOON) != Came::Octets {
                return responses;
            }
            if !responses.is_empty() && self.asked.is_empty() {
                self.asked.push_back(("GET".to_owned(), false));
            }
            responses.push(self.response());
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
    /// The interim answers before it.
    pub(crate) interim: Vec<u16>,
}

impl Response {
    /// Reads a head: SEM-001, RFC 9112 §4, §5.
    fn read(head: &[u8]) -> Response {
        let text =
            std::str::from_utf8(head).unwrap_or_else(|_| panic!("a head of ours is ASCII: {}", head.escape_ascii()));
        assert!(text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\r' | b'\n')), "no other octets in a head: {text:?}");
        let mut lines = text.strip_suffix("\r\n\r\n").expect("a head ends with an empty line").split("\r\n");
        let line = lines.next().expect("there is a first line");
        let rest = line.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("a status line: {line:?}"));
        let (code, reason) = rest.split_once(' ').unwrap_or_else(|| panic!("a space follows the code: {line:?}"));
        assert!(code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()), "{line:?}");
        let status = code.parse().expect("a number");
        assert!((100..600).contains(&status), "{line:?}");
        let fields = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("a field line: {line:?}"));
                let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
                assert!(!name.is_empty() && name.bytes().all(token), "a field name: {line:?}");
                let value = value.trim_matches([' ', '\t']);
                assert!(!value.contains(['\r', '\n']), "no bare CR or LF: {line:?}");
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Response { status, reason: reason.to_owned(), fields, content: Vec::new(), interim: Vec::new() }
    }

    /// Every value of a field.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of a field, if it is there.
    pub(crate) fn maybe(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of a field that must be there.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_else(|| panic!("{name} is missing: {} {:#?}", self.status, self.fields))
    }

    /// Is the field there?
    pub(crate) fn has(&self, name: &str) -> bool {
        self.maybe(name).is_some()
    }

    /// Does it say that the connection ends?
    pub(crate) fn closes(&self) -> bool {
        self.values("Connection").flat_map(|v| v.split(',')).any(|option| option.trim().eq_ignore_ascii_case("close"))
    }

    /// The content as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).expect("the content is text")
    }

    /// The content without what tells one request from another: the number by which its line of the log is found, which is as
    /// long in each, and as random.
    pub(crate) fn content_of_any(&self) -> String {
        let text = String::from_utf8_lossy(&self.content).into_owned();
        for before in ["request <code>", "\"request\":\"", "request "] {
            let Some(at) = text.rfind(before).map(|at| at + before.len()) else { continue };
            let number = text[at..].bytes().take_while(u8::is_ascii_hexdigit).count();
            if number == 16 || number == 32 {
                return text[..at].to_owned() + &"#".repeat(number) + &text[at + number..];
            }
        }
        text
    }

    /// The content as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.content).unwrap_or_else(|e| panic!("valid JSON ({e}): {}", self.text()))
    }

    /// The fields that must not differ between two answers to one request.
    pub(crate) fn lasting_fields(&self) -> Vec<(String, String)> {
        let mut fields = self.fields.clone();
        fields.retain(|(name, _)| !name.eq_ignore_ascii_case("Date"));
        fields
    }

    /// Has this status, or tells all that came.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Response {
        assert_eq!(self.status, status, "{:#?}\n{}", self.fields, String::from_utf8_lossy(&self.content));
        self
    }

    /// Is refused with this status for this cause, or tells all that came.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, cause: &str) -> &Response {
        self.is(status);
        let told = match self.field("Content-Type") {
            "application/problem+json" => self.json()["cause"] == cause,
            "application/xml; charset=utf-8" => self.text().contains(&format!("<B:cause>{cause}</B:cause>")),
            _ => self.text().contains(&format!("\nCause: {cause}, ")),
        };
        assert!(told, "the cause was to be {cause}:\n{}", self.text());
        self
    }

    /// The content holds this.
    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Response {
        assert!(self.text().contains(part), "it was to say {part:?}:\n{}", self.text());
        self
    }
}
