//! Children of a process that holds locks and waits for others; they drop all handles and guards that they inherit.

#![expect(
    unsafe_code,
    reason = "a forked child drops what its copy of the parent would drop as well"
)]

use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use ipc_core::{Key, Removal};
use ipc_mem::{Placed, SharedMemory};
use ipc_sync::posix::{NamedSemaphore, Semaphore, SemaphoreOptions};
use ipc_sync::pthread::{Condvar, Mutex, MutexKind, MutexOptions, Protocol, RawMutex, RwLock};
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_testkit::{Child, Forked, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{in_thread, new_file, sleeps_in, thread_id, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("forker of locks", forker)];

type Here<T> = Placed<T, SharedMemory>;

struct Handles {
    mutex: Here<RawMutex>,
    rwlock: Here<RwLock<u32>>,
    news: Here<Mutex<u32>>,
    changed: Here<Condvar>,
    semaphore: Here<Semaphore>,
    named: NamedSemaphore,
    set: SemaphoreSet,
}

/// All functions that wait for another thread.
const WAITS: [fn(&Handles); 6] = [
    |handles| drop(handles.mutex.lock().unwrap()),
    |handles| drop(handles.rwlock.read().unwrap()),
    |handles| {
        drop(handles.changed.wait_while(handles.news.lock().unwrap(), |news| *news == 0).unwrap());
    },
    |handles| handles.semaphore.wait().unwrap(),
    |handles| handles.named.wait().unwrap(),
    |handles| handles.set.operate(&[Operation::take(0, 1)]).unwrap(),
];

impl Handles {
    fn new(prefix: &str, round: u64, options: MutexOptions) -> Self {
        let name = |what| format!("{prefix}-{round}{what}");
        let memory = |what| {
            let memory = new_file(&name(what));
            std::fs::remove_file(format!("/dev/shm{}", name(what))).unwrap();
            memory
        };
        let passing = SemaphoreOptions::new(0).removal(Removal::OnDrop);
        Self {
            mutex: RawMutex::create_in(memory("a"), options).unwrap(),
            rwlock: RwLock::create_in(memory("b"), 7).unwrap(),
            news: Mutex::create_in(memory("c"), 0).unwrap(),
            changed: Condvar::create_in(memory("d")).unwrap(),
            semaphore: Semaphore::create_in(memory("e"), 0).unwrap(),
            named: NamedSemaphore::create(&*name("f"), passing).unwrap(),
            set: SemaphoreSet::create(Key::PRIVATE, SetOptions::new([0]).removal(Removal::OnDrop))
                .unwrap(),
        }
    }

    /// Ends the waits that the drop of a guard does not end.
    fn release(&self) {
        *self.news.lock().unwrap() = 1;
        self.changed.notify_all().unwrap();
        self.semaphore.post().unwrap();
        self.named.post().unwrap();
        self.set.operate(&[Operation::add(0, 1)]).unwrap();
    }
}

fn forker(role: &mut Role) {
    // The kinds that refuse an unlock by a child of their owner.
    let new = MutexOptions::new();
    let kinds = [MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Recursive]
        .map(|kind| new.kind(kind));
    let checking =
        [new.stalled(), new.kind(MutexKind::Recursive).stalled(), new.protocol(Protocol::Inherit)];
    let options = [&kinds[..], &checking].concat();
    let mut rng = Rng::new();
    for round in 0..role.arg(1).parse().unwrap() {
        let _watchdog = Watchdog::new();
        let handles = Handles::new(role.arg(0), round, *rng.pick(&options));
        let (held, writing) = (handles.mutex.lock().unwrap(), handles.rwlock.write().unwrap());
        let (wait, waiter) = (rng.pick(&WAITS), AtomicI32::new(0));
        let waits = || {
            let waiter = waiter.load(Ordering::SeqCst);
            let calls = [libc::SYS_futex, libc::SYS_semop, libc::SYS_semtimedop];
            waiter != 0 && sleeps_in(waiter, waiter).is_some_and(|(call, _)| calls.contains(&call))
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                waiter.store(thread_id(), Ordering::SeqCst);
                wait(&handles);
            });
            until(waits);
            let child = Forked::run(|| {
                // SAFETY: this process ends without using the original again.
                drop(unsafe { ptr::read(&raw const held) });
                // SAFETY: this process ends without using the original again. It does not drop the guard of
                // the read/write lock, because that lock cannot tell a child from its parent.
                drop(unsafe { ptr::read(&raw const handles) });
            });
            child.finish();
            assert!(waits(), "a wait was ended by a child");
            assert!(in_thread(|| handles.mutex.try_lock().unwrap().is_none(), || ()));
            assert!(in_thread(|| handles.rwlock.try_read().unwrap().is_none(), || ()));
            drop((held, writing));
            handles.release();
        });
        assert!(in_thread(|| handles.mutex.try_lock().unwrap().is_some(), || ()));
        assert_eq!(*handles.rwlock.try_write().unwrap().unwrap(), 7);
        NamedSemaphore::open(handles.named.name()).unwrap();
        SemaphoreSet::open_id(handles.set.id()).unwrap();
        if round % 100 == 0 {
            role.say("going on");
        }
    }
    role.say("done");
}

#[test]
fn a_forked_child_releases_nothing_that_its_parent_holds() {
    let (name, forks) = (fixture::name(), rounds(20, 2_000));
    let mut child = Child::run("forker of locks", &[&name, &forks.to_string()]);
    while child.hear() != "done" {}
    child.finish();
    figures(format_args!(
        "{forks} children dropped all handles, beside a thread of their parent that waited"
    ));
}
