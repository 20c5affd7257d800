//! One exchange: a request that has arrived, its content, interim replies, and the response.
//!
//! What is said is the server's to choose; how it is framed, what becomes of a connection, and how long is waited is the
//! driver's.

use std::io;
use std::net::SocketAddr;

use semantics::connection::Ends;
use semantics::fault::Fault;
use semantics::field::Sink;
use semantics::status::Status;
use semantics::target_uri::Scheme;

use crate::body::Body;
use crate::content::Content;
use crate::received::Received;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// An address and a port.
    Internet(SocketAddr),
    /// A process of this machine, through a socket of the file system.
    Local,
}

/// Why something could not be sent.
#[derive(Debug)]
pub enum Broken {
    /// The client took nothing for too long.
    Late,
    /// The other end is gone, or the system refused.
    Io(io::Error),
    /// A file became shorter while it was sent.
    Shrunk,
    /// A stream could not be brought to its end.
    Unfinished,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Io(error)
    }
}

/// The connection as an exchange finds it.
#[derive(Clone, Copy, Debug)]
pub struct Carrier {
    /// Who is at the other end.
    pub peer: Peer,
    /// On which of the server's addresses it came in, by their order.
    pub listener: u16,
    /// The scheme that the connection is secure enough for.
    pub scheme: Scheme,
    /// There was no room for one more when it was accepted.
    pub overloaded: bool,
}

/// The head of a response, without its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// The length of the content is among the fields, or there is no content.
    pub length_stated: bool,
    /// What ends with it.
    pub ends: Ends,
}

/// The fields of a response.
pub trait Fields {
    /// Writes them.
    fn write(self, sink: &mut impl Sink);
}

/// One request and its response.
#[allow(async_fn_in_trait)] // a connection lives on one thread, and so do those who serve it
pub trait Exchange: Content {
    /// The connection.
    fn carrier(&self) -> Carrier;

    /// Has the content begun to arrive, or is all of it here?
    fn content_here(&self) -> bool;

    /// Notes that the client sends its content: it was told to go on, or need not wait to be told.
    fn awaits_content(&mut self);

    /// Reads content that nobody needs, and throws it away, before the request is decided. Content that stops arriving is a fault
    /// of the request; content that is cut off is left to the end of the connection.
    async fn discard_ahead(&mut self) -> Option<Fault>;

    /// Writes an interim reply, if the version of the request has them. It leaves with what is sent next.
    fn interim(&mut self, status: Status, fields: impl FnOnce(&mut dyn Sink));

    /// Sends what was written.
    ///
    /// # Errors
    ///
    /// If the client takes nothing for too long, or the connection breaks.
    async fn flush(&mut self) -> Result<(), Broken>;

    /// Writes the head of the response, and `text`, the beginning of its content or all of it.
    fn respond(&mut self, answer: Answer, fields: impl Fields, text: &[u8]);

    /// Sends the rest of the content, all of it.
    ///
    /// # Errors
    ///
    /// If the client takes nothing for too long, the connection breaks, a file has shrunk since its length was told, or a stream
    /// fails.
    async fn send(&mut self, body: Body) -> Result<(), Broken>;
}

/// Who answers what arrives.
#[allow(async_fn_in_trait)] // as above
pub trait Handler: 'static {
    /// What is remembered of a connection from one request to the next.
    type Memory: Default;

    /// Answers one request. Where nothing was written when it returns, the connection is closed without a word.
    async fn handle<E: Exchange>(&self, exchange: &mut E, received: &Received, memory: &mut Self::Memory);
}
