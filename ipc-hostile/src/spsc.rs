//! Arbitrary bytes as a ring: the work of a fuzz target and of tests.

use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, ReadWrite};
use ipc_ring::RingInfo;
use ipc_ring::spsc::{Receiver, Sender, bytes};

use crate::memory;

/// Receives what is there, and fails if it is not in order.
pub fn receives<T: Plain, M: Memory<Access = ReadWrite>>(memory: M, message: T) -> Result<()> {
    let receiver = Receiver::<T, _>::open_in(memory)?;
    let mut some = vec![message; 40];
    receiver.try_peek()?;
    receiver.try_recv()?;
    assert!(receiver.try_recv_into(&mut some)? <= receiver.capacity());
    receiver.release();
    receiver.recv_timeout(Duration::ZERO)?;
    Ok(())
}

/// Sends as much as fits, and fails if it is not in order.
pub fn sends<T: Plain, M: Memory<Access = ReadWrite>>(memory: M, message: T) -> Result<()> {
    let sender = Sender::<T, _>::open_in(memory)?;
    sender.try_send(&message)?;
    assert!(sender.try_send_slice(&[message; 40])? <= sender.capacity());
    sender.send_timeout(&message, Duration::ZERO)?;
    Ok(())
}

/// Receives bytes, which lie inside the memory object, and fails if they are not in order.
pub fn receives_bytes<M: Memory<Access = ReadWrite>>(memory: M) -> Result<()> {
    let mut receiver = bytes::Receiver::open_in(memory)?;
    let base = receiver.memory().base().addr().get();
    let inside = base..=base + receiver.memory().size();
    if let Some(message) = receiver.try_peek()? {
        let (first, len) = (message.as_ptr().addr(), message.len());
        assert!(inside.contains(&first) && inside.contains(&(first + len)));
        assert_eq!(message.to_vec()?.len(), len);
    }
    let mut bytes = Vec::new();
    for _ in 0..8 {
        receiver.try_recv(&mut bytes)?;
    }
    Ok(())
}

/// Sends bytes, copied and in place, and fails if the ring is not in order.
pub fn sends_bytes<M: Memory<Access = ReadWrite>>(memory: M) -> Result<()> {
    let mut sender = bytes::Sender::open_in(memory)?;
    for len in [0, 1, 100, sender.max_len(), 17] {
        let len = len.min(4096).min(sender.max_len());
        sender.try_send(&vec![1; len])?;
        if let Some(mut room) = sender.try_reserve(len)? {
            room.write(len / 2, &vec![2; len - len / 2])?;
            room.commit();
        }
    }
    Ok(())
}

/// Uses the bytes in several ways, laid out again each time: each finds a ring inside them, or an
/// error. Returns whether one found it in order.
pub fn run(bytes: &[u8]) -> bool {
    let _ = RingInfo::of_bytes(bytes);
    let bytes = memory::created_here(bytes);
    let memory = || memory::memory(&bytes);
    let (one, other) = (memory(), memory());
    let results = [
        receives(memory(), 7_u64),
        sends(memory(), 7_u64),
        receives(memory(), [1_u8, 2, 3]),
        sends(memory(), [1_u8, 2, 3]),
        receives_bytes(memory()),
        sends_bytes(memory()),
        sends_bytes(one.clone()).and_then(|()| receives_bytes(one)),
        sends(other.clone(), 7_u64).and_then(|()| receives(other, 7_u64)),
    ];
    results.into_iter().map(in_order).fold(false, |any, one| any | one)
}

fn in_order(result: Result<()>) -> bool {
    let is_expected = |err: &Error| err.is_mismatch() || err.is_busy() || err.is_closed();
    result.inspect_err(|err| assert!(is_expected(err), "{err}")).is_ok()
}
