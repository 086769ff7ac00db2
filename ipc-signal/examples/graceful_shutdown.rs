//! A server that is controlled by signals: HUP reloads its configuration, CHLD reports that a
//! worker exited, TERM and INT end it.
//!
//! Here a shell plays the administrator and sends the signals, so the example ends by itself.

use std::error::Error;
use std::io;
use std::process::{Child, Command};

use ipc_core::ProcessId;
use ipc_signal::{ChildSignals, Signal, Signals, send};

#[derive(Default)]
struct Server {
    generation: u32,
    workers: Vec<Child>,
}

/// Starts a process that does not inherit the blocked signals.
fn start(program: &str) -> io::Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", program]);
    ChildSignals::new().set_up(&mut command);
    command.spawn()
}

impl Server {
    /// Starts workers for the new configuration, and asks the old ones to end.
    fn reload(&mut self) -> Result<(), Box<dyn Error>> {
        self.generation += 1;
        println!("configuration {} is in use", self.generation);
        self.end_workers()?;
        for _ in 0..2 {
            self.workers.push(start("exec sleep 3600")?);
        }
        Ok(())
    }

    /// They were not waited for yet, so their ids are still their own.
    fn end_workers(&self) -> ipc_core::Result<()> {
        self.workers.iter().try_for_each(|worker| send(worker, Signal::TERM))
    }

    /// CHLD signals merge, so each worker is checked.
    fn reap(&mut self) -> io::Result<()> {
        for index in (0..self.workers.len()).rev() {
            if let Some(status) = self.workers[index].try_wait()? {
                println!("worker {} ended: {status}", self.workers.swap_remove(index).id());
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // First of all, so that every thread inherits the mask.
    let mut signals = Signals::block([Signal::HUP, Signal::CHLD, Signal::TERM, Signal::INT])?;
    let mut server = Server::default();
    server.reload()?;
    let mut administrator = start("kill -HUP $PPID; sleep 0.2; kill -TERM $PPID")?;

    for info in &mut signals {
        let info = info?;
        match info.signal() {
            Signal::HUP => server.reload()?,
            Signal::CHLD => server.reap()?,
            ending => {
                println!("{ending} from process {:?}", info.process().map(ProcessId::raw));
                break;
            }
        }
    }
    server.end_workers()?;
    server.workers.iter_mut().try_for_each(|worker| worker.wait().map(drop))?;
    administrator.wait()?;
    Ok(())
}
