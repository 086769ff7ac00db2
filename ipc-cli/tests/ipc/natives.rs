//! Native locks in shared values, as `ipc show` reports them.

use ipc::mem::Resident;
use ipc::shm::Shared;
use ipc::sync::Initial;
use ipc::sync::futex::{Barrier, Event, Mutex, Permits, RwLock};
use ipc_testkit::{fixture, watchdog};

use crate::common::ipc;

#[derive(Resident)]
#[repr(C)]
struct Station {
    #[ipc(options = Initial::new(0))]
    mutex: Mutex<u64>,
    #[ipc(options = Initial::new(0))]
    rwlock: RwLock<u64>,
    #[ipc(options = 3_u32)]
    permits: Permits<8>,
    #[ipc(options = 2_u32)]
    barrier: Barrier<8>,
    event: Event,
}

#[test]
fn native_locks_are_shown_with_their_state_and_their_owners() {
    watchdog(|| {
        let name = fixture::name();
        let station = Shared::<Station>::create(&*name).unwrap();
        let has = |wanted: &[String]| {
            let shown = ipc(&["show", &name]);
            for line in wanted {
                assert!(shown.lines().any(|shown| shown.ends_with(line)), "{line}: {shown}");
            }
        };
        has(&[
            String::from("mutex: native mutex = free"),
            String::from("rwlock: native read/write lock = free"),
            String::from("permits: native permits = 3 of 3 permits free"),
            String::from("barrier: native barrier = 0 of 2 parties joined, 0 waiting"),
            String::from("event: native event = not set"),
        ]);
        let me = std::process::id();
        let held = (station.mutex.lock().unwrap(), station.rwlock.read().unwrap());
        let (_permit, _party) = (station.permits.acquire(), station.barrier.join().unwrap());
        station.event.set();
        has(&[
            format!("mutex: native mutex = held by process {me}"),
            format!("rwlock: native read/write lock = read by process {me}"),
            format!("permits: native permits = 2 of 3 permits free, held by process {me}"),
            format!("barrier: native barrier = 1 of 2 parties joined, 0 waiting: process {me}"),
            String::from("event: native event = set"),
        ]);
        drop(held);
        let _guard = station.rwlock.write().unwrap();
        has(&[format!("rwlock: native read/write lock = held by process {me}")]);

        // A value that is a lock itself.
        let name = fixture::name();
        let mutex = Shared::<Mutex<u64>>::create_with(&*name, 0_u64).unwrap();
        let _guard = mutex.lock().unwrap();
        let shown = ipc(&["show", &name]);
        assert!(shown.contains(&format!("= held by process {me}\n")), "{shown}");
    });
}
