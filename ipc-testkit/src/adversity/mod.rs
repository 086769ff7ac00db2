//! Adverse conditions for a process (*adversities*), and how each object must react.
//!
//! Each object is tested under each adversity, in a process of its own. The object must either work
//! or fail with an error that names it. The process must survive, and nothing may be left behind. A
//! new kind of object is a new [`Row`]; a new adversity is a new entry in [`ADVERSITIES`].

use std::fmt::Display;
use std::fs::File;

use crate::{Child, ChildOptions, LeakCheck, Role, Root, fixture, skip, watchdog};

mod sys;

/// An adverse condition, such as a limit that is reached or a call that fails.
#[derive(Clone, Copy, Debug)]
pub struct Adversity {
    /// A description.
    pub name: &'static str,
    /// If `true`, every object must work under it.
    pub is_harmless: bool,
    /// Requires root.
    wants_root: bool,
    /// If `true`, the process has no first thread any more.
    is_headless: bool,
    begin: fn() -> Vec<File>,
}

const fn harmful(name: &'static str, begin: fn() -> Vec<File>) -> Adversity {
    Adversity { name, is_harmless: false, wants_root: false, is_headless: false, begin }
}

const fn harmless(name: &'static str, begin: fn() -> Vec<File>) -> Adversity {
    Adversity { name, is_harmless: true, wants_root: false, is_headless: false, begin }
}

/// All adversities.
pub const ADVERSITIES: &[Adversity] = &[
    harmful("no descriptor is left", || sys::use_up_descriptors(0)),
    harmful("one descriptor is left", || sys::use_up_descriptors(1)),
    harmful("two descriptors are left", || sys::use_up_descriptors(2)),
    harmful("files may have no bytes at all", || sys::limit(libc::RLIMIT_FSIZE, 0)),
    harmful("files may have 64 bytes", || sys::limit(libc::RLIMIT_FSIZE, 64)),
    harmful("no address space is left", sys::use_up_address_space),
    harmful("no lock belongs to a description", || {
        sys::deny_commands(
            &[libc::F_OFD_GETLK, libc::F_OFD_SETLK, libc::F_OFD_SETLKW],
            libc::EINVAL,
        )
    }),
    harmful("locks on files are denied", || {
        sys::deny_commands(&[libc::F_OFD_GETLK, libc::F_OFD_SETLK, libc::F_OFD_SETLKW], libc::EPERM)
    }),
    harmful("fallocate is denied", || sys::deny(&[libc::SYS_fallocate], libc::EPERM)),
    harmful("fallocate does not exist", || sys::deny(&[libc::SYS_fallocate], libc::ENOSYS)),
    harmful("madvise is denied", || sys::deny(&[libc::SYS_madvise], libc::EPERM)),
    harmful("linkat is denied", || sys::deny(&[libc::SYS_linkat], libc::EPERM)),
    harmful("mmap is denied to files", sys::deny_mappings_of_files),
    harmful("memfd_create does not exist", || sys::deny(&[libc::SYS_memfd_create], libc::ENOSYS)),
    harmful("fchmod is denied", || sys::deny(&[libc::SYS_fchmod], libc::EPERM)),
    harmless("standard input, output and error are closed", sys::close_stdio),
    harmless("the umask is that of the process", || sys::forbid(&[libc::SYS_umask])),
    harmless("all signals are blocked", sys::block_signals),
    harmless("all memory is locked from now on", sys::lock_all_memory),
    harmless("a thread forks all the time", sys::fork_all_the_time),
    harmless("the thread has descriptors of its own", sys::own_descriptors),
    Adversity { is_headless: true, ..harmless("the first thread has ended", Vec::new) },
    Adversity { wants_root: true, ..harmful("/dev/shm is read-only", sys::make_shm_read_only) },
    Adversity { wants_root: true, ..harmful("there is no /proc", sys::hide_proc) },
    Adversity {
        wants_root: true,
        ..harmless("the process is the first of its PID namespace", sys::be_the_first_process)
    },
    Adversity { wants_root: true, ..harmful("a user without a number", sys::lose_number) },
];

/// An object to test under adversities: the operations on it, from creation to removal.
#[derive(Clone, Copy, Debug)]
pub struct Row<E> {
    /// A description.
    pub name: &'static str,
    /// Creates an object with that name, uses it, and drops it.
    pub run: fn(&str) -> Result<(), E>,
}

/// Tests each row under each adversity, in a child of the role `adversity`. That role must call
/// [`meet`].
///
/// # Panics
///
/// If an object neither works nor fails with an error that names it.
pub fn meet_all<E>(rows: &[Row<E>]) {
    let root = Root::or_skip("some adversities");
    for adversity in ADVERSITIES.iter().filter(|adversity| root.is_some() || !adversity.wants_root)
    {
        for row in rows {
            watchdog(|| {
                let name = fixture::name();
                let check = LeakCheck::of(&name);
                Child::run(ChildOptions::role("adversity"), &[adversity.name, row.name, &name])
                    .finish();
                check.finish();
            });
        }
    }
    if root.is_none() {
        skip("the rest of the adversities");
    }
}

/// Runs in the child: tests one row under one adversity.
///
/// # Panics
///
/// If the object neither works nor fails with an error that names it.
pub fn meet<E: Display + 'static>(
    role: &mut Role,
    rows: &[Row<E>],
    names_object: fn(&E, &str) -> bool,
) {
    let (wanted, object, name) =
        (role.arg(0).to_owned(), role.arg(1).to_owned(), role.arg(2).to_owned());
    let adversity =
        ADVERSITIES.iter().find(|adversity| adversity.name == wanted).expect("an adversity");
    let run = rows.iter().find(|row| row.name == object).expect("a row").run;
    // Shown if this process fails.
    println!("{object}, when {wanted}");
    let held = (adversity.begin)();
    let meet = move || {
        let answer = run(&name);
        drop(held);
        let Err(err) = answer else { return };
        let text = err.to_string();
        assert!(!adversity.is_harmless, "{object}, when {wanted}: {text}");
        assert!(names_object(&err, &name), "{object}, when {wanted}, names no object: {text}");
        assert!(
            !text.contains("os error 0") && !text.contains("Success"),
            "{object}, when {wanted}: {text}"
        );
    };
    if adversity.is_headless {
        sys::without_first_thread(meet);
    }
    meet();
}

/// Calls `run` in a child whose first thread has ended. The calling process ends with the exit
/// status of that child.
///
/// # Panics
///
/// If the kernel refuses.
pub fn without_first_thread(run: impl FnOnce() + Send + 'static) -> ! {
    sys::without_first_thread(run)
}

/// Limits the files that this process makes longer to that number of bytes (`RLIMIT_FSIZE`).
///
/// # Panics
///
/// If the kernel refuses.
pub fn limit_file_size(bytes: u64) {
    sys::limit(libc::RLIMIT_FSIZE, bytes);
}

/// Covers `/proc` with an empty directory, for this process and its children.
///
/// # Panics
///
/// If the kernel refuses.
pub fn hide_proc(_: Root) {
    sys::hide_proc();
}

/// Continues the role in a child that is the first process of a new PID namespace. The calling
/// process ends with the exit status of that child.
///
/// # Panics
///
/// If the kernel refuses.
pub fn enter_pid_namespace(_: Root) {
    sys::be_the_first_process();
}
