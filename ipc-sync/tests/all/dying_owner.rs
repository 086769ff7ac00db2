//! Owners that die while other threads of their process still write: the next owner waits for all of them.

#![expect(unsafe_code, reason = "opens what it created before")]

use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_mem::Placed;
use ipc_sync::LockError;
use ipc_sync::pthread::Mutex;
use ipc_testkit::{Child, Role, Watchdog, fixture};

use crate::common::{new_file_of, open_file, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("owner of much", owner)];

/// A size whose `read`, which the kernel does not interrupt, takes longer than the death of a thread.
const HALF: usize = 64 << 20;
/// Private memory of a numerical program, which takes the kernel tens of milliseconds to free.
const PRIVATE: usize = 1 << 30;

type Data = Mutex<[u8; 2 * HALF]>;

const KILLED: &str = "is killed";
const EXITS: &str = "exits in another thread";
const LEAKS: &str = "leaks the guard, ends the thread and is killed";
const HIDDEN: &str = "is not dumpable and aborts";

/// The number of threads of this process that write to the data, in one system call after the other.
static BEGUN: AtomicUsize = AtomicUsize::new(0);

/// Two threads read a file into the data, again and again.
fn owner(role: &mut Role) {
    // SAFETY: the parent created the mutex, and destroys it after this process has ended.
    let data = unsafe { Data::open_in(open_file(role.arg(0))) }.unwrap();
    let data: &'static Data = Box::leak(Box::new(data));
    let (source, way) = (role.arg(1).to_owned(), role.arg(2).to_owned());
    black_box(vec![1u8; PRIVATE]).leak();
    let begin = move || {
        let guard: &'static mut _ = Box::leak(Box::new(data.lock().unwrap()));
        let (first, second) = guard.split_at_mut(HALF);
        for half in [first, second] {
            let source = File::open(&source).unwrap();
            thread::spawn(move || {
                BEGUN.fetch_add(1, Ordering::SeqCst);
                loop {
                    assert_eq!(source.read_at(half, 0).unwrap(), HALF);
                }
            });
        }
    };
    if way == LEAKS {
        thread::spawn(begin).join().unwrap();
    } else {
        begin();
    }
    until(|| BEGUN.load(Ordering::SeqCst) == 2);
    role.say("reading");
    match &*way {
        EXITS => _ = thread::spawn(|| process::exit(0)).join(),
        HIDDEN => {
            // SAFETY: takes only numbers.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
            process::abort()
        }
        _ => loop {
            thread::park();
        },
    }
}

/// New data, all zeros and not yet written.
fn create(name: &str) -> Placed<Data, ipc_mem::SharedMemory> {
    Placed::create_in(new_file_of(name, size_of::<Data>())).unwrap()
}

#[test]
fn data_is_handed_on_when_the_dead_process_writes_no_more() {
    for way in [KILLED, EXITS, LEAKS, HIDDEN] {
        let _watchdog = Watchdog::new();
        let (name, source) = (fixture::name(), format!("/dev/shm{}", fixture::name()));
        File::create(&source).unwrap().set_len(HALF as u64).unwrap();
        let data = create(&name);
        let mut child = Child::run("owner of much", &[&name, &source, way]);
        child.wait_for("reading");
        if way == KILLED || way == LEAKS {
            child.signal(libc::SIGKILL);
        }
        let Err(LockError::OwnerDied(mut repaired)) = data.lock() else {
            panic!("{way}: not told")
        };
        for half in [HALF, 2 * HALF] {
            repaired[half - 4096..half].fill(0xff);
        }
        repaired.mark_consistent().unwrap();
        // The whole process has ended: it can write no more.
        child.wait();
        for half in [HALF, 2 * HALF] {
            let last = black_box(&*repaired)[half - 4096..half].iter();
            assert_eq!(
                last.filter(|byte| **byte != 0xff).count(),
                0,
                "{way}: written to behind a guard"
            );
        }
        drop(repaired);
        fs::remove_file(source).unwrap();
    }
}

#[test]
fn a_wait_with_a_deadline_leaves_the_proof_to_the_next() {
    let _watchdog = Watchdog::new();
    let (name, source) = (fixture::name(), format!("/dev/shm{}", fixture::name()));
    File::create(&source).unwrap().set_len(HALF as u64).unwrap();
    let data = create(&name);
    let mut child = Child::run("owner of much", &[&name, &source, LEAKS]);
    child.wait_for("reading");
    // The thread that held the mutex has ended, but its process lives.
    assert!(data.try_lock().unwrap().is_none());
    assert!(data.lock_timeout(Duration::from_millis(1)).unwrap().is_none());
    assert!(data.lock_deadline(Instant::now()).unwrap().is_none());
    child.signal(libc::SIGKILL);
    let told = data.lock_timeout_or_repair(Duration::from_secs(60), |data| data[0] = 7);
    assert_eq!(told.unwrap().unwrap()[0], 7);
    child.wait();
    fs::remove_file(source).unwrap();
}
