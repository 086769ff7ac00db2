//! Messages that flow one way.

use ipc_core::Result;

use super::bytes;
use crate::channel::Kind;
use crate::partners::{Cores, Other, Stage, Work, visit};
use crate::sys::shared as c;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "stream",
    about: "Messages from one process to another, each on its own core, at full speed: the time\n\
            for one. The queues hold 8 messages (System V: 16 KiB), the pipe holds 64 KiB, and\n\
            the shared memory has 8 places, with one semaphore that counts the free ones and one\n\
            that counts the full ones. Both sides copy each message in and out. The reference is\n\
            C's calls on the same queue, pipe or semaphores, and `memcpy`. The kernel's queues\n\
            reject messages of 1 MiB unless an administrator raises the limit.",
    ratio: Ratio::Time,
    pairs,
};

const ROWS: [(Kind, usize); 10] = [
    (Kind::Posix, 64),
    (Kind::Posix, 4 << 10),
    (Kind::SystemV, 64),
    (Kind::SystemV, 4 << 10),
    (Kind::Pipe, 64),
    (Kind::Pipe, 4 << 10),
    (Kind::Pipe, 1 << 20),
    (Kind::Ring, 64),
    (Kind::Ring, 4 << 10),
    (Kind::Ring, 1 << 20),
];

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (row, (kind, size)) in ROWS.into_iter().enumerate() {
        let name = format!("{}, {}", kind.name(), bytes(size));
        visit(found, &name, ("stream", row), (Other::Process, Cores::Two), None)?;
    }
    Ok(())
}

pub(crate) fn scene(stage: &mut Stage, row: usize) -> Result<Work> {
    let (kind, size) = ROWS[row];
    let mut channel = kind.open(stage, 0, size)?;
    let all_there = stage.semaphore(0)?;
    let mut bytes = vec![7; size];
    if stage.leads {
        Ok(Box::new(move |side, times| {
            for _ in 0..times {
                channel.send(side, &bytes)?;
            }
            // The clock runs until the last message has arrived.
            c::wait(&all_there)?;
            Ok(None)
        }))
    } else {
        Ok(Box::new(move |side: Side, times| {
            for _ in 0..times {
                channel.receive(side, &mut bytes)?;
            }
            c::post(&all_there)?;
            Ok(None)
        }))
    }
}
