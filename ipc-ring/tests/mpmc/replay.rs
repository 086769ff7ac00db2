//! Arbitrary bytes as a queue: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::mpmc::{Received, Receiver, Sender};

/// Receives what is there, and fails if it is not in order.
pub(crate) fn receives<T: Plain, M: Memory<Access = ReadWrite>>(memory: M) -> Result<()> {
    let queue = Receiver::<T, _>::open_in(memory)?;
    for _ in 0..20 {
        if let Some(Received::Lost(count)) = queue.try_recv()? {
            assert!((1..=queue.capacity() as u64).contains(&count), "{count} lost");
        }
    }
    queue.recv_timeout(Duration::ZERO)?;
    Ok(())
}

/// Sends as much as fits, and fails if it is not in order.
pub(crate) fn sends<T: Plain, M: Memory<Access = ReadWrite>>(memory: M, message: T) -> Result<()> {
    let sender = Sender::<T, _>::open_in(memory)?;
    for _ in 0..20 {
        sender.try_send(&message)?;
    }
    sender.send_timeout(&message, Duration::ZERO)?;
    Ok(())
}

/// Bytes that `memory` lays out again each time are a queue inside them, or an error. Returns whether
/// they were a queue in order.
pub(crate) fn run<M: Memory<Access = ReadWrite> + Clone>(memory: impl Fn() -> M) -> bool {
    both(&memory, 7_u64) | both(&memory, [1_u8, 2, 3])
}

fn both<T: Plain, M: Memory<Access = ReadWrite> + Clone>(
    memory: &impl Fn() -> M,
    message: T,
) -> bool {
    let alone = [receives::<T, _>(memory()), sends(memory(), message)];
    let one = memory();
    let together = [sends(one.clone(), message), receives::<T, _>(one)];
    alone.into_iter().chain(together).map(in_order).fold(true, |all, one| all & one)
}

fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| err.is_mismatch() || err.is_busy();
    result.inspect_err(|err| assert!(is_expected(err), "{err}")).is_ok()
}
