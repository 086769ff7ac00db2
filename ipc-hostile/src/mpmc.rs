//! Arbitrary bytes as a queue: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::RingInfo;
use ipc_ring::mpmc::{Received, Receiver, Sender};

use crate::memory::{self, Guarded};

/// Receives what is there, and fails if it is not in order.
pub fn receives<T: Plain, M: Memory<Access = ReadWrite>>(memory: M) -> Result<()> {
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
pub fn sends<T: Plain, M: Memory<Access = ReadWrite>>(memory: M, message: T) -> Result<()> {
    let sender = Sender::<T, _>::open_in(memory)?;
    for number in 0..20 {
        sender.with_priority(number % sender.priorities())?.try_send(&message)?;
    }
    sender.send_timeout(&message, Duration::ZERO)?;
    Ok(())
}

/// Uses the bytes in several ways, laid out again each time: each finds a queue inside them, or an
/// error. Returns whether one found it in order.
pub fn run(bytes: &[u8]) -> bool {
    let _ = RingInfo::of_bytes(bytes);
    let bytes = memory::created_here(bytes);
    let memory = || memory::memory(&bytes);
    both(&memory, 7_u64) | both(&memory, [1_u8, 2, 3])
}

fn both<T: Plain>(memory: &impl Fn() -> Guarded, message: T) -> bool {
    let alone = [receives::<T, _>(memory()), sends(memory(), message)];
    let one = memory();
    let together = [sends(one.clone(), message), receives::<T, _>(one)];
    alone.into_iter().chain(together).map(in_order).fold(true, |all, one| all & one)
}

fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| err.is_mismatch() || err.is_busy();
    result.inspect_err(|err| assert!(is_expected(err), "{err}")).is_ok()
}
