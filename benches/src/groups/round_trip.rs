//! Round trips between two processes or threads.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Errno, Error, Result};
use ipc_mem::Placed;
use ipc_sync::pthread::{Condvar, Mutex};
use ipc_sync::{LockError, futex};

use crate::channel::Kind;
use crate::partners::{Cores, Object, Other, Stage, Work, visit};
use crate::sys::shared as c;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "round-trip",
    about: "From one process to another and back: a post of one semaphore and a wait for\n\
            another, a value behind a mutex and a condition variable, 64 bytes through queues\n\
            and pipes, on two cores and on one, beside C's calls on the same objects. *Two\n\
            atomic integers*, with two processes that never sleep, is the lower limit, and the\n\
            same on both sides. On two cores, most of the time passes while the kernel wakes a\n\
            sleeping core.",
    ratio: Ratio::Time,
    pairs,
};

const LEN: usize = 64;

#[derive(Clone, Copy)]
enum Way {
    Spin,
    Semaphore,
    Native,
    NativeBesideSpin,
    Condvar,
    Through(Kind),
}

/// The way of each round trip, and its target relative to C.
const ROWS: [(Way, Option<f64>); 9] = [
    (Way::Spin, None),
    (Way::Semaphore, None),
    (Way::Native, Some(1.05)),
    (Way::NativeBesideSpin, Some(1.5)),
    (Way::Condvar, None),
    (Way::Through(Kind::Posix), Some(1.03)),
    (Way::Through(Kind::SystemV), Some(1.03)),
    (Way::Through(Kind::Pipe), None),
    (Way::Through(Kind::Ring), None),
];

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (row, (way, target)) in ROWS.into_iter().enumerate() {
        let name = match way {
            Way::Spin => "two atomic integers",
            Way::Semaphore => "semaphores",
            Way::Native => "native semaphores",
            Way::NativeBesideSpin => "native semaphores beside two atomic integers",
            Way::Condvar => "mutex and condition variable",
            Way::Through(kind) => kind.name(),
        };
        for (cores, on) in [(Cores::Two, "two cores"), (Cores::One, "one core")] {
            let spins = matches!(way, Way::Spin | Way::NativeBesideSpin);
            if !(spins && cores == Cores::One) {
                visit(
                    found,
                    &format!("{name}, {on}"),
                    ("round-trip", row),
                    (Other::Process, cores),
                    target,
                )?;
            }
        }
    }
    Ok(())
}

pub(crate) fn scene(stage: &mut Stage, row: usize) -> Result<Work> {
    match ROWS[row].0 {
        Way::Spin => spin(stage),
        Way::Semaphore => semaphores(stage),
        Way::Native => native(stage),
        Way::NativeBesideSpin => native_beside_spin(stage),
        Way::Condvar => condvar(stage),
        Way::Through(kind) => through(stage, kind),
    }
}

/// Repeats the two halves of a round trip.
fn back_and_forth<T: 'static>(
    leads: bool,
    mut with: T,
    send: impl Fn(&mut T, Side) -> Result<()> + 'static,
    receive: impl Fn(&mut T, Side) -> Result<()> + 'static,
) -> Work {
    Box::new(move |side, times| {
        for _ in 0..times {
            if leads {
                send(&mut with, side)?;
                receive(&mut with, side)?;
            } else {
                receive(&mut with, side)?;
                send(&mut with, side)?;
            }
        }
        Ok(None)
    })
}

fn spin(stage: &mut Stage) -> Result<Work> {
    let numbers = [stage.number()?, stage.number()?];
    let send = |[mine, _]: &mut [Object<AtomicU64>; 2], _| {
        mine.store(mine.load(Ordering::Relaxed) + 1, Ordering::Release);
        Ok(())
    };
    // The leader is one ahead when it waits; the follower is one behind.
    let behind = u64::from(!stage.leads);
    let receive = move |[mine, theirs]: &mut [Object<AtomicU64>; 2], _| {
        while theirs.load(Ordering::Acquire) < mine.load(Ordering::Relaxed) + behind {
            spin_loop();
        }
        Ok(())
    };
    Ok(back_and_forth(stage.leads, stage.mine_and_theirs(numbers), send, receive))
}

fn semaphores(stage: &mut Stage) -> Result<Work> {
    let both = [stage.semaphore(0)?, stage.semaphore(0)?];
    let [there, back] = stage.mine_and_theirs(both);
    let send = move |_: &mut (), side| match side {
        Side::Ours => there.post(),
        Side::Reference => c::post(&there),
    };
    let receive = move |_: &mut (), side| match side {
        Side::Ours => back.wait(),
        Side::Reference => c::wait(&back),
    };
    Ok(back_and_forth(stage.leads, (), send, receive))
}

fn native(stage: &mut Stage) -> Result<Work> {
    let both = [stage.semaphore(0)?, stage.semaphore(0)?];
    let [there, back] = stage.mine_and_theirs(both);
    let both = [native_semaphore(stage)?, native_semaphore(stage)?];
    let [native_there, native_back] = stage.mine_and_theirs(both);
    let send = move |_: &mut (), side| match side {
        Side::Ours => native_there.post(),
        Side::Reference => c::post(&there),
    };
    let receive = move |_: &mut (), side| match side {
        Side::Ours => {
            native_back.wait();
            Ok(())
        }
        Side::Reference => c::wait(&back),
    };
    Ok(back_and_forth(stage.leads, (), send, receive))
}

fn native_beside_spin(stage: &mut Stage) -> Result<Work> {
    let both = [native_semaphore(stage)?, native_semaphore(stage)?];
    let [there, back] = stage.mine_and_theirs(both);
    let send = move |_: &mut (), _| there.post();
    let receive = move |_: &mut (), _| {
        back.wait();
        Ok(())
    };
    let (mut ours, mut reference) = (back_and_forth(stage.leads, (), send, receive), spin(stage)?);
    Ok(Box::new(move |side, times| match side {
        Side::Ours => ours(side, times),
        Side::Reference => reference(side, times),
    }))
}

fn native_semaphore(stage: &mut Stage) -> Result<Object<futex::Semaphore>> {
    stage.object(|part| Placed::create_in_with(part, 0))
}

struct Turns {
    mutex: Object<Mutex<u64>>,
    /// The value that C's calls guard with the same mutex.
    plain: Object<AtomicU64>,
    changed: Object<Condvar>,
    /// The value is odd when the leader has to wait.
    odd: u64,
}

fn condvar(stage: &mut Stage) -> Result<Work> {
    let turns = Turns {
        mutex: stage.object(|part| Mutex::create_in(part, 0))?,
        plain: stage.number()?,
        changed: stage.object(Condvar::create_in)?,
        odd: stage.leads.into(),
    };
    let send = |turns: &mut Turns, side| match side {
        Side::Ours => {
            let mut turn = turns.mutex.lock().map_err(plain)?;
            *turn += 1;
            drop(turn);
            turns.changed.notify_one()
        }
        Side::Reference => {
            c::lock(turns.mutex.as_raw())?;
            turns.plain.store(turns.plain.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            c::unlock(turns.mutex.as_raw())?;
            c::notify(&turns.changed)
        }
    };
    let receive = |turns: &mut Turns, side| match side {
        Side::Ours => {
            let guard = turns.mutex.lock().map_err(plain)?;
            turns.changed.wait_while(guard, |turn| *turn % 2 == turns.odd).map(drop).map_err(plain)
        }
        Side::Reference => {
            c::lock(turns.mutex.as_raw())?;
            while turns.plain.load(Ordering::Relaxed) % 2 == turns.odd {
                c::wait_for(&turns.changed, turns.mutex.as_raw())?;
            }
            c::unlock(turns.mutex.as_raw())
        }
    };
    Ok(back_and_forth(stage.leads, turns, send, receive))
}

/// Discards the case of a dead owner, which does not occur here.
fn plain<G>(err: LockError<G>) -> Error {
    match err {
        LockError::Failed(err) => err,
        _ => Error::os("pthread_mutex_lock", "", Errno::EOWNERDEAD),
    }
}

fn through(stage: &mut Stage, kind: Kind) -> Result<Work> {
    let both = [kind.open(stage, 0, LEN)?, kind.open(stage, 1, LEN)?];
    let channels = stage.mine_and_theirs(both);
    Ok(back_and_forth(
        stage.leads,
        channels,
        |[there, _], side| there.send(side, &[7; LEN]),
        |[_, back], side| back.receive(side, &mut [0; LEN]),
    ))
}
