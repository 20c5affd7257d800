//! A connection's two directions: read into a buffer, write octets and files. Every wait has a deadline.

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::limits;
use exchange::exchange::{Broken, Peer};
use rustix::fs::sendfile;
use rustix::io::{Errno, ReadWriteFlags, preadv2};
use rustix::net::sockopt::set_tcp_cork;
use rustix::net::{SendFlags, Shutdown, send, shutdown};
use tokio::io::{AsyncRead, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::deadline::Deadline;
use crate::pool::Input;

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A connection of either kind.
pub struct Stream {
    socket: Socket,
    peer: Peer,
    deadline: Rc<Deadline>,
}

impl Stream {
    /// A connection over TCP.
    pub fn tcp(socket: TcpStream, peer: SocketAddr, deadline: Rc<Deadline>) -> Stream {
        Stream { socket: Socket::Tcp(socket), peer: Peer::Internet(peer), deadline }
    }

    /// A connection of this machine.
    pub fn unix(socket: UnixStream, deadline: Rc<Deadline>) -> Stream {
        Stream { socket: Socket::Unix(socket), peer: Peer::Local, deadline }
    }

    /// Who is at the other end.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Its deadline.
    pub fn deadline(&self) -> &Deadline {
        &self.deadline
    }

    fn poll_ready(&self, context: &mut Context<'_>, interest: Interest) -> Poll<io::Result<()>> {
        match (&self.socket, interest.is_readable()) {
            (Socket::Tcp(socket), true) => socket.poll_read_ready(context),
            (Socket::Tcp(socket), false) => socket.poll_write_ready(context),
            (Socket::Unix(socket), true) => socket.poll_read_ready(context),
            (Socket::Unix(socket), false) => socket.poll_write_ready(context),
        }
    }

    async fn ready(&self, interest: Interest) -> Result<(), Broken> {
        poll_fn(|context| match self.poll_ready(context, interest) {
            Poll::Ready(done) => Poll::Ready(done.map_err(Broken::Io)),
            Poll::Pending if self.deadline.passed(context) => Poll::Ready(Err(Broken::Late)),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    fn attempt<R>(&self, f: impl FnOnce(BorrowedFd<'_>) -> Result<R, Errno>) -> io::Result<R> {
        match &self.socket {
            Socket::Tcp(socket) => socket.try_io(Interest::WRITABLE, || Ok(f(socket.as_fd())?)),
            Socket::Unix(socket) => socket.try_io(Interest::WRITABLE, || Ok(f(socket.as_fd())?)),
        }
    }

    /// Reads what there is, as far as `input` has room; 0 is the end of the stream.
    ///
    /// # Errors
    ///
    /// If the deadline passes first, or the connection breaks.
    pub async fn read(&mut self, input: &mut Input) -> Result<usize, Broken> {
        poll_fn(|context| self.poll_read(context, input)).await
    }

    /// Reads what there is, as far as `input` has room. A read that leaves room has emptied the socket; tokio remembers that
    /// and asks the system no second time.
    #[inline]
    pub fn poll_read(&mut self, context: &mut Context<'_>, input: &mut Input) -> Poll<Result<usize, Broken>> {
        let mut room = ReadBuf::new(input.room());
        let done = match &mut self.socket {
            Socket::Tcp(socket) => Pin::new(socket).poll_read(context, &mut room),
            Socket::Unix(socket) => Pin::new(socket).poll_read(context, &mut room),
        };
        match done {
            Poll::Ready(Ok(())) => {
                let read = room.filled().len();
                input.received(read);
                Poll::Ready(Ok(read))
            }
            Poll::Ready(Err(e)) => Poll::Ready(Err(Broken::Io(e))),
            Poll::Pending if self.deadline.passed(context) => Poll::Ready(Err(Broken::Late)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Reads what there is behind the end of `into`, at most so many octets; 0 is the end of the stream.
    ///
    /// # Errors
    ///
    /// If the deadline passes first, or the connection breaks.
    pub async fn read_into(&mut self, into: &mut Vec<u8>, most: usize) -> Result<usize, Broken> {
        let start = into.len();
        into.resize(start + most, 0);
        let read = poll_fn(|context| {
            let mut room = ReadBuf::new(&mut into[start..]);
            let done = match &mut self.socket {
                Socket::Tcp(socket) => Pin::new(socket).poll_read(context, &mut room),
                Socket::Unix(socket) => Pin::new(socket).poll_read(context, &mut room),
            };
            match done {
                Poll::Ready(Ok(())) => Poll::Ready(Ok(room.filled().len())),
                Poll::Ready(Err(e)) => Poll::Ready(Err(Broken::Io(e))),
                Poll::Pending if self.deadline.passed(context) => Poll::Ready(Err(Broken::Late)),
                Poll::Pending => Poll::Pending,
            }
        });
        let read = read.await;
        into.truncate(start + *read.as_ref().unwrap_or(&0));
        read
    }

    /// Writes what the socket takes of `octets` without waiting, and says how much that was.
    #[inline]
    pub fn write_now(&self, octets: &[u8]) -> io::Result<usize> {
        match &self.socket {
            Socket::Tcp(socket) => socket.try_write(octets),
            Socket::Unix(socket) => socket.try_write(octets),
        }
    }

    /// After an attempt that took nothing: waits for room if that is what was lacking.
    async fn again(&self, error: io::Error, wait: &impl Fn(&Deadline)) -> Result<(), Broken> {
        match error.kind() {
            io::ErrorKind::WouldBlock => {
                wait(&self.deadline);
                self.ready(Interest::WRITABLE).await
            }
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(Broken::Io(error)),
        }
    }

    /// Writes all of `pieces`, one after the other.
    ///
    /// # Errors
    ///
    /// If the client takes nothing until the deadline that `wait` sets, or the connection breaks.
    pub async fn write(&self, mut pieces: &mut [IoSlice<'_>], wait: impl Fn(&Deadline)) -> Result<(), Broken> {
        IoSlice::advance_slices(&mut pieces, 0);
        while !pieces.is_empty() {
            let done = match &self.socket {
                Socket::Tcp(socket) => socket.try_write_vectored(pieces),
                Socket::Unix(socket) => socket.try_write_vectored(pieces),
            };
            match done {
                Ok(0) => return Err(Broken::Io(io::ErrorKind::WriteZero.into())),
                Ok(n) => IoSlice::advance_slices(&mut pieces, n),
                Err(e) => self.again(e, &wait).await?,
            }
        }
        Ok(())
    }

    /// Writes `octets`, to which more will follow at once, so that they travel together.
    ///
    /// # Errors
    ///
    /// As [`Stream::write`].
    pub async fn write_more(&self, mut octets: &[u8], wait: impl Fn(&Deadline)) -> Result<(), Broken> {
        while !octets.is_empty() {
            match self.attempt(|fd| send(fd, octets, SendFlags::MORE | SendFlags::NOSIGNAL)) {
                Ok(n) => octets = &octets[n..],
                Err(e) => self.again(e, &wait).await?,
            }
        }
        Ok(())
    }

    /// Has the kernel send a part of a file.
    ///
    /// # Errors
    ///
    /// As [`Stream::write`]; and if the file has become shorter than was promised.
    pub async fn write_file(
        &self,
        file: &Rc<File>,
        mut offset: u64,
        mut length: u64,
        wait: impl Fn(&Deadline),
    ) -> Result<(), Broken> {
        let mut warm_until = offset;
        while length > 0 {
            let count = length.min(limits::SENDFILE as u64);
            if warm_until < offset + count {
                warm_until = offset + count;
                warm(file, offset, count).await?;
            }
            // the length fits: it is at most limits::SENDFILE
            match self.attempt(|fd| sendfile(fd, &**file, Some(&mut offset), count as usize)) {
                Ok(0) => return Err(Broken::Shrunk),
                Ok(n) => {
                    length -= n as u64;
                    if n as u64 == count && length > 0 {
                        tokio::task::yield_now().await;
                    }
                }
                Err(e) => self.again(e, &wait).await?,
            }
        }
        Ok(())
    }

    /// Has full segments sent only, from now on, or what is left of the last one too. What the kernel sends of a file comes in
    /// many steps, and each would end in a short segment.
    pub fn cork(&self, on: bool) {
        if let Socket::Tcp(socket) = &self.socket {
            // where it is refused, segments are a little shorter
            let _ = set_tcp_cork(socket, on);
        }
    }

    /// Says that nothing more will be written.
    pub fn shut_write(&self) {
        // the other end may be gone already, and then there is nothing to shut
        let _ = match &self.socket {
            Socket::Tcp(socket) => shutdown(socket, Shutdown::Write),
            Socket::Unix(socket) => shutdown(socket, Shutdown::Write),
        };
    }
}

/// Has the disk bring in a part of a file that is not in memory, away from the thread of the connections: `sendfile` would
/// make all of them wait for it.
async fn warm(file: &Rc<File>, offset: u64, count: u64) -> Result<(), Broken> {
    let last = offset + count - 1;
    let mut probe = [0];
    match preadv2(&**file, &mut [io::IoSliceMut::new(&mut probe)], last, ReadWriteFlags::NOWAIT) {
        Err(Errno::AGAIN) => {}
        // in memory; or past an end that has moved, which sendfile will find; or a file system that cannot tell
        _ => return Ok(()),
    }
    let file = file.try_clone().map_err(Broken::Io)?;
    tokio::task::spawn_blocking(move || {
        let mut scratch = vec![0; 65_536];
        let (mut at, end) = (offset, offset + count);
        while at < end {
            match rustix::io::pread(&file, &mut scratch[..], at) {
                Ok(0) => return Ok(()),
                Ok(n) => at += n as u64,
                Err(Errno::INTR) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    })
    .await
    .map_err(io::Error::other)?
    .map_err(io::Error::from)?;
    Ok(())
}
