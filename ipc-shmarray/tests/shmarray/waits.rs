//! Readers that wait for the next version of a snapshot.

use std::thread;
use std::time::Duration;

use ipc_mem::{LocalMemory, Placed};
use ipc_shm::Shared;
use ipc_shmarray::SnapshotArray;
use ipc_sync::Snapshot;
use ipc_testkit::{Child, ChildOptions, Part, Role, Timed, fixture, rounds, sleepers, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("value reader", value_reader), ("array reader", array_reader), ("last write", last_write)];

/// Tells each version that it was woken for.
fn value_reader(role: &mut Role) {
    let value = Shared::<Snapshot<u64>>::open(role.arg(0)).unwrap();
    let (mut seen, mut copy) = (0, 0);
    loop {
        let newer = value.wait_newer(seen);
        seen = value.read_into(&mut copy);
        assert!(newer <= seen && copy == seen);
        role.say(&seen.to_string());
    }
}

fn array_reader(role: &mut Role) {
    let frames = SnapshotArray::<u64>::open_read_only(role.arg(0)).unwrap();
    let (mut seen, mut copy) = (0, [0; 3]);
    loop {
        let newer = frames.wait_newer(seen);
        seen = frames.read_into(&mut copy).unwrap();
        assert!(newer <= seen && copy == [seen; 3]);
        role.say(&seen.to_string());
    }
}

fn until_all_sleep(readers: &[Child]) {
    while readers.iter().any(|reader| sleepers(reader.pid()) == 0) {
        thread::yield_now();
    }
}

/// Readers that look again by themselves, or only when they are woken.
fn start(role: &str, name: &str, looks_again: bool) -> [Child; 2] {
    [(); 2].map(|()| {
        let options = ChildOptions::role(role);
        let options = if looks_again { options } else { options.env("IPC_SWITCHED_OFF", "slices") };
        Child::run(options, &[name])
    })
}

/// Each write comes when both readers sleep, and both have to hear of it.
fn wakes_each_time(role: &str, name: &str, write: impl Fn(u64)) {
    let mut readers = start(role, name, false);
    for version in 1..=rounds(200, 10_000) {
        until_all_sleep(&readers);
        write(version);
        readers.iter_mut().for_each(|reader| reader.wait_for(&version.to_string()));
    }
    for reader in readers {
        reader.kill();
    }
}

#[test]
fn each_write_of_a_value_wakes_the_readers_that_wait() {
    watchdog(|| {
        let name = fixture::name();
        let value = Shared::<Snapshot<u64>>::create(&*name).unwrap();
        wakes_each_time("value reader", &name, |version| value.write(&version).unwrap());
    });
}

#[test]
fn each_write_of_an_array_wakes_readers_that_map_it_read_only() {
    watchdog(|| {
        let name = fixture::name();
        let frames = SnapshotArray::<u64>::create(&*name, 3).unwrap();
        wakes_each_time("array reader", &name, |version| frames.write_from(&[version; 3]).unwrap());
    });
}

fn last_write(role: &mut Role) {
    if role.arg(1) == "value" {
        Shared::<Snapshot<u64>>::open(role.arg(0)).unwrap().write(&1).unwrap();
    } else {
        SnapshotArray::<u64>::open(role.arg(0)).unwrap().write_from(&[1; 3]).unwrap();
    }
}

#[test]
fn a_writer_killed_before_it_wakes_leaves_no_reader_asleep() {
    watchdog(|| {
        let (name, array) = (fixture::name(), fixture::name());
        let _value = Shared::<Snapshot<u64>>::create(&*name).unwrap();
        let _frames = SnapshotArray::<u64>::create(&*array, 3).unwrap();
        let cases = [("value reader", &name, "value"), ("array reader", &array, "array")];
        for (role, name, kind) in cases {
            let mut readers = start(role, name, true);
            until_all_sleep(&readers);
            Child::run_crashing("last write", &[name, kind], "before futex_wake", 1).crash();
            readers.iter_mut().for_each(|reader| reader.wait_for("1"));
            for reader in readers {
                reader.kill();
            }
        }
    });
}

#[test]
fn a_version_that_is_there_is_not_waited_for_and_time_is_kept() {
    let value = Placed::<Snapshot<u64>, _>::create_in(LocalMemory::new(4096).unwrap()).unwrap();
    let frames = SnapshotArray::<u64, _>::create_in(LocalMemory::new(4096).unwrap(), 3).unwrap();
    for version in 1..=3 {
        value.write(&version).unwrap();
        frames.write_from(&[version; 3]).unwrap();
        assert_eq!((value.wait_newer(0), frames.wait_newer(version - 1)), (version, version));
    }
    assert_eq!(value.wait_newer_timeout(2, Duration::ZERO), Some(3));
    assert_eq!(frames.wait_newer_timeout(u64::MAX, Duration::ZERO), None);
    let calls = [
        Timed::new(
            "value",
            |time| value.wait_newer_timeout(3, time).is_some(),
            |moment| value.wait_newer_deadline(3, moment).is_some(),
        ),
        Timed::new(
            "array",
            |time| frames.wait_newer_timeout(3, time).is_some(),
            |moment| frames.wait_newer_deadline(3, moment).is_some(),
        ),
    ];
    Timed::never_early(&calls, rounds(20, 1_000));
}
