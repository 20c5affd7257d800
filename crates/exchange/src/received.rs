//! The head of one request, with the octets that it points into, apart from the connection that brought it.

use std::cell::OnceCell;

use semantics::fault::Fault;
use semantics::request::{Head, Request};

/// A head that has arrived, or what has arrived of one that is faulty.
#[derive(Debug, Default)]
pub struct Received {
    /// The octets that the positions of the head, and those of a fault, point into.
    pub octets: Vec<u8>,
    /// The head, as positions.
    pub head: Head,
    /// What was wrong with it, if something was, or that it did not come to its end.
    pub fault: Option<Fault>,
    /// Room for the names of its path, if they had to be decoded.
    pub names: OnceCell<Vec<u8>>,
}

impl Received {
    /// The request; of a faulty one, as far as it was understood.
    #[inline]
    pub fn request(&self) -> Request<'_> {
        Request::new(&self.octets, &self.head)
    }

    /// Forgets the request, and keeps the room. A sound head stays until the next one is read, which is mostly much like it.
    #[inline]
    pub fn clear(&mut self) {
        if self.fault.take().is_some() {
            self.octets.clear();
            self.head.clear();
        }
        self.names.take();
    }
}
