//! Any file as memory.

#![expect(unsafe_code, reason = "looks at the bytes of a memory")]

use std::fs;

use ipc_core::Result;
use ipc_mem::{Memory, Tag, granule};
use ipc_shm::{MappedFile, OpenOptions, SharedMemory};

/// The file is refused, or it is memory with no more bytes than the file has, all of which can be
/// read. Returns whether a trailer was accepted.
pub fn run(name: &str, bytes: &[u8]) -> bool {
    let path = format!("/dev/shm{name}");
    let write = || fs::write(&path, bytes).unwrap();
    write();
    let mut found = look(SharedMemory::open_read_only(name), bytes);
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
            assert!(memory.tag() != Tag::FOREIGN || memory.size() == bytes.len());
            assert_eq!(bytes.get(..memory.size()), Some(&copy(&memory)[..]));
            memory.tag() != Tag::FOREIGN
        }
        Err(err) => {
            assert!(err.is_mismatch() && err.to_string().len() < 10_000, "{err}");
            false
        }
    }
}

/// Memory that may grow, whether it is ours or belongs to another program, keeps its bytes; the new
/// part is zeros, or what was there.
fn grow(path: &str, bytes: &[u8]) {
    let Ok(memory) = MappedFile::open_with(path, OpenOptions::new().max_size(1 << 20)) else {
        return;
    };
    let before = memory.size();
    let wanted = before + 100;
    match memory.grow(wanted) {
        Ok(()) => {
            let now = copy(&memory);
            assert!(
                now.len() == wanted && now[..before] == bytes[..before],
                "{} of {wanted} bytes",
                now.len()
            );
            assert!((before..wanted).all(|at| now[at] == 0 || bytes.get(at) == Some(&now[at])));
            assert_eq!(MappedFile::open(path).unwrap().size(), wanted);
        }
        // Without room: the trailer records a maximum size that no process can map.
        Err(err) => assert!(err.is_invalid_argument() || err.is_no_space(), "{err}"),
    }
}

fn copy(memory: &impl Memory) -> Vec<u8> {
    let mut copy = vec![0; memory.size()];
    // SAFETY: that many bytes are mapped, and no other code writes them.
    unsafe { granule::copy_out(memory.base(), &mut copy) };
    copy
}
