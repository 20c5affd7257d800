//! `because serve`: opens the folder, binds the addresses, starts a thread a core, and waits for the order to stop.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::limits::{self, Limits};
use config::{Config, Diagnostic};
use decision::fields;
use resources::rules::{self, Rulebook};
use resources::share::{OpenError, Share, ShareOptions};
use resources::tree::TreeOptions;
use resources::{Files, Options};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{mpsc, watch};
use transport::clock::Clock;
use transport::listen::{Address, Listener};
use transport::worker::{self, Order, Shared, Worker};

use crate::access_log::{Format, Writer};
use crate::admin::Admin;
use crate::authorities;
use crate::cli::Serve;
use crate::configured::{self, Purpose, State};
use crate::diagnose::{plain, unwritable};
use crate::issuers;
use crate::messages;
use crate::observing::{Lookout, Observatory};
use crate::plan::{InForce, Plan, SitePlan};
use crate::recorder;
use crate::serve::Service;
use crate::settings::{self, Run, Source};
use crate::watched::Watched;

mod announce;
mod signals;

use signals::{Reload, Signals};

/// The name of a configuration that lies in the folder which it is for.
const CONFIGURATION: &str = "because.toml";

/// Why the server could not start.
#[derive(Debug)]
enum StartError {
    Folder(PathBuf, io::Error),
    NotAFolder(PathBuf),
    Listen(Address, io::Error),
    System(&'static str, io::Error),
    Share(PathBuf, OpenError),
    Host(authorities::NoAuthority),
    Configuration(Vec<Diagnostic>),
    Random(String),
    /// Everybody who reaches this address could look on.
    OpenAdmin(Address),
    Record(PathBuf, io::Error),
    #[cfg(feature = "otlp")]
    Otlp(crate::otlp::NoExport),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Folder(path, e) if e.kind() == io::ErrorKind::NotFound => {
                write!(f, "there is no folder '{}'", path.display())
            }
            StartError::Folder(path, e) => write!(f, "cannot open the folder '{}': {}", path.display(), plain(e)),
            StartError::NotAFolder(path) => {
                write!(f, "'{}' is not a folder, and no configuration: the name of one ends in .toml", path.display())
            }
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
            StartError::Share(path, e) => f.write_str(&unwritable(path, e)),
            StartError::Host(no) => write!(f, "--host: {no}"),
            StartError::Random(why) => f.write_str(why),
            StartError::OpenAdmin(address) => write!(
                f,
                "others reach {address}: who may look on there is said by `admin` in a configuration; without one it is an address of \
                 this machine, such as 127.0.0.1:9090"
            ),
            StartError::Configuration(mistakes) => f.write_str(&config::render(mistakes, false)),
            StartError::Record(path, e) => write!(f, "cannot record to '{}': {}", path.display(), plain(e)),
            #[cfg(feature = "otlp")]
            StartError::Otlp(no) => no.fmt(f),
            StartError::System(what, e) => write!(f, "cannot {what}: {}", plain(e)),
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Serve) -> ExitCode {
    match start(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(StartError::Configuration(mistakes)) => {
            messages::diagnose(&mistakes);
            ExitCode::FAILURE
        }
        Err(error) => {
            messages::refuse(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn start(args: &Serve) -> Result<(), StartError> {
    messages::start(args.log == Some(Format::Json));
    let state = Arc::new(State::new(crate::random::random().map_err(StartError::Random)?));
    let source = Source::of(&args.folder);
    // looked at before it is read, so that no change in between is missed
    let watched = Watched::new(source.file());
    let config = match &source {
        Source::Folder(_) => None,
        Source::File(path) => Some(settings::read(path, args).map_err(StartError::Configuration)?),
    };
    let mut run = match &config {
        None => settings::of_flags(args),
        Some((config, _)) => settings::of_config(config, args).map_err(StartError::Configuration)?,
    };
    messages::start(run.log == Format::Json);
    let wanted = run.limits.connections;
    run.limits.connections = connections(wanted);
    let open = |plan: &Plan| {
        run.admin.iter().find(|address| plan.admin.is_empty() && !configured::is_private(address)).cloned()
    };
    let (plan, listeners) = match (&source, &config) {
        (Source::File(_), Some((config, warnings))) => plan_of_config(args, &run, (config, warnings), &state)?,
        (Source::Folder(folder) | Source::File(folder), _) => plan_of_flags(args, &run, folder, &state)?,
    };
    if let Some(address) = open(&plan) {
        return Err(StartError::OpenAdmin(address));
    }
    serve_until_told(args, &run, (plan, listeners), (&state, &source, wanted), watched)
}

/// What a configuration amounts to. Its mistakes are told before anything is bound.
fn plan_of_config(
    args: &Serve,
    run: &Run,
    (config, warnings): (&Config, &[Diagnostic]),
    state: &State,
) -> Result<(Plan, Vec<Listener>), StartError> {
    configured::plan(config, state, (&args.host, &run.listen), Purpose::Look).map_err(StartError::Configuration)?;
    let listeners = bind(&run.listen)?;
    let hosts = (&*args.host, &*addresses(&listeners));
    let (plan, more) = configured::plan(config, state, hosts, Purpose::Serve).map_err(StartError::Configuration)?;
    let warnings: Vec<_> = warnings.iter().cloned().chain(more).collect();
    messages::diagnose(&warnings);
    Ok((plan, listeners))
}

/// What the flags alone amount to: one folder, and the authorities by which this machine calls itself.
fn plan_of_flags(args: &Serve, run: &Run, folder: &Path, state: &State) -> Result<(Plan, Vec<Listener>), StartError> {
    let options = options(args, &run.limits);
    let folder = open(folder, &options)?;
    let share = share(&folder, args, &run.limits)?;
    if let Some(share) = &share {
        state.keep(&folder, share);
    }
    let withheld = [Some(folder.join(CONFIGURATION)).filter(|file| file.is_file()), run.record.clone()];
    let source = rules::Source { file: CONFIGURATION, line: 1 };
    let rules = withheld.iter().flatten().filter_map(|file| configured::withheld::rule(&folder, file, source));
    let book = Arc::new(Rulebook::new(rules).over(&options));
    let site = SitePlan { name: "*".to_owned(), folder, options, share, book };
    let listeners = bind(&run.listen)?;
    let addresses = addresses(&listeners);
    let plan = Plan {
        authorities: authorities::of_flags(&args.host, &addresses).map_err(StartError::Host)?,
        open_listeners: addresses.iter().map(|address| matches!(address, Address::Unix(_))).collect(),
        ..Plan::of_sites(vec![site], Arc::clone(&state.keeper))
    };
    Ok((plan, listeners))
}

fn addresses(listeners: &[Listener]) -> Vec<Address> {
    listeners.iter().filter_map(|listener| listener.address().ok()).collect()
}

/// Starts the threads, and waits for the order to end.
fn serve_until_told(
    args: &Serve,
    run: &Run,
    (plan, listeners): (Plan, Vec<Listener>),
    (state, source, wanted): (&Arc<State>, &Source, usize),
    watched: Watched,
) -> Result<(), StartError> {
    let addresses = addresses(&listeners);
    let signals = Signals::catch().map_err(|e| StartError::System("wait for signals", e))?;
    let writer = Writer::start(run.log).map_err(|e| StartError::System("start a thread", e))?;
    let records =
        run.record.as_ref().map(|path| recorder::Writer::start(path).map_err(|e| StartError::Record(path.clone(), e)));
    let records = records.transpose()?;
    sweep(Arc::clone(state)).map_err(|e| StartError::System("start a thread", e))?;
    let admin = bind(&run.admin)?;
    announce::announce(args, run, &plan, (&addresses, wanted));
    announce::tell_admin(&self::addresses(&admin));
    let in_force = Arc::new(InForce::new(plan));
    issuers::start(&in_force, state).map_err(|e| StartError::System("start a thread", e))?;
    let (orders, _) = watch::channel(Order::Serve);
    let shared = Arc::new(Shared::new(run.limits.clone()));
    let (observatory, counters) =
        Observatory::new(run.threads, &shared, orders.subscribe(), Clock::new().stamp().date.unix());
    let observatory = Arc::new(observatory);
    #[cfg(feature = "otlp")]
    let exporter = crate::otlp::start(&observatory, !admin.is_empty()).map_err(StartError::Otlp)?;
    let mut workers = Vec::with_capacity(run.threads + 1);
    let (running, ended) = mpsc::channel(1);
    for ((k, listeners), counter) in spread(listeners, run.threads)?.into_iter().enumerate().zip(counters) {
        let thread = Thread {
            name: format!("because-{k}"),
            shared: shared.clone(),
            listeners,
            orders: orders.subscribe(),
            in_force: in_force.clone(),
            lookout: (observatory.is_seen(!admin.is_empty())).then(|| Lookout::new(counter, Arc::clone(&observatory))),
            running: running.clone(),
        };
        workers.push(thread.spawn(&writer, records.as_ref()).map_err(|e| StartError::System("start a thread", e))?);
    }
    drop(running);
    // whoever looks on sees the end, too: it is told to go when all else has gone
    let (last_order, _) = watch::channel(Order::Serve);
    let looking = match admin.is_empty() {
        true => None,
        false => {
            let orders = last_order.subscribe();
            Some(AdminThread { listeners: admin, orders, observatory, in_force: in_force.clone() }.spawn()?)
        }
    };
    let reload = Reload { args, source, run, addresses: &addresses, state, in_force: &in_force };
    signals.wait(&orders, ended, watched, &reload);
    let mut failed = None;
    for worker in workers {
        match worker.join() {
            Ok(Ok(())) => {}
            Ok(Err(e)) => failed = Some(e),
            Err(_) => failed = Some(io::Error::other("a thread panicked")),
        }
    }
    if let Some(looking) = looking {
        // where it has ended already there is nobody to tell
        let _ = last_order.send(Order::Drain);
        match looking.join() {
            Ok(Ok(())) => {}
            Ok(Err(e)) => failed = Some(e),
            Err(_) => failed = Some(io::Error::other("a thread panicked")),
        }
    }
    writer.end();
    records.into_iter().for_each(recorder::Writer::end);
    #[cfg(feature = "otlp")]
    exporter.into_iter().for_each(crate::otlp::Exporter::end);
    remove_sockets(&run.listen);
    remove_sockets(&run.admin);
    failed.map_or(Ok(()), |e| Err(StartError::System("go on", e)))
}

/// What is served by flags alone.
fn options(args: &Serve, limits: &Limits) -> Options {
    let index = Options::default().index;
    Options {
        index: if args.index.is_empty() { index } else { args.index.clone() },
        listing: !args.no_listing,
        // who may write such names may read them
        hidden: args.hidden || args.writing.write,
        trace: args.trace,
        length_required: if args.writing.write || !args.writing.drop.is_empty() {
            args.writing.require_length
        } else {
            !args.allow_unknown_length
        },
        cache_control: args.cache_control.clone(),
        shows_because: args.show_because,
        writable: args.writing.write,
        drops: args.writing.drop.iter().map(|path| path.trim_matches('/').to_owned()).collect(),
        conditional: args.writing.require_conditions,
        types: args.writing.accept_type.clone(),
        gzip: args.writing.accept_gzip,
        depth_infinity: args.writing.depth_infinity,
        limits: limits.clone(),
    }
}

/// Opens the folder once before anything is promised, so that a mistake is told at once.
fn open(folder: &Path, options: &Options) -> Result<PathBuf, StartError> {
    let full = folder.canonicalize().map_err(|e| StartError::Folder(folder.to_owned(), e))?;
    if !full.is_dir() {
        return Err(StartError::NotAFolder(folder.to_owned()));
    }
    let opened = Files::open(&full, options, None, fields::render);
    opened.map_err(|e| StartError::Folder(folder.to_owned(), e))?;
    for drop in &options.drops {
        let drop = full.join(drop);
        if !drop.is_dir() {
            return Err(StartError::NotAFolder(drop));
        }
    }
    Ok(full)
}

/// The folder as one that can be written to, if it is to be.
fn share(folder: &Path, args: &Serve, limits: &Limits) -> Result<Option<Arc<Share>>, StartError> {
    let writing = &args.writing;
    if !writing.write && writing.drop.is_empty() {
        return Ok(None);
    }
    let tree = TreeOptions { durable: !writing.no_fsync, octets: writing.quota, files: writing.quota_files };
    let now = Clock::new().stamp().date.unix();
    let types = writing.accept_type.clone();
    let hidden = args.hidden || writing.write;
    let options = ShareOptions { tree, fresh: limits.cache_time, longest: limits.upload, types, hidden };
    let share = Share::open(folder, options, now);
    share.map(|share| Some(Arc::new(share))).map_err(|e| StartError::Share(folder.to_owned(), e))
}

/// Starts the thread that forgets what has ended. It ends with the program.
fn sweep(state: Arc<State>) -> io::Result<()> {
    let work = move || {
        loop {
            std::thread::sleep(Duration::from_millis(limits::SWEEP));
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
    in_force: Arc<InForce>,
    lookout: Option<Lookout>,
    /// Dropped when the thread ends.
    running: mpsc::Sender<Infallible>,
}

/// What the thread of the admin listener is given.
struct AdminThread {
    listeners: Vec<Listener>,
    orders: watch::Receiver<Order>,
    observatory: Arc<Observatory>,
    in_force: Arc<InForce>,
}

impl AdminThread {
    /// Starts it. It has its own connections, so that whoever runs a server sees it when that has no room left.
    fn spawn(self) -> Result<JoinHandle<io::Result<()>>, StartError> {
        let addresses = addresses(&self.listeners);
        let authorities = match addresses.iter().any(|address| matches!(address, Address::Internet(_))) {
            true => authorities::of_flags(&[], &addresses).map_err(StartError::Host)?.map(Arc::new),
            false => None,
        };
        let shared = Arc::new(Shared::new(Limits { connections: limits::ADMIN_CONNECTIONS, ..limits::DEFAULT }));
        let started = std::thread::Builder::new().name("because-admin".to_owned()).spawn(move || {
            let AdminThread { listeners, orders, observatory, in_force } = self;
            let prepare = move |worker: Rc<Worker>| Ok(Admin::new(worker, observatory, in_force, authorities));
            worker::run(shared, listeners, orders, prepare, |_: &Admin| {})
        });
        started.map_err(|e| StartError::System("start a thread", e))
    }
}

impl Thread {
    fn spawn(self, writer: &Writer, records: Option<&recorder::Writer>) -> io::Result<JoinHandle<io::Result<()>>> {
        let (log, recorder) = (writer.log(), records.map(recorder::Writer::recorder));
        std::thread::Builder::new().name(self.name).spawn(move || {
            let (in_force, lookout, _running) = (self.in_force, self.lookout, self.running);
            let prepare = move |worker: Rc<Worker>| Service::new(worker, in_force, log, (recorder, lookout));
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
