//! Receiving values, in a program of its own, because its allocator counts.

#![expect(unsafe_code, reason = "counts allocations")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use ipc_core::Key;
use ipc_queue::{
    MessageQueue, QueueOptions, Receiver, Select, Sender, SysvQueue, SysvQueueOptions,
};
use ipc_testkit::fixture;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: all calls are passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller fulfils the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller fulfils the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(run: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

#[test]
fn typed_sending_and_receiving_allocate_nothing() {
    let name = fixture::name();
    let posix = MessageQueue::create(&*name, QueueOptions::new(4, 8192)).unwrap();
    let receiver = Receiver::<[u64; 100]>::new(posix.try_clone().unwrap()).unwrap();
    let sender = Sender::<[u64; 100]>::new(posix).unwrap();
    let counted = allocations(|| {
        for number in 0..100 {
            sender.send([number; 100], 0).unwrap();
            sender.send_timeout([number; 100], 0, Duration::from_secs(60)).unwrap();
            assert_eq!(receiver.recv().unwrap().0, [number; 100]);
            assert!(receiver.recv_timeout(Duration::from_secs(60)).unwrap().is_some());
            assert!(receiver.try_recv().unwrap().is_none());
        }
    });
    assert_eq!(counted, 0);

    let sysv = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new()).unwrap();
    let receiver = Receiver::<[u64; 100], _>::new(sysv.try_clone().unwrap()).unwrap();
    let receiver = receiver.only(Select::Type(1));
    let sender = Sender::<[u64; 100], _>::new(sysv).unwrap();
    let counted = allocations(|| {
        for number in 0..100 {
            sender.send([number; 100], 1).unwrap();
            assert_eq!(receiver.recv().unwrap().0, [number; 100]);
            assert!(receiver.try_recv().unwrap().is_none());
        }
    });
    assert_eq!(counted, 0);
}

#[test]
fn receiving_bytes_allocates_no_more_than_the_message() {
    let name = fixture::name();
    let queue = MessageQueue::create(&*name, QueueOptions::new(1, 8192)).unwrap();
    queue.send(b"four", 0).unwrap();
    let message = queue.recv().unwrap();
    assert_eq!((message.bytes.as_slice(), message.bytes.capacity()), (b"four".as_slice(), 4));
    queue.send(b"four", 0).unwrap();
    let into = &mut [0; 8192];
    assert_eq!(allocations(|| assert_eq!(queue.recv_into(into).unwrap(), (4, 0))), 0);
}
