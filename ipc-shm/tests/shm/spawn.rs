//! Programs that other threads of the process start, which briefly have copies of its descriptors.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use ipc_shm::SharedMemory;
use ipc_testkit::{figures, fixture, rounds, watchdog};

#[test]
fn the_last_detach_unlinks_a_name_while_programs_are_started() {
    let name = fixture::name();
    let (is_over, started) = (AtomicBool::new(false), AtomicU32::new(0));
    let rounds = rounds(2_000, 100_000);
    watchdog(|| {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        assert!(Command::new("true").status().unwrap().success());
                        started.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let left = (0..rounds).find(|_| {
                drop(SharedMemory::create(&*name, 4096).unwrap());
                fs::exists(format!("/dev/shm{}", &*name)).unwrap()
            });
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(left, None, "its name was left");
        });
    });
    figures(format_args!("{rounds} names beside {} programs", started.into_inner()));
}
