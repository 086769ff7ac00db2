//! C programs and ours exchange signals.

#![expect(unsafe_code, reason = "makes a timer and a fault, as the C program does")]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::process::{self, Command};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ipc_core::{ProcessId, UserId};
use ipc_signal::{
    Action, PidFd, Signal, SignalInfo, SignalMask, Signals, ThreadId, send, send_to_thread,
    send_value, wait,
};
use ipc_testkit::{Child, Part, Role, c_program, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("receiver", receiver), ("own signals", own_signals)];

const SENDER: &str = r#"
    #include <signal.h>
    int main(int argc, char **argv) {
        must(argc == 2);
        pid_t to = atoi(argv[1]);
        must(kill(to, SIGUSR1) == 0);
        must(sigqueue(to, SIGRTMIN, (union sigval){ .sival_int = -5 }) == 0);
        must(sigqueue(to, SIGRTMIN + 1, (union sigval){ .sival_ptr = (void *)0x1234567800000007 }) == 0);
        return 0;
    }
"#;

#[test]
fn what_c_sends_comes_with_its_sender_and_its_value() {
    for door in ["Signals", "wait"] {
        let mut ours = Child::run("receiver", &[door]);
        ours.wait_for("ready");
        let sender = Child::run(&c_program("sender", SENDER), &[&ours.pid().to_string()]);
        let (from, of, first) =
            (sender.pid(), UserId::real().raw(), Signal::realtime(0).unwrap().raw());
        sender.finish();
        ours.wait_for(&format!("{} {} {from} {of} None", libc::SIGUSR1, libc::SI_USER));
        ours.wait_for(&format!("{first} {} {from} {of} Some(-5)", libc::SI_QUEUE));
        ours.wait_for(&format!("{} {} {from} {of} Some(7)", first + 1, libc::SI_QUEUE));
        ours.finish();
    }
}

fn receiver(role: &mut Role) {
    let set = [Signal::USR1, Signal::realtime(0).unwrap(), Signal::realtime(1).unwrap()];
    let signals = Signals::block(set).unwrap();
    role.say("ready");
    for _ in 0..3 {
        let info = if role.arg(0) == "wait" { wait(set) } else { signals.recv() }.unwrap();
        let (from, of) = (info.process().unwrap().raw(), info.user().unwrap().raw());
        let (signal, code) = (info.signal().raw(), info.raw_code());
        role.say(&format!("{signal} {code} {from} {of} {:?}", info.value()));
    }
}

const RECEIVER: &str = r#"
    #include <signal.h>
    #include <sys/signalfd.h>
    #include <unistd.h>
    int main(void) {
        sigset_t set;
        sigemptyset(&set);
        for (int signal = SIGRTMIN; signal < SIGRTMIN + 3; signal++) sigaddset(&set, signal);
        sigaddset(&set, SIGUSR1);
        must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
        int fd = signalfd(-1, &set, 0);
        say("ready");
        for (int i = 0; i < 5; i++) {
            struct signalfd_siginfo info;
            must(read(fd, &info, sizeof info) == sizeof info);
            say("%d %d %u %u %d", info.ssi_signo, info.ssi_code, info.ssi_pid, info.ssi_uid, info.ssi_int);
        }
        return 0;
    }
"#;

#[test]
fn what_we_send_comes_to_c_with_its_sender_and_its_value() {
    let mut receiver = Child::run(&c_program("receiver", RECEIVER), &[]);
    receiver.wait_for("ready");
    let to = ProcessId::new(receiver.pid());
    let (from, of) = (process::id(), UserId::real().raw());
    let [first, second, third] = [0, 1, 2].map(|number| Signal::realtime(number).unwrap());
    let expect =
        |signal: Signal, code, value| format!("{} {code} {from} {of} {value}", signal.raw());

    send(to, Signal::USR1).unwrap();
    receiver.wait_for(&expect(Signal::USR1, libc::SI_USER, 0));
    send_value(to, first, i32::MIN).unwrap();
    receiver.wait_for(&expect(first, libc::SI_QUEUE, i32::MIN));
    send_to_thread(ThreadId::new(to, to.raw()), second).unwrap();
    receiver.wait_for(&expect(second, libc::SI_TKILL, 0));
    let process = PidFd::open(to).unwrap();
    process.send_value(third, i32::MAX).unwrap();
    receiver.wait_for(&expect(third, libc::SI_QUEUE, i32::MAX));
    process.send(Signal::USR1).unwrap();
    receiver.wait_for(&expect(Signal::USR1, libc::SI_USER, 0));
    receiver.finish();
}

/// Prints the signals of a timer, of children and of a fault; `own_signals` below does the same.
const OWN_SIGNALS: &str = r#"
    #include <signal.h>
    #include <sys/mman.h>
    #include <sys/wait.h>
    #include <time.h>
    #include <unistd.h>
    static char *page;
    static siginfo_t fault;
    static void on_fault(int signal, siginfo_t *info, void *context) {
        (void)signal, (void)context;
        fault = *info;
        mprotect(page, 4096, PROT_READ);
    }
    int main(void) {
        sigset_t set;
        siginfo_t info;
        sigemptyset(&set);
        sigaddset(&set, SIGCHLD);
        sigaddset(&set, SIGRTMIN + 2);
        must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);

        timer_t timer;
        struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2 };
        event.sigev_value.sival_int = -1234;
        must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
        struct itimerspec once = { .it_value.tv_nsec = 1000000 };
        must(timer_settime(timer, 0, &once, NULL) == 0);
        must(sigwaitinfo(&set, &info) > 0);
        say("timer: %d %d value %d overrun %d", info.si_signo, info.si_code, info.si_value.sival_int, info.si_overrun);

        for (int i = 0; i < 2; i++) {
            pid_t child = fork();
            if (child == 0) {
                execlp("sh", "sh", "-c", i == 0 ? "exit 7" : "kill -KILL $$", NULL);
                _exit(127);
            }
            must(sigwaitinfo(&set, &info) > 0);
            must(waitpid(child, NULL, 0) == child);
            say("child: %d %d is it %d user %u status %d", info.si_signo, info.si_code, info.si_pid == child,
                info.si_uid, info.si_status);
        }

        page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        must(page != MAP_FAILED);
        struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
        must(sigaction(SIGSEGV, &action, NULL) == 0);
        must(*(volatile char *)(page + 291) == 0);
        say("fault: %d %d address %td", fault.si_signo, fault.si_code, (char *)fault.si_addr - page);
        return 0;
    }
"#;

#[test]
fn timers_children_and_faults_look_as_in_c() {
    let mut theirs = Child::run(&c_program("own-signals", OWN_SIGNALS), &[]);
    let mut ours = [Child::run("own signals", &["Signals"]), Child::run("own signals", &["wait"])];
    let names = ["timer: ", "child: ", "child: ", "fault: "];
    for name in names {
        let line = theirs.hear();
        assert!(line.starts_with(name), "{line}");
        ours.iter_mut().for_each(|ours| ours.wait_for(&line));
    }
    theirs.finish();
    ours.into_iter().for_each(Child::finish);
}

fn own_signals(role: &mut Role) {
    let set = [Signal::CHLD, Signal::realtime(2).unwrap()];
    let signals = Signals::block(set).unwrap();
    let by_wait = role.arg(0) == "wait";
    let next = || if by_wait { wait(set) } else { signals.recv() }.unwrap();

    start_timer(set[1]);
    let info = next();
    let (value, overrun) = (info.value().unwrap(), info.overrun().unwrap());
    role.say(&format!(
        "timer: {} {} value {value} overrun {overrun}",
        info.signal().raw(),
        info.raw_code()
    ));
    assert_eq!((info.process(), info.code().name()), (None, Some("SI_TIMER")));

    for (script, code) in [("exit 7", "CLD_EXITED"), ("kill -KILL $$", "CLD_KILLED")] {
        let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let info = next();
        watchdog(|| child.wait()).unwrap();
        let is_it = info.process().unwrap().raw() == child.id().cast_signed();
        let (user, status) = (info.user().unwrap().raw(), info.status().unwrap());
        let (signal, number) = (info.signal().raw(), info.raw_code());
        role.say(&format!(
            "child: {signal} {number} is it {} user {user} status {status}",
            i32::from(is_it)
        ));
        assert_eq!((info.value(), info.code().name()), (None, Some(code)));
    }

    let info = fault();
    let address = info.address().unwrap() - PAGE.load(Ordering::SeqCst);
    role.say(&format!("fault: {} {} address {address}", info.signal().raw(), info.raw_code()));
    assert_eq!((info.process(), info.code().name()), (None, Some("SEGV_ACCERR")));
    drop(SignalMask::block(Signal::HUP).unwrap()); // the mask of the thread is unchanged
}

fn start_timer(signal: Signal) {
    let mut event = MaybeUninit::<libc::sigevent>::zeroed();
    // SAFETY: integers, pointers and unions of such: all may be zero.
    let event = unsafe { event.assume_init_mut() };
    event.sigev_notify = libc::SIGEV_SIGNAL;
    event.sigev_signo = signal.raw();
    event.sigev_value.sival_ptr =
        ptr::without_provenance_mut(u32::from_ne_bytes((-1234_i32).to_ne_bytes()) as usize);
    let mut timer = ptr::null_mut();
    // SAFETY: the call reads an event and writes a timer, both ours.
    assert_eq!(unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, event, &mut timer) }, 0);
    let never = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let once = libc::itimerspec {
        it_interval: never,
        it_value: libc::timespec { tv_nsec: 1_000_000, ..never },
    };
    // SAFETY: the timer was made above, and the call reads its time, alive until it returns.
    assert_eq!(unsafe { libc::timer_settime(timer, 0, &once, ptr::null_mut()) }, 0);
}

static PAGE: AtomicUsize = AtomicUsize::new(0);
static FAULT: Mutex<Option<SignalInfo>> = Mutex::new(None);

extern "C" fn on_fault(_: c_int, info: *mut ipc_sys::siginfo_t, _: *mut c_void) {
    // SAFETY: this is what the system gave a handler.
    let info = unsafe { SignalInfo::from_raw(info) };
    // The thread was at the fault below, and so holds no lock.
    *FAULT.lock().unwrap() = info.ok();
    let page = ptr::without_provenance_mut(PAGE.load(Ordering::SeqCst));
    // SAFETY: the page is mapped, and this makes it one that may be read.
    unsafe { libc::mprotect(page, 4096, libc::PROT_READ) };
}

fn fault() -> SignalInfo {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: no address is asked for, so nothing that is mapped changes.
    let page = unsafe { libc::mmap(ptr::null_mut(), 4096, libc::PROT_NONE, flags, -1, 0) };
    PAGE.store(page.addr(), Ordering::SeqCst);
    // SAFETY: the handler removes the cause of the one fault that occurs, where no lock is held.
    unsafe { Action::with_info(on_fault).install(Signal::SEGV) }.unwrap();
    let byte = page.cast::<u8>().wrapping_add(291);
    // SAFETY: the byte is in the page, which the handler makes readable.
    assert_eq!(unsafe { byte.read_volatile() }, 0);
    FAULT.lock().unwrap().expect("a fault")
}
