//! Acquiring a free object costs no memory and no system call.

#![expect(
    unsafe_code,
    reason = "counts allocations; runs in a process that may make no system calls"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ipc_mem::{Fresh, LocalMemory, Placed};
use ipc_sync::Snapshot;
use ipc_sync::futex;
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{
    Condvar, Mutex, MutexKind, MutexOptions, RecursiveMutex, RwLock, Sharing, SpinLock,
};
use ipc_sync::{NamedSemaphore, posix::SemaphoreOptions};
use ipc_testkit::fixture;

struct Counting;

thread_local! {
    static GIVEN: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: passes every call to the system's allocator, which is a valid one.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        GIVEN.set(GIVEN.get() + 1);
        // SAFETY: the caller guarantees that `layout` has a size above zero.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller guarantees that this allocator returned `place` for `layout`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn memory() -> Fresh<LocalMemory> {
    LocalMemory::new(128).unwrap()
}

/// One of each, free.
struct All {
    semaphore: Placed<Semaphore, LocalMemory>,
    named: NamedSemaphore,
    mutexes: Vec<Placed<Mutex<u64>, LocalMemory>>,
    recursive: Placed<RecursiveMutex<u64>, LocalMemory>,
    rwlock: Placed<RwLock<u64>, LocalMemory>,
    condvar: Placed<Condvar, LocalMemory>,
    spin: Placed<SpinLock<u64>, LocalMemory>,
    native: Native,
}

struct Native {
    mutex: Placed<futex::Mutex<u64>, LocalMemory>,
    rwlock: Placed<futex::RwLock<u64>, LocalMemory>,
    condvar: Placed<futex::Condvar, LocalMemory>,
    semaphore: Placed<futex::Semaphore, LocalMemory>,
    permits: Placed<futex::Permits, LocalMemory>,
    event: Placed<futex::Event, LocalMemory>,
    once: Placed<futex::Once, LocalMemory>,
    snapshot: Placed<Snapshot<u64>, LocalMemory>,
}

impl Native {
    fn new() -> Self {
        let memory = || LocalMemory::new(4096).unwrap();
        Self {
            mutex: futex::Mutex::create_in(memory(), 0).unwrap(),
            rwlock: futex::RwLock::create_in(memory(), 0).unwrap(),
            condvar: futex::Condvar::create_in(memory()).unwrap(),
            semaphore: Placed::create_in_with(memory(), 0).unwrap(),
            permits: Placed::create_in_with(memory(), 1).unwrap(),
            event: Placed::create_in_with(memory(), futex::Reset::Auto).unwrap(),
            once: Placed::create_in(memory()).unwrap(),
            snapshot: Placed::create_in(memory()).unwrap(),
        }
    }

    fn take_and_give(&self, soon: Instant) {
        *self.mutex.lock().unwrap() += 1;
        *self.mutex.lock_deadline(soon).unwrap().unwrap() += 1;
        *self.rwlock.write().unwrap() += 1;
        black_box(*self.rwlock.read().unwrap());
        drop(self.rwlock.upgradable_read().unwrap().upgrade().unwrap());
        self.condvar.notify_one().unwrap();
        self.condvar.notify_all().unwrap();
        self.semaphore.post().unwrap();
        self.semaphore.wait();
        drop(self.permits.acquire());
        self.event.set();
        drop(self.event.receive());
        self.once.call(|_| ());
        let version = self.snapshot.version();
        self.snapshot.write(&7).unwrap();
        assert!(self.snapshot.wait_newer_deadline(version, soon).is_some());
    }
}

impl All {
    fn new(name: &str) -> Self {
        let normal = MutexOptions::new().kind(MutexKind::Normal);
        let kinds =
            [normal, normal.stalled(), normal.sharing(Sharing::Threads), MutexOptions::new()];
        Self {
            semaphore: Semaphore::create_in(memory(), 1).unwrap(),
            named: NamedSemaphore::create(name, SemaphoreOptions::new(1)).unwrap(),
            mutexes: kinds.map(|kind| Mutex::create_in_with(memory(), 0, kind).unwrap()).into(),
            recursive: RecursiveMutex::create_in(memory(), 0).unwrap(),
            rwlock: RwLock::create_in(memory(), 0).unwrap(),
            condvar: Condvar::create_in(memory()).unwrap(),
            spin: SpinLock::create_in(memory(), 0).unwrap(),
            native: Native::new(),
        }
    }

    /// Everything that need not wait.
    fn take_and_give(&self, soon: Instant) {
        const LONG: Duration = Duration::from_secs(3600);
        self.semaphore.wait().unwrap();
        assert!(!self.semaphore.try_wait().unwrap());
        self.semaphore.post().unwrap();
        assert!(self.semaphore.wait_timeout(LONG).unwrap());
        self.semaphore.post().unwrap();
        self.named.wait().unwrap();
        self.named.post().unwrap();
        assert!(self.named.wait_deadline(soon).unwrap());
        self.named.post().unwrap();
        for mutex in &self.mutexes {
            *mutex.lock().unwrap() += 1;
            *mutex.lock_or_repair(|_| ()).unwrap() += 1;
            *mutex.lock_timeout(LONG).unwrap().unwrap() += 1;
            let held = mutex.lock_deadline(soon).unwrap().unwrap();
            assert!(mutex.try_lock().unwrap().is_none());
            drop(held);
        }
        let (outer, inner) =
            (self.recursive.lock().unwrap(), self.recursive.try_lock().unwrap().unwrap());
        inner.set(outer.get() + 1);
        drop((outer, inner));
        *self.rwlock.write().unwrap() += 1;
        let (one, another) =
            (self.rwlock.read().unwrap(), self.rwlock.read_timeout(LONG).unwrap().unwrap());
        assert!(self.rwlock.try_write().unwrap().is_none());
        black_box(*one + *another);
        drop((one, another));
        self.condvar.notify_one().unwrap();
        self.condvar.notify_all().unwrap();
        *self.spin.lock().unwrap() += 1;
        self.native.take_and_give(soon);
    }
}

#[test]
fn acquiring_a_free_object_allocates_nothing() {
    let all = All::new(&fixture::name());
    let soon = Instant::now();
    all.take_and_give(soon); // what a process does once is done now
    let before = GIVEN.get();
    (0..100).for_each(|_| all.take_and_give(soon));
    assert_eq!(GIVEN.get(), before);
    drop(black_box(Box::new(0u8)));
    assert_eq!(GIVEN.get(), before + 1, "the count counts");
}

/// How a child ends that may not call the system when it does it again, but to end itself.
fn alone(run: impl Fn()) -> i32 {
    const STRICT: libc::c_ulong = 1;
    // SAFETY: the child calls nothing that another thread of this process may have locked for ever.
    match unsafe { libc::fork() } {
        0 => {
            run(); // what a thread does once is done now
            // SAFETY: takes numbers. From here on any call but `read`, `write` and `exit` is death.
            unsafe { libc::prctl(libc::PR_SET_SECCOMP, STRICT) };
            run();
            // SAFETY: ends this thread, the only one of its process.
            unsafe { libc::syscall(libc::SYS_exit, 0) };
            unreachable!("a thread that has ended");
        }
        child => ipc_testkit::reap(child),
    }
}

#[test]
fn acquiring_a_free_object_makes_no_system_call() {
    let all = All::new(&fixture::name());
    let soon = Instant::now();
    assert_eq!(alone(|| (0..100).for_each(|_| all.take_and_give(soon))), 0);
    all.semaphore.wait().unwrap();
    let waiting = alone(|| drop(black_box(all.semaphore.wait_timeout(Duration::from_millis(1)))));
    assert_eq!(waiting, libc::SIGKILL, "a wait would be seen");
}
