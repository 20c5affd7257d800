//! A request understood once: everything that is read from its head, its connection and the clock, before the first question.
//!
//! Whoever needs to know what a request is for, from whom it comes, or when it came, reads it here. What holds for it is in
//! `dispatch.rs`.

use std::cell::OnceCell;
use std::net::IpAddr;

use decision::facts::{Reading, RequestId};
use exchange::exchange::Carrier;
use policy::network::Networks;
use resources::Moment;
use semantics::date::Stamp;
use semantics::fault::Fault;
use semantics::request::Request;
use semantics::target::Decoded;
use semantics::target_uri::TargetUri;

use crate::sites::forwarded;

/// One request, understood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestContext<'a> {
    /// Its head; of a faulty one, as far as it was understood.
    pub(crate) request: Request<'a>,
    /// The octets that the positions of a fault point into.
    pub(crate) octets: &'a [u8],
    /// What was wrong with it, if something was.
    pub(crate) fault: Option<Fault>,
    /// The resource that it is for.
    pub(crate) uri: TargetUri<'a>,
    /// What the head says, as facts.
    pub(crate) reading: Reading<'a>,
    /// The connection that brought it.
    pub(crate) carrier: Carrier,
    /// The address of who asks, wherever proxies stand between; nothing: a process of this machine.
    pub(crate) client: Option<IpAddr>,
    /// By what it is known to the log.
    pub(crate) id: RequestId,
    /// When it came.
    pub(crate) now: Stamp,
    /// The same in milliseconds of a clock that does not go back.
    pub(crate) millis: u64,
}

/// When a request came, on the clocks of its thread, and by what it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    pub(crate) id: RequestId,
    pub(crate) now: Stamp,
    pub(crate) millis: u64,
}

impl<'a> RequestContext<'a> {
    /// Understands a request. `octets` are those that positions of a fault point into, `names` is room for the names of its path;
    /// `fault` is what was wrong with the head or with content that was awaited; of a faulty head
    /// nothing is believed but what the wire read before it met the fault.
    #[inline]
    pub(crate) fn of(
        request: Request<'a>,
        (octets, names): (&'a [u8], &'a OnceCell<Vec<u8>>),
        fault: Option<Fault>,
        carrier: Carrier,
        trusted: &Networks,
        arrived: Arrived,
    ) -> RequestContext<'a> {
        let mut uri = TargetUri::of(request, names);
        let reading = match fault {
            None => Reading::of(request, &uri),
            // its authority still says which site has to refuse it
            Some(_) => {
                (uri.path, uri.path_offence) = (None, None);
                Reading::default()
            }
        };
        let Arrived { id, now, millis } = arrived;
        let client = forwarded::client(trusted, carrier.peer, request);
        RequestContext { request, octets, fault, uri, reading, carrier, client, id, now, millis }
    }

    /// The names of its path, if it has one.
    #[inline]
    pub(crate) fn path(&self) -> Option<Decoded<'a>> {
        self.uri.path
    }

    /// The same without what its end says.
    #[inline]
    pub(crate) fn names(&self) -> Option<&'a [u8]> {
        self.uri.path.map(|path| path.path)
    }

    /// When it came, on both clocks.
    pub(crate) fn moment(&self) -> Moment {
        Moment { date: self.now.date, millis: self.millis }
    }
}
