//! Signals with values.

use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use std::{mem, thread};

use ipc_core::{Errno, Error, ProcessId, Result, Signal};
use ipc_signal::{Signals, send_value, wait};

use crate::partners::{Cores, Other, Stage, Work, visit};
use crate::sys::{failed, signal as c};
use crate::{Group, Pair, Ratio, Side, Turn};

/// The group.
pub const GROUP: Group = Group {
    name: "signals",
    about: "A value sent by `send_value` to another process, which sends it back, beside C's\n\
            calls in both processes: *read* is `Signals::recv` beside `read` of a signalfd,\n\
            *wait* is `wait` beside `sigwaitinfo`. The last row receives signals that were\n\
            queued before, beside `read`.",
    ratio: Ratio::Time,
    pairs,
};

const TARGET: f64 = 1.1;

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (by_wait, way) in ["read", "wait"].into_iter().enumerate() {
        for (cores, on) in [(Cores::Two, "two cores"), (Cores::One, "one core")] {
            let name = format!("there and back by {way}, {on}");
            visit(found, &name, ("signals", by_wait), (Other::Process, cores), Some(TARGET))?;
        }
    }
    found(taking("taking one, `recv`", |received| Ok(received.recv()?.value()))?.target(TARGET))?;
    found(
        taking("taking one, `try_recv`", |received| {
            Ok(received.try_recv()?.and_then(|info| info.value()))
        })?
        .target(TARGET),
    )
}

/// Blocks the signals of this group in this thread, and in those it starts, for ever: otherwise
/// they would end the process.
pub(crate) fn block() -> Result<()> {
    mem::forget(Signals::block(signal()?)?);
    Ok(())
}

fn signal() -> Result<Signal> {
    Signal::realtime(0)
}

pub(crate) fn scene(stage: &mut Stage, by_wait: usize) -> Result<Work> {
    let signal = signal()?;
    let received = Signals::block(signal)?;
    let receiver = c::Receiver::new(signal).map_err(failed)?;
    let pids = [stage.number()?, stage.number()?];
    let [mine, theirs] = stage.mine_and_theirs(pids);
    mine.store(ProcessId::current().raw().unsigned_abs().into(), Ordering::Relaxed);
    let send = move |side, value| {
        let to = i32::try_from(theirs.load(Ordering::Relaxed)).unwrap_or(i32::MAX);
        match side {
            Side::Ours => send_value(ProcessId::new(to), signal, value),
            Side::Reference => c::queue(to, signal, value).map_err(failed),
        }
    };
    let receive = move |side| match (side, by_wait) {
        (Side::Ours, 0) => Ok(received.recv()?.value()),
        (Side::Ours, _) => Ok(wait(signal)?.value()),
        (Side::Reference, 0) => receiver.read().map(Some).map_err(failed),
        (Side::Reference, _) => receiver.wait().map(Some).map_err(failed),
    };
    let leads = stage.leads;
    Ok(Box::new(move |side, times| {
        for turn in 0..times {
            let value = i32::try_from(turn % 1000).unwrap_or_default();
            if leads {
                send(side, value)?;
            }
            if receive(side)? != Some(value) {
                return Err(Error::mismatch("receive", signal, "another value came"));
            }
            if !leads {
                send(side, value)?;
            }
        }
        Ok(None)
    }))
}

/// The measured time excludes sending.
fn taking(name: &str, take: fn(&Signals) -> Result<Option<i32>>) -> Result<Pair> {
    const QUEUED: u64 = 500;
    let signal = signal()?;
    let received = Signals::block(signal)?;
    let receiver = c::Receiver::new(signal).map_err(failed)?;
    Ok(Pair::timed(name, move |side, times| {
        let mut turn = Turn { time: Duration::ZERO, share: None };
        for first in (0..times).step_by(500) {
            let values = 0..i32::try_from(QUEUED.min(times - first)).unwrap_or_default();
            for value in values.clone() {
                queue_patiently(signal, value)?;
            }
            let start = Instant::now();
            for value in values {
                let got = match side {
                    Side::Ours => take(&received)?,
                    Side::Reference => Some(receiver.read().map_err(failed)?),
                };
                if black_box(got) != Some(value) {
                    return Err(Error::mismatch("receive", signal, "another value came"));
                }
            }
            turn.time += start.elapsed();
        }
        Ok(turn)
    }))
}

/// Retries when the queue is full: all processes of the user share it.
fn queue_patiently(signal: Signal, value: i32) -> Result<()> {
    loop {
        match c::queue(ProcessId::current().raw(), signal, value) {
            Err(Errno::EAGAIN) => thread::yield_now(),
            done => return done.map_err(failed),
        }
    }
}
