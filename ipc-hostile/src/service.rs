//! Arbitrary bytes as a service: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::RingInfo;
use ipc_ring::service::{Client, Server};

use crate::memory;

/// Takes, answers and drops calls.
fn serves<Q: Plain, A: Plain, M: Memory<Access = ReadWrite>>(memory: M, reply: A) -> Result<()> {
    let server = Server::<Q, A, _>::open_in(memory)?;
    for turn in 0..8 {
        let Some(call) = server.try_recv()? else { continue };
        let _ = call.is_cancelled();
        if turn % 2 == 0 {
            call.reply(&reply)?;
        }
    }
    server.recv_timeout(Duration::ZERO)?.map_or(Ok(true), |call| call.reply(&reply))?;
    let depth = server.depth();
    assert!(depth.waiting + depth.taken + depth.answered <= server.capacity());
    let _ = (server.servers(), server.clients());
    Ok(())
}

/// Submits, cancels and waits.
fn calls<Q: Plain, A: Plain, M: Memory<Access = ReadWrite>>(memory: M, request: Q) -> Result<()> {
    let client = Client::<Q, A, _>::open_in(memory)?;
    for turn in 0..8 {
        let Some(mut pending) = client.try_submit(&request)? else { continue };
        if turn % 2 == 0 {
            pending.wait_timeout(Duration::ZERO)?;
        } else if turn % 3 == 0 {
            pending.try_wait()?;
            pending.cancel()?;
        }
    }
    client.call_timeout(&request, Duration::ZERO)?;
    Ok(())
}

/// Serves the calls of a client in the same bytes.
fn both<Q: Plain, A: Plain, M: Memory<Access = ReadWrite> + Clone>(
    memory: M,
    request: Q,
    reply: A,
) -> Result<()> {
    let client = Client::<Q, A, _>::open_in(memory.clone())?;
    let server = Server::<Q, A, _>::open_in(memory)?;
    let pending = client.try_submit(&request)?;
    for _ in 0..8 {
        server.try_recv()?.map_or(Ok(true), |call| call.reply(&reply))?;
    }
    if let Some(mut pending) = pending {
        pending.try_wait()?;
    }
    Ok(())
}

/// Uses the bytes in several ways, laid out again each time: each finds a service inside them, or an
/// error. Returns whether one found it in order.
pub fn run(bytes: &[u8]) -> bool {
    let _ = RingInfo::of_bytes(bytes);
    let bytes = memory::created_here(bytes);
    run_in(&|| memory::memory(&bytes))
}

/// The same with memory objects that a function returns.
pub fn run_in<M: Memory<Access = ReadWrite> + Clone>(memory: &impl Fn() -> M) -> bool {
    all(memory, 7_u64, 8_u64) | all(memory, [1_u8, 2, 3], 4_u16)
}

fn all<Q: Plain, A: Plain, M: Memory<Access = ReadWrite> + Clone>(
    memory: &impl Fn() -> M,
    request: Q,
    reply: A,
) -> bool {
    let alone = [serves::<Q, A, _>(memory(), reply), calls::<Q, A, _>(memory(), request)];
    let one = memory();
    let together = [
        both(memory(), request, reply),
        calls::<Q, A, _>(one.clone(), request),
        serves::<Q, A, _>(one, reply),
    ];
    alone.into_iter().chain(together).map(in_order).fold(true, |all, one| all & one)
}

fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| {
        err.is_mismatch() || err.is_busy() || err.is_owner_died() || err.is_cancelled()
    };
    result.inspect_err(|err| assert!(is_expected(err), "{err}")).is_ok()
}
