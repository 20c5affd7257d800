//! The program as a process: started, listened to, killed when dropped.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use observe::logs::Line;
use rustix::process::{Pid, Signal, kill_process};
use semantics::text::shown::word;

use crate::client::{Client, Response, message};
use crate::folder::Folder;

/// How long anything may take that should happen soon.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// The program.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_because"))
}

/// Runs the program to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(program()).args(args).stdin(Stdio::null()).output().expect("the program runs")
}

/// Asks again until there is an answer, for as long as anything may take.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < SOON, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lines of a stream, as they come.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<(Mutex<Read>, Condvar)>);

/// What came, and whether the stream has ended.
type Read = (Vec<String>, bool);

impl Lines {
    fn of(stream: impl io::Read + Send + 'static) -> Lines {
        let lines = Lines::default();
        let own = lines.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8(line.clone()).expect("the program writes UTF-8");
                line.clear();
                own.0.0.lock().expect("nobody panicked").0.push(text.trim_end_matches('\n').to_owned());
                own.0.1.notify_all();
            }
            own.0.0.lock().expect("nobody panicked").1 = true;
            own.0.1.notify_all();
        });
        lines
    }

    /// All so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.0.lock().expect("nobody panicked").0.clone()
    }

    /// All, once the stream has ended.
    pub(crate) fn to_the_end(&self) -> Vec<String> {
        let guard = self.0.0.lock().expect("nobody panicked");
        let ended = self.0.1.wait_timeout_while(guard, SOON, |(_, ended)| !*ended).expect("nobody panicked");
        assert!(ended.0.1, "the stream did not end");
        ended.0.0.clone()
    }

    /// The first line that holds this; waits for it.
    pub(crate) fn wait_for(&self, part: &str) -> String {
        let guard = self.0.0.lock().expect("nobody panicked");
        let found = |lines: &Vec<String>| lines.iter().find(|line| line.contains(part)).cloned();
        let (guard, _) = self
            .0
            .1
            .wait_timeout_while(guard, SOON, |(lines, ended)| found(lines).is_none() && !*ended)
            .expect("nobody panicked");
        found(&guard.0).unwrap_or_else(|| panic!("no line holds {part:?}: {:#?}", guard.0))
    }
}

/// A line of the log for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLine {
    pub(crate) client: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) status: u16,
    pub(crate) cause: String,
    pub(crate) because: String,
    pub(crate) octets: u64,
    /// The line of the configuration that decided.
    pub(crate) rule: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) broken: bool,
}

impl LogLine {
    /// Reads a line as `because log` does, to the letter.
    pub(crate) fn read(line: &str) -> LogLine {
        let Line::Answer(answer) = Line::read(line.as_bytes()) else { panic!("no line of the log: {line:?}") };
        // a text that was sent, as the line shows it
        let shown = |octets: &[u8]| {
            let mut text = String::new();
            word(octets, &mut text);
            if text.is_empty() { "-".to_owned() } else { text }
        };
        LogLine {
            client: answer.client.map_or_else(|| "local".to_owned(), |client| client.to_string()),
            method: shown(&answer.method),
            target: shown(&answer.target),
            status: answer.status,
            cause: answer.cause.into_owned(),
            because: answer.because.into_owned(),
            octets: answer.octets,
            rule: answer.rule,
            user: answer.user,
            id: answer.id.map(Cow::into_owned),
            broken: answer.broken,
        }
    }
}

/// An address that the server announces, in either form.
fn announced(line: &str) -> Option<SocketAddr> {
    let object: Option<serde_json::Value> = serde_json::from_str(line).ok();
    let url = match &object {
        Some(object) if object["message"] == object["address"] => object["address"].as_str()?,
        Some(_) => return None,
        None => line.strip_prefix("  ")?,
    };
    url.strip_prefix("http://")?.strip_suffix('/')?.parse().ok()
}

/// A running server. It is killed when dropped, and must not have panicked until then.
pub(crate) struct Server {
    child: Child,
    addresses: Vec<SocketAddr>,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
}

/// How a server is started.
pub(crate) struct Start {
    command: Command,
    listen: Vec<String>,
    threads: u16,
    wants_address: bool,
    host: &'static str,
}

impl Start {
    /// The folder, one thread, a port that the system chooses.
    pub(crate) fn of(folder: impl Into<PathBuf>) -> Start {
        let mut command = Command::new(program());
        command.arg("serve").arg(folder.into());
        Start { command, listen: vec!["127.0.0.1:0".into()], threads: 1, wants_address: true, host: "*" }
    }

    /// With these arguments besides.
    pub(crate) fn args(mut self, args: &[&str]) -> Start {
        self.command.args(args);
        self
    }

    /// With these variables in its environment.
    #[cfg(feature = "otlp")]
    pub(crate) fn variables(mut self, variables: &[(&str, &str)]) -> Start {
        self.command.envs(variables.iter().copied());
        self
    }

    /// Listening there instead.
    pub(crate) fn listen(mut self, addresses: &[&str]) -> Start {
        self.listen = addresses.iter().map(ToString::to_string).collect();
        self.wants_address = addresses.iter().any(|a| !a.starts_with("unix:"));
        self
    }

    /// Serving these authorities; else all, so that tests may call it as they like.
    pub(crate) fn host(self, host: &'static str) -> Start {
        Start { host, ..self }
    }

    /// With so many threads.
    pub(crate) fn threads(self, threads: u16) -> Start {
        Start { threads, ..self }
    }

    /// With at most so many descriptors.
    pub(crate) fn descriptors(mut self, most: usize) -> Start {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")])
            .arg(program())
            .args(self.command.get_args());
        self.command = shell;
        self
    }

    /// As a user who may not read everything. Root may, so it becomes nobody; others stay who they are. The program is copied
    /// beside the folder, where nobody can reach it.
    pub(crate) fn without_rights(mut self, folder: &Folder) -> Start {
        if rustix::process::getuid().is_root() {
            let copy = folder.beside("because");
            std::fs::copy(program(), &copy).expect("the program can be copied");
            let mut command = Command::new(copy);
            command.args(self.command.get_args()).uid(65_534).gid(65_534);
            self.command = command;
        }
        self
    }

    fn spawn(&mut self) -> Child {
        for address in &self.listen {
            self.command.args(["--listen", address]);
        }
        if !self.host.is_empty() {
            self.command.args(["--host", self.host]);
        }
        self.command.args(["--threads", &self.threads.to_string()]);
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.spawn().expect("the program starts")
    }

    /// Starts it, and waits until it listens.
    pub(crate) fn start(mut self) -> Server {
        let mut child = self.spawn();
        let out = Lines::of(child.stdout.take().expect("is piped"));
        let err = Lines::of(child.stderr.take().expect("is piped"));
        err.wait_for("folders are "); // comes after the addresses
        let addresses: Vec<SocketAddr> = err.all().iter().filter_map(|line| announced(line)).collect();
        assert!(!self.wants_address || !addresses.is_empty(), "no address is announced: {:#?}", err.all());
        Server { child, addresses, out, err }
    }
}

/// A running server whose log nobody reads yet.
pub(crate) struct Unread {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Start {
    /// Starts it, and reads nothing of its log.
    pub(crate) fn start_unread(mut self) -> Unread {
        let mut child = self.spawn();
        let err = Lines::of(child.stderr.take().expect("is piped"));
        let line = err.wait_for("http://");
        Unread { child, address: announced(&line).expect("an address") }
    }
}

impl Unread {
    /// Begins to read the log.
    pub(crate) fn read(&mut self) -> Lines {
        Lines::of(self.child.stdout.take().expect("is read once"))
    }

    /// Nobody will ever read the log.
    pub(crate) fn close(&mut self) {
        drop(self.child.stdout.take());
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Serves a folder.
    pub(crate) fn of(folder: &Folder) -> Server {
        Start::of(folder.root()).start()
    }

    /// Serves a folder, with these arguments.
    pub(crate) fn with(folder: &Folder, args: &[&str]) -> Server {
        Start::of(folder.root()).args(args).start()
    }

    /// Serves a folder that clients may write to, with these arguments. What they write is not forced to the disk: nobody pulls
    /// the plug here.
    pub(crate) fn writable(folder: &Folder, args: &[&str]) -> Server {
        Start::of(folder.root()).args(&["--write", "--no-fsync"]).args(args).start()
    }

    /// Serves the sample site.
    pub(crate) fn site() -> Server {
        Start::of(crate::folder::site()).start()
    }

    /// The addresses that it announced.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Client {
        Client::to(self.addresses[0])
    }

    /// Sends these octets on a new connection and reads one final answer. If it says that the connection ends, it must.
    pub(crate) fn exchange(&self, octets: impl AsRef<[u8]>) -> Response {
        let mut client = self.connect();
        let response = client.exchange(octets);
        if response.closes() {
            client.ends();
        }
        response
    }

    /// GET, with these field lines, each with its CRLF.
    pub(crate) fn get_with(&self, target: &str, fields: &str) -> Response {
        self.ask("GET", target, fields)
    }

    /// GET, and nothing else.
    pub(crate) fn get(&self, target: &str) -> Response {
        self.ask("GET", target, "")
    }

    /// A request without content.
    pub(crate) fn ask(&self, method: &str, target: &str, fields: &str) -> Response {
        self.exchange(format!("{method} {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
    }

    /// A request with content, whose length it tells.
    pub(crate) fn bring(&self, method: &str, target: &str, fields: &str, content: impl AsRef<[u8]>) -> Response {
        self.exchange(message(method, target, fields, content))
    }

    /// PUT of this content.
    pub(crate) fn put(&self, target: &str, content: impl AsRef<[u8]>) -> Response {
        self.bring("PUT", target, "", content)
    }

    /// Sends these octets and that there are no more, then reads every answer until the connection ends.
    pub(crate) fn converse(&self, octets: impl AsRef<[u8]>) -> Vec<Response> {
        let mut client = self.connect();
        client.try_send(octets);
        client.finish();
        client.responses_to_the_end()
    }

    /// The line of the log that holds this.
    pub(crate) fn log(&self, part: &str) -> LogLine {
        LogLine::read(&self.out.wait_for(part))
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill_process(Pid::from_raw(id).expect("is not 0"), signal).expect("it runs");
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(&mut self) -> ExitStatus {
        until("the program ends", || self.child.try_wait().expect("it can be waited for"))
    }

    /// Has it ended?
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it can be waited for").is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let said = self.err.to_the_end();
            assert!(!said.iter().any(|line| line.contains("panicked")), "the server panicked: {said:#?}");
        }
    }
}
