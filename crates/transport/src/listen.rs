//! Addresses that are listened on: TCP over IPv4 and IPv6, and sockets of the file system.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::limits;
use rustix::fd::OwnedFd;
use rustix::net::{self, AddressFamily, SocketFlags, SocketType, ipproto, sockopt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `127.0.0.1:8080`, `[::1]:8080`, `:8080` (every address of this machine), `localhost:8080`.
    Internet(SocketAddr),
    /// `unix:/run/because.sock`.
    Unix(PathBuf),
}

/// Why a text is no address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// It is empty.
    Empty,
    /// There is no port.
    NoPort,
    /// The port is no number up to 65535.
    Port,
    /// The host is no address of this machine.
    Host,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressError::Empty => "it is empty",
            AddressError::NoPort => "a port is missing; write HOST:PORT, :PORT or unix:PATH",
            AddressError::Port => "the port is not a number between 0 and 65535",
            AddressError::Host => "the host is not an IP address and is not known here; an IPv6 address stands in [ ]",
        })
    }
}

impl std::error::Error for AddressError {}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() { Err(AddressError::Empty) } else { Ok(Address::Unix(path.into())) };
        }
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if let Ok(port) = text.parse::<u16>() {
            return Ok(Address::Internet(SocketAddr::from(([127, 0, 0, 1], port))));
        }
        if let Ok(address) = text.parse() {
            return Ok(Address::Internet(address));
        }
        let (host, port) = text.rsplit_once(':').ok_or(AddressError::NoPort)?;
        if host.starts_with('[') && port.ends_with(']') {
            return Err(AddressError::NoPort);
        }
        let port: u16 = port.parse().map_err(|_| AddressError::Port)?;
        match host {
            "" | "*" => Ok(Address::Internet(SocketAddr::from(([0; 16], port)))),
            _ => (host, port)
                .to_socket_addrs()
                .ok()
                .and_then(|mut all| all.next())
                .map(Address::Internet)
                .ok_or(AddressError::Host),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Internet(address) => address.fmt(f),
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// A bound address, not yet part of an event loop.
#[derive(Debug)]
pub enum Listener {
    /// Over TCP.
    Tcp(std::net::TcpListener),
    /// Of the file system.
    Unix(std::os::unix::net::UnixListener),
}

impl Listener {
    /// Binds `address`. TCP addresses can be bound by several threads; the kernel then shares the connections out among them.
    ///
    /// # Errors
    ///
    /// If the system refuses: the port is taken, the address is not of this machine, or the right is missing.
    pub fn bind(address: &Address) -> io::Result<Listener> {
        match address {
            Address::Internet(address) => bind_tcp(*address, false).map(Listener::Tcp),
            Address::Unix(path) => bind_unix(path).map(Listener::Unix),
        }
    }

    /// A second listener on the same address, for another thread.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn again(&self) -> io::Result<Listener> {
        match self {
            Listener::Tcp(listener) => bind_tcp(listener.local_addr()?, true).map(Listener::Tcp),
            Listener::Unix(listener) => listener.try_clone().map(Listener::Unix),
        }
    }

    /// The address that it is bound to; a port 0 has become a real one.
    ///
    /// # Errors
    ///
    /// If the system does not tell.
    pub fn address(&self) -> io::Result<Address> {
        match self {
            Listener::Tcp(listener) => listener.local_addr().map(Address::Internet),
            Listener::Unix(listener) => {
                Ok(Address::Unix(listener.local_addr()?.as_pathname().map(Path::to_path_buf).unwrap_or_default()))
            }
        }
    }

    /// Joins the event loop of this thread.
    pub(crate) fn activate(self) -> io::Result<Active> {
        match self {
            Listener::Tcp(listener) => TcpListener::from_std(listener).map(Active::Tcp),
            Listener::Unix(listener) => UnixListener::from_std(listener).map(Active::Unix),
        }
    }
}

fn bind_tcp(address: SocketAddr, shared: bool) -> io::Result<std::net::TcpListener> {
    if !shared {
        // `SO_REUSEPORT` would let a second server of the same user take a share of the connections without a word, so the
        // port must first be free for one who does not share it
        drop(tcp_socket(address, false)?);
    }
    let socket = tcp_socket(address, true)?;
    net::listen(&socket, limits::BACKLOG)?;
    Ok(socket.into())
}

fn tcp_socket(address: SocketAddr, shares: bool) -> io::Result<OwnedFd> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = net::socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_reuseport(&socket, shares)?;
    if let SocketAddr::V6(v6) = address {
        sockopt::set_ipv6_v6only(&socket, !v6.ip().is_unspecified())?;
    }
    // connections inherit it: a response is written in one piece and waits for no acknowledgement
    sockopt::set_tcp_nodelay(&socket, true)?;
    // a port on which somebody listens is refused here already, unless both share it
    net::bind(&socket, &address)?;
    Ok(socket)
}

/// A socket file left behind by a server that is gone is taken over; one that answers is not.
fn bind_unix(path: &Path) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::unix::net::{UnixListener, UnixStream};
    let listener = match UnixListener::bind(path) {
        Err(e) if e.kind() == io::ErrorKind::AddrInUse => {
            let is_socket = std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket());
            let is_dead = UnixStream::connect(path).is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
            if !is_socket || !is_dead {
                return Err(e);
            }
            std::fs::remove_file(path)?;
            UnixListener::bind(path)?
        }
        bound => bound?,
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A listener in the event loop of a thread.
pub(crate) enum Active {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection that has just come.
pub(crate) enum Accepted {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

impl Active {
    pub(crate) async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Active::Tcp(listener) => listener.accept().await.map(|(socket, peer)| Accepted::Tcp(socket, peer)),
            Active::Unix(listener) => listener.accept().await.map(|(socket, _)| Accepted::Unix(socket)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let read = |text: &str| text.parse::<Address>().map(|a| a.to_string());
        assert_eq!(read("127.0.0.1:80"), Ok("127.0.0.1:80".into()));
        assert_eq!(read("8080"), Ok("127.0.0.1:8080".into()));
        assert_eq!(read(":8080"), Ok("[::]:8080".into()));
        assert_eq!(read("*:8080"), Ok("[::]:8080".into()));
        assert_eq!(read("[::1]:8080"), Ok("[::1]:8080".into()));
        assert_eq!(read("unix:/run/x"), Ok("unix:/run/x".into()));
        assert_eq!(read(""), Err(AddressError::Empty));
        assert_eq!(read("unix:"), Err(AddressError::Empty));
        assert_eq!(read("host"), Err(AddressError::NoPort));
        assert_eq!(read("[::1]"), Err(AddressError::NoPort));
        assert_eq!(read("127.0.0.1:x"), Err(AddressError::Port));
        assert_eq!(read("127.0.0.1:65536"), Err(AddressError::Port));
        assert_eq!(read("256.0.0.1:80"), Err(AddressError::Host));
    }

    #[test]
    fn a_port_in_use_is_refused_and_threads_share_one() {
        let first = Listener::bind(&"127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let address = first.address().expect("is bound");
        assert!(first.again().is_ok());
        let error = Listener::bind(&address).expect_err("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_socket_left_behind_is_taken_over_and_a_file_is_not() {
        let folder = std::env::temp_dir().join(format!("because-listen-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("s");
        let address = Address::Unix(path.clone());
        let first = Listener::bind(&address).expect("binds");
        assert!(Listener::bind(&address).is_err());
        drop(first);
        drop(Listener::bind(&address).expect("is taken over"));
        std::fs::remove_file(&path).expect("is there");
        std::fs::write(&path, "precious").expect("writes");
        assert!(Listener::bind(&address).is_err());
        assert_eq!(std::fs::read(&path).expect("is there"), b"precious");
        std::fs::remove_dir_all(&folder).expect("goes");
    }
}
