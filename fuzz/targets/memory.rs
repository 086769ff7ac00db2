//! Any file as shared memory, possibly with a trailer.

#![no_main]

use ipc_mem::file::Trailer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Without a trailer all of it is data of another program.
    let trailer = bytes.last_chunk().and_then(|last| Trailer::decode(last, bytes.len()));
    if trailer.is_some() || fuzz::is_chosen(bytes) {
        ipc_hostile::file::run(fuzz::name(), bytes);
    }
});
