//! Files that this library did not create, or that were changed since.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ipc_core::Removal;
use ipc_mem::{Memory, Resident};
use ipc_shm::{MemoryOptions, Shared, SharedMemory};
use ipc_testkit::fixture;

use crate::{bytes, path};

const TRAILER: usize = 64;

fn file(name: &str, content: &[u8]) -> File {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path(name))
        .unwrap();
    file.write_all_at(content, 0).unwrap();
    file
}

/// The size is that of the file.
#[test]
fn all_bytes_of_a_file_that_has_no_trailer_are_data() {
    for size in [1, 7, 63, 64, 65, 127, 128, 129, 4096, 5000] {
        let name = fixture::name();
        let content: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).unwrap() | 1).collect();
        file(&name, &content);
        let (memory, view) =
            (SharedMemory::open(&*name).unwrap(), SharedMemory::open_read_only(&*name).unwrap());
        assert_eq!((memory.size(), view.size()), (size, size));
        assert!(bytes::all(&memory) == content && bytes::all(&view) == content);
        drop(SharedMemory::open_or_create(&*name, size).unwrap());
        drop((memory, view));
        assert_eq!(fs::read(path(&name)).unwrap(), content, "what others made is not removed");
    }
}

#[test]
fn an_empty_file_that_has_no_size_yet_is_refused() {
    let name = fixture::name();
    file(&name, &[]);
    let errs = [
        SharedMemory::open(&*name).map(drop),
        SharedMemory::open_read_only(&*name).map(drop),
        SharedMemory::open_or_create(&*name, 64).map(drop),
    ];
    for err in errs.map(Result::unwrap_err) {
        assert!(err.is_mismatch());
        assert_eq!(err.to_string(), format!("shm_open {name}: found an empty file, wanted data"));
    }
}

/// Opens it, touches every byte, and returns the size.
fn opened(name: &str) -> usize {
    let memory = SharedMemory::open(name).unwrap();
    let len = fs::metadata(path(name)).unwrap().len();
    assert!(memory.size() as u64 <= len, "{} bytes of a file of {len}", memory.size());
    assert_eq!(
        bytes::all(&memory).len(),
        bytes::all(&SharedMemory::open_read_only(name).unwrap()).len()
    );
    memory.size()
}

#[test]
fn a_damaged_trailer_never_gives_bytes_beyond_the_file() {
    let name = fixture::name();
    for size in [1usize, 64, 100, 4096, 8000] {
        drop(
            SharedMemory::create(&*name, MemoryOptions::new(size).removal(Removal::Never)).unwrap(),
        );
        let whole = fs::read(path(&name)).unwrap();
        let at = whole.len() - TRAILER;
        assert!(at >= size && opened(&name) == size);
        for bit in 0..TRAILER * 8 {
            let mut damaged = whole.clone();
            damaged[at + bit / 8] ^= 1 << (bit % 8);
            file(&name, &damaged);
            let found = opened(&name);
            assert!(
                found == whole.len() || found.next_multiple_of(64) == at,
                "bit {bit}: {found} bytes"
            );
        }
        for word in (at..whole.len()).step_by(8) {
            for value in [
                0,
                1,
                2,
                63,
                64,
                65,
                u64::MAX,
                i64::MAX.cast_unsigned(),
                1 << 63,
                1 << 32,
                at as u64 + 1,
            ] {
                let mut damaged = whole.clone();
                damaged[word..word + 8].copy_from_slice(&value.to_ne_bytes());
                file(&name, &damaged);
                let found = opened(&name);
                assert!(
                    found == whole.len() || found.next_multiple_of(64) == at,
                    "{value} at {word}: {found} bytes"
                );
            }
        }
        for len in (1..whole.len()).step_by(7).chain(at..whole.len()) {
            file(&name, &whole[..len]);
            assert_eq!(opened(&name), len);
        }
        file(&name, &[&whole[..], &[0; 3]].concat());
        assert_eq!(opened(&name), whole.len() + 3);
        SharedMemory::unlink(&*name).unwrap();
    }
}

#[derive(Resident)]
#[repr(C)]
struct Counts {
    one: AtomicU32,
    others: [AtomicU64; 2],
}

/// Opens it, and counts in place, inside the memory.
fn count(name: &str) {
    match Shared::<Counts>::open(name) {
        Ok(counts) => {
            let (base, at) = (counts.memory().base().addr().get(), (&raw const *counts).addr());
            assert!(base < at && at + size_of::<Counts>() <= base + counts.memory().size());
            counts.one.fetch_add(1, Ordering::Relaxed);
            counts.others[1].fetch_add(1, Ordering::Relaxed);
        }
        Err(err) => assert!(err.is_mismatch() && err.to_string().len() < 10_000, "{err}"),
    }
}

#[test]
fn a_damaged_preamble_gives_a_value_inside_the_memory_or_an_error() {
    let name = fixture::name();
    let ours = Shared::<Counts>::create(&*name).unwrap();
    let place = (&raw const *ours).addr() - ours.memory().base().addr().get();
    let whole = fs::read(path(&name)).unwrap();
    let check = |damaged: &[u8]| {
        file(&name, damaged);
        count(&name);
    };
    drop(ours);
    for bit in 0..place * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        check(&damaged);
    }
    let len = whole.len() as u64;
    for (width, at) in
        [2, 4, 8].into_iter().flat_map(|width| (0..place).step_by(width).map(move |at| (width, at)))
    {
        for value in [
            0,
            1,
            63,
            64,
            65,
            4095,
            4096,
            4097,
            len - 1,
            len,
            len + 1,
            1 << 31,
            i64::MAX as u64,
            u64::MAX,
        ] {
            let mut damaged = whole.clone();
            damaged[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            check(&damaged);
        }
    }
    (0..whole.len()).for_each(|len| check(&whole[..len]));
}

#[test]
fn a_value_on_a_boundary_that_no_preamble_ends_at_is_refused_by_name() {
    #[derive(Debug, Resident)]
    #[repr(C, align(8192))]
    struct Wide(AtomicU32);

    let name = fixture::name();
    let err = Shared::<Wide>::create(&*name).unwrap_err();
    assert!(err.is_invalid_argument() && err.object() == &*name, "{err}");
    assert!(err.to_string().contains("aligned to 8192"), "{err}");
}
