//! A raw signal handler, for the one task that needs it: to remove the cause of a fault. The handler
//! makes a page readable when the program first reads it.

#![expect(unsafe_code, reason = "installs a handler of a fault")]

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use ipc_signal::{Action, ActionFlags, Signal, SignalInfo};
use ipc_sys as c;

const PAGE: usize = 4096;
static FIRST: AtomicUsize = AtomicUsize::new(0);
static FAULTS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn make_readable(_: c_int, info: *mut c::siginfo_t, _: *mut c_void) {
    // SAFETY: it is what the system gave this handler.
    let address = unsafe { SignalInfo::from_raw(info) }.ok().and_then(|info| info.address());
    let page = FIRST.load(Ordering::Relaxed);
    if address.is_none_or(|address| !(page..page + PAGE).contains(&address)) {
        std::process::abort(); // another fault, which would repeat for ever
    }
    FAULTS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: `main` has mapped the page.
    unsafe { c::mprotect(ptr::without_provenance_mut(page), PAGE, c::PROT_READ) };
}

fn main() -> ipc_core::Result<()> {
    let flags = c::MAP_PRIVATE | c::MAP_ANONYMOUS;
    // SAFETY: no address is asked for, so nothing that is mapped changes.
    let page = unsafe { c::mmap(ptr::null_mut(), PAGE, c::PROT_NONE, flags, -1, 0) };
    assert_ne!(page, c::MAP_FAILED);
    FIRST.store(page.addr(), Ordering::Relaxed);

    let action = Action::with_info(make_readable).with_flags(ActionFlags::ON_STACK);
    // SAFETY: the handler calls mprotect and abort, and returns only after it has removed the
    // cause.
    let before = unsafe { action.install(Signal::SEGV) }?;
    // SAFETY: the page is mapped, and the handler makes it readable.
    let byte = unsafe { page.cast::<u8>().read_volatile() };
    println!("read {byte} after {} fault", FAULTS.load(Ordering::Relaxed));
    // SAFETY: it was installed before.
    unsafe { before.install(Signal::SEGV) }?;
    Ok(())
}
