//! Any file as shared memory, possibly with a trailer.

#![no_main]

#[path = "../../ipc-shm/tests/replay/memory.rs"]
mod memory;

use ipc_mem::file::Trailer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Without a trailer all of it is data of another program.
    let trailer = bytes.last_chunk().and_then(|last| Trailer::decode(last, bytes.len()));
    if trailer.is_some() || fuzz::is_chosen(bytes) {
        memory::run(fuzz::name(), bytes);
    }
});
