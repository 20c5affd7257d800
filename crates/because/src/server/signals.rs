//! The orders that reach a running server: to end, and to read its configuration again.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use crate::limits;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use transport::listen::Address;
use transport::worker::Order;

use crate::cli::Serve;
use crate::configured::{self, Purpose, State};
use crate::messages;
use crate::plan::InForce;
use crate::settings::{self, Run, Source};
use crate::watched::Watched;

/// What a configuration that has changed is read with.
pub(super) struct Reload<'a> {
    pub(super) args: &'a Serve,
    pub(super) source: &'a Source,
    /// How the server was started.
    pub(super) run: &'a Run,
    pub(super) addresses: &'a [Address],
    pub(super) state: &'a State,
    pub(super) in_force: &'a InForce,
}

impl Reload<'_> {
    /// Reads it anew. What is in force stays so if it cannot be read; no connection is touched either way.
    fn read_again(&self) {
        let Some(path) = self.source.file() else {
            return log::warn!("there is no configuration to read again");
        };
        let hosts = (&*self.args.host, self.addresses);
        let read = settings::read(path, self.args).and_then(|(config, mut warnings)| {
            let (plan, more) = configured::plan(&config, self.state, hosts, Purpose::Serve)?;
            warnings.extend(more);
            warnings.extend(settings::needs_a_start(&config, self.args, self.run, self.addresses));
            Ok((plan, warnings))
        });
        match read {
            Ok((plan, warnings)) => {
                messages::diagnose(&warnings);
                self.in_force.replace(plan);
                log::info!("{} is in force", path.display());
            }
            Err(mistakes) => {
                messages::diagnose(&mistakes);
                log::error!("{} has mistakes; what was in force before stays so", path.display());
            }
        }
    }
}

/// The signals that end a server, and the one that has it read its configuration again.
pub(super) struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// From now on they no longer end the program by themselves.
    pub(super) fn catch() -> io::Result<Signals> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (terminate, interrupt, hangup) = {
            let _context = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?)
        };
        Ok(Signals { runtime, terminate, interrupt, hangup })
    }

    /// Waits for one of them, then orders a drain; a second one ends the program at once. Ends, too, when every thread has.
    /// A configuration is read again when it has changed, and at SIGHUP.
    pub(super) fn wait(
        self,
        orders: &watch::Sender<Order>,
        mut ended: mpsc::Receiver<Infallible>,
        mut watched: Watched,
        reload: &Reload<'_>,
    ) {
        let Signals { runtime, mut terminate, mut interrupt, mut hangup } = self;
        runtime.block_on(async {
            let mut draining = false;
            loop {
                let look = tokio::time::sleep(Duration::from_millis(limits::WATCH));
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                    _ = hangup.recv() => {
                        watched.has_changed();
                        reload.read_again();
                        continue;
                    }
                    () = look, if watched.is_some() && !draining => {
                        if watched.has_changed() {
                            reload.read_again();
                        }
                        continue;
                    }
                    _ = ended.recv() => return,
                }
                if draining {
                    log::warn!("stopped at once");
                    std::process::exit(1);
                }
                draining = true;
                log::info!("finishing what has begun; once more to stop at once");
                // with no thread left there is nobody to tell
                let _ = orders.send(Order::Drain);
            }
        });
    }
}
