//! `ipc rm`: removes objects.

use std::fs;

use clap::Args;
use ipc::core::Name;

use crate::failure::{Failure, os};
use crate::machine::{Kind, Object, State, library};
use crate::output;
use crate::selector::one;

pub(super) const AFTER: &str = "\
An object that a process uses is removed only with --force. The kernel does not list the processes \
that use a System V set or queue. Such an object counts as used if the process that used it last \
still runs, or, for a set, if a process waits for it. After the removal of shared memory, a semaphore or \
a POSIX queue, processes that have the object open can still use it, but no process can open it by name any more. Processes \
that wait for a System V set or queue fail with EIDRM.

Examples:
  ipc rm /frames                          shared memory
  ipc rm sem:/ready segment:7             a semaphore, and a System V segment
  ipc ls --stale --quiet | xargs ipc rm   several objects";

/// The kinds that can be removed.
pub(super) const REMOVABLE: [Kind; 8] = [
    Kind::Shm,
    Kind::Semaphore,
    Kind::Queue,
    Kind::Segment,
    Kind::Set,
    Kind::SysvQueue,
    Kind::Fifo,
    Kind::Socket,
];

/// The options of `ipc rm`.
#[derive(Args, Debug)]
pub(crate) struct Rm {
    /// A name, a key or an id
    #[arg(required = true, value_name = "NAME|KEY|ID")]
    what: Vec<String>,

    /// Remove the object even if a process uses it
    #[arg(long, short)]
    force: bool,

    /// Print what was removed
    #[arg(long, short)]
    verbose: bool,
}

impl Rm {
    /// Removes each, and goes on after one that cannot be removed.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut code = 0;
        for what in &self.what {
            if let Err(why) = self.remove(what) {
                output::note(&why.to_string());
                code = code.max(why.code());
            }
        }
        if code == 0 { Ok(()) } else { Err(Failure::silent(code)) }
    }

    fn remove(&self, what: &str) -> Result<(), Failure> {
        let object = one(what, &REMOVABLE)?;
        if object.state == State::InUse && !self.force {
            let users: Vec<_> = object
                .processes
                .iter()
                .map(|user| format!("{} {}", user.pid, user.command))
                .collect();
            let users =
                if users.is_empty() { String::new() } else { format!(" ({})", users.join(", ")) };
            let why = format!(
                "it is in use: {}{users}; --force removes it all the same",
                object.reason()
            );
            return Err(Failure::new(object.selector(), why));
        }
        remove(&object)?;
        if self.verbose {
            output::print(&(output::harmless(format!("removed {}", object.selector())) + "\n"))?;
        }
        Ok(())
    }
}

/// Removes an object, whoever uses it.
pub(super) fn remove(object: &Object) -> Result<(), Failure> {
    match (object.kind, object.id, Name::new(&object.name)) {
        (kind, Some(id), _) => library::remove_id(kind, id)?,
        (Kind::Queue, None, Ok(name)) => library::unlink_queue(&name)?,
        (kind @ (Kind::Shm | Kind::Semaphore), None, Ok(name)) if object.has_its_name() => {
            library::unlink_file(kind, &name)?;
        }
        _ => match object.path() {
            Some(path) => fs::remove_file(&path).map_err(os("unlink", path.display()))?,
            None => {
                return Err(Failure::new(
                    object.selector(),
                    "it has no name that could be removed",
                ));
            }
        },
    }
    Ok(())
}
