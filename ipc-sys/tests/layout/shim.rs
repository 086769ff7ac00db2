//! The hand-written `src/shim.rs` agrees with C's macros.

#![expect(unsafe_code, reason = "calls C, and reads what a C program wrote")]

use std::{
    collections::BTreeMap,
    ffi::{c_int, c_long, c_void},
    fmt::Debug,
    fs,
    mem::MaybeUninit,
    ptr,
    sync::atomic::{AtomicI32, Ordering::SeqCst},
};

use ipc_sys::*;

use crate::c_program;

/// The output of `shim.c`: values by name.
struct Said(BTreeMap<String, String>);

fn ask_c(name: &str) -> Said {
    let lines = c_program::run(name, include_str!("shim.c"));
    Said(
        lines
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(k, v)| (k.into(), v.into()))
            .collect(),
    )
}

impl Said {
    fn number(&self, name: &str) -> i128 {
        self.0[name].parse().unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let digits = self.0[name].as_bytes().chunks(2);
        digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// The object whose bytes C printed.
    fn object<T>(&self, name: &str) -> Box<T> {
        let bytes = self.bytes(name);
        assert_eq!(bytes.len(), size_of::<T>(), "{name}");
        let mut object = Box::<T>::new_uninit();
        let place = object.as_mut_ptr().cast::<u8>();
        // SAFETY: `object` has the size of `bytes`, as just checked, and is ours alone.
        unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        // SAFETY: all its bytes are set; the tests ask for integers and structs of C only, and C
        // wrote it.
        unsafe { object.assume_init() }
    }

    /// Checks that `read` finds the member `name` of the object which C printed under that name.
    fn member<T, V: Debug + PartialEq>(&self, name: &str, read: unsafe fn(&T) -> V, wanted: V) {
        let object = self.object::<T>(name);
        // SAFETY: the functions that the tests pass want an object all of whose bytes are set, and
        // C printed them all.
        let value = unsafe { read(&object) };
        assert_eq!(value, wanted, "{name}");
        assert_eq!(self.number(&format!("size of {name}")), size_of::<V>() as i128, "{name}");
    }
}

const FOUR: c_int = 0x0102_0304;
const EIGHT: c_long = 0x0102_0304_0506_0708;

#[test]
fn the_special_values_are_those_of_c() {
    let c = ask_c("shim-values");
    let signed = |word: usize| word.cast_signed() as i128;
    assert_eq!(signed(MAP_FAILED.addr()), c.number("MAP_FAILED"));
    assert_eq!(signed(SEM_FAILED.addr()), c.number("SEM_FAILED"));
    assert_eq!(signed(SIG_DFL), c.number("SIG_DFL"));
    assert_eq!(signed(SIG_IGN), c.number("SIG_IGN"));
    assert_eq!(signed(SIG_ERR), c.number("SIG_ERR"));
    assert_eq!(i128::from(RLIM_INFINITY.cast_signed()), c.number("RLIM_INFINITY"));
    assert_eq!(i128::from(SIGRTMIN()), c.number("SIGRTMIN"));
    assert_eq!(i128::from(SIGRTMAX()), c.number("SIGRTMAX"));
}

#[test]
fn the_initialisers_are_all_zero_in_c_too() {
    let c = ask_c("shim-initialisers");
    for name in ["MUTEX", "COND", "RWLOCK"] {
        let bytes = c.bytes(&format!("PTHREAD_{name}_INITIALIZER"));
        assert!(bytes.iter().all(|&byte| byte == 0), "{name}");
    }
}

#[test]
fn members_that_c_reaches_through_macros_are_found() {
    let c = ask_c("shim-members");
    let address = ptr::without_provenance_mut::<c_void>(EIGHT.try_into().unwrap());
    c.member("si_pid", siginfo_t::si_pid, FOUR);
    c.member("si_uid", siginfo_t::si_uid, FOUR.cast_unsigned());
    c.member("si_status", siginfo_t::si_status, FOUR);
    c.member("si_addr", siginfo_t::si_addr, address);
    c.member("si_band", siginfo_t::si_band, EIGHT);
    c.member("si_fd", siginfo_t::si_fd, FOUR);
    c.member("si_timerid", siginfo_t::si_timerid, FOUR);
    c.member("si_overrun", siginfo_t::si_overrun, FOUR);
    c.member("sa_handler", sigaction::handler, address.addr());
    c.member("__key", ipc_perm::key, FOUR);
    // SAFETY: C wrote all the bytes.
    let value = unsafe { c.object::<siginfo_t>("si_value").si_value() };
    // SAFETY: C wrote this member of the union.
    assert_eq!(unsafe { value.sival_ptr }, address);
}

#[test]
fn the_thread_of_a_notification_is_written_where_c_reads_it() {
    let c = ask_c("shim-notification");
    let mut event = Said(BTreeMap::from([("zero".into(), "00".repeat(size_of::<sigevent>()))]))
        .object::<sigevent>("zero");
    event.set_notify_thread_id(FOUR);
    // SAFETY: made of bytes, and then of one more integer in them.
    let bytes = unsafe {
        std::slice::from_raw_parts((&raw const *event).cast::<u8>(), size_of::<sigevent>())
    };
    assert_eq!(bytes, c.bytes("sigev_notify_thread_id"));
}

#[test]
fn processors_are_the_bits_that_c_sets() {
    let mut cpus = cpu_set_t::EMPTY;
    [3, 64, usize::MAX].into_iter().for_each(|cpu| cpus.insert(cpu));
    assert_eq!(cpus.__bits, ask_c("shim-processors").object::<cpu_set_t>("cpu_set_t").__bits);
    assert_eq!([2, 3, 64, usize::MAX].map(|cpu| cpus.contains(cpu)), [false, true, true, false]);
}

#[test]
fn the_ends_of_children_are_read_as_c_reads_them() {
    let c = ask_c("shim-statuses");
    for status in [0, 0x100, 0xff00, 9, 0x8b, 0x137f, 0xffff] {
        let is = [WIFEXITED, WIFSIGNALED, WCOREDUMP, WIFSTOPPED, WIFCONTINUED]
            .map(|is| u8::from(is(status)));
        let number = [WEXITSTATUS, WTERMSIG, WSTOPSIG].map(|number| number(status));
        assert_eq!(format!("{is:?} {number:?}"), c.0[&format!("status {status}")]);
    }
}

#[test]
fn an_action_runs_its_handler_with_its_mask_and_flags() {
    static SEEN: AtomicI32 = AtomicI32::new(0);
    extern "C" fn handler(signal: c_int) {
        SEEN.store(signal, SeqCst);
    }

    let mut mask = zeroed();
    sigemptyset(&mut mask);
    sigaddset(&mut mask, SIGUSR2);
    let action = sigaction::new(handler as *const () as sighandler_t, mask, SA_RESTART);
    // SAFETY: the handler does nothing but to store a number, and no other test uses the signal.
    assert_eq!(unsafe { ipc_sys::sigaction(SIGUSR1, &action, ptr::null_mut()) }, 0);
    // SAFETY: its handler is the one above.
    assert_eq!(unsafe { raise(SIGUSR1) }, 0);
    assert_eq!(SEEN.load(SeqCst), SIGUSR1);

    let mut now = MaybeUninit::uninit();
    // SAFETY: writes what is set now.
    assert_eq!(unsafe { ipc_sys::sigaction(SIGUSR1, ptr::null(), now.as_mut_ptr()) }, 0);
    // SAFETY: just written.
    let now: sigaction = unsafe { now.assume_init() };
    assert_eq!(now.handler(), action.handler());
    assert_eq!(now.sa_flags & SA_RESTART, SA_RESTART);
    assert_eq!(sigismember(&now.sa_mask, SIGUSR2), 1);
}

#[test]
fn semctl_takes_our_union() {
    let set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0o600);
    // SAFETY: takes the union's `val`.
    let done = unsafe { semctl(set, 0, SETVAL, semun { val: 7 }) };
    // SAFETY: takes no more.
    let value = unsafe { semctl(set, 0, GETVAL) };
    // SAFETY: takes no more.
    unsafe { semctl(set, 0, IPC_RMID) };
    assert_eq!((done, value), (0, 7));
}

#[test]
fn errno_is_what_the_last_call_left() {
    // SAFETY: closes nothing: there is no such descriptor.
    assert_eq!(unsafe { close(-1) }, -1);
    assert_eq!(errno(), EBADF);
    set_errno(EINTR);
    assert_eq!(errno(), EINTR);
}

#[test]
fn gettid_names_this_thread() {
    let link = std::thread::spawn(|| (gettid(), fs::read_link("/proc/thread-self").unwrap()));
    let (thread, link) = link.join().unwrap();
    assert!(link.ends_with(thread.to_string()), "{}", link.display());
}

/// glibc handles signal 33 in every process that has had two threads, and follows a null pointer
/// when another function than `setuid` and its kind has sent it. A child process tries it.
#[test]
fn signals_of_the_c_library_itself_are_refused() {
    let child = std::thread::spawn(|| {
        // SAFETY: the child calls async-signal-safe functions and system calls only.
        match unsafe { fork() } {
            0 => {
                // SAFETY: takes no arguments and returns a number.
                let here = unsafe { getpid() };
                let is_refused = |signal| {
                    set_errno(0);
                    tgkill(here, gettid(), signal) == -1 && errno() == EINVAL
                };
                let refused = (32..SIGRTMIN()).filter(|signal| is_refused(*signal)).count();
                _exit(c_int::from(refused != (32..SIGRTMIN()).len()))
            }
            child => child,
        }
    });
    let (child, mut status) = (child.join().unwrap(), 0);
    // SAFETY: writes a status, which is a local.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert!(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status {status:#x}");
}

#[test]
fn numbers_of_descriptors_are_open_or_not() {
    assert!(is_open(STDERR_FILENO) && !is_open(-1) && !is_open(c_int::MAX));
}
