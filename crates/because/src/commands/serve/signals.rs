//! The signals that reach a running server: to end, and to read its configuration again.

use std::io;
use std::time::Duration;

use crate::limits;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::messages;
use server::Watched;
use server::settings::Source;
use server::{Server, StartError};

/// Has the server read its configuration anew. What is in force stays so if it cannot be read; no connection is touched either way.
fn read_again(server: &Server, source: &Source) {
    let Some(path) = source.file() else {
        return log::warn!("there is no configuration to read again");
    };
    match server.reload(source) {
        Ok(warnings) => {
            messages::diagnose(&warnings);
            log::info!("{} is in force", path.display());
        }
        Err(mistakes) => {
            messages::diagnose(&mistakes);
            log::error!("{} has mistakes; what was in force before stays so", path.display());
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

    /// Waits for one of them, then has the server finish; a second one ends the program at once. Ends, too, when every thread
    /// has. A configuration is read again when it has changed, and at SIGHUP.
    pub(super) fn wait(self, mut server: Server, mut watched: Watched, source: &Source) -> Result<(), StartError> {
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
                        read_again(&server, source);
                        continue;
                    }
                    () = look, if watched.is_some() && !draining => {
                        if watched.has_changed() {
                            read_again(&server, source);
                        }
                        continue;
                    }
                    () = server.ended() => return,
                }
                if draining {
                    log::warn!("stopped at once");
                    std::process::exit(1);
                }
                draining = true;
                // whoever reads the message finds that it is so
                server.drain();
                log::info!("finishing what has begun; once more to stop at once");
            }
        });
        server.end()
    }
}
