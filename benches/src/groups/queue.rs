//! Message queues of the kernel.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use ipc_core::{Errno, Error, Key, Removal, Result};
use ipc_queue::{MessageQueue, QueueOptions, Select, SysvQueue, SysvQueueOptions};
use ipc_testkit::fixture;

use crate::sys::queue::{self as c, Message};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "queue",
    about: "Messages of 64 bytes: one sent and received by one thread, and one sent to another thread, which sends it back, beside C's calls on queues of the same kind. Ours take and give the bytes where the caller has them; C's System V message is in C's form already.",
    ratio: Ratio::Time,
    pairs,
};

const LEN: usize = 64;
const TARGET: f64 = 1.03;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    visit(pair("POSIX, send and receive", PosixQueue::new)?)?;
    visit(pair("System V, send and receive", SystemVQueue::new)?)?;
    visit(round_trip("POSIX, there and back", PosixQueue::new)?)?;
    visit(round_trip("System V, there and back", SystemVQueue::new)?)
}

/// One queue, used in two ways.
trait Queue: Send + Sync + 'static {
    fn send(&self, side: Side, len: usize) -> Result<()>;
    fn receive(&self, side: Side) -> Result<usize>;
}

struct PosixQueue(MessageQueue);

impl PosixQueue {
    fn new() -> Result<Self> {
        let options = QueueOptions::new(4, LEN).removal(Removal::OnDrop);
        MessageQueue::create(&*fixture::name(), options).map(Self)
    }
}

impl Queue for PosixQueue {
    #[inline]
    fn send(&self, side: Side, len: usize) -> Result<()> {
        match side {
            Side::Ours => self.0.send(&[7; LEN][..len], 0),
            Side::Reference => c::send(self.0.as_fd(), &[7; LEN][..len]).map_err(failed),
        }
    }

    #[inline]
    fn receive(&self, side: Side) -> Result<usize> {
        let mut into = [0; LEN];
        match side {
            Side::Ours => self.0.recv_into(&mut into).map(|(len, _)| len),
            Side::Reference => c::receive(self.0.as_fd(), &mut into).map_err(failed),
        }
    }
}

struct SystemVQueue(SysvQueue);

impl SystemVQueue {
    fn new() -> Result<Self> {
        SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new().removal(Removal::OnDrop)).map(Self)
    }
}

impl Queue for SystemVQueue {
    #[inline]
    fn send(&self, side: Side, len: usize) -> Result<()> {
        match side {
            Side::Ours => self.0.send(&[7; LEN][..len], 1),
            Side::Reference => c::send_sysv(self.0.id(), &Message { kind: 1, bytes: [7; LEN] }, len).map_err(failed),
        }
    }

    #[inline]
    fn receive(&self, side: Side) -> Result<usize> {
        match side {
            Side::Ours => self.0.recv_into(Select::Any, &mut [0; LEN]).map(|(len, _)| len),
            Side::Reference => c::receive_sysv(self.0.id(), &mut Message { kind: 0, bytes: [0; LEN] }).map_err(failed),
        }
    }
}

fn failed(errno: Errno) -> Error {
    Error::os("message queue", "", errno)
}

fn pair<Q: Queue>(what: &str, make: impl Fn() -> Result<Q>) -> Result<Pair> {
    let queue = make()?;
    let work = move |side, times| {
        for _ in 0..times {
            queue.send(side, LEN)?;
            queue.receive(side)?;
        }
        Ok(())
    };
    Ok(Pair::new(what, work).target(TARGET))
}

/// One thread answers both sides in turn, so that wherever the system puts it, it is there for both.
fn round_trip<Q: Queue>(what: &str, make: impl Fn() -> Result<Q>) -> Result<Pair> {
    let echo = Echo::start(make()?, make()?);
    let work = move |side, times| {
        let Shared { there, back, ours } = &*echo.shared;
        ours.store(side == Side::Ours, Ordering::Relaxed);
        for _ in 0..times {
            there.send(side, LEN)?;
            back.receive(side)?;
        }
        Ok(())
    };
    Ok(Pair::new(what, work).target(TARGET))
}

/// A thread that sends back what it receives, until that is nothing.
struct Echo<Q: Queue> {
    shared: Arc<Shared<Q>>,
    thread: Option<JoinHandle<Result<()>>>,
}

struct Shared<Q> {
    there: Q,
    back: Q,
    /// Whose calls are measured.
    ours: AtomicBool,
}

impl<Q: Queue> Echo<Q> {
    fn start(there: Q, back: Q) -> Self {
        let shared = Arc::new(Shared { there, back, ours: AtomicBool::new(true) });
        let echoed = shared.clone();
        let echo = move || {
            let Shared { there, back, ours } = &*echoed;
            let side = || if ours.load(Ordering::Relaxed) { Side::Ours } else { Side::Reference };
            loop {
                match there.receive(side())? {
                    0 => return Ok(()),
                    len => back.send(side(), len)?,
                }
            }
        };
        Self { shared, thread: Some(thread::spawn(echo)) }
    }
}

impl<Q: Queue> Drop for Echo<Q> {
    fn drop(&mut self) {
        // A failure has stopped the benchmark already.
        let _ = self.shared.there.send(Side::Ours, 0);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
