//! Waits run on the monotonic clock, which cannot be set. A test must not set the wall clock of its machine, so here the
//! system kills a process that waits on the wall clock.
#![cfg(target_env = "gnu")] // musl's waits run on the wall clock, in steps
#![expect(unsafe_code, reason = "forbids a process the system calls that use the wrong clock")]

use std::time::Duration;

use ipc_mem::LocalMemory;
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{Condvar, Mutex, MutexKind, MutexOptions, RwLock};

const SOON: Duration = Duration::from_millis(2);

/// Ends this process by SIGSYS as soon as it waits with a time limit on the wall clock.
fn forbid_the_wall_clock() {
    const NUMBER: u32 = 0;
    const OPERATION: u32 = 24;
    const LIMIT: u32 = 40;
    const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    const HAS: u32 = libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K;
    const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
    const END: u32 = libc::BPF_RET | libc::BPF_K;
    let step =
        |code: u32, k, jt, jf| libc::sock_filter { code: u16::try_from(code).unwrap(), jt, jf, k };
    let number = |long: i64| u32::try_from(long).unwrap();
    let flag = |int: i32| int.cast_unsigned();
    let mut steps = [
        step(LOAD, NUMBER, 0, 0),
        step(EQUAL, number(libc::SYS_futex), 0, 6),
        step(LOAD, LIMIT, 0, 0), // the lower half of an address: 0 is none
        step(EQUAL, 0, 4, 0),
        step(LOAD, OPERATION, 0, 0),
        step(HAS, flag(libc::FUTEX_CLOCK_REALTIME), 3, 0),
        step(AND, flag(libc::FUTEX_CMD_MASK), 0, 0),
        step(EQUAL, flag(libc::FUTEX_LOCK_PI), 1, 0),
        step(END, libc::SECCOMP_RET_ALLOW, 0, 0),
        step(END, libc::SECCOMP_RET_KILL_PROCESS, 0, 0),
    ];
    let program = libc::sock_fprog { len: 10, filter: steps.as_mut_ptr() };
    // SAFETY: takes numbers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    assert_eq!(
        // SAFETY: reads the program, which has ten steps.
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) },
        0
    );
}

/// Runs a closure in a child that is killed if it waits on the wall clock; returns `true` if it succeeds.
fn goes_by_the_monotonic_clock(run: impl Fn() -> bool) -> bool {
    // SAFETY: the child calls nothing that another thread of this process may have locked for ever.
    match unsafe { libc::fork() } {
        0 => {
            forbid_the_wall_clock();
            let good = run();
            // SAFETY: ends this process without running its exit handlers.
            unsafe { libc::_exit(i32::from(!good)) }
        }
        child => {
            let status = ipc_testkit::reap(child);
            assert!(
                status == 0 || libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSYS,
                "{status:x}"
            );
            status == 0
        }
    }
}

#[test]
fn every_wait_goes_by_the_clock_that_cannot_be_set() {
    let memory = || LocalMemory::new(128).unwrap();
    for kind in [MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Adaptive] {
        for options in [MutexOptions::new().kind(kind), MutexOptions::new().kind(kind).stalled()] {
            let mutex = Mutex::create_in_with(memory(), 0, options).unwrap();
            let wait = || {
                std::thread::scope(|scope| {
                    let held = mutex.lock().unwrap();
                    let waited =
                        scope.spawn(|| mutex.lock_timeout(SOON).unwrap().is_none()).join().unwrap();
                    drop(held);
                    waited
                })
            };
            assert!(goes_by_the_monotonic_clock(wait), "{options:?}");
        }
    }
    let semaphore = Semaphore::create_in(memory(), 0).unwrap();
    assert!(goes_by_the_monotonic_clock(|| !semaphore.wait_timeout(SOON).unwrap()));
    let rwlock = RwLock::create_in(memory(), 0).unwrap();
    let wait = || {
        std::thread::scope(|scope| {
            let held = rwlock.write().unwrap();
            let waited = || {
                rwlock.read_timeout(SOON).unwrap().is_none()
                    && rwlock.write_timeout(SOON).unwrap().is_none()
            };
            let waited = scope.spawn(waited).join().unwrap();
            drop(held);
            waited
        })
    };
    assert!(goes_by_the_monotonic_clock(wait));
    let (mutex, condvar) =
        (Mutex::create_in(memory(), 0).unwrap(), Condvar::create_in(memory()).unwrap());
    assert!(goes_by_the_monotonic_clock(|| !condvar
        .wait_timeout(mutex.lock().unwrap(), SOON)
        .unwrap()
        .1));
}
