//! `ipc lock`: runs a command while holding a lock.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;
use ipc::core::UserId;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::run;
use crate::failure::{Failure, os};
use crate::selector::new_name;
use crate::sys;

pub(super) const AFTER: &str = "\
If NAME has no slash, or only one at its beginning (nightly, /nightly), the lock file is \
/dev/shm/nightly. Any other NAME is the path of the lock file: ./job, dir/job, /run/job. The file \
is created if it does not exist. The lock is a flock(2) lock, so `flock /dev/shm/nightly ./job` in \
a script waits for `ipc lock /nightly -- ./job`, and the other way round. Locks of fcntl, such as \
a FileLock of ipc-stream, are independent of it.

The lock is released when the command and all background processes that it started have ended; \
with --close, when the command ends. If `ipc` is killed, the command receives SIGTERM, and the \
lock stays held until the command and its background processes have ended; with --close, it is \
released at once.

Exit codes are those of flock(1): the code of the command; 128 + N if signal N ended it; 1, or \
CODE, if the lock was not acquired in time; 69 if the command could not be started.

Examples:
  ipc lock /nightly -- ./job                 wait for the lock, then run the job
  ipc lock /nightly --timeout 10 -- ./job    wait for ten seconds at most
  ipc lock --shared ./data.db -- ./report    with a lock that others share";

/// The options of `ipc lock`.
#[derive(Args, Debug)]
pub(crate) struct Lock {
    /// A name such as /nightly, or the path of a file
    name: String,

    /// Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait
    #[arg(long, short = 'w', value_name = "TIME", value_parser = super::duration)]
    timeout: Option<Duration>,

    /// Acquire a shared lock: several processes may hold it, unless one holds an exclusive lock
    #[arg(long, short)]
    shared: bool,

    /// The exit code if the lock was not acquired in time
    #[arg(long, short = 'E', value_name = "CODE", default_value_t = 1, value_parser = super::number(0..=u8::MAX))]
    conflict_exit_code: u8,

    /// Only `ipc` holds the lock, not the command. The lock is released when the command ends, even
    /// if its background processes still run, and when `ipc` is killed, even if the command still
    /// runs
    #[arg(long, short = 'o')]
    close: bool,

    /// Accept a lock file of another user
    #[arg(long)]
    any_owner: bool,

    /// The mode of a new lock file: three octal digits, such as 640
    #[arg(long, default_value = "600", value_parser = super::mode)]
    mode: u32,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Lock {
    /// Runs the command, and ends as it does.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let (file, path) = self.open()?;
        let how = if self.shared { FlockArg::LockShared } else { FlockArg::LockExclusive };
        let Some(lock) = acquire(file, how, self.timeout).map_err(os("flock", path.display()))?
        else {
            return Err(Failure::silent(self.conflict_exit_code));
        };
        let command = run::start(&self.command, (!self.close).then(|| lock.as_raw_fd()))?;
        // Dropping it would unlock the file also for processes that the command leaves behind.
        std::mem::forget(lock);
        run::end(command)
    }

    /// The file that is locked.
    fn open(&self) -> Result<(File, PathBuf), Failure> {
        let bare = self.name.strip_prefix('/').unwrap_or(&self.name);
        let path = if bare.contains('/') {
            PathBuf::from(&self.name)
        } else {
            let name = new_name(&self.name)?;
            PathBuf::from(format!("/dev/shm/{}", name.file_name()))
        };
        // First without creating it: where others may write, the kernel forbids that on files of
        // others.
        let open = |create| {
            let flags = if path.starts_with("/dev/shm") { sys::CAREFULLY } else { 0 };
            File::options()
                .read(true)
                .write(create)
                .create(create)
                .mode(self.mode)
                .custom_flags(flags)
                .open(&path)
        };
        let file = open(false).or_else(|_| open(true)).map_err(os("open", path.display()))?;
        let owner = file.metadata().map_err(os("fstat", path.display()))?.uid();
        let me = UserId::effective().raw();
        if !self.any_owner && owner != me && owner != 0 && path.starts_with("/dev/shm") {
            let why = format!(
                "the lock file belongs to {}: --any-owner accepts it",
                crate::machine::users::name(owner)
            );
            return Err(Failure::new(path.display(), why));
        }
        Ok((file, path))
    }
}

/// Waits for a lock, not longer than that.
fn acquire(
    file: File,
    how: FlockArg,
    timeout: Option<Duration>,
) -> Result<Option<Flock<File>>, Errno> {
    let at_once = match how {
        FlockArg::LockShared => FlockArg::LockSharedNonblock,
        _ => FlockArg::LockExclusiveNonblock,
    };
    let file = match Flock::lock(file, at_once) {
        Ok(lock) => return Ok(Some(lock)),
        Err((file, Errno::EWOULDBLOCK)) => file,
        Err((_, errno)) => return Err(errno),
    };
    if timeout == Some(Duration::ZERO) {
        return Ok(None);
    }
    // The kernel's wait has no limit of its own. If the time is over, the process ends, and the
    // thread with it.
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut file = file;
        let lock = loop {
            match Flock::lock(file, how) {
                Err((again, Errno::EINTR)) => file = again,
                done => break done.map_err(|(_, errno)| errno),
            }
        };
        drop(sender.send(lock));
    });
    match timeout {
        None => receiver.recv().map_err(|_| Errno::EIO)?.map(Some),
        Some(timeout) => receiver.recv_timeout(timeout).map_or(Ok(None), |lock| lock.map(Some)),
    }
}
