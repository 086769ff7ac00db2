//! Arbitrary bytes as a mailbox: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::RingInfo;
use ipc_ring::mailbox::{Mailbox, Sender};

use crate::memory;

fn reads<T: Plain, M: Memory<Access = ReadWrite>>(memory: M) -> Result<()> {
    let inbox = Mailbox::<T, _>::open_in(memory)?;
    for _ in 0..8 {
        drop(inbox.try_recv()?);
    }
    drop(inbox.recv_timeout(Duration::ZERO)?);
    assert!(inbox.waiting() <= inbox.capacity());
    Ok(())
}

fn sends<T: Plain, M: Memory<Access = ReadWrite>>(memory: M, message: T) -> Result<()> {
    let sender = Sender::<T, _>::open_in(memory)?;
    for _ in 0..4 {
        sender.try_send(&message)?;
    }
    sender.send_timeout(&message, Duration::ZERO)?;
    let _ = sender.owner();
    Ok(())
}

/// Reads what was sent with a receipt, in the same bytes.
fn both<T: Plain, M: Memory<Access = ReadWrite> + Clone>(memory: M, message: T) -> Result<()> {
    let sender = Sender::<T, _>::open_in(memory.clone())?;
    let inbox = Mailbox::<T, _>::open_in(memory)?;
    for _ in 0..8 {
        drop(inbox.try_recv()?);
    }
    // With a receipt only where there is a free place: it would wait for ever.
    if sender.try_send(&message)? {
        drop(inbox.try_recv()?);
    }
    Ok(())
}

/// Uses the bytes in several ways, laid out again each time: each finds a mailbox inside them, or an
/// error. Returns whether one found it in order.
pub fn run(bytes: &[u8]) -> bool {
    let _ = RingInfo::of_bytes(bytes);
    let bytes = memory::created_here(bytes);
    run_in(&|| memory::memory(&bytes))
}

/// The same with memory objects that a function returns.
pub fn run_in<M: Memory<Access = ReadWrite> + Clone>(memory: &impl Fn() -> M) -> bool {
    all(memory, 7_u64) | all(memory, [1_u8, 2, 3])
}

fn all<T: Plain, M: Memory<Access = ReadWrite> + Clone>(
    memory: &impl Fn() -> M,
    message: T,
) -> bool {
    let alone = [reads::<T, _>(memory()), sends(memory(), message), both(memory(), message)];
    let one = memory();
    let together = [sends(one.clone(), message), reads::<T, _>(one)];
    alone.into_iter().chain(together).map(in_order).fold(true, |all, one| all & one)
}

fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| err.is_mismatch() || err.is_busy() || err.is_owner_died();
    result.inspect_err(|err| assert!(is_expected(err), "{err}")).is_ok()
}
