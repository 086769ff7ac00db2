//! Any file as a shared memory, which may have a trailer.

#![no_main]

#[path = "../../ipc-shm/tests/replay/memory.rs"]
mod memory;
#[expect(dead_code, reason = "the crate uses the rest of this file")]
#[path = "../../ipc-mem/src/file/trailer.rs"]
mod trailer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Without a trailer all of it is somebody else's data.
    let trailer = bytes.last_chunk().and_then(|last| trailer::Trailer::decode(last, bytes.len()));
    if trailer.is_some() || fuzz::is_chosen(bytes) {
        memory::run(fuzz::name(), bytes);
    }
});
