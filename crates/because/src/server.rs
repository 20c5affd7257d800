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

use decision::fields;
use resources::share::{OpenError, Share, ShareOptions};
use resources::store::StoreError;
use resources::tree::TreeOptions;
use resources::{Files, Options, Site};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use semantics::limits;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use transport::clock::Clock;
use transport::listen::{Address, Listener};
use transport::worker::{self, Order, Shared, Worker};

use crate::cli::Serve;
use crate::log::{Format, Writer};
use crate::serve::{self, Service};

/// Why the server could not start.
#[derive(Debug)]
enum StartError {
    Folder(PathBuf, io::Error),
    NotAFolder(PathBuf),
    Listen(Address, io::Error),
    System(&'static str, io::Error),
    Share(PathBuf, OpenError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Folder(path, e) if e.kind() == io::ErrorKind::NotFound => {
                write!(f, "there is no folder '{}'", path.display())
            }
            StartError::Folder(path, e) => write!(f, "cannot open the folder '{}': {}", path.display(), plain(e)),
            StartError::NotAFolder(path) => write!(f, "'{}' is not a folder", path.display()),
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
            StartError::Share(path, OpenError::Folder(e)) => {
                write!(f, "cannot write to the folder '{}': {}", path.display(), plain(e))
            }
            StartError::Share(path, OpenError::Store(e)) => {
                write!(f, "cannot write to the folder '{}': {e}", path.display())?;
                match e {
                    StoreError::Corrupt(_) => write!(
                        f,
                        "; without {} it begins anew: locks, properties and bindings are lost then, files are not",
                        path.join(".because/state.redb").display()
                    ),
                    _ => Ok(()),
                }
            }
            StartError::System(what, e) => write!(f, "cannot {what}: {}", plain(e)),
        }
    }
}

/// An error of the system without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Runs the command.
pub(crate) fn run(args: &Serve) -> ExitCode {
    match start(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("because: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: &Serve) -> Result<(), StartError> {
    let mut options = options(args);
    let wanted = options.limits.connections;
    options.limits.connections = connections(wanted);
    let options = Arc::new(options);
    let folder = open(&args.folder, &options)?;
    for drop in &options.drops {
        let drop = folder.join(drop);
        if !drop.is_dir() {
            return Err(StartError::NotAFolder(drop));
        }
    }
    let share = share(&folder, args)?;
    let listeners = bind(&args.listen)?;
    let threads = args.threads.map_or_else(cores, usize::from);
    let signals = Signals::catch().map_err(|e| StartError::System("wait for signals", e))?;
    let writer = Writer::start(args.log).map_err(|e| StartError::System("start a thread", e))?;
    if let Some(share) = &share {
        sweep(share.clone()).map_err(|e| StartError::System("start a thread", e))?;
    }
    let (orders, _) = watch::channel(Order::Serve);
    let shared = Arc::new(Shared::new(options.limits.clone()));
    announce(args, &folder, &listeners, threads, (&options, wanted));
    let mut workers = Vec::with_capacity(threads);
    let (running, ended) = mpsc::channel(1);
    for (k, listeners) in spread(listeners, threads)?.into_iter().enumerate() {
        let thread = Thread {
            name: format!("because-{k}"),
            shared: shared.clone(),
            listeners,
            orders: orders.subscribe(),
            folder: folder.clone(),
            share: share.clone(),
            options: options.clone(),
            running: running.clone(),
        };
        workers.push(thread.spawn(&writer).map_err(|e| StartError::System("start a thread", e))?);
    }
    drop(running);
    signals.wait(&orders, ended);
    let mut failed = None;
    for worker in workers {
        match worker.join() {
            Ok(Ok(())) => {}
            Ok(Err(e)) => failed = Some(e),
            Err(_) => failed = Some(io::Error::other("a thread panicked")),
        }
    }
    writer.end();
    remove_sockets(&args.listen);
    failed.map_or(Ok(()), |e| Err(StartError::System("go on", e)))
}

fn options(args: &Serve) -> Options {
    Options {
        index: args.index.clone(),
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
        limits: args.limits.limits(),
    }
}

/// Opens the folder once before anything is promised, so that a mistake is told at once.
fn open(folder: &Path, options: &Options) -> Result<PathBuf, StartError> {
    let full = folder.canonicalize().map_err(|e| StartError::Folder(folder.to_owned(), e))?;
    if !full.is_dir() {
        return Err(StartError::NotAFolder(folder.to_owned()));
    }
    files(&full, options, None).map_err(|e| StartError::Folder(folder.to_owned(), e))?;
    Ok(full)
}

/// The folder as one that can be written to, if it is to be.
fn share(folder: &Path, args: &Serve) -> Result<Option<Arc<Share>>, StartError> {
    let writing = &args.writing;
    if !writing.write && writing.drop.is_empty() {
        return Ok(None);
    }
    let tree = TreeOptions { durable: !writing.no_fsync, octets: writing.quota, files: writing.quota_files };
    let now = Clock::new().stamp().date.unix();
    let limits = args.limits.limits();
    let types = writing.accept_type.clone();
    let hidden = args.hidden || writing.write;
    let options = ShareOptions { tree, fresh: limits.cache_time, longest: limits.upload, types, hidden };
    let share = Share::open(folder, options, now);
    share.map(|share| Some(Arc::new(share))).map_err(|e| StartError::Share(folder.to_owned(), e))
}

/// Starts the thread that forgets what has ended. It ends with the program.
fn sweep(share: Arc<Share>) -> io::Result<()> {
    let work = move || {
        loop {
            std::thread::sleep(Duration::from_millis(limits::SWEEP));
            if let Err(error) = share.sweep(Clock::new().stamp().date.unix()) {
                eprintln!("because: what has ended cannot be forgotten for now: {error}");
            }
        }
    };
    std::thread::Builder::new().name("because-sweep".to_owned()).spawn(work).map(drop)
}

fn files(folder: &Path, options: &Options, share: Option<Arc<Share>>) -> io::Result<Files> {
    let cache_control = options.cache_control.clone();
    Files::open(folder, options, share, move |target| fields::render(target, cache_control.as_deref()))
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

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Fewer connections than this are worth a word, if more were wanted.
const FEW: usize = 1_024;

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
    folder: PathBuf,
    share: Option<Arc<Share>>,
    options: Arc<Options>,
    /// Dropped when the thread ends.
    running: mpsc::Sender<Infallible>,
}

impl Thread {
    fn spawn(self, writer: &Writer) -> io::Result<JoinHandle<io::Result<()>>> {
        let log = writer.log();
        std::thread::Builder::new().name(self.name).spawn(move || {
            let (folder, share, options, _running) = (self.folder, self.share, self.options, self.running);
            let prepare = move |_: Rc<Worker>| {
                let files = files(&folder, &options, share.clone())?;
                Ok(Service::new(files, share, Site::new(&options), log))
            };
            worker::run(self.shared, self.listeners, self.orders, prepare, serve::connection, Service::tick)
        })
    }
}

/// Where to click, what is served, what is allowed. To standard error: standard output is the log's.
fn announce(args: &Serve, folder: &Path, listeners: &[Listener], threads: usize, (options, wanted): (&Options, usize)) {
    eprintln!("because {} serves {}", env!("CARGO_PKG_VERSION"), folder.display());
    for address in listeners.iter().filter_map(|l| l.address().ok()) {
        match address {
            Address::Internet(a) if a.ip().is_unspecified() => {
                eprintln!("  http://localhost:{}/  and every other address of this machine", a.port());
            }
            Address::Internet(a) => eprintln!("  http://{a}/"),
            Address::Unix(path) => eprintln!("  unix:{}", path.display()),
        }
    }
    let say = |on: bool, yes: &'static str, no: &'static str| if on { yes } else { no };
    eprintln!(
        "  {} · {} · {} · {} {}",
        match (options.writable, options.drops.is_empty()) {
            (true, _) => "clients may write",
            (false, true) => "read only",
            (false, false) => "clients may add files to some folders",
        },
        say(options.listing, "folders are listed", "folders are not listed"),
        say(options.hidden, "dot files are served", "dot files are hidden"),
        threads,
        say(threads == 1, "thread", "threads"),
    );
    if options.limits.connections < wanted.min(FEW) {
        eprintln!(
            "  {} connections at a time; for more, raise the limit of open files (ulimit -n)",
            options.limits.connections
        );
    }
    if (options.writable || !options.drops.is_empty()) && args.listen.iter().any(is_public) {
        let may = say(options.writable, "change and remove everything in the folder", "add files to the folder");
        eprintln!("  WARNING: whoever reaches this address may {may};");
        eprintln!("  there are no passwords yet, so listen on 127.0.0.1 only, or behind something that asks for one");
    }
    if args.log != Format::Off {
        eprintln!("  each line below ends in a number; `because why NUMBER` tells the reason in words");
    }
}

/// Can somebody reach it who is not on this machine?
fn is_public(address: &Address) -> bool {
    matches!(address, Address::Internet(address) if !address.ip().is_loopback())
}

/// The signals that end a server.
struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on they no longer end the program by themselves.
    fn catch() -> io::Result<Signals> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (terminate, interrupt) = {
            let _context = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        Ok(Signals { runtime, terminate, interrupt })
    }

    /// Waits for one of them, then orders a drain; a second one ends the program at once. Ends, too, when every thread has.
    fn wait(self, orders: &watch::Sender<Order>, mut ended: mpsc::Receiver<Infallible>) {
        let Signals { runtime, mut terminate, mut interrupt } = self;
        runtime.block_on(async {
            let mut draining = false;
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                    _ = ended.recv() => return,
                }
                if draining {
                    eprintln!("because: stopped at once");
                    std::process::exit(1);
                }
                draining = true;
                eprintln!("because: finishing what has begun; once more to stop at once");
                // with no thread left there is nobody to tell
                let _ = orders.send(Order::Drain);
            }
        });
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
