//! Headers that are laid out in place, so that other processes may read while they are written.
//!
//! | here | there |
//! |---|---|
//! | [`create`] | `ipc_shmarray::ShmArray::create_in` |
//! | [`open`] | `copy_head` in `ipc-shmarray/src/read_only_shm_array.rs` |

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::thread;

pub const MUTANTS: &[&str] = &["magic first", "magic stored relaxed", "no fence before the rest is read"];

const MAGIC: u64 = 0x57;

/// The beginning of a memory object, in granules: all zero at first.
#[derive(Default)]
struct Header {
    magic: AtomicU64,
    rest: [AtomicU64; 2],
}

pub fn run(mutant: &'static str) {
    loom::model(move || {
        let header = Arc::new(Header::default());
        let maker = {
            let header = Arc::clone(&header);
            thread::spawn(move || create(&header, mutant))
        };
        if let Some(rest) = open(&header, mutant) {
            assert_eq!(rest, [1, 2], "broken: the magic is there, and the rest is not");
        }
        maker.join().unwrap();
        assert!(open(&header, mutant).is_some(), "broken: a header that was made is not there");
    });
}

fn create(header: &Header, mutant: &str) {
    if mutant == "magic first" {
        header.magic.store(MAGIC, Ordering::Release);
    }
    for (granule, value) in header.rest.iter().zip(1..) {
        granule.store(value, Ordering::Relaxed); // `granule::copy_in`
    }
    let order = if mutant == "magic stored relaxed" { Ordering::Relaxed } else { Ordering::Release };
    header.magic.store(MAGIC, order);
}

fn open(header: &Header, mutant: &str) -> Option<[u64; 2]> {
    let magic = header.magic.load(Ordering::Relaxed); // `granule::copy_out`
    if mutant != "no fence before the rest is read" {
        fence(Ordering::Acquire);
    }
    let rest = [0, 1].map(|i: usize| header.rest[i].load(Ordering::Relaxed));
    (magic == MAGIC).then_some(rest)
}
