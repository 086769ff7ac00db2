//! The descriptors that the types of this crate own.

#![expect(unsafe_code, reason = "closes standard streams, and reads flags of descriptors")]

use std::fs;
use std::os::fd::{AsFd, AsRawFd};
use std::process::Command;

use ipc_core::ProcessId;
use ipc_signal::stream::SignalStream;
use ipc_signal::{PidFd, Signal, Signals};
use ipc_testkit::{Part, Role};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("executes", executes), ("without streams", without_streams)];

/// The links of `/proc/self/fd` as another program sees its own: what it inherited.
fn inherited() -> Vec<String> {
    let listed = Command::new("sh").args(["-c", "readlink /proc/self/fd/*"]).output().unwrap();
    String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// `signalfd` without close-on-exec would pass unseen otherwise.
#[test]
fn no_descriptor_is_inherited_by_another_program() {
    play("executes");
}

fn executes(_: &mut Role) {
    let before = inherited().len();
    let mut signals = Signals::block(Signal::HUP).unwrap();
    let closer = signals.closer().unwrap();
    let process = PidFd::open(ProcessId::current()).unwrap();
    let ours: Vec<_> = fs::read_dir("/proc/self/fd").unwrap().collect();
    let now = inherited();
    assert!(ours.len() >= before + 4, "two of signals, one to close them, one of a process");
    assert_eq!(now.len(), before, "{now:?}");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _inside = runtime.enter();
    let stream = SignalStream::new(signals).unwrap();
    for fd in [process.as_fd(), stream.as_fd()] {
        // SAFETY: the call takes numbers, and the descriptor is open.
        let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFD) };
        assert_eq!(flags, libc::FD_CLOEXEC);
    }
    assert_eq!(process.as_raw_fd(), process.as_fd().as_raw_fd());
    assert_eq!(stream.as_raw_fd(), stream.as_fd().as_raw_fd());
    drop(closer);
}

/// Otherwise a `println!` in a daemon would write to an eventfd, and close a receiver.
#[test]
fn descriptors_never_get_the_numbers_of_closed_standard_streams() {
    play("without streams");
}

fn without_streams(_: &mut Role) {
    for stream in 0..3 {
        // SAFETY: the call takes a number; nothing in this process uses the streams any more.
        unsafe { libc::close(stream) };
    }
    let mut signals = Signals::block(Signal::HUP).unwrap();
    let _closer = signals.closer().unwrap();
    let _process = PidFd::open(ProcessId::current()).unwrap();
    for stream in 0..3 {
        let link = fs::read_link(format!("/proc/self/fd/{stream}"));
        assert!(link.is_err(), "{stream} is {link:?}");
    }
}
