//! Any file as a memory.

#![expect(unsafe_code, reason = "looks at the bytes of a memory")]

use std::fs;

use ipc_core::Result;
use ipc_mem::{Content, Memory, granule};
use ipc_shm::{MappedFile, OpenOptions, ReadOnlyMemory, SharedMemory};

/// It is a memory with no more bytes than the file has, all of which can be read, or it is refused. Tells whether a trailer
/// was believed.
pub(crate) fn run(name: &str, bytes: &[u8]) -> bool {
    let path = format!("/dev/shm{name}");
    let write = || fs::write(&path, bytes).unwrap();
    write();
    let mut found = look(ReadOnlyMemory::open(name), bytes);
    write(); // whose trailer says so is gone with its last user
    found |= look(SharedMemory::open(name), bytes);
    write();
    found |= look(MappedFile::open(&path), bytes);
    grow(&path, bytes);
    let _ = fs::remove_file(path);
    found
}

fn look(opened: Result<impl Memory>, bytes: &[u8]) -> bool {
    match opened {
        Ok(memory) => {
            assert!(!memory.is_fresh() && (memory.content() != Content::Foreign || memory.size() == bytes.len()));
            assert_eq!(bytes.get(..memory.size()), Some(&copy(&memory)[..]));
            memory.content() != Content::Foreign
        }
        Err(err) => {
            assert!(err.is_mismatch() && err.to_string().len() < 10_000, "{err}");
            false
        }
    }
}

/// What may grow, or is somebody else's and may, keeps its bytes and gets zeros, or what was there.
fn grow(path: &str, bytes: &[u8]) {
    let Ok(memory) = MappedFile::open_with(path, OpenOptions::new().max_size(1 << 20)) else { return };
    let before = memory.size();
    let wanted = before + 100;
    match memory.grow(wanted) {
        Ok(()) => {
            let now = copy(&memory);
            assert!(now.len() == wanted && now[..before] == bytes[..before], "{} of {wanted} bytes", now.len());
            assert!((before..wanted).all(|at| now[at] == 0 || bytes.get(at) == Some(&now[at])));
            assert_eq!(MappedFile::open(path).unwrap().size(), wanted);
        }
        Err(err) => assert!(err.is_invalid_argument(), "{err}"),
    }
}

fn copy(memory: &impl Memory) -> Vec<u8> {
    let mut copy = vec![0; memory.size()];
    // SAFETY: so many bytes are there, and nobody else writes them.
    unsafe { granule::copy_out(memory.base(), &mut copy) };
    copy
}
