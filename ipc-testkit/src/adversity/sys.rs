//! The C calls that cause adversities, in a process that exists only for this purpose.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{CStr, c_long, c_ulong};
use std::fs::{self, File};
use std::io;
use std::ptr;
use std::thread;

#[track_caller]
fn check(returned: i32) -> i32 {
    assert_ne!(returned, -1, "{}", io::Error::last_os_error());
    returned
}

#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = i32;

/// Lowers a limit of this process.
pub(super) fn limit(resource: Resource, most: u64) -> Vec<File> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes an `rlimit`, which lives until it returns.
    check(unsafe { libc::getrlimit(resource, &raw mut limit) });
    limit.rlim_cur = most.min(limit.rlim_max);
    // SAFETY: the call reads an `rlimit`, which lives until it returns.
    check(unsafe { libc::setrlimit(resource, &raw const limit) });
    Vec::new()
}

pub(super) fn use_up_descriptors(but: usize) -> Vec<File> {
    limit(libc::RLIMIT_NOFILE, 64);
    let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    files.truncate(files.len() - but);
    files
}

pub(super) fn use_up_address_space() -> Vec<File> {
    let status = fs::read_to_string("/proc/self/status").expect("/proc");
    let size =
        status.lines().find_map(|line| line.strip_prefix("VmSize:")?.trim().strip_suffix("kB"));
    let size: u64 = size.and_then(|size| size.trim().parse().ok()).expect("a size");
    limit(libc::RLIMIT_AS, (size + 64) * 1024)
}

pub(super) fn close_stdio() -> Vec<File> {
    for fd in 0..3 {
        // SAFETY: takes a number; the role does not write to this descriptor from now on.
        unsafe { libc::close(fd) };
    }
    Vec::new()
}

pub(super) fn block_signals() -> Vec<File> {
    // SAFETY: all-zero bytes are a valid value of this plain C struct.
    let mut all: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes a set that lives until it returns.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: the call reads a set that lives until it returns.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut()) };
    Vec::new()
}

pub(super) fn lock_all_memory() -> Vec<File> {
    // SAFETY: takes a number. If the call fails, the object meets no adversity.
    unsafe { libc::mlockall(libc::MCL_FUTURE) };
    Vec::new()
}

/// Starts short-lived children continuously, as a server does.
pub(super) fn fork_all_the_time() -> Vec<File> {
    thread::spawn(|| {
        loop {
            // SAFETY: takes nothing; the child makes one system call.
            let child = check(unsafe { libc::fork() });
            if child == 0 {
                // SAFETY: takes a number, and does not return.
                unsafe { libc::_exit(0) };
            }
            crate::reap(child);
        }
    });
    Vec::new()
}

pub(super) fn make_shm_read_only() -> Vec<File> {
    mount_over(c"/dev/shm", libc::MS_RDONLY)
}

pub(super) fn hide_proc() -> Vec<File> {
    mount_over(c"/proc", 0)
}

/// Mounts an empty file system over a directory, for this process and its children only.
fn mount_over(directory: &CStr, flags: c_ulong) -> Vec<File> {
    // SAFETY: takes a number; from then on the mounts are the process's own.
    check(unsafe { libc::unshare(libc::CLONE_FS | libc::CLONE_NEWNS) });
    let (root, none) = (c"/".as_ptr(), ptr::null());
    // SAFETY: a static path, and null where the call ignores the argument.
    check(unsafe { libc::mount(none, root, none, libc::MS_REC | libc::MS_PRIVATE, ptr::null()) });
    let tmpfs = c"tmpfs".as_ptr();
    // SAFETY: strings that outlive the call, and null for no options.
    check(unsafe { libc::mount(tmpfs, directory.as_ptr(), tmpfs, flags, ptr::null()) });
    Vec::new()
}

pub(super) fn be_the_first_process() -> Vec<File> {
    // SAFETY: takes a number.
    check(unsafe { libc::unshare(libc::CLONE_NEWPID) });
    go_on_as_child();
    assert_eq!(std::process::id(), 1);
    Vec::new()
}

/// Acts as a process in a user namespace that does not map its user id.
pub(super) fn lose_number() -> Vec<File> {
    go_on_as_child(); // which has one thread, as the call wants
    // SAFETY: takes a number.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER) });
    Vec::new()
}

/// Continues the role in a child; this process ends with the child's exit code.
fn go_on_as_child() {
    // SAFETY: takes nothing; the child is a copy of a role whose other threads hold no lock it
    // needs.
    let child = check(unsafe { libc::fork() });
    if child != 0 {
        let status = crate::reap(child);
        // SAFETY: takes a number, and does not return.
        unsafe {
            libc::_exit(if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 102 })
        };
    }
}

/// Gives this thread a table of descriptors of its own. In that of the other threads, the numbers
/// that are free here belong to other files.
pub(super) fn own_descriptors() -> Vec<File> {
    let others: Vec<File> = (0..64).map(|_| File::open("/dev/null").expect("a file")).collect();
    // SAFETY: takes a number; the files that are closed next stay open for the other threads.
    check(unsafe { libc::unshare(libc::CLONE_FILES) });
    drop(others);
    Vec::new()
}

/// Continues in a child, whose first thread ends before `run` is called in another. The calling
/// process ends with the exit status of that child.
pub(super) fn without_first_thread(run: impl FnOnce() + Send + 'static) -> ! {
    go_on_as_child();
    thread::spawn(move || {
        let is_over =
            || fs::read_to_string("/proc/self/stat").is_ok_and(|stat| stat.contains(") Z "));
        while !is_over() {
            thread::yield_now();
        }
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        // SAFETY: takes a number, and does not return.
        unsafe { libc::_exit(if ended.is_ok() { 0 } else { 101 }) };
    });
    // SAFETY: takes a number; this thread has no guard to drop that another waits for.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    unreachable!("the thread has ended")
}

/// Makes these system calls fail with `errno` in this thread and in the threads that it starts.
pub(super) fn deny(calls: &[c_long], errno: i32) -> Vec<File> {
    let mut filter = vec![load(0)];
    for call in calls {
        filter.extend([jump(libc::BPF_JEQ, number(*call), 1), answer(errno)]);
    }
    install(filter)
}

/// Ends the process if it makes one of these system calls.
pub(super) fn forbid(calls: &[c_long]) -> Vec<File> {
    let mut filter = vec![load(0)];
    for call in calls {
        let end = instruction(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_KILL_PROCESS);
        filter.extend([jump(libc::BPF_JEQ, number(*call), 1), end]);
    }
    install(filter)
}

/// Makes `fcntl` with one of these commands fail with `errno`.
pub(super) fn deny_commands(commands: &[i32], errno: i32) -> Vec<File> {
    let mut filter = Vec::new();
    for command in commands {
        filter.push(load(0));
        filter.push(jump(libc::BPF_JEQ, number(libc::SYS_fcntl), 3));
        filter.extend([
            load(argument(1)),
            jump(libc::BPF_JEQ, command.cast_unsigned(), 1),
            answer(errno),
        ]);
    }
    install(filter)
}

/// Makes `mmap` with `MAP_SHARED` fail, like a policy that allows private memory only.
pub(super) fn deny_mappings_of_files() -> Vec<File> {
    let shared = libc::MAP_SHARED.cast_unsigned();
    let filter = vec![
        load(0),
        jump(libc::BPF_JEQ, number(libc::SYS_mmap), 3),
        load(argument(3)),
        jump(libc::BPF_JSET, shared, 1),
        answer(libc::EPERM),
    ];
    install(filter)
}

fn number(call: c_long) -> u32 {
    u32::try_from(call).expect("the number of a call")
}

/// The offset of the low half of an argument.
fn argument(index: u32) -> u32 {
    16 + 8 * index + if cfg!(target_endian = "big") { 4 } else { 0 }
}

fn instruction(bits: u32, jf: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(bits).expect("a short code"), jt: 0, jf, k }
}

fn load(at: u32) -> libc::sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, at)
}

fn jump(test: u32, operand: u32, over: u8) -> libc::sock_filter {
    instruction(libc::BPF_JMP | test | libc::BPF_K, over, operand)
}

fn answer(errno: i32) -> libc::sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ERRNO | errno.cast_unsigned())
}

fn install(mut filter: Vec<libc::sock_filter>) -> Vec<File> {
    filter.push(instruction(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).expect("short"),
        filter: filter.as_mut_ptr(),
    };
    let (none, one): (libc::c_ulong, libc::c_ulong) = (0, 1);
    // SAFETY: takes numbers only.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, one, none, none, none) });
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: `program` and the filter in it live until the call returns, and the kernel copies
    // them.
    check(unsafe {
        libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program, ptr::null::<u8>(), none)
    });
    Vec::new()
}
