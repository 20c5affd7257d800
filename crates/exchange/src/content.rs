//! The content of a request, as it arrives.
//!
//! Who reads it does not know how it is framed, nor which connection brings it.

use semantics::fault::ContentFault;

/// Content that arrives.
#[allow(async_fn_in_trait)] // a connection lives on one thread, and so do those who read from it
pub trait Content {
    /// Says how much content is taken; more is [too large](ContentFault::TooLarge).
    fn allow(&mut self, octets: u64);

    /// Reads some of the content behind the end of `into`, at most so many octets; `false` at its end.
    ///
    /// # Errors
    ///
    /// If it stops arriving, comes too slowly all in all, is too large, badly framed, or cut off.
    async fn read(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, ContentFault>;
}

/// Content that is there already: what a test or a caller without a connection gives.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    octets: Vec<u8>,
    at: usize,
    allowed: Option<u64>,
    fault: Option<ContentFault>,
}

impl Ready {
    /// These octets, and then the end.
    pub fn new(octets: impl Into<Vec<u8>>) -> Ready {
        Ready { octets: octets.into(), ..Ready::default() }
    }

    /// These octets, and then this fault instead of an end.
    pub fn broken(octets: impl Into<Vec<u8>>, fault: ContentFault) -> Ready {
        Ready { fault: Some(fault), ..Ready::new(octets) }
    }
}

impl Content for Ready {
    fn allow(&mut self, octets: u64) {
        self.allowed = Some(octets);
    }

    async fn read(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, ContentFault> {
        let rest = &self.octets[self.at..];
        if rest.is_empty() {
            return self.fault.map_or(Ok(false), Err);
        }
        let piece = &rest[..rest.len().min(most)];
        self.at += piece.len();
        if self.allowed.is_some_and(|allowed| self.at as u64 > allowed) {
            return Err(ContentFault::TooLarge);
        }
        into.extend_from_slice(piece);
        Ok(true)
    }
}
