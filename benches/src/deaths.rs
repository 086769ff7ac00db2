//! The time from the death of an owner until the next owner learns of it.

use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Result;
use ipc_sync::LockError;
use ipc_sync::futex::Mutex;
use ipc_testkit::{Child, Part, Role, fixture, sleepers};

use crate::partners::{Object, Stage};

/// The process that is killed.
pub(crate) const VICTIM: (&str, Part) = ("victim", victim);

/// The number of its threads that run when it is killed.
const THREADS: usize = 3;

/// The mutex of both processes.
fn lock(name: &str, leads: bool) -> Result<Object<Mutex<u64>>> {
    Stage::new(name, leads)?.object(|part| Mutex::create_in(part, 0))
}

fn victim(role: &mut Role) {
    let lock = lock(role.arg(0), false).expect("the lock of the first process");
    let touched = vec![1u8; role.arg(1).parse().expect("a number of bytes")];
    let spin = || {
        loop {
            std::hint::spin_loop();
        }
    };
    let threads: Vec<_> = (1..THREADS).map(|_| thread::spawn(spin)).collect();
    let held = lock.lock_or_repair(|_| ()).expect("a lock");
    role.say("held");
    role.wait_for("never said");
    drop((held, touched, threads));
}

/// Kills owners of several sizes, and prints how soon a waiting thread acquires the lock.
///
/// # Errors
///
/// Those of shared memory.
///
/// # Panics
///
/// If a victim does not start, or its death is not told.
pub fn report(is_test: bool) -> Result<()> {
    println!("### Death of an owner with {THREADS} threads: from SIGKILL to the next owner\n");
    println!("| memory touched | kills | p50 | p99 | longest |\n|---|--:|--:|--:|--:|");
    for (mib, kills) in [(0, 200), (1024, 60), (2048, 60)] {
        let (mib, kills) = if is_test { (0, 1) } else { (mib, kills) };
        let name = fixture::name();
        let lock = lock(&name, true)?;
        let mut times = (0..kills).map(|_| kill(&name, &lock, mib)).collect::<Vec<_>>();
        times.sort();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!("| {mib} MiB | {kills} | {:?} | {:?} | {:?} |", at(50), at(99), at(100));
    }
    println!();
    Ok(())
}

fn kill(name: &str, lock: &Mutex<u64>, mib: usize) -> Duration {
    let mut child = Child::run("victim", &[name, &(mib << 20).to_string()]);
    child.wait_for("held");
    let time = thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let Err(LockError::OwnerDied(mut held)) = lock.lock() else { return None };
            let told = Instant::now();
            held.mark_consistent().ok().map(|()| told)
        });
        while sleepers(std::process::id().cast_signed()) == 0 {
            thread::yield_now();
        }
        let killed = Instant::now();
        child.signal(9);
        let told = waiter.join().expect("a thread").expect("an owner that died");
        told.duration_since(killed)
    });
    child.kill();
    time
}
