//! The state of native objects, read from their bytes.

#![expect(unsafe_code, reason = "opens what another process created")]

use std::fs;
use std::process;

use ipc_mem::{Kind, MemoryOptions, Placed, Resident, SharedMemory, Tag};
use ipc_sync::futex::{
    Barrier, Event, Latch, Mutex, NativeInfo, Once, Permits, Reset, RwLock, Semaphore,
};
use ipc_testkit::{Child, Part, Rng, Role, fixture, rounds, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("mutex holder", hold)];

/// An object in shared memory, whose bytes are read as another process reads them.
struct Seen<T: Resident> {
    object: Placed<T, SharedMemory>,
    name: fixture::Fixture,
}

impl<T: Resident> Seen<T> {
    fn create(options: impl Into<T::Options>) -> Self {
        let name = fixture::name();
        let memory = MemoryOptions::new(size_of::<T>()).content(Tag::BARE);
        let memory = SharedMemory::create(&*name, memory).unwrap();
        let object = Placed::create_in_with(memory, options.into()).unwrap();
        Self { object, name }
    }

    fn is(&self) -> String {
        let bytes = fs::read(format!("/dev/shm{}", &*self.name)).unwrap();
        NativeInfo::of_bytes(T::SCHEMA.kind, &bytes[..size_of::<T>()]).unwrap().to_string()
    }
}

#[test]
fn the_bytes_of_each_native_object_say_its_state_and_its_processes() {
    watchdog(|| {
        let me = process::id();

        let mutex = Seen::<Mutex<u64>>::create(7_u64);
        assert_eq!(mutex.is(), "free");
        let guard = mutex.object.lock().unwrap();
        assert_eq!(mutex.is(), format!("held by process {me}"));
        drop(guard);
        assert_eq!(mutex.is(), "free");

        let rwlock = Seen::<RwLock<u64>>::create(7_u64);
        assert_eq!(rwlock.is(), "free");
        let guards = [rwlock.object.read().unwrap(), rwlock.object.read().unwrap()];
        assert_eq!(rwlock.is(), format!("read by process {me}"));
        drop(guards);
        let upgradable = rwlock.object.upgradable_read().unwrap();
        assert_eq!(rwlock.is(), format!("read by process {me}"));
        drop(upgradable);
        let guard = rwlock.object.write().unwrap();
        assert_eq!(rwlock.is(), format!("held by process {me}"));
        drop(guard);
        assert_eq!(rwlock.is(), "free");

        let permits = Seen::<Permits<8>>::create(3_u32);
        let _two = [permits.object.acquire(), permits.object.acquire()];
        assert_eq!(permits.is(), format!("1 of 3 permits free, held by process {me}"));

        let latch = Seen::<Latch<8>>::create(3_u32);
        assert!(latch.object.begin().unwrap().done());
        assert_eq!(latch.is(), "2 of 3 tasks left");
        let _task = latch.object.begin().unwrap();
        assert_eq!(latch.is(), format!("2 of 3 tasks left, begun by process {me}"));

        let barrier = Seen::<Barrier<8>>::create(3_u32);
        assert_eq!(barrier.is(), "0 of 3 parties joined, 0 waiting");
        let _party = barrier.object.join().unwrap();
        assert_eq!(barrier.is(), format!("1 of 3 parties joined, 0 waiting: process {me}"));

        let event = Seen::<Event>::create(Reset::Auto);
        assert_eq!(event.is(), "not set");
        event.object.set();
        assert_eq!(event.is(), "set");
        let _signal = event.object.receive();
        assert_eq!(event.is(), format!("not set, signal handled by process {me}"));

        let once = Seen::<Once>::create(());
        assert_eq!(once.is(), "not done");
        once.object.call(|_| assert_eq!(once.is(), format!("not done, performed by process {me}")));
        assert_eq!(once.is(), "done");

        let semaphore = Seen::<Semaphore>::create(5_u32);
        semaphore.object.wait();
        assert_eq!(semaphore.is(), "value 4");
    });
}

/// Holds a mutex until it is killed.
fn hold(role: &mut Role) {
    let memory = SharedMemory::open(role.arg(0)).unwrap();
    // SAFETY: the parent created a mutex of this type there.
    let mutex: Placed<Mutex<u64>, _> = unsafe { Placed::open_in(memory) }.unwrap();
    let _guard = mutex.lock().unwrap();
    role.say("held");
    role.wait_for("never");
}

#[test]
fn the_bytes_of_a_mutex_whose_owner_died_say_so_until_it_is_repaired() {
    watchdog(|| {
        let mutex = Seen::<Mutex<u64>>::create(7_u64);
        let mut holder = Child::run("mutex holder", &[&mutex.name]);
        holder.wait_for("held");
        let pid = holder.pid();
        assert_eq!(mutex.is(), format!("held by process {pid}"));
        holder.kill();
        let Err(ipc_sync::LockError::OwnerDied(mut guard)) = mutex.object.lock() else {
            panic!("its owner died");
        };
        let state = mutex.is();
        assert!(state.starts_with("its owner died, now held by process "), "{state}");
        guard.mark_consistent().unwrap();
        let state = mutex.is();
        assert!(state.starts_with(&format!("held by process {}", process::id())), "{state}");
    });
}

#[test]
fn bytes_of_any_kind_and_length_say_something_or_nothing() {
    let mut rng = Rng::new();
    for _ in 0..rounds(20_000, 1_000_000) {
        let len = usize::try_from(rng.below(300)).unwrap();
        let wild = rng.below(2) == 0;
        let byte = |rng: &mut Rng| rng.below(if wild { 256 } else { 3 });
        let bytes: Vec<_> = (0..len).map(|_| u8::try_from(byte(&mut rng)).unwrap()).collect();
        let kind = Kind::new(u16::try_from(60 + rng.below(16)).unwrap());
        if let Some(info) = NativeInfo::of_bytes(kind, &bytes) {
            assert!(info.processes.len() <= len / 8, "{info:?}");
            assert!(!info.to_string().is_empty());
        }
    }
}
