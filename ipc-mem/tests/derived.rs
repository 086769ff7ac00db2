//! Structs with `#[derive(Resident)]`.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

use ipc_mem::{LocalMemory, Placed, Resident};

#[derive(Resident)]
#[repr(C)]
struct Counters {
    #[ipc(options = 1)]
    first: AtomicU8,
    #[ipc(options = 2)]
    middle: [AtomicU64; 2],
    #[ipc(options = 3)]
    last: AtomicU8,
}

#[test]
fn each_field_is_initialised_at_its_own_offset() {
    let counters = Placed::<Counters, _>::create_in(LocalMemory::new(64).unwrap()).unwrap();
    let Counters { first, middle, last } = &*counters;
    let middle = middle.each_ref().map(|counter| counter.load(Relaxed));
    assert_eq!((first.load(Relaxed), middle, last.load(Relaxed)), (1, [2, 2], 3));
}
