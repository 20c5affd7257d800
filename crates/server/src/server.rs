//! A server: what a configuration says is bound, then served by a thread a core, until it is told to finish.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::limits::{self, Limits};
use config::{Config, Diagnostic};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{mpsc, watch};
use transport::clock::Clock;
use transport::listen::{Address, Listener};
use transport::worker::{self, Order, Shared, Worker};

use crate::admin::Admin;
use crate::diagnose::plain;
use crate::handle::Service;
use crate::issuers;
use crate::plan::authorities;
use crate::plan::build::{self, Purpose, State};
use crate::plan::{CurrentPlan, Plan};
use crate::settings::{self, Run, Source};
use crate::telemetry::access_log::Writer;
use crate::telemetry::recorder;
use crate::telemetry::thread_telemetry::{Telemetry, ThreadTelemetry};

/// Why the server could not start.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be listened on.
    Listen(Address, io::Error),
    /// The system does not do this.
    System(&'static str, io::Error),
    /// The admin listener cannot be called by a name.
    Authority(authorities::NoAuthority),
    /// The configuration has mistakes.
    Configuration(Vec<Diagnostic>),
    /// The system has no random numbers.
    Random(String),
    /// Decisions cannot be recorded in this file.
    Record(PathBuf, io::Error),
    /// Nothing can be sent to a collector.
    #[cfg(feature = "otlp")]
    Otlp(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Listen(address, e) => match e.kind() {
                io::ErrorKind::AddrInUse => {
                    write!(f, "cannot listen on {address}: another program does; choose one with --listen")
                }
                io::ErrorKind::PermissionDenied => {
                    write!(f, "cannot listen on {address}: not permitted; ports below 1024 need a right of their own")
                }
                io::ErrorKind::AddrNotAvailable => {
                    write!(f, "cannot listen on {address}: it is no address of this machine")
                }
                _ => write!(f, "cannot listen on {address}: {}", plain(e)),
            },
            StartError::Authority(no) => no.fmt(f),
            StartError::Random(why) => f.write_str(why),
            StartError::Configuration(mistakes) => f.write_str(&config::render(mistakes, false)),
            StartError::Record(path, e) => write!(f, "cannot record to '{}': {}", path.display(), plain(e)),
            #[cfg(feature = "otlp")]
            StartError::Otlp(why) => f.write_str(why),
            StartError::System(what, e) => write!(f, "cannot {what}: {}", plain(e)),
        }
    }
}

impl std::error::Error for StartError {}

/// A server that listens, and does not serve yet.
pub struct Bound {
    plan: Plan,
    run: Run,
    /// How many connections were wanted, before descriptors were counted.
    wanted: usize,
    listeners: Vec<Listener>,
    admin: Vec<Listener>,
    records: Option<recorder::Writer>,
    state: Arc<State>,
}

impl Bound {
    /// Binds what this configuration says, which is to be run so. Mistakes are found before anything is bound; with the server
    /// comes what is odd about the configuration.
    pub fn new(config: &Config, mut run: Run) -> Result<(Bound, Vec<Diagnostic>), StartError> {
        let state = Arc::new(State::new(crate::random::random().map_err(StartError::Random)?));
        let wanted = run.limits.connections;
        run.limits.connections = connections(wanted);
        build::plan(config, &state, &run.listen, Purpose::Look).map_err(StartError::Configuration)?;
        let listeners = bind(&run.listen)?;
        let (plan, warnings) =
            build::plan(config, &state, &addresses(&listeners), Purpose::Serve).map_err(StartError::Configuration)?;
        let start = |path: &PathBuf| recorder::Writer::start(path).map_err(|e| StartError::Record(path.clone(), e));
        let records = run.record.as_ref().map(start).transpose()?;
        let admin = bind(&run.admin)?;
        Ok((Bound { plan, run, wanted, listeners, admin, records, state }, warnings))
    }

    /// Where it listens.
    pub fn addresses(&self) -> Vec<Address> {
        addresses(&self.listeners)
    }

    /// Where those who run it look on.
    pub fn admin_addresses(&self) -> Vec<Address> {
        addresses(&self.admin)
    }

    /// What will be served.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How it will run. It has as many connections as there are descriptors for.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// How many connections were wanted.
    pub fn wanted_connections(&self) -> usize {
        self.wanted
    }

    /// Starts the threads. The access log is written to standard output, in colour if that is wanted.
    pub fn start(self, color: bool) -> Result<Server, StartError> {
        let addresses = self.addresses();
        let Bound { plan, run, listeners, admin, records, state, .. } = self;
        let log = Writer::start(run.log, color).map_err(no_thread)?;
        sweep(Arc::downgrade(&state)).map_err(no_thread)?;
        let in_force = Arc::new(CurrentPlan::new(plan));
        issuers::start(&in_force, &state).map_err(no_thread)?;
        let (orders, _) = watch::channel(Order::Serve);
        let shared = Arc::new(Shared::new(run.limits.clone()));
        let (telemetry, counters) =
            Telemetry::new(run.threads, &shared, orders.subscribe(), Clock::new().stamp().date.unix());
        let telemetry = Arc::new(telemetry);
        #[cfg(feature = "otlp")]
        let exporter = crate::telemetry::otlp::start(&telemetry, !admin.is_empty())
            .map_err(|no| StartError::Otlp(no.to_string()))?;
        let mut workers = Vec::with_capacity(run.threads);
        let (running, ended) = mpsc::channel(1);
        for ((k, listeners), counter) in spread(listeners, run.threads)?.into_iter().enumerate().zip(counters) {
            let thread = Thread {
                name: format!("because-{k}"),
                shared: shared.clone(),
                listeners,
                orders: orders.subscribe(),
                in_force: in_force.clone(),
                telemetry: (telemetry.is_seen(!admin.is_empty()))
                    .then(|| ThreadTelemetry::new(counter, Arc::clone(&telemetry))),
                running: running.clone(),
            };
            workers.push(thread.spawn(&log, records.as_ref()).map_err(no_thread)?);
        }
        drop(running);
        // whoever looks on sees the end, too: it is told to go when all else has gone
        let (last_order, _) = watch::channel(Order::Serve);
        let looking = match admin.is_empty() {
            true => None,
            false => {
                let orders = last_order.subscribe();
                Some(AdminThread { listeners: admin, orders, telemetry, in_force: in_force.clone() }.spawn()?)
            }
        };
        Ok(Server {
            run,
            addresses,
            state,
            in_force,
            orders,
            ended,
            workers,
            last_order,
            looking,
            log,
            records,
            #[cfg(feature = "otlp")]
            exporter,
        })
    }
}

fn no_thread(error: io::Error) -> StartError {
    StartError::System("start a thread", error)
}

/// A thread, and how it ended.
type Worked = JoinHandle<io::Result<()>>;

/// A running server.
pub struct Server {
    run: Run,
    addresses: Vec<Address>,
    state: Arc<State>,
    in_force: Arc<CurrentPlan>,
    orders: watch::Sender<Order>,
    /// Nobody sends, and it is closed when the last thread has ended.
    ended: mpsc::Receiver<Infallible>,
    workers: Vec<Worked>,
    /// The order for the admin listener, whose thread is this one.
    last_order: watch::Sender<Order>,
    looking: Option<Worked>,
    log: Writer,
    records: Option<recorder::Writer>,
    #[cfg(feature = "otlp")]
    exporter: Option<crate::telemetry::otlp::Exporter>,
}

impl Server {
    /// Reads the configuration anew and serves what it says from now on; what is odd about it is given back, with what a new
    /// start alone changes. What has mistakes changes nothing. No connection is touched either way.
    pub fn reload(&self, source: &Source) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let (config, mut warnings) = source.read()?;
        let (plan, more) = build::plan(&config, &self.state, &self.addresses, Purpose::Serve)?;
        warnings.extend(more);
        warnings.extend(settings::needs_a_start(&config, &self.run, &self.addresses));
        self.in_force.replace(plan);
        Ok(warnings)
    }

    /// Takes no new connections, and finishes what has begun.
    pub fn drain(&self) {
        // with no thread left there is nobody to tell
        let _ = self.orders.send(Order::Drain);
    }

    /// Waits until every thread that serves has ended.
    pub async fn ended(&mut self) {
        let _ = self.ended.recv().await;
    }

    /// Waits until every thread has ended and all that is to be written is written.
    ///
    /// # Errors
    ///
    /// A thread ended before it was told to.
    pub fn end(self) -> Result<(), StartError> {
        let join = |thread: Worked| match thread.join() {
            Ok(ended) => ended,
            Err(_) => Err(io::Error::other("a thread panicked")),
        };
        let mut failed = self.workers.into_iter().fold(None, |failed, worker| join(worker).err().or(failed));
        if let Some(looking) = self.looking {
            // where it has ended already there is nobody to tell
            let _ = self.last_order.send(Order::Drain);
            failed = join(looking).err().or(failed);
        }
        self.log.end();
        self.records.into_iter().for_each(recorder::Writer::end);
        #[cfg(feature = "otlp")]
        self.exporter.into_iter().for_each(crate::telemetry::otlp::Exporter::end);
        remove_sockets(&self.run.listen);
        remove_sockets(&self.run.admin);
        failed.map_or(Ok(()), |e| Err(StartError::System("go on", e)))
    }
}

fn addresses(listeners: &[Listener]) -> Vec<Address> {
    listeners.iter().filter_map(|listener| listener.address().ok()).collect()
}

/// Starts the thread that forgets what has ended. It ends some time after the server.
fn sweep(state: Weak<State>) -> io::Result<()> {
    let work = move || {
        loop {
            std::thread::sleep(Duration::from_millis(limits::SWEEP));
            let Some(state) = state.upgrade() else { return };
            for share in state.shares() {
                if let Err(error) = share.sweep(Clock::new().stamp().date.unix()) {
                    log::warn!("what has ended cannot be forgotten for now: {error}");
                }
            }
        }
    };
    std::thread::Builder::new().name("because-sweep".to_owned()).spawn(work).map(drop)
}

fn bind(addresses: &[Address]) -> Result<Vec<Listener>, StartError> {
    addresses.iter().map(|a| Listener::bind(a).map_err(|e| StartError::Listen(a.clone(), e))).collect()
}

/// A set of listeners for each thread. The kernel hands connections to every bound socket, so each must have a thread that
/// accepts: none may be left over.
fn spread(listeners: Vec<Listener>, threads: usize) -> Result<Vec<Vec<Listener>>, StartError> {
    let again = |listener: &Listener| {
        let address = listener.address();
        listener.again().map_err(|e| match address {
            Ok(address) => StartError::Listen(address, e),
            Err(e) => StartError::System("listen", e),
        })
    };
    let mut sets = Vec::with_capacity(threads);
    for _ in 1..threads {
        sets.push(listeners.iter().map(again).collect::<Result<Vec<_>, _>>()?);
    }
    sets.push(listeners);
    Ok(sets)
}

/// How many of the connections wanted there are descriptors for. The system's soft limit is often far below the hard one, which
/// needs no right to be reached.
fn connections(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let Some(mut soft) = limit.current else { return wanted };
    let needed = (wanted as u64).saturating_mul(4) / 3 + limits::DESCRIPTORS;
    if soft < needed {
        let raised = limit.maximum.map_or(needed, |hard| hard.min(needed)).max(soft);
        if setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }).is_ok() {
            soft = raised;
        }
    }
    let most = soft.saturating_sub(limits::DESCRIPTORS) / 4 * 3;
    wanted.min(usize::try_from(most).unwrap_or(usize::MAX)).max(1)
}

/// What one thread is given.
struct Thread {
    name: String,
    shared: Arc<Shared>,
    listeners: Vec<Listener>,
    orders: watch::Receiver<Order>,
    in_force: Arc<CurrentPlan>,
    telemetry: Option<ThreadTelemetry>,
    /// Dropped when the thread ends.
    running: mpsc::Sender<Infallible>,
}

/// What the thread of the admin listener is given.
struct AdminThread {
    listeners: Vec<Listener>,
    orders: watch::Receiver<Order>,
    telemetry: Arc<Telemetry>,
    in_force: Arc<CurrentPlan>,
}

impl AdminThread {
    /// Starts it. It has its own connections, so that whoever runs a server sees it when that has no room left.
    fn spawn(self) -> Result<JoinHandle<io::Result<()>>, StartError> {
        let addresses = addresses(&self.listeners);
        let authorities = match addresses.iter().any(|address| matches!(address, Address::Internet(_))) {
            true => authorities::of_flags(&[], &addresses).map_err(StartError::Authority)?.map(Arc::new),
            false => None,
        };
        let shared = Arc::new(Shared::new(Limits { connections: limits::ADMIN_CONNECTIONS, ..limits::DEFAULT }));
        let started = std::thread::Builder::new().name("because-admin".to_owned()).spawn(move || {
            let AdminThread { listeners, orders, telemetry, in_force } = self;
            let prepare = move |worker: Rc<Worker>| Ok(Admin::new(worker, telemetry, in_force, authorities));
            worker::run(shared, listeners, orders, prepare, |_: &Admin| {})
        });
        started.map_err(no_thread)
    }
}

impl Thread {
    fn spawn(self, writer: &Writer, records: Option<&recorder::Writer>) -> io::Result<JoinHandle<io::Result<()>>> {
        let (log, recorder) = (writer.log(), records.map(recorder::Writer::recorder));
        std::thread::Builder::new().name(self.name).spawn(move || {
            let (in_force, telemetry, _running) = (self.in_force, self.telemetry, self.running);
            let prepare = move |worker: Rc<Worker>| Service::new(worker, in_force, log, (recorder, telemetry));
            worker::run(self.shared, self.listeners, self.orders, prepare, Service::tick)
        })
    }
}

/// A socket file without a server is of no use.
fn remove_sockets(addresses: &[Address]) {
    for address in addresses {
        if let Address::Unix(path) = address {
            // somebody else may have removed it
            let _ = std::fs::remove_file(path);
        }
    }
}
