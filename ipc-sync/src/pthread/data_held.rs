//! Threads do not end while they hold data.
//!
//! When a thread ends, the kernel gives its robust mutexes to the next who waits, who is told that the owner died. If the
//! guard was leaked, a `&mut` of its data may live on in another thread of this process, and the next owner would
//! have a second one. So each thread counts the guards that it has, and ends the process if some are left when it ends.
//! To all others, that is a death like any other.

use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::process;

use crate::sys::thread_end::{at_end_of_thread, complain};

thread_local! {
    /// How many this thread has, and one more; 0 says that nobody looks at it when the thread ends.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// The count of a thread that has none, and is looked at.
const NONE: usize = 1;

/// How often C looks: at first, guards may be left that a destructor still to come gives back.
const FIRST: usize = 1;
const LAST: usize = 2;

/// Says that this thread holds data behind a mutex. A thread that ends before it drops all of these ends the process.
///
/// For who hands out data behind a [`RawMutex`](crate::pthread::RawMutex), and keeps one of these beside each
/// [`RawMutexGuard`](crate::pthread::RawMutexGuard): see [leaked guards](crate::pthread#leaked-guards). A
/// [`MutexGuard`](crate::pthread::MutexGuard) has one.
///
/// ```
/// use ipc_sync::pthread::{DataHeld, RawMutexGuard};
///
/// struct Pixels<'a> {
///     pixels: *mut [f32],
///     lock: RawMutexGuard<'a>,
///     held: DataHeld,
/// }
/// ```
#[derive(Debug)]
pub struct DataHeld {
    /// Bound to the thread that counted it.
    _here: PhantomData<*const ()>,
}

impl DataHeld {
    /// Counts one more. The first in a thread has C look at the count when the thread ends; if C has no room to note
    /// that, the process ends.
    #[doc(alias = "pthread_key_create")]
    #[expect(clippy::new_without_default, reason = "a default that counts would surprise")]
    #[inline]
    #[must_use = "it is counted for as long as it lives"]
    pub fn new() -> Self {
        if COUNT.get() == 0 {
            begin();
        }
        COUNT.set(COUNT.get() + 1);
        Self { _here: PhantomData }
    }
}

impl Drop for DataHeld {
    #[inline]
    fn drop(&mut self) {
        COUNT.set(COUNT.get() - 1);
    }
}

#[cold]
fn begin() {
    look_again(FIRST);
    COUNT.set(NONE);
}

fn look_again(time: usize) {
    if let Err(errno) = at_end_of_thread(look, time) {
        complain(&format!("ipc-sync: the end of a thread cannot be watched: {errno}\n"));
        process::abort();
    }
}

/// Called when a thread ends.
extern "C" fn look(time: *mut c_void) {
    if COUNT.get() == NONE {
        COUNT.set(0); // should a destructor still to come lock once more
    } else if time.addr() < LAST {
        look_again(LAST);
    } else {
        complain("ipc-sync: a thread ends that has leaked the guard of a mutex with data: the process ends\n");
        process::abort();
    }
}
