//! Kernel message queues that no other process uses.

use std::os::fd::{AsFd, AsRawFd};

use ipc_core::Result;
use ipc_testkit::fixture;

use crate::channel::{Channel, PosixQueue, SystemVQueue};
use crate::sys::from_c;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "queue",
    about: "A message of 64 bytes, sent and received by one thread, beside C's calls on the same\n\
            queue. Our calls copy the bytes from and to the caller's buffers; C's System V\n\
            message is already in C's layout.",
    ratio: Ratio::Time,
    pairs,
};

const LEN: usize = 64;
const TARGET: f64 = 1.03;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let posix = || PosixQueue::create(&fixture::name(), LEN);
    visit(pair("POSIX", posix()?).target(TARGET))?;
    let queue = posix()?;
    let fd = queue.0.as_fd().as_raw_fd();
    visit(beside_c("POSIX, from a C file", queue, move |times| from_c::queue(fd, times)))?;
    visit(pair("System V", SystemVQueue::create()?).target(TARGET))?;
    let queue = SystemVQueue::create()?;
    let id = queue.queue.id();
    visit(beside_c("System V, from a C file", queue, move |times| from_c::sysv_queue(id, times)))
}

fn pair(what: &str, mut queue: impl Channel) -> Pair {
    Pair::new(what, move |side, times| send_and_receive(&mut queue, side, times))
}

/// Runs both sides with C's calls, with a C file in place of our calls.
fn beside_c(
    what: &str,
    mut queue: impl Channel,
    from_c: impl Fn(u64) -> Result<()> + 'static,
) -> Pair {
    Pair::new(what, move |side, times| match side {
        Side::Ours => from_c(times),
        Side::Reference => send_and_receive(&mut queue, side, times),
    })
}

fn send_and_receive(queue: &mut impl Channel, side: Side, times: u64) -> Result<()> {
    let mut bytes = [7; LEN];
    for _ in 0..times {
        queue.send(side, &bytes)?;
        queue.receive(side, &mut bytes)?;
    }
    Ok(())
}
