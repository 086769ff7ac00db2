//! `ipc sem`: semaphores, POSIX and System V.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::{Args, Subcommand};
use ipc::core::Name;
use ipc::sync::NamedSemaphore;
use ipc::sync::sysv::{Operation, SemaphoreSet};

use super::run;
use crate::failure::Failure;
use crate::machine::{Kind, library};
use crate::output;
use crate::selector::one;

pub(super) const AFTER: &str = "\
NAME is a POSIX semaphore, such as /ready, or a System V set, such as set:7 or the key 0x52e2c1; \
--index selects a semaphore of the set.

The value of a semaphore is the number of free permits: `wait` and `try` acquire one, `post` \
releases one. `run` acquires a permit, runs the command, and releases the permit when the command \
has ended, even if it is killed. If `ipc` is killed, the command is killed too, and the permit is \
released. (The permit of a POSIX semaphore is lost if \
`ipc` is killed in the microsecond after it acquired the permit.)

Exit codes of `run`: the code of the command; 128 + N if signal N ended it; 1 if no permit was \
acquired in time; 69 if the command could not be started.

Examples:
  ipc sem wait /ready --timeout 5    exit code 1 if no permit is free in time
  ipc sem post /ready -n 3           release three permits
  ipc create sem /workers 4          a semaphore with four permits
  ipc sem run /workers -- ./job      at most four jobs run at the same time";

/// The options of `ipc sem`.
#[derive(Args, Debug)]
pub(crate) struct Sem {
    #[command(subcommand)]
    verb: Verb,
}

/// Which semaphore.
#[derive(Args, Debug)]
struct Which {
    /// A name, or a System V set
    #[arg(value_name = "NAME|set:ID")]
    name: String,

    /// The index of the semaphore in a set
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = super::number(0..=u16::MAX))]
    index: u16,
}

/// A verb for semaphores.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Post permits
    Post {
        #[command(flatten)]
        which: Which,
        /// The number of permits
        #[arg(short = 'n', long, default_value_t = 1, value_parser = super::number(0..=u16::MAX))]
        count: u16,
    },
    /// Wait for a permit, and acquire it; exit code 1 after a timeout
    Wait {
        #[command(flatten)]
        which: Which,
        /// Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait
        #[arg(long, short = 'w', value_name = "TIME", value_parser = super::duration)]
        timeout: Option<Duration>,
    },
    /// Acquire a permit if one is free; exit code 1 otherwise
    Try {
        #[command(flatten)]
        which: Which,
    },
    /// Print the value
    Value {
        #[command(flatten)]
        which: Which,
    },
    /// Run a command while holding a permit
    Run {
        #[command(flatten)]
        which: Which,
        /// Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait
        #[arg(long, short = 'w', value_name = "TIME", value_parser = super::duration)]
        timeout: Option<Duration>,
        /// The command and its arguments
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
}

/// A semaphore of either kind.
enum Semaphore {
    Named(NamedSemaphore),
    OfSet(SemaphoreSet, u16),
}

impl Sem {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Post { which, count } => Semaphore::open(&which)?.post(count),
            Verb::Wait { which, timeout } => yes(Semaphore::open(&which)?.wait(timeout, false)?),
            Verb::Try { which } => yes(Semaphore::open(&which)?.wait(Some(Duration::ZERO), false)?),
            Verb::Value { which } => {
                output::print(&format!("{}\n", Semaphore::open(&which)?.value()?))
            }
            Verb::Run { which, timeout, command } => match Semaphore::open(&which)? {
                Semaphore::Named(semaphore) => run_guarded(&semaphore, timeout, &command),
                set @ Semaphore::OfSet(..) => {
                    yes(set.wait(timeout, true)?)?; // undone by the kernel when this process ends
                    run::end(run::start(&command, None)?)
                }
            },
        }
    }
}

fn yes(done: bool) -> Result<(), Failure> {
    if done { Ok(()) } else { Err(Failure::no()) }
}

impl Semaphore {
    fn open(which: &Which) -> Result<Self, Failure> {
        let object = one(&which.name, &[Kind::Semaphore, Kind::Set])?;
        Ok(match object.id {
            Some(id) => Self::OfSet(library::set(id)?, which.index),
            None => Self::Named(library::semaphore(&Name::new(&object.name)?)?),
        })
    }

    fn post(&self, count: u16) -> Result<(), Failure> {
        match self {
            Self::Named(semaphore) => (0..count).try_for_each(|_| semaphore.post())?,
            Self::OfSet(set, index) => set.operate(&[Operation::add(*index, count)])?,
        }
        Ok(())
    }

    fn wait(&self, timeout: Option<Duration>, undo: bool) -> Result<bool, Failure> {
        Ok(match (self, timeout) {
            (Self::Named(semaphore), None) => semaphore.wait().map(|()| true)?,
            (Self::Named(semaphore), Some(Duration::ZERO)) => semaphore.try_wait()?,
            (Self::Named(semaphore), Some(timeout)) => semaphore.wait_timeout(timeout)?,
            (Self::OfSet(set, index), timeout) => {
                let take = Operation::take(*index, 1);
                let steps = [if undo { take.undo() } else { take }];
                match timeout {
                    None => set.operate(&steps).map(|()| true)?,
                    Some(Duration::ZERO) => set.try_operate(&steps)?,
                    Some(timeout) => set.operate_timeout(&steps, timeout)?,
                }
            }
        })
    }

    fn value(&self) -> Result<u32, Failure> {
        Ok(match self {
            Self::Named(semaphore) => semaphore.value()?,
            Self::OfSet(set, index) => set.get(*index)?.into(),
        })
    }
}

/// The messages of `ipc sem run` to its guard: it has the permit; it needs it no more.
const ACQUIRED: u8 = b'a';
const DONE: u8 = b'd';

/// Runs a command with a permit that a second process returns.
///
/// The guard is there before the permit is acquired, and reads a pipe that this process and the
/// command have: whichever of them is killed, the pipe ends when both have ended. A kill in the
/// microsecond between acquiring the permit and telling the guard loses it, as POSIX semaphores do
/// not know their holders.
fn run_guarded(
    semaphore: &NamedSemaphore,
    timeout: Option<Duration>,
    command: &[OsString],
) -> Result<(), Failure> {
    let mut guard = guard(semaphore.name())?;
    let Some(mut pipe) = guard.stdin.take() else {
        return Err(Failure::new("the guard", "it has no pipe"));
    };
    yes(Semaphore::wait_named(semaphore, timeout)?)?;
    // That fails if the guard was killed, which is noticed at the end.
    let _ = pipe.write_all(&[ACQUIRED]);
    let ended = run::start(command, Some(pipe.as_raw_fd())).and_then(run::end);
    let _ = pipe.write_all(&[DONE]);
    drop(pipe);
    if !guard.wait().is_ok_and(|status| status.success()) {
        semaphore.post()?;
    }
    ended
}

impl Semaphore {
    fn wait_named(semaphore: &NamedSemaphore, timeout: Option<Duration>) -> Result<bool, Failure> {
        Ok(match timeout {
            None => semaphore.wait().map(|()| true)?,
            Some(Duration::ZERO) => semaphore.try_wait()?,
            Some(timeout) => semaphore.wait_timeout(timeout)?,
        })
    }
}

fn guard(name: &Name) -> Result<Child, Failure> {
    let program =
        std::env::current_exe().map_err(|why| Failure::new("finding this program", why))?;
    let mut guard = Command::new(program);
    // Ctrl-C is not for it.
    guard
        .args(["permit-guard", name.as_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0);
    guard.spawn().map_err(|why| Failure::new("starting the guard", why))
}

/// The options of the guard.
#[derive(Args, Debug)]
pub(crate) struct Guard {
    /// The semaphore
    name: String,
}

impl Guard {
    /// Posts the semaphore as soon as the permit is not needed any more.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let semaphore = library::semaphore(&Name::new(&self.name)?)?;
        let mut has_permit = false;
        for byte in io::stdin().lock().bytes() {
            match byte {
                Ok(ACQUIRED) => has_permit = true,
                _ => break,
            }
        }
        if has_permit {
            semaphore.post()?;
        }
        Ok(())
    }
}
