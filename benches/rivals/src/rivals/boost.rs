//! Boost.Interprocess, through a C++ file.

#![expect(unsafe_code, reason = "calls C++")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::process;

use crate::partner::{Channel, Connect, Finish};
use crate::rivals::{MIB, Rival};
use crate::{Once, Res};

pub(crate) const RIVAL: Rival = Rival {
    name: "Boost.Interprocess, message_queue",
    lock: Some(lock),
    semaphore: Some(semaphore),
    allocate: Some(allocate),
    create: Some(create),
    open: Some(open),
    channel: Some(Connect { lead, follow, most: MIB }),
};

unsafe extern "C" {
    safe fn boost_version() -> c_int;
    safe fn boost_lock(times: u64) -> c_int;
    safe fn boost_semaphore(times: u64) -> c_int;
    fn boost_heap(name: *const c_char, size: usize) -> *mut c_void;
    fn boost_allocate(heap: *mut c_void, times: u64, size: usize) -> c_int;
    fn boost_create(name: *const c_char, size: usize) -> c_int;
    fn boost_make(name: *const c_char, size: usize) -> c_int;
    fn boost_open(name: *const c_char) -> c_int;
    fn boost_remove(name: *const c_char);
    fn boost_queue(name: *const c_char, create: c_int, count: usize, size: usize) -> *mut c_void;
    fn boost_send(queue: *mut c_void, bytes: *const u8, size: usize) -> c_int;
    fn boost_receive(queue: *mut c_void, bytes: *mut u8, size: usize) -> c_int;
}

/// Returns the version in Boost's notation.
pub(crate) fn version() -> String {
    let number = boost_version();
    format!("{}.{}.{}", number / 100_000, number / 100 % 1000, number % 100)
}

fn done(code: c_int) -> Res<()> {
    if code == 0 { Ok(()) } else { Err("Boost has thrown".into()) }
}

fn lock() -> Res<Once> {
    Ok(Box::new(|times| done(boost_lock(times))))
}

fn semaphore() -> Res<Once> {
    Ok(Box::new(|times| done(boost_semaphore(times))))
}

fn allocate() -> Res<Once> {
    let name = Named(CString::new(format!("ipc-rivals-{}-boost-heap", process::id()))?);
    // SAFETY: a C string; the segment is kept until the process ends.
    let heap = unsafe { boost_heap(name.0.as_ptr(), MIB) };
    if heap.is_null() {
        return Err("Boost has thrown".into());
    }
    Ok(Box::new(move |times| {
        let _name: &Named = &name;
        // SAFETY: a segment created by `boost_heap`.
        done(unsafe { boost_allocate(heap, times, 64) })
    }))
}

fn create() -> Res<Once> {
    let name = CString::new(format!("ipc-rivals-{}-boost", process::id()))?;
    // SAFETY: a C string.
    Ok(Box::new(move |times| (0..times).try_for_each(|_| done(unsafe { boost_create(name.as_ptr(), 4096) }))))
}

fn open() -> Res<Once> {
    let name = Named(CString::new(format!("ipc-rivals-{}-boost-open", process::id()))?);
    // SAFETY: a C string.
    done(unsafe { boost_make(name.0.as_ptr(), 4096) })?;
    Ok(Box::new(move |times| {
        let name: &Named = &name;
        // SAFETY: a C string.
        (0..times).try_for_each(|_| done(unsafe { boost_open(name.0.as_ptr()) }))
    }))
}

/// A name that is removed when this value is dropped.
struct Named(CString);

impl Drop for Named {
    fn drop(&mut self) {
        // SAFETY: a C string.
        unsafe { boost_remove(self.0.as_ptr()) };
    }
}

struct Queues {
    there: *mut c_void,
    back: *mut c_void,
    _names: Option<[Named; 2]>,
}

fn queue(name: &CStr, create: bool, size: usize) -> Res<*mut c_void> {
    // SAFETY: a C string; the queue is kept until the process ends.
    let queue = unsafe { boost_queue(name.as_ptr(), create.into(), 8, size) };
    if queue.is_null() { Err("Boost has thrown".into()) } else { Ok(queue) }
}

fn names(name: &str) -> Res<[CString; 2]> {
    Ok([CString::new(format!("{name}-there"))?, CString::new(format!("{name}-back"))?])
}

fn lead(name: &str, size: usize) -> Res<(String, Finish)> {
    let names = names(name)?;
    let (there, back) = (queue(&names[0], true, size)?, queue(&names[1], true, size)?);
    let queues = Queues { there, back, _names: Some(names.map(Named)) };
    Ok((name.to_owned(), Box::new(|| Ok(Box::new(queues)))))
}

fn follow(name: &str, size: usize) -> Res<Box<dyn Channel>> {
    let names = names(name)?;
    let (back, there) = (queue(&names[0], false, size)?, queue(&names[1], false, size)?);
    Ok(Box::new(Queues { there, back, _names: None }))
}

impl Channel for Queues {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        // SAFETY: a queue created by `boost_queue`, and a buffer of `bytes.len()` bytes.
        done(unsafe { boost_send(self.there, bytes.as_ptr(), bytes.len()) })
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        // SAFETY: a queue created by `boost_queue`, and a buffer of `into.len()` bytes.
        done(unsafe { boost_receive(self.back, into.as_mut_ptr(), into.len()) })
    }
}
