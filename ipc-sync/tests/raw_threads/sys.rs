//! The C functions that these tests call.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ffi::c_void;
use std::{env, mem, ptr};

type Run<'a> = &'a (dyn Fn(u64) + Sync);

/// Runs `count` threads at the same time, numbered from 0, and waits for their ends.
pub(crate) fn threads(count: u64, run: Run<'_>) {
    let starts: Vec<(u64, Run<'_>)> = (0..count).map(|number| (number, run)).collect();
    let begun: Vec<libc::pthread_t> = starts.iter().map(begin).collect();
    for thread in begun {
        // SAFETY: started above, and not joined yet.
        assert_eq!(unsafe { libc::pthread_join(thread, ptr::null_mut()) }, 0);
    }
}

fn begin(start: &(u64, Run<'_>)) -> libc::pthread_t {
    extern "C" fn run(start: *mut c_void) -> *mut c_void {
        // SAFETY: the argument of `begin`, which `threads` keeps until this thread has ended.
        let (number, run) = unsafe { &*start.cast::<(u64, Run<'_>)>() };
        run(*number); // a panic ends the process, and with it the test
        ptr::null_mut()
    }

    // SAFETY: zero bytes are a valid number.
    let mut thread: libc::pthread_t = unsafe { mem::zeroed() };
    let argument = ptr::from_ref(start).cast_mut().cast();
    // SAFETY: `thread` is valid for writes, and `argument` has the type that `run` casts it to.
    assert_eq!(unsafe { libc::pthread_create(&raw mut thread, ptr::null(), run, argument) }, 0);
    thread
}

/// Lets a signal end this process after a minute, or after `IPC_TEST_SECONDS`. A watchdog would be a thread.
pub(crate) fn end_if_it_hangs() {
    let seconds = env::var("IPC_TEST_SECONDS").ok().and_then(|text| text.parse().ok());
    // SAFETY: takes only a number.
    unsafe { libc::alarm(seconds.unwrap_or(60)) };
}
