//! `ipc gc`: removes what was left behind.

use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

use clap::Args;
use ipc::core::{Name, Signal, UserId};
use serde::Serialize;

use super::rm::REMOVABLE;
use crate::failure::{Failure, os};
use crate::machine::{self, FileId, Kind, Object, State, library, sockets};
use crate::output;
use crate::sys;

pub(super) const AFTER: &str = "\
An object is stale if it is left over from programs that should have removed it, and the kernel \
confirms that no process uses it. `ipc gc` removes the following objects. Below each kind is what the kernel must \
confirm:

  shared memory that the last process removes (Removal::LastDetach, the default of the toolkit)
      no process is attached: an attached process holds a lock on the file
  shared memory that its creator removes (Removal::OnDrop)
      its creator has ended, and no process has the file open or mapped
  System V segment without a key
      no process maps it, and its creator and the process that attached or detached it last
      have ended
  Unix socket
      no process is bound to the file any more

With --unused, `ipc gc` also removes idle and foreign objects (see `ipc ls --help`): shared memory, \
semaphores and POSIX queues that no process has open, and System V segments that no process maps. \
They may still be needed. `ipc gc` never removes a System V set or queue, because the kernel does \
not know which processes use one. It prints those whose processes seem to have ended: remove them with `ipc rm`.

`ipc gc` removes only your own objects, unless --all-users is given. The exit code is 1 if a stale \
object could not be removed.

Examples:
  ipc gc --dry-run              print what would be removed, and why
  ipc gc /camera                only names that begin with /camera
  ipc gc --unused /test-        after tests: all that no process has open";

/// The options of `ipc gc`.
#[derive(Args, Debug)]
pub(crate) struct Gc {
    /// Remove only objects whose name (/camera) or KIND:ID begins with this text; segment:7 selects
    /// segment:70 too
    #[arg(value_name = "PREFIX")]
    prefixes: Vec<String>,

    /// Print what would be removed, and remove nothing
    #[arg(long, short = 'n')]
    dry_run: bool,

    /// Also remove idle and foreign objects: no process uses them, but they may still be needed.
    /// System V sets and queues are never removed
    #[arg(long)]
    unused: bool,

    /// Also remove objects of other users
    #[arg(long)]
    all_users: bool,

    /// Print JSON, for programs
    #[arg(long)]
    json: bool,

    /// Do not print what was removed
    #[arg(long, short)]
    quiet: bool,
}

/// The outcome for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Removed,
    WouldRemove,
    /// A process uses it again, or another was faster.
    Left,
    Failed,
}

/// An object and what became of it, for programs.
#[derive(Serialize)]
struct Done {
    selector: String,
    outcome: Outcome,
    reason: String,
}

impl Gc {
    /// Removes all that it can, and says of the rest why not.
    pub(crate) fn run(self) -> Result<(), Failure> {
        // If a process wants the file, the kernel sends the holder of the lease a signal that ends
        // most programs.
        ipc::signal::ignore(Signal::IO)?;
        let me = UserId::effective().raw();
        let mut done = Vec::new();
        let mut uncounted = Vec::new();
        for object in machine::objects(&REMOVABLE).objects {
            let is_named = self.prefixes.is_empty()
                || self.prefixes.iter().any(|prefix| object.begins(prefix));
            let is_own = self.all_users || object.owner == Some(me);
            if !is_named || !is_own || object.elsewhere.is_some() {
                continue;
            }
            if matches!(object.kind, Kind::Set | Kind::SysvQueue) {
                let is_left = object.state == State::Idle && object.key.is_none();
                uncounted.extend(is_left.then(|| object.selector()));
            } else if object.state == State::Stale || self.unused && may_go(&object) {
                done.extend(self.collect(&object));
            }
        }
        self.tell(&done, &uncounted)?;
        match done.iter().filter(|done| done.outcome == Outcome::Failed).count() {
            0 => Ok(()),
            left => Err(Failure::new(
                output::count(left, "object", "objects"),
                "stale, and still there",
            )),
        }
    }

    fn collect(&self, object: &Object) -> Option<Done> {
        let selector = object.selector();
        let done = |outcome, reason| Some(Done { selector, outcome, reason });
        let outcome = if self.dry_run { Outcome::WouldRemove } else { Outcome::Removed };
        match remove(object, self.dry_run) {
            Ok(Some(proof)) => {
                done(outcome, proof.map_or_else(|| object.reason().into_owned(), String::from))
            }
            Ok(None) if object.state == State::Stale => None, // used again, or gone
            Ok(None) => done(Outcome::Left, String::from("a process has it open")),
            Err(why) => done(Outcome::Failed, why.to_string()),
        }
    }

    fn tell(&self, done: &[Done], uncounted: &[String]) -> Result<(), Failure> {
        if self.json {
            return output::json(&done);
        }
        let mut text = String::new();
        for Done { selector, outcome, reason } in done {
            let word = match outcome {
                Outcome::Removed if self.quiet => continue,
                Outcome::Removed => "removed",
                Outcome::WouldRemove => "would remove",
                Outcome::Left => "left",
                Outcome::Failed => {
                    output::note(&format!("{selector}: {reason}"));
                    continue;
                }
            };
            text += &sentence(&format!("{word} {selector}: {reason}"));
        }
        if !self.quiet {
            if done.is_empty() {
                text += "nothing to remove\n";
            }
            if !uncounted.is_empty() {
                let several = if uncounted.len() > 4 { " …" } else { "" };
                let some = uncounted[..uncounted.len().min(4)].join(" ");
                let of = output::count(
                    uncounted.len(),
                    "System V set or queue has",
                    "System V sets and queues have",
                );
                text += &sentence(&format!(
                    "left: {of} no key, and the process that used it last has ended. Other processes may still \
                     need it: the kernel keeps no list of them. If they do not: `ipc rm {some}{several}`"
                ));
            }
        }
        output::print(&text)
    }
}

/// A sentence that begins a line.
fn sentence(text: &str) -> String {
    output::wrapped(&output::harmless(text), 2) + "\n"
}

/// Returns `true` if an object that is meant to stay may go if it is not open.
fn may_go(object: &Object) -> bool {
    let is_idle = matches!(object.state, State::Idle | State::Foreign);
    let is_file = || {
        object.path().is_some_and(|path| fs::symlink_metadata(path).is_ok_and(|at| at.is_file()))
    };
    match object.kind {
        Kind::Shm | Kind::Semaphore | Kind::Queue => is_idle && is_file(),
        Kind::Segment => is_idle && object.attached == Some(0),
        _ => false,
    }
}

/// The proof that no process uses an object, if it is more than the reason for its state.
type Proof = Option<&'static str>;

/// Removes an object if no process uses it at that time, or only finds out.
fn remove(object: &Object, dry_run: bool) -> Result<Option<Proof>, Failure> {
    match (object.kind, object.path(), object.id) {
        (Kind::Segment, _, Some(id)) => {
            // Whoever maps it now keeps it: the kernel removes it with the last of them.
            if !dry_run {
                library::remove_id(Kind::Segment, id)?;
            }
            Ok(Some(None))
        }
        (Kind::Shm, _, None) if object.attached == Some(0) => {
            let gone = dry_run || library::remove_stale(&Name::new(&object.name)?)?;
            Ok(gone.then_some(None))
        }
        (Kind::Socket, Some(path), None) => Ok(remove_socket(&path, dry_run)?.then_some(None)),
        (_, Some(path), None) => {
            let gone = remove_unopened(&path, object.file, dry_run)?;
            Ok(gone.then_some(Some("no process has it open: the kernel has granted a lease")))
        }
        _ => Ok(None),
    }
}

/// How often, and after how long, a lease is asked for again.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(5);

/// Removes a file that no process has open, as the kernel guarantees while it grants a lease.
fn remove_unopened(path: &Path, wanted: Option<FileId>, dry_run: bool) -> Result<bool, Failure> {
    let is_it = |metadata: &fs::Metadata| Some(FileId::of(metadata)) == wanted;
    let file = match library::look(path) {
        Ok(file) => file,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(false),
        // Another `ipc gc` holds a lease on it.
        Err(err) if err.kind() == io::ErrorKind::WouldBlock => return Ok(false),
        Err(err) => return Err(os("open", path.display())(err)),
    };
    if !file.metadata().is_ok_and(|metadata| is_it(&metadata)) {
        return Ok(false); // another object has the name
    }
    // One who lists objects has each open for a moment.
    let mut tries = LOOKS;
    while !sys::lease(&file).map_err(os("fcntl", path.display()))? {
        tries -= 1;
        if tries == 0 {
            return Ok(false);
        }
        thread::sleep(LOOK);
    }
    if !fs::symlink_metadata(path).is_ok_and(|metadata| is_it(&metadata)) {
        return Ok(false);
    }
    if !dry_run {
        fs::remove_file(path).map_err(os("unlink", path.display()))?;
    }
    Ok(true)
}

fn remove_socket(path: &Path, dry_run: bool) -> Result<bool, Failure> {
    let Ok(before) = fs::symlink_metadata(path) else { return Ok(false) };
    if sockets::is_bound(path) != Some(false) {
        return Ok(false);
    }
    let is_same =
        fs::symlink_metadata(path).is_ok_and(|now| FileId::of(&now) == FileId::of(&before));
    if is_same && !dry_run {
        fs::remove_file(path).map_err(os("unlink", path.display()))?;
    }
    Ok(is_same)
}
