//! The bytes of a memory object, which only `unsafe` code may touch.

#![expect(unsafe_code, reason = "looks at the bytes of a memory, and changes them")]

use ipc_core::Result;
use ipc_mem::{Memory, granule};
use ipc_shm::Draft;

/// A copy of all bytes.
pub(crate) fn all(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.size()];
    // SAFETY: that many bytes are mapped; all other code that moves them here also does it byte by
    // byte.
    unsafe { granule::copy_out(memory.base(), &mut bytes) };
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

/// Writes some bytes before any other process sees them.
pub(crate) fn fill(draft: &Draft, offset: usize, bytes: &[u8]) -> Result<()> {
    // SAFETY: no bytes in these tests read as a header, and nothing is laid out there.
    unsafe { draft.write_at(offset, bytes) }
}
