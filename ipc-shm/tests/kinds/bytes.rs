//! The bytes of a memory object, which only `unsafe` code may touch.

#![expect(unsafe_code, reason = "looks at the bytes of a memory, and changes them")]

use std::ops::Range;

use ipc_mem::{Memory, granule};

/// A copy of all bytes.
pub(crate) fn all(memory: &impl Memory) -> Vec<u8> {
    some(memory, 0..memory.size())
}

/// A copy of some bytes.
pub(crate) fn some(memory: &impl Memory, range: Range<usize>) -> Vec<u8> {
    assert!(range.end <= memory.size());
    let mut bytes = vec![0; range.len()];
    // SAFETY: within the mapping, as asserted.
    let place = unsafe { memory.base().add(range.start) };
    // SAFETY: that many bytes are mapped; all other code that moves them here also does it byte by
    // byte. If the file behind them was truncated, the fault is what the test waits for.
    unsafe { granule::copy_out(place, &mut bytes) };
    bytes
}

/// Writes some bytes at an offset, whatever access the memory object reports.
pub(crate) fn put(memory: &impl Memory, offset: usize, bytes: &[u8]) {
    assert!(offset + bytes.len() <= memory.size());
    // SAFETY: within the mapping, as asserted.
    let place = unsafe { memory.base().add(offset) };
    // SAFETY: that many bytes are mapped. If they are mapped read-only, the fault is what the test
    // waits for.
    unsafe { granule::copy_in(bytes, place) };
}
